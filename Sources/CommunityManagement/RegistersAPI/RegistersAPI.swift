import LinliCore
import LinliKernel

/// The registers for programs of staff: reading with masks, reading closely kept fields for a purpose, entering,
/// correcting, ending.
enum RegistersAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/registers/:kind", id: "listEntries",
            "What a grid or community has of a kind, in the order it was entered; numbers masked",
            access: .permission(.peopleRead), parameters: [kind], query: listQuery, body: .nothing,
            reply: RegistersSchemas.page, list
        ),
        .api(
            .post, "/api/v1/registers/:kind", id: "createEntry",
            "Enter something: people into a household or dwelling, dwellings into a place, the others into a place or grid",
            access: .permission(.peopleEdit), parameters: [kind], body: RegistersSchemas.draft,
            reply: RegistersSchemas.entry, status: 201
        ) { draft, request, services in
            let subject = try await enter(draft, request, services)
            return try await entry(subject, request.context, services)
        },
        .api(
            .get, "/api/v1/registers/:kind/:id", id: "getEntry",
            "An entry: basic fields in clear, of closely kept ones only which are known",
            access: .permission(.peopleRead), parameters: [kind], body: .nothing, reply: RegistersSchemas.entry
        ) { _, request, services in
            try await entry(try RegisterItemRoutes.subject(request), request.context, services)
        },
        .api(
            .put, "/api/v1/registers/:kind/:id", id: "changeEntry",
            "Correct fields of an entry; an empty value takes one away, fields left out stay",
            access: .permission(.peopleEdit), parameters: [kind], body: RegistersSchemas.change,
            reply: RegistersSchemas.entry
        ) { change, request, services in
            let subject = try RegisterItemRoutes.subject(request)
            try await RegisterCommands.change(
                try typed(change.values, subject.kind), of: subject, version: change.version, source: "api",
                request.context, services.database, services.registers)
            return try await entry(subject, request.context, services)
        },
        .api(
            .post, "/api/v1/registers/:kind/:id/readings", id: "readFields",
            "Read closely kept fields for a purpose; noted before they are shown, and seen by the person",
            access: .permission(.peopleReveal), parameters: [kind], body: RegistersSchemas.reading,
            reply: RegistersSchemas.values
        ) { reading, request, services in
            let subject = try RegisterItemRoutes.subject(request)
            let hasSpecial = services.registers.hasSpecialGroups
            let fields = try reading.fields.map { id -> RegisterField in
                guard let field = RegisterField.named(id), field.kind == subject.kind,
                    field.fieldClass != .special || hasSpecial
                else { throw unknown(id) }
                return field
            }
            // What is read is not kept as the reply of a repeated request.
            return try await RegisterReading.read(
                fields, of: subject, for: reading.purpose, note: reading.note, request.context.unmarked,
                services.database)
        },
        .api(
            .post, "/api/v1/registers/:kind/:id/end", id: "endEntry",
            "Say that something is not here any more: moved, died, closed or gone; nothing is deleted",
            access: .permission(.peopleEdit), parameters: [kind], body: RegistersSchemas.end,
            reply: RegistersSchemas.entry
        ) { end, request, services in
            let subject = try RegisterItemRoutes.subject(request)
            try await RegisterCommands.end(
                subject, end.reason, version: end.version, source: "api", request.context, services.database)
            return try await entry(subject, request.context, services)
        },
    ]

    private static let kind = SchemaProperty(
        "kind", .choice(RegisterKind.allCases.map(\.rawValue)), required: true, "Which register")

    private static let listQuery = [
        SchemaProperty("division", .shaped(.division), "Where; by default the first of your divisions"),
        SchemaProperty("after", .id, "`next` of the page before"),
        SchemaProperty("limit", .integer(1...100), "How many; 50 by default"),
    ]

    private static func list(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> RegistersSchemas.Page {
        let division = try RegistersRoutes.division(request.query["division"], request.context.actor)
        let kind = try RegisterItemRoutes.kind(request)
        let limit = request.query.int("limit") ?? 50
        let after: ID<RegisterItem>? = request.query.id("after")
        let rows = try await services.database.read { tx in
            try RegistersStore.list(kind, in: division, after: after?.rawValue, limit: limit + 1, tx)
        }
        return RegistersSchemas.Page(
            rows: Array(rows.prefix(limit)),
            next: rows.count > limit ? RegisterWords.id(rows[limit - 1].subject) : nil)
    }

    private static func entry(
        _ subject: RegisterSubject, _ context: Context, _ services: Services
    ) async throws -> RegistersSchemas.Entry? {
        let settings = services.registers
        return try await services.database.read { tx in
            guard let item = try RegisterQueries.item(subject, tx), item.restrictedAt == nil,
                context.actor.may(.peopleRead, in: item.division)
            else { throw LinliError.notFound("registers.scope") }
            let fields = settings.fields(of: subject.kind, for: context.actor, in: item.division)
            let sealed = try RegisterReading.cells(fields.filter { $0.fieldClass != .basic }, of: subject, tx)
            var values = item.values.filter { !$0.value.isEmpty }
            for fact in try RegisterQueries.facts(of: subject, tx) {
                if let value = fact.value { values[fact.field] = value }
            }
            return RegistersSchemas.Entry(item: item, values: values, known: sealed.map(\.field.id).sorted())
        }
    }

    private static func typed(_ values: [String: String], _ kind: RegisterKind) throws -> RegisterCommands.Typed {
        var typed: RegisterCommands.Typed = [:]
        for (id, value) in values {
            guard let field = RegisterField.named(id), field.kind == kind else { throw unknown(id) }
            typed[field] = value
        }
        return typed
    }

    private static func unknown(_ id: String) -> LinliError {
        LinliError.invalid("registers.field", [.init(id, Text("没有这个字段", "There is no such field"))])
    }

    private static func enter(
        _ draft: RegistersSchemas.Draft, _ request: Request, _ services: Services
    ) async throws -> RegisterSubject {
        let kind = try RegisterItemRoutes.kind(request)
        let typed = try typed(draft.values, kind)
        let (context, database, settings) = (request.context, services.database, services.registers)
        switch kind {
        case .person:
            guard
                let door = draft.household.map({ RegisterCommands.Door.household($0) })
                    ?? draft.dwelling.map({ RegisterCommands.Door.dwelling($0) })
            else { throw missing("dwelling") }
            let id = try await RegisterCommands.enterPerson(
                typed, door, tie: draft.tie, relation: draft.relation, source: "api", context, database, settings)
            return RegisterSubject(.person, id)
        case .dwelling:
            guard let place = draft.place else { throw missing("place") }
            let id = try await RegisterCommands.enterDwelling(
                typed, in: place, source: "api", context, database, settings)
            return RegisterSubject(.dwelling, id)
        case .organization:
            let division = try RegistersRoutes.division(draft.division, context.actor)
            let (id, _) = try await RegisterCommands.enterOrganization(
                typed, in: draft.place, division: division, source: "api", context, database, settings)
            return RegisterSubject(.organization, id)
        case .thing:
            let division = try RegistersRoutes.division(draft.division, context.actor)
            let id = try await RegisterCommands.enterThing(
                typed, in: draft.place, division: division, source: "api", context, database, settings)
            return RegisterSubject(.thing, id)
        case .household: throw missing("kind")
        }
    }

    private static func missing(_ name: String) -> LinliError {
        LinliError.invalid("registers.spot", [.init(name, Text("请说明登记在哪里", "Please say where it is entered"))])
    }
}
