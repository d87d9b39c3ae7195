import LinliCore
import LinliKernel
import LinliUI

/// Plans of visits and what became of them, at the desk: by grid and household, never by who visits.
enum VisitPlanRoutes {
    static let all: [Route] = [
        .get("/desk/visits", access: .permission(.visitsPlan), show),
        .post("/desk/visits/plans", access: .permission(.visitsPlan), make),
        .post("/desk/visits/plans/:id/end", access: .permission(.visitsPlan), end),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func page(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> VisitDeskPage {
        let now = request.context.now
        guard let division = VisitRoutes.division(request, .visitsPlan) else {
            throw LinliError.notFound("visits.scope")
        }
        let before: ID<Visit>? = request.query.id("before")
        let (counts, plans, ledger, grids, book) = try await services.database.read { tx in
            (
                try VisitDebts.counts(in: division, at: now, tx), try VisitPlansStore.list(in: division, tx),
                try VisitQueries.ledger(in: division, before: before, limit: VisitDeskPage.limit + 1, tx),
                try DivisionsStore.children(of: division.ancestor(at: .community), at: now, tx).map(\.code),
                try LabelBook.current(tx)
            )
        }
        let labels = book.tree { VisitPlan.mayChoose($0, in: division, request.context.actor) }
        var page = VisitDeskPage(
            division: division, grids: grids, counts: counts, plans: plans, labels: labels,
            keys: LabelKeys(services.database.keys),
            ledger: ledger, form: request.form, error: error, done: request.query["done"], formToken: request.formToken,
            now: now,
            names: services.divisions)
        // What was wrong with a plan names nobody beside it.
        if error == nil {
            page.consents = try await VisitConsentCard.html(in: division, on: "/desk/visits", request, services)
        }
        return page
    }

    private static func make(_ request: Request, _ services: Services) async throws -> Reply {
        var draft = VisitPlanDraft()
        draft.name = request.form["name"] ?? ""
        draft.division = request.form["division"].flatMap { DivisionCode($0) }
        draft.care = request.form["care"].flatMap { HouseholdCare(rawValue: $0) }
        draft.label = request.form["label"] ?? ""
        draft.everyDays = request.form.int("everyDays")
        draft.form = request.form["form"] ?? ""
        do {
            _ = try await VisitCommands(services.database).makePlan(draft, request.context)
            return .redirect("/desk/visits?done=plan")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, error, services).page, status: status)
        }
    }

    private static func end(_ request: Request, _ services: Services) async throws -> Reply {
        try await VisitCommands(services.database).endPlan(try request.id(), request.context)
        return .redirect("/desk/visits?done=end")
    }
}

/// Who is due by grid, the plans, and the visits of late.
struct VisitDeskPage {
    static let limit = 30

    let division: DivisionCode
    let grids: [DivisionCode]
    let counts: [(division: DivisionCode, total: Int)]
    let plans: [VisitPlan]
    /// Those this reader may plan by.
    let labels: [Label]
    let keys: LabelKeys
    let ledger: [Visit]
    let form: Form
    let error: LinliError?
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames
    var consents: HTML = .empty

    var page: Page { Page(Text("走访", "Visits"), frame: .desk("/desk/visits"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("走访", "Visits"))</h1><span class="note">\(names.place(division))</span></div>
        \(problem(error))
        \(when: done == "plan", notice(Text("计划定下了，该走访的会按它排。", "The plan holds; the list follows it."), .ok, icon: "done"))
        \(when: done == "end", notice(Text("计划停了。", "The plan is over."), .ok, icon: "done"))
        <div class="stack">
        <section class="card" aria-labelledby="h-due"><div class="hd"><h2 id="h-due">\(Text("各网格该走访的户数", "Households to visit, by grid"))</h2></div>
        \(counts.isEmpty
            ? emptyState(Text("没有该走访的住户", "Nobody is due"), Text("哪户太久没有联系，会按网格数在这里。", "Who was not heard of for too long is counted here."), icon: "done")
            : "<ul class=\"lines\">\(each: counts, count)</ul>")
        </section>
        <section class="card" aria-labelledby="h-ledger"><div class="hd"><h2 id="h-ledger">\(Text("最近的走访", "Visits lately"))</h2>\
        <a class="btn ghost sm" href="/desk/visits/ledger?division=\(division)">\(icon("book", small: true))\(Text("走访台账", "Ledger"))</a></div>
        \(ledger.isEmpty
            ? emptyState(Text("还没有走访记录", "No visits yet"), Text("走访在手机上记一次，台账自己就有了。", "The ledger fills itself from visits."), icon: "book")
            : table)
        </section></div>
        <aside class="stack">
        \(consents)
        <section class="card" aria-labelledby="h-plans"><div class="hd"><h2 id="h-plans">\(Text("走访计划", "Plans"))</h2></div>
        \(plans.isEmpty
            ? "<p class=\"pad note\">\(Text("还没有计划，按设置里的天数排。", "No plan: the days of the settings hold."))</p>"
            : "<ul class=\"lines\">\(each: plans, plan)</ul>")
        </section>
        <section class="card pad" aria-labelledby="h-new"><h2 id="h-new">\(Text("定一个计划", "Make a plan"))</h2>\(newPlan)</section>
        </aside>
        </main>
        """
    }

    private func count(_ one: (division: DivisionCode, total: Int)) -> HTML {
        """
        <li><a class="cell" href="/grid/visits?division=\(one.division)"><span class="bd"><span class="ttl">\(names[one.division])</span></span>\
        <b class="num">\(Text("\(one.total) 户", "\(one.total)"))</b>\(icon("chevron"))</a></li>
        """
    }

    private var table: HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("最近的走访", "Visits lately"))</caption>
        <thead><tr><th scope="col">\(Text("住户", "Household"))</th><th scope="col">\(Text("时间", "When"))</th>\
        <th scope="col">\(Text("方式", "How"))</th><th scope="col">\(Text("结果", "Result"))</th></tr></thead>
        <tbody>\(each: ledger.prefix(Self.limit), row)</tbody></table></div>
        \(when: ledger.count > Self.limit, older)
        """
    }

    private var older: HTML {
        let mark = ledger.prefix(Self.limit).last.map { "\($0.id)" }
        let link = address("/desk/visits", [("division", "\(division)"), ("before", mark)])
        return "<p class=\"pg\"><a class=\"btn ghost\" href=\"\(link)\">\(Text("更早的", "Older"))</a></p>"
    }

    private func row(_ visit: Visit) -> HTML {
        """
        <tr><td class="wide"><a href="/grid/visits/\(visit.id)"><b>\(visit.address)</b></a><span class="sub">\(visit.reason)</span></td>
        <td data-label="\(Text("时间", "When"))">\(visit.when(at: now))</td>
        <td data-label="\(Text("方式", "How"))">\(visit.way.name)</td>
        <td data-label="\(Text("结果", "Result"))">\(VisitWords.state(visit))</td></tr>
        """
    }

    private func plan(_ plan: VisitPlan) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(plan.name)</span><span class="sub">\(names[plan.division]) · \
        \(plan.care?.name ?? Text("全部住户", "All households"))\(plan.label.map { " · \(label($0))" as HTML }) · \(Text("\(plan.everyDays) 天", "every \(plan.everyDays) days"))</span></span>
        <form method="post" action="/desk/visits/plans/\(plan.id)/end" data-confirm="\(Text("停掉这个计划？", "End this plan?"))">\
        \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("停", "End"))</button></form></li>
        """
    }

    private func label(_ number: Int64) -> Text {
        let found = labels.first { keys.key(label: $0.id) == number }
        return found.map { Text("有“\($0.name.zh)”标签", "with “\($0.name.en)”") }
            ?? Text("按一个您看不到的标签", "by a label you may not see")
    }

    private var newPlan: HTML {
        let places = ([division.ancestor(at: .community)] + grids).map { (value: "\($0)", text: Text(same: names[$0])) }
        let cares = HouseholdCare.allCases.map { (value: $0.rawValue, text: $0.name) }
        let problem = { (name: String) in error?.text(for: name) }
        return """
            <form class="stack" method="post" action="/desk/visits/plans">\(LinliUI.formToken(formToken))
            \(field(Text("名称", "Name"), for: "name", error: problem("name"),
                "<input id=\"name\" name=\"name\" maxlength=\"40\" required autocomplete=\"off\" value=\"\(form["name"] ?? "")\"\(described("name", error: problem("name")))>"))
            \(field(Text("范围", "Where"), for: "division", error: problem("division"), select(
                "division", places, selected: form["division"], attributes: described("division", error: problem("division")))))
            \(field(Text("走访谁", "Whom"), for: "care", select(
                "care", cares, selected: form["care"], empty: Text("全部住户", "All households"))))
            \(field(Text("其中有这个标签的", "Only those with a label"), for: "label",
                hint: Text("该走访的名单上不写是按什么选的。", "The list of who is due does not say by what it was made."), optional: true, error: problem("label"), select(
                "label", labels.map { (value: $0.id, text: $0.indented) }, selected: form["label"], empty: Text("不限", "Any"),
                attributes: described("label", hint: true, error: problem("label")))))
            \(field(Text("多少天没联系上就走访", "After how many days"), for: "everyDays", error: problem("everyDays"),
                "<input id=\"everyDays\" name=\"everyDays\" inputmode=\"numeric\" maxlength=\"3\" required value=\"\(form["everyDays"] ?? "30")\"\(described("everyDays", error: problem("everyDays")))>"))
            \(field(Text("问什么", "Questions"), for: "form", hint: Text("一行一个问题，答“是”或“否”；要选别的，写成“问题：选项、选项”。", "One question a line, answered with yes or no; for other answers write question: choice, choice."), error: problem("form"),
                "<textarea id=\"form\" name=\"form\" rows=\"6\" maxlength=\"4000\"\(described("form", hint: true, error: problem("form")))>\(form["form"] ?? VisitForm.plainText)</textarea>"))
            <button class="btn">\(Text("定下", "Make it"))</button>
            </form>
            """
    }
}
