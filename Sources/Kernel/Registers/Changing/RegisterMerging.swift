import LinliCore
import LinliSQL

extension RegisterCommands {
    /// Merges `other` into `survivor`: residences, facts it lacks, ties, photos and what other parts keep of it come over,
    /// the history of both stays. What came over is kept with the change, so that it can be undone.
    ///
    /// `reason` says why two people are one although number, sex or birth differ; the history keeps it.
    ///
    /// - Throws: `.invalid` for two that do not fit, or differ without a reason, `.conflict` when somebody changed one of
    ///   them, or what is theirs, since `version` or since they were read here.
    package static func merge(
        _ other: RegisterSubject, into survivor: RegisterSubject, version: Int?, because reason: String? = nil,
        _ parts: RegisterParts, _ context: Context, _ database: Database
    ) async throws {
        guard other.kind == survivor.kind, other != survivor, [.person, .organization, .thing].contains(other.kind)
        else {
            throw LinliError.invalid("registers.merge", [.init("other", Text("这两条不能合并", "These two cannot be merged"))])
        }
        let keys = database.keys
        let found = try await database.read { tx in
            (
                item: try open(survivor, context, tx), gone: try open(other, context, tx),
                because: try RegisterMerging.sureness(other, survivor, reason, tx),
                theirs: try RegisterReading.cells(RegisterMerging.sealed(other.kind), of: other, tx),
                ours: try RegisterReading.cells(RegisterMerging.sealed(other.kind), of: survivor, tx),
                moves: try RegisterMerging.moves(other, survivor, parts, keys, tx)
            )
        }
        // A sealed number opens in its own cell only: what the survivor lacks is sealed again for it.
        let missing = found.theirs.filter { cell in !found.ours.contains { $0.field == cell.field } }
        let clear = try missing.map { field, secret in
            (field: field, value: try database.keys.open(secret.sealed, cell: secret.cell))
        }
        let taken = RegisterMerging.taken(from: found.gone, to: found.item, clear, today: context.now.date)
        let columns =
            try clear.map { field, value in
                RegisterColumns.set(field, try database.sealed(value, of: field, for: survivor))
            } + taken.map { field, value in RegisterColumns.set(field, value.new) }
        var values = found.moves.values
        for (field, value) in taken { values[field.id] = (value.old, value.new) }
        values["merged"] = (ID<Person>(rawValue: other.id).description, "")
        values["sealed"] = (missing.map(\.field.id).joined(separator: ","), "")
        values[RegisterMerging.because] = found.because.map { (old: "", new: $0) }
        let history = try database.draft(.merged, fields: ["merged"], values)
        let gone = try database.draft(.merged, fields: ["mergedInto"])
        try await database.write(context, "registers.merge") { tx in
            try RegisterMerging.check(try RegisterMerging.moves(other, survivor, parts, keys, tx), are: found.moves)
            var ended: [SQL] = ["valid_to = \(tx.now)", "merged_into = \(survivor.id)"]
            if other.kind == .person { ended.append("end_reason = 'merged'") }
            try RegisterMerging.bump(
                found.item, version: version ?? found.item.entry.version, columns, found.gone, ended, tx)
            // Where both stood in one household, the entry that stays heads it if the other one did.
            let ending = found.moves.doubled + found.moves.later
            let led =
                other.kind == .person
                ? try [other.id, survivor.id].flatMap { try HeadSuccession.led(by: ID(rawValue: $0), tx) }
                    .filter { ending.contains($0.residence.rawValue) } : []
            for part in parts.rows { try part.giveWay(found.moves.yielding[part.name] ?? [:], tx) }
            try RegisterMerging.carry(found.moves, from: other, to: survivor, parts, tx)
            try HeadSuccession.settle(led, heir: ID(rawValue: survivor.id), tx)
            try EmptyHouseholds.end(try EmptyHouseholds.of(ending, tx), nil, tx)
            var delta = RegisterCounts.Delta()
            delta.add(-1, other.kind, in: found.gone.division)
            try history.insert(survivor, source: "staff", tx)
            try gone.insert(other, source: "staff", tx)
            try tell(found.item, .merged, counts: delta, tx)
            try tell(found.gone, .merged, tx)
        }
    }

    /// What was merged into another, that other, and what went along; for whoever takes it back.
    static func merged(
        _ other: RegisterSubject, _ context: Context, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> (gone: RegisterItem, item: RegisterItem, moves: RegisterMerging.Moves) {
        let gone = try open(other, isEnded: true, context, tx)
        guard let into = gone.mergedInto else { throw LinliError.notFound("registers.merge") }
        guard !gone.isErased else {
            throw LinliError(
                .conflict, "registers.erased", Text("这一条的信息已删除，不能撤销合并", "It was erased: the merge stands"))
        }
        let survivor = RegisterSubject(other.kind, into)
        let item = try open(survivor, context, tx)
        guard let moves = try RegisterMerging.last(other, in: survivor, keys, tx) else {
            throw LinliError.notFound("registers.merge")
        }
        return (gone: gone, item: item, moves: moves)
    }

    /// Takes the last merge of `other` back: it is here again with what was its.
    package static func split(
        _ other: RegisterSubject, _ parts: RegisterParts, _ context: Context, _ database: Database
    ) async throws {
        let keys = database.keys
        let found = try await database.read { try merged(other, context, keys, $0) }
        let corrected = try await database.read { tx in
            try RegisterMerging.corrected(
                found.moves, in: found.item.subject, since: found.gone.entry.validTo, keys, tx)
        }
        let restored = try RegisterMerging.restored(corrected, to: found.gone, database)
        let moves = RegisterMerging.leaving(corrected, of: found.moves)
        let history = try database.draft(.split)
        // A field without a value here is one that nobody knows any more.
        let values = restored.map { ($0.field.id, (old: $0.old, new: $0.new)) }
        let anew = corrected.filter { $0.copy == nil }.map(\.field.id)
        let returned = try database.draft(.split, fields: anew, Dictionary(uniqueKeysWithValues: values))
        try await database.write(context, "registers.split") { tx in
            let leaving = try RegisterMerging.leaving(found.moves.sealed, from: found.item.subject, to: other, tx)
            let cleared =
                leaving.map { RegisterColumns.set($0, nil as Secret?) }
                + RegisterMerging.givenBack(
                    RegisterMerging.taken(found.moves, leaving: leaving), by: found.item)
            var back: [SQL] = ["valid_to = NULL", "merged_into = NULL"]
            if other.kind == .person { back.append("end_reason = NULL") }
            try RegisterMerging.bump(
                found.item, version: found.item.entry.version, cleared, found.gone, back, tx)
            try RegisterMerging.carry(moves, from: found.item.subject, to: other, parts, tx)
            for change in restored { try change.writeFact(of: found.gone, source: "staff", tx) }
            for part in parts.rows { try part.restore(found.moves.yielding[part.name] ?? [:], tx) }
            var delta = RegisterCounts.Delta()
            try RegisterMerging.giveHomesBack(found.moves, from: found.item, to: found.gone, &delta, tx)
            try ReturnedHomes.noted(history, of: found.item.subject, tx)
                .insert(found.item.subject, source: "staff", tx)
            try ReturnedHomes.noted(returned, of: other, tx).insert(other, source: "staff", tx)
            try tell(found.gone, .split, counts: delta, tx)
            try tell(found.item, .split, tx)
        }
    }
}

/// What goes from one entry to another when they are merged, and back.
enum RegisterMerging {
    /// Rows by what they are.
    struct Moves: Sendable, Equatable {
        var residences: [Int64] = []
        var doubled: [Int64] = []
        /// Of the one that stays: residences that end because the other came to live at the same dwelling before.
        var later: [Int64] = []
        var facts: [Int64] = []
        /// Which facts these are: of one that is taken away later nothing else says it. Merges of before do not have it.
        var factFields: [Int64: String] = [:]
        var from: [Int64] = []
        var to: [Int64] = []
        var photos: [Int64] = []
        /// Of dwellings and households: who and what belongs to them, who heads them no more, rows of other parts.
        var households: [Int64] = []
        var organizations: [Int64] = []
        var people: [Int64] = []
        var heads: [Int64] = []
        var rows: [String: [Int64]] = [:]
        /// What gave way to rows of other parts, by part.
        var yielding: [String: [Int64: String]] = [:]
        var sealed: [RegisterField] = []
        /// Fields kept in clear that came over.
        var taken: [RegisterField: Taken] = [:]

        var values: RegisterHistory.Values {
            func text(_ ids: [Int64]) -> (old: String, new: String) {
                (ids.map { String($0) }.joined(separator: ","), "")
            }
            var values: RegisterHistory.Values = [
                "residences": text(residences), "doubled": text(doubled), "facts": text(facts), "from": text(from),
                "to": text(to), "photos": text(photos), "households": text(households),
                "organizations": text(organizations), "people": text(people), "heads": text(heads),
                "later": text(later),
            ]
            let named = factFields.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
            values["factFields"] = (named.joined(separator: ","), "")
            for (name, ids) in rows { values["rows " + name] = text(ids) }
            for (name, rows) in yielding { values["yield " + name] = (Moves.text(rows), "") }
            return values
        }

        init() {}

        init(_ values: RegisterHistory.Values) {
            func ids(_ name: String) -> [Int64] {
                (values[name]?.old ?? "").split(separator: ",").compactMap { Int64($0) }
            }
            residences = ids("residences")
            (doubled, later) = (ids("doubled"), ids("later"))
            facts = ids("facts")
            for named in (values["factFields"]?.old ?? "").split(separator: ",") {
                let parts = named.split(separator: ":", maxSplits: 1)
                if parts.count == 2, let id = Int64(parts[0]) { factFields[id] = String(parts[1]) }
            }
            from = ids("from")
            to = ids("to")
            photos = ids("photos")
            (households, organizations) = (ids("households"), ids("organizations"))
            (people, heads) = (ids("people"), ids("heads"))
            for name in values.keys where name.hasPrefix("rows ") { rows[String(name.dropFirst(5))] = ids(name) }
            for (name, value) in values where name.hasPrefix("yield ") {
                yielding[String(name.dropFirst(6))] = Moves.rows(value.old)
            }
            sealed = (values["sealed"]?.old ?? "").split(separator: ",").compactMap { RegisterField.named(String($0)) }
            for (name, value) in values {
                if let field = RegisterField.named(name) { taken[field] = Taken(old: value.old, new: value.new) }
            }
        }
    }

    /// The sealed columns of a kind.
    static func sealed(_ kind: RegisterKind) -> [RegisterField] {
        RegisterField.of(kind).filter { !$0.isFact && $0.fieldClass != .basic }
    }

    /// What was read before the write is checked within it: whoever came to one of the two meanwhile, or was added to it,
    /// would be left behind.
    ///
    /// - Throws: `.conflict` saying what to do.
    static func check(_ now: Moves, are before: Moves) throws {
        guard now == before else { throw changed }
    }

    /// Counts up both, if nobody changed either since it was read.
    ///
    /// - Throws: `.conflict` saying what to do.
    static func bump(
        _ item: RegisterItem, version: Int, _ sets: [SQL], _ gone: RegisterItem, _ ends: [SQL], _ tx: WriteTx
    ) throws {
        do {
            try RegisterCommands.bump(item, version: version, sets, tx)
            try RegisterCommands.bump(gone, version: gone.entry.version, ends, tx)
        } catch let error as LinliError where error.id == "registers.version" {
            throw changed
        }
    }

    private static let changed = LinliError(
        .conflict, "registers.mergeChanged",
        Text(
            "刚才有人改了这两条中的一条，或改了它名下的人、房、照片，所以没有动。请重新打开这两条看一遍，还是同一个就再做一次",
            "Somebody has just changed one of the two, or what belongs to it, so nothing was done. Open both again, and do it once more if it still is right"
        ))

    /// What of `other` goes to `survivor`; of people with the keys, as what gives way may have sealed words.
    static func moves(
        _ other: RegisterSubject, _ survivor: RegisterSubject, _ parts: RegisterParts, _ keys: KeyRing?,
        _ tx: ReadTx
    ) throws -> Moves {
        func ids(_ sql: SQL) throws -> [Int64] { try tx.all(sql) { try $0[0] as Int64 } }
        var moves = Moves()
        if other.kind == .person {
            let own = try RegisterQueries.homes(of: ID(rawValue: survivor.id), tx)
            for home in try RegisterQueries.homes(of: ID(rawValue: other.id), tx) {
                let here = own.filter { $0.dwelling == home.dwelling }
                // Twice in one household would be two people there, and in two of one dwelling the same: one ends.
                let same = here.first { $0.tie.livesHere && home.tie.livesHere && $0.household != home.household }
                let isLater = same.map { $0.residence < home.residence } ?? false
                if isLater || here.contains(where: { $0.household == home.household }) {
                    moves.doubled.append(home.residence.rawValue)
                } else {
                    moves.residences.append(home.residence.rawValue)
                    if let same { moves.later.append(same.residence.rawValue) }
                }
            }
        }
        try tx.each(
            """
            SELECT f.id, f.field FROM register_fact f WHERE f.kind = \(other.kind) AND f.subject_id = \(other.id)
            AND NOT EXISTS (SELECT 1 FROM register_fact o WHERE o.kind = f.kind AND o.subject_id = \(survivor.id)
            AND o.field = f.field) ORDER BY f.id
            """
        ) { row in
            let id: Int64 = try row[0]
            moves.facts.append(id)
            moves.factFields[id] = try row[1]
        }
        moves.from = try ids(
            """
            SELECT id FROM register_link WHERE from_kind = \(other.kind) AND from_id = \(other.id) AND valid_to IS NULL
            ORDER BY id
            """)
        moves.to = try ids(
            """
            SELECT id FROM register_link WHERE to_kind = \(other.kind) AND to_id = \(other.id) AND valid_to IS NULL
            ORDER BY id
            """)
        moves.photos = try ids(
            "SELECT id FROM register_photo WHERE kind = \(other.kind) AND subject_id = \(other.id) ORDER BY id")
        for part in parts.rows {
            let plan = try part.plan(from: other, to: survivor, keys, tx)
            if !plan.moving.isEmpty { moves.rows[part.name] = plan.moving }
            if !plan.yielding.isEmpty { moves.yielding[part.name] = plan.yielding }
        }
        return moves
    }

    /// Gives the entry that is here again its homes, and both the grid of one of theirs; the head-counts follow.
    static func giveHomesBack(
        _ moves: Moves, from item: RegisterItem, to gone: RegisterItem, _ delta: inout RegisterCounts.Delta,
        _ tx: WriteTx
    ) throws {
        guard gone.subject.kind == .person else {
            delta.add(1, gone.subject.kind, in: gone.division)
            return
        }
        let homes = try ReturnedHomes.giveBack(
            moves, from: ID(rawValue: item.subject.id), to: ID(rawValue: gone.subject.id),
            since: gone.entry.validTo ?? tx.now, tx)
        let residences = moves.doubled + moves.later + homes.held
        try EmptyHouseholds.reopen(try EmptyHouseholds.of(residences, tx), tx)
        try HeadSuccession.takeBack(residences, tx)
        try HeadSuccession.takeBack(following: homes.following, tx)
        try homes.settleHeads(tx)
        delta.add(1, .person, in: try ReturnedHomes.settle(gone, tx))
        delta.add(-1, .person, in: item.division)
        delta.add(1, .person, in: try ReturnedHomes.settle(item, tx))
    }

    /// Hangs rows on `subject` that still hang on `source`: what went on to somebody else in another merge and stayed there
    /// is theirs. Residences that were doubled end, and so do later ones of the one that stays; on the way back homes
    /// go another way, see `ReturnedHomes`.
    static func carry(
        _ moves: Moves, from source: RegisterSubject, to subject: RegisterSubject, _ parts: RegisterParts, _ tx: WriteTx
    ) throws {
        let id = subject.id
        func set(_ assignment: SQL, _ table: SQL, _ ids: [Int64], where hangs: SQL) throws {
            guard !ids.isEmpty else { return }
            try tx.execute("UPDATE \(table) SET \(assignment) WHERE id IN \(SQL.list(ids)) AND \(hangs)")
        }
        let about: SQL = "kind = \(source.kind) AND subject_id = \(source.id)"
        try set("person_id = \(id)", "residence", moves.residences, where: "person_id = \(source.id)")
        if !moves.doubled.isEmpty {
            try tx.execute(
                """
                UPDATE residence SET valid_to = \(tx.now) WHERE id IN \(SQL.list(moves.doubled))
                """)
        }
        if !moves.later.isEmpty {
            try tx.execute(
                """
                UPDATE residence SET valid_to = \(tx.now) WHERE id IN \(SQL.list(moves.later))
                """)
        }
        try set("subject_id = \(id)", "register_fact", moves.facts, where: about)
        try carryMarks(of: moves.facts, from: source, to: subject, tx)
        try set(
            "from_id = \(id)", "register_link", moves.from,
            where: "from_kind = \(source.kind) AND from_id = \(source.id)")
        try set(
            "to_id = \(id)", "register_link", moves.to, where: "to_kind = \(source.kind) AND to_id = \(source.id)")
        try set("subject_id = \(id)", "register_photo", moves.photos, where: about)
        for part in parts.rows {
            try part.move(moves.rows[part.name] ?? [], from: source, to: subject, tx)
        }
    }

    /// What the last merge of `other` brought to `survivor`.
    static func last(
        _ other: RegisterSubject, in survivor: RegisterSubject, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> Moves? {
        let rows = try tx.all(
            """
            SELECT id, values_sealed FROM register_change
            WHERE kind = \(survivor.kind) AND subject_id = \(survivor.id) AND what = 'merged'
            AND values_sealed IS NOT NULL ORDER BY id DESC LIMIT 50
            """
        ) { row -> (ID<RegisterChangeRow>, [UInt8]) in (try row[0], try row[1]) }
        for (id, sealed) in rows {
            let values = try RegisterHistory.open(sealed, id, keys)
            if values["merged"]?.old == ID<Person>(rawValue: other.id).description { return Moves(values) }
        }
        return nil
    }
}
