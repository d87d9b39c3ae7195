import LinliSQL

extension Migration {
    /// Dwellings, households, people and who lives where.
    static let registers = Migration(
        "2026-11-26.40-registers",
        """
        CREATE TABLE dwelling (
            id INTEGER NOT NULL PRIMARY KEY,
            place_id INTEGER NOT NULL REFERENCES place (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            number TEXT NOT NULL CHECK (length(number) <= 40),
            floor INTEGER,
            address TEXT NOT NULL CHECK (length(address) <= 200),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            occupancy TEXT NOT NULL CHECK (length(occupancy) <= 20),
            property_right TEXT CHECK (length(property_right) <= 20),
            area_square_metres REAL,
            sort_key INTEGER NOT NULL,
            latitude REAL,
            longitude REAL,
            source TEXT NOT NULL CHECK (length(source) <= 40),
            import_id INTEGER,
            valid_from INTEGER NOT NULL,
            valid_to INTEGER,
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX dwelling_place ON dwelling (place_id, sort_key, id) WHERE valid_to IS NULL;
        CREATE INDEX dwelling_division ON dwelling (division, id) WHERE valid_to IS NULL;
        CREATE INDEX dwelling_community ON dwelling (community, id) WHERE valid_to IS NULL;
        CREATE INDEX dwelling_address ON dwelling (address) WHERE valid_to IS NULL;
        CREATE INDEX dwelling_import ON dwelling (import_id, id) WHERE import_id IS NOT NULL;
        CREATE TABLE household (
            id INTEGER NOT NULL PRIMARY KEY,
            dwelling_id INTEGER NOT NULL REFERENCES dwelling (id),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            heard_at INTEGER,
            source TEXT NOT NULL CHECK (length(source) <= 40),
            import_id INTEGER,
            valid_from INTEGER NOT NULL,
            valid_to INTEGER,
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX household_dwelling ON household (dwelling_id, id) WHERE valid_to IS NULL;
        CREATE INDEX household_division ON household (division, id) WHERE valid_to IS NULL;
        CREATE INDEX household_community ON household (community, id) WHERE valid_to IS NULL;
        CREATE INDEX household_import ON household (import_id, id) WHERE import_id IS NOT NULL;
        CREATE TABLE person (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL CHECK (length(name) <= 60),
            sex INTEGER NOT NULL CHECK (sex IN (0, 1, 2, 9)),
            born INTEGER NOT NULL,
            number_kind TEXT NOT NULL CHECK (length(number_kind) <= 20),
            number_sealed BLOB,
            number_hash BLOB,
            number_mask TEXT NOT NULL CHECK (length(number_mask) <= 30),
            phone_sealed BLOB,
            phone_hash BLOB,
            phone_mask TEXT NOT NULL CHECK (length(phone_mask) <= 30),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            source TEXT NOT NULL CHECK (length(source) <= 40),
            import_id INTEGER,
            valid_from INTEGER NOT NULL,
            valid_to INTEGER,
            end_reason TEXT CHECK (length(end_reason) <= 20),
            merged_into INTEGER REFERENCES person (id),
            restricted_at INTEGER,
            is_profiled INTEGER NOT NULL CHECK (is_profiled IN (0, 1)),
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX person_division ON person (division, id) WHERE valid_to IS NULL;
        CREATE INDEX person_community ON person (community, id) WHERE valid_to IS NULL;
        CREATE INDEX person_number ON person (number_hash) WHERE number_hash IS NOT NULL;
        CREATE INDEX person_phone ON person (phone_hash) WHERE phone_hash IS NOT NULL;
        CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX person_import ON person (import_id, id) WHERE import_id IS NOT NULL;
        CREATE TABLE residence (
            id INTEGER NOT NULL PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES person (id),
            household_id INTEGER REFERENCES household (id),
            dwelling_id INTEGER NOT NULL REFERENCES dwelling (id),
            tie TEXT NOT NULL CHECK (length(tie) <= 20),
            relation TEXT NOT NULL CHECK (length(relation) <= 20),
            valid_from INTEGER NOT NULL,
            valid_to INTEGER
        ) STRICT;
        CREATE INDEX residence_person ON residence (person_id, id);
        CREATE INDEX residence_household ON residence (household_id, id) WHERE valid_to IS NULL;
        CREATE INDEX residence_dwelling ON residence (dwelling_id, id);
        """
    )

    /// Organizations, things, and what is the same for everything in the registers.
    static let registerSubjects = Migration(
        "2026-11-26.41-register-subjects",
        """
        CREATE TABLE organization (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL CHECK (length(name) <= 120),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            credit_code TEXT NOT NULL CHECK (length(credit_code) <= 18),
            is_code_doubtful INTEGER NOT NULL CHECK (is_code_doubtful IN (0, 1)),
            activity TEXT NOT NULL CHECK (length(activity) <= 120),
            staff_count INTEGER,
            contact_name TEXT NOT NULL CHECK (length(contact_name) <= 60),
            phone_sealed BLOB,
            phone_hash BLOB,
            phone_mask TEXT NOT NULL CHECK (length(phone_mask) <= 30),
            place_id INTEGER REFERENCES place (id),
            dwelling_id INTEGER REFERENCES dwelling (id),
            address TEXT NOT NULL CHECK (length(address) <= 200),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            latitude REAL,
            longitude REAL,
            source TEXT NOT NULL CHECK (length(source) <= 40),
            import_id INTEGER,
            valid_from INTEGER NOT NULL,
            valid_to INTEGER,
            merged_into INTEGER REFERENCES organization (id),
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX organization_division ON organization (division, id) WHERE valid_to IS NULL;
        CREATE INDEX organization_community ON organization (community, id) WHERE valid_to IS NULL;
        CREATE INDEX organization_code ON organization (credit_code) WHERE credit_code <> '';
        CREATE INDEX organization_place ON organization (place_id, id) WHERE place_id IS NOT NULL;
        CREATE INDEX organization_dwelling ON organization (dwelling_id, id) WHERE dwelling_id IS NOT NULL;
        CREATE INDEX organization_merged ON organization (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX organization_import ON organization (import_id, id) WHERE import_id IS NOT NULL;
        CREATE TABLE thing (
            id INTEGER NOT NULL PRIMARY KEY,
            code TEXT NOT NULL CHECK (length(code) <= 16),
            category TEXT NOT NULL CHECK (length(category) <= 20),
            name TEXT NOT NULL CHECK (length(name) <= 120),
            state TEXT NOT NULL CHECK (length(state) <= 20),
            competent_body TEXT NOT NULL CHECK (length(competent_body) <= 120),
            owner_body TEXT NOT NULL CHECK (length(owner_body) <= 120),
            upkeep_body TEXT NOT NULL CHECK (length(upkeep_body) <= 120),
            upkeep_unit INTEGER REFERENCES unit (id),
            place_id INTEGER REFERENCES place (id),
            location TEXT NOT NULL CHECK (length(location) <= 200),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            latitude REAL,
            longitude REAL,
            note TEXT NOT NULL CHECK (length(note) <= 400),
            source TEXT NOT NULL CHECK (length(source) <= 40),
            import_id INTEGER,
            valid_from INTEGER NOT NULL,
            valid_to INTEGER,
            merged_into INTEGER REFERENCES thing (id),
            version INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX thing_division ON thing (division, id) WHERE valid_to IS NULL;
        CREATE INDEX thing_community ON thing (community, id) WHERE valid_to IS NULL;
        CREATE INDEX thing_code ON thing (code) WHERE code <> '';
        CREATE INDEX thing_place ON thing (place_id, id) WHERE place_id IS NOT NULL;
        CREATE INDEX thing_upkeep ON thing (upkeep_unit) WHERE upkeep_unit IS NOT NULL;
        CREATE INDEX thing_merged ON thing (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX thing_import ON thing (import_id, id) WHERE import_id IS NOT NULL;
        CREATE TABLE register_fact (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            field TEXT NOT NULL CHECK (length(field) <= 60),
            value TEXT CHECK (length(value) <= 400),
            value_sealed BLOB,
            division INTEGER NOT NULL,
            source TEXT NOT NULL CHECK (length(source) <= 40),
            at INTEGER NOT NULL,
            UNIQUE (kind, subject_id, field)
        ) STRICT;
        CREATE TABLE register_change (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            at INTEGER NOT NULL,
            what TEXT NOT NULL CHECK (length(what) <= 20),
            fields TEXT NOT NULL CHECK (length(fields) <= 1000),
            values_sealed BLOB,
            account_id INTEGER REFERENCES account (id),
            actor_name TEXT NOT NULL CHECK (length(actor_name) <= 60),
            source TEXT NOT NULL CHECK (length(source) <= 40)
        ) STRICT;
        CREATE INDEX register_change_subject ON register_change (kind, subject_id, id);
        CREATE TABLE register_photo (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            file_id INTEGER NOT NULL REFERENCES stored_file (id),
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id)
        ) STRICT;
        CREATE INDEX register_photo_subject ON register_photo (kind, subject_id, id);
        CREATE INDEX register_photo_file ON register_photo (file_id);
        CREATE TABLE register_link (
            id INTEGER NOT NULL PRIMARY KEY,
            from_kind TEXT NOT NULL CHECK (length(from_kind) <= 20),
            from_id INTEGER NOT NULL,
            to_kind TEXT NOT NULL CHECK (length(to_kind) <= 20),
            to_id INTEGER NOT NULL,
            relation TEXT NOT NULL CHECK (length(relation) <= 40),
            valid_from INTEGER NOT NULL,
            valid_to INTEGER
        ) STRICT;
        CREATE INDEX register_link_from ON register_link (from_kind, from_id, id) WHERE valid_to IS NULL;
        CREATE INDEX register_link_to ON register_link (to_kind, to_id, id) WHERE valid_to IS NULL;
        CREATE TABLE register_count (
            division INTEGER NOT NULL,
            what TEXT NOT NULL CHECK (length(what) <= 60),
            total INTEGER NOT NULL,
            PRIMARY KEY (division, what)
        ) STRICT;
        """
    )

    /// Whether somebody is on duty now is asked by account.
    static let rostersByAccount = Migration(
        "2026-11-26.42-rosters-by-account",
        "CREATE INDEX duty_shift_account ON duty_shift (account_id, ends_at);"
    )

    /// Entries that may be the same person are found by name and birth, histories by who wrote them.
    static let registerTwins = Migration(
        "2026-11-26.43-register-twins", "CREATE INDEX person_name ON person (name, born) WHERE valid_to IS NULL;")

    /// Which unit of this system keeps a thing up follows from the body's name.
    static let thingsUpkeep = Migration(
        "2026-11-28.60-things-upkeep",
        """
        CREATE INDEX unit_name ON unit (name);
        UPDATE thing SET upkeep_unit = (
            SELECT CASE WHEN count(*) = 1 THEN min(u.id) END FROM unit u WHERE u.name = thing.upkeep_body
        ) WHERE upkeep_unit IS NULL AND upkeep_body <> '';
        """
    )

    /// Shops and facilities without a code that may be entered twice are found by their names.
    static let registerNames = Migration(
        "2026-11-30.70-register-names",
        """
        CREATE INDEX organization_name ON organization (name) WHERE valid_to IS NULL;
        CREATE INDEX thing_name ON thing (name, location) WHERE valid_to IS NULL;
        """
    )

    /// The same within a community: a city has ten thousand shops of one name.
    static let registerNamePlaces = Migration(
        "2026-11-30.78-register-name-places",
        """
        DROP INDEX organization_name;
        DROP INDEX thing_name;
        CREATE INDEX organization_name ON organization (name, community, id) WHERE valid_to IS NULL;
        CREATE INDEX thing_name ON thing (name, location, community, id) WHERE valid_to IS NULL;
        """
    )

    /// Whose entry is only kept, by when they asked: phones are told of it at each contact.
    static let restrictedPeople = Migration(
        "2026-11-30.96-restricted-people",
        "CREATE INDEX person_restricted ON person (community, restricted_at, id) WHERE restricted_at IS NOT NULL;")

    /// Devices are counted per grid for the map, from the index alone.
    static let thingsOnMaps = Migration(
        "2026-11-27.31-things-on-maps",
        "CREATE INDEX thing_device ON thing (division, category, state, id) WHERE valid_to IS NULL;"
    )
}
