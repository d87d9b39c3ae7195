import LinliCore
import LinliKernel
import LinliUI

/// What the registers hold of oneself, and everything one may do about it.
struct OwnDataPage {
    /// An entry with what was agreed to for it.
    struct Entry: Sendable {
        let own: OwnEntry
        let consents: [DataConsent]
        /// How often somebody has read its closely kept fields.
        let readings: Int
    }

    let entries: [Entry]
    let requests: [DataRequest]
    let done: String?
    var error: LinliError?
    var form = Form()
    let rightsDays: Int
    let formToken: String
    let now: Instant

    var page: Page {
        Page(
            Text("我的信息", "My data"), frame: .resident(.me),
            """
            <main id="main">
            \(problem(error))\(doneText.map { notice($0, .ok, icon: "done") })
            <div class="col">\(entries.isEmpty ? claim : "\(each: entries, entry)")</div>
            <div class="col side">\(asked)\(about)</div>
            </main>
            """)
    }

    private var doneText: Text? {
        switch done {
        case "linked": Text("已关联到您的登记。", "Linked to your entry.")
        case "asked":
            Text("已收到，\(rightsDays) 个工作日内答复。", "Received; you will have an answer within \(rightsDays) working days.")
        case "saved": Text("已保存。", "Saved.")
        default: nil
        }
    }

    // MARK: Whose

    private var claim: HTML {
        let error = error?.text(for: "number")
        return card(
            Text("关联我的登记", "Link my entry"),
            """
            <form class="pad stack" method="post" action="/me/data/link" novalidate>\(LinliUI.formToken(formToken))
            <p>\(Text(
                "社区登记了住在这里的人。关联以后，您能看到登记了什么、谁看过、为什么看。",
                "The community keeps a register of who lives here. Once linked you see what it holds, who read it and why."))</p>
            \(field(
                Text("身份证号码", "Citizen ID number"), for: "number",
                hint: Text("只用来和登记比对，加密保存。", "Only compared with the register; encrypted."), error: error,
                """
                <input id="number" name="number" maxlength="18" autocomplete="off" value="\(form["number"] ?? "")"\
                \(described("number", hint: true, error: error))>
                """))
            <p class="hint">\(Text(
                "号码和您登录的手机号都对得上，马上关联；对不上的，由社区工作人员核对。",
                "When the number and your phone both fit it is linked at once; otherwise staff check."))</p>
            <button class="btn wide">\(Text("关联", "Link"))</button></form>
            """)
    }

    private func entry(_ entry: Entry) -> HTML {
        let person = entry.own.person
        let base = "/me/data"
        return """
            <section class="card"><div class="hd"><h2>\(entry.own.isWard ? Text("孩子：\(person.name)", "Child: \(person.name)") : Text("社区登记的我", "What is entered of me"))</h2></div>
            <dl class="kv"><dt>\(Text("姓名", "Name"))</dt><dd>\(person.name)</dd>
            \(when: !person.numberMask.isEmpty, "<dt>\(Text("证件", "ID"))</dt><dd class=\"num\">\(person.numberMask)</dd>")
            \(when: !person.phoneMask.isEmpty, "<dt>\(Text("手机", "Phone"))</dt><dd class=\"num\">\(person.phoneMask)</dd>")
            \(each: entry.own.homes, { "<dt>\($0.tie.livesHere ? Text("住在", "Home") : Text("有关的房", "Dwelling"))</dt><dd>\($0.address)</dd>" })
            \(each: entry.own.formerHomes, { "<dt>\($0.tie.livesHere ? Text("以前住在", "Lived before") : Text("以前有关的房", "Dwelling before"))</dt><dd>\($0.address ?? "")</dd>" })</dl>
            \(when: person.restrictedAt != nil, "<p class=\"pad\">\(tag(Text("只保存、不使用", "Kept, not used"), .warn))</p>")
            <ul>
            \(cell("\(base)/readings?entry=\(person.id)", "\(Text("谁看过", "Who has read it"))", "\(Text("\(entry.readings) 次", "\(entry.readings) times"))", icon: "shield"))
            \(cell("\(base)/export?entry=\(person.id)", "\(Text("看全部、带走一份", "See all, take a copy"))", "\(Text("网页或 JSON 文件", "As a page or JSON"))", icon: "download"))
            </ul></section>
            \(consents(entry))\(ask(person))
            """
    }

    private func consents(_ entry: Entry) -> HTML {
        let person = entry.own.person
        return card(
            entry.own.isWard ? Text("替孩子同意的事", "What I agree to for the child") : Text("我同意的事", "What I agree to"),
            """
            <ul>\(each: ConsentPurpose.allCases, { purpose in consent(purpose, entry) })
            <li><div class="cell"><span class="bd"><span class="ttl">\(Text("按我的信息推荐服务", "Suggesting services"))</span>\
            <span class="sub">\(Text("不参加也不影响办任何事。", "Saying no changes nothing else."))</span></span>\
            <form method="post" action="/me/data/profiling">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="entry" value="\(person.id)">\
            <button class="btn ghost sm" name="on" value="\(person.isProfiled ? "no" : "yes")">\
            \(person.isProfiled ? Text("不参加", "Opt out") : Text("参加", "Opt in"))</button></form></div></li>
            </ul>
            """)
    }

    private func consent(_ purpose: ConsentPurpose, _ entry: Entry) -> HTML {
        let given = entry.consents.first { $0.purpose == purpose && $0.holds(on: now.date) }
        let outgrown = entry.consents.first { $0.purpose == purpose }.flatMap { last in
            last.isOutgrown(on: now.date) ? last.endsOn : nil
        }
        let since =
            given.map(Self.given)
            ?? outgrown.map(Self.outgrown) ?? Text("没有同意", "Not agreed")
        let refuse: HTML = """
            <button class="btn ghost sm" name="given" value="no">\(Text("不同意", "Refuse"))\
            <span class="sr"> \(purpose.name)</span></button>
            """
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(purpose.name)</span>\
            <span class="sub">\(purpose.text)</span><span class="sub">\(since)</span></span>\
            <form method="post" action="/me/data/consents">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="entry" value="\(entry.own.person.id)"><input type="hidden" name="purpose" value="\(purpose.rawValue)">\
            <button class="btn ghost sm" name="given" value="\(given == nil ? "yes" : "no")">\
            \(given == nil ? Text("同意", "Agree") : Text("撤回", "Withdraw"))<span class="sr"> \(purpose.name)</span></button>\(outgrown == nil ? HTML.empty : refuse)</form></div></li>
            """
    }

    private static func given(_ consent: DataConsent) -> Text {
        let since = Text("已同意，\(consent.givenAt.date.full.zh)起", "Agreed since \(consent.givenAt.date.full.en)")
        guard let channel = consent.channel, channel.isByStaff else { return since }
        return since
            + Text(
                "（工作人员记的：\(channel.name.zh)）", " (noted by staff: \(channel.name.en))")
    }

    private static func outgrown(_ day: CivilDate) -> Text {
        Text(
            "这是您小时候监护人同意的，您从\(day.full.zh)起满 \(Guardianship.years) 周岁，它不再算数，请您自己定",
            "Your guardian agreed to this; since you turned \(Guardianship.years) on \(day.full.en) it counts no more and is yours to decide"
        )
    }

    // MARK: Asking

    private func ask(_ person: PersonRecord) -> HTML {
        let kinds: [DataRequestKind] = [.correct, .erase, person.restrictedAt == nil ? .restrict : .release]
        let (wrong, kind) = (error?.text(for: "text"), form["kind"] ?? "correct")
        let (text, id) = (form["text"] ?? "", person.id)
        return card(
            Text("我要申请", "What I ask"),
            """
            <form class="pad stack" method="post" action="/me/data/requests" novalidate>\(LinliUI.formToken(formToken))
            <input type="hidden" name="entry" value="\(id)">
            <fieldset class="choices"><legend>\(Text("申请什么", "What"))</legend>\(each: kinds, { entry in
                choice("kind", value: entry.rawValue, checked: entry.rawValue == kind, entry.name, note: Self.note(entry))
            })</fieldset>
            \(field(Text("说明", "In words"), for: "text-\(id)", optional: true, error: wrong, """
                <textarea id="text-\(id)" name="text" rows="3" maxlength="1000"\(described("text-\(id)", error: wrong))>\(text)</textarea>
                """))
            <button class="btn wide">\(Text("提交申请", "Send"))</button></form>
            """)
    }

    private static func note(_ kind: DataRequestKind) -> Text {
        switch kind {
        case .correct: Text("写哪里不对、应该是什么", "Say what is wrong and what is right")
        case .erase: Text("依法必须保留的会说明理由", "What the law wants kept is refused with reasons")
        case .restrict: Text("工作人员在列表、搜索里都看不到", "Staff find it in no list or search")
        default: Text("撤销之前的限制", "Lifts the restriction")
        }
    }

    private var asked: HTML {
        guard !requests.isEmpty else { return .empty }
        return card(
            Text("我的申请", "What I asked"),
            """
            <ol class="tl">\(each: requests, { request in
                """
                <li><b>\(request.kind.name)</b> \(time(request.openedAt, request.openedAt.relative(to: now)))
                <p>\(Self.state(request))</p>\(when: !request.reason.isEmpty, "<p>\(request.reason)</p>")</li>
                """
            })</ol>
            """)
    }

    private static func state(_ request: DataRequest) -> Text {
        request.decidedBy.isEmpty
            ? OwnDataWords.state(request) : OwnDataWords.state(request) + Text(same: " · " + request.decidedBy)
    }

    private var about: HTML {
        card(
            Text("说明", "Good to know"),
            """
            <ul>\(cell("/me/data/readings", "\(Text("谁看过我反映的事", "Who opened my needs"))", "\(Text("留下的电话，谁打开过、为什么", "The phone I left: who opened it, and why"))", icon: "shield"))
            \(cell("/me/data/export", "\(Text("把账号里的带走一份", "A copy of my account"))", "\(Text("反映的事、短信、登录过的设备", "What I told, messages, devices"))", icon: "download"))</ul>
            <div class="pad prose"><p>\(Text(
                "证件号码、电话、健康等信息加密保存。工作人员要看，必须写明用途，每次都记下来，您在“谁看过”里能看到。",
                "Numbers, phones and health data are encrypted. Who reads them must say why; each reading is noted and shown to you."))</p></div>
            """)
    }
}

/// Who has read one's data, when, for which unit and what for: in the registers, and what was told with one's cases.
struct OwnReadingsPage {
    /// The entry of the registers; nil while the account is linked to none.
    let person: PersonRecord?
    let readings: [Reading]
    let cases: [CaseReading]
    let now: Instant

    var page: Page {
        Page(
            Text("谁看过我的信息", "Who read my data"), frame: .resident(.me),
            """
            <main id="main"><div class="col">\(person.map(registers))\(ofCases)</div></main>
            """)
    }

    private func registers(_ person: PersonRecord) -> HTML {
        """
        <section class="card"><div class="hd"><h2>\(person.name)</h2>\
        <a href="/me/data">\(Text("我的信息", "My data"))</a></div>
        \(readings.isEmpty
            ? emptyState(
                Text("还没有人看过您的敏感信息", "Nobody has read your closely kept data"),
                Text("有人看过就会出现在这里，带着时间和用途。", "Whoever does appears here, with when and why."), icon: "shield")
            : "<ol class=\"tl\">\(each: readings, line)</ol>")
        </section>
        """
    }

    private var ofCases: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("我反映的事", "My needs"))</h2>\
        \(when: person == nil, "<a href=\"/me/data\">\(Text("我的信息", "My data"))</a>")</div>
        \(cases.isEmpty
            ? emptyState(
                Text("还没有人打开过您留下的电话", "Nobody has opened the phone you left"),
                Text(
                    "工作人员平时只看到遮住的号码；谁打开了、为什么，会写在这里。",
                    "Staff see masked numbers; who opens them, and why, appears here."), icon: "shield")
            : "<ol class=\"tl\">\(each: cases, caseLine)</ol>")
        </section>
        """
    }

    private func caseLine(_ reading: CaseReading) -> HTML {
        let parts = Text(
            reading.parts.map(\.name.zh).joined(separator: "、"), reading.parts.map(\.name.en).joined(separator: ", "))
        let who: HTML = reading.unit.map { unit -> HTML in "\(unit) \(reading.name)" } ?? "\(reading.name)"
        return """
            <li><b>\(reading.purpose)</b> \(time(reading.at, reading.at.dayAndTime))
            <p class="who">\(who)</p>
            <p>\(Text("看了：", "Read: "))\(parts) · <a href="/cases/\(reading.id)">\(reading.number)</a></p></li>
            """
    }

    private func line(_ reading: Reading) -> HTML {
        let note = reading.openedAt == nil ? reading.note : ""
        let who: HTML =
            reading.unit.map { unit -> HTML in "\(unit) \(reading.name)" }
            ?? (reading.name.isEmpty ? "\(Text("系统", "The system"))" : "\(reading.name)")
        return """
            <li><b>\(OwnDataWords.purpose(reading))</b> \(time(reading.at, reading.at.dayAndTime))
            <p class="who">\(who)</p>
            <p>\(Text("看了：", "Read: "))\(OwnDataWords.what(reading))</p>\(when: !note.isEmpty, "<p>\(note)</p>")</li>
            """
    }
}
