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

    /// The hashes of a draft.
    init(_ draft: CaseDraft, _ keys: KeyRing) {
        place = draft.place
        community = draft.division.ancestor(at: .community)
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
        guard let flat = said.last, (3...4).contains(flat.count) else { return nil }
        let chain = try PublicationStore.chain(place, tx)
        let numbers = said.count > 1 ? said : CaseTeller.numbers(in: chain.first?.address ?? "") + [flat]
        guard numbers.count > 1 else { return nil }
        let estate = chain.last.map { "\($0.id)" } ?? "\(community)"
        return tx.hash(of: "door:\(estate):\(numbers.joined(separator: "-"))")
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
        let known: Int64? = try tx.value(
            """
            SELECT t.case_id FROM case_teller t JOIN case_item c ON c.id = t.case_id
            WHERE t.person = \(person) AND t.left_at IS NULL AND (c.id = \(lead) OR c.speaks_in = \(lead)) LIMIT 1
            """
        )
        return known != nil
    }

    /// Keeps the hashes of a case that was just told.
    func keep(of id: ID<Case>, _ account: ID<Account>?, _ category: String, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO case_teller (case_id, category, told_at, person, phone, door)
            VALUES (\(id), \(category), \(tx.now), \(try person(account, tx)), \(phone), \(try door(tx)))
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

/// How many homes a case speaks for.
package struct VoiceCount: Sendable, Equatable {
    /// Doors, and people whose door nobody knows.
    package var households = 0
    /// Who told it without saying who they are: nobody can tell whether two are one.
    package var unknown = 0
    /// Everybody who told it.
    package var voices = 0

    /// How many homes there are at the most: an unknown voice counts for itself.
    package var total: Int { households + unknown }

    /// Nobody.
    package init() {}
}

extension CaseDraft {
    /// Where the door is said: for homes the place itself, for everything else only what was asked for it.
    fileprivate var door: String { home.isEmpty ? (spot == .home ? location : "") : home }
}

extension VoiceCount {
    /// What the voices of each of these cases count, for those with more than one.
    package static func of(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: VoiceCount] {
        guard !ids.isEmpty else { return [:] }
        var known: [ID<Case>: Set<[UInt8]>] = [:]
        var counts: [ID<Case>: VoiceCount] = [:]
        func read(_ row: Row) throws {
            let lead: ID<Case> = try row[0]
            let door: [UInt8]? = try row[1]
            let person: [UInt8]? = try row[2]
            let left: Instant? = try row[3]
            guard left == nil else { return }
            counts[lead, default: VoiceCount()].voices += 1
            guard let home = door ?? person else { return counts[lead, default: VoiceCount()].unknown += 1 }
            if known[lead, default: []].insert(home).inserted { counts[lead, default: VoiceCount()].households += 1 }
        }
        try tx.each(
            """
            SELECT c.speaks_in, t.door, t.person, t.left_at FROM case_item c LEFT JOIN case_teller t ON t.case_id = c.id
            WHERE c.speaks_in IN \(SQL.list(ids))
            """,
            read
        )
        let joined = Array(counts.keys)
        guard !joined.isEmpty else { return [:] }
        try tx.each(
            """
            SELECT c.id, t.door, t.person, t.left_at FROM case_item c LEFT JOIN case_teller t ON t.case_id = c.id
            WHERE c.id IN \(SQL.list(joined))
            """,
            read
        )
        return counts
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
