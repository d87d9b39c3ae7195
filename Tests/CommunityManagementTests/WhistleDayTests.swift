import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The day a task of a whistle was agreed to be done by: it stands beside the words of the task, and where it was moved
/// no page, program or file shows the first one as the one that holds.
@Suite("吹哨分工约定的日子")
struct WhistleDayTests {
    private static let old = "清理占道的摊子（约定11月27日前办完）"

    @Test("旧的内容里写着日子：认得出来；标题里去掉，写到一半的也去掉，别的括号不动")
    func words() {
        #expect(WhistleTask.day(in: Self.old) == "11月27日")
        for text in ["清理摊子", "清理摊子（约定好了）", "清理摊子（约定前办完）", "（约定11月27日前办完）再来看", "约定11月27日前办完"] {
            #expect(WhistleTask.day(in: text) == nil, "\(text)")
        }
        for title in [Self.old, "清理占道的摊子（约定11月2", "清理占道的摊子（约定"] {
            #expect(WhistleTask.title(title, of: "task") == "清理占道的摊子", "\(title)")
            #expect(WhistleTask.title(title, of: "need") == title, "another type keeps it")
        }
        for title in ["清理摊子（北门）", "签约（约定）", "（约定11月27日前办完）", "约定11月27日前办完", ""] {
            #expect(WhistleTask.title(title, of: "task") == title, "\(title)")
        }
    }

    /// A task by 27 November, given on the spot.
    private func task(_ house: House) async throws -> (whistle: ID<Whistle>, part: ID<Case>) {
        let need = try await house.draft("小区北门占道经营", category: "R0104")
        let item = try await house.report(need, try await house.context(.tenant))
        let unit = try await house.unit("东华门街道综合行政执法队")
        let head = try await house.context(.head)
        let whistles = WhistleCommands(house.services.commands)
        let draft = WhistleDraft(
            storey: .community, kind: .emergency, purpose: "请到场", location: "北门", units: [unit])
        let id = try await whistles.draft(draft, for: item, head)
        let by = try #require(CivilDate("2026-11-27"))
        let given = WhistleTaskDraft(unit: unit, text: "清理占道的摊子", by: by)
        return (id, try await whistles.addTask(given, to: id, head).id)
    }

    private func move(_ part: ID<Case>, _ house: House) async throws {
        let later = Instant(try #require(CivilDate("2026-12-02")), hour: 9)
        let head = try await house.context(.head)
        try await house.services.commands.setDate(later, reason: "摊主下周搬", of: part, head)
    }

    @Test("内容里不写日子，日子写在旁边；改了就都是新的", arguments: TestEngine.enabled)
    func beside(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (whistle, part) = try await task(house)
            let officer = try await house.context(.enforcementHandler)
            let item = try await house.services.queries.view(part, officer).item
            #expect(item.text == "清理占道的摊子" && item.title == "清理占道的摊子")
            let before = try await house.open("/desk/cases/\(part)", query: [], officer)
            #expect(before.contains("现场约定 11月27日前办完"))
            try await move(part, house)
            let after = try await house.open("/desk/cases/\(part)", query: [], officer)
            #expect(after.contains("现场约定 12月2日前办完") && !after.contains("约定 11月27日"))
            #expect(!after.contains("最初约定的"), "its text names no day")
            let listed = try await house.open("/desk/whistles/\(whistle)", query: [], try await house.context(.head))
            #expect(listed.contains("约定 12月2日前办完") && !listed.contains("11月27日"))
        }
    }

    @Test("旧的内容留着原样；页面、接口、导出、证据包都说现在以哪天为准", arguments: TestEngine.enabled)
    func older(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (whistle, part) = try await task(house)
            let now = house.clock.clock.now
            try await house.services.database.write(.system("test", now: now), "test.oldText") { tx in
                try tx.execute("UPDATE case_item SET text = \(Self.old), title = \(Self.old) WHERE id = \(part)")
                try tx.audit(Subject("case", part))
            }
            let officer = try await house.context(.enforcementHandler)
            let path = "/desk/cases/\(part)"
            #expect(try await !house.open(path, query: [], officer).contains("最初约定的"), "it holds still")
            try await move(part, house)
            let page = try await house.open(path, query: [], officer)
            #expect(page.contains(Self.old) && page.contains("内容里的11月27日是最初约定的，已经改了，以12月2日为准"))
            let head = try await house.context(.head)
            let called = try await house.open("/desk/whistles/\(whistle)", query: [], head)
            #expect(called.contains("约定 12月2日前办完") && !called.contains("11月27日"))

            let held = "2026-12-02T23:59:00+08:00"
            let shown = try await house.open("/api/v1/cases/\(part)", query: [], officer)
            #expect(shown.contains("\"dueBy\":\"\(held)\"") && !shown.contains("\"title\":\"\(Self.old)"))
            #expect(
                try await house.open("/api/v1/whistles/\(whistle)", query: [], head).contains("\"by\":\"2026-12-02\""))

            let dispatcher = try await house.context(.dispatcher)
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(part)", as: String.self))
            let table = try await house.open(
                "/api/v1/exports/cases", query: [("purpose", "月度分析用"), ("tab", "open")], dispatcher)
            let line = try #require(table.split(separator: "\r\n").first { $0.hasPrefix(number) })
            #expect(line.contains("2026-12-02 23:59"))
            let purpose = Form([(name: "purpose", value: "行政复议举证")])
            let bundle = try await house.send(path + "/evidence.json", purpose, dispatcher)
            #expect(bundle?.contains("\"dueBy\":\"\(held)\"") == true)
            let document = try await house.reply(path + "/evidence.pdf", purpose, dispatcher)
            guard case .bytes(let bytes, _) = document.content else {
                Issue.record("no document")
                return
            }
            #expect(try #require(try PDFWords.read(bytes)).contains("2026-12-02 23:59"))
        }
    }
}
