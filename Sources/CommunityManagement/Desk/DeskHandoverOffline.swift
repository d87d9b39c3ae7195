import LinliCore
import LinliKernel

extension OfflinePart {
    /// Handing over without a network: who is on duty, who comes, what was said; and a note for them on its way back.
    static let handover = OfflinePart(
        "handover", permission: .casesRead,
        give: { _, _, context, services in
            let unit = try await HandoverDesk.own(context, services)
            let (shifts, lines) = try await services.database.read { tx in
                try unit.map {
                    (try HandoverStore.shifts(of: $0.id, at: context.now, tx), try HandoverStore.lines(of: $0.id, tx))
                } ?? (nil, [])
            }
            var json = JSONWriter()
            json.object { json in
                json.field("unit", unit?.name.zh)
                json.field("unitEn", unit?.name.en)
                json.field("now", shifts?.now?.name)
                json.field("until", shifts?.now?.end.milliseconds)
                json.field("next", shifts?.next?.name)
                json.field("from", shifts?.next?.start.milliseconds)
                json.key("lines")
                json.array { list in
                    for line in lines.prefix(10) {
                        list.object { json in
                            json.field("at", line.at.milliseconds)
                            json.field("name", line.name)
                            json.field("taken", line.isTaken)
                            json.field("text", line.text)
                        }
                    }
                }
            }
            return json
        },
        take: { entry, context, services in
            let unit = try await HandoverDesk.own(context, services)
            try await HandoverDesk.note(entry.body.text("text"), for: unit, context, services) {
                try OfflineStore.note(entry, .taken, $0)
            }
            return .taken
        }
    )
}

extension HandoverDesk {
    /// The unit somebody hands over for: one of theirs, else the one on whose roster they stand now, as who walks a grid
    /// does; nil for nobody's.
    fileprivate static func own(_ context: Context, _ services: Services) async throws -> UnitSummary? {
        try await services.database.read { tx in
            if let unit = try CaseQueries.dutyUnits(of: context.actor, tx).first { return unit }
            guard let account = context.actor.account else { return nil }
            return try UnitsStore.rostered(account, at: context.now, tx)
        }
    }
}
