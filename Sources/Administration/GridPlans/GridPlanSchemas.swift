import LinliCore
import LinliKernel
import LinliStandards

/// The JSON objects of `GridPlansAPI`.
enum GridPlanSchemas {
    /// A plan, what is wrong with it, and how far what lies in it has moved.
    struct Shown: Sendable {
        var plan: GridPlan
        var check: GridPlanCheck
        var progress: [GridMoveProgress]
    }

    /// Grids somebody drew.
    struct Sketch: Sendable {
        var text: String
        var datum: GeoDatum
        var version: Int
    }

    /// A change of a draft, as a form says it.
    struct Edit: Sendable {
        var form: Form
        var version: Int

        /// - Throws: `.invalid` naming what is missing.
        func edit(_ community: DivisionCode) throws -> GridSketchEdit {
            guard let edit = try GridEditForm.edit(form, community) else {
                throw LinliError.invalid(
                    "gridPlans.change", [.init("line", Text("请给出一个点", "Please give a point"))])
            }
            return edit
        }
    }

    /// From when on a plan holds, and why.
    struct Publication: Sendable {
        var day: CivilDate?
        var reason: String
    }

    static let community = Schema<DivisionCode>(
        "GridPlanCommunity",
        [SchemaProperty("under", .shaped(.division), required: true, "The community")],
        decode: { json in
            guard let code = DivisionCode(json.text("under"))?.ancestor(at: .community), code.level == .community
            else { throw LinliError.notFound("gridPlans.community") }
            return code
        },
        encode: { _ in [:] })

    private static let version = SchemaProperty(
        "version", .integer(1...Int64(Int32.max)), required: true, "The version you saw")

    static let sketch = Schema<Sketch>(
        "GridPlanSketch",
        [
            SchemaProperty(
                "geojson", .text(limit: GridSketch.maximumBytes), required: true,
                "A FeatureCollection as text: each grid says its `number` or `code`, and its `name`; the border of the "
                    + "community says `\"territory\": true`"),
            SchemaProperty(
                "datum", .choice(GeoDatum.allCases.map(\.rawValue)),
                "The coordinates of the text; wgs84, which is kept, when it is left out"),
            version,
        ],
        decode: { json in
            Sketch(
                text: json.text("geojson"), datum: GeoDatum(rawValue: json.text("datum")) ?? .wgs84,
                version: Int(json.integer("version") ?? 0))
        },
        encode: { _ in [:] })

    static let edit = Schema<Edit>(
        "GridPlanChange",
        [
            SchemaProperty(
                "do", .choice(["split", "merge", "add", "fill", "snap", "remove"]), required: true, "What to do"),
            SchemaProperty("grid", .integer(1...999), "The number of the grid to cut, give away or take away"),
            SchemaProperty("other", .integer(1...999), "The number of the grid that takes it over"),
            SchemaProperty(
                "line", .text(limit: 20_000),
                "Longitudes and latitudes in degrees, a point a line: where to cut, the new border, or a point in the gap"
            ),
            version,
        ],
        decode: { json in
            var fields: [(name: String, value: String)] = [("op", json.text("do")), ("line", json.text("line"))]
            for name in ["grid", "other"] {
                if let number = json.integer(name) { fields.append((name, "\(number)")) }
            }
            return Edit(form: Form(fields), version: Int(json.integer("version") ?? 0))
        },
        encode: { _ in [:] })

    static let publication = Schema<Publication>(
        "GridPlanPublication",
        [
            SchemaProperty(
                "day", .shaped(.day), required: true, "From when on its grids hold: today to a year from now"),
            SchemaProperty("reason", .text(limit: 200), required: true, "Why the grids change"),
        ],
        decode: { Publication(day: CivilDate($0.text("day")), reason: $0.text("reason")) }, encode: { _ in [:] })

    // MARK: Replies

    static let list = Schema<[GridPlan]>(
        "GridPlanList",
        [SchemaProperty("plans", .list(.object(planProperties), limit: 100), required: true, "The newest first")],
        decode: { _ in [] }, encode: { ["plans": .array($0.map { .object(json($0)) })] })

    static let plan = Schema<Shown?>(
        "GridPlan",
        planProperties + checkProperties + [
            SchemaProperty(
                "moving",
                .list(
                    .object([
                        SchemaProperty("kind", .text(limit: 20), required: true, "place, home or case"),
                        SchemaProperty(
                            "moved", .integer(0...Int64.max), required: true, "How many lie in another grid now"),
                        SchemaProperty("done", .flag, required: true, "Whether there are no more"),
                    ]), limit: 10), required: true, "How far what lies in the grids has followed them")
        ],
        decode: { _ in nil },
        encode: { shown in
            guard let shown else { return [:] }
            var object = json(shown.plan).merging(json(shown.check)) { first, _ in first }
            object["moving"] = .array(
                shown.progress.map { step in
                    .object([
                        "kind": .text(step.kind), "moved": .int(Int64(step.moved)), "done": .flag(step.isDone),
                    ])
                })
            return object
        })

    static let check = Schema<GridPlanCheck?>(
        "GridPlanCheck", checkProperties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    private static let planProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("community", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("state", .choice(["draft", "published"]), required: true, "What has become of it"),
        SchemaProperty(
            "number", .integer(0...Int64(Int32.max)), required: true,
            "1 for the first one published there; 0 for a draft"),
        SchemaProperty("version", .integer(1...Int64(Int32.max)), required: true, "Grows with every change"),
        SchemaProperty("changedAt", .moment, required: true, "When it was changed last"),
        SchemaProperty("changedBy", .text(limit: 60), "By whom"),
        SchemaProperty("reason", .text(limit: 400), required: true, "Why it was published"),
        SchemaProperty("holdsFrom", .moment, "From when on its grids hold"),
        SchemaProperty("publishedAt", .moment, "When it was published"),
        SchemaProperty("publishedBy", .text(limit: 60), "By whom"),
    ]

    private static let checkProperties = [
        SchemaProperty("good", .flag, required: true, "Whether it may be published"),
        SchemaProperty(
            "covered", .flag, required: true, "Whether every place of the community lies in just one of its grids"),
        SchemaProperty(
            "remarks",
            .list(
                .object([
                    SchemaProperty("text", .text(limit: 1000), required: true, "In Chinese"),
                    SchemaProperty("english", .text(limit: 1000), required: true, "In English"),
                    SchemaProperty("bad", .flag, required: true, "Whether it keeps the plan from being published"),
                    SchemaProperty("longitude", .number(-180...180), "Where to look"),
                    SchemaProperty("latitude", .number(-90...90), "Where to look"),
                ]), limit: 10_000), required: true, "What is wrong, and what to look at"),
        SchemaProperty(
            "households", .map(.integer(0...Int64.max), limit: 999), required: true,
            "How many households each grid has, by code, where the register knows"),
    ]

    private static func json(_ plan: GridPlan) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(plan.id)"), "community": .text("\(plan.community)"), "state": .text(plan.state.rawValue),
            "number": .int(Int64(plan.number)), "version": .int(Int64(plan.version)),
            "changedAt": .text(plan.changedAt.iso8601), "reason": .text(plan.reason),
        ]
        json["changedBy"] = plan.changedBy.map { .text($0) }
        json["holdsFrom"] = plan.effectiveAt.map { .text($0.iso8601) }
        json["publishedAt"] = plan.publishedAt.map { .text($0.iso8601) }
        json["publishedBy"] = plan.publishedBy.map { .text($0) }
        return json
    }

    private static func json(_ check: GridPlanCheck) -> [String: JSONValue] {
        let remarks = check.remarks.map { remark -> JSONValue in
            var json: [String: JSONValue] = [
                "text": .text(remark.text.zh), "english": .text(remark.text.en), "bad": .flag(remark.isBad),
            ]
            json["longitude"] = remark.point.map { .real($0.longitude) }
            json["latitude"] = remark.point.map { .real($0.latitude) }
            return .object(json)
        }
        let households = check.households.map { ("\($0.key)", JSONValue.int(Int64($0.value))) }
        return [
            "good": .flag(check.isGood), "covered": .flag(check.isCovered), "remarks": .array(remarks),
            "households": .object(Dictionary(households, uniquingKeysWith: { first, _ in first })),
        ]
    }
}
