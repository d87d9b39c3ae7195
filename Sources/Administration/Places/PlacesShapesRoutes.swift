import Foundation
import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Places as GeoJSON: those of a community out, and areas and points back in.
enum PlacesShapesRoutes {
    static let all: [Route] = [
        .get("/admin/places/areas", access: .permission(.registersManage), form),
        .post("/admin/places/areas", access: .permission(.registersManage), take),
        .get("/admin/places/areas.geojson", access: .permission(.registersRead), download),
    ]

    /// The places of a community, each with its area or its point.
    static func download(_ request: Request, _ services: Services) async throws -> Reply {
        let code = request.query["under"].flatMap { DivisionCode($0) }
        let datum = request.query["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
        let context = request.context
        let json = try await services.database.read { tx in
            let choice = try CommunityChoice(code, context.actor, at: context.now, tx)
            let places = try choice.community.map { try PlacesStore.tree(in: $0, tx) } ?? []
            return PlaceAreas.geoJSON(places, try PlaceAreas.find(places.map(\.id), tx), in: datum)
        }
        return Reply(.bytes(json.bytes, type: "application/geo+json"))
            .adding("content-disposition", "attachment; filename=\"places.geojson\"")
    }

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        let community = try PlacesImportRoutes.own(request.query["under"].flatMap { DivisionCode($0) }, request.context)
        return .page(page(community, nil, "", .wgs84, nil, request, services))
    }

    private static func page(
        _ community: DivisionCode, _ file: PlacesShapes?, _ text: String, _ datum: GeoDatum, _ error: LinliError?,
        _ request: Request, _ services: Services
    ) -> Page {
        PlacesShapesPage(
            community: community, file: file, text: text, datum: datum, error: error, formToken: request.formToken,
            names: services.divisions
        ).page
    }

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        let community = try PlacesImportRoutes.own(request.form["under"].flatMap { DivisionCode($0) }, context)
        let datum = request.form["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
        let text = try text(request)
        do {
            if request.form["do"] == "import" {
                _ = try await PlacesCommands(services).importShapes(text, datum, into: community, context)
                return .redirect("/admin/places?under=\(community)&done=areas")
            }
            let file = try await services.database.read {
                try PlacesShapes(text, datum, community: community, at: context.now, $0)
            }
            return .page(page(community, file, text, datum, nil, request, services))
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(page(community, nil, text, datum, error, request, services), status: status)
        }
    }

    /// The file if one was chosen, else the text.
    private static func text(_ request: Request) throws -> String {
        guard let upload = request.uploads.first(where: { $0.field == "file" && $0.size > 0 }) else {
            return request.form.all("geojson").first ?? ""
        }
        guard upload.size <= PlacesShapes.maximumBytes else {
            return String(repeating: "#", count: PlacesShapes.maximumBytes + 1)
        }
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: upload.path)), as: UTF8.self)
    }
}

/// The page of a GeoJSON file: what to put in, or what it would do.
struct PlacesShapesPage {
    let community: DivisionCode
    /// What the file would do; nil before there is one.
    let file: PlacesShapes?
    let text: String
    let datum: GeoDatum
    let error: LinliError?
    let formToken: String
    let names: DivisionNames

    var page: Page {
        let title = Text("用 GeoJSON 导入地点范围", "Areas of places from GeoJSON")
        return Page(
            title, frame: .desk("/admin/places"),
            """
            <main id="main" class="wrap">
            <div class="ttlbar"><h1>\(names[community]) · \(title)</h1>\
            <a class="btn ghost" href="/admin/places?under=\(community)">\(icon("back", small: true))\
            \(Text("回列表", "Back"))</a></div>
            \(problem(error))
            \(file?.problem.map { notice($0, .bad) })
            \(file.flatMap { $0.problem == nil ? preview($0) : nil })
            <section class="card narrow" aria-label="\(Text("文件", "File"))">
            <form class="form" method="post" action="/admin/places/areas" enctype="multipart/form-data">\
            \(LinliUI.formToken(formToken))<input type="hidden" name="under" value="\(community)">
            \(fields)
            <div class="full btns"><button class="btn\(when: file?.isReady == true, " ghost")" name="do" value="look">\
            \(Text("先看看", "Have a look first"))</button></div>
            </form></section>
            </main>
            """)
    }

    private var fields: HTML {
        let (file, geojson) = (Text("或者选一个文件", "Or choose a file"), Text("GeoJSON", "GeoJSON"))
        return """
            <div class="full">\(field(
                geojson, for: "geojson",
                hint: Text(
                    "每个 Feature 用 id 或 address 对上地点；新加的写 kind、name、parent（上级地址）、right。",
                    "Each feature names its place by id or address; a new one says kind, name, parent (its address) and right."),
                optional: true, error: error?.text(for: "geojson"),
                """
                <textarea id="geojson" name="geojson" rows="8" spellcheck="false"\
                \(described("geojson", hint: true, error: error?.text(for: "geojson")))>\n\(text)</textarea>
                """))</div>
            <div class="full">\(field(
                file, for: "file", optional: true,
                """
                <input id="file" name="file" type="file" accept=".geojson,.json,application/geo+json,application/json">
                """))</div>
            \(field(
                Text("坐标系", "Coordinates"), for: "datum",
                hint: Text("存的都是 WGS 84，别的先换算。", "WGS 84 is kept; others are converted."),
                select(
                    "datum",
                    [
                        (GeoDatum.wgs84.rawValue, Text("WGS 84、CGCS2000", "WGS 84, CGCS2000")),
                        (GeoDatum.gcj02.rawValue, Text("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)")),
                        (GeoDatum.bd09.rawValue, Text("BD-09（百度）", "BD-09 (Baidu)")),
                    ], selected: datum.rawValue, attributes: described("datum", hint: true, error: nil))))
            """
    }

    private func preview(_ file: PlacesShapes) -> HTML {
        let same = file.lines.count - file.changed - file.added - file.wrong
        return """
            <section class="card" aria-labelledby="preview"><div class="hd"><h2 id="preview">\
            \(Text("会这样导入", "What would be done"))</h2></div>
            <p class="pad">\(Text(
                "改 \(file.changed) 处，新加 \(file.added) 处，没有变 \(same) 处，有错 \(file.wrong) 处。",
                "\(file.changed) drawn anew, \(file.added) new, \(same) as they are, \(file.wrong) wrong."
            ))</p>
            <ul class="lines">\(each: file.lines, row)</ul>
            \(when: file.isReady, """
                <form class="pad btns" method="post" action="/admin/places/areas">\(LinliUI.formToken(formToken))\
                <input type="hidden" name="under" value="\(community)"><input type="hidden" name="datum" value="\(datum.rawValue)">\
                <textarea name="geojson" hidden>\n\(text)</textarea>\
                <button class="btn" name="do" value="import">\(Text("导入", "Import"))</button></form>
                """)
            </section>
            """
    }

    private func row(_ line: PlacesShapes.Line) -> HTML {
        let result: HTML =
            switch line.result {
            case .put: tag(Text("改范围或坐标", "Drawn anew"), .ok)
            case .add: tag(Text("新加", "New"), .ok)
            case .same: tag(Text("没有变", "As it is"), .mute)
            case .wrong(let texts):
                "\(tag(Text("有错", "Wrong"), .bad)) \(each: texts, { "<span class=\"sub\">\($0)</span>" })"
            }
        return """
            <li><div class="cell"><span class="num">\(line.number)</span><span class="bd"><span class="ttl">\(line.address)</span>\
            </span>\(result)</div></li>
            """
    }
}
