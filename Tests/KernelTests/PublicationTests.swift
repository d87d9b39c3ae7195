import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// What may be public at all, as a table: the rest of this file and the pages rest on it.
@Suite("哪些事可以公开")
struct PublicGroundTests {
    struct Row: Sendable {
        var nature: NeedNature = .suggestion
        var source: CaseSource = .account
        var isFacility = true
        var spot: Spot = .street
        var isAgainst = false
        var consent: Consent = .unasked
        var ground: PublicGround?
    }

    static let table: [Row] = [
        // Facilities and environment in public space.
        Row(ground: .publicSpace),
        Row(spot: .estate, ground: .publicSpace),
        Row(source: .staff, ground: .publicSpace),
        Row(nature: .consultation, ground: .publicSpace),
        Row(consent: .given, ground: .publicSpace),
        Row(consent: .refused, ground: nil),
        // Stairs and homes are somebody's, whatever it is about.
        Row(spot: .shared, ground: nil),
        Row(spot: .home, ground: nil),
        Row(spot: .home, consent: .given, ground: .consent),
        // Anything else: only if its reporter wants it.
        Row(isFacility: false, ground: nil),
        Row(isFacility: false, spot: .estate, ground: nil),
        Row(isFacility: false, spot: .estate, consent: .given, ground: .consent),
        Row(nature: .consultation, isFacility: false, ground: nil),
        Row(nature: .consultation, isFacility: false, consent: .given, ground: .consent),
        // Who asks for help, also about a facility: only if they want it, whoever wrote it down.
        Row(nature: .assistance, ground: nil),
        Row(nature: .assistance, spot: .estate, ground: nil),
        Row(nature: .assistance, source: .staff, ground: nil),
        Row(nature: .assistance, source: .hotline, ground: nil),
        Row(nature: .assistance, source: .open311, ground: nil),
        Row(nature: .assistance, consent: .given, ground: .consent),
        Row(nature: .assistance, consent: .refused, ground: nil),
        // Nobody asked for what a grid worker found.
        Row(nature: .assistance, source: .grid, ground: .publicSpace),
        Row(nature: .assistance, source: .grid, isFacility: false, ground: nil),
        // A complaint, also about a facility.
        Row(nature: .complaint, ground: nil),
        Row(nature: .complaint, consent: .given, ground: .consent),
        Row(nature: .complaint, consent: .refused, ground: nil),
        // Never.
        Row(nature: .tipOff, ground: nil),
        Row(nature: .tipOff, consent: .given, ground: nil),
        Row(isAgainst: true, ground: nil),
        Row(isAgainst: true, consent: .given, ground: nil),
        Row(nature: .complaint, isAgainst: true, consent: .given, ground: nil),
    ]

    @Test("性质、类别、位置、被反映单位、本人意愿", arguments: table) func ground(_ row: Row) {
        let ground = PublicGround(
            nature: row.nature, source: row.source, isFacility: row.isFacility, spot: row.spot,
            isAgainst: row.isAgainst, consent: row.consent
        )
        #expect(ground == row.ground)
    }

    @Test("地点写到小区、街道为止，坐标该模糊的模糊", arguments: TestEngine.enabled)
    func whereabouts(_ engine: TestEngine) async throws {
        let rows: [(address: String, spot: Spot, named: String, decimals: Int?)] = [
            ("北街", .street, "北街", 4), ("幸福里小区3号楼2单元", .street, "幸福里小区", 3),
            ("幸福里小区8号楼", .street, "幸福里小区", 3), ("幸福里小区3号楼2单元", .estate, "幸福里小区", 3),
            ("幸福里小区", .estate, "幸福里小区", 3), ("幸福里小区3号楼2单元", .home, "幸福里小区", 3),
            ("多福巷7号院", .street, "多福巷", 3), ("多福巷7号院", .home, "", nil), ("柳河村二组", .home, "柳河村", 3),
        ]
        try await withHouse(engine) { house in
            for row in rows {
                let place = try await house.place(row.address)
                let told = try await house.services.database.read { tx in
                    PublicWhereabouts(
                        spot: row.spot, chain: try PublicationStore.chain(place.id, tx), latitude: place.latitude,
                        longitude: place.longitude
                    )
                }
                #expect(told.address == row.named, "\(row)")
                #expect((told.latitude == nil) == (row.decimals == nil), "\(row)")
                guard let latitude = told.latitude, let decimals = row.decimals else { continue }
                let scale = decimals == 4 ? 10_000.0 : 1000.0
                #expect((latitude * scale).rounded() / scale == latitude, "\(row) \(latitude)")
            }
        }
        let measured = PublicWhereabouts(spot: .street, chain: [], latitude: 39.914_378, longitude: 116.402_749)
        #expect(measured == PublicWhereabouts(spot: .street, chain: [], latitude: 39.914, longitude: 116.403))
        #expect(measured.latitude == 39.914 && measured.longitude == 116.403 && measured.address.isEmpty)
    }
}

/// Nobody sees a case before staff cleared it, and nobody any more once it may not be seen.
@Suite("公开审核")
struct PublicationTests {
    private static let lamp = "小广场路灯不亮，打我电话13812345678，我是3号楼的老赵"
    private static let cleared = Clearing(title: "小广场路灯不亮", text: "小广场的路灯不亮。", address: "")

    private func draft(_ house: House, category: String = "C0118") async throws -> CaseDraft {
        var draft = try await house.draft(Self.lamp, category: category, at: "幸福里小广场")
        draft.spot = .street
        draft.isWilling = true
        return draft
    }

    private func isSeen(_ id: ID<Case>, _ house: House) async throws -> Bool {
        try await house.services.database.read { tx in
            !(try house.services.queries.publicCases([id], tx).isEmpty)
        }
    }

    private func row(_ id: ID<Case>, _ house: House) async throws -> CasePublication? {
        try await house.services.database.read { try PublicationStore.find(id, $0) }
    }

    @Test("审核以后才看得到；没有权限的、看不到的、改过了的都公开不了", arguments: TestEngine.enabled)
    func clearing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let id = try await house.report(try await draft(house), try await house.context(.tenant))
            #expect(try await row(id, house)?.state == .waiting)
            #expect(try await !isSeen(id, house))
            func refused(_ context: Context, _ clearing: Clearing, version: Int? = nil) async throws -> LinliError.Kind?
            {
                try await house.refusal { try await commands.publish(clearing, of: id, version: version, context) }
            }
            #expect(try await refused(house.visitor, Self.cleared) == .notFound)
            #expect(try await refused(try await house.context(.tenant), Self.cleared) == .notFound)
            #expect(try await refused(try await house.context(.locustHead), Self.cleared) == .notFound)
            #expect(try await refused(try await house.context(.worker), Self.cleared) == .forbidden)
            #expect(try await refused(try await house.context(.gridWorker3), Self.cleared) == .forbidden)
            let head = try await house.context(.head)
            #expect(try await refused(head, Self.cleared, version: 7) == .conflict)
            #expect(try await refused(head, Clearing(title: " ", text: "", address: "")) == .invalid)
            let long = String(repeating: "长", count: 1001)
            #expect(try await refused(head, Clearing(title: "灯", text: long, address: "")) == .invalid)
            let strange = Clearing(title: "灯", text: "灯", address: "", photos: [ID(rawValue: 77)])
            #expect(try await refused(head, strange) == .invalid)
            let door = Clearing(title: "灯", text: "灯", address: "3号楼2单元1203")
            #expect(try await refused(head, door) == .invalid)
            #expect(try await !isSeen(id, house))
            var numbered = Self.cleared
            numbered.text = "路灯不亮，联系13812345678，挡着京A12345"
            try await commands.publish(numbered, of: id, head)
            let seen = try await house.services.database.read { try house.services.queries.publicCases([id], $0) }
            #expect(seen.first?.text == "路灯不亮，联系138****5678，挡着京A****")
            #expect(seen.first?.address == "幸福里小广场" && seen.first?.place != nil)
            let original = try await house.value("SELECT text FROM case_item WHERE id = \(id)", as: String.self)
            #expect(original?.contains("我是3号楼的老赵") == true)
            try await commands.withhold(id, head)
            #expect(try await !isSeen(id, house))
            #expect(try await house.refusal { try await commands.withhold(id, head) } == .conflict)
            try await commands.publish(Self.cleared, of: id, try await house.context(.dispatcher))
            #expect(try await isSeen(id, house))
            let names = try await house.services.database.read { tx in
                try tx.all("SELECT command FROM audit_entry WHERE subject_id = \(id) ORDER BY id") {
                    try $0[0] as String
                }
            }
            #expect(names.suffix(3) == ["cases.publish", "cases.withhold", "cases.publish"])
        }
    }

    private func speaksForNobody(_ context: Context, _ id: ID<Case>, _ house: House) async throws {
        let refused = try await house.refusal { try await house.services.commands.consent(true, to: id, context) }
        #expect(refused == .notFound, "\(context.actor.name)")
    }

    @Test("举报、点名的投诉没有公开这回事；自己家里的、投诉要本人愿意", arguments: TestEngine.enabled)
    func privateUnlessAsked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, head) = (house.services.commands, try await house.context(.head))
            let resident = try await house.context(.tenant)
            func told(_ change: (inout CaseDraft) -> Void) async throws -> ID<Case> {
                var draft = try await draft(house)
                draft.isWilling = false
                change(&draft)
                return try await house.report(draft, resident)
            }
            let asked = try await told { _ in }
            #expect(try await row(asked, house) == nil, "who asks for help was not asked whether it may be seen")
            #expect(try await house.refusal { try await commands.publish(Self.cleared, of: asked, head) } == .conflict)
            let joinable: Bool? = try await house.value("SELECT is_public FROM case_item WHERE id = \(asked)")
            #expect(joinable == true, "others may say that they have the same trouble")
            try await commands.consent(true, to: asked, resident)
            try await commands.publish(Self.cleared, of: asked, head)
            #expect(try await isSeen(asked, house))
            let company = try await house.unit("安居物业")
            for hopeless in [
                try await told { $0.nature = .tipOff }, try await told { ($0.nature, $0.isWilling) = (.tipOff, true) },
                try await told { ($0.nature, $0.against, $0.isWilling) = (.complaint, company, true) },
            ] {
                #expect(try await row(hopeless, house) == nil)
                let context = house.holder(of: hopeless)
                #expect(
                    try await house.refusal { try await commands.consent(true, to: hopeless, context) } == .conflict)
                let kind = try await house.refusal { try await commands.publish(Self.cleared, of: hopeless, head) }
                #expect(kind == .conflict)
            }
            let complaint = try await told { $0.nature = .complaint }
            #expect(try await row(complaint, house) == nil)
            // Nobody else speaks for who told it.
            let nurse = try await house.context(.nurse as DemoResident)
            try await speaksForNobody(head, complaint, house)
            try await speaksForNobody(nurse, complaint, house)
            try await speaksForNobody(house.visitor, complaint, house)
            try await commands.consent(true, to: complaint, resident)
            #expect(try await row(complaint, house)?.state == .waiting)
            try await commands.publish(Self.cleared, of: complaint, head)
            #expect(try await isSeen(complaint, house))
            try await commands.consent(false, to: complaint, resident)
            #expect(try await !isSeen(complaint, house))
            #expect(try await row(complaint, house)?.withheldBy == .reporter)
            let kind = try await house.refusal { try await commands.publish(Self.cleared, of: complaint, head) }
            #expect(kind == .conflict)
            let home = try await told { ($0.spot, $0.category, $0.isWilling) = (.home, "R0302", true) }
            #expect(try await row(home, house)?.consent == .given)
        }
    }

    @Test("本人不愿意：公共设施的事也不公开，附近类似里也没有", arguments: TestEngine.enabled)
    func refusedByItsReporter(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, resident) = (house.services.commands, try await house.context(.tenant))
            let id = try await house.report(try await draft(house), resident)
            try await commands.publish(Self.cleared, of: id, try await house.context(.head))
            func flag() async throws -> Bool? {
                try await house.value("SELECT is_public FROM case_item WHERE id = \(id)", as: Bool.self)
            }
            #expect(try await flag() == true)
            try await commands.consent(false, to: id, house.holder(of: id))
            #expect(try await flag() == false)
            #expect(try await !isSeen(id, house))
            try await commands.consent(true, to: id, resident)
            #expect(try await row(id, house)?.state == .waiting)
            #expect(try await flag() == true)
        }
    }

    @Test("更正成投诉、举报就撤下；改回来也不会自己公开", arguments: TestEngine.enabled, [NeedNature.complaint, .tipOff])
    func reclassified(_ engine: TestEngine, _ nature: NeedNature) async throws {
        try await withHouse(engine) { house in
            let (commands, head) = (house.services.commands, try await house.context(.head))
            let resident = try await house.context(.tenant)
            var willing = try await draft(house)
            willing.isWilling = true
            let id = try await house.report(willing, resident)
            try await commands.publish(Self.cleared, of: id, head)
            try await commands.classify(nature, "C0118", of: id, head)
            #expect(try await !isSeen(id, house))
            // Who agreed to show a question has not agreed to show a complaint.
            #expect(try await row(id, house)?.consent == .unasked)
            let dispatcher = try await house.context(.dispatcher)
            try await commands.classify(.assistance, "C0118", of: id, reason: "不是举报", dispatcher)
            #expect(try await row(id, house)?.withheldBy == .nature)
            let kind = try await house.refusal { try await commands.publish(Self.cleared, of: id, head) }
            #expect(kind == .conflict)
            #expect(try await house.value("SELECT is_public FROM case_item WHERE id = \(id)", as: Bool.self) == false)
            try await commands.consent(true, to: id, resident)
            try await commands.publish(Self.cleared, of: id, head)
            #expect(try await isSeen(id, house))
        }
    }

    @Test("类别更正成不公开的就撤下，改回来重新审核；起初是投诉的改成求助也不公开", arguments: TestEngine.enabled)
    func refiled(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, head) = (house.services.commands, try await house.context(.head))
            let resident = try await house.context(.tenant)
            var draft = try await draft(house)
            (draft.nature, draft.isWilling) = (.suggestion, false)
            let id = try await house.report(draft, resident)
            try await commands.publish(Self.cleared, of: id, head)
            for (nature, category) in [(NeedNature.suggestion, "R0104"), (.assistance, "C0118")] {
                try await commands.classify(nature, category, of: id, head)
                #expect(try await row(id, house)?.withheldBy == .kind, "\(nature) \(category)")
                #expect(try await !isSeen(id, house))
                try await commands.classify(.suggestion, "C0118", of: id, head)
                #expect(try await row(id, house)?.state == .waiting)
                try await commands.publish(Self.cleared, of: id, head)
            }
            draft.nature = .complaint
            let complaint = try await house.report(draft, resident)
            try await commands.classify(.assistance, "C0118", of: complaint, head)
            try await commands.classify(.suggestion, "E0110", of: complaint, head)
            #expect(try await row(complaint, house)?.withheldBy == .nature)
            #expect(
                try await house.value("SELECT is_public FROM case_item WHERE id = \(complaint)", as: Bool.self) == false
            )
        }
    }

    @Test("跟着办：办完提醒写结果，重办收回结果，撤回就撤下", arguments: TestEngine.enabled)
    func follows(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, head) = (house.services.commands, try await house.context(.head))
            let (centre, handler) = (try await house.context(.dispatcher), try await house.context(.waterHandler))
            let resident = try await house.context(.tenant)
            let water = try await house.unit("城东自来水服务站")
            let id = try await house.report(try await draft(house), resident)
            try await commands.publish(Self.cleared, of: id, head)
            #expect(try await row(id, house)?.isDue == false)
            try await house.take(CaseStep("dispatch", unit: water), id, centre)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "换了灯，电话13812345678"), id, handler)
            #expect(try await row(id, house)?.isDue == true)
            let queue = try await house.services.queries.clearingQueue(head.actor.scope(for: .casesPublish), limit: 50)
            #expect(queue.contains { $0.id == id && $0.isSeen })
            // What a handler writes is for who told it, until somebody clears it.
            let before = try await house.services.database.read { try house.services.queries.publicCases([id], $0) }
            #expect(before.first?.result.isEmpty == true)
            var done = Self.cleared
            done.result = "换了灯。"
            try await commands.publish(done, of: id, head)
            #expect(try await row(id, house)?.isDue == false)
            try await house.take(CaseStep("contest", text: "还是黑"), id, resident)
            #expect(try await row(id, house)?.result.isEmpty == true)
            #expect(try await isSeen(id, house))
            try await house.take(CaseStep("withdraw"), id, resident)
            #expect(try await !isSeen(id, house))
            #expect(try await house.refusal { try await commands.consent(true, to: id, resident) } == .conflict)
            #expect(try await house.refusal { try await commands.publish(done, of: id, head) } == .conflict)
        }
    }

    @Test("审核队列只列自己管的地方", arguments: TestEngine.enabled)
    func queue(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await draft(house), try await house.context(.tenant))
            func queue(_ person: DemoStaff) async throws -> [ID<Case>] {
                let scope = try await house.context(person).actor.scope(for: .casesPublish)
                return try await house.services.queries.clearingQueue(scope, limit: 50).map(\.id)
            }
            #expect(try await queue(.head).contains(id))
            #expect(try await queue(.dispatcher).contains(id))
            for other in [
                DemoStaff.locustHead, .villageHead, .townDispatcher, .worker, .propertyHandler, .administrator,
            ] {
                #expect(try await !queue(other).contains(id), "\(other)")
            }
            let scope = try await house.context(.dispatcher).actor.scope(for: .casesPublish)
            let all = try await house.services.queries.clearingQueue(scope, limit: 50)
            #expect(all.map(\.id) == all.map(\.id).sorted())
            let first = try await house.services.queries.clearingQueue(scope, limit: 1)
            #expect(first.count == 2, "one more tells that there is more")
            let rest = try await house.services.queries.clearingQueue(scope, after: first[0].id, limit: 50)
            #expect(rest.map(\.id) == Array(all.map(\.id).dropFirst()))
        }
    }

    @Test("公开列表和审核队列走索引，不排序", arguments: TestEngine.enabled)
    func plans(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let street = DivisionCode(rawValue: 110_101_001_000_000)
            let community = try await house.place("北街").division.ancestor(at: .community)
            let cursor = CaseCursor(at: House.start, id: ID(rawValue: 9))
            let lists: [(PublicCaseFilter, String)] = [
                (PublicCaseFilter(area: community), "case_publication_community"),
                (PublicCaseFilter(area: street, isOpen: true), "case_publication_street"),
                (PublicCaseFilter(area: street.ancestor(at: .district), major: "C01"), "case_publication_district"),
                (PublicCaseFilter(area: community, place: ID(rawValue: 5), after: cursor), "case_publication_place"),
            ]
            for (filter, index) in lists {
                let sql = try #require(CaseQueries.publicListSQL(filter))
                try await expectIndex(index, sql, house)
            }
            for (code, index) in [(community, "community"), (street, "street")] {
                let scope = Scope(divisions: [code], units: [], account: nil, interests: [])
                let sql = try #require(CaseQueries.clearingQueueSQL(scope, after: nil, limit: 50))
                try await expectIndex("case_publication_due_" + index, sql, house, maySort: true)
            }
        }
    }

    /// Few rows tempt PostgreSQL to read the table: the question is whether the index serves, so that is switched off.
    private func expectIndex(_ index: String, _ sql: SQL, _ house: House, maySort: Bool = false) async throws {
        let plan = try await house.services.database.engine.write(.claim) { connection -> String in
            let isPostgres = connection.dialect == .postgres
            if isPostgres {
                try connection.run(script: "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;")
            }
            let explain: SQL = isPostgres ? "EXPLAIN " : "EXPLAIN QUERY PLAN "
            return try connection.all(explain + sql) { row in try row[isPostgres ? 0 : 3] as String }
                .joined(separator: "\n")
        }
        #expect(plan.contains(index), "\(plan)")
        guard !maySort else { return }
        #expect(!plan.contains("Sort") && !plan.contains("TEMP B-TREE FOR ORDER"), "\(plan)")
    }
}
