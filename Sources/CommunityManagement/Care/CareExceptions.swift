import LinliCore
import LinliKernel
import LinliSQL

/// Services offered to people the rule does not name, because a family needs them all the same: kept with the reason,
/// and counted apart from who is entitled.
extension CareStore {
    /// Why some services were offered to people who may not have them by the rule, as it is kept.
    static func exceptions(of offers: [ID<CareOffer>], _ tx: ReadTx) throws -> [ID<CareOffer>: [UInt8]] {
        var found: [ID<CareOffer>: [UInt8]] = [:]
        guard !offers.isEmpty else { return found }
        try tx.each(
            """
            SELECT o.id, o.exception_sealed FROM care_offer o
            WHERE o.id IN \(SQL.list(offers)) AND o.exception_sealed IS NOT NULL
            """
        ) { found[try $0[0]] = try $0[1] }
        return found
    }

    /// What was answered and given by whom the rule does not name, per grid of a community or per community above: by way
    /// of exception, or because it named them once. Who may have the service by now stands among the entitled, whatever
    /// they were told as; who is not here any more stands nowhere.
    static func besides(
        _ service: String, _ label: Int64, in division: DivisionCode, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: CareProgress] {
        let part: SQL = division.level >= .community ? "o.grid" : "o.community"
        var found: [DivisionCode: CareProgress] = [:]
        try tx.each(
            """
            SELECT \(part), o.is_exception, count(*),
                sum(CASE WHEN o.state = 'declined' THEN 1 ELSE 0 END),
                sum(CASE WHEN o.state = 'accepted' AND o.delivered_at IS NOT NULL
                    AND (o.due_at IS NULL OR o.due_at > \(now)) THEN 1 ELSE 0 END),
                sum(CASE WHEN p.valid_to IS NULL THEN 1 ELSE 0 END)
            FROM care_offer o JOIN person p ON p.id = o.person_id
            WHERE \(place(division)) AND o.ended_at IS NULL AND o.service = \(service) AND NOT EXISTS (
                SELECT 1 FROM person_label l WHERE l.person_id = o.person_id AND l.label = \(label))
            GROUP BY \(part), o.is_exception
            """
        ) { row in
            let (part, isException, here): (DivisionCode, Bool, Int) = (try row[0], try row[1], try row[5])
            var progress = CareProgress(asked: try row[2], declined: try row[3], reached: try row[4])
            if isException { progress.exceptional = here } else { progress.former = here }
            found[part] = (found[part] ?? CareProgress()) + progress
        }
        return found
    }
}

/// The reasons in clear.
enum CareExceptions {
    /// What the audit calls a reading of one.
    static let field = "careOffer.exception"

    /// Opens some; the caller has noted it.
    static func open(_ sealed: [ID<CareOffer>: [UInt8]], _ keys: KeyRing) throws -> [ID<CareOffer>: String] {
        var words: [ID<CareOffer>: String] = [:]
        for (id, bytes) in sealed {
            words[id] = try keys.open(bytes, cell: Cell("care_offer", "exception_sealed", id.rawValue))
        }
        return words
    }
}

extension Migration {
    /// That a service was offered by way of exception, and why.
    static let careExceptions = Migration(
        "2026-12-01.13-care-exceptions",
        """
        ALTER TABLE care_offer ADD COLUMN is_exception INTEGER NOT NULL DEFAULT 0 CHECK (is_exception IN (0, 1));
        ALTER TABLE care_offer ADD COLUMN exception_sealed BLOB;
        CREATE INDEX care_offer_exception_community ON care_offer (community, service, grid)
            WHERE is_exception = 1 AND ended_at IS NULL;
        CREATE INDEX care_offer_exception_street ON care_offer (street, service, community)
            WHERE is_exception = 1 AND ended_at IS NULL;
        """
    )
}
