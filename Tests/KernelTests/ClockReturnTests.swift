import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Clocks that come back: after a pause nobody saw the end of, and after an urgency that was taken back.
@Suite("钟回来的时候：停多久就是多久，催过的不再催")
struct ClockReturnTests {
    private func clock(_ name: String, _ id: ID<Case>, _ house: House) async throws -> CaseClock? {
        try await house.services.queries.view(id, house.context(.propertyHandler)).clocks.first { $0.clock == name }
    }

    @Test("批了三天，服务器停到第五天才看见：钟从第三天接着走", arguments: TestEngine.enabled)
    func seenLate(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            let request = try await house.services.commands.ask(
                .pause, reason: "material", minutes: 3 * 1440, text: "灯具厂家缺货", for: id, handler)
            _ = try await house.services.commands.decide(
                request, isGranted: true, text: "同意", house.context(.dispatcher))
            house.clock.advance(minutes: 5 * 1440)
            try await house.run(job: "cases.resume")
            #expect(try await clock("limit", id, house)?.dueAt == House.start.adding(days: 10))
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("已经超期的改成紧急又改回来：提醒、督办、上报过的不再来一遍", arguments: TestEngine.enabled)
    func calmedLate(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
            house.clock.advance(minutes: 9 * 1440)
            try await house.run(job: "cases.escalate")
            let before = try await clock("limit", id, house)
            func alerts() async throws -> Int? {
                try await house.value("SELECT count(*) FROM case_alert WHERE case_id = \(id) AND clock <> 'urgent'")
            }
            let climbed = try await alerts()
            #expect((climbed ?? 0) > 2)
            let (commands, dispatcher) = (house.services.commands, try await house.context(.dispatcher))
            try await commands.setUrgent(true, reason: "冒烟了", of: id, dispatcher)
            try await commands.setUrgent(false, reason: "看错了", of: id, dispatcher)
            try await house.run(job: "cases.escalate")
            #expect(try await alerts() == climbed)
            let after = try await clock("limit", id, house)
            #expect(after?.dueAt == before?.dueAt && after?.rung == before?.rung)
        }
    }

    @Test("还没超期的改成紧急又改回来：改之前催过的不再催，后面的照样", arguments: TestEngine.enabled)
    func calmedInTime(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
            // Half of the promised time, 80 of 100 of seven days, is over: it was reminded.
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.escalate")
            #expect(try await clock("promise", id, house)?.rung == 1)
            let (commands, dispatcher) = (house.services.commands, try await house.context(.dispatcher))
            try await commands.setUrgent(true, reason: "冒烟了", of: id, dispatcher)
            house.clock.advance(minutes: 10)
            try await commands.setUrgent(false, reason: "看错了", of: id, dispatcher)
            let promise = try await clock("promise", id, house)
            #expect(promise?.dueAt == House.start.adding(minutes: 8064) && promise?.rung == 1)
            house.clock.advance(minutes: 2 * 1440)
            try await house.run(job: "cases.escalate")
            for (minutes, count) in [(4032, 1), (8064, 1)] {
                let meant: Int? = try await house.value(
                    """
                    SELECT count(*) FROM case_alert WHERE case_id = \(id) AND clock = 'promise'
                    AND meant_for = \(House.start.adding(minutes: minutes))
                    """)
                #expect(meant == count, "\(minutes)")
            }
        }
    }
}
