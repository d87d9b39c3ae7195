import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// One place: what it is, where it lies, what lies inside it, and what was done to it.
struct PlacePage {
    let view: PlaceView
    let mayChange: Bool
    let done: String?
    let attempt: AdminAttempt?
    let formToken: String
    let names: DivisionNames
    let base: BaseMap
    let now: Instant
    /// Photos an earlier try has stored already.
    var keptPhotos: [String] = []

    var place: PlaceSummary { view.place }
    var path: String { "/admin/places/\(place.id)" }
    private var up: String {
        view.parent.map { "/admin/places/\($0.id)" } ?? "/admin/places?under=\(place.division.ancestor(at: .community))"
    }

    var page: Page {
        Page(Text(same: place.address), frame: .desk("/admin/places"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(place.address)</h1>\
        <a class="btn ghost" href="\(up)">\(icon("back", small: true))\
        \(view.parent.map { Text(same: $0.name) } ?? Text("回列表", "Back"))</a></div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(PlaceWords.ended(place).map { notice($0, .warn) })
        \(view.survivor.map(merged))
        <div class="stack">
        \(when: isOpen, change)
        \(when: !place.kind.inside.isEmpty || !view.children.isEmpty, inside)
        <section class="card" aria-labelledby="h-history"><div class="hd"><h2 id="h-history">\(Text("历史", "History"))</h2></div>
        \(PlaceWords.history(view.history, names, now: now))</section>
        </div>
        <aside class="stack">\(facts)\(map)\(pictures)\(joined)\(when: isOpen, "\(twins)\(ending)")\(when: mayChange && !place.isHere, back)\
        \(when: mayChange && !view.isInUse, remove)</aside>
        </main>
        """
    }

    private var isOpen: Bool { mayChange && place.isHere }

    private var doneText: Text? {
        switch done {
        case "add": Text("已加上。接着加里面的楼和单元。", "Added. Next come the buildings and entrances inside.")
        case "change", "photos": Text("已保存。", "Saved.")
        case "inside": Text("已加上。", "Added.")
        case "remove": Text("已去掉。", "Removed.")
        case "end": Text("已注销，工单和历史都还在。", "Ended; its cases and its history stay.")
        case "reopen": Text("已恢复。", "It is there again.")
        case "merge": Text("已合并，可以撤销。", "Joined; it can be undone.")
        case "split": Text("已撤销合并。", "The merge was undone.")
        default: nil
        }
    }

    private func merged(_ survivor: PlaceSummary) -> HTML {
        """
        <div class="alert warn"><div class="bd">\(Text("并入了：", "Joined with: "))\
        <a href="/admin/places/\(survivor.id)">\(survivor.address)</a>\(when: mayChange, """
            <form method="post" action="\(path)/split">\(LinliUI.formToken(formToken))\
            <button class="btn ghost sm">\(Text("撤销合并", "Undo the merge"))</button></form>
            """)</div></div>
        """
    }

    private var change: HTML {
        let form = attempt.form("change")
        let fields = PlaceFields(
            form: form, place: place, parent: view.parent, divisions: view.divisions, units: view.units, names: names
        )
        return """
            <section class="card"><div class="hd"><h2>\(Text("资料", "What it is"))</h2></div>
            <form class="form" method="post" action="\(path)/change" id="place-form">\(LinliUI.formToken(formToken))
            <input type="hidden" name="version" value="\(place.version)">
            \(fields.html)
            \(PlaceAreaFields(form: form, area: view.areas[place.id], around: around, base: base).html)
            <p class="full note">\(Text(
                "改了网格，里面的户、人、组织和没办完的工单随后跟着过去，由谁办不变；小区里有坐标的楼按地图留在原来的网格。",
                "Another grid takes along who lives and works there and its open cases; whoever has a case keeps it. Buildings of an estate that have a point of their own stay where the map has them."
            ))</p>
            <div class="full btns"><button class="btn">\(Text("保存", "Save"))</button></div>
            </form></section>
            """
    }

    /// Where the map begins when nobody drew anything yet.
    private var around: String? {
        place.point.map { "\($0.longitude),\($0.latitude)" }
            ?? view.parent?.point.map { "\($0.longitude),\($0.latitude)" }
    }

    private var inside: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("里面有", "Inside"))</h2></div>
        \(when: !view.children.isEmpty, """
            <ul>\(each: view.children, { child in
                """
                <li><a class="cell" href="/admin/places/\(child.id)"><span class="bd"><span class="ttl">\(child.name)</span>\
                <span class="sub">\(child.kind.name)</span></span>\
                \(when: !child.isHere, tag(Text("已注销", "Ended"), .mute))\(icon("chevron", small: true))</a></li>
                """
            })</ul>
            """)
        \(when: isOpen && !place.kind.inside.isEmpty, add)
        </section>
        """
    }

    private var add: HTML {
        let form = attempt.form("inside")
        let example =
            switch place.kind {
            case .building: Text("一行一个，如 1单元", "One a line, such as 1单元")
            case .businessBuilding: Text("一行一个，如 1层", "One a line, such as 1层")
            case .courtyard: Text("一行一个，如 5号院", "One a line, such as 5号院")
            case .village: Text("一行一个，如 一组", "One a line, such as 一组")
            default: Text("一行一个，如 1号楼", "One a line, such as 1号楼")
            }
        return """
            <form class="form" method="post" action="\(path)/inside">\(LinliUI.formToken(formToken))
            \(form.choice(
                "kind", Text("加什么", "What to add"), place.kind.inside.map { (value: $0.rawValue, text: $0.name) },
                place.kind.inside.first?.rawValue
            ))
            \(form.lines("names", Text("名称", "Names"), rows: 4, hint: example))
            <div class="full btns"><button class="btn ghost">\(Text("加上", "Add"))</button></div>
            </form>
            """
    }

    // MARK: What is known

    private var facts: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("现在", "Now"))</h2></div>
        <dl class="kv">
        <dt>\(Text("种类", "Kind"))</dt><dd>\(place.kind.name)</dd>
        <dt>\(Text("标准地址", "Standard address"))</dt><dd>\(view.address.text)</dd>
        <dt>\(Text("网格", "Grid"))</dt><dd>\(names.place(place.division))</dd>
        <dt>\(Text("产权", "Whose"))</dt><dd>\(place.propertyRight.name)</dd>
        <dt>\(Text("谁来管", "Manager"))</dt><dd>\(manager)</dd>
        <dt>\(Text("坐标", "Where"))</dt><dd class="num">\(coordinates)</dd>
        <dt>\(Text("来源", "Source"))</dt><dd>\(PlaceWords.source(place.source))</dd>
        \(when: place.validFrom.milliseconds > 0, "<dt>\(Text("登记于", "Entered"))</dt><dd>\(place.validFrom.date.full)</dd>")
        </dl>
        \(each: view.address.remarks, { "<p class=\"pad note\">\(icon("alert", small: true))\($0)</p>" })
        </section>
        """
    }

    private var manager: HTML {
        guard let unit = view.manager else { return "\(Text("没有物业", "Nobody"))" }
        let phone: HTML =
            unit.phone.isEmpty ? .empty : " <a class=\"num\" href=\"tel:\(unit.phone)\">\(unit.phone)</a>"
        let whence: HTML =
            place.manager == nil
            ? " <span class=\"note\">\(Text("（随上级）", "(as what it lies in)"))</span>" : .empty
        return "\(unit.name)\(phone)\(whence)"
    }

    private var coordinates: Text {
        guard let latitude = place.latitude, let longitude = place.longitude else { return Text("没填", "None") }
        return Text(same: "\(latitude), \(longitude)")
    }

    private var map: HTML {
        let html = view.map(base).html(source: "\(path)/area.geojson", path: path)
        guard let area = view.areas[place.id] ?? view.areas.values.first else {
            return place.point == nil ? .empty : card(.empty, html)
        }
        let size = Int(area.squareMetres.rounded())
        let note: HTML = "<p class=\"pad note num\">\(Text("\(size) 平方米", "\(size) m²"))</p>"
        return card(view.areas[place.id] == nil ? .empty : note, html)
    }

    private func card(_ below: HTML, _ map: HTML) -> HTML {
        """
        <section class="card" aria-labelledby="h-map"><div class="hd"><h2 id="h-map">\(Text("地图", "Map"))</h2></div>
        \(map)\(below)</section>
        """
    }

    private var pictures: HTML {
        guard !view.photos.isEmpty || isOpen else { return .empty }
        let error = attempt?.name == "photos" ? attempt?.error : nil
        return """
            <section class="card" aria-labelledby="h-photos"><div class="hd"><h2 id="h-photos">\(Text("照片", "Photos"))</h2></div>
            \(when: !view.photos.isEmpty, "<div class=\"shots\">\(each: view.photos, picture)</div>")
            \(when: isOpen, """
                <form class="pad stack" method="post" action="\(path)/photos" enctype="multipart/form-data">\
                \(LinliUI.formToken(formToken))
                \(PhotoPicker(id: "photos", kept: keptPhotos, error: error, isOptional: false).html)
                <button class="btn ghost">\(Text("加照片", "Add photos"))</button></form>
                """)
            </section>
            """
    }

    private func picture(_ file: ID<StoredFile>) -> HTML {
        """
        <figure><a href="\(path)/photos/\(file)"><img src="\(path)/photos/\(file)?size=small" \
        alt="\(Text("\(place.name)的照片", "Photo of \(place.name)"))" loading="lazy"></a>\(when: isOpen, """
            <figcaption><form method="post" action="\(path)/remove-photo">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="file" value="\(file)"><button class="btn ghost sm">\
            \(Text("去掉", "Remove"))</button></form></figcaption>
            """)</figure>
        """
    }
}
