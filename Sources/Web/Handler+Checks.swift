import HTTPTypes
import Hummingbird
import LinliCore
import LinliKernel

extension RouteHandler {
    /// A changed thing must come from one of our own pages: the form carries a token of the session or visit. Programs
    /// with a bearer token have no cookies to be tricked with.
    func checkOrigin(
        _ exchange: Exchange, _ request: LinliKernel.Request, _ raw: Hummingbird.Request
    ) throws {
        guard route.method != .get, exchange.tokenOwner == nil, !route.access.isKeyed else { return }
        // A program without cookies cannot be tricked, and a page of another site cannot send JSON or a picture as it is
        // without asking.
        let type = raw.headers[.contentType]?.lowercased() ?? ""
        let isAsked = ["application/json", "image/"].contains { type.hasPrefix($0) }
        if route.operation != nil, exchange.session == nil, isAsked { return }
        let site = raw.headers.value(.fetchSite)
        let isForeign = site == "cross-site"
        let given = request.form["csrf"] ?? raw.headers.value(.formToken) ?? ""
        guard !isForeign, constantTimeEqual(Array(given.utf8), Array(exchange.formToken.utf8)) else {
            let old = RouteHandler.oldPage
            throw LinliError(old.kind, old.id, old.publicText, detail: isForeign ? "cross-site" : "form token")
        }
    }

    /// Reading, before anything is read: by account, or by address for who has none. Files of the design system, tiles
    /// and what watches the server are not counted.
    func checkReads(_ exchange: Exchange, _ request: Hummingbird.Request, _ context: LinliContext) throws {
        guard route.method == .get, route.isCounted else { return }
        var (who, limit) = ("", server.settings.requestsPerMinute)
        if let account = exchange.account {
            (who, limit) = ("reads:account:\(account.id)", server.settings.accountRequestsPerMinute)
        } else {
            who = "reads:" + remoteAddress(request, context)
        }
        try count(who, limit, exchange.now)
    }

    private func count(_ who: String, _ limit: Int, _ now: Instant) throws {
        guard !server.limiter.allows(who, limit: limit, at: now) else { return }
        throw LinliError(
            .tooMany,
            "request.tooMany",
            Text("提交得太快了，请一分钟后再试", "Too many at once; please try again in a minute"),
            retryAfterSeconds: RateLimiter.secondsLeft(at: now)
        )
    }

    func checkRate(_ exchange: Exchange, _ request: LinliKernel.Request) throws {
        guard route.method != .get else { return }
        var (who, limit) = (request.remoteAddress, server.settings.anonymousFormsPerMinute)
        if let account = exchange.account {
            (who, limit) = ("account:\(account.id)", server.settings.accountFormsPerMinute)
            // Who still owes the second factor has no more to send than a few codes.
            if account.isStaff, exchange.session?.isVerified == false {
                (who, limit) = ("second:\(account.id)", server.settings.secondFactorsPerMinute)
            }
        }
        // A program with a key speaks for many people.
        if case .key(let id, _) = request.context.actor.kind { (who, limit) = ("key:\(id)", limit * 10) }
        try count(who, limit, exchange.now)
    }
}

extension Route {
    /// Whether reading it counts towards the limit: not for files of the design system, tiles of the map, the app shell
    /// and what watches the server.
    var isCounted: Bool {
        let free = [
            "/assets/", "/vendor/", "/tiles/", "/manifest.webmanifest", "/worker.webmanifest", "/sw.js", "/offline",
            "/health", "/metrics",
        ]
        return !free.contains { path.hasPrefix($0) }
    }
}
