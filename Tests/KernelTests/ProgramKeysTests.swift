import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@Suite("程序的密钥")
struct ProgramKeysTests {
    private static let route = Route(.post, "/x", access: .key(isRequired: true)) { _, _ in Reply(.empty) }
    private static let open = Route(.get, "/x", access: .key(isRequired: false)) { _, _ in Reply(.empty) }

    private func request(_ house: House, _ key: String?, inQuery: Bool = false) -> Request {
        let form = Form(key.map { [(name: "api_key", value: $0)] } ?? [])
        return Request(
            path: "/x", query: inQuery ? form : Form(), form: inQuery ? Form() : form, context: house.visitor)
    }

    private func admitted(_ house: House, _ route: Route, _ key: String?, inQuery: Bool = false) async throws -> String?
    {
        let admitted = try await request(house, key, inQuery: inQuery).admitted(to: route, house.services.database)
        if case .key(_, let name) = admitted.context.actor.kind { return name }
        #expect(admitted.context.actor.kind == .anonymous)
        return nil
    }

    @Test("认得出是谁；没有、不对、作废的都不认", arguments: TestEngine.enabled)
    func admits(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let key = try await house.key("市民App")
            #expect(try await admitted(house, Self.route, key) == "市民App")
            #expect(try await admitted(house, Self.open, " \(key) ", inQuery: true) == "市民App")
            #expect(try await admitted(house, Self.open, nil) == nil)
            #expect(try await admitted(house, Self.open, "") == nil)
            for (route, wrong) in [(Self.route, nil), (Self.route, ""), (Self.route, "x"), (Self.open, "x")] {
                #expect(try await house.refusal { _ = try await admitted(house, route, wrong) } == .forbidden)
            }
            // A route that asks for no key looks at none.
            let page = Route.post("/x", access: .public) { _, _ in Reply(.empty) }
            #expect(try await admitted(house, page, key) == nil)
            let keys = ProgramKeys(house.services.database)
            try await keys.revoke("市民App", house.visitor)
            #expect(try await house.refusal { _ = try await admitted(house, Self.route, key) } == .forbidden)
        }
    }

    @Test("同名的同时只有一个，作废后可以再做", arguments: TestEngine.enabled)
    func names(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let keys = ProgramKeys(house.services.database)
            let context = Context.system("test", now: House.start)
            let first = try await keys.make("甲", context)
            #expect(try await house.refusal { _ = try await keys.make(" 甲 ", context) } == .conflict)
            #expect(try await house.refusal { try await keys.revoke("乙", context) } == .notFound)
            for wrong in ["", " ", "两\n行", "找13912345678", "110100195006150020", String(repeating: "长", count: 41)] {
                #expect(try await house.refusal { _ = try await keys.make(wrong, context) } == .invalid)
            }
            try await keys.revoke("甲", context)
            let second = try await keys.make("甲", context)
            #expect(first != second && second.count == 32)
            #expect(try await keys.all().map { $0.revokedAt == nil } == [false, true])
            #expect(try await admitted(house, Self.route, second) == "甲")
            // Neither key can be read back from the store.
            let stored: [UInt8]? = try await house.value("SELECT key_hash FROM program_key WHERE revoked_at IS NULL")
            #expect(stored?.count == 32 && stored != Array(second.utf8))
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("密钥不替任何人行事", arguments: TestEngine.enabled)
    func actsForNobody(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(house.draft(), house.context(.tenant))
            let key = try await house.key()
            let admitted = try await request(house, key).admitted(to: Self.route, house.services.database)
            let actor = admitted.context.actor
            #expect(actor.account == nil && !actor.isStaff && actor.scope.divisions.isEmpty)
            let refused = try await house.refusal { _ = try await house.services.queries.view(id, admitted.context) }
            #expect(refused == .notFound)
        }
    }
}

@Suite("从一句话里认出地点")
struct NamedPlacesTests {
    static let sentences: [(String, String?)] = [
        ("幸福里小区3号楼2单元", "幸福里小区3号楼2单元"), ("北京市东城区东华门街道幸福里小区 3号楼 2单元1201", "幸福里小区3号楼2单元"),
        ("幸福里小区3号楼", "幸福里小区3号楼"), ("幸福里小区33号楼", "幸福里小区"), ("幸福里小区", "幸福里小区"),
        ("在幸福里小区和槐荫里小区2号楼之间", "槐荫里小区2号楼"), ("幸福里", nil), ("火星路1号", nil), ("", nil), ("北街", nil),
        (String(repeating: "幸", count: 59) + "幸福里小区", "幸福里小区"), (String(repeating: "幸", count: 60) + "幸福里小区", nil),
        ("e\u{301}é", nil),
    ]

    @Test("最长的那个地址算数", arguments: TestEngine.enabled)
    func longest(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            for (sentence, address) in Self.sentences {
                let found = try await house.services.database.read { try PlacesStore.named(in: sentence, $0)?.address }
                #expect(found == address, "\(sentence)")
            }
        }
    }
}
