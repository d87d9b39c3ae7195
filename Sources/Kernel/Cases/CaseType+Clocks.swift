import LinliCore
import LinliStandards

extension CaseType {
    /// How long a state may last.
    package struct Clock: Sendable, Equatable {
        /// Minutes of the kind below.
        package let minutes: Int
        /// What counts.
        package let kind: RunningClock.Counting
        /// Urgent cases: minutes around the clock.
        package let urgentMinutes: Int
        /// Whether it stands still while the case is paused, and grows when time is given.
        package let isElastic: Bool
    }

    /// One rung of a ladder of escalation: when somebody hears of a clock, and who.
    package struct Rung: Sendable, Equatable {
        /// What is done.
        package enum Action: String, Sendable, CaseIterable {
            /// Whoever must act is reminded.
            case remind
            /// The street takes it under supervision 督办.
            case supervise
            /// One level higher hears of it.
            case raise
        }

        /// What is done.
        package let action: Action
        /// After this share of the clock's time, in percent; nil for a time after the deadline.
        package let percent: Int?
        /// Minutes of the clock's own kind after the deadline.
        package let overdueMinutes: Int
        /// Again after so many minutes more; nil for once. Only the last rung of a ladder repeats.
        package let everyMinutes: Int?
    }

    /// What a handler may ask for while a case runs: a pause, more time.
    package struct RequestRule: Sendable, Equatable {
        /// What is asked for.
        package let kind: CaseRequestKind
        /// The states in which it may be asked for.
        package let from: [String]
        /// Who may ask.
        package let by: [Performer]
        /// Why, as codes with what people read.
        package let reasons: [Choice]
        /// The most that one request can give, in minutes around the clock for a pause, of the clock's kind otherwise.
        package let capMinutes: Int
        /// How many of the kind may be granted in one round.
        package let limit: Int
    }

    /// A code and what people read.
    package struct Choice: Sendable, Equatable {
        package let id: String
        package let name: Text
    }
}

/// A clock that runs across states: from the first dispatch, not from signing for it, until the work is done.
package struct CaseClockRule: Sendable, Equatable {
    /// Where its length comes from.
    package enum Basis: String, Sendable, CaseIterable {
        /// Law, a standard or an order from above.
        case statutory
        /// What this office promises, inside the statutory time.
        case promised
    }

    package let id: String
    /// What people read, `办理时限`.
    package let name: Text
    package let basis: Basis
    package let counting: RunningClock.Counting
    /// Minutes of an ordinary case; nil when the category's limit class decides.
    package let minutes: Int?
    /// Share of the limit class in percent, when that decides.
    package let percent: Int
    /// Minutes around the clock of an urgent case.
    package let urgentMinutes: Int
    /// Minutes by nature where a nature differs: a consultation is answered sooner.
    package let natureMinutes: [NeedNature: Int]
    /// Entering one of these starts it, unless it runs.
    package let starts: [String]
    /// Entering one of these stops it.
    package let stops: [String]
    /// Whether the first contact with the reporter stops it too.
    package let stopsAtContact: Bool
    /// Whether it stands still while the case is paused, and grows when time is given.
    package let isElastic: Bool
    /// What happens when it runs on.
    package let ladder: [CaseType.Rung]

    /// How long it is for a case. Whoever told of what must be over in two hours does not wait longer for a first word.
    func minutes(nature: NeedNature, limit: EventCategory.LimitClass?, isUrgent: Bool) -> Int {
        if isUrgent { return urgentMinutes }
        let own = natureMinutes[nature] ?? minutes ?? (limit ?? .days7).hours * 60 * percent / 100
        guard stopsAtContact, let limit, limit == .hours2 else { return own }
        return min(own, limit.hours * 60)
    }

    /// What counts for a case: for a first word in two hours, every minute.
    func counting(limit: EventCategory.LimitClass?, isUrgent: Bool) -> RunningClock.Counting {
        isUrgent || (stopsAtContact && limit == .hours2) ? .natural : counting
    }
}
