import Foundation

/// How often each mark occurred with each label: all that is kept of what was learned.
package struct FeatureCounts: Sendable {
    /// The mark in the upper, the place of the label in the lower 16 bits.
    private var counts: [UInt32: Float] = [:]

    /// No counts.
    package init() {}

    /// Adds `count` occurrences of a mark with the label at `label`.
    package mutating func add(_ feature: UInt16, _ label: Int, _ count: Float = 1) {
        counts[UInt32(feature) << 16 | UInt32(label), default: 0] += count
    }

    /// Adds every mark of a text once.
    package mutating func add(_ text: TextFeatures, _ label: Int) {
        for feature in text.hashes { add(feature, label) }
    }

    /// All counts, by mark and then by label, so that sums come out the same every time.
    fileprivate var sorted: [(feature: Int, label: Int, count: Float)] {
        counts.sorted { $0.key < $1.key }.map { (Int($0.key >> 16), Int($0.key & 0xFFFF), $0.value) }
    }
}

/// Guesses which label a text has from the marks other texts with that label had: naive Bayes, where a mark weighs the
/// more the fewer labels share it.
///
/// The method and what was measured: `docs/adr/0011-suggestions-from-counts.md`.
package struct TextClassifier: Sendable {
    /// The numbers that were chosen by trying them on the seed, never on the texts that measure.
    package struct Tuning: Sendable {
        /// Occurrences every mark is taken to have had with every label.
        package var smoothing: Float
        /// Divides the evidence of a text of one letter, and by the root of its length that of a longer one: marks of
        /// one text depend on each other, so that their sum says too much.
        package var temperature: Double
        /// What the learned marks of one label may add up to: a kind that closes thousands of cases must not drown one
        /// that closes ten.
        package var learnedMass: Float

        /// Numbers; see the properties.
        package init(smoothing: Float, temperature: Double, learnedMass: Float) {
            self.smoothing = smoothing
            self.temperature = temperature
            self.learnedMass = learnedMass
        }
    }

    /// How many labels there are.
    package let labelCount: Int
    private let temperature: Double
    /// Where the evidence of each mark begins in `labels` and `gains`.
    private var starts: [Int32]
    private var labels: [UInt16] = []
    private var gains: [Float] = []
    /// How much each mark weighs; zero for one that never occurred.
    private var weights: [Float]
    /// The logarithm of how likely a mark is that never occurred with the label.
    private var floors: [Float]

    /// Learns from what was given (`seed`) and from what was seen since (`learned`).
    package init(labelCount: Int, seed: FeatureCounts, learned: FeatureCounts = FeatureCounts(), tuning: Tuning) {
        self.labelCount = labelCount
        temperature = tuning.temperature
        starts = [Int32](repeating: 0, count: TextFeatures.size + 1)
        weights = [Float](repeating: 0, count: TextFeatures.size)
        floors = [Float](repeating: 0, count: labelCount)
        let entries = TextClassifier.merged(seed, learned, labelCount, tuning.learnedMass)
        var totals = [Float](repeating: 0, count: labelCount)
        var known = 0
        var last = -1
        for entry in entries {
            totals[entry.label] += entry.count
            if entry.feature != last { known += 1 }
            last = entry.feature
            starts[entry.feature + 1] += 1
        }
        for feature in 0..<TextFeatures.size { starts[feature + 1] += starts[feature] }
        let unseen = tuning.smoothing * Float(max(known, 1))
        for label in 0..<labelCount { floors[label] = log(tuning.smoothing) - log(totals[label] + unseen) }
        labels = entries.map { UInt16($0.label) }
        gains = entries.map { log(1 + $0.count / tuning.smoothing) }
        weigh(entries.map { $0.count / totals[$0.label] })
    }

    /// Both counts in one list, the learned ones held to their mass.
    private static func merged(
        _ seed: FeatureCounts, _ learned: FeatureCounts, _ labelCount: Int, _ mass: Float
    ) -> [(feature: Int, label: Int, count: Float)] {
        let seen = learned.sorted.filter { $0.count > 0 && $0.label < labelCount }
        guard !seen.isEmpty else { return seed.sorted }
        var totals = [Float](repeating: 0, count: labelCount)
        for entry in seen { totals[entry.label] += entry.count }
        var both = seed
        for entry in seen {
            both.add(UInt16(entry.feature), entry.label, entry.count * min(1, mass / totals[entry.label]))
        }
        return both.sorted
    }

    /// Weighs each mark by what it tells: the logarithm of the number of labels less the entropy of its rates.
    private mutating func weigh(_ rates: [Float]) {
        let most = log(Float(labelCount))
        for feature in 0..<TextFeatures.size where starts[feature] < starts[feature + 1] {
            let range = Int(starts[feature])..<Int(starts[feature + 1])
            let total = rates[range].reduce(0, +)
            let entropy = range.reduce(Float(0)) { sum, at in
                let share = rates[at] / total
                return sum - share * log(share)
            }
            weights[feature] = max(0, most - entropy)
            for at in range { gains[at] *= weights[feature] }
        }
    }

    /// How likely each label is, from 0 to 1; the same for all when no mark is known.
    package func probabilities(_ text: TextFeatures) -> [Double] {
        var scores = [Float](repeating: 0, count: labelCount)
        var weight: Float = 0
        for hash in text.hashes {
            weight += weights[Int(hash)]
            for at in Int(starts[Int(hash)])..<Int(starts[Int(hash) + 1]) { scores[Int(labels[at])] += gains[at] }
        }
        for label in 0..<labelCount { scores[label] += weight * floors[label] }
        let spread = temperature * Double(max(text.length, 4)).squareRoot()
        let best = scores.max() ?? 0
        let shares = scores.map { exp(Double($0 - best) / spread) }
        let total = shares.reduce(0, +)
        return shares.map { $0 / total }
    }
}
