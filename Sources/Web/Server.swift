import HTTPTypes
import Hummingbird
import LinliCore
import LinliKernel
import LinliUI
import Logging
import NIOCore
import ServiceLifecycle

/// The web server of one node.
package struct Server: Sendable {
    private let parts: ServerParts
    private let onStart: @Sendable (Int) -> Void

    /// A server for everything `services` declare.
    package init(
        _ services: Services,
        settings: WebSettings,
        logger: Logger,
        onStart: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        parts = ServerParts(services, settings: settings, logger: logger)
        self.onStart = onStart
    }

    /// The service to run in a `ServiceGroup`; it listens when it starts and stops gracefully.
    package func application() -> some Service {
        let router = Router(context: LinliContext.self, options: .autoGenerateHeadEndpoints)
        let routes = parts.services.features.routes + Platform.routes(parts)
        for route in routes {
            let handler = RouteHandler(route: route, server: parts)
            let method = HTTPRequest.Method(rawValue: route.method.rawValue) ?? .get
            router.on(RouterPath(route.path), method: method) { request, context in
                await handler.respond(request, context)
            }
        }
        let onStart = onStart
        return Application(
            responder: Fallback(router: router.buildResponder(), routes: routes, server: parts),
            configuration: .init(
                address: .hostname(parts.settings.host, port: parts.settings.port),
                serverName: nil,
                backlog: 4096
            ),
            onServerRunning: { channel in onStart(channel.localAddress?.port ?? 0) },
            logger: parts.logger
        )
    }
}

/// Answers what no route does, and a wrong method with 405: in the words of the protocol that lies there, else with our
/// own page or problem.
private struct Fallback: HTTPResponder {
    let router: RouterResponder<LinliContext>
    let routes: [Route]
    let server: ServerParts
    private let doors: [ProtocolDoor]

    init(router: RouterResponder<LinliContext>, routes: [Route], server: ServerParts) {
        self.router = router
        self.routes = routes
        self.server = server
        doors = routes.compactMap { ProtocolDoor($0) }
    }

    func respond(to request: Hummingbird.Request, context: LinliContext) async throws -> Response {
        do {
            let response = try await router.respond(to: request, context: context)
            // Every answer of ours has a type; what has none comes from the router, which found nothing.
            let isMissing = response.status == .notFound && response.headers[.contentType] == nil
            return isMissing ? await other(request, context) : response
        } catch let error as HTTPError where error.status == .notFound {
            return await other(request, context)
        }
    }

    private func other(_ request: Hummingbird.Request, _ context: LinliContext) async -> Response {
        let path = request.uri.path.split(separator: "/")
        let fitting = routes.filter { route in
            let parts = route.path.split(separator: "/")
            return parts.count == path.count && zip(parts, path).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
        }
        let allowed = Set(fitting.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] })
        let door = doors.first { $0.leads(to: path) }
        let isThere = !allowed.isEmpty && !allowed.contains(request.method.rawValue)
        let isJSON = request.uri.path.hasPrefix("/api/")
        let route =
            isThere ? Platform.wrongMethod(allowed.sorted(), door, isJSON: isJSON) : Platform.missing(door)
        return await RouteHandler(route: route, server: server).respond(request, context)
    }
}
