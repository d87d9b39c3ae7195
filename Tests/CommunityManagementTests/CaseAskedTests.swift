import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Nobody is said to have been silent who was never asked: not in public, not on the desk.
@Suite("没有回访过的不说没有答复")
struct CaseAskedTests {
    struct Row: Sendable {
        let source: CaseSource
        let phone: String
        /// Whether there is somebody to ask.
        let wasAsked: Bool
    }

    static let rows = [
        Row(source: .grid, phone: "", wasAsked: false), Row(source: .staff, phone: "", wasAsked: false),
        Row(source: .staff, phone: "13912345678", wasAsked: true), Row(source: .account, phone: "", wasAsked: true),
    ]

    @Test("到时办结写的话，按有没有人可问", arguments: TestEngine.enabled, rows)
    func lapses(_ engine: TestEngine, _ row: Row) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("小广场路灯不亮", category: "C0118", at: "幸福里小广场")
            (draft.source, draft.spot, draft.isWilling) = (row.source, .street, true)
            (draft.settledWith, draft.reporterPhone) = ("换了灯", row.phone)
            if !row.phone.isEmpty { draft.reporterName = "王五" }
            let teller: Context =
                switch row.source {
                case .grid: try await house.context(.gridWorker3)
                case .staff: try await house.context(.dispatcher)
                default: try await house.context(.tenant)
                }
            let id = try await house.report(draft, teller)
            #expect(try await house.state(id) == "confirming")
            let clearing = Clearing(title: "小广场路灯不亮", text: "小广场的路灯不亮。", address: "")
            try await house.services.commands.publish(clearing, of: id, try await house.context(.head))
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(id)", as: String.self))
            let before = try await house.open("/neighbourhood/\(number)", query: [], house.visitor)
            #expect(before.contains("等反映的人确认") == row.wasAsked)
            #expect(before.contains("办完了，到时办结") != row.wasAsked)
            house.clock.advance(minutes: 4321)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(id) != "confirming")
            let seen = try await house.open("/neighbourhood/\(number)", query: [], house.visitor)
            let desk = try await house.open("/desk/cases/\(id)", query: [], try await house.context(.dispatcher))
            for page in [seen, desk] {
                #expect(page.contains("没有收到居民的答复") == row.wasAsked)
                #expect(page.contains("没有要回访的居民") != row.wasAsked)
            }
        }
    }
}
