import LinliCore
import LinliSQL

extension Subscriber {
    /// Tells a household by short message who comes, why and when, and by which code it may be moved; again when who comes
    /// moved it. Who has no phone in the register gets the printed note.
    static func visitMessages(_ messenger: any Messenger) -> Subscriber {
        Subscriber(
            "visits.messages", kinds: ["visit.announced", "visit.moved"],
            .outside { event, database in
                // What the household moved itself it knows.
                guard event.kind == "visit.announced" || event.facts["by"] == "staff" else { return }
                let id = ID<Visit>(rawValue: event.subject.id)
                let now = database.clock.now
                // What could not be sent for half a day is late for whoever plans their day.
                guard now < event.at.adding(hours: 12) else { return }
                let found = try await database.read { tx -> (Visit, Text, Cell, [UInt8])? in
                    guard let visit = try VisitQueries.find(id, tx), visit.state == .announced, visit.endsAt > now,
                        let phone = try phone(of: visit.household, tx)
                    else { return nil }
                    let unit = try visit.unit.flatMap { try UnitsStore.find($0, tx) }
                    return (visit, unit?.name ?? Text("社区", "The community"), phone.cell, phone.sealed)
                }
                guard let (visit, unit, cell, sealed) = found else { return }
                let phones = try await database.reveal(
                    .system("visits.messages", now: now), purpose: "走访前告知", visit.subject, [(cell, sealed)])
                let code = VisitCode.shown(VisitCode.make(id, database.keys))
                for phone in phones {
                    try await messenger.sendOnce(words(visit, unit, code, now), to: phone, about: event, database)
                }
            })
    }

    private static func words(_ visit: Visit, _ unit: Text, _ code: String, _ now: Instant) -> Text {
        let when = visit.when(at: now)
        let way = visit.way == .call ? Text("给您打电话", "will call you") : Text("上门走访", "will visit you")
        return Text(
            "\(unit.zh)\(visit.workerName)\(when.zh)\(way.zh)：\(visit.reason)。改时间或改成电话，在邻里首页“走访”里填 \(code)；来人先看工作证。",
            """
            \(visit.workerName) of \(unit.en) \(way.en) (\(when.en)): \(visit.reason). To move it, enter \(code) under \
            “Visits” on the home page; ask for the work pass first.
            """)
    }

    /// The sealed phone of the head, else of whoever lives there and has one; never of who wants it kept and not used.
    private static func phone(
        of household: ID<Household>, _ tx: ReadTx
    ) throws -> (cell: Cell, sealed: [UInt8])? {
        try tx.all(
            """
            SELECT p.id, p.phone_sealed, r.relation FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id = \(household) AND r.valid_to IS NULL AND p.valid_to IS NULL
            AND p.phone_sealed IS NOT NULL AND p.restricted_at IS NULL
            AND r.tie NOT IN ('registeredOnly', 'ownerElsewhere') ORDER BY r.id LIMIT 20
            """
        ) {
            (
                cell: Cell("person", "phone_sealed", try $0[0]), sealed: try $0[1] as [UInt8],
                relation: try $0[2] as String
            )
        }
        .max { $0.relation != "head" && $1.relation == "head" }
        .map { ($0.cell, $0.sealed) }
    }
}
