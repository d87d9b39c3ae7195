import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The least a server of this kind can do: the ceiling `linli bench` holds every page against.
package enum PlaintextServer {
    /// A server that answers `GET /` with a word, at a free port of this machine, and does nothing else.
    package static func application(logger: Logger, onStart: @escaping @Sendable (Int) -> Void) -> some Service {
        let router = Router()
        router.get("/") { _, _ in "hello" }
        return Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: nil, backlog: 4096),
            onServerRunning: { channel in onStart(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}
