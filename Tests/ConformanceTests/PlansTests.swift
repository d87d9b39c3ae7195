import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// No page and no call of the API reads a large table from one end to the other.
@Suite("查询不翻整张表")
struct PlansTests {
    /// Tables that grow with the cases, the people or the city.
    private static let large: Set<String> = [
        "case_item", "case_party", "case_entry", "case_photo", "case_search", "stored_file", "account", "access_grant",
        "session", "device", "division", "place", "audit_entry", "live_event", "grid_shape",
        "grid_shape_tile", "grid_plan_part",
        "whistle", "whistle_unit", "whistle_sign_in", "whistle_task",
        "case_voice", "case_teller", "case_outcome", "person", "household", "dwelling", "residence", "organization",
        "thing", "register_fact", "register_change", "register_link", "register_photo", "data_consent",
        "register_search", "register_mark", "data_request", "data_request_alert", "visit", "visit_debt",
        "visit_attempt",
        "household_signal", "person_label", "care_offer",
        "care_delivery", "care_refusal", "care_return", "demanded_answer", "demanded_row_answer", "warning",
        "warning_signal", "warning_reason", "patrol", "patrol_finding", "patrol_track", "patrol_sign", "accused_set",
        "accused_member",
    ]

    @Test("每个列表、每页、每种人的查询都走索引", arguments: TestEngine.enabled)
    func everyQuery(_ engine: TestEngine) async throws {
        var kept: PlanKeeper?
        let wrap: (any Engine) -> any Engine = { engine in
            let keeper = PlanKeeper(engine, tables: Self.large)
            kept = keeper
            return keeper
        }
        try await RouteScene.run(engine, wrap: wrap) { scene in
            let routes = RoutesTests.routes(scene.site.house.services)
            for route in routes where route.method == .get && route.path != "/health" && route.path != "/metrics" {
                for person in Person.allCases {
                    let path = scene.filled(RouteSample.all[RoutesTests.name(route)]?.path ?? route.path)
                    let visitor = try #require(scene.people[person])
                    for path in [path] + Self.variants(path) {
                        let answer = try await scene.site.open(path, as: visitor)
                        #expect(answer.status < 500, "\(path) for \(person)")
                    }
                }
            }
        }
        let keeper = try #require(kept)
        #expect(keeper.count > 60, "only \(keeper.count) queries were planned")
        for (query, plan) in keeper.scans.sorted(by: { $0.key < $1.key }) where !Self.isWhole(query) {
            Issue.record("\(plan)\n\(query)")
        }
    }

    /// A community with ten thousand open cases is looked through by what they are about. PostgreSQL chooses by sizes,
    /// which a test does not have.
    @Test("附近相似的诉求按社区和类别找", arguments: [1, 3])
    func similarCases(_ categories: Int) async throws {
        var kept: PlanKeeper?
        let wrap: (any Engine) -> any Engine = { engine in
            let keeper = PlanKeeper(engine, tables: [])
            kept = keeper
            return keeper
        }
        try await RouteScene.run(.sqlite, wrap: wrap) { scene in
            let queries = scene.site.house.services.queries
            let codes = ["E0110", "R0104", "R0202"].prefix(categories).map(\.self)
            let point = GeoPoint(longitude: 116.402, latitude: 39.9152)
            _ = try await queries.similar(
                categories: codes, likeliest: codes[0], community: DemoDivision.happiness, place: ID(rawValue: 1),
                around: point)
            _ = try await queries.joinable(
                categories: codes, likeliest: codes[0], community: DemoDivision.happiness, place: ID(rawValue: 1),
                around: point)
            // Without GPS: what stands in the same building, and what lies around it.
            let door = try await scene.site.house.place("幸福里小区3号楼2单元").id
            _ = try await queries.similar(
                categories: codes, likeliest: codes[0], community: DemoDivision.happiness, place: door, around: nil)
            _ = try await queries.joinable(
                categories: codes, likeliest: codes[0], community: DemoDivision.happiness, place: door, around: nil)
        }
        // How many are offered is a setting, bound like every value.
        let plans = try #require(kept).plans.filter {
            $0.key.contains("c.category IN") && $0.key.contains("c.latitude BETWEEN")
        }
        // Among several the likeliest is looked for by itself.
        #expect(plans.count == (categories == 1 ? 4 : 8))
        let here = try #require(kept).plans.filter {
            $0.key.contains("c.category IN") && $0.key.contains("c.place_id = ")
        }
        #expect(!here.isEmpty)
        for (query, plan) in here {
            #expect(plan.contains { $0.hasPrefix("SEARCH c USING INDEX case_") }, "\(plan)\n\(query)")
        }
        for (query, plan) in plans {
            #expect(plan.contains { $0.contains("case_community_category") }, "\(plan)\n\(query)")
            #expect(plan.contains { $0.hasPrefix("SEARCH here USING INTEGER PRIMARY KEY") }, "\(plan)\n\(query)")
        }
    }

    /// The hottest list goes on reading one index in its order; who is accused with others is looked up once per list, and
    /// not once per case.
    @Test("工作台列表还走自己的索引，同时投诉几家的只查一次")
    func deskListWithAccusations() async throws {
        var kept: PlanKeeper?
        let wrap: (any Engine) -> any Engine = { engine in
            let keeper = PlanKeeper(engine, tables: [])
            kept = keeper
            return keeper
        }
        try await RouteScene.run(.sqlite, wrap: wrap) { scene in
            for person in [Person.dispatcher, .worker, .gridWorker] {
                let visitor = try #require(scene.people[person])
                #expect(try await scene.site.open("/desk/list?tab=open", as: visitor).status == 200)
            }
        }
        // Of one division it is one statement, of several a branch for each.
        let lists = try #require(kept).plans.filter {
            $0.key.contains("SELECT c.id AS id, c.due_at AS due_at FROM case_item c WHERE c.is_open = 1")
                || ($0.key.contains("LEFT JOIN unit u ON u.id = c.handler_unit\nWHERE c.is_open = 1 AND c.")
                    && $0.key.contains("ORDER BY c.due_at, c.id LIMIT"))
        }
        #expect(lists.count >= 3)
        for (query, plan) in lists {
            #expect(
                plan.contains { $0.hasPrefix("SEARCH c USING ") && $0.contains(" INDEX case_") && $0.contains("_due") },
                "\(plan)")
            #expect(plan.contains { $0.contains("SEARCH m USING COVERING INDEX") }, "\(plan)\n\(query)")
            #expect(plan.contains { $0.contains("LIST SUBQUERY") && !$0.contains("CORRELATED") }, "\(plan)")
            #expect(!plan.contains { $0.contains("SCAN m") }, "\(plan)")
        }
    }

    /// Who lives in two households is looked up from the people of the one that is shown, and not asked of every household
    /// there is: a subquery that needs the outer row is asked again for each.
    @Test("一户里的人还住在哪一户，从这一户查起", arguments: TestEngine.enabled)
    func twinsOfAHousehold(_ engine: TestEngine) async throws {
        var kept: PlanKeeper?
        let wrap: (any Engine) -> any Engine = { engine in
            let keeper = PlanKeeper(engine, tables: [])
            kept = keeper
            return keeper
        }
        try await RouteScene.run(engine, wrap: wrap) { scene in
            try await scene.site.house.services.database.read { tx in
                let id: Int64 = try tx.value("SELECT min(id) FROM household") ?? 0
                _ = try RegisterQueries.twins(of: RegisterSubject(.household, ID<Household>(rawValue: id)), tx)
            }
        }
        let plans = try #require(kept).plans.filter { $0.key.contains("SELECT b.household_id FROM residence a") }
        #expect(plans.count == 1)
        for (query, plan) in plans {
            #expect(!plan.contains { $0.contains("SubPlan") || $0.contains("CORRELATED") }, "\(plan)\n\(query)")
        }
    }

    /// A city has ten thousand shops of one name: those of one community are found from an index of their own.
    @Test("同名的店和设施，在自己社区里按名称查", arguments: TestEngine.enabled)
    func twinsByName(_ engine: TestEngine) async throws {
        var kept: PlanKeeper?
        let wrap: (any Engine) -> any Engine = { engine in
            let keeper = PlanKeeper(engine, tables: ["organization", "thing"])
            kept = keeper
            return keeper
        }
        try await RouteScene.run(engine, wrap: wrap) { scene in
            try await scene.site.house.services.database.read { tx in
                _ = try RegisterQueries.twins(of: RegisterSubject(.organization, ID<Organization>(rawValue: 1)), tx)
                _ = try RegisterQueries.twins(of: RegisterSubject(.thing, ID<Thing>(rawValue: 1)), tx)
            }
        }
        let keeper = try #require(kept)
        let plans = keeper.plans.filter {
            $0.key.contains("ON o.name = p.name AND") && $0.key.contains("o.community = p.community")
        }
        #expect(plans.count == 2)
        for (query, plan) in plans {
            #expect(keeper.scans[query] == nil, "\(plan)\n\(query)")
            // PostgreSQL chooses among indexes by sizes, which a test does not have.
            guard engine == .sqlite else { continue }
            let way = plan.first { $0.contains("SEARCH o ") } ?? ""
            #expect(way.contains("_name (name=? AND ") && way.contains("community=?"), "\(plan)\n\(query)")
        }
    }

    /// What an auditor asks for by the kind of subject goes by an index of its own, whatever else was written meanwhile; by
    /// the very subject it goes by that.
    @Test("审计按对象种类查，有自己的索引", arguments: TestEngine.enabled)
    func auditByKind(_ engine: TestEngine) async throws {
        var kept: PlanKeeper?
        let wrap: (any Engine) -> any Engine = { engine in
            let keeper = PlanKeeper(engine, tables: ["audit_entry"])
            kept = keeper
            return keeper
        }
        try await RouteScene.run(engine, wrap: wrap) { scene in
            let auditor = try #require(scene.people[.auditor])
            for path in ["/admin/audit", "/api/v1/admin/audit"] {
                for query in ["kind=dataRequest", "kind=dataRequest&command=own.", "kind=account&id=0000000000001"] {
                    let answer = try await scene.site.open("\(path)?\(query)", as: auditor)
                    #expect(answer.status == 200, "\(path)?\(query)")
                }
            }
        }
        let keeper = try #require(kept)
        let plans = keeper.plans.filter { $0.key.contains("e.subject_kind = ") }
        let byKind = plans.filter { !$0.key.contains("e.subject_id = ") }
        #expect(byKind.count >= 2)
        for (query, plan) in byKind {
            #expect(plan.contains { $0.contains("audit_entry_kind") }, "\(plan)\n\(query)")
        }
        let bySubject = plans.filter { $0.key.contains("e.subject_id = ") }
        #expect(!bySubject.isEmpty)
        for (query, plan) in bySubject {
            #expect(
                plan.contains { $0.contains("audit_entry_subject") || $0.contains("audit_entry_kind") },
                "\(plan)\n\(query)")
        }
    }

    /// A city has a million official results: which imports there were last is read without them, and of those that are
    /// shown by when they came.
    @Test("市级结果的导入批次，不翻所有结果", arguments: TestEngine.enabled)
    func importsOfResults(_ engine: TestEngine) async throws {
        var kept: PlanKeeper?
        let wrap: (any Engine) -> any Engine = { engine in
            let keeper = PlanKeeper(engine, tables: ["foreign_result", "foreign_import"])
            kept = keeper
            return keeper
        }
        try await RouteScene.run(engine, wrap: wrap) { scene in
            let house = scene.site.house
            let context = try await house.context(.dispatcher)
            let result = ForeignResult(number: "P1", month: try #require(AssessmentMonth(202_611)))
            try await house.services.commands.importResults([result], for: DemoDivision.street, context)
            let dispatcher = try #require(scene.people[.dispatcher])
            for path in ["/desk/orders/results", "/api/v1/order-results/imports"] {
                #expect(try await scene.site.open(path, as: dispatcher).status == 200, "\(path)")
            }
        }
        let keeper = try #require(kept)
        let lists = keeper.plans.filter { $0.key.contains("FROM foreign_import WHERE area = ") }
        let sums = keeper.plans.filter { $0.key.contains("FROM foreign_result o LEFT JOIN account a") }
        #expect(lists.count == 1 && sums.count == 1)
        for (query, plan) in lists.merging(sums, uniquingKeysWith: { one, _ in one }) {
            #expect(keeper.scans[query] == nil, "\(plan)\n\(query)")
        }
        // PostgreSQL chooses among indexes by sizes, which a test does not have.
        guard engine == .sqlite else { return }
        #expect(sums.values.allSatisfy { $0.contains { $0.contains("foreign_result_import_place") } }, "\(sums)")
    }

    /// Every node keeps the names of all divisions in memory and reads them at the start.
    private static func isWhole(_ query: String) -> Bool {
        query.hasPrefix("SELECT d.code, d.level, d.name, d.parent, d.is_synthetic FROM division d WHERE d.valid_from")
            && query.hasSuffix("ORDER BY d.code")
    }

    /// The same page with other filters, which are other queries.
    private static func variants(_ path: String) -> [String] {
        switch path {
        case "/desk", "/desk/list", "/api/v1/cases":
            CaseFilter.Tab.allCases.map { "\(path)?tab=\($0.rawValue)" }
                + ["\(path)?grid=110101001901001", "\(path)?category=R0104"]
                + (path.hasPrefix("/api/") ? MyCaseTab.allCases.map { "\(path)?mine=\($0.rawValue)" } : [])
        case "/desk/map?under=110101001901001": ["/desk/map", "/desk/map?under=110101001901"]
        case "/api/v1/map/figures?under=110101001901001": ["/api/v1/map/figures?layer=group.aged"]
        case "/desk/search": ["\(path)?q=%E7%94%B5%E6%A2%AF", "\(path)?q=SJ20261122-0001"]
        case "/desk/find", "/desk/find/ahead":
            ["\(path)?q=wf", "\(path)?q=%E7%8E%8B%E8%8A%B3", "\(path)?q=%E5%B9%B8%E7%A6%8F&kind=dwelling"]
        case "/report/similar": ["\(path)?kind=R0104&text=%E7%81%AF&latitude=39.9152&longitude=116.402"]
        case "/api/v1/admin/accounts": ["\(path)?q=%E6%9D%8E", "\(path)?q=19900000001", "\(path)?second=missing"]
        case "/api/v1/admin/units": ["\(path)?q=%E7%89%A9%E4%B8%9A", "\(path)?kind=property"]
        case "/admin/audit", "/api/v1/admin/audit":
            [
                "\(path)?kind=account", "\(path)?kind=account&id=0000000000001", "\(path)?command=access.",
                "\(path)?command=access.signIn&from=2026-01-01&until=2026-12-31",
            ]
        case "/admin/accounts": ["\(path)?q=%E6%9D%8E", "\(path)?q=19900000001"]
        case "/desk/whistles", "/api/v1/whistles": WhistleTab.allCases.map { "\(path)?tab=\($0.rawValue)" }
        case "/desk/rates/cases", "/api/v1/rates/cases":
            OutcomeFilter.allCases.map { "\(path)?month=202611&what=\($0.rawValue)" }
        case "/api/v1/exports/cases", "/api/v1/exports/cases.xlsx":
            ["\(path)?purpose=Monthly%20report&order=newest"]
        case "/api/v1/exports/visits.csv": ["\(path)?purpose=Monthly%20report&division=110101001901"]
        case "/api/v1/exports/registers.csv":
            ["person.name", "dwelling.address", "organization.name", "thing.name"].map { field in
                "\(path)?kind=\(field.prefix { $0 != "." })&purpose=report&fields=\(field)"
            }
        case "/api/v1/find": ["\(path)?q=wf", "\(path)?q=%E5%B9%B8%E7%A6%8F&kind=dwelling"]
        case "/mine": ["\(path)?tab=open", "\(path)?tab=closed"]
        default: []
        }
    }
}
