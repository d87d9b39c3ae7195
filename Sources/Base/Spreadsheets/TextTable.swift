#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A table as a text: comma, semicolon or tab between cells, cells with either in double quotes.
///
/// - Source: RFC 4180, with line ends inside of quoted cells
enum TextTable {
    /// Gives every row that holds something.
    ///
    /// - Throws: `SheetProblem`, or what `give` throws.
    static func rows(_ text: String, _ limits: SheetLimits, _ give: (SheetRow) throws -> Void) throws {
        let delimiter = delimiter(of: text)
        var reader = Reader(limits: limits)
        for byte in text.utf8 { try reader.take(byte, delimiter, give) }
        try reader.close(give)
    }

    /// What parts the cells of the first line that holds something: whatever occurs most outside of quotes.
    static func delimiter(of text: String) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in text.utf8.prefix(65_536) {
            switch byte {
            case 0x22: isQuoted.toggle()
            case 0x0A where !isQuoted && !counts.isEmpty: return best(counts)
            case 0x09, 0x2C, 0x3B: if !isQuoted { counts[byte, default: 0] += 1 }
            default: continue
            }
        }
        return best(counts)
    }

    private static func best(_ counts: [UInt8: Int]) -> UInt8 {
        counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0x2C
    }

    private struct Reader {
        let limits: SheetLimits
        private var line = 1
        private var first = 1
        private var cells: [String] = []
        private var cell: [UInt8] = []
        private var isQuoted = false
        private var wasQuote = false
        private var given = 0

        init(limits: SheetLimits) {
            self.limits = limits
        }

        mutating func take(_ byte: UInt8, _ delimiter: UInt8, _ give: (SheetRow) throws -> Void) throws {
            if byte == 0x0A { line += 1 }
            if isQuoted {
                if byte == 0x22 { (isQuoted, wasQuote) = (false, true) } else { cell.append(byte) }
                return
            }
            switch byte {
            case delimiter: try endCell()
            case 0x0A: try endRow(give)
            case 0x22 where cell.isEmpty || wasQuote:
                if wasQuote { cell.append(byte) }
                (isQuoted, wasQuote) = (true, false)
            default:
                cell.append(byte)
                wasQuote = false
            }
        }

        mutating func close(_ give: (SheetRow) throws -> Void) throws {
            guard !isQuoted else { throw SheetProblem.openQuote(line: first) }
            if !cell.isEmpty || !cells.isEmpty { try endRow(give) }
        }

        private mutating func endCell() throws {
            guard cells.count < limits.columns else { throw SheetProblem.tooManyColumns(limits.columns) }
            cells.append(String(decoding: cell, as: UTF8.self))
            cell.removeAll(keepingCapacity: true)
            wasQuote = false
        }

        private mutating func endRow(_ give: (SheetRow) throws -> Void) throws {
            try endCell()
            let row = SheetRow(number: first, cells: cells)
            first = line
            cells.removeAll(keepingCapacity: true)
            guard row.cells.contains(where: { !$0.isEmpty }) else { return }
            given += 1
            guard given <= limits.rows else { throw SheetProblem.tooManyRows(limits.rows) }
            try give(row)
        }
    }
}

/// Texts in the codings that spreadsheets in China save.
enum TextCoding {
    /// The text: UTF-8 or UTF-16 by its mark, else UTF-8 if it is that, else GB 18030, which contains GBK and GB 2312.
    ///
    /// - Throws: `SheetProblem.unknownKind` for what is neither.
    static func decode(_ bytes: [UInt8]) throws -> String {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return try utf8(bytes.dropFirst(3)) }
        if bytes.starts(with: [0xFF, 0xFE]) { return try convert(Array(bytes.dropFirst(2)), from: "UTF-16LE") }
        if bytes.starts(with: [0xFE, 0xFF]) { return try convert(Array(bytes.dropFirst(2)), from: "UTF-16BE") }
        guard !bytes.contains(0) else { throw SheetProblem.unknownKind }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return try convert(bytes, from: "GB18030")
    }

    private static func utf8(_ bytes: ArraySlice<UInt8>) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw SheetProblem.unknownKind }
        return text
    }

    private static func convert(_ bytes: [UInt8], from coding: String) throws -> String {
        let converter = iconv_open("UTF-8", coding)
        guard converter != iconv_t(bitPattern: -1) else { throw SheetProblem.unknownKind }
        defer { iconv_close(converter) }
        var input = bytes.map { CChar(bitPattern: $0) }
        // No character of either coding takes more than three bytes of UTF-8 for two of its own.
        var output = [CChar](repeating: 0, count: bytes.count * 2 + 16)
        let room = output.count
        let left = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output -> Int? in
                var (from, to) = (input.baseAddress, output.baseAddress)
                var (inputLeft, outputLeft) = (input.count, room)
                let result = iconv(converter, &from, &inputLeft, &to, &outputLeft)
                return result == Int(bitPattern: UInt.max) || inputLeft > 0 ? nil : outputLeft
            }
        }
        guard let left else { throw SheetProblem.unknownKind }
        return String(decoding: output[..<(room - left)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
