/// Reads lines of comma-separated values.
package enum CSV {
    /// The cells of a line; a cell may stand in double quotes, but not run over the end of the line. Nil when a quotation
    /// mark is not closed.
    ///
    /// - Source: RFC 4180, without line ends inside of cells
    package static func cells(_ line: Substring.UTF8View) -> [String]? {
        var cells: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var wasQuote = false
        for byte in line {
            if isQuoted {
                if byte == UInt8(ascii: "\"") { (isQuoted, wasQuote) = (false, true) } else { cell.append(byte) }
            } else if byte == UInt8(ascii: ",") {
                cells.append(String(decoding: cell, as: UTF8.self))
                cell.removeAll(keepingCapacity: true)
                wasQuote = false
            } else if byte == UInt8(ascii: "\""), cell.isEmpty || wasQuote {
                if wasQuote { cell.append(byte) }
                (isQuoted, wasQuote) = (true, false)
            } else {
                cell.append(byte)
                wasQuote = false
            }
        }
        guard !isQuoted else { return nil }
        cells.append(String(decoding: cell, as: UTF8.self))
        return cells
    }

    /// The lines of a text with their numbers, from 1; without a byte-order mark, empty lines and those that begin with #.
    package static func lines(_ text: String) -> [(number: Int, line: Substring.UTF8View)] {
        var lines: [(number: Int, line: Substring.UTF8View)] = []
        var rest = Substring(text).utf8
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var number = 0
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            var line = rest[..<end]
            rest = rest[end...].dropFirst()
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            if !line.isEmpty, line.first != UInt8(ascii: "#") { lines.append((number, line)) }
        }
        return lines
    }
}
