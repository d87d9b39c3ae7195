import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The rules of warnings as data: they say what the code said, are refused with their lines, and change what is counted.
@Suite("预警规则是数据：照旧、能试算、能换")
struct WarningBookTests {
    private static let start = Instant(CivilDate(daysSinceEpoch: 20_779), hour: 10)

    // MARK: As before

    /// A rule as it stood in code, with the way it was worked out.
    private struct Before {
        let id: String
        let area: WarningRule.Area
        var isAlike = false
        let parts: [(signal: WarningSignalKind, categories: [String], count: Int)]
        let days: Int
        let quietDays: Int

        private func takes(_ signal: WarningSignal, _ part: Int) -> Bool {
            let (kind, categories, _) = parts[part]
            return signal.kind == kind
                && (categories.isEmpty || categories.contains { signal.category.hasPrefix($0) })
        }

        func raised(_ signals: [WarningSignal]) -> [WarningRule.Raised] {
            var (raised, window, isQuiet) = ([WarningRule.Raised](), [WarningSignal](), false)
            for signal in signals {
                if signal.kind == .met {
                    guard area == .household else { continue }
                    (window, isQuiet) = ([], false)
                    continue
                }
                guard parts.indices.contains(where: { takes(signal, $0) }) else { continue }
                window = (window + [signal]).filter { $0.at > signal.at.adding(days: -days) }
                if isQuiet, let last = raised.last, signal.at < last.at.adding(days: quietDays) {
                    raised[raised.count - 1].reasons.append(signal.id)
                } else if parts.indices.allSatisfy({ part in
                    window.count(where: { takes($0, part) }) >= parts[part].count
                }) {
                    raised.append(.init(at: signal.at, reasons: window.map(\.id)))
                    isQuiet = true
                }
            }
            return raised
        }
    }

    private static let before = [
        Before(
            id: "quarrels", area: .place, parts: [(.need, ["R11", "R1001"], 3)], days: 30, quietDays: 30),
        Before(
            id: "hazards", area: .place, parts: [(.need, ["R13", "R0803", "R0902"], 3)], days: 30, quietDays: 30),
        Before(id: "kind", area: .community, isAlike: true, parts: [(.need, [], 8)], days: 7, quietDays: 14),
        Before(id: "missed", area: .household, parts: [(.missed, [], 2)], days: 14, quietDays: 14),
        Before(id: "silent", area: .household, parts: [(.silent, [], 1)], days: 7, quietDays: 7),
        Before(
            id: "troubled", area: .place, parts: [(.need, ["R11", "R1001"], 2), (.finding, [], 1)], days: 30,
            quietDays: 30),
        Before(
            id: "vanished", area: .household, parts: [(.missed, [], 1), (.silent, [], 1)], days: 21, quietDays: 21),
    ]

    @Test("随程序附带的规则，和原来写在程序里的提醒得一模一样")
    func shippedEqualsBefore() throws {
        let book = try WarningBook.shipped()
        #expect(book.silence == 7)
        #expect(book.rules.map(\.id) == Self.before.map(\.id))
        #expect(book.rules.map(\.area) == Self.before.map(\.area))
        #expect(book.rules.map(\.isAlike) == Self.before.map(\.isAlike))
        #expect(book.rules.map(\.name.zh).contains("同一处又有纠纷又有隐患"))
        var seed: UInt64 = 7
        func random(_ below: UInt64) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((seed >> 33) % below)
        }
        let categories = ["R1102", "R1001", "R1302", "R0803", "R0902", "R0202"]
        var raised: [String: Int] = [:]
        for round in 0..<600 {
            // From a few hours between them to some days.
            let pace = UInt64(1 + round % 10) * 360
            var minute = 0
            let signals = (1...40).map { number -> WarningSignal in
                minute += random(pace)
                let kind = WarningSignalKind.allCases[random(5)]
                return WarningSignal(
                    id: ID(rawValue: Int64(number)), kind: kind, at: Self.start.adding(minutes: minute),
                    category: kind == .need || kind == .finding ? categories[random(6)] : "")
            }
            for (old, new) in zip(Self.before, book.rules) {
                let expected = old.raised(signals)
                #expect(new.replay(signals) == expected, "\(old.id)")
                raised[old.id, default: 0] += expected.count
            }
        }
        #expect(raised.count == Self.before.count && raised.values.allSatisfy { $0 > 10 }, "\(raised)")
    }

    // MARK: What a text may say

    private static func text(_ rule: String) -> String {
        """
        silence: 7
        rules:
          own:
            name: { zh: 甲, en: A }
            why: { zh: 去看看, en: Look }
        \(rule.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
        """
    }

    @Test("写错的地方带行号；住户的信号不借别的范围露出来")
    func refuses() throws {
        let rest = "within: 7\nquiet: 7"
        let rows: [(String, Int, String)] = [
            ("area: place\nwhen: need(3, R99)\n\(rest)", 7, "R99"),
            ("area: place\nwhen: needs(3)\n\(rest)", 7, "needs"),
            ("area: place\nwhen: need(0)\n\(rest)", 7, "1 到 1000"),
            ("area: place\nwhen: all(need(1), finding(1)\n\(rest)", 7, "“)”"),
            ("area: place\nwhen: need(1) need(2)\n\(rest)", 7, "all(…)"),
            ("area: place\nwhen: |\n  any(\n    need(1),\n    met(1))\n\(rest)", 10, "met"),
            ("area: street\nwhen: need(1)\n\(rest)", 6, "household"),
            ("area: grid\nwhen: missed(2)\n\(rest)", 6, "area: household"),
            ("area: household\nwhen: all(missed(1), need(1))\n\(rest)", 6, "missed、silent"),
            ("area: household\nalike: true\nwhen: missed(1)\n\(rest)", 7, "不分类别"),
            ("area: household\nwhen: missed(1, R11)\n\(rest)", 7, "不分类别"),
            ("area: place\nwhen: need(1)\nwithin: 0\nquiet: 7", 8, "within"),
            ("area: place\nwhen: need(1)\n\(rest)\nstreet: soon", 10, "never"),
            ("area: place\nwhen: need(1)\n\(rest)\nwindow: 3", 10, "window"),
        ]
        for (rule, line, word) in rows {
            let (book, problems) = WarningBooks.look(Self.text(rule))
            #expect(book == nil && problems.count == 1, "\(rule): \(problems)")
            #expect(problems.first?.line == line, "\(rule): \(problems)")
            #expect(problems.first?.text.zh.contains(word) == true, "\(rule): \(problems)")
        }
        for odd in ["", "- a", "rules: [", "rules:\n  a: 3", "silence: 7", String(repeating: "#", count: 60_001)] {
            #expect(WarningBooks.look(odd).book == nil, "\(odd.prefix(20))")
        }
        let fine = WarningBooks.look(
            Self.text("area: grid\nalike: true\nwhen: any(need(2), finding(1))\nwithin: 3\nquiet: 3\nstreet: 0"))
        let rule = try #require(fine.book?["own"])
        #expect(rule.area == .grid && rule.isAlike && rule.street == .after(days: 0) && fine.book?.silence == nil)
        #expect(rule.words { Text(same: $0) }.zh.contains("反映 2 次，或者巡查发现隐患 1 次"))
    }

    // MARK: Draft, trial, publication

    /// The shipped text with what a test changes.
    private func text(_ changes: [(String, String)]) throws -> String {
        let shipped = try WarningBook.shippedText()
        return changes.reduce(shipped) { text, change in
            #expect(text.contains(change.0), "the rules do not say \(change.0)")
            return text.replacing(change.0, with: change.1, maxReplacements: 1)
        }
    }

    private func warned(_ rule: String, _ house: House) async throws -> [Warning] {
        await house.deliver()
        let all = try await house.services.database.read {
            try WarningQueries.list(in: DemoDivision.happiness, households: [], isOpen: false, limit: 500, $0)
        }
        return all.filter { $0.rule == rule }
    }

    @Test("草稿不算数，试算不提醒，发布才算：以前的也重看，已有的不动", arguments: TestEngine.enabled)
    func publishing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let commands = WarningBookCommands(database)
            // What the demo tells itself lies behind everything that is counted here.
            await house.deliver()
            house.clock.advance(minutes: 130 * 1440)
            let administrator = try await house.context(.administrator)
            let tenant = try await house.context(.tenant)
            for _ in 0..<2 { _ = try await house.report(try await house.draft("又吵架", category: "R1102"), tenant) }
            #expect(try await warned("quarrels", house).isEmpty)
            let next = try text([
                ("need(3, R11, R1001)", "need(2, R11, R1001)"),
                ("    quiet: 30\n", "    quiet: 30\n    street: 0\n"),
            ])
            try await commands.save(next, revision: 0, administrator)
            #expect(try await warned("quarrels", house).isEmpty, "a draft counts")
            // What it would have done is what it does.
            let draft = try WarningBook.read(next)
            let trial = try await database.read { tx in
                try WarningTrial.run(
                    draft, beside: try WarningBook.current(WarningNumbers(), tx),
                    administrator.actor.scope(for: .registersManage), at: administrator.now, tx)
            }
            let line = try #require(trial.lines.first { $0.rule == "quarrels" })
            #expect(line.were == 0 && line.wouldBe == 1 && line.examples.first?.reasons == 2)
            #expect(line.examples.first?.address == "幸福里小区3号楼2单元")
            #expect(try await warned("quarrels", house).isEmpty, "a trial warns")
            #expect(
                try await house.refusal { try await commands.publish(revision: 1, reason: " ", administrator) }
                    == .invalid)
            try await commands.publish(revision: 1, reason: "两次就看看", administrator)
            try await house.run(job: "warnings.rules")
            let made = try await warned("quarrels", house)
            #expect(made.count == 1)
            // At once the street's, as the rule says.
            let dispatcher = try await house.open("/desk/warnings", query: [], try await house.context(.dispatcher))
            #expect(dispatcher.contains("id=\"w-\(try #require(made.first?.id))\""))
            // Taken out, its warnings stay with the name it had.
            let gone = next.replacing("  quarrels:", with: "  disputes:").replacing("同一处反复起纠纷", with: "老吵架")
            try await commands.save(gone, revision: 0, administrator)
            try await commands.publish(revision: 1, reason: "换个叫法", administrator)
            try await house.run(job: "warnings.rules")
            #expect(try await warned("quarrels", house).map(\.id) == made.map(\.id))
            let page = try await house.open("/desk/warnings", query: [], try await house.context(.head))
            #expect(page.contains("同一处反复起纠纷") && page.contains("老吵架"))
            let history = try await database.read { try WarningBooks.history($0) }
            #expect(history.map(\.version) == [2, 1] && history.map(\.reason) == ["换个叫法", "两次就看看"])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("一个网格里的同类事凑够数才提醒，别的网格、别的类不算", arguments: TestEngine.enabled)
    func grids(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            house.clock.advance(minutes: 40 * 1440)
            let administrator = try await house.context(.administrator)
            let commands = WarningBookCommands(house.services.database)
            let rule = Self.text("area: grid\nalike: true\nwhen: need(3)\nwithin: 7\nquiet: 7\nstreet: never")
            try await commands.save(rule, revision: 0, administrator)
            try await commands.publish(revision: 1, reason: "按网格数", administrator)
            let tenant = try await house.context(.tenant)
            for (category, address) in [
                ("R0202", "幸福里小区3号楼1单元"), ("R0202", "幸福里小区3号楼2单元"), ("R1102", "幸福里小区3号楼1单元"),
            ] {
                _ = try await house.report(try await house.draft("坏了", category: category, at: address), tenant)
            }
            #expect(try await warned("own", house).isEmpty)
            _ = try await house.report(
                try await house.draft("又坏了", category: "R0202", at: "幸福里小区3号楼1单元"), tenant)
            let made = try await warned("own", house)
            #expect(made.map(\.category) == ["R0202"] && made.map(\.place) == [nil])
            #expect(made.first?.division.level == .grid)
            #expect(try await warned("quarrels", house).isEmpty, "rules that were taken out warn")
            house.clock.advance(minutes: 30 * 1440)
            let card = "id=\"w-\(try #require(made.first?.id))\""
            let street = try await house.open("/desk/warnings", query: [], try await house.context(.dispatcher))
            #expect(!street.contains(card), "the rule keeps it in the community")
            #expect(try await house.open("/desk/warnings", query: [], try await house.context(.head)).contains(card))
        }
    }

    @Test("两个人改同一份，后存的盖不掉先存的；照旧版写的要先对照", arguments: TestEngine.enabled)
    func conflicts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let commands = WarningBookCommands(house.services.database)
            let shipped = try WarningBook.shippedText()
            try await commands.save(shipped, revision: 0, administrator)
            for revision in [0, 2] {
                #expect(
                    try await house.refusal {
                        try await commands.save("rules: {}", revision: revision, administrator)
                    } == .conflict)
            }
            #expect(try await house.services.database.read { try WarningBooks.draft($0)?.text } == shipped)
            #expect(
                try await house.refusal { try await commands.publish(revision: 2, reason: "旧的", administrator) }
                    == .conflict)
            try await commands.save("rules: 3", revision: 1, administrator)
            #expect(
                try await house.refusal { try await commands.publish(revision: 2, reason: "错的", administrator) }
                    == .invalid)
            // Another version came into force by another way: the draft would take it back.
            try await house.services.database.system { tx in
                _ = try tx.execute(
                    """
                    INSERT INTO warning_book (version, text, reason, published_at)
                    VALUES (1, \(shipped), 'x', \(administrator.now))
                    """)
            }
            #expect(
                try await house.refusal { try await commands.save(shipped, revision: 2, administrator) } == .conflict)
            try await commands.save(shipped, revision: 2, compared: 1, administrator)
            try await commands.discard(revision: 3, administrator)
            #expect(try await house.services.database.read { try WarningBooks.draft($0) } == nil)
            let stranger = try await house.context(.head)
            #expect(
                try await house.refusal { try await commands.save(shipped, revision: 0, stranger) } == .forbidden)
        }
    }
}
