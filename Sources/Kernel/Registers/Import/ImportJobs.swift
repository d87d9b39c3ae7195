import LinliCore
import LinliSQL
import LinliStandards

extension JobKind {
    /// Brings the rows of a sheet in, some at a time; goes on where it stopped.
    static let registerImport = JobKind("registers.import") { run in
        guard let id = ID<RegisterImport>(run.payload) else { return }
        try await RegisterImports.run(id, run.database)
    }

    /// Takes back what an import brought, some at a time.
    static let registerUndo = JobKind("registers.undo") { run in
        guard let id = ID<RegisterImport>(run.payload) else { return }
        try await RegisterImports.takeBack(id, run.database)
    }
}

extension RegisterImports {
    /// What a sheet of a kind is kept as, and its columns are remembered under; at most 20 characters.
    package static func sheet(of kind: RegisterKind) -> String {
        "register.\(kind == .organization ? "firm" : kind.rawValue)"
    }

    /// Rows per transaction: a write takes some milliseconds and other people's wait no longer.
    ///
    /// Measured with 20,000 people and a release build on two cores, people a second for 200 and 400 rows: SQLite 11,900 and
    /// 12,900; PostgreSQL 4,200 to 6,200 and 5,900 to 7,100.
    /// - Source: measured, see above
    static let chunk = 400
    /// Chunks per run of the job, so that other jobs get their turn.
    package static let chunksPerRun = 100

    /// Looks at the rows from where it stopped and enters those that are right.
    package static func run(
        _ id: ID<RegisterImport>, _ database: Database, chunks: Int = chunksPerRun, rows size: Int = chunk
    ) async throws {
        guard let found = try await database.read({ try load(id, $0) }), found.state == .running else { return }
        let now = database.clock.now
        let context = Context(actor: Actor(.account(found.account), name: found.accountName), now: now)
        guard let draft = try await SheetDrafts.open(found.draft, database) else {
            try await conclude(found, .stopped, context, database)
            return
        }
        let entry = RegisterEntry(source: "import", importID: id.rawValue, validFrom: now)
        var planner = ImportPlanner(
            found.kind, in: found.division, entry: entry, isUpdating: found.isUpdating, database)
        var position = found.position
        if position > 0 {
            // What stands in the sheet before is in the register, but twins of wrong rows are known only by looking.
            planner = try await looked(planner, Array(draft.lines.prefix(position)), draft.fields, found.kind, database)
        }
        let sheet = Sheet(draft: draft, found: found, chunk: size, today: now.date)
        var planned = try await plan(sheet, from: position, planner, database)
        for number in 1...chunks {
            guard let rows = planned else { break }
            // The next rows are looked at and sealed while these are written; not while these change somebody known,
            // because the next are compared with what these leave.
            let goesOn = number < chunks
            async let ahead = goesOn && rows.changes.isEmpty ? plan(sheet, from: rows.end, rows.planner, database) : nil
            try await enter(rows, of: found, context, database)
            position = rows.end
            planned = try await ahead
            if goesOn, !rows.changes.isEmpty {
                // A household that ended with these moves must not be moved into.
                var planner = rows.planner
                (planner.homes, planner.heads) = ([:], [:])
                planned = try await plan(sheet, from: position, planner, database)
            }
        }
        guard position >= draft.lines.count else {
            try await database.write(context, "registers.import") { tx in
                try tx.request(JobKind.registerImport.id, payload: "\(id)")
                try tx.audit(found.subject)
            }
            return
        }
        try await conclude(found, .done, context, database)
    }

    /// A sheet on its way into the register.
    private struct Sheet: Sendable {
        let draft: SheetDraft
        let found: RegisterImport
        /// Rows per write.
        let chunk: Int
        let today: CivilDate
    }

    /// Rows that were looked at and are ready to be written together.
    private struct PlannedRows: Sendable {
        /// What the rows after these have to know of them.
        let planner: ImportPlanner
        let outcomes: [ImportOutcome]
        let batch: RegisterBatch
        let changes: [ReadyUpdate]
        /// Whom they are about, where no row before was.
        let met: [(id: Int64, line: Int)]
        /// The first of them, and the first after them.
        let position: Int
        var end: Int { position + outcomes.count }
    }

    /// Looks at the next rows and seals what is closely kept; nil when there are none.
    private static func plan(
        _ sheet: Sheet, from position: Int, _ planner: ImportPlanner, _ database: Database
    ) async throws -> PlannedRows? {
        let lines = sheet.draft.lines
        guard position < lines.count else { return nil }
        let rows = lines[position..<min(position + sheet.chunk, lines.count)]
            .map { ImportRow($0, fields: sheet.draft.fields, sheet.found.kind, today: sheet.today) }
        let (next, outcomes, entries) = try await database.read { tx in
            var planner = planner
            _ = try tx.exists(.planAnew)
            let (outcomes, entries) = try planner.plan(rows, tx)
            return (planner, outcomes, entries)
        }
        let division = sheet.found.division
        let changes =
            try await ready(entries.changes, entries.moves, in: division, database)
            + ready(entries.updates, in: division, database)
        return PlannedRows(
            planner: next, outcomes: outcomes, batch: try seal(entries, database), changes: changes, met: entries.met,
            position: position)
    }

    private static func looked(
        _ planner: ImportPlanner, _ lines: [SheetDraft.Line], _ fields: [String], _ kind: RegisterKind,
        _ database: Database
    ) async throws -> ImportPlanner {
        let today = database.clock.now.date
        return try await database.read { tx in
            var planner = planner
            for start in stride(from: 0, to: lines.count, by: chunk) {
                let rows = lines[start..<min(start + chunk, lines.count)]
                    .map { ImportRow($0, fields: fields, kind, today: today) }
                planner.remember(rows)
            }
            return planner
        }
    }

    private static func seal(_ entries: ImportPlanner.Entries, _ database: Database) throws -> RegisterBatch {
        var batch = RegisterBatch()
        batch.dwellings = entries.dwellings
        batch.households = entries.households
        batch.people = try database.seal(entries.people)
        batch.organizations = try entries.organizations.map { record, phone in
            var record = record
            if let phone {
                let cell = Cell("organization", "phone_sealed", record.id.rawValue)
                record.phone = try database.sealed(
                    phone.number, .phone, cell, mask: phone.masked)
                record.phoneMask = phone.masked
            }
            return record
        }
        batch.things = entries.things
        return batch
    }

    /// Enters a chunk and notes how far it came, together; another run that had the same chunk enters nothing.
    private static func enter(
        _ rows: PlannedRows, of found: RegisterImport, _ context: Context, _ database: Database
    ) async throws {
        let (batch, changes) = (rows.batch, rows.changes)
        var (added, known, wrong) = (0, 0, 0)
        for outcome in rows.outcomes {
            switch outcome.fate {
            case .new: added += 1
            case .known: known += 1
            case .wrong: wrong += 1
            }
        }
        let counts = (added, known - changes.count, wrong)
        // Homes that came with people; of a sheet of homes they are the rows.
        let homes = found.kind == .dwelling ? 0 : batch.dwellings.count
        try await database.write(context, "registers.import") { tx in
            let moved = try tx.execute(
                """
                UPDATE register_import SET position = \(rows.end), added = added + \(counts.0),
                    known = known + \(counts.1), wrong = wrong + \(counts.2),
                    dwellings = dwellings + \(homes), changed = changed + \(changes.count)
                WHERE id = \(found.id) AND position = \(rows.position) AND state = \(RegisterImport.State.running)
                """)
            guard moved == 1 else { throw LinliError.fault("import.position", "another run took these rows") }
            try RegisterCommands.enter(batch, as: found.subject, tx)
            try apply(changes, of: found.id, tx)
            try tx.insert(
                into: "register_import_met (import_id, subject_id, line)",
                rows.met.map { "(\(found.id), \($0.id), \($0.line))" as SQL }, columns: 3)
        }
    }

    private static func conclude(
        _ found: RegisterImport, _ state: RegisterImport.State, _ context: Context, _ database: Database
    ) async throws {
        try await database.write(context, "registers.import") { tx in
            try tx.execute("UPDATE register_import SET state = \(state) WHERE id = \(found.id)")
            try tx.execute("DELETE FROM register_import_met WHERE import_id = \(found.id)")
            try tx.audit(found.subject, fields: [state.rawValue])
        }
    }

    // MARK: Taking back

    /// Gives people it changed their old values back and ends everything an import brought, where nobody changed it since:
    /// people first, then the households and dwellings that nobody lives in, then organizations and things. What was
    /// merged into another entry stays: it is part of that one. What is closely kept of those that end is erased at once:
    /// a sheet that was wrong should never have been kept, and it can be brought again.
    package static func takeBack(_ id: ID<RegisterImport>, _ database: Database) async throws {
        guard let found = try await database.read({ try load(id, $0) }), found.state == .undoing else { return }
        let whoever = try await database.read { try undoer(of: id, $0) } ?? (found.account, found.accountName)
        let context = Context(actor: Actor(.account(whoever.0), name: whoever.1), now: database.clock.now)
        try await restore(found, context, database)
        try await restoreOthers(found, context, database)
        for kind in [RegisterKind.person, .household, .dwelling, .organization, .thing] {
            var after: Int64 = 0
            while true {
                let from = after
                let last: Int64? = try await database.write(context, "registers.undoChunk") { tx in
                    _ = try tx.exists(.planAnew)
                    let rows = try untouched(kind, of: id, after: from, tx)
                    if !rows.ended.isEmpty { try end(rows.ended, kind, of: id, tx) }
                    // Homes that came with people are not what the sheet holds.
                    if kind == found.kind, !rows.ended.isEmpty {
                        try tx.execute(
                            "UPDATE register_import SET undone = undone + \(rows.ended.count) WHERE id = \(id)")
                    }
                    var delta = RegisterCounts.Delta()
                    for row in rows.ended { delta.add(-1, kind, in: row.division) }
                    try tx.audit(found.subject, fields: ["\(kind.rawValue)×\(rows.ended.count)"])
                    // Which rows, for whoever follows households: the import alone says too little.
                    try tx.emit(
                        "registers.changed", found.subject,
                        facts: [
                            "what": "undone", "counts": delta.text, "kind": kind.rawValue, "after": "\(from)",
                            "last": "\(rows.last ?? from)",
                        ])
                    return rows.last
                }
                guard let last else { break }
                after = last
            }
        }
        try await conclude(found, .undone, context, database)
    }

    private static func undoer(of id: ID<RegisterImport>, _ tx: ReadTx) throws -> (ID<Account>, String)? {
        try tx.first(
            """
            SELECT a.id, a.name FROM register_import i JOIN account a ON a.id = i.undone_by WHERE i.id = \(id)
            """
        ) { (try $0[0], try $0[1]) }
    }

    /// Takes out what is closely kept of entries that were taken back.
    private static func erase(_ ids: SQL, _ kind: RegisterKind, _ tx: WriteTx) throws {
        guard kind == .person || kind == .organization else { return }
        let number: SQL =
            kind == .person
            ? "number_kind = \(PersonNumberKind.none), number_sealed = NULL, number_hash = NULL, number_mask = '', "
            : .empty
        try tx.execute(
            """
            UPDATE \(RegisterQueries.table(of: kind))
            SET \(number)phone_sealed = NULL, phone_hash = NULL, phone_mask = '' WHERE id IN \(ids)
            """)
        try tx.execute(
            """
            DELETE FROM register_fact WHERE kind = \(kind) AND subject_id IN \(ids) AND value_sealed IS NOT NULL
            """)
        try tx.execute("DELETE FROM register_mark WHERE kind = \(kind) AND subject_id IN \(ids)")
    }

    private typealias Rows = (ended: [(id: Int64, division: DivisionCode)], last: Int64?)

    /// The next rows of an import, and which of them may end.
    private static func untouched(
        _ kind: RegisterKind, of id: ID<RegisterImport>, after: Int64, _ tx: ReadTx
    ) throws -> Rows {
        let table = RegisterQueries.table(of: kind)
        let rows = try tx.all(
            """
            SELECT x.id, x.division, x.version FROM \(table) x
            WHERE x.import_id = \(id) AND x.id > \(after) AND x.valid_to IS NULL ORDER BY x.id LIMIT \(chunk)
            """
        ) { row -> (id: Int64, division: DivisionCode, version: Int) in (try row[0], try row[1], try row[2]) }
        var free = rows.filter { $0.version == 1 }
        if kind == .household || kind == .dwelling, !free.isEmpty {
            let column: SQL = kind == .household ? "household_id" : "dwelling_id"
            let used: Set<Int64> = try Set(
                tx.all(
                    """
                    SELECT DISTINCT \(column) FROM residence
                    WHERE \(column) IN \(SQL.list(free.map(\.id))) AND valid_to IS NULL
                    """
                ) { try $0[0] })
            free = free.filter { !used.contains($0.id) }
        }
        if !free.isEmpty {
            let used = try used(free.map(\.id), kind, tx)
            free = free.filter { !used.contains($0.id) }
        }
        return (free.map { ($0.id, $0.division) }, rows.last?.id)
    }

    /// Which of some entries somebody does something with that changed none of their fields: a person who has an account here
    /// or agreed to something, whatever has a tie.
    private static func used(_ ids: [Int64], _ kind: RegisterKind, _ tx: ReadTx) throws -> Set<Int64> {
        let list = SQL.list(ids)
        var used: Set<Int64> = try Set(
            tx.all(
                "SELECT from_id FROM register_link WHERE from_kind = \(kind) AND from_id IN \(list) AND valid_to IS NULL"
            ) { try $0[0] })
        used.formUnion(
            try tx.all(
                "SELECT to_id FROM register_link WHERE to_kind = \(kind) AND to_id IN \(list) AND valid_to IS NULL"
            ) { try $0[0] })
        guard kind == .person else { return used }
        for table: SQL in ["person_account", "data_consent"] {
            used.formUnion(try tx.all("SELECT person_id FROM \(table) WHERE person_id IN \(list)") { try $0[0] })
        }
        return used
    }

    private static func end(
        _ rows: [(id: Int64, division: DivisionCode)], _ kind: RegisterKind, of id: ID<RegisterImport>, _ tx: WriteTx
    ) throws {
        let ids = SQL.list(rows.map(\.id))
        let table = RegisterQueries.table(of: kind)
        let reason: SQL = kind == .person ? ", end_reason = 'undone'" : ""
        try tx.execute(
            "UPDATE \(table) SET valid_to = \(tx.now), version = version + 1\(reason) WHERE id IN \(ids)")
        if kind == .person {
            let led = try HeadSuccession.led(byPeopleOf: id, rows.map(\.id), tx)
            let homes: [ID<Household>] = try tx.all(
                """
                SELECT DISTINCT household_id FROM residence
                WHERE person_id IN \(ids) AND valid_to IS NULL AND household_id IS NOT NULL ORDER BY household_id
                """
            ) { try $0[0] }
            try tx.execute(
                "UPDATE residence SET valid_to = \(tx.now) WHERE person_id IN \(ids) AND valid_to IS NULL")
            try HeadSuccession.settle(led, passing: id, tx)
            try EmptyHouseholds.end(try others(than: id, homes, tx), nil, tx)
        }
        try erase(ids, kind, tx)
        try RegisterHistory.undo(rows.map(\.id), kind, tx)
        if kind == .household { try HouseholdVisits.close(rows.map { ID(rawValue: $0.id) }, tx) }
        try RegisterSearch.index(rows.map { RegisterSubject(kind, $0.id) }, tx)
    }
}
