import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What programs do around the work on a case and on duty: by the commands of the pages, with the same limits.
@Suite("工单接口：申请、协办、联系、督办、回访、公开、值守")
struct CasesAPIDutyTests {
    /// A case that the property company has taken.
    private func handled(_ house: House) async throws -> ID<Case> {
        let id = try await house.report(try await house.draft(), try await house.context(.tenant))
        try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
        return id
    }

    @Test("挂账、延期、剔除：承办的申请，管的审批，自己批不了自己", arguments: TestEngine.enabled)
    func requests(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await handled(house)
            let other = try await handled(house)
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let dispatcher = try await site.program(for: .dispatcher)
                let path = "/cases/\(id)/requests"
                let asks = try await site.shown("GET", "/cases/\(id)", as: handler)["asks"].list
                #expect(asks.map { $0["kind"].text } == ["pause", "extend", "exclude"])
                #expect(asks.first?["reasons"].list.map(\.text).contains("material") == true)
                let body = #"{"kind":"pause","reasonClass":"material","days":3,"text":"等配件，电话 13912345678"}"#
                _ = try await site.shown("POST", path, body, as: dispatcher, status: 403)
                let far = try await site.program(for: .waterHandler)
                _ = try await site.shown("POST", path, body, as: far, status: 404)
                let long = try await site.shown(
                    "POST", path, body.replacing(":3,", with: ":31,"), as: handler, status: 422)
                #expect(long["fields"].list.map { $0["name"].text } == ["days"])
                let asked = try await site.shown("POST", path, body, as: handler, status: 201)
                let request = try #require(asked["requests"].list.first)
                #expect(request["state"].text == "waiting" && !request["text"].text.contains("13912345678"))
                #expect(!asked["asks"].list.contains { $0["kind"].text == "pause" }, "one waits already")
                _ = try await site.shown("POST", path, body, as: handler, status: 409)
                let decision = path + "/\(request["id"].text)/decision"
                let yes = #"{"granted":true,"text":"同意"}"#
                _ = try await site.shown("POST", decision, yes, as: handler, status: 403)
                let elsewhere = decision.replacing("\(id)", with: "\(other)")
                _ = try await site.shown("POST", elsewhere, yes, as: dispatcher, status: 404)
                let granted = try await site.shown("POST", decision, yes, as: dispatcher)
                #expect(granted["paused"].isTrue && granted["requests"].list.first?["state"].text == "granted")
                #expect(granted["requests"].list.first?["endsAt"].text.isEmpty == false)
                let resumed = try await site.shown("POST", "/cases/\(id)/resume", as: handler)
                #expect(!resumed["paused"].isTrue && resumed["clocks"].list.contains { !$0["dueAt"].text.isEmpty })
                _ = try await site.shown("POST", "/cases/\(id)/resume", as: handler, status: 409)
                let resident = try await site.resident(.tenant)
                let seen = try await site.shown("GET", "/cases/\(id)", as: resident)
                #expect(seen["requests"].list.isEmpty && seen["clocks"].list.isEmpty && seen["asks"].list.isEmpty)
            }
        }
    }

    @Test("联系、协办：记一次联系，交一部分给别的单位，重复的请求只办一次", arguments: TestEngine.enabled)
    func help(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await handled(house)
            let city = try await house.unit("城市管理办公室")
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let contact = #"{"way":"phone","outcome":"reached","text":"约下午上门"}"#
                let noted = try await site.shown("POST", "/cases/\(id)/contacts", contact, as: handler, status: 201)
                #expect(noted["history"].list.last?["text"].text.contains("约下午上门") == true)
                let walker = try await site.program(for: .gridWorker1)
                _ = try await site.shown("POST", "/cases/\(id)/contacts", contact, as: walker, status: 403)
                let path = "/cases/\(id)/parts"
                _ = try await site.shown("POST", path, #"{"unit":"\#(city)","text":" "}"#, as: handler, status: 422)
                let headers = handler.headers + [("Content-Type", "application/json"), ("Idempotency-Key", "p1")]
                for _ in 1...2 {
                    let answer = try await site.ask(
                        "POST", "/api/v1" + path, headers: headers,
                        body: Array(#"{"unit":"\#(city)","text":"清运电梯口的杂物"}"#.utf8))
                    #expect(answer.status == 201, "\(answer.text)")
                    #expect(Shown(answer)["parts"].list.count == 1)
                }
            }
            #expect(try await house.value("SELECT count(*) FROM case_item WHERE parent_id = \(id)", as: Int.self) == 1)
        }
    }

    @Test("督办：列入、答复、解除，列表一致", arguments: TestEngine.enabled)
    func supervision(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await handled(house)
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let dispatcher = try await site.program(for: .dispatcher)
                let base = "/cases/\(id)/supervision"
                _ = try await site.shown("POST", base, #"{"text":"今天修好"}"#, as: handler, status: 403)
                let taken = try await site.shown("POST", base, #"{"text":"今天修好"}"#, as: dispatcher)
                #expect(taken["supervision"].text == "2")
                func listed(_ visitor: SiteVisitor) async throws -> Shown? {
                    try await site.shown("GET", "/supervised?limit=100", as: visitor)["supervised"].list.first {
                        $0["case"]["id"].text == "\(id)"
                    }
                }
                #expect(try await listed(handler)?["reason"].text == "今天修好")
                _ = try await site.shown("POST", base + "/answer", #"{"text":" "}"#, as: handler, status: 422)
                _ = try await site.shown("POST", base + "/answer", #"{"text":"四点前修好"}"#, as: handler)
                #expect(try await listed(dispatcher)?["answer"].text == "四点前修好")
                _ = try await site.shown("POST", base + "/lift", #"{"text":"好"}"#, as: handler, status: 403)
                _ = try await site.shown("POST", base + "/lift", #"{"text":"修好了"}"#, as: dispatcher)
                #expect(try await listed(dispatcher) == nil)
                let first = try await site.shown("GET", "/supervised?limit=1", as: dispatcher)
                #expect(first["supervised"].list.count <= 1)
            }
        }
    }

    @Test("回访：该打的列出来，答复按电话记；干活的单位不打", arguments: TestEngine.enabled)
    func followUp(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await handled(house)
            try await house.take(CaseStep("finish", text: "修好了"), id, try await house.context(.propertyHandler))
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let calls = try await site.shown("GET", "/follow-ups?tab=waiting&limit=100", as: dispatcher)["calls"]
                    .list
                #expect(calls.contains { $0["case"]["id"].text == "\(id)" && $0["attempts"].text == "0" })
                let path = "/cases/\(id)/follow-up"
                for wrong in [
                    #"{"outcome":"answered"}"#, #"{"outcome":"missed"}"#, #"{"outcome":"maybe"}"#,
                    #"{"outcome":"missed","reason":"busy","again":"2020-01-01T00:00:00Z"}"#,
                ] {
                    _ = try await site.shown("POST", path, wrong, as: dispatcher, status: 422)
                }
                let unsaid = try await site.shown("POST", path, #"{"outcome":"missed"}"#, as: dispatcher, status: 422)
                #expect(unsaid["fields"].list.first?["message"].text.contains("没联系上的原因") == true)
                let handler = try await site.program(for: .propertyHandler)
                let yes = #"{"outcome":"answered","solved":true,"grade":5,"text":"谢谢"}"#
                _ = try await site.shown("POST", path, yes, as: handler, status: 403)
                let busy = #"{"outcome":"missed","reason":"busy","again":"2026-11-23T02:00:00Z"}"#
                _ = try await site.shown("POST", path, busy, as: dispatcher)
                let later = try await site.shown("GET", "/follow-ups?tab=later&limit=100", as: dispatcher)["calls"].list
                let moment = "2026-11-23T10:00:00+08:00"
                #expect(later.contains { $0["case"]["id"].text == "\(id)" && $0["again"].text == moment })
                let old = yes.replacing(#""grade""#, with: #""version":1,"grade""#)
                _ = try await site.shown("POST", path, old, as: dispatcher, status: 409)
                #expect(try await site.shown("POST", path, yes, as: dispatcher)["state"].text == "closed")
                _ = try await site.shown("POST", path, yes, as: dispatcher, status: 409)
            }
        }
    }

    @Test("到期先行办结后，诉求人还能说解决了，也能凭回执说", arguments: TestEngine.enabled)
    func answersLater(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let draft = try await house.draft()
            let taken = try await house.services.commands.report(draft, try await house.context(.tenant))
            let second = try await handled(house)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), taken.id, handler)
            for id in [taken.id, second] { try await house.take(CaseStep("finish", text: "修好了"), id, handler) }
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.lapse")
            try await withSite(house) { site in
                let resident = try await site.program(for: DemoResident.tenant)
                let neighbour = try await site.program(for: DemoResident.youngMother)
                let path = "/cases/\(second)/answer"
                _ = try await site.shown("POST", path, #"{"stars":5}"#, as: neighbour, status: 404)
                _ = try await site.shown("POST", path, #"{"stars":5,"text":"谢谢"}"#, as: resident)
                _ = try await site.shown("POST", path, #"{"stars":5}"#, as: resident, status: 409)
                let said = #"{"receipt":"\#(taken.receipt)","stars":4}"#
                _ = try await site.shown("POST", "/receipts/answer", said, as: site.bare)
                _ = try await site.shown("POST", "/receipts/answer", said, as: site.bare, status: 409)
            }
            for id in [taken.id, second] {
                #expect(try await house.value("SELECT is_solved FROM case_outcome WHERE case_id = \(id)") == true)
            }
        }
    }

    @Test("公开：诉求人愿意、不愿意，工作人员整理、撤下", arguments: TestEngine.enabled)
    func publication(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            var draft = try await house.draft("路灯不亮，电话 13912345678", category: "C0118", at: "幸福里小广场")
            draft.spot = .street
            draft.isWilling = true
            draft.photos = [try await house.photo(tenant)]
            let taken = try await house.services.commands.report(draft, tenant)
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let (base, id) = ("/cases/\(taken.id)", "\(taken.id)")
                func queued() async throws -> Bool {
                    try await site.shown("GET", "/clearing?limit=100", as: head)["cases"].list.contains {
                        $0["id"].text == id && $0["photos"].text == "1"
                    }
                }
                #expect(try await queued())
                let worker = try await site.program(for: .worker)
                _ = try await site.shown("GET", "/clearing", as: worker, status: 403)
                let words =
                    #"{"title":"路灯不亮","words":"找 13912345678","photos":["\#(draft.photos[0])"],"version":1}"#
                _ = try await site.shown("PUT", base + "/publication", words, as: worker, status: 403)
                let shown = try await site.shown("PUT", base + "/publication", words, as: head)["publication"]
                #expect(shown["state"].text == "cleared" && shown["photos"].list.count == 1)
                #expect(!shown["words"].text.contains("13912345678") && !shown["address"].text.isEmpty)
                #expect(try await !queued())
                _ = try await site.shown("PUT", base + "/publication", words, as: head, status: 409)
                let resident = try await site.program(for: DemoResident.tenant)
                let refused = try await site.shown(
                    "PUT", base + "/publicity", #"{"willing":false}"#, as: resident)["publication"]
                #expect(refused["withheldBy"].text == "reporter" && refused["words"].text.isEmpty)
                _ = try await site.shown("PUT", base + "/publicity", #"{"willing":true}"#, as: worker, status: 404)
                let receipt = #"{"receipt":"\#(taken.receipt)","willing":true}"#
                let again = try await site.shown("POST", "/receipts/publicity", receipt, as: site.bare)["publication"]
                #expect(again["consent"].text == "given" && again["state"].text == "waiting")
                _ = try await site.shown("DELETE", base + "/publication?version=1", as: head, status: 409)
                let kept = try await site.shown("DELETE", base + "/publication", as: head)["publication"]
                #expect(kept["state"].text == "withheld" && kept["withheldBy"].text == "staff")
            }
        }
    }

    @Test("提醒：列出来，看过就没了；别人看不到也点不掉", arguments: TestEngine.enabled)
    func alerts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            house.clock.advance(minutes: 10 * 1440)
            try await house.run(job: "cases.escalate")
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let list = try await site.shown("GET", "/alerts", as: handler)
                let own = list["alerts"].list.filter { $0["case"]["id"].text == "\(id)" }
                #expect(!own.isEmpty && own.allSatisfy { !$0["wholeSeconds"].text.isEmpty })
                #expect(list["onDuty"].list.map { $0["name"].text } == ["安居物业"])
                let ids = own.map { "\"\($0["id"].text)\"" }.joined(separator: ",")
                let body = #"{"alerts":[\#(ids)]}"#
                _ = try await site.shown("POST", "/alerts/seen", body, as: try await site.program(for: .waterHandler))
                let still = try await site.shown("GET", "/alerts", as: handler)["alerts"].list
                #expect(still.contains { $0["case"]["id"].text == "\(id)" })
                let headers = handler.headers + [("Content-Type", "application/json"), ("Idempotency-Key", "a1")]
                for _ in 1...2 {
                    let answer = try await site.ask(
                        "POST", "/api/v1/alerts/seen", headers: headers, body: Array(body.utf8))
                    #expect(answer.status == 200, "\(answer.text)")
                    #expect(!Shown(answer)["alerts"].list.contains { $0["case"]["id"].text == "\(id)" })
                }
            }
        }
    }

    @Test("当面告诉的也在提醒里，看过就没了；别人点不掉", arguments: TestEngine.enabled)
    func notices(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            let worker = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, worker)
            let manager = try await house.context(.propertyManager)
            _ = try await house.services.commands.assign(manager.actor.account, of: id, isSure: true, worker)
            try await withSite(house) { site in
                let own = try await site.program(for: .propertyManager)
                let told = try await site.shown("GET", "/alerts", as: own)["notices"].list
                let notice = try #require(told.first { $0["case"]["id"].text == "\(id)" })
                #expect(notice["kind"].text == "assigned" && notice["by"].text == worker.actor.name)
                let body = #"{"alerts":["\#(notice["id"].text)"]}"#
                for (person, left) in [(DemoStaff.propertyHandler, 1), (.propertyManager, 0)] {
                    let program = try await site.program(for: person)
                    _ = try await site.shown("POST", "/alerts/seen", body, as: program)
                    let still = try await site.shown("GET", "/alerts", as: own)["notices"].list
                    #expect(still.filter { $0["case"]["id"].text == "\(id)" }.count == left, "\(person)")
                }
            }
        }
    }

    @Test("交接班：现状、留话、接班；别的单位的看不到", arguments: TestEngine.enabled)
    func handover(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let now = try await site.shown("GET", "/handover", as: dispatcher)
                let unit = now["unit"].text
                #expect(!unit.isEmpty && (Int(now["open"].text) ?? 0) > 0 && !now["until"].text.isEmpty)
                let note = #"{"unit":"\#(unit)","text":"3号楼电梯困人，回访 13800138000"}"#
                let noted = try await site.shown("POST", "/handover/notes", note, as: dispatcher, status: 201)
                let line = try #require(noted["lines"].list.first)
                #expect(line["text"].text.contains("电梯困人") && !line["text"].text.contains("13800138000"))
                _ = try await site.shown(
                    "POST", "/handover/notes", #"{"unit":"\#(unit)","text":" "}"#, as: dispatcher, status: 422)
                let body = #"{"unit":"\#(unit)"}"#
                let taken = try await site.shown("POST", "/handover/take", body, as: dispatcher, status: 201)
                #expect(taken["lines"].list.first?["taken"].isTrue == true)
                #expect(taken["lines"].list.first?["open"].text == now["open"].text)
                let water = try await site.program(for: .waterHandler)
                _ = try await site.shown("GET", "/handover?unit=\(unit)", as: water, status: 404)
                _ = try await site.shown("POST", "/handover/take", body, as: water, status: 404)
                #expect(try await site.shown("GET", "/handover", as: water)["units"].list.count == 1)
            }
        }
    }

    @Test("大家反映的事：谁都能读；关注、看过、取消", arguments: TestEngine.enabled)
    func neighbourhood(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            var draft = try await house.draft("路灯不亮", category: "C0118", at: "幸福里小广场")
            (draft.spot, draft.isWilling) = (.street, true)
            draft.photos = [try await house.photo(tenant)]
            let taken = try await house.services.commands.report(draft, tenant)
            var plain = draft
            plain.photos = []
            let hidden = try await house.services.commands.report(plain, tenant)
            try await withSite(house) { site in
                let neighbour = try await site.program(for: DemoResident.youngMother)
                let area = #"{"area":"110101001901"}"#
                let followed = try await site.shown("POST", "/following", area, as: neighbour, status: 201)
                let subscription = try #require(followed["places"].list.first)
                #expect(subscription["area"].text == "110101001901000" && subscription["news"].text == "0")
                _ = try await site.shown("POST", "/following", "{}", as: neighbour, status: 404)
                let words = Clearing(title: "路灯不亮", text: "请修", address: "", photos: draft.photos)
                // News is what happened after somebody began to follow.
                house.clock.advance(minutes: 1)
                try await house.services.commands.publish(words, of: taken.id, try await house.context(.head))
                await house.deliver()
                let list = try await site.shown("GET", "/neighbourhood?area=110101001901&limit=2", as: site.bare)
                #expect(list["cases"].list.first?["number"].text == taken.number && !list["next"].text.isEmpty)
                let next = try await site.shown(
                    "GET", "/neighbourhood?area=110101001901&limit=2&after=\(list["next"].text)", as: site.bare)
                #expect(next["cases"].list.allSatisfy { $0["number"].text != taken.number })
                let closed = try await site.shown("GET", "/neighbourhood?area=110101001901&open=false", as: site.bare)
                #expect(closed["cases"].list.allSatisfy { !$0["open"].isTrue })
                let shown = try await site.shown("GET", "/neighbourhood/\(taken.number)", as: site.bare)
                #expect(shown["text"].text == "请修" && shown["photos"].list.map(\.text) == ["\(draft.photos[0])"])
                let photo = "/api/v1/neighbourhood/\(taken.number)/photos/\(draft.photos[0])"
                #expect(try await site.open(photo, as: site.bare).status == 200)
                _ = try await site.shown("GET", "/neighbourhood/\(hidden.number)", as: site.bare, status: 404)
                let news = try await site.shown("GET", "/following", as: neighbour)["news"].list
                #expect(news.first?["case"]["number"].text == taken.number && news.first?["new"].isTrue == true)
                let looked = try await site.shown("POST", "/news/seen", as: neighbour)
                #expect(looked["news"].list.allSatisfy { !$0["new"].isTrue })
                let id = subscription["id"].text
                let resident = try await site.program(for: DemoResident.tenant)
                _ = try await site.shown("DELETE", "/following/\(id)", as: resident, status: 404)
                _ = try await site.shown("DELETE", "/following/\(id)", as: neighbour, status: 204)
                #expect(try await site.shown("GET", "/following", as: neighbour)["places"].list.isEmpty)
            }
        }
    }

    @Test("并案、拆开、我也有这个问题：各有各的编号，只看得到自己的话", arguments: TestEngine.enabled)
    func voices(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("路灯不亮，窗前漆黑", category: "C0118", at: "幸福里小广场")
            draft.spot = .street
            let lead = try await house.services.commands.report(draft, try await house.context(.tenant))
            draft.text = "广场的灯坏了"
            let other = try await house.services.commands.report(draft, try await house.context(.nurse as DemoResident))
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let mother = try await site.program(for: DemoResident.youngMother)
                let headers = mother.headers + [("Content-Type", "application/json"), ("Idempotency-Key", "join-0001")]
                let body = #"{"number":"\#(lead.number)","text":"孩子放学摔了一跤","reporterPhone":"13912345678"}"#
                var ids: [String] = []
                for _ in 1...2 {
                    let answer = try await site.ask("POST", "/api/v1/joins", headers: headers, body: Array(body.utf8))
                    #expect(answer.status == 201, "\(answer.text)")
                    ids.append(Shown(answer)["id"].text)
                }
                #expect(Set(ids).count == 1 && ids[0] != "\(lead.id)")
                let own = try await site.shown("GET", "/cases/\(ids[0])", as: mother)
                #expect(own["text"].text == "孩子放学摔了一跤" && own["voices"].list.isEmpty)
                #expect(own["homes"].text == "0" && own["withoutDoor"].text == "2", "nobody said a door")
                _ = try await site.shown("GET", "/cases/\(lead.id)", as: mother, status: 404)
                let wrong = body.replacing(lead.number, with: "SJ20000101-0001")
                _ = try await site.shown("POST", "/joins", wrong, as: mother, status: 404)
                let into = #"{"into":"\#(lead.number)","text":"同一盏灯"}"#
                let merge = "/cases/\(other.id)/merge"
                _ = try await site.shown("POST", merge, into, as: try await site.program(for: .worker), status: 403)
                _ = try await site.shown("POST", merge, #"{"into":"X","text":"是"}"#, as: dispatcher, status: 422)
                let merged = try await site.shown("POST", merge, into, as: dispatcher)
                #expect(merged["speaksIn"].text == lead.number)
                let whole = try await site.shown("GET", "/cases/\(lead.id)", as: dispatcher)
                #expect(Set(whole["voices"].list.map { $0["number"].text }).contains(other.number))
                #expect(whole["voices"].list.count == 2)
                let split = try await site.shown(
                    "POST", "/cases/\(other.id)/split", #"{"text":"不是一盏"}"#, as: dispatcher)
                #expect(split["speaksIn"].text.isEmpty)
                let look = #"{"phone":"13912345678","purpose":"本人来电"}"#
                let found = try await site.shown("POST", "/callers", look, as: dispatcher)["cases"].list
                #expect(found.map { $0["id"].text } == [ids[0]])
                _ = try await site.shown(
                    "POST", "/callers", #"{"phone":"1","purpose":""}"#, as: dispatcher, status: 422)
                let water = try await site.program(for: .waterHandler)
                _ = try await site.shown("POST", "/callers", look, as: water, status: 403)
            }
        }
    }
}
