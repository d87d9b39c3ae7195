import LinliCore
import LinliSQL
import LinliStandards

/// Places that may be one, and why.
package struct PlaceTwin: Sendable {
    /// What looks the same.
    package enum Sign: String, Sendable {
        case address, name, point

        /// What people read.
        package var name: Text {
            switch self {
            case .address: Text("地址相同", "Same address")
            case .name: Text("同一个上级里名称相同", "Same name in the same place")
            case .point: Text("坐标几乎相同", "Nearly the same point")
            }
        }
    }

    /// The other place.
    package let place: PlaceSummary
    /// Why it may be the same.
    package let sign: Sign

    /// How near two points of one kind are that may be one place: some 10 metres.
    /// - Source: configured, no source
    private static let near = 0.0001

    /// The places of its community that may be the same as one that is here: by address or name however they are spelled,
    /// or by where they lie.
    package static func find(of place: PlaceSummary, _ tx: ReadTx) throws -> [PlaceTwin] {
        guard place.isHere else { return [] }
        return find(of: place, among: try PlacesStore.tree(in: place.division.ancestor(at: .community), tx))
    }

    /// The same among places that are known.
    static func find(of place: PlaceSummary, among others: [PlaceSummary]) -> [PlaceTwin] {
        let (address, name) = (AddressSpelling.normal(place.address), AddressSpelling.normal(place.name))
        let found = others.compactMap { other -> PlaceTwin? in
            guard other.id != place.id, other.id != place.parent, other.parent != place.id else { return nil }
            if other.address == place.address { return PlaceTwin(place: other, sign: .address) }
            guard other.kind == place.kind else { return nil }
            if AddressSpelling.normal(other.address) == address { return PlaceTwin(place: other, sign: .address) }
            if other.parent == place.parent, AddressSpelling.normal(other.name) == name {
                return PlaceTwin(place: other, sign: .name)
            }
            guard let mine = place.point, let theirs = other.point, place.kind != .entrance, place.kind != .floor,
                abs(mine.latitude - theirs.latitude) < near, abs(mine.longitude - theirs.longitude) < near
            else { return nil }
            return PlaceTwin(place: other, sign: .point)
        }
        return Array(found.prefix(10))
    }
}
