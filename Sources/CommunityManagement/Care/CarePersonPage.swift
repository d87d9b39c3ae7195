import LinliCore
import LinliKernel
import LinliUI

/// One person: why they are on the list, what they may have, what they said and got, and what to do next.
struct CarePersonPage {
    let person: PersonRecord
    let home: CareHome?
    let shown: LabelReading.Shown
    let offers: [CareOffer]
    let deliveries: [CareDelivery]
    let takings: [ID<CareOffer>: CareTaking]
    let exceptions: [ID<CareOffer>: String]
    /// Since when they agree that units may be told who they are; each service is asked about besides.
    let toldSince: Instant?
    let closedAfter: Int
    let book: LabelBook
    /// What closer labels and offers were opened for; nil: they are closed.
    let purpose: ReadingPurpose?
    let mayEdit: Bool
    let done: String?
    let now: Instant
    let formToken: String
    var error: LinliError?
    var typed = Form()
    /// The offer whose form came back.
    var typedOffer: ID<CareOffer>?

    private var path: String { "/desk/care/people/\(person.id)" }
    private var isOpen: Bool { purpose != nil }
    /// What a form of an offer says besides: what comes back stays open for the purpose it was opened for, noted again.
    private var standing: HTML {
        purpose.map { "<input type=\"hidden\" name=\"purpose\" value=\"\($0.rawValue)\">" as HTML } ?? .empty
    }

    var page: Page {
        Page(Text("关照：\(person.name)", "Care: \(person.name)"), frame: .desk("/desk/care"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(CareWords.who(person, now))</h1>\
        <a class="btn ghost" href="\(address("/desk/care", [("division", "\(person.division)")]))">\(icon("back", small: true))\
        \(Text("回到名单", "Back to the list"))</a></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(when: !person.isProfiled, notice(Text(
            "本人不同意按信息推荐服务，只显示工作人员手工标的。", "They said no to suggestions from their data: only labels given by hand show."
        ), .info))
        <div class="stack">\(labels)\(services)</div>
        <aside class="stack">\(when: !isOpen, CareWords.opener(path, [], formToken, error))\(when: mayEdit, other)\(when: mayEdit, byHand)</aside>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "label": Text("标好了。", "The label is given.")
        case "unlabel": Text("标签取下了。", "The label is taken back.")
        case "offer": Text("已记下告知，等本人答复。", "Noted: they were told.")
        case "answer": Text("答复记下了。", "The answer is noted.")
        case "deliver": Text("已记下送达。", "The delivery is noted.")
        case "end": Text("服务已停。", "The service is ended.")
        default: nil
        }
    }

    private var labels: HTML {
        """
        <section class="card" aria-labelledby="labels"><div class="hd"><h2 id="labels">\(Text("标签和理由", "Labels and why"))</h2></div>
        <div class="pad stack"><p class="sub">\(icon("home", small: true))\
        \(home.map { Text(same: $0.address) } ?? Text("没有住址", "No address"))</p>
        \(shown.labels.isEmpty ? "<p class=\"note\">\(Text("没有可显示的标签。", "No label to show."))</p>" as HTML : .empty)
        \(each: shown.labels, label)
        \(when: shown.closed > 0, closed)</div></section>
        """
    }

    private var closed: HTML {
        let text = Text("另有 \(shown.closed) 项按用途查看", "\(shown.closed) more open for a purpose")
        return "<p class=\"note\">\(icon("lock", small: true))\(text)</p>"
    }

    private static let nothing: HTML = """
        <p class="pad note">\(Text("按现在看得到的信息，没有可以推荐的服务。", "Nothing to suggest from what you may see."))</p>
        """

    private func label(_ held: LabelReading.Held) -> HTML {
        """
        <div class="row">\(CareWords.label(held))\(when: held.isByHand && mayEdit, """
            <form method="post" action="\(path)/unlabel">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="label" value="\(held.label.id)">\
            <button class="btn ghost sm">\(Text("取下", "Take back"))</button></form>
            """)</div>
        """
    }

    private var byHand: HTML {
        let choices = book.labels.filter { isOpen || $0.fieldClass == .basic }
        let wrong = error?.text(for: "reason")
        return """
            <section class="card"><details class="more pad"\(when: wrong != nil, " open")><summary>\
            \(icon("edit", small: true))\(Text("手工标一个", "Give a label by hand"))</summary>
            <form class="stack" method="post" action="\(path)/label">\(LinliUI.formToken(formToken))
            \(field(Text("标签", "Label"), for: "label", select(
                "label", choices.map { ($0.id, $0.name) }, selected: typed["label"])))
            \(field(
                Text("为什么", "Why"), for: "reason", hint: Text("电话、证件号会自动隐去。", "Numbers are masked."), error: wrong,
                """
                <input id="reason" name="reason" maxlength="200" autocomplete="off" value="\(typed["reason"] ?? "")" required\
                \(described("reason", hint: true, error: wrong))>
                """
            ))
            <div class="btns"><button class="btn weak">\(Text("标上", "Give it"))</button></div></form></details></section>
            """
    }

    // MARK: Services

    private var services: HTML {
        let live = Set(offers.map(\.service))
        let proposals = shown.services.filter { !live.contains($0.service.id) }
        return """
            <section class="card" aria-labelledby="services"><div class="hd"><h2 id="services">\(Text("服务", "Services"))</h2></div>
            <ul class="plain">\(each: offers, offer)\(each: proposals, { proposal($0.service, $0.because) })</ul>
            \(when: offers.isEmpty && proposals.isEmpty, CarePersonPage.nothing)
            </section>
            """
    }

    private func proposal(_ service: CareService, _ because: [Text]) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(service.name) \(tag(Text("可以享受", "May have"), .info))</span>
        <span class="sub">\(service.what)</span><span class="sub">\(CareWords.because(because))</span>
        <span class="sub">\(Text("依据：", "Basis: "))\(service.basis) · \(givers(service))</span>
        \(when: mayEdit, """
            <form class="btns" method="post" action="\(path)/offer">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="service" value="\(service.id)">\
            <button class="btn sm" name="how" value="visit">\(Text("上门告知了", "Told at the door"))</button>\
            <button class="btn weak sm" name="how" value="phone">\(Text("电话告知了", "Told by phone"))</button></form>
            """)</span></li>
        """
    }

    private func givers(_ service: CareService) -> Text {
        Text(
            "由\(service.units.map(\.name.zh).joined(separator: "、"))提供",
            "given by \(service.units.map(\.name.en).joined(separator: ", "))")
    }

    private func offer(_ offer: CareOffer) -> HTML {
        let service = book[service: offer.service]
        let given = deliveries.filter { $0.offer == offer.id }
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(offer.name(book)) \
            \(CareWords.state(offer, now))</span>
            <span class="sub">\(offer.how.name) · \(time(offer.offeredAt, offer.offeredAt.relative(to: now)))\
            \(offer.againAt.map { again($0) })</span>\(when: offer.isException, exception(offer))
            \(takings[offer.id].map { CareWords.taking($0, now) })\
            \(each: given.prefix(3), { delivery($0, offer) })
            \(when: mayEdit && offer.state != .declined, steps(offer, service))</span></li>
            """
    }

    /// That the rule does not name them; why, when it is open.
    private func exception(_ offer: CareOffer) -> HTML {
        """
        <span class="sub">\(tag(Text("特殊情况", "Exception"), .warn)) \(exceptions[offer.id].map { Text(same: $0) }
            ?? Text("不符合条件，另有原因，按用途查看", "Does not meet the rule; why opens for a purpose"))</span>
        """
    }

    private func again(_ at: Instant) -> HTML {
        " · \(Text("\(at.date) 前不再问", "not asked again before \(at.date)"))"
    }

    private func delivery(_ delivery: CareDelivery, _ offer: CareOffer) -> HTML {
        """
        <span class="sub">\(icon("done", small: true))\(time(delivery.at, delivery.at.relative(to: now))) \(delivery.by)\
        \(when: !delivery.signer.isEmpty, " · \(Text("签收：", "signed: "))\(delivery.signer)")\
        \(delivery.file.map { "· <a href=\"/desk/care/offers/\(offer.id)/photos/\($0)\">\(Text("照片", "Photo"))</a>" as HTML })</span>
        """
    }

    /// What is read out before somebody says yes, and how they agreed: chosen each time, because what nobody was asked is no
    /// consent.
    private func telling(_ service: CareService, _ offer: CareOffer, mayRefuse: Bool) -> HTML {
        let id = "told-\(offer.id)"
        let isBack = typedOffer == offer.id
        let wrong = isBack ? error?.text(for: "consent") : nil
        var ways: [(value: String, text: Text)] = [ConsentChannel.oral, .written].map { channel in
            (value: channel.rawValue, text: channel.name)
        }
        if mayRefuse {
            let text = Text("没有念，或本人不同意告诉单位", "Not read out, or they do not agree to this")
            ways.append((value: CareTelling.none, text: text))
        }
        return """
            \(CareTelling.version)<div class="note">\(Text("请念给本人听：", "Please read out:"))
            \(CareTelling.html(service, closedAfter: closedAfter))</div>
            \(field(Text("告诉服务单位", "Telling the provider"), for: id, error: wrong, select(
                "consent", id: id, ways, selected: isBack ? typed["consent"] : nil,
                empty: Text("请选本人怎么说的", "Choose what they said"),
                attributes: " required\(described(id, error: wrong))")))
            """
    }

    /// Who said yes and did not agree that the unit be told, or took that back.
    private func untold(_ service: CareService, _ offer: CareOffer) -> HTML {
        """
        <span class="sub">\(icon("lock", small: true))\(Text(
            "没有本人的同意，服务单位看不到是谁，要由社区联系、带路。", "Without their consent the unit does not see who it is: the community helps."
        ))</span>
        <details class="more"\(when: typedOffer == offer.id, " open")><summary>\(icon("edit", small: true))\
        \(Text("本人同意告诉单位", "They agree to tell the unit"))</summary>
        <form class="stack" method="post" action="/desk/care/offers/\(offer.id)/answer">\(LinliUI.formToken(formToken))\(standing)
        \(telling(service, offer, mayRefuse: false))
        <div class="btns"><button class="btn weak sm" name="answer" value="yes">\(Text("记下同意", "Note it"))</button></div></form></details>
        """
    }

    /// Services the rule does not give them, for a reason in words.
    private var other: HTML {
        let live = Set(offers.map(\.service))
        let proposed = Set(shown.services.map(\.service.id))
        let choices = book.services.filter { service in
            !live.contains(service.id) && !proposed.contains(service.id) && (isOpen || service.fieldClass == .basic)
        }
        guard !choices.isEmpty else { return .empty }
        let wrong = error?.text(for: "exception")
        return """
            <section class="card"><details class="more pad"\(when: wrong != nil, " open")><summary>\
            \(icon("edit", small: true))\(Text("告知别的服务", "Tell of another service"))</summary>
            <form class="stack" method="post" action="\(path)/offer">\(LinliUI.formToken(formToken))
            <p class="note">\(Text(
                "条件里没有写到、确实需要的，写明情况再告知；会记下来，单独统计。",
                "Who needs what the rule does not name is told for a reason; it is kept, and counted apart."))</p>
            \(field(Text("服务", "Service"), for: "other", select(
                "service", id: "other", choices.map { ($0.id, $0.name) }, selected: typed["service"])))
            \(field(
                Text("特殊情况", "Why"), for: "exception", hint: Text("电话、证件号会自动隐去。", "Numbers are masked."), error: wrong,
                """
                <input id="exception" name="exception" maxlength="200" autocomplete="off" value="\(typed["exception"] ?? "")"\
                \(described("exception", hint: true, error: wrong))>
                """
            ))
            <div class="btns"><button class="btn weak sm" name="how" value="visit">\(Text("上门告知了", "Told at the door"))</button>\
            <button class="btn ghost sm" name="how" value="phone">\(Text("电话告知了", "Told by phone"))</button></div></form></details></section>
            """
    }

    private func steps(_ offer: CareOffer, _ service: CareService?) -> HTML {
        let base = "/desk/care/offers/\(offer.id)"
        guard let service else { return offer.isDone ? .empty : gone(base) }
        if offer.state == .offered {
            return """
                <form class="stack" method="post" action="\(base)/answer">\(LinliUI.formToken(formToken))\(standing)
                \(telling(service, offer, mayRefuse: true))
                \(field(Text("不需要的原因", "Why not"), for: "why-\(offer.id)", optional: true, """
                    <input id="why-\(offer.id)" name="reason" maxlength="200" autocomplete="off"\
                     value="\(typedOffer == offer.id ? typed["reason"] ?? "" : "")">
                    """))
                <div class="btns"><button class="btn sm" name="answer" value="yes">\(Text("本人愿意", "They say yes"))</button>\
                <button class="btn ghost sm" name="answer" value="no" formnovalidate>\(Text("本人不需要", "They say no"))</button></div></form>
                """
        }
        guard offer.state == .accepted else { return .empty }
        return """
            \(when: !offer.isTold(since: toldSince), untold(service, offer))
            <details class="more"\(when: error?.id == "care.evidence", " open")><summary>\(icon("done", small: true))\
            \(Text("登记送达", "Note a delivery"))</summary>
            <form class="stack" method="post" action="\(base)/deliver" enctype="multipart/form-data">\
            \(LinliUI.formToken(formToken))\(standing)\(each: service.evidence, {
                CareWords.proof($0, id: "\($0.field)-\(offer.id)", typed, error)
            })
            <div class="btns"><button class="btn sm">\(Text("已送到", "Delivered"))</button></div></form>
            \(ender(base, Text("不再需要，停掉", "End it")))</details>
            """
    }

    private func ender(_ base: String, _ words: Text) -> HTML {
        """
        <form method="post" action="\(base)/end" data-confirm="\(Text("停掉这项服务？", "End this service?"))">\
        \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(words)</button></form>
        """
    }

    /// What is not in the catalogue any more is neither brought nor answered: it is stopped.
    private func gone(_ base: String) -> HTML {
        """
        <span class="sub">\(icon("alert", small: true))\(Text(
            "目录里没有这项服务了，没有单位送。", "It is not in the catalogue any more: nobody brings it."))</span>
        \(ender(base, Text("停掉", "End it")))
        """
    }
}
