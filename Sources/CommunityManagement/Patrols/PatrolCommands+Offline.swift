import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

extension PatrolCommands {
    /// Signs in at a point or ends a round, for who did it without a network.
    ///
    /// - Throws: as `PatrolOffline.take`.
    func take(
        _ work: PatrolWork, _ entry: OfflineEntry, _ context: Context, _ tx: WriteTx
    ) throws -> OfflineOutcome {
        let patrol = try round(of: work, try route(of: work, context, tx), context, tx)
        guard work.kind == .sign else {
            try tx.execute("UPDATE patrol SET ended_at = \(work.at) WHERE id = \(patrol.id) AND ended_at IS NULL")
            try tx.audit(patrol.subject, fields: ["finish"])
            try keep(work.positions, of: patrol, until: work.at, context, tx)
            return .taken
        }
        let point = try self.point(of: work, tx)
        let differences = try work.differences(patrol, point, nil, context, tx)
        guard differences.isEmpty else {
            try tx.audit(patrol.subject, fields: ["offline"])
            return OfflineOutcome(kind: .conflict, differences: differences)
        }
        try entry.pictures.insert(tx)
        try sign(work, patrol, point, isNormal: true, photos: entry.pictures.photos, tx)
        try keep(work.positions, of: patrol, until: work.at, context, tx)
        return .taken
    }

    /// What was found becomes a case, once by the entry's key; what a colleague reported meanwhile is shown first.
    ///
    /// - Throws: as `PatrolOffline.take`, and what a case asks for.
    func find(
        _ work: PatrolWork, _ entry: OfflineEntry, _ sent: OfflineEntry, _ context: Context
    ) async throws -> OfflineOutcome {
        let once = "offline-\(entry.key)"
        if let taken = try await services.commands.taken(once: once, context) {
            return try await note(OfflineOutcome(kind: .taken, number: taken.number), entry, sent, context)
        }
        let (route, point) = try await database.read { tx in
            (try self.route(of: work, context, tx), try self.point(of: work, tx))
        }
        guard let hazard = try self.hazard(of: work, route) else {
            throw LinliError.invalid("patrols.hazard", [.init("hazard", Text("请选是什么隐患", "Please choose the hazard"))])
        }
        let isSettled = work.finding.settledWith != nil
        guard !isSettled || !work.finding.photosAfter.isEmpty else {
            throw LinliError.invalid(
                "patrols.after",
                [.init("after", Text("当场解决的，请拍一张处理后的照片", "Settled on the spot: please add a photo of it now"))])
        }
        let differences = try await database.read { tx in
            try work.differences(try known(work, context, tx), point, hazard, context, tx)
        }
        guard differences.isEmpty else {
            return try await note(OfflineOutcome(kind: .conflict, differences: differences), entry, sent, context)
        }
        _ = try await entry.pictures.keep(database, context)
        var draft = self.draft(hazard, work.finding, point, in: route.division, context)
        draft.staffNote = "离线巡查，现场时间 \(work.at.date) \(work.at.time)"
        do {
            let taken = try await services.commands.report(draft, once: once, context) { id, tx in
                // Compared once more within the write: a colleague may have reported the same in between.
                guard try work.differences(try known(work, context, tx), point, hazard, context, tx).isEmpty else {
                    throw PatrolCommands.faster
                }
                let patrol = try round(of: work, route, context, tx)
                try sign(work, patrol, point, isNormal: false, photos: [], tx)
                try PatrolCommands.insert(hazard, at: point, of: patrol, isSettled: isSettled, id, work.at, tx)
                try keep(work.positions, of: patrol, until: work.at, context, tx)
            }
            return try await note(OfflineOutcome(kind: .taken, number: taken.number), entry, sent, context)
        } catch let error as LinliError where error.id == PatrolCommands.faster.id {
            let differences = try await database.read { tx in
                try work.differences(try known(work, context, tx), point, hazard, context, tx)
            }
            guard !differences.isEmpty else { throw error }
            return try await note(OfflineOutcome(kind: .conflict, differences: differences), entry, sent, context)
        }
    }

    private static let faster = LinliError(
        .unavailable, "patrols.faster",
        Text("同一个点位正有人在报，过一会儿自动再传", "Somebody is reporting at the same point; it is sent again shortly"),
        retryAfterSeconds: 5)

    /// Leaves it as it stands there: somebody decided against their phone.
    func leave(_ sent: OfflineEntry, _ context: Context) async throws -> OfflineOutcome {
        try await note(.taken, sent, sent, context)
    }

    private func note(
        _ outcome: OfflineOutcome, _ entry: OfflineEntry, _ sent: OfflineEntry, _ context: Context
    ) async throws -> OfflineOutcome {
        try await database.write(context, "offline.patrol") { tx in
            try OfflineDecision.settle(sent, tx)
            try OfflineStore.note(entry, outcome, tx)
            try tx.audit(
                Subject("offlineLease", entry.lease.id, division: entry.lease.division), fields: ["offline"])
            return outcome
        }
    }

    // MARK: The round

    /// The route, also one that ended meanwhile; only for who may walk it, and only what was done on duty.
    private func route(of work: PatrolWork, _ context: Context, _ tx: ReadTx) throws -> PatrolRoute {
        guard let route = try PatrolStore.anyRoute(work.route, tx), context.actor.may(.casesReport, in: route.division)
        else { throw LinliError.notFound("patrols.route") }
        guard try !RegisterReading.duty(of: context, from: work.at, until: work.at, tx).isEmpty else {
            throw LinliError(
                .forbidden, "patrols.offDutyThen",
                Text("记这一条的时候您不在班上，没有收下", "You were off duty when this was noted: it was not taken"))
        }
        return route
    }

    /// What was found, by the checklist that went along: what was struck out meanwhile was found all the same.
    private func hazard(of work: PatrolWork, _ route: PatrolRoute) throws -> Hazards.Hazard? {
        if let found = try Hazards(route.checklist, services.catalogue)[work.finding.hazard] { return found }
        guard let before = route.checklistBefore, let since = route.checklistSince, work.since < since else {
            return nil
        }
        return try Hazards(before, services.catalogue)[work.finding.hazard]
    }

    /// The point where it was when the phone learned of it: who stood there then stood at the point, wherever it is now.
    private func point(of work: PatrolWork, _ tx: ReadTx) throws -> PatrolPoint {
        guard let id = work.point, var point = try PatrolStore.anyPoint(id, tx), point.route == work.route else {
            throw LinliError.notFound("patrols.point")
        }
        if let then = try PatrolStore.position(of: id, at: work.since, tx) { point.point = then }
        return point
    }

    /// The round as far as the server knows it.
    private func known(_ work: PatrolWork, _ context: Context, _ tx: ReadTx) throws -> Patrol? {
        guard let account = context.actor.account else { throw LinliError.notFound("patrols.account") }
        guard let id = work.patrol else { return try PatrolStore.patrol(named: work.round, of: account, tx) }
        guard let patrol = try PatrolStore.patrol(id, tx), patrol.worker == account, patrol.route == work.route else {
            throw LinliError.notFound("patrols.unknown")
        }
        return patrol
    }

    /// The round of a piece of work, begun by the first of its pieces that comes; one of the same route and day that was
    /// begun with a network meanwhile is the same round.
    private func round(
        of work: PatrolWork, _ route: PatrolRoute, _ context: Context, _ tx: WriteTx
    ) throws -> Patrol {
        if let known = try known(work, context, tx) { return known }
        guard let account = context.actor.account else { throw LinliError.notFound("patrols.account") }
        var joined = 0
        if let open = try PatrolStore.joinable(route.id, of: account, on: work.begun.date, tx) {
            joined = try tx.execute(
                """
                UPDATE patrol SET phone_key = \(work.round) WHERE id = \(open.id) AND ended_at IS NULL
                AND phone_key IS NULL
                """
            )
        }
        if joined == 0 {
            try tx.execute(
                """
                INSERT INTO patrol (id, route_id, division, community, day, worker_id, worker_name, started_at,
                    phone_key)
                VALUES (\(try tx.newID(Patrol.self)), \(route.id), \(route.division),
                    \(route.division.ancestor(at: .community)), \(work.begun.date.daysSinceEpoch), \(account),
                    \(context.actor.name), \(work.begun), \(work.round))
                """
            )
        }
        guard let patrol = try PatrolStore.patrol(named: work.round, of: account, tx) else {
            throw LinliError.notFound("patrols.unknown")
        }
        try tx.audit(patrol.subject, fields: ["begin"])
        return patrol
    }

    /// Signs in at the hour it was done; at a point that has a sign the newer word stands, and no photo is lost.
    private func sign(
        _ work: PatrolWork, _ patrol: Patrol, _ point: PatrolPoint, isNormal: Bool, photos: [ID<StoredFile>],
        _ tx: WriteTx
    ) throws {
        try tx.audit(patrol.subject, fields: ["sign"])
        let known: Int64? = try tx.value(
            "SELECT id FROM patrol_sign WHERE patrol_id = \(patrol.id) AND point_id = \(point.id)")
        if let known {
            try tx.execute("UPDATE patrol_sign SET is_normal = \(isNormal) WHERE id = \(known)")
            return try PatrolCommands.insert(photos, of: known, tx)
        }
        let metres = try checked(work.proof, at: point)
        if point.askedPhoto(at: work.since), isNormal, photos.isEmpty { throw PatrolCommands.needsPhoto }
        try PatrolCommands.insert(
            PatrolSign(point: point.id, at: work.at, metres: metres, isNormal: isNormal, photos: photos), of: patrol, tx
        )
    }

    /// Keeps where the round was, only what was on duty and within the round, and no longer than any track.
    private func keep(
        _ positions: [PatrolWork.Position], of patrol: Patrol, until end: Instant, _ context: Context, _ tx: WriteTx
    ) throws {
        guard !positions.isEmpty else { return }
        let days = services.queries.settings.trackDays
        let duty = try RegisterReading.duty(of: context, from: patrol.startedAt, until: end, tx)
        for position in positions {
            let (at, keepUntil) = (position.at, position.at.adding(days: days))
            guard at >= patrol.startedAt, at <= min(end, tx.now), keepUntil > tx.now,
                duty.contains(where: { $0.contains(at) })
            else { continue }
            try tx.execute(
                """
                INSERT INTO patrol_track (id, patrol_id, at, latitude, longitude, keep_until)
                VALUES (\(try tx.newID(PatrolPoint.self)), \(patrol.id), \(at), \(position.point.latitude),
                    \(position.point.longitude), \(keepUntil))
                """
            )
        }
    }

    // MARK: Rows

    /// Keeps a sign with its photos.
    static func insert(_ sign: PatrolSign, of patrol: Patrol, _ tx: WriteTx) throws {
        let id = try tx.newID(PatrolPoint.self).rawValue
        try tx.execute(
            """
            INSERT INTO patrol_sign (id, patrol_id, point_id, at, way, metres, is_normal)
            VALUES (\(id), \(patrol.id), \(sign.point), \(sign.at), \(sign.metres == nil ? "code" : "position"),
                \(sign.metres), \(sign.isNormal))
            """
        )
        try insert(sign.photos, of: id, tx)
    }

    private static func insert(_ photos: [ID<StoredFile>], of sign: Int64, _ tx: WriteTx) throws {
        for photo in photos {
            try FileStore.use(photo, by: tx.context.actor, tx)
            try tx.execute(
                "INSERT INTO patrol_photo (id, sign_id, file_id) VALUES (\(try tx.newID(PatrolPoint.self)), \(sign), \(photo))"
            )
        }
    }

    static let needsPhoto = LinliError.invalid(
        "patrols.photo", [.init("photos", Text("这个点位要拍一张照片", "This point asks for a photo"))])
}

extension PatrolWork {
    /// What both sides say of it; empty where nothing stands against it.
    func differences(
        _ patrol: Patrol?, _ point: PatrolPoint, _ hazard: Hazards.Hazard?, _ context: Context, _ tx: ReadTx
    ) throws -> [OfflineOutcome.Difference] {
        let sign = try patrol.flatMap { try PatrolStore.signs(of: $0.id, tx)[point.id] }
        let twin = try hazard.flatMap { try PatrolStore.twin(of: $0.id, at: point.id, since: since, context, tx) }
        let ended = patrol?.endedAt.flatMap { $0 < at ? $0 : nil }
        let state = sign.map { $0.isNormal ? "normal" : "hazard" } ?? ""
        let now = "\(ended == nil ? "open" : "over")-\(state)-\(twin?.number ?? "")"
        guard before != now else { return [] }
        func difference(_ field: String, _ name: Text, _ theirs: Text) -> OfflineOutcome.Difference {
            OfflineOutcome.Difference(
                kind: "patrol", id: "\(point.id)", field: field, mine: kind.rawValue, theirs: now, mark: now,
                words: .init(name: name, mine: mine, theirs: theirs))
        }
        var found: [OfflineOutcome.Difference] = []
        if let ended {
            found.append(
                difference(
                    "patrol.round", Text("这趟巡查", "The round"),
                    Text("已在\(ended.dayAndTime.zh) 结束", "ended \(ended.dayAndTime.en)")))
        }
        if kind == .sign, let sign, !sign.isNormal {
            found.append(
                difference("patrol.sign", Text(same: point.name), Text("有隐患", "A hazard") + hour(sign.at)))
        }
        if let hazard, let twin {
            let told = Text("同事已上报（\(twin.number)）", "Reported by a colleague (\(twin.number))")
            found.append(difference("patrol.hazard", hazard.name, told + hour(twin.at)))
        }
        return found
    }

    private var mine: Text {
        (kind == .sign ? Text("正常", "As it should be") : Text("有隐患，要上报", "A hazard, to report")) + hour(at)
    }

    private func hour(_ moment: Instant) -> Text { Text(same: " · ") + moment.dayAndTime }
}
