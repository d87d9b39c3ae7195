import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// The registers for programs of staff: reading with masks, reading closely kept fields for a purpose, entering,
/// correcting, ending.
enum RegistersAPI {
    static let all: [Route] =
        [
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
            step(
                "", by: .put, id: "changeEntry",
                "Correct fields of an entry; an empty value takes one away, fields left out stay",
                RegistersSchemas.change
            ) { subject, change, context, services in
                try await RegisterCommands.change(
                    try typed(change.values, subject.kind), of: subject, version: change.version, source: "api",
                    context, services.database, services.registers)
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
                let service = try await services.database.read {
                    try reading.purpose.catalogued(reading.service, $0)
                }
                // What is read is not kept as the reply of a repeated request.
                return try await RegisterReading.read(
                    fields, of: subject, for: reading.purpose, service: service, note: reading.note,
                    request.context.unmarked, services.database)
            },
        ] + RegisterStepsAPI.all + RegisterHomesAPI.all

    /// A change of an entry: runs it and answers with how the entry stands then.
    static func step<Body>(
        _ name: String, by method: Request.Method = .post, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (RegisterSubject, Body, Context, Services) async throws -> Void
    ) -> Route {
        step(name, by: method, id: id, summary, body) { (subject, body, request: Request, services) in
            try await command(subject, body, request.context, services)
        }
    }

    /// The same where the address says more than the entry.
    static func step<Body>(
        _ name: String, by method: Request.Method = .post, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (RegisterSubject, Body, Request, Services) async throws -> Void
    ) -> Route {
        .api(
            method, "/api/v1/registers/:kind/:id" + (name.isEmpty ? "" : "/\(name)"), id: id, summary,
            access: .permission(.peopleEdit), parameters: [kind], body: body, reply: RegistersSchemas.entry,
            recover: { _, request, services in
                .some(try await entry(try RegisterItemRoutes.subject(request), request.context, services))
            }
        ) { body, request, services in
            let subject = try RegisterItemRoutes.subject(request)
            try await command(subject, body, request, services)
            return try await entry(subject, request.context, services)
        }
    }

    static let kind = SchemaProperty(
        "kind", .choice(RegisterKind.allCases.map(\.rawValue)), required: true, "Which register")

    private static let listQuery = [APIPages.division] + APIPages.query

    private static func list(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> APIPage<RegistersStore.Row> {
        let division = try APIPages.division(request, .peopleRead)
        let kind = try RegisterItemRoutes.kind(request)
        let limit = APIPages.limit(request)
        let after: ID<RegisterItem>? = request.query.id("after")
        let rows = try await services.database.read { tx in
            try RegistersStore.list(kind, in: division, after: after?.rawValue, limit: limit + 1, tx)
        }
        return APIPage(rows, limit) { RegisterWords.id($0.subject) }
    }

    static func entry(
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
            var entry = RegistersSchemas.Entry(item: item, values: values, known: sealed.map(\.field.id).sorted())
            if !item.isHere { entry.endedOn = try RegisterDays.ended(subject, tx) }
            try locate(&entry, services.divisions, tx)
            return entry
        }
    }

    /// What it is part of and where it stands: its own point, else that of its place.
    private static func locate(
        _ entry: inout RegistersSchemas.Entry, _ names: DivisionNames, _ tx: ReadTx
    ) throws {
        let subject = entry.item.subject
        entry.mergedInto = entry.item.mergedInto.map { ID(rawValue: $0) }
        switch subject.kind {
        case .person: return
        case .household:
            entry.dwelling = try RegisterQueries.household(ID(rawValue: subject.id), tx)?.dwelling
            let dwelling = try entry.dwelling.flatMap { try RegisterQueries.dwelling($0, tx) }
            (entry.place, entry.point) = (dwelling?.place, dwelling?.point)
            entry.standardAddress = try dwelling?.standardAddress(names, tx)
        case .dwelling:
            let dwelling = try RegisterQueries.dwelling(ID(rawValue: subject.id), tx)
            (entry.place, entry.point) = (dwelling?.place, dwelling?.point)
            entry.standardAddress = try dwelling?.standardAddress(names, tx)
        case .organization:
            let organization = try RegisterQueries.organization(ID(rawValue: subject.id), tx)
            (entry.place, entry.dwelling) = (organization?.place, organization?.dwelling)
            entry.point = organization?.point
        case .thing:
            let thing = try RegisterQueries.thing(ID(rawValue: subject.id), tx)
            (entry.place, entry.point, entry.upkeep) = (thing?.place, thing?.point, thing?.upkeepUnit)
        }
        guard entry.point == nil, let place = try entry.place.flatMap({ try PlacesStore.find($0, tx) }),
            let latitude = place.latitude, let longitude = place.longitude
        else { return }
        entry.point = GeoPoint(longitude: longitude, latitude: latitude)
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
                typed, door, tie: draft.tie, relation: draft.relation, since: draft.since, source: "api",
                replacesHead: draft.replacesHead, isChecked: draft.isChecked, context, database, settings)
            return RegisterSubject(.person, id)
        case .dwelling:
            guard let place = draft.place else { throw missing("place") }
            let id = try await RegisterCommands.enterDwelling(
                typed, in: place, source: "api", context, database, settings)
            return RegisterSubject(.dwelling, id)
        case .organization:
            let division = try RegistersRoutes.division(draft.division, context.actor)
            let (id, _) = try await RegisterCommands.enterOrganization(
                typed, in: draft.place, dwelling: draft.dwelling, division: division, source: "api", context, database,
                settings)
            return RegisterSubject(.organization, id)
        case .thing:
            let division = try RegistersRoutes.division(draft.division, context.actor)
            let id = try await RegisterCommands.enterThing(
                typed, in: draft.place, division: division, source: "api", context, database, settings)
            return RegisterSubject(.thing, id)
        case .household: throw missing("kind")
        }
    }

    static func missing(_ name: String) -> LinliError {
        LinliError.invalid("registers.spot", [.init(name, Text("请说明登记在哪里", "Please say where it is entered"))])
    }
}
