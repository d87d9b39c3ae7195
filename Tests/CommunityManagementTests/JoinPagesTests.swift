import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The page of joining what others told.
@Suite("我也遇到了的页面")
struct JoinPagesTests {
    private func lamp(_ house: House) async throws -> (id: ID<Case>, number: String) {
        var draft = try await house.draft("广场东边的路灯不亮", category: "C0118", at: "幸福里小广场")
        draft.spot = .street
        let taken = try await house.services.commands.report(draft, try await house.context(.tenant))
        return (taken.id, taken.number)
    }

    private func count(_ lead: ID<Case>, _ house: House) async throws -> Int? {
        try await house.value("SELECT count(*) FROM case_item WHERE speaks_in = \(lead)", as: Int.self)
    }

    @Test("平常的话不会被当成投诉挡住：最多问一句，答了就并进去", arguments: TestEngine.enabled)
    func ordinaryWords(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await lamp(house)
            let words = ["每天都这样", "再说一次", "又来说"]
            for text in words {
                let form = [(name: "text", value: text)]
                var answer = try #require(try await house.send("/join/\(lead.number)", Form(form), house.visitor))
                if !answer.hasPrefix("/r/") {
                    #expect(answer.contains("name=\"wish\" value=\"add\"") && answer.contains(text), "\(text)")
                    let sure = form + [(name: "wish", value: "add")]
                    answer = try #require(try await house.send("/join/\(lead.number)", Form(sure), house.visitor))
                }
                #expect(answer.hasPrefix("/r/"), "\(text)")
            }
            #expect(try await count(lead.id, house) == words.count)
        }
    }

    @Test("像是自己要投诉的先问：单独反映，写的都带过去；只是补充就一起反映", arguments: TestEngine.enabled)
    func ownComplaint(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await lamp(house)
            let place = try await house.place("幸福里小广场")
            let path = "/join/\(lead.number)"
            let fields = [
                (name: "text", value: "黑了半个月，给谁说都没有用"), (name: "nature", value: "complaint"),
                (name: "place", value: "\(place.id)"), (name: "location", value: "滑梯旁"),
                (name: "disclosure", value: "named"), (name: "phone", value: "13900001234"),
            ]
            let asked = try #require(try await house.send(path, Form(fields), house.visitor))
            #expect(asked.contains("还没提交") && asked.contains("value=\"own\"") && asked.contains("value=\"add\""))
            #expect(asked.contains("给谁说都没有用") && asked.contains("滑梯旁") && asked.contains("13900001234"))
            #expect(asked.contains("name=\"place\" value=\"\(place.id)\""))
            #expect(try await count(lead.id, house) == 0)
            let own = try #require(
                try await house.send(path, Form(fields + [(name: "wish", value: "own")]), house.visitor))
            #expect(own.contains("action=\"/report\"") && own.contains("给谁说都没有用") && own.contains("滑梯旁"))
            #expect(try await count(lead.id, house) == 0)
            let added = try #require(
                try await house.send(path, Form(fields + [(name: "wish", value: "add")]), house.visitor))
            #expect(added.hasPrefix("/r/"))
            #expect(try await count(lead.id, house) == 1)
        }
    }

    @Test("自己反映过的：说明已经反映过、带去自己那件，不让再加入，匿名也不行", arguments: TestEngine.enabled)
    func own(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await lamp(house)
            let (path, link) = ("/join/\(lead.number)", "href=\"\(CasePath.resident(lead.id))\"")
            let place = try await house.place("幸福里小广场")
            let (tenant, mother) = (try await house.context(.tenant), try await house.context(.youngMother))
            let query = [("category", "street"), ("place", "\(place.id)")]
            let mine = try await house.open("/report/similar", query: query, tenant)
            #expect(mine.contains("您已经反映过") && mine.contains(link) && !mine.contains("formaction=\"\(path)\""))
            let theirs = try await house.open("/report/similar", query: query, mother)
            #expect(theirs.contains("formaction=\"\(path)\"") && !theirs.contains("您已经反映过"))
            let asked = [("category", "C0118"), ("place", "\(place.id)")]
            #expect(try await house.open("/api/v1/similar", query: asked, tenant).contains("\"own\":\"\(lead.id)\""))
            #expect(try await !house.open("/api/v1/similar", query: asked, mother).contains("\"own\""))
            let shown = try await house.open(path, query: [], tenant)
            #expect(shown.contains("这件事您已经反映过了") && shown.contains(link) && !shown.contains("一起反映</button>"))
            for disclosure in Disclosure.allCases {
                let form = Form([
                    (name: "text", value: "夜里还是一片黑"), (name: "wish", value: "add"),
                    (name: "disclosure", value: disclosure.rawValue),
                ])
                let reply = try await house.reply(path, form, tenant)
                #expect(reply.status == 409, "\(disclosure)")
                let refused = try #require(try await house.send(path, form, tenant))
                #expect(refused.contains(link) && refused.contains("夜里还是一片黑"), "what was typed can be added there")
            }
            #expect(try await count(lead.id, house) == 0)
            var draft = try await house.draft("夜里还是一片黑", category: "C0118", at: "幸福里小广场")
            (draft.spot, draft.disclosure) = (.street, .anonymous)
            let ready = draft
            let kind = try await house.refusal {
                _ = try await house.services.commands.join(lead.number, ready, tenant)
            }
            #expect(kind == .conflict)
            // Who joined has a case of their own in it.
            let form = Form([(name: "text", value: "我家门口也黑"), (name: "wish", value: "add")])
            #expect(try await house.send(path, form, mother)?.hasPrefix("/r/") == true)
            let voice = try #require(
                try await house.value("SELECT id FROM case_item WHERE speaks_in = \(lead.id)", as: ID<Case>.self))
            let again = try await house.open("/report/similar", query: query, mother)
            #expect(again.contains("href=\"\(CasePath.resident(voice))\"") && !again.contains("formaction=\"\(path)\""))
        }
    }

    @Test("脚本没列出来的，提交时照样问；列出来过的不再问；等有网再发的不问", arguments: TestEngine.enabled)
    func asked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await lamp(house)
            let place = try await house.place("幸福里小广场")
            let mother = try await house.context(.youngMother)
            let fields = [
                (name: "text", value: "路灯坏了，夜里一片黑"), (name: "place", value: "\(place.id)"),
                (name: "spot", value: "street"), (name: "nature", value: "suggestion"),
            ]
            let here = fields + [(name: "here", value: "yes")]
            // A script that shows no list, one from before that only says it is one, and one that showed another case.
            for shown in [nil, "script", "SJ20200101-0001"] {
                let form = Form(here + (shown.map { [(name: "similar", value: $0)] } ?? []))
                let reply = try await house.reply("/report", form, key: "a-key-of-a-script-1", mother)
                #expect(reply.status == 422, "\(shown ?? "none")")
            }
            let page = try #require(try await house.send("/report", Form(fields), mother))
            #expect(page.contains("还没提交") && page.contains("formaction=\"/join/\(lead.number)\""))
            let query = [("text", "路灯坏了，夜里一片黑"), ("place", "\(place.id)")]
            let list = try await house.open("/report/similar", query: query, mother)
            #expect(list.contains("name=\"similar\" value=\"\(lead.number)\""), "the words say what it is")
            let seen = Form(here + [(name: "similar", value: lead.number)])
            #expect(try await house.reply("/report", seen, key: "a-key-of-a-script-2", mother).status == 201)
            // Sent when the network is back: nobody is there to answer.
            #expect(try await house.reply("/report", Form(fields), key: "a-key-of-a-script-3", mother).status == 201)
        }
    }

    @Test("选了“街上、公共设施”，话里说的是路灯：路灯排前面，别的设施挤不掉", arguments: TestEngine.enabled)
    func streetKind(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            for _ in 1...3 {
                var hole = try await house.draft("路面坏了一块", category: "E0110", at: "幸福里小广场")
                hole.spot = .street
                _ = try await house.report(hole, try await house.context(.tenant))
            }
            let lead = try await lamp(house)
            _ = try await house.services.database.system { tx in
                try tx.execute("UPDATE case_item SET due_at = due_at + 864000000 WHERE id = \(lead.id)")
            }
            let place = try await house.place("幸福里小广场")
            let query = [("category", "street"), ("place", "\(place.id)"), ("text", "路灯不亮，夜里一片黑")]
            let list = try await house.open("/report/similar", query: query, try await house.context(.youngMother))
            #expect(list.contains("formaction=\"/join/\(lead.number)\""))
        }
    }

    @Test("门牌：账号关联了住址的不问，没有的在哪里点“我也遇到了”都能留", arguments: TestEngine.enabled)
    func doors(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            let lead = try await lamp(house)
            let place = try await house.place("幸福里小广场")
            let (elder, mother) = (try await house.context(.elderAlone), try await house.context(.youngMother))
            let query = [("category", "street"), ("place", "\(place.id)")]
            for path in ["/report/similar", "/join/\(lead.number)"] {
                let asked = try await house.open(path, query: query, mother)
                #expect(asked.contains("name=\"home\""), "\(path)")
                let known = try await house.open(path, query: query, elder)
                #expect(known.contains(lead.number) && !known.contains("name=\"home\""), "\(path)")
            }
            let page = try await house.open("/join/\(lead.number)", query: [], elder)
            #expect(page.contains("您账号关联的住址会用来数有几户反映"))
            let form = Form([(name: "text", value: "夜里看不见"), (name: "home", value: "5号楼1单元801")])
            #expect(try await house.send("/join/\(lead.number)", form, mother)?.hasPrefix("/r/") == true)
            let again = Form([(name: "text", value: "不敢出门")])
            #expect(try await house.send("/join/\(lead.number)", again, elder)?.hasPrefix("/r/") == true)
            let count = try await house.services.database.read { try VoiceCount.of([lead.id], $0)[lead.id] }
            #expect(count?.households == 2 && count?.unknown == 1)
        }
    }

    @Test("别人说没解决，不说成“您说”，也不露一个字", arguments: TestEngine.enabled)
    func contestOnPages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await lamp(house)
            let property = try await house.unit("安居物业")
            try await house.take(CaseStep("dispatch", unit: property), lead.id, house.context(.dispatcher))
            var draft = try await house.draft("晚上看不见路", category: "C0118", at: "幸福里小广场")
            draft.spot = .street
            let second = try await house.context(.youngMother)
            let voice = try await house.services.commands.join(lead.number, draft, second)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), lead.id, handler)
            try await house.take(CaseStep("finish", text: "换了灯泡"), lead.id, handler)
            try await house.take(CaseStep("contest", text: "我家1203窗口看还是黑的"), voice.id, second)
            let theirs = try await house.open(CasePath.resident(lead.id), query: [], house.context(.tenant))
            #expect(theirs.contains("一位反映人说没解决") && !theirs.contains("1203"))
            #expect(!theirs.contains("您说没解决") && theirs.contains("反映这件事的人里有人说没解决，正在重新安排谁来办"))
            let own = try await house.open(CasePath.resident(voice.id), query: [], second)
            #expect(own.contains("您说没解决") && own.contains("我家1203窗口看还是黑的"))
            #expect(own.contains("您说没解决，正在重新安排谁来办"))
            let desk = try await house.open(CasePath.desk(lead.id), query: [], house.context(.dispatcher))
            #expect(desk.contains("一起反映的人，\(voice.number)") && desk.contains("我家1203窗口看还是黑的"))
            // As it was kept before it was kept whose step it was.
            _ = try await house.services.database.system { tx in
                try tx.execute(
                    """
                    UPDATE case_entry SET said_in = NULL, is_unattributed = 1, text = '旧话1203'
                    WHERE case_id = \(lead.id) AND transition = 'contest'
                    """
                )
            }
            let old = try await house.open(CasePath.desk(lead.id), query: [], house.context(.dispatcher))
            #expect(old.contains("反映人中的一位，当时没有记下是谁") && old.contains("旧话1203"))
            let first = try await house.open(CasePath.resident(lead.id), query: [], house.context(.tenant))
            #expect(first.contains("一位反映人说没解决") && !first.contains("旧话1203") && !first.contains("您说没解决"))
        }
    }
}
