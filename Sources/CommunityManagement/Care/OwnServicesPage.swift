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
        /// Since when they agree that units may be told who they are; each service is asked about besides.
        var toldSince: Instant?
    }

    let people: [Person]
    let book: LabelBook
    /// After how many days units see no more whom they brought something to.
    let closedAfter: Int
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
        case "stop": Text("停了，送服务的单位也看得到，不用再送。", "Ended: the unit sees that, and brings it no more.")
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
        \(buttons(service.id, service, person))</span></li>
        """
    }

    /// What a yes tells the unit, above the yes.
    private func telling(_ service: CareService?) -> HTML {
        guard let service else { return .empty }
        return CareTelling.html(service, closedAfter: closedAfter)
    }

    private func buttons(_ id: String, _ service: CareService?, _ person: ID<LinliKernel.Person>) -> HTML {
        """
        \(telling(service))<form class="btns" method="post" action="/me/services">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="person" value="\(person)"><input type="hidden" name="service" value="\(id)">\
        \(when: service != nil, CareTelling.version)\
        \(when: service != nil, OwnServicesPage.yes)\
        <button class="btn ghost" name="answer" value="no">\(Text("不需要", "No, thanks"))</button></form>
        """
    }

    private static let yes: HTML =
        "<button class=\"btn\" name=\"answer\" value=\"yes\">\(Text("我想要", "Yes, please"))</button>"

    private func offer(_ offer: CareOffer, _ person: Person) -> HTML {
        let service = book[service: offer.service]
        let because = person.shown.services.first { $0.service.id == offer.service }?.because ?? []
        let last = person.deliveries.first { $0.offer == offer.id }
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(offer.name(book)) \
            \(CareWords.state(offer, now))</span>\(service.map { "<span>\($0.what)</span>" as HTML })
            <span class="sub">\(CareWords.because(because))</span>
            \(person.takings[offer.id].map { CareWords.taking($0, now) })\(last.map { given($0) })
            \(when: offer.state == .offered, buttons(offer.service, service, person.record.id))\
            \(when: offer.state == .declined && service != nil, again(
                offer, service, person.record.id, Text("改主意了，我想要", "I changed my mind")))\
            \(when: offer.state == .accepted && !offer.isTold(since: person.toldSince), untold(
                offer, service, person.record.id))\
            \(when: offer.state == .accepted && !offer.isDone, stop(offer, person.record.id))</span></li>
            """
    }

    /// Who does not want any more what they said yes to ends it themselves.
    private func stop(_ offer: CareOffer, _ person: ID<LinliKernel.Person>) -> HTML {
        let id = "stop-\(offer.id)"
        return """
            <details class="more"><summary>\(icon("close", small: true))\(Text("不要了，停掉", "I do not want it any more"))</summary>
            <form class="stack" method="post" action="/me/services">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="person" value="\(person)"><input type="hidden" name="service" value="\(offer.service)">
            \(field(Text("为什么", "Why"), for: id, optional: true, """
                <input id="\(id)" name="reason" maxlength="200" autocomplete="off">
                """))
            <div class="btns"><button class="btn ghost" name="answer" value="stop">\(Text("停掉这项服务", "End this service"))</button></div>\
            </form></details>
            """
    }

    private func given(_ delivery: CareDelivery) -> HTML {
        """
        <span class="sub">\(time(delivery.at, delivery.at.relative(to: now))) \(delivery.by)\
        \(when: !delivery.signer.isEmpty, " · \(Text("签收：", "signed: "))\(delivery.signer)")</span>
        """
    }

    private func again(
        _ offer: CareOffer, _ service: CareService?, _ person: ID<LinliKernel.Person>, _ words: Text
    ) -> HTML {
        """
        \(telling(service))<form class="btns" method="post" action="/me/services">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="person" value="\(person)"><input type="hidden" name="service" value="\(offer.service)">\
        \(when: service != nil, CareTelling.version)\
        <button class="btn ghost" name="answer" value="yes">\(words)</button></form>
        """
    }

    /// Who wants a service and did not agree that its unit be told, or took that back.
    private func untold(
        _ offer: CareOffer, _ service: CareService?, _ person: ID<LinliKernel.Person>
    ) -> HTML {
        """
        <span class="sub">\(icon("lock", small: true))\(Text(
            "您没有同意告诉服务单位，单位看不到您是谁，由社区联系您。",
            "You did not agree that the unit be told: it does not see who you are, the community calls you."))</span>
        \(when: service != nil, again(offer, service, person, Text("同意告诉单位", "I agree to that")))
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
