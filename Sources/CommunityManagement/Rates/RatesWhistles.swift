import LinliCore
import LinliKernel
import LinliUI

/// How a month's whistles went, beside the rates and apart from them: by place and by unit that was called.
struct RatesWhistles: Sendable {
    let month: AssessmentMonth
    let units: [WhistleScore]
    let places: [WhistlePlace]
    let names: DivisionNames

    var html: HTML {
        guard !units.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="h-whistles"><div class="hd"><h2 id="h-whistles">\
            \(Text("吹哨报到", "Whistles"))</h2>\(RatesWords.label)</div>
            <p class="pad note">\(Text(
                "按吹哨的考核月算，和三率分开。按时到的占报到时限已过或者已经到的；还没到时限的不算。分由吹哨方打，只打单位；不排名次。",
                "Counted in the assessment month of the whistle and apart from the rates. In time: of those who came or whose time is over; who may still come does not count. Whistlers score units; the order is no ranking."
            ))</p>
            \(when: places.count > 1, table(Text("吹哨的地方", "Where"), Text("吹哨", "Whistles"), placeRows))
            \(table(Text("报到单位", "Unit called"), nil, unitRows))
            </section>
            """
    }

    /// One row: what it is called, how many whistles where that is said, and the rest.
    private struct Row {
        let name: Text
        var whistles: Int?
        let called: Int
        let inTime: Rate
        let missed: Int
        let score: Text
    }

    private static func score(_ tenths: Int?, _ scored: Int, _ called: Int) -> Text {
        guard let tenths else { return Text("还没有打分", "no score yet") }
        let mean = "\(tenths / 10).\(tenths % 10)"
        return Text("\(mean)（\(scored)/\(called) 打了分）", "\(mean) (\(scored)/\(called) scored)")
    }

    private var placeRows: [Row] {
        places.map { place in
            Row(
                name: Text(same: names[place.division]), whistles: place.whistles, called: place.called,
                inTime: Rate(place.inTime, of: place.known), missed: place.missed,
                score: RatesWhistles.score(place.tenths, place.scored, place.called))
        }
    }

    private var unitRows: [Row] {
        units.map { unit in
            Row(
                name: unit.name, called: unit.called, inTime: Rate(unit.inTime, of: unit.known), missed: unit.missed,
                score: RatesWhistles.score(unit.tenths, unit.scored, unit.called))
        }
    }

    private static let columns: [Text] = [
        Text("叫到", "Called"), Text("按时到", "In time"), Text("未按时到", "Not in time"), Text("吹哨方打分", "Score"),
    ]

    private func table(_ first: Text, _ second: Text?, _ rows: [Row]) -> HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(first) · \(month.name)</caption>
        <thead><tr><th scope="col">\(first)</th>\(second.map { "<th scope=\"col\" class=\"r\">\($0)</th>" as HTML })\
        \(each: Self.columns, { "<th scope=\"col\" class=\"r\">\($0)</th>" })</tr></thead>
        <tbody>\(each: rows, { cells($0, second) })</tbody></table></div>
        """
    }

    private func cells(_ row: Row, _ second: Text?) -> HTML {
        let whistles: HTML? = second.flatMap { name in
            row.whistles.map { "<td class=\"r num\" data-label=\"\(name)\">\($0)</td>" as HTML }
        }
        return """
            <tr><th scope="row" class="wide">\(row.name)</th>\(whistles)\
            <td class="r num" data-label="\(Self.columns[0])">\(row.called)</td>\
            <td class="r num" data-label="\(Self.columns[1])">\(row.inTime.percent)\
            <span class="sub">\(RatesWords.fraction(row.inTime))</span></td>\
            <td class="r num" data-label="\(Self.columns[2])">\(row.missed)</td>\
            <td class="r" data-label="\(Self.columns[3])">\(row.score)</td></tr>
            """
    }
}
