import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// A sheet given again shows what it would change first, and a wrong one can be taken back.
@Suite("报表换表样：先看一眼，换错了换得回来")
struct FormRenewingTests {
    @Test("换错了表样：先看到会去掉什么；换回来，设置都回来，只管这一期的不填进下一期", arguments: TestEngine.enabled)
    func wrongSheet(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let commands = FormsCommands(house.services)
            let form = try await house.registerForm(["姓名", "意愿", "取暖方式"], issuer: "区民政局", label: "")
            let id = try #require(ID<DemandedForm>(String(form.split(separator: "/").last ?? "")))
            let chosen = Form([
                ("version", "1"), ("source-0", "field:person.name"), ("source-1", "ask"), ("keeps-1", "0"),
                ("source-2", "ask"), ("keeps-2", "92"), ("home-2", "1"),
            ])
            #expect(try await house.send(form + "/columns", chosen, head) == form + "?done=columns")
            let before = try await commands.find(id, head)
            let first = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            let typed = try await house.cells(first, [("c-\(elder)-1", "不愿意"), ("c-\(elder)-2", "煤改电")])
            #expect(try await house.send(first + "/answers", typed, head) == first + "?done=answers")
            func renew(_ table: String, sure: Bool) async throws -> String? {
                let version = try await commands.find(id, head).version
                let fields = [("version", "\(version)"), ("table", table)] + (sure ? [("sure", "yes")] : [])
                return try await house.send(form + "/layout", Form(fields), head)
            }
            let wrong = "姓名\t门牌颜色\t楼道灯"
            let seen = try #require(try await renew(wrong, sure: false))
            #expect(seen.contains("这份里没有的 2 列是设置过的") && seen.contains("只管这一期"))
            #expect(try await commands.find(id, head).columns == before.columns)
            let refused = try await house.refusal {
                let layout = FormLayout(above: [], heading: [["姓名"]], below: [], names: ["姓名"])
                try await commands.renew(id, layout, version: before.version, isSure: false, head)
            }
            #expect(refused == .conflict)
            #expect(try await renew(wrong, sure: true) == form + "?done=layout")
            #expect(try await renew("姓名\t意愿\t取暖方式", sure: false)?.contains("记得以前的设置") == true)
            #expect(try await renew("姓名\t意愿\t取暖方式", sure: true) == form + "?done=layout")
            #expect(try await commands.find(id, head).columns == before.columns)
            house.clock.set(house.clock.clock.now.adding(days: 31))
            let later = try await house.context(.head)
            let second = try #require(try await house.send(form + "/rounds", Form([("period", "12月")]), later))
            #expect(try await house.formRound(second).asked == 1, "the answer of its own period is asked again")
        }
    }
}
