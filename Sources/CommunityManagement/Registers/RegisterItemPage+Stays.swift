import LinliCore
import LinliKernel
import LinliUI

/// Who came to a household or dwelling and who left it.
extension RegisterItemPage {
    /// The history, the newest first: what was done to it, and of a home who came and who went.
    var told: [HTML] {
        var all: [(at: Instant, html: HTML)] = view.history.map { (at: $0.at, html: line($0)) }
        for stay in view.stays {
            if let left = stay.left, !movedIn(stay, left) {
                all.append((at: left.at, html: turn(stay, left, goneWord(stay), isComing: false)))
            }
            all.append((at: stay.came.at, html: turn(stay, stay.came, comingWord(stay), isComing: true)))
        }
        let sorted = all.enumerated().sorted { one, other in
            one.element.at == other.element.at ? one.offset < other.offset : one.element.at > other.element.at
        }
        return sorted.prefix(60).map { $0.element.html }
    }

    /// Whether somebody who was only tied to it came to live here when that ended: their coming says it.
    private func movedIn(_ stay: RegisterStay, _ left: RegisterStay.Turn) -> Bool {
        guard !stay.tie.livesHere, let person = stay.person else { return false }
        return view.stays.contains { $0.person == person && $0.tie.livesHere && $0.came.at == left.at }
    }

    /// Who lived there once, the last first; who is back is under those who are there.
    var former: HTML {
        let here = Set(view.stays.filter { $0.left == nil }.compactMap(\.person))
        let stays = view.stays.filter { stay in
            stay.left != nil && !(stay.person.map { here.contains($0) } ?? false)
        }
        guard !stays.isEmpty else { return .empty }
        return card(Text("以前住过", "Lived here before"), "<ul>\(each: stays, formerly)</ul>")
    }

    private func formerly(_ stay: RegisterStay) -> HTML {
        var words = stay.tie.name + Text(same: " · ") + stretch(stay)
        if let reason = stay.reason { words = words + Text(same: " · ") + reason.name }
        if let to = stay.left?.elsewhere { words = words + Text(" · 搬到", " · to ") + Text(same: to) }
        guard let person = stay.person, !stay.name.isEmpty else {
            return """
                <li><div class="cell"><span class="bd"><span class="ttl">\(nobody)</span>\
                <span class="sub">\(words)</span></span></div></li>
                """
        }
        return cell(
            RegisterWords.path(RegisterSubject(.person, person)), "\(stay.name)", "\(words)", icon: "user")
    }

    /// From when until when, as far as somebody said so: what was only entered then may have begun long before.
    private func stretch(_ stay: RegisterStay) -> Text {
        guard let left = stay.left else { return Text("", "") }
        let until = left.known.full
        guard stay.came.known <= left.known else { return Text("到", "until ") + until }
        let entered = stay.came.day == nil ? Text("（登记）", " (entered)") : Text("", "")
        return stay.came.known.full + entered + Text(" 至 ", " to ") + until
    }

    // MARK: Lines of the history

    private var nobody: Text { Text("信息已删除的人", "Somebody whose data was erased") }

    private func turn(_ stay: RegisterStay, _ turn: RegisterStay.Turn, _ what: Text, isComing: Bool) -> HTML {
        let path = stay.person.map { RegisterWords.path(RegisterSubject(.person, $0)) }
        let known: HTML? = stay.name.isEmpty ? nil : path.map { path -> HTML in "<a href=\"\(path)\">\(stay.name)</a>" }
        let who: HTML = known ?? "\(nobody)"
        let by = turn.actor.isEmpty ? RegisterWords.source(turn.source) : Text(same: turn.actor)
        return """
            <li><b>\(who) \(what)</b> \(LinliUI.time(turn.at, turn.at.relative(to: now)))
            <p class="who">\(by)</p>
            \(turn.day.map { day -> HTML in "<p>\(Text("日期", "On"))：\(day.full)</p>" })\
            \(turn.elsewhere.map { home -> HTML in "<p>\(isComing ? Text("从", "From ") : Text("搬到", "To "))\(home)</p>" })</li>
            """
    }

    private func comingWord(_ stay: RegisterStay) -> Text {
        guard stay.tie.livesHere else { return Text("登记在这里", "was tied to it") }
        return stay.came.elsewhere == nil ? Text("住进来", "came to live here") : Text("搬来", "moved in")
    }

    private func goneWord(_ stay: RegisterStay) -> Text {
        if stay.reason == .died { return Text("去世", "died") }
        guard stay.tie.livesHere else { return Text("不再登记在这里", "is tied to it no more") }
        return stay.reason == .moved || stay.left?.elsewhere != nil
            ? Text("搬走", "moved away") : Text("不再住在这里", "lives here no more")
    }
}
