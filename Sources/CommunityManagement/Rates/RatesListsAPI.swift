import LinliCore
import LinliKernel

/// The pages of rates for programs: what they show, read by the same queries.
enum RatesListsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/rates", id: "getRates",
            "The three rates of a month with numerators and denominators, in your scope; without sign-in: getOpenRates",
            query: RatesAPI.query, body: .nothing, reply: RatesAPI.reply, RatesAPI.rates
        ),
        .api(
            .get, "/api/v1/rates/months", id: "listRateMonths",
            "The months up to one, the oldest first: counted here, and beside it the city's own result as imported",
            access: .permission(.casesRead), query: RatesAPI.query, body: .nothing, reply: months
        ) { _, request, services in
            try await RatesRoutes.monthPage(request, services)
        },
        .api(
            .get, "/api/v1/rates/parts", id: "listRateParts",
            "A month by what lies inside the division and by unit, the busiest first and no ranking",
            access: .permission(.casesRead), query: RatesAPI.query, body: .nothing, reply: parts
        ) { _, request, services in
            try await RatesRoutes.monthPage(request, services)
        },
        .api(
            .get, "/api/v1/rates/heat", id: "getRateHeat", "How often each category came up in each place in a month",
            access: .permission(.casesRead), query: RatesAPI.query, body: .nothing, reply: heat
        ) { _, request, services in
            try await RatesRoutes.heatPage(request, services)
        },
        .api(
            .get, "/api/v1/rates/cases", id: "listRateCases",
            "The evidence behind a figure, round by round, by place and case: never what a case says or who told it",
            access: .permission(.casesRead),
            query: RatesAPI.query + [
                SchemaProperty("what", .choice(OutcomeFilter.allCases.map(\.rawValue)), "Which; all by default"),
                SchemaProperty("category", .text(limit: 20), "A code of the catalogue"),
                SchemaProperty("after", .shaped(cursor), "`next` of the page before"), APIPages.limit,
            ], body: .nothing, reply: cases
        ) { _, request, services in
            try await RatesRoutes.casesPage(request, limit: APIPages.limit(request), services)
        },
        .api(
            .get, "/api/v1/rates/open", id: "getOpenRates",
            "What everybody may read: a month that is over, place by place, without complaints about single units",
            access: .public,
            query: [
                SchemaProperty(
                    "month", .shaped(RatesAPI.month), "Assessment month; the newest that is over by default"),
                SchemaProperty(
                    "division", .shaped(.division), "A district, street or community; the first street by default"),
            ], body: .nothing, reply: open
        ) { _, request, services in
            try await RatesRoutes.openPage(request, services)
        },
    ]

    private static let cursor = TextShape(
        Text("请原样使用上一页的 next", "Use `next` of the page before as it is"),
        pattern: "^[0-9]{15}-[0-7][0-9a-hjkmnp-tv-z]{12}-[0-9]{1,9}$"
    ) { text in
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].count == 15 && Int64(parts[0]) != nil && ID<Case>(parts[1]) != nil
            && (1...9).contains(parts[2].count) && Int(parts[2]) != nil
    }

    // MARK: What is written

    private static let place: [SchemaProperty] = [
        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("name", .text(limit: 120), required: true, "Its name"), RatesFigures.residents,
    ]

    /// A month, with the city's own result beside ours.
    private static let monthly: [SchemaProperty] =
        AssessmentDays.properties + RatesFigures.properties + [RatesFigures.official]
    /// What lies inside.
    private static let inside: [SchemaProperty] = place + RatesFigures.properties

    private static let months = Schema<RatesPage?>(
        "RateMonths",
        [
            SchemaProperty(
                "months",
                .list(.object(monthly), limit: 24), required: true,
                "The oldest first; months in which nothing was dispatched are all zero")
        ],
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            let months = page.months.map { month, sums -> JSONValue in
                var json = RatesFigures.json(sums, page.rules[month] ?? page.words.settings)
                json.merge(AssessmentDays.json(month, page.words.calendar)) { $1 }
                json["official"] = page.official[month].map { RatesFigures.json($0) }
                return .object(json)
            }
            return ["months": .array(months)]
        })

    private static let unit: [SchemaProperty] = [
        SchemaProperty("unit", .id, required: true, "Identifier"),
        .name("name", "What it is called"),
        SchemaProperty("division", .text(limit: 15), required: true, "Where it is at home"), RatesFigures.residents,
    ]

    private static let unitRates: [SchemaProperty] = unit + RatesFigures.properties

    private static let parts = Schema<RatesPage?>(
        "RateParts",
        AssessmentDays.properties + [
            SchemaProperty(
                "divisions", .list(.object(inside + [whistles]), limit: 2000), required: true,
                "What lies inside the division; none when one unit was asked for"),
            unplaced,
            SchemaProperty(
                "units", .list(.object(unitRates), limit: 200), required: true,
                "Units that had something to do there, the busiest first"),
            RatesGridEvents.property, RatesFigures.exclusions,
        ],
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            let whistled = Dictionary(page.whistles.places.map { ($0.division, $0) }, uniquingKeysWith: { $1 })
            let divisions = page.children.map { code, sums -> JSONValue in
                var json = placed(code, sums, page.words.settings, page.population, page.names)
                json["whistles"] = whistled[code].map(called)
                return .object(json)
            }
            let units = page.units.map { row -> JSONValue in
                var json = RatesFigures.json(row.sums, page.words.settings)
                json["unit"] = .text("\(row.unit.id)")
                json["name"] = .name(row.unit.name)
                json["division"] = .text("\(row.unit.division)")
                json["residents"] = page.population[row.unit.division].map { RatesFigures.number($0.residents) }
                return .object(json)
            }
            var json = AssessmentDays.json(page.query.month, page.words.calendar)
            json["divisions"] = .array(divisions)
            json["unplaced"] = RatesFigures.number(page.unplaced)
            json["units"] = .array(units)
            json["gridEvents"] = page.gridEvents.json
            json["exclusions"] = RatesFigures.json(page.exclusions)
            return json
        })

    private static let whistles = SchemaProperty(
        "whistles",
        .object(
            ["whistles", "called", "known", "inTime", "missed", "scored", "stars"].map {
                SchemaProperty($0, RatesFigures.count, required: true, "As in whistleScores; `known`: due or came")
            }), "How the month's whistles there went, apart from the rates; missing without any")

    private static func called(_ place: WhistlePlace) -> JSONValue {
        let counts = [
            "whistles": place.whistles, "called": place.called, "known": place.known, "inTime": place.inTime,
            "missed": place.missed, "scored": place.scored, "stars": place.stars,
        ]
        return .object(counts.mapValues(RatesFigures.number))
    }

    private static func placed(
        _ code: DivisionCode, _ sums: RateSums, _ settings: RateSettings, _ population: [DivisionCode: Population],
        _ names: DivisionNames
    ) -> [String: JSONValue] {
        var json = RatesFigures.json(sums, settings)
        json["division"] = .text("\(code)")
        json["name"] = .text(names[code])
        json["residents"] = population[code].map { RatesFigures.number($0.residents) }
        return json
    }

    private static let heat = Schema<RatesHeatPage?>(
        "RateHeat",
        AssessmentDays.properties + [
            SchemaProperty(
                "cells",
                .list(
                    .object([
                        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
                        SchemaProperty("category", .text(limit: 20), required: true, "A code of the catalogue"),
                        SchemaProperty("requests", RatesFigures.count, required: true, "Needs dispatched"),
                        SchemaProperty("rounds", RatesFigures.count, required: true, "With those done again"),
                    ]), limit: 100_000), required: true, "In no order; what did not come up is left out")
        ],
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            let cells = page.cells.map { cell -> JSONValue in
                .object([
                    "division": .text("\(cell.division)"), "category": .text(cell.category),
                    "requests": RatesFigures.number(cell.sums.requests),
                    "rounds": RatesFigures.number(cell.sums.rounds),
                ])
            }
            var json = AssessmentDays.json(page.query.month, page.words.calendar)
            json["cells"] = .array(cells)
            return json
        })

    private static let openHead: [SchemaProperty] =
        AssessmentDays.properties + [
            SchemaProperty("source", .choice(["self"]), required: true, "Counted by this system, not by the city")
        ]
    private static let openRest: [SchemaProperty] = [
        RatesFigures.official, RatesFigures.exclusions,
        SchemaProperty("divisions", .list(.object(inside), limit: 2000), required: true, "What lies inside"),
        unplaced,
    ]

    private static let unplaced = SchemaProperty(
        "unplaced", RatesFigures.count, required: true,
        "Needs of the total in none of `divisions`: it is not known where exactly, or the place has ended since")

    private static let open = Schema<RatesOpenPage?>(
        "OpenRates", openHead + inside + openRest,
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            let settings = page.words.settings
            var json = placed(page.division, page.sums, settings, page.population, page.names)
            json.merge(AssessmentDays.json(page.month, page.words.calendar)) { $1 }
            json["source"] = .text("self")
            json["official"] = page.official.map { RatesFigures.json($0) }
            json["exclusions"] = RatesFigures.json(page.exclusions)
            json["divisions"] = .array(
                page.children.map { .object(placed($0, $1, settings, page.population, page.names)) })
            json["unplaced"] = RatesFigures.number(page.unplaced)
            return json
        })

    private static let cases = Schema<RatesCasesPage?>(
        "RateCases",
        AssessmentDays.properties + [
            SchemaProperty(
                "rounds", .list(.object(RateRounds.properties), limit: 100), required: true, "By place and case"),
            APIPages.next,
        ],
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            var json = AssessmentDays.json(page.query.month, page.calendar)
            json["rounds"] = .array(page.rows.map { .object(RateRounds.json($0)) })
            json["next"] = page.hasMore ? page.rows.last.map { JSONValue.text($0.cursor) } : nil
            return json
        })
}

/// A round of work as evidence: dates and answers.
enum RateRounds {
    static let properties: [SchemaProperty] = [
        SchemaProperty("case", .id, required: true, "The case"),
        SchemaProperty("number", .text(limit: 40), required: true, "Its number"),
        SchemaProperty(
            "round", .integer(1...Int64(Int32.max)), required: true, "1, then one more each time it is done again"),
        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("category", .text(limit: 20), required: true, "A code of the catalogue"),
        SchemaProperty("unit", .id, required: true, "Whose result it is"),
        .name("unitName", "What it is called"),
        SchemaProperty("accepted", .flag, required: true, "Whether it accepted the case"),
        SchemaProperty("dispatchedAt", .moment, required: true, "When it was sent there first"),
        SchemaProperty("dueAt", .moment, "When it had to be done"),
        SchemaProperty("reachable", .flag, required: true, "Whether the reporter left a way to be contacted"),
        SchemaProperty("contactedAt", .moment, "When the reporter was reached first"),
        SchemaProperty("inTime", .flag, "Whether that was within the limit; missing while it is not decided"),
        SchemaProperty("finishedAt", .moment, "When it was done"),
        SchemaProperty("askedAt", .moment, "When the reporter was asked"),
        SchemaProperty("answeredAt", .moment, "When they answered"),
        SchemaProperty("channel", .text(limit: 20), "How the answer came"),
        SchemaProperty("solved", .flag, "What they said; missing: silence"),
        SchemaProperty("grade", .integer(1...5), "How satisfied they are; missing: silence"),
        SchemaProperty("unreached", .flag, required: true, "Whether nobody could be reached"),
        SchemaProperty("declined", .flag, required: true, "Whether they did not want to answer"),
        SchemaProperty("exclusion", .text(limit: 40), "The class of the reason it is left out; missing: it counts"),
        SchemaProperty("withdrawn", .flag, required: true, "Whether the reporter took it back"),
    ]

    static func json(_ row: OutcomeRow) -> [String: JSONValue] {
        let outcome = row.outcome
        var json: [String: JSONValue] = [
            "case": .text("\(outcome.item)"), "number": .text(row.number), "round": .int(Int64(outcome.round)),
            "division": .text("\(outcome.division)"), "category": .text(outcome.category),
            "unit": .text("\(outcome.unit)"), "unitName": .name(row.unit), "accepted": .flag(outcome.isAccepted),
            "dispatchedAt": .moment(outcome.dispatchedAt), "reachable": .flag(outcome.isReachable),
            "unreached": .flag(outcome.isUnreached), "declined": .flag(outcome.isDeclined),
            "withdrawn": .flag(outcome.isWithdrawn),
        ]
        json["dueAt"] = outcome.dueAt.map { .moment($0) }
        json["contactedAt"] = outcome.contactedAt.map { .moment($0) }
        json["inTime"] = outcome.isInTime.map { .flag($0) }
        json["finishedAt"] = outcome.finishedAt.map { .moment($0) }
        json["askedAt"] = outcome.askedAt.map { .moment($0) }
        json["answeredAt"] = outcome.answeredAt.map { .moment($0) }
        json["channel"] = outcome.channel.map { .text($0.rawValue) }
        json["solved"] = outcome.isSolved.map { .flag($0) }
        json["grade"] = outcome.grade.map { .int(Int64($0.rawValue)) }
        json["exclusion"] = outcome.exclusion.isEmpty ? nil : .text(outcome.exclusion)
        return json
    }
}
