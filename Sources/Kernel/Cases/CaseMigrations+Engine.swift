import LinliSQL

extension Migration {
    /// The stretches of a clock before the present one: what ran out before it stood still says when it did.
    static let caseTimerStretches = Migration(
        "2026-11-30.30-case-timer-stretches",
        "ALTER TABLE case_timer ADD COLUMN stretches TEXT CHECK (length(stretches) <= 40000);"
    )

    /// Clocks of cases, what came of them, what handlers asked for, first contacts, parts, published definitions.
    static let caseEngine = Migration(
        "2026-11-25.11-case-engine",
        """
        ALTER TABLE case_item ADD COLUMN parent_id INTEGER REFERENCES case_item (id);
        ALTER TABLE case_item ADD COLUMN is_required INTEGER NOT NULL DEFAULT 1 CHECK (is_required IN (0, 1));
        ALTER TABLE case_item ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1));
        ALTER TABLE case_item ADD COLUMN is_bound INTEGER NOT NULL DEFAULT 0 CHECK (is_bound IN (0, 1));
        ALTER TABLE case_item ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE case_item ADD COLUMN supervision INTEGER NOT NULL DEFAULT 0 CHECK (supervision BETWEEN 0 AND 3);
        ALTER TABLE case_item ADD COLUMN answers TEXT NOT NULL DEFAULT '' CHECK (length(answers) <= 8000);
        CREATE INDEX case_parent ON case_item (parent_id, id) WHERE parent_id IS NOT NULL;
        CREATE INDEX case_supervised ON case_item (street, supervision, due_at, id)
            WHERE is_open = 1 AND supervision > 1;
        CREATE TABLE case_timer (
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            clock TEXT NOT NULL CHECK (length(clock) <= 40),
            round INTEGER NOT NULL,
            counting TEXT NOT NULL CHECK (counting IN ('natural', 'working')),
            budget_minutes INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            left_ms INTEGER NOT NULL,
            running_since INTEGER,
            due_at INTEGER,
            stopped_at INTEGER,
            is_late INTEGER NOT NULL CHECK (is_late IN (0, 1)),
            rung INTEGER NOT NULL,
            next_rung_at INTEGER,
            PRIMARY KEY (case_id, clock)
        ) STRICT;
        CREATE INDEX case_timer_rung ON case_timer (next_rung_at) WHERE next_rung_at IS NOT NULL;
        CREATE TABLE case_alert (
            id INTEGER NOT NULL PRIMARY KEY,
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            clock TEXT NOT NULL CHECK (length(clock) <= 40),
            round INTEGER NOT NULL,
            rung INTEGER NOT NULL,
            action TEXT NOT NULL CHECK (length(action) <= 20),
            at INTEGER NOT NULL,
            meant_for INTEGER NOT NULL,
            unit_id INTEGER REFERENCES unit (id),
            division INTEGER NOT NULL,
            rings_at INTEGER NOT NULL,
            is_loud INTEGER NOT NULL CHECK (is_loud IN (0, 1)),
            seen_at INTEGER,
            seen_by INTEGER REFERENCES account (id),
            UNIQUE (case_id, clock, round, rung)
        ) STRICT;
        CREATE INDEX case_alert_unit ON case_alert (unit_id, rings_at, id) WHERE seen_at IS NULL;
        CREATE TABLE case_request (
            id INTEGER NOT NULL PRIMARY KEY,
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            state TEXT NOT NULL CHECK (state IN ('waiting', 'granted', 'denied')),
            reason_class TEXT NOT NULL CHECK (length(reason_class) <= 40),
            text TEXT NOT NULL CHECK (length(text) <= 4000),
            minutes INTEGER NOT NULL,
            unit_id INTEGER REFERENCES unit (id),
            asked_by INTEGER REFERENCES account (id),
            asked_at INTEGER NOT NULL,
            division INTEGER NOT NULL,
            decided_by INTEGER REFERENCES account (id),
            decided_at INTEGER,
            decision TEXT NOT NULL CHECK (length(decision) <= 4000),
            ends_at INTEGER,
            is_over INTEGER NOT NULL CHECK (is_over IN (0, 1))
        ) STRICT;
        CREATE INDEX case_request_case ON case_request (case_id, id);
        CREATE INDEX case_request_waiting ON case_request (division, id) WHERE state = 'waiting';
        CREATE INDEX case_request_ends ON case_request (ends_at) WHERE ends_at IS NOT NULL AND is_over = 0;
        CREATE TABLE case_contact (
            id INTEGER NOT NULL PRIMARY KEY,
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            at INTEGER NOT NULL,
            way TEXT NOT NULL CHECK (length(way) <= 20),
            outcome TEXT NOT NULL CHECK (length(outcome) <= 20),
            account_id INTEGER REFERENCES account (id),
            unit_id INTEGER REFERENCES unit (id)
        ) STRICT;
        CREATE INDEX case_contact_case ON case_contact (case_id, id);
        CREATE TABLE case_type_version (
            type TEXT NOT NULL CHECK (length(type) <= 40),
            version INTEGER NOT NULL,
            yaml TEXT NOT NULL CHECK (length(yaml) <= 65536),
            published_by INTEGER REFERENCES account (id),
            published_at INTEGER NOT NULL,
            PRIMARY KEY (type, version)
        ) STRICT;
        """
    )

    /// The fields that come with a step.
    static let stepAnswers = Migration(
        "2026-11-29.40-step-answers",
        "ALTER TABLE case_entry ADD COLUMN answers TEXT NOT NULL DEFAULT '' CHECK (length(answers) <= 8000);"
    )
}
