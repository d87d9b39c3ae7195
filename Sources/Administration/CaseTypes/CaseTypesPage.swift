import LinliCore
import LinliKernel
import LinliUI

/// Every type with what runs under which version.
struct CaseTypesPage {
    let types: [CaseType]
    /// Open cases by type and version.
    let running: [String: [Int: Int]]
    /// Types with a draft.
    let drafts: [String]
    /// Types of which the program ships something newer than the deployment's own.
    let newer: [String]
    let mayChange: Bool
    let formToken: String
    var typed: Form?
    var error: LinliError?

    var page: Page {
        Page(Text("工单类型", "Case types"), frame: .desk("/admin/case-types"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("工单类型", "Case types"))</h1></div>
        \(problem(error))
        <div class="stack">
        <section class="card" aria-labelledby="types"><div class="hd"><h2 id="types">\(Text("在用的", "In force"))</h2></div>
        <ul>\(each: types, row)\(each: begun, draftRow)</ul></section>
        </div>
        \(when: mayChange, "<aside class=\"stack\">\(form)</aside>")
        </main>
        """
    }

    /// Drafts of types that are not in force yet.
    private var begun: [String] { drafts.filter { draft in !types.contains { $0.id == draft } } }

    private func row(_ type: CaseType) -> HTML {
        let versions = (running[type.id] ?? [:]).sorted { $0.key > $1.key }
        let open = versions.reduce(0) { $0 + $1.value }
        let older = versions.filter { $0.key != type.version }.map { version, count in
            Text("第 \(version) 版 \(count) 件", "\(count) of version \(version)")
        }
        let doors = type.opening?.by ?? []
        let who =
            doors.isEmpty
            ? Text("由程序建立", "made by the program")
            : Text(doors.map(\.name.zh).joined(separator: "、"), doors.map(\.name.en).joined(separator: ", "))
        return """
            <li><div class="cell">\(icon(type.opening?.icon ?? "list"))<span class="bd">\
            <a class="ttl" href="/admin/case-types/\(type.id)">\(type.name)</a>\
            <span class="sub"><code>\(type.id)</code> · \(Text("第 \(type.version) 版", "version \(type.version)")) · \
            \(Text("在办 \(open) 件", "\(open) open"))</span><span class="sub">\(who)</span>\
            \(when: !older.isEmpty, "<span class=\"sub\">\(Text("其中旧版：", "of older versions: "))\(each: older, { "\($0) " })</span>")\
            </span>\
            \(when: drafts.contains(type.id), tag(Text("有草稿", "Draft"), .warn))\
            \(when: newer.contains(type.id), tag(Text("程序带了新版", "Newer shipped"), .info))</div></li>
            """
    }

    private func draftRow(_ draft: String) -> HTML {
        """
        <li><div class="cell">\(icon("edit"))<span class="bd">\
        <a class="ttl" href="/admin/case-types/\(draft)">\(draft)</a>\
        <span class="sub">\(Text("还没有发布", "Not published yet"))</span></span>\(tag(Text("草稿", "Draft"), .warn))</div></li>
        """
    }

    private var form: HTML {
        let form = AdminForm(typed: typed, error: error)
        return """
            <section class="card"><div class="hd"><h2>\(Text("新建一种", "A type of your own"))</h2></div>
            <form class="form" method="post" action="/admin/case-types">\(LinliUI.formToken(formToken))
            <div class="full">\(form.input(
                "id", Text("代号", "Id"), hint: Text("英文字母，小写开头，如 parkingSpace；以后不能改。", "Letters, the first one small, such as parkingSpace; it stays."),
                attributes: " maxlength=\"40\""
            ))</div>
            <div class="full">\(form.choice(
                "from", Text("照着哪一种写", "Copy from"), types.map { (value: $0.id, text: $0.name) }, "repair"
            ))</div>
            <div class="full btns"><button class="btn">\(Text("开始写草稿", "Begin a draft"))</button></div>
            </form></section>
            """
    }
}
