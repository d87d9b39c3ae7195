import LinliCore
import LinliKernel
import LinliSQL
import LinliUI

extension Feature {
    /// Patrols 巡查: routes with points and a window of the day, signing in at a point by its code or by where one stands,
    /// normal in one tap, a hazard becomes a case or is settled on the spot with evidence; missed windows by route.
    ///
    /// For grid workers and community heads. Pages: `/grid/patrols`, `/desk/patrols`; for programs
    /// `/api/v1/patrols`, `/api/v1/patrol-routes`.
    package static let patrols = Feature(
        id: "patrols",
        name: Text("巡查", "Patrols"),
        routes: PatrolRoutes.all + PatrolDeskRoutes.all + PatrolEditRoutes.all + PatrolsAPI.all,
        migrations: [.patrols, .patrolChanges],
        jobs: [.forgetTracks],
        menu: [
            MenuEntry(
                group: Text("工作", "Work"), Text("巡查", "Patrols"), icon: "walk", path: "/desk/patrols",
                permission: .patrolsPlan)
        ],
        panels: [.patrols],
        placePanels: [.patrols],
        placeUses: [PlaceUse("patrol_point", "place_id"), PlaceUse("patrol_finding", "place_id")]
    )
}

extension Panel {
    /// What rounds found around a dwelling or a thing.
    static let patrols = Panel("patrols", on: [.dwelling, .thing], permission: .casesRead) {
        subject, _, request, services in
        let hidden = request.context.actor.scope.interests
        let findings = try await services.database.read { tx in
            try PatrolStore.findings(
                at: try RegisterQueries.places(around: subject, tx), hidden: hidden, limit: 5, tx)
        }
        return PatrolWords.card(Text("附近巡查发现的隐患", "Hazards found nearby"), findings, request.context.now)
    }
}

extension PlacePanel {
    /// What rounds found at a place and inside it.
    static let patrols = PlacePanel("patrols", permission: .casesRead) { around, request, services in
        let actor = request.context.actor
        guard actor.may(.casesRead, in: around.place.division) else { return nil }
        let findings = try await services.database.read { tx in
            try PatrolStore.findings(at: around.inside, hidden: actor.scope.interests, limit: 5, tx)
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

    static func line(_ finding: PatrolFinding, _ now: Instant) -> HTML {
        """
        <a class="cell" href="\(CasePath.desk(finding.item))"><span class="bd"><span class="ttl">\(finding.title)</span>\
        <span class="sub">\(finding.point) · \(finding.at.relative(to: now)) · <span class="num">\(finding.number)</span></span></span>\
        \(finding.isSettled
            ? tag(Text("当场解决", "Settled on the spot"), .ok)
            : tag(finding.isDanger ? Text("危险", "Danger") : Text("已上报", "Reported"), finding.isDanger ? .bad : .info))</a>
        """
    }
}
