import LinliCore
import LinliKernel

/// How many cases the tabs of the pages hold: one's own, and those of the desk.
enum CountsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/case-counts", id: "countCases",
            "How many cases each tab holds: of what you told yourself, for staff of the desk, and for who looks after a city of "
                + "each of its districts", body: .nothing, reply: counts
        ) { _, request, services in
            let (actor, now, queries) = (request.context.actor, request.context.now, services.queries)
            let scope = actor.may(.casesRead) ? actor.scope(for: .casesRead) : nil
            return try await services.database.read { tx in
                Counts(
                    mine: try actor.account.map { try queries.mineCounts(of: $0, tx) } ?? [:],
                    desk: try scope.map { scope in
                        DeskTabs(
                            filter: CaseFilter(), counts: try DeskStore.counts(scope, at: now, tx), types: queries.types
                        )
                    },
                    districts: try scope.map { try DeskStore.districts($0, queries.types, at: now, tx) } ?? [])
            }
        }
    ]

    /// What the tabs hold.
    struct Counts: Sendable {
        var mine: [MyCaseTab: Int]
        var desk: DeskTabs?
        var districts: [DeskStore.AreaCount] = []
    }

    private static let range = SchemaKind.integer(0...Int64(Int32.max))

    private static let counts = Schema<Counts>(
        "CaseCounts",
        [
            SchemaProperty(
                "mine",
                .object(MyCaseTab.allCases.map { SchemaProperty($0.rawValue, range, required: true, "The tab") }),
                required: true, "What you told yourself, as `mine` of listCases takes it"),
            SchemaProperty(
                "desk",
                .object(
                    CaseFilter.Tab.allCases.map { tab in
                        SchemaProperty(
                            tab.rawValue, range, required: true, tab.isCut ? "At most 1000 are counted" : "The tab")
                    }),
                "The tabs of the desk, as `tab` of listCases takes them; for who may read cases"),
            SchemaProperty(
                "districts",
                .list(
                    .object([
                        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
                        SchemaProperty("open", range, required: true, "Open cases"),
                        SchemaProperty("late", range, required: true, "Overdue ones, at most 1000 are counted"),
                    ]), limit: 100), required: true, "None for who looks after less than a city"),
        ],
        decode: { _ in Counts(mine: [:], desk: nil) },
        encode: { counts in
            let mine = MyCaseTab.allCases.map { ($0.rawValue, JSONValue.int(Int64(counts.mine[$0, default: 0]))) }
            var json: [String: JSONValue] = ["mine": .object(Dictionary(uniqueKeysWithValues: mine))]
            json["desk"] = counts.desk.map { tabs in
                let rows = CaseFilter.Tab.allCases.map { ($0.rawValue, JSONValue.int(Int64(tabs.count($0)))) }
                return .object(Dictionary(uniqueKeysWithValues: rows))
            }
            json["districts"] = .array(
                counts.districts.map { area in
                    .object([
                        "division": .text("\(area.division)"), "open": .int(Int64(area.open)),
                        "late": .int(Int64(area.late)),
                    ])
                })
            return json
        }
    )
}
