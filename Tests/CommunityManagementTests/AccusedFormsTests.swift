import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// The forms of residents and of staff name several units a complaint is against, as the API does, also without scripts.
@Suite("表单里投诉几个单位")
struct AccusedFormsTests {
    private static let names = ["安居物业", "东华门派出所", "幸福里社区居委会"]

    private func units(_ house: House) async throws -> [ID<Unit>] {
        var found: [ID<Unit>] = []
        for name in Self.names { found.append(try await house.unit(name)) }
        return found
    }

    /// One from the list, the others ticked.
    private func chosen(_ units: [ID<Unit>]) -> [(name: String, value: String)] {
        units.prefix(1).map { (name: "against", value: "\($0)") }
            + units.dropFirst().map { (name: "accused", value: "\($0)") }
    }

    /// Whom the case with a text is against; nil where nothing was registered.
    private func against(_ text: String, _ house: House) async throws -> [ID<Unit>]? {
        guard let id: ID<Case> = try await house.value("SELECT id FROM case_item WHERE text = \(text)") else {
            return nil
        }
        return try await house.services.queries.view(id, house.holder(of: id)).item.accusation.units
    }

    /// Sends a form with every choice there is to be made; `open` is its address, `fields` what else it needs.
    private func walk(
        _ path: String, _ fields: [(name: String, value: String)], as who: Context, _ house: House
    ) async throws {
        let units = try await units(house)
        let place = fields.first { $0.name == "place" }?.value ?? ""
        let page = try await house.open(path, query: [("place", place)], who)
        for unit in units { #expect(page.contains("name=\"accused\" value=\"\(unit)\"")) }
        let text = "三家互相推，楼道一直没人扫"
        func send(_ more: [(name: String, value: String)]) async throws -> String {
            let once = [(name: "once", value: randomToken()), (name: "text", value: text)]
            return try #require(try await house.send(path, Form(fields + once + more), who))
        }
        let junk = try await send(chosen(units) + [(name: "accused", value: "安居物业")])
        #expect(junk.contains("请从列表里选单位") && junk.contains(text))
        for unit in units.dropFirst() { #expect(junk.contains("value=\"\(unit)\" checked"), "what was ticked stays") }
        let both = try await send([
            (name: "against", value: "nobody"), (name: "accused", value: "\(units[1])"),
        ])
        #expect(both.contains("下面就不要再勾单位"))
        let all: [ID<Unit>] = try await house.services.database.read { tx in
            try tx.all("SELECT id FROM unit ORDER BY id LIMIT 8") { try $0[0] }
        }
        #expect(try await send(chosen(Array(all.prefix(7)))).contains("最多选 6 个单位"))
        #expect(try await against(text, house) == nil, "nothing was registered")
        _ = try await send(chosen(units))
        #expect(try await against(text, house) == units.sorted())
    }

    @Test("居民的表：第一个从列表选，别的勾上，都看不到；写错的、矛盾的、多过六个的退回来，勾的还在", arguments: TestEngine.enabled)
    func resident(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let place = try await house.place("幸福里小区3号楼2单元")
            try await walk(
                "/report", [(name: "place", value: "\(place.id)")], as: try await house.context(.tenant), house)
            let item: (nature: String, disclosure: String)? = try await house.services.database.read { tx in
                try tx.first("SELECT nature, disclosure FROM case_item WHERE text = '三家互相推，楼道一直没人扫'") {
                    (try $0[0], try $0[1])
                }
            }
            // Whoever names a unit complains, and is known to the receiving office only.
            #expect(item?.nature == NeedNature.complaint.rawValue && item?.disclosure == Disclosure.office.rawValue)
            let id: ID<Case> = try #require(
                try await house.value("SELECT id FROM case_item WHERE text = '三家互相推，楼道一直没人扫'"))
            for person in [DemoStaff.propertyHandler, .policeOfficer, .head] {
                let context = try await house.context(person)
                let kind = try await house.refusal { _ = try await house.services.queries.view(id, context) }
                #expect(kind == .notFound, "\(person)")
            }
        }
    }

    @Test("只勾下面的、列表不选，也是投诉它们；同一个选两遍只算一次", arguments: TestEngine.enabled)
    func tickedOnly(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let units = try await units(house)
            let place = try await house.place("幸福里小区3号楼2单元")
            let tenant = try await house.context(.tenant)
            for (text, more) in [
                ("门口的杂物堆了半年，谁也不清", units.map { (name: "accused", value: "\($0)") }),
                ("门口的杂物又堆起来了，谁也不清", chosen(units) + [(name: "accused", value: "\(units[0])")]),
            ] {
                let fields = [(name: "text", value: text), (name: "place", value: "\(place.id)")]
                let sent = try await house.send("/report", Form(fields + more), tenant)
                #expect(sent?.hasPrefix("/r/") == true)
                #expect(try await against(text, house) == units.sorted())
            }
        }
    }

    @Test("工作人员登记的表：一样", arguments: TestEngine.enabled)
    func staff(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let place = try await house.place("幸福里小区3号楼2单元")
            let fields = [
                (name: "place", value: "\(place.id)"), (name: "category", value: "R0104"),
                (name: "nature", value: NeedNature.complaint.rawValue), (name: "name", value: "赵奶奶"),
            ]
            try await walk("/desk/new", fields, as: try await house.context(.dispatcher), house)
        }
    }
}
