import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Finding what stands in the registers: by names, letters, addresses and ends of numbers, only where one may look.
@Suite("查人、房、组织、部件")
struct RegisterSearchTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)
    private static let nextGrid = DivisionCode(rawValue: 110_101_001_901_002)

    /// Two households in two grids, a shop and a charging post: names and addresses that nothing of the demo has.
    private func enter(_ house: House) async throws {
        let database = house.services.database
        let place = try #require(
            try await house.value("SELECT min(id) FROM place WHERE kind = 'entrance'", as: ID<Place>.self))
        let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
        func id<Entity>() throws -> ID<Entity> { try database.newID() }
        var batch = RegisterBatch()
        let dwellings = [
            DwellingRecord(
                id: try id(), place: place, kind: .flat, number: "1201", floor: 12, address: "幸福里小区13号楼2单元1201",
                division: Self.grid, entry: entry),
            DwellingRecord(
                id: try id(), place: place, kind: .flat, number: "502", floor: 5, address: "幸福里小区5号楼1单元502",
                division: Self.nextGrid, entry: entry),
        ]
        batch.dwellings = dwellings
        func person(_ name: String, _ home: Int, number: String? = nil, phone: String? = nil) throws -> NewPerson {
            var person = NewPerson(
                name: name, dwelling: dwellings[home].id, household: nil, division: dwellings[home].division,
                entry: entry)
            if let number { person.take(try CitizenID(number, today: house.clock.clock.now.date)) }
            person.phone = phone.flatMap { PhoneNumber($0) }
            return person
        }
        var driver = try person("单雄飞", 1)
        driver.facts = [(try #require(RegisterField.named("person.plates")), "京A 12345、京AD12345 辽B12345")]
        batch.people = try database.seal([
            try person("汪芳", 0, number: "110100195006150020", phone: "13800138000"), try person("汪小芳", 1),
            try person("汪芳", 1), driver,
        ])
        batch.organizations = [
            OrganizationRecord(id: try id(), name: "春风便利店", division: Self.grid, entry: entry)
        ]
        batch.things = [ThingRecord(id: try id(), name: "充电桩", division: Self.nextGrid, entry: entry)]
        let entered = batch
        try await database.write(try await house.context(.head), "registers.enter") { tx in
            try RegisterCommands.enter(
                entered, as: Subject("import", 1, division: Self.grid.ancestor(at: .community)), tx)
        }
    }

    private func find(
        _ words: String, _ person: DemoStaff = .head, near: [DivisionCode] = [], kind: RegisterKind? = nil,
        in house: House
    ) async throws -> [String] {
        let scope = try await house.context(person).actor.scope(for: .peopleRead)
        return try await house.services.database.read { tx in
            try RegisterFinder.find(words, kind, in: scope, near: near, tx).hits.map(\.title)
        }
    }

    @Test("姓名、名字的一部分、首字母、住址、门牌、号码末四位", arguments: TestEngine.enabled)
    func words(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            #expect(try await find("汪芳", in: house) == ["汪芳", "汪芳"])
            #expect(try await find("小芳", in: house) == ["汪小芳"])
            #expect(try await find("wf", in: house) == ["汪芳", "汪芳"])
            #expect(try await find("WXF", in: house) == ["汪小芳"])
            #expect(try await find("ｗｘｆ", in: house) == ["汪小芳"], "as a Chinese keyboard types it")
            #expect(try await find("８０００ 汪", in: house) == ["汪芳"])
            #expect(try await find("幸福里13号楼", in: house) == ["幸福里小区13号楼2单元1201"])
            #expect(try await find("xf", in: house).contains("汪小芳"))
            #expect(try await find("sxf", in: house) == ["单雄飞"])
            #expect(try await find("dxf", in: house) == ["单雄飞"])
            #expect(try await find("13号楼2单元", in: house) == ["幸福里小区13号楼2单元1201"])
            #expect(try await find("幸福里 502", in: house) == ["幸福里小区5号楼1单元502"])
            #expect(try await find("0020", in: house) == ["汪芳"])
            #expect(try await find("8000 汪", in: house) == ["汪芳"])
            #expect(try await find("cfbld", in: house) == ["春风便利店"])
            #expect(try await find("便利", in: house) == ["春风便利店"])
            #expect(try await find("充电桩", kind: .thing, in: house) == ["充电桩"])
            #expect(try await find("充电桩", kind: .person, in: house) == [])
            #expect(try await find("110100195006150020", in: house) == [], "sealed values are not searched")
            #expect(try await find("，", in: house) == [])
        }
    }

    @Test("地点：首字母、全角、省了小区两个字；区以上只按开头找", arguments: TestEngine.enabled)
    func places(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            func places(_ words: String, _ person: DemoStaff = .head) async throws -> [String] {
                let scope = try await house.context(person).actor.scope(for: .peopleRead)
                return try await house.services.database.read { tx in
                    try RegisterFinder.places(words, in: scope, tx).map(\.title)
                }
            }
            for (words, name) in [("xflxq", "幸福里小区"), ("ＸＦＬＸＱ", "幸福里小区"), ("dfx", "多福巷")] {
                let found = try await places(words)
                #expect(found.contains(name), "\(words)")
            }
            #expect(try await places("幸福里5号楼").first == "幸福里小区5号楼")
            #expect(try await places("幸福里小区五号楼").first == "幸福里小区5号楼")
            #expect(try await places("zzzz") == [])
            #expect(try await places("xflxq", .villageHead) == [])
            #expect(try await places("xflxq", .districtOfficer) == [], "nothing so wide is walked through")
        }
    }

    @Test("只找得到自己管的，近的在前，一页一页翻不重不漏", arguments: TestEngine.enabled)
    func scope(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            #expect(try await find("汪", .gridWorker1, in: house) == ["汪芳"])
            #expect(try await find("汪", .gridWorker2, in: house) == ["汪小芳", "汪芳"])
            for stranger in [DemoStaff.propertyHandler, .villageHead] {
                #expect(try await find("汪", stranger, in: house) == [])
            }
            let near = [Self.nextGrid]
            #expect(try await find("汪", near: near, in: house) == ["汪小芳", "汪芳", "汪芳"])
            let scope = try await house.context(.head).actor.scope(for: .peopleRead)
            var (pages, after): ([String], Int64?) = ([], nil)
            repeat {
                let cursor = after
                let page = try await house.services.database.read { tx in
                    try RegisterFinder.find("汪", in: scope, near: near, after: cursor, limit: 2, tx)
                }
                pages += page.hits.map(\.title)
                after = page.next
            } while after != nil
            #expect(pages == ["汪小芳", "汪芳", "汪芳"])
        }
    }

    @Test("管全市、全区的也一样：先看两条街道，再看全部，翻到最后一个不少", arguments: TestEngine.enabled)
    func wide(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
            func shop(_ name: String, _ division: Int64) throws -> OrganizationRecord {
                OrganizationRecord(
                    id: try house.services.database.newID(), name: name,
                    division: DivisionCode(rawValue: division), entry: entry)
            }
            // Another district's, another street's of the district, another community's of the street.
            for (name, division) in [
                ("春风书店", 110_114_116_291_000), ("春风茶馆", 110_101_002_901_001), ("春风粮店", 110_101_001_902_001),
            ] as [(String, Int64)] {
                var batch = RegisterBatch()
                batch.organizations = [try shop(name, division)]
                let entered = batch
                try await house.services.database.write(try await house.context(.head), "registers.enter") { tx in
                    let community = DivisionCode(rawValue: division).ancestor(at: .community)
                    try RegisterCommands.enter(entered, as: Subject("import", division, division: community), tx)
                }
            }
            await house.deliver()
            func pages(of division: DivisionCode) async throws -> [String] {
                let scope = Scope(divisions: [division], units: [], account: nil, interests: [])
                var (names, after): ([String], Int64?) = ([], nil)
                repeat {
                    let cursor = after
                    let page = try await house.services.database.read { tx in
                        try RegisterFinder.find("春风", in: scope, after: cursor, limit: 1, tx)
                    }
                    names += page.hits.map(\.title)
                    after = page.next
                } while after != nil
                return names
            }
            let street = ["春风便利店", "春风粮店"]
            #expect(try await pages(of: DemoDivision.street) == street)
            #expect(try await pages(of: DemoDivision.district) == street + ["春风茶馆"])
            let all = try await pages(of: DemoDivision.city)
            #expect(Array(all.prefix(2)) == street)
            #expect(all.sorted() == (street + ["春风茶馆", "春风书店"]).sorted())
            #expect(try await pages(of: DemoDivision.villageDistrict) == ["春风书店"])
        }
    }

    @Test("走了的、限制处理的找不到，改了名按新名找得到", arguments: TestEngine.enabled)
    func changes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            let scope = try await house.context(.head).actor.scope(for: .peopleRead)
            let ids = try await house.services.database.read { tx in
                try RegisterFinder.find("汪", in: scope, near: [], tx).hits.map(\.id)
            }
            #expect(ids.count == 3)
            try await house.services.database.write(try await house.context(.head), "registers.change") { tx in
                try tx.execute("UPDATE person SET valid_to = \(tx.now) WHERE id = \(ids[0])")
                try tx.execute("UPDATE person SET restricted_at = \(tx.now) WHERE id = \(ids[1])")
                try tx.execute("UPDATE person SET name = '欧敏' WHERE id = \(ids[2])")
                try RegisterSearch.index(ids.map { RegisterSubject(.person, $0) }, tx)
                try tx.audit(Subject("person", ids[0]))
            }
            #expect(try await find("汪", in: house) == [])
            #expect(try await find("om", in: house) == ["欧敏"])
        }
    }

    @Test("车牌按号牌的写法看：空格、点、几个写在一起都认得，不像的收下但提醒") func plates() throws {
        let field = try #require(RegisterField.named("person.plates"))
        let today = try #require(CivilDate(year: 2026, month: 11, day: 22))
        func warning(_ text: String) throws -> Text? { try RegisterValue.check(text, of: field, today: today)?.warning }
        for right in ["京A12345", "京A 12345、京AD12345", "京a·12345 辽B12345", "京AD12345/沪C88888"] {
            #expect(try warning(right) == nil, "\(right)")
        }
        #expect(try warning("京A1234、京AD12345")?.zh.contains("“京A1234”不像车牌") == true)
        #expect(try warning("京I12345")?.en.contains("京I12345") == true)
    }

    @Test("按完整号码、车牌找人：先记下来，本人看得到", arguments: TestEngine.enabled)
    func wholeNumbers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            let today = house.clock.clock.now.date
            let database = house.services.database
            func people(_ typed: String, _ person: DemoStaff) async throws -> [RegisterHit] {
                guard let number = RegisterFinder.WholeNumber(typed, today: today) else {
                    Issue.record("no number: \(typed)")
                    return []
                }
                return try await RegisterFinder.people(
                    with: number, for: .handling, note: "核对 13912345678 的事", try await house.context(person), database)
            }
            #expect(try await people("110100195006150020", .worker).map(\.title) == ["汪芳"])
            #expect(try await people("138 0013 8000", .worker).map(\.title) == ["汪芳"])
            #expect(try await people("京a·12345", .worker).map(\.title) == ["单雄飞"])
            #expect(try await people("京AD12345", .worker).map(\.title) == ["单雄飞"])
            #expect(try await people("辽B·12345", .worker).map(\.title) == ["单雄飞"])
            #expect(RegisterFinder.WholeNumber("汪芳", today: today) == nil)
            #expect(RegisterFinder.WholeNumber("0020", today: today) == nil)
            let found = try #require(try await people("13800138000", .worker).first)
            let readings = try await database.read {
                try RegisterReading.readings(of: RegisterSubject(.person, found.id), $0)
            }
            #expect(readings.count == 3)
            #expect(readings.first?.fields.map(\.id) == ["person.phone"])
            #expect(readings.allSatisfy { $0.purpose == .handling })
            #expect(readings.first?.note == "核对 139****5678 的事", "a number in the note is masked")
        }
    }

    @Test("按车牌尾号找人：末四位；改了车牌、注销了的就找不到；以前录的补得上", arguments: TestEngine.enabled)
    func plateEnds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            let (today, database) = (house.clock.clock.now.date, house.services.database)
            func number(_ typed: String, isAsked: Bool = true) -> RegisterFinder.WholeNumber? {
                RegisterFinder.WholeNumber(typed, isAsked: isAsked, today: today)
            }
            func people(_ typed: String, _ person: DemoStaff = .worker) async throws -> [String] {
                let end = try #require(number(typed))
                return try await RegisterFinder.people(
                    with: end, for: .handling, note: "挪车", try await house.context(person), database
                ).map(\.title)
            }
            for typed in ["尾号 3K21", "尾号3k21", "车牌尾号：3K21", "车牌 2345", "车牌尾号 2345"] {
                #expect(number(typed, isAsked: false)?.isEnd == true, "\(typed)")
            }
            for typed in ["3K21", "2345", "尾号 2345", "wf", "汪芳"] { #expect(number(typed, isAsked: false) == nil) }
            #expect(try await find("尾号 8000", in: house) == ["汪芳"], "of a phone, as before")
            #expect(try await people("2345") == ["单雄飞"], "three plates, one person, once")
            #expect(try await people("尾号2345", .head) == ["单雄飞"])
            #expect(try await people("2346") == [])
            #expect(try await people("2345", .locustHead) == [], "only where one may look")
            #expect(try await house.refusal { _ = try await people("2345", .dispatcher) } == .forbidden)
            let id = try #require(
                try await house.value("SELECT id FROM person WHERE name = '单雄飞'", as: Int64.self))
            let subject = RegisterSubject(.person, id)
            let readings = try await database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.count == 2 && readings.allSatisfy { $0.fields.map(\.id) == ["person.plates"] })
            // As what was entered before ends were hashed.
            let before = try await house.value("SELECT count(*) FROM register_mark", as: Int.self)
            try await database.write(try await house.context(.head), "test.marks") { tx in
                let end = RegisterSearch.mark(ofPlateEnd: "2345", database.keys)
                try tx.execute("DELETE FROM register_mark WHERE mark = \(end)")
                try tx.audit(Subject("person", id))
            }
            #expect(try await people("2345") == [])
            for _ in 0..<2 { try await house.run(job: "registers.plateEnds") }
            #expect(try await people("2345") == ["单雄飞"])
            #expect(try await house.value("SELECT count(*) FROM register_mark", as: Int.self) == before)
            try await database.write(try await house.context(.head), "registers.end") { tx in
                try tx.execute("UPDATE person SET valid_to = \(tx.now) WHERE id = \(id)")
                try tx.audit(Subject("person", id))
            }
            #expect(try await people("2345") == [], "who is not here any more is not found")
        }
    }

    @Test("首字母、尾号以前有记号的，一页一页改过来，接着断了的地方", arguments: TestEngine.enabled)
    func plainWords(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            #expect(try await find("13800138000", in: house) == [], "a whole number is asked for on purpose")
            let database = house.services.database
            let people: [(id: Int64, name: String)] = try await database.read { tx in
                try tx.all("SELECT id, name FROM person WHERE name IN ('汪芳', '单雄飞') ORDER BY id") {
                    (try $0[0], try $0[1])
                }
            }
            // As it was written before.
            try await database.write(try await house.context(.head), "test.words") { tx in
                for person in people {
                    try tx.execute("DELETE FROM register_search WHERE rowid = \(person.id)")
                    let body = SearchText.spaced(person.name) + " yold n0020 p8000 d110101001901000"
                    try tx.execute(
                        "INSERT INTO register_search (rowid, body) VALUES (\(person.id), \(SQL.searchBody(body)))")
                }
                try tx.audit(Subject("person", people[0].id))
            }
            #expect(try await find("8000", in: house) == [])
            #expect(try await find("wf", in: house) == [])
            try await house.run(job: "registers.plainWords")
            #expect(try await find("8000", in: house) == ["汪芳"])
            #expect(Set(try await find("wf", in: house)) == ["汪芳"])
            let next = try await house.value(
                "SELECT payload FROM job WHERE kind = 'registers.plainWords' ORDER BY id DESC LIMIT 1", as: String.self)
            let last = try await house.value("SELECT max(id) FROM person", as: Int64.self)
            #expect(next == "person \(try #require(last))", "goes on behind the last of this page")
            try await PlainWords.index(after: try #require(next), house.context(.head), database)
            let after = try await house.value(
                "SELECT payload FROM job WHERE kind = 'registers.plainWords' ORDER BY id DESC LIMIT 1", as: String.self)
            #expect(after?.hasPrefix("organization ") == true)
        }
    }

    @Test("按完整号码找人：下班的、别的网格的、没有这项权限的查不了，也看不出有没有", arguments: TestEngine.enabled)
    func wholeNumbersOnDuty(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await enter(house)
            let database = house.services.database
            let today = house.clock.clock.now.date
            func people(_ typed: String, _ context: Context) async throws -> [RegisterHit] {
                guard let number = RegisterFinder.WholeNumber(typed, today: today) else {
                    Issue.record("no number: \(typed)")
                    return []
                }
                return try await RegisterFinder.people(with: number, for: .visit, note: "", context, database)
            }
            let head = try await house.context(.head)
            try await database.write(head, "test.roster") { tx in
                try tx.execute("DELETE FROM duty_shift")
                try tx.audit(Subject("unit", 1))
            }
            let (own, other) = (try await house.context(.gridWorker1), try await house.context(.gridWorker2))
            // There, and nobody's: the answer is the same.
            for typed in ["110100195006150020", "13800138000", "13912345678"] {
                for walker in [own, other] {
                    #expect(try await house.refusal { _ = try await people(typed, walker) } == .forbidden)
                }
            }
            let unit = try await house.unit("幸福里社区居委会")
            try await database.write(head, "test.roster") { tx in
                for walker in [own, other] {
                    guard let account = walker.actor.account else { continue }
                    try UnitsStore.roster(
                        account, unit, from: tx.now.adding(hours: -1), until: tx.now.adding(hours: 3), tx)
                }
            }
            let subject = try #require(try await people("13800138000", own).first)
            #expect(subject.title == "汪芳" && subject.division == House.homeGrid)
            let before = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'registers.find'", as: Int.self)
            #expect(try await people("13800138000", other).isEmpty, "not of their grid")
            let after = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'registers.find'", as: Int.self)
            #expect(before == 1 && after == 1)
            for stranger in [try await house.context(.dispatcher), try await house.context(.tenant), house.visitor] {
                #expect(try await house.refusal { _ = try await people("13800138000", stranger) } == .forbidden)
            }
        }
    }
}
