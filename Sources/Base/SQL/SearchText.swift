/// Chinese full-text without a dictionary: a space between all CJK characters, so that a phrase query is exact for a
/// word of any length, in both engines.
package enum SearchText {
    /// `text` as it is indexed: CJK characters stand alone, letters and digits keep together in lower case, everything
    /// else separates.
    package static func spaced(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        var inWord = false
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if isCJK(value) {
                if !output.isEmpty { output.append(" ") }
                output.append(scalar)
                inWord = false
            } else if isWord(value) {
                if !inWord, !output.isEmpty { output.append(" ") }
                output.append(value >= 0x41 && value <= 0x5A ? Unicode.Scalar(UInt8(value + 32)) : scalar)
                inWord = true
            } else {
                inWord = false
            }
        }
        return String(output)
    }

    /// What a person typed, as phrases that must all occur; at most eight, empty ones left out.
    package static func phrases(_ query: String) -> [String] {
        query.split(whereSeparator: { $0.isWhitespace || $0 == "　" })
            .map { spaced(String($0)) }
            .filter { !$0.isEmpty }
            .prefix(8)
            .map { $0 }
    }

    private static func isCJK(_ value: UInt32) -> Bool {
        switch value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2FA1F, 0x3040...0x30FF, 0xAC00...0xD7AF:
            true
        default: false
        }
    }

    private static func isWord(_ value: UInt32) -> Bool {
        switch value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: true
        default: false
        }
    }
}
