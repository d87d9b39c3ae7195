import LinliCore
import LinliKernel
import LinliStandards

/// What an administrator may do with places, each within the divisions of their own duty.
struct PlacesCommands: Sendable {
    let database: Database
    /// Where the tables of all features name places.
    let uses: [PlaceUse]

    init(_ services: Services) {
        database = services.database
        uses = services.features.placeUses
    }

    /// Most places that one form adds.
    private static let most = 200

    /// Adds a place on its own.
    func add(_ draft: PlaceDraft, _ context: Context) async throws -> ID<Place> {
        let area = try draft.outline()
        return try await database.write(context, "places.add") { tx in
            let division = draft.division ?? DivisionCode(rawValue: 0)
            let key = try PlacesAdminStore.nextSortKey(in: division.ancestor(at: .community), tx)
            let place = try draft.checked(in: nil, sortKey: key)
            try PlacesCommands.check(place, context, tx)
            let id = try PlacesStore.insert(place, tx)
            try PlaceAreas.put(area, of: id, tx)
            try PlaceHistory.note(.entered, of: id, source: draft.source, tx)
            try tx.emit("place.changed", Subject("place", id, division: place.division))
            return id
        }
    }

    /// Adds places of one kind inside another, by their names; what they do not say they have from it.
    func add(_ names: [String], _ kind: PlaceKind?, inside id: ID<Place>, _ context: Context) async throws {
        let names = names.map(\.trimmed).filter { !$0.isEmpty }
        guard (1...PlacesCommands.most).contains(names.count) else {
            throw LinliError.invalid(
                "places.names",
                [.init("names", Text("请写名称，一行一个，最多 200 个", "Please write names, one a line, at most 200"))]
            )
        }
        try await database.write(context, "places.addInside") { tx in
            let parent = try PlaceRegister.open(id, .registersManage, context, tx)
            let present = Set(try PlacesStore.children(of: id, tx).filter(\.isHere).map(\.name))
            guard present.isDisjoint(with: names), Set(names).count == names.count else {
                throw LinliError.invalid(
                    "places.twice", [.init("names", Text("有重名的", "There is a name twice"))]
                )
            }
            let first = try PlacesAdminStore.nextSortKey(in: parent.division.ancestor(at: .community), tx)
            for (index, name) in names.enumerated() {
                let draft = PlaceDraft(
                    kind: kind, name: name, division: parent.division, right: parent.propertyRight, manager: nil
                )
                let place = try draft.checked(in: parent, sortKey: first + index)
                let child = try PlacesStore.insert(place, tx)
                try PlaceHistory.note(.entered, of: child, tx)
                try tx.emit("place.changed", Subject("place", child, division: place.division))
            }
        }
    }

    /// Changes a place; what is as it was is left alone.
    ///
    /// - Throws: `.invalid` naming the fields, `.conflict` when somebody changed it since the draft's version.
    func change(_ id: ID<Place>, _ draft: PlaceDraft, _ context: Context) async throws {
        let area = try draft.outline()
        let known = try await database.read { tx in
            let old = try PlaceRegister.open(id, .registersManage, context, tx)
            let parent = try old.parent.flatMap { try PlacesStore.find($0, tx) }
            let place = try draft.renaming(old, in: parent).checked(in: parent, sortKey: old.sortKey)
            try PlacesCommands.check(place, context, tx)
            let areas = (old: try PlaceAreas.find(id, tx), new: area?.area)
            return Known(
                old: old, place: place, area: { if case .kept = draft.area { nil } else { areas } }(),
                managers: try [old.manager, place.manager].map { try $0.flatMap { try UnitsStore.find($0, tx) } })
        }
        let values = known.values
        guard !values.isEmpty else { return }
        let history = try database.placeDraft(.changed, values)
        try await database.write(context, "places.change") { tx in
            try PlacesAdminStore.update(known.old, known.place, version: draft.version, tx)
            if values[.area] != nil { try PlaceAreas.put(area, of: id, tx) }
            try history.insert(id, source: draft.source, tx)
            try PlaceGrids.follow(known.old, to: known.place.division, tx)
            try tx.audit(
                Subject("place", id, division: known.place.division), fields: values.keys.map(\.rawValue).sorted())
            try tx.emit("place.changed", Subject("place", id, division: known.place.division))
        }
    }

    /// A place as it is and as it shall be.
    private struct Known: Sendable {
        let old: PlaceSummary
        let place: NewPlace
        /// Nil where the area stays.
        let area: (old: GeoArea?, new: GeoArea?)?
        let managers: [UnitSummary?]

        /// What is different.
        var values: PlaceHistory.Values {
            var values: PlaceHistory.Values = [:]
            func note(_ field: PlaceField, _ before: String, _ after: String) {
                if before != after { values[field] = (before, after) }
            }
            func degrees(_ latitude: Double?, _ longitude: Double?) -> String {
                guard let latitude, let longitude else { return "" }
                return "\(latitude), \(longitude)"
            }
            note(.kind, old.kind.rawValue, place.kind.rawValue)
            note(.name, old.name, place.name)
            note(.address, old.address, place.address)
            note(.road, old.road, place.road)
            note(.door, old.door, place.door)
            note(.division, old.division.short, place.division.short)
            note(.right, old.propertyRight.rawValue, place.propertyRight.rawValue)
            note(.point, degrees(old.latitude, old.longitude), degrees(place.latitude, place.longitude))
            // Two units may have one name.
            if old.manager != place.manager {
                values[.manager] = (managers[0]?.name.zh ?? "", managers[1]?.name.zh ?? "")
            }
            if let area, area.old != area.new {
                func size(_ area: GeoArea?) -> String { area.map { "\(Int($0.squareMetres.rounded()))" } ?? "" }
                values[.area] = (size(area.old), size(area.new))
            }
            return values
        }
    }

    /// Takes a place out that nothing names.
    ///
    /// - Throws: `.invalid` while a case, a resident or another place names it.
    func remove(_ id: ID<Place>, _ context: Context) async throws -> PlaceSummary {
        try await database.write(context, "places.remove") { [uses] tx in
            let place = try PlacesCommands.own(id, context, tx)
            guard try !PlacesAdminStore.isNamed(id, uses, tx) else {
                throw LinliError.invalid(
                    "places.inUse",
                    [
                        .init(
                            "remove",
                            Text(
                                "有工单、居民、房屋、部件或下级在用它，不能去掉，可以注销",
                                "Cases, residents, dwellings, things or places inside name it: it cannot go, it can end"
                            ))
                    ]
                )
            }
            try PlacesAdminStore.remove(id, tx)
            try tx.emit("place.changed", Subject("place", id, division: place.division))
            return place
        }
    }

    // MARK: Rules

    /// The place, if it is within the administrator's divisions; also one that has ended.
    static func own(_ id: ID<Place>, _ context: Context, _ tx: ReadTx) throws -> PlaceSummary {
        guard let place = try PlacesStore.find(id, tx), context.actor.may(.registersManage, in: place.division) else {
            throw LinliError.notFound("places.unknown")
        }
        return place
    }

    /// Whether division and manager may be named by this administrator.
    static func check(_ place: NewPlace, _ context: Context, _ tx: ReadTx) throws {
        guard context.actor.may(.registersManage, in: place.division),
            try DivisionsStore.find(place.division, at: context.now, tx) != nil
        else {
            throw LinliError.invalid(
                "places.division",
                [.init("division", Text("请选您管理范围内的社区或网格", "Please choose a community or grid within your own"))]
            )
        }
        guard let manager = place.manager else { return }
        guard
            try UnitsStore.reachable(from: place.division.ancestor(at: .community), tx).contains(where: {
                $0.id == manager
            })
        else {
            throw LinliError.invalid(
                "places.manager",
                [.init("manager", Text("请选这个社区能找到的单位", "Please choose a unit this community can reach"))]
            )
        }
    }
}
