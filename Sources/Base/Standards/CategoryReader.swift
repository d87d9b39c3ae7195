import LinliCore

/// Collects the categories of a table and what is wrong with it.
struct CategoryReader {
    private(set) var categories: [EventCategory] = []
    private(set) var problems: [TableInvalid.Problem] = []
    private var majors: [String: EventCategory] = [:]
    private var codes: Set<String> = []

    mutating func read(_ row: TableRow) {
        guard row.cells.count == 8 else {
            return report(
                row,
                Text(
                    "应有 8 格，现在是 \(row.cells.count) 格：代码 | 中文 | English | 责任方 | 诉求类型 | 时限 | 可公开 | 关键词",
                    "Expected 8 cells but found \(row.cells.count): "
                        + "code | 中文 | English | owner | nature | limit | public | keywords"
                )
            )
        }
        let code = row.cells[0]
        guard let scheme = scheme(of: code) else {
            let text = Text(
                "代码“\(code)”应是 R、E 或 C 加两位或四位数字",
                "The code “\(code)” must be R, E or C and two or four digits"
            )
            return report(row, text)
        }
        guard codes.insert(code).inserted else {
            return report(row, Text("代码 \(code) 写了两次", "The code \(code) stands here twice"))
        }
        let isMajor = code.utf8.count == 3
        let parent = majors[String(code.prefix(3))]
        guard isMajor || parent != nil else {
            let major = code.prefix(3)
            return report(row, Text("\(code) 前面要先写大类 \(major)", "The major class \(major) must come before \(code)"))
        }
        add(row, scheme, isMajor ? nil : parent)
    }

    private mutating func add(_ row: TableRow, _ scheme: EventCategory.Scheme, _ parent: EventCategory?) {
        guard !row.cells[1].isEmpty, !row.cells[2].isEmpty else {
            return report(row, Text("请写中文和英文名称", "Give the name in Chinese and English"))
        }
        let keywords = row.cells[7].split(separator: " ").map(String.init)
        if let short = keywords.first(where: { $0.count < 2 }) {
            let text = Text("关键词“\(short)”至少要两个字", "The keyword “\(short)” needs at least two characters")
            return report(row, text)
        }
        guard
            let owner: EventCategory.OwnerClass = value(row, 3, parent?.owner),
            let nature: NeedNature = value(row, 4, parent?.nature),
            let limit: EventCategory.LimitClass = value(row, 5, parent?.limit),
            let visibility: Visibility = value(row, 6, parent.map { $0.mayBePublic ? .yes : .no })
        else { return }
        let category = EventCategory(
            code: row.cells[0],
            scheme: scheme,
            name: Text(row.cells[1], row.cells[2]),
            owner: owner,
            nature: nature,
            limit: limit,
            mayBePublic: visibility == .yes,
            keywords: [baseName(row.cells[1])] + keywords
        )
        if category.isMajor { majors[category.code] = category }
        categories.append(category)
    }

    private enum Visibility: String, CaseIterable {
        case yes
        case no
    }

    /// The value a cell names; `-` takes the major class's.
    private mutating func value<Value: RawRepresentable<String> & CaseIterable>(
        _ row: TableRow,
        _ cell: Int,
        _ inherited: Value?
    ) -> Value? {
        if row.cells[cell] == "-", let inherited { return inherited }
        if let value = Value(rawValue: row.cells[cell]) { return value }
        let names = Value.allCases.map(\.rawValue).joined(separator: " ")
        report(
            row,
            Text(
                "第 \(cell + 1) 格“\(row.cells[cell])”应是其中之一：\(names)",
                "Cell \(cell + 1) “\(row.cells[cell])” must be one of: \(names)"
            )
        )
        return nil
    }

    private mutating func report(_ row: TableRow, _ text: Text) {
        problems.append(TableInvalid.Problem(row.line, text))
    }

    private func scheme(of code: String) -> EventCategory.Scheme? {
        let digits = code.utf8.dropFirst()
        let isCode = (digits.count == 2 || digits.count == 4) && areDigits(digits)
        return isCode ? EventCategory.Scheme(rawValue: String(code.prefix(1))) : nil
    }

    /// The name without what stands in brackets.
    private func baseName(_ name: String) -> String {
        String(name.prefix { $0 != "（" && $0 != "(" })
    }
}
