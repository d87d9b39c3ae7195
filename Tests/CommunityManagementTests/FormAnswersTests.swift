import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What is asked, what counts as answered and for how long.
@Suite("报表：不知道的才问，答过的算数多久")
struct FormAnswersTests {
    @Test("没登记的低保不写“否”，要问；知道名单是全的，可以选空着就是“否”", arguments: TestEngine.enabled)
    func unknown(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await house.registerForm(["姓名", "是否低保", "独居老人", "失能老人"], issuer: "区民政局")
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            func row() async throws -> String {
                let file = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
                return try #require(file.split(separator: "\r\n").map(String.init).first { $0.hasPrefix("张桂兰") })
            }
            // She is known to live alone; of the allowance and of her ability nobody said anything.
            #expect(try await row() == "张桂兰,,是,")
            let page = try await house.open(round, query: [], head)
            #expect(page.contains("name=\"c-\(elder)-1\"") && page.contains("name=\"c-\(elder)-3\""))
            #expect(!page.contains("name=\"c-\(elder)-2\""))
            let chosen = Form([
                ("version", "1"), ("source-1", "field:person.isLowIncome"), ("missing-1", "no"), ("keeps-1", ""),
            ])
            #expect(try await house.send(form + "/columns", chosen, head) == form + "?done=columns")
            #expect(try await row() == "张桂兰,否,是,")
            // A program or page that says nothing chooses nothing.
            let silent = Form([("version", "2"), ("source-1", "field:person.isLowIncome")])
            #expect(try await house.send(form + "/columns", silent, head) == form + "?done=columns")
            #expect(try await row() == "张桂兰,,是,")
        }
    }

    @Test("答案管多久由列说：过了就再问，上次的摆出来，一点就还是它；看见上次的答案要留痕", arguments: TestEngine.enabled)
    func before(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await house.registerForm(["姓名", "鞋码", "取暖方式"], issuer: "区民政局")
            let columns = Form([
                ("version", "1"), ("source-1", "ask"), ("keeps-1", "0"), ("source-2", "ask"), ("keeps-2", "366"),
            ])
            #expect(try await house.send(form + "/columns", columns, head) == form + "?done=columns")
            let first = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            let typed = try await house.cells(first, [("c-\(elder)-1", "三十七"), ("c-\(elder)-2", "集中供暖")])
            #expect(try await house.send(first + "/answers", typed, head) == first + "?done=answers")
            #expect(try await house.open(first, query: [], head).contains("都填好了"), "it counts in its own period")
            house.clock.set(house.clock.clock.now.adding(days: 31))
            let later = try await house.context(.head)
            let second = try #require(try await house.send(form + "/rounds", Form([("period", "12月")]), later))
            let page = try await house.open(second, query: [("column", "1")], later)
            #expect(page.contains("还是上次") && page.contains("三十七") && page.contains("again-1"))
            #expect(!page.contains("name=\"c-\(elder)-2\""), "heating holds for a year")
            let subject = RegisterSubject(.person, elder)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.first?.command == "registers.read" && readings.first?.purpose == .report)
            let again = try await house.cells(second, [("column", "1"), ("c-\(elder)-1", ""), ("k-\(elder)-1", "1")])
            #expect(try await house.send(second + "/answers", again, later) == second + "?column=1&done=answers")
            let file = try #require(try await house.send(second + "/file", Form([("as", "csv")]), later))
            #expect(file.contains("张桂兰,三十七,集中供暖"))
            let round = try await house.formRound(second)
            #expect(round.asked == 1 && round.typed == 0, "a tick is not typed")
            // After a year the heating is asked again.
            house.clock.set(house.clock.clock.now.adding(days: 340))
            let next = try await house.context(.head)
            let third = try #require(try await house.send(form + "/rounds", Form([("period", "2027-11")]), next))
            #expect(try await house.formRound(third).asked == 2)
        }
    }

    @Test("一户一个答案：一人答了同住的人都有；不是这样的列只摆出来", arguments: TestEngine.enabled)
    func home(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
            let (dwelling, household) = try await house.home(House.homeGrid, "1501", entry)
            let couple = ["同住甲", "同住乙"].map { name in
                var person = NewPerson(
                    name: name, dwelling: dwelling.id, household: household.id, division: House.homeGrid, entry: entry)
                person.born = CivilDate(year: 1950, month: 1, day: 1)
                return person
            }
            try await house.enter([dwelling], [household], try house.services.database.seal(couple))
            let ids = try await house.services.database.read { tx in
                try tx.all("SELECT id FROM person WHERE name LIKE '同住%' ORDER BY id") { try $0[0] as ID<Person> }
            }
            try #require(ids.count == 2)
            let head = try await house.context(.head)
            let form = try await house.registerForm(["姓名", "取暖方式", "鞋码"], issuer: "区民政局")
            let columns = Form([("version", "1"), ("source-1", "ask"), ("home-1", "1"), ("source-2", "ask")])
            #expect(try await house.send(form + "/columns", columns, head) == form + "?done=columns")
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            let typed = try await house.cells(round, [("c-\(ids[0])-1", "煤改电"), ("c-\(ids[0])-2", "四十")])
            #expect(try await house.send(round + "/answers", typed, head) == round + "?done=answers")
            let page = try await house.open(round, query: [], head)
            #expect(!page.contains("name=\"c-\(ids[1])-1\"") && page.contains("name=\"c-\(ids[1])-2\""))
            #expect(!page.contains("name=\"k-\(ids[1])-2\""), "what one said of himself is no answer of the other")
            let file = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            #expect(file.contains("同住甲,煤改电,四十") && file.contains("同住乙,煤改电,\r\n"))
            // Who wants nothing but keeping answers for nobody else, either.
            try await house.services.database.write(head, "registers.change") { tx in
                try tx.execute("UPDATE person SET restricted_at = \(tx.now) WHERE id = \(ids[0])")
                try tx.audit(Subject("person", ids[0]), fields: ["restricted"])
            }
            let later = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            #expect(!later.contains("同住甲") && later.contains("同住乙,,\r\n"))
        }
    }
}
