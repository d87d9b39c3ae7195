import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Every grid of a division on one map, and the same as a table.
struct GridMapPage {
    /// A line of the table: a grid, or what is narrower than the division shown.
    struct Row: Sendable {
        let division: DivisionCode
        var figures: GridFigures
    }

    /// Devices a community's list shows; more are no list somebody walks by.
    static let mostBroken = 40

    let division: DivisionCode
    let choices: [DivisionCode]
    let rows: [Row]
    let outlines: [GridOutline]
    /// Devices of a community that are not sound.
    let broken: [ThingRecord]
    /// Heads, stewards and volunteers of a community or grid.
    let people: [GridRole]
    /// Grids whose people the reader may change.
    let managed: [DivisionCode]
    let layer: GridMapLayer
    let groups: [Label]
    let size: GroupSize
    /// Whether the reader may open the register here.
    let mayRead: Bool
    let edition: Int64
    let base: BaseMap
    let names: DivisionNames

    /// The figures of grids, summed up for `children`; what has most overdue comes first.
    static func rows(
        _ figures: [DivisionCode: GridFigures], children: [DivisionCode], of division: DivisionCode
    ) -> [Row] {
        let shown = children.isEmpty ? [division] : children
        var rows = shown.map { Row(division: $0, figures: GridFigures()) }
        for (code, figure) in figures {
            guard let index = rows.firstIndex(where: { $0.division.contains(code) }) else { continue }
            rows[index].figures += figure
        }
        return rows.sorted {
            ($0.figures.late, $0.figures.open, $1.division.rawValue) > (
                $1.figures.late, $1.figures.open, $0.division.rawValue
            )
        }
    }

    private static let title = Text("网格地图", "Map of grids")

    var page: Page { Page(GridMapPage.title, frame: .desk("/desk/map"), body) }

    /// For who works for a unit and looks after no division.
    static var nothing: Page {
        Page(
            title, frame: .desk("/desk/map"),
            """
            <main id="main" class="wrap"><div class="ttlbar"><h1>\(title)</h1></div><section class="card">
            \(emptyState(
                Text("这里没有您管的区划", "No division is yours to look after"),
                Text("地图给看得到一片区划的工单的人用；单位的工单在“工单”里。", "The map is for who sees the cases of a division; those of a unit are under “Cases”."),
                icon: "map",
                action: "<a class=\"btn\" href=\"/desk\">\(Text("去看工单", "To the cases"))</a>"
            ))</section></main>
            """)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names[division]) · \(GridMapPage.title)</h1>\(chooser)</div>
        <div class="stack">
        <section class="card" aria-labelledby="map-h"><div class="hd"><h2 id="map-h">\(Text("地图", "Map"))</h2></div>
        <div class="pad" data-grid-map="/desk/map" data-under="\(division)" data-edition="\("\(edition)")"\
         data-least="\("\(size.least)")">
        \(layers)
        <div class="map tall" data-canvas data-tiles="\(base.template)" data-attribution="\(base.attribution)">\(sketch)</div>
        <div data-map-info></div>
        <ul class="legend" data-levels>\(each: layer.legend.enumerated(), { level, text in
            "<li class=\"l\("\(level)")\"><i aria-hidden=\"true\"></i><span>\(text)</span></li>"
        })</ul></div></section>
        \(when: !broken.isEmpty, repairs)
        <section class="card" aria-labelledby="table-h"><div class="hd"><h2 id="table-h">\
        \(Text("各处的数", "Figures"))</h2></div>\(table)\(when: size.isBlurred, blur)</section>
        \(GridPeopleWords.card(people, id: "people-h", more: manage))
        </div>
        </main>
        """
    }

    private var manage: HTML {
        guard !managed.isEmpty else { return .empty }
        return
            "\(each: managed, { "<a class=\"btn ghost sm\" href=\"/admin/grid-roles/\($0)\">\(Text("管理：", "Manage: "))\(names.place($0))</a>" })"
    }

    private var blur: HTML {
        """
        <p class="pad note">\(Text(
            "一处不到 \(size.least) 人的，不说具体几个。", "Where there are fewer than \(size.least) people, their number is not told."))</p>
        """
    }

    private var chooser: HTML {
        guard choices.count > 1 else { return .empty }
        return """
            <form class="flt" action="/desk/map"><input type="hidden" name="layer" value="\(layer.id)">\
            <select name="under" aria-label="\(Text("看哪里", "Where"))" data-go>\
            \(each: choices, { code in
                "<option value=\"\(code.short)\"\(when: code == division, " selected")>\(names[code])</option>"
            })</select><button class="btn ghost">\(Text("看", "Show"))</button></form>
            """
    }

    /// What the grids are coloured by; scripts take the form over and colour the map at once.
    private var layers: HTML {
        """
        <form class="tools" action="/desk/map" data-layers><input type="hidden" name="under" value="\(division.short)">
        <label class="row" for="layer"><span>\(Text("看什么", "Show"))</span>\
        <select id="layer" name="layer"><optgroup label="\(Text("事、地、物", "Cases and things"))">\
        \(each: GridMapLayer.plain, option)</optgroup>\(when: !groups.isEmpty, """
            <optgroup label="\(Text("人群", "Groups of people"))">\(each: groups, { option(.group($0)) })</optgroup>
            """)</select></label>\
        <button class="btn ghost sm">\(Text("看", "Show"))</button></form>
        """
    }

    private func option(_ other: GridMapLayer) -> HTML {
        "<option value=\"\(other.id)\"\(when: other == layer, " selected")>\(other.indented)</option>"
    }

    private var sketch: HTML {
        let most = rows.map { $0.figures.value(of: layer) }.max() ?? 0
        let shapes = outlines.map { outline in
            let figures = rows.first { $0.division == outline.code }?.figures ?? GridFigures()
            return AreaSketch.Shape(outline.area, label: outline.name, level: layer.level(figures, most: most))
        }
        let label = Text("各网格，按“\(layer.name.zh)”上色", "The grids, coloured by: \(layer.name.en)")
        return AreaSketch(shapes)?.svg(label: label) ?? .empty
    }

    /// Devices that somebody should look at, so that nobody needs the map to find them.
    private var repairs: HTML {
        """
        <section class="card" aria-labelledby="broken-h"><div class="hd"><h2 id="broken-h">\
        \(Text("要修的设备", "Devices to repair"))</h2>\(tag(Text(same: "\(broken.count)"), .warn))</div>
        <ul class="lines">\(each: broken, { thing in
            let text: HTML = """
                <span class="bd"><span class="ttl">\(thing.name)</span><span class="sub">\(thing.location)</span></span>\
                \(tag(thing.state.name, .warn))
                """
            return mayRead
                ? """
                <li><a class="cell" href="\(RegisterPath.desk(RegisterSubject(.thing, thing.id)))">\(text)\(icon("chevron"))</a></li>
                """ : "<li><div class=\"cell\">\(text)</div></li>"
        })</ul></section>
        """
    }

    /// The group that was chosen, if one was: a column of its own.
    private var group: Label? { if case .group(let label) = layer { label } else { nil } }

    private var table: HTML {
        let heads = [
            Text("地方", "Where"), Text("未结工单", "Open cases"), Text("超时", "Overdue"), Text("人口", "People"),
            Text("部件设施", "Things"), Text("设备", "Devices"),
        ]
        return """
            <div class="scroll" tabindex="0"><table class="t mid cards"><caption class="sr">\(Text("各处的数", "Figures"))</caption>
            <thead><tr>\(each: heads + [group?.name].compactMap { $0 }, { "<th scope=\"col\">\($0)</th>" })</tr></thead>
            <tbody>\(each: rows.prefix(300), row)</tbody></table></div>
            """
    }

    private func row(_ row: Row) -> HTML {
        let figures = row.figures
        let name = row.division.level == .grid ? names.place(row.division) : names[row.division]
        let link =
            row.division.level == .grid
            ? "/desk?grid=\(row.division)" : address("/desk/map", [("under", row.division.short), ("layer", layer.id)])
        func cell(_ head: Text, _ value: HTML) -> HTML { "<td class=\"num\" data-label=\"\(head)\">\(value)</td>" }
        func plain(_ value: Int) -> HTML { HTML.text(Text(same: "\(value)")) }
        return """
            <tr><td class="wide"><a class="ttl" href="\(link)">\(name)</a></td>\
            \(cell(Text("未结工单", "Open cases"), plain(figures.open)))\
            \(cell(Text("超时", "Overdue"), figures.late > 0 ? tag(Text(same: "\(figures.late)"), .bad) : plain(0)))\
            \(cell(Text("人口", "People"), HTML.text(figures.people.text(size))))\
            \(cell(Text("部件设施", "Things"), plain(figures.things)))\
            \(cell(Text("设备", "Devices"), devices(figures)))\
            \(group.map { cell($0.name, HTML.text(figures.group.text(size))) })</tr>
            """
    }

    private func devices(_ figures: GridFigures) -> HTML {
        let all = HTML.text(Text(same: "\(figures.devices)"))
        guard figures.broken > 0 else { return all }
        return "<span>\(all) \(tag(Text("要修 \(figures.broken)", "\(figures.broken) to repair"), .warn))</span>"
    }
}
