import LinliCore
import LinliKernel

/// Choosing a password with the link somebody was handed.
enum SetupRoutes {
    static let all: [Route] = [
        .get("/setup/:token", access: .public, form),
        .post("/setup/:token", access: .public, choose),
    ]

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services, error: nil).page)
    }

    private static func page(_ request: Request, _ services: Services, error: LinliError?) async throws -> SetupPage {
        let token = request.parameters["token"] ?? ""
        return SetupPage(
            setup: try await services.signIn.setup(token, request.context),
            path: SignIn.setupPath(token),
            formToken: request.formToken,
            error: error
        )
    }

    private static func choose(_ request: Request, _ services: Services) async throws -> Reply {
        // Taken as it was typed: a blank may be part of a password.
        let (password, again) = (request.form.all("password").first ?? "", request.form.all("again").first ?? "")
        do {
            var problems: [LinliError.Field] = []
            if let objection = DutyRules.objection(password: password) { problems.append(.init("password", objection)) }
            if password != again {
                problems.append(.init("again", Text("两次填的不一样", "The two are not the same")))
            }
            guard problems.isEmpty else { throw LinliError.invalid("signIn.setup", problems) }
            let setup = try await services.signIn.choosePassword(
                password, link: request.parameters["token"] ?? "", request.context
            )
            try await services.live.recheck(account: setup.account)
            return .redirect("/sign-in?by=password&done=password")
        } catch let error as LinliError {
            guard let status = error.formStatus ?? (error.kind == .notFound ? 404 : nil) else { throw error }
            return .page(try await page(request, services, error: error).page, status: status)
        }
    }
}
