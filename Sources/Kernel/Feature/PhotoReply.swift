import FoundationEssentials
import LinliCore

/// A stored photo as the answer to a request.
package enum PhotoReply {
    /// The photo with a content, whole or small.
    ///
    /// - Throws: `.notFound` when the folder of files lacks it.
    package static func make(
        _ photo: (hash: String, size: Int), isSmall: Bool, _ services: Services
    ) throws -> Reply {
        let path = services.files.path(photo.hash, isThumbnail: isSmall)
        let size = isSmall ? try thumbnailSize(path) : photo.size
        let etag = photo.hash + (isSmall ? "-small" : "")
        return Reply(.file(FileBody(path: path, size: size, type: "image/jpeg", etag: etag)))
    }

    private static func thumbnailSize(_ path: String) throws -> Int {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard let size = attributes[.size] as? Int else { throw LinliError.fault("photos.thumbnail", "no size") }
            return size
        } catch is CocoaError {
            throw LinliError.notFound("photos.thumbnail")
        }
    }
}
