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

    /// The labels whose people may be counted here, and how small a group is told apart.
    private static func groups(
        _ request: Request, in division: DivisionCode, _ services: Services, _ tx: ReadTx
    ) throws -> (groups: [Label], size: GroupSize) {
        let actor = request.context.actor
        return (
            GridMapLayer.groups(try LabelBook.current(tx), for: actor, in: division),
            GroupSize(services.registers, for: actor, in: division)
        )
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        let scope = context.actor.scope(for: .casesRead)
        guard let division = try division(request) else {
            return .page(GridMapPage.nothing)
        }
        let types = services.queries.types
        let names = LabelKeys(services.database.keys)
        let mayRead = context.actor.may(.peopleRead, in: division)
        let page = try await services.database.read { tx -> GridMapPage in
            let (groups, size) = try groups(request, in: division, services, tx)
            let layer = GridMapLayer.named(request.query["layer"], groups)
            var group: Int64?
            if case .group(let label) = layer { group = names.key(label: label.id) }
            let figures = try GridMapStore.figures(
                in: division, scope, types, size, services.registers.devices, group: group, at: context.now, tx)
            let isNarrow = division.level >= .community
            let children = try DivisionsStore.children(of: division, at: context.now, tx).map(\.code)
            let people: [GridRole] =
                isNarrow && context.actor.may(.gridPeopleRead, in: division)
                ? try GridRolesStore.list(of: division, at: context.now, tx).filter { $0.isNow(context.now) } : []
            let managed = ([division] + children).filter { code in
                isNarrow && code.level == .grid && context.actor.may(.gridPeopleManage, in: code)
            }
            return GridMapPage(
                division: division,
                choices: try scope.divisions.filter { $0.level >= .district }.prefix(20).flatMap { own in
                    own.level == .district
                        ? try [own] + DivisionsStore.children(of: own, at: context.now, tx).map(\.code) : [own]
                },
                rows: GridMapPage.rows(
                    figures, children: children, of: division
                ),
                outlines: isNarrow ? try GridAreasStore.outlines(in: division, at: context.now, tx) : [],
                broken: isNarrow
                    ? try services.registers.devices.list(in: division, limit: GridMapPage.mostBroken, tx)
                        .filter { $0.state != .sound } : [],
                people: people, managed: managed,
                layer: layer, groups: groups, size: size, mayRead: mayRead,
                edition: try GridAreasStore.edition(tx),
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

    /// What the grids of a division are coloured by.
    struct Figures: Sendable {
        var division: DivisionCode
        var grids: [DivisionCode: GridFigures]
        /// Whether people of a group were asked for.
        var hasGroup: Bool
        /// The groups the reader may ask for.
        var groups: [Label]
    }

    /// The figures of the grids of a division, for the map and for programs.
    static func loadFigures(_ request: Request, _ services: Services) async throws -> Figures {
        let division = try needed(request)
        let context = request.context
        let types = services.queries.types
        let names = LabelKeys(services.database.keys)
        return try await services.database.read { tx in
            let (groups, size) = try groups(request, in: division, services, tx)
            var group: Int64?
            if case .group(let label) = GridMapLayer.named(request.query["layer"], groups) {
                group = names.key(label: label.id)
            }
            return Figures(
                division: division,
                grids: try GridMapStore.figures(
                    in: division, context.actor.scope(for: .casesRead), types, size, services.registers.devices,
                    group: group, at: context.now, tx),
                hasGroup: group != nil, groups: groups)
        }
    }

    private static func figures(_ request: Request, _ services: Services) async throws -> Reply {
        let figures = try await loadFigures(request, services)
        var json = JSONWriter(capacity: 64 + figures.grids.count * 40)
        json.object { json in
            for (code, figure) in figures.grids.sorted(by: { $0.key < $1.key }) {
                json.key(dynamic: "\(code.rawValue - figures.division.rawValue)")
                json.array { json in
                    // -1 stands for "some, but too few to be told apart": the number itself does not leave the house.
                    for value in [
                        figure.open, figure.late, figure.people.least, figure.things, figure.devices, figure.broken,
                    ] { json.value(value) }
                    if figures.hasGroup { json.value(figure.group.least) }
                }
            }
        }
        return .json(json)
    }

    /// Buildings, devices and cases of a community that have a point, for the map and for programs.
    ///
    /// - Throws: `.notFound` for a division of others and for one wider than a community.
    static func loadPoints(_ request: Request, _ services: Services) async throws -> [MapPoint] {
        let division = try needed(request)
        guard division.level >= .community else { throw LinliError.notFound("gridMap.wide") }
        let context = request.context
        let types = services.queries.types
        let mayRead = context.actor.may(.peopleRead, in: division)
        return try await services.database.read { tx in
            try GridMapStore.buildings(in: division, tx)
                + GridMapStore.devices(
                    services.registers.devices, in: division, mayRead: mayRead, context.language, tx)
                + GridMapStore.cases(in: division, context.actor.scope(for: .casesRead), types, at: context.now, tx)
        }
    }

    private static func points(_ request: Request, _ services: Services) async throws -> Reply {
        let points = try await loadPoints(request, services)
        var json = JSONWriter(capacity: 64 + points.count * 96)
        json.array { json in
            for point in points {
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
