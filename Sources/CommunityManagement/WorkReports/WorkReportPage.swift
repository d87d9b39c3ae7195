import LinliCore
import LinliKernel
import LinliUI

/// The work of a period, group by group and place by place, with what the numbers do not say.
struct WorkReportPage {
    let report: WorkReport
    let areas: [DivisionCode]
    let mayExport: Bool
    let now: Instant
    let form: Form
    let error: LinliError?
    let formToken: String
    let names: DivisionNames

    private static let title = Text("工作报表", "Reports of work")

    var page: Page { Page(Self.title, frame: .desk("/desk/reports"), body) }

    /// What a row is called: a part, or what belongs to the whole area alone.
    static func name(_ division: DivisionCode, of report: WorkReport, _ names: DivisionNames) -> Text {
        guard division == report.area, report.rows.count > 1 else { return Text(same: names[division]) }
        return Text("\(names[division])（不分到下面的）", "\(names[division]) (of no part)")
    }

    private func link(_ period: WorkPeriod, as format: String? = nil) -> String {
        address(
            "/desk/reports", [("division", "\(report.area)"), ("period", "\(period)"), ("as", format)])
    }

    private var body: HTML {
        """
        <main id="main" class="wrap solo">
        <div class="ttlbar"><h1>\(Self.title)</h1>\
        <a class="btn ghost" href="\(link(report.period, as: "xlsx"))">\(icon("download", small: true))Excel</a>\
        <a class="btn ghost" href="\(link(report.period, as: "csv"))">\(icon("download", small: true))CSV</a>
        <p class="note">\(names.place(report.area)) · \(report.period.name)</p></div>
        \(problem(error))
        \(choosers)
        <section class="card pad" aria-labelledby="notes"><h2 id="notes">\(Text("这些数怎么来的", "Where these numbers come from"))</h2>
        <p class="note">\(Text(
            "都是从办过的事里现数的，没有人填，也不单独存；只数地方，不数人。",
            "Counted now out of the work done: nobody typed them and they are not kept. By place, never by who works."))</p>
        <ul class="prose">\(each: report.notes, { "<li>\($0)</li>" })</ul></section>
        \(each: WorkColumn.Group.allCases, table)
        \(when: mayExport, taking)
        </main>
        """
    }

    private var choosers: HTML {
        let period = report.period
        return """
            \(when: areas.count > 1, """
                <nav class="card flt" aria-label="\(Text("范围", "Areas"))">\(each: areas, { other in
                    """
                    <a class="btn ghost sm" href="\(address("/desk/reports", [("division", "\(other)"), ("period", "\(period)")]))"\
                    \(when: other == report.area, " aria-current=\"page\"")>\(names[other])</a>
                    """
                })</nav>
                """)
            <nav class="card flt" aria-label="\(Text("时段", "Period"))">\(each: WorkPeriod.Kind.allCases, { kind in
                """
                <a class="btn ghost sm" href="\(link(WorkPeriod(kind, of: period.first)))"\
                \(when: kind == period.kind, " aria-current=\"page\"")>\(kind.name)</a>
                """
            })
            <a class="btn ghost sm" href="\(link(period.previous))">\(Text("上一期", "Earlier"))</a>
            <b>\(period.name)</b><span class="note">\(period.span)</span>
            \(when: period.end <= now, "<a class=\"btn ghost sm\" href=\"\(link(period.next))\">\(Text("下一期", "Later"))</a>")
            </nav>
            """
    }

    private func table(_ group: WorkColumn.Group) -> HTML {
        let columns = WorkColumn.allCases.filter { $0.group == group }
        let id = "g-\(columns.first?.rawValue ?? "")"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\(group.name)</h2>\(ledger(group))</div>
            <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(group.name)</caption>
            <thead><tr><th scope="col">\(Text("地方", "Place"))</th>\(each: columns, {
                "<th scope=\"col\" class=\"r\">\($0.name)</th>"
            })</tr></thead>
            <tbody>\(each: report.rows, { row in
                line(Self.name(row.division, of: report, names), row.figures, columns)
            })\(when: report.rows.count > 1, line(Text("合计", "Together"), report.total, columns))</tbody></table></div></section>
            """
    }

    private func line(_ name: Text, _ figures: WorkFigures, _ columns: [WorkColumn]) -> HTML {
        """
        <tr><th scope="row" class="wide">\(name)</th>\(each: columns, { column in
            "<td class=\"r num\" data-label=\"\(column.name)\">\(figures[column])</td>"
        })</tr>
        """
    }

    /// The way from counts to the list they were counted from.
    private func ledger(_ group: WorkColumn.Group) -> HTML {
        let area = [("division", "\(report.area)" as String?)]
        let (path, name): (String, Text)
        switch group {
        case .services: (path, name) = ("/desk/care/services", Text("谁还没送到", "Who is not reached"))
        case .forms: (path, name) = ("/desk/forms/demands", Text("谁在要报表", "Who demands forms"))
        default: return .empty
        }
        return "<a class=\"btn ghost sm\" href=\"\(address(path, area))\">\(name)</a>"
    }

    private var taking: HTML {
        let wrong = error?.text(for: "purpose")
        return """
            <section class="card narrow" aria-labelledby="take"><div class="hd"><h2 id="take">\(Text("导出明细（有住址）", "Take the lines away (with addresses)"))</h2></div>
            <form class="stack pad" method="post" action="/desk/reports" data-again>\(LinliUI.formToken(formToken))
            <input type="hidden" name="division" value="\(report.area)"><input type="hidden" name="period" value="\(report.period.description)">
            \(field(
                Text("用途", "What for"), for: "purpose",
                hint: Text("记入审计，和您的姓名、时间一起写在表格第一行和每页上。", "Audited, and written with your name and the time into the first line and on every page."),
                error: wrong,
                """
                <input id="purpose" name="purpose" maxlength="\(StatedPurpose.limit)" required autocomplete="off" \
                value="\(form["purpose"] ?? "")"\(described("purpose", hint: true, error: wrong))>
                """))
            <div class="btns"><button class="btn" name="format" value="xlsx">\(icon("download", small: true))\(Text("导出 Excel", "As Excel"))</button>\
            <button class="btn ghost" name="format" value="csv">\(Text("导出 CSV", "As CSV"))</button></div>
            </form></section>
            """
    }
}
