import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

extension CaseFilter {
    /// Whether it leaves cases of the reader's scope out of every tab: no count is kept of what it leaves in.
    var isNarrowed: Bool {
        category != nil || handler != nil || grid.map { $0.level >= .district } ?? false
    }
}

/// The tabs with their counts: those of the whole scope, and none beside a list that is narrowed further.
struct DeskTabs {
    let filter: CaseFilter
    let counts: DeskStore.Counts
    let types: CaseTypes

    var html: HTML {
        """
        \(each: CaseFilter.Tab.allCases, { tab in
            """
            <a href="\(address(tab))"\(when: tab == filter.tab, " aria-current=\"page\"")>\(tab.name)\(number(tab))</a>
            """
        })
        """
    }

    private func address(_ tab: CaseFilter.Tab) -> String {
        var other = filter
        other.tab = tab
        other.after = nil
        return LinliUI.address("/desk", DeskQuery.fields(other))
    }

    /// How many, and for whom: 0 of what must not happen is no news.
    private func number(_ tab: CaseFilter.Tab) -> HTML {
        guard !filter.isNarrowed else { return .empty }
        let count = count(tab)
        let tone = count == 0 ? "" : tab == .late ? "bad" : tab == .soon ? "warn" : ""
        let isCut = tab.isCut && count >= DeskStore.countLimit
        let text = isCut ? "\(DeskStore.countLimit - 1)+" : "\(count)"
        return "<span class=\"n num \(tone)\">\(text)</span>"
    }

    /// The count of one tab.
    func count(_ tab: CaseFilter.Tab) -> Int {
        switch tab {
        case .open: counts.states.values.reduce(0, +) - total(.closed)
        case .closed: total(.closed)
        case .soon: counts.soon
        case .late: counts.late
        case .unconfirmed: counts.unconfirmed
        case .received, .dispatched, .handling, .confirming, .checking: total(tab)
        }
    }

    /// How many are in one of the states of a tab.
    private func total(_ tab: CaseFilter.Tab) -> Int {
        types.states(of: tab).reduce(0) { $0 + (counts.states[$1] ?? 0) }
    }
}

/// Rows of cases as the desk shows them, in lists and search results.
struct DeskTable {
    let rows: [CaseRow]
    /// How many homes speak in those with several voices.
    var homes: [ID<Case>: VoiceCount] = [:]
    let caption: Text
    /// The case whose details stand beside the list.
    var shown: ID<Case>?
    /// Where a row's details come from; nil where no pane stands beside the list.
    var paneQuery: [(String, String?)]?
    /// Whether rows can be ticked, for what is done to several at once.
    var hasPicks = false
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue
    let types: CaseTypes

    var html: HTML {
        // The same behind the address of every row.
        let query = paneQuery.map { address("/pane", $0) }
        return """
            <div class="scroll"><table class="t fix cards\(when: hasPicks, " tickable")">
            <caption class="sr">\(caption)</caption>
            <colgroup>\(when: hasPicks, "<col>")<col><col class="w-s"><col class="w-l"><col class="w-l"><col class="w-m"><col class="w-l"></colgroup>
            <thead><tr>\(when: hasPicks, DeskTable.pickAll)<th scope="col">\(Text("工单", "Case"))</th><th scope="col">\(Text("等级", "Level"))</th>\
            <th scope="col">\(Text("类别 / 来源", "Kind / source"))</th>\
            <th scope="col">\(Text("地点 / 承办", "Place / unit"))</th><th scope="col">\(Text("状态", "State"))</th>\
            <th scope="col">\(Text("剩余时限", "Time left"))</th></tr></thead>
            <tbody>
            \(each: rows, { row($0, query) })</tbody></table></div>
            """
    }

    private func row(_ row: CaseRow, _ query: String?) -> HTML {
        let title = row.title.isEmpty ? row.number : row.title
        let state = types.state(row.state, of: row.type)
        return """
            <tr data-case="\(row.id)"\(paneSource(row, query))\(when: row.id == shown, " aria-current=\"true\"")>
            \(when: hasPicks, pick(row, title))<td class="wide">\
            <a class="ttl one" href="\(CasePath.desk(row.id))" title="\(title)">\(title)</a>\
            <span class="sub num">\(row.number)\(homes[row.id].map { " · \(SimilarParts.homes($0))" as HTML })</span></td>
            <td class="inline">\(DeskTable.level(row.isUrgent))</td>
            <td class="inline"><span class="one">\(DeskWords.category(row.category, catalogue))</span>\
            <span class="sub">\(row.source.name)\(row.doubt.isEmpty ? HTML.empty : " \(DeskConfirm.mark(row.doubt))")</span></td>
            <td class="wide"><span class="one">\
            \(row.whereabouts.isEmpty ? names.place(row.division) : row.whereabouts)</span>\
            <span class="sub one">\(responsible(row))</span></td>
            <td class="inline">\(tag(state?.name ?? Text(same: row.state), DeskWords.tone(state)))\
            \(DeskTable.supervised(row))</td>
            <td class="inline">\(row.isOpen ? due(row) : DeskTable.noDeadline)</td>
            </tr>

            """
    }

    private static let pickAll: HTML = """
        <th scope="col" class="pick"><input type="checkbox" data-pick-all data-js hidden \
        aria-label="\(Text("全选", "Choose all"))"></th>
        """

    private func pick(_ row: CaseRow, _ title: String) -> HTML {
        """
        <td class="pick"><label class="tick"><input type="checkbox" name="case" value="\(row.id)">\
        <span class="sr">\(Text("选中 \(title)", "Choose \(title)"))</span></label></td>
        """
    }

    /// The deadline, or that the clock stands still.
    private func due(_ row: CaseRow) -> HTML {
        row.isPaused ? tag(Text("挂账中", "Paused"), .mute) : dueChip(row.dueAt, now: now)
    }

    /// Whether somebody above watches it.
    static func supervised(_ row: CaseRow) -> HTML {
        switch row.supervision {
        case 2: " \(tag(Text("督办", "Supervised"), .bad))"
        case 3: " \(tag(Text("已上报", "Raised"), .bad))"
        default: .empty
        }
    }

    static func level(_ isUrgent: Bool) -> HTML {
        isUrgent ? tag(Text("紧急", "Urgent"), .bad) : tag(Text("一般", "Ordinary"), .mute)
    }

    private func paneSource(_ row: CaseRow, _ query: String?) -> HTML {
        guard let query else { return .empty }
        return " data-pane-src=\"\(CasePath.desk(row.id))\(query)\""
    }

    /// The grid, and the unit when there is one.
    private func responsible(_ row: CaseRow) -> Text {
        let area = Text(same: names[row.division])
        return row.handlerUnit == nil ? area : area + Text(same: " · ") + row.handlerName
    }

    private static let noDeadline: HTML = """
        <span class="sr">\(Text("没有时限", "No deadline"))</span><span aria-hidden="true">—</span>
        """
}

/// The desk: tabs, filters, the list, and a case's details beside it.
struct DeskListPage {
    let filter: CaseFilter
    let rows: [CaseRow]
    var homes: [ID<Case>: VoiceCount] = [:]
    let hasMore: Bool
    let counts: DeskStore.Counts
    let areas: [DivisionCode]
    /// What is open by district, for who looks after a whole city.
    let districts: [DeskStore.AreaCount]
    let mayRegister: Bool
    /// Who reads it.
    let me: ID<Account>?
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue
    let types: CaseTypes
    var shown: DeskCase?
    /// The step that just went through.
    var done: String?
    /// The lists the reader named.
    var views: DeskViewLinks?

    var page: Page {
        Page(Text("工单", "Cases"), frame: .desk("/desk"), body)
    }

    private func part(_ path: String) -> String {
        LinliUI.address(path, DeskQuery.fields(filter))
    }

    private var body: HTML {
        """
        <main id="main" class="wrap"\(DeskWords.draftDone(shown?.view.item.id, done))>
        <h1 class="sr">\(Text("工单", "Cases"))</h1>
        \(done.flatMap(DeskWords.done).map { notice($0, .ok, icon: "done") })
        \(when: !districts.isEmpty && filter.grid == nil && filter.after == nil, districtCounts)
        <div class="card" data-desk>
        <nav class="seg" aria-label="\(Text("工单状态", "States"))" data-live="desk" data-live-src="\(part("/desk/tabs"))">\
        \(DeskTabs(filter: filter, counts: counts, types: types).html)</nav>
        <div class="tools">\(filters)\(views?.tools)\(when: mayRegister, """
            <a class="btn" href="/desk/new">\(icon("plus", small: true))\(Text("登记诉求", "Register a need"))</a>
            """)</div>
        \(views?.saved)
        <div data-live="desk" data-live-every="60" data-live-src="\(part("/desk/list"))">
        \(table)
        </div>
        </div>
        <aside id="pane" class="card" aria-label="\(Text("工单详情", "Details"))"\(shownCase)>
        \(shown?.pane ?? DeskListPage.nothingShown)
        </aside>
        </main>
        """
    }

    /// One tile per district: how many are open, how many late, and the way to its list.
    private var districtCounts: HTML {
        """
        <details class="card full more pad" open><summary>\(Text("各区在办", "Open by district"))</summary>
        <div class="stats">\(each: districts, { area in
            """
            <a class="stat\(when: area.late > 0, " warn")" href="\(LinliUI.address("/desk", [("grid", "\(area.division)")]))">\
            <span>\(names[area.division])</span><b>\(area.open)</b><small>\(late(area))</small></a>
            """
        })</div></details>
        """
    }

    private func late(_ area: DeskStore.AreaCount) -> Text {
        let number = area.late >= DeskStore.countLimit ? "\(DeskStore.countLimit - 1)+" : "\(area.late)"
        return area.late == 0 ? Text("没有超期", "none overdue") : Text("\(number) 件超期", "\(number) overdue")
    }

    private var shownCase: HTML {
        shown.map { " data-case=\"\($0.view.item.id)\"" } ?? .empty
    }

    private static let nothingShown: HTML = emptyState(
        Text("点一件工单，在这里看详情", "Choose a case to see it here"),
        Text("按 j、k 上下选，按回车打开整页。", "Press j and k to move, Enter to open the page."),
        icon: "list"
    )

    /// The list itself, fetched again when something changed.
    var table: HTML {
        guard !rows.isEmpty else { return empty }
        return """
            <form action="/desk/bulk" id="bulk">
            <div class="picked"><span>\(Text("选中的", "Chosen ones"))</span>\
            <button class="btn sm">\(Text("批量处理", "Several at once"))</button></div>
            \(DeskTable(
                rows: rows, homes: homes, caption: caption, shown: shown?.view.item.id, paneQuery: DeskQuery.fields(filter),
                hasPicks: true, now: now, names: names, catalogue: catalogue, types: types
            ).html)
            </form>
            \(pager)
            """
    }

    private var caption: Text {
        filter.isNewestFirst && filter.tab != .closed
            ? Text("\(filter.tab.name.zh)的工单，最新的在前", "\(filter.tab.name.en), the newest first")
            : filter.tab == .closed
                ? Text("已办结的工单，最新的在前", "Closed cases, the newest first")
                : Text("\(filter.tab.name.zh)的工单，最先到期的在前", "\(filter.tab.name.en): what is due first comes first")
    }

    private var isNarrowed: Bool {
        filter.isNarrowed || filter.grid != nil || filter.after != nil
    }

    private var empty: HTML {
        isNarrowed
            ? emptyState(
                Text("这里没有符合条件的工单", "No case fits"),
                Text("换个条件，或者看看全部。", "Choose other conditions, or look at all of them."),
                icon: "filter",
                action: "<a class=\"btn weak\" href=\"/desk\">\(Text("看全部在办", "All open cases"))</a>"
            )
            : emptyState(
                filter.tab == .late
                    ? Text("没有超期的工单", "Nothing is overdue") : Text("这里现在没有工单", "Nothing here right now"),
                Text("有新的会自动出现，不用刷新。", "New ones appear by themselves."),
                icon: "done"
            )
    }

    private var pager: HTML {
        var first = filter
        first.after = nil
        var next = filter
        next.after = rows.last.map { CaseCursor(at: $0.dueAt, id: $0.id) }
        return """
            <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span>\
            \(Text("本页 \(rows.count) 件", "\(rows.count) on this page"))</span>\
            <span class="sp"></span>\
            \(when: filter.after != nil, """
                <a class="btn ghost sm" href="\(LinliUI.address("/desk", DeskQuery.fields(first)))">\
                \(Text("回第一页", "First page"))</a>
                """)\
            \(when: hasMore, """
                <a class="btn ghost sm" href="\(LinliUI.address("/desk", DeskQuery.fields(next)))">\
                \(Text("下一页", "Next page"))</a>
                """)</nav>
            """
    }

    private var filters: HTML {
        """
        <form class="flt" action="/desk">
        \(when: filter.tab != .open, "<input type=\"hidden\" name=\"tab\" value=\"\(filter.tab.rawValue)\">")
        <select name="category" aria-label="\(Text("类别", "Kind"))" data-go><option value="">\
        \(Text("全部类别", "All kinds"))</option>\
        \(CategoryOptions(catalogue: catalogue, selected: filter.category).html)</select>
        \(when: !areas.isEmpty, """
            <select name="grid" aria-label="\(Text("范围", "Area"))" data-go><option value="">\
            \(Text("全部范围", "All areas"))</option>\
            \(each: areas, { code in
                "<option value=\"\(code)\"\(when: code == filter.grid, " selected")>\(names[code])</option>"
            })</select>
            """)
        \(me.map { account in
            """
            <select name="handler" aria-label="\(Text("经办人", "In whose hands"))" data-go><option value="">\
            \(Text("所有人的", "Everybody's"))</option><option value="\(account)"\
            \(when: filter.handler == account, " selected")>\(Text("我手上的", "Mine"))</option></select>
            """ as HTML
        })
        <select name="order" aria-label="\(Text("排序", "Order"))" data-go><option value="">\
        \(Text("先到期的在前", "Due first"))</option><option value="newest"\(when: filter.isNewestFirst, " selected")>\
        \(Text("最新的在前", "Newest first"))</option></select>
        <button class="btn ghost" data-plain>\(Text("筛选", "Filter"))</button>
        </form>
        """
    }
}
