import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// Who is on the phone or at the counter, found by their number: their needs, what to ask, and a new one.
enum DeskCallerRoutes {
    static let all: [Route] = [
        .get("/desk/caller", access: .permission(.casesReport)) { request, services in
            .page(
                DeskCallerPage(
                    form: Form(), formToken: request.formToken, catalogue: services.catalogue,
                    types: services.queries.types
                ).page)
        },
        .post("/desk/caller", access: .permission(.casesReport), look),
    ]

    /// Looks a number up, after the audit has who did and what for. The number is in no address and in no log.
    private static func look(_ request: Request, _ services: Services) async throws -> Reply {
        var page = DeskCallerPage(
            form: request.form, formToken: request.formToken, catalogue: services.catalogue,
            names: services.divisions, types: services.queries.types, now: request.context.now
        )
        page.mayFollowUp = request.context.actor.may(.casesFollowUp)
        page.own = request.context.actor.scope.interests
        do {
            let rows = try await found(
                request.form["phone"] ?? "", purpose: request.form["purpose"] ?? "", request.context, services
            )
            let joined = rows.filter { $0.state == CaseType.State.merged.id }.map(\.id)
            page.leads = try await services.queries.leads(of: joined)
            page.found = rows
            return .page(page.page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            page.error = error
            return .page(page.page, status: status)
        }
    }

    /// What was told from a number, after the audit has who looked and what for.
    ///
    /// - Throws: `.invalid` naming what is missing.
    static func found(
        _ typed: String, purpose: String, _ context: Context, _ services: Services
    ) async throws -> [CaseRow] {
        let phone = PhoneNumber(typed)
        let purpose = String(purpose.trimmed.prefix(200))
        var problems: [LinliError.Field] = []
        if phone == nil { problems.append(.init("phone", Text("手机号不对，请核对 11 位数字", "Please check the phone number"))) }
        if purpose.count < 2 { problems.append(.init("purpose", Text("请写明为什么查", "Please say what for"))) }
        guard let phone, problems.isEmpty else { throw LinliError.invalid("desk.caller", problems) }
        return try await services.queries.told(
            by: phone, purpose: PersonalNumbers.replacing(in: purpose) { $0.masked }, context
        )
    }
}

/// The page: a number, what was told from it, and a script to read from.
struct DeskCallerPage {
    let form: Form
    let formToken: String
    let catalogue: EventCatalogue
    var names: DivisionNames?
    var types: CaseTypes?
    var now = Instant(milliseconds: 0)
    /// What was found; nil before anybody looked.
    var found: [CaseRow]?
    /// The cases that the joined ones of them speak in, by voice.
    var leads: [ID<Case>: CaseRow] = [:]
    var error: LinliError?
    /// Whether the reader writes down what reporters say on the phone, of work that is not of their own units.
    var mayFollowUp = false
    var own: [ID<LinliKernel.Unit>] = []

    var page: Page {
        Page(Text("来电、来访", "Callers"), frame: .desk("/desk/caller"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("来电、来访", "Callers"))</h1></div>
        \(problem(error))
        <div class="stack">
        <section class="card pad" aria-labelledby="h-number"><h2 id="h-number">\(Text("报一下号码", "Their number"))</h2>
        <form class="stack" method="post" action="/desk/caller">\(LinliUI.formToken(formToken))
        \(input("phone", Text("手机号", "Phone"), limit: 20, extra: " type=\"tel\" inputmode=\"tel\""))
        \(input("purpose", Text("为什么查", "What for"), limit: 200,
            hint: Text("每次查询都记入审计。如：来电问进度。", "Each look is audited. Such as: asks how far it is.")))
        <button class="btn">\(icon("search"))\(Text("查这个号码反映的事", "Find what they told"))</button>
        </form></section>
        \(found.map(results))
        </div>
        <aside class="stack">\(script)</aside>
        </main>
        """
    }

    private func input(_ name: String, _ label: Text, limit: Int, hint: Text? = nil, extra: HTML = .empty) -> HTML {
        let problem = error?.text(for: name)
        return field(
            label, for: name, hint: hint, error: problem,
            """
            <input id="\(name)" name="\(name)" maxlength="\(limit)" autocomplete="off" required \
            value="\(form[name] ?? "")"\(extra)\(described(name, hint: hint != nil, error: problem))>
            """
        )
    }

    // MARK: What they told

    private func results(_ rows: [CaseRow]) -> HTML {
        """
        <section class="card" aria-labelledby="h-told"><div class="hd"><h2 id="h-told">\
        \(Text("这个号码反映的事", "Told from this number"))</h2></div>
        \(rows.isEmpty ? nothing : "<ul class=\"plain\">\(each: rows, row)</ul>")
        <form class="pad" method="post" action="/desk/new/caller">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="phone" value="\(form["phone"] ?? "")">\
        <button class="btn weak">\(icon("plus"))\(Text("给这个号码登记一件新的", "Register a new one for them"))</button></form>
        </section>
        """
    }

    private var nothing: HTML {
        emptyState(
            Text("您管的范围里没有查到", "Nothing within your duties"),
            Text("匿名的、只让受理中心知道的，不在这里。", "What was told anonymously, or to the receiving office only, is not here."),
            icon: "phone"
        )
    }

    private func row(_ row: CaseRow) -> HTML {
        let lead = leads[row.id]
        let course = lead ?? row
        let state = types?.state(course.state, of: course.type)
        return """
            <li class="pad"><a href="\(CasePath.desk(row.id))"><span class="num">\(row.number)</span> \(row.title)</a> \
            \(tag(state?.name ?? Text(same: course.state), course.isOpen ? .plain : .mute))\
            <br><span class="note">\(time(row.createdAt, row.createdAt.relative(to: now))) · \
            \(names?.place(row.division) ?? "")\(lead.map(joined))</span><p>\(course.isOpen ? going(course, state) : over(row, state))\
            \(when: mayAskAgain(row), " <a href=\"/desk/follow-up/\(row.id)\">\(Text("登记要求重办", "Write it down"))</a>")</p></li>
            """
    }

    /// That it is handled with what others told, and under which number.
    private func joined(_ lead: CaseRow) -> HTML {
        " · \(Text("和别人反映的一起办，编号 ", "handled with others, number "))<span class=\"num\">\(lead.number)</span>"
    }

    /// What is said of a case that goes on: how far it is, who has it, until when.
    private func going(_ row: CaseRow, _ state: CaseType.State?) -> Text {
        let due = row.dueAt.relative(to: now)
        let next =
            row.isPaused
            ? Text("现在暂停计时，最迟 \(due.zh) 恢复", "The clock stands still until \(due.en) at the latest")
            : Text("下一步最迟 \(due.zh)", "The next step is due \(due.en)")
        let standing = state?.residentName ?? Text(same: "")
        // Who had it before it was reopened is not who handles it.
        if state?.owner == .dispatcher || (row.handlerUnit == nil && state?.owner != .arbiter) {
            return Text(
                "“您反映的事现在\(standing.zh)，正在安排由谁来办，\(next.zh)。”",
                "“\(standing.en): who handles it is being decided. \(next.en).”")
        }
        guard state?.owner == .handler else {
            return Text("“您反映的事现在\(standing.zh)，\(next.zh)。”", "“\(standing.en). \(next.en).”")
        }
        return Text(
            "“您反映的事现在\(standing.zh)，由\(row.handlerName.zh)办，\(next.zh)。”",
            "“It is with \(row.handlerName.en): \(standing.en). \(next.en).”"
        )
    }

    /// Whether who told it may ask for it to be done again.
    private func isContestable(_ row: CaseRow) -> Bool {
        let ways = row.isOpen ? [] : types?.newest(row.type)?.transitions(from: row.state) ?? []
        return ways.contains { $0.effects.contains(.contest) }
    }

    /// Whether the reader may write that down for them.
    private func mayAskAgain(_ row: CaseRow) -> Bool {
        let isOwn = row.handlerUnit.map { own.contains($0) } ?? false
        return isContestable(row) && mayFollowUp && !isOwn
    }

    private func over(_ row: CaseRow, _ state: CaseType.State?) -> Text {
        let name = state?.residentName ?? Text(same: "")
        guard isContestable(row) else { return Text("“这件事\(name.zh)。”", "“It is over: \(name.en).”") }
        return mayAskAgain(row)
            ? Text(
                "“这件事\(name.zh)。还没解决的话，我现在就帮您登记要求重办。”",
                "“It is over: \(name.en). If it is not solved, I write down now that it is to be done again.”")
            : Text(
                "“这件事\(name.zh)。还没解决的话，凭回执就能要求重办，也可以请街道诉求处置中心给您登记。”",
                "“It is over: \(name.en). If it is not solved, ask by your receipt, or let the street's centre write it down.”"
            )
    }

    // MARK: What to say

    private var script: HTML {
        """
        <section class="card pad" aria-labelledby="h-script"><h2 id="h-script">\(Text("照着说", "What to say"))</h2>
        <ol class="prose">
        <li>\(Text("“您好，这里是社区，请讲。”先听完，不打断。", "“Good day, this is the community. Please go on.” Hear them out."))</li>
        <li>\(Text("“有人受伤、着火、闻到燃气味吗？”有，先让对方打 110、119、120，再登记，勾“紧急”。", "“Is anybody hurt, is there fire, a smell of gas?” If so 110, 119 or 120 first; tick urgent."))</li>
        <li>\(Text("“在哪儿？小区、楼、单元、几层？”", "“Where: estate, building, entrance, floor?”"))</li>
        <li>\(Text("“什么时候开始的？现在是什么样？”", "“Since when, and how is it now?”"))</li>
        </ol>
        \(each: types?.offered(at: .staff) ?? [], asked)
        \(each: DeskCallerPage.questions, { kind in
            """
            <details class="more"><summary>\(kind.name)</summary><ul>\(each: kind.ask, { "<li>“\($0)”</li>" })</ul></details>
            """
        })
        <p class="note">\(Text("“怎么称呼您？可以让办的人看到您的电话吗？”投诉、举报只让受理中心知道。", "“May whoever handles it see your number?” Complaints stay with the office."))</p>
        <p class="note">\(Text("登记好以后，照着念那一页上的编号、谁来办、最迟什么时候答复。", "Once it is registered, read out from that page the number, who handles it and by when."))</p>
        </section>
        """
    }

    /// What the form of a type wants to know besides what is asked of everybody, as its definition has it.
    private func asked(_ type: CaseType) -> HTML {
        guard !type.extraFields.isEmpty else { return .empty }
        return """
            <details class="more"><summary>\(Text("\(type.name.zh)要问的", "To ask for: \(type.name.en)"))</summary>\
            <ul>\(each: type.extraFields, question)</ul></details>
            """
    }

    private func question(_ field: CaseType.Field) -> HTML {
        let choices = Text(
            field.choices.map(\.name.zh).joined(separator: "、"), field.choices.map(\.name.en).joined(separator: "; "))
        return """
            <li>“\(field.name)？”\(when: !choices.zh.isEmpty, " <span class=\"note\">\(choices)</span>")\
            \(when: !field.isRequired, " <span class=\"note\">\(Text("可以不问", "if it fits"))</span>")</li>
            """
    }

    /// What is asked for the kinds that are told most often.
    private static let questions: [(name: Text, ask: [Text])] = [
        (
            Text("水电气热", "Water, power, gas, heat"),
            [
                Text("只有您家，还是整栋都这样？", "Only your home, or the whole building?"),
                Text("总阀、总闸关了吗？家里有老人、病人要用电用水吗？", "Is the main valve or switch off? Does somebody depend on it?"),
            ]
        ),
        (
            Text("电梯", "Lifts"),
            [
                Text("有人困在里面吗？困了多久？", "Is somebody inside, and since when?"),
                Text("哪个单元哪一部？停在几层？", "Which entrance, which lift, which floor?"),
            ]
        ),
        (
            Text("噪音、邻里", "Noise, neighbours"),
            [
                Text("一般几点到几点？是什么声音？", "From when to when, and what is it?"),
                Text("和对方说过吗？愿意让社区来调解吗？", "Have you spoken with them? May we mediate?"),
            ]
        ),
        (
            Text("路面、路灯、井盖", "Roads, lamps, manholes"),
            [
                Text("在哪个路口、门牌附近？", "Near which crossing or number?"),
                Text("有没有人摔过、车陷过？", "Has anybody fallen?"),
            ]
        ),
        (
            Text("投诉、举报", "Complaints"),
            [
                Text("说的是哪个单位、什么时间的事？", "Which unit, and when?"),
                Text("您希望怎么解决？要不要匿名？", "What would settle it? Anonymously?"),
            ]
        ),
    ]
}
