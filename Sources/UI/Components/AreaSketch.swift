import LinliCore
import LinliStandards

/// Areas drawn as SVG: what stands where a map cannot.
package struct AreaSketch: Sendable {
    /// An area with its name.
    package struct Shape: Sendable {
        let area: GeoArea
        let label: String
        /// How it is coloured, 0 to 3.
        let level: Int

        /// An area to draw.
        package init(_ area: GeoArea, label: String, level: Int = 0) {
            self.area = area
            self.label = label
            self.level = level
        }
    }

    /// A box drawn over the areas, because something about it is not right.
    package struct Mark: Sendable {
        let box: GeoBox
        let tone: Tone

        /// A box to mark.
        package init(_ box: GeoBox, _ tone: Tone) {
            self.box = box
            self.tone = tone
        }
    }

    /// A pin at a point, which is a link.
    package struct Pin: Sendable {
        let point: GeoPoint
        /// The class that colours it.
        let state: String
        /// The letter in it, so that a state is not told by colour alone.
        let letter: String
        let name: String
        let href: String

        /// A pin; see the properties.
        package init(_ point: GeoPoint, state: String, letter: String, name: String, href: String) {
            self.point = point
            self.state = state
            self.letter = letter
            self.name = name
            self.href = href
        }

        /// Some 150 metres around it, so that a single one does not stand on the edge.
        var surroundings: [GeoPoint] {
            let reach: Int32 = 15_000
            return [
                GeoPoint(longitudeE7: point.longitudeE7 - reach, latitudeE7: point.latitudeE7 - reach),
                GeoPoint(longitudeE7: point.longitudeE7 + reach, latitudeE7: point.latitudeE7 + reach),
            ]
        }
    }

    /// The box around all of it.
    package let box: GeoBox
    private let shapes: [Shape]
    private let marks: [Mark]
    private let pins: [Pin]

    private static let width = 400.0
    /// What a sketch with pins fits into: a phone's map, so that letters can be read and pins be pressed there.
    private static let small = (width: 330.0, height: 246.0)
    /// The cosine of Beijing's latitude: how much shorter a degree of longitude is there.
    private static let squeeze = 0.767

    /// A sketch; nil when there is nothing to draw.
    package init?(_ shapes: [Shape], marks: [Mark] = [], pins: [Pin] = []) {
        let corners = shapes.flatMap { shape in shape.area.polygons.flatMap { $0.outer.points } }
        guard let box = GeoBox(corners + pins.flatMap(\.surroundings)) else { return nil }
        self.box = box
        self.shapes = shapes
        self.marks = marks
        self.pins = pins
    }

    /// The middle, as maps take it: `39.91,116.40`.
    package var center: String {
        let latitude = (box.southWest.latitude + box.northEast.latitude) / 2
        let longitude = (box.southWest.longitude + box.northEast.longitude) / 2
        return "\(latitude),\(longitude)"
    }

    /// The drawing; with links in it, it is a group and not one picture.
    package func svg(label: Text) -> HTML {
        let (width, height) = (Int((east * scale).rounded(.up)), Int((north * scale).rounded(.up)))
        return """
            <svg viewBox="0 0 \(max(width, 1)) \(max(height, 1))" role="\(pins.isEmpty ? "img" : "group")" \
            aria-label="\(label)">
            \(each: shapes, draw)\(each: marks, draw)\(each: shapes, name)\(each: pins, draw)</svg>
            """
    }

    /// How wide and high it is, in ten-millionths of a degree of longitude.
    private var east: Double { Double(max(box.northEast.longitudeE7 - box.southWest.longitudeE7, 1)) }
    private var north: Double {
        Double(max(box.northEast.latitudeE7 - box.southWest.latitudeE7, 1)) / AreaSketch.squeeze
    }

    private var scale: Double {
        pins.isEmpty ? AreaSketch.width / east : min(AreaSketch.small.width / east, AreaSketch.small.height / north)
    }

    private func x(_ point: GeoPoint) -> Double { Double(point.longitudeE7 - box.southWest.longitudeE7) * scale }
    private func y(_ point: GeoPoint) -> Double {
        Double(box.northEast.latitudeE7 - point.latitudeE7) * scale / AreaSketch.squeeze
    }

    private func draw(_ shape: Shape) -> HTML {
        let rings = shape.area.polygons.flatMap { [$0.outer] + $0.holes }
        let path = rings.map { ring in
            "M" + ring.points.map { "\(tenths(x($0))) \(tenths(y($0)))" }.joined(separator: "L") + "Z"
        }.joined()
        return HTML.trusted("<path class=\"g l\(shape.level)\" fill-rule=\"evenodd\" d=\"\(path)\"/>")
    }

    private func draw(_ mark: Mark) -> HTML {
        let (left, top) = (x(mark.box.southWest), y(mark.box.northEast))
        let (width, height) = (x(mark.box.northEast) - left, y(mark.box.southWest) - top)
        let place = "x=\"\(tenths(left))\" y=\"\(tenths(top))\" width=\"\(tenths(width))\" height=\"\(tenths(height))\""
        return HTML.trusted("<rect class=\"mark \(mark.tone.rawValue)\" \(place)/>")
    }

    private func draw(_ pin: Pin) -> HTML {
        let (left, top) = (x(pin.point), y(pin.point))
        return """
            <a class="pin \(pin.state)" href="\(pin.href)" aria-label="\(pin.name)">\
            <path d="M\(tenths(left)) \(tenths(top))l-7-9a11 11 0 1 1 14 0z"/>\
            <text x="\(tenths(left))" y="\(tenths(top - 13))">\(pin.letter)</text></a>
            """
    }

    private func name(_ shape: Shape) -> HTML {
        let box = shape.area.box
        let middleX = (x(box.southWest) + x(box.northEast)) / 2
        let middleY = (y(box.southWest) + y(box.northEast)) / 2
        return "<text x=\"\(Int(middleX))\" y=\"\(Int(middleY))\">\(shape.label)</text>"
    }

    private func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return (scaled < 0 ? "-" : "") + "\(abs(scaled) / 10).\(abs(scaled) % 10)"
    }
}
