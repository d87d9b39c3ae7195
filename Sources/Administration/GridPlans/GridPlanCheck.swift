import LinliCore
import LinliKernel
import LinliStandards

/// What is wrong with a sketch, in words and with the place on the map.
struct GridPlanCheck: Sendable {
    struct Remark: Sendable {
        let text: Text
        let isBad: Bool
        /// Where to look, and what to hatch; nil for what has no place.
        let fault: CoverageFault?
        let point: GeoPoint?
    }

    /// Somebody's duty over a grid.
    struct Duty: Sendable {
        let grid: DivisionCode
        let gridName: String
        let name: String
    }

    let remarks: [Remark]
    /// How many households each grid has, where the register knows.
    let households: [DivisionCode: Int]

    /// Whether the sketch may be published.
    var isGood: Bool { !remarks.contains { $0.isBad } }
    /// Whether there are grids and every place of the territory lies in just one of them.
    var isCovered: Bool { !remarks.contains { $0.isBad || $0.fault != nil } }

    /// A grid of a city has about so many households.
    /// - Source: GB/T 34300-2017, widely quoted
    static let usualHouseholds = 300...500

    /// Checks a sketch against its territory, its neighbours and the places in it. Without a day from which it shall hold,
    /// an overlap with grids that are about to be smaller only says which day to wait for.
    init(
        _ sketch: GridSketch, neighbours: [GridNeighbours], on day: Instant? = nil, present: [GridOutline] = [],
        isInForce: Bool = false, places: [PlaceSummary], households atPlaces: [ID<Place>: Int] = [:],
        duties: [Duty] = []
    ) throws {
        let households = GridPlanCheck.households(sketch, places, atPlaces)
        let names = Dictionary(
            (sketch.parts + neighbours.flatMap(\.grids)).map { ($0.code.rawValue, $0.name) },
            uniquingKeysWith: { first, _ in first }
        )
        var remarks: [Remark] = []
        if sketch.parts.isEmpty {
            remarks.append(
                Remark(text: Text("还没有网格", "There is no grid yet"), isBad: true, fault: nil, point: nil)
            )
        }
        let faults = try sketch.coverage().faults(in: sketch.territory)
        remarks += faults.map { fault in
            Remark(text: GridPlanCheck.words(fault, names), isBad: true, fault: fault, point: fault.point)
        }
        remarks += try GridPlanCheck.abroad(sketch, neighbours).map { overlap in
            GridPlanCheck.remark(overlap, names, isDated: day != nil)
        }
        remarks += try GridPlanCheck.lost(sketch, present, isInForce, known: faults)
        let twice = Dictionary(grouping: sketch.parts, by: \.name).filter { $0.value.count > 1 }.keys.sorted()
        remarks += twice.map {
            Remark(text: Text("有两个网格都叫“\($0)”", "Two grids are called “\($0)”"), isBad: true, fault: nil, point: nil)
        }
        remarks += GridPlanCheck.places(sketch, places)
        remarks += GridPlanCheck.sizes(sketch, households)
        let kept = Set(sketch.parts.map(\.code))
        remarks += duties.filter { !kept.contains($0.grid) }.map { duty in
            Remark(
                text: Text(
                    "“\(duty.gridName)”并走以后，\(duty.name)的岗位要在“账号”里另行安排",
                    "“\(duty.gridName)” goes: give \(duty.name) another duty under “Accounts”"),
                isBad: false, fault: nil, point: nil
            )
        }
        self.remarks = remarks
        self.households = households
    }

    /// An overlap with grids of other communities, from when on and until when; nil for good.
    private struct Abroad {
        let fault: CoverageFault
        let from: Instant
        let until: Instant?
    }

    /// Overlaps with grids of other communities, each once, in the order they begin.
    private static func abroad(_ sketch: GridSketch, _ neighbours: [GridNeighbours]) throws -> [Abroad] {
        var found: [Abroad] = []
        for (index, state) in neighbours.enumerated() {
            let next = index + 1 < neighbours.count ? neighbours[index + 1].from : nil
            for fault in try overlaps(sketch, state.grids) {
                let known = found.firstIndex {
                    $0.until == state.from && $0.fault.keys == fault.keys && $0.fault.box == fault.box
                }
                if let known {
                    found[known] = Abroad(fault: fault, from: found[known].from, until: next)
                } else {
                    found.append(Abroad(fault: fault, from: state.from, until: next))
                }
            }
        }
        return found
    }

    private static func overlaps(_ sketch: GridSketch, _ neighbours: [GridOutline]) throws -> [CoverageFault] {
        guard let box = GeoBox(sketch.parts.flatMap { [$0.area.box.southWest, $0.area.box.northEast] }) else {
            return []
        }
        let near = neighbours.filter { $0.area.box.intersects(box) }
        guard !near.isEmpty else { return [] }
        let both = GridSketch(community: sketch.community, parts: sketch.parts + near, territory: nil)
        let own = Set(sketch.parts.map(\.code.rawValue))
        return try both.coverage().faults().filter { fault in
            fault.kind == .overlap && !own.isDisjoint(with: fault.keys) && !own.isSuperset(of: fault.keys)
        }
    }

    private static func remark(_ overlap: Abroad, _ names: [Int64: String], isDated: Bool) -> Remark {
        let (text, fault) = (words(overlap.fault, names), overlap.fault)
        guard !isDated, let day = overlap.until?.date.full else {
            return Remark(text: text, isBad: true, fault: fault, point: fault.point)
        }
        return Remark(
            text: Text(
                "\(day.zh)以前\(text.zh)，要到那天再起用", "Until \(day.en) \(text.en): let it hold from that day"),
            isBad: false, fault: fault, point: fault.point)
    }

    /// What overlaps plans of others, already published, would bring that are not there now.
    static func overlapsToCome(of sketch: GridSketch, _ neighbours: [GridNeighbours]) throws -> [Text] {
        guard let now = neighbours.first?.from else { return [] }
        let names = Dictionary(
            (sketch.parts + neighbours.flatMap(\.grids)).map { ($0.code.rawValue, $0.name) },
            uniquingKeysWith: { first, _ in first })
        return try abroad(sketch, neighbours).filter { $0.from > now }.map { words($0.fault, names) }
    }

    /// What the grids before it have or had and the sketch leaves to nobody. A border of the community that was drawn says what
    /// must be covered: what lies beyond it was given up on purpose.
    private static func lost(
        _ sketch: GridSketch, _ present: [GridOutline], _ isInForce: Bool, known: [CoverageFault]
    ) throws -> [Remark] {
        guard sketch.territory == nil, !sketch.parts.isEmpty else { return [] }
        let coverage = try sketch.coverage()
        return present.flatMap { grid in
            coverage.missing(of: grid.area)
                .filter { gap in !known.contains { $0.kind == .gap && $0.contains(gap.point) } }
                .map { gap -> Remark in
                    let size = metres(gap.squareMetres)
                    let text =
                        isInForce
                        ? Text(
                            "原来归“\(grid.name)”的 \(size) 平方米，现在不属于任何网格",
                            "\(size) m² that “\(grid.name)” had before belong to no grid")
                        : Text(
                            "现在归“\(grid.name)”的 \(size) 平方米，以后不属于任何网格",
                            "\(size) m² that “\(grid.name)” has now would belong to no grid")
                    return Remark(text: text, isBad: false, fault: gap, point: gap.point)
                }
        }
    }

    private static func words(_ fault: CoverageFault, _ names: [Int64: String]) -> Text {
        let quoted = fault.keys.map { "“\(names[$0] ?? "")”" }
        let (zh, en) = (quoted.joined(separator: "和"), quoted.joined(separator: " and "))
        let size = metres(fault.squareMetres)
        return switch fault.kind {
        case .overlap: Text("\(zh)重叠 \(size) 平方米", "\(en) overlap by \(size) m²")
        case .gap: Text("空隙 \(size) 平方米，不属于任何网格", "A gap of \(size) m² belongs to no grid")
        case .outside: Text("\(zh)伸出社区边界 \(size) 平方米", "\(en) reaches \(size) m² beyond the community")
        case .crossing: Text("\(zh)的边界自己交叉", "The border of \(en) crosses itself")
        }
    }

    /// Square metres with a comma every three digits.
    static func metres(_ value: Double) -> String {
        let digits = String(Int(value.rounded()))
        return digits.indices.reduce(into: "") { text, index in
            let left = digits.distance(from: index, to: digits.endIndex)
            if left % 3 == 0, left < digits.count { text += "," }
            text.append(digits[index])
        }
    }

    /// Places in no grid, and buildings whose entrances would lie in another grid than the building.
    private static func places(_ sketch: GridSketch, _ places: [PlaceSummary]) -> [Remark] {
        guard !sketch.parts.isEmpty else { return [] }
        var homes: [ID<Place>: DivisionCode] = [:]
        var points: [ID<Place>: GeoPoint] = [:]
        var lost: [PlaceSummary] = []
        for place in places {
            guard let latitude = place.latitude, let longitude = place.longitude,
                let point = GeoPoint(longitude: longitude, latitude: latitude)
            else { continue }
            points[place.id] = point
            if let part = sketch.parts.first(where: { $0.area.contains(point) }) {
                homes[place.id] = part.code
            } else {
                lost.append(place)
            }
        }
        let split = places.filter { place in
            guard place.kind == .entrance, let mine = homes[place.id], let parent = place.parent.flatMap({ homes[$0] })
            else { return false }
            return mine != parent
        }
        func remark(_ place: PlaceSummary, _ zh: String, _ en: String) -> Remark {
            Remark(
                text: Text(place.address + zh, place.address + en), isBad: false, fault: nil, point: points[place.id])
        }
        return lost.prefix(50).map { remark($0, "不在任何网格里", " lies in no grid") }
            + split.prefix(50).map { remark($0, "和它的楼不在一个网格，楼不要切开", " would lie in another grid than its building") }
    }

    /// The households of each grid: of the places with a point inside, and of those within such places.
    private static func households(
        _ sketch: GridSketch, _ places: [PlaceSummary], _ atPlaces: [ID<Place>: Int]
    ) -> [DivisionCode: Int] {
        guard !atPlaces.isEmpty else { return [:] }
        let known = Dictionary(places.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        func point(of place: PlaceSummary, depth: Int = 0) -> GeoPoint? {
            if let latitude = place.latitude, let longitude = place.longitude {
                return GeoPoint(longitude: longitude, latitude: latitude)
            }
            guard depth < 5, let parent = place.parent.flatMap({ known[$0] }) else { return nil }
            return point(of: parent, depth: depth + 1)
        }
        var counts: [DivisionCode: Int] = [:]
        for (id, count) in atPlaces {
            guard let point = known[id].flatMap({ point(of: $0) }),
                let part = sketch.parts.first(where: { $0.area.contains(point) })
            else { continue }
            counts[part.code, default: 0] += count
        }
        return counts
    }

    private static func sizes(_ sketch: GridSketch, _ households: [DivisionCode: Int]) -> [Remark] {
        sketch.parts.compactMap { part in
            guard let count = households[part.code], count > 0, !usualHouseholds.contains(count) else { return nil }
            let (low, high) = (usualHouseholds.lowerBound, usualHouseholds.upperBound)
            return Remark(
                text: Text(
                    "“\(part.name)”有 \(count) 户，一般是 \(low)—\(high) 户",
                    "“\(part.name)” has \(count) households; \(low) to \(high) are usual"),
                isBad: false, fault: nil, point: part.area.centroid
            )
        }
    }

    /// The check as the editor reads it.
    func write(_ language: Language, to json: inout JSONWriter) {
        json.array { json in
            for remark in remarks {
                json.object { json in
                    json.field("text", remark.text[language])
                    json.field("bad", remark.isBad)
                    if let point = remark.point { GridPlanCheck.write("at", [point], to: &json) }
                    guard let fault = remark.fault else { return }
                    json.field("kind", fault.kind.rawValue)
                    GridPlanCheck.write("box", [fault.box.southWest, fault.box.northEast], to: &json)
                    json.key("pieces")
                    json.array { json in
                        for piece in fault.pieces.prefix(300) { GridPlanCheck.write(nil, piece.points, to: &json) }
                    }
                }
            }
        }
    }

    /// Points as longitudes and latitudes in ten-millionths of a degree, one after the other.
    private static func write(_ name: String?, _ points: [GeoPoint], to json: inout JSONWriter) {
        if let name { json.key(dynamic: name) }
        json.array { json in
            for point in points {
                json.value(Int64(point.longitudeE7))
                json.value(Int64(point.latitudeE7))
            }
        }
    }
}
