import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The evidence behind a month's rates, row by row: dates and answers, never what a case says or who told it.
struct RatesCasesPage: Sendable {
    static let limit = 50

    let query: RatesQuery
    /// Which days months have.
    let calendar: AssessmentCalendar
    let filter: OutcomeFilter
    let category: String?
    let isFirst: Bool
    let rows: [OutcomeRow]
    let hasMore: Bool
    let unit: UnitSummary?
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue
    let types: CaseTypes

    var page: Page {
        Page(Text("每一件", "Every case"), frame: .desk("/desk/rates"), body)
    }

    private var place: Text {
        let division = query.area.division.map { names[$0] } ?? ""
        let kind = category.map { catalogue[code: $0]?.name ?? Text(same: $0) }
        return [Text(same: division), unit?.name, kind].compactMap { $0 }.filter { !$0.zh.isEmpty }
            .reduce(Text(same: "")) { $0.zh.isEmpty ? $1 : $0 + Text(same: " · ") + $1 }
    }

    private func address(_ filter: OutcomeFilter, after: String? = nil) -> String {
        query.address(
            "/desk/rates/cases",
            [("what", filter == .all ? nil : filter.rawValue), ("category", category), ("after", after)]
        )
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(place) · \(query.month.name) \(RatesWords.label)</h1>
        <a class="btn ghost" href="\(query.address("/desk/rates"))">\(icon("back", small: true))\(Text("回三率", "Back"))</a></div>
        <p class="note">\(AssessmentDays.text(query.month, calendar))</p>
        <section class="card" aria-label="\(Text("评价记录", "Evidence"))">
        <nav class="seg" aria-label="\(Text("哪些记录", "Which"))">\(each: OutcomeFilter.allCases, { which in
            "<a href=\"\(address(which))\"\(when: which == filter, " aria-current=\"page\"")>\(which.name)</a>"
        })</nav>
        \(rows.isEmpty ? nothing : table)
        </section>
        </main>
        """
    }

    private var nothing: HTML {
        emptyState(
            Text("这里没有记录", "Nothing here"),
            Text("派单以后才有记录；换个月份或条件看看。", "There is a record once a case is dispatched; try another month."),
            icon: "done"
        )
    }

    private var table: HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("评价记录，按网格、编号排", "Evidence by place and number"))</caption>
        <thead><tr><th scope="col">\(Text("工单", "Case"))</th><th scope="col">\(Text("单位", "Unit"))</th>\
        <th scope="col">\(Text("派单", "Dispatched"))</th><th scope="col">\(Text("联系", "Contact"))</th>\
        <th scope="col">\(Text("办完", "Done"))</th><th scope="col">\(Text("诉求人", "Reporter"))</th></tr></thead>
        <tbody>\(each: rows, row)</tbody></table></div>
        <nav class="pg" aria-label="\(Text("翻页", "Pages"))"><span>\(Text("本页 \(rows.count) 条", "\(rows.count) on this page"))</span>
        <span class="sp"></span>
        \(when: !isFirst, "<a class=\"btn ghost sm\" href=\"\(address(filter))\">\(Text("回第一页", "First page"))</a>")
        \(when: hasMore, """
            <a class="btn ghost sm" href="\(address(filter, after: rows.last?.cursor))">\(Text("下一页", "Next page"))</a>
            """)</nav>
        """
    }

    private func row(_ row: OutcomeRow) -> HTML {
        let outcome = row.outcome
        return """
            <tr><td class="wide"><a class="ttl num" href="\(CasePath.desk(outcome.item))">\(row.number)</a>\
            \(when: outcome.round > 1, " \(tag(Text("第 \(outcome.round) 轮", "Round \(outcome.round)"), .warn))")\
            \(left(outcome))<span class="sub">\(catalogue[code: outcome.category]?.name ?? Text(same: outcome.category)) · \
            \(names.place(outcome.division))</span></td>
            <td data-label="\(Text("单位", "Unit"))">\(row.unit)\
            \(when: !outcome.isAccepted, "<span class=\"sub\">\(Text("还没签收", "not accepted yet"))</span>")</td>
            <td data-label="\(Text("派单", "Dispatched"))">\(moment(outcome.dispatchedAt))</td>
            <td data-label="\(Text("联系", "Contact"))">\(contact(outcome))</td>
            <td data-label="\(Text("办完", "Done"))">\(finished(outcome))</td>
            <td data-label="\(Text("诉求人", "Reporter"))">\(answer(outcome))</td></tr>
            """
    }

    private func moment(_ at: Instant) -> HTML { time(at, at.relative(to: now)) }

    /// Why a row counts in none of the rates.
    private func left(_ outcome: CaseOutcome) -> HTML {
        if !outcome.exclusion.isEmpty {
            let name = RatesWords.exclusion(outcome.exclusion, types)
            return " \(tag(Text("不计入：\(name.zh)", "Left out: \(name.en)"), .mute))"
        }
        return outcome.isWithdrawn ? " \(tag(Text("已撤回", "Taken back"), .mute))" : .empty
    }

    private func contact(_ outcome: CaseOutcome) -> HTML {
        let at: HTML = outcome.contactedAt.map { moment($0) } ?? .empty
        switch outcome.isInTime {
        case true?: return "\(at) \(tag(Text("按时", "in time"), .ok))"
        case false?: return "\(at) \(tag(Text("超时", "late"), .bad))"
        case nil:
            guard outcome.isReachable else { return .text(Text("没留联系方式", "Left no way to be contacted")) }
            return at.isEmpty ? .text(Text("还没联系", "Not yet")) : at
        }
    }

    private func finished(_ outcome: CaseOutcome) -> HTML {
        guard let at = outcome.finishedAt else {
            return outcome.dueAt.map { "<span class=\"sub\">\(Text("应于", "due")) \(moment($0))</span>" } ?? .empty
        }
        let isLate = outcome.dueAt.map { at > $0 } ?? false
        return "\(moment(at))\(when: isLate, " \(tag(Text("超时", "late"), .bad))")"
    }

    private func answer(_ outcome: CaseOutcome) -> HTML {
        guard let isSolved = outcome.isSolved else {
            if outcome.askedAt == nil { return .text(Text("还没问", "Not asked yet")) }
            if outcome.isUnreached { return .text(Text("联系不上", "Not reached")) }
            return .text(outcome.isDeclined ? Text("不愿答复", "Did not want to answer") : Text("未答复", "No answer"))
        }
        let solved = isSolved ? tag(Text("解决了", "Solved"), .ok) : tag(Text("没解决", "Not solved"), .bad)
        let grade = outcome.grade?.name ?? Text("没评满意度", "no grade")
        return """
            \(solved) \(grade)<span class="sub">\(outcome.channel?.name ?? Text(same: ""))\
            \(outcome.answeredAt.map { " \(moment($0))" as HTML })</span>
            """
    }
}
