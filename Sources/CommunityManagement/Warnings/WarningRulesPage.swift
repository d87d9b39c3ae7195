import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What warns, in plain words, for whoever handles warnings.
struct WarningRulesPage {
    let book: WarningBook
    /// 0 for the rules that are shipped.
    let version: Int
    /// After how many days without a look the street sees a warning.
    let days: Int
    /// Whether the reader may change the rules.
    let mayChange: Bool
    let catalogue: EventCatalogue

    var page: Page {
        Page(Text("什么情况会提醒", "What warns"), frame: .desk("/desk/warnings"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("什么情况会提醒", "What warns"))</h1><a class="btn ghost" href="/desk/warnings">\
        \(icon("back", small: true))\(Text("预警", "Warnings"))</a></div>
        <div class="stack">
        <section class="card pad"><p>\(Text(
            "一件事发生一次，往往看不出什么；同样的事在同一个地方、同一户一再发生，就值得去看看。系统只数下面这些已经记下来的事，够了数就提醒，并列出每一件。",
            "Once says little; the same again at one place or one home is worth a look. The system counts only what is written down below, warns when it is enough, and lists each of them."
        ))</p>
        <p>\(Text(
            "数的是：居民反映的事（举报和投诉单位的不数）、巡查发现的隐患、上门没见到人、独住老人到了该走访的日子仍没有任何联系。联系上了，以前没见到的就不算了。提醒的是事，不给任何人打分。",
            "It counts needs people told (never tip-offs, nor what is said against a unit), hazards found on rounds, visits that met nobody, and elders who live alone and were not heard of when a visit was due. Whoever was met begins anew. It warns of situations and scores nobody."
        ))</p>
        \(when: mayChange, "<p><a href=\"/admin/warnings\">\(Text("修改规则", "Change the rules"))</a></p>")</section>
        <section class="card" aria-labelledby="rules"><div class="hd"><h2 id="rules">\(title)</h2></div>
        <ul class="plain">\(each: book.rules, rule)</ul></section>
        </div></main>
        """
    }

    private var title: Text {
        version == 0
            ? Text("现行规则：随程序附带", "The rules in force, as shipped")
            : Text("现行规则：第 \(version) 版", "The rules in force, version \(version)")
    }

    private func rule(_ rule: WarningRule) -> HTML {
        """
        <li class="cell"><span class="bd"><span class="ttl">\(rule.name)</span>
        <span class="sub">\(rule.words { catalogue.name(of: $0) })</span>
        <span class="sub">\(rule.told(usual: days))</span><span class="sub">\(rule.why)</span></span></li>
        """
    }
}
