import LinliCore
import LinliSQL
import LinliStandards

/// What may be done with what neighbours see of a case, each a write with its audit entry and its event.
extension CaseCommands {
    /// Shows a case to neighbours with the words and photos given, or changes what they see.
    ///
    /// - Throws: `.notFound` for who may not see the case, `.forbidden` without the permission, `.conflict` when it must
    ///   stay private or somebody was faster, `.invalid` naming what cannot be shown.
    package func publish(_ clearing: Clearing, of id: ID<Case>, version: Int? = nil, _ context: Context) async throws {
        let clearing = clearing.tidy
        try await database.write(context, "cases.publish") { tx in
            let (item, publication) = try clearable(id, version, tx)
            guard [.nobody, .staff].contains(publication.withheldBy), try ground(of: item, publication) != nil else {
                throw CaseCommands.staysPrivate
            }
            let known = Set(try CasesStore.photos(id, tx).map(\.file))
            let problems = clearing.problems(known: known)
            guard problems.isEmpty else { throw LinliError.invalid("cases.publish", problems) }
            let whereabouts = PublicWhereabouts(
                spot: item.spot, chain: try PublicationStore.chain(item.place, tx), latitude: item.latitude,
                longitude: item.longitude
            )
            var shown = clearing
            if shown.address.isEmpty { shown.address = String(whereabouts.address.prefix(60)) }
            // One of several voices is open as long as the case it speaks in.
            let lead = try item.speaksIn.flatMap { try CasesStore.find($0, tx) }
            try PublicationStore.clear(shown, whereabouts, of: lead.map(item.following) ?? item, tx)
            try tx.audit(
                item.subject, fields: ["publication"],
                values: [clearing.title, clearing.text, clearing.result, clearing.address]
            )
            try tell(publication.state == .cleared ? "edited" : "published", item, tx)
        }
    }

    /// Keeps a case from neighbours, also one they have seen already.
    ///
    /// - Throws: as `publish`.
    package func withhold(_ id: ID<Case>, version: Int? = nil, _ context: Context) async throws {
        try await database.write(context, "cases.withhold") { tx in
            let (item, publication) = try clearable(id, version, tx)
            guard publication.state != .withheld else { throw CaseCommands.changed }
            try PublicationStore.set(.withheld, withheldBy: .staff, consent: publication.consent, of: id, tx)
            try tx.audit(item.subject, fields: ["publication"], values: [PublicationState.withheld.rawValue])
            try tell("withheld", item, tx)
        }
    }

    /// Keeps what the reporter says about showing their case to neighbours. What staff withheld stays withheld.
    ///
    /// - Throws: `.notFound` for anybody but the reporter, `.conflict` for a case that can never be public.
    package func consent(_ isWilling: Bool, to id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.consent") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isReporter else { throw LinliError.notFound("cases.hidden") }
            let consent = isWilling ? Consent.given : .refused
            let publication = try PublicationStore.lock(id, tx)
            let ground = try ground(of: item, publication, consent: consent)
            let isCommon = try mayBeJoined(item, publication, consent: consent)
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let isTakenBack = CaseCommands.isTakenBack(try type.state(item.state), type)
            if isWilling, ground == nil || isTakenBack { throw CaseCommands.staysPrivate }
            try apply(consent, ground, item, publication, tx)
            try tx.execute("UPDATE case_item SET is_public = \(isCommon) WHERE id = \(id)")
            try tx.audit(item.subject, fields: ["consent"], values: [consent.rawValue])
            try tell(isWilling ? "consent" : "withheld", item, tx)
        }
    }

    private func apply(
        _ consent: Consent, _ ground: PublicGround?, _ item: CaseRecord, _ publication: CasePublication?, _ tx: WriteTx
    ) throws {
        guard let publication else {
            return try PublicationStore.open(
                item.id, item.division, category: item.category, isOpen: item.isOpen, toldAt: item.createdAt,
                consent: consent, withheldBy: ground == nil ? .reporter : .nobody, tx
            )
        }
        if publication.withheldBy == .staff {
            try PublicationStore.set(.withheld, withheldBy: .staff, consent: consent, of: item.id, tx)
        } else if ground == nil {
            // That it once was a complaint is remembered through a refusal too.
            let reason = publication.withheldBy == .nature ? WithheldBy.nature : .reporter
            try PublicationStore.set(.withheld, withheldBy: reason, consent: consent, of: item.id, tx)
        } else {
            let state = publication.state == .cleared ? PublicationState.cleared : .waiting
            try PublicationStore.set(state, withheldBy: .nobody, consent: consent, of: item.id, tx)
        }
    }

    /// The case and its row, for who may clear it.
    private func clearable(
        _ id: ID<Case>, _ version: Int?, _ tx: WriteTx
    ) throws -> (item: CaseRecord, publication: CasePublication) {
        let actor = tx.context.actor
        let (item, standing) = try locked(id, tx.context, tx)
        guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
        guard actor.may(.casesPublish, in: item.division) else { throw LinliError.forbidden("cases.publish") }
        guard let publication = try PublicationStore.lock(id, tx) else { throw CaseCommands.staysPrivate }
        if let version, version != publication.version { throw CaseCommands.changed }
        return (item, publication)
    }

    /// Tells who looks at the case now, and who follows the place.
    private func tell(_ change: String, _ item: CaseRecord, _ tx: WriteTx) throws {
        var facts = facts(from: nil, to: item.state, units: [item.handlerUnit], unit: nil, against: item.accusation)
        try tx.emit("case.noted", item.subject, facts: facts)
        facts = ["change": change]
        try tx.emit("case.public", item.subject, facts: facts)
    }

    /// The ground of a case as it is now; `consent` in place of what its reporter said before.
    private func ground(
        of item: CaseRecord, _ publication: CasePublication?, consent: Consent? = nil
    ) throws -> PublicGround? {
        guard try queries.types.type(item.type, version: item.typeVersion).visibility == .place else { return nil }
        return PublicGround(
            nature: item.nature, source: item.source, isFacility: isFacility(item, publication), spot: item.spot,
            isAgainst: !item.accusation.isEmpty, consent: consent ?? publication?.consent ?? .unasked
        )
    }

    /// What once was a complaint is not public by itself any more.
    private func isFacility(_ item: CaseRecord, _ publication: CasePublication?) -> Bool {
        (catalogue[code: item.category]?.mayBePublic ?? false) && publication?.withheldBy != .nature
    }

    private func mayBeJoined(_ item: CaseRecord, _ publication: CasePublication?, consent: Consent) throws -> Bool {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        return type.visibility == .place && item.parent == nil
            && PublicGround.isCommon(
                nature: item.nature, isFacility: isFacility(item, publication), spot: item.spot,
                isAgainst: !item.accusation.isEmpty, consent: consent)
    }

    static let staysPrivate = LinliError(
        .conflict,
        "cases.staysPrivate",
        Text("这件事不能公开", "This must stay private")
    )
}

/// What other commands tell the publication.
extension CaseCommands {
    /// A case that was just told, and may be public.
    func openPublication(
        _ id: ID<Case>, _ draft: CaseDraft, _ division: DivisionCode, isOpen: Bool, _ tx: WriteTx
    ) throws {
        // What another unit does for a case is a part of it: neighbours see the case.
        guard draft.parent == nil, try queries.types.current(draft.type).visibility == .place else { return }
        let consent = draft.isWilling ? Consent.given : .unasked
        let ground = PublicGround(
            nature: draft.nature, source: draft.source,
            isFacility: catalogue[code: draft.category]?.mayBePublic ?? false, spot: draft.spot,
            isAgainst: !draft.accusation.isEmpty, consent: consent
        )
        guard ground != nil else { return }
        try PublicationStore.open(
            id, division, category: draft.category, isOpen: isOpen, toldAt: tx.now, consent: consent, tx)
    }

    /// A step of a case that may be public; what its voices show follows it.
    func followPublication(
        _ item: CaseRecord, _ transition: CaseType.Transition, to state: CaseType.State, of type: CaseType,
        _ tx: WriteTx
    ) throws {
        guard item.accusation.isEmpty, item.nature != .tipOff else { return }
        let voices = try VoicesStore.records(in: item.id, tx)
        if CaseCommands.isTakenBack(state, type) {
            for told in [item] + voices { try PublicationStore.takeBack(told.id, tx) }
            return
        }
        let last = type.states.map(\.step).max() ?? state.step
        let before = try type.state(item.state).step
        let isContested = transition.effects.contains(.contest)
        var isDone = state.step == last && before < last
        for told in [item] + voices {
            let isSeen = try PublicationStore.follow(
                told.id, isOpen: !state.isFinal, isContested: isContested, isDone: isDone, tx
            )
            guard isSeen else { continue }
            try tx.emit("case.public", told.subject, facts: ["change": state.isFinal ? "closed" : "moved"])
            // What neighbours read of the case itself need not be written once more for its voices.
            if told.id == item.id { isDone = false }
        }
    }

    /// Whether a state is the end that only who told a case can bring about.
    static func isTakenBack(_ state: CaseType.State, _ type: CaseType) -> Bool {
        state.isFinal
            && !type.transitions.contains { way in
                way.to == state.id && way.by != [.reporter] && !way.guards.contains(.returned)
            }
    }

    /// A correction of nature and category: takes down what may not be public any more. Returns whether others may join
    /// the case now.
    func reclassifyPublication(
        _ item: CaseRecord, _ nature: NeedNature, _ category: EventCategory, _ tx: WriteTx
    ) throws -> Bool {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        guard item.parent == nil, type.visibility == .place else { return false }
        let publication = try PublicationStore.lock(item.id, tx)
        let wasBarred = item.nature.isProtected || publication?.withheldBy == .nature
        // Who agreed to show a question has not agreed to show a complaint.
        let isNewlyProtected = nature.isProtected && !item.nature.isProtected
        let said = publication?.consent ?? .unasked
        let consent = isNewlyProtected && said == .given ? Consent.unasked : said
        let isFacility = category.mayBePublic && !wasBarred
        let ground = PublicGround(
            nature: nature, source: item.source, isFacility: isFacility, spot: item.spot,
            isAgainst: !item.accusation.isEmpty, consent: consent
        )
        let isCommon = PublicGround.isCommon(
            nature: nature, isFacility: isFacility, spot: item.spot, isAgainst: !item.accusation.isEmpty,
            consent: consent)
        guard let publication else {
            let reason: WithheldBy? = ground != nil ? .nobody : wasBarred && !nature.isProtected ? .nature : nil
            if let reason {
                try PublicationStore.open(
                    item.id, item.division, category: category.code, isOpen: item.isOpen, toldAt: item.createdAt,
                    consent: consent, withheldBy: reason, tx
                )
            }
            return isCommon
        }
        if ground == nil, publication.withheldBy != .reporter {
            let isStaffs = publication.withheldBy == .staff
            let reason = wasBarred || nature.isProtected ? WithheldBy.nature : isStaffs ? .staff : .kind
            try PublicationStore.set(.withheld, withheldBy: reason, consent: consent, of: item.id, tx)
        } else if ground != nil, publication.withheldBy == .kind {
            try PublicationStore.set(.waiting, withheldBy: .nobody, consent: consent, of: item.id, tx)
        } else if consent != said {
            try PublicationStore.set(
                publication.state, withheldBy: publication.withheldBy, consent: consent, of: item.id, tx
            )
        }
        try PublicationStore.file(under: category.code, item.id, tx)
        return isCommon
    }
}
