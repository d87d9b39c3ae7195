import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What waits for clearing, the oldest first.
struct ClearingQueuePage {
    let rows: [ClearingRow]
    let hasMore: Bool
    let isFirst: Bool
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue

    var page: Page {
        Page(Text("公开审核", "Clearing"), frame: .desk("/desk/publication"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("公开审核", "Clearing"))</h1>\
        <a class="btn ghost" href="/neighbourhood">\(icon("globe", small: true))\(Text("看公开的", "What is public"))</a></div>
        <section class="card" aria-label="\(Text("等着公开的", "Waiting"))">
        <p class="pad note">\(Text("整理好文字、选好照片，邻居才看得到；原文不变。", "Neighbours see nothing before the words are cleared and photos chosen; the original stays."))</p>
        \(rows.isEmpty ? empty : table)
        </section>
        </main>
        """
    }

    private var table: HTML {
        """
        <div class="scroll"><table class="t fix cards">
        <caption class="sr">\(Text("等着公开审核的工单，最早的在前", "Cases to be cleared, the oldest first"))</caption>
        <colgroup><col><col class="w-l"><col class="w-l"><col class="w-l"><col class="w-m"></colgroup>
        <thead><tr><th scope="col">\(Text("工单", "Case"))</th><th scope="col">\(Text("类别", "Kind"))</th>\
        <th scope="col">\(Text("地点", "Place"))</th><th scope="col">\(Text("等什么", "Waits for"))</th>\
        <th scope="col">\(Text("反映时间", "Told"))</th></tr></thead>
        <tbody>\(each: rows, row)</tbody></table></div>
        \(pager)
        """
    }

    private func row(_ row: ClearingRow) -> HTML {
        let title = row.title.isEmpty ? row.number : row.title
        return """
            <tr><td class="wide"><a class="ttl one" href="\(CasePath.desk(row.id))#publication" title="\(title)">\(title)</a>\
            <span class="sub num">\(row.number)</span></td>
            <td class="inline"><span class="one">\(DeskWords.category(row.category, catalogue))</span></td>
            <td class="wide"><span class="one">\(row.whereabouts.isEmpty ? names.place(row.division) : row.whereabouts)</span></td>
            <td class="inline">\(waits(row))\(when: row.photos > 0, " <span class=\"note\">\(photos(row))</span>")</td>
            <td class="inline">\(time(row.createdAt, row.createdAt.relative(to: now)))</td></tr>

            """
    }

    private func photos(_ row: ClearingRow) -> Text { Text("\(row.photos) 张照片", "\(row.photos) photos") }

    private func waits(_ row: ClearingRow) -> HTML {
        if row.isSeen { return tag(Text("办完了，写结果", "Done: tell the result"), .info) }
        return row.isAsked ? tag(Text("反映人要公开", "Its reporter asks"), .warn) : tag(Text("首次公开", "First time"))
    }

    private var pager: HTML {
        let next = address("/desk/publication", [("after", rows.last.map { "\($0.id)" })])
        return """
            <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span>\(Text("本页 \(rows.count) 件", "\(rows.count) on this page"))</span>\
            <span class="sp"></span>\
            \(when: !isFirst, "<a class=\"btn ghost sm\" href=\"/desk/publication\">\(Text("回第一页", "First page"))</a>")\
            \(when: hasMore, "<a class=\"btn ghost sm\" href=\"\(next)\">\(Text("下一页", "Next page"))</a>")</nav>
            """
    }

    private var empty: HTML {
        emptyState(
            Text("没有等着公开的", "Nothing waits"),
            Text(
                "街上、院里公共设施的事，还有反映人愿意公开的，会排到这里。",
                "Matters of public space, and what its reporter wants to be seen, queue up here."),
            icon: "done"
        )
    }
}
