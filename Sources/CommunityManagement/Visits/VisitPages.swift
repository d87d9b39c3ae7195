import LinliCore
import LinliKernel
import LinliUI

/// One visit: who lives there, what was said before, and what came of it, in one tap when nothing changed.
struct VisitPage {
    let visit: Visit
    let members: [Resident]
    let unit: Text?
    let questions: VisitForm
    let answers: [String: (value: String, at: Instant)]
    let signals: [(signal: ContactSignal, at: Instant)]
    let photos: [ID<StoredFile>]
    let isSigned: Bool
    let form: Form
    let error: LinliError?
    let done: String?
    let formToken: String
    let now: Instant
    var kept: [String] = []
    var keptSignature: String?

    var page: Page { Page(Text("走访 \(visit.address)", "Visit \(visit.address)"), frame: .grid("/grid/visits"), body) }

    private var base: String { "/grid/visits/\(visit.id)" }

    private var body: HTML {
        """
        <main id="main" class="one">
        \(when: done == "announced", notice(Text("约好了。有手机号的住户会收到短信；没有的，请打印通知。", "Announced: by message where a phone is known, else print the note."), .ok, icon: "done"))
        \(when: done == "moved", notice(Text("改好了。不是住户要改的，会再发短信告诉他们。", "Moved. A household that did not ask for it is told again."), .ok, icon: "done"))
        \(when: done == "follow", notice(Text("跟进的工单记下了。", "The case is noted."), .ok, icon: "done"))
        \(problem(error))
        <section class="card"><div class="state"><h1>\(visit.address)</h1><p>\(visit.when(at: now)) · \(visit.way.name) · \(VisitWords.state(visit))</p></div>
        \(facts)
        <ul class="lines">\(each: members, { "<li>\(VisitMembers.line($0, now))</li>" })</ul></section>
        \(visit.isOpen ? doing : over)
        <p class="row"><a class="btn plain" href="/grid/visits">\(icon("back", small: true))\(Text("回走访", "Back to visits"))</a></p>
        </main>
        """
    }

    private var facts: HTML {
        """
        <dl class="kv pad"><dt>\(Text("为什么来", "Why"))</dt><dd>\(visit.reason)</dd>
        <dt>\(Text("谁来", "Who"))</dt><dd>\(visit.visitor)\(unit.map { " · \($0)" as HTML })</dd>
        \(when: !visit.wish.isEmpty, "<dt>\(Text("住户说", "They say"))</dt><dd>\(visit.wish)</dd>")
        <dt>\(Text("最近联系", "Last heard of"))</dt><dd>\(VisitWords.signals(signals, now))</dd></dl>
        """
    }

    private func post(_ step: String, _ button: HTML, confirm: Text? = nil) -> HTML {
        """
        <form method="post" action="\(base)/\(step)"\(confirm.map { " data-confirm=\"\($0)\"" as HTML })>\
        \(LinliUI.formToken(formToken))\(button)</form>
        """
    }

    private var doing: HTML {
        let isCall = visit.way == .call
        let same =
            isCall ? Text("打通了，没变化", "Answered, nothing changed") : Text("见到人了，没变化", "Seen, nothing changed")
        let missed = isCall ? Text("没打通", "No answer") : Text("没人在家，留条", "Not at home")
        return """
            <section class="card pad stack" aria-label="\(Text("走访结果", "What came of it"))">
            \(post("unchanged", "<button class=\"btn wide\">\(icon("done"))\(same)</button>"))
            <div class="btns">\(post("miss", "<button class=\"btn weak\">\(missed)</button>"))
            <a class="btn weak" href="\(base)/slip">\(icon("print"))\(Text("通知、敲门条", "Note, slip"))</a>
            <a class="btn weak" href="/grid/pass">\(icon("qr"))\(Text("工作证", "Pass"))</a></div>
            </section>
            <section class="card pad" aria-labelledby="h-form"><h2 id="h-form">\(Text("有变化，或要补充", "Something changed, or to add"))</h2>
            \(details)
            </section>
            \(moving)
            \(post("withdraw", "<button class=\"btn plain\">\(Text("取消这次走访", "Withdraw this visit"))</button>",
                confirm: Text("不走访这一户了？", "Withdraw this visit?")))
            """
    }

    /// Another time, or a call: who cannot use the code calls, and who comes may be ill.
    private var moving: HTML {
        let isTried = error?.text(for: "day") != nil || error?.text(for: "wish") != nil
        let isAsked = !isTried || form["asked"] == "yes"
        return """
            <section class="card pad"><details class="more"\(when: isTried, " open")>\
            <summary>\(VisitWords.another(visit.way))</summary>
            <form class="stack" method="post" action="\(base)/move">\(LinliUI.formToken(formToken))
            \(VisitWords.slot(form, now, error))
            \(VisitWords.ways(form["way"].flatMap { VisitWay(rawValue: $0) } ?? visit.way))
            <label class="check"><input type="checkbox" name="asked" value="yes"\(when: isAsked, " checked")>\
            <span>\(Text("住户打电话来、当面说要改的（算联系上了）", "The household asked for it, and so was heard of"))</span></label>
            \(field(
                Text("住户怎么说", "What they said"), for: "wish", optional: true, error: error?.text(for: "wish"),
                """
                <input id="wish" name="wish" maxlength="100" autocomplete="off" value="\(form["wish"] ?? "")"\
                \(described("wish", error: error?.text(for: "wish")))>
                """))
            <button class="btn weak wide">\(Text("改约", "Move it"))</button></form></details></section>
            """
    }

    private var details: HTML {
        """
        <form class="stack" id="visit-form" method="post" action="\(base)/done" enctype="multipart/form-data" data-draft="visit-\(visit.id)">\
        \(LinliUI.formToken(formToken))
        \(asked)
        \(field(
            Text("情况", "What is new"), for: "note", hint: Text("不写病情、收入；电话、证件号会自动打码。", "No illness, no income; numbers are masked."), optional: true,
            error: error?.text(for: "note"),
            """
            <textarea id="note" name="note" rows="3" maxlength="500"\
            \(described("note", hint: true, error: error?.text(for: "note")))>\(form["note"] ?? "")</textarea>
            """))
        \(PhotoPicker(id: "photos", kept: kept, error: error, isOptional: true).html)
        \(VisitSignature(form: form, kept: keptSignature, error: error?.text(for: "signer")).html)
        <button class="btn weak wide" name="changed" value="yes">\(Text("有变化，记下这次走访", "Something changed: note it"))</button>
        <button class="btn ghost wide" name="changed" value="no">\(Text("没变化，记下这次走访", "Nothing changed: note it"))</button>
        </form>
        """
    }

    /// What was answered before is shown as it stands; only the rest is asked.
    private var asked: HTML {
        let known = questions.questions.filter { answers[$0.id] != nil }
        let open = questions.questions.filter { answers[$0.id] == nil }
        return """
            \(each: open, { question($0, selected: form["q.\($0.id)"]) })
            \(when: !known.isEmpty, """
                <details class="more"><summary>\(Text("上次问过的 \(known.count) 项，变了才改", "\(known.count) asked before: change what is new"))</summary>
                <div class="stack">\(each: known, { question($0, selected: form["q.\($0.id)"] ?? answers[$0.id]?.value) })</div></details>
                """)
            """
    }

    private func question(_ question: VisitForm.Question, selected: String?) -> HTML {
        let said = answers[question.id].map {
            Text("上次 \($0.at.date.dayAndMonth.zh)", "Last \($0.at.date.dayAndMonth.en)")
        }
        return """
            <fieldset class="field"><legend>\(question.name)\(said.map { "<span class=\"opt\">\($0)</span>" as HTML })</legend>
            <div class="choices two">\(each: question.choices, { one in
                choice("q.\(question.id)", value: one.id, checked: selected == one.id, one.name)
            })</div></fieldset>
            """
    }

    private var over: HTML {
        """
        <section class="card pad"><h2>\(Text("这次走访", "This visit"))</h2>
        <p>\(visit.result?.name ?? visit.state.name)\(visit.endedAt.map { " · \(time($0, $0.relative(to: now)))" as HTML })</p>
        \(visit.missedAt.map { "<p class=\"note\">\(Text("有一次没联系上", "Nobody was reached once"))：\(time($0, $0.relative(to: now)))</p>" as HTML })
        \(when: !visit.note.isEmpty, "<p>\(visit.note)</p>")
        \(when: !photos.isEmpty, """
            <div class="shots">\(each: photos, { file in
                "<figure><a href=\"\(base)/photos/\(file)\"><img src=\"\(base)/photos/\(file)?size=small\" alt=\"\(Text("走访照片", "Photo of the visit"))\" loading=\"lazy\"></a></figure>"
            })</div>
            """)
        \(when: !answers.isEmpty, "<dl class=\"kv\">\(each: questions.questions, answer)</dl>")
        \(when: isSigned || !visit.signer.isEmpty, signature)
        </section>
        <section class="card pad" aria-labelledby="h-follow"><h2 id="h-follow">\(Text("跟进的工单", "The case that follows"))</h2>
        \(when: !visit.followUp.isEmpty, "<p><b class=\"num\">\(visit.followUp)</b></p>")
        <form class="stack" method="post" action="\(base)/follow-up">\(LinliUI.formToken(formToken))
        \(field(
            Text("工单编号", "Number of the case"), for: "number",
            hint: Text("走访中发现的事先上报，再把编号填在这里，台账里就对得上。", "Report what was found, then enter its number here: the ledger shows it."),
            error: error?.text(for: "number"),
            """
            <input id="number" name="number" maxlength="40" required autocomplete="off" autocapitalize="characters" \
            value="\(form["number"] ?? "")"\(described("number", hint: true, error: error?.text(for: "number")))>
            """))
        <div class="btns"><button class="btn weak">\(Text("记下", "Note it"))</button>\
        <a class="btn ghost" href="/grid/report">\(icon("camera"))\(Text("去上报", "Report"))</a></div></form></section>
        """
    }

    private var signature: HTML {
        """
        <p>\(Text("住户签名", "Signed by the household"))\(when: !visit.signer.isEmpty, "：<b>\(visit.signer)</b>")</p>
        \(when: isSigned, """
            <p><img class="signature" src="\(base)/signature" alt="\(Text("住户手写的签名", "The household's signature"))" loading="lazy"></p>
            <p class="note">\(Text("谁看过签名，都有记录。", "Whoever looks at it is noted."))</p>
            """)
        """
    }

    private func answer(_ question: VisitForm.Question) -> HTML {
        guard let answer = answers[question.id] else { return .empty }
        return "<dt>\(question.name)</dt><dd>\(question.name(of: answer.value))</dd>"
    }
}

/// On paper: who comes, why and when, or that nobody was at home; with the code that moves the visit.
struct VisitSlip {
    let visit: Visit
    let unit: UnitSummary?
    /// Who was there in vain; who comes next may be somebody else.
    let went: String
    let code: String
    let origin: String
    let now: Instant

    var page: Page { Page(title, frame: .grid("/grid/visits"), body) }

    private var isCall: Bool { visit.way == .call }

    private var title: Text {
        guard visit.state == .missed else { return Text("走访通知", "Note of a visit") }
        return isCall ? Text("没打通的留条", "No-answer slip") : Text("敲门条", "Not-at-home slip")
    }

    private var heading: Text {
        switch (visit.state == .missed, isCall) {
        case (true, true): Text("打过电话，没打通", "We phoned; nobody answered")
        case (true, false): Text("我们来过，您不在家", "We came; nobody was at home")
        case (false, true): Text("我们要给您打电话", "We would like to call you")
        case (false, false): Text("我们要来看望您", "We would like to visit you")
        }
    }

    private var caution: Text {
        isCall
            ? Text(
                "电话里不收钱、不推销，也不问密码和验证码；不放心就挂断，打社区的电话核实。",
                "On the phone nobody asks for money, passwords or codes. In doubt hang up and call the community.")
            : Text(
                "来人会出示工作证二维码，一分钟一变，请先扫一扫再开门。走访不收钱、不推销。",
                "Ask for the QR work pass before you open. A visit costs nothing and sells nothing.")
    }

    private var answers: Text {
        isCall
            ? Text(
                "扫一扫：改个时间、改成上门，或者说一声“都好”。不会用手机的，打电话也行。",
                "Scan it to choose another time, ask for a visit, or say that all is well. A call does as well.")
            : Text(
                "扫一扫：改个时间、改成打电话，或者说一声“都好”。不会用手机的，打电话也行。",
                "Scan it to choose another time, ask for a call, or say that all is well. A call does as well.")
    }

    private var body: HTML {
        """
        <main id="main" class="one">
        <div class="card pad btns noprint"><a class="btn ghost" href="/grid/visits/\(visit.id)">\(icon("back", small: true))\(Text("回这次走访", "Back"))</a>\
        <button class="btn" type="button" data-print data-js hidden>\(icon("print"))\(Text("打印", "Print"))</button></div>
        <article class="sheet wallcode a6">
        <h1>\(heading)</h1>
        <p class="where">\(visit.address)</p>
        <p>\(words)</p>
        \(qrCode("\(origin)/visit/\(code)", label: Text("改时间、报平安的二维码", "QR code to answer")))
        <p class="secret">\(VisitCode.shown(code))</p>
        <p>\(answers)</p>
        \(unit.map(phone))
        <p><b>\(caution)</b></p>
        </article>
        </main>
        """
    }

    private var words: Text {
        let reason = visit.reason
        if visit.state == .missed {
            // On paper, which is read on another day: never “today”.
            let moment = (visit.missedAt ?? now).dayAndTime
            return isCall
                ? Text(
                    "\(went) \(moment.zh)打过电话：\(reason)",
                    "\(went) phoned, \(moment.en): \(reason)")
                : Text(
                    "\(went) \(moment.zh)来过：\(reason)",
                    "\(went) came, \(moment.en): \(reason)")
        }
        let when = visit.when(at: now)
        return Text(
            "\(visit.visitor.zh)\(when.zh)\(isCall ? "给您打电话" : "上门")：\(reason)",
            "\(visit.visitor.en) \(isCall ? "calls" : "comes"), \(when.en): \(reason)")
    }

    private func phone(_ unit: UnitSummary) -> HTML {
        "<p class=\"tel\">\(unit.name)\(when: !unit.phone.isEmpty, " <b class=\"num\">\(unit.phone)</b>")</p>"
    }
}

/// The pass of a worker, to hold towards whoever opens.
struct WorkPassPage {
    let name: String
    let link: String
    /// Whether they visit households.
    let mayVisit: Bool
    /// Whether they stand on a roster now, as whoever scans the pass is told.
    let isOnDuty: Bool
    let now: Instant

    var page: Page { Page(Text("工作证", "Work pass"), frame: .grid("/grid/pass"), body) }

    private var body: HTML {
        """
        <main id="main" class="one">
        <h1 class="sr">\(Text("工作证", "Work pass"))</h1>
        <section class="card qr" data-live="desk" data-live-every="60" data-live-src="/grid/pass/code">
        \(code)
        </section>
        <p class="hint">\(Text("给住户扫。每分钟换一个，截图过两分钟就没用了。", "Let them scan it. It changes every minute; a picture of it is soon worth nothing."))</p>
        <p class="btns"><a class="btn weak" href="/grid/pass">\(icon("refresh"))\(Text("换一个", "A new one"))</a>\
        \(when: mayVisit, "<a class=\"btn ghost\" href=\"/grid/visits\">\(Text("回走访", "Back to visits"))</a>")</p>
        </main>
        """
    }

    /// The code, fetched again each minute.
    var code: HTML {
        """
        <b>\(name)</b>\(qrCode(link, label: Text("工作证二维码", "QR code of the work pass")))\
        <p class="note">\(Text("生成于 \(now.time)", "Made at \(now.time)"))</p>\
        \(when: !isOnDuty, notice(Text(
            "您现在不在班上，住户扫出来也会看到。", "You are off duty now; whoever scans the pass sees it too."), .warn))
        """
    }
}
