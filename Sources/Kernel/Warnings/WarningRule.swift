import LinliCore
import LinliSQL

/// Something that happened and may mean more when it happens again.
package enum WarningSignalKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// A need was told.
    case need
    /// A round found a hazard.
    case finding
    /// Nobody was at home, or nobody answered.
    case missed
    /// Nothing was heard of somebody who lives alone for too long.
    case silent
    /// The household was heard of: what was missed before does not count any more.
    case met
}

/// A signal as rules see it.
package struct WarningSignal: Sendable, Equatable {
    /// Its identifier.
    package let id: ID<WarningSignal>
    /// What it is.
    package let kind: WarningSignalKind
    /// When it happened.
    package let at: Instant
    /// What it is about, by code.
    package let category: String

    /// A signal; see the properties.
    package init(id: ID<WarningSignal>, kind: WarningSignalKind, at: Instant, category: String) {
        self.id = id
        self.kind = kind
        self.at = at
        self.category = category
    }
}

/// A rule that joins signals over time: so many of them, about the same, within so many days.
package struct WarningRule: Sendable, Equatable {
    /// What signals must share to count together.
    package enum Bond: String, Sendable {
        /// The same place.
        case place
        /// The same household.
        case household
        /// The same kind of need in the same community.
        case kind
    }

    /// The stable name.
    package let id: String
    /// What people call it.
    package let name: Text
    /// What it counts.
    package let signal: WarningSignalKind
    /// Codes of categories, or what they begin with; empty for all.
    package let categories: [String]
    /// What the signals share.
    package let bond: Bond
    /// How many it takes.
    package var count: Int
    /// Within how many days.
    package var days: Int
    /// For how many days the same cause does not warn again.
    package let quietDays: Int
    /// What it takes besides, of other kinds, within the same days.
    package var with: [Part] = []

    /// Signals of one kind, and how many of them a rule takes that joins several kinds.
    package struct Part: Sendable, Equatable {
        /// What it counts.
        package let signal: WarningSignalKind
        /// Codes of categories, or what they begin with; empty for all.
        package let categories: [String]
        /// How many it takes.
        package let count: Int

        func takes(_ signal: WarningSignal) -> Bool {
            signal.kind == self.signal
                && (categories.isEmpty || categories.contains { signal.category.hasPrefix($0) })
        }
    }

    /// Everything it counts, its own first.
    package var parts: [Part] { [Part(signal: signal, categories: categories, count: count)] + with }

    /// The rules as they are shipped.
    /// - Source: configured, no source; the numbers are a setting
    package static let standard: [WarningRule] = [
        WarningRule(
            id: "quarrels", name: Text("同一处反复起纠纷", "Repeated quarrels at a place"), signal: .need,
            categories: ["R11", "R1001"], bond: .place, count: 3, days: 30, quietDays: 30),
        WarningRule(
            id: "hazards", name: Text("同一处反复有消防隐患", "Repeated fire hazards at a place"), signal: .need,
            categories: ["R13", "R0803", "R0902"], bond: .place, count: 3, days: 30, quietDays: 30),
        WarningRule(
            id: "kind", name: Text("一类诉求集中出现", "Many needs of one kind"), signal: .need, categories: [],
            bond: .kind, count: 8, days: 7, quietDays: 14),
        WarningRule(
            id: "missed", name: Text("连续没见到人", "Not at home again and again"), signal: .missed, categories: [],
            bond: .household, count: 2, days: 14, quietDays: 14),
        WarningRule(
            id: "silent", name: Text("独住老人很久没有音信", "No sign of an elder who lives alone"), signal: .silent,
            categories: [], bond: .household, count: 1, days: 7, quietDays: 7),
        WarningRule(
            id: "troubled", name: Text("同一处又有纠纷又有隐患", "Quarrels and hazards at one place"), signal: .need,
            categories: ["R11", "R1001"], bond: .place, count: 2, days: 30, quietDays: 30,
            with: [Part(signal: .finding, categories: [], count: 1)]),
        WarningRule(
            id: "vanished", name: Text("上门没见到，又一直没有音信", "Not at home, and no sign since"), signal: .missed,
            categories: [], bond: .household, count: 1, days: 21, quietDays: 21,
            with: [Part(signal: .silent, categories: [], count: 1)]),
    ]

    /// The rules with other numbers, `quarrels=3/30,kind=8/7`; those that are not named keep theirs. Nil for what cannot be
    /// read.
    package static func read(_ text: String) -> [WarningRule]? {
        var rules = standard
        for part in text.split(separator: ",") {
            let words = part.split(separator: "=").map { $0.filter { $0 != " " } }
            guard words.count == 2, let index = rules.firstIndex(where: { $0.id == words[0] }) else { return nil }
            let numbers = words[1].split(separator: "/").compactMap { Int($0) }
            guard numbers.count == 2, (1...1000).contains(numbers[0]), (1...365).contains(numbers[1]) else {
                return nil
            }
            (rules[index].count, rules[index].days) = (numbers[0], numbers[1])
        }
        return rules
    }

    /// Whether a signal counts for it.
    package func takes(_ signal: WarningSignal) -> Bool {
        if signal.kind == .met { return bond == .household }
        return parts.contains { $0.takes(signal) }
    }

    /// Whether signals within its days are enough of each kind.
    private func isEnough(_ window: [WarningSignal]) -> Bool {
        parts.allSatisfy { part in window.count(where: { part.takes($0) }) >= part.count }
    }

    /// A warning that signals of one cause make.
    package struct Raised: Sendable, Equatable {
        /// The moment of the signal that made it.
        package var at: Instant
        /// Why: every signal that counts for it.
        package var reasons: [ID<WarningSignal>]

        /// A warning; see the properties.
        package init(at: Instant, reasons: [ID<WarningSignal>]) {
            self.at = at
            self.reasons = reasons
        }
    }

    /// The warnings that signals of one cause make, in the order of time: one when there are enough within the days; what
    /// follows within the quiet days adds to its reasons; whoever was met begins anew. Where a warning stands already none
    /// is made, and the quiet days are that one's.
    package func replay(
        _ signals: [WarningSignal], where stands: (Instant) -> Bool = { _ in false }
    ) -> [Raised] {
        var raised: [Raised] = []
        var window: [WarningSignal] = []
        var isQuiet = false
        for signal in signals.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) where takes(signal) {
            if signal.kind == .met {
                window = []
                isQuiet = false
                continue
            }
            window.append(signal)
            window.removeAll { $0.at <= signal.at.adding(days: -days) }
            if isQuiet, let last = raised.last, signal.at < last.at.adding(days: quietDays) {
                raised[raised.count - 1].reasons.append(signal.id)
            } else if isEnough(window), !stands(signal.at) {
                raised.append(Raised(at: signal.at, reasons: window.map(\.id)))
                isQuiet = true
            }
        }
        return raised
    }
}
