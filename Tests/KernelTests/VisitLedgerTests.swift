import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The ledger of a month, signatures, and the case that follows.
@Suite("走访台账、签名、跟进")
struct VisitLedgerTests {
    private static let born = CivilDate(year: 1950, month: 6, day: 15)

    private func lines(
        _ house: House, _ division: DivisionCode, from: Instant, until: Instant, limit: Int = 100,
        after: (at: Instant, id: ID<Visit>)? = nil
    ) async throws -> [VisitLedgerLine] {
        try await house.services.database.read { tx in
            try VisitLedger.lines(in: division, from: from, until: until, after: after, limit: limit, tx)
        }
    }

    @Test("做了的都在：见到、没见到、回复平安；取消的、别的月份的不在；翻页不断", arguments: TestEngine.enabled)
    func month(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = VisitCommands(house.services.database)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let before = house.clock.clock.now.adding(days: 40)
            house.clock.set(before)
            var homes: [ID<Household>] = []
            for number in 1...4 {
                homes.append(
                    try await VisitsTests.enter(
                        house, born: Self.born, phone: "1380013800\(number)", number: "150\(number)"))
            }
            let early = try await VisitsTests.announce(house, homes[0])
            try await commands.finish(early, VisitOutcome(), house.context(DemoStaff.gridWorker1))
            house.clock.set(before.adding(days: 40))
            let from = house.clock.clock.now
            let now = try await house.context(DemoStaff.gridWorker1)
            var outcome = VisitOutcome()
            outcome.isUnchanged = false
            (outcome.answers, outcome.note) = (["gasAlarm": "坏了", "passage": "是"], "约了师傅")
            let done = try await VisitsTests.announce(house, homes[0])
            try await commands.miss(done, now)
            house.clock.advance(minutes: 1)
            try await commands.finish(done, outcome, house.context(DemoStaff.gridWorker1))
            house.clock.advance(minutes: 1)
            let missed = try await VisitsTests.announce(house, homes[1])
            try await commands.miss(missed, house.context(DemoStaff.gridWorker1))
            house.clock.advance(minutes: 1)
            let well = try await VisitsTests.announce(house, homes[2])
            try await commands.allWell(VisitCode.make(well, house.services.database.keys), house.visitor)
            let withdrawn = try await VisitsTests.announce(house, homes[3])
            try await commands.withdraw(withdrawn, worker)
            let until = house.clock.clock.now.adding(minutes: 1)
            let grid = try await lines(house, VisitsTests.grid, from: from, until: until)
            #expect(grid.map(\.visit.id) == [well, missed, done])
            #expect(grid.map(\.met.zh) == ["回复平安", "没见到", "再去见到"])
            #expect(grid.map(\.way.zh) == ["住户回复", "上门", "上门"])
            #expect(grid.last?.short.zh == "燃气报警器能用吗：坏了；家门口通道通畅吗：是；约了师傅")
            let community = VisitsTests.grid.ancestor(at: .community)
            let whole = try await lines(house, community, from: from, until: until)
            #expect(whole.map(\.visit.id) == grid.map(\.visit.id))
            let first = try await lines(house, community, from: from, until: until, limit: 1)
            let mark = try #require(first.last.map { (at: $0.at, id: $0.visit.id) })
            let rest = try await lines(house, community, from: from, until: until, after: mark)
            #expect((first + rest).map(\.visit.id) == whole.map(\.visit.id))
            let earlier = try await lines(house, community, from: before, until: before.adding(days: 1))
            #expect(earlier.map(\.visit.id) == [early] && earlier.first?.met.zh == "见到")
        }
    }

    @Test("签名只给能看这次走访的人看，看了有记录；不混在照片里", arguments: TestEngine.enabled)
    func signature(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await VisitsTests.enter(house, born: Self.born, phone: "13800138000")
            let commands = VisitCommands(house.services.database)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let id = try await VisitsTests.announce(house, household)
            #expect(try await house.refusal { _ = try await commands.signature(of: id, worker) } == .notFound)
            var outcome = VisitOutcome()
            outcome.signer = String(repeating: "长", count: 41)
            let tooLong = outcome
            #expect(try await house.refusal { try await commands.finish(id, tooLong, worker) } == .invalid)
            outcome.signer = "陈秀英 13900001111"
            outcome.signature = try await house.photo(worker)
            try await commands.finish(id, outcome, worker)
            let (visit, photos) = try await house.services.database.read { tx in
                (try VisitQueries.find(id, tx), try VisitQueries.photos(of: id, .photo, tx))
            }
            #expect(visit?.signer.hasPrefix("陈秀英") == true && visit?.signer.contains("13900001111") == false)
            #expect(photos.isEmpty)
            #expect(try await commands.signature(of: id, worker).size > 0)
            let read: SQL = "SELECT count(*) FROM audit_entry WHERE command = 'visits.readSignature'"
            #expect(try await house.value(read, as: Int.self) == 1)
            let other = try await house.context(DemoStaff.gridWorker3)
            #expect(try await house.refusal { _ = try await commands.signature(of: id, other) } == .notFound)
            #expect(try await house.value(read, as: Int.self) == 1)
            #expect(try await house.refusal { try await commands.follow(id, by: "SJ1", other) } == .notFound)
            try await commands.follow(id, by: "SJ20261126-0001", worker)
            let followed = try await house.services.database.read { try VisitQueries.find(id, $0)?.followUp }
            #expect(followed == "SJ20261126-0001")
        }
    }
}
