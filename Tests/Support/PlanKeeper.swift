import LinliSQL
import Synchronization

/// An engine that asks for the plan of every query it runs and keeps those that read a large table from one end to
/// the other.
package final class PlanKeeper: Engine {
    private let engine: any Engine
    private let tables: Set<String>
    private let found = Mutex<[String: String]>([:])
    private let seen = Mutex<[String: [String]]>([:])

    /// Watches queries over `tables`.
    package init(_ engine: any Engine, tables: Set<String>) {
        self.engine = engine
        self.tables = tables
    }

    /// The queries that read a whole table, each with the plan's words.
    package var scans: [String: String] { found.withLock { $0 } }
    /// How many different queries were planned.
    package var count: Int { seen.withLock { $0.count } }
    /// Every query that was planned, with the lines of its plan.
    package var plans: [String: [String]] { seen.withLock { $0 } }

    package var dialect: Dialect { engine.dialect }
    package var counters: EngineCounters { engine.counters }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await engine.read { [self] in try body(PlannedConnection($0, self)) }
    }

    package func write<T: Sendable>(
        _ mode: WriteMode, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try await engine.write(mode, body)
    }

    package func copy(to path: String) async throws { try await engine.copy(to: path) }
    package func close() async { await engine.close() }

    fileprivate func look(_ sql: SQL, _ connection: any Connection) throws {
        let key = sql.key(for: dialect)
        guard seen.withLock({ $0[key] == nil }) else { return }
        let lines = try dialect == .sqlite ? sqlitePlan(sql, connection) : postgresPlan(sql, connection)
        seen.withLock { $0[key] = lines }
        let names = names(in: key)
        for (index, line) in lines.enumerated() {
            let rest = lines[(index + 1)...].prefix { !$0.contains("->") }
            guard let table = scanned(line, rest), names.contains(table) else { continue }
            // The first few in an index's order are no scan; a list always ends somewhere.
            if line.contains("INDEX") || line.contains("Index"), key.contains("LIMIT") { continue }
            found.withLock { $0[key] = line }
        }
    }

    /// The watched tables and what a query calls them.
    private func names(in key: String) -> Set<String> {
        let words = key.split(whereSeparator: { " \n(),".contains($0) }).map(String.init)
        var names = tables
        for (word, next) in zip(words, words.dropFirst()) where tables.contains(word) { names.insert(next) }
        return names
    }

    private func sqlitePlan(_ sql: SQL, _ connection: any Connection) throws -> [String] {
        try connection.all("EXPLAIN QUERY PLAN \(sql)") { try $0[3] as String }
    }

    /// A planner with a few rows reads them all; told not to, it shows whether another way exists. Joining by a merge or a
    /// hash would walk a whole index in place of the whole table, for the same reason, and so would a small index unless
    /// each row costs more than it does.
    private func postgresPlan(_ sql: SQL, _ connection: any Connection) throws -> [String] {
        let ways = ["seqscan", "mergejoin", "hashjoin"]
        for way in ways { try connection.execute(SQL(stringLiteral: "SET LOCAL enable_\(way) = off")) }
        let costs = ["cpu_tuple_cost", "cpu_index_tuple_cost"]
        for cost in costs { try connection.execute(SQL(stringLiteral: "SET LOCAL \(cost) = 1")) }
        let lines = try connection.all("EXPLAIN (COSTS OFF) \(sql)") { try $0[0] as String }
        for cost in costs { try connection.execute(SQL(stringLiteral: "SET LOCAL \(cost) TO DEFAULT")) }
        for way in ways { try connection.execute(SQL(stringLiteral: "SET LOCAL enable_\(way) = on")) }
        return lines
    }

    /// The table a line of a plan reads from one end to the other: `SCAN c`, `Seq Scan on case_item c`, an index read
    /// without a condition.
    private func scanned(_ line: String, _ rest: ArraySlice<String>) -> String? {
        let words = line.split(whereSeparator: { " ()".contains($0) }).map(String.init)
        switch dialect {
        case .sqlite:
            guard let index = words.firstIndex(of: "SCAN"), !words.contains("VIRTUAL") else { return nil }
            return words.dropFirst(index + 1).first
        case .postgres:
            guard let scan = words.firstIndex(of: "Scan"), let on = words.firstIndex(of: "on"), scan < on else {
                return nil
            }
            let isBounded = words.contains("Bitmap") || rest.contains { $0.contains("Index Cond") }
            return isBounded ? nil : words.dropFirst(on + 1).first
        }
    }
}

private final class PlannedConnection: Connection {
    private let connection: any Connection
    private let keeper: PlanKeeper

    init(_ connection: any Connection, _ keeper: PlanKeeper) {
        self.connection = connection
        self.keeper = keeper
    }

    var dialect: Dialect { connection.dialect }

    func query(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        try keeper.look(sql, connection)
        try connection.query(sql, each)
    }

    func execute(_ sql: SQL) throws -> Int { try connection.execute(sql) }
    func run(script: String) throws { try connection.run(script: script) }
}
