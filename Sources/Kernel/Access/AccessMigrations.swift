import LinliSQL

extension Migration {
    /// Accounts, their secrets, duties, devices and sessions.
    static let access = Migration(
        "2026-11-22.06-access",
        """
        CREATE TABLE account (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
            phone_sealed BLOB NOT NULL,
            phone_index BLOB NOT NULL UNIQUE,
            phone_mask TEXT NOT NULL CHECK (length(phone_mask) <= 20),
            password TEXT CHECK (length(password) <= 200),
            totp_sealed BLOB,
            unit_id INTEGER REFERENCES unit (id),
            division INTEGER,
            place_id INTEGER REFERENCES place (id),
            status TEXT NOT NULL CHECK (status IN ('active', 'closed')),
            failures INTEGER NOT NULL,
            locked_until INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX account_unit ON account (unit_id);
        CREATE INDEX account_division ON account (division);
        CREATE TABLE access_grant (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            role TEXT NOT NULL CHECK (length(role) <= 40),
            division INTEGER,
            unit_id INTEGER REFERENCES unit (id),
            valid_from INTEGER NOT NULL,
            valid_until INTEGER,
            CHECK ((division IS NULL) <> (unit_id IS NULL))
        ) STRICT;
        CREATE INDEX access_grant_account ON access_grant (account_id);
        CREATE INDEX access_grant_division ON access_grant (division, role) WHERE division IS NOT NULL;
        CREATE INDEX access_grant_unit ON access_grant (unit_id) WHERE unit_id IS NOT NULL;
        CREATE TABLE device (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            token_hash BLOB NOT NULL UNIQUE,
            label TEXT NOT NULL CHECK (length(label) <= 80),
            verified_at INTEGER,
            seen_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX device_account ON device (account_id);
        CREATE TABLE session (
            token_hash BLOB NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            device_id INTEGER NOT NULL REFERENCES device (id),
            is_verified INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
            created_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX session_account ON session (account_id);
        CREATE INDEX session_expiry ON session (expires_at);
        CREATE TABLE login_code (
            phone_index BLOB NOT NULL PRIMARY KEY,
            code_hash BLOB NOT NULL,
            attempts INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            sent_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE api_token (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            token_hash BLOB NOT NULL UNIQUE,
            label TEXT NOT NULL CHECK (length(label) <= 80),
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE idempotency (
            actor TEXT NOT NULL CHECK (length(actor) <= 60),
            key TEXT NOT NULL CHECK (length(key) <= 100),
            body_digest BLOB NOT NULL,
            status INTEGER NOT NULL,
            reply BLOB NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (actor, key)
        ) STRICT;
        CREATE INDEX idempotency_at ON idempotency (at);
        """
    )

    /// Replies are sealed from now on; those kept in clear are forgotten with their keys.
    static let sealedReplies = Migration("2026-11-25.41-sealed-replies", "DELETE FROM idempotency;")

    /// The time step of the last code of the authenticator that was taken.
    static let secondFactorSteps = Migration(
        "2026-11-25.40-second-factor-steps",
        "ALTER TABLE account ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;"
    )
}
