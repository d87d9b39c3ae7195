import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// What a grid is coloured by; people as far as the reader may tell them apart.
struct GridFigures: Sendable {
    var open = 0
    var late = 0
    var people = GroupTotal()
    var things = 0
    var devices = 0
    /// Devices that are damaged, lost or disused.
    var broken = 0
    /// People of the group that was asked for.
    var group = GroupTotal()

    static func += (left: inout GridFigures, right: GridFigures) {
        left.open += right.open
        left.late += right.late
        left.people += right.people
        left.things += right.things
        left.devices += right.devices
        left.broken += right.broken
        left.group += right.group
    }

    /// What a layer shows; -1 for people of whom only that there are some is known.
    func value(of layer: GridMapLayer) -> Int {
        switch layer {
        case .open: open
        case .late: late
        case .people: people.least
        case .things: things
        case .devices: broken
        case .group: group.least
        }
    }
}

/// A case, a device or a building on the map.
struct MapPoint: Sendable {
    let point: GeoPoint
    let name: String
    /// Where it leads; empty for a building, and for a device to who may not read the register.
    let href: String
    let state: String
    /// The case it is, if it is one.
    var item: ID<Case>?
}

/// Every SQL text of the map of grids.
enum GridMapStore {
    /// More grids than a district has.
    static let mostGrids = 5000
    /// Overdue cases that are counted; a district with more has other worries than the colour of a grid.
    static let mostLate = 20_000
    /// Points a map shows of one community; more would hide each other.
    static let mostPoints = 500

    /// Cases, people, things and devices of every grid inside a division, and the people of a group.
    static func figures(
        in division: DivisionCode, _ scope: Scope, _ types: CaseTypes, _ size: GroupSize, _ kinds: DeviceKinds,
        group: Int64?, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: GridFigures] {
        var figures = try caseFigures(in: division, scope, types, at: now, tx)
        for (code, counts) in try RegisterCounts.totals(ofGridsIn: division, tx) {
            figures[code, default: GridFigures()].people.add(counts[.person] ?? 0, size)
            figures[code, default: GridFigures()].things = counts[.thing] ?? 0
        }
        for (code, devices) in try kinds.totals(ofGridsIn: division, tx) {
            figures[code, default: GridFigures()].devices = devices.all
            figures[code, default: GridFigures()].broken = devices.broken
        }
        if let group {
            for (code, count) in try LabelCounts.totals(of: group, ofGridsIn: division, tx) {
                figures[code, default: GridFigures()].group.add(count, size)
            }
        }
        return figures
    }

    /// Open and overdue cases of every grid inside a division.
    private static func caseFigures(
        in division: DivisionCode, _ scope: Scope, _ types: CaseTypes, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: GridFigures] {
        var figures: [DivisionCode: GridFigures] = [:]
        let isVisible = SQL.apart(from: scope.interests, "against_unit")
        try tx.each(
            """
            SELECT owner, sum(total) FROM case_count WHERE owner_kind = 'division'
            AND owner BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND state NOT IN \(SQL.list(types.states(of: .closed)))\(isVisible) GROUP BY owner
            """
        ) { row in
            let code: DivisionCode = try row[0]
            if code.level == .grid { figures[code, default: GridFigures()].open = try row[1] }
        }
        if let column = CaseQueries.levelColumn(division.level) {
            try tx.each(
                """
                SELECT part.grid, count(*) FROM (
                    SELECT c.grid AS grid FROM case_item c WHERE \(column) = \(division) AND c.is_open = 1
                    AND c.due_at < \(now) AND c.is_paused = 0 AND c.state NOT IN \(SQL.list(types.states(of: .closed)))\
                \(CaseQueries.hide(scope)) ORDER BY c.due_at LIMIT \(mostLate)) AS part GROUP BY part.grid
                """
            ) { row in
                let code: DivisionCode = try row[0]
                if code.level == .grid { figures[code, default: GridFigures()].late = try row[1] }
            }
        }
        return figures
    }

    /// Open cases of a division that have a point of their own or of their place, the most urgent first.
    static func cases(
        in division: DivisionCode, _ scope: Scope, _ types: CaseTypes, at now: Instant, _ tx: ReadTx
    ) throws -> [MapPoint] {
        guard let column = CaseQueries.levelColumn(division.level) else { return [] }
        return try tx.all(
            """
            SELECT c.id, c.title, c.number, c.due_at, c.is_paused, coalesce(c.latitude, p.latitude),
                coalesce(c.longitude, p.longitude), c.type
            FROM case_item c LEFT JOIN place p ON p.id = c.place_id
            WHERE \(column) = \(division) AND c.is_open = 1 AND c.state NOT IN \(SQL.list(types.states(of: .closed)))\
            \(CaseQueries.hide(scope)) ORDER BY c.due_at, c.id LIMIT \(mostPoints)
            """
        ) { row -> MapPoint? in
            let (id, number): (ID<Case>, String) = (try row[0], try row[2])
            let title = WhistleTask.title(try row[1], of: try row[7])
            let (due, isPaused): (Instant, Bool) = (try row[3], try row[4])
            let (latitude, longitude): (Double?, Double?) = (try row[5], try row[6])
            guard let latitude, let longitude, let point = GeoPoint(longitude: longitude, latitude: latitude) else {
                return nil
            }
            return MapPoint(
                point: point, name: title.isEmpty ? number : title, href: "/desk/cases/\(id)",
                state: due < now && !isPaused ? "late" : "open", item: id
            )
        }.compactMap { $0 }
    }

    /// Buildings, offices among them, estates, yards, villages and their groups of a division that have a point.
    static func buildings(in division: DivisionCode, _ tx: ReadTx) throws -> [MapPoint] {
        let shown: Set<PlaceKind> = [.building, .businessBuilding, .estate, .courtyard, .village, .group]
        return try PlacesStore.tree(in: division, tx).filter { shown.contains($0.kind) }.prefix(mostPoints)
            .compactMap { place in
                guard let latitude = place.latitude, let longitude = place.longitude else { return nil }
                return GeoPoint(longitude: longitude, latitude: latitude).map {
                    MapPoint(point: $0, name: place.address, href: "", state: "place")
                }
            }
    }

    /// Devices of a division that have a point of their own, those that are not sound first.
    static func devices(
        _ kinds: DeviceKinds, in division: DivisionCode, mayRead: Bool, _ language: Language, _ tx: ReadTx
    ) throws -> [MapPoint] {
        try kinds.list(in: division, limit: mostPoints, tx).compactMap { thing in
            guard thing.state != .removed, let point = thing.point else { return nil }
            return MapPoint(
                point: point, name: "\(thing.name) · \(thing.state.name[language])",
                href: mayRead ? RegisterPath.desk(RegisterSubject(.thing, thing.id)) : "",
                state: thing.state == .sound ? "sound" : "broken")
        }
    }
}
