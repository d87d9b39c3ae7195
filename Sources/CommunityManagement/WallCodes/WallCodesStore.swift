import LinliCore
import LinliKernel
import LinliSQL

/// A code that hangs on a wall.
struct WallCode: Sendable {
    let id: ID<WallCode>
    /// What stands in its address.
    let code: String
    let place: ID<Place>
    let address: String
    let division: DivisionCode
    /// Where exactly it hangs, `1层电梯口`.
    let note: String
    let createdAt: Instant
    let revokedAt: Instant?
    /// Since when its place is there no more, and why.
    let gone: (at: Instant, reason: PlaceEndReason?)?

    /// Where scanning leads.
    var path: String { "/q/\(code)" }

    static let columns: SQL = """
        w.id, w.code, w.place_id, p.address, w.division, w.note, w.created_at, w.revoked_at, p.valid_to, p.end_reason
        """

    init(_ row: Row) throws {
        id = try row[0]
        code = try row[1]
        place = try row[2]
        address = try row[3]
        division = try row[4]
        note = try row[5]
        createdAt = try row[6]
        revokedAt = try row[7]
        let (ended, reason): (Instant?, PlaceEndReason?) = (try row[8], try row[9])
        gone = ended.map { ($0, reason) }
    }
}

/// Every SQL text about codes on walls.
enum WallCodesStore {
    /// How many a page lists.
    static let limit = 200

    /// The codes of a scope, the newest first.
    static func list(_ scope: Scope, _ tx: ReadTx) throws -> [WallCode] {
        guard !scope.divisions.isEmpty else { return [] }
        let inside = scope.divisions.map { code -> SQL in
            "w.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        return try all("(\(SQL.joined(inside, separator: " OR "))) ORDER BY w.id DESC LIMIT \(limit)", tx)
    }

    static func find(_ id: ID<WallCode>, _ tx: ReadTx) throws -> WallCode? { try all("w.id = \(id)", tx).first }

    /// The code that was scanned, also one that was revoked: it may still hang there.
    static func scanned(_ code: String, _ tx: ReadTx) throws -> WallCode? {
        try all("w.code = \(code)", tx).first
    }

    /// A code that holds: not revoked, and its place is still there.
    static func valid(_ code: String, _ tx: ReadTx) throws -> WallCode? {
        guard let found = try scanned(String(code.lowercased().prefix(20)), tx), found.revokedAt == nil,
            found.gone == nil
        else { return nil }
        return found
    }

    /// Codes at some places, or in some communities, that are kept under another grid than their place lies in, and which
    /// that is.
    static func astray(
        at places: [ID<Place>], or communities: [DivisionCode], _ tx: ReadTx
    ) throws -> [(id: ID<WallCode>, division: DivisionCode)] {
        var conditions: [SQL] = []
        if !places.isEmpty { conditions.append("w.place_id IN \(SQL.list(places))") }
        if !communities.isEmpty { conditions.append(RegisterQueries.lies("w.division", in: communities)) }
        guard !conditions.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT w.id, p.division FROM wall_code w JOIN place p ON p.id = w.place_id
            WHERE (\(SQL.joined(conditions, separator: " OR "))) AND w.division <> p.division ORDER BY w.id
            """
        ) { (id: try $0[0], division: try $0[1]) }
    }

    private static func all(_ condition: SQL, _ tx: ReadTx) throws -> [WallCode] {
        try tx.all(
            "SELECT \(WallCode.columns) FROM wall_code w JOIN place p ON p.id = w.place_id WHERE \(condition)"
        ) { try WallCode($0) }
    }

    /// The committee of where it hangs.
    static func committee(_ division: DivisionCode, _ tx: ReadTx) throws -> UnitSummary? {
        try UnitsStore.first([.committee, .village], of: division.ancestor(at: .community), tx)
    }
}

/// What may be done with codes on walls.
struct WallCodesCommands: Sendable {
    let database: Database

    /// Makes a code for a place.
    ///
    /// - Throws: `.invalid` for a place that is not there or outside one's duties.
    func make(_ place: ID<Place>?, note: String, _ context: Context) async throws -> ID<WallCode> {
        let note = note.trimmed
        let code = String(randomToken().prefix(8))
        return try await database.write(context, "wallCodes.make") { tx in
            let found = try place.flatMap { try PlacesStore.find($0, tx) }
            guard let found, found.isHere, context.actor.may(.casesReport, in: found.division) else {
                throw LinliError.invalid(
                    "wallCodes.place", [.init("place", Text("请选您管的地点", "Please choose a place of yours"))]
                )
            }
            guard note.count <= 40 else {
                throw LinliError.invalid("wallCodes.note", [.init("note", Text("最多 40 个字", "At most 40 characters"))])
            }
            let id = try tx.newID(WallCode.self)
            try tx.execute(
                """
                INSERT INTO wall_code (id, code, place_id, division, note, created_by, created_at)
                VALUES (\(id), \(code), \(found.id), \(found.division), \(note), \(context.actor.account), \(tx.now))
                """
            )
            try tx.audit(Subject("wallCode", id, division: found.division), fields: ["make"], values: [note])
            return id
        }
    }

    /// Revokes a code: whoever scans it afterwards reads that it does not hold any more.
    ///
    /// - Throws: `.notFound` for one outside one's duties or revoked already.
    func revoke(_ id: ID<WallCode>, _ context: Context) async throws {
        try await database.write(context, "wallCodes.revoke") { tx in
            guard let found = try WallCodesStore.find(id, tx), found.revokedAt == nil,
                context.actor.may(.casesReport, in: found.division)
            else { throw LinliError.notFound("wallCodes.unknown") }
            try tx.execute(
                """
                UPDATE wall_code SET revoked_at = \(tx.now), revoked_by = \(context.actor.account) WHERE id = \(id)
                """
            )
            try tx.audit(Subject("wallCode", id, division: found.division), fields: ["revoke"])
        }
    }
}
