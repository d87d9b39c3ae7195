import LinliCore

/// The tree of categories a need can have: residents' needs, and the events and components of city management.
///
/// It is data (`Data/categories.txt`); an administrator's own table is read by the same initialiser.
/// - Source: GB/T 30428.2-2013 for events and components; see the head of the data file for what was not verified
package struct EventCatalogue: Sendable {
    /// A category and how much of a text speaks for it.
    package struct Suggestion: Sendable, Hashable {
        /// The category, never a major class.
        package let category: EventCategory
        /// Characters of the text that its keywords cover; only good for comparing within one text.
        package let score: Int
    }

    /// Every category in the order of the file.
    package let all: [EventCategory]
    private let positions: [String: Int]
    private let children: [String: [Int]]
    private let index: KeywordIndex

    /// Reads a table; its form is described at the top of `Data/categories.txt`.
    ///
    /// - Throws: everything that is wrong, each with its line.
    package init(table: String) throws(TableInvalid) {
        var reader = CategoryReader()
        for row in TableRow.rows(of: table) { reader.read(row) }
        guard reader.problems.isEmpty else { throw TableInvalid(problems: reader.problems) }
        let all = reader.categories
        var positions: [String: Int] = [:]
        var children: [String: [Int]] = [:]
        for (position, category) in all.enumerated() {
            positions[category.code] = position
            if let parent = category.parent { children[parent, default: []].append(position) }
        }
        self.all = all
        self.positions = positions
        self.children = children
        index = KeywordIndex(all)
    }

    /// The catalogue this version came with, read once.
    ///
    /// - Throws: when the installation lacks the file or it does not fit.
    package static func shared() throws -> EventCatalogue { try bundled.get() }

    private static let bundled = Result { try EventCatalogue(table: standardData("categories")) }

    /// The category with a code; nil when there is none.
    package subscript(code code: String) -> EventCategory? { positions[code].map { all[$0] } }

    /// The major classes, of one scheme or of all.
    package func majors(_ scheme: EventCategory.Scheme? = nil) -> [EventCategory] {
        all.filter { $0.isMajor && (scheme == nil || $0.scheme == scheme) }
    }

    /// The minor classes of a major class, in the order of the file; empty for any other code.
    package func children(of code: String) -> [EventCategory] { (children[code] ?? []).map { all[$0] } }

    /// The categories whose words occur in a text, best first, at most `limit`.
    ///
    /// A word inside a longer word that was found does not count (电梯 in 加装电梯), and a word counts once. Equal scores
    /// keep the order of the file. Time is linear in the length of the text.
    package func suggest(for text: String, limit: Int = 3) -> [Suggestion] {
        index.scores(text)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(limit)
            .map { Suggestion(category: all[$0.key], score: $0.value) }
    }
}

/// Finds the keywords of all categories in one pass.
private struct KeywordIndex: Sendable {
    private struct Entry: Sendable {
        let word: [Unicode.Scalar]
        var categories: [Int]
    }

    /// By first character, longest word first.
    private var entries: [Unicode.Scalar: [Entry]] = [:]

    init(_ all: [EventCategory]) {
        for (position, category) in all.enumerated() where !category.isMajor {
            for keyword in Set(category.keywords.map(KeywordIndex.plain)) { insert(keyword, position) }
        }
        entries = entries.mapValues { $0.sorted { $0.word.count > $1.word.count } }
    }

    private mutating func insert(_ word: [Unicode.Scalar], _ position: Int) {
        guard let first = word.first else { return }
        if let at = entries[first]?.firstIndex(where: { $0.word == word }) {
            entries[first]?[at].categories.append(position)
        } else {
            entries[first, default: []].append(Entry(word: word, categories: [position]))
        }
    }

    /// The score of every category that a word of `text` speaks for, by its position.
    func scores(_ text: String) -> [Int: Int] {
        let scalars = KeywordIndex.plain(text)
        var scores: [Int: Int] = [:]
        var counted: Set<[Unicode.Scalar]> = []
        var covered = 0
        for start in scalars.indices {
            let rest = scalars[start...]
            guard let entry = entries[scalars[start]]?.first(where: { rest.starts(with: $0.word) }),
                start + entry.word.count > covered
            else { continue }
            covered = start + entry.word.count
            guard counted.insert(entry.word).inserted else { continue }
            for position in entry.categories { scores[position, default: 0] += entry.word.count }
        }
        return scores
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
