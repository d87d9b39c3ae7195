import LinliCore
import LinliKernel

/// The pages of one's own data.
enum OwnDataRoutes {
    static let all: [Route] = [
        .get("/me/data", access: .signedIn, show),
        .get("/me/data/readings", access: .signedIn, readings),
        .get("/me/data/export", access: .signedIn, export),
        .get("/me/data/export.json", access: .signedIn, exportJSON),
        .post("/me/data/link", access: .signedIn) { request, services in
            try await attempt(request, services) {
                let claim = try await OwnEntries.claim(
                    request.form["number"] ?? "", request.context, services.database, services.dataRequests)
                return claim == .asked ? "asked" : "linked"
            }
        },
        .post("/me/data/consents", access: .signedIn) { request, services in
            try await attempt(request, services) {
                guard let purpose = request.form["purpose"].flatMap({ ConsentPurpose(rawValue: $0) }) else {
                    throw LinliError.notFound("own.purpose")
                }
                try await DataConsents.set(
                    purpose, request.form["given"] == "yes", for: try entry(request.form), request.context,
                    services.database)
                return "saved"
            }
        },
        .post("/me/data/profiling", access: .signedIn) { request, services in
            try await attempt(request, services) {
                try await OwnEntries.setProfiled(
                    request.form["on"] == "yes", of: try entry(request.form), request.context, services.database)
                return "saved"
            }
        },
        .post("/me/data/requests", access: .signedIn) { request, services in
            try await attempt(request, services) {
                guard let kind = request.form["kind"].flatMap({ DataRequestKind(rawValue: $0) }), kind != .link else {
                    throw LinliError.notFound("own.kind")
                }
                try await services.dataRequests.open(
                    kind, of: try entry(request.form), request.form["text"] ?? "", request.context)
                return "asked"
            }
        },
    ]

    private static func entry(_ form: Form) throws -> ID<Person> {
        guard let entry: ID<Person> = form.id("entry") else { throw LinliError.notFound("own.entry") }
        return entry
    }

    private static func attempt(
        _ request: Request, _ services: Services, _ body: () async throws -> String
    ) async throws -> Reply {
        do {
            return .redirect("/me/data?done=\(try await body())")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            page.form = request.form
            return .page(page.page, status: status)
        }
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    /// Reads everything the page shows.
    static func page(_ request: Request, _ services: Services) async throws -> OwnDataPage {
        guard let account = request.context.actor.account else { throw LinliError.notFound("own.account") }
        let now = request.context.now
        return try await services.database.read { tx in
            let entries = try OwnEntries.of(account, today: now.date, tx).map { own in
                OwnDataPage.Entry(
                    own: own, consents: try DataConsents.of(own.person.id, tx),
                    readings: try RegisterReading.told(own.person.id, tx).count)
            }
            return OwnDataPage(
                entries: entries, requests: try DataRequests.of(account, tx), done: request.query["done"],
                rightsDays: services.registers.rightsDays, formToken: request.formToken, now: now)
        }
    }

    private static func readings(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await found(request, services).page)
    }

    /// Who read what of an entry of one's own, and of one's cases.
    static func found(_ request: Request, _ services: Services) async throws -> OwnReadingsPage {
        guard let account = request.context.actor.account else { throw LinliError.notFound("own.account") }
        // Without an entry the page still has what was told with one's cases.
        let person =
            request.query["entry"] == nil
            ? nil : try await OwnEntries.own(try entry(request.query), request.context, services.database)
        let (readings, cases) = try await services.database.read { tx in
            (
                try person.map { try Reading.named(try RegisterReading.told($0.id, limit: 200, tx), tx) },
                try CaseReadings.of(account, tx)
            )
        }
        return OwnReadingsPage(person: person, readings: readings ?? [], cases: cases, now: request.context.now)
    }

    private static func export(_ request: Request, _ services: Services) async throws -> Reply {
        let copy = try await copy(request, services)
        return Reply.page(OwnExportPage(copy: copy, now: request.context.now).page).adding("cache-control", "no-store")
    }

    private static func exportJSON(_ request: Request, _ services: Services) async throws -> Reply {
        var json = JSONWriter()
        OwnDataSchemas.copy.write(try await copy(request, services), into: &json)
        return Reply.json(json).adding("cache-control", "no-store")
            .adding("content-disposition", "attachment; filename=\"my-data.json\"")
    }

    /// Everything kept of an entry of one's own, or of the account alone where none is named.
    static func copy(_ request: Request, _ services: Services) async throws -> OwnDataCopy {
        let named: ID<Person>? = request.query["entry"] == nil ? nil : try entry(request.query)
        return try await OwnDataCopy(named, request.context, services)
    }
}
