import LinliCore
import LinliSQL
import LinliStandards

extension Subscriber {
    /// Short messages of whistles: to who is on duty of each unit that was called, and to the secretary whose yes a draft
    /// waits for or who must know of an emergency. Only what cannot wait is sent outside duty hours; the rest lies in
    /// the list. They say which case and by when, and nothing about anybody.
    static func whistleMessages(_ messenger: any Messenger, _ days: WorkingDays) -> Subscriber {
        Subscriber(
            "whistles.messages",
            kinds: ["whistle.called", "whistle.drafted"],
            .outside { event, database in
                let now = database.clock.now
                guard now < event.at.adding(hours: 1) else { return }
                let isLoud = event.facts["loud"] != nil
                guard isLoud || days.current.nextWorkingTime(now) == now else { return }
                let id = ID<Whistle>(rawValue: event.subject.id)
                guard let whistle = try await database.read({ try WhistlesStore.find(id, $0) }), whistle.state.isOpen
                else { return }
                let isCall = event.kind == "whistle.called"
                let cells = try await database.read { tx in
                    isCall ? try onDuty(event, now, tx) : try secretaries(whistle, event, now, tx)
                }
                guard !cells.isEmpty else { return }
                let phones = try await database.reveal(
                    .system("whistles.messages", now: now), purpose: isCall ? "吹哨通知值班人员" : "吹哨通知书记",
                    event.subject, cells
                )
                let words = isCall ? call(whistle, at: now) : toConfirm(whistle)
                for phone in Set(phones).sorted() {
                    try await messenger.sendOnce(words, to: phone, about: event, database)
                }
            }
        )
    }

    private static func call(_ whistle: WhistleRecord, at now: Instant) -> Text {
        let due = whistle.dueAt?.dayAndTime(at: now) ?? Text(same: "")
        return Text(
            "\(whistle.unitName.zh)吹哨（\(whistle.kind.name.zh)），工单 \(whistle.number)，请您值班的单位在 \(due.zh) 前到场报到，地点和事由请看“吹哨”。",
            "\(whistle.unitName.en) whistles for case \(whistle.number): your unit is to come by \(due.en). Please open “Whistles”."
        )
    }

    private static func toConfirm(_ whistle: WhistleRecord) -> Text {
        whistle.state == .draft
            ? Text("工单 \(whistle.number) 有一个吹哨等您确认。", "A whistle for case \(whistle.number) waits for your yes.")
            : Text(
                "工单 \(whistle.number) 已吹应急哨，没有等您确认，请知悉。",
                "An emergency whistle for case \(whistle.number) went out without waiting for you."
            )
    }

    private static func onDuty(_ event: Event, _ now: Instant, _ tx: ReadTx) throws -> [(cell: Cell, sealed: [UInt8])] {
        let units = (event.facts["units"] ?? "").split(separator: ",").compactMap { Int64($0) }
        return try units.flatMap {
            try UnitsStore.onDutyPhones(ID(rawValue: $0), at: now, apartFrom: Accusation.units(in: event.facts), tx)
        }
    }

    private static func secretaries(
        _ whistle: WhistleRecord, _ event: Event, _ now: Instant, _ tx: ReadTx
    ) throws -> [(cell: Cell, sealed: [UInt8])] {
        let roles = Role.all.filter { $0.permissions.contains(.whistlesConfirm) }.map(\.id)
        let home = whistle.division.ancestor(at: whistle.storey.ownLevel)
        let accused = Accusation.units(in: event.facts)
        // Nobody is 0: of an empty list the store says neither yes nor no.
        let barred = SQL.list(accused.isEmpty ? [ID(rawValue: 0)] : accused)
        return try tx.all(
            """
            SELECT a.id, a.phone_sealed FROM access_grant g JOIN account a ON a.id = g.account_id
            WHERE g.division = \(home) AND g.role IN \(SQL.list(roles)) AND a.status = 'active'
            AND g.valid_from <= \(now) AND (g.valid_until IS NULL OR g.valid_until > \(now))
            AND (a.unit_id IS NULL OR a.unit_id NOT IN \(barred))
            ORDER BY a.id LIMIT 5
            """
        ) { (Cell("account", "phone_sealed", try $0[0]), try $0[1]) }
    }
}
