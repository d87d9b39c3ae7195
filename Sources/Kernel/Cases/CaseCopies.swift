import LinliCore
import LinliSQL

/// Which cases the district gets a copy of, when they come to a street without having passed through it 抄送区里.
///
/// - Source: 《北京市接诉即办工作条例》第十二条，直派街道乡镇的同时抄送区
package enum DistrictCopies: String, Sendable, CaseIterable {
    /// Orders of 12345 and other systems that come to the street straight.
    case orders
    /// These, and every case the street's own units have.
    case all
    /// None.
    case none

    /// Whether a case is copied: where it came from, and the unit that has it.
    func takes(_ source: CaseSource, _ unit: UnitSummary?) -> Bool {
        switch self {
        case .none: false
        case .orders: source == .hotline
        case .all: source == .hotline || unit?.division.level == .street
        }
    }
}

/// A case that a unit knows of and need not do anything about. A copy gives no right: who reads the cases of a unit's
/// division reads its copies, as before.
package struct CaseCopy: Sendable {
    package let row: CaseRow
    /// When it was copied.
    package let at: Instant
}

/// Every SQL text about copies.
enum CaseCopiesStore {
    /// The units a case was copied to.
    static func units(of id: ID<Case>, _ tx: ReadTx) throws -> [Text] {
        try tx.all(
            """
            SELECT u.name, u.name_en FROM case_copy k JOIN unit u ON u.id = k.unit_id
            WHERE k.case_id = \(id) ORDER BY k.at, u.id LIMIT 20
            """
        ) { Text(try $0[0], try $0[1]) }
    }

    /// Copies of some units, the newest first.
    static func list(
        _ units: [ID<Unit>], _ scope: Scope, after: ID<Case>?, limit: Int, _ tx: ReadTx
    ) throws -> [CaseCopy] {
        var found: [CaseCopy] = []
        for unit in units {
            found += try tx.all(
                """
                SELECT \(CaseRow.columns), u.name, u.name_en, k.at FROM case_copy k
                JOIN case_item c ON c.id = k.case_id LEFT JOIN unit u ON u.id = c.handler_unit
                WHERE k.unit_id = \(unit) AND k.case_id < \(after ?? ID(rawValue: Int64.max))\(CaseQueries.hide(scope))
                ORDER BY k.case_id DESC LIMIT \(limit)
                """
            ) { CaseCopy(row: try CaseRow($0), at: try $0[CaseRow.width]) }
        }
        return Array(found.sorted { $0.row.id > $1.row.id }.prefix(limit))
    }

    /// How many copies of some units are of open cases; `CaseQueries.copyLimit` stands for that many or more.
    static func open(_ units: [ID<Unit>], _ scope: Scope, _ tx: ReadTx) throws -> Int {
        guard !units.isEmpty else { return 0 }
        return try tx.value(
            """
            SELECT count(*) FROM (SELECT k.case_id FROM case_copy k JOIN case_item c ON c.id = k.case_id
            WHERE k.unit_id IN \(SQL.list(units)) AND k.is_open = 1\(CaseQueries.hide(scope))
            LIMIT \(CaseQueries.copyLimit)) AS part
            """
        ) ?? 0
    }

    /// A case ended, or is open again.
    static func follow(_ id: ID<Case>, isOpen: Bool, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_copy SET is_open = \(isOpen) WHERE case_id = \(id)")
    }
}

extension CaseQueries {
    /// Where counting of copies stops.
    package static let copyLimit = 1000

    /// Copies for who reads the cases of a district, the newest first.
    package func copies(after: ID<Case>? = nil, limit: Int, _ context: Context) async throws -> [CaseCopy] {
        try await database.read { tx in
            let units = try CaseQueries.dutyUnits(of: context.actor, tx).map(\.id)
            return try CaseCopiesStore.list(units, context.actor.scope, after: after, limit: limit, tx)
        }
    }

    /// How many of them are of open cases; `copyLimit` stands for that many or more.
    package func openCopies(_ context: Context) async throws -> Int {
        try await database.read { tx in
            let units = try CaseQueries.dutyUnits(of: context.actor, tx).map(\.id)
            return try CaseCopiesStore.open(units, context.actor.scope, tx)
        }
    }
}

extension CaseCommands {
    /// A case moved: its copies are open as it is, and a unit that is the street's may bring one.
    func keepCopies(of item: CaseRecord, with unit: ID<Unit>?, in state: CaseType.State, _ tx: WriteTx) throws {
        if state.isFinal == item.isOpen { try CaseCopiesStore.follow(item.id, isOpen: !state.isFinal, tx) }
        guard item.parent == nil, let unit, unit != item.handlerUnit else { return }
        try copyUp(
            item.id, item.source, item.division, unit: unit, against: item.accusation, state: state.id,
            isOpen: !state.isFinal, tx
        )
    }

    /// Gives the district its copy of a case that came to the street without it; once, with a line of history. What the
    /// district sent itself, has itself or is complained about it gets no copy of.
    func copyUp(
        _ id: ID<Case>, _ source: CaseSource, _ division: DivisionCode, unit: ID<Unit>?, against: Accusation,
        state: String,
        isOpen: Bool, _ tx: WriteTx
    ) throws {
        let rule = queries.settings.districtCopies
        guard rule == .all || (rule == .orders && source == .hotline) else { return }
        let code = division.ancestor(at: .district)
        guard rule.takes(source, try unit.flatMap { try UnitsStore.find($0, tx) }),
            !tx.context.actor.may(.casesDispatch, in: code),
            let district = try UnitsStore.first([.district], of: code, tx), !against.names(district.id),
            district.id != unit,
            try !tx.exists("SELECT 1 FROM case_copy WHERE case_id = \(id) AND unit_id = \(district.id)")
        else { return }
        try tx.execute(
            """
            INSERT INTO case_copy (case_id, unit_id, at, is_open)
            VALUES (\(id), \(district.id), \(tx.now), \(isOpen))
            """
        )
        try note(
            id, transition: CaseMark.copied.rawValue, from: state, to: state, unit: district.id, text: district.name.zh,
            isVisible: false, reasonClass: "", isNamed: false, isNote: true, tx
        )
    }
}

extension Migration {
    /// Who knows of a case without having a part in it.
    static let caseCopies = Migration(
        "2026-11-28.10-case-copies",
        """
        CREATE TABLE case_copy (
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            at INTEGER NOT NULL,
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            PRIMARY KEY (case_id, unit_id)
        ) STRICT;
        CREATE INDEX case_copy_unit ON case_copy (unit_id, case_id);
        CREATE INDEX case_copy_open ON case_copy (unit_id, case_id) WHERE is_open = 1;
        """
    )
}
