import LinliCore
import LinliKernel

/// What may be done with found things: each a write with its audit entry and its event.
struct LostAndFoundCommands: Sendable {
    let database: Database

    /// The community whose board somebody keeps, and who they are.
    ///
    /// - Throws: `.forbidden` for duties that lie in no community: the committee keeps the things, not the street.
    static func keeper(_ context: Context) throws -> (account: ID<Account>, community: DivisionCode) {
        let divisions = context.actor.scope(for: .casesReport).divisions
        guard let account = context.actor.account,
            let community = divisions.first(where: { $0.level >= .community })?.ancestor(at: .community)
        else { throw LinliError.forbidden(Permission.casesReport.key) }
        return (account, community)
    }

    /// Puts a thing on the board.
    ///
    /// - Throws: `.invalid` naming each field that is missing or wrong.
    @discardableResult
    func register(_ draft: FoundDraft, _ context: Context) async throws -> ID<FoundThing> {
        let (account, community) = try LostAndFoundCommands.keeper(context)
        let problems = draft.problems()
        guard problems.isEmpty, let kind = draft.kind else {
            throw LinliError.invalid("lostAndFound.draft", problems)
        }
        // Looking for numbers takes time: before the transaction, not inside it.
        let masked = draft.masked
        return try await database.write(context, "lostAndFound.register") { tx in
            let id = try LostAndFoundStore.insert(masked, kind, in: community, by: account, tx)
            let subject = Subject("foundThing", id, division: community)
            try tx.audit(subject, fields: ["kind", "looks", "place"])
            try tx.emit("lostAndFound.registered", subject, facts: ["kind": kind.rawValue])
            return id
        }
    }

    /// Notes that the owner came and took it.
    ///
    /// - Throws: `.notFound` for another community's thing, `.conflict` when it was handed over before or is too old.
    func handOver(_ id: ID<FoundThing>, _ context: Context) async throws {
        let (account, community) = try LostAndFoundCommands.keeper(context)
        try await database.write(context, "lostAndFound.handOver") { tx in
            let thing = try LostAndFoundStore.lock(id, tx)
            guard thing.community == community else { throw LinliError.notFound("lostAndFound.elsewhere") }
            guard thing.returnedAt == nil else { throw LostAndFoundCommands.gone }
            guard tx.now < thing.claimableUntil else { throw LostAndFoundCommands.tooOld }
            try LostAndFoundStore.markReturned(id, by: account, tx)
            try tx.audit(thing.subject, fields: ["returned"])
            try tx.emit("lostAndFound.handedOver", thing.subject)
        }
    }

    private static let gone = LinliError(
        .conflict,
        "lostAndFound.gone",
        Text("这件东西已经有人领走了", "Somebody has taken this already")
    )

    private static let tooOld = LinliError(
        .conflict,
        "lostAndFound.tooOld",
        Text("公告满一年无人认领，应按规定上交，不能再领", "A year has passed since the notice: it goes to the state now")
    )
}
