import LinliCore
import LinliSQL
import LinliStandards

extension Permission {
    /// See early warnings and answer them.
    package static let warningsHandle = Permission("warnings.handle", Text("处理预警", "Handle early warnings"))
}

/// Where a warning stands.
package enum WarningState: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case open, acknowledged, turned, dismissed, heard, gone, misplaced

    /// What people call it.
    package var name: Text {
        switch self {
        case .open: Text("新预警", "New")
        case .acknowledged: Text("已知晓", "Acknowledged")
        case .turned: Text("已转办", "Turned into work")
        case .dismissed: Text("不用处理", "Dismissed")
        case .heard: Text("已有联系", "Heard of since")
        case .gone: Text("这一户已注销", "The household has ended")
        case .misplaced: Text("地点更正后不够数了", "A place was corrected: too few are left")
        }
    }
}

/// Several signals that together mean somebody should look, with the reasons.
package struct Warning: Sendable {
    /// Its identifier.
    package let id: ID<Warning>
    /// The rule that made it.
    package let rule: String
    /// What that rule was called then; empty for one that was made before names were kept.
    package let ruleName: Text
    /// When it was made.
    package let at: Instant
    /// The grid or community it lies in.
    package let division: DivisionCode
    /// The place, for rules that bind by it.
    package let place: ID<Place>?
    /// The household, for rules that bind by it.
    package let household: ID<Household>?
    /// What it is about, by code.
    package let category: String
    /// Where it stands.
    package let state: WarningState
    /// What who answered it wrote.
    package let note: String
    /// The case it became.
    package let item: Int64?
    /// Where it is, in words; empty for a whole community.
    package let address: String

    static let columns: SQL = """
        w.id, w.rule, w.at, w.division, w.place_id, w.household_id, w.category, w.state, w.note, w.case_id,
        COALESCE(p.address, d.address, ''), w.name_zh, w.name_en
        """
    static let tables: SQL = """
        warning w LEFT JOIN place p ON p.id = w.place_id LEFT JOIN household h ON h.id = w.household_id
        LEFT JOIN dwelling d ON d.id = h.dwelling_id
        """

    init(_ row: Row) throws {
        id = try row[0]
        rule = try row[1]
        at = try row[2]
        division = try row[3]
        place = try row[4]
        household = try row[5]
        category = try row[6]
        state = try row[7]
        note = try row[8]
        item = try row[9]
        address = try row[10]
        ruleName = Text(try row[11], try row[12])
    }

    /// Whether somebody may read it: what is about a household is for who may see the household.
    package func isSeen(by actor: Actor) -> Bool {
        actor.may(.warningsHandle, in: division) && (household == nil || actor.may(.peopleRead, in: division))
    }

    /// Whether somebody has yet to answer it.
    package var isOpen: Bool { state == .open || state == .acknowledged }
    var subject: Subject { Subject("warning", id, division: division) }
}

/// One reason of a warning: what happened, and what it was.
package struct WarningReason: Sendable {
    /// What happened.
    package let kind: WarningSignalKind
    /// When.
    package let at: Instant
    /// `case`, `visit` or `household`.
    package let sourceKind: String
    /// Its identifier.
    package let source: Int64
}

/// Finding and listing warnings. Scope is the caller's.
package enum WarningQueries {
    /// The warnings of a grid or a wider division, the newest first; those about households only inside `households`,
    /// the divisions in which the reader may see them.
    package static func list(
        in division: DivisionCode, households: [DivisionCode], isOpen: Bool, before: ID<Warning>? = nil, limit: Int,
        _ tx: ReadTx
    ) throws -> [Warning] {
        let open: SQL = isOpen ? " AND w.is_open = 1" : ""
        return try tx.all(
            """
            SELECT \(Warning.columns) FROM \(Warning.tables) WHERE \(RegisterQueries.place("w", division))\(open)
            \(isSeen(in: division, households)) AND w.id < \(before?.rawValue ?? .max) ORDER BY w.id DESC LIMIT \(limit)
            """
        ) { try Warning($0) }
    }

    /// The warnings inside a division that nobody has looked at since a moment, the newest first; at once where the
    /// community has no unit that could, and when a rule says so. Those about households as in `list`.
    package static func unseen(
        in division: DivisionCode, households: [DivisionCode], since before: Instant, at now: Instant,
        after: ID<Warning>? = nil, limit: Int, _ tx: ReadTx
    ) throws -> [Warning] {
        try tx.all(
            """
            SELECT \(Warning.columns) FROM \(Warning.tables) WHERE \(isUnseen(division, before, now))
            \(isSeen(in: division, households)) AND w.id < \(after?.rawValue ?? .max) ORDER BY w.id DESC LIMIT \(limit)
            """
        ) { try Warning($0) }
    }

    /// Leaves out what is about households the reader may not see. The list does it and not who reads it: a page is full
    /// or the last one.
    private static func isSeen(in division: DivisionCode, _ households: [DivisionCode]) -> SQL {
        if households.contains(where: { $0.contains(division) }) { return "" }
        let inside = households.filter { division.contains($0) }.map { code -> SQL in
            "w.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        return " AND (\(SQL.joined(["w.household_id IS NULL"] + inside, separator: " OR ")))"
    }

    private static func isUnseen(_ division: DivisionCode, _ before: Instant, _ now: Instant) -> SQL {
        """
        \(RegisterQueries.place("w", division)) AND w.is_open = 1 AND w.state = \(WarningState.open)
        AND (w.street_at <= \(now) OR w.street_at IS NULL AND w.at <= \(before) AND w.made_at <= \(before)
            OR NOT EXISTS (SELECT 1 FROM unit u
            WHERE u.division = w.community AND u.kind IN ('committee', 'village') AND u.closed_at IS NULL))
        """
    }

    /// Warnings about households of one community that nobody has looked at: how many, and nothing of whom.
    package struct Unseen: Sendable {
        /// The community.
        package let community: DivisionCode
        /// The rule that made them.
        package let rule: String
        /// What it was called then.
        package let ruleName: Text
        /// How many there are.
        package let total: Int
        /// When the first of them was made.
        package let since: Instant
    }

    /// How many warnings about households wait unseen, for who may not see the households.
    package static func unseenHouseholds(
        in division: DivisionCode, since before: Instant, at now: Instant, _ tx: ReadTx
    ) throws -> [Unseen] {
        try tx.all(
            """
            SELECT w.community, w.rule, count(*), min(CASE WHEN w.made_at > w.at THEN w.made_at ELSE w.at END),
                max(w.name_zh), max(w.name_en)
            FROM warning w WHERE \(isUnseen(division, before, now)) AND w.household_id IS NOT NULL
            GROUP BY w.community, w.rule ORDER BY w.community, w.rule
            """
        ) {
            Unseen(
                community: try $0[0], rule: try $0[1], ruleName: Text(try $0[4], try $0[5]), total: try $0[2],
                since: try $0[3])
        }
    }

    /// Whose warnings of a division are before anybody else's: the unit of its community.
    package static func unit(of division: DivisionCode, _ tx: ReadTx) throws -> UnitSummary? {
        try UnitsStore.first([.committee, .village], of: division.ancestor(at: .community), tx)
    }

    /// A warning, or nil.
    package static func find(_ id: ID<Warning>, _ tx: ReadTx) throws -> Warning? {
        try tx.first("SELECT \(Warning.columns) FROM \(Warning.tables) WHERE w.id = \(id)") { try Warning($0) }
    }

    /// Why, in the order of time.
    package static func reasons(of warning: ID<Warning>, _ tx: ReadTx) throws -> [WarningReason] {
        try tx.all(
            """
            SELECT s.kind, s.at, s.source_kind, s.source_id FROM warning_reason r
            JOIN warning_signal s ON s.id = r.signal_id WHERE r.warning_id = \(warning) ORDER BY s.at, s.id LIMIT 100
            """
        ) { WarningReason(kind: try $0[0], at: try $0[1], sourceKind: try $0[2], source: try $0[3]) }
    }

    /// The warnings about households or places that somebody may see, the newest first: an estate may lie in several
    /// grids, and what is about a household is for who may see the household.
    package static func about(
        households: [ID<Household>], places: [ID<Place>], seenBy actor: Actor, limit: Int, _ tx: ReadTx
    ) throws -> [Warning] {
        let theirs = RegisterQueries.lies("w.division", in: actor.scope(for: .warningsHandle).divisions)
        var found: [Warning] = []
        if !households.isEmpty {
            let seen = RegisterQueries.lies("w.division", in: actor.scope(for: .peopleRead).divisions)
            found += try about("w.household_id IN \(SQL.list(households)) AND \(theirs) AND \(seen)", limit, tx)
        }
        if !places.isEmpty { found += try about("w.place_id IN \(SQL.list(places)) AND \(theirs)", limit, tx) }
        return Array(found.sorted { $0.id > $1.id }.prefix(limit))
    }

    private static func about(_ condition: SQL, _ limit: Int, _ tx: ReadTx) throws -> [Warning] {
        try tx.all(
            "SELECT \(Warning.columns) FROM \(Warning.tables) WHERE \(condition) ORDER BY w.id DESC LIMIT \(limit)"
        ) { try Warning($0) }
    }
}

/// What may be done with warnings.
package struct WarningCommands: Sendable {
    let database: Database

    /// Commands over `database`.
    package init(_ database: Database) { self.database = database }

    /// Somebody has seen it and looks into it.
    ///
    /// - Throws: `.notFound` outside one's duties, `.conflict` for one that is answered.
    package func acknowledge(_ id: ID<Warning>, _ context: Context) async throws {
        try await database.write(context, "warnings.acknowledge") { tx in
            try WarningCommands.answer(id, .acknowledged, note: "", item: nil, context, tx)
        }
    }

    /// Nothing is to be done, for a reason.
    ///
    /// - Throws: as `acknowledge`, and `.invalid` without a reason.
    package func dismiss(_ id: ID<Warning>, reason: String, _ context: Context) async throws {
        let reason = PersonalNumbers.replacing(in: reason.trimmed) { $0.masked }
        guard !reason.isEmpty, reason.count <= 200 else {
            throw LinliError.invalid(
                "warnings.reason",
                [.init("reason", Text("请写为什么不用处理，最多 200 个字", "Please say why, in at most 200 characters"))])
        }
        try await database.write(context, "warnings.dismiss") { tx in
            try WarningCommands.answer(id, .dismissed, note: reason, item: nil, context, tx)
        }
    }

    /// A visit is announced because of it.
    ///
    /// - Throws: as `acknowledge`.
    package func turnIntoVisit(_ id: ID<Warning>, _ context: Context) async throws -> ID<Household> {
        try await database.write(context, "warnings.visit") { tx in
            guard let household = try WarningQueries.find(id, tx)?.household else {
                throw LinliError.notFound("warnings.household")
            }
            try WarningCommands.answer(id, .acknowledged, note: "", item: nil, context, tx)
            return household
        }
    }

    /// Marks it as answered, in the transaction of what answers it.
    ///
    /// - Throws: as `acknowledge`.
    package static func answer(
        _ id: ID<Warning>, _ state: WarningState, note: String, item: Int64?, _ context: Context, _ tx: WriteTx
    ) throws {
        guard let warning = try WarningQueries.find(id, tx), warning.isSeen(by: context.actor) else {
            throw LinliError.notFound("warnings.unknown")
        }
        guard warning.isOpen else {
            throw LinliError(.conflict, "warnings.over", Text("这条预警已经处理过了", "This warning is answered already"))
        }
        let isOpen = state == .acknowledged
        try tx.execute(
            """
            UPDATE warning SET state = \(state), is_open = \(isOpen), note = \(note), case_id = \(item),
                acted_by = \(context.actor.account), acted_name = \(context.actor.name), acted_at = \(tx.now)
            WHERE id = \(id) AND is_open = 1
            """
        )
        try tx.audit(warning.subject, fields: [state.rawValue], values: note.isEmpty ? [] : [note])
    }
}
