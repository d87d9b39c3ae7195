import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The small map of an entry: where it stands, or where somebody says it stands. Leaflet where it is installed, else the
/// grids drawn as SVG.
struct RegisterMap: Sendable {
    let community: DivisionCode
    let grids: [GridOutline]
    let base: BaseMap

    init(_ division: DivisionCode, _ services: Services, _ now: Instant) async throws {
        community = division.ancestor(at: .community)
        base = services.baseMap
        let community = community
        grids = try await services.database.read { try GridAreasStore.outlines(in: community, at: now, $0) }
    }

    /// A point on it.
    func shown(_ point: GeoPoint, name: String, path: String) -> HTML {
        let pin = AreaSketch.Pin(point, state: "doing", letter: "·", name: name, href: path)
        guard let sketch = AreaSketch(shapes, pins: [pin]) else { return .empty }
        let place = "\(point.latitude),\(point.longitude)"
        return map(
            sketch, " data-point=\"\(place)\" data-center=\"\(place)\" data-zoom=\"18\" data-name=\"\(name)\"",
            Text("在地图上的位置", "Where it is on the map"))
    }

    /// A map that writes where somebody points into a form; for browsers with JavaScript alone. Nothing where no grid has
    /// an area.
    func picker(_ form: String) -> HTML {
        guard let sketch = AreaSketch(shapes) else { return .empty }
        return """
            <details class="more" data-js hidden><summary>\(icon("map", small: true))\
            \(Text("在地图上点选", "Point at it on the map"))</summary>
            \(map(
                sketch, " data-pick=\"\(form)\" data-center=\"\(sketch.center)\" data-zoom=\"16\"",
                Text("各网格的示意图", "A sketch of the grids")))</details>
            """
    }

    private var shapes: [AreaSketch.Shape] { grids.map { AreaSketch.Shape($0.area, label: $0.name) } }

    private func map(_ sketch: AreaSketch, _ data: HTML, _ label: Text) -> HTML {
        """
        <link rel="stylesheet" href="/vendor/leaflet/leaflet.css">
        <div class="map" data-map\(data) data-geojson="/api/v1/grids.geojson?under=\(community)" \
        data-tiles="\(base.template)" data-attribution="\(base.attribution)">\(sketch.svg(label: label))</div>
        <script defer src="/vendor/leaflet/leaflet.js"></script>
        """
    }
}
