import LinliCore
import LinliKernel
import LinliUI

/// What came to the streets of a district straight, as the district's copies 抄送.
enum DeskCopiesRoutes {
    static let all: [Route] = [.get("/desk/copies", access: .permission(.casesSupervise), list)]

    /// How many a page shows.
    private static let limit = 50

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let after: ID<Case>? = request.query.id("after")
        let copies = try await services.queries.copies(after: after, limit: limit + 1, request.context)
        let page = DeskCopiesPage(
            copies: Array(copies.prefix(limit)), hasMore: copies.count > limit, isFirst: after == nil,
            open: try await services.queries.openCopies(request.context), now: request.context.now,
            names: services.divisions, types: services.queries.types
        )
        return .page(page.page)
    }
}

/// Copies, the newest first: to know of, not to do.
struct DeskCopiesPage {
    let copies: [CaseCopy]
    let hasMore: Bool
    let isFirst: Bool
    let open: Int
    let now: Instant
    let names: DivisionNames
    let types: CaseTypes

    var page: Page {
        Page(Text("抄送", "Copies"), frame: .desk("/desk/copies"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("抄送", "Copies"))</h1></div>
        <section class="card" aria-labelledby="copies"><div class="hd"><h2 id="copies">\(Text(
            "直派街道的工单，没办结的 \(count) 件", "Sent to streets straight, \(count) open"
        ))</h2></div>
        \(copies.isEmpty ? empty : "<ul class=\"plain\">\(each: copies, line)</ul>")
        \(pager)
        </section>
        </main>
        """
    }

    private var count: String { open >= CaseQueries.copyLimit ? "\(CaseQueries.copyLimit - 1)+" : "\(open)" }

    private var empty: HTML {
        emptyState(
            Text("没有抄送来的工单", "No copies yet"),
            Text(
                "12345 直接派到街道的工单，会抄送一份到这里，只看不办。",
                "What 12345 sends straight to a street comes here as a copy: to know of, not to do."
            ),
            icon: "copy"
        )
    }

    private func line(_ copy: CaseCopy) -> HTML {
        let row = copy.row
        let at = copy.at.relative(to: now)
        return """
            <li class="pad watched"><a class="ttl" href="\(CasePath.desk(row.id))">\(row.title.isEmpty ? row.number : row.title)</a>
            <span class="tags">\(tag(DeskWords.state(row, types), .mute))\(when: row.isUrgent, tag(Text("紧急", "Urgent"), .bad))</span>
            <span class="sub">\(names.place(row.division)) · \
            \(row.handlerUnit == nil ? Text("还没有承办单位", "no unit yet") : row.handlerName)</span>
            \(row.isPaused || !row.isOpen ? HTML.empty : dueChip(row.dueAt, now: now))
            <p class="note">\(row.source.name) · \(Text("\(at.zh) 抄送", "copied \(at.en)"))</p></li>
            """
    }

    private var pager: HTML {
        guard hasMore || !isFirst else { return .empty }
        return """
            <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span class="sp"></span>\
            \(when: !isFirst, "<a class=\"btn ghost sm\" href=\"/desk/copies\">\(Text("回第一页", "First page"))</a>")\
            \(when: hasMore, """
                <a class="btn ghost sm" href="\(address("/desk/copies", [("after", copies.last.map { "\($0.row.id)" })]))">\
                \(Text("下一页", "Next page"))</a>
                """)</nav>
            """
    }
}
