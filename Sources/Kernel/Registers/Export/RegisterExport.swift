import LinliCore
import LinliSQL
import LinliStandards

/// Taking people's data out as a table, for a purpose: each of them can see later that it happened.
package struct RegisterExport: Sendable {
    /// What is taken out, in this order.
    package let fields: [RegisterField]
    /// Where the people live.
    package let division: DivisionCode
    /// What for.
    package let purpose: ReadingPurpose
    /// What was written besides, without anybody's numbers.
    package let note: String

    /// How many people at most: more is no list somebody works with.
    /// - Source: configured, no source
    package static let limit = 20_000
    private static let chunk = 200

    /// The fields somebody may choose; special groups are never taken out.
    package static let choices = RegisterField.of(.person).filter { $0.fieldClass < .special }

    /// An export of some fields of who lives in a division.
    package init(_ fields: [RegisterField], in division: DivisionCode, for purpose: ReadingPurpose, note: String) {
        let chosen = Set(fields)
        self.fields = RegisterExport.choices.filter { chosen.contains($0) }
        self.division = division
        self.purpose = purpose
        self.note = PersonalNumbers.replacing(in: String(note.prefix(200))) { $0.masked }
    }

    private var hasSensitive: Bool { fields.contains { $0.fieldClass != .basic } }
    private var reason: String { note.isEmpty ? purpose.rawValue : "\(purpose.rawValue): \(note)" }

    /// Says who may: the permission to export, for closely kept fields also the one to read them, on duty.
    ///
    /// - Throws: `.forbidden`, or `.invalid` when there are too many.
    package func check(_ context: Context, _ database: Database) async throws {
        guard context.actor.may(.peopleExport, in: division), context.actor.may(.peopleRead, in: division) else {
            throw LinliError.forbidden("export.scope")
        }
        let (division, fields) = (division, fields)
        let onDuty = try await database.read { try RegisterReading.isOnDuty(context, $0) }
        try RegisterReading.check(fields, context, division, onDuty: onDuty)
        guard !fields.isEmpty else {
            throw LinliError.invalid("export.fields", [.init("field", Text("请至少选一项", "Choose at least one field"))])
        }
        let total = try await database.read { try RegisterCounts.totals(of: [division], $0)[division]?[.person] ?? 0 }
        guard total <= RegisterExport.limit else {
            throw LinliError.invalid(
                "export.tooMany",
                [
                    .init(
                        "division",
                        Text(
                            "超过 \(RegisterExport.limit) 人，请按网格分几次导出",
                            "More than \(RegisterExport.limit) people; please export grid by grid")
                    )
                ])
        }
    }

    /// Gives the rows one after the other; what is closely kept is noted with its person before it is opened. Who asked
    /// for their data to rest is left out.
    package func rows(
        _ context: Context, _ database: Database, _ give: ([String]) throws -> Void
    ) async throws -> Int {
        try await check(context, database)
        let (division, reason) = (division, reason)
        let names = fields.map(\.id)
        try await database.write(context, "registers.export", reason: reason) { tx in
            try tx.audit(Subject("division", division.rawValue, division: division), fields: names)
        }
        var (after, count): (RegisterCursor?, Int) = (nil, 0)
        repeat {
            let from = after
            let page = try await database.read { try people(after: from, $0) }
            after = page.last.map { RegisterCursor($0.person) }
            let shown = page.filter { $0.person.restrictedAt == nil }
            if hasSensitive { try await record(shown, context, database) }
            for row in shown { try give(fields.map { try value(of: $0, row, database.keys, context.language) }) }
            count += shown.count
        } while after != nil && count < RegisterExport.limit
        return count
    }

    /// A person with what is to be opened.
    private struct Exported: Sendable {
        var person: PersonRecord
        var sealed: [String: (cell: Cell, sealed: [UInt8])] = [:]
        var basic: [String: String] = [:]
    }

    private func record(_ rows: [Exported], _ context: Context, _ database: Database) async throws {
        let noted = rows.compactMap { row -> (Subject, [String])? in
            let opened = fields.map(\.id).filter { row.sealed[$0] != nil }
            let subject = RegisterSubject(.person, row.person.id).subject(in: row.person.division)
            return opened.isEmpty ? nil : (subject, opened)
        }
        guard !noted.isEmpty else { return }
        try await database.write(context, "registers.export", reason: reason) { tx in
            for (subject, opened) in noted { try tx.audit(subject, fields: opened) }
        }
    }

    private func value(
        of field: RegisterField, _ row: Exported, _ keys: KeyRing, _ language: Language
    ) throws -> String {
        switch field.id {
        case "person.name": return row.person.name
        case "person.sex": return RegisterValue.shown("\(row.person.sex)", of: field)[language]
        case "person.born": return row.person.born?.description ?? ""
        default: break
        }
        if let secret = row.sealed[field.id] {
            return RegisterValue.shown(try keys.open(secret.sealed, cell: secret.cell), of: field)[language]
        }
        return row.basic[field.id].map { RegisterValue.shown($0, of: field)[language] } ?? ""
    }

    /// The things of a division that stand on the map, at most `limit`.
    package static func things(in division: DivisionCode, _ tx: ReadTx) throws -> [ThingRecord] {
        try tx.all(
            """
            SELECT \(ThingRecord.columns) FROM thing t
            WHERE \(RegisterQueries.place("t", division)) AND t.valid_to IS NULL AND t.latitude IS NOT NULL
            ORDER BY t.id LIMIT \(limit)
            """
        ) { try ThingRecord($0) }
    }

    private func people(after: RegisterCursor?, _ tx: ReadTx) throws -> [Exported] {
        let people = try RegisterQueries.people(in: division, after: after, limit: RegisterExport.chunk, tx)
        guard !people.isEmpty else { return [] }
        let ids = people.map(\.id)
        let list = SQL.list(ids)
        var rows = Dictionary(uniqueKeysWithValues: people.map { ($0.id, Exported(person: $0)) })
        try tx.each("SELECT id, number_sealed, phone_sealed FROM person WHERE id IN \(list)") { row in
            let id: ID<Person> = try row[0]
            for (field, column, value): (String, String, [UInt8]?) in [
                ("person.number", "number_sealed", try row[1]), ("person.phone", "phone_sealed", try row[2]),
            ] {
                if let value { rows[id]?.sealed[field] = (Cell("person", column, id.rawValue), value) }
            }
        }
        try tx.each(
            """
            SELECT id, subject_id, field, value, value_sealed FROM register_fact
            WHERE kind = 'person' AND subject_id IN \(list)
            """
        ) { row in
            let (id, person, field): (Int64, ID<Person>, String) = (try row[0], try row[1], try row[2])
            let (value, sealed): (String?, [UInt8]?) = (try row[3], try row[4])
            if let value { rows[person]?.basic[field] = value }
            if let sealed { rows[person]?.sealed[field] = (Cell("register_fact", "value_sealed", id), sealed) }
        }
        return ids.compactMap { rows[$0] }
    }
}
