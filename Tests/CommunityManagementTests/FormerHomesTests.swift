import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// A person's own entry tells where they lived, also where they went with their household.
@Suite("跟着整户搬家、注销的人，自己的登记里也写着")
struct FormerHomesTests {
    private func lived(_ person: ID<Person>, _ house: House) async throws -> [FormerHome] {
        try await house.services.database.read { try RegisterQueries.formerHomes(of: person, for: nil, $0) }
    }

    private func lines(_ subject: RegisterSubject, _ house: House) async throws -> [RegisterHistory.Line] {
        let keys = house.services.database.keys
        return try await house.services.database.read { try RegisterHistory.lines(of: subject, keys, $0) }
    }

    @Test("整户搬走、整户注销：住过的地方、历史都有；并进来的也算，本人搬的只写一行，删掉信息的没有", arguments: TestEngine.enabled)
    func along(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "李"])
            let (database, household) = (house.services.database, RegisterSubject(.household, home.household))
            let address = "幸福里小区3号楼2单元1201"
            #expect(try await lived(home.person, house).isEmpty)
            house.clock.advance(minutes: 5)
            let day = house.clock.clock.now.date.adding(days: -3)
            try await RegisterCommands.moveHousehold(
                home.household, to: other.dwelling, on: day, version: nil, try await house.context(.head), database)
            let first = try await lived(home.person, house)
            #expect(first.map(\.address) == [address] && first.map(\.ended) == [day])
            let moved = try #require(try await lines(home.subject, house).first)
            #expect(moved.what == .moved && moved.subject == household && moved.values["address"]?.old == address)

            // What they did by themselves is told once.
            house.clock.advance(minutes: 5)
            try await RegisterCommands.move(
                other.person, to: .household(home.household), tie: .family, relation: .parent, version: nil,
                try await house.context(.head), database)
            #expect(try await lived(other.person, house).isEmpty, "another household of one dwelling is one home")
            #expect(try await lines(other.subject, house).filter { $0.what == .moved }.count == 1)

            house.clock.advance(minutes: 5)
            try await RegisterCommands.end(household, .moved, version: nil, try await house.context(.head), database)
            #expect(try await lived(home.person, house).map(\.dwelling) == [other.dwelling, home.dwelling])
            let ended = try #require(try await lines(home.subject, house).first)
            #expect(ended.what == .ended && ended.subject == household)
            let page = try await house.open(
                "/registers/person/\(home.person)", query: [], try await house.context(.worker))
            #expect(page.contains("住过的地方") && page.contains(address) && page.contains("（整户）"))
            #expect(!page.contains("还没有改动"))
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let around = try await site.shown("GET", "/registers/person/\(home.person)/around", as: worker)
                #expect(around["lived"].list.map { $0["dwelling"].text } == ["\(other.dwelling)", "\(home.dwelling)"])
                let done = around["history"].list.map { $0["what"].text }
                #expect(done.filter { $0 != "entered" } == ["ended", "moved"])
            }
            try await database.write(try await house.context(.head), "registers.change") { tx in
                try tx.execute("UPDATE person SET name = '', end_reason = 'erased' WHERE id = \(home.person)")
                try tx.audit(Subject("person", home.person.rawValue))
            }
            #expect(try await lived(home.person, house).isEmpty)
            #expect(try await lines(home.subject, house).allSatisfy { $0.subject == home.subject })
        }
    }

    @Test("并进来的那一条住过的地方也列出来；合并那一刻的不算搬走", arguments: TestEngine.enabled)
    func merged(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let kept = try await house.enterHome("1201", ["person.name": "刘晓梅"])
            let twin = try await house.enterHome("1301", ["person.name": "刘小梅"])
            let next = try await house.enterHome("1401", ["person.name": "李"])
            let database = house.services.database
            house.clock.advance(minutes: 5)
            try await RegisterCommands.move(
                twin.person, to: .household(kept.household), tie: .family, relation: .other, version: nil,
                try await house.context(.head), database)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.merge(
                twin.subject, into: kept.subject, version: nil, house.services.registerParts,
                try await house.context(.head), database)
            #expect(try await lived(kept.person, house).map(\.dwelling) == [twin.dwelling])
            house.clock.advance(minutes: 5)
            try await RegisterCommands.moveHousehold(
                kept.household, to: next.dwelling, version: nil, try await house.context(.head), database)
            #expect(try await lived(kept.person, house).map(\.dwelling) == [kept.dwelling, twin.dwelling])
        }
    }

    @Test("别的辖区住过的地方，看不到那里的人看不到地址；本人看得到", arguments: TestEngine.enabled)
    func elsewhere(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let number = "110100198507200050"
            let home = try await house.enterHome(
                "1201",
                ["person.name": "样例丙", "person.number": number, "person.phone": DemoResident.nurse.phone])
            let other = try await house.enterHome("1301", ["person.name": "李"])
            let (head, database) = (try await house.context(.head), house.services.database)
            let address = "幸福里小区3号楼2单元1201"
            house.clock.advance(minutes: 5)
            try await RegisterCommands.moveHousehold(home.household, to: other.dwelling, version: nil, head, database)
            let reader = try await house.context(.head).actor
            func seen() async throws -> [String?] {
                try await database.read { tx in
                    try RegisterQueries.formerHomes(of: home.person, for: reader, tx).map(\.address)
                }
            }
            #expect(try await seen() == [address])
            let grid = DemoDivision.locustGrid(1)
            try await database.write(try await house.context(.head), "test.move") { tx in
                try tx.execute(
                    """
                    UPDATE dwelling SET division = \(grid), community = \(grid.ancestor(at: .community))
                    WHERE id = \(home.dwelling)
                    """)
                try tx.audit(Subject("dwelling", home.dwelling), fields: ["division"])
            }
            #expect(try await seen() == [nil])
            let path = "/registers/person/\(home.person)"
            let page = try await house.open(path, query: [], try await house.context(.head))
            #expect(page.contains("住过的地方") && page.contains("别的辖区的住处"))
            let nurse = try await house.context(DemoResident.nurse)
            let linked = try await house.send("/me/data/link", Form([("number", number)]), nurse)
            #expect(linked == "/me/data?done=linked")
            let own = try await house.open("/me/data", query: [], nurse)
            #expect(own.contains("以前住在") && own.contains(address))
        }
    }

    @Test("手机上加的人：住户页也写是谁登记的", arguments: TestEngine.enabled)
    func byPhone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            try await house.roster(DemoStaff.gridWorker1.phone)
            let (walker, session) = (
                try await house.context(DemoStaff.gridWorker1), try await house.session(DemoStaff.gridWorker1.phone)
            )
            let (lease, _) = try await OfflineLease.issue(for: House.homeGrid, session, walker, house.services)
            let who = #""kind":"member","household":"\#(home.household)","name":"何小妹""#
            let body = "{" + who + #","sex":"2","born":"","phone":"","relation":"child","tie":"family"}"#
            let sealed = try PhoneWork(lease).sealed("aaaaaaaa-1", at: walker.now, body: body)
            house.clock.advance(minutes: 30)
            let outcome = try await OfflineSync.take(
                sealed, key: "aaaaaaaa-1", lease: lease.id, try await house.context(DemoStaff.gridWorker1),
                house.services)
            #expect(outcome.kind == .taken)
            let reader = try await house.context(.head).actor
            for subject in [RegisterSubject(.household, home.household), RegisterSubject(.dwelling, home.dwelling)] {
                let stays = try await house.services.database.read { try RegisterStays.of(subject, for: reader, $0) }
                let came = try #require(stays.first { $0.name == "何小妹" }?.came)
                #expect(came.at < house.clock.clock.now && came.actor == "李强" && came.source == "offline")
            }
        }
    }
}
