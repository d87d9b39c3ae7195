import LinliCore
import LinliKernel

/// The register of units for programs of administrators: what the pages can do, by the same commands.
enum UnitsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/units", id: "listRegisteredUnits", "Units within your divisions",
            access: .permission(.registersRead), query: UnitSchemas.query, body: .nothing, reply: UnitSchemas.list,
            list
        ),
        .api(
            .post, "/api/v1/admin/units", id: "addUnit", "Add a unit", access: .permission(.registersManage),
            body: UnitSchemas.draft, reply: UnitSchemas.unit, status: 201
        ) { draft, request, services in
            try await find(try await UnitsCommands(services).add(draft, request.context), request, services)
        },
        .api(
            .get, "/api/v1/admin/units/:id", id: "getUnit", "One unit and what hangs on it",
            access: .permission(.registersRead), body: .nothing, reply: UnitSchemas.unit
        ) { _, request, services in
            try await find(try request.id(), request, services)
        },
        .api(
            .put, "/api/v1/admin/units/:id", id: "changeUnit", "Change what a unit is",
            access: .permission(.registersManage), body: UnitSchemas.draft, reply: UnitSchemas.unit
        ) { draft, request, services in
            try await perform(request, services) { try await $0.change($1, draft, request.context) }
        },
        .api(
            .put, "/api/v1/admin/units/:id/services/:division", id: "addService",
            "Say that a unit serves a division too",
            access: .permission(.registersManage), parameters: [UnitSchemas.division], body: .nothing,
            reply: UnitSchemas.unit
        ) { _, request, services in
            try await perform(request, services) { try await $0.serve($1, division(request), request.context) }
        },
        .api(
            .delete, "/api/v1/admin/units/:id/services/:division", id: "endService",
            "Say that a unit no longer serves a division", access: .permission(.registersManage),
            parameters: [UnitSchemas.division], body: .nothing, reply: UnitSchemas.unit
        ) { _, request, services in
            guard let division = division(request) else { throw LinliError.notFound("units.service") }
            return try await perform(request, services) { try await $0.unserve($1, division, request.context) }
        },
        .api(
            .post, "/api/v1/admin/units/:id/close", id: "closeUnit",
            "Close a unit that has no open cases and manages no places", access: .permission(.registersManage),
            body: .nothing, reply: UnitSchemas.unit
        ) { _, request, services in
            try await perform(request, services) { try await $0.close($1, request.context) }
        },
    ]

    private static func division(_ request: Request) -> DivisionCode? {
        request.parameters["division"].flatMap { DivisionCode($0) }
    }

    private static func list(_: Nothing, _ request: Request, _ services: Services) async throws -> UnitSchemas.Page {
        let divisions = request.context.actor.scope(for: .registersRead).divisions
        let search = UnitsAdminStore.Search(request.query)
        let found = try await services.database.read { try UnitsAdminStore.list(search, in: divisions, $0) }
        let page = Array(found.prefix(search.limit))
        return .init(units: page, next: found.count > search.limit ? page.last?.unit.id : nil)
    }

    private static func find(
        _ id: ID<Unit>, _ request: Request, _ services: Services
    ) async throws -> UnitSchemas.Registered? {
        let context = request.context
        return try await services.database.read { tx in
            .init(
                unit: try UnitsAdminStore.readable(id, context.actor, tx),
                ties: try UnitsAdminStore.ties(
                    of: id, apartFrom: context.actor.scope.interests, at: context.now, tx)
            )
        }
    }

    private static func perform(
        _ request: Request, _ services: Services, _ command: (UnitsCommands, ID<Unit>) async throws -> Void
    ) async throws -> UnitSchemas.Registered? {
        let id: ID<Unit> = try request.id()
        try await command(UnitsCommands(services), id)
        return try await find(id, request, services)
    }
}

/// The JSON objects of `UnitsAPI`.
enum UnitSchemas {
    /// A page of a list.
    struct Page: Sendable {
        var units: [UnitsAdminStore.Entry]
        var next: ID<Unit>?
    }

    /// A unit and what hangs on it.
    struct Registered: Sendable {
        var unit: UnitSummary
        var ties: UnitsAdminStore.Ties
    }

    static let division = SchemaProperty("division", .shaped(.division), required: true, "6, 9, 12 or 15 digits")

    static let query = [
        SchemaProperty("q", .text(limit: 40), "A part of the name"),
        SchemaProperty("kind", .choice(UnitKind.allCases.map(\.rawValue)), "Only units of this kind"),
        SchemaProperty("status", .choice(["open", "closed"]), "open by default"),
        SchemaProperty("after", .id, "`next` of the page before"),
    ]

    private static let properties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("kind", .choice(UnitKind.allCases.map(\.rawValue)), required: true, "Kind"),
        SchemaProperty("name", .text(limit: 80), required: true, "Name in Chinese"),
        SchemaProperty("nameEn", .text(limit: 120), required: true, "Name in English"),
        SchemaProperty("division", .text(limit: 15), required: true, "Where it belongs, 15 digits"),
        SchemaProperty("phone", .text(limit: 40), required: true, "The duty phone it publishes"),
        SchemaProperty("closedAt", .moment, "When it was closed"),
        SchemaProperty("people", .integer(0...1_000_000), required: true, "Accounts that work for it"),
    ]

    private static func object(_ unit: UnitSummary, _ closedAt: Instant?, _ people: Int) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(unit.id)"), "kind": .text(unit.kind.rawValue), "name": .text(unit.name.zh),
            "nameEn": .text(unit.name.en), "division": .text("\(unit.division)"), "phone": .text(unit.phone),
            "people": .int(Int64(people)),
        ]
        json["closedAt"] = closedAt.map { .text($0.iso8601) }
        return json
    }

    static let list = Schema<Page>(
        "RegisteredUnitList",
        [
            SchemaProperty("units", .list(.object(properties), limit: 50), required: true, "Units"),
            SchemaProperty("next", .id, "`after` of the next page; missing on the last one"),
        ],
        decode: { _ in Page(units: []) },
        encode: { page in
            let units = page.units.map { JSONValue.object(object($0.unit, $0.closedAt, $0.people)) }
            var json: [String: JSONValue] = ["units": .array(units)]
            json["next"] = page.next.map { .text("\($0)") }
            return json
        }
    )

    static let unit = Schema<Registered?>(
        "RegisteredUnit",
        properties + [
            SchemaProperty("openCases", .integer(0...1000), required: true, "Open cases it has, up to 1,000"),
            SchemaProperty("places", .integer(0...1000), required: true, "Places it manages, up to 1,000"),
            SchemaProperty(
                "serves", .list(.text(limit: 15), limit: 10_000), required: true, "Divisions it serves, 15 digits"),
        ],
        decode: { _ in nil },
        encode: { registered in
            guard let registered else { return [:] }
            let ties = registered.ties
            var json = object(registered.unit, ties.closedAt, ties.people)
            json["openCases"] = .int(Int64(ties.openCases))
            json["places"] = .int(Int64(ties.places))
            json["serves"] = .array(ties.serves.map { .text("\($0)") })
            return json
        }
    )

    static let draft = Schema<UnitsCommands.Draft>(
        "UnitDraft",
        [
            SchemaProperty("kind", .choice(UnitKind.allCases.map(\.rawValue)), required: true, "Kind"),
            SchemaProperty("name", .text(limit: 80), required: true, "Name in Chinese"),
            SchemaProperty("nameEn", .text(limit: 120), "Name in English; the Chinese one by default"),
            SchemaProperty("division", .shaped(.division), required: true, "Where it belongs"),
            SchemaProperty("phone", .text(limit: 40), "The duty phone it publishes"),
        ],
        decode: { json in
            UnitsCommands.Draft(
                kind: UnitKind(rawValue: json.text("kind")), name: json.text("name").trimmed,
                englishName: json.text("nameEn").trimmed, division: DivisionCode(json.text("division")),
                phone: json.text("phone").trimmed
            )
        },
        encode: { _ in [:] }
    )
}
