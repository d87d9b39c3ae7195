import LinliCore
import LinliSQL

/// The name of a write use case, `cases.accept`: it stands in the audit and in the metrics.
package struct CommandID: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The stable name.
    package let name: String

    package init(stringLiteral value: String) {
        name = value
    }
}

/// An open transaction that can only be read from.
package class ReadTx {
    let connection: any Connection

    init(_ connection: any Connection) {
        self.connection = connection
    }

    /// Whose SQL it takes.
    package var dialect: Dialect { connection.dialect }

    /// Every row of a result.
    package func all<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> [T] {
        try connection.all(sql, decode)
    }

    /// The first row, or nil.
    package func first<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> T? {
        try connection.first(sql, decode)
    }

    /// The first column of the first row, or nil when there is no row.
    package func value<T: SQLDecodable>(_ sql: SQL, as type: T.Type = T.self) throws -> T? {
        try connection.value(sql, as: type)
    }

    /// Whether the statement has a row.
    package func exists(_ sql: SQL) throws -> Bool {
        try connection.exists(sql)
    }

    /// Calls `each` for every row.
    package func each(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        try connection.query(sql, each)
    }
}

/// What an audit entry or event is about.
package struct Subject: Sendable, Hashable {
    /// `case`, `account`, `division`.
    package let kind: String
    /// Its identifier.
    package let id: Int64
    /// Where it belongs, if anywhere.
    package let division: DivisionCode?

    /// A subject of any kind.
    package init(_ kind: String, _ id: Int64, division: DivisionCode? = nil) {
        self.kind = kind
        self.id = id
        self.division = division
    }

    /// A subject with a typed identifier.
    package init<Entity>(_ kind: String, _ id: ID<Entity>, division: DivisionCode? = nil) {
        self.init(kind, id.rawValue, division: division)
    }
}

/// A fact for whoever subscribed: ids and words only, never personal values.
package struct Event: Sendable {
    /// Its identifier, time-ordered but not in the order of commits.
    package let id: ID<Event>
    /// When it happened.
    package let at: Instant
    /// `case.changed`.
    package let kind: String
    /// What it is about; events of one subject reach a subscriber in order.
    package let subject: Subject
    /// Ids and words as `name=value` pairs, small.
    package let facts: [String: String]

    init(id: ID<Event>, at: Instant, kind: String, subject: Subject, facts: [String: String]) {
        self.id = id
        self.at = at
        self.kind = kind
        self.subject = subject
        self.facts = facts
    }
}

/// An open write: the change, its audit entries and its events, committed together.
///
/// The closure that receives it may run again, so it touches nothing else.
package final class WriteTx: ReadTx {
    /// Who acts, and when.
    package let context: Context
    /// The moment all rows of this write carry.
    package var now: Instant { context.now }

    private let command: CommandID
    private let reason: String?
    private let ids: IDGenerator
    private let keys: KeyRing
    private let subscriptions: Subscriptions
    private var audits: [AuditEntry] = []
    private var events: [Event] = []

    init(
        _ connection: any Connection,
        context: Context,
        command: CommandID,
        reason: String?,
        ids: IDGenerator,
        keys: KeyRing,
        subscriptions: Subscriptions
    ) {
        self.context = context
        self.command = command
        self.reason = reason
        self.ids = ids
        self.keys = keys
        self.subscriptions = subscriptions
        super.init(connection)
    }

    /// The next identifier.
    package func newID<Entity>(_ entity: Entity.Type = Entity.self) throws -> ID<Entity> {
        try ids.next()
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) throws -> Int {
        try connection.execute(sql)
    }

    /// Runs a statement for whose changes the rest of the transaction does not ask, perhaps after all others; see
    /// `Connection.executeLast`.
    package func executeLast(_ sql: SQL) throws {
        try connection.executeLast(sql)
    }

    /// Encrypts a value for one cell; see `Secret`.
    package func seal<Entity>(_ secret: String, table: String, column: String, row: ID<Entity>) throws -> [UInt8] {
        try keys.seal(secret, cell: Cell(table, column, row.rawValue))
    }

    /// The keyed hash of a text that is stored in place of it.
    package func hash(of text: String) -> [UInt8] { keys.tokenHash(text) }

    /// Notes what was done: ids and field names. `values` go into a salted digest only, so that a later dispute can be
    /// settled without the entry carrying anything personal.
    package func audit(_ subject: Subject, fields: [String] = [], values: [String] = []) throws {
        audits.append(
            AuditEntry(
                id: try ids.next(),
                at: now,
                actor: context.actor.kind,
                command: command.name,
                subject: subject,
                fields: fields,
                reason: reason,
                requestID: context.requestID,
                digest: keys.saltedDigest(of: values)
            )
        )
    }

    /// Tells subscribers after the commit.
    package func emit(_ kind: String, _ subject: Subject, facts: [String: String] = [:]) throws {
        events.append(Event(id: try ids.next(), at: now, kind: kind, subject: subject, facts: facts))
    }

    /// Writes what was noted; the last thing before COMMIT.
    ///
    /// - Throws: a fault when a command left no audit entry: such a write must not exist.
    func finish() throws -> Bool {
        guard !audits.isEmpty else {
            throw LinliError.fault("audit.missing", "command \(command.name) left no audit entry")
        }
        try context.mark?.insert(connection, at: now)
        try AuditEntry.insert(audits, connection)
        try subscriptions.insert(events, connection)
        return !events.isEmpty
    }
}

/// The program's own write: sessions, outbox, sealer and migrations. It leaves no audit entry and must not touch tables
/// of features; a conformance test holds that.
package final class SystemTx: ReadTx {
    /// The moment all rows of this write carry.
    package let now: Instant
    private let ids: IDGenerator
    /// For what a subscriber opens inside the program, and never shows.
    let keys: KeyRing

    init(_ connection: any Connection, now: Instant, ids: IDGenerator, keys: KeyRing) {
        self.now = now
        self.ids = ids
        self.keys = keys
        super.init(connection)
    }

    /// The next identifier.
    package func newID<Entity>(_ entity: Entity.Type = Entity.self) throws -> ID<Entity> {
        try ids.next()
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) throws -> Int {
        try connection.execute(sql)
    }

    /// Encrypts a value for one cell; see `Secret`.
    package func seal<Entity>(_ secret: String, table: String, column: String, row: ID<Entity>) throws -> [UInt8] {
        try keys.seal(secret, cell: Cell(table, column, row.rawValue))
    }
}

extension Connection {
    /// Inserts many rows, some at a time, with few texts of statements, so that they stay prepared; `end` follows the rows,
    /// such as what to do with one that is there.
    func insert(into target: SQL, _ rows: [SQL], columns: Int, _ end: SQL = .empty) throws {
        // As many as keep a statement within a thousand values; what is left over goes by eights, the last few together.
        let sizes = [max(1, min(48, 1000 / columns)), 8]
        var start = 0
        while start < rows.count {
            let count = sizes.first { $0 <= rows.count - start } ?? rows.count - start
            let some = SQL.joined(Array(rows[start..<start + count]), separator: ", ")
            try execute("INSERT INTO \(target) VALUES \(some) \(end)")
            start += count
        }
    }
}
