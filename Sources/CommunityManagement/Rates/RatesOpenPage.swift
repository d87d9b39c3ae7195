import LinliCore
import LinliKernel
import LinliUI

/// What everybody may read: how a month was judged, place by place, and what was left out of it and why.
struct RatesOpenPage: Sendable {
    let month: AssessmentMonth
    let division: DivisionCode
    let words: RatesWords
    let sums: RateSums
    let children: [(code: DivisionCode, sums: RateSums)]
    let population: [DivisionCode: Population]
    let exclusions: [(reason: String, count: Int)]
    /// The city's own result of the month, as imported; nil where nobody imported one.
    let official: ForeignSums?
    /// Whether a later month is over, too.
    let hasNext: Bool
    let names: DivisionNames
    let types: CaseTypes
    /// Why it is not what the address asked for; nil where it is.
    var problem: Text?

    var page: Page {
        Page(Text("办得怎么样", "How it went"), frame: .resident(.home), body)
    }

    private func address(_ month: AssessmentMonth, _ division: DivisionCode) -> String {
        LinliUI.address("/rates", [("month", "\(month)"), ("division", "\(division)")])
    }

    private var body: HTML {
        """
        <main id="main">
        <h1 class="sr">\(Text("办得怎么样", "How it went"))</h1>
        \(problem.map { notice($0, .warn) })
        <div class="col">
        <section class="card" aria-labelledby="h-rates"><div class="hd"><h2 id="h-rates">\(names[division]) · \(month.name)</h2>\
        \(RatesWords.label)</div>
        <p class="pad note">\(words.days(month))</p>
        <dl class="kv wide">\(each: 0..<3, { index in
            "<dt>\(RatesWords.names[index])</dt><dd>\(words.sentence(index, sums))</dd>"
        })
        <dt>\(Text("派出的诉求", "Needs dispatched"))</dt><dd class="num">\(sums.requests)</dd>
        <dt>\(Text("万人诉求比", "Needs per 10,000"))</dt><dd>\(RatesWords.density(sums.requests, population[division]))</dd>
        </dl>
        <div class="act"><a class="btn ghost" href="\(address(month.previous, division))">\(Text("上个月", "Earlier"))</a>
        \(when: hasNext, "<a class=\"btn ghost\" href=\"\(address(month.next, division))\">\(Text("下个月", "Later"))</a>")
        \(when: division.level > .district, "<a class=\"btn ghost\" href=\"\(address(month, division.ancestor(at: wider)))\">\(Text("上一级", "Wider area"))</a>")
        </div></section>
        \(RatesOfficial.open(official))
        \(when: !children.isEmpty, parts)
        </div>
        <div class="col side">
        <section class="card" aria-labelledby="h-left"><div class="hd"><h2 id="h-left">\(Text("哪些不计入", "What was left out"))</h2></div>
        \(left)</section>
        <section class="card" aria-labelledby="h-rules"><div class="hd"><h2 id="h-rules">\(Text("怎么算的", "How it is counted"))</h2></div>
        <p class="pad note">\(rules)</p></section>
        </div>
        </main>
        """
    }

    private var wider: DivisionCode.Level { division.level == .community ? .street : .district }

    private var parts: HTML {
        """
        <section class="card" aria-labelledby="h-parts"><div class="hd"><h2 id="h-parts">\(Text("各地", "By place"))</h2></div>
        <ul class="plain">\(each: children, { code, sums in
            """
            <li class="pad"><a href="\(address(month, code))"><b>\(names[code])</b></a>
            <p class="note">\(Text("诉求 \(sums.requests)，万人诉求比 ", "\(sums.requests) needs, per 10,000: "))\
            \(RatesWords.density(sums.requests, population[code]))</p>
            <p class="note">\(each: 0..<3, { index in
                "\(when: index > 0, "<br>")\(RatesWords.names[index]) \(words.sentence(index, sums))"
            })</p></li>
            """
        })</ul>\(RatesWords.unplacedNote(unplaced))</section>
        """
    }

    /// Needs in the sums and in those of no part.
    var unplaced: Int { RatesWords.unplaced(sums, children.map { $0.sums }) }

    private var left: HTML {
        guard !exclusions.isEmpty else {
            return "<p class=\"pad note\">\(Text("这个月没有一件不计入。", "Nothing was left out of this month."))</p>"
        }
        return """
            <dl class="kv wide">\(each: exclusions, { entry in
                "<dt>\(RatesWords.exclusion(entry.reason, types))</dt><dd class=\"num\">\(entry.count)</dd>"
            })</dl>
            <p class="pad note">\(Text("每一件都由承办单位写明理由，另一个单位的人审批。", "For each the unit gave its reasons and somebody of another unit agreed."))</p>
            """
    }

    private var rules: Text {
        Text(
            "响应率：时限内联系上的，占到了时限的。解决率：说“解决了”的，占答复了的。满意率：",
            "Response: contacted in time, of those whose time has come. Solved: of those who answered. Satisfied: "
        ) + words.satisfied
            + Text(
                "，占评了满意度的。没有答复的不算满意，也不算不满意。针对具体单位的投诉、举报为保护反映人不在这里统计。只公布已经结束的月份。",
                ", of those who graded. No answer counts as neither. Complaints about a single unit are not counted here, to protect who speaks. Only finished months are published."
            )
    }
}
