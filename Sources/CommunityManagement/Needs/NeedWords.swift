import LinliCore
import LinliKernel
import LinliUI

/// How a case is told to who reported it: where it is, who has it, until when. Home, the list and the case page share
/// these words.
enum NeedWords {
    /// One sentence: where it is now and with whom.
    static func headline(
        _ state: CaseType.State, unit: Text?, isContested: Bool = false, isByOther: Bool = false
    ) -> Text {
        if state.isFinal { return state.residentName }
        switch state.owner {
        case .dispatcher where isContested && isByOther:
            return Text(
                "反映这件事的人里有人说没解决，正在重新安排谁来办",
                "One of those who told it says it is not solved; we are finding who will do it again")
        case .dispatcher where isContested:
            return Text("您说没解决，正在重新安排谁来办", "You said it is not solved; we are finding who will do it again")
        case .dispatcher: return Text("已收到，正在安排谁来办", "Received; we are finding who will handle it")
        case .handler:
            guard let unit else { return state.residentName }
            return state.step < 3
                ? Text("已派给\(unit.zh)，等他们接手", "Sent to \(unit.en), waiting for them to take it")
                : Text("\(unit.zh)正在办", "\(unit.en) is handling it")
        case .reporter: return Text("办完了，请您看看解决了没有", "Done: please tell us whether it is solved")
        case .reviewer: return Text("正在由没经手的人复核", "Somebody who had no hand in it is reviewing it")
        case .arbiter: return Text("几个单位说法不一，正在裁定由谁办", "Units disagree; it is being decided whose it is")
        case .checker, .collector, .colleague, .lead, .clock, nil: return state.residentName
        }
    }

    /// What must happen by the deadline of a state; nil when nothing is owed.
    static func duty(_ state: CaseType.State) -> Text? {
        switch state.owner {
        case .dispatcher: Text("派给承办单位", "To be sent on")
        case .handler: state.step < 3 ? Text("接手", "To be taken") : Text("办完", "To be finished")
        case .checker: Text("核查完", "To be checked")
        case .reviewer: Text("复核完", "To be reviewed")
        case .arbiter: Text("定下由谁办", "To be decided")
        case .collector, .colleague, .lead: state.verb
        case .reporter, .clock, nil: nil
        }
    }

    /// The four steps with this case's names: whoever has it stands in the second.
    static func steps(_ type: CaseType, _ state: CaseType.State, unit: Text?) -> HTML {
        let last = type.states.map(\.step).max() ?? 1
        let names = (1...max(last, 1)).map { step -> Text in
            if step == 2, state.step >= 2, let unit {
                return Text("已派给\(unit.zh)", "Sent to \(unit.en)")
            }
            if step == state.step { return state.residentName }
            return type.states.first { $0.step == step && !$0.isFinal }?.residentName ?? state.residentName
        }
        return LinliUI.steps(names, current: state.step, isOver: state.isFinal)
    }

    /// Whether the steps say anything: a case its reporter took back never went through them.
    static func hasSteps(_ type: CaseType, _ state: CaseType.State) -> Bool {
        !state.isFinal || type.transitions.contains { $0.to == state.id && $0.by != [.reporter] }
    }

    /// The deadline as a chip, or nothing when nobody owes anything. While the clock stands still, when it goes on.
    static func due(_ state: CaseType.State, _ at: Instant, now: Instant, isPaused: Bool = false) -> HTML {
        if isPaused {
            let until = at.relative(to: now)
            let words = Text("暂停计时，最迟\(until.zh) 恢复", "The clock stands still until \(until.en) at the latest")
            return "<span class=\"due\">\(icon("clock"))\(words)</span>"
        }
        guard let verb = duty(state) else { return .empty }
        return dueChip(at, now: now, verb: verb)
    }

    /// The word behind a title in lists.
    static func tag(_ item: MyCase, now: Instant) -> HTML {
        if item.state.isFinal { return LinliUI.tag(item.state.residentName, .ok) }
        if item.state.owner == .reporter { return LinliUI.tag(Text("请您评价", "Your turn"), .warn) }
        if item.row.dueAt < now, !item.row.isPaused { return LinliUI.tag(Text("已超时", "Overdue"), .bad) }
        return LinliUI.tag(item.state.residentName)
    }

    /// A case in a list of one's own, with its steps if there is room.
    static func card(_ item: MyCase, now: Instant, withSteps: Bool) -> HTML {
        let unit = item.row.handlerUnit == nil ? nil : item.row.handlerName
        return """
            <a class="mycase" href="\(CasePath.resident(item.row.id))">
            <span class="top">\(title(item.row.title, item.row.whereabouts)) \(tag(item, now: now))</span>
            <span class="note">\(item.state.isFinal ? told(item.row.createdAt, now: now) : headline(item.state, unit: unit))</span>
            \(item.state.owner == .reporter ? answerBy(item.row.dueAt, now: now) : due(item.state, item.row.dueAt, now: now, isPaused: item.row.isPaused))
            </a>
            \(when: withSteps && hasSteps(item.type, item.state), steps(item.type, item.state, unit: unit))
            """
    }

    /// Until when the reporter is asked to answer.
    static func answerBy(_ due: Instant, now: Instant) -> HTML {
        let at = due.relative(to: now)
        return """
            <span class="note">\(Text("请在\(at.zh) 前告诉我们解决了没有", "Please tell us by \(at.en) whether it is solved"))</span>
            """
    }

    private static func told(_ at: Instant, now: Instant) -> Text {
        let moment = at.relative(to: now)
        return Text("\(moment.zh) 反映", "Reported \(moment.en)")
    }

    /// What it is about and where, in one line.
    private static func title(_ title: String, _ whereabouts: String) -> String {
        whereabouts.isEmpty ? short(title) : "\(short(title)) · \(whereabouts)"
    }

    /// A title as a heading: the first clause of a long one.
    static func short(_ title: String) -> String {
        // By scalars: whole characters cost ten times as much, and none of these joins with its neighbours.
        let scalars = title.unicodeScalars.drop(while: isClauseEnd).prefix { !isClauseEnd($0) }
        let clause = scalars.isEmpty ? title : String(scalars)
        return clause.utf8.count > 30 && clause.count > 30 ? clause.prefix(29) + "…" : clause
    }

    private static func isClauseEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "，", ",", "；", ";": true
        default: false
        }
    }

    /// A link that calls, or nothing when there is no number.
    static func callButton(_ phone: String, _ words: Text) -> HTML {
        guard let link = telephone(phone) else { return .empty }
        return "<a class=\"btn weak\" href=\"\(link)\">\(icon("phone"))\(words)</a>"
    }

    /// The `tel:` address of a number as a unit publishes it; nil when there are no digits.
    static func telephone(_ phone: String) -> String? {
        let digits = String(decoding: phone.utf8.filter { (0x30...0x39).contains($0) }, as: UTF8.self)
        return digits.isEmpty ? nil : "tel:" + digits
    }

    /// The three numbers that come before any form.
    static func emergencyCalls() -> HTML {
        """
        <div class="calls">
        <a href="tel:110">110<small>\(Text("报警", "Police"))</small></a>
        <a href="tel:119">119<small>\(Text("火警", "Fire"))</small></a>
        <a href="tel:120">120<small>\(Text("急救", "Ambulance"))</small></a>
        </div>
        """
    }
}
