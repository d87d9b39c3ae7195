import LinliCore
import LinliSQL
import LinliStandards

/// An alert of a clock: who hears of it, and whether it rings now or waits for the morning.
package struct CaseAlert: Sendable {
    package let id: ID<CaseAlert>
    package let action: CaseType.Rung.Action
    package let at: Instant
    /// When it was to come; later ones came after the server had stood still.
    package let meantFor: Instant
    /// From when on it is shown to whoever is on duty.
    package let ringsAt: Instant
    /// Whether it rings at any hour.
    package let isLoud: Bool
    package let unit: ID<Unit>?
    package let row: CaseRow
}

extension CaseQueries {
    /// Alerts nobody of the units has seen yet and whose time has come, the loud ones first.
    package static func alerts(
        of units: [ID<Unit>], at now: Instant, limit: Int = 100, _ tx: ReadTx
    ) throws -> [CaseAlert] {
        guard !units.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT a.id, a.action, a.at, a.meant_for, a.rings_at, a.is_loud, a.unit_id, \(CaseRow.columns), u.name,
                u.name_en
            FROM case_alert a JOIN case_item c ON c.id = a.case_id LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE a.unit_id IN \(SQL.list(units)) AND a.seen_at IS NULL AND a.rings_at <= \(now)
            AND c.against_unit NOT IN \(SQL.list(units))
            ORDER BY a.is_loud DESC, a.rings_at, a.id LIMIT \(limit)
            """
        ) { row in
            let action: String = try row[1]
            return CaseAlert(
                id: try row[0], action: CaseType.Rung.Action(rawValue: action) ?? .remind, at: try row[2],
                meantFor: try row[3], ringsAt: try row[4], isLoud: try row[5], unit: try row[6],
                row: try CaseRow(row, from: 7)
            )
        }
    }
}

extension CaseCommands {
    /// Climbs every rung of a case's ladders that is due, each recorded once: the row of an alert is unique by clock,
    /// round and rung, and written in the transaction that moves the clock on.
    ///
    /// After the server stood still the rungs it missed are climbed one after the other. Returns how many were climbed.
    func escalate(_ id: ID<Case>, _ context: Context) async throws -> Int {
        try await database.write(context, "cases.escalate") { tx in
            let item = try CasesStore.lock(id, tx)
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let state = try type.state(item.state)
            var clocks = try clockwork(item, type, tx)
            var climbed = 0
            var supervision = item.supervision
            // A ladder that repeats could have many rungs behind it; the rest is climbed in the next run.
            while climbed < 20, let clock = clocks.dueRung() {
                guard let (rung, _) = CaseClock.place(of: clock.rung, in: clocks.ladder(of: clock.clock, in: state))
                else { break }
                try alert(rung.action, clock, item, state, tx)
                clocks.climb(clock.clock, in: state)
                supervision = max(supervision, rung.action.supervision)
                climbed += 1
            }
            try save(clocks, of: id, tx)
            if supervision != item.supervision {
                try tx.execute("UPDATE case_item SET supervision = \(supervision) WHERE id = \(id)")
            }
            try tx.audit(item.subject, fields: ["escalate"])
            if climbed > 0 { try tx.emit("case.noted", item.subject, facts: noted(item)) }
            return climbed
        }
    }

    private func alert(
        _ action: CaseType.Rung.Action, _ clock: CaseClock, _ item: CaseRecord, _ state: CaseType.State, _ tx: WriteTx
    ) throws {
        let unit = try addressee(action, item, state, tx)
        // Only what cannot wait rings at night; the rest lies in the morning's list with the time it has used.
        let isLoud = item.isUrgent || catalogue[code: item.category]?.limit == .hours2
        try tx.execute(
            """
            INSERT INTO case_alert (id, case_id, clock, round, rung, action, at, meant_for, unit_id, division, rings_at,
                is_loud)
            VALUES (\(try tx.newID(CaseAlert.self)), \(item.id), \(clock.clock), \(clock.round), \(clock.rung),
                \(action.rawValue), \(tx.now), \(clock.nextRungAt ?? tx.now), \(unit), \(item.division),
                \(isLoud ? tx.now : calendar.nextWorkingTime(tx.now)), \(isLoud))
            """
        )
        try mark(action.mark, item, text: "", isVisible: false, tx)
    }

    /// Who hears of it: a unit with a roster, never a person who may be off duty.
    private func addressee(
        _ action: CaseType.Rung.Action, _ item: CaseRecord, _ state: CaseType.State, _ tx: ReadTx
    ) throws -> ID<Unit>? {
        let street = try UnitsStore.first([.streetCentre], of: item.division.ancestor(at: .street), tx)?.id
        let district = try UnitsStore.first([.district], of: item.division.ancestor(at: .district), tx)?.id
        let found: ID<Unit>? =
            switch action {
            case .remind: state.owner == .handler ? item.handlerUnit ?? street : street
            case .supervise: street ?? district
            case .raise: district ?? street
            }
        // The unit complained about never hears of its case.
        return found == item.against ? (street == item.against ? district : street) : found
    }

    /// Somebody of the unit took notice of an alert.
    ///
    /// - Throws: `.notFound` when it is not for a unit of theirs. Doing it twice changes nothing.
    package func see(_ id: ID<CaseAlert>, _ context: Context) async throws {
        try await database.write(context, "cases.seeAlert") { tx in
            let found = try tx.first("SELECT unit_id, case_id FROM case_alert WHERE id = \(id)") { row in
                (unit: try row[0] as ID<Unit>?, item: try row[1] as ID<Case>)
            }
            guard let found, let unit = found.unit else { throw LinliError.notFound("cases.alert") }
            let home = try UnitsStore.find(unit, tx)?.division
            guard
                context.actor.may(.casesRead, for: [unit])
                    || home.map({ context.actor.may(.casesRead, in: $0) }) == true
            else { throw LinliError.notFound("cases.alert") }
            try tx.execute(
                """
                UPDATE case_alert SET seen_at = \(tx.now), seen_by = \(context.actor.account)
                WHERE id = \(id) AND seen_at IS NULL
                """
            )
            try tx.audit(Subject("case", found.item), fields: ["alert"])
        }
    }
}

extension CaseType.Rung.Action {
    /// What a case under it counts as: 1 reminded, 2 supervised, 3 raised.
    var supervision: Int {
        switch self {
        case .remind: 1
        case .supervise: 2
        case .raise: 3
        }
    }

    /// The line of the history.
    var mark: CaseMark {
        switch self {
        case .remind: .remind
        case .supervise: .supervise
        case .raise: .raise
        }
    }
}

extension JobKind {
    /// Climbs the rungs that are due. A case that cannot be climbed holds up nobody else.
    static func casesEscalate(_ commands: CaseCommands) -> JobKind {
        JobKind("cases.escalate", everySeconds: 15) { run in
            // Several rounds at once after the server stood still, but never without end.
            for _ in 0..<50 {
                let now = commands.database.clock.now
                let due = Set(try await run.database.read { try CaseClocksStore.due(at: now, limit: 200, $0) })
                if due.isEmpty { return }
                for id in due {
                    _ = try await commands.escalate(id, .system("cases.escalate", now: commands.database.clock.now))
                }
                if due.count < 100 { return }
            }
        }
    }
}
