import CXLSXWriter

/// What a cell of a written table holds.
package enum SheetCell: Sendable, Equatable {
    case text(String)
    case number(Int64)
}

/// Writes an XLSX file row by row; memory holds one row, whatever the table's length.
///
/// Every text is stored as a text: nothing a person wrote becomes a formula.
package final class SheetWriter {
    private let book: UnsafeMutablePointer<lxw_workbook>
    private let sheet: UnsafeMutablePointer<lxw_worksheet>
    private let heading: UnsafeMutablePointer<lxw_format>?
    private let wrapped: UnsafeMutablePointer<lxw_format>?
    private var row: UInt32 = 0
    private var isClosed = false
    /// What stands on every printed page.
    private var printed: String?

    /// A file with one sheet and its columns: what they are called and how many characters wide they are. A watermark
    /// stands in a line of its own above them; a mark on every printed page and in the properties of the document.
    ///
    /// - Throws: `SheetProblem.damaged` when the file cannot be made.
    package init(
        _ path: String, sheet name: String, columns: [(name: String, width: Double)], watermark: String? = nil,
        mark: String? = nil
    ) throws {
        var options = lxw_workbook_options()
        options.constant_memory = 1
        guard let book = workbook_new_opt(path, &options) else { throw SheetProblem.damaged }
        guard let sheet = workbook_add_worksheet(book, name) else {
            workbook_close(book)
            throw SheetProblem.damaged
        }
        self.book = book
        self.sheet = sheet
        heading = workbook_add_format(book)
        wrapped = workbook_add_format(book)
        if let heading {
            format_set_bold(heading)
            format_set_bg_color(heading, 0xE8EEF4)
        }
        if let wrapped { format_set_text_wrap(wrapped) }
        if let watermark {
            worksheet_write_string(sheet, 0, 0, watermark, nil)
            row = 1
        }
        for (index, column) in columns.enumerated() {
            worksheet_set_column(sheet, UInt16(index), UInt16(index), column.width, nil)
            worksheet_write_string(sheet, row, UInt16(index), column.name, heading)
        }
        row += 1
        worksheet_freeze_panes(sheet, row, 0)
        if let mark { sign(mark) }
    }

    /// Says above and below each page, and in the properties, what stands for the whole document.
    private func sign(_ mark: String) {
        // What a header holds at most is 255 characters, in which an ampersand begins a code.
        let printed = String(mark.prefix(110)).split(separator: "&", omittingEmptySubsequences: false)
            .joined(separator: "&&")
        self.printed = printed
        stamp(printed, on: sheet)
        // The library copies what it is given.
        var bytes = Array(String(mark.prefix(250)).utf8CString)
        bytes.withUnsafeMutableBufferPointer { text in
            var properties = lxw_doc_properties()
            properties.subject = text.baseAddress
            properties.comments = text.baseAddress
            workbook_set_properties(book, &properties)
        }
    }

    private func stamp(_ text: String, on sheet: UnsafeMutablePointer<lxw_worksheet>) {
        worksheet_set_header(sheet, "&L" + text)
        worksheet_set_footer(sheet, "&L" + text + "&R&P / &N")
    }

    /// What a sheet may be called; nil for what no spreadsheet program takes.
    package static func name(_ text: String) -> String? {
        let isEdged = text.hasPrefix("'") || text.hasSuffix("'")
        let isOdd = text.contains { "[]:*?/\\".contains($0) || $0.isNewline }
        return text.isEmpty || text.utf16.count > 31 || isEdged || isOdd ? nil : text
    }

    /// Adds another sheet behind the others, with its rows as they are. A name that is none, or is there already, adds
    /// nothing.
    package func add(sheet name: String, _ rows: [[String]]) {
        guard let name = SheetWriter.name(name), let other = workbook_add_worksheet(book, name) else { return }
        if let printed { stamp(printed, on: other) }
        for (index, cells) in rows.enumerated() where index < CellReference.maximumRow {
            for (column, text) in cells.enumerated() where !text.isEmpty {
                worksheet_write_string(other, UInt32(index), UInt16(column), String(text.prefix(8000)), wrapped)
            }
        }
    }

    deinit { if !isClosed { workbook_close(book) } }

    /// Adds a row.
    ///
    /// - Throws: `SheetProblem.tooManyRows` where a sheet ends.
    package func add(_ cells: [SheetCell]) throws {
        guard row < UInt32(CellReference.maximumRow) else { throw SheetProblem.tooManyRows(CellReference.maximumRow) }
        for (index, cell) in cells.enumerated() {
            switch cell {
            case .number(let number): worksheet_write_number(sheet, row, UInt16(index), Double(number), nil)
            case .text(let text):
                // What a cell can hold at most.
                let shown = text.utf16.count > 32_767 ? String(text.prefix(8000)) : text
                worksheet_write_string(sheet, row, UInt16(index), shown, wrapped)
            }
        }
        row += 1
    }

    /// Writes the file out; nothing can be added afterwards.
    ///
    /// - Throws: `SheetProblem.damaged` when it could not be written.
    package func close() throws {
        isClosed = true
        guard workbook_close(book) == LXW_NO_ERROR else { throw SheetProblem.damaged }
    }
}

/// A table as comma-separated values that Excel opens as they are.
package struct CSVText: Sendable {
    /// With the mark by which Excel knows UTF-8.
    package private(set) var text = "\u{FEFF}"

    /// An empty table.
    package init() {}

    /// Adds a row. A text that a spreadsheet program would take for a formula gets an apostrophe before it.
    ///
    /// - Source: OWASP, CSV Injection
    package mutating func add(_ cells: [SheetCell]) {
        text +=
            cells.map { cell in
                switch cell {
                case .number(let number): String(number)
                case .text(let text): CSVText.quoted(text)
                }
            }.joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ text: String) -> String {
        let first = text.first { !$0.isWhitespace } ?? " "
        let isFormula = "=+-@＝＋－＠".contains(first) || text.hasPrefix("\t") || text.hasPrefix("\r")
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline || $0 == ";" || $0 == "\t" }) else {
            return safe
        }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
