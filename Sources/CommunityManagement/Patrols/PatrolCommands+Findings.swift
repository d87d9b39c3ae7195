import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

extension PatrolCommands {
    /// Something is not as it should be: a case of it, in the same transaction as the sign; settled on the spot with
    /// evidence it is counted all the same.
    ///
    /// - Throws: as `normal`, and `.invalid` for what a case needs.
    func find(
        _ patrol: ID<Patrol>, _ point: ID<PatrolPoint>, _ proof: PatrolProof?, _ finding: FindingDraft, once: String,
        _ context: Context
    ) async throws -> String {
        if let taken = try await services.commands.taken(once: once, context) { return taken.number }
        let (held, at, route) = try await database.read { tx -> (Patrol, PatrolPoint, PatrolRoute?) in
            let (held, at) = try self.held(patrol, point, context, tx)
            return (held, at, try PatrolStore.route(held.route, tx))
        }
        guard let hazard = try route.flatMap({ try Hazards($0.checklist, services.catalogue)[finding.hazard] }) else {
            throw LinliError.invalid("patrols.hazard", [.init("hazard", Text("请选是什么隐患", "Please choose the hazard"))])
        }
        let isSettled = finding.settledWith != nil
        guard !isSettled || !finding.photosAfter.isEmpty else {
            throw LinliError.invalid(
                "patrols.after",
                [.init("after", Text("当场解决的，请拍一张处理后的照片", "Settled on the spot: please add a photo of it now"))])
        }
        let draft = draft(hazard, finding, at, in: held.division, context)
        return try await services.commands.report(draft, once: once, context) { id, tx in
            try sign(patrol, point, proof, isNormal: false, photos: [], context, tx)
            try PatrolCommands.insert(hazard, at: at, of: held, isSettled: isSettled, id, tx.now, tx)
        }.number
    }

    /// Keeps what was found beside its case.
    static func insert(
        _ hazard: Hazards.Hazard, at point: PatrolPoint, of patrol: Patrol, isSettled: Bool, _ id: ID<Case>,
        _ at: Instant, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO patrol_finding (id, patrol_id, point_id, place_id, division, community, at, hazard,
                is_danger, is_settled, case_id)
            VALUES (\(try tx.newID(PatrolPoint.self)), \(patrol.id), \(point.id), \(point.place),
                \(patrol.division), \(patrol.division.ancestor(at: .community)), \(at), \(hazard.id),
                \(hazard.isDanger), \(isSettled), \(id))
            """
        )
        guard let place = point.place else { return }
        // What several signals at a place mean together is worked out from it.
        try tx.emit(
            "patrol.found", Subject("case", id, division: patrol.division),
            facts: ["place": "\(place.rawValue)", "category": hazard.category])
    }

    /// The case of what was found.
    func draft(
        _ hazard: Hazards.Hazard, _ finding: FindingDraft, _ point: PatrolPoint, in division: DivisionCode,
        _ context: Context
    ) -> CaseDraft {
        let words = finding.text.trimmed
        var draft = CaseDraft(
            text: words.isEmpty ? "巡查发现：\(hazard.name.zh)" : "巡查发现\(hazard.name.zh)：\(words)", division: division
        )
        let type = services.queries.types.newest("gridEvent")
        let isEvent = services.catalogue[code: hazard.category].map { type?.opening?.takes($0) ?? false } ?? false
        // What was settled at once nobody asked for, so nobody is waited for: the street looks at it and closes it, as
        // with every event a worker settles. What is left goes by its kind, a need to who has to act.
        let isSettled = finding.settledWith != nil && type?.settled != nil && type?.isOffered(at: .grid) == true
        draft.type = isEvent || isSettled ? "gridEvent" : "need"
        if isSettled { draft.unit = context.actor.employer }
        draft.category = hazard.category
        draft.nature = .assistance
        draft.spot = .estate
        draft.location = point.name
        draft.place = point.place
        draft.latitude = point.point?.latitude
        draft.longitude = point.point?.longitude
        draft.source = .grid
        draft.isUrgent = hazard.isDanger && finding.settledWith == nil
        draft.photos = finding.photos
        draft.photosAfter = finding.photosAfter
        draft.settledWith = finding.settledWith
        return draft
    }

    /// Ends a round.
    ///
    /// - Throws: `.notFound` for somebody else's.
    func finish(_ id: ID<Patrol>, _ context: Context) async throws {
        try await database.write(context, "patrols.finish") { tx in
            guard let patrol = try PatrolStore.patrol(id, tx), patrol.worker == context.actor.account else {
                throw LinliError.notFound("patrols.unknown")
            }
            try tx.execute("UPDATE patrol SET ended_at = \(tx.now) WHERE id = \(id) AND ended_at IS NULL")
            try tx.audit(patrol.subject, fields: ["finish"])
        }
    }

    // MARK: Tracks

    /// Keeps where a round is, for a few days; only while it is walked, and on duty.
    ///
    /// - Throws: `.forbidden` off duty, `.conflict` after its end.
    func track(_ id: ID<Patrol>, _ position: GeoPoint?, _ context: Context) async throws {
        guard let position else {
            throw LinliError.invalid("patrols.position", [.init("lat", Text("没有位置", "No position"))])
        }
        let days = services.queries.settings.trackDays
        try await database.write(context, "patrols.track") { tx in
            let patrol = try walked(id, context, tx)
            try tx.execute(
                """
                INSERT INTO patrol_track (id, patrol_id, at, latitude, longitude, keep_until)
                VALUES (\(try tx.newID(PatrolPoint.self)), \(id), \(tx.now), \(position.latitude),
                    \(position.longitude), \(tx.now.adding(days: days)))
                """
            )
            try tx.audit(patrol.subject, fields: ["track"])
        }
    }

    /// Where a round went: for who walks it, and for their head when somebody's safety is at stake; noted first.
    ///
    /// - Throws: `.notFound` for everybody else, `.invalid` without a reason.
    func look(
        _ id: ID<Patrol>, reason: String, _ context: Context
    ) async throws -> [(at: Instant, latitude: Double, longitude: Double)] {
        let reason = PersonalNumbers.replacing(in: reason.trimmed) { $0.masked }
        guard !reason.isEmpty, reason.count <= 100 else {
            throw LinliError.invalid("patrols.reason", [.init("reason", Text("请写为什么要看", "Please say why"))])
        }
        try await database.write(context, "patrols.look", reason: reason) { tx in
            guard let patrol = try PatrolStore.patrol(id, tx),
                patrol.worker == context.actor.account || context.actor.may(.patrolsPlan, in: patrol.division)
            else { throw LinliError.notFound("patrols.unknown") }
            try tx.audit(patrol.subject, fields: ["trackRead"])
        }
        return try await database.read { try PatrolStore.track(of: id, $0) }
    }
}

extension JobKind {
    /// Tracks are forgotten when their days are over.
    static let forgetTracks = JobKind("patrols.forget", everySeconds: 3600) { run in
        let isOver = try await run.database.read { tx in
            try tx.exists("SELECT 1 FROM patrol_track WHERE keep_until < \(run.context.now) LIMIT 1")
        }
        guard isOver else { return }
        try await run.database.write(run.context, "patrols.forget") { tx in
            let gone = try tx.execute("DELETE FROM patrol_track WHERE keep_until < \(tx.now)")
            try tx.audit(Subject("patrolTrack", 0), fields: ["forget×\(gone)"])
        }
    }
}
