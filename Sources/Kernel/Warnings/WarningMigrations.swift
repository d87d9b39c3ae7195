import LinliSQL

extension Migration {
    /// Signals over time, and the warnings that several of them make.
    static let warnings = Migration(
        "2026-11-26.72-warnings",
        """
        CREATE TABLE warning_signal (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            at INTEGER NOT NULL,
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            place_id INTEGER REFERENCES place (id),
            household_id INTEGER REFERENCES household (id),
            category TEXT NOT NULL CHECK (length(category) <= 40),
            source_kind TEXT NOT NULL CHECK (length(source_kind) <= 20),
            source_id INTEGER NOT NULL,
            UNIQUE (source_kind, source_id, kind, at)
        ) STRICT;
        CREATE INDEX warning_signal_place ON warning_signal (place_id, at, id) WHERE place_id IS NOT NULL;
        CREATE INDEX warning_signal_household ON warning_signal (household_id, at, id) WHERE household_id IS NOT NULL;
        CREATE INDEX warning_signal_kind ON warning_signal (community, category, at, id);
        CREATE INDEX warning_signal_at ON warning_signal (at, id);
        CREATE TABLE warning (
            id INTEGER NOT NULL PRIMARY KEY,
            rule TEXT NOT NULL CHECK (length(rule) <= 20),
            cause TEXT NOT NULL CHECK (length(cause) <= 80),
            at INTEGER NOT NULL,
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            place_id INTEGER REFERENCES place (id),
            household_id INTEGER REFERENCES household (id),
            category TEXT NOT NULL CHECK (length(category) <= 40),
            state TEXT NOT NULL CHECK (length(state) <= 20),
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            note TEXT NOT NULL CHECK (length(note) <= 400),
            case_id INTEGER,
            acted_by INTEGER REFERENCES account (id),
            acted_name TEXT NOT NULL CHECK (length(acted_name) <= 40),
            acted_at INTEGER
        ) STRICT;
        CREATE INDEX warning_cause ON warning (rule, cause, at, id);
        CREATE INDEX warning_community ON warning (community, id);
        CREATE INDEX warning_community_open ON warning (community, id) WHERE is_open = 1;
        CREATE INDEX warning_division ON warning (division, id);
        CREATE INDEX warning_division_open ON warning (division, id) WHERE is_open = 1;
        CREATE INDEX warning_household ON warning (household_id, id) WHERE household_id IS NOT NULL;
        CREATE INDEX warning_place ON warning (place_id, id) WHERE place_id IS NOT NULL;
        CREATE TABLE warning_reason (
            warning_id INTEGER NOT NULL REFERENCES warning (id),
            signal_id INTEGER NOT NULL REFERENCES warning_signal (id),
            PRIMARY KEY (warning_id, signal_id)
        ) STRICT;
        CREATE INDEX warning_reason_signal ON warning_reason (signal_id);
        CREATE INDEX visit_debt_care ON visit_debt (care, due_at, household_id);
        """
    )

    /// Under which rules signals were looked at last, and how far that has come.
    static let warningLook = Migration(
        "2026-11-26.95-warning-look",
        """
        CREATE TABLE warning_look (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            rules TEXT NOT NULL CHECK (length(rules) <= 400),
            after INTEGER
        ) STRICT;
        """
    )

    /// When a warning was made: what made it may have happened long before, and nobody can have looked at it then.
    static let warningMade = Migration(
        "2026-11-27.33-warning-made", "ALTER TABLE warning ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;"
    )

    /// Rules of warnings as administrators publish them, the draft of the next ones, and what a warning keeps of its rule:
    /// its name, and when the street hears of it where the rule says so.
    static let warningBooks = Migration(
        "2026-11-29.70-warning-books",
        """
        CREATE TABLE warning_book (
            version INTEGER NOT NULL PRIMARY KEY,
            text TEXT NOT NULL CHECK (length(text) <= 60000),
            reason TEXT NOT NULL CHECK (length(reason) <= 400),
            published_by INTEGER REFERENCES account (id),
            published_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE warning_draft (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            text TEXT NOT NULL CHECK (length(text) <= 60000),
            base INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            saved_by INTEGER REFERENCES account (id),
            saved_at INTEGER NOT NULL
        ) STRICT;
        ALTER TABLE warning ADD COLUMN name_zh TEXT NOT NULL DEFAULT '' CHECK (length(name_zh) <= 80);
        ALTER TABLE warning ADD COLUMN name_en TEXT NOT NULL DEFAULT '' CHECK (length(name_en) <= 80);
        ALTER TABLE warning ADD COLUMN street_at INTEGER;
        CREATE INDEX warning_signal_division ON warning_signal (division, at, id);
        CREATE INDEX warning_signal_community ON warning_signal (community, at, id);
        """
    )
}
