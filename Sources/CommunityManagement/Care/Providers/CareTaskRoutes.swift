import LinliCore
import LinliKernel

/// What a unit that gives services has to do: what is wanted of it, what it took, whom a taken one is for.
enum CareTaskRoutes {
    static let all: [Route] = [
        .get("/desk/deliveries", access: .permission(.careDeliver), list),
        .post("/desk/deliveries/:offer/:step", access: .permission(.careDeliver), change),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> CareTasksPage {
        let context = request.context
        let after: ID<CareOffer>? = request.query.id("after")
        let limit = CareTasksPage.limit
        let (book, providers) = try await services.database.read { tx in
            let book = try LabelBook.current(tx)
            let providers = try CareTaskStore.providers(of: context.actor, book, tx)
            let returns = try providers.map { try CareReturns.lately($0.unit.id, at: context.now, tx) }
            return (
                try book.remembering(Set(returns.joined().map(\.service)), tx),
                try zip(providers, returns).map { provider, returns in
                    CareTasksPage.Provider(
                        provider: provider,
                        waiting: try CareTaskStore.waiting(for: provider, tx),
                        open: try CareTaskStore.open(for: provider, after: after, limit: limit, tx),
                        due: try CareTaskStore.taken(
                            by: provider.unit.id, isDue: true, after: after, limit: limit, at: context.now, tx),
                        later: try CareTaskStore.taken(
                            by: provider.unit.id, isDue: false, after: after, limit: limit, at: context.now, tx),
                        returns: returns)
                }
            )
        }
        return CareTasksPage(
            providers: providers, book: book, closedAfter: services.registers.providerDays,
            size: GroupSize(least: services.registers.smallestGroup),
            done: request.query["done"], now: context.now, formToken: request.formToken, names: services.divisions)
    }

    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<CareOffer> = try request.id("offer")
        let commands = CareTaskCommands(services)
        let (form, context) = (request.form, request.context)
        do {
            switch request.parameters["step"] {
            case "take":
                try await commands.take(id, context)
                return .redirect("/desk/deliveries?done=take")
            case "open": return .page(try await contact(id, request, services).page)
            case "refuse":
                guard let reason = form["reason"].flatMap({ CareRefusalReason(rawValue: $0) }) else {
                    _ = try await commands.find(id, context)
                    throw LinliError.invalid("care.reason", [.init("reason", Text("请选原因", "Please choose a reason"))])
                }
                try await commands.refuse(id, reason, context)
                return .redirect("/desk/deliveries?done=refuse")
            case "deliver":
                let photos = request.uploads.filter { $0.field == "photos" && $0.size > 0 }
                let kept = try await services.files.keep(Array(photos.prefix(1)), services.database, context)
                try await commands.deliver(
                    id, signer: form["signer"] ?? "", note: form["note"] ?? "", photo: kept.first, context)
                return .redirect("/desk/deliveries?done=deliver")
            default: throw LinliError.notFound("care.step")
            }
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            // Proof that is missing is asked for where it is given; the rest is said above the list.
            if error.id == "care.evidence" {
                var page = try await contact(id, request, services)
                (page.error, page.typed) = (error, form)
                return .page(page.page, status: status)
            }
            var page = try await page(request, services)
            page.error = error
            return .page(page.page, status: status)
        }
    }

    private static func contact(
        _ id: ID<CareOffer>, _ request: Request, _ services: Services
    ) async throws -> CareTaskPage {
        let contact = try await CareTaskCommands(services).contact(id, request.context)
        return CareTaskPage(contact: contact, now: request.context.now, formToken: request.formToken)
    }
}
