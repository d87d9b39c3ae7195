import LinliCore
import LinliKernel
import LinliUI

/// One demanded form: what each column is and how sure that is, who asks for the same, the periods it was filled for.
struct FormPage {
    let form: DemandedForm
    let book: LabelBook
    let rounds: [FormRound]
    let overlaps: [FormOverlap]
    let done: String?
    let error: LinliError?
    let now: Instant
    let formToken: String
    let names: DivisionNames
    /// What was typed and could not be taken.
    var typed = Form()
    /// A sheet given again that somebody looks at before it takes effect.
    var renewing: Renewing?

    private var path: String { "/desk/forms/\(form.id)" }

    var page: Page { Page(Text(same: form.title), frame: .desk("/desk/forms"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(form.title)</h1>\
        <a class="btn ghost" href="/desk/forms">\(icon("back", small: true))\(Text("全部报表", "All forms"))</a></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(flat)
        <div class="stack">\(renewing.map(preview) ?? columns)</div>
        <aside class="stack">\(begin)\(facts)\(when: !overlaps.isEmpty, twice)</aside>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "register": Text("传好了。请看看各列认得对不对，改一次以后都记得。", "Uploaded. Check the columns once; it is remembered.")
        case "columns": Text("各列记好了。", "The columns are kept.")
        case "layout":
            Text(
                "表样换好了：认过的列照旧，没认过的请看一眼；交过的期没有变。",
                "The sheet is changed: what you confirmed stays, look at the other columns; what was handed in stays.")
        case "describe": Text("改好了，填过的期数都在。", "Corrected; the periods stay.")
        case "finish": Text("这一期填完了。", "This period is done.")
        default: nil
        }
    }

    private var columns: HTML {
        let unsure = form.columns.count { $0.sureness < 95 }
        return """
            <section class="card" aria-labelledby="columns"><div class="hd"><h2 id="columns">\(Text(
                "\(form.columns.count) 列，\(unsure) 列要看一眼", "\(form.columns.count) columns, \(unsure) to look at"))</h2></div>
            <form method="post" action="\(path)/columns">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="version" value="\(form.version)">
            <ul class="plain">\(each: form.columns.enumerated(), { row($0.offset, $0.element) })</ul>
            <div class="pad btns"><button class="btn">\(Text("就按这样", "Keep it so"))</button></div></form></section>
            """
    }

    private func row(_ index: Int, _ column: FormColumn) -> HTML {
        let constant: String
        if case .constant(let value) = column.source { constant = value } else { constant = "" }
        let source = constant.isEmpty ? column.source.text : "constant:"
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(column.name.isEmpty ? Text(same: "–") : form.name(of: index)) \(sureness(column))</span>
            <span class="row">\(labelled("source-\(index)", Text("取自", "From"), select(
                "source-\(index)", options, selected: source)))
            \(labelled("missing-\(index)", Text("没有登记时", "If unknown"), select(
                "missing-\(index)", FormPage.missing, selected: FormPage.key(column.missing))))
            \(labelled("keeps-\(index)", Text("填过的管多久", "An answer holds"), select(
                "keeps-\(index)", FormPage.keeps(column.keepsDays), selected: column.keepsDays.map { "\($0)" } ?? "")))
            \(when: form.about == .person, """
                <label class="choice"><input type="checkbox" name="home-\(index)" value="1"\(when: column.isOfHome, " checked")>\
                <span class="bd"><b>\(Text("一户一个答案", "One answer a household"))</b></span></label>
                """)
            \(when: source == "constant:", labelled("value-\(index)", Text("固定填", "Always"), """
                <input id="value-\(index)" name="value-\(index)" maxlength="100" value="\(constant)">
                """))</span></span></li>
            """
    }

    private func labelled(_ id: String, _ label: Text, _ control: HTML) -> HTML { field(label, for: id, control) }

    private func sureness(_ column: FormColumn) -> HTML {
        switch column.sureness {
        case 100...: tag(Text("确认过", "Confirmed"), .ok)
        case 95...: tag(Text("认得", "Known"), .ok)
        case 1...: tag(Text("可能是（\(column.sureness)%）", "Maybe (\(column.sureness)%)"), .warn)
        default: tag(Text("不认得，要人填", "Not known: asked"), .mute)
        }
    }

    private var options: [(value: String, text: Text)] {
        var options = [(value: FormSource.ask.text, text: Text("要人填，填过就记住", "Asked, then remembered"))]
        options += form.about.fields.filter { $0.fieldClass < .special }
            .map { (value: FormSource.field($0).text, text: $0.name) }
        if form.about.hasHead {
            options += RegisterField.of(.person).filter { $0.fieldClass < .special }
                .map { (value: FormSource.head($0).text, text: Text("户主：", "Head: ") + $0.name) }
        }
        options += form.about.known.map { (value: FormSource.known($0).text, text: $0.name) }
        if form.about == .person { options += ofPeople }
        if form.about == .division {
            let own = form.columns.compactMap { column -> FormCount? in
                if case .count(let count) = column.source { count } else { nil }
            }
            let offered = FormCount.offered(book)
            options += (own.filter { !offered.contains($0) } + offered)
                .map { (value: FormSource.count($0).text, text: $0.name(book)) }
        }
        return options + [(value: "constant:", text: Text("每行都一样", "The same in every row"))]
    }

    private var ofPeople: [(value: String, text: Text)] {
        book.labels.map { label in
            (FormSource.label(label.id).text, Text("标签：\(label.name.zh)", "Label: \(label.name.en)"))
        }
            + book.services.map { service in
                (FormSource.service(service.id).text, Text("可享受：\(service.name.zh)", "May have: \(service.name.en)"))
            }
    }

    private static let missing: [(value: String, text: Text)] = [
        ("ask", Text("问", "Ask")), ("blank", Text("留空", "Leave empty")),
        ("no", Text("就是“否”（名单是全的）", "It means 否 (our list is complete)")),
        ("none", Text("就是“无”（名单是全的）", "It means 无 (our list is complete)")),
    ]

    /// How long an answer holds; also a number of days that a program chose.
    static func keeps(_ chosen: Int?) -> [(value: String, text: Text)] {
        var options: [(value: String, text: Text)] = [
            ("", Text("一直", "Until it is changed")), ("0", Text("只管这一期", "This period only")),
            ("31", Text("一个月", "A month")), ("92", Text("三个月", "Three months")), ("183", Text("半年", "Half a year")),
            ("366", Text("一年", "A year")),
        ]
        if let chosen, !options.contains(where: { $0.value == "\(chosen)" }) {
            options.append(("\(chosen)", Text("\(chosen) 天", "\(chosen) days")))
        }
        return options
    }

    private static func key(_ missing: String?) -> String {
        switch missing {
        case nil: "ask"
        case "否": "no"
        case "无": "none"
        default: "blank"
        }
    }

    // MARK: Beside

    private var begin: HTML {
        let suggestion = typed["period"] ?? FormPeriod(form.rhythm, around: now.date).text
        let wrong = error?.text(for: "period")
        return """
            <section class="card"><div class="hd"><h2>\(Text("填一期", "Fill a period"))</h2></div>
            <form class="pad stack" method="post" action="\(path)/rounds">\(LinliUI.formToken(formToken))
            \(field(Text("哪一期", "Which period"), for: "period", hint: form.rhythm.periods, error: wrong, """
                <input id="period" name="period" maxlength="20" autocomplete="off" value="\(suggestion)" required\
                \(described("period", hint: true, error: wrong))>
                """))
            <div class="btns"><button class="btn">\(Text("开始填", "Begin"))</button></div></form>
            <ul>\(each: rounds, { round in
                """
                <li><a class="cell" href="/desk/forms/rounds/\(round.id)"><span class="bd"><span class="ttl">\(round.period)</span>\
                <span class="sub">\(FormPage.progress(round))</span></span></a></li>
                """
            })</ul></section>
            """
    }

    static func progress(_ round: FormRound) -> Text {
        let share = Text(
            "\(round.people) 行，\(round.cells) 格里问 \(round.asked) 格，手填 \(round.typed) 次",
            "\(round.people) rows, asked \(round.asked) of \(round.cells) cells, typed \(round.typed)")
        guard let minutes = round.minutes else { return share }
        return share + Text("，用了 \(minutes) 分钟", ", took \(minutes) min")
    }

    private var facts: HTML {
        let label = book[label: form.label]?.name ?? form.about.name
        return """
            <section class="card" aria-labelledby="facts"><div class="hd"><h2 id="facts">\(Text("这张表", "This form"))</h2></div>
            <dl class="kv wide"><dt>\(Text("谁要的", "Demanded by"))</dt><dd>\(form.issuer)</dd>
            <dt>\(Text("依据", "Basis"))</dt><dd>\(form.basis.isEmpty ? "–" : form.basis)</dd>
            <dt>\(Text("填谁", "About"))</dt><dd>\(label) · \(names[form.division])</dd>
            <dt>\(Text("多久一次", "How often"))</dt><dd>\(form.rhythm.name)\(form.due.map { " · \(Text("\($0.full.zh)前交", "due \($0.full.en)"))" as HTML })</dd></dl>
            \(form.layout.sheet.map(sheets))
            \(describe)
            \(renewal)
            <form class="pad" method="post" action="\(path)/retire" data-confirm="\(Text("不再填这张表？", "Take it off the list?"))">\
            \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("不再要了", "No longer demanded"))</button></form></section>
            """
    }

    /// Which sheet of its file was read, and what becomes of the others.
    private func sheets(_ name: String) -> HTML {
        let others = form.layout.others ?? []
        var said = Text("读的是工作表“\(name)”。", "Read from the sheet “\(name)”. ")
        let kept = others.filter { $0.rows != nil }.map(\.name).joined(separator: "、")
        if !kept.isEmpty { said = said + Text("导出时一起带上：\(kept)。", "These go back with it: \(kept). ") }
        let left = others.filter { $0.rows == nil }.map(\.name).joined(separator: "、")
        if !left.isEmpty {
            said = said + Text("像名单或太长、没有留：\(left)。", "Not kept, like a list or too long: \(left). ")
        }
        said = said + Text("读错了就在“换表样”里再传一次，写上表名。", "If it is the wrong one, give it again under “Change the sheet”.")
        return "<p class=\"pad note\">\(said)</p>"
    }

    /// Correcting what is said of it.
    private var describe: HTML {
        let isTried = ["title", "issuer", "basis"].contains { error?.text(for: $0) != nil }
        func value(_ name: String, _ now: String) -> String { isTried ? typed[name] ?? "" : now }
        func input(_ name: String, _ label: Text, _ now: String, limit: Int, optional: Bool = false) -> HTML {
            let wrong = error?.text(for: name)
            return field(
                label, for: name, optional: optional, error: wrong,
                """
                <input id="\(name)" name="\(name)" autocomplete="off" maxlength="\("\(limit)")" value="\(value(name, now))"\
                \(when: !optional, " required")\(described(name, error: wrong))>
                """)
        }
        let due = value("due", form.due?.description ?? "")
        return """
            <details class="more pad"\(when: isTried, " open")><summary>\(Text("改这些", "Correct this"))</summary>
            <form class="stack" method="post" action="\(path)/describe">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="version" value="\(form.version)">
            \(input("title", Text("表名", "Name of the form"), form.title, limit: 100))
            \(input("issuer", Text("谁要的", "Who demands it"), form.issuer, limit: 100))
            \(input("basis", Text("依据（文号）", "Basis"), form.basis, limit: 200, optional: true))
            \(field(Text("多久一次", "How often"), for: "rhythm", select(
                "rhythm", FormRhythm.allCases.map { ($0.rawValue, $0.name) },
                selected: value("rhythm", form.rhythm.rawValue))))
            \(field(Text("下次什么时候交", "Next due"), for: "due", optional: true,
                "<input id=\"due\" type=\"date\" name=\"due\" value=\"\(due)\">"))
            <button class="btn ghost">\(Text("改好", "Keep it"))</button></form></details>
            """
    }

    private var twice: HTML {
        """
        <section class="card" aria-labelledby="twice"><div class="hd"><h2 id="twice">\(Text("别处也在要", "Others ask for the same"))</h2></div>
        <ul class="plain">\(each: overlaps, { overlap in
            """
            <li class="cell"><span class="bd"><span class="ttl">\(overlap.title)</span><span class="sub">\(overlap.issuer) · \
            \(Text("\(overlap.columns) 列相同", "\(overlap.columns) columns the same"))</span></span></li>
            """
        })</ul></section>
        """
    }
}
