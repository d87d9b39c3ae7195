import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Today: what waits on this phone, the two big buttons, the cases of one's grids by what is due first.
struct GridTodayPage {
    /// How many rows a phone shows at once.
    static let limit = 20

    let rows: [CaseRow]
    let hasMore: Bool
    let mayReport: Bool
    /// Whether they may enter households.
    let mayVisit: Bool
    /// Whether they may read households.
    let mayRead: Bool
    /// Who to call in their grids.
    let people: [GridRole]
    let now: Instant
    let names: DivisionNames
    let types: CaseTypes
    /// The number of what was just reported.
    var reported: String?

    var page: Page {
        Page(Text("今天", "Today"), frame: .grid("/grid"), body)
    }

    private var body: HTML {
        """
        <main id="main"\(when: reported != nil, " data-draft-done=\"grid-report\"")>
        <h1 class="sr">\(Text("今天的网格工作", "Today's grid work"))</h1>
        \(reported.map { notice(Text("已上报，编号 \($0)。", "Reported: \($0)."), .ok, icon: "done") })
        <div class="col">
        <section class="card" aria-label="\(Text("快捷操作", "Shortcuts"))">
        \(GridTodayPage.queue)
        \(when: mayReport, """
            <a class="lead-act" href="/grid/report?type=gridEvent">\(icon("camera"))<span class="bd">\
            <b>\(Text("上报", "Report"))</b>\
            <small>\(Text("拍照、写一句，没网也能报", "A photo and a sentence, also without a network"))</small></span>\
            \(icon("chevron"))</a>
            """)
        <div class="calls">
        <a href="/desk">\(icon("list"))\(Text("工单", "Cases"))</a>
        <a href="/desk?tab=late">\(icon("clock"))\(Text("已超期", "Overdue"))</a>
        <a href="/desk/search">\(icon("search"))\(Text("搜工单", "Search"))</a>
        </div>
        \(when: mayVisit, GridTodayPage.rounds)
        \(when: mayRead, GridTodayPage.offline)
        <a class="cell lines" href="/grid/roster">\(icon("clock"))<span class="bd">\
        <span class="ttl">\(Text("我的值班", "My duty"))</span>\
        <span class="sub">\(Text("今后两周的班，谁接谁的班", "The next two weeks, and who is before and after"))</span></span>\
        \(icon("chevron"))</a>
        </section>
        <section class="card" data-live="desk" data-live-every="60" data-live-src="/grid/list">
        \(list)
        </section>
        \(GridPeopleWords.card(people, id: "people"))
        </div>
        </main>
        """
    }

    /// Going round: visits, and the pass to show at a door.
    private static let rounds: HTML = """
        <div class="calls">
        <a href="/grid/visits">\(icon("door"))\(Text("走访", "Visits"))</a>
        <a href="/grid/patrols">\(icon("walk"))\(Text("巡查", "Patrols"))</a>
        <a href="/grid/pass">\(icon("qr"))\(Text("工作证", "Work pass"))</a>
        </div>
        """

    private static let offline: HTML = """
        <a class="cell lines" href="/grid/phone/entries">\(icon("phone"))<span class="bd">\
        <span class="ttl">\(Text("离线台账", "Grid on this phone"))</span>\
        <span class="sub">\(Text("没信号也能查住户、改信息", "Households, also without a signal"))</span></span>\
        \(icon("chevron"))</a>
        """

    /// What was kept on this phone while there was no network.
    static let queue: HTML = """
        <p class="queue" data-outbox-strip hidden>\(icon("upload"))\
        <span>\(HTML.pair(
            zh: "这台手机里还有 <b data-outbox-count>0</b> 件没传", en: "<b data-outbox-count>0</b> not yet sent from this phone"
        ))</span><span class="sp"></span>\
        <button class="btn sm" type="button" data-outbox-send>\(Text("现在传", "Send now"))</button></p>
        <ul data-outbox-list></ul>
        """

    /// The cases, fetched again when something changed.
    var list: HTML {
        """
        <div class="hd"><h2>\(Text("我网格里的在办工单", "Open cases in my grids"))</h2>\
        <a href="/desk">\(hasMore ? Text("看全部", "All of them") : Text("工单列表", "The list"))</a></div>
        \(rows.isEmpty
            ? emptyState(
                Text("网格里现在没有在办的工单", "No case is open in your grids"),
                Text("看到问题就上报，新派来的会自动出现在这里。", "Report what you see; what is sent to you appears here by itself."),
                icon: "done"
            )
            : "<ul>\(each: rows, row)</ul>")
        """
    }

    private func row(_ row: CaseRow) -> HTML {
        let place = row.whereabouts.isEmpty ? names[row.division] : row.whereabouts
        let handler = row.handlerUnit == nil ? HTML.empty : " · \(row.handlerName)"
        return """
            <li><a class="mycase" href="\(CasePath.desk(row.id))"><span class="top">\
            \(row.title.isEmpty ? row.number : row.title) \(stateTag(row))</span>\
            <span class="note">\(place)\(handler)</span>\(DeskWords.due(row, now: now))</a></li>
            """
    }

    private func stateTag(_ row: CaseRow) -> HTML {
        let state = types.state(row.state, of: row.type)
        return LinliUI.tag(state?.name ?? Text(same: row.state), state?.tab == "handling" ? .plain : .warn)
    }
}

/// The short report: photo first, one sentence, where, and whether it is settled already.
struct GridReportPage {
    let type: CaseType
    /// What else can be told.
    let types: [CaseType]
    let divisions: [DivisionCode]
    let places: [PlaceSummary]
    let form: Form
    /// One filling of the form: sent again it is the same case.
    let once: String
    let formToken: String
    let names: DivisionNames
    let catalogue: EventCatalogue
    var error: LinliError?
    var kept: [String] = []
    /// Open cases of its kind at its place, shown once.
    var similar: [CaseRow] = []

    var page: Page {
        Page(Text("上报", "Report"), frame: .grid("/grid/report"), body)
    }

    private var joining: StaffJoining { StaffJoining(form: form, asksWho: true, error: error) }

    private func text(for name: String) -> Text? { error?.text(for: name) }

    private var fields: CaseFields { CaseFields(type, answers: CaseFields.answers(in: form), error: error) }

    private var needsLocation: Bool { type.fields.contains { $0.id == "location" && $0.isRequired } }

    private var body: HTML {
        """
        <main id="main" class="one">
        <h1 class="sr">\(Text("上报", "Report"))</h1>
        \(TypeChooser(types: types, chosen: type.id, path: "/grid/report").html)
        \(problem(error))
        <form class="stack" id="grid-report" method="post" action="/grid/report" enctype="multipart/form-data" \
        novalidate data-report data-draft="grid-report" data-outbox>
        \(LinliUI.formToken(formToken))<input type="hidden" name="once" value="\(once)">\
        <input type="hidden" name="type" value="\(type.id)">\
        <input type="hidden" name="lat" value="\(form["lat"] ?? "")">\
        <input type="hidden" name="lon" value="\(form["lon"] ?? "")">\
        <input type="hidden" name="accuracy" value="\(form["accuracy"] ?? "")">
        \(SimilarParts.forStaff(similar, joining))
        <section class="card pad">
        \(PhotoPicker(id: "photos", kept: kept, error: error, isOptional: true).html)
        \(words)
        </section>
        \(when: !fields.isEmpty, "<section class=\"card pad\">\(fields.html)</section>")
        <section class="card pad">\(place)</section>
        \(when: type.settled != nil, "<section class=\"card pad\">\(settled)</section>")
        <button class="btn wide">\(Text("上报", "Report"))</button>
        </form>
        </main>
        """
    }

    private var words: HTML {
        """
        \(field(
            type.fields.first { $0.id == "text" }?.name ?? Text("什么事", "What is it"), for: "text", error: text(for: "text"),
            """
            <textarea id="text" name="text" rows="3" maxlength="2000" required\
            \(described("text", error: text(for: "text")))>\(form["text"] ?? "")</textarea>
            """
        ))
        \(field(
            Text("类别", "Kind"), for: "category", error: text(for: "category"),
            """
            <select id="category" name="category"\(described("category", error: text(for: "category")))>\
            <option value="">\(Text("按内容自动判断", "From the words"))</option>\
            \(CategoryOptions(catalogue: catalogue, selected: form["category"], opening: type.opening).html)</select>
            """
        ))
        <label class="check"><input type="checkbox" name="urgent" \
        value="yes"\(when: form["urgent"] == "yes", " checked")>\
        <span>\(Text("紧急：危及人身、财产", "Urgent: danger to people or property"))</span></label>
        """
    }

    private var place: HTML {
        """
        <h2>\(Text("在哪里", "Where"))</h2>
        <div class="stack"><div class="row"><button class="btn weak" type="button" data-locate hidden>\(icon("locate"))\
        \(Text("用我现在的位置", "Use where I am"))</button><span class="hint" role="status" data-locate-status></span></div>
        \(field(
            Text("小区、楼栋", "Estate and building"), for: "place", optional: true, error: text(for: "place"),
            """
            <select id="place" name="place"\(described("place", error: text(for: "place")))>\
            <option value="">\(Text("不在名册上，下面写清楚", "Not listed: describe it below"))</option>\
            \(PlaceOptions(places: places, selected: form["place"]).html)</select>
            """
        ))
        \(field(
            Text("具体位置", "Exactly where"), for: "location",
            hint: needsLocation ? Text("没选小区、楼栋的，请写清楚。", "Needed where no estate is chosen.") : nil, optional: !needsLocation, error: text(for: "location"),
            """
            <input id="location" name="location" maxlength="120" autocomplete="off" value="\(form["location"] ?? "")"\
            \(described("location", hint: needsLocation, error: text(for: "location")))>
            """
        ))
        \(when: divisions.count > 1, field(
            Text("哪个网格", "Which grid"), for: "division",
            select(
                "division", divisions.map { (value: "\($0)", text: Text(same: names[$0])) }, selected: form["division"],
                empty: Text("按定位", "Where I stand")
            )
        ))
        \(field(Text("在什么地方", "Kind of place"), for: "spot", select(
            "spot", (type.opening?.places ?? Spot.allCases).map { (value: $0.rawValue, text: $0.name) },
            selected: form["spot"] ?? (type.opening?.spots.first ?? .estate).rawValue
        )))
        </div>
        """
    }

    private var settled: HTML {
        let error = text(for: "settledWith")
        return """
            <label class="check"><input type="checkbox" name="settled" \
            value="yes"\(when: form["settled"] == "yes", " checked")>\
            <span>\(Text("已当场解决", "Settled on the spot"))</span></label>
            \(field(
                Text("做了什么", "What was done"), for: "settledWith",
                hint: Text("勾了“已当场解决”才要写。", "Only when it is settled."), error: error,
                """
                <textarea id="settledWith" name="settledWith" rows="2" maxlength="2000"\
                \(described("settledWith", hint: true, error: error))>\(form["settledWith"] ?? "")</textarea>
                """
            ))
            """
    }
}
