import LinliCore
import LinliKernel
import LinliStandards

/// What an administrator may do with holidays.
struct HolidaysCommands: Sendable {
    let database: Database
    let days: WorkingDays

    init(_ services: Services) {
        database = services.database
        days = services.days
    }

    /// Reads the lines of one year.
    ///
    /// - Throws: `.invalid` with everything that is wrong, each with its line.
    static func check(_ table: String, _ year: Int) throws -> WorkingCalendar {
        guard table.count <= 20_000 else {
            throw LinliError.invalid("holidays.long", [.init("table", Text("太长了", "That is too long"))])
        }
        let calendar: WorkingCalendar
        do {
            calendar = try WorkingCalendar(table: table)
        } catch {
            throw LinliError.invalid("holidays.table", error.problems.map { .init("table", $0.text) })
        }
        guard calendar.sources.map(\.year) == [year] else {
            throw LinliError.invalid(
                "holidays.year", [.init("table", Text("每一行都要以 \(year) 开头", "Every line must begin with \(year)"))]
            )
        }
        return calendar
    }

    /// Whether somebody may change what every clock of the deployment goes by: with a duty over a street or wider.
    static func mayChange(_ actor: Actor) -> Bool {
        actor.isWide(for: .registersManage)
    }

    /// Stores a year in place of what it had.
    func put(_ year: Int, table: String, _ context: Context) async throws {
        guard HolidaysCommands.mayChange(context.actor) else { throw LinliError.forbidden("holidays") }
        _ = try HolidaysCommands.check(table, year)
        try await database.write(context, "holidays.put") { tx in
            try HolidaysStore.put(year, table: table, tx)
            try tx.emit("calendar.changed", Subject("holidays", Int64(year)))
        }
        try await days.load(database)
    }

    /// Goes back to what this version came with.
    func reset(_ year: Int, _ context: Context) async throws {
        guard HolidaysCommands.mayChange(context.actor) else { throw LinliError.forbidden("holidays") }
        try await database.write(context, "holidays.reset") { tx in
            try HolidaysStore.remove(year, tx)
            try tx.emit("calendar.changed", Subject("holidays", Int64(year)))
        }
        try await days.load(database)
    }
}
