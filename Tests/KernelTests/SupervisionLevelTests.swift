import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Who supervises a late case goes by the level of the unit that has it.
@Suite("督办找哪一级")
struct SupervisionLevelTests {
    private static let district = "东城区城市管理指挥中心"
    private static let centre = "东华门街道市民诉求处置中心"

    /// The units that heard of a case after a moment of its history, with what they were told: each once.
    private func told(_ house: House, _ id: ID<Case>) async throws -> Set<String> {
        try await house.services.database.read { tx in
            Set(
                try tx.all(
                    """
                    SELECT a.action, u.name FROM case_alert a JOIN unit u ON u.id = a.unit_id
                    WHERE a.case_id = \(id) AND a.clock <> 'step'
                    """
                ) { row -> String in
                    let (action, name): (String, String) = (try row[0], try row[1])
                    return action + " " + name
                })
        }
    }

    /// A case that a unit has in hand, long overdue.
    private func late(_ house: House, _ unit: String?, _ person: DemoStaff) async throws -> ID<Case> {
        let id = try await house.report(
            try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
        if let unit {
            let step = CaseStep("dispatch", unit: try await house.unit(unit))
            try await house.take(step, id, try await house.context(.dispatcher))
        }
        try await house.take(CaseStep("accept"), id, try await house.context(person))
        house.clock.advance(minutes: 20 * 1440)
        for _ in 0..<5 { try await house.run(job: "cases.escalate") }
        return id
    }

    private func cityOffice(_ house: House) async throws -> String {
        let name = "北京市市民热线督办处（演示）"
        let administrator = try await house.context(.administrator)
        _ = try await house.services.database.write(administrator, "units.add") { tx in
            try UnitsStore.insert(
                kind: .district, name: Text(name, "City office (demo)"), division: DemoDivision.city, phone: "", tx)
        }
        return name
    }

    @Test("社区的单位超时由街道督办；区里的单位超时由区里督办，街道不管", arguments: TestEngine.enabled)
    func byHolder(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let own = try await late(house, nil, .propertyHandler)
            #expect(
                try await told(house, own) == [
                    "remind 安居物业", "supervise \(Self.centre)", "raise \(Self.district)",
                ])
            let high = try await late(house, "城东自来水服务站", .waterHandler)
            // Nothing is above the district here: what is raised stays with it.
            #expect(
                try await told(house, high) == [
                    "remind 城东自来水服务站", "supervise \(Self.district)", "raise \(Self.district)",
                ])
            let by: String? = try await house.value(
                """
                SELECT u.name FROM case_supervision s JOIN unit u ON u.id = s.by_unit
                WHERE s.case_id = \(high) AND s.lifted_at IS NULL
                """)
            #expect(by == Self.district)
            let listed = try await house.services.queries.supervised(
                house.context(.districtOfficer).actor.scope(for: .casesRead), limit: 200)
            #expect(listed.contains { $0.row.id == high && $0.byUnit.zh == Self.district })
        }
    }

    @Test("登记了市级单位的，区里的上一级是它；区里自己超时也由它督办", arguments: TestEngine.enabled)
    func aboveTheDistrict(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let city = try await cityOffice(house)
            let high = try await late(house, "城东自来水服务站", .waterHandler)
            let heard = try await told(house, high)
            #expect(heard == ["remind 城东自来水服务站", "supervise \(Self.district)", "raise \(city)"])
            let own = try await late(house, nil, .propertyHandler)
            #expect(try await told(house, own).contains("raise \(Self.district)"))
            let levels = try await house.services.database.read { tx in
                try CaseLevels(of: DemoDivision.grid(1), .none, tx)
            }
            let district = try #require(levels.district)
            #expect(levels.hears(.supervise, of: district, isDistricts: true) == levels.city && levels.city != nil)
            #expect(levels.hears(.raise, of: levels.street, isDistricts: false) == levels.city)
        }
    }

    @Test("被反映的单位从不知道自己的事；没有上一级的找得到下一级")
    func chain() {
        let (street, district, city) = (
            ID<LinliKernel.Unit>(rawValue: 1), ID<LinliKernel.Unit>(rawValue: 2), ID<LinliKernel.Unit>(rawValue: 3)
        )
        let other = ID<LinliKernel.Unit>(rawValue: 9)
        func heard(
            _ action: CaseType.Rung.Action, _ late: ID<LinliKernel.Unit>?, _ isDistricts: Bool,
            against: ID<LinliKernel.Unit>? = nil, hasCity: Bool = true
        ) -> ID<LinliKernel.Unit>? {
            let accusation = Accusation(key: against?.rawValue ?? 0, members: nil)
            return CaseLevels(street: street, district: district, city: hasCity ? city : nil, accusation: accusation)
                .hears(action, of: late, isDistricts: isDistricts)
        }
        #expect(heard(.remind, other, false) == other && heard(.remind, nil, false) == street)
        #expect(heard(.supervise, other, false) == street && heard(.raise, other, false) == district)
        #expect(heard(.supervise, other, true) == district && heard(.raise, other, true) == city)
        #expect(heard(.supervise, street, false) == district && heard(.raise, street, false) == city)
        #expect(heard(.supervise, district, true) == city && heard(.supervise, city, true) == city)
        #expect(heard(.raise, other, true, hasCity: false) == district)
        #expect(heard(.supervise, district, true, hasCity: false) == district)
        #expect(heard(.supervise, other, false, against: street) == district)
        #expect(heard(.raise, other, false, against: district, hasCity: false) == street)
        #expect(heard(.supervise, other, true, against: district) == city)
        #expect(heard(.remind, street, false, against: street) == district)
    }
}
