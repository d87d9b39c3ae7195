import LinliCore
import LinliKernel

extension Feature {
    /// How the server is 运行情况: the store and its size, what waits to be delivered, jobs, backups, nodes.
    ///
    /// For administrators and auditors who have no shell on the machine; nothing of anybody's affairs stands here. Page:
    /// `/admin/operations`; for programs `/api/v1/admin/operations`. What a monitor reads is `/health` and `/metrics`.
    package static let operationsView = Feature(
        id: "operationsView",
        name: Text("运行情况", "Operations"),
        routes: [
            .get("/admin/operations", access: .permission(.operationsRead)) { request, services in
                let state = try await StoreState.read(services.database)
                return .page(OperationsPage(state: state, now: request.context.now).page)
            },
            .api(
                .get, "/api/v1/admin/operations", id: "getOperations",
                "How the server is: the store, what waits, jobs, backups, nodes",
                access: .permission(.operationsRead), body: .nothing, reply: OperationsSchema.reply
            ) { _, _, services in
                try await StoreState.read(services.database)
            },
        ],
        menu: [
            MenuEntry(
                group: Text("管理", "Administration"),
                Text("运行情况", "Operations"),
                icon: "gear",
                path: "/admin/operations",
                permission: .operationsRead
            )
        ]
    )
}

/// The JSON object of `getOperations`.
enum OperationsSchema {
    private static let count = SchemaKind.integer(0...(1 << 53))

    private static let dead: [SchemaProperty] = [
        SchemaProperty("name", .text(limit: 120), required: true, "The subscriber or the kind of job"),
        SchemaProperty("count", count, required: true, "How many"),
    ]
    private static let job: [SchemaProperty] = [
        SchemaProperty("kind", .text(limit: 60), required: true, "Its kind"),
        SchemaProperty("nextAt", .moment, required: true, "When it runs next, or until when a node has it"),
        SchemaProperty("failed", .flag, required: true, "Whether its last run failed; the log says why"),
    ]
    private static let copy: [SchemaProperty] = [
        SchemaProperty("at", .moment, required: true, "When"),
        SchemaProperty("words", .text(limit: 500), required: true, "By whom on the machine, and where"),
    ]
    private static let node: [SchemaProperty] = [
        SchemaProperty("number", .integer(0...1023), required: true, "Its number"),
        SchemaProperty("until", .moment, required: true, "Until when it holds it, unless it renews"),
    ]

    static let reply = Schema<StoreState>(
        "Operations",
        [
            SchemaProperty("engine", .choice(["SQLite", "PostgreSQL"]), required: true, "The store"),
            SchemaProperty("storeBytes", count, required: true, "How many bytes it takes, without photos"),
            SchemaProperty("deliveriesWaiting", count, required: true, "Deliveries of events that wait"),
            SchemaProperty("outboxLagSeconds", count, required: true, "How long the oldest that is due waits"),
            SchemaProperty(
                "deadDeliveries", .list(.object(dead), limit: 100), required: true, "Put aside after ten tries"),
            SchemaProperty("jobsDue", count, required: true, "Jobs that are due and not begun"),
            SchemaProperty("jobs", .list(.object(job), limit: 200), required: true, "Regular jobs, the next one first"),
            SchemaProperty("deadJobs", .list(.object(dead), limit: 100), required: true, "Put aside after ten tries"),
            SchemaProperty("lastBackup", .object(copy), "The last `linli backup`; missing when there was none"),
            SchemaProperty("lastRestore", .object(copy), "The last time a backup was brought back"),
            SchemaProperty("nodes", .list(.object(node), limit: 1024), required: true, "Nodes that serve now"),
            SchemaProperty("commits", count, required: true, "Transactions of the node that answers, since its start"),
            SchemaProperty("retries", count, required: true, "Of those, tries lost to others"),
        ],
        decode: { _ in throw LinliError.notFound("operations.schema") },
        encode: { state in
            var json: [String: JSONValue] = [
                "engine": .text(state.engine), "storeBytes": .int(state.bytes),
                "deliveriesWaiting": .int(Int64(state.vitals.deliveriesWaiting)),
                "outboxLagSeconds": .int(state.vitals.outboxLagSeconds),
                "deadDeliveries": .array(state.deadDeliveries.map(put)), "jobsDue": .int(Int64(state.jobsDue)),
                "jobs": .array(state.regular.map(put)), "deadJobs": .array(state.deadJobs.map(put)),
                "nodes": .array(state.nodes.map(put)), "commits": .int(Int64(state.vitals.commits)),
                "retries": .int(Int64(state.vitals.retries)),
            ]
            json["lastBackup"] = state.backup.map(put)
            json["lastRestore"] = state.restore.map(put)
            return json
        }
    )

    private static func put(_ dead: StoreState.Dead) -> JSONValue {
        .object(["name": .text(dead.name), "count": .int(Int64(dead.count))])
    }

    private static func put(_ job: StoreState.Regular) -> JSONValue {
        .object(["kind": .text(job.kind), "nextAt": .text(job.nextAt.iso8601), "failed": .flag(job.hasFailed)])
    }

    private static func put(_ copy: StoreState.Copy) -> JSONValue {
        .object(["at": .text(copy.at.iso8601), "words": .text(copy.words)])
    }

    private static func put(_ node: StoreState.Holder) -> JSONValue {
        .object(["number": .int(Int64(node.node)), "until": .text(node.until.iso8601)])
    }
}
