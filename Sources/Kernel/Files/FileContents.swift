import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Contents that no row has any more: noted in the store, taken off the disk outside of every transaction.
extension FileSweep {
    /// Notes that a content is nobody's.
    static func note(_ hash: String, at moment: Instant) -> SQL {
        "INSERT INTO content_removal (hash, noted_at) VALUES (\(hash), \(moment)) ON CONFLICT (hash) DO NOTHING"
    }

    /// Takes off the disk what was noted. A content is set aside first and looked at once more: whoever sent the same
    /// picture in the meantime either finds it gone and writes it anew, or is found by the row or the time of the file.
    package func removeContents(_ database: Database) async throws {
        var last = ""
        while true {
            let after = last
            let page: [String] = try await database.read { tx in
                try tx.all("SELECT hash FROM content_removal WHERE hash > \(after) ORDER BY hash LIMIT 100") {
                    try $0[0]
                }
            }
            guard let end = page.last else { return }
            last = end
            var done: [String] = []
            for hash in page {
                if try await removeContent(hash, database) { done.append(hash) }
            }
            guard !done.isEmpty else { continue }
            let hashes = done
            try await database.system { tx in
                _ = try tx.execute("DELETE FROM content_removal WHERE hash IN \(SQL.list(hashes))")
            }
        }
    }

    /// Whether there is nothing left to do about a content.
    private func removeContent(_ hash: String, _ database: Database) async throws -> Bool {
        try files.setAside(hash)
        let isHad = try await database.read { try $0.exists("SELECT 1 FROM stored_file WHERE hash = \(hash) LIMIT 1") }
        if isHad {
            try files.putBack(hash)
            return true
        }
        if try files.cameAgain(hash, withinSeconds: quietSeconds) {
            try files.putBack(hash)
            return false
        }
        try files.dropAside(hash)
        return true
    }

    /// Notes contents on the disk that have no row: of whoever never sent the form a picture was for, or of a server that
    /// was ended between the two. What came within the quiet time is left.
    package func noteLeftovers(_ database: Database) async throws {
        for folder in try files.folders() {
            let hashes = try files.contents(of: folder)
            for start in stride(from: 0, to: hashes.count, by: 500) {
                let part = Array(hashes[start..<min(start + 500, hashes.count)])
                let known: [String] = try await database.read { tx in
                    try tx.all("SELECT DISTINCT hash FROM stored_file WHERE hash IN \(SQL.list(part))") { try $0[0] }
                }
                let had = Set(known)
                let left = try part.filter { hash in
                    try !had.contains(hash) && !files.cameAgain(hash, withinSeconds: quietSeconds)
                }
                guard !left.isEmpty else { continue }
                try await database.system { tx in
                    for hash in left { _ = try tx.execute(FileSweep.note(hash, at: tx.now)) }
                }
            }
        }
    }
}

extension FileStore {
    /// Where a content lies while it is looked at for the last time.
    private func aside(_ hash: String, isThumbnail: Bool) -> String { path(hash, isThumbnail: isThumbnail) + ".gone" }

    /// Whether a content was written, or sent again, within some seconds; asked of the content itself, wherever it lies.
    func cameAgain(_ hash: String, withinSeconds seconds: Double) throws -> Bool {
        let places = [path(hash), aside(hash, isThumbnail: false)]
        guard let place = places.first(where: FileManager.default.fileExists(atPath:)) else { return false }
        let changed = try FileManager.default.attributesOfItem(atPath: place)[.modificationDate] as? Date
        return changed.map { Date().timeIntervalSince($0) < seconds } ?? false
    }

    /// Moves a content and its thumbnail out of the way; what was moved before a crash stays there.
    fileprivate func setAside(_ hash: String) throws {
        for isThumbnail in [false, true] {
            let (here, there) = (path(hash, isThumbnail: isThumbnail), aside(hash, isThumbnail: isThumbnail))
            guard FileManager.default.fileExists(atPath: here) else { continue }
            if FileManager.default.fileExists(atPath: there) { try FileManager.default.removeItem(atPath: there) }
            try FileManager.default.moveItem(atPath: here, toPath: there)
        }
    }

    /// Moves them back, unless the same came anew.
    fileprivate func putBack(_ hash: String) throws {
        for isThumbnail in [false, true] {
            let (here, there) = (path(hash, isThumbnail: isThumbnail), aside(hash, isThumbnail: isThumbnail))
            guard FileManager.default.fileExists(atPath: there) else { continue }
            if FileManager.default.fileExists(atPath: here) {
                try FileManager.default.removeItem(atPath: there)
            } else {
                try FileManager.default.moveItem(atPath: there, toPath: here)
            }
        }
    }

    /// Takes what was set aside off the disk.
    fileprivate func dropAside(_ hash: String) throws {
        for isThumbnail in [false, true] {
            let there = aside(hash, isThumbnail: isThumbnail)
            if FileManager.default.fileExists(atPath: there) { try FileManager.default.removeItem(atPath: there) }
        }
    }

    /// The folders contents lie in, by the beginning of their hashes.
    fileprivate func folders() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter(FileStore.isHex(2)).sorted()
    }

    /// The hashes of the contents of a folder.
    fileprivate func contents(of name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder + "/" + name).compactMap { file in
            let hash = String(file.prefix(64))
            return FileStore.isHex(64)(hash) && file.dropFirst(64) == ".jpg" ? hash : nil
        }.sorted()
    }

    private static func isHex(_ length: Int) -> (String) -> Bool {
        { word in
            word.utf8.count == length && word.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
    }
}

extension Migration {
    /// Contents that are to go from the disk after their last row went.
    static let contentRemovals = Migration(
        "2026-11-29.41-content-removals",
        """
        CREATE TABLE content_removal (
            hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) <= 64),
            noted_at INTEGER NOT NULL
        ) STRICT;
        """
    )
}
