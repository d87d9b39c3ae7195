import Foundation
import LinliCore
import LinliKernel
import LinliSpreadsheets

/// A form filled for a period: what is open, the cells to type, the file, the end.
enum FormRoundRoutes {
    static let all: [Route] = [
        .get("/desk/forms/rounds/:round", access: .permission(.peopleEdit), show),
        .post("/desk/forms/rounds/:round/answers", access: .permission(.peopleEdit), answer),
        .post("/desk/forms/rounds/:round/paste", access: .permission(.peopleEdit), paste),
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
        let form = try await FormsCommands(services).find(round.form, request.context)
        let keys = services.database.keys
        return (round, try await services.database.read { try FormsStore.asOf(round, form, keys, $0) })
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services, nil).page)
    }

    static func fill(
        _ form: DemandedForm, _ round: FormRound, _ request: Request, _ services: Services
    ) async throws -> FilledForm {
        try await FormsReading.fill(form, round, request.context, services)
    }

    /// The page by row, or of one column when the address or the form names it; `paste` matches what was pasted.
    private static func page(
        _ request: Request, _ services: Services, _ error: LinliError?,
        paste: ((DemandedForm, [FilledForm.Row]) throws -> FormPaste)? = nil
    ) async throws -> FormRoundPage {
        let (round, form) = try await find(request, services)
        let filled = try await fill(form, round, request, services)
        let column = (request.query.int("column") ?? request.form.int("column"))
            .flatMap { form.columns.indices.contains($0) ? $0 : nil }
        let pasted = try column.flatMap { try paste?(form, FormRoundPage.open(filled, $0)) }
        let matched = pasted?.rows ?? []
        let asked = matched.isEmpty ? FormRoundPage.asked(filled, column) : matched
        let shown = try await FormsCommands(services).shown(asked, of: form, request.context)
        let reopening = try await services.database.read { try FormReopening.last(of: round.id, $0) }
        return FormRoundPage(
            round: round, form: form, filled: filled, asked: shown, column: column, pasted: pasted,
            mayExport: request.context.actor.may(.peopleExport, in: form.division), reopening: reopening,
            // What was typed by columns that are no more would stand under others.
            typed: error?.id == FormsCommands.renewedMeanwhile.id ? Form() : request.form, error: error,
            done: request.query["done"],
            formToken: request.formToken)
    }

    /// Keeps the cells of a page: `c-<row>-<column>` what was typed, `same-<column>` what stands in all others that the
    /// page shows open, `k-<row>-<column>` and `again-<column>` that the answer of last time stands.
    private static func answer(_ request: Request, _ services: Services) async throws -> Reply {
        let (round, form) = try await find(request, services)
        do {
            let cells = FormCells(request.form)
            var before: [FormCells.Place: String] = [:]
            if !cells.again.isEmpty {
                for row in try await fill(form, round, request, services).rows {
                    for (column, answer) in row.offered { before[.init(row: row.id, column: column)] = answer.value }
                }
            }
            let (typed, byHand) = cells.typed(before)
            if !typed.isEmpty {
                try await FormsCommands(services).answer(
                    round, under: request.form["headings"] ?? "", typed, byHand: byHand, request.context)
            }
            let column = request.form.int("column").map { "column=\($0)&" } ?? ""
            return .redirect("/desk/forms/rounds/\(round.id)?\(column)done=answers")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, services, error).page, status: status)
        }
    }

    /// Shows what a pasted column would put where; nothing is kept before somebody looked at it.
    private static func paste(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let text = request.form.all("pasted").first ?? ""
            guard !text.trimmed.isEmpty, text.utf8.count <= FormPaste.limit else {
                throw LinliError.invalid(
                    "forms.pasted", [.init("pasted", Text("请从表格里复制两列：姓名和要填的内容", "Copy two columns: names and values"))])
            }
            let shown = try await page(request, services, nil) { form, open in
                // What was pasted for a column would be shown, and kept, under another one.
                guard request.form["headings"] == form.stamp else { throw FormsCommands.renewedMeanwhile }
                return FormPaste(text, open)
            }
            return .page(shown.page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, services, error).page, status: status)
        }
    }

    private static func finish(_ request: Request, _ services: Services) async throws -> Reply {
        let (round, form) = try await find(request, services)
        do {
            if request.form["again"] == "yes" {
                try await FormsCommands(services).reopen(round, request.context)
                return .redirect("/desk/forms/rounds/\(round.id)?done=reopen")
            }
            if request.form["refill"] != nil {
                let columns = request.form.int("refill").map { [$0] } ?? []
                try await FormsCommands(services).refill(round, columns, request.context)
                let column = columns.first.flatMap { $0 >= 0 ? "column=\($0)&" : nil } ?? ""
                return .redirect("/desk/forms/rounds/\(round.id)?\(column)done=refill")
            }
            guard let text = request.form["minutes"] else {
                throw LinliError.invalid(
                    "forms.minutes", [.init("minutes", Text("请填用了多少分钟", "Please enter how many minutes it took"))])
            }
            guard let minutes = Int(text) else {
                throw LinliError.invalid(
                    "forms.minutes", [.init("minutes", Text("请填整数", "Please enter a whole number"))])
            }
            try await FormsCommands(services).finish(round, minutes: minutes, request.context)
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
            let isEarlier = request.form["earlier"] == "yes"
            let filled = try await FormsCommands(services).export(form, round, earlier: isEarlier, request.context)
            let mark = watermark(form, round, request.context)
            if request.form["as"] == "csv" {
                return reply(
                    Array(FormSheet.csv(form.layout, filled, mark).utf8), "text/csv; charset=utf-8", "form.csv")
            }
            return reply(try FormSheet.workbook(form.layout, filled, mark), FormSheet.excel, "form.xlsx")
        } catch let error as LinliError where error.kind == .forbidden {
            return .page(try await page(request, services, error).page, status: 403)
        }
    }

    /// Who took it out, when and what for, so that a copy that went astray leads back.
    static func watermark(_ form: DemandedForm, _ round: FormRound, _ context: Context) -> String {
        let purpose = Text(
            "填报\(form.issuer)《\(form.title)》\(round.period)（编号 \(round.id)）",
            "“\(form.title)” of \(form.issuer), \(round.period) (number \(round.id))")
        return ExportMark.text(purpose: purpose, context)
    }

    static func reply(_ bytes: [UInt8], _ type: String, _ name: String) -> Reply {
        Reply(.bytes(bytes, type: type)).adding("content-disposition", "attachment; filename=\"\(name)\"")
    }
}

/// What a page of open cells brings back.
struct FormCells: Sendable {
    /// A cell.
    struct Place: Sendable, Hashable {
        let row: ID<FormRow>
        let column: Int
    }

    /// What was typed into cells, the cells that were left empty, and what is to stand in those.
    private(set) var filled: [(place: Place, value: String)] = []
    private(set) var empty: [Place] = []
    private(set) var same: [Int: String] = [:]
    /// The cells whose answer of last time stands.
    private(set) var again: Set<Place> = []

    init(_ form: Form) {
        var (columns, places): (Set<Int>, Set<Place>) = ([], [])
        for field in form.fields {
            let (parts, value) = (field.name.split(separator: "-"), field.value.trimmed)
            guard let column = parts.last.flatMap({ Int($0) }) else { continue }
            let row: ID<FormRow>? = parts.count == 3 ? ID(String(parts[1])) : nil
            switch (parts.first, row) {
            case ("c", let row?):
                let place = Place(row: row, column: column)
                if value.isEmpty { empty.append(place) } else { filled.append((place, value)) }
            case ("k", let row?): places.insert(Place(row: row, column: column))
            case ("same", nil): if !value.isEmpty { same[column] = value }
            case ("again", nil): columns.insert(column)
            default: break
            }
        }
        again = Set(empty.filter { columns.contains($0.column) || places.contains($0) })
    }

    /// What is to stand where, given the answers of last time; and how many values somebody typed for that.
    func typed(_ before: [Place: String]) -> (typed: [FormsCommands.Typed], byHand: Int) {
        var typed = filled.map { FormsCommands.Typed(row: $0.place.row, column: $0.place.column, value: $0.value) }
        var used: Set<Int> = []
        for place in empty {
            if again.contains(place), let value = before[place] {
                typed.append(FormsCommands.Typed(row: place.row, column: place.column, value: value))
            } else if let value = same[place.column] {
                used.insert(place.column)
                typed.append(FormsCommands.Typed(row: place.row, column: place.column, value: value))
            }
        }
        return (typed, filled.count + used.count)
    }
}

/// Writes a filled form in the layout it came in, below the line that says who took it out and what for.
enum FormSheet {
    static let excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    private static func lines(_ layout: FormLayout, _ filled: FilledForm) -> [[String]] {
        layout.above + layout.heading + filled.rows.map { $0.cells.map { $0 ?? "" } } + layout.below
    }

    /// As XLSX; every cell is a text, so that numbers of eighteen digits stay whole.
    static func workbook(_ layout: FormLayout, _ filled: FilledForm, _ mark: String) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = lines(layout, filled)
        let first = lines.first ?? []
        let columns = layout.names.indices.map { index in
            (
                name: first.indices.contains(index) ? first[index] : "",
                width: Double(min(40, max(8, layout.names[index].count * 2 + 4)))
            )
        }
        let name = layout.sheet.flatMap { SheetWriter.name($0) } ?? "Sheet1"
        let writer = try SheetWriter(path, sheet: name, columns: columns, watermark: mark, mark: mark)
        for line in lines.dropFirst() { try writer.add(line.map { .text($0) }) }
        for other in layout.others ?? [] {
            if let rows = other.rows { writer.add(sheet: other.name, rows) }
        }
        try writer.close()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// As text.
    static func csv(_ layout: FormLayout, _ filled: FilledForm, _ mark: String) -> String {
        var table = CSVText()
        table.add([.text(mark)])
        for line in lines(layout, filled) { table.add(line.map { .text($0) }) }
        return table.text
    }
}
