import LinliCore
import LinliKernel
import LinliUI

/// The places of a community, as a tree, with the form for a new one.
struct PlacesListPage {
    let choice: CommunityChoice
    let places: [PlaceSummary]
    /// What is there no more, the last first.
    let ended: [PlaceSummary]
    let divisions: [DivisionCode]
    let units: [UnitSummary]
    let mayChange: Bool
    let done: String?
    let attempt: AdminAttempt?
    let formToken: String
    let names: DivisionNames

    var page: Page {
        Page(Text("地点", "Places"), frame: .desk("/admin/places"), choice.community.map(body) ?? nothing)
    }

    private var nothing: HTML {
        """
        <main id="main" class="wrap"><div class="ttlbar"><h1>\(Text("地点", "Places"))</h1></div>
        <section class="card">\(CommunityChoice.none)</section></main>
        """
    }

    private func body(_ community: DivisionCode) -> HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names[community]) · \(Text("地点", "Places"))</h1>\(when: mayChange, """
            <a class="btn ghost" href="/admin/places/import?under=\(community)">\(icon("upload", small: true))\
            \(Text("从表格导入", "From a table"))</a>\
            <a class="btn ghost" href="/admin/places/areas?under=\(community)">\(icon("upload", small: true))\
            \(Text("导入范围", "Areas"))</a>
            """)<a class="btn ghost" href="/admin/places/areas.geojson?under=\(community)" download="places.geojson">\
        \(icon("download", small: true))\(Text("下载 GeoJSON", "GeoJSON"))</a></div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <section class="card" aria-label="\(Text("地点", "Places"))">
        \(choice.form("/admin/places", names))
        \(places.isEmpty ? empty : "<div class=\"tree\">\(tree(below: nil, depth: 0))</div>")
        \(when: !ended.isEmpty, gone)
        </section>
        \(when: mayChange, """
            <aside class="card"><div class="hd"><h2>\(Text("加小区、胡同、村或公共空间", "Add a place"))</h2></div>
            <form class="form" method="post" action="/admin/places/new">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="under" value="\(community)">
            \(PlaceFields(form: attempt.form("new"), place: nil, parent: nil, divisions: divisions, units: units, names: names).html)
            <div class="full btns"><button class="btn">\(Text("加上", "Add"))</button></div>
            </form></aside>
            """)
        </main>
        """
    }

    private var gone: HTML {
        """
        <details class="pad more"><summary>\(Text("已注销的 \(ended.count) 处", "\(ended.count) that ended"))</summary>
        <ul>\(each: ended, { place in
            """
            <li><a class="cell" href="/admin/places/\(place.id)"><span class="bd"><span class="ttl">\(place.address)</span>\
            <span class="sub">\(place.kind.name)\(PlaceWords.ended(place).map { text -> HTML in " · \(text)" })</span></span></a></li>
            """
        })</ul></details>
        """
    }

    private var doneText: Text? {
        switch done {
        case "import": Text("表格里的地点都已加上。", "The places of the table were added.")
        case "areas": Text("文件里的范围都已存好。", "The areas of the file were stored.")
        case "remove": Text("已去掉。", "Removed.")
        default: nil
        }
    }

    private var empty: HTML {
        emptyState(
            Text("这个社区还没有地点", "This community has no places yet"),
            Text(
                "加上小区和楼，居民反映问题时就能点选，工单也能找到物业。",
                "With estates and buildings residents can point at them, and cases find the manager."
            ),
            icon: "pin"
        )
    }

    private func tree(below parent: ID<Place>?, depth: Int) -> HTML {
        let known = Set(places.map(\.id))
        let level = places.filter { place in place.parent.flatMap { known.contains($0) ? $0 : nil } == parent }
        // Entrances are counted, not listed: a hundred of them would hide the buildings.
        guard !level.isEmpty, depth < 5 else { return .empty }
        return "<ul>\(each: level, { place in row(place, depth) })</ul>"
    }

    private func row(_ place: PlaceSummary, _ depth: Int) -> HTML {
        let entrances = places.count { $0.parent == place.id && $0.kind == .entrance }
        return """
            <li><a class="nd" href="/admin/places/\(place.id)">\(place.name) \(tag(place.kind.name, .mute))\
            \(when: place.parent == nil, " \(managerTag(place))")\
            \(when: entrances > 0, " <span class=\"note\">\(Text("\(entrances) 个单元", "\(entrances) entrances"))</span>")\
            \(when: place.latitude == nil, " <span class=\"note\">\(Text("没有坐标", "no coordinates"))</span>")</a>\
            \(when: place.kind != .building, tree(below: place.id, depth: depth + 1))</li>
            """
    }

    private func managerTag(_ place: PlaceSummary) -> HTML {
        if place.propertyRight == .none { return .empty }
        guard let manager = place.manager, let unit = units.first(where: { $0.id == manager }) else {
            return tag(Text("没有物业", "No manager"), .warn)
        }
        return "<span class=\"note\">\(unit.name)</span>"
    }
}

/// The fields of a place.
struct PlaceFields {
    let form: AdminForm
    let place: PlaceSummary?
    let parent: PlaceSummary?
    let divisions: [DivisionCode]
    let units: [UnitSummary]
    let names: DivisionNames

    private var kinds: [PlaceKind] {
        parent?.kind.inside ?? PlaceKind.allCases.filter { $0 != .entrance && $0 != .floor }
    }

    var html: HTML {
        """
        \(form.choice(
            "kind", Text("种类", "Kind"), kinds.map { (value: $0.rawValue, text: $0.name) }, place?.kind.rawValue,
            empty: Text("请选", "Choose")
        ))
        \(form.input("name", Text("名称", "Name"), place?.name ?? "", attributes: " maxlength=\"60\""))
        \(form.input(
            "address", Text("完整地址", "Whole address"), place?.address ?? "",
            hint: Text("不填就用上级的地址加名称。", "Left empty: the address of what it lies in, and its name."),
            optional: true, attributes: " maxlength=\"160\""
        ))
        <div class="pair">
        \(form.input(
            "road", Text("路巷", "Road"), place?.road ?? "", hint: Text("如 北街；和上级一样就不填。", "As 北街; empty: as what it lies in."),
            optional: true, attributes: " maxlength=\"40\""
        ))
        \(form.input(
            "door", Text("门牌号", "House number"), place?.door ?? "", hint: Text("如 18号院。", "Such as 18号院."),
            optional: true, attributes: " maxlength=\"20\""
        ))
        </div>
        \(form.choice(
            "division", Text("在哪个网格", "Which grid"),
            divisions.map { (value: $0.short, text: Text(same: names.place($0))) }, place?.division.short,
            hint: Text("还没有网格就先选社区。", "Choose the community when there are no grids yet.")
        ))
        \(form.choice(
            "right", Text("产权", "Whose it is"), PropertyRight.allCases.map { (value: $0.rawValue, text: $0.name) },
            place?.propertyRight.rawValue, empty: Text("请选", "Choose")
        ))
        \(form.choice(
            "manager", Text("谁来管", "Manager"), units.map { (value: "\($0.id)", text: $0.name) },
            place?.manager.map { "\($0)" }, empty: parent == nil
                ? Text("没有物业", "Nobody") : Text("和上级一样", "As what it lies in"),
            hint: Text("公共部分的事派给它：物业、产权单位或物管会。", "Shared parts go to it: property company, owner or committee."),
            optional: true
        ))
        <div class="pair">
        \(form.input(
            "latitude", Text("纬度", "Latitude"), number(place?.latitude), optional: true,
            attributes: " inputmode=\"decimal\" maxlength=\"12\""
        ))
        \(form.input(
            "longitude", Text("经度", "Longitude"), number(place?.longitude), optional: true,
            attributes: " inputmode=\"decimal\" maxlength=\"12\""
        ))
        </div>
        """
    }

    private func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
