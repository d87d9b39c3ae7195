import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Routes and rounds over the grids of a demo, walked by whoever has a duty there: found by queries, so that it depends on
/// nobody in particular.
package struct PatrolDemo: Sendable {
    /// Draws a photo as it was found, or as it was afterwards, for who is to use it.
    package typealias Painter = @Sendable (_ isAfter: Bool, Context) async throws -> ID<StoredFile>

    private let services: Services
    private let now: Instant
    private let paint: Painter?

    private struct Plan {
        let grid: Int64
        let name: String
        let from: Int
        let until: Int
        let weekdays: String
        let points: [String]
        var isAtHome = false
    }

    private static let plans = [
        Plan(
            grid: 1, name: "1至4号楼消防通道和楼道", from: 9 * 60, until: 11 * 60, weekdays: "1234567",
            points: ["幸福里小区1号楼1单元", "幸福里小区2号楼1单元", "幸福里小区3号楼2单元", "幸福里小区4号楼1单元", "北街路口"]),
        Plan(
            grid: 2, name: "5至8号楼楼道照明和飞线", from: 14 * 60, until: 16 * 60, weekdays: "12345",
            points: ["幸福里小区5号楼1单元", "幸福里小区6号楼2单元", "幸福里小区7号楼1单元", "幸福里小区8号楼3单元"]),
        Plan(
            grid: 3, name: "多福巷冬季用火用电", from: 18 * 60, until: 20 * 60, weekdays: "135",
            points: ["多福巷5号院", "多福巷7号院", "多福巷9号院", "多福巷12号院", "幸福里小广场"], isAtHome: true),
    ]

    /// What is looked for in yards in winter, beside what is looked for everywhere.
    private static let winter = """
        stove | 煤炉、烟道漏气 | Leaking stove or flue | R1304 | danger
        heater | 电热器旁堆易燃物 | Things that burn beside a heater | R1304 | danger

        """

    /// Makes routes and walks them in the first community whose grids are walked, once; answers with how many rounds there
    /// are. Findings that are settled on the spot need photos, so there are none without a painter.
    package static func install(_ services: Services, now: Instant, paint: Painter? = nil) async throws -> Int {
        try await PatrolDemo(services: services, now: now, paint: paint).makeAll()
    }

    private func makeAll() async throws -> Int {
        let found = try await services.database.read { tx -> (DivisionCode, AccountSummary)? in
            guard try !tx.exists("SELECT 1 FROM patrol_route") else { return nil }
            // Of no grids at all the least is no division: then there is nothing to walk.
            let division: DivisionCode? =
                try tx.value(
                    "SELECT min(division) FROM access_grant WHERE role = \(Role.gridWorker.id)",
                    as: DivisionCode?.self
                ) ?? nil
            guard let community = division?.ancestor(at: .community) else { return nil }
            let head = try AccessStore.staff(in: community, at: now, tx).first { person in
                person.grants.contains { $0.role == Role.communityHead.id && $0.subject == .division(community) }
            }
            return head.map { (community, $0) }
        }
        guard let (community, head) = found else { return 0 }
        var rounds = 0
        for plan in PatrolDemo.plans { rounds += try await make(plan, in: community, head) }
        return rounds
    }

    private func context(_ person: AccountSummary, _ moment: Instant) -> Context {
        Context(actor: person.actor, now: moment, requestID: "demo")
    }

    /// A route, and the rounds of the last ten days but one.
    private func make(_ plan: Plan, in community: DivisionCode, _ head: AccountSummary) async throws -> Int {
        let grid = DivisionCode(rawValue: community.rawValue + plan.grid)
        let worker = try await services.database.read { tx in
            try AccessStore.staff(in: grid, at: now, tx).first { person in
                person.grants.contains { $0.role == Role.gridWorker.id && $0.subject == .division(grid) }
            }
        }
        guard let worker else { return 0 }
        var draft = PatrolRouteDraft()
        (draft.name, draft.division) = (plan.name, grid)
        (draft.from, draft.until, draft.weekdays) = (plan.from, plan.until, plan.weekdays)
        draft.points = plan.points.joined(separator: "\n")
        if plan.isAtHome { draft.checklist = PatrolDemo.winter + draft.checklist }
        let id = try await PatrolCommands(services).makeRoute(draft, context(head, now.adding(days: -30)))
        let days = (0...10).reversed().map { now.date.adding(days: -$0) }.filter { day in
            plan.weekdays.contains("\(day.weekday)") && Instant(day).adding(minutes: plan.until) < now
        }
        // One day was left out, as it happens: the desk shows which.
        let walked = days.enumerated().filter { $0.offset != days.count - 3 }.map(\.element)
        for (index, day) in walked.enumerated() {
            let round = Round(route: id, plan: plan, worker: worker, index: walked.count - 1 - index)
            try await walk(round, at: Instant(day).adding(minutes: plan.from + 7))
        }
        return walked.count
    }

    private struct Round {
        let route: ID<PatrolRoute>
        let plan: Plan
        let worker: AccountSummary
        /// 0 for the last one.
        let index: Int
    }

    /// A round: a sign at each point, some minutes apart, and what was found.
    private func walk(_ round: Round, at start: Instant) async throws {
        let commands = PatrolCommands(services)
        let patrol = try await commands.begin(round.route, context(round.worker, start))
        let points = try await services.database.read { try PatrolStore.points(of: round.route, $0) }
        for (index, point) in points.enumerated() {
            let context = context(round.worker, start.adding(minutes: 4 + index * 9))
            let proof = PatrolProof.code(point.code(services.database.keys))
            if let found = try await finding(round, at: index, context) {
                let key = "demo-patrol-\(patrol)-\(index)"
                let number = try await commands.find(patrol, point.id, proof, found, once: key, context)
                if found.settledWith == nil {
                    try await accept(number, context)
                } else {
                    try await close(number, in: patrol, context)
                }
            } else {
                try await commands.normal(patrol, point.id, proof, photos: [], context)
            }
        }
        try await commands.finish(patrol, context(round.worker, start.adding(minutes: 6 + points.count * 9)))
    }

    /// What is found at a point, if anything: things in a stairwell, moved away at once; a lamp, which the property company
    /// has to repair; in a yard, wires.
    private func finding(_ round: Round, at point: Int, _ context: Context) async throws -> FindingDraft? {
        var finding = FindingDraft()
        switch (round.plan.grid, round.index, point) {
        case (1, 2, 2):
            guard let paint else { return nil }
            finding.hazard = "stairwell"
            finding.text = "一层楼梯口停了三辆自行车，挡住半边通道"
            finding.settledWith = "找到车主，当场推到了车棚"
            finding.photos = [try await paint(false, context)]
            finding.photosAfter = [try await paint(true, context)]
        case (2, 0, 3):
            finding.hazard = "light"
            finding.text = "三层到四层的声控灯不亮，晚上看不清台阶"
        case (3, 1, 1):
            finding.hazard = "cable"
            finding.text = "从窗户拉线到院里给电动车充电，已当面说明危险，线还没拆"
        default: return nil
        }
        return finding
    }

    /// Whoever is on duty in the unit that has the case takes it, the same hour.
    private func accept(_ number: String, _ context: Context) async throws {
        let later = context.now.adding(minutes: 24)
        let found = try await services.database.read { tx -> (ID<Case>, AccountSummary)? in
            let row = try tx.first("SELECT id, handler_unit FROM case_item WHERE number = \(number)") { row in
                (try row[0] as ID<Case>, try row[1] as ID<Unit>?)
            }
            guard let (id, unit) = row, let unit,
                let person = try UnitsStore.accountsOnDuty(unit, at: later, tx).first
            else { return nil }
            return try AccessStore.account(person, at: later, tx).map { (id, $0) }
        }
        guard let (id, person) = found else { return }
        try await services.commands.take(CaseStep("accept"), of: id, self.context(person, later))
    }

    /// The street's centre looks at what was settled on the spot, and closes it.
    private func close(_ number: String, in patrol: ID<Patrol>, _ context: Context) async throws {
        let later = context.now.adding(minutes: 35)
        let found = try await services.database.read { tx -> (ID<Case>, AccountSummary)? in
            let id: ID<Case>? = try tx.value("SELECT id FROM case_item WHERE number = \(number)")
            guard let id, let street = try PatrolStore.patrol(patrol, tx)?.division.ancestor(at: .street) else {
                return nil
            }
            let checker = try AccessStore.staff(in: street, at: later, tx).first { person in
                person.actor.may(.casesCheck, in: street)
            }
            return checker.map { (id, $0) }
        }
        guard let (id, person) = found else { return }
        try await services.commands.take(CaseStep("close"), of: id, self.context(person, later))
    }
}
