import LinliCore
import LinliSQL

/// Plates that were entered before their last four characters were hashed, too: opened and marked anew, a page at a time.
enum PlateEnds {
    /// The field of plates.
    static let field = "person.plates"
    /// How many are marked in one write.
    /// - Source: configured, no source
    private static let page = 200

    private struct Fact: Sendable {
        let id: ID<SealedFact>
        let sealed: [UInt8]
    }

    /// Marks all plates anew; may be run again.
    static func mark(_ context: Context, _ database: Database) async throws {
        guard let field = RegisterField.named(PlateEnds.field) else { return }
        let keys = database.keys
        var after = ID<SealedFact>(rawValue: 0)
        while true {
            let from = after
            let facts = try await database.read { try next(after: from, $0) }
            guard let last = facts.last else { return }
            let marked = facts.compactMap { fact -> (fact: Fact, marks: [[UInt8]])? in
                let cell = Cell("register_fact", "value_sealed", fact.id.rawValue)
                // What does not open stays as it is found now: one broken value must not keep all others waiting.
                guard let value = try? keys.open(fact.sealed, cell: cell) else { return nil }
                return (fact, RegisterSearch.marks(value, of: field, keys))
            }
            try await database.write(context, "registers.plateEnds") { tx in
                for (fact, marks) in marked {
                    guard let person = try owner(of: fact, tx) else { continue }
                    let sealed = SealedFact(id: fact.id, field: field, value: nil, sealed: nil, marks: marks)
                    try RegisterSearch.mark(sealed, of: RegisterSubject(.person, person), tx)
                }
                try tx.audit(Subject("person", 0), fields: ["plates×\(marked.count)"])
            }
            after = last.id
        }
    }

    private static func next(after: ID<SealedFact>, _ tx: ReadTx) throws -> [Fact] {
        try tx.all(
            """
            SELECT id, value_sealed FROM register_fact
            WHERE id > \(after) AND field = \(field) AND kind = 'person' AND value_sealed IS NOT NULL
            ORDER BY id LIMIT \(page)
            """
        ) { Fact(id: try $0[0], sealed: try $0[1]) }
    }

    /// Whose a fact is now, if it is as it was read: who changed it meanwhile marked it, who erased it left nothing to mark.
    /// A merge gives it to another entry.
    private static func owner(of fact: Fact, _ tx: ReadTx) throws -> Int64? {
        try tx.value("SELECT subject_id FROM register_fact WHERE id = \(fact.id) AND value_sealed = \(fact.sealed)")
    }
}

extension JobKind {
    /// Asked for once, by the step of the schema that made plates findable by their ends.
    static let plateEnds = JobKind("registers.plateEnds") { run in
        try await PlateEnds.mark(run.context, run.database)
    }
}

extension Migration {
    /// Plates are found by their last four characters, which some hundreds may share: in the order of whose they are.
    static let plateEnds = Migration(
        "2026-12-01.16-plate-ends",
        """
        DROP INDEX register_mark_mark;
        CREATE INDEX register_mark_mark ON register_mark (mark, kind, subject_id);
        INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead)
        SELECT 110, 'registers.plateEnds', 'registers.plateEnds', '', 0, 0, 0
        WHERE EXISTS (SELECT 1 FROM register_fact WHERE field = 'person.plates');
        """
    )
}
