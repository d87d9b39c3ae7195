import LinliCore
import LinliKernel
import LinliStandards

/// A place as a form or a line of a table has it.
struct PlaceDraft: Sendable {
    var kind: PlaceKind?
    var name: String
    /// Empty: the address of what it lies in, and its name.
    var address: String
    var division: DivisionCode?
    var right: PropertyRight?
    var manager: ID<Unit>?
    var latitude: String
    var longitude: String

    /// From a form; the place beside it says what the form does not ask.
    init(_ form: Form) {
        kind = form["kind"].flatMap { PlaceKind(rawValue: $0) }
        name = form["name"] ?? ""
        address = form["address"] ?? ""
        division = form["division"].flatMap { DivisionCode($0) }
        right = form["right"].flatMap { PropertyRight(rawValue: $0) }
        manager = form.id("manager")
        latitude = form["latitude"] ?? ""
        longitude = form["longitude"] ?? ""
    }

    init(
        kind: PlaceKind?, name: String, division: DivisionCode?, right: PropertyRight?, manager: ID<Unit>?,
        latitude: String = "", longitude: String = ""
    ) {
        self.kind = kind
        self.name = name
        address = ""
        self.division = division
        self.right = right
        self.manager = manager
        self.latitude = latitude
        self.longitude = longitude
    }

    /// The box around China, for coordinates in the wrong order.
    /// - Source: configured, the mainland's extremes rounded outward
    private static let latitudes = 3.0...54.0
    private static let longitudes = 73.0...136.0

    /// What is wrong with it, inside `parent` or on its own.
    func problems(in parent: PlaceSummary?) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        func say(_ name: String, _ zh: String, _ en: String) { problems.append(.init(name, Text(zh, en))) }
        if kind == nil { say("kind", "请选种类", "Please choose what it is") }
        if let kind, let parent, !parent.kind.inside.contains(kind) {
            say(
                "kind", "\(parent.kind.name.zh)里面不能有\(kind.name.zh)",
                "\(kind.name.en) cannot lie in \(parent.kind.name.en)")
        }
        if let kind, parent == nil, kind == .entrance { say("kind", "单元要加在楼里面", "An entrance lies in a building") }
        if let problem = NameRules.problem(name, limit: 60) { problems.append(.init("name", problem)) }
        if address.count > 160 || !PersonalNumbers.find(in: address).isEmpty {
            say("address", "地址最多 160 个字，不写电话和证件号", "At most 160 characters, no phone or citizen number")
        }
        if division.map({ $0.level >= .community }) != true {
            say("division", "请选社区或网格", "Please choose a community or grid")
        }
        if right == nil { say("right", "请选产权", "Please choose whose it is") }
        if latitude.isEmpty != longitude.isEmpty || !latitude.isEmpty && point == nil {
            say(
                "latitude", "坐标要写两个数，先纬度（如 39.914）后经度（如 116.402）",
                "Two numbers: latitude such as 39.914, then longitude such as 116.402")
        }
        return problems
    }

    private var point: (Double, Double)? {
        guard let latitude = Double(latitude), let longitude = Double(longitude),
            PlaceDraft.latitudes.contains(latitude), PlaceDraft.longitudes.contains(longitude)
        else { return nil }
        return (latitude, longitude)
    }

    /// The place to store.
    ///
    /// - Throws: `.invalid` naming each field.
    func checked(in parent: PlaceSummary?, sortKey: Int) throws -> NewPlace {
        let problems = problems(in: parent)
        guard problems.isEmpty, let kind, let division, let right else {
            throw LinliError.invalid("places.draft", problems)
        }
        let full = address.isEmpty ? String(((parent?.address ?? "") + name).prefix(160)) : address
        return NewPlace(
            parent: parent?.id, kind: kind, name: name, address: full, division: division, latitude: point?.0,
            longitude: point?.1, propertyRight: right, manager: manager, sortKey: sortKey
        )
    }
}

/// What an administrator may do with places, each within the divisions of their own duty.
struct PlacesCommands: Sendable {
    let database: Database

    init(_ services: Services) {
        database = services.database
    }

    /// Most places that one form adds.
    private static let most = 200

    /// Adds a place on its own.
    func add(_ draft: PlaceDraft, _ context: Context) async throws -> ID<Place> {
        try await database.write(context, "places.add") { tx in
            let division = draft.division ?? DivisionCode(rawValue: 0)
            let key = try PlacesAdminStore.nextSortKey(in: division.ancestor(at: .community), tx)
            let place = try draft.checked(in: nil, sortKey: key)
            try PlacesCommands.check(place, context, tx)
            let id = try PlacesStore.insert(place, tx)
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
            let parent = try PlacesCommands.own(id, context, tx)
            let present = Set(try PlacesAdminStore.children(of: id, tx).map(\.name))
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
                try tx.emit("place.changed", Subject("place", child, division: place.division))
            }
        }
    }

    /// Changes a place.
    func change(_ id: ID<Place>, _ draft: PlaceDraft, _ context: Context) async throws {
        try await database.write(context, "places.change") { tx in
            let old = try PlacesCommands.own(id, context, tx)
            let parent = try old.parent.flatMap { try PlacesStore.find($0, tx) }
            let place = try draft.checked(in: parent, sortKey: 0)
            try PlacesCommands.check(place, context, tx)
            try PlacesAdminStore.update(id, place, was: old.address, tx)
            try tx.emit("place.changed", Subject("place", id, division: place.division))
        }
    }

    /// Takes a place out that nothing names.
    ///
    /// - Throws: `.invalid` while a case, a resident or another place names it.
    func remove(_ id: ID<Place>, _ context: Context) async throws -> PlaceSummary {
        try await database.write(context, "places.remove") { tx in
            let place = try PlacesCommands.own(id, context, tx)
            guard try PlacesAdminStore.ties(of: id, tx) == 0 else {
                throw LinliError.invalid(
                    "places.inUse",
                    [
                        .init(
                            "remove",
                            Text("有工单、居民或下级在用它，不能去掉", "Cases, residents or places inside name it: it has to stay"))
                    ]
                )
            }
            try PlacesAdminStore.remove(id, tx)
            try tx.emit("place.changed", Subject("place", id, division: place.division))
            return place
        }
    }

    // MARK: Rules

    /// The place, if it is within the administrator's divisions.
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
