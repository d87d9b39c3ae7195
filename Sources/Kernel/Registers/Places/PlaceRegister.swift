import LinliCore
import LinliSQL

/// What is done with a place besides what its form says: photos, that it is there no more, and back again.
///
/// `permission` is what who asks must have where the place lies: administrators manage places, who looks after a grid
/// takes pictures of them.
package enum PlaceRegister {
    /// A place that is there and may be changed by who asks.
    ///
    /// - Throws: `.notFound` out of sight, `.conflict` for what has ended; with `isEnded` for what has not.
    package static func open(
        _ id: ID<Place>, _ permission: Permission, isEnded: Bool = false, _ context: Context, _ tx: ReadTx
    ) throws -> PlaceSummary {
        guard let place = try PlacesStore.find(id, tx), context.actor.may(permission, in: place.division) else {
            throw LinliError.notFound("places.unknown")
        }
        guard place.isHere != isEnded else {
            throw LinliError(
                .conflict, "places.ended",
                isEnded
                    ? Text("这处地点没有注销，不用恢复", "This place has not ended")
                    : Text("这处地点已经注销，先恢复再改", "This place has ended; bring it back first"))
        }
        return place
    }

    /// Counts a place's version up and sets what changed, if nobody was faster.
    package static func bump(
        _ place: PlaceSummary, version: Int? = nil, _ sets: [SQL] = [], _ tx: WriteTx
    ) throws {
        let all = SQL.joined(["version = version + 1"] + sets, separator: ", ")
        let count = try tx.execute(
            "UPDATE place SET \(all) WHERE id = \(place.id) AND version = \(version ?? place.version)"
        )
        guard count == 1 else {
            throw LinliError(
                .conflict, "places.version",
                Text("有人刚改过这处地点，请看了新的内容再改", "Somebody has just changed this place; look at it again first"))
        }
    }

    /// The audit entry and the event of a change, after its rows.
    package static func tell(_ place: PlaceSummary, _ fields: [String], _ tx: WriteTx) throws {
        let subject = Subject("place", place.id, division: place.division)
        try tx.audit(subject, fields: fields)
        try tx.emit("place.changed", subject)
    }

    // MARK: There no more

    /// Ends a place and what lies in it: it is no choice any more and keeps its cases and its history. Who looked after it
    /// does so no more, and is to be named anew when it comes back.
    ///
    /// - Throws: `.invalid` while a dwelling or an organization is entered there.
    package static func end(
        _ id: ID<Place>, _ reason: PlaceEndReason, version: Int?, _ context: Context, _ database: Database
    ) async throws {
        try await database.write(context, "places.end") { tx in
            let place = try open(id, .registersManage, context, tx)
            let inside = try PlacesStore.inside(id, tx)
            guard try !isLivedIn(inside, tx) else {
                throw LinliError.invalid(
                    "places.livedIn",
                    [
                        .init(
                            "reason",
                            Text(
                                "里面还登记着房屋或组织，先注销、搬走或并到别处",
                                "Dwellings or organizations are entered there: end or move them first"))
                    ])
            }
            try bump(place, version: version, [], tx)
            let gone: [ID<Place>] = try tx.all(
                "SELECT id FROM place WHERE id IN \(SQL.list(inside)) AND valid_to IS NULL ORDER BY id"
            ) { try $0[0] }
            try tx.execute(
                """
                UPDATE place SET valid_to = \(tx.now), end_reason = \(reason),
                    version = CASE WHEN id = \(id) THEN version ELSE version + 1 END
                WHERE id IN \(SQL.list(gone))
                """
            )
            for place in gone { try PlaceHistory.note(.ended, of: place, fields: [reason.rawValue], tx) }
            try GridRolesStore.end(at: gone, tx)
            try tell(place, ["end"], tx)
        }
    }

    /// Brings a place back, with what ended together with it.
    ///
    /// - Throws: `.conflict` while what it lies in has ended, or when it was joined with another.
    package static func reopen(
        _ id: ID<Place>, version: Int?, _ context: Context, _ database: Database
    ) async throws {
        try await database.write(context, "places.reopen") { tx in
            let place = try open(id, .registersManage, isEnded: true, context, tx)
            let parent = try place.parent.flatMap { try PlacesStore.find($0, tx) }
            guard place.mergedInto == nil, parent?.isHere ?? true else {
                throw LinliError(
                    .conflict, "places.reopen",
                    place.mergedInto == nil
                        ? Text("先恢复它的上级", "Bring back what it lies in first")
                        : Text("它并入了另一处，请撤销合并", "It was joined with another: undo that"))
            }
            try bump(place, version: version, [], tx)
            let back: [ID<Place>] = try tx.all(
                """
                SELECT id FROM place WHERE id IN \(SQL.list(try PlacesStore.inside(id, tx)))
                AND valid_to = \(place.validTo) AND merged_into IS NULL ORDER BY id
                """
            ) { try $0[0] }
            try tx.execute(
                """
                UPDATE place SET valid_to = NULL, end_reason = NULL,
                    version = CASE WHEN id = \(id) THEN version ELSE version + 1 END
                WHERE id IN \(SQL.list(back))
                """
            )
            for place in back { try PlaceHistory.note(.reopened, of: place, tx) }
            try tell(place, ["reopen"], tx)
        }
    }

    /// Whether somebody lives or works in any of some places.
    private static func isLivedIn(_ places: [ID<Place>], _ tx: ReadTx) throws -> Bool {
        let list = SQL.list(places)
        return try tx.exists("SELECT 1 FROM dwelling WHERE place_id IN \(list) AND valid_to IS NULL LIMIT 1")
            || tx.exists("SELECT 1 FROM organization WHERE place_id IN \(list) AND valid_to IS NULL LIMIT 1")
    }

    // MARK: Photos

    /// The photos of a place, the newest first.
    package static func photos(of place: ID<Place>, _ tx: ReadTx) throws -> [ID<StoredFile>] {
        try tx.all(
            """
            SELECT file_id FROM register_photo WHERE kind = \(PlaceHistory.kind) AND subject_id = \(place)
            ORDER BY id DESC LIMIT 30
            """
        ) { try $0[0] }
    }

    /// The content of a photo of a place; nil when it is not its photo.
    package static func photo(
        _ file: ID<StoredFile>, of place: ID<Place>, _ tx: ReadTx
    ) throws -> (hash: String, size: Int)? {
        try tx.first(
            """
            SELECT f.hash, f.size FROM register_photo p JOIN stored_file f ON f.id = p.file_id
            WHERE p.file_id = \(file) AND p.kind = \(PlaceHistory.kind) AND p.subject_id = \(place)
            """
        ) { row in (try row[0], try row[1]) }
    }

    /// Attaches photos to a place.
    package static func attach(
        _ files: [ID<StoredFile>], to id: ID<Place>, _ permission: Permission, _ context: Context,
        _ database: Database
    ) async throws {
        guard !files.isEmpty else {
            throw LinliError.invalid("places.photo", [.init("photos", Text("请选照片", "Please choose photos"))])
        }
        try await database.write(context, "places.photo") { tx in
            let place = try open(id, permission, context, tx)
            for file in files {
                try FileStore.use(file, by: tx.context.actor, tx)
                try tx.execute(
                    """
                    INSERT INTO register_photo (id, kind, subject_id, file_id, at, account_id)
                    VALUES (\(try tx.newID(RegisterLinkRow.self)), \(PlaceHistory.kind), \(id), \(file), \(tx.now),
                        \(tx.context.actor.account))
                    """
                )
            }
            try PlaceHistory.note(.photo, of: id, tx)
            try tell(place, ["photo"], tx)
        }
    }

    /// Takes a photo away.
    package static func detach(
        _ file: ID<StoredFile>, from id: ID<Place>, _ permission: Permission, _ context: Context,
        _ database: Database
    ) async throws {
        try await database.write(context, "places.removePhoto") { tx in
            let place = try open(id, permission, context, tx)
            let count = try tx.execute(
                """
                DELETE FROM register_photo
                WHERE file_id = \(file) AND kind = \(PlaceHistory.kind) AND subject_id = \(id)
                """
            )
            guard count > 0 else { throw LinliError.notFound("places.photo") }
            try PlaceHistory.note(.photo, of: id, tx)
            try tell(place, ["photo"], tx)
        }
    }
}
