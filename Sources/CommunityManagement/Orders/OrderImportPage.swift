import LinliCore
import LinliKernel
import LinliUI

/// Where a table is brought: a file, or what was copied.
struct OrderImportPage: Sendable {
    let kind: SheetKind
    let areas: [DivisionCode]
    let form: Form
    let formToken: String
    let names: DivisionNames
    /// Whether the labels of one order stand there to be filled in.
    var isBlank = false
    var error: LinliError?

    static func title(_ kind: SheetKind) -> Text {
        switch kind {
        case .orders: Text("导入 12345 工单", "Import 12345 orders")
        case .results: Text("导入市级回访结果", "Import official results")
        }
    }

    var page: Page {
        Page(OrderImportPage.title(kind), frame: .desk("/desk/orders"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(OrderImportPage.title(kind))</h1>\
        <a class="btn ghost" href="/desk/orders">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        \(problem(error))
        <section class="card narrow" aria-label="\(Text("表格", "Table"))">
        <form class="form" method="post" action="/desk/orders/import/\(kind.rawValue)" enctype="multipart/form-data">\
        \(LinliUI.formToken(formToken))
        <div class="full">\(field(
            Text("表格文件", "File"), for: "file",
            hint: Text(
                "Excel（.xlsx）或 CSV，列名照 12345 导出的就行，下一步可以核对。",
                "Excel (.xlsx) or CSV with the columns as exported; you check them in the next step."
            ),
            optional: true,
            """
            <input id="file" name="file" type="file" accept=".xlsx,.csv,.txt,text/csv" aria-describedby="file-hint">
            """
        ))</div>
        <div class="full">\(field(
            Text("或者粘贴", "Or paste"), for: "table",
            hint: kind == .orders
                ? Text("从 Excel 复制的格子，或一张单子的“标签：内容”，一行一项。", "Cells copied from Excel, or one order as “label: text” line by line.")
                : Text("从 Excel 复制的格子，第一行是列名。", "Cells copied from Excel, names of columns first."),
            optional: true,
            error: error?.text(for: "table"),
            """
            <textarea id="table" name="table" rows="8" spellcheck="false"\
            \(described("table", hint: true, error: error?.text(for: "table")))>\n\(typed)</textarea>
            """
        ))</div>
        \(when: kind == .orders, oneOrder)
        \(field(
            Text("算哪里的", "For which area"), for: "division",
            hint: kind == .orders
                ? Text("地址认得出小区、社区的，按地址；认不出的先放这里。", "Where the address names no place or community.")
                : Text("没在本系统登记过的单号，算这里的。", "For numbers that were never registered here."),
            error: error?.text(for: "division"),
            select(
                "division", areas.map { (value: "\($0)", text: Text(same: names.place($0))) },
                selected: form["division"], attributes: described("division", hint: true, error: error?.text(for: "division"))
            )
        ))
        <div class="full btns"><button class="btn">\(Text("下一步：核对", "Next: check"))</button>\
        \(when: kind == .orders, """
            <a class="btn ghost" href="/desk/orders/import/orders?blank=1">\(icon("edit", small: true))\
            \(Text("照着纸填一件", "Type one in"))</a>\
            <a class="btn ghost" href="/desk/orders/template">\(icon("download", small: true))\(Text("空白表格", "Empty sheet"))</a>
            """)\
        \(when: kind == .results, """
            <a class="btn ghost" href="/desk/orders/results">\(Text("导过的，收回", "What was imported: take back"))</a>
            """)</div>
        </form></section>
        </main>
        """
    }

    private var typed: String {
        if let text = form.all("table").first, !text.isEmpty { return text }
        guard isBlank else { return "" }
        return kind.fields.compactMap { $0.synonyms.first.map { $0 + "：" } }.joined(separator: "\n")
    }

    private var oneOrder: HTML {
        """
        <div class="full">\(field(
            Text("原单照片", "Photo of the paper"), for: "photo",
            hint: Text("只有一件时可以附上；能看到诉求人的人才看得到照片。", "With a single order; only who may know the caller sees it."),
            optional: true,
            error: error?.text(for: "photo"),
            """
            <input id="photo" name="photo" type="file" accept="image/*"\
            \(described("photo", hint: true, error: error?.text(for: "photo")))>
            """
        ))</div>
        """
    }
}
