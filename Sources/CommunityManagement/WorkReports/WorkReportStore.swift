import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of the reports over work done: counts out of the rows, by the division they lie in.
struct WorkReportStore {
    typealias Counts = [(DivisionCode, WorkFigures)]

    let area: DivisionCode
    let from: Instant
    let to: Instant
    /// Units whose people do not see what is said against them.
    let hidden: [ID<Unit>]
    let tx: ReadTx

    /// Visits, rounds, hazards, warnings and services.
    func counts() throws -> Counts {
        try visits() + rounds() + hazards() + warnings() + services()
    }

    /// Reads rows of a division and the counts of some columns.
    private func read(_ sql: SQL, _ columns: WorkColumn...) throws -> Counts {
        try tx.all(sql) { row in
            var figures = WorkFigures()
            for (index, column) in columns.enumerated() {
                let count: Int? = try row[index + 1]
                figures[column] = count ?? 0
            }
            return (try row[0], figures)
        }
    }

    /// Each contact counts in the period it was made in, whatever became of its visit later.
    private func visits() throws -> Counts {
        try read(
            """
            SELECT a.division,
                sum(CASE WHEN a.outcome = 'met' AND a.way = 'door' THEN 1 ELSE 0 END),
                sum(CASE WHEN a.outcome = 'met' AND a.way = 'call' THEN 1 ELSE 0 END),
                sum(CASE WHEN a.outcome = 'well' THEN 1 ELSE 0 END),
                sum(CASE WHEN a.outcome = 'missed' THEN 1 ELSE 0 END), count(DISTINCT a.household_id)
            FROM visit_attempt a WHERE \(RegisterQueries.place("a", area))
            AND a.at >= \(from) AND a.at < \(to) GROUP BY a.division
            """, .met, .called, .replied, .missed, .households)
    }

    /// Rounds that count as walked, and the points signed on any. The points are counted by round: joined, SQLite would read
    /// every round ever walked in the order of the groups.
    private func rounds() throws -> Counts {
        try read(
            """
            SELECT x.division, sum(CASE WHEN \(PatrolWalked.condition) THEN 1 ELSE 0 END),
                sum((SELECT count(*) FROM patrol_sign s WHERE s.patrol_id = x.id))
            FROM patrol x WHERE \(RegisterQueries.place("x", area))
            AND x.started_at >= \(from) AND x.started_at < \(to) GROUP BY x.division
            """, .rounds, .points)
    }

    /// How many rounds were ended and do not count as walked.
    func unfinishedRounds() throws -> Int {
        try tx.value(
            """
            SELECT count(*) FROM patrol x WHERE \(RegisterQueries.place("x", area))
            AND x.started_at >= \(from) AND x.started_at < \(to) AND x.ended_at IS NOT NULL
            AND NOT (\(PatrolWalked.condition))
            """) ?? 0
    }

    private func hazards() throws -> Counts {
        let against = SQL.apart(from: hidden, "c.against_unit")
        return try read(
            """
            SELECT f.division, count(*), sum(f.is_danger), sum(f.is_settled)
            FROM patrol_finding f JOIN case_item c ON c.id = f.case_id WHERE \(RegisterQueries.place("f", area))
            AND f.at >= \(from) AND f.at < \(to)\(against) GROUP BY f.division
            """, .hazards, .dangers, .settled)
    }

    /// By when a warning was made: what made it may have happened long before.
    private func warnings() throws -> Counts {
        let made: SQL = "CASE WHEN w.made_at > 0 THEN w.made_at ELSE w.at END"
        return try read(
            """
            SELECT w.division, count(*), sum(CASE WHEN w.state = 'turned' THEN 1 ELSE 0 END), sum(w.is_open)
            FROM warning w WHERE \(RegisterQueries.place("w", area)) AND \(made) >= \(from) AND \(made) < \(to)
            GROUP BY w.division
            """, .warnings, .turned, .waiting)
    }

    private func services() throws -> Counts {
        let given = try CareStore.work(in: area, from: from, to: to, tx).map {
            code, work -> (DivisionCode, WorkFigures) in
            var figures = WorkFigures()
            (figures[.deliveries], figures[.people]) = (work.deliveries, work.people)
            return (code, figures)
        }
        let refused = try read(
            """
            SELECT x.grid, count(*) FROM care_refusal x
            WHERE x.at >= \(from) AND x.at < \(to)
            AND x.grid BETWEEN \(area.range.lowerBound) AND \(area.range.upperBound) GROUP BY x.grid
            """, .refused)
        return given + refused
    }

    /// Rounds that should have been walked and were not, of the routes that hold now; and how many these are.
    func routes(_ period: WorkPeriod, at now: Instant) throws -> (skipped: Counts, count: Int) {
        let routes = try PatrolStore.routes(in: area, tx)
        let skipped = try routes.compactMap { route -> (DivisionCode, WorkFigures)? in
            let walked = try PatrolStore.days(of: route.id, since: period.first, tx)
            let missed = period.days.count { day in
                let isOver = day < now.date || day == now.date && now.secondOfDay / 60 >= route.until
                return isOver && route.isDue(on: day) && day >= route.since.date && !walked.contains(day)
            }
            guard missed > 0 else { return nil }
            var figures = WorkFigures()
            figures[.skipped] = missed
            return (route.division, figures)
        }
        return (skipped, routes.count)
    }

    /// Rounds of demanded forms that were ended, with the minutes they took; those without minutes, and those not done.
    func forms() throws -> (counts: Counts, unmeasured: Int, open: Int) {
        let place: SQL = "f.division BETWEEN \(area.range.lowerBound) AND \(area.range.upperBound)"
        let counts = try read(
            """
            SELECT f.division, count(*), sum(COALESCE(r.minutes, 0)), sum(r.typed)
            FROM demanded_form f JOIN demanded_round r ON r.form_id = f.id
            WHERE \(place) AND r.done_at >= \(from) AND r.done_at < \(to) GROUP BY f.division
            """, .forms, .minutes, .cells)
        let unmeasured: Int? = try tx.value(
            """
            SELECT count(*) FROM demanded_form f JOIN demanded_round r ON r.form_id = f.id
            WHERE \(place) AND r.done_at >= \(from) AND r.done_at < \(to) AND r.minutes IS NULL
            """)
        let open: Int? = try tx.value(
            """
            SELECT count(*) FROM demanded_form f JOIN demanded_round r ON r.form_id = f.id
            WHERE \(place) AND r.opened_at < \(to) AND (r.done_at IS NULL OR r.done_at >= \(to))
            """)
        return (counts, unmeasured ?? 0, open ?? 0)
    }
}

extension Migration {
    /// What reports count by moment and place.
    static let workReports = Migration(
        "2026-11-29.61-work-reports",
        """
        CREATE INDEX patrol_community_started ON patrol (community, started_at);
        CREATE INDEX patrol_division_started ON patrol (division, started_at);
        CREATE INDEX patrol_finding_community_at ON patrol_finding (community, at);
        CREATE INDEX patrol_finding_division_at ON patrol_finding (division, at);
        CREATE INDEX demanded_form_place ON demanded_form (division, id);
        CREATE INDEX care_refusal_at ON care_refusal (at, offer_id);
        """
    )
}
