import LinliCore
import LinliSQL
import LinliStandards

/// Who has which label. Scope is the caller's: a division it may see.
package enum LabelQueries {
    /// The people who have a label in a division, a page of them in the order of their identifiers.
    package static func people(
        with label: Int64, in division: DivisionCode, after: ID<Person>? = nil, limit: Int, _ tx: ReadTx
    ) throws -> [PersonRecord] {
        try tx.all(
            """
            SELECT \(PersonRecord.columns) FROM person_label l JOIN person p ON p.id = l.person_id
            WHERE l.label = \(label) AND \(place(division)) AND l.person_id > \(after?.rawValue ?? 0)
            ORDER BY l.person_id LIMIT \(limit)
            """
        ) { try PersonRecord($0) }
    }

    /// The labels of some people, by the numbers of the store, with whether they were given by hand.
    package static func labels(of people: [ID<Person>], _ tx: ReadTx) throws -> [ID<Person>: [Int64: Bool]] {
        var labels: [ID<Person>: [Int64: Bool]] = [:]
        try tx.each("SELECT person_id, label, is_by_hand FROM person_label WHERE person_id IN \(SQL.list(people))") {
            row in labels[try row[0], default: [:]][try row[1]] = try row[2]
        }
        return labels
    }

    /// The people of a grid or community who have any of some labels, at most `limit`, in the order of their identifiers.
    package static func people(
        withAny labels: [Int64], in division: DivisionCode, after: ID<Person>? = nil, limit: Int, _ tx: ReadTx
    ) throws -> [ID<Person>] {
        var found: Set<ID<Person>> = []
        for label in labels {
            try tx.each(
                """
                SELECT l.person_id FROM person_label l WHERE l.label = \(label) AND \(place(division))
                AND l.person_id > \(after?.rawValue ?? 0) ORDER BY l.person_id LIMIT \(limit)
                """
            ) { found.insert(try $0[0]) }
        }
        return Array(found.sorted().prefix(limit))
    }

    /// The condition that a label's row lies in a division, as its indexes know it.
    package static func place(_ division: DivisionCode) -> SQL {
        switch division.level {
        case .grid: "l.grid = \(division)"
        case .community: "l.community = \(division)"
        case .street: "l.street = \(division)"
        default: "l.street BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)"
        }
    }
}

/// Showing labels to staff: what they may see, with the reasons, noted for its owner before closer ones are shown.
package enum LabelReading {
    /// A label of somebody, explained.
    package struct Held: Sendable {
        /// The label.
        package let label: Label
        /// Whether somebody gave it by hand.
        package let isByHand: Bool
        /// Why: `1944年出生`, `独居`; empty for one given by hand.
        package let because: [Text]
    }

    /// What is shown of somebody.
    package struct Shown: Sendable {
        /// Labels the reader may see now.
        package var labels: [Held] = []
        /// What they may be offered, with the reasons.
        package var services: [(service: CareService, because: [Text])] = []
        /// How many more there are that a purpose opens, to who may open them.
        package var closed = 0

        /// Nothing.
        package init() {}
    }

    /// How closely kept the labels may be that a reader sees.
    package static func open(
        for purpose: ReadingPurpose?, _ actor: Actor, in division: DivisionCode
    ) -> FieldClass {
        guard purpose != nil else { return .basic }
        return actor.may(.peopleSpecial, in: division) ? .special : .sensitive
    }

    /// The labels and services of some people. Without a purpose only basic ones; with one, all the reader may see, and
    /// each reading is in the audit before it is shown, with what else is shown `besides`. Nothing is shown of who
    /// wants nothing but keeping. `service`: for which one of the catalogue it is read.
    ///
    /// - Throws: `.forbidden` with a purpose for who may not read these fields now.
    package static func read(
        _ ids: [ID<Person>], in division: DivisionCode, for purpose: ReadingPurpose?,
        service: String? = nil, besides: [ID<Person>: Set<String>] = [:], _ context: Context, _ database: Database
    ) async throws -> [ID<Person>: Shown] {
        guard context.actor.may(.peopleRead, in: division) else { throw LinliError.notFound("labels.scope") }
        let keys = database.keys
        let (book, sights, onDuty, given) = try await database.read { tx in
            let book = try LabelBook.current(tx)
            let sights = try LabelSights(of: ids, book, on: context.now.date, lock: false, keys, tx)
            return (
                book, sights.people.values.filter { division.contains($0.division) && !$0.isKept },
                try RegisterReading.isOnDuty(context, tx),
                purpose == .visit ? try DataConsents.given(by: ids, on: context.now.date, tx) : [:]
            )
        }
        if purpose != nil { try RegisterReading.check([.sensitive], context, division, onDuty: onDuty) }
        let open = LabelReading.open(for: purpose, context.actor, in: division)
        var shown: [ID<Person>: Shown] = [:]
        var read: [ID<Person>: Set<String>] = [:]
        for person in sights {
            // To plan a visit by health is theirs to allow: without it other reasons are told alone. What the law gives
            // them is told for that purpose.
            let isHealthOpen = purpose != .visit || given[person.id]?.contains(.healthVisits) == true
            let (one, fields) = LabelReading.shown(person, book, LabelKeys(keys), upTo: open, health: isHealthOpen)
            shown[person.id] = one
            let noted = fields.union(besides[person.id] ?? [])
            if !noted.isEmpty { read[person.id] = noted }
        }
        if let purpose, !read.isEmpty {
            let noted = read
            try await database.write(context, "registers.read", reason: purpose.reason(for: service)) { tx in
                for (person, fields) in noted.sorted(by: { $0.key < $1.key }) {
                    try tx.audit(RegisterSubject(.person, person).subject(in: division), fields: fields.sorted())
                }
            }
        }
        return shown
    }

    /// Which labels somebody has, and whether by hand. What rules said of them before they said no to rules is gone a moment
    /// later; from their answer on it is shown no more, but what was given by hand, with the labels above it.
    private static func standing(
        _ person: LabelSights.Person, _ book: LabelBook, _ names: LabelKeys
    ) -> [Int64: Bool] {
        let rows = Dictionary(person.rows.map { ($0.label, $0.isByHand) }, uniquingKeysWith: { first, _ in first })
        guard !person.isProfiled else { return rows }
        let hand = Set(book.labels.map(\.id).filter { rows[names.key(label: $0)] == true })
        let kept = Set(hand.union(book.above(hand)).map { names.key(label: $0) })
        return rows.filter { kept.contains($0.key) }
    }

    private static func shown(
        _ person: LabelSights.Person, _ book: LabelBook, _ names: LabelKeys, upTo open: FieldClass, health: Bool = true
    ) -> (Shown, fields: Set<String>) {
        var (shown, fields): (Shown, Set<String>) = (Shown(), [])
        let rows = standing(person, book, names)
        var sight = person.sight
        sight.held = Set(book.labels.map(\.id).filter { rows[names.key(label: $0)] != nil })
        let rest = health ? sight : book.withoutHealth(sight)
        for label in book.labels {
            guard let isByHand = rows[names.key(label: label.id)] else { continue }
            // Of what waits for the person's own word not even the number is told.
            guard rest.held.contains(label.id) else { continue }
            guard label.fieldClass <= open else {
                shown.closed += 1
                continue
            }
            if health || !label.isOfHealth {
                shown.labels.append(Held(label: label, isByHand: isByHand, because: book.because(label, sight)))
                fields.formUnion(label.noted(book.told(label, sight)))
            } else {
                // Why somebody gave it by hand may be their health.
                shown.labels.append(Held(label: label, isByHand: false, because: book.because(label, rest)))
                fields.formUnion(label.noted(withoutHealth: book.told(label, rest)))
            }
        }
        for service in book.services where rows[names.key(service: service.id)] != nil {
            guard service.fieldClass <= open else { continue }
            if health || !service.isOfHealth {
                shown.services.append((service, book.because(service.rule, sight)))
                fields.formUnion(service.noted(book.told(service.rule, sight)))
            } else if service.rule.holds(rest) == true {
                shown.services.append((service, book.because(service.rule, rest)))
                fields.formUnion(service.noted(withoutHealth: book.told(service.rule, rest)))
            }
        }
        return (shown, fields)
    }

    /// What rules say a person may have, for that person themselves: nothing is kept from them. What is kept closely is in
    /// the audit before it is shown, like every reading: an account may be in the wrong hands.
    package static func own(_ person: ID<Person>, _ context: Context, _ database: Database) async throws -> Shown {
        let keys = database.keys
        let found = try await database.read { tx -> (division: DivisionCode, shown: Shown, fields: Set<String>)? in
            let book = try LabelBook.current(tx)
            let sights = try LabelSights(of: [person], book, on: context.now.date, lock: false, keys, tx)
            guard let found = sights.people[person.rawValue] else { return nil }
            let (shown, fields) = LabelReading.shown(found, book, LabelKeys(keys), upTo: .special)
            return (found.division, shown, fields)
        }
        guard let found else { return Shown() }
        if !found.fields.isEmpty {
            try await database.write(context, "own.services") { tx in
                let subject = RegisterSubject(.person, person).subject(in: found.division)
                try tx.audit(subject, fields: found.fields.sorted())
            }
        }
        return found.shown
    }
}
