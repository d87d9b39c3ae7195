import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The catalogue of duties in force, what a new text would change, and the versions before.
struct DutiesPage {
    let duties: DutyCatalogue
    let text: String
    let history: [PublishedVersion]
    let mayChange: Bool
    let catalogue: EventCatalogue
    let now: Instant
    let formToken: String
    var typed: Form?
    /// What the lines in the form say; nil before somebody asked to see.
    var looked: DutyCatalogue?
    var error: LinliError?
    var done: String?

    var page: Page {
        Page(Text("派单目录", "Catalogue of duties"), frame: .desk("/admin/duties"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("派单目录", "Catalogue of duties"))</h1></div>
        \(problem(error))
        \(when: done == "publish", notice(Text("已发布，新来的工单马上按它派。", "Published: new cases go by it."), .ok, icon: "done"))
        <div class="stack">\(looked.map(changes))\(table)</div>
        <aside class="stack">\(when: mayChange, edit)\(versions)</aside>
        </main>
        """
    }

    private func name(_ code: String) -> Text {
        catalogue[code: code]?.name ?? catalogue.majors().first { $0.code == code }?.name ?? Text(same: code)
    }

    private func kinds(_ kinds: [UnitKind]) -> Text {
        Text(kinds.map(\.name.zh).joined(separator: "、"), kinds.map(\.name.en).joined(separator: ", "))
    }

    private func community(_ entry: DutyCatalogue.Entry) -> HTML {
        switch entry.community {
        case .yes: tag(Text("可派社区", "Community may lead"), .ok)
        case .help: tag(Text("社区只配合", "Community only helps"), .mute)
        case .no: tag(Text("不得派社区", "Never to a community"), .bad)
        }
    }

    private var table: HTML {
        let title =
            duties.version == 0
            ? Text("现在用的：随程序附带", "In force: as shipped")
            : Text("现在用的：第 \(duties.version) 版", "In force: version \(duties.version)")
        return """
            <section class="card" aria-labelledby="in-force"><div class="hd"><h2 id="in-force">\(title)</h2></div>
            <ul>\(each: duties.all, row)</ul></section>
            """
    }

    private func row(_ entry: DutyCatalogue.Entry) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl"><span class="num">\(entry.category)</span> \
        \(name(entry.category))</span><span class="sub">\(Text("主责：", "Leads: "))\(kinds(entry.leads))\
        \(when: !entry.helps.isEmpty, " · \(Text("配合：", "Helps: "))\(kinds(entry.helps))")</span>\
        \(when: !entry.basis.isEmpty, "<span class=\"sub\">\(entry.basis)</span>")</span>\(community(entry))</div></li>
        """
    }

    // MARK: Changing it

    /// The lines that a new text changes.
    private func changes(_ new: DutyCatalogue) -> HTML {
        let old = Dictionary(duties.all.map { ($0.category, $0) }, uniquingKeysWith: { first, _ in first })
        let changed = new.all.filter { old[$0.category] != $0 }
        let gone = Set(old.keys).subtracting(new.all.map(\.category)).sorted()
        let barred = Text("。目录里没有的类别不能派社区。", ". What the catalogue does not have goes to no community.")
        return """
            <section class="card" aria-labelledby="changes"><div class="hd"><h2 id="changes">\(Text(
                "会改 \(changed.count) 行，去掉 \(gone.count) 行", "\(changed.count) lines change, \(gone.count) go"
            ))</h2></div>
            \(when: !changed.isEmpty, "<ul>\(each: changed, row)</ul>")
            \(when: !gone.isEmpty, "<p class=\"pad\">\(Text("去掉：", "Gone: "))\(gone.joined(separator: "、"))\(barred)</p>")
            <form class="pad btns" method="post" action="/admin/duties">\(LinliUI.formToken(formToken))\
            <textarea name="text" hidden>\("\n" + (typed?.all("text").first ?? ""))</textarea>\
            <input type="hidden" name="note" value="\(typed?["note"] ?? "")">\
            <button class="btn" name="do" value="publish">\(Text("发布", "Publish"))</button></form></section>
            """
    }

    private var edit: HTML {
        let form = AdminForm(typed: typed, error: error)
        return """
            <section class="card"><details class="more pad"\(when: typed != nil, " open")><summary>\
            \(icon("edit", small: true))\(Text("修改目录", "Change the catalogue"))</summary>
            <form class="form" method="post" action="/admin/duties">\(LinliUI.formToken(formToken))
            <div class="full">\(form.lines(
                "text", Text("一行一类", "One line for each category"), text, rows: 16,
                hint: Text("类别 | 主责 | 配合 | yes、help 或 no | 依据", "category | lead | help | yes, help or no | basis"),
                limit: 60_000
            ))</div>
            <div class="full">\(form.input("note", Text("改了什么", "What changed"), optional: true, attributes: " maxlength=\"200\""))</div>
            <div class="full btns"><button class="btn ghost">\(Text("先看看", "Have a look first"))</button></div>
            </form></details></section>
            """
    }

    private var versions: HTML {
        """
        <section class="card" aria-labelledby="versions"><div class="hd"><h2 id="versions">\(Text("历次版本", "Versions"))</h2></div>
        \(history.isEmpty
            ? "<p class=\"pad note\">\(Text("还没有发布过，用的是随程序附带的。", "None published yet: the shipped one holds."))</p>"
            : "<ul>\(each: history, version)</ul>")
        </section>
        """
    }

    private func version(_ entry: PublishedVersion) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl">\(Text("第 \(entry.version) 版", "Version \(entry.version)"))</span>\
        <span class="sub">\(entry.by) · \(time(entry.at, entry.at.relative(to: now)))</span>\
        \(when: !entry.reason.isEmpty, "<span class=\"sub\">\(entry.reason)</span>")</span></div></li>
        """
    }
}
