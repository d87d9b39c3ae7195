import LinliCore
import LinliSQL

/// What may be asked of the system an order came from; its answer binds.
package enum ForeignRequestKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// The order is not ours 退单.
    case refuse
    /// Its deadline is to be later 延期.
    case extend
    /// It is not to count 剔除.
    case exclude

    /// What people call it.
    package var name: Text {
        switch self {
        case .refuse: Text("退单", "Return it")
        case .extend: Text("延期", "More time")
        case .exclude: Text("剔除", "Leave it out")
        }
    }
}

/// An order as another system gave it, before it is a case.
package struct ForeignOrderDraft: Sendable {
    /// Which system, by its number.
    package var system = ForeignOrder.hotline
    /// Its number there.
    package var number = ""
    /// 诉求类型, as received.
    package var kind = ""
    /// 问题分类 level by level, as received.
    package var classes = ""
    /// 紧急程度, as received.
    package var urgency = ""
    /// When the person called.
    package var calledAt: Instant?
    /// When it was sent to us.
    package var dispatchedAt: Instant?
    /// 办理时限: when it has to be answered there.
    package var dueAt: Instant?
    /// 更新时间: when it was last changed there, by their own clock; nil when the order does not say.
    package var statedAt: Instant?
    /// Whether it is said to be urgent, in 紧急程度 or by the program that sent it.
    package var isUrgent = false
    /// Whether the person wants to stay unknown to who handles it.
    package var isPrivate = false
    /// Whether it was told there before.
    package var isRepeat = false
    /// The number it belongs to.
    package var related = ""
    /// Whom it speaks against, as received.
    package var accused = ""
    /// Every column as it came: what it is called and what stood in it.
    package var received: [(name: String, text: String)] = []
    /// A photo of the paper it came on.
    package var sheet: ID<StoredFile>?

    /// An order with nothing in it yet.
    package init() {}

    /// What it says of the time of its case.
    func clock(at now: Instant, leadHours: Int) -> ForeignClock {
        let sent = min(dispatchedAt ?? now, now)
        return ForeignClock(
            sentAt: sent, due: dueAt,
            own: dueAt.map { ForeignOrderDraft.ownDeadline($0, since: sent, takenAt: now, leadHours: leadHours) },
            takenAt: now, dueTakenAt: now, firstTakenAt: now
        )
    }

    /// What of it cannot be; empty when it can be taken in at `now`.
    func problems(at now: Instant) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        func limit(_ name: String, _ text: String, _ most: Int) {
            guard text.unicodeScalars.count > most else { return }
            problems.append(.init(name, Text("最多 \(most) 个字", "At most \(most) characters")))
        }
        if number.isEmpty {
            problems.append(.init("number", Text("缺少工单编号", "The order's number is missing")))
        }
        limit("number", number, 60)
        limit("system", system, 20)
        limit("kind", kind, 40)
        limit("classes", classes, 200)
        limit("urgency", urgency, 40)
        limit("related", related, 200)
        problems += timeProblems(at: now).map { LinliError.Field($0.field, $0.text) }
        return problems
    }

    /// How many days an order may be overdue when it comes: what is further away was mistyped. Configured here, no source.
    private static let mostLate = 366

    /// Which of its times cannot be, and why.
    package func timeProblems(at now: Instant) -> [(field: String, text: Text)] {
        var problems: [(field: String, text: Text)] = []
        // An hour is what two clocks may differ by; a year mistyped would stand before every later dispatch.
        if let dispatchedAt, dispatchedAt > now.adding(hours: 1) {
            problems.append(("dispatchedAt", Text("派单时间还没到，请核对", "The dispatch lies in the future: please check it")))
        }
        guard let dueAt else { return problems }
        if let dispatchedAt, dueAt <= dispatchedAt {
            problems.append(("dueAt", Text("办理时限早于派单时间", "The deadline comes before the dispatch")))
        } else if let calledAt, dueAt <= calledAt {
            problems.append(("dueAt", Text("办理时限早于来电时间", "The deadline comes before the call")))
        } else if dueAt < now.adding(days: -Self.mostLate) {
            problems.append(
                ("dueAt", Text("办理时限过了一年多，请核对年份", "The deadline passed more than a year ago: please check the year")))
        }
        return problems
    }

    /// Whether 紧急程度 says that it is urgent: 紧急, 特急, 加急, 突发, or 是 under 是否紧急; not 不紧急 and the like.
    package static func isUrgent(_ urgency: String) -> Bool {
        guard !["不紧急", "非紧急", "不加急"].contains(where: { urgency.contains($0) }) else { return false }
        return urgency.trimmed == "是"
            || ["紧急", "特急", "加急", "突发"].contains { urgency.contains($0) }
    }

    /// When our own earlier clocks run out at the latest: before theirs by `leadHours`, but by no more than a fifth of the
    /// time there is, so that an urgent order keeps most of its own, and what came late half of what was left.
    package static func ownDeadline(
        _ due: Instant, since dispatched: Instant, takenAt: Instant, leadHours: Int
    ) -> Instant {
        let span = max(0, due.milliseconds - dispatched.milliseconds)
        let early = Instant(milliseconds: due.milliseconds - min(Int64(leadHours) * 3_600_000, span / 5))
        return max(early, ForeignClock.half(of: due, from: takenAt))
    }
}

/// An order of another system that is a case here. Its deadline and its rulings win over ours.
package struct ForeignOrder: Sendable {
    /// The city's hotline.
    package static let hotline = "12345"

    package let id: ID<ForeignOrder>
    package let system: String
    package let number: String
    package let item: ID<Case>
    package let kind: String
    package let classes: String
    package let urgency: String
    package let calledAt: Instant?
    package let dispatchedAt: Instant
    /// When it has to be answered there; nil when the order did not say.
    package let dueAt: Instant?
    package let isPrivate: Bool
    package let isRepeat: Bool
    package let related: String
    /// The photo of the paper it came on.
    package let sheet: ID<StoredFile>?
    package let importedAt: Instant
    package let updatedAt: Instant
    /// When the reply was taken over there, by somebody's word.
    package let repliedAt: Instant?
    /// When what is held was stated there, where a sheet said so.
    package let statedAt: Instant?
    /// Whether what is held says that it is urgent.
    package let isUrgent: Bool
    /// When they moved the deadline by a ruling; nil while it is the one of a sheet.
    package let dueRuledAt: Instant?
    /// Another deadline that a sheet named since, of which nobody can tell whether it is older or newer, and when that came.
    package let difference: (due: Instant, at: Instant)?
    /// When a dispatcher looked at that difference and left the deadline as it is; who, says the history.
    package let differenceSeenAt: Instant?
    /// When it came that they had sent it to us once more; nil while they sent it once.
    package let againAt: Instant?
    /// 被反映对象: whom it speaks against, as received, numbers masked; empty where it does not say, and for what came before
    /// that was kept.
    package let accused: String
    /// When it came here once more with another deadline; nil while it has the one it came with first.
    let dueTakenAt: Instant?

    static let columns: SQL = """
        f.id, f.system, f.number, f.case_id, f.kind, f.classes, f.urgency, f.called_at, f.dispatched_at, f.due_at,
        f.is_private, f.is_repeat, f.related, f.sheet_file, f.imported_at, f.updated_at, f.replied_at,
        f.stated_at, f.is_urgent, f.due_ruled_at, f.differs_due, f.differs_at,
        f.differs_seen_at, f.again_at, f.accused, f.due_taken_at
        """
    /// How many columns that are.
    static let width = 26

    init(_ row: Row, from start: Int = 0) throws {
        id = try row[start]
        system = try row[start + 1]
        number = try row[start + 2]
        item = try row[start + 3]
        kind = try row[start + 4]
        classes = try row[start + 5]
        urgency = try row[start + 6]
        calledAt = try row[start + 7]
        dispatchedAt = try row[start + 8]
        dueAt = try row[start + 9]
        isPrivate = try row[start + 10]
        isRepeat = try row[start + 11]
        related = try row[start + 12]
        sheet = try row[start + 13]
        importedAt = try row[start + 14]
        updatedAt = try row[start + 15]
        repliedAt = try row[start + 16]
        statedAt = try row[start + 17]
        isUrgent = try row[start + 18]
        dueRuledAt = try row[start + 19]
        let (due, at): (Instant?, Instant?) = (try row[start + 20], try row[start + 21])
        difference = due.flatMap { due in at.map { (due: due, at: $0) } }
        differenceSeenAt = try row[start + 22]
        againAt = try row[start + 23]
        accused = try row[start + 24]
        dueTakenAt = try row[start + 25]
    }

    /// Whether what came says that it was sent to us once more, later than what is held: by whole minutes, since one export
    /// says the seconds of a moment and another does not.
    func isSentAgain(by draft: ForeignOrderDraft) -> Bool {
        draft.dispatchedAt.map { $0.milliseconds / 60_000 > dispatchedAt.milliseconds / 60_000 } ?? false
    }

    /// When it came here, the last time they sent it.
    var takenAt: Instant { againAt ?? importedAt }

    /// When we want to be done at the latest, earlier than they ask.
    package func ownDeadline(leadHours: Int) -> Instant? {
        dueAt.map {
            ForeignOrderDraft.ownDeadline($0, since: dispatchedAt, takenAt: takenAt, leadHours: leadHours)
        }
    }
}

/// What was asked of the other system, and what it said.
package struct ForeignRequest: Sendable {
    /// How far it is.
    package enum State: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        case waiting, granted, denied

        /// What people read.
        package var name: Text {
            switch self {
            case .waiting: Text("等待答复", "waiting")
            case .granted: Text("同意", "granted")
            case .denied: Text("不同意", "refused")
            }
        }
    }

    package let id: ID<ForeignRequest>
    package let kind: ForeignRequestKind
    package let state: State
    /// A reason class of the case's type, or of returning it.
    package let reasonClass: String
    /// The basis, in words.
    package let text: String
    package let askedAt: Instant
    package let ruledAt: Instant?
    /// The ruling's words.
    package let ruling: String
    /// The new deadline, where more time was granted.
    package let dueAt: Instant?

    static let columns: SQL = """
        q.id, q.kind, q.state, q.reason_class, q.text, q.asked_at, q.ruled_at, q.ruling, q.due_at
        """

    init(_ row: Row) throws {
        id = try row[0]
        kind = try row[1]
        state = try row[2]
        reasonClass = try row[3]
        text = try row[4]
        askedAt = try row[5]
        ruledAt = try row[6]
        ruling = try row[7]
        dueAt = try row[8]
    }
}

/// One attempt to speak with who told a case, for the reply.
package struct CaseContact: Sendable {
    package let at: Instant
    package let way: ContactWay
    package let outcome: ContactOutcome

    init(_ row: Row) throws {
        at = try row[0]
        way = try row[1]
        outcome = try row[2]
    }
}

/// What an import did with an order.
package enum ForeignOrderNews: Sendable, Equatable {
    /// A case was made.
    case added
    /// It was there, and deadline or facts changed.
    case updated
    /// It was over here and they sent it to us once more: a new round began.
    case reopened
    /// It was there as it is, or as it has become since.
    case unchanged
    /// It was there with another deadline, and nobody can tell which is the newer one: what holds stays, and staff see both.
    case kept
}

extension CaseView {
    /// Our own deadline beside the one of the system the case came from: earlier, and it only reminds. Nil for a case of
    /// ours, and when its clock stands still or the work is done.
    package func internalDue(leadHours: Int) -> Instant? {
        guard let order, item.isOpen else { return nil }
        let names = type.internalClocks
        let own = clocks.filter { names.contains($0.clock) }
        return own.isEmpty
            ? order.ownDeadline(leadHours: leadHours) : own.filter(\.isActive).compactMap(\.dueAt).min()
    }
}
