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
            #expect(here.contains { $0.person == born && $0.came != nil && $0.left == nil })
            let there = try await stays(RegisterSubject(.household, other.household), house)
            let came = try #require(there.first { $0.person == home.person })
            #expect(came.came?.day == day && came.came?.elsewhere == "幸福里小区3号楼2单元1201" && came.left == nil)
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
            let gone = try #require(try await stays(dwelling, house).first)
            #expect(gone.left?.day == day && gone.reason == .died)
            let person = try #require(try await database.read { try RegisterQueries.person(home.person, $0) })
            #expect(person.entry.validTo?.date == today(house), "retention goes by when it was known")
            let keys = database.keys
            let line = try await database.read { try RegisterHistory.lines(of: home.subject, keys, $0).first }
            #expect(line?.what == .ended && line?.values["until"]?.new == "\(day)")
            try await RegisterCommands.reopen(home.subject, version: nil, head, database)
            #expect(try await database.read { try RegisterDays.ended(home.subject, $0) } == nil)
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
            #expect(erased.map(\.name) == [""] && erased.map(\.reason) == [nil])
            try await database.write(head, "registers.change") { tx in
                try tx.execute("UPDATE person SET end_reason = 'undone' WHERE id = \(home.person)")
                try tx.audit(Subject("person", home.person.rawValue))
            }
            #expect(try await stays(dwelling, house).isEmpty)
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
            #expect(stay.since.day == since && stay.left?.day == since && stay.reason == .moved)
        }
    }
}
