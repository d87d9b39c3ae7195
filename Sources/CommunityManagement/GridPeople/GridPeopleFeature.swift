import LinliCore
import LinliKernel
import LinliStandards

extension Feature {
    /// Who to call in a grid 网格上的人: heads, stewards of buildings and volunteers with their phones, for who works there;
    /// a number is closed until somebody on duty opens it, which is noted.
    ///
    /// They are added and ended by the community's head and by administrators. Page: `/grid/people/:id`; for programs
    /// `/api/v1/grid-people`.
    package static let gridPeople = Feature(
        id: "gridPeople",
        name: Text("网格上的人", "People of the grid"),
        routes: GridPeopleRoutes.all + GridPeopleAPI.all,
        placePanels: [.stewards]
    )
}

extension PlacePanel {
    /// Who looks after a place: its own stewards, those of what it lies in and of what lies inside.
    static let stewards = PlacePanel("gridPeople.stewards", permission: .gridPeopleRead) { around, request, services in
        let context = request.context
        guard context.actor.may(.gridPeopleRead, in: around.place.division) else { return nil }
        let stewards = try await services.database.read { tx in
            let above = try PlacesStore.chain(of: around.place.parent, tx).map(\.id)
            return try GridRolesStore.stewards(of: around.inside + above, at: context.now, tx)
        }
        return stewards.isEmpty ? nil : GridPeopleWords.card(stewards, id: "stewards")
    }
}

/// One of them, and their number when it was asked for.
enum GridPeopleRoutes {
    static let all: [Route] = [
        .get("/grid/people/:id", access: .permission(.gridPeopleRead), show),
        .post("/grid/people/:id/phone", access: .permission(.gridPeopleRead), call),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func call(_ request: Request, _ services: Services) async throws -> Reply {
        let phone = try await GridRoleCommands(services.database).phone(of: try request.id(), request.context)
        return .page(try await page(request, phone.number, services).page)
    }

    private static func page(
        _ request: Request, _ phone: String?, _ services: Services
    ) async throws -> GridPersonPage {
        let context = request.context
        let role = try await GridRoleCommands(services.database).find(try request.id(), context)
        return GridPersonPage(
            role: role, phone: phone, mayCall: context.actor.may(.peopleReveal, in: role.division),
            seesPerson: context.actor.may(.peopleRead, in: role.division), formToken: request.formToken,
            now: context.now, names: services.divisions)
    }
}
