import LinliCore
import LinliKernel
import LinliSpreadsheets

/// How a demanded form looks: what stands above the names of its columns, the names, and what stands below the rows.
struct FormLayout: Sendable, Codable, Equatable {
    /// Rows above the heading: title, office, date.
    var above: [[String]]
    /// The rows of the heading, one or several.
    var heading: [[String]]
    /// Rows below the people: who filled it in.
    var below: [[String]]
    /// What each column is called, without what several rows say twice.
    var names: [String]

    /// The most columns a form may have.
    static let widest = 120

    /// Finds the heading of a sheet: the rows near its top that name most of what we know.
    ///
    /// Rows between heading and foot are examples of whoever made the form and are left out.
    static func find(_ rows: [SheetRow]) throws -> FormLayout {
        let head = rows.prefix(15)
        let scores = head.map { row in Set(row.cells).count { FormMatch.isKnown($0) } }
        let best = scores.max() ?? 0
        let first: Int
        var last: Int
        if best >= 2, let found = scores.firstIndex(where: { $0 >= max(2, best / 2) }) {
            first = found
            last = found
            while last + 1 < scores.count, scores[last + 1] >= 2 { last += 1 }
        } else {
            // Nothing we know: the first row with most different cells names the columns.
            let widths = head.map { Set($0.cells.filter { !$0.isEmpty }).count }
            first = widths.firstIndex(of: widths.max() ?? 0) ?? 0
            last = first
        }
        let width = rows[first...last].map(\.cells.count).max() ?? 0
        guard width > 0, width <= widest else {
            throw LinliError.invalid(
                "forms.heading",
                [.init("file", Text("找不到表头，或超过 \(widest) 列", "No heading was found, or more than \(widest) columns"))])
        }
        let names = (0..<width).map { column in
            rows[first...last].reversed().map { $0[column] }.first { !$0.isEmpty } ?? ""
        }
        let foot = rows.dropFirst(last + 1).filter { row in
            let cells = Set(row.cells.filter { !$0.isEmpty })
            return cells.count <= 4 && cells.contains { $0.contains("：") || $0.contains(":") }
        }
        return FormLayout(
            above: rows[..<first].map { once($0.cells) }, heading: rows[first...last].map { once($0.cells) },
            below: foot.suffix(4).map { once($0.cells) }, names: names)
    }

    /// A row without what merged cells say again.
    private static func once(_ cells: [String]) -> [String] {
        cells.enumerated().map { index, cell in index > 0 && cells[index - 1] == cell ? "" : cell }
    }
}

/// Where the cells of a column come from.
enum FormSource: Sendable, Hashable {
    /// A field of the registers.
    case field(RegisterField)
    /// Whether the person has a label, or got a service.
    case label(String)
    case service(String)
    /// What follows from what is known.
    case known(Known)
    /// The same for everybody.
    case constant(String)
    /// Somebody must say it once.
    case ask

    /// What follows from what is known.
    enum Known: String, Sendable, CaseIterable {
        case serial, age, street, community, grid, relation, tie, headName, householdSize, today, filler

        var name: Text {
            switch self {
            case .serial: Text("序号", "Number")
            case .age: Text("年龄", "Age")
            case .street: Text("街道", "Street")
            case .community: Text("社区", "Community")
            case .grid: Text("网格", "Grid")
            case .relation: Text("与户主关系", "Relation to the head")
            case .tie: Text("居住类型", "How they live here")
            case .headName: Text("户主姓名", "Head of household")
            case .householdSize: Text("家庭人口", "People in the household")
            case .today: Text("填报日期", "Day filled in")
            case .filler: Text("填报人", "Who fills it in")
            }
        }

        /// What forms call it.
        var synonyms: [String] {
            switch self {
            case .serial: ["序号", "编号", "行号"]
            case .age: ["年龄", "周岁", "实足年龄"]
            case .street: ["街道", "所属街道", "街道乡镇", "街乡镇", "乡镇街道"]
            case .community: ["社区", "所属社区", "社区村", "村社区", "村居", "居委会", "所在社区"]
            case .grid: ["网格", "所属网格", "网格名称", "所在网格"]
            case .relation: ["与户主关系", "户主关系", "家庭关系"]
            case .tie: ["居住类型", "居住性质", "人户情况", "居住状况"]
            case .headName: ["户主", "户主姓名"]
            case .householdSize: ["家庭人口", "家庭人口数", "户内人数", "同住人数", "家庭成员数"]
            case .today: ["填报日期", "填表日期", "登记日期", "采集日期", "填报时间"]
            case .filler: ["填报人", "填表人", "登记人", "采集人", "经办人"]
            }
        }
    }

    /// As it is stored.
    var text: String {
        switch self {
        case .field(let field): "field:\(field.id)"
        case .label(let id): "label:\(id)"
        case .service(let id): "service:\(id)"
        case .known(let known): "known:\(known.rawValue)"
        case .constant(let value): "constant:\(value)"
        case .ask: "ask"
        }
    }

    /// Reads `text`; asks for what is not known any more.
    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let value = parts.count > 1 ? parts[1] : ""
        switch parts.first {
        case "field": self = RegisterField.named(value).map { .field($0) } ?? .ask
        case "label": self = .label(value)
        case "service": self = .service(value)
        case "known": self = Known(rawValue: value).map { .known($0) } ?? .ask
        case "constant": self = .constant(String(value.prefix(100)))
        default: self = .ask
        }
    }

    /// How closely it is kept, given the labels in force.
    func fieldClass(_ book: LabelBook) -> FieldClass {
        switch self {
        case .field(let field): field.fieldClass
        case .label(let id): book[label: id]?.fieldClass ?? .basic
        case .service(let id): book[service: id]?.fieldClass ?? .basic
        // What somebody typed may be anything.
        case .ask: .sensitive
        case .known, .constant: .basic
        }
    }

    /// What the audit calls a reading of it: fields by their ids, labels and services by the facts they tell of.
    func noted(_ book: LabelBook) -> Set<String> {
        switch self {
        case .field(let field): [field.id]
        case .label(let id): book[label: id]?.noted() ?? []
        case .service(let id): book[service: id]?.noted() ?? []
        case .ask: ["answer"]
        case .known, .constant: []
        }
    }
}

/// A column of a demanded form.
struct FormColumn: Sendable, Equatable {
    /// What the form calls it.
    var name: String
    /// Where its cells come from.
    var source: FormSource
    /// What stands where the registers know nothing; nil: somebody is asked.
    var missing: String?
    /// How sure the suggestion was, in percent; 100 once somebody confirmed it.
    var sureness: Int
}

/// Finds out what the columns of a form are.
enum FormMatch {
    /// A heading without what forms add: blanks, stars, marks, remarks in brackets.
    static func plain(_ heading: String) -> String {
        var depth = 0
        var text = ""
        for character in heading {
            if "(（[【".contains(character) { depth += 1 }
            if depth == 0, character.isLetter || character.isNumber { text.append(character) }
            if ")）]】".contains(character) { depth = max(0, depth - 1) }
        }
        return String(text.prefix(60))
    }

    /// Names we know, with what they mean; those of people go before those of dwellings.
    private static let names: [String: FormSource] = {
        var names: [String: FormSource] = [:]
        for known in FormSource.Known.allCases {
            for name in known.synonyms { names[plain(name)] = .known(known) }
        }
        for field in RegisterField.of(.person) + RegisterField.of(.dwelling) {
            for name in [field.name.zh] + field.headings where names[plain(name)] == nil {
                names[plain(name)] = .field(field)
            }
        }
        // `户主姓名` is a heading of a name too, but on a form it means the head.
        return names
    }()

    /// Whether a heading is one we know by itself.
    static func isKnown(_ heading: String) -> Bool { names[plain(heading)] != nil }

    /// What a column is, and how sure that is.
    static func suggest(_ heading: String, _ book: LabelBook, remembered: [String: String]) -> FormColumn {
        let name = plain(heading)
        if let text = remembered[name] { return column(heading, FormSource(text), 100) }
        if let source = names[name] { return column(heading, source, 95) }
        if name.hasPrefix("是否"), let source = names[String(name.dropFirst(2))] { return column(heading, source, 90) }
        if let found = labelled(name, book) { return column(heading, found, 80) }
        let inside = names.filter { $0.key.count >= 3 && name.contains($0.key) }
            .max { ($0.key.count, $1.key) < ($1.key.count, $0.key) }
        if let inside { return column(heading, inside.value, 60) }
        return column(heading, .ask, 0)
    }

    /// `是否高龄`, `高龄老人`: a label by its name.
    private static func labelled(_ name: String, _ book: LabelBook) -> FormSource? {
        let asked = name.hasPrefix("是否") ? String(name.dropFirst(2)) : name
        guard asked.count >= 2 else { return nil }
        for label in book.labels where plain(label.name.zh) == asked || plain(label.name.zh) == asked + "老人" {
            return .label(label.id)
        }
        for service in book.services {
            let known = plain(service.name.zh)
            if asked == known || asked == "享受" + known || asked == "接受" + known { return .service(service.id) }
        }
        return nil
    }

    private static func column(_ heading: String, _ source: FormSource, _ sureness: Int) -> FormColumn {
        // Whoever is no member of the Party may be one of another: nothing is said where nothing is known.
        let missing = plain(heading) == FormMatch.politics ? "" : missing(source)
        return FormColumn(name: heading, source: source, missing: missing, sureness: sureness)
    }

    /// A heading whose answer is a word where the register knows yes or no.
    static let politics = "政治面貌"

    /// What stands where nothing is known, until somebody decides otherwise: a yes-or-no of the registers counts as no,
    /// other facts stay empty, and who the person is, is asked.
    static func missing(_ source: FormSource) -> String? {
        switch source {
        case .field(let field) where field.isFact && field.value == .flag: "否"
        case .field(let field) where field.isFact && !field.id.contains("contact"): ""
        case .field(let field) where field.kind == .dwelling: ""
        case .field, .ask: nil
        case .label, .service, .known, .constant: ""
        }
    }
}
