import LinliCore
import LinliKernel
import LinliUI

/// The orders of somebody's area with both clocks: theirs first, because it wins.
struct OrdersPage: Sendable {
    let rows: [ForeignOrdersStore.Listed]
    let hasMore: Bool
    let showsAll: Bool
    let mayImport: Bool
    let now: Instant
    let types: CaseTypes

    var page: Page {
        Page(Text("12345 工单", "12345 orders"), frame: .desk("/desk/orders"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("12345 工单", "12345 orders"))</h1>
        \(when: mayImport, """
            <a class="btn" href="/desk/orders/import/orders">\(icon("upload", small: true))\(Text("导入工单", "Import orders"))</a>
            <a class="btn ghost" href="/desk/orders/import/results">\(icon("chart", small: true))\
            \(Text("导入市级回访结果", "Import official results"))</a>
            """)</div>
        <div class="card">
        <nav class="seg" aria-label="\(Text("哪些工单", "Which orders"))">\
        <a href="/desk/orders"\(when: !showsAll, " aria-current=\"page\"")>\(Text("还没答复的", "To be answered"))</a>\
        <a href="/desk/orders?all=1"\(when: showsAll, " aria-current=\"page\"")>\(Text("全部", "All"))</a></nav>
        \(rows.isEmpty ? empty : table)
        </div>
        \(when: !rows.isEmpty, downloads)
        </main>
        """
    }

    private var empty: HTML {
        emptyState(
            showsAll ? Text("还没有 12345 工单", "No orders yet") : Text("没有要答复的工单", "Nothing to answer"),
            Text("从 12345 导出的表格、粘贴的内容都可以导入。", "Import a table exported there, or paste it."),
            icon: "phone",
            action: mayImport
                ? "<a class=\"btn\" href=\"/desk/orders/import/orders\">\(Text("导入工单", "Import orders"))</a>" : .empty
        )
    }

    private var table: HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("12345 工单", "12345 orders"))</caption>
        <thead><tr><th scope="col">\(Text("工单", "Order"))</th><th scope="col">\(Text("承办", "Unit"))</th>\
        <th scope="col">\(Text("状态", "State"))</th><th scope="col">\(Text("12345 时限（为准）", "12345 deadline (holds)"))</th>\
        <th scope="col">\(Text("内部时限", "Our own"))</th></tr></thead>
        <tbody>\(each: rows, row)</tbody></table></div>
        \(when: hasMore, older)
        """
    }

    private var older: HTML {
        let last = rows.last.map { "\($0.order.id)" }
        let next = LinliUI.address("/desk/orders", [("all", showsAll ? "1" : nil), ("before", last)])
        return "<nav class=\"pg\"><a class=\"btn ghost\" href=\"\(next)\">\(Text("更早的", "Older"))</a></nav>"
    }

    private func row(_ listed: ForeignOrdersStore.Listed) -> HTML {
        let (order, row) = (listed.order, listed.row)
        return """
            <tr><td class="wide"><a class="ttl one" href="/desk/orders/\(row.id)">\(row.title.isEmpty ? row.number : row.title)</a>\
            <span class="sub num">\(order.number)</span></td>
            <td class="wide" data-label="\(Text("承办", "Unit"))">\(row.handlerUnit == nil ? Text("还没有派单", "Not dispatched") : row.handlerName)</td>
            <td class="inline">\(tag(OrderState.of(row, types), row.isOpen ? .plain : .ok))\
            \(when: order.isRepeat, " \(tag(Text("重复诉求", "Repeated"), .warn))")</td>
            <td class="inline" data-label="12345">\(OrderClocks.official(order, isOpen: row.isOpen, now: now))</td>
            <td class="inline" data-label="\(Text("内部时限", "Our own"))">\(own(listed))</td></tr>
            """
    }

    private func own(_ listed: ForeignOrdersStore.Listed) -> HTML {
        OrderClocks.own(listed.internalDue, isOpen: listed.row.isOpen, isPaused: listed.row.isPaused, now: now)
    }

    private var downloads: HTML {
        let all = showsAll ? "1" : nil
        return """
            <p class="note pad">\(Text("带走这张表：", "Take this table along: "))\
            <a href="\(LinliUI.address("/desk/orders/table", [("all", all)]))">Excel</a> · \
            <a href="\(LinliUI.address("/desk/orders/table", [("all", all), ("format", "csv")]))">CSV</a> \
            \(Text("（没有姓名、电话）", "(without names and phone numbers)"))</p>
            """
    }
}

/// How the deadline of an order is shown.
enum OrderClocks {
    /// Theirs, which holds: until it was answered it runs.
    static func official(_ order: ForeignOrder, isOpen: Bool, now: Instant) -> HTML {
        if let replied = order.repliedAt {
            let at = replied.relative(to: now)
            return tag(Text("\(at.zh) 已答复", "answered \(at.en)"), .ok)
        }
        guard let due = order.dueAt else { return tag(Text("工单没写", "Not given"), .mute) }
        return dueChip(due, now: now)
    }

    /// Our own, which is earlier and only reminds: over when the work is done.
    static func own(_ due: Instant?, isOpen: Bool, isPaused: Bool, now: Instant) -> HTML {
        guard isOpen else { return tag(Text("已结束", "Over"), .mute) }
        if isPaused { return tag(Text("挂账中", "Paused"), .mute) }
        return due.map { dueChip($0, now: now) } ?? tag(Text("已办完", "Work done"), .mute)
    }
}
