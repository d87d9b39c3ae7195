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
        after: (at: Instant, id: ID<VisitAttempt>)? = nil
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
            #expect(grid.map(\.visit.id) == [well, missed, done, done])
            #expect(grid.map(\.met.zh) == ["回复平安", "没见到", "再去见到", "没见到"])
            #expect(grid.map(\.way.zh) == ["住户回复", "上门", "上门", "上门"])
            #expect(grid.last?.short.zh == "")
            #expect(grid.dropLast().last?.short.zh == "燃气报警器能用吗：坏了；家门口通道通畅吗：是；约了师傅")
            let community = VisitsTests.grid.ancestor(at: .community)
            let whole = try await lines(house, community, from: from, until: until)
            #expect(whole.map(\.attempt.id) == grid.map(\.attempt.id))
            let first = try await lines(house, community, from: from, until: until, limit: 1)
            let mark = try #require(first.last.map { (at: $0.at, id: $0.attempt.id) })
            let rest = try await lines(house, community, from: from, until: until, after: mark)
            #expect((first + rest).map(\.attempt.id) == whole.map(\.attempt.id))
            let earlier = try await lines(house, community, from: before, until: before.adding(days: 1))
            #expect(earlier.map(\.visit.id) == [early] && earlier.first?.met.zh == "见到")
        }
    }

    @Test("每次联系一行：没见到的还在原来的月份、原来的方式、原来的人，后面改电话、换人、再联系上都不改它", arguments: TestEngine.enabled)
    func attempts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, keys) = (VisitCommands(house.services.database), house.services.database.keys)
            let household = try await VisitsTests.enter(house, born: Self.born, phone: "13800138000")
            let from = house.clock.clock.now
            let id = try await VisitsTests.announce(house, household)
            try await commands.miss(id, house.context(DemoStaff.gridWorker1))
            let next = from.adding(days: 20)
            func first() async throws -> [VisitLedgerLine] {
                try await lines(house, VisitsTests.grid, from: from, until: next).filter { $0.visit.id == id }
            }
            let before = try await first()
            #expect(before.map(\.way.zh) == ["上门"] && before.map(\.met.zh) == ["没见到"])
            house.clock.set(next)
            try await commands.move(
                VisitCode.make(id, keys), to: VisitsTests.slot(house), .call, wish: "", house.visitor)
            // The grid is somebody else's: who follows it up is not who was at the door.
            let other = try #require(try await house.context(DemoStaff.gridWorker2).actor.account)
            try await house.services.database.write(try await house.context(.administrator), "test.hand") { tx in
                try tx.execute("UPDATE visit SET worker_id = \(other), worker_name = '王芳' WHERE id = \(id)")
                try tx.audit(Subject("visit", id))
            }
            house.clock.advance(minutes: 10)
            var outcome = VisitOutcome()
            outcome.note = "都好"
            try await commands.finish(id, outcome, house.context(DemoStaff.gridWorker1))
            let after = try await first()
            #expect(after.map(\.attempt.id) == before.map(\.attempt.id))
            #expect(after.map(\.way.zh) == ["上门"] && after.map(\.met.zh) == ["没见到"])
            #expect(after.map(\.attempt.workerName) == ["李强"] && after.map(\.short.zh) == [""])
            let later = try await lines(house, VisitsTests.grid, from: next, until: next.adding(days: 1))
                .filter { $0.visit.id == id }
            #expect(later.map(\.way.zh) == ["打电话"] && later.map(\.met.zh) == ["再联系上"])
            #expect(later.map(\.short.zh) == ["都好"])
        }
    }

    @Test("没见到的另约一次：旧条上的码不再改约，页面说清楚；新的照旧", arguments: TestEngine.enabled)
    func announcedAnew(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, keys) = (VisitCommands(house.services.database), house.services.database.keys)
            let household = try await VisitsTests.enter(house, born: Self.born, phone: "13800138000")
            let old = try await VisitsTests.announce(house, household)
            try await commands.miss(old, house.context(DemoStaff.gridWorker1))
            let new = try await VisitsTests.announce(house, household)
            let visits = try await house.services.database.read { tx in
                (try VisitQueries.find(old, tx), try VisitQueries.find(new, tx))
            }
            #expect(visits.0?.isOpen == false && visits.0?.result == .anew && visits.1?.state == .announced)
            let code = VisitCode.make(old, keys)
            let slot = VisitsTests.slot(house, days: 3)
            #expect(
                try await house.refusal {
                    try await commands.move(code, to: slot, .door, wish: "", house.visitor)
                } == .conflict)
            #expect(try await house.refusal { try await commands.allWell(code, house.visitor) } == .conflict)
            let page = try await house.open("/visit/\(code)", query: [], house.visitor)
            #expect(page.contains("已经另约了一次") && !page.contains("就这么定"))
            try await commands.move(VisitCode.make(new, keys), to: slot, .door, wish: "", house.visitor)
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
