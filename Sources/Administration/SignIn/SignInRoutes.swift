import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Signing in, the second factor, signing out.
enum SignInRoutes {
    static let all: [Route] = [
        .get("/sign-in", access: .public, form),
        .post("/sign-in", access: .public, signIn),
        .get("/sign-in/second", access: .signedIn, secondForm),
        .post("/sign-in/second", access: .signedIn, second),
        .post("/sign-out", access: .signedIn, signOut),
        .post("/sign-out/everywhere", access: .signedIn, signOutEverywhere),
    ]

    /// How long a session's cookie lives: as long as the session.
    private static let staffSeconds = 12 * 3600
    private static let residentSeconds = 30 * 86_400
    private static let deviceSeconds = 400 * 86_400

    // MARK: First step

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        var page = page(request, request.query["by"])
        page.hasNewPassword = request.query["done"] == "password"
        return .page(page.page)
    }

    private static func page(_ request: Request, _ by: String?) -> SignInPage {
        SignInPage(
            way: by == "password" ? .password : .code,
            phone: request.form["phone"] ?? "",
            next: LocalPath.checked(request.form["next"] ?? request.query["next"]),
            formToken: request.formToken
        )
    }

    private static func signIn(_ request: Request, _ services: Services) async throws -> Reply {
        var page = page(request, request.form["by"])
        do {
            guard let phone = request.form["phone"].flatMap({ PhoneNumber($0) }), phone.kind == .mobile else {
                throw LinliError.invalid(
                    "signIn.phone",
                    [.init("phone", Text("请填 11 位手机号", "Please enter the 11 digits of a mobile number"))]
                )
            }
            if request.form["send"] == "code" {
                try await services.signIn.sendCode(to: phone.number, request.context)
                page.sentTo = phone.masked
                return .page(page.page)
            }
            let begun = try await begin(phone.number, page.way, request, services)
            return reply(to: begun, next: page.next)
        } catch let error as LinliError {
            guard let status = error.formStatus ?? (error.kind == .tooMany ? 429 : nil) else { throw error }
            page.error = error
            let reply = Reply.page(page.page, status: status)
            return error.retryAfterSeconds.map { reply.adding("retry-after", "\($0)") } ?? reply
        }
    }

    private static func begin(
        _ phone: String, _ way: SignInPage.Way, _ request: Request, _ services: Services
    ) async throws -> SignIn.Begun {
        switch way {
        case .code:
            guard let code = request.form["code"] else {
                throw LinliError.invalid(
                    "signIn.code",
                    [.init("code", Text("请填短信里的 6 位验证码", "Please enter the 6 digits of the message"))]
                )
            }
            return try await services.signIn.begin(
                phone: phone, code: code, deviceToken: request.deviceToken,
                userAgent: DeviceName.label(request.userAgent),
                request.context
            )
        case .password:
            guard let password = request.form["password"] else {
                throw LinliError.invalid(
                    "signIn.password",
                    [.init("password", Text("请填密码", "Please enter your password"))]
                )
            }
            return try await services.signIn.begin(
                phone: phone, password: password, deviceToken: request.deviceToken,
                userAgent: DeviceName.label(request.userAgent),
                request.context
            )
        }
    }

    private static func reply(to begun: SignIn.Begun, next: String?) -> Reply {
        let target =
            begun.needsSecondFactor
            ? "/sign-in/second" + (next.map { "?next=" + percentEncoded($0) } ?? "")
            : next ?? landing(begun.account)
        let seconds = begun.account.isStaff ? staffSeconds : residentSeconds
        return Reply.redirect(target)
            .setting(Cookie("linli_session", begun.token, maxAgeSeconds: seconds))
            .setting(Cookie("linli_device", begun.deviceToken, maxAgeSeconds: deviceSeconds))
    }

    /// Where somebody begins: grid workers on the phone page, staff at the desk, residents at home.
    static func landing(_ account: AccountSummary) -> String {
        guard account.isStaff else { return "/" }
        let actor = account.actor
        if account.grants.allSatisfy({ $0.role == Role.gridWorker.id }) { return "/grid" }
        if actor.may(.casesRead) { return "/desk" }
        if actor.may(.accountsManage) { return "/admin/accounts" }
        if actor.may(.auditRead) { return "/admin/audit" }
        if actor.may(.registersRead) { return "/admin/units" }
        return "/me"
    }

    // MARK: Second step

    private static func secondForm(_ request: Request, _ services: Services) async throws -> Reply {
        guard let session = request.session else { throw LinliError.notFound("signIn.session") }
        let next = LocalPath.checked(request.query["next"])
        guard !session.isVerified else { return .redirect(next ?? landing(session.account)) }
        return .page(try secondPage(session, next, request, services).page)
    }

    private static func secondPage(
        _ session: Session, _ next: String?, _ request: Request, _ services: Services
    ) throws -> SecondFactorPage {
        let keys = services.database.keys
        let account = session.account.id
        let offer =
            session.account.hasSecondFactor
            ? nil
            : try request.form["offer"].flatMap { SecondFactorOffer($0, account, keys) }
                ?? SecondFactorOffer.fresh(account, keys)
        return SecondFactorPage(name: session.account.name, offer: offer, next: next, formToken: request.formToken)
    }

    private static func second(_ request: Request, _ services: Services) async throws -> Reply {
        guard let session = request.session else { throw LinliError.notFound("signIn.session") }
        let next = LocalPath.checked(request.form["next"])
        guard !session.isVerified else { return .redirect(next ?? landing(session.account)) }
        let page = try secondPage(session, next, request, services)
        let code = (request.form["code"] ?? "").filter { ("0"..."9").contains($0) }
        do {
            if let offer = page.offer {
                try await offer.accept(code, session.account.id, services, request.context)
            }
            try await services.signIn.verify(code: code, session, request.context)
            return .redirect(next ?? landing(session.account))
        } catch let error as LinliError {
            guard let status = error.formStatus ?? (error.kind == .tooMany ? 429 : nil) else { throw error }
            var page = page
            page.error = error
            return .page(page.page, status: status)
        }
    }

    // MARK: Leaving

    private static let noSession = Cookie("linli_session", "", maxAgeSeconds: 0)

    private static func signOut(_ request: Request, _ services: Services) async throws -> Reply {
        guard let session = request.session else { throw LinliError.notFound("signIn.session") }
        try await services.signIn.end(session, request.context)
        try await services.live.recheck(account: session.account.id)
        return Reply.redirect("/").setting(noSession)
    }

    private static func signOutEverywhere(_ request: Request, _ services: Services) async throws -> Reply {
        guard let session = request.session else { throw LinliError.notFound("signIn.session") }
        try await services.signIn.endEverywhere(session.account.id, request.context)
        try await services.live.recheck(account: session.account.id)
        return Reply.redirect("/").setting(noSession)
    }
}
