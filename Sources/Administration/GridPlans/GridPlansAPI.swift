import LinliCore
import LinliKernel
import LinliStandards

/// Plans of grids for programs of administrators: what the pages can do, by the same commands.
enum GridPlansAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/grid-plans", id: "listGridPlans",
            "The plans of a community, the newest first, without those that were dropped; at most a hundred",
            access: .permission(.registersRead),
            query: [SchemaProperty("under", .shaped(.division), required: true, "The community")], body: .nothing,
            reply: GridPlanSchemas.list, list
        ),
        .api(
            .post, "/api/v1/admin/grid-plans", id: "beginGridPlan",
            "Begin a draft with the grids that hold now; gives the draft that is there if there is one",
            access: .permission(.registersManage), body: GridPlanSchemas.community, reply: GridPlanSchemas.plan,
            status: 201
        ) { community, request, services in
            try await shown(try await GridPlansCommands(services).begin(community, request.context), request, services)
        },
        .api(
            .get, "/api/v1/admin/grid-plans/:id", id: "getGridPlan", "A plan with what is wrong with its grids",
            access: .permission(.registersRead), body: .nothing, reply: GridPlanSchemas.plan
        ) { _, request, services in
            try await shown(try request.id(), request, services)
        },
        .document(
            "/api/v1/admin/grid-plans/:id/grids.geojson", id: "getGridPlanAreas",
            "The grids of a plan and the border they must cover, a FeatureCollection of RFC 7946",
            access: .permission(.registersRead), type: "application/geo+json", GridPlansRoutes.download
        ),
        .api(
            .post, "/api/v1/admin/grid-plans/:id/trial", id: "tryGridPlan",
            "What would be wrong with these grids as the draft; changes nothing",
            access: .permission(.registersManage), body: GridPlanSchemas.sketch, reply: GridPlanSchemas.check
        ) { body, request, services in
            let (id, context): (ID<GridPlan>, Context) = (try request.id(), request.context)
            let opened = try await services.database.read { try GridPlansCommands.open(id, context, $0) }
            guard context.actor.may(.registersManage, in: opened.plan.community) else {
                throw LinliError.notFound("gridPlans.unknown")
            }
            let sketch = try GridSketch(body.text, body.datum, community: opened.plan.community)
            return try await GridPlansCommands(services).trying(sketch, in: opened, context).check
        },
        .api(
            .put, "/api/v1/admin/grid-plans/:id", id: "putGridPlan", "Put these grids in place of those of the draft",
            access: .permission(.registersManage), body: GridPlanSchemas.sketch, reply: GridPlanSchemas.plan
        ) { body, request, services in
            let id: ID<GridPlan> = try request.id()
            let opened = try await services.database.read { try GridPlansCommands.open(id, request.context, $0) }
            let sketch = try GridSketch(body.text, body.datum, community: opened.plan.community)
            try await GridPlansCommands(services).save(sketch, in: id, version: body.version, request.context)
            return try await shown(id, request, services)
        },
        step(
            "changes", id: "changeGridPlan",
            "Cut, join, add, fill or take away grids of the draft, or make borders meet that nearly do",
            GridPlanSchemas.edit
        ) { id, body, context, services in
            let opened = try await services.database.read { try GridPlansCommands.open(id, context, $0) }
            let sketch = try opened.sketch.changed(by: try body.edit(opened.plan.community), next: opened.next)
            try await GridPlansCommands(services).save(sketch, in: id, version: body.version, context)
        },
        step(
            "publication", id: "publishGridPlan", "Publish the draft: its grids hold from a day on, today at once",
            GridPlanSchemas.publication
        ) { id, body, context, services in
            try await GridPlansCommands(services).publish(id, on: body.day, reason: body.reason.trimmed, context)
        },
        .api(
            .delete, "/api/v1/admin/grid-plans/:id/publication", id: "withdrawGridPlan",
            "Take a published plan back before its day; it is a draft again", access: .permission(.registersManage),
            body: .nothing, reply: .nothing
        ) { _, request, services in
            try await GridPlansCommands(services).withdraw(try request.id(), request.context)
            return Nothing()
        },
        .api(
            .delete, "/api/v1/admin/grid-plans/:id", id: "dropGridPlan", "Throw a draft away",
            access: .permission(.registersManage), body: .nothing, reply: .nothing
        ) { _, request, services in
            try await GridPlansCommands(services).drop(try request.id(), request.context)
            return Nothing()
        },
    ]

    /// A step of a plan: runs it and answers with how the plan stands then.
    private static func step<Body>(
        _ name: String, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (ID<GridPlan>, Body, Context, Services) async throws -> Void
    ) -> Route {
        .step(
            "/api/v1/admin/grid-plans/:id/\(name)", id: id, summary, access: .permission(.registersManage), body: body,
            reply: GridPlanSchemas.plan, shown: shown
        ) { id, body, request, services in
            try await command(id, body, request.context, services)
        }
    }

    private static func list(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> [GridPlan] {
        let code = request.query["under"].flatMap { DivisionCode($0) }?.ancestor(at: .community)
        guard let code, code.level == .community, request.context.actor.may(.registersRead, in: code) else {
            throw LinliError.notFound("gridPlans.community")
        }
        return try await services.database.read { try GridPlansStore.list(of: code, $0) }
    }

    private static func shown(
        _ id: ID<GridPlan>, _ request: Request, _ services: Services
    ) async throws -> GridPlanSchemas.Shown? {
        let context = request.context
        return try await services.database.read { tx in
            let opened = try GridPlansCommands.open(id, context, tx)
            return GridPlanSchemas.Shown(
                plan: opened.plan, check: try opened.check, progress: try GridPlansStore.progress(of: id, tx))
        }
    }
}
