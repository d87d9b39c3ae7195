import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// The list's place in an address: where, what, how far, as list or map.
struct PublicQuery: Sendable {
    var filter: PublicCaseFilter
    var isMap: Bool
    /// Whether somebody chose more than where to look.
    var isNarrowed: Bool { filter.major != nil || filter.isOpen != nil }

    /// What an address asks for; what it does not know counts as not asked for. `home` is where the reader is at home.
    init(_ query: Form, home: DivisionCode, _ catalogue: EventCatalogue) {
        let chosen = query["area"].flatMap { DivisionCode($0) }.flatMap { $0.level >= .district ? $0 : nil }
        let area = chosen ?? home
        filter = PublicCaseFilter(area: area.level == .grid ? area.ancestor(at: .community) : area)
        filter.place = query.id("place")
        filter.major = query["kind"].flatMap { catalogue[code: $0] }.flatMap { $0.isMajor ? $0.code : nil }
        filter.isOpen = query["open"].flatMap { ["yes": true, "no": false][$0] }
        filter.after = query["after"].flatMap { CaseCursor($0) }
        isMap = query["view"] == "map"
    }

    /// The fields that lead to the same choice again, from its first page.
    var fields: [(String, String?)] {
        [
            ("area", filter.area.description), ("place", filter.place.map { "\($0)" }), ("kind", filter.major),
            ("open", filter.isOpen.map { $0 ? "yes" : "no" }),
        ]
    }
}

/// What the list of public cases shows.
struct PublicListModel: Sendable {
    var query: PublicQuery
    /// Where the reader is at home; nil before any community was set up.
    var home: DivisionCode?
    var place: PlaceSummary?
    var rows: [PublicCaseRow] = []
    var hasMore = false
    /// What can be chosen in place of the area.
    var areas: [DivisionCode] = []
    /// Grids to draw under the pins.
    var grids: [GridOutline] = []
    var account: AccountSummary?
    /// What the reader follows of what is shown here.
    var subscription: ID<PlaceSubscription>?
    var now: Instant
    var formToken = ""
}

extension PublicListModel {
    /// How many cases a map shows.
    static let mapLimit = 200

    /// Reads the list, and what stands around it when it is a page.
    static func load(
        _ request: Request, _ services: Services, isPage: Bool = true, limit: Int? = nil
    ) async throws -> PublicListModel {
        let account = request.session?.account
        let (form, now, catalogue, queries) = (request.query, request.context.now, services.catalogue, services.queries)
        return try await services.database.read { tx in
            let home = try (LocalCommunity.of(account) ?? LocalCommunity.first(tx))?.ancestor(at: .community)
            // Before any community was set up there is nothing to list, wherever one looks.
            let query = PublicQuery(form, home: home ?? DivisionCode(rawValue: 110_101_000_000_000), catalogue)
            var model = PublicListModel(query: query, home: home, account: account, now: now)
            model.place = try query.filter.place.flatMap { try PlacesStore.find($0, tx) }
            var filter = query.filter
            if let limit { filter.limit = limit }
            if query.isMap, isPage {
                filter.limit = mapLimit
                filter.after = nil
            }
            let rows = try queries.publicList(filter, tx)
            model.rows = Array(rows.prefix(filter.limit))
            model.hasMore = rows.count > filter.limit
            guard isPage else { return model }
            model.areas = try areas(around: query.filter.area, at: now, tx)
            if query.isMap { model.grids = try grids(of: query.filter, model.place, at: now, tx) }
            model.subscription = try account.flatMap { try FollowStore.find(FollowTarget(query.filter), $0.id, tx) }
            return model
        }
    }

    /// The grids to draw: those of the place's community, or of an area that is no wider than a street.
    static func grids(
        of filter: PublicCaseFilter, _ place: PlaceSummary?, at now: Instant, _ tx: ReadTx
    ) throws -> [GridOutline] {
        let area = place?.division.ancestor(at: .community) ?? filter.area
        return area.level >= .street ? try GridAreasStore.outlines(in: area, at: now, tx) : []
    }

    /// The wider divisions, and those inside or beside the one chosen.
    private static func areas(
        around area: DivisionCode, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode] {
        let levels: [DivisionCode.Level] = [.district, .street, .community]
        let wider = levels.filter { $0 <= area.level }.map { area.ancestor(at: $0) }
        let parent = area.level == .community ? area.ancestor(at: .street) : area
        return Set(wider + (try DivisionsStore.children(of: parent, at: now, tx).map(\.code))).sorted()
    }
}
