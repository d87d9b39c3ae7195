import LinliCore
import LinliSQL

/// A column that names a place: what goes along when two places are joined, and back when that is undone. Whoever owns the
/// table declares it, so that a merge knows every table without the kernel knowing every feature.
package struct PlaceUse: Sendable {
    /// `wall_code.place_id`: as it stands in the history of a merge.
    package let name: String
    /// The table, called `x` in conditions.
    let table: SQL
    let column: SQL
    /// The primary key.
    let key: SQL
    /// Which rows name a place at all; nil for all of them.
    let only: SQL?
    /// Which of them cannot go to a place.
    let unless: (@Sendable (_ to: ID<Place>) -> SQL)?

    /// A column of a table; `part` tells two uses of one column apart. Rows that fit `only` name places, those that fit
    /// `unless` stay when the others go.
    package init(
        _ table: StaticString, _ column: StaticString, part: StaticString = "", key: StaticString = "id",
        only: SQL? = nil, unless: (@Sendable (_ to: ID<Place>) -> SQL)? = nil
    ) {
        let part = "\(part)"
        name = "\(table).\(column)" + (part.isEmpty ? "" : ".\(part)")
        self.table = SQL(stringLiteral: "\(table)")
        self.column = SQL(stringLiteral: "\(column)")
        self.key = SQL(stringLiteral: "\(key)")
        self.only = only
        self.unless = unless
    }

    /// Where the kernel's own tables name places.
    static let kernel: [PlaceUse] = [
        PlaceUse("place", "parent_id"), PlaceUse("account", "place_id"), PlaceUse("grid_role", "place_id"),
        // Two of them, because each has an index of its own.
        PlaceUse("dwelling", "place_id", only: "x.valid_to IS NULL"),
        PlaceUse("dwelling", "place_id", part: "ended", only: "x.valid_to IS NOT NULL"),
        PlaceUse("organization", "place_id"), PlaceUse("thing", "place_id"), PlaceUse("warning_signal", "place_id"),
        PlaceUse("warning", "place_id"), PlaceUse("case_item", "place_id"),
        PlaceUse("case_publication", "place_id", key: "case_id", only: "x.state = 'cleared'"),
        // No foreign key says so: photos are of everything in the registers.
        PlaceUse("register_photo", "subject_id", only: "x.kind = 'place'"),
    ]

    private func named(_ place: ID<Place>) -> SQL {
        "x.\(column) = \(place)" + (only.map { " AND \($0)" } ?? .empty)
    }

    /// The rows that name a place and go to another.
    func rows(of place: ID<Place>, to other: ID<Place>, limit: Int, _ tx: ReadTx) throws -> [Int64] {
        let stays: SQL = unless.map { " AND NOT (\($0(other)))" } ?? .empty
        return try tx.all(
            "SELECT x.\(key) FROM \(table) x WHERE \(named(place))\(stays) ORDER BY x.\(key) LIMIT \(limit)"
        ) { try $0[0] }
    }

    /// Whether any row names a place.
    package func isNamed(_ place: ID<Place>, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM \(table) x WHERE \(named(place)) LIMIT 1")
    }

    /// Lets rows that name `place` name `other`; those that name another one meanwhile are left alone.
    func move(_ rows: [Int64], from place: ID<Place>, to other: ID<Place>, _ tx: WriteTx) throws {
        for start in stride(from: 0, to: rows.count, by: 500) {
            let part = Array(rows[start..<min(start + 500, rows.count)])
            try tx.execute(
                "UPDATE \(table) SET \(column) = \(other) WHERE \(key) IN \(SQL.list(part)) AND \(column) = \(place)"
            )
        }
    }
}
