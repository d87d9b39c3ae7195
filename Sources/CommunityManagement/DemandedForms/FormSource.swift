import LinliCore
import LinliKernel
import LinliSQL

/// What a row of a demanded form stands for.
enum FormAbout: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case person, household, dwelling, organization, thing
    /// A grid of a community or a community of a street, with counts.
    case division

    var name: Text {
        switch self {
        case .person: Text("一人一行", "One row a person")
        case .household: Text("一户一行", "One row a household")
        case .dwelling: Text("一房一行", "One row a dwelling")
        case .organization: Text("一个单位、商户一行", "One row an organization or shop")
        case .thing: Text("一个部件、设施一行", "One row a thing")
        case .division: Text("一个网格（社区）一行，填数", "One row a grid or community, with counts")
        }
    }

    /// How many of them, in words.
    func counted(_ count: Int) -> Text {
        switch self {
        case .person: Text("\(count) 人", "\(count) people")
        case .household: Text("\(count) 户", "\(count) households")
        case .dwelling: Text("\(count) 处房屋", "\(count) dwellings")
        case .organization: Text("\(count) 家单位", "\(count) organizations")
        case .thing: Text("\(count) 个部件", "\(count) things")
        case .division: Text("\(count) 行", "\(count) rows")
        }
    }

    /// Which register the rows stand in; nil for counts.
    var kind: RegisterKind? { RegisterKind(rawValue: rawValue) }

    /// The fields of the registers a column of such a form may show; a point on the map is none.
    var fields: [RegisterField] {
        let kinds: [RegisterKind] =
            switch self {
            case .person: [.person, .dwelling]
            case .household: [.household, .dwelling]
            case .dwelling: [.dwelling]
            case .organization: [.organization]
            case .thing: [.thing]
            case .division: []
            }
        return kinds.flatMap { RegisterField.of($0) }.filter { $0.value != .point }
    }

    /// Whether there is a head of the household whose fields a column may show.
    var hasHead: Bool { self == .household || self == .dwelling }

    /// What follows from what is known of such a row.
    var known: [FormSource.Known] {
        switch self {
        case .person: FormSource.Known.allCases
        case .household, .dwelling:
            [.serial, .street, .community, .grid, .headName, .householdSize, .today, .filler]
        case .organization, .thing, .division: [.serial, .street, .community, .grid, .today, .filler]
        }
    }
}

/// Where the cells of a column come from.
enum FormSource: Sendable, Hashable {
    /// A field of the registers.
    case field(RegisterField)
    /// A field of the head of the household.
    case head(RegisterField)
    /// Whether the person has a label, or may have a service.
    case label(String)
    case service(String)
    /// What follows from what is known.
    case known(Known)
    /// How many of something there are in a grid or community.
    case count(FormCount)
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
            case .householdSize: ["家庭人口", "家庭人口数", "户内人数", "同住人数", "家庭成员数", "居住人数"]
            case .today: ["填报日期", "填表日期", "登记日期", "采集日期", "填报时间"]
            case .filler: ["填报人", "填表人", "登记人", "采集人", "经办人"]
            }
        }
    }

    /// As it is stored.
    var text: String {
        switch self {
        case .field(let field): "field:\(field.id)"
        case .head(let field): "head:\(field.id)"
        case .label(let id): "label:\(id)"
        case .service(let id): "service:\(id)"
        case .known(let known): "known:\(known.rawValue)"
        case .count(let count): "count:\(count.text)"
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
        case "head": self = RegisterField.named(value).flatMap { $0.kind == .person ? .head($0) : nil } ?? .ask
        case "label": self = .label(value)
        case "service": self = .service(value)
        case "known": self = Known(rawValue: value).map { .known($0) } ?? .ask
        case "count": self = FormCount(value).map { .count($0) } ?? .ask
        case "constant": self = .constant(String(value.prefix(100)))
        default: self = .ask
        }
    }

    /// Whether a form about `about` can be filled from it.
    func fits(_ about: FormAbout) -> Bool {
        switch self {
        case .field(let field): about.fields.contains(field)
        case .head: about.hasHead
        case .label, .service: about == .person
        case .known(let known): about.known.contains(known)
        case .count: about == .division
        case .constant, .ask: true
        }
    }

    /// How closely it is kept, given the labels in force.
    func fieldClass(_ book: LabelBook) -> FieldClass {
        switch self {
        case .field(let field), .head(let field): field.fieldClass
        case .label(let id): book[label: id]?.fieldClass ?? .basic
        case .service(let id): book[service: id]?.fieldClass ?? .basic
        // How many there are of a grid with few people may tell of one of them.
        case .count(.label(let id)): book[label: id]?.fieldClass ?? .basic
        // What somebody typed may be anything.
        case .ask: .sensitive
        case .known, .count, .constant: .basic
        }
    }

    /// What the audit calls a reading of it: fields by their ids, labels and services by the facts they tell of.
    func noted(_ book: LabelBook) -> Set<String> {
        switch self {
        case .field(let field): [field.id]
        case .label(let id): book[label: id]?.noted() ?? []
        case .service(let id): book[service: id]?.noted() ?? []
        case .ask: ["answer"]
        // What is read of the head stands in the head's own lines.
        case .head, .known, .count, .constant: []
        }
    }
}
