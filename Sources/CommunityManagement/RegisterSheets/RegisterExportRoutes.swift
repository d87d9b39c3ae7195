import Foundation
import LinliCore
import LinliKernel
import LinliSpreadsheets
import LinliStandards
import LinliUI

/// A register out, as a table that says in every row, on every page and in its properties who took it out, when and what
/// for.
enum RegisterExportRoutes {
    static let all: [Route] = [
        .get("/desk/sheets/export", access: .permission(.peopleExport), form),
        .post("/desk/sheets/export", access: .permission(.peopleExport), export),
    ]

    private static func page(_ request: Request, _ services: Services) async throws -> RegisterExportPage {
        let scope = request.context.actor.scope(for: .peopleExport)
        let now = request.context.now
        let (areas, book) = try await services.database.read { tx -> ([DivisionCode], LabelBook) in
            let areas = try scope.divisions.flatMap {
                [$0] + (try DivisionsStore.children(of: $0, at: now, tx).map(\.code))
            }
            return (areas, try LabelBook.current(tx))
        }
        let typed = request.method == .post ? request.form : request.query
        return RegisterExportPage(
            kind: kind(typed), areas: areas, services: book.services, form: request.form,
            formToken: request.formToken, names: services.divisions)
    }

    private static func kind(_ form: Form) -> RegisterKind {
        let kind = form["kind"].flatMap { RegisterKind(rawValue: $0) } ?? .person
        return RegisterExport.kinds.contains(kind) ? kind : .person
    }

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func export(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let wanted = try await wanted(request, services)
            switch request.form["format"] {
            case "csv": return try await csv(wanted, request.context, services.database)
            case "geojson":
                let datum = request.form["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
                return try await RegisterGeoExport.file(wanted, datum, request.context, services.database)
            default: return try await workbook(wanted, request.context, services.database)
            }
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            return .page(page.page, status: status)
        }
    }

    private static func wanted(_ request: Request, _ services: Services) async throws -> RegisterExport {
        guard let division = request.form["division"].flatMap({ DivisionCode($0) }),
            request.context.actor.may(.peopleExport, in: division)
        else {
            throw LinliError.invalid(
                "export.division", [.init("division", Text("请选是哪里的", "Please choose where"))])
        }
        guard let purpose = request.form["purpose"].flatMap({ ReadingPurpose(rawValue: $0) }) else {
            throw LinliError.invalid(
                "export.purpose", [.init("purpose", Text("请选用途，本人以后看得到", "Choose a purpose; the people can see it"))])
        }
        let fields = request.form.all("field").compactMap { RegisterField.named($0) }
        let named = request.form["service"]
        let service = try await services.database.read { try purpose.catalogued(named, $0) }
        return RegisterExport(
            fields, of: kind(request.form), in: division, for: purpose, service: service,
            note: request.form["note"] ?? "")
    }

    /// Who, when and what for: above and below each page, in the properties and behind every row.
    static func mark(_ wanted: RegisterExport, _ context: Context) -> String {
        let text = Text(
            "\(context.actor.name) \(context.now.dayAndTime.zh) 导出，用途：\(wanted.what.zh) \(wanted.note)".trimmed,
            "Taken out by \(context.actor.name), \(context.now.dayAndTime.en), for: \(wanted.what.en) \(wanted.note)"
                .trimmed)
        return text[context.language]
    }

    private static let markName = Text("导出人、时间、用途", "Taken out by, when, for")

    /// The line before the names of the columns.
    private static func line(_ wanted: RegisterExport, _ context: Context) -> String {
        let purpose = Text(
            "\(wanted.what.zh) \(wanted.note)".trimmed, "\(wanted.what.en) \(wanted.note)".trimmed)
        return ExportMark.text(purpose: purpose, context)
    }

    static func csv(_ wanted: RegisterExport, _ context: Context, _ database: Database) async throws -> Reply {
        var table = CSVText()
        let mark = mark(wanted, context)
        table.add([.text(line(wanted, context))])
        table.add((wanted.fields.map(\.name) + [markName]).map { .text($0[context.language]) })
        _ = try await wanted.rows(context, database) { cells in
            table.add((cells + [mark]).map { .text($0) })
        }
        return file(Array(table.text.utf8), "text/csv; charset=utf-8", name(wanted, "csv"))
    }

    static func workbook(_ wanted: RegisterExport, _ context: Context, _ database: Database) async throws -> Reply {
        let mark = mark(wanted, context)
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        // Only a temporary file would stay behind.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let columns = (wanted.fields.map(\.name) + [markName]).map { (name: $0[context.language], width: 18.0) }
        let writer = try SheetWriter(
            path, sheet: Text("台账", "Register")[context.language], columns: columns,
            watermark: line(wanted, context), mark: mark)
        _ = try await wanted.rows(context, database) { cells in
            try writer.add((cells + [mark]).map { .text($0) })
        }
        try writer.close()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        return file(
            bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name(wanted, "xlsx"))
    }

    private static func name(_ wanted: RegisterExport, _ end: String) -> String {
        "\(wanted.kind == .person ? "people" : wanted.kind.rawValue + "s").\(end)"
    }

    private static func file(_ bytes: [UInt8], _ type: String, _ name: String) -> Reply {
        Reply(.bytes(bytes, type: type)).adding("content-disposition", "attachment; filename=\"\(name)\"")
    }
}

/// What to take out, and what for.
struct RegisterExportPage: Sendable {
    let kind: RegisterKind
    let areas: [DivisionCode]
    /// What the catalogue has, of which a list may be for one.
    let services: [CareService]
    let form: Form
    let formToken: String
    let names: DivisionNames
    var error: LinliError?

    var page: Page { Page(Text("导出台账", "Export"), frame: .desk("/desk/sheets"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("导出台账", "Export"))</h1>\
        <a class="btn ghost" href="/desk/sheets">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        \(problem(error))
        <nav class="flt" aria-label="\(Text("导出什么", "What to take out"))">\(each: RegisterExport.kinds, { other in
            """
            <a class="btn ghost sm" href="/desk/sheets/export?kind=\(other.rawValue)"\
            \(when: other == kind, " aria-current=\"page\"")>\(other.name)</a>
            """
        })</nav>
        <section class="card narrow" aria-label="\(Text("导出台账", "Export"))">
        <form class="form" method="post" action="/desk/sheets/export">\(LinliUI.formToken(formToken))
        <input type="hidden" name="kind" value="\(kind.rawValue)">
        \(field(
            Text("哪里的\(kind.name.zh)", "Where"), for: "division", error: error?.text(for: "division"),
            select(
                "division", areas.map { (value: "\($0)", text: Text(same: names.place($0))) },
                selected: form["division"], attributes: described("division", error: error?.text(for: "division"))
            )
        ))
        \(field(
            Text("用途", "What for"), for: "purpose",
            hint: Text(
                "记在审计里；人的信息，本人以后看得到是谁、为什么导出的。没有同意告诉服务单位的人，不在“提供服务”的名单里。",
                "Audited; people can see later who took their data out and why. A list for a service has only who agreed to it."
            ),
            error: error?.text(for: "purpose"),
            select(
                "purpose", ReadingPurpose.allCases.map { (value: $0.rawValue, text: $0.name) },
                selected: form["purpose"], empty: Text("请选", "Choose"),
                attributes: described("purpose", hint: true, error: error?.text(for: "purpose"))
            )
        ))
        \(when: !services.isEmpty, ofService)
        <div class="full">\(field(
            Text("说明", "Note"), for: "note", optional: true,
            "<input id=\"note\" name=\"note\" maxlength=\"200\" value=\"\(form["note"] ?? "")\">"
        ))</div>
        \(choices(Text("一般信息", "Basic"), .basic))
        \(choices(Text("敏感信息（逐人记录）", "Closely kept (noted person by person)"), .sensitive))
        \(when: kind != .person, datum)
        <div class="full btns"><button class="btn" name="format" value="xlsx">\(icon("download", small: true))\
        \(Text("导出 Excel", "As Excel"))</button><button class="btn ghost" name="format" value="csv">\
        \(Text("导出 CSV", "As CSV"))</button>\(when: kind != .person, """
            <button class="btn ghost" name="format" value="geojson">\(icon("map", small: true))\
            \(Text("导出地图点（GeoJSON）", "Points (GeoJSON)"))</button>
            """)</div>
        </form></section>
        </main>
        """
    }

    /// Which service a list is for; the people on it read that, too.
    private var ofService: HTML {
        let wrong = error?.text(for: "service")
        return field(
            Text("为哪项服务（用途是“提供服务”时）", "For which service, where it is for one"), for: "service", optional: true,
            error: wrong,
            select(
                "service", services.map { (value: $0.id, text: $0.name) }, selected: form["service"],
                empty: Text("不止一项，或不指明", "Several, or not said"), attributes: described("service", error: wrong)))
    }

    private var datum: HTML {
        field(
            Text("GeoJSON 的坐标", "Coordinates of GeoJSON"), for: "datum", optional: true,
            select(
                "datum",
                [
                    (value: GeoDatum.wgs84.rawValue, text: Text("GPS、国家 2000", "GPS, CGCS2000")),
                    (value: GeoDatum.gcj02.rawValue, text: Text("高德、腾讯地图", "Amap, Tencent")),
                    (value: GeoDatum.bd09.rawValue, text: Text("百度地图", "Baidu")),
                ], selected: form["datum"]))
    }

    private func choices(_ title: Text, _ fieldClass: FieldClass) -> HTML {
        let chosen = Set(form.all("field"))
        let fields = RegisterExport.choices(of: kind).filter { $0.fieldClass == fieldClass }
        guard !fields.isEmpty else { return .empty }
        return """
            <fieldset class="full"><legend>\(title)</legend><div class="row">\
            \(each: fields, { field in
                """
                <label class="check"><input type="checkbox" name="field" value="\(field.id)"\
                \(when: chosen.contains(field.id), " checked")> \(field.name)</label>
                """
            })</div></fieldset>
            """
    }
}
