import Foundation
import LinliCore

/// What is wrong in a data file, line by line, so that whoever edits it can put everything right at once.
package struct TableInvalid: Error, Sendable, Hashable {
    /// One line and what is wrong with it.
    package struct Problem: Sendable, Hashable {
        /// The line, from 1.
        package let line: Int
        /// What to do about it, with the line named.
        package let text: Text

        init(_ line: Int, _ text: Text) {
            self.line = line
            self.text = Text("第 \(line) 行：", "Line \(line): ") + text
        }
    }

    /// Every problem, in the order of the lines; never empty.
    package let problems: [Problem]
}

/// A line of a data file: cells parted by `|`; empty lines and those that begin with `#` are left out.
struct TableRow {
    let line: Int
    let cells: [String]

    static func rows(of text: String) -> [TableRow] {
        var rows: [TableRow] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = trimmed(line)
            if line.isEmpty || line.first == "#" { continue }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { String(trimmed($0)) }
            rows.append(TableRow(line: index + 1, cells: cells))
        }
        return rows
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
    }
}

/// The text of a file in `Data/`.
///
/// - Throws: `.internal` when the installation lacks it.
func standardData(_ name: String) throws -> String {
    guard let url = Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Data") else {
        throw LinliError.fault("standards.dataMissing", "Data/\(name).txt is not in the resource bundle")
    }
    return try String(contentsOf: url, encoding: .utf8)
}
