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
    /// Who tells a need under their own name was heard of: their household is not visited for it the next day.
    static let heardByNeeds = Subscriber(
        "households.needs", kinds: ["case.told"],
        .outside { event, database in
            guard event.facts["named"] == "1",
                let community = event.subject.division?.ancestor(at: .community)
            else { return }
            let found = try await database.read { tx -> (cell: Cell, sealed: [UInt8], isContact: Bool)? in
                let isRegistered = try tx.exists(
                    "SELECT 1 FROM household h WHERE h.community = \(community) AND h.valid_to IS NULL LIMIT 1")
                return isRegistered ? try phone(of: event.subject.id, tx) : nil
            }
            guard let (cell, sealed, isContact) = found else { return }
            let context = Context.system("households.needs", now: database.clock.now)
            let clear =
                try await database.reveal(
                    context, purpose: "更新住户最近联系时间", event.subject, [(cell, sealed)]
                ).first ?? ""
            // Name, phone and mail stand in lines.
            let lines = clear.split(separator: "\n", omittingEmptySubsequences: false)
            let typed = isContact ? lines.dropFirst().first.map(String.init) ?? "" : clear
            guard let phone = PhoneNumber(typed) else { return }
            let hash = Households.phoneHash(phone.number, database.keys)
            let known = try await database.read { try Households.known(byPhone: hash, in: community, $0) }
            guard !known.isEmpty else { return }
            try await database.write(context, "households.heard") { tx in
                for household in known {
                    try Households.heard(of: household, by: .need, at: event.at, tx)
                    try tx.audit(Subject("household", household, division: community), fields: ["heardAt"])
                }
            }
        })

    /// The phone of who told a case: what they left with it, else that of their account.
    private static func phone(of item: Int64, _ tx: ReadTx) throws -> (cell: Cell, sealed: [UInt8], isContact: Bool)? {
        let told = try tx.first("SELECT reporter_sealed, reporter_id FROM case_item WHERE id = \(item)") {
            (sealed: try $0[0] as [UInt8]?, account: try $0[1] as ID<Account>?)
        }
        if let sealed = told?.sealed { return (Cell("case_item", "reporter_sealed", item), sealed, true) }
        guard let account = told?.account else { return nil }
        return try tx.first("SELECT phone_sealed FROM account WHERE id = \(account)") {
            (Cell("account", "phone_sealed", account.rawValue), try $0[0], false)
        }
    }
}
