import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What programs do with cases, through the real server.
@Suite("工单接口")
struct CasesAPITests {
    private static let draft = #"{"text":"楼道灯坏了","category":"R0104","division":"110101001901001"}"#

    /// The identifier in a reply.
    private func id(_ answer: Site.Answer) throws -> ID<Case> {
        let text = try #require(answer.text.firstRange(of: #""id":""#).map { answer.text[$0.upperBound...].prefix(13) })
        return try #require(ID<Case>(String(text)))
    }

    private func call(
        _ site: Site, _ path: String, _ body: String, key: String, as visitor: SiteVisitor
    ) async throws -> Site.Answer {
        let headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)]
        return try await site.ask("POST", path, headers: visitor.headers + headers, body: Array(body.utf8))
    }

    @Test("退单以后看不到了，回答仍是成功，再发一次也一样", arguments: TestEngine.enabled)
    func refusedIsTaken(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let case1 = try await house.report(
                try await house.draft("一层水表间漏水", category: "R0301"), try await house.context(.tenant)
            )
            try await withSite(house) { site in
                let water = try await site.program(for: .waterHandler)
                let body = #"{"transition":"refuse","reasonClass":"notOurs","text":"表后的管子归产权单位"}"#
                for _ in 0..<2 {
                    let answer = try await call(
                        site, "/api/v1/cases/\(case1)/transitions", body, key: "refuse-1", as: water
                    )
                    #expect(answer.status == 200 && answer.text == "{}", "\(answer.status) \(answer.text)")
                }
                #expect(try await house.state(case1) == "received")
                #expect(try await site.open("/api/v1/cases/\(case1)", as: water).status == 404)
            }
        }
    }

    @Test("同一个 Idempotency-Key：一样的内容给一样的回答，不一样的不收", arguments: TestEngine.enabled)
    func idempotency(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let first = try await call(site, "/api/v1/cases", Self.draft, key: "one", as: program)
                let again = try await call(site, "/api/v1/cases", Self.draft, key: "one", as: program)
                #expect(first.status == 201 && again.status == 201 && first.text == again.text)
                let other = Self.draft.replacing("灯", with: "门")
                let mismatch = try await call(site, "/api/v1/cases", other, key: "one", as: program)
                #expect(mismatch.status == 422, "\(mismatch.text)")
                let fresh = try await call(site, "/api/v1/cases", Self.draft, key: "two", as: program)
                #expect(fresh.status == 201 && fresh.text != first.text)
                // The same key of somebody else is another key.
                let stranger = try await site.program(for: .worker)
                let theirs = try await call(site, "/api/v1/cases", Self.draft, key: "one", as: stranger)
                #expect(theirs.status == 201 && theirs.text != first.text)
                let cases = try await house.value(
                    "SELECT count(*) FROM case_item WHERE title = '楼道灯坏了'", as: Int.self
                )
                #expect(cases == 3)
            }
        }
    }

    @Test("同时发来十次同一个键，只有一件", arguments: TestEngine.enabled)
    func concurrentKeys(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let answers = try await withThrowingTaskGroup(of: Site.Answer.self) { group in
                    for _ in 0..<10 {
                        group.addTask { try await self.call(site, "/api/v1/cases", Self.draft, key: "k", as: program) }
                    }
                    return try await group.reduce(into: [Site.Answer]()) { $0.append($1) }
                }
                // Who came while the first was under way is told so and may ask again.
                #expect(answers.allSatisfy { [201, 409, 503].contains($0.status) })
                #expect(Set(answers.filter { $0.status == 201 }.map(\.text)).count == 1)
                let cases = try await house.value(
                    "SELECT count(*) FROM case_item WHERE title = '楼道灯坏了'", as: Int.self
                )
                #expect(cases == 1)
            }
        }
    }

    @Test("列表一页一页翻完，不重不漏", arguments: TestEngine.enabled)
    func paging(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                var seen: [String] = []
                var path: String? = "/api/v1/cases?tab=open&limit=7"
                while let next = path, seen.count < 500 {
                    let text = try await site.open(next, as: program).text
                    seen += text.components(separatedBy: #""number":""#).dropFirst().map {
                        String($0.prefix { $0 != "\"" })
                    }
                    let cursor = text.components(separatedBy: #""next":""#).dropFirst().first?.prefix { $0 != "\"" }
                    path = cursor.map { "/api/v1/cases?tab=open&limit=7&after=\($0)" }
                }
                let all = try await house.value(
                    "SELECT count(*) FROM case_item WHERE is_open = 1 AND street = 110101001000000", as: Int.self
                )
                #expect(Set(seen).count == seen.count, "a case came twice")
                #expect(seen.count == all)
            }
        }
    }

    @Test("坏的请求：每一处都说清楚，用要的语言", arguments: TestEngine.enabled)
    func badRequests(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let rows: [(String, Int, [String])] = [
                    ("{", 422, []), ("[]", 422, []), ("null", 422, []), (#"{"text":1}"#, 422, ["text"]),
                    (#"{"text":"x","colour":"red"}"#, 422, ["colour"]),
                    (#"{"text":"灯","category":"nonsense","division":"110101001901001"}"#, 422, ["category"]),
                    ("\u{FEFF}{}", 422, []), (String(repeating: "[", count: 5000), 422, []),
                ]
                for (body, status, names) in rows {
                    let answer = try await site.call("/api/v1/cases", body, as: program)
                    #expect(answer.status == status, "\(body.prefix(60)): \(answer.status)")
                    #expect(answer["content-type"] == "application/problem+json", "\(body.prefix(60))")
                    for name in names { #expect(answer.text.contains(#""name":"\#(name)""#), "\(answer.text)") }
                }
                let invalid = try await site.ask(
                    "POST", "/api/v1/cases", headers: program.headers + [("Content-Type", "application/json")],
                    body: Array(#"{"text":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)
                )
                #expect(invalid.status == 422, "invalid UTF-8: \(invalid.status)")
                let english = try await site.ask(
                    "POST", "/api/v1/cases",
                    headers: program.headers + [("Content-Type", "application/json"), ("Accept-Language", "en")],
                    body: Array("{}".utf8)
                )
                #expect(!english.text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) })
                let huge = try await site.call(
                    "/api/v1/cases", #"{"text":"\#(String(repeating: "a", count: 2 << 20))"}"#, as: program
                )
                #expect(huge.status == 413)
            }
        }
    }
}
