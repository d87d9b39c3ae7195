import LinliSQL

extension Migration {
    /// Found things, a row each.
    static let lostAndFound = Migration(
        "2026-11-23.1-lost-and-found",
        """
        CREATE TABLE found_thing (
            id INTEGER NOT NULL PRIMARY KEY,
            community INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            looks TEXT NOT NULL CHECK (length(looks) BETWEEN 1 AND 200),
            place TEXT NOT NULL CHECK (length(place) <= 80),
            registered_by INTEGER NOT NULL REFERENCES account (id),
            published_at INTEGER NOT NULL,
            returned_by INTEGER REFERENCES account (id),
            returned_at INTEGER,
            CHECK ((returned_by IS NULL) = (returned_at IS NULL))
        ) STRICT;
        CREATE INDEX found_thing_waiting ON found_thing (community, id) WHERE returned_at IS NULL;
        """
    )
}
