import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What a table would do, with its columns to be corrected; and what it did.
struct OrderPreviewPage: Sendable {
    let kind: SheetKind
    var draft: SheetDraft
    let address: String
    let month: AssessmentMonth
    /// The month that is going on.
    let current: AssessmentMonth
    /// Which days months have.
    let calendar: AssessmentCalendar
    let formToken: String
    let names: DivisionNames
    var orders: OrderImport?
    var results: ResultImport?
    /// What the import did.
    var report: OrderImport.Report?
    /// How many results were taken over.
    var imported: Int?
    var error: LinliError?

    /// How many rows a page shows; what is wrong comes first.
    private static let shown = 100

    var page: Page {
        Page(OrderImportPage.title(kind), frame: .desk("/desk/orders"), body)
    }

    private var isDone: Bool { report != nil || imported != nil }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(OrderImportPage.title(kind))</h1>\
        <a class="btn ghost" href="/desk/orders/import/\(kind.rawValue)">\(icon("back", small: true))\
        \(Text("换一份", "Another table"))</a></div>
        \(problem(error))
        \(report.map(done))
        \(imported.map(doneResults))
        \(when: !isDone, checking)
        </main>
        """
    }

    // MARK: What it did

    private func done(_ report: OrderImport.Report) -> HTML {
        let (added, updated, same) = (report.added.count, report.updated + report.reopened, report.unchanged)
        let text = Text(
            "导入 \(added) 件，更新 \(updated) 件，没有变化 \(same) 件，\(report.wrong.count) 行有错没有导入。",
            "\(added) imported, \(updated) updated, \(same) unchanged, \(report.wrong.count) wrong and left out."
        )
        return """
            \(notice(text, report.wrong.isEmpty ? .ok : .warn, icon: report.wrong.isEmpty ? "done" : "alert"))
            \(when: !report.wrong.isEmpty, """
                <section class="card" aria-labelledby="h-wrong"><div class="hd"><h2 id="h-wrong">\
                \(Text("没有导入的行", "Rows that were left out"))</h2></div>
                <ul class="plain">\(each: report.wrong, { row in
                    """
                    <li class="pad"><b>\(Text("第 \(row.line) 行", "Row \(row.line)"))</b> <span class="num">\(row.number)</span> \
                    \(each: row.problems, { "<span class=\"sub\">\($0)</span>" })</li>
                    """
                })</ul><p class="pad note">\(Text("在表里改好，整份再导入一次就行，已导入的不会重复。",
                    "Correct them in the sheet and import all of it again: nothing comes twice."))</p></section>
                """)
            \(when: report.reopened > 0, notice(
                Text("其中办结、退单以后 12345 又派来的 \(report.reopened) 件，重新计时，等派单。",
                    "\(report.reopened) were over here and 12345 sent them once more: their clocks run anew, they wait for a unit."),
                .warn, icon: "alert"))
            \(when: !report.kept.isEmpty, kept(report))
            <div class="btns"><a class="btn" href="/desk/orders">\(Text("看 12345 工单", "See the orders"))</a></div>
            """
    }

    /// Orders whose deadline stayed although the sheet says another: somebody has to look.
    private func kept(_ report: OrderImport.Report) -> HTML {
        """
        <section class="card" aria-labelledby="h-kept"><div class="hd"><h2 id="h-kept">\
        \(Text("时限对不上、按原来办的 \(report.kept.count) 件", "\(report.kept.count) with another deadline, left as they were"))</h2></div>
        <ul class="plain">\(each: report.kept, { row in
            """
            <li class="pad"><b>\(Text("第 \(row.line) 行", "Row \(row.line)"))</b> \
            <a class="num" href="/desk/orders/\(row.item)">\(row.number)</a></li>
            """
        })</ul><p class="pad note">\(Text("这份表没写更新时间，可能是延期以前导出的，分不清新旧，没有改时限。点开看两个时限，到 12345 核对。",
            "The sheet does not say when it was changed and may be older than an extension: no deadline was moved. Open them and look it up there."))</p></section>
        """
    }

    private func doneResults(_ count: Int) -> HTML {
        """
        \(notice(Text("导入了 \(count) 条市级回访结果。", "\(count) official results were imported."), .ok, icon: "done"))
        <div class="btns"><a class="btn" href="/desk/rates?month=\(month.description)">\(Text("看三率", "See the rates"))</a>\
        <a class="btn ghost" href="/desk/orders/results">\(Text("导错了，收回", "Imported by mistake: take it back"))</a></div>
        """
    }

    // MARK: What it would do

    private var checking: HTML {
        """
        <form class="stack" method="post" action="\(address)">\(LinliUI.formToken(formToken))
        <section class="card" aria-labelledby="h-columns"><details class="more pad"\(when: needsColumns, " open")>\
        <summary><h2 id="h-columns">\(Text("列对不对", "Are the columns right"))</h2></summary>
        <p class="hint">\(Text("不用的列也照原样加密留着；改过的列名下次自动认得。",
            "Columns that are not used are kept sealed as they came; what you correct is known the next time."))</p>
        <div class="form">\(each: draft.headers.indices, column)</div>
        <button class="btn weak" name="do" value="look">\(Text("按这样再看", "Look again"))</button></details></section>
        \(when: kind == .results, monthField)
        \(orders.map(orderRows))
        \(results.map(resultRows))
        </form>
        """
    }

    private var needsColumns: Bool {
        kind.fields.contains { $0.isRequired && !draft.fields.contains($0.id) }
    }

    private func column(_ index: Int) -> HTML {
        let header = draft.headers[index]
        let cells = draft.lines.lazy.compactMap { index < $0.cells.count ? $0.cells[index] : nil }
        let sample = cells.first { !$0.isEmpty }.map { PersonalWords.masked(String($0.prefix(20))) }
        return field(
            Text(same: header.isEmpty ? "#\(index + 1)" : header), for: "column-\(index)",
            hint: sample.map { Text("例：\($0)", "Such as: \($0)") },
            select(
                "column-\(index)", kind.fields.map { (value: $0.id, text: $0.name) }, selected: draft.fields[index],
                empty: Text("只留着", "Only keep it"),
                attributes: described("column-\(index)", hint: sample != nil, error: nil)
            )
        )
    }

    private var monthField: HTML {
        let months = current.back(13).reversed().map { month -> (value: String, text: Text) in
            let days = calendar.days(of: month)
            return (value: "\(month)", text: month.name + Text("（\(days.zh)）", " (\(days.en))"))
        }
        return """
            <section class="card pad">\(field(
                Text("考核月", "Assessment month"), for: "month",
                hint: Text("表里没写月份的行算这个月；截止日在系统设置里定。", "For rows without a month; the cut-off day is a setting."),
                select("month", months, selected: "\(month)", attributes: described("month", hint: true, error: nil))
            ))</section>
            """
    }

    private func orderRows(_ orders: OrderImport) -> HTML {
        func isWrong(_ row: OrderImport.Row) -> Bool { if case .wrong = row.fate { true } else { false } }
        let sorted = orders.rows.filter(isWrong) + orders.rows.filter { !isWrong($0) }
        let (known, right) = (orders.rows.count - orders.new - orders.wrong, orders.rows.count - orders.wrong)
        return """
            <section class="card" aria-labelledby="h-rows"><div class="hd"><h2 id="h-rows">\
            \(Text("会这样导入", "What would be done"))</h2></div>
            <p class="pad">\(Text("新工单 \(orders.new) 件，已有 \(known) 件，有错 \(orders.wrong) 行。",
                "\(orders.new) new, \(known) known, \(orders.wrong) wrong."))</p>
            <div class="scroll" tabindex="0"><table class="t mid cards"><caption class="sr">\(Text("每一行", "Every row"))</caption>
            <thead><tr><th scope="col">\(Text("行", "Row"))</th><th scope="col">\(Text("工单", "Order"))</th>\
            <th scope="col">\(Text("地点", "Place"))</th><th scope="col">\(Text("类别", "Kind"))</th>\
            <th scope="col">\(Text("时限", "Deadline"))</th><th scope="col">\(Text("结果", "Result"))</th></tr></thead>
            <tbody>\(each: sorted.prefix(OrderPreviewPage.shown), orderRow)</tbody></table></div>
            \(when: sorted.count > OrderPreviewPage.shown, rest(sorted.count - OrderPreviewPage.shown))
            \(when: right > 0, """
                <div class="pad btns"><button class="btn" name="do" value="import">\
                \(Text("导入这 \(right) 件", "Import these \(right)"))</button></div>
                """)</section>
            """
    }

    private func rest(_ count: Int) -> HTML {
        "<p class=\"pad note\">\(Text("还有 \(count) 行没有列出，也会导入。", "\(count) more rows are not shown and are imported too."))</p>"
    }

    private func orderRow(_ row: OrderImport.Row) -> HTML {
        let entry = row.entry
        let where_ = row.place?.address ?? names.place(row.division)
        return """
            <tr><td class="r" data-label="\(Text("行", "Row"))">\(entry.line)</td>\
            <td class="wide"><span class="num">\(entry.order.number)</span>\
            <span class="sub one">\(PersonalWords.masked(String(entry.text.prefix(60))))</span></td>\
            <td data-label="\(Text("地点", "Place"))">\(where_)</td>\
            <td data-label="\(Text("类别", "Kind"))">\(category(row))</td>\
            <td data-label="\(Text("时限", "Deadline"))">\(entry.order.dueAt.map { time($0, $0.dayAndTime) } ?? "–")</td>\
            <td data-label="\(Text("结果", "Result"))">\(fate(row))</td></tr>

            """
    }

    /// What it is filed under; where the words are not sure enough a person chooses.
    private func category(_ row: OrderImport.Row) -> HTML {
        guard case .new = row.fate else { return "–" }
        guard !row.isSure, row.guesses.count > 1 else { return .text(row.category?.name ?? Text(same: "–")) }
        let name = "category-\(row.entry.line)"
        return """
            <label class="sr" for="\(name)">\(Text("第 \(row.entry.line) 行的类别", "Kind of row \(row.entry.line)"))</label>\
            \(select(
                name, row.guesses.map { (value: $0.value.code, text: $0.value.name + Text(same: " \($0.percent)%")) },
                selected: row.category?.code
            ))
            """
    }

    private func fate(_ row: OrderImport.Row) -> HTML {
        switch row.fate {
        case .new: "\(tag(Text("新工单", "New"), .ok)) \(tag(row.nature.name, .mute))"
        case .known(let item):
            """
            \(tag(Text("已有", "Known"), .mute)) <a href="/desk/orders/\(item)">\(Text("看", "See"))</a>
            """
        case .wrong:
            "\(tag(Text("有错", "Wrong"), .bad)) \(each: row.entry.problems, { "<span class=\"sub\">\($0)</span>" })"
        }
    }

    private func resultRows(_ results: ResultImport) -> HTML {
        let sorted = results.rows.filter { $0.result == nil } + results.rows.filter { $0.result != nil }
        let right = results.rows.count - results.wrong
        return """
            <section class="card" aria-labelledby="h-rows"><div class="hd"><h2 id="h-rows">\
            \(Text("会这样导入", "What would be done"))</h2></div>
            <p class="pad">\(Text("可导入 \(right) 条，有错 \(results.wrong) 行。", "\(right) right, \(results.wrong) wrong."))</p>
            <div class="scroll" tabindex="0"><table class="t mid cards"><caption class="sr">\(Text("每一行", "Every row"))</caption>
            <thead><tr><th scope="col">\(Text("行", "Row"))</th><th scope="col">\(Text("工单编号", "Number"))</th>\
            <th scope="col">\(Text("考核月", "Month"))</th><th scope="col">\(Text("结果", "Result"))</th></tr></thead>
            <tbody>\(each: sorted.prefix(OrderPreviewPage.shown), resultRow)</tbody></table></div>
            \(when: sorted.count > OrderPreviewPage.shown, rest(sorted.count - OrderPreviewPage.shown))
            \(when: right > 0, """
                <div class="pad btns"><button class="btn" name="do" value="import">\
                \(Text("导入这 \(right) 条", "Import these \(right)"))</button></div>
                """)</section>
            """
    }

    private func resultRow(_ row: ResultImport.Row) -> HTML {
        let result: HTML
        if let found = row.result {
            result = """
                \(OrderPreviewPage.word(found.isContacted, Text("已响应", "contacted"), Text("未响应", "not contacted"))) \
                \(OrderPreviewPage.word(found.isSolved, Text("已解决", "solved"), Text("未解决", "not solved"))) \
                \(found.grade.map { tag($0.name, .mute) })\(when: !row.isOurs, " \(tag(Text("本系统没有这件", "Not known here"), .mute))")\
                \(row.before.map(OrderPreviewPage.moved))
                """
        } else {
            result =
                "\(tag(Text("有错", "Wrong"), .bad)) \(each: row.problems, { "<span class=\"sub\">\($0)</span>" })"
        }
        return """
            <tr><td class="r" data-label="\(Text("行", "Row"))">\(row.line)</td><td class="num wide">\(row.number)</td>\
            <td data-label="\(Text("考核月", "Month"))">\(row.result?.month.name ?? Text(same: "–"))</td>\
            <td data-label="\(Text("结果", "Result"))">\(result)</td></tr>

            """
    }

    /// That an order counts in another month so far: it counts once.
    private static func moved(_ before: AssessmentMonth) -> HTML {
        let name = before.name
        return """
             \(tag(Text("重复：现在算在\(name.zh)", "Twice: counts in \(name.en) so far"), .warn)) \
            <span class="sub">\(Text("导入后只算这个月，原来的留作记录。", "Imported, it counts in this month only; what was said before is kept."))</span>
            """
    }

    private static func word(_ value: Bool?, _ yes: Text, _ no: Text) -> HTML {
        value.map { tag($0 ? yes : no, $0 ? .ok : .bad) } ?? .empty
    }
}
