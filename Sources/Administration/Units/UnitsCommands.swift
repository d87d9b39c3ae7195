import LinliCore
import LinliKernel

/// What an administrator may do with units, each within the divisions of their own duty.
struct UnitsCommands: Sendable {
    let database: Database
    let names: DivisionNames

    init(_ services: Services) {
        database = services.database
        names = services.divisions
    }

    /// A unit as a form has it.
    struct Draft: Sendable {
        var kind: UnitKind?
        var name: String
        var englishName: String
        var division: DivisionCode?
        var phone: String

        var fullName: Text { Text(name, englishName.isEmpty ? name : englishName) }

        var problems: [LinliError.Field] {
            var problems: [LinliError.Field] = []
            if kind == nil { problems.append(.init("kind", Text("请选种类", "Please choose what it is"))) }
            if let problem = NameRules.problem(name, limit: 80) { problems.append(.init("name", problem)) }
            if !englishName.isEmpty, let problem = NameRules.problem(englishName, limit: 120) {
                problems.append(.init("name_en", problem))
            }
            if division == nil {
                problems.append(.init("division", Text("请选区划，或填它的代码", "Please choose a division or type its code")))
            }
            if phone.count > 40 { problems.append(.init("phone", Text("电话最多 40 个字", "At most 40 characters"))) }
            return problems
        }
    }

    /// Adds a unit.
    ///
    /// - Throws: `.invalid` naming each field.
    func add(_ draft: Draft, _ context: Context) async throws -> ID<Unit> {
        let problems = draft.problems
        guard problems.isEmpty, let kind = draft.kind, let division = draft.division else {
            throw LinliError.invalid("units.add", problems)
        }
        let id = try await database.write(context, "units.add") { tx in
            try UnitsCommands.check(division, context, tx)
            try UnitsCommands.checkName(draft.name, in: division, except: nil, tx)
            let id = try UnitsStore.insert(
                kind: kind, name: draft.fullName, division: division, phone: draft.phone, tx
            )
            try tx.raise(.divisions)
            try tx.emit("unit.changed", Subject("unit", id, division: division))
            return id
        }
        // The first committee gives the place its name.
        try await names.load(database)
        return id
    }

    /// Changes what a unit is.
    func change(_ id: ID<Unit>, _ draft: Draft, _ context: Context) async throws {
        let problems = draft.problems
        guard problems.isEmpty, let kind = draft.kind, let division = draft.division else {
            throw LinliError.invalid("units.change", problems)
        }
        try await database.write(context, "units.change") { tx in
            _ = try UnitsCommands.own(id, context, tx)
            try UnitsCommands.check(division, context, tx)
            try UnitsCommands.checkName(draft.name, in: division, except: id, tx)
            try UnitsAdminStore.update(
                id, kind: kind, name: draft.fullName, division: division, phone: draft.phone, tx
            )
            try tx.raise(.divisions)
            try tx.emit("unit.changed", Subject("unit", id, division: division))
        }
        try await names.load(database)
    }

    /// Says that a unit serves a division too.
    func serve(_ id: ID<Unit>, _ division: DivisionCode?, _ context: Context) async throws {
        try await database.write(context, "units.serve") { tx in
            let unit = try UnitsCommands.own(id, context, tx)
            guard let division else {
                throw LinliError.invalid(
                    "units.service",
                    [.init("service", Text("请选区划，或填它的代码", "Please choose a division or type its code"))]
                )
            }
            try UnitsCommands.check(division, as: "service", context, tx)
            try UnitsStore.serve(id, unit.kind, division, tx)
            try tx.emit("unit.changed", Subject("unit", id, division: unit.division))
        }
    }

    /// Says that a unit no longer serves a division.
    func unserve(_ id: ID<Unit>, _ division: DivisionCode, _ context: Context) async throws {
        try await database.write(context, "units.unserve") { tx in
            let unit = try UnitsCommands.own(id, context, tx)
            guard context.actor.may(.registersManage, in: division) else { throw LinliError.notFound("units.service") }
            try UnitsAdminStore.unserve(id, division, tx)
            try tx.emit("unit.changed", Subject("unit", id, division: unit.division))
        }
    }

    /// Closes a unit that is no more.
    ///
    /// - Throws: `.invalid` while it has open cases or manages places.
    func close(_ id: ID<Unit>, _ context: Context) async throws {
        try await database.write(context, "units.close") { tx in
            let unit = try UnitsCommands.own(id, context, tx)
            let ties = try UnitsAdminStore.ties(of: id, at: tx.now, tx)
            var problems: [LinliError.Field] = []
            if ties.openCases > 0 {
                let text = Text(
                    "还有 \(ties.openCases) 件工单没办完，请先转给别的单位", "\(ties.openCases) open cases must go elsewhere first")
                problems.append(.init("close", text))
            }
            if ties.places > 0 {
                let text = Text("还管着 \(ties.places) 个地点，请先换管理单位", "\(ties.places) places need another manager first")
                problems.append(.init("close", text))
            }
            guard problems.isEmpty else { throw LinliError.invalid("units.close", problems) }
            try UnitsAdminStore.close(id, tx)
            try tx.raise(.divisions)
            try tx.emit("unit.changed", Subject("unit", id, division: unit.division))
        }
        try await names.load(database)
    }

    // MARK: Rules

    /// The unit, if it is within the administrator's divisions and not closed.
    private static func own(_ id: ID<Unit>, _ context: Context, _ tx: ReadTx) throws -> UnitSummary {
        guard let unit = try UnitsStore.find(id, tx), context.actor.may(.registersManage, in: unit.division) else {
            throw LinliError.notFound("units.unknown")
        }
        guard try UnitsAdminStore.ties(of: id, at: context.now, tx).closedAt == nil else {
            throw LinliError.invalid(
                "units.closed", [.init("close", Text("这个单位已经停用", "This unit is closed"))]
            )
        }
        return unit
    }

    /// A division of the administrator's that is in force.
    private static func check(
        _ division: DivisionCode, as field: String = "division", _ context: Context, _ tx: ReadTx
    ) throws {
        guard context.actor.may(.registersManage, in: division),
            try DivisionsStore.find(division, at: context.now, tx) != nil
        else {
            throw LinliError.invalid(
                "units.division",
                [.init(field, Text("请选您管理范围内的区划", "Please choose a division within your own"))]
            )
        }
    }

    /// Two units of one name in one division could not be told apart in any list.
    private static func checkName(
        _ name: String, in division: DivisionCode, except id: ID<Unit>?, _ tx: ReadTx
    ) throws {
        let others = try UnitsStore.named(name, tx).filter { $0.division == division && $0.id != id }
        guard others.isEmpty else {
            throw LinliError.invalid(
                "units.twice",
                [.init("name", Text("这里已经有一个同名的单位", "There is a unit of this name here already"))]
            )
        }
    }
}

extension UnitsCommands.Draft {
    /// What a form of a page says.
    init(_ form: Form) {
        self.init(
            kind: form["kind"].flatMap { UnitKind(rawValue: $0) }, name: form["name"] ?? "",
            englishName: form["name_en"] ?? "", division: form["division"].flatMap { DivisionCode($0) },
            phone: form["phone"] ?? ""
        )
    }
}
