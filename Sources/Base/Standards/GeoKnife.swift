/// A line across an area, and the two areas it makes of it.
struct GeoKnife {
    /// Corners that an edge of the border gets where the line meets it.
    struct Cut {
        let edge: RingTracer.Edge
        let points: [GeoPoint]
    }

    let cuts: [Cut]
    /// What lies on the left of the line, with every polygon it does not touch.
    let left: GeoArea
    let right: GeoArea

    /// Cuts an area; nil when the line does not lead from border to border, crosses itself or runs along the border.
    init?(_ area: GeoArea, _ line: [GeoPoint]) {
        let scale = GeoScale(latitude: area.box.southWest.latitude)
        let border = RingTracer.edges(of: area)
        var meetings: [RingTracer.Edge: [(along: Double, point: GeoPoint)]] = [:]
        var way: [GeoPoint] = []
        for (start, end) in zip(line, line.dropFirst()) {
            var stops: [(along: Double, point: GeoPoint)] = []
            for edge in border {
                guard let meeting = GeoKnife.meeting(start, end, edge, scale) else { continue }
                stops.append((meeting.onLine, meeting.point))
                if meeting.point != edge.from, meeting.point != edge.to {
                    meetings[edge, default: []].append((meeting.onEdge, meeting.point))
                }
            }
            stops.sort { $0.along < $1.along }
            way += [start] + stops.map(\.point)
        }
        way = (way + line.suffix(1)).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
        guard Set(way).count == way.count, !GeoKnife.crossesItself(line) else { return nil }
        cuts = meetings.map { edge, points in
            Cut(
                edge: edge,
                points: points.sorted { $0.along < $1.along }.map(\.point).reduce(into: []) {
                    if $0.last != $1 { $0.append($1) }
                }
            )
        }
        let steps = GeoKnife.across(way, area, cuts)
        guard !steps.isEmpty, let halves = GeoKnife.halves(area, cuts, steps) else { return nil }
        (left, right) = halves
    }

    private static func crossesItself(_ line: [GeoPoint]) -> Bool {
        let pieces = Array(zip(line, line.dropFirst()))
        return pieces.indices.contains { index in
            pieces[(index + 1)...].contains { other in
                let (start, end) = pieces[index]
                let sides = geoSide(start, end, other.0).signum() * geoSide(start, end, other.1).signum()
                return sides < 0
                    && geoSide(other.0, other.1, start).signum() * geoSide(other.0, other.1, end).signum() < 0
            }
        }
    }

    /// Where a piece of the line meets an edge; a corner when it is within a few centimetres of one.
    private static func meeting(_ start: GeoPoint, _ end: GeoPoint, _ edge: RingTracer.Edge, _ scale: GeoScale)
        -> (point: GeoPoint, onLine: Double, onEdge: Double)?
    {
        let (before, after) = (geoSide(edge.from, edge.to, start), geoSide(edge.from, edge.to, end))
        let (from, to) = (geoSide(start, end, edge.from), geoSide(start, end, edge.to))
        guard before.signum() * after.signum() <= 0, from.signum() * to.signum() <= 0, before != after, from != to
        else { return nil }
        let onLine = Double(before) / (Double(before) - Double(after))
        let onEdge = Double(from) / (Double(from) - Double(to))
        let exact = along(edge, onEdge)
        let corner = [edge.from, edge.to].first { scale.distance($0, exact) <= GeoCoverage.touching }
        return (corner ?? exact, onLine, onEdge)
    }

    /// A point of an edge, rounded to the centimetre.
    static func along(_ edge: RingTracer.Edge, _ part: Double) -> GeoPoint {
        GeoPoint(
            longitudeE7: along(edge.from.longitudeE7, edge.to.longitudeE7, part),
            latitudeE7: along(edge.from.latitudeE7, edge.to.latitudeE7, part)
        )
    }

    private static func along(_ from: Int32, _ to: Int32, _ part: Double) -> Int32 {
        Int32(clamping: Int64((Double(from) + part * (Double(to) - Double(from))).rounded()))
    }

    /// The steps of the line that lie inside and lead from border to border, or from one such step to another.
    private static func across(_ way: [GeoPoint], _ area: GeoArea, _ cuts: [Cut]) -> [RingTracer.Edge] {
        let border = Set(RingTracer.edges(of: area).map(\.from) + cuts.flatMap(\.points))
        let onBorder = Set(RingTracer.edges(of: area))
        var run: [RingTracer.Edge] = []
        var isOpen = true
        var steps: [RingTracer.Edge] = []
        for (from, to) in zip(way, way.dropFirst()) {
            let step = RingTracer.Edge(from: from, to: to)
            if border.contains(from) {
                run = []
                isOpen = false
            }
            let middle = GeoPoint(
                longitudeE7: Int32(clamping: (Int64(from.longitudeE7) + Int64(to.longitudeE7)) / 2),
                latitudeE7: Int32(clamping: (Int64(from.latitudeE7) + Int64(to.latitudeE7)) / 2)
            )
            guard area.contains(middle), !onBorder.contains(step), !onBorder.contains(step.reversed) else {
                isOpen = true
                continue
            }
            run.append(step)
            if border.contains(to), !isOpen {
                steps += run
                run = []
            }
        }
        return steps
    }

    /// Follows the border and both sides of the line.
    private static func halves(_ area: GeoArea, _ cuts: [Cut], _ steps: [RingTracer.Edge]) -> (GeoArea, GeoArea)? {
        let added = Dictionary(cuts.map { ($0.edge, $0.points) }, uniquingKeysWith: { first, _ in first })
        let border = RingTracer.edges(of: area).flatMap { edge -> [RingTracer.Edge] in
            let stops = [edge.from] + added[edge, default: []] + [edge.to]
            return zip(stops, stops.dropFirst()).map { RingTracer.Edge(from: $0, to: $1) }
        }
        let (forward, back) = (Set(steps), Set(steps.map(\.reversed)))
        var sides: (left: [[GeoPoint]], right: [[GeoPoint]]) = ([], [])
        var holes: [[GeoPoint]] = []
        for ring in RingTracer.rings(border + steps + steps.map(\.reversed)) {
            let corners = ring.map(\.from)
            let isLeft = ring.contains { forward.contains($0) }
            let isRight = ring.contains { back.contains($0) }
            // A way around both sides of a line cuts nothing off.
            if isLeft && isRight { return nil }
            if !isLeft && !isRight, let hole = GeoRing(corners), !hole.isCounterClockwise {
                holes.append(corners)
            } else if isRight {
                sides.right.append(corners)
            } else {
                sides.left.append(corners)
            }
        }
        guard let right = RingTracer.area(of: sides.right) else { return nil }
        // Holes the line does not touch stay on their side.
        let isRight = { (hole: [GeoPoint]) in hole.count { right.contains($0) } * 2 > hole.count }
        guard let whole = RingTracer.area(of: sides.left + holes.filter { !isRight($0) }),
            let rest = RingTracer.area(of: sides.right + holes.filter(isRight))
        else { return nil }
        return (whole, rest)
    }
}
