import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// What the pages of rates are asked.
struct RatesQuery: Sendable {
    let month: AssessmentMonth
    let area: RateArea

    /// Reads month, division and unit of an address; without a month the present one counts.
    ///
    /// - Throws: `.notFound` for what lies outside the reader's scope.
    init(_ request: Request, _ calendar: AssessmentCalendar) throws {
        month =
            request.query["month"].flatMap { AssessmentMonth($0) }
            ?? calendar.month(of: request.context.now)
        let named = request.query["division"]
        let division = named.flatMap { DivisionCode($0) }
        guard named == nil || division != nil else { throw LinliError.notFound("rates.division") }
        area = try RateArea(
            division: division, unit: request.query.id("unit"), request.context.actor.scope(for: .casesRead)
        )
    }

    init(month: AssessmentMonth, area: RateArea) {
        self.month = month
        self.area = area
    }

    /// The address of a page about this, or about something beside it.
    func address(
        _ path: String, month: AssessmentMonth? = nil, division: DivisionCode? = nil, unit: ID<Unit>? = nil,
        _ more: [(String, String?)] = []
    ) -> String {
        LinliUI.address(
            path,
            [
                ("month", "\(month ?? self.month)"), ("division", (division ?? area.division).map { "\($0)" }),
                ("unit", (unit ?? area.unit).map { "\($0)" }),
            ] + more
        )
    }
}

/// The pages of rates.
enum RatesRoutes {
    static let all: [Route] = [
        .get("/desk/rates", access: .permission(.casesRead), month),
        .get("/desk/rates/heat", access: .permission(.casesRead), heat),
        .get("/desk/rates/cases", access: .permission(.casesRead), cases),
        .get("/rates", access: .public, open),
    ]

    /// How many months the trend shows.
    static let trend = 12

    private static func month(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await monthPage(request, services).page)
    }

    /// What a month came to, for people and for programs.
    static func monthPage(_ request: Request, _ services: Services) async throws -> RatesPage {
        let calendar = try await services.queries.assessmentCalendar()
        let query = try RatesQuery(request, calendar)
        let now = request.context.now
        let scope = request.context.actor.scope(for: .casesRead)
        let today = services.queries.settings.rates
        return try await services.database.read { tx -> RatesPage in
            let months = query.month.back(trend)
            let rules = try RateRules.settings(of: months, today, tx)
            let words = RatesWords(settings: rules[query.month] ?? today, calendar: calendar)
            let totals = try RatesStore.totals(months, query.area, tx)
            let children = try query.area.unit == nil ? childCodes(query.area, at: now, tx) : []
            let parts = try RatesStore.divisions(children, query.month, query.area, tx)
            let units = try query.area.unit == nil ? RatesStore.units(query.month, query.area, tx) : []
            let homes = units.map(\.unit.division) + children + [query.area.division].compactMap { $0 }
            return RatesPage(
                query: query,
                words: words,
                sums: totals[query.month] ?? RateSums(),
                months: months.map { ($0, totals[$0] ?? RateSums()) },
                rules: rules,
                children: children.map { ($0, parts[$0] ?? RateSums()) },
                units: units,
                unit: try query.area.unit.flatMap { try UnitsStore.find($0, tx) },
                population: try PopulationStore.of(Array(Set(homes)).sorted(), tx),
                exclusions: try RatesStore.exclusions(query.month, query.area, tx),
                official: try ForeignResultsStore.totals(months, query.area, words.settings, tx),
                whistles: RatesWhistles(
                    month: query.month, units: try WhistleScore.units(query.month, query.area, tx),
                    places: try WhistleScore.places(query.month, children, query.area, tx), names: services.divisions),
                gridEvents: RatesGridEvents(
                    month: query.month,
                    rows: try GridEventRow.units(query.month, calendar, query.area, at: now, tx)),
                areas: scope.divisions,
                now: now,
                names: services.divisions,
                types: services.queries.types
            )
        }
    }

    /// The divisions one level below.
    static func childCodes(_ area: RateArea, at now: Instant, _ tx: ReadTx) throws -> [DivisionCode] {
        try area.division.map { try DivisionsStore.children(of: $0, at: now, tx).map(\.code) } ?? []
    }

    private static func heat(_ request: Request, _ services: Services) async throws -> Reply {
        var heat = try await heatPage(request, services)
        heat.showsAll = request.query["kinds"] == "all"
        return .page(heat.page)
    }

    /// What came up how often and where, for people and for programs.
    static func heatPage(_ request: Request, _ services: Services) async throws -> RatesHeatPage {
        let calendar = try await services.queries.assessmentCalendar()
        let query = try RatesQuery(request, calendar)
        let now = request.context.now
        let today = services.queries.settings.rates
        return try await services.database.read { tx -> RatesHeatPage in
            let children = try childCodes(query.area, at: now, tx)
            let codes = children.isEmpty ? [query.area.division].compactMap { $0 } : children
            let cells = try RatesStore.heat(codes, query.month, query.area, tx)
            let rules = try RateRules.settings(of: query.month, today, tx)
            return RatesHeatPage(
                query: query, words: RatesWords(settings: rules, calendar: calendar),
                cells: cells, rest: children.isEmpty ? [:] : try rest(of: cells, query, tx), columns: codes,
                names: services.divisions, catalogue: services.catalogue
            )
        }
    }

    /// What lies in the division and in none of its parts, by kind: of some cases only the street is known.
    private static func rest(
        of cells: [RatesStore.Heat], _ query: RatesQuery, _ tx: ReadTx
    ) throws -> [String: Int] {
        var rest: [String: Int] = [:]
        for own in try RatesStore.heat([query.area.division].compactMap { $0 }, query.month, query.area, tx) {
            rest[own.category, default: 0] += own.sums.rounds
        }
        for cell in cells { rest[cell.category, default: 0] -= cell.sums.rounds }
        return rest.filter { $0.value > 0 }
    }

    private static func cases(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await casesPage(request, limit: RatesCasesPage.limit, services).page)
    }

    /// The evidence behind a figure, for people and for programs.
    static func casesPage(
        _ request: Request, limit: Int, _ services: Services
    ) async throws -> RatesCasesPage {
        let calendar = try await services.queries.assessmentCalendar()
        let query = try RatesQuery(request, calendar)
        let filter = request.query["what"].flatMap { OutcomeFilter(rawValue: $0) } ?? .all
        let category = request.query["category"]
        let after = request.query["after"]
        let (rows, unit) = try await services.database.read { tx -> ([OutcomeRow], UnitSummary?) in
            (
                try RatesStore.rows(
                    query.month, query.area, filter, category: category, after: after, limit: limit + 1, tx),
                try query.area.unit.flatMap { try UnitsStore.find($0, tx) }
            )
        }
        return RatesCasesPage(
            query: query, calendar: calendar, filter: filter, category: category,
            isFirst: after == nil, rows: Array(rows.prefix(limit)), hasMore: rows.count > limit, unit: unit,
            now: request.context.now, names: services.divisions, catalogue: services.catalogue,
            types: services.queries.types
        )
    }

    private static func open(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            return .page(try await openPage(request, services).page)
        } catch let error as LinliError where error.kind == .invalid {
            // Who came by an address with a month that cannot be shown reads why, above the newest that can.
            var newest = try await openPage(request, services, isNewest: true)
            newest.problem = error.publicText
            return .page(newest.page, status: 422)
        }
    }

    /// What everybody may read, people and programs: finished months, division by division.
    ///
    /// - Throws: `.notFound` for a division that is none or never was there, `.invalid` for a month that is none or is not
    ///   over; not where the newest one is asked for, whatever the address says.
    static func openPage(
        _ request: Request, _ services: Services, isNewest: Bool = false
    ) async throws -> RatesOpenPage {
        let settings = services.queries.settings.rates
        let now = request.context.now
        let calendar = try await services.queries.assessmentCalendar()
        let newest = calendar.month(of: now).previous
        let month = isNewest ? newest : try openMonth(request, calendar)
        let named = request.query["division"].flatMap { $0.isEmpty ? nil : $0 }
        let wish = named.flatMap { DivisionCode($0) }
        guard named == nil || wish != nil else { throw LinliError.notFound("rates.division") }
        let page = try await services.database.read { tx -> RatesOpenPage? in
            let rules = try RateRules.settings(of: month, settings, tx)
            if let wish, try !isThere(wish, [now, Instant(calendar.lastDay(of: month), hour: 12)], tx) { return nil }
            guard let division = try wish ?? home(tx), division.level >= .district, division.level <= .community
            else { return nil }
            let area = RateArea.open(division)
            let children = try DivisionsStore.children(of: division, at: now, tx).map(\.code).filter {
                $0.level <= .community
            }
            let parts = try RatesStore.divisions(children, month, area, tx)
            return RatesOpenPage(
                month: month, division: division, words: RatesWords(settings: rules, calendar: calendar),
                sums: try RatesStore.totals([month], area, tx)[month] ?? RateSums(),
                children: children.map { ($0, parts[$0] ?? RateSums()) },
                population: try PopulationStore.of(children + [division], tx),
                exclusions: try RatesStore.exclusions(month, area, tx),
                official: try ForeignResultsStore.totals([month], area, rules, tx)[month], hasNext: month < newest,
                names: services.divisions, types: services.queries.types
            )
        }
        guard let page else { throw LinliError.notFound("rates.division") }
        return page
    }

    /// The month everybody may read that an address asks for; the newest that is over where it names none.
    private static func openMonth(_ request: Request, _ calendar: AssessmentCalendar) throws -> AssessmentMonth {
        let now = request.context.now
        let newest = calendar.month(of: now).previous
        guard let word = request.query["month"], !word.isEmpty else { return newest }
        guard let month = AssessmentMonth(word) else {
            let text = Text(
                "月份要写成 \(newest) 这样的六位数字", "A month is written in six digits, such as \(newest)")
            throw LinliError.invalid("rates.month", [.init("month", text)])
        }
        guard calendar.isOver(month, at: now) else {
            let text = Text(
                "\(month.name.zh)还没有结束，这里只公布已经结束的月份，最近的是\(newest.name.zh)",
                "\(month.name.en) is not over: only finished months are published, the newest is \(newest.name.en)")
            throw LinliError.invalid("rates.notOver", [.init("month", text)])
        }
        return month
    }

    /// Whether a division was there at one of several moments: a month may be read after it was joined to another one.
    private static func isThere(_ division: DivisionCode, _ moments: [Instant], _ tx: ReadTx) throws -> Bool {
        try moments.contains { try DivisionsStore.find(division, at: $0, tx) != nil }
    }

    /// The street this server begins with: that of its first committee.
    private static func home(_ tx: ReadTx) throws -> DivisionCode? {
        let community: DivisionCode? = try tx.value(
            "SELECT division FROM unit WHERE kind = 'committee' ORDER BY id LIMIT 1"
        )
        return community?.ancestor(at: .street)
    }
}
