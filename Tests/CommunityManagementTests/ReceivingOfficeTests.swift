import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Who is known to the receiving office only is not known to a community that handles what they told.
@Suite("只让受理中心知道")
struct ReceivingOfficeTests {
    /// A complaint about the property company that the community has in hand, and one that was merged into it; both were
    /// written down by somebody of the community, who is no exception afterwards.
    private func handled(_ house: House, _ worker: Context, _ dispatcher: Context) async throws -> [ID<Case>] {
        var ids: [ID<Case>] = []
        for (name, phone) in [("欧阳明明", "13912340011"), ("赵明明", "13912340022")] {
            var draft = try await house.draft("值夜的保安总是不在岗", category: "R0804")
            (draft.nature, draft.disclosure, draft.source) = (.complaint, .office, .staff)
            draft.against = try await house.unit("安居物业")
            (draft.reporterName, draft.reporterPhone) = (name, phone)
            ids.append(try await house.report(draft, worker))
            house.clock.advance(minutes: 10)
        }
        try await house.services.commands.merge(ids[1], into: ids[0], reason: "同一件事", dispatcher)
        let committee = try await house.unit("幸福里社区居委会")
        if try await house.services.queries.view(ids[0], dispatcher).item.handlerUnit != committee {
            try await house.take(CaseStep("dispatch", text: "请看一看", unit: committee), ids[0], dispatcher)
        }
        try await house.take(CaseStep("accept"), ids[0], worker)
        return ids
    }

    /// The form says that who handles it sees no name and no phone: that is so where a community handles it, too.
    @Test("社区在办的投诉：社区的人从哪里都看不到是谁，受理中心看得到、打得了电话", arguments: TestEngine.enabled)
    func communityHandles(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (worker, dispatcher) = (try await house.context(.worker), try await house.context(.dispatcher))
            let ids = try await handled(house, worker, dispatcher)
            let number = try #require(PhoneNumber("13912340011"))
            for person in [DemoStaff.worker, .head] {
                let context = try await house.context(person)
                let view = try await house.services.queries.view(ids[0], context)
                #expect(view.standing.isHandler && !view.standing.seesReporter, "\(person)")
                #expect(!view.voices.list.isEmpty && !view.voices.list.contains { $0.showsReporter })
                for path in ["/desk/cases/\(ids[0])", "/desk/cases/\(ids[1])", "/api/v1/cases/\(ids[0])"] {
                    let page = try await house.open(path, query: [], context)
                    #expect(!page.isEmpty && !page.contains("****00"), "\(person) \(path)")
                    #expect(!page.contains("欧阳") && !page.contains("赵明明") && !page.contains("查看姓名、电话"))
                }
                let form = Form([("purpose", "约上门时间")])
                let revealed = try await house.send("/desk/cases/\(ids[0])/reveal", form, context) ?? ""
                #expect(!revealed.contains("13912340011") && !revealed.contains("欧阳明明"), "\(person)")
                let found = try await house.services.queries.told(by: number, purpose: "来电问进度", context)
                #expect(found.isEmpty, "\(person) finds who it was by their number")
            }
            let desk = try await house.open("/desk/cases/\(ids[0])", query: [], worker)
            #expect(desk.contains("要打电话，请能看到的人打：") && desk.contains(dispatcher.actor.name))
            let centre = try await house.open("/desk/cases/\(ids[0])", query: [], dispatcher)
            #expect(centre.contains("139****0011") && centre.contains("139****0022"))
            #expect(!centre.contains("要打电话，请能看到的人打"))
            #expect(
                try await house.services.queries.told(by: number, purpose: "来电问进度", dispatcher).map(\.id) == [ids[0]])
            // Who may call notes that they did: the first word stops its clock whoever said it.
            try await house.services.commands.contacted(.phone, .reached, text: "说了进展", on: ids[0], dispatcher)
            // A place that gave nobody the duty is not sent to an office it does not have.
            try await house.services.database.system { tx in
                _ = try tx.execute("DELETE FROM access_grant WHERE role = 'dispatcher'")
            }
            let nobody = try await house.open("/desk/cases/\(ids[0])", query: [], worker)
            #expect(nobody.contains("还没有人有“诉求处置中心调度员”职责") && !nobody.contains("请能看到的人打"))
        }
    }
}
