import LinliCore
import LinliKernel
import LinliSQL

/// Pages of families: the list is paged by people, along the index, and the end of a page parts no family.
enum CareFamilies {
    /// More people than a family has: a dormitory or a home for the old is parted, or a page would have no end.
    /// - Source: configured, no source
    static let most = 30

    /// The people of a page with the whole of their families. A family stands on the page of the first of its people who
    /// are listed: those of an earlier page are left out, those of a later one come along. `listed` picks those whom the
    /// list shows at all.
    static func whole(
        _ page: [ID<Person>], after: ID<Person>?, _ tx: ReadTx, listed: ([ID<Person>]) throws -> [ID<Person>]
    ) throws -> [ID<Person>] {
        let own = try CareStore.homes(of: page, tx)
        let families = try CareStore.people(livingIn: Array(own.values), tx).filter { $0.value.count <= most }
        let mates = families.values.reduce(into: Set<ID<Person>>()) { $0.formUnion($1) }.subtracting(page).sorted()
        guard !mates.isEmpty else { return page }
        let homes = try CareStore.homes(of: mates, tx)
        let others = try listed(mates.filter { mate in homes[mate].map { families[$0.family] != nil } ?? false })
        let first: ID<Person> = after ?? ID(rawValue: 0)
        let earlier = Set(others.filter { $0 <= first }.compactMap { homes[$0]?.family })
        func isHere(_ home: CareHome?) -> Bool { home.map { !earlier.contains($0.family) } ?? true }
        return page.filter { isHere(own[$0]) } + others.filter { $0 > first && isHere(homes[$0]) }
    }
}

extension CareHome {
    /// What its people are put together by.
    var family: Int64 { household?.rawValue ?? dwelling.rawValue }
}

extension CareStore {
    /// Everybody entered in the households of some homes, or in the homes that have none, by family.
    static func people(livingIn homes: [CareHome], _ tx: ReadTx) throws -> [Int64: Set<ID<Person>>] {
        var people: [Int64: Set<ID<Person>>] = [:]
        let households = Set(homes.compactMap(\.household)).sorted()
        if !households.isEmpty {
            try tx.each(
                """
                SELECT r.household_id, r.person_id FROM residence r
                WHERE r.household_id IN \(SQL.list(households)) AND r.valid_to IS NULL
                """
            ) { people[try $0[0], default: []].insert(try $0[1]) }
        }
        let dwellings = Set(homes.filter { $0.household == nil }.map(\.dwelling)).sorted()
        if !dwellings.isEmpty {
            try tx.each(
                """
                SELECT r.dwelling_id, r.person_id FROM residence r
                WHERE r.dwelling_id IN \(SQL.list(dwellings)) AND r.household_id IS NULL AND r.valid_to IS NULL
                """
            ) { people[try $0[0], default: []].insert(try $0[1]) }
        }
        return people
    }

    /// Which of some people have any of some labels in a division. What lies elsewhere is told apart here: as a condition
    /// it would make the index of places look better than that of people.
    static func labelled(
        _ people: [ID<Person>], withAny labels: [Int64], in division: DivisionCode, _ tx: ReadTx
    ) throws -> [ID<Person>] {
        guard !people.isEmpty, !labels.isEmpty else { return [] }
        let wanted = Set(labels)
        var found: Set<ID<Person>> = []
        try tx.each(
            """
            SELECT l.person_id, l.label, CASE WHEN \(LabelQueries.place(division)) THEN 1 ELSE 0 END
            FROM person_label l WHERE l.person_id IN \(SQL.list(people))
            """
        ) { row in
            let (label, isInside): (Int64, Bool) = (try row[1], try row[2])
            if isInside, wanted.contains(label) { found.insert(try row[0]) }
        }
        return found.sorted()
    }
}
