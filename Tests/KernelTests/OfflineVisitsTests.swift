import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Visits without a network: what goes along, done once at the hour it was done, and both sides when it changed meanwhile.
@Suite("离线走访")
struct OfflineVisitsTests {
    private static let elder = CivilDate(year: 1950, month: 6, day: 15)

    /// A household with a visit announced for tomorrow, and a phone that holds its grid.
    private func begin(_ house: House) async throws -> (ID<Household>, ID<Visit>, PhoneWork) {
        let household = try await VisitsTests.enter(house, born: Self.elder, phone: "13800138000")
        let visit = try await VisitsTests.announce(house, household)
        try await house.roster(DemoStaff.gridWorker1.phone)
        let session = try await house.session(DemoStaff.gridWorker1.phone)
        let (lease, _) = try await OfflineLease.issue(
            for: VisitsTests.grid, session, try await house.context(DemoStaff.gridWorker1), house.services)
        return (household, visit, PhoneWork(lease))
    }

    private func take(
        _ phone: PhoneWork, _ key: String, _ kind: String, _ visit: ID<Visit>, _ more: String,
        before: String = "open-0", at: Instant? = nil, by person: DemoStaff = .gridWorker1, _ house: House
    ) async throws -> OfflineOutcome {
        let body = #"{"kind":"\#(kind)","visit":"\#(visit)","before":"\#(before)"\#(more)}"#
        let sealed = try phone.sealed(key, part: "visits", at: at ?? house.clock.clock.now, body: body)
        return try await OfflineSync.take(
            sealed, key: key, lease: phone.lease.id, try await house.context(person), house.services)
    }

    private func visit(_ id: ID<Visit>, _ house: House) async throws -> Visit {
        try #require(try await house.services.database.read { try VisitQueries.find(id, $0) })
    }

    private func given(_ house: House, _ phone: PhoneWork) async throws -> String {
        let part = try #require(house.services.features.offline.first { $0.id == "visits" })
        let json = try await part.give(phone.lease, [], try await house.context(DemoStaff.gridWorker1), house.services)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("带走的只有今天和班上的走访，带着码和问题；没有特殊信息，没有号码", arguments: TestEngine.enabled)
    func goesAlong(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (_, id, phone) = try await begin(house)
            let code = VisitCode.shown(VisitCode.make(id, house.services.database.keys))
            // Announced for tomorrow morning: not yet while the lease ends before, but on the day itself.
            let now = house.clock.clock.now
            let isSoon =
                try await visit(id, house).startsAt < max(phone.lease.expiresAt, Instant(now.date.adding(days: 1)))
            #expect(try await given(house, phone).contains(code) == isSoon)
            house.clock.set(Instant(now.date.adding(days: 1), hour: 8))
            let morning = try await given(house, phone)
            #expect(morning.contains(code) && morning.contains("gasAlarm"))
            #expect(morning.contains(#""mark":"open-0-door""#), "with how it is to be made")
            #expect(!morning.contains("13800138000") && !morning.contains("陈秀英"))
            let commands = VisitCommands(house.services.database)
            try await commands.withdraw(id, try await house.context(DemoStaff.gridWorker1))
            #expect(try await !given(house, phone).contains(code))
        }
    }

    @Test("离线记完：到一次，按现场的钟点；再传一次还是一次", arguments: TestEngine.enabled)
    func doneOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (household, id, phone) = try await begin(house)
            let missed = house.clock.clock.now.adding(minutes: 10)
            let seen = missed.adding(minutes: 50)
            house.clock.advance(minutes: 180)
            #expect(try await take(phone, "vvvvvvvv-0", "missed", id, "", at: missed, house) == .taken)
            #expect(try await visit(id, house).missedAt == missed)
            // Nobody at home first changes nothing for who comes again.
            let more = #","changed":true,"answers":{"gasAlarm":"坏了","wiring":"胡说"},"note":"女儿 13900001111""#
            for _ in 0..<2 {
                #expect(try await take(phone, "vvvvvvvv-1", "done", id, more, at: seen, house) == .taken)
            }
            let done = try await visit(id, house)
            #expect(done.state == .done && done.result == .changed && done.endedAt == seen)
            #expect(!done.note.contains("13900001111"))
            let (answers, signals, entries) = try await house.services.database.read { tx in
                (
                    try VisitQueries.given(at: id, tx), try Households.signals(of: household, tx),
                    try tx.all("SELECT key FROM offline_entry WHERE part = 'visits'") { try $0[0] as String }
                )
            }
            #expect(answers == ["gasAlarm": "坏了"] && entries.count == 2)
            #expect(signals.map(\.signal) == [.visit] && signals.first?.at == seen)
            // Outside one's grid there is nothing, and what is no work on a visit is refused.
            let other = try await take(phone, "vvvvvvvv-2", "dance", id, "", before: "done-0", house)
            #expect(other.kind == .refused)
            let unknown = try await take(phone, "vvvvvvvv-3", "done", ID(rawValue: 77), "", house)
            #expect(unknown.kind == .refused)
        }
    }

    @Test("别人先记完：两边并排；用我的，两份说明都在；用现在的，不动", arguments: TestEngine.enabled)
    func bothEnded(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (household, id, phone) = try await begin(house)
            let seen = house.clock.clock.now.adding(minutes: 5)
            house.clock.advance(minutes: 60)
            var theirs = VisitOutcome()
            theirs.isUnchanged = false
            (theirs.answers, theirs.note) = (["gasAlarm": "能用"], "门锁换了")
            try await VisitCommands(house.services.database).finish(
                id, theirs, try await house.context(DemoStaff.worker))
            let more = #","changed":true,"answers":{"gasAlarm":"坏了"},"note":"报警器要换""#
            let outcome = try await take(phone, "wwwwwwww-1", "done", id, more, at: seen, house)
            #expect(outcome.kind == .conflict)
            #expect(outcome.differences.map(\.field) == ["visit.state", "visit.note", "q.gasAlarm"])
            let answer = try #require(outcome.differences.last?.words)
            #expect(answer.mine.en == "Broken" && answer.theirs.zh == "能用")
            #expect(try await take(phone, "wwwwwwww-1", "done", id, more, at: seen, house) == outcome, "words are kept")
            #expect(try await visit(id, house).note == "门锁换了")
            // The desk shows it, and so does the phone; kept as it stands it is settled.
            let mark = try #require(outcome.differences.first?.mark)
            #expect(mark == "done-0-door")
            let keep = #","settles":"wwwwwwww-1""#
            #expect(try await take(phone, "wwwwwwww-2", "theirs", id, keep, before: mark, house) == .taken)
            #expect(try await visit(id, house).note == "门锁换了")
            let again = try await take(phone, "wwwwwwww-3", "done", id, more, at: seen, house)
            #expect(again.kind == .conflict)
            let mine = #","settles":"wwwwwwww-3""#
            #expect(try await take(phone, "wwwwwwww-4", "mine", id, mine, before: mark, house) == .taken)
            let whole = try await visit(id, house)
            #expect(whole.note == "门锁换了；报警器要换" && whole.state == .done && !whole.isOpen)
            let (answers, open) = try await house.services.database.read { tx in
                (
                    try VisitQueries.answers(of: household, tx).mapValues(\.value),
                    try tx.all("SELECT key FROM offline_entry WHERE outcome <> 'taken' AND settled_at IS NULL") {
                        try $0[0] as String
                    }
                )
            }
            #expect(answers == ["gasAlarm": "坏了"] && open.isEmpty)
            let gone = try await take(phone, "wwwwwwww-5", "mine", id, mine, before: mark, house)
            #expect(gone.kind == .refused, "decided once")
        }
    }

    @Test("住户改了时间、或这次取消了：见到人就算有联系，怎么记由人定", arguments: TestEngine.enabled)
    func movedOrWithdrawn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (household, id, phone) = try await begin(house)
            let seen = house.clock.clock.now.adding(minutes: 5)
            house.clock.advance(minutes: 60)
            let commands = VisitCommands(house.services.database)
            let code = VisitCode.make(id, house.services.database.keys)
            try await commands.move(
                code, to: VisitsTests.slot(house, days: 3, .evening), .call, wish: "", house.visitor)
            let outcome = try await take(phone, "xxxxxxxx-1", "done", id, "", at: seen, house)
            #expect(outcome.differences.first?.theirs == "announced")
            #expect(outcome.differences.first?.words?.theirs.zh.contains("住户改到") == true)
            let signals = try await house.services.database.read { try Households.signals(of: household, $0) }
            #expect(signals.contains { $0.signal == .call || $0.signal == .visit }, "who was seen was seen")
            #expect(try await visit(id, house).state == .announced)
            // On the desk: over what stands there now.
            let worker = try await house.context(DemoStaff.gridWorker1)
            let entry = try #require(
                try await house.value(
                    "SELECT id FROM offline_entry WHERE key = 'xxxxxxxx-1'", as: ID<OfflineEntry>.self))
            #expect(try await OfflineSync.insist(on: entry, worker, house.services) == .taken)
            let done = try await visit(id, house)
            #expect(done.state == .done && done.endedAt == seen)
            let second = try await VisitsTests.announce(house, household)
            try await commands.withdraw(second, worker)
            let missed = try await take(phone, "xxxxxxxx-2", "missed", second, "", house)
            #expect(missed.differences.map(\.theirs) == ["withdrawn"])
            let decided = #","settles":"xxxxxxxx-2""#
            let mark = try #require(missed.differences.first?.mark)
            #expect(try await take(phone, "xxxxxxxx-3", "mine", second, decided, before: mark, house) == .taken)
            let withdrawn = try await visit(second, house)
            #expect(withdrawn.state == .withdrawn && withdrawn.missedAt != nil && !withdrawn.isOpen)
        }
    }

    /// How a visit was made, by what is kept of the contact and of the household.
    private func made(_ id: ID<Visit>, _ house: House) async throws -> [String] {
        try await house.services.database.read { tx in
            try tx.all(
                """
                SELECT a.way, v.way FROM visit_attempt a JOIN visit v ON v.id = a.visit_id WHERE v.id = \(id)
                ORDER BY a.at DESC, a.id DESC LIMIT 1
                """
            ) { [try $0[0] as String, try $0[1] as String] }.first ?? []
        }
    }

    @Test("上门见的，哪怕这期间改成了打电话，也记上门；打电话的反过来；在手机、电脑上再决定也一样", arguments: TestEngine.enabled)
    func replacedByACall(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (household, id, phone) = try await begin(house)
            let (commands, worker) = (
                VisitCommands(house.services.database), try await house.context(DemoStaff.gridWorker1)
            )
            func signals() async throws -> [ContactSignal] {
                try await house.services.database.read { try Households.signals(of: household, $0).map(\.signal) }
            }
            // A colleague made it a call: nothing against who was at the door already.
            let slot = VisitsTests.slot(house, days: 2)
            try await commands.move(id, to: slot, .call, wish: "", isAsked: false, worker)
            let seen = #","changed":false"#
            #expect(try await take(phone, "yyyyyyyy-1", "done", id, seen, before: "open-0-door", house) == .taken)
            #expect(try await made(id, house) == ["door", "door"])
            let first = try await signals()
            #expect(first.contains(.visit) && !first.contains(.call))
            // The household made it a call: both sides, decided on the phone, and once more as it was moved again.
            let second = try await VisitsTests.announce(house, household)
            let code = VisitCode.make(second, house.services.database.keys)
            try await commands.move(code, to: slot, .call, wish: "", house.visitor)
            let asked = try await take(phone, "yyyyyyyy-2", "done", second, seen, before: "open-0-door", house)
            #expect(asked.kind == .conflict && asked.differences.first?.mark == "open-1-call")
            try await commands.move(code, to: VisitsTests.slot(house, days: 3), .call, wish: "", house.visitor)
            let mine = #","settles":"yyyyyyyy-2""#
            let again = try await take(phone, "yyyyyyyy-3", "mine", second, mine, before: "open-1-call", house)
            #expect(again.kind == .conflict)
            let entry = try #require(
                try await house.value(
                    "SELECT id FROM offline_entry WHERE key = 'yyyyyyyy-3'", as: ID<OfflineEntry>.self))
            #expect(try await OfflineSync.insist(on: entry, worker, house.services) == .taken)
            #expect(try await made(second, house) == ["door", "door"])
            #expect(try await signals().contains(.call) == false)
            // Phoned, and to be at the door meanwhile; and what a phone of before sent goes by what stands there.
            let third = try await VisitsTests.announce(house, household)
            #expect(try await take(phone, "yyyyyyyy-4", "done", third, seen, before: "open-0-call", house) == .taken)
            #expect(try await made(third, house) == ["call", "call"])
            #expect(try await signals().contains(.call))
            let fourth = try await VisitsTests.announce(house, household)
            #expect(try await take(phone, "yyyyyyyy-5", "done", fourth, seen, house) == .taken)
            #expect(try await made(fourth, house) == ["door", "door"])
        }
    }
}
