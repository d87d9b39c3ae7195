import LinliSQL

extension Migration {
    /// Whose entry an account is, what they agreed to, what they asked about their own data.
    static let registerPrivacy = Migration(
        "2026-11-26.44-register-privacy",
        """
        CREATE TABLE person_account (
            account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id),
            person_id INTEGER NOT NULL REFERENCES person (id),
            at INTEGER NOT NULL,
            confirmed_by INTEGER REFERENCES account (id)
        ) STRICT;
        CREATE INDEX person_account_person ON person_account (person_id);
        CREATE TABLE data_consent (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            person_id INTEGER NOT NULL REFERENCES person (id),
            purpose TEXT NOT NULL CHECK (length(purpose) <= 40),
            text_version TEXT NOT NULL CHECK (length(text_version) <= 20),
            text_hash BLOB NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('separate', 'guardian')),
            channel TEXT NOT NULL CHECK (length(channel) <= 20),
            given_at INTEGER NOT NULL,
            withdrawn_at INTEGER
        ) STRICT;
        CREATE INDEX data_consent_person ON data_consent (person_id, id);
        CREATE TABLE data_request (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            person_id INTEGER REFERENCES person (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            text_sealed BLOB,
            division INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused')),
            decided_at INTEGER,
            decided_by TEXT CHECK (length(decided_by) <= 60),
            reason TEXT CHECK (length(reason) <= 400)
        ) STRICT;
        CREATE INDEX data_request_open ON data_request (division, due_at, id) WHERE state = 'open';
        CREATE INDEX data_request_account ON data_request (account_id, id);
        CREATE INDEX person_ended ON person (valid_to, id) WHERE valid_to IS NOT NULL;
        """
    )
}
