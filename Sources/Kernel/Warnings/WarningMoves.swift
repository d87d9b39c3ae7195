import LinliCore
import LinliSQL

/// Signals of cases whose place was corrected: they count where it happened, and not where it was said to have happened
/// first.
extension WarningSums {
    /// A warning that a signal is a reason of.
    private struct Reasoned {
        let id: ID<Warning>
        let rule: String
        let cause: String
        let isOpen: Bool
    }

    /// Follows a case to its corrected place. What turned out to be against a unit there is nobody's signal any more: the
    /// unit itself may read warnings.
    static func relocate(_ event: Event, _ book: WarningBook, _ tx: SystemTx) throws {
        guard let division = event.subject.division else { return }
        let corrected = event.facts["place"].flatMap { Int64($0) }.map { ID<Place>(rawValue: $0) }
        let isAgainst = event.facts["against"] != nil || event.facts["accused"] != nil
        let isHidden = isAgainst || event.facts["nature"] == "tipOff"
        let found = try tx.all(
            """
            SELECT id, kind, at, category, division, place_id, household_id FROM warning_signal
            WHERE source_kind = 'case' AND source_id = \(event.subject.id) ORDER BY id LIMIT 20
            """
        ) { row -> (signal: WarningSignal, place: SignalPlace) in
            let signal = WarningSignal(id: try row[0], kind: try row[1], at: try row[2], category: try row[3])
            let place = SignalPlace(
                division: try row[4], place: try row[5], household: try row[6], category: signal.category)
            return (signal, place)
        }
        for (signal, old) in found {
            guard !isHidden else {
                try leave(signal, for: nil, book, tx)
                try tx.execute("DELETE FROM warning_signal WHERE id = \(signal.id)")
                continue
            }
            var here = old
            (here.division, here.place) = (division, corrected)
            try tx.execute(
                """
                UPDATE warning_signal SET division = \(division), community = \(division.ancestor(at: .community)),
                    place_id = \(corrected)
                WHERE id = \(signal.id)
                """
            )
            try leave(signal, for: here, book, tx)
            // Nobody is warned today of what would have been a warning long ago.
            for rule in book.rules where rule.takes(signal) && signal.at > tx.now.adding(days: -rule.days) {
                guard cause(rule, here) != cause(rule, old) else { continue }
                try put(rule, here, signal, tx)
            }
        }
    }

    /// Takes a signal out of the warnings it is no reason of at its corrected place; of nil, out of all. One that stands
    /// open and that what is left would not have made is over. What was answered was answered for what was known then.
    private static func leave(
        _ signal: WarningSignal, for place: SignalPlace?, _ book: WarningBook, _ tx: SystemTx
    ) throws {
        let warnings = try tx.all(
            """
            SELECT w.id, w.rule, w.cause, w.is_open FROM warning_reason r JOIN warning w ON w.id = r.warning_id
            WHERE r.signal_id = \(signal.id) ORDER BY w.id
            """
        ) { Reasoned(id: try $0[0], rule: try $0[1], cause: try $0[2], isOpen: try $0[3]) }
        for warning in warnings {
            if let place, !warning.isOpen || isBound(warning.cause, at: place) { continue }
            try tx.execute(
                "DELETE FROM warning_reason WHERE warning_id = \(warning.id) AND signal_id = \(signal.id)")
            guard warning.isOpen else { continue }
            let left = try reasons(of: warning.id, tx)
            // A rule that was taken out says nothing any more of how many it takes.
            let holds = book[warning.rule].map { !$0.replay(left).isEmpty } ?? !left.isEmpty
            guard !holds else { continue }
            try tx.execute(
                "UPDATE warning SET state = \(WarningState.misplaced), is_open = 0 WHERE id = \(warning.id)")
        }
    }

    private static func reasons(of warning: ID<Warning>, _ tx: ReadTx) throws -> [WarningSignal] {
        try tx.all(
            """
            SELECT s.id, s.kind, s.at, s.category FROM warning_reason r JOIN warning_signal s ON s.id = r.signal_id
            WHERE r.warning_id = \(warning) ORDER BY s.at, s.id LIMIT \(mostReasons)
            """
        ) { WarningSignal(id: try $0[0], kind: try $0[1], at: try $0[2], category: try $0[3]) }
    }

    /// Whether a cause is of a place, whatever rule it was noted by.
    private static func isBound(_ cause: String, at place: SignalPlace) -> Bool {
        let community = place.division.ancestor(at: .community)
        var causes = ["grid:\(place.division)", "kind:\(community)", "community:\(community)"]
        if let place = place.place { causes.append("place:\(place.rawValue)") }
        return causes.contains { cause == $0 || cause.hasPrefix($0 + ":") }
    }
}
