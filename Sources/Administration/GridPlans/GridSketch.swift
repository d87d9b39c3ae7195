import LinliCore
import LinliKernel
import LinliStandards

/// The grids of a community as somebody draws them: what a draft holds, and what goes to and from the page as GeoJSON.
struct GridSketch: Sendable {
    let community: DivisionCode
    var parts: [GridOutline]
    /// What the grids must cover; nil when nobody said.
    var territory: GeoArea?

    /// Most bytes of a draft as it is written here: what a form takes.
    static let maximumBytes = 400_000
    /// A community has three digits for its grids; a map of more than this many helps nobody.
    static let mostGrids = 200

    init(community: DivisionCode, parts: [GridOutline], territory: GeoArea?) {
        self.community = community
        self.parts = parts.sorted { $0.code < $1.code }
        self.territory = territory
    }

    /// Reads a FeatureCollection: a grid says its `number` (1 to 999) or `code`, and its `name`; the border of the
    /// community says `"territory": true`.
    ///
    /// - Throws: `.invalid` with everything that is wrong.
    init(_ text: String, _ datum: GeoDatum = .wgs84, community: DivisionCode) throws {
        guard text.utf8.count <= GridSketch.maximumBytes else {
            throw GridSketch.wrong(Text("边界的点太多，最多 400 KB", "The borders have too many points: at most 400 KB"))
        }
        guard let object = try? JSONValue.object(in: Array(text.utf8)), case .array(let features) = object["features"],
            features.count <= GridSketch.mostGrids + 1
        else {
            throw GridSketch.wrong(
                Text(
                    "这不是 GeoJSON（FeatureCollection，最多 200 个网格）",
                    "This is not GeoJSON (a FeatureCollection of at most 200 grids)")
            )
        }
        var problems: [LinliError.Field] = []
        var parts: [GridOutline] = []
        var territory: GeoArea?
        for (index, feature) in features.enumerated() {
            do {
                guard case .object(let feature) = feature else {
                    throw GridSketch.wrong(Text("不是边界", "It is no border"))
                }
                var properties: [String: JSONValue] = [:]
                if case .object(let found) = feature["properties"] { properties = found }
                let area = try GridSketch.area(feature["geometry"], datum)
                if properties.flag("territory") {
                    territory = area
                    continue
                }
                let part = try GridSketch.part(properties, area, community)
                guard !parts.contains(where: { $0.code == part.code }) else {
                    throw GridSketch.wrong(Text("编号和前面的一样", "Its number was there already"))
                }
                parts.append(part)
            } catch let error as LinliError {
                let first = error.fields.first?.text ?? error.publicText
                problems.append(.init("plan", Text("第 \(index + 1) 个：", "Border \(index + 1): ") + first))
            }
        }
        guard problems.isEmpty else { throw LinliError.invalid("gridPlans.sketch", problems) }
        self.init(community: community, parts: parts, territory: territory)
    }

    static func wrong(_ text: Text) -> LinliError { LinliError.invalid("gridPlans.sketch", [.init("plan", text)]) }

    private static func area(_ geometry: JSONValue?, _ datum: GeoDatum) throws -> GeoArea {
        guard let geometry else { throw wrong(Text("没有边界", "It has no geometry")) }
        var json = JSONWriter()
        geometry.write(into: &json)
        let area: GeoArea
        do {
            area = try GeoArea(geoJSON: String(decoding: json.bytes, as: UTF8.self))
        } catch {
            throw wrong(error.text)
        }
        guard let converted = area.converted(from: datum) else {
            throw wrong(Text("换算成 WGS 84 以后什么也不剩", "Nothing is left of it in WGS 84"))
        }
        return converted
    }

    private static func part(
        _ properties: [String: JSONValue], _ area: GeoArea, _ community: DivisionCode
    ) throws -> GridOutline {
        let digits = properties.integer("number") ?? Int64(properties.text("number"))
        let code =
            digits.map { DivisionCode(rawValue: community.rawValue + $0) } ?? DivisionCode(properties.text("code"))
        guard digits.map({ (1...999).contains($0) }) ?? true, let code, code.level == .grid, community.contains(code)
        else {
            throw wrong(
                Text("编号要在 001 到 999 之间，或写本社区网格的 15 位代码", "Its number is 001 to 999, or its code one of this community")
            )
        }
        let name = properties.text("name").trimmed
        if let problem = NameRules.problem(name, limit: 30) { throw wrong(problem) }
        // What the kernel would not store is refused here, where it can be said.
        _ = try GridArea(code, area)
        return GridOutline(code: code, name: name, area: area)
    }

    /// The sketch as GeoJSON, its numbers as they came.
    var geoJSON: JSONWriter {
        var json = JSONWriter(capacity: 512 + parts.count * 1024)
        json.object { json in
            json.field("type", "FeatureCollection")
            json.key("features")
            json.array { json in
                if let territory {
                    GridSketch.feature(territory, to: &json) { json in
                        json.field("territory", true)
                    }
                }
                for part in parts {
                    GridSketch.feature(part.area, to: &json) { json in
                        json.field("number", part.code.rawValue % 1000)
                        json.field("name", part.name)
                    }
                }
            }
        }
        return json
    }

    private static func feature(
        _ area: GeoArea, to json: inout JSONWriter, properties: (inout JSONWriter) -> Void
    ) {
        json.object { json in
            json.field("type", "Feature")
            json.key("properties")
            json.object(properties)
            json.key("geometry")
            area.writeGeoJSON(to: &json)
        }
    }

    /// The grids as areas that belong together.
    ///
    /// - Throws: `.invalid` when they are too far apart.
    func coverage() throws -> GeoCoverage {
        let parts = parts.map { GeoCoverage.Part(key: $0.code.rawValue, area: $0.area) }
        guard let coverage = GeoCoverage(parts) else {
            throw GridSketch.wrong(Text("这些网格离得太远，不像一个社区的", "These grids are too far apart for one community"))
        }
        return coverage
    }
}

// MARK: Changing it

/// One change of a sketch.
enum GridSketchEdit: Sendable {
    /// A grid is cut along a line; the part on its right becomes a grid of its own.
    case split(DivisionCode, along: [GeoPoint])
    /// A grid is given to its neighbour.
    case merge(DivisionCode, into: DivisionCode)
    /// A grid is drawn anew.
    case add([GeoPoint])
    /// A gap that grids surround becomes a grid of its own.
    case fill(GeoPoint)
    /// Corners and lines that nearly meet are made to meet.
    case snap
    /// A grid is taken away.
    case remove(DivisionCode)
}

extension GridSketch {
    /// How near corners and lines must be to be made one, in metres.
    /// - Source: configured: twice the error of a good survey by satellite
    static let snapMetres = 2.0

    /// The sketch after a change; a new grid gets the number `next`.
    ///
    /// - Throws: `.invalid` saying why it cannot be made.
    func changed(by edit: GridSketchEdit, next: Int?) throws -> GridSketch {
        do {
            let before = try coverage()
            switch edit {
            case .split(let code, let line):
                let new = try number(next)
                return adopting(try before.splitting(code.rawValue, along: line, into: new.rawValue))
            case .merge(let code, let other):
                return adopting(try before.merging(code.rawValue, into: other.rawValue))
            case .snap:
                return adopting(try before.snapped(metres: GridSketch.snapMetres, to: [territory].compactMap { $0 }))
            case .remove(let code):
                return GridSketch(community: community, parts: parts.filter { $0.code != code }, territory: territory)
            case .add(let corners):
                guard let ring = GeoRing(corners), let area = GeoArea([GeoPolygon(outer: ring)]) else {
                    throw GridSketch.wrong(Text("至少点三个角，围住一块地方", "Set three corners at least, around some area"))
                }
                return try adding(area, next)
            case .fill(let point):
                guard let area = before.enclosedGap(at: point) else {
                    throw GridSketch.wrong(Text("这里不是四面围住的空隙", "This is no gap that grids surround"))
                }
                return try adding(area, next)
            }
        } catch let refusal as GeoCoverage.Refusal {
            throw GridSketch.wrong(GridSketch.words(refusal))
        }
    }

    private func adding(_ area: GeoArea, _ next: Int?) throws -> GridSketch {
        let new = try number(next)
        _ = try GridArea(new, area)
        let part = GridOutline(code: new, name: GridSketch.name(new), area: area)
        return GridSketch(community: community, parts: parts + [part], territory: territory)
    }

    private func number(_ next: Int?) throws -> DivisionCode {
        let used = parts.map { Int($0.code.rawValue % 1000) }.max() ?? 0
        guard let next, max(next, used + 1) < 1000, parts.count < GridSketch.mostGrids else {
            throw GridSketch.wrong(Text("编号用完了", "There are no numbers left"))
        }
        return DivisionCode(rawValue: community.rawValue + Int64(max(next, used + 1)))
    }

    private static func name(_ code: DivisionCode) -> String { "第\(code.rawValue % 1000)网格" }

    private func adopting(_ coverage: GeoCoverage) -> GridSketch {
        let names = Dictionary(parts.map { ($0.code.rawValue, $0.name) }, uniquingKeysWith: { first, _ in first })
        let parts = coverage.parts.map { part in
            let code = DivisionCode(rawValue: part.key)
            return GridOutline(code: code, name: names[part.key] ?? GridSketch.name(code), area: part.area)
        }
        return GridSketch(community: community, parts: parts, territory: territory)
    }

    private static func words(_ refusal: GeoCoverage.Refusal) -> Text {
        switch refusal {
        case .unknownPart, .noCorner: Text("没有这个网格", "There is no such grid")
        case .takenKey: Text("这个编号已经有了", "This number is taken")
        case .notAcross:
            Text(
                "这条线没有把网格切成两块：两头要伸到边界外面，自己不交叉",
                "The line must lead across the grid from outside to outside and not cross itself")
        case .notNeighbours: Text("这两个网格没有共同的边界", "These two grids have no border in common")
        case .collapses: Text("这样网格就没有了", "Nothing would be left of a grid")
        }
    }
}
