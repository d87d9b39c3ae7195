import LinliCore
import LinliKernel
import LinliUI

/// One place: what it is, what lies inside it.
struct PlacePage {
    let place: PlaceSummary
    let parent: PlaceSummary?
    let children: [PlaceSummary]
    let isInUse: Bool
    let manager: UnitSummary?
    let divisions: [DivisionCode]
    let units: [UnitSummary]
    let mayChange: Bool
    let done: String?
    let attempt: AdminAttempt?
    let formToken: String
    let names: DivisionNames

    private var base: String { "/admin/places/\(place.id)" }
    private var up: String {
        parent.map { "/admin/places/\($0.id)" } ?? "/admin/places?under=\(place.division.ancestor(at: .community))"
    }

    var page: Page {
        Page(Text(same: place.address), frame: .desk("/admin/places"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(place.address)</h1>\
        <a class="btn ghost" href="\(up)">\(icon("back", small: true))\
        \(parent.map { Text(same: $0.name) } ?? Text("回列表", "Back"))</a></div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <div class="stack">
        \(when: mayChange, change)
        \(when: !place.kind.inside.isEmpty || !children.isEmpty, inside)
        </div>
        <aside class="stack">\(facts)\(when: mayChange && !isInUse, remove)</aside>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "add": Text("已加上。接着加里面的楼和单元。", "Added. Next come the buildings and entrances inside.")
        case "change": Text("已保存。", "Saved.")
        case "inside": Text("已加上。", "Added.")
        case "remove": Text("已去掉。", "Removed.")
        default: nil
        }
    }

    private var change: HTML {
        let fields = PlaceFields(
            form: attempt.form("change"), place: place, parent: parent, divisions: divisions, units: units, names: names
        )
        return """
            <section class="card"><div class="hd"><h2>\(Text("资料", "What it is"))</h2></div>
            <form class="form" method="post" action="\(base)/change">\(LinliUI.formToken(formToken))
            \(fields.html)
            <div class="full btns"><button class="btn">\(Text("保存", "Save"))</button></div>
            </form></section>
            """
    }

    private var inside: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("里面有", "Inside"))</h2></div>
        \(when: !children.isEmpty, """
            <ul>\(each: children, { child in
                """
                <li><a class="cell" href="/admin/places/\(child.id)"><span class="bd"><span class="ttl">\(child.name)</span>\
                <span class="sub">\(child.kind.name)</span></span>\(icon("chevron", small: true))</a></li>
                """
            })</ul>
            """)
        \(when: mayChange && !place.kind.inside.isEmpty, add)
        </section>
        """
    }

    private var add: HTML {
        let form = attempt.form("inside")
        let example =
            place.kind == .building
            ? Text("一行一个，如 1单元", "One a line, such as 1单元") : Text("一行一个，如 1号楼", "One a line, such as 1号楼")
        return """
            <form class="form" method="post" action="\(base)/inside">\(LinliUI.formToken(formToken))
            \(form.choice(
                "kind", Text("加什么", "What to add"), place.kind.inside.map { (value: $0.rawValue, text: $0.name) },
                place.kind.inside.first?.rawValue
            ))
            \(form.lines("names", Text("名称", "Names"), rows: 4, hint: example))
            <div class="full btns"><button class="btn ghost">\(Text("加上", "Add"))</button></div>
            </form>
            """
    }

    private var facts: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("现在", "Now"))</h2></div>
        <dl class="kv">
        <dt>\(Text("种类", "Kind"))</dt><dd>\(place.kind.name)</dd>
        <dt>\(Text("网格", "Grid"))</dt><dd>\(names.place(place.division))</dd>
        <dt>\(Text("产权", "Whose"))</dt><dd>\(place.propertyRight.name)</dd>
        <dt>\(Text("谁来管", "Manager"))</dt><dd>\(managerName)</dd>
        <dt>\(Text("坐标", "Where"))</dt><dd class="num">\(coordinates)</dd>
        </dl></section>
        """
    }

    private var managerName: Text {
        manager?.name ?? (parent == nil ? Text("没有物业", "Nobody") : Text("和上级一样", "As what it lies in"))
    }

    private var coordinates: Text {
        guard let latitude = place.latitude, let longitude = place.longitude else { return Text("没填", "None") }
        return Text(same: "\(latitude), \(longitude)")
    }

    private var remove: HTML {
        let question = Text("去掉“\(place.name)”？", "Remove “\(place.name)”?")
        return """
            <section class="card"><div class="act">
            <form method="post" action="\(base)/remove" data-confirm="\(question)">\(LinliUI.formToken(formToken))\
            <button class="btn danger">\(Text("去掉这个地点", "Remove the place"))</button></form>
            </div></section>
            """
    }
}
