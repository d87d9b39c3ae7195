import LinliCore
import LinliSQL

extension OfflineSync {
    /// What the names of entries begin with that are done on the desk.
    static let desk = "desk-"

    /// What says of a change that what is kept closely goes: an empty value alone leaves it as it is.
    package static let removes = "remove"

    /// What of an entry without changes of fields can be typed anew.
    package static let correctable = [
        "name", "sex", "born", "phone", "relation", "tie", "day", "text", "location", "settled",
    ]

    /// Does an undecided entry of one's own after all, over what its person saw there: `present` where it was shown anew,
    /// else what stood there when it came. What somebody changed since then comes back for another decision. What was not
    /// taken may be `corrected`: by the number of a change, with `-remove` behind it to take away what is kept closely, by a
    /// name of `correctable` or of a control of its form; and photos may be `added`.
    ///
    /// - Throws: `.notFound` for anybody else's.
    package static func insist(
        on id: ID<OfflineEntry>, over present: [OfflineOutcome.Difference]? = nil,
        corrected: [String: String] = [:], added: OfflineForm.Added = OfflineForm.Added(), _ context: Context,
        _ services: Services
    ) async throws -> OfflineOutcome {
        guard let account = context.actor.account else { throw LinliError.notFound("offline.entry") }
        let keys = services.database.keys
        let found = try await services.database.read { try OfflineStore.undecided(id, of: account, keys, $0) }
        guard let (undecided, key, lease) = found else { throw LinliError.notFound("offline.entry") }
        let differences = present ?? undecided.outcome.differences
        let added = added.beside(undecided.pictures.photos.count)
        var body: [String: JSONValue]
        if undecided.outcome.kind == .conflict {
            body = insisting(undecided.body, differences)
        } else {
            body = OfflinePictures.adding(added, to: correcting(undecided.body, corrected))
            if let form = try await OfflinePresent.form(of: undecided, context, services) {
                body = form.completed(body, corrected)
            }
        }
        body["unfinished"] = nil
        // One name for one decision: pressed twice it is done once.
        var made = OfflineEntry(
            key: "\(desk)\(id)", lease: lease, part: undecided.part, at: undecided.at, body: body)
        if let problem = added.problem { made.pictures = made.pictures.with(problem) }
        let again = made
        let known = try await services.database.read { try OfflineStore.known(again.key, of: account, keys, $0) }
        let outcome = if let known { known.outcome } else { try await once(again, of: account, context, services) }
        try await services.database.write(context, "offline.insist") { tx in
            try OfflineStore.settle(key: key, of: account, tx)
            try tx.audit(Subject("offlineEntry", id), fields: ["settled"])
        }
        return outcome
    }

    /// Takes what is done on the desk; where it was pressed twice in one moment the first one has done it.
    private static func once(
        _ entry: OfflineEntry, of account: ID<Account>, _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        do {
            return try await take(entry, context, services)
        } catch let error as LinliError where error.kind == .conflict {
            let keys = services.database.keys
            let known = try await services.database.read { try OfflineStore.known(entry.key, of: account, keys, $0) }
            guard let known else { throw error }
            return known.outcome
        }
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
                    // It is decided beside what stands there: what the phone takes away goes.
                    removes: .flag(difference.mine.isEmpty),
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
                    let isRemoved = corrected["\(index)-\(removes)"] != nil
                    change["value"] = .text(isRemoved ? "" : text)
                    change[removes] = isRemoved ? .flag(true) : nil
                    all.append(.object(change))
                } else {
                    all.append(value)
                }
            }
            body["changes"] = .array(all)
        }
        for name in correctable {
            // The day may be said now, too, where none was.
            guard let text = corrected[name], body[name] != nil || name == "day" else { continue }
            // A day that cannot be read is left as it was typed until there is one: nothing at all would be today.
            let isLeft = name == "day" && text.isEmpty && CivilDate(body.text(name)) == nil
            if !isLeft { body[name] = .text(text) }
        }
        return body
    }
}
