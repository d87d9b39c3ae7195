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
    package enum Area: String, Sendable, CaseIterable {
        /// The place.
        case place
        /// The household.
        case household
        /// The grid.
        case grid
        /// The community.
        case community

        /// What people call it.
        package var name: Text {
            switch self {
            case .place: Text("同一处地方", "one place")
            case .household: Text("同一户", "one household")
            case .grid: Text("同一个网格", "one grid")
            case .community: Text("同一个社区", "one community")
            }
        }
    }

    /// When the street hears of a warning nobody in the community has looked at.
    package enum Street: Sendable, Equatable {
        /// After the days of the deployment (`--warning-days`).
        case usual
        /// After so many days; with none at once.
        case after(days: Int)
        /// Only where the community has nobody.
        case never
    }

    /// The stable name.
    package let id: String
    /// What people call it.
    package let name: Text
    /// What it may mean, and what helps.
    package let why: Text
    /// What the signals share.
    package let area: Area
    /// Whether they must also be of one category.
    package let isAlike: Bool
    /// What it takes.
    package var when: WarningCondition
    /// Within how many days.
    package var days: Int
    /// For how many days the same cause does not warn again.
    package let quietDays: Int
    /// When the street hears of it.
    package let street: Street

    /// Everything it counts, in the order of the text.
    package var parts: [WarningCondition.Part] { when.parts }
    /// Whether it joins signals of several kinds.
    package var isJoined: Bool { parts.count > 1 }

    /// Whether a signal counts for it.
    package func takes(_ signal: WarningSignal) -> Bool {
        if signal.kind == .met { return area == .household }
        return parts.contains { $0.takes(signal) }
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
            } else if when.holds(window), !stands(signal.at) {
                raised.append(Raised(at: signal.at, reasons: window.map(\.id)))
                isQuiet = true
            }
        }
        return raised
    }
}
