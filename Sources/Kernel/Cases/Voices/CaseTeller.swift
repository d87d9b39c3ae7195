import LinliCore
import LinliSQL
import LinliStandards

/// Who tells a need, as keyed hashes only: enough to see that it is the same person or the same door, and no more. Who
/// stays anonymous has none.
struct CaseTeller: Sendable {
    /// By the phone that was left.
    let phone: [UInt8]?
    /// The numbers of the door as it was said, `3-2-1203` or only `1203`; nil when nothing was.
    let said: [String]
    private let place: ID<Place>?
    private let community: DivisionCode
    /// Whether the home of the account that tells it counts: it is that of who needs it, and nothing protects them.
    private let mayCountHome: Bool

    /// The hashes of a draft.
    init(_ draft: CaseDraft, _ keys: KeyRing) {
        place = draft.place
        community = draft.division.ancestor(at: .community)
        mayCountHome = !draft.isOnBehalf && !draft.nature.isProtected
        let isKnown = draft.disclosure != .anonymous
        phone = isKnown ? PhoneNumber(draft.reporterPhone).map { keys.index($0.number, kind: "phone") } : nil
        said = isKnown ? CaseTeller.numbers(in: draft.door) : []
    }

    /// The numbers in words like `3号楼2单元1203室`.
    static func numbers(in words: String) -> [String] {
        words.split { !("0"..."9").contains($0) }.map(String.init)
    }

    /// The door: the estate, and building, entrance and flat by their numbers; nil when it is not said down to the flat.
    private func door(_ tx: WriteTx) throws -> [UInt8]? {
        try CaseTeller.door(said, at: place, in: community, tx)
    }

    private static func door(
        _ said: [String], at place: ID<Place>?, in community: DivisionCode, _ tx: WriteTx
    ) throws -> [UInt8]? {
        guard let flat = said.last, (3...4).contains(flat.count) else { return nil }
        let chain = try PublicationStore.chain(place, tx)
        let numbers = said.count > 1 ? said : CaseTeller.numbers(in: chain.first?.address ?? "") + [flat]
        guard numbers.count > 1 else { return nil }
        let estate = chain.last.map { "\($0.id)" } ?? "\(community)"
        return tx.hash(of: "door:\(estate):\(numbers.joined(separator: "-"))")
    }

    /// The door of somebody's home in the registers, for who said none: only to count homes. Nil for an account that is
    /// nobody's entry.
    private func home(of account: ID<Account>?, _ tx: WriteTx) throws -> [UInt8]? {
        guard mayCountHome, let account, let home = try CaseHome.of(account, near: community, tx) else { return nil }
        let numbers = Array(CaseTeller.numbers(in: home.number).suffix(1))
        return try CaseTeller.door(numbers, at: home.place, in: home.community, tx)
            ?? tx.hash(of: "door:dwelling:\(home.dwelling)")
    }

    /// The person: who is signed in by the phone of their account, everybody else by the phone they left.
    private func person(_ account: ID<Account>?, _ tx: ReadTx) throws -> [UInt8]? {
        guard let account else { return phone }
        return try tx.value("SELECT phone_index FROM account WHERE id = \(account)") ?? phone
    }

    /// Whether the same person, or the same door, told the same kind within the days of the settings: a repeated need
    /// 重复诉求.
    ///
    /// Whoever has the case reads that, so what was told before counts only where that may be known: it would say who
    /// told a complaint whose reporter is hidden, and to a unit that somebody complained about it.
    func isRepeated(_ account: ID<Account>?, _ draft: CaseDraft, _ settings: CaseSettings, _ tx: WriteTx) throws -> Bool
    {
        let since = tx.now.adding(days: -settings.repeatDays)
        guard ![.grid, .part].contains(draft.source) else { return false }
        var known: SQL = "c.against_unit IN (0, \(draft.accusation.key))"
        if draft.nature != .tipOff { known.append(" AND c.was_tip_off = 0") }
        if draft.disclosure == .named { known.append(" AND c.disclosure = 'named'") }
        func told(_ who: SQL) throws -> Bool {
            try tx.exists(
                """
                SELECT 1 FROM case_teller t JOIN case_item c ON c.id = t.case_id
                WHERE \(who) AND t.category = \(draft.category) AND t.told_at >= \(since) AND \(known) LIMIT 1
                """
            )
        }
        if let person = try person(account, tx), try told("t.person = \(person)") { return true }
        guard let door = try door(tx) else { return false }
        return try told("t.door = \(door)")
    }

    /// Whether this person is one of the voices of a case already.
    func speaks(in lead: ID<Case>, _ account: ID<Account>?, _ tx: ReadTx) throws -> Bool {
        guard let person = try person(account, tx) else { return false }
        return try !voices(in: lead, "t.person = \(person)", tx).isEmpty
    }

    /// What was told in a case from the phone that was left, by an account of that number too.
    func voices(in lead: ID<Case>, _ tx: ReadTx) throws -> [ID<Case>] {
        guard let phone else { return [] }
        return try voices(in: lead, "(t.person = \(phone) OR t.phone = \(phone))", tx)
    }

    private func voices(in lead: ID<Case>, _ who: SQL, _ tx: ReadTx) throws -> [ID<Case>] {
        try tx.all(
            """
            SELECT t.case_id FROM case_teller t JOIN case_item c ON c.id = t.case_id
            WHERE \(who) AND t.left_at IS NULL AND (c.id = \(lead) OR c.speaks_in = \(lead)) ORDER BY t.case_id
            """
        ) { try $0[0] }
    }

    /// Keeps the hashes of a case that was just told.
    func keep(of id: ID<Case>, _ account: ID<Account>?, _ category: String, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO case_teller (case_id, category, told_at, person, phone, door)
            VALUES (\(id), \(category), \(tx.now), \(try person(account, tx)), \(phone),
                \(try door(tx) ?? home(of: account, tx)))
            """
        )
    }

    /// The door of a case whose place was corrected: the place says it only where the trouble is at home.
    static func follow(_ item: CaseRecord, to here: CaseWhereabouts, _ keys: KeyRing, _ tx: WriteTx) throws {
        guard item.spot == .home else { return }
        var draft = CaseDraft(text: "", division: here.division)
        (draft.place, draft.location) = (here.place, here.location)
        (draft.spot, draft.disclosure) = (item.spot, item.disclosure)
        let door = try CaseTeller(draft, keys).door(tx)
        try tx.execute("UPDATE case_teller SET door = \(door) WHERE case_id = \(item.id)")
    }
}

/// Where an account is at home, as the registers have it.
private struct CaseHome {
    let dwelling: Int64
    let place: ID<Place>
    /// The number of the flat.
    let number: String
    let community: DivisionCode

    /// The home of an account that is somebody's entry; of several the one where the trouble is, else the first. Who wants
    /// their entry kept and not used has none here.
    static func of(_ account: ID<Account>, near community: DivisionCode, _ tx: ReadTx) throws -> CaseHome? {
        try tx.first(
            """
            SELECT d.id, d.place_id, d.number, d.community FROM person_account a
            JOIN person p ON p.id = a.person_id AND p.valid_to IS NULL AND p.restricted_at IS NULL
            JOIN residence r ON r.person_id = p.id AND r.valid_to IS NULL
            JOIN dwelling d ON d.id = r.dwelling_id AND d.valid_to IS NULL
            WHERE a.account_id = \(account)
            ORDER BY CASE WHEN d.community = \(community) THEN 0 ELSE 1 END, r.id LIMIT 1
            """
        ) { CaseHome(dwelling: try $0[0], place: try $0[1], number: try $0[2], community: try $0[3]) }
    }
}

extension CaseQueries {
    /// Whether the home of an account is known, so that nobody need ask for its door to count homes.
    package static func hasHome(_ account: ID<Account>, near community: DivisionCode, _ tx: ReadTx) throws -> Bool {
        try CaseHome.of(account, near: community, tx) != nil
    }
}

/// How many homes a case speaks for.
package struct VoiceCount: Sendable, Equatable {
    /// Doors that are known, each once.
    package var households = 0
    /// People whose door nobody knows; of who did not say who they are nobody can tell whether two are one.
    package var unknown = 0
    /// Everybody who told it.
    package var voices = 0

    /// Nobody.
    package init() {}
}

/// What is known of who told one case, while its homes are counted.
private struct VoiceTally {
    private var voices = 0
    private var doors: Set<[UInt8]> = []
    /// Everybody who said who they are, and whether their door is known by anything they told.
    private var people: [[UInt8]: Bool] = [:]
    private var nobodies = 0

    mutating func add(door: [UInt8]?, person: [UInt8]?) {
        voices += 1
        if let door { doors.insert(door) }
        if let person {
            people[person] = people[person, default: false] || door != nil
        } else if door == nil {
            nobodies += 1
        }
    }

    var count: VoiceCount {
        var count = VoiceCount()
        count.voices = voices
        count.households = doors.count
        count.unknown = nobodies + people.values.filter { !$0 }.count
        return count
    }
}

extension CaseDraft {
    /// Where the door is said: for homes the place itself, for everything else only what was asked for it.
    fileprivate var door: String { home.isEmpty ? (spot == .home ? location : "") : home }
}

extension VoiceCount {
    /// What the voices of each of these cases count, for those with more than one.
    package static func of(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: VoiceCount] {
        guard !ids.isEmpty else { return [:] }
        var tallies: [ID<Case>: VoiceTally] = [:]
        func read(_ row: Row) throws {
            let lead: ID<Case> = try row[0]
            let door: [UInt8]? = try row[1]
            let person: [UInt8]? = try row[2]
            let left: Instant? = try row[3]
            guard left == nil else { return }
            tallies[lead, default: VoiceTally()].add(door: door, person: person)
        }
        try tx.each(
            """
            SELECT c.speaks_in, t.door, t.person, t.left_at FROM case_item c LEFT JOIN case_teller t ON t.case_id = c.id
            WHERE c.speaks_in IN \(SQL.list(ids))
            """,
            read
        )
        let joined = Array(tallies.keys)
        guard !joined.isEmpty else { return [:] }
        try tx.each(
            """
            SELECT c.id, t.door, t.person, t.left_at FROM case_item c LEFT JOIN case_teller t ON t.case_id = c.id
            WHERE c.id IN \(SQL.list(joined))
            """,
            read
        )
        return tallies.mapValues(\.count)
    }
}

extension CaseCommands {
    /// Whose case it is. Staff who write down somebody's need, or what they found, must not be who judges the work; who
    /// speaks for their own family follows the case for them.
    func owner(of draft: CaseDraft, _ context: Context) -> ID<Account>? {
        let speaksForOthers = draft.isOnBehalf && ![.account, .api].contains(draft.source)
        let isOwn =
            draft.disclosure != .anonymous && !speaksForOthers && !draft.source.isByStaff
        return isOwn ? context.actor.account : nil
    }
}
