import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Correcting where a case lies.
enum DeskPlaceRoutes {
    static let all: [Route] = [
        .get("/desk/cases/:id/place", access: .permission(.casesRead), form),
        .post("/desk/cases/:id/place", access: .permission(.casesRead), correct),
    ]

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> DeskPlacePage {
        let context = request.context
        let view = try await services.queries.view(try request.id(), context)
        guard view.standing.isStaff else { throw LinliError.notFound("desk.notStaff") }
        guard view.standing.isDispatcher || view.standing.isHandler else {
            throw LinliError.forbidden("cases.setPlace")
        }
        let isLooking = request.form["look"] != nil
        let asked = (isLooking ? request.form["area"] : request.query["area"]).flatMap { DivisionCode($0) }
        let choices = try await services.database.read { tx in
            try DeskStore.placeChoices(view.item, asked, context, tx)
        }
        return DeskPlacePage(
            view: view, choices: choices, map: try await RegisterMap(choices.area, services, context.now),
            formToken: request.formToken, names: services.divisions)
    }

    private static func correct(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        var shown = try await page(request, services)
        guard request.form["look"] == nil else {
            shown.form = request.form
            return .page(shown.page)
        }
        do {
            try await services.commands.setPlace(try draft(request.form), of: id, request.context)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            (shown.form, shown.error) = (request.form, error)
            return .page(shown.page, status: status)
        }
        return .redirect(try await landing(id, request, services))
    }

    /// The case, unless it is somebody else's now: then the list.
    private static func landing(_ id: ID<Case>, _ request: Request, _ services: Services) async throws -> String {
        do {
            _ = try await DeskCaseRoutes.load(id, request, services)
        } catch let error as LinliError where error.kind == .notFound {
            return DeskReturn(filter: CaseFilter(), shown: id).address(done: "place", isVisible: false)
        }
        return CasePath.desk(id) + "?done=place"
    }

    /// What the form says. What is no place of the list stands for none, so it is refused and not left out.
    private static func draft(_ form: Form) throws -> CasePlaceDraft {
        var problems: [LinliError.Field] = []
        let place: ID<Place>? = form.id("place")
        if place == nil, form["place"] != nil {
            problems.append(.init("place", Text("请从列表里选地点", "Please choose a place from the list")))
        }
        let division = form["division"].flatMap { DivisionCode($0) }
        if division == nil, form["division"] != nil {
            problems.append(.init("division", Text("请从列表里选是哪里", "Please choose the area from the list")))
        }
        let isOnMap = form["lat"] != nil || form["lon"] != nil
        let point = form.double("lat").flatMap { latitude in
            form.double("lon").flatMap { GeoPoint(longitude: $0, latitude: latitude) }
        }
        if isOnMap, point == nil {
            problems.append(
                .init(
                    "latitude",
                    Text(
                        "坐标要写两个数，先纬度（如 39.914）后经度（如 116.402）",
                        "The point takes two numbers, first latitude (39.914), then longitude (116.402)")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("desk.place", problems) }
        return CasePlaceDraft(
            place: place, division: division, location: form["location"] ?? "", point: point,
            reason: form["text"] ?? "")
    }
}

extension DeskStore {
    /// Where a case may turn out to lie: the places and divisions of one area, and the areas to choose from.
    struct PlaceChoices: Sendable {
        /// The area whose places are listed.
        var area: DivisionCode
        /// The case's own community, and what its reader dispatches.
        var areas: [DivisionCode]
        /// The area, and what lies right inside it.
        var divisions: [DivisionCode]
        var places: [PlaceSummary]
    }

    /// The choices for a case: of its own community, or of the area that was asked for where its reader may look there.
    static func placeChoices(
        _ item: CaseRecord, _ asked: DivisionCode?, _ context: Context, _ tx: ReadTx
    ) throws -> PlaceChoices {
        let home = item.division.ancestor(at: .community)
        var areas = [home]
        for division in context.actor.scope(for: .casesDispatch).divisions {
            let inside = try DivisionsStore.children(of: division, at: context.now, tx).map(\.code)
            areas += ([division] + inside).filter { $0.level == .street || $0.level == .community }
        }
        var known: Set<DivisionCode> = []
        areas = areas.filter { known.insert($0).inserted }
        let area = asked.flatMap { areas.contains($0) ? $0 : nil } ?? home
        let inside = try DivisionsStore.children(of: area, at: context.now, tx).map(\.code)
        var places = try PlacesStore.tree(in: area, tx)
        // The one it has may be over: what is not touched stays.
        if area == home, let id = item.place, !places.contains(where: { $0.id == id }),
            let own = try PlacesStore.find(id, tx)
        {
            places.append(own)
        }
        return PlaceChoices(area: area, areas: areas, divisions: [area] + inside, places: places)
    }
}
