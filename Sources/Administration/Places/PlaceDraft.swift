import LinliCore
import LinliKernel
import LinliStandards

/// A place as a form or a line of a table has it.
struct PlaceDraft: Sendable {
    var kind: PlaceKind?
    var name: String
    /// Empty: the address of what it lies in, and its name.
    var address: String
    var division: DivisionCode?
    var right: PropertyRight?
    var manager: ID<Unit>?
    var latitude: String
    var longitude: String
    /// The road or lane, and the house number there.
    var road = ""
    var door = ""
    /// Where it is on the map.
    var area = Outline.kept
    /// The version somebody saw; nil where nobody says.
    var version: Int?
    /// Who or what says so.
    var source = "staff"

    /// What becomes of the area of a place.
    enum Outline: Sendable {
        /// It stays.
        case kept
        /// There is none.
        case none
        /// GeoJSON, in some coordinates.
        case drawn(String, GeoDatum)
    }

    /// From a form; the place beside it says what the form does not ask.
    init(_ form: Form) {
        kind = form["kind"].flatMap { PlaceKind(rawValue: $0) }
        name = form["name"] ?? ""
        address = form["address"] ?? ""
        division = form["division"].flatMap { DivisionCode($0) }
        right = form["right"].flatMap { PropertyRight(rawValue: $0) }
        manager = form.id("manager")
        latitude = form["latitude"] ?? ""
        longitude = form["longitude"] ?? ""
        road = (form["road"] ?? "").trimmed
        door = (form["door"] ?? "").trimmed
        version = form.int("version")
        if let text = form.all("area").first?.trimmed {
            area = text.isEmpty ? .none : .drawn(text, form["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84)
        }
    }

    init(
        kind: PlaceKind?, name: String, division: DivisionCode?, right: PropertyRight?, manager: ID<Unit>?,
        latitude: String = "", longitude: String = ""
    ) {
        self.kind = kind
        self.name = name
        address = ""
        self.division = division
        self.right = right
        self.manager = manager
        self.latitude = latitude
        self.longitude = longitude
    }

    /// The box around China, for coordinates in the wrong order.
    /// - Source: configured, the mainland's extremes rounded outward
    private static let latitudes = 3.0...54.0
    private static let longitudes = 73.0...136.0

    /// What is wrong with it, inside `parent` or on its own.
    func problems(in parent: PlaceSummary?) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        func say(_ name: String, _ zh: String, _ en: String) { problems.append(.init(name, Text(zh, en))) }
        if kind == nil { say("kind", "请选种类", "Please choose what it is") }
        if let kind, let parent, !parent.kind.inside.contains(kind) {
            say(
                "kind", "\(parent.kind.name.zh)里面不能有\(kind.name.zh)",
                "\(kind.name.en) cannot lie in \(parent.kind.name.en)")
        }
        if let kind, parent == nil, kind == .entrance { say("kind", "单元要加在楼里面", "An entrance lies in a building") }
        if let kind, parent == nil, kind == .floor { say("kind", "楼层要加在商务楼宇里面", "A floor lies in an office building") }
        if let problem = NameRules.problem(name, limit: 60) { problems.append(.init("name", problem)) }
        if address.count > 160 || !PersonalNumbers.find(in: address).isEmpty {
            say("address", "地址最多 160 个字，不写电话和证件号", "At most 160 characters, no phone or citizen number")
        }
        if road.count > 40 || !PersonalNumbers.find(in: road).isEmpty {
            say("road", "路巷最多 40 个字，不写电话和证件号", "At most 40 characters, no phone or citizen number")
        }
        if door.count > 20 || !PersonalNumbers.find(in: door).isEmpty {
            say("door", "门牌号最多 20 个字，不写电话和证件号", "At most 20 characters, no phone or citizen number")
        }
        if division.map({ $0.level >= .community }) != true {
            say("division", "请选社区或网格", "Please choose a community or grid")
        }
        if right == nil { say("right", "请选产权", "Please choose whose it is") }
        if latitude.isEmpty != longitude.isEmpty || !latitude.isEmpty && point == nil {
            say(
                "latitude", "坐标要写两个数，先纬度（如 39.914）后经度（如 116.402）",
                "Two numbers: latitude such as 39.914, then longitude such as 116.402")
        }
        return problems
    }

    private var point: (Double, Double)? {
        guard let latitude = Double(latitude), let longitude = Double(longitude),
            PlaceDraft.latitudes.contains(latitude), PlaceDraft.longitudes.contains(longitude)
        else { return nil }
        return (latitude, longitude)
    }

    /// The place to store.
    ///
    /// - Throws: `.invalid` naming each field.
    func checked(in parent: PlaceSummary?, sortKey: Int) throws -> NewPlace {
        let problems = problems(in: parent)
        guard problems.isEmpty, let kind, let division, let right else {
            throw LinliError.invalid("places.draft", problems)
        }
        let full = address.isEmpty ? PlaceDraft.address(of: name, in: parent) : address
        return NewPlace(
            parent: parent?.id, kind: kind, name: name, address: full, division: division, latitude: point?.0,
            longitude: point?.1, propertyRight: right, manager: manager, sortKey: sortKey, source: source, road: road,
            door: door
        )
    }

    /// The address a place has where nobody typed another one.
    private static func address(of name: String, in parent: PlaceSummary?) -> String {
        String(((parent?.address ?? "") + name).prefix(160))
    }

    /// The same for a place that only gets another name: an address that was made of the old one is made of the new one.
    /// The form brings it along as it was; an address somebody typed stays.
    func renaming(_ old: PlaceSummary, in parent: PlaceSummary?) -> PlaceDraft {
        guard name != old.name, address == old.address, address == PlaceDraft.address(of: old.name, in: parent) else {
            return self
        }
        var draft = self
        draft.address = ""
        return draft
    }

    /// The area to store.
    ///
    /// - Throws: `.invalid` saying what is wrong with it.
    func outline() throws -> PlaceArea? {
        guard case .drawn(let text, let datum) = area else { return nil }
        return try PlaceOutlineText.area(text, datum)
    }
}

/// The area of a place as somebody pastes it: a GeoJSON geometry, or a feature, or a collection with one.
enum PlaceOutlineText {
    /// Most bytes of one.
    static let maximumBytes = 100_000

    /// Reads it.
    ///
    /// - Throws: `.invalid` saying what is wrong.
    static func area(_ text: String, _ datum: GeoDatum) throws -> PlaceArea {
        guard text.utf8.count <= maximumBytes else {
            throw PlaceArea.wrong(Text("边界的点太多，最多 100 KB", "The border has too many points: at most 100 KB"))
        }
        // What exactly is wrong with the JSON helps nobody who pasted something else.
        guard let object = try? JSONValue.object(in: Array(text.utf8)), let geometry = geometry(object) else {
            throw PlaceArea.wrong(
                Text(
                    "这不是 GeoJSON 的一块范围（Polygon、Feature，或只有一个 Feature 的集合）",
                    "This is no area in GeoJSON: a Polygon, a Feature, or a collection of one"))
        }
        return try area(geometry, datum)
    }

    /// Reads a geometry.
    ///
    /// - Throws: `.invalid` saying what is wrong.
    static func area(_ geometry: [String: JSONValue], _ datum: GeoDatum) throws -> PlaceArea {
        var json = JSONWriter()
        JSONValue.object(geometry).write(into: &json)
        return try PlaceArea(geoJSON: String(decoding: json.bytes, as: UTF8.self), datum)
    }

    private static func geometry(_ object: [String: JSONValue]) -> [String: JSONValue]? {
        switch object["type"] {
        case .text("Feature"):
            guard case .object(let geometry) = object["geometry"] else { return nil }
            return geometry
        case .text("FeatureCollection"):
            guard case .array(let list) = object["features"], list.count == 1, case .object(let feature) = list[0]
            else { return nil }
            return feature["type"] == .text("Feature") ? geometry(feature) : nil
        default: return object
        }
    }
}
