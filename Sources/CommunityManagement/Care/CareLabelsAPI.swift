import LinliCore
import LinliKernel

/// The tree of labels with counts for programs.
enum CareLabelsAPI {
    /// The tree of a place.
    struct Tree: Sendable {
        var rows: [CareLabelCount]
        var size: GroupSize
    }

    static let all: [Route] = [
        .api(
            .get, "/api/v1/care/labels", id: "listCareLabels",
            "The tree of labels with how many people of a place have each; who has one below counts above, once",
            access: .permission(.labelsCounts), query: [APIPages.division], body: .nothing, reply: tree
        ) { _, request, services in
            let area = try APIPages.division(request, .labelsCounts)
            let rows = try await CareLabelsRoutes.counts(in: area, request.context, services)
            return Tree(rows: rows, size: GroupSize(services.registers, for: request.context.actor, in: area))
        }
    ]

    /// Only those with a label, or one below it.
    static let label = SchemaProperty("label", .text(limit: 40), "Only who has this label or one below it")

    private static let tree = Schema<Tree?>(
        "CareLabels",
        [
            SchemaProperty(
                "labels",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 40), required: true, "Identifier"),
                        .name("name", "What people call it"), .name("group", "Under which heading"),
                        SchemaProperty("parent", .text(limit: 40), "What it stands directly below"),
                        SchemaProperty("depth", .integer(0...10), required: true, "0 at the top"),
                        SchemaProperty(
                            "class", .choice(["basic", "sensitive", "special"]), required: true,
                            "How closely it is kept: as the closest below it"),
                        SchemaProperty("care", .flag, required: true, "Whether who has it stands on the care list"),
                        SchemaProperty(
                            "people", .integer(0...Int64.max),
                            "How many; missing: not told, it or one below it is too small"),
                    ]), limit: 1000), required: true, "Each followed by those below it")
        ],
        decode: { _ in nil },
        encode: { tree in
            guard let tree else { return [:] }
            return ["labels": .array(tree.rows.map { .object(json($0, tree.size)) })]
        })

    private static func json(_ row: CareLabelCount, _ size: GroupSize) -> [String: JSONValue] {
        let label = row.label
        var json: [String: JSONValue] = [
            "id": .text(label.id), "name": .name(label.name), "group": .name(label.group),
            "depth": .int(Int64(label.above.count)), "class": .text(label.fieldClass.rawValue),
            "care": .flag(label.isCare),
        ]
        json["parent"] = label.parent.map { .text($0) }
        json["people"] = row.shown(size).map { .int(Int64($0)) }
        return json
    }
}
