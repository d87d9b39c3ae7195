import LinliCore

/// How an order that came again stands to what is held of it. A sheet that was exported before an extension was granted
/// must not take it back; of two states the newer one holds, by the order's own time.
enum ForeignOrderAge: Sendable, Equatable {
    /// What came is newer, or says nothing else about the deadline: it is taken over.
    case newer
    /// What came was so before: what is held stays.
    case older
    /// Nobody can tell: what is held stays, and staff see the difference.
    case unclear

    /// What is held of an order, as far as its age goes.
    struct Held: Sendable {
        var dueAt: Instant?
        /// When a sheet said that this was so, and when a ruling moved the deadline since.
        var statedAt: Instant?
        var dueRuledAt: Instant?
        /// When it was sent to us.
        var dispatchedAt: Instant?
    }

    /// How `draft` stands to what is held: `isSame` word for word what the order was last brought up to date with,
    /// `isSuperseded` word for word something it was brought up to date with before that.
    init(of draft: ForeignOrderDraft, beside held: Held, isSame: Bool, isSuperseded: Bool) {
        let differs = draft.dueAt != nil && draft.dueAt != held.dueAt
        if let sent = draft.dispatchedAt, let last = held.dispatchedAt, sent > last,
            [held.statedAt, held.dueRuledAt].compactMap({ $0 }).allSatisfy({ sent > $0 })
        {
            // Sent to us once more, after everything that was known of it.
            self = .newer
        } else if let stated = draft.statedAt, let since = [held.statedAt, held.dueRuledAt].compactMap({ $0 }).max() {
            self = stated >= since ? .newer : .older
        } else if isSame, held.dueRuledAt != nil {
            // The ruling came after these very words.
            self = .older
        } else if isSuperseded {
            self = differs ? .unclear : .older
        } else {
            // A ruling, or a state with a time, beside words without one.
            let isBeyondDoubt = draft.statedAt != nil || (held.dueRuledAt == nil && held.statedAt == nil)
            self = differs && !isBeyondDoubt ? .unclear : .newer
        }
    }
}
