import LinliCore
import LinliKernel
import LinliUI

extension Feature {
    /// Early warnings 预警: several signals that together mean somebody should look, each with its reasons; acknowledged,
    /// turned into a visit or a case, or dismissed with a reason.
    ///
    /// For communities and street centres. Page: `/desk/warnings`; for programs `/api/v1/warnings`.
    package static let warnings = Feature(
        id: "warnings",
        name: Text("预警", "Early warnings"),
        routes: WarningRoutes.all + WarningsAPI.all,
        menu: [
            MenuEntry(
                group: Text("工作", "Work"), Text("预警", "Warnings"), icon: "flag", path: "/desk/warnings",
                permission: .warningsHandle)
        ],
        panels: [.warnings],
        placePanels: [.warnings]
    )
}

extension Services {
    /// The rules of warnings in force.
    func warningBook(_ tx: ReadTx) throws -> WarningBook {
        try WarningBook.current(queries.settings.warningNumbers, tx)
    }
}

extension Panel {
    /// The warnings about a household, and about the place of an entry and what that lies in.
    static let warnings = Panel(
        "warnings", on: [.household, .dwelling, .organization, .thing], permission: .warningsHandle,
        list: { subject, _, request, services in
            let (warnings, book) = try await about(subject, request, services)
            return warnings.map { warning in
                Panel.Line(
                    "warning", "\(warning.id)", WarningWords.name(warning, book), warning.state.name, at: warning.at)
            }
        }
    ) { subject, _, request, services in
        let (warnings, book) = try await about(subject, request, services)
        return WarningWords.card(warnings, book, request.context.now)
    }

    private static func about(
        _ subject: RegisterSubject, _ request: Request, _ services: Services
    ) async throws -> ([Warning], WarningBook) {
        let actor = request.context.actor
        return try await services.database.read { tx in
            let places = try RegisterQueries.places(around: subject, tx)
            let found = try WarningQueries.about(
                households: try households(of: subject, tx), places: places, seenBy: actor, limit: 5, tx)
            return (found, try services.warningBook(tx))
        }
    }

    private static func households(of subject: RegisterSubject, _ tx: ReadTx) throws -> [ID<Household>] {
        switch subject.kind {
        case .household: [ID(rawValue: subject.id)]
        case .dwelling: try RegisterQueries.households(of: ID(rawValue: subject.id), tx).map(\.id)
        case .person, .organization, .thing: []
        }
    }
}

extension PlacePanel {
    /// The warnings about a place, what lies in it and the households there.
    static let warnings = PlacePanel("warnings", permission: .warningsHandle) { around, request, services in
        let actor = request.context.actor
        let divisions = actor.scope(for: .peopleRead).divisions
        let (warnings, book) = try await services.database.read { tx in
            (
                try WarningQueries.about(
                    households: try RegisterQueries.households(at: around.inside, in: divisions, tx),
                    places: around.inside, seenBy: actor, limit: 5, tx), try services.warningBook(tx)
            )
        }
        return WarningWords.card(warnings, book, request.context.now)
    }
}

/// Sentences about warnings that several pages say.
enum WarningWords {
    /// A card of warnings; nil when there are none.
    static func card(_ warnings: [Warning], _ book: WarningBook, _ now: Instant) -> HTML? {
        guard !warnings.isEmpty else { return nil }
        return """
            <section class="card" aria-labelledby="p-warnings"><div class="hd"><h2 id="p-warnings">\(Text("预警", "Warnings"))</h2></div>
            <ul class="lines">\(each: warnings, { warning in
                """
                <li><a class="cell" href="/desk/warnings?tab=all"><span class="bd"><span class="ttl">\(name(warning, book))</span>\
                <span class="sub">\(warning.at.relative(to: now))</span></span>\(state(warning))</a></li>
                """
            })</ul></section>
            """
    }

    /// What its rule is called now; for one that was taken out, what it was called then.
    static func name(_ warning: Warning, _ book: WarningBook) -> Text {
        name(warning.rule, warning.ruleName, book)
    }

    static func name(_ rule: String, _ then: Text, _ book: WarningBook) -> Text {
        book[rule]?.name ?? (then.zh.isEmpty ? Text(same: rule) : then)
    }

    static func state(_ warning: Warning) -> HTML {
        switch warning.state {
        case .open: tag(warning.state.name, .warn)
        case .acknowledged: tag(warning.state.name, .info)
        case .turned, .heard: tag(warning.state.name, .ok)
        case .dismissed, .gone, .misplaced: tag(warning.state.name, .mute)
        }
    }

    /// What somebody would write into a case of it.
    static func story(
        _ warning: Warning, _ book: WarningBook, _ reasons: [WarningReason], _ category: Text?
    ) -> String {
        let days = reasons.map { $0.at.date.dayAndMonth.zh }
        let place = warning.address.isEmpty ? "" : "（\(warning.address)）"
        let what = category.map { "：\($0.zh)" } ?? ""
        let why = book[warning.rule]?.why.zh ?? ""
        return
            "预警\(place)：\(name(warning, book).zh)\(what)，\(reasons.count) 次，\(days.first ?? "")至\(days.last ?? "")。\(why)请现场了解原因，一并解决。"
    }
}
