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

    private var path: String { "/desk/forms/\(form.id)" }

    var page: Page { Page(Text(same: form.title), frame: .desk("/desk/forms"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(form.title)</h1>\
        <a class="btn ghost" href="/desk/forms">\(icon("back", small: true))\(Text("全部报表", "All forms"))</a></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <div class="stack">\(columns)</div>
        <aside class="stack">\(begin)\(facts)\(when: !overlaps.isEmpty, twice)</aside>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "register": Text("传好了。请看看各列认得对不对，改一次以后都记得。", "Uploaded. Check the columns once; it is remembered.")
        case "columns": Text("各列记好了。", "The columns are kept.")
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
            <li class="cell"><span class="bd"><span class="ttl">\(column.name.isEmpty ? "–" : column.name) \(sureness(column))</span>
            <span class="row">\(labelled("source-\(index)", Text("取自", "From"), select(
                "source-\(index)", options, selected: source)))
            \(labelled("missing-\(index)", Text("没有登记时", "If unknown"), select(
                "missing-\(index)", FormPage.missing, selected: FormPage.key(column.missing))))
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
        let fields = (RegisterField.of(.person) + RegisterField.of(.dwelling))
            .filter { $0.fieldClass < .special && $0.value != .point }
        let known = FormSource.Known.allCases.map { (FormSource.known($0).text, $0.name) }
        let labels = book.labels.map { label in
            (FormSource.label(label.id).text, Text("标签：\(label.name.zh)", "Label: \(label.name.en)"))
        }
        let services = book.services.map { service in
            (FormSource.service(service.id).text, Text("可享受：\(service.name.zh)", "May have: \(service.name.en)"))
        }
        return [(FormSource.ask.text, Text("要人填，填过就记住", "Asked, then remembered"))]
            + fields.map { (FormSource.field($0).text, $0.name) } + known + labels + services
            + [("constant:", Text("每行都一样", "The same in every row"))]
    }

    private static let missing: [(value: String, text: Text)] = [
        ("ask", Text("问", "Ask")), ("blank", Text("留空", "Leave empty")), ("no", Text("填“否”", "Write 否")),
        ("none", Text("填“无”", "Write 无")),
    ]

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
        let month = now.date
        let suggestion = form.rhythm == .year ? "\(month.year)年" : "\(month.year)年\(month.month)月"
        let wrong = error?.text(for: "period")
        return """
            <section class="card"><div class="hd"><h2>\(Text("填一期", "Fill a period"))</h2></div>
            <form class="pad stack" method="post" action="\(path)/rounds">\(LinliUI.formToken(formToken))
            \(field(Text("哪一期", "Which period"), for: "period", error: wrong, """
                <input id="period" name="period" maxlength="20" autocomplete="off" value="\(suggestion)" required\
                \(described("period", error: wrong))>
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
            "\(round.people) 人，\(round.cells) 格里问 \(round.asked) 格",
            "\(round.people) people, asked \(round.asked) of \(round.cells) cells")
        guard let minutes = round.minutes else { return share }
        return share + Text("，用了 \(minutes) 分钟", ", took \(minutes) min")
    }

    private var facts: HTML {
        let label = book[label: form.label]?.name ?? Text("所有人", "Everybody")
        return """
            <section class="card" aria-labelledby="facts"><div class="hd"><h2 id="facts">\(Text("这张表", "This form"))</h2></div>
            <dl class="kv wide"><dt>\(Text("谁要的", "Demanded by"))</dt><dd>\(form.issuer)</dd>
            <dt>\(Text("依据", "Basis"))</dt><dd>\(form.basis.isEmpty ? "–" : form.basis)</dd>
            <dt>\(Text("填谁", "About"))</dt><dd>\(label) · \(names[form.division])</dd>
            <dt>\(Text("多久一次", "How often"))</dt><dd>\(form.rhythm.name)\(form.due.map { " · \(Text("\($0) 前交", "due \($0)"))" as HTML })</dd></dl>
            <form class="pad" method="post" action="\(path)/retire" data-confirm="\(Text("不再填这张表？", "Take it off the list?"))">\
            \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("不再要了", "No longer demanded"))</button></form></section>
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

/// A form filled for a period: how much is known, the cells to type, the file, the end.
struct FormRoundPage {
    let round: FormRound
    let form: DemandedForm
    let filled: FilledForm
    /// Whom the page names.
    let asked: [FilledForm.Row]
    let mayExport: Bool
    let typed: Form
    let error: LinliError?
    let done: String?
    let now: Instant
    let formToken: String

    /// How many people the page asks about at once.
    private static let limit = 30

    /// The first people with cells to type.
    static func asked(_ filled: FilledForm) -> [FilledForm.Row] {
        Array(filled.rows.lazy.filter { $0.cells.contains { $0 == nil } }.prefix(limit))
    }

    private var path: String { "/desk/forms/rounds/\(round.id)" }

    var page: Page {
        Page(Text("\(form.title) \(round.period)", "\(form.title) \(round.period)"), frame: .desk("/desk/forms"), body)
    }

    private var body: HTML {
        let open = filled.open
        return """
            <main id="main" class="wrap">
            <div class="ttlbar"><h1>\(form.title) · \(round.period)</h1>\
            <a class="btn ghost" href="/desk/forms/\(form.id)">\(icon("back", small: true))\(Text("回到这张表", "Back to the form"))</a></div>
            \(problem(error))
            \(when: done == "answers", notice(Text("记住了，下次不用再填。", "Kept: it is not asked again."), .ok, icon: "done"))
            <div class="stats"><div class="stat"><span>\(Text("人", "People"))</span><b>\(filled.rows.count)</b></div>
            <div class="stat"><span>\(Text("自动填好", "Filled"))</span><b>\(filled.cells - open)</b></div>
            <div class="stat\(when: open > 0, " warn")"><span>\(Text("还要问", "To ask"))</span><b>\(open)</b></div></div>
            <div class="stack">\(open == 0 ? complete : ask)</div>
            <aside class="stack">\(when: mayExport, take)\(end)</aside>
            </main>
            """
    }

    private var complete: HTML {
        """
        <section class="card" aria-label="\(Text("要填的格子", "Cells to type"))">\(emptyState(
            Text("都填好了", "Everything is filled"), Text("可以导出，按原来的样子交上去。", "Take it out in its own layout."), icon: "done"))</section>
        """
    }

    private var ask: HTML {
        let count = filled.rows.count { $0.cells.contains { $0 == nil } }
        return """
            <section class="card" aria-labelledby="ask"><div class="hd"><h2 id="ask">\(Text(
                "还有 \(count) 人的格子要填", "Cells of \(count) people to type"))</h2></div>
            <form method="post" action="\(path)/answers">\(LinliUI.formToken(formToken))
            <ul class="plain">\(each: asked, row)</ul>
            <div class="pad btns"><button class="btn">\(count > FormRoundPage.limit
                ? Text("记下，接着填", "Keep and go on") : Text("记下", "Keep"))</button></div></form></section>
            """
    }

    private func row(_ row: FilledForm.Row) -> HTML {
        let open = row.cells.indices.filter { row.cells[$0] == nil }
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(row.name)</span><span class="sub">\(row.address)</span>
            <span class="row">\(each: open, { cell($0, row) })</span></span></li>
            """
    }

    private func cell(_ column: Int, _ row: FilledForm.Row) -> HTML {
        let name = "c-\(row.person)-\(column)"
        let label = "\(form.columns[column].name)"
        return field(
            Text(same: label), for: name,
            """
            <input id="\(name)" name="\(name)" maxlength="200" autocomplete="off" value="\(typed[name] ?? "")" \
            aria-label="\(label) \(row.name)">
            """)
    }

    private var take: HTML {
        """
        <section class="card" aria-labelledby="take"><div class="hd"><h2 id="take">\(Text("导出", "Take it out"))</h2></div>
        <form class="pad stack" method="post" action="\(path)/file">\(LinliUI.formToken(formToken))
        <p class="note">\(Text("用途：填报依法要报的表。导出会记下来，每个人都查得到；文件末尾有导出人和编号。",
            "Purpose: a form the law asks for. It is noted for everybody in it; the file names who took it out."))</p>
        <div class="btns"><button class="btn" name="as" value="xlsx">\(icon("download", small: true))Excel</button>\
        <button class="btn ghost" name="as" value="csv">CSV</button></div></form></section>
        """
    }

    private var end: HTML {
        let wrong = error?.text(for: "minutes")
        let measured = round.minutes ?? Int(now.seconds(since: round.openedAt) / 60)
        return """
            <section class="card" aria-labelledby="end"><div class="hd"><h2 id="end">\(round.doneAt == nil
                ? Text("填完了", "Done") : Text("改用时", "Correct the minutes"))</h2></div>
            <form class="pad stack" method="post" action="\(path)/done">\(LinliUI.formToken(formToken))
            \(field(Text("用了多少分钟", "Minutes it took"), for: "minutes", hint: Text(
                "从开始填到现在 \(measured) 分钟，不对可以改。", "\(measured) minutes since it was begun; correct it if wrong."), optional: true,
                error: wrong, """
                <input id="minutes" name="minutes" inputmode="numeric" value="\(typed["minutes"] ?? "")"\
                \(described("minutes", hint: true, error: wrong))>
                """))
            <div class="btns"><button class="btn weak">\(Text("填完了，交上去了", "Done and handed in"))</button></div></form></section>
            """
    }
}
