import LinliCore
import LinliSQL
import LinliStandards

/// What is as good as the same spot for somebody who names a place: the building or yard it is part of with everything
/// that stands in it, and where that lies.
struct PlaceVicinity: Sendable {
    /// The place itself and its near kin, also what is there no more and what was joined with any of it.
    let places: [ID<Place>]
    /// Where the place lies, else the building or yard it is part of; nil where nobody measured. An estate is too wide to
    /// say where one of its doors is.
    let point: GeoPoint?

    /// More than the doors of the largest yards.
    /// - Source: configured, no source
    private static let most = 256

    /// What is around a place.
    init(of place: ID<Place>, _ tx: ReadTx) throws {
        let chain = try PlacesStore.chain(of: place, tx)
        let reach = PlaceVicinity.reach(chain)
        point = chain.prefix(reach + 1).lazy.compactMap(\.point).first
        let root = chain.indices.contains(reach) ? chain[reach].id : place
        let inside = try PlacesStore.inside(root, limit: PlaceVicinity.most, tx)
        // Of a place with more in it than is looked at, the one that was named counts all the same.
        places = inside.contains(place) ? inside : [place] + inside
    }

    /// How far up a chain is the same building or yard: an entrance's building, and the yard a building stands in. An
    /// estate, a village or a square is only itself.
    private static func reach(_ chain: [PlaceSummary]) -> Int {
        let bounds: [PlaceKind] = [.building, .businessBuilding, .courtyard]
        guard let found = chain.firstIndex(where: { bounds.contains($0.kind) }) else { return 0 }
        let isInYard = chain[found].kind != .courtyard && chain.indices.contains(found + 1)
        return isInYard && chain[found + 1].kind == .courtyard ? found + 1 : found
    }
}
