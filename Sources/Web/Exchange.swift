import Foundation
import HTTPTypes
import Hummingbird
import LinliCore
import LinliKernel
import LinliUI
import Logging
import NIOCore

/// One request on its way: who asks, what with, and how the answer is written.
///
/// A class, because every part of the way has it and copying so many fields costs more than a reference.
final class Exchange: Sendable {
    let server: ServerParts
    let route: Route
    let requestID: String
    let now: Instant
    let language: Language
    let preferences: Preferences
    let session: Session?
    let tokenOwner: AccountSummary?
    /// Whether a token came that nobody holds, or nobody holds any more.
    let hasOddToken: Bool
    /// The random cookie of visitors without a session, so that their forms can be told from forged ones.
    let visitToken: String
    let isNewVisit: Bool
    /// The cookie that tells a device whose second step was taken.
    let deviceToken: String?
    let wantsJSON: Bool
    let account: AccountSummary?
    /// What a form of this page must carry back.
    let formToken: String
    /// The newest live event this node knew before the page was read: what happens later is told after it.
    let sequence: Int64

    /// Reads who asks; without `hasStore` nobody is known, and nothing can fail.
    init(_ request: Hummingbird.Request, route: Route, server: ServerParts, hasStore: Bool = true) async throws {
        self.server = server
        self.route = route
        sequence = server.services.live.last
        now = server.services.database.clock.now
        requestID = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        // Where programs come with a key nothing else says who asks: no cookie to be tricked with, no other token.
        let headers = route.access.isKeyed ? HTTPFields() : request.headers
        let cookies = headers[.cookie]
        preferences = Preferences(cookie: cookieValue("linli_prefs", in: cookies) ?? "")
        deviceToken = cookieValue("linli_device", in: cookies)
        language = preferences.language ?? Exchange.preferred(request.headers.first(.acceptLanguage))
        let accept = request.headers.first(.accept) ?? ""
        // Who asks whether the server is well is a program, whatever it says it accepts.
        wantsJSON =
            request.uri.path.hasPrefix("/api/") || request.uri.path == "/health" || accept.hasPrefix("application/json")
        let keys = server.services.database.keys
        let sessionToken = cookieValue("linli_session", in: cookies)
        let bearer = headers.first(.authorization).flatMap { value in
            value.hasPrefix("Bearer ") ? String(value.dropFirst(7)) : nil
        }
        let now = now
        if !hasStore {
            session = nil
            tokenOwner = nil
        } else if let hash = bearer.map({ keys.tokenHash("api:\($0)") }) {
            tokenOwner = try await server.services.database.read { try AccessStore.tokenOwner(hash, at: now, $0) }
            session = nil
        } else if let hash = sessionToken.map({ keys.tokenHash($0) }) {
            session = try await server.services.database.read { try AccessStore.session(hash, at: now, $0) }
            tokenOwner = nil
        } else {
            session = nil
            tokenOwner = nil
        }
        hasOddToken = hasStore && bearer != nil && tokenOwner == nil
        account = session?.account ?? tokenOwner
        let visit = cookieValue("linli_visit", in: cookies)
        isNewVisit = visit == nil && session == nil && hasStore && !route.access.isKeyed
        // A session that cannot be looked up is still one: what is sent again later carries its token.
        let visitor = hasStore ? visit : sessionToken ?? visit
        visitToken = session == nil ? visitor ?? randomToken() : sessionToken ?? ""
        formToken = keys.formToken(session: visitToken)
    }

    private static func preferred(_ header: String?) -> Language {
        // Only who asks for English before any Chinese reads English first.
        guard let header = header?.lowercased() else { return .zh }
        let first = header.split(separator: ",").first { $0.hasPrefix("zh") || $0.hasPrefix("en") }
        return first?.hasPrefix("en") == true ? .en : .zh
    }

    var context: Context {
        let actor = account?.actor ?? .anonymous
        return Context(actor: actor, now: now, language: language, requestID: requestID)
    }

    /// Whether this reader may call the route.
    ///
    /// - Throws: `.unauthenticated` or `.forbidden`.
    func checkAccess() throws {
        switch route.access {
        // What a program does with a token that is over must not become what nobody in particular did.
        case .public: guard route.operation == nil || !hasOddToken else { throw Exchange.unauthenticated }
        // A key stands in the form, which is not read yet: see `Request.admitted`.
        case .key: return
        case .signedIn: guard account != nil else { throw Exchange.unauthenticated }
        case .token: guard tokenOwner != nil || session?.isVerified == true else { throw Exchange.unauthenticated }
        case .staff:
            try checkStaff()
        case .permission(let permission):
            try checkStaff()
            guard context.actor.may(permission) else { throw LinliError.forbidden(permission.key) }
        }
    }

    private func checkStaff() throws {
        guard let account else { throw Exchange.unauthenticated }
        guard account.isStaff else { throw LinliError.notFound("access.staff") }
        if let session, !session.isVerified { throw Exchange.needsSecondFactor }
    }

    static let unauthenticated = LinliError(
        .unauthenticated,
        "access.unauthenticated",
        Text("请先登录", "Please sign in first")
    )

    static let needsSecondFactor = LinliError(
        .unauthenticated,
        "access.secondFactor.needed",
        Text("这台设备还要验证一次动态码", "This device needs your second factor once")
    )

    /// What the frame needs to know.
    func reader(_ path: String, alerts: Int? = nil) -> Reader {
        let services = server.services
        let actor = context.actor
        let division = account?.division ?? actor.scope.divisions.first
        let community = division.map { services.divisions.place($0) } ?? services.divisions.home
        return Reader(
            language: language,
            preferences: preferences,
            account: account,
            formToken: formToken,
            sequence: sequence,
            path: path,
            community: community,
            // Only the desk has one.
            menu: account?.isStaff != true ? [] : services.features.menu.filter { actor.may($0.permission) },
            alerts: alerts
        )
    }

    /// How many cases have an alert for a reader of the desk. A page does not fail because the count does.
    func alerts(on page: Page) async -> Int? {
        guard case .desk = page.frame, account?.actor.may(.casesRead) == true else { return nil }
        do {
            return try await server.services.queries.alertCount(context)
        } catch {
            server.logger.warning("desk.alerts", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// What every request of a node shares.
final class ServerParts: Sendable {
    let services: Services
    let settings: WebSettings
    let limiter: RateLimiter
    let metrics: WebMetrics
    let logger: Logger

    init(_ services: Services, settings: WebSettings, logger: Logger) {
        self.services = services
        self.settings = settings
        limiter = RateLimiter()
        metrics = WebMetrics()
        self.logger = logger
    }
}
