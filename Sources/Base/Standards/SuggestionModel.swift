import Foundation
import LinliCore

/// A guess with how sure it is.
package struct Guess<Value: Sendable & Hashable>: Sendable, Hashable {
    /// What is guessed.
    package let value: Value
    /// How likely it is right, from 0 to 1; held against sentences nobody learned from (`linli bench suggestions`).
    package let sureness: Double

    /// A guess.
    package init(_ value: Value, sureness: Double) {
        self.value = value
        self.sureness = sureness
    }

    /// The sureness for people, in whole percent; never "100 %".
    package var percent: Int { min(99, Int(sureness * 100)) }
}

/// What was learned from closed cases, as the store keeps it.
package struct LearnedCounts: Sendable {
    /// How often a mark occurred in cases closed with a category, by code.
    package var categories: [String: [UInt16: Float]] = [:]
    /// How often a mark occurred in cases closed with a nature.
    package var natures: [NeedNature: [UInt16: Float]] = [:]
    /// How many cases of a category were closed with a nature.
    package var naturesOf: [String: [NeedNature: Float]] = [:]

    /// Nothing.
    package init() {}
}

/// Suggests what a need is about and what its speaker wants, from the catalogue's words, the seed and closed cases.
package struct SuggestionModel: Sendable {
    /// Where the program is sure enough: on the seed, each part tried on what the others taught, 96 of 100 were right.
    package static let surePercent = 95

    private let catalogue: EventCatalogue
    private let codes: [EventCategory]
    private let categories: TextClassifier
    private let natures: TextClassifier
    /// The logarithm of how often a category comes with a nature, by code.
    private let usual: [String: [Double]]
    private let anyUsual: [Double]

    /// Cases a nature is taken to have had, spread like the natures of all, before a category's own are counted.
    private static let priorCases = 3.0

    /// Learns; takes tens of milliseconds, so a model is kept.
    package init(_ catalogue: EventCatalogue, seed: [SuggestionText], learned: LearnedCounts = LearnedCounts()) {
        self.catalogue = catalogue
        let codes = catalogue.all.filter { !$0.isMajor }
        self.codes = codes
        let places = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1.code, $0) })
        var texts = FeatureCounts()
        var words = FeatureCounts()
        for (place, category) in codes.enumerated() {
            for word in Set(category.keywords).sorted() { texts.add(TextFeatures(word), place) }
        }
        for sentence in seed {
            let features = TextFeatures(sentence.text)
            if let place = places[sentence.category] { texts.add(features, place) }
            words.add(features, sentence.nature.place)
        }
        var seen = FeatureCounts()
        for (code, counts) in learned.categories {
            guard let place = places[code] else { continue }
            for (feature, count) in counts { seen.add(feature, place, count) }
        }
        var seenWords = FeatureCounts()
        for (nature, counts) in learned.natures {
            for (feature, count) in counts { seenWords.add(feature, nature.place, count) }
        }
        categories = TextClassifier(
            labelCount: codes.count, seed: texts, learned: seen,
            tuning: .init(smoothing: 0.25, temperature: 2.3, learnedMass: 2000)
        )
        natures = TextClassifier(
            labelCount: NeedNature.allCases.count, seed: words, learned: seenWords,
            tuning: .init(smoothing: 0.3, temperature: 0.8, learnedMass: 40_000)
        )
        (usual, anyUsual) = SuggestionModel.usual(seed, learned.naturesOf)
    }

    /// The model of this version: seed and catalogue alone, read once.
    ///
    /// - Throws: when the installation lacks a file or it does not fit.
    package static func shipped() throws -> SuggestionModel { try bundled.get() }

    private static let bundled = Result {
        let catalogue = try EventCatalogue.shared()
        return SuggestionModel(catalogue, seed: try SuggestionText.seed(catalogue))
    }

    private static func usual(
        _ seed: [SuggestionText], _ learned: [String: [NeedNature: Float]]
    ) -> ([String: [Double]], [Double]) {
        let none = [Double](repeating: 0, count: NeedNature.allCases.count)
        var all = none
        var counts: [String: [Double]] = [:]
        for sentence in seed {
            counts[sentence.category, default: none][sentence.nature.place] += 1
            all[sentence.nature.place] += 1
        }
        let total = max(1, all.reduce(0, +))
        let shares = all.map { ($0 + 1) / (total + Double(none.count)) }
        for (code, natures) in learned {
            // Held to what the seed says of a category several times over, as the marks are.
            let sum = Double(natures.values.reduce(0, +))
            for (nature, count) in natures {
                counts[code, default: none][nature.place] += Double(count) * min(1, 100 / max(sum, 1))
            }
        }
        let logs = counts.mapValues { own in
            let sum = own.reduce(0, +) + priorCases
            return zip(own, shares).map { log(($0 + priorCases * $1) / sum) }
        }
        return (logs, shares.map { log($0) })
    }

    /// The likeliest categories, best first, at most `limit`; none when the text has no letter that was ever seen.
    package func categories(for text: TextFeatures, limit: Int = 3) -> [Guess<EventCategory>] {
        guard !text.hashes.isEmpty else { return [] }
        let shares = categories.probabilities(text)
        let order = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
        return order.prefix(limit).map { Guess(codes[$0], sureness: shares[$0]) }
    }

    /// What the speaker wants, given the category a person chose or, without one, the one the text suggests.
    ///
    /// Who names a tip-off or complaint is taken at their word: it protects them, and staff can lift it.
    package func nature(of text: String, _ features: TextFeatures, category: String?) -> Guess<NeedNature> {
        for (nature, words) in SuggestionModel.named where words.contains(where: text.contains) {
            return Guess(nature, sureness: 1)
        }
        var shares = zip(natures.probabilities(features), usual(category, features)).map { $0 * exp($1) }
        let total = shares.reduce(0, +)
        shares = shares.map { $0 / total }
        let best = shares.indices.max { (shares[$0], $1) < (shares[$1], $0) } ?? 0
        return Guess(NeedNature.allCases[best], sureness: shares[best])
    }

    private static let named: [(NeedNature, [String])] = [
        (.tipOff, ["举报", "检举", "揭发"]), (.complaint, ["投诉", "控告"]),
    ]

    private func usual(_ category: String?, _ text: TextFeatures) -> [Double] {
        if let category { return usual[category] ?? anyUsual }
        return categories(for: text, limit: 1).first.flatMap { usual[$0.value.code] } ?? anyUsual
    }
}

extension NeedNature {
    /// Its place among all.
    var place: Int { NeedNature.allCases.firstIndex(of: self) ?? 0 }
}
