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
            \(when: page.draft != nil, page.download("draft"))</div>
            \(saved)
            \(when: isOutrun, outrun)
            \(complaints(looked.problems))
            \(looked.book.map(changes))
            \(when: page.mayChange, form)
            \(when: canPublish(looked.problems), publish)
            </section>
            """
    }

    private var revision: Int { page.draft?.revision ?? 0 }

    /// Whether other rules came into force since the draft was written.
    private var isOutrun: Bool { page.draft.map { $0.base != page.version } ?? false }

    /// Only what is stored and right can be published.
    private func canPublish(_ problems: [LabelProblem]) -> Bool {
        page.mayChange && page.draft != nil && !isOutrun && page.typed == nil && problems.isEmpty
    }

    private var outrun: HTML {
        let (base, now) = (page.draft?.base ?? 0, page.version)
        return notice(
            Text(
                "草稿是照第 \(base) 版写的，现行的已是第 \(now) 版。发布它会把第 \(now) 版的改动改回去：请对照再存。",
                "The draft was written from version \(base), but version \(now) is in force. Published as it is, it takes back what that one changed: compare before you store it."
            ), .warn, icon: "alert")
    }

    private var compared: HTML {
        guard isOutrun else { return .empty }
        return """
            <label class="check"><input type="checkbox" name="compared" value="\(page.version)">\
            <span>\(Text("已和第 \(page.version) 版对照过", "Compared with version \(page.version)"))</span></label>
            """
    }

    private var saved: HTML {
        guard let draft = page.draft else { return .empty }
        return """
            <p class="pad note">\(draft.savedBy) · \(time(draft.savedAt, draft.savedAt.relative(to: page.now)))\
            \(when: page.typed != nil && page.typed != draft.text, " · \(Text("下面的改动还没有存", "what stands below is not stored yet"))")</p>
            """
    }

    /// What the loader says, by line.
    private func complaints(_ problems: [LabelProblem]) -> HTML {
        guard !problems.isEmpty else {
            return page.isChecked ? notice(Text("没有发现错误。", "Nothing is wrong with it."), .ok, icon: "done") : .empty
        }
        return """
            <div class="alert bad" role="alert">\(icon("alert"))<div class="bd"><b>\(Text(
                "有 \(problems.count) 处要改，改好才能发布", "\(problems.count) things to mend before it can be published"
            ))</b><ul>\(each: problems.prefix(30), complaint)</ul></div></div>
            """
    }

    private func complaint(_ problem: LabelProblem) -> HTML {
        let lines = (page.text ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        let words = lines.indices.contains(problem.line - 1) ? String(lines[problem.line - 1]).trimmed : ""
        return """
            <li>\(when: problem.line > 0, "\(Text("第 \(problem.line) 行：", "Line \(problem.line): "))")\(problem.text)\
            \(when: !words.isEmpty, "<br><code>\(String(words.prefix(80)))</code>")</li>
            """
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
        """
        <form class="pad stack" method="post" action="/admin/warnings" data-draft="warning-rules">\
        \(LinliUI.formToken(page.formToken))<input type="hidden" name="revision" value="\(revision)">\
        \(field(
            Text("规则（YAML）", "The rules (YAML)"), for: "text",
            hint: Text(
                "怎么写见 docs/operations/warnings.md。信号：need、finding、missed、silent；合起来：all、any。改完先检查、试算，再存。",
                "How to write them: docs/operations/warnings.md. Signals: need, finding, missed, silent; joined by all, any. Check and try them, then store them."),
            error: page.error?.text(for: "text"),
            """
            <textarea id="text" name="text" rows="24" class="code" spellcheck="false" autocapitalize="off" \
            maxlength="\(WarningBooks.limit)"\(described("text", hint: true, error: page.error?.text(for: "text")))>
            \(page.text ?? "")</textarea>
            """
        ))
        \(compared)
        <div class="btns"><button class="btn" name="do" value="save">\(Text("存草稿", "Store the draft"))</button>\
        <button class="btn weak" name="do" value="try">\(Text("拿最近三个月试算", "Try them on the last three months"))</button>\
        <button class="btn weak" name="do" value="check">\(Text("检查", "Check"))</button>\
        \(when: page.draft != nil, discard)</div>
        </form>
        """
    }

    private var discard: HTML {
        """
        <button class="btn ghost" name="do" value="discard" data-confirm="\(Text("丢掉这份草稿？", "Throw this draft away?"))">\
        \(Text("丢掉", "Throw away"))</button>
        """
    }

    private var publish: HTML {
        let error = page.error?.text(for: "reason")
        return """
            <form class="pad stack" method="post" action="/admin/warnings" \
            data-confirm="\(Text("发布后新发生的事马上按它数。发布？", "What happens from now on counts by it. Publish?"))">\
            \(LinliUI.formToken(page.formToken))<input type="hidden" name="revision" value="\(revision)">\
            <input type="hidden" name="do" value="publish">
            \(field(
                Text("为什么改", "Why"), for: "reason", error: error,
                "<input id=\"reason\" name=\"reason\" maxlength=\"200\" required value=\"\(page.reason ?? "")\"\(described("reason", error: error))>"
            ))
            <div class="btns"><button class="btn">\(Text("发布存好的草稿", "Publish the stored draft"))</button></div>
            </form>
            """
    }
}
