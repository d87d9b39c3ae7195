import LinliCore
import LinliKernel
import LinliStandards

/// The map of grids and what it is drawn from.
enum GridMapRoutes {
    static let all: [Route] = [
        .get("/desk/map", access: .permission(.casesRead), show),
        .get("/desk/map/shapes", access: .permission(.casesRead), shapes),
        .get("/desk/map/figures", access: .permission(.casesRead), figures),
        .get("/desk/map/points", access: .permission(.casesRead), points),
    ]

    /// The division asked for, when the reader sees its cases; without one the widest of their own.
    ///
    /// - Throws: `.notFound` for a division of others and for one that is too wide to be drawn.
    private static func division(_ request: Request) throws -> DivisionCode? {
        let scope = request.context.actor.scope(for: .casesRead)
        guard let asked = request.query["under"] else {
            return scope.divisions.sorted().first { $0.level >= .district }
        }
        guard let code = DivisionCode(asked), scope.contains(code), code.level >= .district else {
            throw LinliError.notFound("gridMap.division")
        }
        return code
    }

    private static func needed(_ request: Request) throws -> DivisionCode {
        guard let division = try division(request) else { throw LinliError.notFound("gridMap.division") }
        return division
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        let scope = context.actor.scope(for: .casesRead)
        let chosen = try division(request)
        let withPeople = chosen.map { context.actor.may(.peopleRead, in: $0) } ?? false
        let types = services.queries.types
        let page = try await services.database.read { tx -> GridMapPage in
            guard let division = chosen else {
                return GridMapPage(
                    division: nil, choices: [], rows: [], outlines: [], edition: 0, withPeople: false,
                    base: services.baseMap, names: services.divisions
                )
            }
            let figures = try GridMapStore.figures(
                in: division, scope, types, withPeople: withPeople, at: context.now, tx
            )
            let isNarrow = division.level >= .community
            return GridMapPage(
                division: division,
                choices: try scope.divisions.filter { $0.level >= .district }.prefix(20).flatMap { own in
                    own.level == .district
                        ? try [own] + DivisionsStore.children(of: own, at: context.now, tx).map(\.code) : [own]
                },
                rows: try GridMapPage.rows(
                    figures, children: DivisionsStore.children(of: division, at: context.now, tx).map(\.code),
                    of: division
                ),
                outlines: isNarrow ? try GridAreasStore.outlines(in: division, at: context.now, tx) : [],
                edition: try GridAreasStore.edition(tx),
                withPeople: withPeople,
                base: services.baseMap,
                names: services.divisions
            )
        }
        return .page(page.page)
    }

    /// The grids, of an edition that never changes: browsers keep them until there is another.
    private static func shapes(_ request: Request, _ services: Services) async throws -> Reply {
        let division = try needed(request)
        let detail = request.query["detail"].flatMap { GridMapShapes.Detail(rawValue: $0) } ?? .far
        let now = request.context.now
        let (grids, edition) = try await services.database.read { tx in
            (
                try GridAreasStore.outlines(in: division, at: now, limit: GridMapStore.mostGrids, tx),
                try GridAreasStore.edition(tx)
            )
        }
        let bytes = GridMapShapes.encode(grids, in: division, detail)
        let isKnown = request.query["edition"] == "\(edition)"
        return Reply(.bytes(bytes, type: "application/octet-stream"))
            .adding("etag", "\"\(division)-\(detail.rawValue)-\(edition)\"")
            .adding("cache-control", isKnown ? "private, max-age=604800, immutable" : "private, no-cache")
    }

    private static func figures(_ request: Request, _ services: Services) async throws -> Reply {
        let division = try needed(request)
        let context = request.context
        let withPeople = context.actor.may(.peopleRead, in: division)
        let types = services.queries.types
        let figures = try await services.database.read { tx in
            try GridMapStore.figures(
                in: division, context.actor.scope(for: .casesRead), types, withPeople: withPeople, at: context.now, tx
            )
        }
        var json = JSONWriter(capacity: 64 + figures.count * 40)
        json.object { json in
            for (code, figure) in figures.sorted(by: { $0.key < $1.key }) {
                json.key(dynamic: "\(code.rawValue - division.rawValue)")
                json.array { json in
                    json.value(figure.open)
                    json.value(figure.late)
                    guard withPeople else { return }
                    // -1 stands for "fewer than five, but some": the number itself does not leave the house.
                    json.value(GroupSize.shown(figure.people ?? 0) ?? -1)
                    json.value(figure.things ?? 0)
                }
            }
        }
        return .json(json)
    }

    private static func points(_ request: Request, _ services: Services) async throws -> Reply {
        let division = try needed(request)
        guard division.level >= .community else { throw LinliError.notFound("gridMap.wide") }
        let context = request.context
        let types = services.queries.types
        let (cases, buildings) = try await services.database.read { tx in
            (
                try GridMapStore.cases(in: division, context.actor.scope(for: .casesRead), types, at: context.now, tx),
                try GridMapStore.buildings(in: division, tx)
            )
        }
        var json = JSONWriter(capacity: 64 + (cases.count + buildings.count) * 96)
        json.array { json in
            for point in buildings + cases {
                json.array { json in
                    json.value(Int64(point.point.longitudeE7))
                    json.value(Int64(point.point.latitudeE7))
                    json.value(point.state)
                    json.value(point.name)
                    json.value(point.href)
                }
            }
        }
        return .json(json)
    }
}
