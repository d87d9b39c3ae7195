import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Units: adding, changing, serving and closing them, by whom it may be done.
@Suite("单位管理")
struct UnitsTests {
    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func fields(name: String = "永安物业", kind: String = "property", division: String = "110101001902") -> Form {
        form([("kind", kind), ("name", name), ("division", division), ("phone", "010-6555-0999")])
    }

    private func identifier(_ house: House, _ name: String) async throws -> String { "\(try await house.unit(name))" }

    private func commands(_ house: House) async throws -> [String] {
        try await house.services.database.read { tx in
            try tx.all("SELECT DISTINCT command FROM audit_entry WHERE command LIKE 'units.%' ORDER BY command") {
                try $0[0]
            }
        }
    }

    @Test("街道中心、区里自己的工单有人签收；没人能签收的单位列出来", arguments: TestEngine.enabled)
    func withoutHands(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            func names() async throws -> [String] {
                let now = house.clock.clock.now
                let found = try await house.services.database.read { try UnitsStore.withoutHands(at: now, $0) }
                return found.map(\.name.zh)
            }
            #expect(try await names() == ["北街小学"])
            let centre = "东华门街道市民诉求处置中心"
            let draft = try await house.draft("楼道灯不亮", category: "R0104")
            let id = try await house.report(draft, try await house.context(.tenant))
            let unit = try await house.unit(centre)
            try await house.take(CaseStep("dispatch", unit: unit), id, try await house.context(.dispatcher))
            try await house.take(CaseStep("accept"), id, try await house.context(.centreHandler))
            let path = "/admin/units/\(unit)"
            #expect(try await !house.open(path, query: [], administrator).contains("没有人能签收"))
            try await house.services.database.write(administrator, "test.end") { tx in
                try tx.execute("UPDATE access_grant SET valid_until = valid_from WHERE unit_id = \(unit)")
                try tx.audit(Subject("unit", unit))
            }
            #expect(try await Set(names()) == ["北街小学", centre])
            #expect(try await house.open(path, query: [], administrator).contains("没有人能签收"))
            let list = try await house.open("/admin/units", query: [("q", "诉求处置中心")], administrator)
            #expect(list.contains("没人能签收"))
        }
    }

    @Test("加、改、服务范围、停用，每一步都有审计", arguments: TestEngine.enabled)
    func wholeLife(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let to = try await house.send("/admin/units/new", fields(), administrator)
            let id = try await identifier(house, "永安物业")
            #expect(to == "/admin/units/\(id)?done=add")
            let page = try await house.open("/admin/units/\(id)", query: [], administrator)
            #expect(page.contains("永安物业") && page.contains("010-6555-0999"))
            #expect(try await house.open("/admin/units", query: [("q", "永安")], administrator).contains("永安物业"))

            let changed = try await house.send(
                "/admin/units/\(id)/change", fields(name: "永宁物业", kind: "water", division: "110101"), administrator
            )
            #expect(changed == "/admin/units/\(id)?done=change")
            for division in ["110101", "110114"] {
                _ = try await house.send("/admin/units/\(id)/services", form([("service", division)]), administrator)
            }
            let serves = try await house.services.database.read { tx in
                try UnitsStore.serving(.water, DemoDivision.locustGrid(1), tx)?.name.zh
            }
            // The demo's own company is older and goes first.
            #expect(serves == "城东自来水服务站")
            #expect(
                try await house.send("/admin/units/\(id)/services/110114000000000/end", Form(), administrator)
                    == "/admin/units/\(id)?done=unserve"
            )
            #expect(
                try await house.send("/admin/units/\(id)/close", Form(), administrator)
                    == "/admin/units/\(id)?done=close")
            let closed = try await house.unit("永宁物业")
            let served = try await house.value(
                "SELECT count(*) FROM unit_service WHERE unit_id = \(closed)", as: Int.self)
            #expect(served == 0)
            #expect(try await house.open("/admin/units", query: [("q", "永宁")], administrator).contains("永宁物业") == false)
            // A closed unit stays as it was.
            #expect(
                try await house.send("/admin/units/\(id)/change", fields(), administrator)?.contains("已经停用") == true)
            #expect(
                try await commands(house) == [
                    "units.add", "units.change", "units.close", "units.serve", "units.unserve",
                ]
            )
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("还有工单或地点的不能停用；停用以后不再派给它", arguments: TestEngine.enabled)
    func closing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let property = try await identifier(house, "安居物业")
            let refused = try await house.send("/admin/units/\(property)/close", Form(), administrator)
            #expect(refused?.contains("件工单没办完") == true && refused?.contains("换管理单位") == true)

            let committee = try await house.unit("槐荫里小区物业管理委员会")
            try await house.services.database.write(.system("test", now: administrator.now), "test.close") { tx in
                try tx.execute("UPDATE case_item SET is_open = 0 WHERE handler_unit = \(committee)")
                try tx.audit(Subject("unit", committee))
            }
            #expect(
                try await house.send("/admin/units/\(committee)/close", Form(), administrator)
                    == "/admin/units/\(committee)?done=close"
            )
            let first = try await house.services.database.read { tx in
                try UnitsStore.first([.managementCommittee], of: DemoDivision.locust, tx)
            }
            #expect(first == nil)
            let held: Int? = try await house.value(
                "SELECT count(*) FROM access_grant WHERE unit_id = \(committee) AND (valid_until IS NULL OR valid_until > \(administrator.now))"
            )
            #expect(held == 0)
        }
    }

    @Test("缺的、重名的、别处的都指出来", arguments: TestEngine.enabled)
    func mistakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let empty = try await house.send("/admin/units/new", Form(), administrator)
            for text in ["请选种类", "请填名称", "请选区划"] { #expect(empty?.contains(text) == true) }
            let twice = try await house.send(
                "/admin/units/new", fields(name: "安居物业", division: "110101001901"), administrator
            )
            #expect(twice?.contains("同名的单位") == true)
            let phone = try await house.send("/admin/units/new", fields(name: "找13912345678"), administrator)
            #expect(phone?.contains("不要写手机号") == true)
            let elsewhere = try await house.send("/admin/units/new", fields(division: "310101"), administrator)
            #expect(elsewhere?.contains("管理范围内") == true)
        }
    }

    @Test("审计员只能看；别的人打不开", arguments: TestEngine.enabled)
    func access(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let auditor = try await house.context(.auditor)
            let id = try await identifier(house, "安居物业")
            let page = try await house.open("/admin/units/\(id)", query: [], auditor)
            #expect(page.contains("安居物业") && !page.contains("/close"))
            #expect(try await house.send("/admin/units/\(id)/close", Form(), auditor) == nil)
            #expect(try await house.send("/admin/units/new", fields(), auditor) == nil)
            for person in [DemoStaff.dispatcher, .head, .propertyHandler] {
                let context = try await house.context(person)
                #expect(try await house.open("/admin/units", query: [], context).isEmpty)
            }
            // Somebody whose duty lies elsewhere does not find it.
            let wish = OperatorAccounts.Wish(
                phone: "13900002222", name: "外区管理员", role: "administrator", division: "110114", unit: ""
            )
            _ = try await OperatorAccounts(house.services).add(wish, .system("user", now: auditor.now))
            let stranger = try await house.context("13900002222")
            #expect(try await house.open("/admin/units/\(id)", query: [], stranger).isEmpty)
            #expect(try await house.send("/admin/units/\(id)/close", Form(), stranger) == nil)
            #expect(try await !house.open("/admin/units", query: [], stranger).contains("安居物业"))
        }
    }
}
