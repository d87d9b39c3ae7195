import LinliCore
import LinliKernel
import LinliStandards

extension OfflinePart {
    /// Cases without a network: what is open in the grid goes along as a list, what was seen on the way comes back as a
    /// report with its photos.
    static let gridCases = OfflinePart(
        "cases", permission: .casesReport,
        give: { lease, _, context, services in
            var filter = CaseFilter(limit: 100)
            filter.grid = lease.division
            let rows = try await services.queries.list(
                filter, context.actor.scope(for: .casesHandle), at: context.now)
            return GridWorkOffline.json(rows.prefix(100), services)
        },
        take: GridWorkOffline.take
    )
}

/// Cases on a phone without a network.
enum GridWorkOffline {
    static func json(_ rows: some Sequence<CaseRow>, _ services: Services) -> JSONWriter {
        var json = JSONWriter()
        json.object { json in
            json.key("types")
            json.array { list in
                for type in services.queries.types.offered(at: .grid) {
                    list.object { json in
                        json.field("id", type.id)
                        json.field("zh", type.name.zh)
                        json.field("en", type.name.en)
                    }
                }
            }
            json.key("open")
            json.array { list in
                for row in rows { write(row, services, to: &list) }
            }
        }
        return json
    }

    private static func write(_ row: CaseRow, _ services: Services, to json: inout JSONWriter) {
        let state = services.queries.types.state(row.state, of: row.type)?.name ?? Text(same: row.state)
        json.object { json in
            json.field("id", "\(row.id)")
            json.field("number", row.number)
            json.field("title", row.title.isEmpty ? row.number : row.title)
            json.field("where", row.whereabouts)
            json.field("due", row.dueAt.milliseconds)
            json.field("urgent", row.isUrgent)
            json.field("zh", state.zh)
            json.field("en", state.en)
        }
    }

    /// Reports once, by the entry's key; the hour it was seen stands in a note for staff.
    static func take(
        _ entry: OfflineEntry, _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        let once = "offline-\(entry.key)"
        var taken = try await services.commands.taken(once: once, context)
        if taken == nil {
            var draft = try await draft(entry, context, services)
            draft.photos = try await entry.pictures.keep(services.database, context)
            taken = try await services.commands.report(draft, once: once, context)
        }
        return try await OfflineSync.keep(
            entry, OfflineOutcome(kind: .taken, number: taken?.number), context, services)
    }

    private static func draft(
        _ entry: OfflineEntry, _ context: Context, _ services: Services
    ) async throws -> CaseDraft {
        let body = entry.body
        let place: PlaceSummary? = try await services.database.read { tx in
            try body.id("place").flatMap { try PlacesStore.find($0, tx) }
        }
        let division = place?.division ?? entry.lease.division
        guard context.actor.scope(for: .casesReport).contains(division) else {
            throw LinliError.forbidden("grid.division")
        }
        let wanted = body.text("type")
        let type = try services.queries.types.offered(wanted.isEmpty ? "need" : wanted, at: .grid)
        let text = body.text("text")
        // Nobody can be asked any more: what the words do not say is sorted by who dispatches.
        let category =
            try StaffReport.category(of: text, type, services)
            ?? services.catalogue[code: "R2901"].map { Decided($0, isDoubtful: true) }
        let nature = try StaffReport.nature(of: text, type, category, services)
        var draft = CaseDraft(text: text, division: division)
        draft.category = category?.value.code ?? ""
        draft.type = type.id
        draft.nature = nature.value
        if category?.isDoubtful == true { draft.doubt.insert(.category) }
        if nature.isDoubtful { draft.doubt.insert(.nature) }
        draft.spot = type.opening?.spots.first ?? .estate
        draft.location = body.text("location")
        draft.place = place?.id
        draft.source = .grid
        draft.isUrgent = body.flag("urgent")
        draft.latitude = body.number("lat")
        draft.longitude = body.number("lon")
        draft.staffNote = "离线记录，现场时间 \(entry.at.date) \(entry.at.time)"
        let settled = body.text("settled")
        draft.settledWith = settled.isEmpty ? nil : settled
        return draft
    }
}
