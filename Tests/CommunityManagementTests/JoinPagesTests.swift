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
