import LinliCore
import LinliKernel

extension OfflinePart {
    /// Handing over without a network: who is on duty, who comes, what was said; and a note for them on its way back.
    static let handover = OfflinePart(
        "handover", permission: .casesRead,
        give: { _, _, context, services in
            let desk = try await HandoverDesk(nil, context, services)
            var json = JSONWriter()
            json.object { json in
                json.field("unit", desk.unit?.name.zh)
                json.field("unitEn", desk.unit?.name.en)
                json.field("now", desk.state?.shifts.now?.name)
                json.field("until", desk.state?.shifts.now?.end.milliseconds)
                json.field("next", desk.state?.shifts.next?.name)
                json.field("from", desk.state?.shifts.next?.start.milliseconds)
                json.key("lines")
                json.array { list in
                    for line in (desk.state?.lines ?? []).prefix(10) {
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
            let desk = try await HandoverDesk(nil, context, services)
            try await desk.note(entry.body.text("text"), context, services) { try OfflineStore.note(entry, .taken, $0) }
            return .taken
        }
    )
}
