import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport

/// Every kind of person a route can meet.
enum Person: String, CaseIterable, Sendable {
    /// Nobody signed in.
    case stranger
    /// The resident who told the case of these tests.
    case reporter
    /// Another resident.
    case neighbour
    /// Walks the grid the case lies in.
    case gridWorker
    /// Walks another grid of the same community.
    case otherGridWorker
    /// Works for the community the case lies in.
    case worker
    /// Dispatches for the street the case lies in.
    case dispatcher
    /// The same on a device without the second factor.
    case unverified
    /// A program that acts for the dispatcher.
    case program
    /// Dispatches for a town far away.
    case otherDispatcher
    /// Staff of a unit that has nothing to do with the case.
    case otherUnit
    /// Staff of the unit complained about.
    case accused
    /// Manages accounts and divisions, sees no cases.
    case administrator
    /// Reads the audit, sees no cases.
    case auditor

    static let everyone = Set(allCases)
}

/// The site with one complaint in it, and everybody at their doors.
struct RouteScene: Sendable {
    let site: Site
    let people: [Person: SiteVisitor]
    /// Values of the parameters in paths.
    let values: [String: String]
    /// How often the complaint was moved before anybody came.
    let moves: Int

    /// A complaint about the property company, told by a tenant with a photo, sent to the community.
    static func run(
        _ engine: TestEngine, wrap: (any Engine) -> any Engine = { $0 }, _ body: (RouteScene) async throws -> Void
    ) async throws {
        try await withHouse(engine, wrap: wrap) { house in
            let reporter = try await house.context(.tenant)
            var draft = try await house.draft("值夜的保安总是不在岗", category: "R0804")
            draft.nature = .complaint
            draft.disclosure = .office
            draft.against = try await house.unit("安居物业")
            draft.photos = [try await house.photo(reporter)]
            let taken = try await house.services.commands.report(draft, reporter)
            let whistle = try await WhistleCommands(house.services.commands).draft(
                WhistleDraft(
                    storey: .community, kind: .daily, purpose: "请到场一起定办法", location: "小区北门",
                    units: [try await house.unit("东华门街道综合行政执法队"), try await house.unit("城市管理办公室")]),
                for: taken.id, try await house.context(DemoStaff.head))
            let order = try await order(house)
            let plan = try await house.send(
                "/admin/grid-plans", Form([(name: "under", value: "110101001901")]),
                try await house.context(.administrator)
            )
            await house.deliver()
            try await withSite(house) { site in
                let people = try await everybody(site)
                let account = try await house.context(DemoStaff.worker).actor
                let values = [
                    ":dwelling": "\(try await dwelling(house))",
                    ":place": "\(try await house.place("幸福里小区3号楼2单元").id)",
                    ":unit": "\(try await house.unit("幸福里社区居委会"))",
                    ":case": "\(taken.id)", ":whistle": "\(whistle)", ":number": taken.number, ":token": taken.receipt,
                    ":file": "\(draft.photos[0])",
                    ":account": account.account.map { "\($0)" } ?? "", ":grant": "\(account.grants[0].id)",
                    ":code": "110101001901", ":version": "0", ":asset": "linli.css", ":leaflet": "leaflet.css",
                    ":order": "\(order)", ":plan": plan?.split(separator: "/").last.map(String.init) ?? "",
                    ":step": "note", ":transition": "dispatch",
                ]
                let moves: Int? = try await house.value(
                    "SELECT count(*) FROM case_entry WHERE case_id = \(taken.id) AND kind = 'transition'"
                )
                try await body(RouteScene(site: site, people: people, values: values, moves: moves ?? 0))
            }
        }
    }

    /// A flat of the demo's registers.
    private static func dwelling(_ house: House) async throws -> ID<Dwelling> {
        let id: ID<Dwelling>? = try await house.value(
            """
            SELECT d.id FROM place p JOIN dwelling d ON d.place_id = p.id AND d.valid_to IS NULL
            WHERE p.address = '幸福里小区3号楼2单元' ORDER BY d.sort_key, d.id LIMIT 1
            """)
        guard let id else { throw LinliError.notFound("test.dwelling") }
        return id
    }

    /// An order of the hotline that the property company has.
    private static func order(_ house: House) async throws -> ID<Case> {
        let draft = try await house.draft("电梯门关不上")
        var order = ForeignOrderDraft()
        order.number = "12345-0001"
        order.dueAt = house.clock.clock.now.adding(days: 7)
        order.received = [("工单编号", order.number)]
        return try await house.services.commands.takeOrder(draft, order, try await house.context(.dispatcher)).item
    }

    private static func everybody(_ site: Site) async throws -> [Person: SiteVisitor] {
        var people: [Person: SiteVisitor] = [:]
        for person in Person.allCases { people[person] = try await somebody(person, site) }
        return people
    }

    /// Signs somebody in once more.
    static func somebody(_ person: Person, _ site: Site) async throws -> SiteVisitor {
        switch person {
        case .stranger: site.stranger
        case .reporter: try await site.resident(.tenant)
        case .neighbour: try await site.resident(.youngMother)
        case .gridWorker: try await site.staff(.gridWorker1)
        case .otherGridWorker: try await site.staff(.gridWorker3)
        case .worker: try await site.staff(.worker)
        case .dispatcher: try await site.staff(.dispatcher)
        case .unverified: try await site.staff(.lateDispatcher, isVerified: false)
        case .program: try await site.program(for: .dispatcher)
        case .otherDispatcher: try await site.staff(.townDispatcher)
        case .otherUnit: try await site.staff(.waterHandler)
        case .accused: try await site.staff(.propertyHandler)
        case .administrator: try await site.staff(.administrator)
        case .auditor: try await site.staff(.auditor)
        }
    }
}

/// What stands at the door, whatever lies behind it.
enum Gate: Equatable {
    case open
    /// A page leads to signing in, everything else is refused with 401.
    case signIn
    /// The device needs the second factor.
    case secondFactor
    /// What is not for residents does not exist for them.
    case hidden
    case forbidden
    /// Nobody comes in without a key, which none of these has.
    case key

    /// What a declared access means for somebody.
    init(_ access: Access, _ person: Person, _ visitor: SiteVisitor) {
        let isSignedIn = visitor.actor.account != nil
        self =
            switch access {
            case .public: .open
            case .key(let isRequired): isRequired ? .key : .open
            case .signedIn: isSignedIn ? .open : .signIn
            case .token: isSignedIn && person != .unverified ? .open : .signIn
            case .staff: Gate.staff(person, visitor)
            case .permission(let permission):
                switch Gate.staff(person, visitor) {
                case .open: visitor.actor.may(permission) ? .open : .forbidden
                case let closed: closed
                }
            }
    }

    private static func staff(_ person: Person, _ visitor: SiteVisitor) -> Gate {
        if visitor.actor.account == nil { return .signIn }
        if !visitor.actor.isStaff { return .hidden }
        return person == .unverified ? .secondFactor : .open
    }

    /// What is wrong with an answer of a door that should be closed; nil for the right one.
    func objection(to answer: Site.Answer, isPage: Bool) -> String? {
        let target = answer["location"] ?? ""
        let isRight =
            switch self {
            case .open: true
            case .signIn: isPage ? answer.status == 303 && target.hasPrefix("/sign-in?") : answer.status == 401
            case .secondFactor:
                isPage ? answer.status == 303 && target.hasPrefix("/sign-in/second") : answer.status == 401
            case .hidden: answer.status == 404
            case .forbidden: answer.status == 403
            case .key: [400, 403].contains(answer.status)
            }
        return isRight ? nil : "answers \(answer.status) \(target) where the door is \(self)"
    }
}
