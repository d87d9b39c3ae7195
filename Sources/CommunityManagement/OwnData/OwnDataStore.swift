import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of the copy of one's own data that no other part has.
enum OwnDataStore {
    /// A case with the words its reporter told.
    struct Told: Sendable {
        let number: String
        let text: String
        let whereabouts: String
        let disclosure: Disclosure
        let closedAt: Instant?
    }

    /// The words of cases somebody told, as they are stored: numbers masked.
    static func told(_ account: ID<Account>, _ tx: ReadTx) throws -> [ID<Case>: Told] {
        var told: [ID<Case>: Told] = [:]
        try tx.each(
            """
            SELECT c.id, c.number, c.text, c.location, c.place_address, c.disclosure, c.closed_at FROM case_item c
            WHERE c.reporter_id = \(account) ORDER BY c.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            let (location, address): (String, String) = (try row[3], try row[4])
            told[try row[0]] = Told(
                number: try row[1], text: try row[2],
                whereabouts: CaseRecord.whereabouts(address, location),
                disclosure: try row[5], closedAt: try row[6])
        }
        return told
    }

    /// A line of the history of a case that its reporter reads.
    struct Line: Sendable {
        let number: String
        let at: Instant
        let text: String
        let unit: Text?
        /// Whether it is their own.
        let isOwn: Bool
    }

    /// What was said in the cases somebody told, as far as they may read it, the newest first.
    static func lines(_ account: ID<Account>, _ tx: ReadTx) throws -> [Line] {
        try tx.all(
            """
            SELECT c.number, e.at, e.text, u.name, u.name_en, e.actor_name, e.transition
            FROM case_item c JOIN case_entry e ON e.case_id = c.id LEFT JOIN unit u ON u.id = e.unit_id
            WHERE c.reporter_id = \(account) AND e.is_visible = 1 AND e.text <> ''
            ORDER BY e.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            let (unit, actor, transition): (String?, String, String) = (try row[3], try row[5], try row[6])
            // Who told a case is named in no line of it; what the program notes by itself is a mark.
            let isOwn = actor.isEmpty && CaseMark(rawValue: transition)?.isReporters ?? true
            return Line(
                number: try row[0], at: try row[1], text: try row[2], unit: try unit.map { Text($0, try row[4] ?? $0) },
                isOwn: isOwn)
        }
    }

    /// A short message that told somebody what became of their case.
    static func messages(
        _ account: ID<Account>, _ tx: ReadTx
    ) throws -> [(number: String, news: String, at: Instant)] {
        try tx.all(
            """
            SELECT c.number, m.news, m.sent_at FROM case_item c JOIN case_message m ON m.case_id = c.id
            WHERE c.reporter_id = \(account) AND m.sent_at IS NOT NULL
            ORDER BY m.sent_at DESC, c.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { (try $0[0], try $0[1], try $0[2]) }
    }

    /// An account as it is stored, its phone sealed.
    struct KeptAccount: Sendable {
        let name: String
        let phone: [UInt8]
        let division: DivisionCode?
        let address: String
        let createdAt: Instant
        let wantsMessages: Bool
    }

    static func account(_ id: ID<Account>, _ tx: ReadTx) throws -> KeptAccount? {
        try tx.first(
            """
            SELECT a.name, a.phone_sealed, a.division, p.address, a.created_at, a.wants_messages
            FROM account a LEFT JOIN place p ON p.id = a.place_id WHERE a.id = \(id)
            """
        ) { row in
            KeptAccount(
                name: try row[0], phone: try row[1], division: try row[2], address: try row[3] ?? "",
                createdAt: try row[4], wantsMessages: try row[5])
        }
    }

    /// The sessions of an account: since when, until when, on what, and never a secret.
    static func sessions(
        _ account: ID<Account>, _ tx: ReadTx
    ) throws -> [(device: String, at: Instant, seenAt: Instant, until: Instant)] {
        try tx.all(
            """
            SELECT d.label, s.created_at, s.seen_at, s.expires_at FROM session s JOIN device d ON d.id = s.device_id
            WHERE s.account_id = \(account) ORDER BY s.created_at DESC LIMIT \(OwnDataPart.limit)
            """
        ) { (try $0[0], try $0[1], try $0[2], try $0[3]) }
    }

    /// The duties an account holds or held.
    static func duties(
        _ account: ID<Account>, _ tx: ReadTx
    ) throws -> [(role: String, division: DivisionCode?, unit: Text?, from: Instant, until: Instant?)] {
        try tx.all(
            """
            SELECT g.role, g.division, u.name, u.name_en, g.valid_from, g.valid_until
            FROM access_grant g LEFT JOIN unit u ON u.id = g.unit_id WHERE g.account_id = \(account)
            ORDER BY g.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            let unit: String? = try row[2]
            return (try row[0], try row[1], try unit.map { Text($0, try row[3] ?? $0) }, try row[4], try row[5])
        }
    }

    /// What was asked in some visits and answered.
    static func answers(
        of visits: [ID<Visit>], _ tx: ReadTx
    ) throws -> [ID<Visit>: [(question: String, value: String)]] {
        var answers: [ID<Visit>: [(question: String, value: String)]] = [:]
        guard !visits.isEmpty else { return answers }
        try tx.each(
            """
            SELECT a.visit_id, a.question, a.value FROM visit_answer a WHERE a.visit_id IN \(SQL.list(visits))
            ORDER BY a.id
            """
        ) { answers[try $0[0], default: []].append((try $0[1], try $0[2])) }
        return answers
    }
}
