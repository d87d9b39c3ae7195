import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import LinliWeb
import Testing

@testable import CommunityManagement

/// Staff who register a need for somebody add them to an open case that is about the same, by a page or by a program; a
/// program that has a code on a wall tells the place by it.
@Suite("把来电、来访的人加进同一件；接口认楼道码")
struct CallerJoiningTests {
    private func voices(_ lead: ID<Case>, _ house: House) async throws -> Int? {
        try await house.value("SELECT count(*) FROM case_item WHERE speaks_in = \(lead)", as: Int.self)
    }

    @Test("登记页、上报页：一按就加进去，不另立工单，编号和链接交给对方；同一个电话说清楚，填的还在", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var lamp = try await house.draft("广场东边的路灯不亮", category: "C0118", at: "幸福里小广场")
            lamp.spot = .street
            let lead = try await house.report(lamp, try await house.context(.tenant))
            let place = try await house.place("幸福里小广场")
            let worker = try await house.context(.worker)
            let words = "路灯坏了，夜里一片黑"
            let alone: SQL = "SELECT count(*) FROM case_item WHERE text = \(words) AND speaks_in IS NULL"
            let pages = [("/desk/new", "13912345601", "1203"), ("/grid/report", "13912345602", "1204")]
            for (index, (path, phone, flat)) in pages.enumerated() {
                let fields = [
                    (name: "text", value: words), (name: "place", value: "\(place.id)"),
                    (name: "spot", value: "street"), (name: "category", value: "C0118"),
                    (name: "nature", value: "suggestion"), (name: "name", value: "王女士"), (name: "phone", value: phone),
                    (name: "home", value: "3号楼2单元\(flat)"),
                ]
                let once = [(name: "once", value: "0123456789abcdef-\(index)")]
                let asked = try #require(try await house.send(path, Form(fields + once), worker))
                #expect(asked.contains("name=\"join\" value=\"\(lead)\""), "\(path)")
                #expect(asked.contains("id=\"home\"") && asked.contains("id=\"phone\""), "\(path)")
                let chosen = [(name: "similar", value: "seen"), (name: "join", value: "\(lead)")]
                let done = try #require(try await house.send(path, Form(fields + once + chosen), worker))
                #expect(done.contains("已加进去，一起办") && done.contains("/r/"), "\(path)")
                #expect(done.contains("把编号和时限念给对方") && done.contains("最迟"), "no deadline to read out: \(path)")
                #expect(try await voices(lead, house) == index + 1)
                let again = try #require(try await house.send(path, Form(fields + once + chosen), worker))
                #expect(again.contains("已加进去，一起办"), "sent again it is the same voice")
                #expect(try await voices(lead, house) == index + 1)
                let other = [(name: "once", value: "fedcba9876543210-\(index)")]
                let reply = try await house.reply(path, Form(fields + other + chosen), worker)
                #expect(reply.status == 409, "\(path)")
                let refused = try #require(try await house.send(path, Form(fields + other + chosen), worker))
                #expect(refused.contains("这个电话已经反映过这件事") && refused.contains(words), "\(path)")
                #expect(refused.contains("name=\"join\" value=\"\(lead)\"") && refused.contains(phone), "\(path)")
                let wrong = fields.filter { $0.name != "phone" } + [(name: "phone", value: "1391234")]
                let mended = try #require(try await house.send(path, Form(wrong + other + chosen), worker))
                #expect(mended.contains("id=\"phone-error\"") && mended.contains("value=\"1391234\""), "\(path)")
            }
            #expect(try await house.value(alone, as: Int.self) == 0)
            // A phone that was without a network sends later: nobody is there to answer. Its page is there, and is asked.
            let sent = Form(
                [
                    ("text", words + "，晚上报的"), ("place", "\(place.id)"), ("spot", "street"), ("category", "C0118"),
                    ("nature", "suggestion"),
                ].map { (name: $0.0, value: $0.1) })
            let here = try await house.reply(
                "/grid/report", Form(sent.fields + [(name: "here", value: "yes")]), key: "a-key-of-a-phone-here", worker
            )
            #expect(here.status == 422)
            let later = try await house.reply("/grid/report", sent, key: "a-key-of-a-phone-later", worker)
            #expect(later.status == 201)
            let count = try await house.services.database.read { try VoiceCount.of([lead], $0)[lead] }
            #expect(count?.households == 2 && count?.unknown == 1)
            let desk = try await house.open(CasePath.desk(lead), query: [], try await house.context(.dispatcher))
            #expect(desk.contains("2 户反映，另有 1 人没留门牌"))
            #expect(desk.contains("代登：\(worker.actor.name)"), "who wrote it down")
            let own = try await house.open(CasePath.resident(lead), query: [], try await house.context(.tenant))
            #expect(!own.isEmpty && !own.contains("代登"), "that is for staff")
        }
    }

    @Test("群里粘来：先问是不是同一件，一按就把说话的人加进去，别的草稿还在", arguments: TestEngine.enabled)
    func chats(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var lamp = try await house.draft("广场东边的路灯不亮", category: "C0118", at: "幸福里小广场")
            lamp.spot = .street
            let lead = try await house.report(lamp, try await house.context(.tenant))
            let place = try await house.place("幸福里小广场")
            let worker = try await house.context(.worker)
            let (path, words) = ("/desk/paste/register", "路灯不亮")
            let fields = [
                (name: "once", value: "0123456789abcdefg"), (name: "take-0", value: "yes"),
                (name: "words-0", value: words), (name: "speaker-0", value: "李四"),
                (name: "place-0", value: "\(place.id)"), (name: "category-0", value: "C0118"),
                (name: "words-1", value: "这条先不登记"),
            ]
            let told: SQL = "SELECT count(*) FROM case_item WHERE text = \(words) AND speaks_in IS NULL"
            #expect(try await house.reply(path, Form(fields), worker).status == 422)
            let asked = try #require(try await house.send(path, Form(fields), worker))
            #expect(asked.contains("先看看是不是同一件") && asked.contains("name=\"join\" value=\"0:\(lead)\""))
            #expect(asked.contains("name=\"similar-0\" value=\"\(lead)\"") && asked.contains("id=\"home-0\""))
            #expect(try await house.value(told, as: Int.self) == 0)
            let pressed = [(name: "join", value: "0:\(lead)"), (name: "home-0", value: "3号楼2单元1203")]
            let added = try #require(try await house.send(path, Form(fields + pressed), worker))
            #expect(added.contains("已加进去，一起办") && added.contains("这条先不登记") && !added.contains("words-0"))
            let again = try #require(try await house.send(path, Form(fields + pressed), worker))
            #expect(again.contains("已加进去，一起办"), "sent again it is the same voice")
            #expect(try await voices(lead, house) == 1)
            let found: SQL = "SELECT id FROM case_item WHERE speaks_in = \(lead)"
            let voice = try #require(try await house.value(found, as: ID<Case>.self))
            let item = try await house.services.queries.view(voice, worker).item
            #expect(item.source == .staff && item.reporter == nil)
            let count = try await house.services.database.read { try VoiceCount.of([lead], $0)[lead] }
            #expect(count?.households == 1 && count?.unknown == 1)
            // Another that was seen beside it is registered.
            let other = fields.filter { $0.name != "once" } + [(name: "once", value: "gfedcba9876543210")]
            let seen = other + [(name: "similar-0", value: "\(lead)")]
            let done = try #require(try await house.send(path, Form(seen), worker))
            #expect(done.contains("已登记"))
            #expect(try await house.value(told, as: Int.self) == 1)
        }
    }

    @Test("接口：工作人员加来电的人，看得到、能代登的都行；别人的社区、同一个电话不行", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lift = try await house.services.commands.report(
                try await house.draft(), try await house.context(.tenant))
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let body =
                    #"{"number":"\#(lift.number)","text":"电梯又停了","reporterName":"王芳","reporterPhone":"13912345603","#
                    + #""onBehalf":"王奶奶","home":"3号楼2单元1203"}"#
                let voice = try await site.shown("POST", "/joins", body, as: dispatcher, status: 201)
                let id = try #require(ID<Case>(voice["id"].text))
                let item = try await house.services.queries.view(id, try await house.context(.dispatcher)).item
                #expect(item.state == "merged" && item.source == .staff && item.isOnBehalf && item.reporter == nil)
                #expect(!voice["receipt"].text.isEmpty)
                _ = try await site.shown("POST", "/joins", body, as: dispatcher, status: 409)
                let elsewhere = try await site.program(for: .locustWorker)
                _ = try await site.shown("POST", "/joins", body, as: elsewhere, status: 404)
                _ = try await site.shown("POST", "/joins", body, as: site.bare, status: 422)
                let whole = try await site.shown("GET", "/cases/\(lift.id)", as: dispatcher)
                #expect(whole["homes"].text == "1" && whole["withoutDoor"].text == "1")
            }
            #expect(try await voices(lift.id, house) == 1)
        }
    }

    @Test("接口：楼道码说明在哪里；没有的、作废的、和别的地点一起给的说清楚", arguments: TestEngine.enabled)
    func wallCode(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = WallCodesCommands(database: house.services.database)
            let staff = try await house.context(.worker)
            let place = try await house.place("幸福里小区3号楼2单元")
            let other = try await house.place("幸福里小广场")
            let wall = try await commands.make(place.id, note: "1层电梯口", staff)
            let code: String = try await house.value("SELECT code FROM wall_code WHERE id = \(wall)") ?? ""
            func told(_ code: String, _ more: String = "") -> String {
                #"{"text":"楼道灯坏了","category":"R0104","wallCode":"\#(code)"\#(more)}"#
            }
            try await withSite(house) { site in
                for link in [code, "https://example.org/q/\(code)"] {
                    let same = #","place":"\#(place.id)""#
                    let taken = try await site.shown("POST", "/cases", told(link, same), as: site.bare, status: 201)
                    let id = try #require(ID<Case>(taken["id"].text))
                    let item = try await house.services.queries.view(id, house.holder(of: id)).item
                    #expect(item.place == place.id && item.location == "1层电梯口" && item.division == place.division)
                }
                _ = try await site.shown("POST", "/cases", told("zzzzzzzz"), as: site.bare, status: 422)
                _ = try await site.shown("POST", "/cases", told(""), as: site.bare, status: 422)
                let apart = told(code, #","place":"\#(other.id)""#)
                _ = try await site.shown("POST", "/cases", apart, as: site.bare, status: 422)
                try await commands.revoke(wall, staff)
                _ = try await site.shown("POST", "/cases", told(code), as: site.bare, status: 422)
            }
        }
    }
}
