import LinliCore
import LinliStandards

/// The address of a place, or of a room in it, in the standard form: divisions from the province to the community, then
/// road, house number, estate, building, entrance, floor and room; with what of the register does not fit that form.
///
/// - Source: GB/T 23705-2009 for the order of the parts [M]; what is remarked is configured, no source
package struct PlaceAddress: Sendable {
    /// What a part of an address is.
    package enum Part: String, Sendable, CaseIterable {
        case province, city, district, street, community, road, door, estate, building, entrance, floor, room
    }

    /// The parts in their order.
    package let parts: [(part: Part, text: String)]
    /// What does not fit.
    package let remarks: [Text]

    /// All of it in one line.
    package var text: String { parts.map(\.text).joined() }

    /// What cities of no more than one district are called in the table; nobody says it in an address.
    private static let unsaid: Set<String> = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"]

    private static let levels: [(DivisionCode.Level, Part)] = [
        (.province, .province), (.city, .city), (.district, .district), (.street, .street), (.community, .community),
    ]

    /// The address of the first place of a chain, as `PlacesStore.chain` gives it, and of a room in it; `name` gives the
    /// name of a division, nil for one that is not known.
    package init(_ chain: [PlaceSummary], room: String? = nil, name: (DivisionCode) -> String?) {
        var parts: [(part: Part, text: String)] = []
        if let division = chain.first?.division {
            for (level, part) in PlaceAddress.levels where division.level >= level {
                let found = name(division.ancestor(at: level))
                if let found, !PlaceAddress.unsaid.contains(found) { parts.append((part, found)) }
            }
        }
        let (road, door) = PlaceAddress.street(chain)
        if !road.isEmpty { parts.append((.road, road)) }
        if !door.isEmpty { parts.append((.door, door)) }
        // What the community and the village are called is said once: a village is often the whole of its community, and
        // its groups bear its name.
        var said = parts.filter { $0.part == .community }.map(\.text)
        for place in chain.reversed() {
            guard let part = PlaceAddress.part(of: place) else { continue }
            let text = PlaceAddress.name(of: place, after: said)
            if !text.isEmpty { parts.append((part, text)) }
            if place.kind == .village { said.append(place.name) }
        }
        if let room, !room.isEmpty { parts.append((.room, room)) }
        self.parts = parts
        var remarks = PlaceAddress.remarks(chain, hasDoor: !door.isEmpty)
        if let room, let remark = PlaceAddress.remark(room: room) { remarks.append(remark) }
        self.remarks = remarks
    }

    /// Road and house number: of the nearest place that says so; a lane with its yards says both by their names.
    private static func street(_ chain: [PlaceSummary]) -> (road: String, door: String) {
        let own = chain.firstIndex { !$0.road.isEmpty || !$0.door.isEmpty }
        let lane = chain.last.flatMap { $0.kind == .courtyard ? $0 : nil }
        let yard = chain.firstIndex { $0.kind == .courtyard && $0.id != lane?.id }
        let road = chain.first { !$0.road.isEmpty }?.road ?? lane?.name ?? ""
        if let own, !chain[own].door.isEmpty { return (road, chain[own].door) }
        // A lane says its road and no number: its yards do. What lies in a yard and says a road of its own does not lie
        // at the yard's number.
        guard let yard, own.map({ $0 >= yard }) ?? true else { return (road, "") }
        let name = chain[yard].name
        return (road, name.hasPrefix(road) && name != road ? String(name.dropFirst(road.count)) : name)
    }

    /// The name of a place without what was said before it.
    private static func name(of place: PlaceSummary, after said: [String]) -> String {
        guard [.village, .group, .publicSpace].contains(place.kind) else { return place.name }
        let rest = said.reduce(place.name) { name, word in
            name.hasPrefix(word) ? String(name.dropFirst(word.count)) : name
        }
        // A square is called something in any case.
        return rest.isEmpty && place.kind == .publicSpace ? place.name : rest
    }

    /// What the name of a place is in an address; nil where the name is the road's or the house number already.
    private static func part(of place: PlaceSummary) -> Part? {
        switch place.kind {
        case .estate, .village, .group, .publicSpace: .estate
        // Yards stand as road and house number.
        case .courtyard: nil
        case .building, .businessBuilding: .building
        case .entrance: .entrance
        case .floor: .floor
        }
    }

    // MARK: What does not fit

    private static func remarks(_ chain: [PlaceSummary], hasDoor: Bool) -> [Text] {
        var remarks: [Text] = []
        guard let place = chain.first else { return remarks }
        let isInVillage = chain.contains { $0.kind == .village || $0.kind == .publicSpace }
        let isLane = place.kind == .courtyard && place.parent == nil
        if !hasDoor, !isInVillage, !isLane {
            remarks.append(Text("缺路巷和门牌号", "The road and the house number are missing"))
        }
        if let remark = remark(name: place) { remarks.append(remark) }
        if let parent = chain.dropFirst().first {
            let expected = String((parent.address + place.name).prefix(160))
            if place.address != expected {
                remarks.append(
                    Text("“\(place.address)”和上级对不上，应是“\(expected)”", "“\(place.address)” should be “\(expected)”"))
            }
        }
        return remarks
    }

    /// What is usual for a name and is written otherwise here.
    private static func remark(name place: PlaceSummary) -> Text? {
        let ending: String
        switch place.kind {
        case .building: ending = "号楼"
        case .entrance: ending = "单元"
        default: return nil
        }
        // A building alone may be called anything; a number wants its word.
        let usual = place.kind == .building ? AddressSpelling.normal(place.name) : entrance(place.name)
        let isNumber = !usual.isEmpty && usual.allSatisfy { $0.isASCII && $0.isNumber }
        let right = isNumber ? usual + ending : usual
        guard right != place.name else { return nil }
        return Text("“\(place.name)”一般写成“\(right)”", "“\(place.name)” is usually written “\(right)”")
    }

    /// An entrance is spelled as it is behind a building.
    private static func entrance(_ name: String) -> String {
        let whole = AddressSpelling.normal("1号楼" + name)
        return whole.hasPrefix("1号楼") ? String(whole.dropFirst(3)) : name
    }

    private static func remark(room: String) -> Text? {
        let whole = AddressSpelling.normal("1号楼1单元" + room)
        let usual = whole.hasPrefix("1号楼1单元") ? String(whole.dropFirst(6)) : room
        guard usual != room else { return nil }
        return Text("门牌号“\(room)”一般写成“\(usual)”", "The number “\(room)” is usually written “\(usual)”")
    }
}
