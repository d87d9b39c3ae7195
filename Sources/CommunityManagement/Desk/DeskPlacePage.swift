import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Correcting where a case lies: what is registered, and what is right.
struct DeskPlacePage: Sendable {
    let view: CaseView
    let choices: DeskStore.PlaceChoices
    let map: RegisterMap
    let formToken: String
    let names: DivisionNames
    /// What was typed, when the form came back.
    var form: Form?
    var error: LinliError?

    private var item: CaseRecord { view.item }

    /// The address of the page of a case.
    static func path(_ id: ID<Case>) -> String { CasePath.desk(id) + "/place" }

    var page: Page {
        Page(Text("更正地点 \(item.number)", "Correct the place of \(item.number)"), frame: .desk("/desk"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("更正地点", "Correct the place"))</h1>
        <a class="btn ghost" href="\(CasePath.desk(item.id))">\(icon("back", small: true))\(Text("回工单", "Back"))</a></div>
        \(problem(error))
        <section class="card narrow" aria-label="\(Text("更正地点", "Correct the place"))">
        <div class="pad stack">
        <p><span class="num">\(item.number)</span> \(item.title)</p>
        \(registered)
        </div>
        \(correction)
        </section>
        </main>
        """
    }

    /// What is there now, and what the correction does not change.
    private var registered: HTML {
        let area = names.place(item.division)
        return """
            <dl class="kv"><dt>\(Text("现在登记的", "Registered"))</dt><dd>\(item.whereabouts.isEmpty ? area : item.whereabouts)\
            \(when: !item.whereabouts.isEmpty, "<br><span class=\"note\">\(area)</span>")</dd></dl>
            <p class="hint">\(Text(
                "改了以后，网格、列表、统计和邻居看到的位置都跟着走；由谁办不变，要换单位另外派单。",
                "Grid, lists, figures and what neighbours see follow; who has it stays, and is changed by dispatching it."
            ))</p>
            \(when: item.source == .hotline, "<p class=\"hint\">\(DeskPlacePage.ofOrders)</p>")
            \(when: view.publication?.state == .cleared, "<p class=\"hint\">\(DeskPlacePage.ofPublic)</p>")
            """
    }

    private static let ofOrders = Text(
        "12345 来单里写的地点照原样保留，只更正这里登记的。",
        "What the order of 12345 says stays as it came: only what is registered here is corrected."
    )

    private static let ofPublic = Text(
        "公开给邻居看的标题、内容里写了地点的，改完请一并核对。",
        "If the words neighbours read name the place, please check them afterwards."
    )

    // MARK: Where to look for it

    /// Within the form, so that looking elsewhere loses nothing that was typed.
    private var areaField: HTML {
        guard choices.areas.count > 1 else { return .empty }
        return """
            <div class="pair"><div class="field"><label for="area">\(Text("在哪一片找", "Where to look for it"))</label>\
            \(select(
                "area", choices.areas.map { (value: "\($0)", text: Text(same: name($0))) }, selected: "\(choices.area)"
            ))</div>\
            <button class="btn ghost sm" name="look" value="1" formnovalidate>\(Text("换一片", "Look there"))</button></div>
            """
    }

    private func name(_ code: DivisionCode) -> String { code.level < .community ? names[code] : names.place(code) }

    // MARK: The form

    private func typed(_ name: String, _ initial: String) -> String {
        form.map { $0.all(name).first ?? "" } ?? initial
    }

    private func text(for name: String) -> Text? { error?.text(for: name) }

    private var correction: HTML {
        """
        <form class="pad stack" method="post" id="place-form" data-draft="case-\(item.id)-place" \
        action="\(address(DeskPlacePage.path(item.id), [("area", "\(choices.area)")]))">\(LinliUI.formToken(formToken))
        \(areaField)
        \(placeField)
        \(locationField)
        \(divisionField)
        \(pointFields)
        \(reasonField)
        <button class="btn">\(Text("更正", "Correct it"))</button>
        </form>
        """
    }

    private var placeField: HTML {
        field(
            Text("小区、楼栋、公共场所", "Estate, building, public place"), for: "place", optional: true,
            error: text(for: "place"),
            """
            <select id="place" name="place"\(described("place", error: text(for: "place")))><option value="">\
            \(Text("不在名册上，下面写清楚", "Not listed: describe it below"))</option>\
            \(PlaceOptions(places: choices.places, selected: typed("place", item.place.map { "\($0)" } ?? "")).html)</select>
            """
        )
    }

    private var locationField: HTML {
        let limit = view.type.fields.first { $0.id == "location" }?.limit ?? 120
        // An order of another system may have brought more words than our forms take.
        let length = max(limit, item.location.unicodeScalars.count)
        return field(
            Text("具体位置", "Exactly where"), for: "location", optional: true, error: text(for: "location"),
            """
            <input id="location" name="location" maxlength="\(length)" autocomplete="off" \
            value="\(typed("location", item.location))"\(described("location", error: text(for: "location")))>
            """
        )
    }

    private var divisionField: HTML {
        let known = choices.divisions.contains(item.division) ? item.division : choices.area
        return field(
            Text("属于哪里（没选小区时）", "Area, without an estate"), for: "division", error: text(for: "division"),
            select(
                "division", choices.divisions.map { (value: "\($0)", text: Text(same: name($0))) },
                selected: typed("division", "\(known)"), attributes: described("division", error: text(for: "division"))
            )
        )
    }

    private var pointFields: HTML {
        """
        <div class="pair">\(degrees("lat", Text("纬度", "Latitude"), error: text(for: "latitude")))
        \(degrees("lon", Text("经度", "Longitude"), error: nil))</div>
        <p class="hint">\(Text(
            "坐标（WGS84）可以不填：选了小区就用小区的，地点没换就用原来的。",
            "The point (WGS84) may be left out: that of the place counts, or the one it has while it stays there."
        ))</p>
        \(map.picker("place-form"))
        """
    }

    private func degrees(_ name: String, _ label: Text, error: Text?) -> HTML {
        field(
            label, for: name, optional: true, error: error,
            """
            <input id="\(name)" name="\(name)" inputmode="decimal" maxlength="12" autocomplete="off" \
            value="\(typed(name, ""))"\(described(name, error: error))>
            """
        )
    }

    private var reasonField: HTML {
        field(
            Text("理由", "Reason"), for: "text",
            hint: Text("诉求人看得到这句话，不要写别人的情况。", "The resident reads this: say nothing of anybody else."),
            error: text(for: "text"),
            """
            <textarea id="text" name="text" rows="3" maxlength="1000" required\
            \(described("text", hint: true, error: text(for: "text")))>\(typed("text", ""))</textarea>
            """
        )
    }
}

/// What the page of a case says of its place besides where it is: the way to correct it, and what follows from that.
struct DeskPlaceCard: Sendable {
    let page: DeskCase

    private var item: CaseRecord { page.view.item }

    /// The way to correct it, for who may.
    var html: HTML {
        let standing = page.view.standing
        guard standing.isDispatcher || standing.isHandler, item.speaksIn == nil, item.parent == nil else {
            return .empty
        }
        return """
            <section class="card" aria-labelledby="h-place"><div class="hd"><h2 id="h-place">\(Text("地点不对？", "A wrong place?"))</h2></div>
            <div class="pad stack"><a class="btn weak" href="\(DeskPlacePage.path(item.id))">\(icon("pin", small: true))\
            \(Text("更正地点", "Correct the place"))</a></div></section>
            """
    }

    /// Whether the place of a case was corrected.
    static func isCorrected(_ view: CaseView) -> Bool {
        view.entries.contains { $0.transition == CaseMark.placeCorrected.rawValue }
    }

    /// That the unit which has it does not serve the corrected place, and by which steps that is put right.
    var status: HTML {
        guard page.surroundings.isUnitElsewhere, let unit = page.view.unit else { return .empty }
        let steps = page.view.transitions.filter {
            $0.effects.contains(.assignUnit) || $0.requires.contains(.reasonClass)
        }
        let how =
            steps.first.map { step in
                Text("，要换单位，用下面的“\(step.name.zh)”。", "; to change that, use “\(step.name.en)” below.")
            } ?? Text("，要换单位，由调度员重新派单，或者承办单位退单。", "; a dispatcher or the unit itself can change that.")
        return notice(
            Text(
                "更正后的地点不在“\(unit.name.zh)”的服务范围，由谁办没有变",
                "The corrected place is not among those “\(unit.name.en)” serves; who has it has not changed") + how,
            .warn)
    }
}
