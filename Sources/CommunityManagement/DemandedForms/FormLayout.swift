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
    /// What each column is called: the path of its headings, see `FormHeading`.
    var names: [String]
    /// Which sheet of its workbook it is; nil where there was only one.
    var sheet: String?
    /// What else is in the workbook.
    var others: [Other]?

    /// Another sheet of the workbook; without rows where they were not kept.
    struct Other: Sendable, Codable, Equatable {
        var name: String
        var rows: [[String]]?
    }

    /// The most columns a form may have.
    static let widest = 120

    /// Finds the heading of a sheet: the rows near its top that name most of what we know.
    ///
    /// Rows between heading and foot are examples of whoever made the form and are left out.
    static func find(_ rows: [SheetRow], about: FormAbout = .person) throws -> FormLayout {
        let rows = rows.filter { !ExportMark.isMark($0.cells) }
        let head = rows.prefix(15)
        let scores = head.map { row in Set(row.cells).count { FormMatch.isKnown($0, about) } }
        let best = scores.max() ?? 0
        var first: Int
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
            while last + 1 < head.count, FormHeading.isGroup(rows[last], above: rows[last + 1]) { last += 1 }
        }
        while first > 0, FormHeading.isGroup(rows[first - 1], above: rows[first]) { first -= 1 }
        let width = rows.isEmpty ? 0 : rows[first...last].map(\.cells.count).max() ?? 0
        guard width > 0, width <= widest else {
            throw LinliError.invalid(
                "forms.heading",
                [.init("file", Text("找不到表头，或超过 \(widest) 列", "No heading was found, or more than \(widest) columns"))])
        }
        let names = FormHeading.names(of: Array(rows[first...last]), width: width)
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
