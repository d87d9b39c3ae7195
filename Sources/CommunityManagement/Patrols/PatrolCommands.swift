import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// A route as somebody writes it.
struct PatrolRouteDraft: Sendable {
    var name = ""
    var division: DivisionCode?
    var from = 0
    var until = 0
    var weekdays = "1234567"
    /// One point a line; `*` at its end asks for a photo, `@39.93,116.42` says where it is.
    var points = ""
    var checklist = Hazards.standardText
}

/// How somebody shows that they are at a point.
enum PatrolProof: Sendable {
    /// By the code that hangs there.
    case code(String)
    /// By where their phone is.
    case position(GeoPoint)

    /// By what a scanner read: a whole address is what a phone's own one copies.
    init(scanned text: String) { self = .code(text.split(separator: "/").last.map(String.init) ?? text) }
}

/// What somebody found at a point.
struct FindingDraft: Sendable {
    var hazard = ""
    var text = ""
    var photos: [ID<StoredFile>] = []
    /// What was done on the spot, and how it looks now.
    var settledWith: String?
    var photosAfter: [ID<StoredFile>] = []
}

/// What may be done with patrols.
struct PatrolCommands: Sendable {
    let services: Services
    var database: Database { services.database }

    init(_ services: Services) { self.services = services }

    // MARK: Routes

    /// Makes a route with its points.
    ///
    /// - Throws: `.invalid` naming each field that is missing or wrong.
    func makeRoute(_ draft: PatrolRouteDraft, _ context: Context) async throws -> ID<PatrolRoute> {
        let (name, lines, problems) = checked(draft)
        guard let division = draft.division, division.level >= .community,
            context.actor.may(.patrolsPlan, in: division)
        else {
            throw LinliError.invalid(
                "patrols.route",
                problems + [.init("division", Text("请选您管的社区或网格", "Please choose a community or grid of yours"))])
        }
        guard problems.isEmpty else { throw LinliError.invalid("patrols.route", problems) }
        return try await database.write(context, "patrols.makeRoute") { tx in
            let id = try tx.newID(PatrolRoute.self)
            try tx.execute(
                """
                INSERT INTO patrol_route (id, name, division, community, from_minute, until_minute, weekdays, checklist,
                    created_at, created_by)
                VALUES (\(id), \(name), \(division), \(division.ancestor(at: .community)), \(draft.from),
                    \(draft.until), \(draft.weekdays), \(draft.checklist), \(tx.now), \(context.actor.account))
                """
            )
            for (position, line) in lines.enumerated() {
                try PatrolPointDraft(line).insert(position, of: id, division, tx)
            }
            try tx.audit(Subject("patrolRoute", id, division: division), fields: ["route"], values: [name])
            return id
        }
    }

    /// What a draft says, and each field of it that is missing or wrong.
    func checked(_ draft: PatrolRouteDraft) -> (name: String, lines: [String], problems: [LinliError.Field]) {
        let name = PersonalNumbers.replacing(in: draft.name.trimmed) { $0.masked }
        let lines = draft.points.split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty }
        var problems = problems(of: draft, name: name, lines: lines)
        do { _ = try Hazards(draft.checklist, services.catalogue) } catch {
            problems += (error as? LinliError)?.fields ?? []
        }
        return (name, lines, problems)
    }

    private func problems(of draft: PatrolRouteDraft, name: String, lines: [String]) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        if name.isEmpty || name.count > 40 {
            problems.append(.init("name", Text("请写名称，最多 40 个字", "A name of at most 40 characters")))
        }
        let begins = (0..<1440).contains(draft.from)
        if !begins {
            problems.append(.init("from", Text("请填从几点开始，如 09:00", "From when, such as 09:00")))
        }
        if !(1...1440).contains(draft.until) || begins && draft.from >= draft.until {
            problems.append(
                .init(
                    "until",
                    Text(
                        "请填到几点结束，要比开始晚，如 09:00 到 11:00",
                        "Until when, later than it begins, such as 09:00 to 11:00")))
        }
        if draft.weekdays.isEmpty {
            problems.append(.init("weekdays", Text("请选星期几", "Please choose days of the week")))
        }
        if !(1...50).contains(lines.count) || lines.contains(where: { $0.count > 100 }) {
            problems.append(.init("points", Text("请写 1 到 50 个点位，一行一个", "1 to 50 points, one a line")))
        }
        return problems
    }

    /// Ends a route; what was found on it stays.
    ///
    /// - Throws: `.notFound` outside one's duties.
    func endRoute(_ id: ID<PatrolRoute>, _ context: Context) async throws {
        try await database.write(context, "patrols.endRoute") { tx in
            guard let route = try PatrolStore.route(id, tx), context.actor.may(.patrolsPlan, in: route.division) else {
                throw LinliError.notFound("patrols.route")
            }
            try tx.execute("UPDATE patrol_route SET ended_at = \(tx.now) WHERE id = \(id)")
            try tx.audit(Subject("patrolRoute", id, division: route.division), fields: ["end"])
        }
    }

    // MARK: Walking

    /// Begins a round.
    ///
    /// - Throws: `.forbidden` off duty, `.conflict` while somebody walks another one.
    func begin(_ id: ID<PatrolRoute>, _ context: Context) async throws -> ID<Patrol> {
        guard let account = context.actor.account else { throw LinliError.notFound("patrols.account") }
        return try await database.write(context, "patrols.begin") { tx in
            guard let route = try PatrolStore.route(id, tx), context.actor.may(.casesReport, in: route.division) else {
                throw LinliError.notFound("patrols.route")
            }
            try PatrolCommands.checkDuty(context, tx)
            if let running = try PatrolStore.running(account, tx).first {
                guard running.route == id else {
                    throw LinliError(
                        .conflict, "patrols.running", Text("您还有一趟没巡完，先结束那趟", "Please end the round you are on first"))
                }
                try tx.audit(running.subject, fields: ["again"])
                return running.id
            }
            let patrol = try tx.newID(Patrol.self)
            try tx.execute(
                """
                INSERT INTO patrol (id, route_id, division, community, day, worker_id, worker_name, started_at)
                VALUES (\(patrol), \(id), \(route.division), \(route.division.ancestor(at: .community)),
                    \(tx.now.date.daysSinceEpoch), \(account), \(context.actor.name), \(tx.now))
                """
            )
            try tx.audit(Subject("patrol", patrol, division: route.division), fields: ["begin"])
            return patrol
        }
    }

    /// Nobody is followed, and nobody works, off duty.
    private static func checkDuty(_ context: Context, _ tx: ReadTx) throws {
        guard try RegisterReading.isOnDuty(context, tx) else {
            throw LinliError(
                .forbidden, "patrols.offDuty",
                Text("您现在不在班上：不用巡查，也不记轨迹", "You are off duty: no rounds, and nothing is recorded"))
        }
    }

    /// Signs in at a point that is as it should be, in one tap.
    ///
    /// - Throws: `.invalid` where the code is another point's or the phone is too far away, or a photo is missing.
    func normal(
        _ patrol: ID<Patrol>, _ point: ID<PatrolPoint>, _ proof: PatrolProof?, photos: [ID<StoredFile>],
        _ context: Context
    ) async throws {
        try await database.write(context, "patrols.sign") { tx in
            try sign(patrol, point, proof, isNormal: true, photos: photos, context, tx)
        }
    }

    func sign(
        _ id: ID<Patrol>, _ pointID: ID<PatrolPoint>, _ proof: PatrolProof?, isNormal: Bool,
        photos: [ID<StoredFile>], _ context: Context, _ tx: WriteTx
    ) throws {
        let (patrol, point) = try held(id, pointID, context, tx)
        let isSigned = try tx.exists("SELECT 1 FROM patrol_sign WHERE patrol_id = \(id) AND point_id = \(pointID)")
        if isSigned {
            // Signed in before: something more was found, or the phone sent it twice.
            if !isNormal {
                try tx.execute("UPDATE patrol_sign SET is_normal = 0 WHERE patrol_id = \(id) AND point_id = \(pointID)")
            }
            try tx.audit(patrol.subject, fields: ["sign"])
            return
        }
        let metres = try checked(proof, at: point)
        if point.needsPhoto, isNormal, photos.isEmpty { throw PatrolCommands.needsPhoto }
        try PatrolCommands.insert(
            PatrolSign(point: pointID, at: tx.now, metres: metres, isNormal: isNormal, photos: photos), of: patrol, tx)
        try tx.audit(patrol.subject, fields: ["sign"])
    }

    /// The round while somebody walks it on duty, and a point of it.
    func held(
        _ id: ID<Patrol>, _ pointID: ID<PatrolPoint>, _ context: Context, _ tx: ReadTx
    ) throws -> (Patrol, PatrolPoint) {
        let patrol = try walked(id, context, tx)
        guard let point = try PatrolStore.point(pointID, tx), point.route == patrol.route else {
            throw LinliError.notFound("patrols.point")
        }
        guard !point.isGone else { throw LinliError(.conflict, "patrols.gone", point.gone) }
        return (patrol, point)
    }

    func walked(_ id: ID<Patrol>, _ context: Context, _ tx: ReadTx) throws -> Patrol {
        guard let patrol = try PatrolStore.patrol(id, tx), patrol.worker == context.actor.account else {
            throw LinliError.notFound("patrols.unknown")
        }
        guard patrol.endedAt == nil else {
            throw LinliError(.conflict, "patrols.over", Text("这趟已经结束了", "This round is over"))
        }
        try PatrolCommands.checkDuty(context, tx)
        return patrol
    }

    /// How far the phone is from the point; nil for a code.
    func checked(_ proof: PatrolProof?, at point: PatrolPoint) throws -> Int? {
        switch proof {
        case .code(let code) where PatrolPoint.id(of: code, database.keys) == point.id: return nil
        case .code:
            throw LinliError.invalid(
                "patrols.code", [.init("code", Text("这不是这个点位的码", "That is not this point's code"))])
        case .position(let position):
            guard let target = point.point else { break }
            let metres = Int(PatrolCommands.metres(position, target).rounded())
            let limit = services.queries.settings.signInMetres
            guard metres <= limit else {
                throw LinliError.invalid(
                    "patrols.far",
                    [
                        .init(
                            "code",
                            Text(
                                "离点位还有 \(metres) 米，\(limit) 米以内才能签到；定位不准就扫点位码",
                                "\(metres) m away; within \(limit) m you may sign in, or scan the code"))
                    ])
            }
            return metres
        case nil: break
        }
        throw LinliError.invalid(
            "patrols.proof", [.init("code", Text("请扫点位码，或用定位签到", "Scan the code, or use where you are"))])
    }

    /// Metres between two points that are near each other.
    static func metres(_ one: GeoPoint, _ other: GeoPoint) -> Double {
        let radius = 6_371_008.8
        let north = (one.latitude - other.latitude) * .pi / 180 * radius
        let east = (one.longitude - other.longitude) * .pi / 180 * radius
        let scale = cosine((one.latitude + other.latitude) / 2)
        return (north * north + east * east * scale * scale).squareRoot()
    }

    /// The cosine of an angle in degrees by its series: to a ten-thousandth up to 80°, which is more than phones know.
    private static func cosine(_ degrees: Double) -> Double {
        let square = (degrees * .pi / 180) * (degrees * .pi / 180)
        var (sum, term) = (1.0, 1.0)
        for step in stride(from: 1.0, through: 9, by: 2) {
            term *= -square / (step * (step + 1))
            sum += term
        }
        return sum
    }
}
