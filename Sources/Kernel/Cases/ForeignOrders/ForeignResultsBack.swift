import LinliCore
import LinliSQL

/// Why an official result holds no more.
enum ForeignResultEnd: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// Something else was said of the same month.
    case corrected
    /// The order counts in another month.
    case moved
    /// Somebody took it back.
    case takenBack
}

/// Which official results are meant.
package enum ForeignResultChoice: Sendable, Equatable {
    /// What is held of one order.
    case order(String)
    /// Everything that came with one import, by when that was.
    case imported(Instant)

    fileprivate var condition: SQL {
        switch self {
        case .order(let number): "system = \(ForeignOrder.hotline) AND number = \(number)"
        case .imported(let at): "imported_at = \(at)"
        }
    }
}

/// One import of official results, as far as it still holds.
package struct ForeignResultImport: Sendable {
    package let at: Instant
    /// Who imported it; empty for who is gone.
    package let by: String
    /// The first and the last month in it.
    package let months: (first: AssessmentMonth, last: AssessmentMonth)
    package let count: Int
}

extension ForeignResultsStore {
    /// The imports of a scope, the newest first.
    package static func imports(_ scope: Scope, limit: Int, _ tx: ReadTx) throws -> [ForeignResultImport] {
        let newest = try ForeignImports.newest(in: scope.divisions, limit: limit, tx)
        guard !newest.isEmpty else { return [] }
        let places = scope.divisions.map { code -> SQL in
            "o.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        return try tx.all(
            """
            SELECT o.imported_at, coalesce(a.name, ''), min(o.month), max(o.month), count(*)
            FROM foreign_result o LEFT JOIN account a ON a.id = o.imported_by
            WHERE o.imported_at IN \(SQL.list(newest))
            AND (\(SQL.joined(places, separator: " OR ")))\(SQL.apart(from: scope.interests, "o.against_unit"))
            GROUP BY o.imported_at, a.name ORDER BY o.imported_at DESC LIMIT \(limit)
            """
        ) {
            ForeignResultImport(at: try $0[0], by: try $0[1], months: (try $0[2], try $0[3]), count: try $0[4])
        }
    }

    /// Keeps results that hold no more beside those that do.
    static func end(_ condition: SQL, as reason: ForeignResultEnd, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO foreign_result_past (id, ended_at, system, number, month, division, is_contacted, is_solved,
                grade, imported_at, imported_by, ended_by, reason)
            SELECT id, CAST(\(tx.now) AS BIGINT), system, number, month, division, is_contacted, is_solved, grade,
                imported_at, imported_by, CAST(\(tx.context.actor.account) AS BIGINT), CAST(\(reason) AS TEXT)
            FROM foreign_result WHERE \(condition)
            """
        )
        try tx.execute("DELETE FROM foreign_result WHERE \(condition)")
    }
}

extension CaseCommands {
    /// Takes official results back that were imported by mistake: they count no more and are kept as history. Returns how
    /// many; taken back again it is none.
    ///
    /// - Throws: `.notFound` for what is not there or not the actor's, `.invalid` without a reason.
    package func takeBackResults(
        _ choice: ForeignResultChoice, reason: String, _ context: Context
    ) async throws -> Int {
        let reason = reason.trimmed
        guard !reason.isEmpty, reason.count <= 200 else {
            throw LinliError.invalid(
                "orders.back", [.init("reason", Text("请写明为什么收回，最多 200 个字", "Please say why, at most 200 characters"))])
        }
        let words = LiftedText(reason).masked
        return try await database.write(context, "cases.orderResultsBack", reason: words) { tx in
            let found: [(id: Int64, number: String, division: DivisionCode, at: Instant)] = try tx.all(
                """
                SELECT id, number, division, imported_at FROM foreign_result
                WHERE \(choice.condition) ORDER BY id LIMIT 10000
                """
            ) { (id: try $0[0], number: try $0[1], division: try $0[2], at: try $0[3]) }
            let mine = found.filter { context.actor.may(.casesDispatch, in: $0.division) }
            let past: DivisionCode? = try tx.value(
                "SELECT division FROM foreign_result_past WHERE \(choice.condition) ORDER BY ended_at DESC LIMIT 1")
            let place = mine.first?.division ?? past
            guard let place, context.actor.may(.casesDispatch, in: place) else {
                throw LinliError.notFound("orders.results")
            }
            // Each division reads in its own audit what its figures lost.
            let numbers = Dictionary(grouping: mine) { $0.division }.mapValues { rows in rows.map { $0.number } }
            for (division, lost) in (numbers.isEmpty ? [place: []] : numbers).sorted(by: { $0.key < $1.key }) {
                try tx.audit(
                    Subject("division", division.rawValue, division: division), fields: ["officialResultsBack"],
                    values: lost)
            }
            let ids = mine.map { $0.id }
            if !ids.isEmpty { try ForeignResultsStore.end("id IN \(SQL.list(ids))", as: .takenBack, tx) }
            try ForeignImports.tidy(Set(mine.map { $0.at }), tx)
            return mine.count
        }
    }
}
