import LinliCore
import LinliKernel
import LinliUI

/// Cases under supervision 督办, what their units answer, and lifting it.
enum DeskSupervisionRoutes {
    static let all: [Route] = [
        .get("/desk/supervised", access: .permission(.casesRead), list),
        .post("/desk/supervised/:id/answer", access: .permission(.casesRead), answer),
        .post("/desk/supervised/:id/lift", access: .permission(.casesSupervise), lift),
        .post("/desk/cases/:id/supervise", access: .permission(.casesSupervise), supervise),
    ]

    /// How many a page shows.
    private static let limit = 50

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> DeskSupervisedPage {
        let actor = request.context.actor
        let after: ID<SupervisedCase>? = request.query.id("after")
        let rows = try await services.queries.supervised(
            for: actor, after: after, limit: limit + 1
        )
        return DeskSupervisedPage(
            rows: Array(rows.prefix(limit)), hasMore: rows.count > limit, isFirst: after == nil, actor: actor,
            done: request.query["done"], formToken: request.formToken, now: request.context.now,
            names: services.divisions, types: services.queries.types
        )
    }

    private static func answer(_ request: Request, _ services: Services) async throws -> Reply {
        let row = try row(request.form)
        return try await perform("answer", request, services) { id, text in
            try await services.commands.answerSupervision(text, of: id, row: row, request.context)
        }
    }

    private static func lift(_ request: Request, _ services: Services) async throws -> Reply {
        let row = try row(request.form)
        return try await perform("lift", request, services) { id, text in
            try await services.commands.liftSupervision(text, of: id, row: row, request.context)
        }
    }

    /// Which supervision of the case is meant; without one, all that the reader is asked about.
    private static func row(_ form: Form) throws -> ID<SupervisedCase>? {
        guard let typed = form["row"], !typed.isEmpty else { return nil }
        guard let row = ID<SupervisedCase>(typed) else { throw LinliError.notFound("desk.supervision") }
        return row
    }

    private static func perform(
        _ name: String, _ request: Request, _ services: Services,
        _ command: (ID<Case>, String) async throws -> Void
    ) async throws -> Reply {
        let id: ID<Case> = try request.id()
        do {
            try await command(id, request.form["text"] ?? "")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.attempt = (id, request.form.id("row"), name, request.form["text"] ?? "", error)
            return .page(page.page, status: status)
        }
        return .redirect("/desk/supervised?done=\(name)")
    }

    private static func supervise(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        return try await DeskCaseRoutes.perform("supervise", id, request, services) { _ in
            try await services.commands.supervise(request.form["text"] ?? "", id, request.context)
        }
    }
}

/// Who is late and says why: never a rank of persons, only cases and units.
struct DeskSupervisedPage {
    let rows: [SupervisedCase]
    let hasMore: Bool
    let isFirst: Bool
    let actor: Actor
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames
    let types: CaseTypes
    /// The form that came back: of which case and row, which one, what was typed, what is wrong.
    var attempt: (id: ID<Case>, row: ID<SupervisedCase>?, name: String, text: String, error: LinliError)?

    var page: Page {
        Page(Text("督办", "Supervision"), frame: .desk("/desk/supervised"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("督办", "Supervision"))</h1></div>
        \(problem(attempt?.error))\(typed)
        \(doneText.map { notice($0, .ok, icon: "done") })
        <section class="card" aria-label="\(Text("督办中的工单，最早的在前", "Supervised cases, the oldest first"))">
        \(rows.isEmpty ? empty : "<ul class=\"plain\">\(each: rows, line)</ul>")
        \(pager)
        </section>
        </main>
        """
    }

    /// What was typed into a form that is there no more, because somebody was faster.
    private var typed: HTML {
        guard let attempt, attempt.error.text(for: "text") == nil, !attempt.text.isEmpty else { return "" }
        return "<p class=\"note\">\(Text("您刚才写的：", "What you wrote: "))\(attempt.text)</p>"
    }

    private var doneText: Text? {
        switch done {
        case "answer": Text("已答复督办单位。", "The answer was given.")
        case "lift": Text("已解除督办。", "Supervision was lifted.")
        default: nil
        }
    }

    private var empty: HTML {
        emptyState(
            Text("没有督办中的工单", "Nothing is under supervision"),
            Text(
                "超过时限会自动转来；也可以在工单页上列为督办。",
                "What runs over its time comes here by itself; a case can also be taken here on its page."
            ),
            icon: "flag"
        )
    }

    private var pager: HTML {
        guard hasMore || !isFirst else { return .empty }
        return """
            <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span class="sp"></span>\
            \(when: !isFirst, "<a class=\"btn ghost sm\" href=\"/desk/supervised\">\(Text("回第一页", "First page"))</a>")\
            \(when: hasMore, """
                <a class="btn ghost sm" href="\(address("/desk/supervised", [("after", rows.last.map { "\($0.id)" })]))">\
                \(Text("下一页", "Next page"))</a>
                """)</nav>
            """
    }

    private func line(_ item: SupervisedCase) -> HTML {
        let row = item.row
        let title = row.title.isEmpty ? row.number : row.title
        // Who was only called by a whistle reads that, and not the case.
        let address = item.seesCase ? CasePath.desk(row.id) : item.whistle.map(WhistlePath.page) ?? WhistlePath.list
        let label = item.asked == nil ? Text("要求：", "Asked: ") : Text("原因：", "Why: ")
        // Several units may be asked about one case: its page leads to the first.
        let leads = rows.first { $0.row.id == row.id }?.id == item.id
        let anchor = leads ? "s-\(row.id)" : "s-\(item.id)"
        return """
            <li class="pad watched" id="\(anchor)">\
            <a class="ttl" href="\(address)">\(title)</a>
            <span class="tags">\(tag(item.level == 3 ? Text("已上报", "Raised a level") : Text("督办", "Supervised"), .bad))\
            \(tag(DeskWords.state(row, types), .mute))\(when: row.isUrgent, tag(Text("紧急", "Urgent"), .bad))\
            \(when: item.asked != nil, tag(Text("吹哨没报到", "Did not come to a whistle"), .bad))</span>
            <span class="sub">\(names.place(row.division)) · \(asked(item))</span>
            \(row.isOpen ? due(row) : ended(row))
            <p class="note">\(origin(item))\(when: !item.reason.isEmpty, "<br>\(label)\(DeskCase.lines(item.reason))")</p>
            \(answered(item))
            <div class="btns">\(when: item.isAsked(actor), form(item, "answer", item.answer.isEmpty
                ? Text("答复督办", "Answer") : Text("再答复", "Answer again"), Text("办到哪一步，什么时候办完", "How far it is, and by when")))\
            \(when: actor.may(.casesSupervise, in: row.division), form(
                item, "lift", Text("解除督办", "Lift it"), Text("为什么可以解除", "Why it can be lifted")))</div></li>
            """
    }

    private func due(_ row: CaseRow) -> HTML { row.isPaused ? .empty : dueChip(row.dueAt, now: now) }

    /// When a case that is over ended: no clock runs any more.
    private func ended(_ row: CaseRow) -> HTML {
        let at = row.dueAt.relative(to: now)
        return "<span class=\"note\">\(time(row.dueAt, Text("\(at.zh) 结束", "ended \(at.en)")))</span>"
    }

    /// Who took it there, when, and which rung that was.
    private func origin(_ item: SupervisedCase) -> Text {
        let since = item.since.relative(to: now)
        let who =
            item.byName.isEmpty
            ? item.byUnit + Text("（到时自动）", " (by the clock)") : item.byUnit + Text(same: " " + item.byName)
        let raised = item.raisedAt?.relative(to: now)
        return who + Text("，\(since.zh) 起督办", ", since \(since.en)")
            + (raised.map { Text("，\($0.zh) 上报上一级", ", raised \($0.en)") } ?? Text(same: ""))
    }

    private func answered(_ item: SupervisedCase) -> HTML {
        guard let at = item.answeredAt else {
            return "<p class=\"note\">\(tag(Text("还没有答复", "No answer yet"), item.row.isOpen ? .warn : .mute))</p>"
        }
        let when = at.relative(to: now)
        return """
            <p>\(DeskCase.lines(item.answer))<br><span class="note">\(item.answerer) · \
            \(Text("\(when.zh) 答复", "answered \(when.en)"))</span></p>
            """
    }

    /// Who is to answer.
    private func asked(_ item: SupervisedCase) -> Text {
        if item.asked != nil { return Text("请\(item.askedName.zh)答复", "\(item.askedName.en) is to answer") }
        return item.row.handlerUnit == nil ? Text("还没有承办单位", "no unit yet") : item.row.handlerName
    }

    private func form(_ item: SupervisedCase, _ name: String, _ verb: Text, _ label: Text) -> HTML {
        let mine = attempt.flatMap { attempt in
            attempt.id == item.row.id && attempt.name == name && (attempt.row ?? item.id) == item.id ? attempt : nil
        }
        let id = "\(name)-\(item.id)"
        let error = mine?.error.text(for: "text")
        return """
            <details class="do"\(when: mine != nil, " open")><summary class="btn ghost sm">\(verb)<span class="sr"> \
            \(item.row.number)</span></summary>
            <form class="stack" method="post" action="/desk/supervised/\(item.row.id)/\(name)">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="row" value="\(item.id)">
            \(field(label, for: id, error: error, """
                <textarea id="\(id)" name="text" rows="3" maxlength="2000" required\(described(id, error: error))>\
                \(mine?.text ?? "")</textarea>
                """))
            <button class="btn">\(verb)</button></form></details>
            """
    }
}
