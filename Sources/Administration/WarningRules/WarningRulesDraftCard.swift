import LinliCore
import LinliKernel
import LinliUI

/// The draft: its text, what is wrong with it, what it changes, and its buttons.
struct WarningRulesDraftCard {
    let page: WarningRulesPage

    var html: HTML {
        let looked = page.looked
        return """
            <section class="card" aria-labelledby="draft"><div class="hd"><h2 id="draft">\(Text("草稿", "Draft"))</h2>\
            \(when: page.draft != nil, page.drafting.download("draft"))</div>
            \(saved)
            \(when: isOutrun, outrun)
            \(page.drafting.complaints(looked.problems.map { (line: $0.line, words: $0.placed) }, in: page.text))
            \(looked.book.map(changes))
            \(when: page.drafting.mayChange, form)
            \(when: canPublish(looked.problems), page.drafting.publish(Text("发布后新发生的事马上按它数。发布？", "What happens from now on counts by it. Publish?")))
            </section>
            """
    }

    /// Whether other rules came into force since the draft was written.
    private var isOutrun: Bool { page.draft.map { $0.base != page.version } ?? false }

    /// Only what is stored and right can be published.
    private func canPublish(_ problems: [LabelProblem]) -> Bool {
        page.drafting.mayPublish && !isOutrun && problems.isEmpty
    }

    private var outrun: HTML {
        let (base, now) = (page.draft?.base ?? 0, page.version)
        return notice(
            Text(
                "草稿是照第 \(base) 版写的，现行的已是第 \(now) 版。发布它会把第 \(now) 版的改动改回去：请对照再存。",
                "The draft was written from version \(base), but version \(now) is in force. Published as it is, it takes back what that one changed: compare before you store it."
            ), .warn, icon: "alert")
    }

    private var saved: HTML? {
        page.draft.map { page.drafting.saved($0.text, $0.savedBy, $0.savedAt) }
    }

    /// What it changes of the rules in force, each as it would read.
    private func changes(_ new: WarningBook) -> HTML {
        let old = page.book
        let added = new.rules.filter { old[$0.id] == nil }
        let changed = new.rules.filter { rule in old[rule.id].map { $0 != rule } ?? false }
        let gone = old.rules.filter { new[$0.id] == nil }
        let total = added.count + changed.count + gone.count + (new.silence == old.silence ? 0 : 1)
        guard total > 0 else {
            return "<p class=\"pad note\">\(Text("和现行规则没有差别。", "It does not differ from the rules in force."))</p>"
        }
        return """
            <div class="pad"><h3>\(Text("和现行规则比，改了 \(total) 处", "\(total) changes from the rules in force"))</h3>
            <ul class="changes">\(each: added, { change(Text("增", "new"), .ok, $0) })\
            \(each: changed, { change(Text("改", "changed"), .warn, $0) })\
            \(each: gone, { "<li>\(tag(Text("删", "gone"), .bad)) \($0.name)</li>" })\
            \(when: new.silence != old.silence, silence(new))</ul></div>
            """
    }

    private func change(_ word: Text, _ tone: Tone, _ rule: WarningRule) -> HTML {
        """
        <li>\(tag(word, tone)) \(rule.name)：\(rule.words { page.catalogue.name(of: $0) })\
        \(rule.told(usual: page.usualDays))</li>
        """
    }

    private func silence(_ new: WarningBook) -> HTML {
        let days = new.silence.map { Text("\($0) 天", "\($0) days") } ?? Text("不再数", "not counted any more")
        return """
            <li>\(tag(Text("改", "changed"), .warn)) \(Text("没有音信：过了该走访的日子 ", "Silence, after a visit was due: "))\(days)</li>
            """
    }

    private var form: HTML {
        page.drafting.form(
            "warning-rules",
            """
            \(page.drafting.area(
                "text", Text("规则（YAML）", "The rules (YAML)"),
                hint: Text(
                    "怎么写见 docs/operations/warnings.md。信号：need、finding、missed、silent；合起来：all、any。改完先检查、试算，再存。",
                    "How to write them: docs/operations/warnings.md. Signals: need, finding, missed, silent; joined by all, any. Check and try them, then store them."),
                page.text, limit: WarningBooks.limit
            ))
            \(when: isOutrun, Drafting.compared(page.version))
            \(page.drafting.buttons(Text("拿最近三个月试算", "Try them on the last three months")))
            """
        )
    }
}
