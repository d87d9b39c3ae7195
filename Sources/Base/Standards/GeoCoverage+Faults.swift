/// What is wrong with areas that should cover a territory.
package struct CoverageFault: Sendable, Hashable {
    /// What it is.
    package enum Kind: String, Sendable {
        /// Several parts have this place.
        case overlap
        /// No part has this place.
        case gap
        /// A part reaches beyond the territory here.
        case outside
        /// The border of a part crosses itself here.
        case crossing
    }

    /// What it is.
    package let kind: Kind
    /// The parts that have this place, by number.
    package let keys: [Int64]
    /// How large it is; 0 for a crossing.
    package let squareMetres: Double
    /// Where it is.
    package let box: GeoBox
    /// A point inside.
    package let point: GeoPoint
    /// What it looks like: trapezoids, rounded to the centimetre.
    package let pieces: [GeoRing]
}

extension GeoCoverage {
    /// What is smaller than this came from rounding and is left out.
    /// - Source: configured, no source
    package static let negligible = 1.0

    /// What is narrower than this on the whole, in metres, too: a corner on a line is rounded to the centimetre.
    package static let narrow = 0.05

    /// Where parts overlap, where they leave gaps, where they reach beyond the territory and where a border crosses itself;
    /// the largest first.
    ///
    /// The plane is cut into strips at every corner and crossing. Inside a strip no two lines cross, so what lies between
    /// two neighbouring lines belongs to the same parts throughout, and nothing is too narrow to be seen. Without a
    /// territory only gaps that are enclosed are found.
    package func faults(
        in territory: GeoArea? = nil, negligible: Double = GeoCoverage.negligible, narrow: Double = GeoCoverage.narrow
    ) -> [CoverageFault] {
        var strips = CoverageStrips(parts.map(\.area), territory: territory)
        let found = strips.spots().filter { spot in
            let scale = GeoScale(latitude: spot.point.latitude)
            let length = scale.distance(spot.box.southWest, spot.box.northEast)
            return spot.squareMetres >= negligible && spot.squareMetres >= narrow * length
        }
        let faults = found.map { spot in
            CoverageFault(
                kind: spot.kind, keys: spot.members.map { parts[$0].key }, squareMetres: spot.squareMetres,
                box: spot.box,
                point: spot.point, pieces: spot.pieces
            )
        }
        let crossings = strips.selfCrossings.map { crossing in
            CoverageFault(
                kind: .crossing, keys: [parts[crossing.part].key], squareMetres: 0,
                box: GeoBox(southWest: crossing.point, northEast: crossing.point), point: crossing.point, pieces: []
            )
        }
        return crossings + faults.sorted { $0.squareMetres > $1.squareMetres }
    }

    /// What of an area no part has, the largest first.
    package func missing(of area: GeoArea) -> [CoverageFault] {
        let near = parts.filter { $0.area.box.intersects(area.box) }
        return GeoCoverage(near)?.faults(in: area).filter { $0.kind == .gap } ?? []
    }
}

extension CoverageFault {
    /// Whether a point lies in it.
    package func contains(_ point: GeoPoint) -> Bool { pieces.contains { $0.contains(point) } }
}

/// The plane cut into strips by the corners and crossings of areas.
struct CoverageStrips {
    /// What lies between two lines of a strip and is not right, joined with what touches it above and below.
    struct Spot {
        var kind: CoverageFault.Kind
        var members: [Int]
        var squareMetres: Double
        var box: GeoBox
        var point: GeoPoint
        var pieces: [GeoRing]
    }

    /// A line that goes up, of a part or, as -1, of the territory. Numbers are distances from the origin.
    private struct Line {
        let owner: Int
        let x0, y0, x1, y1: Int64

        /// Where it is at a height: the same for everybody who shares it.
        func x(at y: Double) -> Double {
            if y <= Double(y0) { return Double(x0) }
            if y >= Double(y1) { return Double(x1) }
            return Double(x0) + (y - Double(y0)) * Double(x1 - x0) / Double(y1 - y0)
        }
    }

    /// What belongs to the same parts between two lines of a strip.
    private struct Piece {
        var members: [Int]
        var kind: CoverageFault.Kind
        var bottom: (left: Double, right: Double)
        var top: (left: Double, right: Double)
        var low: Double
        var high: Double
        /// In units of the grid.
        var area: Double
    }

    private let origin: GeoPoint
    private let hasTerritory: Bool
    private var lines: [Line] = []
    /// Whether lines cross so often that nobody can have meant it; then nothing is measured.
    private var isTangled = false
    private var heights: [Double] = []
    private(set) var selfCrossings: [(part: Int, point: GeoPoint)] = []
    private var pieces: [Piece] = []
    /// For each piece one it is joined with; 0 is the plane around everything.
    private var joined: [Int] = []

    init(_ areas: [GeoArea], territory: GeoArea?) {
        hasTerritory = territory != nil
        origin = areas.first?.box.southWest ?? GeoPoint(longitudeE7: 0, latitudeE7: 0)
        for (owner, area) in areas.enumerated() { add(area, owner) }
        if let territory { add(territory, -1) }
        lines.sort { ($0.y0, $0.x0) < ($1.y0, $1.x0) }
        cross()
        heights = Array(Set(heights)).sorted()
    }

    private mutating func add(_ area: GeoArea, _ owner: Int) {
        for edge in RingTracer.edges(of: area) {
            let (from, to) = edge.from.latitudeE7 < edge.to.latitudeE7 ? (edge.from, edge.to) : (edge.to, edge.from)
            let (x0, y0) = (
                Int64(from.longitudeE7) - Int64(origin.longitudeE7), Int64(from.latitudeE7) - Int64(origin.latitudeE7)
            )
            let (x1, y1) = (
                Int64(to.longitudeE7) - Int64(origin.longitudeE7), Int64(to.latitudeE7) - Int64(origin.latitudeE7)
            )
            heights.append(Double(y0))
            heights.append(Double(y1))
            // A line that does not rise bounds nothing: its ends are corners of others.
            if y0 != y1 { lines.append(Line(owner: owner, x0: x0, y0: y0, x1: x1, y1: y1)) }
        }
    }

    /// Adds the heights at which two lines cross, and remembers those of one part.
    private mutating func cross() {
        var active: [Int] = []
        var count = 0
        for index in lines.indices where !isTangled {
            let line = lines[index]
            active.removeAll { lines[$0].y1 <= line.y0 }
            for other in active {
                guard let y = CoverageStrips.crossing(line, lines[other]) else { continue }
                heights.append(y)
                count += 1
                isTangled = count > CoverageStrips.mostCrossings || selfCrossings.count > 100
                if isTangled { break }
                if line.owner == lines[other].owner, line.owner >= 0 {
                    selfCrossings.append((line.owner, point(line.x(at: y), y)))
                }
            }
            active.append(index)
        }
        if isTangled, selfCrossings.isEmpty { selfCrossings.append((0, origin)) }
    }

    /// Of the borders of a community hardly any cross.
    /// - Source: configured, no source
    private static let mostCrossings = 5000

    /// The height at which two lines cross inside of both; nil when they only touch.
    private static func crossing(_ a: Line, _ b: Line) -> Double? {
        guard min(a.x0, a.x1) <= max(b.x0, b.x1), min(b.x0, b.x1) <= max(a.x0, a.x1) else { return nil }
        func side(_ line: Line, _ x: Int64, _ y: Int64) -> Int64 {
            (line.x1 - line.x0) * (y - line.y0) - (line.y1 - line.y0) * (x - line.x0)
        }
        let (a0, a1) = (side(b, a.x0, a.y0), side(b, a.x1, a.y1))
        let (b0, b1) = (side(a, b.x0, b.y0), side(a, b.x1, b.y1))
        guard a0.signum() * a1.signum() < 0, b0.signum() * b1.signum() < 0 else { return nil }
        let along = Double(a0) / (Double(a0) - Double(a1))
        return Double(a.y0) + along * Double(a.y1 - a.y0)
    }

    private func point(_ x: Double, _ y: Double) -> GeoPoint {
        GeoPoint(
            longitudeE7: Int32(clamping: Int64(x.rounded()) + Int64(origin.longitudeE7)),
            latitudeE7: Int32(clamping: Int64(y.rounded()) + Int64(origin.latitudeE7))
        )
    }

    // MARK: Strips

    /// Everything that is not right, each connected place once.
    mutating func spots() -> [Spot] {
        pieces = [
            Piece(members: [], kind: .gap, bottom: (0, 0), top: (0, 0), low: 0, high: 0, area: 0)
        ]
        joined = [0]
        guard !isTangled else { return [] }
        var next = 0
        var active: [Int] = []
        var below: [Int] = []
        for (low, high) in zip(heights, heights.dropFirst()) where high - low > 1e-9 {
            while next < lines.count, Double(lines[next].y0) <= low {
                active.append(next)
                next += 1
            }
            active.removeAll { Double(lines[$0].y1) <= low }
            let strip = cut(active, low, high)
            join(strip, with: below)
            below = strip
        }
        return collect()
    }

    /// Adds the pieces of a strip and returns their numbers, from west to east.
    private mutating func cut(_ active: [Int], _ low: Double, _ high: Double) -> [Int] {
        let middle = (low + high) / 2
        let ordered = active.map { (line: lines[$0], x: lines[$0].x(at: middle)) }.sorted { $0.x < $1.x }
        var members: Set<Int> = []
        var isInTerritory = !hasTerritory
        var strip: [Int] = []
        for (index, entry) in ordered.enumerated() {
            if entry.line.owner < 0 {
                isInTerritory.toggle()
            } else if members.remove(entry.line.owner) == nil {
                members.insert(entry.line.owner)
            }
            guard index + 1 < ordered.count, let kind = kind(members, isInTerritory) else { continue }
            let other = ordered[index + 1].line
            let bottom = (left: entry.line.x(at: low), right: other.x(at: low))
            let top = (left: entry.line.x(at: high), right: other.x(at: high))
            let area = (max(0, bottom.right - bottom.left) + max(0, top.right - top.left)) / 2 * (high - low)
            // Lines that two areas share lie on each other.
            guard area > 1e-3 else { continue }
            pieces.append(
                Piece(
                    members: members.sorted(), kind: kind, bottom: bottom, top: top, low: low, high: high, area: area
                )
            )
            joined.append(pieces.count - 1)
            strip.append(pieces.count - 1)
        }
        return strip
    }

    private func kind(_ members: Set<Int>, _ isInTerritory: Bool) -> CoverageFault.Kind? {
        if members.count > 1 { return .overlap }
        if members.isEmpty { return isInTerritory ? .gap : nil }
        return isInTerritory ? nil : .outside
    }

    /// Joins pieces of a strip with those below that they touch and that are of the same kind.
    private mutating func join(_ strip: [Int], with below: [Int]) {
        for here in strip {
            for there in below
            where pieces[here].kind == pieces[there].kind && pieces[here].members == pieces[there].members {
                let left = max(pieces[here].bottom.left, pieces[there].top.left)
                let right = min(pieces[here].bottom.right, pieces[there].top.right)
                if right - left > 1e-6 { unite(here, there) }
            }
        }
        guard !hasTerritory else { return }
        // Without a territory, what is open below or above lies outside.
        for here in strip where pieces[here].kind == .gap {
            if isOpen(
                pieces[here].bottom, below.map { (pieces[$0].top.left, pieces[$0].top.right) }, at: pieces[here].low)
            {
                unite(here, 0)
            }
        }
    }

    /// Whether some of a gap's lower side has nothing but the plane around everything below it.
    private func isOpen(_ side: (left: Double, right: Double), _ gaps: [(Double, Double)], at height: Double) -> Bool {
        guard side.right - side.left > 1e-6 else { return false }
        return outsideBelow(height).contains { outer in
            min(side.right, outer.right) - max(side.left, outer.left) > 1e-6
        }
    }

    /// What lies west of the first and east of the last line just below a height.
    private func outsideBelow(_ height: Double) -> [(left: Double, right: Double)] {
        outer(lines.filter { Double($0.y0) < height && Double($0.y1) >= height }, at: height)
    }

    private func outsideAbove(_ height: Double) -> [(left: Double, right: Double)] {
        outer(lines.filter { Double($0.y0) <= height && Double($0.y1) > height }, at: height)
    }

    private func outer(_ crossing: [Line], at height: Double) -> [(left: Double, right: Double)] {
        let places = crossing.map { $0.x(at: height) }
        guard let first = places.min(), let last = places.max() else {
            return [(-Double.infinity, Double.infinity)]
        }
        return [(-Double.infinity, first), (last, Double.infinity)]
    }

    private func root(_ piece: Int) -> Int {
        var piece = piece
        while joined[piece] != piece { piece = joined[piece] }
        return piece
    }

    private mutating func unite(_ first: Int, _ second: Int) {
        let (a, b) = (root(first), root(second))
        joined[max(a, b)] = min(a, b)
    }

    // MARK: Places

    private mutating func collect() -> [Spot] {
        if !hasTerritory {
            for index in pieces.indices.dropFirst() where pieces[index].kind == .gap && root(index) != 0 {
                let side = pieces[index].top
                let isOpen = outsideAbove(pieces[index].high).contains { outer in
                    min(side.right, outer.right) - max(side.left, outer.left) > 1e-6
                }
                if isOpen { unite(index, 0) }
            }
        }
        var groups: [Int: [Piece]] = [:]
        for index in pieces.indices.dropFirst() {
            let root = root(index)
            if root != 0 { groups[root, default: []].append(pieces[index]) }
        }
        return groups.sorted { $0.key < $1.key }.compactMap { spot($0.value) }
    }

    private func spot(_ group: [Piece]) -> Spot? {
        guard let largest = group.max(by: { $0.area < $1.area }) else { return nil }
        let rings = group.compactMap { piece in
            GeoRing([
                point(piece.bottom.left, piece.low), point(piece.bottom.right, piece.low),
                point(piece.top.right, piece.high), point(piece.top.left, piece.high),
            ])
        }
        let middle = (largest.low + largest.high) / 2
        let sides = largest.bottom.left + largest.bottom.right + largest.top.left + largest.top.right
        let inside = point(sides / 4, middle)
        let corners = group.flatMap { piece in
            [
                point(min(piece.bottom.left, piece.top.left), piece.low),
                point(max(piece.bottom.right, piece.top.right), piece.high),
            ]
        }
        return Spot(
            kind: largest.kind, members: largest.members,
            squareMetres: group.reduce(0) { $0 + $1.area } * CoverageStrips.squareMetres(at: inside),
            box: GeoBox(corners) ?? GeoBox(southWest: inside, northEast: inside), point: inside, pieces: rings
        )
    }

    /// Square metres of one ten-millionth of a degree by another, at a place.
    private static func squareMetres(at place: GeoPoint) -> Double {
        let (x, y) = (place.longitudeE7, max(-899_000_000, min(899_000_000, place.latitudeE7)))
        let half: Int32 = 5000
        let (west, east) = (x < 0 ? x : x - 2 * half, x < 0 ? x + 2 * half : x)
        let ring = GeoRing([
            GeoPoint(longitudeE7: west, latitudeE7: y - half), GeoPoint(longitudeE7: east, latitudeE7: y - half),
            GeoPoint(longitudeE7: east, latitudeE7: y + half), GeoPoint(longitudeE7: west, latitudeE7: y + half),
        ])
        return (ring?.signedArea ?? 0) / 1e8
    }
}
