import LinliCore
import LinliSQL

/// Who has not been heard of for too long 该走访了: one row per household, ranked by it and never by who visits.
package struct VisitDebt: Sendable {
    /// Who.
    package var household: ID<Household>
    /// The grid.
    package var division: DivisionCode
    /// Why so soon.
    package var care: HouseholdCare
    /// When anything was heard last; nil: never.
    package var heardAt: Instant?
    /// Since when it is time.
    package var dueAt: Instant
    /// Where they live.
    package var address: String

    init(_ row: Row) throws {
        household = try row[0]
        division = try row[1]
        care = try row[2]
        let heard: Instant = try row[3]
        heardAt = heard.milliseconds == 0 ? nil : heard
        dueAt = try row[4]
        address = try row[5]
    }

    /// Full days since anything was heard; nil: never heard of.
    package func days(at now: Instant) -> Int? { heardAt.map { max(0, Int(now.seconds(since: $0) / 86_400)) } }

    /// What a page after this one begins behind.
    package var mark: String { "\(dueAt.milliseconds)-\(household)" }
}

/// Keeping and reading visit debts.
package enum VisitDebts {
    /// Households that are due in a grid or a wider division, the longest overdue first, elders alone before others
    /// because their days are fewer. Whoever is not here any more is due no visit, whether or not the row has followed.
    package static func due(
        in division: DivisionCode, at now: Instant, after mark: String? = nil, limit: Int, _ tx: ReadTx
    ) throws -> [VisitDebt] {
        let parts = mark?.split(separator: "-") ?? []
        let from = parts.first.flatMap { Int64($0) } ?? -1
        let id = parts.dropFirst().first.flatMap { ID<Household>($0) }?.rawValue ?? 0
        return try tx.all(
            """
            SELECT x.household_id, x.division, x.care, x.heard_at, x.due_at, d.address
            FROM visit_debt x JOIN household h ON h.id = x.household_id JOIN dwelling d ON d.id = h.dwelling_id
            WHERE \(RegisterQueries.place("x", division)) AND x.due_at <= \(now) AND h.valid_to IS NULL
            AND (x.due_at, x.household_id) > (\(from), \(id)) ORDER BY x.due_at, x.household_id LIMIT \(limit)
            """
        ) { try VisitDebt($0) }
    }

    /// How many are due, by grid.
    package static func counts(
        in division: DivisionCode, at now: Instant, _ tx: ReadTx
    ) throws -> [(division: DivisionCode, total: Int)] {
        try tx.all(
            """
            SELECT x.division, count(*) FROM visit_debt x JOIN household h ON h.id = x.household_id
            WHERE \(RegisterQueries.place("x", division)) AND x.due_at <= \(now) AND h.valid_to IS NULL
            GROUP BY x.division ORDER BY x.division LIMIT 500
            """
        ) { (try $0[0], try $0[1]) }
    }

    /// The row of one household; nil when it has none yet.
    package static func find(_ household: ID<Household>, _ tx: ReadTx) throws -> VisitDebt? {
        try tx.first(
            """
            SELECT x.household_id, x.division, x.care, x.heard_at, x.due_at, d.address
            FROM visit_debt x JOIN household h ON h.id = x.household_id JOIN dwelling d ON d.id = h.dwelling_id
            WHERE x.household_id = \(household)
            """
        ) { try VisitDebt($0) }
    }

    /// A debt as the register and the plans give it now.
    struct Sum: Sendable, Equatable {
        var household: ID<Household>
        var division: DivisionCode
        var care: HouseholdCare
        var heardAt: Int64
        var dueAt: Int64
    }

    /// Works out the debts of some households from what stands in the register, in their order; those that are not here
    /// any more have none. A query each for households, people, plans and labels, however many they are.
    static func worked(
        _ ids: [ID<Household>], _ days: VisitDays, on day: CivilDate, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Sum] {
        guard !ids.isEmpty else { return [] }
        let households = try tx.all(
            """
            SELECT \(HouseholdRecord.columns) FROM household h WHERE h.id IN \(SQL.list(ids)) AND h.valid_to IS NULL
            ORDER BY h.id
            """
        ) { try HouseholdRecord($0) }
        let members = try RegisterQueries.members(of: ids, tx)
        let plans = try VisitPlansStore.days(over: households.map(\.division), tx)
        let held = try plans.held(by: members.values.flatMap { $0 }, on: day, keys, tx)
        return households.map { household in
            let people = members[household.id] ?? []
            let care = HouseholdCare.of(people, on: day)
            let planned = plans.days(of: care, people, in: household.division, held)
            let wait = min(planned ?? days[care], days[care])
            let due = household.heardAt?.adding(days: wait) ?? household.entry.validFrom
            return Sum(
                household: household.id, division: household.division, care: care,
                heardAt: household.heardAt?.milliseconds ?? 0, dueAt: due.milliseconds)
        }
    }

    /// Writes what `worked` says of some households.
    static func put(_ ids: [ID<Household>], _ days: VisitDays, _ tx: SystemTx) throws {
        for start in stride(from: 0, to: ids.count, by: page) {
            let some = Array(ids[start..<min(start + page, ids.count)])
            let sums = try worked(some, days, on: tx.now.date, tx.keys, tx)
            let gone = Set(some).subtracting(sums.map(\.household)).sorted()
            if !gone.isEmpty { try tx.execute("DELETE FROM visit_debt WHERE household_id IN \(SQL.list(gone))") }
            let rows = sums.map { sum -> SQL in
                """
                (\(sum.household), \(sum.division), \(sum.division.ancestor(at: .community)), \(sum.care),
                \(sum.heardAt), \(sum.dueAt))
                """
            }
            try tx.connection.insert(
                into: "visit_debt (household_id, division, community, care, heard_at, due_at)", rows, columns: 6,
                """
                ON CONFLICT (household_id) DO UPDATE SET division = excluded.division, community = excluded.community,
                    care = excluded.care, heard_at = excluded.heard_at, due_at = excluded.due_at
                """)
        }
    }

    /// Households worked out together.
    private static let page = 200

    /// The households some people live or lived in: who left one changes it too.
    static func homes(of people: [ID<Person>], _ tx: ReadTx) throws -> [ID<Household>] {
        guard !people.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT DISTINCT household_id FROM residence
            WHERE person_id IN \(SQL.list(people)) AND household_id IS NOT NULL ORDER BY household_id
            """
        ) { try $0[0] }
    }

    /// Households of a community or a wider division that have no row yet, or all of them.
    static func households(
        in division: DivisionCode, isMissing: Bool, after: ID<Household>?, limit: Int, _ tx: ReadTx
    ) throws -> [ID<Household>] {
        let missing: SQL =
            isMissing ? " AND NOT EXISTS (SELECT 1 FROM visit_debt x WHERE x.household_id = h.id)" : ""
        return try tx.all(
            """
            SELECT h.id FROM household h WHERE \(RegisterQueries.place("h", division)) AND h.valid_to IS NULL
            AND h.id > \(after?.rawValue ?? 0)\(missing) ORDER BY h.id LIMIT \(limit)
            """
        ) { try $0[0] }
    }

    /// The households of a step by which an import was taken back: those that ended, or lost somebody. Its event says of
    /// what kind, and between which rows.
    static func touched(by event: Event, _ tx: ReadTx) throws -> [ID<Household>] {
        guard event.facts["what"] == "undone", let kind = event.facts["kind"].flatMap({ RegisterKind(rawValue: $0) }),
            let after = event.facts["after"].flatMap({ Int64($0) }),
            let last = event.facts["last"].flatMap({ Int64($0) })
        else { return [] }
        let rows: SQL = "x.import_id = \(event.subject.id) AND x.id > \(after) AND x.id <= \(last)"
        switch kind {
        case .person:
            return try tx.all(
                """
                SELECT DISTINCT r.household_id FROM person x JOIN residence r ON r.person_id = x.id
                WHERE \(rows) AND x.valid_to IS NOT NULL AND r.household_id IS NOT NULL ORDER BY r.household_id
                """
            ) { try $0[0] }
        case .household:
            return try tx.all("SELECT x.id FROM household x WHERE \(rows) ORDER BY x.id") { try $0[0] }
        case .dwelling, .organization, .thing: return []
        }
    }

    /// Rows that differ from what the register says now, at most 20 of a division; for tests and `linli doctor`.
    package static func differences(
        in division: DivisionCode, _ days: VisitDays, on day: CivilDate, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [ID<Household>] {
        try households(in: division, isMissing: false, after: nil, limit: 100_000, tx).lazy.filter { id in
            let stored = try tx.first(
                "SELECT household_id, division, care, heard_at, due_at FROM visit_debt WHERE household_id = \(id)"
            ) { try Sum(household: $0[0], division: $0[1], care: $0[2], heardAt: $0[3], dueAt: $0[4]) }
            return try stored != worked([id], days, on: day, keys, tx).first
        }.prefix(20).map { $0 }
    }
}

extension Subscriber {
    /// Visit debts follow what is heard, what stands in the register, and plans.
    static func visitDebts(_ days: VisitDays) -> Subscriber {
        Subscriber(
            "visits.debts", kinds: ["household.heard", "registers.changed", "visits.planned"],
            .inStore { tx, event in
                if event.subject.kind == RegisterKind.household.rawValue {
                    try VisitDebts.put([ID(rawValue: event.subject.id)], days, tx)
                } else if event.subject.kind == RegisterKind.person.rawValue {
                    try VisitDebts.put(try VisitDebts.homes(of: [ID(rawValue: event.subject.id)], tx), days, tx)
                }
                try VisitDebts.put(try VisitDebts.touched(by: event, tx), days, tx)
                guard let division = event.subject.division else { return }
                // A batch names no households; a plan changes the days of all of them. What is more than a community has
                // waits for the job, so that one write stays short.
                let isPlan = event.kind == "visits.planned"
                guard isPlan || event.facts["what"] == "entered" else { return }
                let all = try VisitDebts.households(
                    in: division, isMissing: !isPlan, after: nil, limit: 5000, tx)
                try VisitDebts.put(all, days, tx)
            })
    }
}

extension JobKind {
    /// Follows labels that plans go by: who got or lost one since, by a rule or by the day.
    static func visitLabels(_ days: VisitDays) -> JobKind {
        JobKind("visits.labels", everySeconds: 30) { run in
            for _ in 0..<200 {
                let isMore = try await run.database.system(.background) { tx -> Bool in
                    let people = try LabelNews.take(limit: 100, tx)
                    try VisitDebts.put(try VisitDebts.homes(of: people, tx), days, tx)
                    return people.count == 100
                }
                if !isMore { return }
            }
        }
    }

    /// Some times a day: people grow older, and what no event told is found.
    static func visitDebts(_ days: VisitDays) -> JobKind {
        JobKind("visits.debts", everySeconds: 21_600) { run in
            var after: ID<Household>?
            while true {
                let start = after
                let last = try await run.database.system(.background) { tx -> ID<Household>? in
                    let some: [ID<Household>] = try tx.all(
                        "SELECT id FROM household WHERE id > \(start?.rawValue ?? 0) ORDER BY id LIMIT 500"
                    ) { try $0[0] }
                    try VisitDebts.put(some, days, tx)
                    return some.last
                }
                guard let last else { return }
                after = last
            }
        }
    }
}
