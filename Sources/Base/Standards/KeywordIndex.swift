/// Finds many words in a text in one pass.
struct KeywordIndex: Sendable {
    /// A word and what it stands for.
    struct Entry: Sendable {
        let word: [Unicode.Scalar]
        var values: [Int]
    }

    /// By first character, longest word first.
    private var entries: [Unicode.Scalar: [Entry]] = [:]

    /// An index of words; the same word may stand for several values.
    init(_ words: [(value: Int, words: [String])]) {
        for (value, words) in words {
            for word in Set(words.map(KeywordIndex.plain)) { insert(word, value) }
        }
        entries = entries.mapValues { $0.sorted { $0.word.count > $1.word.count } }
    }

    private mutating func insert(_ word: [Unicode.Scalar], _ value: Int) {
        guard let first = word.first else { return }
        if let at = entries[first]?.firstIndex(where: { $0.word == word }) {
            entries[first]?[at].values.append(value)
        } else {
            entries[first, default: []].append(Entry(word: word, values: [value]))
        }
    }

    /// The words of `text`, each once, without those that only occur inside a longer word that was found.
    func matches(in text: String) -> [Entry] {
        let scalars = KeywordIndex.plain(text)
        var matches: [Entry] = []
        var counted: Set<[Unicode.Scalar]> = []
        var covered = 0
        for start in scalars.indices {
            let rest = scalars[start...]
            guard let entry = entries[scalars[start]]?.first(where: { rest.starts(with: $0.word) }),
                start + entry.word.count > covered
            else { continue }
            covered = start + entry.word.count
            if counted.insert(entry.word).inserted { matches.append(entry) }
        }
        return matches
    }

    /// Small letters, half-width, without spaces.
    private static func plain(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.compactMap { scalar in
            let plain = narrowed(scalar)
            if plain == " " || isInvisible(plain) { return nil }
            return ("A"..."Z").contains(plain) ? Unicode.Scalar(UInt8(plain.value) + 0x20) : plain
        }
    }
}
