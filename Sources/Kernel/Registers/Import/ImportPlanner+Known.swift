import LinliCore
import LinliSQL
import LinliStandards

/// A field of somebody known that a row says otherwise.
package struct ImportChange: Sendable {
    /// Which field.
    package let field: RegisterField
    /// What stands there, as whoever brings the sheet may read it: nil for nothing, closely kept values masked.
    package let old: Text?
    /// What the row says.
    package let new: Text
}

/// Rows about people who stand in the register: what they would change. A blank cell changes nothing, and what is kept
/// closely is not opened for it, so that a sheet tells nobody whether a guess was right.
extension ImportPlanner {
    /// What stands where a closely kept value is not shown.
    static let hidden = Text("已登记，不显示", "Entered, not shown")

    /// Works out what rows about known people would change.
    mutating func propose(
        _ rows: [ImportRow], _ outcomes: inout [ImportOutcome], _ entries: inout Entries, _ tx: ReadTx
    ) throws {
        let ids = outcomes.compactMap { outcome -> ID<Person>? in
            if case .known(let id) = outcome.fate { ID(rawValue: id) } else { nil }
        }
        guard !ids.isEmpty else { return }
        let known = try KnownPeople(ids, of: entry.importID, tx)
        for index in outcomes.indices {
            guard case .known(let id) = outcomes[index].fate, let person = known.people[id] else { continue }
            var outcome = outcomes[index]
            defer { outcomes[index] = outcome }
            func refuse(_ problem: Text) {
                outcome.fate = .wrong
                outcome.problems.append(problem)
            }
            let number = rows[index]["person.number"]
            if !number.isEmpty, let hash = person.number, hash != self.hash(number) {
                refuse(
                    Text(
                        "姓名、生日、住址和登记的一样，证件号码不一样，请核对",
                        "Name, birth and home are those of somebody with another number; please check"))
                continue
            }
            if let before = met.updateValue(met[id] ?? outcome.line, forKey: id) {
                refuse(Text("和第 \(before) 行是同一个人", "The same person as row \(before)"))
                continue
            }
            guard !known.changed.contains(id) else {
                refuse(Text("和前面的行是同一个人", "The same person as a row before"))
                continue
            }
            let values = try values(of: rows[index])
            let changes = changes(values, person)
            guard !changes.isEmpty else { continue }
            guard person.record.restrictedAt == nil else {
                refuse(Text("本人要求只保存、不使用，不能改", "At their wish this entry is only kept; it cannot be changed"))
                continue
            }
            outcome.changes = changes
            entries.changes.append((ID(rawValue: id), values))
        }
    }

    /// The fields a row says of a person, checked as if they had been typed.
    private func values(of row: ImportRow) throws -> RegisterCommands.Typed {
        var typed: RegisterCommands.Typed = [:]
        for (id, value) in row.values {
            guard let field = RegisterField.named(id), field.kind == .person, field.fieldClass < .special else {
                continue
            }
            typed[field] = value
        }
        let today = entry.validFrom.date
        var values = try RegisterCommands.check(typed, today: today).values
        try RegisterCommands.derive(&values, today: today)
        return values
    }

    private func changes(_ values: RegisterCommands.Typed, _ person: KnownPeople.One) -> [ImportChange] {
        values.sorted { $0.key.id < $1.key.id }.compactMap { field, value in
            let new = ImportPlanner.shown(value, of: field)
            switch field.id {
            case "person.name": return change(field, person.record.name, new, value)
            case "person.sex": return change(field, person.record.sex == 0 ? "" : "\(person.record.sex)", new, value)
            case "person.born": return change(field, person.record.born?.description ?? "", new, value)
            case "person.number":
                return person.number == nil ? ImportChange(field: field, old: nil, new: new) : nil
            case "person.phone":
                guard person.phone != phoneHash(value) else { return nil }
                let mask = person.record.phoneMask
                return ImportChange(field: field, old: mask.isEmpty ? nil : Text(same: mask), new: new)
            default:
                guard let fact = person.facts[field.id] else {
                    return ImportChange(field: field, old: nil, new: new)
                }
                guard let shown = fact else { return ImportChange(field: field, old: ImportPlanner.hidden, new: new) }
                return change(field, shown, new, value)
            }
        }
    }

    /// A new value as the page shows it: numbers masked, as everywhere on a screen.
    private static func shown(_ value: String, of field: RegisterField) -> Text {
        if field.id == "person.number" { return Text(same: CitizenID.masked(value)) }
        if case .phone = field.value, let phone = PhoneNumber(value) { return Text(same: phone.masked) }
        return RegisterValue.shown(value, of: field)
    }

    private func change(_ field: RegisterField, _ old: String, _ new: Text, _ value: String) -> ImportChange? {
        guard old != value else { return nil }
        return ImportChange(field: field, old: old.isEmpty ? nil : RegisterValue.shown(old, of: field), new: new)
    }
}

/// People rows are about, as far as it may be known without opening what is sealed.
struct KnownPeople {
    struct One {
        var record: PersonRecord
        var number: [UInt8]?
        var phone: [UInt8]?
        /// Facts by field: basic ones in clear, nil for what is sealed.
        var facts: [String: String?] = [:]
    }

    private(set) var people: [Int64: One] = [:]
    /// Whom this import has changed already.
    private(set) var changed: Set<Int64> = []

    init(_ ids: [ID<Person>], of importID: Int64?, _ tx: ReadTx) throws {
        let list = SQL.list(Array(Set(ids)).sorted())
        try tx.each(
            "SELECT \(PersonRecord.columns), p.number_hash, p.phone_hash FROM person p WHERE p.id IN \(list)"
        ) { row in
            let record = try PersonRecord(row)
            people[record.id.rawValue] = One(
                record: record, number: try row[PersonRecord.columnCount], phone: try row[PersonRecord.columnCount + 1])
        }
        try tx.each(
            """
            SELECT subject_id, field, value FROM register_fact WHERE kind = 'person' AND subject_id IN \(list)
            """
        ) { row in
            let value: String? = try row[2]
            people[try row[0]]?.facts[try row[1]] = .some(value)
        }
        guard let importID else { return }
        try tx.each(
            "SELECT person_id FROM register_import_change WHERE import_id = \(importID) AND person_id IN \(list)"
        ) { changed.insert(try $0[0]) }
    }
}
