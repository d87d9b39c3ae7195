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

/// Somebody known who lives elsewhere, as a row says.
struct ImportMove: Sendable {
    let person: ID<Person>
    let target: RegisterCommands.MoveTarget
    let tie: ResidenceTie
    let relation: HouseholdRelation
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
        try recall(ids.map(\.rawValue), tx)
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
            entries.met.append((id: id, line: outcome.line))
            guard !known.changed.contains(id) else {
                refuse(Text("和前面的行是同一个人", "The same person as a row before"))
                continue
            }
            let values = try values(of: rows[index])
            let changes = changes(values, person)
            let move = try self.move(rows[index], person, outcome.address, tx)
            guard !changes.isEmpty || move != nil else { continue }
            guard person.record.restrictedAt == nil else {
                refuse(Text("本人要求只保存、不使用，不能改", "At their wish this entry is only kept; it cannot be changed"))
                continue
            }
            outcome.changes = (move.map { [$0] } ?? []) + changes
            if !changes.isEmpty { entries.changes.append((ID(rawValue: id), values)) }
            guard let move, let home = try self.home(outcome.address, &outcome, &entries, tx) else { continue }
            var said = ImportPlanner.ties(rows[index])
            outcome.warnings += said.doubts
            if let doubt = takeHead(&said.relation, outcome.title, in: home.household) {
                outcome.warnings.append(doubt)
            }
            let target = RegisterCommands.MoveTarget(
                dwelling: home.dwelling, household: home.household, division: home.division, address: move.new.zh)
            entries.moves.append(
                ImportMove(person: ID(rawValue: id), target: target, tie: said.tie, relation: said.relation))
        }
    }

    /// What a row says of where somebody lives, when that is elsewhere. A row says nothing of it when it ties them to a home
    /// otherwise than by living there, when its address names no home, or only the yard of the home they live in.
    private mutating func move(
        _ row: ImportRow, _ person: KnownPeople.One, _ address: String, _ tx: ReadTx
    ) throws -> ImportChange? {
        guard let field = RegisterField.named("dwelling.address"), ImportPlanner.ties(row).tie.livesHere,
            !address.isEmpty, !person.homes.contains(where: { $0.address == address })
        else { return nil }
        let new: String
        switch try find(address, tx) {
        case .wrong: return nil
        case .known(let home, let own):
            guard !person.homes.contains(where: { $0.dwelling == home.dwelling }) else { return nil }
            new = own
        case .new(let dwelling):
            guard
                !dwelling.number.isEmpty || !person.homes.contains(where: { $0.address.hasPrefix(dwelling.address) })
            else { return nil }
            new = dwelling.address
        }
        let old = person.homes.filter { $0.tie.livesHere }.map(\.address).joined(separator: "；")
        return ImportChange(field: field, old: old.isEmpty ? nil : Text(same: old), new: Text(same: new))
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
    static func shown(_ value: String, of field: RegisterField) -> Text {
        if field.id == "person.number" { return Text(same: CitizenID.masked(value)) }
        if case .phone = field.value, let phone = PhoneNumber(value) { return Text(same: phone.masked) }
        return RegisterValue.shown(value, of: field)
    }

    func change(_ field: RegisterField, _ old: String, _ new: Text, _ value: String) -> ImportChange? {
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
        /// Where they live or are tied to now.
        var homes: [Home] = []
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
        try tx.each(
            """
            SELECT r.id, r.household_id, r.dwelling_id, r.tie, r.relation, d.address, d.division, r.person_id
            FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id IN \(list) AND r.valid_to IS NULL ORDER BY r.id
            """
        ) { people[try $0[7]]?.homes.append(try Home($0)) }
        guard let importID else { return }
        try tx.each(
            "SELECT person_id FROM register_import_change WHERE import_id = \(importID) AND person_id IN \(list)"
        ) { changed.insert(try $0[0]) }
    }
}
