import LinliCore
import LinliKernel
import LinliStandards

/// The page of holidays.
enum HolidaysRoutes {
    static let all: [Route] = [
        .get("/admin/holidays", access: .permission(.registersRead), show),
        .post("/admin/holidays", access: .permission(.registersManage), put),
        .post("/admin/holidays/:year/reset", access: .permission(.registersManage), reset),
    ]

    private static func year(_ text: String?, _ now: Instant) throws -> Int {
        guard let text else { return now.date.year }
        guard let year = Int(text), (1950...2200).contains(year) else { throw LinliError.notFound("holidays.year") }
        return year
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let year = try year(request.query["year"], request.context.now)
        return .page(try await page(year, request, services, typed: nil, looked: nil, error: nil).page)
    }

    private static func page(
        _ year: Int, _ request: Request, _ services: Services, typed: String?, looked: WorkingCalendar?,
        error: LinliError?
    ) async throws -> HolidaysPage {
        let stored = try await services.database.read { try HolidaysStore.find(year, $0) }
        let bundled = try WorkingCalendar.bundledTable(of: year)
        return HolidaysPage(
            year: year,
            thisYear: request.context.now.date.year,
            calendar: services.days.current,
            stored: stored,
            isBundled: !bundled.isEmpty,
            table: typed ?? stored?.table ?? (bundled.isEmpty ? HolidaysPage.template(year) : bundled),
            looked: looked,
            mayChange: HolidaysCommands.mayChange(request.context.actor),
            done: request.query["done"],
            error: error,
            formToken: request.formToken
        )
    }

    private static func put(_ request: Request, _ services: Services) async throws -> Reply {
        let year = try year(request.form["year"], request.context.now)
        let table = (request.form["table"] ?? "").split(whereSeparator: \.isNewline).joined(separator: "\n")
        do {
            guard request.form["do"] == "save" else {
                let looked = try HolidaysCommands.check(table, year)
                return .page(try await page(year, request, services, typed: table, looked: looked, error: nil).page)
            }
            try await HolidaysCommands(services).put(year, table: table, request.context)
            return .redirect("/admin/holidays?year=\(year)&done=save")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let page = try await page(year, request, services, typed: table, looked: nil, error: error)
            return .page(page.page, status: status)
        }
    }

    private static func reset(_ request: Request, _ services: Services) async throws -> Reply {
        let year = try year(request.parameters["year"], request.context.now)
        try await HolidaysCommands(services).reset(year, request.context)
        return .redirect("/admin/holidays?year=\(year)&done=reset")
    }
}
