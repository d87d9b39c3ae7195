import LinliCore
import LinliSQL

extension OfflineSync {
    /// What the names of entries begin with that are done on the desk.
    static let desk = "desk-"

    /// What of an entry without changes of fields can be typed anew.
    package static let correctable = [
        "name", "sex", "born", "phone", "relation", "tie", "day", "text", "location", "settled",
    ]

    /// Does an undecided entry of one's own after all, over what its person saw there: `present` where it was shown anew,
    /// else what stood there when it came. What somebody changed since then comes back for another decision. What was not
    /// taken may be `corrected`: by the number of a change, or by a name of `correctable`.
    ///
    /// - Throws: `.notFound` for anybody else's.
    package static func insist(
        on id: ID<OfflineEntry>, over present: [OfflineOutcome.Difference]? = nil,
        corrected: [String: String] = [:], _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        guard let account = context.actor.account else { throw LinliError.notFound("offline.entry") }
        let keys = services.database.keys
        let found = try await services.database.read { try OfflineStore.undecided(id, of: account, keys, $0) }
        guard let (undecided, key, lease) = found else { throw LinliError.notFound("offline.entry") }
        let differences = present ?? undecided.outcome.differences
        var body =
            undecided.outcome.kind == .conflict
            ? insisting(undecided.body, differences) : correcting(undecided.body, corrected)
        body["unfinished"] = nil
        // One name for one decision: pressed twice it is done once.
        let again = OfflineEntry(
            key: "\(desk)\(id)", lease: lease, part: undecided.part, at: undecided.at, body: body)
        let known = try await services.database.read { try OfflineStore.known(again.key, of: account, keys, $0) }
        let outcome = if let known { known.outcome } else { try await take(again, context, services) }
        try await services.database.write(context, "offline.insist") { tx in
            try OfflineStore.settle(key: key, of: account, tx)
            try tx.audit(Subject("offlineEntry", id), fields: ["settled"])
        }
        return outcome
    }

    /// The same work over what its person saw.
    private static func insisting(
        _ body: [String: JSONValue], _ differences: [OfflineOutcome.Difference]
    ) -> [String: JSONValue] {
        var body = body
        guard body.text("kind") != "member" else {
            body["isOther"] = .flag(true)
            return body
        }
        guard !differences.isEmpty else { return body }
        body["changes"] = .array(
            differences.map { difference in
                .object([
                    "kind": .text(difference.kind), "id": .text(difference.id), "field": .text(difference.field),
                    "before": .text(difference.mark), "value": .text(difference.mine),
                ])
            })
        return body
    }

    /// The same work with other words.
    private static func correcting(
        _ body: [String: JSONValue], _ corrected: [String: String]
    ) -> [String: JSONValue] {
        var body = body
        if case .array(let changes)? = body["changes"] {
            var all: [JSONValue] = []
            for (index, value) in changes.enumerated() {
                if case .object(var change) = value, let text = corrected["\(index)"] {
                    change["value"] = .text(text)
                    all.append(.object(change))
                } else {
                    all.append(value)
                }
            }
            body["changes"] = .array(all)
        }
        for name in correctable {
            if let text = corrected[name], body[name] != nil { body[name] = .text(text) }
        }
        return body
    }
}
