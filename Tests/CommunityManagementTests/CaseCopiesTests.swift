import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What comes to a street straight, the district knows of: a copy to read, and nothing else.
@Suite("直派街道的抄送区里")
struct CaseCopiesTests {
    private static let district = "东城区城市管理指挥中心"

    private func settings(_ copies: DistrictCopies) -> CaseSettings {
        var settings = CaseSettings(sampledPercent: 0)
        settings.districtCopies = copies
        return settings
    }

    private func order(
        _ house: House, _ number: String, _ person: DemoStaff = .dispatcher, against: ID<LinliKernel.Unit>? = nil
    ) async throws -> ID<Case> {
        var order = ForeignOrderDraft()
        order.number = number
        order.dispatchedAt = house.clock.clock.now
        order.dueAt = house.clock.clock.now.adding(hours: 48)
        var draft = try await house.draft("电梯停了两天", category: "R0202")
        draft.against = against
        if against != nil { (draft.nature, draft.disclosure) = (.complaint, .office) }
        return try await house.services.commands.takeOrder(draft, order, try await house.context(person)).item
    }

    private func copies(_ house: House, _ id: ID<Case>) async throws -> [String] {
        try await house.services.database.read { tx in
            try tx.all("SELECT u.name FROM case_copy k JOIN unit u ON u.id = k.unit_id WHERE k.case_id = \(id)") {
                try $0[0]
            }
        }
    }

    @Test("12345 直派街道的，区里有一份：列表、件数、工单页、接口都看得到；办结了不再计", arguments: TestEngine.enabled)
    func orders(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: settings(.orders)) { house in
            let queries = house.services.queries
            let before = try await queries.openCopies(try await house.context(.districtOfficer))
            let id = try await order(house, "12345-77")
            #expect(try await copies(house, id) == [Self.district])
            let officer = try await house.context(.districtOfficer)
            #expect(try await queries.openCopies(officer) == before + 1)
            #expect(try await queries.copies(limit: 1, officer).map(\.row.id) == [id])
            let view = try await queries.view(id, officer)
            #expect(view.copies.map(\.zh) == [Self.district])
            #expect(view.entries.filter { $0.transition == "copied" }.count == 1)
            let list = try await house.open("/desk/copies", query: [], officer)
            #expect(list.contains("/desk/cases/\(id)") && list.contains("没办结的 \(before + 1) 件"))
            let page = try await house.open("/desk/cases/\(id)", query: [], officer)
            #expect(page.contains("<dt>抄送</dt><dd>\(Self.district)</dd>"))
            let json = try await house.open("/api/v1/copies", query: [], officer)
            #expect(json.contains("\"open\":\(before + 1)") && json.contains("\(id)"))
            let whole = try await house.open("/api/v1/cases/\(id)", query: [], officer)
            #expect(whole.contains("\"copies\":[\"\(Self.district)\"]"))
            // The resident reads nothing of it, and neither the other district nor who handles cases gets the list.
            let reporter = try await queries.view(id, house.holder(of: id))
            #expect(reporter.copies.isEmpty && !reporter.entries.contains { $0.transition == "copied" })
            let other = try await house.context(.villageDistrictOfficer)
            #expect(try await !queries.copies(limit: 100, other).contains { $0.row.id == id })
            #expect(try await house.open("/desk/copies", query: [], house.context(.propertyHandler)) == "")
            // Sent on inside the street it stays one copy.
            let office = try await house.unit("城市管理办公室")
            try await house.take(CaseStep("dispatch", unit: office), id, try await house.context(.dispatcher))
            #expect(try await copies(house, id).count == 1)
            let handler = try await house.context(.cityHandler)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(id) == "closed")
            // Others of the demo lapse in these days too.
            let open = try await house.value(
                """
                SELECT count(*) FROM case_copy c JOIN case_item i ON i.id = c.case_id AND i.is_open = 1
                WHERE c.unit_id IN (SELECT unit_id FROM case_copy WHERE case_id = \(id))
                """, as: Int.self)
            #expect(try await queries.openCopies(try await house.context(.districtOfficer)) == open)
            #expect(try await queries.copies(limit: 1, officer).map(\.row.id) == [id])
        }
    }

    @Test("抄送不给办理的权：区级单位的经办人看不到也动不了", arguments: TestEngine.enabled)
    func noRight(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: settings(.orders)) { house in
            let centre = try await house.unit(Self.district)
            let account = try #require(try await house.context(.powerHandler).actor.account)
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.grant") { tx in
                try AccessStore.grant(.unitHandler, .unit(centre), to: account, tx)
            }
            house.clock.advance(minutes: 1)
            let id = try await order(house, "12345-78")
            let handler = try await house.context(.powerHandler)
            let kind = try await house.refusal { try await house.take(CaseStep("accept"), id, handler) }
            #expect(kind == .notFound)
        }
    }

    @Test("区里自己派的、被投诉的是区里、居民直接反映的、设成不抄送的，都没有", arguments: TestEngine.enabled)
    func without(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: settings(.orders)) { house in
            let accused = try await order(house, "12345-80", against: try await house.unit(Self.district))
            #expect(try await copies(house, accused).isEmpty)
            let told = try await house.report(try await house.draft(), try await house.context(.tenant))
            #expect(try await copies(house, told).isEmpty)
            // Somebody says later that it is against the district: its copy goes.
            let later = try await order(house, "12345-81")
            let officer = try await house.context(.districtOfficer)
            try await house.services.commands.setAgainst(
                [try await house.unit(Self.district)], of: later, reason: "说的是我们", officer)
            #expect(try await copies(house, later).isEmpty)
        }
        try await withHouse(engine, settings: settings(.none)) { house in
            let id = try await order(house, "12345-82")
            #expect(try await copies(house, id).isEmpty)
        }
    }

    @Test("居民的话直接到街道的，抄送的记录里没有他的名字", arguments: TestEngine.enabled)
    func unnamed(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: settings(.all)) { house in
            var draft = try await house.draft("我要投诉居委会，办事推来推去", category: "R1701")
            (draft.nature, draft.disclosure) = (.complaint, .office)
            let id = try await house.report(draft, try await house.context(.tenant))
            #expect(try await copies(house, id) == [Self.district])
            let view = try await house.services.queries.view(id, try await house.context(.districtOfficer))
            let line = try #require(view.entries.first { $0.transition == "copied" })
            #expect(line.actorName.isEmpty)
        }
    }

    @Test("设成全部：街道自己承办的也抄送，区里派给街道的不用", arguments: TestEngine.enabled)
    func streets(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: settings(.all)) { house in
            let office = try await house.unit("城市管理办公室")
            for (person, expected) in [(DemoStaff.dispatcher, [Self.district]), (.districtOfficer, [])] {
                let id = try await house.report(try await house.draft(), try await house.context(.tenant))
                #expect(try await copies(house, id).isEmpty, "the property company is not the street's")
                try await house.take(CaseStep("dispatch", unit: office), id, try await house.context(person))
                #expect(try await copies(house, id) == expected, "\(person)")
            }
        }
    }
}
