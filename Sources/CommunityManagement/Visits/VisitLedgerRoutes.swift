import LinliCore
import LinliKernel
import LinliUI

/// The ledger of visits of a month 走访台账: as a page, and as a table for a purpose.
enum VisitLedgerRoutes {
    static let all: [Route] = [
        .get("/desk/visits/ledger", access: .permission(.visitsPlan), show),
        .post("/desk/visits/ledger", access: .permission(.peopleExport), export),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, request.query, nil, services).page)
    }

    private static func page(
        _ request: Request, _ form: Form, _ error: LinliError?, _ services: Services
    ) async throws -> VisitLedgerPage {
        let actor = request.context.actor
        let permission: Permission = error == nil ? .visitsPlan : .peopleExport
        let scope = actor.scope(for: permission)
        let wished = form["division"].flatMap { DivisionCode($0) }
        guard let division = wished.flatMap({ scope.contains($0) ? $0 : nil }) ?? scope.divisions.first else {
            throw LinliError.notFound("visits.scope")
        }
        let now = request.context.now
        let month = VisitMonth(form["month"] ?? "") ?? VisitMonth(now.date)
        let after = form["after"].flatMap { VisitLedgerPage.mark($0) }
        let (lines, grids) = try await services.database.read { tx in
            (
                try VisitLedger.lines(
                    in: division, from: month.start, until: month.end, after: after, limit: VisitLedgerPage.limit + 1,
                    tx),
                try DivisionsStore.children(of: division.ancestor(at: .community), at: now, tx).map(\.code)
            )
        }
        return VisitLedgerPage(
            division: division, areas: ([division.ancestor(at: .community)] + grids).filter { scope.contains($0) },
            month: month, lines: lines, isExported: actor.may(.peopleExport, in: division), form: form, error: error,
            formToken: request.formToken, now: now, names: services.divisions)
    }

    private static func export(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        do {
            guard let division = form["division"].flatMap({ DivisionCode($0) }),
                request.context.actor.may(.peopleExport, in: division), let month = VisitMonth(form["month"] ?? "")
            else { throw LinliError.notFound("visits.ledger") }
            let sheet = try VisitLedgerSheet(
                division, month, isCSV: form["format"] == "csv", purpose: form["purpose"] ?? "", request.context,
                services)
            return try await sheet.take()
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, form, error, services).page, status: status)
        }
    }
}

/// A month of the calendar, `2026-11`.
struct VisitMonth: Sendable, Equatable, CustomStringConvertible {
    private let first: CivilDate

    /// The month of a day.
    init(_ day: CivilDate) { first = day.adding(days: 1 - day.day) }

    /// Reads `2026-11`; nil for anything else.
    init?(_ text: String) {
        guard text.count == 7, let day = CivilDate(text + "-01") else { return nil }
        first = day
    }

    var start: Instant { Instant(first) }
    var end: Instant { Instant(first.adding(days: CivilDate.days(inMonth: first.month, of: first.year))) }
    var description: String { String(first.description.prefix(7)) }

    var name: Text { Text("\(first.year)年\(first.month)月", description) }

    /// Its first and last day: `11月1日至11月30日`.
    var ends: Text { first.dayAndMonth + Text("至", " to ") + end.date.adding(days: -1).dayAndMonth }

    /// By which calendar it counts, and its days.
    var span: Text { Text("自然月，", "calendar month, ") + ends }

    /// The month before.
    var before: VisitMonth { VisitMonth(first.adding(days: -1)) }
}

/// The lines of a month, and the form that takes them away.
struct VisitLedgerPage {
    static let limit = 50

    let division: DivisionCode
    let areas: [DivisionCode]
    let month: VisitMonth
    let lines: [VisitLedgerLine]
    let isExported: Bool
    let form: Form
    let error: LinliError?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    private static let title = Text("走访台账", "Ledger of visits")

    var page: Page { Page(Self.title, frame: .desk("/desk/visits"), body) }

    /// Where a page begins, out of an address.
    static func mark(_ text: String) -> (at: Instant, id: ID<VisitAttempt>)? {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let at = Int64(parts[0]), let id = ID<VisitAttempt>(parts[1]) else { return nil }
        return (Instant(milliseconds: at), id)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Self.title)</h1><a class="btn ghost" href="/desk/visits">\
        \(icon("back", small: true))\(Text("回走访", "Back to visits"))</a>\
        <a class="btn ghost" href="\(address("/desk/reports", [("division", "\(division)"), ("period", month.description)]))">\
        \(icon("chart", small: true))\(Text("工作报表", "Reports of work"))</a></div>
        \(problem(error))
        <section class="card" aria-labelledby="h-month"><div class="hd"><h2 id="h-month">\(names.place(division)) · \(month.name)</h2></div>
        \(chooser)
        <p class="pad note">\(month.span)\(Text("；不是考核月。", "; no assessment month."))</p>
        \(lines.isEmpty
            ? emptyState(
                Text("这个月还没有走访", "No visits in this month"),
                Text("走访在手机上记一次，台账自己就有了；也可以换个月份看。", "The ledger fills itself from visits; or choose another month."), icon: "book")
            : table)
        </section>
        \(when: isExported && !(lines.isEmpty && error == nil), taking)
        </main>
        """
    }

    private var chooser: HTML {
        let months = sequence(first: VisitMonth(now.date)) { $0.before }.prefix(24)
        let known = months.contains(month) ? Array(months) : [month] + months
        return """
            <form class="row pad" method="get" action="/desk/visits/ledger" data-again>
            \(field(Text("范围", "Where"), for: "division", select(
                "division", areas.map { (value: "\($0)", text: Text(same: names[$0])) }, selected: "\(division)")))
            \(field(Text("月份", "Month"), for: "month", select(
                "month", known.map { (value: $0.description, text: $0.name) }, selected: month.description)))
            <button class="btn weak">\(Text("查看", "Show"))</button></form>
            """
    }

    private var table: HTML {
        """
        <div class="scroll" tabindex="0"><table class="t cards"><caption class="sr">\(Self.title)</caption>
        <thead><tr>\(each: VisitLedgerSheet.columns, { "<th scope=\"col\">\($0.name)</th>" })</tr></thead>
        <tbody>\(each: lines.prefix(Self.limit), row)</tbody></table></div>
        \(when: lines.count > Self.limit, older)
        """
    }

    private func row(_ line: VisitLedgerLine) -> HTML {
        let visit = line.visit
        return """
            <tr><td data-label="\(Text("时间", "When"))" class="num">\(line.at.dayAndTime)</td>
            <td class="wide"><a href="/grid/visits/\(visit.id)"><b>\(visit.address)</b></a></td>
            <td data-label="\(Text("谁去的", "Who"))">\(line.attempt.workerName)</td>
            <td data-label="\(Text("方式", "How"))">\(line.way)</td>
            <td data-label="\(Text("见到没有", "Met"))">\(line.met)</td>
            <td class="wide">\(line.short)</td>
            <td data-label="\(Text("跟进工单", "Follow-up"))" class="num">\(line.followUp)</td></tr>
            """
    }

    private var older: HTML {
        let mark = lines.prefix(Self.limit).last.map { "\($0.at.milliseconds)-\($0.attempt.id)" }
        let link = address(
            "/desk/visits/ledger", [("division", "\(division)"), ("month", month.description), ("after", mark)])
        return "<p class=\"pg\"><a class=\"btn ghost\" href=\"\(link)\">\(Text("更早的", "Older"))</a></p>"
    }

    private var taking: HTML {
        let problem = error?.text(for: "purpose")
        return """
            <section class="card narrow" aria-labelledby="h-take"><div class="hd"><h2 id="h-take">\(Text("导出这个月的台账", "Take this month's ledger away"))</h2></div>
            <form class="stack pad" method="post" action="/desk/visits/ledger" data-again>\(LinliUI.formToken(formToken))
            <input type="hidden" name="division" value="\(division)"><input type="hidden" name="month" value="\(month.description)">
            \(field(
                Text("用途", "What for"), for: "purpose",
                hint: Text("记入审计，和您的姓名、时间一起写在表格第一行。", "Audited, and written into the first line with your name and the time."), error: problem,
                """
                <input id="purpose" name="purpose" maxlength="\(StatedPurpose.limit)" required autocomplete="off" \
                value="\(form["purpose"] ?? "")"\(described("purpose", hint: true, error: problem))>
                """))
            <div class="btns"><button class="btn" name="format" value="xlsx">\(icon("download", small: true))\(Text("导出 Excel", "As Excel"))</button>\
            <button class="btn ghost" name="format" value="csv">\(Text("导出 CSV", "As CSV"))</button></div>
            </form></section>
            """
    }
}
