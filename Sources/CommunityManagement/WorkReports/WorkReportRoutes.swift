import LinliCore
import LinliKernel
import LinliSpreadsheets

/// Reports over the work of a week, month or quarter: as a page and as a table of counts; the lines behind it for a purpose.
enum WorkReportRoutes {
    static let all: [Route] = [
        .get("/desk/reports", access: .permission(.labelsCounts), show),
        .post("/desk/reports", access: .permission(.peopleExport), export),
    ]

    /// The area and period somebody asks for; by default their first area and the month that runs.
    static func asked(
        _ form: Form, _ permission: Permission, _ context: Context
    ) throws -> (area: DivisionCode, period: WorkPeriod) {
        let scope = context.actor.scope(for: permission)
        let named = form["division"].flatMap { $0.isEmpty ? nil : $0 }
        guard let area = named.map({ DivisionCode($0) }) ?? scope.divisions.first,
            context.actor.may(permission, in: area)
        else { throw LinliError.notFound("reports.division") }
        let kind = form["kind"].flatMap { WorkPeriod.Kind(rawValue: $0) } ?? .month
        let period = form["period"].flatMap { WorkPeriod($0) } ?? WorkPeriod(kind, of: context.now.date)
        return (area, period)
    }

    /// Counts a period of an area.
    static func report(
        _ area: DivisionCode, _ period: WorkPeriod, _ context: Context, _ services: Services
    ) async throws -> WorkReport {
        let cutoff = services.queries.settings.rates.cutoff
        return try await services.database.read { tx -> WorkReport in
            let calendar = try AssessmentCalendar.kept(otherwise: cutoff, tx)
            return try WorkReport(
                area, period, calendar, hidden: context.actor.scope.interests, at: context.now, tx)
        }
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let (area, period) = try asked(request.query, .labelsCounts, request.context)
        let report = try await report(area, period, request.context, services)
        if let format = request.query["as"], WorkTable.formats.contains(format) {
            return try table(report, format, request.context, services)
        }
        return .page(page(report, request, services, nil).page)
    }

    private static func page(
        _ report: WorkReport, _ request: Request, _ services: Services, _ error: LinliError?
    ) -> WorkReportPage {
        let actor = request.context.actor
        return WorkReportPage(
            report: report, areas: actor.scope(for: .labelsCounts).divisions,
            mayExport: actor.may(.peopleExport, in: report.area), now: request.context.now, form: request.form,
            error: error, formToken: request.formToken, names: services.divisions)
    }

    /// The counts as a table: no person is in it, so it is taken without a purpose. What the numbers do not say stands
    /// below them.
    static func table(
        _ report: WorkReport, _ format: String, _ context: Context, _ services: Services
    ) throws -> Reply {
        let language = context.language
        let columns: [(name: Text, width: Double)] =
            [(name: Text("地方", "Place"), width: 26.0)]
            + WorkColumn.allCases.map { (name: $0.group.name + Text("：", ": ") + $0.name, width: 14.0) }
        func line(_ name: String, _ figures: WorkFigures) -> [SheetCell] {
            [.text(name)] + WorkColumn.allCases.map { .number(Int64(figures[$0])) }
        }
        var rows = report.rows.map { row in
            line(WorkReportPage.name(row.division, of: report, services.divisions)[language], row.figures)
        }
        if report.rows.count > 1 { rows.append(line(Text("合计", "Together")[language], report.total)) }
        rows += report.notes.map { [.text($0[language])] }
        let when = "\(context.now.date) \(context.now.time)"
        let title = Text(
            "\(services.divisions.place(report.area)) \(report.period.name.zh)工作报表（\(report.period.span.zh)），\(when) 从办过的事里数出来，不含个人信息",
            "Work of \(services.divisions.place(report.area)), \(report.period) (\(report.period.span.en)): counted out of the work on \(when), no personal data"
        )
        let table = WorkTable(
            name: Text("工作报表", "Work")[language], columns: columns, rows: rows, mark: title[language])
        return WorkTable.reply(try table.bytes(format, language), format, "report-\(report.period)")
    }

    private static func export(_ request: Request, _ services: Services) async throws -> Reply {
        let (area, period) = try asked(request.form, .peopleExport, request.context)
        do {
            let details = try WorkDetails(
                area, period, purpose: request.form["purpose"] ?? "", request.context, services)
            return try await details.take(request.form["format"] == "csv" ? "csv" : "xlsx")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let report = try await report(area, period, request.context, services)
            return .page(page(report, request, services, error).page, status: status)
        }
    }
}
