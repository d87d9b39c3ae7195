import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Correcting where a case lies on its page and by a program.
@Suite("更正地点的页面和接口")
struct CasePlacePagesTests {
    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    @Test("页面：新旧并排，错的说清楚，打的字还在；单位管不到的地方提示改派", arguments: TestEngine.enabled)
    func page(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let dispatcher = try await house.context(.dispatcher)
            let path = "/desk/cases/\(id)/place"
            let desk = try await house.open("/desk/cases/\(id)", query: [], dispatcher)
            #expect(desk.contains("href=\"\(path)\"") && !desk.contains("服务范围"))
            let page = try await house.open(path, query: [], dispatcher)
            #expect(page.contains("现在登记的") && page.contains("幸福里小区3号楼2单元") && page.contains("换一片"))
            let park = try await house.place("槐荫口袋公园")
            #expect(!page.contains("\(park.id)"), "places of the own community first")
            let other = try await house.open(path, query: [("area", "\(DemoDivision.locust)")], dispatcher)
            #expect(other.contains("\(park.id)"))
            let looked = try await house.send(
                path, form([("look", "1"), ("area", "\(DemoDivision.locust)"), ("location", "东门外"), ("text", "记错了")]),
                dispatcher)
            #expect(looked?.contains("\(park.id)") == true && looked?.contains("value=\"东门外\"") == true)
            #expect(looked?.contains(">记错了</textarea>") == true, "what was typed stays")
            let empty = try await house.send(path, form([("place", "\(park.id)"), ("location", "东门外")]), dispatcher)
            #expect(empty?.contains("请写明理由") == true && empty?.contains("value=\"东门外\"") == true)
            for (name, value, words) in [
                ("place", "nonsense", "请从列表里选地点"), ("division", "abc", "请从列表里选是哪里"), ("lat", "北", "坐标要写两个数"),
            ] {
                let sent = try await house.send(path, form([(name, value), ("text", "错了")]), dispatcher)
                #expect(sent?.contains(words) == true, "\(name)")
            }
            let nowhere = form([("division", "\(DemoDivision.grid(1))"), ("lat", "0"), ("lon", "0"), ("text", "错了")])
            #expect(try await house.send(path, nowhere, dispatcher)?.contains("坐标不在所选的地方") == true)
            let head = try await house.context(.head)
            let right = form([("place", "\(park.id)"), ("location", "东门外"), ("text", "记错了")])
            #expect(try await house.send(path, right, head)?.contains("不归您派单") == true)
            #expect(try await house.send(path, right, try await house.context(.waterHandler)) == nil)
            #expect(try await house.send(path, right, dispatcher)?.hasSuffix("?done=place") == true)
            let after = try await house.open("/desk/cases/\(id)", query: [("done", "place")], dispatcher)
            #expect(after.contains("地点已更正") && after.contains("更正为“槐荫口袋公园 东门外"))
            #expect(after.contains("不在“安居物业”的服务范围") && after.contains("用下面的“派单”"))
            let own = try await house.open("/cases/\(id)", query: [], try await house.context(.tenant))
            #expect(own.contains("更正了地点") && own.contains("更正为“槐荫口袋公园 东门外"))
        }
    }

    @Test("接口：和页面一个规矩；坐标要成对，理由不能少", arguments: TestEngine.enabled)
    func program(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let square = try await house.place("幸福里小广场")
            try await withSite(house) { site in
                let path = "/cases/\(id)/place"
                let right = #"{"place":"\#(square.id)","location":"滑梯旁","text":"现场看过"}"#
                let water = try await site.program(for: .waterHandler)
                _ = try await site.shown("PUT", path, right, as: water, status: 404)
                let dispatcher = try await site.program(for: .dispatcher)
                _ = try await site.shown("PUT", path, #"{"place":"\#(square.id)"}"#, as: dispatcher, status: 422)
                let half = #"{"division":"110101001901","latitude":39.9147,"text":"看过"}"#
                let refused = try await site.shown("PUT", path, half, as: dispatcher, status: 422)
                #expect(refused["fields"].list.first?["name"].text == "longitude")
                let shown = try await site.shown("PUT", path, right, as: dispatcher)
                #expect(shown["division"].text == "\(square.division)" && shown["place"].text == "幸福里小广场 滑梯旁")
            }
        }
    }

    @Test("关注的人：改走的不再提，改来的读得到", arguments: TestEngine.enabled)
    func following(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (here, there) = (try await house.context(.nurse as DemoResident), try await house.context(.youngMother))
            _ = try await house.send("/neighbourhood/following", form([("area", "\(DemoDivision.happiness)")]), here)
            _ = try await house.send("/neighbourhood/following", form([("area", "\(DemoDivision.locust)")]), there)
            var draft = try await house.draft("路灯不亮", category: "C0118", at: "幸福里小广场")
            (draft.spot, draft.isWilling) = (.street, true)
            let id = try await house.report(draft, try await house.context(.tenant))
            let clearing = Clearing(title: "悄悄话题", text: "灯", address: "")
            try await house.services.commands.publish(clearing, of: id, try await house.context(.head))
            await house.deliver()
            func reads(_ context: Context) async throws -> Bool {
                try await house.open("/neighbourhood/following", query: [], context).contains("悄悄话题")
            }
            #expect(try await reads(here))
            #expect(try await !reads(there))
            let park = try await house.place("槐荫口袋公园")
            try await house.services.commands.setPlace(
                CasePlaceDraft(place: park.id, reason: "看了照片"), of: id, try await house.context(.dispatcher))
            await house.deliver()
            #expect(try await !reads(here))
            #expect(try await reads(there))
        }
    }
}
