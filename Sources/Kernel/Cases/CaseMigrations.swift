import LinliSQL

extension Migration {
    /// Stored files: one row per use, one blob per content.
    static let files = Migration(
        "2026-11-22.09-files",
        """
        CREATE TABLE stored_file (
            id INTEGER NOT NULL PRIMARY KEY,
            hash TEXT NOT NULL CHECK (length(hash) = 64),
            size INTEGER NOT NULL,
            type TEXT NOT NULL CHECK (length(type) <= 60),
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) <= 200),
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX stored_file_hash ON stored_file (hash);
        """
    )

    /// Cases, their parties, history, photos, counts, numbers and full text.
    static let cases = Migration(
        "2026-11-22.10-cases",
        """
        CREATE TABLE case_item (
            id INTEGER NOT NULL PRIMARY KEY,
            number TEXT NOT NULL UNIQUE CHECK (length(number) <= 30),
            type TEXT NOT NULL CHECK (length(type) <= 40),
            type_version INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (length(state) <= 40),
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            nature TEXT NOT NULL CHECK (length(nature) <= 20),
            category TEXT NOT NULL CHECK (length(category) <= 40),
            title TEXT NOT NULL CHECK (length(title) <= 60),
            text TEXT NOT NULL CHECK (length(text) <= 4000),
            text_sealed BLOB,
            location TEXT NOT NULL CHECK (length(location) <= 200),
            spot TEXT NOT NULL CHECK (length(spot) <= 20),
            division INTEGER NOT NULL,
            district INTEGER NOT NULL,
            street INTEGER NOT NULL,
            community INTEGER NOT NULL,
            grid INTEGER NOT NULL,
            place_id INTEGER REFERENCES place (id),
            place_address TEXT NOT NULL CHECK (length(place_address) <= 200),
            latitude REAL,
            longitude REAL,
            source TEXT NOT NULL CHECK (length(source) <= 20),
            disclosure TEXT NOT NULL CHECK (length(disclosure) <= 20),
            reporter_id INTEGER REFERENCES account (id),
            reporter_sealed BLOB,
            reporter_mask TEXT NOT NULL CHECK (length(reporter_mask) <= 80),
            is_on_behalf INTEGER NOT NULL CHECK (is_on_behalf IN (0, 1)),
            registered_by INTEGER REFERENCES account (id),
            receipt_hash BLOB UNIQUE,
            handler_unit INTEGER REFERENCES unit (id),
            handler_id INTEGER REFERENCES account (id),
            against_unit INTEGER NOT NULL,
            ground TEXT NOT NULL CHECK (length(ground) <= 40),
            is_urgent INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
            contests INTEGER NOT NULL,
            is_repeated INTEGER NOT NULL CHECK (is_repeated IN (0, 1)),
            stars INTEGER CHECK (stars BETWEEN 1 AND 5),
            created_at INTEGER NOT NULL,
            state_since INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            closed_at INTEGER,
            is_public INTEGER NOT NULL CHECK (is_public IN (0, 1)),
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX case_district_due ON case_item (district, due_at, id, state, against_unit) WHERE is_open = 1;
        CREATE INDEX case_street_due ON case_item (street, due_at, id, state, against_unit) WHERE is_open = 1;
        CREATE INDEX case_community_due ON case_item (community, due_at, id, state, against_unit) WHERE is_open = 1;
        CREATE INDEX case_grid_due ON case_item (grid, due_at, id, state, against_unit) WHERE is_open = 1;
        CREATE INDEX case_district_id ON case_item (district, id);
        CREATE INDEX case_street_id ON case_item (street, id);
        CREATE INDEX case_community_id ON case_item (community, id);
        CREATE INDEX case_grid_id ON case_item (grid, id);
        CREATE INDEX case_reporter ON case_item (reporter_id, id) WHERE reporter_id IS NOT NULL;
        CREATE INDEX case_clock ON case_item (state, due_at) WHERE is_open = 1;
        CREATE TABLE case_party (
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            role TEXT NOT NULL CHECK (length(role) <= 20),
            since INTEGER NOT NULL,
            until INTEGER,
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            due_at INTEGER NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (case_id, unit_id, role)
        ) STRICT;
        CREATE INDEX case_party_due ON case_party (unit_id, due_at, case_id, state) WHERE is_open = 1 AND until IS NULL;
        CREATE INDEX case_party_id ON case_party (unit_id, case_id) WHERE until IS NULL;
        CREATE TABLE case_entry (
            id INTEGER NOT NULL PRIMARY KEY,
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('transition', 'note')),
            transition TEXT NOT NULL CHECK (length(transition) <= 40),
            from_state TEXT NOT NULL CHECK (length(from_state) <= 40),
            to_state TEXT NOT NULL CHECK (length(to_state) <= 40),
            actor_id INTEGER REFERENCES account (id),
            actor_name TEXT NOT NULL CHECK (length(actor_name) <= 40),
            unit_id INTEGER REFERENCES unit (id),
            text TEXT NOT NULL CHECK (length(text) <= 4000),
            text_sealed BLOB,
            is_visible INTEGER NOT NULL CHECK (is_visible IN (0, 1)),
            reason_class TEXT NOT NULL CHECK (length(reason_class) <= 40)
        ) STRICT;
        CREATE INDEX case_entry_case ON case_entry (case_id, id);
        CREATE TABLE case_photo (
            id INTEGER NOT NULL PRIMARY KEY,
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            file_id INTEGER NOT NULL REFERENCES stored_file (id),
            kind TEXT NOT NULL CHECK (kind IN ('before', 'after')),
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX case_photo_case ON case_photo (case_id, id);
        CREATE INDEX case_photo_file ON case_photo (file_id);
        CREATE TABLE case_count (
            owner_kind TEXT NOT NULL CHECK (owner_kind IN ('division', 'unit')),
            owner INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (length(state) <= 40),
            against_unit INTEGER NOT NULL,
            total INTEGER NOT NULL,
            PRIMARY KEY (owner_kind, owner, state, against_unit)
        ) STRICT;
        CREATE TABLE number_block (
            day INTEGER NOT NULL PRIMARY KEY,
            next INTEGER NOT NULL
        ) STRICT;
        """,
        sqlite: """
            CREATE VIRTUAL TABLE case_search USING fts5 (body, tokenize = "unicode61 remove_diacritics 0");
            """,
        postgres: """
            CREATE TABLE case_search (rowid BIGINT NOT NULL PRIMARY KEY, body TSVECTOR NOT NULL);
            CREATE INDEX case_search_body ON case_search USING GIN (body);
            """
    )
}

extension Migration {
    /// What lists public cases by the day they were told, and finds a place by its address.
    static let publicCases = Migration(
        "2026-11-25.41-public-cases",
        """
        CREATE INDEX case_public_created ON case_item (created_at, id, category, is_open) WHERE is_public = 1;
        CREATE INDEX place_address ON place (address);
        """
    )

    /// Where a case is as it was written, when numbers in it had to be masked.
    static let sealedLocations = Migration(
        "2026-11-25.44-sealed-locations",
        "ALTER TABLE case_item ADD COLUMN location_sealed BLOB;"
    )
}

extension Migration {
    /// What belongs to a place is found by it, before somebody takes it out of the register.
    static let placeUse = Migration(
        "2026-11-25.43-place-use",
        """
        CREATE INDEX case_place ON case_item (place_id) WHERE place_id IS NOT NULL;
        CREATE INDEX account_place ON account (place_id) WHERE place_id IS NOT NULL;
        """
    )
}

extension Migration {
    /// The kernel's steps, in the order of its parts.
    static let kernel: [Migration] = [
        .nodes,
        .audit,
        .outbox,
        .jobs,
        .live,
        .units,
        .access,
        .rosters,
        .divisions,
        .files,
        .cases,
        .accountSetup,
        .caseEngine,
        .secondFactorSteps,
        .sealedReplies,
        .keepers,
        .unitClosing,
        .calendar,
        .programKeys,
        .publicCases,
        .dispatch,
        .publication,
        .placeUse,
        .suggestions,
        .outcomes,
        .keptForms,
        .sealedLocations,
        .countsOnce,
        .duty,
        .whistles,
        .voices,
        .assignment,
        .caseTypeDrafts,
        .outcomeLists,
        .shippedTypes,
        .foreignOrders,
        .deliveryOrder, .registers, .registerSubjects, .rostersByAccount, .gridPlans, .gridRoles, .registerTwins,
        .registerPrivacy, .registerSearch, .registerMarks, .registerImports, .labels, .visits, .offline, .warnings,
        .warningLook, .offlineRetention, .thingsOnMaps, .headChanges,
        .warningMade, .labelNews, .visitLabels, .visitLedger, .importChanges, .importMoves, .similarCases,
        .caseCopies, .caseMessages, .retention, .rateRules, .caseHands, .placeRegister, .thingsUpkeep, .homesMerged,
        .gridRolePhones,
        .auditTimes,
        .caseDoubts, .privateRequests, .messageStops, .accusations,
        .stepAnswers, .partDues, .foreignOrderAges, .contentRemovals, .jobFailures, .messagesSent,
        .auditKinds, .registerRetention, .dataRequestAlerts,
        .warningBooks,
        .foreignOrderSeen,
        .caseTimerStretches,
        .whistleExpected, .gridEventMonths,
        .registerNames, .visitRetention, .dispatchToGrid, .foreignExclusions, .registerNamePlaces,
        .dutyAhead, .caseMessagesEnded, .restrictedPeople, .supervisedUnits, .visitMoves, .assessmentCutoffs,
        .visitsOfGrids,
        .voicesOfLeads,
        .keyProofs, .plateEnds, .mergedFollow, .importUndoers, .saidElsewhere, .voicesInPublic,
        .visitAttempts,
        .foreignOrdersAgain, .onceTipOffs,
        .supervisionEnds, .unprofiledPeople,
        .offlineDecided,
        .unattributedLines, .foreignImports, .foreignOrderAccused,
        .importMet, .sheetColumnsSaid,
        .plainWords,
        .saidDays,
        .erasedDays,
        .suggestionPlaces,
        .foreignOrderTaken, .attributedAgain,
        .clearedTellers,
    ]
}
