import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of the divisions' administration that the kernel does not have.
enum DivisionsAdminStore {
    /// A division of the tree and what an administrator wants to know at a glance.
    struct Node: Sendable {
        let division: Division
        /// How many divisions lie directly inside.
        let children: Int
        /// Who walks the grid; empty for other levels and grids without anybody.
        let worker: String
    }

    /// The divisions directly inside one, with their own counts.
    static func nodes(under code: DivisionCode, at now: Instant, _ tx: ReadTx) throws -> [Node] {
        let children = try DivisionsStore.children(of: code, at: now, tx)
        var counts: [DivisionCode: Int] = [:]
        try tx.each(
            """
            SELECT d.parent, count(*) FROM division d
            WHERE d.parent IN (SELECT p.code FROM division p WHERE p.parent = \(code) AND p.valid_until IS NULL)
            AND d.valid_until IS NULL GROUP BY d.parent
            """
        ) { counts[try $0[0]] = try $0[1] }
        return try children.map { child in
            let worker =
                child.level == .grid
                ? try AccessStore.holder(of: .gridWorker, over: child.code, at: now, tx)?.name ?? "" : ""
            return Node(division: child, children: counts[child.code] ?? 0, worker: worker)
        }
    }

    /// The next free number of three digits inside a division: after every number that was ever used.
    static func nextNumber(under code: DivisionCode, _ tx: ReadTx) throws -> Int? {
        let step = DivisionCode.Level(rawValue: code.level.rawValue + 1)?.span ?? 1
        let last: Int64? =
            try tx.value(
                """
                SELECT max(d.code) FROM division d
                WHERE d.code BETWEEN \(code.rawValue + 1) AND \(code.range.upperBound)
                """,
                as: Int64?.self
            ) ?? nil
        let next = last.map { Int(($0 - code.rawValue) / step) + 1 } ?? 1
        return next < 1000 ? next : nil
    }

    /// Whether a code was ever in the table.
    static func wasUsed(_ code: DivisionCode, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM division WHERE code = \(code)")
    }

    /// What still carries a code: open cases, none against one of `hidden`, and duties that are held.
    static func inUse(
        _ code: DivisionCode, apartFrom hidden: [ID<Unit>], at now: Instant, _ tx: ReadTx
    ) throws -> (cases: Int, duties: Int) {
        let cases: Int =
            try tx.value(
                """
                SELECT count(*) FROM (SELECT c.id FROM case_item c WHERE c.is_open = 1
                AND \(code.level == .grid ? "c.grid" as SQL : "c.community") = \(code)\(SQL.apart(from: hidden, "c.against_unit"))
                LIMIT 1000) AS part
                """
            ) ?? 0
        let duties: Int =
            try tx.value(
                """
                SELECT count(*) FROM access_grant WHERE division = \(code)
                AND (valid_until IS NULL OR valid_until > \(now))
                """
            ) ?? 0
        return (cases, duties)
    }
}
