import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What was a tip-off once keeps its reporter sealed, and nobody who must not know them makes it something else.
@Suite("举报一直保密")
struct OnceTipOffTests {
    static let name = "欧阳明明"

    private func told(_ house: House, _ text: String = "便道被占了，天天乱收费") async throws -> ID<Case> {
        var draft = try await house.draft(text, category: "E0404", at: "幸福里小广场")
        (draft.nature, draft.spot, draft.disclosure) = (.tipOff, .street, .office)
        (draft.reporterName, draft.reporterPhone) = (Self.name, "13912340104")
        return try await house.report(draft, house.visitor)
    }

    private func classified(_ id: ID<Case>, _ context: Context, _ house: House) async throws -> [CaseEntry] {
        try await house.services.queries.view(id, context).entries.filter { $0.transition == "classified" }
    }

    @Test("社区改不成别的性质；街道写了理由才能改，改了社区仍然看不到反映人；谁改的、改成什么都记着", arguments: TestEngine.enabled)
    func sealed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, queries) = (house.services.commands, house.services.queries)
            let id = try await told(house)
            let (head, dispatcher) = (try await house.context(.head), try await house.context(.dispatcher))
            let byHead = try await house.refusal {
                try await commands.classify(.assistance, "C0118", of: id, reason: "不是举报", head)
            }
            #expect(byHead == .forbidden)
            let bare = try await house.refusal { try await commands.classify(.assistance, "C0118", of: id, dispatcher) }
            #expect(bare == .invalid)
            // What kind of tip-off it is may be corrected as before.
            try await commands.classify(.tipOff, "E0110", of: id, head)
            let form = Form([("nature", "assistance"), ("category", "C0118"), ("text", "只是来问路灯，\(Self.name)说的")])
            let done = try await house.send("/desk/cases/\(id)/classify", form, dispatcher)
            #expect(done?.hasSuffix("done=classify") == true)
            #expect(try await queries.view(id, dispatcher).item.nature == .assistance)
            let purpose = Form([("purpose", "核实情况")])
            for person in [DemoStaff.head, .worker, .gridWorker3] {
                let context = try await house.context(person)
                #expect(try await !queries.view(id, context).standing.seesReporter, "\(person)")
                let page = try await house.open("/desk/cases/\(id)", query: [], context)
                let revealed = try await house.send("/desk/cases/\(id)/reveal", purpose, context) ?? ""
                let shown = page + revealed
                #expect(!shown.contains(Self.name) && !shown.contains("****0104"), "\(person)")
                #expect(!shown.contains("13912340104"), "\(person)")
            }
            let opened = try await house.send("/desk/cases/\(id)/reveal", purpose, dispatcher) ?? ""
            #expect(opened.contains(Self.name))
            let lines = try await classified(id, head, house)
            #expect(lines.map(\.actorName) == [head.actor.name, dispatcher.actor.name])
            #expect(lines.first?.text.hasPrefix("由“举报·") == true && lines.last?.text.contains("更正为“求助·") == true)
            #expect(lines.last?.text.hasSuffix("只是来问路灯，某某说的") == true)
            #expect(try await classified(id, house.holder(of: id), house).isEmpty, "staff read who changed it")
        }
    }

    @Test("接口也一样：社区 403，街道不写理由 422；改过以后不能并到别的工单里", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await told(house)
            try await withSite(house) { site in
                let (head, dispatcher) = (try await site.program(for: .head), try await site.program(for: .dispatcher))
                let path = "/cases/\(id)/classification"
                let change = #"{"nature":"assistance","category":"C0118"}"#
                let reasoned = #"{"nature":"assistance","category":"C0118","text":"来电核实过"}"#
                _ = try await site.shown("PUT", path, reasoned, as: head, status: 403)
                _ = try await site.shown("PUT", path, change, as: dispatcher, status: 422)
                #expect(try await site.shown("PUT", path, reasoned, as: dispatcher)["nature"].text == "assistance")
                let purpose = #"{"purpose":"核实情况"}"#
                _ = try await site.shown("POST", "/cases/\(id)/reporter", purpose, as: head, status: 403)
                let back = #"{"nature":"tipOff","category":"E0404"}"#
                _ = try await site.shown("PUT", path, back, as: head)
                _ = try await site.shown("PUT", path, reasoned, as: dispatcher)
            }
            let other = try await house.report(
                try await house.draft("路灯坏了", category: "C0118", at: "幸福里小广场"), try await house.context(.tenant))
            let dispatcher = try await house.context(.dispatcher)
            let joined = try await house.refusal {
                try await house.services.commands.merge(id, into: other, reason: "一件事", dispatcher)
            }
            #expect(joined == .conflict)
        }
    }

    @Test("举报的字里没有号码的尾号，也没有自己家的门牌；改成举报的一样", arguments: TestEngine.enabled)
    func numbers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let dispatcher = try await house.context(.dispatcher)
            let words = "我是\(Self.name)，电话13912340104，住3号楼2单元102，举报5号楼301占道"
            let id = try await told(house, words)
            let hidden = "我是某某，电话某号码，住某处，举报5号楼301占道"
            #expect(try await house.services.queries.view(id, dispatcher).item.text == hidden)
            var plain = try await house.draft(words, category: "E0404", at: "幸福里小广场")
            (plain.spot, plain.reporterName) = (.street, Self.name)
            let later = try await house.report(plain, house.visitor)
            #expect(try await house.services.queries.view(later, dispatcher).item.text.contains("139****0104"))
            try await commands.classify(.tipOff, "E0404", of: later, dispatcher)
            #expect(try await house.services.queries.view(later, dispatcher).item.text == hidden)
            try await commands.remark("再打13912340104问", isVisible: false, photos: [], on: later, dispatcher)
            let view = try await house.services.queries.view(later, dispatcher)
            #expect(view.entries.last?.text == "再打某号码问")
        }
    }
}
