import LinliCore
import LinliKernel
import LinliSQL
import LinliUI

extension Feature {
    /// Patrols 巡查: routes with points and a window of the day, signing in at a point by its code or by where one stands,
    /// normal in one tap, a hazard becomes a case or is settled on the spot with evidence; missed windows by route. Also
    /// without a network, on the phone that holds the grid.
    ///
    /// For grid workers and community heads. Pages: `/grid/patrols`, `/desk/patrols`; for programs
    /// `/api/v1/patrols`, `/api/v1/patrol-routes`.
    package static let patrols = Feature(
        id: "patrols",
        name: Text("巡查", "Patrols"),
        routes: PatrolRoutes.all + PatrolDeskRoutes.all + PatrolEditRoutes.all + PatrolsAPI.all,
        migrations: [.patrols, .patrolChanges, .patrolPhones, .patrolTimes, .patrolMoves],
        jobs: [.forgetTracks],
        subscribers: [.patrolGrids],
        menu: [
            MenuEntry(
                group: Text("工作", "Work"), Text("巡查", "Patrols"), icon: "walk", path: "/desk/patrols",
                permission: .patrolsPlan)
        ],
        panels: [.patrols],
        placePanels: [.patrols],
        placeUses: [PlaceUse("patrol_point", "place_id"), PlaceUse("patrol_finding", "place_id")],
        offline: [
            OfflinePart(
                "patrols", permission: .casesReport, give: PatrolOffline.give, take: PatrolOffline.take,
                form: PatrolOffline.form)
        ]
    )
}

extension Subscriber {
    /// Routes of grids that are no more go to what took over. Points whose place lies in another grid now stay on their
    /// route: the community is asked to look at it.
    static let patrolGrids = Subscriber(
        "patrols.grids", kinds: ["grid.moved"],
        .writes { events, database in
            let communities = Set(events.compactMap(\.subject.division)).sorted()
            let now = database.clock.now
            let moves = try await database.read { tx in
                try communities.flatMap { try PatrolStore.routes(in: $0, tx) }.compactMap {
                    route -> (route: PatrolRoute, next: DivisionCode)? in
                    guard route.division.level == .grid, try DivisionsStore.find(route.division, at: now, tx) == nil
                    else { return nil }
                    let next = try DivisionsStore.current(route.division, tx)
                    return next == route.division ? nil : (route, next)
                }
            }
            guard !moves.isEmpty else { return }
            let context = Context.system("patrols.grids", now: now)
            try await database.write(context, "patrols.follow") { tx in
                for (route, next) in moves {
                    try tx.execute(
                        """
                        UPDATE patrol_route SET division = \(next), community = \(next.ancestor(at: .community)),
                            version = version + 1 WHERE id = \(route.id)
                        """)
                    try tx.audit(Subject("patrolRoute", route.id, division: next), fields: ["division"])
                }
            }
        })
}

extension Panel {
    /// What rounds found around a dwelling, an organization or a thing.
    static let patrols = Panel(
        "patrols", on: [.dwelling, .organization, .thing], permission: .casesRead,
        list: { subject, _, request, services in
            try await findings(around: subject, request, services).map { finding in
                Panel.Line(
                    "finding", "\(finding.id)", Text(same: finding.title),
                    PatrolWords.state(finding) + Text(same: " · \(finding.point) · \(finding.number)"), at: finding.at)
            }
        }
    ) { subject, _, request, services in
        let findings = try await findings(around: subject, request, services)
        return PatrolWords.card(Text("附近巡查发现的隐患", "Hazards found nearby"), findings, request.context.now)
    }

    private static func findings(
        around subject: RegisterSubject, _ request: Request, _ services: Services
    ) async throws -> [PatrolFinding] {
        let scope = request.context.actor.scope(for: .casesRead)
        return try await services.database.read { tx in
            try PatrolStore.findings(at: try RegisterQueries.places(around: subject, tx), scope, limit: 5, tx)
        }
    }
}

extension PlacePanel {
    /// What rounds found at a place and inside it.
    static let patrols = PlacePanel("patrols", permission: .casesRead) { around, request, services in
        let scope = request.context.actor.scope(for: .casesRead)
        let findings = try await services.database.read { tx in
            try PatrolStore.findings(at: around.inside, scope, limit: 5, tx)
        }
        return PatrolWords.card(Text("巡查发现的隐患", "Hazards found here"), findings, request.context.now)
    }
}

/// Sentences about patrols that several pages say.
enum PatrolWords {
    /// A card of findings; nil when there are none.
    static func card(_ title: Text, _ findings: [PatrolFinding], _ now: Instant) -> HTML? {
        guard !findings.isEmpty else { return nil }
        return """
            <section class="card" aria-labelledby="p-patrols"><div class="hd"><h2 id="p-patrols">\(title)</h2></div>
            <ul class="lines">\(each: findings, { "<li>\(line($0, now))</li>" })</ul></section>
            """
    }

    /// Which points of a route are to be looked at: their places are gone, or lie in another grid now. Nil for none.
    static func astray(_ points: [PatrolPoint], _ route: PatrolRoute, _ names: DivisionNames) -> Text? {
        let words = points.compactMap { point -> Text? in
            if point.isGone { return Text("\(point.name)（\(point.gone.zh)）", "\(point.name) (\(point.gone.en))") }
            guard point.isOutside(route), let division = point.division else { return nil }
            return Text("\(point.name)（现在属\(names[division])）", "\(point.name) (now in \(names[division]))")
        }
        guard !words.isEmpty else { return nil }
        return Text(
            "请改路线：\(words.map(\.zh).joined(separator: "、"))",
            "Please change it: \(words.map(\.en).joined(separator: ", "))")
    }

    static func line(_ finding: PatrolFinding, _ now: Instant) -> HTML {
        """
        <a class="cell" href="\(CasePath.desk(finding.item))"><span class="bd"><span class="ttl">\(finding.title)</span>\
        <span class="sub">\(finding.point) · \(finding.at.relative(to: now)) · <span class="num">\(finding.number)</span></span></span>\
        \(tag(state(finding), finding.isSettled ? .ok : finding.isDanger ? .bad : .info))</a>
        """
    }

    /// Whether it was settled, and else how bad it is.
    static func state(_ finding: PatrolFinding) -> Text {
        if finding.isSettled { return Text("当场解决", "Settled on the spot") }
        return finding.isDanger ? Text("危险", "Danger") : Text("已上报", "Reported")
    }
}
