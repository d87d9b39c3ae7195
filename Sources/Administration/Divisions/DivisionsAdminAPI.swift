import LinliCore
import LinliKernel

/// Communities and grids for programs of administrators: what the page can do, by the same commands.
enum DivisionsAdminAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/divisions/:code", id: "getDivision",
            "A division of your own, what lies inside, and what still carries its code",
            access: .permission(.divisionsManage), parameters: [code], body: .nothing, reply: reply
        ) { _, request, services in
            try await node(try DivisionsRoutes.code(request), request, services)
        },
        .api(
            .post, "/api/v1/admin/divisions/:code/children", id: "addDivision",
            "Add a community to a street, or a grid to a community", access: .permission(.divisionsManage),
            parameters: [code], body: draft, reply: reply, status: 201
        ) { body, request, services in
            let added = try await DivisionsCommands(services).add(
                body.name, number: body.number, isOfficial: body.isOfficial, under: try DivisionsRoutes.code(request),
                request.context
            )
            return try await node(added, request, services)
        },
        .api(
            .put, "/api/v1/admin/divisions/:code", id: "renameDivision",
            "Give a community or grid another name; the old one stays as history",
            access: .permission(.divisionsManage), parameters: [code], body: name, reply: reply
        ) { name, request, services in
            let code = try DivisionsRoutes.code(request)
            try await DivisionsCommands(services).rename(code, to: name, request.context)
            return try await node(code, request, services)
        },
        .api(
            .post, "/api/v1/admin/divisions/:code/end", id: "endDivision",
            "End a community or grid, which another of the same level takes over",
            access: .permission(.divisionsManage), parameters: [code], body: successor, reply: reply
        ) { successor, request, services in
            let code = try DivisionsRoutes.code(request)
            try await DivisionsCommands(services).end(code, successor: successor, request.context)
            return try await node(successor ?? code, request, services)
        },
    ]

    /// A division and what an administrator wants to know of it.
    struct Node: Sendable {
        var division: Division
        var children: [Division]
        var nextNumber: Int?
        var inUse: (cases: Int, duties: Int)
    }

    /// A new division.
    struct Draft: Sendable {
        var name: String
        var number: Int?
        var isOfficial: Bool
    }

    private static func node(_ code: DivisionCode, _ request: Request, _ services: Services) async throws -> Node? {
        guard request.context.actor.may(.divisionsManage, in: code) else {
            throw LinliError.notFound("divisions.unknown")
        }
        let now = request.context.now
        return try await services.database.read { tx in
            guard let division = try DivisionsStore.find(code, at: now, tx) else {
                throw LinliError.notFound("divisions.unknown")
            }
            return Node(
                division: division,
                children: try DivisionsStore.children(of: code, at: now, tx),
                nextNumber: try DivisionsAdminStore.nextNumber(under: code, tx),
                inUse: try DivisionsAdminStore.inUse(
                    code, apartFrom: request.context.actor.scope.interests, at: now, tx)
            )
        }
    }

    private static let code = SchemaProperty("code", .shaped(.division), required: true, "6, 9, 12 or 15 digits")

    private static let reply = Schema<Node?>(
        "DivisionNode",
        DivisionSchemas.properties + [
            SchemaProperty(
                "children", .list(.object(DivisionSchemas.properties), limit: 1000), required: true,
                "Divisions directly inside"),
            SchemaProperty("nextNumber", .integer(1...999), "The next free number inside; missing when none is left"),
            SchemaProperty("openCases", .integer(0...1000), required: true, "Open cases there, up to 1,000"),
            SchemaProperty("duties", .integer(0...1_000_000), required: true, "Duties held over it"),
        ],
        decode: { _ in nil },
        encode: { node in
            guard let node else { return [:] }
            var json = DivisionSchemas.object(node.division)
            json["children"] = .array(node.children.map { .object(DivisionSchemas.object($0)) })
            json["nextNumber"] = node.nextNumber.map { .int(Int64($0)) }
            json["openCases"] = .int(Int64(node.inUse.cases))
            json["duties"] = .int(Int64(node.inUse.duties))
            return json
        }
    )

    private static let draft = Schema<Draft>(
        "DivisionDraft",
        [
            SchemaProperty("name", .text(limit: 30), required: true, "Name"),
            SchemaProperty("number", .integer(1...999), required: true, "Its three digits within the wider division"),
            SchemaProperty("official", .flag, "Whether the code is official; false by default"),
        ],
        decode: { json in
            Draft(
                name: json.text("name").trimmed, number: json.integer("number").map { Int($0) },
                isOfficial: json.flag("official")
            )
        },
        encode: { _ in [:] }
    )

    private static let name = Schema<String>(
        "DivisionName", [SchemaProperty("name", .text(limit: 30), required: true, "Name")],
        decode: { $0.text("name").trimmed }, encode: { _ in [:] }
    )

    private static let successor = Schema<DivisionCode?>(
        "DivisionSuccessor",
        [SchemaProperty("successor", .shaped(.division), required: true, "The one that takes over")],
        decode: { DivisionCode($0.text("successor")) }, encode: { _ in [:] }
    )
}
