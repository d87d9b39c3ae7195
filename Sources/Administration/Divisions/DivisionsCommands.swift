import LinliCore
import LinliKernel

/// What an administrator may do with communities and grids within the divisions of their own duty.
struct DivisionsCommands: Sendable {
    let database: Database
    let names: DivisionNames

    init(_ services: Services) {
        database = services.database
        names = services.divisions
    }

    /// Adds a community to a street, or a grid to a community, under a number of three digits.
    ///
    /// - Throws: `.notFound` for a division of others, `.invalid` naming each field.
    func add(
        _ name: String, number: Int?, isOfficial: Bool, under parent: DivisionCode, _ context: Context
    ) async throws -> DivisionCode {
        let child = DivisionCode.Level(rawValue: parent.level.rawValue + 1)
        guard let level = child, level >= .community else { throw LinliError.notFound("divisions.level") }
        var problems = DivisionsCommands.problems(name)
        if number.map({ (1...999).contains($0) }) != true {
            problems.append(.init("number", Text("请填 001 到 999 的编号", "Please enter a number from 001 to 999")))
        }
        guard problems.isEmpty, let number else { throw LinliError.invalid("divisions.add", problems) }
        let code = DivisionCode(rawValue: parent.rawValue + Int64(number) * level.span)
        try await database.write(context, "divisions.add") { tx in
            _ = try DivisionsCommands.own(parent, context, tx)
            if level == .grid { try GridPlansStore.checkNonePending(in: parent, at: tx.now, tx) }
            guard try !DivisionsAdminStore.wasUsed(code, tx) else {
                throw LinliError.invalid(
                    "divisions.used",
                    [.init("number", Text("这个编号用过了，请换一个", "This number was used before; please take another"))]
                )
            }
            let division = NewDivision(code: code, level: level, name: name, isSynthetic: !isOfficial)
            _ = try DivisionsStore.put([division], source: DivisionsCommands.source, tx)
        }
        try await names.load(database)
        return code
    }

    /// Gives a community or grid another name; the old version stays as history.
    func rename(_ code: DivisionCode, to name: String, _ context: Context) async throws {
        let problems = DivisionsCommands.problems(name)
        guard problems.isEmpty else { throw LinliError.invalid("divisions.rename", problems) }
        try await database.write(context, "divisions.rename") { tx in
            let current = try DivisionsCommands.own(code, context, tx)
            guard current.level >= .community else { throw LinliError.notFound("divisions.level") }
            try DivisionsCommands.checkNonePending(code, tx)
            let division = NewDivision(
                code: code, level: current.level, name: name, isSynthetic: current.isSynthetic
            )
            _ = try DivisionsStore.put([division], source: DivisionsCommands.source, tx)
        }
        try await names.load(database)
    }

    /// Ends a community or grid, which another one of the same level takes over.
    ///
    /// - Throws: `.invalid` when the successor does not fit or grids are still inside.
    func end(_ code: DivisionCode, successor: DivisionCode?, _ context: Context) async throws {
        guard let successor else { throw DivisionsCommands.noSuccessor }
        try await database.write(context, "divisions.end") { tx in
            let current = try DivisionsCommands.own(code, context, tx)
            guard current.level >= .community else { throw LinliError.notFound("divisions.level") }
            try DivisionsCommands.checkNonePending(code, tx)
            guard successor != code, context.actor.may(.divisionsManage, in: successor),
                let next = try DivisionsStore.find(successor, at: tx.now, tx), next.level == current.level
            else { throw DivisionsCommands.noSuccessor }
            guard try DivisionsStore.children(of: code, at: tx.now, tx).isEmpty else {
                throw LinliError.invalid(
                    "divisions.children",
                    [.init("successor", Text("里面还有网格，请先逐个并走", "There are grids inside: end them first"))]
                )
            }
            try DivisionsStore.end(code, successor: successor, tx)
        }
        try await names.load(database)
    }

    // MARK: Rules

    private static let source = "区划网格管理"

    private static func problems(_ name: String) -> [LinliError.Field] {
        NameRules.problem(name, limit: 30).map { [.init("name", $0)] } ?? []
    }

    /// The division in force, if it lies within the administrator's own.
    private static func own(_ code: DivisionCode, _ context: Context, _ tx: ReadTx) throws -> Division {
        guard context.actor.may(.divisionsManage, in: code),
            let division = try DivisionsStore.find(code, at: context.now, tx)
        else { throw LinliError.notFound("divisions.unknown") }
        return division
    }

    /// A grid of a community whose next plan is published changes with the plan.
    private static func checkNonePending(_ code: DivisionCode, _ tx: WriteTx) throws {
        guard code.level == .grid else { return }
        try GridPlansStore.checkNonePending(in: code.ancestor(at: .community), at: tx.now, tx)
    }

    private static let noSuccessor = LinliError.invalid(
        "divisions.successor",
        [.init("successor", Text("请选由哪个同级的区划接替", "Please choose one of the same level that takes over"))]
    )
}
