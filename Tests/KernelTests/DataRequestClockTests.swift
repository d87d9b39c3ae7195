import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// The clock of a request about one's own data: a reminder before it is due, the street when it is, the district after.
@Suite("个人信息申请的时限：到期前提醒社区，到期报街道，再过几天报区里，每一步只记一次")
struct DataRequestClockTests {
    private static let job = "registers.requestClocks"

    private func asked(_ house: House) async throws -> (home: TestHome, request: ID<DataRequest>, due: Instant) {
        let home = try await house.enterHome()
        try await house.agree(home.person, to: [])
        let nurse = try await house.context(DemoResident.nurse)
        let request = try await house.services.dataRequests.open(.restrict, of: home.person, "", nurse)
        let account = try #require(nurse.actor.account)
        let all = try await house.services.database.read { try DataRequests.of(account, $0) }
        let due = try #require(all.first?.dueAt)
        return (home, request, due)
    }

    private func stand(_ house: House, at moment: Instant) {
        house.clock.advance(minutes: Int(moment.seconds(since: house.clock.clock.now) / 60))
    }

    private func rungs(_ request: ID<DataRequest>, _ house: House) async throws -> [DataRequestAlert] {
        try await house.services.database.read { try DataRequestAlerts.of([request], $0)[request] ?? [] }
    }

    /// What the bell of somebody says; on the roster of the committee stands its worker.
    private func count(_ house: House, _ person: DemoStaff) async throws -> Int {
        try await house.services.queries.alertCount(try await house.context(person))
    }

    @Test("三步各按各的时候，各到各的单位；同一步跑几遍也只有一条", arguments: TestEngine.enabled)
    func ladder(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (_, request, due) = try await asked(house)
            let calendar = house.services.days.current
            let reminder = calendar.addingWorkingDays(-3, after: due.date).value
            let raised = calendar.addingWorkingDays(3, after: due.date).value
            try await house.run(job: Self.job)
            #expect(try await rungs(request, house).isEmpty, "not yet")
            stand(house, at: Instant(reminder, hour: 10))
            let before = try await count(house, .worker)
            for _ in 0..<3 { try await house.run(job: Self.job) }
            let first = try await rungs(request, house)
            #expect(first.map(\.action) == [.remind] && first[0].at == Instant(reminder, hour: 10))
            #expect(first[0].meantFor == Instant(reminder, hour: 9))
            let committee = try await house.unit("幸福里社区居委会")
            #expect(first[0].unit == committee)
            #expect(try await count(house, .worker) == before + 1)
            stand(house, at: due.adding(minutes: 1))
            for _ in 0..<3 { try await house.run(job: Self.job) }
            stand(house, at: Instant(raised.adding(days: 1), hour: 10))
            for _ in 0..<3 { try await house.run(job: Self.job) }
            let all = try await rungs(request, house)
            #expect(all.map(\.action) == [.remind, .supervise, .raise])
            #expect(Set(all.compactMap(\.unit)).count == 3, "community, street and district")
            #expect(all[1].meantFor == due && all[1].at == due.adding(minutes: 1))
            let written = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'own.escalate'", as: Int.self)
            #expect(written == 3, "one line each, none for looking")
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("停机以后补上漏掉的，各记应到的时候；答复了就不再响", arguments: TestEngine.enabled)
    func late(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (_, request, due) = try await asked(house)
            stand(house, at: house.services.days.current.nextWorkingTime(due.adding(days: 30)))
            try await house.run(job: Self.job)
            let all = try await rungs(request, house)
            #expect(all.map(\.action) == [.remind, .supervise, .raise])
            #expect(all.map(\.meantFor) == all.map(\.meantFor).sorted() && all[2].meantFor < all[2].at)
            let told = try await count(house, .worker)
            let head = try await house.context(.head)
            try await house.services.dataRequests.decide(request, isGranted: true, reason: "", head)
            #expect(try await count(house, .worker) == told - 1)
            try await house.run(job: Self.job)
            #expect(try await rungs(request, house).count == 3)
            let next = try await house.value(
                "SELECT count(*) FROM data_request WHERE next_rung_at IS NOT NULL", as: Int.self)
            #expect(next == 0)
        }
    }

    @Test("答复在前，什么都不响；知道了的不再算，别的单位的点不了；名单上有每一步的时刻", arguments: TestEngine.enabled)
    func seen(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (_, request, due) = try await asked(house)
            let reminder = house.services.days.current.addingWorkingDays(-3, after: due.date).value
            stand(house, at: Instant(reminder, hour: 10))
            try await house.run(job: Self.job)
            let alert = try #require(try await rungs(request, house).first)
            let database = house.services.database
            for stranger in [DemoStaff.locustHead, .dispatcher] {
                let refused = try await house.refusal {
                    try await DataRequestAlerts.see(alert.id, try await house.context(stranger), database)
                }
                #expect(refused == .notFound, "\(stranger)")
            }
            let head = try await house.context(.head)
            let told = try await count(house, .worker)
            let page = try await house.open("/desk/alerts", query: [], head)
            let asker = try await house.context(DemoResident.nurse).actor.name
            #expect(page.contains("id=\"requests-h\"") && !page.contains(asker), "not who asked")
            let list = try await house.open("/registers/requests", query: [], head)
            #expect(list.contains("已提醒") && list.contains("幸福里社区居委会"))
            _ = try await house.send("/desk/alerts/seen", Form([("request", "\(alert.id)")]), head)
            #expect(try await count(house, .worker) == told - 1)
            let seen = try await house.value(
                "SELECT count(*) FROM data_request_alert WHERE seen_by IS NOT NULL", as: Int.self)
            #expect(seen == 1)
        }
    }
}
