import LinliCore

/// The tree of categories a need can have: residents' needs, and the events and components of city management.
///
/// It is data (`Data/categories.txt`); an administrator's own table is read by the same initialiser.
/// - Source: GB/T 30428.2-2013 for events and components; see the head of the data file for what was not verified
package struct EventCatalogue: Sendable {
    /// Every category in the order of the file.
    package let all: [EventCategory]
    private let positions: [String: Int]
    private let children: [String: [Int]]

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
}
