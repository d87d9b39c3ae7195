import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// How often each kind came up in each place: where a problem is common rather than somebody's failure.
struct RatesHeatPage: Sendable {
    /// How many kinds are shown before somebody asks for all of them.
    private static let limit = 30

    let query: RatesQuery
    let words: RatesWords
    let cells: [RatesStore.Heat]
    /// What lies in none of the columns, by kind.
    let rest: [String: Int]
    let columns: [DivisionCode]
    let names: DivisionNames
    let catalogue: EventCatalogue
    /// Whether every kind is listed, also what came up once.
    var showsAll = false

    var page: Page {
        Page(Text("类别和地点", "Kinds and places"), frame: .desk("/desk/rates"), body)
    }

    private var place: Text { Text(same: query.area.division.map { names[$0] } ?? "") }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(place)\(Text("：什么事、在哪里", ": what and where")) \(RatesWords.label)</h1>
        <a class="btn ghost" href="\(query.address("/desk/rates"))">\(icon("back", small: true))\(Text("回三率", "Back"))</a></div>
        <section class="card" aria-labelledby="h-heat"><div class="hd"><h2 id="h-heat">\(query.month.name)</h2>\
        <span class="note">\(words.days(query.month))</span></div>
        \(cells.isEmpty && rest.isEmpty ? nothing : table)
        </section>
        </main>
        """
    }

    private var nothing: HTML {
        emptyState(
            Text("这个月还没有派出的诉求", "Nothing was dispatched in this month"),
            Text("换个月份看看。", "Look at another month."),
            icon: "calendar",
            action: """
                <a class="btn weak" href="\(query.address("/desk/rates/heat", month: query.month.previous))">\
                \(Text("上个月", "Earlier"))</a>
                """
        )
    }

    private var table: HTML {
        var counts: [String: [DivisionCode: Int]] = [:]
        for cell in cells { counts[cell.category, default: [:]][cell.division, default: 0] += cell.sums.rounds }
        let totals = counts.mapValues { $0.values.reduce(0, +) }.merging(rest, uniquingKeysWith: +)
        let kinds = totals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let most = counts.values.flatMap(\.values).max() ?? 1
        let shown = showsAll ? kinds : Array(kinds.prefix(RatesHeatPage.limit))
        return """
            <p class="pad note">\(Text("颜色越深件数越多；点数字看每一件。", "The darker, the more; a number leads to its cases."))</p>
            <div class="scroll" tabindex="0"><table class="t heat"><caption class="sr">\(Text("各类别在各地的件数", "Cases by kind and place"))</caption>
            <thead><tr><th scope="col">\(Text("类别", "Kind"))</th>\
            \(each: columns, { "<th scope=\"col\" class=\"r\">\(names[$0])</th>" })\
            \(when: !rest.isEmpty, "<th scope=\"col\" class=\"r\">\(Text("只知道在\(place.zh)", "\(place.en), no closer"))</th>")\
            <th scope="col" class="r">\(Text("合计", "Total"))</th></tr></thead>
            <tbody>\(each: shown, { kind in
                row(kind, counts[kind] ?? [:], totals[kind] ?? 0, most)
            })</tbody></table></div>
            \(when: kinds.count > shown.count, """
                <p class="pad note">\(Text("还有 \(kinds.count - shown.count) 类件数更少。",
                    "There are \(kinds.count - shown.count) rarer kinds."))
                <a href="\(query.address("/desk/rates/heat", [("kinds", "all")]))">\(Text("列出全部 \(kinds.count) 类", "List all \(kinds.count)"))</a></p>
                """)
            """
    }

    private func row(_ kind: String, _ counts: [DivisionCode: Int], _ total: Int, _ most: Int) -> HTML {
        """
        <tr><th scope="row">\(catalogue[code: kind]?.name ?? Text(same: kind))</th>\
        \(each: columns, { code in cell(kind, code, counts[code] ?? 0, most) })\
        \(when: !rest.isEmpty, "<td class=\"r\">\(rest[kind] ?? 0)</td>")\
        <td class="r"><a href="\(query.address("/desk/rates/cases", [("category", kind)]))">\(total)</a></td></tr>
        """
    }

    private func cell(_ kind: String, _ code: DivisionCode, _ count: Int, _ most: Int) -> HTML {
        guard count > 0 else { return "<td class=\"r h0\">0</td>" }
        // Four steps, so that one place with very many does not make all others look empty.
        let step = 1 + min(3, (count * 4 - 1) / max(most, 1))
        let address = query.address("/desk/rates/cases", division: code, [("category", kind)])
        return "<td class=\"r h\(step)\"><a href=\"\(address)\">\(count)</a></td>"
    }
}
