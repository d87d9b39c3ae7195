import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The places somebody follows, and what is new there.
struct FollowPage {
    let places: [PlaceSubscription]
    let news: [PlaceNews]
    let rows: [ID<Case>: PublicCaseRow]
    let names: DivisionNames
    let catalogue: EventCatalogue
    let now: Instant
    let formToken: String

    var page: Page {
        Page(Text("我关注的地方", "Places I follow"), frame: .resident(.me), body)
    }

    private var body: HTML {
        """
        <main id="main">
        <div class="col">
        <section class="card" aria-labelledby="h-news">
        <div class="hd"><h2 id="h-news">\(Text("有什么新的", "What is new"))</h2>\(when: hasNew, seen)</div>
        \(shown.isEmpty ? empty : list)
        </section>
        </div>
        <div class="col side">
        <section class="card" aria-labelledby="h-places">
        <div class="hd"><h2 id="h-places">\(Text("关注的地方", "Places"))</h2></div>
        \(places.isEmpty ? nothing : "<ul>\(each: places, { "<li>\(place($0))</li>" })</ul>")
        </section>
        </div>
        </main>
        """
    }

    private var hasNew: Bool { news.contains(where: \.isNew) }
    private var shown: [(news: PlaceNews, row: PublicCaseRow)] {
        news.compactMap { news in rows[news.item].map { (news: news, row: $0) } }
    }

    private var seen: HTML {
        """
        <form method="post" action="/neighbourhood/following/seen">\(LinliUI.formToken(formToken))\
        <button class="btn weak sm">\(Text("都看过了", "All seen"))</button></form>
        """
    }

    private var list: HTML {
        """
        <ul class="lines">\(each: shown, { one in
            "<li>\(PublicListPage.card(one.row, catalogue, now: now, mark: mark(one.news)))</li>"
        })</ul>
        """
    }

    private func mark(_ news: PlaceNews) -> HTML {
        guard news.isNew else { return .empty }
        return "\(tag(news.change == .closed ? Text("刚办结", "Just closed") : Text("新", "New"), .warn)) "
    }

    private func place(_ one: PlaceSubscription) -> HTML {
        let name = one.target.kind == .place ? one.address : names[DivisionCode(rawValue: one.target.target)]
        let link = address(PublicListPage.path, [(one.target.field, one.target.value)])
        return """
            <div class="cell"><a class="bd" href="\(link)"><span class="ttl">\(name)</span><span class="sub">\
            \(one.news > 0 ? Text("\(one.news) 件新的", "\(one.news) new") : Text("没有新的", "Nothing new"))</span></a>\
            <form method="post" action="/neighbourhood/following/\(one.id)/end">\(LinliUI.formToken(formToken))\
            <button class="btn ghost sm">\(Text("取消关注", "Unfollow"))<span class="sr">\(name)</span></button></form></div>
            """
    }

    private var empty: HTML {
        emptyState(
            Text("还没有新的", "Nothing new yet"),
            Text("关注的地方有事情公开或者办结，会出现在这里。", "What becomes public or is closed at places you follow stands here."),
            icon: "bell"
        )
    }

    private var nothing: HTML {
        emptyState(
            Text("还没有关注地方", "No place yet"),
            Text("在“大家反映的事”里点关注，有新的就告诉您。", "Press Follow on the list of what neighbours reported."),
            icon: "pin",
            action: "<a class=\"btn weak\" href=\"\(PublicListPage.path)\">\(Text("去看看", "Have a look"))</a>"
        )
    }
}
