import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Jobs that walk many cases: one that fails holds up nobody, and is come back to.
@Suite("一件出错不耽误别的")
struct JobRoundTests {
    private func count(_ house: House, _ what: SQL) async throws -> Int {
        try await house.value("SELECT count(*) FROM \(what)", as: Int.self) ?? 0
    }

    /// Two cases whose clocks run out at the same time; the first cannot be read: its definition is nowhere.
    private func told(_ house: House) async throws -> (broken: ID<Case>, sound: ID<Case>) {
        let tenant = try await house.context(.tenant)
        let broken = try await house.report(try await house.draft(), tenant)
        let sound = try await house.report(try await house.draft("4号楼1单元电梯坏了"), tenant)
        try await spoil(broken, house)
        return (broken, sound)
    }

    private func spoil(_ id: ID<Case>, _ house: House) async throws {
        try await house.services.database.system { tx in
            _ = try tx.execute("UPDATE case_item SET type_version = 4711 WHERE id = \(id)")
        }
    }

    private func mend(_ id: ID<Case>, _ house: House) async throws {
        let version = try house.services.queries.types.current("need").version
        try await house.services.database.system { tx in
            _ = try tx.execute("UPDATE case_item SET type_version = \(version) WHERE id = \(id)")
        }
    }

    private func alerts(_ id: ID<Case>, _ house: House) async throws -> Int {
        try await count(house, "case_alert WHERE case_id = \(id)")
    }

    @Test("升级提醒：坏的一件记下、计数、隔一阵再试，越隔越久；好的照常", arguments: TestEngine.enabled)
    func escalate(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (broken, sound) = try await told(house)
            house.clock.advance(minutes: 3 * 1440)
            try await house.run(job: "cases.escalate")
            #expect(try await alerts(sound, house) > 0, "one case that fails stopped the round")
            #expect(try await alerts(broken, house) == 0)
            func failure() async throws -> (attempts: Int, rest: Int64, error: String)? {
                let now = house.clock.clock.now
                return try await house.services.database.read { tx in
                    try tx.first(
                        """
                        SELECT attempts, next_at, error FROM job_failure
                        WHERE job = 'cases.escalate' AND subject_id = \(broken)
                        """
                    ) { row -> (attempts: Int, rest: Int64, error: String) in
                        let next: Instant = try row[1]
                        return (attempts: try row[0], rest: next.seconds(since: now), error: try row[2])
                    }
                }
            }
            let first = try #require(try await failure())
            #expect(first.attempts == 1 && first.rest == 30 && first.error == "caseType.unknown")
            #expect(house.services.database.failures.all.first { $0.job == "cases.escalate" }?.count == 1)
            #expect(try await Vitals.read(house.services.database).subjectsFailing == 1)
            // Left alone until its rest is over.
            try await house.run(job: "cases.escalate")
            #expect(try await failure()?.attempts == 1)
            for attempt in 2...4 {
                house.clock.advance(minutes: 60)
                try await house.run(job: "cases.escalate")
                #expect(try await failure()?.attempts == attempt)
            }
            #expect(try await failure()?.rest == 240)
            try await mend(broken, house)
            house.clock.advance(minutes: 60)
            try await house.run(job: "cases.escalate")
            #expect(try await alerts(broken, house) > 0, "it is come back to")
            #expect(try await failure() == nil)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("逾期未答复的先行办结：坏的一件不挡别的", arguments: TestEngine.enabled)
    func lapse(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            var done: [ID<Case>] = []
            // Two kinds: the same thing told twice would be checked by the street, not closed.
            for (text, category) in [("3号楼2单元电梯坏了", "R0202"), ("楼道灯不亮", "R0104")] {
                let id = try await house.report(try await house.draft(text, category: category), tenant)
                try await house.take(CaseStep("accept"), id, handler)
                try await house.take(CaseStep("finish", text: "好了"), id, handler)
                done.append(id)
            }
            try await spoil(done[0], house)
            house.clock.advance(minutes: 5 * 1440)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(done[0]) == "confirming")
            #expect(try await house.state(done[1]) == "closed")
            try await mend(done[0], house)
            house.clock.advance(minutes: 10)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(done[0]) == "closed")
            #expect(try await count(house, "job_failure") == 0)
        }
    }

    @Test("挂账到期恢复，也是一件归一件", arguments: TestEngine.enabled)
    func resume(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let commands = house.services.commands
            var paused: [ID<Case>] = []
            for _ in 0..<2 {
                let id = try await house.report(try await house.draft(), tenant)
                try await house.take(CaseStep("accept"), id, handler)
                let asked = try await commands.ask(
                    .pause, reason: "material", minutes: 1440, text: "等配件", for: id, handler)
                _ = try await commands.decide(asked, isGranted: true, text: "同意", house.context(.dispatcher))
                paused.append(id)
            }
            try await spoil(paused[0], house)
            house.clock.advance(minutes: 2 * 1440)
            try await house.run(job: "cases.resume")
            #expect(try await count(house, "case_item WHERE id = \(paused[0]) AND is_paused = 1") == 1)
            #expect(try await count(house, "case_item WHERE id = \(paused[1]) AND is_paused = 0") == 1)
            #expect(try await count(house, "job_failure WHERE job = 'cases.resume'") == 1)
        }
    }

    @Test("存不了的时候整轮停下，不怪任何一件", arguments: TestEngine.enabled)
    func storeAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (_, sound) = try await told(house)
            let run = JobRun(
                database: house.services.database, payload: "",
                context: .system("test.round", now: house.clock.clock.now), logger: house.logger)
            let away = LinliError(.unavailable, "store.busy", .init(same: "x"))
            await #expect(throws: LinliError.self) {
                try await JobRound("test.round", run).walk([sound, sound]) { _ in throw away }
            }
            #expect(try await count(house, "job_failure") == 0)
        }
    }
}
