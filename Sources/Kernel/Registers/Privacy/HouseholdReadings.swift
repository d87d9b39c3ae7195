import LinliCore
import LinliSQL

/// What somebody is told of who read what of them: besides their own entry the households they live or lived in, when a
/// worker's phone took one along or opened it; also by what was entered twice and is one with it now.
extension RegisterReading {
    /// Who read what of somebody, as they themselves are told, the newest first; of a household what was done while
    /// they lived there.
    package static func told(_ person: ID<Person>, limit: Int = 100, _ tx: ReadTx) throws -> [Reading] {
        let entries = try RegisterQueries.entries(of: RegisterSubject(.person, person), tx)
        let own = try entries.flatMap { try readings(of: $0, limit: limit, tx) }
        let homes = try tx.all(
            """
            SELECT household_id, valid_from, valid_to FROM residence
            WHERE person_id IN \(SQL.list(entries.map(\.id))) AND household_id IS NOT NULL
            AND tie NOT IN ('registeredOnly', 'ownerElsewhere') ORDER BY id DESC LIMIT 20
            """
        ) { row -> (household: ID<Household>, from: Instant, until: Instant?) in
            (try row[0], try row[1], try row[2])
        }
        // Who was in both entries of a household has two lines of residence in it: each reading is told once.
        let stays = Dictionary(grouping: homes) { $0.household }
        let along = try stays.keys.sorted().flatMap { household in
            try RegisterQueries.entries(of: RegisterSubject(.household, household), tx).flatMap {
                try carried($0.id, limit: limit, tx)
            }.filter { reading in
                stays[household, default: []].contains { stay in
                    reading.at >= stay.from && (stay.until.map { reading.at < $0 } ?? true)
                }
            }
        }
        return Array((own + along).sorted { $0.at > $1.at }.prefix(limit))
    }

    private static func carried(_ household: Int64, limit: Int, _ tx: ReadTx) throws -> [Reading] {
        try tx.all(
            """
            SELECT e.at, e.fields, e.reason, e.command, a.name, u.name, u.name_en
            FROM audit_entry e LEFT JOIN account a ON a.id = e.actor_id AND e.actor_kind = 'account'
            LEFT JOIN unit u ON u.id = a.unit_id
            WHERE e.subject_kind = 'household' AND e.subject_id = \(household) AND e.command = 'registers.offline'
            ORDER BY e.id DESC LIMIT \(limit)
            """
        ) { try Reading($0, isOfHousehold: true) }
    }
}
