import LinliCore
import LinliKernel
import LinliSQL
import LinliUI

/// A table of places that was imported: all that came in one moment.
struct PlacesImported: Sendable {
    let at: Instant
    /// How many of them are still there.
    let places: Int
}

/// What became of places that were taken back.
struct PlacesTakenBack: Sendable {
    let removed: Int
    /// What somebody changed since, or what something names by now.
    let kept: Int
}

extension PlacesAdminStore {
    /// The last tables imported into a community of which anything is there, the newest first.
    static func imports(into community: DivisionCode, _ tx: ReadTx) throws -> [PlacesImported] {
        try tx.all(
            """
            SELECT p.valid_from, count(*) FROM place p
            WHERE p.division BETWEEN \(community.range.lowerBound) AND \(community.range.upperBound)
            AND p.source = 'import' AND p.valid_to IS NULL GROUP BY p.valid_from ORDER BY p.valid_from DESC LIMIT 5
            """
        ) { PlacesImported(at: try $0[0], places: try $0[1]) }
    }

    /// What came with a table, what lies inside others before those.
    static func imported(at moment: Instant, into community: DivisionCode, _ tx: ReadTx) throws -> [PlaceSummary] {
        try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p
            WHERE p.division BETWEEN \(community.range.lowerBound) AND \(community.range.upperBound)
            AND p.source = 'import' AND p.valid_to IS NULL AND p.valid_from = \(moment) ORDER BY p.id DESC
            """
        ) { try PlaceSummary($0) }
    }
}

extension PlacesCommands {
    /// Takes a table of places back as a whole, the last one unless `moment` says which: what nobody changed since and
    /// nothing names goes, the rest stays.
    ///
    /// - Throws: `.notFound` where there is no such import, or outside one's divisions.
    func takeBack(
        _ moment: Instant?, from community: DivisionCode, _ context: Context
    ) async throws -> PlacesTakenBack {
        try await database.write(context, "places.takeBack") { [uses] tx in
            guard context.actor.may(.registersManage, in: community) else {
                throw LinliError.notFound("places.community")
            }
            let imports = try PlacesAdminStore.imports(into: community, tx)
            guard let one = imports.first(where: { moment == nil || $0.at == moment }) else {
                throw LinliError.notFound("places.import")
            }
            var (removed, kept) = (0, 0)
            for place in try PlacesAdminStore.imported(at: one.at, into: community, tx) {
                guard place.version == 1, try !PlacesAdminStore.isNamed(place.id, uses, tx) else {
                    kept += 1
                    continue
                }
                try PlacesAdminStore.remove(place.id, tx)
                removed += 1
            }
            let subject = Subject("division", community.rawValue, division: community)
            try tx.audit(subject, fields: ["places×\(removed)"])
            try tx.emit("place.changed", subject)
            return PlacesTakenBack(removed: removed, kept: kept)
        }
    }
}

/// Taking tables of places back, for people and for programs.
enum PlacesTakeBackRoutes {
    static let all: [Route] = [
        .post("/admin/places/import/back", access: .permission(.registersManage)) { request, services in
            let code = request.form["under"].flatMap { DivisionCode($0) }
            let community = try PlacesImportRoutes.own(code, request.context)
            guard let at = request.form["at"].flatMap({ Int64($0) }) else { throw LinliError.notFound("places.import") }
            let done = try await PlacesCommands(services).takeBack(
                Instant(milliseconds: at), from: community, request.context)
            return .redirect("/admin/places/import?under=\(community)&removed=\(done.removed)&kept=\(done.kept)")
        },
        .api(
            .post, "/api/v1/admin/place-import/back", id: "takePlacesBack",
            "Take the last table of places of a community back: what was changed since or is in use stays",
            access: .permission(.registersManage), body: under, reply: taken
        ) { code, request, services in
            let community = try PlacesImportRoutes.own(code, request.context)
            return try await PlacesCommands(services).takeBack(nil, from: community, request.context)
        },
    ]

    private static let under = Schema<DivisionCode?>(
        "PlaceTableBack", [SchemaProperty("under", .shaped(.division), required: true, "The community")],
        decode: { DivisionCode($0.text("under")) }, encode: { _ in [:] })

    private static let taken = Schema<PlacesTakenBack>(
        "PlacesTakenBack",
        [
            SchemaProperty("removed", .integer(0...100_000), required: true, "How many went"),
            SchemaProperty("kept", .integer(0...100_000), required: true, "How many stay: changed since, or in use"),
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { ["removed": .int(Int64($0.removed)), "kept": .int(Int64($0.kept))] })

    /// The tables of a community that may be taken back, and what became of the last one.
    static func card(
        _ imports: [PlacesImported], under community: DivisionCode, done: (removed: Int, kept: Int)?, formToken: String,
        now: Instant
    ) -> HTML {
        guard !imports.isEmpty || done != nil else { return .empty }
        return """
            \(done.map { notice(said($0), .ok, icon: "done") })
            \(when: !imports.isEmpty, """
                <section class="card narrow" aria-labelledby="h-imports"><div class="hd"><h2 id="h-imports">\
                \(Text("导入过的", "Imports so far"))</h2></div>
                <ul>\(each: imports, { row($0, community, formToken, now) })</ul></section>
                """)
            """
    }

    private static func said(_ done: (removed: Int, kept: Int)) -> Text {
        let removed = Text("撤销了 \(done.removed) 处", "\(done.removed) were taken back")
        guard done.kept > 0 else { return removed + Text("。", ".") }
        return removed
            + Text("，\(done.kept) 处后来改过或有人在用，留着。", "; \(done.kept) were changed since or are in use, and stay.")
    }

    private static func row(
        _ one: PlacesImported, _ community: DivisionCode, _ formToken: String, _ now: Instant
    ) -> HTML {
        """
        <li><div class="cell"><span class="bd"><span class="ttl">\(time(one.at, one.at.relative(to: now)))</span>\
        <span class="sub">\(Text("还在的 \(one.places) 处", "\(one.places) places still there"))</span></span>
        <form method="post" action="/admin/places/import/back" data-confirm="\(Text(
            "撤销这次导入？后来改过的、有人在用的会留着。", "Take this import back? What was changed since or is in use stays."))">\
        \(LinliUI.formToken(formToken))<input type="hidden" name="under" value="\(community)">\
        <input type="hidden" name="at" value="\("\(one.at.milliseconds)")">\
        <button class="btn ghost sm">\(Text("撤销这次导入", "Take it back"))</button></form></div></li>
        """
    }
}
