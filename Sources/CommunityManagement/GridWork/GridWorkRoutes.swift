import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Today's list and the short report.
enum GridWorkRoutes {
    static let all: [Route] = [
        .get("/grid", access: .permission(.casesHandle), today),
        .get("/grid/list", access: .permission(.casesHandle), todayFragment),
        .get("/grid/report", access: .permission(.casesReport), form),
        .post("/grid/report", access: .permission(.casesReport), report),
    ]

    // MARK: Today

    private static func today(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await todayPage(request, services)
        // Only what looks like a number is shown back.
        page.reported = request.query["reported"].flatMap { number in
            number.utf8.count <= 30 && number.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
                ? number : nil
        }
        return .page(page.page)
    }

    private static func todayFragment(_ request: Request, _ services: Services) async throws -> Reply {
        .fragment(try await todayPage(request, services).list)
    }

    private static func todayPage(_ request: Request, _ services: Services) async throws -> GridTodayPage {
        let scope = request.context.actor.scope(for: .casesHandle)
        let filter = CaseFilter(limit: GridTodayPage.limit)
        let rows = try await services.queries.list(filter, scope, at: request.context.now)
        let (context, now) = (request.context, request.context.now)
        let grids = context.actor.scope(for: .gridPeopleRead).divisions
        let people = try await services.database.read { tx in
            try grids.flatMap { try GridRolesStore.list(of: $0, at: now, tx) }.filter { $0.isNow(now) }
        }
        return GridTodayPage(
            rows: Array(rows.prefix(GridTodayPage.limit)),
            hasMore: rows.count > GridTodayPage.limit,
            mayReport: request.context.actor.may(.casesReport),
            mayVisit: request.context.actor.may(.peopleEdit),
            mayRead: request.context.actor.may(.peopleRead),
            people: Array(people.prefix(GridTodayPage.limit)),
            now: request.context.now,
            names: services.divisions,
            types: services.queries.types
        )
    }

    // MARK: Report

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await reportPage(request, services).page)
    }

    /// The type somebody reports: as the form says, else as the address.
    private static func type(_ request: Request, _ services: Services) throws -> CaseType {
        try services.queries.types.offered(request.form["type"] ?? request.query["type"] ?? "need", at: .grid)
    }

    private static func reportPage(_ request: Request, _ services: Services) async throws -> GridReportPage {
        let scope = request.context.actor.scope(for: .casesReport)
        let now = request.context.now
        let (places, divisions) = try await services.database.read { tx in
            let places = try scope.divisions.flatMap { try PlacesStore.tree(in: $0, tx) }
            let inside = try scope.divisions.flatMap { try DivisionsStore.children(of: $0, at: now, tx).map(\.code) }
            return (places, scope.divisions + inside)
        }
        return GridReportPage(
            type: try type(request, services),
            types: services.queries.types.offered(at: .grid),
            divisions: divisions,
            places: places,
            form: request.form,
            once: request.form["once"] ?? randomToken(),
            formToken: request.formToken,
            names: services.divisions,
            catalogue: services.catalogue
        )
    }

    private static func report(_ request: Request, _ services: Services) async throws -> Reply {
        try await StaffReport.take(
            request, services, once: request.idempotencyKey ?? request.form["once"] ?? randomToken(),
            draft: { try await draft(request, services, $0) },
            done: { try await done($0, request, services) },
            refused: { error, kept in
                var page = try await reportPage(request, services)
                page.error = error
                page.kept = kept
                if StaffReport.showsSimilar(error, request.form) {
                    let chosen = request.form["category"].flatMap { services.catalogue[code: $0] }
                    let found =
                        try chosen
                        ?? StaffReport.category(
                            of: request.form["text"] ?? "", try type(request, services), services)?.value
                    page.similar = try await StaffReport.similar(found, request, services)
                }
                return page.page
            }
        )
    }

    /// A page that sent the form itself goes on to today's list; a script reads where that is. Of who was added to a case
    /// that was there it shows number and link, for them.
    private static func done(
        _ taken: CaseCommands.Taken, _ request: Request, _ services: Services
    ) async throws -> Reply {
        if request.form["join"] != nil, request.idempotencyKey == nil {
            var page = DeskReceiptPage(
                taken: taken, link: request.origin + CasePath.receipt(taken.receipt), now: request.context.now)
            page.view = try await services.queries.view(taken.id, request.context)
            page.lead = try await StaffJoining.lead(of: page.view, request.context, services)
            (page.frame, page.form, page.draft) = (.grid("/grid/report"), "/grid/report", "grid-report")
            return .page(page.page)
        }
        let target = "/grid?reported=\(taken.number)"
        guard request.idempotencyKey != nil else { return .redirect(target) }
        var json = JSONWriter()
        json.object { json in
            json.field("url", target)
            json.field("number", taken.number)
        }
        return .json(json, status: 201)
    }

    private static func draft(
        _ request: Request, _ services: Services, _ photos: [ID<StoredFile>]
    ) async throws -> CaseDraft {
        let form = request.form
        let scope = request.context.actor.scope(for: .casesReport)
        let place = try await StaffReport.place(form, services)
        let point = StaffReport.point(form)
        // Where somebody stands decides only where nobody chose, and only inside their own grids.
        let located = try await services.database.read { tx in
            try point.flatMap {
                try GridLocator.grid(latitude: $0.latitude, longitude: $0.longitude, at: request.context.now, tx)
            }
        }.flatMap { scope.contains($0) ? $0 : nil }
        let named =
            form["division"].flatMap { DivisionCode($0) } ?? located
            ?? (scope.divisions.count == 1 ? scope.divisions.first : nil)
        guard let division = place?.division ?? named, scope.contains(division) else {
            throw LinliError.invalid(
                "grid.division",
                [.init("place", Text("这里不在您的网格里，请另选", "That is outside your grids; please choose another"))]
            )
        }
        let chosen = form["category"].flatMap { services.catalogue[code: $0] }.map { Decided($0, isDoubtful: false) }
        let type = try type(request, services)
        let category = try chosen ?? StaffReport.category(of: form["text"] ?? "", type, services)
        var draft = try StaffReport.draft(
            form, type, in: division, at: place, category: category, photos: photos, services)
        draft.source = .grid
        draft.latitude = point?.latitude
        draft.longitude = point?.longitude
        if form["settled"] == "yes" {
            guard let words = form["settledWith"] else {
                throw LinliError.invalid(
                    "grid.settled",
                    [.init("settledWith", Text("请写当场做了什么", "Please say what you did on the spot"))]
                )
            }
            draft.settledWith = words
        }
        return draft
    }
}
