import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Every SQL text about patrols that reads.
enum PatrolStore {
    /// The routes of a division that are walked, the oldest first.
    static func routes(
        in division: DivisionCode, after: ID<PatrolRoute>? = nil, limit: Int = 200, _ tx: ReadTx
    ) throws -> [PatrolRoute] {
        try tx.all(
            """
            SELECT \(PatrolRoute.columns) FROM patrol_route r
            WHERE \(RegisterQueries.place("r", division)) AND r.ended_at IS NULL AND r.id > \(after?.rawValue ?? 0)
            ORDER BY r.id LIMIT \(limit)
            """
        ) { try PatrolRoute($0) }
    }

    static func route(_ id: ID<PatrolRoute>, _ tx: ReadTx) throws -> PatrolRoute? {
        try tx.first("SELECT \(PatrolRoute.columns) FROM patrol_route r WHERE r.id = \(id) AND r.ended_at IS NULL") {
            try PatrolRoute($0)
        }
    }

    /// A route as it is or was: who walked it without a network may come after its end.
    static func anyRoute(_ id: ID<PatrolRoute>, _ tx: ReadTx) throws -> PatrolRoute? {
        try tx.first("SELECT \(PatrolRoute.columns) FROM patrol_route r WHERE r.id = \(id)") { try PatrolRoute($0) }
    }

    static func points(of route: ID<PatrolRoute>, _ tx: ReadTx) throws -> [PatrolPoint] {
        try tx.all(
            """
            SELECT \(PatrolPoint.columns) FROM \(PatrolPoint.tables) WHERE p.route_id = \(route) AND p.ended_at IS NULL
            ORDER BY p.position LIMIT 100
            """
        ) { try PatrolPoint($0) }
    }

    static func point(_ id: ID<PatrolPoint>, _ tx: ReadTx) throws -> PatrolPoint? {
        try tx.first(
            "SELECT \(PatrolPoint.columns) FROM \(PatrolPoint.tables) WHERE p.id = \(id) AND p.ended_at IS NULL"
        ) { try PatrolPoint($0) }
    }

    /// A point as it is or was.
    static func anyPoint(_ id: ID<PatrolPoint>, _ tx: ReadTx) throws -> PatrolPoint? {
        try tx.first("SELECT \(PatrolPoint.columns) FROM \(PatrolPoint.tables) WHERE p.id = \(id)") {
            try PatrolPoint($0)
        }
    }

    /// Where a point was at a moment; nil where it was not moved since, or nobody noted it.
    static func position(of point: ID<PatrolPoint>, at moment: Instant, _ tx: ReadTx) throws -> GeoPoint? {
        let before: [GeoPoint?] = try tx.all(
            """
            SELECT latitude, longitude FROM patrol_point_before WHERE point_id = \(point) AND until_at > \(moment)
            ORDER BY until_at LIMIT 1
            """
        ) { row in
            let (latitude, longitude): (Double, Double) = (try row[0], try row[1])
            return GeoPoint(longitude: longitude, latitude: latitude)
        }
        return before.first ?? nil
    }

    /// The round that a phone began under a name of its own.
    static func patrol(named key: String, of worker: ID<Account>, _ tx: ReadTx) throws -> Patrol? {
        try tx.first(
            "SELECT \(Patrol.columns) FROM patrol x WHERE x.worker_id = \(worker) AND x.phone_key = \(key)"
        ) { try Patrol($0) }
    }

    /// The open round of a route and day that was begun with a network, which one of a phone's own is taken into.
    static func joinable(
        _ route: ID<PatrolRoute>, of worker: ID<Account>, on day: CivilDate, _ tx: ReadTx
    ) throws -> Patrol? {
        try tx.first(
            """
            SELECT \(Patrol.columns) FROM patrol x WHERE x.worker_id = \(worker) AND x.route_id = \(route)
            AND x.day = \(day.daysSinceEpoch) AND x.ended_at IS NULL AND x.phone_key IS NULL ORDER BY x.id LIMIT 1
            """
        ) { try Patrol($0) }
    }

    static func patrol(_ id: ID<Patrol>, _ tx: ReadTx) throws -> Patrol? {
        try tx.first("SELECT \(Patrol.columns) FROM patrol x WHERE x.id = \(id)") { try Patrol($0) }
    }

    /// What somebody is walking now.
    static func running(_ worker: ID<Account>, _ tx: ReadTx) throws -> [Patrol] {
        try tx.all(
            "SELECT \(Patrol.columns) FROM patrol x WHERE x.worker_id = \(worker) AND x.ended_at IS NULL ORDER BY x.id LIMIT 20"
        ) { try Patrol($0) }
    }

    /// How each point of a round stands.
    static func signs(of patrol: ID<Patrol>, _ tx: ReadTx) throws -> [ID<PatrolPoint>: (at: Instant, isNormal: Bool)] {
        var signs: [ID<PatrolPoint>: (at: Instant, isNormal: Bool)] = [:]
        try tx.each("SELECT point_id, at, is_normal FROM patrol_sign WHERE patrol_id = \(patrol)") {
            signs[try $0[0]] = (try $0[1], try $0[2])
        }
        return signs
    }

    /// What was found in a grid or a wider division, the newest first; cases against a reader's own unit are left out.
    static func findings(
        in division: DivisionCode, hidden: [ID<Unit>], before: ID<PatrolFinding>? = nil, limit: Int, _ tx: ReadTx
    ) throws -> [PatrolFinding] {
        let place = RegisterQueries.place("f", division)
        return try findings("\(place) AND f.id < \(before?.rawValue ?? .max)", hidden, limit, tx)
    }

    /// What was found at a place or in its entrances' and buildings' points, in the divisions of `scope`: an estate may
    /// lie in several grids, and what was found in the next one is another reader's.
    static func findings(
        at places: [ID<Place>], _ scope: Scope, limit: Int, _ tx: ReadTx
    ) throws -> [PatrolFinding] {
        guard !places.isEmpty else { return [] }
        let theirs = RegisterQueries.lies("f.division", in: scope.divisions)
        return try findings("f.place_id IN \(SQL.list(places)) AND \(theirs)", scope.interests, limit, tx)
    }

    /// The same hazard at the same point, reported by somebody else since a moment; a case against the reader's own unit
    /// is none.
    static func twin(
        of hazard: String, at point: ID<PatrolPoint>, since: Instant, _ context: Context, _ tx: ReadTx
    ) throws -> (number: String, at: Instant)? {
        let against = SQL.apart(from: context.actor.scope(for: .casesReport).interests, "c.against_unit")
        return try tx.first(
            """
            SELECT c.number, f.at FROM patrol_finding f JOIN patrol x ON x.id = f.patrol_id
            JOIN case_item c ON c.id = f.case_id
            WHERE f.point_id = \(point) AND f.hazard = \(hazard) AND f.at >= \(since)
            AND x.worker_id <> \(context.actor.account)\(against) ORDER BY f.id DESC LIMIT 1
            """
        ) { (try $0[0], try $0[1]) }
    }

    private static func findings(
        _ condition: SQL, _ hidden: [ID<Unit>], _ limit: Int, _ tx: ReadTx
    ) throws -> [PatrolFinding] {
        let against = SQL.apart(from: hidden, "c.against_unit")
        return try tx.all(
            """
            SELECT \(PatrolFinding.columns) FROM patrol_finding f JOIN patrol_point p ON p.id = f.point_id
            JOIN case_item c ON c.id = f.case_id WHERE \(condition)\(against) ORDER BY f.id DESC LIMIT \(limit)
            """
        ) { try PatrolFinding($0) }
    }

    /// Rounds of a community that are walked now, for who must know where somebody is when something happened to them.
    static func walking(in division: DivisionCode, _ tx: ReadTx) throws -> [(patrol: Patrol, route: String)] {
        try routes(in: division, tx).flatMap { route in
            try tx.all(
                """
                SELECT \(Patrol.columns) FROM patrol x WHERE x.route_id = \(route.id) AND x.ended_at IS NULL
                ORDER BY x.id DESC LIMIT 5
                """
            ) { (patrol: try Patrol($0), route: route.name) }
        }
    }

    /// Where a round went, while it is kept.
    static func track(of patrol: ID<Patrol>, _ tx: ReadTx) throws -> [(
        at: Instant, latitude: Double, longitude: Double
    )] {
        try tx.all(
            "SELECT at, latitude, longitude FROM patrol_track WHERE patrol_id = \(patrol) ORDER BY id DESC LIMIT 500"
        ) { (try $0[0], try $0[1], try $0[2]) }
    }
}
