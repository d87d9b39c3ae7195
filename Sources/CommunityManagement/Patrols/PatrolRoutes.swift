import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The worker's side of patrols, on the phone.
enum PatrolRoutes {
    static let all: [Route] = [
        .get("/grid/patrols", access: .permission(.casesReport), today),
        .post("/grid/patrols", access: .permission(.casesReport), begin),
        .get("/grid/patrols/at/:code", access: .permission(.casesReport), scanned),
        .get("/grid/patrols/:id", access: .permission(.casesReport), walk),
        .post("/grid/patrols/:id/finish", access: .permission(.casesReport), finish),
        .post("/grid/patrols/:id/track", access: .permission(.casesReport), track),
        .get("/grid/patrols/:id/points/:point", access: .permission(.casesReport), point),
        .post("/grid/patrols/:id/points/:point/normal", access: .permission(.casesReport), normal),
        .post("/grid/patrols/:id/points/:point/finding", access: .permission(.casesReport), finding),
    ]

    private static func today(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await todayPage(request, nil, services).page)
    }

    private static func todayPage(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> PatrolsTodayPage {
        let (context, now) = (request.context, request.context.now)
        let divisions = context.actor.scope(for: .casesReport).divisions
        let (routes, running, isOnDuty) = try await services.database.read { tx in
            let routes = try divisions.flatMap { try PatrolStore.routes(in: $0, tx) }.map { route in
                (
                    route: route,
                    walked: try PatrolStore.days(of: route.id, since: now.date, tx),
                    part: try PatrolStore.parts(of: route.id, since: now.date, tx)[now.date]
                )
            }
            let running = try context.actor.account.map { try PatrolStore.running($0, tx) } ?? []
            return (routes, running, try RegisterReading.isOnDuty(context, tx))
        }
        return PatrolsTodayPage(
            routes: routes, running: running, isOnDuty: isOnDuty, error: error, done: request.query["done"],
            formToken: request.formToken, now: now, names: services.divisions)
    }

    private static func begin(_ request: Request, _ services: Services) async throws -> Reply {
        guard let route: ID<PatrolRoute> = request.form.id("route") else { throw LinliError.notFound("patrols.route") }
        let id = try await PatrolCommands(services).begin(route, request.context)
        return .redirect("/grid/patrols/\(id)")
    }

    /// The round somebody walks; nobody else opens it.
    private static func held(_ request: Request, _ services: Services) async throws -> Patrol {
        let id: ID<Patrol> = try request.id()
        let patrol = try await services.database.read { try PatrolStore.patrol(id, $0) }
        guard let patrol, patrol.worker == request.context.actor.account else {
            throw LinliError.notFound("patrols.unknown")
        }
        return patrol
    }

    private static func walk(_ request: Request, _ services: Services) async throws -> Reply {
        let patrol = try await held(request, services)
        let (route, points, signs) = try await services.database.read { tx in
            (
                try PatrolStore.route(patrol.route, tx), try PatrolStore.points(of: patrol.route, tx),
                try PatrolStore.signs(of: patrol.id, tx)
            )
        }
        return .page(
            PatrolWalkPage(
                patrol: patrol, route: route, points: points, signs: signs, done: request.query["done"],
                days: services.queries.settings.trackDays, formToken: request.formToken, now: request.context.now
            ).page)
    }

    /// Who scans the code of a point comes to it in the round they walk.
    private static func scanned(_ request: Request, _ services: Services) async throws -> Reply {
        let code = String((request.parameters["code"] ?? "").prefix(40))
        guard let id = PatrolPoint.id(of: code, services.database.keys), let account = request.context.actor.account
        else { throw LinliError.notFound("patrols.code") }
        let found = try await services.database.read { tx -> (PatrolPoint, Patrol?)? in
            guard let point = try PatrolStore.point(id, tx) else { return nil }
            return (point, try PatrolStore.running(account, tx).first { $0.route == point.route })
        }
        guard let (point, patrol) = found else { throw LinliError.notFound("patrols.code") }
        guard !point.isGone else { return .redirect("/grid/patrols?done=gone") }
        guard let patrol else { return .redirect("/grid/patrols?done=begin") }
        return .redirect("/grid/patrols/\(patrol.id)/points/\(point.id)?code=\(code)")
    }

    private static func finish(_ request: Request, _ services: Services) async throws -> Reply {
        let patrol = try await held(request, services)
        try await PatrolCommands(services).finish(patrol.id, request.context)
        let isWalked = try await services.database.read { try PatrolStore.isWalked(patrol.id, $0) }
        return .redirect("/grid/patrols?done=\(isWalked ? "finish" : "part")")
    }

    private static func position(_ form: Form) -> GeoPoint? {
        form.double("lat").flatMap { latitude in
            form.double("lon").flatMap { GeoPoint(longitude: $0, latitude: latitude) }
        }
    }

    private static func track(_ request: Request, _ services: Services) async throws -> Reply {
        let patrol = try await held(request, services)
        try await PatrolCommands(services).track(patrol.id, position(request.form), request.context)
        return .redirect("/grid/patrols/\(patrol.id)")
    }

    // MARK: A point

    private static func point(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await pointPage(request, request.query, nil, services).page)
    }

    private static func pointPage(
        _ request: Request, _ form: Form, _ error: LinliError?, _ services: Services
    ) async throws -> PatrolPointPage {
        let patrol = try await held(request, services)
        let id: ID<PatrolPoint> = try request.id("point")
        let (route, point, sign) = try await services.database.read { tx in
            (
                try PatrolStore.route(patrol.route, tx), try PatrolStore.point(id, tx),
                try PatrolStore.signs(of: patrol.id, tx)[id]
            )
        }
        guard let route, let point, point.route == route.id, patrol.endedAt == nil, !point.isGone else {
            throw LinliError.notFound("patrols.point")
        }
        return PatrolPointPage(
            patrol: patrol, point: point, isSigned: sign != nil,
            hazards: try Hazards(route.checklist, services.catalogue).all, form: form, error: error,
            once: form["once"] ?? randomToken(), formToken: request.formToken)
    }

    private static func proof(_ form: Form) -> PatrolProof? {
        if let code = form["code"] { return PatrolProof(scanned: code) }
        return position(form).map { .position($0) }
    }

    private static func refused(
        _ error: LinliError, _ kept: [ID<StoredFile>], _ request: Request, _ services: Services
    ) async throws -> Reply {
        guard let status = error.formStatus else { throw error }
        var page = try await pointPage(request, request.form, error, services)
        page.kept = kept.map { FormPhotos.value($0, services.database.keys) }
        return .page(page.page, status: status)
    }

    private static func normal(_ request: Request, _ services: Services) async throws -> Reply {
        let patrol = try await held(request, services)
        let photos = try await FormPhotos(request, services)
        do {
            if let problem = photos.problem { throw problem }
            try await PatrolCommands(services).normal(
                patrol.id, try request.id("point"), proof(request.form), photos: photos.files, request.context)
            return .redirect("/grid/patrols/\(patrol.id)?done=normal")
        } catch let error as LinliError {
            return try await refused(error, photos.files, request, services)
        }
    }

    private static func finding(_ request: Request, _ services: Services) async throws -> Reply {
        let patrol = try await held(request, services)
        let photos = try await FormPhotos(request, services)
        do {
            if let problem = photos.problem { throw problem }
            var draft = FindingDraft()
            draft.hazard = request.form["hazard"] ?? ""
            draft.text = request.form["text"] ?? ""
            draft.photos = photos.files
            if request.form["settled"] == "yes" {
                guard let words = request.form["settledWith"] else {
                    throw LinliError.invalid(
                        "patrols.settled", [.init("settledWith", Text("请写当场做了什么", "Please say what was done"))])
                }
                draft.settledWith = words
                let after = request.uploads.filter { $0.field == "after" && $0.size > 0 }
                draft.photosAfter = try await services.files.keep(after, services.database, request.context)
            }
            let number = try await PatrolCommands(services).find(
                patrol.id, try request.id("point"), proof(request.form), draft,
                once: request.form["once"] ?? randomToken(), request.context)
            return .redirect("/grid/patrols/\(patrol.id)?done=\(number)")
        } catch let error as LinliError {
            return try await refused(error, photos.files, request, services)
        }
    }
}
