import LinliCore
import LinliKernel
import LinliSQL

/// The rates for programs.
enum RatesAPI {
    /// A month of an area.
    struct Answer: Sendable {
        var query: RatesQuery
        var sums: RateSums
        var settings: RateSettings
        var population: Population?
    }

    static let query = [
        SchemaProperty("month", .shaped(month), "Assessment month, 202611; the present one by default"),
        SchemaProperty("division", .shaped(.division), "6, 9, 12 or 15 digits; by default the first of yours"),
        SchemaProperty("unit", .id, "Only what this unit was responsible for"),
    ]

    private static let month = TextShape(
        Text("应为考核月，例如 202611", "Must be an assessment month such as 202611"), pattern: "^[0-9]{4}(0[1-9]|1[0-2])$"
    ) { AssessmentMonth($0) != nil }

    private static let rate: [SchemaProperty] = [
        SchemaProperty("part", .integer(0...Int64.max), required: true, "Numerator"),
        SchemaProperty("whole", .integer(0...Int64.max), required: true, "Denominator"),
        SchemaProperty("permille", .integer(0...1000), "In tenths of a percent; missing when the denominator is 0"),
    ]

    static let reply = Schema<Answer?>(
        "Rates",
        [
            SchemaProperty("month", .text(limit: 6), required: true, "Assessment month"),
            SchemaProperty("from", .text(limit: 10), required: true, "Its first day"),
            SchemaProperty("to", .text(limit: 10), required: true, "Its last day"),
            SchemaProperty("division", .text(limit: 15), "What it is about"),
            SchemaProperty("unit", .id, "What it is about"),
            SchemaProperty("source", .choice(["self"]), required: true, "Counted by this system, not by the city"),
            SchemaProperty("response", .object(rate), required: true, "Contacted within the limit, of those due"),
            SchemaProperty("solution", .object(rate), required: true, "Solved, of those who answered"),
            SchemaProperty("satisfaction", .object(rate), required: true, "Satisfied, of those who graded"),
            SchemaProperty("score", .integer(0...10_000), "Weighted, in hundredths; missing without a denominator"),
            SchemaProperty("requests", .integer(0...Int64.max), required: true, "Needs dispatched"),
            SchemaProperty("rounds", .integer(0...Int64.max), required: true, "With those done again"),
            SchemaProperty("asked", .integer(0...Int64.max), required: true, "Reporters asked"),
            SchemaProperty("silent", .integer(0...Int64.max), required: true, "Asked, without an answer"),
            SchemaProperty("unreached", .integer(0...Int64.max), required: true, "Could not be reached"),
            SchemaProperty("excluded", .integer(0...Int64.max), required: true, "Left out with approval"),
            SchemaProperty("withdrawn", .integer(0...Int64.max), required: true, "Taken back"),
            SchemaProperty("residents", .integer(0...Int64.max), "How many live there, if known"),
        ],
        decode: { _ in nil },
        encode: { $0.map(object) ?? [:] }
    )

    private static func object(_ answer: Answer) -> [String: JSONValue] {
        let (sums, month) = (answer.sums, answer.query.month)
        func number(_ value: Int) -> JSONValue { .int(Int64(value)) }
        func rate(_ rate: Rate) -> JSONValue {
            var json: [String: JSONValue] = ["part": number(rate.part), "whole": number(rate.whole)]
            json["permille"] = rate.permille.map(number)
            return .object(json)
        }
        var json: [String: JSONValue] = [
            "month": .text("\(month)"), "from": .text("\(month.firstDay(cutoff: answer.settings.cutoff))"),
            "to": .text("\(month.lastDay(cutoff: answer.settings.cutoff))"), "source": .text("self"),
            "response": rate(sums.responseRate), "solution": rate(sums.solutionRate),
            "satisfaction": rate(sums.satisfactionRate(answer.settings)), "requests": number(sums.requests),
            "rounds": number(sums.rounds), "asked": number(sums.asked), "silent": number(sums.silent),
            "unreached": number(sums.unreached), "excluded": number(sums.exclusions),
            "withdrawn": number(sums.withdrawals),
        ]
        json["division"] = answer.query.area.division.map { .text("\($0)") }
        json["unit"] = answer.query.area.unit.map { .text("\($0)") }
        json["score"] = sums.score(answer.settings).map(number)
        json["residents"] = answer.population.map { number($0.residents) }
        return json
    }

    static func rates(_: Nothing, _ request: Request, _ services: Services) async throws -> Answer? {
        guard request.context.actor.may(.casesRead) else { throw LinliError.forbidden("rates.read") }
        let query = try RatesQuery(request, services)
        return try await services.database.read { tx in
            let division = query.area.unit == nil ? query.area.division : nil
            return Answer(
                query: query,
                sums: try RatesStore.totals([query.month], query.area, tx)[query.month] ?? RateSums(),
                settings: try RateRules.settings(of: query.month, services.queries.settings.rates, tx),
                population: try division.flatMap { try PopulationStore.of([$0], tx)[$0] }
            )
        }
    }
}
