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
        let grids = try await database.read { try DivisionsStore.children(of: community, at: context.now, $0) }
        let file = try GridBorderFile(text, datum, grids: grids)
        let outlines = file.outlines
        let check = try await database.read { try GridBordersCommands.check(outlines, in: community, context.now, $0) }
        return (file, check)
    }

    /// What is wrong with borders that are to hold from now on: with the neighbours as they lie now, and as they will lie
    /// by what is published already; the first state in which they may not hold tells.
    private static func check(
        _ outlines: [GridOutline], in community: DivisionCode, _ now: Instant, _ tx: ReadTx
    ) throws -> GridBorderCheck {
        let present = try GridAreasStore.outlines(in: community, at: now, tx)
        let codes = Set(outlines.map(\.code))
        let (replaced, others) = (
            present.filter { codes.contains($0.code) }, present.filter { !codes.contains($0.code) }
        )
        let neighbours = try GridAreasStore.neighbours(
            of: community, near: (outlines + replaced).map(\.area), from: now, tx)
        let checks = neighbours.map { state in
            GridBorderCheck(outlines, others: others + state.grids, before: replaced)
        }
        return checks.first { !$0.isGood } ?? checks.first
            ?? GridBorderCheck(outlines, others: others, before: replaced)
    }

    /// Stores the borders of a file in place of those its grids had.
    ///
    /// - Throws: `.invalid` for a file that cannot be read and for borders that overlap.
    func put(_ text: String, _ datum: GeoDatum = .wgs84, at community: DivisionCode, _ context: Context) async throws
        -> Int
    {
        let (file, check) = try await look(text, datum, at: community, context)
        guard check.isGood else { throw GridBordersCommands.overlap }
        try await database.write(context, "grids.put") { tx in
            try GridPlansStore.checkNonePending(in: community, at: tx.now, tx)
            // A neighbour may have published since this was looked at.
            guard try GridBordersCommands.check(file.outlines, in: community, tx.now, tx).isGood else {
                throw GridBordersCommands.overlap
            }
            for area in file.areas {
                try GridAreasStore.put(area, tx)
                try tx.emit("grid.changed", Subject("division", area.division.rawValue, division: area.division))
            }
        }
        return file.areas.count
    }

    private static let overlap = LinliError.invalid(
        "grids.overlap",
        [.init("file", Text("边界有重叠或自己交叉，请改好再存", "Borders overlap or cross themselves; please correct them"))]
    )

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
