import LinliCore
import LinliSQL
import LinliStandards

/// A rung of the clock of a request about one's own data: who heard of it, and when.
/// - Source: PIPL Art. 50 (in time); the days are configured, no source
package struct DataRequestAlert: Sendable {
    /// Its identifier.
    package let id: ID<DataRequestAlert>
    /// Of which request.
    package let request: ID<DataRequest>
    /// What is asked.
    package let kind: DataRequestKind
    /// Reminder, taken under supervision, raised a level: as the clocks of cases.
    package let action: CaseType.Rung.Action
    /// When it was recorded.
    package let at: Instant
    /// When it was to come; later ones came after the server had stood still.
    package let meantFor: Instant
    /// From when on it is shown to whoever is on duty.
    package let ringsAt: Instant
    /// The unit that hears of it.
    package let unit: ID<Unit>?
    /// What that unit is called.
    package let unitName: Text?
    /// Where the request is decided.
    package let division: DivisionCode
    /// By when there must be an answer.
    package let dueAt: Instant

    static let columns: SQL = """
        l.id, l.request_id, q.kind, l.action, l.at, l.meant_for, l.rings_at, l.unit_id, u.name, u.name_en, q.division,
        q.due_at
        """

    init(_ row: Row) throws {
        id = try row[0]
        request = try row[1]
        kind = try row[2]
        let action: String = try row[3]
        self.action = CaseType.Rung.Action(rawValue: action) ?? .remind
        at = try row[4]
        meantFor = try row[5]
        ringsAt = try row[6]
        unit = try row[7]
        let name: String? = try row[8]
        unitName = try name.map { Text($0, try row[9] ?? $0) }
        division = try row[10]
        dueAt = try row[11]
    }
}

/// The clock of requests about one's own data: reminds before they are due, takes them to the street when they are, and to
/// the district some days later. Each rung is recorded once, for the roster of a unit.
package enum DataRequestAlerts {
    /// What the rungs do, in their order.
    static let actions: [CaseType.Rung.Action] = [.remind, .supervise, .raise]

    /// Who hears of it: whoever keeps the registers of the community is reminded, the street and the district see that it
    /// is answered. Where one is missing the next one up hears of it.
    static func addressee(
        _ action: CaseType.Rung.Action, _ division: DivisionCode, _ tx: ReadTx
    ) throws -> ID<Unit>? {
        let community = try UnitsStore.first([.committee, .village], of: division.ancestor(at: .community), tx)?.id
        let street = try UnitsStore.first([.streetCentre], of: division.ancestor(at: .street), tx)?.id
        let district = try UnitsStore.first([.district], of: division.ancestor(at: .district), tx)?.id
        return switch action {
        case .remind: community ?? street ?? district
        case .supervise: street ?? district ?? community
        case .raise: district ?? street ?? community
        }
    }

    // MARK: Climbing

    /// Climbs every rung of a request that is due; returns how many that were. After the server stood still the rungs it
    /// missed are climbed one after the other, each with when it was to come.
    static func climb(
        _ id: ID<DataRequest>, _ settings: RegisterSettings, _ calendar: WorkingCalendar, _ context: Context,
        _ database: Database
    ) async throws -> Int {
        try await database.write(context, "own.escalate") { tx in
            let found = try tx.first(
                "SELECT division, due_at, rung FROM data_request WHERE id = \(id) AND state = 'open'"
            ) { (division: try $0[0] as DivisionCode, dueAt: try $0[1] as Instant, rung: try $0[2] as Int) }
            let subject = Subject("dataRequest", id, division: found?.division)
            var climbed: [String] = []
            if let found {
                let moments = DataRequestClock.moments(dueAt: found.dueAt, settings, calendar)
                var rung = found.rung
                for (action, moment) in zip(actions, moments).dropFirst(rung) {
                    guard moment <= tx.now else { break }
                    try insert(id, rung, action, moment, found.division, calendar, tx)
                    climbed.append(action.rawValue)
                    rung += 1
                }
                let next = moments.dropFirst(rung).first
                try tx.execute("UPDATE data_request SET rung = \(rung), next_rung_at = \(next) WHERE id = \(id)")
            }
            try tx.audit(subject, fields: climbed.isEmpty ? ["clock"] : climbed)
            return climbed.count
        }
    }

    private static func insert(
        _ id: ID<DataRequest>, _ rung: Int, _ action: CaseType.Rung.Action, _ moment: Instant, _ division: DivisionCode,
        _ calendar: WorkingCalendar, _ tx: WriteTx
    ) throws {
        let unit = try addressee(action, division, tx)
        try tx.execute(
            """
            INSERT INTO data_request_alert (id, request_id, rung, action, at, meant_for, unit_id, rings_at)
            VALUES (\(try tx.newID(DataRequestAlert.self)), \(id), \(rung), \(action.rawValue), \(tx.now),
                \(moment), \(unit), \(calendar.nextWorkingTime(tx.now)))
            """
        )
    }

    // MARK: Reading

    /// The rungs of some requests, in the order they were climbed.
    package static func of(
        _ requests: [ID<DataRequest>], _ tx: ReadTx
    ) throws -> [ID<DataRequest>: [DataRequestAlert]] {
        guard !requests.isEmpty else { return [:] }
        let all = try tx.all(
            """
            SELECT \(DataRequestAlert.columns) FROM data_request_alert l JOIN data_request q ON q.id = l.request_id
            LEFT JOIN unit u ON u.id = l.unit_id WHERE l.request_id IN \(SQL.list(requests)) ORDER BY l.id
            """
        ) { try DataRequestAlert($0) }
        return Dictionary(grouping: all) { $0.request }
    }

    /// What units were told of requests that still wait, that nobody of them has seen and whose time has come.
    package static func unseen(
        of units: [ID<Unit>], at now: Instant, limit: Int = 100, _ tx: ReadTx
    ) throws -> [DataRequestAlert] {
        guard !units.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(DataRequestAlert.columns) FROM data_request_alert l JOIN data_request q ON q.id = l.request_id
            LEFT JOIN unit u ON u.id = l.unit_id
            WHERE l.unit_id IN \(SQL.list(units)) AND l.seen_at IS NULL AND l.rings_at <= \(now) AND q.state = 'open'
            ORDER BY l.rings_at, l.id LIMIT \(limit)
            """
        ) { try DataRequestAlert($0) }
    }

    /// Somebody of the unit took notice. Doing it twice changes nothing.
    ///
    /// - Throws: `.notFound` when it is not for a unit of theirs.
    package static func see(_ id: ID<DataRequestAlert>, _ context: Context, _ database: Database) async throws {
        try await database.write(context, "own.seeAlert") { tx in
            let found = try tx.first(
                """
                SELECT l.unit_id, q.id, q.division FROM data_request_alert l JOIN data_request q ON q.id = l.request_id
                WHERE l.id = \(id)
                """
            ) {
                (
                    unit: try $0[0] as ID<Unit>?, request: try $0[1] as ID<DataRequest>,
                    division: try $0[2] as DivisionCode
                )
            }
            let units = try CaseQueries.dutyUnits(of: context.actor, tx).map(\.id)
            guard let found, let unit = found.unit, units.contains(unit) else {
                throw LinliError.notFound("own.alert")
            }
            try tx.execute(
                """
                UPDATE data_request_alert SET seen_at = \(tx.now), seen_by = \(context.actor.account)
                WHERE id = \(id) AND seen_at IS NULL
                """)
            try tx.audit(Subject("dataRequest", found.request, division: found.division), fields: ["alert"])
        }
    }
}

extension JobKind {
    /// Climbs what is due of the clocks of requests. One that cannot be climbed holds up nobody else.
    package static func dataRequestClocks(_ settings: RegisterSettings, _ days: WorkingDays) -> JobKind {
        JobKind("registers.requestClocks", everySeconds: 60) { run in
            for _ in 0..<50 {
                let now = run.database.clock.now
                let due: [ID<DataRequest>] = try await run.database.read { tx in
                    try tx.all(
                        """
                        SELECT id FROM data_request WHERE next_rung_at IS NOT NULL AND next_rung_at <= \(now)
                        ORDER BY next_rung_at, id LIMIT 100
                        """
                    ) { try $0[0] }
                }
                for id in due {
                    _ = try await DataRequestAlerts.climb(
                        id, settings, days.current, .system("registers.requestClocks", now: now), run.database)
                }
                if due.count < 100 { return }
            }
        }
    }
}

extension Migration {
    /// What the clocks of requests about one's own data told whom. Requests that wait already are looked at once.
    static let dataRequestAlerts = Migration(
        "2026-11-29.52-data-request-alerts",
        """
        ALTER TABLE data_request ADD COLUMN rung INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE data_request ADD COLUMN next_rung_at INTEGER;
        UPDATE data_request SET next_rung_at = opened_at WHERE state = 'open';
        CREATE INDEX data_request_rung ON data_request (next_rung_at, id) WHERE next_rung_at IS NOT NULL;
        CREATE TABLE data_request_alert (
            id INTEGER NOT NULL PRIMARY KEY,
            request_id INTEGER NOT NULL REFERENCES data_request (id),
            rung INTEGER NOT NULL,
            action TEXT NOT NULL CHECK (action IN ('remind', 'supervise', 'raise')),
            at INTEGER NOT NULL,
            meant_for INTEGER NOT NULL,
            unit_id INTEGER REFERENCES unit (id),
            rings_at INTEGER NOT NULL,
            seen_at INTEGER,
            seen_by INTEGER REFERENCES account (id),
            UNIQUE (request_id, rung)
        ) STRICT;
        CREATE INDEX data_request_alert_unseen ON data_request_alert (unit_id, rings_at, id) WHERE seen_at IS NULL;
        """
    )
}
