import LinliCore
import LinliKernel
import Logging

extension RouteHandler {
    /// How many entries one account may leave a minute; what it tries beyond that is in the log.
    /// - Source: configured, no source
    private static let tracesPerMinute = 30

    /// Somebody asked for a change that is no duty of theirs, or about something outside their divisions: whoever tries that
    /// leaves a trace for the auditor, with the route that was asked for and nothing of what was typed. What is told apart
    /// nowhere else is not told apart here: gone, never there, or another's.
    func trace(_ error: LinliError, _ exchange: Exchange) async {
        guard route.method != .get, route.access.isOfStaff, [.forbidden, .notFound].contains(error.kind),
            error.id != RouteHandler.oldPage.id, let account = exchange.account,
            server.limiter.allows("outside:\(account.id)", limit: RouteHandler.tracesPerMinute, at: exchange.now)
        else { return }
        let path = route.path
        do {
            try await server.services.database.write(exchange.context, "access.outside") { tx in
                try tx.audit(Subject("account", account.id), fields: [path])
            }
        } catch {
            // The answer is no less a refusal: the log says what the audit could not.
            server.logger.warning("untraced", metadata: ["route": "\(path)", "request": "\(exchange.requestID)"])
        }
    }
}

extension Access {
    /// Whether it asks for a duty.
    fileprivate var isOfStaff: Bool {
        switch self {
        case .staff, .permission: true
        case .public, .signedIn, .token, .key: false
        }
    }
}
