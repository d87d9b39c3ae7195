import LinliCore
import LinliKernel
import LinliUI

/// A month's three rates of a place or a unit: what they are, how they came about, and the twelve months before.
struct RatesPage: Sendable {
    let query: RatesQuery
    let words: RatesWords
    let sums: RateSums
    /// The trend, the oldest first.
    let months: [(month: AssessmentMonth, sums: RateSums)]
    /// By which rules each of them is counted.
    let rules: [AssessmentMonth: RateSettings]
    let children: [(code: DivisionCode, sums: RateSums)]
    let units: [RatesStore.UnitRow]
    /// The unit it is about, if it is about one.
    let unit: UnitSummary?
    let population: [DivisionCode: Population]
    let exclusions: [(reason: String, count: Int)]
    /// The city's own results by month, as imported.
    let official: [AssessmentMonth: ForeignSums]
    /// How units came when they were whistled for.
    let whistles: RatesWhistles
    /// What came of grid events.
    let gridEvents: RatesGridEvents
    /// The divisions the reader may begin with.
    let areas: [DivisionCode]
    let now: Instant
    let names: DivisionNames
    let types: CaseTypes

    var page: Page {
        Page(Text("三率", "Three rates"), frame: .desk("/desk/rates"), body)
    }

    private var place: Text {
        let division = query.area.division.map { Text(same: names[$0]) }
        guard let unit else { return division ?? Text(same: "") }
        return division.map { unit.name + Text("（\($0.zh)）", " (\($0.en))") } ?? unit.name
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(place) \(RatesWords.label)</h1>
        <a class="btn ghost" href="\(query.address("/desk/rates/heat"))">\(icon("map", small: true))\
        \(Text("按类别、地点看", "By kind and place"))</a>
        <a class="btn ghost" href="\(query.address("/desk/rates/cases"))">\(icon("list", small: true))\
        \(Text("看每一件", "Every case"))</a></div>
        \(chooser)
        \(figures)
        \(origin)
        \(trend)
        \(when: !children.isEmpty, divisionTable)
        \(when: !units.isEmpty, unitTable)
        \(gridEvents.html)
        \(whistles.html)
        \(RatesOfficial(page: self).html)
        </main>
        """
    }

    // MARK: What is shown

    private var chooser: HTML {
        let next = query.month.next
        let isLast = next > words.calendar.month(of: now)
        let parent = query.area.division?.parent.flatMap { parent in
            areas.contains { $0.contains(parent) } ? parent : nil
        }
        return """
            <nav class="card flt" aria-label="\(Text("月份和范围", "Month and area"))">
            <a class="btn ghost sm" href="\(query.address("/desk/rates", month: query.month.previous))">\
            \(Text("上个月", "Earlier"))</a>
            <b>\(query.month.name)</b><span class="note">\(words.days(query.month))</span>
            \(when: !isLast, """
                <a class="btn ghost sm" href="\(query.address("/desk/rates", month: next))">\(Text("下个月", "Later"))</a>
                """)
            <span class="sp"></span>
            \(parent.map { up($0, Text(same: names[$0])) })
            \(when: unit != nil && query.area.division != nil, query.area.division.map { wholeDivision($0) } ?? .empty)
            </nav>
            """
    }

    private func up(_ code: DivisionCode, _ name: Text) -> HTML {
        let address = LinliUI.address("/desk/rates", [("month", "\(query.month)"), ("division", "\(code)")])
        return "<a class=\"btn ghost sm\" href=\"\(address)\">\(Text("上一级：\(name.zh)", "Up: \(name.en)"))</a>"
    }

    private func wholeDivision(_ code: DivisionCode) -> HTML {
        let address = LinliUI.address("/desk/rates", [("month", "\(query.month)"), ("division", "\(code)")])
        return "<a class=\"btn ghost sm\" href=\"\(address)\">\(Text("看全部单位", "All units"))</a>"
    }

    private var figures: HTML {
        let rates = words.rates(sums)
        return """
            <div class="stats">
            \(each: rates.enumerated(), { index, rate in
                let rest = words.rest(index, sums)
                return """
                    <div class="stat"><span>\(RatesWords.names[index])</span><b>\(rate.percent)</b>\
                    <small>\(RatesWords.fraction(rate))\(when: !rest.zh.isEmpty, "\(Text("，", ", "))\(rest)")</small></div>
                    """
            })
            <div class="stat"><span>\(Text("综合得分", "Score"))</span><b>\(scoreFigure)</b><small>\(words.weights)</small></div>
            </div>
            """
    }

    private var scoreFigure: Text {
        sums.score(words.settings) == nil ? Text(same: "–") : words.score(sums)
    }

    /// What the figures were made from.
    private var origin: HTML {
        let known = query.area.division.flatMap { population[$0] }
        return """
            <section class="card" aria-labelledby="h-origin"><div class="hd"><h2 id="h-origin">\
            \(Text("怎么算出来的", "What they are made from"))</h2></div>
            <dl class="kv wide">
            <dt>\(Text("派出的诉求", "Needs dispatched"))</dt><dd class="num">\(sums.requests)\
            \(when: sums.repeats > 0, "\(Text("，另有重办 \(sums.repeats) 轮", ", and \(sums.repeats) \(sums.repeats == 1 ? "round" : "rounds") done again"))")</dd>
            <dt>\(Text("问过诉求人", "Reporters asked"))</dt><dd class="num">\(sums.asked)\
            \(Text("，答复 \(sums.answered)，未答复 \(sums.silent)，联系不上 \(sums.unreached)",
                ": \(sums.answered) answered, \(sums.silent) silent, \(sums.unreached) not reached"))</dd>
            <dt>\(Text("不计入", "Left out"))</dt><dd>\(excluded)</dd>
            <dt>\(Text("已撤回", "Taken back"))</dt><dd class="num">\(sums.withdrawals)</dd>
            \(when: unit == nil, """
                <dt>\(Text("万人诉求比", "Needs per 10,000"))</dt><dd class="num">\(RatesWords.density(sums.requests, known))\
                \(known.map { residents($0) })</dd>
                """)
            <dt>\(Text("口径", "Rules"))</dt><dd class="note">\(words.satisfied)\
            \(Text("；按派单的月份归月，重办另算一轮；没有答复就是没有答复，不当作满意。",
                "; a round counts in the month it was dispatched, work done again is another round; silence is silence and never counts as satisfied."))</dd>
            </dl></section>
            """
    }

    private func residents(_ population: Population) -> HTML {
        let (count, asOf) = (population.residents, population.asOf)
        return """
             <span class="note">\(Text("常住 \(count) 人（\(asOf)，\(population.source)）",
                "\(count) residents (\(asOf), \(population.source))"))</span>
            """
    }

    private var excluded: HTML {
        guard !exclusions.isEmpty else { return "<span class=\"num\">0</span>" }
        return """
            <span class="num">\(sums.exclusions)</span>\(Text("：", ": "))\(each: exclusions.enumerated(), { index, entry in
                let name = RatesWords.exclusion(entry.reason, types)
                return "\(when: index > 0, "\(Text("；", "; "))")\(name) <span class=\"num\">\(entry.count)</span>"
            })
            """
    }

    // MARK: Trend

    private var trend: HTML {
        let lines = RatesWords.names.enumerated().map { index, name in
            ChartLine(name, months.map { said(of: $0.month).rates($0.sums)[index].permille })
        }
        let places = months.map { $0.month.short }
        return """
            <section class="card" aria-labelledby="h-trend"><div class="hd"><h2 id="h-trend">\
            \(Text("十二个月", "Twelve months"))</h2></div>
            \(LineChart(Text("三率十二个月的变化，数字见下表", "The three rates over twelve months; the figures stand below"),
                places: places, lines: lines).html)
            <details class="more pad"><summary>\(Text("看数字", "The figures"))</summary>
            <div class="scroll" tabindex="0"><table class="t"><caption class="sr">\(Text("各月三率", "Rates by month"))</caption>
            <thead><tr><th scope="col">\(Text("月份", "Month"))</th><th scope="col" class="r">\(Text("诉求", "Needs"))</th>\
            \(each: RatesWords.names, { "<th scope=\"col\" class=\"r\">\($0)</th>" })</tr></thead>
            <tbody>\(each: months.reversed(), { entry in
                """
                <tr><th scope="row"><a href="\(query.address("/desk/rates", month: entry.month))">\(entry.month.name)</a>\
                <span class="sub">\(words.calendar.days(of: entry.month))</span></th>\
                <td class="r">\(entry.sums.requests)</td>\(rateCells(entry.sums, said(of: entry.month)))</tr>
                """
            })</tbody></table></div></details>
            </section>
            """
    }

    /// The words of a month: one that is over keeps the rules it ended with.
    private func said(of month: AssessmentMonth) -> RatesWords {
        RatesWords(settings: rules[month] ?? words.settings, calendar: words.calendar)
    }

    private func rateCells(_ sums: RateSums, _ said: RatesWords? = nil) -> HTML {
        """
        \(each: (said ?? words).rates(sums).enumerated(), { index, rate in
            """
            <td class="r" data-label="\(RatesWords.names[index])">\(rate.percent)\
            <span class="sub">\(RatesWords.fraction(rate))</span></td>
            """
        })
        """
    }

    // MARK: Side by side

    private var divisionTable: HTML {
        """
        <section class="card" aria-labelledby="h-parts"><div class="hd"><h2 id="h-parts">\(Text("各地", "By place"))</h2></div>
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("各地的三率", "Rates by place"))</caption>
        \(head(Text("地方", "Place")))
        <tbody>\(each: children, { code, sums in
            """
            <tr><th scope="row" class="wide"><a href="\(query.address("/desk/rates", division: code))">\(names[code])</a></th>\
            \(context(sums, population[code]))\(rateCells(sums))\(tail(sums))</tr>
            """
        })</tbody></table></div>\(RatesWords.unplacedNote(unplaced))</section>
        """
    }

    /// Needs in the sums and in those of no part.
    var unplaced: Int { RatesWords.unplaced(sums, children.map { $0.sums }) }

    private var unitTable: HTML {
        """
        <section class="card" aria-labelledby="h-units"><div class="hd"><h2 id="h-units">\(Text("各单位", "By unit"))</h2></div>
        <p class="pad note">\(Text("按办件多少排，不排名次；单位大小、管的事都不一样，要结合万人诉求比看。",
            "In the order of how much they had to do, not of how well: units differ in size and in what is theirs."))</p>
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("各单位的三率", "Rates by unit"))</caption>
        \(head(Text("单位（首接负责）", "Unit (first to accept)")))
        <tbody>\(each: units, { row in
            // Only who serves the people of one division can be compared with how many they are.
            let serves = [.committee, .village, .streetCentre, .district].contains(row.unit.kind)
            return """
                <tr><th scope="row" class="wide"><a href="\(query.address("/desk/rates", unit: row.unit.id))">\(row.unit.name)</a>\
                <span class="sub">\(row.unit.kind.name)</span></th>\
                \(context(row.sums, serves ? population[row.unit.division] : nil, isKnown: serves))\
                \(rateCells(row.sums))\(tail(row.sums))</tr>
                """
        })</tbody></table></div></section>
        """
    }

    private func head(_ first: Text) -> HTML {
        """
        <thead><tr><th scope="col">\(first)</th><th scope="col" class="r">\(Text("诉求", "Needs"))</th>\
        <th scope="col" class="r">\(Text("万人诉求比", "Per 10,000"))</th>\
        \(each: RatesWords.names, { "<th scope=\"col\" class=\"r\">\($0)</th>" })\
        <th scope="col" class="r">\(Text("未答复", "Silent"))</th><th scope="col" class="r">\(Text("不计入", "Left out"))</th></tr></thead>
        """
    }

    private func context(_ sums: RateSums, _ population: Population?, isKnown: Bool = true) -> HTML {
        """
        <td class="r" data-label="\(Text("诉求", "Needs"))">\(sums.requests)</td>\
        <td class="r" data-label="\(Text("万人诉求比", "Per 10,000"))">\
        \(isKnown ? RatesWords.density(sums.requests, population) : Text("不适用", "n/a"))</td>
        """
    }

    private func tail(_ sums: RateSums) -> HTML {
        """
        <td class="r" data-label="\(Text("未答复", "Silent"))">\(sums.silent)</td>\
        <td class="r" data-label="\(Text("不计入", "Left out"))">\(sums.exclusions)</td>
        """
    }
}
