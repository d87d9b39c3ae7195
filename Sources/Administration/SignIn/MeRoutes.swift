import LinliCore
import LinliKernel

/// One's own account, and how pages look.
enum MeRoutes {
    static let all: [Route] = [
        .get("/me", access: .signedIn, me),
        .post("/me/messages", access: .signedIn) { request, services in
            guard let isWanted = ["yes": true, "no": false][request.form["wanted"] ?? ""] else {
                throw LinliError.invalid(
                    "me.messages",
                    [.init("wanted", Text("请在“我的”页面上选要不要短信", "Please choose on your page whether you want messages"))]
                )
            }
            try await ReporterMessages.want(isWanted, request.context, services.database)
            return .redirect("/me?done=messages")
        },
        .post("/me/tokens/:id/end", access: .signedIn, endToken),
        .post("/preferences", access: .public, prefer),
    ]

    private static func me(_ request: Request, _ services: Services) async throws -> Reply {
        guard let session = request.session else { throw LinliError.notFound("me.session") }
        let account = session.account
        let (units, wantsMessages) = try await services.database.read { tx in
            (try SignInStore.units(of: account.grants, tx), try ReporterMessages.areWanted(by: account.id, tx))
        }
        let devices = try await services.signIn.devices(account.id)
        let page = MePage(
            account: account,
            device: session.device,
            devices: devices,
            tokens: try await services.signIn.tokens(of: account.id, at: request.context.now),
            done: request.query["done"],
            units: units,
            wantsMessages: wantsMessages,
            preferences: request.preferences,
            language: request.context.language,
            formToken: request.formToken,
            now: request.context.now,
            names: services.divisions
        )
        return .page(page.page)
    }

    /// Ends a token of one's own; a session is asked for, because a program ends its tokens through the API.
    private static func endToken(_ request: Request, _ services: Services) async throws -> Reply {
        guard let session = request.session else { throw LinliError.notFound("me.session") }
        try await services.signIn.revokeToken(try request.id(), of: session.account.id, request.context)
        return .redirect("/me?done=token")
    }

    /// Changes one thing about how pages look and goes back to the page it was chosen on.
    private static func prefer(_ request: Request, _ services: Services) async throws -> Reply {
        var preferences = request.preferences
        switch request.form["mode"] {
        case "elder": preferences.isElder = true
        case "standard": preferences.isElder = false
        default: break
        }
        switch request.form["theme"] {
        case "dark": preferences.isDark = true
        case "light": preferences.isDark = false
        default: break
        }
        preferences.language = request.form["language"].flatMap { Language(rawValue: $0) } ?? preferences.language
        return Reply.redirect(back(request.form["back"]))
            .setting(Cookie("linli_prefs", preferences.cookie, maxAgeSeconds: 400 * 86_400))
    }

    /// The page itself, the sign-in page too; home for what is not of this server.
    private static func back(_ path: String?) -> String {
        if let path, ["/sign-in", "/sign-in/second"].contains(path) { return path }
        return LocalPath.checked(path) ?? "/"
    }
}
