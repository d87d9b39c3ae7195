import LinliCore
import LinliKernel
import LinliUI

extension RegisterItemPage {
    /// Where somebody lives, is registered or owns, with what corrects it.
    var homes: HTML {
        card(
            Text("住在哪里", "Where they live"),
            """
            \(view.homes.isEmpty
                ? nothing(Text("现在没有登记住处", "No home is entered"), Text("用“搬家”给他登记。", "Use “Move”."), "door")
                : "<ul>\(each: view.homes, home)</ul>")
            \(when: isOpen && mayEdit && !view.homes.isEmpty, oneMore)
            """)
    }

    /// Where they lived, were registered or owned before, the last first.
    var livedBefore: HTML {
        guard !view.lived.isEmpty else { return .empty }
        return card(Text("住过的地方", "Where they lived before"), "<ul>\(each: view.lived, formerHome)</ul>")
    }

    private func formerHome(_ home: FormerHome) -> HTML {
        let (came, left) = (home.began ?? home.from.date, home.ended ?? home.until.date)
        let entered = home.began == nil ? Text("（登记）", " (entered)") : Text("", "")
        // What was only entered late may have begun long before.
        let stretch: Text =
            came <= left ? came.full + entered + Text(" 至 ", " to ") + left.full : Text("到", "until ") + left.full
        guard let address = home.address else {
            return """
                <li><div class="cell"><span class="bd"><span class="ttl">\(Text("别的辖区的住处", "A home elsewhere"))</span>\
                <span class="sub">\(home.tie.name) · \(stretch)</span></span></div></li>
                """
        }
        return cell(
            RegisterWords.path(RegisterSubject(.dwelling, home.dwelling)), "\(address)",
            "\(home.tie.name) · \(stretch)", icon: "door")
    }

    private func home(_ home: Home) -> HTML {
        let path = RegisterWords.path(
            home.household.map { RegisterSubject(.household, $0) } ?? RegisterSubject(.dwelling, home.dwelling))
        return """
            \(cell(path, "\(home.address)", "\(home.tie.name) · \(home.relation.name)\(since(home))", icon: "door"))
            \(when: isOpen && mayEdit, "<li class=\"pad\">\(correction(home))</li>")
            """
    }

    private func since(_ home: Home) -> Text {
        guard let day = view.began[home.residence] else { return Text("", "") }
        return Text(" · ", " · since ") + day.full + Text("起", "")
    }

    /// The day it was, for who enters it later; `isThis` says that this form came back with what was wrong.
    func day(_ label: Text, for id: String, isThis: Bool) -> HTML {
        let wrong = isThis ? error?.text(for: "day") : nil
        return field(
            label, for: id, hint: Text("空着就是今天。", "Left empty it is today."), optional: true, error: wrong,
            """
            <input id="\(id)" name="day" type="date" max="\("\(today)")" value="\(isThis ? form["day"] ?? "" : "")"\
            \(described(id, hint: true, error: wrong))>
            """)
    }

    private func correction(_ home: Home) -> HTML {
        let id = "\(home.residence)"
        let isThis = failed != "add-home" && form["residence"] == id
        let wrong = isThis ? error?.text(for: "tie") ?? error?.text(for: "residence") : nil
        let isEnding = isThis && failed == "end-home"
        let isOpened = wrong != nil || isEnding && error?.text(for: "day") != nil
        return """
            <details class="more"\(when: isOpened, " open")><summary>\(Text("更正怎么住", "Correct the tie"))\
            <span class="sr"> \(home.address)</span></summary>
            <form class="stack" method="post" action="\(base)/correct-home">\(version)\
            <input type="hidden" name="residence" value="\(id)">
            \(asWhat("tie-\(id)", isThis ? form["tie"] : home.tie.rawValue, wrong))
            \(toHead("relation-\(id)", isThis ? form["relation"] : home.relation.rawValue))
            <button class="btn ghost">\(Text("保存", "Save"))</button></form>
            \(when: view.homes.count > 1, """
                <form method="post" action="\(base)/end-home" data-confirm="\(Text(
                    "不再登记在这一处，历史保留。确定吗？", "They are tied to it no more; the history stays. Go on?"))">\(version)\
                <input type="hidden" name="residence" value="\(id)">
                \(day(Text("哪天离开", "Left on"), for: "until-\(id)", isThis: isEnding))
                <button class="btn danger sm">\(Text("注销这一处", "End this home"))<span class="sr"> \(home.address)</span></button></form>
                """)</details>
            """
    }

    /// 人户分离 in either order: registered or owning elsewhere beside where they live, or living beside where they are
    /// registered.
    private var oneMore: HTML {
        let isThis = failed == "add-home"
        let (place, tie) = isThis ? (error?.text(for: "home"), error?.text(for: "tie")) : (nil, nil)
        return """
            <details class="more pad"\(when: isThis && error != nil, " open")><summary>\(Text("再登记一处（人户分离、另有房产）", "One more home: registered or owned elsewhere"))</summary>
            <form class="stack" method="post" action="\(base)/add-home">\(version)
            \(field(
                Text("哪一处", "Which home"), for: "add-home",
                hint: Text("写完整门牌。原来的住处不动。", "The whole address. The other homes stay."), error: place,
                """
                <input id="add-home" name="home" maxlength="200" autocomplete="off" value="\(isThis ? form["home"] ?? "" : "")"\
                \(described("add-home", hint: true, error: place)) required>
                """))
            \(asWhat("add-tie", isThis ? form["tie"] : ResidenceTie.registeredOnly.rawValue, tie))
            \(toHead("add-relation", isThis ? form["relation"] : HouseholdRelation.other.rawValue))
            \(day(Text("从哪天起", "Since"), for: "add-day", isThis: isThis))
            \(field(Text("登记进", "Into"), for: "add-join", select(
                "join", id: "add-join",
                [
                    ("first", Text("那里的第一户", "The first household there")),
                    ("own", Text("自己单独一户", "A household of their own")),
                ], selected: isThis ? form["join"] : "first")))
            <button class="btn ghost">\(Text("登记这一处", "Enter it"))</button></form></details>
            """
    }

    private func asWhat(_ id: String, _ selected: String?, _ error: Text?) -> HTML {
        field(
            Text("怎么住", "As what"), for: id, error: error,
            select(
                "tie", id: id, ResidenceTie.allCases.map { (value: $0.rawValue, text: $0.name) }, selected: selected,
                attributes: described(id, error: error)))
    }

    private func toHead(_ id: String, _ selected: String?) -> HTML {
        field(
            Text("与户主关系", "To the head"), for: id,
            select(
                "relation", id: id, HouseholdRelation.allCases.map { (value: $0.rawValue, text: $0.name) },
                selected: selected))
    }
}
