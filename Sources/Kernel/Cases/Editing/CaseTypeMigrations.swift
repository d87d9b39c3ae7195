import LinliSQL

extension Migration {
    /// Drafts of case types, and why a version was published.
    static let caseTypeDrafts = Migration(
        "2026-11-25.87-case-type-drafts",
        """
        CREATE TABLE case_type_draft (
            type TEXT NOT NULL PRIMARY KEY CHECK (length(type) <= 40),
            yaml TEXT NOT NULL CHECK (length(yaml) <= 65536),
            base INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            saved_by INTEGER REFERENCES account (id),
            saved_at INTEGER NOT NULL
        ) STRICT;
        ALTER TABLE case_type_version ADD COLUMN reason TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 800);
        CREATE INDEX case_type_open ON case_item (type, is_open, type_version);
        """
    )

    /// Every definition a program shipped that ran here, so that an upgrade takes none from a running case.
    static let shippedTypes = Migration(
        "2026-11-26.11-shipped-types",
        """
        CREATE TABLE case_type_shipped (
            type TEXT NOT NULL CHECK (length(type) <= 40),
            version INTEGER NOT NULL,
            yaml TEXT NOT NULL CHECK (length(yaml) <= 65536),
            seen_at INTEGER NOT NULL,
            PRIMARY KEY (type, version)
        ) STRICT;
        """
    )
}
