import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What the report page is made of.
struct ReportModel: Sendable {
    var type: CaseType
    /// What else can be told here.
    var types: [CaseType]
    var form: NeedForm
    var options: NeedOptions
    var catalogue: EventCatalogue
    var account: AccountSummary?
    var error: LinliError?
    var formToken: String
    /// What the map shows below the grids.
    var base: BaseMap
    /// What may be the same, when it was sent without having been shown it.
    var similar: [JoinableCase] = []
    var now: Instant

    /// What is wrong with a field.
    func problem(_ name: String) -> Text? { error?.text(for: name) }
}

/// The report form: photo first, then what, where, what kind; everything but the words may be left out.
enum ReportPages {
    static func page(_ model: ReportModel) -> Page {
        Page(
            title(model),
            frame: .resident(.report),
            """
            <main id="main" class="one">
            \(danger)
            \(TypeChooser(types: model.types, chosen: model.type.id, path: "/report", isForResidents: true).html)
            \(problem(model.error))
            <form class="stack" method="post" action="/report" enctype="multipart/form-data" novalidate data-report \
            data-draft="report" data-outbox id="report">
            \(formToken(model.formToken))\(hidden(model.form))
            \(SimilarParts.question(model.similar, model.catalogue, now: model.now))
            \(photos(model))
            \(words(model))
            \(place(model))
            \(ReportChoices.details(model))
            \(ReportChoices.kinds(model))
            \(ReportChoices.natures(model))
            \(who(model))
            <div class="submit"><button class="btn">\(Text("提交", "Send"))</button>\
            <p class="note">\(Text("不登录也能提交，办到哪一步随时能看。", "No account needed; you can follow every step."))</p></div>
            </form>
            </main>
            """
        )
    }

    private static func title(_ model: ReportModel) -> Text {
        model.type.residentName
    }

    private static let danger: HTML = """
        <section class="danger" aria-labelledby="danger-h">
        <p id="danger-h">\(Text("有人受伤、着火、闻到燃气味，先打电话", "Somebody hurt, fire, a smell of gas: call first"))</p>
        \(NeedWords.emergencyCalls())
        <p class="hint" role="status" data-danger data-words="\(DangerWords.forScript)" hidden>\
        \(Text("您写的情况可能危及生命，请先打上面的电话。这里写的也会马上提醒值班单位。", "This may be a danger to life: please call one of the numbers above first. What you write here also alerts the unit on duty."))</p>
        </section>
        """

    private static func hidden(_ form: NeedForm) -> HTML {
        """
        <input type="hidden" name="once" value="\(form.once)">\
        <input type="hidden" name="type" value="\(form.type)">\
        <input type="hidden" name="lat" value="\(form.latitude.map { "\($0)" } ?? "")">\
        <input type="hidden" name="lon" value="\(form.longitude.map { "\($0)" } ?? "")">\
        <input type="hidden" name="accuracy" value="\(form.accuracy.map { "\($0)" } ?? "")">
        """
    }

    private static func photos(_ model: ReportModel) -> HTML {
        """
        <section class="card pad" aria-labelledby="h-photo">
        <h2 id="h-photo">\(Text("拍张照片", "Take a photo"))<span class="opt">\(Text("可不拍", "optional"))</span></h2>
        <p class="hint" id="photo-hint">\(Text("最多 9 张。拍清东西和周围，不要拍到别人的脸。", "At most 9. Show the thing and what is around it, not people's faces."))</p>
        \(NeedPhotos.picker(
            model.form.kept, hint: "photo-hint", error: model.problem("photos"),
            Text("拍照或选图", "Take or choose")
        ))
        </section>
        """
    }

    private static func words(_ model: ReportModel) -> HTML {
        let error = model.problem("text")
        let asked = model.type.fields.first { $0.id == "text" }
        let name = asked?.name ?? Text("是什么事", "What is it about")
        return """
            <section class="card pad" aria-labelledby="h-text">
            <h2 id="h-text" class="sr">\(name)</h2>
            <div class="field"><label class="h" for="text">\(name)</label>
            <p class="hint" id="text-hint">\(Text("什么东西、怎么了、多久了。可以用输入法的语音说。", "What is it, what happened, since when. You can dictate with your keyboard."))</p>
            <textarea id="text" name="text" maxlength="\(asked?.limit ?? 2000)" rows="4" required\(described("text", hint: true, error: error))>\
            \(model.form.text)</textarea>
            \(error.map { "<p class=\"err\" id=\"text-error\">\($0)</p>" as HTML })
            <p class="hint count num" data-count-for="text">\(Text("最多 \(asked?.limit ?? 2000) 字", "At most \(asked?.limit ?? 2000) characters"))</p>
            </div>
            </section>
            """
    }

    // MARK: Where

    private static func place(_ model: ReportModel) -> HTML {
        """
        <section class="card pad" aria-labelledby="h-place">
        <h2 id="h-place">\(Text("在哪里", "Where"))</h2>
        <div class="stack">
        <div class="row"><button class="btn weak" type="button" data-locate hidden>\(icon("locate"))\
        \(Text("用我现在的位置", "Use my position"))</button><span class="hint" role="status" data-locate-status></span></div>
        \(when: !model.options.places.isEmpty, tree(model))
        \(ReportChoices.spots(model))
        \(exactly(model))
        \(model.options.community.map { NeedMap(community: $0, grids: model.options.grids, base: model.base).html })
        </div>
        </section>
        """
    }

    /// Estate, then building, then entrance; without JavaScript one list holds the buildings and entrances of all.
    private static func tree(_ model: ReportModel) -> HTML {
        let form = model.form
        let estates = model.options.places.map { (value: "\($0.place.id)", text: Text(same: $0.place.name)) }
        return """
            <div class="pair">
            <div class="field"><label for="estate">\(Text("小区、院子", "Estate or yard"))</label>
            \(select("estate", estates, selected: form.estate.map { "\($0)" }, empty: choose, attributes: treeLevel(0, nil)))</div>
            <div class="field" hidden><label for="building">\(Text("楼号、门牌", "Building"))</label>
            \(select("building", [], selected: nil, empty: choose, attributes: treeLevel(1, form.building)))</div>
            <div class="field" hidden><label for="entrance">\(Text("单元", "Entrance"))</label>
            \(select("entrance", [], selected: nil, empty: choose, attributes: treeLevel(2, form.entrance)))</div>
            </div>
            <script type="application/json" id="places">\(json: treeJSON(model.options.places))</script>
            <noscript><div class="field"><label for="place">\(Text("楼号、单元", "Building and entrance"))</label>
            <select id="place" name="place"><option value="">\(choose)</option>
            \(each: model.options.places, { group($0, chosen: form.place) })</select></div></noscript>
            """
    }

    private static let choose = Text("请选择", "Please choose")

    private static func treeLevel(_ level: Int, _ chosen: ID<Place>?) -> HTML {
        " data-tree=\"places\" data-level=\"\(level)\"\(chosen.map { " data-value=\"\($0)\"" as HTML })"
    }

    private static func group(_ estate: NeedOptions.Node, chosen: ID<Place>?) -> HTML {
        """
        <optgroup label="\(estate.place.name)">
        \(each: estate.children, { building in
            """
            \(option(building.place, building.place.name, chosen))\
            \(each: building.children, { option($0.place, building.place.name + $0.place.name, chosen) })
            """
        })</optgroup>
        """
    }

    private static func option(_ place: PlaceSummary, _ name: String, _ chosen: ID<Place>?) -> HTML {
        "<option value=\"\(place.id)\"\(when: place.id == chosen, " selected")>\(name)</option>"
    }

    private static func treeJSON(_ nodes: [NeedOptions.Node]) -> JSONWriter {
        var json = JSONWriter(capacity: 8192)
        write(nodes, &json)
        return json
    }

    private static func write(_ nodes: [NeedOptions.Node], _ json: inout JSONWriter) {
        json.array { list in
            for node in nodes {
                list.object { entry in
                    entry.field("id", "\(node.place.id)")
                    entry.field("name", node.place.name)
                    entry.key("children")
                    write(node.children, &entry)
                }
            }
        }
    }

    private static func exactly(_ model: ReportModel) -> HTML {
        let error = model.problem("location")
        return field(
            Text("具体位置", "Where exactly"), for: "location", optional: true, error: error,
            """
            <input id="location" name="location" maxlength="120" value="\(model.form.location)" \
            placeholder="\(Text("如：12层电梯口、北门右手边", "e.g. by the lift on floor 12, right of the north gate"))"\
            \(described("location", error: error))>
            """
        )
    }

    // MARK: Who

    private static func who(_ model: ReportModel) -> HTML {
        """
        <section class="card pad">
        \(ReportChoices.disclosure(model))
        \(NeedPublicity.tick(model))
        \(contact(model))
        <details class="more"\(when: model.form.isForFamily, " open")><summary>\(icon("family", small: true))\
        \(Text("替家里老人反映", "For an elder of my family"))</summary>
        \(field(
            Text("老人姓名", "The elder's name"), for: "elder",
            hint: Text("会写明是您代说的。要打老人的电话，就把上面的联系电话写成老人的。", "It will say that you speak for them. If we should call the elder, enter their number above."),
            "<input id=\"elder\" name=\"elder\" maxlength=\"12\" value=\"\(model.form.elder)\" aria-describedby=\"elder-hint\">"
        ))
        </details>
        </section>
        """
    }

    private static func contact(_ model: ReportModel) -> HTML {
        let form = model.form
        let phoneError = model.problem("phone")
        let nameError = model.problem("name")
        let isKnown = model.account != nil
        return """
            <div class="gap">
            \(when: !isKnown, field(
                Text("怎么称呼您", "Your name"), for: "name", optional: true, error: nameError,
                "<input id=\"name\" name=\"name\" maxlength=\"12\" value=\"\(form.name)\" autocomplete=\"name\"\(described("name", error: nameError))>"
            ))
            \(field(
                isKnown ? Text("换个电话联系", "Another number to call") : Text("联系电话", "Phone"),
                for: "phone", hint: phoneHint(model.account), optional: true, error: phoneError,
                """
                <input id="phone" name="phone" type="tel" inputmode="tel" autocomplete="tel" maxlength="20" \
                value="\(form.phone)"\(described("phone", hint: true, error: phoneError))>
                """
            ))
            </div>
            """
    }

    private static func phoneHint(_ account: AccountSummary?) -> Text {
        guard let account else {
            return Text("不留就凭回执查进度，我们没法打给您。", "Without it you follow by the receipt; we cannot call you.")
        }
        let mask = account.phoneMask
        return Text("不填就打您登录的 \(mask)。", "Left empty, we call \(mask), the number you signed in with.")
    }
}
