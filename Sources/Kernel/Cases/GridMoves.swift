import LinliCore
import LinliSQL

extension JobKind {
    /// Moves what lies in the grids of a plan on the day it begins: places, homes and open cases. Done in small steps that
    /// remember how far they came, so that a stop in the middle loses nothing and moves nothing twice.
    static let gridMoves = JobKind("grids.move") { run in
        guard let id = ID<GridPlan>(run.payload) else { return }
        try await GridMoves(database: run.database, context: run.context).run(id)
    }
}

/// Gives everything in a community the grid it lies in now.
struct GridMoves: Sendable {
    let database: Database
    let context: Context

    /// How many rows are looked at in one transaction.
    static let step = 200

    /// What is moved, in this order: who lives somewhere follows the dwelling, a dwelling without a point the building.
    enum Kind {
        case place, home
        case register(RegisterKind)
        case role, item

        static let all: [Kind] = [
            .place, .home, .register(.dwelling), .register(.household), .register(.person),
            .register(.organization),
            .register(.thing), .role, .item,
        ]

        var name: String {
            switch self {
            case .place: "place"
            case .home: "home"
            case .register(let kind): kind.rawValue
            case .role: "role"
            case .item: "case"
            }
        }
    }

    /// A row that may have to move.
    struct Row: Sendable {
        var id: Int64
        var division: DivisionCode
        var latitude: Double?
        var longitude: Double?
        /// Where the place lies that it belongs to.
        var home: DivisionCode?

        init(_ row: LinliSQL.Row) throws {
            id = try row[0]
            division = try row[1]
            latitude = try row[2]
            longitude = try row[3]
            home = try row[4]
        }
    }

    /// What the history of a case says of its new grid, given both.
    typealias Words = (_ old: DivisionCode, _ new: DivisionCode) throws -> String

    func run(_ id: ID<GridPlan>) async throws {
        let found = try await database.read { try GridPlansStore.find(id, $0) }
        guard let plan = found, plan.state == .published, plan.movedAt == nil,
            let from = plan.effectiveAt,
            from <= context.now
        else { return }
        // Every node reads the names that hold from today on.
        try await database.write(context, "grids.begin") { tx in
            try tx.raise(.divisions)
            try tx.audit(Subject("gridPlan", id, division: plan.community), fields: ["begun"])
        }
        for kind in Kind.all {
            while try await move(kind, plan) { continue }
        }
        try await database.write(context, "grids.moved") { tx in
            try VisitGrids.succeed(in: plan.community, tx)
            try tx.execute("UPDATE grid_plan SET moved_at = \(tx.now) WHERE id = \(id)")
            try tx.audit(Subject("gridPlan", id, division: plan.community), fields: ["moved"])
            try tx.emit(
                "grid.moved", Subject("division", plan.community.rawValue, division: plan.community))
        }
    }

    /// Looks at the next rows of a kind; false when there are no more.
    private func move(_ kind: Kind, _ plan: GridPlan) async throws -> Bool {
        try await database.write(context, "grids.move") { tx in
            let subject = Subject("gridPlan", plan.id, division: plan.community)
            let before = try tx.first(
                "SELECT last_id, done_at FROM grid_move WHERE plan_id = \(plan.id) AND kind = \(kind.name)\(SQL.forUpdate)"
            ) { row -> (last: Int64, done: Instant?) in (try row[0], try row[1]) }
            try tx.audit(subject, fields: ["moved"])
            guard before?.done == nil else { return false }
            let rows = try rows(kind, of: plan.community, after: before?.last ?? 0, tx)
            var moved = 0
            var counts = RegisterCounts.Delta()
            var subjects: [RegisterSubject] = []
            for row in rows {
                guard let grid = try grid(of: row, in: plan.community, tx), grid != row.division else {
                    continue
                }
                moved += 1
                try GridMoves.put(row, kind, in: grid, &counts, tx) { try words(from: $0, to: $1, plan, tx) }
                if case .register(let kind) = kind { subjects.append(RegisterSubject(kind, row.id)) }
            }
            if case .register = kind, moved > 0 {
                try RegisterSearch.index(subjects, tx)
                try tx.emit("registers.changed", subject, facts: ["what": "moved", "counts": counts.text])
            }
            let isDone = rows.count < GridMoves.step
            try tx.execute(
                """
                INSERT INTO grid_move (plan_id, kind, last_id, moved, done_at)
                VALUES (\(plan.id), \(kind.name), \(rows.last?.id ?? 0), \(moved), \(isDone ? tx.now : nil))
                ON CONFLICT (plan_id, kind) DO UPDATE SET last_id = excluded.last_id,
                    moved = grid_move.moved + excluded.moved, done_at = excluded.done_at
                """
            )
            return !isDone
        }
    }

    /// Gives a row its grid, with what is kept of it elsewhere.
    static func put(
        _ row: Row, _ kind: Kind, in grid: DivisionCode, _ counts: inout RegisterCounts.Delta, _ tx: WriteTx,
        saying words: Words
    ) throws {
        switch kind {
        case .place:
            try tx.execute("UPDATE place SET division = \(grid), version = version + 1 WHERE id = \(row.id)")
            try WarningGrids.move(place: ID(rawValue: row.id), to: grid, tx)
            try tx.audit(Subject("place", row.id, division: grid), fields: ["division"])
        case .home:
            try tx.execute("UPDATE account SET division = \(grid) WHERE id = \(row.id)")
            try tx.audit(Subject("account", row.id, division: grid), fields: ["division"])
        case .role:
            try tx.execute("UPDATE grid_role SET division = \(grid) WHERE id = \(row.id)")
            try tx.audit(Subject("gridRole", row.id, division: grid), fields: ["division"])
        case .register(let kind):
            try tx.execute(
                """
                UPDATE \(RegisterQueries.table(of: kind)) SET division = \(grid), version = version + 1
                WHERE id = \(row.id)
                """
            )
            try tx.execute(
                "UPDATE register_fact SET division = \(grid) WHERE kind = \(kind) AND subject_id = \(row.id)"
            )
            try tx.audit(Subject(kind.rawValue, row.id, division: grid), fields: ["division"])
            counts.add(-1, kind, in: row.division)
            counts.add(1, kind, in: grid)
            if kind == .household {
                try VisitGrids.move(ID(rawValue: row.id), to: grid, tx)
                try WarningGrids.move(household: ID(rawValue: row.id), to: grid, tx)
            } else if kind == .person {
                try tx.execute(
                    """
                    UPDATE data_request SET division = \(grid)
                    WHERE division = \(row.division) AND state = 'open' AND person_id = \(row.id)
                    """)
            }
        case .item: try move(ID(rawValue: row.id), from: row.division, to: grid, tx, saying: words)
        }
    }

    private func rows(_ kind: Kind, of community: DivisionCode, after last: Int64, _ tx: ReadTx)
        throws -> [Row]
    {
        let range = community.range
        let sql: SQL =
            switch kind {
            case .place:
                """
                SELECT p.id, p.division, p.latitude, p.longitude, NULL FROM place p
                WHERE p.division BETWEEN \(range.lowerBound) AND \(range.upperBound) AND p.id > \(last)
                ORDER BY p.id LIMIT \(GridMoves.step)
                """
            case .home:
                """
                SELECT a.id, a.division, NULL, NULL, p.division FROM account a LEFT JOIN place p ON p.id = a.place_id
                WHERE a.division BETWEEN \(range.lowerBound) AND \(range.upperBound) AND a.id > \(last)
                ORDER BY a.id LIMIT \(GridMoves.step)
                """
            case .role:
                """
                SELECT r.id, r.division, NULL, NULL, p.division FROM grid_role r LEFT JOIN place p ON p.id = r.place_id
                WHERE r.division BETWEEN \(range.lowerBound) AND \(range.upperBound)
                AND (r.valid_until IS NULL OR r.valid_until > \(context.now)) AND r.id > \(last)
                ORDER BY r.id LIMIT \(GridMoves.step)
                """
            case .register(let kind): register(kind, of: community, after: last)
            case .item:
                """
                SELECT c.id, c.division, c.latitude, c.longitude, p.division FROM case_item c
                LEFT JOIN place p ON p.id = c.place_id
                WHERE c.community = \(community) AND c.is_open = 1 AND c.id > \(last)
                ORDER BY c.id LIMIT \(GridMoves.step)
                """
            }
        return try tx.all(sql) { try Row($0) }
    }

    /// Rows of a register with their own point, or else where what they belong to lies.
    private func register(_ kind: RegisterKind, of community: DivisionCode, after last: Int64) -> SQL {
        let isHere: SQL = """
            x.community = \(community) AND x.valid_to IS NULL AND x.id > \(last) ORDER BY x.id LIMIT \(GridMoves.step)
            """
        return switch kind {
        case .dwelling, .thing, .organization:
            """
            SELECT x.id, x.division, x.latitude, x.longitude, p.division FROM \(RegisterQueries.table(of: kind)) x
            LEFT JOIN place p ON p.id = x.place_id WHERE \(isHere)
            """
        case .household:
            """
            SELECT x.id, x.division, NULL, NULL, d.division FROM household x
            JOIN dwelling d ON d.id = x.dwelling_id WHERE \(isHere)
            """
        case .person:
            """
            SELECT x.id, x.division, NULL, NULL, (SELECT d.division FROM residence r
                JOIN dwelling d ON d.id = r.dwelling_id
                WHERE r.person_id = x.id AND r.valid_to IS NULL
                ORDER BY CASE WHEN r.tie IN ('registeredOnly', 'ownerElsewhere') THEN 1 ELSE 0 END, r.id LIMIT 1)
            FROM person x WHERE \(isHere)
            """
        }
    }

    /// The grid a row lies in now: of its own point, else of its place, else what took over the grid it was in. Nil when
    /// that cannot be said: then it stays.
    private func grid(of row: Row, in community: DivisionCode, _ tx: ReadTx) throws -> DivisionCode? {
        if let latitude = row.latitude, let longitude = row.longitude,
            let grid = try GridLocator.grid(
                latitude: latitude, longitude: longitude, at: context.now, tx),
            community.contains(grid)
        {
            return grid
        }
        // What belongs to the community as a whole goes on doing so.
        guard row.division.level == .grid else { return nil }
        if let home = row.home, home.level == .grid, community.contains(home) { return home }
        guard try DivisionsStore.find(row.division, at: context.now, tx) == nil else { return nil }
        let next = try DivisionsStore.current(row.division, tx)
        return community.contains(next) ? next : nil
    }

    /// Moves an open case: its row, its full text, what is asked and supervised about it, and the counts. Whoever has it
    /// in hand goes on with it, and its history says so.
    private static func move(
        _ id: ID<Case>, from old: DivisionCode, to grid: DivisionCode, _ tx: WriteTx, saying words: Words
    ) throws {
        let facts = try tx.first(
            """
            SELECT c.state, c.against_unit, \(Accusation.members("c.against_unit")) FROM case_item c
            WHERE c.id = \(id) AND c.is_open = 1 AND c.division = \(old)\(SQL.forUpdate)
            """
        ) { row -> (state: String, against: Accusation) in
            (try row[0], Accusation(key: try row[1], members: try row[2]))
        }
        guard let facts else { return }
        try tx.execute(
            "UPDATE case_item SET division = \(grid), grid = \(grid), version = version + 1 WHERE id = \(id)"
        )
        let tables: [SQL] = ["case_alert", "case_request", "case_supervision"]
        for table in tables {
            try tx.execute(
                "UPDATE \(table) SET division = \(grid) WHERE case_id = \(id) AND division = \(old)"
            )
        }
        try tx.execute(SQL.replaceSearchWord("case_search", of: id.rawValue, "d\(old)", by: "d\(grid)"))
        try tx.execute(
            """
            INSERT INTO case_entry (id, case_id, at, kind, transition, from_state, to_state, actor_name, text,
                is_visible, reason_class)
            VALUES (\(try tx.newID(CaseEntry.self)), \(id), \(tx.now), 'note', \(CaseMark.gridMoved.rawValue), \(facts.state),
                \(facts.state), '', \(try words(old, grid)), 0, '')
            """
        )
        try tx.audit(Subject("case", id, division: grid), fields: ["division"])
        let said = ["old": "\(old)", "state": facts.state].merging(facts.against.facts) { $1 }
        try tx.emit("case.moved", Subject("case", id, division: grid), facts: said)
    }

    /// What the history of a case says of its new grid: both by the names they had.
    private func words(from old: DivisionCode, to grid: DivisionCode, _ plan: GridPlan, _ tx: ReadTx) throws -> String {
        let begin = plan.effectiveAt ?? context.now
        let before = try DivisionsStore.find(old, at: begin.adding(seconds: -1), tx)?.name ?? old.description
        let after = try DivisionsStore.find(grid, at: context.now, tx)?.name ?? grid.description
        return "网格方案第 \(plan.number) 版起用：\(before) → \(after)；由谁办不变"
    }
}
