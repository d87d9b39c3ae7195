import LinliCore
import LinliKernel
import LinliStandards

/// Borders in a GeoJSON file, each matched with a grid of the community.
struct GridBorderFile: Sendable {
    let areas: [GridArea]
    let outlines: [GridOutline]
    /// The same borders and nothing else, for the form that stores them.
    let compact: String

    /// Most bytes of the borders of one community, as they are written here.
    static let maximumBytes = 150_000

    /// Reads a FeatureCollection or a Feature. A border belongs to the grid whose code, number or name its properties
    /// say (`code`, `number`, `name`).
    ///
    /// - Throws: `.invalid` with everything that is wrong.
    init(_ text: String, _ datum: GeoDatum = .wgs84, grids: [Division]) throws {
        guard text.utf8.count <= GeoArea.maximumBytes else {
            throw GridBorderFile.wrong(Text("文件太大：最多 1 MB", "The file is too large: at most 1 MB"))
        }
        let object = try? JSONValue.object(in: Array(text.utf8))
        guard let object, let features = GridBorderFile.features(object), !features.isEmpty else {
            throw GridBorderFile.wrong(
                Text("这不是 GeoJSON（FeatureCollection）", "This is not GeoJSON (a FeatureCollection)")
            )
        }
        var problems: [LinliError.Field] = []
        var areas: [DivisionCode: GridArea] = [:]
        for (index, feature) in features.enumerated().prefix(500) {
            do {
                let grid = try GridBorderFile.grid(of: feature, grids)
                guard areas[grid.code] == nil else {
                    throw GridBorderFile.wrong(Text("“\(grid.name)”有两个边界", "“\(grid.name)” has two borders"))
                }
                areas[grid.code] = try GridBorderFile.area(of: feature, grid.code, datum)
            } catch let error as LinliError {
                let first = error.fields.first?.text ?? error.publicText
                problems.append(.init("file", Text("第 \(index + 1) 个：", "Border \(index + 1): ") + first))
            }
        }
        guard problems.isEmpty else { throw LinliError.invalid("grids.file", problems) }
        let names = Dictionary(grids.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        self.areas = areas.sorted { $0.key < $1.key }.map(\.value)
        outlines = self.areas.map { GridOutline(code: $0.division, name: names[$0.division] ?? "", area: $0.area) }
        compact = GridBorderFile.write(self.areas)
        guard compact.utf8.count <= GridBorderFile.maximumBytes else {
            throw GridBorderFile.wrong(
                Text("边界的点太多，请先简化到 150 KB 以内", "The borders have too many points; please simplify them to 150 KB")
            )
        }
    }

    private static func wrong(_ text: Text) -> LinliError { LinliError.invalid("grids.file", [.init("file", text)]) }

    private static func features(_ object: [String: JSONValue]) -> [[String: JSONValue]]? {
        switch object["type"] {
        case .text("Feature"): return [object]
        case .text("FeatureCollection"):
            guard case .array(let list) = object["features"] else { return nil }
            return list.compactMap { if case .object(let feature) = $0 { feature } else { nil } }
        default: return nil
        }
    }

    private static func grid(of feature: [String: JSONValue], _ grids: [Division]) throws -> Division {
        var properties: [String: JSONValue] = [:]
        if case .object(let object) = feature["properties"] { properties = object }
        func word(_ name: String) -> String? {
            switch properties[name] {
            case .text(let text): text.trimmed
            case .int(let number): "\(number)"
            default: nil
            }
        }
        let wanted = [word("code"), word("number"), word("name")].compactMap { $0 }
        for word in wanted {
            if let found = grids.first(where: { $0.code.description == word || $0.name == word }) { return found }
            if let number = Int64(word), number < 1000,
                let found = grids.first(where: { $0.code.rawValue % 1000 == number })
            {
                return found
            }
        }
        let known = grids.map(\.name).joined(separator: "、")
        throw wrong(
            Text(
                "看不出是哪个网格：properties 里写 code 或 name（\(known)）",
                "Its properties do not say which grid it is: write code or name (\(known))"
            )
        )
    }

    private static func area(
        of feature: [String: JSONValue], _ code: DivisionCode, _ datum: GeoDatum
    ) throws -> GridArea {
        guard let geometry = feature["geometry"] else { throw wrong(Text("没有边界", "It has no geometry")) }
        var json = JSONWriter()
        geometry.write(into: &json)
        let brought = try GridArea(code, geoJSON: String(decoding: json.bytes, as: UTF8.self))
        guard datum != .wgs84 else { return brought }
        guard let area = brought.area.converted(from: datum) else {
            throw wrong(Text("换算成 WGS 84 以后什么也不剩", "Nothing is left of it in WGS 84"))
        }
        return try GridArea(code, area)
    }

    private static func write(_ areas: [GridArea]) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("type", "FeatureCollection")
            json.key("features")
            json.array { json in
                for area in areas {
                    json.object { json in
                        json.field("type", "Feature")
                        json.key("properties")
                        json.object { $0.field("code", area.division.description) }
                        json.key("geometry")
                        area.area.writeGeoJSON(to: &json)
                    }
                }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
