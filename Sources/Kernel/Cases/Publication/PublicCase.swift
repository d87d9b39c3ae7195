import LinliCore
import LinliSQL

/// A case as neighbours see it in a list: cleared words, a place that is no door, and how far it is. Nothing else of the
/// case is read.
package struct PublicCaseRow: Sendable {
    package let id: ID<Case>
    /// `SJ20261122-0412`: its public address.
    package let number: String
    package let title: String
    package let text: String
    /// What was done, in words that staff cleared.
    package let result: String
    package let address: String
    package let place: ID<Place>?
    package let category: String
    package let community: DivisionCode
    package let latitude: Double?
    package let longitude: Double?
    package let isOpen: Bool
    package let createdAt: Instant
    package let dueAt: Instant
    /// Whether its clock stands still.
    package let isPaused: Bool
    package let closedAt: Instant?
    package let publishedAt: Instant
    package let changedAt: Instant
    /// One of its photos.
    package let photo: ID<StoredFile>?
    /// Who has it; empty when nobody has.
    package let unit: Text
    /// The definition it began with, and its state there; of one of several voices those of the case it speaks in.
    package let type: CaseType
    package let state: CaseType.State
    /// The case it speaks in.
    let lead: ID<Case>?
    /// The number of that one, where neighbours see it too.
    package let leadNumber: String?
    /// Whether anybody was asked how it went.
    package let wasAsked: Bool

    static let columns: SQL = """
        c.id, c.number, p.title, p.text, CASE WHEN p.result = '' THEN coalesce(q.result, '') ELSE p.result END,
        p.address, p.place_id, c.category, p.community, p.latitude, p.longitude, coalesce(l.is_open, c.is_open),
        c.created_at, coalesce(l.due_at, c.due_at), CASE WHEN l.id IS NULL THEN c.closed_at ELSE l.closed_at END,
        p.published_at, p.changed_at,
        (SELECT min(f.file_id) FROM case_publication_photo f WHERE f.case_id = c.id), u.name, u.name_en,
        coalesce(l.type, c.type), coalesce(l.type_version, c.type_version), coalesce(l.state, c.state),
        coalesce(l.is_paused, c.is_paused), l.id, CASE WHEN q.case_id IS NULL THEN NULL ELSE l.number END,
        \(CaseAsked.column)
        """

    init(_ row: Row, _ types: CaseTypes) throws {
        id = try row[0]
        number = try row[1]
        title = try row[2]
        text = try row[3]
        result = try row[4]
        address = try row[5]
        place = try row[6]
        category = try row[7]
        community = try row[8]
        latitude = try row[9]
        longitude = try row[10]
        isOpen = try row[11]
        createdAt = try row[12]
        dueAt = try row[13]
        closedAt = try row[14]
        publishedAt = try row[15]
        changedAt = try row[16]
        photo = try row[17]
        unit = Text(try row[18] ?? "", try row[19] ?? "")
        type = try types.type(try row[20], version: try row[21])
        state = try type.state(try row[22])
        isPaused = try row[23]
        lead = try row[24]
        leadNumber = try row[25]
        wasAsked = try row[26]
    }
}

/// A case as neighbours see it on its page.
package struct PublicCase: Sendable {
    /// A step that was taken: the day and what it was, without who and without words.
    package struct Line: Sendable {
        package let at: Instant
        package let what: Text
    }

    package let row: PublicCaseRow
    package let lines: [Line]
    package let photos: [CasePhoto]
}

/// Which public cases are listed.
package struct PublicCaseFilter: Sendable {
    /// A district, street or community; of a grid its community.
    package var area: DivisionCode
    /// A place in place of the area.
    package var place: ID<Place>?
    /// A major class of categories.
    package var major: String?
    /// Open ones or closed ones only.
    package var isOpen: Bool?
    /// Where the page before ended.
    package var after: CaseCursor?
    package var limit: Int

    /// A filter; by default everything of `area`.
    package init(
        area: DivisionCode, place: ID<Place>? = nil, major: String? = nil, isOpen: Bool? = nil,
        after: CaseCursor? = nil, limit: Int = 20
    ) {
        self.area = area
        self.place = place
        self.major = major
        self.isOpen = isOpen
        self.after = after
        self.limit = limit
    }
}

extension CaseQueries {
    /// Public cases, what was published last first; one more than the limit tells whether there is another page.
    package func publicList(_ filter: PublicCaseFilter, _ tx: ReadTx) throws -> [PublicCaseRow] {
        guard let sql = CaseQueries.publicListSQL(filter) else { return [] }
        return try tx.all(sql) { try PublicCaseRow($0, types) }
    }

    /// The list's statement: one of four indexes, which hold what it narrows by; nil for an area wider than a district.
    static func publicListSQL(_ filter: PublicCaseFilter) -> SQL? {
        var conditions: SQL
        if let place = filter.place {
            conditions = "p.place_id = \(place)"
        } else {
            let level: SQL
            switch filter.area.level {
            case .district: level = "p.district"
            case .street: level = "p.street"
            case .community, .grid: level = "p.community"
            case .province, .city: return nil
            }
            let area = filter.area.level == .grid ? filter.area.ancestor(at: .community) : filter.area
            conditions = level + " = \(area)"
        }
        if let major = filter.major { conditions.append(" AND p.major = \(major)") }
        if let isOpen = filter.isOpen { conditions.append(" AND p.is_open = \(isOpen)") }
        if let after = filter.after {
            conditions.append(" AND (p.published_at, p.case_id) < (\(after.at), \(after.id))")
        }
        return """
            SELECT \(PublicCaseRow.columns) FROM case_publication p \(visible) AND \(conditions)
            ORDER BY p.published_at DESC, p.case_id DESC LIMIT \(filter.limit + 1)
            """
    }

    /// Public cases by their identifiers, in no order; what is not public is left out.
    package func publicCases(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [PublicCaseRow] {
        try tx.all(
            """
            SELECT \(PublicCaseRow.columns) FROM case_publication p \(CaseQueries.visible)
            AND p.case_id IN \(SQL.list(ids))
            """
        ) { try PublicCaseRow($0, types) }
    }

    /// What everybody may see. The second lock, on the case itself, holds should a row ever be cleared by mistake. One of
    /// several voices is as far as the case it speaks in, and reads what was said in public to be done there.
    private static let visible: SQL = """
        JOIN case_item c ON c.id = p.case_id
        LEFT JOIN case_item l ON l.id = c.speaks_in AND l.against_unit = 0 AND l.nature <> 'tipOff'
        LEFT JOIN case_publication q ON q.case_id = l.id AND q.state = 'cleared'
        LEFT JOIN unit u ON u.id = CASE WHEN l.id IS NULL THEN c.handler_unit ELSE l.handler_unit END
        WHERE p.state = 'cleared' AND c.against_unit = 0 AND c.nature <> 'tipOff'
        """

    /// The public case with a number.
    ///
    /// - Throws: `.notFound` when there is none, or it is not public.
    package func publicCase(_ number: String, _ tx: ReadTx) throws -> PublicCase {
        let row = try tx.first(
            """
            SELECT \(PublicCaseRow.columns) FROM case_publication p \(CaseQueries.visible) AND c.number = \(number)
            """
        ) { try PublicCaseRow($0, types) }
        guard let row else { throw LinliError.notFound("cases.public") }
        let photos = try tx.all(
            """
            SELECT f.file_id, f.kind, f.at FROM case_photo f
            JOIN case_publication_photo s ON s.case_id = f.case_id AND s.file_id = f.file_id
            WHERE f.case_id = \(row.id) ORDER BY f.id LIMIT 60
            """
        ) { try CasePhoto($0) }
        return PublicCase(row: row, lines: try lines(of: row, tx), photos: photos)
    }

    /// What happened, as days and steps: who did it and what was said stay inside.
    private func lines(of row: PublicCaseRow, _ tx: ReadTx) throws -> [PublicCase.Line] {
        var entries = try CasesStore.entries(row.id, tx)
        if let lead = row.lead {
            let known = Set(row.type.transitions.map(\.id))
            entries = entries.filter { $0.transition == "report" || known.contains($0.transition) }
            entries += try CasesStore.entries(lead, tx).filter { $0.transition != "report" }
            entries.sort { $0.id < $1.id }
        }
        return entries.compactMap { entry in
            guard entry.kind == "transition" else { return nil }
            guard let transition = row.type.transitions.first(where: { $0.id == entry.transition }) else {
                return PublicCase.Line(at: entry.at, what: Text("已收到", "Received"))
            }
            if transition.effects.contains(.assignUnit), !entry.unitName.zh.isEmpty {
                return PublicCase.Line(at: entry.at, what: Text("派给", "Sent to ") + entry.unitName)
            }
            return PublicCase.Line(at: entry.at, what: row.type.done(transition, wasAsked: row.wasAsked))
        }
    }

    /// The content of a photo that staff cleared; nil for any other.
    package func publicPhoto(
        _ file: ID<StoredFile>, of number: String, _ tx: ReadTx
    ) throws -> (hash: String, size: Int)? {
        try tx.first(
            """
            SELECT f.hash, f.size FROM case_publication p JOIN case_item c ON c.id = p.case_id
            JOIN case_publication_photo s ON s.case_id = p.case_id JOIN stored_file f ON f.id = s.file_id
            WHERE c.number = \(number) AND s.file_id = \(file) AND p.state = 'cleared' AND c.against_unit = 0
            AND c.nature <> 'tipOff'
            """
        ) { (try $0[0], try $0[1]) }
    }
}

/// A case that staff should look at before neighbours do.
package struct ClearingRow: Sendable {
    package let id: ID<Case>
    package let number: String
    /// As it was told, not cleared.
    package let title: String
    package let whereabouts: String
    package let category: String
    package let division: DivisionCode
    package let createdAt: Instant
    /// Whether neighbours see it and wait to read what was done.
    package let isSeen: Bool
    /// Whether its reporter asked for it to be seen.
    package let isAsked: Bool
    package let photos: Int

    init(_ row: Row) throws {
        id = try row[0]
        number = try row[1]
        title = try row[2]
        let address: String = try row[3]
        let location: String = try row[4]
        whereabouts = CaseRecord.whereabouts(address, location)
        category = try row[5]
        division = try row[6]
        createdAt = try row[7]
        isSeen = try row[8] as PublicationState == .cleared
        isAsked = try row[9] as Consent == .given
        photos = try row[10]
    }
}

extension CaseQueries {
    /// What waits for clearing in a scope, the oldest first; one more than the limit tells whether there is more.
    package func clearingQueue(_ scope: Scope, after: ID<Case>? = nil, limit: Int) async throws -> [ClearingRow] {
        guard let sql = CaseQueries.clearingQueueSQL(scope, after: after, limit: limit) else { return [] }
        return try await database.read { tx in try tx.all(sql) { try ClearingRow($0) } }
    }

    /// The queue's statement: one indexed branch per division; nil for a scope without one.
    static func clearingQueueSQL(_ scope: Scope, after: ID<Case>?, limit: Int) -> SQL? {
        let branches = scope.divisions.compactMap { code -> SQL? in
            let level: SQL
            switch code.level {
            case .district: level = "p.district"
            case .street: level = "p.street"
            case .community: level = "p.community"
            case .province, .city, .grid: return nil
            }
            return """
                SELECT * FROM (SELECT p.case_id AS id FROM case_publication p
                WHERE p.is_due = 1 AND \(level) = \(code) AND p.case_id > \(after ?? ID(rawValue: 0))
                ORDER BY p.case_id LIMIT \(limit + 1)) AS part
                """
        }
        guard !branches.isEmpty else { return nil }
        return """
            SELECT c.id, c.number, c.title, c.place_address, c.location, c.category, c.division, c.created_at, p.state,
                p.consent, (SELECT count(*) FROM case_photo f WHERE f.case_id = c.id)
            FROM (SELECT * FROM (\(SQL.joined(branches, separator: " UNION ALL "))) AS united
                ORDER BY id LIMIT \(limit + 1)) AS k
            JOIN case_publication p ON p.case_id = k.id JOIN case_item c ON c.id = k.id
            WHERE c.against_unit = 0 ORDER BY k.id
            """
    }
}
