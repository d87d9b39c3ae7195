import LinliSQL

extension Migration {
    /// Counts anew: what lies in a community without a grid was counted twice there, in a street alone three times. What
    /// the subscriber had not heard yet is in the new counts and must not be added to them.
    static let countsOnce = Migration(
        "2026-11-25.80-counts-once",
        """
        DELETE FROM delivery WHERE subscriber = 'cases.counts';
        DELETE FROM case_count;
        INSERT INTO case_count (owner_kind, owner, state, against_unit, total)
            SELECT 'division', district, state, against_unit, count(*) FROM case_item
            GROUP BY district, state, against_unit;
        INSERT INTO case_count (owner_kind, owner, state, against_unit, total)
            SELECT 'division', street, state, against_unit, count(*) FROM case_item WHERE street <> district
            GROUP BY street, state, against_unit;
        INSERT INTO case_count (owner_kind, owner, state, against_unit, total)
            SELECT 'division', community, state, against_unit, count(*) FROM case_item WHERE community <> street
            GROUP BY community, state, against_unit;
        INSERT INTO case_count (owner_kind, owner, state, against_unit, total)
            SELECT 'division', grid, state, against_unit, count(*) FROM case_item WHERE grid <> community
            GROUP BY grid, state, against_unit;
        INSERT INTO case_count (owner_kind, owner, state, against_unit, total)
            SELECT 'unit', handler_unit, state, against_unit, count(*) FROM case_item WHERE handler_unit IS NOT NULL
            GROUP BY handler_unit, state, against_unit;
        """
    )

    /// Supervision of cases with what the unit answered. One that runs already begins with the alert that began it.
    static let duty = Migration(
        "2026-11-25.81-supervision",
        """
        CREATE TABLE case_supervision (
            id INTEGER NOT NULL PRIMARY KEY,
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            division INTEGER NOT NULL,
            level INTEGER NOT NULL CHECK (level IN (2, 3)),
            clock TEXT NOT NULL CHECK (length(clock) <= 40),
            since INTEGER NOT NULL,
            raised_at INTEGER,
            by_unit INTEGER REFERENCES unit (id),
            by_account INTEGER REFERENCES account (id),
            reason TEXT NOT NULL CHECK (length(reason) <= 4000),
            answer TEXT NOT NULL CHECK (length(answer) <= 4000),
            answered_at INTEGER,
            answered_by INTEGER REFERENCES account (id),
            lifted_at INTEGER,
            lifted_by INTEGER REFERENCES account (id)
        ) STRICT;
        CREATE UNIQUE INDEX case_supervision_case ON case_supervision (case_id) WHERE lifted_at IS NULL;
        CREATE INDEX case_supervision_open ON case_supervision (division, id) WHERE lifted_at IS NULL;
        INSERT INTO case_supervision (id, case_id, division, level, clock, since, by_unit, reason, answer)
            SELECT a.id, a.case_id, a.division, c.supervision, a.clock, a.at, a.unit_id, '', ''
            FROM case_alert a JOIN case_item c ON c.id = a.case_id
            WHERE c.is_open = 1 AND c.supervision > 1 AND a.id = (
                SELECT min(b.id) FROM case_alert b WHERE b.case_id = c.id AND b.action IN ('supervise', 'raise'));
        """
    )
}

extension Migration {
    /// Cases in somebody's hands, who is away, and what one member of staff is told.
    static let assignment = Migration(
        "2026-11-25.83-assignment",
        """
        CREATE INDEX case_handler ON case_item (handler_id) WHERE is_open = 1;
        CREATE TABLE duty_absence (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            since INTEGER NOT NULL,
            until INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX duty_absence_account ON duty_absence (account_id, until);
        CREATE TABLE case_notice (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            at INTEGER NOT NULL,
            by_account INTEGER REFERENCES account (id),
            seen_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX case_notice_unseen ON case_notice (account_id, case_id, kind) WHERE seen_at IS NULL;
        """
    )
}

extension Migration {
    /// Who is asked under supervision where that is not whoever has the case, as a unit that a whistle called in vain;
    /// and in the name of which unit it was answered.
    static let supervisedUnits = Migration(
        "2026-11-30.97-supervised-units",
        """
        ALTER TABLE case_supervision ADD COLUMN asked_unit INTEGER REFERENCES unit (id);
        ALTER TABLE case_supervision ADD COLUMN answered_unit INTEGER REFERENCES unit (id);
        DROP INDEX case_supervision_case;
        CREATE UNIQUE INDEX case_supervision_case ON case_supervision (case_id)
            WHERE lifted_at IS NULL AND asked_unit IS NULL;
        CREATE UNIQUE INDEX case_supervision_asked_case ON case_supervision (case_id, asked_unit)
            WHERE lifted_at IS NULL AND asked_unit IS NOT NULL;
        CREATE INDEX case_supervision_asked ON case_supervision (asked_unit, id)
            WHERE lifted_at IS NULL AND asked_unit IS NOT NULL;
        """
    )
}

extension Migration {
    /// A rung that was climbed in the very write that ended its case left the case under supervision for good: ended with
    /// the case.
    static let supervisionEnds = Migration(
        "2026-12-01.24-supervision-ends",
        """
        UPDATE case_supervision SET lifted_at = (
            SELECT c.state_since FROM case_item c WHERE c.id = case_supervision.case_id
        ) WHERE lifted_at IS NULL AND case_id IN (SELECT id FROM case_item WHERE is_open = 0);
        """
    )
}
