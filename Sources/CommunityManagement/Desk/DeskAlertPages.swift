import LinliCore
import LinliKernel
import LinliUI

/// Alerts of the reader's units, and the morning's list.
struct DeskAlertsPage {
    /// The alerts of one case: several rungs of a ladder are one line.
    struct Group {
        let newest: CaseAlert
        let ids: [ID<CaseAlert>]
        /// Whether the date of a part was moved.
        let isRedated: Bool
    }

    let onDuty: [(unit: UnitSummary, name: String?)]
    let groups: [Group]
    /// Of requests about people's own data, and whether the reader answers such.
    let requests: [DataRequestAlert]
    let mayAnswer: Bool
    let times: [ID<Case>: UsedTime]
    /// What the reader was told in person.
    let notices: [CaseNotice]
    /// By when the parts among them are to be done now.
    let dates: [ID<Case>: Instant]
    /// What waits for the reader's decision.
    let asked: [(request: CaseRequest, row: CaseRow)]
    /// Whistles that call a unit of the reader.
    let called: [WhistleRow]
    let night: [NightCase]
    /// When nobody was at work.
    let rest: (from: Instant, until: Instant)
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames
    let types: CaseTypes

    /// Alerts by case, in the order they came in.
    static func grouped(_ alerts: [CaseAlert]) -> [Group] {
        var order: [ID<Case>] = []
        var byCase: [ID<Case>: [CaseAlert]] = [:]
        for alert in alerts {
            if byCase[alert.row.id] == nil { order.append(alert.row.id) }
            byCase[alert.row.id, default: []].append(alert)
        }
        return order.compactMap { id in
            let all = byCase[id] ?? []
            // The highest rung says how it stands.
            let highest = all.max { ($0.action.rank, $0.id) < ($1.action.rank, $1.id) }
            let isRedated = all.contains { $0.clock == CaseAlert.partDate }
            return highest.map { Group(newest: $0, ids: all.map(\.id), isRedated: isRedated) }
        }
    }

    var page: Page {
        Page(Text("提醒", "Alerts"), frame: .desk("/desk/alerts"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("提醒", "Alerts"))</h1>\
        <a class="btn ghost" href="/desk/handover">\(icon("refresh", small: true))\(Text("交接班", "Hand over"))</a></div>
        \(when: done == "seen", notice(Text("已知悉。", "Noted as seen."), .ok, icon: "done"))
        <div class="stack" data-live="desk" data-live-every="60" data-live-src="/desk/alerts/list">
        \(content)
        </div>
        </main>
        """
    }

    /// Everything that changes by itself.
    var content: HTML {
        """
        \(when: !onDuty.isEmpty, roster)
        \(when: !notices.isEmpty, toldInPerson)
        \(when: !called.isEmpty, whistles)
        \(when: !asked.isEmpty, toDecide)
        <section class="card" aria-labelledby="alerts-h"><div class="hd"><h2 id="alerts-h">\
        \(Text("时限提醒", "Time limits"))</h2>\(when: !groups.isEmpty, seeAll)</div>
        \(groups.isEmpty ? noAlerts : "<ul class=\"plain\">\(each: groups, line)</ul>")
        </section>
        \(when: !requests.isEmpty, ofRequests)
        <section class="card" aria-labelledby="night-h"><div class="hd"><h2 id="night-h">\
        \(Text("下班以后进来、还没人接的", "Came in after hours, not taken yet"))</h2></div>
        <p class="hint pad">\(period)</p>
        \(night.isEmpty ? noNight : "<ul class=\"plain\">\(each: night, arrival)</ul>")
        </section>
        """
    }

    private var roster: HTML {
        """
        <p class="note">\(each: onDuty.enumerated(), { index, entry in
            """
            \(when: index > 0, " · ")\(entry.unit.name) \
            \(entry.name.map { Text("今天在岗 \($0)", "\($0) on duty") } ?? Text("没有排班", "nobody on the roster"))
            """
        })</p>
        """
    }

    private var toldInPerson: HTML {
        """
        <section class="card" aria-labelledby="told-h"><div class="hd"><h2 id="told-h">\
        \(Text("提到我、交给我的", "Told to me"))</h2></div><ul class="plain">\(each: notices, told)</ul></section>
        """
    }

    private func told(_ notice: CaseNotice) -> HTML {
        let words: Text =
            switch notice.kind {
            case .mention: Text("\(notice.byName) 在留言里提到您", "\(notice.byName) named you in a note")
            case .assigned where notice.byName.isEmpty: Text("按派单规则交给您办", "A rule of dispatch gave it to you")
            case .assigned: Text("\(notice.byName) 交给您办", "\(notice.byName) gave it to you")
            case .cancelled: Text("主办的工单撤回了，这件协办不用办了", "The whole was taken back: this part is over")
            case .redated: redated(notice)
            case .decided: Text("\(notice.byName) 审批了您的申请", "\(notice.byName) decided what you asked for")
            case .placed: Text("地点更正了，请按新的地点去", "Its place was corrected: please go to the new one")
            case .supplied: Text("诉求人补充了情况，请看一眼", "Who told it added something: please look")
            }
        return """
            <li class="cell"><span class="bd"><a class="ttl" href="\(CasePath.desk(notice.row.id))">\(title(notice.row))</a>
            <span class="tags">\(tag(DeskWords.state(notice.row, types), .mute))</span>
            <span class="sub">\(words) · \(time(notice.at, notice.at.relative(to: now)))</span></span>\
            <form method="post" action="/desk/alerts/seen">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="notice" value="\(notice.id)"><button class="btn ghost sm">\(Text("知道了", "Seen"))\
            <span class="sr"> \(title(notice.row))</span></button></form></li>
            """
    }

    /// Who moved the date of a part, and to when.
    private func redated(_ notice: CaseNotice) -> Text {
        guard let due = dates[notice.row.id].map({ CaseQueries.partDate($0, at: now) }) else {
            return Text("\(notice.byName) 改了这件协办的办结时间", "\(notice.byName) moved the date of this part")
        }
        return Text(
            "\(notice.byName) 把这件协办的办结时间改到 \(due.zh)", "\(notice.byName) moved the date of this part to \(due.en)")
    }

    private var whistles: HTML {
        """
        <section class="card" aria-labelledby="called-h"><div class="hd"><h2 id="called-h">\
        \(Text("吹哨叫到你们单位的", "Whistles that call your unit"))</h2>\
        <a href="\(WhistlePath.list)?tab=\(WhistleTab.toAnswer.rawValue)">\(Text("全部", "All"))</a></div>\
        <ul class="plain">\(each: called, whistle)</ul></section>
        """
    }

    private func whistle(_ row: WhistleRow) -> HTML {
        """
        <li class="cell"><span class="bd"><a class="ttl" href="\(WhistlePath.page(row.whistle.id))">\(row.whistle.purpose)</a>
        <span class="tags">\(WhistleWords.kind(row.whistle))</span>
        <span class="sub">\(row.whistle.unitName) · \(row.whistle.location)</span>\
        \(WhistleWords.clock(row.whistle, now: now))</span></li>
        """
    }

    private var toDecide: HTML {
        """
        <section class="card" aria-labelledby="decide-h"><div class="hd"><h2 id="decide-h">\
        \(Text("等您审批的申请", "Waiting for your decision"))</h2></div>\
        <ul class="plain">\(each: asked, waiting)</ul></section>
        """
    }

    /// What is asked, why and since when; the decision with its reasons is given on the page of the case.
    private func waiting(_ request: CaseRequest, _ row: CaseRow) -> HTML {
        """
        <li class="cell"><span class="bd"><a class="ttl" href="\(CasePath.desk(row.id))">\(title(row))</a>
        <span class="tags">\(tag(request.kind.name, .warn))\
        \(when: request.minutes > 0, tag(span(seconds: Int64(request.minutes) * 60), .mute))\
        \(when: row.isUrgent, tag(Text("紧急", "Urgent"), .bad))</span>
        <span class="sub">\(row.handlerName) · \(request.reasonName(types.newest(row.type))) · \
        \(time(request.askedAt, request.askedAt.relative(to: now)))</span>\
        \(row.isPaused || !row.isOpen ? HTML.empty : dueChip(row.dueAt, now: now))</span></li>
        """
    }

    private var ofRequests: HTML {
        """
        <section class="card" aria-labelledby="requests-h"><div class="hd"><h2 id="requests-h">\
        \(Text("个人信息申请", "Data requests"))</h2>\
        \(when: mayAnswer, "<a href=\"/registers/requests\">\(Text("去答复", "Answer"))</a>")</div>\
        <ul class="plain">\(each: requests, ofRequest)</ul></section>
        """
    }

    /// Who asked is for who answers; others see that something waits, and where.
    private func ofRequest(_ alert: DataRequestAlert) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(alert.kind.name)</span>
        <span class="tags">\(tag(alert.action.name, alert.action == .remind ? .warn : .bad))</span>
        <span class="sub">\(names.place(alert.division)) · \(time(alert.at, alert.at.relative(to: now)))</span>\
        \(dueChip(alert.dueAt, now: now, verb: Text("答复", "Answer")))</span>\
        <form method="post" action="/desk/alerts/seen">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="request" value="\(alert.id)"><button class="btn ghost sm">\(Text("知道了", "Seen"))\
        <span class="sr"> \(alert.kind.name)</span></button></form></li>
        """
    }

    private var seeAll: HTML {
        """
        <form method="post" action="/desk/alerts/seen">\(LinliUI.formToken(formToken))\(hidden(groups.flatMap(\.ids)))\
        <button class="btn ghost sm">\(Text("全部知道了", "All seen"))</button></form>
        """
    }

    private func hidden(_ ids: [ID<CaseAlert>]) -> HTML {
        "\(each: ids, { "<input type=\"hidden\" name=\"alert\" value=\"\($0)\">" })"
    }

    private func line(_ group: Group) -> HTML {
        let alert = group.newest
        let whistled = alert.isMissed ? Text("吹哨没报到", "Did not come to a whistle") : Text("吹哨", "Whistle")
        return """
            <li class="cell"><span class="bd"><a class="ttl" href="\(target(alert))">\(title(alert.row))</a>
            <span class="tags">\(when: alert.isLoud, tag(Text("马上处理", "Right away"), .bad))\
            \(tag(alert.action.name, alert.action == .remind ? .warn : .bad))\
            \(when: alert.clock.hasPrefix("whistle."), " \(tag(whistled, .info))")\
            \(when: group.isRedated, " \(tag(Text("协办改了时间", "Date moved"), .info))")\
            \(tag(DeskWords.state(alert.row, types), .mute))\
            \(when: group.ids.count > 1, tag(Text("\(group.ids.count) 次", "\(group.ids.count)×"), .mute))</span>
            <span class="sub">\(place(alert.row)) · \(time(alert.ringsAt, alert.ringsAt.relative(to: now)))\
            \(times[alert.row.id].map { " · \(used($0))" as HTML })</span>\
            \(alert.row.isPaused ? HTML.empty : dueChip(alert.row.dueAt, now: now))</span>\
            <form method="post" action="/desk/alerts/seen">\(LinliUI.formToken(formToken))\(hidden(group.ids))\
            <button class="btn ghost sm">\(Text("知道了", "Seen"))<span class="sr"> \(title(alert.row))</span></button></form></li>
            """
    }

    /// Where it is dealt with: who did not come to a whistle answers on the page of supervision.
    private func target(_ alert: CaseAlert) -> String {
        alert.isMissed ? "/desk/supervised#s-\(alert.row.id)" : CasePath.desk(alert.row.id)
    }

    private func arrival(_ item: NightCase) -> HTML {
        """
        <li class="cell"><span class="bd"><a class="ttl" href="\(CasePath.desk(item.row.id))">\(title(item.row))</a>
        <span class="tags">\(when: item.row.isUrgent, tag(Text("紧急", "Urgent"), .bad))\
        \(tag(DeskWords.state(item.row, types), .warn))</span>
        <span class="sub">\(place(item.row)) · \(time(item.row.createdAt, item.row.createdAt.relative(to: now)))\
        \(item.time.map { " · \(used($0))" as HTML })</span>\(dueChip(item.row.dueAt, now: now))</span></li>
        """
    }

    private func title(_ row: CaseRow) -> String { row.title.isEmpty ? row.number : row.title }

    private func place(_ row: CaseRow) -> String {
        row.whereabouts.isEmpty ? names.place(row.division) : row.whereabouts
    }

    /// The time that went by, nights included: it counts whether anybody was there or not.
    private func used(_ time: UsedTime) -> Text {
        let (used, whole) = (span(seconds: time.used), span(seconds: time.whole))
        return Text("已用 \(used.zh)，共 \(whole.zh)", "\(used.en) of \(whole.en) used")
    }

    private var period: Text {
        let (from, until) = (rest.from.relative(to: now), rest.until.relative(to: now))
        return Text(
            "\(from.zh) 到 \(until.zh) 进来的。办理时限夜里也在走，先看剩得少的。",
            "From \(from.en) to \(until.en). Time limits ran through the night: what has least left comes first."
        )
    }

    private var noAlerts: HTML {
        emptyState(
            Text("没有新的提醒", "No alerts"),
            Text("时限快到或超了会出现在这里，只提醒在岗的人；夜里只有紧急的响。", "They go to who is on duty; at night only urgent ones ring."),
            icon: "done"
        )
    }

    private var noNight: HTML {
        emptyState(
            Text("没有等着接的", "Nothing waits"),
            Text("下班以后进来的都有人接了。", "Everything that came in after hours was taken."), icon: "done"
        )
    }
}

extension CaseType.Rung.Action {
    /// What an alert is called.
    var name: Text {
        switch self {
        case .remind: Text("提醒", "Reminder")
        case .supervise: Text("督办", "Supervised")
        case .raise: Text("已上报", "Raised a level")
        }
    }

    /// How high it stands on a ladder.
    fileprivate var rank: Int {
        switch self {
        case .remind: 1
        case .supervise: 2
        case .raise: 3
        }
    }
}
