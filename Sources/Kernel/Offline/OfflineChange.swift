import LinliCore
import LinliSQL
import LinliStandards

/// A field somebody changed without a network: what they saw before, and what it shall be.
struct OfflineChange: Sendable {
    let subject: RegisterSubject
    let field: RegisterField
    /// What the phone saw: `=value` for what is shown, `#milliseconds` for what stays closed.
    let before: String
    /// As it is kept; empty takes it away.
    let value: String
    /// Ready to be stored, where it is stored sealed.
    private var fact: SealedFact?
    private var phone: SealedValue?

    /// Fields that can be changed without a network; numbers of papers are entered on the desk, where they are checked
    /// against the paper's copy.
    static func isOffered(_ field: RegisterField) -> Bool {
        field.fieldClass != .special
            && (field.isFact
                || ["person.name", "person.sex", "person.born", "person.phone", "dwelling.occupancy"]
                    .contains(field.id))
    }

    /// The changes of an entry, checked.
    ///
    /// - Throws: `.invalid` with the field and what to do about it.
    static func all(in entry: OfflineEntry, today: CivilDate) throws -> [OfflineChange] {
        guard case .array(let values)? = entry.body["changes"] else { return [] }
        return try values.prefix(60).map { value in
            guard case .object(let change) = value, let kind = RegisterKind(rawValue: change.text("kind")),
                let id: ID<OfflineChange> = change.id("id"), let field = RegisterField.named(change.text("field")),
                field.kind == kind, isOffered(field)
            else { throw LinliError.notFound("offline.field") }
            let checked = try RegisterValue.check(change.text("value"), of: field, today: today)?.value ?? ""
            guard !checked.isEmpty || field.isFact || field.id == "person.phone" else {
                throw LinliError.invalid("offline.empty", [.init(field.id, Text("这一项不能空着", "This cannot be empty"))])
            }
            return OfflineChange(RegisterSubject(kind, id), field, before: change.text("before"), value: checked)
        }
    }

    private init(_ subject: RegisterSubject, _ field: RegisterField, before: String, value: String) {
        self.subject = subject
        self.field = field
        self.before = before
        self.value = value
    }

    /// The same, ready to be stored: sealing takes time and happens before the write.
    func sealed(_ database: Database) throws -> OfflineChange {
        guard !value.isEmpty else { return self }
        var change = self
        if field.isFact { change.fact = try database.seal(value, of: field) }
        if field.id == "person.phone", let number = PhoneNumber(value) {
            change.phone = try database.sealed(
                number.number, kind: PersonRecord.phoneKey, Cell("person", "phone_sealed", subject.id),
                mask: number.masked)
        }
        return change
    }

    /// Whether it is about somebody or something of the household.
    func belongs(to household: HouseholdRecord, _ members: Set<Int64>) -> Bool {
        switch subject.kind {
        case .person: members.contains(subject.id)
        case .dwelling: subject.id == household.dwelling.rawValue
        default: false
        }
    }

    /// Sets the value unless somebody else changed it since the phone saw it; then says how it stands.
    func apply(_ keys: KeyRing, in household: HouseholdRecord, _ tx: WriteTx) throws -> OfflineOutcome.Difference? {
        let (marks, shown) = try current(keys, tx)
        let wanted = field.id == "person.phone" ? phone?.mask ?? "" : value
        if marks.contains("=" + wanted) { return nil }
        guard marks.contains(before) else {
            return OfflineOutcome.Difference(
                kind: subject.kind.rawValue, id: "\(ID<OfflineChange>(rawValue: subject.id))", field: field.id,
                mine: value, theirs: shown, mark: marks.last ?? "=")
        }
        try set(in: household.division, tx)
        return nil
    }

    /// How it stands: every word a phone may have for it, the safest to tell last; and the value where it may be shown.
    private func current(_ keys: KeyRing, _ tx: ReadTx) throws -> (marks: [String], shown: String?) {
        if field.isFact {
            let subject = subject
            guard let fact = try RegisterQueries.facts(of: subject, tx).first(where: { $0.field == field }) else {
                return (["="], "")
            }
            if let value = fact.value { return (["=" + value], value) }
            guard let sealed = fact.sealed else { return (["="], "") }
            let value = try keys.open(sealed.sealed, cell: sealed.cell)
            return (["=" + value, "#\(fact.at.milliseconds)"], nil)
        }
        let value: String
        switch field.id {
        case "dwelling.occupancy":
            value = try tx.value("SELECT occupancy FROM dwelling WHERE id = \(subject.id)") ?? ""
        case "person.name": value = try tx.value("SELECT name FROM person WHERE id = \(subject.id)") ?? ""
        case "person.phone": value = try tx.value("SELECT phone_mask FROM person WHERE id = \(subject.id)") ?? ""
        case "person.sex":
            let sex: Int? = try tx.value("SELECT sex FROM person WHERE id = \(subject.id)")
            value = String(sex ?? 0)
        default:
            let born: Int? = try tx.value("SELECT born FROM person WHERE id = \(subject.id)")
            value = born.flatMap { PersonRecord.day($0) }?.description ?? ""
        }
        return (["=" + value], value)
    }

    private func set(in division: DivisionCode, _ tx: WriteTx) throws {
        switch field.id {
        case "dwelling.occupancy":
            try tx.execute("UPDATE dwelling SET occupancy = \(value) WHERE id = \(subject.id)")
        case "person.name": try tx.execute("UPDATE person SET name = \(value) WHERE id = \(subject.id)")
        case "person.sex": try tx.execute("UPDATE person SET sex = \(Int(value) ?? 0) WHERE id = \(subject.id)")
        case "person.born":
            let born = PersonRecord.compact(RegisterValue.day(value))
            try tx.execute("UPDATE person SET born = \(born) WHERE id = \(subject.id)")
        case "person.phone":
            try tx.execute(
                """
                UPDATE person SET phone_sealed = \(phone?.sealed), phone_hash = \(phone?.hash),
                    phone_mask = \(phone?.mask ?? "") WHERE id = \(subject.id)
                """
            )
        default: try setFact(in: division, tx)
        }
    }

    private func setFact(in division: DivisionCode, _ tx: WriteTx) throws {
        try tx.execute(
            """
            DELETE FROM register_fact
            WHERE kind = \(subject.kind) AND subject_id = \(subject.id) AND field = \(field.id)
            """
        )
        guard let fact else { return }
        try tx.execute(
            """
            INSERT INTO register_fact (id, kind, subject_id, field, value, value_sealed, division, source, at)
            VALUES (\(fact.id), \(subject.kind), \(subject.id), \(field.id), \(fact.value), \(fact.sealed), \(division),
                'offline', \(tx.now))
            """
        )
    }
}
