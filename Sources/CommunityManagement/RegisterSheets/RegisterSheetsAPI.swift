import LinliCore
import LinliKernel
import LinliStandards

/// Sheets in and out for programs: a file with its columns, what it would do, doing it, taking it back; tables and points
/// out for a purpose. The commands of the pages, with the same limits.
enum RegisterSheetsAPI {
    static let all: [Route] = [
        .api(
            .post, "/api/v1/register-sheets", id: "bringRegisterSheet",
            "Bring a sheet (XLSX, CSV) or points (GeoJSON): kept sealed for a day; answers what its columns are taken for",
            access: .permission(.peopleImport), body: RegisterSheetsSchemas.upload, reply: RegisterSheetsSchemas.sheet,
            status: 201
        ) { _, request, services in
            let (draft, kind) = try await RegisterSheetsRoutes.draft(request, services)
            let id = try await SheetDrafts.keep(
                draft, kind: RegisterSheetsRoutes.name(kind), services.database, request.context)
            return RegisterSheetsSchemas.Sheet(id: id, kind: kind, draft: draft)
        },
        .api(
            .post, "/api/v1/register-sheets/:draft/trial", id: "tryRegisterSheet",
            "What every row of a sheet would do, with columns corrected; wrong and doubtful rows come with why. Nothing changes",
            access: .permission(.peopleImport), body: RegisterSheetsSchemas.wish, reply: RegisterSheetsSchemas.trial
        ) { wish, request, services in
            let draft = try await open(wish, request, services)
            let outcomes = try await RegisterSheetsRoutes.outcomes(draft, wish.kind, request.context, services)
            return RegisterSheetsSchemas.Trial(outcomes: outcomes, draft: draft, language: request.context.language)
        },
        .api(
            .post, "/api/v1/register-sheets/:draft/imports", id: "importRegisterSheet",
            "Bring the right rows of a sheet in; getRegisterImport says how far it is",
            access: .permission(.peopleImport), body: RegisterSheetsSchemas.wish, reply: RegisterSheetsSchemas.imported,
            status: 201
        ) { wish, request, services in
            let draft = try await open(wish, request, services)
            let outcomes = try await RegisterSheetsRoutes.outcomes(draft, wish.kind, request.context, services)
            guard outcomes.contains(where: { $0.isNew || !$0.changes.isEmpty }) else {
                throw LinliError.invalid(
                    "sheets.nothing", [.init("columns", Text("没有可以导入的行", "There is no row to bring in"))])
            }
            let id = try await RegisterSheetsRoutes.begin(
                draft, wish.kind, try request.id("draft"), isUpdating: !wish.keepsKnown, request.context,
                services.database)
            return try await found(id, request, services)
        },
        .api(
            .get, "/api/v1/register-imports", id: "listRegisterImports", "Imports of your divisions, the newest first",
            access: .permission(.peopleImport), body: .nothing, reply: RegisterSheetsSchemas.list
        ) { _, request, services in
            let scope = request.context.actor.scope(for: .peopleImport)
            return try await services.database.read { try RegisterImports.list(in: scope, $0) }
        },
        .api(
            .get, "/api/v1/register-imports/:id", id: "getRegisterImport", "How far an import is, and what it did",
            access: .permission(.peopleImport), body: .nothing, reply: RegisterSheetsSchemas.imported
        ) { _, request, services in
            try await found(try request.id(), request, services)
        },
        .api(
            .post, "/api/v1/register-imports/:id/undo", id: "undoRegisterImport",
            "Take back what an import brought and changed, except what somebody changed since",
            access: .permission(.peopleImport), body: .nothing, reply: RegisterSheetsSchemas.imported
        ) { _, request, services in
            let id: ID<RegisterImport> = try request.id()
            try await RegisterImports.undo(id, request.context, services.database)
            return try await found(id, request, services)
        },
        export("csv", "text/csv") { wanted, _, context, database in
            try await RegisterExportRoutes.csv(wanted, context, database)
        },
        export("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") {
            wanted, _, context, database in
            try await RegisterExportRoutes.workbook(wanted, context, database)
        },
        export("geojson", "application/geo+json") { wanted, datum, context, database in
            try await RegisterGeoExport.file(wanted, datum, context, database)
        },
    ]

    /// A register as a file, for a purpose.
    private static func export(
        _ end: String, _ type: String,
        _ write: @escaping @Sendable (RegisterExport, GeoDatum, Context, Database) async throws -> Reply
    ) -> Route {
        let kinds = RegisterExport.kinds.map(\.rawValue)
        var query = [
            SchemaProperty("kind", .choice(kinds), required: true, "Which register"), APIPages.division,
            SchemaProperty("purpose", .choice(ReadingPurpose.allCases.map(\.rawValue)), required: true, "What for"),
            SchemaProperty(
                "service", .text(limit: 40), "Where it is for a service: which of the catalogue; people read it"),
            SchemaProperty("note", .text(limit: 200), "What it is about; people read it"),
        ]
        query.append(
            end == "geojson"
                ? SchemaProperty("datum", .choice(["wgs84", "gcj02", "bd09"]), "Coordinates; wgs84 by default")
                : SchemaProperty(
                    "fields", .text(limit: 1000), required: true, "Which, parted by commas: `person.name,person.phone`")
        )
        return .document(
            "/api/v1/exports/registers.\(end)", id: "exportRegisterAs\(end.uppercased())",
            "A register out as \(end.uppercased()), marked with who, when and what for; noted, of closely kept fields with each entry",
            access: .permission(.peopleExport), query: query, type: type
        ) { request, services in
            let query = request.query
            guard let kind = query["kind"].flatMap({ RegisterKind(rawValue: $0) }),
                let purpose = query["purpose"].flatMap({ ReadingPurpose(rawValue: $0) })
            else { throw LinliError.notFound("export.kind") }
            let fields = try (query["fields"] ?? "").split(separator: ",").map { name -> RegisterField in
                guard let field = RegisterField.named(String(name).trimmed),
                    RegisterExport.choices(of: kind).contains(field)
                else {
                    throw LinliError.invalid(
                        "export.fields", [.init("fields", Text("没有这个字段：\(name)", "There is no such field: \(name)"))])
                }
                return field
            }
            let division = try APIPages.division(request, .peopleExport)
            let service = try await services.database.read { try purpose.catalogued(query["service"], $0) }
            let wanted = RegisterExport(
                fields, of: kind, in: division, for: purpose, service: service, note: query["note"] ?? "")
            let datum = query["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
            return try await write(wanted, datum, request.context, services.database)
        }
    }

    /// The sheet somebody brought, with its columns as they say now.
    private static func open(
        _ wish: RegisterSheetsSchemas.Wish, _ request: Request, _ services: Services
    ) async throws -> SheetDraft {
        let id: ID<SheetDraft> = try request.id("draft")
        var draft = try await SheetDrafts.open(
            id, kind: RegisterSheetsRoutes.name(wish.kind), services.database, request.context)
        guard request.context.actor.may(.peopleImport, in: DivisionCode(rawValue: draft.division)) else {
            throw LinliError.notFound("sheets.scope")
        }
        guard let columns = wish.columns else { return draft }
        let known = Set(ImportColumn.of(wish.kind).map(\.id) + [""])
        guard columns.count == draft.headers.count, columns.allSatisfy(known.contains) else {
            throw LinliError.invalid(
                "sheets.columns",
                [
                    .init(
                        "columns",
                        Text("每一列写一个字段，不要的写空", "A field for each column, empty for what is left out"))
                ])
        }
        draft.fields = columns
        return draft
    }

    private static func found(
        _ id: ID<RegisterImport>, _ request: Request, _ services: Services
    ) async throws -> RegisterImport? {
        let context = request.context
        return try await services.database.read { try RegisterImports.find(id, context, $0) }
    }
}

extension ImportOutcome {
    /// Whether the row would be entered.
    var isNew: Bool { if case .new = fate { true } else { false } }
    /// Whether the row is about something that is known.
    var isKnown: Bool { if case .known = fate { true } else { false } }
    /// Whether something doubtful of the row is taken.
    var isDoubtful: Bool { (isNew || isKnown) && !warnings.isEmpty }
}
