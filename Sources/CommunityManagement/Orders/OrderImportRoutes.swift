import LinliCore
import LinliKernel
import LinliSpreadsheets
import LinliStandards

/// Tables in: the file or what was pasted, then what it would do with every column corrected, then doing it.
enum OrderImportRoutes {
    static let all: [Route] = [
        .get("/desk/orders/import/:kind", access: .permission(.casesDispatch), form),
        .post("/desk/orders/import/:kind", access: .permission(.casesDispatch), bring),
        .get("/desk/orders/import/:kind/:draft", access: .permission(.casesDispatch), look),
        .post("/desk/orders/import/:kind/:draft", access: .permission(.casesDispatch), take),
    ]

    private static func kind(_ request: Request) throws -> SheetKind {
        guard let kind = request.parameters["kind"].flatMap({ SheetKind(rawValue: $0) }) else {
            throw LinliError.notFound("orders.kind")
        }
        return kind
    }

    // MARK: Bringing it

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(try kind(request), request, services).page)
    }

    private static func page(
        _ kind: SheetKind, _ request: Request, _ services: Services
    ) async throws -> OrderImportPage {
        let scope = request.context.actor.scope(for: .casesDispatch)
        let now = request.context.now
        let areas = try await services.database.read { tx in
            try scope.divisions.flatMap { code -> [DivisionCode] in
                // A district sends to its streets: nothing lies in the district itself.
                let inside = try DivisionsStore.children(of: code, at: now, tx).map(\.code)
                return (code.level >= .street ? [code] : []) + inside.filter { $0.level <= .community }
            }
        }
        var page = OrderImportPage(
            kind: kind, areas: areas, form: request.form, formToken: request.formToken, names: services.divisions
        )
        page.isBlank = request.query["blank"] == "1"
        return page
    }

    private static func bring(_ request: Request, _ services: Services) async throws -> Reply {
        let kind = try kind(request)
        do {
            let draft = try await draft(kind, request, services)
            let id = try await SheetDrafts.keep(
                draft, kind: kind.rawValue, services.database, request.context
            )
            return .redirect("/desk/orders/import/\(kind.rawValue)/\(id)")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(kind, request, services)
            page.error = error
            return .page(page.page, status: status)
        }
    }

    /// Reads the table and says what its columns are.
    private static func draft(
        _ kind: SheetKind, _ request: Request, _ services: Services
    ) async throws -> SheetDraft {
        guard let division = request.form["division"].flatMap({ DivisionCode($0) }), division.level >= .street,
            request.context.actor.may(.casesDispatch, in: division)
        else {
            throw LinliError.invalid(
                "orders.division", [.init("division", Text("请选是哪里的工单", "Please choose where they belong"))]
            )
        }
        let rows = try rows(kind, request)
        let heading = SheetColumns.heading(of: rows, kind)
        let width = rows.dropFirst(heading).map(\.cells.count).max() ?? 0
        let headers = (0..<width).map { rows[heading][$0] }
        let names = headers.map(SheetColumns.plain)
        let remembered = try await services.database.read {
            try SheetDrafts.remembered(kind.rawValue, names, in: division, $0)
        }
        let lines = rows.dropFirst(heading + 1).map { SheetDraft.Line(number: $0.number, cells: $0.cells) }
        guard !lines.isEmpty else { throw wrong(SheetProblem.empty.text) }
        var draft = SheetDraft(
            headers: headers, lines: lines, fields: SheetColumns.suggest(headers, kind, remembered: remembered),
            division: division
        )
        let photos = request.uploads.filter { $0.field == "photo" && $0.size > 0 }
        if !photos.isEmpty {
            guard lines.count == 1 else {
                throw LinliError.invalid(
                    "orders.photo",
                    [.init("photo", Text("原单照片只能配一件工单", "A photo of the paper goes with a single order"))]
                )
            }
            let kept = try await services.files.keep([photos[0]], services.database, request.context)
            draft.photo = kept.first?.rawValue
        }
        return draft
    }

    private static func rows(_ kind: SheetKind, _ request: Request) throws -> [SheetRow] {
        do {
            if let file = request.uploads.first(where: { $0.field == "file" && $0.size > 0 }) {
                return SheetPairs.upright(try Sheet.rows(file: file.path, kind.limits), kind)
            }
            let text = request.form.all("table").first ?? ""
            guard !text.trimmed.isEmpty else {
                throw wrong(Text("请选一个表格文件，或把内容贴进来", "Please choose a file or paste the table"))
            }
            return SheetPairs.upright(
                try Sheet.rows(pasted: SheetPairs.unfolded(text, kind), kind.limits), kind)
        } catch let problem as SheetProblem {
            throw wrong(problem.text)
        }
    }

    private static func wrong(_ text: Text) -> LinliError {
        LinliError.invalid("orders.table", [.init("table", text)])
    }

    // MARK: Looking at it

    private static func look(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await preview(request, services).page)
    }

    private static func open(_ request: Request, _ services: Services) async throws -> (SheetKind, SheetDraft) {
        let kind = try kind(request)
        let id: ID<SheetDraft> = try request.id("draft")
        return (
            kind, try await SheetDrafts.open(id, kind: kind.rawValue, services.database, request.context)
        )
    }

    /// The month a table is about; without a wish the one before the month that is going on.
    private static func month(_ request: Request, _ current: AssessmentMonth) -> AssessmentMonth {
        let named = request.form["month"] ?? request.query["month"]
        return named.flatMap { AssessmentMonth($0) } ?? current.previous
    }

    private static func preview(_ request: Request, _ services: Services) async throws -> OrderPreviewPage {
        var (kind, draft) = try await open(request, services)
        correct(&draft, kind, request.form.fields.isEmpty ? request.query : request.form)
        let id: ID<SheetDraft> = try request.id("draft")
        let calendar = try await services.queries.assessmentCalendar()
        let current = calendar.month(of: request.context.now)
        var page = OrderPreviewPage(
            kind: kind, draft: draft, address: "/desk/orders/import/\(kind.rawValue)/\(id)",
            month: month(request, current), current: current, calendar: calendar,
            formToken: request.formToken, names: services.divisions
        )
        switch kind {
        case .orders: page.orders = try await OrderImport(draft, request.context, services)
        case .results: page.results = try await ResultImport(draft, month: page.month, current: current, services)
        }
        return page
    }

    /// Takes over what somebody said that columns are.
    private static func correct(_ draft: inout SheetDraft, _ kind: SheetKind, _ form: Form) {
        for index in draft.headers.indices {
            guard let chosen = form.all("column-\(index)").first else { continue }
            draft.fields[index] = kind.fields.contains { $0.id == chosen } ? chosen : ""
        }
    }

    // MARK: Doing it

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        guard request.form["do"] == "import" else { return .page(try await preview(request, services).page) }
        let page = try await preview(request, services)
        try await remember(page, request, services)
        let id: ID<SheetDraft> = try request.id("draft")
        let isDone: Bool
        var report = page
        if let orders = page.orders {
            var categories: [Int: String] = [:]
            for row in orders.rows {
                categories[row.entry.line] = request.form["category-\(row.entry.line)"].flatMap {
                    services.catalogue[code: $0]?.code
                }
            }
            let sheet = page.draft.photo.map { ID<StoredFile>(rawValue: $0) }
            let done = try await orders.run(categories, sheet: sheet, request.context, services)
            report.report = done
            isDone = done.wrong.isEmpty
        } else {
            let results = page.results?.results ?? []
            guard !results.isEmpty else { return .page(page.page, status: 422) }
            do {
                try await services.commands.importResults(
                    results, for: DivisionCode(rawValue: page.draft.division), request.context
                )
            } catch let error as LinliError where error.formStatus != nil {
                report.error = error
                return .page(report.page, status: error.formStatus ?? 422)
            }
            report.imported = results.count
            isDone = page.results?.wrong == 0
        }
        if isDone { try await SheetDrafts.drop(id, services.database) }
        return .page(report.page)
    }

    /// What was corrected is right the next time, also where what others said around here is not.
    private static func remember(
        _ page: OrderPreviewPage, _ request: Request, _ services: Services
    ) async throws {
        let (division, kind) = (DivisionCode(rawValue: page.draft.division), page.kind)
        let names = page.draft.headers.map(SheetColumns.plain)
        let remembered = try await services.database.read {
            try SheetDrafts.remembered(kind.rawValue, names, in: division, $0)
        }
        let suggested = SheetColumns.suggest(page.draft.headers, kind, remembered: remembered)
        var corrected: [String: String] = [:]
        for (index, header) in page.draft.headers.enumerated() where page.draft.fields[index] != suggested[index] {
            corrected[SheetColumns.plain(header)] = page.draft.fields[index]
        }
        guard !corrected.isEmpty else { return }
        try await SheetDrafts.remember(
            corrected, kind.rawValue, in: division, services.database, request.context)
    }
}
