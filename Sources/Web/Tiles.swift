import HTTPTypes
import LinliCore
import LinliKernel

/// The base map of a file, picture by picture, and what a page may load from another server's.
enum Tiles {
    /// A picture; 204 where the map has none, so that its edge is not a mistake.
    static func tile(_ request: Request, _ services: Services) async throws -> Reply {
        guard let read = services.baseMap.read, let zoom = request.parameters["z"].flatMap({ Int($0) }),
            let column = request.parameters["x"].flatMap({ Int($0) }),
            let row = request.parameters["y"].flatMap({ Int($0) })
        else { throw LinliError.notFound("tiles") }
        guard let picture = try read(zoom, column, row), let type = type(of: picture) else {
            return Reply(.empty, status: 204).adding("cache-control", "public, max-age=86400")
        }
        return Reply(.bytes(picture, type: type)).adding("cache-control", "public, max-age=86400")
    }

    private static func type(of picture: [UInt8]) -> String? {
        switch picture.first {
        case 0x89: "image/png"
        case 0xFF: "image/jpeg"
        case 0x52: "image/webp"
        default: nil
        }
    }

    /// Lets a page show pictures of the server that was configured, and of no other.
    static func allow(_ server: String, in headers: inout HTTPFields) {
        guard let policy = headers[.contentSecurityPolicy] else { return }
        headers[.contentSecurityPolicy] = policy.split(separator: "; ", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("img-src ") ? $0 + " " + server : String($0) }
            .joined(separator: "; ")
    }
}
