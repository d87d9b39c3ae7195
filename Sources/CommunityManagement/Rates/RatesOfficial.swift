import LinliCore
import LinliKernel
import LinliUI

/// The city's own results as they were imported: never mixed with what this system counted.
struct RatesOfficial {
    let page: RatesPage

    /// That numbers came from the city's hotline; whose they are is the heading beside it.
    private static let label: HTML = tag(Text("导入", "Imported"), .ok)

    /// What everybody may read of it: in a card of its own, so that nobody takes one for the other.
    static func open(_ sums: ForeignSums?) -> HTML {
        let figures: HTML =
            sums.map { sums in
                """
                <dl class="kv wide">\(each: sums.rates.enumerated(), { index, rate in
                    "<dt>\(RatesWords.names[index])</dt><dd>\(rate.percent) (\(RatesWords.fraction(rate)))</dd>"
                })<dt>\(Text("回访结果", "Results"))</dt><dd class="num">\(sums.orders)</dd></dl>
                <p class="pad note">\(Text(
                    "12345 回访 \(sums.orders) 件的结果，由市里算；和上面本系统自测的口径不同，两个数不能互相代替。",
                    "Found by the city's hotline about \(sums.orders) orders; counted otherwise than above, neither stands for the other."
                ))</p>
                """
            }
                ?? """
                <p class="pad note">\(Text("这个月没有导入市级考核成绩。", "The city's own result of this month was not imported."))</p>
                """
        return """
            <section class="card" aria-labelledby="h-official"><div class="hd"><h2 id="h-official">\
            \(Text("市级考核成绩", "The city's own result"))</h2>\(label)</div>\(figures)</section>
            """
    }

    private var sums: ForeignSums? { page.official[page.query.month] }

    var html: HTML {
        """
        <section class="card" aria-labelledby="h-official"><div class="hd"><h2 id="h-official">\
        \(Text("市级考核成绩", "The city's own result"))</h2>\(RatesOfficial.label)</div>
        \(sums.map(figures) ?? RatesOfficial.nothing)
        \(when: page.official.count > 1, table)</section>
        """
    }

    private static let nothing: HTML = """
        <p class="pad note">\(Text("这个月还没有导入 12345 的考核成绩。上面的数都是本系统自己算的，不能代替。",
            "Nothing was imported from 12345 for this month. The figures above are our own and do not replace it."))</p>
        """

    private func figures(_ sums: ForeignSums) -> HTML {
        let own = page.words.rates(page.sums)
        return """
            <div class="stats pad">\(each: sums.rates.enumerated(), { index, rate in
                """
                <div class="stat"><span>\(RatesWords.names[index])</span><b>\(rate.percent)</b>\
                <small>\(RatesWords.fraction(rate))\(Text("；本系统自测 \(own[index].percent)", "; counted here \(own[index].percent)"))</small></div>
                """
            })</div>
            <p class="pad note">\(Text(
                "导入了 \(sums.orders) 件的回访结果；没有回访到的不进分母。和上面的自测口径不同，以这里的为准。",
                "\(sums.orders) results were imported; who was not asked is in no denominator. Counted otherwise than above; these hold."
            ))</p>
            """
    }

    private static let orders = Text("件数", "Orders")

    private var table: HTML {
        let months = page.official.keys.sorted(by: >)
        return """
            <details class="more pad"><summary>\(Text("各月", "By month"))</summary>
            <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("各月市级考核成绩", "The city's results by month"))</caption>
            <thead><tr><th scope="col">\(Text("月份", "Month"))</th><th scope="col" class="r">\(Self.orders)</th>\
            \(each: RatesWords.names, { "<th scope=\"col\" class=\"r\">\($0)</th>" })</tr></thead>
            <tbody>\(each: months, row)</tbody></table></div></details>
            """
    }

    private func row(_ month: AssessmentMonth) -> HTML {
        guard let sums = page.official[month] else { return .empty }
        return """
            <tr><th scope="row" class="wide">\(month.name)\
            <span class="sub">\(page.words.calendar.days(of: month))</span></th>\
            <td class="r" data-label="\(Self.orders)">\(sums.orders)</td>\
            \(each: sums.rates.enumerated(), { index, rate in
                """
                <td class="r" data-label="\(RatesWords.names[index])">\(rate.percent)\
                <span class="sub">\(RatesWords.fraction(rate))</span></td>
                """
            })</tr>
            """
    }
}
