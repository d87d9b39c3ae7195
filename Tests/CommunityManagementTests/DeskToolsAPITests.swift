import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What lightens the work at the desk, for programs: by the commands of the pages, with the same limits.
@Suite("工单接口：指定经办人、请假、模板、存下的列表、批量、群里粘贴、楼道码")
struct DeskToolsAPITests {
    @Test("指定经办人：列出能交给谁，交出去，收回值班；请假的人收不到", arguments: TestEngine.enabled)
    func assigning(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let base = "/cases/\(id)"
                let people = try await site.shown("GET", base + "/colleagues", as: handler)
                #expect(people["cap"].text == "20")
                let other = try #require(people["colleagues"].list.first { $0["name"].text == "何伟" })
                let account = other["id"].text
                let named = #"{"account":"\#(account)"}"#
                let given = try await site.shown("POST", base + "/assignment", named, as: handler)
                #expect(given["person"].text == "何伟")
                let resident = try await site.resident(.tenant)
                let told = try await site.shown("GET", base, as: resident)
                #expect(told["person"].text.isEmpty, "residents do not see who")
                _ = try await site.shown(
                    "POST", base + "/assignment", #"{"account":"\#(account)","version":0}"#, as: handler, status: 409)
                let stranger = try await site.program(for: .waterHandler)
                _ = try await site.shown("GET", base + "/colleagues", as: stranger, status: 404)
                _ = try await site.shown("POST", base + "/assignment", "{}", as: stranger, status: 404)
                let theirs = "\(try await house.context(.waterHandler).actor.account?.description ?? "")"
                let wrong = try await site.shown(
                    "POST", base + "/assignment", #"{"account":"\#(theirs)"}"#, as: handler, status: 422)
                #expect(wrong["fields"].list.map { $0["name"].text } == ["account"])
                let roster = try await site.shown("POST", base + "/assignment", "{}", as: handler)
                #expect(roster["person"].text.isEmpty)

                let manager = try await site.program(for: .propertyManager)
                #expect(try await site.shown("GET", "/me/absence", as: manager)["until"].text.isEmpty)
                _ = try await site.shown("POST", base + "/assignment", named, as: handler)
                let mine = try await site.shown("GET", "/cases?handler=\(account)&order=newest", as: manager)
                // The demo gave them some already.
                let inHand = mine["cases"].list.map { $0["id"].text }
                #expect(inHand.first == "\(id)" && inHand == inHand.sorted(by: >))
                _ = try await site.shown("PUT", "/me/absence", #"{"until":"2000-01-01"}"#, as: manager, status: 422)
                let day = house.clock.clock.now.adding(days: 3).date
                let away = try await site.shown("PUT", "/me/absence", #"{"until":"\#(day)"}"#, as: manager)
                #expect(away["handed"].text == "\(inHand.count)" && away["until"].text.hasPrefix("\(day)"))
                let instead = try await site.shown("POST", base + "/assignment", named, as: handler)
                #expect(instead["person"].text.isEmpty, "it went to whoever is on duty")
                let listed = try await site.shown("GET", base + "/colleagues", as: handler)["colleagues"].list
                #expect(listed.first { $0["id"].text == account }?["awayUntil"].text.hasPrefix("\(day)") == true)
                _ = try await site.shown("DELETE", "/me/absence", as: manager, status: 204)
                #expect(try await site.shown("GET", "/me/absence", as: manager)["until"].text.isEmpty)
            }
        }
    }

    @Test("模板：加、按工单填好、删；别的单位看不到、删不掉", arguments: TestEngine.enabled)
    func templates(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let unit = try await house.unit("安居物业")
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let other = try await site.program(for: .waterHandler)
                let body = #"{"unit":"\#(unit)","name":"已修","text":"{number} 已修好，问 13912345678"}"#
                _ = try await site.shown("POST", "/templates", body, as: other, status: 422)
                let made = try await site.shown("POST", "/templates", body, as: handler, status: 201)
                #expect(made["unit"].text == "\(unit)" && !made["text"].text.contains("13912345678"))
                let list = try await site.shown("GET", "/templates?case=\(id)", as: handler)
                #expect(list["units"].list.contains { $0["id"].text == "\(unit)" })
                let number: String? = try await house.value("SELECT number FROM case_item WHERE id = \(id)")
                let filled = list["templates"].list.first { $0["id"].text == made["id"].text }?["filled"].text
                #expect(filled?.hasPrefix("\(number ?? "?") 已修好") == true)
                _ = try await site.shown("GET", "/templates?case=\(id)", as: other, status: 404)
                #expect(try await site.shown("GET", "/templates", as: other)["templates"].list.isEmpty)
                let path = "/templates/\(made["id"].text)"
                _ = try await site.shown("DELETE", path, as: other, status: 404)
                _ = try await site.shown("DELETE", path, as: handler, status: 204)
                _ = try await site.shown("DELETE", path, as: handler, status: 404)
            }
        }
    }

    @Test("存下的列表：字段就是列表的参数，单位共用的同事看得到，只有自己删得掉", arguments: TestEngine.enabled)
    func views(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let mine = try await site.program(for: .dispatcher)
                let other = try await site.program(for: .lateDispatcher)
                _ = try await site.shown("POST", "/views", #"{"name":" "}"#, as: mine, status: 422)
                let body = #"{"name":"超期的","tab":"late","grid":"110101001901","order":"newest","shared":true}"#
                let made = try await site.shown("POST", "/views", body, as: mine, status: 201)
                #expect(made["own"].isTrue && made["shared"].isTrue && made["order"].text == "newest")
                let seen = try await site.shown("GET", "/views", as: other)["views"].list
                let shared = try #require(seen.first { $0["id"].text == made["id"].text })
                #expect(!shared["own"].isTrue && shared["tab"].text == "late" && shared["category"].text.isEmpty)
                let query = ["tab", "grid", "order"].map { "\($0)=\(shared[$0].text)" }.joined(separator: "&")
                _ = try await site.shown("GET", "/cases?" + query, as: other)
                _ = try await site.shown("DELETE", "/views/\(made["id"].text)", as: other, status: 404)
                _ = try await site.shown("DELETE", "/views/\(made["id"].text)", as: mine, status: 204)
                #expect(try await site.shown("GET", "/views", as: mine)["views"].list.isEmpty)
            }
        }
    }

    @Test("批量：每件单独办、各有结果，看不到的不算，重复的请求只办一次", arguments: TestEngine.enabled)
    func bulk(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let first = try await house.report(try await house.draft(), tenant)
            let second = try await house.report(try await house.draft("5号楼电梯有异响"), tenant)
            let foreign = try await house.report(try await house.draft("家里停水", category: "R0301"), tenant)
            try await house.take(CaseStep("accept"), second, try await house.context(.propertyHandler))
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let ids = [first, second, foreign].map { "\"\($0)\"" }.joined(separator: ",")
                func ask(_ fields: String, status: Int = 200, key: String? = nil) async throws -> [Shown] {
                    let headers =
                        handler.headers + [("Content-Type", "application/json")]
                        + (key.map { [("Idempotency-Key", $0)] } ?? [])
                    let answer = try await site.ask(
                        "POST", "/api/v1/bulk", headers: headers, body: Array("{\(fields),\"cases\":[\(ids)]}".utf8))
                    #expect(answer.status == status, "\(answer.text)")
                    return Shown(answer)["results"].list
                }
                _ = try await ask(#""do":"dispatch""#, status: 422)
                let accepted = try await ask(#""do":"accept""#)
                #expect(accepted.map { $0["done"].isTrue } == [true, false, false])
                #expect(accepted.map { $0["case"].text } == [first, second, foreign].map { "\($0)" })
                #expect(accepted.dropFirst().allSatisfy { !$0["problem"].text.isEmpty })
                for _ in 1...2 {
                    let noted = try await ask(#""do":"note","text":"周三统一检修""#, key: "bulk-1")
                    #expect(noted.map { $0["done"].isTrue } == [true, true, false])
                }
                let given = try await ask(#""do":"assign""#)
                #expect(given.map { $0["done"].isTrue } == [true, true, false])
            }
            let notes = try await house.value("SELECT count(*) FROM case_entry WHERE text = '周三统一检修'", as: Int.self)
            #expect(notes == 2)
            #expect(try await house.state(foreign) == "dispatched")
        }
    }

    @Test("群里粘贴：读成一条一条，认出类别和自己管的地点，什么也不存", arguments: TestEngine.enabled)
    func chats(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let before = try await house.value("SELECT count(*) FROM audit_entry", as: Int.self)
                let text = "张三 11/25 10:20\\n幸福里小区3号楼2单元楼道灯不亮\\n李四：有人被困在电梯里了"
                let read = try await site.shown("POST", "/chats/read", #"{"text":"\#(text)"}"#, as: worker)
                let messages = read["messages"].list
                #expect(messages.map { $0["speaker"].text } == ["张三", "李四"])
                #expect(messages.first?["category"].text == "R0104" && messages.first?["place"].text.count == 13)
                #expect(messages.first?["division"].text.hasPrefix("110101001901") == true)
                #expect(messages.last?["urgent"].isTrue == true)
                #expect(try await house.value("SELECT count(*) FROM audit_entry", as: Int.self) == before)
                let resident = try await site.resident(.tenant)
                _ = try await site.shown("POST", "/chats/read", #"{"text":"x"}"#, as: resident, status: 404)
            }
        }
    }

    @Test("楼道码：做、列、作废；不归自己管的地点做不了", arguments: TestEngine.enabled)
    func wallCodes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let place = try #require(
                try await house.value(
                    """
                    SELECT id FROM place WHERE kind = 'entrance'
                    AND division BETWEEN 110101001901000 AND 110101001901999 ORDER BY id LIMIT 1
                    """,
                    as: ID<Place>.self))
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let far = try await site.program(for: .locustWorker)
                let body = #"{"place":"\#(place)","note":"1层电梯口"}"#
                _ = try await site.shown("POST", "/wall-codes", body, as: far, status: 422)
                let made = try await site.shown("POST", "/wall-codes", body, as: worker, status: 201)
                #expect(made["link"].text.contains("/q/") && made["note"].text == "1层电梯口")
                let id = made["id"].text
                let listed = try await site.shown("GET", "/wall-codes", as: worker)["codes"].list
                #expect(listed.contains { $0["id"].text == id })
                #expect(try await site.shown("GET", "/wall-codes", as: far)["codes"].list.isEmpty)
                _ = try await site.shown("DELETE", "/wall-codes/\(id)", as: far, status: 404)
                _ = try await site.shown("DELETE", "/wall-codes/\(id)", as: worker, status: 204)
                let after = try await site.shown("GET", "/wall-codes", as: worker)["codes"].list
                #expect(after.first { $0["id"].text == id }?["revokedAt"].text.isEmpty == false)
            }
        }
    }
}
