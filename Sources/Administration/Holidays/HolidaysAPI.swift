import LinliCore
import LinliKernel
import LinliStandards

/// Holidays for programs of administrators: what the page can do, by the same commands.
enum HolidaysAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/holidays/:year", id: "getHolidays", "A year of the working calendar",
            access: .permission(.registersRead), parameters: [year], body: .nothing, reply: reply
        ) { _, request, services in
            try await read(request, services)
        },
        .api(
            .post, "/api/v1/admin/holidays/:year/trial", id: "tryHolidays",
            "How a year would be with another table; changes nothing", access: .permission(.registersManage),
            parameters: [year], body: table, reply: reply
        ) { table, request, _ in
            let year = try number(request)
            let calendar = try HolidaysCommands.check(table, year)
            return Year(year: year, table: table, calendar: calendar, isEntered: false)
        },
        .api(
            .put, "/api/v1/admin/holidays/:year", id: "putHolidays",
            "Put a table in place of what a year had; every clock goes by it at once",
            access: .permission(.registersManage), parameters: [year], body: table, reply: reply
        ) { table, request, services in
            try await HolidaysCommands(services).put(try number(request), table: table, request.context)
            return try await read(request, services)
        },
        .api(
            .delete, "/api/v1/admin/holidays/:year", id: "resetHolidays",
            "Go back to the table this version came with", access: .permission(.registersManage), parameters: [year],
            body: .nothing, reply: reply
        ) { _, request, services in
            try await HolidaysCommands(services).reset(try number(request), request.context)
            return try await read(request, services)
        },
    ]

    /// A year as the calendar has it.
    struct Year: Sendable {
        var year: Int
        var table: String
        var calendar: WorkingCalendar
        var isEntered: Bool
    }

    private static func number(_ request: Request) throws -> Int {
        guard let year = request.parameters["year"].flatMap({ Int($0) }) else {
            throw LinliError.notFound("holidays.year")
        }
        return year
    }

    private static func read(_ request: Request, _ services: Services) async throws -> Year? {
        let year = try number(request)
        let stored = try await services.database.read { try HolidaysStore.find(year, $0) }
        return Year(
            year: year, table: try stored?.table ?? WorkingCalendar.bundledTable(of: year),
            calendar: services.days.current, isEntered: stored != nil
        )
    }

    private static let year = SchemaProperty("year", .integer(1950...2200), required: true, "Year")

    private static let reply = Schema<Year?>(
        "HolidayYear",
        [
            SchemaProperty("year", .integer(1950...2200), required: true, "Year"),
            SchemaProperty(
                "known", .flag, required: true, "Whether its holidays are known; else Monday to Friday count"),
            SchemaProperty("entered", .flag, required: true, "Whether an administrator entered it"),
            SchemaProperty(
                "table", .text(limit: 20_000), required: true, "Its lines; empty for a year that is not known"),
            SchemaProperty("workingDays", .integer(0...366), required: true, "How many days are worked"),
            SchemaProperty(
                "days",
                .list(
                    .object([
                        SchemaProperty("day", .shaped(.day), required: true, "Day"),
                        SchemaProperty("worked", .flag, required: true, "Whether it is worked"),
                        SchemaProperty("holiday", .text(limit: 200), required: true, "The holiday it belongs to"),
                    ]),
                    limit: 366
                ),
                required: true, "Days that differ from what their weekday says"
            ),
        ],
        decode: { _ in nil },
        encode: { year in
            guard let year else { return [:] }
            let calendar = year.calendar
            let days = calendar.specialDays(of: year.year).map { day -> JSONValue in
                .object([
                    "day": .text("\(day.date)"), "worked": .flag(day.isWorked), "holiday": .text(day.holiday.zh),
                ])
            }
            return [
                "year": .int(Int64(year.year)), "known": .flag(calendar.sources.contains { $0.year == year.year }),
                "entered": .flag(year.isEntered), "table": .text(year.table),
                "workingDays": .int(Int64(calendar.workingDays(in: year.year))), "days": .array(days),
            ]
        }
    )

    private static let table = Schema<String>(
        "HolidayTable",
        [
            SchemaProperty(
                "table", .text(limit: 20_000), required: true,
                "Lines like `2027 | off | 2027-02-05 | 2027-02-11 | 春节 | Spring Festival`, one of them with `source`")
        ],
        decode: { json in json.text("table").split(whereSeparator: \.isNewline).joined(separator: "\n") },
        encode: { _ in [:] }
    )
}
