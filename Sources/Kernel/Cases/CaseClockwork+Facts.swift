import LinliCore
import LinliStandards

extension CaseClockwork {
    /// What decides how long clocks are.
    struct Facts: Sendable {
        var nature: NeedNature
        var limit: EventCategory.LimitClass?
        var isUrgent: Bool
        /// What the system says that the case came from.
        var foreign: ForeignClock?
        /// When the work must be done by what was agreed on the spot, or by the date its lead set: that, and not the length
        /// of the type, is the limit.
        var agreed: Instant?
        /// When a part must be done at the latest, because the case it belongs to is due soon after.
        var leadDue: Instant?
    }

    /// A clock whose next rung is due.
    func dueRung() -> CaseClock? {
        all.filter { $0.isActive && ($0.nextRungAt.map { $0 <= now } ?? false) }
            .min { ($0.nextRungAt ?? now, $0.clock) < ($1.nextRungAt ?? now, $1.clock) }
    }
}
