import LinliCore
import LinliKernel
import LinliStandards

/// Borders of grids for programs of administrators: what the page can do, by the same commands. They are read from
/// `grids.geojson`.
enum GridBordersAPI {
    static let all: [Route] = [
        .api(
            .post, "/api/v1/admin/grid-trial", id: "tryBorders",
            "What a GeoJSON of borders would change, and what is wrong with it; changes nothing",
            access: .permission(.registersManage), body: borders, reply: reply
        ) { body, request, services in
            try await look(body, request, services)
        },
        .api(
            .post, "/api/v1/admin/grids", id: "putBorders",
            "Put the borders of a GeoJSON in place of those its grids had", access: .permission(.registersManage),
            body: borders, reply: reply,
            recover: { body, request, services in .some(try await look(body, request, services)) }
        ) { body, request, services in
            let looked = try await look(body, request, services)
            _ = try await GridBordersCommands(services).put(body.text, body.datum, at: body.community, request.context)
            return looked
        },
        .api(
            .delete, "/api/v1/admin/grids/:code", id: "removeBorder", "Forget the border of a grid",
            access: .permission(.registersManage),
            parameters: [SchemaProperty("code", .shaped(.division), required: true, "The grid, 15 digits")],
            body: .nothing, reply: .nothing
        ) { _, request, services in
            guard let code = request.parameters["code"].flatMap({ DivisionCode($0) }) else {
                throw LinliError.notFound("grids.code")
            }
            try await GridBordersCommands(services).remove(code, request.context)
            return Nothing()
        },
    ]

    /// Borders and the community they lie in.
    struct Borders: Sendable {
        var community: DivisionCode
        var text: String
        var datum: GeoDatum
    }

    /// What a file of borders would do.
    struct Look: Sendable {
        var grids: [DivisionCode]
        var check: GridBorderCheck
    }

    private static func look(_ body: Borders, _ request: Request, _ services: Services) async throws -> Look? {
        let (file, check) = try await GridBordersCommands(services).look(
            body.text, body.datum, at: body.community, request.context
        )
        return Look(grids: file.areas.map(\.division), check: check)
    }

    private static let borders = Schema<Borders>(
        "GridBorders",
        [
            SchemaProperty("under", .shaped(.division), required: true, "The community the grids lie in"),
            SchemaProperty(
                "geojson", .text(limit: GridBorderFile.maximumBytes), required: true,
                "A FeatureCollection as text; each feature says its grid by `code`, `number` or `name`"),
            SchemaProperty(
                "datum", .choice(GeoDatum.allCases.map(\.rawValue)),
                "The coordinates of the text; wgs84, which is kept, when it is left out"),
        ],
        decode: { json in
            let code = DivisionCode(json.text("under"))?.ancestor(at: .community)
            guard let code, code.level == .community else { throw LinliError.notFound("grids.community") }
            return Borders(
                community: code, text: json.text("geojson"), datum: GeoDatum(rawValue: json.text("datum")) ?? .wgs84)
        },
        encode: { _ in [:] }
    )

    private static let reply = Schema<Look?>(
        "GridBordersLook",
        [
            SchemaProperty("grids", .list(.text(limit: 15), limit: 1000), required: true, "Grids that get a border"),
            SchemaProperty("good", .flag, required: true, "Whether they may hold"),
            SchemaProperty("gap", .integer(0...Int64.max), required: true, "Square metres between that lie in none"),
            SchemaProperty(
                "lost", .integer(0...Int64.max), required: true,
                "Square metres these grids have now that would lie in none: a warning, they may hold all the same"),
            SchemaProperty(
                "overlaps",
                .list(
                    .object([
                        SchemaProperty("first", .text(limit: 120), required: true, "A grid"),
                        SchemaProperty("second", .text(limit: 2000), required: true, "The other, or the others"),
                        SchemaProperty("squareMetres", .integer(0...Int64.max), required: true, "In common"),
                    ]),
                    limit: 10_000
                ),
                required: true, "What belongs to two"
            ),
            SchemaProperty(
                "crossings", .list(.text(limit: 80), limit: 1000), required: true, "Grids whose border crosses itself"),
        ],
        decode: { _ in nil },
        encode: { look in
            guard let look else { return [:] }
            let overlaps = look.check.overlaps.map { overlap -> JSONValue in
                .object([
                    "first": .text(overlap.names.first ?? ""),
                    "second": .text(overlap.names.dropFirst().joined(separator: "、")),
                    "squareMetres": .int(Int64(overlap.squareMetres)),
                ])
            }
            return [
                "grids": .array(look.grids.map { .text("\($0)") }), "good": .flag(look.check.isGood),
                "gap": .int(Int64(look.check.gap)), "lost": .int(Int64(look.check.lost)), "overlaps": .array(overlaps),
                "crossings": .array(look.check.crossings.map { .text($0) }),
            ]
        }
    )
}
