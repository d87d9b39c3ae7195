import LinliCore
import LinliKernel
import LinliUI

/// One order: what holds (theirs), what we set ourselves, the reply to paste, and what 12345 was asked and said.
struct OrderPage: Sendable {
    let reply: OrderReply
    let replies: [(at: Instant, text: String)]
    let results: [ForeignResult]
    /// The case of the order this one belongs to, where the reader sees it.
    let related: ID<Case>?
    let leadHours: Int
    let formToken: String
    let now: Instant
    var done: String?
    var attempt: (step: String, form: Form, error: LinliError)?
    /// Every column as it came; shown once.
    var columns: [(name: String, text: String)]?

    private var view: CaseView { reply.view }
    private var item: CaseRecord { reply.view.item }
    private var order: ForeignOrder { reply.order }
    private var mayAct: Bool { view.standing.isHandler || view.standing.isDispatcher }
    private var base: String { "/desk/orders/\(item.id)" }

    var page: Page {
        Page(Text(same: "12345 · \(order.number)"), frame: .desk("/desk/orders"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(item.title.isEmpty ? order.number : item.title)</h1>\
        <a class="btn ghost" href="/desk/orders">\(icon("back", small: true))\(Text("回列表", "Back"))</a>\
        <a class="btn ghost" href="\(CasePath.desk(item.id))">\(icon("desk", small: true))\(Text("打开工单", "Open the case"))</a></div>
        \(problem(attempt?.error))
        \(done.flatMap(OrderPage.said).map { notice($0, .ok, icon: "done") })
        \(columns.map(received))
        \(unseen.map(differing))
        <div class="card"><div class="hd"><h2>\(Text("时限和裁定", "Deadlines and rulings"))</h2></div>
        \(facts)
        \(requests)</div>
        \(replyCard)
        <aside class="stack">
        \(when: mayAct, askCard)
        \(when: view.standing.isDispatcher, rulingCard)
        \(when: OrderReply.mayReadOriginal(view), receivedCard)
        </aside>
        </main>
        """
    }

    private static func said(_ step: String) -> Text? {
        switch step {
        case "reply": Text("已记下：答复已转到 12345。", "Noted: the reply was taken over to 12345.")
        case "ask": Text("已记下这次申请，答复来了在这里登记。", "The request was noted; write the answer down here.")
        case "seen": Text("已记下：看过了，时限不变。", "Noted: seen, and the deadline stays.")
        case "ruling": Text("已按 12345 的答复处理。", "Done as 12345 ruled.")
        default: nil
        }
    }

    // MARK: What holds

    private var unseen: (due: Instant, at: Instant)? { order.differenceSeenAt == nil ? order.difference : nil }

    /// Another deadline that came, of which nobody can tell whether it is older or newer.
    private func differing(_ other: (due: Instant, at: Instant)) -> HTML {
        let (theirs, came) = (other.due.dayAndTime(at: now), other.at.relative(to: now))
        let held = order.dueAt?.dayAndTime(at: now) ?? Text("没有时限", "none")
        let words = Text(
            "\(came.zh)来的一份写着办理时限 \(theirs.zh)，没写更新时间，分不清新旧，仍按 \(held.zh) 办。请到 12345 核对；要改，在“登记 12345 的答复”里记延期和新的时限。",
            "A sheet that came \(came.en) says \(theirs.en) and not when it was changed: \(held.en) still holds. Please look it up there; to change it, write it down as a ruling."
        )
        return """
            <div class="alert warn" role="status">\(icon("alert"))<div class="bd"><p>\(words)</p>\
            \(when: view.standing.isDispatcher, """
                <form method="post" action="\(base)/seen">\(LinliUI.formToken(formToken))\
                <input type="hidden" name="due" value="\(other.due.iso8601)">\
                <button class="btn weak">\(icon("check", small: true))\(Text("看过了，不用改", "Seen: it stays"))</button></form>
                """)</div></div>
            """
    }

    /// A deadline that differed, was looked at and changed nothing.
    private var looked: HTML {
        guard let other = order.difference, let at = order.differenceSeenAt?.relative(to: now) else { return .empty }
        return """
            <dt>\(Text("来单的另一个时限", "Another deadline that came"))</dt><dd>\(time(other.due, other.due.dayAndTime(at: now)))<br>\
            <span class="note">\(Text("\(at.zh)看过了，没有改", "Seen \(at.en), and nothing was changed"))</span></dd>
            """
    }

    private var facts: HTML {
        """
        <dl class="kv wide">
        <dt>\(Text("工单编号", "Number"))</dt><dd class="num">\(order.number)</dd>
        <dt>\(Text("12345 时限", "12345 deadline"))</dt><dd>\(OrderClocks.official(order, isOpen: item.isOpen, now: now)) \
        \(tag(Text("为准", "holds"), .info))\(order.dueAt.map(exact))</dd>\(looked)
        <dt>\(Text("内部时限", "Our own deadline"))</dt><dd>\(own)<br><span class="note">\(ownWords)</span></dd>
        <dt>\(Text("派单时间", "Dispatched"))</dt><dd>\(time(order.dispatchedAt, order.dispatchedAt.dayAndTime(at: now)))</dd>
        \(order.calledAt.map { "<dt>\(Text("来电时间", "Called"))</dt><dd>\(time($0, $0.dayAndTime(at: now)))</dd>" as HTML })
        \(line(Text("诉求类型", "Kind"), order.kind))\(line(Text("问题分类", "Classification"), order.classes))\
        \(line(Text("被反映对象", "Against whom"), order.accused))\(line(Text("紧急程度", "Urgency"), order.urgency))\(when: order.isPrivate, confidential)\
        \(when: order.isRepeat || !order.related.isEmpty, relation)
        \(each: results, result)
        </dl>
        """
    }

    /// What our own deadline is for; where none is left before theirs, that.
    private var ownWords: Text {
        if let due = order.dueAt, let own = view.internalDue(leadHours: leadHours), own >= due {
            return Text(
                "来的时候已经没有时间留了，和 12345 的时限是同一刻，请马上办、马上答复。",
                "No time was left before theirs when it came: the two are the same moment. Please act and reply at once."
            )
        }
        return Text(
            "本系统自己的时限，赶在 12345 到期之前（留出至多 \(leadHours) 小时），给复核和答复留时间；到期只提醒，不上报。",
            "Our own promise, before 12345 by up to \(leadHours) hours, for checking and replying; it reminds and raises nothing."
        )
    }

    private func exact(_ due: Instant) -> HTML { "<br><span class=\"note num\">\(due.dayAndTime(at: now))</span>" }

    private var own: HTML {
        OrderClocks.own(view.internalDue(leadHours: leadHours), isOpen: item.isOpen, isPaused: item.isPaused, now: now)
    }

    private func line(_ name: Text, _ text: String) -> HTML {
        text.isEmpty ? .empty : "<dt>\(name)</dt><dd>\(text)</dd>"
    }

    private var confidential: HTML {
        """
        <dt>\(Text("是否保密", "Confidential"))</dt><dd>\(tag(Text("要求保密", "Confidential"), .warn)) \
        <span class="note">\(Text("承办人看不到诉求人是谁", "Handlers do not see who called"))</span></dd>
        """
    }

    private var relation: HTML {
        let link: HTML =
            related.map { "<a class=\"num\" href=\"/desk/orders/\($0)\">\(order.related)</a>" } ?? "\(order.related)"
        return """
            <dt>\(Text("重复、关联", "Repeated"))</dt><dd>\(tag(Text("重复诉求", "Repeated"), .warn)) \(link)</dd>
            """
    }

    private func result(_ result: ForeignResult) -> HTML {
        func word(_ value: Bool?, _ yes: Text, _ no: Text) -> Text? { value.map { $0 ? yes : no } }
        let parts = [
            word(result.isContacted, Text("已响应", "contacted"), Text("未响应", "not contacted")),
            word(result.isSolved, Text("已解决", "solved"), Text("未解决", "not solved")), result.grade?.name,
        ].compactMap { $0 }
        return """
            <dt>\(Text("市级回访", "Official follow-up"))</dt><dd>\(tag(Text("市级考核成绩", "The city's own result"), .info)) \
            \(result.month.name) \(each: parts, { "\(tag($0, .mute)) " })\
            \(when: parts.isEmpty, "\(Text("没有回访到", "nobody was asked"))")</dd>
            """
    }

    private var requests: HTML {
        guard !reply.requests.isEmpty else { return .empty }
        return """
            <h3 class="sec">\(Text("向 12345 的申请和答复", "Asked of 12345, and what it said"))</h3>
            <ul class="plain">\(each: reply.requests, { request in
                let tone: Tone = request.state == .waiting ? .warn : request.state == .granted ? .ok : .bad
                let reason = CaseCommands.reasons(request.kind, view.type).first { $0.id == request.reasonClass }?.name
                return """
                    <li class="pad"><b>\(request.kind.name)</b> \(tag(request.state.name, tone)) \
                    <span class="note">\(request.askedAt.relative(to: now))</span>\
                    \(reason.map { "<p class=\"note\">\($0) · \(request.text)</p>" as HTML })\
                    \(when: !request.ruling.isEmpty, "<p class=\"note\">\(Text("12345：", "12345: "))\(request.ruling)</p>")\
                    \(request.dueAt.map { "<p class=\"note\">\(Text("时限改为 ", "Deadline moved to "))\($0.dayAndTime(at: now))</p>" as HTML })</li>
                    """
            })</ul>
            """
    }

    // MARK: The reply

    private var replyCard: HTML {
        let failed = attempt?.step == "reply" ? attempt : nil
        let error = failed?.error.text(for: "text")
        return """
            <section class="card" aria-labelledby="h-reply"><div class="hd"><h2 id="h-reply">\
            \(Text("给 12345 的答复", "The reply to 12345"))</h2></div>
            <form class="pad stack" method="post" action="\(base)/reply">\(LinliUI.formToken(formToken))
            \(field(
                Text("按办理记录写好，可以改，复制后贴到 12345 系统", "Made from the log; change it, copy it, paste it there"),
                for: "reply-text", error: error,
                """
                <textarea id="reply-text" name="text" rows="12" maxlength="8000" required\
                \(described("reply-text", error: error))>\n\(failed?.form.all("text").first ?? reply.text)</textarea>
                """
            ))
            <div class="btns"><button class="btn" type="button" data-copy="#reply-text" data-js hidden>\
            \(icon("copy"))\(Text("复制答复", "Copy the reply"))</button>\
            \(when: mayAct, "<button class=\"btn weak\">\(Text("已贴到 12345，记下来", "Pasted there: note it"))</button>")</div>
            </form>
            \(when: !replies.isEmpty, sent)</section>
            """
    }

    private var sent: HTML {
        """
        <details class="more pad"><summary>\(Text("答复过 \(replies.count) 次", "Replied \(replies.count) times"))</summary>
        \(each: replies, { reply in
            "<h3 class=\"sec\">\(time(reply.at, reply.at.dayAndTime(at: now)))</h3><p class=\"pre\">\(OrderPage.lines(reply.text))</p>"
        })</details>
        """
    }

    /// A text with its line ends.
    private static func lines(_ text: String) -> HTML {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return "\(each: lines.enumerated(), { index, line in "\(when: index > 0, "<br>")\(String(line))" })"
    }

    // MARK: Requests and rulings

    private var askCard: HTML {
        let failed = attempt?.step == "ask" ? attempt : nil
        let chosen = failed.map { $0.form["reasonClass"] ?? "" }
        let (wrong, basis) = (failed?.error.text(for: "reasonClass"), failed?.error.text(for: "text"))
        return """
            <section class="card"><details class="more pad"\(when: failed != nil, " open")>\
            <summary>\(icon("flag", small: true))\(Text("申请退单、延期、剔除", "Ask to return, extend or leave out"))</summary>
            <p class="hint">\(Text("在 12345 系统里提出后在这里记一笔，依据会写进答复。", "Note here what was asked there; the basis goes into the reply."))</p>
            <form class="stack" method="post" action="\(base)/ask">\(LinliUI.formToken(formToken))
            \(field(Text("申请什么", "What for"), for: "ask-kind", select(
                "kind", id: "ask-kind", ForeignRequestKind.allCases.map { (value: $0.rawValue, text: $0.name) },
                selected: failed?.form["kind"]
            )))
            \(field(Text("理由", "Reason"), for: "ask-reason", error: wrong, """
                <select id="ask-reason" name="reasonClass" required\(described("ask-reason", error: wrong))>\
                <option value="">\(Text("请选", "Choose"))</option>\
                \(each: ForeignRequestKind.allCases, { kind in reasons(kind, chosen) })</select>
                """))
            \(field(Text("依据和说明", "Basis and explanation"), for: "ask-text", error: basis, """
                <textarea id="ask-text" name="text" rows="3" maxlength="2000" required\
                \(described("ask-text", error: basis))>\(failed?.form["text"] ?? "")</textarea>
                """))
            <button class="btn weak">\(Text("记下申请", "Note the request"))</button></form></details></section>
            """
    }

    private func reasons(_ kind: ForeignRequestKind, _ chosen: String?) -> HTML {
        """
        <optgroup label="\(kind.name)">\(each: CaseCommands.reasons(kind, view.type), { reason in
            let value = "\(kind.rawValue).\(reason.id)"
            return "<option value=\"\(value)\"\(when: value == chosen, " selected")>\(reason.name)</option>"
        })</optgroup>
        """
    }

    private var rulingCard: HTML {
        let failed = attempt?.step == "ruling" ? attempt : nil
        let (wrong, late) = (failed?.error.text(for: "verdict"), failed?.error.text(for: "due"))
        let verdicts = [
            (value: "granted", text: Text("同意", "Granted")), (value: "denied", text: Text("不同意", "Refused")),
        ]
        return """
            <section class="card"><details class="more pad"\(when: failed != nil, " open")>\
            <summary>\(icon("check", small: true))\(Text("登记 12345 的答复", "Write down what 12345 ruled"))</summary>
            <p class="hint">\(Text("以 12345 的为准：同意退单，这里不再办；同意延期，时限跟着改；同意剔除，市里的成绩以导入的为准。退单、剔除的，本系统自测要另一个人同意才不计入。登记错了的退单，12345 再派来就重新办。",
                "Theirs holds: returned, it ends here; extended, our clocks follow; left out, the city does not count it. Our own rates leave out what was returned or left out once a second person agrees. What was returned by mistake is done again when 12345 sends it once more."))</p>
            <form class="stack" method="post" action="\(base)/ruling">\(LinliUI.formToken(formToken))
            \(field(Text("哪项", "Which"), for: "ruling-kind", select(
                "kind", id: "ruling-kind", ForeignRequestKind.allCases.map { (value: $0.rawValue, text: $0.name) },
                selected: failed?.form["kind"] ?? reply.requests.last { $0.state == .waiting }?.kind.rawValue
            )))
            \(field(Text("答复", "Answer"), for: "ruling-verdict", error: wrong, select(
                "verdict", id: "ruling-verdict", verdicts, selected: failed?.form["verdict"],
                empty: Text("请选", "Choose"), attributes: described("ruling-verdict", error: wrong)
            )))
            \(field(
                Text("新的办理时限（延期时填）", "New deadline (for more time)"), for: "ruling-due", optional: true,
                error: late,
                """
                <input id="ruling-due" name="due" type="datetime-local" value="\(failed?.form["due"] ?? "")"\
                \(described("ruling-due", error: late))>
                """
            ))
            \(field(Text("12345 的原话", "Their words"), for: "ruling-text", optional: true, """
                <textarea id="ruling-text" name="text" rows="2" maxlength="2000">\(failed?.form["text"] ?? "")</textarea>
                """))
            <button class="btn weak">\(Text("登记", "Write it down"))</button></form></details></section>
            """
    }

    // MARK: As it came

    private var receivedCard: HTML {
        let failed = attempt?.step == "received" ? attempt : nil
        let error = failed?.error.text(for: "purpose")
        return """
            <section class="card"><details class="more pad"\(when: failed != nil, " open")>\
            <summary>\(icon("shield", small: true))\(Text("查看原单", "See the order as it came"))</summary>
            \(when: order.sheet != nil, "<p><a href=\"\(base)/sheet\">\(Text("原单照片", "Photo of the paper"))</a></p>")
            <form class="stack" method="post" action="\(base)/received">\(LinliUI.formToken(formToken))
            \(field(
                Text("用途", "What for"), for: "purpose",
                hint: Text("每次查看都记入审计。", "Every reading is audited."), error: error,
                """
                <input id="purpose" name="purpose" maxlength="200" required autocomplete="off" \
                value="\(failed?.form["purpose"] ?? "")"\(described("purpose", hint: true, error: error))>
                """
            ))
            <button class="btn weak">\(Text("查看一次", "Show once"))</button></form></details></section>
            """
    }

    private func received(_ columns: [(name: String, text: String)]) -> HTML {
        """
        <div class="alert ok" role="status">\(icon("shield"))<div class="bd">\
        <b>\(Text("这次查看已记入审计，只显示这一次。", "This reading was audited. It is shown this once."))</b>
        <dl class="kv">\(each: columns, { column in
            "<dt>\(column.name)</dt><dd>\(OrderPage.lines(column.text))</dd>"
        })</dl></div></div>
        """
    }
}
