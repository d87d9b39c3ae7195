import LinliCore
import LinliSQL

/// What other rules would have warned of in the last months, beside what the rules in force would have.
package struct WarningTrial: Sendable {
    /// A warning that would have been.
    package struct Example: Sendable {
        /// When.
        package let at: Instant
        /// Where: the grid or community.
        package let division: DivisionCode
        /// The place, for rules of places; empty for all others: which household it is, nobody learns here.
        package let address: String
        /// How many signals it joins.
        package let reasons: Int
    }

    /// One rule under both books.
    package struct Line: Sendable {
        /// Its id.
        package let rule: String
        /// What it is called, in the draft where it stands there.
        package let name: Text
        /// What the rules in force warn of; nil where it is new.
        package let were: Int?
        /// What the others would; nil where it was taken out.
        package let wouldBe: Int?
        /// The newest of them.
        package let examples: [Example]
    }

    /// How many signals were looked at.
    package let looked: Int
    /// Whether there were more.
    package let isCut: Bool
    /// The rules in the order of the draft, then those taken out.
    package let lines: [Line]

    /// So many days back, and the days of the longest rule before them.
    package static let days = 90
    /// So many signals at most.
    /// - Source: configured, no source
    package static let limit = 50_000
    /// So many examples of each rule.
    package static let shown = 3

    /// A signal and where it belongs.
    private struct Past {
        let signal: WarningSignal
        let place: SignalPlace
    }

    /// Tries `draft` on the signals inside the divisions of `scope`; writes nothing.
    package static func run(
        _ draft: WarningBook, beside current: WarningBook, _ scope: Scope, at now: Instant, _ tx: ReadTx
    ) throws -> WarningTrial {
        let start = now.adding(days: -days)
        let longest = (draft.rules + current.rules).map(\.days).max() ?? 0
        let found = try signals(scope.divisions, since: start.adding(days: -longest), tx)
        let (past, isCut) = (Array(found.prefix(limit)), found.count > limit)
        let before = Dictionary(
            current.rules.map { ($0.id, raised($0, past, since: start).count) }, uniquingKeysWith: { first, _ in first }
        )
        var lines = try draft.rules.map { rule -> Line in
            let made = raised(rule, past, since: start)
            return Line(
                rule: rule.id, name: rule.name, were: before[rule.id], wouldBe: made.count,
                examples: try made.sorted { $0.raised.at > $1.raised.at }.prefix(shown).map { one in
                    try example(one.raised, rule, one.place, tx)
                })
        }
        lines += current.rules.filter { draft[$0.id] == nil }.map {
            Line(rule: $0.id, name: $0.name, were: before[$0.id], wouldBe: nil, examples: [])
        }
        return WarningTrial(looked: past.count, isCut: isCut, lines: lines)
    }

    /// The newest first.
    private static func signals(_ divisions: [DivisionCode], since: Instant, _ tx: ReadTx) throws -> [Past] {
        var known: Set<ID<WarningSignal>> = []
        return try divisions.flatMap { division in
            try tx.all(
                """
                SELECT s.id, s.kind, s.at, s.category, s.division, s.place_id, s.household_id FROM warning_signal s
                WHERE s.at > \(since) AND \(RegisterQueries.place("s", division))
                ORDER BY s.at DESC, s.id DESC LIMIT \(limit + 1)
                """
            ) { row in
                let signal = WarningSignal(id: try row[0], kind: try row[1], at: try row[2], category: try row[3])
                return Past(
                    signal: signal,
                    place: SignalPlace(
                        division: try row[4], place: try row[5], household: try row[6], category: signal.category))
            }
        }.filter { known.insert($0.signal.id).inserted }.sorted {
            ($0.signal.at, $0.signal.id) > ($1.signal.at, $1.signal.id)
        }
    }

    private static func raised(
        _ rule: WarningRule, _ past: [Past], since start: Instant
    ) -> [(raised: WarningRule.Raised, place: SignalPlace)] {
        var causes: [String: (signals: [WarningSignal], places: [ID<WarningSignal>: SignalPlace])] = [:]
        for one in past where rule.takes(one.signal) {
            guard let cause = WarningSums.cause(rule, one.place) else { continue }
            causes[cause, default: ([], [:])].signals.append(one.signal)
            causes[cause]?.places[one.signal.id] = one.place
        }
        return causes.values.flatMap { cause in
            rule.replay(cause.signals).filter { $0.at > start }.compactMap { raised in
                // What made it is the last signal of those it was made of; what was added later stands behind it.
                let made = cause.signals.last { $0.at == raised.at && raised.reasons.contains($0.id) }
                return made.flatMap { cause.places[$0.id] }.map { (raised: raised, place: $0) }
            }
        }
    }

    private static func example(
        _ raised: WarningRule.Raised, _ rule: WarningRule, _ place: SignalPlace, _ tx: ReadTx
    ) throws -> Example {
        let address = rule.area == .place ? try place.place.flatMap { try PlacesStore.find($0, tx)?.address } : nil
        return Example(
            at: raised.at, division: rule.area == .community ? place.division.ancestor(at: .community) : place.division,
            address: address ?? "", reasons: raised.reasons.count)
    }
}
