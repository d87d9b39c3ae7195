import LinliCore
import LinliKernel

/// What people ask about their own data, for programs of who answers: the commands and the audit are those of the page.
enum DataRequestsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/data-requests", id: "listDataRequests",
            "What people asked about their own data and waits for an answer, what is due first",
            access: .permission(.peopleReveal), body: .nothing, reply: list
        ) { _, request, services in
            let divisions = request.context.actor.scope(for: .peopleReveal).divisions
            return try await services.database.read { tx in
                let waiting = try DataRequests.waiting(in: divisions, tx)
                let rungs = try DataRequestAlerts.of(waiting.map(\.id), tx)
                let changes = try DataRequests.changes(since: waiting, tx)
                return waiting.map {
                    OwnDataSchemas.Asked(request: $0, rungs: rungs[$0.id] ?? [], changes: changes[$0.id] ?? [])
                }
            }
        },
        .api(
            .post, "/api/v1/data-requests/:request/readings", id: "readDataRequest",
            "The words of a request, noted before they are shown", access: .permission(.peopleReveal), body: .nothing,
            reply: words
        ) { _, request, services in
            // What is read is not kept as the reply of a repeated request.
            try await services.dataRequests.words(of: try request.id("request"), request.context.unmarked).text
        },
        .step(
            "/api/v1/data-requests/:request/decision", id: "decideDataRequest",
            "Do what was asked, or refuse it with the reason, which the person reads",
            access: .permission(.peopleReveal), of: "request", body: decision, reply: OwnDataSchemas.request,
            shown: shown
        ) { id, decision, request, services in
            try await services.dataRequests.decide(
                id, isGranted: decision.isGranted, reason: decision.reason, entry: decision.entry, request.context)
        },
    ]

    private struct Decision: Sendable {
        var isGranted: Bool
        var reason: String
        var entry: ID<Person>?
    }

    private static func shown(
        _ id: ID<DataRequest>, _ request: Request, _ services: Services
    ) async throws -> OwnDataSchemas.Asked? {
        let found = try await services.dataRequests.find(id, request.context)
        let rungs = try await services.database.read { try DataRequestAlerts.of([id], $0) }
        return OwnDataSchemas.Asked(request: found, rungs: rungs[id] ?? [])
    }

    private static let changeProperties = [
        SchemaProperty("at", .moment, required: true, "When"),
        SchemaProperty(
            "what", .choice(RegisterHistory.What.allCases.map(\.rawValue)), required: true, "What was done"),
        SchemaProperty("fields", .list(.text(limit: 60), limit: 100), required: true, "Which fields, by id"),
    ]

    private static func change(_ change: DataRequestChange) -> JSONValue {
        .object([
            "at": .moment(change.at), "what": .text(change.what.rawValue),
            "fields": .array(change.fields.map { .text($0) }),
        ])
    }

    private static let list = Schema<[OwnDataSchemas.Asked]>(
        "DataRequestList",
        [
            SchemaProperty(
                "requests",
                .list(
                    .object(
                        OwnDataSchemas.requestProperties + [
                            SchemaProperty("name", .text(limit: 80), required: true, "Who asks"),
                            SchemaProperty("division", .text(limit: 15), required: true, "Where it is decided"),
                            SchemaProperty(
                                "changes", .list(.object(changeProperties), limit: 20), required: true,
                                "Of a correction: what changed in the entry since it was asked for, the newest first"),
                        ]), limit: 1000), required: true, "What waits")
        ],
        decode: { _ in [] },
        encode: { asked in
            [
                "requests": .array(
                    asked.map { one in
                        var json = OwnDataSchemas.object(one)
                        json["name"] = .text(one.request.accountName)
                        json["division"] = .text("\(one.request.division)")
                        json["changes"] = .array(one.changes.map(change))
                        return .object(json)
                    })
            ]
        })

    private static let words = Schema<String>(
        "DataRequestWords",
        [SchemaProperty("text", .text(limit: 4000), required: true, "The words; empty without any")],
        decode: { $0.text("text") }, encode: { ["text": .text($0)] })

    private static let decision = Schema<Decision>(
        "DataRequestDecision",
        [
            SchemaProperty("granted", .flag, required: true, "Whether what was asked is done"),
            SchemaProperty(
                "reason", .text(limit: 400),
                "What the person reads; needed for a refusal, and for a correction without a change since it was asked"),
            SchemaProperty("entry", .id, "For a link: which entry the account is, after checking who it is"),
        ],
        decode: { json in
            Decision(isGranted: json.flag("granted"), reason: json.text("reason"), entry: json.id("entry"))
        },
        encode: { _ in [:] })
}
