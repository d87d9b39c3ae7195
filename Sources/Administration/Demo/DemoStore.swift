import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of the demo's people, units and places.
enum DemoStore {
    /// Adds every unit and what it serves.
    static func addUnits(_ tx: WriteTx) throws -> [DemoUnit: ID<Unit>] {
        var units: [DemoUnit: ID<Unit>] = [:]
        for unit in DemoUnit.allCases {
            let facts = unit.facts
            let id = try UnitsStore.insert(
                kind: facts.kind, name: facts.name, division: facts.division, phone: unit.phone, tx
            )
            for division in unit.serves { try UnitsStore.serve(id, facts.kind, division, tx) }
            units[unit] = id
        }
        return units
    }

    /// Adds every place.
    static func addPlaces(_ units: [DemoUnit: ID<Unit>], _ tx: WriteTx) throws -> [DemoPlace: ID<Place>] {
        var places: [DemoPlace: ID<Place>] = [:]
        for (index, place) in DemoPlace.all.enumerated() {
            let facts = place.facts
            places[place] = try PlacesStore.insert(
                NewPlace(
                    parent: facts.parent.flatMap { places[$0] },
                    kind: facts.kind,
                    name: facts.name,
                    address: facts.address,
                    division: facts.division,
                    latitude: facts.latitude,
                    longitude: facts.longitude,
                    propertyRight: facts.right,
                    manager: facts.manager.flatMap { units[$0] },
                    sortKey: index
                ),
                tx
            )
        }
        return places
    }

    /// Adds staff with their duties and second factor, residents with their homes, and who is on duty from `now` on.
    static func addPeople(
        _ units: [DemoUnit: ID<Unit>], _ places: [DemoPlace: ID<Place>], passwordHash: String, keys: KeyRing,
        now: Instant, _ tx: WriteTx
    ) throws {
        var accounts: [DemoStaff: ID<Account>] = [:]
        for person in DemoStaff.allCases {
            let facts = person.facts
            let account = try AccessStore.insert(
                NewAccount(
                    name: facts.name, phone: person.phone, passwordHash: passwordHash,
                    unit: facts.unit.flatMap { units[$0] }
                ),
                keys: keys, tx
            )
            for duty in facts.duties { try grant(duty, to: account, units, tx) }
            try enrol(account, person.secondFactor, tx)
            accounts[person] = account
        }
        for person in DemoResident.allCases {
            let facts = person.facts
            _ = try AccessStore.insert(
                NewAccount(
                    name: facts.name, phone: person.phone, passwordHash: passwordHash,
                    division: facts.home.facts.division, place: places[facts.home]
                ),
                keys: keys, tx
            )
        }
        for unit in DemoUnit.allCases {
            guard let account = DemoStaff.onDuty(unit).flatMap({ accounts[$0] }), let id = units[unit] else { continue }
            // One long shift: a demo that is opened next month should still show who is there.
            try UnitsStore.roster(account, id, from: now.adding(days: -90), until: now.adding(days: 365), tx)
        }
    }

    private static func grant(
        _ duty: DemoStaff.Duty, to account: ID<Account>, _ units: [DemoUnit: ID<Unit>], _ tx: WriteTx
    ) throws {
        switch duty {
        case .over(let role, let division): try AccessStore.grant(role, .division(division), to: account, tx)
        case .within(let unit):
            guard let id = units[unit] else { return }
            try AccessStore.grant(.unitHandler, .unit(id), to: account, tx)
        }
    }

    private static func enrol(_ account: ID<Account>, _ secret: [UInt8], _ tx: WriteTx) throws {
        let sealed = try tx.seal(Base32.encode(secret), table: "account", column: "totp_sealed", row: account)
        try tx.execute("UPDATE account SET totp_sealed = \(sealed) WHERE id = \(account)")
        try tx.audit(Subject("account", account), fields: ["secondFactor"])
    }

    /// How many cases to play at once: SQLite then waits for the disk once for all of them, PostgreSQL would see conflicts
    /// between them in tables this small.
    static func writesAtOnce(_ database: Database) -> Int { database.engine.dialect == .sqlite ? 16 : 1 }

    /// The units of the demo by what they are called here.
    static func units(_ tx: ReadTx) throws -> [DemoUnit: ID<Unit>] {
        let phones = DemoUnit.allCases.map(\.phone)
        let found = try tx.all("SELECT phone, id FROM unit WHERE phone IN \(SQL.list(phones)) ORDER BY id DESC") {
            row -> (String, ID<Unit>) in (try row[0], try row[1])
        }
        let byPhone = Dictionary(found, uniquingKeysWith: { _, older in older })
        return Dictionary(
            uniqueKeysWithValues: DemoUnit.allCases.compactMap { unit in byPhone[unit.phone].map { (unit, $0) } })
    }

    /// Whether somebody's home of the demo stands in the registers already.
    static func hasRegisters(_ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM dwelling WHERE address = '幸福里小区1号楼1单元101' LIMIT 1")
    }

    /// The places of the demo by what they are called here.
    static func places(_ tx: ReadTx) throws -> [DemoPlace: PlaceSummary] {
        let stored = try [DemoDivision.happiness, DemoDivision.locust, DemoDivision.village]
            .flatMap { try PlacesStore.tree(in: $0, tx) }
        let byAddress = Dictionary(stored.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        return Dictionary(
            uniqueKeysWithValues: DemoPlace.all.compactMap { place in
                byAddress[place.facts.address].map { (place, $0) }
            }
        )
    }
}

extension DemoStaff {
    /// The secret of the second factor, 20 bytes: known, so that tests and `linli user code` can work it out.
    package var secondFactor: [UInt8] { Array("linli-demo-\(phone.suffix(9))".utf8) }
}
