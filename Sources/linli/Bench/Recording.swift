import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import Synchronization

/// A statement as it was executed.
struct RecordedStatement: Sendable {
    let sql: SQL
    /// Whether rows were asked for.
    let isQuery: Bool
}

/// An engine that writes down every statement of every committed write.
final class RecordingEngine: Engine {
    private let engine: any Engine
    private let recorded = Mutex<[[RecordedStatement]]>([])

    init(_ engine: any Engine) {
        self.engine = engine
    }

    /// The writes so far, each with its statements; the list begins anew.
    func takeWrites() -> [[RecordedStatement]] {
        recorded.withLock { writes in
            defer { writes = [] }
            return writes
        }
    }

    var dialect: Dialect { engine.dialect }
    var counters: EngineCounters { engine.counters }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await engine.read(body)
    }

    func write<T: Sendable>(
        _ mode: WriteMode,
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        let (value, statements) = try await engine.write(mode) { connection in
            let recorder = RecordingConnection(connection)
            let value = try body(recorder)
            return (value, recorder.statements)
        }
        recorded.withLock { $0.append(statements) }
        return value
    }

    func copy(to path: String) async throws {
        try await engine.copy(to: path)
    }

    func close() async {
        await engine.close()
    }
}

/// One transaction of a `RecordingEngine`.
private final class RecordingConnection: Connection {
    private let connection: any Connection
    private(set) var statements: [RecordedStatement] = []

    init(_ connection: any Connection) {
        self.connection = connection
    }

    var dialect: Dialect { connection.dialect }

    func query(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        statements.append(RecordedStatement(sql: sql, isQuery: true))
        try connection.query(sql, each)
    }

    @discardableResult
    func execute(_ sql: SQL) throws -> Int {
        statements.append(RecordedStatement(sql: sql, isQuery: false))
        return try connection.execute(sql)
    }

    func run(script: String) throws {
        statements.append(RecordedStatement(sql: SQL(stringLiteral: script), isQuery: false))
        try connection.run(script: script)
    }
}

/// A transaction to be done again and again: what two recordings of the same write have in common stays as it is, what
/// differs between them (identifiers, the case's number, random bytes) is fresh each time.
struct TransactionTemplate: Sendable {
    enum Value: Sendable {
        case fixed(SQLValue)
        /// A fresh identifier; the same one everywhere in the transaction where the slot is the same.
        case identifier(slot: Int)
        /// A text around a number that is fresh.
        case text(before: String, after: String)
        /// Fresh bytes, this many.
        case bytes(Int)
    }

    struct Statement: Sendable {
        /// The text around the values; one piece more than values.
        let pieces: [String]
        let values: [Value]
        let isQuery: Bool
    }

    private(set) var statements: [Statement] = []
    private(set) var slots = 0

    /// What two recordings of one write, at the same moment by the same person, have in common.
    ///
    /// - Throws: one sentence when they are not recordings of the same write.
    init(_ first: [RecordedStatement], _ second: [RecordedStatement], _ dialect: Dialect) throws {
        guard first.count == second.count, !first.isEmpty else {
            throw Refusal("two creations executed \(first.count) and \(second.count) statements")
        }
        var identifiers: [Int64: Int] = [:]
        for (one, other) in zip(first, second) {
            let key = one.sql.key(for: dialect)
            let pieces = key.split(separator: "?", omittingEmptySubsequences: false).map(String.init)
            guard key == other.sql.key(for: dialect), pieces.count == one.sql.values.count + 1 else {
                throw Refusal("two creations executed different statements: \(key)")
            }
            let values = try zip(one.sql.values, other.sql.values).map { pair in
                try TransactionTemplate.common(pair.0, pair.1, &identifiers)
            }
            statements.append(Statement(pieces: pieces, values: values, isQuery: one.isQuery))
        }
        slots = identifiers.count
    }

    private static func common(
        _ one: SQLValue, _ other: SQLValue, _ identifiers: inout [Int64: Int]
    ) throws -> Value {
        if one == other { return .fixed(one) }
        switch (one, other) {
        case (.int(let number), .int):
            let slot = identifiers[number] ?? identifiers.count
            identifiers[number] = slot
            return .identifier(slot: slot)
        case (.text(let text), .text(let other)):
            let before = text.commonPrefix(with: other)
            let after = String(text.dropFirst(before.count).reversed())
                .commonPrefix(with: String(other.dropFirst(before.count).reversed()))
            return .text(before: before, after: String(after.reversed()))
        case (.blob(let bytes), .blob): return .bytes(bytes.count)
        default: throw Refusal("two creations stored values of different kinds")
        }
    }

    /// Only the statements that change rows.
    var changes: TransactionTemplate {
        var changes = self
        changes.statements.removeAll(where: \.isQuery)
        return changes
    }

    /// The transaction once more, with identifiers of `ids` and a `number` nobody used yet.
    func fresh(_ ids: IDGenerator, number: Int) throws -> [SQL] {
        var identifiers: [SQLValue] = []
        for _ in 0..<slots {
            let id: ID<TransactionTemplate> = try ids.next()
            identifiers.append(id.sqlValue)
        }
        return statements.map { statement in
            var text = SQL.StringInterpolation(
                literalCapacity: statement.pieces.reduce(0) { $0 + $1.utf8.count },
                interpolationCount: statement.values.count
            )
            for (piece, value) in zip(statement.pieces, statement.values) {
                text.appendLiteral(piece)
                switch value {
                case .fixed(let fixed): text.appendInterpolation(fixed)
                case .identifier(let slot): text.appendInterpolation(identifiers[slot])
                case .text(let before, let after): text.appendInterpolation("\(before)\(number)\(after)")
                case .bytes(let count): text.appendInterpolation(randomBytes(count))
                }
            }
            text.appendLiteral(statement.pieces.last ?? "")
            return SQL(stringInterpolation: text)
        }
    }
}
