import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Labels below labels: who has one has all above it; a branch is kept as closely as the closest label in it.
@Suite("标签树")
struct LabelTreeTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)
    private static let today = CivilDate(daysSinceEpoch: 20_779)

    /// A book of one heading whose labels stand as given: name, parent, rule, seen.
    private static func book(_ labels: [(id: String, parent: String?, rule: String?, seen: String?)]) -> String {
        let rows = labels.map { label in
            var lines = ["      \(label.id):", "        name: { zh: \(label.id), en: \(label.id) }"]
            if let parent = label.parent { lines.append("        parent: \(parent)") }
            if let seen = label.seen { lines.append("        seen: \(seen)") }
            if let rule = label.rule { lines.append("        rule: \(rule)") }
            return lines.joined(separator: "\n")
        }
        return """
            groups:
              some:
                name: { zh: 组, en: Group }
                labels:
            \(rows.joined(separator: "\n"))
              others:
                name: { zh: 别的组, en: Others }
                labels:
                  far: { name: { zh: 远, en: Far } }
            """
    }

    private static func sight(born: String, _ facts: [String: String] = [:]) -> LabelSight {
        var sight = LabelSight(.init(born: CivilDate(born), sex: 2), on: today)
        sight.facts = facts
        return sight
    }

    @Test("有下面的就有上面的；自己的规则只问上级自己的；分支外问的是整个分支")
    func evaluates() throws {
        let book = try LabelBook.read(
            Self.book([
                ("top", nil, nil, nil), ("old", "top", "age(60..)", nil),
                // Below its own parent a rule asks what the parent's own rule says.
                ("poorOld", "old", "all(label(old), fact(isLowIncome))", nil),
                ("ill", "old", "fact(chronicDiseases)", nil),
                ("asks", nil, "label(old)", nil), ("not", nil, "not(label(top))", nil),
            ]))
        #expect(book[label: "poorOld"]?.above == ["old", "top"])
        #expect(book.tree().map(\.id) == ["top", "old", "poorOld", "ill", "asks", "not", "far"])
        func held(_ sight: LabelSight, hand: Set<String> = []) -> Set<String> {
            book.evaluate(sight, hand: hand).held
        }
        #expect(held(Self.sight(born: "1950-01-01")) == ["old", "top", "asks"])
        let young = Self.sight(born: "1990-01-01", ["person.chronicDiseases": "糖尿病", "person.isLowIncome": "1"])
        // Ill makes old by the branch, which the rule of poorOld does not go by.
        #expect(held(young) == ["ill", "old", "top", "asks"])
        #expect(held(Self.sight(born: "1990-01-01"), hand: ["ill"]) == ["old", "top", "asks"])
        #expect(held(Self.sight(born: "1990-01-01")) == ["not"])
        var sight = young
        sight.held = held(young)
        let top = try #require(book[label: "top"])
        #expect(book.because(top, sight).map(\.zh) == ["慢性病"], "through what stands below")
        let open = book.open(Self.sight(born: "1990-01-01"), hand: [], isProfiled: true).labels
        #expect(open == ["ill", "old", "top", "asks", "not"], "poor and old she is not, whatever else")
        #expect(!book.open(Self.sight(born: "1950-01-01"), hand: [], isProfiled: true).labels.contains("top"))
    }

    @Test("分支的敏感程度随其中最敏感的一个；内容也跟着算")
    func classes() throws {
        let book = try LabelBook.read(
            Self.book([
                ("top", nil, nil, nil), ("plain", "top", "age(60..)", nil), ("closer", "top", "fact(isLowIncome)", nil),
                ("below", "plain", nil, nil), ("special", "below", "fact(isReleased)", nil),
                ("asks", nil, "label(top)", nil),
            ]))
        func kept(_ id: String) -> FieldClass? { book[label: id]?.fieldClass }
        #expect(kept("special") == .special && kept("below") == .special && kept("plain") == .special)
        #expect(kept("top") == .special && kept("closer") == .sensitive)
        #expect(kept("asks") == .special, "as close as the branch it asks for")
        #expect(book[label: "top"]?.noted() == ["person.isLowIncome", "person.isReleased"])
        let shipped = try LabelBook.read(try LabelBook.shippedText())
        for label in shipped.labels {
            for above in label.above.compactMap({ shipped[label: $0] }) {
                #expect(above.fieldClass >= label.fieldClass, "\(label.id) below \(above.id)")
            }
        }
        #expect(shipped[label: "elder"]?.fieldClass == .basic && shipped[label: "frailElder"]?.fieldClass == .sensitive)
        #expect(shipped[label: "aged"]?.above == ["elder65", "elder"])
    }

    @Test("绕圈、没有的上级、别组的上级、太深、分支写在后面、放宽敏感程度：都带行号退回")
    func refuses() throws {
        typealias Row = (id: String, parent: String?, rule: String?, seen: String?)
        let deep = (0...5).map { number -> Row in ("l\(number)", number == 0 ? nil : "l\(number - 1)", nil, nil) }
        let rows: [(labels: [Row], line: Int, word: String)] = [
            ([("a", "b", nil, nil), ("b", "a", nil, nil)], 7, "绕了一圈"),
            ([("a", "a", nil, nil)], 7, "绕了一圈"),
            ([("a", nil, nil, nil), ("b", "gone", nil, nil)], 9, "gone"),
            ([("a", "far", nil, nil)], 7, "这一组里没有"),
            (deep, 21, "最多 5 层"),
            (
                [("a", nil, nil, nil), ("asks", nil, "label(a)", nil), ("late", "a", "age(60..)", nil)], 9, "late"
            ),
            ([("a", nil, "age(60..)", "basic"), ("b", "a", "fact(isLowIncome)", nil)], 7, "sensitive"),
        ]
        for row in rows {
            do {
                _ = try LabelBook.read(Self.book(row.labels))
                Issue.record("taken: \(row.labels.map(\.id))")
            } catch let error as LabelProblem.Several {
                let first = try #require(error.problems.first)
                #expect(first.line == row.line && first.text.zh.contains(row.word), "\(error.problems)")
            }
        }
        #expect(throws: Never.self) { _ = try LabelBook.read(Self.book(Array(deep.dropLast()))) }
    }

    @Test("库里：上级的人就是下级的并集，数也对；手工标的也往上算，取下就没了", arguments: TestEngine.enabled)
    func union(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var generator = Seeded(state: 11)
            let people = try await LabelScene.enter(house, households: 16, in: Self.grid, &generator)
            await house.deliver()
            try await house.workOutLabels()
            let database = house.services.database
            let names = LabelKeys(database.keys)
            let community = Self.grid.ancestor(at: .community)
            func having(_ label: String) async throws -> Set<ID<Person>> {
                Set(
                    try await database.read { tx in
                        try LabelQueries.people(
                            with: names.key(label: label), in: community, limit: 5000, tx
                        ).map(\.id)
                    })
            }
            func expectUnion() async throws {
                let parts = try await having("elderAlone").union(having("emptyNest")).union(having("disabledElder"))
                let whole = try await having("frailElder")
                #expect(whole == parts && !whole.isEmpty)
                let counted = try await database.read { tx in
                    try LabelCounts.totals(of: [names.key(label: "frailElder")], in: [community], tx)
                }
                #expect(counted[community]?[names.key(label: "frailElder")] == whole.count)
                #expect(try await database.read { try LabelCounts.differences($0).isEmpty })
            }
            try await expectUnion()
            let frail = try await having("frailElder")
            let other = try #require(people.first { !frail.contains($0) })
            let worker = try await house.context(.worker)
            try await LabelCommands.give("emptyNest", to: other, reason: "孩子都在外地", worker, database)
            await house.deliver()
            #expect(try await having("frailElder").contains(other))
            try await expectUnion()
            // Who wants no rules keeps what a hand gave, with what stands above it.
            try await LabelScene.write(
                house, person: other, "UPDATE person SET is_profiled = 0 WHERE id = \(other)")
            await house.deliver()
            let kept = try await database.read { try LabelQueries.labels(of: [other], $0)[other] }
            #expect(Set((kept ?? [:]).keys) == [names.key(label: "emptyNest"), names.key(label: "frailElder")])
            try await LabelCommands.takeBack("emptyNest", from: other, worker, database)
            await house.deliver()
            #expect(try await !having("frailElder").contains(other))
            try await expectUnion()
        }
    }

    @Test("特殊人群默认没有：带它的标签和它上面的都发布不了，打开了才行", arguments: TestEngine.enabled)
    func specialGroups(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let administrator = try await house.context(.administrator)
            let text = Self.book([("top", nil, nil, nil), ("released", "top", "fact(isReleased)", nil)])
            do {
                try await LabelCommands.publish(
                    text, reason: "试", hasSpecialGroups: false, administrator, database)
                Issue.record("published")
            } catch let error as LinliError {
                #expect(error.kind == .invalid && error.text(for: "text")?.zh.contains("top、released") == true)
            }
            try await LabelCommands.publish(text, reason: "试", hasSpecialGroups: true, administrator, database)
            #expect(try await database.read { try LabelBook.current($0)[label: "top"]?.fieldClass } == .special)
        }
    }
}
