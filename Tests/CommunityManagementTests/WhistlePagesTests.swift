import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Whistles by the API and on their pages: the same rules, and nothing of the case for who was only called.
@Suite("吹哨的页面和接口")
struct WhistlePagesTests {
    private static let secret = "家里老人独住，楼道灯坏了三个月没人管"

    private func field(_ name: String, _ json: String) throws -> String {
        let rest = try #require(json.components(separatedBy: "\"\(name)\":\"").dropFirst().first, "\(name): \(json)")
        return String(rest.prefix { $0 != "\"" })
    }

    @Test("接口从起草走到打分，和页面一样的规矩", arguments: TestEngine.enabled)
    func api(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.report(
                try await house.draft(Self.secret, category: "R0104"), try await house.context(.tenant))
            let unit = try await house.unit("东华门街道综合行政执法队")
            func post(_ path: String, _ body: String, _ person: DemoStaff) async throws -> String {
                try await house.call("/api/v1/whistles\(path)", body, try await house.context(person)).text
            }
            let body = """
                {"case":"\(item)","storey":"community","kind":"daily","purpose":"请到场","location":"北门","units":["\(unit)"]}
                """
            let drafted = try await post("", body, .worker)
            #expect(try field("state", drafted) == "draft")
            let id = try field("id", drafted)
            #expect(try await house.refusal { _ = try await post("/\(id)/confirm", "{}", .worker) } == .forbidden)
            #expect(try field("state", try await post("/\(id)/confirm", "{}", .head)) == "called")

            let officer = try await house.context(.enforcementHandler)
            let seen = try await house.open("/api/v1/whistles/\(id)", query: [], officer)
            #expect(!seen.contains("\"code\"") && !seen.contains("老人独住"))
            let mine = try await house.open("/api/v1/whistles", query: [("tab", "toAnswer")], officer)
            #expect(mine.contains(id))
            let answered = try await post(
                "/\(id)/answer", "{\"name\":\"冯刚\",\"phone\":\"13812345678\"}", .enforcementHandler)
            #expect(answered.contains("138****5678") && !answered.contains("13812345678"))
            let asked = "{\"unit\":\"\(unit)\"}"
            let reveals: SQL = "SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal'"
            let before = try await house.value(reveals, as: Int.self) ?? 0
            let contact = try await post("/\(id)/contact", asked, .head)
            #expect(contact == "{\"phone\":\"13812345678\"}")
            #expect(try await house.value(reveals, as: Int.self) == before + 1)
            #expect(try await house.refusal { _ = try await post("/\(id)/contact", asked, .enforcementHandler) } != nil)
            #expect(try await house.value(reveals, as: Int.self) == before + 1)
            let code = try field(
                "code", try await house.open("/api/v1/whistles/\(id)", query: [], house.context(.head)))
            _ = try await post("/\(id)/sign-ins", "{\"code\":\"\(code)\"}", .enforcementHandler)
            _ = try await post("/\(id)/minutes", "{\"unit\":\"\(unit)\",\"text\":\"先修灯\"}", .head)
            let by = house.clock.clock.now.date.adding(days: 3)
            let tasked = try await post(
                "/\(id)/tasks", "{\"unit\":\"\(unit)\",\"text\":\"清理箱子\",\"by\":\"\(by)\"}", .head)
            #expect(tasked.contains("\"by\":\"\(by)\""))
            #expect(try field("state", try await post("/\(id)/close", "{}", .head)) == "closed")
            let scored = try await post("/\(id)/scores", "{\"unit\":\"\(unit)\",\"stars\":4}", .head)
            #expect(scored.contains("\"stars\":4"))
            let scores = try await house.open("/api/v1/whistles/units", query: [("month", "202611")], officer)
            #expect(scores.contains("\(unit)"))
            #expect(
                try await house.refusal { _ = try await post("/\(id)/withdraw", "{\"reason\":\"晚了\"}", .head) }
                    == .conflict)
        }
    }

    @Test("工单页上能吹的才看得到入口；叫来的单位看不到工单", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.report(
                try await house.draft(Self.secret, category: "R0104"), try await house.context(.tenant))
            let entry = "/desk/cases/\(item)/whistle"
            for (person, may) in [
                (DemoStaff.worker, true), (.head, true), (.dispatcher, true), (.propertyHandler, false),
            ] {
                let page = try await house.open("/desk/cases/\(item)", query: [], try await house.context(person))
                #expect(page.contains(entry) == may, "\(person)")
            }
            let unit = try await house.unit("城市管理办公室")
            let fields = [
                (name: "storey", value: "community"), (name: "kind", value: "emergency"),
                (name: "purpose", value: "请到场"), (name: "location", value: "北门"), (name: "units", value: "\(unit)"),
            ]
            let target = try #require(try await house.send(entry, Form(fields), try await house.context(.worker)))
            let path = String(target.prefix { $0 != "?" })
            // One open whistle at a time: the way is gone, and the form says so and keeps what was typed.
            let again = try await house.send(entry, Form(fields), try await house.context(.worker))
            #expect(again?.contains("已经吹过哨") == true)
            let officer = try await house.open(path, query: [], try await house.context(.cityHandler))
            #expect(officer.contains("请到场") && officer.contains("/sign-in\"") && !officer.contains("老人独住"))
            #expect(!officer.contains("\(item)\"") && !officer.contains("class=\"qrcode\""))
            let head = try await house.open(path, query: [], try await house.context(.head))
            #expect(head.contains("class=\"qrcode\"") && head.contains("/confirm\""))
            let list = try await house.open("/desk/whistles", query: [], try await house.context(.head))
            #expect(list.contains("知道了"))
            #expect(try await house.open(path, query: [], try await house.context(.waterHandler)).isEmpty)
            #expect(try await house.open(path, query: [], try await house.context(.townDispatcher)).isEmpty)
            #expect(try await house.open(path, query: [], try await house.context(.tenant)).isEmpty)

            house.clock.advance(minutes: 31)
            try await house.run(job: "whistles.count")
            let after = try await house.open("/desk/cases/\(item)", query: [], try await house.context(.dispatcher))
            #expect(after.contains("过了报到时限没有到场，转督办") && after.contains("督办"))
            // Who did not come finds it, with the whistle and without the case, and answers.
            let asked = try await house.context(.cityHandler)
            let mine = try await house.open("/desk/supervised", query: [], asked)
            #expect(mine.contains("请城市管理办公室答复") && mine.contains(path) && !mine.contains("老人独住"))
            #expect(mine.contains("/desk/supervised/\(item)/answer") && !mine.contains("/desk/cases/\(item)\""))
            let alerts = try await house.open("/desk/alerts", query: [], asked)
            #expect(alerts.contains("吹哨没报到") && alerts.contains("/desk/supervised#s-\(item)"))
            let words = Form([(name: "text", value: "下午到")])
            let sent = try await house.send("/desk/supervised/\(item)/answer", words, asked)
            #expect(sent?.hasSuffix("done=answer") == true)
            let read = try await house.open("/desk/supervised", query: [], try await house.context(.dispatcher))
            #expect(read.contains("城市管理办公室 · \(asked.actor.name)"))
        }
    }
}
