import Foundation
import LinliCore
import LinliKernel
import LinliSpreadsheets

/// A form filled for a period: what is open, the cells to type, the file, the end.
enum FormRoundRoutes {
    static let all: [Route] = [
        .get("/desk/forms/rounds/:round", access: .permission(.peopleEdit), show),
        .post("/desk/forms/rounds/:round/answers", access: .permission(.peopleEdit), answer),
        .post("/desk/forms/rounds/:round/done", access: .permission(.peopleEdit), finish),
        .post("/desk/forms/rounds/:round/file", access: .permission(.peopleExport), file),
    ]

    static func find(
        _ request: Request, _ services: Services
    ) async throws -> (round: FormRound, form: DemandedForm) {
        let id: ID<FormRound> = try request.id("round")
        guard let round = try await services.database.read({ try FormsStore.round(id, $0) }) else {
            throw LinliError.notFound("forms.round")
        }
        return (round, try await FormsCommands(services).find(round.form, request.context))
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services, nil).page)
    }

    private static func page(
        _ request: Request, _ services: Services, _ error: LinliError?
    ) async throws -> FormRoundPage {
        let (round, form) = try await find(request, services)
        let filled = try await FormsReading.fill(
            form, filler: request.context.actor.name, at: request.context.now, services)
        let asked = FormRoundPage.asked(filled)
        try await FormsCommands(services).noteNamed(asked.map(\.person), of: form, request.context)
        return FormRoundPage(
            round: round, form: form, filled: filled, asked: asked,
            mayExport: request.context.actor.may(.peopleExport, in: form.division),
            typed: request.form, error: error, done: request.query["done"], now: request.context.now,
            formToken: request.formToken)
    }

    /// Keeps the cells that were typed; fields are called `c-<person>-<column>`.
    private static func answer(_ request: Request, _ services: Services) async throws -> Reply {
        let (round, form) = try await find(request, services)
        do {
            var typed: [(person: ID<Person>, column: Int, value: String)] = []
            for field in request.form.fields where field.name.hasPrefix("c-") {
                let parts = field.name.split(separator: "-")
                guard parts.count == 3, let person = ID<Person>(String(parts[1])), let column = Int(parts[2]) else {
                    continue
                }
                if !field.value.trimmed.isEmpty { typed.append((person, column, field.value)) }
            }
            if !typed.isEmpty { try await FormsCommands(services).answer(form.id, typed, request.context) }
            return .redirect("/desk/forms/rounds/\(round.id)?done=answers")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, services, error).page, status: status)
        }
    }

    private static func finish(_ request: Request, _ services: Services) async throws -> Reply {
        let (round, form) = try await find(request, services)
        do {
            if let text = request.form["minutes"], Int(text) == nil {
                throw LinliError.invalid(
                    "forms.minutes", [.init("minutes", Text("请填整数", "Please enter a whole number"))])
            }
            try await FormsCommands(services).finish(round, minutes: request.form.int("minutes"), request.context)
            return .redirect("/desk/forms/\(form.id)?done=finish")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, services, error).page, status: status)
        }
    }

    // MARK: The file

    private static func file(_ request: Request, _ services: Services) async throws -> Reply {
        let (round, form) = try await find(request, services)
        do {
            let filled = try await FormsCommands(services).export(form, round, request.context)
            let mark = watermark(request.context, round)
            if request.form["as"] == "csv" {
                return reply(
                    Array(FormSheet.csv(form.layout, filled, mark).utf8), "text/csv; charset=utf-8", "form.csv")
            }
            return reply(try FormSheet.workbook(form.layout, filled, mark), FormSheet.excel, "form.xlsx")
        } catch let error as LinliError where error.kind == .forbidden {
            return .page(try await page(request, services, error).page, status: 403)
        }
    }

    /// Who took it out and when, so that a copy that went astray leads back.
    static func watermark(_ context: Context, _ round: FormRound) -> String {
        "内部资料，仅供填报使用 · 导出：\(context.actor.name) \(context.now.date) \(context.now.time) · 编号 \(round.id)"
    }

    static func reply(_ bytes: [UInt8], _ type: String, _ name: String) -> Reply {
        Reply(.bytes(bytes, type: type)).adding("content-disposition", "attachment; filename=\"\(name)\"")
    }
}

/// Writes a filled form in the layout it came in.
enum FormSheet {
    static let excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    private static func lines(_ layout: FormLayout, _ filled: FilledForm, _ mark: String) -> [[String]] {
        layout.above + layout.heading + filled.rows.map { $0.cells.map { $0 ?? "" } } + layout.below + [[mark]]
    }

    /// As XLSX; every cell is a text, so that numbers of eighteen digits stay whole.
    static func workbook(_ layout: FormLayout, _ filled: FilledForm, _ mark: String) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = lines(layout, filled, mark)
        let first = lines.first ?? []
        let columns = layout.names.indices.map { index in
            (
                name: first.indices.contains(index) ? first[index] : "",
                width: Double(min(40, max(8, layout.names[index].count * 2 + 4)))
            )
        }
        let writer = try SheetWriter(path, sheet: "Sheet1", columns: columns)
        for line in lines.dropFirst() { try writer.add(line.map { .text($0) }) }
        try writer.close()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// As text.
    static func csv(_ layout: FormLayout, _ filled: FilledForm, _ mark: String) -> String {
        var table = CSVText()
        for line in lines(layout, filled, mark) { table.add(line.map { .text($0) }) }
        return table.text
    }
}
