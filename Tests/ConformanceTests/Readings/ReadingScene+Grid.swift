import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What services, forms from above and phones keep of people.
extension ReadingScene {
    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    /// A label by hand with its reason, a service with what was said and what was brought.
    mutating func enterCare() async throws {
        let head = try await house.context(DemoStaff.head)
        let base = "/desk/care/people/\(home.person)"
        try await LabelCommands.give(
            "pregnant", to: home.person, reason: "手工标的暗号甲", head, house.services.database)
        mark("person_label", "reason_sealed", "手工标的暗号甲")
        // Labels are not worked out yet: whoever is told now is told for a reason.
        let told = try await house.send(
            base + "/offer", form(("service", "meals"), ("how", "visit"), ("exception", "特殊情况的暗号己")), head)
        try #require(told == base + "?done=offer")
        let id: Int64 = try #require(
            try await house.value("SELECT max(id) FROM care_offer WHERE person_id = \(home.person)"))
        let offer = "/desk/care/offers/\(ID<Person>(rawValue: id))"
        try #require(
            try await house.send(
                offer + "/answer",
                form(
                    ("answer", "yes"), ("reason", "说的暗号乙"), ("consent", "oral"),
                    ("text", ConsentPurpose.providers.version)), head) == base + "?done=answer")
        try #require(
            try await house.send(offer + "/deliver", form(("signer", Self.name), ("note", "送达的暗号丙")), head)
                == base + "?done=deliver")
        let about = Self.about("careOffer", ID<Person>(rawValue: id))
        mark("care_offer", "reason_sealed", "说的暗号乙", about: about)
        mark("care_delivery", "note_sealed", "送达的暗号丙", about: about)
        marks.append(
            ReadingMark(
                name: "care_offer.exception_sealed", forms: ["特殊情况的暗号己"],
                fields: ["exception_sealed", "careOffer.exception"],
                subjects: [about, Self.about("person", home.person)]))
        let task = "/desk/deliveries/\(ID<Person>(rawValue: id))"
        let cook = try await house.context(DemoStaff.mealManager)
        try #require(try await house.send(task + "/take", form(), cook) == "/desk/deliveries?done=take")
        places["/desk/deliveries/:offer"] = [task]
        places["/api/v1/deliveries/:offer"] = ["/api/v1" + task.dropFirst("/desk".count)]
        places["/desk/care/offers/:offer"] = [offer]
        places["/api/v1/care/offers/:offer"] = ["/api/v1/care/offers/\(ID<Person>(rawValue: id))"]
        for path in ["/desk/care/services/:service", "/api/v1/care/services/:service", "/api/v1/me/services/:service"] {
            places[path] = ["look", "meals"].map { path.replacing(":service", with: $0) }
        }
    }

    /// A form from above that asks for every closely kept field, and a cell that somebody typed.
    mutating func enterForm() async throws {
        let head = try await house.context(DemoStaff.head)
        let asked = Self.fields.filter { $0.kind == .person && $0.fieldClass == .sensitive }
        let names = ["姓名", "鞋码"] + asked.map(\.name.zh)
        let made = try await house.send(
            "/desk/forms",
            form(
                ("title", "样例表"), ("issuer", "区民政局"), ("basis", "试验"), ("rhythm", "month"), ("due", "2026-11-30"),
                ("label", ""), ("division", Self.community), ("table", names.joined(separator: "\t"))), head)
        let path = try #require(made?.split(separator: "?").first.map(String.init))
        let round = try #require(try await house.send(path + "/rounds", form(("period", "11月")), head))
        let cells = form(("headings", try await headings(round, head)), ("c-\(home.person)-1", "答的暗号丁"))
        let typed = try await house.send(round + "/answers", cells, head)
        try #require(typed == round + "?done=answers")
        marks.append(
            ReadingMark(
                name: "demanded_answer.value_sealed", forms: ["答的暗号丁"], fields: ["answer"],
                subjects: [Self.about("person", home.person)]))
        let ofHomes = try await enterHomeForm(head)
        places["/desk/forms/:id"] = [path]
        places["/desk/forms/rounds/:round"] = [round, ofHomes]
        places[":handedIn"] = [try await enterHandedIn(head)]
        places["/api/v1/forms/:id"] = ["/api/v1" + path.dropFirst("/desk".count)]
        let last = round.split(separator: "/").last.map(String.init) ?? ""
        places["/api/v1/form-rounds/:round"] = ["/api/v1/form-rounds/" + last]
    }

    /// Which columns the page of a round says it has.
    private func headings(_ round: String, _ head: Context) async throws -> String {
        let page = try await house.open(round, query: [], head)
        let mark = try #require(page.firstRange(of: "name=\"headings\" value=\""))
        return String(page[mark.upperBound...].prefix { $0 != "\"" })
    }

    /// A round that was handed in, with closely kept fields in its rows.
    private func enterHandedIn(_ head: Context) async throws -> String {
        let made = try await house.send(
            "/desk/forms",
            form(
                ("title", "样例交了的表"), ("issuer", "区民政局"), ("rhythm", "once"), ("division", Self.community),
                ("table", "姓名\t身份证号\t联系电话")), head)
        let path = try #require(made?.split(separator: "?").first.map(String.init))
        let round = try #require(try await house.send(path + "/rounds", form(("period", "10月")), head))
        let done = try await house.send(round + "/done", form(("minutes", "5")), head)
        try #require(done == path + "?done=finish")
        return round
    }

    /// A form of households with the head's closely kept numbers, and a cell that somebody typed for one.
    private mutating func enterHomeForm(_ head: Context) async throws -> String {
        let made = try await house.send(
            "/desk/forms",
            form(
                ("title", "样例户表"), ("issuer", "区民政局"), ("rhythm", "once"), ("about", "household"),
                ("division", Self.community), ("table", "现住址\t户主身份证号\t联系电话\t取暖方式")), head)
        let path = try #require(made?.split(separator: "?").first.map(String.init))
        let round = try #require(try await house.send(path + "/rounds", form(("period", "11月")), head))
        let cells = form(("headings", try await headings(round, head)), ("c-\(home.household)-3", "答的暗号戊"))
        let typed = try await house.send(round + "/answers", cells, head)
        try #require(typed == round + "?done=answers")
        marks.append(
            ReadingMark(
                name: "demanded_row_answer.value_sealed", forms: ["答的暗号戊"], fields: ["answer"],
                subjects: [Self.about("household", home.household)]))
        return round
    }

    /// Work from a phone that could not be taken, under a lease with its key.
    mutating func enterPhone() async throws {
        let walker = DemoStaff.gridWorker1
        try await house.roster(walker.phone)
        let session = try await house.session(walker.phone)
        let context = try await house.context(walker)
        let (lease, _) = try await OfflineLease.issue(for: House.homeGrid, session, context, house.services)
        let body = #"{"text":"","type":"gridEvent","location":"离线 13855550012","urgent":false,"settled":""}"#
        let sealed = try PhoneWork(lease).sealed("walk0000-1", part: "cases", at: context.now, body: body)
        _ = try await OfflineSync.take(sealed, key: "walk0000-1", lease: lease.id, context, house.services)
        marks.append(
            ReadingMark(
                name: "offline_entry.body_sealed", forms: ["13855550012"], fields: ["body_sealed"], subjects: [],
                owner: walker.phone))
        let entry: ID<OfflineEntry> = try #require(try await house.value("SELECT max(id) FROM offline_entry"))
        places["/grid/phone/entries/:id"] = ["/grid/phone/entries/\(entry)"]
        let worker = try #require(context.actor.account)
        places["/admin/accounts/:id"] = ["/admin/accounts/\(worker)"]
        places["/api/v1/admin/accounts/:id"] = ["/api/v1/admin/accounts/\(worker)"]
        marks.append(
            ReadingMark(
                name: "account.totp_sealed", forms: [Base32.encodeRFC4648(walker.secondFactor)], fields: [],
                subjects: []))
        try await enterVisit(context)
    }

    /// A visit with its note: numbers in it are masked before they are stored.
    private mutating func enterVisit(_ worker: Context) async throws {
        let tomorrow = worker.now.date.adding(days: 1).description
        let made = try await house.send(
            "/grid/visits/new",
            form(("household", "\(home.household)"), ("reason", "看看您"), ("day", tomorrow), ("part", "morning")), worker)
        let path = try #require(made.map { String($0.prefix { $0 != "?" }) })
        let id = try #require(path.split(separator: "/").last.flatMap { ID<Visit>($0) })
        let done = form(("changed", "yes"), ("note", "儿子电话 13855550013"))
        try #require(try await house.send(path + "/done", done, worker) == "/grid/visits?done=done")
        marks.append(
            ReadingMark(name: "visit.note", forms: ["13855550013"], fields: [], subjects: []))
        places["/grid/visits/:id"] = [path]
        places["/api/v1/visits/:id"] = ["/api/v1/visits/\(id)"]
        places["/visit/:code"] = ["/visit/" + VisitCode.make(id, house.services.database.keys)]
    }
}
