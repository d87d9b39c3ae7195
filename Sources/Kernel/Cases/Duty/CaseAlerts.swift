import LinliCore
import LinliSQL
import LinliStandards

/// An alert of a clock: who hears of it, and whether it rings now or waits for the morning.
package struct CaseAlert: Sendable {
    package let id: ID<CaseAlert>
    package let action: CaseType.Rung.Action
    /// The clock it came from; `urgent` when a case rang at once, `partDate` when the date of a part was moved.
    package let clock: String
    package let at: Instant
    /// When it was to come; later ones came after the server had stood still.
    package let meantFor: Instant
    /// From when on it is shown to whoever is on duty.
    package let ringsAt: Instant
    /// Whether it rings at any hour.
    package let isLoud: Bool
    package let unit: ID<Unit>?
    package let row: CaseRow
    /// Whether it tells a unit that it did not come to a whistle: the case may not be theirs to see.
    package let isMissed: Bool

    /// What stands for a clock when somebody moved the date of a part.
    package static let partDate = "partDate"
    /// The round of what a unit hears that a whistle called in vain; who supervises it hears of it in the first.
    static let missedRound = 2
}

/// How much of its time a case has used, at night too.
package struct UsedTime: Sendable, Equatable {
    /// Seconds used.
    package let used: Int64
    /// Seconds in all.
    package let whole: Int64
}

/// A case that came in while nobody was at work, and that nobody has taken yet.
package struct NightCase: Sendable {
    package let row: CaseRow
    /// By the clock of the whole case, else of its state; nil when none counts.
    package let time: UsedTime?
}

extension CaseQueries {
    /// The units whose alerts somebody hears: those they act for, and those that answer for a division of theirs.
    package static func dutyUnits(of actor: Actor, _ tx: ReadTx) throws -> [UnitSummary] {
        let scope = actor.scope(for: .casesRead)
        let kinds: [UnitKind] = [.committee, .village, .streetCentre, .district]
        let inside: [UnitSummary] =
            scope.divisions.isEmpty
            ? []
            : try tx.all(
                """
                SELECT \(UnitSummary.columns) FROM unit u WHERE u.division IN \(SQL.list(scope.divisions))
                AND u.kind IN \(SQL.list(kinds)) AND u.closed_at IS NULL LIMIT 100
                """
            ) { try UnitSummary($0) }
            .sorted { $0.id < $1.id }
        let own = try scope.units.compactMap { try UnitsStore.find($0, tx) }
        return inside + own.filter { unit in !inside.contains { $0.id == unit.id } }
    }

    /// What somebody sees of the cases of one of these units: what it takes part in, and all of its division.
    package static func dutyScope(_ unit: UnitSummary, _ actor: Actor) -> Scope {
        let isOverDivision = [UnitKind.committee, .village, .streetCentre, .district].contains(unit.kind)
        let whole = isOverDivision && actor.may(.casesRead, in: unit.division)
        return Scope(
            divisions: whole ? [unit.division] : [], units: [unit.id], account: actor.account,
            interests: actor.scope.interests
        )
    }

    /// Alerts of open cases nobody of the units has seen yet and whose time has come, the loud ones first; nothing of cases against a
    /// unit of `hidden`.
    package static func alerts(
        of units: [ID<Unit>], apartFrom hidden: [ID<Unit>] = [], at now: Instant, limit: Int = 100, _ tx: ReadTx
    ) throws -> [CaseAlert] {
        guard !units.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT a.id, a.action, a.clock, a.at, a.meant_for, a.rings_at, a.is_loud, a.unit_id, \(CaseRow.columns),
                u.name, u.name_en, a.round
            FROM case_alert a JOIN case_item c ON c.id = a.case_id LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE \(unseen(units, hidden, now)) ORDER BY a.is_loud DESC, a.rings_at, a.id LIMIT \(limit)
            """
        ) { row in
            let action: String = try row[1]
            let clock: String = try row[2]
            let round: Int = try row[8 + CaseRow.width]
            let isMissed = clock.hasPrefix("whistle.") && round == CaseAlert.missedRound
            let item = try CaseRow(row, from: 8)
            return CaseAlert(
                id: try row[0], action: CaseType.Rung.Action(rawValue: action) ?? .remind, clock: clock,
                at: try row[3], meantFor: try row[4], ringsAt: try row[5], isLoud: try row[6], unit: try row[7],
                row: isMissed ? item.cut : item, isMissed: isMissed
            )
        }
    }

    private static func unseen(_ units: [ID<Unit>], _ hidden: [ID<Unit>], _ now: Instant) -> SQL {
        """
        a.unit_id IN \(SQL.list(units)) AND a.seen_at IS NULL AND a.rings_at <= \(now) AND c.is_open = 1
        \(SQL.apart(from: units + hidden, "c.against_unit"))
        """
    }

    /// Where counting alerts stops.
    package static let alertLimit = 100

    /// What somebody was told in person, how many cases have an alert for them, what waits for their decision, and the
    /// whistles that call them: of their units, as long as they are on duty there or nobody is on the roster. A clock
    /// addresses the roster and never somebody who is at home.
    package func alertCount(_ context: Context) async throws -> Int {
        try await database.read { tx in
            // Counted as they are listed: never of a case against a unit of theirs, or one they see no more.
            let told = try CaseQueries.notices(for: context.actor, limit: CaseQueries.alertLimit, tx).count
            let units = try CaseQueries.dutyUnits(of: context.actor, tx).map(\.id).filter { unit in
                let onDuty = try UnitsStore.accountsOnDuty(unit, at: context.now, tx)
                return onDuty.isEmpty || onDuty.contains { $0 == context.actor.account }
            }
            guard !units.isEmpty else { return told }
            let hidden = context.actor.scope.interests
            let rung =
                try tx.value(
                    """
                    SELECT count(*) FROM (SELECT DISTINCT a.case_id FROM case_alert a JOIN case_item c ON c.id = a.case_id
                    WHERE \(CaseQueries.unseen(units, hidden, context.now)) LIMIT \(CaseQueries.alertLimit)) AS part
                    """
                ) ?? 0
            return try told + rung + CaseQueries.asked(of: context.actor, tx)
                + WhistlesStore.expected(of: units, context.actor, limit: CaseQueries.alertLimit, tx)
                + DataRequestAlerts.unseen(of: units, at: context.now, limit: CaseQueries.alertLimit, tx).count
        }
    }

    /// How many pauses and the like wait for somebody of a street to decide; who looks from further above reads them on
    /// the page of alerts and is not rung for each.
    private static func asked(of actor: Actor, _ tx: ReadTx) throws -> Int {
        guard actor.scope(for: .casesSupervise).divisions.contains(where: { $0.level >= .street }) else { return 0 }
        return try CaseRequestsStore.waiting(for: actor, limit: alertLimit, tx).count
    }

    /// Open cases of a scope that came in between two moments and that nobody has taken, what is due first comes first.
    package func arrived(
        _ scope: Scope, from: Instant, until: Instant, _ calendar: WorkingCalendar, at now: Instant, limit: Int = 100
    ) async throws -> [NightCase] {
        let waiting = types.states(of: .received) + types.states(of: .dispatched)
        return try await database.read { tx in
            let wanted: SQL = """
                c.is_open = 1 AND c.state IN \(SQL.list(waiting)) AND c.created_at >= \(from)
                AND c.created_at < \(until) AND c.handler_id IS NULL\(CaseQueries.hide(scope))
                """
            var rows: [CaseRow] = []
            for code in try CaseQueries.spread(scope, at: now, tx).divisions {
                guard let column = CaseQueries.levelColumn(code.level) else { continue }
                rows += try CasesStore.rows(
                    "WHERE \(column) = \(code) AND \(wanted) ORDER BY c.due_at, c.id LIMIT \(limit)", tx
                )
            }
            for unit in scope.units {
                rows += try CasesStore.rows(
                    """
                    JOIN case_party p ON p.case_id = c.id WHERE p.unit_id = \(unit) AND p.until IS NULL
                    AND p.is_open = 1 AND \(wanted) ORDER BY p.due_at, p.case_id LIMIT \(limit)
                    """,
                    tx
                )
            }
            var known: Set<ID<Case>> = []
            let once = rows.filter { known.insert($0.id).inserted }.sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
            return try once.prefix(limit).map { row in
                NightCase(row: row, time: try CaseQueries.usedTime(of: row.id, calendar, at: now, tx))
            }
        }
    }

    /// The time a case has used of its limit, else of the clock of its state.
    package static func usedTime(
        of id: ID<Case>, _ calendar: WorkingCalendar, at now: Instant, _ tx: ReadTx
    ) throws -> UsedTime? {
        let clocks = try CaseClocksStore.all(id, tx).filter(\.isActive)
        let whole = clocks.first { $0.clock == "limit" }
        guard let clock = whole ?? clocks.first(where: { $0.clock == CaseClock.step }) else { return nil }
        let seconds = Int64(clock.budgetMinutes) * 60
        return UsedTime(used: max(0, seconds - clock.running.remaining(at: now, calendar) / 1000), whole: seconds)
    }
}

extension CaseCommands {
    /// Somebody of the unit took notice of an alert.
    ///
    /// - Throws: `.notFound` when it is not for a unit of theirs. Doing it twice changes nothing.
    package func see(_ id: ID<CaseAlert>, _ context: Context) async throws {
        try await database.write(context, "cases.seeAlert") { tx in
            let found = try tx.first("SELECT unit_id, case_id FROM case_alert WHERE id = \(id)") { row in
                (unit: try row[0] as ID<Unit>?, item: try row[1] as ID<Case>)
            }
            guard let found, let unit = found.unit, let item = try CasesStore.find(found.item, tx) else {
                throw LinliError.notFound("cases.alert")
            }
            let home = try UnitsStore.find(unit, tx)?.division
            let isTheirs =
                context.actor.may(.casesRead, for: [unit])
                || home.map({ context.actor.may(.casesRead, in: $0) }) == true
            guard isTheirs, !item.accusation.concerns(context.actor.scope) else {
                throw LinliError.notFound("cases.alert")
            }
            let changed = try tx.execute(
                """
                UPDATE case_alert SET seen_at = \(tx.now), seen_by = \(context.actor.account)
                WHERE id = \(id) AND seen_at IS NULL
                """
            )
            try tx.audit(item.subject, fields: ["alert"])
            // Colleagues' counts go down too.
            if changed > 0 { try tx.emit("case.noted", item.subject, facts: noted(item)) }
        }
    }
}
