import LinliCore
import LinliKernel
import Testing

@Suite struct CaseTypeLoaderTests {
    /// A definition that is right; tests break one thing at a time.
    static let right = """
        id: demo
        version: 1
        name: { zh: 示例, en: Demo }
        numberPrefix: DM
        initial: open
        fields:
          text: { name: { zh: 内容, en: Text }, required: true, limit: 100 }
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
        transitions:
          finish:
            name: { zh: 办完, en: Finish }
            done: { zh: 办完了, en: Finished }
            from: [open]
            to: done
            by: [handler]
        opens:
          by: [resident, staff, program]
          categories: [R]
          natures: [assistance]
        """

    @Test("定义正确时照样读出来") func loadsARightDefinition() throws {
        let type = try CaseTypeLoader.load(Self.right)
        #expect(type.id == "demo")
        #expect(type.states.map(\.id) == ["open", "done"])
        #expect(type.transitions(from: "open").map(\.to) == ["done"])
        // What was published before such words were refused goes on.
        let odd = Self.right.replacing("to: done", with: "to: done\n    since: 2026")
        #expect(throws: CaseTypeProblem.Several.self) { try CaseTypeLoader.load(odd) }
        #expect(try CaseTypeLoader.load(odd, kept: true).id == "demo")
    }

    private static let reason = "{ parts: { zh: 等配件, en: Parts } }"

    /// What may be asked for, before the line it takes the place of.
    private static func asks(_ from: String, _ by: String, _ reasons: String) -> String {
        "requests:\n  pause:\n    from: \(from)\n    by: \(by)\n    capMinutes: 10\n    limit: 1\n    reasons: \(reasons)\nopens:\n"
    }

    @Test("能要求重办的，总能到没经手的人那里；没有复核的写明为什么；存下的旧版照样读得出") func reviewsOrSaysWhy() throws {
        let contested = Self.right.replacing("by: [handler]", with: "by: [handler]\n    effects: [contest]")
        #expect(throws: CaseTypeProblem.Several.self) { try CaseTypeLoader.load(contested) }
        let said = contested.replacing(
            "initial: open\n", with: "initial: open\nnoReview: { zh: 当场试过, en: Tried on the spot }\n")
        #expect(try CaseTypeLoader.load(said).id == "demo")
        #expect(try CaseTypeLoader.load(contested, kept: true).id == "demo")
    }

    struct Mistake: Sendable {
        let from: String
        let to: String
        let line: Int
        let words: String
    }

    @Test(
        "每一种错误都指出行号",
        arguments: [
            Mistake(from: "to: done", to: "to: gone", line: 22, words: "\"gone\", which does not exist"),
            Mistake(from: "from: [open]", to: "from: [done]", line: 10, words: "state open is a dead end"),
            Mistake(from: "by: [handler]", to: "by: [nobody]", line: 26, words: "\"nobody\" is not one of"),
            Mistake(from: "by: [handler]", to: "by: [reporter]", line: 10, words: "owner of state open can do nothing"),
            Mistake(from: "initial: open", to: "initial: opened", line: 1, words: "initial state \"opened\""),
            Mistake(from: "final: true", to: "final: false", line: 16, words: "needs a clock"),
            Mistake(from: "en: Finish }", to: "}", line: 22, words: "needs zh and en"),
            Mistake(from: "by: [resident", to: "by: [visitor", line: 28, words: "\"visitor\" is not one of"),
            Mistake(from: "categories: [R]", to: "categories: [Z9]", line: 29, words: "there is no category \"Z9\""),
            Mistake(from: "natures: [assistance]", to: "otherwise: E06", line: 30, words: "none of the categories"),
            Mistake(from: "initial: open\n", to: "initial: open\nfound: nowhere\n", line: 1, words: "found state"),
            Mistake(from: "kind: natural", to: "kind: lunar", line: 14, words: "\"lunar\" is not one of"),
            Mistake(
                from: "  done:\n    name",
                to: "  lost:\n    name: { zh: 丢, en: Lost }\n    resident: { zh: 丢, en: Lost }\n    step: 2\n"
                    + "    final: true\n  done:\n    name",
                line: 16, words: "state lost cannot be reached"
            ),
            Mistake(from: "to: done", to: "to: open", line: 10, words: "from state open no way leads to an end"),
            Mistake(
                from: "to: done", to: "to: done\n    gaurds: [partsDone]", line: 26,
                words: "\"gaurds\" means nothing here"
            ),
            Mistake(
                from: "urgentMinutes: 5 }", to: "urgentMinutes: 5, elstic: true }", line: 14,
                words: "\"elstic\" means nothing here"
            ),
            Mistake(from: "required: true", to: "requird: true", line: 7, words: "\"requird\" means nothing here"),
            Mistake(from: "by: [handler]", to: "by: []", line: 22, words: "finish has nobody who may take it"),
            Mistake(
                from: "urgentMinutes: 5 }",
                to: "urgentMinutes: 5 }\n    ladder:\n      - { overdueMinutes: 0, action: remind }\n"
                    + "      - { percent: 50, action: remind }",
                line: 16, words: "must follow each other in time"
            ),
            Mistake(
                from: "opens:\n", to: asks("[open]", "[handler]", "{}"), line: 29, words: "needs reasons to choose from"
            ),
            Mistake(from: "opens:\n", to: asks("[open]", "[]", reason), line: 29, words: "nobody who may ask"),
            Mistake(from: "opens:\n", to: asks("[]", "[handler]", reason), line: 29, words: "asked for in no state"),
            Mistake(
                from: "limit: 100 }\n",
                to: "limit: 100 }\n"
                    + "  size: { name: { zh: 大小, en: Size }, limit: 10, when: { field: colour, is: [red] } }\n"
                    + "  colour: { name: { zh: 颜色, en: Colour }, kind: choice, choices: { red: { zh: 红, en: Red } } }\n",
                line: 8, words: "depends on \"colour\", which does not come before it"
            ),
            Mistake(
                from: "by: [handler]", to: "by: [handler]\n    effects: [contest]", line: 22,
                words: "no such way leads to a state of a reviewer"
            ),
            Mistake(
                from: "initial: open\n", to: "initial: open\nvisibility: everybody\n", line: 6,
                words: "\"everybody\" is not one of"
            ),
            Mistake(
                from: "initial: open\n", to: "initial: open\nretentionDays: 30\n", line: 6,
                words: "retentionDays must be more than reopenDays (30)"
            ),
            Mistake(
                from: "initial: open\n", to: "initial: open\nrating:\n  days: 10\n", line: 7,
                words: "nobody is asked, and rating is left out"
            ),
            Mistake(
                from: "initial: open\n", to: "initial: open\nrating: { asks: reporter, days: 10 }\n", line: 6,
                words: "\"asks\" means nothing here"
            ),
            Mistake(
                from: "initial: open\n", to: "initial: open\nrating: {}\n", line: 6,
                words: "\"days\" must be a whole number"
            ),
        ]
    ) func refusesWithALine(_ mistake: Mistake) throws {
        let yaml = Self.right.replacing(mistake.from, with: mistake.to, maxReplacements: 1)
        do {
            _ = try CaseTypeLoader.load(yaml)
            Issue.record("it was taken")
        } catch let error as CaseTypeProblem.Several {
            let problem = error.problems.first { $0.message.contains(mistake.words) }
            #expect(problem != nil, "\(error)")
            #expect(problem?.line == mistake.line, "\(error)")
            #expect(problem?.placed.zh.hasPrefix("第 \(mistake.line) 行：") == true, "\(error)")
            #expect(problem?.placed.zh.contains(mistake.words) == false, "people read it in Chinese: \(error)")
        }
    }

    @Test("不是 YAML 的文本说清楚在第几行") func refusesWhatIsNotYAML() {
        #expect(throws: CaseTypeProblem.Several.self) { try CaseTypeLoader.load("id: [") }
        #expect(throws: CaseTypeProblem.Several.self) { try CaseTypeLoader.load("") }
        do {
            _ = try CaseTypeLoader.load("id: a\nstates:\n  one: {}\n  two: {}\n  one: {}\n")
            Issue.record("it was taken")
        } catch let error as CaseTypeProblem.Several {
            let problem = error.problems.first
            #expect(problem.map { (3...5).contains($0.line) } == true, "\(error)")
            #expect(problem?.placed.zh.contains("同一处写了两遍：one") == true, "\(error)")
        } catch { Issue.record("\(error)") }
    }
}
