import LinliCore
import LinliSQL

/// Somebody's stay in a household or dwelling: when they came and went, why, and from where to where. It stands in no row
/// of its own: the ties of people to homes tell it, and so it follows merges, imports taken back and erasures by itself.
package struct RegisterStay: Sendable {
    /// A coming or a going.
    package struct Turn: Sendable {
        /// When it was entered.
        package let at: Instant
        /// The day it was, where somebody said so.
        package let day: CivilDate?
        /// Who entered it; empty for a sheet and the program.
        package let actor: String
        /// Who or what said so.
        package let source: String
        /// The home they came from or went to, where there is one the reader may know.
        package let elsewhere: String?

        /// The day it was, as far as it is known: else the one it was entered.
        package var known: CivilDate { day ?? at.date }
    }

    /// The tie's row.
    package let residence: ID<Residence>
    /// Who.
    package let person: ID<Person>
    /// Their name; empty once it was erased.
    package let name: String
    /// How they are or were tied to it.
    package let tie: ResidenceTie
    /// What they are or were to the head.
    package let relation: HouseholdRelation
    /// How they came; nil where they were of it before under another tie.
    package let came: Turn?
    /// How they went; nil while they are of it.
    package let left: Turn?
    /// Since when.
    package let since: Turn
    /// Why they went, where their own entry says so.
    package let reason: EndReason?
}

/// Reading who came to a home and who left it. Who wants nothing but keeping is left out, as from every list.
package enum RegisterStays {
    /// How many of those who are there and of those who left are read.
    private static let limit = 50

    /// Who is and was of a household or dwelling, and of what was merged into it: those who came or left last on top.
    /// Scope is the caller's; `actor` is asked which other homes the reader may know.
    package static func of(_ subject: RegisterSubject, for actor: Actor, _ tx: ReadTx) throws -> [RegisterStay] {
        guard subject.kind == .household || subject.kind == .dwelling else { return [] }
        let here: SQL = subject.kind == .household ? "r.household_id" : "r.dwelling_id"
        var all: [Stretch] = []
        // One by one: so each is read in the order of an index. More than one are there only after a merge.
        for home in try RegisterQueries.entries(of: subject, tx).prefix(21) where all.count < 2 * limit {
            all += try rows("\(here) = \(home.id) AND r.valid_to IS NULL", order: "r.id DESC", tx)
            all += try rows(
                "\(here) = \(home.id) AND r.valid_to IS NOT NULL", order: "r.valid_to DESC, r.id DESC", tx)
        }
        guard !all.isEmpty else { return [] }
        let people = Set(all.map(\.person)).sorted()
        let around = Around(
            homes: try homesOf(people, tx),
            written: try written(people, of: Set(all.compactMap(\.household)).sorted(), tx), actor: actor)
        let stays = Dictionary(grouping: all, by: \.person)
        let found = all.compactMap { row -> RegisterStay? in
            let others = stays[row.person, default: []].filter { $0.residence != row.residence }
            return stay(row, beside: others, around)
        }
        return Array(found.sorted { last($0) > last($1) }.prefix(2 * limit))
    }

    private static func last(_ stay: RegisterStay) -> (Instant, Int64) {
        (stay.left?.at ?? stay.since.at, stay.residence.rawValue)
    }

    // MARK: Rows

    private struct Stretch: Sendable {
        let residence: ID<Residence>
        let person: ID<Person>
        let name: String
        let tie: ResidenceTie
        let relation: HouseholdRelation
        let household: ID<Household>?
        let dwelling: ID<Dwelling>
        let from: Instant
        let until: Instant?
        let began: CivilDate?
        let ended: CivilDate?
        /// Of the person: since when and why they are not here any more.
        let gone: Instant?
        let reason: String?
        let entered: Instant
        let source: String

        init(_ row: Row) throws {
            residence = try row[0]
            person = try row[1]
            name = try row[2]
            tie = try row[3]
            relation = try row[4]
            household = try row[5]
            dwelling = try row[6]
            from = try row[7]
            until = try row[8]
            let began: Int? = try row[9]
            let ended: Int? = try row[10]
            self.began = began.flatMap { PersonRecord.day($0) }
            self.ended = ended.flatMap { PersonRecord.day($0) }
            gone = try row[11]
            reason = try row[12]
            entered = try row[13]
            source = try row[14]
        }
    }

    /// What an import brought or moved and took back again has never been.
    private static func rows(_ home: SQL, order: SQL, _ tx: ReadTx) throws -> [Stretch] {
        try tx.all(
            """
            SELECT r.id, r.person_id, p.name, r.tie, r.relation, r.household_id, r.dwelling_id, r.valid_from,
                r.valid_to, r.began_on, r.ended_on, p.valid_to, p.end_reason, p.valid_from, p.source
            FROM residence r JOIN person p ON p.id = r.person_id
            WHERE \(home) AND p.restricted_at IS NULL AND COALESCE(p.end_reason, '') <> 'undone'
            AND NOT EXISTS (
                SELECT 1 FROM register_import_change c WHERE c.person_id = r.person_id
                AND c.moved_residence = r.id AND c.undone_at IS NOT NULL
            )
            AND (p.merged_into IS NULL OR COALESCE(r.valid_to, 0) <> COALESCE(p.valid_to, 0))
            ORDER BY \(order) LIMIT \(limit)
            """
        ) { try Stretch($0) }
    }

    /// What else is known of the people of a home.
    private struct Around: Sendable {
        /// A home of somebody: where, from when until when.
        struct Place: Sendable {
            let dwelling: ID<Dwelling>
            let from: Instant
            let until: Instant?
            let address: String
            let division: DivisionCode
        }

        /// A line of a history by its moment.
        struct Key: Hashable, Sendable {
            let kind: RegisterKind
            let id: Int64
            let at: Instant
        }

        let homes: [ID<Person>: [Place]]
        let written: [Key: (actor: String, source: String)]
        let actor: Actor

        /// Another home that somebody came from or went to at a moment, where the reader may know it.
        func elsewhere(_ row: Stretch, _ fits: (Place) -> Bool) -> String? {
            let place = homes[row.person]?.first { $0.dwelling != row.dwelling && fits($0) }
            return place.flatMap { actor.may(.peopleRead, in: $0.division) ? $0.address : nil }
        }

        /// Who noted it: in the person's history, or in that of the household with which they came or went.
        func line(_ row: Stretch, _ at: Instant) -> (actor: String, source: String) {
            if let own = written[Key(kind: .person, id: row.person.rawValue, at: at)] { return own }
            let household = row.household.flatMap { written[Key(kind: .household, id: $0.rawValue, at: at)] }
            return household ?? (actor: "", source: at == row.entered ? row.source : "")
        }
    }

    private static func homesOf(_ people: [ID<Person>], _ tx: ReadTx) throws -> [ID<Person>: [Around.Place]] {
        var found: [ID<Person>: [Around.Place]] = [:]
        try tx.each(
            """
            SELECT n.person_id, n.dwelling_id, n.valid_from, n.valid_to, d.address, d.division
            FROM residence n JOIN dwelling d ON d.id = n.dwelling_id
            WHERE n.person_id IN \(SQL.list(people)) ORDER BY n.person_id, n.id LIMIT 1000
            """
        ) { row in
            let person: ID<Person> = try row[0]
            found[person, default: []].append(
                Around.Place(
                    dwelling: try row[1], from: try row[2], until: try row[3], address: try row[4],
                    division: try row[5]))
        }
        return found
    }

    private static func written(
        _ people: [ID<Person>], of households: [ID<Household>], _ tx: ReadTx
    ) throws -> [Around.Key: (actor: String, source: String)] {
        var found: [Around.Key: (actor: String, source: String)] = [:]
        for (kind, ids) in [
            (RegisterKind.person, people.map(\.rawValue)), (RegisterKind.household, households.map(\.rawValue)),
        ] where !ids.isEmpty {
            try tx.each(
                """
                SELECT subject_id, at, actor_name, source FROM register_change
                WHERE kind = \(kind) AND subject_id IN \(SQL.list(ids))
                AND what IN ('entered', 'moved', 'ended', 'homeAdded', 'homeEnded', 'erased')
                ORDER BY subject_id, id LIMIT 2000
                """
            ) { row in
                let key = Around.Key(kind: kind, id: try row[0], at: try row[1])
                let (actor, source): (String, String) = (try row[2], try row[3])
                found[key] = (actor: actor, source: source)
            }
        }
        return found
    }

    // MARK: Turns

    private static func stay(_ row: Stretch, beside others: [Stretch], _ around: Around) -> RegisterStay? {
        let wasHere = others.contains { other in
            (other.from, other.residence) < (row.from, row.residence) && other.until.map { $0 >= row.from } ?? true
        }
        let isStillHere = row.until.map { until in
            others.contains { $0.from <= until && ($0.until.map { $0 > until } ?? true) }
        }
        let (since, left) = (came(row, around), row.until.map { went(row, $0, around) })
        // A tie that another took over says nothing of its own, unless it tells how they came.
        if isStillHere == true, wasHere { return nil }
        let isOwn = row.until != nil && row.until == row.gone
        return RegisterStay(
            residence: row.residence, person: row.person, name: row.name, tie: row.tie, relation: row.relation,
            came: wasHere ? nil : since, left: isStillHere == true ? nil : left, since: since,
            reason: isOwn ? row.reason.flatMap { EndReason(rawValue: $0) } : nil)
    }

    private static func came(_ row: Stretch, _ around: Around) -> RegisterStay.Turn {
        let line = around.line(row, row.from)
        return RegisterStay.Turn(
            at: row.from, day: row.began, actor: line.actor, source: line.source,
            elsewhere: around.elsewhere(row) { $0.until == row.from })
    }

    private static func went(_ row: Stretch, _ until: Instant, _ around: Around) -> RegisterStay.Turn {
        let line = around.line(row, until)
        return RegisterStay.Turn(
            at: until, day: row.ended, actor: line.actor, source: line.source,
            elsewhere: around.elsewhere(row) { $0.from == until })
    }
}

extension Migration {
    /// The day something ended and a home began or ended, where somebody said so: `valid_from` and `valid_to` keep when it
    /// was entered, and what was ended together comes back together by them. Who left a home is found by when.
    static let saidDays = Migration(
        "2026-12-03.10-said-days",
        """
        ALTER TABLE residence ADD COLUMN began_on INTEGER CHECK (began_on BETWEEN 10101 AND 99991231);
        ALTER TABLE residence ADD COLUMN ended_on INTEGER CHECK (ended_on BETWEEN 10101 AND 99991231);
        ALTER TABLE person ADD COLUMN ended_on INTEGER CHECK (ended_on BETWEEN 10101 AND 99991231);
        ALTER TABLE household ADD COLUMN ended_on INTEGER CHECK (ended_on BETWEEN 10101 AND 99991231);
        ALTER TABLE dwelling ADD COLUMN ended_on INTEGER CHECK (ended_on BETWEEN 10101 AND 99991231);
        ALTER TABLE organization ADD COLUMN ended_on INTEGER CHECK (ended_on BETWEEN 10101 AND 99991231);
        ALTER TABLE thing ADD COLUMN ended_on INTEGER CHECK (ended_on BETWEEN 10101 AND 99991231);
        CREATE INDEX residence_household_left ON residence (household_id, valid_to, id) WHERE valid_to IS NOT NULL;
        CREATE INDEX residence_dwelling_left ON residence (dwelling_id, valid_to, id) WHERE valid_to IS NOT NULL;
        """
    )
}
