import LinliSQL

extension Migration {
    /// The audit, its sealed batches and the head of their chain.
    static let audit = Migration(
        "2026-11-22.01-audit",
        """
        CREATE TABLE audit_entry (
            id INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            actor_kind TEXT NOT NULL CHECK (length(actor_kind) <= 60),
            actor_id INTEGER NOT NULL,
            command TEXT NOT NULL CHECK (length(command) <= 60),
            subject_kind TEXT NOT NULL CHECK (length(subject_kind) <= 40),
            subject_id INTEGER NOT NULL,
            division INTEGER,
            fields TEXT NOT NULL CHECK (length(fields) <= 1000),
            reason TEXT CHECK (length(reason) <= 500),
            request_id TEXT NOT NULL CHECK (length(request_id) <= 60),
            salt BLOB,
            digest BLOB,
            batch INTEGER
        ) STRICT;
        CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE batch IS NULL;
        CREATE INDEX audit_entry_batch ON audit_entry (batch, id) WHERE batch IS NOT NULL;
        CREATE INDEX audit_entry_subject ON audit_entry (subject_kind, subject_id, id);
        CREATE TABLE audit_batch (
            sequence INTEGER NOT NULL PRIMARY KEY,
            entries INTEGER NOT NULL,
            root BLOB NOT NULL,
            chained BLOB NOT NULL,
            signature BLOB NOT NULL,
            sealed_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE audit_head (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            sequence INTEGER NOT NULL,
            root BLOB NOT NULL
        ) STRICT;
        """,
        sqlite: "INSERT INTO audit_head (id, sequence, root) VALUES (1, 0, zeroblob(32));",
        postgres: "INSERT INTO audit_head (id, sequence, root) VALUES (1, 0, decode(repeat('00', 32), 'hex'));"
    )

    /// Auditors read by time; entries come in its order, so the index grows at its end.
    static let auditTimes = Migration(
        "2026-11-28.90-audit-times", "CREATE INDEX audit_entry_at ON audit_entry (at, id);"
    )

    /// And by the kind of subject, which may be rare: by time alone all others would be walked through.
    static let auditKinds = Migration(
        "2026-11-29.50-audit-kinds", "CREATE INDEX audit_entry_kind ON audit_entry (subject_kind, at, id);"
    )
}
