import LinliCore
import LinliSQL

/// Somebody of a unit who can be given its cases, with how many they have: for whoever gives one more, never as a rank.
package struct Colleague: Sendable {
    package let id: ID<Account>
    package let name: String
    /// Open cases in their hands.
    package let open: Int
    package let isOnDuty: Bool
    /// When they are back; nil for who is there.
    package let awayUntil: Instant?
}

/// Who has a case now.
package enum Assigned: Sendable, Equatable {
    /// The person who was named.
    case person
    /// Whoever is on duty.
    case roster
    /// Whoever is on duty, because the person who was named is away.
    case rosterInstead
}

extension CaseQueries {
    /// Who of a unit may handle its cases in `division`, by name; nobody who also works for one of `against`.
    /// What they have in hand is counted without cases against one of `hidden`, the units of who reads it.
    package static func colleagues(
        _ unit: UnitSummary, in division: DivisionCode, against: [ID<Unit>] = [], hidden: [ID<Unit>] = [],
        at now: Instant, _ tx: ReadTx
    ) throws -> [Colleague] {
        var found: [(id: ID<Account>, name: String)] = []
        // Nobody is 0: of an empty list the store says neither yes nor no.
        let barred = SQL.list(against.isEmpty ? [ID(rawValue: 0)] : against)
        let isCommunity = [UnitKind.committee, .village].contains(unit.kind)
        let places: [SQL] =
            ["g.unit_id = \(unit.id)"]
            + (isCommunity
                ? ["g.division IN \(SQL.list(Set([unit.division, division]).sorted()))"] : [])
        for place in places {
            try tx.each(
                """
                SELECT a.id, a.name, g.role FROM access_grant g JOIN account a ON a.id = g.account_id
                WHERE \(place) AND a.status = 'active' AND g.valid_from <= \(now)
                AND (g.valid_until IS NULL OR g.valid_until > \(now))
                AND (a.unit_id IS NULL OR a.unit_id NOT IN \(barred))
                AND NOT EXISTS (SELECT 1 FROM access_grant o WHERE o.account_id = a.id
                    AND o.unit_id IN \(barred)) ORDER BY a.id LIMIT 200
                """
            ) { row in
                let (id, role): (ID<Account>, String) = (try row[0], try row[2])
                guard Role.named(role)?.permissions.contains(.casesHandle) == true,
                    !found.contains(where: { $0.id == id })
                else { return }
                found.append((id, try row[1]))
            }
        }
        let ids = found.map(\.id)
        let loads = try loads(of: ids, apartFrom: hidden, tx)
        let onDuty = Set(try UnitsStore.accountsOnDuty(unit.id, at: now, tx))
        let away = try AbsenceStore.until(ids, at: now, tx)
        return found.sorted { $0.id < $1.id }.map { person in
            Colleague(
                id: person.id, name: person.name, open: loads[person.id] ?? 0, isOnDuty: onDuty.contains(person.id),
                awayUntil: away[person.id]
            )
        }
    }

    /// How many open cases some people have in their hands.
    fileprivate static func loads(
        of ids: [ID<Account>], apartFrom hidden: [ID<Unit>] = [], _ tx: ReadTx
    ) throws -> [ID<Account>: Int] {
        let visible = SQL.apart(from: hidden, "against_unit")
        var loads: [ID<Account>: Int] = [:]
        // One by one, each on the index: asked for all at once, PostgreSQL may read the cases of everybody.
        for id in ids {
            loads[id] = try tx.value(
                "SELECT count(*) FROM case_item WHERE is_open = 1 AND handler_id = \(id)\(visible)")
        }
        return loads
    }
}

/// Every SQL text about who is away.
package enum AbsenceStore {
    /// Until when those of some people are away who are away now.
    package static func until(_ ids: [ID<Account>], at now: Instant, _ tx: ReadTx) throws -> [ID<Account>: Instant] {
        guard !ids.isEmpty else { return [:] }
        var away: [ID<Account>: Instant] = [:]
        try tx.each(
            """
            SELECT account_id, max(until) FROM duty_absence
            WHERE account_id IN \(SQL.list(ids)) AND since <= \(now) AND until > \(now) GROUP BY account_id
            """
        ) { away[try $0[0]] = try $0[1] }
        return away
    }
}

extension CaseCommands {
    /// Gives a case to somebody of the unit that has it, or to whoever is on duty there (`nil`). Who is away gets none:
    /// it goes to the roster.
    ///
    /// - Throws: `.notFound` for who may not see it, `.forbidden` for who neither handles nor dispatches it, `.conflict`
    ///   when it changed or no unit has it, `.invalid` for somebody else's people, for who is away while the roster is
    ///   too, and, unless `isSure`, for who has as many cases as the setting allows.
    package func assign(
        _ account: ID<Account>?, of id: ID<Case>, isSure: Bool = false, version: Int? = nil, _ context: Context
    ) async throws -> Assigned {
        let cap = queries.settings.handlerCap
        return try await database.write(context, "cases.assign") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isHandler || standing.isDispatcher else { throw LinliError.forbidden("cases.assign") }
            guard item.isOpen, let unit = try item.handlerUnit.flatMap({ try UnitsStore.find($0, tx) }),
                version ?? item.version == item.version
            else { throw CaseCommands.changed }
            guard let account else {
                try hand(item, to: nil, tx)
                return .roster
            }
            let colleagues = try CaseQueries.colleagues(
                unit, in: item.division, against: item.accusation.units, at: tx.now, tx)
            guard let person = colleagues.first(where: { $0.id == account }) else { throw CaseCommands.notColleague }
            if let until = person.awayUntil {
                // With everybody of the roster away nobody would have it, and nobody would know.
                let onDuty = colleagues.filter(\.isOnDuty)
                guard onDuty.isEmpty || onDuty.contains(where: { $0.awayUntil == nil }) else {
                    throw CaseCommands.allAway(person, until)
                }
                try hand(item, to: nil, tx)
                return .rosterInstead
            }
            if cap > 0, person.open >= cap, !isSure, item.handler != account { throw CaseCommands.full(person, cap) }
            try hand(item, to: person, tx)
            if account != context.actor.account { try notify(account, .assigned, of: item, tx) }
            return .person
        }
    }

    private func hand(_ item: CaseRecord, to person: Colleague?, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_item SET handler_id = \(person?.id) WHERE id = \(item.id)")
        try mark(person == nil ? .assignRoster : .assign, item, text: person?.name ?? "", isVisible: false, tx)
        try tx.audit(item.subject, fields: ["handler"])
        try tx.emit("case.noted", item.subject, facts: noted(item))
    }

    private static let notColleague = LinliError.invalid(
        "cases.colleague",
        [.init("account", Text("请选承办单位的人", "Please choose somebody of the unit that has it"))]
    )

    /// Who takes a case in person has room for it, or is sure.
    ///
    /// - Throws: `.invalid` at the cap of the setting.
    func checkRoom(_ step: CaseStep, _ item: CaseRecord, _ tx: WriteTx) throws {
        let cap = queries.settings.handlerCap
        guard cap > 0, !step.isSure, let account = tx.context.actor.account, item.handler != account else { return }
        let open = try CaseQueries.loads(of: [account], tx)[account] ?? 0
        guard open >= cap else { return }
        throw LinliError.invalid(
            "cases.full",
            [
                .init(
                    "sure",
                    Text(
                        "您手上已有 \(open) 件（上限 \(cap) 件），确实要自己办就勾上“仍然由我办”",
                        "You have \(open) cases (the limit is \(cap)); to take one more, tick the box"
                    )
                )
            ]
        )
    }

    private static func allAway(_ person: Colleague, _ until: Instant) -> LinliError {
        let day = until.date.dayAndMonth
        return LinliError.invalid(
            "cases.away",
            [
                .init(
                    "account",
                    Text(
                        "\(person.name)不在（\(day.zh) 回来），今天值班的人也不在，没有交出去，请换一个人",
                        "\(person.name) is away (back on \(day.en)), and so is who is on duty: please choose somebody else"
                    )
                )
            ]
        )
    }

    private static func full(_ person: Colleague, _ cap: Int) -> LinliError {
        LinliError.invalid(
            "cases.full",
            [
                .init(
                    "account",
                    Text(
                        "\(person.name)手上已有 \(person.open) 件（上限 \(cap) 件），确实要派就勾上“仍然派给这个人”",
                        "\(person.name) has \(person.open) cases (the limit is \(cap)); to give one more, tick the box"
                    )
                )
            ]
        )
    }

    /// Says that somebody is away until a moment; what they have goes to the roster, each case in a write of its own.
    /// Returns how many cases went there.
    ///
    /// - Throws: `.invalid` for a moment that is over or more than 90 days on.
    package func goAway(until: Instant, _ context: Context) async throws -> Int {
        guard let account = context.actor.account else { throw LinliError.notFound("duty.away") }
        guard until > context.now, until < context.now.adding(days: 91) else {
            throw LinliError.invalid(
                "duty.away",
                [.init("until", Text("请选哪天回来，最多 90 天以后", "Please choose the day, at most 90 days on"))]
            )
        }
        try await database.write(context, "duty.away") { tx in
            try tx.execute(
                "UPDATE duty_absence SET until = \(tx.now) WHERE account_id = \(account) AND until > \(tx.now)"
            )
            try tx.execute(
                """
                INSERT INTO duty_absence (id, account_id, since, until)
                VALUES (\(try tx.newID(Colleague.self)), \(account), \(tx.now), \(until))
                """
            )
            try tx.audit(Subject("account", account), fields: ["absence"])
        }
        let mine: [ID<Case>] = try await database.read { tx in
            try tx.all("SELECT id FROM case_item WHERE is_open = 1 AND handler_id = \(account) LIMIT 500") { try $0[0] }
        }
        var handed = 0
        for id in mine {
            do {
                _ = try await assign(nil, of: id, context)
                handed += 1
            } catch let error as LinliError where [.conflict, .forbidden, .notFound].contains(error.kind) {
                // It went somewhere else in the same moment.
                continue
            }
        }
        return handed
    }

    /// Says that somebody is back.
    package func comeBack(_ context: Context) async throws {
        guard let account = context.actor.account else { throw LinliError.notFound("duty.away") }
        try await database.write(context, "duty.back") { tx in
            try tx.execute(
                "UPDATE duty_absence SET until = \(tx.now) WHERE account_id = \(account) AND until > \(tx.now)"
            )
            try tx.audit(Subject("account", account), fields: ["absence"])
        }
    }
}

extension Migration {
    /// The open cases in somebody's hands, for the cap and for handing over.
    static let caseHands = Migration(
        "2026-11-28.24-case-hands",
        "CREATE INDEX case_hands ON case_item (handler_id, id) WHERE is_open = 1 AND handler_id IS NOT NULL;")
}
