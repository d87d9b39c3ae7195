import LinliCore
import LinliKernel
import LinliSQL

extension Feature {
    /// Codes on walls 楼道码: a QR code at an entrance, in a lift or on a notice board that opens the report form with the
    /// place filled in, without an account; printed with the committee's phone, and revoked when it hangs wrong.
    ///
    /// For who registers needs for others. Pages: `/desk/wall-codes`, `/desk/wall-codes/:id/print`; what is scanned:
    /// `/q/:code`.
    package static let wallCodes = Feature(
        id: "wallCodes",
        name: Text("楼道码", "Codes on walls"),
        routes: WallCodesRoutes.all + WallCodesAPI.all,
        migrations: [.wallCodes, .wallCodePlaces],
        subscribers: [.wallCodeGrids],
        menu: [
            MenuEntry(
                group: Text("工作", "Work"),
                Text("楼道码", "Codes on walls"),
                icon: "box",
                path: "/desk/wall-codes",
                permission: .casesReport
            )
        ],
        placeUses: [PlaceUse("wall_code", "place_id")]
    )
}

extension Subscriber {
    /// A code lies where its place lies, whoever gave that another grid.
    static let wallCodeGrids = Subscriber(
        "wallCodes.grids", kinds: ["place.changed", "grid.moved"],
        .writes { events, database in
            let places = events.map(\.subject).filter { $0.kind == "place" }.map { ID<Place>(rawValue: $0.id) }
            let communities = events.filter { $0.kind == "grid.moved" }.compactMap(\.subject.division)
            let astray = try await database.read { try WallCodesStore.astray(at: places, or: communities, $0) }
            guard !astray.isEmpty else { return }
            let context = Context.system("wallCodes.grids", now: database.clock.now)
            try await database.write(context, "wallCodes.follow") { tx in
                for code in astray {
                    try tx.execute("UPDATE wall_code SET division = \(code.division) WHERE id = \(code.id)")
                    try tx.audit(Subject("wallCode", code.id, division: code.division), fields: ["division"])
                }
            }
        })
}

extension Migration {
    /// The codes of a place are found by it, before it is joined with another or taken away.
    static let wallCodePlaces = Migration(
        "2026-11-28.51-wall-code-places", "CREATE INDEX wall_code_place ON wall_code (place_id);")

    /// Codes that hang on walls.
    static let wallCodes = Migration(
        "2026-11-25.76-wall-codes",
        """
        CREATE TABLE wall_code (
            id INTEGER NOT NULL PRIMARY KEY,
            code TEXT NOT NULL UNIQUE CHECK (length(code) <= 20),
            place_id INTEGER NOT NULL REFERENCES place (id),
            division INTEGER NOT NULL,
            note TEXT NOT NULL CHECK (length(note) <= 60),
            created_by INTEGER REFERENCES account (id),
            created_at INTEGER NOT NULL,
            revoked_by INTEGER REFERENCES account (id),
            revoked_at INTEGER
        ) STRICT;
        CREATE INDEX wall_code_division ON wall_code (division, id);
        """
    )
}
