import LinliCore
import LinliKernel

/// What units bring, for their programs: what is wanted, what they took, whom it is for, proof, why not.
enum CareTasksAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/deliveries", id: "listDeliveries",
            "Services your units may bring or have taken, without naming anybody", access: .permission(.careDeliver),
            query: [lists] + APIPages.query, body: .nothing, reply: page
        ) { _, request, services in
            try await list(request, services)
        },
        step(
            "take", id: "takeDelivery", "Take a service for your unit; 409 when another unit was faster",
            Schema<Nothing>.nothing
        ) {
            id, _, context, commands in try await commands.take(id, context)
        },
        step(
            "proof", id: "proveDelivery",
            "Note that your unit brought it, with what proves it; 409 for what was given once and is closed by now",
            CareSchemas.delivery
        ) { id, proof, context, commands in
            try await commands.deliver(
                id, signer: proof.signer, note: proof.note, photo: proof.photo, context)
        },
        step(
            "refusals", id: "refuseDelivery",
            "Say why your unit does not bring it; 409 for what it cannot know, or the community is to ask", refusal
        ) {
            id, reason, context, commands in try await commands.refuse(id, reason, context)
        },
        .api(
            .post, "/api/v1/deliveries/:offer/readings", id: "readDelivery",
            "Whom a service your unit took is for, as long as they agree to that: noted before it is shown, and seen by them",
            access: .permission(.careDeliver), body: .nothing, reply: contact
        ) { _, request, services in
            // What is read is not kept as the reply of a repeated request.
            try await CareTaskCommands(services).contact(try request.id("offer"), request.context.unmarked)
        },
        .api(
            .get, "/api/v1/care/refusals", id: "listCareRefusals",
            "How often units could not bring what people of a place want, by service, unit and reason",
            access: .permission(.labelsCounts), query: [APIPages.division], body: .nothing, reply: refusals
        ) { _, request, services in
            let area = try APIPages.division(request, .labelsCounts)
            let rows = try await services.database.read { try CareTaskStore.refusals(in: area, $0) }
            return Refusals(rows: rows, size: GroupSize(services.registers, for: request.context.actor, in: area))
        },
    ]

    /// An offer as programs of units see it at a moment.
    struct Task: Sendable {
        var offer: CareOffer
        var now: Instant
        /// Why the unit has it no more.
        var back: CareReturn?
    }

    /// Refusals of a place.
    struct Refusals: Sendable {
        var rows: [CareRefusalCount]
        var size: GroupSize
    }

    private static let lists = SchemaProperty(
        "list", .choice(["free", "due", "brought", "returned"]),
        "Free to take (the default), taken and due, brought, or lately taken back from your units: not wanted any more, "
            + "or not theirs to bring; these without paging")

    private static func list(_ request: Request, _ services: Services) async throws -> APIPage<Task> {
        let (context, limit) = (request.context, APIPages.limit(request))
        let after: ID<CareOffer>? = request.query.id("after")
        let list = request.query["list"] ?? "free"
        if list == "returned" { return try await returned(context, services) }
        let rows = try await services.database.read { tx in
            try CareTaskStore.providers(of: context.actor, try LabelBook.current(tx), tx).flatMap { provider in
                list == "free"
                    ? try CareTaskStore.open(for: provider, after: after, limit: limit + 1, tx)
                    : try CareTaskStore.taken(
                        by: provider.unit.id, isDue: list == "due", after: after, limit: limit + 1, at: context.now, tx)
            }
        }
        // Two units of somebody may both be free to take the same.
        let distinct = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }.values.sorted { $0.id < $1.id }
        return APIPage(distinct.map { Task(offer: $0, now: context.now) }, limit) { "\($0.offer.id)" }
    }

    /// What units of somebody had and have no more.
    private static func returned(_ context: Context, _ services: Services) async throws -> APIPage<Task> {
        let rows = try await services.database.read { tx -> [Task] in
            let providers = try CareTaskStore.providers(of: context.actor, try LabelBook.current(tx), tx)
            let found = try providers.flatMap { try CareReturns.lately($0.unit.id, at: context.now, tx) }
            return try Set(found.map(\.offer)).sorted().compactMap { id -> Task? in
                let last = found.first { $0.offer == id }
                return try CareStore.offer(id, tx).map { Task(offer: $0, now: context.now, back: last) }
            }
        }
        return APIPage(rows: rows, next: nil)
    }

    private static func step<Body>(
        _ name: String, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (ID<CareOffer>, Body, Context, CareTaskCommands) async throws -> Void
    ) -> Route {
        .step(
            "/api/v1/deliveries/:offer/\(name)", id: id, summary, access: .permission(.careDeliver), of: "offer",
            body: body, reply: task, shown: shown
        ) { id, body, request, services in
            try await command(id, body, request.context, CareTaskCommands(services))
        }
    }

    private static func shown(
        _ id: ID<CareOffer>, _ request: Request, _ services: Services
    ) async throws -> Task? {
        let offer = try await services.database.read { try CareStore.offer(id, $0) }
        return offer.map { Task(offer: $0, now: request.context.now) }
    }

    // MARK: Schemas

    private static let refusal = Schema<CareRefusalReason>(
        "DeliveryRefusal",
        [SchemaProperty("reason", .choice(CareRefusalReason.allCases.map(\.rawValue)), required: true, "Why not")],
        decode: { CareRefusalReason(rawValue: $0.text("reason")) ?? .noAnswer }, encode: { _ in [:] })

    private static let properties = [
        SchemaProperty("id", .id, required: true, "Identifier"), CareSchemas.service,
        SchemaProperty("division", .text(limit: 15), required: true, "In which grid, 15 digits"),
        SchemaProperty(
            "state", .choice(["free", "due", "brought", "over", "returned"]), required: true,
            "Free to take, taken and due, brought, no more to be brought, or taken back from the unit"),
        SchemaProperty(
            "returned", .choice(CareReturnReason.allCases.map(\.rawValue)),
            "Why the unit has it no more: another catalogue or area, not wanted, person gone, unit closed"),
        SchemaProperty("returnedAt", .moment, "Since when"),
        SchemaProperty("answeredAt", .moment, "When the person said yes"),
        SchemaProperty("takenAt", .moment, "When the unit took it"),
        SchemaProperty("deliveredAt", .moment, "When it was brought last"),
        SchemaProperty("dueAt", .moment, "When it is due again"),
    ]

    private static func json(_ task: Task) -> [String: JSONValue] {
        let offer = task.offer
        if let back = task.back {
            return [
                "id": .text("\(offer.id)"), "service": .text(offer.service), "division": .text("\(back.grid)"),
                "state": .text("returned"), "returned": .text(back.why.rawValue), "returnedAt": .moment(back.at),
            ]
        }
        let state =
            offer.state != .accepted
            ? "over" : offer.unit == nil ? "free" : offer.hasReached(task.now) ? "brought" : "due"
        var json: [String: JSONValue] = [
            "id": .text("\(offer.id)"), "service": .text(offer.service), "division": .text("\(offer.grid)"),
            "state": .text(state),
        ]
        json["answeredAt"] = offer.answeredAt.map { .moment($0) }
        json["takenAt"] = offer.takenAt.map { .moment($0) }
        json["deliveredAt"] = offer.deliveredAt.map { .moment($0) }
        json["dueAt"] = offer.dueAt.map { .moment($0) }
        return json
    }

    private static let page = APIPage<Task>.schema(
        "Deliveries", "deliveries", "The oldest first", properties, json)

    private static let task = Schema<Task?>(
        "Delivery", properties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    private static let contact = Schema<CareContact?>(
        "DeliveryContact",
        properties + [
            SchemaProperty("name", .text(limit: 200), "Whom it is for; missing when it is closed, like the rest"),
            SchemaProperty("address", .text(limit: 400), "Where; empty: not known"),
            SchemaProperty("phone", .text(limit: 40), "How to call them; empty: not known"),
            SchemaProperty(
                "closed", .choice(CareClosing.allCases.map(\.rawValue)),
                "Why it is not shown: they do not agree (any more), or the days after it was brought are over"),
            .names("why", "The same in words; empty when it is shown"),
            SchemaProperty(
                "community",
                .object([
                    .name("name", "The committee"),
                    SchemaProperty("phone", .text(limit: 40), required: true, "Its phone"),
                ]), "Whom to ask instead, when it is closed"),
        ],
        decode: { _ in nil },
        encode: { contact in
            guard let contact else { return [:] }
            var object = json(Task(offer: contact.offer, now: contact.now))
            let why: [JSONValue] = contact.closing.map { [.name($0.words(after: contact.closedAfter))] } ?? []
            object["why"] = .array(why)
            guard let closing = contact.closing else {
                object["name"] = .text(contact.name)
                object["address"] = .text(contact.address)
                object["phone"] = .text(contact.phone)
                return object
            }
            object["closed"] = .text(closing.rawValue)
            object["community"] = contact.community.map {
                .object(["name": .name($0.name), "phone": .text($0.phone)])
            }
            return object
        })

    private static let refusals = Schema<Refusals?>(
        "CareRefusals",
        [
            SchemaProperty(
                "refusals",
                .list(
                    .object([
                        CareSchemas.service, .name("unit", "Which unit"),
                        SchemaProperty(
                            "reason", .choice(CareRefusalReason.allCases.map(\.rawValue)), required: true, "Why not"),
                        SchemaProperty(
                            "people", .integer(0...Int64.max), "How many; missing: some, but too few to be told"),
                    ]), limit: 500), required: true, "Of what is still wanted")
        ],
        decode: { _ in nil },
        encode: { found in
            guard let found else { return [:] }
            let rows = found.rows.map { row -> JSONValue in
                var json: [String: JSONValue] = [
                    "service": .text(row.service), "unit": .name(row.unit), "reason": .text(row.reason.rawValue),
                ]
                json["people"] = found.size.shown(row.count).map { .int(Int64($0)) }
                return .object(json)
            }
            return ["refusals": .array(rows)]
        })
}
