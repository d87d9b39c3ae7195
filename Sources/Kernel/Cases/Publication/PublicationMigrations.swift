import LinliSQL

extension Migration {
    /// Who asks for help is shown to neighbours only if they want: what nobody was asked about and nobody saw yet waits no
    /// more, and what was seen is taken down until they say so.
    static let privateRequests = Migration(
        "2026-11-29.21-private-requests",
        """
        DELETE FROM case_publication
        WHERE state = 'waiting' AND consent = 'unasked' AND published_at IS NULL
        AND case_id IN (SELECT id FROM case_item WHERE nature = 'assistance' AND source <> 'grid')
        AND case_id NOT IN (SELECT case_id FROM case_publication_photo);
        UPDATE case_publication SET state = 'withheld', withheld_by = 'kind', is_due = 0, version = version + 1
        WHERE state <> 'withheld' AND consent = 'unasked'
        AND case_id IN (SELECT id FROM case_item WHERE nature = 'assistance' AND source <> 'grid');
        """
    )

    /// What neighbours see of cases. Open cases that may be public wait for clearing from the first moment.
    static let publication = Migration(
        "2026-11-25.50-publication",
        """
        CREATE TABLE case_publication (
            case_id INTEGER NOT NULL PRIMARY KEY REFERENCES case_item (id),
            state TEXT NOT NULL CHECK (state IN ('waiting', 'cleared', 'withheld')),
            withheld_by TEXT NOT NULL CHECK (withheld_by IN ('nobody', 'staff', 'reporter', 'kind', 'nature')),
            consent TEXT NOT NULL CHECK (consent IN ('unasked', 'given', 'refused')),
            is_due INTEGER NOT NULL CHECK (is_due IN (0, 1)),
            district INTEGER NOT NULL,
            street INTEGER NOT NULL,
            community INTEGER NOT NULL,
            title TEXT NOT NULL CHECK (length(title) <= 60),
            text TEXT NOT NULL CHECK (length(text) <= 2000),
            result TEXT NOT NULL CHECK (length(result) <= 2000),
            address TEXT NOT NULL CHECK (length(address) <= 120),
            place_id INTEGER REFERENCES place (id),
            latitude REAL,
            longitude REAL,
            major TEXT NOT NULL CHECK (length(major) <= 3),
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            told_at INTEGER NOT NULL,
            published_at INTEGER,
            changed_at INTEGER NOT NULL,
            cleared_by INTEGER REFERENCES account (id),
            cleared_at INTEGER,
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX case_publication_district ON case_publication (district, published_at, case_id, major, is_open)
            WHERE state = 'cleared';
        CREATE INDEX case_publication_street ON case_publication (street, published_at, case_id, major, is_open)
            WHERE state = 'cleared';
        CREATE INDEX case_publication_community ON case_publication (community, published_at, case_id, major, is_open)
            WHERE state = 'cleared';
        CREATE INDEX case_publication_place ON case_publication (place_id, published_at, case_id, major, is_open)
            WHERE state = 'cleared';
        CREATE INDEX case_publication_told ON case_publication (told_at, case_id, is_open) WHERE state = 'cleared';
        CREATE INDEX case_publication_due_district ON case_publication (district, case_id) WHERE is_due = 1;
        CREATE INDEX case_publication_due_street ON case_publication (street, case_id) WHERE is_due = 1;
        CREATE INDEX case_publication_due_community ON case_publication (community, case_id) WHERE is_due = 1;
        CREATE TABLE case_publication_photo (
            case_id INTEGER NOT NULL REFERENCES case_publication (case_id),
            file_id INTEGER NOT NULL REFERENCES stored_file (id),
            PRIMARY KEY (case_id, file_id)
        ) STRICT;
        INSERT INTO case_publication (case_id, state, withheld_by, consent, is_due, district, street, community, title,
            text, result, address, major, is_open, told_at, changed_at, version)
        SELECT id, 'waiting', 'nobody', 'unasked', 1, district, street, community, '', '', '', '',
            substr(category, 1, 3), 1, created_at, created_at, 1
        FROM case_item WHERE is_public = 1 AND is_open = 1 AND parent_id IS NULL;
        """
    )
}
