import LinliCore
import LinliKernel
import LinliUI

/// One whistle, made for a phone on the spot: first what the reader can do now, then who has come, then the rest.
struct WhistlePage: Sendable {
    let view: WhistleView
    let formToken: String
    /// The address of this server, for the QR code.
    let origin: String
    let now: Instant
    let names: DivisionNames
    let types: CaseTypes
    /// The step that just went through.
    var done: String?
    /// The code of the QR code that led here.
    var scanned: String?
    /// A phone in clear, shown once.
    var phone: (unit: ID<Unit>, number: String)?
    var attempt: WhistleAttempt?

    var whistle: WhistleRecord { view.whistle }

    var page: Page {
        Page(Text("吹哨 \(whistle.number)", "Whistle \(whistle.number)"), frame: .desk(WhistlePath.list), body)
    }

    private var body: HTML {
        let forms = WhistleForms(page: self)
        return """
            <main id="main" class="wrap">
            <div class="ttlbar"><h1>\(whistle.unitName)\(Text("吹哨", " whistles"))</h1>
            <a class="btn ghost" href="\(WhistlePath.list)">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
            \(problem(attempt?.error))
            \(done.flatMap { WhistleWords.done($0, whistle.state) }.map { notice($0, .ok, icon: "done") })
            \(phone.map(inClear))
            <div class="stack">
            \(forms.first)
            <section class="card" aria-labelledby="h-whistle"><div class="hd"><h2 id="h-whistle">\(Text("这次吹哨", "This whistle"))</h2></div>
            \(view.standing.seesCase ? live : status)</section>
            </div>
            <aside class="stack">
            \(forms.rest)
            </aside>
            </main>
            """
    }

    private var live: HTML {
        """
        <div data-live="\(CasePath.topic(whistle.item))" data-live-src="\(WhistlePath.page(whistle.id))/fragment">\(status)</div>
        """
    }

    private func inClear(_ unit: ID<Unit>, _ number: String) -> HTML {
        notice(
            Text("\(view.called(unit)?.name.zh ?? "") ", "\(view.called(unit)?.name.en ?? "") ")
                + Text("的电话：\(number)。这次查看已记入审计，只显示这一次。", ": \(number). This reading was audited; it is shown once."),
            .ok, icon: "phone"
        )
    }

    // MARK: What changes while people arrive

    /// What it is about, who has come, what was given to whom.
    var status: HTML {
        """
        <div class="pad tags">\(WhistleWords.kind(whistle)) \(WhistleWords.state(whistle))</div>
        <dl class="kv">
        <dt>\(Text("时限", "Time"))</dt><dd>\(clock)</dd>
        <dt>\(Text("地点", "Place"))</dt><dd>\(whistle.location)</dd>
        <dt>\(Text("事由", "What for"))</dt><dd>\(whistle.purpose)</dd>
        <dt>\(Text("哪一级", "Level"))</dt><dd>\(whistle.storey.name)</dd>
        <dt>\(Text("起草", "Drafted"))</dt><dd>\(whistle.drafter) · \(whistle.unitName) · \
        \(time(whistle.draftedAt, whistle.draftedAt.relative(to: now)))</dd>
        <dt>\(Text("书记", "Secretary"))</dt><dd>\(confirmed)</dd>
        <dt>\(Text("工单", "Case"))</dt><dd class="num">\(caseLink)</dd>
        \(when: whistle.minutedAt != nil, minutes)
        \(when: !whistle.reason.isEmpty, "<dt>\(Text("撤回原因", "Taken back"))</dt><dd>\(whistle.reason)</dd>")
        </dl>
        <h3 class="sec">\(Text("报到单位", "Units called"))</h3>
        <ul>\(each: view.units, unit)</ul>
        \(when: !view.tasks.isEmpty, tasks)
        """
    }

    private var clock: HTML {
        guard whistle.calledAt != nil else { return WhistleWords.clock(whistle, now: now) }
        return """
            \(WhistleWords.clock(whistle, now: now))<br><span class="note">\
            \(whistle.dueAt.map { Text("到场截止 \($0.dayAndTime(at: now).zh)；", "until \($0.dayAndTime(at: now).en); ") } ?? Text(same: ""))\
            \(WhistleWords.counting(whistle))</span>
            """
    }

    private var confirmed: HTML {
        if let at = whistle.confirmedAt {
            return time(at, Text("\(at.relative(to: now).zh) 已确认", "confirmed \(at.relative(to: now).en)"))
        }
        if whistle.state == .withdrawn { return .text(Text("没有确认", "not confirmed")) }
        return whistle.state == .draft
            ? .text(Text("等书记确认，还没有通知单位", "Waits for the secretary; no unit has been told"))
            : .text(Text("应急哨先行发出，已告诉书记", "Went out at once; the secretary was told"))
    }

    private var caseLink: HTML {
        view.standing.seesCase
            ? "<a href=\"\(CasePath.desk(whistle.item))\">\(whistle.number)</a>" : .text(Text(same: whistle.number))
    }

    private var minutes: HTML {
        """
        <dt>\(Text("牵头", "Leads"))</dt><dd>\(view.called(whistle.leadUnit)?.name ?? Text(same: ""))</dd>
        <dt>\(Text("商定", "Agreed"))</dt><dd>\(whistle.minutes)</dd>
        """
    }

    private func unit(_ unit: WhistleUnit) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl">\(unit.name)</span>\
        <span class="sub">\(arrival(unit))\(when: whistle.leadUnit == unit.unit, " \(tag(Text("牵头", "Leads"), .info))")\
        \(unit.stars.map { stars in " \(tag(Text("\(stars) 分", "\(stars) of 5"), stars > 2 ? .ok : .warn))" as HTML })</span>\
        \(when: unit.answeredAt != nil, answer(unit))\
        \(each: unit.signIns, { signIn in
            """
            <span class="sub">\(signIn.name) · \(signIn.way.name) · \(time(signIn.at, signIn.at.relative(to: now)))</span>
            """
        })\
        \(when: !unit.scoreWords.isEmpty, "<span class=\"sub\">\(Text("评语：", "Why: "))\(unit.scoreWords)</span>")</span></div></li>
        """
    }

    private func answer(_ unit: WhistleUnit) -> HTML {
        let words = unit.words.isEmpty ? Text(same: "") : Text(same: "，\(unit.words)")
        return """
            <span class="sub">\(Text("答复：\(unit.contactName) 来", "\(unit.contactName) comes")) \
            <span class="num">\(unit.contactMask)</span>\(words)</span>
            """
    }

    private func arrival(_ unit: WhistleUnit) -> HTML {
        if let missed = unit.missedAt {
            let at = missed.relative(to: now)
            let missing = tag(Text("未按时到，\(at.zh) 转督办", "not in time: supervised \(at.en)"), .bad)
            return unit.arrivedAt == nil ? missing : "\(missing) \(tag(Text("后来到了", "came later"), .warn))"
        }
        guard unit.arrivedAt != nil else {
            return whistle.state.isCalling ? tag(Text("还没到", "not here yet"), .warn) : .empty
        }
        return unit.isLate ? tag(Text("迟到", "late"), .warn) : tag(Text("已到", "here"), .ok)
    }

    private var tasks: HTML {
        """
        <h3 class="sec">\(Text("分工", "Tasks"))</h3>
        <ul>\(each: view.tasks, { task in
            """
            <li><div class="cell"><span class="bd">\(title(task.row)) \
            \(tag(DeskWords.state(task.row, types), DeskWords.tone(types.state(task.row.state, of: task.row.type))))\
            <span class="sub">\(task.row.handlerName) · \
            \(Text("约定 \(task.by.dayAndMonth.zh)前办完", "agreed by \(task.by.dayAndMonth.en)"))</span>\
            \(when: task.row.isOpen, "<span class=\"sub\">\(DeskWords.due(task.row, now: now))</span>")</span></div></li>
            """
        })</ul>
        """
    }

    private func title(_ row: CaseRow) -> HTML {
        let title = row.title.isEmpty ? row.number : row.title
        let isTheirs = row.handlerUnit.map { view.standing.units.contains($0) } ?? false
        guard view.standing.seesCase || isTheirs else { return "<span class=\"ttl\">\(title)</span>" }
        return "<a class=\"ttl\" href=\"\(CasePath.desk(row.id))\">\(title)</a>"
    }
}
