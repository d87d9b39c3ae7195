import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// What others may make of a new case: its kind and place, and whether it is a sign of life of who told it under their
    /// own name. Complaints and tip-offs never are: when a household was last heard of must not give away who complained.
    func told(_ draft: CaseDraft, _ context: Context) -> [String: String] {
        var facts = ["category": draft.category, "nature": draft.nature.rawValue]
        facts["place"] = draft.place.map { String($0.rawValue) }
        facts["against"] = draft.against.map { String($0.rawValue) }
        let isOpen = draft.disclosure == .named && !draft.nature.isProtected && !draft.isOnBehalf
        let isKnown = !draft.reporterPhone.isEmpty || owner(of: draft, context) != nil
        if isOpen, isKnown, draft.against == nil, draft.parent == nil { facts["named"] = "1" }
        return facts
    }
}

extension Subscriber {
    /// Who tells a need under their own name was heard of: their household is not visited for it the next day. Whose need it
    /// is tell keyed hashes: nothing is opened for it.
    static let heardByNeeds = Subscriber(
        "households.needs", kinds: ["case.told"], where: { $0.facts["named"] == "1" },
        .outside { event, database in
            guard let community = event.subject.division?.ancestor(at: .community) else { return }
            // Hearing of somebody again within the hour is no news.
            let recent = event.at.adding(minutes: -60)
            let heard = try await database.read { tx -> [ID<Household>] in
                let told = try tx.first("SELECT person, phone FROM case_teller WHERE case_id = \(event.subject.id)") {
                    [try $0[0] as [UInt8]?, try $0[1] as [UInt8]?].compactMap { $0 }
                }
                let households = try (told ?? []).flatMap {
                    try Households.known(byPhone: RegisterHash.phone(index: $0, database.keys), in: community, tx)
                }
                return try Set(households).sorted().filter {
                    try !Households.isHeard(of: $0, by: .need, since: recent, tx)
                }
            }
            guard !heard.isEmpty else { return }
            let context = Context.system("households.needs", now: database.clock.now)
            try await database.write(context, "households.heard") { tx in
                for household in heard {
                    try Households.heard(of: household, by: .need, at: event.at, tx)
                    try tx.audit(Subject("household", household, division: community), fields: ["heardAt"])
                }
            }
        })
}
