import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Photos and signatures of visits made without a network: joined as on the desk, once, and kept while somebody decides.
@Suite("离线走访的照片和签名")
struct OfflineVisitPicturesTests {
    private static let elder = CivilDate(year: 1950, month: 6, day: 15)
    private static let photos = [PhoneWork.picture("door"), PhoneWork.picture("alarm")]
    private static let ink = PhoneWork.picture("ink")

    private func begin(_ house: House) async throws -> (visit: ID<Visit>, phone: PhoneWork) {
        let household = try await VisitsTests.enter(house, born: Self.elder, phone: "13800138000")
        let visit = try await VisitsTests.announce(house, household)
        try await house.roster(DemoStaff.gridWorker1.phone)
        let session = try await house.session(DemoStaff.gridWorker1.phone)
        let (lease, _) = try await OfflineLease.issue(
            for: VisitsTests.grid, session, try await house.context(DemoStaff.gridWorker1), house.services)
        return (visit, PhoneWork(lease))
    }

    /// The words of a visit that was done, beside its pictures.
    private func done(_ visit: ID<Visit>, _ more: String = "", before: String = "open-0") -> String {
        #"{"kind":"done","visit":"\#(visit)","before":"\#(before)","changed":true,"note":"换了电池"\#(more)}"#
    }

    private func decided(_ visit: ID<Visit>, _ kind: String, _ settles: String, before: String) -> String {
        #"{"kind":"\#(kind)","visit":"\#(visit)","settles":"\#(settles)","before":"\#(before)"}"#
    }

    private func take(
        _ phone: PhoneWork, _ key: String, _ body: String, with pictures: [[UInt8]] = [], sizes: String? = nil,
        at: Instant? = nil, by person: DemoStaff = .gridWorker1, _ house: House
    ) async throws -> OfflineOutcome {
        let sealed = try phone.sealed(
            key, part: "visits", at: at ?? house.clock.clock.now, body: body, photos: pictures, sizes: sizes)
        return try await OfflineSync.take(
            sealed, key: key, lease: phone.lease.id, try await house.context(person), house.services)
    }

    private func visit(_ id: ID<Visit>, _ house: House) async throws -> Visit {
        try #require(try await house.services.database.read { try VisitQueries.find(id, $0) })
    }

    /// How many photos and signatures a visit has, and how many files of it lie unused.
    private func pictures(_ id: ID<Visit>, _ house: House) async throws -> [Int] {
        try await house.services.database.read { tx in
            [
                try VisitQueries.photos(of: id, .photo, tx).count,
                try VisitQueries.photos(of: id, .signature, tx).count,
                try tx.value("SELECT count(*) FROM stored_file WHERE is_used = 0") ?? 0,
            ]
        }
    }

    private func hashes(_ id: ID<Visit>, _ house: House) async throws -> [String] {
        try await house.services.database.read { try VisitQueries.photos(of: id, .photo, $0).map(\.hash) }
    }

    private func entry(_ key: String, _ house: House) async throws -> ID<OfflineEntry> {
        try #require(
            try await house.value("SELECT id FROM offline_entry WHERE key = \(key)", as: ID<OfflineEntry>.self))
    }

    @Test("签名和照片跟着走访到一次，过了期、退出了也收；看签名照样有记录", arguments: TestEngine.enabled)
    func joined(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (id, phone) = try await begin(house)
            let seen = house.clock.clock.now.adding(minutes: 20)
            let worker = try await house.context(DemoStaff.gridWorker1)
            try await house.services.signIn.endEverywhere(try #require(worker.actor.account), worker)
            house.clock.advance(minutes: 2 * 24 * 60)
            let body = done(id, #","signature":true,"signer":"陈秀英 13900001111""#)
            for _ in 0..<3 {
                let outcome = try await take(phone, "pppppppp-1", body, with: Self.photos + [Self.ink], at: seen, house)
                #expect(outcome == .taken)
            }
            #expect(try await pictures(id, house) == [2, 1, 0])
            let first = try await hashes(id, house)
            #expect(Set(first).count == 2, "two photos, in the order they were taken")
            let over = try await visit(id, house)
            #expect(over.state == .done && over.endedAt == seen)
            #expect(over.signer.hasPrefix("陈秀英") && !over.signer.contains("13900001111"))
            let commands = VisitCommands(house.services.database)
            let drawn = try await commands.signature(of: id, house.context(DemoStaff.gridWorker1))
            #expect(!first.contains(drawn.hash) && drawn.size == Self.ink.count)
            for (command, count) in [("visits.readSignature", 1), ("offline.visit", 1)] {
                let entries: SQL = """
                    SELECT count(*) FROM audit_entry WHERE command = \(command) AND subject_kind = 'visit'
                    """
                #expect(try await house.value(entries, as: Int.self) == count, "\(command)")
            }
            // Typed and ticked does as well; half of it does not.
            let next = try await VisitsTests.announce(house, over.household)
            let half = try await take(phone, "pppppppp-2", done(next, #","signer":"陈秀英""#), house)
            #expect(half.kind == .refused && half.text?.zh.contains("打勾") == true)
            let typed = done(next, #","signer":"陈秀英","signed":true"#)
            #expect(try await take(phone, "pppppppp-3", typed, house) == .taken)
            #expect(try await visit(next, house).signer == "陈秀英")
            #expect(try await pictures(next, house) == [0, 0, 0])
        }
    }

    @Test("桌面上先记完：照片和签名留着，用我的就合在一起，签名以后一个为准", arguments: TestEngine.enabled)
    func bothEnded(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (id, phone) = try await begin(house)
            let colleague = try await house.context(DemoStaff.worker)
            var theirs = VisitOutcome()
            (theirs.note, theirs.signer) = ("门锁换了", "陈明")
            theirs.photos = [try await house.photo(colleague)]
            theirs.signature = try await house.photo(colleague)
            try await VisitCommands(house.services.database).finish(id, theirs, colleague)
            let body = done(id, #","signature":true,"signer":"陈秀英""#)
            let outcome = try await take(phone, "qqqqqqqq-1", body, with: Self.photos + [Self.ink], house)
            #expect(outcome.kind == .conflict)
            let words = try #require(outcome.differences.first { $0.field == "visit.pictures" }?.words)
            #expect(words.mine.zh == "2 张照片、住户签名（陈秀英）" && words.mine.en == "2 photos, signature (陈秀英)")
            #expect(words.theirs.zh == "1 张照片、住户签名（陈明）")
            #expect(try await pictures(id, house) == [1, 1, 3], "kept, and not shown yet")
            #expect(try await take(phone, "qqqqqqqq-1", body, with: Self.photos + [Self.ink], house) == outcome)
            #expect(try await pictures(id, house) == [1, 1, 3], "sent again, kept once")
            let mine = decided(id, "mine", "qqqqqqqq-1", before: "done-0")
            for _ in 0..<2 { #expect(try await take(phone, "qqqqqqqq-2", mine, house) == .taken) }
            #expect(try await pictures(id, house) == [3, 2, 0])
            let whole = try await visit(id, house)
            #expect(whole.signer == "陈秀英" && whole.note == "门锁换了；换了电池")
            let drawn = try await VisitCommands(house.services.database).signature(of: id, colleague)
            #expect(drawn.size == Self.ink.count, "the newer signature is the one that is shown")
            let late = try await take(phone, "qqqqqqqq-1", body, with: Self.photos + [Self.ink], house)
            #expect(late == .taken, "decided")
            let again = try await take(phone, "qqqqqqqq-3", mine, house)
            #expect(again.kind == .refused && again.text?.zh.contains("已经决定过") == true)
        }
    }

    @Test("决定的工夫又改了：再摆一次，说明、照片、签名一样不少", arguments: TestEngine.enabled)
    func movedTwice(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (id, phone) = try await begin(house)
            let commands = VisitCommands(house.services.database)
            let code = VisitCode.make(id, house.services.database.keys)
            let seen = house.clock.clock.now
            try await commands.move(code, to: VisitsTests.slot(house, days: 3), .door, wish: "", house.visitor)
            let body = done(id, #","signature":true"#)
            let first = try await take(phone, "rrrrrrrr-1", body, with: Self.photos + [Self.ink], at: seen, house)
            #expect(first.differences.first?.mark == "open-1-door")
            try await commands.move(code, to: VisitsTests.slot(house, days: 4), .door, wish: "", house.visitor)
            let mine = decided(id, "mine", "rrrrrrrr-1", before: "open-1")
            let second = try await take(phone, "rrrrrrrr-2", mine, house)
            #expect(second.kind == .conflict && second.differences.first?.mark == "open-2-door")
            #expect(second.differences.contains { $0.field == "visit.pictures" })
            #expect(try await pictures(id, house) == [0, 0, 3])
            let last = decided(id, "mine", "rrrrrrrr-2", before: "open-2")
            #expect(try await take(phone, "rrrrrrrr-3", last, house) == .taken)
            #expect(try await pictures(id, house) == [2, 1, 0])
            let over = try await visit(id, house)
            #expect(over.note == "换了电池" && over.endedAt == seen, "at the hour it was done, not decided")
        }
    }

    @Test("不是照片、张数超了、长度乱写、别人网格的、冒用文件的：不收，好的留着再决定", arguments: TestEngine.enabled)
    func hostile(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (id, phone) = try await begin(house)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let script = Array("<script>alert(1)</script>".utf8)
            let signed = done(id, #","signature":true"#)
            let bad = try await take(phone, "ssssssss-1", signed, with: [Self.photos[0], script, Self.ink], house)
            #expect(bad.kind == .refused && bad.text?.zh.hasPrefix("第 2 张照片打不开") == true)
            let unsigned = try await take(phone, "ssssssss-2", signed, with: [Self.photos[0], script], house)
            #expect(unsigned.text?.zh.hasPrefix("签名的图打不开") == true)
            #expect(try await take(phone, "ssssssss-3", signed, with: [], house).text?.zh.hasPrefix("签名的图打不开") == true)
            let many = (1...10).map { PhoneWork.picture("\($0)") }
            #expect(try await take(phone, "ssssssss-4", done(id), with: many, house).text?.zh == "最多 9 张照片")
            for (key, sizes) in [("ssssssss-5", "9223372036854775807"), ("ssssssss-6", "4,-1"), ("ssssssss-7", "99")] {
                let lie = try await take(phone, key, done(id), with: [Self.photos[0]], sizes: sizes, house)
                #expect(lie.kind == .refused && lie.text?.zh.contains("不完整") == true, "\(sizes)")
            }
            #expect(try await visit(id, house).state == .announced)
            #expect(try await pictures(id, house) == [0, 0, 3], "the good ones wait")
            // Somebody else's work, and somebody else's grid.
            await #expect(throws: LinliError.self) {
                try await take(phone, "ssssssss-8", done(id), with: Self.photos, by: .worker, house)
            }
            let far = try await VisitsTests.announce(
                house, VisitsTests.enter(house, born: Self.elder, phone: "13800138001", number: "1301"))
            try await house.services.database.write(worker, "test.grid") { tx in
                let other = DivisionCode(rawValue: 110_101_001_901_003)
                try tx.execute("UPDATE visit SET division = \(other) WHERE id = \(far)")
                try tx.audit(Subject("visit", far))
            }
            for (key, visit) in [("ssssssss-9", far), ("ssssssss-a", ID(rawValue: 77))] {
                #expect(try await take(phone, key, done(visit), with: Self.photos, house).kind == .refused)
                #expect(try await pictures(visit, house).prefix(2) == [0, 0])
            }
            // What the phone says of stored files is not believed.
            let stolen = try await house.photo(worker)
            let near = try await VisitsTests.announce(
                house, VisitsTests.enter(house, born: Self.elder, phone: "13800138002", number: "1302"))
            let claim = done(near, #","stored":["\#(stolen)"]"#)
            #expect(try await take(phone, "ssssssss-b", claim, house) == .taken)
            #expect(try await pictures(near, house).prefix(2) == [0, 0])
            #expect(try await house.value("SELECT is_used FROM stored_file WHERE id = \(stolen)", as: Int.self) == 0)
            // Tried again on the desk, it is noted without the one that is none.
            let first = try await entry("ssssssss-1", house)
            #expect(try await OfflineSync.insist(on: first, worker, house.services) == .taken)
            #expect(try await pictures(id, house).prefix(2) == [1, 1])
        }
    }

    @Test("没了职责：照片留一份，传几次都一份；桌面上收起来，手机再传也不做", arguments: TestEngine.enabled)
    func kept(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (id, phone) = try await begin(house)
            let worker = try await house.context(DemoStaff.gridWorker1)
            func duty(_ until: Int?) async throws {
                try await house.services.database.write(worker, "test.duty") { tx in
                    try tx.execute(
                        "UPDATE access_grant SET valid_until = \(until) WHERE account_id = \(worker.actor.account)")
                    try tx.audit(Subject("account", 1))
                }
            }
            try await duty(1)
            let signed = done(id, #","signature":true"#)
            for key in ["tttttttt-1", "tttttttt-1", "tttttttt-2"] {
                #expect(try await take(phone, key, signed, with: Self.photos + [Self.ink], house).kind == .kept)
            }
            #expect(try await pictures(id, house) == [0, 0, 6])
            try await duty(nil)
            let away = try await entry("tttttttt-2", house)
            try await OfflineStore.drop(away, worker, house.services.database)
            #expect(try await take(phone, "tttttttt-2", signed, with: Self.photos + [Self.ink], house) == .taken)
            #expect(try await visit(id, house).state == .announced, "put away is put away")
            let kept = try await entry("tttttttt-1", house)
            #expect(try await OfflineSync.insist(on: kept, worker, house.services) == .taken)
            #expect(try await pictures(id, house) == [2, 1, 3])
            #expect(try await take(phone, "tttttttt-1", signed, with: Self.photos + [Self.ink], house) == .taken)
            #expect(try await pictures(id, house) == [2, 1, 3], "done on the desk, not a second time")
        }
    }
}
