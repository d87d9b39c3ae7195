import LinliCore
import LinliKernel
import LinliUI

/// The imports of official results, to take back what was imported by mistake: a whole import, or one order.
struct OrderResultsPage: Sendable {
    let imports: [ForeignResultImport]
    let form: Form
    let formToken: String
    let now: Instant
    /// How many were taken back just now.
    var takenBack: Int?
    var error: LinliError?

    private static let title = Text("导入过的市级回访结果", "Official results as imported")

    var page: Page {
        Page(OrderResultsPage.title, frame: .desk("/desk/orders"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(OrderResultsPage.title)</h1>\
        <a class="btn ghost" href="/desk/orders/import/results">\(icon("back", small: true))\(Text("去导入", "Import"))</a></div>
        \(problem(error))
        \(takenBack.map { count in
            notice(Text("收回了 \(count) 条，不再计入；留有记录。", "\(count) taken back: they count no more, and a record is kept."), .ok, icon: "done")
        })
        \(imports.isEmpty ? empty : lists)
        </main>
        """
    }

    private var empty: HTML {
        emptyState(
            Text("没有导入过的结果", "Nothing was imported"),
            Text("从 12345 导出的考核结果可以导入。", "Import the results as 12345 exports them."), icon: "chart",
            action: """
                <a class="btn" href="/desk/orders/import/results">\(Text("导入市级回访结果", "Import official results"))</a>
                """)
    }

    private var lists: HTML {
        """
        <section class="card" aria-labelledby="h-back"><div class="hd"><h2 id="h-back">\(Text("收回", "Take back"))</h2></div>
        <form class="pad stack" method="post" action="/desk/orders/results/back">\(LinliUI.formToken(formToken))
        \(field(
            Text("收回哪些", "Which"), for: "choice", error: error?.text(for: "choice"),
            select(
                "choice", [(value: "order", text: Text("只收回一件，写单号", "One order, by its number"))] + imports.map(choice),
                selected: form["choice"], empty: Text("请选", "Choose"),
                attributes: described("choice", error: error?.text(for: "choice"))
            )
        ))
        \(field(Text("工单编号（只收回一件时填）", "Number (for one order)"), for: "number", optional: true, """
            <input id="number" name="number" maxlength="60" autocomplete="off" value="\(form["number"] ?? "")">
            """))
        \(field(
            Text("为什么收回", "Why"), for: "reason", hint: Text("记入审计。", "Goes into the audit."),
            error: error?.text(for: "reason"),
            """
            <input id="reason" name="reason" maxlength="200" required autocomplete="off" \
            value="\(form["reason"] ?? "")"\(described("reason", hint: true, error: error?.text(for: "reason")))>
            """
        ))
        <button class="btn weak">\(Text("收回，不再计入", "Take back: count it no more"))</button></form></section>
        """
    }

    private func choice(_ one: ForeignResultImport) -> (value: String, text: Text) {
        let (first, last) = one.months
        let months = first == last ? first.name : first.name + Text("至", " to ") + last.name
        let at = "\(one.at.date) \(one.at.time)"
        return (
            value: "\(one.at.milliseconds)",
            text: Text("\(at) \(one.by) 导入的 \(one.count) 条，", "\(one.count) imported on \(at) by \(one.by), ") + months
        )
    }
}

/// Official results that were imported by mistake.
enum OrderResultsRoutes {
    static let all: [Route] = [
        .get("/desk/orders/results", access: .permission(.casesDispatch), show),
        .post("/desk/orders/results/back", access: .permission(.casesDispatch), takeBack),
    ]

    /// How many imports a page shows.
    static let limit = 60

    private static func load(_ request: Request, _ services: Services) async throws -> OrderResultsPage {
        let scope = request.context.actor.scope(for: .casesDispatch)
        return OrderResultsPage(
            imports: try await services.database.read { try ForeignResultsStore.imports(scope, limit: limit, $0) },
            form: request.form, formToken: request.formToken, now: request.context.now
        )
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await load(request, services)
        page.takenBack = request.query["back"].flatMap { Int($0) }
        return .page(page.page)
    }

    private static func takeBack(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let choice = try choice(request.form["choice"] ?? "", number: request.form["number"] ?? "")
            let count = try await services.commands.takeBackResults(
                choice, reason: request.form["reason"] ?? "", request.context)
            return .redirect("/desk/orders/results?back=\(count)")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await load(request, services)
            page.error = error
            return .page(page.page, status: status)
        }
    }

    /// One import by its moment, or one order by its number.
    ///
    /// - Throws: `.invalid` for neither.
    static func choice(_ named: String, number: String) throws -> ForeignResultChoice {
        if let moment = Int64(named) { return .imported(Instant(milliseconds: moment)) }
        let number = number.filter { !$0.isWhitespace }
        guard !number.isEmpty else {
            throw LinliError.invalid(
                "orders.choice", [.init("choice", Text("请选一批，或写工单编号", "Please choose an import, or give a number"))])
        }
        return .order(number)
    }
}
