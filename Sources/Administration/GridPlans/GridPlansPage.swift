import LinliCore
import LinliKernel
import LinliUI

/// The versions of a community's grids: which holds, which is coming, which were before.
struct GridPlansPage {
    let choice: CommunityChoice
    let plans: [(plan: GridPlan, progress: [GridMoveProgress])]
    let mayChange: Bool
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    private static let title = Text("画网格", "Draw grids")

    var page: Page {
        Page(
            GridPlansPage.title, frame: .desk("/admin/grid-plans"), choice.community.map(body) ?? nothing)
    }

    private var nothing: HTML {
        """
        <main id="main" class="wrap"><div class="ttlbar"><h1>\(GridPlansPage.title)</h1></div>
        <section class="card">\(CommunityChoice.none)</section></main>
        """
    }

    private func body(_ community: DivisionCode) -> HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names[community]) · \(Text("网格方案", "Grid plans"))</h1></div>
        \(when: done == "drop", notice(Text("草稿不要了。", "The draft is gone."), .ok, icon: "done"))
        <section class="card" aria-labelledby="plans">
        <div class="hd"><h2 id="plans">\(Text("各版网格", "Versions"))</h2></div>
        \(choice.form("/admin/grid-plans", names))
        \(plans.isEmpty ? none : "<ul>\(each: plans, { row($0.plan, $0.progress) })</ul>")
        \(when: mayChange, begin(community))
        </section>
        </main>
        """
    }

    private var none: HTML {
        emptyState(
            Text("还没有画过", "Nothing has been drawn yet"),
            Text(
                "从现在的网格开一份草稿，改好、检查过，再选一天公布。",
                "Begin a draft from the present grids, change and check it, then publish it for a day."),
            icon: "map"
        )
    }

    private func begin(_ community: DivisionCode) -> HTML {
        let draft = plans.first { $0.plan.state == .draft }?.plan
        if let draft {
            return """
                <div class="pad btns"><a class="btn" href="/admin/grid-plans/\(draft.id)">\
                \(Text("接着画草稿", "Go on with the draft"))</a></div>
                """
        }
        return """
            <form class="pad btns" method="post" action="/admin/grid-plans">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="under" value="\(community)">\
            <button class="btn">\(Text("开一份草稿", "Begin a draft"))</button></form>
            """
    }

    private func row(_ plan: GridPlan, _ progress: [GridMoveProgress]) -> HTML {
        """
        <li><a class="cell" href="/admin/grid-plans/\(plan.id)"><span class="bd"><span class="ttl">\
        \(GridPlanWords.name(plan))</span><span class="sub">\(GridPlanWords.story(plan, now))\
        \(GridPlanWords.moves(progress).map { HTML.text(Text(" · ", " · ") + $0) })</span></span>\
        \(GridPlanWords.badge(plan, isCurrent: plan.id == current, now))</a></li>
        """
    }

    /// The plan that holds today.
    private var current: ID<GridPlan>? {
        plans.map(\.plan).filter { $0.effectiveAt.map { $0 <= now } ?? false }
            .max { ($0.number) < ($1.number) }?.id
    }
}

/// What is said of a plan in more than one place.
enum GridPlanWords {
    static func name(_ plan: GridPlan) -> Text {
        plan.state == .draft
            ? Text("草稿", "Draft") : Text("第 \(plan.number) 版", "Version \(plan.number)")
    }

    static func badge(_ plan: GridPlan, isCurrent: Bool, _ now: Instant) -> HTML {
        switch plan.state {
        case .draft: tag(Text("草稿", "Draft"), .info)
        case .dropped: tag(Text("不要了", "Dropped"), .mute)
        case .published:
            if let from = plan.effectiveAt, from > now {
                tag(Text("\(from.date.dayAndMonth.zh)起", "From \(from.date.dayAndMonth.en)"), .warn)
            } else if isCurrent {
                tag(Text("现在的", "Present"), .ok)
            } else {
                tag(Text("以前的", "Past"), .mute)
            }
        }
    }

    static func story(_ plan: GridPlan, _ now: Instant) -> Text {
        let who = plan.state == .draft ? plan.changedBy : plan.publishedBy
        let by = Text(who.map { "\($0)，" } ?? "", who.map { "\($0), " } ?? "")
        guard let published = plan.publishedAt, let from = plan.effectiveAt else {
            return by + plan.changedAt.relative(to: now)
        }
        return by + published.relative(to: now)
            + Text("公布，\(from.date.full.zh)起", ", holds from \(from.date.full.en)")
            + (plan.reason.isEmpty ? Text(same: "") : Text("：\(plan.reason)", ": \(plan.reason)"))
    }

    private static let words: [String: Text] = [
        "place": Text("地点", "places"), "home": Text("账号", "accounts"),
        "case": Text("未结工单", "open cases"),
        "dwelling": Text("房屋", "dwellings"), "household": Text("户", "households"),
        "person": Text("人", "people"),
        "organization": Text("组织", "organizations"), "role": Text("岗位", "people of grids"),
        "thing": Text("部件设施", "things"),
    ]

    /// How far the moving of what lies in the grids has come; nil when there is nothing to say.
    static func moves(_ progress: [GridMoveProgress]) -> Text? {
        let parts = progress.filter { $0.moved > 0 }.map { step -> Text in
            let what = words[step.kind] ?? Text(same: step.kind)
            return Text("\(what.zh) \(step.moved)", "\(step.moved) \(what.en)")
        }
        guard let first = parts.first else { return nil }
        let list = parts.dropFirst().reduce(first) { $0 + Text("、", ", ") + $1 }
        return Text("已划入新网格：", "Moved to their new grids: ") + list
    }
}
