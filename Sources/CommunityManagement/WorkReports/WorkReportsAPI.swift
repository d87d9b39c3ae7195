import LinliCore
import LinliKernel

/// Reports over work for programs: counts as JSON and as tables, the lines behind them for a purpose.
enum WorkReportsAPI {
    static let all: [Route] =
        [
            .api(
                .get, "/api/v1/work-reports", id: "getWorkReport",
                "What was done in a week, month or quarter of the calendar, part by part, counted out of the work; no personal data",
                access: .permission(.labelsCounts), query: [APIPages.division, period], body: .nothing, reply: report
            ) { _, request, services in
                let (area, period) = try asked(request, .labelsCounts)
                return try await WorkReportRoutes.report(area, period, request.context, services)
            }
        ] + WorkTable.formats.flatMap { [table($0), details($0)] }

    private static let period = SchemaProperty(
        "period", .text(limit: 10), "`2026-11`, `2026-W48` or `2026-Q4`; by default the month that runs")

    private static func asked(
        _ request: Request, _ permission: Permission
    ) throws -> (area: DivisionCode, period: WorkPeriod) {
        let area = try APIPages.division(request, permission)
        guard let text = request.query["period"] else {
            return (area, WorkPeriod(.month, of: request.context.now.date))
        }
        guard let period = WorkPeriod(text) else {
            throw LinliError.invalid(
                "reports.period",
                [.init("period", Text("写成 2026-11、2026-W48 或 2026-Q4", "Such as 2026-11, 2026-W48 or 2026-Q4"))])
        }
        return (area, period)
    }

    private static func table(_ format: String) -> Route {
        .document(
            "/api/v1/work-reports.\(format)", id: "getWorkReportAs\(format.uppercased())",
            "The same counts as \(format.uppercased())", access: .permission(.labelsCounts),
            query: [APIPages.division, period], type: type(format)
        ) { request, services in
            let (area, period) = try asked(request, .labelsCounts)
            let report = try await WorkReportRoutes.report(area, period, request.context, services)
            return try WorkReportRoutes.table(report, format, request.context, services)
        }
    }

    private static func details(_ format: String) -> Route {
        .document(
            "/api/v1/exports/work.\(format)", id: "exportWorkAs\(format.uppercased())",
            "Visits, hazards and services of a period line by line, with addresses; the purpose is audited and stands in the first line",
            access: .permission(.peopleExport),
            query: [
                APIPages.division, period,
                SchemaProperty(
                    "purpose", .text(limit: StatedPurpose.limit), required: true, "What for; at least 4 characters"),
            ], type: type(format)
        ) { request, services in
            let (area, period) = try asked(request, .peopleExport)
            return try await WorkDetails(
                area, period, purpose: request.query["purpose"] ?? "", request.context, services
            ).take(format)
        }
    }

    private static func type(_ format: String) -> String {
        format == "xlsx" ? WorkTable.type(format) : "text/csv"
    }

    private static let counts = WorkColumn.allCases.map { column in
        SchemaProperty(
            column.rawValue, .integer(0...Int64.max), required: true,
            "\(column.group.name.en): \(column.name.en)")
    }

    private static let report = Schema<WorkReport?>(
        "WorkReport",
        [
            SchemaProperty("division", .text(limit: 15), required: true, "Where, 15 digits"),
            SchemaProperty("period", .text(limit: 10), required: true, "Which period"),
            SchemaProperty("from", .moment, required: true, "Its begin"),
            SchemaProperty("firstDay", .text(limit: 10), required: true, "Its first day, by the calendar"),
            SchemaProperty(
                "lastDay", .text(limit: 10), required: true, "Its last day: months are no assessment months"),
            SchemaProperty("until", .moment, required: true, "Until when it counts"),
            SchemaProperty(
                "parts",
                .list(
                    .object([SchemaProperty("division", .text(limit: 15), required: true, "15 digits")] + counts),
                    limit: 1000), required: true, "Each part, and the area itself for what belongs to no part"),
            SchemaProperty("total", .object(counts), required: true, "All parts together"),
            .names("notes", "What the numbers do not say"),
        ],
        decode: { _ in nil },
        encode: { report in
            guard let report else { return [:] }
            let parts = report.rows.map { row -> JSONValue in
                .object(json(row.figures).merging(["division": .text("\(row.division)")]) { first, _ in first })
            }
            return [
                "division": .text("\(report.area)"), "period": .text("\(report.period)"),
                "from": .moment(report.period.start), "firstDay": .text("\(report.period.first)"),
                "lastDay": .text("\(report.period.last)"), "until": .moment(report.until), "parts": .array(parts),
                "total": .object(json(report.total)), "notes": .array(report.notes.map { .name($0) }),
            ]
        })

    private static func json(_ figures: WorkFigures) -> [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: WorkColumn.allCases.map { ($0.rawValue, .int(Int64(figures[$0]))) })
    }
}
