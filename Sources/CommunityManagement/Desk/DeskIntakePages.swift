import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The form for a need somebody tells by phone or at the counter.
struct DeskIntakePage {
    let type: CaseType
    /// What else can be registered.
    let types: [CaseType]
    let choices: DeskStore.IntakeChoices
    let form: Form
    /// One filling of the form: sent again it is the same case.
    let once: String
    let formToken: String
    let names: DivisionNames
    let catalogue: EventCatalogue
    var error: LinliError?
    var kept: [String] = []
    /// The category that waits for a person's word, chosen already so that sending the form again confirms it.
    var suggested: String?
    /// Open cases of its kind at its place, shown once.
    var similar: [CaseRow] = []

    var page: Page {
        Page(Text("登记诉求", "Register a need"), frame: .desk("/desk/new"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("登记诉求", "Register a need"))</h1></div>
        \(TypeChooser(types: types, chosen: type.id, path: "/desk/new").html)
        \(problem(error))
        <section class="card narrow" aria-label="\(Text("登记表", "The form"))">
        <form class="form" method="post" action="/desk/new" enctype="multipart/form-data" data-draft="desk-new">
        \(LinliUI.formToken(formToken))<input type="hidden" name="once" value="\(once)">\
        <input type="hidden" name="type" value="\(type.id)">
        \(when: !similar.isEmpty, "<div class=\"full\">\(SimilarParts.forStaff(similar, joining))</div>")
        <h2 class="full">\(Text("什么事", "What"))</h2>
        \(what)
        \(when: !fields.isEmpty, "<div class=\"full\">\(fields.html)</div>")
        <h2 class="full">\(Text("在哪里", "Where"))</h2>
        \(place)
        <h2 class="full">\(Text("谁说的", "Who told it"))</h2>
        \(who)
        <div class="full btns"><button class="btn">\(Text("登记", "Register"))</button>\
        <a class="btn ghost" href="/desk">\(Text("不登记了", "Cancel"))</a></div>
        </form>
        </section>
        </main>
        """
    }

    private var joining: StaffJoining { StaffJoining(form: form, asksWho: false, error: error) }

    private func text(for name: String) -> Text? { error?.text(for: name) }

    private var fields: CaseFields { CaseFields(type, answers: CaseFields.answers(in: form), error: error) }

    private func input(_ name: String, _ label: Text, optional: Bool = true, limit: Int, extra: HTML = .empty) -> HTML {
        field(
            label, for: name, optional: optional, error: text(for: name),
            """
            <input id="\(name)" name="\(name)" maxlength="\(limit)" autocomplete="off" \
            value="\(form[name] ?? "")"\(extra)\
            \(described(name, error: text(for: name)))>
            """
        )
    }

    // MARK: What it is about

    private var wishes: [NeedNature] { type.opening?.wishes ?? NeedNature.allCases }

    private var what: HTML {
        """
        <div class="full">\(field(
            Text("是什么事", "What is it about"), for: "text",
            hint: Text("照对方的话写：什么东西、怎么了、多久了。", "In their words: what, since when."),
            error: text(for: "text"),
            """
            <textarea id="text" name="text" rows="4" maxlength="2000" required\
            \(described("text", hint: true, error: text(for: "text")))>\(form["text"] ?? "")</textarea>
            """
        ))</div>
        \(field(
            Text("类别", "Kind"), for: "category", error: text(for: "category"),
            """
            <select id="category" name="category"\(described("category", error: text(for: "category")))>\
            <option value="">\(Text("按内容自动判断", "From the words"))</option>\
            \(CategoryOptions(
                catalogue: catalogue, selected: form["category"] ?? suggested, opening: type.opening
            ).html)</select>
            """
        ))
        \(field(Text("性质", "Nature"), for: "nature", select(
            "nature", wishes.map { (value: $0.rawValue, text: $0.name) }, selected: form["nature"],
            empty: Text("按内容自动判断", "From the words")
        )))
        \(field(
            Text("投诉的是哪个单位", "Against which unit"), for: "against", error: text(for: "against"),
            select(
                "against", choices.units.map { (value: "\($0.id)", text: $0.name) } + [AgainstChoice.option],
                selected: form["against"], empty: Text("按内容自动判断", "From the words"),
                attributes: described("against", error: text(for: "against"))
            )
        ))
        \(when: !choices.units.isEmpty, "<div class=\"full\">\(others)</div>")
        <label class="check full"><input type="checkbox" name="urgent" value="yes"\
        \(when: form["urgent"] == "yes", " checked")><span>\
        \(Text("紧急：危及人身、财产", "Urgent: danger to people or property"))</span></label>
        """
    }

    private var others: HTML { AgainstChoice.boxes(choices.units, ticked: AgainstChoice.others(form)) }

    // MARK: Where it is

    private var place: HTML {
        """
        \(field(
            Text("小区、楼栋", "Estate and building"), for: "place", optional: true,
            """
            <select id="place" name="place"><option value="">\
            \(Text("不在名册上，下面写清楚", "Not listed: describe it below"))</option>\
            \(PlaceOptions(places: choices.places, selected: form["place"]).html)</select>
            """
        ))
        \(input("location", Text("具体位置", "Exactly where"), limit: 120,
            extra: " placeholder=\"\(Text("如：2单元12层电梯口", "Such as: entrance 2, 12th floor"))\""))
        \(field(Text("在什么地方", "Kind of place"), for: "spot", select(
            "spot", (type.opening?.places ?? Spot.allCases).map { (value: $0.rawValue, text: $0.name) },
            selected: form["spot"] ?? Spot.estate.rawValue
        )))
        \(field(
            Text("属于哪里（没选小区时）", "Area, without an estate"), for: "division", error: text(for: "division"),
            select(
                "division", choices.divisions.map { (value: "\($0)", text: Text(same: names.place($0))) },
                selected: form["division"], attributes: described("division", error: text(for: "division"))
            )
        ))
        """
    }

    // MARK: Who says it

    private var who: HTML {
        """
        \(input("name", Text("称呼", "Name"), limit: 30))
        \(input("phone", Text("电话", "Phone"), limit: 20, extra: " type=\"tel\" inputmode=\"tel\""))
        \(field(
            Text("谁可以知道是他说的", "Who may know who told it"), for: "disclosure",
            select(
                "disclosure", Disclosure.allCases.map { (value: $0.rawValue, text: DeskIntakePage.disclosure($0)) },
                selected: form["disclosure"],
                empty: Text("按性质：投诉、举报只让受理中心知道", "By nature: complaints only the receiving office")
            )
        ))
        <div class="field"><label class="check"><input type="checkbox" name="publish" value="yes"\
        \(when: form["publish"] == "yes", " checked") aria-describedby="publish-hint"><span>\
        \(Text("愿意公开给邻居看（不含个人信息）", "Neighbours may see it (without who it is)"))</span></label>
        <p class="hint" id="publish-hint">\(Text(
            "举报和点了单位名的投诉，勾了也不会公开。",
            "Tip-offs and complaints that name a unit are never shown publicly, even if this is ticked."
        ))</p></div>
        \(PhotoPicker(id: "photos", kept: kept, error: error, isOptional: true).html)
        """
    }

    /// The choices in the words of who asks them.
    private static func disclosure(_ disclosure: Disclosure) -> Text {
        switch disclosure {
        case .named: Text("办理的人可以知道", "Whoever handles it")
        case .office: Text("只让受理中心知道", "Only the receiving office")
        case .anonymous: Text("匿名，不记姓名电话", "Anonymous: keep no name or phone")
        }
    }
}

/// What staff read out after registering: the number, who has it and by when, and the secret link.
struct DeskReceiptPage {
    let taken: CaseCommands.Taken
    let link: String
    let now: Instant
    /// The case as who registered it sees it; nil when that is hidden from them.
    var view: CaseView?
    /// The case that who was added speaks in; nil for a case of its own.
    var lead: CaseView?
    /// Where it was registered, and the draft that is over with that.
    var frame: Page.Frame = .desk("/desk/new")
    var form = "/desk/new"
    var draft = "desk-new"

    var page: Page {
        Page(title, frame: frame, body)
    }

    /// Whether it was added to a case that was there.
    private var isJoined: Bool { taken.state == CaseType.State.merged.id }

    private var title: Text {
        isJoined ? Text("已加进去，一起办", "Added: handled together") : Text("已登记", "Registered")
    }

    private var body: HTML {
        """
        <main id="main" class="wrap" data-draft-done="\(draft)">
        <section class="card narrow receipt stack">
        \(icon("done"))
        <h1>\(title)</h1>
        <p class="no num">\(taken.number)</p>
        <p id="aloud"><b>\(aloud)</b></p>
        <p>\(due == nil ? Text("把编号念给对方；", "Read the number out. ") : Text("把编号和时限念给对方；", "Read the number and the deadline out. "))\
        \(Text("查询链接给本人，凭它可以看进度、评价、要求重办。",
            "The link is for the person: it shows progress and lets them rate or contest."))</p>
        <div class="qr">
        \(qrCode(link, label: Text("查询二维码", "QR code of the receipt")))
        <p class="secret" id="secret">\(link)</p>
        <div class="btns"><button class="btn weak" type="button" data-copy="#secret" data-js hidden>\
        \(icon("copy"))\(Text("复制链接", "Copy the link"))</button>\
        <button class="btn ghost" type="button" data-print data-js hidden>\(icon("print"))\(Text("打印回执", "Print"))\
        </button></div>
        </div>
        <div class="btns"><a class="btn" href="\(CasePath.desk(taken.id))">\(Text("打开这件工单", "Open the case"))</a>\
        <a class="btn ghost" href="\(form)">\(Text("再登记一件", "Register another"))</a></div>
        </section>
        </main>
        """
    }

    /// By when something is promised: an answer, or, where nobody has it yet, that somebody has; nil where nothing is. Of
    /// who was added what is promised of the case they speak in.
    private var due: Instant? {
        guard let course = isJoined ? lead : view, course.item.isOpen else { return nil }
        return course.unit == nil ? course.item.dueAt : course.promisedBy
    }

    /// The last sentence of a call.
    private var aloud: Text {
        let number = taken.number
        guard !isJoined else { return together }
        guard let view, view.item.isOpen else {
            return Text(
                "“编号是 \(number)，办得怎么样，凭查询链接就能看到。”",
                "“Your number is \(number). How it goes is seen by the link of the receipt.”")
        }
        guard let unit = view.unit?.name else {
            let due = view.item.dueAt.relative(to: now)
            return Text(
                "“编号是 \(number)，正在安排由谁来办，最迟 \(due.zh) 定下来。”",
                "“Your number is \(number). Who handles it is being decided, by \(due.en) at the latest.”")
        }
        guard let due = self.due?.relative(to: now) else {
            return Text(
                "“编号是 \(number)，由\(unit.zh)办。”", "“Your number is \(number). It is with \(unit.en).”")
        }
        return Text(
            "“编号是 \(number)，由\(unit.zh)办，最迟 \(due.zh) 给您答复。”",
            "“Your number is \(number). It is with \(unit.en), and you hear from them by \(due.en) at the latest.”")
    }

    /// The same for who was added to what others told.
    private var together: Text {
        let number = taken.number
        let lead = view?.voices.lead
        let unit = lead?.handlerUnit == nil ? nil : lead?.handlerName
        let (by, whom) = (unit.map { "，由\($0.zh)办" } ?? "", unit.map { " by \($0.en)" } ?? "")
        let told = Text(
            "“编号是 \(number)，和别人反映的同一件事一起办\(by)",
            "“Your number is \(number). It is handled\(whom) with what others told")
        return told + promise + Text("。办得怎么样，凭查询链接就能看到。”", ". How it goes is seen by the link.”")
    }

    /// By when who was added hears of it; empty where nothing is promised.
    private var promise: Text {
        guard let due = self.due?.relative(to: now) else { return Text(same: "") }
        return lead?.unit == nil
            ? Text("，最迟 \(due.zh) 定下来由谁办", "; who handles it is decided by \(due.en) at the latest")
            : Text("，最迟 \(due.zh) 给您答复", "; you hear from them by \(due.en) at the latest")
    }
}
