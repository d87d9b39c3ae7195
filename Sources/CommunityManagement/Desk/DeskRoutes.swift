import LinliCore
import LinliKernel
import LinliSQL
import LinliUI

/// The list, its fragments and the search.
enum DeskRoutes {
    static let all: [Route] = [
        .get("/desk", access: .permission(.casesRead), list),
        .get("/desk/list", access: .permission(.casesRead), listFragment),
        .get("/desk/tabs", access: .permission(.casesRead), tabsFragment),
        .get("/desk/search", access: .permission(.casesRead), search),
    ]

    // MARK: List

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await listPage(request, services)
        if let id: ID<Case> = request.query.id("case") {
            do {
                let back = DeskReturn(filter: page.filter, shown: id)
                page.shown = try await DeskCaseRoutes.load(id, request, services, back: back)
            } catch let error as LinliError where error.kind == .notFound {
                // It was passed on to somebody else meanwhile: the list says what is left.
                page.shown = nil
            }
        }
        page.done = request.query["done"]
        page.views = try await views(page.filter, request, services)
        return .page(page.page)
    }

    /// The lists somebody named, and whom they can share one with.
    private static func views(
        _ filter: CaseFilter, _ request: Request, _ services: Services
    ) async throws -> DeskViewLinks? {
        let actor = request.context.actor
        guard let account = actor.account else { return nil }
        let (views, unit) = try await services.database.read { tx in
            let units = try CaseQueries.dutyUnits(of: actor, tx)
            return (try DeskViewStore.list(account, units.map(\.id), tx), units.first?.name)
        }
        return DeskViewLinks(
            views: views, filter: filter, unit: unit, isWrong: request.query["problem"] == "view",
            mayExport: actor.may(.casesExport), formToken: request.formToken
        )
    }

    private static func listFragment(_ request: Request, _ services: Services) async throws -> Reply {
        .fragment(try await listPage(request, services, hasFrame: false).table)
    }

    private static func tabsFragment(_ request: Request, _ services: Services) async throws -> Reply {
        let scope = request.context.actor.scope(for: .casesRead)
        let now = request.context.now
        let filter = DeskQuery.filter(request.query)
        let counts = try await services.database.read { try DeskRoutes.counts(filter, scope, at: now, $0) }
        return .fragment(DeskTabs(filter: filter, counts: counts, types: services.queries.types).html)
    }

    /// What the tabs say: counts are kept of whole scopes, and a narrowed list shows none.
    private static func counts(
        _ filter: CaseFilter, _ scope: Scope, at now: Instant, _ tx: ReadTx
    ) throws -> DeskStore.Counts {
        filter.isNarrowed ? DeskStore.Counts() : try DeskStore.counts(scope, at: now, tx)
    }

    /// The list; `hasFrame` also reads what stands around it.
    private static func listPage(
        _ request: Request, _ services: Services, hasFrame: Bool = true
    ) async throws -> DeskListPage {
        let scope = request.context.actor.scope(for: .casesRead)
        let filter = DeskQuery.filter(request.query)
        let now = request.context.now
        let queries = services.queries
        let (rows, homes, counts, areas, districts) = try await services.database.read { tx in
            let rows = try queries.list(filter, scope, at: now, tx)
            let homes = try VoiceCount.of(rows.map(\.id), tx)
            guard hasFrame else { return (rows, homes, DeskStore.Counts(), [DivisionCode](), [DeskStore.AreaCount]()) }
            return (
                rows, homes, try DeskRoutes.counts(filter, scope, at: now, tx),
                try DeskRoutes.areas(of: scope, filter.grid, at: now, tx),
                try DeskStore.districts(scope, queries.types, at: now, tx)
            )
        }
        return DeskListPage(
            filter: filter,
            rows: Array(rows.prefix(filter.limit)),
            homes: homes,
            hasMore: rows.count > filter.limit,
            counts: counts,
            areas: areas,
            districts: districts,
            mayRegister: request.context.actor.may(.casesReport),
            me: request.context.actor.account,
            now: now,
            names: services.divisions,
            catalogue: services.catalogue,
            types: services.queries.types
        )
    }

    /// What the list can be narrowed to: the divisions inside one's own, and those inside the chosen one.
    private static func areas(
        of scope: Scope, _ chosen: DivisionCode?, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode] {
        var areas: [DivisionCode] = []
        for division in scope.divisions {
            areas +=
                division.level < .district
                ? try DivisionsStore.districts(in: division, at: now, tx)
                : try DivisionsStore.children(of: division, at: now, tx).map(\.code)
        }
        // Somebody who walks two grids may look at one of them.
        if areas.isEmpty, scope.divisions.count > 1 { areas = scope.divisions }
        guard let chosen, scope.contains(chosen) else { return areas }
        areas += try DivisionsStore.children(of: chosen, at: now, tx).map(\.code) + [chosen]
        return Set(areas).sorted()
    }

    // MARK: Search

    private static func search(_ request: Request, _ services: Services) async throws -> Reply {
        let words = String((request.query["q"] ?? "").prefix(60))
        let scope = request.context.actor.scope(for: .casesRead)
        let now = request.context.now
        let found = try await services.database.read { try CaseSearch.find(words, scope, at: now, $0) }
        let page = DeskSearchPage(
            words: words,
            found: found,
            now: request.context.now,
            names: services.divisions,
            catalogue: services.catalogue,
            types: services.queries.types
        )
        return .page(page.page)
    }
}

/// The list's place in an address: which tab, narrowed to what, after which row.
enum DeskQuery {
    /// The filter an address asks for; what it does not know counts as not asked for.
    static func filter(_ query: Form) -> CaseFilter {
        var filter = CaseFilter(
            tab: query["tab"].flatMap { CaseFilter.Tab(rawValue: $0) } ?? .open,
            category: query["category"],
            grid: query["grid"].flatMap { DivisionCode($0) },
            after: query["after"].flatMap { CaseCursor($0) }
        )
        filter.handler = query.id("handler")
        filter.isNewestFirst = query["order"] == "newest"
        return filter
    }

    /// The fields of a query as an address says it; what is no query has none.
    static func parse(_ query: String) -> Form {
        Form(
            query.split(separator: "&").compactMap { pair in
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, !parts[1].contains("%") else { return nil }
                return (name: String(parts[0]), value: String(parts[1]))
            }
        )
    }

    /// The fields that lead to the same list again.
    static func fields(_ filter: CaseFilter) -> [(String, String?)] {
        [
            ("tab", filter.tab == .open ? nil : filter.tab.rawValue),
            ("category", filter.category),
            ("grid", filter.grid?.description),
            ("after", filter.after?.description),
            ("handler", filter.handler.map { "\($0)" }),
            ("order", filter.isNewestFirst ? "newest" : nil),
        ]
    }
}
