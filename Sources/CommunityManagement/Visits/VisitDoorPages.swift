import LinliCore
import LinliKernel
import LinliUI

/// Where a household enters the code of its note or slip.
struct VisitEnterPage {
    /// What was typed and opens nothing.
    let typed: String?

    var page: Page { Page(Text("走访", "Visits"), frame: .resident(.elsewhere), body) }

    private var body: HTML {
        let error = typed.map { _ in
            Text("没有这个走访码，请对一对通知或敲门条上的 12 位", "No such code: please check the 12 characters on your note")
        }
        return """
            <main id="main" class="one">
            <form class="card pad stack" method="get" action="/visit">
            \(field(
                Text("走访码", "Code of the visit"), for: "code",
                hint: Text("在走访短信、通知或敲门条上，如 abcd-efgh-jkmn。", "On the message, note or slip, such as abcd-efgh-jkmn."),
                error: error,
                """
                <input id="code" name="code" maxlength="20" required autocomplete="off" autocapitalize="off" \
                spellcheck="false" value="\(typed ?? "")"\(described("code", hint: true, error: error))>
                """))
            <button class="btn wide">\(Text("打开", "Open"))</button>
            </form>
            </main>
            """
    }
}

/// A visit as the household sees it: who, why, when; another time, a call instead, or all is well.
struct VisitDoorPage {
    let visit: Visit
    let unit: UnitSummary?
    let code: String
    let form: Form
    let error: LinliError?
    let done: String?
    let formToken: String
    let now: Instant

    var page: Page { Page(Text("走访", "Visits"), frame: .resident(.elsewhere), body) }

    private var body: HTML {
        """
        <main id="main" class="one">
        \(problem(error))
        \(said)
        <section class="card"><div class="state"><h2 class="big">\(title)</h2></div>
        <dl class="kv pad"><dt>\(Text("谁来", "Who"))</dt><dd>\(visit.visitor)\(unit.map { " · \($0.name)" as HTML })</dd>
        <dt>\(Text("为什么", "Why"))</dt><dd>\(visit.reason)</dd>
        \(when: visit.isOpen, "<dt>\(Text("怎么来", "How"))</dt><dd>\(visit.way.name)</dd>")</dl>
        \(unit.map(call))
        </section>
        \(when: visit.isOpen, answers)
        \(when: visit.result == .anew, notice(Text(
            "要改时间或报平安，请用新短信或新通知上的码；没有收到就打社区的电话。",
            "To move it or to say that all is well, use the code of the new message or note; without one call the community."),
            .info))
        <p class="hint">\(caution)</p>
        </main>
        """
    }

    private var title: HTML {
        switch visit.state {
        case .announced: "\(visit.when(at: now))"
        case .missed: "\(missed)"
        case .done, .withdrawn:
            visit.result == .anew
                ? "\(Text("已经另约了一次，这个码不再用", "Announced anew: this code is over"))"
                : "\(Text("这次走访已经结束", "This visit is over"))"
        }
    }

    /// When it was that nobody was met: the page is opened days later as well.
    private var missed: Text {
        let moment = (visit.missedAt ?? now).relative(to: now)
        return visit.way == .call
            ? Text("\(moment.zh)打过电话，没打通", "We phoned \(moment.en); nobody answered")
            : Text("\(moment.zh)来过，您不在家", "We came \(moment.en); nobody was at home")
    }

    private var caution: Text {
        visit.way == .call
            ? Text(
                "电话里不收钱、不推销，也不问密码和验证码；不放心就挂断，打社区的电话核实。",
                "On the phone nobody asks for money, passwords or codes. In doubt hang up and call the community.")
            : Text(
                "开门前请先扫来人的工作证二维码。走访不收钱、不推销，也不问密码和验证码。",
                "Scan the visitor's work pass before you open. Nobody asks for money, passwords or codes.")
    }

    private var said: HTML {
        switch done {
        case "move": notice(Text("改好了，来走访的人看到的就是新的时间。", "Moved; the visitor sees it."), .ok, icon: "done")
        case "well":
            notice(
                Text("知道了，您都好就好。需要帮忙随时找我们。", "Good to hear. Call us whenever you need something."), .ok, icon: "done")
        default: .empty
        }
    }

    private func call(_ unit: UnitSummary) -> HTML {
        guard let link = NeedWords.telephone(unit.phone) else { return .empty }
        return
            "<div class=\"calls\"><a href=\"\(link)\">\(icon("phone"))\(unit.name)<small class=\"num\">\(unit.phone)</small></a></div>"
    }

    private var answers: HTML {
        """
        <form class="card pad" method="post" action="/visit/\(code)/well">\(LinliUI.formToken(formToken))\
        <button class="btn wide">\(icon("heart"))\(Text("我们都好，不用来", "All is well, no need to come"))</button></form>
        <form class="card pad stack" method="post" action="/visit/\(code)/move">\(LinliUI.formToken(formToken))
        <h2>\(VisitWords.another(visit.way))</h2>
        \(VisitWords.slot(form, now, error))
        \(VisitWords.ways(form["way"].flatMap { VisitWay(rawValue: $0) } ?? visit.way))
        \(field(
            Text("想说的话", "Anything to say"), for: "wish", optional: true, error: error?.text(for: "wish"),
            """
            <input id="wish" name="wish" maxlength="100" autocomplete="off" value="\(form["wish"] ?? "")"\
            \(described("wish", error: error?.text(for: "wish")))>
            """))
        <button class="btn weak wide">\(Text("就这么定", "Agree on this"))</button>
        </form>
        """
    }
}

/// What a scanned work pass says.
struct PassDoorPage {
    let token: String
    let verdict: WorkPass.Verdict
    let typed: Bool
    let visit: Visit?
    let now: Instant

    var page: Page { Page(Text("核对工作证", "Check a work pass"), frame: .resident(.elsewhere), body) }

    private var body: HTML {
        """
        <main id="main" class="one">
        \(content)
        </main>
        """
    }

    private var content: HTML {
        switch verdict {
        case .holds(let holder): holds(holder)
        case .expired:
            notice(
                Text(
                    "这个工作证码过期了。请来人在手机上点“换一个”，您再扫一次；对方给的是截图就不要开门。",
                    "This code is over. Ask for a new one and scan again; do not open for a picture of one."), .warn)
        case .unknown:
            notice(
                Text(
                    "这不是本系统的工作证。请不要开门，可以打居委会电话核实，遇到骗子打 110。",
                    "This is no work pass of ours. Do not open; call the committee, or 110 against a fraud."), .bad)
        }
    }

    private func holds(_ holder: WorkPass.Holder) -> HTML {
        let duty =
            holder.isOnDuty ? tag(Text("现在在班上", "On duty now"), .ok) : tag(Text("现在不在班上", "Not on duty now"), .warn)
        return """
            <section class="card"><div class="receipt">\(icon("done"))<p class="no">\(holder.name)</p>\
            <p>\(holder.unit ?? Text("社区工作人员", "Community staff"))</p><p>\(duty)</p></div>
            \(NeedWords.telephone(holder.phone).map { link in
                "<div class=\"calls\"><a href=\"\(link)\">\(icon("phone"))\(Text("打电话核实", "Call to verify"))<small class=\"num\">\(holder.phone)</small></a></div>" as HTML
            })
            </section>
            \(asked(holder))
            """
    }

    private func asked(_ holder: WorkPass.Holder) -> HTML {
        let isTheirs = visit.map { $0.worker == holder.account && $0.state == .announced } ?? false
        let isToday = visit?.startsAt.date == now.date
        return """
            \(when: typed && isTheirs, notice(
                isToday
                    ? Text("对，今天约的就是这位来您家。", "Yes: this is who was announced for today.")
                    : Text("这位约了来您家，但不是今天。", "This person is to visit you, but not today."),
                isToday ? .ok : .warn, icon: "door"))
            \(when: typed && !isTheirs, notice(Text("没有约这位来您家。可以不开门，打电话核实。", "Nobody announced this person. You need not open; call to verify."), .warn))
            <form class="card pad stack" method="get" action="/pass/\(token)">
            \(field(
                Text("是不是约好来我家的？", "Were they announced to me?"), for: "code",
                hint: Text("填您家短信或通知上的走访码。", "Enter the code of your message or note."), optional: true,
                "<input id=\"code\" name=\"code\" maxlength=\"20\" autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\" aria-describedby=\"code-hint\">"))
            <button class="btn weak wide">\(Text("查一下", "Check"))</button>
            </form>
            """
    }
}
