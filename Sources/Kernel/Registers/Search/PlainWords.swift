import LinliCore
import LinliSQL

/// Rows of the full text from when initials and the ends of numbers had a letter before them: written anew, a page at a time.
enum PlainWords {
    /// How many are written anew in one write.
    /// - Source: configured, no source
    static let page = 500
    /// What has such words.
    private static let kinds: [RegisterKind] = [.person, .organization, .thing]

    /// Writes the texts of the next page anew, and asks for the page after it in the same transaction. `payload` says after
    /// what, `person 12345`; nothing for the beginning.
    static func index(after payload: String, _ context: Context, _ database: Database) async throws {
        let parts = payload.split(separator: " ")
        let kind = parts.first.flatMap { RegisterKind(rawValue: String($0)) } ?? kinds[0]
        let last = parts.last.flatMap { Int64($0) } ?? 0
        guard let place = kinds.firstIndex(of: kind) else { return }
        let ids: [Int64] = try await database.read { tx in
            try tx.all(
                "SELECT id FROM \(RegisterQueries.table(of: kind)) WHERE id > \(last) ORDER BY id LIMIT \(page)"
            ) { try $0[0] }
        }
        if let end = ids.last {
            try await database.write(context, "registers.plainWords") { tx in
                try RegisterSearch.index(ids.map { RegisterSubject(kind, $0) }, tx)
                try tx.request(JobKind.plainWords.id, payload: "\(kind.rawValue) \(end)")
                try tx.audit(Subject(kind.rawValue, 0), fields: ["words×\(ids.count)"])
            }
        } else if place + 1 < kinds.count {
            try await index(after: "\(kinds[place + 1].rawValue) 0", context, database)
        }
    }
}

extension JobKind {
    /// Asked for once, by the step of the schema since which these words stand plain, and then by itself until the end.
    static let plainWords = JobKind("registers.plainWords") { run in
        try await PlainWords.index(after: run.payload, run.context, run.database)
    }
}

extension Migration {
    /// Initials and the last four of numbers are words like others.
    static let plainWords = Migration(
        "2026-12-02.60-plain-words",
        """
        INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead)
        SELECT 260, 'registers.plainWords', NULL, '', 0, 0, 0
        WHERE EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM organization) OR EXISTS (SELECT 1 FROM thing);
        """
    )
}
