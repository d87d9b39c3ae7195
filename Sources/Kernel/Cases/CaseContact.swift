import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// What others may make of a new case: its kind and place, and whether it is a sign of life of who told it under their
    /// own name. Complaints and tip-offs never are: when a household was last heard of must not give away who complained.
    func told(_ draft: CaseDraft, _ context: Context) -> [String: String] {
        var facts = ["category": draft.category, "nature": draft.nature.rawValue]
        facts["place"] = draft.place.map { String($0.rawValue) }
        facts.merge(draft.accusation.facts) { $1 }
        let isOpen = draft.disclosure == .named && !draft.nature.isProtected && !draft.isOnBehalf
        let isKnown = !draft.reporterPhone.isEmpty || owner(of: draft, context) != nil
        if isOpen, isKnown, draft.accusation.isEmpty, draft.parent == nil { facts["named"] = "1" }
        return facts
    }
}

extension Subscriber {
    /// Who tells a need under their own name was heard of: their household is not visited for it the next day. Whose need it
    /// is tell keyed hashes: nothing is opened for it.
    static let heardByNeeds = Subscriber(
        "households.needs", kinds: ["case.told"], where: { $0.facts["named"] == "1" },
        .writes { events, database in
            let heard = try await database.read { try households(heardBy: events, database.keys, $0) }
            guard !heard.isEmpty else { return }
            let context = Context.system("households.needs", now: database.clock.now)
            try await database.write(context, "households.heard") { tx in
                for (household, news) in heard.sorted(by: { $0.key < $1.key }) {
                    try Households.heard(of: household, by: .need, at: news.at, tx)
                    try tx.audit(Subject("household", household, division: news.community), fields: ["heardAt"])
                }
            }
        })

    /// When each household was heard of last by needs, and where. Hearing of one again within the hour is no news.
    private static func households(
        heardBy events: [Event], _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [ID<Household>: (at: Instant, community: DivisionCode)] {
        var tellers: [Int64: [[UInt8]]] = [:]
        try tx.each(
            "SELECT case_id, person, phone FROM case_teller WHERE case_id IN \(SQL.list(events.map(\.subject.id)))"
        ) { row in
            tellers[try row[0]] = [try row[1] as [UInt8]?, try row[2] as [UInt8]?].compactMap { $0 }
        }
        struct Teller: Hashable {
            let phone: [UInt8]
            let community: DivisionCode
        }
        var homes: [Teller: [ID<Household>]] = [:]
        var heard: [ID<Household>: (at: Instant, community: DivisionCode)] = [:]
        for event in events {
            guard let community = event.subject.division?.ancestor(at: .community) else { continue }
            for phone in tellers[event.subject.id] ?? [] {
                let teller = Teller(phone: phone, community: community)
                let known =
                    try homes[teller]
                    ?? Households.known(byPhone: RegisterHash.phone(index: phone, keys), in: community, tx)
                homes[teller] = known
                for household in known where heard[household].map({ $0.at < event.at }) ?? true {
                    heard[household] = (event.at, community)
                }
            }
        }
        return try heard.filter { household, news in
            try !Households.isHeard(of: household, by: .need, since: news.at.adding(minutes: -60), tx)
        }
    }
}
