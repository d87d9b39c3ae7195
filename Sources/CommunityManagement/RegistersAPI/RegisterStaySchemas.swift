import LinliCore
import LinliKernel

/// Who is and was of a household or dwelling, as JSON.
enum RegisterStaySchemas {
    static let properties = [
        SchemaProperty("person", .id, "Who; none once they were erased"),
        SchemaProperty("name", .text(limit: 60), required: true, "Their name; empty once it was erased"),
        SchemaProperty(
            "tie", .choice(ResidenceTie.allCases.map(\.rawValue)), required: true,
            "How they are or were tied to it"),
        SchemaProperty(
            "relation", .choice(HouseholdRelation.allCases.map(\.rawValue)), required: true,
            "What they are or were to the head"),
        SchemaProperty("since", .moment, required: true, "When it was entered that they are of it"),
        SchemaProperty("sinceDay", .shaped(.day), "The day it was, where somebody said so"),
        SchemaProperty("from", .text(limit: 200), "The home they came from, where you may know it"),
        SchemaProperty("until", .moment, "When it was entered that they left"),
        SchemaProperty("untilDay", .shaped(.day), "The day it was, where somebody said so"),
        SchemaProperty("to", .text(limit: 200), "The home they went to, where you may know it"),
        SchemaProperty(
            "reason", .choice(EndReason.allCases.map(\.rawValue)), "Why they are not here at all any more"),
    ]

    /// A home somebody had.
    static let former = [
        SchemaProperty("dwelling", .id, required: true, "The dwelling"),
        SchemaProperty("address", .text(limit: 200), "Its address, where you may know it"),
        SchemaProperty(
            "tie", .choice(ResidenceTie.allCases.map(\.rawValue)), required: true, "How they were tied to it"),
        SchemaProperty("since", .moment, required: true, "When it was entered that it was theirs"),
        SchemaProperty("sinceDay", .shaped(.day), "The day it was, where somebody said so"),
        SchemaProperty("until", .moment, required: true, "When it was entered that it was theirs no more"),
        SchemaProperty("untilDay", .shaped(.day), "The day it was, where somebody said so"),
    ]

    static func lived(_ home: FormerHome) -> JSONValue {
        var json: [String: JSONValue] = [
            "dwelling": .text("\(home.dwelling)"), "tie": .text(home.tie.rawValue),
            "since": .moment(home.from), "until": .moment(home.until),
        ]
        json["address"] = home.address.map { .text($0) }
        json["sinceDay"] = home.began.map { .text("\($0)") }
        json["untilDay"] = home.ended.map { .text("\($0)") }
        return .object(json)
    }

    static func json(_ stay: RegisterStay) -> JSONValue {
        var json: [String: JSONValue] = [
            "name": .text(stay.name), "tie": .text(stay.tie.rawValue), "relation": .text(stay.relation.rawValue),
            "since": .moment(stay.came.at),
        ]
        json["person"] = stay.person.map { .text("\($0)") }
        json["sinceDay"] = stay.came.day.map { .text("\($0)") }
        json["from"] = stay.came.elsewhere.map { .text($0) }
        json["until"] = stay.left.map { .moment($0.at) }
        json["untilDay"] = stay.left?.day.map { .text("\($0)") }
        json["to"] = stay.left?.elsewhere.map { .text($0) }
        json["reason"] = stay.reason.map { .text($0.rawValue) }
        return .object(json)
    }
}
