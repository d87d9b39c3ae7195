import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The list and the map of what neighbours reported.
struct PublicListPage {
    let model: PublicListModel
    let names: DivisionNames
    let catalogue: EventCatalogue
    let base: BaseMap

    static let path = "/neighbourhood"

    private var filter: PublicCaseFilter { model.query.filter }

    var page: Page {
        Page(Text("大家反映的事", "Reported by neighbours"), frame: .resident(.elsewhere), body)
    }

    private var body: HTML {
        """
        <main id="main" class="one">
        <section class="card" aria-labelledby="h-where">
        <div class="hd"><h2 id="h-where">\(whereName)</h2>\(when: filter.place != nil, """
            <a href="\(LinliUI.address(PublicListPage.path, [("area", filter.area.description)]))">\(Text("看全部", "See all"))</a>
            """)</div>
        <div class="pad stack">
        <p class="note">\(PublicListPage.promise)</p>
        \(follow)
        </div>
        \(views)
        \(filters)
        \(when: model.query.isMap && !model.rows.isEmpty, map)
        \(model.rows.isEmpty ? empty : list)
        </section>
        </main>
        """
    }

    private var whereName: Text { PublicListPage.name(of: filter, model.place, names) }

    /// What is shown, by name.
    static func name(of filter: PublicCaseFilter, _ place: PlaceSummary?, _ names: DivisionNames) -> Text {
        place.map { Text(same: $0.address) } ?? Text(same: names[filter.area])
    }

    private static let promise = Text(
        "公共设施、环境的事，还有反映人愿意公开的事。由社区工作人员整理后公开，不写是谁反映的。举报和点了单位名的投诉不公开。",
        "Facilities and environment, and what its reporter wants to be seen. Cleared by community staff; nobody is named. Tip-offs and complaints that name a unit are not shown."
    )

    // MARK: Following

    private var follow: HTML {
        """
        <div class="row">\(followButton)\
        <a class="btn ghost sm" href="\(LinliUI.address("/neighbourhood/feed.rss", model.query.fields))">\
        \(icon("link", small: true))\(Text("RSS 订阅", "RSS feed"))</a></div>
        """
    }

    private var followButton: HTML {
        let name = whereName
        guard model.account != nil else {
            let back = LinliUI.address(PublicListPage.path, model.query.fields)
            return """
                <a class="btn weak sm" href="\(LinliUI.address("/sign-in", [("next", back)]))">\(icon("bell", small: true))\
                \(Text("登录后关注\(name.zh)", "Sign in to follow \(name.en)"))</a>
                """
        }
        if model.subscription != nil {
            return """
                <a class="btn weak sm" href="/neighbourhood/following">\(icon("check", small: true))\
                \(Text("已关注\(name.zh)", "Following \(name.en)"))</a>
                """
        }
        let target = FollowTarget(filter)
        return """
            <form method="post" action="/neighbourhood/following">\(formToken(model.formToken))\
            <input type="hidden" name="\(target.field)" value="\(target.value)">\
            <button class="btn weak sm">\(icon("bell", small: true))\(Text("关注\(name.zh)", "Follow \(name.en)"))</button></form>
            """
    }

    // MARK: Views and filters

    private var views: HTML {
        func view(_ isMap: Bool, _ symbol: String, _ name: Text) -> HTML {
            let fields = model.query.fields + [("view", isMap ? "map" : nil)]
            return """
                <a href="\(LinliUI.address(PublicListPage.path, fields))"\(when: isMap == model.query.isMap, " aria-current=\"page\"")>\
                \(icon(symbol, small: true))\(name)</a>
                """
        }
        return """
            <nav class="seg" aria-label="\(Text("怎么看", "View"))">\(view(false, "list", Text("列表", "List")))\
            \(view(true, "map", Text("地图", "Map")))</nav>
            """
    }

    private var filters: HTML {
        let kinds = catalogue.majors().filter(\.mayBePublic) + catalogue.majors().filter { !$0.mayBePublic }
        return """
            <form class="pad" action="\(PublicListPage.path)">
            \(when: model.query.isMap, "<input type=\"hidden\" name=\"view\" value=\"map\">")
            <details class="more"\(when: model.query.isNarrowed, " open")><summary>\(icon("filter", small: true))\
            \(Text("换地方、筛选", "Other places, filter"))</summary>
            <div class="pair">
            \(field(Text("地方", "Where"), for: "area", select(
                "area", model.areas.map { (value: $0.description, text: Text(same: names[$0])) },
                selected: filter.area.description, attributes: " data-go"
            )))
            \(field(Text("哪类事", "Kind"), for: "kind", select(
                "kind", kinds.map { (value: $0.code, text: $0.name) }, selected: filter.major,
                empty: Text("全部", "All"), attributes: " data-go"
            )))
            \(field(Text("办到哪了", "How far"), for: "open", select(
                "open", [("yes", Text("还在办", "Open")), ("no", Text("办结了", "Closed"))].map { (value: $0.0, text: $0.1) },
                selected: filter.isOpen.map { $0 ? "yes" : "no" }, empty: Text("全部", "All"), attributes: " data-go"
            )))
            </div>
            <button class="btn ghost sm">\(Text("筛选", "Filter"))</button>
            </details>
            </form>
            """
    }

    private var map: HTML {
        let source = LinliUI.address("/neighbourhood/map.geojson", model.query.fields)
        return
            "<div class=\"pad\">\(PublicMap(rows: model.rows, grids: model.grids, now: model.now, base: base).html(source))</div>"
    }

    // MARK: The list

    private var list: HTML {
        // Under the map its first page stands as text: a map alone says nothing to who cannot see it.
        let shown = model.query.isMap ? model.rows.prefix(filter.limit) : model.rows[...]
        return """
            <ul class="lines">\(each: shown, { row in
                "<li>\(PublicListPage.card(row, catalogue, now: model.now))</li>"
            })</ul>
            \(pager(after: shown.last))
            """
    }

    /// A case as a row that leads to its page.
    static func card(
        _ row: PublicCaseRow, _ catalogue: EventCatalogue, now: Instant, mark: HTML = .empty
    ) -> HTML {
        let pin = PublicWords.pin(row, now: now)
        let category = PublicWords.category(row.category, catalogue)
        return """
            <a class="cell" href="\(CasePath.neighbour(row.number))">
            <span class="bd"><span class="ttl">\(mark)\(row.title)</span>
            <span class="sub">\(when: !row.address.isEmpty, "\(row.address) · ")\(category)</span>
            <span class="sub">\(tag(row.state.isFinal ? row.state.residentName : pin.name, pin.tone)) \
            \(Text("", "reported "))\(PublicWords.day(row.createdAt, now: now))\(Text(" 反映", ""))</span></span>
            \(row.photo.map { photo in
                """
                <img class="thumb" src="\(CasePath.neighbourPhoto(row.number, photo, isThumbnail: true))" alt="" \
                loading="lazy" width="320" height="240">
                """ as HTML
            })
            </a>
            """
    }

    private func pager(after last: PublicCaseRow?) -> HTML {
        let cursor = last.map { CaseCursor(at: $0.publishedAt, id: $0.id).description }
        let hasMore = model.hasMore || (model.query.isMap && model.rows.count > filter.limit)
        let next = LinliUI.address(PublicListPage.path, model.query.fields + [("after", cursor)])
        return """
            <p class="pg">\(when: filter.after != nil, """
                <a class="btn ghost sm" href="\(LinliUI.address(PublicListPage.path, model.query.fields))">\
                \(Text("回最新的", "Newest"))</a>
                """)\(when: hasMore, "<a class=\"btn ghost sm\" href=\"\(next)\">\(Text("更早的", "Older"))</a>")</p>
            """
    }

    private var empty: HTML {
        let all = LinliUI.address(PublicListPage.path, [("area", filter.area.description)])
        return model.query.isNarrowed || filter.place != nil || filter.after != nil
            ? emptyState(
                Text("没有符合条件的", "Nothing fits"), Text("换个条件，或者看看全部。", "Choose other conditions, or look at all."),
                icon: "filter", action: "<a class=\"btn weak\" href=\"\(all)\">\(Text("看全部", "See all"))</a>"
            )
            : emptyState(
                Text("这里还没有公开的事", "Nothing is public here yet"),
                Text(
                    "路灯不亮、路面有坑，拍一张就行；整理好会放在这里。",
                    "A dark street lamp, a hole in the road: one photo is enough, and once cleared it stands here."),
                action: "<a class=\"btn\" href=\"/report\">\(Text("反映问题", "Report a problem"))</a>"
            )
    }
}
