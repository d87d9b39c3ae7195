import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Open cases that may be the same as what somebody is about to tell.
enum SimilarCases {
    /// What staff see of them before they register another: of the same kind at a place or around a point, where they may
    /// read cases. Never what protects who told it. What is at the place itself first.
    static func forStaff(
        _ category: EventCategory?, at place: PlaceSummary?, in division: DivisionCode?, around: GeoPoint? = nil,
        _ context: Context, _ services: Services
    ) async throws -> [CaseRow] {
        guard let category, let division = place?.division ?? division, division.level >= .community else { return [] }
        let scope = context.actor.scope(for: .casesRead)
        return try await services.queries.similar(
            categories: codes(of: category, services.catalogue), community: division, place: place?.id, around: around
        ).filter { scope.contains($0.division) }
    }

    /// What neighbours see of them before they tell another: what is public, and for who lives there what is wrong with
    /// the shared parts of the building. Of the codes only those that may be shown at all count; `likeliest` is the one
    /// of them it most likely is. What who asks told themselves is marked.
    static func forNeighbours(
        _ codes: [String], likeliest: String = "", at place: ID<Place>?, around: GeoPoint?, _ request: Request,
        _ services: Services
    ) async throws -> [JoinableCase] {
        let neighbour = try await LocalCommunity.neighbour(request, services)
        let account = request.session?.account
        let community = try await services.database.read { tx -> DivisionCode? in
            try place.flatMap { try PlacesStore.find($0, tx)?.division } ?? neighbour?.community
                ?? LocalCommunity.of(account) ?? LocalCommunity.first(tx)
        }
        guard let community else { return [] }
        let shown = codes.filter { code in
            guard let category = services.catalogue[code: code] else { return false }
            return category.mayBePublic || neighbour != nil && Neighbour.shares(category)
        }
        var found = try await services.queries.joinable(
            categories: shown, likeliest: likeliest, community: community, place: place, around: around, as: neighbour
        )
        let own = try await services.queries.own(in: found.map(\.id), of: request.context.actor.account)
        let knowsDoor = try await found.isEmpty ? false : knowsDoor(near: community, request, services)
        for index in found.indices {
            found[index].own = own[found[index].id]
            found[index].knowsDoor = knowsDoor
        }
        return found
    }

    /// Whether the door of who asks is known by their account.
    static func knowsDoor(
        near community: DivisionCode, _ request: Request, _ services: Services
    ) async throws -> Bool {
        guard let account = request.context.actor.account else { return false }
        return try await services.database.read { try CaseQueries.hasHome(account, near: community, $0) }
    }

    /// The codes that count as the same as a category: of a major class all of its kinds.
    static func codes(of category: EventCategory, _ catalogue: EventCatalogue) -> [String] {
        [category.code] + (category.isMajor ? catalogue.children(of: category.code).map(\.code) : [])
    }
}

extension SimilarParts {
    /// Links to what staff may find to be the same, each in a window of its own, because what is typed here is not kept
    /// anywhere yet; nothing when there is none. `joining` has a button for each that adds who tells it to that case.
    static func forStaff(_ rows: [CaseRow], _ joining: StaffJoining? = nil) -> HTML {
        guard !rows.isEmpty else { return .empty }
        return """
            \(joining.map(\.first))\(joining.map { $0.seen(rows) })<div class="alert">\(icon("people"))<div class="bd">
            <b>\(Text("附近没办完的同类事情", "Open cases of the same kind nearby"))</b>
            <ul class="plain">\(each: rows, { row in
                """
                <li><a href="\(CasePath.desk(row.id))" target="_blank" rel="noopener"><span class="num">\(row.number)</span> \
                \(row.title)</a> · \(row.whereabouts)\(joining.map { $0.button(row) })</li>
                """
            })</ul>
            \(joining.map(\.fields))
            <p class="note">\(Text("点开是新窗口，这里填的都还在。", "Each opens in a new window; what you filled in here stays."))</p>
            </div></div>
            """
    }
}
