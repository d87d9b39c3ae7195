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

    /// Rows of a table; see the properties.
    package init(
        _ name: String, _ table: SQL,
        join: @escaping @Sendable (_ gone: ID<Household>, _ survivor: ID<Household>, WriteTx) throws -> Void = {
            _, _, _ in
        }
    ) {
        self.name = name
        self.table = table
        self.join = join
    }
}

extension RegisterCommands {
    /// Merges a dwelling into another one, or a household into another one of the same dwelling: two spellings of one
    /// address, one family entered twice. Whoever lives there, households, organizations, visits, ties, photos and history
    /// come over; what did is kept with the change, so that it can be undone.
    ///
    /// - Throws: `.invalid` for two that do not fit, `.conflict` when somebody changed one of them.
    package static func mergeHomes(
        _ other: RegisterSubject, into survivor: RegisterSubject, version: Int?, _ rows: [HouseholdRows],
        _ context: Context, _ database: Database
    ) async throws {
        guard other.kind == survivor.kind, other != survivor, [.dwelling, .household].contains(other.kind) else {
            throw LinliError.invalid("registers.merge", [.init("other", Text("这两条不能合并", "These two cannot be merged"))])
        }
        let found = try await database.read { tx in
            let (item, gone) = (try open(survivor, context, tx), try open(other, context, tx))
            return (item: item, gone: gone, moves: try HomeMerging.moves(gone, item, rows, tx))
        }
        var values = found.moves.values
        values["merged"] = (ID<Person>(rawValue: other.id).description, "")
        let history = try database.draft(.merged, fields: ["merged"], values)
        let gone = try database.draft(.merged, fields: ["mergedInto"])
        try await database.write(context, "registers.mergeHomes") { tx in
            try bump(found.item, version: version ?? found.item.entry.version, [], tx)
            try bump(
                found.gone, version: found.gone.entry.version,
                ["valid_to = \(tx.now)", "merged_into = \(survivor.id)"], tx)
            var delta = RegisterCounts.Delta()
            delta.add(-1, other.kind, in: found.gone.division)
            try HomeMerging.join(found.moves, of: found.gone, to: found.item, rows, &delta, tx)
            try history.insert(survivor, source: "staff", tx)
            try gone.insert(other, source: "staff", tx)
            try tell(found.item, .merged, counts: delta, tx)
            try tell(found.gone, .merged, tx)
        }
    }

    /// Takes the last such merge of `other` back: it is here again with what was its and has not gone elsewhere since.
    package static func splitHomes(
        _ other: RegisterSubject, _ rows: [HouseholdRows], _ context: Context, _ database: Database
    ) async throws {
        let keys = database.keys
        guard [.dwelling, .household].contains(other.kind) else { throw LinliError.notFound("registers.merge") }
        let found = try await database.read { try merged(other, context, keys, $0) }
        let history = try database.draft(.split)
        let returned = try database.draft(.split)
        try await database.write(context, "registers.splitHomes") { tx in
            try bump(found.item, version: found.item.entry.version, [], tx)
            try bump(
                found.gone, version: found.gone.entry.version, ["valid_to = NULL", "merged_into = NULL"], tx)
            var delta = RegisterCounts.Delta()
            delta.add(1, other.kind, in: found.gone.division)
            try HomeMerging.part(found.moves, of: found.gone, from: found.item, rows, &delta, tx)
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
        _ gone: RegisterItem, _ item: RegisterItem, _ rows: [HouseholdRows], _ tx: ReadTx
    ) throws -> Moves {
        let (other, survivor) = (gone.subject.id, item.subject.id)
        let column = column(gone.subject.kind)
        var moves = try RegisterMerging.moves(gone.subject, item.subject, tx)
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
            try takeHousehold(gone, item, rows, &moves, tx)
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
        let home = try RegisterQueries.household(ID(rawValue: other), tx)?.dwelling
        guard let home, try RegisterQueries.household(ID(rawValue: survivor), tx)?.dwelling == home else {
            throw LinliError.invalid(
                "registers.merge",
                [
                    .init(
                        "other",
                        Text("这两户不在同一处房屋；是同一处的先合并房屋", "They are not in one dwelling; merge the dwellings first"))
                ])
        }
        // Of where a household lived before nothing is taken along: it is the history of the other entry.
        moves.residences = try ids(
            "SELECT id FROM residence WHERE dwelling_id = \(home) AND household_id = \(other) ORDER BY id", tx)
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
        if gone.division != item.division { moves.people = try people(of: gone, tx) }
    }

    /// Who is counted in the grid of a dwelling because they live there, or because no other home is theirs.
    private static func people(of gone: RegisterItem, _ tx: ReadTx) throws -> [Int64] {
        try tx.all(
            """
            SELECT DISTINCT p.id FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.dwelling_id = \(gone.subject.id) AND r.valid_to IS NULL AND p.valid_to IS NULL
            AND p.division = \(gone.division) AND NOT EXISTS (
                SELECT 1 FROM residence o WHERE o.person_id = p.id AND o.valid_to IS NULL
                AND o.dwelling_id <> \(gone.subject.id) AND o.tie NOT IN ('registeredOnly', 'ownerElsewhere')
            ) ORDER BY p.id
            """
        ) { try $0[0] }
    }

    // MARK: There and back

    static func join(
        _ moves: Moves, of gone: RegisterItem, to item: RegisterItem, _ rows: [HouseholdRows],
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        try carry(moves, from: gone, to: item, rows, &delta, tx)
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
            for part in rows { try part.join(ID(rawValue: gone.subject.id), ID(rawValue: item.subject.id), tx) }
        }
    }

    static func part(
        _ moves: Moves, of gone: RegisterItem, from item: RegisterItem, _ rows: [HouseholdRows],
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
        try carry(moves, from: item, to: gone, rows, &delta, tx)
        try tx.execute(
            """
            UPDATE residence SET relation = 'head'
            WHERE id IN \(SQL.list(moves.heads)) AND relation = 'other' AND valid_to IS NULL
            """)
        try HeadSuccession.takeBack(moves.doubled, tx)
    }

    /// Hangs everything on `target` that still hangs on `source`.
    private static func carry(
        _ moves: Moves, from source: RegisterItem, to target: RegisterItem, _ rows: [HouseholdRows],
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        let (old, new) = (source.subject.id, target.subject.id)
        let column = column(target.subject.kind)
        if !moves.residences.isEmpty {
            try tx.execute(
                """
                UPDATE residence SET \(column) = \(new)
                WHERE id IN \(SQL.list(moves.residences)) AND \(column) = \(old)
                """)
        }
        var rest = moves
        (rest.residences, rest.doubled) = ([], [])
        try RegisterMerging.carry(rest, to: target.subject, tx)
        guard target.subject.kind == .dwelling else {
            for part in rows {
                guard let ids = moves.rows[part.name], !ids.isEmpty else { continue }
                try tx.execute(
                    """
                    UPDATE \(part.table) SET household_id = \(new)
                    WHERE id IN \(SQL.list(ids)) AND household_id = \(old)
                    """)
            }
            return
        }
        try rehome(moves.households, .household, from: source, to: target, &delta, tx)
        try rehome(moves.organizations, .organization, from: source, to: target, &delta, tx)
        try follow(moves.people, from: source, to: target, &delta, tx)
    }

    /// Households and organizations of a dwelling belong to another one, and to its grid.
    private static func rehome(
        _ ids: [Int64], _ kind: RegisterKind, from source: RegisterItem, to target: RegisterItem,
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
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
        }
    }

    private static func follow(
        _ people: [Int64], from source: RegisterItem, to target: RegisterItem,
        _ delta: inout RegisterCounts.Delta, _ tx: WriteTx
    ) throws {
        guard !people.isEmpty else { return }
        let there: [Int64] = try tx.all(
            """
            SELECT p.id FROM person p WHERE p.id IN \(SQL.list(people)) AND p.valid_to IS NULL
            AND p.division = \(source.division) AND EXISTS (
                SELECT 1 FROM residence r WHERE r.person_id = p.id AND r.valid_to IS NULL
                AND r.dwelling_id = \(target.subject.id)
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

extension RegisterQueries {
    /// The household that stands for one that was merged into another since; itself where it was not, nil when there is no
    /// such thing.
    package static func standing(_ id: ID<Household>, _ tx: ReadTx) throws -> HouseholdRecord? {
        var id = id
        // A merge leads to one that is here; a longer way is no way.
        for _ in 0..<8 {
            guard let record = try household(id, tx) else { return nil }
            guard let into = try mergedInto(RegisterSubject(.household, id), record.entry, tx) else { return record }
            id = ID(rawValue: into)
        }
        return nil
    }

    /// The entry that stands for a dwelling or household since two were joined.
    static func mergedInto(_ subject: RegisterSubject, _ entry: RegisterEntry, _ tx: ReadTx) throws -> Int64? {
        guard entry.validTo != nil else { return nil }
        return try tx.value(
            "SELECT merged_into FROM \(table(of: subject.kind)) WHERE id = \(subject.id)", as: Int64?.self) ?? nil
    }

    /// Dwellings of the same community whose address has the same numbers in the same order: `3号楼2单元1201`, `3-2-1201`.
    static func spelledOtherwise(_ dwelling: DwellingRecord, _ tx: ReadTx) throws -> [Int64] {
        let numbers = numbers(in: dwelling.address)
        guard let last = numbers.last, numbers.count > 1 else { return [] }
        return try tx.all(
            """
            SELECT d.id, d.address FROM dwelling d
            WHERE d.community = \(dwelling.division.ancestor(at: .community)) AND d.valid_to IS NULL
            AND d.id <> \(dwelling.id) AND \(SQL.contains("d.address", last)) ORDER BY d.id LIMIT 500
            """
        ) { (id: try $0[0] as Int64, address: try $0[1] as String) }
        .filter { self.numbers(in: $0.address) == numbers && $0.address.prefix(2) == dwelling.address.prefix(2) }
        .prefix(10).map(\.id)
    }

    private static func numbers(in address: String) -> [String] {
        address.split { !($0.isASCII && $0.isNumber) }.map { part in
            let digits = part.drop { $0 == "0" }
            return digits.isEmpty ? "0" : String(digits)
        }
    }
}

extension Migration {
    /// Dwellings and households are merged like the others.
    static let homesMerged = Migration(
        "2026-11-28.61-homes-merged",
        """
        ALTER TABLE dwelling ADD COLUMN merged_into INTEGER REFERENCES dwelling (id);
        ALTER TABLE household ADD COLUMN merged_into INTEGER REFERENCES household (id);
        CREATE INDEX dwelling_spelling ON dwelling (address) WHERE merged_into IS NOT NULL;
        CREATE INDEX dwelling_merged ON dwelling (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX household_merged ON household (merged_into) WHERE merged_into IS NOT NULL;
        """
    )
}
