import LinliCore
import LinliKernel
import LinliStandards

/// The small map on the page of a place: its area or its point, and what lies in it with an area of its own. A drawing
/// without JavaScript, a map with it.
package struct PlaceMap: Sendable {
    private let place: PlaceSummary
    private let area: GeoArea?
    private let inside: [(place: PlaceSummary, area: GeoArea)]
    private let base: BaseMap

    /// The map of a place; `inside` are the areas of what lies directly in it.
    package init(
        _ place: PlaceSummary, area: GeoArea?, inside: [(place: PlaceSummary, area: GeoArea)], _ base: BaseMap
    ) {
        self.place = place
        self.area = area
        self.inside = inside
        self.base = base
    }

    /// The map, empty where nobody drew or measured anything; `source` is where its shapes come from as GeoJSON, `path`
    /// the address of the page it stands on.
    package func html(source: String, path: String) -> HTML {
        let own = area.map { [AreaSketch.Shape($0, label: inside.isEmpty ? place.name : "")] } ?? []
        let shapes = own + inside.map { AreaSketch.Shape($0.area, label: $0.place.name, level: 1) }
        let pins =
            shapes.isEmpty
            ? place.point.map { [AreaSketch.Pin($0, state: "", letter: "·", name: place.name, href: path)] } ?? [] : []
        guard let sketch = AreaSketch(shapes, pins: pins) else { return .empty }
        let label = Text("\(place.name)在地图上", "\(place.name) on the map")
        return """
            <link rel="stylesheet" href="/vendor/leaflet/leaflet.css">
            <div class="pad"><div class="map" data-map data-center="\(sketch.center)" data-zoom="17" \
            data-geojson="\(source)" data-tiles="\(base.template)" data-attribution="\(base.attribution)">\
            \(sketch.svg(label: label))</div></div>
            <script defer src="/vendor/leaflet/leaflet.js"></script>
            """
    }

    /// What its shapes are to the map, with the pages of what lies inside.
    package func geoJSON(_ href: @escaping (PlaceSummary) -> String?) -> JSONWriter {
        var areas = Dictionary(inside.map { ($0.place.id, $0.area) }, uniquingKeysWith: { first, _ in first })
        areas[place.id] = area
        return PlaceAreas.geoJSON([place] + inside.map(\.place), areas) { $0.id == place.id ? nil : href($0) }
    }
}

extension PlaceMap {
    /// Reads the areas of a place and of what lies directly in it.
    package init(_ place: PlaceSummary, children: [PlaceSummary], _ base: BaseMap, _ tx: ReadTx) throws {
        let areas = try PlaceAreas.find([place.id] + children.map(\.id), tx)
        self.init(
            place, area: areas[place.id],
            inside: children.compactMap { child in areas[child.id].map { (place: child, area: $0) } }, base)
    }
}

/// What is said of places on more than one page.
package enum PlaceWords {
    /// Who or what said so.
    package static func source(_ source: String) -> Text {
        switch source {
        case "staff": Text("工作人员", "Staff")
        case "import": Text("导入", "Import")
        case "api": Text("接口", "A program")
        case "demo": Text("演示数据", "Demo")
        default: Text(same: source)
        }
    }

    /// That it is there no more and why; nil for what is.
    package static func ended(_ place: PlaceSummary) -> Text? {
        guard let ended = place.validTo else { return nil }
        let reason = place.endReason?.name ?? Text("已不在", "No more there")
        return Text("已注销：", "Ended: ") + reason + Text("，", ", ") + ended.date.full
    }

    /// What was done to a place, as a list.
    package static func history(_ lines: [PlaceHistory.Line], _ names: DivisionNames, now: Instant) -> HTML {
        guard !lines.isEmpty else {
            return emptyState(
                Text("还没有改动", "Nothing has changed yet"), Text("每次更正都会记在这里。", "Each correction is noted here."),
                icon: "clock")
        }
        return "<ol class=\"tl\">\(each: lines, { line(of: $0, names, now) })</ol>"
    }

    private static func line(of line: PlaceHistory.Line, _ names: DivisionNames, _ now: Instant) -> HTML {
        // Of the one that stays after a merge the fields say what came over, and no reason to end.
        let reason = line.what == .ended ? line.fields.compactMap { PlaceEndReason(rawValue: $0)?.name }.first : nil
        return """
            <li><b>\(line.what.name)\(reason.map { reason -> HTML in "\(Text("：", ": ") + reason)" })</b> \(time(line.at, line.at.relative(to: now)))
            <p class="who">\(line.actor.isEmpty ? source(line.source) : Text(same: line.actor))</p>
            \(each: line.changes(names), { change in
                "<p>\(change.field)：\(said(change.old)) → \(said(change.new))</p>"
            })</li>
            """
    }

    private static func said(_ text: Text) -> Text { text.zh.isEmpty ? Text("没填", "nothing") : text }
}
