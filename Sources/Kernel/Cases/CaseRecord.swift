import LinliCore
import LinliSQL
import LinliStandards

/// A case: one need, whoever told it and however.
package enum Case {}

extension NeedNature: SQLConvertible, SQLDecodable {
    /// Whether the reporter is hidden from handlers unless they choose otherwise.
    package var isProtected: Bool { self == .complaint || self == .tipOff }
}

/// Who may know who told it.
package enum Disclosure: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case named, office, anonymous

    /// What the reporter chooses between.
    package var name: Text {
        switch self {
        case .named: Text("办理的人可以看到我", "Whoever handles it may know me")
        case .office: Text("只让受理中心知道", "Only the receiving office")
        case .anonymous: Text("匿名，谁也不告诉", "Anonymous: nobody")
        }
    }
}

/// Where the trouble is, as a resident sees it; decides whose it is.
package enum Spot: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case home, shared, estate, street

    /// What the resident chooses between.
    package var name: Text {
        switch self {
        case .home: Text("家里", "Inside my home")
        case .shared: Text("楼道、电梯等公共部分", "Stairs, lift, shared parts")
        case .estate: Text("小区、院子里", "In the estate or yard")
        case .street: Text("街上、公共场所", "In the street, a public place")
        }
    }
}

/// How a need came in.
package enum CaseSource: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case web, account, staff, grid, api, open311, part, hotline

    /// Whether a program or member of staff told it for others and answers for that in the audit, also when the
    /// reporter stays anonymous.
    var isForOthers: Bool { [.staff, .grid, .open311, .part, .hotline].contains(self) }

    /// Whether a member of staff wrote down what somebody else said or found: they are not who judges it.
    var isByStaff: Bool { [.staff, .grid, .part, .hotline].contains(self) }

    /// What staff read.
    package var name: Text {
        switch self {
        case .web: Text("网页", "Web")
        case .account: Text("居民", "Resident")
        case .staff: Text("代为登记", "Registered by staff")
        case .grid: Text("网格员上报", "Grid worker")
        case .api: Text("其他系统", "Other system")
        case .hotline: Text("12345 派单", "12345 order")
        case .part: Text("主办单位交办", "From the leading unit")
        case .open311: Text("其他系统（Open311）", "Other system (Open311)")
        }
    }
}

/// A case with everything its page needs from its own row.
package struct CaseRecord: Sendable {
    package let id: ID<Case>
    package let number: String
    package let type: String
    package let typeVersion: Int
    package internal(set) var state: String
    package internal(set) var isOpen: Bool
    package let nature: NeedNature
    package let category: String
    package let title: String
    /// What was said, with phone and citizen numbers masked.
    package let text: String
    package let location: String
    package let spot: Spot
    package let division: DivisionCode
    package let place: ID<Place>?
    package let placeAddress: String
    package let latitude: Double?
    package let longitude: Double?
    package let source: CaseSource
    package let disclosure: Disclosure
    package let reporter: ID<Account>?
    /// `张** 138****1234`; empty when anonymous.
    package let reporterMask: String
    package let isOnBehalf: Bool
    package internal(set) var handlerUnit: ID<Unit>?
    package internal(set) var handler: ID<Account>?
    /// Whom it is against.
    package let accusation: Accusation
    /// Why it went to that unit; see `CaseRouting.Ground`.
    package internal(set) var ground: String
    package let isUrgent: Bool
    package let contests: Int
    package let isRepeated: Bool
    package internal(set) var stars: Int?
    package let createdAt: Instant
    package internal(set) var stateSince: Instant
    package internal(set) var dueAt: Instant
    package internal(set) var closedAt: Instant?
    /// Whether others may join it: about a facility or the environment in public space, and nothing protects its teller.
    package let isCommon: Bool
    package internal(set) var version: Int
    /// The case this one is a part of.
    package let parent: ID<Case>?
    /// Whether the clocks stand still; `dueAt` is then when they go on at the latest.
    package internal(set) var isPaused: Bool
    /// Whether a ruling says that the unit must take it.
    package let isBound: Bool
    /// How often it was refused.
    package let refusals: Int
    /// 0 for none, 1 reminded, 2 under supervision, 3 raised a level.
    package let supervision: Int
    /// What was answered to the extra fields of its form, numbers masked.
    package let answers: [String: String]
    /// The case this one is a voice of: it has no course of its own while that is so.
    package let speaksIn: ID<Case>?
    /// What only its words say so far, and waits for a person's word.
    package let doubt: CaseDoubt
    /// Whether it ever was a tip-off, whatever it is filed as now.
    package let wasTipOff: Bool

    /// How many columns it takes: what a statement selects behind them begins here.
    static let width = 46

    static let columns: SQL = """
        c.id, c.number, c.type, c.type_version, c.state, c.is_open, c.nature, c.category, c.title, c.text, c.location,
        c.spot, c.division, c.place_id, c.place_address, c.latitude, c.longitude, c.source, c.disclosure,
        c.reporter_id, c.reporter_mask, c.is_on_behalf, c.handler_unit, c.handler_id, c.against_unit, c.ground,
        c.is_urgent, c.contests, c.is_repeated, c.stars, c.created_at, c.state_since, c.due_at, c.closed_at,
        c.is_public, c.version, c.parent_id, c.is_paused, c.is_bound, c.refusals, c.supervision, c.answers,
        c.speaks_in, c.doubt, c.was_tip_off, \(Accusation.members("c.against_unit"))
        """

    init(_ row: Row) throws {
        id = try row[0]
        number = try row[1]
        type = try row[2]
        typeVersion = try row[3]
        state = try row[4]
        isOpen = try row[5]
        nature = try row[6]
        category = try row[7]
        title = WhistleTask.title(try row[8], of: type)
        text = try row[9]
        location = try row[10]
        spot = try row[11]
        division = try row[12]
        place = try row[13]
        placeAddress = try row[14]
        latitude = try row[15]
        longitude = try row[16]
        source = try row[17]
        disclosure = try row[18]
        reporter = try row[19]
        reporterMask = try row[20]
        isOnBehalf = try row[21]
        handlerUnit = try row[22]
        handler = try row[23]
        accusation = Accusation(key: try row[24], members: try row[CaseRecord.width - 1])
        ground = try row[25]
        isUrgent = try row[26]
        contests = try row[27]
        isRepeated = try row[28]
        stars = try row[29]
        createdAt = try row[30]
        stateSince = try row[31]
        dueAt = try row[32]
        closedAt = try row[33]
        isCommon = try row[34]
        version = try row[35]
        parent = try row[36]
        isPaused = try row[37]
        isBound = try row[38]
        refusals = try row[39]
        supervision = try row[40]
        answers = Facts.decode(try row[41])
        speaksIn = try row[42]
        doubt = CaseDoubt(rawValue: try row[43])
        wasTipOff = try row[44]
    }

    /// Whether who told it is sealed: what was a tip-off once stays so for whoever told it.
    package var isSealed: Bool { wasTipOff || nature == .tipOff }

    /// Where it is, in words: the address and what the person added.
    package var whereabouts: String { CaseRecord.whereabouts(placeAddress, location) }

    /// Where something is, in words: the address and what was added to it. What says the same again stands once: orders of
    /// other systems and findings of rounds write the address or the name of the place into both.
    package static func whereabouts(_ address: String, _ location: String) -> String {
        if location.isEmpty || address.hasSuffix(location) { return address }
        return address.isEmpty || location.hasPrefix(address) ? location : address + " " + location
    }

    /// What it is about, for audit and events.
    var subject: Subject { Subject("case", id, division: division) }
}

/// A case as a row of a list.
package struct CaseRow: Sendable {
    package let id: ID<Case>
    package let number: String
    package internal(set) var title: String
    package internal(set) var state: String
    package internal(set) var isOpen: Bool
    package let nature: NeedNature
    package let category: String
    package let division: DivisionCode
    package internal(set) var whereabouts: String
    package let source: CaseSource
    package let isUrgent: Bool
    package let createdAt: Instant
    package internal(set) var dueAt: Instant
    package internal(set) var handlerUnit: ID<Unit>?
    /// The identifier of its type.
    package let type: String
    package internal(set) var isPaused: Bool
    /// 0 for none, 1 reminded, 2 under supervision, 3 raised a level.
    package let supervision: Int
    /// What of it waits for a person's word.
    package let doubt: CaseDoubt
    package let handlerName: Text

    /// How many columns a row takes, with those of the handling unit.
    package static let width = 21

    /// The columns of `case_item c` a row reads; the handling unit's `name` and `name_en` follow them.
    package static let columns: SQL = """
        c.id, c.number, c.title, c.state, c.is_open, c.nature, c.category, c.division, c.place_address, c.location,
        c.source, c.is_urgent, c.created_at, c.due_at, c.handler_unit, c.type, c.is_paused, c.supervision, c.doubt
        """

    /// Reads a row that was selected with `columns`, the first of them in column `start`.
    package init(_ row: Row, from start: Int = 0) throws {
        id = try row[start]
        number = try row[start + 1]
        type = try row[start + 15]
        title = WhistleTask.title(try row[start + 2], of: type)
        state = try row[start + 3]
        isOpen = try row[start + 4]
        nature = try row[start + 5]
        category = try row[start + 6]
        division = try row[start + 7]
        let address: String = try row[start + 8]
        let location: String = try row[start + 9]
        whereabouts = CaseRecord.whereabouts(address, location)
        source = try row[start + 10]
        isUrgent = try row[start + 11]
        createdAt = try row[start + 12]
        dueAt = try row[start + 13]
        handlerUnit = try row[start + 14]
        isPaused = try row[start + 16]
        supervision = try row[start + 17]
        doubt = CaseDoubt(rawValue: try row[start + 18])
        handlerName = Text(try row[start + 19] ?? "", try row[start + 20] ?? "")
    }
}

/// One line of a case's history.
package struct CaseEntry: Sendable {
    package let id: ID<CaseEntry>
    package let at: Instant
    /// `transition` or `note`.
    package internal(set) var kind: String
    package internal(set) var transition: String
    package let toState: String
    package let actorName: String
    package let unitName: Text
    package internal(set) var text: String
    package internal(set) var isVisible: Bool
    package let reasonClass: String
    /// The fields that came with the step, numbers masked.
    package internal(set) var answers: [String: String]
    /// Whose step it was, where one of several voices took it for the case it speaks in; nil for the case's own.
    package internal(set) var said: SaidElsewhere?
    /// Whether it stands in a case with several voices from before it was kept which of them a step was: one that who
    /// told it took is nobody's in particular.
    package internal(set) var isUnattributed: Bool

    static let columns: SQL = """
        e.id, e.at, e.kind, e.transition, e.to_state, e.actor_name, u.name, u.name_en, e.text, e.is_visible,
        e.reason_class, e.answers, s.case_id, v.number, s.text, s.answers, e.is_unattributed
        """

    /// What the columns are read from, behind `case_entry e`.
    static let joins: SQL = """
        LEFT JOIN unit u ON u.id = e.unit_id LEFT JOIN case_entry s ON s.id = e.said_in
        LEFT JOIN case_item v ON v.id = s.case_id
        """

    init(_ row: Row) throws {
        id = try row[0]
        at = try row[1]
        kind = try row[2]
        transition = try row[3]
        toState = try row[4]
        actorName = try row[5]
        unitName = Text(try row[6] ?? "", try row[7] ?? "")
        text = try row[8]
        isVisible = try row[9]
        reasonClass = try row[10]
        answers = Facts.decode(try row[11])
        isUnattributed = try row[16]
        guard let voice: ID<Case> = try row[12] else { return }
        said = SaidElsewhere(
            voice: voice, number: try row[13], text: try row[14], answers: Facts.decode(try row[15]))
    }
}

/// A photo of a case.
package struct CasePhoto: Sendable {
    package let file: ID<StoredFile>
    /// `before` or `after`.
    package let kind: String
    package let at: Instant

    init(_ row: Row) throws {
        file = try row[0]
        kind = try row[1]
        at = try row[2]
    }
}
