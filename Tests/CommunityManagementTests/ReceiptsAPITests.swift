import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The receipt by a program does what its page does; staff by a program do what their pages do; tabs are counted.
@Suite("回执、代登、数目：接口和页面一样")
struct ReceiptsAPITests {
    private func photo(_ site: Site, _ words: String) async throws -> String {
        let answer = try await site.ask(
            "POST", "/api/v1/files", headers: [("Content-Type", "image/jpeg")],
            body: [0xFF, 0xD8, 0xFF, 0xE0] + Array(words.utf8))
        return Shown(answer)["proof"].text
    }

    @Test("凭回执：补照片、没解决、要复核、打分", arguments: TestEngine.enabled)
    func receipt(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let draft = try await house.draft()
            let taken = try await house.services.commands.report(draft, house.visitor)
            let handler = try await house.context(.propertyHandler)
            let centre = try await house.context(.dispatcher)
            try await withSite(house) { site in
                func step(_ words: String, status: Int = 200) async throws -> Shown {
                    try await site.shown(
                        "POST", "/receipts/transitions", #"{"receipt":"\#(taken.receipt)",\#(words)}"#, as: site.bare,
                        status: status)
                }
                let picture = try await photo(site, "note")
                let note = #"{"receipt":"\#(taken.receipt)","photos":["\#(picture)"]}"#
                let noted = try await site.shown("POST", "/receipts/notes", note, as: site.bare, status: 201)
                #expect(noted["photos"].list.count == 1)
                _ = try await site.shown("POST", "/receipts/notes", note, as: site.bare, status: 422)
                let empty = #"{"receipt":"\#(taken.receipt)"}"#
                _ = try await site.shown("POST", "/receipts/notes", empty, as: site.bare, status: 422)
                try await house.take(CaseStep("accept"), taken.id, handler)
                try await house.take(CaseStep("finish", text: "修好了"), taken.id, handler)
                let proof = try await photo(site, "contest")
                let contested = try await step(#""transition":"contest","text":"还是响","photos":["\#(proof)"]"#)
                #expect(contested["state"].text == "received" && contested["photos"].list.count == 2)
                let property = try await house.unit("安居物业")
                try await house.take(CaseStep("dispatch", text: "维保在它，请换人", unit: property), taken.id, centre)
                try await house.take(CaseStep("accept"), taken.id, house.context(.propertyManager))
                try await house.take(CaseStep("finish", text: "又修了"), taken.id, house.context(.propertyManager))
                // The second time it is a review by somebody who had no hand in it.
                let review = try await step(#""transition":"contest","text":"还是响""#)
                #expect(review["state"].text == "reviewing")
            }
        }
    }

    @Test("凭回执：确认解决并打分", arguments: TestEngine.enabled)
    func confirm(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let taken = try await house.services.commands.report(try await house.draft(), house.visitor)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), taken.id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), taken.id, handler)
            try await withSite(house) { site in
                let body = #"{"receipt":"\#(taken.receipt)","transition":"confirm","stars":5,"text":"谢谢"}"#
                _ = try await site.shown("POST", "/receipts/transitions", body, as: site.bare)
            }
            #expect(try await house.value("SELECT stars FROM case_item WHERE id = \(taken.id)", as: Int.self) == 5)
        }
    }

    @Test("我也遇到了：不用账号，只能并进能看到的", arguments: TestEngine.enabled)
    func joins(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var lamp = try await house.draft("路灯不亮", category: "C0118", at: "幸福里小广场")
            lamp.spot = .street
            let lead = try await house.services.commands.report(lamp, house.context(.tenant))
            let lift = try await house.services.commands.report(house.draft(), house.context(.tenant))
            try await withSite(house) { site in
                let picture = try await photo(site, "join")
                let body =
                    #"{"number":"\#(lead.number)","text":"路灯不亮","reporterPhone":"13912345678","photos":["\#(picture)"]}"#
                let voice = try await site.shown("POST", "/joins", body, as: site.bare, status: 201)
                let seen = try await site.shown(
                    "POST", "/receipts", #"{"receipt":"\#(voice["receipt"].text)"}"#, as: site.bare)
                #expect(seen["number"].text == voice["number"].text && seen["photos"].list.count == 1)
                let again = body.replacing(#","photos":["\#(picture)"]"#, with: "")
                _ = try await site.shown("POST", "/joins", again, as: site.bare, status: 409)
                let hidden = #"{"number":"\#(lift.number)","text":"我家也是"}"#
                _ = try await site.shown("POST", "/joins", hidden, as: site.bare, status: 404)
            }
            let speaks: Int? = try await house.value("SELECT count(*) FROM case_item WHERE speaks_in = \(lead.id)")
            #expect(speaks == 1)
        }
    }

    @Test("网格员当场办结，代登的不成诉求人", arguments: TestEngine.enabled)
    func staff(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let worker = try await site.program(for: .gridWorker1)
                let found =
                    #"{"text":"井盖翘起来了","category":"E0110","nature":"assistance","division":"110101001901001""#
                let settled = try await site.shown(
                    "POST", "/cases", found + #","settledWith":"踩平了"}"#, as: worker, status: 201)
                let id = try #require(ID<Case>(settled["id"].text))
                let source: String? = try await house.value("SELECT source FROM case_item WHERE id = \(id)")
                #expect(source == "grid" && settled["state"].text == "confirming")
                let words: String? = try await house.value("SELECT text FROM case_entry WHERE case_id = \(id)")
                #expect(words == "踩平了")
                let desk = try await site.program(for: .dispatcher)
                let told = try await site.shown(
                    "POST", "/cases",
                    #"{"text":"楼道灯坏了","category":"R0104","division":"110101001901001","reporterName":"赵奶奶"}"#,
                    as: desk, status: 201)
                let reporter: Int? = try await house.value(
                    "SELECT count(*) FROM case_item WHERE id = \(ID<Case>(told["id"].text)) AND source = 'staff' AND reporter_id IS NULL"
                )
                #expect(reporter == 1)
                // Who serves one division need not name it.
                let bare = #"{"text":"楼道灯坏了","category":"R0104"}"#
                _ = try await site.shown("POST", "/cases", bare, as: desk, status: 201)
            }
        }
    }

    @Test("页签的数：和页面一样", arguments: TestEngine.enabled)
    func counts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            _ = try await house.report(house.draft(), tenant)
            await house.deliver()
            try await withSite(house) { site in
                let resident = try await site.program(for: DemoResident.tenant)
                let mine = try await site.shown("GET", "/case-counts", as: resident)
                #expect(mine["desk"].names.isEmpty)
                for tab in MyCaseTab.allCases {
                    let list = try await site.whole("/cases?mine=\(tab.rawValue)", "cases", limit: 50, as: resident)
                    #expect(mine["mine"][tab.rawValue].text == "\(list.count)", "\(tab)")
                }
                #expect(mine["mine"]["open"].text != "0")
                let desk = try await site.program(for: .dispatcher)
                let counted = try await site.shown("GET", "/case-counts", as: desk)["desk"]
                for tab in CaseFilter.Tab.allCases {
                    let list = try await site.whole("/cases?tab=\(tab.rawValue)", "cases", limit: 50, as: desk)
                    #expect(counted[tab.rawValue].text == "\(list.count)", "\(tab)")
                }
                let administrator = try await site.program(for: .administrator)
                #expect(try await site.shown("GET", "/case-counts", as: administrator)["desk"].names.isEmpty)
                _ = try await site.shown("GET", "/case-counts", as: site.bare, status: 401)
            }
        }
    }

    @Test("表单能选什么，不用账号也问得到", arguments: TestEngine.enabled)
    func options(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let entrance = try await house.place("幸福里小区3号楼2单元")
            let building = try #require(entrance.parent)
            let company = try await house.unit("安居物业")
            try await withSite(house) { site in
                let shown = try await site.shown("GET", "/report-options?division=110101001901001", as: site.bare)
                let found = shown["places"].list.first { $0["id"].text == "\(entrance.id)" }
                #expect(found?["address"].text == entrance.address && found?["parent"].text == "\(building)")
                #expect(shown["community"].text.hasPrefix("110101001901"))
                #expect(shown["units"].list.contains { $0["id"].text == "\(company)" })
                let types = try await site.shown("GET", "/case-types", as: site.bare)["types"].list
                #expect(types.contains { $0["id"].text == "repair" } && !types.contains { $0["id"].text == "task" })
            }
        }
    }
}
