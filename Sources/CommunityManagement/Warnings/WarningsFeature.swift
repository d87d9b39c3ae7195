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
        panels: [.warnings]
    )
}

extension Panel {
    /// The warnings about a household and its place.
    static let warnings = Panel("warnings", on: [.household, .dwelling], permission: .warningsHandle) {
        subject, _, request, services in
        let (warnings, rules) = try await services.database.read { tx -> ([Warning], [WarningRule]) in
            var households: [ID<Household>] = []
            var places: [ID<Place>] = []
            if subject.kind == .household {
                households = [ID(rawValue: subject.id)]
            } else if let dwelling = try RegisterQueries.dwelling(ID(rawValue: subject.id), tx) {
                households = try RegisterQueries.households(of: dwelling.id, tx).map(\.id)
                places = [dwelling.place]
            }
            return (
                try WarningQueries.about(households: households, places: places, limit: 5, tx),
                services.queries.settings.warnings
            )
        }
        guard !warnings.isEmpty else { return nil }
        let now = request.context.now
        return """
            <section class="card" aria-labelledby="p-warnings"><div class="hd"><h2 id="p-warnings">\(Text("预警", "Warnings"))</h2></div>
            <ul class="lines">\(each: warnings, { warning in
                """
                <li><a class="cell" href="/desk/warnings?tab=all"><span class="bd"><span class="ttl">\(WarningWords.name(warning, rules))</span>\
                <span class="sub">\(warning.at.relative(to: now))</span></span>\(WarningWords.state(warning))</a></li>
                """
            })</ul></section>
            """
    }
}

/// Sentences about warnings that several pages say.
enum WarningWords {
    static func name(_ warning: Warning, _ rules: [WarningRule]) -> Text {
        rules.first { $0.id == warning.rule }?.name ?? Text(same: warning.rule)
    }

    static func state(_ warning: Warning) -> HTML {
        switch warning.state {
        case .open: tag(warning.state.name, .warn)
        case .acknowledged: tag(warning.state.name, .info)
        case .turned, .heard: tag(warning.state.name, .ok)
        case .dismissed: tag(warning.state.name, .mute)
        }
    }

    /// What somebody would write into a case of it.
    static func story(_ warning: Warning, _ rules: [WarningRule], _ reasons: [WarningReason], _ category: Text?)
        -> String
    {
        let days = reasons.map { $0.at.date.dayAndMonth.zh }
        let place = warning.address.isEmpty ? "" : "（\(warning.address)）"
        let what = category.map { "：\($0.zh)" } ?? ""
        return
            "预警\(place)：\(name(warning, rules).zh)\(what)，\(reasons.count) 次，\(days.first ?? "")至\(days.last ?? "")。请现场了解原因，一并解决。"
    }
}
