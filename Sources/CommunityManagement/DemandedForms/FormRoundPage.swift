import LinliCore
import LinliKernel
import LinliUI

/// A form filled for a period: how much is known, the cells to type, the file, the end.
struct FormRoundPage {
    let round: FormRound
    let form: DemandedForm
    let filled: FilledForm
    /// What the page names.
    let asked: [FilledForm.Row]
    /// The column the page is about; nil: all of them, row by row.
    let column: Int?
    /// What somebody pasted for the column.
    let pasted: FormPaste?
    let mayExport: Bool
    /// That it was opened again, the last time.
    let reopening: FormReopening?
    let typed: Form
    let error: LinliError?
    let done: String?
    let formToken: String

    /// How many rows the page asks about at once.
    private static let limit = 30

    /// The first rows with cells to type: with all their columns, or more rows with one.
    static func asked(_ filled: FilledForm, _ column: Int?) -> [FilledForm.Row] {
        guard let column else { return Array(filled.rows.lazy.filter { !$0.open.isEmpty }.prefix(limit)) }
        return Array(open(filled, column).prefix(FormsCommands.mostRows))
    }

    /// Every row whose cell in a column is open.
    static func open(_ filled: FilledForm, _ column: Int) -> [FilledForm.Row] {
        filled.rows.filter { $0.cells.indices.contains(column) && $0.cells[column] == nil }
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
            \(when: done == "reopen", notice(
                Text("重新打开了，填好再交一次。", "It is open again: fill it and hand it in."), .ok, icon: "done"))
            \(when: done == "refill", notice(
                Text("按现在的重填了：要问的又问一遍，交的时候的答案摆在旁边。", "Filled anew: what is asked is asked again, with the answer it was handed in with."),
                .ok, icon: "done"))
            \(when: round.isCorrected, notice(FormRoundPage.stays))
            \(when: done == "answers", notice(Text("记住了，下次不用再填。", "Kept: it is not asked again."), .ok, icon: "done"))
            <div class="stats"><div class="stat"><span>\(Text("行", "Rows"))</span><b>\(filled.rows.count)</b></div>
            <div class="stat"><span>\(Text("自动填好", "Filled"))</span><b>\(filled.cells - open)</b></div>
            <div class="stat\(when: open > 0, " warn")"><span>\(Text("还要问", "To ask"))</span><b>\(open)</b></div>
            <div class="stat"><span>\(Text("手填", "Typed"))</span><b>\(round.typed)</b></div></div>
            <div class="stack">\(round.doneAt.map(handedIn) ?? (open == 0 ? complete : ask))</div>
            <aside class="stack">\(when: open > 0 && round.doneAt == nil, byColumn)\(when: round.isCorrected, refill)\(when: mayExport, take)\(reopening.map(earlier))\(end)</aside>
            </main>
            """
    }

    /// What stands in a round that was handed in changes no more; of one whose rows were not kept yet, what was answered.
    private func handedIn(_ moment: Instant) -> HTML {
        let answers = Text(
            "导出的还是交的时候的答案，后面的期改了也不动它。", "It keeps the answers it was handed in with, whatever later periods say.")
        let all = Text(
            "导出的就是交的时候的样子，以后登记改了也不动它；已删除信息、要求只保存的人不在里面。",
            "It stays as handed in, whatever the registers say later; without who was erased, or wants nothing but keeping."
        )
        return """
            <section class="card" aria-label="\(Text("要填的格子", "Cells to type"))">\(emptyState(
                Text("\(moment.dayAndTime.zh)交上去了", "Handed in \(moment.dayAndTime.en)"),
                round.sources == nil ? answers : all, icon: "done"))</section>
            """
    }

    private var complete: HTML {
        """
        <section class="card" aria-label="\(Text("要填的格子", "Cells to type"))">\(emptyState(
            Text("都填好了", "Everything is filled"), Text("可以导出，按原来的样子交上去。", "Take it out in its own layout."), icon: "done"))</section>
        """
    }

    // MARK: Cells

    private var ask: HTML {
        if let column {
            return "\(pasted.map(found))\(one(column))\(when: pasted?.rows.isEmpty ?? true, paste(column))"
        }
        let count = filled.rows.count { !$0.open.isEmpty }
        return """
            <section class="card" aria-labelledby="ask"><div class="hd"><h2 id="ask">\(Text(
                "还有 \(count) 行的格子要填", "Cells of \(count) rows to type"))</h2></div>
            <form method="post" action="\(path)/answers">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="headings" value="\(form.stamp)">
            <ul class="plain">\(each: asked, { row($0, $0.open) })</ul>
            <div class="pad btns"><button class="btn">\(count > FormRoundPage.limit
                ? Text("记下，接着填", "Keep and go on") : Text("记下", "Keep"))</button></div></form></section>
            """
    }

    /// One column: what is the same is typed once for all that are shown.
    private func one(_ column: Int) -> HTML {
        let name = form.name(of: column)
        let open = FormRoundPage.open(filled, column).count
        guard !asked.isEmpty else {
            return """
                <section class="card" aria-label="\(name)">\(emptyState(
                    Text("这一列没有要填的了", "Nothing is open in this column"),
                    Text("可以接着填别的列。", "Go on with another column."), icon: "done"))</section>
                """
        }
        let hasBefore = asked.contains { $0.offered[column] != nil }
        return """
            <section class="card" aria-labelledby="ask"><div class="hd"><h2 id="ask">\(name)\(Text(
                "：还有 \(open) 格", ": \(open) open"))</h2><a href="\(path)">\(Text("按行填", "Row by row"))</a></div>
            <form method="post" action="\(path)/answers">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="headings" value="\(form.stamp)"><input type="hidden" name="column" value="\(column)">
            <div class="pad stack">\(field(Text("下面空着的都填", "In all that stay empty below"), for: "same-\(column)", hint: Text(
                "只填这一页的 \(asked.count) 行；不一样的在下面单独写。", "For the \(asked.count) rows on this page; write what differs below."),
                optional: true, """
                <input id="same-\(column)" name="same-\(column)" maxlength="200" autocomplete="off" \
                value="\(typed["same-\(column)"] ?? "")"\(described("same-\(column)", hint: true, error: nil))>
                """))
            \(when: hasBefore, tick("again-\(column)", Text("有上次答案的，都还是上次的", "Where there is an answer of last time, it stands")))</div>
            <ul class="plain">\(each: asked, { row($0, [column]) })</ul>
            <div class="pad btns"><button class="btn">\(open > asked.count
                ? Text("记下，接着填", "Keep and go on") : Text("记下", "Keep"))</button></div></form></section>
            """
    }

    private func row(_ row: FilledForm.Row, _ columns: [Int]) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(row.name)</span><span class="sub">\(row.address)</span>
        <span class="row">\(each: columns, { cell($0, row) })</span></span></li>
        """
    }

    private func cell(_ column: Int, _ row: FilledForm.Row) -> HTML {
        let name = "c-\(row.id)-\(column)"
        let label = form.name(of: column)
        let value = typed[name] ?? pasted?.values[row.id] ?? ""
        let box = field(
            label, for: name,
            """
            <input id="\(name)" name="\(name)" maxlength="200" autocomplete="off" value="\(value)" \
            aria-label="\(label) \(row.name)">
            """)
        guard let before = row.offered[column] else { return box }
        let day = before.at.date.full
        // Whose it is, where another of the household gave the answer of the home.
        let whose = before.ownerName.map { Text("\($0)，\(day.zh)", "\($0), \(day.en)") } ?? day
        let text =
            before.value.isEmpty
            ? Text("还和上次（\(whose.zh)）一样", "As last time (\(whose.en))")
            : Text("还是上次（\(whose.zh)）的：\(before.value)", "As last time (\(whose.en)): \(before.value)")
        return "\(box)\(tick("k-\(row.id)-\(column)", text))"
    }

    private func tick(_ name: String, _ text: Text) -> HTML {
        """
        <label class="choice"><input type="checkbox" name="\(name)" value="1"\(when: typed[name] != nil, " checked")>\
        <span class="bd"><b>\(text)</b></span></label>
        """
    }

    // MARK: Columns

    private var byColumn: HTML {
        let counts = filled.openByColumn.enumerated().filter { $0.element > 0 }
        return """
            <section class="card" aria-labelledby="bycolumn"><div class="hd"><h2 id="bycolumn">\(Text("一列一列填", "Column by column"))</h2></div>
            <p class="pad note">\(Text("一样的填一次，也能整列粘贴。", "What is the same is typed once; a whole column may be pasted."))</p>
            <ul>\(each: counts, { index, count in
                """
                <li><a class="cell" href="\(path)?column=\(index)"\(when: index == column, " aria-current=\"page\"")><span class="bd">\
                <span class="ttl">\(form.name(of: index))</span><span class="sub">\(Text("\(count) 格", "\(count) cells"))</span></span></a></li>
                """
            })</ul></section>
            """
    }

    private func paste(_ column: Int) -> HTML {
        let wrong = error?.text(for: "pasted")
        return """
            <section class="card" aria-labelledby="paste"><div class="hd"><h2 id="paste">\(Text("从表格粘贴一列", "Paste a column"))</h2></div>
            <form class="pad stack" method="post" action="\(path)/paste">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="headings" value="\(form.stamp)"><input type="hidden" name="column" value="\(column)">
            \(field(Text("姓名和要填的内容", "Names and values"), for: "pasted", hint: Text(
                "在 Excel 里选两列复制过来：第一列姓名（或地址、名称），最后一列要填的；同名的中间加一列住址。只复制一列时，按上面的顺序一行对一行。",
                "Copy two columns from Excel: the name first, the value last, the address between where names repeat. One column alone goes in the order above."),
                error: wrong, """
                <textarea id="pasted" name="pasted" rows="4" maxlength="\(FormPaste.limit)"\
                \(described("pasted", hint: true, error: wrong))>\n\(typed.all("pasted").first ?? "")</textarea>
                """))
            <div class="btns"><button class="btn weak">\(Text("对一对", "Match"))</button></div></form></section>
            """
    }

    /// What came of pasting: nothing is kept yet.
    private func found(_ pasted: FormPaste) -> HTML {
        let text = Text(
            "对上 \(pasted.values.count) 行，还没有记下，请看一眼再按“记下”。",
            "\(pasted.values.count) lines fit. Nothing is kept yet: look, then press Keep.")
        guard !pasted.left.isEmpty else { return notice(text, .ok, icon: "done") }
        return """
            \(notice(text))
            <section class="card" aria-labelledby="left"><div class="hd"><h2 id="left">\(Text(
                "\(pasted.left.count) 行没对上", "\(pasted.left.count) lines fit nothing"))</h2></div>
            <ul class="plain">\(each: pasted.left.prefix(50), { left in
                """
                <li class="cell"><span class="bd"><span class="ttl">\(Text("第 \(left.line) 行", "Line \(left.line)")) \(left.text)</span>\
                <span class="sub">\(left.why)</span></span></li>
                """
            })</ul></section>
            """
    }

    private var take: HTML {
        """
        <section class="card" aria-labelledby="take"><div class="hd"><h2 id="take">\(Text("导出", "Take it out"))</h2></div>
        <form class="pad stack" method="post" action="\(path)/file">\(LinliUI.formToken(formToken))
        <p class="note">\(Text("用途：填报依法要报的表。导出会记下来，每个人都查得到；文件第一行写着导出人和编号。",
            "Purpose: a form the law asks for. It is noted for everybody in it; the first line of the file names who took it out."))</p>
        <div class="btns"><button class="btn" name="as" value="xlsx">\(icon("download", small: true))Excel</button>\
        <button class="btn ghost" name="as" value="csv">CSV</button></div></form></section>
        """
    }

    private var end: HTML {
        let wrong = error?.text(for: "minutes")
        let left = round.doneAt == nil ? filled.open : 0
        let said: String = typed["minutes"] ?? round.minutes.map { "\($0)" } ?? ""
        let sure = Text("还有 \(left) 格没有填，就这样交上去？", "\(left) cells are empty. Hand it in like this?")
        return """
            <section class="card" aria-labelledby="end"><div class="hd"><h2 id="end">\(round.doneAt == nil
                ? Text("填完了", "Done") : Text("改用时", "Correct the minutes"))</h2></div>
            <form class="pad stack" method="post" action="\(path)/done"\(when: left > 0, " data-confirm=\"\(sure)\"")>\(LinliUI.formToken(formToken))
            \(field(Text("用了多少分钟", "Minutes it took"), for: "minutes", hint: Text(
                "真正花在这张表上的时间，街道看得到。", "The time the work itself took; the street sees it."),
                error: wrong, """
                <input id="minutes" name="minutes" inputmode="numeric" required value="\(said)"\
                \(described("minutes", hint: true, error: wrong))>
                """))
            \(when: left > 0, "<p class=\"note\">\(Text("还有 \(left) 格没有填。", "\(left) cells are still empty."))</p>")
            <div class="btns"><button class="btn weak">\(Text("填完了，交上去了", "Done and handed in"))</button></div></form>
            \(when: round.doneAt != nil, again)</section>
            """
    }

    private var again: HTML {
        let sure =
            round.sources == nil
            ? Text(
                "重新打开？会按现在知道的来填，要再交一次。",
                "Open it again? It is filled with what is known now, and handed in anew.")
            : Text(
                "重新打开？交的时候的内容都留着，改了再交一次；现在这一份也留着。",
                "Open it again? It stays as handed in but for what you change; this version is kept, too.")
        return """
            <form class="pad" method="post" action="\(path)/done" data-confirm="\(sure)">\(LinliUI.formToken(formToken))\
            <button class="btn ghost" name="again" value="yes">\(Text("交错了，重新打开", "By mistake: open it again"))</button></form>
            """
    }
}
