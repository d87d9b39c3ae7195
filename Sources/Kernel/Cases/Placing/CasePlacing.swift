import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// Corrects where a case lies, with the reason: everything that goes by its place or division follows in the same
    /// transaction, as do its parts and those of its voices that were told for the same place. Who told it reads the old and
    /// the new. The unit and the person who have it go on with it, unless its words accuse them at the new place; what system
    /// it came from keeps what it sent.
    ///
    /// The kind of spot stays: by that and the kind of matter it is decided what may be public, and that is corrected
    /// with the kind.
    /// - Throws: `.notFound` for who may not see it, `.forbidden` for who neither dispatches nor handles it, `.conflict` for
    ///   a voice, a part, what was cleared and what is being whistled for, `.invalid` naming what is missing or not theirs.
    package func setPlace(_ draft: CasePlaceDraft, of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.setPlace") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher || standing.isHandler else { throw LinliError.forbidden("cases.setPlace") }
            try checkOwnPlace(item, tx)
            let here = try whereabouts(draft, of: item, tx)
            try checkReach(here, item, context.actor, tx)
            let old = CaseWhereabouts(item)
            guard here != old else {
                throw LinliError.invalid(
                    "cases.samePlace",
                    [.init("place", Text("和现在登记的一样，没有要改的", "It is registered like that already"))])
            }
            try sealLocation(draft.location.trimmed, here, item, tx)
            let accused = try accusedAgain(item, at: here, tx)
            let apart = accused?.accused.map(\.id) ?? []
            try put(item, here, apart: apart, tx)
            let words = try old.corrected(to: here, tx)
            try mark(.placeCorrected, item, text: "\(words)。\(draft.reason.trimmed)", isVisible: true, tx)
            try moveVoices(of: item, from: old, to: here, tx)
            try moveParts(of: item, from: old, to: here, apart: apart, tx)
            if let accused { try accuseAgain(accused, of: id, tx) }
            try tellPlaced(id, tx)
            try tx.audit(item.subject, fields: ["place", "division"], values: [draft.location, draft.reason])
        }
    }

    // MARK: Whose it is

    /// Whether a case has a place of its own to be corrected.
    private func checkOwnPlace(_ item: CaseRecord, _ tx: ReadTx) throws {
        let words: Text
        if item.speaksIn != nil {
            words = Text("它并在别的工单里，请在那一件上更正地点", "It is a voice of another case: correct the place there")
        } else if item.parent != nil {
            words = Text("这是协办，请在主办工单上更正地点，协办跟着改", "It is a part: correct the place of the whole, parts follow")
        } else if try CaseRetention.isCleared(item.id, tx) {
            words = Text("它的内容已经按保存期清除，不能再补地点", "Its content was cleared when its time was over")
        } else {
            return
        }
        throw LinliError(.conflict, "cases.noPlace", words)
    }

    /// Within its community whoever handles or dispatches a case may say where it is: they know the spot. Into another
    /// community it goes only by somebody who dispatches there, too: between communities that is the street's centre,
    /// between streets the district's. Otherwise anybody could hand their neighbours what they do not want.
    private func checkReach(
        _ here: CaseWhereabouts, _ item: CaseRecord, _ actor: Actor, _ tx: ReadTx
    ) throws {
        guard !item.division.ancestor(at: .community).contains(here.division) else { return }
        guard actor.may(.casesDispatch, in: here.division) else {
            let field = here.place == nil ? "division" : "place"
            throw LinliError.invalid(
                "cases.scope",
                [
                    .init(
                        field,
                        Text(
                            "那里是别的社区，不归您派单，请上一级（街道或区）更正",
                            "That is another community, where you do not dispatch: ask the street or the district"))
                ])
        }
        let isCalled = try tx.exists(
            "SELECT 1 FROM whistle WHERE case_id = \(item.id) AND state IN ('draft', 'called', 'minuted')")
        guard !isCalled else {
            throw LinliError(
                .conflict, "cases.placeWhistled",
                Text(
                    "这件工单正在吹哨，先结束或者撤回，再改到别的社区",
                    "It is being whistled for: that comes to an end before it goes to another community"))
        }
    }

    // MARK: What goes along

    /// Keeps the words as they were written where numbers in them are masked.
    private func sealLocation(
        _ words: String, _ here: CaseWhereabouts, _ item: CaseRecord, _ tx: WriteTx
    ) throws {
        guard here.location != item.location else { return }
        let original = here.location == words ? nil : words
        let sealed = try original.map {
            try tx.seal($0, table: "case_item", column: "location_sealed", row: item.id)
        }
        try tx.execute("UPDATE case_item SET location_sealed = \(sealed) WHERE id = \(item.id)")
    }

    /// Those who told the same for the same place: the matter is one, so is where it lies. What each of them wrote stays
    /// theirs, and none of them reads the words of another.
    private func moveVoices(
        of item: CaseRecord, from old: CaseWhereabouts, to here: CaseWhereabouts, _ tx: WriteTx
    ) throws {
        guard (old.place, old.division) != (here.place, here.division) else { return }
        let place = try here.place.flatMap { try PlacesStore.find($0, tx) }
        for found in try VoicesStore.records(in: item.id, tx) {
            let voice = try CasesStore.lock(found.id, tx)
            let before = CaseWhereabouts(voice)
            var now = before
            if voice.place == old.place, voice.division == old.division {
                (now.place, now.address, now.division) = (here.place, here.address, here.division)
                (now.latitude, now.longitude) = (place?.latitude, place?.longitude)
            } else if voice.place == nil, old.division.ancestor(at: .community).contains(voice.division) {
                // Who named no place meant the one the case has.
                now.division = here.division
            }
            guard now != before else { continue }
            try put(voice, now, tx)
            try mark(.placeCorrected, voice, text: try before.corrected(to: now, tx), isVisible: true, tx)
            try tx.audit(voice.subject, fields: ["place", "division"])
        }
    }

    /// What other units do for it where it lay: they have to go to the right place, too.
    private func moveParts(
        of item: CaseRecord, from old: CaseWhereabouts, to here: CaseWhereabouts, apart: [ID<Unit>], _ tx: WriteTx
    ) throws {
        let parts: [ID<Case>] = try tx.all("SELECT id FROM case_item WHERE parent_id = \(item.id) ORDER BY id") {
            try $0[0]
        }
        for id in parts {
            let part = try CasesStore.lock(id, tx)
            guard part.place == old.place, part.division == old.division else { continue }
            let before = CaseWhereabouts(part)
            var now = here
            // A part may have words of its own.
            if part.location != old.location { now.location = part.location }
            guard now != before else { continue }
            if now.location != part.location {
                try tx.execute("UPDATE case_item SET location_sealed = NULL WHERE id = \(id)")
            }
            try put(part, now, apart: apart, tx)
            try tellPlaced(id, tx)
            try mark(.placeCorrected, part, text: try before.corrected(to: now, tx), isVisible: false, tx)
            try tx.audit(part.subject, fields: ["place", "division"])
        }
    }
}
