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
    /// What the text in the form says, and for how many; nil before somebody asked to see.
    var trial: LabelTrial?
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
        <div class="stack">\(trial.map(changes))\(each: groups, group)\(services)</div>
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

    private func cell(_ label: Label, _ counted: LabelTrial? = nil) -> HTML {
        """
        <div class="cell"><span class="bd"><span class="ttl">\(label.name)</span>
        <span class="sub">\(LabelsPage.words(label, of: trial?.book ?? book))</span>\
        \(counted.map { LabelsPage.counts(label, $0) })</span>\
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

    /// What a new text changes, and for how many.
    private func changes(_ trial: LabelTrial) -> HTML {
        let new = trial.book
        let old = Dictionary(book.labels.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let changed = new.labels.filter {
            old[$0.id]?.rule != $0.rule || old[$0.id]?.name != $0.name || old[$0.id]?.parent != $0.parent
        }
        let ids = Set(changed.map(\.id))
        let following = new.labels.filter { !ids.contains($0.id) && trial.count(of: $0)?.isMoving == true }
        let gone = book.labels.filter { new[label: $0.id] == nil }
        let services = trial.services.filter { row in
            row.change != .same || trial.count(of: row.service)?.isMoving == true
        }
        return """
            <section class="card" aria-labelledby="changes"><div class="hd"><h2 id="changes">\(Text(
                "会改 \(changed.count) 个标签，去掉 \(gone.count) 个；服务共 \(new.services.count) 项，有变化的 \(services.count) 项",
                "\(changed.count) labels change, \(gone.count) go; of \(new.services.count) services \(services.count) change"))</h2></div>
            <p class="pad note">\(LabelsPage.looked(trial))</p>
            <ul class="plain">\(each: changed, { "<li>\(cell($0, trial))</li>" })</ul>
            \(when: !following.isEmpty, """
                <h3 class="pad">\(Text("跟着变的", "What follows"))</h3>
                <ul class="plain">\(each: following, { "<li>\(cell($0, trial))</li>" })</ul>
                """)
            \(when: !gone.isEmpty, """
                <ul class="plain">\(each: gone, { LabelsPage.gone($0, trial) })</ul>
                """)
            \(when: !services.isEmpty, """
                <h3 class="pad">\(Text("服务", "Services"))</h3>
                <ul class="plain">\(each: services, { LabelsPage.moved($0.service, $0.change, trial) })</ul>
                """)
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

// MARK: Counted

extension LabelsPage {
    /// Over whom a text was worked out.
    private static func looked(_ trial: LabelTrial) -> Text {
        let small =
            trial.least > 1
            ? Text(
                "；不到 \(trial.least) 人的不说几个，别的往少里取整",
                "; fewer than \(trial.least) are not told apart, others rounded down")
            : Text(same: "")
        return trial.isWhole
            ? Text(
                "按您管的全部 \(trial.people) 人试算，没有发布\(small.zh)。",
                "Worked out over all \(trial.people) people of yours; not published\(small.en).")
            : Text(
                "人太多，只按社区顺序试算了前 \(trial.people) 人，没有发布\(small.zh)。",
                "Worked out over the first \(trial.people) people only, by communities; not published\(small.en).")
    }

    /// How many have a label by the text, get it and lose it.
    private static func counts(_ label: Label, _ trial: LabelTrial) -> HTML {
        guard let count = trial.count(of: label) else { return .empty }
        let (held, gained, lost) = (trial.text(count.held), trial.text(count.gained), trial.text(count.lost))
        return """
            <span class="sub num">\(Text(
                "照新的：\(held.zh) 人有；多出来 \(gained.zh) 人，不再有 \(lost.zh) 人",
                "By the text: \(held.en) have it; \(gained.en) get it, \(lost.en) lose it"))</span>
            """
    }

    /// A service that is new, changes, goes, or whose people change with a label.
    private static func moved(_ service: CareService, _ change: LabelTrial.Change, _ trial: LabelTrial) -> HTML {
        let name: Text =
            switch change {
            case .same: service.name
            case .new: Text("新的：", "New: ") + service.name
            case .changed: Text("改了：", "Changed: ") + service.name
            case .gone: Text("去掉：", "Gone: ") + service.name
            }
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(name)</span>\(entitled(service, trial))\
            \(when: change == .gone, LabelsPage.ends)</span></li>
            """
    }

    private static let ends: HTML = """
        <span class="sub">\(Text(
            "没送完的单退回社区，由工作人员跟本人说明、停掉。", "Open orders go back to the community, which tells the people and ends them."
        ))</span>
        """

    /// How many may have a service by the text, and how many get and lose that.
    private static func entitled(_ service: CareService, _ trial: LabelTrial) -> HTML {
        guard let count = trial.count(of: service) else { return .empty }
        let (held, gained, lost) = (trial.text(count.held), trial.text(count.gained), trial.text(count.lost))
        return """
            <span class="sub num">\(Text(
                "照新的：\(held.zh) 人可以享受；多出来 \(gained.zh) 人，不再可以 \(lost.zh) 人",
                "By the text: \(held.en) may have it; \(gained.en) more, \(lost.en) no more"))</span>
            """
    }

    /// A label that goes, and how many lose it.
    private static func gone(_ label: Label, _ trial: LabelTrial) -> HTML {
        let lost = trial.count(of: label).map { trial.text($0.lost) }
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(Text("去掉：", "Gone: "))\(label.name)</span>\
            \(lost.map { "<span class=\"sub num\">\(Text("现在有的 \($0.zh) 人不再有", "\($0.en) lose it"))</span>" as HTML })</span></li>
            """
    }
}
