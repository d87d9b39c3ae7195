import LinliCore
import LinliStandards
import Testing

/// Grids that cover a community: cut, joined and moved at random, never with a gap or an overlap; and what somebody got
/// wrong is found, measured and shown.
@Suite("网格铺满、不重叠")
struct GeoCoverageTests {
    /// Metres east and north of a corner of 幸福里, about: 1 m is 117 units east and 90 north.
    static func point(_ x: Double, _ y: Double) -> GeoPoint {
        GeoPoint(
            longitudeE7: 1_164_000_000 + Int32((x * 117.2).rounded()),
            latitudeE7: 399_100_000 + Int32((y * 89.93).rounded())
        )
    }

    static func area(_ corners: [(Double, Double)], holes: [[(Double, Double)]] = []) throws -> GeoArea {
        let rings = try ([corners] + holes).map { try #require(GeoRing($0.map { point($0.0, $0.1) })) }
        return try #require(GeoArea([GeoPolygon(outer: rings[0], holes: Array(rings.dropFirst()))]))
    }

    static func box(_ west: Double, _ south: Double, _ east: Double, _ north: Double) throws -> GeoArea {
        try area([(west, south), (east, south), (east, north), (west, north)])
    }

    static func coverage(_ areas: [GeoArea]) throws -> GeoCoverage {
        try #require(GeoCoverage(areas.enumerated().map { .init(key: Int64($0 + 1), area: $1) }))
    }

    /// A square of a kilometre cut along random lines into at least `count` parts.
    static func partition(_ count: Int, _ random: inout SeededRandom) throws -> (GeoCoverage, GeoArea) {
        let square = try box(0, 0, 1000, 1000)
        var cover = try coverage([square])
        var tries = 0
        while cover.parts.count < count, tries < 400 {
            tries += 1
            let part = cover.parts[Int.random(in: 0..<cover.parts.count, using: &random)]
            var line: [GeoPoint] = []
            for _ in 0..<Int.random(in: 2...4, using: &random) {
                line.append(point(.random(in: -100...1100, using: &random), .random(in: -100...1100, using: &random)))
            }
            let next = try? cover.splitting(part.key, along: line, into: Int64(cover.parts.count + 1))
            if let next { cover = next }
        }
        try #require(cover.parts.count == count)
        return (cover, square)
    }

    @Test("随便怎么切，既不重叠也没有空隙，每个点恰好属于一格")
    func randomSplits() throws {
        var random = SeededRandom(26)
        for _ in 0..<25 {
            let (cover, square) = try Self.partition(Int.random(in: 5...20, using: &random), &random)
            let faults = cover.faults(in: square, negligible: 0.001, narrow: 0)
            try #require(faults.isEmpty, "\(faults.map { "\($0.kind) \($0.keys) \($0.squareMetres)" })")
            let sum = cover.parts.reduce(0) { $0 + $1.area.squareMetres }
            #expect(abs(sum - square.squareMetres) < 0.5)
            for _ in 0..<200 {
                let point = Self.point(.random(in: 0.1...999, using: &random), .random(in: 0.1...999, using: &random))
                let count = cover.parts.count { $0.area.contains(point) }
                try #require(count == 1, "\(point) lies in \(count)")
            }
        }
    }

    @Test("随便怎么合并，最后还是原来那一块")
    func randomMerges() throws {
        var random = SeededRandom(7)
        for _ in 0..<15 {
            var (cover, square) = try Self.partition(12, &random)
            var tries = 0
            while cover.parts.count > 1, tries < 600 {
                tries += 1
                let (gone, kept) = (random.pick(cover.parts).key, random.pick(cover.parts).key)
                guard gone != kept else { continue }
                do {
                    cover = try cover.merging(gone, into: kept)
                } catch {
                    #expect(error == .notNeighbours)
                    continue
                }
                let faults = cover.faults(in: square, negligible: 0.001, narrow: 0)
                try #require(faults.isEmpty, "\(faults.map { "\($0.kind) \($0.squareMetres)" })")
            }
            try #require(cover.parts.count == 1)
            #expect(abs(cover.parts[0].area.squareMetres - square.squareMetres) < 0.5)
        }
    }

    @Test("角移动，各家一起动；只动一家的，面积和地方都说得出来")
    func movedCorners() throws {
        var random = SeededRandom(3)
        var count = 0
        for _ in 0..<20 {
            let (cover, square) = try Self.partition(10, &random)
            let inner = cover.parts.flatMap { $0.area.polygons.flatMap(\.outer.points) }.filter { corner in
                GeoBox([Self.point(5, 5), Self.point(995, 995)])?.contains(corner) == true
            }
            guard let corner = inner.randomElement(using: &random) else { continue }
            let place = GeoPoint(longitudeE7: corner.longitudeE7 + 31, latitudeE7: corner.latitudeE7 - 22)
            let moved = try cover.moving(corner, to: place)
            let faults = moved.faults(in: square, negligible: 0.001, narrow: 0)
            // Beside a very sharp corner even a small step may reach over a line.
            guard faults.isEmpty else { continue }
            count += 1
            let owner = try #require(cover.parts.first { $0.area != moved[$0.key] })
            let far = GeoPoint(longitudeE7: corner.longitudeE7 + 1100, latitudeE7: corner.latitudeE7 + 700)
            let alone = try #require(GeoCoverage([owner])).moving(corner, to: far)
            let mixed = try #require(
                GeoCoverage(cover.parts.map { $0.key == owner.key ? alone.parts[0] : $0 })
            )
            let found = mixed.faults(in: square, negligible: 0.001, narrow: 0)
            let gain = (alone.parts[0].area.squareMetres - owner.area.squareMetres)
            let extra = found.reduce(0.0) { sum, fault in
                sum + (fault.kind == .gap ? -1 : Double(max(1, fault.keys.count - 1))) * fault.squareMetres
            }
            guard !found.contains(where: { $0.kind == .crossing }) else { continue }
            #expect(!found.isEmpty && abs(extra - gain) < 0.05, "\(extra) and \(gain)")
            for fault in found {
                #expect(fault.box.contains(fault.point) && fault.keys.count != 1 || fault.kind == .outside)
            }
        }
        #expect(count > 10)
    }

    @Test("重叠的大小和算出来的一样，地方在里面")
    func overlap() throws {
        let cover = try Self.coverage([try Self.box(0, 0, 200, 300), try Self.box(180, 100, 400, 300)])
        let faults = cover.faults()
        #expect(faults.count == 1)
        let fault = try #require(faults.first)
        let expected = try Self.box(180, 100, 200, 300).squareMetres
        #expect(fault.kind == .overlap && fault.keys == [1, 2] && abs(fault.squareMetres - expected) < 0.01)
        #expect(cover.parts.allSatisfy { $0.area.contains(fault.point) })
        #expect(fault.pieces.reduce(0) { $0 + (GeoArea([GeoPolygon(outer: $1)])?.squareMetres ?? 0) } > expected - 1)
    }

    @Test("空隙：有社区边界的全算；没有的只算围住的；伸出去的也算")
    func gaps() throws {
        let frame = [
            try Self.box(0, 0, 300, 100), try Self.box(0, 200, 300, 300), try Self.box(0, 100, 100, 200),
            try Self.box(200, 100, 300, 200),
        ]
        let gap = try #require(try Self.coverage(frame).faults().first)
        #expect(gap.kind == .gap && gap.keys.isEmpty && abs(gap.squareMetres - 10_000) < 100)
        let open = try Self.coverage(Array(frame.dropLast()))
        #expect(open.faults().isEmpty, "what is open to one side is outside")
        let faults = open.faults(in: try Self.box(0, 0, 280, 300))
        #expect(Set(faults.map(\.kind)) == [.gap, .outside])
        #expect(faults.filter { $0.kind == .outside }.map(\.keys) == [[1], [2]])
        // A yard that is cut out and filled by another is no gap, nor is what the territory leaves out.
        let hole = [(100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (100.0, 200.0)]
        let ring = try Self.area([(0, 0), (300, 0), (300, 300), (0, 300)], holes: [hole])
        #expect(try Self.coverage([ring, try Self.area(hole)]).faults(in: try Self.box(0, 0, 300, 300)).isEmpty)
        #expect(try Self.coverage([ring]).faults(in: ring).isEmpty)
        #expect(try Self.coverage([ring]).faults().count == 1)
    }

    @Test("一角相碰的不算连着；竖着横着的线都行")
    func touching() throws {
        let parts = [
            try Self.box(0, 0, 100, 100), try Self.box(100, 100, 200, 200), try Self.box(100, 0, 200, 100),
            try Self.box(0, 100, 100, 200),
        ]
        #expect(try Self.coverage(parts).faults().isEmpty)
        #expect(try Self.coverage(parts).faults(in: try Self.box(0, 0, 200, 200)).isEmpty)
        #expect(throws: GeoCoverage.Refusal.notNeighbours) { try Self.coverage(parts).merging(2, into: 1) }
    }

    @Test("自己交叉的边界、乱成一团的边界")
    func crossing() throws {
        let tie = try Self.area([(0, 0), (300, 200), (300, 0), (0, 260)])
        let faults = try Self.coverage([tie]).faults()
        #expect(faults.map(\.kind) == [.crossing] && faults[0].keys == [1])
        var comb: [(Double, Double)] = []
        for tooth in 0..<100 { comb += [(Double(tooth) * 10, 0), (Double(tooth) * 10 + 5, 1000)] }
        var other: [(Double, Double)] = []
        for tooth in 0..<100 { other += [(0, Double(tooth) * 10 + 1), (1000, Double(tooth) * 10 + 6)] }
        #expect(
            try Self.coverage([try Self.area(comb), try Self.area(other)]).faults().map(\.kind).contains(.crossing))
    }

    @Test("各画各的，差几十厘米：对齐以后严丝合缝")
    func snapping() throws {
        var random = SeededRandom(11)
        for _ in 0..<10 {
            let (cover, square) = try Self.partition(8, &random)
            let loose = try #require(
                GeoCoverage(
                    cover.parts.map { part in
                        let polygons = part.area.polygons.compactMap { polygon -> GeoPolygon? in
                            let points = polygon.outer.points.map { point in
                                GeoPoint(
                                    longitudeE7: point.longitudeE7 + Int32.random(in: -20...20, using: &random),
                                    latitudeE7: point.latitudeE7 + Int32.random(in: -15...15, using: &random)
                                )
                            }
                            return GeoRing(points).map { GeoPolygon(outer: $0, holes: polygon.holes) }
                        }
                        return .init(key: part.key, area: GeoArea(polygons) ?? part.area)
                    }
                )
            )
            #expect(loose.faults(in: square, negligible: 0.5, narrow: 0).count > 2)
            let tidy = try loose.snapped(metres: 0.8, to: [square])
            let left = tidy.faults(in: square)
            #expect(left.isEmpty, "\(left.map { "\($0.kind) \($0.squareMetres)" })")
        }
    }

    @Test("简化以后点少了，邻居还是共用同一条线")
    func simplifying() throws {
        var random = SeededRandom(5)
        let (cover, _) = try Self.partition(9, &random)
        var rough = cover
        // A corner every few metres, a decimetre off the line.
        for _ in 0..<5 {
            for edge in Set(rough.parts.flatMap { $0.area.polygons.flatMap { Self.edges($0.outer.points) } }) {
                let (a, b) = (edge[0], edge[1])
                let middle = GeoPoint(
                    longitudeE7: (a.longitudeE7 / 2 + b.longitudeE7 / 2) + Int32.random(in: -9...9, using: &random),
                    latitudeE7: (a.latitudeE7 / 2 + b.latitudeE7 / 2) + Int32.random(in: -9...9, using: &random)
                )
                rough = try rough.inserting(middle, between: a, and: b)
            }
        }
        let outline = try #require(rough.outline)
        #expect(rough.faults(in: outline, negligible: 0.01, narrow: 0).allSatisfy { $0.squareMetres < 1 })
        let simple = rough.simplified(metres: 2)
        func corners(_ cover: GeoCoverage) -> Int {
            cover.parts.reduce(0) { $0 + $1.area.polygons.reduce(0) { $0 + $1.outer.points.count } }
        }
        #expect(corners(simple) * 8 < corners(rough), "\(corners(simple)) of \(corners(rough))")
        let border = try #require(simple.outline)
        #expect(simple.faults(in: border).isEmpty)
        for part in simple.parts {
            let before = try #require(rough[part.key])
            #expect(abs(part.area.squareMetres - before.squareMetres) < 4000)
        }
    }

    /// Edges without their direction.
    private static func edges(_ points: [GeoPoint]) -> [[GeoPoint]] {
        points.indices.map { index in
            [points[index], points[(index + 1) % points.count]].sorted {
                ($0.latitudeE7, $0.longitudeE7) < ($1.latitudeE7, $1.longitudeE7)
            }
        }
    }

    @Test("切不断的线不收；洞留在自己那边")
    func knives() throws {
        let hole = [(20.0, 40.0), (40.0, 40.0), (40.0, 60.0), (20.0, 60.0)]
        let yard = try Self.area([(0, 0), (200, 0), (200, 100), (0, 100)], holes: [hole])
        let cover = try Self.coverage([yard])
        for line in [
            [(50.0, 50.0), (150.0, 50.0)], [(-10.0, 50.0), (100.0, 50.0)], [(-10, -10), (-10, 200)],
            [(0, 0), (200, 0)],
            [(10, 10)], [(100, -10), (100, 50), (60, 50), (120, 70), (80, -10)],
        ] {
            #expect(throws: GeoCoverage.Refusal.notAcross, "\(line)") {
                try cover.splitting(1, along: line.map { Self.point($0.0, $0.1) }, into: 2)
            }
        }
        let cut = try cover.splitting(
            1, along: [Self.point(120, -5), Self.point(110, 50), Self.point(130, 105)], into: 2)
        #expect(cut[1]?.polygons.first?.holes.count == 1 && cut[2]?.polygons.first?.holes.isEmpty == true)
        #expect(cut.faults(in: yard).isEmpty)
        // Through the hole: two parts that together surround it.
        let through = try cover.splitting(1, along: [Self.point(-5, 50), Self.point(205, 52)], into: 2)
        #expect(through.faults(in: yard, negligible: 0.01, narrow: 0).isEmpty && through.parts.count == 2)
        #expect(throws: GeoCoverage.Refusal.takenKey) { try cut.splitting(1, along: [], into: 2) }
        #expect(throws: GeoCoverage.Refusal.noCorner) { try cut.moving(Self.point(1, 1), to: Self.point(2, 2)) }
    }
}
