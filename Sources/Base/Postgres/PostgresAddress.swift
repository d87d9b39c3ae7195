import CLibPQ
import Foundation
import LinliSQL

/// Where a database is, from a URL of the operator; nothing it says contains the password.
struct PostgresAddress: Sendable {
    private let url: String
    /// Host and port, as sentences name them.
    let place: String
    private let user: String
    private let database: String
    /// The environment a program of PostgreSQL needs to find the same database.
    let environment: [String: String]

    /// Takes `postgres://user:password@host:port/database?…`, or `postgres:///database?host=/directory` for a socket.
    ///
    /// - Throws: `SQLError.unreachable` with one sentence when it is not such a URL.
    init(_ url: String) throws {
        let wrong = SQLError.unreachable(
            "the database address is not a valid URL; it looks like postgres://user:password@host:5432/database"
        )
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else { throw wrong }
        // libpq's own message may quote a part of the password: it is dropped.
        guard let options = PQconninfoParse(url, nil) else { throw wrong }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var environment: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                values[String(cString: keyword)] = String(cString: value)
                if let name = option.pointee.envvar { environment[String(cString: name)] = String(cString: value) }
            }
            option += 1
        }
        self.url = url
        self.environment = environment
        user = values["user"] ?? ProcessInfo.processInfo.userName
        database = values["dbname"] ?? user
        place = (values["host"] ?? "the local socket") + (values["port"].map { ":" + $0 } ?? "")
    }

    /// Defaults before the URL, which may override them; what Linli relies on after it.
    private var parameters: [(String, String)] {
        [
            ("connect_timeout", "5"), ("keepalives_idle", "30"), ("tcp_user_timeout", "30000"),
            // After a failover the URL's second host is taken, not a standby that cannot write.
            ("target_session_attrs", "read-write"),
            ("dbname", url), ("client_encoding", "UTF8"), ("application_name", "linli"),
        ]
    }

    /// Connects, within 5 s per host; nil when that fails.
    func connect() -> OpaquePointer? {
        let connection = withParameters { PQconnectdbParams($0, $1, 1) }
        guard PQstatus(connection) == CONNECTION_OK else {
            PQfinish(connection)
            return nil
        }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        return connection
    }

    /// Tries once more and says in one sentence why it does not work.
    ///
    /// The server's words come in its own language: only its SQLSTATE says what it means.
    func explain() -> SQLError {
        guard let connection = withParameters({ PQconnectStartParams($0, $1, 1) }) else { return away }
        defer { PQfinish(connection) }
        PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        var status = PGRES_POLLING_WRITING
        while status == PGRES_POLLING_WRITING || status == PGRES_POLLING_READING {
            let events = Int16(status == PGRES_POLLING_WRITING ? POLLOUT : POLLIN)
            var descriptor = pollfd(fd: PQsocket(connection), events: events, revents: 0)
            guard poll(&descriptor, 1, 5000) > 0 else { return away }
            status = PQconnectPoll(connection)
        }
        let message = String(cString: PQerrorMessage(connection))
        return switch message.split(whereSeparator: \.isWhitespace).last {
        case "28P01", "28000": .unreachable("PostgreSQL at \(place) refuses user \(user): wrong name or password")
        case "3D000": .unreachable("PostgreSQL at \(place) has no database \(database): create it first")
        case "42501": .unreachable("PostgreSQL at \(place) does not let user \(user) into database \(database)")
        case "53300": .unreachable("PostgreSQL at \(place) takes no more connections")
        case "57P03": .unreachable("PostgreSQL at \(place) is starting or stopping: try again in a moment")
        default: away
        }
    }

    /// The server does not answer.
    var away: SQLError { .unreachable("PostgreSQL at \(place) does not answer: is it running?") }

    private typealias CStrings = UnsafePointer<UnsafePointer<CChar>?>

    private func withParameters<T>(_ body: (CStrings?, CStrings?) -> T) -> T {
        let keywords = parameters.map { strdup($0.0) }
        let values = parameters.map { strdup($0.1) }
        defer { (keywords + values).forEach { free($0) } }
        let keywordList = keywords.map { UnsafePointer($0) } + [nil]
        let valueList = values.map { UnsafePointer($0) } + [nil]
        return body(keywordList, valueList)
    }
}

/// Whether the server can be reached, as all connections of an engine saw it last.
///
/// A restart takes seconds: callers wait for it. When the server stays away they are told at once.
final class PostgresAvailability: @unchecked Sendable {
    // @unchecked: everything mutable is guarded by `lock`.
    private let lock = NSLock()
    private var awaySince: ContinuousClock.Instant?
    private var isOpen = false
    private var isClosing = false

    /// How long callers wait for a server that went away.
    private static let patience = Duration.seconds(10)

    /// A connection was made.
    func sawServer() {
        lock.withLock {
            awaySince = nil
            isOpen = true
        }
    }

    /// The engine ends: nobody waits any longer.
    func close() {
        lock.withLock { isClosing = true }
    }

    /// Whether there ever was a connection; without one, the settings are probably wrong.
    var wasOpen: Bool { lock.withLock { isOpen } }

    /// Notes a connection that could not be made, and whether another try makes sense.
    func mayWait() -> Bool {
        lock.withLock {
            let now = ContinuousClock.now
            let since = awaySince ?? now
            awaySince = since
            return isOpen && !isClosing && now - since < PostgresAvailability.patience
        }
    }
}
