import LinliCore
import LinliSQL

extension Permission {
    /// Plan visits and see what became of them.
    package static let visitsPlan = Permission("visits.plan", Text("安排走访", "Plan visits"))
    /// Plan patrols, see what was missed, and for safety where a patrol is.
    package static let patrolsPlan = Permission("patrols.plan", Text("安排巡查", "Plan patrols"))
}

/// How a visit is made.
package enum VisitWay: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case door, call

    /// What people call it.
    package var name: Text {
        switch self {
        case .door: Text("上门", "At the door")
        case .call: Text("打电话", "By phone")
        }
    }
}

/// Where a visit stands.
package enum VisitState: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case announced, missed, done, withdrawn

    /// What people call it.
    package var name: Text {
        switch self {
        case .announced: Text("已约", "Announced")
        case .missed: Text("没见到人", "Not at home")
        case .done: Text("已走访", "Done")
        case .withdrawn: Text("已取消", "Withdrawn")
        }
    }
}

/// What came of a visit.
package enum VisitResult: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case unchanged, changed, well, gone, anew

    /// What people call it.
    package var name: Text {
        switch self {
        case .unchanged: Text("没变化", "Nothing changed")
        case .changed: Text("有变化", "Something changed")
        case .well: Text("住户回复平安", "The household says all is well")
        case .gone: Text("这一户搬走或注销了", "The household moved away or ended")
        case .anew: Text("另约了一次", "Announced anew")
        }
    }
}

/// What a picture of a visit shows.
package enum VisitPhotoKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case photo, signature
}

/// A part of a day somebody may come in.
package struct VisitSlot: Sendable, Equatable {
    /// Which part of the day.
    package enum Part: String, Sendable, CaseIterable {
        case morning, afternoon, evening

        /// What people call it.
        package var name: Text {
            switch self {
            case .morning: Text("上午 9–12 点", "Morning, 9–12")
            case .afternoon: Text("下午 14–17 点", "Afternoon, 14–17")
            case .evening: Text("晚上 18–20 点", "Evening, 18–20")
            }
        }

        /// Whether something that begins then begins with this part.
        package func starts(_ moment: Instant) -> Bool { hours.from == moment.hour }

        var hours: (from: Int, until: Int) {
            switch self {
            case .morning: (9, 12)
            case .afternoon: (14, 17)
            case .evening: (18, 20)
            }
        }
    }

    /// The day.
    package let day: CivilDate
    /// The part of it.
    package let part: Part

    /// A part of a day.
    package init(_ day: CivilDate, _ part: Part) {
        self.day = day
        self.part = part
    }

    /// When it begins.
    package var start: Instant { Instant(day, hour: part.hours.from) }
    /// When it is over.
    package var end: Instant { Instant(day, hour: part.hours.until) }

    /// Checks a slot somebody chose: not over, at most 60 days away.
    ///
    /// - Throws: `.invalid` naming `day`.
    static func check(_ slot: VisitSlot?, at now: Instant) throws -> VisitSlot {
        guard let slot, slot.end > now, slot.day <= now.date.adding(days: 60) else {
            throw LinliError.invalid(
                "visits.slot", [.init("day", Text("请选今天起 60 天内、还没过的时间", "Please choose a time within 60 days"))])
        }
        return slot
    }
}

/// A visit as it stands.
package struct Visit: Sendable {
    /// Its identifier.
    package let id: ID<Visit>
    /// Whom.
    package let household: ID<Household>
    /// The grid.
    package let division: DivisionCode
    /// The plan it is of.
    package let plan: ID<VisitPlan>?
    /// At the door or by phone.
    package internal(set) var way: VisitWay
    /// Why, as the household reads it.
    package let reason: String
    /// Where it stands.
    package let state: VisitState
    /// From when.
    package let startsAt: Instant
    /// Until when.
    package let endsAt: Instant
    /// Who comes.
    package let worker: ID<Account>?
    /// Their name.
    package let workerName: String
    /// Their unit.
    package let unit: ID<Unit>?
    /// How often the household moved it.
    package let moves: Int
    /// What the household said with it.
    package let wish: String
    /// What came of it.
    package let result: VisitResult?
    /// What is noted.
    package let note: String
    /// When nobody was at home.
    package let missedAt: Instant?
    /// When it was over.
    package let endedAt: Instant?
    /// Where they live.
    package let address: String
    /// Who of the household signed.
    package let signer: String
    /// The number of the case that follows from it.
    package let followUp: String
    /// When somebody was there last, met or not.
    package let happenedAt: Instant?
    /// Whether it stands as the household wished: the last who moved it, or had it moved, was the household.
    package let isMovedByThem: Bool
    /// Whether who walks the grid comes, whoever that is then.
    package let isOfGrid: Bool

    /// What `init(_:)` reads, of `visit v` and `dwelling d`.
    static let columns: SQL = """
        v.id, v.household_id, v.division, v.plan_id, v.way, v.reason, v.state, v.starts_at, v.ends_at, v.worker_id,
        v.worker_name, v.unit_id, v.moves, v.wish, v.result, v.note, v.missed_at, v.ended_at, d.address, v.signer, v.follow_up,
        v.happened_at, v.moved_by_them, v.is_of_grid
        """
    static let columnCount = 24
    static let tables: SQL = """
        visit v JOIN household h ON h.id = v.household_id JOIN dwelling d ON d.id = h.dwelling_id
        """

    init(_ row: Row) throws {
        id = try row[0]
        household = try row[1]
        division = try row[2]
        plan = try row[3]
        way = try row[4]
        reason = try row[5]
        state = try row[6]
        startsAt = try row[7]
        endsAt = try row[8]
        worker = try row[9]
        workerName = try row[10]
        unit = try row[11]
        moves = try row[12]
        wish = try row[13]
        result = try row[14]
        note = try row[15]
        missedAt = try row[16]
        endedAt = try row[17]
        address = try row[18]
        signer = try row[19]
        followUp = try row[20]
        happenedAt = try row[21]
        isMovedByThem = try row[22]
        isOfGrid = try row[23]
    }

    /// Whether nobody walks the grid just now who would come.
    package var isUnassigned: Bool { worker == nil && isOpen && isOfGrid }

    /// Who comes, as people read it.
    package var visitor: Text {
        isUnassigned ? Text("社区工作人员（待定）", "somebody of the community (to be named)") : Text(same: workerName)
    }

    /// `今天上午 9–12 点`.
    package func when(at now: Instant) -> Text {
        let part = VisitSlot.Part.allCases.first { $0.starts(startsAt) } ?? .morning
        let day =
            switch startsAt.date.daysSinceEpoch - now.date.daysSinceEpoch {
            case 0: Text("今天", "today")
            case 1: Text("明天", "tomorrow")
            default: startsAt.date.dayAndMonth
            }
        return Text("\(day.zh)\(part.name.zh)", "\(day.en), \(part.name.en.lowercased())")
    }

    /// Whether something may still come of it.
    package var isOpen: Bool { state == .announced || state == .missed }

    /// As the subject of audit entries and events.
    var subject: Subject { Subject("visit", id, division: division) }
}

/// The secret by which a household answers a visit: worked out of the visit with a key, stored as a keyed hash only.
package enum VisitCode {
    /// The code of a visit, twelve characters.
    package static func make(_ id: ID<Visit>, _ keys: KeyRing) -> String {
        String(Base32.encode(keys.index("visit:\(id)", kind: "visit.code").prefix(8)).prefix(12))
    }

    /// As it is printed: `abcd-efgh-jkmn`.
    package static func shown(_ code: String) -> String {
        var text = ""
        for (index, character) in code.enumerated() {
            if index > 0, index % 4 == 0 { text.append("-") }
            text.append(character)
        }
        return text
    }

    /// A code as somebody typed it, without what it is broken by, and letters that look like digits read as these.
    package static func read(_ typed: String) -> String {
        String(
            typed.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(20).map { character in
                switch character {
                case "o": "0"
                case "i", "l": "1"
                default: character
                }
            })
    }

    static func hash(_ code: String, _ keys: KeyRing) -> [UInt8] { keys.tokenHash("visit:\(code)") }
}

/// Finding and listing visits. Scope is the caller's.
package enum VisitQueries {
    /// A visit, or nil.
    package static func find(_ id: ID<Visit>, _ tx: ReadTx) throws -> Visit? {
        try tx.first("SELECT \(Visit.columns) FROM \(Visit.tables) WHERE v.id = \(id)") { try Visit($0) }
    }

    /// The visit a household's code opens, until 30 days after it was over. One that was announced anew opens too: the slip
    /// still hangs at the door, and its page says that another code holds.
    package static func opened(
        by typed: String, at now: Instant, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> Visit? {
        let code = VisitCode.read(typed)
        guard code.count == 12 else { return nil }
        return try tx.first(
            "SELECT \(Visit.columns) FROM \(Visit.tables) WHERE v.code_hash = \(VisitCode.hash(code, keys))"
        ) { try Visit($0) }.flatMap { visit in
            let isKept = visit.state != .withdrawn || visit.result == .anew
            return (visit.endedAt ?? now) > now.adding(days: -30) && isKept ? visit : nil
        }
    }

    /// What is announced or was missed in a grid or a wider division, the soonest first.
    package static func open(in division: DivisionCode, limit: Int = 100, _ tx: ReadTx) throws -> [Visit] {
        try tx.all(
            """
            SELECT \(Visit.columns) FROM \(Visit.tables)
            WHERE \(RegisterQueries.place("v", division)) AND v.is_open = 1 ORDER BY v.starts_at, v.id LIMIT \(limit)
            """
        ) { try Visit($0) }
    }

    /// Every visit of a grid or a wider division, the newest first: the ledger 走访台账.
    package static func ledger(
        in division: DivisionCode, before: ID<Visit>? = nil, limit: Int, _ tx: ReadTx
    ) throws -> [Visit] {
        try tx.all(
            """
            SELECT \(Visit.columns) FROM \(Visit.tables)
            WHERE \(RegisterQueries.place("v", division)) AND v.id < \(before?.rawValue ?? .max)
            ORDER BY v.id DESC LIMIT \(limit)
            """
        ) { try Visit($0) }
    }

    /// The visits of a household, the newest first.
    package static func visits(of household: ID<Household>, limit: Int = 20, _ tx: ReadTx) throws -> [Visit] {
        try tx.all(
            """
            SELECT \(Visit.columns) FROM \(Visit.tables) WHERE v.household_id = \(household)
            ORDER BY v.id DESC LIMIT \(limit)
            """
        ) { try Visit($0) }
    }

    /// What a household answered last, by question.
    package static func answers(
        of household: ID<Household>, _ tx: ReadTx
    ) throws -> [String: (value: String, at: Instant)] {
        var answers: [String: (value: String, at: Instant)] = [:]
        try tx.each(
            """
            SELECT a.question, a.value, a.at FROM visit_answer a
            WHERE a.household_id = \(household) AND a.id = (SELECT max(b.id) FROM visit_answer b
                WHERE b.household_id = \(household) AND b.question = a.question)
            """
        ) { answers[try $0[0]] = (try $0[1], try $0[2]) }
        return answers
    }

    /// The most pictures shown of one visit.
    package static let photoLimit = 36

    /// What was answered at one visit, by question.
    package static func given(at visit: ID<Visit>, _ tx: ReadTx) throws -> [String: String] {
        var answers: [String: String] = [:]
        try tx.each("SELECT question, value FROM visit_answer WHERE visit_id = \(visit) ORDER BY id LIMIT 100") {
            answers[try $0[0]] = try $0[1]
        }
        return answers
    }

    /// The photos of a visit, as contents; or what somebody of the household drew as their signature, the newest last.
    /// More than one form has room for: both sides may have some of a visit that was ended twice.
    package static func photos(
        of visit: ID<Visit>, _ kind: VisitPhotoKind, _ tx: ReadTx
    ) throws -> [(file: ID<StoredFile>, hash: String, size: Int)] {
        try tx.all(
            """
            SELECT f.id, f.hash, f.size FROM visit_photo p JOIN stored_file f ON f.id = p.file_id
            WHERE p.visit_id = \(visit) AND p.kind = \(kind) ORDER BY p.id LIMIT \(photoLimit)
            """
        ) { (try $0[0], try $0[1], try $0[2]) }
    }
}
