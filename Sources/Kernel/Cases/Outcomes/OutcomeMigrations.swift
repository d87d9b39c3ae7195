import LinliSQL

extension Migration {
    /// Evidence of what came of cases, the monthly sums of it, and how many people live where.
    static let outcomes = Migration(
        "2026-11-25.60-outcomes",
        """
        CREATE TABLE case_outcome (
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            round INTEGER NOT NULL CHECK (round >= 1),
            type TEXT NOT NULL CHECK (length(type) <= 40),
            division INTEGER NOT NULL,
            against_unit INTEGER NOT NULL,
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            is_accepted INTEGER NOT NULL CHECK (is_accepted IN (0, 1)),
            category TEXT NOT NULL CHECK (length(category) <= 40),
            nature TEXT NOT NULL CHECK (length(nature) <= 20),
            month INTEGER NOT NULL,
            dispatched_at INTEGER NOT NULL,
            due_at INTEGER,
            contact_due_at INTEGER,
            is_reachable INTEGER NOT NULL CHECK (is_reachable IN (0, 1)),
            contacted_at INTEGER,
            is_in_time INTEGER CHECK (is_in_time IN (0, 1)),
            finished_at INTEGER,
            asked_at INTEGER,
            answered_at INTEGER,
            channel TEXT CHECK (channel IN ('page', 'link', 'phone')),
            is_solved INTEGER CHECK (is_solved IN (0, 1)),
            grade INTEGER CHECK (grade BETWEEN 1 AND 5),
            attempts INTEGER NOT NULL,
            call_again_at INTEGER,
            is_unreached INTEGER NOT NULL CHECK (is_unreached IN (0, 1)),
            is_declined INTEGER NOT NULL CHECK (is_declined IN (0, 1)),
            exclusion TEXT NOT NULL CHECK (length(exclusion) <= 40),
            is_withdrawn INTEGER NOT NULL CHECK (is_withdrawn IN (0, 1)),
            PRIMARY KEY (case_id, round),
            CHECK (is_solved IS NULL OR (answered_at IS NOT NULL AND channel IS NOT NULL)),
            CHECK (answered_at IS NULL OR asked_at IS NOT NULL)
        ) STRICT;
        CREATE INDEX case_outcome_month ON case_outcome (month, division, case_id, round);
        CREATE INDEX case_outcome_unit ON case_outcome (unit_id, month, division, case_id, round);
        CREATE INDEX case_outcome_contact ON case_outcome (contact_due_at)
            WHERE is_in_time IS NULL AND contact_due_at IS NOT NULL AND is_reachable = 1;
        CREATE INDEX case_outcome_silent ON case_outcome (asked_at, division)
            WHERE asked_at IS NOT NULL AND answered_at IS NULL AND is_unreached = 0 AND is_declined = 0;
        CREATE INDEX case_outcome_excluded ON case_outcome (month, division) WHERE exclusion <> '';
        CREATE TABLE rate_month (
            division INTEGER NOT NULL,
            month INTEGER NOT NULL,
            unit_id INTEGER NOT NULL,
            category TEXT NOT NULL CHECK (length(category) <= 40),
            against_unit INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            rounds INTEGER NOT NULL,
            exclusions INTEGER NOT NULL,
            withdrawals INTEGER NOT NULL,
            due INTEGER NOT NULL,
            responded INTEGER NOT NULL,
            asked INTEGER NOT NULL,
            answered INTEGER NOT NULL,
            solved INTEGER NOT NULL,
            unreached INTEGER NOT NULL,
            very INTEGER NOT NULL,
            satisfied INTEGER NOT NULL,
            basic INTEGER NOT NULL,
            unsatisfied INTEGER NOT NULL,
            very_unsatisfied INTEGER NOT NULL,
            PRIMARY KEY (division, month, unit_id, category, against_unit)
        ) STRICT;
        CREATE TABLE division_population (
            division INTEGER NOT NULL PRIMARY KEY,
            residents INTEGER NOT NULL CHECK (residents > 0),
            as_of TEXT NOT NULL CHECK (length(as_of) <= 10),
            source TEXT NOT NULL CHECK (length(source) <= 120),
            changed_at INTEGER NOT NULL
        ) STRICT;
        """
    )

    /// The lists of what went wrong in a month find it without reading the whole month.
    static let outcomeLists = Migration(
        "2026-11-26.10-outcome-lists",
        """
        CREATE INDEX case_outcome_unsolved ON case_outcome (month, division, case_id, round)
            WHERE is_solved = 0 AND exclusion = '' AND is_withdrawn = 0;
        CREATE INDEX case_outcome_unsatisfied ON case_outcome (month, division, case_id, round)
            WHERE grade <= 2 AND exclusion = '' AND is_withdrawn = 0;
        CREATE INDEX case_outcome_unreached ON case_outcome (month, division, case_id, round)
            WHERE is_unreached = 1 AND is_solved IS NULL AND asked_at IS NOT NULL AND exclusion = ''
                AND is_withdrawn = 0;
        CREATE INDEX case_outcome_late ON case_outcome (month, division, case_id, round)
            WHERE is_in_time = 0 AND exclusion = '' AND is_withdrawn = 0;
        """
    )

    /// What whoever told a case is written to about, each once, with the hash of the link that goes along; and who wants
    /// no such messages.
    static let caseMessages = Migration(
        "2026-11-28.20-case-messages",
        """
        CREATE TABLE case_message (
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            news TEXT NOT NULL CHECK (news IN ('asked', 'reminded', 'paused', 'extended', 'reviewed')),
            occasion INTEGER NOT NULL,
            send_at INTEGER NOT NULL,
            is_out INTEGER NOT NULL CHECK (is_out IN (0, 1)),
            sent_at INTEGER,
            link_hash BLOB UNIQUE,
            link_until INTEGER NOT NULL,
            PRIMARY KEY (case_id, news, occasion)
        ) STRICT;
        CREATE INDEX case_message_due ON case_message (send_at, case_id) WHERE is_out = 0;
        ALTER TABLE account ADD COLUMN wants_messages INTEGER NOT NULL DEFAULT 1 CHECK (wants_messages IN (0, 1));
        """
    )

    /// Messages may also say that a case ended without a question.
    static let caseMessagesEnded = Migration(
        "2026-11-30.80-case-messages-ended",
        """
        CREATE TABLE case_message_news (
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            news TEXT NOT NULL CHECK (news IN ('asked', 'reminded', 'paused', 'extended', 'reviewed', 'ended')),
            occasion INTEGER NOT NULL,
            send_at INTEGER NOT NULL,
            is_out INTEGER NOT NULL CHECK (is_out IN (0, 1)),
            sent_at INTEGER,
            link_hash BLOB UNIQUE,
            link_until INTEGER NOT NULL,
            PRIMARY KEY (case_id, news, occasion)
        ) STRICT;
        INSERT INTO case_message_news (case_id, news, occasion, send_at, is_out, sent_at, link_hash, link_until)
        SELECT case_id, news, occasion, send_at, is_out, sent_at, link_hash, link_until FROM case_message;
        DROP TABLE case_message;
        ALTER TABLE case_message_news RENAME TO case_message;
        CREATE INDEX case_message_due ON case_message (send_at, case_id) WHERE is_out = 0;
        """
    )
}
