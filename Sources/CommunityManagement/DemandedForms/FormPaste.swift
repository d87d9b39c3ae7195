import LinliCore
import LinliKernel

/// A column of values that somebody copied from their own table, matched to the rows of a form: by the name in the cell
/// before, or, when there is nothing but values, in the order the page shows.
struct FormPaste: Sendable {
    /// A line that fits no row, and why.
    struct Left: Sendable, Equatable {
        let line: Int
        let text: String
        let why: Text
    }

    /// What is to stand in the column, by row.
    var values: [ID<FormRow>: String] = [:]
    /// The rows to show: those that were found first.
    var rows: [FilledForm.Row] = []
    var left: [Left] = []

    /// The longest text that may be pasted.
    static let limit = 60_000

    init() {}

    /// Matches `text` to rows whose cell in the column is open, in their order on the page.
    init(_ text: String, _ open: [FilledForm.Row], limit: Int = FormsCommands.mostRows) {
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0).trimmed }
        }
        // A table ends with a line end; what follows is no row.
        while lines.last?.allSatisfy(\.isEmpty) == true { lines.removeLast() }
        if lines.allSatisfy({ $0.count == 1 }) {
            inOrder(lines.map { $0.first ?? "" }, Array(open.prefix(limit)))
        } else {
            byName(lines, open, limit)
        }
    }

    /// Values alone: line by line as the page shows the rows; an empty line leaves its row open.
    private mutating func inOrder(_ lines: [String], _ shown: [FilledForm.Row]) {
        rows = shown
        for (index, value) in lines.enumerated() where !value.isEmpty {
            if shown.indices.contains(index) {
                values[shown[index].id] = value
            } else {
                left.append(
                    Left(line: index + 1, text: value, why: Text("这一页没有这么多行", "The page has not so many rows")))
            }
        }
    }

    private mutating func byName(_ lines: [[String]], _ open: [FilledForm.Row], _ limit: Int) {
        let named = Dictionary(grouping: open) { FormPaste.plain($0.name) }
        for (index, cells) in lines.enumerated() where cells.contains(where: { !$0.isEmpty }) {
            let (name, value) = (cells.first ?? "", cells.count > 1 ? cells.last ?? "" : "")
            var fits = named[FormPaste.plain(name)] ?? []
            if fits.count > 1 {
                let more = cells.dropFirst().dropLast().map(FormPaste.plain).filter { $0.count > 1 }
                fits = fits.filter { row in more.contains { FormPaste.plain(row.address).hasSuffix($0) } }
            }
            let why: Text?
            if value.isEmpty {
                why = Text("没有写值", "No value")
            } else if let row = fits.first, fits.count == 1 {
                why = values[row.id] == nil ? nil : Text("写了两次", "Stands there twice")
                if why == nil, rows.count < limit {
                    values[row.id] = value
                    rows.append(row)
                    continue
                }
            } else {
                why =
                    named[FormPaste.plain(name)] == nil
                    ? Text("这一列空着的里面没有这个名字", "Nobody of that name is open in the column")
                    : Text("有同名的，请在中间加一列住址", "Several of that name: put the address in between")
            }
            let wrong = why ?? Text("一次最多对 \(limit) 行，请接着再贴", "At most \(limit) rows at once: paste the rest next")
            left.append(Left(line: index + 1, text: cells.joined(separator: " "), why: wrong))
        }
    }

    /// A name without blanks, as people write it either way.
    private static func plain(_ text: String) -> String { text.filter { !$0.isWhitespace } }
}
