import LinliCore
import LinliSQL

/// Dwellings, organizations and things as rows of a table.
extension RegisterExport {
    /// Gives the rows one after the other; a phone of an organization is noted with it before it is opened.
    func others(
        _ context: Context, _ database: Database, _ give: ([String]) throws -> Void
    ) async throws -> Int {
        let (kind, division, fields, reason) = (kind, division, fields, reason)
        let closed = fields.filter { $0.fieldClass != .basic }
        var (after, count): (RegisterCursor?, Int) = (nil, 0)
        repeat {
            let from = after
            let page = try await database.read { tx in
                try RegisterQueries.items(kind, in: division, after: from, limit: RegisterExport.chunk, tx).map {
                    item in
                    (item: item, cells: closed.isEmpty ? [] : try RegisterReading.cells(closed, of: item.subject, tx))
                }
            }
            after = page.last.map { RegisterCursor($0.item) }
            let noted = page.filter { !$0.cells.isEmpty }
            if !noted.isEmpty {
                try await database.write(context, "registers.export", reason: reason) { tx in
                    for row in noted {
                        try tx.audit(
                            row.item.subject.subject(in: row.item.division), fields: row.cells.map(\.field.id))
                    }
                }
            }
            for row in page {
                var values = row.item.values
                for (field, secret) in row.cells {
                    values[field] = try database.keys.open(secret.sealed, cell: secret.cell)
                }
                try give(
                    fields.map { field in
                        values[field].map { $0.isEmpty ? "" : RegisterValue.shown($0, of: field)[context.language] }
                            ?? ""
                    })
            }
            count += page.count
        } while after != nil && count < RegisterExport.limit
        return count
    }
}
