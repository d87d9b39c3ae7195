import LinliCore
import LinliKernel

/// The figures of a month as programs read them: each rate with its numerator and denominator.
enum RatesFigures {
    private static let rate: [SchemaProperty] = [
        SchemaProperty("part", count, required: true, "Numerator"),
        SchemaProperty("whole", count, required: true, "Denominator"),
        SchemaProperty("permille", .integer(0...1000), "In tenths of a percent; missing when the denominator is 0"),
    ]

    /// What is counted.
    static let count = SchemaKind.integer(0...Int64.max)

    private static let rates: [SchemaProperty] = [
        SchemaProperty("response", .object(rate), required: true, "Contacted within the limit, of those due"),
        SchemaProperty("solution", .object(rate), required: true, "Solved, of those who answered"),
        SchemaProperty("satisfaction", .object(rate), required: true, "Satisfied, of those who graded"),
    ]

    /// What this system counted.
    static let properties: [SchemaProperty] =
        rates + [
            SchemaProperty("score", .integer(0...10_000), "Weighted, in hundredths; missing without a denominator"),
            SchemaProperty("requests", count, required: true, "Needs dispatched"),
            SchemaProperty("rounds", count, required: true, "With those done again"),
            SchemaProperty("asked", count, required: true, "Reporters asked"),
            SchemaProperty("silent", count, required: true, "Asked, without an answer"),
            SchemaProperty("unreached", count, required: true, "Could not be reached"),
            SchemaProperty("excluded", count, required: true, "Left out with approval"),
            SchemaProperty("withdrawn", count, required: true, "Taken back"),
        ]

    /// What was imported from the city's hotline.
    private static let imported: [SchemaProperty] =
        [SchemaProperty("orders", count, required: true, "Orders with a result")] + rates

    /// The city's own result beside ours, in an object of its own so that nobody takes one for the other.
    static let official = SchemaProperty(
        "official", .object(imported), "市级考核成绩, the city's own result as imported; missing where nobody imported one")

    /// How many live there.
    static let residents = SchemaProperty("residents", count, "How many live there, if known")

    /// What was left out of a month.
    static let exclusions = SchemaProperty(
        "exclusions",
        .list(
            .object([
                SchemaProperty("reason", .text(limit: 40), required: true, "The class of the reason"),
                SchemaProperty("count", count, required: true, "How many"),
            ]), limit: 100), required: true, "What was left out with approval, by reason")

    static func json(_ sums: RateSums, _ settings: RateSettings) -> [String: JSONValue] {
        var json = shares([sums.responseRate, sums.solutionRate, sums.satisfactionRate(settings)])
        json["score"] = sums.score(settings).map(number)
        json["requests"] = number(sums.requests)
        json["rounds"] = number(sums.rounds)
        json["asked"] = number(sums.asked)
        json["silent"] = number(sums.silent)
        json["unreached"] = number(sums.unreached)
        json["excluded"] = number(sums.exclusions)
        json["withdrawn"] = number(sums.withdrawals)
        return json
    }

    static func json(_ sums: ForeignSums) -> JSONValue {
        var json = shares(sums.rates)
        json["orders"] = number(sums.orders)
        return .object(json)
    }

    static func json(_ exclusions: [(reason: String, count: Int)]) -> JSONValue {
        .array(exclusions.map { .object(["reason": .text($0.reason), "count": number($0.count)]) })
    }

    /// The three rates under their names, in the order of the pages.
    private static func shares(_ rates: [Rate]) -> [String: JSONValue] {
        Dictionary(
            zip(["response", "solution", "satisfaction"], rates).map { ($0, share($1)) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func share(_ rate: Rate) -> JSONValue {
        var json: [String: JSONValue] = ["part": number(rate.part), "whole": number(rate.whole)]
        json["permille"] = rate.permille.map(number)
        return .object(json)
    }

    /// A count.
    static func number(_ value: Int) -> JSONValue { .int(Int64(value)) }
}
