import LinliCore
import LinliSQL
import LinliStandards

/// What for somebody reads what is closely kept.
///
/// - Source: configured, no source (PIPL Art. 6 wants a clear purpose)
package enum ReadingPurpose: String, Sendable, CaseIterable {
    case visit, handling, emergency, correction, service, report, rights

    /// What people call it, and what its owner reads.
    package var name: Text {
        switch self {
        case .visit: Text("上门走访前联系", "To call before a visit")
        case .handling: Text("办理本人的诉求", "To handle a need of theirs")
        case .emergency: Text("紧急情况", "Emergency")
        case .correction: Text("核对、更正信息", "To check or correct it")
        case .service: Text("提供服务、核对资格", "To give a service they may have")
        case .report: Text("填报依法要报的表", "For a form the law asks for")
        case .rights: Text("答复本人的查询", "To answer a request of theirs")
        }
    }

    /// What the audit keeps of why: the purpose, for a service also which one of the catalogue, and what was written.
    package func reason(for service: String? = nil, note: String = "") -> String {
        let purpose = self == .service ? service.map { "\(rawValue)/\($0)" } ?? rawValue : rawValue
        return note.isEmpty ? purpose : "\(purpose): \(note)"
    }

    /// Its name with that of the service it is for.
    package func words(for service: Text?) -> Text { service.map { name + Text("：", ": ") + $0 } ?? name }
}

/// The service of the catalogue that something is done for.
package struct PurposeService: Sendable {
    /// Its stable name.
    package let id: String
    /// What people call it.
    package let name: Text

    /// A service by its name.
    package init(id: String, name: Text) { (self.id, self.name) = (id, name) }
}

/// Reading sensitive fields of one thing in a register: who may, for what, and that it is noted before it is shown.
package enum RegisterReading {
    /// What was read, by field.
    package typealias Values = [RegisterField: String]

    /// Reads closely kept fields in clear. The audit entry, with the purpose, is committed before anything is shown; a
    /// field without a value is left out.
    ///
    /// - Throws: `.notFound` where the reader may not see it, `.forbidden` where they may not read these fields now,
    ///   `.invalid` without a purpose in words, where it is for a service that the rules do not give them.
    package static func read(
        _ fields: [RegisterField], of subject: RegisterSubject, for purpose: ReadingPurpose,
        service: PurposeService? = nil, note: String, _ context: Context, _ database: Database
    ) async throws -> Values {
        let note = PersonalNumbers.replacing(in: String(note.prefix(200))) { $0.masked }
        let (division, cells, onDuty, given, outgrown, isKept, isMerged) = try await database.read { tx in
            guard let division = try RegisterQueries.division(of: subject, tx) else {
                throw LinliError.notFound("registers.unknown")
            }
            let (id, today) = (ID<Person>(rawValue: subject.id), context.now.date)
            let isPerson = subject.kind == .person
            let given: Set<ConsentPurpose> = isPerson ? try DataConsents.given(by: [id], on: today, tx)[id] ?? [] : []
            let outgrown = isPerson ? try DataConsents.outgrown(by: [id], on: today, tx)[id] ?? [] : []
            let person = isPerson ? try RegisterQueries.person(id, tx) : nil
            return (
                division, try self.cells(fields, of: subject, tx), try isOnDuty(context, tx), given, outgrown,
                person?.restrictedAt != nil, try RegisterQueries.survivor(of: subject, tx) != subject
            )
        }
        guard context.actor.may(.peopleRead, in: division) else { throw LinliError.notFound("registers.scope") }
        // What its owner asked and agreed to stands with the other entry.
        guard !isMerged else { throw merged }
        guard !isKept || opensKept.contains(purpose) else { throw onlyKept }
        try check(fields, context, division, onDuty: onDuty)
        try check(cells.map(\.field), for: purpose, given: given, outgrown: outgrown)
        guard !cells.isEmpty else { return [:] }
        var noted = cells.map(\.field.id)
        if let service, subject.kind == .person, note.trimmed.isEmpty {
            let told = try await checkReason(
                for: service, of: ID<Person>(rawValue: subject.id), in: division, context, database)
            for name in told where !noted.contains(name) { noted.append(name) }
        }
        let reason = purpose.reason(for: service?.id, note: note)
        let told = noted
        try await database.write(context, "registers.read", reason: reason) { tx in
            try tx.audit(subject.subject(in: division), fields: told)
        }
        var values: Values = [:]
        for (field, secret) in cells { values[field] = try database.keys.open(secret.sealed, cell: secret.cell) }
        return values
    }

    /// For what an entry is still opened that its owner wants only kept.
    /// - Source: PIPL Art. 47 (storage and security alone); Art. 13 (emergencies); Art. 45 (answering its owner)
    package static let opensKept: Set<ReadingPurpose> = [.emergency, .rights]

    private static let merged = LinliError(
        .conflict, "registers.merged",
        Text("这一条已并入另一条登记，请到那一条去看", "This entry was merged into another one: read it there"))

    private static let onlyKept = LinliError(
        .conflict, "registers.kept",
        Text(
            "本人要求只保存、不使用：除了紧急情况和答复本人，都不能看",
            "The person wants this entry kept and not used: it opens in an emergency or to answer themselves, only"))

    /// Whether the reader may read these fields of something in `division` now.
    ///
    /// Who has the permission only by walking a grid reads in that grid alone, and only on duty. Special fields are
    /// for who has the permission for them.
    package static func check(
        _ fields: [RegisterField], _ context: Context, _ division: DivisionCode, onDuty: Bool
    ) throws {
        try check(Set(fields.map(\.fieldClass)), context, division, onDuty: onDuty)
    }

    /// Whether the reader may read what is kept as closely as `classes` of something in `division` now.
    package static func check(
        _ classes: Set<FieldClass>, _ context: Context, _ division: DivisionCode, onDuty: Bool
    ) throws {
        let actor = context.actor
        for fieldClass in classes.sorted() where fieldClass != .basic {
            let permission: Permission = fieldClass == .special ? .peopleSpecial : .peopleReveal
            guard actor.may(permission, in: division) else { throw LinliError.forbidden("registers.\(fieldClass)") }
        }
        let isOnlyWalker = !actor.grants.contains { grant in
            guard case .division(let code) = grant.subject, grant.role != Role.gridWorker.id else { return false }
            return code.contains(division) && grant.permissions.contains(.peopleReveal)
        }
        guard !isOnlyWalker || onDuty else {
            throw LinliError(
                .forbidden, "registers.offDuty",
                Text("您现在不在班上，看不了号码等信息；有急事请联系值班人员", "You are off duty: numbers and the like stay closed"))
        }
    }

    /// Whether the person agreed to what some fields are read for; `outgrown` is what only their guardian agreed to while
    /// they were a child.
    ///
    /// - Throws: `.forbidden` naming what they did not agree to.
    static func check(
        _ fields: [RegisterField], for purpose: ReadingPurpose, given: Set<ConsentPurpose>,
        outgrown: [ConsentPurpose]
    ) throws {
        let missing = ConsentPurpose.needed(for: fields, to: .reading(purpose)).subtracting(given)
        guard let one = ConsentPurpose.allCases.first(where: { missing.contains($0) }) else { return }
        let closed = fields.filter { one.isNeeded(for: $0, to: .reading(purpose)) }
        let (zh, en) = (
            closed.map(\.name.zh).joined(separator: "、"), closed.map(\.name.en).joined(separator: ", ")
        )
        guard !outgrown.contains(one) else {
            throw LinliError(
                .forbidden, "registers.consent",
                Text(
                    "“\(one.name.zh)”是小时候监护人同意的，现在满 \(Guardianship.years) 周岁了，不再算数，要问本人；为了“\(purpose.name.zh)”不能看：\(zh)。本人可在“我的信息”里同意；危及生命财产的，用途选“紧急情况”。",
                    "Their guardian agreed to “\(one.name.en)”; they are \(Guardianship.years) now and must be asked themselves: closed for “\(purpose.name.en)”: \(en). In an emergency choose that purpose."
                ))
        }
        throw LinliError(
            .forbidden, "registers.consent",
            Text(
                "本人没有同意“\(one.name.zh)”，为了“\(purpose.name.zh)”不能看：\(zh)。本人可在“我的信息”里同意；危及生命财产的，用途选“紧急情况”。",
                "They did not agree to “\(one.name.en)”: closed for “\(purpose.name.en)”: \(en). In an emergency choose that purpose."
            ))
    }

    /// Whether the reader stands on a roster now.
    package static func isOnDuty(_ context: Context, _ tx: ReadTx) throws -> Bool {
        guard let account = context.actor.account else { return false }
        return try tx.exists(
            """
            SELECT 1 FROM duty_shift WHERE account_id = \(account) AND starts_at <= \(context.now)
            AND ends_at > \(context.now) LIMIT 1
            """)
    }

    /// When the reader stood or stands on a roster between two moments; of work that is told later.
    package static func duty(
        of context: Context, from start: Instant, until end: Instant, _ tx: ReadTx
    ) throws -> [ClosedRange<Instant>] {
        guard let account = context.actor.account else { return [] }
        return try tx.all(
            """
            SELECT starts_at, ends_at FROM duty_shift WHERE account_id = \(account) AND ends_at > \(start)
            AND starts_at <= \(end) ORDER BY ends_at LIMIT 100
            """
        ) { row -> ClosedRange<Instant> in
            let (from, until): (Instant, Instant) = (try row[0], try row[1])
            return from...until
        }
    }

    /// The sealed values of fields, of those that have one.
    package static func cells(
        _ fields: [RegisterField], of subject: RegisterSubject, _ tx: ReadTx
    ) throws -> [(field: RegisterField, secret: (cell: Cell, sealed: [UInt8]))] {
        let known = try RegisterQueries.facts(of: subject, tx)
        return try fields.compactMap { field in
            if field.isFact {
                return known.first { $0.field == field }?.sealed.map { (field, $0) }
            }
            guard field.fieldClass != .basic, let column = column(of: field) else { return nil }
            let cell = Cell(subject.kind.rawValue, column, subject.id)
            let sealed: [UInt8]?? = try tx.first(
                "SELECT \(SQL(stringLiteral: column)) FROM \(RegisterQueries.table(of: subject.kind)) WHERE id = \(subject.id)"
            ) { try $0[0] }
            return (sealed ?? nil).map { (field, (cell, $0)) }
        }
    }

    /// The column that seals a field of a table.
    private static func column(of field: RegisterField) -> String? {
        switch field.id {
        case "person.number": "number_sealed"
        case "person.phone", "organization.phone": "phone_sealed"
        default: nil
        }
    }

    /// Who read what of somebody, and why, the newest first; for the person themselves and for auditors.
    package static func readings(
        of subject: RegisterSubject, limit: Int = 100, _ tx: ReadTx
    ) throws -> [Reading] {
        try tx.all(
            """
            SELECT e.at, e.fields, e.reason, e.command, a.name, u.name, u.name_en
            FROM audit_entry e LEFT JOIN account a ON a.id = e.actor_id AND e.actor_kind = 'account'
            LEFT JOIN unit u ON u.id = a.unit_id
            WHERE e.subject_kind = \(subject.kind) AND e.subject_id = \(subject.id)
            AND e.command IN ('registers.read', 'registers.find', 'registers.export', 'registers.offline')
            ORDER BY e.id DESC LIMIT \(limit)
            """
        ) { try Reading($0) }
    }
}

/// One reading of somebody's data.
package struct Reading: Sendable {
    /// When.
    package var at: Instant
    /// Which fields.
    package var fields: [RegisterField]
    /// What was read besides, as the audit calls it: labels as `label.id`, services as `service.id`, `answer`, `consent`.
    package let others: [String]
    /// The same in words; empty until they are looked up.
    package internal(set) var besides: [Text] = []
    /// Why, in the words of the purpose; nil for one this program does not know.
    package var purpose: ReadingPurpose?
    /// For which service of the catalogue; nil where nobody named one.
    package let service: String?
    /// What that service is called; nil until it is looked up.
    package internal(set) var serviceName: Text?
    /// What was written besides the purpose.
    package var note: String
    /// By which use case: reading a page, an export, a download to a phone.
    package var command: String
    /// Who; empty for the program.
    package var name: String
    /// For which unit they work.
    package var unit: Text?
    /// Whether it was the whole household, on a worker's phone: taken along or opened there.
    package let isOfHousehold: Bool

    /// When a household was opened on a phone without a network; nil for when it was taken along.
    package var openedAt: Instant? { isOfHousehold ? Instant(w3c: note) : nil }

    init(_ row: Row, isOfHousehold: Bool = false) throws {
        self.isOfHousehold = isOfHousehold
        at = try row[0]
        let ids: String = try row[1]
        let all = ids.split(separator: ",").map(String.init)
        fields = all.compactMap { RegisterField.named($0) }
        others = all.filter { name in Reading.isTold(name) }
        let reason: String = try row[2] ?? ""
        let parts = reason.split(separator: ":", maxSplits: 1)
        let named = (parts.first ?? "").split(separator: "/", maxSplits: 1)
        purpose = named.first.flatMap { ReadingPurpose(rawValue: String($0)) }
        service = purpose == .service ? named.dropFirst().first.map(String.init) : nil
        note = purpose == nil ? reason : parts.dropFirst().first.map { String($0).trimmed } ?? ""
        command = try row[3]
        name = try row[4] ?? ""
        let unitName: String? = try row[5]
        unit = try unitName.map { Text($0, try row[6] ?? $0) }
    }

    private static func isTold(_ name: String) -> Bool {
        ["label.", "service."].contains { name.hasPrefix($0) } || ["answer", "consent"].contains(name)
    }
}
