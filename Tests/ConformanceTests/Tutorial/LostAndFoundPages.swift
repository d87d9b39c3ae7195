import LinliCore
import LinliKernel
import LinliUI

/// The board as everybody reads it, at home or on the wall beside the QR code.
struct LostAndFoundBoard {
    let things: [FoundRow]
    let community: String
    /// The committee's phone, empty when it published none.
    let phone: String
    let now: Instant

    var page: Page {
        Page(Text("失物招领", "Lost and found"), frame: .resident(.home), body)
    }

    private var body: HTML {
        """
        <main id="main" class="one">
        <section class="card" aria-labelledby="lf">
        <div class="hd"><h1 id="lf">\(Text("失物招领 · \(community)", "Lost and found · \(community)"))</h1></div>
        \(things.isEmpty ? nothing : "<ul>\(each: things, { LostAndFoundBoard.row($0, now: now) })</ul>")
        </section>
        \(when: !things.isEmpty, notice(howToClaim))
        </main>
        """
    }

    private var nothing: HTML {
        emptyState(
            Text("现在没有等人认领的东西", "Nothing waits for its owner"),
            Text("捡到东西请交到居委会，丢了东西先来看看。", "Bring what you find to the committee; look here for what you lost."),
            icon: "box"
        )
    }

    private var howToClaim: Text {
        phone.isEmpty
            ? Text("认领请带身份证到居委会，说出东西的特征。", "Come to the committee with your ID card and describe it.")
            : Text("认领请带身份证到居委会，电话 \(phone)。", "Come to the committee with your ID card; phone \(phone).")
    }

    /// One thing; `action` is what staff may do with it.
    static func row(_ thing: FoundRow, now: Instant, action: HTML = .empty) -> HTML {
        let place = thing.place.isEmpty ? Text("地点不详", "place unknown") : Text(same: thing.place)
        return """
            <li><div class="cell">\(icon("box"))<span class="bd"><span class="ttl">\(thing.kind.name) · \(thing.looks)</span>\
            <span class="sub">\(place) · \(time(thing.publishedAt, thing.publishedAt.relative(to: now)))</span></span>\
            \(action)</div></li>
            """
    }
}

/// The board as staff keep it: the list with a button each, and the form.
struct LostAndFoundDesk {
    let things: [FoundRow]
    let community: String
    let draft: FoundDraft
    let error: LinliError?
    let formToken: String
    let now: Instant

    var page: Page {
        Page(Text("失物招领", "Lost and found"), frame: .desk("/desk/lost-and-found"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("失物招领 · \(community)", "Lost and found · \(community)"))</h1></div>
        \(problem(error))
        <section class="card" aria-label="\(Text("等人认领", "Waiting"))">
        \(things.isEmpty ? nothing : "<ul>\(each: things, { LostAndFoundBoard.row($0, now: now, action: button($0)) })</ul>")
        </section>
        \(form)
        </main>
        """
    }

    private var nothing: HTML {
        emptyState(
            Text("现在没有等人认领的东西", "Nothing waits for its owner"),
            Text("有人送来东西，就在旁边登记。", "When somebody brings something, register it beside this list."),
            icon: "box"
        )
    }

    private func button(_ thing: FoundRow) -> HTML {
        """
        <form method="post" action="/desk/lost-and-found/\(thing.id)/return">\(LinliUI.formToken(formToken))\
        <button class="btn ghost sm">\(Text("已领走", "Handed over"))<span class="sr">\(thing.looks)</span></button></form>
        """
    }

    private var form: HTML {
        let looks = error?.text(for: "looks")
        let place = error?.text(for: "place")
        return """
            <section class="card" aria-labelledby="new">
            <div class="hd"><h2 id="new">\(Text("登记一件", "Register a thing"))</h2></div>
            <form class="form" method="post" action="/desk/lost-and-found" data-draft="lost-and-found">
            \(LinliUI.formToken(formToken))
            \(field(Text("是什么", "What is it"), for: "kind", error: error?.text(for: "kind"), kinds))
            \(field(Text("什么样子", "What does it look like"), for: "looks", error: looks, """
                <input id="looks" name="looks" value="\(draft.looks)" maxlength="200" required\(described("looks", error: looks))>
                """))
            \(field(Text("在哪里捡到的", "Where was it found"), for: "place", optional: true, error: place, """
                <input id="place" name="place" value="\(draft.place)" maxlength="80"\(described("place", error: place))>
                """))
            <div class="full btns"><button class="btn">\(Text("登记", "Register"))</button></div>
            </form>
            </section>
            """
    }

    private var kinds: HTML {
        select(
            "kind",
            FoundKind.allCases.map { ($0.rawValue, $0.name) },
            selected: draft.kind?.rawValue,
            empty: Text("请选择", "Please choose"),
            attributes: described("kind", error: error?.text(for: "kind"))
        )
    }
}
