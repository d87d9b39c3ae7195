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
        guard let sketch = AreaSketch(grids.map { AreaSketch.Shape($0.area, label: $0.name) }) else { return .empty }
        return """
            <details class="more" data-js hidden><summary>\(icon("map", small: true))\
            \(Text("在地图上点选", "Point at it on the map"))</summary>
            <link rel="stylesheet" href="/vendor/leaflet/leaflet.css">
            <div class="map" data-map data-pick="report" data-center="\(sketch.center)" data-zoom="16" \
            data-geojson="/api/v1/grids.geojson?under=\(community)" data-tiles="\(base.template)" \
            data-attribution="\(base.attribution)">\(sketch.svg(label: Text("各网格的示意图", "A sketch of the grids")))</div>
            <script defer src="/vendor/leaflet/leaflet.js"></script>
            </details>
            """
    }
}
