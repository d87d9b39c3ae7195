import LinliCore
import LinliSQL

/// What was done to an entry since its person asked for a correction: when and to which fields, without values.
package struct DataRequestChange: Sendable {
    /// When.
    package let at: Instant
    /// What was done.
    package let what: RegisterHistory.What
    /// Which fields, by id.
    package let fields: [String]
}

extension DataRequests {
    /// What changed in the entry of each correction since it was asked for, the newest first.
    package static func changes(
        since requests: [DataRequest], _ tx: ReadTx
    ) throws -> [ID<DataRequest>: [DataRequestChange]] {
        var found: [ID<DataRequest>: [DataRequestChange]] = [:]
        for request in requests where request.kind == .correct {
            guard let person = request.person else { continue }
            found[request.id] = try changes(of: RegisterSubject(.person, person), since: request.openedAt, tx)
        }
        return found
    }

    /// What changed in an entry and in those merged into it after a moment. What people choose themselves, and what other
    /// requests did, corrects nothing.
    static func changes(
        of subject: RegisterSubject, since moment: Instant, _ tx: ReadTx
    ) throws -> [DataRequestChange] {
        let entries: [Int64] = try RegisterQueries.entries(of: subject, tx).prefix(21).map(\.id)
        return try tx.all(
            """
            SELECT at, what, fields FROM register_change
            WHERE kind = \(subject.kind) AND subject_id IN \(SQL.list(entries)) AND at > \(moment)
            AND what NOT IN ('profiling', 'restricted', 'released', 'erased') ORDER BY id DESC LIMIT 20
            """
        ) { row -> DataRequestChange in
            let fields: String = try row[2]
            return DataRequestChange(
                at: try row[0], what: try row[1], fields: fields.split(separator: ",").map(String.init))
        }
    }

    /// A correction that is called done says what was done: a change since it was asked for, or why there is none.
    ///
    /// - Throws: `.invalid` naming the reason when there is neither.
    static func confirm(
        _ request: DataRequest, of person: ID<Person>, reason: String, _ tx: ReadTx
    ) throws {
        guard reason.count < 4 else { return }
        guard try changes(of: RegisterSubject(.person, person), since: request.openedAt, tx).isEmpty else { return }
        throw LinliError.invalid(
            "own.unchanged",
            [
                .init(
                    "reason",
                    Text(
                        "提出申请以后，这条登记没有改过。请先去更正；不用改的，写明为什么，比如本来就是对的，本人会看到",
                        "Nothing in the entry has changed since this was asked. Correct it first, or say why there is nothing to change, for example that it was right already; the person reads it"
                    ))
            ])
    }
}
