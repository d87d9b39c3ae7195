import LinliCore
import LinliKernel
import LinliStandards

/// What an administrator may do with the borders of grids, each within the divisions of their own duty.
struct GridBordersCommands: Sendable {
    let database: Database

    init(_ services: Services) {
        database = services.database
    }

    /// What a file would change, and what is wrong with it.
    func look(
        _ text: String, _ datum: GeoDatum, at community: DivisionCode, _ context: Context
    ) async throws -> (file: GridBorderFile, check: GridBorderCheck) {
        guard context.actor.may(.registersManage, in: community) else { throw LinliError.notFound("grids.community") }
        let (grids, present, neighbours) = try await database.read { tx in
            (
                try DivisionsStore.children(of: community, at: context.now, tx),
                try GridAreasStore.outlines(in: community, at: context.now, tx),
                // Neighbours of other communities lie in the same street.
                try GridAreasStore.neighbours(of: community, at: context.now, tx)
            )
        }
        let file = try GridBorderFile(text, datum, grids: grids)
        let replaced = Set(file.outlines.map(\.code))
        let check = GridBorderCheck(
            file.outlines, others: present.filter { !replaced.contains($0.code) } + neighbours,
            before: present.filter { replaced.contains($0.code) })
        return (file, check)
    }

    /// Stores the borders of a file in place of those its grids had.
    ///
    /// - Throws: `.invalid` for a file that cannot be read and for borders that overlap.
    func put(_ text: String, _ datum: GeoDatum = .wgs84, at community: DivisionCode, _ context: Context) async throws
        -> Int
    {
        let (file, check) = try await look(text, datum, at: community, context)
        guard check.isGood else {
            throw LinliError.invalid(
                "grids.overlap",
                [.init("file", Text("边界有重叠或自己交叉，请改好再存", "Borders overlap or cross themselves; please correct them"))]
            )
        }
        try await database.write(context, "grids.put") { tx in
            try GridPlansStore.checkNonePending(in: community, at: tx.now, tx)
            for area in file.areas {
                try GridAreasStore.put(area, tx)
                try tx.emit("grid.changed", Subject("division", area.division.rawValue, division: area.division))
            }
        }
        return file.areas.count
    }

    /// Forgets the border of a grid.
    func remove(_ code: DivisionCode, _ context: Context) async throws {
        guard code.level == .grid, context.actor.may(.registersManage, in: code) else {
            throw LinliError.notFound("grids.unknown")
        }
        try await database.write(context, "grids.remove") { tx in
            try GridPlansStore.checkNonePending(in: code.ancestor(at: .community), at: tx.now, tx)
            try GridAreasStore.remove(code, tx)
            try tx.emit("grid.changed", Subject("division", code.rawValue, division: code))
        }
    }
}
