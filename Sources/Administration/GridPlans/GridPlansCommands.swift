import LinliCore
import LinliKernel
import LinliStandards

/// What an administrator may do with plans of grids, each within the divisions of their own duty.
struct GridPlansCommands: Sendable {
    let database: Database
    let names: DivisionNames

    init(_ services: Services) {
        database = services.database
        names = services.divisions
    }

    /// A draft with everything its page shows.
    struct Opened: Sendable {
        let plan: GridPlan
        var sketch: GridSketch
        /// The grids of other communities around it, from its day on; from now on while it has none.
        var neighbours: [GridNeighbours]
        /// The grids it replaces or has replaced: what only they had would belong to nobody.
        let present: [GridOutline]
        /// Whether its day has come.
        let isInForce: Bool
        let places: [PlaceSummary]
        /// The next number that was never used.
        let next: Int?
        /// How many households each dwelling place has, where the register knows.
        let households: [ID<Place>: Int]
        /// Who holds a duty over each of the present grids.
        let duties: [GridPlanCheck.Duty]

        /// What is wrong with its grids.
        var check: GridPlanCheck {
            get throws {
                try GridPlanCheck(
                    sketch, neighbours: neighbours, on: plan.effectiveAt, present: present, isInForce: isInForce,
                    places: places, households: households, duties: duties)
            }
        }
    }

    /// A plan of a community the actor may look at.
    static func open(_ id: ID<GridPlan>, _ context: Context, _ tx: ReadTx) throws -> Opened {
        guard let plan = try GridPlansStore.find(id, tx), plan.state != .dropped,
            context.actor.may(.registersRead, in: plan.community)
        else { throw LinliError.notFound("gridPlans.unknown") }
        let moment = plan.effectiveAt ?? context.now
        let parts = try GridPlansStore.parts(of: id, tx)
        // A published plan has replaced what held until the moment before.
        let before = plan.effectiveAt.map { Instant(milliseconds: $0.milliseconds - 1) } ?? context.now
        return Opened(
            plan: plan,
            sketch: GridSketch(community: plan.community, parts: parts, territory: plan.territory),
            neighbours: try GridAreasStore.neighbours(
                of: plan.community, near: parts.map(\.area), from: max(moment, context.now), tx),
            present: try GridAreasStore.outlines(in: plan.community, at: before, tx),
            isInForce: plan.effectiveAt.map { $0 <= context.now } ?? false,
            places: try PlacesStore.tree(in: plan.community, tx),
            next: try DivisionsAdminStore.nextNumber(under: plan.community, tx),
            households: try RegisterQueries.households(byPlaceIn: plan.community, tx),
            duties: plan.state == .draft ? try duties(in: plan.community, context, tx) : []
        )
    }

    /// The same with a sketch that is not stored, and what lies around that one.
    func trying(_ sketch: GridSketch, in opened: Opened, _ context: Context) async throws -> Opened {
        let (community, areas) = (opened.plan.community, sketch.parts.map(\.area))
        let moment = max(opened.plan.effectiveAt ?? context.now, context.now)
        var tried = opened
        tried.sketch = sketch
        tried.neighbours = try await database.read { tx in
            try GridAreasStore.neighbours(of: community, near: areas, from: moment, tx)
        }
        return tried
    }

    private static func duties(
        in community: DivisionCode, _ context: Context, _ tx: ReadTx
    ) throws -> [GridPlanCheck.Duty] {
        try DivisionsStore.children(of: community, at: context.now, tx).flatMap { grid in
            try AccessStore.staff(in: grid.code, at: context.now, tx)
                .filter { $0.grants.contains { $0.subject == .division(grid.code) } }
                .map { GridPlanCheck.Duty(grid: grid.code, gridName: grid.name, name: $0.name) }
        }
    }

    /// Begins a draft with the grids that hold now; the one that is there already if there is one.
    func begin(_ community: DivisionCode, _ context: Context) async throws -> ID<GridPlan> {
        guard community.level == .community, context.actor.may(.registersManage, in: community) else {
            throw LinliError.notFound("gridPlans.community")
        }
        return try await database.write(context, "gridPlans.begin") { tx in
            guard try DivisionsStore.find(community, at: tx.now, tx) != nil else {
                throw LinliError.notFound("gridPlans.community")
            }
            if let draft = try GridPlansStore.draft(of: community, tx) {
                try tx.audit(Subject("gridPlan", draft.id, division: community))
                return draft.id
            }
            // What is planned already goes before what holds now.
            let moment = try GridPlansStore.pending(in: community, at: tx.now, tx)?.effectiveAt ?? tx.now
            let parts = try GridAreasStore.outlines(in: community, at: moment, tx)
            let before = try GridPlansStore.list(of: community, tx).first { $0.territory != nil }
            let sketch = GridSketch(community: community, parts: parts, territory: before?.territory)
            let coverage = try sketch.coverage()
            let territory = before?.territory ?? (coverage.faults().isEmpty ? coverage.outline : nil)
            return try GridPlansStore.insert(parts, territory: territory, in: community, tx)
        }
    }

    /// Stores a sketch as the draft.
    func save(_ sketch: GridSketch, in id: ID<GridPlan>, version: Int, _ context: Context) async throws {
        try await database.write(context, "gridPlans.save") { tx in
            let plan = try GridPlansCommands.draft(id, context, tx)
            guard plan.version == version else { throw GridPlansCommands.changed }
            try GridPlansStore.save(sketch.parts, territory: sketch.territory, in: plan, tx)
        }
    }

    /// Throws a draft away.
    func drop(_ id: ID<GridPlan>, _ context: Context) async throws {
        try await database.write(context, "gridPlans.drop") { tx in
            try GridPlansStore.drop(try GridPlansCommands.draft(id, context, tx), tx)
        }
    }

    /// Publishes a draft: its grids hold from a day on, from now on if it is today.
    ///
    /// - Throws: `.invalid` naming each field, and when something is wrong with the grids.
    func publish(_ id: ID<GridPlan>, on day: CivilDate?, reason: String, _ context: Context) async throws {
        var problems: [LinliError.Field] = []
        let today = context.now.date
        if day.map({ $0 < today || $0 > today.adding(days: 366) }) ?? true {
            problems.append(
                .init("day", Text("请选从哪天起，今天到一年以内", "Please choose a day between today and a year from now")))
        }
        if !(2...200).contains(reason.count) {
            problems.append(.init("reason", Text("请写为什么调整，2 到 200 个字", "Please say why, in 2 to 200 characters")))
        }
        if !PersonalNumbers.find(in: reason).isEmpty {
            problems.append(.init("reason", Text("不要写手机号或证件号", "No phone or citizen number here, please")))
        }
        guard problems.isEmpty, let day else { throw LinliError.invalid("gridPlans.publish", problems) }
        try await database.write(context, "gridPlans.publish", reason: reason) { tx in
            let plan = try GridPlansCommands.draft(id, context, tx)
            let from = day == tx.now.date ? tx.now : Instant(day)
            guard try GridPlansStore.pending(in: plan.community, at: tx.now, tx) == nil else {
                throw LinliError.invalid(
                    "gridPlans.pending",
                    [
                        .init(
                            "day",
                            Text("已有一版公布了还没生效，先收回它", "Another one is published and has not begun: take it back first"))
                    ]
                )
            }
            let opened = try GridPlansCommands.open(id, context, tx)
            // With what holds around it on its day, and with what is to hold after that.
            let neighbours = try GridAreasStore.neighbours(
                of: plan.community, near: opened.sketch.parts.map(\.area), from: from, tx)
            let check = try GridPlanCheck(opened.sketch, neighbours: neighbours, on: from, places: [])
            guard check.isGood else {
                let bad = check.remarks.filter(\.isBad).prefix(20).map { LinliError.Field("plan", $0.text) }
                throw LinliError.invalid("gridPlans.faults", Array(bad))
            }
            let present = try DivisionsStore.children(of: plan.community, at: from, tx)
            for part in opened.sketch.parts where !present.contains(where: { $0.code == part.code }) {
                guard try !DivisionsAdminStore.wasUsed(part.code, tx) else {
                    let number = part.code.rawValue % 1000
                    throw GridSketch.wrong(
                        Text("编号 \(number) 以前用过，请换一个", "The number \(number) was used before; please take another")
                    )
                }
            }
            try GridPlansStore.publish(
                plan, opened.sketch.parts, successors: try GridPlansCommands.successors(opened.sketch, from, tx),
                from: from, reason: reason, tx
            )
        }
        try await names.load(database)
    }

    /// Takes a published plan back before it begins.
    func withdraw(_ id: ID<GridPlan>, _ context: Context) async throws {
        try await database.write(context, "gridPlans.withdraw") { tx in
            guard let plan = try GridPlansStore.find(id, tx), context.actor.may(.registersManage, in: plan.community),
                plan.effectiveAt.map({ $0 > tx.now }) == true
            else { throw LinliError.notFound("gridPlans.pending") }
            guard try GridPlansStore.draft(of: plan.community, tx) == nil else {
                throw LinliError.invalid(
                    "gridPlans.draft", [.init("plan", Text("先处理手里的草稿", "Finish or drop the other draft first"))]
                )
            }
            try GridPlansCommands.checkReturn(of: plan, tx, tx.now)
            try GridPlansStore.withdraw(plan, tx)
        }
        try await names.load(database)
    }

    /// What a plan would have given up goes on when it is taken back: somebody else's plan may count on that land.
    ///
    /// - Throws: `.invalid` naming the grids that would overlap.
    private static func checkReturn(of plan: GridPlan, _ tx: ReadTx, _ now: Instant) throws {
        let sketch = GridSketch(
            community: plan.community, parts: try GridAreasStore.outlines(in: plan.community, at: now, tx),
            territory: nil)
        let neighbours = try GridAreasStore.neighbours(
            of: plan.community, near: sketch.parts.map(\.area), from: now, tx)
        let words = try GridPlanCheck.overlapsToCome(of: sketch, neighbours)
        guard words.isEmpty else {
            throw LinliError.invalid(
                "gridPlans.return",
                words.prefix(20).map {
                    LinliError.Field(
                        "plan",
                        Text(
                            "收回以后，\($0.zh)：先收回邻居的那一版",
                            "Taken back, \($0.en): their plan has to be taken back first"))
                })
        }
    }

    // MARK: Rules

    private static let changed = LinliError(
        .conflict, "gridPlans.changed",
        Text("别人刚改过这份草稿，请重新打开", "Somebody else has just changed this draft; please open it again")
    )

    private static func draft(_ id: ID<GridPlan>, _ context: Context, _ tx: ReadTx) throws -> GridPlan {
        guard let plan = try GridPlansStore.find(id, tx), plan.state == .draft,
            context.actor.may(.registersManage, in: plan.community)
        else { throw LinliError.notFound("gridPlans.draft") }
        return plan
    }

    /// Who takes over each grid that is no more: the new grid that has most of its area.
    static func successors(
        _ sketch: GridSketch, _ from: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: DivisionCode] {
        let kept = Set(sketch.parts.map(\.code))
        let areas = try GridAreasStore.outlines(in: sketch.community, at: from, tx)
        var successors: [DivisionCode: DivisionCode] = [:]
        for grid in try DivisionsStore.children(of: sketch.community, at: from, tx) where !kept.contains(grid.code) {
            var best: (code: DivisionCode, size: Double)?
            if let old = areas.first(where: { $0.code == grid.code }) {
                for part in sketch.parts where part.area.box.intersects(old.area.box) {
                    let pair = [
                        GeoCoverage.Part(key: old.code.rawValue, area: old.area),
                        GeoCoverage.Part(key: part.code.rawValue, area: part.area),
                    ]
                    let shared = GeoCoverage(pair)?.faults().filter { $0.kind == .overlap }
                        .reduce(0) { $0 + $1.squareMetres }
                    if let shared, shared > best?.size ?? 0 { best = (part.code, shared) }
                }
            }
            // A grid that never had a border is taken over by the first one: somebody must have its cases.
            guard let next = best?.code ?? sketch.parts.first?.code else { continue }
            successors[grid.code] = next
        }
        return successors
    }
}
