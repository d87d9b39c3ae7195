import LinliCore
import LinliKernel
import LinliStandards

/// The JSON objects of `PlacesAPI`.
enum PlaceSchemas {
    /// The places of a community.
    struct Listed: Sendable {
        var community: DivisionCode?
        var places: [PlaceSummary]
    }

    /// A place with what is known of it.
    struct Found: Sendable {
        var detail: PlaceDetail
        var isInUse: Bool
    }

    /// That a place is there no more.
    struct End: Sendable {
        var reason: PlaceEndReason
        var version: Int?
    }

    /// A place that is the same.
    struct Other: Sendable {
        var id: ID<Place>
        var version: Int?
    }

    /// A GeoJSON file and the community it is for.
    struct Shapes: Sendable {
        var community: DivisionCode
        var text: String
        var datum: GeoDatum
    }

    /// Places to add inside another.
    struct Inside: Sendable {
        var kind: PlaceKind?
        var names: [String]
    }

    /// A table and the community it is for.
    struct Table: Sendable {
        var community: DivisionCode
        var text: String
    }

    private static let kind = SchemaProperty(
        "kind", .choice(PlaceKind.allCases.map(\.rawValue)), required: true, "What it is")
    private static let right = SchemaProperty(
        "right", .choice(PropertyRight.allCases.map(\.rawValue)), required: true, "Whose the buildings are")

    static let list = Schema<Listed>(
        "PlaceList",
        [
            SchemaProperty("community", .text(limit: 15), "15 digits; missing when you have none"),
            SchemaProperty("places", .list(.object(PlaceDetail.listed), limit: 2000), required: true, "Places"),
        ],
        decode: { _ in Listed(places: []) },
        encode: { listed in
            var json: [String: JSONValue] = ["places": .array(listed.places.map { .object(PlaceDetail.json($0)) })]
            json["community"] = listed.community.map { .text("\($0)") }
            return json
        }
    )

    static let place = Schema<Found?>(
        "Place",
        PlaceDetail.properties + [
            SchemaProperty(
                "inUse", .flag, required: true,
                "Whether a case, a resident, a dwelling, a thing or a place inside names it")
        ],
        decode: { _ in nil },
        encode: { found in
            guard let found else { return [:] }
            var json = found.detail.json
            json["inUse"] = .flag(found.isInUse)
            return json
        }
    )

    private static let version = SchemaProperty(
        "version", .integer(1...Int64(Int32.max)), "The version you saw; checked when given")
    private static let datum = SchemaProperty(
        "datum", .choice(GeoDatum.allCases.map(\.rawValue)),
        "The coordinates; wgs84, which is kept, when it is left out")

    private static func seen(_ json: [String: JSONValue]) -> Int? { json.integer("version").map { Int($0) } }
    private static func datum(_ json: [String: JSONValue]) -> GeoDatum {
        GeoDatum(rawValue: json.text("datum")) ?? .wgs84
    }

    static let seen = Schema<Int?>("PlaceSeen", [version], decode: seen, encode: { _ in [:] })

    static let end = Schema<End>(
        "PlaceEnd",
        [
            SchemaProperty(
                "reason", .choice(PlaceEndReason.choices.map(\.rawValue)), required: true, "Why it is there no more"),
            version,
        ],
        decode: { End(reason: PlaceEndReason(rawValue: $0.text("reason")) ?? .mistaken, version: seen($0)) },
        encode: { _ in [:] })

    static let other = Schema<Other>(
        "PlaceOther", [SchemaProperty("other", .id, required: true, "The place that goes"), version],
        decode: { json in Other(id: json.id("other") ?? ID(rawValue: 0), version: seen(json)) }, encode: { _ in [:] })

    static let photos = Schema<[ID<StoredFile>]>(
        "PlacePhotos", [SchemaProperty("photos", .list(.id, limit: 9), required: true, "Files from uploadFile")],
        decode: { $0.ids("photos") }, encode: { _ in [:] })

    static let shapes = Schema<Shapes>(
        "PlaceShapes",
        [
            SchemaProperty("under", .shaped(.division), required: true, "The community they lie in"),
            SchemaProperty(
                "geojson", .text(limit: PlacesShapes.maximumBytes), required: true,
                "A FeatureCollection as text: each feature names its place by `id` or `address`; a new one says `kind`, "
                    + "`name`, `parent` (its address) and `right`"),
            datum,
        ],
        decode: { json in
            Shapes(
                community: DivisionCode(json.text("under")) ?? DivisionCode(rawValue: 0), text: json.text("geojson"),
                datum: datum(json))
        },
        encode: { _ in [:] })

    private enum Shaped: String, CaseIterable {
        case put, add, same, wrong
    }

    static let shapeLines = Schema<PlacesShapes?>(
        "PlaceShapeLines",
        [
            SchemaProperty("changed", .integer(0...1000), required: true, "How many are drawn anew"),
            SchemaProperty("added", .integer(0...1000), required: true, "How many are new"),
            SchemaProperty("wrong", .integer(0...1000), required: true, "How many are wrong"),
            SchemaProperty(
                "lines",
                .list(
                    .object([
                        SchemaProperty("line", .integer(1...1000), required: true, "Its number"),
                        SchemaProperty("address", .text(limit: 160), required: true, "The whole address"),
                        SchemaProperty(
                            "result", .choice(Shaped.allCases.map(\.rawValue)), required: true, "What becomes of it"),
                        SchemaProperty(
                            "problems", .list(.text(limit: 200), limit: 20), required: true, "What is wrong"),
                    ]), limit: PlacesShapes.maximumFeatures), required: true, "Every feature"),
        ],
        decode: { _ in nil },
        encode: { file in
            guard let file else { return [:] }
            return [
                "changed": .int(Int64(file.changed)), "added": .int(Int64(file.added)),
                "wrong": .int(Int64(file.wrong)), "lines": .array(file.lines.map(line)),
            ]
        })

    private static func line(_ line: PlacesShapes.Line) -> JSONValue {
        let (result, problems): (Shaped, [Text]) =
            switch line.result {
            case .put: (.put, [])
            case .add: (.add, [])
            case .same: (.same, [])
            case .wrong(let problems): (.wrong, problems)
            }
        return .object([
            "line": .int(Int64(line.number)), "address": .text(String(line.address.prefix(160))),
            "result": .text(result.rawValue), "problems": .array(problems.map { .text($0.zh) }),
        ])
    }

    static let draft = Schema<PlaceDraft>(
        "PlaceDraft",
        [
            kind,
            SchemaProperty("name", .text(limit: 60), required: true, "Its own name"),
            SchemaProperty("address", .text(limit: 160), "By default that of the place it lies in, and its name"),
            SchemaProperty("division", .shaped(.division), required: true, "Its community or grid"),
            right,
            SchemaProperty("manager", .id, "The unit that looks after shared parts"),
            SchemaProperty("latitude", .number(-90...90), "WGS84, with longitude"),
            SchemaProperty("longitude", .number(-180...180), "WGS84, with latitude"),
            SchemaProperty("road", .text(limit: 40), "The road or lane; by default that of the place it lies in"),
            SchemaProperty("door", .text(limit: 20), "The house number there"),
            SchemaProperty(
                "area", .text(limit: PlaceOutlineText.maximumBytes),
                "A GeoJSON Polygon or MultiPolygon as text; empty takes it away, left out it stays"),
            datum, version,
        ],
        decode: { json in
            func degrees(_ name: String) -> String { json.number(name).map { "\($0)" } ?? "" }
            var draft = PlaceDraft(
                kind: PlaceKind(rawValue: json.text("kind")), name: json.text("name").trimmed,
                division: DivisionCode(json.text("division")), right: PropertyRight(rawValue: json.text("right")),
                manager: json.id("manager"), latitude: degrees("latitude"), longitude: degrees("longitude")
            )
            draft.address = json.text("address").trimmed
            (draft.road, draft.door) = (json.text("road").trimmed, json.text("door").trimmed)
            if case .text(let text) = json["area"] {
                draft.area = text.trimmed.isEmpty ? .none : .drawn(text, datum(json))
            }
            draft.version = seen(json)
            draft.source = "api"
            return draft
        },
        encode: { _ in [:] }
    )

    static let inside = Schema<Inside>(
        "PlacesInside",
        [kind, SchemaProperty("names", .list(.text(limit: 60), limit: 200), required: true, "Their names")],
        decode: { Inside(kind: PlaceKind(rawValue: $0.text("kind")), names: $0.texts("names")) },
        encode: { _ in [:] }
    )

    static let table = Schema<Table>(
        "PlaceTable",
        [
            SchemaProperty("under", .shaped(.division), required: true, "The community they lie in"),
            SchemaProperty(
                "table", .text(limit: PlacesImport.maximumBytes), required: true,
                "CSV; its first line names the columns kind, name, parent, division, right, manager, latitude, longitude, "
                    + "road, door"
            ),
        ],
        decode: { json in
            Table(community: DivisionCode(json.text("under")) ?? DivisionCode(rawValue: 0), text: json.text("table"))
        },
        encode: { _ in [:] }
    )

    private enum Result: String, CaseIterable {
        case add, present, wrong
    }

    static let lines = Schema<PlacesImport?>(
        "PlaceTableLines",
        [
            SchemaProperty("added", .integer(0...1000), required: true, "How many are new"),
            SchemaProperty("wrong", .integer(0...1000), required: true, "How many lines are wrong"),
            SchemaProperty(
                "lines",
                .list(
                    .object([
                        SchemaProperty("line", .integer(0...1_000_000), required: true, "Its number"),
                        SchemaProperty("address", .text(limit: 160), required: true, "The whole address"),
                        SchemaProperty(
                            "result", .choice(Result.allCases.map(\.rawValue)), required: true, "What becomes of it"),
                        SchemaProperty(
                            "problems", .list(.text(limit: 200), limit: 20), required: true, "What is wrong"),
                    ]),
                    limit: PlacesImport.maximumLines
                ),
                required: true, "Every line"
            ),
        ],
        decode: { _ in nil },
        encode: { table in
            guard let table else { return [:] }
            return [
                "added": .int(Int64(table.added)), "wrong": .int(Int64(table.wrong)),
                "lines": .array(table.lines.map(line)),
            ]
        }
    )

    private static func line(_ line: PlacesImport.Line) -> JSONValue {
        let (result, problems): (Result, [Text]) =
            switch line.result {
            case .add: (.add, [])
            case .present: (.present, [])
            case .wrong(let problems): (.wrong, problems)
            }
        return .object([
            "line": .int(Int64(line.number)), "address": .text(line.address), "result": .text(result.rawValue),
            "problems": .array(problems.map { .text($0.zh) }),
        ])
    }
}
