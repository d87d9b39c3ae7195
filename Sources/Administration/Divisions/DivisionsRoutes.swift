import LinliCore
import LinliKernel

/// The tree of divisions and its forms.
enum DivisionsRoutes {
    static let all: [Route] = [
        .get("/admin/divisions", access: .permission(.divisionsManage), tree),
        .post("/admin/divisions/:code/add", access: .permission(.divisionsManage), add),
        .post("/admin/divisions/:code/rename", access: .permission(.divisionsManage), rename),
        .post("/admin/divisions/:code/end", access: .permission(.divisionsManage), end),
    ]

    private static func tree(_ request: Request, _ services: Services) async throws -> Reply {
        let own = request.context.actor.scope(for: .divisionsManage).divisions
        guard let code = request.query["under"].flatMap({ DivisionCode($0) }) ?? own.first else {
            throw LinliError.notFound("divisions.none")
        }
        return .page(try await page(code, request, services, attempt: nil).page)
    }

    static func code(_ request: Request) throws -> DivisionCode {
        guard let code = request.parameters["code"].flatMap({ DivisionCode($0) }) else {
            throw LinliError.notFound("divisions.code")
        }
        return code
    }

    /// The page of a division within the reader's own.
    private static func page(
        _ code: DivisionCode, _ request: Request, _ services: Services, attempt: DivisionAttempt?
    ) async throws -> DivisionsPage {
        let actor = request.context.actor
        let now = request.context.now
        guard actor.may(.divisionsManage, in: code) else { throw LinliError.notFound("divisions.unknown") }
        return try await services.database.read { tx in
            guard let division = try DivisionsStore.find(code, at: now, tx) else {
                throw LinliError.notFound("divisions.unknown")
            }
            let siblings = try code.parent.map { try DivisionsStore.children(of: $0, at: now, tx) } ?? []
            return DivisionsPage(
                division: division,
                own: actor.scope(for: .divisionsManage).divisions,
                nodes: try DivisionsAdminStore.nodes(under: code, at: now, tx),
                siblings: siblings.filter { $0.code != code && actor.may(.divisionsManage, in: $0.code) },
                nextNumber: try DivisionsAdminStore.nextNumber(under: code, tx),
                inUse: try DivisionsAdminStore.inUse(code, apartFrom: actor.scope.interests, at: now, tx),
                done: request.query["done"],
                attempt: attempt,
                formToken: request.formToken,
                names: services.divisions
            )
        }
    }

    // MARK: Changes

    private static func add(_ request: Request, _ services: Services) async throws -> Reply {
        let parent = try code(request)
        return try await perform("add", parent, request, services) { commands in
            _ = try await commands.add(
                request.form["name"] ?? "",
                number: request.form.int("number"),
                isOfficial: request.form["official"] == "yes",
                under: parent,
                request.context
            )
            return parent
        }
    }

    private static func rename(_ request: Request, _ services: Services) async throws -> Reply {
        let code = try code(request)
        return try await perform("rename", code, request, services) { commands in
            try await commands.rename(code, to: request.form["name"] ?? "", request.context)
            return code
        }
    }

    private static func end(_ request: Request, _ services: Services) async throws -> Reply {
        let code = try code(request)
        let successor = request.form["successor"].flatMap { DivisionCode($0) }
        return try await perform("end", code, request, services) { commands in
            try await commands.end(code, successor: successor, request.context)
            return successor ?? code
        }
    }

    /// Runs a command and shows the division it leads to; a form that cannot be taken comes back as it was typed.
    private static func perform(
        _ form: String,
        _ code: DivisionCode,
        _ request: Request,
        _ services: Services,
        _ command: (DivisionsCommands) async throws -> DivisionCode
    ) async throws -> Reply {
        do {
            let target = try await command(DivisionsCommands(services))
            return .redirect("/admin/divisions?under=\(target)&done=\(form)")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let attempt = DivisionAttempt(name: form, form: request.form, error: error)
            return .page(try await page(code, request, services, attempt: attempt).page, status: status)
        }
    }
}

/// A form that came back: which one, what was typed, what is wrong.
struct DivisionAttempt: Sendable {
    let name: String
    let form: Form
    let error: LinliError
}
