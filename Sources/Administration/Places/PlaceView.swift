import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Everything the page of a place shows, read at once.
struct PlaceView: Sendable {
    let place: PlaceSummary
    let parent: PlaceSummary?
    /// What lies directly in it, also what is there no more.
    let children: [PlaceSummary]
    let isInUse: Bool
    /// Who looks after it: its own manager, or that of what it lies in.
    let manager: UnitSummary?
    let address: PlaceAddress
    let areas: [ID<Place>: GeoArea]
    let photos: [ID<StoredFile>]
    let history: [PlaceHistory.Line]
    let twins: [PlaceTwin]
    /// The place that stands for it since two were joined.
    let survivor: PlaceSummary?
    /// The places that were joined with it.
    let merged: [MergedPlace]
    let divisions: [DivisionCode]
    let units: [UnitSummary]

    /// Reads it for somebody.
    ///
    /// - Throws: `.notFound` out of sight.
    init(_ id: ID<Place>, _ actor: Actor, at now: Instant, _ services: Services, _ tx: ReadTx) throws {
        guard let place = try PlacesStore.find(id, tx), actor.may(.registersRead, in: place.division) else {
            throw LinliError.notFound("places.unknown")
        }
        let chain = try PlacesStore.chain(of: id, tx)
        let community = place.division.ancestor(at: .community)
        self.place = place
        parent = chain.dropFirst().first
        children = try PlacesStore.children(of: id, tx)
        isInUse = try PlacesAdminStore.isNamed(id, services.features.placeUses, tx)
        manager = try PlacesStore.manager(of: place, tx)
        address = PlaceAddress(chain) { services.divisions.known($0) }
        areas = try PlaceAreas.find([id] + children.map(\.id), tx)
        photos = try PlaceRegister.photos(of: id, tx)
        history = try PlaceHistory.lines(of: id, services.database.keys, tx)
        twins = try PlaceTwin.find(of: place, tx)
        survivor = try place.mergedInto.flatMap { try PlacesStore.find($0, tx) }
        merged = try MergedPlace.find(into: id, tx)
        divisions = try [community] + DivisionsStore.children(of: community, at: now, tx).map(\.code)
        units = try UnitsStore.reachable(from: community, tx)
    }

    /// Its small map.
    func map(_ base: BaseMap) -> PlaceMap {
        PlaceMap(
            place, area: areas[place.id],
            inside: children.filter(\.isHere).compactMap { child in areas[child.id].map { (place: child, area: $0) } },
            base)
    }
}
