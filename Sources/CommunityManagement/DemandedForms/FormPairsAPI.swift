import LinliCore
import LinliKernel

/// Who demands the same of the same people, for programs of streets.
enum FormPairsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/form-duplicates", id: "listFormDuplicates",
            "Pairs of forms by which two issuers ask the same of the same people: columns, shares, minutes; nothing of people",
            access: .permission(.labelsCounts), body: .nothing, reply: pairs
        ) { _, request, services in
            let divisions = request.context.actor.scope(for: .labelsCounts).divisions
            return try await services.database.read { try FormsStore.pairs(in: divisions, $0) }
        }
    ]

    private static let side: [SchemaProperty] = [
        SchemaProperty("form", .id, required: true, "Which form"),
        SchemaProperty("title", .text(limit: 100), required: true, "What it is called"),
        SchemaProperty("issuer", .text(limit: 100), required: true, "Who demands it"),
        SchemaProperty("division", .text(limit: 15), required: true, "Who must fill it in"),
        SchemaProperty("percent", .integer(0...100), required: true, "How much of it is shared"),
        SchemaProperty("rounds", .integer(0...Int64.max), required: true, "How often it was filled"),
        SchemaProperty("minutes", .integer(0...Int64.max), required: true, "What that took, as far as it was measured"),
    ]

    private static let pairs = Schema<[FormPair]>(
        "FormDuplicates",
        [
            SchemaProperty(
                "pairs",
                .list(
                    .object([
                        SchemaProperty("first", .object(side), required: true, "The one registered first"),
                        SchemaProperty("second", .object(side), required: true, "The one registered later"),
                        SchemaProperty(
                            "columns", .list(.text(limit: 200), limit: 120), required: true,
                            "What is asked twice, as the first says it"),
                        SchemaProperty(
                            "people", .choice(FormPair.People.allCases.map(\.rawValue)), required: true,
                            "Whether it is of the same people, of some inside others, or of people who may be in both"),
                        SchemaProperty(
                            "minutesTwice", .integer(0...Int64.max), required: true,
                            "An estimate: the minutes of the later one, by its share of such columns"),
                    ]), limit: FormsStore.mostPairs), required: true, "The most shared first")
        ],
        decode: { _ in [] }, encode: { ["pairs": .array($0.map { .object(json($0)) })] })

    private static func json(_ pair: FormPair) -> [String: JSONValue] {
        [
            "first": .object(json(pair.first, pair.percent.first)),
            "second": .object(json(pair.second, pair.percent.second)),
            "columns": .array(pair.shared.map { .text($0) }), "people": .text(pair.people.rawValue),
            "minutesTwice": .int(Int64(pair.minutesTwice)),
        ]
    }

    private static func json(_ side: FormPair.Side, _ percent: Int) -> [String: JSONValue] {
        [
            "form": .text("\(side.form)"), "title": .text(side.title), "issuer": .text(side.issuer),
            "division": .text("\(side.division)"), "percent": .int(Int64(percent)),
            "rounds": .int(Int64(side.rounds)), "minutes": .int(Int64(side.minutes)),
        ]
    }
}
