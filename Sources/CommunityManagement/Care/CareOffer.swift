import LinliCore
import LinliKernel
import LinliSQL

/// A service that was offered to somebody, with what they said and what they got.
struct CareOffer: Sendable {
    /// How far it is.
    enum State: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        case offered, accepted, declined, ended

        var name: Text {
            switch self {
            case .offered: Text("已告知，等答复", "Told, no answer yet")
            case .accepted: Text("愿意", "Said yes")
            case .declined: Text("不需要", "Said no")
            case .ended: Text("已停", "Ended")
            }
        }
    }

    /// How somebody was asked or answered.
    enum Way: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        case visit, phone, page

        var name: Text {
            switch self {
            case .visit: Text("上门", "Visit")
            case .phone: Text("电话", "Phone")
            case .page: Text("网页", "Page")
            }
        }
    }

    let id: ID<CareOffer>
    let person: ID<Person>
    let service: String
    let grid: DivisionCode
    let state: State
    let how: Way
    let offeredAt: Instant
    let answeredAt: Instant?
    /// Until when nobody asks again.
    let againAt: Instant?
    let deliveredAt: Instant?
    /// When the next delivery is due; nil before the first and for what is given once.
    let dueAt: Instant?
    /// The unit that brings it; nil: whoever looks after the person, or nobody yet.
    let unit: ID<Unit>?
    let takenAt: Instant?
    /// Whether it was offered for a reason of its own to who may not have it by the rule.
    let isException: Bool
    /// When they agreed that the unit of this service be told who they are, and to which text; nil: they did not.
    let toldAt: Instant?
    let toldVersion: String?

    static let columns: SQL = """
        o.id, o.person_id, o.service, o.grid, o.state, o.how, o.offered_at, o.answered_at, o.again_at, o.delivered_at,
        o.due_at, o.unit_id, o.taken_at, o.is_exception, o.told_at, o.told_version
        """

    init(_ row: Row) throws {
        id = try row[0]
        person = try row[1]
        service = try row[2]
        grid = try row[3]
        state = try row[4]
        how = try row[5]
        offeredAt = try row[6]
        answeredAt = try row[7]
        againAt = try row[8]
        deliveredAt = try row[9]
        dueAt = try row[10]
        unit = try row[11]
        takenAt = try row[12]
        isException = try row[13]
        toldAt = try row[14]
        toldVersion = try row[15]
    }

    /// Whether it may be shown without a purpose: what a service tells of somebody is kept as closely as what it asks for.
    /// Of a service that no book knows any more nobody can say what it tells: it is kept most closely.
    func isOpen(_ book: LabelBook) -> Bool { book[kept: service]?.fieldClass ?? .special == .basic }

    /// What the audit calls a reading of it; nothing for one that everybody sees.
    func noted(_ book: LabelBook) -> Set<String> { book[kept: service]?.noted() ?? ["service.\(service)"] }

    /// What people call the service.
    func name(_ book: LabelBook) -> Text { CareOffer.name(service, book) }

    /// What people call a service, also one that is not in the catalogue any more.
    static func name(_ service: String, _ book: LabelBook) -> Text {
        book[kept: service]?.name ?? Text("目录里没有了的服务", "A service no longer listed")
    }

    /// Whether it was given once and for all: nothing more is to be brought.
    var isDone: Bool { state == .accepted && deliveredAt != nil && dueAt == nil }

    /// Whether they agree that the unit of this service be told who they are: they said so of this one, and have not taken
    /// back since that units be told at all; `since`: since when they agree to that.
    func isTold(since: Instant?) -> Bool {
        guard let since, let toldAt, toldVersion == ConsentPurpose.providers.version else { return false }
        return toldAt >= since
    }

    /// Why its unit does not see whom it is for; nil where it does.
    func closing(toldSince since: Instant?, after days: Int, _ now: Instant) -> CareClosing? {
        guard isTold(since: since) else { return .consent }
        return isOver(after: days, now) ? .over : nil
    }

    /// Whether it was brought for good, so many days ago: who brought it need not know whom it was for any more.
    func isOver(after days: Int, _ now: Instant) -> Bool {
        guard isDone, let deliveredAt else { return false }
        return deliveredAt.adding(days: days) <= now
    }

    /// Whether it reached the person and nothing more is due.
    func hasReached(_ now: Instant) -> Bool {
        state == .accepted && deliveredAt != nil && dueAt.map { $0 > now } ?? true
    }
}

/// What somebody got.
struct CareDelivery: Sendable {
    let id: ID<CareDelivery>
    let offer: ID<CareOffer>
    let at: Instant
    let by: String
    let signer: String
    let hasNote: Bool
    let file: ID<StoredFile>?
}

/// Somebody with their labels and services.
struct CareRecord: Sendable {
    var person: PersonRecord
    var home: CareHome?
    var shown: LabelReading.Shown
    var offers: [CareOffer]
    var deliveries: [CareDelivery]
    /// Which units bring them, and what units said.
    var takings: [ID<CareOffer>: CareTaking]
    /// Why some were offered by way of exception; empty without a purpose.
    var exceptions: [ID<CareOffer>: String]
    /// Since when they agree that units may be told who they are; of each service they are asked besides.
    var toldSince: Instant?
    /// The book that holds, with what earlier ones said of the services in `offers`.
    var book: LabelBook
}

/// Where somebody lives, as lists show it.
struct CareHome: Sendable {
    let household: ID<Household>?
    let dwelling: ID<Dwelling>
    let address: String
    let order: Int
    let livesHere: Bool
}

/// Every SQL text about services for people.
enum CareStore {
    static func offer(_ id: ID<CareOffer>, _ tx: ReadTx) throws -> CareOffer? {
        try tx.first("SELECT \(CareOffer.columns) FROM care_offer o WHERE o.id = \(id)") { try CareOffer($0) }
    }

    /// An offer that goes on; nil for one that has ended or gave way to another of the same person.
    static func live(_ id: ID<CareOffer>, _ tx: ReadTx) throws -> CareOffer? {
        try tx.first("SELECT \(CareOffer.columns) FROM care_offer o WHERE o.id = \(id) AND o.ended_at IS NULL") {
            try CareOffer($0)
        }
    }

    /// The offers of some people that are not over, a no whose time is not up among them.
    static func offers(of people: [ID<Person>], _ tx: ReadTx) throws -> [ID<Person>: [CareOffer]] {
        let all = try tx.all(
            """
            SELECT \(CareOffer.columns) FROM care_offer o
            WHERE o.person_id IN \(SQL.list(people)) AND o.ended_at IS NULL ORDER BY o.id
            """
        ) { try CareOffer($0) }
        return Dictionary(grouping: all) { $0.person }
    }

    /// The same as far as a reader may see them, what the audit calls the closely kept ones among them, and the book with
    /// what earlier ones said of their services.
    static func offers(
        of people: [ID<Person>], for purpose: ReadingPurpose?, _ book: LabelBook, _ tx: ReadTx
    ) throws -> (shown: [ID<Person>: [CareOffer]], noted: [ID<Person>: Set<String>], book: LabelBook) {
        let all = try offers(of: people, tx)
        let book = try book.remembering(Set(all.values.joined().map(\.service)), tx)
        guard purpose != nil else { return (all.mapValues { $0.filter { $0.isOpen(book) } }, [:], book) }
        let noted = all.mapValues { offers in
            offers.reduce(into: Set<String>()) { $0.formUnion($1.noted(book)) }
        }
        return (all, noted, book)
    }

    static func deliveries(of offers: [ID<CareOffer>], _ tx: ReadTx) throws -> [CareDelivery] {
        try tx.all(
            """
            SELECT d.id, d.offer_id, d.at, a.name, d.signer, d.note_sealed, d.file_id
            FROM care_delivery d LEFT JOIN account a ON a.id = d.account_id
            WHERE d.offer_id IN \(SQL.list(offers)) ORDER BY d.id DESC LIMIT 50
            """
        ) { row in
            CareDelivery(
                id: try row[0], offer: try row[1], at: try row[2], by: try row[3] ?? "", signer: try row[4],
                hasNote: !row.isNull(5), file: try row[6])
        }
    }

    /// The photo of a delivery of an offer.
    static func photo(
        _ file: ID<StoredFile>, of offer: ID<CareOffer>, _ tx: ReadTx
    ) throws -> (hash: String, size: Int)? {
        try tx.first(
            """
            SELECT f.hash, f.size FROM care_delivery d JOIN stored_file f ON f.id = d.file_id
            WHERE d.file_id = \(file) AND d.offer_id = \(offer)
            """
        ) { (try $0[0], try $0[1]) }
    }

    /// Where some people live; where they sleep goes before where they are registered.
    static func homes(of people: [ID<Person>], _ tx: ReadTx) throws -> [ID<Person>: CareHome] {
        var homes: [ID<Person>: CareHome] = [:]
        try tx.each(
            """
            SELECT r.person_id, r.household_id, r.dwelling_id, d.address, d.sort_key, r.tie
            FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id IN \(SQL.list(people)) AND r.valid_to IS NULL ORDER BY r.id
            """
        ) { row in
            let tie: ResidenceTie = try row[5]
            let person: ID<Person> = try row[0]
            guard homes[person].map({ tie.livesHere && !$0.livesHere }) ?? true else { return }
            homes[person] = CareHome(
                household: try row[1], dwelling: try row[2], address: try row[3], order: try row[4],
                livesHere: tie.livesHere)
        }
        return homes
    }

    /// The community with most people who have a label; for the demo.
    static func community(with label: Int64, _ tx: ReadTx) throws -> DivisionCode? {
        try tx.value(
            """
            SELECT l.community FROM person_label l WHERE l.label = \(label)
            GROUP BY l.community ORDER BY count(*) DESC, l.community LIMIT 1
            """)
    }

    static func people(_ ids: [ID<Person>], _ tx: ReadTx) throws -> [PersonRecord] {
        try tx.all("SELECT \(PersonRecord.columns) FROM person p WHERE p.id IN \(SQL.list(ids)) ORDER BY p.id") {
            try PersonRecord($0)
        }.filter { $0.restrictedAt == nil }
    }

    // MARK: Coverage

    /// Whom a service must still reach: entitled, not asked, not answered, not yet given, or due again.
    private static func open(_ service: String, _ now: Instant) -> SQL {
        """
        LEFT JOIN care_offer o ON o.person_id = l.person_id AND o.service = \(service) AND o.ended_at IS NULL
        WHERE (o.id IS NULL OR o.state = 'offered' OR (o.state = 'declined' AND o.again_at <= \(now))
            OR (o.state = 'accepted' AND (o.delivered_at IS NULL OR o.due_at <= \(now))))
        """
    }

    /// How many who may have a service are not reached, per grid of a community or per community above.
    static func unreached(
        _ service: String, _ label: Int64, in division: DivisionCode, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: Int] {
        let part: SQL = division.level >= .community ? "l.grid" : "l.community"
        var counts: [DivisionCode: Int] = [:]
        try tx.each(
            """
            SELECT \(part), count(*) FROM person_label l \(open(service, now))
            AND l.label = \(label) AND \(LabelQueries.place(division)) GROUP BY \(part)
            """
        ) { counts[try $0[0]] = try $0[1] }
        return counts
    }

    /// Who may have a service and is not reached, a page; with those who were told of it or said yes to it and are not
    /// reached, whatever the rules say of them by now. Without a `label` only these: nobody may have what is listed no more.
    static func unreachedPeople(
        _ service: String, _ label: Int64?, in division: DivisionCode, after: ID<Person>?, limit: Int, at now: Instant,
        _ tx: ReadTx
    ) throws -> [ID<Person>] {
        var named: [ID<Person>] = []
        if let label {
            named = try tx.all(
                """
                SELECT l.person_id FROM person_label l \(open(service, now))
                AND l.label = \(label) AND \(LabelQueries.place(division)) AND l.person_id > \(after?.rawValue ?? 0)
                ORDER BY l.person_id LIMIT \(limit)
                """
            ) { try $0[0] }
        }
        // What is listed no more is open until it is ended, also before its next day.
        let isDue: SQL = label == nil ? "o.due_at IS NOT NULL" : "o.due_at <= \(now)"
        let waiting: [ID<Person>] = try tx.all(
            """
            SELECT o.person_id FROM care_offer o
            WHERE \(place(division)) AND o.service = \(service) AND o.ended_at IS NULL
            AND o.person_id > \(after?.rawValue ?? 0)
            AND (o.state = 'offered' OR (o.state = 'accepted' AND (o.delivered_at IS NULL OR \(isDue))))
            AND \(isHere)
            ORDER BY o.person_id LIMIT \(limit)
            """
        ) { try $0[0] }
        return Array(Set(named + waiting).sorted().prefix(limit))
    }

    /// Whether the person of offer `o` is still here: who died or moved away is brought nothing, and stands in no list. Asked
    /// for each offer, so that no index of people looks better than those of offers.
    static let isHere: SQL = "(SELECT p.valid_to FROM person p WHERE p.id = o.person_id) IS NULL"

    /// How many orders of each service that is not in a book any more are still open in a place.
    static func gone(_ book: LabelBook, in division: DivisionCode, _ tx: ReadTx) throws -> [String: Int] {
        var found: [String: Int] = [:]
        try tx.each(
            """
            SELECT o.service, count(*) FROM care_offer o WHERE \(place(division)) AND o.ended_at IS NULL
            AND (o.state = 'offered' OR (o.state = 'accepted' AND (o.delivered_at IS NULL OR o.due_at IS NOT NULL)))
            AND \(isHere) GROUP BY o.service
            """
        ) { row in
            let service: String = try row[0]
            if book[service: service] == nil { found[service] = try row[1] }
        }
        return found
    }

    /// The condition that an offer lies in a division, as its indexes know it.
    static func place(_ division: DivisionCode) -> SQL {
        switch division.level {
        case .grid: "o.community = \(division.ancestor(at: .community)) AND o.grid = \(division)"
        case .community: "o.community = \(division)"
        case .street: "o.street = \(division)"
        default: "o.street BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)"
        }
    }

    /// What was answered and given, per grid of a community or per community above, and service.
    static func progress(
        in division: DivisionCode, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: [String: CareProgress]] {
        let part: SQL = division.level >= .community ? "o.grid" : "o.community"
        var found: [DivisionCode: [String: CareProgress]] = [:]
        try tx.each(
            """
            SELECT \(part), o.service, count(*),
                sum(CASE WHEN o.state = 'declined' THEN 1 ELSE 0 END),
                sum(CASE WHEN o.state = 'accepted' AND o.delivered_at IS NOT NULL
                    AND (o.due_at IS NULL OR o.due_at > \(now)) THEN 1 ELSE 0 END)
            FROM care_offer o WHERE \(place(division)) AND o.ended_at IS NULL GROUP BY o.service, \(part)
            """
        ) { row in
            let progress = CareProgress(asked: try row[2], declined: try row[3], reached: try row[4])
            found[try row[0], default: [:]][try row[1]] = progress
        }
        return found
    }
}

/// How far a service is in a place.
struct CareProgress: Sendable {
    var entitled = 0
    var asked = 0
    var declined = 0
    var reached = 0
    var unreached = 0
    /// Told by way of exception: in none of the others.
    var exceptional = 0
    /// Told when the rule named them, and it does not now, or they said no to rules: in none of the others.
    var former = 0

    static func + (left: CareProgress, right: CareProgress) -> CareProgress {
        CareProgress(
            entitled: left.entitled + right.entitled, asked: left.asked + right.asked,
            declined: left.declined + right.declined, reached: left.reached + right.reached,
            unreached: left.unreached + right.unreached, exceptional: left.exceptional + right.exceptional,
            former: left.former + right.former)
    }

    /// The same without those whom the rule does not name, and how many these are.
    func without(_ others: CareProgress) -> CareProgress {
        CareProgress(
            entitled: entitled, asked: asked - others.asked, declined: declined - others.declined,
            reached: reached - others.reached, unreached: unreached,
            exceptional: exceptional + others.exceptional, former: former + others.former)
    }
}
