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

    let division: DivisionCode?
    let choices: [DivisionCode]
    let rows: [Row]
    let outlines: [GridOutline]
    let edition: Int64
    let withPeople: Bool
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

    var page: Page { Page(GridMapPage.title, frame: .desk("/desk/map"), division.map(body) ?? nothing) }

    private var nothing: HTML {
        """
        <main id="main" class="wrap"><div class="ttlbar"><h1>\(GridMapPage.title)</h1></div><section class="card">
        \(emptyState(
            Text("这里没有您管的区划", "No division is yours to look after"),
            Text("地图给看得到一片区划的工单的人用；单位的工单在“工单”里。", "The map is for who sees the cases of a division; those of a unit are under “Cases”."),
            icon: "map",
            action: "<a class=\"btn\" href=\"/desk\">\(Text("去看工单", "To the cases"))</a>"
        ))</section></main>
        """
    }

    private func body(_ division: DivisionCode) -> HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names[division]) · \(GridMapPage.title)</h1>\(chooser)</div>
        <div class="stack">
        <section class="card" aria-labelledby="map-h"><div class="hd"><h2 id="map-h">\(Text("地图", "Map"))</h2></div>
        <div class="pad" data-grid-map="/desk/map" data-under="\(division)" data-edition="\("\(edition)")"\
        \(when: withPeople, " data-people")>
        <div class="map tall" data-canvas data-tiles="\(base.template)" data-attribution="\(base.attribution)">\(sketch)</div>
        <div data-map-info></div>
        <ul class="legend"><li class="l0"><i aria-hidden="true"></i>\(Text("没有", "None"))</li>\
        <li class="l1"><i aria-hidden="true"></i>\(Text("有", "Some"))</li>\
        <li class="l2"><i aria-hidden="true"></i>\(Text("较多", "Many"))</li>\
        <li class="l3"><i aria-hidden="true"></i>\(Text("超时或最多", "Overdue, or most"))</li></ul></div></section>
        <section class="card" aria-labelledby="table-h"><div class="hd"><h2 id="table-h">\
        \(Text("各处的数", "Figures"))</h2></div>\(table)</section>
        </div>
        </main>
        """
    }

    private var chooser: HTML {
        guard choices.count > 1 else { return .empty }
        return """
            <form class="flt" action="/desk/map"><select name="under" aria-label="\(Text("看哪里", "Where"))" data-go>\
            \(each: choices, { code in
                "<option value=\"\(code.short)\"\(when: code == division, " selected")>\(names[code])</option>"
            })</select><button class="btn ghost">\(Text("看", "Show"))</button></form>
            """
    }

    /// How a grid is coloured: 3 when something is overdue, else by how much is open.
    static func level(_ figures: GridFigures) -> Int {
        if figures.late > 0 { return 3 }
        return figures.open > 4 ? 2 : figures.open > 0 ? 1 : 0
    }

    private var sketch: HTML {
        let shapes = outlines.map { outline in
            let figures = rows.first { $0.division == outline.code }?.figures ?? GridFigures()
            return AreaSketch.Shape(outline.area, label: outline.name, level: GridMapPage.level(figures))
        }
        return AreaSketch(shapes)?.svg(label: Text("各网格，有超时工单的是红色", "The grids; those with overdue cases are red"))
            ?? .empty
    }

    private var table: HTML {
        let people = withPeople
        return """
            <div class="scroll"><table class="t mid cards"><caption class="sr">\(Text("各处的数", "Figures"))</caption>
            <thead><tr><th scope="col">\(Text("地方", "Where"))</th><th scope="col">\(Text("未结工单", "Open cases"))</th>\
            <th scope="col">\(Text("超时", "Overdue"))</th>\
            \(when: people, "<th scope=\"col\">\(Text("人口", "People"))</th><th scope=\"col\">\(Text("部件设施", "Things"))</th>")\
            </tr></thead><tbody>\(each: rows.prefix(300), row)</tbody></table></div>
            """
    }

    private func row(_ row: Row) -> HTML {
        let figures = row.figures
        let name = row.division.level == .grid ? names.place(row.division) : names[row.division]
        let link = row.division.level == .grid ? "/desk?grid=\(row.division)" : "/desk/map?under=\(row.division.short)"
        return """
            <tr><td class="wide"><a class="ttl" href="\(link)">\(name)</a></td>\
            <td class="num" data-label="\(Text("未结工单", "Open cases"))">\("\(figures.open)")</td>\
            <td class="num" data-label="\(Text("超时", "Overdue"))">\
            \(figures.late > 0 ? tag(Text(same: "\(figures.late)"), .bad) : HTML.text(Text(same: "0")))</td>\
            \(when: withPeople, """
                <td class="num" data-label="\(Text("人口", "People"))">\(GroupSize.text(figures.people ?? 0))</td>\
                <td class="num" data-label="\(Text("部件设施", "Things"))">\("\(figures.things ?? 0)")</td>
                """)</tr>
            """
    }
}
