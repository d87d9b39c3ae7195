import LinliCore
import LinliSQL

/// Whom a label names by the facts of the registers: for forms that are asked for by duty. Saying no to suggestions takes
/// nobody off them; it only means that no rule is applied to offer them something.
package enum LabelFacts {
    /// How many of those who said no are worked out at once.
    /// - Source: configured, no source
    private static let page = 500

    /// The people of a division who have a label, with those who said no to rules over their data and whom its rule names
    /// for certain, a page in the order of their identifiers.
    package static func people(
        with label: String, in division: DivisionCode, after: ID<Person>?, limit: Int, on today: CivilDate,
        _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [PersonRecord] {
        let number = LabelKeys(keys).key(label: label)
        let held = try LabelQueries.people(with: number, in: division, after: after, limit: limit, tx)
        // Of a full page nobody behind its last one is asked for.
        let last: ID<Person>? = held.count == limit ? held.last?.id : nil
        let others = try unprofiled(
            with: label, in: division, after: after, upTo: last, limit: limit, on: today, keys, tx)
        let known = Set(held.map(\.id))
        let all = held + others.filter { !known.contains($0.id) }
        return Array(all.sorted { $0.id < $1.id }.prefix(limit))
    }

    private static func unprofiled(
        with label: String, in division: DivisionCode, after: ID<Person>?, upTo last: ID<Person>?, limit: Int,
        on today: CivilDate, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [PersonRecord] {
        let book = try LabelBook.current(tx)
        let end: SQL = last.map { id -> SQL in "AND p.id < \(id)" } ?? .empty
        var found: [PersonRecord] = []
        var from: Int64 = after?.rawValue ?? 0
        while found.count < limit {
            let some = try tx.all(
                """
                SELECT \(PersonRecord.columns) FROM person p
                WHERE \(RegisterQueries.place("p", division)) AND p.is_profiled = 0 AND p.valid_to IS NULL
                AND p.id > \(from) \(end) ORDER BY p.id LIMIT \(page)
                """
            ) { try PersonRecord($0) }
            let ids = try named(by: label, some.map(\.id), book, today, keys, tx)
            found += some.filter { ids.contains($0.id) }
            guard some.count == page, let next = some.last else { break }
            from = next.id.rawValue
        }
        return found
    }

    /// Who of some people has a label by the book, by its rule over facts and by what was given by hand.
    private static func named(
        by label: String, _ people: [ID<Person>], _ book: LabelBook, _ today: CivilDate, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> Set<ID<Person>> {
        let names = LabelKeys(keys)
        let numbers: [Int64: String] = Dictionary(
            book.labels.map { (names.key(label: $0.id), $0.id) }, uniquingKeysWith: { first, _ in first })
        let sights = try LabelSights(of: people, book, on: today, lock: false, keys, tx)
        var named: Set<ID<Person>> = []
        for person in sights.people.values {
            let hand = Set(person.rows.filter(\.isByHand).compactMap { numbers[$0.label] })
            if book.evaluate(person.sight, hand: hand).held.contains(label) { named.insert(person.id) }
        }
        return named
    }
}

extension Migration {
    /// Who said no to rules over their data is found by where they live: they are few.
    static let unprofiledPeople = Migration(
        "2026-12-01.26-unprofiled-people",
        "CREATE INDEX person_unprofiled ON person (community, id) WHERE is_profiled = 0;")
}
