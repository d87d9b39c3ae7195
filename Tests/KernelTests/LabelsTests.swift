import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Labels in the store: by events, by the day, by a new book; whoever said no has none; who may not see them does not.
@Suite("人群标签")
struct LabelsTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)
    private static let otherGrid = DivisionCode(rawValue: 110_101_001_901_002)

    @Test("登记、变化、过生日都跟上；逐条算和从头算一样", arguments: TestEngine.enabled)
    func incrementalEqualsFull(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var random = SystemRandomNumberGenerator()
            let seed = UInt64.random(in: 0..<1_000_000, using: &random)
            var generator = Seeded(state: seed)
            let people = try await LabelScene.enter(house, households: 14, in: Self.grid, &generator)
            await house.deliver()
            try await house.workOutLabels()
            for _ in 0..<25 {
                try await LabelScene.change(people, house, Self.otherGrid, &generator)
                if generator.below(4) == 0 {
                    house.clock.set(house.clock.clock.now.adding(days: 1 + generator.below(400)))
                }
                await house.deliver()
                try await house.workOutLabels()
            }
            let incremental = try await LabelScene.stored(house)
            let full = try await LabelScene.computed(house)
            #expect(incremental == full, "seed \(seed)")
            #expect(incremental.count > 20)
            #expect(try await house.services.database.read { try LabelCounts.differences($0).isEmpty }, "seed \(seed)")
        }
    }

    @Test("换一本标签：停在哪接着算，算完和从头算一样", arguments: TestEngine.enabled)
    func anotherBook(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var generator = Seeded(state: 7)
            _ = try await LabelScene.enter(house, households: 10, in: Self.grid, &generator)
            await house.deliver()
            try await house.workOutLabels()
            let administrator = try await house.context(.administrator)
            let shipped = try LabelBook.shippedText()
            let other = shipped.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0 == "        rule: age(80..)" ? "        rule: age(70..)" : String($0) }.joined(
                    separator: "\n")
            #expect(other != shipped)
            let worker = try await house.context(.worker)
            let database = house.services.database
            #expect(
                try await house.refusal {
                    try await LabelCommands.publish(other, reason: "试点", hasSpecialGroups: false, worker, database)
                } == .forbidden)
            #expect(
                try await house.refusal {
                    try await LabelCommands.publish(
                        "groups: 3", reason: "试点", hasSpecialGroups: false, administrator, database)
                } == .invalid)
            #expect(
                try await house.refusal {
                    try await LabelCommands.publish(
                        other, reason: " ", hasSpecialGroups: false, administrator, database)
                } == .invalid)
            try await LabelCommands.publish(
                other, reason: "街道试点放宽到 70 岁", hasSpecialGroups: false, administrator, database)
            try await house.workOutLabels()
            #expect(try await LabelScene.stored(house) == LabelScene.computed(house))
            #expect(try await database.read { try LabelCommands.history($0).first?.reason } == "街道试点放宽到 70 岁")
        }
    }

    @Test("试算：数出来的和发布以后的一样；人多的只算前面的，少的不说几个，留一笔", arguments: TestEngine.enabled)
    func trial(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var generator = Seeded(state: 11)
            _ = try await LabelScene.enter(house, households: 12, in: Self.grid, &generator)
            let (database, settings) = (house.services.database, house.services.registers)
            let administrator = try await house.context(.administrator)
            let text = try LabelBook.shippedText().split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0 == "        rule: age(80..)" ? "        rule: age(70..)" : String($0) }
                .joined(separator: "\n")
            let key = LabelKeys(database.keys).key(label: "aged")
            let scope = administrator.actor.scope(for: .registersManage).divisions
            func held() async throws -> Int {
                try await database.read { tx in
                    try scope.reduce(0) { (sum: Int, division: DivisionCode) -> Int in
                        let count: Int? = try tx.value(
                            """
                            SELECT count(*) FROM person_label WHERE label = \(key)
                            AND grid BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                            """)
                        return sum + (count ?? 0)
                    }
                }
            }
            let before = try await held()
            let trial = try await LabelTrial.run(text, settings, administrator, database)
            let aged = try #require(trial.book[label: "aged"])
            let count = try #require(trial.count(of: aged))
            #expect(trial.isWhole && trial.people > 12 && count.gained > 0 && count.lost == 0)
            #expect(count.held == before + count.gained)
            // Whom the meals are for follows the label; a service that goes is named.
            let meals = try #require(trial.services.first { $0.service.id == "meals" })
            #expect(meals.change == .same && trial.count(of: meals.service) == count)
            let start = try #require(text.firstRange(of: "\n  meals:")).lowerBound
            let end = try #require(text.firstRange(of: "\n  look:")).lowerBound
            let less = String(text[..<start]) + String(text[end...])
            let shorter = try await LabelTrial.run(less, settings, limit: 3, administrator, database)
            #expect(shorter.services.filter { $0.change == .gone }.map(\.service.id) == ["meals"])
            #expect(trial.least == settings.smallestGroup && trial.shown(3) == nil && trial.shown(0) == 0)
            #expect(trial.shown(8) == 5 && trial.text(3).zh == "少于 5" && trial.text(8).zh == "5 多")
            let part = try await LabelTrial.run(text, settings, limit: 3, administrator, database)
            #expect(part.people == 3 && !part.isWhole)
            let noted: Int? = try await house.value("SELECT count(*) FROM audit_entry WHERE command = 'labels.try'")
            #expect(noted == 3)
            let worker = try await house.context(.worker)
            let refused = try await house.refusal { _ = try await LabelTrial.run(text, settings, worker, database) }
            #expect(refused == .forbidden)
            #expect(try await held() == before, "looking changes nobody")
            try await LabelCommands.publish(text, reason: "试点", hasSpecialGroups: false, administrator, database)
            try await house.workOutLabels()
            #expect(try await held() == count.held)
        }
    }

    @Test("不让用信息推荐、要求限制处理、搬走的人没有规则标签；手工的留着", arguments: TestEngine.enabled)
    func saysNo(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let elder = try await house.enterElder(in: Self.grid)
            await house.deliver()
            let names = LabelKeys(database.keys)
            let worker = try await house.context(.worker)
            func held() async throws -> Set<Int64> {
                await house.deliver()
                let all = try await database.read { try LabelQueries.labels(of: [elder], $0) }
                return Set((all[elder] ?? [:]).keys)
            }
            #expect(try await held().contains(names.key(label: "agedAlone")))
            #expect(
                try await house.refusal {
                    try await LabelCommands.give("watch", to: elder, reason: "", worker, database)
                } == .invalid)
            try await LabelCommands.give("watch", to: elder, reason: "女儿 13800138000 出差半个月", worker, database)
            let own = try await house.context(.elderAlone)
            try await OwnEntries.setProfiled(false, of: elder, own, database)
            #expect(try await held() == [names.key(label: "watch")])
            try await OwnEntries.setProfiled(true, of: elder, own, database)
            #expect(try await held().count > 5)
            try await LabelCommands.takeBack("watch", from: elder, worker, database)
            #expect(try await !held().contains(names.key(label: "watch")))
            #expect(
                try await house.refusal {
                    try await LabelCommands.takeBack("aged", from: elder, worker, database)
                } == .notFound, "what a rule gives is not taken back by hand")
            let now = house.clock.clock.now
            try await LabelScene.write(
                house, person: elder, "UPDATE person SET restricted_at = \(now) WHERE id = \(elder)")
            #expect(try await held().isEmpty)
            #expect(try await database.read { try LabelCounts.differences($0).isEmpty })
        }
    }

    @Test("标签说明理由；敏感的要有权限、在岗、说用途，先记后看", arguments: TestEngine.enabled)
    func explained(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let elder = try await house.enterElder(in: Self.grid)
            await house.deliver()
            let head = try await house.context(.head)
            let basic = try #require(
                try await LabelReading.read([elder], in: Self.grid, for: nil, head, database)[elder])
            #expect(basic.labels.map(\.label.id) == ["elder", "elder65", "aged"])
            #expect(basic.closed == 3, "alone, old and alone, and what stands above these")
            #expect(basic.services.map(\.service.id) == ["meals", "checkup"])
            let subject = RegisterSubject(.person, elder)
            #expect(try await database.read { try RegisterReading.readings(of: subject, $0).isEmpty })
            // What stands above also tells of care levels, which for visits is hers to allow; she has it for another reason.
            let all = try #require(
                try await LabelReading.read([elder], in: Self.grid, for: .visit, head, database)[elder])
            let alone = try #require(all.labels.first { $0.label.id == "agedAlone" })
            #expect(alone.because.map(\.zh) == ["1944年出生", "独居", "登记的一户只有本人"])
            #expect(all.closed == 0)
            let reading = try #require(try await database.read { try RegisterReading.readings(of: subject, $0).first })
            #expect(reading.purpose == .visit && reading.fields.map(\.id) == ["person.isLivingAlone"])
            for stranger in [try await house.context(.tenant), try await house.context(.locustHead), house.visitor] {
                await #expect(throws: LinliError.self) {
                    _ = try await LabelReading.read([elder], in: Self.grid, for: .visit, stranger, database)
                }
            }
            // A walker of another grid, and the elder's own grid off duty.
            await #expect(throws: LinliError.self) {
                _ = try await LabelReading.read(
                    [elder], in: Self.grid, for: .visit, try await house.context(.gridWorker2), database)
            }
            let own = try await LabelReading.own(elder, try await house.context(.elderAlone), database)
            #expect(own.services.map(\.service.id).contains("look"))
            let noted = try await house.value(
                "SELECT fields FROM audit_entry WHERE command = 'own.services' AND subject_id = \(elder)",
                as: String.self)
            #expect(noted == "person.isLivingAlone", "also what one reads of oneself")
            // The store alone does not say what a label is.
            let text = try await house.value("SELECT count(*) FROM person_label WHERE label = 0", as: Int.self)
            #expect(text == 0)
        }
    }

    @Test("手工给的敏感标签：没有事实可说，看了也记", arguments: TestEngine.enabled)
    func givenByHand(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let elder = try await house.enterElder(in: Self.grid)
            let head = try await house.context(.head)
            try await LabelCommands.give("disabled", to: elder, reason: "看过残疾证", head, database)
            let shown = try #require(
                try await LabelReading.read([elder], in: Self.grid, for: .service, head, database)[elder])
            let held = try #require(shown.labels.first { $0.label.id == "disabled" })
            #expect(held.isByHand && held.because.isEmpty)
            let readings = try await database.read {
                try RegisterReading.readings(of: RegisterSubject(.person, elder), $0)
            }
            let fields = Set(readings.flatMap(\.fields).map(\.id))
            #expect(fields == ["person.isLivingAlone", "person.disability"])
        }
    }
}

/// Random numbers that can be had again.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }
}
