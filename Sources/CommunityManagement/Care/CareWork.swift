import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliUI

/// What was done in a month, place by place, out of the work itself: nobody types it.
struct CareWork: Sendable {
    var place: DivisionCode
    /// Rounds of cases that were dispatched, and how many reporters said it was solved.
    var rounds = 0
    var solved = 0
    /// Deliveries of services, and how many people they reached.
    var deliveries = 0
    var people = 0

    /// The numbers in the order of `heads`.
    var numbers: [Int] { [rounds, solved, deliveries, people] }

    static let heads = [
        Text("派出诉求（轮）", "Rounds of cases"), Text("诉求人说已解决", "Reported solved"), Text("送达服务（次）", "Deliveries"),
        Text("服务到的人", "People reached"),
    ]
}

extension CareStore {
    /// How many people of some households are offered or have each service now.
    static func services(of households: [ID<Household>], _ tx: ReadTx) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        guard !households.isEmpty else { return counts }
        // Two questions: of one a planner that knows little of who lives there walks through every offer.
        let people: [Int64] = try tx.all(
            """
            SELECT DISTINCT r.person_id FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id IN \(SQL.list(households)) AND r.valid_to IS NULL AND p.restricted_at IS NULL
            """
        ) { try $0[0] }
        guard !people.isEmpty else { return counts }
        var having: [String: Set<Int64>] = [:]
        // What has ended is left out here: as a condition it would make a partial index by place look better.
        try tx.each(
            """
            SELECT o.service, o.person_id, o.state, o.ended_at FROM care_offer o
            WHERE o.person_id IN \(SQL.list(people))
            """
        ) { row in
            let (state, ended): (String, Instant?) = (try row[2], try row[3])
            guard ended == nil, ["offered", "accepted"].contains(state) else { return }
            having[try row[0], default: []].insert(try row[1])
        }
        counts = having.mapValues(\.count)
        return counts
    }

    /// Deliveries of a time and whom they reached, per grid of a community or per community above: where they were brought.
    static func work(
        in division: DivisionCode, from start: Instant, to end: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode: (deliveries: Int, people: Int)] {
        let part: SQL = division.level >= .community ? "d.grid" : "d.community"
        var found: [DivisionCode: (deliveries: Int, people: Int)] = [:]
        try tx.each(
            """
            SELECT \(part), count(*), count(DISTINCT o.person_id)
            FROM care_delivery d JOIN care_offer o ON o.id = d.offer_id
            WHERE d.at >= \(start) AND d.at < \(end)
            AND d.grid BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound) GROUP BY \(part)
            """
        ) { found[try $0[0]] = (try $0[1], try $0[2]) }
        return found
    }
}

/// The monthly report over work done.
enum CareWorkRoutes {
    static let all: [Route] = [.get("/desk/care/work", access: .permission(.labelsCounts), show)]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        let scope = context.actor.scope(for: .labelsCounts)
        let named = request.query["division"].flatMap { DivisionCode($0) }
        guard let area = named ?? scope.divisions.first, context.actor.may(.labelsCounts, in: area) else {
            throw LinliError.notFound("care.division")
        }
        let cutoff = services.queries.settings.rates.cutoff
        let current = AssessmentMonth(at: context.now, cutoff: cutoff)
        let month = request.query["month"].flatMap { AssessmentMonth($0) } ?? current
        let rows = try await services.database.read { tx in
            try CareWorkRoutes.rows(area, month, cutoff, scope, at: context.now, tx)
        }
        let names = services.divisions
        if request.query["as"] == "csv" {
            var table = CSVText()
            table.add([.text("地方")] + CareWork.heads.map { .text($0.zh) })
            for row in rows { table.add([.text(names[row.place])] + row.numbers.map { .number(Int64($0)) }) }
            return Reply(.bytes(Array(table.text.utf8), type: "text/csv; charset=utf-8"))
                .adding("content-disposition", "attachment; filename=\"work-\(month).csv\"")
        }
        let page = CareWorkPage(area: area, month: month, current: current, rows: rows, names: names)
        return .page(page.page)
    }

    private static func rows(
        _ area: DivisionCode, _ month: AssessmentMonth, _ cutoff: Int, _ scope: Scope, at now: Instant, _ tx: ReadTx
    ) throws -> [CareWork] {
        let inside = try DivisionsStore.children(of: area, at: now, tx).map(\.code)
        let parts = area.level >= .grid || inside.isEmpty ? [area] : inside
        let cases = try RatesStore.divisions(
            parts, month, try RateArea(division: area, unit: nil, scope), tx)
        let start = Instant(month.firstDay(cutoff: cutoff))
        let end = Instant(month.lastDay(cutoff: cutoff).adding(days: 1))
        let given = try CareStore.work(in: area, from: start, to: end, tx)
        return parts.map { part in
            var row = CareWork(place: part)
            (row.rounds, row.solved) = (cases[part]?.rounds ?? 0, cases[part]?.solved ?? 0)
            for (code, work) in given where part.contains(code) {
                row.deliveries += work.deliveries
                row.people += work.people
            }
            return row
        }
    }
}

/// The monthly report as a page.
struct CareWorkPage {
    let area: DivisionCode
    let month: AssessmentMonth
    let current: AssessmentMonth
    let rows: [CareWork]
    let names: DivisionNames

    var page: Page { Page(Text("工作月报", "The month's work"), frame: .desk("/desk/care/services"), body) }

    private func link(_ month: AssessmentMonth, csv: Bool = false) -> String {
        address(
            "/desk/care/work", [("division", "\(area)"), ("month", "\(month)"), ("as", csv ? "csv" : nil)])
    }

    private var body: HTML {
        """
        <main id="main" class="wrap solo">
        <div class="ttlbar"><h1>\(Text("工作月报", "The month's work"))</h1>\
        <a class="btn ghost" href="\(link(month, csv: true))">\(icon("download", small: true))CSV</a></div>
        <nav class="card flt" aria-label="\(Text("月份", "Month"))">
        <a class="btn ghost sm" href="\(link(month.previous))">\(Text("上个月", "Earlier"))</a>
        <b>\(month.name)</b>
        \(when: month < current, "<a class=\"btn ghost sm\" href=\"\(link(month.next))\">\(Text("下个月", "Later"))</a>")
        </nav>
        <section class="card" aria-labelledby="work"><div class="hd"><h2 id="work">\(names[area])</h2></div>
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Text("工作月报", "The month's work"))</caption>
        <thead><tr><th scope="col">\(Text("地方", "Place"))</th>\(each: CareWork.heads, {
            "<th scope=\"col\" class=\"r\">\($0)</th>"
        })</tr></thead>
        <tbody>\(each: rows, { row in
            """
            <tr><th scope="row" class="wide">\(names[row.place])</th>\(each: zip(CareWork.heads, row.numbers), { head, number in
                "<td class=\"r num\" data-label=\"\(head)\">\(number)</td>"
            })</tr>
            """
        })</tbody></table></div>
        <p class="pad note">\(Text(
            "数字都来自办过的事：诉求按派单的月份，服务按送达的日子；不用再填一遍。",
            "Every number comes from work done: cases by the month of dispatch, services by the day they arrived."))</p>
        </section></main>
        """
    }
}
