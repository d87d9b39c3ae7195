import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What goes on around the work on a case: its clocks, what was asked for, the parts of other units, and the forms for
/// asking, deciding, noting a contact and giving a part away.
struct DeskWork {
    let page: DeskCase

    private var view: CaseView { page.view }
    private var item: CaseRecord { page.view.item }
    private var forms: DeskForms { DeskForms(page: page) }

    // MARK: What stands where

    /// Clocks, requests and parts, for the content that changes while people work.
    var status: HTML {
        "\(supervised)\(clocks)\(requests)\(parts)"
    }

    /// The way to what the unit answered, and to lifting it.
    private var supervised: HTML {
        guard item.supervision > 1, item.isOpen else { return .empty }
        return """
            <p class="pad"><a href="/desk/supervised#s-\(item.id)">\(icon("flag", small: true))\
            \(Text("督办情况和答复", "Supervision and answers"))</a></p>
            """
    }

    private var clocks: HTML {
        let shown = view.clocks.filter { $0.clock != CaseClock.step }
        guard !shown.isEmpty else { return .empty }
        return """
            <h3 class="sec">\(Text("时限", "Clocks"))</h3>
            <dl class="kv">\(each: shown, clock)</dl>
            """
    }

    private func clock(_ clock: CaseClock) -> HTML {
        let rule = view.type.clocks.first { $0.id == clock.clock }
        let basis = rule?.basis == .statutory ? Text("规定", "Rule") : Text("承诺", "Promise")
        let isOwn = view.order?.dueAt != nil && view.type.internalClocks.contains(clock.clock)
        return """
            <dt>\(rule?.name ?? Text(same: clock.clock))</dt><dd>\(state(of: clock)) \(tag(isOwn ? Text("内部", "Our own") : basis, .mute))\
            <br><span class="note">\(length(clock))</span></dd>
            """
    }

    private func state(of clock: CaseClock) -> HTML {
        if let stopped = clock.stoppedAt {
            let at = stopped.relative(to: page.now)
            return clock.isLate
                ? tag(Text("\(at.zh) 停，已超时", "stopped \(at.en), late"), .bad)
                : tag(Text("\(at.zh) 停，没超时", "stopped \(at.en), in time"), .ok)
        }
        guard let due = clock.dueAt else {
            let left = span(seconds: clock.running.left / 1000)
            return .text(Text("暂停计时，还剩 \(left.zh)", "Stands still with \(left.en) left"))
        }
        return dueChip(due, now: page.now)
    }

    private func length(_ clock: CaseClock) -> Text {
        let whole = span(seconds: Int64(clock.budgetMinutes) * 60)
        let since = clock.startedAt.relative(to: page.now)
        let round = clock.round > 1 ? Text("，第 \(clock.round) 轮", ", round \(clock.round)") : Text(same: "")
        return Text("\(since.zh) 起算，共 \(whole.zh)", "from \(since.en), \(whole.en) in all") + round
    }

    private var requests: HTML {
        guard !view.requests.isEmpty else { return .empty }
        return """
            <h3 class="sec">\(Text("申请与审批", "Requests"))</h3>
            <ul class="plain">\(each: view.requests, request)</ul>
            """
    }

    private func request(_ request: CaseRequest) -> HTML {
        let tone: (Text, Tone) =
            switch request.state {
            case .waiting: (Text("待审批", "Waiting"), .warn)
            case .granted: (Text("同意", "Granted"), .ok)
            case .denied: (Text("不同意", "Refused"), .bad)
            }
        return """
            <li class="pad"><b>\(request.kind.name)</b> \(tag(tone.0, tone.1))\
            \(when: request.minutes > 0, " <span class=\"num\">\(span(seconds: Int64(request.minutes) * 60))</span>")
            <p class="note">\(request.reasonName(view.type)) · \(request.text)</p>
            \(when: !request.decision.isEmpty, "<p class=\"note\">\(Text("审批意见：", "Decision: "))\(request.decision)</p>")
            \(when: request.state == .waiting && view.standing.isSupervisor, decision(request))</li>
            """
    }

    /// Whether several who complained read what they are told.
    private var isOfSeveral: Bool { DeskVoices(page: page).isOfSeveral }

    private func decision(_ request: CaseRequest) -> HTML {
        let step = "decide-\(request.id)"
        return """
            <form class="stack" method="post" action="\(forms.base)/requests/\(request.id)">\(forms.hidden)
            \(when: request.kind != .exclude && isOfSeveral, DeskVoices.readers)
            \(forms.textArea(step, Text("审批意见", "Your reasons")))
            <div class="btns"><button class="btn" name="decision" value="granted">\(Text("同意", "Grant"))</button>\
            <button class="btn danger" name="decision" value="denied">\(Text("不同意", "Refuse"))</button></div>
            </form>
            """
    }

    private var parts: HTML {
        guard !view.parts.isEmpty else { return .empty }
        return """
            <h3 class="sec">\(Text("协办", "Parts"))</h3>
            <ul class="plain">\(each: view.parts, { row in
                """
                <li class="pad"><a href="\(CasePath.desk(row.id))">\(row.title.isEmpty ? row.number : row.title)</a> \
                \(tag(DeskWords.state(row, page.types), DeskWords.tone(page.types.state(row.state, of: row.type))))\
                <br><span class="note">\(row.handlerName)\(when: row.isOpen, " · \(DeskWords.due(row, now: page.now))")</span></li>
                """
            })</ul>
            """
    }

    // MARK: Forms

    /// The cards beside a case for who works on it.
    var cards: HTML {
        guard item.isOpen else { return .empty }
        let isWorking = view.standing.isHandler || view.standing.isDispatcher
        return """
            \(when: isWorking, contactCard)
            \(each: view.askable, askCard)
            \(when: item.isPaused && (view.standing.isHandler || view.standing.isSupervisor), resumeCard)
            \(when: isWorking && item.parent == nil && !page.surroundings.helpers.isEmpty, partCard)
            \(when: view.mayDate && !item.isPaused, dateCard)
            \(when: view.standing.isSupervisor && item.supervision < 2, superviseCard)
            """
    }

    private var superviseCard: HTML {
        card(
            "supervise", Text("列为督办", "Take under supervision"), icon: "flag",
            """
            \(forms.begin("supervise"))
            \(forms.textArea("supervise", Text("为什么督办，要求什么", "Why, and what is asked")))
            <p class="hint">\(Text("承办单位会看到，要在督办页答复。", "The unit sees it and answers on the page of supervision."))</p>
            <button class="btn weak">\(Text("列为督办", "Supervise"))</button></form>
            """
        )
    }

    private func card(_ step: String, _ title: Text, icon name: String, _ form: HTML) -> HTML {
        """
        <section class="card"><details class="more pad"\(when: forms.attempt(step) != nil, " open")>\
        <summary>\(icon(name, small: true))\(title)</summary>\(form)</details></section>
        """
    }

    private var contactCard: HTML {
        let attempt = forms.attempt("contact")
        return card(
            "contact", Text("记一次联系", "Note a contact"), icon: "phone",
            """
            \(when: item.disclosure == .office && !view.standing.seesReporter, throughCentre)
            \(forms.begin("contact"))
            \(field(Text("怎么联系的", "How"), for: "way", select(
                "way", ContactWay.allCases.map { (value: $0.rawValue, text: $0.name) }, selected: attempt?.form["way"]
            )))
            \(field(Text("结果", "Outcome"), for: "outcome", select(
                "outcome", ContactOutcome.allCases.map { (value: $0.rawValue, text: $0.name) },
                selected: attempt?.form["outcome"]
            )))
            \(when: !view.voices.list.isEmpty, whom(attempt))
            \(forms.textArea("contact", Text("说了什么", "What was said"), isOptional: true))
            <button class="btn weak">\(Text("记下", "Note it"))</button></form>
            """
        )
    }

    /// Said to who handles a case whose reporter only the centre knows.
    private var throughCentre: HTML {
        let names = page.surroundings.receivers.joined(separator: "、")
        let who =
            names.isEmpty
            ? Text(
                "这里还没有人有“诉求处置中心调度员”职责，谁也打不了电话：有话写在工单里，并请管理员给一位不经办的人。",
                "Nobody here has the duty “Dispatcher”, so nobody may call: write in the case, and ask for the duty.")
            : Text("要打电话，请能看到的人打：\(names)。", "Who may call them: \(names).")
        return """
            <p class="hint">\(Text("诉求人只让受理中心知道，您看不到电话。", "Known to the receiving office only: you see no number.")) \
            \(who)</p>
            """
    }

    /// Of several who told it, who was reached: each is owed a contact of their own.
    private func whom(_ attempt: DeskAttempt?) -> HTML {
        let chosen = attempt.map { Set($0.form.all("voice")) } ?? ["\(item.id)"]
        let all = [(item, item.disclosure == .named)] + view.voices.list.map { ($0.item, $0.showsReporter) }
        return """
            <fieldset class="field"><legend>\(Text("联系的是谁", "Who was it"))</legend>\(each: all, { told, isShown in
                """
                <label class="check"><input type="checkbox" name="voice" value="\(told.id)"\
                \(when: chosen.contains("\(told.id)"), " checked")><span class="num">\(told.number) \
                \(isShown ? told.reporterMask : "")</span></label>
                """
            })</fieldset>
            """
    }

    private func askCard(_ rule: CaseType.RequestRule) -> HTML {
        let step = "ask-\(rule.kind.rawValue)"
        let attempt = forms.attempt(step)
        let error = attempt?.error
        let title =
            switch rule.kind {
            case .pause: Text("申请挂账（暂停计时）", "Ask to pause the clock")
            case .extend: Text("申请延期", "Ask for more time")
            case .exclude: Text("申请不计入考核", "Ask to leave it out of the rates")
            }
        return card(
            step, title, icon: "clock",
            """
            \(forms.begin(step))
            \(field(Text("理由", "Reason"), for: "\(step)-reason", error: error?.text(for: "reasonClass"), select(
                "reasonClass", id: "\(step)-reason", rule.reasons.map { (value: $0.id, text: $0.name) },
                selected: attempt?.form["reasonClass"], empty: Text("请选", "Choose"),
                attributes: described("\(step)-reason", error: error?.text(for: "reasonClass"))
            )))
            \(when: rule.kind != .exclude, daysField(step, rule, attempt))
            \(when: rule.kind != .exclude && isOfSeveral, DeskVoices.readers)
            \(forms.textArea(step, Text("情况和依据", "Circumstances and basis")))
            <p class="hint">\(Text("由街道诉求处置中心审批；同意后会告诉诉求人。", "The street's centre decides; the reporter is told when it is granted."))\
            \(shownHint(rule))</p>
            <button class="btn weak">\(Text("提交申请", "Send"))</button></form>
            """
        )
    }

    /// That the reporter reads what is wanted of them.
    private func shownHint(_ rule: CaseType.RequestRule) -> Text {
        guard let reason = rule.reasons.first(where: { $0.id == CaseRequest.waitsForReporter }) else {
            return Text(same: "")
        }
        return Text(
            "选“\(reason.name.zh)”的，上面写的情况也会给诉求人看，请写清需要对方做什么。",
            " With “\(reason.name.en)” the reporter also reads what you write above: say what you need from them.")
    }

    private func daysField(_ step: String, _ rule: CaseType.RequestRule, _ attempt: DeskAttempt?) -> HTML {
        let most = max(rule.capMinutes / 1440, 1)
        let error = attempt?.error?.text(for: "days")
        let id = "\(step)-days"
        return field(
            Text("多少天（最多 \(most) 天）", "Days (at most \(most))"), for: id, error: error,
            """
            <input id="\(id)" name="days" type="number" min="1" max="\(most)" required \
            value="\(attempt?.form["days"] ?? "")"\(described(id, error: error))>
            """
        )
    }

    private var resumeCard: HTML {
        """
        <section class="card pad"><form method="post" action="\(forms.base)/resume">\(forms.hidden)\
        <button class="btn">\(Text("恢复计时", "Let the clock run again"))</button></form></section>
        """
    }

    /// By when, where the lead wants to say so.
    private func dueField(_ attempt: DeskAttempt?) -> HTML {
        let error = attempt?.error?.text(for: "dueAt")
        if isWholeLate {
            return """
                <p class="hint">\(Text("这件工单已超时，协办定不了办结时间，按协办的时限算；先给它申请延期。", "This case is overdue: no date fits a part, whose own time counts. Ask for more time first."))</p>
                """
        }
        return field(
            Text("什么时候办完", "To be done by"), for: "part-due",
            hint: Text("不填按协办的时限算；", "Left out, a part's own time counts. ") + bound,
            optional: true, error: error,
            """
            <input id="part-due" name="dueAt" type="datetime-local" value="\(attempt?.form["dueAt"] ?? "")"\
            \(described("part-due", hint: true, error: error))>
            """
        )
    }

    /// Whether the whole is over its time: no date in the future lies within that, so that none can be set.
    private var isWholeLate: Bool { page.partsUntil.map { $0 <= page.now } ?? false }

    /// What bounds the date of a part.
    private var bound: Text {
        guard let last = page.partsUntil?.dayAndTime(at: page.now) else {
            return Text("不能晚于主办工单的时限。", "It cannot be later than the time of the whole.")
        }
        return Text(
            "不能晚于主办工单的时限 \(last.zh)。", "It cannot be later than the time of the whole, \(last.en).")
    }

    private var dateCard: HTML {
        let title = Text("改办结时间", "Move its date")
        // What was agreed on the spot is a day of its own and not bound by the whole.
        if isWholeLate, !view.isAgreed, forms.attempt("date") == nil {
            return card(
                "date", title, icon: "clock",
                """
                <p>\(Text("主办工单已超时，协办的办结时间不能晚于它的时限，现在改不了。先给主办工单申请延期，批了再改。", "The whole is overdue, and no part may be due later than it: there is no date to move to. Ask for more time for the whole first."))</p>
                """
            )
        }
        return datesCard(title)
    }

    private func datesCard(_ title: Text) -> HTML {
        let attempt = forms.attempt("date")
        let error = attempt?.error?.text(for: "dueAt")
        let held = view.dueBy.map { "\($0.date)T\($0.time)" } ?? ""
        let input: HTML = """
            <input id="date-due" name="dueAt" type="datetime-local" required value="\(attempt?.form["dueAt"] ?? held)"\
            \(described("date-due", hint: true, error: error))>
            """
        let limit =
            view.isAgreed
            ? Text("现场约定的按天算，到那天结束。", "What was agreed on the spot is a day, and lasts until its end. ")
            : bound + Text("", " ")
        let hint = limit + Text("承办单位会看到改了什么、为什么。", "Its unit sees what moved and why.")
        return card(
            "date", title, icon: "clock",
            """
            \(forms.begin("date"))
            \(field(Text("什么时候办完", "To be done by"), for: "date-due", hint: hint, error: error, input))
            \(forms.textArea("date", Text("为什么改", "Why it is moved")))
            <button class="btn weak">\(Text("改时间", "Move it"))</button></form>
            """
        )
    }

    private var partCard: HTML {
        let attempt = forms.attempt("part")
        let error = attempt?.error?.text(for: "unit")
        let isRequired = attempt == nil || attempt?.form["required"] == "yes"
        return card(
            "part", Text("请其他单位协办", "Ask another unit for a part"), icon: "plus",
            """
            \(forms.begin("part"))
            \(field(Text("协办单位", "Unit"), for: "part-unit", error: error, select(
                "unit", id: "part-unit", page.surroundings.helpers.map { (value: "\($0.id)", text: $0.name) },
                selected: attempt?.form["unit"], empty: Text("请选", "Choose"),
                attributes: described("part-unit", error: error)
            )))
            \(forms.textArea("part", Text("请它做什么", "What it is to do")))
            \(dueField(attempt))
            <label class="check"><input type="checkbox" name="required" value="yes"\(when: isRequired, " checked")>\
            <span>\(Text("它办完，这件才能办完", "This case waits for it"))</span></label>
            <button class="btn weak">\(Text("交办", "Ask"))</button></form>
            """
        )
    }
}
