import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// Case types for programs of administrators: by the commands of the pages, with the same limits.
@Suite("工单类型的接口")
struct CaseTypesAPITests {
    /// A body with a text in it.
    private static func body(_ yaml: String, _ more: [String: Any] = [:]) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: more.merging(["yaml": yaml]) { $1 })
        return String(decoding: data, as: UTF8.self)
    }

    @Test("取一版、存草稿、试算、发布，和页面同一套规矩", arguments: TestEngine.enabled)
    func editing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let administrator = try await site.program(for: .administrator)
                let base = "/admin/case-types"
                let list = try await site.shown("GET", base, as: administrator)["types"].list
                #expect(list.map { $0["id"].text }.sorted() == house.services.queries.types.all.map(\.id).sorted())
                let shipped = try #require(house.services.queries.types.shipped("repair"))
                let old = shipped.type.version
                let text = try await site.open("/api/v1\(base)/repair/versions/\(old)", as: administrator)
                #expect(text.text == shipped.yaml)
                #expect(text["content-type"]?.hasPrefix("application/yaml") == true)
                let next = CaseTypeLoader.renumbered(text.text, version: old + 1)
                    .replacing("zh: 待签收, en: To accept", with: "zh: 等接单, en: To accept")
                let wrong = next.replacing("owner: dispatcher", with: "owner: nobody")
                let tried = try await site.shown(
                    "POST", base + "/repair/trial", try Self.body(wrong), as: administrator)
                #expect(tried["problems"].list.contains { $0["message"].text.contains("“nobody”不对，只能是") })
                let english = try await site.ask(
                    "POST", "/api/v1" + base + "/repair/trial",
                    headers: administrator.headers + [
                        ("Content-Type", "application/json"), ("Accept-Language", "en"),
                    ], body: Array(try Self.body(wrong).utf8))
                #expect(english.status == 200 && english.text.contains("is not one of"), "\(english.text)")
                #expect(!english.text.contains("不对，只能是"))
                #expect(tried["looked"].text.isEmpty)
                let trial = try await site.shown("POST", base + "/repair/trial", try Self.body(next), as: administrator)
                #expect(trial["problems"].list.isEmpty && !trial["looked"].text.isEmpty)
                _ = try await site.shown(
                    "PUT", base + "/repair/draft", try Self.body(wrong, ["revision": 3]), as: administrator, status: 409
                )
                let kept = try await site.shown(
                    "PUT", base + "/repair/draft", try Self.body(wrong, ["revision": 0]), as: administrator)
                #expect(kept["draft"]["revision"].text == "1" && !kept["draft"]["problems"].list.isEmpty)
                let publish = base + "/repair/publish"
                _ = try await site.shown(
                    "POST", publish, #"{"revision":1,"reason":"统一叫法"}"#, as: administrator, status: 422)
                let right = try await site.shown(
                    "PUT", base + "/repair/draft", try Self.body(next, ["revision": 1]), as: administrator)
                #expect(right["draft"]["problems"].list.isEmpty && right["version"].text == "\(old)")
                _ = try await site.shown(
                    "POST", publish, #"{"revision":2,"reason":" "}"#, as: administrator, status: 422)
                let published = try await site.shown(
                    "POST", publish, #"{"revision":2,"reason":"统一叫法"}"#, as: administrator, status: 201)
                #expect(published["version"].text == "\(old + 1)" && published["draft"].names.isEmpty)
                #expect(published["versions"].list.first?["reason"].text == "统一叫法")
                #expect(try house.services.queries.types.current("repair").version == old + 1)
                #expect(house.services.queries.types.state("dispatched", of: "repair")?.name.zh == "等接单")
            }
        }
    }

    @Test("自己的新类型、丢掉草稿；没有这项权限的人什么也拿不到", arguments: TestEngine.enabled)
    func ownType(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let administrator = try await site.program(for: .administrator)
                let base = "/admin/case-types"
                let shipped = try #require(house.services.queries.types.shipped("repair")?.yaml)
                let own = try Self.body(CaseTypeLoader.renumbered(shipped, version: 1, id: "piano"), ["revision": 0])
                _ = try await site.shown("PUT", base + "/%E6%8A%A5/draft", own, as: administrator, status: 422)
                let begun = try await site.shown("PUT", base + "/piano/draft", own, as: administrator)
                #expect(begun["version"].text.isEmpty && begun["draft"]["problems"].list.isEmpty)
                #expect(try await site.shown("GET", base, as: administrator)["begun"].list.map(\.text) == ["piano"])
                _ = try await site.shown("DELETE", base + "/piano/draft?revision=9", as: administrator, status: 409)
                _ = try await site.shown("DELETE", base + "/piano/draft?revision=1", as: administrator, status: 204)
                _ = try await site.shown("GET", base + "/piano", as: administrator, status: 404)
                _ = try await site.shown("GET", base + "/repair/versions/9", as: administrator, status: 404)
                for person in [DemoStaff.dispatcher, .auditor, .head] {
                    let program = try await site.program(for: person)
                    _ = try await site.shown("GET", base, as: program, status: 403)
                    _ = try await site.shown("PUT", base + "/need/draft", own, as: program, status: 403)
                }
            }
        }
    }
}
