import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// A round is handed in with what holds in the write that keeps it, and who is in it is told.
@Suite("报表交上去：存下的是交的那一刻的，写了谁，谁看得到")
struct FormHandInTests {
    /// How many pieces of an entry are kept of rounds that were handed in.
    private func pieces(_ kind: RegisterKind, _ id: Int64, _ house: House) async throws -> Int? {
        try await house.value(
            "SELECT count(*) FROM demanded_filled WHERE kind = \(kind) AND subject_id = \(id)", as: Int.self)
    }

    private func change(_ subject: Subject, _ what: SQL, _ house: House) async throws {
        try await house.services.database.write(try await house.context(.head), "forms.test") { tx in
            try tx.execute(what)
            try tx.audit(subject, fields: ["test"])
        }
    }

    @Test("正要交时有人被合并、被删除，这张表或别的表又存了答案：不收，再交一次就对", arguments: TestEngine.enabled)
    func meanwhile(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let kept = try await house.enterHome("1201", ["person.name": "陈秀英", "person.born": "1950-06-15"])
            let (gone, other) = (
                try await house.enterHome("1301"), try await house.enterHome("1401", ["person.name": "李"])
            )
            let (head, services) = (try await house.context(.head), house.services)
            let path = try await house.registerForm(["姓名", "鞋码"], issuer: "区民政局", label: "")
            let address = try #require(try await house.send(path + "/rounds", Form([("period", "11月")]), head))
            let (round, commands) = (try await house.formRound(address), FormsCommands(services))
            let form = try await commands.find(round.form, head)
            func ready() async throws -> FormHandIn? { try await FormHandIn(form, round, head, services) }
            func refusal(_ early: FormHandIn?) async throws -> LinliError.Kind? {
                try await house.refusal {
                    try await commands.finish(round, of: form, with: early, minutes: 5, head)
                }
            }
            let beforeAnswer = try await ready()
            // As “as last time” saves it: nobody typed it.
            let again = FormsCommands.Typed(row: ID(rawValue: kept.person.rawValue), column: 1, value: "三十七")
            try await commands.answer(round, under: form.stamp, [again], byHand: 0, head)
            #expect(try await refusal(beforeAnswer) == .conflict)

            // Another form that asks the same: it counts nothing for this round, and its answer stands here, too.
            let beforeOther = try await ready()
            let twin = try await house.registerForm(["姓名", "鞋码"], issuer: "街道老龄办", label: "")
            let theirs = try #require(try await house.send(twin + "/rounds", Form([("period", "11月")]), head))
            let told = try await house.cells(theirs, [("c-\(other.person)-1", "四十")])
            #expect(try await house.send(theirs + "/answers", told, head) == theirs + "?done=answers")
            #expect(try await refusal(beforeOther) == .conflict)

            let beforeMerge = try await ready()
            try await RegisterCommands.merge(
                gone.subject, into: kept.subject, version: nil, services.registerParts, head, services.database)
            #expect(try await refusal(beforeMerge) == .conflict)

            let beforeErasing = try await ready()
            try await house.agree(other.person, to: [])
            let nurse = try await house.context(DemoResident.nurse)
            let ask = try await services.dataRequests.open(.erase, of: other.person, "不在这里住了", nurse)
            try await services.dataRequests.decide(ask, isGranted: true, reason: "", head)
            #expect(try await refusal(beforeErasing) == .conflict)
            #expect(try await house.value("SELECT count(*) FROM demanded_filled", as: Int.self) == 0)
            #expect(try await house.formRound(address).doneAt == nil)

            #expect(try await refusal(try await ready()) == nil)
            let file = try #require(try await house.send(address + "/file", Form([("as", "csv")]), head))
            #expect(file.contains("陈秀英,三十七"))
            for home in [gone, other] {
                #expect(try await pieces(.person, home.person.rawValue, house) == 0)
            }
            // Handed in when it was read, opened again before the write: there are no rows to keep.
            let late = try await ready()
            let isReady = late != nil
            #expect(!isReady)
            try await commands.reopen(round, head)
            #expect(try await refusal(late) == .conflict)
        }
    }

    @Test("正要记下时换了表样、那个人的信息删了：不收，什么都不记", arguments: TestEngine.enabled)
    func answering(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            try await house.emptyRegisters()
            let home = try await house.enterHome("1201", ["person.name": "陈秀英"])
            let (head, services) = (try await house.context(.head), house.services)
            let path = try await house.registerForm(["姓名", "鞋码"], issuer: "区民政局", label: "")
            let address = try #require(try await house.send(path + "/rounds", Form([("period", "11月")]), head))
            let (round, commands) = (try await house.formRound(address), FormsCommands(services))
            let form = try await commands.find(round.form, head)
            let typed = FormsCommands.Typed(row: ID(rawValue: home.person.rawValue), column: 1, value: "三十七")
            func answer(under headings: String) async throws -> String? {
                do {
                    try await commands.answer(round, under: headings, [typed], byHand: 1, head)
                    return nil
                } catch let error as LinliError { return error.id }
            }
            let table = "姓名\t取暖方式\t鞋码"
            let sheet = Form([("version", "\(form.version)"), ("table", table), ("sure", "yes")])
            meddler.before { _ = try await house.send(path + "/layout", sheet, head) }
            #expect(try await answer(under: form.stamp) == "forms.renewed")
            let now = try await house.headings(address)
            #expect(now != form.stamp)
            #expect(try await answer(under: form.stamp) == "forms.renewed", "as a program that read them before")
            meddler.before {
                try await services.database.write(head, "test.end") { tx in
                    try tx.execute("UPDATE person SET valid_to = \(tx.now) WHERE id = \(home.person)")
                    try tx.audit(Subject("person", home.person), fields: ["erased"])
                }
            }
            #expect(try await answer(under: now) == "forms.gone")
            #expect(try await house.value("SELECT count(*) FROM demanded_answer", as: Int.self) == 0)
            #expect(try await house.formRound(address).typed == 0)
        }
    }

    @Test("正要交时，一个人住的那一户的人被删除：这一户写的也不留", arguments: TestEngine.enabled)
    func alone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let (home, head) = (try await house.enterHome(), try await house.context(.head))
            let services = house.services
            let made = try await house.send(
                "/desk/forms",
                Form([
                    ("title", "摸底表"), ("issuer", "区民政局"), ("rhythm", "month"), ("about", "household"),
                    ("division", "110101001901"), ("table", "现住址\t养犬"),
                ]), head)
            let path = try #require(made?.split(separator: "?").first.map(String.init))
            let address = try #require(try await house.send(path + "/rounds", Form([("period", "11月")]), head))
            let typed = try await house.cells(address, [("c-\(home.household)-1", "一只")])
            #expect(try await house.send(address + "/answers", typed, head) == address + "?done=answers")
            let (round, commands) = (try await house.formRound(address), FormsCommands(services))
            let form = try await commands.find(round.form, head)
            let early = try await FormHandIn(form, round, head, services)
            try await house.agree(home.person, to: [])
            let nurse = try await house.context(DemoResident.nurse)
            let ask = try await services.dataRequests.open(.erase, of: home.person, "不在这里住了", nurse)
            try await services.dataRequests.decide(ask, isGranted: true, reason: "", head)
            let refused = try await house.refusal {
                try await commands.finish(round, of: form, with: early, minutes: 5, head)
            }
            #expect(refused == .conflict)
            try await commands.finish(round, minutes: 5, head)
            #expect(try await house.formRound(address).doneAt != nil)
            #expect(try await pieces(.household, home.household.rawValue, house) == 0)
        }
    }

    @Test("存下各行的一期不再另留旧答案；没存下各行的老的一期照旧读得到", arguments: TestEngine.enabled)
    func superseded(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let elder = try await house.enterElder()
            let path = try await house.registerForm(["姓名", "鞋码"], issuer: "区民政局")
            func begin(_ period: String, _ value: String) async throws -> String {
                house.clock.advance(minutes: 5)
                let head = try await house.context(.head)
                let round = try #require(
                    try await house.send(path + "/rounds", Form([("period", period)]), head))
                let typed = try await house.cells(round, [("c-\(elder)-1", value)])
                #expect(try await house.send(round + "/answers", typed, head) == round + "?done=answers")
                return round
            }
            func end(_ round: String) async throws {
                house.clock.advance(minutes: 5)
                let head = try await house.context(.head)
                let done = try await house.send(round + "/done", Form([("minutes", "5")]), head)
                #expect(done == path + "?done=finish")
            }
            func file(_ round: String) async throws -> String {
                let head = try await house.context(.head)
                return try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            }
            let answers: SQL = "SELECT count(*) FROM demanded_answer WHERE person_id = \(elder)"
            let first = try await begin("2026年11月", "三十六")
            try await end(first)
            let second = try await begin("2026年12月", "三十七")
            #expect(try await house.value(answers, as: Int.self) == 1, "the rows of the first have it")
            #expect(try await file(first).contains("张桂兰,三十六"))
            try await end(second)
            // As rounds were handed in before their rows were kept.
            let id = try await house.formRound(second).id
            let subject = Subject("demandedRound", id)
            try await change(subject, "DELETE FROM demanded_filled WHERE round_id = \(id)", house)
            try await change(subject, "UPDATE demanded_round SET kept_sources = NULL WHERE id = \(id)", house)
            let third = try await begin("2027年1月", "三十八")
            #expect(try await house.value(answers, as: Int.self) == 2)
            #expect(try await file(second).contains("张桂兰,三十七"))
            #expect(try await file(third).contains("张桂兰,三十八"))
        }
    }

    @Test("带走的一份有交上去的报表里自己的内容：哪张表、哪一期、写了什么", arguments: TestEngine.enabled)
    func told(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let (home, other) = (
                try await house.enterHome(), try await house.enterHome("1301", ["person.name": "李二"])
            )
            let head = try await house.context(.head)
            let names = ["姓名", "身份证号", "联系电话", "鞋码"]
            let path = try await house.registerForm(names, issuer: "区民政局", label: "")
            let round = try #require(try await house.send(path + "/rounds", Form([("period", "11月")]), head))
            let typed = try await house.cells(
                round, [("c-\(home.person)-3", "三十七"), ("c-\(other.person)-3", "四十一")])
            #expect(try await house.send(round + "/answers", typed, head) == round + "?done=answers")
            #expect(try await house.send(round + "/done", Form([("minutes", "5")]), head) == path + "?done=finish")
            try await house.agree(home.person, to: [])
            let nurse = try await house.context(DemoResident.nurse)
            let copy = try await OwnDataCopy(home.person, nurse, house.services)
            let records = try #require(copy.sections.first { $0.part.id == "formRows" }).records
            #expect(records.count == 1)
            var texts: [String: String] = [:]
            for line in records.first?.lines ?? [] {
                if case .text(let text) = line.value { texts[line.id] = text }
            }
            #expect(texts["form"] == "老年人基本情况表" && texts["issuer"] == "区民政局")
            #expect(texts["period"] == "2026年11月")
            #expect(texts["cells"] == "姓名：陈秀英；身份证号：110100195006150020；联系电话：13800138000；鞋码：三十七")
            let noted: SQL =
                """
                SELECT count(*) FROM audit_entry WHERE command = 'own.copy' AND subject_kind = 'person'
                AND subject_id = \(home.person) AND fields = 'handedIn'
                """
            #expect(try await house.value(noted, as: Int.self) == 1)
        }
    }

    @Test("报表的列表不打开每张表的表样：坏了一张也列得出来", arguments: TestEngine.enabled)
    func list(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let path = try await house.registerForm(["姓名", "鞋码"], issuer: "区民政局")
            let id = try #require(ID<DemandedForm>(String(path.split(separator: "/").last ?? "")))
            let broken: [UInt8] = [1, 2, 3]
            try await change(
                Subject("demandedForm", id), "UPDATE demanded_form SET layout_sealed = \(broken) WHERE id = \(id)",
                house)
            let (head, street) = (try await house.context(.head), try await house.context(.dispatcher))
            #expect(try await house.open("/desk/forms", query: [], head).contains("老年人基本情况表"))
            #expect(try await house.open("/desk/forms/demands", query: [], street).contains("老年人基本情况表"))
        }
    }
}
