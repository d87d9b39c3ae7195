import LinliCore
import LinliSQL

/// How what both sides changed stands at the moment somebody decides: what stood there when it came from the phone may
/// have been changed once more.
package enum OfflinePresent {
    /// The differences of an entry as they are now; nil where its part does not say, or its person may not see it now.
    package static func differences(
        of entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> [OfflineOutcome.Difference]? {
        guard entry.outcome.kind == .conflict, !entry.outcome.differences.isEmpty,
            let present = services.features.offline.first(where: { $0.id == entry.part })?.present
        else { return nil }
        do {
            return try await present(entry, context, services)
        } catch let error as LinliError where [.notFound, .invalid, .forbidden].contains(error.kind) {
            return nil
        }
    }

    /// What a reader saw, as one word that a form brings back: somebody who decided over anything else is asked again.
    package static func seen(_ differences: [OfflineOutcome.Difference], _ keys: KeyRing) -> String {
        let lines = differences.map { one -> String in
            let parts: [String] = [one.id, one.field, one.mark, one.theirs ?? "", one.words?.theirs.zh ?? ""]
            return parts.joined(separator: "\t")
        }
        return Base32.encode(keys.tokenHash("offline.seen:\(lines.joined(separator: "\n"))").prefix(10))
    }

    /// Fields of people and dwellings.
    package static func households(
        _ entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> [OfflineOutcome.Difference] {
        let keys = services.database.keys
        return try await services.database.read { tx in
            try entry.outcome.differences.map { one in
                guard let now = try standing(one, context, keys, tx) else {
                    throw LinliError.notFound("offline.field")
                }
                return now
            }
        }
    }

    /// One field as it stands now; nil for what the reader may not see, or is there no more.
    private static func standing(
        _ one: OfflineOutcome.Difference, _ context: Context, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> OfflineOutcome.Difference? {
        guard let kind = RegisterKind(rawValue: one.kind), let id = ID<OfflineChange>(one.id),
            let field = RegisterField.named(one.field),
            let item = try RegisterQueries.item(RegisterSubject(kind, id), tx), item.isHere,
            item.restrictedAt == nil, context.actor.may(.peopleRead, in: item.division)
        else { return nil }
        let now = try OfflinePlan.present(field, of: item, keys, tx)
        return OfflineOutcome.Difference(
            kind: one.kind, id: one.id, field: one.field, mine: one.mine, theirs: now.shown, mark: now.mark)
    }

    /// The fields that work which was not taken would have changed, with what stands there now where its person may see
    /// that: nothing of what was typed is lost with the refusal.
    package static func asked(
        _ entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> [OfflineOutcome.Difference] {
        guard entry.outcome.kind != .conflict, entry.part == "households",
            case .array(let changes)? = entry.body["changes"]
        else { return [] }
        let wanted: [OfflineOutcome.Difference] = changes.prefix(60).map { value in
            let change: [String: JSONValue] = if case .object(let change) = value { change } else { [:] }
            return OfflineOutcome.Difference(
                kind: change.text("kind"), id: change.text("id"), field: change.text("field"),
                mine: change.text("value"), theirs: nil, mark: change.text("before"))
        }
        let keys = services.database.keys
        return try await services.database.read { tx in
            try wanted.map { try standing($0, context, keys, tx) ?? $0 }
        }
    }

    /// Whose work it is about.
    package struct Whose: Sendable {
        /// Where the household lives.
        package let address: String
        /// Its people by their identifiers.
        package let people: [String: String]
    }

    /// The household an entry is about and the people in it, by name; nil for what the reader may not see.
    package static func whose(
        _ entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> Whose? {
        guard let id: ID<Household> = entry.body.id("household") else { return nil }
        return try await services.database.read { tx in
            guard let household = try RegisterQueries.standing(id, tx),
                context.actor.may(.peopleRead, in: household.division),
                let dwelling = try RegisterQueries.dwelling(household.dwelling, tx)
            else { return nil }
            let members = try RegisterQueries.members(of: household.id, tx).map { ("\($0.person.id)", $0.person.name) }
            return Whose(
                address: dwelling.address, people: Dictionary(members, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// What came of a visit.
    package static func visits(
        _ entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> [OfflineOutcome.Difference] {
        guard let id: ID<Visit> = entry.body.id("visit") else { throw LinliError.notFound("offline.visit") }
        let work = try OfflineVisit(entry.body, entry.pictures, at: entry.at)
        return try await services.database.read { tx in
            guard let visit = try VisitQueries.find(id, tx), context.actor.may(.peopleEdit, in: visit.division) else {
                throw LinliError.notFound("offline.visit")
            }
            return try work.compared(with: visit, tx)
        }
    }
}
