import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Public cases on the map: Leaflet where it is installed, else pins that are links on an SVG of the grids.
struct PublicMap {
    /// A case at the point where its pin stands.
    struct Pin {
        let row: PublicCaseRow
        let point: GeoPoint
    }

    let rows: [PublicCaseRow]
    let grids: [GridOutline]
    let now: Instant
    var base = BaseMap.none

    /// Every case that has a point. Rounded points fall together, so that pins of one point stand around it and none hides
    /// another wholly.
    var pins: [Pin] {
        var taken: [GeoPoint: Int] = [:]
        return rows.compactMap { row in
            guard let latitude = row.latitude, let longitude = row.longitude,
                let point = GeoPoint(longitude: longitude, latitude: latitude)
            else { return nil }
            let count = taken[point, default: 0]
            taken[point] = count + 1
            return Pin(row: row, point: PublicMap.beside(point, count))
        }
    }

    /// The `number`th place around a point: eight in a ring of some 60 metres, the next eight farther out.
    private static func beside(_ point: GeoPoint, _ number: Int) -> GeoPoint {
        guard number > 0 else { return point }
        let directions: [(x: Int32, y: Int32)] = [
            (10, 0), (-10, 0), (0, 8), (0, -8), (7, 6), (-7, 6), (7, -6), (-7, -6),
        ]
        let (x, y) = directions[(number - 1) % 8]
        let ring = Int32(min((number - 1) / 8 + 1, 50)) * 700
        return GeoPoint(longitudeE7: point.longitudeE7 + x * ring, latitudeE7: point.latitudeE7 + y * ring)
    }

    /// The map; `source` is where Leaflet gets grids and pins from.
    func html(_ source: String) -> HTML {
        let pins = pins
        // The newest come last in the drawing, on top.
        let drawn = pins.reversed().map { pin in
            let state = PublicWords.pin(pin.row, now: now)
            return AreaSketch.Pin(
                pin.point, state: state.rawValue, letter: state.mark, name: pin.row.title,
                href: CasePath.neighbour(pin.row.number)
            )
        }
        let shapes = grids.map { AreaSketch.Shape($0.area, label: $0.name) }
        guard let sketch = AreaSketch(shapes, pins: Array(drawn)) else { return .empty }
        let states = Set(pins.map { PublicWords.pin($0.row, now: now) })
        return """
            <link rel="stylesheet" href="/vendor/leaflet/leaflet.css">
            <div class="map" data-map data-center="\(sketch.center)" data-zoom="16" data-geojson="\(source)" \
            data-tiles="\(base.template)" data-attribution="\(base.attribution)">\
            \(sketch.svg(label: Text("地图：各网格和反映的事", "Map: the grids and what was reported")))</div>
            <script defer src="/vendor/leaflet/leaflet.js"></script>
            <ul class="legend">\(each: PublicWords.Pin.allCases.filter { states.contains($0) }, { pin in
                "<li><span class=\"pin \(pin.rawValue)\" aria-hidden=\"true\"><b>\(pin.mark)</b></span>\(pin.name)</li>"
            })</ul>
            <p class="note">\(Text("位置是大概的：院里、楼里、家里的，最多标到小区。", "Points are rough: from grounds, stairs and homes at most the estate."))</p>
            """
    }

    /// Grids and pins as one GeoJSON FeatureCollection.
    func geoJSON() -> JSONWriter {
        let pins = pins
        var json = JSONWriter(capacity: 512 + grids.count * 1024 + pins.count * 256)
        json.object { json in
            json.field("type", "FeatureCollection")
            json.key("features")
            json.array { json in
                for grid in grids {
                    PublicMap.feature(&json, { $0.field("name", grid.name) }, { grid.area.writeGeoJSON(to: &$0) })
                }
                for pin in pins { write(pin, to: &json) }
            }
        }
        return json
    }

    private func write(_ pin: Pin, to json: inout JSONWriter) {
        PublicMap.feature(&json) { json in
            json.field("name", pin.row.title)
            json.field("state", PublicWords.pin(pin.row, now: now).rawValue)
            json.field("href", CasePath.neighbour(pin.row.number))
        } _: { json in
            json.object { json in
                json.field("type", "Point")
                json.key("coordinates")
                json.array { json in
                    json.value(pin.point.longitude)
                    json.value(pin.point.latitude)
                }
            }
        }
    }

    private static func feature(
        _ json: inout JSONWriter, _ properties: (inout JSONWriter) -> Void, _ geometry: (inout JSONWriter) -> Void
    ) {
        json.object { json in
            json.field("type", "Feature")
            json.key("properties")
            json.object(properties)
            json.key("geometry")
            geometry(&json)
        }
    }
}
