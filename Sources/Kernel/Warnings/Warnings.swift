import LinliCore
import LinliSQL

/// Where a signal belongs: what rules may bind it by.
struct SignalPlace: Sendable {
    var division: DivisionCode
    var place: ID<Place>?
    var household: ID<Household>?
    var category = ""
}

/// Keeping signals, and the warnings they make; the program's own, derived from events. Each signal costs the same however
/// many came before it: only what lies within the days of a rule around it is looked at.
enum WarningSums {
    /// So many reasons of a warning are kept; more say nothing new.
    static let mostReasons = 100

    /// Notes a signal once, and what it makes together with those near it.
    static func note(
        _ kind: WarningSignalKind, at: Instant, _ place: SignalPlace, source: (kind: String, id: Int64),
        _ book: WarningBook, _ tx: SystemTx
    ) throws {
        let signal = WarningSignal(id: try tx.newID(), kind: kind, at: at, category: place.category)
        let added = try tx.execute(
            """
            INSERT INTO warning_signal (id, kind, at, division, community, place_id, household_id, category,
                source_kind, source_id)
            VALUES (\(signal.id), \(kind), \(at), \(place.division),
                \(place.division.ancestor(at: .community)), \(place.place), \(place.household), \(place.category),
                \(source.kind), \(source.id))
            ON CONFLICT (source_kind, source_id, kind, at) DO NOTHING
            """
        )
        guard added == 1, kind != .met else { return }
        for rule in book.rules where rule.takes(signal) { try put(rule, place, signal, tx) }
    }

    /// What the signals of a rule share, as a word; nil where this place has nothing of the kind.
    static func cause(_ rule: WarningRule, _ place: SignalPlace) -> String? {
        let community = place.division.ancestor(at: .community)
        let kind = rule.isAlike ? ":\(place.category)" : ""
        return switch rule.area {
        case .place: place.place.map { "place:\($0.rawValue)\(kind)" }
        case .household: place.household.map { "household:\($0.rawValue)" }
        case .grid: place.division.level == .grid ? "grid:\(place.division)\(kind)" : nil
        case .community: rule.isAlike ? "kind:\(community)\(kind)" : "community:\(community)"
        }
    }

    /// A signal within a warning's days is one more of its reasons; enough of them outside any make a new one.
    static func put(
        _ rule: WarningRule, _ place: SignalPlace, _ signal: WarningSignal, _ tx: SystemTx
    ) throws {
        guard let cause = cause(rule, place) else { return }
        let standing = try StandingWarnings(of: rule, cause, place.household, around: signal.at, tx)
        if let warning = standing.covering(signal.at) {
            try tx.execute(
                """
                INSERT INTO warning_reason (warning_id, signal_id) SELECT \(warning), \(signal.id)
                WHERE (SELECT COUNT(*) FROM (SELECT 1 FROM warning_reason WHERE warning_id = \(warning)
                    LIMIT \(mostReasons)) known) < \(mostReasons)
                ON CONFLICT (warning_id, signal_id) DO NOTHING
                """
            )
            return
        }
        // Nobody can look after a household that has ended: what is heard late, or looked at again, warns of nobody.
        if rule.area == .household, let household = place.household,
            try RegisterQueries.household(household, tx)?.entry.validTo != nil
        {
            return
        }
        // What begins within the days of one that stands is that one's, and keeps nothing quiet after them.
        let near = try near(rule, place, signal.at, tx)
        for raised in rule.replay(near, where: { standing.covering($0) != nil }) {
            try insert(raised, rule, cause, place, tx)
        }
    }

    /// The signals that may count together with one at a moment.
    private static func near(
        _ rule: WarningRule, _ place: SignalPlace, _ at: Instant, _ tx: ReadTx
    ) throws -> [WarningSignal] {
        let kinds = Set(rule.parts.map(\.signal) + [.met]).sorted { $0.rawValue < $1.rawValue }
        let area: SQL =
            switch rule.area {
            case .place: "s.place_id = \(place.place)"
            case .household: "s.household_id = \(place.household)"
            case .grid: "s.division = \(place.division)"
            case .community: "s.community = \(place.division.ancestor(at: .community))"
            }
        let condition: SQL = rule.isAlike ? "\(area) AND s.category = \(place.category)" : area
        return try tx.all(
            """
            SELECT s.id, s.kind, s.at, s.category FROM warning_signal s
            WHERE \(condition) AND s.at > \(at.adding(days: -rule.days)) AND s.at < \(at.adding(days: rule.days))
            AND s.kind IN \(SQL.list(kinds)) ORDER BY s.at, s.id LIMIT 2000
            """
        ) { WarningSignal(id: try $0[0], kind: try $0[1], at: try $0[2], category: try $0[3]) }
    }

    private static func insert(
        _ raised: WarningRule.Raised, _ rule: WarningRule, _ cause: String, _ place: SignalPlace, _ tx: SystemTx
    ) throws {
        let id: ID<Warning> = try tx.newID()
        try tx.execute(
            """
            INSERT INTO warning (id, rule, cause, at, division, community, place_id, household_id, category,
                state, is_open, note, acted_name, made_at, name_zh, name_en, street_at)
            VALUES (\(id), \(rule.id), \(cause), \(raised.at), \(rule.division(of: place)),
                \(place.division.ancestor(at: .community)), \(rule.area == .place ? place.place : nil),
                \(rule.area == .household ? place.household : nil), \(rule.category(of: place)),
                \(WarningState.open), 1, '', '', \(tx.now), \(rule.name.zh), \(rule.name.en),
                \(rule.streetAt(since: max(raised.at, tx.now))))
            """
        )
        for reason in raised.reasons.prefix(mostReasons) {
            try tx.execute(
                "INSERT INTO warning_reason (warning_id, signal_id) VALUES (\(id), \(reason)) ON CONFLICT DO NOTHING")
        }
    }

    /// Who was heard of needs no warning any more, and what was missed before does not count.
    static func met(_ household: ID<Household>, at: Instant, _ book: WarningBook, _ tx: SystemTx) throws {
        let last: WarningSignalKind? = try tx.value(
            """
            SELECT kind FROM warning_signal WHERE household_id = \(household) AND at <= \(at)
            ORDER BY at DESC, id DESC LIMIT 1
            """
        )
        guard let last, last != .met, let division = try RegisterQueries.household(household, tx)?.division else {
            return
        }
        let place = SignalPlace(division: division, household: household)
        try note(.met, at: at, place, source: ("household", household.rawValue), book, tx)
        try tx.execute(
            """
            UPDATE warning SET state = \(WarningState.heard), is_open = 0, acted_at = \(at)
            WHERE household_id = \(household) AND is_open = 1
            """
        )
    }

    /// Warnings about households that are not here any more are over; they are open again with a household that is back.
    static func follow(_ event: Event, _ tx: SystemTx) throws {
        var households = try VisitDebts.touched(by: event, tx)
        if event.subject.kind == RegisterKind.household.rawValue {
            households.append(ID(rawValue: event.subject.id))
        }
        guard !households.isEmpty else { return }
        let about: SQL = "household_id IN \(SQL.list(households))"
        try tx.execute(
            """
            UPDATE warning SET state = \(WarningState.gone), is_open = 0 WHERE \(about) AND is_open = 1
            AND EXISTS (SELECT 1 FROM household h WHERE h.id = warning.household_id AND h.valid_to IS NOT NULL)
            """
        )
        // Whoever had looked into it has done so still.
        try tx.execute(
            """
            UPDATE warning SET state = CASE WHEN acted_by IS NULL THEN 'open' ELSE 'acknowledged' END, is_open = 1
            WHERE \(about) AND state = \(WarningState.gone)
            AND EXISTS (SELECT 1 FROM household h WHERE h.id = warning.household_id AND h.valid_to IS NULL)
            """
        )
    }
}

extension WarningRule {
    /// Where its warnings lie: what is about a whole community lies in no grid of it.
    ///
    /// The rule of many needs of one kind is kept as it always was, with the grid of the signal that made it.
    fileprivate func division(of place: SignalPlace) -> DivisionCode {
        area == .community && !isAlike ? place.division.ancestor(at: .community) : place.division
    }

    /// What its warnings are about: what joins several kinds is about none of them alone.
    fileprivate func category(of place: SignalPlace) -> String {
        guard area != .household, !isJoined else { return "" }
        return area == .place || isAlike ? place.category : ""
    }

    /// When the street hears of a warning; nil: after the days of the deployment.
    fileprivate func streetAt(since made: Instant) -> Instant? {
        switch street {
        case .usual: nil
        case .after(let days): made.adding(days: days)
        case .never: .far
        }
    }
}

extension Instant {
    /// Later than anything a deployment waits for.
    fileprivate static let far = Instant(milliseconds: 253_402_300_799_000)
}

extension Subscriber {
    /// Signals from needs, rounds and visits; what several make is worked out in the same transaction.
    static func warnings(_ numbers: WarningNumbers) -> Subscriber {
        Subscriber(
            "warnings",
            kinds: [
                "case.told", "case.placed", "patrol.found", "visit.missed", "household.heard", "registers.changed",
            ],
            .inStore { tx, event in
                if event.kind == "registers.changed" { return try WarningSums.follow(event, tx) }
                let book = try WarningBook.current(numbers, tx)
                switch event.kind {
                case "case.told":
                    // What is said against a unit is nobody's signal: the unit itself may read warnings.
                    guard let division = event.subject.division, event.facts["against"] == nil,
                        event.facts["nature"] != "tipOff", let category = event.facts["category"], !category.isEmpty
                    else { return }
                    let place = event.facts["place"].flatMap { Int64($0) }.map { ID<Place>(rawValue: $0) }
                    let where_ = SignalPlace(division: division, place: place, category: category)
                    try WarningSums.note(
                        .need, at: event.at, where_, source: ("case", event.subject.id), book, tx)
                case "case.placed": try WarningSums.relocate(event, book, tx)
                case "patrol.found":
                    guard let division = event.subject.division,
                        let place = event.facts["place"].flatMap({ Int64($0) })
                    else { return }
                    let where_ = SignalPlace(
                        division: division, place: ID(rawValue: place), category: event.facts["category"] ?? "")
                    try WarningSums.note(
                        .finding, at: event.at, where_, source: ("case", event.subject.id), book, tx)
                case "visit.missed":
                    guard let division = event.subject.division,
                        let household = event.facts["household"].flatMap({ Int64($0) })
                    else { return }
                    let place = SignalPlace(division: division, household: ID(rawValue: household))
                    try WarningSums.note(
                        .missed, at: event.at, place, source: ("visit", event.subject.id), book, tx)
                default:
                    try WarningSums.met(ID(rawValue: event.subject.id), at: event.at, book, tx)
                }
            })
    }
}
