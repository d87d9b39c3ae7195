import LinliCore
import LinliKernel
import LinliUI

/// What a unit has to do, without a name: whom something is for is opened one by one, and noted.
struct CareTasksPage {
    struct Provider: Sendable {
        var provider: CareProvider
        var waiting: [String: Int]
        var open: [CareOffer]
        var due: [CareOffer]
        var later: [CareOffer]
        /// What the unit had and has no more, without having given it back itself.
        var returns: [CareReturn]
    }

    static let limit = 50

    let providers: [Provider]
    let book: LabelBook
    /// After how many days it is closed whom something was brought to for good.
    let closedAfter: Int
    let size: GroupSize
    let done: String?
    let now: Instant
    let formToken: String
    let names: DivisionNames
    var error: LinliError?

    var page: Page { Page(Text("服务单", "Services to bring"), frame: .desk("/desk/deliveries"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("服务单", "Services to bring"))</h1></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(providers.isEmpty ? nothing : "\(each: providers, all)")
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "take": Text("接下了，现在可以打开看是谁、在哪里。", "Taken: you may open whom it is for now.")
        case "refuse": Text("原因记下了，社区看得到。", "The reason is noted; the community sees it.")
        case "deliver": Text("已记下送达。", "The delivery is noted.")
        default: nil
        }
    }

    private var nothing: HTML {
        """
        <section class="card" aria-label="\(Text("服务单", "Services to bring"))">\(emptyState(
            Text("您的单位没有列在服务目录里", "Your unit gives none of the listed services"),
            Text("管理员在“标签与服务”里写明哪类单位提供哪项服务。", "An administrator says which kind of unit gives which service."),
            icon: "box"))</section>
        """
    }

    private func all(_ row: Provider) -> HTML {
        """
        <div class="stack">\(free(row))\(taken(row))</div>
        <aside class="stack">\(returns(row))\(waiting(row))\(later(row))</aside>
        """
    }

    // MARK: What may be taken

    private func free(_ row: Provider) -> HTML {
        let id = "open-\(row.provider.unit.id)"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(row.provider.unit.name)\
            \(Text("：有人要，可以接", ": wanted, free to take"))</h2></div>
            \(row.open.isEmpty
                ? "<p class=\"pad note\">\(Text("现在没有等人接的。", "Nothing waits to be taken."))</p>"
                : "<ul class=\"plain\">\(each: row.open, free)</ul>\(more(row.open))")</section>
            """
    }

    private func free(_ offer: CareOffer) -> HTML {
        """
        <li class="cell"><span class="bd">\(title(offer))
        <span class="sub">\(names[offer.grid]) · \(Text("本人说愿意：", "said yes "))\(since(offer.answeredAt ?? offer.offeredAt))</span>
        <form class="btns" method="post" action="/desk/deliveries/\(offer.id)/take">\(LinliUI.formToken(formToken))\
        <button class="btn sm">\(Text("接下", "Take it"))</button></form>
        \(CareTasksPage.refusal(offer, CareRefusalReason.allowed(offer, isTaken: false, closing: nil), formToken))</span></li>
        """
    }

    /// The form by which a unit says why not, for one of some reasons.
    static func refusal(_ offer: CareOffer, _ reasons: [CareRefusalReason], _ formToken: String) -> HTML {
        guard !reasons.isEmpty else { return .empty }
        let id = "why-\(offer.id)"
        return """
            <details class="more"><summary>\(icon("close", small: true))\(Text("做不了，说原因", "Cannot: say why"))</summary>
            <form class="stack" method="post" action="/desk/deliveries/\(offer.id)/refuse">\(LinliUI.formToken(formToken))
            \(field(Text("原因", "Why"), for: id, select(
                "reason", id: id, reasons.map { ($0.rawValue, $0.name) }, selected: nil)))
            <div class="btns"><button class="btn ghost sm">\(Text("记下", "Note it"))</button></div></form></details>
            """
    }

    // MARK: What was taken

    private func taken(_ row: Provider) -> HTML {
        let id = "taken-\(row.provider.unit.id)"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(Text("接下了，该送的", "Taken, to bring now"))</h2></div>
            \(row.due.isEmpty
                ? "<p class=\"pad note\">\(Text("没有该送的。", "Nothing to bring now."))</p>"
                : "<ul class=\"plain\">\(each: row.due, task)</ul>\(more(row.due))")</section>
            """
    }

    private func task(_ offer: CareOffer) -> HTML {
        """
        <li class="cell"><span class="bd">\(title(offer)) \(CareWords.state(offer, now))
        <span class="sub">\(names[offer.grid]) · \(Text("接下：", "taken "))\(since(offer.takenAt ?? offer.offeredAt))</span>
        \(opener(offer))</span></li>
        """
    }

    private func opener(_ offer: CareOffer) -> HTML {
        """
        <form class="btns" method="post" action="/desk/deliveries/\(offer.id)/open">\(LinliUI.formToken(formToken))\
        <button class="btn weak sm">\(icon("lock", small: true))\(Text("打开：是谁、在哪里", "Open: who and where"))</button></form>
        """
    }

    private var over: HTML {
        """
        <span class="sub">\(icon("lock", small: true))\(Text(
            "送到满 \(closedAfter) 天，不再显示是谁。", "Closed \(closedAfter) days after it was brought."))</span>
        """
    }

    private func later(_ row: Provider) -> HTML {
        guard !row.later.isEmpty else { return .empty }
        let id = "later-\(row.provider.unit.id)"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(Text("送过了", "Brought"))</h2></div>
            <ul class="plain">\(each: row.later, { offer in
                """
                <li class="cell"><span class="bd">\(title(offer))<span class="sub">\(names[offer.grid]) · \
                \(since(offer.deliveredAt ?? offer.offeredAt))\(offer.dueAt.map {
                    " · \(Text("下次 \($0.date)", "next \($0.date)"))" as HTML
                })</span>\(offer.isOver(after: closedAfter, now) ? over : opener(offer))</span></li>
                """
            })</ul>\(more(row.later))</section>
            """
    }

    /// What it had: without a name, only that it need not go there any more.
    private func returns(_ row: Provider) -> HTML {
        guard !row.returns.isEmpty else { return .empty }
        let id = "returns-\(row.provider.unit.id)"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(Text("收回的单，不用再送", "Taken back: not to bring any more"))</h2></div>
            <ul class="plain">\(each: row.returns, { found in
                """
                <li class="cell"><span class="bd"><span class="ttl">\(CareOffer.name(found.service, book))</span>\
                <span class="sub">\(names[found.grid]) · \(found.why.name) · \(since(found.at))</span></span></li>
                """
            })</ul></section>
            """
    }

    private func waiting(_ row: Provider) -> HTML {
        let rows = row.provider.services.compactMap { service in
            row.waiting[service.id].map { (service.name, $0) }
        }
        guard !rows.isEmpty else { return .empty }
        let id = "waiting-\(row.provider.unit.id)"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(Text("告知了，还没答复", "Told, no answer yet"))</h2></div>
            <dl class="kv">\(each: rows, { "<dt>\($0.0)</dt><dd class=\"num\">\(size.text($0.1))</dd>" })</dl>
            <p class="pad note">\(Text("本人说愿意之前，不显示是谁。", "Nobody is named before they say yes."))</p></section>
            """
    }

    private func title(_ offer: CareOffer) -> HTML {
        "<span class=\"ttl\">\(offer.name(book))</span>"
    }

    private func since(_ at: Instant) -> HTML { time(at, at.relative(to: now)) }

    private func more(_ offers: [CareOffer]) -> HTML {
        guard offers.count == CareTasksPage.limit, let last = offers.last else { return .empty }
        let path = address("/desk/deliveries", [("after", "\(last.id)")])
        return "<p class=\"pg\"><a class=\"btn ghost sm\" href=\"\(path)\">\(Text("后面的", "More"))</a></p>"
    }
}

/// Whom a service is for, as its unit needs to know: name, address, phone, and what proves that it came.
struct CareTaskPage {
    let contact: CareContact
    let now: Instant
    let formToken: String
    var error: LinliError?
    var typed = Form()

    private var path: String { "/desk/deliveries/\(contact.offer.id)" }

    var page: Page {
        Page(
            Text("送：\(contact.service.name.zh)", "Bring: \(contact.service.name.en)"),
            frame: .desk("/desk/deliveries"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(contact.service.name)</h1>\
        <a class="btn ghost" href="/desk/deliveries">\(icon("back", small: true))\(Text("回到服务单", "Back to the list"))</a></div>
        \(problem(error))
        <div class="stack">\(who)\(delivery)</div>
        <aside class="stack">\(history)\(refusal)</aside>
        </main>
        """
    }

    private var refusal: HTML {
        let reasons = CareRefusalReason.allowed(contact.offer, isTaken: true, closing: contact.closing)
        guard !reasons.isEmpty else { return .empty }
        return """
            <section class="card pad">\(CareTasksPage.refusal(contact.offer, reasons, formToken))\
            \(when: !reasons.contains(.unwanted), CareTaskPage.asksCommunity)</section>
            """
    }

    private static let asksCommunity: HTML = """
        <p class="note">\(Text(
            "本人说不要了的，请告诉社区，由社区问过本人再停。", "Do they not want it any more? Tell the community: it asks them and ends it."
        ))</p>
        """

    private var who: HTML {
        if let closing = contact.closing { return closed(closing) }
        return """
            <section class="card" aria-labelledby="who"><div class="hd"><h2 id="who">\(contact.name)</h2></div>
            <dl class="kv"><dt>\(Text("住址", "Address"))</dt><dd>\(contact.address.isEmpty ? Text("没有登记", "Not known") : Text(same: contact.address))</dd>
            <dt>\(Text("电话", "Phone"))</dt><dd>\(contact.phone.isEmpty
                ? "\(Text("没有登记", "Not known"))" as HTML : "<a href=\"tel:\(contact.phone)\">\(contact.phone)</a>")</dd>
            <dt>\(Text("服务", "Service"))</dt><dd>\(contact.service.what)</dd></dl>
            <p class="pad note">\(Text(
                "只用来送这项服务。您看过已经记下，本人查得到。", "For this service only. That you looked is noted; the person can see it."
            ))</p></section>
            """
    }

    /// Why it is not shown whom it is for, and whom to ask.
    private func closed(_ closing: CareClosing) -> HTML {
        """
        <section class="card" aria-labelledby="who"><div class="hd"><h2 id="who">\(Text("不显示是谁", "Not shown"))</h2></div>
        <p class="pad">\(closing.words(after: contact.closedAfter))</p>
        <dl class="kv"><dt>\(Text("请问社区", "Ask the community"))</dt><dd>\(contact.community.map(CareTaskPage.call)
            ?? "\(Text("没有登记电话", "No phone known"))" as HTML)</dd>
        <dt>\(Text("服务", "Service"))</dt><dd>\(contact.service.what)</dd></dl></section>
        """
    }

    private static func call(_ unit: UnitSummary) -> HTML {
        """
        \(unit.name)\(when: !unit.phone.isEmpty, " <a class=\"num\" href=\"tel:\(unit.phone)\">\(unit.phone)</a>")
        """
    }

    /// What was brought for good and is closed by now is not brought again.
    private var delivery: HTML {
        guard !contact.offer.isOver(after: contact.closedAfter, now) else { return .empty }
        return """
            <section class="card" aria-labelledby="give"><div class="hd"><h2 id="give">\(Text("登记送达", "Note a delivery"))</h2></div>
            <form class="pad stack" method="post" action="\(path)/deliver" enctype="multipart/form-data">\
            \(LinliUI.formToken(formToken))\(each: contact.service.evidence, {
                CareWords.proof($0, id: $0.field, typed, error)
            })
            <div class="btns"><button class="btn">\(Text("已送到", "Delivered"))</button></div></form></section>
            """
    }

    private var history: HTML {
        var rows: [(Instant, Text)] = contact.deliveries.map { ($0.at, Text("送到", "Brought")) }
        rows += contact.taking.refusals.map { ($0.at, $0.unit + Text("：", ": ") + $0.reason.name) }
        rows += contact.taking.returns.map { ($0.at, $0.unit + Text("：", ": ") + $0.why.name) }
        guard !rows.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="before"><div class="hd"><h2 id="before">\(Text("以前", "Before"))</h2></div>
            <ul class="plain">\(each: rows.sorted { $0.0 > $1.0 }.prefix(20), { row in
                "<li class=\"cell\"><span class=\"bd\">\(row.1)<span class=\"sub\">\(time(row.0, row.0.relative(to: now)))</span></span></li>"
            })</ul></section>
            """
    }
}
