import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Parts of a case, and the case they belong to.
extension CaseEngineTests {
    @Test("协办的时限赶在主办到期以前；主办时间长的，还是三天", arguments: TestEngine.enabled)
    func partsFollowTheWhole(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let handler = try await house.context(.propertyHandler)
            let (water, helper) = (try await house.unit("城东自来水服务站"), try await house.context(.waterHandler))
            // A lift has 24 hours: a fifth of what is left is kept for who leads. Seven days are longer than three.
            for (category, minutes) in [("R0202", 24 * 60 * 4 / 5), ("R0104", 3 * 1440)] {
                let draft = try await house.draft("电梯井渗水", category: category)
                let id = try await house.report(draft, try await house.context(.tenant))
                try await house.take(CaseStep("accept"), id, handler)
                let part = CasePartDraft(unit: water, text: "请查供水管")
                let task = try await house.services.commands.addPart(part, to: id, handler).id
                try await house.take(CaseStep("accept"), task, helper)
                let view = try await house.services.queries.view(task, helper)
                #expect(view.item.dueAt == house.clock.clock.now.adding(minutes: minutes), "\(category)")
            }
        }
    }

    @Test("协办的时间由主办定：在主办的时限以内，签收也不能晚过它，到点就是超时；不填照旧", arguments: TestEngine.enabled)
    func partsHaveADate(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let handler = try await house.context(.propertyHandler)
            let (water, helper) = (try await house.unit("城东自来水服务站"), try await house.context(.waterHandler))
            let (now, commands) = (house.clock.clock.now, house.services.commands)
            let draft = try await house.draft("楼道灯不亮", category: "R0104")
            let id = try await house.report(draft, try await house.context(.tenant))
            try await house.take(CaseStep("accept"), id, handler)
            let clocks = try await house.services.queries.view(id, handler).clocks
            let whole = try #require(clocks.filter { ["limit", "step"].contains($0.clock) }.compactMap(\.dueAt).min())
            func part(_ due: Instant?) async throws -> ID<Case> {
                try await commands.addPart(CasePartDraft(unit: water, text: "请查线路", dueAt: due), to: id, handler).id
            }
            for wrong in [now, now.adding(minutes: -5), whole.adding(minutes: 1)] {
                #expect(try await house.refusal { _ = try await part(wrong) } == .invalid, "\(wrong)")
            }
            let due = now.adding(hours: 26)
            let task = try await part(due)
            let told = try await house.services.queries.view(task, helper)
            // It is a Sunday: four working hours to take it would end after that.
            #expect(told.dueBy == due && told.item.dueAt == due)
            house.clock.advance(minutes: 60)
            try await house.take(CaseStep("accept"), task, try await house.context(.waterHandler))
            let begun = try await house.services.queries.view(task, helper)
            #expect(begun.item.dueAt == due && begun.clocks.first { $0.clock == "step" }?.dueAt == due)
            // Soon: who is to take it has no longer than that either.
            let soon = now.adding(minutes: 90)
            let quick = try await part(soon)
            #expect(try await house.services.queries.view(quick, helper).item.dueAt == soon)
            // What its type says where nobody says otherwise.
            let plain = try await part(nil)
            #expect(try await house.services.queries.view(plain, helper).dueBy == nil)
            // The whole getting more time moves no date somebody set.
            house.clock.set(due.adding(minutes: 1))
            try await house.run(job: "cases.escalate")
            let late = try await house.services.queries.view(task, helper)
            #expect(late.item.dueAt == due && late.item.supervision >= 2, "it is enforced")
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("诉求人撤回，没办完的协办跟着取消，写进记录、告诉在办的人，不写是谁撤回的", arguments: TestEngine.enabled)
    func partsEndWithTheWhole(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let dispatcher = try await house.context(.dispatcher)
            let (water, helper) = (try await house.unit("城东自来水服务站"), try await house.context(.waterHandler))
            let id = try await house.report(try await house.draft(), resident)
            var tasks: [ID<Case>] = []
            for words in ["请查供水管", "请查水表井"] {
                let part = CasePartDraft(unit: water, text: words)
                tasks.append(try await house.services.commands.addPart(part, to: id, dispatcher).id)
            }
            for task in tasks { try await house.take(CaseStep("accept"), task, helper) }
            // What is done is done: who leads has not looked at it yet.
            try await house.take(CaseStep("finish", text: "水表井没有漏"), tasks[1], helper)
            try await house.take(CaseStep("withdraw"), id, resident)
            #expect(try await house.state(tasks[0]) == "cancelled")
            #expect(try await house.state(tasks[1]) == "done")
            let view = try await house.services.queries.view(tasks[0], dispatcher)
            let last = try #require(view.entries.last { $0.transition == "cancel" })
            #expect(last.text.contains("已撤回") && last.actorName.isEmpty)
            let told = try await house.services.database.read { try CaseQueries.notices(for: helper.actor, $0) }
            #expect(told.contains { $0.row.id == tasks[0] && $0.kind == .cancelled && $0.byName.isEmpty })
            await house.deliver()
            let recount = try await house.services.database.read { try CaseCounts.recount($0) }
            #expect(recount.counted == recount.stored)
        }
    }
}
