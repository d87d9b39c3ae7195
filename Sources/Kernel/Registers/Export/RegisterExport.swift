import LinliCore
import LinliSQL
import LinliStandards

/// Taking a register out as a table, for a purpose: people can see later that it happened with their data.
package struct RegisterExport: Sendable {
    /// Which register.
    package let kind: RegisterKind
    /// What is taken out, in this order.
    package let fields: [RegisterField]
    /// Where the people live, where the rest lies.
    package let division: DivisionCode
    /// What for.
    package let purpose: ReadingPurpose
    /// For which service of the catalogue, where the list is made for one and somebody named it.
    package let service: PurposeService?
    /// What was written besides, without anybody's numbers.
    package let note: String

    /// How many rows at most: more is no list somebody works with.
    /// - Source: configured, no source
    package static let limit = 20_000
    static let chunk = 200
    /// What may be taken out; a household is its people and its dwelling.
    package static let kinds: [RegisterKind] = [.person, .dwelling, .organization, .thing]

    /// The fields somebody may choose, of people also where they live; special groups are never taken out.
    package static func choices(of kind: RegisterKind) -> [RegisterField] {
        let home = kind == .person ? RegisterField.of(.dwelling).filter { $0.id == "dwelling.address" } : []
        return RegisterField.of(kind).filter { $0.fieldClass < .special } + home
    }

    /// An export of some fields of who lives in a division, or of what lies there.
    package init(
        _ fields: [RegisterField], of kind: RegisterKind = .person, in division: DivisionCode,
        for purpose: ReadingPurpose, service: PurposeService? = nil, note: String
    ) {
        let chosen = Set(fields)
        self.kind = kind
        self.fields = RegisterExport.choices(of: kind).filter { chosen.contains($0) }
        self.division = division
        self.purpose = purpose
        self.service = purpose == .service ? service : nil
        self.note = PersonalNumbers.replacing(in: String(note.prefix(200))) { $0.masked }
    }

    var hasSensitive: Bool { fields.contains { $0.fieldClass != .basic } }
    var reason: String { purpose.reason(for: service?.id, note: note) }
    /// What for, in words, with the service it is for.
    package var what: Text { purpose.words(for: service?.name) }

    /// Says who may: the permission to export, for closely kept fields also the one to read them, on duty.
    ///
    /// - Throws: `.forbidden`, or `.invalid` when there are too many.
    package func check(_ context: Context, _ database: Database) async throws {
        guard context.actor.may(.peopleExport, in: division), context.actor.may(.peopleRead, in: division) else {
            throw LinliError.forbidden("export.scope")
        }
        let (division, fields, kind) = (division, fields, kind)
        let onDuty = try await database.read { try RegisterReading.isOnDuty(context, $0) }
        try RegisterReading.check(fields, context, division, onDuty: onDuty)
        guard !fields.isEmpty else {
            throw LinliError.invalid("export.fields", [.init("field", Text("请至少选一项", "Choose at least one field"))])
        }
        let total = try await database.read { try RegisterCounts.totals(of: [division], $0)[division]?[kind] ?? 0 }
        guard total <= RegisterExport.limit else {
            throw LinliError.invalid(
                "export.tooMany",
                [
                    .init(
                        "division",
                        Text(
                            "超过 \(RegisterExport.limit) 条，请按网格分几次导出",
                            "More than \(RegisterExport.limit) entries; please export grid by grid")
                    )
                ])
        }
    }

    /// Gives the rows one after the other; what is closely kept is noted with its person before it is opened. Who asked
    /// for their data to rest is left out, and what nobody agreed to (`ConsentPurpose`).
    package func rows(
        _ context: Context, _ database: Database, _ give: ([String]) throws -> Void
    ) async throws -> Int {
        try await check(context, database)
        let (division, reason) = (division, reason)
        let names = fields.map(\.id)
        try await database.write(context, "registers.export", reason: reason) { tx in
            try tx.audit(Subject("division", division.rawValue, division: division), fields: names)
        }
        guard kind == .person else { return try await others(context, database, give) }
        var (after, count): (RegisterCursor?, Int) = (nil, 0)
        repeat {
            let from = after
            let page = try await database.read { try people(after: from, $0) }
            after = page.last.map { RegisterCursor($0.person) }
            let shown = try await consented(
                page.filter { $0.person.restrictedAt == nil }, on: context.now.date, database)
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
        var address = ""
    }

    /// The rows as far as people agreed to what is done with them: who did not agree to be named to providers is on no
    /// list made for one, and a field whose use they did not agree to stays empty.
    private func consented(
        _ rows: [Exported], on today: CivilDate, _ database: Database
    ) async throws -> [Exported] {
        let use = ConsentUse.export(purpose)
        guard !rows.isEmpty, !ConsentPurpose.needed(for: fields, to: use).isEmpty else { return rows }
        let people = rows.map(\.person.id)
        let given = try await database.read { try DataConsents.given(by: people, on: today, $0) }
        return rows.compactMap { row in
            let agreed = given[row.person.id] ?? []
            guard use != .export(.service) || agreed.contains(.providers) else { return nil }
            let open = Set(ConsentPurpose.allowed(fields, to: use, given: agreed).map(\.id))
            var row = row
            row.sealed = row.sealed.filter { open.contains($0.key) }
            row.basic = row.basic.filter { open.contains($0.key) }
            return row
        }
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
        case "dwelling.address": return row.address
        default: break
        }
        if let secret = row.sealed[field.id] {
            return RegisterValue.shown(try keys.open(secret.sealed, cell: secret.cell), of: field)[language]
        }
        return row.basic[field.id].map { RegisterValue.shown($0, of: field)[language] } ?? ""
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
        if fields.contains(where: { $0.id == "dwelling.address" }) {
            // Where they sleep goes before where they are registered: the last one said stands.
            try tx.each(
                """
                SELECT r.person_id, d.address FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
                WHERE r.person_id IN \(list) AND r.valid_to IS NULL
                ORDER BY CASE WHEN r.tie IN ('registeredOnly', 'ownerElsewhere') THEN 0 ELSE 1 END, r.id DESC
                """
            ) { rows[try $0[0]]?.address = try $0[1] }
        }
        return ids.compactMap { rows[$0] }
    }
}
