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
            // The other one had it done again and reviewed until nothing is left to ask for.
            try await house.services.database.system { tx in
                _ = try tx.execute("UPDATE case_item SET state = 'confirming', contests = 3 WHERE id = \(lead)")
            }
            let last = try await house.open("/cases/\(lead)", query: [], first)
            #expect(last.contains("现在不能再申请复核") && !last.contains("已经重办并复核过"))
        }
    }

    /// Whether who told a case opens a photo.
    private func opens(
        _ photo: ID<StoredFile>, of id: ID<Case>, _ reader: Context, _ house: House
    ) async throws -> Bool {
        let standing = try await house.services.queries.view(id, reader).standing
        return try await house.services.database.read { tx in
            try NeedsStore.photo(photo, of: id, for: standing, tx) != nil
        }
    }

    @Test("又并了一次：并以前自己一个人的留言和照片还看得到，并以后的看不到", arguments: TestEngine.enabled)
    func mergedOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, queries) = (house.services.commands, house.services.queries)
            var draft = try await house.draft("账本锁起来了", category: "R1301")
            (draft.nature, draft.disclosure) = (.complaint, .office)
            draft.accused.append(try await house.unit("安居物业"))
            let first = try await house.report(draft, try await house.context(.retiredTeacher))
            house.clock.advance(minutes: 10)
            let city = try await house.unit("城市管理办公室")
            let unit: SQL = "SELECT coalesce(handler_unit, 0) FROM case_item WHERE id = \(first)"
            if try await house.value(unit, as: Int64.self) != city.rawValue {
                let dispatcher = try await house.context(.dispatcher)
                try await house.take(CaseStep("dispatch", text: "请看一看", unit: city), first, dispatcher)
            }
            house.clock.advance(minutes: 10)
            let (lead, _) = try await merged(house)
            house.clock.advance(minutes: 60)
            var handler = try await house.context(.cityHandler)
            let before = try await house.photo(handler, saying: "before")
            try await commands.remark("账本周三拿出来", isVisible: true, photos: [before], on: first, handler)
            house.clock.advance(minutes: 10)
            try await commands.merge(lead, into: first, reason: "同一本账", try await house.context(.dispatcher))
            house.clock.advance(minutes: 10)
            handler = try await house.context(.cityHandler)
            let after = try await house.photo(handler, saying: "after")
            try await commands.remark("婴儿车在门卫那里", isVisible: true, photos: [after], on: first, handler)
            let reader = try await house.context(.retiredTeacher)
            let theirs = try await queries.reporterView(first, reader)
            #expect(theirs.entries.contains { $0.text == "账本周三拿出来" }, "nobody else spoke in it then")
            #expect(!theirs.entries.contains { $0.text.contains("婴儿车") })
            #expect(theirs.photos.map(\.file) == [before])
            #expect(try await opens(before, of: first, reader, house))
            #expect(try await !opens(after, of: first, reader, house))
        }
    }

    @Test("拆开以后自己那件改成了求助：别人还在一起时的照片、留言、要求重办，仍然看不到", arguments: TestEngine.enabled)
    func noComplaintAnyMore(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, queries) = (house.services.commands, house.services.queries)
            let (lead, voice) = try await merged(house)
            let handler = try await house.context(.cityHandler)
            try await house.take(CaseStep("accept"), lead, handler)
            let photo = try await house.photo(handler)
            try await commands.remark("婴儿车在门卫那里", isVisible: true, photos: [photo], on: lead, handler)
            try await house.take(CaseStep("finish", text: "账本贴出来了"), lead, handler)
            let second = try await house.context(.youngMother)
            try await house.take(CaseStep("contest", text: "还在骂人"), voice, second)
            house.clock.advance(minutes: 10)
            let dispatcher = try await house.context(.dispatcher)
            try await commands.split(voice, reason: "说的是另一本账", dispatcher)
            house.clock.advance(minutes: 10)
            try await commands.classify(.assistance, "R1301", of: lead, dispatcher)
            let first = try await house.context(.tenant)
            let theirs = try await queries.reporterView(lead, first)
            #expect(theirs.item.nature == .assistance && theirs.photos.isEmpty)
            #expect(!theirs.entries.contains { $0.text.contains("婴儿车") || $0.text.contains("骂人") })
            #expect(!theirs.entries.contains { $0.transition == CaseMark.voiceUnsolved.rawValue })
            #expect(!theirs.voices.isContestedByOther && theirs.voices.hidesContest)
            #expect(try await queries.view(lead, first).photos.isEmpty)
            #expect(try await !opens(photo, of: lead, first, house))
        }
    }
}
