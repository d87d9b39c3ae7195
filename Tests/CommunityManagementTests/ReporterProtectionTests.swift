import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A complaint is walked from every side as the people complained about: nothing of it may reach them.
@Suite("保护反映人")
struct ReporterProtectionTests {
    /// Words that stand nowhere else in the demo.
    static let marker = "蓝鲸七号暗语"

    struct Accused: Sendable {
        let unit: String
        let people: [DemoStaff]
        /// Who must see it all the same.
        let control: DemoStaff
    }

    static let accused = [
        Accused(unit: "安居物业", people: [.propertyHandler, .propertyManager], control: .dispatcher),
        // Its people also hold duties over the division the case lies in: that must not help them.
        Accused(unit: "幸福里社区居委会", people: [.head, .worker, .gridWorker1, .gridWorker2], control: .dispatcher),
        Accused(unit: "东华门街道市民诉求处置中心", people: [.dispatcher, .lateDispatcher], control: .districtOfficer),
    ]

    /// A complaint with a photo, dispatched and commented on, against `unit`.
    private func complain(_ house: House, _ unit: ID<LinliKernel.Unit>, _ disclosure: Disclosure) async throws
        -> Complaint
    {
        let resident = try await house.context(.tenant)
        let picture = house.folder + "/picture"
        try Data([0xFF, 0xD8, 0xFF, 0xE0] + Array("picture".utf8)).write(to: URL(fileURLWithPath: picture))
        let upload = Upload(field: "photos", filename: "a.jpg", path: picture, size: 11)
        let writer = disclosure == .anonymous ? house.visitor : resident
        let photos = try await house.services.files.keep([upload], house.services.database, writer)
        var draft = try await house.draft("\(Self.marker)：收费不公开，态度很差", category: "R0804")
        draft.nature = .complaint
        draft.disclosure = disclosure
        draft.against = unit
        draft.location = "\(Self.marker)门口"
        // Photos that somebody kept as themselves lead back to them in the audit: here nobody did.
        draft.photos = disclosure == .anonymous ? [] : photos
        let taken = try await house.services.commands.report(draft, resident)
        await house.deliver()
        return Complaint(
            id: taken.id, number: taken.number, photo: try #require(photos.first), unit: unit, receipt: taken.receipt
        )
    }

    struct Complaint: Sendable {
        let id: ID<Case>
        let number: String
        let photo: ID<StoredFile>
        let unit: ID<LinliKernel.Unit>
        let receipt: String
    }

    @Test("被投诉的单位从哪里都看不到这件事", arguments: TestEngine.enabled, accused)
    func nothingReachesTheAccused(_ engine: TestEngine, _ accused: Accused) async throws {
        try await withHouse(engine) { house in
            let unit = try await house.unit(accused.unit)
            var before: [DemoStaff: [String: Int]] = [:]
            for person in accused.people { before[person] = try await counts(house, person) }
            let last: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            let complaint = try await complain(house, unit, .named)
            for person in accused.people {
                let context = try await house.context(person)
                #expect(try await counts(house, person) == before[person], "\(person) counts it")
                try await readsNothing(house, complaint, context, person)
                try await changesNothing(house, complaint, context, person)
                try await hearsNothing(house, complaint, context, person, after: last)
            }
            try await control(house, complaint, accused.control, after: last)
        }
    }

    private func counts(_ house: House, _ person: DemoStaff) async throws -> [String: Int] {
        let scope = try await house.context(person).actor.scope(for: .casesRead)
        return try await house.services.database.read { try CaseCounts.totals(scope, $0) }
    }

    /// Every page, fragment and API reply a member of staff can ask for.
    private static func paths(_ complaint: Complaint) -> [(path: String, query: [(String, String)])] {
        let id = "\(complaint.id)"
        var paths: [(String, [(String, String)])] = [
            ("/desk", [("case", id)]), ("/desk/tabs", []), ("/desk/search", [("q", marker)]),
            ("/desk/search", [("q", complaint.number)]), ("/desk/search", [("q", complaint.number.lowercased())]),
            ("/desk/cases/\(id)", []), ("/desk/cases/\(id)/pane", []), ("/desk/cases/\(id)/fragment", []),
            ("/grid", []), ("/grid/list", []), ("/", []), ("/home/cases", []), ("/mine", []),
            ("/cases/\(id)", []), ("/cases/\(id)/fragment", []), ("/cases/\(id)/photos/\(complaint.photo)", []),
            ("/report/similar", [("kind", "R0804"), ("text", marker)]), ("/api/v1/cases/\(id)", []),
            ("/neighbourhood", []), ("/neighbourhood", [("view", "map")]), ("/neighbourhood/map.geojson", []),
            ("/neighbourhood/feed.rss", []), ("/neighbourhood/following", []), ("/desk/publication", []),
            ("/neighbourhood/\(complaint.number)", []),
            ("/neighbourhood/\(complaint.number)/photos/\(complaint.photo)", []),
        ]
        for tab in CaseFilter.Tab.allCases {
            for path in ["/desk", "/desk/list", "/api/v1/cases"] { paths.append((path, [("tab", tab.rawValue)])) }
        }
        return paths
    }

    private func readsNothing(
        _ house: House, _ complaint: Complaint, _ context: Context, _ person: DemoStaff
    ) async throws {
        for (path, query) in Self.paths(complaint) {
            let shown = try await house.open(path, query: query, context)
            // Search shows back what was typed: only what names the case counts there.
            let isEcho = path == "/desk/search"
            for word in ["\(complaint.id)", complaint.number, Self.marker] where !isEcho || word == "\(complaint.id)" {
                #expect(!shown.contains(word), "\(person) finds \(word) at \(path) \(query)")
            }
        }
        #expect(
            try await house.refusal { _ = try await house.services.queries.view(complaint.id, context) } == .notFound
        )
    }

    private func changesNothing(
        _ house: House, _ complaint: Complaint, _ context: Context, _ person: DemoStaff
    ) async throws {
        let version: Int? = try await house.value("SELECT version FROM case_item WHERE id = \(complaint.id)")
        let type = try await house.services.queries.view(complaint.id, house.holder(of: complaint.id)).type
        for transition in type.transitions {
            let step = CaseStep(transition.id, text: "我们来处理", unit: complaint.unit)
            let kind = try await house.refusal { try await house.take(step, complaint.id, context) }
            #expect(kind == .notFound, "\(person) may try \(transition.id)")
        }
        let commands = house.services.commands
        #expect(
            try await house.refusal {
                try await commands.remark("看看", isVisible: false, photos: [], on: complaint.id, context)
            } == .notFound
        )
        #expect(
            try await house.refusal {
                try await commands.classify(.consultation, "R0804", of: complaint.id, context)
            } == .notFound
        )
        let form = Form([("purpose", "约上门时间"), ("text", "看看"), ("nature", "complaint"), ("category", "R0804")])
        for step in ["note", "classify", "reveal", "publication", "dispatch", "accept"] {
            let shown = try await house.send("/desk/cases/\(complaint.id)/\(step)", form, context)
            #expect(shown == nil, "\(person) gets an answer to \(step)")
        }
        #expect(try await house.value("SELECT version FROM case_item WHERE id = \(complaint.id)") == version)
    }

    private func hearsNothing(
        _ house: House, _ complaint: Complaint, _ context: Context, _ person: DemoStaff, after last: Int64
    ) async throws {
        let heard = try await house.heard(LiveHub.Wish(topics: [:], scope: context.actor.scope), after: last)
        #expect(!heard.contains(CasePath.topic(complaint.id)), "\(person) hears of it")
    }

    /// The same walk by who must see it, so that the test cannot pass by seeing nothing at all.
    private func control(
        _ house: House, _ complaint: Complaint, _ person: DemoStaff, after last: Int64
    ) async throws {
        let context = try await house.context(person)
        let page = try await house.open("/desk/cases/\(complaint.id)", query: [], context)
        #expect(page.contains(Self.marker))
        let list = try await house.open("/desk/list", query: [("tab", "open")], context)
        let found = try await house.open("/desk/search", query: [("q", complaint.number)], context)
        #expect(list.contains("\(complaint.id)") || found.contains("\(complaint.id)"))
        let heard = try await house.heard(LiveHub.Wish(topics: [:], scope: context.actor.scope), after: last)
        #expect(heard.contains(CasePath.topic(complaint.id)))
        let step = CaseStep("dispatch", unit: complaint.unit)
        #expect(try await house.refusal { try await house.take(step, complaint.id, context) } == .invalid)
    }

    @Test("匿名的不留下账号：表里、审计里、消息里都没有", arguments: TestEngine.enabled)
    func anonymousLeavesNoAccount(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let account = try #require(resident.actor.account)
            let audits = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE actor_id = \(account)", as: Int.self
            )
            let complaint = try await complain(house, try await house.unit("安居物业"), .anonymous)
            let own = try await house.value(
                """
                SELECT count(*) FROM case_item WHERE id = \(complaint.id) AND reporter_id IS NULL
                AND registered_by IS NULL AND reporter_sealed IS NULL AND reporter_mask = ''
                """,
                as: Int.self
            )
            #expect(own == 1)
            let named = try await house.value(
                "SELECT count(*) FROM case_entry WHERE case_id = \(complaint.id) AND actor_id IS NOT NULL", as: Int.self
            )
            #expect(named == 0)
            let after = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE actor_id = \(account)", as: Int.self
            )
            #expect(after == audits, "the audit leads to the account")
            #expect(
                try await house.refusal { _ = try await house.services.queries.view(complaint.id, resident) }
                    == .notFound
            )
            let id = try await house.services.queries.caseID(receipt: complaint.receipt)
            #expect(id == complaint.id)
            #expect(try await house.services.queries.view(id, house.holder(of: id)).standing.isReporter)
        }
    }

    @Test("经接口匿名反映，幂等记录里也没有账号", arguments: TestEngine.enabled)
    func anonymousThroughAProgram(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let account = try #require(resident.actor.account)
            let body = """
                {"text": "\(Self.marker)", "category": "R0804", "nature": "complaint", "division": "110101001901001", \
                "disclosure": "anonymous"}
                """
            _ = try await house.call("/api/v1/cases", body, key: "0123456789abcdef", resident)
            let traces = try await house.services.database.read { tx in
                try tx.all("SELECT actor FROM idempotency") { try $0[0] as String }
            }
            #expect(traces.count == 1)
            #expect(!traces.contains { $0.contains("\(account)") })
        }
    }

    @Test("实名、只让受理中心知道、匿名：谁能看到反映人", arguments: TestEngine.enabled)
    func whoSeesTheReporter(_ engine: TestEngine) async throws {
        let rows: [(Disclosure, [DemoStaff], [DemoStaff])] = [
            (.named, [.propertyHandler, .worker, .head, .dispatcher], []),
            (.office, [.dispatcher], [.worker, .head, .propertyHandler, .gridWorker1, .districtOfficer]),
            (.anonymous, [], [.propertyHandler, .worker, .head, .dispatcher, .districtOfficer]),
        ]
        try await withHouse(engine) { house in
            for (disclosure, seeing, blind) in rows {
                var draft = try await house.draft()
                draft.disclosure = disclosure
                draft.reporterName = "赵明明"
                draft.reporterPhone = "13912345678"
                let id = try await house.report(draft, try await house.context(.tenant))
                for (people, sees) in [(seeing, true), (blind, false)] {
                    for person in people {
                        let context = try await house.context(person)
                        let standing = try await house.services.queries.view(id, context).standing
                        #expect(standing.isStaff && standing.seesReporter == sees, "\(disclosure) \(person)")
                        let page = try await house.open("/desk/cases/\(id)", query: [], context)
                        #expect(page.contains("139****5678") == sees, "\(disclosure) \(person)")
                        #expect(!page.contains("赵明明") && !page.contains("13912345678"))
                        let form = Form([("purpose", "约上门时间")])
                        let revealed = try await house.send("/desk/cases/\(id)/reveal", form, context)
                        #expect((revealed?.contains("13912345678") ?? false) == sees, "\(disclosure) \(person)")
                    }
                }
            }
        }
    }

    @Test("谁打开过我的电话、为什么，我自己看得到；别人看不到", arguments: TestEngine.enabled)
    func readingsOfOnesOwn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft()
            draft.disclosure = .named
            draft.reporterPhone = "13912345678"
            let tenant = try await house.context(.tenant)
            let id = try await house.report(draft, tenant)
            #expect(try await house.open("/me/data/readings", query: [], tenant).contains("还没有人打开过您留下的电话"))
            let worker = try await house.context(.worker)
            let form = Form([("purpose", "约上门时间，回 13800138000")])
            let revealed = try await house.send("/desk/cases/\(id)/reveal", form, worker)
            #expect(revealed?.contains("13912345678") == true)
            let page = try await house.open("/me/data/readings", query: [], tenant)
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(id)", as: String.self))
            #expect(page.contains(number) && page.contains("约上门时间") && page.contains(worker.actor.name))
            #expect(page.contains("姓名和电话") && !page.contains("13800138000") && !page.contains("13912345678"))
            let neighbour = try await house.context(.courier)
            #expect(try await !house.open("/me/data/readings", query: [], neighbour).contains(number))
            let account = try #require(tenant.actor.account)
            let found = try await house.services.database.read { try CaseReadings.of(account, $0) }
            #expect(found.map(\.id) == [id] && found.first?.parts.contains(.reporter) == true)
        }
    }

    @Test("举报是密封的：每一种工单、每一个入口", arguments: TestEngine.enabled)
    func sealedInEveryType(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let property = try await house.unit("安居物业")
            let sources: [CaseType.Opening.Door: CaseSource] = [
                .resident: .account, .grid: .grid, .staff: .staff, .program: .api,
            ]
            var tried = 0
            for type in house.services.queries.types.all where type.opening?.wishes.contains(.tipOff) == true {
                for door in type.opening?.by ?? [] {
                    var draft = try await house.draft("\(Self.marker)安居物业占用便道乱收费", category: "E0404")
                    (draft.type, draft.nature, draft.spot) = (type.id, .tipOff, .street)
                    // Even who wants to be known is not: a tip-off is sealed.
                    (draft.disclosure, draft.isWilling) = (.named, true)
                    (draft.reporterName, draft.reporterPhone) = ("赵明明", "13912345678")
                    draft.source = try #require(sources[door])
                    let teller = [.resident, .program].contains(door) ? tenant : try await house.context(.gridWorker1)
                    let id = try await house.report(draft, teller)
                    try await isSealed(id, against: property, house)
                    tried += 1
                }
            }
            #expect(tried == 7, "four doors of needs, three of grid events")
        }
    }

    @Test("举报里反映人自己的名字和号码一样盖住，后来补充的也是", arguments: TestEngine.enabled)
    func ownName(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let dispatcher = try await house.context(.dispatcher)
            let commands = house.services.commands
            func told(_ name: String, _ given: String, _ teller: Context) async throws -> ID<Case> {
                var draft = try await house.draft("我是\(name)，住3号楼，楼下占道乱收费", category: "E0404")
                (draft.nature, draft.spot, draft.disclosure) = (.tipOff, .street, .office)
                (draft.location, draft.reporterName) = ("\(name)家门口", given)
                return try await house.report(draft, teller)
            }
            let given = "欧阳明明"
            let known = try await told(tenant.actor.name, "", tenant)
            let visitors = try await told(given, given, house.visitor)
            let receipt = Context(
                actor: Actor(.receipt(caseID: visitors.rawValue)), now: dispatcher.now, requestID: "test")
            for (id, name, teller) in [(known, tenant.actor.name, tenant), (visitors, given, receipt)] {
                try await commands.remark("\(name)再补充：每月两百", isVisible: true, photos: [], on: id, teller)
                let view = try await house.services.queries.view(id, dispatcher)
                #expect(view.item.text.hasPrefix("我是某某，住某处，楼下") && view.item.location == "某某家门口")
                let words = [view.item.title] + view.entries.map(\.text)
                #expect(!words.contains { $0.contains(name) } && words.contains("某某再补充：每月两百"))
                let sealed: [UInt8]? = try await house.value("SELECT text_sealed FROM case_item WHERE id = \(id)")
                let cell = Cell("case_item", "text_sealed", id.rawValue)
                #expect(try house.services.database.keys.open(try #require(sealed), cell: cell).contains(name))
            }
            // Whoever asks for help is known to those who help.
            let help = try await house.report(try await house.draft("我是\(tenant.actor.name)，灯坏了"), tenant)
            #expect(try await house.services.queries.view(help, dispatcher).item.text.contains(tenant.actor.name))
        }
    }

    private func isSealed(_ id: ID<Case>, against unit: ID<LinliKernel.Unit>, _ house: House) async throws {
        let sight = try await house.services.queries.view(id, try await house.context(.dispatcher))
        #expect(
            sight.item.accusation.units == [unit] && sight.item.handlerUnit != unit,
            "\(sight.type.id) \(sight.item.source)")
        #expect(!sight.item.isCommon && sight.item.disclosure == .office)
        #expect(sight.standing.seesReporter, "the street's centre receives it")
        for person in [DemoStaff.gridWorker1, .worker, .head, .enforcementHandler] {
            let context = try await house.context(person)
            let page = try await house.open("/desk/cases/\(id)", query: [], context)
            #expect(!page.contains("139****5678") && !page.contains("赵**"), "\(person) knows who told \(sight.type.id)")
            let form = Form([("purpose", "约上门时间")])
            let revealed = try await house.send("/desk/cases/\(id)/reveal", form, context) ?? ""
            #expect(!revealed.contains("13912345678"), "\(person) is told who")
        }
        for person in [DemoStaff.propertyHandler, .propertyManager] {
            #expect(try await house.open("/desk/cases/\(id)", query: [], try await house.context(person)) == "")
        }
        // Whoever moves it, it never reaches who it is about.
        let dispatcher = try await house.context(.dispatcher)
        if sight.item.state == "verifying" {
            try await house.take(CaseStep("verify"), id, try await house.context(.gridWorker1))
        }
        if sight.type.id == "gridEvent" { try await house.take(CaseStep("file"), id, dispatcher) }
        let sent = try await house.refusal {
            try await house.take(CaseStep("dispatch", text: "派单", unit: unit), id, dispatcher)
        }
        #expect(sent == .invalid, "\(sight.type.id) goes to the accused")
        let part = CasePartDraft(unit: unit, text: "协办一下")
        #expect(
            try await house.refusal {
                _ = try await house.services.commands.addPart(part, to: id, dispatcher)
            } == .invalid
        )
        let similar = try await house.services.queries.similar(
            categories: ["E0404"], community: sight.item.division.ancestor(at: .community), place: sight.item.place,
            around: nil
        )
        #expect(!similar.contains { $0.id == id }, "somebody is offered to join a tip-off")
        let shown: Int? = try await house.value(
            "SELECT count(*) FROM case_publication WHERE case_id = \(id) AND state <> 'withheld'"
        )
        #expect(shown == 0)
    }
}
