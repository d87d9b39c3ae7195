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

    private static func page(_ request: Request, _ services: Services) async throws -> OwnDataPage {
        guard let account = request.context.actor.account else { throw LinliError.notFound("own.account") }
        let now = request.context.now
        return try await services.database.read { tx in
            let entries = try OwnEntries.of(account, today: now.date, tx).map { own in
                OwnDataPage.Entry(
                    own: own, consents: try DataConsents.of(own.person.id, tx),
                    readings: try RegisterReading.readings(of: RegisterSubject(.person, own.person.id), tx).count)
            }
            return OwnDataPage(
                entries: entries, requests: try DataRequests.of(account, tx), done: request.query["done"],
                rightsDays: services.registers.rightsDays, formToken: request.formToken, now: now)
        }
    }

    private static func readings(_ request: Request, _ services: Services) async throws -> Reply {
        guard let account = request.context.actor.account else { throw LinliError.notFound("own.account") }
        // Without an entry the page still has what was told with one's cases.
        let person =
            request.query["entry"] == nil
            ? nil : try await OwnEntries.own(try entry(request.query), request.context, services.database)
        let (readings, cases) = try await services.database.read { tx in
            (
                try person.map { try RegisterReading.readings(of: RegisterSubject(.person, $0.id), limit: 200, tx) },
                try CaseReadings.of(account, tx)
            )
        }
        return .page(
            OwnReadingsPage(person: person, readings: readings ?? [], cases: cases, now: request.context.now).page)
    }

    private static func export(_ request: Request, _ services: Services) async throws -> Reply {
        let all = try await everything(request, services)
        let page = OwnExportPage(person: all.person, values: all.values, homes: all.homes, consents: all.consents)
        return Reply.page(page.page).adding("cache-control", "no-store")
    }

    private static func exportJSON(_ request: Request, _ services: Services) async throws -> Reply {
        let all = try await everything(request, services)
        var json = JSONWriter()
        json.object { json in
            json.field("name", all.person.name)
            json.field("born", all.person.born?.description)
            json.key("fields")
            json.object { fields in
                for (field, value) in all.values.sorted(by: { $0.key.id < $1.key.id }) {
                    fields.key(dynamic: field.id)
                    fields.value(value)
                }
            }
            json.key("homes")
            json.array { list in
                for home in all.homes {
                    list.object { entry in
                        entry.field("address", home.address)
                        entry.field("tie", home.tie.rawValue)
                    }
                }
            }
            json.key("consents")
            json.array { list in
                for consent in all.consents {
                    list.object { entry in
                        entry.field("purpose", consent.purpose.rawValue)
                        entry.field("version", consent.version)
                        entry.field("givenAt", consent.givenAt.iso8601)
                        entry.field("withdrawnAt", consent.withdrawnAt?.iso8601)
                    }
                }
            }
        }
        return Reply.json(json).adding("cache-control", "no-store")
            .adding("content-disposition", "attachment; filename=\"my-data.json\"")
    }

    private struct Everything: Sendable {
        let person: PersonRecord
        let values: [RegisterField: String]
        let homes: [Home]
        let consents: [DataConsent]
    }

    private static func everything(_ request: Request, _ services: Services) async throws -> Everything {
        let id = try entry(request.query)
        let (person, values) = try await OwnEntries.everything(of: id, request.context, services.database)
        return try await services.database.read { tx in
            Everything(
                person: person, values: values, homes: try RegisterQueries.homes(of: id, tx),
                consents: try DataConsents.of(id, tx))
        }
    }
}
