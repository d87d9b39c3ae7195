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
        var calendar: AssessmentCalendar
        var population: Population?
    }

    static let query = [
        SchemaProperty("month", .shaped(month), "Assessment month, 202611; the present one by default"),
        SchemaProperty("division", .shaped(.division), "6, 9, 12 or 15 digits; by default the first of yours"),
        SchemaProperty("unit", .id, "Only what this unit was responsible for"),
    ]

    static let month = TextShape(
        Text("应为考核月，例如 202611", "Must be an assessment month such as 202611"), pattern: "^[0-9]{4}(0[1-9]|1[0-2])$"
    ) { AssessmentMonth($0) != nil }

    private static let head: [SchemaProperty] =
        AssessmentDays.properties + [
            SchemaProperty("division", .text(limit: 15), "What it is about"),
            SchemaProperty("unit", .id, "What it is about"),
            SchemaProperty("source", .choice(["self"]), required: true, "Counted by this system, not by the city"),
        ]

    static let reply = Schema<Answer?>(
        "Rates", head + RatesFigures.properties + [RatesFigures.residents],
        decode: { _ in nil },
        encode: { $0.map(object) ?? [:] }
    )

    private static func object(_ answer: Answer) -> [String: JSONValue] {
        var json = RatesFigures.json(answer.sums, answer.settings)
        json.merge(AssessmentDays.json(answer.query.month, answer.calendar)) { $1 }
        json["source"] = .text("self")
        json["division"] = answer.query.area.division.map { .text("\($0)") }
        json["unit"] = answer.query.area.unit.map { .text("\($0)") }
        json["residents"] = answer.population.map { .int(Int64($0.residents)) }
        return json
    }

    static func rates(_: Nothing, _ request: Request, _ services: Services) async throws -> Answer? {
        guard request.context.actor.may(.casesRead) else { throw LinliError.forbidden("rates.read") }
        let calendar = try await services.queries.assessmentCalendar()
        let query = try RatesQuery(request, calendar)
        return try await services.database.read { tx in
            let division = query.area.unit == nil ? query.area.division : nil
            return Answer(
                query: query,
                sums: try RatesStore.totals([query.month], query.area, tx)[query.month] ?? RateSums(),
                settings: try RateRules.settings(of: query.month, services.queries.settings.rates, tx),
                calendar: calendar,
                population: try division.flatMap { try PopulationStore.of([$0], tx)[$0] }
            )
        }
    }
}
