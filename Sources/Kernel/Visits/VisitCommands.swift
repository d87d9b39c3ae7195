import LinliCore
import LinliSQL
import LinliStandards

/// A visit to announce.
package struct VisitDraft: Sendable {
    /// Whom.
    package var household: ID<Household>
    /// Under which plan.
    package var plan: ID<VisitPlan>?
    /// At the door or by phone.
    package var way = VisitWay.door
    /// Why, as the household reads it.
    package var reason = ""
    /// When.
    package var slot: VisitSlot?

    /// A visit of a household.
    package init(_ household: ID<Household>) { self.household = household }
}

/// What came of a visit, as who was there says.
package struct VisitOutcome: Sendable {
    /// Whether nothing changed.
    package var isUnchanged = true
    /// Answers by question.
    package var answers: [String: String] = [:]
    /// What is worth keeping.
    package var note = ""
    /// Photos, stored before.
    package var photos: [ID<StoredFile>] = []
    /// What somebody of the household drew as their signature, stored before.
    package var signature: ID<StoredFile>?
    /// The name of who signed, as it is known in the household.
    package var signer = ""
    /// Whether who signs without drawing was there and agreed.
    package var isAgreed = false

    /// Nothing changed.
    package init() {}

    /// With the note as it is kept: numbers of phones and papers masked.
    ///
    /// - Throws: `.invalid` for a note that is too long, too many photos, or half a signature.
    func checked() throws -> VisitOutcome {
        var outcome = self
        outcome.note = PersonalNumbers.replacing(in: note.trimmed) { $0.masked }
        guard outcome.note.count <= 500 else {
            throw LinliError.invalid("visits.note", [.init("note", Text("最多 500 个字", "At most 500 characters"))])
        }
        outcome.signer = PersonalNumbers.replacing(in: signer.trimmed) { $0.masked }
        guard outcome.signer.count <= 40 else {
            throw LinliError.invalid("visits.signer", [.init("signer", Text("最多 40 个字", "At most 40 characters"))])
        }
        // Without a drawing a name counts as a signature only when its owner agreed to it there.
        guard signature != nil || outcome.signer.isEmpty != isAgreed else {
            throw LinliError.invalid(
                "visits.signed",
                [.init("signer", Text("签名要写名字，并由本人确认打勾", "A signature needs the name, and its owner's tick"))])
        }
        guard photos.count <= FormPhotos.limit else { throw VisitOutcome.tooManyPhotos }
        return outcome
    }

    static let tooManyPhotos = LinliError.invalid(
        "files.tooMany",
        [.init("photos", Text("最多 \(FormPhotos.limit) 张照片", "At most \(FormPhotos.limit) photos"))])
}

/// What may be done with visits.
package struct VisitCommands: Sendable {
    let database: Database

    /// Commands over `database`.
    package init(_ database: Database) { self.database = database }

    /// Announces a visit: who comes, why and when. One that met nobody before is over with it, and its code moves nothing
    /// any more.
    ///
    /// - Throws: `.notFound` for a household outside one's duties, `.invalid` for what is missing, `.conflict` when one is
    ///   announced already.
    package func announce(_ draft: VisitDraft, _ context: Context) async throws -> ID<Visit> {
        let reason = PersonalNumbers.replacing(in: draft.reason.trimmed) { $0.masked }
        guard !reason.isEmpty, reason.count <= 60 else {
            throw LinliError.invalid(
                "visits.reason", [.init("reason", Text("请写为什么来，最多 60 个字", "Please say why, in at most 60 characters"))])
        }
        let slot = try VisitSlot.check(draft.slot, at: context.now)
        let id: ID<Visit> = try database.newID()
        let hash = VisitCode.hash(VisitCode.make(id, database.keys), database.keys)
        return try await database.write(context, "visits.announce") { tx in
            guard let household = try RegisterQueries.household(draft.household, tx), household.entry.validTo == nil,
                context.actor.may(.peopleEdit, in: household.division)
            else { throw LinliError.notFound("visits.household") }
            let isWaiting = try tx.exists(
                """
                SELECT 1 FROM visit WHERE household_id = \(household.id) AND is_open = 1 AND state = 'announced' LIMIT 1
                """)
            guard !isWaiting else {
                throw LinliError(
                    .conflict, "visits.twice", Text("这户已经约过一次，还没走访", "A visit is announced there already"))
            }
            let missed: [ID<Visit>] = try tx.all(
                """
                SELECT id FROM visit WHERE household_id = \(household.id) AND is_open = 1 AND state = 'missed' ORDER BY id
                """
            ) { try $0[0] }
            for old in try missed.compactMap({ try VisitQueries.find($0, tx) }) {
                try end(old, .withdrawn, .anew, note: "", by: nil, at: tx.now, tx)
            }
            let division = household.division
            let isOfGrid = try VisitHandovers.walks(context.actor.account, division, tx)
            try tx.execute(
                """
                INSERT INTO visit (id, household_id, division, community, plan_id, way, reason, state, is_open,
                    starts_at, ends_at, worker_id, worker_name, unit_id, code_hash, moves, wish, note, announced_at,
                    is_of_grid)
                VALUES (\(id), \(household.id), \(division), \(division.ancestor(at: .community)), \(draft.plan),
                    \(draft.way), \(reason), \(VisitState.announced), 1, \(slot.start), \(slot.end),
                    \(context.actor.account), \(context.actor.name), \(context.actor.employer), \(hash), 0, '', '',
                    \(tx.now), \(isOfGrid))
                """
            )
            let subject = Subject("visit", id, division: division)
            try tx.audit(subject, fields: ["announce"], values: [reason])
            try tx.emit("visit.announced", subject)
            return id
        }
    }

    /// Ends a visit: one tap when nothing changed, else with answers, a note and photos.
    ///
    /// - Throws: `.notFound` outside one's duties, `.conflict` for one that is over.
    package func finish(_ id: ID<Visit>, _ outcome: VisitOutcome, _ context: Context) async throws {
        let outcome = try outcome.checked()
        try await database.write(context, "visits.finish") { tx in
            try finish(try held(id, context, tx), outcome, by: context.actor, at: tx.now, tx)
        }
    }

    /// Ends a visit in a write of the caller, at the hour it was made.
    func finish(_ visit: Visit, _ outcome: VisitOutcome, by actor: Actor, at moment: Instant, _ tx: WriteTx) throws {
        let plan = try visit.plan.flatMap { try VisitPlansStore.find($0, tx) }
        let form = try plan.map { try VisitForm($0.form) } ?? .standard
        for (question, value) in form.checked(outcome.answers) {
            try tx.execute(
                """
                INSERT INTO visit_answer (id, visit_id, household_id, question, value, at)
                VALUES (\(try tx.newID(VisitOutcome.self)), \(visit.id), \(visit.household), \(question), \(value),
                    \(moment))
                """
            )
        }
        let pictures =
            outcome.photos.map { (file: $0, kind: VisitPhotoKind.photo) }
            + (outcome.signature.map { [(file: $0, kind: VisitPhotoKind.signature)] } ?? [])
        for picture in pictures {
            try FileStore.use(picture.file, by: actor, tx)
            try tx.execute(
                """
                INSERT INTO visit_photo (id, visit_id, file_id, kind, at)
                VALUES (\(try tx.newID(VisitOutcome.self)), \(visit.id), \(picture.file), \(picture.kind), \(tx.now))
                """
            )
        }
        // A new drawing comes with its own name: one of before would be put under somebody else's hand.
        if !outcome.signer.isEmpty || outcome.signature != nil {
            try tx.execute("UPDATE visit SET signer = \(outcome.signer) WHERE id = \(visit.id)")
        }
        try went(visit, actor, tx)
        try VisitAttempt.note(.met, of: visit, by: actor, at: moment, tx)
        let result: VisitResult = outcome.isUnchanged ? .unchanged : .changed
        let signal: ContactSignal = visit.way == .call ? .call : .visit
        try end(visit, .done, result, note: outcome.note, by: signal, at: moment, tx)
    }

    /// Who made a visit is who noted it: the grid may have been handed over since it was announced.
    private func went(_ visit: Visit, _ actor: Actor, _ tx: WriteTx) throws {
        guard let account = actor.account, account != visit.worker else { return }
        try tx.execute(
            "UPDATE visit SET worker_id = \(account), worker_name = \(actor.name) WHERE id = \(visit.id)")
    }

    /// Nobody was at home, or nobody answered the phone: a slip with the code is left.
    ///
    /// - Throws: as `finish`.
    package func miss(_ id: ID<Visit>, _ context: Context) async throws {
        try await database.write(context, "visits.miss") { tx in
            try miss(try held(id, context, tx), by: context.actor, at: tx.now, tx)
        }
    }

    /// Nobody was there, in a write of the caller.
    func miss(_ visit: Visit, by actor: Actor, at moment: Instant, _ tx: WriteTx) throws {
        try VisitAttempt.note(.missed, of: visit, by: actor, at: moment, tx)
        try tx.execute(
            """
            UPDATE visit SET state = \(VisitState.missed), missed_at = \(moment), happened_at = \(moment)
            WHERE id = \(visit.id) AND is_open = 1
            """
        )
        try tx.audit(visit.subject, fields: ["miss"])
        try tx.emit("visit.missed", visit.subject, facts: ["household": "\(visit.household.rawValue)"])
    }

    /// Takes a visit back that will not be made.
    ///
    /// - Throws: as `finish`.
    package func withdraw(_ id: ID<Visit>, _ context: Context) async throws {
        try await database.write(context, "visits.withdraw") { tx in
            try end(try held(id, context, tx), .withdrawn, nil, note: "", by: nil, at: tx.now, tx)
        }
    }

    /// Notes which case follows from a visit; the caller knows that there is one, and that its number may be read.
    ///
    /// - Throws: `.notFound` outside one's duties.
    package func follow(_ id: ID<Visit>, by number: String, _ context: Context) async throws {
        try await database.write(context, "visits.follow") { tx in
            guard let visit = try VisitQueries.find(id, tx), context.actor.may(.peopleEdit, in: visit.division) else {
                throw LinliError.notFound("visits.unknown")
            }
            try tx.execute("UPDATE visit SET follow_up = \(number) WHERE id = \(id)")
            try tx.audit(visit.subject, fields: ["followUp"])
        }
    }

    /// Reads what was drawn as a signature: that somebody looked stands in the audit first.
    ///
    /// - Throws: `.notFound` outside one's duties, or without one.
    package func signature(of id: ID<Visit>, _ context: Context) async throws -> (hash: String, size: Int) {
        try await database.write(context, "visits.readSignature") { tx in
            guard let visit = try VisitQueries.find(id, tx), context.actor.may(.peopleEdit, in: visit.division),
                let file = try VisitQueries.photos(of: id, .signature, tx).last
            else { throw LinliError.notFound("visits.signature") }
            try tx.audit(visit.subject, fields: ["signature"])
            return (file.hash, file.size)
        }
    }

    /// The visit while it is open, for who may visit there.
    private func held(_ id: ID<Visit>, _ context: Context, _ tx: WriteTx) throws -> Visit {
        guard let visit = try VisitQueries.find(id, tx), context.actor.may(.peopleEdit, in: visit.division) else {
            throw LinliError.notFound("visits.unknown")
        }
        return try VisitCommands.open(visit)
    }

    static func open(_ visit: Visit) throws -> Visit {
        guard visit.isOpen else {
            throw LinliError(.conflict, "visits.over", Text("这次走访已经结束了", "This visit is over already"))
        }
        return visit
    }

    func end(
        _ visit: Visit, _ state: VisitState, _ result: VisitResult?, note: String, by signal: ContactSignal?,
        at moment: Instant, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            UPDATE visit SET state = \(state), is_open = 0, result = \(result), note = \(note), ended_at = \(moment),
                happened_at = \(state == .done ? moment : visit.missedAt)
            WHERE id = \(visit.id) AND is_open = 1
            """
        )
        if let signal { try Households.heard(of: visit.household, by: signal, at: moment, tx) }
        try tx.audit(visit.subject, fields: [state.rawValue], values: note.isEmpty ? [] : [note])
        var facts = ["household": "\(visit.household.rawValue)", "state": state.rawValue]
        facts["result"] = result?.rawValue
        if result == .well { facts["tell"] = whoToTell(visit, tx) }
        try tx.emit("visit.ended", visit.subject, facts: facts)
    }
}

extension VisitCommands {
    /// The household moves a visit, at the door or by phone, by its code and without an account.
    ///
    /// - Throws: `.notFound` for a code that opens nothing, `.invalid` for a time that is over.
    package func move(
        _ code: String, to slot: VisitSlot?, _ way: VisitWay, wish: String, _ context: Context
    ) async throws {
        let wish = try VisitCommands.checked(wish)
        let slot = try VisitSlot.check(slot, at: context.now)
        try await database.write(context, "visits.move") { tx in
            try move(try opened(code, tx), to: slot, way, wish: wish, heardBy: .reply, tx)
        }
    }

    /// Who comes moves a visit, or makes it a call: because the household asked for it, which is heard of by that; or
    /// because they cannot come, and the household is told anew.
    ///
    /// - Throws: as `finish`, and `.invalid` for a time that is over, or for words of a household that did not ask.
    package func move(
        _ id: ID<Visit>, to slot: VisitSlot?, _ way: VisitWay?, wish: String, isAsked: Bool, _ context: Context
    ) async throws {
        let wish = try VisitCommands.checked(wish)
        // What a household said is kept as theirs only: typed for anything else it would be lost without a word.
        guard isAsked || wish.isEmpty else {
            throw LinliError.invalid(
                "visits.wish",
                [
                    .init(
                        "wish",
                        Text(
                            "住户说了话，请勾上“住户打电话来、当面说要改的”；不是他们要改的，就把这句删掉",
                            "Tick that the household asked for it, or remove what they said"))
                ])
        }
        let slot = try VisitSlot.check(slot, at: context.now)
        try await database.write(context, "visits.move") { tx in
            let visit = try held(id, context, tx)
            let said = isAsked ? wish : visit.wish
            try move(visit, to: slot, way ?? visit.way, wish: said, heardBy: isAsked ? .call : nil, tx)
        }
    }

    private static func checked(_ wish: String) throws -> String {
        let wish = PersonalNumbers.replacing(in: wish.trimmed) { $0.masked }
        guard wish.count <= 100 else {
            throw LinliError.invalid("visits.wish", [.init("wish", Text("最多 100 个字", "At most 100 characters"))])
        }
        return wish
    }

    private func move(
        _ visit: Visit, to slot: VisitSlot, _ way: VisitWay, wish: String, heardBy signal: ContactSignal?, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            UPDATE visit SET state = \(VisitState.announced), way = \(way), starts_at = \(slot.start),
                ends_at = \(slot.end), wish = \(wish), moves = moves + \(signal == nil ? 0 : 1),
                moved_by_them = \(signal == nil ? 0 : 1)
            WHERE id = \(visit.id) AND is_open = 1
            """
        )
        if let signal { try Households.heard(of: visit.household, by: signal, tx) }
        try tx.audit(visit.subject, fields: ["move"])
        var facts = ["by": signal == nil ? "staff" : "household"]
        facts["tell"] = whoToTell(visit, tx)
        try tx.emit("visit.moved", visit.subject, facts: facts)
    }

    /// The household says that all is well, and nobody needs to come.
    ///
    /// - Throws: `.notFound` for a code that opens nothing.
    package func allWell(_ code: String, _ context: Context) async throws {
        try await database.write(context, "visits.allWell") { tx in
            let visit = try opened(code, tx)
            try VisitAttempt.note(.well, of: visit, by: nil, at: tx.now, tx)
            try end(visit, .done, .well, note: "", by: .reply, at: tx.now, tx)
        }
    }

    /// Who comes hears of what somebody else did to their visit.
    private func whoToTell(_ visit: Visit, _ tx: WriteTx) -> String? {
        visit.worker != nil && visit.worker != tx.context.actor.account ? "worker" : nil
    }

    private func opened(_ code: String, _ tx: WriteTx) throws -> Visit {
        guard let visit = try VisitQueries.opened(by: code, at: tx.now, database.keys, tx) else {
            throw LinliError.notFound("visits.code")
        }
        return try VisitCommands.open(visit)
    }
}
