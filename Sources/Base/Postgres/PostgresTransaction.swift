import CLibPQ
import Foundation
import LinliSQL

/// How a transaction begins.
enum PostgresTransaction: String {
    case read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    case serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
    case claim = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    /// How often a transaction is tried that loses against others.
    static let tries = 8
    /// From this try on it runs alone.
    static let quietTry = 4
}

extension PostgresConnection {
    /// How one try ended.
    private enum Outcome<Value> {
        case done(Value)
        case failed(any Error)
        /// Nothing was committed; the same again may work.
        case conflict
        /// The connection is gone and COMMIT was not sent: nothing was committed.
        case lost(SQLError)
    }

    /// Runs `body` in a transaction; again when it loses against others, and once when the connection was lost before
    /// COMMIT. `turns` are shared by the writes of an engine, `onRetry` is called before each new try.
    func transaction<T>(
        _ kind: PostgresTransaction,
        _ turns: PostgresTurns,
        onRetry: () -> Void,
        _ body: (any LinliSQL.Connection) throws -> T
    ) throws -> T {
        var tries = 1
        var wasLost = false
        while true {
            let outcome =
                kind == .read
                ? attempt(kind, body)
                : turns.take(alone: tries >= PostgresTransaction.quietTry) { attempt(kind, body) }
            switch outcome {
            case .done(let value): return value
            case .failed(let error): throw error
            case .lost(let error):
                if wasLost { throw error }
                wasLost = true
            case .conflict:
                if tries == PostgresTransaction.tries {
                    throw SQLError.busy("gave way to others \(tries) times")
                }
                onRetry()
                // Twice as long each time, so that those who lost together do not meet again.
                Thread.sleep(forTimeInterval: Double.random(in: 0...0.001) * Double(1 << tries))
                tries += 1
            }
        }
    }

    private func attempt<T>(
        _ kind: PostgresTransaction,
        _ body: (any LinliSQL.Connection) throws -> T
    ) -> Outcome<T> {
        failure = nil
        do {
            finishRead()
            try connectIfNeeded()
            begin = kind
            let value = try body(self)
            if let failure { throw failure.error }
            return commit(value, of: kind)
        } catch {
            return abandon(error)
        }
    }

    private func abandon<T>(_ error: any Error) -> Outcome<T> {
        let failure = failure
        if let failure, failure.isLost {
            disconnect()
            return .lost(failure.error)
        }
        rollBack()
        guard let failure else { return .failed(error) }
        if failure.isStalePlan {
            clearStatements()
            return .conflict
        }
        return failure.isConflict ? .conflict : .failed(error)
    }

    private func commit<T>(_ value: T, of kind: PostgresTransaction) -> Outcome<T> {
        // Without a statement nothing has begun.
        if begin != nil { return .done(value) }
        if kind == .read {
            // The caller need not wait for the answer; the next transaction takes it.
            isReading = PQsendQuery(handle, "COMMIT") == 1
            if !isReading { disconnect() }
            return .done(value)
        }
        let result = PQexec(handle, "COMMIT")
        defer { PQclear(result) }
        if PQresultStatus(result) == PGRES_COMMAND_OK {
            // A transaction in which something failed answers ROLLBACK.
            let tag = String(cString: PQcmdStatus(result))
            return tag == "COMMIT" ? .done(value) : .failed(SQLError.failed("COMMIT was answered with \(tag)"))
        }
        let failure = PostgresFailure(result, of: handle, key: "COMMIT")
        guard failure.isLost else { return failure.isConflict ? .conflict : .failed(failure.error) }
        disconnect()
        return .failed(SQLError.outcomeUnknown("the connection to PostgreSQL was lost during COMMIT"))
    }

    private func rollBack() {
        guard handle != nil, begin == nil else { return }
        let result = PQexec(handle, "ROLLBACK")
        defer { PQclear(result) }
        // A connection in an unknown state is of no use; the server rolls back when it ends.
        if PQresultStatus(result) != PGRES_COMMAND_OK { disconnect() }
    }

    /// Takes the answer to the COMMIT of a read.
    private func finishRead() {
        guard isReading else { return }
        isReading = false
        while let result = PQgetResult(handle) { PQclear(result) }
        if PQtransactionStatus(handle) != PQTRANS_IDLE { disconnect() }
    }

    private func clearStatements() {
        do { try forgetStatements() } catch { disconnect() }
    }

    // MARK: Connecting

    /// Connects unless connected; waits for a server that went away a moment ago.
    private func connectIfNeeded() throws {
        var pause = 0.05
        while handle == nil {
            if let connection = address.connect() {
                handle = connection
                do { try prepareSession() } catch {
                    disconnect()
                    throw error
                }
                availability.sawServer()
            } else if !availability.wasOpen {
                throw address.explain()
            } else if availability.mayWait() {
                Thread.sleep(forTimeInterval: pause)
                pause = min(pause * 2, 1)
            } else {
                throw address.away
            }
        }
    }

    /// Ends the connection.
    func disconnect() {
        PQfinish(handle)
        handle = nil
        begin = nil
        isReading = false
        // Without a connection this sends nothing and cannot fail.
        try? forgetStatements()
    }

    /// `random_page_cost` is that of rows in memory or on flash. The four of a turning disk makes PostgreSQL read whole tables
    /// of a hundred thousand rows, or call helpers of its own, for a thousand rows that an index finds in 2 ms.
    private func prepareSession() throws {
        let settings = """
            SET default_transaction_isolation = 'serializable';
            SET default_transaction_read_only = off;
            SET default_transaction_deferrable = off;
            SET statement_timeout = '30s';
            SET lock_timeout = '10s';
            SET idle_in_transaction_session_timeout = '60s';
            SET random_page_cost = 1.1;
            SET TimeZone = 'UTC';
            SET bytea_output = 'hex';
            SET client_min_messages = warning;
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
            SELECT current_setting('server_encoding'), current_setting('server_version_num')::int / 10000;
            """
        let result = try checked(PQexec(handle, settings), key: settings)
        defer { PQclear(result) }
        let encoding = String(cString: PQgetvalue(result, 0, 0))
        let version = Int(String(cString: PQgetvalue(result, 0, 1))) ?? 0
        guard encoding == "UTF8", version >= 13 else {
            throw SQLError.unreachable(
                "PostgreSQL at \(address.place) has version \(version) and encoding \(encoding); needed are 13 and UTF8"
            )
        }
    }
}
