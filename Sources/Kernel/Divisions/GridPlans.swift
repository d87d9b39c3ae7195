import LinliCore
import LinliSQL
import LinliStandards

/// A version of the grids of a community 网格方案: drawn as a draft, checked, and published to hold from a day on.
package struct GridPlan: Sendable {
    /// What has become of it.
    package enum State: String, Sendable, SQLConvertible, SQLDecodable {
        case draft, published, dropped
    }

    /// Its identifier.
    package let id: ID<GridPlan>
    /// The community it divides.
    package let community: DivisionCode
    /// What has become of it.
    package let state: State
    /// 1 for the first one published there; 0 for a draft.
    package let number: Int
    /// What the grids must cover; nil when nobody said.
    package let territory: GeoArea?
    /// Counts its changes: two people do not save over each other.
    package let version: Int
    /// When somebody changed it last, and who.
    package let changedAt: Instant
    package let changedBy: String?
    /// Why it was published.
    package let reason: String
    /// From when on it holds.
    package let effectiveAt: Instant?
    /// When it was published, and by whom.
    package let publishedAt: Instant?
    package let publishedBy: String?
    /// When everything that lies in its grids had been moved to them.
    package let movedAt: Instant?

    static let columns: SQL = """
        g.id, g.community, g.state, g.number, g.territory, g.version, g.changed_at, c.name, g.reason, g.effective_at,
        g.published_at, p.name, g.moved_at
        """

    init(_ row: Row) throws {
        id = try row[0]
        community = try row[1]
        state = try row[2]
        number = try row[3]
        let border: String = try row[4]
        territory = border.isEmpty ? nil : try GridGeometry.decode(border)
        version = try row[5]
        changedAt = try row[6]
        changedBy = try row[7]
        reason = try row[8]
        effectiveAt = try row[9]
        publishedAt = try row[10]
        publishedBy = try row[11]
        movedAt = try row[12]
    }
}

/// How far the job has come that moves what lies in the grids of a plan.
package struct GridMoveProgress: Sendable {
    /// `place`, `home`, `case`.
    package let kind: String
    /// How many lie in another grid now.
    package let moved: Int
    /// Whether there are no more.
    package let isDone: Bool
}

/// Every SQL text about plans of grids.
package enum GridPlansStore {
    private static let source: SQL = """
        FROM grid_plan g LEFT JOIN account c ON c.id = g.changed_by LEFT JOIN account p ON p.id = g.published_by
        """

    /// A plan, or nil.
    package static func find(_ id: ID<GridPlan>, _ tx: ReadTx) throws -> GridPlan? {
        try tx.first("SELECT \(GridPlan.columns) \(source) WHERE g.id = \(id)") { try GridPlan($0) }
    }

    /// The draft of a community, or nil.
    package static func draft(of community: DivisionCode, _ tx: ReadTx) throws -> GridPlan? {
        try tx.first(
            "SELECT \(GridPlan.columns) \(source) WHERE g.community = \(community) AND g.state = 'draft'"
        ) { try GridPlan($0) }
    }

    /// The plans of a community, the newest first, without those that were dropped.
    package static func list(of community: DivisionCode, _ tx: ReadTx) throws -> [GridPlan] {
        try tx.all(
            """
            SELECT \(GridPlan.columns) \(source) WHERE g.community = \(community) AND g.state <> 'dropped'
            ORDER BY g.id DESC LIMIT 100
            """
        ) { try GridPlan($0) }
    }

    /// The published plan of a community that has not begun, or nil.
    package static func pending(in community: DivisionCode, at now: Instant, _ tx: ReadTx) throws -> GridPlan? {
        try tx.first(
            """
            SELECT \(GridPlan.columns) \(source) WHERE g.community = \(community) AND g.state = 'published'
            AND g.effective_at > \(now) ORDER BY g.id LIMIT 1
            """
        ) { try GridPlan($0) }
    }

    /// Refuses a change of the grids of a community while a published plan waits for its day: it would be overwritten
    /// then, or the plan be wrong.
    ///
    /// - Throws: `.invalid` naming the day.
    package static func checkNonePending(in community: DivisionCode, at now: Instant, _ tx: ReadTx) throws {
        guard let day = try pending(in: community, at: now, tx)?.effectiveAt?.date.full else { return }
        throw LinliError.invalid(
            "gridPlans.waiting",
            [
                .init(
                    "plan",
                    Text(
                        "新的网格方案已公布，\(day.zh)起用；要改先收回它",
                        "A new plan of grids is published and holds from \(day.en); take it back first"
                    )
                )
            ]
        )
    }

    /// The grids of a plan, by code.
    package static func parts(of id: ID<GridPlan>, _ tx: ReadTx) throws -> [GridOutline] {
        try tx.all(
            "SELECT division, name, geometry FROM grid_plan_part WHERE plan_id = \(id) ORDER BY division LIMIT 999"
        ) { GridOutline(code: try $0[0], name: try $0[1], area: try GridGeometry.decode(try $0[2])) }
    }

    /// How far the moving of what lies in its grids has come.
    package static func progress(of id: ID<GridPlan>, _ tx: ReadTx) throws -> [GridMoveProgress] {
        try tx.all("SELECT kind, moved, done_at FROM grid_move WHERE plan_id = \(id) ORDER BY kind DESC") {
            let done: Instant? = try $0[2]
            return GridMoveProgress(kind: try $0[0], moved: try $0[1], isDone: done != nil)
        }
    }

    // MARK: Drafts

    /// Begins a draft.
    package static func insert(
        _ parts: [GridOutline], territory: GeoArea?, in community: DivisionCode, _ tx: WriteTx
    ) throws -> ID<GridPlan> {
        let id = try tx.newID(GridPlan.self)
        let border = try encoded(territory)
        let person = tx.context.actor.account
        try tx.execute(
            """
            INSERT INTO grid_plan (id, community, state, number, territory, version, created_at, created_by, changed_at,
                changed_by, reason)
            VALUES (\(id), \(community), 'draft', 0, \(border), 1, \(tx.now), \(person), \(tx.now), \(person), '')
            """
        )
        try write(parts, of: id, tx)
        try tx.audit(Subject("gridPlan", id, division: community), fields: ["parts"])
        return id
    }

    /// Stores the grids of a draft in place of those it had.
    ///
    /// - Throws: `.conflict` when somebody else changed it since `version`.
    package static func save(_ parts: [GridOutline], territory: GeoArea?, in plan: GridPlan, _ tx: WriteTx) throws {
        let changed = try tx.execute(
            """
            UPDATE grid_plan SET territory = \(try encoded(territory)), version = version + 1, changed_at = \(tx.now),
                changed_by = \(tx.context.actor.account)
            WHERE id = \(plan.id) AND state = 'draft' AND version = \(plan.version)
            """
        )
        guard changed == 1 else {
            throw LinliError(
                .conflict, "gridPlans.changed",
                Text("别人刚改过这份草稿，请重新打开", "Somebody else has just changed this draft; please open it again")
            )
        }
        try tx.execute("DELETE FROM grid_plan_part WHERE plan_id = \(plan.id)")
        try write(parts, of: plan.id, tx)
        try tx.audit(Subject("gridPlan", plan.id, division: plan.community), fields: ["parts"])
    }

    /// Throws a draft away; it stays as history.
    package static func drop(_ plan: GridPlan, _ tx: WriteTx) throws {
        try tx.execute("UPDATE grid_plan SET state = 'dropped' WHERE id = \(plan.id) AND state = 'draft'")
        try tx.audit(Subject("gridPlan", plan.id, division: plan.community), fields: ["state"])
    }

    private static func encoded(_ area: GeoArea?) throws -> String {
        let text = area.map { GridGeometry.encode($0) } ?? ""
        guard text.utf8.count <= 200_000 else {
            throw LinliError.invalid(
                "gridPlans.territory",
                [.init("territory", Text("社区边界的点太多", "The border of the community has too many points"))]
            )
        }
        return text
    }

    private static func write(_ parts: [GridOutline], of id: ID<GridPlan>, _ tx: WriteTx) throws {
        for part in parts {
            let geometry = try GridArea(part.code, part.area).geometry
            try tx.execute(
                """
                INSERT INTO grid_plan_part (plan_id, division, name, geometry)
                VALUES (\(id), \(part.code), \(part.name), \(geometry))
                """
            )
        }
    }

    // MARK: Publishing

    /// Makes a draft hold from a moment on: its grids, their names and areas; a grid that is no more is taken over by the
    /// one `successors` names. What lies in them moves when the moment has come.
    package static func publish(
        _ plan: GridPlan, _ parts: [GridOutline], successors: [DivisionCode: DivisionCode], from: Instant,
        reason: String,
        _ tx: WriteTx
    ) throws {
        let before: Int =
            try tx.value(
                "SELECT coalesce(max(number), 0) FROM grid_plan WHERE community = \(plan.community) AND state = 'published'"
            ) ?? 0
        let changed = try tx.execute(
            """
            UPDATE grid_plan SET state = 'published', number = \(before + 1), reason = \(reason),
                effective_at = \(from), published_at = \(tx.now), published_by = \(tx.context.actor.account)
            WHERE id = \(plan.id) AND state = 'draft' AND version = \(plan.version)
            """
        )
        guard changed == 1 else { throw LinliError.notFound("gridPlans.draft") }
        let present = try DivisionsStore.children(of: plan.community, at: from, tx)
        let known = Dictionary(present.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
        let new = parts.map { part in
            NewDivision(
                code: part.code, level: .grid, name: part.name, isSynthetic: known[part.code]?.isSynthetic ?? true
            )
        }
        _ = try DivisionsStore.put(new, source: "网格方案", from: from, tx)
        let kept = Set(parts.map(\.code))
        for division in present where !kept.contains(division.code) {
            guard let successor = successors[division.code] else { throw LinliError.notFound("gridPlans.successor") }
            try DivisionsStore.end(division.code, successor: successor, from: from, tx)
            try GridAreasStore.close(division.code, at: from, tx)
        }
        let areas = try GridAreasStore.outlines(in: plan.community, at: from, tx)
        for part in parts where !areas.contains(where: { $0.code == part.code && $0.area == part.area }) {
            try GridAreasStore.put(try GridArea(part.code, part.area), from: from, plan: plan.id, tx)
        }
        try tx.raise(.divisions)
        try tx.request("grids.move", payload: "\(plan.id)", key: "grids.move \(plan.id)", at: from)
        try tx.audit(Subject("gridPlan", plan.id, division: plan.community), fields: ["state", "effective", "reason"])
        try tx.emit("grid.changed", Subject("division", plan.community.rawValue, division: plan.community))
    }

    /// Takes a published plan back before it begins; it is the draft again.
    package static func withdraw(_ plan: GridPlan, _ tx: WriteTx) throws {
        guard let from = plan.effectiveAt, from > tx.now else { throw LinliError.notFound("gridPlans.pending") }
        try GridAreasStore.withdraw(plan.id, in: plan.community, from: from, tx)
        try DivisionsStore.withdraw(in: plan.community, from: from, tx)
        try tx.execute(
            """
            UPDATE grid_plan SET state = 'draft', number = 0, effective_at = NULL, published_at = NULL,
                published_by = NULL, version = version + 1
            WHERE id = \(plan.id) AND state = 'published'
            """
        )
        try tx.execute("DELETE FROM job WHERE unique_key = \("grids.move \(plan.id)")")
        try tx.audit(Subject("gridPlan", plan.id, division: plan.community), fields: ["state", "effective"])
        try tx.emit("grid.changed", Subject("division", plan.community.rawValue, division: plan.community))
    }
}
