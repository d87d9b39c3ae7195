import LinliCore
import LinliKernel
import LinliUI

/// What people ask about their own data, for who answers.
enum DataRequestRoutes {
    static let all: [Route] = [
        .get("/registers/requests", access: .permission(.peopleReveal), list),
        .post("/registers/requests/:request/words", access: .permission(.peopleReveal), words),
        .post("/registers/requests/:request/decide", access: .permission(.peopleReveal), decide),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> DataRequestsPage {
        let divisions = request.context.actor.scope(for: .peopleReveal).divisions
        let (waiting, alerts, changes) = try await services.database.read { tx in
            let waiting = try DataRequests.waiting(in: divisions, tx)
            let alerts = try DataRequestAlerts.of(waiting.map(\.id), tx)
            return (waiting, alerts, try DataRequests.changes(since: waiting, tx))
        }
        return DataRequestsPage(
            frame: RegisterFrame(request.context.actor), waiting: waiting, alerts: alerts, changes: changes,
            done: request.query["done"],
            formToken: request.formToken, now: request.context.now, names: services.divisions)
    }

    /// Shows the words of a request once, noted in the audit.
    private static func words(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<DataRequest> = try request.id("request")
        let (_, text) = try await services.dataRequests.words(of: id, request.context)
        var page = try await page(request, services)
        page.opened = (id, text)
        return Reply.page(page.page).adding("cache-control", "no-store")
    }

    private static func decide(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<DataRequest> = try request.id("request")
        let form = request.form
        do {
            let typed = form["entry"]?.split(separator: "/").last.map { String($0.prefix { $0 != "?" }) }
            let isGranted = form["decision"] == "done"
            try await services.dataRequests.decide(
                id, isGranted: isGranted, reason: form["reason"] ?? "",
                entry: typed.flatMap { ID<Person>($0) }, request.context)
            return .redirect("/registers/requests?done=\(isGranted ? "granted" : "refused")")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            page.form = form
            page.tried = id
            return .page(page.page, status: status)
        }
    }
}

/// The requests that wait for an answer, what is due first.
struct DataRequestsPage {
    let frame: RegisterFrame
    let waiting: [DataRequest]
    /// What their clocks told whom.
    let alerts: [ID<DataRequest>: [DataRequestAlert]]
    /// What changed in the entry since a correction was asked for.
    let changes: [ID<DataRequest>: [DataRequestChange]]
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames
    var opened: (id: ID<DataRequest>, text: String)?
    var error: LinliError?
    var form = Form()
    var tried: ID<DataRequest>?

    var page: Page {
        frame.page(
            Text("个人信息申请", "Data requests"), back: ("/registers", Text("人房台账", "Registers")),
            top: "\(problem(error))\(answered.map { notice($0, .ok, icon: "done") })",
            main: waiting.isEmpty
                ? card(
                    Text("等着答复的", "Waiting"),
                    emptyState(
                        Text("没有等着答复的申请", "Nothing waits"),
                        Text("居民要求更正、删除或限制使用本人信息时，会出现在这里。", "What residents ask about their data appears here."),
                        icon: "shield"))
                : "\(each: waiting, one)")
    }

    /// What was answered: a refusal is no deed.
    private var answered: Text? {
        switch done {
        case "granted": Text("已答复：办了。", "Answered: done.")
        case "refused": Text("已答复：没有同意，理由本人看得到。", "Answered: refused; the person reads why.")
        default: nil
        }
    }

    private func one(_ request: DataRequest) -> HTML {
        let id = request.id
        let person: HTML =
            request.person.map { "<a href=\"/registers/person/\($0)\">\(Text("去看登记", "Open the entry"))</a>" } ?? .empty
        let isTried = tried == id
        let (wrong, entry) = (isTried ? error?.text(for: "reason") : nil, isTried ? error?.text(for: "entry") : nil)
        return """
            <section class="card"><div class="hd"><h2>\(request.accountName)：\(request.kind.name)</h2>\(person)</div>
            <p class="pad">\(names.place(request.division)) · \(dueChip(request.dueAt, now: now, verb: Text("答复", "Answer")))</p>
            \(clock(request))\(words(request))\(changed(request))
            <form class="pad stack" method="post" action="/registers/requests/\(id)/decide">\(LinliUI.formToken(formToken))
            \(when: request.kind == .link, field(
                Text("是哪一条登记", "Which entry"), for: "entry-\(id)",
                hint: Text("核对本人后，粘贴登记页的网址。", "After checking who it is, paste the address of the entry's page."),
                error: entry, """
                <input id="entry-\(id)" name="entry" maxlength="200" autocomplete="off" value="\(isTried ? form["entry"] ?? "" : "")"\
                \(described("entry-\(id)", hint: true, error: entry))>
                """))
            \(field(
                Text("答复", "Answer"), for: "reason-\(id)", hint: hint(request), error: wrong, """
                <textarea id="reason-\(id)" name="reason" rows="2" maxlength="400"\
                \(described("reason-\(id)", hint: true, error: wrong))>\(isTried ? form["reason"] ?? "" : "")</textarea>
                """))
            <div class="btns"><button class="btn" name="decision" value="done">\(Text("已办", "Do it"))</button>\
            <button class="btn ghost" name="decision" value="refused">\(Text("不办", "Refuse"))</button></div></form></section>
            """
    }

    private func hint(_ request: DataRequest) -> Text {
        guard request.kind == .correct else {
            return Text("不办的要写明理由和依据，本人会看到。", "A refusal needs reasons; the person reads them.")
        }
        return Text(
            "不办的要写明理由和依据；信息和住处没有改过就答“已办”的，要写明改了什么（比如关联的监护人），或为什么不用改。本人会看到。",
            "A refusal needs reasons. “Done” when no field or home changed says what was put right, such as a guardian, or why nothing was; the person reads it."
        )
    }

    /// What was changed since a correction was asked for: fields and moments, no values.
    private func changed(_ request: DataRequest) -> HTML {
        guard request.kind == .correct else { return .empty }
        guard let found = changes[request.id], !found.isEmpty else {
            let none = Text(
                "提出申请以后，这条登记的信息和住处还没有改过。", "No field or home of the entry has changed since this was asked.")
            return "<p class=\"pad note\">\(none)</p>"
        }
        return """
            <p class="pad note">\(Text("提出申请以后，这条登记改过：", "Changed in the entry since this was asked:"))</p>
            <ul class="pad note">\(each: found, { change in
                """
                <li>\(time(change.at, change.at.dayAndTime)) · \(OwnDataWords.change(change))</li>
                """
            })</ul>
            """
    }

    /// Each rung with its moment, and which unit heard of it.
    private func clock(_ request: DataRequest) -> HTML {
        guard let rungs = alerts[request.id] else { return .empty }
        return """
            <ul class="pad note">\(each: rungs, { rung in
                """
                <li>\(OwnDataWords.rung(rung.action)) · \(time(rung.at, rung.at.dayAndTime))\
                \(rung.unitName.map { " · \($0)" as HTML })</li>
                """
            })</ul>
            """
    }

    private func words(_ request: DataRequest) -> HTML {
        if let opened, opened.id == request.id {
            return "<p class=\"pad\">\(opened.text.isEmpty ? Text("没有写说明", "No words") : Text(same: opened.text))</p>"
        }
        return """
            <form class="pad" method="post" action="/registers/requests/\(request.id)/words">\(LinliUI.formToken(formToken))\
            <button class="btn ghost sm">\(Text("看他写的（记入审计）", "Read the words (noted)"))</button></form>
            """
    }
}
