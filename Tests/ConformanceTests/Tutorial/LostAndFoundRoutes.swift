import LinliCore
import LinliKernel

/// Requests → commands and queries → pages; no rules of their own.
enum LostAndFoundRoutes {
    static let all: [Route] = [
        .get("/lost-and-found/:community", access: .public, board),
        .get("/desk/lost-and-found", access: .permission(.casesReport), desk),
        .post("/desk/lost-and-found", access: .permission(.casesReport), register),
        .post("/desk/lost-and-found/:id/return", access: .permission(.casesReport), handOver),
    ]

    private static func board(_ request: Request, _ services: Services) async throws -> Reply {
        guard let code = request.parameters["community"].flatMap({ DivisionCode($0) }), code.level == .community else {
            throw LinliError.notFound("lostAndFound.community")
        }
        let (things, phone) = try await services.database.read { tx in
            let committee = try UnitsStore.first([.committee, .village], of: code, tx)
            return (try LostAndFoundStore.waiting(in: code, tx), committee?.phone ?? "")
        }
        let board = LostAndFoundBoard(
            things: things, community: services.divisions[code], phone: phone, now: request.context.now
        )
        return .page(board.page)
    }

    private static func desk(_ request: Request, _ services: Services) async throws -> Reply {
        try await desk(FoundDraft(), nil, request, services)
    }

    private static func desk(
        _ draft: FoundDraft, _ error: LinliError?, _ request: Request, _ services: Services
    ) async throws -> Reply {
        let community = try LostAndFoundCommands.keeper(request.context).community
        let things = try await services.database.read { try LostAndFoundStore.waiting(in: community, $0) }
        let desk = LostAndFoundDesk(
            things: things,
            community: services.divisions[community],
            draft: draft,
            error: error,
            formToken: request.formToken,
            now: request.context.now
        )
        return .page(desk.page, status: error?.formStatus ?? 200)
    }

    private static func register(_ request: Request, _ services: Services) async throws -> Reply {
        let draft = FoundDraft(request.form)
        do {
            try await LostAndFoundCommands(database: services.database).register(draft, request.context)
            return .redirect("/desk/lost-and-found")
        } catch let error as LinliError where error.formStatus != nil {
            return try await desk(draft, error, request, services)
        }
    }

    private static func handOver(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            try await LostAndFoundCommands(database: services.database).handOver(try request.id(), request.context)
            return .redirect("/desk/lost-and-found")
        } catch let error as LinliError where error.kind == .conflict {
            return try await desk(FoundDraft(), error, request, services)
        }
    }
}
