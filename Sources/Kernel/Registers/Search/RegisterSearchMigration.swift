import LinliSQL

extension Migration {
    /// The full text of the registers: names, initials, the last digits of numbers, addresses, and the divisions, one row
    /// for each thing that is here now.
    static let registerSearch = Migration(
        "2026-11-26.55-register-search",
        "",
        sqlite: """
            CREATE VIRTUAL TABLE register_search USING fts5 (body, tokenize = "unicode61 remove_diacritics 0");
            """,
        postgres: """
            CREATE TABLE register_search (rowid BIGINT NOT NULL PRIMARY KEY, body TSVECTOR NOT NULL);
            CREATE INDEX register_search_body ON register_search USING GIN (body);
            """
    )

    /// Keyed hashes of what is sealed and yet found when it is known as a whole: the plates of somebody's cars.
    static let registerMarks = Migration(
        "2026-11-26.56-register-marks",
        """
        CREATE TABLE register_mark (
            mark BLOB NOT NULL,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            field TEXT NOT NULL CHECK (length(field) <= 60),
            PRIMARY KEY (kind, subject_id, field, mark)
        ) STRICT;
        CREATE INDEX register_mark_mark ON register_mark (mark);
        """
    )
}
