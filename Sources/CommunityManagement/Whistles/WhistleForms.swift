import LinliCore
import LinliKernel
import LinliUI

/// The forms of a whistle's page.
struct WhistleForms {
    let page: WhistlePage

    private var view: WhistleView { page.view }
    private var whistle: WhistleRecord { page.view.whistle }
    private var standing: WhistleStanding { page.view.standing }
    private var base: String { WhistlePath.page(whistle.id) }

    private func error(_ step: String) -> LinliError? {
        page.attempt.flatMap { $0.step == step ? $0.error : nil }
    }

    private func typed(_ step: String, _ name: String, _ initial: String = "") -> String {
        guard let attempt = page.attempt, attempt.step == step else { return initial }
        return attempt.form.all(name).first ?? ""
    }

    private func begin(_ path: String) -> HTML {
        "<form class=\"stack\" method=\"post\" action=\"\(base)/\(path)\">\(formToken(page.formToken))"
    }

    /// What the reader is here for.
    var first: HTML {
        let mine = view.units.filter { standing.units.contains($0.unit) }
        return """
            \(when: standing.mayConfirm && whistle.confirmedAt == nil && whistle.state.isOpen, confirmCard)
            \(when: whistle.state.isCalling, "\(each: mine, arriveCard)")
            \(view.code.map(codeCard))
            """
    }

    /// Everything else that is open to the reader.
    var rest: HTML {
        let mine = view.units.filter { standing.units.contains($0.unit) }
        let isWorking = standing.isWhistler && whistle.state.isCalling
        return """
            \(when: whistle.state.isCalling, "\(each: mine, answerCard)")
            \(when: isWorking, "\(signInForCard)\(minutesCard)")
            \(when: isWorking && view.isCaseOpen && standing.dividesTasks, taskCard)
            \(when: standing.mayConfirm && isReadyToEnd, closeCard)
            \(when: standing.mayConfirm && whistle.state == .closed, scoreCards)
            \(when: standing.isWhistler, contactCard)
            \(when: whistle.state.isOpen && mayWithdraw, withdrawCard)
            """
    }

    /// Of every unit it is known whether it came, and what was agreed is written down if one did.
    private var isReadyToEnd: Bool {
        guard whistle.state.isCalling, view.units.allSatisfy({ $0.arrivedAt != nil || $0.missedAt != nil }) else {
            return false
        }
        return whistle.state == .minuted || view.units.allSatisfy { $0.arrivedAt == nil }
    }

    private var mayWithdraw: Bool {
        standing.mayConfirm || (whistle.state == .draft && standing.isWhistler)
    }

    private func card(_ step: String, _ title: Text, icon name: String, isOpen: Bool = false, _ form: HTML) -> HTML {
        """
        <section class="card"><details class="more pad"\(when: isOpen || error(step) != nil, " open")>\
        <summary>\(icon(name, small: true))\(title)</summary>\(form)</details></section>
        """
    }

    private func line(
        _ step: String, _ name: String, _ label: Text, limit: Int, initial: String = "", optional: Bool = false,
        suffix: String = "", attributes: HTML = .empty
    ) -> HTML {
        let id = "\(step)-\(name)\(suffix)"
        let wrong = error(step)?.text(for: name)
        return field(
            label, for: id, optional: optional, error: wrong,
            """
            <input id="\(id)" name="\(name)" maxlength="\(limit)" autocomplete="off" value="\(typed(step, name, initial))"\
            \(when: !optional, " required")\(attributes)\(described(id, error: wrong))>
            """
        )
    }

    private func area(_ step: String, _ name: String, _ label: Text, limit: Int, initial: String = "") -> HTML {
        let id = "\(step)-\(name)"
        let wrong = error(step)?.text(for: name)
        return field(
            label, for: id, error: wrong,
            """
            <textarea id="\(id)" name="\(name)" rows="3" maxlength="\(limit)" required\(described(id, error: wrong))>\
            \(typed(step, name, initial))</textarea>
            """
        )
    }

    private func units(
        _ step: String, _ name: String, _ label: Text, _ units: [WhistleUnit], selected: String = ""
    ) -> HTML {
        let id = "\(step)-\(name)"
        let wrong = error(step)?.text(for: name)
        return field(
            label, for: id, error: wrong,
            select(
                name, id: id, units.map { (value: "\($0.unit)", text: $0.name) },
                selected: typed(step, name, selected), empty: Text("请选", "Choose"),
                attributes: described(id, error: wrong)
            )
        )
    }

    // MARK: First

    private var confirmCard: HTML {
        let words =
            whistle.state == .draft
            ? Text("\(whistle.drafter) 起草了这次吹哨，点一下就通知各单位。", "\(whistle.drafter) drafted this: one tap calls the units.")
            : Text("应急哨没有等您，已经发出。", "This emergency went out without waiting for you.")
        return """
            <section class="card pad stack"><p>\(words)</p>\(begin("confirm"))\
            <button class="btn">\(WhistleWords.confirm(whistle))</button></form></section>
            """
    }

    private func arriveCard(_ unit: WhistleUnit) -> HTML {
        let isHere = unit.arrivedAt != nil
        let wrong = error("sign-in")?.text(for: "code")
        let id = "code-\(unit.unit)"
        return """
            <section class="card pad stack">\(begin("sign-in"))
            <input type="hidden" name="unit" value="\(unit.unit)">
            <p><b>\(unit.name)</b> \(isHere ? tag(Text("已有人签到", "Somebody is here"), .ok) : tag(Text("还没签到", "Nobody yet"), .warn))</p>
            \(field(
                Text("签到码", "Code"), for: id, hint: Text("扫吹哨方的二维码会自动填好；没有也能签。", "Filled in by the whistler's QR code; you can sign in without."),
                optional: true, error: wrong,
                """
                <input id="\(id)" class="code" name="code" inputmode="numeric" maxlength="6" autocomplete="off" \
                value="\(page.scanned ?? typed("sign-in", "code"))"\(described(id, hint: true, error: wrong))>
                """
            ))
            <button class="btn">\(Text("我到了，签到", "I am here: sign in"))</button></form></section>
            """
    }

    private func codeCard(_ code: String) -> HTML {
        """
        <section class="card" aria-labelledby="h-code"><div class="hd"><h2 id="h-code">\(Text("给到场的人扫", "For who comes"))</h2></div>
        <div class="qr">\(qrCode("\(page.origin)\(base)?code=\(code)", label: Text("签到二维码", "QR code to sign in")))
        <p>\(Text("签到码", "Code")) <b class="num">\(code)</b></p></div></section>
        """
    }

    // MARK: Called units

    private func answerCard(_ unit: WhistleUnit) -> HTML {
        let title = Text("\(unit.name.zh)：谁来", "\(unit.name.en): who comes")
        return card(
            "answer", title, icon: "phone", isOpen: unit.answeredAt == nil && unit.arrivedAt == nil,
            """
            \(begin("answer"))<input type="hidden" name="unit" value="\(unit.unit)">
            \(line("answer", "name", Text("谁来", "Who comes"), limit: 40, initial: unit.contactName, suffix: "-\(unit.unit)"))
            \(line(
                "answer", "phone", Text("电话（加密保存，吹哨方可查看）", "Phone (kept sealed, for the whistler)"), limit: 20,
                suffix: "-\(unit.unit)", attributes: " type=\"tel\""
            ))
            \(line("answer", "words", Text("交代一句", "A word"), limit: 200, initial: unit.words, optional: true, suffix: "-\(unit.unit)"))
            <button class="btn weak">\(Text("答复", "Answer"))</button></form>
            """
        )
    }

    // MARK: The whistler

    private var signInForCard: HTML {
        card(
            "sign-in-for", Text("代没带手机的人签到", "Sign in somebody without a phone"), icon: "edit",
            """
            \(begin("sign-in-for"))
            \(units("sign-in-for", "unit", Text("单位", "Unit"), view.units))
            \(line("sign-in-for", "name", Text("谁", "Who"), limit: 40))
            <button class="btn weak">\(Text("代签", "Sign them in"))</button></form>
            """
        )
    }

    private var minutesCard: HTML {
        let here = view.units.filter { $0.arrivedAt != nil }
        guard !here.isEmpty else { return .empty }
        return card(
            "minutes", Text("现场商定：谁牵头", "Agreed: who leads"), icon: "people", isOpen: whistle.state == .called,
            """
            \(begin("minutes"))
            \(units("minutes", "lead", Text("牵头单位", "Who leads"), here, selected: whistle.leadUnit.map { "\($0)" } ?? ""))
            \(area("minutes", "minutes", Text("商定了什么", "What was agreed"), limit: 2000, initial: whistle.minutes))
            <button class="btn weak">\(Text("记下", "Write it down"))</button></form>
            """
        )
    }

    private var taskCard: HTML {
        let wrong = error("task")?.text(for: "by")
        return card(
            "task", Text("分工：交给一个单位", "Give a unit something to do"), icon: "plus",
            """
            \(begin("task"))
            \(units("task", "unit", Text("单位", "Unit"), view.units))
            \(area("task", "text", Text("做什么", "What"), limit: 1000))
            \(field(Text("哪天前办完", "Done by"), for: "task-by", error: wrong, """
                <input id="task-by" name="by" type="date" required value="\(typed("task", "by"))"\(described("task-by", error: wrong))>
                """))
            <p class="hint">\(Text("会成为这件工单的协办，有自己的时限；办完，工单才能办结。", "It becomes a part of the case with its own clock; the case waits for it."))</p>
            <button class="btn weak">\(Text("交办", "Give it to them"))</button></form>
            """
        )
    }

    private var closeCard: HTML {
        """
        <section class="card pad">\(begin("close"))\
        <button class="btn ghost">\(Text("结束这次吹哨", "End this whistle"))</button></form></section>
        """
    }

    private var scoreCards: HTML {
        "\(each: view.units.filter { $0.stars == nil }, scoreCard)"
    }

    private func scoreCard(_ unit: WhistleUnit) -> HTML {
        let step = "score-\(unit.unit)"
        return card(
            step, Text("给 \(unit.name.zh) 打分", "Score \(unit.name.en)"), icon: "star", isOpen: true,
            """
            \(begin("score"))<input type="hidden" name="unit" value="\(unit.unit)">
            \(field(Text("分数（打单位，不打个人）", "Score (the unit, not a person)"), for: step, error: error(step)?.text(for: "stars"), select(
                "stars", id: step, Self.scores, selected: typed(step, "stars"), empty: Text("请选", "Choose"),
                attributes: described(step, error: error(step)?.text(for: "stars"))
            )))
            \(line(step, "words", Text("评语（1、2 分必填）", "Why (needed for 1 and 2)"), limit: 500, optional: true))
            <button class="btn weak">\(Text("打分", "Score"))</button></form>
            """
        )
    }

    private static let scores: [(value: String, text: Text)] = [
        ("5", Text("5 分：到得快、办得实", "5: quick and thorough")), ("4", Text("4 分：好", "4: good")),
        ("3", Text("3 分：一般", "3: fair")), ("2", Text("2 分：差", "2: poor")), ("1", Text("1 分：很差", "1: very poor")),
    ]

    private var contactCard: HTML {
        let answered = view.units.filter { $0.answeredAt != nil }
        guard !answered.isEmpty else { return .empty }
        return card(
            "contact", Text("查看报到人电话", "Phones of who comes"), icon: "phone",
            """
            <p class="hint">\(Text("每次查看都记入审计。", "Every reading is audited."))</p>
            \(each: answered, { unit in
                """
                \(begin("contact"))<input type="hidden" name="unit" value="\(unit.unit)">\
                <button class="btn ghost sm">\(unit.name) · \(unit.contactName)</button></form>
                """
            })
            """
        )
    }

    private var withdrawCard: HTML {
        card(
            "withdraw", Text("撤回", "Take it back"), icon: "close",
            """
            \(begin("withdraw"))
            \(line("withdraw", "reason", Text("为什么撤回", "Why"), limit: 500))
            <button class="btn danger">\(Text("撤回吹哨", "Take it back"))</button></form>
            """
        )
    }
}
