import LinliSQL

extension Migration {
    /// Whistles, the units they call, who came, and what they were given to do.
    static let whistles = Migration(
        "2026-11-25.70-whistles",
        """
        CREATE TABLE whistle (
            id INTEGER NOT NULL PRIMARY KEY,
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            storey TEXT NOT NULL CHECK (storey IN ('community', 'street')),
            kind TEXT NOT NULL CHECK (kind IN ('daily', 'emergency', 'campaign')),
            state TEXT NOT NULL CHECK (state IN ('draft', 'called', 'minuted', 'closed', 'withdrawn')),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            division INTEGER NOT NULL,
            purpose TEXT NOT NULL CHECK (length(purpose) BETWEEN 1 AND 4000),
            location TEXT NOT NULL CHECK (length(location) BETWEEN 1 AND 480),
            drafted_by INTEGER REFERENCES account (id),
            drafted_at INTEGER NOT NULL,
            confirmed_by INTEGER REFERENCES account (id),
            confirmed_at INTEGER,
            called_at INTEGER,
            budget_minutes INTEGER NOT NULL,
            is_natural INTEGER NOT NULL CHECK (is_natural IN (0, 1)),
            due_at INTEGER,
            is_counted INTEGER NOT NULL CHECK (is_counted IN (0, 1)),
            month INTEGER,
            lead_unit INTEGER REFERENCES unit (id),
            minutes TEXT NOT NULL CHECK (length(minutes) <= 8000),
            minuted_by INTEGER REFERENCES account (id),
            minuted_at INTEGER,
            closed_by INTEGER REFERENCES account (id),
            closed_at INTEGER,
            withdrawn_by INTEGER REFERENCES account (id),
            withdrawn_at INTEGER,
            reason TEXT NOT NULL CHECK (length(reason) <= 4000),
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX whistle_case ON whistle (case_id, id);
        CREATE UNIQUE INDEX whistle_open ON whistle (case_id, storey) WHERE state IN ('draft', 'called', 'minuted');
        CREATE INDEX whistle_division ON whistle (division, id);
        CREATE INDEX whistle_drafter ON whistle (drafted_by, id);
        CREATE INDEX whistle_due ON whistle (due_at, id) WHERE is_counted = 0 AND due_at IS NOT NULL;
        CREATE INDEX whistle_month ON whistle (month, division);
        CREATE TABLE whistle_unit (
            id INTEGER NOT NULL PRIMARY KEY,
            whistle_id INTEGER NOT NULL REFERENCES whistle (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            position INTEGER NOT NULL,
            answered_at INTEGER,
            answered_by INTEGER REFERENCES account (id),
            contact_name TEXT NOT NULL CHECK (length(contact_name) <= 160),
            contact_sealed BLOB,
            contact_mask TEXT NOT NULL CHECK (length(contact_mask) <= 40),
            words TEXT NOT NULL CHECK (length(words) <= 2000),
            arrived_at INTEGER,
            is_late INTEGER NOT NULL CHECK (is_late IN (0, 1)),
            missed_at INTEGER,
            wrong_codes INTEGER NOT NULL,
            stars INTEGER CHECK (stars BETWEEN 1 AND 5),
            score_words TEXT NOT NULL CHECK (length(score_words) <= 4000),
            scored_by INTEGER REFERENCES account (id),
            scored_at INTEGER,
            UNIQUE (whistle_id, unit_id)
        ) STRICT;
        CREATE INDEX whistle_unit_unit ON whistle_unit (unit_id, whistle_id);
        CREATE TABLE whistle_sign_in (
            id INTEGER NOT NULL PRIMARY KEY,
            called_id INTEGER NOT NULL REFERENCES whistle_unit (id),
            at INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 160),
            way TEXT NOT NULL CHECK (way IN ('own', 'code', 'whistler')),
            account_id INTEGER REFERENCES account (id)
        ) STRICT;
        CREATE INDEX whistle_sign_in_called ON whistle_sign_in (called_id, id);
        CREATE TABLE whistle_task (
            case_id INTEGER NOT NULL PRIMARY KEY REFERENCES case_item (id),
            whistle_id INTEGER NOT NULL REFERENCES whistle (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            by_day INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX whistle_task_whistle ON whistle_task (whistle_id, case_id);
        """
    )

    /// Whom whistles still expect, for the bell: a few rows, however many whistles there were.
    static let whistleExpected = Migration(
        "2026-11-30.65-whistle-expected",
        """
        CREATE INDEX whistle_unit_expected ON whistle_unit (unit_id, whistle_id)
            WHERE arrived_at IS NULL AND missed_at IS NULL;
        """
    )
}
