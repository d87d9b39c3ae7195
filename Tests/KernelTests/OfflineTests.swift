import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Work without a network: leave for one duty, what goes along, and what comes back sealed, once, by its own person.
@Suite("离线台账")
struct OfflineTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)

    /// A household of two in the first grid.
    private func enter(_ house: House) async throws -> (household: ID<Household>, people: [ID<Person>]) {
        let database = house.services.database
        let place: ID<Place> = try #require(
            try await house.value("SELECT min(id) FROM place WHERE kind = 'entrance'", as: ID<Place>.self))
        let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
        let dwelling = DwellingRecord(
            id: try database.newID(), place: place, kind: .flat, number: "1201", floor: 12,
            address: "幸福里小区3号楼2单元1201", division: Self.grid, occupancy: .owner, entry: entry)
        let household = HouseholdRecord(
            id: try database.newID(), dwelling: dwelling.id, division: Self.grid, entry: entry)
        var elder = NewPerson(
            name: "陈秀英", dwelling: dwelling.id, household: household.id, division: Self.grid, entry: entry)
        elder.take(try CitizenID("110100195006150020", today: house.clock.clock.now.date))
        elder.phone = PhoneNumber("13800138000")
        elder.relation = .head
        elder.facts = try [
            (#require(RegisterField.named("person.careLevel")), "1"),
            (#require(RegisterField.named("person.education")), "初中"),
            (#require(RegisterField.named("person.isReleased")), "1"),
        ]
        let son = NewPerson(
            name: "陈明", dwelling: dwelling.id, household: household.id, division: Self.grid, entry: entry)
        var batch = RegisterBatch()
        batch.dwellings = [dwelling]
        batch.households = [household]
        batch.people = try database.seal([elder, son])
        let entered = batch
        try await database.write(try await house.context(.worker), "registers.enter") { tx in
            try RegisterCommands.enter(entered, as: Subject("household", household.id, division: Self.grid), tx)
        }
        let people = try await database.read { try RegisterQueries.members(of: household.id, $0).map(\.person.id) }
        return (household.id, people)
    }

    private func issue(_ house: House, _ person: DemoStaff = .gridWorker1) async throws -> (
        phone: PhoneWork, session: Session, households: [OfflineHousehold]
    ) {
        let session = try await house.session(person.phone)
        let (lease, households) = try await OfflineLease.issue(
            for: Self.grid, session, try await house.context(person), house.services)
        return (PhoneWork(lease), session, households)
    }

    private func take(
        _ phone: PhoneWork, _ key: String, _ body: String, by person: DemoStaff = .gridWorker1, at: Instant? = nil,
        _ house: House
    ) async throws -> OfflineOutcome {
        let sealed = try phone.sealed(key, at: at ?? house.clock.clock.now, body: body)
        return try await OfflineSync.take(
            sealed, key: key, lease: phone.lease.id, try await house.context(person), house.services)
    }

    private func edit<Entity>(
        _ household: ID<Household>, _ subject: ID<Entity>, _ field: String, from before: String, to value: String,
        settles: String = ""
    ) -> String {
        let kind = field.prefix { $0 != "." }
        let change =
            #""kind":"\#(kind)","id":"\#(subject)","field":"\#(field)","before":"\#(before)","value":"\#(value)""#
        return #"{"kind":"edit","household":"\#(household)","settles":"\#(settles)","changes":[{\#(change)}]}"#
    }

    private func name(_ person: ID<Person>, _ house: House) async throws -> String? {
        try await house.value("SELECT name FROM person WHERE id = \(person)", as: String.self)
    }

    @Test("不在班上领不到；领到的打了码、没有特殊人群信息，每户记一笔", arguments: TestEngine.enabled)
    func leave(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            await #expect(throws: LinliError.self) { try await issue(house) }
            try await house.roster(DemoStaff.gridWorker1.phone)
            await #expect(throws: LinliError.self, "another grid") { try await issue(house, .gridWorker2) }
            let (phone, session, households) = try await issue(house)
            #expect(phone.lease.expiresAt == house.clock.clock.now.adding(hours: 12))
            let mine = households.filter { $0.id == known.household }
            #expect(mine.count == 1)
            var json = JSONWriter()
            mine[0].write(to: &json)
            let text = String(decoding: json.bytes, as: UTF8.self)
            #expect(text.contains("陈秀英") && text.contains("138****8000") && text.contains("初中"))
            #expect(!text.contains("13800138000") && !text.contains("110100195006150020"))
            #expect(!text.contains("isReleased"), "special groups never go along")
            #expect(text.contains(#""person.careLevel":"#), "closed, but known to be there")
            let subject = RegisterSubject(.household, known.household)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.map(\.command) == ["registers.offline"])
            #expect(readings.first?.purpose == .visit)
            let context = try await house.context(.gridWorker1)
            let isAlive = try await house.services.database.read {
                try OfflineLease.isAlive(phone.lease.id, for: session, context, $0)
            }
            #expect(isAlive)
        }
    }

    @Test("设了要带的敏感字段才带，带了谁的记在谁名下；特殊人群信息设不了", arguments: TestEngine.enabled)
    func namedFields(_ engine: TestEngine) async throws {
        #expect(OfflineSettings.fields("person.isReleased") == nil)
        #expect(OfflineSettings.fields("person.unheardOf") == nil && OfflineSettings.fields("") == [])
        try await withHouse(engine) { house in
            let known = try await enter(house)
            try await house.roster(DemoStaff.gridWorker1.phone)
            let session = try await house.session(DemoStaff.gridWorker1.phone)
            var settings = OfflineSettings()
            settings.fields = try #require(OfflineSettings.fields("person.careLevel, person.contactPhone"))
            settings.hours = 2
            let services = house.services.carrying(settings)
            let context = try await house.context(.gridWorker1)
            try await house.agree(known.people[0], to: [.healthVisits])
            let (lease, households) = try await OfflineLease.issue(for: Self.grid, session, context, services)
            #expect(lease.expiresAt == context.now.adding(hours: 2))
            var json = JSONWriter()
            for household in households where household.id == known.household { household.write(to: &json) }
            #expect(String(decoding: json.bytes, as: UTF8.self).contains(#""person.careLevel":"1""#))
            let subject = RegisterSubject(.person, known.people[0])
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.flatMap(\.fields).map(\.id) == ["person.careLevel"])
            let fresh = try await OfflineHousehold.refreshed([known.household], for: lease, context, services)
            #expect(fresh.count == 1)
            let again = try await house.services.database.read { try RegisterReading.readings(of: subject, $0).count }
            #expect(again == 2, "seen again, noted again")
        }
    }

    @Test("退出登录、到期、自己结束：台账都不能再留", arguments: TestEngine.enabled)
    func endings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.roster(DemoStaff.gridWorker1.phone)
            func isAlive(_ lease: OfflineLease, _ session: Session) async throws -> Bool {
                let context = try await house.context(.gridWorker1)
                return try await house.services.database.read {
                    try OfflineLease.isAlive(lease.id, for: session, context, $0)
                }
            }
            let (first, session, _) = try await issue(house)
            let context = try await house.context(.gridWorker1)
            await #expect(throws: LinliError.self) {
                try await OfflineLease.end(first.lease.id, house.context(.worker), house.services.database)
            }
            try await OfflineLease.end(first.lease.id, context, house.services.database)
            #expect(try await !isAlive(first.lease, session))
            let (second, again, _) = try await issue(house)
            #expect(try await isAlive(second.lease, again))
            let open = try await house.services.database.read {
                try OfflineLease.open(of: again.account.id, at: context.now, $0).map(\.id)
            }
            #expect(open == [second.lease.id])
            try await house.services.signIn.endEverywhere(again.account.id, context)
            #expect(try await !isAlive(second.lease, again), "signed out everywhere")
            let (third, last, _) = try await issue(house)
            house.clock.advance(minutes: 12 * 60)
            #expect(try await !isAlive(third.lease, last), "the lease is over")
        }
    }

    @Test("改一项传一遍：传两遍只改一次，互不相干的合在一起，同一项两边都改的摆出来", arguments: TestEngine.enabled)
    func edits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            let elder = known.people[0]
            try await house.roster(DemoStaff.gridWorker1.phone)
            try await house.roster(DemoStaff.worker.phone)
            let (one, _, _) = try await issue(house)
            let (other, _, _) = try await issue(house, .worker)
            let rename = edit(known.household, elder, "person.name", from: "=陈秀英", to: "陈秀瑛")
            #expect(try await take(one, "aaaaaaaa-1", rename, house) == .taken)
            #expect(try await take(one, "aaaaaaaa-1", rename, house) == .taken, "sent again")
            #expect(try await house.value("SELECT version FROM person WHERE id = \(elder)", as: Int.self) == 2)
            // The other phone changed something else: both stand.
            let school = edit(known.household, elder, "person.education", from: "=初中", to: "高中")
            #expect(try await take(other, "bbbbbbbb-1", school, by: .worker, house) == .taken)
            // And the same: both values come back, what stands there is kept.
            let clash = edit(known.household, elder, "person.name", from: "=陈秀英", to: "陈秀莹")
            let outcome = try await take(other, "bbbbbbbb-2", clash, by: .worker, house)
            #expect(outcome.kind == .conflict)
            #expect(outcome.differences.map(\.mine) == ["陈秀莹"])
            #expect(outcome.differences.map(\.theirs) == ["陈秀瑛"])
            #expect(try await name(elder, house) == "陈秀瑛")
            #expect(try await take(other, "bbbbbbbb-2", clash, by: .worker, house) == outcome, "asked again")
            // The same wish from both is no conflict.
            let agreed = edit(known.household, elder, "person.name", from: "=陈秀英", to: "陈秀瑛")
            #expect(try await take(other, "bbbbbbbb-3", agreed, by: .worker, house) == .taken)
            // Decided on the phone: mine, over what was seen.
            let mine = edit(
                known.household, elder, "person.name", from: "=陈秀瑛", to: "陈秀莹", settles: "bbbbbbbb-2")
            #expect(try await take(other, "bbbbbbbb-4", mine, by: .worker, house) == .taken)
            #expect(try await name(elder, house) == "陈秀莹")
            let open = try await house.value(
                "SELECT count(*) FROM offline_entry WHERE outcome <> 'taken' AND settled_at IS NULL", as: Int.self)
            #expect(open == 0)
        }
    }

    @Test("保密字段、手机号、房屋：照样分清先后，不合规矩的不收", arguments: TestEngine.enabled)
    func closedFields(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            let (elder, son) = (known.people[0], known.people[1])
            try await house.roster(DemoStaff.gridWorker1.phone)
            try await house.roster(DemoStaff.worker.phone)
            let (one, _, _) = try await issue(house)
            let (other, _, _) = try await issue(house, .worker)
            // A closed field: told by when it was written, then by the value this phone gave it itself.
            let careAt = try await house.value(
                "SELECT at FROM register_fact WHERE subject_id = \(elder) AND field = 'person.careLevel'",
                as: Int64.self)
            let care = edit(known.household, elder, "person.careLevel", from: "#\(careAt ?? 0)", to: "2")
            house.clock.advance(minutes: 1)
            #expect(try await take(one, "aaaaaaaa-2", care, house) == .taken)
            let more = edit(known.household, elder, "person.careLevel", from: "=2", to: "3")
            #expect(try await take(one, "aaaaaaaa-3", more, house) == .taken)
            let late = edit(known.household, elder, "person.careLevel", from: "#\(careAt ?? 0)", to: "0")
            let closed = try await take(other, "bbbbbbbb-5", late, by: .worker, house)
            #expect(closed.kind == .conflict && closed.differences.first?.theirs == nil, "what is closed stays closed")
            // A phone: sealed, shown by its mask.
            let phone = edit(known.household, son, "person.phone", from: "=", to: "13912340077")
            #expect(try await take(one, "aaaaaaaa-4", phone, house) == .taken)
            #expect(
                try await house.value("SELECT phone_mask FROM person WHERE id = \(son)", as: String.self)
                    == "139****0077")
            let wrong = edit(known.household, son, "person.phone", from: "=139****0077", to: "12345")
            #expect(try await take(one, "aaaaaaaa-5", wrong, house).kind == .refused)
            let home = try #require(
                try await house.value(
                    "SELECT dwelling_id FROM household WHERE id = \(known.household)", as: ID<Dwelling>.self))
            let occupancy = edit(known.household, home, "dwelling.occupancy", from: "=owner", to: "rented")
            #expect(try await take(one, "aaaaaaaa-6", occupancy, house) == .taken)
            let special = edit(known.household, son, "person.isReleased", from: "=", to: "1")
            #expect(try await take(one, "aaaaaaaa-7", special, house).kind == .refused)
        }
    }

    @Test("加人、去世、没变化、打开：各记一次，人数跟着变", arguments: TestEngine.enabled)
    func members(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            try await house.roster(DemoStaff.gridWorker1.phone)
            let (phone, _, _) = try await issue(house)
            let seen = house.clock.clock.now.adding(minutes: 5)
            house.clock.advance(minutes: 90)
            func body(_ kind: String, _ more: String = "") -> String {
                #"{"kind":"\#(kind)","household":"\#(known.household)"\#(more)}"#
            }
            let baby = #","name":"陈小宝","sex":"1","born":"2026-11-01","relation":"grandchild","tie":"family""#
            let new = body("member", baby)
            let gone = body("gone", #","person":"\#(known.people[1])","reason":"died","day":"2026-11-03""#)
            let (same, opened) = (body("same"), body("opened"))
            for _ in 0..<2 {
                #expect(try await take(phone, "cccccccc-1", new, at: seen, house) == .taken)
                #expect(try await take(phone, "cccccccc-2", gone, at: seen, house) == .taken)
                #expect(try await take(phone, "cccccccc-3", same, at: seen, house) == .taken)
                #expect(try await take(phone, "cccccccc-4", opened, at: seen, house) == .taken)
            }
            let names = try await house.services.database.read {
                try RegisterQueries.members(of: known.household, $0).map(\.person.name)
            }
            #expect(names == ["陈秀英", "陈小宝"])
            let why: String? = try await house.value("SELECT end_reason || ended_on FROM person WHERE ended_on > 0")
            let heard: Instant? = try await house.value("SELECT heard_at FROM household WHERE id = \(known.household)")
            #expect(why == "died20261103" && heard == seen, "the hour it was done, not the hour it came")
            let subject = RegisterSubject(.household, known.household)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.count == 2 && readings[0].note.contains("T"), "downloaded once, opened once")
            await house.deliver()
            let differences = try await house.services.database.read { try RegisterCounts.differences($0).count }
            #expect(differences == 0)
        }
    }

    @Test("过了期也收，别人的不收，没了职责替人留着，坏的说清楚", arguments: TestEngine.enabled)
    func afterwards(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            try await house.roster(DemoStaff.gridWorker1.phone)
            let (phone, _, _) = try await issue(house)
            let account = try await house.context(.gridWorker1)
            let body = edit(known.household, known.people[0], "person.name", from: "=陈秀英", to: "陈秀瑛")
            let sealed = try phone.sealed("dddddddd-1", at: house.clock.clock.now, body: body)
            try await house.services.signIn.endEverywhere(try #require(account.actor.account), account)
            house.clock.advance(minutes: 3 * 24 * 60)
            func send(_ bytes: [UInt8], _ key: String, _ person: DemoStaff) async throws -> OfflineOutcome {
                try await OfflineSync.take(
                    bytes, key: key, lease: phone.lease.id, try await house.context(person), house.services)
            }
            await #expect(throws: LinliError.self, "somebody else") { try await send(sealed, "dddddddd-1", .worker) }
            #expect(try await send(sealed, "dddddddd-2", .gridWorker1).kind == .refused, "sealed for another name")
            var broken = sealed
            broken[broken.count - 1] ^= 1
            #expect(try await send(broken, "dddddddd-1", .gridWorker1).kind == .refused)
            // No duty any more: kept, and done when the duty is back.
            try await house.services.database.write(account, "test.duty") { tx in
                try tx.execute("UPDATE access_grant SET valid_until = 1 WHERE account_id = \(account.actor.account)")
                try tx.audit(Subject("account", 1))
            }
            #expect(try await send(sealed, "dddddddd-1", .gridWorker1).kind == .kept)
            #expect(try await name(known.people[0], house) == "陈秀英")
            try await house.services.database.write(account, "test.duty") { tx in
                try tx.execute("UPDATE access_grant SET valid_until = NULL WHERE account_id = \(account.actor.account)")
                try tx.audit(Subject("account", 1))
            }
            #expect(try await send(sealed, "dddddddd-1", .gridWorker1) == .taken)
            #expect(try await name(known.people[0], house) == "陈秀瑛")
        }
    }

    @Test("电脑上决定：用手机里的，或者收起来", arguments: TestEngine.enabled)
    func decided(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            try await house.roster(DemoStaff.gridWorker1.phone)
            let (phone, _, _) = try await issue(house)
            let elder = known.people[0]
            let context = try await house.context(.gridWorker1)
            let account = try #require(context.actor.account)
            let services = house.services
            for (key, name) in [("eeeeeeee-1", "甲"), ("eeeeeeee-2", "乙")] {
                let body = edit(known.household, elder, "person.name", from: "=没有见过", to: name)
                #expect(try await take(phone, key, body, house).kind == .conflict)
            }
            func undecided() async throws -> [OfflineStore.Undecided] {
                try await services.database.read {
                    try OfflineStore.undecided(of: account, services.database.keys, $0)
                }
            }
            let open = try await undecided()
            #expect(open.map { $0.outcome.differences.first?.mine } == ["甲", "乙"])
            await #expect(throws: LinliError.self, "not theirs") {
                try await OfflineStore.drop(open[0].id, house.context(.worker), services.database)
            }
            try await OfflineStore.drop(open[0].id, context, services.database)
            #expect(try await OfflineSync.insist(on: open[1].id, context, services) == .taken)
            #expect(try await name(elder, house) == "乙")
            #expect(try await undecided().isEmpty)
        }
    }

    @Test("期限过了：钥匙和办完的销掉，没决定的留着；晚来的说明白；审计还在", arguments: TestEngine.enabled)
    func forgotten(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            try await house.roster(DemoStaff.gridWorker1.phone)
            try await house.roster(DemoStaff.worker.phone)
            let (done, open) = (try await issue(house).phone, try await issue(house, .worker).phone)
            let right = edit(known.household, known.people[0], "person.name", from: "=陈秀英", to: "陈秀瑛")
            #expect(try await take(done, "ffffffff-1", right, house) == .taken)
            let clash = edit(known.household, known.people[0], "person.name", from: "=没有见过", to: "甲")
            #expect(try await take(open, "ffffffff-2", clash, by: .worker, house).kind == .conflict)
            func counts() async throws -> [Int] {
                try await house.services.database.read { tx in
                    try ["offline_lease", "offline_entry", "audit_entry WHERE subject_kind = 'offlineLease'"].map {
                        try tx.value("SELECT count(*) FROM \(SQL(stringLiteral: $0))") ?? 0
                    }
                }
            }
            let before = try await counts()
            house.clock.advance(minutes: 29 * 24 * 60)
            try await house.run(job: "offline.retention")
            #expect(try await counts() == before, "not before its days are over")
            house.clock.advance(minutes: 3 * 24 * 60)
            try await house.run(job: "offline.retention")
            try await house.run(job: "offline.retention")
            #expect(try await counts() == [1, 1, before[2] + 1], "nothing was left to do the second time")
            for (phone, key, person) in [(done, "ffffffff-3", DemoStaff.gridWorker1), (open, "ffffffff-4", .worker)] {
                let late = try await take(phone, key, right, by: person, house)
                #expect(late.kind == .refused && late.text?.zh.contains("重新填写") == true)
            }
            #expect(try await take(open, "ffffffff-2", clash, by: .worker, house).kind == .conflict, "still to decide")
            let left = try #require(try await house.value("SELECT id FROM offline_entry", as: ID<OfflineEntry>.self))
            try await OfflineStore.drop(left, house.context(.worker), house.services.database)
            house.clock.advance(minutes: 31 * 24 * 60)
            try await house.run(job: "offline.retention")
            #expect(try await counts().prefix(2) == [0, 0])
        }
    }
}

extension Services {
    /// The same with other settings for phones.
    func carrying(_ offline: OfflineSettings) -> Services {
        Services(
            database: database, signIn: signIn, passwords: passwords, queries: queries, commands: commands,
            files: files, live: live, divisions: divisions, days: days, catalogue: catalogue, book: book,
            suggestions: suggestions, features: features, baseMap: baseMap, offline: offline)
    }
}
