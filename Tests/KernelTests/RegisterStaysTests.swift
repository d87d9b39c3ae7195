import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// A home tells who came and who went, and a day may be said for what is entered later.
@Suite("住处自己说得出谁来过、谁走了；哪天的事可以补着写")
struct RegisterStaysTests {
    private func stays(
        _ subject: RegisterSubject, _ house: House, as actor: Actor? = nil
    ) async throws -> [RegisterStay] {
        let reader: Actor
        if let actor { reader = actor } else { reader = try await house.context(.head).actor }
        return try await house.services.database.read { try RegisterStays.of(subject, for: reader, $0) }
    }

    private func today(_ house: House) -> CivilDate { house.clock.clock.now.date }

    @Test("搬走、搬来：房屋和住户都写着谁、什么时候、去了哪里；回来的不算以前的", arguments: TestEngine.enabled)
    func moving(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "李"])
            let database = house.services.database
            let day = today(house).adding(days: -20)
            house.clock.advance(minutes: 5)
            let head = try await house.context(.head)
            try await RegisterCommands.move(
                home.person, to: .household(other.household), tie: .family, relation: .parent, on: day, version: nil,
                head, database)
            house.clock.advance(minutes: 5)
            let later = try await house.context(.head)
            let born = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "新生甲"]), .dwelling(home.dwelling), tie: .family, relation: .head,
                later, database, house.services.registers)
            for subject in [RegisterSubject(.dwelling, home.dwelling), RegisterSubject(.household, home.household)] {
                let left = try #require(try await stays(subject, house).first { $0.left != nil })
                #expect(left.person == home.person && left.name == "陈秀英" && left.tie == .owner)
                #expect(left.left?.day == day && left.left?.elsewhere == "幸福里小区3号楼2单元1301")
                #expect(left.left?.at.date == today(house), "when it was entered stays")
                #expect(left.left?.actor.isEmpty == false && left.left?.source == "staff" && left.reason == nil)
            }
            let here = try await stays(RegisterSubject(.dwelling, home.dwelling), house)
            #expect(here.contains { $0.person == born && $0.came.elsewhere == nil && $0.left == nil })
            let there = try await stays(RegisterSubject(.household, other.household), house)
            let came = try #require(there.first { $0.person == home.person })
            #expect(came.came.day == day && came.came.elsewhere == "幸福里小区3号楼2单元1201" && came.left == nil)
            // Who may not read people there does not learn where they went.
            let stranger = try await house.context(.locustHead).actor
            let told = try await stays(RegisterSubject(.dwelling, home.dwelling), house, as: stranger)
            #expect(told.allSatisfy { $0.left?.elsewhere == nil })
            // A whole household that moves has not left itself.
            house.clock.advance(minutes: 5)
            try await RegisterCommands.moveHousehold(
                other.household, to: home.dwelling, version: nil, try await house.context(.head), database)
            let own = try await stays(RegisterSubject(.household, other.household), house)
            #expect(own.allSatisfy { $0.left == nil })
            let back = try await stays(RegisterSubject(.dwelling, home.dwelling), house)
            #expect(back.filter { $0.person == home.person }.map { $0.left == nil } == [true, false])
            await house.deliver()
            let different = try await database.read { try RegisterCounts.differences($0) }
            #expect(different.isEmpty, "\(different)")
        }
    }

    @Test("去世写明是哪天，恢复就没有了；删掉信息的没有姓名；随导入撤销的没住过", arguments: TestEngine.enabled)
    func ending(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let database = house.services.database
            let dwelling = RegisterSubject(.dwelling, home.dwelling)
            let day = today(house).adding(days: -25)
            house.clock.advance(minutes: 5)
            let head = try await house.context(.head)
            try await RegisterCommands.end(home.subject, .died, on: day, version: nil, head, database)
            #expect(try await database.read { try RegisterDays.ended(home.subject, $0) } == day)
            let household = RegisterSubject(.household, home.household)
            #expect(try await database.read { try RegisterDays.ended(household, $0) } == day, "it ended with them")
            let gone = try #require(try await stays(dwelling, house).first)
            #expect(gone.left?.day == day && gone.reason == .died)
            let person = try #require(try await database.read { try RegisterQueries.person(home.person, $0) })
            #expect(person.entry.validTo?.date == today(house), "retention goes by when it was known")
            let keys = database.keys
            let line = try await database.read { try RegisterHistory.lines(of: home.subject, keys, $0).first }
            #expect(line?.what == .ended && line?.values["until"]?.new == "\(day)")
            try await RegisterCommands.reopen(home.subject, version: nil, head, database)
            #expect(try await database.read { try RegisterDays.ended(home.subject, $0) } == nil)
            let again = try await house.value(
                "SELECT ended_on FROM household WHERE id = \(home.household)", as: Int?.self)
            #expect((again ?? nil) == nil)
            #expect(try await stays(dwelling, house).map { $0.left == nil } == [true])
            house.clock.advance(minutes: 5)
            let later = try await house.context(.head)
            try await RegisterCommands.end(home.subject, .moved, version: nil, later, database)
            #expect(try await stays(dwelling, house).map { $0.left?.day } == [nil])
            try await database.write(head, "registers.change") { tx in
                try tx.execute("UPDATE person SET name = '', end_reason = 'erased' WHERE id = \(home.person)")
                try tx.audit(Subject("person", home.person.rawValue))
            }
            let erased = try await stays(dwelling, house)
            #expect(erased.map(\.name) == [""] && erased.map(\.reason) == [nil] && erased.map(\.person) == [nil])
            try await database.write(head, "registers.change") { tx in
                try tx.execute("UPDATE person SET end_reason = 'undone' WHERE id = \(home.person)")
                try tx.audit(Subject("person", home.person.rawValue))
            }
            #expect(try await stays(dwelling, house).isEmpty)
        }
    }

    @Test("整户搬过、在同一处换过户，最后走了：都在“以前住过”里，各是一段", arguments: TestEngine.enabled)
    func chained(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "李"])
            let (database, settings) = (house.services.database, house.services.registers)
            let son = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈长", "person.born": "1975-05-01"]), .household(home.household),
                tie: .family, relation: .child, try await house.context(.head), database, settings)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.moveHousehold(
                home.household, to: other.dwelling, version: nil, try await house.context(.head), database)
            house.clock.advance(minutes: 5)
            let day = today(house)
            try await RegisterCommands.end(
                RegisterSubject(.person, son), .moved, on: day, version: nil, try await house.context(.head), database)
            let own = try await stays(RegisterSubject(.household, home.household), house)
            let left = own.filter { $0.person == son }
            #expect(left.map { $0.left?.day } == [day] && left.map(\.reason) == [.moved])
            #expect(own.filter { $0.person == home.person }.map { $0.left == nil } == [true])
            // The other one goes over to the neighbours in the same dwelling, and then away.
            house.clock.advance(minutes: 5)
            try await RegisterCommands.move(
                home.person, to: .household(other.household), tie: .lodger, relation: .other, version: nil,
                try await house.context(.head), database)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.move(
                home.person, to: .dwelling(home.dwelling), tie: .owner, relation: .head, version: nil,
                try await house.context(.head), database)
            let there = try await stays(RegisterSubject(.dwelling, other.dwelling), house)
                .filter { $0.person == home.person }
            #expect(there.map(\.came.elsewhere) == ["幸福里小区3号楼2单元1201"])
            #expect(there.map { $0.left?.elsewhere } == ["幸福里小区3号楼2单元1201"])
            #expect(there.map(\.tie) == [.lodger])
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    @Test("删掉信息的人：哪天来去、去了哪里、是哪一条都没有了；随导入撤销的到期删了也没住过", arguments: TestEngine.enabled)
    func erased(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "李"])
            let (database, requests) = (house.services.database, house.services.dataRequests)
            let day = today(house).adding(days: -20)
            house.clock.advance(minutes: 5)
            let (head, nurse) = (try await house.context(.head), try await house.context(DemoResident.nurse))
            try await RegisterCommands.move(
                home.person, to: .household(other.household), tie: .family, relation: .parent, on: day, version: nil,
                head, database)
            let household = RegisterSubject(.household, home.household)
            #expect(try await database.read { try RegisterDays.ended(household, $0) } == day)
            try await house.agree(home.person, to: [])
            let ask = try await requests.open(.erase, of: home.person, "不在这里住了", nurse)
            try await requests.decide(ask, isGranted: true, reason: "", head)
            let left = try await stays(RegisterSubject(.dwelling, home.dwelling), house)
            #expect(left.map(\.person) == [nil] && left.map(\.name) == [""])
            #expect(left.map { $0.left?.day } == [nil] && left.map { $0.left?.elsewhere } == [nil])
            let days = try await house.value(
                """
                SELECT count(*) FROM residence
                WHERE person_id = \(home.person) AND (began_on IS NOT NULL OR ended_on IS NOT NULL)
                """, as: Int.self)
            #expect(days == 0)
            #expect(try await database.read { try RegisterDays.ended(household, $0) } == nil, "it was theirs alone")
            // As if a sheet had brought the other one, been taken back, and the time of keeping were over.
            try await RegisterCommands.end(other.subject, .moved, version: nil, head, database)
            try await database.write(head, "registers.change") { tx in
                let line: ID<RegisterChangeRow> = try tx.newID()
                try tx.execute("UPDATE person SET name = '', end_reason = 'erased' WHERE id = \(other.person)")
                try tx.execute(
                    """
                    INSERT INTO register_change (id, kind, subject_id, at, what, fields, account_id, actor_name, source)
                    SELECT CAST(\(line) AS BIGINT), 'person', id, valid_to, 'undone', '', NULL, '', 'import'
                    FROM person WHERE id = \(other.person)
                    """)
                try tx.audit(Subject("person", other.person.rawValue))
            }
            let there = try await stays(RegisterSubject(.dwelling, other.dwelling), house)
            #expect(there.count == 1, "only who was erased at their wish: the other one never lived there")
        }
    }

    @Test("先只登记在这里、后来搬来住：住进来的日子是搬来的那天，不是登记的那天", arguments: TestEngine.enabled)
    func movedIn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (database, settings) = (house.services.database, house.services.registers)
            let owner = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "屋主甲"]), .household(home.household), tie: .ownerElsewhere,
                relation: .other, try await house.context(.head), database, settings)
            let entered = house.clock.clock.now
            house.clock.advance(minutes: 60 * 24 * 30)
            let (moved, day) = (house.clock.clock.now, today(house).adding(days: -3))
            try await RegisterCommands.move(
                owner, to: .household(home.household), tie: .family, relation: .other, on: day, version: nil,
                try await house.context(.head), database)
            for subject in [RegisterSubject(.dwelling, home.dwelling), RegisterSubject(.household, home.household)] {
                let theirs = try await stays(subject, house).filter { $0.person == owner }
                let (tied, lives) = (theirs.first { !$0.tie.livesHere }, theirs.first { $0.tie.livesHere })
                #expect(theirs.count == 2)
                #expect(tied?.came.at == entered && tied?.left?.at == moved && tied?.left?.day == day)
                #expect(lives?.came.at == moved && lives?.came.day == day && lives?.left == nil)
            }
        }
    }

    @Test("一个人住的户：整户哪天搬的随本人的信息一起删；以前删过的，升级时补上，还有人的户不动", arguments: TestEngine.enabled)
    func alone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let family = try await house.enterHome("1301", ["person.name": "李"])
            let (database, settings) = (house.services.database, house.services.registers)
            _ = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "李二"]), .household(family.household), tie: .family, relation: .child,
                try await house.context(.head), database, settings)
            let next = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "1203", "dwelling.kind": "flat"]),
                in: try await house.place("幸福里小区3号楼2单元").id, try await house.context(.head), database, settings)
            house.clock.advance(minutes: 5)
            let day = today(house).adding(days: -20)
            let (head, nurse) = (try await house.context(.head), try await house.context(DemoResident.nurse))
            for household in [home.household, family.household] {
                try await RegisterCommands.moveHousehold(household, to: next, on: day, version: nil, head, database)
            }
            let subjects = [home.household, family.household].map { RegisterSubject(.household, $0) }
            let keys = database.keys
            func said() async throws -> [Bool] {
                var found: [Bool] = []
                for subject in subjects {
                    let lines = try await database.read { try RegisterHistory.lines(of: subject, keys, $0) }
                    found.append(lines.contains { $0.values["since"]?.new == "\(day)" })
                }
                return found
            }
            #expect(try await said() == [true, true])
            // Kept aside, to stand there again as in a store of before.
            let line: SQL = "kind = 'household' AND subject_id = \(home.household) AND what = 'moved'"
            let sealed = try #require(
                try await house.value("SELECT values_sealed FROM register_change WHERE \(line)", as: [UInt8].self))
            for person in [home.person, family.person] {
                try await house.agree(person, to: [])
                let ask = try await house.services.dataRequests.open(.erase, of: person, "不在这里住了", nurse)
                try await house.services.dataRequests.decide(ask, isGranted: true, reason: "", head)
            }
            #expect(try await said() == [false, true], "who is left of a family has its days, too")
            let steps = Migration.erasedDays.script.split(separator: ";").map(String.init)
                .filter { $0.contains("NOT EXISTS") }
            #expect(steps.count == 2)
            _ = try await database.system { tx in
                try tx.execute("UPDATE register_change SET values_sealed = \(sealed) WHERE \(line)")
                try tx.execute(
                    "UPDATE household SET ended_on = 20261103 WHERE id IN (\(home.household), \(family.household))")
                for step in steps { try tx.execute(SQL(stringLiteral: step)) }
                return 0
            }
            #expect(try await said() == [false, true])
            let kept = try await database.read { tx in
                try tx.all("SELECT id FROM household WHERE ended_on = 20261103") { row -> ID<Household> in try row[0] }
            }
            #expect(kept == [family.household])
        }
    }

    @Test("合并以后，谁登记的还写着：那一条的历史也看", arguments: TestEngine.enabled)
    func merged(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let kept = try await house.enterHome("1201", ["person.name": "刘晓梅"])
            house.clock.advance(minutes: 5)
            let twin = try await house.enterHome("1301", ["person.name": "刘小梅"])
            house.clock.advance(minutes: 5)
            try await RegisterCommands.merge(
                twin.subject, into: kept.subject, version: nil, house.services.registerParts,
                try await house.context(.head), house.services.database)
            let worker = try await house.context(.worker).actor.name
            let there = try await stays(RegisterSubject(.dwelling, twin.dwelling), house)
            #expect(there.map(\.person) == [kept.person] && there.map(\.came.actor) == [worker])
        }
    }

    @Test("整户的事补着写日子：后出生、后来的人从他在的那天算，不拦着", arguments: TestEngine.enabled)
    func newborn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (head, database) = (try await house.context(.head), house.services.database)
            let (moved, born) = (today(house).adding(days: -27), today(house).adding(days: -18))
            let baby = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈小", "person.born": born.description]), .household(home.household),
                tie: .family, relation: .grandchild, head, database, house.services.registers)
            let next = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "1203", "dwelling.kind": "flat"]),
                in: try await house.place("幸福里小区3号楼2单元").id, head, database, house.services.registers)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.moveHousehold(
                home.household, to: next, on: moved, version: nil, try await house.context(.head), database)
            let there = try await stays(RegisterSubject(.dwelling, next), house)
            #expect(there.first { $0.person == home.person }?.came.day == moved)
            #expect(there.first { $0.person == baby }?.came.day == born)
            let before = try #require(CivilDate("1949-01-01"))
            let refused = try await house.refusal {
                try await RegisterCommands.moveHousehold(
                    home.household, to: home.dwelling, on: before, version: nil, head, database)
            }
            #expect(refused == .invalid)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.end(
                RegisterSubject(.household, home.household), .moved, on: moved, version: nil,
                try await house.context(.head), database)
            let ended = try await database.read { try RegisterDays.ended(RegisterSubject(.person, baby), $0) }
            #expect(ended == born, "nobody leaves before they are born")
        }
    }

    @Test("日子不能在将来、出生以前、住进来以前", arguments: TestEngine.enabled)
    func days(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (head, database) = (try await house.context(.head), house.services.database)
            let now = today(house)
            let since = now.adding(days: -40)
            let tenant = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "租户乙", "person.born": "1990-01-01"]), .dwelling(home.dwelling),
                tie: .tenant, relation: .head, since: since, head, database, house.services.registers)
            let began = try await database.read { try RegisterDays.began(tenant, $0) }
            #expect(Array(began.values) == [since])
            let before = try #require(CivilDate("1949-01-01"))
            for (subject, day) in [
                (home.subject, now.adding(days: 1)), (home.subject, before),
                (RegisterSubject(.person, tenant), since.adding(days: -1)),
            ] {
                let refused = try await house.refusal {
                    try await RegisterCommands.end(subject, .moved, on: day, version: nil, head, database)
                }
                #expect(refused == .invalid)
            }
            let early = try await house.refusal {
                _ = try await RegisterCommands.enterPerson(
                    try House.typed(["person.name": "丙", "person.born": "2020-01-01"]), .dwelling(home.dwelling),
                    tie: .tenant, relation: .head, since: before, head, database, house.services.registers)
            }
            #expect(early == .invalid)
            try await RegisterCommands.end(
                RegisterSubject(.person, tenant), .moved, on: since, version: nil, head, database)
            let stay = try #require(
                try await stays(RegisterSubject(.dwelling, home.dwelling), house).first { $0.person == tenant })
            #expect(stay.came.day == since && stay.left?.day == since && stay.reason == .moved)
        }
    }
}
