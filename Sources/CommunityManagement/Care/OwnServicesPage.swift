import LinliCore
import LinliKernel
import LinliUI

/// What a resident is told they may have, and why, in large words.
struct OwnServicesPage {
    struct Person: Sendable {
        var record: PersonRecord
        var shown: LabelReading.Shown
        var offers: [CareOffer]
        var deliveries: [CareDelivery]
        /// Which units bring them, and what units said.
        var takings: [ID<CareOffer>: CareTaking]
    }

    let people: [Person]
    let book: LabelBook
    let done: String?
    let now: Instant
    let formToken: String
    var error: LinliError?

    var page: Page {
        Page(Text("为您推荐的服务", "Services for you"), frame: .resident(.me), body)
    }

    private var body: HTML {
        """
        <main id="main" class="one">
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(when: people.isEmpty, nobody)
        \(each: people, card)
        </main>
        """
    }

    private static let nothing: HTML =
        "<p class=\"pad note\">\(Text("现在没有推荐的服务。", "Nothing is suggested now."))</p>"

    private var doneText: Text? {
        switch done {
        case "yes": Text("记下了，社区会联系您。", "Noted: the community will call you.")
        case "no": Text("好的，近期不再问您。", "Fine: nobody asks again for a while.")
        case "unprofiled": Text("已关闭，不再按您的信息推荐服务。", "Off: no more suggestions from your data.")
        case "profiled": Text("已打开。", "On.")
        default: nil
        }
    }

    private var nobody: HTML {
        """
        <section class="card" aria-label="\(Text("还没有登记", "Not registered"))">\(emptyState(
            Text("还不知道社区台账里哪一位是您", "We do not know yet which entry of the register is yours"),
            Text("先用身份证号认领自己的信息，再回来看；想要什么服务，也可以直接反映。", "Claim your own data by your citizen number first, or tell us what you need."),
            icon: "heart", action: "<a class=\"btn\" href=\"/me/data\">\(Text("认领我的信息", "Claim my data"))</a>"
        ))</section>
        """
    }

    private func card(_ person: Person) -> HTML {
        let live = Set(person.offers.map(\.service))
        let open = person.shown.services.filter { !live.contains($0.service.id) }
        let id = "p-\(person.record.id)"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(person.record.name)</h2></div>
            \(when: open.isEmpty && person.offers.isEmpty, OwnServicesPage.nothing)
            <ul class="plain">\(each: person.offers, { offer($0, person) })\
            \(each: open, { proposal($0.service, $0.because, person.record.id) })</ul>
            \(profiling(person.record))</section>
            """
    }

    private func proposal(_ service: CareService, _ because: [Text], _ person: ID<LinliKernel.Person>) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(service.name)</span><span>\(service.what)</span>
        <span class="sub">\(CareWords.because(because))</span>
        <span class="sub">\(Text("依据：", "Basis: "))\(service.basis)</span>
        \(buttons(service.id, person))</span></li>
        """
    }

    private func buttons(_ service: String, _ person: ID<LinliKernel.Person>) -> HTML {
        """
        <form class="btns" method="post" action="/me/services">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="person" value="\(person)"><input type="hidden" name="service" value="\(service)">\
        <button class="btn" name="answer" value="yes">\(Text("我想要", "Yes, please"))</button>\
        <button class="btn ghost" name="answer" value="no">\(Text("不需要", "No, thanks"))</button></form>
        """
    }

    private func offer(_ offer: CareOffer, _ person: Person) -> HTML {
        let service = book[service: offer.service]
        let because = person.shown.services.first { $0.service.id == offer.service }?.because ?? []
        let last = person.deliveries.first { $0.offer == offer.id }
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(service?.name ?? Text(same: offer.service)) \
            \(CareWords.state(offer, now))</span>\(service.map { "<span>\($0.what)</span>" as HTML })
            <span class="sub">\(CareWords.because(because))</span>
            \(person.takings[offer.id].map { CareWords.taking($0, now) })\(last.map { given($0) })
            \(when: offer.state == .offered, buttons(offer.service, person.record.id))\
            \(when: offer.state == .declined, changed(offer, person.record.id))</span></li>
            """
    }

    private func given(_ delivery: CareDelivery) -> HTML {
        """
        <span class="sub">\(time(delivery.at, delivery.at.relative(to: now))) \(delivery.by)\
        \(when: !delivery.signer.isEmpty, " · \(Text("签收：", "signed: "))\(delivery.signer)")</span>
        """
    }

    private func changed(_ offer: CareOffer, _ person: ID<LinliKernel.Person>) -> HTML {
        """
        <form class="btns" method="post" action="/me/services">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="person" value="\(person)"><input type="hidden" name="service" value="\(offer.service)">\
        <button class="btn ghost" name="answer" value="yes">\(Text("改主意了，我想要", "I changed my mind"))</button></form>
        """
    }

    private func profiling(_ person: PersonRecord) -> HTML {
        """
        <form class="pad stack" method="post" action="/me/services/profiling">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="person" value="\(person.id)">
        <p class="note">\(person.isProfiled
            ? Text("这些推荐是按台账里您的年龄、住户等信息得出的，由人来问您，不会自动决定任何事。",
                "These come from your age, household and the like in the register; people ask you, nothing is decided by itself.")
            : Text("您已关闭按信息推荐服务。", "Suggestions from your data are off."))</p>
        <button class="btn ghost" name="allowed" value="\(person.isProfiled ? "no" : "yes")">\(person.isProfiled
            ? Text("不要用我的信息推荐服务", "Do not suggest from my data")
            : Text("重新打开推荐", "Suggest services again"))</button></form>
        """
    }
}
