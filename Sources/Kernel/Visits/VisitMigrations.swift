import LinliSQL

extension Migration {
    /// Plans may choose by a label, kept as its keyed number.
    static let visitLabels = Migration(
        "2026-11-27.11-visit-labels", "ALTER TABLE visit_plan ADD COLUMN label INTEGER;")

    /// When the work of a visit was done, for the ledger of a month; who signed, and which case follows from it.
    static let visitLedger = Migration(
        "2026-11-27.12-visit-ledger",
        """
        ALTER TABLE visit ADD COLUMN happened_at INTEGER;
        ALTER TABLE visit ADD COLUMN signer TEXT NOT NULL DEFAULT '' CHECK (length(signer) <= 40);
        ALTER TABLE visit ADD COLUMN follow_up TEXT NOT NULL DEFAULT '' CHECK (length(follow_up) <= 40);
        ALTER TABLE visit_photo ADD COLUMN kind TEXT NOT NULL DEFAULT 'photo' CHECK (length(kind) <= 20);
        UPDATE visit SET happened_at = CASE WHEN state = 'done' THEN ended_at ELSE missed_at END;
        CREATE INDEX visit_division_happened ON visit (division, happened_at, id) WHERE happened_at IS NOT NULL;
        CREATE INDEX visit_community_happened ON visit (community, happened_at, id) WHERE happened_at IS NOT NULL;
        """
    )

    /// Whether it was the household that moved a visit last; of those moved before nobody knows better.
    static let visitMoves = Migration(
        "2026-11-30.98-visit-moves",
        """
        ALTER TABLE visit ADD COLUMN moved_by_them INTEGER NOT NULL DEFAULT 0 CHECK (moved_by_them IN (0, 1));
        UPDATE visit SET moved_by_them = 1 WHERE moves > 0;
        """
    )

    /// Visits with their plans, answers and photos, and what was last heard of each household.
    static let visits = Migration(
        "2026-11-26.70-visits",
        """
        CREATE TABLE visit_plan (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL CHECK (length(name) <= 60),
            division INTEGER NOT NULL,
            care TEXT NOT NULL CHECK (length(care) <= 20),
            every_days INTEGER NOT NULL CHECK (every_days BETWEEN 1 AND 730),
            form TEXT NOT NULL CHECK (length(form) <= 4000),
            created_at INTEGER NOT NULL,
            created_by INTEGER REFERENCES account (id),
            ended_at INTEGER
        ) STRICT;
        CREATE INDEX visit_plan_division ON visit_plan (division, id) WHERE ended_at IS NULL;
        CREATE TABLE visit (
            id INTEGER NOT NULL PRIMARY KEY,
            household_id INTEGER NOT NULL REFERENCES household (id),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            plan_id INTEGER REFERENCES visit_plan (id),
            way TEXT NOT NULL CHECK (length(way) <= 20),
            reason TEXT NOT NULL CHECK (length(reason) <= 200),
            state TEXT NOT NULL CHECK (length(state) <= 20),
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            starts_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            worker_id INTEGER REFERENCES account (id),
            worker_name TEXT NOT NULL CHECK (length(worker_name) <= 40),
            unit_id INTEGER REFERENCES unit (id),
            code_hash BLOB NOT NULL UNIQUE,
            moves INTEGER NOT NULL,
            wish TEXT NOT NULL CHECK (length(wish) <= 200),
            result TEXT CHECK (length(result) <= 20),
            note TEXT NOT NULL CHECK (length(note) <= 1000),
            announced_at INTEGER NOT NULL,
            missed_at INTEGER,
            ended_at INTEGER
        ) STRICT;
        CREATE INDEX visit_household ON visit (household_id, id);
        CREATE INDEX visit_division ON visit (division, id);
        CREATE INDEX visit_community ON visit (community, id);
        CREATE INDEX visit_division_open ON visit (division, starts_at, id) WHERE is_open = 1;
        CREATE INDEX visit_community_open ON visit (community, starts_at, id) WHERE is_open = 1;
        CREATE TABLE visit_answer (
            id INTEGER NOT NULL PRIMARY KEY,
            visit_id INTEGER NOT NULL REFERENCES visit (id),
            household_id INTEGER NOT NULL REFERENCES household (id),
            question TEXT NOT NULL CHECK (length(question) <= 40),
            value TEXT NOT NULL CHECK (length(value) <= 400),
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX visit_answer_household ON visit_answer (household_id, question, id);
        CREATE INDEX visit_answer_visit ON visit_answer (visit_id, id);
        CREATE TABLE visit_photo (
            id INTEGER NOT NULL PRIMARY KEY,
            visit_id INTEGER NOT NULL REFERENCES visit (id),
            file_id INTEGER NOT NULL REFERENCES stored_file (id),
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX visit_photo_visit ON visit_photo (visit_id, id);
        CREATE INDEX visit_photo_file ON visit_photo (file_id);
        CREATE TABLE household_signal (
            household_id INTEGER NOT NULL REFERENCES household (id),
            signal TEXT NOT NULL CHECK (length(signal) <= 20),
            at INTEGER NOT NULL,
            PRIMARY KEY (household_id, signal)
        ) STRICT;
        CREATE TABLE visit_debt (
            household_id INTEGER NOT NULL PRIMARY KEY,
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            care TEXT NOT NULL CHECK (length(care) <= 20),
            heard_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX visit_debt_division ON visit_debt (division, due_at, household_id);
        CREATE INDEX visit_debt_community ON visit_debt (community, due_at, household_id);
        """
    )
}
