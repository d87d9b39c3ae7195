import LinliCore
import LinliStandards

extension CaseRecord {
    /// Whether one more voice may be joined to it now.
    func takesOne(more type: CaseType) throws -> Bool {
        guard mayShare, speaksIn == nil else { return false }
        return try type.state(state).takesVoices
    }
}

extension CaseCommands {
    /// Staff join whom they have before them, or on the phone, to a case that is about the same, in place of registering
    /// another: one more voice with the caller's words, name, phone and door, who is told, may answer and may contest by the
    /// receipt or the links of messages. Who writes it down is nobody's voice.
    ///
    /// For who registers needs where the case lies and reads it; of a voice the case it speaks in is meant. Words of danger
    /// that the case does not know yet become a case of their own, as with `join`.
    /// - Throws: `.notFound` for who may not read it, `.forbidden` for who does not register there, `.conflict` for a case
    ///   that takes nobody and for a phone that told it already, as far as they may know that; `.invalid` for a complaint and
    ///   as `report`.
    package func join(
        caller draft: CaseDraft, to id: ID<Case>, once key: String = "", _ context: Context
    ) async throws -> Taken {
        let lead = try await database.read { tx -> CaseRecord in
            guard let item = try CasesStore.find(id, tx) else { throw LinliError.notFound("cases.unknown") }
            var lead = item
            if let other = item.speaksIn, let found = try CasesStore.find(other, tx) { lead = found }
            try mayJoin(callersOf: lead, context.actor, tx)
            return lead
        }
        var draft = draft
        draft.source = .staff
        guard draft.accused.isEmpty, !draft.nature.isProtected || draft.doubt.contains(.nature) else {
            throw CaseCommands.ownComplaint
        }
        // Words that only might be a complaint keep nobody from joining; staff look at them.
        if draft.nature.isProtected { draft.nature = .assistance }
        return try await join(draft, to: lead, once: key, context)
    }

    /// - Throws: `.notFound`, `.forbidden`, `.conflict` for a case that takes no voices.
    private func mayJoin(callersOf lead: CaseRecord, _ actor: Actor, _ tx: ReadTx) throws {
        let type = try queries.types.type(lead.type, version: lead.typeVersion)
        let standing = Standing(actor, lead, try CaseSituation(lead, type, tx))
        guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
        guard actor.may(.casesReport, in: lead.division) else { throw LinliError.forbidden("cases.joinCaller") }
        guard try lead.takesOne(more: type) else { throw CaseCommands.takesNobody }
    }

    /// What `join(caller:to:)` asks again once the case is held. Whether a phone is among its voices is said only of those
    /// whose teller who asks may know: otherwise the answer would tell who told it.
    func checkCaller(_ teller: CaseTeller, _ lead: CaseRecord, _ tx: WriteTx) throws {
        let actor = tx.context.actor
        try mayJoin(callersOf: lead, actor, tx)
        let isKnown = try teller.voices(in: lead.id, tx).contains { id in
            guard let told = try CasesStore.find(id, tx) else { return false }
            let type = try queries.types.type(told.type, version: told.typeVersion)
            return Standing(actor, told, try CaseSituation(told, type, tx)).seesReporter
        }
        guard !isKnown else { throw CaseCommands.phoneToldAlready }
    }

    private static let takesNobody = LinliError(
        .conflict, "cases.takesNobody",
        Text(
            "这件不能再加人：投诉、举报、协办和已经办完的都不加，请单独登记",
            "Nobody can be joined to this one: no complaints, tip-offs, parts, nothing that is done. Register it by itself"
        )
    )

    private static let phoneToldAlready = LinliError(
        .conflict, "cases.phoneToldAlready",
        Text(
            "这个电话已经反映过这件事，不用再加；办到哪一步，在“来电、来访”里查这个号码",
            "This number has told it already and need not be joined; see under “Callers” how far it is"
        )
    )

    private static let ownComplaint = LinliError.invalid(
        "cases.joinProtected",
        [
            .init(
                "nature",
                Text(
                    "投诉、举报不和别人的并在一起，请单独登记；只是补充情况的，性质改选“求助”",
                    "A complaint or tip-off is never joined: register it by itself, or choose that it asks for help"
                )
            )
        ]
    )
}
