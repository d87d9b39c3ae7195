import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Random walks through every shipped case type by the people who may act: whatever they do, an open case has somebody to
/// act and a clock that runs or stands still, nobody is stuck, and refusing comes to an end.
@Suite("随意走完每一种工单")
struct ShippedWalkTests {
    @Test(
        "没办完的事总有人管、有钟在走或停着；退来退去总有个头", arguments: TestEngine.enabled,
        ["need", "repair", "gridEvent", "task"]
    )
    func walks(_ engine: TestEngine, _ type: String) async throws {
        try await withHouse(engine, settings: CaseSettings(sampledPercent: 50, repeatDays: 0)) { house in
            var walker = ShippedWalker(house: house, random: SplitMix(state: 0))
            // Which ways there are is the same on both: on PostgreSQL a third of the walks tries the statements.
            let isWhole = engine == .sqlite
            for seed in (isWhole ? [20_261_125, 7, 4711] : [20_261_125]) as [UInt64] {
                walker.random = SplitMix(state: seed)
                for number in 0..<(type == "task" ? 8 : 40) {
                    let id = try await walker.begin(type, number)
                    try await walker.walk(id, steps: 34)
                }
            }
            #expect(!walker.taken.isEmpty)
            guard isWhole else { return }
            if type == "need" { #expect(walker.granted == [.pause, .extend] && walker.pausedSeen > 0) }
            if type == "repair" { #expect(walker.granted == [.pause] && walker.pausedSeen > 0) }
            let wanted = ["need", "repair"].contains(type) ? ["merge", "absorb", "split"] : []
            for move in wanted + ["accuse", "accuse several", "accuse who has it", "forgive"] {
                #expect((walker.moves[move] ?? 0) > 0, "no walk did \(move): \(walker.moves)")
            }
            let definition = try house.services.queries.types.current(type)
            // Given back by ruling of the system it came from, never by somebody's step: see the tests of orders.
            let ways = definition.transitions.filter { !$0.guards.contains(.returned) }
            let missing = ways.map(\.id).filter { !walker.taken.contains("\(type).\($0)") }
            #expect(missing.isEmpty, "no walk took \(missing)")
        }
    }
}

/// Numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

struct ShippedWalker {
    let house: House
    var random: SplitMix
    /// `need.accept`: every transition that was taken.
    var taken: Set<String> = []
    /// What was asked for and granted, and how often a case was met whose clocks stood still.
    var granted: Set<CaseRequestKind> = []
    var pausedSeen = 0
    /// What was done to cases from beside their way: see `disturb`.
    var moves: [String: Int] = [:]
    /// Who somebody is, for the case that is being walked: a walk changes nobody's duties.
    private var actors: [DemoStaff: Actor] = [:]

    init(house: House, random: SplitMix) {
        self.house = house
        self.random = random
    }

    static let staff: [DemoStaff] = [
        .dispatcher, .lateDispatcher, .head, .worker, .gridWorker1, .gridWorker2, .gridWorker3, .severalDuties,
        .safetyHandler, .cityHandler, .enforcementHandler, .propertyHandler, .propertyManager, .publicHousingHandler,
        .waterHandler, .powerHandler, .districtOfficer, .cityOfficer,
    ]
    static let units = ["安居物业", "幸福里社区居委会", "城市管理办公室", "平安建设办公室", "城东自来水服务站"]

    /// The context of one of the staff, now.
    private mutating func context(_ person: DemoStaff) async throws -> Context {
        if let actor = actors[person] { return Context(actor: actor, now: house.clock.clock.now, requestID: "test") }
        let context = try await house.context(person)
        actors[person] = context.actor
        return context
    }

    mutating func begin(_ type: String, _ number: Int) async throws -> ID<Case> {
        actors = [:]
        var draft = try await house.draft("3号楼2单元门口的灯不亮，第\(number)回")
        draft.type = type == "task" ? "need" : type
        if type == "repair" { draft.answers = ["entry": "shared"] }
        // Some were told by a caller, who is asked; some a grid worker found.
        let door: CaseSource = number % 4 == 3 ? .grid : .staff
        if type == "gridEvent" { (draft.source, draft.category, draft.spot) = (door, "E0404", .street) }
        if type == "gridEvent" { draft.photos = [try await house.photo(try await house.context(.gridWorker1))] }
        let reporter = type == "gridEvent" ? try await house.context(.gridWorker1) : try await house.context(.tenant)
        let id = try await house.report(draft, reporter)
        guard type == "task" else { return id }
        let dispatcher = try await house.context(.dispatcher)
        let part = CasePartDraft(unit: try await house.unit("城市管理办公室"), text: "请协助查一下线路")
        return try await house.services.commands.addPart(part, to: id, dispatcher).id
    }

    mutating func walk(_ id: ID<Case>, steps: Int) async throws {
        for _ in 0..<steps {
            try await check(id)
            house.clock.advance(minutes: Int.random(in: 1...90, using: &random))
            if Int.random(in: 0..<4, using: &random) == 0 {
                try await request(id)
                try await check(id)
            }
            if Int.random(in: 0..<8, using: &random) == 0 {
                try await disturb(id)
                try await check(id)
            }
            if try await step(id) == false { break }
        }
        try await check(id)
    }

    /// Takes one step; false when it is over and stays so.
    private mutating func step(_ id: ID<Case>) async throws -> Bool {
        let offers = try await offers(id)
        let item = try await record(id)
        let type = try house.services.queries.types.type(item.type, version: item.typeVersion)
        if try type.state(item.state).owner == .reporter, Int.random(in: 0..<3, using: &random) == 0 {
            house.clock.advance(minutes: 5 * 1440)
            try await house.run(job: "cases.lapse")
            let now = try await house.state(id)
            let name = type.transitions(from: item.state).first { $0.by == [.clock] && $0.to == now }?.id
            #expect(name != nil, "\(item.state) waits for nobody")
            taken.insert("\(item.type).\(name ?? "")")
            return true
        }
        guard let offer = choose(offers, item.type) else {
            #expect(!item.isOpen, "\(item.type): nobody may act in \(item.state)")
            return false
        }
        do {
            try await house.take(try await filled(offer.transition, type, offer.context), id, offer.context)
            taken.insert("\(item.type).\(offer.transition.id)")
        } catch let error as LinliError where [.invalid, .forbidden, .conflict].contains(error.kind) {
            // A unit that may not have it, a part that is open: the case stays as it was.
            #expect(try await house.state(id) == item.state)
        }
        return true
    }

    /// Whoever may asks for a pause or more time, and somebody decides; or the clocks of a paused case run again.
    private mutating func request(_ id: ID<Case>) async throws {
        let item = try await record(id)
        let type = try house.services.queries.types.type(item.type, version: item.typeVersion)
        let rules = type.requests.filter { $0.kind != .exclude && $0.from.contains(item.state) }
        guard let rule = rules.randomElement(using: &random) else { return }
        let isGranted = Int.random(in: 0..<4, using: &random) > 0
        let commands = house.services.commands
        for person in ShippedWalker.staff {
            let context = try await context(person)
            do {
                if item.isPaused { return try await commands.resume(id, context) }
                let request = try await commands.ask(
                    rule.kind, reason: rule.reasons.first?.id ?? "", minutes: 60, text: "缺配件，已经订了", for: id, context)
                try await decide(request, isGranted: isGranted)
                if isGranted { granted.insert(rule.kind) }
                return
            } catch let error as LinliError where [.notFound, .forbidden, .conflict].contains(error.kind) {
                // Not theirs to ask, or no more of it can be granted.
                continue
            }
        }
    }

    /// The first who may decides: never somebody of the unit that asked.
    private func decide(_ request: ID<CaseRequest>, isGranted: Bool) async throws {
        for person in [DemoStaff.dispatcher, .districtOfficer, .cityOfficer] {
            let context = try await house.context(person)
            do {
                _ = try await house.services.commands.decide(request, isGranted: isGranted, text: "属实", context)
                return
            } catch let error as LinliError where [.notFound, .forbidden].contains(error.kind) {
                continue
            }
        }
        Issue.record("nobody decides about what was asked for")
    }

    private struct Offer {
        let context: Context
        let transition: CaseType.Transition
    }

    /// What everybody may do now.
    private mutating func offers(_ id: ID<Case>) async throws -> [Offer] {
        var people = [try await house.context(.tenant)]
        // Who called has the receipt.
        if try await record(id).type == "gridEvent" { people.append(house.holder(of: id)) }
        for person in ShippedWalker.staff { people.append(try await context(person)) }
        var found: [Offer] = []
        for context in people {
            guard let view = try? await house.services.queries.view(id, context) else { continue }
            found += view.transitions.map { Offer(context: context, transition: $0) }
        }
        return found
    }

    /// Mostly what no walk has taken yet, so that every way is gone.
    private mutating func choose(_ offers: [Offer], _ type: String) -> Offer? {
        let fresh = offers.filter { !taken.contains("\(type).\($0.transition.id)") }
        if !fresh.isEmpty, Int.random(in: 0..<4, using: &random) > 0 { return fresh.randomElement(using: &random) }
        let names = Set(offers.map(\.transition.id)).sorted()
        guard let name = names.randomElement(using: &random) else { return nil }
        return offers.filter { $0.transition.id == name }.randomElement(using: &random)
    }

    private mutating func filled(
        _ transition: CaseType.Transition, _ type: CaseType, _ context: Context
    ) async throws -> CaseStep {
        var step = CaseStep(transition.id)
        for requirement in transition.requires {
            switch requirement {
            case .text: step.text = "到现场看过，情况属实，按程序处理"
            case .photo: step.photos = [try await house.photo(context)]
            case .unit: step.unit = try await house.unit(ShippedWalker.units.randomElement(using: &random) ?? "安居物业")
            case .reasonClass:
                step.reasonClass = type.returnReasons.randomElement(using: &random)?.id ?? ""
                step.text = "管线的产权不在我们这里，有协议"
            case .stars: step.stars = Int.random(in: 1...5, using: &random)
            }
        }
        return step
    }

    // MARK: What always holds

    mutating func check(_ id: ID<Case>) async throws {
        let item = try await record(id)
        let type = try house.services.queries.types.type(item.type, version: item.typeVersion)
        let state = try type.state(item.state)
        #expect(item.isOpen == !state.isFinal, "\(item.type) \(item.state)")
        guard item.isOpen else { return }
        #expect(state.owner != nil, "\(item.type) \(item.state) belongs to nobody")
        if state.owner == .handler { #expect(item.handlerUnit != nil, "\(item.type) \(item.state) has no unit") }
        if state.owner == .lead { #expect(item.parent != nil) }
        #expect(!item.accusation.names(item.handlerUnit), "\(item.type) \(item.state): whom it is against has it")
        let timers: Int =
            try await house.value(
                "SELECT count(*) FROM case_timer WHERE case_id = \(id) AND stopped_at IS NULL"
            ) ?? 0
        #expect(timers > 0, "\(item.type) \(item.state): no clock runs or stands still")
        if item.isPaused {
            pausedSeen += 1
            let still: Int =
                try await house.value(
                    """
                    SELECT count(*) FROM case_timer
                    WHERE case_id = \(id) AND stopped_at IS NULL AND running_since IS NULL AND due_at IS NULL
                    """
                ) ?? 0
            #expect(still > 0, "\(item.type) \(item.state): paused, and every clock runs")
        }
        #expect(item.refusals <= 2 || item.isBound, "refused \(item.refusals) times and never ruled")
        if item.isBound {
            let names = try await offers(id).map(\.transition.id)
            #expect(!names.contains("refuse") && !names.contains("refuseAgain"), "a ruling may be refused")
        }
    }

    /// The case, as who told it reads it: whom it is against may be anybody else.
    func record(_ id: ID<Case>) async throws -> CaseRecord {
        try await house.services.queries.view(id, house.holder(of: id)).item
    }
}
