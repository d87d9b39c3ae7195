import LinliCore
import LinliKernel
import LinliStandards

/// The JSON objects of `RegistersAPI`.
enum RegistersSchemas {
    /// An entry.
    struct Entry: Sendable {
        var item: RegisterItem
        var values: [RegisterField: String]
        var known: [String]
        /// The place it is part of, the dwelling it is in, and where it stands.
        var place: ID<Place>?
        var dwelling: ID<Dwelling>?
        var point: GeoPoint?
        /// Of a dwelling or household.
        var standardAddress: PlaceAddress?
        /// The unit that keeps a thing up.
        var upkeep: ID<Unit>?
        var mergedInto: ID<RegisterItem>?
        /// The day it ended, where somebody said so.
        var endedOn: CivilDate?
    }

    /// Something to enter.
    struct Draft: Sendable {
        var values: [String: String]
        var household: ID<Household>?
        var dwelling: ID<Dwelling>?
        var place: ID<Place>?
        var division: String?
        var tie: ResidenceTie
        var relation: HouseholdRelation
        var since: CivilDate?
        var replacesHead: Bool
        var isChecked: Bool
    }

    /// Fields to correct.
    struct Change: Sendable {
        var values: [String: String]
        var version: Int?
    }

    /// Fields to read and what for.
    struct Wish: Sendable {
        var fields: [String]
        var purpose: ReadingPurpose
        var service: String?
        var note: String
    }

    /// That something is not here any more.
    struct End: Sendable {
        var reason: EndReason
        var day: CivilDate?
        var version: Int?
    }

    private static let fields = SchemaProperty(
        "fields", .map(.text(limit: 500), limit: 60), required: true, "Values by the name of the field, `person.name`")
    static let version = SchemaProperty(
        "version", .integer(1...Int64(Int32.max)), "The version you saw; checked when given")

    static let page = APIPage<RegistersStore.Row>.schema(
        "EntryList", "entries", "Entries that are here",
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("name", .text(limit: 200), required: true, "Name or address"),
        ]
    ) { ["id": .text(RegisterWords.id($0.subject)), "name": .text($0.name)] }

    static let entry = Schema<Entry?>(
        "Entry",
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("kind", .choice(RegisterKind.allCases.map(\.rawValue)), required: true, "Which register"),
            SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
            fields,
            SchemaProperty(
                "known", .list(.text(limit: 60), limit: 60), required: true,
                "Closely kept fields that have a value; readFields shows one"),
            SchemaProperty("version", .integer(1...Int64(Int32.max)), required: true, "Grows with every change"),
            SchemaProperty("source", .text(limit: 40), required: true, "Who or what said so"),
            SchemaProperty("since", .moment, required: true, "Since when it is entered"),
            SchemaProperty("endedAt", .moment, "When it was entered that it is not here any more"),
            SchemaProperty("endedOn", .shaped(.day), "The day it was, where somebody said so"),
            SchemaProperty("mergedInto", .id, "The entry that stands for it since two were merged"),
            SchemaProperty("place", .id, "The place it is part of"),
            SchemaProperty(
                "dwelling", .id, "The dwelling of a household or organization; of people see listEntryHomes"),
            SchemaProperty(
                "standardAddress", .text(limit: 400),
                "Of a dwelling or household: divisions, road, house number, estate, building, entrance, number"),
            SchemaProperty("latitude", .number(-90...90), "Where it stands, or its place does; WGS84"),
            SchemaProperty("longitude", .number(-180...180), "Where it stands, or its place does; WGS84"),
            SchemaProperty("upkeepUnit", .id, "The unit of this system that keeps a thing up"),
        ],
        decode: { _ in nil },
        encode: { entry in
            guard let entry else { return [:] }
            var json: [String: JSONValue] = [
                "id": .text(RegisterWords.id(entry.item.subject)), "kind": .text(entry.item.subject.kind.rawValue),
                "division": .text("\(entry.item.division)"), "fields": texts(entry.values),
                "known": .array(entry.known.map { .text($0) }), "version": .int(Int64(entry.item.entry.version)),
                "source": .text(entry.item.entry.source), "since": .text(entry.item.entry.validFrom.iso8601),
            ]
            json["endedAt"] = entry.item.entry.validTo.map { .text($0.iso8601) }
            json["endedOn"] = entry.endedOn.map { .text("\($0)") }
            json["mergedInto"] = entry.mergedInto.map { .text("\($0)") }
            json["place"] = entry.place.map { .text("\($0)") }
            json["dwelling"] = entry.dwelling.map { .text("\($0)") }
            json["standardAddress"] = entry.standardAddress.map { .text($0.text) }
            json["latitude"] = entry.point.map { .real($0.latitude) }
            json["longitude"] = entry.point.map { .real($0.longitude) }
            json["upkeepUnit"] = entry.upkeep.map { .text("\($0)") }
            return json
        })

    private static func texts(_ values: [RegisterField: String]) -> JSONValue {
        .object(Dictionary(uniqueKeysWithValues: values.map { ($0.key.id, JSONValue.text($0.value)) }))
    }

    private static func texts(_ json: [String: JSONValue]) -> [String: String] {
        guard case .object(let object) = json["fields"] else { return [:] }
        return Dictionary(uniqueKeysWithValues: object.keys.map { ($0, object.text($0)) })
    }

    static func seen(_ json: [String: JSONValue]) -> Int? { json.integer("version").map { Int($0) } }

    static let draft = Schema<Draft>(
        "EntryDraft",
        [
            fields,
            SchemaProperty("place", .id, "Of which place a dwelling, organization or thing is part"),
            SchemaProperty(
                "division", .shaped(.division), "In which grid an organization or thing without a place lies"),
            SchemaProperty("replaceHead", .flag, "Of a new head: who heads the household gives way"),
            SchemaProperty("checked", .flag, "Another entry has the number, and this one is wanted all the same"),
        ] + RegisterStepSchemas.ties,
        decode: { json in
            Draft(
                values: texts(json), household: json.id("household"), dwelling: json.id("dwelling"),
                place: json.id("place"), division: json["division"] == nil ? nil : json.text("division"),
                tie: ResidenceTie(rawValue: json.text("tie")) ?? .family,
                relation: HouseholdRelation(rawValue: json.text("relation")) ?? .other,
                since: CivilDate(json.text("since")), replacesHead: json.flag("replaceHead"),
                isChecked: json.flag("checked"))
        },
        encode: { _ in [:] })

    static let change = Schema<Change>(
        "EntryChange", [fields, version], decode: { Change(values: texts($0), version: seen($0)) },
        encode: { _ in [:] })

    static let reading = Schema<Wish>(
        "FieldReading",
        [
            SchemaProperty("fields", .list(.text(limit: 60), limit: 40), required: true, "Which, `person.phone`"),
            SchemaProperty("purpose", .choice(ReadingPurpose.allCases.map(\.rawValue)), required: true, "What for"),
            SchemaProperty(
                "service", .text(limit: 40), "To give a service: which of the catalogue; the person reads it"),
            SchemaProperty(
                "note", .text(limit: 200),
                "What it is about; the person reads it. Needed for a service that the rules do not give them"),
        ],
        decode: { json in
            Wish(
                fields: json.texts("fields"), purpose: ReadingPurpose(rawValue: json.text("purpose")) ?? .visit,
                service: json.text("service"), note: json.text("note"))
        },
        encode: { _ in [:] })

    static let values = Schema<RegisterReading.Values>(
        "FieldValues",
        [
            SchemaProperty(
                "fields", .map(.text(limit: 500), limit: 60), required: true,
                "Values in clear; what is not known is left out")
        ],
        decode: { _ in [:] }, encode: { ["fields": texts($0)] })

    static let end = Schema<End>(
        "EntryEnd",
        [
            SchemaProperty("reason", .choice(EndReason.allCases.map(\.rawValue)), required: true, "Why"),
            SchemaProperty("on", .shaped(.day), "The day it was; today where left out"),
            version,
        ],
        decode: { json in
            End(
                reason: EndReason(rawValue: json.text("reason")) ?? .gone, day: CivilDate(json.text("on")),
                version: seen(json))
        },
        encode: { _ in [:] })
}
