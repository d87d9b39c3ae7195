import LinliCore
import LinliKernel
import LinliUI

/// The labels and services in force as people read them, what a new text would change, and what was published before.
struct LabelsPage {
    let book: LabelBook
    let history: [(reason: String, at: Instant, by: String)]
    let mayChange: Bool
    let now: Instant
    let formToken: String
    var typed: Form?
    /// What the text in the form says; nil before somebody asked to see.
    var looked: LabelBook?
    var error: LinliError?
    var done: String?

    var page: Page {
        Page(Text("标签与服务", "Labels and services"), frame: .desk("/admin/labels"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("标签与服务", "Labels and services"))</h1></div>
        \(problem(error))
        \(when: done == "publish", notice(Text(
            "已发布。所有人的标签会在后台陆续重算。", "Published: everybody is worked out again in the background."
        ), .ok, icon: "done"))
        <div class="stack">\(looked.map(changes))\(each: groups, group)\(services)</div>
        <aside class="stack">\(when: mayChange, edit)\(versions)</aside>
        </main>
        """
    }

    private var groups: [(name: Text, labels: [Label])] {
        book.labels.reduce(into: []) { groups, label in
            if groups.last?.name == label.group {
                groups[groups.count - 1].labels.append(label)
            } else {
                groups.append((label.group, [label]))
            }
        }
    }

    private func group(_ group: (name: Text, labels: [Label])) -> HTML {
        let id = "g-\(group.labels.first?.id ?? "")"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(group.name)</h2></div>
            <div class="pad tree"><ul>\(each: group.labels.filter { $0.parent == nil }, branch)</ul></div></section>
            """
    }

    /// A label with all below it.
    private func branch(_ label: Label) -> HTML {
        let below = book.children(of: label.id)
        return """
            <li>\(cell(label))\(when: !below.isEmpty, "<ul>\(each: below, branch)</ul>")</li>
            """
    }

    private func label(_ label: Label) -> HTML { "<li>\(cell(label))</li>" }

    private func cell(_ label: Label) -> HTML {
        """
        <div class="cell"><span class="bd"><span class="ttl">\(label.name)</span>
        <span class="sub">\(LabelsPage.words(label, of: looked ?? book))</span></span>\
        \(LabelsPage.tone(label.fieldClass))\(when: label.isCare, tag(Text("列入关照", "On the care list"), .info))</div>
        """
    }

    /// Who has it: by its rule, through what stands below it, or by hand only.
    private static func words(_ label: Label, of book: LabelBook) -> Text {
        let below = Text("下面任何一个有，就算有", "whoever has one below it")
        let hasBelow = !book.children(of: label.id).isEmpty
        guard let rule = label.rule else {
            return hasBelow ? below : Text("只由工作人员手工标", "given by hand only")
        }
        return hasBelow ? rule.words + Text("；", "; ") + below : rule.words
    }

    private static func tone(_ fieldClass: FieldClass) -> HTML {
        switch fieldClass {
        case .basic: tag(Text("一般", "Basic"), .mute)
        case .sensitive: tag(Text("敏感", "Sensitive"), .warn)
        case .special: tag(Text("特殊", "Special"), .bad)
        }
    }

    private var services: HTML {
        """
        <section class="card" aria-labelledby="services"><div class="hd"><h2 id="services">\(Text("服务目录", "Services"))</h2></div>
        <ul class="plain">\(each: book.services, service)</ul></section>
        """
    }

    private func service(_ service: CareService) -> HTML {
        let units = Text(
            service.units.map(\.name.zh).joined(separator: "、"), service.units.map(\.name.en).joined(separator: ", "))
        let proof = Text(
            service.evidence.map(\.name.zh).joined(separator: "、"),
            service.evidence.map(\.name.en).joined(separator: ", "))
        let often =
            service.everyDays.map { Text("每 \($0) 天", "every \($0) days") } ?? Text("一次", "once")
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(service.name)</span><span class="sub">\(service.what)</span>
            <span class="sub">\(Text("给：", "For: "))\(service.rule.words) · \(often)</span>
            <span class="sub">\(Text("谁提供：", "By: "))\(units) · \(Text("凭据：", "Proof: "))\(proof)</span>
            <span class="sub">\(Text("依据：", "Basis: "))\(service.basis) · \(Text(
                "说不要后 \(service.askAgainDays) 天内不再问", "not asked again for \(service.askAgainDays) days"))</span></span>\
            \(LabelsPage.tone(service.fieldClass))</li>
            """
    }

    // MARK: Changing it

    /// What a new text changes.
    private func changes(_ new: LabelBook) -> HTML {
        let old = Dictionary(book.labels.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let changed = new.labels.filter {
            old[$0.id]?.rule != $0.rule || old[$0.id]?.name != $0.name || old[$0.id]?.parent != $0.parent
        }
        let gone = book.labels.filter { new[label: $0.id] == nil }
        let names = Text(
            gone.map(\.name.zh).joined(separator: "、"), gone.map(\.name.en).joined(separator: ", "))
        return """
            <section class="card" aria-labelledby="changes"><div class="hd"><h2 id="changes">\(Text(
                "会改 \(changed.count) 个标签，去掉 \(gone.count) 个；服务 \(new.services.count) 项",
                "\(changed.count) labels change, \(gone.count) go; \(new.services.count) services"))</h2></div>
            <ul class="plain">\(each: changed, label)</ul>
            \(when: !gone.isEmpty, "<p class=\"pad\">\(Text("去掉：", "Gone: "))\(names)</p>")
            <form class="pad btns" method="post" action="/admin/labels">\(LinliUI.formToken(formToken))\
            <textarea name="text" hidden>\("\n" + new.text)</textarea>\
            <input type="hidden" name="reason" value="\(typed?["reason"] ?? "")">\
            <button class="btn" name="do" value="publish">\(Text("发布", "Publish"))</button></form></section>
            """
    }

    private var edit: HTML {
        let form = AdminForm(typed: typed, error: error)
        return """
            <section class="card"><details class="more pad"\(when: typed != nil, " open")><summary>\
            \(icon("edit", small: true))\(Text("修改", "Change"))</summary>
            <form class="form" method="post" action="/admin/labels">\(LinliUI.formToken(formToken))
            <div class="full">\(form.lines(
                "text", Text("标签和服务", "Labels and services"), book.text, rows: 18,
                hint: Text(
                    """
                    规则可用：all、any、not、age、bornWithin、sex、fact、tie、relation、dwelling、household、everyone、someone、label；\
                    放在哪个标签下面写 parent
                    """,
                    """
                    Rules: all, any, not, age, bornWithin, sex, fact, tie, relation, dwelling, household, everyone, \
                    someone, label; parent says below which label one stands
                    """
                ), limit: 60_000
            ))</div>
            <div class="full">\(form.input(
                "reason", Text("改了什么、为什么", "What changes and why"), attributes: " maxlength=\"200\""))</div>
            <div class="full btns"><button class="btn ghost">\(Text("先看看", "Have a look first"))</button></div>
            </form></details></section>
            """
    }

    private var versions: HTML {
        """
        <section class="card" aria-labelledby="versions"><div class="hd"><h2 id="versions">\(Text("发布记录", "Published"))</h2></div>
        \(history.isEmpty
            ? "<p class=\"pad note\">\(Text("还没有改过，用的是随程序附带的。", "None published yet: the shipped one holds."))</p>"
            : "<ul>\(each: history, version)</ul>")
        </section>
        """
    }

    private func version(_ entry: (reason: String, at: Instant, by: String)) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl">\(entry.reason)</span>\
        <span class="sub">\(entry.by) · \(time(entry.at, entry.at.relative(to: now)))</span></span></div></li>
        """
    }
}
