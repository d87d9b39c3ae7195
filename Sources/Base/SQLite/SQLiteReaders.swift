import Foundation
import LinliSQL

/// Connections that only read, each lent to one caller at a time and opened when it is first needed.
///
/// They are our own because a read must cost little more than its statements: a transaction here is two prepared
/// statements, without a hop to a queue or a look at the schema.
final class SQLiteReaders: @unchecked Sendable {
    // @unchecked: everything mutable is guarded by `condition`.
    private let path: String
    private let limit: Int
    private let condition = NSCondition()
    private var idle: [SQLiteHandle] = []
    private var lent = 0
    private var isClosed = false

    init(path: String, limit: Int) {
        self.path = path
        self.limit = limit
    }

    /// Runs `body` in one transaction: everything it reads is of one moment.
    ///
    /// - Throws: what `body` throws, `SQLError.unreachable` when the store is closed or the file is gone.
    func read<T>(_ body: (SQLiteConnection) throws -> T) throws -> T {
        let handle = try take()
        defer { giveBack(handle) }
        let connection = SQLiteConnection(handle)
        try connection.control("BEGIN")
        defer {
            // Nothing was changed: whichever way it ends, the view is let go.
            try? SQLiteConnection(handle).control("COMMIT")
        }
        let value = try body(connection)
        if let failed = connection.failed { throw failed }
        return value
    }

    /// Waits for the readers under way and lets go of every connection.
    func close() {
        condition.withLock {
            isClosed = true
            while lent > 0 { condition.wait() }
            idle = []
        }
    }

    private func take() throws -> SQLiteHandle {
        condition.lock()
        defer { condition.unlock() }
        while lent >= limit && !isClosed { condition.wait() }
        guard !isClosed else { throw SQLError.unreachable("the store is closed") }
        let handle = try idle.popLast() ?? SQLiteHandle(readingFrom: path)
        lent += 1
        return handle
    }

    private func giveBack(_ handle: SQLiteHandle) {
        condition.withLock {
            lent -= 1
            idle.append(handle)
            // One who waits for a connection, or `close`.
            condition.signal()
        }
    }
}
