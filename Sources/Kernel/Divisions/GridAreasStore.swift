import LinliCore
import LinliSQL
import LinliStandards

/// Every SQL text about the areas of grids.
///
/// An area holds from a moment on until another one takes its place; the ones before are kept, so that a point finds the
/// grid it lay in on any day.
package enum GridAreasStore {
    /// Stores the area of a grid in place of the one it had, from now on.
    package static func put(_ grid: GridArea, _ tx: WriteTx) throws {
        try put(grid, from: tx.now, plan: nil, tx)
        try tx.raise(.divisions)
    }

    /// Stores the area of a grid in place of the one it had, from a moment on.
    static func put(_ grid: GridArea, from: Instant, plan: ID<GridPlan>?, _ tx: WriteTx) throws {
        try close(grid.division, at: from, tx)
        let id = try tx.newID(GridOutline.self)
        try tx.execute(
            """
            INSERT INTO grid_shape (id, division, geometry, plan_id, valid_from)
            VALUES (\(id), \(grid.division), \(grid.geometry), \(plan), \(from))
            """
        )
        for start in stride(from: 0, to: grid.tiles.count, by: 500) {
            let rows: [SQL] = grid.tiles[start..<min(start + 500, grid.tiles.count)].map { "(\($0), \(id))" }
            try tx.execute("INSERT INTO grid_shape_tile (tile, shape_id) VALUES \(SQL.joined(rows, separator: ", "))")
        }
        try tx.audit(Subject("division", grid.division.rawValue, division: grid.division), fields: ["area"])
    }

    /// Forgets the area of a grid from now on.
    package static func remove(_ division: DivisionCode, _ tx: WriteTx) throws {
        try close(division, at: tx.now, tx)
        try tx.raise(.divisions)
        try tx.audit(Subject("division", division.rawValue, division: division), fields: ["area"])
    }

    /// Ends the area a grid has at a moment, and takes back what was to hold later.
    static func close(_ division: DivisionCode, at end: Instant, _ tx: WriteTx) throws {
        try forget("division = \(division) AND valid_from >= \(end)", tx)
        try tx.execute(
            """
            UPDATE grid_shape SET valid_until = \(end) WHERE division = \(division)
            AND (valid_until IS NULL OR valid_until > \(end))
            """
        )
    }

    /// Takes back the areas of a plan that has not begun: those it would have replaced go on.
    static func withdraw(_ plan: ID<GridPlan>, in community: DivisionCode, from: Instant, _ tx: WriteTx) throws {
        try forget("plan_id = \(plan)", tx)
        try tx.execute(
            """
            UPDATE grid_shape SET valid_until = NULL WHERE valid_until = \(from)
            AND division BETWEEN \(community.range.lowerBound) AND \(community.range.upperBound)
            """
        )
        try tx.audit(Subject("division", community.rawValue, division: community), fields: ["area"])
    }

    private static func forget(_ condition: SQL, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM grid_shape_tile WHERE shape_id IN (SELECT id FROM grid_shape WHERE \(condition))")
        try tx.execute("DELETE FROM grid_shape WHERE \(condition)")
    }

    /// The grids inside a division with their areas, by code; at most `limit`.
    package static func outlines(
        in division: DivisionCode, at now: Instant, limit: Int = 2000, _ tx: ReadTx
    ) throws -> [GridOutline] {
        try tx.all(
            """
            SELECT s.division, d.name, s.geometry FROM grid_shape s JOIN division d ON d.code = s.division
            WHERE s.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND s.valid_from <= \(now) AND (s.valid_until IS NULL OR s.valid_until > \(now))
            AND d.valid_from <= \(now) AND (d.valid_until IS NULL OR d.valid_until > \(now))
            ORDER BY s.division LIMIT \(limit)
            """
        ) { row in
            GridOutline(code: try row[0], name: try row[1], area: try GridGeometry.decode(try row[2]))
        }
    }

    /// A number that changes whenever a division or a border does: what was drawn with the same one can be shown again.
    package static func edition(_ tx: ReadTx) throws -> Int64 {
        try tx.value("SELECT number FROM revision WHERE name = \(Revision.divisions)") ?? 0
    }

    /// The grids inside a division as a GeoJSON FeatureCollection; each feature has `code` and `name`.
    package static func geoJSON(in division: DivisionCode, at now: Instant, _ tx: ReadTx) throws -> JSONWriter {
        geoJSON(try outlines(in: division, at: now, tx))
    }

    /// Grids as a GeoJSON FeatureCollection; each feature has `code` and `name`.
    package static func geoJSON(_ grids: [GridOutline]) -> JSONWriter {
        var json = JSONWriter(capacity: 256 + grids.count * 1024)
        json.object { json in
            json.field("type", "FeatureCollection")
            json.key("features")
            json.array { json in
                for grid in grids { write(grid, to: &json) }
            }
        }
        return json
    }

    private static func write(_ grid: GridOutline, to json: inout JSONWriter) {
        json.object { json in
            json.field("type", "Feature")
            json.field("id", grid.code.description)
            json.key("properties")
            json.object { json in
                json.field("code", grid.code.description)
                json.field("name", grid.name)
            }
            json.key("geometry")
            grid.area.writeGeoJSON(to: &json)
        }
    }
}

/// Finds the grid of a place.
package enum GridLocator {
    /// The grid that holds a place in WGS 84 on a day; nil outside of every grid.
    ///
    /// Neighbouring grids share their border and each point of it belongs to one of them. If two grids overlap all the
    /// same, the one with the lower code answers.
    package static func grid(
        latitude: Double, longitude: Double, at moment: Instant, _ tx: ReadTx
    ) throws -> DivisionCode? {
        guard let point = GeoPoint(longitude: longitude, latitude: latitude) else { return nil }
        let near = try tx.all(
            """
            SELECT s.division, s.geometry FROM grid_shape_tile t JOIN grid_shape s ON s.id = t.shape_id
            WHERE t.tile = \(GridTile.holding(point)) AND s.valid_from <= \(moment)
            AND (s.valid_until IS NULL OR s.valid_until > \(moment)) ORDER BY s.division
            """
        ) { row -> (DivisionCode, String) in (try row[0], try row[1]) }
        for (division, geometry) in near where try GridGeometry.mayContain(geometry, point) {
            if try GridGeometry.decode(geometry).contains(point) { return division }
        }
        return nil
    }
}

extension Migration {
    /// Areas of grids with from when to when they hold, and the plans they come from.
    static let gridPlans = Migration(
        "2026-11-26.30-grid-plans",
        """
        CREATE TABLE grid_plan (
            id INTEGER NOT NULL PRIMARY KEY,
            community INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'dropped')),
            number INTEGER NOT NULL,
            territory TEXT NOT NULL CHECK (length(territory) <= 200000),
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            created_by INTEGER REFERENCES account (id),
            changed_at INTEGER NOT NULL,
            changed_by INTEGER REFERENCES account (id),
            reason TEXT NOT NULL CHECK (length(reason) <= 400),
            effective_at INTEGER,
            published_at INTEGER,
            published_by INTEGER REFERENCES account (id),
            moved_at INTEGER,
            CHECK ((state = 'published') = (effective_at IS NOT NULL))
        ) STRICT;
        CREATE UNIQUE INDEX grid_plan_draft ON grid_plan (community) WHERE state = 'draft';
        CREATE INDEX grid_plan_community ON grid_plan (community, id);
        CREATE TABLE grid_plan_part (
            plan_id INTEGER NOT NULL REFERENCES grid_plan (id),
            division INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
            geometry TEXT NOT NULL CHECK (length(geometry) <= 200000),
            PRIMARY KEY (plan_id, division)
        ) STRICT;
        CREATE TABLE grid_move (
            plan_id INTEGER NOT NULL REFERENCES grid_plan (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            last_id INTEGER NOT NULL,
            moved INTEGER NOT NULL,
            done_at INTEGER,
            PRIMARY KEY (plan_id, kind)
        ) STRICT;
        CREATE TABLE grid_shape (
            id INTEGER NOT NULL PRIMARY KEY,
            division INTEGER NOT NULL,
            geometry TEXT NOT NULL CHECK (length(geometry) <= 200000),
            plan_id INTEGER REFERENCES grid_plan (id),
            valid_from INTEGER NOT NULL,
            valid_until INTEGER,
            CHECK (valid_until > valid_from)
        ) STRICT;
        CREATE UNIQUE INDEX grid_shape_current ON grid_shape (division) WHERE valid_until IS NULL;
        CREATE INDEX grid_shape_division ON grid_shape (division, valid_from);
        CREATE INDEX grid_shape_plan ON grid_shape (plan_id) WHERE plan_id IS NOT NULL;
        CREATE TABLE grid_shape_tile (
            tile INTEGER NOT NULL,
            shape_id INTEGER NOT NULL REFERENCES grid_shape (id),
            PRIMARY KEY (tile, shape_id)
        ) STRICT;
        CREATE INDEX grid_shape_tile_shape ON grid_shape_tile (shape_id);
        INSERT INTO grid_shape (id, division, geometry, valid_from) SELECT division, division, geometry, 0 FROM grid_area;
        INSERT INTO grid_shape_tile (tile, shape_id) SELECT tile, division FROM grid_tile;
        DROP TABLE grid_tile;
        DROP TABLE grid_area;
        """
    )
}
