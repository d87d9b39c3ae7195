import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// A plan on its map: drawn with pointer, finger or keys where there is JavaScript, as coordinates where there is none.
struct GridPlanPage {
    let opened: GridPlansCommands.Opened
    let check: GridPlanCheck
    let mayChange: Bool
    let done: String?
    let attempt: AdminAttempt?
    let formToken: String
    let base: BaseMap
    let now: Instant
    let names: DivisionNames

    private var plan: GridPlan { opened.plan }
    private var path: String { "/admin/grid-plans/\(plan.id)" }

    var page: Page {
        Page(Text("画网格", "Draw grids"), frame: .desk("/admin/grid-plans"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names[plan.community]) · \(GridPlanWords.name(plan))</h1>\
        <a class="btn ghost" href="/admin/grid-plans?under=\(plan.community)">\(icon("back", small: true))\
        \(Text("各版网格", "Versions"))</a></div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <div class="stack">
        <section class="card" aria-labelledby="map-h"><div class="hd"><h2 id="map-h">\(Text("地图", "Map"))</h2>\
        <p class="note">\(GridPlanWords.story(plan, now))</p></div>
        \(map)</section>
        <section class="card" aria-labelledby="check"><div class="hd"><h2 id="check">\(Text("检查", "Check"))</h2></div>
        <ul class="remarks" data-remarks>\(remarks)</ul></section>
        \(when: mayChange, "\(publishing)\(byHand)")
        \(when: isPending, taking)
        </div>
        </main>
        """
    }

    private var isPending: Bool { plan.state == .published && (plan.effectiveAt.map { $0 > now } ?? false) }

    private var doneText: Text? {
        switch done {
        case "save", "edit": Text("草稿存好了。", "The draft is stored.")
        case "publish":
            plan.effectiveAt.map {
                $0 > now
                    ? Text("公布了，\($0.date.full.zh)起用。", "Published: it holds from \($0.date.full.en).")
                    : Text("公布了，现在就用。里面的地点和工单正在划入新网格。", "Published and in force; what lies inside is being moved.")
            }
        case "withdraw": Text("收回来了，又是草稿。", "Taken back: it is a draft again.")
        default: nil
        }
    }

    // MARK: Map

    private var map: HTML {
        let shapes = opened.sketch.parts.enumerated().map { AreaSketch.Shape($1.area, label: $1.name, level: $0 % 3) }
        let marks = check.remarks.compactMap { remark in
            remark.fault.map { AreaSketch.Mark($0.box, $0.kind == .gap ? .warn : .bad) }
        }
        let label = Text("这一版的网格，重叠是红色，空隙是橙色", "The grids of this version: overlaps in red, gaps in orange")
        let drawing = AreaSketch(shapes, marks: marks)?.svg(label: label) ?? .empty
        return """
            <div class="pad" data-grid-edit="\(path)/edit" data-token="\(formToken)" data-plan="plan" \
            data-next="\(opened.next ?? 0)"\(when: mayChange, " data-may-change")>
            <div class="map tall" data-canvas data-tiles="\(base.template)" data-attribution="\(base.attribution)">\
            \(drawing)</div></div>
            """
    }

    private var remarks: HTML {
        // What is only worth knowing, such as how many households a grid has, does not take the good news away.
        let good: HTML =
            check.isCovered
            ? "<li class=\"ok\">\(icon("done"))\(Text("没有重叠，没有空隙", "No overlaps and no gaps"))</li>" : .empty
        return """
            \(good)\(each: check.remarks, { remark in
                "<li class=\"\(remark.isBad ? "bad" : "warn")\">\(icon("alert"))<span>\(remark.text)</span>\(fill(remark))</li>"
            })
            """
    }

    /// What a gap can become with one press.
    private func fill(_ remark: GridPlanCheck.Remark) -> HTML {
        guard mayChange, remark.isBad, remark.fault?.kind == .gap, let point = remark.point else { return .empty }
        return """
            <form method="post" action="\(path)/edit">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="op" value="fill">\
            <input type="hidden" name="line" value="\("\(point.longitude),\(point.latitude)")">\
            <button class="btn ghost sm">\(Text("补成一个网格", "Make it a grid"))</button></form>
            """
    }

    // MARK: Forms

    private var publishing: HTML {
        let form = attempt.form("publish")
        let question = Text(
            "公布这一版？到那天地点和未结工单按它重新归网格。", "Publish this version? From that day places and open cases follow it.")
        return """
            <section class="card" aria-labelledby="publish-h"><div class="hd"><h2 id="publish-h">\
            \(Text("公布", "Publish"))</h2></div>
            <form class="form" method="post" action="\(path)/publish" data-confirm="\(question)">\
            \(LinliUI.formToken(formToken))
            \(form.input(
                "day", Text("从哪天起用", "From which day"), "\(now.date.adding(days: 1))",
                hint: Text("选今天就马上用。", "Today means at once."), attributes: " type=\"date\""
            ))
            \(form.input(
                "reason", Text("为什么调整", "Why"), hint: Text("留在记录里，以后看得到。", "It stays in the record."),
                attributes: " maxlength=\"200\""
            ))
            <div class="full btns"><button class="btn">\(Text("公布这一版", "Publish this version"))</button></div></form>
            <form class="pad" method="post" action="\(path)/drop" \
            data-confirm="\(Text("草稿不要了？", "Throw the draft away?"))">\(LinliUI.formToken(formToken))\
            <button class="btn ghost">\(Text("草稿不要了", "Throw the draft away"))</button></form></section>
            """
    }

    private var taking: HTML {
        """
        <section class="card"><form class="pad btns" method="post" action="\(path)/withdraw" \
        data-confirm="\(Text("收回这一版？它又成为草稿。", "Take it back? It becomes a draft again."))">\
        \(LinliUI.formToken(formToken))<button class="btn ghost">\(Text("收回，改成草稿", "Take it back"))</button></form></section>
        """
    }

    /// The draft as text, and its changes as forms: what the map does, without it.
    private var byHand: HTML {
        """
        <section class="card"><details class="pad more" data-by-hand><summary>\(icon("edit", small: true))\
        \(Text("用坐标改、传文件", "By coordinates, or a file's text"))</summary>
        <form class="form" method="post" action="\(path)/save" id="plan-form">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="version" value="\(plan.version)">
        \(field(
            Text("这一版（GeoJSON）", "This version (GeoJSON)"), for: "plan",
            hint: Text(
                "经度在前。网格写 number（1—999）和 name；社区边界写 territory: true。",
                "Longitude first. Grids say number (1 to 999) and name; the community's border says territory: true."),
            error: attempt?.name == "save" ? attempt?.error.text(for: "plan") : nil,
            """
            <textarea id="plan" name="plan" rows="8" spellcheck="false" maxlength="\(GridSketch.maximumBytes)" \
            aria-describedby="plan-hint">\(planText)</textarea>
            """
        ))
        \(datumField)
        <div class="full btns"><button class="btn">\(Text("存草稿", "Save the draft"))</button>\
        <a class="btn ghost" href="\(path)/grids.geojson" download="grids.geojson">\(icon("download", small: true))\
        \(Text("下载 GeoJSON", "Download GeoJSON"))</a></div></form>
        \(when: !opened.sketch.parts.isEmpty, "\(splitForm)\(mergeForm)\(snapForm)")
        </details></section>
        """
    }

    private var planText: String {
        if let attempt, attempt.name == "save" { return attempt.form["plan"] ?? "" }
        return String(decoding: opened.sketch.geoJSON.bytes, as: UTF8.self)
    }

    private var datumField: HTML {
        field(
            Text("坐标", "Coordinates"), for: "datum",
            hint: Text("存的都是 WGS 84，别的先换算。", "WGS 84 is kept; others are converted."),
            """
            <select id="datum" name="datum" aria-describedby="datum-hint">\
            <option value="wgs84">\(Text("WGS 84、CGCS2000", "WGS 84, CGCS2000"))</option>\
            <option value="gcj02">\(Text("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"))</option>\
            <option value="bd09">\(Text("BD-09（百度）", "BD-09 (Baidu)"))</option></select>
            """
        )
    }

    private var grids: [(value: String, text: Text)] {
        opened.sketch.parts.map { ("\($0.code.rawValue % 1000)", Text(same: $0.name)) }
    }

    private func editForm(_ op: String, _ title: Text, _ fields: HTML) -> HTML {
        """
        <form class="form" method="post" action="\(path)/edit"><h3 class="full">\(title)</h3>\
        \(LinliUI.formToken(formToken))<input type="hidden" name="op" value="\(op)">\(fields)
        <div class="full btns"><button class="btn ghost">\(title)</button></div></form>
        """
    }

    private var splitForm: HTML {
        var form = attempt.form("edit")
        form.prefix = "split-"
        return editForm(
            "split", Text("切开一个网格", "Cut a grid in two"),
            """
            \(form.choice("grid", Text("哪个网格", "Which grid"), grids))
            \(form.lines(
                "line", Text("切线", "Line"), rows: 3,
                hint: Text(
                    "每行一个点，经度,纬度；两头在网格外面。线右边的成为新网格。",
                    "A point a line, longitude,latitude, both ends outside. What lies on its right becomes a new grid.")
            ))
            """
        )
    }

    private var mergeForm: HTML {
        var form = attempt.form("edit")
        form.prefix = "merge-"
        return editForm(
            "merge", Text("合并两个网格", "Join two grids"),
            """
            \(form.choice("grid", Text("哪个并走", "Which one goes"), grids))
            \(form.choice("other", Text("并到哪个", "Into which one"), grids))
            """
        )
    }

    private var snapForm: HTML {
        editForm("snap", Text("对齐 2 米以内的缝", "Close cracks within 2 m"), .empty)
    }
}
