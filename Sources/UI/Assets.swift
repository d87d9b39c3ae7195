import Foundation
import LinliCore

/// The design system's files, read once and served from memory.
///
/// Their addresses carry a version made of all contents, so browsers may keep them for ever and modules may import each
/// other by relative names.
package struct Assets: Sendable {
    /// One file.
    package struct File: Sendable {
        package let bytes: [UInt8]
        package let type: String
    }

    /// Every file by name.
    package let files: [String: File]
    /// Changes when any file changes.
    package let version: String
    /// What every address begins with.
    private let folder: String

    /// The files this program came with. A missing folder leaves pages without style: `linli doctor` says so.
    package static let shared = Assets(folder: Bundle.module.url(forResource: "Assets", withExtension: nil))

    init(folder: URL?) {
        var files: [String: File] = [:]
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
        for name in names.sorted() {
            // A file that cannot be read is left out; the page shows without it.
            guard let folder, let type = Assets.type(of: name),
                let data = try? Data(contentsOf: folder.appending(path: name))
            else { continue }
            files[name] = File(bytes: Array(data), type: type)
            for byte in data { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        self.files = files
        version = String(hash, radix: 36)
        self.folder = "/assets/\(version)/"
    }

    /// The address of a file, `/assets/1a2b3c/linli.css`.
    package static func path(_ name: String) -> String { shared.folder + name }

    /// The media type by the end of a name; nil for files that are not served.
    package static func type(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "webmanifest": "application/manifest+json"
        default: nil
        }
    }
}
