import LinliCore
import LinliKernel
import LinliStandards

/// Heads, stewards and volunteers for programs: what the pages can do, by the same commands.
enum GridPeopleAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/grid-people", id: "listGridPeople",
            "Heads, stewards and volunteers of a grid or of the grids of a community, now or later, the oldest first",
            access: .permission(.gridPeopleRead), query: [APIPages.division] + APIPages.query, body: .nothing,
            reply: GridPeopleSchemas.list
        ) { _, request, services in
            let (division, now) = (try APIPages.division(request, .gridPeopleRead), request.context.now)
            let (after, limit): (ID<GridRole>?, Int) = (request.query.id("after"), APIPages.limit(request))
            let rows = try await services.database.read { tx in
                try GridRolesStore.page(of: division, at: now, after: after, limit: limit + 1, tx)
            }
            return APIPage(rows, limit) { "\($0.id)" }
        },
        .api(
            .get, "/api/v1/grid-people/:id", id: "getGridPerson", "One of them, the phone masked",
            access: .permission(.gridPeopleRead), body: .nothing, reply: GridPeopleSchemas.person
        ) { _, request, services in
            try await GridRoleCommands(services.database).find(try request.id(), request.context)
        },
        .api(
            .post, "/api/v1/grid-people", id: "addGridPerson",
            "Add somebody to a grid; an entry of the register and an account with this name and phone are linked",
            access: .permission(.gridPeopleManage), body: GridPeopleSchemas.draft, reply: GridPeopleSchemas.person,
            status: 201
        ) { draft, request, services in
            guard let grid = draft.division else { throw LinliError.notFound("gridRoles.grid") }
            let commands = GridRoleCommands(services.database)
            return try await commands.find(
                try await commands.add(draft.role, to: grid, request.context), request.context)
        },
        .api(
            .delete, "/api/v1/grid-people/:id", id: "endGridPerson", "End somebody's work in a grid; the record stays",
            access: .permission(.gridPeopleManage), body: .nothing, reply: .nothing
        ) { _, request, services in
            let commands = GridRoleCommands(services.database)
            let role = try await commands.find(try request.id(), request.context)
            try await commands.end(role.id, in: role.division, request.context)
            return Nothing()
        },
        .api(
            .post, "/api/v1/grid-people/:id/readings", id: "readGridPersonPhone",
            "Their phone in clear, to call them, on duty; noted first",
            access: .permission(.gridPeopleRead), body: .nothing, reply: GridPeopleSchemas.phone
        ) { _, request, services in
            // What is read is not kept as the reply of a repeated request.
            try await GridRoleCommands(services.database).phone(of: try request.id(), request.context.unmarked).number
        },
    ]
}

/// The JSON objects of `GridPeopleAPI`.
enum GridPeopleSchemas {
    /// Somebody to add, and where.
    struct Draft: Sendable {
        var division: DivisionCode?
        var role: GridRoleDraft
    }

    static let draft = Schema<Draft>(
        "GridPersonDraft",
        [
            SchemaProperty("division", .shaped(.division), required: true, "The grid"),
            SchemaProperty(
                "kind", .choice(GridRoleKind.allCases.map(\.rawValue)), required: true, "What they are to do"),
            SchemaProperty("name", .text(limit: 20), "Who it is; the register says it where `person` is given"),
            SchemaProperty("person", .id, "Their entry in the community's register"),
            SchemaProperty("phone", .text(limit: 20), "Their phone; kept sealed"),
            SchemaProperty("place", .id, "The building or entrance of a steward"),
            SchemaProperty("from", .shaped(.day), "The first day; today by default"),
            SchemaProperty("until", .shaped(.day), "The last day; none by default"),
        ],
        decode: { json in
            var role = GridRoleDraft()
            role.kind = GridRoleKind(rawValue: json.text("kind"))
            role.name = json.text("name")
            role.person = json.id("person")
            role.phone = json.text("phone")
            role.place = json.id("place")
            (role.from, role.until) = (CivilDate(json.text("from")), CivilDate(json.text("until")))
            return Draft(division: DivisionCode(json.text("division")), role: role)
        },
        encode: { _ in [:] })

    private static let properties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("division", .text(limit: 15), required: true, "The grid, 15 digits"),
        SchemaProperty("kind", .choice(GridRoleKind.allCases.map(\.rawValue)), required: true, "What they do"),
        SchemaProperty("name", .text(limit: 30), required: true, "Who it is"),
        SchemaProperty("phone", .text(limit: 40), required: true, "Masked; empty for none"),
        SchemaProperty("place", .id, "The building or entrance of a steward"),
        SchemaProperty("address", .text(limit: 200), required: true, "Its address; empty for none"),
        SchemaProperty("person", .id, "Their entry in the register"),
        SchemaProperty("account", .flag, required: true, "Whether they have an account"),
        SchemaProperty("from", .moment, required: true, "From when"),
        SchemaProperty("until", .moment, "Until when"),
    ]

    private static func json(_ role: GridRole) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(role.id)"), "division": .text("\(role.division)"), "kind": .text(role.kind.rawValue),
            "name": .text(role.name), "phone": .text(role.phoneMask), "address": .text(role.address),
            "account": .flag(role.account != nil), "from": .moment(role.from),
        ]
        json["place"] = role.place.map { .text("\($0)") }
        json["person"] = role.person.map { .text("\($0)") }
        json["until"] = role.until.map { .moment($0) }
        return json
    }

    static let list = APIPage<GridRole>.schema("GridPeople", "people", "The oldest first", properties, json)

    static let person = Schema<GridRole?>(
        "GridPerson", properties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    static let phone = Schema<String>(
        "GridPersonPhone", [SchemaProperty("phone", .text(limit: 20), required: true, "In clear")],
        decode: { $0.text("phone") }, encode: { ["phone": .text($0)] })
}
