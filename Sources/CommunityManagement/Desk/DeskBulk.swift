import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Doing one thing to many cases: each in a write of its own, each with its own result.
enum DeskBulkRoutes {
    static let all: [Route] = [
        .get("/desk/bulk", access: .permission(.casesRead), choose),
        .post("/desk/bulk", access: .permission(.casesRead), run),
    ]

    /// How many cases at once: a page of the list.
    static let limit = 50

    private static func choose(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request.query, request, services).page)
    }

    private static func page(
        _ form: Form, _ request: Request, _ services: Services
    ) async throws -> DeskBulkPage {
        let context = request.context
        let chosen = try await DeskBulkWork.chosen(DeskBulkWork.cases(of: form), context, services)
        let scope = context.actor.scope(for: .casesDispatch)
        let (units, people) = try await services.database.read { tx in
            let reachable = try scope.divisions.flatMap { try UnitsStore.reachable(from: $0, tx) }
            let duty = try CaseQueries.dutyUnits(of: context.actor, tx)
            let people = try duty.flatMap { unit in
                try CaseQueries.colleagues(
                    unit, in: unit.division, hidden: context.actor.scope.interests, at: context.now, tx)
            }
            return (reachable, people)
        }
        return DeskBulkPage(
            chosen: chosen, leftOut: Set(form.all("case")).count - chosen.count, units: units, people: people,
            handlerCap: services.queries.settings.handlerCap, formToken: request.formToken, now: context.now,
            catalogue: services.catalogue
        )
    }

    private static func run(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request.form, request, services)
        guard !page.chosen.isEmpty else { return .page(page.page, status: 422) }
        guard let work = DeskBulkWork(request.form, services) else {
            page.problem = Text("请选要做什么，并把内容填全", "Please choose what to do, and fill it in")
            page.typed = request.form
            return .page(page.page, status: 422)
        }
        page.results = try await work.run(on: page.chosen.map(\.id), services.commands, request.context)
        return .page(page.page)
    }
}

/// What is done to each case.
enum DeskBulkWork: Sendable {
    /// Taken in person; `isSure` also at the cap.
    case accept(isSure: Bool)
    /// Sent to a unit, with a word to it or the reason; a contested case goes back to who had it only with one.
    case dispatch(ID<Unit>, text: String)
    case assign(ID<Account>?, isSure: Bool)
    /// Filed otherwise; what makes a tip-off something else needs the reason.
    case classify(NeedNature, String, reason: String)
    case note(String)
    /// Taken under supervision, for a reason their units read.
    case supervise(String)

    /// What a form asks for; nil when something is missing.
    init?(_ form: Form, _ services: Services) {
        switch form["do"] {
        case "accept": self = .accept(isSure: form["sure"] == "yes")
        case "dispatch":
            guard let unit: ID<Unit> = form.id("unit") else { return nil }
            self = .dispatch(unit, text: form["text"] ?? "")
        case "assign":
            let account: ID<Account>? = form.id("account")
            guard account != nil || form["account"] == DeskAssignRoutes.roster else { return nil }
            self = .assign(account, isSure: form["sure"] == "yes")
        case "classify":
            guard let nature = form["nature"].flatMap({ NeedNature(rawValue: $0) }),
                let category = form["category"].flatMap({ services.catalogue[code: $0] }), !category.isMajor
            else { return nil }
            self = .classify(nature, category.code, reason: form["text"] ?? "")
        case "note":
            guard let text = form["text"] else { return nil }
            self = .note(text)
        case "supervise":
            guard let text = form["text"], !text.trimmed.isEmpty else { return nil }
            self = .supervise(text)
        default: return nil
        }
    }

    /// The cases a form names, each once, a page of the list at most.
    static func cases(of form: Form) -> [ID<Case>] {
        var known: Set<ID<Case>> = []
        let ids = form.all("case").compactMap { ID<Case>($0) }.filter { known.insert($0).inserted }
        return Array(ids.prefix(DeskBulkRoutes.limit))
    }

    /// Those of them that the actor sees as staff.
    static func chosen(
        _ ids: [ID<Case>], _ context: Context, _ services: Services
    ) async throws -> [DeskBulkPage.Chosen] {
        var rows: [DeskBulkPage.Chosen] = []
        for id in ids {
            do {
                let view = try await services.queries.view(id, context)
                guard view.standing.isStaff else { continue }
                rows.append(.init(view))
            } catch let error as LinliError where error.kind == .notFound {
                // Passed on to somebody else meanwhile: it is not among them any more.
                continue
            }
        }
        return rows
    }

    /// Does it to each case, in a write of its own, and says what became of each.
    ///
    /// - Throws: what ends all of them: something is wrong with the server, or the same request runs already.
    func run(
        on ids: [ID<Case>], _ commands: CaseCommands, _ context: Context
    ) async throws -> [ID<Case>: Result<Void, LinliError>] {
        var context = context
        var results: [ID<Case>: Result<Void, LinliError>] = [:]
        for id in ids {
            do {
                try await apply(to: id, commands, context)
                results[id] = .success(())
                // The first write says that this request was done.
                context = context.unmarked
            } catch let error as LinliError {
                // What is wrong with one case stands beside it; what is wrong with the server ends all.
                let isOfCase = error.formStatus != nil || [.forbidden, .notFound, .conflict].contains(error.kind)
                guard isOfCase, error.id != "store.unique" else { throw error }
                results[id] = .failure(error)
            }
        }
        return results
    }

    /// Does it to one case, by the same command as on its page.
    private func apply(to id: ID<Case>, _ commands: CaseCommands, _ context: Context) async throws {
        switch self {
        case .accept(let isSure):
            var step = CaseStep("accept")
            step.isSure = isSure
            try await commands.take(step, of: id, context)
        case .dispatch(let unit, let text):
            try await commands.take(CaseStep("dispatch", text: text, unit: unit), of: id, context)
        case .assign(let account, let isSure): _ = try await commands.assign(account, of: id, isSure: isSure, context)
        case .classify(let nature, let category, let reason):
            try await commands.classify(nature, category, of: id, reason: reason, context)
        case .note(let text): try await commands.remark(text, isVisible: false, photos: [], on: id, context)
        case .supervise(let text): try await commands.supervise(text, id, context)
        }
    }
}

/// The chosen cases with the forms for all of them, afterwards with what became of each.
struct DeskBulkPage {
    /// A case that was chosen.
    struct Chosen: Sendable {
        let id: ID<Case>
        let title: String
        let number: String
        let state: Text
        let isTipOff: Bool
        /// What the reader may do to it now, as forms name it: the same conditions as on its page.
        let works: Set<String>

        init(_ view: CaseView) {
            let (item, standing) = (view.item, view.standing)
            let isWorking = standing.isHandler || standing.isDispatcher
            var works: Set<String> = ["note"]
            for step in ["accept", "dispatch"] where Chosen.isOpen(step, view) { works.insert(step) }
            if isWorking { works.insert("classify") }
            if isWorking, item.isOpen, item.handlerUnit != nil { works.insert("assign") }
            if standing.isSupervisor, item.isOpen, item.supervision < 2 { works.insert("supervise") }
            id = item.id
            title = item.title
            number = item.number
            state = view.state.name
            isTipOff = item.nature == .tipOff
            self.works = works
        }

        /// Whether the step of that name, or its twin with the same words, is open to the reader.
        private static func isOpen(_ step: String, _ view: CaseView) -> Bool {
            guard let named = view.type.transitions.first(where: { $0.id == step }),
                named.from.contains(view.item.state)
            else { return false }
            return view.transitions.contains { $0.name == named.name && $0.by == named.by }
        }
    }

    let chosen: [Chosen]
    /// How many more were named and are not among them: the reader does not see them any more, or more than go at once.
    let leftOut: Int
    let units: [UnitSummary]
    let people: [Colleague]
    let handlerCap: Int
    let formToken: String
    let now: Instant
    let catalogue: EventCatalogue
    var problem: Text?
    /// What was typed when something was missing.
    var typed = Form()
    /// What became of each, when something was done.
    var results: [ID<Case>: Result<Void, LinliError>] = [:]

    var page: Page {
        Page(Text("批量处理", "Several at once"), frame: .desk("/desk"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("批量处理 \(chosen.count) 件", "\(chosen.count) cases at once"))</h1>\
        <a class="btn ghost" href="/desk">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        \(problem.map { notice($0, .bad) })
        \(when: !results.isEmpty, outcome)
        \(when: leftOut > 0, others)
        <section class="card" aria-label="\(Text("选中的工单", "Chosen cases"))">
        \(chosen.isEmpty ? empty : "<ul class=\"plain\">\(each: chosen, line)</ul>")
        </section>
        \(when: !chosen.isEmpty && results.isEmpty, forms)
        </main>
        """
    }

    private var empty: HTML {
        emptyState(
            Text("没有选中工单", "No case was chosen"),
            Text("在列表里勾选几件，再点“批量处理”。", "Tick some in the list, then press “Several at once”."), icon: "list",
            action: "<a class=\"btn weak\" href=\"/desk\">\(Text("去列表", "To the list"))</a>"
        )
    }

    private var refused: Int { results.values.filter { if case .failure = $0 { true } else { false } }.count }

    private var outcome: HTML {
        refused == 0
            ? notice(Text("\(results.count) 件都办好了。", "All \(results.count) went through."), .ok, icon: "done")
            : notice(
                Text(
                    "办好 \(results.count - refused) 件，\(refused) 件没办成，原因写在后面。",
                    "\(results.count - refused) went through, \(refused) did not; the reasons stand beside them."
                ), .warn)
    }

    /// That nothing is done to some; which they are is not said, they may not be the reader's any more.
    private var others: HTML {
        notice(
            Text(
                "另有 \(leftOut) 件没有办：您现在看不到它们，或者超过了一次 \(DeskBulkRoutes.limit) 件。",
                "\(leftOut) more were left out: you do not see them now, or they are beyond \(DeskBulkRoutes.limit) at once."
            ), .warn)
    }

    private func line(_ item: Chosen) -> HTML {
        """
        <li class="cell"><span class="bd"><a class="ttl" href="\(CasePath.desk(item.id))">\
        \(item.title.isEmpty ? item.number : item.title)</a><span class="sub num">\(item.number)</span>\
        \(results[item.id].map(result) ?? tag(item.state, .mute))</span></li>
        """
    }

    private func result(_ result: Result<Void, LinliError>) -> HTML {
        switch result {
        case .success: tag(Text("办好了", "Done"), .ok)
        case .failure(let error):
            "\(tag(Text("没办成", "Not done"), .bad)) <span class=\"note\">\(error.fields.first?.text ?? error.publicText)</span>"
        }
    }

    // MARK: Forms

    /// Whether it can be done to one of them at least; to which not is said beside each afterwards.
    private func offers(_ work: String) -> Bool { chosen.contains { $0.works.contains(work) } }

    private func form(_ work: String, _ title: Text, icon name: String, _ fields: HTML) -> HTML {
        """
        <section class="card"><details class="more pad" name="do"\(when: typed["do"] == work, " open")><summary>\(icon(name, small: true))\(title)</summary>
        <form class="stack" method="post" action="/desk/bulk">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="do" value="\(work)">\(each: chosen, { item in
            "<input type=\"hidden\" name=\"case\" value=\"\(item.id)\">"
        })
        \(fields)
        <button class="btn">\(title)</button></form></details></section>
        """
    }

    private var forms: HTML {
        let colleagues = ColleagueWords(cap: handlerCap, now: now)
        let mayDispatch: Bool = offers("dispatch") && !units.isEmpty
        let mayAssign: Bool = offers("assign") && !people.isEmpty
        return """
            <aside class="stack">
            \(when: offers("accept"), form(
                "accept", Text("签收", "Accept"), icon: "check", sure(Text("手上满了也签收", "Also beyond the limit"))
            ))
            \(when: mayDispatch, form("dispatch", Text("派单", "Dispatch"), icon: "send", field(
                Text("派给谁", "Send them to"), for: "unit",
                select(
                    "unit", units.map { (value: "\($0.id)", text: $0.name) }, selected: typed["unit"],
                    empty: Text("请选承办单位", "Choose a unit")
                )
            ) + words(
                "dispatch", Text("理由或交代，每件都记上", "The reason or a word to them, kept on each"),
                hint: Text("要求重办的，派回原来的单位必须写明理由。", "A contested case goes back to the unit that had it only with a reason.")
            )))
            \(when: mayAssign, form("assign", Text("指定经办人", "Give them to somebody"), icon: "user", field(
                Text("交给谁", "To whom"), for: "account",
                select(
                    "account",
                    [(value: DeskAssignRoutes.roster, text: Text("值班的人", "Whoever is on duty"))]
                        + people.map { (value: "\($0.id)", text: colleagues.label($0)) },
                    selected: nil
                )
            ) + sure(Text("手上满了也派给这个人", "Also beyond their limit"))))
            \(when: offers("classify"), form(
                "classify", Text("更正性质、类别", "Correct nature and kind"), icon: "edit", classification
            ))
            \(form("note", Text("留言", "Note"), icon: "message", field(
                Text("内部留言，诉求人看不到", "An internal note; the resident does not see it"), for: "text",
                "<textarea id=\"text\" name=\"text\" rows=\"3\" maxlength=\"2000\" required>\(said("note"))</textarea>"
            )))
            \(when: offers("supervise"), form("supervise", Text("列为督办", "Take under supervision"), icon: "flag", words(
                "supervise", Text("为什么督办，要求什么", "Why, and what is asked"),
                hint: Text("每件的承办单位都会看到，要在督办页答复。", "Each unit sees it and answers on the page of supervision."),
                isOptional: false
            )))
            </aside>
            """
    }

    /// What was typed into the words of a form that came back.
    private func said(_ work: String) -> String { typed["do"] == work ? typed["text"] ?? "" : "" }

    /// Words that are kept on each case.
    private func words(_ work: String, _ label: Text, hint: Text, isOptional: Bool = true) -> HTML {
        let id = "\(work)-text"
        return field(
            label, for: id, hint: hint, optional: isOptional,
            """
            <textarea id="\(id)" name="text" rows="2" maxlength="2000"\(when: !isOptional, " required")\
            \(described(id, hint: true, error: nil))>\(said(work))</textarea>
            """
        )
    }

    /// Says beforehand that the cap is known; without it, what would go beyond it is not done.
    private func sure(_ label: Text) -> HTML {
        guard handlerCap > 0 else { return .empty }
        return """
            <label class="check"><input type="checkbox" name="sure" value="yes"><span>\(label)\
            \(Text("（上限 \(handlerCap) 件）", " (\(handlerCap) cases)"))</span></label>
            """
    }

    /// What becomes of those whose reporter is protected.
    private var sealing: Text {
        guard chosen.contains(where: \.isTipOff) else {
            return Text("改成投诉、举报后，经办人就看不到诉求人是谁。", "As a complaint or tip-off it hides the reporter from handlers.")
        }
        return Text(
            "选中的有举报：只有街道诉求处置中心能改成别的性质，要写明理由；改不了的，办完会逐件说明。",
            "There are tip-offs: only the street's centre makes them something else, with the reason; what could not be done is said beside each."
        )
    }

    private var classification: HTML {
        """
        \(field(Text("性质", "Nature"), for: "nature", select(
            "nature", NeedNature.allCases.map { (value: $0.rawValue, text: $0.name) }, selected: nil
        )))
        \(field(Text("类别", "Kind"), for: "category", """
            <select id="category" name="category"><option value="">\(Text("请选", "Choose"))</option>\
            \(CategoryOptions(catalogue: catalogue, selected: nil).html)</select>
            """))
        \(words("classify", Text("理由，每件都记上", "The reason, kept on each"), hint: sealing))
        """
    }
}
