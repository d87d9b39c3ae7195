import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// The page and the API on which administrators see and change the rules of warnings.
@Suite("预警规则的页面和接口")
struct WarningRulePagesTests {
    @Test("用大白话看规则；起草、检查、试算、存、发布，写错的留着并指出行", arguments: TestEngine.enabled)
    func editing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = "/admin/warnings"
            func press(_ word: String, _ fields: [(String, String)] = []) async throws -> String {
                try await house.send(path, Form([("do", word)] + fields), administrator) ?? ""
            }
            let words = "30 天里，同一处地方：反映“邻里纠纷、邻居生活噪声” 3 次，就提醒。"
            for person in [DemoStaff.administrator, .auditor] {
                let page = try await house.open(path, query: [], try await house.context(person))
                #expect(page.contains(words) && page.contains("现行规则：随程序附带"))
                #expect(page.contains("value=\"start\"") == (person == .administrator))
            }
            let head = try await house.context(.head)
            #expect(try await house.open(path, query: [], head) == "")
            #expect(try await house.send(path, Form([("do", "start")]), head) == nil)
            let plain = try await house.open("/desk/warnings/rules", query: [], head)
            #expect(plain.contains(words) && plain.contains("不给任何人打分") && !plain.contains("href=\"/admin/warnings\""))

            #expect(try await press("start", [("revision", "0")]) == path + "?done=start")
            let shipped = try WarningBook.shippedText()
            let draft = try await house.open(path, query: [], administrator)
            #expect(draft.contains("和现行规则没有差别") && draft.contains("发布存好的草稿"))
            let wrong = shipped.replacing("when: need(8)", with: "when: need(none)")
            let checked = try await press("check", [("revision", "1"), ("text", wrong)])
            let lines = wrong.split(separator: "\n", omittingEmptySubsequences: false)
            let line = try #require(lines.firstIndex { $0.contains("need(none)") })
            #expect(checked.contains("第 \(line + 1) 行：") && checked.contains("need(none)"))
            #expect(!checked.contains("发布存好的草稿"), "what is not stored cannot be published")
            let right = shipped.replacing("when: need(8)", with: "when: need(6)")
            let tried = try await press("try", [("revision", "1"), ("text", right)])
            #expect(tried.contains("拿最近 90 天试算") && tried.contains("反映 6 次") && tried.contains("改了 1 处"))
            let stale = try await press("save", [("revision", "0"), ("text", right)])
            #expect(stale.contains("孙立") && stale.contains("need(6)"), "what was typed is gone")
            #expect(try await press("save", [("revision", "1"), ("text", right)]) == path + "?done=save")
            #expect(try await press("publish", [("revision", "2")]).contains("请写明为什么改"))
            #expect(try await press("publish", [("revision", "2"), ("reason", "早点提醒")]) == path + "?done=publish")
            let after = try await house.open(path, query: [], administrator)
            #expect(after.contains("早点提醒") && after.contains("反映 6 次") && !after.contains("发布存好的草稿"))
            #expect(try await house.open(path + "/1", query: [], administrator) == right)
            #expect(try await house.open(path + "/0", query: [], administrator) == shipped)
            #expect(try await house.open(path + "/9", query: [], administrator) == "")
            _ = try await press("startShipped", [("revision", "0")])
            #expect(try await house.open(path + "/draft", query: [], administrator) == shipped)
            #expect(try await press("discard", [("revision", "1")]) == path + "?done=discard")
        }
    }

    @Test("接口按页面的规矩：取、存草稿、试算、发布", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        func body(_ text: String, _ more: [String: Any] = [:]) throws -> String {
            let data = try JSONSerialization.data(withJSONObject: more.merging(["text": text]) { $1 })
            return String(decoding: data, as: UTF8.self)
        }
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let administrator = try await site.program(for: .administrator)
                let base = "/admin/warnings"
                let now = try await site.shown("GET", base, as: administrator)
                #expect(now["version"].text == "0" && now["rules"].list.count == 7)
                let text = try await site.open("/api/v1\(base)/versions/0", as: administrator)
                #expect(text.text == now["text"].text && text["content-type"]?.hasPrefix("application/yaml") == true)
                let wrong = text.text.replacing("area: household", with: "area: home")
                let refused = try await site.shown("POST", base + "/trial", try body(wrong), as: administrator)
                #expect(!refused["problems"].list.isEmpty && refused["looked"].text.isEmpty)
                let message = try #require(refused["problems"].list.first?["message"].text)
                let english = try await site.ask(
                    "POST", "/api/v1" + base + "/trial",
                    headers: administrator.headers + [
                        ("Content-Type", "application/json"), ("Accept-Language", "en"),
                    ], body: Array(try body(wrong).utf8))
                #expect(english.status == 200 && !english.text.contains(message), "\(english.text)")
                #expect(message.unicodeScalars.contains { $0.value > 0x2E80 }, "in Chinese unless asked otherwise")
                let next = text.text.replacing("when: need(8)", with: "when: need(6)")
                let trial = try await site.shown("POST", base + "/trial", try body(next), as: administrator)
                #expect(trial["problems"].list.isEmpty && trial["rules"].list.count == 7)
                _ = try await site.shown(
                    "PUT", base + "/draft", try body(next, ["revision": 3]), as: administrator, status: 409)
                let kept = try await site.shown(
                    "PUT", base + "/draft", try body(wrong, ["revision": 0]), as: administrator)
                #expect(kept["draft"]["revision"].text == "1" && !kept["draft"]["problems"].list.isEmpty)
                let publish = #"{"revision":1,"reason":"早点提醒"}"#
                _ = try await site.shown("POST", base + "/publish", publish, as: administrator, status: 422)
                _ = try await site.shown("PUT", base + "/draft", try body(next, ["revision": 1]), as: administrator)
                let published = try await site.shown(
                    "POST", base + "/publish", #"{"revision":2,"reason":"早点提醒"}"#, as: administrator, status: 201)
                #expect(published["version"].text == "1" && published["draft"].names.isEmpty)
                #expect(published["history"].list.first?["reason"].text == "早点提醒")
                // Whoever handles warnings reads the rules in force, and no more.
                let head = try await site.program(for: .head)
                let told = try await site.shown("GET", "/warnings/rules", as: head)
                #expect(told["version"].text == "1" && told["rules"].list.count == 7)
                #expect(told["rules"].list.first?["words"].text.contains("“邻里纠纷、邻居生活噪声” 3 次") == true)
                _ = try await site.shown("GET", base, as: head, status: 403)
            }
        }
    }
}
