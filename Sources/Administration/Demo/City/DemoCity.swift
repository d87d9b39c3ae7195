import LinliCore
import LinliKernel
import LinliSQL

extension Demo {
    /// What was made of the city.
    package struct CityReport: Sendable {
        package var communities = 0
        /// Grids that were filled now, and those that were there already.
        package var grids = 0
        package var known = 0
        package var people = 0
        package var households = 0
        package var seconds = 0.0
    }

    /// Fills the store with a share of a made-up city for measurements: districts and streets as they are called,
    /// everything else made up. Each grid is one audited write through the same insert as an import; a run that was
    /// stopped goes on with the grids that are empty. `tell` hears how far it is now and then.
    ///
    /// While one grid is written, the next is made up and sealed. What is `large` is entered without the indexes that chance
    /// orders (`DemoCityIndexes`); they are made at the end, also of a run that goes on with one that was stopped. It is
    /// left to the number of people unless a test says it.
    package static func city(
        fraction: Double, _ services: Services, now: Instant, large: Bool? = nil, tell: (String) -> Void = { _ in }
    ) async throws -> CityReport {
        let database = services.database
        let began = ContinuousClock.now
        _ = try await DivisionImport.ship(database, .system("demo", now: now))
        let streets = try await database.read { try DivisionsStore.all(at: now, $0).filter { $0.level == .street } }
        let plan = DemoCityPlan(fraction: fraction, streets: streets.filter { !$0.isSynthetic })
        var report = CityReport()
        report.communities = plan.all.count
        if large ?? (fraction > DemoCityIndexes.largeFraction) {
            try await database.system { try DemoCityIndexes.drop($0) }
        }
        let context = Context.system("demo", now: now)
        let maker = DemoCityMaker(database: database, now: now)
        var waiting: Task<DemoCityMaker.Filled, any Error>?
        for (number, community) in plan.all.enumerated() {
            let missing = try await settle(community, context, database)
            report.known += community.grids.count - missing.count
            for grid in missing {
                let made = Task { try maker.fill(grid) }
                try await store(waiting, &report, context, database)
                waiting = made
                if DemoCityIndexes.grown.contains(report.grids) {
                    _ = try await database.system { try $0.execute(.gatherStatistics) }
                }
            }
            if number % 20 == 19 {
                let seconds = (ContinuousClock.now - began) / .seconds(1)
                tell("\(number + 1) of \(plan.all.count) communities, \(report.people) people, \(Int(seconds)) s")
            }
        }
        try await store(waiting, &report, context, database)
        try await DemoCityIndexes.make(database)
        report.seconds = (ContinuousClock.now - began) / .seconds(1)
        return report
    }

    /// Enters a community with its grids; returns the grids nobody lives in yet.
    private static func settle(
        _ community: DemoCityPlan.Community, _ context: Context, _ database: Database
    ) async throws -> [DemoCityPlan.Grid] {
        let missing = try await database.read { tx in
            try community.grids.filter { !(try DemoCityStore.isFilled($0.division, tx)) }
        }
        guard missing.count == community.grids.count else { return missing }
        var divisions = [
            NewDivision(code: community.division, level: .community, name: community.name, isSynthetic: true)
        ]
        divisions += community.grids.enumerated().map { index, grid in
            NewDivision(code: grid.division, level: .grid, name: "第\(index + 1)网格", isSynthetic: true)
        }
        let added = divisions
        _ = try await database.write(context, "demo.city") { try DivisionsStore.put(added, source: "demo", $0) }
        return missing
    }

    private static func store(
        _ waiting: Task<DemoCityMaker.Filled, any Error>?, _ report: inout CityReport, _ context: Context,
        _ database: Database
    ) async throws {
        guard let filled = try await waiting?.value else { return }
        try await database.write(context, "demo.city") { tx in
            try DemoCityStore.insert(filled.places, tx)
            let subject = Subject("division", filled.grid.division.rawValue, division: filled.grid.division)
            try RegisterCommands.enter(filled.batch, as: subject, tx)
        }
        report.grids += 1
        report.people += filled.batch.people.count
        report.households += filled.batch.households.count
    }
}

/// The indexes of the registers whose order is that of chance, by keyed hash, by name and by the words of a search. Each
/// row of a person writes a page of each: with nine million people in them, entering a grid of 970 changed 2,500 pages,
/// nine in ten of these, and the disk was what took long. Made at the end they are sorted once.
enum DemoCityIndexes {
    /// From which share of the city on it is worth it.
    /// - Source: configured, no source
    static let largeFraction = 0.02

    /// Each with its definition as `RegisterMigrations` has it; a test holds them equal.
    static let all: [(drop: SQL, create: SQL)] = [
        (
            "DROP INDEX IF EXISTS person_number",
            "CREATE INDEX IF NOT EXISTS person_number ON person (number_hash) WHERE number_hash IS NOT NULL"
        ),
        (
            "DROP INDEX IF EXISTS person_phone",
            "CREATE INDEX IF NOT EXISTS person_phone ON person (phone_hash) WHERE phone_hash IS NOT NULL"
        ),
        (
            "DROP INDEX IF EXISTS person_name",
            "CREATE INDEX IF NOT EXISTS person_name ON person (name, born) WHERE valid_to IS NULL"
        ),
        // SQLite keeps the words with the table.
        (
            SQL(sqlite: "SELECT 1", postgres: "DROP INDEX IF EXISTS register_search_body"),
            SQL(
                sqlite: "SELECT 1",
                postgres: "CREATE INDEX IF NOT EXISTS register_search_body ON register_search USING GIN (body)")
        ),
    ]

    /// After how many grids the store is so much larger than before that its plans are not good any more.
    static let grown: Set<Int> = [4, 16, 64, 256, 1024, 4096]

    static func drop(_ tx: SystemTx) throws {
        for index in all { try tx.execute(index.drop) }
    }

    static func make(_ database: Database) async throws {
        for index in all {
            _ = try await database.system { tx in
                _ = try tx.exists(.makingIndexes)
                try tx.execute(index.create)
            }
        }
    }
}

/// Every SQL text of the made-up city.
enum DemoCityStore {
    /// Whether a grid has dwellings.
    static func isFilled(_ grid: DivisionCode, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM dwelling WHERE division = \(grid) AND valid_to IS NULL LIMIT 1")
    }

    /// Stores places, many at once.
    static func insert(_ places: [(id: ID<Place>, place: NewPlace)], _ tx: WriteTx) throws {
        let rows = places.map { id, place -> SQL in
            """
            (\(id), \(place.parent), \(place.kind), \(place.name), \(place.address), \(place.division),
            \(place.latitude), \(place.longitude), \(place.propertyRight), \(place.manager), \(place.sortKey))
            """
        }
        try tx.insert(
            into: """
                place (id, parent_id, kind, name, address, division, latitude, longitude, property_right, manager_id,
                    sort_key)
                """, rows, columns: 11)
    }
}
