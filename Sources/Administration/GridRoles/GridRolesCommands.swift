import LinliCore
import LinliKernel

/// Somebody to add to a grid.
struct GridRoleDraft: Sendable {
    var kind: GridRoleKind?
    var name: String
    var place: ID<Place>?
    var from: CivilDate?
    var until: CivilDate?
    var hasWrongDate: Bool

    init(_ form: Form) {
        kind = form["kind"].flatMap { GridRoleKind(rawValue: $0) }
        name = (form["name"] ?? "").trimmed
        place = form.id("place")
        let days = ["from", "until"].map { (form[$0] ?? "").trimmed }
        from = CivilDate(days[0])
        until = CivilDate(days[1])
        hasWrongDate = zip(days, [from, until]).contains { !$0.isEmpty && $1 == nil }
    }
}

/// What an administrator may do with the people of a grid, each within the divisions of their own duty.
struct GridRolesCommands: Sendable {
    let database: Database

    init(_ services: Services) {
        database = services.database
    }

    /// Adds somebody from a day on, today if none is said.
    ///
    /// - Throws: `.invalid` naming each field.
    func add(_ draft: GridRoleDraft, to grid: DivisionCode, _ context: Context) async throws {
        var problems: [LinliError.Field] = []
        if draft.kind == nil {
            problems.append(.init("kind", Text("请选做什么", "Please choose what they do")))
        }
        if let problem = NameRules.problem(draft.name, limit: 20) {
            problems.append(.init("name", problem))
        }
        let today = context.now.date
        if draft.hasWrongDate || draft.until.map({ $0 < max(draft.from ?? today, today) }) == true {
            problems.append(
                .init("until", Text("日子不对：到哪天要在从哪天之后", "The last day must not be before the first one")))
        }
        if draft.kind == .steward, draft.place == nil {
            problems.append(
                .init("place", Text("楼门长请选哪个楼、单元", "Please choose the building of a steward")))
        }
        guard problems.isEmpty, let kind = draft.kind else {
            throw LinliError.invalid("gridRoles.add", problems)
        }
        try await database.write(context, "gridRoles.add") { tx in
            try GridRolesCommands.check(grid, context, tx)
            let place = kind == .steward ? draft.place : nil
            if let place, try PlacesStore.find(place, tx)?.division != grid {
                throw LinliError.invalid(
                    "gridRoles.place",
                    [.init("place", Text("请选这个网格里的楼、单元", "Please choose a building of this grid"))]
                )
            }
            let from = draft.from.map { $0 == today ? tx.now : Instant($0) } ?? tx.now
            try GridRolesStore.insert(
                kind, draft.name, at: place, from: from,
                until: draft.until.map { Instant($0.adding(days: 1)) }, in: grid, tx
            )
            try tx.emit("grid.peopleChanged", Subject("division", grid.rawValue, division: grid))
        }
    }

    /// Ends somebody's work.
    func end(_ id: ID<GridRole>, in grid: DivisionCode, _ context: Context) async throws {
        try await database.write(context, "gridRoles.end") { tx in
            try GridRolesCommands.check(grid, context, tx)
            guard try GridRolesStore.end(id, in: grid, tx) else {
                throw LinliError.notFound("gridRoles.unknown")
            }
            try tx.emit("grid.peopleChanged", Subject("division", grid.rawValue, division: grid))
        }
    }

    private static func check(_ grid: DivisionCode, _ context: Context, _ tx: ReadTx) throws {
        guard grid.level == .grid, context.actor.may(.registersManage, in: grid),
            try DivisionsStore.find(grid, at: context.now, tx) != nil
        else { throw LinliError.notFound("gridRoles.grid") }
    }
}
