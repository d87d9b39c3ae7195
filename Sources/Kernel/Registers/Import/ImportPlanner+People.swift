import LinliCore
import LinliSQL
import LinliStandards

/// Somebody of the register or of a row, by what tells whether another row means them.
struct Namesake: Sendable {
    /// Whose entry it is, or which row.
    let id: Int64
    let born: Int
    let number: [UInt8]?
    let phone: [UInt8]?

    /// Whether nothing that is known of both says that they are two.
    func fits(_ other: Namesake) -> Bool {
        (born == 0 || other.born == 0 || born == other.born)
            && (number == nil || other.number == nil || number == other.number)
    }
}

/// Rows about people.
extension ImportPlanner {
    mutating func people(_ rows: [ImportRow], _ entries: inout Entries, _ tx: ReadTx) throws -> [ImportOutcome] {
        let addresses = Set(rows.map(ImportPlanner.address)).filter { !$0.isEmpty && homes[$0] == nil }
        try findHomes(addresses.sorted(), tx)
        try findSpelled(addresses.sorted(), tx)
        let byNumber = try known(numbers: rows.map { $0["person.number"] }, tx)
        let residents = try known(in: rows.compactMap { homes[ImportPlanner.address($0)]?.dwelling }, tx)
        let byPhone = try known(phones: rows.map { $0["person.phone"] }, tx)
        return try rows.map { row in
            let address = ImportPlanner.address(row)
            var outcome = ImportOutcome(line: row.line, fate: .wrong, title: row["person.name"], address: address)
            outcome.problems = row.problems
            guard row.problems.isEmpty else { return outcome }
            let number = row["person.number"]
            let person = try person(row, tx)
            let key = number.isEmpty ? "\(person.name)|\(PersonRecord.compact(person.born))|\(address)" : number
            if let before = seen.updateValue(seen[key] ?? row.line, forKey: key) {
                outcome.problems.append(Text("和第 \(before) 行重复", "The same as row \(before)"))
                return outcome
            }
            if !number.isEmpty, let (id, place) = byNumber[hash(number)] {
                guard division.contains(place) else {
                    outcome.problems.append(
                        Text("这个号码已在别的社区登记，请先办迁入", "The number is registered elsewhere; have them moved here"))
                    return outcome
                }
                outcome.fate = .known(id)
                return outcome
            }
            let one = Namesake(
                id: Int64(row.line), born: PersonRecord.compact(person.born),
                number: number.isEmpty ? nil : hash(number), phone: person.phone.map { phoneHash($0.number) })
            let here = homes[address].flatMap { residents["\($0.dwelling.rawValue)|\(person.name)"] } ?? []
            if let id = here.first(where: { $0.born == one.born })?.id {
                outcome.fate = .known(id)
                return outcome
            }
            // One name, one home, one phone: whoever wrote the sheet left the rest out.
            if let id = here.first(where: { one.phone != nil && $0.phone == one.phone && $0.fits(one) })?.id {
                outcome.fate = .known(id)
                return outcome
            }
            guard let home = try self.home(address, &outcome, &entries, tx) else { return outcome }
            outcome.warnings += doubts(
                one, person.name, home, here, elsewhere: one.phone.flatMap { byPhone[$0]?[person.name] } ?? [])
            outcome.warnings += ImportPlanner.ties(row).doubts
            var entered = person
            (entered.dwelling, entered.household, entered.division) = (home.dwelling, home.household, home.division)
            if let doubt = takeHead(&entered.relation, person.name, in: home.household) {
                outcome.warnings.append(doubt)
            }
            entries.people.append(entered)
            outcome.fate = .new
            return outcome
        }
    }

    func person(_ row: ImportRow, _ tx: ReadTx) throws -> NewPerson {
        var person = NewPerson(
            name: row["person.name"], dwelling: ID(rawValue: 0), household: nil, division: division, entry: entry)
        person.sex = Int(row["person.sex"]) ?? 0
        person.born = RegisterValue.day(row["person.born"])
        if !row["person.number"].isEmpty {
            person.take(try CitizenID(row["person.number"], today: entry.validFrom.date))
        }
        person.phone = PhoneNumber(row["person.phone"])
        let said = ImportPlanner.ties(row)
        (person.tie, person.relation) = (said.tie, said.relation)
        person.facts = RegisterField.of(.person).filter(\.isFact).compactMap { field in
            row.values[field.id].map { (field, $0) }
        }
        return person
    }

    /// People with these numbers, wherever they live.
    private func known(numbers: [String], _ tx: ReadTx) throws -> [[UInt8]: (Int64, DivisionCode)] {
        let hashes = numbers.filter { !$0.isEmpty }.map(hash)
        guard !hashes.isEmpty else { return [:] }
        var found: [[UInt8]: (Int64, DivisionCode)] = [:]
        try tx.each(
            """
            SELECT number_hash, id, division FROM person WHERE number_hash IN \(SQL.list(hashes))
            AND valid_to IS NULL
            """
        ) { found[try $0[0]] = (try $0[1], try $0[2]) }
        return found
    }

    /// Who lives in some dwellings, by dwelling and name.
    private func known(in dwellings: [ID<Dwelling>], _ tx: ReadTx) throws -> [String: [Namesake]] {
        guard !dwellings.isEmpty else { return [:] }
        var found: [String: [Namesake]] = [:]
        try tx.each(
            """
            SELECT r.dwelling_id, p.name, p.id, p.born, p.number_hash, p.phone_hash
            FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.dwelling_id IN \(SQL.list(Array(Set(dwellings)).sorted()))
            AND r.valid_to IS NULL AND p.valid_to IS NULL
            """
        ) { row in
            let (home, name): (Int64, String) = (try row[0], try row[1])
            let one = Namesake(id: try row[2], born: try row[3], number: try row[4], phone: try row[5])
            found["\(home)|\(name)", default: []].append(one)
        }
        return found
    }

    /// Who of the division of the sheet has some phones, by phone and name.
    private func known(phones: [String], _ tx: ReadTx) throws -> [[UInt8]: [String: [Namesake]]] {
        let hashes = phones.compactMap { PhoneNumber($0) }.map { phoneHash($0.number) }
        guard !hashes.isEmpty else { return [:] }
        var found: [[UInt8]: [String: [Namesake]]] = [:]
        try tx.each(
            """
            SELECT phone_hash, name, id, born, number_hash, division FROM person
            WHERE phone_hash IN \(SQL.list(hashes)) AND valid_to IS NULL
            """
        ) { row in
            let (phone, name, place): ([UInt8], String, DivisionCode) = (try row[0], try row[1], try row[5])
            // Of somebody who is registered elsewhere a sheet tells nobody.
            guard division.contains(place) else { return }
            let one = Namesake(id: try row[2], born: try row[3], number: try row[4], phone: phone)
            found[phone, default: [:]][name, default: []].append(one)
        }
        return found
    }

    /// Whom somebody who would be entered may be, of the register or of the rows before.
    private mutating func doubts(
        _ one: Namesake, _ name: String, _ home: HomeFound, _ here: [Namesake], elsewhere: [Namesake]
    ) -> [Text] {
        var doubts: [Text] = []
        if here.contains(where: { $0.fits(one) }) {
            doubts.append(
                Text("这处房屋里登记有同名的人，可能是同一个", "Somebody of this name is entered in this home: maybe the same person"))
        } else if elsewhere.contains(where: { $0.fits(one) }) {
            doubts.append(
                Text(
                    "姓名、手机号都和已登记的一个人相同，可能是同一个",
                    "Name and phone are those of somebody who is entered: maybe the same person"))
        }
        var keys = ["\(name)|home \(home.dwelling)"]
        if let phone = one.phone { keys.append("\(name)|phone \(phone)") }
        let rows = keys.flatMap { namesakes[$0] ?? [] }
        if doubts.isEmpty, let before = rows.first(where: { $0.fits(one) }) {
            doubts.append(
                Text(
                    "和第 \(before.id) 行同名，住处或手机号也相同，可能是同一个人",
                    "The name of row \(before.id), and its home or phone: maybe the same person"))
        }
        for key in keys { namesakes[key, default: []].append(one) }
        return doubts
    }

    /// Finds who heads some households.
    func findHeads(_ households: [ID<Household>], _ tx: ReadTx) throws -> [ID<Household>: String] {
        guard !households.isEmpty else { return [:] }
        var found: [ID<Household>: String] = [:]
        try tx.each(
            """
            SELECT r.household_id, CASE WHEN p.restricted_at IS NULL THEN p.name ELSE '' END
            FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id IN \(SQL.list(households.sorted())) AND r.valid_to IS NULL
            AND r.relation = \(HouseholdRelation.head) AND p.valid_to IS NULL ORDER BY r.id
            """
        ) { found[try $0[0]] = try $0[1] }
        return found
    }

    /// Lets somebody head a household unless it has a head: then they are somebody else of it, which is doubtful.
    mutating func takeHead(
        _ relation: inout HouseholdRelation, _ name: String, in household: ID<Household>?
    ) -> Text? {
        guard relation == .head, let household else { return nil }
        guard let head = heads[household] else {
            heads[household] = name
            return nil
        }
        relation = .other
        let (zh, en) = (head.isEmpty ? "" : "（\(head)）", head.isEmpty ? "" : " (\(head))")
        return Text(
            "这一户已有户主\(zh)，这一行按“其他”登记；要换户主，导入后在他的页面更正住处",
            "The household has a head\(en): entered as another member; to change heads correct the home on their page")
    }
}
