import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The rules of a place in their order, and one of them as a form that can be tried before it holds.
struct DispatchPage {
    let rules: [DispatchRule]
    let units: [UnitSummary]
    let divisions: [DivisionCode]
    let names: DivisionNames
    let catalogue: EventCatalogue
    let formToken: String
    var editing: DispatchRule?
    var typed: Form?
    var trial: DispatchTrial?
    var error: LinliError?
    var done: String?

    var page: Page {
        Page(Text("派单规则", "Rules of dispatch"), frame: .desk("/admin/dispatch"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("派单规则", "Rules of dispatch"))</h1></div>
        \(problem(error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <div class="stack">
        \(trial.map(result))
        \(list)
        </div>
        <aside class="stack">\(form)</aside>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "save": Text("已存好，新来的工单马上按它派。", "Stored: new cases go by it from now on.")
        case "remove": Text("规则已删除。", "The rule is gone.")
        default: nil
        }
    }

    // MARK: List

    private var list: HTML {
        """
        <section class="card" aria-labelledby="rules"><div class="hd"><h2 id="rules">\(Text(
            "从上到下，先符合的先用", "Asked from the top; the first that fits decides"
        ))</h2></div>
        \(rules.isEmpty
            ? emptyState(
                Text("还没有规则", "No rule yet"),
                Text("没有规则时，先问是谁的责任，再按派单目录派。", "Without rules the owner decides, then the catalogue of duties."),
                icon: "filter"
            )
            : "<ul>\(each: rules, row)</ul>")
        </section>
        """
    }

    private func row(_ rule: DispatchRule) -> HTML {
        let named = units.first { $0.id == rule.unit }?.name ?? Text("单位已不在名单里", "The unit is not listed any more")
        let unit = rule.unit == nil ? DispatchPage.toGrid : named
        let question = Text("删除规则“\(rule.name)”？", "Remove the rule “\(rule.name)”?")
        return """
            <li><div class="cell"><span class="bd"><a class="ttl" href="/admin/dispatch?rule=\(rule.id)">\
            <span class="num">\(rule.position)</span> \(rule.name)</a>\
            <span class="sub">\(conditions(rule))</span><span class="sub">→ \(unit)</span></span>\
            \(when: !rule.isActive, tag(Text("停用", "Off"), .mute))\
            <form method="post" action="/admin/dispatch/\(rule.id)/remove" data-confirm="\(question)">\
            \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("删除", "Remove"))</button></form></div></li>
            """
    }

    /// What the form sends for the grid in place of a unit.
    static let grid = "grid"

    private static let toGrid = Text(
        "所在网格（网格员办，不在就由社区值班办）", "The grid it lies in (who walks it, else the community's roster)"
    )

    private var targets: [(value: String, text: Text)] {
        [(value: DispatchPage.grid, text: DispatchPage.toGrid)] + units.map { (value: "\($0.id)", text: $0.name) }
    }

    /// The conditions of a rule in one line.
    private func conditions(_ rule: DispatchRule) -> Text {
        var parts = [Text(same: AdminWords.place(rule.division, names))]
        parts += rule.categories.map { catalogue[code: $0]?.name ?? major($0) }
        parts += rule.natures.map(\.name)
        parts += rule.spots.map(\.name)
        if !rule.words.isEmpty {
            let words = rule.words.joined(separator: "、")
            parts.append(Text("写到“\(words)”", "says “\(words)”"))
        }
        if let hours = rule.hours {
            let (from, until) = (DispatchPage.time(hours.from), DispatchPage.time(hours.until))
            parts.append(Text("\(from)–\(until)", "\(from)–\(until)"))
        }
        if !rule.answer.isEmpty { parts.append(Text(same: rule.answer)) }
        return parts.dropFirst().reduce(parts[0]) { $0 + Text(same: " · ") + $1 }
    }

    private func major(_ code: String) -> Text {
        catalogue.majors().first { $0.code == code }?.name ?? Text(same: code)
    }

    private static func time(_ minute: Int) -> String {
        let parts = [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return parts[0] + ":" + parts[1]
    }

    // MARK: Trial

    private func result(_ trial: DispatchTrial) -> HTML {
        let others = trial.fits - trial.decides
        let looked = min(trial.looked, DispatchTrial.limit)
        return """
            <section class="card" aria-labelledby="trial"><div class="hd"><h2 id="trial">\(Text(
                "拿最近 30 天的工单试一遍", "Tried on the cases of the last 30 days"
            ))</h2></div>
            <p class="pad">\(Text(
                "看了 \(looked) 件，符合 \(trial.fits) 件：\(trial.decides) 件由这条规则定，\(others) 件先由前面的规则或派单目录定，或者因为投诉的正是这家而另派。其中 \(trial.same) 件本来就在那里；和现在的派法比，\(trial.moved) 件会改派。",
                "Of \(looked) cases \(trial.fits) fit: the rule decides \(trial.decides), a rule before it, the catalogue or whom it is against \(others). \(trial.same) are there anyway; \(trial.moved) would go elsewhere than today."
            ))\(when: trial.isCut, " \(Text("只看了最新的这些。", "Only the newest were looked at."))")</p>
            \(when: !trial.examples.isEmpty, "<ul>\(each: trial.examples, example)</ul>")
            </section>
            """
    }

    private func example(_ example: DispatchTrial.Example) -> HTML {
        func named(_ unit: Text) -> Text { unit.zh.isEmpty ? Text("等调度员派", "a dispatcher") : unit }
        let (before, after) = (named(example.before), named(example.after))
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(example.title.isEmpty ? example.number : example.title)</span>\
            <span class="sub num">\(example.number)</span><span class="sub">\(before) → \(after)</span>\
            \(when: !example.unit.zh.isEmpty, "<span class=\"sub\">\(Text("实际在：", "is with: "))\(example.unit)</span>")\
            </span></div></li>
            """
    }

    // MARK: Form

    private var form: HTML {
        let form = AdminForm(typed: typed, error: error)
        let rule = editing
        let active = typed == nil ? rule?.isActive ?? true : typed?["active"] == "yes"
        let id = typed?["id"] ?? rule.map { "\($0.id)" }
        return """
            <section class="card"><div class="hd"><h2>\(id == nil
                ? Text("新规则", "A new rule") : Text("修改规则", "Change the rule"))</h2></div>
            <form class="form" method="post" action="/admin/dispatch">\(LinliUI.formToken(formToken))\
            \(id.map { "<input type=\"hidden\" name=\"id\" value=\"\($0)\">" as HTML })
            <div class="full">\(form.input("name", Text("规则叫什么", "Name"), rule?.name ?? "", attributes: " maxlength=\"60\""))</div>
            <div class="full">\(form.division("division", Text("管哪里", "Where"), rule?.division ?? divisions.first, divisions, names))</div>
            <div class="full">\(form.choice(
                "unit", Text("派给谁", "Send to"), targets,
                rule.map { rule in rule.unit.map { "\($0)" } ?? DispatchPage.grid }, empty: Text("请选", "Choose")
            ))</div>
            <div class="full">\(form.input(
                "categories", Text("类别代码", "Categories"), rule?.categories.joined(separator: " ") ?? "",
                hint: Text("如 E04 R1003，空格隔开；空着就是不限。", "Such as E04 R1003; empty for any."), optional: true
            ))</div>
            <div class="full">\(form.input(
                "words", Text("写到这些词之一", "One of these words"), rule?.words.joined(separator: " ") ?? "", optional: true
            ))</div>
            \(boxes("nature", Text("性质", "Nature"), NeedNature.allCases.map { ($0.rawValue, $0.name) }, rule?.natures.map(\.rawValue)))
            \(boxes("spot", Text("地点", "Place"), Spot.allCases.map { ($0.rawValue, $0.name) }, rule?.spots.map(\.rawValue)))
            \(form.input("from", Text("从几点", "From"), rule?.hours.map { DispatchPage.time($0.from) } ?? "", optional: true))
            \(form.input("until", Text("到几点", "Until"), rule?.hours.map { DispatchPage.time($0.until) } ?? "", optional: true))
            <div class="full">\(form.input(
                "answer", Text("表单答案", "Answer of the form"), rule?.answer ?? "",
                hint: Text("如 entry=shared", "Such as entry=shared"), optional: true
            ))</div>
            \(form.input("position", Text("次序", "Position"), rule.map { "\($0.position)" } ?? "100", attributes: " type=\"number\" min=\"1\" max=\"9999\""))
            <div class="full"><label class="check"><input type="checkbox" name="active" value="yes"\(when: active, " checked")>\
            <span>\(Text("启用", "In force"))</span></label></div>
            <div class="full btns"><button class="btn ghost" name="do" value="try">\(Text("先试试", "Try it first"))</button>\
            <button class="btn" name="do" value="save">\(Text("存下来", "Store it"))</button></div>
            </form></section>
            """
    }

    private func boxes(_ name: String, _ title: Text, _ options: [(String, Text)], _ initial: [String]?) -> HTML {
        let chosen = Set(typed?.all(name) ?? initial ?? [])
        return """
            <fieldset class="full"><legend>\(title)<span class="opt">\(Text("不勾就是不限", "none for any"))</span></legend>
            \(each: options, { value, text in
                """
                <label class="check"><input type="checkbox" name="\(name)" value="\(value)"\
                \(when: chosen.contains(value), " checked")><span>\(text)</span></label>
                """
            })</fieldset>
            """
    }
}
