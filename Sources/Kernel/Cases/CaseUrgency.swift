import LinliCore
import LinliSQL

extension CaseCommands {
    /// Tells whoever is on duty at once that an urgent case has come: an alert that rings at any hour, and an event for
    /// the short message. What no unit has yet goes to the street's centre.
    func ring(
        _ unit: ID<Unit>?, for id: ID<Case>, _ division: DivisionCode, round: Int, _ against: ID<Unit>?, _ tx: WriteTx
    ) throws {
        let street = try UnitsStore.first([.streetCentre], of: division.ancestor(at: .street), tx)?.id
        let district = try UnitsStore.first([.district], of: division.ancestor(at: .district), tx)?.id
        guard let told = [unit, street, district].compactMap({ $0 }).first(where: { $0 != against }) else { return }
        try tx.execute(
            """
            INSERT INTO case_alert (id, case_id, clock, round, rung, action, at, meant_for, unit_id, division, rings_at,
                is_loud)
            VALUES (\(try tx.newID(CaseAlert.self)), \(id), 'urgent', \(round), 0, \(CaseType.Rung.Action.remind.rawValue),
                \(tx.now), \(tx.now), \(told), \(division), \(tx.now), 1)
            """
        )
        var facts = ["unit": String(told.rawValue)]
        facts["against"] = against.map { String($0.rawValue) }
        if let street, street != told, street != against { facts["street"] = String(street.rawValue) }
        try tx.emit("case.urgent", Subject("case", id, division: division), facts: facts)
    }
}

extension Subscriber {
    /// A short message to who is on duty of the unit that an urgent case came to, else of the street's centre. It says
    /// which case, and nothing about anybody.
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
                    for phone in phones { try await messenger.send(words(number), to: phone) }
                    if !phones.isEmpty { return }
                }
            }
        )
    }

    private static func words(_ number: String) -> Text {
        Text(
            "有一件紧急诉求 \(number) 派到了您值班的单位，请马上打开工单处理。",
            "The urgent case \(number) has come to the unit you are on duty for: please open it at once."
        )
    }

    /// Phones of who of a unit is on duty, in clear: read with its line in the audit, like every clear reading.
    private static func onDuty(
        _ unit: ID<Unit>, _ event: Event, _ database: Database
    ) async throws -> [String] {
        let now = database.clock.now
        let against = ID<Unit>(rawValue: event.facts["against"].flatMap { Int64($0) } ?? 0)
        let cells = try await database.read { tx in
            try UnitsStore.onDutyPhones(unit, at: now, apartFrom: against, tx)
        }
        guard !cells.isEmpty else { return [] }
        return try await database.reveal(
            .system("cases.urgent", now: now), purpose: "紧急诉求通知值班人员", event.subject, cells
        )
    }
}
