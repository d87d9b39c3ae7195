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
    let managers: [ID<Unit>: UnitSummary]
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
        let known = Set(places.map(\.id))
        let tops = places.filter { place in place.parent.map { !known.contains($0) } ?? true }
        let content: HTML =
            tops.isEmpty
            ? emptyState(
                Text("这里还没有小区、院落或楼", "No estate, yard or building here yet"),
                Text("请管理员先在“地点”里加上，再来登记房和人。", "Let an administrator add places first."), icon: "building")
            : "<ul>\(each: tops, row)</ul>"
        return card(Text("小区、院落、村、楼", "Estates, yards, villages, buildings"), content)
    }

    private func row(_ place: PlaceSummary) -> HTML {
        let inside = places.count { $0.parent == place.id }
        let manager = place.manager.flatMap { managers[$0] }
        let keeper: HTML =
            manager.map { unit -> HTML in
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

/// A place: its buildings, dwellings, organizations and things.
struct RegisterPlacePage {
    let frame: RegisterFrame
    let place: PlaceSummary
    let parent: PlaceSummary?
    let manager: UnitSummary?
    let children: [PlaceSummary]
    /// Stewards of it, of what it is part of and of what it has inside.
    let stewards: [GridRole]
    let dwellings: [RegistersStore.DwellingRow]
    let organizations: [OrganizationRecord]
    let things: [ThingRecord]
    let mayEdit: Bool
    let names: DivisionNames

    var page: Page {
        frame.page(
            Text(same: place.address), back: back, main: "\(inside)\(homes)",
            side: "\(facts)\(GridPeopleWords.card(stewards, id: "stewards"))\(firms)\(parts)")
    }

    private var back: (path: String, name: Text) {
        parent.map { ("/registers/places/\($0.id)", Text(same: $0.name)) }
            ?? ("/registers?under=\(place.division.short)", Text(same: names.place(place.division)))
    }

    private var facts: HTML {
        card(
            Text("这处地方", "This place"),
            """
            <dl class="kv"><dt>\(Text("种类", "Kind"))</dt><dd>\(place.kind.name)</dd>\
            <dt>\(Text("产权", "Property right"))</dt><dd>\(place.propertyRight.name)</dd>\
            <dt>\(Text("谁来管", "Manager"))</dt><dd>\(manager?.name ?? Text("没有物业", "Nobody"))</dd>\
            \(manager.flatMap { $0.phone.isEmpty ? nil : $0.phone }.map { phone -> HTML in
                "<dt>\(Text("值班电话", "Duty phone"))</dt><dd class=\"num\"><a href=\"tel:\(phone)\">\(phone)</a></dd>"
            })<dt>\(Text("网格", "Grid"))</dt><dd>\(names.place(place.division))</dd></dl>
            """)
    }

    private var inside: HTML {
        guard !children.isEmpty else { return .empty }
        return card(
            Text("里面有", "Inside"),
            """
            <ul>\(each: children, { child in
                cell("/registers/places/\(child.id)", "\(child.name)", "\(child.kind.name)")
            })</ul>
            """)
    }

    private var homes: HTML {
        let shared = dwellings.filter { $0.dwelling.kind == .facility }
        let own = dwellings.filter { $0.dwelling.kind != .facility }
        let empty = emptyState(
            Text("这里还没有登记房屋", "No dwelling is entered here"),
            Text("按门牌一户一户加；有表格的可以整表导入。", "Add them by door, or import a sheet."), icon: "door")
        return card(
            Text("房屋", "Dwellings"),
            """
            \(own.isEmpty && children.isEmpty ? empty : "<ul>\(each: own, row)</ul>")
            \(when: !shared.isEmpty, """
                <div class="pad"><h3>\(Text("共用的水龙头、厕所等", "Shared taps, toilets and the like"))</h3></div>
                <ul>\(each: shared, row)</ul>
                """)
            """, more: add("dwelling", Text("加房屋", "Add a dwelling")))
    }

    private func row(_ row: RegistersStore.DwellingRow) -> HTML {
        let dwelling = row.dwelling
        let total = Text(
            "\(row.households) 户 · \(row.people) 人", "\(row.households) households · \(row.people) people")
        return cell(
            RegisterWords.path(RegisterSubject(.dwelling, dwelling.id)), "\(dwelling.number)",
            "\(dwelling.kind.name) · \(dwelling.occupancy.name)\(when: row.people > 0, " · \(total)")")
    }

    private var firms: HTML {
        guard mayEdit || !organizations.isEmpty else { return .empty }
        return card(
            Text("组织", "Organizations"),
            """
            <ul>\(each: organizations, { firm in
                cell(RegisterWords.path(RegisterSubject(.organization, firm.id)), "\(firm.name)", "\(firm.kind.name)")
            })</ul>
            """, more: add("organization", Text("加组织", "Add one")))
    }

    private var parts: HTML {
        guard mayEdit || !things.isEmpty else { return .empty }
        return card(
            Text("部件、设施", "Things"),
            """
            <ul>\(each: things, { thing in
                cell(
                    RegisterWords.path(RegisterSubject(.thing, thing.id)), "\(thing.name)",
                    "\(thing.state.name) · \(thing.location)")
            })</ul>
            """, more: add("thing", Text("加部件", "Add one")))
    }

    private func add(_ kind: String, _ name: Text) -> HTML {
        mayEdit ? "<a href=\"/registers/\(kind)/new?place=\(place.id)\">\(name)</a>" : .empty
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
