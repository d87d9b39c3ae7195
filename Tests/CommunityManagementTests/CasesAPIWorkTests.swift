import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What programs do around a case: finding it, correcting it, seeing who told it, following it by its receipt.
@Suite("工单接口：查找、更正、查看诉求人、回执")
struct CasesAPIWorkTests {
    @Test("类别和单位：能选的都列出来", arguments: TestEngine.enabled)
    func choices(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let all = try await site.shown("GET", "/categories", as: site.stranger)["categories"].list
                #expect(all.count == house.services.catalogue.all.count)
                let events = try await site.shown("GET", "/categories?scheme=E", as: site.stranger)["categories"].list
                #expect(!events.isEmpty && events.allSatisfy { $0["scheme"].text == "E" })
                let program = try await site.program(for: .dispatcher)
                let units = try await site.shown("GET", "/units?division=110101001901", as: program)["units"].list
                #expect(units.contains { $0["name"].text == "幸福里社区居委会" && $0["kind"].text == "committee" })
            }
        }
    }

    @Test("查找：按字、按编号，只找得到归自己看的", arguments: TestEngine.enabled)
    func search(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("一层水表间漏水咕嘟响", category: "R0301"), try await house.context(.tenant)
            )
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let found = try await site.shown("GET", "/search?q=%E5%92%95%E5%98%9F", as: dispatcher)
                #expect(found["cases"].list.map { $0["id"].text } == ["\(id)"] && !found["hasMore"].isTrue)
                let number = found["cases"].list.first?["number"].text ?? ""
                let same = try await site.shown("GET", "/search?q=\(number)", as: dispatcher)["cases"].list
                #expect(same.first?["id"].text == "\(id)")
                let far = try await site.program(for: .townDispatcher)
                #expect(try await site.shown("GET", "/search?q=\(number)", as: far)["cases"].list.isEmpty)
                let resident = try await site.resident(.tenant)
                _ = try await site.shown("GET", "/search?q=\(number)", as: resident, status: 404)
            }
        }
    }

    @Test("更正类别和被反映单位：和页面同一套规矩", arguments: TestEngine.enabled)
    func corrections(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let property = try await house.unit("安居物业")
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let path = "/cases/\(id)/classification"
                let right = #"{"nature":"complaint","category":"R0804"}"#
                let after = try await site.shown("PUT", path, right, as: dispatcher)
                #expect(after["category"].text == "R0804" && after["nature"].text == "complaint")
                let major = try await site.shown(
                    "PUT", path, #"{"nature":"complaint","category":"R08"}"#, as: dispatcher, status: 422)
                #expect(major["fields"].list.first?["name"].text == "category", "a major class is no category")
                let water = try await site.program(for: .waterHandler)
                _ = try await site.shown("PUT", path, right, as: water, status: 404)
                let accuser = try await site.program(for: .propertyHandler)
                let against = "/cases/\(id)/against"
                _ = try await site.shown("PUT", against, #"{"unit":"\#(property)"}"#, as: accuser, status: 403)
                let named = #"{"unit":"\#(property)","text":"录音里说的是它"}"#
                _ = try await site.shown("PUT", against, named, as: dispatcher)
                _ = try await site.shown("GET", "/cases/\(id)", as: accuser, status: 404)
                _ = try await site.shown("PUT", against, #"{"unit":"0000000000000"}"#, as: dispatcher, status: 422)
                _ = try await site.shown("PUT", against, "{}", as: dispatcher, status: 422)
                _ = try await site.shown("PUT", against, #"{"text":"核实过，不是它"}"#, as: dispatcher)
            }
            #expect(try await house.value("SELECT against_unit FROM case_item WHERE id = \(id)", as: Int.self) == 0)
        }
    }

    @Test("改为紧急、不再紧急：接口和页面一个规矩，都要理由", arguments: TestEngine.enabled)
    func urgency(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let path = "/cases/\(id)/urgency"
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let handler = try await site.program(for: .propertyHandler)
                let yes = #"{"urgent":true,"text":"有人摔倒"}"#
                _ = try await site.shown("PUT", path, yes, as: handler, status: 403)
                _ = try await site.shown("PUT", path, #"{"urgent":true}"#, as: dispatcher, status: 422)
                _ = try await site.shown("PUT", path, #"{"urgent":true,"text":" "}"#, as: dispatcher, status: 422)
                #expect(try await site.shown("PUT", path, yes, as: dispatcher)["urgent"].isTrue)
            }
            let dispatcher = try await house.context(.dispatcher)
            let page = try await house.open("/desk/cases/\(id)", query: [], dispatcher)
            #expect(page.contains("不再紧急") && page.contains("action=\"/desk/cases/\(id)/urgency\""))
            let empty = Form([("urgent", "no"), ("text", "")])
            let refused = try await house.send("/desk/cases/\(id)/urgency", empty, dispatcher)
            #expect(refused?.contains("请写明理由") == true)
            let done = try await house.send(
                "/desk/cases/\(id)/urgency", Form([("urgent", "no"), ("text", "看过，没事")]), dispatcher)
            #expect(done?.hasSuffix("done=urgency") == true)
            #expect(try await house.value("SELECT is_urgent FROM case_item WHERE id = \(id)", as: Bool.self) == false)
        }
    }

    @Test("查看诉求人：要写用途，先记审计，答复不留，同页面一样的人才看得到", arguments: TestEngine.enabled)
    func reporter(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft()
            draft.disclosure = .office
            draft.reporterName = "赵明明"
            draft.reporterPhone = "13912345678"
            let id = try await house.report(draft, try await house.context(.tenant))
            let audits = { () async throws -> Int in
                try await house.value("SELECT count(*) FROM audit_entry WHERE command = 'secrets.reveal'") ?? 0
            }
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let path = "/cases/\(id)/reporter"
                let before = try await audits()
                _ = try await site.shown("POST", path, #"{"purpose":"看"}"#, as: dispatcher, status: 422)
                for person in [DemoStaff.propertyHandler, .gridWorker1, .districtOfficer] {
                    let program = try await site.program(for: person)
                    _ = try await site.shown("POST", path, #"{"purpose":"约上门时间"}"#, as: program, status: 403)
                }
                let far = try await site.program(for: .townDispatcher)
                _ = try await site.shown("POST", path, #"{"purpose":"约上门时间"}"#, as: far, status: 404)
                #expect(try await audits() == before, "nothing was shown, nothing is audited")
                let headers = dispatcher.headers + [("Content-Type", "application/json"), ("Idempotency-Key", "r1")]
                for count in 1...2 {
                    let answer = try await site.ask(
                        "POST", "/api/v1" + path, headers: headers, body: Array(#"{"purpose":"约上门时间"}"#.utf8)
                    )
                    #expect(answer.text.contains("赵明明") && answer.text.contains("13912345678"))
                    #expect(try await audits() == before + count, "each reading is audited, also with the same key")
                }
            }
            let kept = try await house.value("SELECT count(*) FROM idempotency", as: Int.self)
            #expect(kept == 0, "what was shown in clear is kept nowhere")
        }
    }

    @Test("照片：能看这件事的人才取得到", arguments: TestEngine.enabled)
    func photos(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            var draft = try await house.draft()
            draft.photos = [try await house.photo(tenant)]
            let id = try await house.report(draft, tenant)
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let shown = try await site.shown("GET", "/cases/\(id)", as: dispatcher)["photos"].list
                #expect(shown.map { $0["id"].text } == ["\(draft.photos[0])"] && shown.first?["kind"].text == "before")
                let path = "/api/v1/cases/\(id)/photos/\(draft.photos[0])"
                let picture = try await site.open(path, as: dispatcher)
                #expect(picture.status == 200 && picture["content-type"] == "image/jpeg")
                #expect(try await site.open(path, as: try await site.program(for: .townDispatcher)).status == 404)
                #expect(try await site.open(path + "?size=huge", as: dispatcher).status == 400)
                #expect(try await site.open(path, as: site.stranger).status == 401)
            }
        }
    }

    @Test("回执：凭编码或整条链接看进度、补充、撤回，不用账号", arguments: TestEngine.enabled)
    func receipts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let draft = try await house.draft()
            let taken = try await house.services.commands.report(draft, try await house.context(.tenant))
            try await withSite(house) { site in
                let nobody = site.bare
                for typed in [
                    taken.receipt, "https://linli.example/r/\(taken.receipt)?new=1", taken.receipt.uppercased(),
                ] {
                    let shown = try await site.shown("POST", "/receipts", #"{"receipt":"\#(typed)"}"#, as: nobody)
                    #expect(shown["number"].text == taken.number, "\(typed)")
                }
                _ = try await site.shown("POST", "/receipts", #"{"receipt":"0123456789"}"#, as: nobody, status: 404)
                let note = #"{"receipt":"\#(taken.receipt)","text":"晚上更响"}"#
                let noted = try await site.shown("POST", "/receipts/notes", note, as: nobody, status: 201)
                #expect(noted["history"].list.last?["text"].text == "晚上更响")
                let accept = #"{"receipt":"\#(taken.receipt)","transition":"accept"}"#
                let refused = try await site.ask(
                    "POST", "/api/v1/receipts/transitions", headers: [("Content-Type", "application/json")],
                    body: Array(accept.utf8)
                )
                #expect([403, 409, 422].contains(refused.status), "a receipt is no duty: \(refused.status)")
                let withdraw = accept.replacing("accept", with: "withdraw")
                let gone = try await site.shown("POST", "/receipts/transitions", withdraw, as: nobody)
                #expect(gone["state"].text == "withdrawn")
            }
        }
    }

    @Test("参数不对：说清是哪一个、该怎样", arguments: TestEngine.enabled)
    func parameters(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let rows: [(path: String, names: [String])] = [
                    ("/cases?colour=red", ["colour"]), ("/cases?limit=0", ["limit"]), ("/cases?limit=abc", ["limit"]),
                    ("/cases?limit=5&limit=6", ["limit"]), ("/cases?tab=nothing&limit=101", ["limit", "tab"]),
                    ("/cases?after=1", ["after"]), ("/cases?grid=12", ["grid"]), ("/cases/17", ["id"]),
                    ("/cases/0000000000000?x=1", ["x"]), ("/divisions?under=1101", ["under"]),
                    ("/grids/locate?lat=91&lon=0", ["lat"]), ("/grids/locate?lat=39.9", ["lon"]),
                    ("/grids/locate?lat=nan&lon=0x1p3", ["lat", "lon"]), ("/grids.geojson?under=x", ["under"]),
                    ("/rates?month=202613", ["month"]), ("/search", ["q"]), ("/search?q=%00", ["q"]),
                    ("/units", ["division"]), ("/me?x=", ["x"]), ("/tokens?page=2", ["page"]),
                ]
                for (path, names) in rows {
                    let headers = program.headers + [("Accept-Language", "en")]
                    let answer = try await site.ask("GET", "/api/v1" + path, headers: headers)
                    #expect(answer.status == 400, "\(path): \(answer.status) \(answer.text)")
                    #expect(answer["content-type"] == "application/problem+json", "\(path)")
                    let shown = Shown(answer)
                    #expect(Set(shown["fields"].list.map { $0["name"].text }) == Set(names), "\(path): \(answer.text)")
                    #expect(!answer.text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) })
                }
                let said = try await site.ask(
                    "GET", "/api/v1/cases?limit=0", headers: program.headers + [("Accept-Language", "en")])
                #expect(said.text.contains("Must be from 1 to 100"))
            }
        }
    }

    @Test("请求内容的类型和大小：415 和 413", arguments: TestEngine.enabled)
    func bodies(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                func post(_ path: String, _ type: String?, _ body: String) async throws -> Site.Answer {
                    let header = type.map { [("Content-Type", $0)] } ?? []
                    return try await site.ask(
                        "POST", "/api/v1" + path, headers: program.headers + header, body: Array(body.utf8))
                }
                for type in [
                    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png",
                    nil,
                ] {
                    let answer = try await post("/cases", type, "{}")
                    #expect(answer.status == 415, "\(type ?? "none"): \(answer.status)")
                    #expect(answer.text.contains("application/json"))
                }
                #expect(try await post("/cases", "Application/JSON; charset=utf-8", "{}").status == 422)
                #expect(try await post("/files", "application/json", "{}").status == 415)
                #expect(try await post("/files", nil, "x").status == 415)
                let huge = String(repeating: " ", count: (1 << 20) + 1)
                #expect(try await post("/cases", "application/json", huge).status == 413)
                #expect(try await post("/receipts", "application/json", huge).status == 413)
            }
        }
    }
}
