import CSQLite
import Foundation
import GRDB
import LinliSQL
import Synchronization

/// The embedded default: one file, WAL, every acknowledged write on disk.
///
/// Reads run on a pool, each on its own snapshot; writes go through one group committer, so that many callers share
/// one fsync.
package final class SQLiteEngine: Engine {
    package let dialect = Dialect.sqlite
    private let pool: DatabasePool
    private let readers: SQLiteReaders
    private let committer: GroupCommitter
    private let reads = Mutex(0)
    private let isClosed = Mutex(false)

    /// Whether SQLite keeps its sum of memory: not, unless something used it before the first store was opened.
    private static let memoryIsCounted = linli_sqlite_stop_counting_memory() != SQLITE_OK

    /// Opens or creates the file at `path`.
    ///
    /// - Throws: `SQLError.unreachable` with one plain sentence when it cannot be opened.
    package init(path: String, readers: Int = 8) throws {
        // Only speed depends on it, and only the first store of a process decides it.
        _ = SQLiteEngine.memoryIsCounted
        var configuration = Configuration()
        // GRDB opens the file, writes and copies; reading is done by connections of our own.
        configuration.maximumReaderCount = 1
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            let settings = "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA secure_delete = ON"
            try database.execute(sql: settings)
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets synchronous to NORMAL after preparing a connection: FULL must come after opening.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
            }
        } catch {
            throw SQLError.unreachable("cannot open the database file \(path): \(error)")
        }
        committer = GroupCommitter(pool)
        self.readers = SQLiteReaders(path: path, limit: readers)
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any LinliSQL.Connection) throws -> T
    ) async throws -> T {
        reads.withLock { $0 += 1 }
        // On the caller's thread: a hop to another thread costs more than a point read.
        return try readers.read(body)
    }

    package func write<T: Sendable>(
        _ mode: WriteMode,
        _ body: @escaping @Sendable (any LinliSQL.Connection) throws -> T
    ) async throws -> T {
        try await committer.submit(background: mode == .background, body)
    }

    package var counters: EngineCounters {
        var counters = committer.counters
        counters.reads = reads.withLock { $0 }
        return counters
    }

    package func copy(to path: String) async throws {
        // A copy takes as long as the file is large: on a thread of its own it holds nobody up.
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { [self] in continuation.resume(with: Result { try copyNow(to: path) }) }
            thread.name = "linli-copy"
            thread.start()
        }
    }

    private func copyNow(to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw SQLError.failed("\(path) exists: a copy replaces nothing")
        }
        // Personal data: nobody else may read the copy. SQLite takes a file that is there and empty.
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw SQLError.full("cannot write the copy \(path)")
        }
        do {
            // VACUUM INTO reads one snapshot while others write, and leaves no free pages with old content.
            try pool.unsafeReentrantRead { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
            // It does not wait for the disk; a backup has to.
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.synchronize()
            try file.close()
        } catch {
            // Half a copy is worse than none; if even this fails the error below says enough.
            try? FileManager.default.removeItem(atPath: path)
            throw SQLError.full("cannot write the copy \(path): \(error)")
        }
    }

    package func close() async {
        committer.stop()
        closeNow()
    }

    private func closeNow() {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        if wasClosed { return }
        readers.close()
        // Who only reads cannot empty the log. When this fails nothing is lost: the next start empties it.
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        // Nothing to save by now: an error while closing only means a reader is still open.
        try? pool.close()
    }

    /// The writer's setting of `PRAGMA synchronous`; 2 is FULL. For the test that guards it.
    package func synchronousLevel() throws -> Int {
        try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
    }

    /// Limits the file to `pages`, so that a test can fill the disk.
    package func limit(pages: Int) throws {
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
    }

    /// Makes the next `count` commits fail, for the test of a failing COMMIT.
    package func failCommits(_ count: Int) {
        committer.failCommits(count)
    }
}
