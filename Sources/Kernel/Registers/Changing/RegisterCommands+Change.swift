import LinliCore
import LinliSQL
import LinliStandards

extension RegisterCommands {
    /// What was typed for one thing: values by field; an empty value takes what was there away.
    package typealias Typed = [RegisterField: String]

    /// Changes fields and facts of something that is here. Values are checked, sealed and written with their history; what
    /// is as it was is left alone.
    ///
    /// - Throws: `.invalid` naming the fields, `.conflict` when somebody changed it since `version`, `.notFound` or
    ///   `.forbidden` for who may not.
    @discardableResult
    package static func change(
        _ typed: Typed, of subject: RegisterSubject, version: Int?, source: String = "staff",
        _ context: Context, _ database: Database, _ settings: RegisterSettings
    ) async throws -> Changed {
        let known = try await database.read { tx in
            let item = try open(subject, context, tx)
            let allowed = Set(settings.fields(of: subject.kind, for: context.actor, in: item.division))
            guard allowed.isSuperset(of: typed.keys) else { throw LinliError.forbidden("registers.field") }
            return try Known(item, Array(typed.keys), tx)
        }
        var checked = try check(typed, today: context.now.date)
        try refuseContradiction(checked.values, today: context.now.date)
        try derive(&checked.values, today: context.now.date)
        guard let ready = try ReadyChange(checked.values, of: known, database) else {
            return Changed(fields: [], warnings: checked.warnings)
        }
        try await database.write(context, "registers.change") { tx in
            try ready.apply(version: version, source: source, tx)
        }
        return Changed(fields: ready.changes.map(\.field), warnings: checked.warnings)
    }

    /// A citizen number says birth and sex better than whoever typed them.
    static func derive(_ values: inout Typed, today: CivilDate) throws {
        guard let field = RegisterField.named("person.number"), let text = values[field], !text.isEmpty,
            let born = RegisterField.named("person.born"), let sex = RegisterField.named("person.sex")
        else { return }
        let number = try CitizenID(text, today: today)
        values[born] = number.birthDate.description
        values[sex] = number.sex == .male ? "1" : "2"
    }

    /// What came of a change.
    package struct Changed: Sendable {
        /// The fields that are different now.
        package let fields: [RegisterField]
        /// What is doubtful but was taken.
        package let warnings: [Text]
    }

    /// Checks every value and brings it into the form it is kept in; all mistakes at once.
    package static func check(_ typed: Typed, today: CivilDate) throws -> (values: Typed, warnings: [Text]) {
        var (values, warnings): (Typed, [Text]) = ([:], [])
        var problems: [LinliError.Field] = []
        for (field, text) in typed.sorted(by: { $0.key.id < $1.key.id }) {
            do {
                guard let checked = try RegisterValue.check(text, of: field, today: today) else {
                    if RegisterColumns.isRequired(field) {
                        problems.append(
                            .init(field.id, Text("请填写\(field.name.zh)", "Please fill in: \(field.name.en)")))
                    }
                    values[field] = ""
                    continue
                }
                values[field] =
                    field.isWords ? PersonalNumbers.replacing(in: checked.value) { $0.masked } : checked.value
                if let warning = checked.warning { warnings.append(warning) }
            } catch let error as LinliError {
                problems += error.fields
            }
        }
        guard problems.isEmpty else { throw LinliError.invalid("registers.form", problems) }
        return (values, warnings)
    }

    /// A field that becomes another one, sealed where it must be.
    struct Change: Sendable {
        let field: RegisterField
        let old: String
        let new: String
        /// The fact's row; a new one where there was none.
        let fact: ID<SealedFact>
        /// A fact's sealed value.
        let sealed: [UInt8]?
        /// A sealed column's value.
        let column: Secret?
        /// Keyed hashes under which a sealed fact is found as a whole.
        let marks: [[UInt8]]

        init(
            _ field: RegisterField, old: String, new: String, fact: ID<SealedFact>?, of subject: RegisterSubject,
            _ database: Database
        ) throws {
            self.field = field
            self.old = old
            self.new = new
            self.fact = try fact ?? database.newID()
            let isSealed = field.fieldClass != .basic && !new.isEmpty
            sealed =
                field.isFact && isSealed
                ? try database.keys.seal(new, cell: Cell("register_fact", "value_sealed", self.fact.rawValue)) : nil
            column = !field.isFact && isSealed ? try database.sealed(new, of: field, for: subject) : nil
            marks = field.isFact && isSealed ? RegisterSearch.marks(new, of: field, database.keys) : []
        }

        /// What it sets in the table of its kind.
        var sets: [SQL] {
            guard !field.isFact else { return [] }
            return [
                field.fieldClass == .basic ? RegisterColumns.set(field, new) : RegisterColumns.set(field, column)
            ]
        }

        func writeFact(of item: RegisterItem, source: String, _ tx: WriteTx) throws {
            try tx.execute("DELETE FROM register_fact WHERE id = \(fact)")
            let kept = SealedFact(id: fact, field: field, value: nil, sealed: sealed, marks: marks)
            try RegisterSearch.mark(kept, of: item.subject, tx)
            guard !new.isEmpty else { return }
            try tx.execute(
                """
                INSERT INTO register_fact (id, kind, subject_id, field, value, value_sealed, division, source, at)
                VALUES (\(fact), \(item.subject.kind), \(item.subject.id), \(field.id), \(sealed == nil ? new : nil),
                    \(sealed), \(item.division), \(source), \(tx.now))
                """
            )
        }
    }
}

extension RegisterField {
    /// Whether it is free text kept in clear, in which numbers that people type are masked.
    var isWords: Bool {
        if case .text = value { fieldClass == .basic } else { false }
    }
}

extension Database {
    /// Seals the value of a sealed column of something in the registers.
    func sealed(_ value: String, of field: RegisterField, for subject: RegisterSubject) throws -> Secret {
        let isNumber = field.id == "person.number"
        return try sealed(
            value, isNumber ? .number : .phone,
            Cell(subject.kind.rawValue, isNumber ? "number_sealed" : "phone_sealed", subject.id),
            mask: isNumber ? CitizenID.masked(value) : PhoneNumber(value)?.masked ?? "")
    }
}

extension RegisterCommands {
    /// Something that is here and may be changed by who asks.
    ///
    /// - Throws: `.notFound` out of sight, `.forbidden` for who may only look, `.conflict` for what has ended or is only
    ///   kept.
    static func open(
        _ subject: RegisterSubject, isEnded: Bool = false, _ context: Context, _ tx: ReadTx
    ) throws -> RegisterItem {
        guard let item = try RegisterQueries.item(subject, tx), context.actor.may(.peopleRead, in: item.division) else {
            throw LinliError.notFound("registers.scope")
        }
        guard context.actor.may(.peopleEdit, in: item.division) else { throw LinliError.forbidden("people.edit") }
        guard item.restrictedAt == nil else {
            throw LinliError(
                .conflict, "registers.restricted",
                Text("本人要求只保存、不使用，现在不能改", "At the person's wish this entry is only kept; it cannot be changed"))
        }
        guard item.isHere != isEnded else {
            throw LinliError(
                .conflict, "registers.ended",
                isEnded
                    ? Text("这一条没有注销，不用恢复", "This entry has not ended") : Text("这一条已经注销，先恢复再改", "This entry has ended"))
        }
        return item
    }

    /// Counts a row's version up and sets what changed, if nobody was faster.
    static func bump(_ item: RegisterItem, version: Int, _ sets: [SQL], _ tx: WriteTx) throws {
        let all = SQL.joined(["version = version + 1"] + sets, separator: ", ")
        let count = try tx.execute(
            """
            UPDATE \(RegisterQueries.table(of: item.subject.kind)) SET \(all)
            WHERE id = \(item.subject.id) AND version = \(version)
            """
        )
        guard count == 1 else {
            throw LinliError(
                .conflict, "registers.version",
                Text("有人刚改过这一条，请看了新的内容再改", "Somebody has just changed this entry; look at it again first"))
        }
    }

    /// The audit entry, the event and the full text of a change, after its rows; `delta` is what it does to the
    /// head-counts.
    static func tell(
        _ item: RegisterItem, _ what: RegisterHistory.What, fields: [String] = [],
        counts delta: RegisterCounts.Delta = RegisterCounts.Delta(), _ tx: WriteTx
    ) throws {
        let subject = item.subject.subject(in: item.division)
        try RegisterSearch.index([item.subject], tx)
        try tx.audit(subject, fields: fields.isEmpty ? [what.rawValue] : fields)
        try tx.emit(
            "registers.changed", subject,
            facts: ["what": what.rawValue, "fields": fields.joined(separator: ","), "counts": delta.text])
    }
}
