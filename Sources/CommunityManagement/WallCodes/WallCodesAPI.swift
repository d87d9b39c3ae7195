import LinliCore
import LinliKernel

/// Codes on walls for programs: what the pages can do, by the same commands.
enum WallCodesAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/wall-codes", id: "listWallCodes", "Codes within your divisions, the newest first",
            access: .permission(.casesReport), body: .nothing, reply: list
        ) { _, request, services in
            let scope = request.context.actor.scope(for: .casesReport)
            let codes = try await services.database.read { try WallCodesStore.list(scope, $0) }
            return codes.map { Shown(code: $0, origin: request.origin) }
        },
        .api(
            .post, "/api/v1/wall-codes", id: "addWallCode",
            "Make a code for a place; `link` is what its QR code says", access: .permission(.casesReport), body: draft,
            reply: code, status: 201
        ) { body, request, services in
            let id = try await WallCodesCommands(database: services.database).make(
                body.place, note: body.note, request.context
            )
            let made = try await services.database.read { try WallCodesStore.find(id, $0) }
            return made.map { Shown(code: $0, origin: request.origin) }
        },
        .api(
            .delete, "/api/v1/wall-codes/:id", id: "revokeWallCode",
            "Revoke a code: whoever scans it reads that it does not hold any more", access: .permission(.casesReport),
            body: .nothing, reply: .nothing
        ) { _, request, services in
            try await WallCodesCommands(database: services.database).revoke(try request.id(), request.context)
            return Nothing()
        },
    ]

    /// A code as a program reads it.
    struct Shown: Sendable {
        let code: WallCode
        let origin: String
    }

    /// A code to make.
    struct Draft: Sendable {
        var place: ID<Place>?
        var note: String
    }

    private static let properties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("link", .text(limit: 200), required: true, "What the QR code says"),
        SchemaProperty("place", .id, required: true, "The place"),
        SchemaProperty("address", .text(limit: 160), required: true, "Its address"),
        SchemaProperty("division", .shaped(.division), required: true, "Where it lies"),
        SchemaProperty("note", .text(limit: 60), required: true, "Where exactly it hangs"),
        SchemaProperty("createdAt", .moment, required: true, "When it was made"),
        SchemaProperty("revokedAt", .moment, "When it was revoked"),
        SchemaProperty("placeEndedAt", .moment, "Since when its place is there no more: please take the code down"),
    ]

    private static let code = Schema<Shown?>(
        "WallCode", properties, decode: { _ in nil }, encode: { $0.map(object) ?? [:] }
    )

    private static let list = Schema<[Shown]>(
        "WallCodeList",
        [SchemaProperty("codes", .list(.object(properties), limit: WallCodesStore.limit), required: true, "Codes")],
        decode: { _ in [] }, encode: { codes in ["codes": .array(codes.map { .object(object($0)) })] }
    )

    private static func object(_ shown: Shown) -> [String: JSONValue] {
        let code = shown.code
        var json: [String: JSONValue] = [
            "id": .text("\(code.id)"), "link": .text(shown.origin + code.path), "place": .text("\(code.place)"),
            "address": .text(code.address), "division": .text(code.division.short), "note": .text(code.note),
            "createdAt": .text(code.createdAt.iso8601),
        ]
        json["revokedAt"] = code.revokedAt.map { .text($0.iso8601) }
        json["placeEndedAt"] = code.gone.map { .text($0.at.iso8601) }
        return json
    }

    private static let draft = Schema<Draft>(
        "WallCodeDraft",
        [
            SchemaProperty("place", .id, required: true, "A place of yours"),
            SchemaProperty("note", .text(limit: 40), "Where exactly it hangs"),
        ],
        decode: { Draft(place: $0.id("place"), note: $0.text("note")) }, encode: { _ in [:] }
    )
}
