import LinliCore
import LinliKernel
import LinliUI

/// A division, where it lies, what lies inside it, and its forms.
struct DivisionsPage: Sendable {
    let division: Division
    /// The reader's own divisions: the way up ends there.
    let own: [DivisionCode]
    let nodes: [DivisionsAdminStore.Node]
    /// Divisions of the same level beside it, any of which could take it over.
    let siblings: [Division]
    let nextNumber: Int?
    let inUse: (cases: Int, duties: Int)
    let done: String?
    let attempt: DivisionAttempt?
    let formToken: String
    let names: DivisionNames

    private var code: DivisionCode { division.code }
    private var base: String { "/admin/divisions/\(code)" }

    var page: Page {
        Page(Text("区划网格", "Divisions"), frame: .desk("/admin/divisions"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("区划网格", "Divisions"))</h1></div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <section class="card" aria-label="\(Text("区划", "Divisions"))">
        <div class="pad">\(way)</div>
        <div class="tree">\(tree)</div>
        </section>
        <aside class="card" aria-labelledby="division-name">
        <div class="hd"><h2 id="division-name">\(division.name)</h2></div>
        \(facts)
        \(forms)
        </aside>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "add": Text("已加上。", "Added.")
        case "rename": Text("名称已改，旧名称留作历史。", "Renamed; the old name stays as history.")
        case "end": Text("已并入这里，旧代码会指向它。", "Ended; its old code leads here now.")
        default: nil
        }
    }

    // MARK: Tree

    /// The way down to this division; what lies above the reader's own is no link. Other own divisions stand beside.
    private var way: HTML {
        let above = DivisionCode.Level.allCases.filter { $0 < code.level }.map { code.ancestor(at: $0) }
        return """
            <nav class="crumb" aria-label="\(Text("上级", "Wider divisions"))"><ol>\(each: above, { wider in
                "<li>\(isOwn(wider) ? link(wider, names[wider]) : HTML.text(Text(same: names[wider])))</li>"
            })<li aria-current="page">\(division.name)</li></ol></nav>
            \(when: own.count > 1, """
                <p class="note">\(Text("您还管：", "Also yours: "))\
                \(each: own.filter { $0 != code }, { "\(link($0, names[$0])) " })</p>
                """)
            """
    }

    private func isOwn(_ code: DivisionCode) -> Bool { own.contains { $0.contains(code) } }

    private func link(_ code: DivisionCode, _ name: String) -> HTML {
        "<a href=\"/admin/divisions?under=\(code)\">\(name)</a>"
    }

    private var tree: HTML {
        """
        <ul><li><span class="nd" aria-current="true">\(label(division, children: nodes.count, worker: ""))</span>
        \(when: nodes.isEmpty, "<p class=\"note\">\(emptyText)</p>")
        \(when: !nodes.isEmpty, "<ul>\(each: nodes, row)</ul>")
        </li></ul>
        """
    }

    private func row(_ node: DivisionsAdminStore.Node) -> HTML {
        """
        <li><a class="nd" href="/admin/divisions?under=\(node.division.code)">\
        \(label(node.division, children: node.children, worker: node.worker))</a></li>
        """
    }

    private var emptyText: Text {
        code.level == .grid
            ? Text("网格是最小的一级。", "A grid is the narrowest division.")
            : Text("里面还没有下级，可以在旁边加。", "Nothing inside yet; add it beside.")
    }

    private func label(_ division: Division, children: Int, worker: String) -> HTML {
        """
        \(division.name) <span class="num">\(division.code.short)</span>\
        \(when: division.isSynthetic, tag(Text("示例代码", "Made-up code"), .warn))\
        \(when: children > 0, tag(Text("下级 \(children) 个", "\(children) inside"), .mute))\
        \(when: !worker.isEmpty, " <span class=\"note\">\(Text("网格员 \(worker)", "grid worker \(worker)"))</span>")
        """
    }

    // MARK: The division

    private var facts: HTML {
        """
        <dl class="kv">
        <dt>\(Text("级别", "Level"))</dt><dd>\(division.level.name)</dd>
        <dt>\(Text("代码", "Code"))</dt><dd class="num">\
        \(code)\(when: division.isSynthetic, " \(tag(Text("示例代码", "Made-up code"), .warn))")</dd>
        \(when: code.level >= .community, """
            <dt>\(Text("在办", "Open"))</dt><dd>\(Text("\(inUse.cases) 件工单", "\(inUse.cases) cases"))</dd>
            <dt>\(Text("职责", "Duties"))</dt><dd>\(Text("\(inUse.duties) 项", "\(inUse.duties)"))</dd>
            """)
        </dl>
        """
    }

    private var forms: HTML {
        let level = DivisionCode.Level(rawValue: code.level.rawValue + 1)
        let mayAdd = level.map { $0 >= .community } ?? false
        let mayChange = code.level >= .community
        guard mayAdd || mayChange else {
            let text = Text("街道以上的区划随每年的文件导入。", "Wider divisions come with the yearly import.")
            return "<p class=\"pad note\">\(text)</p>"
        }
        return """
            <div class="act">
            \(when: mayAdd, level.map(addForm) ?? .empty)
            \(when: mayChange, renameForm)
            \(when: mayChange && !siblings.isEmpty, endForm)
            </div>
            """
    }

    private func begin(_ name: String, _ title: Text, _ look: String) -> HTML {
        """
        <details class="do" name="do"\(when: attempt?.name == name, " open")><summary class="\(look)">\(title)</summary>
        <form class="stack" method="post" action="\(base)/\(name)">\(LinliUI.formToken(formToken))
        """
    }

    private func error(_ form: String, _ name: String) -> Text? {
        attempt.flatMap { $0.name == form ? $0.error.text(for: name) : nil }
    }

    private func typed(_ form: String, _ name: String) -> String? {
        attempt.flatMap { $0.name == form ? $0.form[name] : nil }
    }

    private func input(
        _ form: String, _ name: String, _ label: Text, value: String, hint: Text? = nil, limit: Int
    ) -> HTML {
        let id = "\(form)-\(name)"
        let error = error(form, name)
        return field(
            label, for: id, hint: hint, error: error,
            """
            <input id="\(id)" name="\(name)" maxlength="\(limit)" required autocomplete="off" \
            value="\(typed(form, name) ?? value)"\
            \(described(id, hint: hint != nil, error: error))>
            """
        )
    }

    private func addForm(_ level: DivisionCode.Level) -> HTML {
        let number = nextNumber.map { number in String(repeating: "0", count: 3 - "\(number)".count) + "\(number)" }
        let title = level == .grid ? Text("加网格", "Add a grid") : Text("加社区（村）", "Add a community")
        return """
            \(begin("add", title, "btn ghost"))
            \(input(
                "add", "name", Text("名称", "Name"),
                value: level == .grid ? nextNumber.map { "第\($0)网格" } ?? "" : "", limit: 30
            ))
            \(input(
                "add", "number", Text("编号", "Number"), value: number ?? "",
                hint: Text("代码的后三位，用过的不能再用。", "The last three digits of the code; used ones cannot return."), limit: 3
            ))
            <label class="check"><input type="checkbox" name="official" \
            value="yes"\(when: typed("add", "official") == "yes", " checked")>\
            <span>\(Text("这是正式代码；不勾就标成示例代码", "This is the official code; otherwise it is marked as made up"))</span>\
            </label>
            <button class="btn">\(Text("加上", "Add"))</button></form></details>
            """
    }

    private var renameForm: HTML {
        """
        \(begin("rename", Text("改名称", "Rename"), "btn ghost"))
        \(input("rename", "name", Text("新名称", "New name"), value: division.name, limit: 30))
        <button class="btn">\(Text("保存", "Save"))</button></form></details>
        """
    }

    private var endForm: HTML {
        let error = error("end", "successor")
        return """
            \(begin("end", Text("撤并", "End it"), "btn ghost"))
            <p class="hint">\(Text(
                "在办的 \(inUse.cases) 件工单仍由原来的人办完，\(inUse.duties) 项职责请到账号里改。",
                """
                Its \(inUse.cases) open cases stay with who has them; please change its \(inUse.duties) duties under \
                Accounts.
                """
            ))</p>
            \(field(
                Text("由谁接替", "Taken over by"), for: "end-successor", error: error,
                select(
                    "successor", id: "end-successor", siblings.map { (value: "\($0.code)", text: Text(same: $0.name)) },
                    selected: typed("end", "successor"), empty: Text("请选", "Choose"),
                    attributes: described("end-successor", error: error)
                )
            ))
            <button class="btn danger">\(Text("撤并", "End it"))</button></form></details>
            """
    }
}
