import LinliCore
import LinliKernel
import LinliSpreadsheets
import LinliStandards

/// Sheets in: the file or what was pasted, what it would do with every column corrected, doing it, taking it back.
enum RegisterSheetsRoutes {
    static let all: [Route] = [
        .get("/desk/sheets", access: .permission(.peopleImport), list),
        .post("/desk/sheets", access: .permission(.peopleImport), bring),
        .get("/desk/sheets/:draft", access: .permission(.peopleImport), look),
        .post("/desk/sheets/:draft", access: .permission(.peopleImport), take),
        .get("/desk/sheets/:draft/wrong", access: .permission(.peopleImport), wrongRows),
        .get("/desk/sheets/imports/:id", access: .permission(.peopleImport), progress),
        .post("/desk/sheets/imports/:id/undo", access: .permission(.peopleImport), undo),
    ]

    /// What is taken at once.
    /// - Source: configured, no source
    static let limits = SheetLimits(fileBytes: 30_000_000, unpackedBytes: 200_000_000, rows: 50_000)

    // MARK: Bringing it

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> RegisterSheetsPage {
        let scope = request.context.actor.scope(for: .peopleImport)
        let imports = try await services.database.read { try RegisterImports.list(in: scope, $0) }
        return RegisterSheetsPage(
            imports: imports, areas: scope.divisions, form: request.form, formToken: request.formToken,
            mayExport: request.context.actor.may(.peopleExport), names: services.divisions, now: request.context.now
        )
    }

    private static func bring(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let (draft, kind) = try await draft(request, services)
            let id = try await SheetDrafts.keep(draft, kind: name(kind), services.database, request.context)
            return .redirect("/desk/sheets/\(id)?kind=\(kind.rawValue)")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            return .page(page.page, status: status)
        }
    }

    static func name(_ kind: RegisterKind) -> String { RegisterImports.sheet(of: kind) }

    /// Reads the table and says what its columns are.
    static func draft(_ request: Request, _ services: Services) async throws -> (SheetDraft, RegisterKind) {
        guard let division = request.form["division"].flatMap({ DivisionCode($0) }),
            request.context.actor.may(.peopleImport, in: division)
        else {
            throw LinliError.invalid(
                "sheets.division", [.init("division", Text("请选是哪里的表", "Please choose where it belongs"))])
        }
        guard let kind = request.form["kind"].flatMap({ RegisterKind(rawValue: $0) }),
            RegisterSheetsPage.kinds.contains(kind)
        else {
            throw LinliError.invalid(
                "sheets.kind", [.init("kind", Text("请选表里是什么", "Please choose what the sheet holds"))])
        }
        let rows = try rows(request).filter { !ExportMark.isMark($0.cells) }
        guard !rows.isEmpty else { throw wrong(SheetProblem.empty.text) }
        let heading = ImportColumn.heading(of: rows.map(\.cells), kind)
        let width = rows.dropFirst(heading).map(\.cells.count).max() ?? 0
        let headers = (0..<width).map { rows[heading][$0] }
        let remembered = try await services.database.read {
            try SheetDrafts.remembered(name(kind), headers.map(ImportColumn.plain), in: division, $0)
        }
        let lines = rows.dropFirst(heading + 1).map { SheetDraft.Line(number: $0.number, cells: $0.cells) }
        guard !lines.isEmpty else { throw wrong(SheetProblem.empty.text) }
        let fields = ImportColumn.suggest(headers, kind, remembered: remembered)
        return (SheetDraft(headers: headers, lines: lines, fields: fields, division: division), kind)
    }

    private static func rows(_ request: Request) throws -> [SheetRow] {
        do {
            if let file = request.uploads.first(where: { $0.field == "file" && $0.size > 0 }) {
                if file.size <= limits.fileBytes, RegisterGeoSheet.isGeoJSON(file.path) {
                    let datum = request.form["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
                    return try RegisterGeoSheet.rows(file.path, datum)
                }
                return try Sheet.rows(file: file.path, limits)
            }
            let text = request.form.all("table").first ?? ""
            guard !text.trimmed.isEmpty else {
                throw wrong(Text("请选一个表格文件，或把内容贴进来", "Please choose a file or paste the table"))
            }
            return try Sheet.rows(pasted: text, limits)
        } catch let problem as SheetProblem {
            throw wrong(problem.text)
        }
    }

    private static func wrong(_ text: Text) -> LinliError {
        LinliError.invalid("sheets.table", [.init("table", text)])
    }

    // MARK: Looking at it

    private static func open(
        _ request: Request, _ services: Services
    ) async throws -> (draft: SheetDraft, kind: RegisterKind, id: ID<SheetDraft>) {
        let id: ID<SheetDraft> = try request.id("draft")
        let form = request.method == .post ? request.form : request.query
        guard let kind = form["kind"].flatMap({ RegisterKind(rawValue: $0) }) else {
            throw LinliError.notFound("sheets.kind")
        }
        var draft = try await SheetDrafts.open(id, kind: name(kind), services.database, request.context)
        guard request.context.actor.may(.peopleImport, in: DivisionCode(rawValue: draft.division)) else {
            throw LinliError.notFound("sheets.scope")
        }
        let known = Set(ImportColumn.of(kind).map(\.id))
        for index in draft.headers.indices {
            guard let chosen = form.all("column-\(index)").first else { continue }
            draft.fields[index] = known.contains(chosen) ? chosen : ""
        }
        return (draft, kind, id)
    }

    /// What every row would do: nothing is written.
    static func outcomes(
        _ draft: SheetDraft, _ kind: RegisterKind, _ context: Context, _ services: Services
    ) async throws -> [ImportOutcome] {
        let database = services.database
        let entry = RegisterEntry(source: "import", validFrom: context.now)
        let division = DivisionCode(rawValue: draft.division)
        return try await database.read { tx in
            var planner = ImportPlanner(kind, in: division, entry: entry, database)
            var outcomes: [ImportOutcome] = []
            for start in stride(from: 0, to: draft.lines.count, by: 500) {
                let rows = draft.lines[start..<min(start + 500, draft.lines.count)]
                    .map { ImportRow($0, fields: draft.fields, kind, today: context.now.date) }
                outcomes += try planner.plan(rows, tx).outcomes
            }
            return outcomes
        }
    }

    private static func look(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await preview(request, services).page)
    }

    private static func preview(_ request: Request, _ services: Services) async throws -> RegisterSheetPage {
        let (draft, kind, id) = try await open(request, services)
        return RegisterSheetPage(
            draft: draft, kind: kind, id: id,
            outcomes: try await outcomes(draft, kind, request.context, services), formToken: request.formToken,
            names: services.divisions
        )
    }

    /// The rows that are wrong, as they came, with a column of what is wrong: to be put right and brought again. Among them
    /// those that are taken although something of them is doubtful, which that column says.
    private static func wrongRows(_ request: Request, _ services: Services) async throws -> Reply {
        let (draft, kind, _) = try await open(request, services)
        var problems: [Int: [Text]] = [:]
        for outcome in try await outcomes(draft, kind, request.context, services) {
            let doubt =
                outcome.isDoubtful
                ? Text("存疑，照样导入：", "Doubtful, taken all the same: ") : Text("存疑：", "Doubtful: ")
            let all = outcome.problems + outcome.warnings.map { doubt + $0 }
            if !all.isEmpty { problems[outcome.line] = all }
        }
        let language = request.context.language
        var table = CSVText()
        let head = draft.headers + [Text("问题", "What is wrong")[language]]
        table.add(head.map { .text($0) })
        for line in draft.lines {
            guard let wrong = problems[line.number] else { continue }
            let cells = draft.headers.indices.map { line.cells.indices.contains($0) ? line.cells[$0] : "" }
            table.add((cells + [wrong.map { $0[language] }.joined(separator: "；")]).map { .text($0) })
        }
        return Reply(.bytes(Array(table.text.utf8), type: "text/csv; charset=utf-8"))
            .adding("content-disposition", "attachment; filename=\"wrong-rows.csv\"")
    }

    // MARK: Doing it

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        let page = try await preview(request, services)
        guard request.form["do"] == "import", page.right + page.changed > 0 else { return .page(page.page) }
        let id = try await begin(
            page.draft, page.kind, page.id, isUpdating: request.form["keep"] == nil, request.context, services.database)
        return .redirect("/desk/sheets/imports/\(id)")
    }

    /// Keeps the columns as they were corrected, remembers them, and begins.
    static func begin(
        _ draft: SheetDraft, _ kind: RegisterKind, _ id: ID<SheetDraft>, isUpdating: Bool, _ context: Context,
        _ database: Database
    ) async throws -> ID<RegisterImport> {
        try await remember(draft, kind, context, database)
        try await SheetDrafts.settle(draft, id, database, context)
        return try await RegisterImports.begin(
            id, kind, rows: draft.lines.count, in: DivisionCode(rawValue: draft.division), isUpdating: isUpdating,
            context, database)
    }

    /// What was corrected is right the next time, also where what others said around here is not.
    private static func remember(
        _ draft: SheetDraft, _ kind: RegisterKind, _ context: Context, _ database: Database
    ) async throws {
        let division = DivisionCode(rawValue: draft.division)
        let remembered = try await database.read {
            try SheetDrafts.remembered(name(kind), draft.headers.map(ImportColumn.plain), in: division, $0)
        }
        let suggested = ImportColumn.suggest(draft.headers, kind, remembered: remembered)
        var corrected: [String: String] = [:]
        for (index, header) in draft.headers.enumerated() where draft.fields[index] != suggested[index] {
            corrected[ImportColumn.plain(header)] = draft.fields[index]
        }
        guard !corrected.isEmpty else { return }
        try await SheetDrafts.remember(corrected, name(kind), in: division, database, context)
    }

    // MARK: Watching it, taking it back

    private static func progress(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<RegisterImport> = try request.id()
        let context = request.context
        let (found, kept) = try await services.database.read { tx in
            let found = try RegisterImports.find(id, context, tx)
            return (found, found.state == .undone ? try RegisterImports.kept(id, tx) : [])
        }
        let page = RegisterImportPage(
            found: found, kept: kept, formToken: request.formToken, names: services.divisions, now: context.now)
        return .page(page.page)
    }

    private static func undo(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<RegisterImport> = try request.id()
        try await RegisterImports.undo(id, request.context, services.database)
        return .redirect("/desk/sheets/imports/\(id)")
    }
}
