import LinliCore
import LinliKernel
import LinliUI

/// One screen for who leaves and who comes: what is open, what falls due in the next shift, what must be known.
struct DeskHandoverPage {
    let units: [UnitSummary]
    let unit: UnitSummary?
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames
    let types: CaseTypes
    let me: ID<Account>?
    let handlerCap: Int
    var state: HandoverState?
    var typed = ""
    var error: LinliError?

    var page: Page {
        Page(Text("交接班", "Hand over"), frame: .desk("/desk/handover"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("交接班", "Hand over"))\(unit.map { " · \($0.name)" as HTML })</h1>\
        <a class="btn ghost" href="/desk/alerts">\(icon("bell", small: true))\(Text("提醒", "Alerts"))</a></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(when: units.count > 1, choices)
        \(content)
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "note": Text("记下了，接班的人会看到。", "Noted for who comes.")
        case "away": Text("您手上的工单已交给值班的人。", "What you had is with who is on duty.")
        case "back": Text("欢迎回来，又可以交给您办了。", "Welcome back: you can be given cases again.")
        case "take": Text("已接班。", "You have taken over.")
        default: nil
        }
    }

    private var choices: HTML {
        """
        <nav class="seg full" aria-label="\(Text("单位", "Units"))">\(each: units, { other in
            """
            <a href="\(address("/desk/handover", [("unit", "\(other.id)")]))"\
            \(when: other.id == unit?.id, " aria-current=\"page\"")>\(other.name)</a>
            """
        })</nav>
        """
    }

    private var content: HTML {
        guard let unit, let state else {
            return """
                <section class="card" aria-label="\(Text("交接班", "Hand over"))">\(emptyState(
                    Text("您没有要值守的单位", "You are on duty for no unit"),
                    Text("单位和值班表由管理员设置。", "Units and rosters are set up by an administrator."), icon: "clock"
                ))</section>
                """
        }
        return """
            <div class="stack"><section class="card" aria-labelledby="now-h"><div class="hd"><h2 id="now-h">\(shifts(state.shifts))</h2></div>
            <div class="pad stack"><div class="stats">
            \(stat("/desk", state.open, Text("在办", "Open"), ""))
            \(stat("/desk?tab=late", state.late, Text("已超期", "Overdue"), state.late > 0 ? "bad" : ""))
            \(stat("/desk/alerts", state.alerts, Text("没看的提醒", "Alerts not seen"), state.alerts > 0 ? "warn" : ""))
            </div>
            <form method="post" action="/desk/handover/take">\(hidden(unit))\
            <button class="btn">\(icon("done", small: true))\(Text("接班", "Take over"))</button></form></div></section>
            <section class="card" aria-labelledby="due-h"><div class="hd"><h2 id="due-h">\(due(state.until))</h2></div>
            \(state.due.isEmpty ? nothingDue : "<ul class=\"plain\">\(each: state.due, row)</ul>")
            </section></div>
            <aside class="stack"><section class="card"><div class="hd"><h2>\(Text("交代的事", "Notes"))</h2></div>
            <div class="pad">\(noteForm(unit))</div>\(lines(state.lines))</section>
            \(PresenceCard(
                unit: unit, people: state.people, me: me, formToken: formToken, cap: handlerCap, now: now
            ).html)</aside>
            """
    }

    private func shifts(_ shifts: HandoverStore.Shifts) -> Text {
        let present = shifts.now.map { shift -> Text in
            let until = shift.end.relative(to: now)
            // A shift without a near end says only who is there.
            return shift.end < now.adding(days: 2)
                ? Text("现在值班 \(shift.name)，到 \(until.zh)", "\(shift.name) on duty until \(until.en)")
                : Text("现在值班 \(shift.name)", "\(shift.name) on duty")
        }
        let next = shifts.next.map { shift -> Text in
            let from = shift.start.relative(to: now)
            return Text("；下一班 \(shift.name)，\(from.zh) 起", "; next \(shift.name) from \(from.en)")
        }
        return (present ?? Text("现在没有人值班", "Nobody is on duty now")) + (next ?? Text(same: ""))
    }

    private func stat(_ path: String, _ number: Int, _ label: Text, _ tone: String) -> HTML {
        "<a class=\"stat \(tone)\" href=\"\(path)\"><span>\(label)</span><b>\(number)</b></a>"
    }

    private func due(_ until: Instant) -> Text {
        let at = until.relative(to: now)
        return Text("\(at.zh) 前到期的", "Due before \(at.en)")
    }

    private var nothingDue: HTML {
        emptyState(
            Text("下一班没有到期的", "Nothing falls due in the next shift"),
            Text("超期的和快到期的会列在这里。", "What is late or falls due is listed here."), icon: "done"
        )
    }

    private func row(_ row: CaseRow) -> HTML {
        """
        <li class="cell"><span class="bd"><a class="ttl" href="\(CasePath.desk(row.id))">\
        \(row.title.isEmpty ? row.number : row.title)</a>
        <span class="tags">\(when: row.isUrgent, tag(Text("紧急", "Urgent"), .bad))\
        \(tag(DeskWords.state(row, types), .mute))\(DeskTable.supervised(row))</span>
        <span class="sub">\(row.whereabouts.isEmpty ? names.place(row.division) : row.whereabouts) · \
        \(row.handlerUnit == nil ? Text("还没有承办单位", "no unit yet") : row.handlerName)</span>
        \(row.isPaused ? tag(Text("挂账中", "Paused"), .mute) : dueChip(row.dueAt, now: now))</span></li>
        """
    }

    private func hidden(_ unit: UnitSummary) -> HTML {
        "\(LinliUI.formToken(formToken))<input type=\"hidden\" name=\"unit\" value=\"\(unit.id)\">"
    }

    private func noteForm(_ unit: UnitSummary) -> HTML {
        let wrong = error?.text(for: "text")
        return """
            <form class="stack" method="post" action="/desk/handover/note">\(hidden(unit))
            \(field(
                Text("交代给接班的人", "For who comes"), for: "text",
                hint: Text("电话、证件号会自动隐去。", "Phone and citizen numbers are masked."), error: wrong,
                """
                <textarea id="text" name="text" rows="3" maxlength="\(Handover.noteLimit)" required\
                \(described("text", hint: true, error: wrong))>\(typed)</textarea>
                """
            ))
            <button class="btn weak">\(Text("记下", "Note it"))</button></form>
            """
    }

    private func lines(_ lines: [Handover]) -> HTML {
        guard !lines.isEmpty else { return .empty }
        return """
            <ol class="tl">\(each: lines, { line in
                """
                <li><b>\(line.isTaken ? Text("接班", "Took over") : Text("交代", "Note"))</b>\
                <span class="who">\(line.name) · \(time(line.at, line.at.relative(to: now)))</span>\
                <p>\(line.isTaken
                    ? HTML.text(Text(
                        "在办 \(line.open) 件，超期 \(line.late) 件，到下一班结束前到期 \(line.due) 件",
                        "\(line.open) open, \(line.late) overdue, \(line.due) due before the next shift ends"))
                    : DeskCase.lines(line.text))</p></li>
                """
            })</ol>
            """
    }
}
