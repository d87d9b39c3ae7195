import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

extension PlacePage {
    private var version: HTML {
        "\(LinliUI.formToken(formToken))<input type=\"hidden\" name=\"version\" value=\"\(place.version)\">"
    }

    /// Places that may be the same, and the form for one that looks otherwise.
    var twins: HTML {
        let form = attempt.form("merge")
        let question = Text(
            "把那一处并进来？里面的楼、房屋、部件、工单都并过来，可以撤销。",
            "Join it with this one? What lies in it, dwellings, things and cases come over. It can be undone.")
        return """
            <section class="card" aria-labelledby="h-twins"><div class="hd"><h2 id="h-twins">\
            \(Text("重复登记", "Entered twice"))</h2></div>
            \(when: !view.twins.isEmpty, """
                <ul>\(each: view.twins, { twin in
                    """
                    <li><div class="cell"><span class="bd"><a class="ttl" href="/admin/places/\(twin.place.id)">\(twin.place.address)</a>\
                    <span class="sub">\(twin.place.kind.name) · \(twin.sign.name)</span></span>\
                    <form method="post" action="\(path)/merge" data-confirm="\(question)">\(version)\
                    <input type="hidden" name="other" value="\(twin.place.id)">\
                    <button class="btn ghost sm">\(Text("并进来", "Join"))<span class="sr"> \(twin.place.address)</span></button>\
                    </form></div></li>
                    """
                })</ul>
                """)
            <form class="form" method="post" action="\(path)/merge" data-confirm="\(question)">\(version)
            \(form.input(
                "other", Text("把哪一处并进来", "Which one to join with this"),
                hint: Text("写那一处的完整地址。", "The whole address of the other one."), attributes: " maxlength=\"160\""))
            <div class="full btns"><button class="btn ghost">\(Text("合并", "Join"))</button></div></form></section>
            """
    }

    /// The places that were joined with it, with the way there and back.
    var joined: HTML {
        guard !view.merged.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="h-joined"><div class="hd"><h2 id="h-joined">\
            \(Text("并进来的地点", "Joined with this one"))</h2></div><ul>\(each: view.merged, joinedPlace)</ul></section>
            """
    }

    private func joinedPlace(_ merged: MergedPlace) -> HTML {
        let path = "/admin/places/\(merged.place.id)"
        return """
            <li><div class="cell"><span class="bd"><a class="ttl" href="\(path)">\(merged.place.address)</a>\
            <span class="sub">\(merged.at.date.full)\(when: !merged.actor.isEmpty, " · \(merged.actor)")</span></span>\
            \(when: mayChange && place.isHere, """
                <form method="post" action="\(path)/split">\(LinliUI.formToken(formToken))\
                <button class="btn ghost sm">\(Text("撤销合并", "Undo the merge"))\
                <span class="sr"> \(merged.place.address)</span></button></form>
                """)</div></li>
            """
    }

    /// That it is there no more.
    var ending: HTML {
        let form = attempt.form("end")
        let question = Text(
            "注销“\(place.name)”和它里面的？以后不能再选，工单和历史都保留。",
            "End “\(place.name)” and what lies in it? It is no choice any more; cases and history stay.")
        return """
            <section class="card" aria-labelledby="h-end"><div class="hd"><h2 id="h-end">\(Text("注销", "End it"))</h2></div>
            <form class="form" method="post" action="\(path)/end" data-confirm="\(question)">\(version)
            \(form.choice(
                "reason", Text("为什么", "Why"), PlaceEndReason.choices.map { (value: $0.rawValue, text: $0.name) },
                empty: Text("请选", "Choose")))
            <p class="full note">\(Text(
                "楼门长随之结束；还贴着的楼道码会告诉扫码的人这里没有了、找谁；巡查路线上会提示改点位。",
                "Who looks after it does so no more; codes that still hang there say that it is gone and whom to ask; routes of patrols ask to be changed."
            ))</p>
            <div class="full btns"><button class="btn danger">\(Text("注销这处地点", "End the place"))</button></div></form></section>
            """
    }

    /// Back again.
    var back: HTML {
        guard place.mergedInto == nil else { return .empty }
        return """
            <section class="card"><div class="act"><form method="post" action="\(path)/reopen">\(version)\
            <button class="btn">\(Text("恢复这处地点", "Bring it back"))</button></form></div></section>
            """
    }

    /// What nothing names may go altogether.
    var remove: HTML {
        let question = Text("去掉“\(place.name)”？", "Remove “\(place.name)”?")
        return """
            <section class="card"><div class="act">
            <form method="post" action="\(path)/remove" data-confirm="\(question)">\(LinliUI.formToken(formToken))\
            <button class="btn danger">\(Text("去掉这个地点", "Remove the place"))</button></form>
            </div></section>
            """
    }
}

/// The area of a place as a form has it: drawn on a map where there is JavaScript, GeoJSON where there is none.
struct PlaceAreaFields {
    let form: AdminForm
    let area: GeoArea?
    /// Longitude and latitude where the map begins; nil for nowhere in particular.
    let around: String?
    let base: BaseMap

    private var text: String {
        guard let area else { return "" }
        var json = JSONWriter()
        area.writeGeoJSON(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    var html: HTML {
        let (id, datum) = (form.prefix + "area", form.prefix + "datum")
        let error = form.error?.text(for: "area")
        return """
            <div class="full" data-area-edit="\(id)"\(around.map { around -> HTML in " data-around=\"\(around)\"" })>\
            <div class="map tall" data-canvas data-tiles="\(base.template)" data-attribution="\(base.attribution)" hidden></div></div>
            <details class="full more"\(when: error != nil, " open")><summary>\(icon("edit", small: true))\
            \(Text("范围用坐标改（GeoJSON）", "The area as coordinates (GeoJSON)"))</summary>
            \(field(
                Text("范围", "Area"), for: id,
                hint: Text("经度在前；清空就是没有范围。", "Longitude first; left empty there is none."), optional: true, error: error,
                """
                <textarea id="\(id)" name="area" rows="5" spellcheck="false" maxlength="\(PlaceOutlineText.maximumBytes)"\
                \(described(id, hint: true, error: error))>\(form.value("area", text))</textarea>
                """))
            \(field(
                Text("坐标系", "Coordinates"), for: datum,
                hint: Text("存的都是 WGS 84，别的先换算。", "WGS 84 is kept; others are converted."),
                """
                <select id="\(datum)" name="datum"\(described(datum, hint: true, error: nil))>\
                <option value="wgs84">\(Text("WGS 84、CGCS2000", "WGS 84, CGCS2000"))</option>\
                <option value="gcj02"\(when: form.value("datum") == "gcj02", " selected")>\(Text("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"))</option>\
                <option value="bd09"\(when: form.value("datum") == "bd09", " selected")>\(Text("BD-09（百度）", "BD-09 (Baidu)"))</option></select>
                """))
            </details>
            """
    }
}
