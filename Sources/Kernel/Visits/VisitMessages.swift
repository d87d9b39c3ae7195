import LinliCore
import LinliSQL

extension Subscriber {
    /// Tells a household by short message who comes, why and when, and by which code it may be moved; again when who comes
    /// moved it, or when somebody else comes. Who has no phone in the register gets the printed note.
    static func visitMessages(_ messenger: any Messenger) -> Subscriber {
        Subscriber(
            "visits.messages", kinds: ["visit.announced", "visit.moved", "visit.handed"],
            .outside { event, database in
                // What the household moved itself it knows.
                guard event.kind != "visit.moved" || event.facts["by"] == "staff" else { return }
                let isHanded = event.kind == "visit.handed"
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
                try awaitDaytime(visit, now)
                let phones = try await database.reveal(
                    .system("visits.messages", now: now), purpose: "走访前告知", visit.subject, [(cell, sealed)])
                let code = VisitCode.shown(VisitCode.make(id, database.keys))
                let text = words(visit, unit, code, isHanded: isHanded, now)
                for phone in phones { try await messenger.sendOnce(text, to: phone, about: event, database) }
            })
    }

    /// Tells who comes, by short message, what became of a visit without them: the household moved it, made it a call, says
    /// that all is well or moved away, or a colleague moved it. It says when and how; where, and what they said, stands in
    /// the list.
    static func visitorMessages(_ messenger: any Messenger) -> Subscriber {
        Subscriber(
            "visits.visitor", kinds: ["visit.moved", "visit.ended", "visit.reopened"],
            .outside { event, database in
                guard event.facts["tell"] == "worker" else { return }
                let now = database.clock.now
                guard now < event.at.adding(hours: 12) else { return }
                let id = ID<Visit>(rawValue: event.subject.id)
                let found = try await database.read { tx -> (Visit, Cell, [UInt8])? in
                    guard let visit = try VisitQueries.find(id, tx), let worker = visit.worker else { return nil }
                    let sealed: [UInt8]? = try tx.value(
                        "SELECT phone_sealed FROM account WHERE id = \(worker) AND status = 'active'")
                    return sealed.map { (visit, Cell("account", "phone_sealed", worker.rawValue), $0) }
                }
                guard let (visit, cell, sealed) = found, let text = news(visit, event, now) else { return }
                try awaitDaytime(visit, now)
                let phones = try await database.reveal(
                    .system("visits.visitor", now: now), purpose: "走访改约告知走访人", visit.subject, [(cell, sealed)])
                for phone in phones { try await messenger.sendOnce(text, to: phone, about: event, database) }
            })
    }

    /// Nobody is woken about a visit: at night its message waits for the morning, as those about cases do. A visit that
    /// begins before the morning is told at once, or nobody would be there.
    ///
    /// - Throws: `PutOff` for what waits.
    private static func awaitDaytime(_ visit: Visit, _ now: Instant) throws {
        let morning = MessageHours.daytime(now)
        guard morning > now, visit.startsAt < now || visit.startsAt >= morning else { return }
        throw PutOff(until: morning)
    }

    private static func news(_ visit: Visit, _ event: Event, _ now: Instant) -> Text? {
        if visit.state == .done, visit.result == .well {
            return Text(
                "您约的一户走访，住户回复平安，这次不用去了。哪一户请看“走访”。",
                "A household you were to visit says all is well: nobody needs to come. Which one: see “Visits”.")
        }
        if visit.state == .withdrawn, visit.result == .gone {
            return Text(
                "您约的一户走访，这一户搬走或注销了，不用去了。哪一户请看“走访”。",
                "A household you were to visit moved away or ended: nobody needs to come. Which one: see “Visits”.")
        }
        guard event.kind != "visit.ended", visit.state == .announced, visit.endsAt > now else { return nil }
        if event.kind == "visit.reopened" {
            let when = visit.when(at: now)
            return Text(
                "取消了的一户走访又恢复了：\(when.zh)。哪一户请看“走访”。",
                "A visit of yours that was taken back holds again: \(when.en). Which one: see “Visits”.")
        }
        let when = visit.when(at: now)
        let way = visit.way == .call ? Text("打电话", "by phone") : Text("上门", "at the door")
        let who = event.facts["by"] == "staff" ? Text("同事", "A colleague") : Text("住户", "The household")
        return Text(
            "您约的一户走访，\(who.zh)改到\(when.zh)，\(way.zh)。哪一户、怎么说的，请看“走访”。",
            "\(who.en) moved a visit of yours: \(when.en), \(way.en). Which one and why: see “Visits”.")
    }

    private static func words(
        _ visit: Visit, _ unit: Text, _ code: String, isHanded: Bool, _ now: Instant
    ) -> Text {
        let when = visit.when(at: now)
        let news = isHanded ? Text("原来约的走访换人了：", "Somebody else comes: ") : Text(same: "")
        let way = visit.way == .call ? Text("给您打电话", "will call you") : Text("上门走访", "will visit you")
        return Text(
            "\(news.zh)\(unit.zh)\(visit.visitor.zh)\(when.zh)\(way.zh)：\(visit.reason)。改时间或改成电话，在邻里首页“走访”里填 \(code)；来人先看工作证。",
            """
            \(news.en)\(visit.visitor.en) of \(unit.en) \(way.en) (\(when.en)): \(visit.reason). To move it, enter \(code) under \
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
