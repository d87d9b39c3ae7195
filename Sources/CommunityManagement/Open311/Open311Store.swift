import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// A case as a program reads it.
struct Open311Request: Sendable {
    let number: String
    let isOpen: Bool
    let state: String
    let type: String
    let typeVersion: Int
    let category: String
    /// As it was told to the program that told it, as staff cleared it to everybody else.
    let text: String
    let address: String
    let location: String
    let place: ID<Place>?
    let latitude: Double?
    let longitude: Double?
    let createdAt: Instant
    let stateSince: Instant
    /// When all of it is to be done, the earliest of what is promised and what is allowed; nil before that counts.
    let dueAt: Instant?
    let unit: Text?
    /// Whether the program that asks told it.
    let isOwn: Bool
    /// The last words meant for the reporter, or what staff cleared of what was done; and when it was said.
    let said: String?
    let saidAt: Instant?
    /// The number of the case it was joined to, where the program may read that one or told this one.
    let joined: String?
    /// A photo that staff cleared for everybody.
    let photo: ID<StoredFile>?

    init(_ row: Row) throws {
        number = try row[0]
        isOpen = try row[1]
        state = try row[2]
        type = try row[3]
        typeVersion = try row[4]
        category = try row[5]
        text = try row[6]
        address = try row[7]
        location = try row[8]
        place = try row[9]
        latitude = try row[10]
        longitude = try row[11]
        createdAt = try row[12]
        stateSince = try row[13]
        dueAt = try row[14]
        let name: String? = try row[15]
        let english: String? = try row[16]
        unit = name.map { Text($0, english ?? $0) }
        isOwn = try row[17]
        said = try row[18]
        saidAt = try row[19]
        joined = try row[20]
        photo = try row[21]
    }
}

/// Every SQL text of Open311.
enum Open311Store {
    /// The columns of a case `c`: to who told it as it was told, to everybody else what staff cleared, `p`. One of several
    /// voices is as far as the case it speaks in, `l`, and open as long as that one is.
    private static func select(_ key: ID<ProgramKey>?) -> SQL {
        """
        SELECT c.number, \(isOpen), coalesce(l.state, c.state), coalesce(l.type, c.type),
            coalesce(l.type_version, c.type_version), c.category,
            CASE WHEN o.case_id IS NULL THEN p.text ELSE c.text END,
            CASE WHEN o.case_id IS NULL THEN p.address ELSE c.place_address END,
            CASE WHEN o.case_id IS NULL THEN '' ELSE c.location END,
            CASE WHEN o.case_id IS NULL THEN p.place_id ELSE c.place_id END,
            CASE WHEN o.case_id IS NULL THEN p.latitude ELSE c.latitude END,
            CASE WHEN o.case_id IS NULL THEN p.longitude ELSE c.longitude END,
            c.created_at, CASE WHEN l.state_since > c.state_since THEN l.state_since ELSE c.state_since END,
            (SELECT min(k.due_at) FROM case_timer k WHERE k.case_id = coalesce(l.id, c.id)
                AND k.clock IN ('promise', 'limit')), u.name, u.name_en,
            CASE WHEN o.case_id IS NULL THEN 0 ELSE 1 END, CASE WHEN o.case_id IS NULL THEN p.result ELSE e.text END,
            e.at,
            CASE WHEN l.nature = 'complaint' OR (o.case_id IS NULL AND q.case_id IS NULL) THEN NULL ELSE l.number END,
            (SELECT min(s.file_id) FROM case_publication_photo s WHERE s.case_id = p.case_id AND c.against_unit = 0
                AND c.nature <> 'tipOff')
        """
            + from(key)
    }

    /// Whether the case, or the one it speaks in, goes on.
    private static let isOpen: SQL = "coalesce(l.is_open, c.is_open)"

    private static func from(_ key: ID<ProgramKey>?) -> SQL {
        """
         FROM case_item c
        LEFT JOIN open311_request o ON o.case_id = c.id AND o.key_id = \(key ?? nobody)
        LEFT JOIN case_publication p ON p.case_id = c.id AND p.state = 'cleared'
        LEFT JOIN case_item l ON l.id = c.speaks_in
        LEFT JOIN case_publication q ON q.case_id = l.id AND q.state = 'cleared'
        LEFT JOIN unit u ON u.id = coalesce(l.handler_unit, c.handler_unit)
        LEFT JOIN case_entry e ON e.id = coalesce(
            (SELECT max(n.id) FROM case_entry n WHERE n.case_id = l.id AND n.is_visible = 1 AND n.text <> ''
                AND n.actor_name <> '' AND n.transition NOT IN ('report', 'contact', 'followUp', 'placeCorrected')
                AND (n.transition <> 'note' OR l.nature <> 'complaint')),
            (SELECT max(n.id) FROM case_entry n WHERE n.case_id = c.id AND n.is_visible = 1 AND n.text <> '')
        )
        """
    }

    /// The key of nobody.
    private static let nobody = ID<ProgramKey>(rawValue: 0)

    /// Cases by number that are public or that `key` told, the newest first.
    static func find(_ numbers: [String], _ key: ID<ProgramKey>?, _ tx: ReadTx) throws -> [Open311Request] {
        try tx.all(findSQL(numbers, key)) { try Open311Request($0) }
    }

    static func findSQL(_ numbers: [String], _ key: ID<ProgramKey>?) -> SQL {
        """
        \(select(key)) WHERE c.number IN \(SQL.list(numbers)) AND (p.case_id IS NOT NULL OR o.case_id IS NOT NULL)
        ORDER BY c.created_at DESC, c.id DESC LIMIT \(Open311Query.limit)
        """
    }

    /// The number of a case that is public or that `key` told.
    static func number(_ id: ID<Case>, _ key: ID<ProgramKey>?, _ tx: ReadTx) throws -> String? {
        try tx.value(
            """
            SELECT c.number FROM case_item c
            LEFT JOIN open311_request o ON o.case_id = c.id AND o.key_id = \(key ?? nobody)
            LEFT JOIN case_publication p ON p.case_id = c.id AND p.state = 'cleared'
            WHERE c.id = \(id) AND (p.case_id IS NOT NULL OR o.case_id IS NOT NULL)
            """
        )
    }

    /// Cases of a time that are public or that `key` told, the newest first, at most as many as a reply holds.
    static func list(_ query: Open311Query, _ key: ID<ProgramKey>?, _ tx: ReadTx) throws -> [Open311Request] {
        try tx.all(listSQL(query, key)) { try Open311Request($0) }
    }

    /// The list's statement: one branch over the index of cleared cases, one over what the key told, never OR.
    static func listSQL(_ query: Open311Query, _ key: ID<ProgramKey>?) -> SQL {
        var narrow = SQL.empty
        if let isOpen = query.isOpen { narrow.append(" AND \(Open311Store.isOpen) = \(isOpen)") }
        if !query.services.isEmpty { narrow.append(" AND c.category IN \(SQL.list(query.services))") }
        var branches: [SQL] = [
            """
            SELECT * FROM (SELECT c.id AS id, p.told_at AS created_at FROM case_publication p
            JOIN case_item c ON c.id = p.case_id LEFT JOIN case_item l ON l.id = c.speaks_in
            WHERE p.state = 'cleared' AND p.told_at BETWEEN \(query.from) AND \(query.until)\(narrow)
            ORDER BY p.told_at DESC, p.case_id DESC LIMIT \(Open311Query.limit)) AS part
            """
        ]
        if let key {
            branches.append(
                """
                SELECT * FROM (SELECT c.id AS id, c.created_at AS created_at FROM open311_request r
                JOIN case_item c ON c.id = r.case_id LEFT JOIN case_item l ON l.id = c.speaks_in
                WHERE r.key_id = \(key) AND r.created_at BETWEEN \(query.from) AND \(query.until)
                AND NOT EXISTS (SELECT 1 FROM case_publication p WHERE p.case_id = c.id AND p.state = 'cleared')\(narrow)
                ORDER BY r.created_at DESC, r.case_id DESC LIMIT \(Open311Query.limit)) AS part
                """
            )
        }
        return """
            \(select(key)) JOIN (
                SELECT * FROM (\(SQL.joined(branches, separator: " UNION ALL "))) AS united
                ORDER BY created_at DESC, id DESC LIMIT \(Open311Query.limit)
            ) AS k ON k.id = c.id ORDER BY k.created_at DESC, k.id DESC
            """
    }

    // MARK: What was told

    /// The case that `key` told with the same words since `start`.
    static func twin(_ digest: [UInt8], of key: ID<ProgramKey>, since start: Instant, _ tx: ReadTx) throws -> String? {
        try tx.value(twinSQL(digest, of: key, since: start))
    }

    static func twinSQL(_ digest: [UInt8], of key: ID<ProgramKey>, since start: Instant) -> SQL {
        """
        SELECT c.number FROM open311_request r JOIN case_item c ON c.id = r.case_id
        WHERE r.key_id = \(key) AND r.digest = \(digest) AND r.created_at > \(start)
        ORDER BY r.created_at DESC LIMIT 1
        """
    }

    /// Remembers which key told a case.
    static func keep(_ id: ID<Case>, _ key: ID<ProgramKey>, _ digest: [UInt8], _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO open311_request (case_id, key_id, digest, created_at)
            VALUES (\(id), \(key), \(digest), \(tx.now))
            """
        )
    }

    // MARK: Where it is

    /// The grid and the place of a location.
    ///
    /// - Throws: `.invalid` when it lies outside, or nothing is known by that name.
    static func locate(
        _ location: Open311Form.Location, at now: Instant, _ tx: ReadTx
    ) throws -> (division: DivisionCode, place: ID<Place>?) {
        var place: PlaceSummary?
        if let id = location.place {
            place = try PlacesStore.find(id, tx)
            if place == nil { throw LinliError.invalid("open311.place", [.init("address_id", Open311Form.noPlace)]) }
        }
        if let point = location.point {
            let grid = try GridLocator.grid(latitude: point.latitude, longitude: point.longitude, at: now, tx)
            guard let grid else {
                let text = Text("这个位置不在服务范围内", "This point lies outside the area that is served here")
                throw LinliError.invalid("open311.outside", [.init("lat", text)])
            }
            return (place?.division ?? grid, place?.id)
        }
        if place == nil, let words = location.words { place = try PlacesStore.named(in: words, tx) }
        guard let place else {
            let text = Text(
                "地址库里没有找到，请给出 lat 和 long，或者 address_id",
                "The register does not know it; give lat and long, or address_id"
            )
            throw LinliError.invalid("open311.address", [.init("address_string", text)])
        }
        return (place.division, place.id)
    }
}

extension Migration {
    /// Which key told which case, and by what words it is known again.
    static let open311 = Migration(
        "2026-11-25.42-open311",
        """
        CREATE TABLE open311_request (
            case_id INTEGER NOT NULL PRIMARY KEY REFERENCES case_item (id),
            key_id INTEGER NOT NULL REFERENCES program_key (id),
            digest BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX open311_request_key ON open311_request (key_id, created_at, case_id);
        CREATE INDEX open311_request_digest ON open311_request (key_id, digest, created_at);
        """
    )
}
