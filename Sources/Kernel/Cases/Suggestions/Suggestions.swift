import LinliCore
import LinliSQL
import LinliStandards
import Logging
import Synchronization

/// What the words of a need suggest, each with how sure; a person decides.
package struct Suggestion: Sendable {
    /// The likeliest categories, best first, at most three; none when the words say nothing.
    package let categories: [Guess<EventCategory>]
    /// What the speaker wants.
    package let nature: Guess<NeedNature>
    /// Who closed most of such cases there; nil while there are too few.
    package let unit: Guess<ID<Unit>>?
    /// Whether the first category is sure enough to stand without a person's word.
    package let isSure: Bool

    /// The first category, unless it is no better than a stab in the dark; then nobody is helped by it.
    package var category: EventCategory? {
        categories.first.flatMap { $0.sureness >= Suggestion.useful ? $0.value : nil }
    }

    /// Below it the first guess is wrong more often than right.
    static let useful = 0.2
}

/// Suggests category, nature and unit from the words of a need: what this version knows, and what the closed cases of
/// this store taught.
///
/// Closed cases are counted in the store as they close (`CaseLearning`); every node keeps a model of the counts in memory
/// and looks every few minutes whether there is more to learn.
package final class Suggestions: Sendable {
    private let database: Database
    private let catalogue: EventCatalogue
    private let settings: CaseSettings
    private let learned = Mutex<(stamp: CaseLearning.Stamp, model: SuggestionModel)?>(nil)
    /// What places of this store are called, and since when that is so; until `refresh` only the numbers of doors are known.
    private let places = Mutex<(readAt: Instant?, words: PlaceWords)>((nil, PlaceWords([])))

    /// How often a node looks for what was learned meanwhile.
    private static let everySeconds: Int64 = 240
    /// How often it reads what all places are called: they are many, and rarely called anything else.
    /// - Source: configured, no source
    private static let namesEverySeconds: Int64 = 3600
    /// Closed cases of a category in an area before their unit is suggested.
    private static let fewestCases = 3

    /// Suggestions over a store; until `refresh` they know what this version came with.
    package init(_ database: Database, catalogue: EventCatalogue, settings: CaseSettings) {
        self.database = database
        self.catalogue = catalogue
        self.settings = settings
    }

    /// How sure a category must be to stand without a person's word, in percent.
    package var confirmBelowPercent: Int { settings.confirmBelowPercent }

    /// What `text` suggests. The unit needs a division, and goes by `category` where a person has chosen one.
    package func suggest(
        _ text: String, in division: DivisionCode? = nil, category: EventCategory? = nil
    ) async throws -> Suggestion {
        let model = try model()
        let features = features(text)
        let categories = model.categories(for: features)
        let best = category ?? categories.first?.value
        var unit: Guess<ID<Unit>>?
        if let division, let best { unit = try await self.unit(for: best, in: division) }
        return Suggestion(
            categories: categories,
            nature: model.nature(of: text, features, category: category?.code),
            unit: unit,
            isSure: categories.first.map { $0.percent >= settings.confirmBelowPercent } ?? false
        )
    }

    /// The likeliest category, unless it is a stab in the dark.
    package func category(of text: String) throws -> EventCategory? { try guess(text)?.value }

    /// The likeliest category with how sure, unless it is a stab in the dark.
    func guess(_ text: String) throws -> Guess<EventCategory>? {
        try model().categories(for: features(text), limit: 1).first
            .flatMap { $0.sureness >= Suggestion.useful ? $0 : nil }
    }

    /// The likeliest category inside a kind that a person has chosen, with how sure within that kind; nil when none
    /// stands out there.
    func guess(_ text: String, where isWanted: (EventCategory) -> Bool) throws -> Guess<EventCategory>? {
        let wanted = try model().categories(for: features(text), limit: .max).filter { isWanted($0.value) }
        let total = wanted.reduce(0) { $0 + $1.sureness }
        guard let first = wanted.first, total > 0, first.sureness >= total * 0.4 else { return nil }
        return Guess(first.value, sureness: first.sureness / total)
    }

    /// What the speaker of `text` wants, when the category is known.
    package func nature(of text: String, category: EventCategory?) throws -> Guess<NeedNature> {
        try model().nature(of: text, features(text), category: category?.code)
    }

    /// Who closed such cases: in the community, else in the street, as soon as there are enough.
    private func unit(for category: EventCategory, in division: DivisionCode) async throws -> Guess<ID<Unit>>? {
        try await database.read { tx in
            for level in [DivisionCode.Level.community, .street] {
                let found = try CaseLearning.units(category.code, in: division.ancestor(at: level), tx)
                let total = found.reduce(0) { $0 + $1.cases }
                guard let first = found.first, total >= Suggestions.fewestCases else { continue }
                // As if two more had gone elsewhere: three of three are less sure than thirty of thirty.
                return Guess(first.unit, sureness: Double(first.cases) / Double(total + 2))
            }
            return nil
        }
    }

    /// The marks of a text but for where it is.
    private func features(_ text: String) -> TextFeatures {
        TextFeatures(places.withLock { $0.words }.without(text))
    }

    private func model() throws -> SuggestionModel {
        try learned.withLock { $0?.model } ?? SuggestionModel.shipped()
    }

    // MARK: Learning

    /// Learns what was counted since the last time, and once an hour what places are called; cheap when there is nothing
    /// new.
    package func refresh() async throws {
        try await refreshNames(at: database.clock.now)
        let known = learned.withLock { $0?.stamp }
        let found = try await database.read { tx -> (CaseLearning.Stamp, LearnedCounts)? in
            let stamp = try CaseLearning.stamp(tx)
            return stamp == known ? nil : (stamp, try CaseLearning.counts(tx))
        }
        guard let (stamp, counts) = found else { return }
        let model = SuggestionModel(catalogue, seed: try SuggestionText.seed(catalogue), learned: counts)
        learned.withLock { $0 = (stamp, model) }
    }

    private func refreshNames(at now: Instant) async throws {
        // A clock that was set back is no reason to wait for hours.
        let isFresh = places.withLock { state -> Bool in
            guard let readAt = state.readAt, now >= readAt else { return false }
            return now.seconds(since: readAt) < Suggestions.namesEverySeconds
        }
        if isFresh { return }
        let words = try await database.read { tx in try PlaceNames.all(tx) }
        places.withLock { $0 = (now, words) }
    }

    /// Learns every few minutes until the task is cancelled.
    package func keep(_ logger: Logger) async {
        while !Task.isCancelled {
            do {
                try await refresh()
            } catch {
                logger.error("cases.suggestions", metadata: ["error": "\(error)"])
            }
            // Cancelled while sleeping: the loop's condition ends it.
            try? await Task.sleep(for: .seconds(Suggestions.everySeconds))
        }
    }
}
