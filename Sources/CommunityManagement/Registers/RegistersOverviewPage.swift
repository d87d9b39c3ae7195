import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// A community or grid: head-counts, its places, its things by class.
struct RegistersOverviewPage {
    let frame: RegisterFrame
    let division: DivisionCode
    /// Where the reader may look, when there is more than one.
    let divisions: [DivisionCode]
    let children: [DivisionCode]
    let totals: [DivisionCode: [RegisterKind: Int]]
    let places: [PlaceSummary]
    /// Who looks after the places that are listed.
    let managers: [ID<Place>: UnitSummary]
    let classes: [(category: String, total: Int)]
    let catalogue: EventCatalogue
    let mayEdit: Bool
    let names: DivisionNames

    var page: Page {
        frame.page(
            Text("人房台账", "People and homes"), heading: "\(place(division)) · \(Text("人房台账", "people and homes"))",
            main: "\(search)\(counts)\(estates)", side: "\(areas)\(things)")
    }

    private func place(_ code: DivisionCode) -> String { code.level >= .community ? names.place(code) : names[code] }

    private var search: HTML {
        guard divisions.count > 1 else { return .empty }
        return """
            <section class="card pad"><form class="row" action="/registers">\
            <label class="sr" for="under">\(Text("看哪里", "Where"))</label>\
            \(select("under", divisions.map { (value: $0.short, text: Text(same: place($0))) }, selected: division.short))\
            <button class="btn ghost">\(Text("看这里", "Look here"))</button></form></section>
            """
    }

    private var counts: HTML {
        let own = totals[division] ?? [:]
        return card(
            Text("这里有", "Here are"),
            """
            <ul>\(each: RegisterKind.allCases, { kind in
                cell(
                    address("/registers/list", [("kind", kind.rawValue), ("under", division.short)]), "\(kind.name)",
                    "", icon: RegisterWords.icon(kind), end: "<b class=\"num\">\(own[kind] ?? 0)</b>")
            })</ul>
            """)
    }

    private var areas: HTML {
        guard !children.isEmpty else { return .empty }
        return card(
            Text("下一级", "Inside"),
            """
            <ul>\(each: children, { code in
                cell(
                    "/registers?under=\(code.short)", "\(names[code])",
                    Self.line(totals[code] ?? [:]))
            })</ul>
            """)
    }

    /// `12 户 · 30 人`.
    static func line(_ totals: [RegisterKind: Int]) -> HTML {
        let (homes, people) = (totals[.household] ?? 0, totals[.person] ?? 0)
        return "\(Text("\(homes) 户 · \(people) 人", "\(homes) households · \(people) people"))"
    }

    private var estates: HTML {
        guard division.level >= .community else { return .empty }
        let tops = RegistersOverviewPage.tops(places)
        let content: HTML =
            tops.isEmpty
            ? emptyState(
                Text("这里还没有小区、院落或楼", "No estate, yard or building here yet"),
                Text("请管理员先在“地点”里加上，再来登记房和人。", "Let an administrator add places first."), icon: "building")
            : "<ul>\(each: tops, row)</ul>"
        return card(Text("小区、院落、村、楼", "Estates, yards, villages, buildings"), content)
    }

    /// The places that lie in no other of the list.
    static func tops(_ places: [PlaceSummary]) -> [PlaceSummary] {
        let known = Set(places.map(\.id))
        return places.filter { place in place.parent.map { !known.contains($0) } ?? true }
    }

    private func row(_ place: PlaceSummary) -> HTML {
        let inside = places.count { $0.parent == place.id }
        let keeper: HTML =
            managers[place.id].map { unit -> HTML in
                unit.phone.isEmpty ? " · \(unit.name)" : " · \(unit.name) \(unit.phone)"
            } ?? " · \(Text("没有物业", "no manager"))"
        let count: HTML = inside == 0 ? .empty : " · \(Text("\(inside) 处", "\(inside) inside"))"
        return cell(
            "/registers/places/\(place.id)", "\(place.address)",
            "\(place.kind.name) · \(place.propertyRight.name)\(keeper)\(count)", icon: "building")
    }

    private var things: HTML {
        guard !classes.isEmpty else { return .empty }
        return card(
            Text("部件、设施", "Components and facilities"),
            """
            <dl class="kv">\(each: classes, { entry in
                "<dt>\(name(entry.category))</dt><dd class=\"num\">\(entry.total)</dd>"
            })</dl>
            """)
    }

    private func name(_ category: String) -> Text {
        catalogue[code: category]?.name ?? (category.isEmpty ? Text("没有分类", "No class") : Text(same: category))
    }
}

/// What a grid or community has of one kind, a page of it.
struct RegisterListPage {
    let frame: RegisterFrame
    let kind: RegisterKind
    let division: DivisionCode
    let rows: [RegistersStore.Row]
    /// Where the next page begins; nil on the last.
    let next: RegisterSubject?
    let mayEdit: Bool
    let names: DivisionNames

    var page: Page {
        frame.page(
            kind.name, heading: "\(names.place(division)) · \(kind.name)",
            back: ("/registers?under=\(division.short)", Text("回总览", "Overview")),
            main: """
                <section class="card" aria-label="\(kind.name)">\(rows.isEmpty ? empty : "<ul>\(each: rows, row)</ul>")
                \(next.map(more))</section>
                """)
    }

    private func row(_ row: RegistersStore.Row) -> HTML {
        cell(RegisterWords.path(row.subject), "\(row.name)", "\(row.note)", icon: RegisterWords.icon(kind))
    }

    private func more(_ last: RegisterSubject) -> HTML {
        let path = address(
            "/registers/list",
            [("kind", kind.rawValue), ("under", division.short), ("after", RegisterWords.id(last))])
        return """
            <nav class="pad" aria-label="\(Text("翻页", "Pages"))"><a class="btn ghost sm" href="\(path)">\
            \(Text("下一页", "Next page"))</a></nav>
            """
    }

    private var empty: HTML {
        emptyState(
            Text("还没有登记", "Nothing is entered yet"),
            Text("从小区、院落的页面按门牌登记，或整表导入。", "Enter them on the page of their place, or import a sheet."),
            icon: RegisterWords.icon(kind))
    }
}
