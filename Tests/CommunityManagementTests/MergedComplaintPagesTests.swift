import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Several complaints in one: what its pages show to those who complained, and what they tell staff before they write.
@Suite("并案的投诉：页面和照片")
struct MergedComplaintPagesTests {
    /// A complaint about the property company that the office of the street has, and one that was merged into it.
    private func merged(_ house: House) async throws -> (lead: ID<Case>, voice: ID<Case>) {
        var ids: [ID<Case>] = []
        for (text, person) in [("账本不给看，问了三次", DemoResident.tenant), ("账目不公开，还骂人", .youngMother)] {
            var draft = try await house.draft(text, category: "R1301")
            (draft.nature, draft.disclosure) = (.complaint, .office)
            draft.accused.append(try await house.unit("安居物业"))
            ids.append(try await house.report(draft, try await house.context(person)))
            house.clock.advance(minutes: 10)
        }
        let dispatcher = try await house.context(.dispatcher)
        let merging = try await house.open(CasePath.desk(ids[1]), query: [], dispatcher)
        #expect(merging.contains("几个反映人都看得到，别写是谁、住哪儿"))
        try await house.services.commands.merge(ids[1], into: ids[0], reason: "同一本账", dispatcher)
        let city = try await house.unit("城市管理办公室")
        let unit: SQL = "SELECT coalesce(handler_unit, 0) FROM case_item WHERE id = \(ids[0])"
        if try await house.value(unit, as: Int64.self) != city.rawValue {
            try await house.take(CaseStep("dispatch", text: "请看一看", unit: city), ids[0], dispatcher)
        }
        house.clock.advance(minutes: 10)
        return (ids[0], ids[1])
    }

    @Test("办理后的照片反映人都打不开，工作人员打得开；写的地方有提醒；页面不说别人也投诉了", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (lead, voice) = try await merged(house)
            let queries = house.services.queries
            let handler = try await house.context(.cityHandler)
            try await house.take(CaseStep("accept"), lead, handler)
            let desk = try await house.open(CasePath.desk(lead), query: [], handler)
            #expect(desk.contains("这件有几个人投诉，写的话他们都看得到，别写是谁、住哪儿"))
            #expect(desk.contains("留言和照片他们都看不到") && !desk.contains("诉求人也能看到"))
            var done = CaseStep("finish", text: "账本贴出来了")
            let photo = try await house.photo(handler)
            done.photos = [photo]
            try await house.take(done, lead, handler)
            let (first, second) = (try await house.context(.tenant), try await house.context(.youngMother))
            let readers = [(lead, first, false), (voice, second, false), (lead, handler, true)]
            for (id, reader, isShown) in readers {
                let standing = try await queries.view(id, reader).standing
                let found = try await house.services.database.read { tx in
                    try NeedsStore.photo(photo, of: id, for: standing, tx)
                }
                #expect((found != nil) == isShown, "\(id)")
            }
            try await house.take(CaseStep("contest", text: "还在骂人"), voice, second)
            let theirs = try await house.open("/cases/\(lead)", query: [], first)
            #expect(theirs.contains("账本不给看"))
            #expect(!theirs.contains("您说没解决") && !theirs.contains("有人说没解决") && !theirs.contains("还在骂人"))
            #expect(try await house.open("/cases/\(voice)", query: [], second).contains("您说没解决"))
        }
    }
}
