import LinliCore
import Testing

@testable import LinliKernel

/// Fields and reasons that come with steps, as a definition says them.
@Suite("工单类型：办理时填的字段、退单理由")
struct CaseTypeStepsTests {
    /// A definition with both; tests break one thing at a time.
    static let right = """
        id: demo
        version: 1
        name: { zh: 示例, en: Demo }
        numberPrefix: DM
        initial: open
        fields:
          text: { name: { zh: 内容, en: Text }, required: true, limit: 100 }
          colour: { name: { zh: 颜色, en: Colour }, kind: choice, choices: { red: { zh: 红, en: Red }, blue: { zh: 蓝, en: Blue } } }
          cost: { name: { zh: 花费, en: Cost }, kind: number, limit: 9000, atSteps: true }
          shade: { name: { zh: 深浅, en: Shade }, limit: 20, atSteps: true, when: { field: colour, is: [red] } }
        states:
          open:
            name: { zh: 开, en: Open }
            resident: { zh: 开, en: Open }
            step: 1
            owner: handler
            clock: { minutes: 10, kind: natural, urgentMinutes: 5 }
          done:
            name: { zh: 完, en: Done }
            resident: { zh: 完, en: Done }
            step: 2
            final: true
        returnReasons:
          notOurs: { name: { zh: 不归我们, en: Not ours }, basis: true }
        transitions:
          finish:
            name: { zh: 办完, en: Finish }
            done: { zh: 办完了, en: Finished }
            from: [open]
            to: done
            by: [handler]
            requires: [text, field:cost, field:shade]
            allows: [photo, field:colour]
          giveBack:
            name: { zh: 退, en: Give back }
            done: { zh: 退了, en: Given back }
            from: [open]
            to: open
            by: [handler]
            requires: [reasonClass]
            effects: [releaseUnit]
        """

    typealias Mistake = CaseTypeLoaderTests.Mistake

    private func way(_ type: CaseType) throws -> CaseType.Transition {
        try #require(type.transitions.first { $0.id == "finish" })
    }

    @Test("登记时不问，办理时才问；取决于别的答案的照登记时的答案定")
    func asksAtSteps() throws {
        let type = try CaseTypeLoader.load(Self.right)
        #expect(type.extraFields.map(\.id) == ["colour"])
        let way = try way(type)
        #expect(way.requires == [.text] && way.allows == [.photo])
        #expect(way.requiredFields == ["cost", "shade"] && way.allowedFields == ["colour"])
        // The colour may be said anew with the step: then that decides.
        let open = type.fields(with: way, told: ["colour": "red"])
        #expect(open.map(\.id) == ["colour", "cost", "shade"] && open.map(\.isRequired) == [false, true, true])
        #expect(open.last?.condition?.field == "colour")
        let told = try CaseTypeLoader.load(
            Self.right.replacing("allows: [photo, field:colour]", with: "allows: [photo]"))
        func asked(_ answers: [String: String]) throws -> [String] {
            told.fields(with: try self.way(told), told: answers).map(\.id)
        }
        #expect(try asked(["colour": "red"]) == ["cost", "shade"])
        #expect(try asked(["colour": "blue"]) == ["cost"] && asked([:]) == ["cost"])
        #expect(told.returnReasons == [.init(id: "notOurs", name: Text("不归我们", "Not ours"), needsBasis: true)])
    }

    @Test("以前存下、没写退单理由的定义，照那时的四条；新写的必须写明")
    func oldOnes() throws {
        let old = Self.right.replacing(
            "returnReasons:\n  notOurs: { name: { zh: 不归我们, en: Not ours }, basis: true }\n", with: "")
        #expect(throws: CaseTypeProblem.Several.self) { try CaseTypeLoader.load(old) }
        let kept = try CaseTypeLoader.load(old, kept: true)
        #expect(kept.returnReasons.map(\.id) == ["notOurs", "wrongPlace", "duplicate", "otherProcedure"])
    }

    @Test(
        "每一种错误都指出行号",
        arguments: [
            Mistake(
                from: "field:cost,", to: "field:price,", line: 27, words: "names field \"price\", which does not exist"),
            Mistake(
                from: "allows: [photo, field:colour]", to: "allows: [photo, field:text]", line: 27,
                words: "names field \"text\""),
            Mistake(
                from: "allows: [photo, field:colour]", to: "allows: [photo, field:cost]", line: 27,
                words: "field \"cost\" twice"),
            Mistake(
                from: "requires: [text, field:cost,", to: "requires: [text, cost,", line: 32,
                words: "\"cost\" is not one of: text, photo"),
            Mistake(
                from: "field:cost, ", to: "", line: 9, words: "field cost is asked at steps, but no transition names it"
            ),
            Mistake(
                from: "    by: [handler]\n    requires: [text", to: "    by: [handler, clock]\n    requires: [text",
                line: 27, words: "without a form"),
            Mistake(from: "basis: true }", to: "basis: perhaps }", line: 24, words: "\"basis\" must be true or false"),
            Mistake(from: "en: Not ours }", to: "}", line: 24, words: "\"name\" needs zh and en"),
            Mistake(
                from: "{ name: { zh: 不归我们, en: Not ours }, basis: true }", to: "{ basis: true }", line: 24,
                words: "\"name\" is missing"),
            Mistake(from: "  notOurs: {", to: "  \"not ours\": {", line: 24, words: "must be a word of at most 40"),
            Mistake(
                from: "requires: [reasonClass]", to: "requires: [photo]", line: 35,
                words: "must require a text or a reasonClass"),
        ]
    )
    func refusesWithALine(_ mistake: Mistake) throws {
        try #require(Self.right.contains(mistake.from))
        let yaml = Self.right.replacing(mistake.from, with: mistake.to, maxReplacements: 1)
        do {
            _ = try CaseTypeLoader.load(yaml)
            Issue.record("it was taken")
        } catch let error as CaseTypeProblem.Several {
            let problem = error.problems.first { $0.message.contains(mistake.words) }
            #expect(problem != nil, "\(error)")
            #expect(problem?.line == mistake.line, "\(error)")
        }
    }

    @Test("先问的不能取决于办理时才问的；办理时问的，它取决于的也要问到")
    func conditions() throws {
        let odd = Self.right.replacing("cost: {", with: "cost: { when: { field: colour, is: [red] },")
            .replacing(
                "states:\n",
                with: "  early: { name: { zh: 早, en: Early }, limit: 9, when: { field: cost, is: [yes] } }\nstates:\n")
        do {
            _ = try CaseTypeLoader.load(odd)
            Issue.record("it was taken")
        } catch let error as CaseTypeProblem.Several {
            #expect(error.description.contains("early is asked at first and depends on cost"), "\(error)")
        }
        let lost = Self.right.replacing("when: { field: colour, is: [red] }", with: "when: { field: cost, is: [yes] }")
            .replacing("requires: [text, field:cost, field:shade]", with: "requires: [text, field:shade]")
        do {
            _ = try CaseTypeLoader.load(lost)
            Issue.record("it was taken")
        } catch let error as CaseTypeProblem.Several {
            #expect(error.description.contains("asks for shade, which depends on cost, but not for that"), "\(error)")
        }
    }
}
