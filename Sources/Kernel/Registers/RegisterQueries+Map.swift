import LinliCore
import LinliSQL

extension RegisterQueries {
    /// How many households the dwellings of each place of a community have, by place.
    package static func households(byPlaceIn community: DivisionCode, _ tx: ReadTx) throws -> [ID<Place>: Int] {
        var counts: [ID<Place>: Int] = [:]
        try tx.each(
            """
            SELECT d.place_id, count(*) FROM household h JOIN dwelling d ON d.id = h.dwelling_id
            WHERE h.community = \(community) AND h.valid_to IS NULL GROUP BY d.place_id
            """
        ) { counts[try $0[0]] = try $0[1] }
        return counts
    }
}

/// How many people something is about, as others may see it.
package enum GroupSize {
    /// Fewer than this are not told apart: who lives there would be known by name.
    /// - Source: configured, no source
    package static let smallestShown = 5

    /// The count as it is shown: nil stands for "fewer than five, but some".
    package static func shown(_ count: Int) -> Int? { (1..<smallestShown).contains(count) ? nil : count }

    /// The count in words, `<5` for a small one.
    package static func text(_ count: Int) -> String { shown(count).map { "\($0)" } ?? "<\(smallestShown)" }
}

extension RegisterCounts {
    /// The counts of every grid inside a division, by kind.
    package static func totals(
        ofGridsIn division: DivisionCode, _ tx: ReadTx
    ) throws -> [DivisionCode: [RegisterKind: Int]] {
        var totals: [DivisionCode: [RegisterKind: Int]] = [:]
        try tx.each(
            """
            SELECT division, what, total FROM register_count
            WHERE division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            """
        ) { row in
            let (code, what): (DivisionCode, String) = (try row[0], try row[1])
            guard code.level == .grid, let kind = RegisterKind(rawValue: what) else { return }
            totals[code, default: [:]][kind] = try row[2]
        }
        return totals
    }
}
