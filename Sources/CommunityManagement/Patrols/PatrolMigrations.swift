import LinliSQL

extension Migration {
    /// Routes are changed: by whom nobody overwrites, since when their window holds, and which points were left out.
    static let patrolChanges = Migration(
        "2026-11-28.81-patrol-changes",
        """
        ALTER TABLE patrol_route ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE patrol_route ADD COLUMN window_since INTEGER;
        ALTER TABLE patrol_point ADD COLUMN ended_at INTEGER;
        """
    )

    /// A round that was begun without a network has a name of the phone's own, so that it is one round however often it
    /// comes.
    static let patrolPhones = Migration(
        "2026-11-29.80-patrol-phones",
        """
        ALTER TABLE patrol ADD COLUMN phone_key TEXT CHECK (length(phone_key) <= 40);
        CREATE UNIQUE INDEX patrol_phone_key ON patrol (worker_id, phone_key) WHERE phone_key IS NOT NULL;
        """
    )

    /// Since when a point is on its route, and since when it asks for a photo; which checklist a route had before: a round
    /// without a network is judged by what there was when it was walked. Of points from before nobody noted it.
    static let patrolTimes = Migration(
        "2026-12-02.40-patrol-times",
        """
        ALTER TABLE patrol_route ADD COLUMN checklist_before TEXT CHECK (length(checklist_before) <= 4000);
        ALTER TABLE patrol_route ADD COLUMN checklist_since INTEGER;
        ALTER TABLE patrol_point ADD COLUMN created_at INTEGER;
        ALTER TABLE patrol_point ADD COLUMN photo_since INTEGER;
        """
    )

    /// Where points were before they were moved, and until when: a round without a network is judged by where they were
    /// when its phone learned of them. Of moves from before nobody noted it: there the point's present position has to do.
    static let patrolMoves = Migration(
        "2026-12-04.40-patrol-moves",
        """
        CREATE TABLE patrol_point_before (
            id INTEGER NOT NULL PRIMARY KEY,
            point_id INTEGER NOT NULL REFERENCES patrol_point (id),
            latitude REAL NOT NULL,
            longitude REAL NOT NULL,
            until_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX patrol_point_before_point ON patrol_point_before (point_id, until_at);
        """
    )

    /// Routes of patrols with their points, patrols, signs at points, what was found, and tracks for a few days.
    static let patrols = Migration(
        "2026-11-26.75-patrols",
        """
        CREATE TABLE patrol_route (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL CHECK (length(name) <= 60),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
            until_minute INTEGER NOT NULL CHECK (until_minute BETWEEN 1 AND 1440),
            weekdays TEXT NOT NULL CHECK (length(weekdays) <= 7),
            checklist TEXT NOT NULL CHECK (length(checklist) <= 4000),
            created_at INTEGER NOT NULL,
            created_by INTEGER REFERENCES account (id),
            ended_at INTEGER
        ) STRICT;
        CREATE INDEX patrol_route_division ON patrol_route (division, id) WHERE ended_at IS NULL;
        CREATE INDEX patrol_route_community ON patrol_route (community, id) WHERE ended_at IS NULL;
        CREATE TABLE patrol_point (
            id INTEGER NOT NULL PRIMARY KEY,
            route_id INTEGER NOT NULL REFERENCES patrol_route (id),
            position INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) <= 120),
            place_id INTEGER REFERENCES place (id),
            latitude REAL,
            longitude REAL,
            needs_photo INTEGER NOT NULL CHECK (needs_photo IN (0, 1)),
            UNIQUE (route_id, position)
        ) STRICT;
        CREATE INDEX patrol_point_place ON patrol_point (place_id) WHERE place_id IS NOT NULL;
        CREATE TABLE patrol (
            id INTEGER NOT NULL PRIMARY KEY,
            route_id INTEGER NOT NULL REFERENCES patrol_route (id),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            day INTEGER NOT NULL,
            worker_id INTEGER NOT NULL REFERENCES account (id),
            worker_name TEXT NOT NULL CHECK (length(worker_name) <= 40),
            started_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT;
        CREATE INDEX patrol_route_day ON patrol (route_id, day, id);
        CREATE INDEX patrol_worker ON patrol (worker_id, id) WHERE ended_at IS NULL;
        CREATE TABLE patrol_sign (
            id INTEGER NOT NULL PRIMARY KEY,
            patrol_id INTEGER NOT NULL REFERENCES patrol (id),
            point_id INTEGER NOT NULL REFERENCES patrol_point (id),
            at INTEGER NOT NULL,
            way TEXT NOT NULL CHECK (way IN ('code', 'position')),
            metres INTEGER,
            is_normal INTEGER NOT NULL CHECK (is_normal IN (0, 1)),
            UNIQUE (patrol_id, point_id)
        ) STRICT;
        CREATE INDEX patrol_sign_point ON patrol_sign (point_id, id);
        CREATE TABLE patrol_finding (
            id INTEGER NOT NULL PRIMARY KEY,
            patrol_id INTEGER NOT NULL REFERENCES patrol (id),
            point_id INTEGER NOT NULL REFERENCES patrol_point (id),
            place_id INTEGER REFERENCES place (id),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            at INTEGER NOT NULL,
            hazard TEXT NOT NULL CHECK (length(hazard) <= 40),
            is_danger INTEGER NOT NULL CHECK (is_danger IN (0, 1)),
            is_settled INTEGER NOT NULL CHECK (is_settled IN (0, 1)),
            case_id INTEGER NOT NULL REFERENCES case_item (id)
        ) STRICT;
        CREATE INDEX patrol_finding_patrol ON patrol_finding (patrol_id, id);
        CREATE INDEX patrol_finding_point ON patrol_finding (point_id, id);
        CREATE INDEX patrol_finding_place ON patrol_finding (place_id, id) WHERE place_id IS NOT NULL;
        CREATE INDEX patrol_finding_division ON patrol_finding (division, id);
        CREATE INDEX patrol_finding_community ON patrol_finding (community, id);
        CREATE INDEX patrol_finding_case ON patrol_finding (case_id);
        CREATE TABLE patrol_photo (
            id INTEGER NOT NULL PRIMARY KEY,
            sign_id INTEGER NOT NULL REFERENCES patrol_sign (id),
            file_id INTEGER NOT NULL REFERENCES stored_file (id)
        ) STRICT;
        CREATE INDEX patrol_photo_sign ON patrol_photo (sign_id, id);
        CREATE INDEX patrol_photo_file ON patrol_photo (file_id);
        CREATE TABLE patrol_track (
            id INTEGER NOT NULL PRIMARY KEY,
            patrol_id INTEGER NOT NULL REFERENCES patrol (id),
            at INTEGER NOT NULL,
            latitude REAL NOT NULL,
            longitude REAL NOT NULL,
            keep_until INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX patrol_track_patrol ON patrol_track (patrol_id, id);
        CREATE INDEX patrol_track_keep ON patrol_track (keep_until, id);
        """
    )
}
