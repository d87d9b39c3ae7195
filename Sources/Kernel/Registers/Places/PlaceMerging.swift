import LinliCore
import LinliSQL

/// Joining two entries of one place: what lies in the one and what names it goes to the other, and comes back when that is
/// undone.
package enum PlaceMerging {
    /// The most rows that go along; a place that more hangs on is no slip of the pen.
    /// - Source: configured, no source
    private static let mostRows = 20_000

    /// What goes along: rows by the column that names the place, and what the one that stays had not.
    private struct Moves: Equatable, Sendable {
        var rows: [String: [Int64]] = [:]
        var fills: Set<String> = []

        func values(_ other: ID<Place>) -> RegisterHistory.Values {
            var values = rows.mapValues { (old: $0.map { String($0) }.joined(separator: ","), new: "") }
            values["merged"] = ("\(other)", "")
            values["fills"] = (fills.sorted().joined(separator: ","), "")
            return values
        }

        /// Notes what gets the address of the other place, so that nothing else gets its old one back.
        mutating func follow(_ homes: [PlaceReaddressing.Entry]) {
            for home in homes { rows[Moves.address(home), default: []].append(home.subject.id) }
        }

        /// Whether something got the address of the place it came to.
        func followed(_ home: PlaceReaddressing.Entry) -> Bool {
            rows[Moves.address(home)]?.contains(home.subject.id) ?? false
        }

        private static func address(_ home: PlaceReaddressing.Entry) -> String {
            "\(home.subject.kind.rawValue).address"
        }

        init() {}

        init(_ values: RegisterHistory.Values) {
            for (name, value) in values where name.contains(".") {
                rows[name] = value.old.split(separator: ",").compactMap { Int64($0) }
            }
            fills = Set((values["fills"]?.old ?? "").split(separator: ",").map(String.init))
        }
    }

    /// Merges `other` into `survivor`: what lies in it, dwellings, organizations, things, residents, cases and photos come
    /// over, and what `survivor` lacks of manager, point and area. `uses` are the columns of all features.
    ///
    /// - Throws: `.invalid` for two that cannot be one, `.conflict` when somebody changed `survivor` since `version`.
    package static func merge(
        _ other: ID<Place>, into survivor: ID<Place>, version: Int?, _ uses: [PlaceUse], _ context: Context,
        _ database: Database
    ) async throws {
        let found = try await database.read { tx in
            let place = try PlaceRegister.open(survivor, .registersManage, context, tx)
            let gone = try PlaceRegister.open(other, .registersManage, context, tx)
            try check(gone, into: place, tx)
            return (place: place, gone: gone, moves: try moves(gone, to: place, uses, tx))
        }
        let history = try database.placeDraft(.merged, more: found.moves.values(other))
        try await database.write(context, "places.merge") { tx in
            let (place, gone) = (found.place, found.gone)
            // What came there since it was read would be left behind.
            guard try moves(gone, to: place, uses, tx) == found.moves else { throw changed }
            try bump(
                place, version: version, try fills(found.moves.fills, of: gone), gone,
                [
                    "valid_to = \(tx.now)", "end_reason = \(PlaceEndReason.merged)", "merged_into = \(survivor)",
                ], tx)
            let homes = try PlaceReaddressing.rows(at: other, from: gone.address, to: place.address, tx)
            for use in uses { try use.move(found.moves.rows[use.name] ?? [], from: other, to: survivor, tx) }
            try PlaceReaddressing.put(homes, of: survivor, tx)
            try CaseAddresses.follow(survivor, to: place.address, tx)
            try readdress(found.moves, in: survivor, from: gone.address, to: place.address, tx)
            if found.moves.fills.contains("area") {
                try tx.execute(
                    """
                    INSERT INTO place_area (place_id, geometry)
                    SELECT CAST(\(survivor) AS BIGINT), geometry FROM place_area WHERE place_id = \(other)
                    """
                )
            }
            try history.insert(survivor, source: "staff", tx)
            try PlaceHistory.note(.merged, of: other, fields: ["mergedInto"], tx)
            try PlaceRegister.tell(place, ["merged"], tx)
            try PlaceRegister.tell(gone, ["mergedInto"], tx)
        }
    }

    /// Takes the last merge of `other` back: it is there again with what was its.
    ///
    /// - Throws: `.notFound` when it was not merged.
    package static func split(
        _ other: ID<Place>, _ uses: [PlaceUse], _ context: Context, _ database: Database
    ) async throws {
        let keys = database.keys
        let found = try await database.read { tx in
            let gone = try PlaceRegister.open(other, .registersManage, isEnded: true, context, tx)
            guard let into = gone.mergedInto else { throw LinliError.notFound("places.merge") }
            let place = try PlaceRegister.open(into, .registersManage, context, tx)
            guard let moves = try last(other, in: into, keys, tx) else { throw LinliError.notFound("places.merge") }
            return (place: place, gone: gone, moves: moves)
        }
        try await database.write(context, "places.split") { tx in
            let (place, gone) = (found.place, found.gone)
            let fills = found.moves.fills.filter { isStill($0, of: gone, in: place) }
            try bump(
                place, version: nil, fills.flatMap(Self.clears), gone,
                ["valid_to = NULL", "end_reason = NULL", "merged_into = NULL"], tx)
            for use in uses { try use.move(found.moves.rows[use.name] ?? [], from: place.id, to: other, tx) }
            let homes = try PlaceReaddressing.rows(at: other, from: place.address, to: gone.address, tx)
            try PlaceReaddressing.put(homes.filter(found.moves.followed), of: other, tx)
            try CaseAddresses.follow(other, to: gone.address, tx)
            try readdress(found.moves, in: other, from: place.address, to: gone.address, tx)
            if fills.contains("area") {
                try tx.execute(
                    """
                    DELETE FROM place_area WHERE place_id = \(place.id)
                    AND geometry = (SELECT o.geometry FROM place_area o WHERE o.place_id = \(other))
                    """
                )
            }
            try PlaceHistory.note(.split, of: place.id, tx)
            try PlaceHistory.note(.split, of: other, tx)
            try PlaceRegister.tell(place, ["split"], tx)
            try PlaceRegister.tell(gone, ["split"], tx)
        }
    }

    /// Counts up both, if nobody changed either since it was read.
    private static func bump(
        _ place: PlaceSummary, version: Int?, _ sets: [SQL], _ gone: PlaceSummary, _ ends: [SQL], _ tx: WriteTx
    ) throws {
        do {
            try PlaceRegister.bump(place, version: version, sets, tx)
            try PlaceRegister.bump(gone, ends, tx)
        } catch let error as LinliError where error.id == "places.version" {
            throw changed
        }
    }

    private static let changed = LinliError(
        .conflict, "places.mergeChanged",
        Text(
            "刚才有人改了这两处中的一处，或里面的楼、房、工单有变动，所以没有动。请重新打开这两处看一遍，还是同一处就再做一次",
            "One of the two, or what lies in it, has just changed, so nothing was done. Open both again, and do it once more if it still is right"
        ))

    // MARK: Rules

    private static func check(_ gone: PlaceSummary, into place: PlaceSummary, _ tx: ReadTx) throws {
        func refuse(_ zh: String, _ en: String) -> LinliError {
            LinliError.invalid("places.mergeOther", [.init("other", Text(zh, en))])
        }
        // What is entered in a place keeps its grid: of another grid, it would be shown to who works in this one.
        guard gone.id != place.id, gone.division == place.division else {
            throw refuse(
                "只能合并同一个网格里的两处地点，请先把网格改成一样的", "Two places of one grid can be joined; make their grids equal first")
        }
        let chains = try PlacesStore.chain(of: gone.parent, tx) + PlacesStore.chain(of: place.parent, tx)
        guard !chains.contains(where: { $0.id == gone.id || $0.id == place.id }) else {
            throw refuse("一处在另一处里面，不能合并", "One lies in the other: they cannot be one")
        }
        let inside = try PlacesStore.children(of: gone.id, tx).filter(\.isHere)
        guard inside.allSatisfy({ place.kind.inside.contains($0.kind) }) else {
            throw refuse(
                "“\(gone.name)”里面的东西放不进\(place.kind.name.zh)",
                "What lies in “\(gone.name)” cannot lie in \(place.kind.name.en)")
        }
    }

    private static func moves(
        _ gone: PlaceSummary, to place: PlaceSummary, _ uses: [PlaceUse], _ tx: ReadTx
    ) throws -> Moves {
        var moves = Moves()
        var count = 0
        for use in uses {
            let rows = try use.rows(of: gone.id, to: place.id, limit: mostRows + 1, tx)
            if !rows.isEmpty { moves.rows[use.name] = rows }
            count += rows.count
        }
        guard count <= mostRows else {
            throw LinliError.invalid(
                "places.mergeOther",
                [.init("other", Text("这处地点牵连太多，请反过来合并", "Too much hangs on it: join them the other way"))])
        }
        moves.follow(try PlaceReaddressing.rows(at: gone.id, from: gone.address, to: place.address, tx))
        if place.manager == nil, gone.manager != nil { moves.fills.insert("manager") }
        if place.latitude == nil, gone.latitude != nil { moves.fills.insert("point") }
        if try PlaceAreas.find(place.id, tx) == nil, try PlaceAreas.find(gone.id, tx) != nil {
            moves.fills.insert("area")
        }
        return moves
    }

    private static func fills(_ names: Set<String>, of gone: PlaceSummary) throws -> [SQL] {
        var sets: [SQL] = []
        if names.contains("manager") { sets.append("manager_id = \(gone.manager)") }
        if names.contains("point") { sets += ["latitude = \(gone.latitude)", "longitude = \(gone.longitude)"] }
        return sets
    }

    /// Whether the place that stayed still says what it had from the other: what somebody said of it since is its own.
    /// The area is compared where it is stored.
    private static func isStill(_ fill: String, of gone: PlaceSummary, in place: PlaceSummary) -> Bool {
        switch fill {
        case "manager": place.manager == gone.manager
        case "point": place.latitude == gone.latitude && place.longitude == gone.longitude
        default: true
        }
    }

    /// What takes back what the place that stayed had from the other.
    private static func clears(_ fill: String) -> [SQL] {
        switch fill {
        case "manager": ["manager_id = NULL"]
        case "point": ["latitude = NULL", "longitude = NULL"]
        default: []
        }
    }

    /// Addresses of the places that went over begin with that of where they lie now, if they did before.
    private static func readdress(
        _ moves: Moves, in parent: ID<Place>, from old: String, to new: String, _ tx: WriteTx
    ) throws {
        guard let ids = moves.rows["place.parent_id"], !ids.isEmpty else { return }
        let children = try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p WHERE p.id IN \(SQL.list(ids)) AND p.parent_id = \(parent)
            ORDER BY p.id
            """
        ) { try PlaceSummary($0) }
        try PlaceReaddressing.follow(children, from: old, to: new, tx)
    }

    /// What the last merge of `other` brought to `survivor`.
    private static func last(
        _ other: ID<Place>, in survivor: ID<Place>, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> Moves? {
        let rows = try tx.all(
            """
            SELECT id, values_sealed FROM register_change
            WHERE kind = \(PlaceHistory.kind) AND subject_id = \(survivor) AND what = 'merged'
            AND values_sealed IS NOT NULL ORDER BY id DESC LIMIT 50
            """
        ) { row -> (ID<RegisterChangeRow>, [UInt8]) in (try row[0], try row[1]) }
        for (id, sealed) in rows {
            let values = try RegisterHistory.open(sealed, id, keys)
            if values["merged"]?.old == "\(other)" { return Moves(values) }
        }
        return nil
    }
}
