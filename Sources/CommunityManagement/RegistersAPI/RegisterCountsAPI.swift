import LinliCore
import LinliKernel

/// The head-counts of the registers' overview, for programs.
enum RegisterCountsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/register-counts", id: "countEntries",
            "How many people, households, dwellings, organizations and things a division has, and what lies inside it",
            access: .permission(.peopleRead), query: [APIPages.division], body: .nothing, reply: counts
        ) { _, request, services in
            let division = try APIPages.division(request, .peopleRead)
            let now = request.context.now
            return try await services.database.read { tx in
                let children =
                    division.level == .grid
                    ? [] : try DivisionsStore.children(of: division, at: now, tx).map(\.code)
                return Answer(
                    division: division, children: children,
                    totals: try RegisterCounts.totals(of: [division] + children, tx))
            }
        }
    ]

    /// Counts of a division and of those one level below.
    private struct Answer: Sendable {
        var division: DivisionCode
        var children: [DivisionCode]
        var totals: [DivisionCode: [RegisterKind: Int]]
    }

    private static let kinds = RegisterKind.allCases.map { kind in
        SchemaProperty(kind.rawValue, .integer(0...Int64.max), required: true, kind.name.en)
    }
    private static let counted =
        [SchemaProperty("division", .text(limit: 15), required: true, "15 digits")] + kinds

    private static let counts = Schema<Answer?>(
        "EntryCounts",
        counted + [
            SchemaProperty("parts", .list(.object(counted), limit: 2000), required: true, "What lies directly inside")
        ],
        decode: { _ in nil },
        encode: { answer in
            guard let answer else { return [:] }
            func json(_ code: DivisionCode) -> [String: JSONValue] {
                var json: [String: JSONValue] = ["division": .text("\(code)")]
                for kind in RegisterKind.allCases { json[kind.rawValue] = .int(Int64(answer.totals[code]?[kind] ?? 0)) }
                return json
            }
            var whole = json(answer.division)
            whole["parts"] = .array(answer.children.map { .object(json($0)) })
            return whole
        })
}
