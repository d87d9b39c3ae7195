import LinliCore
import LinliKernel
import LinliStandards

/// The JSON objects of `PatrolsAPI`.
enum PatrolSchemas {
    /// A route with its points, and on which of the last seven days it was walked or missed.
    struct Shown: Sendable {
        var route: PatrolRoute
        var points: [PatrolPoint]
        var walked: [CivilDate]
        var missed: [CivilDate]
        var parts: [PatrolPart]

        init(_ route: PatrolRoute, at now: Instant, _ tx: ReadTx) throws {
            self.route = route
            points = try PatrolStore.points(of: route.id, tx)
            let days = try PatrolStore.days(of: route.id, since: now.date.adding(days: -7), tx)
            walked = days.sorted()
            missed = route.missed(walked: days, days: 7, at: now).sorted()
            parts = try PatrolStore.parts(of: route.id, since: now.date.adding(days: -7), tx).values
                .sorted { $0.day < $1.day }
        }
    }

    /// A round with how each point stands.
    struct Round: Sendable {
        var patrol: Patrol
        var points: [(point: PatrolPoint, sign: (at: Instant, isNormal: Bool)?)]

        init(_ patrol: Patrol, _ tx: ReadTx) throws {
            self.patrol = patrol
            let signs = try PatrolStore.signs(of: patrol.id, tx)
            points = try PatrolStore.points(of: patrol.route, tx).map { ($0, signs[$0.id]) }
        }
    }

    /// A sign at a point.
    struct Sign: Sendable {
        var proof: PatrolProof?
        var photos: [ID<StoredFile>]
    }

    /// What somebody found.
    struct Finding: Sendable {
        var proof: PatrolProof?
        var draft: FindingDraft
        var once: String
    }

    // MARK: What comes in

    static let draft = Schema<PatrolRouteDraft>(
        "PatrolRouteDraft",
        [
            SchemaProperty("name", .text(limit: 40), required: true, "What people call it"),
            SchemaProperty("division", .shaped(.division), required: true, "A community or grid of yours"),
            SchemaProperty("from", .integer(0...1439), required: true, "From when, in minutes since midnight"),
            SchemaProperty("until", .integer(1...1440), required: true, "Until when, in minutes since midnight"),
            SchemaProperty(
                "weekdays", .list(.integer(1...7), limit: 7), "Days of the week, 1 for Monday; all by default"),
            SchemaProperty(
                "points", .list(.text(limit: 100), limit: 50), required: true,
                "Points in their order; `*` at the end asks for a photo, `@39.93,116.42` says where it is"),
            SchemaProperty(
                "checklist", .text(limit: 4000),
                "Hazards, one a line, `id | 中文 | English | category | danger`; the usual ones by default"),
        ],
        decode: routeDraft, encode: { _ in [:] })

    /// A change of a route, and of which version.
    struct Change: Sendable {
        var draft: PatrolRouteDraft
        var version: Int
    }

    static let change = Schema<Change>(
        "PatrolRouteChange",
        draft.properties.filter { $0.name != "division" } + [
            SchemaProperty("version", .integer(1...1_000_000), required: true, "Which version you have seen")
        ],
        decode: { Change(draft: routeDraft($0), version: Int($0.integer("version") ?? 0)) }, encode: { _ in [:] })

    private static func routeDraft(_ json: [String: JSONValue]) -> PatrolRouteDraft {
        var draft = PatrolRouteDraft()
        draft.name = json.text("name")
        draft.division = DivisionCode(json.text("division"))
        draft.from = Int(json.integer("from") ?? -1)
        draft.until = Int(json.integer("until") ?? -1)
        if json["weekdays"] != nil {
            draft.weekdays = json.integers("weekdays").sorted().map { "\($0)" }.joined()
        }
        draft.points = json.texts("points").joined(separator: "\n")
        if json["checklist"] != nil { draft.checklist = json.text("checklist") }
        return draft
    }

    static let begin = Schema<ID<PatrolRoute>>(
        "PatrolBegin", [SchemaProperty("route", .id, required: true, "Which route")],
        decode: { $0.id("route") ?? ID(rawValue: 0) }, encode: { _ in [:] })

    private static let places = [
        SchemaProperty("latitude", .number(-90...90), "Where you stand"),
        SchemaProperty("longitude", .number(-180...180), "Where you stand"),
    ]
    private static let proofs =
        [SchemaProperty("code", .text(limit: 200), "The code that hangs at the point; where you stand else")] + places

    private static func point(_ json: [String: JSONValue]) -> GeoPoint? {
        guard let latitude = json.number("latitude"), let longitude = json.number("longitude") else { return nil }
        return GeoPoint(longitude: longitude, latitude: latitude)
    }

    private static func proof(_ json: [String: JSONValue]) -> PatrolProof? {
        json["code"] == nil ? point(json).map { .position($0) } : PatrolProof(scanned: json.text("code"))
    }

    static let sign = Schema<Sign>(
        "PatrolSign",
        proofs + [SchemaProperty("photos", .list(.id, limit: 9), "Files from uploadFile")],
        decode: { Sign(proof: proof($0), photos: $0.ids("photos")) }, encode: { _ in [:] })

    static let finding = Schema<Finding>(
        "PatrolFindingDraft",
        proofs + [
            SchemaProperty("hazard", .text(limit: 40), required: true, "A hazard of the route's checklist"),
            SchemaProperty("text", .text(limit: 400), "What it looks like"),
            SchemaProperty("photos", .list(.id, limit: 9), "Files from uploadFile"),
            SchemaProperty("settledWith", .text(limit: 400), "What was done on the spot"),
            SchemaProperty("photosAfter", .list(.id, limit: 9), "How it looks now; needed with settledWith"),
        ],
        decode: { json in
            var draft = FindingDraft()
            draft.hazard = json.text("hazard")
            draft.text = json.text("text")
            draft.photos = json.ids("photos")
            draft.settledWith = json["settledWith"] == nil ? nil : json.text("settledWith")
            draft.photosAfter = json.ids("photosAfter")
            return Finding(proof: proof(json), draft: draft, once: randomToken())
        },
        encode: { _ in [:] })

    static let position = Schema<GeoPoint?>(
        "PatrolPosition", places.map { SchemaProperty($0.name, $0.kind, required: true, $0.meaning) }, decode: point,
        encode: { _ in [:] })

    static let reason = Schema<String>(
        "PatrolTrackReason",
        [SchemaProperty("reason", .text(limit: 100), required: true, "Why; kept in the audit")],
        decode: { $0.text("reason") }, encode: { _ in [:] })

    // MARK: What goes out

    private static let routeProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("name", .text(limit: 40), required: true, "What people call it"),
        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("from", .integer(0...1440), required: true, "From when, in minutes since midnight"),
        SchemaProperty("until", .integer(0...1440), required: true, "Until when, in minutes since midnight"),
        SchemaProperty("weekdays", .list(.integer(1...7), limit: 7), required: true, "Days of the week, 1 for Monday"),
        SchemaProperty("points", .list(.object(pointProperties), limit: 100), required: true, "In their order"),
        SchemaProperty("checklist", .text(limit: 4000), required: true, "Hazards, one a line"),
        SchemaProperty("version", .integer(1...1_000_000), required: true, "Grows with each change"),
        SchemaProperty(
            "walked", .list(.shaped(.day), limit: 8), required: true,
            "Days of the last week it was walked: begun within thirty minutes of its window, every point signed"),
        SchemaProperty(
            "parts",
            .list(
                .object([
                    SchemaProperty("day", .shaped(.day), required: true, "When"),
                    SchemaProperty("signed", .integer(0...100), required: true, "How many points were signed"),
                    SchemaProperty("points", .integer(0...100), required: true, "Of how many"),
                ]), limit: 8), required: true,
            "Days of the last week with a round that was ended and does not count as walked"),
        SchemaProperty(
            "missed", .list(.shaped(.day), limit: 8), required: true,
            "Days of the last week on which its window went by"),
    ]

    private static let pointProperties =
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("name", .text(limit: 100), required: true, "What people call it"),
            SchemaProperty("place", .id, "The place it is at"),
            SchemaProperty("photo", .flag, required: true, "Whether it asks for a photo"),
        ] + places.map { SchemaProperty($0.name, $0.kind, "Where it is") }

    private static func json(_ point: PatrolPoint) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(point.id)"), "name": .text(point.name), "photo": .flag(point.needsPhoto),
        ]
        json["place"] = point.place.map { .text("\($0)") }
        json["latitude"] = point.point.map { .real($0.latitude) }
        json["longitude"] = point.point.map { .real($0.longitude) }
        return json
    }

    private static func json(_ shown: Shown) -> [String: JSONValue] {
        let route = shown.route
        return [
            "id": .text("\(route.id)"), "name": .text(route.name), "division": .text("\(route.division)"),
            "from": .int(Int64(route.from)), "until": .int(Int64(route.until)),
            "weekdays": .array(route.weekdays.compactMap { Int64(String($0)) }.map { .int($0) }),
            "points": .array(shown.points.map { .object(json($0)) }), "checklist": .text(route.checklist),
            "version": .int(Int64(route.version)),
            "walked": .array(shown.walked.map { .text("\($0)") }),
            "missed": .array(shown.missed.map { .text("\($0)") }),
            "parts": .array(
                shown.parts.map { part in
                    .object([
                        "day": .text("\(part.day)"), "signed": .int(Int64(part.signed)),
                        "points": .int(Int64(part.points)),
                    ])
                }),
        ]
    }

    static let routes = APIPage<Shown>.schema("PatrolRouteList", "routes", "The oldest first", routeProperties, json)

    static let route = Schema<Shown?>(
        "PatrolRoute", routeProperties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    static let codes = Schema<[(PatrolPoint, String)]>(
        "PatrolCodes",
        [
            SchemaProperty(
                "codes",
                .list(
                    .object([
                        SchemaProperty("point", .id, required: true, "The point"),
                        SchemaProperty("name", .text(limit: 100), required: true, "What people call it"),
                        SchemaProperty("code", .text(limit: 40), required: true, "What hangs there"),
                    ]), limit: 100), required: true, "In the order of the points")
        ],
        decode: { _ in [] },
        encode: { codes in
            [
                "codes": .array(
                    codes.map { point, code in
                        .object(["point": .text("\(point.id)"), "name": .text(point.name), "code": .text(code)])
                    })
            ]
        })

    static let findings = APIPage<PatrolFinding>.schema(
        "PatrolFindings", "findings", "The newest first",
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("at", .moment, required: true, "When"),
            SchemaProperty("point", .text(limit: 100), required: true, "Where"),
            SchemaProperty("hazard", .text(limit: 40), required: true, "Which hazard of the checklist"),
            SchemaProperty("danger", .flag, required: true, "Whether somebody may come to harm"),
            SchemaProperty("settled", .flag, required: true, "Whether it was settled on the spot"),
            SchemaProperty("case", .id, required: true, "The case it became"),
            SchemaProperty("number", .text(limit: 30), required: true, "Its number"),
            SchemaProperty("title", .text(limit: 60), required: true, "Its first words"),
        ]
    ) { finding in
        [
            "id": .text("\(finding.id)"), "at": .moment(finding.at), "point": .text(finding.point),
            "hazard": .text(finding.hazard), "danger": .flag(finding.isDanger), "settled": .flag(finding.isSettled),
            "case": .text("\(finding.item)"), "number": .text(finding.number), "title": .text(finding.title),
        ]
    }

    // MARK: Rounds

    private static let roundProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("route", .id, required: true, "The route"),
        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("startedAt", .moment, required: true, "When it began"),
        SchemaProperty("endedAt", .moment, "When it ended"),
        SchemaProperty(
            "points",
            .list(
                .object(
                    pointProperties + [
                        SchemaProperty("signedAt", .moment, "When you signed in there"),
                        SchemaProperty("normal", .flag, "Whether it was as it should be"),
                    ]), limit: 100), required: true, "In their order"),
    ]

    private static func json(_ round: Round) -> [String: JSONValue] {
        let points = round.points.map { point, sign -> JSONValue in
            var signed = json(point)
            signed["signedAt"] = sign.map { .moment($0.at) }
            signed["normal"] = sign.map { .flag($0.isNormal) }
            return .object(signed)
        }
        let patrol = round.patrol
        var object: [String: JSONValue] = [
            "id": .text("\(patrol.id)"), "route": .text("\(patrol.route)"), "division": .text("\(patrol.division)"),
            "startedAt": .moment(patrol.startedAt), "points": .array(points),
        ]
        object["endedAt"] = patrol.endedAt.map { .moment($0) }
        return object
    }

    static let rounds = Schema<[Round]>(
        "PatrolList",
        [SchemaProperty("patrols", .list(.object(roundProperties), limit: 20), required: true, "What you walk now")],
        decode: { _ in [] }, encode: { ["patrols": .array($0.map { .object(json($0)) })] })

    static let round = Schema<Round?>(
        "Patrol", roundProperties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    static let track = Schema<[(at: Instant, latitude: Double, longitude: Double)]>(
        "PatrolTrack",
        [
            SchemaProperty(
                "positions",
                .list(
                    .object([
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("latitude", .number(-90...90), required: true, "Where"),
                        SchemaProperty("longitude", .number(-180...180), required: true, "Where"),
                    ]), limit: 500), required: true, "The newest first")
        ],
        decode: { _ in [] },
        encode: { track in
            [
                "positions": .array(
                    track.map { at, latitude, longitude in
                        .object(["at": .moment(at), "latitude": .real(latitude), "longitude": .real(longitude)])
                    })
            ]
        })
}
