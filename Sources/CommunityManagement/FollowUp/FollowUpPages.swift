import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Who has been asked and has not answered.
struct FollowUpListPage: Sendable {
    static let limit = 50

    let tab: FollowUpTab
    let rows: [FollowUpRow]
    let hasMore: Bool
    let isFirst: Bool
    /// What came of the call that was just written down.
    let done: String?
    /// After how many calls in vain nobody calls any more.
    let attempts: Int
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue

    var page: Page {
        Page(Text("回访", "Follow-up"), frame: .desk("/desk/follow-up"), body)
    }

    private func address(_ tab: FollowUpTab, after: String? = nil) -> String {
        LinliUI.address("/desk/follow-up", [("tab", tab == .due ? nil : tab.rawValue), ("after", after)])
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("回访", "Follow-up"))</h1></div>
        \(doneText.map { notice($0, .ok, icon: "done") })
        <section class="card" aria-label="\(Text("等答复的工单", "Cases without an answer"))">
        <nav class="seg" aria-label="\(Text("哪些要打电话", "Which calls"))">\(each: FollowUpTab.allCases, { which in
            "<a href=\"\(address(which))\"\(when: which == tab, " aria-current=\"page\"")>\(which.name)</a>"
        })</nav>
        <p class="pad note">\(Text(
            "先问的排前面。自己单位办的不在这里，由别的单位回访。打 \(attempts) 次没联系上就不再打，也不计入分母。",
            "What was asked first comes first. Work of your own unit is not here. After \(attempts) calls in vain nobody calls any more."
        ))</p>
        \(rows.isEmpty ? nothing : table)
        </section>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "answered": Text("已记下诉求人的答复，算作本人答复。", "The answer was written down as the reporter's own.")
        case "missed": Text("已记下没有联系上。", "Noted: not reached.")
        case "declined": Text("已记下诉求人不愿答复，按未答复算。", "Noted: they do not want to answer; it stays silence.")
        default: nil
        }
    }

    private var nothing: HTML {
        emptyState(
            tab == .due ? Text("现在没有要打的电话", "No call is due") : Text("这里现在没有", "Nothing here right now"),
            Text(
                "办完的工单先请诉求人自己答复；快到期或到期没答复的，会出现在“该打电话了”。",
                "Reporters are first asked to answer by themselves; who does not in time appears under the calls."),
            icon: "phone"
        )
    }

    private var table: HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("等答复的工单", "Cases without an answer"))</caption>
        <thead><tr><th scope="col">\(Text("工单", "Case"))</th><th scope="col">\(Text("承办", "Unit"))</th>\
        <th scope="col">\(Text("问了多久", "Asked"))</th><th scope="col">\(Text("打过", "Calls"))</th>\
        <th scope="col">\(Text("答复截止", "Answer by"))</th></tr></thead>
        <tbody>\(each: rows, row)</tbody></table></div>
        <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span>\(Text("本页 \(rows.count) 件", "\(rows.count) on this page"))</span>
        <span class="sp"></span>
        \(when: !isFirst, "<a class=\"btn ghost sm\" href=\"\(address(tab))\">\(Text("回第一页", "First page"))</a>")
        \(when: hasMore, next)</nav>
        """
    }

    private var next: HTML {
        let cursor = rows.last.flatMap { last in
            last.outcome.askedAt.map { CaseCursor(at: $0, id: last.row.id).description }
        }
        return "<a class=\"btn ghost sm\" href=\"\(address(tab, after: cursor))\">\(Text("下一页", "Next page"))</a>"
    }

    private func row(_ row: FollowUpRow) -> HTML {
        let item = row.row
        let asked = row.outcome.askedAt ?? now
        return """
            <tr><td class="wide"><a class="ttl" href="/desk/follow-up/\(item.id)">\(item.title.isEmpty ? item.number : item.title)</a>\
            <span class="sub"><span class="num">\(item.number)</span> · \
            \(catalogue[code: item.category]?.name ?? Text(same: item.category)) · \(names.place(item.division))</span></td>
            <td data-label="\(Text("承办", "Unit"))">\(item.handlerName)</td>
            <td data-label="\(Text("问了多久", "Asked"))">\(span(seconds: now.seconds(since: asked)))</td>
            <td data-label="\(Text("打过", "Calls"))" class="num">\(row.outcome.attempts)/\(attempts)\
            \(row.outcome.callAgainAt.map(again))</td>
            <td data-label="\(Text("答复截止", "Answer by"))">\
            \(item.isOpen ? dueChip(item.dueAt, now: now) : tag(Text("到期未答复", "No answer in time"), .warn))</td></tr>
            """
    }

    private func again(_ at: Instant) -> HTML {
        "<span class=\"sub\">\(Text("约", "again"))\(time(at, at.relative(to: now)))</span>"
    }
}

/// One call: what to say, sentence by sentence, and what came of it.
struct FollowUpPage: Sendable {
    let view: CaseView
    let outcome: CaseOutcome?
    let category: Text?
    /// The unit that calls.
    let office: Text
    let caller: String
    let attempts: Int
    let formToken: String
    let now: Instant
    var form = Form()
    var error: LinliError?

    private var item: CaseRecord { view.item }
    private var isOpen: Bool { outcome.map { $0.askedAt != nil && $0.answeredAt == nil } ?? false }
    /// Whether they answered and may still say that it is not solved after all.
    private var mayAskAgain: Bool { outcome?.answeredAt != nil && view.mayBeContested(at: now) }

    var page: Page {
        Page(Text("回访 \(item.number)", "Follow-up \(item.number)"), frame: .desk("/desk/follow-up"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("回访：", "Follow-up: "))\(item.title.isEmpty ? item.number : item.title)</h1>
        <a class="btn ghost" href="/desk/follow-up">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        \(problem(error))
        \(when: !isOpen && !mayAskAgain, lostWords(form["text"]))
        <section class="card" aria-labelledby="h-script"><div class="hd"><h2 id="h-script">\(Text("怎么说", "What to say"))</h2></div>
        \(script)</section>
        <aside class="stack">
        \(isOpen ? forms : mayAskAgain ? askAgain : over)
        \(about)
        </aside>
        </main>
        """
    }

    private var over: HTML {
        """
        <section class="card">\(emptyState(
            Text("这件事已经有答复了", "There is an answer already"), Text("不用再打电话。", "No call is needed."), icon: "done"
        ))</section>
        """
    }

    /// They call by themselves: what they said first does not count any more.
    private var askAgain: HTML {
        let wrong = error?.text(for: "text")
        let days = view.type.reopenDays
        return """
            <section class="card" aria-labelledby="h-late"><div class="hd"><h2 id="h-late">\
            \(Text("来电说还是没解决", "They call: not solved after all"))</h2></div>
            <p class="pad note">\(Text(
                "这件事已经有答复了，不用再打电话。办结后 \(days) 天内，本人说没解决，照原话记下，就退回重办或者复核。",
                "There is an answer already and no call is needed. For \(days) days after closing they may say that it is not solved: it is done again or reviewed."
            ))</p>
            <form class="pad stack" method="post" action="/desk/follow-up/\(item.id)">\(hidden)\
            <input type="hidden" name="solved" value="no">
            \(field(
                Text("原话", "Their words"), for: "text", error: wrong,
                """
                <textarea id="text" name="text" rows="3" maxlength="2000" required\(described("text", error: wrong))>\
                \(form["text"] ?? "")</textarea>
                """
            ))
            <button class="btn" name="outcome" value="answered">\(Text("记下，要求重办", "Write it down: to be done again"))</button>
            </form></section>
            """
    }

    // MARK: The script

    /// What is promised to who says no: what the type of the case does then, and no more.
    private var again: Text {
        let ways = view.type.transitions(from: view.state.id).filter { $0.effects.contains(.contest) }
        let states = ways.compactMap { way in view.type.states.first { $0.id == way.to } }
        return states.contains { $0.owner == .handler }
            ? Text(
                "还有什么没办到位？我原样记下来，退回返工；还办不好，由没经手的人复核。",
                "What is missing? I write it down as you say it; it is repaired again, and if that does not help somebody else reviews it."
            )
            : Text(
                "还有什么没办到位？我原样记下来，退回重办，会换人核实。",
                "What is missing? I write it down as you say it; it is done again, and somebody else looks at it."
            )
    }

    private var script: HTML {
        let told = item.createdAt.date.dayAndMonth
        let what = item.title.isEmpty ? (category ?? view.type.name) : Text(same: "“\(item.title)”")
        let unit = view.unit?.name ?? Text("承办单位", "the unit")
        let lines: [(Text, Text)] = [
            (
                Text("开头", "Begin"),
                Text(
                    "您好，我是\(office.zh)的\(caller)。您 \(told.zh)反映的\(what.zh)，\(unit.zh)说已经办完，想听听您怎么看，一两分钟，方便吗？",
                    "Hello, this is \(caller) of \(office.en). On \(told.en) you told us about \(what.en). \(unit.en) says it is done. May I ask how it went? It takes two minutes."
                )
            ),
            (
                Text("问解决", "Solved?"),
                Text("请问这件事解决了没有？", "Is it solved?")
            ),
            (
                Text("问满意", "Satisfied?"),
                Text(
                    "对办理的过程和结果，您是很满意、满意、基本满意、不满意，还是很不满意？",
                    "Are you very satisfied, satisfied, basically satisfied, unsatisfied or very unsatisfied with how it was done?"
                )
            ),
            (
                Text("没解决时", "If not solved"),
                again
            ),
            (
                Text("结束", "End"),
                Text(
                    "谢谢您。您的答复我会照实记下，在您的回执页面上看得到；\(view.type.reopenDays) 天内有变化，随时可以再说。",
                    "Thank you. I write down what you said; you find it on your receipt page, and for \(view.type.reopenDays) days you can say more."
                )
            ),
        ]
        return """
            <dl class="kv wide">\(each: lines, { line in "<dt>\(line.0)</dt><dd>\(line.1)</dd>" })</dl>
            <p class="pad note">\(Text(
                "不劝、不催、不解释；对方怎么说就怎么记。不愿说的，记“不愿答复”，按未答复算。",
                "Do not persuade, hurry or explain; write down what is said. Who does not want to answer stays silent."
            ))</p>
            """
    }

    private var about: HTML {
        """
        <section class="card" aria-labelledby="h-about"><div class="hd"><h2 id="h-about">\(Text("这件事", "The case"))</h2>\
        <a href="\(CasePath.desk(item.id))">\(Text("打开工单", "Open it"))</a></div>
        <dl class="kv">
        <dt>\(Text("编号", "Number"))</dt><dd class="num">\(item.number)</dd>
        <dt>\(Text("反映人", "Reporter"))</dt><dd>\(reporter)</dd>
        <dt>\(Text("承办", "Unit"))</dt><dd>\(view.unit?.name ?? Text(same: ""))</dd>
        <dt>\(Text("打过", "Calls"))</dt><dd class="num">\(outcome?.attempts ?? 0)/\(attempts)</dd>
        </dl></section>
        """
    }

    private var reporter: HTML {
        guard view.standing.seesReporter else {
            return .text(Text("只让受理中心知道，请由受理中心回访", "Known to the receiving office only: they call"))
        }
        let mask = item.reporterMask
        return """
            <span class="num">\(mask.isEmpty ? Text("登录的居民", "A signed-in resident") : Text(same: mask))</span>
            <br><span class="note">\(Text("电话在工单页“查看姓名、电话”里看，每次记入审计。",
                "The number stands on the case's page under “Name and phone in clear”; every reading is audited."))</span>
            """
    }

    // MARK: The forms

    private var forms: HTML {
        """
        <section class="card" aria-labelledby="h-answer"><div class="hd"><h2 id="h-answer">\(Text("打通了", "They answered"))</h2></div>
        <form class="pad stack" method="post" action="/desk/follow-up/\(item.id)">\(hidden)
        <fieldset class="field"><legend>\(Text("解决了没有", "Solved?"))</legend>
        \(choice("solved", value: "yes", checked: form["solved"] == "yes", Text("解决了", "Solved")))
        \(choice("solved", value: "no", checked: form["solved"] == "no", Text("没解决，要重办", "Not solved: do it again")))
        \(error?.text(for: "solved").map { "<p class=\"err\">\($0)</p>" as HTML })</fieldset>
        \(field(Text("满意程度", "Satisfaction"), for: "grade", optional: true, select(
            "grade", Satisfaction.allCases.reversed().map { (value: "\($0.rawValue)", text: $0.name) },
            selected: form["grade"], empty: Text("没说", "Not said")
        )))
        \(field(
            Text("原话", "Their words"), for: "text", hint: Text("没解决的必须写还差什么。", "Needed when it is not solved."),
            error: error?.text(for: "text"),
            """
            <textarea id="text" name="text" rows="3" maxlength="2000"\
            \(described("text", hint: true, error: error?.text(for: "text")))>\(form["text"] ?? "")</textarea>
            """
        ))
        <button class="btn" name="outcome" value="answered">\(Text("记下答复", "Write it down"))</button>
        <button class="btn ghost" name="outcome" value="declined" formnovalidate>\(Text("不愿答复", "Does not want to answer"))</button>
        </form></section>
        <section class="card"><details class="more pad"\(when: form["outcome"] == "missed", " open")>\
        <summary>\(icon("phone", small: true))\(Text("没打通", "Not reached"))</summary>
        <form class="stack" method="post" action="/desk/follow-up/\(item.id)">\(hidden)
        \(field(Text("原因", "Why"), for: "reason", error: error?.text(for: "reason"), select(
            "reason", MissReason.allCases.map { (value: $0.rawValue, text: $0.name) }, selected: form["reason"],
            empty: Text("请选", "Choose"), attributes: described("reason", error: error?.text(for: "reason"))
        )))
        \(field(
            Text("什么时候再打", "Call again at"), for: "again", optional: true, error: error?.text(for: "again"),
            """
            <input id="again" name="again" type="datetime-local" value="\(form["again"] ?? "")"\
            \(described("again", error: error?.text(for: "again")))>
            """
        ))
        <button class="btn weak" name="outcome" value="missed">\(Text("记下没打通", "Note it"))</button>
        </form></details></section>
        """
    }

    private var hidden: HTML {
        "\(LinliUI.formToken(formToken))<input type=\"hidden\" name=\"version\" value=\"\(item.version)\">"
    }
}
