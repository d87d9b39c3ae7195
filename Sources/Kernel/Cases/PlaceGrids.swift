import LinliCore
import LinliSQL

extension JobKind {
    /// Moves what lies at a place whose grid was changed by hand. It looks for what still lies in the old grid, so that a
    /// stop in the middle loses nothing and doing it again moves nothing twice.
    static let gridFollow = JobKind("grids.follow") { run in
        let words = run.payload.split(separator: " ")
        guard words.count == 2, let place = ID<Place>(String(words[0])), let old = DivisionCode(words[1]) else {
            return
        }
        try await PlaceGrids(database: run.database, context: run.context).run(place, from: old)
    }
}

/// A place whose grid somebody changed: what lies inside, who lives and works there, and its open cases follow.
///
/// What is told from now on lies in the new grid. An open case goes along, so that whoever looks after the place now sees
/// it; the unit and the person who have it go on with it, and its history says so.
package struct PlaceGrids: Sendable {
    let database: Database
    let context: Context

    /// In the transaction that gave `old` another grid: the places inside that follow it, and the job for the rest.
    ///
    /// - Throws: `.invalid` for another community while somebody lives or works there or a case is open: their files and
    ///   figures are that community's.
    package static func follow(_ old: PlaceSummary, to grid: DivisionCode, _ tx: WriteTx) throws {
        guard grid != old.division else { return }
        let inside = try inside(old, to: grid, tx)
        if grid.ancestor(at: .community) != old.division.ancestor(at: .community) {
            try checkEmpty([old.id] + inside.map(\.id), tx)
        }
        try WarningGrids.move(place: old.id, to: grid, tx)
        for place in inside {
            try tx.execute("UPDATE place SET division = \(grid), version = version + 1 WHERE id = \(place.id)")
            try PlaceHistory.note(.changed, of: place.id, fields: [PlaceField.division.rawValue], tx)
            try WarningGrids.move(place: place.id, to: grid, tx)
            try tx.audit(Subject("place", place.id, division: grid), fields: [PlaceField.division.rawValue])
            try tx.emit("place.changed", Subject("place", place.id, division: grid))
        }
        try tx.request(
            "grids.follow", payload: "\(old.id) \(old.division)", key: "grids.follow \(old.id) \(old.division)",
            at: tx.now)
    }

    /// What lies inside and lay in the same grid. Of an estate or a village a building with a point of its own stays where
    /// the map has it; entrances and floors always go with their building.
    private static func inside(
        _ old: PlaceSummary, to grid: DivisionCode, _ tx: WriteTx
    ) throws -> [PlaceSummary] {
        let buildings: [PlaceKind] = [.building, .businessBuilding, .floor, .entrance]
        let isBuilding = buildings.contains(old.kind)
        var (level, found) = ([old.id], [PlaceSummary]())
        while !level.isEmpty, found.count < PlacesStore.mostInside {
            let list = SQL.list(level)
            let next = try tx.all(
                """
                SELECT \(PlaceSummary.columns) FROM place p WHERE p.parent_id IN \(list)
                AND p.division = \(old.division) ORDER BY p.id LIMIT \(PlacesStore.mostInside)
                """
            ) { try PlaceSummary($0) }
            level = []
            for place in next {
                guard try isBuilding || follows(place, to: grid, tx) else { continue }
                found.append(place)
                level.append(place.id)
            }
        }
        return found
    }

    private static func follows(_ place: PlaceSummary, to grid: DivisionCode, _ tx: WriteTx) throws -> Bool {
        guard let latitude = place.latitude, let longitude = place.longitude else { return true }
        let here = try GridLocator.grid(latitude: latitude, longitude: longitude, at: tx.now, tx)
        return here.map { $0 == grid } ?? true
    }

    private static func checkEmpty(_ places: [ID<Place>], _ tx: ReadTx) throws {
        let list = SQL.list(places)
        let isUsed =
            try tx.exists("SELECT 1 FROM dwelling WHERE place_id IN \(list) AND valid_to IS NULL LIMIT 1")
            || tx.exists("SELECT 1 FROM organization WHERE place_id IN \(list) AND valid_to IS NULL LIMIT 1")
            || tx.exists("SELECT 1 FROM thing WHERE place_id IN \(list) AND valid_to IS NULL LIMIT 1")
            || tx.exists("SELECT 1 FROM case_item WHERE place_id IN \(list) AND is_open = 1 LIMIT 1")
        guard isUsed else { return }
        throw LinliError.invalid(
            "places.community",
            [
                .init(
                    "division",
                    Text(
                        "里面还登记着房屋、组织或部件，或有没办完的工单，不能改到别的社区；先搬走、办完，或在那边新建",
                        "Dwellings, organizations, things or open cases are there: it cannot go to another community before they are moved or done"
                    ))
            ])
    }

    // MARK: The rest, by and by

    /// Moves what still lies in the old grid at places that lie there no more.
    func run(_ place: ID<Place>, from old: DivisionCode) async throws {
        for kind in GridMoves.Kind.all {
            if case .place = kind { continue }
            var last: Int64 = 0
            while true {
                let after = last
                let isAny = try await database.read { try !rows(kind, place, from: old, after: after, $0).isEmpty }
                guard isAny else { break }
                guard let next = try await step(kind, place, from: old, after: after) else { break }
                last = next
            }
        }
    }

    /// Moves the next rows of a kind; nil when they were the last.
    private func step(
        _ kind: GridMoves.Kind, _ id: ID<Place>, from old: DivisionCode, after last: Int64
    ) async throws -> Int64? {
        try await database.write(context, "grids.follow") { tx in
            guard let place = try PlacesStore.find(id, tx) else { throw LinliError.notFound("places.unknown") }
            let subject = Subject("place", id, division: place.division)
            let rows = try rows(kind, id, from: old, after: last, tx)
            var counts = RegisterCounts.Delta()
            var subjects: [RegisterSubject] = []
            for row in rows {
                guard let grid = try grid(of: row, kind, tx), grid != row.division else { continue }
                try GridMoves.put(row, kind, in: grid, &counts, tx) { old, new in
                    let before = try DivisionsStore.find(old, at: tx.now, tx)?.name ?? old.description
                    let after = try DivisionsStore.find(new, at: tx.now, tx)?.name ?? new.description
                    return "“\(place.name)”改属网格：\(before) → \(after)；由谁办不变"
                }
                if case .register(let kind) = kind { subjects.append(RegisterSubject(kind, row.id)) }
            }
            try tx.audit(subject, fields: ["moved"])
            if !subjects.isEmpty {
                try RegisterSearch.index(subjects, tx)
                let community = place.division.ancestor(at: .community)
                try tx.emit(
                    "registers.changed", Subject("place", id, division: community),
                    facts: ["what": "moved", "counts": counts.text])
            }
            return rows.count < GridMoves.step ? nil : rows.last?.id
        }
    }

    /// Where a row lies now: who lives or works at a place, and whoever looks after it, with the place; a thing or a case
    /// with a point of its own where the map has that.
    private func grid(of row: GridMoves.Row, _ kind: GridMoves.Kind, _ tx: ReadTx) throws -> DivisionCode? {
        var isOnMap = false
        if case .item = kind { isOnMap = true }
        if case .register(.thing) = kind { isOnMap = true }
        if isOnMap, let latitude = row.latitude, let longitude = row.longitude,
            let grid = try GridLocator.grid(latitude: latitude, longitude: longitude, at: context.now, tx),
            row.division.ancestor(at: .community).contains(grid)
        {
            return grid
        }
        return row.home
    }

    private func rows(
        _ kind: GridMoves.Kind, _ place: ID<Place>, from old: DivisionCode, after last: Int64, _ tx: ReadTx
    ) throws -> [GridMoves.Row] {
        let places: [ID<Place>] = try tx.all(
            """
            SELECT p.id FROM place p WHERE p.id IN \(SQL.list(try PlacesStore.inside(place, tx)))
            AND p.division <> \(old) ORDER BY p.id
            """
        ) { try $0[0] }
        guard !places.isEmpty else { return [] }
        let list = SQL.list(places)
        let next: SQL = "x.division = \(old) AND x.id > \(last) ORDER BY x.id LIMIT \(GridMoves.step)"
        let sql: SQL
        switch kind {
        case .place: return []
        case .home:
            sql = """
                SELECT x.id, x.division, NULL, NULL, p.division FROM account x JOIN place p ON p.id = x.place_id
                WHERE x.place_id IN \(list) AND \(next)
                """
        case .role:
            sql = """
                SELECT x.id, x.division, NULL, NULL, p.division FROM grid_role x JOIN place p ON p.id = x.place_id
                WHERE x.place_id IN \(list) AND (x.valid_until IS NULL OR x.valid_until > \(context.now)) AND \(next)
                """
        case .item:
            // Told without a point of its own a case has that of its place: it is not where the map has that.
            let isOfPlace: SQL = "x.latitude = p.latitude AND x.longitude = p.longitude"
            sql = """
                SELECT x.id, x.division, CASE WHEN \(isOfPlace) THEN NULL ELSE x.latitude END,
                    CASE WHEN \(isOfPlace) THEN NULL ELSE x.longitude END, p.division
                FROM case_item x JOIN place p ON p.id = x.place_id
                WHERE x.place_id IN \(list) AND x.is_open = 1 AND \(next)
                """
        case .register(let kind): sql = register(kind, list, next)
        }
        return try tx.all(sql) { try GridMoves.Row($0) }
    }

    private func register(_ kind: RegisterKind, _ places: SQL, _ next: SQL) -> SQL {
        switch kind {
        case .dwelling, .thing, .organization:
            """
            SELECT x.id, x.division, x.latitude, x.longitude, p.division FROM \(RegisterQueries.table(of: kind)) x
            JOIN place p ON p.id = x.place_id WHERE x.place_id IN \(places) AND x.valid_to IS NULL AND \(next)
            """
        case .household:
            """
            SELECT x.id, x.division, NULL, NULL, d.division FROM household x JOIN dwelling d ON d.id = x.dwelling_id
            WHERE d.place_id IN \(places) AND x.valid_to IS NULL AND \(next)
            """
        case .person:
            // By where somebody lives, not by a flat they own and let.
            """
            SELECT x.id, x.division, NULL, NULL, (SELECT d.division FROM residence r
                JOIN dwelling d ON d.id = r.dwelling_id WHERE r.person_id = x.id AND r.valid_to IS NULL
                ORDER BY CASE WHEN r.tie IN ('registeredOnly', 'ownerElsewhere') THEN 1 ELSE 0 END, r.id LIMIT 1)
            FROM person x WHERE x.id IN (SELECT r.person_id FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
                WHERE d.place_id IN \(places) AND r.valid_to IS NULL) AND x.valid_to IS NULL AND \(next)
            """
        }
    }
}
