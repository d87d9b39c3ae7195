import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

extension House {
    /// Everybody of the demo moves away, so that a test knows everybody there is.
    func emptyRegisters() async throws {
        try await services.database.write(try await context(.head), "registers.end") { tx in
            try tx.execute("UPDATE person SET valid_to = \(tx.now) WHERE valid_to IS NULL")
            try tx.audit(Subject("demo", Int64(1)), fields: ["validTo"])
        }
    }

    /// Registers a form of people by its headings, as the head of the community; answers with its address.
    func registerForm(_ headings: [String], issuer: String, label: String = "elder") async throws -> String {
        let form = Form([
            ("title", "老年人基本情况表"), ("issuer", issuer), ("basis", "试验"), ("rhythm", "month"), ("due", "2026-11-30"),
            ("label", label), ("division", "110101001901"), ("table", headings.joined(separator: "\t")),
        ])
        let path = try await send("/desk/forms", form, try await context(.head))
        return try #require(path?.split(separator: "?").first.map(String.init))
    }

    /// What a page of a round brings back: its cells, under the columns the form has now.
    func cells(_ round: String, _ fields: [(name: String, value: String)]) async throws -> Form {
        let stamp = try await headings(round)
        return Form([(name: "headings", value: stamp)] + fields)
    }

    /// The stamp of the columns of a round's form now.
    func headings(_ round: String) async throws -> String {
        let found = try await formRound(round)
        return try await services.database.read { try FormsStore.stamp(of: found.layoutOf ?? found.form, $0) }
    }

    /// A round by its address.
    func formRound(_ round: String) async throws -> FormRound {
        let id = try #require(ID<FormRound>(String(round.split(separator: "/").last ?? "")))
        return try #require(try await services.database.read { try FormsStore.round(id, $0) })
    }
}

/// Fills a round as somebody at the page does: column by column, what is the same once for the page, what differs pasted.
struct FormPlayer {
    let house: House
    let path: String
    let context: Context

    /// Fills every open cell with what `right` says for a row and a column; answers with how many values that took.
    func fill(_ right: (String, Int) -> String?) async throws -> Int {
        var byHand = 0
        let overview = try await house.open(path, query: [], context)
        let columns = overview.components(separatedBy: "\(path)?column=").dropFirst().compactMap {
            Int($0.prefix { $0.isNumber })
        }
        for column in columns {
            var pages = 0
            while pages < 40 {
                let open = Self.cells(try await house.open(path, query: [("column", "\(column)")], context), column)
                if open.isEmpty { break }
                pages += 1
                let wanted = open.map { ($0, right($0.name, column) ?? "") }
                try #require(wanted.allSatisfy { !$0.1.isEmpty }, "nothing is known of column \(column)")
                let counts = Dictionary(wanted.map { ($0.1, 1) }, uniquingKeysWith: +)
                let common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
                let others = wanted.filter { $0.1 != common }
                if others.isEmpty {
                    byHand += 1
                    let same = [("column", "\(column)"), ("same-\(column)", common ?? "")]
                    try await keep(same + open.map { ($0.field, "") })
                } else {
                    byHand += others.count
                    let pasted = others.map { "\($0.0.name)\t\($0.1)" }.joined(separator: "\n")
                    let form = try await house.cells(path, [("column", "\(column)"), ("pasted", pasted)])
                    let matched = Self.cells(try #require(try await house.send(path + "/paste", form, context)), column)
                    try #require(matched.count == others.count && matched.allSatisfy { !$0.value.isEmpty })
                    try await keep([("column", "\(column)")] + matched.map { ($0.field, $0.value) })
                }
            }
        }
        #expect(try await house.open(path, query: [], context).contains("都填好了"))
        return byHand
    }

    private func keep(_ fields: [(String, String)]) async throws {
        let form = try await house.cells(path, fields.map { (name: $0.0, value: $0.1) })
        let kept = try #require(try await house.send(path + "/answers", form, context))
        try #require(kept.hasSuffix("done=answers"), "\(kept.prefix(2000))")
    }

    /// The cells a page shows: whose, the name of the field, what stands in it.
    private static func cells(_ page: String, _ column: Int) -> [(name: String, field: String, value: String)] {
        let rows = page.components(separatedBy: "<li class=\"cell\"><span class=\"bd\"><span class=\"ttl\">")
        return rows.dropFirst().compactMap { part in
            func after(_ mark: String, _ text: Substring) -> Substring? {
                text.range(of: mark).map { text[$0.upperBound...] }
            }
            guard let rest = after("name=\"c-", part[...]), let value = after("value=\"", rest) else { return nil }
            let field = "c-" + rest.prefix { $0 != "\"" }
            guard field.hasSuffix("-\(column)") else { return nil }
            return (String(part.prefix { $0 != "<" }), field, String(value.prefix { $0 != "\"" }))
        }
    }
}
