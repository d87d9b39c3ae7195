import LinliCore
import LinliSQL

/// A home somebody had once: they moved out of it, by themselves or with the whole household, or were ended.
package struct FormerHome: Sendable {
    /// The row of the last tie.
    package let residence: ID<Residence>
    /// The dwelling.
    package let dwelling: ID<Dwelling>
    /// Its address, as it is written now; nil where the reader may not know it.
    package let address: String?
    /// How they were tied to it.
    package let tie: ResidenceTie
    /// When it was entered that it was theirs.
    package let from: Instant
    /// The day since when, where somebody said so.
    package let began: CivilDate?
    /// When it was entered that it was theirs no more.
    package let until: Instant
    /// The day until when, where somebody said so.
    package let ended: CivilDate?
}

extension RegisterQueries {
    /// The homes a person had and has no more, also under entries that were merged into theirs, the last first. Nothing of
    /// who was erased, nor of what an import brought that was taken back. Scope is the caller's, as of the homes they have;
    /// `reader` is asked which of the places they may know, nil for who reads of themselves.
    package static func formerHomes(of person: ID<Person>, for reader: Actor?, _ tx: ReadTx) throws -> [FormerHome] {
        let entries = try entries(of: RegisterSubject(.person, person), tx).prefix(21).map(\.id)
        let rows = try tx.all(
            """
            SELECT r.id, r.dwelling_id, d.address, r.tie, r.valid_from, r.valid_to, r.began_on, r.ended_on,
                d.division
            FROM residence r JOIN person p ON p.id = r.person_id JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id IN \(SQL.list(entries))
            AND COALESCE(p.end_reason, '') NOT IN ('undone', \(RegisterErasing.reason))
            AND (p.merged_into IS NULL OR COALESCE(r.valid_to, 0) <> COALESCE(p.valid_to, 0))
            AND NOT EXISTS (
                SELECT 1 FROM register_import_change c WHERE c.person_id = r.person_id
                AND c.moved_residence = r.id AND c.undone_at IS NOT NULL
            )
            ORDER BY r.valid_from, r.id LIMIT 200
            """
        ) { try Had($0) }
        // Who went over to another household of the same dwelling had one home.
        let homes: [[Had]] = Dictionary(grouping: rows) { Had.Bond(dwelling: $0.dwelling, livesHere: $0.tie.livesHere) }
            .values.flatMap { Had.homes($0) }
        let former: [FormerHome] = homes.compactMap { Had.former($0, for: reader) }
        return Array(former.sorted { ($0.until, $0.residence) > ($1.until, $1.residence) }.prefix(50))
    }
}

/// A tie to a home, of now or before.
private struct Had: Sendable {
    /// What ties of one home have in common.
    struct Bond: Hashable, Sendable {
        let dwelling: ID<Dwelling>
        let livesHere: Bool
    }

    let id: ID<Residence>
    let dwelling: ID<Dwelling>
    let address: String
    let tie: ResidenceTie
    let from: Instant
    let until: Instant?
    let began: CivilDate?
    let ended: CivilDate?
    let division: DivisionCode

    init(_ row: Row) throws {
        id = try row[0]
        dwelling = try row[1]
        address = try row[2]
        tie = try row[3]
        from = try row[4]
        until = try row[5]
        division = try row[8]
        let (began, ended): (Int?, Int?) = (try row[6], try row[7])
        self.began = began.flatMap { PersonRecord.day($0) }
        self.ended = ended.flatMap { PersonRecord.day($0) }
    }

    /// Ties that followed each other without a gap, in the order in which they began.
    static func homes(_ rows: [Had]) -> [[Had]] {
        var found: [[Had]] = []
        for row in rows {
            if let home = found.last, home.contains(where: { $0.until.map { $0 >= row.from } ?? true }) {
                found[found.count - 1] = home + [row]
            } else {
                found.append([row])
            }
        }
        return found
    }

    /// What a home was, unless one of its ties holds.
    static func former(_ home: [Had], for reader: Actor?) -> FormerHome? {
        guard let first = home.first, !home.contains(where: { $0.until == nil }),
            let last = home.max(by: { ($0.until ?? $0.from, $0.id) < ($1.until ?? $1.from, $1.id) }),
            let until = last.until
        else { return nil }
        let isKnown = reader?.may(.peopleRead, in: last.division) ?? true
        return FormerHome(
            residence: last.id, dwelling: last.dwelling, address: isKnown ? last.address : nil, tie: last.tie,
            from: first.from, began: first.began, until: until, ended: last.ended)
    }
}
