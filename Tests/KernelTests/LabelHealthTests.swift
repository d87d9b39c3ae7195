import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Who visits sees without consent what does not tell of somebody's health, and nothing that follows from health.
@Suite("上门走访看标签：没同意健康关怀的，只说不涉及健康的理由")
struct LabelHealthTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)

    /// Enters a fact of somebody as a command of the registers would.
    private func note(_ name: String, _ value: String, of person: ID<Person>, _ house: House) async throws {
        let field = try House.field("person.\(name)")
        let id: ID<SealedFact> = try house.services.database.newID()
        let cell = Cell("register_fact", "value_sealed", id.rawValue)
        let sealed = try house.services.database.keys.seal(value, cell: cell)
        let now = house.clock.clock.now
        try await LabelScene.write(
            house, person: person,
            """
            INSERT INTO register_fact (id, kind, subject_id, field, value_sealed, division, source, at)
            VALUES (\(id), 'person', \(person), \(field.id), \(sealed), \(Self.grid), 'test', \(now))
            """)
        await house.deliver()
        try await house.workOutLabels()
    }

    /// What the head reads of somebody to visit them.
    private func visit(_ person: ID<Person>, _ house: House) async throws -> LabelReading.Shown {
        let head = try await house.context(.head)
        return try #require(
            try await LabelReading.read([person], in: Self.grid, for: .visit, head, house.services.database)[person])
    }

    private func because(_ label: String, _ shown: LabelReading.Shown) -> [String]? {
        shown.labels.first { $0.label.id == label }?.because.map(\.zh)
    }

    /// Whether somebody is on a list for visits that was made by a label.
    private func isListed(_ person: ID<Person>, _ label: String, _ house: House) async throws -> Bool {
        let (names, today) = (LabelKeys(house.services.database.keys), house.clock.clock.now.date)
        return try await house.services.database.read { tx in
            let chosen = try #require(try LabelBook.current(tx)[label: label])
            return try LabelQueries.visitable([person], by: [chosen], names, on: today, tx) == [person]
        }
    }

    @Test("失能又独居：不同意也看得到独居，看不到失能；同意了都看得到；留痕只记看了的", arguments: TestEngine.enabled)
    func severalReasons(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder(in: Self.grid)
            await house.deliver()
            try await note("careLevel", "3", of: elder, house)
            let shown = try await visit(elder, house)
            #expect(because("frailElder", shown) == ["1944年出生", "独居", "登记的一户只有本人"])
            #expect(because("agedAlone", shown) != nil)
            #expect(because("disabledElder", shown) == nil && because("careNeeded", shown) == nil)
            #expect(shown.closed == 0, "what waits for her word is not counted either")
            let look = try #require(shown.services.first { $0.service.id == "look" })
            #expect(look.because.map(\.zh) == ["1944年出生", "独居", "登记的一户只有本人"])
            #expect(!shown.services.contains { $0.service.id == "assessment" })
            #expect(try await isListed(elder, "frailElder", house))
            #expect(try await !isListed(elder, "disabledElder", house))
            let subject = RegisterSubject(.person, elder)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.map { $0.fields.map(\.id) } == [["person.isLivingAlone"]])

            try await house.agree(elder, to: [.healthVisits], as: .elderAlone)
            let all = try await visit(elder, house)
            #expect(because("disabledElder", all) != nil && all.closed == 0)
            #expect(because("frailElder", all)?.contains { $0.hasPrefix("能力等级") } == true)
            #expect(all.services.contains { $0.service.id == "assessment" })
        }
    }

    @Test("只因失能的：整个分支都不说，手工给的也不说", arguments: TestEngine.enabled)
    func onlyHealth(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder(in: Self.grid)
            // With a daughter of 40 she is neither alone nor in an empty nest.
            let (worker, database) = (try await house.context(.worker), house.services.database)
            let household = try #require(
                try await database.read { try RegisterQueries.homes(of: elder, $0).compactMap(\.household).first })
            _ = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "张小兰", "person.born": "1986-05-01"]), .household(household),
                tie: .family, relation: .child, worker, database, house.services.registers)
            try await LabelScene.write(
                house, person: elder,
                "DELETE FROM register_fact WHERE subject_id = \(elder) AND field = 'person.isLivingAlone'")
            await house.deliver()
            try await note("careLevel", "3", of: elder, house)
            let shown = try await visit(elder, house)
            #expect(because("frailElder", shown) == nil && shown.closed == 0)
            #expect(!shown.services.contains { $0.service.id == "look" })
            #expect(try await !isListed(elder, "frailElder", house))
            try await LabelCommands.give("frailElder", to: elder, reason: "看着吃力", worker, database)
            await house.deliver()
            #expect(because("frailElder", try await visit(elder, house)) == nil)
        }
    }

    @Test("规则里“不是”“或”碰到健康信息：不同意时，有没有病都看不出来", arguments: TestEngine.enabled)
    func nothingFollows(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder(in: Self.grid)
            let text = try LabelBook.shippedText().replacing(
                "      destitute:\n",
                with: """
                          sound:
                            name: { zh: 没有慢性病, en: Without chronic disease }
                            rule: not(fact(chronicDiseases))
                          unlabelled:
                            name: { zh: 没有慢病标签, en: Not labelled chronic }
                            rule: not(label(chronic))
                          either:
                            name: { zh: 高龄或慢性病, en: Old or ill }
                            rule: any(age(80..), fact(chronicDiseases))
                          busy:
                            name: { zh: 不是空巢或慢性病, en: No empty nest or ill }
                            rule: any(not(fact(isEmptyNest)), fact(chronicDiseases))
                          destitute:

                    """)
            try await LabelCommands.publish(
                text, reason: "试点", hasSpecialGroups: false, try await house.context(.administrator),
                house.services.database)
            await house.deliver()
            try await house.workOutLabels()
            let well = try await visit(elder, house)
            #expect(because("sound", well) == nil && because("unlabelled", well) == nil)
            #expect(because("either", well) == ["1944年出生"])
            #expect(because("busy", well) != nil, "what nobody entered besides is no, as ever")
            try await note("chronicDiseases", "高血压", of: elder, house)
            let ill = try await visit(elder, house)
            #expect(because("sound", ill) == nil && because("unlabelled", ill) == nil)
            #expect(because("either", ill) == ["1944年出生"], "the same for who is ill and who is not")
            #expect(because("busy", ill) == because("busy", well))
            #expect(try await isListed(elder, "either", house), "by her age")
        }
    }
}
