import LinliCore

/// What another system says of the time of a case that came from there: its deadline is the deadline here too.
struct ForeignClock: Sendable {
    /// When it was sent to us there: the clocks of the whole case count from then, not from when we took it in.
    var sentAt: Instant
    /// When it has to be done; nil when the order does not say, and our own lengths hold.
    var due: Instant?
    /// When our own earlier clocks run out at the latest.
    var own: Instant?
    /// Whether our reply was taken over there since it was sent to us: until then theirs runs, whatever we do.
    var isAnswered = false
    /// When it came here, the last time they sent it.
    var takenAt: Instant
    /// When it came here with the deadline it has: the first time, unless they sent it once more with another.
    var dueTakenAt: Instant
    /// When it came here the first time.
    var firstTakenAt: Instant

    /// Whether its deadline is the one of a clock that began at `start`: work that is done again after that day goes by
    /// our own lengths, until they say otherwise.
    func holds(from start: Instant) -> Bool { due.map { $0 > start } ?? false }

    /// When what a clock counts that began at `start` was here. What is sent once more with the deadline it had gives
    /// nobody more time: only a clock that begins with that counts from it.
    func taken(since start: Instant) -> Instant { start < sentAt ? dueTakenAt : takenAt }

    /// When who has to speak with the reporter first knew of what a clock counts that began at `start`: sent once more,
    /// whatever the deadline, it gives nobody more time for the first word.
    func known(since start: Instant) -> Instant { start < sentAt ? firstTakenAt : takenAt }

    /// The middle of what is left until `due` at `moment`; `due` itself where nothing is left.
    static func half(of due: Instant, from moment: Instant) -> Instant {
        guard due > moment else { return due }
        return Instant(milliseconds: moment.milliseconds + (due.milliseconds - moment.milliseconds) / 2)
    }
}
