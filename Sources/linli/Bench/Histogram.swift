/// How long things took, in buckets about 3 % wide: its size does not grow with the number of requests.
struct Histogram: Sendable {
    private var counts = [Int](repeating: 0, count: 1280)
    private(set) var count = 0
    private(set) var largest = 0

    /// Takes a duration in.
    mutating func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        add(microseconds: Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000))
    }

    /// Takes a duration in.
    mutating func add(microseconds: Int) {
        let value = min(max(microseconds, 0), 1 << 40)
        counts[Histogram.index(value)] += 1
        count += 1
        largest = max(largest, value)
    }

    /// Takes in what another one holds.
    mutating func add(_ other: Histogram) {
        for (index, count) in other.counts.enumerated() { counts[index] += count }
        count += other.count
        largest = max(largest, other.largest)
    }

    /// The duration in milliseconds that `percent` of all stayed within; 0 when there is none.
    func milliseconds(_ percent: Double) -> Double {
        let rank = Int((Double(count) * percent / 100).rounded(.up))
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return Double(min(Histogram.upperEdge(index), largest)) / 1000 }
        }
        return 0
    }

    // Up to 64 µs each its own bucket, then 32 for each doubling.

    private static func index(_ value: Int) -> Int {
        guard value >= 64 else { return value }
        let exponent = Int.bitWidth - 1 - value.leadingZeroBitCount - 5
        return exponent * 32 + value >> exponent
    }

    private static func upperEdge(_ index: Int) -> Int {
        guard index >= 64 else { return index }
        let exponent = index / 32 - 1
        return (index - exponent * 32 + 1) << exponent - 1
    }
}
