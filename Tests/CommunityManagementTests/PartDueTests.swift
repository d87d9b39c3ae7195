import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// A part with a date that who leads sets, on the page and by the API.
@Suite("协办定时间")
struct PartDueTests {
    private func led(_ house: House) async throws -> ID<Case> {
        let draft = try await house.draft("楼道灯不亮", category: "R0104")
        let id = try await house.report(draft, try await house.context(.tenant))
        try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
        return id
    }

    private func parts(_ id: ID<Case>, _ house: House) async throws -> [CaseRow] {
        try await house.services.queries.view(id, house.context(.propertyHandler)).parts
    }

    @Test("页面：填了就是它的时限，填错留着写的；协办单位看得到", arguments: TestEngine.enabled)
    func page(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await led(house)
            let handler = try await house.context(.propertyHandler)
            let unit = try await house.unit("城东供电服务站")
            #expect(try await house.open("/desk/cases/\(id)", query: [], handler).contains("id=\"part-due\""))
            func send(_ due: String) async throws -> String {
                let form = Form([("unit", "\(unit)"), ("text", "请查线路"), ("required", "yes"), ("dueAt", due)])
                return try await house.send("/desk/cases/\(id)/part", form, handler) ?? ""
            }
            for (due, words) in [
                ("2026-13-45T99:00", "请写一个有的日期和时间"), ("2026-11-21T10:00", "办结时间要在现在以后"),
                ("2027-11-21T10:00", "要在这件工单的时限以内"),
            ] {
                let refused = try await send(due)
                #expect(refused.contains(words) && refused.contains("value=\"\(due)\"") && refused.contains("请查线路"))
            }
            #expect(try await parts(id, house).isEmpty)
            _ = try await send("2026-11-23T18:00")
            let task = try #require(try await parts(id, house).first)
            let helper = try await house.context(.powerHandler)
            let seen = try await house.open("/desk/cases/\(task.id)", query: [], helper)
            let due = Instant(CivilDate(year: 2026, month: 11, day: 23) ?? House.start.date, hour: 18)
            #expect(seen.contains("主办要求 \(due.dayAndTime(at: house.clock.clock.now).zh) 前办完"))
            _ = try await house.send("/desk/cases/\(task.id)/accept", Form(), helper)
            #expect(try await house.services.queries.view(task.id, helper).item.dueAt == due)
        }
    }

    @Test("接口：dueAt 一样管用，晚了点名", arguments: TestEngine.enabled)
    func api(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await led(house)
            let unit = try await house.unit("城东供电服务站")
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                func body(_ due: String) -> String {
                    #"{"unit":"\#(unit)","text":"请查线路","required":false,"dueAt":"\#(due)"}"#
                }
                for late in ["2027-01-01T10:00:00+08:00", "2026-11-01T10:00:00+08:00"] {
                    let refused = try await site.shown(
                        "POST", "/cases/\(id)/parts", body(late), as: handler, status: 422)
                    #expect(refused["fields"].list.map { $0["name"].text } == ["dueAt"])
                }
                let due = "2026-11-23T18:00:00+08:00"
                let made = try await site.shown("POST", "/cases/\(id)/parts", body(due), as: handler, status: 201)
                let part = try #require(made["parts"].list.first?["id"].text)
                let shown = try await site.shown(
                    "GET", "/cases/\(part)", as: try await site.program(for: .powerHandler))
                #expect(shown["dueBy"].text == due)
            }
        }
    }

    @Test("协办的页面写明主办是哪一件、谁指派的；主办超了时限，改不了时间的说清楚", arguments: TestEngine.enabled)
    func whole(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await led(house)
            let lead = try await house.context(.propertyHandler)
            let number = try await house.services.queries.view(id, lead).item.number
            let draft = CasePartDraft(unit: try await house.unit("城东供电服务站"), text: "请查线路")
            let part = try await house.services.commands.addPart(draft, to: id, lead).id
            let path = "/desk/cases/\(part)"
            // Who does a part may not read the whole: they learn its number.
            let helper = try await house.open(path, query: [], house.context(.powerHandler))
            #expect(helper.contains("主办工单") && helper.contains(number) && !helper.contains("/desk/cases/\(id)"))
            #expect(helper.contains("由\(lead.actor.name)指派") && !helper.contains("由调度员指派"))
            let centre = try await house.open(path, query: [], house.context(.dispatcher))
            // Once, as the whole: it is no other case nearby.
            #expect(centre.split(separator: "/desk/cases/\(id)\"").count == 2)
            #expect(try await house.open(path, query: [], lead).contains("id=\"date-due\""))
            house.clock.advance(minutes: 40 * 1440)
            let late = try await house.open(path, query: [], house.context(.propertyHandler))
            #expect(late.contains("主办工单已超时") && !late.contains("id=\"date-due\""))
            let own = try await house.open("/desk/cases/\(id)", query: [], house.context(.propertyHandler))
            #expect(own.contains("这件工单已超时") && !own.contains("id=\"part-due\""))
        }
    }

    @Test("地址说过的，地点里不再说一遍")
    func places() {
        let address = "幸福里小区3号楼2单元"
        for (location, words) in [
            ("", address), (address, address), ("3号楼2单元", address), (address + "门口", address + "门口"),
            ("楼道", address + " 楼道"),
        ] {
            #expect(CaseRecord.whereabouts(address, location) == words, "\(location)")
        }
        #expect(CaseRecord.whereabouts("", "楼道") == "楼道")
    }

    @Test("改时间：主办的页面和接口都能改，要写为什么；协办单位在自己的页面看到，自己不能改", arguments: TestEngine.enabled)
    func moved(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await led(house)
            let (lead, helper) = (try await house.context(.propertyHandler), try await house.context(.powerHandler))
            let draft = CasePartDraft(unit: try await house.unit("城东供电服务站"), text: "请查线路")
            let part = try await house.services.commands.addPart(draft, to: id, lead).id
            let path = "/desk/cases/\(part)"
            func due() async throws -> String? {
                try await house.services.queries.view(part, helper).dueBy?.iso8601
            }
            #expect(try await house.open(path, query: [], lead).contains("id=\"date-due\""))
            #expect(try await !house.open(path, query: [], helper).contains("id=\"date-due\""))
            let day = "2026-11-24T18:00"
            let empty = try await house.send(path + "/date", Form([("dueAt", day), ("text", " ")]), lead)
            #expect(empty?.contains("请写明为什么改") == true)
            #expect(empty?.contains("value=\"\(day)\"") == true)
            let wrong = try await house.send(path + "/date", Form([("dueAt", "2026-13-45"), ("text", "x")]), lead)
            #expect(wrong?.contains("请写一个有的日期和时间") == true)
            #expect(try await due() == nil)
            let form = Form([("dueAt", "2026-11-24T18:00"), ("text", "等住户在家")])
            #expect(try await house.send(path + "/date", form, helper) == nil, "not theirs to move")
            #expect(try await house.send(path + "/date", form, lead)?.contains("请写") == false)
            #expect(try await due() == "2026-11-24T18:00:00+08:00")
            let seen = try await house.open(path, query: [], helper)
            #expect(seen.contains("改了协办的办结时间") && seen.contains("等住户在家"))
            try await withSite(house) { site in
                let body = #"{"dueAt":"2026-11-25T09:00:00+08:00","text":"配件晚到"}"#
                let handler = try await site.program(for: .propertyHandler)
                let answer = try await site.shown("PUT", "/cases/\(part)/date", body, as: handler)
                #expect(answer["dueBy"].text == "2026-11-25T09:00:00+08:00")
                let other = try await site.program(for: .powerHandler)
                _ = try await site.shown("PUT", "/cases/\(part)/date", body, as: other, status: 403)
                _ = try await site.shown("PUT", "/cases/\(id)/date", body, as: handler, status: 409)
                let late = body.replacing("2026-11-25", with: "2027-11-25")
                let refused = try await site.shown("PUT", "/cases/\(part)/date", late, as: handler, status: 422)
                #expect(refused["fields"].list.map { $0["name"].text } == ["dueAt"])
            }
        }
    }
}
