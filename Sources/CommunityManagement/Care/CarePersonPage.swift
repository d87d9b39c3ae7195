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
    let book: LabelBook
    let isOpen: Bool
    let mayEdit: Bool
    let done: String?
    let now: Instant
    let formToken: String
    var error: LinliError?
    var typed = Form()

    private var path: String { "/desk/care/people/\(person.id)" }

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
        <aside class="stack">\(when: !isOpen, CareWords.opener(path, [], formToken, error))\(when: mayEdit, byHand)</aside>
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
            <li class="cell"><span class="bd"><span class="ttl">\(service?.name ?? Text(same: offer.service)) \
            \(CareWords.state(offer, now))</span>
            <span class="sub">\(offer.how.name) · \(time(offer.offeredAt, offer.offeredAt.relative(to: now)))\
            \(offer.againAt.map { again($0) })</span>
            \(takings[offer.id].map { CareWords.taking($0, now) })\
            \(each: given.prefix(3), { delivery($0, offer) })
            \(when: mayEdit && offer.state != .declined, steps(offer, service))</span></li>
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

    private func steps(_ offer: CareOffer, _ service: CareService?) -> HTML {
        let base = "/desk/care/offers/\(offer.id)"
        if offer.state == .offered {
            return """
                <form class="stack" method="post" action="\(base)/answer">\(LinliUI.formToken(formToken))
                \(field(Text("不需要的原因", "Why not"), for: "why-\(offer.id)", optional: true, """
                    <input id="why-\(offer.id)" name="reason" maxlength="200" autocomplete="off">
                    """))
                <div class="btns"><button class="btn sm" name="answer" value="yes">\(Text("本人愿意", "They say yes"))</button>\
                <button class="btn ghost sm" name="answer" value="no">\(Text("本人不需要", "They say no"))</button></div></form>
                """
        }
        guard offer.state == .accepted, let service else { return .empty }
        return """
            <details class="more"\(when: error?.id == "care.evidence", " open")><summary>\(icon("done", small: true))\
            \(Text("登记送达", "Note a delivery"))</summary>
            <form class="stack" method="post" action="\(base)/deliver" enctype="multipart/form-data">\
            \(LinliUI.formToken(formToken))\(each: service.evidence, {
                CareWords.proof($0, id: "\($0.rawValue)-\(offer.id)", typed, error)
            })
            <div class="btns"><button class="btn sm">\(Text("已送到", "Delivered"))</button></div></form>
            <form method="post" action="\(base)/end" data-confirm="\(Text("停掉这项服务？", "End this service?"))">\
            \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("不再需要，停掉", "End it"))</button></form></details>
            """
    }
}
