import LinliCore
import LinliSQL

/// Gives out case numbers, `SJ20261122-0412`: the day and a deployment-wide sequence, taken in blocks of 100 per node
/// outside any write. Gaps are fine; a number is never a credential.
package actor CaseNumbers {
    private let database: Database
    private var day = 0
    private var next = 0
    private var end = 0
    private var taking: Task<Void, any Error>?

    private static let block = 100

    /// Numbers of one node.
    package init(_ database: Database) {
        self.database = database
    }

    /// The next number of the day `now` falls on.
    package func take(prefix: String, at now: Instant) async throws -> String {
        let today = now.date.daysSinceEpoch
        while day != today || next >= end {
            try await takeBlock(today)
        }
        defer { next += 1 }
        let digits = String(next)
        return prefix + now.date.compact + "-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// One block at a time for all callers of this node.
    private func takeBlock(_ today: Int) async throws {
        if let taking {
            try await taking.value
            return
        }
        let database = database
        let task = Task {
            // Cleared here and not by who waits first: the others would find a block that is over and spin.
            defer { self.taking = nil }
            let first = try await database.system(.claim) { tx -> Int in
                try tx.execute(
                    "INSERT INTO number_block (day, next) VALUES (\(today), 1) ON CONFLICT (day) DO NOTHING"
                )
                let after: Int =
                    try tx.value(
                        """
                        UPDATE number_block SET next = next + \(CaseNumbers.block) WHERE day = \(today)
                        RETURNING next
                        """
                    ) ?? 1
                return after - CaseNumbers.block
            }
            self.hold(today, first)
        }
        taking = task
        try await task.value
    }

    private func hold(_ today: Int, _ first: Int) {
        day = today
        next = first
        end = first + CaseNumbers.block
    }
}
