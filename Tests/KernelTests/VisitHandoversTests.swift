import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// A household is told who comes; when the grid is somebody else's, it is told that somebody else does.
@Suite("网格换人：约好还没走访的，跟着网格走")
struct VisitHandoversTests {
    private static let grid = VisitsTests.grid

    private func visit(_ id: ID<Visit>, _ house: House) async throws -> Visit {
        try #require(try await house.services.database.read { try VisitQueries.find(id, $0) })
    }

    private func account(_ person: DemoStaff, _ house: House) async throws -> ID<Account> {
        try #require(try await house.context(person).actor.account)
    }

    /// As an administrator gives and ends the duty of walking the grid.
    private func give(_ house: House, to account: ID<Account>) async throws {
        let form = Form([(name: "role", value: "gridWorker"), (name: "division", value: "\(Self.grid)")])
        let said = try await house.send(
            "/admin/accounts/\(account)/grants", form, try await house.context(.administrator))
        #expect(said?.contains("granted") == true, "\(said?.prefix(200) ?? "")")
    }

    private func end(_ house: House, of account: ID<Account>) async throws {
        let grant: ID<Grant>? = try await house.value(
            """
            SELECT max(id) FROM access_grant WHERE account_id = \(account) AND division = \(Self.grid)
            AND role = 'gridWorker'
            """)
        let duty = try #require(grant)
        let said = try await house.send(
            "/admin/accounts/\(account)/grants/\(duty)/end", Form(), try await house.context(.administrator))
        #expect(said?.contains("ended") == true, "\(said?.prefix(200) ?? "")")
    }

    /// What the households of these tests were sent; those of the demo have visits in the grid, too.
    private func sent(_ house: House) -> [(phone: String, text: Text)] {
        house.messages.all.filter { $0.phone.hasPrefix("138001380") }
    }

    @Test("先加人后撤人：撤的那一刻就归新人，住户收到“换人了”和新名字；代访的还是原来那位", arguments: TestEngine.enabled)
    func handedOver(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await VisitsTests.enter(house, born: nil, phone: "13800138000")
            let other = try await VisitsTests.enter(house, born: nil, phone: "13800138001", number: "1202")
            let id = try await VisitsTests.announce(house, household)
            var draft = VisitDraft(other)
            (draft.reason, draft.slot) = ("替同事来看看", VisitsTests.slot(house))
            let standIn = try await VisitCommands(house.services.database).announce(
                draft, try await house.context(DemoStaff.worker))
            await house.deliver()
            let before = sent(house).count
            let (old, new) = (try await account(.gridWorker1, house), try await account(.gridWorker2, house))
            try await give(house, to: new)
            #expect(try await visit(id, house).worker == old, "who came still walks it")
            try await end(house, of: old)
            let now = try await visit(id, house)
            #expect(now.worker == new && now.workerName == "王芳" && now.state == .announced)
            #expect(try await visit(standIn, house).workerName == "赵婷", "a stand-in comes themselves")
            let names = try await house.services.database.read {
                try VisitQueries.open(in: Self.grid, $0).filter { $0.id == id }.map(\.workerName)
            }
            #expect(names == ["王芳"])
            await house.deliver()
            #expect(sent(house).count == before + 1)
            let told = try #require(sent(house).last)
            #expect(told.phone == "13800138000" && told.text.zh.contains("换人了") && told.text.zh.contains("王芳"))
            #expect(told.text.zh.contains(VisitCode.shown(VisitCode.make(id, house.services.database.keys))))
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("先撤人、过后才有新人：空着的时候不点旧名字；还是原来那位接的，不再发一遍", arguments: TestEngine.enabled)
    func nobodyInBetween(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await VisitsTests.enter(house, born: nil, phone: "13800138000")
            let id = try await VisitsTests.announce(house, household)
            await house.deliver()
            let before = sent(house).count
            let (old, new) = (try await account(.gridWorker1, house), try await account(.gridWorker2, house))
            try await end(house, of: old)
            let open = try await visit(id, house)
            #expect(open.worker == nil && open.isUnassigned && !open.visitor.zh.contains("李强"))
            try await give(house, to: old)
            #expect(try await visit(id, house).worker == old)
            await house.deliver()
            #expect(sent(house).count == before, "they were told of this one")
            try await end(house, of: old)
            try await give(house, to: new)
            await house.deliver()
            #expect(try await visit(id, house).visitor.zh == "王芳")
            #expect(sent(house).count == before + 1)
            #expect(sent(house).last?.text.zh.contains("王芳") == true)
        }
    }

    @Test("职责到日子自己结束的，当天换过来", arguments: TestEngine.enabled)
    func byTheDay(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await VisitsTests.enter(house, born: nil, phone: "13800138000")
            var draft = VisitDraft(household)
            (draft.reason, draft.slot) = ("入户核对", VisitsTests.slot(house, days: 5))
            let id = try await VisitCommands(house.services.database).announce(
                draft, try await house.context(DemoStaff.gridWorker1))
            let (old, new) = (try await account(.gridWorker1, house), try await account(.gridWorker2, house))
            try await give(house, to: new)
            let until = house.clock.clock.now.adding(days: 1)
            try await house.services.database.write(try await house.context(.administrator), "accounts.grant") { tx in
                try tx.execute(
                    """
                    UPDATE access_grant SET valid_until = \(until)
                    WHERE account_id = \(old) AND division = \(Self.grid) AND role = 'gridWorker'
                    """)
                try tx.audit(Subject("account", old))
            }
            try await house.run(job: "visits.handOver")
            #expect(try await visit(id, house).worker == old)
            house.clock.advance(minutes: 1441)
            try await house.run(job: "visits.handOver")
            #expect(try await visit(id, house).worker == new)
            await house.deliver()
            #expect(sent(house).last?.text.zh.contains("换人了") == true)
            try await house.run(job: "visits.handOver")
        }
    }
}
