import LinliCore
import LinliSQL

/// One change of something in the registers, with its values sealed in one.
package enum RegisterChangeRow {}

/// What has been done to something in the registers: who, when, which fields, and sealed what they were before and after.
package enum RegisterHistory {
    /// What was done.
    package enum What: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        case entered, changed, moved, ended, reopened, linked, unlinked, photo, merged, split, erased, restricted
        case released, profiling, headed, homeAdded, homeChanged, homeEnded, undone

        /// What people call it.
        package var name: Text {
            switch self {
            case .entered: Text("登记", "Entered")
            case .changed: Text("更正", "Changed")
            case .moved: Text("搬家", "Moved")
            case .ended: Text("注销", "Ended")
            case .reopened: Text("恢复", "Reopened")
            case .linked: Text("建立关联", "Linked")
            case .unlinked: Text("解除关联", "Unlinked")
            case .photo: Text("照片", "Photo")
            case .merged: Text("合并", "Merged")
            case .split: Text("撤销合并", "Merge undone")
            case .erased: Text("删除信息", "Erased")
            case .restricted: Text("限制使用", "Restricted")
            case .released: Text("取消限制", "Restriction lifted")
            case .headed: Text("换户主（配偶、其次最年长的成年人）", "Another head: the spouse, else the eldest adult")
            case .homeAdded: Text("再登记一处住处", "One more home")
            case .homeChanged: Text("更正住处关系", "Tie to a home corrected")
            case .homeEnded: Text("注销一处住处", "A home ended")
            case .undone: Text("随导入撤销", "Taken back with its import")
            case .profiling: Text("是否参与服务推荐", "Suggestions of services")
            }
        }
    }

    /// Values before and after, by the id of a field or another word.
    package typealias Values = [String: (old: String, new: String)]

    /// A change whose values are sealed already: made outside the transaction that stores it.
    struct Draft: Sendable {
        let id: ID<RegisterChangeRow>
        let what: What
        let fields: [String]
        let sealed: [UInt8]?

        func insert(_ subject: RegisterSubject, source: String, _ tx: WriteTx) throws {
            try tx.execute(
                """
                INSERT INTO register_change (id, kind, subject_id, at, what, fields, values_sealed, account_id,
                    actor_name, source)
                VALUES (\(id), \(subject.kind), \(subject.id), \(tx.now), \(what), \(fields.joined(separator: ",")),
                    \(sealed), \(tx.context.actor.account), \(String(tx.context.actor.name.prefix(60))), \(source))
                """
            )
        }
    }

    /// A line of the history as pages show it.
    package struct Line: Sendable {
        /// Its identifier.
        package let id: ID<RegisterChangeRow>
        /// When.
        package let at: Instant
        /// What was done.
        package let what: What
        /// Which fields, by id.
        package let fields: [String]
        /// By whom; empty for the program.
        package let actor: String
        /// Who or what said so.
        package let source: String
        /// Values before and after, of basic fields alone: the others stay sealed.
        package let values: Values
        /// Of which entry: of one that was merged into this one, too, or of the household of a person.
        package let subject: RegisterSubject
        /// The sheet that brought it in, or was taken back with it; nil for any other line.
        package var sheet: Sheet?
    }

    /// The history of something and of what was merged into it, the newest first; of a person also what was done to a whole
    /// household they belonged to.
    package static func lines(
        of subject: RegisterSubject, limit: Int = 50, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Line] {
        let entries = try RegisterQueries.entries(of: subject, tx).prefix(21)
        let found = try entries.flatMap { subject -> [Line] in
            let brought = try brought(subject, tx)
            let written = try tx.all(
                """
                SELECT id, at, what, fields, actor_name, source, values_sealed FROM register_change
                WHERE kind = \(subject.kind) AND subject_id = \(subject.id) ORDER BY id DESC LIMIT \(limit)
                """
            ) { row in
                let id: ID<RegisterChangeRow> = try row[0]
                let fields: String = try row[3]
                let what: What = try row[2]
                return Line(
                    id: id, at: try row[1], what: what, fields: fields.split(separator: ",").map(String.init),
                    actor: try row[4], source: try row[5], values: try basic(row[6], id, keys), subject: subject,
                    sheet: what == .undone ? brought?.sheet : nil)
            }
            return written + [brought].compactMap { $0 }
        }
        let along = subject.kind == .person ? try along(entries.map(\.id), besides: found, keys, tx) : []
        return Array((found + along).sorted { $0.id > $1.id }.prefix(limit))
    }

    /// Moves and ends of whole households that took somebody along: they stand in the history of the household alone, and a
    /// tie that ended then says whom they were about. Where the person's own history says it that one is enough.
    private static func along(
        _ people: [Int64], besides own: [Line], _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Line] {
        let said = Set(own.filter { [.moved, .ended, .homeEnded, .merged, .undone].contains($0.what) }.map(\.at))
        let left = try tx.all(
            """
            SELECT DISTINCT r.household_id, r.valid_to FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.person_id IN \(SQL.list(people)) AND r.valid_to IS NOT NULL AND r.household_id IS NOT NULL
            AND COALESCE(p.end_reason, '') NOT IN ('undone', \(RegisterErasing.reason))
            ORDER BY r.valid_to DESC LIMIT 50
            """
        ) { row -> (household: Int64, at: Instant) in (try row[0], try row[1]) }
        .filter { !said.contains($0.at) }
        var lines: [ID<RegisterChangeRow>: Line] = [:]
        for (household, ends) in Dictionary(grouping: left, by: \.household) {
            let stands = try RegisterQueries.entries(of: RegisterSubject(.household, household), tx).prefix(21)
            try tx.each(
                """
                SELECT id, subject_id, at, what, fields, actor_name, source, values_sealed FROM register_change
                WHERE kind = 'household' AND subject_id IN \(SQL.list(stands.map(\.id))) AND source <> 'rule'
                AND what IN ('moved', 'ended') AND at IN \(SQL.list(ends.map(\.at))) ORDER BY id
                """
            ) { row in
                let (id, of): (ID<RegisterChangeRow>, Int64) = (try row[0], try row[1])
                let fields: String = try row[4]
                lines[id] = Line(
                    id: id, at: try row[2], what: try row[3], fields: fields.split(separator: ",").map(String.init),
                    actor: try row[5], source: try row[6], values: try basic(row[7], id, keys),
                    subject: RegisterSubject(.household, of))
            }
        }
        return Array(lines.values)
    }

    /// What changes of homes say besides fields: where, as what, what to the head, from and until which day; and why two that
    /// differ are one.
    private static let homeWords: Set<String> = [
        "address", "tie", "relation", "since", "until", RegisterMerging.because,
    ]

    private static func basic(_ sealed: [UInt8]?, _ id: ID<RegisterChangeRow>, _ keys: KeyRing) throws -> Values {
        try sealed.map { try open($0, id, keys) }?.filter { name, _ in
            RegisterField.named(name).map { $0.fieldClass == .basic } ?? homeWords.contains(name)
        } ?? [:]
    }

    /// The values of a change in clear.
    static func open(_ sealed: [UInt8], _ id: ID<RegisterChangeRow>, _ keys: KeyRing) throws -> Values {
        let text = try keys.open(sealed, cell: Cell("register_change", "values_sealed", id.rawValue))
        var values: Values = [:]
        for record in text.split(separator: recordEnd) {
            let parts = record.split(separator: unitEnd, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 3 { values[parts[0]] = (parts[1], parts[2]) }
        }
        return values
    }

    /// What separates values inside a sealed change; nobody can type them.
    private static let recordEnd: Character = "\u{1E}"
    private static let unitEnd: Character = "\u{1F}"

    /// The values of a change in one text.
    static func text(_ values: Values) -> String {
        func plain(_ text: String) -> String { text.filter { $0 != recordEnd && $0 != unitEnd } }
        return values.sorted { $0.key < $1.key }.map { name, value in
            [name, plain(value.old), plain(value.new)].joined(separator: String(unitEnd))
        }.joined(separator: String(recordEnd))
    }
}

extension Database {
    /// Seals the values of a change; outside a transaction.
    func draft(
        _ what: RegisterHistory.What, fields: [String] = [], _ values: RegisterHistory.Values = [:]
    ) throws -> RegisterHistory.Draft {
        let id: ID<RegisterChangeRow> = try newID()
        var sealed: [UInt8]?
        if !values.isEmpty {
            sealed = try keys.seal(
                RegisterHistory.text(values), cell: Cell("register_change", "values_sealed", id.rawValue))
        }
        return RegisterHistory.Draft(
            id: id, what: what, fields: fields.isEmpty ? values.keys.sorted() : fields, sealed: sealed)
    }
}
