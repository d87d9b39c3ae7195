import LinliCore
import LinliSQL

extension CaseCommands {
    /// Tells whoever is on duty at once that a case has come that cannot wait, because it is urgent or of a kind with two
    /// hours: an alert that rings at any hour, and an event for the short message. What no unit has yet goes to the
    /// street's centre.
    func ring(
        _ unit: ID<Unit>?, for id: ID<Case>, _ division: DivisionCode, round: Int, _ against: Accusation, _ tx: WriteTx
    ) throws {
        let street = try UnitsStore.first([.streetCentre], of: division.ancestor(at: .street), tx)?.id
        let district = try UnitsStore.first([.district], of: division.ancestor(at: .district), tx)?.id
        guard let told = [unit, street, district].compactMap({ $0 }).first(where: { !against.names($0) }) else {
            return
        }
        try tx.execute(
            """
            INSERT INTO case_alert (id, case_id, clock, round, rung, action, at, meant_for, unit_id, division, rings_at,
                is_loud)
            VALUES (\(try tx.newID(CaseAlert.self)), \(id), 'urgent', \(round), 0, \(CaseType.Rung.Action.remind.rawValue),
                \(tx.now), \(tx.now), \(told), \(division), \(tx.now), 1)
            """
        )
        var facts = ["unit": String(told.rawValue)]
        facts.merge(against.facts) { $1 }
        if let street, street != told, !against.names(street) { facts["street"] = String(street.rawValue) }
        try tx.emit("case.urgent", Subject("case", id, division: division), facts: facts)
    }

    /// Makes a running case urgent, or ordinary again, with the reason: its clocks count anew, and what becomes urgent
    /// rings. Of a voice it is said of the case it speaks in. Said again it changes nothing.
    ///
    /// - Throws: `.notFound` for who may not see it, `.forbidden` for who does not dispatch it, `.conflict` when its work is
    ///   done, `.invalid` without a reason.
    package func setUrgent(_ isUrgent: Bool, reason: String, of id: ID<Case>, _ context: Context) async throws {
        let reason = try CaseCommands.reason(reason, "cases.urgentReason", isNeeded: true)
        try await database.write(context, "cases.setUrgent") { tx in
            let (item, told) = try leading(id, tx)
            for seen in Set([item.id, told.id]) {
                let standing = try locked(seen, context, tx).standing
                guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
                guard standing.isDispatcher else { throw LinliError.forbidden("cases.setUrgent") }
            }
            if item.isUrgent == isUrgent { return try tx.audit(item.subject, fields: ["urgent"]) }
            guard try turn(item, isUrgent: isUrgent, reason: reason, tx) else { throw CaseCommands.changed }
        }
    }

    /// Does what `setUrgent` says, for the case and the open parts of it; false when nothing is to be done about it any
    /// more.
    func turn(_ item: CaseRecord, isUrgent: Bool, reason: String, _ tx: WriteTx) throws -> Bool {
        guard item.isOpen, item.isUrgent != isUrgent else { return false }
        let type = try queries.types.type(item.type, version: item.typeVersion)
        let state = try type.state(item.state)
        // What is done waits for an answer: that is not the reporter's danger.
        guard state.owner != .reporter else { return false }
        var clocks = try clockwork(item, type, tx)
        if item.isPaused {
            // Danger does not stand still, and a pause was granted for the time there was.
            clocks.resume(in: state, from: try CaseRequestsStore.endPauses(of: item.id, tx))
        }
        clocks.correct(in: state) { $0.isUrgent = isUrgent }
        try save(clocks, of: item.id, tx)
        try tx.execute(
            "UPDATE case_item SET is_urgent = \(isUrgent), is_paused = 0 WHERE id = \(item.id)"
        )
        try keepEvidence(item, type, clocks, .clocks, tx)
        try setDue(clocks.due ?? item.dueAt, of: item.id, tx)
        try tx.audit(item.subject, fields: ["urgent"], values: [isUrgent ? "yes" : "no", reason])
        try mark(isUrgent ? .urgent : .notUrgent, item, text: reason, isVisible: false, tx)
        try tx.emit("case.noted", item.subject, facts: noted(item))
        if isUrgent {
            try ring(item.handlerUnit, for: item.id, item.division, round: item.version, item.accusation, tx)
        }
        let parts: [ID<Case>] = try tx.all(
            "SELECT id FROM case_item WHERE parent_id = \(item.id) AND is_open = 1 ORDER BY id"
        ) { try $0[0] }
        for part in parts { _ = try turn(try CasesStore.lock(part, tx), isUrgent: isUrgent, reason: reason, tx) }
        return true
    }
}

extension Subscriber {
    /// A short message to who is on duty of the unit that hears of a case that cannot wait, because it came or its time
    /// runs out; when it came and nobody is there, of the street's centre. It says which case, and nothing about anybody.
    static func urgentMessages(_ messenger: any Messenger) -> Subscriber {
        Subscriber(
            "cases.urgent",
            kinds: ["case.urgent"],
            .outside { event, database in
                // After an hour somebody has seen it, or a message does not help any more.
                guard database.clock.now < event.at.adding(hours: 1) else { return }
                let number: String? = try await database.read { tx in
                    try tx.value("SELECT number FROM case_item WHERE id = \(event.subject.id) AND is_open = 1")
                }
                guard let number else { return }
                for name in ["unit", "street"] {
                    guard let unit = event.facts[name].flatMap({ Int64($0) }) else { continue }
                    let phones = try await onDuty(ID(rawValue: unit), event, database)
                    let text = words(number, event.facts["action"].flatMap { CaseType.Rung.Action(rawValue: $0) })
                    for phone in Set(phones).sorted() {
                        try await messenger.sendOnce(text, to: phone, about: event, database)
                    }
                    if !phones.isEmpty { return }
                }
            }
        )
    }

    /// What it says when a case came, and when a rung of its ladder was climbed.
    private static func words(_ number: String, _ action: CaseType.Rung.Action?) -> Text {
        switch action {
        case nil:
            Text(
                "有一件紧急诉求 \(number) 派到了您值班的单位，请马上打开工单处理。",
                "The urgent case \(number) has come to the unit you are on duty for: please open it at once."
            )
        case .remind:
            Text(
                "紧急诉求 \(number) 的时限快到了，请马上打开工单处理。",
                "The time of the urgent case \(number) is running out: please open it at once."
            )
        case .supervise:
            Text(
                "紧急诉求 \(number) 已超过时限，请马上督办。",
                "The urgent case \(number) is overdue: please take it under supervision at once."
            )
        case .raise:
            Text(
                "紧急诉求 \(number) 超过时限仍未办结，已上报，请马上处理。",
                "The urgent case \(number) is overdue and was raised to you: please see to it at once."
            )
        }
    }

    /// Phones of who of a unit is on duty, in clear: read with its line in the audit, like every clear reading.
    private static func onDuty(
        _ unit: ID<Unit>, _ event: Event, _ database: Database
    ) async throws -> [String] {
        let now = database.clock.now
        let cells = try await database.read { tx in
            try UnitsStore.onDutyPhones(unit, at: now, apartFrom: Accusation.units(in: event.facts), tx)
        }
        guard !cells.isEmpty else { return [] }
        return try await database.reveal(
            .system("cases.urgent", now: now), purpose: "紧急诉求通知值班人员", event.subject, cells
        )
    }
}
