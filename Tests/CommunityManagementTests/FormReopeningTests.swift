import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// A round that is opened again starts from what it was handed in with, and later periods do not reach into it.
@Suite("报表重新打开：从交的时候的内容接着改，以后的期不填进来")
struct FormReopeningTests {
    /// A form with a column whose answers are of their own period alone.
    private struct Desk {
        let house: House
        let form: String
        let elder: ID<Person>

        init(_ house: House) async throws {
            try await house.emptyRegisters()
            (self.house, elder) = (house, try await house.enterElder())
            form = try await house.registerForm(["姓名", "意愿", "鞋码"], issuer: "区民政局", label: "")
            let columns = Form([
                ("version", "1"), ("source-0", "field:person.name"), ("source-1", "ask"), ("keeps-1", "0"),
                ("source-2", "ask"),
            ])
            try #require(
                try await house.send(form + "/columns", columns, try await house.context(.head))
                    == form + "?done=columns")
        }

        func open(_ period: String) async throws -> String {
            house.clock.advance(minutes: 5)
            let head = try await house.context(.head)
            return try #require(try await house.send(form + "/rounds", Form([("period", period)]), head))
        }

        func answer(_ round: String, _ values: [Int: String]) async throws {
            house.clock.advance(minutes: 5)
            let fields = values.sorted { $0.key < $1.key }.map { (name: "c-\(elder)-\($0.key)", value: $0.value) }
            let typed = try await house.cells(round, fields)
            let kept = try await house.send(round + "/answers", typed, try await house.context(.head))
            #expect(kept == round + "?done=answers")
        }

        func end(_ round: String, _ fields: [(String, String)] = [("minutes", "5")]) async throws -> String? {
            house.clock.advance(minutes: 5)
            return try await house.send(round + "/done", Form(fields), try await house.context(.head))
        }

        func file(_ round: String, earlier: Bool = false) async throws -> String {
            let fields = [("as", "csv")] + (earlier ? [("earlier", "yes")] : [])
            return try #require(
                try await house.send(round + "/file", Form(fields), try await house.context(.head)))
        }
    }

    @Test("原样再交，还是那一期的答案；重填一列再问一遍；改之前的那一份留着，十二月的不动", arguments: TestEngine.enabled)
    func starts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let desk = try await Desk(house)
            let november = try await desk.open("2026年11月")
            try await desk.answer(november, [1: "不肯", 2: "三十六"])
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            let december = try await desk.open("2026年12月")
            try await desk.answer(december, [1: "愿意"])
            #expect(try await desk.end(december) == desk.form + "?done=finish")

            #expect(try await desk.end(november, [("again", "yes")]) == november + "?done=reopen")
            let page = try await house.open(november, query: [], try await house.context(.head))
            #expect(page.contains("重新打开的一期") && page.contains("重新打开。"))
            #expect(try await desk.file(november).contains("张桂兰,不肯,三十六"))
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            #expect(try await desk.file(november).contains("张桂兰,不肯,三十六"))

            #expect(try await desk.end(november, [("again", "yes")]) == november + "?done=reopen")
            #expect(try await desk.end(november, [("refill", "1")]) == november + "?column=1&done=refill")
            let asked = try await house.open(november, query: [("column", "1")], try await house.context(.head))
            #expect(asked.contains("还是上次") && asked.contains("不肯") && !asked.contains("愿意\""))
            try await desk.answer(november, [1: "再想想"])
            #expect(try await desk.file(november).contains("张桂兰,再想想,三十六"))
            #expect(try await desk.file(november, earlier: true).contains("张桂兰,不肯,三十六"))
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            #expect(try await desk.file(november).contains("张桂兰,再想想,三十六"))
            #expect(try await desk.file(november, earlier: true).contains("张桂兰,不肯,三十六"))
            #expect(try await desk.file(december).contains("张桂兰,愿意,三十六"))

            let person = try #require(
                try await house.services.database.read { try RegisterQueries.person(desk.elder, $0) })
            let pieces = try await house.services.database.read { try FormsStore.handedIn(of: person, $0) }
            #expect(pieces.filter { $0.period == "2026年11月" }.map { $0.reopenedAt == nil } == [true, false, false])
            #expect(try await house.value("SELECT count(*) FROM demanded_reopening", as: Int.self) == 2)
        }
    }

    @Test("登记后来改了、人搬走了，重新打开的还是交的时候的；重填名单才按现在的", arguments: TestEngine.enabled)
    func registers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let desk = try await Desk(house)
            let november = try await desk.open("2026年11月")
            try await desk.answer(november, [1: "不肯"])
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            try await house.services.database.write(try await house.context(.head), "test.end") { tx in
                try tx.execute("UPDATE person SET valid_to = \(tx.now) WHERE id = \(desk.elder)")
                try tx.audit(Subject("person", desk.elder), fields: ["validTo"])
            }
            #expect(try await desk.end(november, [("again", "yes")]) == november + "?done=reopen")
            try await desk.answer(november, [2: "三十六"])
            #expect(try await desk.file(november).contains("张桂兰,不肯,三十六"))
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            #expect(try await desk.file(november).contains("张桂兰,不肯,三十六"))
            #expect(try await desk.end(november, [("again", "yes")]) == november + "?done=reopen")
            #expect(try await desk.end(november, [("refill", "-1")]) == november + "?done=refill")
            #expect(try await !desk.file(november).contains("张桂兰"))
        }
    }

    @Test("两期都开着：各填各的，后一期的只管那一期，先一期晚填也不动后一期", arguments: TestEngine.enabled)
    func both(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let desk = try await Desk(house)
            let november = try await desk.open("2026年11月")
            let december = try await desk.open("2026年12月")
            try await desk.answer(december, [1: "愿意"])
            #expect(try await desk.file(november).contains("张桂兰,,"), "an answer of a later period is none of this one")
            try await desk.answer(november, [1: "不肯"])
            #expect(try await desk.file(november).contains("张桂兰,不肯,"))
            #expect(try await desk.file(december).contains("张桂兰,愿意,"))
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            #expect(try await desk.file(november).contains("张桂兰,不肯,"))
            #expect(try await desk.file(december).contains("张桂兰,愿意,"))
        }
    }

    @Test("改回以前的一期：升级以前答的、后来答的不动，空着的重填也不拿来", arguments: TestEngine.enabled)
    func newerStays(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let desk = try await Desk(house)
            let october = try await desk.open("2026年10月")
            try await desk.answer(october, [1: "不肯"])
            #expect(try await desk.end(october) == desk.form + "?done=finish")
            let november = try await desk.open("2026年11月")
            try await desk.answer(november, [2: "三十六"])
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            let december = try await desk.open("2026年12月")
            try await desk.answer(december, [2: "三十七"])
            try await house.services.database.write(try await house.context(.head), "test.answers") { tx in
                try tx.execute("UPDATE demanded_answer SET round_id = NULL WHERE until_at IS NULL")
                try tx.audit(Subject("person", desk.elder), fields: ["answers"])
            }

            #expect(try await desk.end(november, [("again", "yes")]) == november + "?done=reopen")
            try await desk.answer(november, [2: "三十八"])
            #expect(try await desk.file(november).contains(",三十八"))
            #expect(try await desk.file(december).contains(",三十七"), "what was answered later stays")
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            // Handed in anew, it is still older than that.
            #expect(try await desk.end(november, [("again", "yes")]) == november + "?done=reopen")
            try await desk.answer(november, [2: "三十九"])
            #expect(try await desk.file(november).contains(",三十九"))
            #expect(try await desk.file(december).contains(",三十七"))

            #expect(try await desk.end(october, [("again", "yes")]) == october + "?done=reopen")
            #expect(try await desk.end(october, [("refill", "2")]) == october + "?column=2&done=refill")
            #expect(try await !desk.file(october).contains("三十"), "an answer of a later period is none of this one")
        }
    }

    @Test("搬到别的社区的人，改以前的一期不动那边看得到的答案", arguments: TestEngine.enabled)
    func movedAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let desk = try await Desk(house)
            let november = try await desk.open("2026年11月")
            try await desk.answer(november, [2: "三十六"])
            #expect(try await desk.end(november) == desk.form + "?done=finish")
            let grid = DemoDivision.locustGrid(1)
            try await house.services.database.write(try await house.context(.head), "test.move") { tx in
                try tx.execute(
                    """
                    UPDATE person SET division = \(grid), community = \(grid.ancestor(at: .community))
                    WHERE id = \(desk.elder)
                    """)
                try tx.audit(Subject("person", desk.elder), fields: ["division"])
            }
            let held: SQL = "SELECT id FROM demanded_answer WHERE until_at IS NULL"
            let before = try await house.value(held, as: Int64.self)
            #expect(try await desk.end(november, [("again", "yes")]) == november + "?done=reopen")
            try await desk.answer(november, [2: "三十八"])
            #expect(try await desk.file(november).contains(",三十八"))
            #expect(try await house.value(held, as: Int64.self) == before)
        }
    }
}
