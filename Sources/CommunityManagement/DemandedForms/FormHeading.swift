import LinliCore
import LinliKernel
import LinliSpreadsheets

/// What a column is called: the path of its headings from the widest down, `监护人 › 姓名`.
enum FormHeading {
    static let separator = " › "

    private static func parts(_ name: String) -> [String] { name.split(separator: separator).map(String.init) }

    /// What stands lowest: what is asked.
    static func lowest(_ name: String) -> String { parts(name).last ?? name }

    /// What stands above that: whom or what it is asked of.
    static func groups(_ name: String) -> [String] { Array(parts(name).dropLast()) }

    /// Words for somebody else than the row stands for: what is asked of them stands in nobody's own fields.
    private static let others = [
        "监护人", "联系人", "邻居", "配偶", "爱人", "丈夫", "妻子", "子女", "儿子", "女儿", "父亲", "母亲", "父母", "家属", "亲属", "亲友", "朋友",
        "家庭成员", "同住人", "户主", "赡养人", "抚养人", "扶养人", "照护人", "照料人", "照顾人", "护理员", "护工", "保姆", "帮扶人", "责任人", "负责人",
        "代理人", "委托人", "代办人", "经办人", "担保人", "保证人", "房东", "出租人", "网格员", "楼门长", "楼长", "志愿者", "医生",
    ]

    /// Words for whom the row stands for, or for what is known of them.
    private static let own = [
        "本人", "老人", "老年人", "居民", "对象", "人员", "个人", "基本", "信息", "情况", "身份", "证件", "户籍", "住房", "房屋",
    ]

    /// Whether a heading speaks of somebody else than the row stands for.
    static func isOfOther(_ text: String) -> Bool {
        let plain = FormMatch.plain(text)
        return others.contains { plain.contains($0) }
    }

    /// Whether what a column is grouped under speaks of somebody else.
    static func isGroupedUnderOther(_ name: String) -> Bool { groups(name).contains { isOfOther($0) } }

    /// Whether it is grouped under words that say whom it is of; an unknown word may be anybody.
    static func isOwn(_ name: String) -> Bool {
        groups(name).allSatisfy { group in
            let plain = FormMatch.plain(group)
            return own.contains { plain.contains($0) }
        }
    }

    /// Under which name the answers of each column are kept: what is asked, so that the next form finds them; the whole path
    /// where it is asked of somebody else or twice; and the number of the column among those that are called the same.
    static func keys(of names: [String]) -> [String] {
        var counts: [String: Int] = [:]
        for name in names where !isGroupedUnderOther(name) { counts[FormMatch.plain(lowest(name)), default: 0] += 1 }
        var seen: [String: Int] = [:]
        return names.map { name in
            let asked = FormMatch.plain(lowest(name))
            let isAlone = groups(name).isEmpty || !isGroupedUnderOther(name) && counts[asked] == 1
            let key = isAlone ? asked : String(parts(name).map(FormMatch.plain).joined().suffix(56))
            let number = (seen[key] ?? 0) + 1
            seen[key] = number
            return number == 1 ? key : "\(key.prefix(54))#\(number)"
        }
    }

    // MARK: In a sheet

    /// The names of the columns under the rows of a heading. What was merged says the same in each of its cells; where a
    /// heading was pasted, an empty cell above one that is none goes on from the cell before.
    static func names(of rows: [SheetRow], width: Int) -> [String] {
        var filled = rows.map { row in (0..<width).map { row[$0] } }
        for index in filled.indices.dropLast() {
            for column in 0..<width where column > 0 && filled[index][column].isEmpty {
                let (below, before) = (filled[index + 1][column], filled[index + 1][column - 1])
                let isAbove = !below.isEmpty && !before.isEmpty && before != filled[index][column - 1]
                if isAbove { filled[index][column] = filled[index][column - 1] }
            }
        }
        return (0..<width).map { column in
            var path: [String] = []
            for row in filled where !row[column].isEmpty && row[column] != path.last { path.append(row[column]) }
            return path.joined(separator: separator)
        }
    }

    /// Words of rows above a table that are no headings of it.
    private static let notes = ["：", ":", "填报", "填表", "制表", "审核", "日期"]

    /// Whether a row groups the columns whose names stand in the next one: it says several things, and one of them of several
    /// columns.
    static func isGroup(_ row: SheetRow, above next: SheetRow) -> Bool {
        let said = row.cells.filter { !$0.isEmpty }
        guard Set(said).count >= 2, !said.contains(where: { cell in notes.contains { cell.contains($0) } }) else {
            return false
        }
        return next.cells.indices.dropFirst().contains { column in
            let (before, here) = (row[column - 1], row[column])
            let isOne = !before.isEmpty && (here == before || here.isEmpty)
            return isOne && !next[column].isEmpty && !next[column - 1].isEmpty && next[column] != next[column - 1]
                && next[column] != here
        }
    }
}

extension DemandedForm {
    /// Under which name the answers of each column are kept.
    var keys: [String] { FormHeading.keys(of: columns.map(\.name)) }

    /// What a column is called among those of the form: of several that are called the same, also which.
    func name(of index: Int) -> Text {
        let name = columns[index].name
        guard columns.count(where: { $0.name == name }) > 1 else { return Text(same: name) }
        return Text("\(name)（第 \(index + 1) 列）", "\(name) (column \(index + 1))")
    }
}
