import LinliCore
import LinliSQL

extension Migration {
    /// What an import changed of people who stood in the register, so that it can be taken back.
    static let importChanges = Migration(
        "2026-11-27.20-import-changes",
        """
        ALTER TABLE register_import ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE register_import ADD COLUMN is_updating INTEGER NOT NULL DEFAULT 0 CHECK (is_updating IN (0, 1));
        CREATE TABLE register_import_change (
            change_id INTEGER NOT NULL PRIMARY KEY,
            import_id INTEGER NOT NULL REFERENCES register_import (id),
            person_id INTEGER NOT NULL REFERENCES person (id),
            version INTEGER NOT NULL,
            undone_at INTEGER
        ) STRICT;
        CREATE INDEX register_import_change_import ON register_import_change (import_id, change_id);
        CREATE INDEX register_import_change_person ON register_import_change (person_id, import_id);
        """
    )

    /// Where an import moved somebody, and which grid was theirs before.
    static let importMoves = Migration(
        "2026-11-27.40-import-moves",
        """
        ALTER TABLE register_import_change ADD COLUMN moved_residence INTEGER REFERENCES residence (id);
        ALTER TABLE register_import_change ADD COLUMN moved_from INTEGER;
        """
    )
}

/// What an import does to somebody who is known: to their entry, to where they live, or both at once.
struct ReadyUpdate: Sendable {
    let item: RegisterItem
    let change: RegisterCommands.ReadyChange?
    let move: RegisterCommands.ReadyMove?

    /// The line of history it is taken back by; nil when nothing would be different.
    var history: ID<RegisterChangeRow>? { change?.history.id ?? move?.history.id }
    /// The entry's version afterwards.
    var version: Int { item.entry.version + (change == nil ? 0 : 1) + (move == nil ? 0 : 1) }
}

extension RegisterImports {
    /// Changes and moves of people who are known, made ready: by the same path as those by hand.
    static func ready(
        _ changes: [(person: ID<Person>, values: RegisterCommands.Typed)], _ moves: [ImportMove],
        in division: DivisionCode, _ database: Database
    ) async throws -> [ReadyUpdate] {
        let typed = Dictionary(changes.map { ($0.person, $0.values) }, uniquingKeysWith: { first, _ in first })
        let moving = Dictionary(moves.map { ($0.person, $0) }, uniquingKeysWith: { first, _ in first })
        let people = Set(typed.keys).union(moving.keys).sorted()
        guard !people.isEmpty else { return [] }
        let known = try await database.read { tx in
            try people.compactMap { person -> (RegisterCommands.Known, [Home])? in
                // Who moved away or wants nothing but keeping since the row was looked at is left alone.
                guard let item = try RegisterQueries.item(RegisterSubject(.person, person), tx), item.isHere,
                    item.restrictedAt == nil, division.contains(item.division)
                else { return nil }
                let fields = (typed[person] ?? [:]).keys
                return (
                    try RegisterCommands.Known(item, Array(fields), tx),
                    moving[person] == nil ? [] : try RegisterQueries.homes(of: person, tx)
                )
            }
        }
        return try known.compactMap { known, homes in
            let person = ID<Person>(rawValue: known.item.subject.id)
            let change = try typed[person].flatMap { try RegisterCommands.ReadyChange($0, of: known, database) }
            let move = try moving[person].flatMap { move -> RegisterCommands.ReadyMove? in
                guard !homes.contains(where: { $0.dwelling == move.target.dwelling }) else { return nil }
                return try RegisterCommands.ReadyMove(
                    known.item, from: homes, to: move.target, move.tie, move.relation, database)
            }
            return change == nil && move == nil ? nil : ReadyUpdate(item: known.item, change: change, move: move)
        }
    }

    /// Stores changes and moves of an import, and that it made them. Who heads what the moved ones headed, and whether
    /// anybody is left there, is asked at the end: a whole household may move.
    static func apply(_ updates: [ReadyUpdate], of id: ID<RegisterImport>, _ tx: WriteTx) throws {
        var led: [HeadSuccession.Led] = []
        for update in updates {
            if let move = update.move { led += try move.leave(tx) }
        }
        for update in updates {
            let from: DivisionCode? = update.move == nil ? nil : update.item.division
            try update.change?.apply(source: "import", tx)
            try update.move?.arrive(version: update.version - 1, source: "import", tx)
            guard update.item.subject.kind == .person else {
                try note(update, of: id, tx)
                continue
            }
            try tx.execute(
                """
                INSERT INTO register_import_change (change_id, import_id, person_id, version, moved_residence, moved_from)
                VALUES (\(update.history), \(id), \(update.item.subject.id), \(update.version),
                    \(update.move?.residence), \(from))
                """
            )
        }
        try HeadSuccession.settle(led, tx)
        try EmptyHouseholds.end(updates.compactMap(\.move).flatMap(\.left), .moved, tx)
    }

    // MARK: Taking back

    /// Something an import did to somebody, ready to be taken back.
    private struct Undoing: Sendable {
        let change: ID<RegisterChangeRow>
        let item: RegisterItem
        let values: RegisterCommands.ReadyChange?
        let move: RegisterCommands.ReadyReturn?
    }

    /// Gives people whom an import changed their old values back, and moves back whom it moved, where nobody changed them
    /// since: the last first, so that who headed a household in between is there again when its first head comes back.
    static func restore(_ found: RegisterImport, _ context: Context, _ database: Database) async throws {
        var before: Int64 = .max
        while true {
            let from = before
            let rows = try await database.read { try changed(by: found.id, before: from, $0) }
            guard let last = rows.last else { return }
            before = last.change.rawValue
            let ready = try await undoing(rows, database)
            try await database.write(context, "registers.undoChanges") { tx in
                var led: [HeadSuccession.Led] = []
                for one in ready {
                    if let move = one.move { led += try move.leave(tx) }
                }
                for one in ready {
                    let version = one.item.entry.version
                    try one.values?.apply(source: "import", tx)
                    try one.move?.arrive(version: version + (one.values == nil ? 0 : 1), source: "import", tx)
                    try tx.execute(
                        "UPDATE register_import_change SET undone_at = \(tx.now) WHERE change_id = \(one.change)")
                }
                try HeadSuccession.settle(led, passing: found.id, tx)
                let moved = ready.compactMap { $0.move?.moved.rawValue }
                try EmptyHouseholds.end(try others(than: found.id, try EmptyHouseholds.of(moved, tx), tx), .moved, tx)
                try tx.execute(
                    "UPDATE register_import SET undone = undone + \(ready.count) WHERE id = \(found.id)")
                try tx.audit(found.subject, fields: ["changed×\(ready.count)"])
            }
        }
    }

    /// Of some households those that end by nobody being left: what an import brought and nobody touched since is taken
    /// back with it.
    static func others(
        than id: ID<RegisterImport>, _ households: [ID<Household>], _ tx: ReadTx
    ) throws -> [ID<Household>] {
        guard !households.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT id FROM household WHERE id IN \(SQL.list(households))
            AND (COALESCE(import_id, 0) <> \(id) OR version > 1) ORDER BY id
            """
        ) { try $0[0] }
    }

    /// What of some rows may be taken back: nobody changed the entry since, and where they lived is still there.
    private static func undoing(_ rows: [Row], _ database: Database) async throws -> [Undoing] {
        let known = try await database.read { tx in
            try rows.compactMap { row -> (Row, RegisterCommands.Known, RegisterCommands.Typed, Way?)? in
                guard let item = try RegisterQueries.item(RegisterSubject(.person, row.person), tx), item.isHere,
                    item.restrictedAt == nil, item.entry.version == row.version
                else { return nil }
                var old: RegisterCommands.Typed = [:]
                let was: RegisterHistory.Values =
                    try row.sealed.map { try RegisterHistory.open($0, row.change, database.keys) } ?? [:]
                for (name, value) in was {
                    if let field = RegisterField.named(name), field.kind == .person { old[field] = value.old }
                }
                var way: Way?
                if let moved = row.moved {
                    guard let found = try Way(back: row.person, from: moved, tx) else { return nil }
                    way = found
                }
                return (row, try RegisterCommands.Known(item, Array(old.keys), tx), old, way)
            }
        }
        return try known.compactMap { row, known, old, way in
            let values = try RegisterCommands.ReadyChange(old, of: known, database)
            var move: RegisterCommands.ReadyReturn?
            if let moved = row.moved, let way {
                move = RegisterCommands.ReadyReturn(
                    item: known.item, moved: moved, back: way.back, division: row.from ?? known.item.division,
                    history: try database.draft(.moved, ["address": (way.here, way.there)]))
            }
            return values == nil && move == nil
                ? nil : Undoing(change: row.change, item: known.item, values: values, move: move)
        }
    }

    /// The way back from where an import moved somebody.
    private struct Way: Sendable {
        /// The residences that ended by the move.
        let back: [ID<Residence>]
        /// The address now, and that before.
        let here: String
        let there: String

        /// Nil when they do not live there any more, or when what they left has ended since; a household that ended because
        /// nobody was left comes back with them.
        init?(back person: ID<Person>, from moved: ID<Residence>, _ tx: ReadTx) throws {
            let now = try tx.first(
                """
                SELECT r.valid_from, d.address FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
                WHERE r.id = \(moved) AND r.person_id = \(person) AND r.valid_to IS NULL
                """
            ) { (at: try $0[0] as Instant, address: try $0[1] as String) }
            guard let now else { return nil }
            let left = try tx.all(
                """
                SELECT r.id, d.address, CASE WHEN d.valid_to IS NULL
                    AND (h.valid_to IS NULL OR (\(EmptyHouseholds.hasEndedEmpty))) THEN 1 ELSE 0 END
                FROM residence r JOIN dwelling d ON d.id = r.dwelling_id LEFT JOIN household h ON h.id = r.household_id
                WHERE r.person_id = \(person) AND r.valid_to = \(now.at) AND r.id <> \(moved) ORDER BY r.id
                """
            ) { (id: try $0[0] as ID<Residence>, address: try $0[1] as String, isThere: try $0[2] as Bool) }
            guard left.allSatisfy(\.isThere) else { return nil }
            back = left.map(\.id)
            here = now.address
            there = left.map(\.address).joined(separator: "；")
        }
    }

    private typealias Row = (
        change: ID<RegisterChangeRow>, person: ID<Person>, version: Int, sealed: [UInt8]?, moved: ID<Residence>?,
        from: DivisionCode?
    )

    private static func changed(by id: ID<RegisterImport>, before: Int64, _ tx: ReadTx) throws -> [Row] {
        try tx.all(
            """
            SELECT i.change_id, i.person_id, i.version, c.values_sealed, i.moved_residence, i.moved_from
            FROM register_import_change i JOIN register_change c ON c.id = i.change_id
            WHERE i.import_id = \(id) AND i.change_id < \(before) AND i.undone_at IS NULL
            ORDER BY i.change_id DESC LIMIT \(chunk)
            """
        ) { (try $0[0], try $0[1], try $0[2], try $0[3], try $0[4], try $0[5]) }
    }
}
