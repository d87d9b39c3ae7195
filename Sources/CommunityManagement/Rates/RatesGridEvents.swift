import LinliCore
import LinliKernel
import LinliUI

/// A month's grid events, the seventh of their steps: how many were filed, closed, closed in time and done again, by unit.
struct RatesGridEvents: Sendable {
    let month: AssessmentMonth
    let rows: [GridEventRow]

    var html: HTML {
        guard !rows.isEmpty else { return .empty }
        let total = rows.reduce(GridEventSums()) { $0 + $1.sums }
        return """
            <section class="card" aria-labelledby="h-grid-events"><div class="hd"><h2 id="h-grid-events">\
            \(Text("网格事件综合评价", "Grid events evaluated"))</h2>\(RatesWords.label)</div>
            <p class="pad note">\(Text(
                "按上报的考核月算，和三率分开；并到别处的不另算。结案率、按期结案率占已结案的和时限已过的，等反映人评价、在复核的不算；返工率占已结案的，核查不通过、反映人没解决重办的都算。只看单位，不排名次。",
                "Counted in the assessment month they were told and apart from the rates; what became part of another case counts there. Closed and in time: of those closed or whose time is over, without what waits for its reporter or a review. Done again, after a check or an objection: of those closed. Units only, and no ranking."
            ))</p>
            <dl class="kv wide"><dt>\(Text("上报", "Told"))</dt><dd class="num">\(total.told)</dd>
            <dt>\(Text("立案率", "Filed"))</dt><dd class="num">\(share(total.filingRate))</dd></dl>
            <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\
            \(Text("责任单位", "Unit in charge")) · \(month.name)</caption>
            <thead><tr><th scope="col">\(Text("责任单位", "Unit in charge"))</th>\
            \(each: Self.columns, { "<th scope=\"col\" class=\"r\">\($0)</th>" })</tr></thead>
            <tbody>\(each: rows.filter { $0.sums.filed > 0 }, { cells($0.name, $0.sums) })\
            \(cells(Text("合计", "All"), total))</tbody></table></div>
            </section>
            """
    }

    private static let columns: [Text] = [
        Text("立案", "Filed"), Text("结案率", "Closed"), Text("按期结案率", "In time"), Text("返工率", "Done again"),
    ]

    private func share(_ rate: Rate) -> HTML {
        "\(rate.percent) <span class=\"sub\">\(RatesWords.fraction(rate))</span>"
    }

    private func cells(_ name: Text, _ sums: GridEventSums) -> HTML {
        let shares = [sums.closingRate, sums.inTimeRate, sums.reworkRate]
        return """
            <tr><th scope="row" class="wide">\(name)</th>\
            <td class="r num" data-label="\(Self.columns[0])">\(sums.filed)</td>\
            \(each: shares.enumerated(), { index, rate in
                "<td class=\"r num\" data-label=\"\(Self.columns[index + 1])\">\(share(rate))</td>"
            })</tr>
            """
    }

    // MARK: For programs

    private static let unit: [SchemaProperty] = [
        SchemaProperty("unit", .id, "The unit in charge; missing for what was sent to nobody"),
        .name("name", "What it is called"),
    ]

    private static let figures: [SchemaProperty] = ["told", "filed", "due", "closed", "inTime", "reworked"].map {
        SchemaProperty($0, RatesFigures.count, required: true, "`due`: closed or had to be")
    }

    static let property = SchemaProperty(
        "gridEvents", .list(.object(unit + figures), limit: 500), required: true,
        "Grid events told in the month by unit in charge, apart from the rates, in the order the units were set up")

    var json: JSONValue {
        .array(
            rows.map { row -> JSONValue in
                let sums = row.sums
                let counts = [
                    "told": sums.told, "filed": sums.filed, "due": sums.due, "closed": sums.closed,
                    "inTime": sums.inTime, "reworked": sums.reworked,
                ]
                var json = counts.mapValues(RatesFigures.number)
                json["unit"] = row.unit.map { .text("\($0)") }
                json["name"] = .name(row.name)
                return .object(json)
            })
    }
}
