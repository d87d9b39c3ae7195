/// What a store can do; two engines speak it, `LinliSQLite` and `LinliPostgres`.
///
/// Transactions are synchronous closures: they run on a thread of the engine, touch nothing but their connection, and
/// may run again.
package protocol Engine: Sendable {
    /// Whose SQL it takes.
    var dialect: Dialect { get }

    /// Runs `body` on one unchanging view of the data.
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Runs `body` in a transaction and returns after it is on disk.
    ///
    /// - Throws: what `body` throws, with nothing written; `SQLError.outcomeUnknown` when the connection was lost during
    ///   COMMIT.
    func write<T: Sendable>(
        _ mode: WriteMode,
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T

    /// Figures for `/metrics`.
    var counters: EngineCounters { get }

    /// A consistent copy of the whole store at `path` while others go on writing; used by `linli backup`.
    func copy(to path: String) async throws

    /// Finishes what is under way and lets go of every connection.
    func close() async
}

/// How a write competes with others.
package enum WriteMode: Sendable {
    /// As if alone: SERIALIZABLE, tried again when it loses against another.
    case serializable
    /// Takes rows under lock and leaves the rest to others: READ COMMITTED with `SKIP LOCKED`.
    case claim
    /// Like `serializable`, but lets everything else pass first.
    case background
}

/// What an engine has done since it was opened.
package struct EngineCounters: Sendable {
    /// Transactions that were committed.
    package var commits = 0
    /// Jobs inside those; more than `commits` where one fsync serves many callers.
    package var writes = 0
    /// Times a transaction ran again because it lost against another.
    package var retries = 0
    /// Reads.
    package var reads = 0

    /// All zero.
    package init() {}
}

/// An open transaction of one engine.
///
/// A statement that fails ends it: whatever the closure makes of the error, every later statement throws the same one
/// and nothing is committed. PostgreSQL works so; SQLite follows, so that a closure means the same on both.
package protocol Connection: AnyObject {
    /// Whose SQL it takes.
    var dialect: Dialect { get }

    /// Runs a statement and calls `each` for every row.
    func query(_ sql: SQL, _ each: (Row) throws -> Void) throws

    /// Runs a statement without rows and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: SQL) throws -> Int

    /// Runs a statement without rows for whose changes the rest of the transaction does not ask: after all others on SQLite,
    /// where an index of full text is then written out once for a batch, and where it stands on PostgreSQL.
    func executeLast(_ sql: SQL) throws

    /// Runs statements separated by `;`, for migrations.
    func run(script: String) throws
}

extension Connection {
    /// At once: what an engine does to which the end of a transaction is no better place.
    package func executeLast(_ sql: SQL) throws { try execute(sql) }

    /// Every row of a result.
    package func all<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> [T] {
        var rows: [T] = []
        try query(sql) { rows.append(try decode($0)) }
        return rows
    }

    /// The first row, or nil.
    package func first<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> T? {
        var found: T?
        try query(sql) { row in
            if found == nil { found = try decode(row) }
        }
        return found
    }

    /// The first column of the first row, or nil when there is no row.
    package func value<T: SQLDecodable>(_ sql: SQL, as type: T.Type = T.self) throws -> T? {
        try first(sql) { try $0[0] }
    }

    /// Whether the statement has a row.
    package func exists(_ sql: SQL) throws -> Bool {
        try first(sql) { _ in true } ?? false
    }
}

/// What a store says when it cannot.
package enum SQLError: Error, Sendable, Hashable {
    /// A UNIQUE or PRIMARY KEY rule holds this row back; its columns, `person.phone`, the same for both engines.
    case unique(String)
    /// Another rule of the schema (CHECK, NOT NULL, foreign key, type) holds it back.
    case constraint(String)
    /// The disk is full, or the store cannot write.
    case full(String)
    /// Too many tries against others; the caller may try later.
    case busy(String)
    /// The connection broke during COMMIT: it may or may not have happened.
    case outcomeUnknown(String)
    /// No connection to the store.
    case unreachable(String)
    /// A column is NULL where a value was expected.
    case null(column: Int)
    /// A word in the store that the program does not know.
    case unknownWord(String, type: String)
    /// Anything else, in the engine's words.
    case failed(String)
}

extension SQLError {
    /// PostgreSQL cannot store it, so neither engine does.
    package static let nulInText = SQLError.constraint("a text contains the NUL character")
    /// SQLite would store NULL instead, so neither engine takes it.
    package static let notANumber = SQLError.constraint("a number is not a number (NaN)")
}
