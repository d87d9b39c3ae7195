import LinliCore
import LinliSQL

/// Somebody's stay in a household or dwelling: when they came and went, why, and from where to where. It stands in no row
/// of its own: the ties of people to homes tell it, one after another being one stay as long as they live there, or as
/// long as they do not; and so it follows merges, imports taken back and erasures. Who noted it is looked up in the history,
/// that of entries merged since, too.
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

    /// The row of the last tie.
    package let residence: ID<Residence>
    /// Who; nil once they were erased.
    package let person: ID<Person>?
    /// Their name; empty once it was erased.
    package let name: String
    /// How they are or were tied to it.
    package let tie: ResidenceTie
    /// What they are or were to the head.
    package let relation: HouseholdRelation
    /// How they came.
    package let came: Turn
    /// How they went; nil while they are of it.
    package let left: Turn?
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
        let chained: [[Stretch]] = Dictionary(grouping: all) { Bond(person: $0.person, livesHere: $0.tie.livesHere) }
            .values.flatMap { chains($0) }
        let found: [RegisterStay] = chained.map { stay($0, around) }
        return Array(found.sorted { last($0) > last($1) }.prefix(2 * limit))
    }

    private static func last(_ stay: RegisterStay) -> (Instant, Int64) {
        (stay.left?.at ?? stay.came.at, stay.residence.rawValue)
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

        var isErased: Bool { reason == RegisterErasing.reason }

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

    /// What an import brought or moved and took back again has never been, also when it was erased since.
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
            AND (COALESCE(p.end_reason, '') <> \(RegisterErasing.reason) OR NOT EXISTS (
                SELECT 1 FROM register_change u WHERE u.kind = 'person' AND u.subject_id = p.id
                AND u.what = 'undone' AND u.at = p.valid_to
            ))
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
            guard !row.isErased else { return nil }
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
            let stands = try standing(for: ids, kind, tx)
            try tx.each(
                """
                SELECT subject_id, at, actor_name, source FROM register_change
                WHERE kind = \(kind) AND subject_id IN \(SQL.list(stands.keys.sorted()))
                AND what IN ('entered', 'moved', 'ended', 'homeAdded', 'homeEnded', 'erased')
                ORDER BY subject_id, id LIMIT 2000
                """
            ) { row in
                let (id, at): (Int64, Instant) = (try row[0], try row[1])
                let key = Around.Key(kind: kind, id: stands[id] ?? id, at: at)
                // What the entry itself says goes before what one merged into it says.
                guard stands[id] == id || found[key] == nil else { return }
                let (actor, source): (String, String) = (try row[2], try row[3])
                found[key] = (actor: actor, source: source)
            }
            if kind == .person { try addNoted(stands, to: &found, tx) }
        }
        return found
    }

    /// Who was entered on a phone is there since it was typed; the line of history says when it arrived.
    private static func addNoted(
        _ stands: [Int64: Int64], to found: inout [Around.Key: (actor: String, source: String)], _ tx: ReadTx
    ) throws {
        try tx.each(
            """
            SELECT c.subject_id, p.valid_from, c.actor_name, c.source
            FROM register_change c JOIN person p ON p.id = c.subject_id
            WHERE c.kind = 'person' AND c.subject_id IN \(SQL.list(stands.keys.sorted())) AND c.what = 'entered'
            AND c.at <> p.valid_from ORDER BY c.subject_id, c.id LIMIT 2000
            """
        ) { row in
            let id: Int64 = try row[0]
            let key = Around.Key(kind: .person, id: stands[id] ?? id, at: try row[1])
            guard found[key] == nil else { return }
            let (actor, source): (String, String) = (try row[2], try row[3])
            found[key] = (actor: actor, source: source)
        }
    }

    /// Entries with those merged into them, each with the one of `ids` that stands for it: the lines of history stay with
    /// the entry they were written for.
    private static func standing(
        for ids: [Int64], _ kind: RegisterKind, _ tx: ReadTx
    ) throws -> [Int64: Int64] {
        var found: [Int64: Int64] = [:]
        for id in ids { found[id] = id }
        var next = ids
        // As in `RegisterQueries.entries`: a longer way is no way.
        for _ in 0..<8 where !next.isEmpty {
            let merged = try tx.all(
                """
                SELECT id, merged_into FROM \(RegisterQueries.table(of: kind))
                WHERE merged_into IN \(SQL.list(next)) AND merged_into IS NOT NULL ORDER BY id
                """
            ) { row -> (id: Int64, into: Int64) in (try row[0], try row[1]) }
            next = []
            for one in merged where found[one.id] == nil {
                found[one.id] = found[one.into]
                next.append(one.id)
            }
        }
        return found
    }

    // MARK: Turns

    /// Whose ties of which kind make one stay: who was registered here for years and then moved in lives here since that
    /// day, and not since the other.
    private struct Bond: Hashable, Sendable {
        let person: ID<Person>
        let livesHere: Bool
    }

    /// Ties that followed each other without a gap, as when a household moved or somebody went over to another one in the
    /// same dwelling: one stay each, its ties in their order.
    private static func chains(_ rows: [Stretch]) -> [[Stretch]] {
        var found: [[Stretch]] = []
        // Until when the last of them lasts; nil without end.
        var end: Instant?
        for row in rows.sorted(by: { ($0.from, $0.residence) < ($1.from, $1.residence) }) {
            if let chain = found.last, end.map({ $0 >= row.from }) ?? true {
                found[found.count - 1] = chain + [row]
                if let last = end { end = row.until.map { max(last, $0) } }
            } else {
                found.append([row])
                end = row.until
            }
        }
        return found
    }

    private static func stay(_ chain: [Stretch], _ around: Around) -> RegisterStay {
        // The tie that holds, else the one that ended last, says how they are or were tied to it.
        let last = chain.max { (one: Stretch, other: Stretch) -> Bool in
            switch (one.until, other.until) {
            case (let first?, let second?) where first != second: first < second
            case (.some, nil): true
            case (nil, .some): false
            default: one.residence < other.residence
            }
        }
        let row = last ?? chain[0]
        let isOwn = row.until != nil && row.until == row.gone
        return RegisterStay(
            residence: row.residence, person: row.isErased ? nil : row.person, name: row.name, tie: row.tie,
            relation: row.relation, came: came(chain[0], around), left: row.until.map { went(row, $0, around) },
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
