import LinliCore
import LinliSQL
import LinliStandards

/// What is asked before somebody is entered: whether they are somebody who is entered already, whether what was typed
/// agrees with their number, and whether another head is meant.
extension RegisterCommands {
    /// - Throws: `.invalid` naming both where a birth or sex that was typed is not that of the number.
    static func refuseContradiction(_ values: Typed, today: CivilDate) throws {
        func value(_ id: String) -> String { RegisterField.named(id).flatMap { values[$0] } ?? "" }
        let number = value("person.number")
        guard !number.isEmpty else { return }
        let read = try CitizenID(number, today: today)
        var problems: [LinliError.Field] = []
        let (born, sex) = (value("person.born"), value("person.sex"))
        if !born.isEmpty, born != read.birthDate.description {
            problems.append(
                .init(
                    "person.born",
                    Text(
                        "出生日期填的是 \(born)，证件号码里是 \(read.birthDate)：请核对，改成一样的再保存",
                        "The birth says \(born), the number \(read.birthDate): make them agree")))
        }
        if ["1", "2"].contains(sex), (sex == "1") != (read.sex == .male) {
            let (typed, said) = sex == "1" ? (male, female) : (female, male)
            problems.append(
                .init(
                    "person.sex",
                    Text(
                        "性别填的是\(typed.zh)，证件号码里是\(said.zh)：请核对，改成一样的再保存",
                        "The sex says \(typed.en), the number \(said.en): make them agree")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("registers.number", problems) }
    }

    private static let male = Text("男", "male")
    private static let female = Text("女", "female")

    /// Asks before a second entry has a number. Whose it is, is said to who may read such numbers there now, and noted first
    /// as reading it; others learn only that there is one.
    ///
    /// - Throws: `.invalid` saying whose it is.
    static func refuseTwin(_ number: String, _ context: Context, _ database: Database) async throws {
        guard !number.isEmpty else { return }
        let hash = RegisterHash.number.of(number, database.keys)
        let onDuty = try await database.read { try RegisterReading.isOnDuty(context, $0) }
        let found = try await database.read { tx in
            try tx.all(
                """
                SELECT \(PersonRecord.columns) FROM person p WHERE p.number_hash = \(hash) AND p.valid_to IS NULL
                ORDER BY p.id LIMIT 5
                """
            ) { try PersonRecord($0) }
            .map { person in (person: person, homes: try RegisterQueries.homes(of: person.id, tx)) }
        }
        guard !found.isEmpty else { return }
        let seen = found.first { one in
            one.person.restrictedAt == nil && context.actor.may(.peopleRead, in: one.person.division)
                && RegisterFinder.mayRead(context, one.person.division, onDuty: onDuty)
        }
        var text = Text(
            "这个证件号码在别处已经登记过，请核对；确实要再登记一条，勾上“核对过了”再保存",
            "Somebody with this number is registered elsewhere: please check; tick that you have, and save again")
        if let seen {
            // Who enters it after all does so in a write of its own.
            try await database.write(
                context.unmarked, "registers.find", reason: ReadingPurpose.correction.rawValue
            ) { tx in
                try tx.audit(
                    Subject("person", seen.person.id, division: seen.person.division), fields: ["person.number"])
            }
            let home = seen.homes.first?.address ?? ""
            text = Text(
                "这个证件号码已经登记过：\(seen.person.name)，\(home)。请打开那一条更正或搬家；确实要再登记一条，勾上“核对过了”再保存",
                "This number is entered: \(seen.person.name), \(home). Correct or move that entry; or tick that you have checked, and save again"
            )
        }
        throw LinliError.invalid("registers.twin", [.init("person.number", text)])
    }

    /// Somebody comes into a household as its head: who heads it gives way only where that was said.
    ///
    /// - Throws: `.invalid` naming the head that is there.
    static func takeHead(
        of household: ID<Household>, _ residence: ID<Residence>, isReplacing: Bool, source: String, _ tx: WriteTx
    ) throws {
        guard isReplacing else {
            return try refuseHead(
                of: household, besides: residence,
                orElse: Text("要换就勾上“换户主”", "or tick that the head changes"), tx)
        }
        guard try head(of: household, besides: residence, tx) != nil else { return }
        try HeadSuccession.handOver(to: residence, was: .other, in: household, source: source, tx)
    }

    /// Refuses a second head of a household; `orElse` says how the head is changed where that is meant.
    ///
    /// - Throws: `.invalid` naming the head that is there.
    static func refuseHead(
        of household: ID<Household>, besides residence: ID<Residence>, orElse way: Text, _ tx: ReadTx
    ) throws {
        guard let name = try head(of: household, besides: residence, tx) else { return }
        let (zh, en) = name.isEmpty ? ("", "") : ("（\(name)）", " (\(name))")
        throw LinliError.invalid(
            "registers.head",
            [
                .init(
                    "relation",
                    Text(
                        "这一户已有户主\(zh)：不换就改选与户主的关系；\(way.zh)",
                        "The household has a head\(en): choose another relation, \(way.en)"))
            ])
    }

    /// Who heads a household besides one of its residences; empty for who is only kept, nil for nobody.
    private static func head(
        of household: ID<Household>, besides residence: ID<Residence>, _ tx: ReadTx
    ) throws -> String? {
        try tx.first(
            """
            SELECT p.name, p.restricted_at FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id = \(household) AND r.valid_to IS NULL AND r.relation = \(HouseholdRelation.head)
            AND r.id <> \(residence) AND p.valid_to IS NULL ORDER BY r.id LIMIT 1
            """
        ) { row -> String in
            let restricted: Instant? = try row[1]
            return restricted == nil ? try row[0] : ""
        }
    }
}
