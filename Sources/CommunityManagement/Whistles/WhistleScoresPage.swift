import LinliCore
import LinliKernel
import LinliUI

/// How units answered the whistles of a month. Units in the order they were set up, never people, never a ranking.
struct WhistleScoresPage: Sendable {
    let month: AssessmentMonth
    /// Which days months have.
    let calendar: AssessmentCalendar
    let isLast: Bool
    let scores: [WhistleScore]

    var page: Page {
        Page(Text("吹哨报到得分", "Scores of whistles"), frame: .desk(WhistlePath.list), body)
    }

    private func address(_ month: AssessmentMonth) -> String { "\(WhistlePath.units)?month=\(month)" }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("各单位报到和得分", "How units came, and their scores")) \(RatesWords.label)</h1>
        <a class="btn ghost" href="\(WhistlePath.list)">\(icon("back", small: true))\(Text("回吹哨", "Whistles"))</a></div>
        <nav class="card flt" aria-label="\(Text("月份", "Month"))">
        <a class="btn ghost sm" href="\(address(month.previous))">\(Text("上个月", "Earlier"))</a><b>\(month.name)</b>\
        <span class="note">\(AssessmentDays.text(month, calendar))</span>
        \(when: !isLast, "<a class=\"btn ghost sm\" href=\"\(address(month.next))\">\(Text("下个月", "Later"))</a>")</nav>
        <section class="card" aria-label="\(month.name)">
        \(scores.isEmpty ? nothing : table)
        <p class="pad note">\(Text(
            "按吹哨的考核月算。过了报到时限还没人签到的记“未按时到”，后来到的同时记“迟到”。分由吹哨方打，只打单位，不打个人；不排名次。",
            "Counted in the assessment month of the whistle. Nobody signed in by the time means not in time; who came later also counts as late. Whistlers score units and never people; the order is no ranking."
        ))</p></section>
        </main>
        """
    }

    private var nothing: HTML {
        emptyState(
            Text("这个月没有吹哨", "No whistle this month"),
            Text("吹过哨以后，各单位到没到、得几分都在这里。", "After whistles it says here who came and their scores."), icon: "star"
        )
    }

    private static let columns: [Text] = [
        Text("单位", "Unit"), Text("叫到", "Called"), Text("按时到", "In time"), Text("迟到", "Late"),
        Text("未按时到", "Not in time"), Text("平均分", "Mean score"),
    ]

    private var table: HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(month.name)</caption>
        <thead><tr>\(each: Self.columns, { "<th scope=\"col\">\($0)</th>" })</tr></thead>
        <tbody>\(each: scores, row)</tbody></table></div>
        """
    }

    private func row(_ score: WhistleScore) -> HTML {
        let numbers = [score.called, score.inTime, score.late, score.missed]
        return """
            <tr><th scope="row" class="wide">\(score.name)</th>\
            \(each: numbers.enumerated(), { index, number in
                "<td class=\"num\" data-label=\"\(Self.columns[index + 1])\">\(number)</td>"
            })\
            <td class="num" data-label="\(Self.columns[5])">\(mean(score))</td></tr>
            """
    }

    private func mean(_ score: WhistleScore) -> Text {
        guard let tenths = score.tenths else { return Text("还没有打分", "no score yet") }
        return Text(
            "\(tenths / 10).\(tenths % 10)（\(score.scored) 次）", "\(tenths / 10).\(tenths % 10) of \(score.scored)")
    }
}
