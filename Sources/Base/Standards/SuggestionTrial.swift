import LinliCore

/// How a model does on sentences it did not learn from.
package struct SuggestionTrial: Sendable {
    /// What came of some sentences.
    package struct Tally: Sendable {
        /// Sentences.
        package private(set) var texts = 0
        /// The first category was right.
        package private(set) var first = 0
        /// One of the first three was right.
        package private(set) var third = 0
        /// The first category was sure enough to stand without a person's word.
        package private(set) var sure = 0
        /// Of those, right.
        package private(set) var sureRight = 0
        /// The nature was right, given the right category.
        package private(set) var nature = 0

        mutating func add(_ outcome: Outcome, surePercent: Int) {
            texts += 1
            if outcome.place == 0 { first += 1 }
            if let place = outcome.place, place < 3 { third += 1 }
            if outcome.percent >= surePercent {
                sure += 1
                if outcome.place == 0 { sureRight += 1 }
            }
            if outcome.isNatureRight { nature += 1 }
        }
    }

    /// What came of one sentence.
    struct Outcome: Sendable {
        let category: String
        /// Where the right category stood among the first three, from 0.
        let place: Int?
        /// How sure the first was.
        let percent: Int
        let isNatureRight: Bool
    }

    private var outcomes: [Outcome] = []

    /// Tries a model on sentences.
    package init(_ model: SuggestionModel, on texts: [SuggestionText]) {
        for text in texts {
            let features = TextFeatures(text.text)
            let guesses = model.categories(for: features)
            outcomes.append(
                Outcome(
                    category: text.category,
                    place: guesses.firstIndex { $0.value.code == text.category },
                    percent: guesses.first?.percent ?? 0,
                    isNatureRight: model.nature(of: text.text, features, category: text.category).value == text.nature
                )
            )
        }
    }

    /// Tries each part of the seed on a model that learned from the other parts alone: what the threshold is set by.
    package init(crossValidating seed: [SuggestionText], parts: Int, _ catalogue: EventCatalogue) {
        // The same parts every time, with sentences of every category in each.
        for part in 0..<parts {
            let rest = seed.enumerated().filter { $0.offset % parts != part }.map(\.element)
            let held = seed.enumerated().filter { $0.offset % parts == part }.map(\.element)
            outcomes += SuggestionTrial(SuggestionModel(catalogue, seed: rest), on: held).outcomes
        }
    }

    /// All sentences together.
    package func total(surePercent: Int) -> Tally {
        outcomes.reduce(into: Tally()) { $0.add($1, surePercent: surePercent) }
    }

    /// By category.
    package func byCategory(surePercent: Int) -> [String: Tally] {
        outcomes.reduce(into: [:]) { $0[$1.category, default: Tally()].add($1, surePercent: surePercent) }
    }
}
