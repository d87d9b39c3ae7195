import LinliCore
import LinliKernel
import LinliUI

/// A family that labels point out.
struct CareFamily: Sendable {
    struct Member: Sendable {
        var person: PersonRecord
        var shown: LabelReading.Shown
        var offers: [CareOffer]
    }

    var home: CareHome?
    var members: [Member]
}

/// The families of a grid to look after, by address; never by a score.
struct CarePage {
    let area: DivisionCode
    let areas: [DivisionCode]
    let families: [CareFamily]
    /// The label the list goes by, with all below it; nil: the whole care list.
    let label: Label?
    /// What it may go by, those below others set in.
    let labels: [(id: String, name: Text)]
    /// How many people carry each label of care in each area; only the labels everybody may see.
    let counts: [(area: DivisionCode, label: Text, total: Int)]
    /// What closer labels were opened for; nil: they are closed.
    let purpose: ReadingPurpose?
    /// Behind whom the page begins, in the order of identifiers, and behind whom the next one does.
    let after: ID<Person>?
    let next: ID<Person>?
    let now: Instant
    let formToken: String
    let names: DivisionNames
    var error: LinliError?

    private var isOpen: Bool { purpose != nil }
    /// What a form of the page says besides: where it stands.
    private var standing: [(String, String)] {
        [("division", "\(area)"), ("label", label?.id ?? "")] + (after.map { [("after", "\($0)")] } ?? [])
    }

    var page: Page {
        Page(Text("需要关照的家庭", "Families to look after"), frame: .desk("/desk/care"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("需要关照的家庭", "Families to look after"))</h1>\
        <a class="btn ghost" href="/desk/care/services">\(icon("check", small: true))\(Text("服务送到没有", "Who is reached"))</a>\
        <a class="btn ghost" href="\(address("/desk/care/labels", [("division", "\(area)")]))">\(icon("list", small: true))\
        \(Text("标签树", "The tree of labels"))</a></div>
        \(problem(error))
        <div class="stack">\(when: areas.count > 1, choices)\(filter)\(list)</div>
        <aside class="stack">\(when: !isOpen, CareWords.opener(
            "/desk/care", standing, formToken, error))\(summary)</aside>
        </main>
        """
    }

    private var choices: HTML {
        """
        <nav class="card flt" aria-label="\(Text("网格", "Grids"))">\(each: areas, { other in
            """
            <a class="btn ghost sm" href="\(address("/desk/care", [("division", "\(other)")]))"\
            \(when: other == area, " aria-current=\"page\"")>\(names[other])</a>
            """
        })</nav>
        """
    }

    /// By which label the list goes: a closer one opens for a purpose.
    private var filter: HTML {
        """
        <form class="card flt" action="/desk/care"><input type="hidden" name="division" value="\(area)">\
        <label class="row" for="by"><span>\(Text("按标签", "By label"))</span>\(select(
            "label", id: "by", labels.map { (value: $0.id, text: $0.name) }, selected: label?.id,
            empty: Text("所有要关照的", "All to look after")))</label>\
        <button class="btn ghost sm">\(Text("看", "Show"))</button></form>
        """
    }

    private var list: HTML {
        guard !families.isEmpty else {
            return """
                <section class="card" aria-label="\(Text("家庭", "Families"))">\(emptyState(
                    after == nil
                        ? Text("这里还没有列出来的家庭", "No family is listed here") : Text("后面没有了", "There are no more"),
                    isOpen
                        ? Text("台账里有了高龄、独居、失能、孕产妇等信息，就会自动列出。", "They appear as the registers learn of age, need and the like.")
                        : Text("不用说明用途就能看的只有高龄、新生儿；其余请在旁边按用途查看。", "Without a purpose only age shows; open the rest beside."),
                    icon: "heart"
                ))\(more)</section>
                """
        }
        return """
            <section class="card" aria-labelledby="families"><div class="hd"><h2 id="families">\
            \(heading)</h2></div>
            <ul class="plain">\(each: families, row)</ul>
            \(more)
            </section>
            """
    }

    private var heading: Text {
        let isWhole = after == nil && next == nil
        let english = "\(families.count) \(families.count == 1 ? "family" : "families")"
        return isWhole
            ? Text("\(names[area])：\(families.count) 户", "\(names[area]): \(english)")
            : Text("\(names[area])：这一页 \(families.count) 户", "\(names[area]): \(english) on this page")
    }

    /// The next page; what was opened for a purpose stays open, and is noted like every page.
    private var more: HTML {
        guard let next else { return .empty }
        let place = [("division", "\(area)"), ("label", label?.id ?? ""), ("after", "\(next)")]
        guard let purpose else {
            let path = address("/desk/care", place)
            return "<p class=\"pg\"><a class=\"btn ghost sm\" href=\"\(path)\">\(Text("后面的", "More"))</a></p>"
        }
        return """
            <form class="pg" method="post" action="/desk/care">\(LinliUI.formToken(formToken))\
            \(each: place + [("purpose", purpose.rawValue)], { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" })
            <button class="btn ghost sm">\(Text("后面的", "More"))</button></form>
            """
    }

    private func row(_ family: CareFamily) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="sub">\(icon("home", small: true))\
        \(family.home.map { Text(same: $0.address) } ?? Text("没有住址", "No address"))</span>\
        \(each: family.members, member)</span></li>
        """
    }

    private func member(_ member: CareFamily.Member) -> HTML {
        """
        <a class="ttl" href="/desk/care/people/\(member.person.id)">\(CareWords.who(member.person, now))</a>\
        \(each: member.shown.labels.filter { $0.label.isCare || $0.label.id == label?.id }, CareWords.label)\
        \(when: member.shown.closed > 0 && !isOpen, """
            <span class="sub">\(icon("lock", small: true))\(Text("另有 \(member.shown.closed) 项按用途查看", "\(member.shown.closed) more for a purpose"))</span>
            """)\
        \(when: !member.offers.isEmpty, "<span class=\"tags\">\(each: member.offers, { CareWords.state($0, now) })</span>")
        """
    }

    private var summary: HTML {
        guard !counts.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="counts"><div class="hd"><h2 id="counts">\(Text("人数", "How many"))</h2></div>
            <dl class="kv wide">\(each: counts, { "<dt>\(names[$0.area]) · \($0.label)</dt><dd class=\"num\">\($0.total)</dd>" })</dl>
            </section>
            """
    }
}
