import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// A point as somebody writes it on a line.
struct PatrolPointDraft: Sendable {
    var name: String
    var point: GeoPoint?
    let needsPhoto: Bool

    init(_ line: String) {
        name = line
        needsPhoto = name.hasSuffix("*")
        if needsPhoto { name = String(name.dropLast()).trimmed }
        guard let at = name.lastIndex(of: "@") else { return }
        let numbers = name[name.index(after: at)...].split(separator: ",").compactMap { Double(String($0).trimmed) }
        guard numbers.count == 2 else { return }
        point = GeoPoint(longitude: numbers[1], latitude: numbers[0])
        name = String(name[..<at]).trimmed
    }

    /// The place its name says, in the community of the route.
    private func place(_ division: DivisionCode, _ tx: ReadTx) throws -> PlaceSummary? {
        try PlacesStore.named(in: name, tx).flatMap {
            division.ancestor(at: .community).contains($0.division) ? $0 : nil
        }
    }

    func insert(_ position: Int, of route: ID<PatrolRoute>, _ division: DivisionCode, _ tx: WriteTx) throws {
        let place = try place(division, tx)
        try tx.execute(
            """
            INSERT INTO patrol_point (id, route_id, position, name, place_id, latitude, longitude, needs_photo,
                created_at)
            VALUES (\(try tx.newID(PatrolPoint.self)), \(route), \(position), \(name), \(place?.id),
                \(point?.latitude ?? place?.latitude), \(point?.longitude ?? place?.longitude), \(needsPhoto),
                \(tx.now))
            """
        )
    }

    /// Puts an old point of this name at its position; where it is stays, unless the line says otherwise.
    func update(_ old: PatrolPoint, _ position: Int, _ tx: WriteTx) throws {
        let here = point ?? old.point
        if let before = old.point, before != here {
            try tx.execute(
                """
                INSERT INTO patrol_point_before (id, point_id, latitude, longitude, until_at)
                VALUES (\(try tx.newID(PatrolPoint.self)), \(old.id), \(before.latitude), \(before.longitude),
                    \(tx.now))
                """
            )
        }
        let photoSince: Instant? = needsPhoto && !old.needsPhoto ? tx.now : old.photoSince
        try tx.execute(
            """
            UPDATE patrol_point SET position = \(position), needs_photo = \(needsPhoto), latitude = \(here?.latitude),
                longitude = \(here?.longitude), photo_since = \(photoSince)
            WHERE id = \(old.id)
            """
        )
    }
}

extension PatrolCommands {
    /// Changes name, window, days, points and checklist of a route. A point that keeps its name keeps its code on the
    /// wall; one that is left out ends, and what was found there stays.
    ///
    /// - Throws: as `makeRoute`, `.notFound` outside one's duties, `.conflict` when somebody changed it meanwhile.
    func changeRoute(
        _ id: ID<PatrolRoute>, _ draft: PatrolRouteDraft, version: Int, _ context: Context
    ) async throws {
        let (name, lines, problems) = checked(draft)
        guard problems.isEmpty else { throw LinliError.invalid("patrols.route", problems) }
        try await database.write(context, "patrols.changeRoute") { tx in
            guard let route = try PatrolStore.route(id, tx), context.actor.may(.patrolsPlan, in: route.division) else {
                throw LinliError.notFound("patrols.route")
            }
            let isSame = (route.from, route.until, route.weekdays) == (draft.from, draft.until, draft.weekdays)
            let isSameList = route.checklist == draft.checklist
            let before: String? = isSameList ? route.checklistBefore : route.checklist
            let listSince: Instant? = isSameList ? route.checklistSince : tx.now
            let changed = try tx.execute(
                """
                UPDATE patrol_route SET name = \(name), from_minute = \(draft.from), until_minute = \(draft.until),
                    weekdays = \(draft.weekdays), checklist = \(draft.checklist),
                    checklist_before = \(before), checklist_since = \(listSince),
                    window_since = \(isSame ? route.since : tx.now), version = version + 1
                WHERE id = \(id) AND version = \(version)
                """
            )
            guard changed == 1 else {
                throw LinliError(
                    .conflict, "patrols.version",
                    Text("别人刚改过这条路线，请看过再改", "Somebody changed this route meanwhile; please look again"))
            }
            try PatrolCommands.put(lines, on: route, tx)
            try tx.audit(Subject("patrolRoute", id, division: route.division), fields: ["route"], values: [name])
        }
    }

    private static func put(_ lines: [String], on route: PatrolRoute, _ tx: WriteTx) throws {
        var old = try PatrolStore.points(of: route.id, tx)
        // Positions are taken once: the old ones step aside first, and those that end stay there.
        try tx.execute("UPDATE patrol_point SET position = -id WHERE route_id = \(route.id) AND ended_at IS NULL")
        for (position, line) in lines.enumerated() {
            let point = PatrolPointDraft(line)
            if let index = old.firstIndex(where: { $0.name == point.name }) {
                try point.update(old.remove(at: index), position, tx)
            } else {
                try point.insert(position, of: route.id, route.division, tx)
            }
        }
        try tx.execute("UPDATE patrol_point SET ended_at = \(tx.now) WHERE id IN \(SQL.list(old.map(\.id)))")
    }
}
