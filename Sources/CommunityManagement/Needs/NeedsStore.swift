import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// What the report form offers to choose from.
struct NeedOptions: Sendable {
    /// A place and what is inside it.
    struct Node: Sendable {
        var place: PlaceSummary
        var children: [Node]
    }

    /// The community it speaks for.
    var community: DivisionCode?
    /// Estates, yards, villages; inside them buildings; inside those entrances.
    var places: [Node] = []
    /// Units somebody may complain about.
    var units: [UnitSummary] = []
    /// The grids that have an area.
    var grids: [GridOutline] = []
}

/// Every SQL text and read of needs that is the residents' own.
enum NeedsStore {
    /// A form with a place chosen: the estate, the building and the entrance it is or lies in.
    static func filled(_ form: NeedForm, with place: ID<Place>, _ tx: ReadTx) throws -> NeedForm? {
        var chain: [ID<Place>] = []
        var next: ID<Place>? = place
        while let id = next, chain.count < 6, let found = try PlacesStore.find(id, tx) {
            chain.insert(found.id, at: 0)
            next = found.parent
        }
        guard !chain.isEmpty else { return nil }
        var form = form
        form.estate = chain[0]
        form.building = chain.count > 1 ? chain[1] : nil
        form.entrance = chain.count > 2 ? chain[2] : nil
        form.listed = place
        return form
    }

    /// What the form offers somebody; of the community that `place` lies in when one is chosen already, or of `division`.
    static func options(
        _ account: AccountSummary?, place: PlaceSummary? = nil, in division: DivisionCode? = nil, at now: Instant,
        _ tx: ReadTx
    ) throws -> NeedOptions {
        let named = place?.division ?? division.flatMap { $0.level >= .community ? $0 : nil }
        guard let home = try named ?? LocalCommunity.of(account) ?? LocalCommunity.first(tx) else {
            return NeedOptions()
        }
        let community = home.ancestor(at: .community)
        let places = try PlacesStore.tree(in: community, tx)
        return NeedOptions(
            community: community,
            places: tree(places),
            units: try UnitsStore.reachable(from: community, tx),
            grids: try GridAreasStore.outlines(in: community, at: now, tx)
        )
    }

    private static func tree(_ places: [PlaceSummary]) -> [NeedOptions.Node] {
        let known = Set(places.map(\.id))
        let byParent = Dictionary(grouping: places) { place in place.parent.flatMap { known.contains($0) ? $0 : nil } }
        return nodes(below: nil, byParent, depth: 0)
    }

    private static func nodes(
        below parent: ID<Place>?, _ byParent: [ID<Place>?: [PlaceSummary]], depth: Int
    ) -> [NeedOptions.Node] {
        // Estate, building, entrance: the form asks no further.
        guard depth < 3 else { return [] }
        return (byParent[parent] ?? []).map { place in
            NeedOptions.Node(place: place, children: nodes(below: place.id, byParent, depth: depth + 1))
        }
    }

    /// The place a form names, or nil when there is no such place.
    static func place(_ form: NeedForm, _ tx: ReadTx) throws -> PlaceSummary? {
        try form.place.flatMap { try PlacesStore.find($0, tx) }
    }

    /// Where a need lies: at the place chosen, else in the grid of the point, else where the reporter is at home, else in
    /// the deployment's first community.
    ///
    /// - Throws: `.unavailable` before any community was set up.
    static func division(
        for form: NeedForm, place: PlaceSummary?, _ account: AccountSummary?, at now: Instant, _ tx: ReadTx
    ) throws -> DivisionCode {
        if let place { return place.division }
        if let point = form.point,
            let grid = try GridLocator.grid(latitude: point.latitude, longitude: point.longitude, at: now, tx)
        {
            return grid
        }
        if let home = try LocalCommunity.of(account) ?? LocalCommunity.first(tx) { return home }
        throw LinliError(
            .unavailable,
            "needs.noCommunity",
            Text("这里还没有设置社区，请先打 12345", "No community has been set up here yet; please call 12345")
        )
    }

    /// Whether a unit exists; a made-up one would hide the case from nobody.
    static func isUnit(_ id: ID<Unit>, _ tx: ReadTx) throws -> Bool {
        try UnitsStore.find(id, tx) != nil
    }

    /// A photo's content, if it belongs to the case, or shows what was done in the case it speaks in. Who told a complaint
    /// does not see what was done while others spoke in it: it may show where one of them lives.
    static func photo(
        _ file: ID<StoredFile>, of item: ID<Case>, for standing: Standing, _ tx: ReadTx
    ) throws -> (hash: String, size: Int)? {
        let others: SQL = """
            SELECT 1 FROM case_voice v JOIN case_item t ON t.id = v.case_id JOIN case_item o ON o.id = v.voice_id
            WHERE v.case_id = p.case_id AND (t.nature IN ('complaint', 'tipOff') OR o.nature IN ('complaint', 'tipOff'))
            AND v.since <= p.at AND (v.until IS NULL OR v.until > p.at)
            AND NOT EXISTS (
                SELECT 1 FROM case_voice b WHERE b.voice_id = v.voice_id AND b.id < v.id AND b.until > p.at)
            """
        let hidden: SQL = standing.isStaff ? .empty : " AND NOT (p.kind = 'after' AND EXISTS (\(others)))"
        return try tx.first(
            """
            SELECT f.hash, f.size FROM case_photo p JOIN stored_file f ON f.id = p.file_id
            WHERE p.file_id = \(file) AND (p.case_id = \(item) OR (p.kind = 'after'
                AND p.case_id = (SELECT c.speaks_in FROM case_item c WHERE c.id = \(item) AND c.nature <> 'complaint')))\
            \(hidden)
            """
        ) { (try $0[0], try $0[1]) }
    }
}
