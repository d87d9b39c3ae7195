import LinliCore
import LinliSQL
import LinliStandards

/// Rows about dwellings, organizations and things that stand in the register: what they would change.
extension ImportPlanner {
    /// Works out what rows about what is known would change; a blank cell changes nothing.
    mutating func proposeOthers(
        _ rows: [ImportRow], _ outcomes: inout [ImportOutcome], _ entries: inout Entries, _ tx: ReadTx
    ) throws {
        let ids = outcomes.compactMap { outcome -> Int64? in
            if case .known(let id) = outcome.fate { id } else { nil }
        }
        try recall(ids, tx)
        for index in outcomes.indices {
            guard case .known(let id) = outcomes[index].fate else { continue }
            let subject = RegisterSubject(kind, id)
            // What comes in with the sheet itself is not there yet.
            guard let item = try RegisterQueries.item(subject, tx), item.isHere, division.contains(item.division) else {
                continue
            }
            let values = try values(of: rows[index], about: item)
            let changes = try changes(values, item, tx)
            guard !changes.isEmpty else { continue }
            let before = met.updateValue(met[id] ?? outcomes[index].line, forKey: id)
            if let before {
                outcomes[index].fate = .wrong
                outcomes[index].problems.append(
                    Text("和第 \(before) 行是同一条登记，写得不一样", "The same entry as row \(before), told otherwise"))
                continue
            }
            entries.met.append((id: id, line: outcomes[index].line))
            outcomes[index].changes = changes
            entries.updates.append((subject, values))
        }
    }

    /// The fields a row says of an entry, checked as if they had been typed; not those by which it was found.
    private func values(of row: ImportRow, about item: RegisterItem) throws -> RegisterCommands.Typed {
        var typed: RegisterCommands.Typed = [:]
        for (id, value) in row.values {
            guard let field = RegisterField.named(id), field.kind == kind, field.fieldClass < .special,
                !["dwelling.address", "dwelling.number"].contains(id)
            else { continue }
            typed[field] = value
        }
        let (longitude, latitude) = (row[ImportColumn.longitude], row[ImportColumn.latitude])
        if let point = RegisterValue.point(longitude: longitude, latitude: latitude),
            let field = RegisterField.named("\(kind.rawValue).point")
        {
            typed[field] = RegisterValue.text(of: point)
        }
        return try RegisterCommands.check(typed, today: entry.validFrom.date).values
    }

    private func changes(
        _ values: RegisterCommands.Typed, _ item: RegisterItem, _ tx: ReadTx
    ) throws -> [ImportChange] {
        let facts = try RegisterQueries.facts(of: item.subject, tx)
        return try values.sorted { $0.key.id < $1.key.id }.compactMap { field, value in
            let new = ImportPlanner.shown(value, of: field)
            if field.id == "organization.phone" { return try phoneChange(field, value, new, item, tx) }
            guard field.isFact else { return change(field, item.values[field] ?? "", new, value) }
            guard let fact = facts.first(where: { $0.field == field }) else {
                return ImportChange(field: field, old: nil, new: new)
            }
            guard let old = fact.value else { return ImportChange(field: field, old: ImportPlanner.hidden, new: new) }
            return change(field, old, new, value)
        }
    }

    private func phoneChange(
        _ field: RegisterField, _ value: String, _ new: Text, _ item: RegisterItem, _ tx: ReadTx
    ) throws -> ImportChange? {
        let known = try tx.first(
            "SELECT phone_hash, phone_mask FROM organization WHERE id = \(item.subject.id)"
        ) { row in
            (hash: try row[0] as [UInt8]?, mask: try row[1] as String)
        }
        guard let known, known.hash != phoneHash(value) else { return nil }
        return ImportChange(field: field, old: known.mask.isEmpty ? nil : Text(same: known.mask), new: new)
    }
}

extension RegisterImports {
    /// Changes of entries that are no people, made ready: by the same path as those by hand.
    static func ready(
        _ updates: [(subject: RegisterSubject, values: RegisterCommands.Typed)], in division: DivisionCode,
        _ database: Database
    ) async throws -> [ReadyUpdate] {
        guard !updates.isEmpty else { return [] }
        let known = try await database.read { tx in
            try updates.compactMap { update -> (RegisterCommands.Known, RegisterCommands.Typed)? in
                guard let item = try RegisterQueries.item(update.subject, tx), item.isHere,
                    division.contains(item.division)
                else { return nil }
                return (try RegisterCommands.Known(item, Array(update.values.keys), tx), update.values)
            }
        }
        return try known.compactMap { known, values in
            try RegisterCommands.ReadyChange(values, of: known, database).map {
                ReadyUpdate(item: known.item, change: $0, move: nil)
            }
        }
    }

    /// Notes what an import changed, so that it can be taken back.
    static func note(_ update: ReadyUpdate, of id: ID<RegisterImport>, _ tx: WriteTx) throws {
        let subject = update.item.subject
        try tx.execute(
            """
            INSERT INTO register_import_update (change_id, import_id, kind, subject_id, version)
            VALUES (\(update.history), \(id), \(subject.kind), \(subject.id), \(update.version))
            """)
    }

    /// Gives entries that are no people and that an import changed their old values back, where nobody changed them since.
    static func restoreOthers(_ found: RegisterImport, _ context: Context, _ database: Database) async throws {
        var before: Int64 = .max
        while true {
            let from = before
            let rows = try await database.read { try updated(by: found.id, before: from, $0) }
            guard let last = rows.last else { return }
            before = last.change.rawValue
            let known = try await database.read { tx in
                try rows.compactMap { row -> (ID<RegisterChangeRow>, RegisterCommands.Known, RegisterCommands.Typed)? in
                    guard let item = try RegisterQueries.item(row.subject, tx), item.isHere,
                        item.entry.version == row.version
                    else { return nil }
                    var old: RegisterCommands.Typed = [:]
                    let was: RegisterHistory.Values =
                        try row.sealed.map { try RegisterHistory.open($0, row.change, database.keys) } ?? [:]
                    for (name, value) in was {
                        if let field = RegisterField.named(name), field.kind == row.subject.kind {
                            old[field] = value.old
                        }
                    }
                    return (row.change, try RegisterCommands.Known(item, Array(old.keys), tx), old)
                }
            }
            let ready = try known.compactMap { change, known, old in
                try RegisterCommands.ReadyChange(old, of: known, database).map { (change: change, values: $0) }
            }
            try await database.write(context, "registers.undoChanges") { tx in
                for one in ready {
                    try one.values.apply(source: "import", tx)
                    try tx.execute(
                        "UPDATE register_import_update SET undone_at = \(tx.now) WHERE change_id = \(one.change)")
                }
                try tx.execute("UPDATE register_import SET undone = undone + \(ready.count) WHERE id = \(found.id)")
                try tx.audit(found.subject, fields: ["changed×\(ready.count)"])
            }
        }
    }

    private typealias Updated = (
        change: ID<RegisterChangeRow>, subject: RegisterSubject, version: Int, sealed: [UInt8]?
    )

    private static func updated(by id: ID<RegisterImport>, before: Int64, _ tx: ReadTx) throws -> [Updated] {
        try tx.all(
            """
            SELECT i.change_id, i.kind, i.subject_id, i.version, c.values_sealed
            FROM register_import_update i JOIN register_change c ON c.id = i.change_id
            WHERE i.import_id = \(id) AND i.change_id < \(before) AND i.undone_at IS NULL
            ORDER BY i.change_id DESC LIMIT \(chunk)
            """
        ) { row in
            (try row[0], RegisterSubject(try row[1], try row[2] as Int64), try row[3], try row[4])
        }
    }
}
