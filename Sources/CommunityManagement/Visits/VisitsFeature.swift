import LinliCore
import LinliKernel
import LinliUI

extension Feature {
    /// Visits 走访: who has not been heard of, visits announced and moved or answered by the household with a code and
    /// without an account, done in one tap, the slip for who was not at home, and the work pass of who comes.
    ///
    /// For grid workers and communities. Pages: `/grid/visits`, `/grid/pass`, `/desk/visits`, `/desk/visits/ledger`; of
    /// households: `/visit`; of who is shown a pass: `/pass/:token`; for programs `/api/v1/visits` and
    /// `/api/v1/visit-…`, `/api/v1/exports/visits.…`.
    package static let visits = Feature(
        id: "visits",
        name: Text("走访", "Visits"),
        routes: VisitRoutes.all + VisitPlanRoutes.all + VisitLedgerRoutes.all + VisitDoorRoutes.all + VisitsAPI.all
            + VisitFilesAPI.all + VisitConsentsAPI.all,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"), Text("走访", "Visits"), icon: "door", path: "/desk/visits",
                permission: .visitsPlan)
        ],
        panels: [.visits],
        placePanels: [.visits],
        offline: [
            OfflinePart(
                "visits", permission: .peopleEdit, give: OfflineVisits.give, take: OfflineVisits.take,
                present: OfflinePresent.visits, form: OfflineVisits.form)
        ]
    )
}

extension PlacePanel {
    /// The last visits to the households of a place.
    static let visits = PlacePanel("visits", permission: .peopleRead) { around, request, services in
        let divisions = request.context.actor.scope(for: .peopleRead).divisions
        let visits = try await services.database.read { tx in
            try VisitQueries.visits(
                of: try RegisterQueries.households(at: around.inside, in: divisions, tx), limit: 5, tx)
        }
        guard !visits.isEmpty else { return nil }
        let now = request.context.now
        return """
            <section class="card" aria-labelledby="p-visits"><div class="hd">\
            <h2 id="p-visits">\(Text("这里的走访", "Visits here"))</h2></div>
            <ul class="lines">\(each: visits, { "<li>\(VisitWords.line($0, now))</li>" })</ul></section>
            """
    }
}

extension Panel {
    /// What was heard of a household and its visits, on its page and those of its dwelling and people.
    static let visits = Panel(
        "visits", on: [.household, .dwelling, .person], permission: .peopleRead,
        list: { subject, _, request, services in
            let visits = try await services.database.read { tx in
                try households(of: subject, tx).prefix(5).flatMap { try VisitQueries.visits(of: $0, limit: 5, tx) }
            }
            return visits.map { visit in
                Panel.Line(
                    "visit", "\(visit.id)", visit.way.name + Text(same: " · \(visit.reason)"),
                    visit.result?.name ?? visit.state.name, at: visit.startsAt)
            }
        }
    ) { subject, division, request, services in
        let now = request.context.now
        let rows = try await services.database.read { tx in
            try households(of: subject, tx).prefix(5).map { id in
                (
                    id: id, debt: try VisitDebts.find(id, tx), signals: try Households.signals(of: id, tx),
                    visits: try VisitQueries.visits(of: id, limit: 5, tx)
                )
            }
        }
        guard !rows.isEmpty else { return nil }
        let mayVisit = request.context.actor.may(.peopleEdit, in: division)
        return """
            <section class="card" aria-labelledby="p-visits"><div class="hd">\
            <h2 id="p-visits">\(Text("走访和联系", "Visits and contact"))</h2></div>
            \(each: rows, { row in
                """
                <div class="cell"><span class="bd"><span class="ttl">\(VisitWords.since(row.debt, now))</span>\
                <span class="sub">\(VisitWords.signals(row.signals, now))</span></span>\
                \(when: mayVisit, "<a class=\"btn weak sm\" href=\"/grid/visits/new?household=\(row.id)\">\(Text("约走访", "Visit"))</a>")</div>
                <ul class="lines">\(each: row.visits, { "<li>\(VisitWords.line($0, now))</li>" })</ul>
                """
            })
            </section>
            """
    }

    private static func households(of subject: RegisterSubject, _ tx: ReadTx) throws -> [ID<Household>] {
        switch subject.kind {
        case .household: [ID(rawValue: subject.id)]
        case .dwelling: try RegisterQueries.households(of: ID(rawValue: subject.id), tx).map(\.id)
        case .person: try RegisterQueries.homes(of: ID(rawValue: subject.id), tx).compactMap(\.household)
        default: []
        }
    }
}

/// Sentences about visits that several pages say.
enum VisitWords {
    /// `23 天没联系上`.
    static func since(_ debt: VisitDebt?, _ now: Instant) -> Text {
        guard let debt, let days = debt.days(at: now) else { return Text("还没联系过", "Never heard of") }
        switch days {
        case 0: return Text("今天有联系", "Heard of today")
        default: return Text("\(days) 天没联系上", "Not heard of for \(days) days")
        }
    }

    /// `上门见到人 11月3日 · 打通电话 …`.
    static func signals(_ signals: [(signal: ContactSignal, at: Instant)], _ now: Instant) -> Text {
        guard !signals.isEmpty else { return Text("没有任何联系记录", "No sign of any kind") }
        let parts = signals.prefix(3).map { one in
            Text(
                "\(one.signal.name.zh) \(one.at.relative(to: now).zh)",
                "\(one.signal.name.en) \(one.at.relative(to: now).en)")
        }
        return Text(parts.map(\.zh).joined(separator: " · "), parts.map(\.en).joined(separator: " · "))
    }

    /// A visit as a line that leads to its page.
    static func line(_ visit: Visit, _ now: Instant) -> HTML {
        """
        <a class="cell" href="/grid/visits/\(visit.id)"><span class="bd"><span class="ttl">\(visit.when(at: now)) · \
        \(visit.way.name)</span><span class="sub">\(visit.visitor) · \(visit.reason)</span></span>\(state(visit))</a>
        """
    }

    static func state(_ visit: Visit) -> HTML {
        switch visit.state {
        case .announced: tag(visit.isMovedByThem ? Text("住户改了时间", "Moved by them") : visit.state.name, .info)
        case .missed: tag(visit.way == .call ? Text("没打通", "No answer") : visit.state.name, .warn)
        case .done: tag(visit.result?.name ?? visit.state.name, visit.result == .changed ? .plain : .ok)
        case .withdrawn: tag(visit.result?.name ?? visit.state.name, .mute)
        }
    }

    /// Another time or the other way: what may be changed of a visit.
    static func another(_ way: VisitWay) -> Text {
        switch way {
        case .door: Text("换个时间，或者改成打电话", "Another time, or a call instead")
        case .call: Text("换个时间，或者改成上门", "Another time, or a visit at the door instead")
        }
    }

    /// The days and parts of a day one may choose.
    static func slot(_ form: Form, _ now: Instant, _ error: LinliError?) -> HTML {
        let days = (0..<14).map { now.date.adding(days: $0) }
        let names: [(value: String, text: Text)] = days.enumerated().map { index, day in
            let name =
                switch index {
                case 0: Text("今天", "Today")
                case 1: Text("明天", "Tomorrow")
                default: day.dayAndMonth
                }
            return (day.description, name)
        }
        let parts = VisitSlot.Part.allCases.map { (value: $0.rawValue, text: $0.name) }
        let problem = error?.text(for: "day")
        return """
            <div class="pair">
            \(field(Text("哪天", "Day"), for: "day", error: problem, select(
                "day", names, selected: form["day"] ?? days[1].description, attributes: described("day", error: problem))))
            \(field(Text("什么时候", "Time"), for: "part", select("part", parts, selected: form["part"] ?? "morning")))
            </div>
            """
    }

    static func slot(of form: Form) -> VisitSlot? {
        guard let day = form["day"].flatMap({ CivilDate($0) }),
            let part = form["part"].flatMap({ VisitSlot.Part(rawValue: $0) })
        else { return nil }
        return VisitSlot(day, part)
    }

    static func ways(_ selected: VisitWay) -> HTML {
        """
        <fieldset class="field"><legend>\(Text("怎么走访", "How"))</legend><div class="choices two">
        \(choice("way", value: "door", checked: selected == .door, VisitWay.door.name, icon: "door"))
        \(choice("way", value: "call", checked: selected == .call, VisitWay.call.name, icon: "phone"))
        </div></fieldset>
        """
    }
}
