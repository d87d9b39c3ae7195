import LinliCore
import LinliSQL

/// What another part of the program keeps of households: its rows go along when two are merged, and back.
package struct HouseholdRows: Sendable {
    /// The word its rows are remembered by.
    let name: String
    /// The table; its column `household_id` names the household.
    let table: SQL
    /// What else the one that stays takes over; it keeps that when the merge is undone.
    let join: @Sendable (_ gone: ID<Household>, _ survivor: ID<Household>, WriteTx) throws -> Void
    /// Gives what is still to be done about a household the grid it lies in now.
    let settle: @Sendable (_ household: ID<Household>, _ grid: DivisionCode, WriteTx) throws -> Void

    /// Rows of a table; see the properties.
    package init(
        _ name: String, _ table: SQL,
        join: @escaping @Sendable (_ gone: ID<Household>, _ survivor: ID<Household>, WriteTx) throws -> Void = {
            _, _, _ in
        },
        settle: @escaping @Sendable (_ household: ID<Household>, _ grid: DivisionCode, WriteTx) throws -> Void = {
            _, _, _ in
        }
    ) {
        self.name = name
        self.table = table
        self.join = join
        self.settle = settle
    }
}

extension RegisterCommands {
    /// Merges a dwelling into another one, or a household into another one: two spellings of one address, one family
    /// entered twice, also in two dwellings where somebody lives in both. Whoever lives there, households, organizations,
    /// visits, ties, photos and history come over; what did is kept with the change, so that it can be undone.
    ///
    /// - Throws: `.invalid` for two that do not fit, `.conflict` when somebody changed one of them, or what is theirs.
    package static func mergeHomes(
        _ other: RegisterSubject, into survivor: RegisterSubject, version: Int?, _ parts: RegisterParts,
        _ context: Context, _ database: Database
    ) async throws {
        guard other.kind == survivor.kind, other != survivor, [.dwelling, .household].contains(other.kind) else {
            throw LinliError.invalid("registers.merge", [.init("other", Text("这两条不能合并", "These two cannot be merged"))])
        }
        let found = try await database.read { tx in
            let (item, gone) = (try open(survivor, context, tx), try open(other, context, tx))
            return (item: item, gone: gone, moves: try HomeMerging.moves(gone, item, parts, tx))
        }
        var values = found.moves.values
        values["merged"] = (ID<Person>(rawValue: other.id).description, "")
        let history = try database.draft(.merged, fields: ["merged"], values)
        let gone = try database.draft(.merged, fields: ["mergedInto"])
        try await database.write(context, "registers.mergeHomes") { tx in
            try RegisterMerging.check(try HomeMerging.moves(found.gone, found.item, parts, tx), are: found.moves)
            try RegisterMerging.bump(
                found.item, version: version ?? found.item.entry.version, [], found.gone,
                ["valid_to = \(tx.now)", "merged_into = \(survivor.id)"], tx)
            var delta = RegisterCounts.Delta()
            delta.add(-1, other.kind, in: found.gone.division)
            try HomeMerging.join(found.moves, of: found.gone, to: found.item, parts, &delta, tx)
            try history.insert(survivor, source: "staff", tx)
            try gone.insert(other, source: "staff", tx)
            try tell(found.item, .merged, counts: delta, tx)
            try tell(found.gone, .merged, tx)
        }
    }

    /// Takes the last such merge of `other` back: it is here again with what was its and has not gone elsewhere since. A
    /// household that moved with the one it was part of is here again where that lives now, see `HomesMoved`.
    package static func splitHomes(
        _ other: RegisterSubject, _ parts: RegisterParts, _ context: Context, _ database: Database
    ) async throws {
        let keys = database.keys
        guard [.dwelling, .household].contains(other.kind) else { throw LinliError.notFound("registers.merge") }
        let found = try await database.read { try merged(other, context, keys, $0) }
        let history = try database.draft(.split)
        let moved = try await database.read { try HomesMoved(found.moves, of: found.gone, with: found.item, $0) }
        let address: RegisterHistory.Values =
            moved.isGone ? ["address": (old: found.gone.name, new: found.item.name)] : [:]
        let returned = try database.draft(.split, address)
        try await database.write(context, "registers.splitHomes") { tx in
            try RegisterMerging.bump(
                found.item, version: found.item.entry.version, [], found.gone,
                ["valid_to = NULL", "merged_into = NULL"], tx)
            var delta = RegisterCounts.Delta()
            let moved = try HomesMoved(found.moves, of: found.gone, with: found.item, tx)
            delta.add(1, other.kind, in: moved.isGone ? found.item.division : found.gone.division)
            try HomeMerging.part(found.moves, moved, of: found.gone, from: found.item, parts, &delta, tx)
            try history.insert(found.item.subject, source: "staff", tx)
            try returned.insert(other, source: "staff", tx)
            try tell(found.gone, .split, counts: delta, tx)
            try tell(found.item, .split, tx)
        }
    }
}

/// What goes from one dwelling or household to another when they are merged, and back.
enum HomeMerging {
    typealias Moves = RegisterMerging.Moves

    /// The column by which a residence names it.
    private static func column(_ kind: RegisterKind) -> SQL { kind == .household ? "household_id" : "dwelling_id" }

    /// What of `gone` goes to `item`.
    static func moves(
        _ gone: RegisterItem, _ item: RegisterItem, _ parts: RegisterParts, _ tx: ReadTx
    ) throws -> Moves {
        let (other, survivor) = (gone.subject.id, item.subject.id)
        let column = column(gone.subject.kind)
        var moves = try RegisterMerging.moves(gone.subject, item.subject, parts, nil, tx)
        // Who is tied to both is there once: where they sleep stays, of two alike the survivor's.
        moves.doubled = try tx.all(
            """
            SELECT a.id, a.tie, b.id, b.tie FROM residence a JOIN residence b ON b.person_id = a.person_id
            WHERE a.\(column) = \(other) AND a.valid_to IS NULL AND b.\(column) = \(survivor) AND b.valid_to IS NULL
            ORDER BY a.id
            """
        ) { row in
            let (theirs, ours): (ResidenceTie, ResidenceTie) = (try row[1], try row[3])
            return theirs.livesHere && !ours.livesHere ? try row[2] : try row[0]
        }
        if gone.subject.kind == .household {
            try takeHousehold(gone, item, parts.households, &moves, tx)
        } else {
            try takeDwelling(gone, item, &moves, tx)
        }
        return moves
    }

    private static func ids(_ sql: SQL, _ tx: ReadTx) throws -> [Int64] { try tx.all(sql) { try $0[0] as Int64 } }

    private static func takeHousehold(
        _ gone: RegisterItem, _ item: RegisterItem, _ rows: [HouseholdRows], _ moves: inout Moves, _ tx: ReadTx
    ) throws {
        let (other, survivor) = (gone.subject.id, item.subject.id)
        guard let home = try RegisterQueries.household(ID(rawValue: other), tx)?.dwelling,
            let kept = try RegisterQueries.household(ID(rawValue: survivor), tx)?.dwelling
        else { throw LinliError.notFound("registers.household") }
        // Of where a household lived before nothing is taken along: it is the history of the other entry.
        if home == kept {
            moves.residences = try ids(
                "SELECT id FROM residence WHERE dwelling_id = \(home) AND household_id = \(other) ORDER BY id", tx)
        } else {
            // One family in two dwellings: entered twice, or moved without a word. Only who lives in both says so.
            guard try livesInBoth(other, survivor, tx) else { throw apart }
            moves.residences = try ids(
                """
                SELECT id FROM residence WHERE dwelling_id = \(home) AND household_id = \(other)
                AND valid_to IS NULL ORDER BY id
                """, tx)
            if gone.division != item.division {
                moves.people = try people(in: home, or: kept, of: gone, tx)
            }
        }
        let doubled = moves.doubled
        func heads(_ id: Int64) throws -> [Int64] {
            try ids(
                """
                SELECT id FROM residence WHERE household_id = \(id) AND valid_to IS NULL AND relation = 'head'
                ORDER BY id
                """, tx
            ).filter { !doubled.contains($0) }
        }
        if try !heads(survivor).isEmpty { moves.heads = try heads(other) }
        for part in rows {
            moves.rows[part.name] = try ids(
                "SELECT id FROM \(part.table) WHERE household_id = \(other) ORDER BY id", tx)
        }
    }

    /// Whether somebody lives in both households, by one entry: two families that know each other are none.
    private static func livesInBoth(_ one: Int64, _ other: Int64, _ tx: ReadTx) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM residence a JOIN residence b ON b.person_id = a.person_id
            WHERE a.household_id = \(one) AND a.valid_to IS NULL AND b.household_id = \(other) AND b.valid_to IS NULL
            AND a.tie NOT IN ('registeredOnly', 'ownerElsewhere') AND b.tie NOT IN ('registeredOnly', 'ownerElsewhere')
            LIMIT 1
            """)
    }

    private static let apart = LinliError.invalid(
        "registers.merge",
        [
            .init(
                "other",
                Text(
                    "这两户不在同一处房屋，也没有同一个人住在两户里：是同一处的先合并房屋，是同一家的先把重复登记的人合并",
                    "They are not in one dwelling, and nobody lives in both: merge the dwellings first if they are one, or the people who were entered twice if it is one family"
                ))
        ])

    private static func takeDwelling(
        _ gone: RegisterItem, _ item: RegisterItem, _ moves: inout Moves, _ tx: ReadTx
    ) throws {
        let other = gone.subject.id
        moves.residences = try ids("SELECT id FROM residence WHERE dwelling_id = \(other) ORDER BY id", tx)
        // Those that ended are known by who lived there.
        let here = try ids("SELECT id FROM household WHERE dwelling_id = \(other) AND valid_to IS NULL", tx)
        let all = try ids(
            """
            SELECT DISTINCT h.id FROM residence r JOIN household h ON h.id = r.household_id
            WHERE r.dwelling_id = \(other) AND h.dwelling_id = \(other)
            """, tx)
        moves.households = Set(here + all).sorted()
        moves.organizations = try ids("SELECT id FROM organization WHERE dwelling_id = \(other) ORDER BY id", tx)
        if gone.division != item.division {
            let home = ID<Dwelling>(rawValue: other)
            moves.people = try people(in: home, or: home, of: gone, tx)
        }
    }

    /// Who is counted in the grid of a dwelling, of a household there where one goes, because they live there, or because
    /// no other home is theirs but that and the one they go to.
    private static func people(
        in home: ID<Dwelling>, or kept: ID<Dwelling>, of gone: RegisterItem, _ tx: ReadTx
    ) throws -> [Int64] {
        let only: SQL = gone.subject.kind == .household ? " AND r.household_id = \(gone.subject.id)" : ""
        return try tx.all(
            """
            SELECT DISTINCT p.id FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.dwelling_id = \(home)\(only) AND r.valid_to IS NULL AND p.valid_to IS NULL
            AND p.division = \(gone.division) AND NOT EXISTS (
                SELECT 1 FROM residence o WHERE o.person_id = p.id AND o.valid_to IS NULL
                AND o.dwelling_id <> \(home) AND o.dwelling_id <> \(kept)
                AND o.tie NOT IN ('registeredOnly', 'ownerElsewhere')
            ) ORDER BY p.id
            """
        ) { try $0[0] }
    }

    // MARK: There and back

    static func join(
        _ moves: Moves, of gone: RegisterItem, to item: RegisterItem, _ parts: RegisterParts,
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        try carry(moves, from: gone, to: item, parts, &delta, tx)
        try tx.execute("UPDATE residence SET valid_to = \(tx.now) WHERE id IN \(SQL.list(moves.doubled))")
        try tx.execute("UPDATE residence SET relation = 'other' WHERE id IN \(SQL.list(moves.heads))")
        let led = try tx.all(
            """
            SELECT household_id, id, person_id FROM residence
            WHERE id IN \(SQL.list(moves.doubled)) AND relation = 'head' AND household_id IS NOT NULL ORDER BY id
            """
        ) { row in
            (led: HeadSuccession.Led(household: try row[0], residence: try row[1]), person: try row[2] as ID<Person>)
        }
        for one in led { try HeadSuccession.settle([one.led], heir: one.person, tx) }
        if gone.subject.kind == .household {
            for part in parts.households {
                try part.join(ID(rawValue: gone.subject.id), ID(rawValue: item.subject.id), tx)
            }
        }
    }

    static func part(
        _ moves: Moves, _ moved: HomesMoved, of gone: RegisterItem, from item: RegisterItem, _ parts: RegisterParts,
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        // Who moved away or was ended since has not come back by this: who slept in both homes has left both.
        let named = column(item.subject.kind)
        try tx.execute(
            """
            UPDATE residence SET valid_to = NULL WHERE id IN \(SQL.list(moves.doubled))
            AND EXISTS (SELECT 1 FROM person p WHERE p.id = residence.person_id AND p.valid_to IS NULL)
            AND (residence.tie IN ('registeredOnly', 'ownerElsewhere') OR EXISTS (
                SELECT 1 FROM residence n WHERE n.person_id = residence.person_id AND n.id <> residence.id
                AND n.valid_to IS NULL AND n.\(named) = \(item.subject.id)
            ))
            """)
        try carry(moves, from: item, to: gone, parts, &delta, tx)
        let following = try moved.giveBack(moves, to: gone, in: item, parts.households, tx)
        let heads = moves.heads.map { following[$0] ?? $0 }
        try tx.execute(
            """
            UPDATE residence SET relation = 'head'
            WHERE id IN \(SQL.list(heads)) AND relation = 'other' AND valid_to IS NULL
            """)
        try HeadSuccession.takeBack(moves.doubled, tx)
        try HeadSuccession.takeBack(following: following, tx)
    }

    /// Hangs everything on `target` that still hangs on `source`.
    private static func carry(
        _ moves: Moves, from source: RegisterItem, to target: RegisterItem, _ parts: RegisterParts,
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        let (old, new) = (source.subject.id, target.subject.id)
        let column = column(target.subject.kind)
        let (from, to) = (try dwelling(of: source, tx), try dwelling(of: target, tx))
        if !moves.residences.isEmpty {
            // Of a household that goes to another dwelling its people go with it.
            let along: SQL = from == to || target.subject.kind == .dwelling ? "" : ", dwelling_id = \(to)"
            try tx.execute(
                """
                UPDATE residence SET \(column) = \(new)\(along)
                WHERE id IN \(SQL.list(moves.residences)) AND \(column) = \(old)
                """)
        }
        var rest = moves
        (rest.residences, rest.doubled) = ([], [])
        try RegisterMerging.carry(rest, from: source.subject, to: target.subject, parts, tx)
        guard target.subject.kind == .dwelling else {
            for part in parts.households {
                guard let ids = moves.rows[part.name], !ids.isEmpty else { continue }
                try tx.execute(
                    """
                    UPDATE \(part.table) SET household_id = \(new)
                    WHERE id IN \(SQL.list(ids)) AND household_id = \(old)
                    """)
            }
            guard source.division != target.division else { return }
            for part in parts.households { try part.settle(ID(rawValue: new), target.division, tx) }
            try RegisterStore.moveFacts(of: target.subject, to: target.division, tx)
            try follow(moves.people, in: to, from: source, to: target, &delta, tx)
            return
        }
        try rehome(moves.households, .household, from: source, to: target, parts.households, &delta, tx)
        try rehome(moves.organizations, .organization, from: source, to: target, parts.households, &delta, tx)
        try follow(moves.people, in: to, from: source, to: target, &delta, tx)
    }

    /// A dwelling itself, or that of a household.
    private static func dwelling(of item: RegisterItem, _ tx: ReadTx) throws -> ID<Dwelling> {
        guard item.subject.kind == .household else { return ID(rawValue: item.subject.id) }
        guard let home = try RegisterQueries.household(ID(rawValue: item.subject.id), tx)?.dwelling else {
            throw LinliError.notFound("registers.household")
        }
        return home
    }

    /// Households and organizations of a dwelling belong to another one, and to its grid.
    private static func rehome(
        _ ids: [Int64], _ kind: RegisterKind, from source: RegisterItem, to target: RegisterItem,
        _ rows: [HouseholdRows], _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        guard !ids.isEmpty else { return }
        let table = RegisterQueries.table(of: kind)
        let there = try tx.all(
            """
            SELECT id, division, CASE WHEN valid_to IS NULL THEN 1 ELSE 0 END FROM \(table)
            WHERE id IN \(SQL.list(ids)) AND dwelling_id = \(source.subject.id) ORDER BY id
            """
        ) { (id: try $0[0] as Int64, division: try $0[1] as DivisionCode, isHere: try $0[2] as Bool) }
        guard !there.isEmpty else { return }
        var sets =
            RegisterStore.place(target.division) + ["dwelling_id = \(target.subject.id)", "version = version + 1"]
        if kind == .organization {
            sets.append("place_id = (SELECT d.place_id FROM dwelling d WHERE d.id = \(target.subject.id))")
        }
        try tx.execute(
            """
            UPDATE \(table) SET \(SQL.joined(sets, separator: ", ")) WHERE id IN \(SQL.list(there.map(\.id)))
            """)
        for row in there where row.isHere {
            delta.add(-1, kind, in: row.division)
            delta.add(1, kind, in: target.division)
            let subject = RegisterSubject(kind, row.id)
            try RegisterStore.moveFacts(of: subject, to: target.division, tx)
            guard row.division != target.division, let item = try RegisterQueries.item(subject, tx) else { continue }
            // Who is due for a visit, and the full text, go by the grid.
            try RegisterCommands.tell(item, .moved, tx)
            guard kind == .household else { continue }
            for part in rows { try part.settle(ID(rawValue: row.id), target.division, tx) }
        }
    }

    private static func follow(
        _ people: [Int64], in home: ID<Dwelling>, from source: RegisterItem, to target: RegisterItem,
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        guard !people.isEmpty else { return }
        let there: [Int64] = try tx.all(
            """
            SELECT p.id FROM person p WHERE p.id IN \(SQL.list(people)) AND p.valid_to IS NULL
            AND p.division = \(source.division) AND EXISTS (
                SELECT 1 FROM residence r WHERE r.person_id = p.id AND r.valid_to IS NULL
                AND r.dwelling_id = \(home)
            ) ORDER BY p.id
            """
        ) { try $0[0] }
        guard !there.isEmpty else { return }
        try tx.execute(
            """
            UPDATE person SET \(SQL.joined(RegisterStore.place(target.division), separator: ", ")),
                version = version + 1 WHERE id IN \(SQL.list(there))
            """)
        for id in there {
            try RegisterStore.moveFacts(of: RegisterSubject(.person, id), to: target.division, tx)
            delta.add(-1, .person, in: source.division)
            delta.add(1, .person, in: target.division)
        }
        try RegisterSearch.index(there.map { RegisterSubject(.person, $0) }, tx)
    }
}
