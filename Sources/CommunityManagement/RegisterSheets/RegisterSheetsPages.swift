import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The imports so far, and where a new sheet is brought.
struct RegisterSheetsPage: Sendable {
    let imports: [RegisterImport]
    let areas: [DivisionCode]
    let form: Form
    let formToken: String
    let mayExport: Bool
    let names: DivisionNames
    let now: Instant
    var error: LinliError?

    /// What a sheet may hold.
    static let kinds: [RegisterKind] = [.person, .dwelling, .organization, .thing]

    var page: Page {
        Page(Text("台账导入导出", "Import and export"), frame: .desk("/desk/sheets"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("台账导入导出", "Import and export"))</h1>\
        \(when: mayExport, """
            <a class="btn ghost" href="/desk/sheets/export">\(icon("download", small: true))\(Text("导出", "Export"))</a>
            """)</div>
        \(problem(error))
        <section class="card narrow" aria-labelledby="h-new"><div class="hd"><h2 id="h-new">\
        \(Text("导入一份表", "Bring a sheet in"))</h2></div>
        <form class="form" method="post" action="/desk/sheets" enctype="multipart/form-data">\
        \(LinliUI.formToken(formToken))
        \(field(
            Text("表里是什么", "What it holds"), for: "kind", error: error?.text(for: "kind"),
            select(
                "kind", RegisterSheetsPage.kinds.map { (value: $0.rawValue, text: $0.name) },
                selected: form["kind"] ?? RegisterKind.person.rawValue,
                attributes: described("kind", error: error?.text(for: "kind"))
            )
        ))
        \(field(
            Text("算哪里的", "For which area"), for: "division",
            hint: Text("地址认得出的按地址分到网格。", "Rows whose address is known go to its grid."),
            error: error?.text(for: "division"),
            select(
                "division", areas.map { (value: "\($0)", text: Text(same: names.place($0))) },
                selected: form["division"],
                attributes: described("division", hint: true, error: error?.text(for: "division"))
            )
        ))
        <div class="full">\(field(
            Text("表格文件", "File"), for: "file",
            hint: Text(
                "Excel（.xlsx）或 CSV，手里的表原样就行，列名下一步核对；组织、部件也可以用 GeoJSON 点。",
                "Excel (.xlsx) or CSV as you have it, columns are checked next; things also as GeoJSON points."),
            optional: true,
            """
            <input id="file" name="file" type="file" accept=".xlsx,.csv,.txt,.geojson,.json,text/csv" aria-describedby="file-hint">
            """
        ))</div>
        \(field(
            Text("GeoJSON 的坐标", "Coordinates of GeoJSON"), for: "datum", optional: true,
            select(
                "datum",
                [
                    (value: GeoDatum.wgs84.rawValue, text: Text("GPS、国家 2000", "GPS, CGCS2000")),
                    (value: GeoDatum.gcj02.rawValue, text: Text("高德、腾讯地图", "Amap, Tencent")),
                    (value: GeoDatum.bd09.rawValue, text: Text("百度地图", "Baidu")),
                ], selected: form["datum"])
        ))
        <div class="full">\(field(
            Text("或者粘贴", "Or paste"), for: "table",
            hint: Text("从 Excel 复制的格子，第一行是列名。", "Cells copied from Excel, names of columns first."),
            optional: true, error: error?.text(for: "table"),
            """
            <textarea id="table" name="table" rows="6" spellcheck="false"\
            \(described("table", hint: true, error: error?.text(for: "table")))>\n\(form.all("table").first ?? "")</textarea>
            """
        ))</div>
        <div class="full btns"><button class="btn">\(Text("下一步：核对", "Next: check"))</button></div>
        </form></section>
        \(when: !imports.isEmpty, list)
        </main>
        """
    }

    private var list: HTML {
        """
        <section class="card" aria-labelledby="h-imports"><div class="hd"><h2 id="h-imports">\
        \(Text("导入过的", "Imports so far"))</h2></div><ul class="plain">\(each: imports, { found in
            """
            <li class="pad"><a class="ttl" href="/desk/sheets/imports/\(found.id)">\(found.kind.name) \
            \(Text("\(found.total) 行", "\(found.total) rows"))</a> \(RegisterImportPage.state(found))
            <span class="sub">\(time(found.at, found.at.relative(to: now))) · \(found.accountName) · \
            \(names.place(found.division))</span></li>

            """
        })</ul></section>
        """
    }
}

/// What a sheet would do, with its columns to be corrected.
struct RegisterSheetPage: Sendable {
    let draft: SheetDraft
    let kind: RegisterKind
    let id: ID<SheetDraft>
    let outcomes: [ImportOutcome]
    let formToken: String
    let names: DivisionNames

    /// How many rows a page shows; what is wrong comes first.
    private static let shown = 100

    /// How many rows would be entered.
    var right: Int { outcomes.count { if case .new = $0.fate { true } else { false } } }
    private var wrong: Int { outcomes.count { if case .wrong = $0.fate { true } else { false } } }
    /// How many entries that are known would be changed.
    var changed: Int { outcomes.count { !$0.changes.isEmpty } }
    private var moving: Int { outcomes.count { $0.changes.contains { $0.field.id == "dwelling.address" } } }
    private var doubtful: Int { outcomes.count(where: \.isDoubtful) }
    private var known: Int { outcomes.count - right - wrong - changed }
    private var dwellings: Int { outcomes.count { $0.addsDwelling } }

    var page: Page {
        Page(Text("核对表格", "Check the sheet"), frame: .desk("/desk/sheets"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("核对表格", "Check the sheet"))</h1>\
        <a class="btn ghost" href="/desk/sheets">\(icon("back", small: true))\(Text("换一份", "Another sheet"))</a></div>
        <form class="stack" method="post" action="/desk/sheets/\(id)">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="kind" value="\(kind.rawValue)">
        <section class="card" aria-labelledby="h-columns"><details class="more pad"\(when: needsColumns, " open")>\
        <summary><h2 id="h-columns">\(Text("列对不对", "Are the columns right"))</h2></summary>
        <p class="hint">\(Text("改过的列名下次自动认得；特殊人群的信息不从表里导入。",
            "What you correct is known the next time; special groups come by no sheet."))</p>
        <div class="form">\(each: draft.headers.indices, column)</div>
        <button class="btn weak" name="do" value="look">\(Text("按这样再看", "Look again"))</button></details></section>
        \(rows)
        </form>
        </main>
        """
    }

    private var needsColumns: Bool {
        ImportColumn.required(kind).contains { !draft.fields.contains($0) }
    }

    private func column(_ index: Int) -> HTML {
        let header = draft.headers[index]
        return field(
            Text(same: header.isEmpty ? "#\(index + 1)" : header), for: "column-\(index)",
            select(
                "column-\(index)", ImportColumn.of(kind).map { (value: $0.id, text: $0.name) },
                selected: draft.fields[index], empty: Text("不导入", "Leave it out")
            )
        )
    }

    private var rows: HTML {
        let sorted = self.sorted
        return """
            <section class="card" aria-labelledby="h-rows"><div class="hd"><h2 id="h-rows">\
            \(Text("会这样导入", "What would be done"))</h2></div>
            <p class="pad">\(summary)</p>
            \(when: wrong + doubtful > 0, """
                <p class="pad"><a class="btn ghost" href="\(wrongRows)">\
                \(icon("download", small: true))\(download)</a></p>
                """)
            <div class="scroll" tabindex="0"><table class="t mid cards"><caption class="sr">\(Text("每一行", "Every row"))</caption>
            <thead><tr><th scope="col">\(Text("行", "Row"))</th><th scope="col">\(Text("名称", "Name"))</th>\
            <th scope="col">\(Text("地址", "Address"))</th><th scope="col">\(Text("结果", "Result"))</th></tr></thead>
            <tbody>\(each: sorted.prefix(RegisterSheetPage.shown), row)</tbody></table></div>
            \(when: sorted.count > RegisterSheetPage.shown, """
                <p class="pad note">\(Text("还有 \(sorted.count - RegisterSheetPage.shown) 行没有列出。",
                    "\(sorted.count - RegisterSheetPage.shown) more rows are not shown."))</p>
                """)
            \(when: right + changed > 0, """
                <div class="pad stack">\(when: changed > 0, keep)<div class="btns">\
                <button class="btn" name="do" value="import">\(go)</button></div></div>
                """)</section>
            """
    }

    /// What somebody has to look at comes first: what is wrong, what is doubtful, what would be changed.
    private var sorted: [ImportOutcome] {
        func rank(_ row: ImportOutcome) -> Int {
            if !row.isNew, !row.isKnown { return 0 }
            if row.isDoubtful { return 1 }
            return row.changes.isEmpty ? 3 : 2
        }
        return (0...3).flatMap { level in outcomes.filter { rank($0) == level } }
    }

    /// Where the rows that are wrong are, by the columns as they are chosen here: they are kept with the import only.
    private var wrongRows: String {
        var query: [(String, String?)] = [("kind", kind.rawValue)]
        for (index, chosen) in draft.fields.enumerated() { query.append(("column-\(index)", chosen)) }
        return LinliUI.address("/desk/sheets/\(id)/wrong", query)
    }

    private var download: Text {
        if doubtful == 0 {
            return Text("下载有错的 \(wrong) 行", wrong == 1 ? "Download the wrong row" : "Download the \(wrong) wrong rows")
        }
        if wrong == 0 {
            return Text(
                "下载存疑的 \(doubtful) 行",
                doubtful == 1 ? "Download the doubtful row" : "Download the \(doubtful) doubtful rows")
        }
        return Text(
            "下载有错的 \(wrong) 行、存疑的 \(doubtful) 行", "Download the \(wrong) wrong and \(doubtful) doubtful rows")
    }

    private var go: Text {
        changed == 0
            ? Text("导入这 \(right) 条", "Import these \(right)")
            : Text("导入：新登记 \(right) 条，更新 \(changed) \(unit)", "Import: \(right) new, \(changed) changed")
    }

    private var keep: HTML {
        """
        <label class="check"><input type="checkbox" name="keep" value="yes"><span>\(Text(
            "已有的\(kind == .person ? "人" : "")不改，只登记新的", "Leave what is known as it is"))</span></label>
        """
    }

    private var unit: String { kind == .person ? "人" : "条" }

    private var summary: Text {
        let moves = moving == 0 ? Text("，", ", ") : Text("（其中搬家 \(moving) 人），", " (\(moving) of them move), ")
        let changes = changed == 0 ? Text(same: "") : Text("更新 \(changed) \(unit)", "\(changed) changed") + moves
        var new =
            Text("新登记 \(right) 条，", "\(right) new, ") + changes
            + Text("已有 \(known) 条，有错 \(wrong) 行。", "\(known) known, \(wrong) wrong.")
        if doubtful > 0 {
            let rows = doubtful == 1 ? " 1 row is doubtful" : " \(doubtful) rows are doubtful"
            let words = Text("有 \(doubtful) 行存疑，照样导入，请核对。", rows + " but taken; please check.")
            new = new + words
        }
        guard dwellings > 0 else { return new }
        return new + Text("同时登记新房屋 \(dwellings) 处。", " \(dwellings) dwellings are entered with them.")
    }

    private func row(_ row: ImportOutcome) -> HTML {
        """
        <tr><td class="r" data-label="\(Text("行", "Row"))">\(row.line)</td>\
        <td class="wide">\(row.title.isEmpty ? "–" : row.title)</td>\
        <td data-label="\(Text("地址", "Address"))">\(row.address.isEmpty ? "–" : row.address)</td>\
        <td data-label="\(Text("结果", "Result"))">\(fate(row))\(each: row.warnings, doubt)</td></tr>

        """
    }

    private func fate(_ row: ImportOutcome) -> HTML {
        switch row.fate {
        case .new:
            "\(tag(Text("新登记", "New"), .ok))\(when: row.addsDwelling, " \(tag(Text("新房屋", "New dwelling"), .mute))")"
        case .known where !row.changes.isEmpty:
            "\(tag(Text("更新", "Changed"), .info)) \(each: row.changes, change)"
        case .known: tag(Text("已有", "Known"), .mute)
        case .wrong: "\(tag(Text("有错", "Wrong"), .bad)) \(each: row.problems, { "<span class=\"sub\">\($0)</span>" })"
        }
    }
}

extension RegisterSheetPage {
    /// What is doubtful of a row.
    private func doubt(_ text: Text) -> HTML {
        " \(tag(Text("存疑", "Doubtful"), .warn)) <span class=\"sub\">\(text)</span>"
    }

    /// A field of somebody known: what stood there, and what will.
    private func change(_ change: ImportChange) -> HTML {
        """
        <span class="sub">\(change.field.name)：<del>\(change.old ?? Text("空", "nothing"))</del> → <ins>\(change.new)</ins></span>
        """
    }
}

/// How far an import is, and what it did.
struct RegisterImportPage: Sendable {
    let found: RegisterImport
    let kept: [ImportKept]
    let formToken: String
    let names: DivisionNames
    let now: Instant

    var page: Page {
        Page(Text("导入结果", "Import"), frame: .desk("/desk/sheets"), body)
    }

    /// Where it stands, as a tag.
    static func state(_ found: RegisterImport) -> HTML {
        switch found.state {
        case .running, .undoing: tag(found.state.name, .info)
        case .done: tag(found.state.name, .ok)
        case .stopped: tag(found.state.name, .bad)
        case .undone: tag(found.state.name, .mute)
        }
    }

    private var changes: Text {
        found.kind == .person
            ? Text("更新了 \(found.changed) 人。", "\(found.changed) people were changed.")
            : Text("更新了 \(found.changed) 条。", "\(found.changed) entries were changed.")
    }

    private var isMoving: Bool { found.state == .running || found.state == .undoing }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("导入结果", "Import"))</h1>\
        <a class="btn ghost" href="/desk/sheets">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        <section class="card pad stack" aria-label="\(Text("进度", "Progress"))">
        <p>\(RegisterImportPage.state(found)) \(found.kind.name) · \(names.place(found.division)) · \
        \(time(found.at, found.at.relative(to: now))) · \(found.accountName)</p>
        <p><progress max="\(max(found.total, 1))" value="\(found.position)" \
        aria-label="\(Text("看过的行", "Rows looked at"))"></progress> \
        <span class="num">\(Text("\(found.position) / \(found.total) 行", "\(found.position) of \(found.total) rows"))</span></p>
        \(when: found.changed > 0, "<p>\(changes)</p>")
        <p>\(Text("新登记 \(found.added) 条，已有 \(found.known) 条，有错 \(found.wrong) 行，新房屋 \(found.dwellings) 处。",
            "\(found.added) entered, \(found.known) known, \(found.wrong) wrong, \(found.dwellings) dwellings."))</p>
        \(when: found.undone > 0, """
            <p>\(Text("撤销了 \(found.undone) 条。", "\(found.undone) were taken back."))</p>
            """)
        <div class="btns">\(when: isMoving, """
            <a class="btn" href="/desk/sheets/imports/\(found.id)">\(icon("refresh", small: true))\
            \(Text("刷新", "Look again"))</a>
            """)</div>
        \(when: found.state == .done || found.state == .stopped, undoForm)
        </section>
        \(when: !kept.isEmpty, keptList)
        </main>
        """
    }

    private var undoForm: HTML {
        """
        <form method="post" action="/desk/sheets/imports/\(found.id)/undo">\(LinliUI.formToken(formToken))\
        <p class="hint">\(Text("撤销会把这次登记的都退回去，更新的改回原样；导入以后有人改过的、并入别的登记的留着，会列出来。",
            "What it entered is taken back, what it changed is as it was; what somebody changed or merged since stays and is listed."))</p>
        <p class="hint">\(Text("退回去的，证件号码、电话、车牌等加密保存的信息当场删掉，找不回来；撤销不能再撤销，要用就重新导入。",
            "Of what is taken back, numbers, phones, plates and whatever is kept encrypted are erased at once. This cannot be undone; bring the sheet again."))</p>
        <button class="btn weak">\(Text("撤销这次导入", "Take this import back"))</button></form>
        """
    }

    private var keptList: HTML {
        """
        <section class="card" aria-labelledby="h-kept"><div class="hd"><h2 id="h-kept">\
        \(Text("没有退回、留着的", "Not taken back"))</h2></div>
        <ul class="plain">\(each: kept, keptRow)</ul></section>
        """
    }

    private var changed: Text {
        found.kind == .dwelling
            ? Text("导入以后有人改过，或里面登记了人", "Changed since, or somebody lives there") : Text("导入以后有人改过", "Changed since")
    }

    private func keptRow(_ row: ImportKept) -> HTML {
        let why: HTML =
            row.mergedInto.map { into -> HTML in
                """
                \(Text("已并入", "Merged into")) <a href="\(RegisterWords.path(into.subject))">\(into.name)</a>\
                \(Text("：要退回，先撤销合并，再注销这一条", ": to take it back undo the merge first, then end this entry"))
                """
            } ?? "\(changed)"
        return """
            <li class="pad"><a href="\(RegisterWords.path(row.subject))">\(row.name)</a> \
            <span class="sub num">\(row.mask)</span> <span class="sub">\(why)</span></li>

            """
    }
}
