import Foundation

/// Tables that people bring: files of a spreadsheet program, or what they copied.
package enum Sheet {
    /// Gives every row of a file that holds something, one after the other; XLSX or text is told by the content. Of a
    /// workbook that is one of the visible sheets, the first unless another is named by its number from 0.
    ///
    /// - Throws: `SheetProblem`, or what `give` throws.
    package static func read(
        file path: String, _ limits: SheetLimits = SheetLimits(), sheet: Int = 0,
        _ give: @escaping (SheetRow) throws -> Void
    ) throws {
        if try isWorkbook(path, limits) { return try Workbook(path, limits).rows(of: sheet, limits, give) }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try TextTable.rows(try TextCoding.decode(bytes), limits, give)
    }

    /// What the visible sheets of a workbook are called, in their order; none for a text.
    ///
    /// - Throws: `SheetProblem`.
    package static func names(file path: String, _ limits: SheetLimits = SheetLimits()) throws -> [String] {
        try isWorkbook(path, limits) ? Workbook(path, limits).names : []
    }

    /// Whether a file is a workbook and no text.
    private static func isWorkbook(_ path: String, _ limits: SheetLimits) throws -> Bool {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard let size, size <= limits.fileBytes else { throw SheetProblem.tooLarge }
        guard let file = FileHandle(forReadingAtPath: path) else { throw SheetProblem.damaged }
        let head = try file.read(upToCount: 8) ?? Data()
        try file.close()
        if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { throw SheetProblem.oldOrLocked }
        return head.starts(with: [0x50, 0x4B, 0x03, 0x04])
    }

    /// Gives every row of a text somebody pasted.
    ///
    /// - Throws: `SheetProblem`, or what `give` throws.
    package static func read(
        pasted text: String, _ limits: SheetLimits = SheetLimits(), _ give: (SheetRow) throws -> Void
    ) throws {
        guard text.utf8.count <= limits.fileBytes else { throw SheetProblem.tooLarge }
        try PastedTable.rows(text, limits, give)
    }

    /// All rows of a file, for tables of some thousand rows; see `read`.
    ///
    /// - Throws: `SheetProblem`; `.empty` when there are none.
    package static func rows(
        file path: String, _ limits: SheetLimits = SheetLimits(), sheet: Int = 0
    ) throws -> [SheetRow] {
        let list = RowList()
        try read(file: path, limits, sheet: sheet) { list.rows.append($0) }
        guard !list.rows.isEmpty else { throw SheetProblem.empty }
        return list.rows
    }

    /// All rows of a text somebody pasted.
    ///
    /// - Throws: `SheetProblem`; `.empty` when there are none.
    package static func rows(pasted text: String, _ limits: SheetLimits = SheetLimits()) throws -> [SheetRow] {
        var rows: [SheetRow] = []
        try read(pasted: text, limits) { rows.append($0) }
        guard !rows.isEmpty else { throw SheetProblem.empty }
        return rows
    }
}

/// Rows that were given.
private final class RowList {
    var rows: [SheetRow] = []
}
