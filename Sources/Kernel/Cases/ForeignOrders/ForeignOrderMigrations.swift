import LinliSQL

extension Migration {
    /// Orders that are sent to us once more; what another system takes back leaves our rates when a second person agrees,
    /// and what one wrote down before stays left out; clocks of every round; official results that were corrected, moved to
    /// another month or taken back.
    static let foreignOrdersAgain = Migration(
        "2026-12-01.22-foreign-orders-again",
        """
        ALTER TABLE foreign_order ADD COLUMN first_dispatched_at INTEGER;
        ALTER TABLE foreign_order ADD COLUMN again_at INTEGER;
        ALTER TABLE case_request ADD COLUMN round INTEGER;
        UPDATE foreign_request SET is_unapproved = 1 WHERE kind = 'refuse' AND state = 'granted';
        CREATE TABLE case_clock_end (
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            clock TEXT NOT NULL CHECK (length(clock) <= 40),
            round INTEGER NOT NULL,
            counting TEXT NOT NULL CHECK (counting IN ('natural', 'working')),
            budget_minutes INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            due_at INTEGER,
            stopped_at INTEGER NOT NULL,
            is_late INTEGER NOT NULL CHECK (is_late IN (0, 1)),
            PRIMARY KEY (case_id, clock, round)
        ) STRICT;
        CREATE TABLE foreign_result_past (
            id INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            system TEXT NOT NULL CHECK (length(system) <= 20),
            number TEXT NOT NULL CHECK (length(number) <= 60),
            month INTEGER NOT NULL,
            division INTEGER NOT NULL,
            is_contacted INTEGER CHECK (is_contacted IN (0, 1)),
            is_solved INTEGER CHECK (is_solved IN (0, 1)),
            grade INTEGER CHECK (grade BETWEEN 1 AND 5),
            imported_at INTEGER NOT NULL,
            imported_by INTEGER REFERENCES account (id),
            ended_by INTEGER REFERENCES account (id),
            reason TEXT NOT NULL CHECK (length(reason) <= 20),
            PRIMARY KEY (id, ended_at)
        ) STRICT;
        CREATE INDEX foreign_result_past_number ON foreign_result_past (system, number, ended_at);
        CREATE INDEX foreign_result_past_import ON foreign_result_past (imported_at, ended_at);
        CREATE INDEX foreign_result_import ON foreign_result (division, imported_at);
        CREATE INDEX foreign_result_imported ON foreign_result (imported_at);
        """
    )

    /// Whom an order speaks against, as received: at another place the same words may mean others.
    static let foreignOrderAccused = Migration(
        "2026-12-02.12-foreign-order-accused",
        """
        ALTER TABLE foreign_order ADD COLUMN accused TEXT NOT NULL DEFAULT '' CHECK (length(accused) <= 200);
        """
    )

    /// When an order came once more with another deadline. Of those that came once more before this was kept nobody can tell:
    /// they count from then, as they did.
    static let foreignOrderTaken = Migration(
        "2026-12-04.70-foreign-order-taken",
        """
        ALTER TABLE foreign_order ADD COLUMN due_taken_at INTEGER;
        UPDATE foreign_order SET due_taken_at = again_at WHERE again_at IS NOT NULL;
        """
    )

    /// When somebody looked at a difference between an order and what came again, and left what holds.
    static let foreignOrderSeen = Migration(
        "2026-11-30.10-foreign-order-seen", "ALTER TABLE foreign_order ADD COLUMN differs_seen_at INTEGER;"
    )

    /// When a state of an order was stated there, what it was before, whether it is urgent, and what differs.
    static let foreignOrderAges = Migration(
        "2026-11-29.43-foreign-order-ages",
        """
        ALTER TABLE foreign_order ADD COLUMN stated_at INTEGER;
        ALTER TABLE foreign_order ADD COLUMN is_urgent INTEGER NOT NULL DEFAULT 0 CHECK (is_urgent IN (0, 1));
        ALTER TABLE foreign_order ADD COLUMN due_ruled_at INTEGER;
        ALTER TABLE foreign_order ADD COLUMN differs_due INTEGER;
        ALTER TABLE foreign_order ADD COLUMN differs_at INTEGER;
        UPDATE foreign_order SET is_urgent = 1
        WHERE case_id IN (SELECT id FROM case_item WHERE source = 'hotline' AND is_urgent = 1);
        UPDATE foreign_order SET due_ruled_at = (
            SELECT max(q.ruled_at) FROM foreign_request q
            WHERE q.order_id = foreign_order.id AND q.kind = 'extend' AND q.state = 'granted'
            AND q.due_at = foreign_order.due_at);
        CREATE TABLE foreign_order_state (
            order_id INTEGER NOT NULL REFERENCES foreign_order (id),
            received_hash BLOB NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (order_id, received_hash)
        ) STRICT;
        """
    )

    /// Orders of other systems, what was asked of those and ruled there, replies, their results; sheets on their way in.
    static let foreignOrders = Migration(
        "2026-11-25.65-foreign-orders",
        """
        CREATE TABLE foreign_order (
            id INTEGER NOT NULL PRIMARY KEY,
            system TEXT NOT NULL CHECK (length(system) <= 20),
            number TEXT NOT NULL CHECK (length(number) <= 60),
            case_id INTEGER NOT NULL UNIQUE REFERENCES case_item (id),
            division INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (length(kind) <= 40),
            classes TEXT NOT NULL CHECK (length(classes) <= 200),
            urgency TEXT NOT NULL CHECK (length(urgency) <= 40),
            called_at INTEGER,
            dispatched_at INTEGER NOT NULL,
            due_at INTEGER,
            is_private INTEGER NOT NULL CHECK (is_private IN (0, 1)),
            is_repeat INTEGER NOT NULL CHECK (is_repeat IN (0, 1)),
            related TEXT NOT NULL CHECK (length(related) <= 200),
            received_sealed BLOB NOT NULL,
            received_hash BLOB NOT NULL,
            sheet_file INTEGER REFERENCES stored_file (id),
            imported_at INTEGER NOT NULL,
            imported_by INTEGER REFERENCES account (id),
            updated_at INTEGER NOT NULL,
            replied_at INTEGER,
            UNIQUE (system, number)
        ) STRICT;
        CREATE INDEX foreign_order_division ON foreign_order (division, id);
        CREATE INDEX foreign_order_sheet ON foreign_order (sheet_file) WHERE sheet_file IS NOT NULL;
        CREATE TABLE foreign_request (
            id INTEGER NOT NULL PRIMARY KEY,
            order_id INTEGER NOT NULL REFERENCES foreign_order (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            state TEXT NOT NULL CHECK (state IN ('waiting', 'granted', 'denied')),
            reason_class TEXT NOT NULL CHECK (length(reason_class) <= 40),
            text TEXT NOT NULL CHECK (length(text) <= 4000),
            asked_at INTEGER NOT NULL,
            asked_by INTEGER REFERENCES account (id),
            ruled_at INTEGER,
            ruled_by INTEGER REFERENCES account (id),
            ruling TEXT NOT NULL CHECK (length(ruling) <= 4000),
            due_at INTEGER
        ) STRICT;
        CREATE INDEX foreign_request_order ON foreign_request (order_id, id);
        CREATE TABLE foreign_reply (
            id INTEGER NOT NULL PRIMARY KEY,
            order_id INTEGER NOT NULL REFERENCES foreign_order (id),
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id),
            text TEXT NOT NULL CHECK (length(text) <= 8000)
        ) STRICT;
        CREATE INDEX foreign_reply_order ON foreign_reply (order_id, id);
        CREATE TABLE foreign_result (
            id INTEGER NOT NULL PRIMARY KEY,
            system TEXT NOT NULL CHECK (length(system) <= 20),
            number TEXT NOT NULL CHECK (length(number) <= 60),
            month INTEGER NOT NULL,
            division INTEGER NOT NULL,
            case_id INTEGER REFERENCES case_item (id),
            unit_id INTEGER REFERENCES unit (id),
            against_unit INTEGER NOT NULL,
            is_contacted INTEGER CHECK (is_contacted IN (0, 1)),
            is_solved INTEGER CHECK (is_solved IN (0, 1)),
            grade INTEGER CHECK (grade BETWEEN 1 AND 5),
            imported_at INTEGER NOT NULL,
            imported_by INTEGER REFERENCES account (id),
            UNIQUE (system, number, month)
        ) STRICT;
        CREATE INDEX foreign_result_month ON foreign_result (month, division);
        CREATE INDEX foreign_result_unit ON foreign_result (unit_id, month) WHERE unit_id IS NOT NULL;
        CREATE INDEX foreign_result_case ON foreign_result (case_id, id) WHERE case_id IS NOT NULL;
        CREATE TABLE sheet_draft (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            sealed BLOB NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sheet_draft_at ON sheet_draft (at);
        CREATE TABLE sheet_column (
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            header TEXT NOT NULL CHECK (length(header) <= 60),
            field TEXT NOT NULL CHECK (length(field) <= 40),
            PRIMARY KEY (kind, header)
        ) STRICT;
        """
    )
}
