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

    /// What corrects an entry: its fields and its homes. What people choose themselves, what other requests did, and what
    /// came of somebody else, as another head after a death, corrects nothing. Links to others, photos and merged entries
    /// are told in the history of both sides, whichever of them was meant, and do not count either: an answer that rests
    /// on such a thing, as where the guardian was another one, says so.
    private static let correcting: [RegisterHistory.What] = [
        .changed, .moved, .ended, .reopened, .homeAdded, .homeChanged, .homeEnded,
    ]

    /// What was corrected in an entry and in those merged into it after a moment.
    static func changes(
        of subject: RegisterSubject, since moment: Instant, _ tx: ReadTx
    ) throws -> [DataRequestChange] {
        let entries: [Int64] = try RegisterQueries.entries(of: subject, tx).prefix(21).map(\.id)
        return try tx.all(
            """
            SELECT at, what, fields FROM register_change
            WHERE kind = \(subject.kind) AND subject_id IN \(SQL.list(entries)) AND at > \(moment)
            AND what IN \(SQL.list(correcting)) ORDER BY id DESC LIMIT 20
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
                        "提出申请以后，这条登记的信息和住处没有改过。请先去更正；改的是关联（比如监护人）、照片，或者合并了重复的，写明改了什么；不用改的，写明为什么，比如本来就是对的。本人会看到",
                        "No field or home of the entry has changed since this was asked. Correct it first; where a link such as the guardian, a photo or a double entry was put right, say what; where there is nothing to change, say why, for example that it was right already. The person reads it"
                    ))
            ])
    }
}
