import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// Climbs every rung of a case's ladders that is due, each recorded once: the row of an alert is unique by clock,
    /// round and rung, and written in the transaction that moves the clock on.
    ///
    /// After the server stood still the rungs it missed are climbed one after the other. Returns how many were climbed.
    func escalate(_ id: ID<Case>, _ context: Context) async throws -> Int {
        try await database.write(context, "cases.escalate") { tx in
            let item = try CasesStore.lock(id, tx)
            let type = try queries.types.type(item.type, version: item.typeVersion)
            var clocks = try storedClocks(item, type, tx)
            let climbed = try climb(&clocks, item, type, tx)
            try tx.audit(item.subject, fields: ["escalate"])
            if climbed > 0 { try tx.emit("case.noted", item.subject, facts: noted(item)) }
            return climbed
        }
    }

    /// Climbs what is due, at most 20 rungs: a ladder that repeats could have many behind it, and the rest is climbed by
    /// the next who comes. Writes clocks and supervision; returns how many were climbed.
    func climb(_ clocks: inout CaseClockwork, _ item: CaseRecord, _ type: CaseType, _ tx: WriteTx) throws -> Int {
        guard item.isOpen, clocks.dueRung() != nil else { return 0 }
        let state = try type.state(item.state)
        var climbed = 0
        var supervision = item.supervision
        var heard: [ID<Unit>: CaseType.Rung.Action] = [:]
        while climbed < 20, let clock = clocks.dueRung() {
            guard let (step, _) = CaseClock.place(of: clock.rung, in: clocks.ladder(of: clock.clock, in: state))
            else { break }
            let action = clocks.action(of: step, clock.clock)
            let told = try alert(action, clock, item, state, tx)
            try supervise(action, clock.clock, item, by: told, tx)
            clocks.climb(clock.clock, in: state)
            supervision = max(supervision, action.supervision)
            if let told, (heard[told]?.supervision ?? 0) < action.supervision { heard[told] = action }
            climbed += 1
        }
        if isLoud(item) { try call(heard, item, tx) }
        try save(clocks, of: item.id, tx)
        if supervision != item.supervision {
            try tx.execute("UPDATE case_item SET supervision = \(supervision) WHERE id = \(item.id)")
        }
        return climbed
    }

    /// Whether it rings at night: only what cannot wait does, the rest lies in the morning's list with the time it has
    /// used. What was only guessed to be such does not.
    func isLoud(_ item: CaseRecord) -> Bool {
        item.isUrgent || catalogue.limit(of: item.category, item.doubt) == .hours2
    }

    /// A short message for each unit that hears of what cannot wait, however many rungs were climbed at once.
    private func call(_ heard: [ID<Unit>: CaseType.Rung.Action], _ item: CaseRecord, _ tx: WriteTx) throws {
        for (unit, action) in heard.sorted(by: { $0.key < $1.key }) {
            var facts = ["unit": String(unit.rawValue), "action": action.rawValue]
            facts.merge(item.accusation.facts) { $1 }
            try tx.emit("case.urgent", item.subject, facts: facts)
        }
    }

    /// Writes the alert of a rung; returns the unit that hears of it.
    private func alert(
        _ action: CaseType.Rung.Action, _ clock: CaseClock, _ item: CaseRecord, _ state: CaseType.State, _ tx: WriteTx
    ) throws -> ID<Unit>? {
        let unit = try addressee(action, item, state.owner, tx)
        let isLoud = isLoud(item)
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
        return unit
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
                let found = try await run.database.read { try CaseClocksStore.due(at: now, limit: 200, $0) }
                // Several clocks of one case are climbed at once.
                var known: Set<ID<Case>> = []
                let due = found.filter { known.insert($0).inserted }
                try await JobRound("cases.escalate", run).walk(due) { id in
                    _ = try await commands.escalate(id, .system("cases.escalate", now: commands.database.clock.now))
                }
                if due.count < 100 { return }
            }
        }
    }
}
