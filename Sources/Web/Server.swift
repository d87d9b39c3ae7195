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
        let missing = RouteHandler(route: Platform.missing, server: parts)
        let onStart = onStart
        return Application(
            responder: Fallback(router: router.buildResponder(), missing: missing, routes: routes, server: parts),
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

/// Answers what no route does with our own page, and a wrong method with 405.
private struct Fallback: HTTPResponder {
    let router: RouterResponder<LinliContext>
    let missing: RouteHandler
    let routes: [Route]
    let server: ServerParts

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
        guard !allowed.isEmpty, !allowed.contains(request.method.rawValue) else {
            return await missing.respond(request, context)
        }
        let route = Platform.wrongMethod(allowed.sorted())
        return await RouteHandler(route: route, server: server).respond(request, context)
    }
}
