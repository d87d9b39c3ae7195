import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The page that asks what for, and the file.
enum ExportRoutes {
    static let all: [Route] = [
        .get("/desk/export", access: .permission(.casesExport), show),
        .post("/desk/export", access: .permission(.casesExport), take),
        document("/api/v1/exports/cases", id: "exportCases", .csv),
        document("/api/v1/exports/cases.xlsx", id: "exportCasesAsXLSX", .xlsx),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(page(DeskQuery.filter(request.query), request, services).page)
    }

    private static func page(_ filter: CaseFilter, _ request: Request, _ services: Services) -> ExportPage {
        ExportPage(
            filter: filter, names: services.divisions, catalogue: services.catalogue, formToken: request.formToken)
    }

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        let filter = DeskQuery.filter(form)
        let format = form["format"].flatMap { ExportFormat(rawValue: $0) } ?? .xlsx
        do {
            return try await CaseExport(
                filter, format, purpose: form["purpose"] ?? "", request.context, services
            ).take()
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = page(filter, request, services)
            page.form = form
            page.error = error
            return .page(page.page, status: status)
        }
    }

    /// The list as a file for programs.
    private static func document(_ path: String, id: String, _ format: ExportFormat) -> Route {
        .document(
            path, id: id,
            "Cases of a list of the desk as \(format.rawValue.uppercased()), without who told them; the purpose is audited and stands in the first line",
            access: .permission(.casesExport),
            query: [
                APIPages.purpose,
                SchemaProperty(
                    "tab", .choice(CaseFilter.Tab.allCases.map(\.rawValue)), "Which; by default all open cases"),
                SchemaProperty("category", .text(limit: 20), "A code of the catalogue"),
                SchemaProperty("grid", .shaped(.division), "Inside which division"),
                SchemaProperty("handler", .id, "In whose hands"),
                SchemaProperty("order", .choice(["due", "newest"]), "What comes first"),
            ], type: format == .csv ? "text/csv" : format.type
        ) { request, services in
            try await APIPages.file {
                try await CaseExport(
                    DeskQuery.filter(request.query), format, purpose: request.query["purpose"] ?? "", request.context,
                    services
                ).take()
            }
        }
    }
}

/// The page that asks what a list is taken away for.
struct ExportPage {
    let filter: CaseFilter
    let names: DivisionNames
    let catalogue: EventCatalogue
    let formToken: String
    var form = Form()
    var error: LinliError?

    private var title: Text { Text("导出工单", "Export cases") }

    var page: Page {
        let problem = error?.text(for: "purpose")
        let back = LinliUI.address("/desk", DeskQuery.fields(filter).filter { $0.0 != "after" })
        let formats: [(value: String, text: Text)] = [
            ("xlsx", Text("Excel 表格", "Excel sheet")), ("csv", Text("CSV", "CSV")),
        ]
        return Page(
            title, frame: .desk("/desk"),
            """
            <main id="main" class="wrap narrow">
            <div class="ttlbar"><h1>\(title)</h1><a class="btn ghost" href="\(back)">\
            \(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
            \(LinliUI.problem(error))
            <section class="card"><dl class="kv"><dt>\(Text("导出的是", "What"))</dt><dd>\(what)</dd>
            <dt>\(Text("不导出", "Never"))</dt><dd>\(Text(
                "诉求人的姓名、电话；正文里的号码是掩码。", "Who told it; numbers in texts are masked."))</dd>
            <dt>\(Text("最多", "At most"))</dt><dd>\(Text(
                "\(CaseExport.limit) 件，多了请先缩小范围。", "\(CaseExport.limit) cases; narrow the list for more."))</dd></dl>
            <form class="stack pad" method="post" action="/desk/export" data-again>\(LinliUI.formToken(formToken))
            \(each: DeskQuery.fields(filter).filter { $0.0 != "after" }, { name, value in
                value.map { "<input type=\"hidden\" name=\"\(name)\" value=\"\($0)\">" as HTML } ?? .empty
            })
            \(field(
                Text("用途", "What for"), for: "purpose",
                hint: Text(
                    "记入审计，和您的姓名、时间一起写在表格第一行。",
                    "Audited, and written into the first line with your name and the time."), error: problem,
                """
                <input id="purpose" name="purpose" maxlength="\(StatedPurpose.limit)" required autocomplete="off" \
                value="\(form["purpose"] ?? "")"\(described("purpose", hint: true, error: problem))>
                """
            ))
            \(field(Text("格式", "Format"), for: "format", select("format", formats, selected: form["format"])))
            <button class="btn">\(icon("download", small: true))\(Text("导出", "Export"))</button></form></section>
            </main>
            """
        )
    }

    /// The list in words.
    private var what: Text {
        var words = filter.tab.name
        if let category = filter.category {
            words = words + Text(same: " · ") + DeskWords.category(category, catalogue)
        }
        if let grid = filter.grid { words = words + Text(same: " · " + names.place(grid)) }
        if filter.handler != nil { words = words + Text(" · 我手上的", " · mine") }
        return words
    }
}
