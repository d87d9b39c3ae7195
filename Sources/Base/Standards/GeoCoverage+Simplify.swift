extension GeoCoverage {
    /// The same areas with fewer corners, for a map that shows a metre as less than a dot: no line moves by more than
    /// `metres`, and neighbours go on sharing theirs.
    package func simplified(metres: Double) -> GeoCoverage {
        guard metres > 0, let first = parts.first else { return self }
        let kept = CornerChoice(parts.map(\.area), GeoScale(latitude: first.area.box.southWest.latitude), metres).kept
        // A ring of which less than a triangle would be left stays as it is.
        let simple = try? mapRings { ring in
            let corners = ring.points.filter { kept.contains($0) }
            return GeoRing(corners) == nil ? ring.points : corners
        }
        // Without a part that collapses this cannot fail; the areas as they are would be right too.
        return simple ?? self
    }
}

/// Which corners of areas stay when lines are simplified: those where the ways of neighbours part, and of the lines
/// between them what Douglas and Peucker keep.
private struct CornerChoice {
    private(set) var kept: Set<GeoPoint> = []
    private let scale: GeoScale
    private let metres: Double

    init(_ areas: [GeoArea], _ scale: GeoScale, _ metres: Double) {
        self.scale = scale
        self.metres = metres
        let rings = areas.flatMap { $0.polygons.flatMap { [$0.outer] + $0.holes } }.map(\.points)
        var neighbours: [GeoPoint: Set<GeoPoint>] = [:]
        for ring in rings {
            for edge in RingTracer.edges(of: ring) {
                neighbours[edge.from, default: []].insert(edge.to)
                neighbours[edge.to, default: []].insert(edge.from)
            }
        }
        // Where more or fewer than two lines meet, or another ring begins or ends to share the line.
        var uses: [RingTracer.Edge: Int] = [:]
        for ring in rings {
            for edge in RingTracer.edges(of: ring) { uses[CornerChoice.both(edge), default: 0] += 1 }
        }
        for (corner, others) in neighbours {
            let shared = Set(others.map { uses[CornerChoice.both(.init(from: corner, to: $0)), default: 0] })
            if others.count != 2 || shared.count > 1 { kept.insert(corner) }
        }
        for ring in rings { choose(ring) }
    }

    /// An edge by whichever of its ends comes first, so that both who share it mean the same.
    private static func both(_ edge: RingTracer.Edge) -> RingTracer.Edge {
        isBefore(edge.from, edge.to) ? edge : edge.reversed
    }

    private static func isBefore(_ a: GeoPoint, _ b: GeoPoint) -> Bool {
        (a.latitudeE7, a.longitudeE7) < (b.latitudeE7, b.longitudeE7)
    }

    private mutating func choose(_ ring: [GeoPoint]) {
        if !ring.contains(where: kept.contains) {
            // Alone or around another: its first corner and the one farthest from it.
            guard let first = ring.min(by: CornerChoice.isBefore),
                let far = ring.max(by: { scale.distance(first, $0) < scale.distance(first, $1) })
            else { return }
            kept.formUnion([first, far])
        }
        let anchors = ring.indices.filter { kept.contains(ring[$0]) }
        guard let begin = anchors.first else { return }
        let turned = Array(ring[begin...] + ring[..<begin]) + [ring[begin]]
        var chain: [GeoPoint] = []
        let junctions = Set(anchors.map { ring[$0] })
        for point in turned {
            chain.append(point)
            guard chain.count > 1, junctions.contains(point) else { continue }
            // The same way round for both who share the line, so that both keep the same.
            thin(CornerChoice.isBefore(chain[0], point) ? chain : chain.reversed())
            chain = [point]
        }
    }

    private mutating func thin(_ chain: [GeoPoint]) {
        var open = [(0, chain.count - 1)]
        while let (start, end) = open.popLast() {
            guard end - start > 1 else { continue }
            var farthest: (index: Int, metres: Double) = (start, -1)
            for index in start + 1..<end {
                let distance = scale.distance(chain[index], chain[start], chain[end]).metres
                if distance > farthest.metres { farthest = (index, distance) }
            }
            guard farthest.metres > metres else { continue }
            kept.insert(chain[farthest.index])
            open += [(start, farthest.index), (farthest.index, end)]
        }
    }
}
