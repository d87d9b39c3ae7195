import LinliCore
import LinliKernel
import LinliSpreadsheets
import LinliUI

/// Many places from a table: the table, then what it would do, then doing it.
enum PlacesImportRoutes {
    static let all: [Route] = [
        .get("/admin/places/import", access: .permission(.registersManage), form),
        .post("/admin/places/import", access: .permission(.registersManage), take),
    ]

    /// The community of a division, if it is within the administrator's.
    static func own(_ code: DivisionCode?, _ context: Context) throws -> DivisionCode {
        guard let code = code?.ancestor(at: .community), code.level == .community,
            context.actor.may(.registersManage, in: code)
        else { throw LinliError.notFound("places.community") }
        return code
    }

    private static func community(_ code: String?, _ context: Context) throws -> DivisionCode {
        try own(code.flatMap { DivisionCode($0) }, context)
    }

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        let community = try community(request.query["under"], request.context)
        var page = page(community, nil, PlacesImport.template, nil, request, services)
        let imports = try await services.database.read { try PlacesAdminStore.imports(into: community, $0) }
        let done = request.query.int("removed").flatMap { removed in
            request.query.int("kept").map { (removed: removed, kept: $0) }
        }
        page.imports = PlacesTakeBackRoutes.card(
            imports, under: community, done: done, formToken: request.formToken, now: request.context.now)
        return .page(page.page)
    }

    private static func page(
        _ community: DivisionCode, _ table: PlacesImport?, _ text: String, _ error: LinliError?, _ request: Request,
        _ services: Services
    ) -> PlacesImportPage {
        PlacesImportPage(
            community: community, table: table, text: text, error: error, formToken: request.formToken,
            names: services.divisions
        )
    }

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        let community = try community(request.form["under"], request.context)
        let typed = request.form.all("table").first ?? ""
        let (now, said) = (request.context.now, PlaceColumn.said(in: request.form))
        do {
            let text = try text(request)
            if request.form["do"] == "import" {
                let table = try await PlacesCommands(services).importTable(
                    text, into: community, said: said, request.context)
                // What was corrected is right the next time.
                try await SheetDrafts.remember(
                    table.corrected, PlaceColumn.sheet, in: community, services.database, request.context)
                return .redirect("/admin/places?under=\(community)&done=import")
            }
            let table = try await services.database.read {
                try PlacesImport(text, community: community, said: said, at: now, $0)
            }
            if request.form["do"] == "wrong", table.wrong > 0 { return wrongLines(table, request.context.language) }
            return .page(page(community, table, text, nil, request, services).page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            // What was said of the columns is kept.
            var table: PlacesImport?
            if !said.isEmpty {
                table = try await services.database.read {
                    try PlacesImport(typed, community: community, said: said, at: now, $0)
                }
            }
            return .page(page(community, table, typed, error, request, services).page, status: status)
        }
    }

    /// The lines that are wrong, as they came, with a column of what is wrong: to be put right and brought again.
    private static func wrongLines(_ table: PlacesImport, _ language: Language) -> Reply {
        var csv = CSVText()
        let head = table.headers + [Text("问题", "What is wrong")[language]]
        csv.add(head.map { .text($0) })
        for line in table.lines {
            guard case .wrong(let problems) = line.result else { continue }
            let cells = table.headers.indices.map { line.cells.indices.contains($0) ? line.cells[$0] : "" }
            let words = problems.map { $0[language] }.joined(separator: "；")
            csv.add((cells + [words]).map { .text($0) })
        }
        return Reply(.bytes(Array(csv.text.utf8), type: "text/csv; charset=utf-8"))
            .adding("content-disposition", "attachment; filename=\"wrong-lines.csv\"")
    }

    /// The file if one was chosen, XLSX or CSV in whatever coding, else the text.
    ///
    /// - Throws: `.invalid` for what is no table.
    private static func text(_ request: Request) throws -> String {
        guard let upload = request.uploads.first(where: { $0.field == "file" && $0.size > 0 }) else {
            return request.form.all("table").first ?? ""
        }
        let limits = SheetLimits(
            fileBytes: 2_000_000, unpackedBytes: 20_000_000, rows: PlacesImport.maximumLines + 1, columns: 60)
        do {
            return text(of: try Sheet.rows(file: upload.path, limits))
        } catch let problem as SheetProblem {
            throw LinliError.invalid("places.file", [.init("file", problem.text)])
        }
    }

    /// Rows as lines of a table, each with the number it has in the sheet.
    private static func text(of rows: [SheetRow]) -> String {
        var lines: [String] = []
        for row in rows {
            // What stands far below everything else is no table: said by its length.
            while lines.count < min(row.number - 1, PlacesImport.maximumBytes) { lines.append("") }
            lines.append(row.cells.map(quoted).joined(separator: ","))
        }
        return lines.joined(separator: "\n")
    }

    private static func quoted(_ cell: String) -> String {
        let plain = cell.split(whereSeparator: \.isNewline).joined(separator: " ")
        guard plain.contains(where: { ",\"#".contains($0) }) else { return plain }
        return "\"" + plain.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// The page of a table: what to put in, or what it would do.
struct PlacesImportPage {
    let community: DivisionCode
    /// What the table would do; nil before there is one.
    let table: PlacesImport?
    let text: String
    let error: LinliError?
    let formToken: String
    let names: DivisionNames
    /// What was imported before, and may be taken back.
    var imports = HTML.empty

    var page: Page {
        Page(Text("从表格导入地点", "Places from a table"), frame: .desk("/admin/places"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names[community]) · \(Text("从表格导入地点", "Places from a table"))</h1>\
        <a class="btn ghost" href="/admin/places?under=\(community)">\(icon("back", small: true))\
        \(Text("回列表", "Back"))</a></div>
        \(problem(error))
        \(table?.problem.map { notice($0, .bad) })
        \(table.map(preview))
        <section class="card narrow" aria-label="\(Text("表格", "Table"))">
        <form class="form" method="post" action="/admin/places/import" enctype="multipart/form-data">\
        \(LinliUI.formToken(formToken))<input type="hidden" name="under" value="\(community)">
        <div class="full">\(field(
            Text("表格（CSV）", "Table (CSV)"), for: "table",
            hint: Text(
                "第一行是列名。上级写完整地址；网格写序号；产权、谁来管不填就和上级一样。",
                "The first line names the columns. A parent is its whole address, a grid its number; empty cells follow the parent."
            ),
            "<textarea id=\"table\" name=\"table\" rows=\"10\" spellcheck=\"false\" aria-describedby=\"table-hint\">\n\(text)</textarea>"
        ))</div>
        <div class="full">\(field(
            Text("或者选一个文件", "Or choose a file"), for: "file",
            hint: Text("Excel（.xlsx）或 CSV。", "Excel (.xlsx) or CSV."), optional: true, error: error?.text(for: "file"),
            """
            <input id="file" name="file" type="file" accept=".xlsx,.csv,.txt,text/csv"\
            \(described("file", hint: true, error: error?.text(for: "file")))>
            """
        ))</div>
        <div class="full btns"><button class="btn\(when: ready, " ghost")" name="do" value="look">\
        \(Text("先看看", "Have a look first"))</button></div>
        </form></section>
        \(imports)
        </main>
        """
    }

    /// Whether the table can be imported as it is.
    private var ready: Bool { table.map { $0.problem == nil && $0.wrong == 0 && $0.added > 0 } ?? false }

    /// The community and the table, in the forms of the preview.
    private var carried: HTML {
        """
        \(LinliUI.formToken(formToken))<input type="hidden" name="under" value="\(community)">\
        <textarea name="table" hidden>\n\(text)</textarea>
        """
    }

    private func preview(_ table: PlacesImport) -> HTML {
        guard !table.headers.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="preview"><div class="hd"><h2 id="preview">\
            \(Text("会这样导入", "What would be done"))</h2></div>
            <form class="stack" method="post" action="/admin/places/import">\(carried)
            \(columns(table))\(when: table.problem == nil, lines(table))
            \(when: ready, """
                <div class="pad btns"><button class="btn" name="do" value="import">\
                \(Text("导入这 \(table.added) 个", "Import these \(table.added)"))</button></div>
                """)</form>
            \(when: table.wrong > 0, wrong(table))
            </section>
            """
    }

    /// The lines that are wrong, to be put right elsewhere; a browser stays on the page when it takes a file.
    private func wrong(_ table: PlacesImport) -> HTML {
        """
        <form class="pad" method="post" action="/admin/places/import" data-again>\(carried)\
        \(each: table.fields.enumerated(), { index, field in
            "<input type=\"hidden\" name=\"column-\(index)\" value=\"\(field)\">"
        })<button class="btn ghost" name="do" value="wrong">\(icon("download", small: true))\
        \(Text("下载有错的 \(table.wrong) 行", "Download the \(table.wrong) wrong lines"))</button></form>
        """
    }

    /// What each column is taken for, to be corrected.
    private func columns(_ table: PlacesImport) -> HTML {
        """
        <details class="more pad"\(when: table.problem != nil, " open")><summary>\
        \(Text("列对不对", "Are the columns right"))</summary>
        <p class="hint">\(Text("改过的列名下次自动认得。", "What you correct is known the next time."))</p>
        <div class="form">\(each: table.headers.indices, { column($0, table) })</div>
        <button class="btn weak" name="do" value="look">\(Text("按这样再看", "Look again"))</button></details>
        """
    }

    private func column(_ index: Int, _ table: PlacesImport) -> HTML {
        let header = table.headers[index]
        return field(
            Text(same: header.isEmpty ? "#\(index + 1)" : header), for: "column-\(index)",
            select(
                "column-\(index)", PlaceColumn.allCases.map { (value: $0.rawValue, text: $0.title) },
                selected: table.fields[index], empty: Text("不导入", "Leave it out")
            ))
    }

    private func lines(_ table: PlacesImport) -> HTML {
        let present = table.lines.count - table.added - table.wrong
        return """
            <p class="pad">\(Text(
                "新加 \(table.added) 个，已有 \(present) 个，有错 \(table.wrong) 行。",
                "\(table.added) new, \(present) there already, \(table.wrong) lines are wrong."
            ))</p>
            <div class="scroll"><table class="t mid cards">
            <caption class="sr">\(Text("每一行", "Every line"))</caption>
            <thead><tr><th scope="col">\(Text("行", "Line"))</th><th scope="col">\(Text("地址", "Address"))</th>\
            <th scope="col">\(Text("结果", "Result"))</th></tr></thead><tbody>
            \(each: sorted(table), row)</tbody></table></div>
            """
    }

    /// What is wrong comes first.
    private func sorted(_ table: PlacesImport) -> [PlacesImport.Line] {
        func isWrong(_ line: PlacesImport.Line) -> Bool { if case .wrong = line.result { true } else { false } }
        return table.lines.filter(isWrong) + table.lines.filter { !isWrong($0) }
    }

    private func row(_ line: PlacesImport.Line) -> HTML {
        let result: HTML =
            switch line.result {
            case .add: tag(Text("新加", "New"), .ok)
            case .present: tag(Text("已有", "There already"), .mute)
            case .wrong(let texts):
                "\(tag(Text("有错", "Wrong"), .bad)) \(each: texts, { "<span class=\"sub\">\($0)</span>" })"
            }
        return """
            <tr><td class="r" data-label="\(Text("行", "Line"))">\(line.number)</td>\
            <td class="wide">\(line.address)</td><td data-label="\(Text("结果", "Result"))">\(result)</td></tr>

            """
    }
}
