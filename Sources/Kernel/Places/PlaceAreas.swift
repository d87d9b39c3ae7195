import LinliCore
import LinliSQL
import LinliStandards

/// The area of a place on the map, checked and ready to be stored.
package struct PlaceArea: Sendable {
    /// Where it is.
    package let area: GeoArea
    /// The area as it is stored, see `GridGeometry`.
    let geometry: String

    /// The most corners of one; whoever draws a yard by hand needs some ten.
    /// - Source: configured, no source
    package static let mostCorners = 2000
    /// The largest one, in square metres: a mountain village.
    /// - Source: configured, no source
    private static let mostSquareMetres = 200_000_000.0
    /// The box around China, for coordinates in the wrong order.
    /// - Source: configured, the mainland's extremes rounded outward
    private static let latitudes = 3.0...54.0
    private static let longitudes = 73.0...136.0

    /// An area in WGS 84.
    ///
    /// - Throws: `.invalid` saying what is wrong with it.
    package init(_ area: GeoArea) throws {
        let corners = area.polygons.reduce(0) { sum, polygon in
            sum + polygon.outer.points.count + polygon.holes.reduce(0) { $0 + $1.points.count }
        }
        let geometry = GridGeometry.encode(area)
        guard corners <= PlaceArea.mostCorners, geometry.utf8.count <= 40_000 else {
            throw PlaceArea.wrong(
                Text("边界的点太多，最多 2000 个，请先简化", "The border has too many points: at most 2,000, please simplify it"))
        }
        let (low, high) = (area.box.southWest, area.box.northEast)
        guard PlaceArea.latitudes.contains(low.latitude), PlaceArea.latitudes.contains(high.latitude),
            PlaceArea.longitudes.contains(low.longitude), PlaceArea.longitudes.contains(high.longitude)
        else {
            throw PlaceArea.wrong(
                Text("坐标不在国内，GeoJSON 是经度在前", "This lies outside of China; GeoJSON says the longitude first"))
        }
        guard area.squareMetres <= PlaceArea.mostSquareMetres else {
            throw PlaceArea.wrong(Text("这块地太大了，请核对坐标", "This area is too large; please check the coordinates"))
        }
        // The same look as borders of grids get: what is inside twice would be outside.
        let faults = GeoCoverage([.init(key: 1, area: area)])?.faults() ?? []
        guard !faults.contains(where: { $0.kind == .crossing }) else {
            throw PlaceArea.wrong(Text("边界自己交叉了", "The border crosses itself"))
        }
        self.area = area
        self.geometry = geometry
    }

    /// An area as a GeoJSON geometry, Polygon or MultiPolygon.
    ///
    /// - Throws: `.invalid` saying what is wrong with it.
    package init(geoJSON: String, _ datum: GeoDatum = .wgs84) throws {
        let brought: GeoArea
        do {
            brought = try GeoArea(geoJSON: geoJSON)
        } catch {
            throw PlaceArea.wrong(error.text)
        }
        guard let area = brought.converted(from: datum) else {
            throw PlaceArea.wrong(Text("换算成 WGS 84 以后什么也不剩", "Nothing is left of it in WGS 84"))
        }
        try self.init(area)
    }

    /// What is wrong with an area, as a form says it.
    package static func wrong(_ text: Text) -> LinliError { LinliError.invalid("places.area", [.init("area", text)]) }
}

/// Every SQL text about the areas of places.
package enum PlaceAreas {
    /// The area of a place; nil where nobody drew one.
    package static func find(_ id: ID<Place>, _ tx: ReadTx) throws -> GeoArea? {
        let text: String? = try tx.value("SELECT geometry FROM place_area WHERE place_id = \(id)")
        return try text.map { try GridGeometry.decode($0) }
    }

    /// The areas of some places.
    package static func find(_ ids: [ID<Place>], _ tx: ReadTx) throws -> [ID<Place>: GeoArea] {
        var areas: [ID<Place>: GeoArea] = [:]
        guard !ids.isEmpty else { return areas }
        try tx.each("SELECT place_id, geometry FROM place_area WHERE place_id IN \(SQL.list(ids))") { row in
            areas[try row[0]] = try GridGeometry.decode(try row[1])
        }
        return areas
    }

    /// Stores the area of a place in place of the one it had; nil takes that away. The caller notes it.
    package static func put(_ area: PlaceArea?, of id: ID<Place>, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM place_area WHERE place_id = \(id)")
        guard let area else { return }
        try tx.execute("INSERT INTO place_area (place_id, geometry) VALUES (\(id), \(area.geometry))")
    }

    /// Places as a GeoJSON FeatureCollection: their area, or else their point; what has neither is left out.
    ///
    /// `href` gives where a place's page is, if it should be a link.
    package static func geoJSON(
        _ places: [PlaceSummary], _ areas: [ID<Place>: GeoArea], in datum: GeoDatum = .wgs84,
        href: ((PlaceSummary) -> String?)? = nil
    ) -> JSONWriter {
        var json = JSONWriter(capacity: 256 + places.count * 256)
        json.object { json in
            json.field("type", "FeatureCollection")
            json.key("features")
            json.array { json in
                for place in places {
                    let area = areas[place.id].flatMap { PlaceAreas.shown($0, datum) }
                    guard area != nil || place.point != nil else { continue }
                    json.object { json in
                        json.field("type", "Feature")
                        json.field("id", "\(place.id)")
                        json.key("properties")
                        json.object { json in
                            json.field("kind", place.kind.rawValue)
                            json.field("name", place.name)
                            json.field("address", place.address)
                            json.field("division", "\(place.division)")
                            json.field("right", place.propertyRight.rawValue)
                            if let parent = place.parent { json.field("parent", "\(parent)") }
                            if let path = href?(place) { json.field("href", path) }
                        }
                        json.key("geometry")
                        if let area { area.writeGeoJSON(to: &json) } else { point(place, datum, &json) }
                    }
                }
            }
        }
        return json
    }

    private static func point(_ place: PlaceSummary, _ datum: GeoDatum, _ json: inout JSONWriter) {
        json.object { json in
            json.field("type", "Point")
            json.key("coordinates")
            json.array { json in
                guard let point = place.point else { return }
                let shown = datum.degrees(of: point)
                json.value(shown.longitude)
                json.value(shown.latitude)
            }
        }
    }

    /// An area in other coordinates, for maps that need them.
    private static func shown(_ area: GeoArea, _ datum: GeoDatum) -> GeoArea? {
        guard datum != .wgs84 else { return area }
        func ring(_ ring: GeoRing) -> GeoRing? {
            GeoRing(
                ring.points.compactMap { point in
                    let shown = datum.degrees(of: point)
                    return GeoPoint(longitude: shown.longitude, latitude: shown.latitude)
                })
        }
        return GeoArea(
            area.polygons.compactMap { polygon in
                ring(polygon.outer).map { GeoPolygon(outer: $0, holes: polygon.holes.compactMap(ring)) }
            })
    }
}

extension Migration {
    /// Places with since when and until when they hold, where they came from and how often they changed, their road and
    /// number; their areas.
    static let placeRegister = Migration(
        "2026-11-28.50-place-register",
        """
        ALTER TABLE place ADD COLUMN source TEXT NOT NULL DEFAULT 'staff' CHECK (length(source) <= 40);
        ALTER TABLE place ADD COLUMN valid_from INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE place ADD COLUMN valid_to INTEGER;
        ALTER TABLE place ADD COLUMN end_reason TEXT CHECK (length(end_reason) <= 20);
        ALTER TABLE place ADD COLUMN merged_into INTEGER REFERENCES place (id);
        ALTER TABLE place ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE place ADD COLUMN road TEXT NOT NULL DEFAULT '' CHECK (length(road) <= 40);
        ALTER TABLE place ADD COLUMN door TEXT NOT NULL DEFAULT '' CHECK (length(door) <= 20);
        CREATE INDEX place_merged ON place (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX place_address_here ON place (address) WHERE valid_to IS NULL;
        CREATE INDEX dwelling_place_ended ON dwelling (place_id) WHERE valid_to IS NOT NULL;
        CREATE TABLE place_area (
            place_id INTEGER NOT NULL PRIMARY KEY REFERENCES place (id),
            geometry TEXT NOT NULL CHECK (length(geometry) <= 40000)
        ) STRICT;
        """
    )
}
