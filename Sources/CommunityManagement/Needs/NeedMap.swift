import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The map on which somebody points at the place of a need: Leaflet where it is installed, else the same grids drawn as
/// SVG. It is shown only to browsers with JavaScript: without it a map cannot take a point.
struct NeedMap {
    let community: DivisionCode
    let grids: [GridOutline]
    let base: BaseMap

    /// The map in a box that opens; nothing where no grid has an area.
    var html: HTML {
        guard let box = GeoBox(grids.flatMap { grid in grid.area.polygons.flatMap { $0.outer.points } }) else {
            return .empty
        }
        let latitude = (box.southWest.latitude + box.northEast.latitude) / 2
        let longitude = (box.southWest.longitude + box.northEast.longitude) / 2
        return """
            <details class="more" data-js hidden><summary>\(icon("map", small: true))\
            \(Text("在地图上点选", "Point at it on the map"))</summary>
            <link rel="stylesheet" href="/vendor/leaflet/leaflet.css">
            <div class="map" data-map data-pick="report" data-center="\("\(latitude),\(longitude)")" data-zoom="16" \
            data-geojson="/api/v1/grids.geojson?under=\(community)" data-tiles="\(base.template)" \
            data-attribution="\(base.attribution)">\(drawing(box))</div>
            <script defer src="/vendor/leaflet/leaflet.js"></script>
            </details>
            """
    }

    private static let width = 400.0
    /// The cosine of Beijing's latitude: how much shorter a degree of longitude is there.
    private static let squeeze = 0.767

    private func drawing(_ box: GeoBox) -> HTML {
        let east = max(box.northEast.longitude - box.southWest.longitude, 1e-6)
        let scale = NeedMap.width / east
        let height = (box.northEast.latitude - box.southWest.latitude) * scale / NeedMap.squeeze
        func x(_ point: GeoPoint) -> Double { (point.longitude - box.southWest.longitude) * scale }
        func y(_ point: GeoPoint) -> Double { (box.northEast.latitude - point.latitude) * scale / NeedMap.squeeze }
        return """
            <svg viewBox="0 0 \(Int(NeedMap.width)) \(Int(height.rounded(.up)))" role="img" \
            aria-label="\(Text("各网格的示意图", "A sketch of the grids"))">
            \(each: grids, { grid in
                let rings = grid.area.polygons.flatMap { [$0.outer] + $0.holes }
                let path = rings.map { ring in
                    "M" + ring.points.map { "\(tenths(x($0))) \(tenths(y($0)))" }.joined(separator: "L") + "Z"
                }.joined()
                return "\(HTML.trusted("<path class=\"g\" fill-rule=\"evenodd\" d=\"\(path)\"/>"))\(label(grid, x, y))"
            })</svg>
            """
    }

    private func label(_ grid: GridOutline, _ x: (GeoPoint) -> Double, _ y: (GeoPoint) -> Double) -> HTML {
        let box = grid.area.box
        let middleX = (x(box.southWest) + x(box.northEast)) / 2
        let middleY = (y(box.southWest) + y(box.northEast)) / 2
        return "<text x=\"\(Int(middleX))\" y=\"\(Int(middleY))\">\(grid.name)</text>"
    }

    private func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10).\(abs(scaled % 10))"
    }
}
