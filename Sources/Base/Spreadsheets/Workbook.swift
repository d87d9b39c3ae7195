/// An XLSX file that is open for reading.
final class Workbook {
    private let archive: ZipArchive
    private let parts: WorkbookParts
    private let texts: [String]
    private let isDate: [Bool]

    /// Opens a workbook and reads what its cells refer to.
    ///
    /// - Throws: `SheetProblem`.
    init(_ path: String, _ limits: SheetLimits) throws {
        archive = try ZipArchive(path, allowance: limits.unpackedBytes)
        parts = try WorkbookParts(archive)
        let texts = SharedTexts()
        if let part = parts.sharedStrings { try XMLStream.read(part, of: archive, into: texts) }
        self.texts = texts.all
        let styles = DateStyles()
        if let part = parts.styles { try XMLStream.read(part, of: archive, into: styles) }
        isDate = styles.isDate
    }

    /// What the visible sheets are called.
    var names: [String] { parts.sheets.map(\.name) }

    /// Gives every row of a visible sheet that holds something.
    ///
    /// - Throws: `SheetProblem`, or what `give` throws.
    func rows(of sheet: Int, _ limits: SheetLimits, _ give: @escaping (SheetRow) throws -> Void) throws {
        guard parts.sheets.indices.contains(sheet) else { throw SheetProblem.damaged }
        let (path, merged) = (parts.sheets[sheet].path, MergedList())
        try XMLStream.read(path, of: archive, into: merged)
        try XMLStream.read(path, of: archive, into: SheetRows(self, merged.all, limits, give))
    }

    /// What a cell shows.
    ///
    /// - Source: ECMA-376 part 1 §18.18.11
    func text(_ value: [UInt8], kind: String, style: Int?) -> String {
        switch kind {
        case "s":
            let index = Int(String(decoding: value, as: UTF8.self)) ?? -1
            return texts.indices.contains(index) ? texts[index] : ""
        case "b": return value.first == 0x31 ? "TRUE" : "FALSE"
        case "n":
            let text = String(decoding: value, as: UTF8.self)
            guard let number = Double(text) else { return text }
            let isDate = style.map { self.isDate.indices.contains($0) && self.isDate[$0] } ?? false
            let moment = isDate ? SheetNumber.moment(number, countsFrom1904: parts.countsFrom1904) : nil
            return moment ?? SheetNumber.text(number)
        default: return SheetText.plain(value)
        }
    }
}
