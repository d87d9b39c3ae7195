import LinliCore
import LinliKernel
import LinliStandards

/// What clocks told the units of somebody, and what came in while nobody was at work.
struct DutyAlerts: Sendable {
    let onDuty: [(unit: UnitSummary, name: String?)]
    let alerts: [CaseAlert]
    /// Of requests about people's own data.
    let requests: [DataRequestAlert]
    let times: [ID<Case>: UsedTime]
    /// What colleagues sent to them in person.
    let notices: [CaseNotice]
    /// Pauses, more time and exclusions that wait for their decision, the oldest first.
    let asked: [(request: CaseRequest, row: CaseRow)]
    /// Whistles that call a unit of theirs, of which nobody has come yet.
    let called: [WhistleRow]
    let night: [NightCase]
    /// When nobody was at work.
    let rest: (from: Instant, until: Instant)

    /// How many whistles are listed; the others stand on their own page.
    private static let mostWhistles = 20

    init(_ context: Context, _ services: Services) async throws {
        let now = context.now
        let calendar = services.days.current
        (onDuty, alerts, requests, times, notices, asked) = try await services.database.read { tx in
            let units = try CaseQueries.dutyUnits(of: context.actor, tx)
            let alerts = try CaseQueries.alerts(
                of: units.map(\.id), apartFrom: context.actor.scope.interests, at: now, tx
            )
            var times: [ID<Case>: UsedTime] = [:]
            for id in Set(alerts.map(\.row.id)) {
                times[id] = try CaseQueries.usedTime(of: id, calendar, at: now, tx)
            }
            let onDuty = try units.map { unit in (unit: unit, name: try UnitsStore.onDuty(unit.id, at: now, tx)) }
            let requests = try DataRequestAlerts.unseen(of: units.map(\.id), at: now, tx)
            return (
                onDuty, alerts, requests, times, try CaseQueries.notices(for: context.actor, tx),
                try CaseRequestsStore.waiting(for: context.actor, limit: CaseQueries.alertLimit, tx)
            )
        }
        called = try await services.queries.whistles(.toAnswer, limit: DutyAlerts.mostWhistles, context)
        rest = calendar.lastRest(before: now)
        night = try await services.queries.arrived(
            context.actor.scope(for: .casesRead), from: rest.from, until: rest.until, calendar, at: now
        )
    }

    /// Marks alerts as seen, each in a write of its own; what went to another unit meanwhile, or never was theirs, is
    /// passed over.
    static func see(_ ids: [ID<CaseAlert>], _ context: Context, _ services: Services) async throws {
        var context = context
        for id in ids.prefix(2 * CaseQueries.alertLimit) {
            do {
                try await services.commands.see(id, context)
                // The first write says that this request was done.
                context = context.unmarked
            } catch let error as LinliError where error.kind == .notFound {
                continue
            }
        }
    }
}

extension DutyAlerts {
    /// Marks what somebody was told in person as seen; what somebody else was told is passed over.
    static func see(_ ids: [ID<CaseNotice>], _ context: Context, _ services: Services) async throws {
        for id in ids.prefix(CaseQueries.alertLimit) {
            do {
                try await services.commands.see(id, context.unmarked)
            } catch let error as LinliError where error.kind == .notFound {
                continue
            }
        }
    }

    /// Marks what was told of requests about people's own data as seen; what is another unit's is passed over.
    static func see(_ ids: [ID<DataRequestAlert>], _ context: Context, _ services: Services) async throws {
        for id in ids.prefix(CaseQueries.alertLimit) {
            do {
                // Seen twice is seen once: no mark of a repeated request is needed.
                try await DataRequestAlerts.see(id, context.unmarked, services.database)
            } catch let error as LinliError where error.kind == .notFound {
                continue
            }
        }
    }
}

/// How a unit stands when one shift hands over to the next.
struct HandoverState: Sendable {
    let shifts: HandoverStore.Shifts
    /// Until when the next shift runs, a day at most.
    let until: Instant
    let open: Int
    let late: Int
    let alerts: Int
    /// What is late or falls due until then.
    let due: [CaseRow]
    let lines: [Handover]
    /// Who of the unit can be given its cases.
    let people: [Colleague]

    /// How many cases are listed.
    static let limit = 40
}

/// Handing over between shifts: what stands where, a note for who comes, taking over.
struct HandoverDesk: Sendable {
    /// The units somebody hands over for.
    let units: [UnitSummary]
    /// The one looked at; nil for who has none.
    let unit: UnitSummary?
    /// How it stands.
    let state: HandoverState?

    /// - Throws: `.notFound` for a unit that is not theirs.
    init(_ wanted: ID<Unit>?, _ context: Context, _ services: Services) async throws {
        units = try await services.database.read { try CaseQueries.dutyUnits(of: context.actor, $0) }
        unit = wanted.map { [units] id in units.first { $0.id == id } } ?? units.first
        // A unit that is not theirs does not exist for them; without any there is nothing to hand over.
        if wanted != nil, unit == nil { throw LinliError.notFound("desk.handover") }
        state = try await HandoverDesk.state(of: unit, context, services)
    }

    /// What is open, late and due until the next shift is over.
    private static func state(
        of unit: UnitSummary?, _ context: Context, _ services: Services
    ) async throws -> HandoverState? {
        guard let unit else { return nil }
        let now = context.now
        let scope = CaseQueries.dutyScope(unit, context.actor)
        let rows = try await services.queries.list(CaseFilter(limit: HandoverState.limit), scope, at: now)
        return try await services.database.read { tx in
            let shifts = try HandoverStore.shifts(of: unit.id, at: now, tx)
            let end = shifts.next?.end ?? shifts.now?.end ?? now.adding(hours: 12)
            let until = min(end, now.adding(hours: 24))
            let counts = try DeskStore.counts(scope, at: now, tx)
            let closed = Set(services.queries.types.states(of: .closed))
            let open = counts.states.filter { !closed.contains($0.key) }.values.reduce(0, +)
            return HandoverState(
                shifts: shifts, until: until, open: open, late: counts.late,
                alerts: try CaseQueries.alerts(
                    of: [unit.id], apartFrom: context.actor.scope.interests, at: now, tx
                ).count,
                due: rows.filter { $0.dueAt < until }, lines: try HandoverStore.lines(of: unit.id, tx),
                people: try CaseQueries.colleagues(
                    unit, in: unit.division, hidden: context.actor.scope.interests, at: now, tx)
            )
        }
    }

    /// Leaves a note for who comes.
    ///
    /// - Throws: `.notFound` without a unit, `.invalid` for no words or too many.
    func note(_ text: String, _ context: Context, _ services: Services) async throws {
        try await HandoverDesk.note(text, for: unit, context, services) { _ in }
    }

    /// Leaves a note for who comes to a unit; `also` is written with it.
    ///
    /// - Throws: `.notFound` without a unit, `.invalid` for no words or too many.
    static func note(
        _ text: String, for unit: UnitSummary?, _ context: Context, _ services: Services,
        also: @escaping @Sendable (WriteTx) throws -> Void
    ) async throws {
        guard let unit else { throw LinliError.notFound("desk.handover") }
        guard !text.trimmed.isEmpty, text.count <= Handover.noteLimit else {
            let wish = Text(
                "请写要交代的事，最多 \(Handover.noteLimit) 个字",
                "Please say what they must know, at most \(Handover.noteLimit) characters"
            )
            throw LinliError.invalid("desk.handover", [.init("text", wish)])
        }
        try await services.database.write(context, "desk.handoverNote") { tx in
            try HandoverStore.insert(unit, isTaken: false, text: text.trimmed, open: 0, late: 0, due: 0, tx)
            try also(tx)
        }
    }

    /// Takes over: keeps who, when and how it stood.
    func take(_ context: Context, _ services: Services) async throws {
        guard let unit, let state else { throw LinliError.notFound("desk.handover") }
        try await services.database.write(context, "desk.takeOver") { tx in
            try HandoverStore.insert(
                unit, isTaken: true, text: "", open: state.open, late: state.late, due: state.due.count, tx
            )
        }
    }
}
