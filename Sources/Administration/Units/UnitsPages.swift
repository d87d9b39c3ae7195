import LinliCore
import LinliKernel
import LinliUI

/// The list of units.
struct UnitsListPage {
    let entries: [UnitsAdminStore.Entry]
    let hasMore: Bool
    /// Units to which cases may go and where nobody may sign.
    let withoutHands: Set<ID<Unit>>
    let search: UnitsAdminStore.Search
    let mayAdd: Bool
    let done: String?
    let names: DivisionNames

    var page: Page {
        Page(Text("单位", "Units"), frame: .desk("/admin/units"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("单位", "Units"))</h1>\(when: mayAdd, """
            <a class="btn" href="/admin/units/new">\(icon("plus", small: true))\(Text("加单位", "Add a unit"))</a>
            """)</div>
        <section class="card" aria-label="\(Text("单位列表", "List of units"))">
        \(filters)
        \(entries.isEmpty ? empty : table)
        </section>
        </main>
        """
    }

    private var filters: HTML {
        """
        <form class="flt" action="/admin/units"><input type="search" name="q" value="\(search.name ?? "")" maxlength="40" \
        aria-label="\(Text("名称", "Name"))" placeholder="\(Text("名称里的字", "Part of the name"))">
        <select name="kind" aria-label="\(Text("种类", "Kind"))" data-go><option value="">\(Text("全部种类", "All kinds"))\
        </option>\(each: UnitKind.allCases, { kind in
            "<option value=\"\(kind.rawValue)\"\(when: kind == search.kind, " selected")>\(kind.name)</option>"
        })</select>
        <select name="status" aria-label="\(Text("状态", "State"))" data-go><option value="">\(Text("在用", "Active"))\
        </option><option value="closed"\(when: search.isClosed, " selected")>\(Text("已停用", "Closed"))</option></select>
        <button class="btn ghost">\(Text("查找", "Find"))</button></form>
        """
    }

    private var empty: HTML {
        search.name == nil && search.kind == nil && !search.isClosed
            ? emptyState(
                Text("还没有单位", "No unit yet"),
                Text(
                    "先加居委会和街道诉求处置中心，再加物业和水电气热。",
                    "Begin with the residents' committee and the street centre, then property and utilities."
                ),
                icon: "building"
            )
            : emptyState(
                Text("没有找到单位", "No unit was found"),
                Text("换个字再找；别的辖区的单位不在这里。", "Try another word; units of other areas are not listed."),
                icon: "building"
            )
    }

    private var table: HTML {
        """
        <div class="scroll"><table class="t mid cards">
        <caption class="sr">\(Text("单位", "Units"))</caption>
        <thead><tr><th scope="col">\(Text("名称", "Name"))</th><th scope="col">\(Text("种类", "Kind"))</th>\
        <th scope="col">\(Text("区划", "Division"))</th><th scope="col">\(Text("值班电话", "Duty phone"))</th>\
        <th scope="col" class="r">\(Text("人员", "People"))</th></tr></thead>
        <tbody>
        \(each: entries, row)</tbody></table></div>
        \(when: hasMore, more)
        """
    }

    private func row(_ entry: UnitsAdminStore.Entry) -> HTML {
        let unit = entry.unit
        return """
            <tr><td class="wide"><a class="ttl" href="/admin/units/\(unit.id)">\(unit.name)</a>\
            \(when: entry.closedAt != nil, " \(tag(Text("已停用", "Closed"), .mute))")\
            \(when: withoutHands.contains(unit.id), " \(tag(Text("没人能签收", "Nobody may sign"), .warn))")</td>\
            <td data-label="\(Text("种类", "Kind"))">\(unit.kind.name)</td>\
            <td data-label="\(Text("区划", "Division"))">\(AdminWords.place(unit.division, names))</td>\
            <td data-label="\(Text("值班电话", "Duty phone"))" class="num">\(UnitWords.phone(unit.phone))</td>\
            <td data-label="\(Text("人员", "People"))" class="r">\(entry.people)</td></tr>

            """
    }

    private var more: HTML {
        let next = address(
            "/admin/units",
            [
                ("q", search.name), ("kind", search.kind?.rawValue), ("status", search.isClosed ? "closed" : nil),
                ("after", entries.last.map { "\($0.unit.id)" }),
            ]
        )
        return """
            <nav class="pad" aria-label="\(Text("翻页", "Pages"))">\
            <a class="btn ghost sm" href="\(next)">\(Text("下一页", "Next page"))</a></nav>
            """
    }
}

/// Words that more than one page of units says.
enum UnitWords {
    static func phone(_ phone: String) -> Text { phone.isEmpty ? Text("没填", "None") : Text(same: phone) }

    /// The fields of a unit.
    static func fields(
        _ form: AdminForm, _ unit: UnitSummary?, _ divisions: [DivisionCode], _ names: DivisionNames
    ) -> HTML {
        let english = unit.map { $0.name.en == $0.name.zh ? "" : $0.name.en } ?? ""
        return """
            \(form.choice(
                "kind", Text("种类", "Kind"), UnitKind.allCases.map { (value: $0.rawValue, text: $0.name) },
                unit?.kind.rawValue, empty: Text("请选", "Choose"),
                hint: Text("派单要看种类：居委会管公共空间，物业管公共部分。", "Routing goes by it: committees have public space.")
            ))
            \(form.input("name", Text("名称", "Name"), unit?.name.zh ?? "", attributes: " maxlength=\"80\""))
            \(form.input(
                "name_en", Text("英文名称", "English name"), english, optional: true, attributes: " maxlength=\"120\""
            ))
            \(form.division(
                "division", Text("在哪个区划", "Which division"), unit?.division, divisions, names,
                hint: Text(
                    "居委会选社区，诉求处置中心选街道，水电气热选区。",
                    "A committee has its community, a street centre its street, a utility its district."
                )
            ))
            \(form.input(
                "phone", Text("值班电话", "Duty phone"), unit?.phone ?? "", hint: Text("对居民公开。", "Shown to residents."),
                optional: true, attributes: " type=\"tel\" maxlength=\"40\""
            ))
            """
    }
}

/// The form for a new unit.
struct NewUnitPage {
    let form: AdminForm
    let divisions: [DivisionCode]
    let formToken: String
    let names: DivisionNames

    var page: Page {
        Page(Text("加单位", "Add a unit"), frame: .desk("/admin/units"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("加单位", "Add a unit"))</h1></div>
        \(problem(form.error))
        <section class="card narrow" aria-label="\(Text("加单位", "Add a unit"))">
        <form class="form" method="post" action="/admin/units/new" data-draft="unit-new">
        \(LinliUI.formToken(formToken))
        \(UnitWords.fields(form, nil, divisions, names))
        <div class="full btns"><button class="btn">\(Text("加上", "Add"))</button>\
        <a class="btn ghost" href="/admin/units">\(Text("不加了", "Cancel"))</a></div>
        </form>
        </section>
        </main>
        """
    }
}
