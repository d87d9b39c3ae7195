import LinliCore
import LinliSQL
import LinliStandards

/// People as rules see them, read a page at a time: five queries, however many they are.
struct LabelSights {
    /// Somebody, with what stands in the store of their labels.
    struct Person {
        var id: ID<LinliKernel.Person>
        var division: DivisionCode
        var isHere: Bool
        /// Whether rules may say anything of them.
        var isProfiled: Bool
        /// Whether they want their entry kept and not used.
        var isKept: Bool
        var sight: LabelSight
        var rows: [Row] = []
    }

    /// A label as it stands in the store.
    struct Row {
        var id: Int64
        var label: Int64
        var isByHand: Bool
        var grid: DivisionCode
    }

    private(set) var people: [Int64: Person] = [:]

    /// Reads people with their homes, households, facts and labels; under `lock` nobody else works them out meanwhile.
    /// With the facts that the `other` book asks for, too, both can be worked out of them.
    init(
        of ids: [ID<LinliKernel.Person>], _ book: LabelBook, also other: LabelBook? = nil, on today: CivilDate,
        lock: Bool, _ keys: KeyRing, _ tx: ReadTx
    ) throws {
        guard !ids.isEmpty else { return }
        try tx.each(
            """
            SELECT id, sex, born, division, valid_to, restricted_at, is_profiled FROM person
            WHERE id IN \(SQL.list(ids)) ORDER BY id\(lock ? SQL.forUpdate : SQL.empty)
            """
        ) { row in
            let id: ID<LinliKernel.Person> = try row[0]
            let member = LabelSight.Member(born: PersonRecord.day(try row[2]), sex: try row[1])
            people[id.rawValue] = Person(
                id: id, division: try row[3], isHere: row.isNull(4), isProfiled: try row[6] && row.isNull(5),
                isKept: !row.isNull(5), sight: LabelSight(member, on: today))
        }
        try readHomes(ids, tx)
        try readFacts(ids, book.fields.union(other?.fields ?? []), keys, tx)
        try tx.each(
            "SELECT id, person_id, label, is_by_hand, grid FROM person_label WHERE person_id IN \(SQL.list(ids)) ORDER BY id"
        ) { row in
            let found = Row(id: try row[0], label: try row[2], isByHand: try row[3], grid: try row[4])
            people[try row[1]]?.rows.append(found)
        }
    }

    private mutating func readHomes(_ ids: [ID<LinliKernel.Person>], _ tx: ReadTx) throws {
        var households: [Int64: Int64] = [:]
        try tx.each(
            """
            SELECT r.person_id, r.household_id, r.tie, r.relation, d.occupancy
            FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id IN \(SQL.list(ids)) AND r.valid_to IS NULL ORDER BY r.id
            """
        ) { row in
            let (id, tie): (Int64, ResidenceTie) = (try row[0], try row[2])
            // Where they sleep counts; else where they are registered.
            guard var person = people[id], person.sight.tie.map({ tie.livesHere && !$0.livesHere }) ?? true else {
                return
            }
            person.sight.tie = tie
            person.sight.relation = try row[3]
            person.sight.occupancy = try row[4]
            people[id] = person
            let household: Int64? = try row[1]
            households[id] = tie.livesHere ? household : nil
        }
        let named = Set(households.values).sorted()
        var members: [Int64: [LabelSight.Member]] = [:]
        guard !named.isEmpty else { return }
        try tx.each(
            """
            SELECT r.household_id, p.born, p.sex, p.valid_to FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id IN \(SQL.list(named)) AND r.valid_to IS NULL
            AND r.tie NOT IN ('registeredOnly', 'ownerElsewhere') ORDER BY r.id
            """
        ) { row in
            // Not asked in the statement: it would offer the index of everybody who is here, and PostgreSQL took it.
            guard row.isNull(3) else { return }
            let member = LabelSight.Member(born: PersonRecord.day(try row[1]), sex: try row[2])
            members[try row[0], default: []].append(member)
        }
        for (id, household) in households { people[id]?.sight.household = members[household] }
    }

    private mutating func readFacts(
        _ ids: [ID<LinliKernel.Person>], _ asked: Set<RegisterField>, _ keys: KeyRing, _ tx: ReadTx
    ) throws {
        let fields = Set(asked.map(\.id))
        guard !fields.isEmpty else { return }
        try tx.each(
            """
            SELECT subject_id, id, field, value, value_sealed FROM register_fact
            WHERE kind = 'person' AND subject_id IN \(SQL.list(ids))
            """
        ) { row in
            let (subject, id, field): (Int64, Int64, String) = (try row[0], try row[1], try row[2])
            // Not asked in the statement: the index would be looked into for each person and each field.
            guard fields.contains(field) else { return }
            var value: String? = try row[3]
            if let sealed: [UInt8] = try row[4] {
                // What does not open says nothing here; one spoilt cell must not hold up everybody's labels.
                value = try? keys.open(sealed, cell: Cell("register_fact", "value_sealed", id))
            }
            people[subject]?.sight.facts[field] = value
        }
    }
}
