import LinliCore
import LinliKernel
import LinliStandards

/// A GeoJSON file of places, feature by feature: what each would do. The same is worked out for the preview and for the
/// import, so that what was shown is what is stored.
struct PlacesShapes: Sendable {
    /// Where a place is.
    enum Shape: Sendable {
        case area(PlaceArea)
        case point(GeoPoint)
    }

    /// What a feature does.
    enum Result: Sendable {
        /// Gives a place that is there its area or point.
        case put(PlaceSummary, Shape, PlaceHistory.Values)
        /// Adds a place, inside the place with an address.
        case add(PlaceDraft, parent: String?, Shape)
        /// It is drawn like that already.
        case same
        case wrong([Text])
    }

    struct Line: Sendable {
        let number: Int
        let address: String
        let result: Result
    }

    /// Most bytes and features of a file: what a form takes.
    static let maximumBytes = 400_000
    static let maximumFeatures = 1000

    private(set) var lines: [Line] = []
    /// What is wrong with the file as a whole.
    private(set) var problem: Text?

    var changed: Int { lines.count { if case .put = $0.result { true } else { false } } }
    var added: Int { lines.count { if case .add = $0.result { true } else { false } } }
    var wrong: Int { lines.count { if case .wrong = $0.result { true } else { false } } }
    var isReady: Bool { problem == nil && wrong == 0 && changed + added > 0 }

    private let community: DivisionCode
    private let datum: GeoDatum
    private let divisions: Set<DivisionCode>
    private let places: [PlaceSummary]
    /// The same by their addresses in the usual spelling, the first of each.
    private let bySpelling: [String: PlaceSummary]
    private let areas: [ID<Place>: GeoArea]
    /// Kind, division and property right of every address, of the store and of the features above.
    private var known: [String: (kind: PlaceKind, division: DivisionCode, right: PropertyRight)] = [:]
    private var seen: Set<ID<Place>> = []

    /// Reads a file for a community.
    init(_ text: String, _ datum: GeoDatum, community: DivisionCode, at now: Instant, _ tx: ReadTx) throws {
        self.community = community
        self.datum = datum
        divisions = Set(try [community] + DivisionsStore.children(of: community, at: now, tx).map(\.code))
        places = try PlacesStore.tree(in: community, tx)
        bySpelling = Dictionary(
            places.map { (AddressSpelling.normal($0.address), $0) }, uniquingKeysWith: { first, _ in first })
        areas = try PlaceAreas.find(places.map(\.id), tx)
        for place in places { known[place.address] = (place.kind, place.division, place.propertyRight) }
        read(text)
    }

    private mutating func read(_ text: String) {
        guard text.utf8.count <= PlacesShapes.maximumBytes else {
            problem = Text("文件太大：最多 400 KB，请分几次导入", "The file is too large: at most 400 KB, please bring it in parts")
            return
        }
        // What exactly is wrong with the JSON helps nobody who chose the wrong file.
        guard let object = try? JSONValue.object(in: Array(text.utf8)), case .array(let features) = object["features"],
            !features.isEmpty, features.count <= PlacesShapes.maximumFeatures
        else {
            problem = Text(
                "这不是 GeoJSON（FeatureCollection，最多 1000 个）", "This is not GeoJSON (a FeatureCollection of at most 1,000)"
            )
            return
        }
        for (index, feature) in features.enumerated() {
            guard case .object(let feature) = feature else {
                lines.append(line(index, "", .wrong([Text("不是 Feature", "It is no Feature")])))
                continue
            }
            lines.append(line(index, feature))
        }
    }

    private func line(_ index: Int, _ address: String, _ result: Result) -> Line {
        Line(number: index + 1, address: address, result: result)
    }

    private mutating func line(_ index: Int, _ feature: [String: JSONValue]) -> Line {
        var properties: [String: JSONValue] = [:]
        if case .object(let found) = feature["properties"] { properties = found }
        let shape: Shape
        do {
            shape = try self.shape(feature["geometry"])
        } catch let error as LinliError {
            return line(index, properties.text("address"), .wrong(error.fields.map(\.text)))
        } catch {
            return line(index, properties.text("address"), .wrong([PlacesShapes.unreadable]))
        }
        guard let place = place(feature, properties) else { return added(index, properties, shape) }
        guard seen.insert(place.id).inserted else {
            return line(index, place.address, .wrong([Text("这处地点前面已经有了", "This place was there already")]))
        }
        let values = values(place, shape)
        return line(index, place.address, values.isEmpty ? .same : .put(place, shape, values))
    }

    private static let unreadable = Text("要有 Point、Polygon 或 MultiPolygon", "It needs a Point, Polygon or MultiPolygon")

    private func shape(_ geometry: JSONValue?) throws -> Shape {
        guard case .object(let geometry) = geometry else { throw PlaceArea.wrong(PlacesShapes.unreadable) }
        guard geometry["type"] == .text("Point") else { return .area(try PlaceOutlineText.area(geometry, datum)) }
        guard case .array(let pair) = geometry["coordinates"], pair.count >= 2,
            let longitude = ["x": pair[0]].number("x"), let latitude = ["x": pair[1]].number("x"),
            let point = datum.point(longitude: longitude, latitude: latitude)
        else { throw PlaceArea.wrong(PlacesShapes.unreadable) }
        return .point(point)
    }

    /// The place a feature is of: by its identifier, else by its address however it is spelled.
    private func place(_ feature: [String: JSONValue], _ properties: [String: JSONValue]) -> PlaceSummary? {
        let id: ID<Place>? = feature.id("id") ?? properties.id("id")
        if let id, let place = places.first(where: { $0.id == id }) { return place }
        let address = properties.text("address").trimmed
        guard !address.isEmpty else { return nil }
        return places.first { $0.address == address } ?? bySpelling[AddressSpelling.normal(address)]
    }

    private func values(_ place: PlaceSummary, _ shape: Shape) -> PlaceHistory.Values {
        switch shape {
        case .area(let area):
            guard areas[place.id] != area.area else { return [:] }
            func size(_ area: GeoArea?) -> String { area.map { "\(Int($0.squareMetres.rounded()))" } ?? "" }
            return [.area: (size(areas[place.id]), size(area.area))]
        case .point(let point):
            guard place.point != point else { return [:] }
            let old = place.point.map { "\($0.latitude), \($0.longitude)" } ?? ""
            return [.point: (old, "\(point.latitude), \(point.longitude)")]
        }
    }

    /// A place that is not there yet.
    private mutating func added(_ index: Int, _ properties: [String: JSONValue], _ shape: Shape) -> Line {
        let (name, parentAddress) = (properties.text("name").trimmed, properties.text("parent").trimmed)
        // A file of ours says the parent by its identifier.
        let parent = places.first { "\($0.id)" == parentAddress }?.address ?? parentAddress
        let address = String((parent + name).prefix(160))
        guard let kind = PlaceKind(rawValue: properties.text("kind")) else {
            return line(
                index, properties.text("address"),
                .wrong([Text("对不上哪处地点；新加的要写 kind 和 name", "No such place; a new one says its kind and name")]))
        }
        let around = parent.isEmpty ? nil : known[parent]
        var problems: [Text] = []
        if !parent.isEmpty, around == nil { problems.append(Text("没有“\(parent)”", "There is no “\(parent)”")) }
        if known[address] != nil { problems.append(Text("“\(address)”已经有了", "“\(address)” is there already")) }
        let code = DivisionCode(properties.text("division"))
        var draft = PlaceDraft(
            kind: kind, name: name, division: code.flatMap { divisions.contains($0) ? $0 : nil } ?? around?.division,
            right: PropertyRight(rawValue: properties.text("right")) ?? around?.right
                ?? (kind == .publicSpace ? PropertyRight.none : nil), manager: nil)
        draft.source = "import"
        if draft.division == nil, around == nil { draft.division = community }
        if case .point(let point) = shape {
            (draft.latitude, draft.longitude) = ("\(point.latitude)", "\(point.longitude)")
        }
        if around.map({ !$0.kind.inside.contains(kind) }) ?? (kind == .entrance || kind == .floor) {
            problems.append(Text("\(kind.name.zh)不能放在这里", "\(kind.name.en) cannot lie here"))
        }
        problems += draft.problems(in: nil).filter { $0.name != "kind" }.map(\.text)
        guard problems.isEmpty, let division = draft.division, let right = draft.right else {
            return line(index, address, .wrong(problems))
        }
        known[address] = (kind, division, right)
        return line(index, address, .add(draft, parent: parent.isEmpty ? nil : parent, shape))
    }
}

extension PlacesCommands {
    /// Stores a GeoJSON file of places; a feature that is wrong stops all of it.
    ///
    /// - Throws: `.invalid` when any feature is wrong.
    func importShapes(
        _ text: String, _ datum: GeoDatum, into community: DivisionCode, _ context: Context
    ) async throws -> PlacesShapes {
        guard context.actor.may(.registersManage, in: community) else { throw LinliError.notFound("places.community") }
        let file = try await database.read {
            try PlacesShapes(text, datum, community: community, at: context.now, $0)
        }
        guard file.problem == nil, file.wrong == 0 else {
            let text = Text("有 \(file.wrong) 个不对，请改好再导入", "\(file.wrong) are wrong; please correct them")
            throw LinliError.invalid("places.shapes", [.init("geojson", file.problem ?? text)])
        }
        let puts = try file.lines.compactMap { line -> (PlaceSummary, PlacesShapes.Shape, PlaceHistory.Draft)? in
            guard case .put(let place, let shape, let values) = line.result else { return nil }
            return (place, shape, try database.placeDraft(.changed, values))
        }
        let adds = file.lines.compactMap { line -> (PlaceDraft, String?, PlacesShapes.Shape)? in
            if case .add(let draft, let parent, let shape) = line.result { (draft, parent, shape) } else { nil }
        }
        guard !puts.isEmpty || !adds.isEmpty else { return file }
        try await database.write(context, "places.importShapes") { tx in
            for (place, shape, history) in puts {
                try PlacesCommands.put(shape, on: place, tx)
                try history.insert(place.id, source: "import", tx)
                try tx.audit(Subject("place", place.id, division: place.division), fields: ["area"])
            }
            try PlacesCommands.add(adds, in: community, context, tx)
            try tx.audit(Subject("division", community.rawValue, division: community), fields: ["places"])
            try tx.emit("place.changed", Subject("division", community.rawValue, division: community))
        }
        return file
    }

    private static func put(_ shape: PlacesShapes.Shape, on place: PlaceSummary, _ tx: WriteTx) throws {
        switch shape {
        case .area(let area):
            try PlaceRegister.bump(place, [], tx)
            try PlaceAreas.put(area, of: place.id, tx)
        case .point(let point):
            try PlacesAdminStore.move(place, to: point, tx)
        }
    }

    private static func add(
        _ adds: [(PlaceDraft, String?, PlacesShapes.Shape)], in community: DivisionCode, _ context: Context,
        _ tx: WriteTx
    ) throws {
        var ids: [String: PlaceSummary] = [:]
        for place in try PlacesStore.tree(in: community, tx) { ids[place.address] = place }
        let first = try PlacesAdminStore.nextSortKey(in: community, tx)
        for (index, (draft, parent, shape)) in adds.enumerated() {
            let place = try draft.checked(in: parent.flatMap { ids[$0] }, sortKey: first + index)
            try check(place, context, tx)
            let id = try PlacesStore.insert(place, tx)
            if case .area(let area) = shape { try PlaceAreas.put(area, of: id, tx) }
            try PlaceHistory.note(.entered, of: id, source: "import", tx)
            ids[place.address] = try PlacesStore.find(id, tx)
        }
    }
}
