import LinliCore
import LinliKernel
import LinliSQL

/// What the pages of the registers read besides single entries.
enum RegistersStore {
    /// A dwelling and how many are tied to it.
    struct DwellingRow: Sendable {
        let dwelling: DwellingRecord
        let households: Int
        let people: Int
    }

    /// The dwellings of some places with how many live there.
    static func dwellings(at places: [ID<Place>], _ tx: ReadTx) throws -> [DwellingRow] {
        let dwellings = try places.flatMap { try RegisterQueries.dwellings(of: $0, tx) }
        guard !dwellings.isEmpty else { return [] }
        let ids = SQL.list(dwellings.map(\.id))
        let people = try counts(
            """
            SELECT r.dwelling_id, count(*) FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.dwelling_id IN \(ids) AND r.valid_to IS NULL AND p.restricted_at IS NULL GROUP BY r.dwelling_id
            """, tx)
        let households = try counts(
            """
            SELECT dwelling_id, count(*) FROM household WHERE dwelling_id IN \(ids) AND valid_to IS NULL
            GROUP BY dwelling_id
            """, tx)
        return dwellings.map {
            DwellingRow(dwelling: $0, households: households[$0.id] ?? 0, people: people[$0.id] ?? 0)
        }
    }

    private static func counts(_ sql: SQL, _ tx: ReadTx) throws -> [ID<Dwelling>: Int] {
        var counts: [ID<Dwelling>: Int] = [:]
        try tx.each(sql) { counts[try $0[0]] = try $0[1] }
        return counts
    }

    /// The organizations of some places.
    static func organizations(at places: [ID<Place>], _ tx: ReadTx) throws -> [OrganizationRecord] {
        try tx.all(
            """
            SELECT \(OrganizationRecord.columns) FROM organization o
            WHERE o.place_id IN \(SQL.list(places)) AND o.valid_to IS NULL ORDER BY o.id LIMIT 500
            """
        ) { try OrganizationRecord($0) }
    }

    /// A row of a list, whatever it is.
    struct Row: Sendable {
        let subject: RegisterSubject
        let name: String
        let note: Text
    }

    /// A page of what a grid or community has of a kind, by the order it was entered.
    static func list(
        _ kind: RegisterKind, in division: DivisionCode, after: Int64?, limit: Int, _ tx: ReadTx
    ) throws -> [Row] {
        let after = try after.flatMap { try RegisterCursor(RegisterSubject(kind, $0), tx) }
        switch kind {
        case .person:
            return try RegisterQueries.people(in: division, after: after, limit: limit, tx).map {
                let born = $0.born.map { Text("\($0.year)年生", "born \($0.year)") } ?? Text("", "")
                return Row(
                    subject: RegisterSubject(.person, $0.id), name: $0.name,
                    note: RegisterWords.sex($0.sex) + Text(same: " ") + born)
            }
        case .dwelling:
            return try rows(DwellingRecord.columns, "dwelling d", "d", division, after, limit, tx) {
                let dwelling = try DwellingRecord($0)
                return Row(
                    subject: RegisterSubject(.dwelling, dwelling.id), name: dwelling.address,
                    note: dwelling.kind.name + Text(same: " · ") + dwelling.occupancy.name)
            }
        case .organization:
            return try rows(OrganizationRecord.columns, "organization o", "o", division, after, limit, tx) {
                let organization = try OrganizationRecord($0)
                return Row(
                    subject: RegisterSubject(.organization, organization.id), name: organization.name,
                    note: organization.kind.name + Text(same: " · " + organization.address))
            }
        case .thing:
            return try rows(ThingRecord.columns, "thing t", "t", division, after, limit, tx) {
                let thing = try ThingRecord($0)
                return Row(
                    subject: RegisterSubject(.thing, thing.id), name: thing.name,
                    note: thing.state.name + Text(same: " · " + thing.location))
            }
        case .household:
            return try rows(
                HouseholdRecord.columns + ", d.address", "household h JOIN dwelling d ON d.id = h.dwelling_id", "h",
                division, after, limit, tx
            ) {
                let household = try HouseholdRecord($0)
                return Row(
                    subject: RegisterSubject(.household, household.id), name: try $0[10], note: household.kind.name)
            }
        }
    }

    private static func rows(
        _ columns: SQL, _ tables: SQL, _ alias: SQL, _ division: DivisionCode, _ after: RegisterCursor?, _ limit: Int,
        _ tx: ReadTx, _ read: (LinliSQL.Row) throws -> Row
    ) throws -> [Row] {
        let page = RegisterQueries.page(alias, in: division, after: after)
        return try tx.all(
            """
            SELECT \(columns) FROM \(tables) WHERE \(page.condition)
            AND \(alias).valid_to IS NULL ORDER BY \(page.order) LIMIT \(limit)
            """, read)
    }

    /// The things of a division by class, the most common first.
    static func classes(in division: DivisionCode, _ tx: ReadTx) throws -> [(category: String, total: Int)] {
        try tx.all(
            """
            SELECT t.category, count(*) FROM thing t WHERE \(RegisterQueries.place("t", division))
            AND t.valid_to IS NULL GROUP BY t.category ORDER BY count(*) DESC, t.category LIMIT 40
            """
        ) { row in (try row[0], try row[1]) }
    }

    /// Cases at some places, for who may see them: the open ones first, then the newest.
    static func cases(
        at places: [ID<Place>], _ scope: Scope, _ tx: ReadTx
    ) throws -> [CaseRow] {
        guard !places.isEmpty, !scope.divisions.isEmpty else { return [] }
        let inside = scope.divisions.map { code -> SQL in
            "c.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        let hidden = CaseQueries.hide(scope)
        return try tx.all(
            """
            SELECT \(CaseRow.columns), u.name, u.name_en FROM case_item c LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE c.place_id IN \(SQL.list(places)) AND (\(SQL.joined(inside, separator: " OR ")))\(hidden)
            ORDER BY c.is_open DESC, c.id DESC LIMIT 10
            """
        ) { try CaseRow($0) }
    }

    /// The organizations in a dwelling.
    static func organizations(in dwelling: ID<Dwelling>, _ tx: ReadTx) throws -> [OrganizationRecord] {
        try tx.all(
            """
            SELECT \(OrganizationRecord.columns) FROM organization o
            WHERE o.dwelling_id = \(dwelling) AND o.valid_to IS NULL ORDER BY o.id LIMIT 50
            """
        ) { try OrganizationRecord($0) }
    }

    /// What somebody named as the other end of a tie: the address of its page, or the name of somebody of the same
    /// household.
    static func named(_ typed: String, near subject: RegisterSubject, _ tx: ReadTx) throws -> RegisterSubject? {
        let parts = typed.split(separator: "/").suffix(2).map { String($0.prefix { $0 != "?" && $0 != "#" }) }
        if parts.count == 2, let kind = RegisterKind(rawValue: parts[0]), let id = ID<RegisterItem>(parts[1]) {
            return RegisterSubject(kind, id)
        }
        guard subject.kind == .person, !typed.isEmpty else { return nil }
        let near = try RegisterQueries.homes(of: ID(rawValue: subject.id), tx).compactMap(\.household)
            .flatMap { try RegisterQueries.members(of: $0, tx) }
        let found = near.filter { $0.person.name == typed && $0.person.id.rawValue != subject.id }
        return found.count == 1 ? RegisterSubject(.person, found[0].person.id) : nil
    }
}
