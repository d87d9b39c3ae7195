import LinliCore
import LinliSQL

/// What a unit is.
package enum UnitKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case committee, village, streetCentre, streetOffice, enforcement, serviceCentre, district
    case police, judicial, property, ownersCommittee, managementCommittee
    case water, power, gas, heat, telecom, clinic, school, elderStation, mealPoint, merchant, socialOrganization

    /// What people call it.
    package var name: Text {
        switch self {
        case .committee: Text("居民委员会", "Residents' committee")
        case .village: Text("村民委员会", "Villagers' committee")
        case .streetCentre: Text("市民诉求处置中心", "Street centre for citizens' needs")
        case .streetOffice: Text("街道科室", "Street office")
        case .enforcement: Text("综合行政执法队", "Enforcement team")
        case .serviceCentre: Text("便民服务中心", "Public service centre")
        case .district: Text("区级部门", "District office")
        case .police: Text("派出所", "Police station")
        case .judicial: Text("司法所", "Judicial office")
        case .property: Text("物业服务企业", "Property company")
        case .ownersCommittee: Text("业主委员会", "Owners' committee")
        case .managementCommittee: Text("物业管理委员会", "Property management committee")
        case .water: Text("供水", "Water company")
        case .power: Text("供电", "Power company")
        case .gas: Text("供气", "Gas company")
        case .heat: Text("供热", "Heating company")
        case .telecom: Text("通信", "Telecom company")
        case .clinic: Text("社区卫生服务站", "Clinic")
        case .school: Text("学校", "School")
        case .elderStation: Text("养老服务驿站", "Elder-care station")
        case .mealPoint: Text("助餐点", "Meal point")
        case .merchant: Text("商户", "Merchant")
        case .socialOrganization: Text("社会组织", "Social organization")
        }
    }
}

/// A unit as pages show it.
package struct UnitSummary: Sendable, Equatable {
    /// Its identifier.
    package let id: ID<Unit>
    /// What it is.
    package let kind: UnitKind
    /// Its name; a proper name reads the same in both languages unless an English one is kept.
    package let name: Text
    /// Where it belongs.
    package let division: DivisionCode
    /// The duty phone it publishes.
    package let phone: String

    /// What `init(_:_:)` reads, of a table called `u`.
    package static let columns: SQL = "u.id, u.kind, u.name, u.name_en, u.division, u.phone"

    /// Reads `columns` from a row, beginning at `start`.
    package init(_ row: Row, _ start: Int = 0) throws {
        id = try row[start]
        kind = try row[start + 1]
        name = Text(try row[start + 2], try row[start + 3])
        division = try row[start + 4]
        phone = try row[start + 5]
    }
}

/// Every SQL text about units.
package enum UnitsStore {
    /// A unit, or nil.
    package static func find(_ id: ID<Unit>, _ tx: ReadTx) throws -> UnitSummary? {
        try tx.first("SELECT \(UnitSummary.columns) FROM unit u WHERE u.id = \(id)") { try UnitSummary($0) }
    }

    /// The unit of a kind that belongs to exactly this division, the oldest first.
    package static func first(_ kinds: [UnitKind], of division: DivisionCode, _ tx: ReadTx) throws -> UnitSummary? {
        // A kind at a time: a list of kinds would have to be sorted, and the first one is nearly always there.
        for kind in kinds {
            let found = try tx.first(
                """
                SELECT \(UnitSummary.columns) FROM unit u
                WHERE u.division = \(division) AND u.kind = \(kind) AND u.closed_at IS NULL
                ORDER BY u.id LIMIT 1
                """
            ) { try UnitSummary($0) }
            if let found { return found }
        }
        return nil
    }

    /// The unit of a kind that serves this division: its own or that of the nearest wider division.
    package static func serving(_ kind: UnitKind, _ division: DivisionCode, _ tx: ReadTx) throws -> UnitSummary? {
        let ancestors = DivisionCode.Level.allCases.map { division.ancestor(at: $0) }
        return try tx.first(
            """
            SELECT \(UnitSummary.columns) FROM unit_service s JOIN unit u ON u.id = s.unit_id
            WHERE s.kind = \(kind) AND s.division IN \(SQL.list(Array(Set(ancestors)).sorted()))
            AND u.closed_at IS NULL
            ORDER BY s.division DESC, u.id LIMIT 1
            """
        ) { try UnitSummary($0) }
    }

    /// Units a dispatcher of `division` may send to: inside it, serving it, or of a wider division above it.
    package static func reachable(from division: DivisionCode, _ tx: ReadTx) throws -> [UnitSummary] {
        let ancestors = DivisionCode.Level.allCases.map { division.ancestor(at: $0) }
        return try tx.all(
            """
            SELECT \(UnitSummary.columns) FROM unit u
            WHERE u.closed_at IS NULL AND (
                u.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                OR u.division IN \(SQL.list(Array(Set(ancestors)).sorted()))
                OR u.id IN (SELECT s.unit_id FROM unit_service s WHERE s.division IN
                    \(SQL.list(Array(Set(ancestors)).sorted()))))
            ORDER BY u.division, u.id LIMIT 400
            """
        ) { try UnitSummary($0) }
    }

    /// Whether a unit is one of those that `reachable` finds from a division.
    package static func reaches(_ unit: UnitSummary, _ division: DivisionCode, _ tx: ReadTx) throws -> Bool {
        if unit.division.contains(division) || division.contains(unit.division) { return true }
        let ancestors = DivisionCode.Level.allCases.map { division.ancestor(at: $0) }
        return try tx.exists(
            """
            SELECT 1 FROM unit_service s WHERE s.unit_id = \(unit.id)
            AND s.division IN \(SQL.list(Array(Set(ancestors)).sorted())) LIMIT 1
            """)
    }

    /// The residents' and villagers' committees inside a division that are not closed.
    package static func committees(in division: DivisionCode, _ tx: ReadTx) throws -> [UnitSummary] {
        try tx.all(
            """
            SELECT \(UnitSummary.columns) FROM unit u
            WHERE u.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND u.kind IN ('committee', 'village') AND u.closed_at IS NULL ORDER BY u.division, u.id LIMIT 100
            """
        ) { try UnitSummary($0) }
    }

    /// Every unit inside a division that is not closed.
    package static func list(in division: DivisionCode, _ tx: ReadTx) throws -> [UnitSummary] {
        try tx.all(
            """
            SELECT \(UnitSummary.columns) FROM unit u
            WHERE u.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND u.closed_at IS NULL ORDER BY u.division, u.id LIMIT 1000
            """
        ) { try UnitSummary($0) }
    }

    /// Where the first committee that was set up belongs.
    package static func firstCommittee(_ tx: ReadTx) throws -> DivisionCode? {
        try tx.value(
            "SELECT u.division FROM unit u WHERE u.kind IN ('committee', 'village') AND u.closed_at IS NULL ORDER BY u.id LIMIT 1"
        )
    }

    /// Units with exactly this Chinese name that are not closed.
    package static func named(_ name: String, _ tx: ReadTx) throws -> [UnitSummary] {
        try tx.all(
            """
            SELECT \(UnitSummary.columns) FROM unit u WHERE u.name = \(name) AND u.closed_at IS NULL
            ORDER BY u.id LIMIT 10
            """
        ) { try UnitSummary($0) }
    }

    /// Adds a unit.
    package static func insert(
        kind: UnitKind,
        name: Text,
        division: DivisionCode,
        phone: String,
        _ tx: WriteTx
    ) throws -> ID<Unit> {
        let id = try tx.newID(Unit.self)
        try tx.execute(
            """
            INSERT INTO unit (id, kind, name, name_en, division, phone)
            VALUES (\(id), \(kind), \(name.zh), \(name.en), \(division), \(phone))
            """
        )
        try tx.audit(Subject("unit", id, division: division), fields: ["name", "kind", "phone"])
        return id
    }

    /// Says that a unit serves a division in the sense of `kind`.
    package static func serve(_ unit: ID<Unit>, _ kind: UnitKind, _ division: DivisionCode, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO unit_service (kind, division, unit_id) VALUES (\(kind), \(division), \(unit))
            ON CONFLICT (kind, division, unit_id) DO NOTHING
            """
        )
        try tx.audit(Subject("unit", unit, division: division), fields: ["service"])
    }

    /// Puts somebody on the roster of a unit for a time.
    package static func roster(
        _ account: ID<Account>,
        _ unit: ID<Unit>,
        from: Instant,
        until: Instant,
        _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO duty_shift (id, unit_id, account_id, starts_at, ends_at)
            VALUES (\(try tx.newID(Unit.self)), \(unit), \(account), \(from), \(until))
            """
        )
        try tx.audit(Subject("unit", unit), fields: ["roster"])
    }

    /// Who of a unit is on duty now, by name.
    package static func onDuty(_ unit: ID<Unit>, at now: Instant, _ tx: ReadTx) throws -> String? {
        try tx.value(
            """
            SELECT a.name FROM duty_shift d JOIN account a ON a.id = d.account_id
            WHERE d.unit_id = \(unit) AND d.starts_at <= \(now) AND d.ends_at > \(now)
            ORDER BY d.starts_at DESC LIMIT 1
            """
        )
    }

    /// The unit on whose roster somebody stands now; nil for nobody's.
    package static func rostered(_ account: ID<Account>, at now: Instant, _ tx: ReadTx) throws -> UnitSummary? {
        try tx.first(
            """
            SELECT \(UnitSummary.columns) FROM duty_shift d JOIN unit u ON u.id = d.unit_id
            WHERE d.account_id = \(account) AND d.ends_at > \(now) AND d.starts_at <= \(now)
            ORDER BY d.ends_at, d.id LIMIT 1
            """
        ) { try UnitSummary($0) }
    }

    /// Everybody who is on duty for a unit now.
    package static func accountsOnDuty(_ unit: ID<Unit>, at now: Instant, _ tx: ReadTx) throws -> [ID<Account>] {
        try tx.all(
            """
            SELECT account_id FROM duty_shift
            WHERE unit_id = \(unit) AND starts_at <= \(now) AND ends_at > \(now) ORDER BY ends_at, id LIMIT 50
            """
        ) { try $0[0] }
    }

    /// The sealed phones of who of a unit is on duty now, at most three, without anybody who works for one of `accused`.
    package static func onDutyPhones(
        _ unit: ID<Unit>, at now: Instant, apartFrom accused: [ID<Unit>], _ tx: ReadTx
    ) throws -> [(cell: Cell, sealed: [UInt8])] {
        // Nobody is 0: of an empty list the store says neither yes nor no.
        let barred = SQL.list(accused.isEmpty ? [ID(rawValue: 0)] : accused)
        return try tx.all(
            """
            SELECT a.id, a.phone_sealed FROM duty_shift d JOIN account a ON a.id = d.account_id
            WHERE d.unit_id = \(unit) AND d.starts_at <= \(now) AND d.ends_at > \(now) AND a.status = 'active'
            AND (a.unit_id IS NULL OR a.unit_id NOT IN \(barred))
            AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = a.id AND g.unit_id IN \(barred))
            ORDER BY d.starts_at DESC LIMIT 3
            """
        ) { (Cell("account", "phone_sealed", try $0[0]), try $0[1]) }
    }
}

extension Migration {
    /// Units, what they serve, and their rosters. The roster refers to accounts, so it comes with them.
    static let units = Migration(
        "2026-11-22.05-units",
        """
        CREATE TABLE unit (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 40),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
            name_en TEXT NOT NULL CHECK (length(name_en) <= 120),
            division INTEGER NOT NULL,
            phone TEXT NOT NULL CHECK (length(phone) <= 40)
        ) STRICT;
        CREATE INDEX unit_division ON unit (division, kind);
        CREATE TABLE unit_service (
            kind TEXT NOT NULL CHECK (length(kind) <= 40),
            division INTEGER NOT NULL,
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            PRIMARY KEY (kind, division, unit_id)
        ) STRICT;
        CREATE TABLE place (
            id INTEGER NOT NULL PRIMARY KEY,
            parent_id INTEGER REFERENCES place (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 40),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
            address TEXT NOT NULL CHECK (length(address) <= 160),
            division INTEGER NOT NULL,
            latitude REAL,
            longitude REAL,
            property_right TEXT NOT NULL CHECK (length(property_right) <= 40),
            manager_id INTEGER REFERENCES unit (id),
            sort_key INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX place_parent ON place (parent_id, sort_key);
        CREATE INDEX place_division ON place (division, kind);
        CREATE INDEX place_manager ON place (manager_id);
        """
    )

    /// A unit that is no more stays, because old cases name it.
    static let unitClosing = Migration(
        "2026-11-25.11-unit-closing", "ALTER TABLE unit ADD COLUMN closed_at INTEGER;"
    )

    /// Rosters.
    static let rosters = Migration(
        "2026-11-22.07-rosters",
        """
        CREATE TABLE duty_shift (
            id INTEGER NOT NULL PRIMARY KEY,
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            account_id INTEGER NOT NULL REFERENCES account (id),
            starts_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            CHECK (ends_at > starts_at)
        ) STRICT;
        CREATE INDEX duty_shift_unit ON duty_shift (unit_id, ends_at);
        """
    )
}
