import LinliCore
import LinliKernel
import LinliUI

/// One type: its graph, its versions, and the draft of the next one with what it would change.
struct CaseTypePage {
    let id: String
    /// The version new cases begin with; nil for a type that was never published.
    let current: CaseType?
    /// The largest number any version has.
    let largest: Int
    let draft: CaseTypeDraft?
    let versions: [PublishedVersion]
    /// Open cases by version.
    let running: [Int: Int]
    /// What the program ships, when it is newer than the deployment's own.
    let shipped: CaseType?
    /// The numbers of every version a program shipped: open cases may run on them, whatever was published since.
    let shippedVersions: [Int]
    var drafting: Drafting
    var trial: CaseTypeTrial?

    /// The text in the form.
    var yaml: String? { drafting.typed ?? draft?.yaml }

    /// What the loader says of it.
    var looked: (type: CaseType?, problems: [CaseTypeProblem]) {
        yaml.map { CaseTypeLoader.look($0, as: id, above: largest) } ?? (nil, [])
    }

    var page: Page {
        let name = current?.name ?? Text(same: id)
        return Page(name + Text(" · 工单类型", " · Case type"), frame: .desk("/admin/case-types"), body(name))
    }

    private func body(_ name: Text) -> HTML {
        let looked = looked
        return """
            <main id="main" class="wrap"\(when: drafting.done != nil, " data-draft-done=\"case-type-\(id)\"")>
            <div class="ttlbar"><h1>\(name)</h1><a class="btn ghost" href="/admin/case-types">\
            \(icon("back", small: true))\(Text("所有类型", "All types"))</a></div>
            \(problem(drafting.error))
            \(doneText.map { notice($0, .ok, icon: "done") })
            \(shipped.map(offer))
            <div class="stack">
            \(trial.map { CaseTypeTrialCard(trial: $0).html })
            \(when: yaml != nil, CaseTypeDraftCard(page: self, looked: looked).html)
            \(graph(looked))
            </div>
            <aside class="stack">\(when: yaml == nil && drafting.mayChange, startCard)\(versionsCard)</aside>
            </main>
            """
    }

    private var doneText: Text? {
        drafting.told(
            published: Text("已发布：新来的工单用新版，在办的照旧。", "Published: new cases begin with it, running ones keep theirs."))
    }

    // MARK: What the program ships

    private func offer(_ type: CaseType) -> HTML {
        """
        <div class="alert info" role="status">\(icon("info"))<div class="bd"><b>\(Text(
            "程序带来了第 \(type.version) 版，这里用的是自己的第 \(current?.version ?? 0) 版",
            "The program ships version \(type.version); your own version \(current?.version ?? 0) is in force"
        ))</b><p>\(Text("不会自动换。可以拿它起一份草稿，对照后再发布。", "Nothing changes by itself. Begin a draft from it, compare, then publish."))</p>
        \(when: drafting.mayChange && draft == nil, "<form method=\"post\" action=\"/admin/case-types/\(id)\">\(LinliUI.formToken(drafting.formToken))<button class=\"btn weak\" name=\"do\" value=\"startShipped\">\(Text("用程序带的起草", "Draft from the shipped one"))</button></form>")
        </div></div>
        """
    }

    // MARK: Graph

    /// The graph of what is in the form if it can be read, else of the version in force.
    private func graph(_ looked: (type: CaseType?, problems: [CaseTypeProblem])) -> HTML {
        let isDraft = yaml != nil && looked.type != nil
        guard let type = looked.type ?? current else { return .empty }
        let title =
            isDraft
            ? Text("流程图：草稿", "The graph of the draft")
            : Text("流程图：第 \(type.version) 版", "The graph of version \(type.version)")
        return """
            <section class="card" aria-labelledby="graph"><div class="hd"><h2 id="graph">\(title)</h2></div>
            \(CaseGraph(type).html)
            <p class="pad note">\(Text("带 * 的有条件，条件写在下面。", "What has a * has conditions: they stand below."))</p>
            <p class="pad note">\(Text("回访评价：", "Rating: "))\(type.ratingWords)</p>
            <h3 class="sec">\(Text("用文字看", "The same in words"))</h3>
            \(CaseGraphList(type).html)
            </section>
            \(CaseTypeClocks(type: type).html)
            \(preview(type))
            """
    }

    /// The form as its people see it.
    private func preview(_ type: CaseType) -> HTML {
        let fields = CaseFields(type)
        guard !fields.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="preview"><div class="hd"><h2 id="preview">\(Text("表单的样子", "The form as it looks"))</h2></div>
            <form class="pad" method="get" action="/admin/case-types/\(id)">\(fields.html)</form></section>
            """
    }

    // MARK: Versions

    private var startCard: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("改一版", "A new version"))</h2></div>
        <form class="pad stack" method="post" action="/admin/case-types/\(id)">\(LinliUI.formToken(drafting.formToken))
        <p>\(Text("照现行版起一份草稿，发布前什么都不变。", "Begin a draft from the version in force; nothing changes before it is published."))</p>
        <button class="btn" name="do" value="start">\(Text("起草", "Begin a draft"))</button></form></section>
        """
    }

    private var versionsCard: HTML {
        let numbers = Set(versions.map(\.version)).union(shippedVersions).sorted(by: >)
        return """
            <section class="card" aria-labelledby="versions"><div class="hd"><h2 id="versions">\(Text("历次版本", "Versions"))</h2></div>
            <ul>\(each: numbers, row)</ul>
            \(when: numbers.isEmpty, "<p class=\"pad note\">\(Text("还没有发布过。", "None published yet."))</p>")
            </section>
            """
    }

    private func open(_ version: Int) -> Text {
        let count = running[version] ?? 0
        return Text("在办 \(count) 件", "\(count) open")
    }

    /// A version by its number: of one that was both published and shipped the published one counts.
    private func row(_ version: Int) -> HTML {
        if let entry = versions.first(where: { $0.version == version }) {
            return drafting.version(entry, more: " · \(open(version))")
        }
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(Text("第 \(version) 版", "Version \(version)"))</span>\
            <span class="sub">\(Text("随程序附带", "as shipped")) · \(open(version))</span></span>\(drafting.download("\(version)"))</div></li>
            """
    }
}

/// The draft: its text, what is wrong with it, what it changes, and its buttons.
struct CaseTypeDraftCard {
    let page: CaseTypePage
    let looked: (type: CaseType?, problems: [CaseTypeProblem])

    var html: HTML {
        """
        <section class="card" aria-labelledby="draft"><div class="hd"><h2 id="draft">\(Text("草稿", "Draft"))</h2>\
        \(when: page.draft != nil, page.drafting.download("draft"))</div>
        \(saved)
        \(when: isOutrun, outrun)
        \(complaints)
        \(changes)
        \(when: page.drafting.mayChange, form)
        \(when: canPublish, page.drafting.publish(Text("发布后新来的工单马上用这一版。发布？", "New cases begin with it at once. Publish?")))
        </section>
        """
    }

    /// Whether another version came into force since the draft was written.
    private var isOutrun: Bool { page.draft.map { $0.base != page.current?.version ?? 0 } ?? false }

    private var outrun: HTML {
        let (base, now) = (page.draft?.base ?? 0, page.current?.version ?? 0)
        return notice(
            Text(
                "草稿是照第 \(base) 版写的，现行的已是第 \(now) 版。发布它会把第 \(now) 版的改动改回去：请对照下面的差别再存。",
                "The draft was written from version \(base), but version \(now) is in force. Published as it is, it takes back what that one changed: compare the changes below before you store it."
            ), .warn, icon: "alert")
    }

    private var compared: HTML? { isOutrun ? page.current.map { Drafting.compared($0.version) } : nil }

    /// Only what is stored and right can be published.
    private var canPublish: Bool {
        page.drafting.mayPublish && !isOutrun && looked.problems.isEmpty
    }

    private var saved: HTML? {
        page.draft.map { page.drafting.saved($0.yaml, $0.savedBy, $0.savedAt) }
    }

    private var complaints: HTML {
        page.drafting.complaints(looked.problems.map { (line: $0.line, words: $0.placed) }, in: page.yaml)
    }

    /// What it changes of the version in force.
    private var changes: HTML {
        guard let current = page.current, let type = looked.type else { return .empty }
        let changes = CaseTypeChange.all(from: current, to: type)
        guard !changes.isEmpty else {
            return "<p class=\"pad note\">\(Text("和现行版没有差别。", "It does not differ from the version in force."))</p>"
        }
        return """
            <div class="pad"><h3>\(Text("和第 \(current.version) 版比，改了 \(changes.count) 处", "\(changes.count) changes from version \(current.version)"))</h3>
            <ul class="changes">\(each: changes, change)</ul></div>
            """
    }

    private func change(_ change: CaseTypeChange) -> HTML {
        let (word, tone): (Text, Tone) =
            switch change.kind {
            case .added: (Text("增", "new"), .ok)
            case .removed: (Text("删", "gone"), .bad)
            case .changed: (Text("改", "changed"), .warn)
            }
        return "<li>\(tag(word, tone)) \(change.text)</li>"
    }

    private var form: HTML {
        let error = page.drafting.error?.text(for: "file")
        return page.drafting.form(
            "case-type-\(page.id)", attributes: " enctype=\"multipart/form-data\"",
            """
            \(page.drafting.area(
                "yaml", Text("定义（YAML）", "The definition (YAML)"),
                hint: Text("怎么写见 docs/tutorials/case-types.md。改完先检查、试算，再存。", "How to write one: docs/tutorials/case-types.md. Check and try it, then store it."),
                page.yaml, limit: CaseTypeDrafts.limit
            ))
            \(field(
                Text("或者选一个文件代替上面的文字", "Or a file in place of the text above"), for: "file", optional: true,
                error: error,
                "<input id=\"file\" name=\"file\" type=\"file\" accept=\".yaml,.yml\"\(described("file", error: error))>"
            ))
            \(compared)
            \(page.drafting.buttons(Text("拿上个月的工单试算", "Try it on last month's cases")))
            """
        )
    }
}

/// What a trial found.
struct CaseTypeTrialCard {
    let trial: CaseTypeTrial

    var html: HTML {
        """
        <section class="card" aria-labelledby="trial"><div class="hd"><h2 id="trial">\(Text(
            "拿最近 \(CaseTypeTrial.days) 天的工单试算", "Tried on the cases of the last \(CaseTypeTrial.days) days"
        ))</h2></div>
        <div class="pad stack">
        <p>\(Text(
            "看了 \(trial.looked) 件：\(trial.blocked) 件有走不通的步骤，\(trial.refused) 件的表单会被退回。",
            "Of \(trial.looked) cases \(trial.blocked) took a step that would not be there, and the form of \(trial.refused) would be sent back."
        ))\(when: trial.isCut, " \(Text("只看了最新的 \(CaseTypeTrial.limit) 件。", "Only the newest \(CaseTypeTrial.limit) were looked at."))")</p>
        <p>\(Text(
            "有时限超过的：原来 \(trial.wereLate) 件，按草稿 \(trial.wouldBeLate) 件。",
            "With a clock that ran out: \(trial.wereLate) were, \(trial.wouldBeLate) would be under the draft."
        ))</p>
        \(when: !trial.clocks.isEmpty, clocks)
        <p class="note">\(Text(
            "按每件当时的经过重走一遍，两边用同一种算法；照片、抽查等条件和新派单规则不重算。",
            "Each case is walked again as it went, both versions counted the same way; photos, sampling and routing are not judged again."
        ))</p>
        </div>
        \(when: !trial.examples.isEmpty, "<ul>\(each: trial.examples, example)</ul>")
        </section>
        """
    }

    private var clocks: HTML {
        """
        <ul>\(each: trial.clocks, { clock in
            "<li>\(clock.name)：\(Text("超时 \(clock.were) 件 → \(clock.wouldBe) 件", "\(clock.were) late → \(clock.wouldBe) late"))</li>"
        })</ul>
        """
    }

    private func example(_ example: CaseTypeTrial.Example) -> HTML {
        """
        <li><div class="cell"><span class="bd"><a class="ttl num" href="\(CasePath.desk(example.id))">\(example.number)</a>\
        \(each: example.what.prefix(4), { "<span class=\"sub\">\($0)</span>" })</span></div></li>
        """
    }
}
