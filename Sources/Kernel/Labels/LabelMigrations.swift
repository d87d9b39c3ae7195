import LinliSQL

extension Migration {
    /// Published books of labels, what people have by them, when that may change by itself, sums per division.
    static let labels = Migration(
        "2026-11-26.60-labels",
        """
        CREATE TABLE label_book (
            id INTEGER NOT NULL PRIMARY KEY,
            text TEXT NOT NULL CHECK (length(text) <= 60000),
            reason TEXT NOT NULL CHECK (length(reason) <= 200),
            account_id INTEGER REFERENCES account (id),
            at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE person_label (
            id INTEGER NOT NULL PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES person (id),
            label INTEGER NOT NULL,
            is_by_hand INTEGER NOT NULL CHECK (is_by_hand IN (0, 1)),
            grid INTEGER NOT NULL,
            community INTEGER NOT NULL,
            street INTEGER NOT NULL,
            since INTEGER NOT NULL,
            reason_sealed BLOB,
            account_id INTEGER REFERENCES account (id),
            UNIQUE (person_id, label)
        ) STRICT;
        CREATE INDEX person_label_street ON person_label (label, street, person_id);
        CREATE INDEX person_label_community ON person_label (label, community, person_id);
        CREATE INDEX person_label_grid ON person_label (label, grid, person_id);
        CREATE TABLE label_due (
            person_id INTEGER NOT NULL PRIMARY KEY REFERENCES person (id),
            day INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX label_due_day ON label_due (day, person_id);
        CREATE TABLE label_sweep (
            id INTEGER NOT NULL PRIMARY KEY,
            import_id INTEGER,
            division INTEGER,
            book INTEGER,
            after INTEGER NOT NULL,
            at INTEGER NOT NULL,
            done_at INTEGER
        ) STRICT;
        CREATE INDEX label_sweep_open ON label_sweep (id) WHERE done_at IS NULL;
        CREATE TABLE label_count (
            division INTEGER NOT NULL,
            label INTEGER NOT NULL,
            total INTEGER NOT NULL,
            PRIMARY KEY (division, label)
        ) STRICT;
        """
    )
}
