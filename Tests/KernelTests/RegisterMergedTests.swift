import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Who was entered twice is one: what is asked of the entry that stays reaches those merged into it, and what these had is
/// not lost.
@Suite("并进来的登记：补上缺的信息，车牌照样找得到；删除、限制、看过的记录都跟着本人走")
struct RegisterMergedTests {
    private static let number = "110100198507200050"

    private struct Twice {
        let kept: TestHome
        let twin: TestHome
        /// Merged into the twin before.
        let third: TestHome
    }

    /// One person with three entries, of which only one has the number.
    private func enter(_ house: House) async throws -> Twice {
        let twice = Twice(
            kept: try await house.enterHome("1201", ["person.name": "刘晓梅"]),
            twin: try await house.enterHome(
                "1301",
                [
                    "person.name": "刘晓梅", "person.number": Self.number, "person.phone": "13800138000",
                    "person.plates": "京A12345",
                ]),
            third: try await house.enterHome("1302", ["person.name": "刘小梅", "person.phone": "13900139000"]))
        try await merge(twice.third, into: twice.twin, house)
        return twice
    }

    private func merge(_ other: TestHome, into kept: TestHome, _ house: House) async throws {
        try await RegisterCommands.merge(
            other.subject, into: kept.subject, version: nil, house.services.registerParts,
            try await house.context(.head), house.services.database)
    }

    private func person(_ home: TestHome, _ house: House) async throws -> PersonRecord {
        try #require(try await house.services.database.read { try RegisterQueries.person(home.person, $0) })
    }

    private func marks(_ home: TestHome, _ house: House) async throws -> Int {
        try await house.value(
            "SELECT count(*) FROM register_mark WHERE kind = 'person' AND subject_id = \(home.person)", as: Int.self)
            ?? 0
    }

    @Test("号码并过来，生日和性别就有了；车牌整个、按尾号都找得到留下的那条；撤销各归各的", arguments: TestEngine.enabled)
    func values(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let twice = try await enter(house)
            let (database, worker) = (house.services.database, try await house.context(.worker))
            func found(_ typed: String) async throws -> [Int64] {
                let number = try #require(
                    RegisterFinder.WholeNumber(typed, isAsked: true, today: house.clock.clock.now.date))
                return try await RegisterFinder.people(
                    with: number, for: .handling, note: "挪车", worker, database
                ).map(\.id)
            }
            #expect(try await found("京A12345") == [twice.twin.person.rawValue])
            try await merge(twice.twin, into: twice.kept, house)
            await house.deliver()
            let kept = try await person(twice.kept, house)
            #expect(kept.numberKind == .citizen && kept.sex == 1)
            #expect(kept.born == CivilDate(year: 1985, month: 7, day: 20))
            for typed in ["京A12345", "2345"] {
                #expect(try await found(typed) == [twice.kept.person.rawValue], "\(typed)")
            }
            let keys = database.keys
            let lines = try await database.read { try RegisterHistory.lines(of: twice.kept.subject, keys, $0) }
            let merged = try #require(lines.first { $0.what == .merged && $0.subject == twice.kept.subject })
            #expect(merged.values["person.born"]?.new == "1985-07-20", "the history says what came over")
            #expect(lines.contains { $0.subject == twice.third.subject }, "and has what was merged before")

            try await RegisterCommands.split(
                twice.twin.subject, house.services.registerParts, try await house.context(.head), database)
            let back = try await person(twice.kept, house)
            #expect(back.born == nil && back.sex == 0 && back.numberMask.isEmpty && back.numberKind == .none)
            #expect(try await found("京A12345") == [twice.twin.person.rawValue])
            #expect(try await marks(twice.kept, house) == 0)
            await house.deliver()
            let wrong = try await database.read { try RegisterCounts.differences($0) }
            #expect(wrong.isEmpty, "\(wrong)")
        }
    }

    @Test("合并以后更正过的号码、手机号，撤销时留着；没动过的才还回去", arguments: TestEngine.enabled)
    func corrected(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let twice = try await enter(house)
            let (database, settings) = (house.services.database, house.services.registers)
            let (worker, head) = (try await house.context(.worker), try await house.context(.head))
            try await merge(twice.twin, into: twice.kept, house)
            _ = try await RegisterCommands.change(
                try House.typed(["person.number": "110100195006150020"]), of: twice.kept.subject, version: nil, worker,
                database, settings)
            try await RegisterCommands.split(twice.twin.subject, house.services.registerParts, head, database)
            let kept = try await person(twice.kept, house)
            #expect(kept.numberMask.hasSuffix("0020") && kept.numberKind == .citizen, "the correction is its own")
            #expect(kept.born == CivilDate(year: 1950, month: 6, day: 15) && kept.sex == 2)
            #expect(kept.phoneMask.isEmpty, "the phone is as it came and goes back")
            let twin = try await person(twice.twin, house)
            #expect(twin.numberMask.hasSuffix("0050") && !twin.phoneMask.isEmpty)
        }
    }

    @Test("组织、部件缺的也补上：信用代码、负责人、经营范围、位置；按补上的搜得到；撤销还原", arguments: TestEngine.enabled)
    func others(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, settings) = (house.services.database, house.services.registers)
            let (worker, head) = (try await house.context(.worker), try await house.context(.head))
            let place = try await house.place("幸福里小区3号楼").id
            func firm(_ more: [String: String]) async throws -> ID<Organization> {
                let values = ["organization.name": "样例修鞋铺", "organization.kind": "shop"]
                let typed = try House.typed(values.merging(more) { $1 })
                let made = try await RegisterCommands.enterOrganization(
                    typed, in: place, division: House.homeGrid, worker, database, settings)
                return made.id
            }
            let kept = try await firm([:])
            let other = try await firm([
                "organization.creditCode": "91110105TE0T00041A", "organization.contactName": "欧阳老板",
                "organization.activity": "修鞋配钥匙", "organization.staffCount": "3",
            ])
            let subject = RegisterSubject(.organization, kept)
            let gone = RegisterSubject(.organization, other)
            func found(_ words: String) async throws -> [Int64] {
                try await database.read { tx in
                    try RegisterFinder.find(words, in: head.actor.scope(for: .peopleRead), tx).hits.map(\.id)
                }
            }
            try await RegisterCommands.merge(
                gone, into: subject, version: nil, house.services.registerParts, head, database)
            let joined = try #require(try await database.read { try RegisterQueries.organization(kept, $0) })
            #expect(joined.creditCode == "91110105TE0T00041A" && joined.contactName == "欧阳老板")
            #expect(joined.activity == "修鞋配钥匙" && joined.staffCount == 3)
            #expect(try await found("欧阳老板") == [kept.rawValue])
            try await RegisterCommands.split(gone, house.services.registerParts, head, database)
            let back = try #require(try await database.read { try RegisterQueries.organization(kept, $0) })
            #expect(back.creditCode.isEmpty && back.contactName.isEmpty && back.activity.isEmpty)
            #expect(back.staffCount == nil)
            #expect(try await found("欧阳老板") == [other.rawValue])

            func lamp(_ more: [String: String]) async throws -> ID<Thing> {
                let values = ["thing.name": "样例路灯", "thing.state": "sound"].merging(more) { $1 }
                return try await RegisterCommands.enterThing(
                    try House.typed(values), in: nil, division: House.homeGrid, worker, database, settings)
            }
            let plain = try await lamp([:])
            let known = try await lamp(["thing.code": "1101010118000099", "thing.location": "东门内"])
            try await RegisterCommands.merge(
                RegisterSubject(.thing, known), into: RegisterSubject(.thing, plain), version: nil,
                house.services.registerParts, head, database)
            let thing = try await database.read { try RegisterQueries.thing(plain, $0) }
            #expect(thing?.code == "1101010118000099" && thing?.location == "东门内" && thing?.category == "C0118")
        }
    }

    @Test("限制使用、恢复、删除都到并进来的那几条；并进来的那一条不给看号码", arguments: TestEngine.enabled)
    func rights(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let twice = try await enter(house)
            try await merge(twice.twin, into: twice.kept, house)
            let (database, requests) = (house.services.database, house.services.dataRequests)
            let (nurse, head) = (try await house.context(DemoResident.nurse), try await house.context(.head))
            try await house.agree(twice.kept.person, to: [])
            let phone = try House.field("person.phone")
            let merged = try await house.refusal {
                _ = try await RegisterReading.read(
                    [phone], of: twice.twin.subject, for: .emergency, note: "", head, database)
            }
            #expect(merged == .conflict, "it is read where it went")
            let page = try await house.open("/registers/person/\(twice.twin.person)", query: [], head)
            #expect(page.contains("已并入另一条登记") && page.contains("/registers/person/\(twice.kept.person)"))
            #expect(!page.contains("看敏感信息"))

            func ask(_ kind: DataRequestKind) async throws {
                let id = try await requests.open(kind, of: twice.kept.person, "", nurse)
                try await requests.decide(id, isGranted: true, reason: "", head)
            }
            try await ask(.restrict)
            for home in [twice.kept, twice.twin, twice.third] {
                #expect(try await person(home, house).restrictedAt != nil)
            }
            try await ask(.release)
            #expect(try await person(twice.third, house).restrictedAt == nil)
            try await ask(.erase)
            for home in [twice.kept, twice.twin, twice.third] {
                let gone = try await person(home, house)
                #expect(gone.name.isEmpty && gone.numberMask.isEmpty && gone.phoneMask.isEmpty && gone.born == nil)
                #expect(gone.endReason == "erased" && gone.entry.validTo != nil)
                #expect(try await marks(home, house) == 0)
            }
            let sealed = try await house.value(
                """
                SELECT count(*) FROM person WHERE id IN (\(twice.kept.person), \(twice.twin.person), \(twice.third.person))
                AND (number_sealed IS NOT NULL OR number_hash IS NOT NULL OR phone_sealed IS NOT NULL
                    OR phone_hash IS NOT NULL)
                """, as: Int.self)
            #expect(sealed == 0)
            let back = try await house.refusal {
                try await RegisterCommands.split(twice.twin.subject, house.services.registerParts, head, database)
            }
            #expect(back == .conflict)
            await house.deliver()
            await house.deliver()
            let wrong = try await database.read { try RegisterCounts.differences($0) }
            #expect(wrong.isEmpty, "\(wrong)")
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("以前只删了留下的那条：每小时的任务把并进来的也删掉", arguments: TestEngine.enabled)
    func left(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let twice = try await enter(house)
            try await merge(twice.twin, into: twice.kept, house)
            try await house.services.database.write(try await house.context(.head), "test.erase") { tx in
                try tx.execute("UPDATE person SET name = '', end_reason = 'erased' WHERE id = \(twice.kept.person)")
                try tx.audit(twice.kept.subject.subject(in: House.homeGrid))
            }
            try await house.run(job: "registers.retention")
            for home in [twice.twin, twice.third] {
                #expect(try await person(home, house).endReason == "erased")
                #expect(try await person(home, house).name.isEmpty)
            }
        }
    }

    @Test("并来的信息后来改正过，再撤销合并：改正的留下，回去的那条还是它原来的，历史里写着", arguments: TestEngine.enabled)
    func correctedFacts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (kept, gone) = (
                try await house.enterHome("1201", ["person.name": "陈秀英"]), try await house.enterHome("1301")
            )
            let (database, settings) = (house.services.database, house.services.registers)
            func facts(_ home: TestHome) async throws -> [String: String] {
                let fields = RegisterField.of(.person).filter(\.isFact)
                let (known, cells) = try await database.read { tx in
                    (
                        try RegisterQueries.facts(of: home.subject, tx),
                        try RegisterReading.cells(fields, of: home.subject, tx)
                    )
                }
                var values: [String: String] = [:]
                for fact in known { values[fact.field.id] = fact.value }
                for (field, secret) in cells {
                    values[field.id] = try database.keys.open(secret.sealed, cell: secret.cell)
                }
                return values
            }
            func change(_ values: [String: String]) async throws {
                house.clock.advance(minutes: 5)
                _ = try await RegisterCommands.change(
                    try House.typed(values), of: kept.subject, version: nil, try await house.context(.worker), database,
                    settings)
            }
            let had = try await facts(gone)
            try await merge(gone, into: kept, house)
            try await change(["person.education": "硕士", "person.chronicDiseases": "糖尿病"])
            try await change(["person.education": "博士"])
            try await RegisterCommands.split(
                gone.subject, house.services.registerParts, try await house.context(.head), database)
            #expect(try await facts(gone) == had)
            #expect(
                try await facts(kept) == ["person.education": "博士", "person.chronicDiseases": "糖尿病"])
            let keys = database.keys
            let lines = try await database.read { try RegisterHistory.lines(of: gone.subject, keys, $0) }
            let back = try #require(lines.first { $0.what == .split })
            #expect(Set(back.fields) == ["person.education", "person.chronicDiseases"])
            #expect(back.values["person.education"]?.new == "初中")
        }
    }

    @Test("并来的信息在留下的那条上删了，再撤销合并：那条没有，回去的还是它原来的；自己的删了不算", arguments: TestEngine.enabled)
    func takenAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let kept = try await house.enterHome("1201", ["person.name": "陈秀英", "person.contactName": "陈明"])
            let gone = try await house.enterHome("1301")
            let (database, settings) = (house.services.database, house.services.registers)
            func education(_ home: TestHome) async throws -> String? {
                try await house.value(
                    """
                    SELECT value FROM register_fact WHERE kind = 'person' AND subject_id = \(home.person)
                    AND field = 'person.education'
                    """)
            }
            func contact(_ home: TestHome) async throws -> Int? {
                try await house.value(
                    """
                    SELECT count(*) FROM register_fact WHERE kind = 'person' AND subject_id = \(home.person)
                    AND field = 'person.contactName'
                    """, as: Int.self)
            }
            let had = try await education(gone)
            #expect(had == "初中")
            try await merge(gone, into: kept, house)
            #expect(try await education(kept) == had)
            house.clock.advance(minutes: 5)
            _ = try await RegisterCommands.change(
                try House.typed(["person.education": "", "person.contactName": ""]), of: kept.subject, version: nil,
                try await house.context(.worker), database, settings)
            #expect(try await education(kept) == nil)
            try await RegisterCommands.split(
                gone.subject, house.services.registerParts, try await house.context(.head), database)
            #expect(try await education(gone) == had, "nobody said it of the other: they have what they had")
            #expect(try await education(kept) == nil, "what was taken away stays away where it was")
            #expect(try await contact(kept) == 0)
            #expect(try await contact(gone) == 0, "what was the other's own is not theirs")
            let keys = database.keys
            let lines = try await database.read { try RegisterHistory.lines(of: gone.subject, keys, $0) }
            #expect(lines.first { $0.what == .split }?.fields == ["person.education"])
        }
    }

    @Test("并来的信息又跟着并到第三条、在那里改正过：依次撤销，改正的归改正的那条，别的各归各的", arguments: TestEngine.enabled)
    func thirdEntry(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let third = try await house.enterHome("1201", ["person.name": "李"])
            let between = try await house.enterHome("1301", ["person.name": "陈秀英"])
            let first = try await house.enterHome("1302")
            let (database, parts) = (house.services.database, house.services.registerParts)
            func facts(_ home: TestHome) async throws -> [String: String] {
                let cells = try await database.read { tx in
                    try tx.all(
                        """
                        SELECT field, value, id, value_sealed FROM register_fact
                        WHERE kind = 'person' AND subject_id = \(home.person)
                        """
                    ) { row -> (String, String?, Int64, [UInt8]?) in (try row[0], try row[1], try row[2], try row[3]) }
                }
                var values: [String: String] = [:]
                for (field, value, id, sealed) in cells {
                    let cell = Cell("register_fact", "value_sealed", id)
                    values[field] = try sealed.map { try database.keys.open($0, cell: cell) } ?? value ?? ""
                }
                return values
            }
            func split(_ home: TestHome) async throws {
                house.clock.advance(minutes: 5)
                try await RegisterCommands.split(home.subject, parts, try await house.context(.head), database)
            }
            let had = try await facts(first)
            #expect(had.count == 3)
            try await merge(first, into: between, house)
            house.clock.advance(minutes: 5)
            try await merge(between, into: third, house)
            house.clock.advance(minutes: 5)
            _ = try await RegisterCommands.change(
                try House.typed(["person.education": "博士", "person.chronicDiseases": "糖尿病"]), of: third.subject,
                version: nil, try await house.context(.worker), database, house.services.registers)
            let corrected = ["person.education": "博士", "person.chronicDiseases": "糖尿病"]
            try await split(between)
            #expect(try await facts(third) == corrected)
            #expect(try await facts(between) == had)
            try await split(first)
            #expect(try await facts(third) == corrected, "what was corrected is of the one it was corrected on")
            #expect(try await facts(first) == had)
            #expect(try await facts(between).isEmpty, "what had come with the first goes with it")
        }
    }

    @Test("已经是这种关联的不再加一条", arguments: TestEngine.enabled)
    func linked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await house.enterHome("1301", ["person.name": "李"]))
            let (database, worker) = (house.services.database, try await house.context(.worker))
            func link() async throws -> ID<RegisterLinkRow> {
                try await RegisterCommands.link(home.subject, .guardian, to: other.subject, worker, database)
            }
            let first = try await link()
            #expect(try await house.refusal { _ = try await link() } == .invalid)
            try await RegisterCommands.unlink(first, of: home.subject, worker, database)
            _ = try await link()
            #expect(try await database.read { try RegisterQueries.links(of: home.subject, $0).count } == 1)
        }
    }
}
