import LinliCore
import LinliKernel

/// The demo community: 幸福里 with its neighbours, its people and what they asked for.
///
/// It is what `linli demo` puts into an empty store, what screenshots show and what the tests begin with. Everything in
/// it is made up except the names of district, street and town. The password and the second factors are public, so it
/// must never share a store with real people.
package enum Demo {
    /// The password of every demo account.
    package static let password = "linli-demo-2026"

    /// What an install did; all zero when everything was there.
    package struct Report: Sendable, Equatable {
        package var divisions = 0
        package var units = 0
        package var places = 0
        package var accounts = 0
        package var entries = 0
        package var cases = 0
        package var photos = 0

        /// Whether nothing was missing.
        package var isUnchanged: Bool { self == Report() }
    }

    /// Puts the demo into the store, as it looks at `now`; what is there already stays as it is.
    ///
    /// Cases are told and handled through the same commands as real ones, by the people whose turn it is, at moments
    /// before `now`. A run that was interrupted goes on with the next case. Counts and live updates follow when the
    /// dispatcher has delivered the events. Without `photos` no picture tool is needed and it takes a fraction of the
    /// time.
    package static func install(_ services: Services, now: Instant, photos: Bool = true) async throws -> Report {
        var report = Report()
        // Long enough ago for every case to lie after it; a store that was opened before has them already.
        report.divisions = try await DivisionImport.ship(services.database, .system("demo", now: now))
        let marker = DemoStaff.administrator.phone
        let keys = services.database.keys
        let isThere = try await services.database.read { try AccessStore.find(phone: marker, keys: keys, $0) != nil }
        if !isThere { try await settle(services, now: now, &report) }
        try await services.divisions.load(services.database)
        let cast = try await DemoCast(services.database, now: now)
        report.entries = try await DemoRegisters.enter(services, cast, now: now)
        let teller = DemoTeller(services: services, cast: cast, now: now, hasPhotos: photos)
        (report.cases, report.photos) = try await teller.tellAll(DemoCase.all)
        report.cases += try await DemoOrders(services: services, cast: cast, now: now).takeAll()
        try await DemoVisits(services: services, cast: cast, now: now).makeAll()
        return report
    }

    /// Divisions, units, places and people, in one transaction: all of them or none.
    private static func settle(_ services: Services, now: Instant, _ report: inout Report) async throws {
        // One hash for everybody: the password is one and public, and forty hashes would take most of the time.
        let hash = try await services.passwords.hash(password)
        let grids = try DemoGrids.all()
        let keys = services.database.keys
        // Long enough ago for every case to lie after it.
        let context = Context.system("demo", now: now.adding(days: -400))
        try await services.database.write(context, "demo.install") { tx in
            _ = try DivisionsStore.put(DemoDivision.added, source: "demo", tx)
            for grid in grids { try GridAreasStore.put(grid, tx) }
            let units = try DemoStore.addUnits(tx)
            let places = try DemoStore.addPlaces(units, tx)
            try PopulationStore.put(DemoDivision.population, tx)
            try DemoStore.addPeople(units, places, passwordHash: hash, keys: keys, now: now, tx)
        }
        report.divisions += DemoDivision.added.count
        report.units = DemoUnit.allCases.count
        report.places = DemoPlace.all.count
        report.accounts = DemoStaff.allCases.count + DemoResident.allCases.count
    }
}

/// Who and what the demo has, as the store knows them.
struct DemoCast: Sendable {
    let staff: [DemoStaff: AccountSummary]
    let residents: [DemoResident: AccountSummary]
    let units: [DemoUnit: ID<Unit>]
    let places: [DemoPlace: PlaceSummary]

    /// Finds everything again.
    ///
    /// - Throws: a fault when the demo is not in the store, or somebody took a part of it out.
    init(_ database: Database, now: Instant) async throws {
        let keys = database.keys
        (staff, residents, units, places) = try await database.read { tx in
            var staff: [DemoStaff: AccountSummary] = [:]
            for person in DemoStaff.allCases {
                staff[person] = try DemoCast.account(person.phone, keys, now, tx)
            }
            var residents: [DemoResident: AccountSummary] = [:]
            for person in DemoResident.allCases {
                residents[person] = try DemoCast.account(person.phone, keys, now, tx)
            }
            return (staff, residents, try DemoStore.units(tx), try DemoStore.places(tx))
        }
    }

    private static func account(
        _ phone: String, _ keys: KeyRing, _ now: Instant, _ tx: ReadTx
    ) throws -> AccountSummary? {
        guard let id = try AccessStore.find(phone: phone, keys: keys, tx) else { return nil }
        return try AccessStore.account(id, at: now, tx)
    }

    func actor(_ person: DemoStaff) throws -> Actor { try DemoCast.present(staff[person], person).actor }
    func actor(_ person: DemoResident) throws -> Actor { try DemoCast.present(residents[person], person).actor }
    func unit(_ unit: DemoUnit) throws -> ID<Unit> { try DemoCast.present(units[unit], unit) }
    func place(_ place: DemoPlace) throws -> PlaceSummary { try DemoCast.present(places[place], place) }

    private static func present<Value>(_ value: Value?, _ what: some Any) throws -> Value {
        guard let value else { throw LinliError.fault("demo.missing", "the store has no \(what) of the demo") }
        return value
    }
}
