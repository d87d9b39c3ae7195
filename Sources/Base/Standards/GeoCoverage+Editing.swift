extension GeoCoverage {
    // MARK: Corners

    /// Moves a corner of every part that has it.
    package func moving(_ corner: GeoPoint, to place: GeoPoint) throws(Refusal) -> GeoCoverage {
        guard has(corner) else { throw .noCorner }
        return try mapRings { $0.points.map { $0 == corner ? place : $0 } }
    }

    /// Takes a corner out of every part that has it.
    package func removing(_ corner: GeoPoint) throws(Refusal) -> GeoCoverage {
        guard has(corner) else { throw .noCorner }
        for part in parts {
            let rings = part.area.polygons.flatMap { [$0.outer] + $0.holes }
            guard rings.allSatisfy({ $0.points.count > 3 || !$0.points.contains(corner) }) else { throw .collapses }
        }
        return try mapRings { $0.points.filter { $0 != corner } }
    }

    /// Adds a corner between two others, for every part that goes from one to the other.
    package func inserting(_ corner: GeoPoint, between first: GeoPoint, and second: GeoPoint) throws(Refusal)
        -> GeoCoverage
    {
        let edge = RingTracer.Edge(from: first, to: second)
        var isFound = false
        let changed = try mapRings { ring in
            RingTracer.edges(of: ring.points).flatMap { step in
                guard step == edge || step == edge.reversed else { return [step.from] }
                isFound = true
                return [step.from, corner]
            }
        }
        guard isFound else { throw .noCorner }
        return changed
    }

    private func has(_ corner: GeoPoint) -> Bool {
        parts.contains { part in
            part.area.box.contains(corner)
                && part.area.polygons.contains { ([$0.outer] + $0.holes).contains { $0.points.contains(corner) } }
        }
    }

    // MARK: Neighbours

    /// Makes neighbours share their border: corners within `metres` of each other become one, and a corner that lies that
    /// near to another's line becomes a corner of it too. `fixed` stays where it is: what is near to it moves there.
    package func snapped(metres: Double, to fixed: [GeoArea] = []) throws(Refusal) -> GeoCoverage {
        guard let first = parts.first else { return self }
        var changed = self
        // What was moved may have come near to something else; a few rounds settle it.
        for _ in 0..<4 {
            let nodes = SnapNodes(
                scale: GeoScale(latitude: first.area.box.southWest.latitude), metres: metres,
                fixed: fixed, corners: changed.parts.flatMap { GeoCoverage.corners($0.area) }
            )
            let next = try changed.mapRings { ring in
                RingTracer.edges(of: ring.points.map { nodes.node(of: $0) }).flatMap { edge in
                    [edge.from] + nodes.between(edge.from, edge.to)
                }
            }
            if next == changed { break }
            changed = next
        }
        return changed
    }

    fileprivate static func corners(_ area: GeoArea) -> [GeoPoint] {
        area.polygons.flatMap { polygon in ([polygon.outer] + polygon.holes).flatMap(\.points) }
    }

    /// Gives one part the area of another one too; what lay between them is no border any more.
    package func merging(_ key: Int64, into other: Int64) throws(Refusal) -> GeoCoverage {
        guard key != other, let gone = self[key], let kept = self[other],
            let pair = GeoCoverage([Part(key: key, area: gone), Part(key: other, area: kept)])
        else { throw .unknownPart }
        // A corner of one that lies on the line of the other hides that they share it.
        let noded = try pair.snapped(metres: GeoCoverage.touching)
        guard let first = noded[key], let second = noded[other] else { throw .unknownPart }
        let edges = RingTracer.edges(of: first) + RingTracer.edges(of: second)
        let rest = RingTracer.withoutPairs(edges)
        guard rest.count < edges.count else { throw .notNeighbours }
        guard let area = RingTracer.area(of: rest) else { throw .collapses }
        var changed = self
        changed.set(key, nil)
        changed.set(other, area)
        return changed
    }

    /// Corners nearer than this to a line lie on it, in metres.
    static let touching = 0.05

    // MARK: Splitting

    /// Cuts a part along a line; what lies on the right of it becomes a part of its own. Neighbours get the corners where
    /// the line meets the border.
    package func splitting(_ key: Int64, along line: [GeoPoint], into new: Int64) throws(Refusal) -> GeoCoverage {
        guard index(new) == nil else { throw .takenKey }
        // A corner of a neighbour that lies on a line of the part has to be a corner of both.
        var changed = try snapped(metres: GeoCoverage.touching)
        guard let area = changed[key] else { throw .unknownPart }
        guard line.count > 1, let knife = GeoKnife(area, line) else { throw .notAcross }
        for cut in knife.cuts {
            changed = try changed.mapRings { ring in
                RingTracer.edges(of: ring.points).flatMap { step -> [GeoPoint] in
                    if step == cut.edge { return [step.from] + cut.points }
                    if step == cut.edge.reversed { return [step.from] + cut.points.reversed() }
                    return [step.from]
                }
            }
        }
        changed.set(key, knife.left)
        changed.set(new, knife.right)
        return changed
    }
}

/// Corners by place, so that those near a corner or a line are found without looking at all of them.
private struct SnapNodes {
    private struct Cell: Hashable {
        var x: Int64
        var y: Int64
    }

    private let scale: GeoScale
    private let metres: Double
    /// Side of a cell: no less than the distance, or a corner next door would be overlooked.
    private let side: Int64
    private var cells: [Cell: [GeoPoint]] = [:]
    /// Lines that stay where they are.
    private let fixed: [RingTracer.Edge]

    init(scale: GeoScale, metres: Double, fixed: [GeoArea], corners: [GeoPoint]) {
        self.fixed = fixed.flatMap(RingTracer.edges)
        self.scale = scale
        self.metres = metres
        side = max(2000, Int64((metres / GeoScale.metres / max(scale.squeeze, 0.01)).rounded(.up)) + 1)
        for corner in fixed.flatMap(GeoCoverage.corners) { add(corner) }
        for corner in corners where isFree(corner) { add(onFixed(corner) ?? corner) }
    }

    private mutating func add(_ corner: GeoPoint) {
        let cell = cell(corner)
        if cells[cell]?.contains(corner) != true { cells[cell, default: []].append(corner) }
    }

    private func cell(_ point: GeoPoint) -> Cell {
        Cell(x: column(Int64(point.longitudeE7)), y: column(Int64(point.latitudeE7)))
    }

    private func column(_ value: Int64) -> Int64 { value >= 0 ? value / side : -((side - 1 - value) / side) }

    private func isFree(_ corner: GeoPoint) -> Bool { nearest(corner) == nil }

    /// The place of a corner on a line that stays and is near; nil when none is.
    private func onFixed(_ corner: GeoPoint) -> GeoPoint? {
        var best: (point: GeoPoint, metres: Double)?
        for edge in fixed {
            let (distance, along) = scale.distance(corner, edge.from, edge.to)
            guard distance <= metres, distance < best?.metres ?? .infinity else { continue }
            best = (GeoKnife.along(edge, along), distance)
        }
        return best?.point
    }

    /// Where a corner goes: to the nearest one within the distance, else to itself.
    func node(of corner: GeoPoint) -> GeoPoint { nearest(corner) ?? onFixed(corner) ?? corner }

    private func nearest(_ corner: GeoPoint) -> GeoPoint? {
        let middle = cell(corner)
        var nearest: (point: GeoPoint, metres: Double)?
        for x in middle.x - 1...middle.x + 1 {
            for y in middle.y - 1...middle.y + 1 {
                for point in cells[Cell(x: x, y: y), default: []] {
                    let distance = scale.distance(corner, point)
                    if distance <= metres, distance < nearest?.metres ?? .infinity { nearest = (point, distance) }
                }
            }
        }
        return nearest?.point
    }

    /// The corners that lie on the line between two others, in order.
    func between(_ start: GeoPoint, _ end: GeoPoint) -> [GeoPoint] {
        let (west, east) = start.longitudeE7 < end.longitudeE7 ? (start, end) : (end, start)
        let (first, last) = (cell(west), cell(east))
        var found: [(point: GeoPoint, along: Double)] = []
        for x in first.x - 1...last.x + 1 {
            for y in rows(west, east, first, last, column: x) {
                for point in cells[Cell(x: x, y: y), default: []] where point != start && point != end {
                    let (distance, along) = scale.distance(point, start, end)
                    if distance <= metres, along > 0, along < 1 { found.append((point, along)) }
                }
            }
        }
        return found.sorted { $0.along < $1.along }.map(\.point)
    }

    /// The rows of cells a line goes through in a column or next to it.
    private func rows(_ west: GeoPoint, _ east: GeoPoint, _ first: Cell, _ last: Cell, column: Int64) -> ClosedRange<
        Int64
    > {
        let width = Double(Int64(east.longitudeE7) - Int64(west.longitudeE7))
        guard width > 0, last.x > first.x else { return min(first.y, last.y) - 1...max(first.y, last.y) + 1 }
        let rise = Double(Int64(east.latitudeE7) - Int64(west.latitudeE7))
        func row(_ x: Int64) -> Int64 {
            let along = max(0, min(1, Double(x * side - Int64(west.longitudeE7)) / width))
            return self.column(Int64(west.latitudeE7) + Int64((along * rise).rounded()))
        }
        let (here, there) = (row(column - 1), row(column + 2))
        return min(here, there) - 1...max(here, there) + 1
    }
}
