import LinliCore
import LinliKernel
import LinliStandards

/// The versions of a community's grids, and the page on which a draft is drawn.
enum GridPlansRoutes {
    static let all: [Route] = [
        .get("/admin/grid-plans", access: .permission(.registersRead), list),
        .post("/admin/grid-plans", access: .permission(.registersManage), begin),
        .get("/admin/grid-plans/:id", access: .permission(.registersRead), show),
        .get("/admin/grid-plans/:id/grids.geojson", access: .permission(.registersRead), download),
        .post("/admin/grid-plans/:id/edit", access: .permission(.registersManage), edit),
        .post("/admin/grid-plans/:id/save", access: .permission(.registersManage), save),
        .post("/admin/grid-plans/:id/publish", access: .permission(.registersManage), publish),
        .post("/admin/grid-plans/:id/withdraw", access: .permission(.registersManage), withdraw),
        .post("/admin/grid-plans/:id/drop", access: .permission(.registersManage), drop),
    ]

    // MARK: Versions

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let actor = request.context.actor
        let now = request.context.now
        let code = request.query["under"].flatMap { DivisionCode($0) }
        let page = try await services.database.read { tx in
            let choice = try CommunityChoice(code, actor, at: now, tx)
            let plans = try choice.community.map { try GridPlansStore.list(of: $0, tx) } ?? []
            return GridPlansPage(
                choice: choice,
                plans: try plans.map { ($0, try GridPlansStore.progress(of: $0.id, tx)) },
                mayChange: choice.community.map { actor.may(.registersManage, in: $0) } ?? false,
                done: request.query["done"],
                formToken: request.formToken,
                now: now,
                names: services.divisions
            )
        }
        return .page(page.page)
    }

    private static func begin(_ request: Request, _ services: Services) async throws -> Reply {
        guard let code = request.form["under"].flatMap({ DivisionCode($0) })?.ancestor(at: .community) else {
            throw LinliError.notFound("gridPlans.community")
        }
        let id = try await GridPlansCommands(services).begin(code, request.context)
        return .redirect("/admin/grid-plans/\(id)")
    }

    // MARK: One plan

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services, attempt: nil).page)
    }

    private static func page(
        _ request: Request, _ services: Services, attempt: AdminAttempt?
    ) async throws -> GridPlanPage {
        let id: ID<GridPlan> = try request.id()
        let context = request.context
        let opened = try await services.database.read { try GridPlansCommands.open(id, context, $0) }
        let mayChange =
            opened.plan.state == .draft && context.actor.may(.registersManage, in: opened.plan.community)
        return GridPlanPage(
            opened: opened,
            check: try opened.check,
            mayChange: mayChange,
            done: request.query["done"],
            attempt: attempt,
            formToken: request.formToken,
            base: services.baseMap,
            now: context.now,
            names: services.divisions
        )
    }

    static func download(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<GridPlan> = try request.id()
        let opened = try await services.database.read { try GridPlansCommands.open(id, request.context, $0) }
        return Reply(.bytes(opened.sketch.geoJSON.bytes, type: "application/geo+json"))
            .adding("content-disposition", "attachment; filename=\"grids.geojson\"")
    }

    // MARK: Drawing

    /// Changes the draft, or what the page sends along: then the page gets the result and nothing is stored.
    private static func edit(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<GridPlan> = try request.id()
        let opened = try await services.database.read { try GridPlansCommands.open(id, request.context, $0) }
        let plan = opened.plan
        guard plan.state == .draft, request.context.actor.may(.registersManage, in: plan.community) else {
            throw LinliError.notFound("gridPlans.draft")
        }
        guard let text = request.form["plan"] else {
            return try await perform("edit", request, services) { commands in
                guard let edit = try GridEditForm.edit(request.form, plan.community) else { return }
                let changed = try opened.sketch.changed(by: edit, next: opened.next)
                try await commands.save(changed, in: id, version: plan.version, request.context)
            }
        }
        var json = JSONWriter()
        var (status, problem) = (200, Text?.none)
        do {
            let datum = request.form["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
            var sketch = try GridSketch(text, datum, community: plan.community)
            if let edit = try GridEditForm.edit(request.form, plan.community) {
                sketch = try sketch.changed(by: edit, next: opened.next)
            }
            let check = try await GridPlansCommands(services).trying(sketch, in: opened, request.context).check
            json.object { json in
                json.key("plan")
                json.value(json: sketch.geoJSON.bytes)
                json.key("remarks")
                check.write(request.context.language, to: &json)
                json.key("households")
                json.object { json in
                    for (code, count) in check.households.sorted(by: { $0.key < $1.key }) {
                        json.key(dynamic: "\(code.rawValue % 1000)")
                        json.value(count)
                    }
                }
            }
        } catch let error as LinliError where error.formStatus != nil {
            status = error.formStatus ?? 422
            problem = error.fields.first?.text ?? error.publicText
        }
        guard let problem else { return .json(json) }
        var answer = JSONWriter()
        answer.object { $0.field("problem", problem[request.context.language]) }
        return .json(answer, status: status)
    }

    private static func save(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<GridPlan> = try request.id()
        return try await perform("save", request, services) { commands in
            let opened = try await services.database.read { try GridPlansCommands.open(id, request.context, $0) }
            let datum = request.form["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
            let sketch = try GridSketch(request.form["plan"] ?? "", datum, community: opened.plan.community)
            let version = request.form["version"].flatMap { Int($0) } ?? 0
            try await commands.save(sketch, in: id, version: version, request.context)
        }
    }

    private static func publish(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<GridPlan> = try request.id()
        return try await perform("publish", request, services) { commands in
            let day = request.form["day"].flatMap { CivilDate($0) }
            let reason = (request.form["reason"] ?? "").trimmed
            try await commands.publish(id, on: day, reason: reason, request.context)
        }
    }

    private static func withdraw(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<GridPlan> = try request.id()
        return try await perform("withdraw", request, services) { try await $0.withdraw(id, request.context) }
    }

    private static func drop(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<GridPlan> = try request.id()
        let opened = try await services.database.read { try GridPlansCommands.open(id, request.context, $0) }
        try await GridPlansCommands(services).drop(id, request.context)
        return .redirect("/admin/grid-plans?under=\(opened.plan.community)&done=drop")
    }

    private static func perform(
        _ name: String, _ request: Request, _ services: Services,
        _ command: (GridPlansCommands) async throws -> Void
    ) async throws -> Reply {
        try await AdminAttempt.answer(name, request) {
            try await command(GridPlansCommands(services))
            let id: ID<GridPlan> = try request.id()
            return "/admin/grid-plans/\(id)?done=\(name)"
        } again: { attempt in
            try await page(request, services, attempt: attempt).page
        }
    }
}

/// A change of the grids as a form says it.
enum GridEditForm {
    /// Corners of a line that is drawn by hand; more are a mistake.
    private static let mostCorners = 500

    /// The change, or nil when the form asks for the check alone.
    ///
    /// - Throws: `.invalid` naming the field.
    static func edit(_ form: Form, _ community: DivisionCode) throws -> GridSketchEdit? {
        func grid(_ name: String) throws -> DivisionCode {
            guard let number = form[name].flatMap({ Int64($0) }), (1...999).contains(number) else {
                throw LinliError.invalid("gridPlans.grid", [.init(name, Text("请选网格", "Please choose a grid"))])
            }
            return DivisionCode(rawValue: community.rawValue + number)
        }
        switch form["op"] {
        case "split": return .split(try grid("grid"), along: try points(form["line"] ?? "", from: 2))
        case "merge": return .merge(try grid("grid"), into: try grid("other"))
        case "add": return .add(try points(form["line"] ?? "", from: 3))
        case "remove": return .remove(try grid("grid"))
        case "snap": return .snap
        case "fill":
            guard let point = try points(form["line"] ?? "", from: 1).first else { return nil }
            return .fill(point)
        default: return nil
        }
    }

    /// Points as people write them: longitude and latitude in degrees, a point a line, or one after the other.
    static func points(_ text: String, from least: Int) throws -> [GeoPoint] {
        let words = text.split { $0.isWhitespace || ",，;；".contains($0) }
        let numbers = words.compactMap { Double($0) }
        let points = stride(from: 0, to: numbers.count - 1, by: 2).compactMap {
            GeoPoint(longitude: numbers[$0], latitude: numbers[$0 + 1])
        }
        guard numbers.count == words.count, numbers.count % 2 == 0, points.count * 2 == numbers.count,
            (least...mostCorners).contains(points.count)
        else {
            throw LinliError.invalid(
                "gridPlans.line",
                [
                    .init(
                        "line",
                        Text("每行一个点：经度,纬度，至少 \(least) 个", "A point a line: longitude,latitude; at least \(least)")
                    )
                ]
            )
        }
        return points
    }
}
