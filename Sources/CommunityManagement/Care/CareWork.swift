import LinliCore
import LinliKernel
import LinliSQL

/// What people have and what was brought to them, counted.
extension CareStore {
    /// How many people of some households are offered or have each service now.
    static func services(of households: [ID<Household>], _ tx: ReadTx) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        guard !households.isEmpty else { return counts }
        // Two questions: of one a planner that knows little of who lives there walks through every offer.
        let people: [Int64] = try tx.all(
            """
            SELECT DISTINCT r.person_id FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id IN \(SQL.list(households)) AND r.valid_to IS NULL AND p.restricted_at IS NULL
            """
        ) { try $0[0] }
        guard !people.isEmpty else { return counts }
        var having: [String: Set<Int64>] = [:]
        // What has ended is left out here: as a condition it would make a partial index by place look better.
        try tx.each(
            """
            SELECT o.service, o.person_id, o.state, o.ended_at FROM care_offer o
            WHERE o.person_id IN \(SQL.list(people))
            """
        ) { row in
            let (state, ended): (String, Instant?) = (try row[2], try row[3])
            guard ended == nil, ["offered", "accepted"].contains(state) else { return }
            having[try row[0], default: []].insert(try row[1])
        }
        counts = having.mapValues(\.count)
        return counts
    }

    /// Deliveries of a time and whom they reached, per grid of a community or per community above: where they were brought.
    static func work(
        in division: DivisionCode, from start: Instant, to end: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: (deliveries: Int, people: Int)] {
        let part: SQL = division.level >= .community ? "d.grid" : "d.community"
        var found: [DivisionCode: (deliveries: Int, people: Int)] = [:]
        try tx.each(
            """
            SELECT \(part), count(*), count(DISTINCT o.person_id)
            FROM care_delivery d JOIN care_offer o ON o.id = d.offer_id
            WHERE d.at >= \(start) AND d.at < \(end)
            AND d.grid BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound) GROUP BY \(part)
            """
        ) { found[try $0[0]] = (try $0[1], try $0[2]) }
        return found
    }
}
