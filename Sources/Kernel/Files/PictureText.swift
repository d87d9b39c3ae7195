import LinliCore
import LinliSQL

/// A line of words in a picture, and where it stands there, in pixels.
package struct PictureLine: Sendable, Equatable {
    package var words: String
    package var left: Int
    package var top: Int
    package var width: Int
    package var height: Int

    /// Where it ends.
    package var bottom: Int { top + height }

    /// A line of words.
    package init(_ words: String, left: Int, top: Int, width: Int, height: Int) {
        self.words = words
        self.left = left
        self.top = top
        self.width = width
        self.height = height
    }
}

/// Reads the words in a picture.
///
/// The driver works in a child process with limits, like the one that decodes photos.
package protocol PictureReader: Sendable {
    /// Whether there is a program here that reads pictures.
    func isReady() async -> Bool

    /// The lines of words in the picture at `path`, from the top; nil where nothing can read it.
    func lines(of path: String) async -> [PictureLine]?
}

/// Where no program that reads pictures is installed.
package struct NoPictureReader: PictureReader {
    /// Reads nothing.
    package init() {}

    package func isReady() async -> Bool { false }

    package func lines(of path: String) async -> [PictureLine]? { nil }
}

extension FileStore {
    /// The contents of those of these photos that `actor` keeps and has not used yet.
    package static func hashes(
        of files: [ID<StoredFile>], by actor: Actor, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [ID<StoredFile>: String] {
        guard !files.isEmpty, let account = actor.account else { return [:] }
        let keeper = keys.tokenHash("file:\(account)")
        let found = try tx.all(
            "SELECT id, hash FROM stored_file WHERE id IN \(SQL.list(files)) AND is_used = 0 AND keeper = \(keeper)"
        ) { row in
            (try row[0] as ID<StoredFile>, try row[1] as String)
        }
        return Dictionary(found) { first, _ in first }
    }

    /// The content that the hidden field of a form proves to be its own; nil for any other, and once it is used.
    package static func content(
        provenBy value: String, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> (hash: String, size: Int)? {
        guard let file = FormPhotos.file(provenBy: value, keys) else { return nil }
        return try tx.first("SELECT hash, size FROM stored_file WHERE id = \(file) AND is_used = 0") {
            (try $0[0], try $0[1])
        }
    }
}
