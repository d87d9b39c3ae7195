import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// People who handle cases are shown with how much they have, so that nobody gets too much, and are never ranked by it.
@Suite("不给人排名次")
struct NoRankTests {
    /// What names people in a statement.
    private static let people = ["FROM account", "JOIN account", "actor_name", "handler_id", "account_id", "a.name"]
    /// What counts in an order.
    private static let counts = ["count(", "sum(", "avg("]
    /// What sorts people by what they have.
    private static let sorts = ["$0.open", "$1.open", "\\.open", "$0.load", "$1.load"]

    private static func sources() throws -> [(path: String, lines: [Substring])] {
        let root =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Sources"
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
            return (name, text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// Whether a statement that ends in this order names people and orders them by how many.
    private static func ranks(_ statement: String, order: String) -> Bool {
        counts.contains { order.contains($0) } && people.contains { statement.contains($0) }
    }

    @Test("没有哪个查询、哪次排序按件数排人") func statements() throws {
        var orders = 0
        for file in try Self.sources() {
            for (index, line) in file.lines.enumerated() {
                if line.contains("sorted"), Self.sorts.contains(where: { line.contains($0) }) {
                    Issue.record("\(file.path):\(index + 1) sorts by how many somebody has")
                }
                guard let order = line.range(of: "ORDER BY") else { continue }
                orders += 1
                let statement = file.lines[max(0, index - 14)...index].joined(separator: "\n")
                #expect(
                    !Self.ranks(statement, order: String(line[order.upperBound...])),
                    "\(file.path):\(index + 1) orders people by how many")
            }
        }
        #expect(orders > 200)
    }

    @Test("这条规矩逮得住") func catches() {
        #expect(Self.ranks("SELECT a.name, count(*) FROM case_item c JOIN account a", order: " count(*) DESC LIMIT 10"))
        #expect(!Self.ranks("SELECT a.name, count(*) FROM case_item c JOIN account a", order: " a.id LIMIT 10"))
        #expect(!Self.ranks("SELECT category, count(*) FROM case_item", order: " count(*) DESC"))
    }

    @Test("各人手上的件数按账号先后列，谁多谁少不换位置", arguments: TestEngine.enabled)
    func colleagues(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let unit = try await house.unit("安居物业")
            let now = house.clock.clock.now
            func listed() async throws -> [Colleague] {
                try await house.services.database.read { tx in
                    guard let unit = try UnitsStore.find(unit, tx) else { return [] }
                    return try CaseQueries.colleagues(unit, in: unit.division, at: now, tx)
                }
            }
            let before = try await listed()
            #expect(before.count >= 2 && before.map(\.id) == before.map(\.id).sorted())
            let least = try #require(before.min { $0.open < $1.open })
            for text in ["电梯坏了", "电梯又坏了", "电梯还是坏"] {
                let id = try await house.report(try await house.draft(text), house.context(.tenant))
                _ = try await house.services.commands.assign(
                    least.id, of: id, isSure: true, house.context(.propertyHandler))
            }
            let after = try await listed()
            #expect(after.map(\.id) == before.map(\.id))
            #expect(after.first { $0.id == least.id }?.open == least.open + 3)
        }
    }
}
