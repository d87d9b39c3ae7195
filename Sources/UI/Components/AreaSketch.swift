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

    /// The box around all of it.
    package let box: GeoBox
    private let shapes: [Shape]
    private let marks: [Mark]

    private static let width = 400.0
    /// The cosine of Beijing's latitude: how much shorter a degree of longitude is there.
    private static let squeeze = 0.767

    /// A sketch; nil when there is nothing to draw.
    package init?(_ shapes: [Shape], marks: [Mark] = []) {
        let corners = shapes.flatMap { shape in shape.area.polygons.flatMap { $0.outer.points } }
        guard let box = GeoBox(corners) else { return nil }
        self.box = box
        self.shapes = shapes
        self.marks = marks
    }

    /// The drawing.
    package func svg(label: Text) -> HTML {
        let height = Int(
            (Double(box.northEast.latitudeE7 - box.southWest.latitudeE7) * scale / AreaSketch.squeeze).rounded(.up))
        return """
            <svg viewBox="0 0 \(Int(AreaSketch.width)) \(max(height, 1))" role="img" aria-label="\(label)">
            \(each: shapes, draw)\(each: marks, draw)\(each: shapes, name)</svg>
            """
    }

    private var scale: Double {
        AreaSketch.width / Double(max(box.northEast.longitudeE7 - box.southWest.longitudeE7, 1))
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
