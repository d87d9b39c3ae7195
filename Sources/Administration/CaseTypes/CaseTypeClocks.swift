import LinliCore
import LinliKernel
import LinliUI

/// The clocks of the whole case, which the graph cannot show: from where to where they run, and how long for which cases.
struct CaseTypeClocks {
    let type: CaseType

    var html: HTML {
        """
        <section class="card" aria-labelledby="clocks"><div class="hd"><h2 id="clocks">\(Text("跨环节的时限", "Clocks across states"))</h2></div>
        \(type.clocks.isEmpty ? none : table)
        </section>
        """
    }

    private var none: HTML {
        "<p class=\"pad note\">\(Text("没有，只有每个环节自己的时限。", "None: each state has its own only."))</p>"
    }

    private var table: HTML {
        """
        <p class="pad note">\(Text(
            "和每个环节自己的时限同时走，先到的先催。",
            "They run beside the time of each state; what is over first is pressed for first."
        ))</p>
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("跨环节的时限", "Clocks across states"))</caption>
        <thead><tr>\(each: CaseTypeClocks.heads, { "<th scope=\"col\">\($0)</th>" })</tr></thead>
        <tbody>\(each: type.clocks, row)</tbody></table></div>
        """
    }

    private static let heads = [
        Text("时限", "Clock"), Text("依据", "Basis"), Text("怎么算", "Counts"), Text("多长", "How long"),
        Text("从哪起", "Starts"), Text("到哪止", "Stops"), Text("催办", "Ladder"),
    ]

    private func row(_ rule: CaseClockRule) -> HTML {
        let still = rule.isElastic ? Text("，可挂账、延期", ", may pause and grow") : Text(same: "")
        let counts = CaseType.counting(rule.counting) + still
        let stops = names(rule.stops)
        let contact = Text("联系上诉求人，或\(stops.zh)", "when the reporter was reached, or \(stops.en)")
        let ladder = rule.ladder.map { $0.words(rule.counting) }
        let cells: [HTML] = [
            .text(rule.basis.name), .text(counts),
            "\(each: rule.lengths, { "\($0.cases)：<span class=\"num\">\($0.length)</span><br>" })",
            .text(names(rule.starts)), .text(rule.stopsAtContact ? contact : stops),
            "\(each: ladder, { "\($0)<br>" })",
        ]
        return """
            <tr><th scope="row" class="wide">\(rule.name)</th>\(each: zip(CaseTypeClocks.heads.dropFirst(), cells), { head, cell in
                "<td data-label=\"\(head)\">\(cell)</td>"
            })</tr>
            """
    }

    private func names(_ ids: [String]) -> Text {
        let states = ids.map { id in type.states.first { $0.id == id }?.name ?? Text(same: id) }
        return Text(states.map(\.zh).joined(separator: "、"), states.map(\.en).joined(separator: ", "))
    }
}
