import LinliCore
import LinliKernel
import LinliUI

/// Routes, what was missed and what was found, at the desk: by route, never by who walks.
enum PatrolDeskRoutes {
    static let all: [Route] = [
        .get("/desk/patrols", access: .permission(.patrolsPlan), show),
        .post("/desk/patrols", access: .permission(.patrolsPlan), make),
        .post("/desk/patrols/:id/end", access: .permission(.patrolsPlan), end),
        .get("/desk/patrols/:id/codes", access: .permission(.patrolsPlan), codes),
        .post("/desk/patrols/tracks/:patrol", access: .permission(.casesReport), look),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func page(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> PatrolDeskPage {
        let (context, now) = (request.context, request.context.now)
        guard let division = context.actor.scope(for: .patrolsPlan).divisions.first else {
            throw LinliError.notFound("patrols.scope")
        }
        let hidden = context.actor.scope.interests
        let (routes, findings, walking, grids) = try await services.database.read { tx in
            let routes = try PatrolStore.routes(in: division, tx).map { route in
                PatrolDeskPage.Line(
                    route: route, points: try PatrolStore.points(of: route.id, tx),
                    walked: try PatrolStore.days(of: route.id, since: now.date.adding(days: -7), tx),
                    parts: try PatrolStore.parts(of: route.id, since: now.date.adding(days: -7), tx)
                )
            }
            return (
                routes, try PatrolStore.findings(in: division, hidden: hidden, limit: 30, tx),
                try PatrolStore.walking(in: division, tx),
                try DivisionsStore.children(of: division.ancestor(at: .community), at: now, tx).map(\.code)
            )
        }
        return PatrolDeskPage(
            division: division, grids: grids, routes: routes, findings: findings, walking: walking,
            form: request.form, error: error, done: request.query["done"], formToken: request.formToken, now: now,
            names: services.divisions)
    }

    private static func make(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let id = try await PatrolCommands(services).makeRoute(PatrolRouteForm.draft(request.form), request.context)
            return .redirect("/desk/patrols/\(id)/codes")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, error, services).page, status: status)
        }
    }

    private static func end(_ request: Request, _ services: Services) async throws -> Reply {
        try await PatrolCommands(services).endRoute(try request.id(), request.context)
        return .redirect("/desk/patrols?done=end")
    }

    private static func codes(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<PatrolRoute> = try request.id()
        let found = try await services.database.read { tx -> (PatrolRoute, [PatrolPoint])? in
            try PatrolStore.route(id, tx).map { ($0, try PatrolStore.points(of: id, tx)) }
        }
        guard let (route, points) = found, request.context.actor.may(.patrolsPlan, in: route.division) else {
            throw LinliError.notFound("patrols.route")
        }
        let keys = services.database.keys
        return .page(
            PatrolCodesSheet(
                route: route, points: points.filter { !$0.isGone }.map { ($0.name, $0.code(keys)) },
                origin: request.origin
            ).page
        )
    }

    private static func look(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Patrol> = try request.id("patrol")
        let track = try await PatrolCommands(services).look(
            id, reason: request.form["reason"] ?? "", request.context)
        return .page(PatrolTrackPage(track: track, now: request.context.now).page)
    }
}

/// Routes with the windows that were missed, findings, and the form for another route.
struct PatrolDeskPage {
    /// A route with the days of the last week on which it was walked, and on which only a part was.
    struct Line: Sendable {
        let route: PatrolRoute
        let points: [PatrolPoint]
        let walked: Set<CivilDate>
        let parts: [CivilDate: PatrolPart]
    }

    let division: DivisionCode
    let grids: [DivisionCode]
    let routes: [PatrolDeskPage.Line]
    let findings: [PatrolFinding]
    let walking: [(patrol: Patrol, route: String)]
    let form: Form
    let error: LinliError?
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    var page: Page { Page(Text("巡查", "Patrols"), frame: .desk("/desk/patrols"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("巡查", "Patrols"))</h1><span class="note">\(names.place(division))</span></div>
        \(problem(error))
        \(when: done == "change", notice(Text("路线改好了。", "The route is changed."), .ok, icon: "done"))
        \(when: done == "end", notice(Text("路线停了。", "The route is over."), .ok, icon: "done"))
        <div class="stack">
        <section class="card" aria-labelledby="h-routes"><div class="hd"><h2 id="h-routes">\(Text("路线", "Routes"))</h2></div>
        \(routes.isEmpty
            ? emptyState(Text("还没有路线", "No routes yet"), Text("右边写几个点位就能排一条。", "Write a few points beside to make one."), icon: "walk")
            : "<ul class=\"lines\">\(each: routes, { "<li class=\"cell\">\(route($0))</li>" })</ul>")
        </section>
        <section class="card" aria-labelledby="h-found"><div class="hd"><h2 id="h-found">\(Text("发现的隐患", "Hazards found"))</h2></div>
        \(findings.isEmpty
            ? emptyState(Text("还没有发现隐患", "None yet"), Text("巡查时上报的、当场解决的，都在这里。", "What rounds report or settle stands here."), icon: "shield")
            : "<ul class=\"lines\">\(each: findings, { "<li>\(PatrolWords.line($0, now))</li>" })</ul>")
        </section>
        \(when: !walking.isEmpty, safety)
        </div>
        <aside class="stack"><section class="card pad" aria-labelledby="h-new"><h2 id="h-new">\(Text("排一条路线", "Make a route"))</h2>\(newRoute)</section></aside>
        </main>
        """
    }

    private func route(_ line: Line) -> HTML {
        let (route, points) = (line.route, line.points)
        let missed = route.missed(walked: line.walked, days: 7, at: now)
        let days: [Text] = missed.map { day in
            guard let part = line.parts[day]?.text else { return day.dayAndMonth }
            return day.dayAndMonth + Text("（\(part.zh)）", " (\(part.en.lowercased()))")
        }
        let (zh, en) = (days.map(\.zh).joined(separator: "、"), days.map(\.en).joined(separator: ", "))
        return """
            <span class="bd"><span class="ttl">\(route.name)</span><span class="sub">\(names[route.division]) · \
            <span class="num">\(route.window)</span> · \(Text("\(points.count) 个点位", "\(points.count) points"))</span>
            \(PatrolWords.astray(points, route, names).map { "<span class=\"sub\">\(tag($0, .warn))</span>" as HTML })
            <span class="sub">\(missed.isEmpty ? tag(Text("7 天没漏", "None missed in 7 days"), .ok) : tag(Text("漏巡：\(zh)", "Missed: \(en)"), .warn))</span></span>
            <a class="btn weak sm" href="/desk/patrols/\(route.id)/edit">\(icon("edit"))\(Text("改", "Change"))<span class="sr"> \(route.name)</span></a>
            <a class="btn weak sm" href="/desk/patrols/\(route.id)/codes">\(icon("qr"))\(Text("点位码", "Codes"))</a>
            <form method="post" action="/desk/patrols/\(route.id)/end" data-confirm="\(Text("停掉这条路线？", "End this route?"))">\
            \(LinliUI.formToken(formToken))<button class="btn ghost sm">\(Text("停", "End"))</button></form>
            """
    }

    private var safety: HTML {
        """
        <section class="card pad stack" aria-labelledby="h-now"><h2 id="h-now">\(Text("正在巡", "Being walked"))</h2>
        \(each: walking, { one in
            """
            <form class="stack" method="post" action="/desk/patrols/tracks/\(one.patrol.id)">\(LinliUI.formToken(formToken))
            \(field(Text("\(one.route)：联系不上人时才看位置，会记下您看过", "\(one.route): only when somebody cannot be reached; it is noted"), for: "reason-\(one.patrol.id)",
                "<input id=\"reason-\(one.patrol.id)\" name=\"reason\" maxlength=\"100\" required autocomplete=\"off\" placeholder=\"\(Text("如：电话打不通", "Such as: no answer"))\">"))
            <button class="btn ghost sm">\(Text("看位置", "See where"))</button></form>
            """
        })</section>
        """
    }

    private var newRoute: HTML {
        let places = ([division.ancestor(at: .community)] + grids).map { (value: "\($0)", text: Text(same: names[$0])) }
        return PatrolRouteForm(
            path: "/desk/patrols", places: places, form: form, error: error, formToken: formToken,
            button: Text("排好", "Make it")
        ).html
    }
}

/// The codes of a route's points, to be printed and hung.
struct PatrolCodesSheet {
    let route: PatrolRoute
    let points: [(name: String, code: String)]
    let origin: String

    var page: Page {
        Page(Text("点位码 \(route.name)", "Codes of \(route.name)"), frame: .desk("/desk/patrols"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="btns noprint"><a class="btn ghost" href="/desk/patrols">\(icon("back", small: true))\(Text("回巡查", "Back"))</a>\
        <button class="btn" type="button" data-print data-js hidden>\(icon("print"))\(Text("打印", "Print"))</button></div>
        <h1>\(Text("点位码：\(route.name)", "Codes: \(route.name)"))</h1>
        \(each: points, { point in
            """
            <article class="sheet wallcode a6"><h2>\(point.name)</h2>
            \(qrCode("\(origin)/grid/patrols/at/\(point.code)", label: Text("\(point.name)的点位码", "Code of \(point.name)")))
            <p class="secret">\(point.code)</p><p>\(Text("巡查签到用，请勿撕下。", "For patrols: please leave it."))</p></article>
            """
        })
        </main>
        """
    }
}

/// Where a round went; shown once, after it was noted who looks and why.
struct PatrolTrackPage {
    let track: [(at: Instant, latitude: Double, longitude: Double)]
    let now: Instant

    var page: Page { Page(Text("巡查位置", "Where the round is"), frame: .desk("/desk/patrols"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("巡查位置", "Where the round is"))</h1></div>
        <section class="card">
        \(track.isEmpty
            ? emptyState(Text("没有位置", "No position"), Text("手机没有上报过位置，或已到期删除。", "None was sent, or it was deleted."), icon: "pin")
            : "<ul class=\"lines\">\(each: track, row)</ul>")
        </section>
        </main>
        """
    }

    private func row(_ one: (at: Instant, latitude: Double, longitude: Double)) -> HTML {
        let position = "\(one.latitude), \(one.longitude)"
        return """
            <li class="cell"><span class="bd num">\(position)</span>\(time(one.at, one.at.relative(to: now)))</li>
            """
    }
}
