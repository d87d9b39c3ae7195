import LinliSQL

extension Migration {
    /// Leave to work without a network, and what came back from phones.
    static let offline = Migration(
        "2026-11-26.80-offline",
        """
        CREATE TABLE offline_lease (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            session_hash BLOB NOT NULL,
            division INTEGER NOT NULL,
            public_key BLOB NOT NULL,
            private_sealed BLOB NOT NULL,
            issued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT;
        CREATE INDEX offline_lease_account ON offline_lease (account_id, id);
        CREATE TABLE offline_entry (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            key TEXT NOT NULL CHECK (length(key) <= 40),
            lease_id INTEGER NOT NULL REFERENCES offline_lease (id),
            part TEXT NOT NULL CHECK (length(part) <= 40),
            happened_at INTEGER NOT NULL,
            taken_at INTEGER NOT NULL,
            outcome TEXT NOT NULL CHECK (length(outcome) <= 20),
            answer_sealed BLOB,
            body_sealed BLOB,
            settled_at INTEGER,
            UNIQUE (account_id, key)
        ) STRICT;
        CREATE INDEX offline_entry_open ON offline_entry (account_id, id) WHERE outcome <> 'taken' AND settled_at IS NULL;
        """
    )

    /// Leases by when they ran out, and what came under each: for forgetting them.
    static let offlineRetention = Migration(
        "2026-11-27.30-offline-retention",
        """
        CREATE INDEX offline_lease_expires ON offline_lease (expires_at, id);
        CREATE INDEX offline_entry_lease ON offline_entry (lease_id);
        """
    )

    /// What of somebody's work was decided lately: their phones are told, so that nobody decides it once more.
    static let offlineDecided = Migration(
        "2026-12-01.33-offline-decided",
        """
        CREATE INDEX offline_entry_settled ON offline_entry (account_id, settled_at) WHERE settled_at IS NOT NULL;
        """
    )
}
