import LinliCore
import LinliStandards

/// When the rungs of the clock of a request about one's own data are due.
/// - Source: PIPL Art. 50 (in time); the days are configured, no source
enum DataRequestClock {
    /// The moments of reminder, supervision and raising, in their order: the reminder when work begins some working days
    /// before the answer is due, the street when it is, the district at the same hour some working days after.
    static func moments(dueAt: Instant, _ settings: RegisterSettings, _ calendar: WorkingCalendar) -> [Instant] {
        func day(_ count: Int) -> CivilDate { calendar.addingWorkingDays(count, after: dueAt.date).value }
        return [
            min(calendar.nextWorkingTime(Instant(day(-settings.remindDays))), dueAt), dueAt,
            Instant(day(settings.raiseDays), hour: dueAt.hour, minute: 59),
        ]
    }
}
