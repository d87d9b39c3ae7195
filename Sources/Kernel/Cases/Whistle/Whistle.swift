import LinliCore
import LinliSQL

/// A whistle 吹哨: who needs others on the spot calls them, and they must come.
package enum Whistle {
    /// Who calls whom.
    package enum Storey: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        /// The community calls the street's offices 社区吹哨、科室报到.
        case community
        /// The street calls the district's departments 街道吹哨、部门报到.
        case street

        /// What people call it.
        package var name: Text {
            switch self {
            case .community: Text("社区吹哨、科室报到", "Community whistle: the street's offices come")
            case .street: Text("街道吹哨、部门报到", "Street whistle: the district's departments come")
            }
        }

        /// The level whose units are called.
        package var calledLevel: DivisionCode.Level { self == .community ? .street : .district }

        /// The level of who whistles.
        package var ownLevel: DivisionCode.Level { self == .community ? .community : .street }

        /// The kinds of units that answer for the level above; who whistles and who supervises are not among them.
        package var calledKinds: [UnitKind] {
            switch self {
            case .community: [.streetOffice, .enforcement, .serviceCentre, .police, .judicial]
            case .street:
                [.district, .enforcement, .police, .judicial, .water, .power, .gas, .heat, .telecom, .serviceCentre]
            }
        }

        /// The unit that whistles.
        var whistlers: [UnitKind] { self == .community ? [.committee, .village] : [.streetCentre] }
    }

    /// How pressing it is.
    package enum Kind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        /// 日常.
        case daily
        /// 应急: goes out at once, around the clock.
        case emergency
        /// 攻坚: a hard piece of work for several units.
        case campaign

        /// What staff choose between.
        package var name: Text {
            switch self {
            case .daily: Text("日常哨", "Ordinary")
            case .emergency: Text("应急哨", "Emergency")
            case .campaign: Text("攻坚哨", "Hard problem")
            }
        }
    }

    /// How far it is.
    package enum State: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        case draft, called, minuted, closed, withdrawn

        /// Whether something is still to be done on the spot.
        package var isOpen: Bool { [.draft, .called, .minuted].contains(self) }

        /// Whether units have been called and are expected.
        package var isCalling: Bool { self == .called || self == .minuted }

        /// What lists say.
        package var name: Text {
            switch self {
            case .draft: Text("待书记确认", "Waits for the secretary")
            case .called: Text("已吹哨", "Called")
            case .minuted: Text("已分工", "Tasks divided")
            case .closed: Text("已结束", "Over")
            case .withdrawn: Text("已撤回", "Taken back")
            }
        }
    }

    /// How somebody signed in on the spot.
    package enum SignInWay: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        /// By themselves, without a proof.
        case own
        /// With the code that the whistler shows.
        case code
        /// Written down by the whistler.
        case whistler

        /// What the list says.
        package var name: Text {
            switch self {
            case .own: Text("本人签到", "Signed in by themselves")
            case .code: Text("扫码或输码签到", "Signed in with the code")
            case .whistler: Text("吹哨方代签", "Written down by the whistler")
            }
        }
    }

    /// How soon who is called must be there, in minutes: working time for ordinary and hard ones, around the clock for
    /// emergencies and for urgent cases.
    ///
    /// - Source: configured, no source
    package struct Times: Sendable, Equatable {
        /// One working day of seven and a half hours.
        package var daily = 450
        /// Half an hour.
        package var emergency = 30
        /// Three working days.
        package var campaign = 1350

        /// The times of a deployment that says nothing.
        package init() {}

        /// The time of a kind.
        package func minutes(_ kind: Kind) -> Int {
            switch kind {
            case .daily: daily
            case .emergency: emergency
            case .campaign: campaign
            }
        }
    }
}

/// What somebody writes to whistle.
package struct WhistleDraft: Sendable {
    package var storey: Whistle.Storey
    package var kind: Whistle.Kind
    /// What is to be done together.
    package var purpose: String
    /// Where to come.
    package var location: String
    package var units: [ID<Unit>]

    /// A whistle; see the properties.
    package init(
        storey: Whistle.Storey, kind: Whistle.Kind, purpose: String, location: String, units: [ID<Unit>]
    ) {
        self.storey = storey
        self.kind = kind
        self.purpose = purpose
        self.location = location
        self.units = units
    }

    /// Units that one whistle may call.
    /// - Source: configured, no source
    package static let mostUnits = 12

    func problems() -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        if purpose.trimmed.isEmpty || purpose.count > 1000 {
            problems.append(
                .init("purpose", Text("请写明要一起办什么，最多 1000 个字", "Say what is to be done, at most 1,000 characters"))
            )
        }
        if location.trimmed.isEmpty || location.count > 120 {
            problems.append(.init("location", Text("请写到哪里集合，最多 120 个字", "Say where to come, at most 120 characters")))
        }
        if units.isEmpty || Set(units).count != units.count || units.count > WhistleDraft.mostUnits {
            problems.append(
                .init(
                    "units",
                    Text("请选 1 到 \(WhistleDraft.mostUnits) 个单位", "Please choose 1 to \(WhistleDraft.mostUnits) units"))
            )
        }
        return problems
    }
}

/// A whistle as it is stored.
package struct WhistleRecord: Sendable {
    package let id: ID<Whistle>
    package let item: ID<Case>
    package let number: String
    package let storey: Whistle.Storey
    package let kind: Whistle.Kind
    package let state: Whistle.State
    /// The unit that whistles.
    package let unit: ID<Unit>
    package let unitName: Text
    /// Where its case lies.
    package let division: DivisionCode
    package let purpose: String
    package let location: String
    package let draftedBy: ID<Account>?
    package let drafter: String
    package let draftedAt: Instant
    /// When the secretary said yes; an emergency may have gone out before.
    package let confirmedAt: Instant?
    package let calledAt: Instant?
    /// How long the units had, in minutes of `isNatural` or working time.
    package let minutesGiven: Int
    package let isNatural: Bool
    /// By when they must be there.
    package let dueAt: Instant?
    package let leadUnit: ID<Unit>?
    package let minutes: String
    package let minutedAt: Instant?
    package let closedAt: Instant?
    package let withdrawnAt: Instant?
    package let reason: String
    package let version: Int

    static let columns: SQL = """
        w.id, w.case_id, c.number, w.storey, w.kind, w.state, w.unit_id, o.name, o.name_en, w.division, w.purpose,
        w.location, w.drafted_by, a.name, w.drafted_at, w.confirmed_at, w.called_at, w.budget_minutes, w.is_natural,
        w.due_at, w.lead_unit, w.minutes, w.minuted_at, w.closed_at, w.withdrawn_at, w.reason, w.version
        """

    static let tables: SQL = """
        whistle w JOIN case_item c ON c.id = w.case_id JOIN unit o ON o.id = w.unit_id
        LEFT JOIN account a ON a.id = w.drafted_by
        """

    init(_ row: Row) throws {
        id = try row[0]
        item = try row[1]
        number = try row[2]
        storey = try row[3]
        kind = try row[4]
        state = try row[5]
        unit = try row[6]
        unitName = Text(try row[7], try row[8])
        division = try row[9]
        purpose = try row[10]
        location = try row[11]
        draftedBy = try row[12]
        drafter = try row[13] ?? ""
        draftedAt = try row[14]
        confirmedAt = try row[15]
        calledAt = try row[16]
        minutesGiven = try row[17]
        isNatural = try row[18]
        dueAt = try row[19]
        leadUnit = try row[20]
        minutes = try row[21]
        minutedAt = try row[22]
        closedAt = try row[23]
        withdrawnAt = try row[24]
        reason = try row[25]
        version = try row[26]
    }

    /// What it is about, for audit and events.
    var subject: Subject { Subject("whistle", id, division: division) }
}

/// A unit that was called, and how it answered.
package struct WhistleUnit: Sendable {
    package let id: ID<WhistleUnit>
    package let unit: ID<Unit>
    package let name: Text
    package let position: Int
    package let answeredAt: Instant?
    /// Who comes; the phone is sealed and shown masked.
    package let contactName: String
    package let contactMask: String
    package let words: String
    /// When the first of it signed in.
    package let arrivedAt: Instant?
    /// Whether that was after the time it had.
    package let isLate: Bool
    /// When it was written down that nobody came in time.
    package let missedAt: Instant?
    package let wrongCodes: Int
    /// 1 to 5, of the unit and never of a person.
    package let stars: Int?
    package let scoreWords: String
    package var signIns: [WhistleSignIn] = []

    static let columns: SQL = """
        n.id, n.unit_id, u.name, u.name_en, n.position, n.answered_at, n.contact_name, n.contact_mask, n.words,
        n.arrived_at, n.is_late, n.missed_at, n.wrong_codes, n.stars, n.score_words
        """

    init(_ row: Row) throws {
        id = try row[0]
        unit = try row[1]
        name = Text(try row[2], try row[3])
        position = try row[4]
        answeredAt = try row[5]
        contactName = try row[6]
        contactMask = try row[7]
        words = try row[8]
        arrivedAt = try row[9]
        isLate = try row[10]
        missedAt = try row[11]
        wrongCodes = try row[12]
        stars = try row[13]
        scoreWords = try row[14]
    }
}

/// Somebody of a unit who came.
package struct WhistleSignIn: Sendable {
    package let at: Instant
    package let name: String
    package let way: Whistle.SignInWay
}

/// What a unit was given to do on the spot: a part of the case with its own clocks.
package struct WhistleTask: Sendable {
    package let row: CaseRow
    /// By when it was agreed to be done.
    package let by: CivilDate
}

extension WhistleTask {
    /// How texts of tasks once began to name the day that was agreed, before it could be moved: 约定11月27日前办完.
    private static let dayWords = (before: "（约定", after: "前办完）")

    /// The day that the text of an old task names, as it stands there; nil where it names none.
    package static func day(in text: String) -> String? {
        guard let start = text.lastIndex(of: "（") else { return nil }
        let tail = text[start...]
        guard tail.hasPrefix(dayWords.before), tail.hasSuffix(dayWords.after) else { return nil }
        let day = String(tail.dropFirst(dayWords.before.count).dropLast(dayWords.after.count))
        return day.contains("月") && day.hasSuffix("日") ? day : nil
    }

    /// A title as lists show it: that of an old task without the day, or what of it had room.
    package static func title(_ title: String, of type: String) -> String {
        guard type == "task", let start = title.lastIndex(of: "（"), start > title.startIndex else { return title }
        let tail = title[start...]
        let rest = tail.dropFirst(dayWords.before.count)
        guard tail.hasPrefix(dayWords.before), rest.first?.isNumber ?? true else { return title }
        let isDay = rest.allSatisfy { $0.isNumber || "月日前办完）".contains($0) }
        return isDay ? String(title[..<start]) : title
    }
}
