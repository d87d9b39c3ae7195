import LinliCore
import LinliKernel

/// What is suggested to a resident, and why; their answer; one tap that ends such use of their data.
enum OwnServicesRoutes {
    static let all: [Route] = [
        .get("/me/services", access: .signedIn, show),
        .post("/me/services", access: .signedIn, answer),
        .post("/me/services/profiling", access: .signedIn, profiling),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> OwnServicesPage {
        let now = request.context.now
        let people = try await people(request.context, services)
        let named = Set(people.flatMap(\.offers).map(\.service))
        let book = try await services.database.read { try LabelBook.current($0).remembering(named, $0) }
        return OwnServicesPage(
            people: people, book: book, closedAfter: services.registers.providerDays, done: request.query["done"],
            now: now, formToken: request.formToken)
    }

    /// The people an account is or looks after, with what they may have.
    static func people(_ context: Context, _ services: Services) async throws -> [OwnServicesPage.Person] {
        guard let account = context.actor.account else { throw LinliError.notFound("care.nobody") }
        var people: [OwnServicesPage.Person] = []
        let entries = try await services.database.read { try OwnEntries.of(account, today: context.now.date, $0) }
        for record in entries.map(\.person) where record.entry.validTo == nil {
            var found = try await LabelReading.own(record.id, context, services.database)
            // What the rules say follows a moment after the person does: nothing is proposed from their answer on.
            if !record.isProfiled { found.services = [] }
            let shown = found
            people.append(
                try await services.database.read { tx in
                    let offers = try CareStore.offers(of: [record.id], tx)[record.id] ?? []
                    let ids = offers.map(\.id)
                    return OwnServicesPage.Person(
                        record: record, shown: shown, offers: offers, deliveries: try CareStore.deliveries(of: ids, tx),
                        takings: try CareTaskStore.takings(of: ids, tx),
                        toldSince: try DataConsents.since(.providers, for: record.id, on: context.now.date, tx))
                })
        }
        return people
    }

    private static func person(_ request: Request) throws -> ID<Person> {
        guard let person: ID<Person> = request.form.id("person") else {
            throw LinliError.invalid("care.person", [.init("person", Text("请从页面上选", "Please choose on the page"))])
        }
        return person
    }

    private static func answer(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let person = try person(request)
            guard let answer = request.form["answer"], ["yes", "no", "stop"].contains(answer) else {
                throw LinliError.invalid("care.answer", [.init("answer", Text("请选要或不要", "Please choose"))])
            }
            try await CareCommands(database: services.database).answer(
                request.form["service"] ?? "", of: person, yes: answer == "yes", reason: request.form["reason"] ?? "",
                consent: CareConsent(.web, request.form["text"]), request.context)
            return .redirect("/me/services?done=\(answer)")
        } catch let error as LinliError {
            return try await again(request, services, error)
        }
    }

    private static func profiling(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let allowed = request.form["allowed"] == "yes"
            try await OwnEntries.setProfiled(
                allowed, of: try person(request), request.context, services.database)
            return .redirect("/me/services?done=\(allowed ? "profiled" : "unprofiled")")
        } catch let error as LinliError {
            return try await again(request, services, error)
        }
    }

    private static func again(_ request: Request, _ services: Services, _ error: LinliError) async throws -> Reply {
        guard let status = error.formStatus else { throw error }
        var page = try await page(request, services)
        page.error = error
        return .page(page.page, status: status)
    }
}
