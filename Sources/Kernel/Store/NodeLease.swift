import LinliCore
import LinliSQL

/// The number of this node among those that share a store, leased so that no two issue the same identifier.
package struct NodeLease: Sendable {
    private let engine: any Engine
    private let ids: IDGenerator
    private let clock: WallClock
    private let holder: String

    private static let seconds: Int64 = 30

    /// A lease to take for `ids`.
    package init(_ engine: any Engine, ids: IDGenerator, clock: WallClock) {
        self.engine = engine
        self.ids = ids
        self.clock = clock
        holder = randomToken()
    }

    /// Takes the lowest free number; the generator issues from then on.
    ///
    /// - Throws: `.unavailable` when all 1,024 numbers are taken.
    package func take() async throws {
        let now = clock.now
        let holder = holder
        let node = try await engine.write(.serializable) { connection -> Int? in
            let taken = Set(
                try connection.all("SELECT node FROM node_lease WHERE expires_at > \(now)") { row -> Int in try row[0] }
            )
            guard let free = (0..<1024).first(where: { !taken.contains($0) }) else { return nil }
            try connection.execute(
                """
                INSERT INTO node_lease (node, holder, expires_at)
                VALUES (\(free), \(holder), \(now.adding(seconds: NodeLease.seconds)))
                ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
                """
            )
            return free
        }
        guard let node else {
            throw LinliError(
                .unavailable,
                "nodes.full",
                Text("节点太多了，请先停掉不用的节点", "Too many nodes share this store; stop one first")
            )
        }
        ids.hold(node: node)
    }

    /// Keeps the lease until the task is cancelled; a lease that cannot be renewed in time stops the generator.
    package func keep() async {
        var renewed = clock.now
        while !Task.isCancelled {
            // Cancelled while sleeping: the loop's condition ends it.
            try? await Task.sleep(for: .seconds(10))
            let now = clock.now
            do {
                if try await renew(now) {
                    renewed = now
                } else {
                    ids.hold(node: nil)
                    try await take()
                    renewed = clock.now
                }
            } catch {
                if now.seconds(since: renewed) >= NodeLease.seconds - 5 { ids.hold(node: nil) }
            }
        }
    }

    /// Gives the number back.
    package func release() async {
        ids.hold(node: nil)
        let holder = holder
        // It expires by itself when this fails.
        _ = try? await engine.write(.serializable) { connection in
            try connection.execute("DELETE FROM node_lease WHERE holder = \(holder)")
        }
    }

    private func renew(_ now: Instant) async throws -> Bool {
        let holder = holder
        let changed = try await engine.write(.serializable) { connection in
            try connection.execute(
                """
                UPDATE node_lease SET expires_at = \(now.adding(seconds: NodeLease.seconds)) WHERE holder = \(holder)
                """
            )
        }
        return changed == 1
    }
}

extension Migration {
    /// Numbers of nodes.
    static let nodes = Migration(
        "2026-11-22.00-nodes",
        """
        CREATE TABLE node_lease (
            node INTEGER NOT NULL PRIMARY KEY CHECK (node BETWEEN 0 AND 1023),
            holder TEXT NOT NULL CHECK (length(holder) <= 40),
            expires_at INTEGER NOT NULL
        ) STRICT;
        """
    )
}
