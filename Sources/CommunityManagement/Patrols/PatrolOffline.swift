import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Rounds without a network: the routes of the grid with their points, and what was signed and found on its way back.
enum PatrolOffline {
    // MARK: Going along

    /// Writes the routes somebody walks in the grid, how their own round stands, and when they are on duty: beyond that
    /// nothing is noted on the phone, and nobody is followed.
    static func give(
        _ lease: OfflineLease, _ households: [OfflineHousehold], _ context: Context, _ services: Services
    ) async throws -> JSONWriter {
        let (keys, metres) = (services.database.keys, services.queries.settings.signInMetres)
        let catalogue = services.catalogue
        return try await services.database.read { tx in
            var json = JSONWriter(capacity: 4096)
            try json.object { json in
                json.field("metres", Int64(metres))
                json.key("duty")
                let duty = try RegisterReading.duty(of: context, from: context.now, until: lease.expiresAt, tx)
                json.array { list in
                    for shift in duty { pair(shift.lowerBound.milliseconds, shift.upperBound.milliseconds, to: &list) }
                }
                json.key("routes")
                try json.array { list in
                    for route in try routes(of: lease, context, tx) {
                        try list.object { try write(route, context, keys, catalogue, to: &$0, tx) }
                    }
                }
            }
            return json
        }
    }

    /// Those of the grid, and of its whole community where somebody walks that too.
    private static func routes(
        of lease: OfflineLease, _ context: Context, _ tx: ReadTx
    ) throws -> [PatrolRoute] {
        let community = lease.division.ancestor(at: .community)
        let own = try PatrolStore.routes(in: lease.division, tx)
        guard context.actor.may(.casesReport, in: community) else { return own }
        return try own + PatrolStore.routes(in: community, tx).filter { $0.division == community }
    }

    private static func pair(_ one: Int64, _ other: Int64, to json: inout JSONWriter) {
        json.array { list in
            list.value(one)
            list.value(other)
        }
    }

    private static func write(
        _ route: PatrolRoute, _ context: Context, _ keys: KeyRing, _ catalogue: EventCatalogue,
        to json: inout JSONWriter, _ tx: ReadTx
    ) throws {
        let today = context.now.date
        let running = try context.actor.account.flatMap { account in
            try PatrolStore.running(account, tx).first { $0.route == route.id }
        }
        let signs = try running.map { try PatrolStore.signs(of: $0.id, tx) } ?? [:]
        json.field("id", "\(route.id)")
        json.field("name", route.name)
        json.field("window", route.window)
        json.field("from", Int64(route.from))
        json.field("until", Int64(route.until))
        json.field("weekdays", route.weekdays)
        json.field("walked", try PatrolStore.days(of: route.id, since: today, tx).contains(today))
        json.field("patrol", running.map { "\($0.id)" } ?? "")
        json.field("begun", running?.startedAt.milliseconds)
        json.key("points")
        try json.array { list in
            for point in try PatrolStore.points(of: route.id, tx) {
                let state = signs[point.id].map { $0.isNormal ? "normal" : "hazard" } ?? ""
                list.object { write(point, state, keys, to: &$0) }
            }
        }
        json.key("hazards")
        try json.array { list in
            for hazard in try Hazards(route.checklist, catalogue).all {
                list.object { json in
                    json.field("id", hazard.id)
                    json.field("zh", hazard.name.zh)
                    json.field("en", hazard.name.en)
                    json.field("danger", hazard.isDanger)
                }
            }
        }
    }

    private static func write(_ point: PatrolPoint, _ state: String, _ keys: KeyRing, to json: inout JSONWriter) {
        json.field("id", "\(point.id)")
        json.field("name", point.name)
        json.field("photo", point.needsPhoto)
        json.field("state", state)
        json.field("check", Int64(PatrolPoint.check(point.code(keys))))
        guard let position = point.point else { return }
        json.key("at")
        json.array { list in
            list.value(position.latitude)
            list.value(position.longitude)
        }
    }

    // MARK: Coming back

    /// Takes what was done on a round, at the hour it was done: as the phone saw it, or as a person decided.
    ///
    /// - Throws: `.notFound` for a route or point that is not there or not theirs, `.forbidden` for work off duty,
    ///   `.invalid` saying what does not fit.
    static func take(_ entry: OfflineEntry, _ context: Context, _ services: Services) async throws -> OfflineOutcome {
        let (commands, sent) = (PatrolCommands(services), entry)
        if sent.body.text("kind") == "theirs" { return try await commands.leave(sent, context) }
        let entry = try await OfflineDecision.whole(sent, about: "point", services.database)
        if let problem = entry.pictures.problem { throw problem }
        try check(entry.body)
        let work = try PatrolWork(entry)
        if work.kind == .finding { return try await commands.find(work, entry, sent, context) }
        return try await services.database.write(context, "offline.patrol") { tx in
            try OfflineDecision.settle(sent, tx)
            let outcome = try commands.take(work, entry, context, tx)
            try OfflineStore.note(entry, outcome, tx)
            return outcome
        }
    }
}

/// What a worker did on a round without a network.
struct PatrolWork: Sendable {
    enum Kind: String, Sendable { case sign, finding, finish }

    /// Where the phone was at a moment.
    struct Position: Sendable {
        let at: Instant
        let point: GeoPoint
    }

    let kind: Kind
    let route: ID<PatrolRoute>
    /// The round when it was begun with a network, else the phone's own name of it.
    let patrol: ID<Patrol>?
    let round: String
    let begun: Instant
    let point: ID<PatrolPoint>?
    let proof: PatrolProof?
    let finding: FindingDraft
    /// How the point stood when it was done, as far as the phone knew.
    let before: String
    /// Since when the phone knows of nobody else's work.
    let since: Instant
    let positions: [Position]
    let at: Instant

    /// - Throws: `.notFound` for what is no work on a round.
    init(_ entry: OfflineEntry) throws {
        let body = entry.body
        guard let kind = Kind(rawValue: body.text("kind")), let route: ID<PatrolRoute> = body.id("route") else {
            throw LinliError.notFound("offline.kind")
        }
        self.kind = kind
        self.route = route
        at = entry.at
        since = entry.lease.issuedAt
        patrol = body.id("patrol")
        round = body.text("round")
        point = body.id("point")
        guard patrol != nil || (8...40).contains(round.utf8.count) else { throw LinliError.notFound("offline.round") }
        begun = PatrolWork.begun(body, at: at, since: since)
        before = OfflineDecision.before(body)
        let code = body.text("code")
        proof = code.isEmpty ? PatrolWork.position(body).map { PatrolProof.position($0) } : PatrolProof(scanned: code)
        var finding = FindingDraft()
        (finding.hazard, finding.text) = (body.text("hazard"), body.text("text"))
        let (photos, settled) = (entry.pictures.photos, body.text("settled").trimmed)
        if !settled.isEmpty { finding.settledWith = settled }
        let after = settled.isEmpty ? 0 : min(max(body.integer("after") ?? 0, 0), Int64(photos.count))
        finding.photos = Array(photos.dropLast(Int(after)))
        finding.photosAfter = Array(photos.suffix(Int(after)))
        self.finding = finding
        positions = PatrolWork.positions(body)
    }

    /// When the round began as the phone says: not after the work itself, nor before the phone had the route.
    static func begun(_ body: [String: JSONValue], at moment: Instant, since issued: Instant) -> Instant {
        max(min(body.integer("begun").map { Instant(milliseconds: $0) } ?? moment, moment), issued)
    }

    private static func position(_ body: [String: JSONValue]) -> GeoPoint? {
        body.number("lat").flatMap { latitude in
            body.number("lon").flatMap { GeoPoint(longitude: $0, latitude: latitude) }
        }
    }

    /// The most positions of one piece of work: one a minute, for a whole duty.
    /// - Source: configured, no source
    private static let most = 720

    private static func positions(_ body: [String: JSONValue]) -> [Position] {
        guard case .array(let values)? = body["track"] else { return [] }
        return values.prefix(most).compactMap { value in
            guard case .object(let one) = value, let at = one.integer("at"), let point = position(one) else {
                return nil
            }
            return Position(at: Instant(milliseconds: at), point: point)
        }
    }
}
