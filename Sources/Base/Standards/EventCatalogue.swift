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
        index = KeywordIndex(
            all.enumerated().filter { !$0.element.isMajor }.map { ($0.offset, $0.element.keywords) }
        )
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
        var scores: [Int: Int] = [:]
        for match in index.matches(in: text) {
            for position in match.values { scores[position, default: 0] += match.word.count }
        }
        return
            scores
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(limit)
            .map { Suggestion(category: all[$0.key], score: $0.value) }
    }
}
