/// Chinese full-text without a dictionary: a space between all CJK characters, so that a phrase query is exact for a
/// word of any length, in both engines.
package enum SearchText {
    /// `text` as it is indexed: CJK characters stand alone, letters and digits keep together in lower case (full-width
    /// ones of a Chinese keyboard as ASCII), everything else separates.
    package static func spaced(_ text: String) -> String {
        // Bytes, because each append to a text looks at the whole again; three bytes and a space per character.
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count * 4 / 3 + 8)
        var inWord = false
        for original in text.unicodeScalars {
            let scalar = folded(original)
            let value = scalar.value
            if isCJK(value) {
                if !output.isEmpty { output.append(UInt8(ascii: " ")) }
                output.append(contentsOf: scalar.utf8)
                inWord = false
            } else if isWord(value) {
                if !inWord, !output.isEmpty { output.append(UInt8(ascii: " ")) }
                output.append(contentsOf: scalar.utf8)
                inWord = true
            } else {
                inWord = false
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// What a person typed, as phrases that must all occur; at most eight, empty ones left out.
    package static func phrases(_ query: String) -> [String] {
        query.split(whereSeparator: { $0.isWhitespace || $0 == "　" })
            .map { spaced(String($0)) }
            .filter { !$0.isEmpty }
            .prefix(8)
            .map { $0 }
    }

    /// Lower case, and ASCII for full-width letters and digits: here, because the engines fold differently.
    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let isFullWidth = (0xFF01...0xFF5E).contains(scalar.value)
        let narrow = isFullWidth ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
        switch narrow.value {
        case 0x41...0x5A: return Unicode.Scalar(UInt8(narrow.value + 32))
        case 0xC0...0x24F:
            let lower = narrow.properties.lowercaseMapping.unicodeScalars
            return lower.count == 1 ? lower.first ?? narrow : narrow
        default: return narrow
        }
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

/// A search in a full-text table: terms that must all occur, each in one of several ways.
///
/// Phrases hold only what `SearchText.spaced` lets through, so neither engine finds anything of its own language in them.
package struct SearchQuery: Sendable, Equatable {
    /// Each term's alternatives, spaced.
    private(set) var terms: [[[String]]] = []
    /// The same of what narrows a search: words that stand in very many rows, which lie near each other.
    private var bounds: [[[String]]] = []

    /// A search for nothing yet.
    package init() {}

    /// Whether nothing is asked for.
    package var isEmpty: Bool { terms.isEmpty }

    /// One of these texts must occur; texts without a word in them count for nothing.
    package mutating func require(_ alternatives: [String]) {
        let phrases = SearchQuery.phrases(alternatives)
        if !phrases.isEmpty { terms.append(phrases) }
    }

    /// The same narrowed to rows that have a word.
    package func requiring(_ text: String) -> SearchQuery {
        var query = self
        let phrases = SearchQuery.phrases([text])
        if !phrases.isEmpty { query.bounds.append(phrases) }
        return query
    }

    private static func phrases(_ alternatives: [String]) -> [[String]] {
        alternatives.map { SearchText.spaced($0).split(separator: " ").map(String.init) }.filter { !$0.isEmpty }
    }

    /// As an engine's own language says it, in parts of which a row must fit each.
    ///
    /// Within one part PostgreSQL walks the list of the rarest word and asks the others of each of its rows; between parts
    /// it jumps. Of a word and the 8,000 rows of a community it visits a hundred by jumping, and all 8,000 by walking.
    func parts(_ dialect: Dialect) -> [String] {
        guard dialect == .postgres, !terms.isEmpty else { return [SearchQuery.text(terms + bounds, dialect)] }
        return ([terms] + bounds.map { [$0] }).map { SearchQuery.text($0, dialect) }
    }

    private static func text(_ terms: [[[String]]], _ dialect: Dialect) -> String {
        let isSQLite = dialect == .sqlite
        return terms.map { alternatives in
            let phrases = alternatives.map { words in
                isSQLite
                    ? "\"" + words.joined(separator: " ") + "\""
                    : "(" + words.map { "'\($0)'" }.joined(separator: " <-> ") + ")"
            }
            return "(" + phrases.joined(separator: isSQLite ? " OR " : " | ") + ")"
        }.joined(separator: isSQLite ? " AND " : " & ")
    }
}
