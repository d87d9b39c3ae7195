import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The rules in force in words, the draft of the next ones, and what those would have warned of.
struct WarningRulesPage {
    let book: WarningBook
    /// 0 for the rules that are shipped.
    let version: Int
    let draft: WarningBookDraft?
    let history: [PublishedVersion]
    let catalogue: EventCatalogue
    let names: DivisionNames
    /// After how many days without a look the street sees a warning, where a rule says nothing else.
    let usualDays: Int
    var drafting: Drafting
    var trial: WarningTrial?

    /// The text in the form.
    var text: String? { drafting.typed ?? draft?.text }

    /// What the loader says of it.
    var looked: (book: WarningBook?, problems: [LabelProblem]) { text.map { WarningBooks.look($0) } ?? (nil, []) }

    var page: Page {
        Page(Text("预警规则", "Rules of warnings"), frame: .desk("/admin/warnings"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap"\(when: drafting.done != nil, " data-draft-done=\"warning-rules\"")>
        <div class="ttlbar"><h1>\(Text("预警规则", "Rules of warnings"))</h1></div>
        \(problem(drafting.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <div class="stack">
        \(trial.map(tried))
        \(when: text != nil && (drafting.mayChange || draft != nil), WarningRulesDraftCard(page: self).html)
        <section class="card" aria-labelledby="rules"><div class="hd"><h2 id="rules">\(title)</h2></div>
        <p class="pad note">\(Text(
            "够数就提醒，每条预警列出是哪几件事。举报和投诉单位的不数。",
            "Enough of them warn; each warning lists what it is made of. Tip-offs and what is said against units never count."
        ))</p>
        <ul class="plain">\(each: book.rules, rule)</ul></section>
        </div>
        <aside class="stack">\(when: text == nil && drafting.mayChange, startCard)\(versionsCard)</aside>
        </main>
        """
    }

    private var doneText: Text? {
        drafting.told(
            published: Text(
                "已发布。新发生的事马上按新规则数；以前的十分钟内重看一遍，已有的预警不动。",
                "Published: what happens from now on counts by it; the past is looked at again within ten minutes, and warnings that stand stay."
            ))
    }

    private var title: Text {
        version == 0
            ? Text("现行规则：随程序附带", "In force: the shipped rules")
            : Text("现行规则：第 \(version) 版", "In force: version \(version)")
    }

    private func rule(_ rule: WarningRule) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(rule.name)</span>
        <span class="sub">\(rule.words { catalogue.name(of: $0) })</span>
        <span class="sub">\(rule.told(usual: usualDays))</span>
        <span class="sub">\(rule.why)</span></span></li>
        """
    }

    // MARK: What it would have done

    private func tried(_ trial: WarningTrial) -> HTML {
        """
        <section class="card" aria-labelledby="trial"><div class="hd"><h2 id="trial">\(Text(
            "拿最近 \(WarningTrial.days) 天试算", "Tried on the last \(WarningTrial.days) days"
        ))</h2></div>
        <p class="pad">\(Text(
            "看了您管的范围里 \(trial.looked) 个信号\(trial.isCut ? "（最近的，还有更早的没看）" : "")。没有真的提醒任何人。",
            "Looked at \(trial.looked) signals of your divisions\(trial.isCut ? ", the newest; there are more" : ""). Nobody was warned."
        ))</p>
        <ul class="plain">\(each: trial.lines, line)</ul>
        <p class="pad note">\(Text(
            "“没有音信”的信号是按当时的天数记的，改 silence 以后才会变。",
            "Signals of silence were noted by the days that held then; another “silence” changes later ones only."
        ))</p></section>
        """
    }

    private func line(_ line: WarningTrial.Line) -> HTML {
        let count: Text =
            switch (line.were, line.wouldBe) {
            case (let were?, let wouldBe?):
                Text("现在 \(were) 条，会是 \(wouldBe) 条", "\(were) now, would be \(wouldBe)")
            case (nil, let wouldBe?): Text("新规则，会有 \(wouldBe) 条", "new, would be \(wouldBe)")
            case (let were?, nil): Text("去掉了，现在 \(were) 条", "taken out, \(were) now")
            case (nil, nil): Text(same: "")
            }
        return """
            <li class="cell"><span class="bd"><span class="ttl">\(line.name)</span><span class="sub">\(count)</span>\
            \(each: line.examples, { one in
                let place = one.address.isEmpty ? names[one.division] : one.address
                return """
                    <span class="sub">\(time(one.at, one.at.relative(to: drafting.now))) · \(place) · \
                    \(Text("\(one.reasons) 件", "\(one.reasons) signals"))</span>
                    """
            })</span></li>
            """
    }

    // MARK: Versions

    private var startCard: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("改一版", "A new version"))</h2></div>
        <form class="pad stack" method="post" action="/admin/warnings">\(LinliUI.formToken(drafting.formToken))
        <p>\(Text("照现行规则起一份草稿，发布前什么都不变。", "Begin a draft from the rules in force; nothing changes before it is published."))</p>
        <div class="btns"><button class="btn" name="do" value="start">\(Text("起草", "Begin a draft"))</button>\
        \(when: version > 0, "<button class=\"btn weak\" name=\"do\" value=\"startShipped\">\(Text("用程序带的起草", "Draft from the shipped ones"))</button>")</div></form></section>
        """
    }

    private var versionsCard: HTML {
        """
        <section class="card" aria-labelledby="versions"><div class="hd"><h2 id="versions">\(Text("历次版本", "Versions"))</h2></div>
        <ul>\(each: history, { drafting.version($0) })<li><div class="cell"><span class="bd"><span class="ttl">\(Text("随程序附带", "As shipped"))</span>\
        </span>\(drafting.download("0"))</div></li></ul></section>
        """
    }
}
