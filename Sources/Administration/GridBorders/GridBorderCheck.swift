import LinliCore
import LinliKernel
import LinliStandards

/// Where borders that are about to hold overlap each other or their neighbours, and what they leave out between them.
///
/// Points on a shared border belong to one grid, so neighbours that touch do not overlap.
struct GridBorderCheck: Sendable {
    /// Grids and how much they have in common.
    struct Overlap: Sendable {
        let names: [String]
        let squareMetres: Int
    }

    let overlaps: [Overlap]
    /// Square metres inside of the whole that belong to no grid.
    let gap: Int
    /// Square metres that lay in one of these grids and would lie in none, beside the gap.
    let lost: Int
    /// Grids whose border crosses itself, by name.
    let crossings: [String]
    /// Whether the grids are too far from each other to be of one community.
    let isScattered: Bool
    let marks: [(box: GeoBox, isOverlap: Bool)]

    /// More overlap than this is a mistake that must be corrected.
    /// - Source: configured, a tenth of a small courtyard
    static let tolerated = 100

    /// Whether the borders may hold.
    var isGood: Bool {
        !isScattered && overlaps.allSatisfy { $0.squareMetres <= GridBorderCheck.tolerated } && crossings.isEmpty
    }

    /// Checks `areas` against each other, against `others`, which hold already, and against what they had `before`.
    init(_ areas: [GridOutline], others: [GridOutline], before: [GridOutline] = []) {
        let box = GeoBox((areas + before).flatMap { [$0.area.box.southWest, $0.area.box.northEast] })
        let near = box.map { box in others.filter { $0.area.box.intersects(box) } } ?? []
        let parts = (areas + near).map { GeoCoverage.Part(key: $0.code.rawValue, area: $0.area) }
        guard let coverage = GeoCoverage(parts) else {
            (overlaps, gap, lost, crossings, isScattered, marks) = ([], 0, 0, [], true, [])
            return
        }
        let names = Dictionary(
            (areas + near).map { ($0.code.rawValue, $0.name) }, uniquingKeysWith: { first, _ in first })
        let own = Set(areas.map(\.code.rawValue))
        // What is wrong between neighbours only is not for this file to correct.
        let faults = coverage.faults().filter { $0.keys.isEmpty || !own.isDisjoint(with: $0.keys) }
        var shared: [[Int64]: Double] = [:]
        for fault in faults where fault.kind == .overlap { shared[fault.keys, default: 0] += fault.squareMetres }
        overlaps = shared.sorted { $0.value > $1.value }.map { keys, size in
            Overlap(names: keys.map { names[$0] ?? "" }, squareMetres: Int(size.rounded()))
        }
        let gaps = faults.filter { $0.kind == .gap }
        gap = Int(gaps.reduce(0) { $0 + $1.squareMetres }.rounded())
        let left = before.flatMap { coverage.missing(of: $0.area) }
            .filter { piece in !gaps.contains { $0.contains(piece.point) } }
        lost = Int(left.reduce(0) { $0 + $1.squareMetres }.rounded())
        crossings = Set(faults.filter { $0.kind == .crossing }.flatMap(\.keys)).sorted().map { names[$0] ?? "" }
        isScattered = false
        marks = (faults + left).prefix(200).map { ($0.box, $0.kind != .gap) }
    }
}
