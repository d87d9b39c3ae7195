import LinliCore
import LinliKernel
import LinliSpreadsheets

/// The forms one must fill in: the list, a new one, what its columns are, who demands the same.
enum FormsRoutes {
    static let all: [Route] = [
        .get("/desk/forms", access: .permission(.peopleEdit), list),
        .get("/desk/forms/new", access: .permission(.peopleEdit), new),
        .post("/desk/forms", access: .permission(.peopleEdit), register),
        .get("/desk/forms/demands", access: .permission(.labelsCounts), demands),
        .get("/desk/forms/:id", access: .permission(.peopleEdit), show),
        .post("/desk/forms/:id/:step", access: .permission(.peopleEdit), change),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        // A grid worker fills in the forms of the community around the grid.
        let divisions = request.context.actor.scope(for: .peopleEdit).divisions
        let page = try await services.database.read { tx in
            let forms = try FormsStore.list(in: divisions, nil, tx)
            return FormsListPage(
                forms: forms, rounds: try FormsStore.rounds(of: forms.map(\.id), tx),
                spent: try FormsStore.spent(on: forms.map(\.id), tx), pairs: [], isOfStreet: false,
                today: request.context.now.date, done: request.query["done"],
                names: services.divisions)
        }
        return .page(page.page)
    }

    /// Who demands what of the communities below, how much of it twice, how many minutes it costs; nothing of people.
    private static func demands(_ request: Request, _ services: Services) async throws -> Reply {
        let divisions = request.context.actor.scope(for: .labelsCounts).divisions
        let page = try await services.database.read { tx in
            let forms = try FormsStore.list(in: divisions, nil, tx)
            return FormsListPage(
                forms: forms, rounds: try FormsStore.rounds(of: forms.map(\.id), tx),
                spent: try FormsStore.spent(on: forms.map(\.id), tx), pairs: try FormsStore.pairs(in: divisions, tx),
                isOfStreet: true, today: request.context.now.date, done: nil, names: services.divisions)
        }
        return .page(page.page)
    }

    // MARK: A new one

    private static func new(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await newPage(request, services, nil).page)
    }

    private static func newPage(
        _ request: Request, _ services: Services, _ error: LinliError?
    ) async throws -> FormNewPage {
        let divisions = request.context.actor.scope(for: .peopleEdit).divisions.filter { $0.level >= .street }
        let book = try await services.database.read { try LabelBook.current($0) }
        return FormNewPage(
            divisions: divisions, labels: book.tree(), typed: request.form, error: error, formToken: request.formToken,
            names: services.divisions)
    }

    private static func register(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let form = request.form
            guard let division = form["division"].flatMap({ DivisionCode($0) }) else {
                throw LinliError.invalid("forms.division", [.init("division", Text("请选地方", "Please choose a place"))])
            }
            let about = form["about"].flatMap { FormAbout(rawValue: $0) } ?? .person
            let demanded = DemandedForm(
                id: ID(rawValue: 0), division: division, title: form["title"] ?? "", issuer: form["issuer"] ?? "",
                basis: form["basis"] ?? "", rhythm: form["rhythm"].flatMap { FormRhythm(rawValue: $0) } ?? .month,
                about: about, label: form["label"] ?? "", due: form["due"].flatMap { CivilDate($0) },
                layout: try layout(request, sheet: form["sheet"], about: about), columns: [], version: 1)
            let id = try await FormsCommands(services).register(demanded, request.context)
            return .redirect("/desk/forms/\(id)?done=register")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await newPage(request, services, error).page, status: status)
        }
    }

    /// The layout of the form in a file, in a sheet of it that may be named, or of what somebody pasted.
    ///
    /// - Throws: `.invalid` for what is no table, or has no such sheet.
    static func layout(_ request: Request, sheet: String?, about: FormAbout) throws -> FormLayout {
        if let file = request.uploads.first(where: { $0.field == "file" && $0.size > 0 }) {
            return try reading { try FormSheetChoice.layout(file: file.path, sheet: sheet, about: about, $0) }
        }
        return try FormLayout.find(try rows(pasted: request.form.all("table").first ?? ""), about: about)
    }

    /// The rows of a heading somebody pasted.
    ///
    /// - Throws: `.invalid` for what is no table.
    static func rows(pasted text: String) throws -> [SheetRow] {
        guard !text.trimmed.isEmpty else {
            throw LinliError.invalid(
                "forms.file", [.init("file", Text("请选表格文件，或把表头贴进来", "Choose the file or paste its heading"))])
        }
        return try reading { try Sheet.rows(pasted: text, $0) }
    }

    private static func reading<Table>(_ read: (SheetLimits) throws -> Table) throws -> Table {
        var limits = SheetLimits()
        limits.columns = FormLayout.widest
        do {
            return try read(limits)
        } catch let problem as SheetProblem {
            throw LinliError.invalid("forms.file", [.init("file", problem.text)])
        }
    }

    // MARK: One form

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(try request.id(), request, services, nil).page)
    }

    private static func page(
        _ id: ID<DemandedForm>, _ request: Request, _ services: Services, _ error: LinliError?
    ) async throws -> FormPage {
        let form = try await FormsCommands(services).find(id, request.context)
        let (book, rounds, overlaps) = try await services.database.read { tx in
            (try LabelBook.current(tx), try FormsStore.rounds(of: [id], tx), try FormsStore.overlaps(of: form, tx))
        }
        return FormPage(
            form: form, book: book, rounds: rounds, overlaps: overlaps, done: request.query["done"], error: error,
            now: request.context.now, formToken: request.formToken, names: services.divisions)
    }

    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<DemandedForm> = try request.id()
        let commands = FormsCommands(services)
        do {
            switch request.parameters["step"] {
            case "columns":
                let form = try await commands.find(id, request.context)
                let columns = form.columns.enumerated().map { column($0.offset, $0.element, request.form) }
                try await commands.match(
                    id, columns, version: request.form.int("version") ?? 0, request.context)
                return .redirect("/desk/forms/\(id)?done=columns")
            case "rounds":
                let round = try await commands.open(id, period: request.form["period"] ?? "", request.context)
                return .redirect("/desk/forms/rounds/\(round)")
            case "describe":
                let form = request.form
                let said = FormDescription(
                    title: form["title"] ?? "", issuer: form["issuer"] ?? "", basis: form["basis"] ?? "",
                    rhythm: form["rhythm"].flatMap { FormRhythm(rawValue: $0) } ?? .once,
                    due: form["due"].flatMap { CivilDate($0) }, version: form.int("version") ?? 0)
                try await commands.describe(id, said, request.context)
                return .redirect("/desk/forms/\(id)?done=describe")
            case "layout":
                return try await renew(id, request, services)
            case "retire":
                try await commands.retire(id, request.context)
                return .redirect("/desk/forms?done=retire")
            default: throw LinliError.notFound("forms.step")
            }
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(id, request, services, error)
            page.typed = request.form
            return .page(page.page, status: status)
        }
    }

    /// Shows what the sheet of a form would change that is given again; changes it once somebody is sure.
    private static func renew(_ id: ID<DemandedForm>, _ request: Request, _ services: Services) async throws -> Reply {
        let commands = FormsCommands(services)
        let form = try await commands.find(id, request.context)
        let version = request.form.int("version") ?? 0
        let layout: FormLayout
        if let carried = request.form["layout"] {
            layout = try FormLayout(carried: carried)
        } else {
            layout = try FormsRoutes.layout(request, sheet: request.form["sheet"], about: form.about)
        }
        guard request.form["sure"] == "yes" else {
            let plan = try await commands.renewing(id, layout, version: version, request.context)
            var shown = try await page(id, request, services, nil)
            shown.renewing = FormPage.Renewing(plan: plan, layout: try layout.carried())
            return .page(shown.page)
        }
        try await commands.renew(id, layout, version: version, isSure: true, request.context)
        return .redirect("/desk/forms/\(id)?done=layout")
    }

    /// What the form on the page says of a column. Nothing is written for what is not known unless it says so.
    private static func column(_ index: Int, _ old: FormColumn, _ form: Form) -> FormColumn {
        guard let text = form["source-\(index)"] else { return old }
        var source = FormSource(text)
        let value = form["value-\(index)"] ?? ""
        if case .constant = source { source = .constant(String(value.prefix(100))) }
        let missing: String? =
            switch form["missing-\(index)"] {
            case "no": "否"
            case "none": "无"
            case "blank": ""
            default: nil
            }
        return FormColumn(
            name: old.name, source: source, missing: source == .ask ? nil : missing, sureness: 100,
            keepsDays: form.int("keeps-\(index)"), isOfHome: form["home-\(index)"] != nil)
    }
}
