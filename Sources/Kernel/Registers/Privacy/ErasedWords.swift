import LinliCore
import LinliSQL

/// Words that another part keeps and that name people: taken out in the write that erases their entry, because their name is
/// known only until then; and those about a household, which go with its entry.
package struct ErasedWords: Sendable {
    let erase: @Sendable (ErasedPerson, WriteTx) throws -> Void
    let eraseHome: @Sendable (ID<Household>, WriteTx) throws -> Void

    /// What becomes of the words of a part when a person goes, and when a household does.
    package init(
        _ erase: @escaping @Sendable (ErasedPerson, WriteTx) throws -> Void,
        home eraseHome: @escaping @Sendable (ID<Household>, WriteTx) throws -> Void
    ) {
        self.erase = erase
        self.eraseHome = eraseHome
    }
}

/// Somebody who is being erased, as far as words elsewhere may be about them.
package struct ErasedPerson: Sendable {
    /// Their name.
    package let name: String
    /// The households they belonged to, now or before, in which nobody else bears their name.
    package let households: [ID<Household>]
    /// Those of them in which nobody else is known: every word about them is about this person.
    package let alone: Set<ID<Household>>

    /// Whom an entry is about; nil while the same person goes on under another entry.
    init?(_ person: ID<Person>, _ tx: ReadTx) throws {
        guard let record = try RegisterQueries.person(person, tx), !record.name.isEmpty else { return nil }
        let subject = RegisterSubject(.person, person)
        let survivor = try RegisterQueries.survivor(of: subject, tx)
        if survivor != subject {
            let standing = try RegisterQueries.person(ID(rawValue: survivor.id), tx)
            guard standing?.endReason == RegisterErasing.reason else { return nil }
        }
        name = record.name
        var (found, dwellings): (Set<ID<Household>>, Set<ID<Dwelling>>) = ([], [])
        try tx.each(
            """
            SELECT r.household_id, r.dwelling_id, h.dwelling_id FROM residence r JOIN household h ON h.id = r.household_id
            WHERE r.person_id = \(person)
            """
        ) { row in
            found.insert(try row[0])
            dwellings.formUnion([try row[1], try row[2]])
        }
        let own = try RegisterQueries.entries(of: subject, tx).map(\.id)
        let others = try ErasedPerson.others(than: own, found.sorted(), dwellings.sorted(), tx)
        households = found.filter { others[$0]?.contains(record.name) != true }.sorted()
        alone = Set(households.filter { others[$0] == nil })
    }

    /// The names of everybody else who is known of some households. Entries that were merged into this one are the same
    /// person, and one that came with an import that was taken back is nobody.
    private static func others(
        than own: [Int64], _ households: [ID<Household>], _ dwellings: [ID<Dwelling>], _ tx: ReadTx
    ) throws -> [ID<Household>: Set<String>] {
        var names: [ID<Household>: Set<String>] = [:]
        guard !households.isEmpty else { return names }
        let theirs = SQL.list(households)
        // By the dwelling also who has left; by the household who came where this person never lived.
        let places: [SQL] = ["r.dwelling_id IN \(SQL.list(dwellings))", "r.valid_to IS NULL"]
        for place in places {
            try tx.each(
                """
                SELECT r.household_id, p.name FROM residence r JOIN person p ON p.id = r.person_id
                WHERE r.household_id IN \(theirs) AND \(place) AND r.person_id NOT IN \(SQL.list(own))
                AND COALESCE(p.end_reason, '') NOT IN ('erased', 'undone')
                """
            ) { names[try $0[0], default: []].insert(try $0[1]) }
        }
        return names
    }

    /// Whether a text has the name, with or without blanks in it.
    package func isNamed(in text: String) -> Bool {
        let plain = name.filter { !$0.isWhitespace }
        return plain.count > 1 && text.filter { !$0.isWhitespace }.contains(plain)
    }

    /// A text without the name; never longer than it was.
    package func removed(from text: String) -> String {
        name.count > 1 ? text.replacing(name, with: "某某") : text
    }
}
