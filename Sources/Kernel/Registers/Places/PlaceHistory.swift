import LinliCore
import LinliSQL

/// What of a place somebody may change.
package enum PlaceField: String, Sendable, CaseIterable {
    case kind, name, address, road, door, division, right, manager, point, area

    /// What people call it.
    package var name: Text {
        switch self {
        case .kind: Text("种类", "Kind")
        case .name: Text("名称", "Name")
        case .address: Text("完整地址", "Whole address")
        case .road: Text("路巷", "Road")
        case .door: Text("门牌号", "House number")
        case .division: Text("网格", "Grid")
        case .right: Text("产权", "Property right")
        case .manager: Text("谁来管", "Manager")
        case .point: Text("坐标", "Where")
        case .area: Text("范围（平方米）", "Area (m²)")
        }
    }

    /// A value as people read it.
    fileprivate func shown(_ value: String, _ names: DivisionNames) -> Text {
        switch self {
        case .kind: PlaceKind(rawValue: value)?.name ?? Text(same: value)
        case .right: PropertyRight(rawValue: value)?.name ?? Text(same: value)
        case .division: DivisionCode(value).map { Text(same: names.place($0)) } ?? Text(same: value)
        default: Text(same: value)
        }
    }
}

/// What has been done to a place: who, when, which fields, and what they were before. Kept where the histories of the
/// registers are kept, values sealed as theirs.
package enum PlaceHistory {
    /// Where the rows of places say what they are about.
    static let kind = "place"

    /// A change whose values are sealed already: made outside the transaction that stores it.
    package struct Draft: Sendable {
        fileprivate let draft: RegisterHistory.Draft

        /// Stores it.
        package func insert(_ place: ID<Place>, source: String, _ tx: WriteTx) throws {
            try PlaceHistory.insert(draft, place, source, tx)
        }
    }

    /// Values before and after, by field.
    package typealias Values = [PlaceField: (old: String, new: String)]

    /// A line of the history as pages show it.
    package struct Line: Sendable {
        /// Its identifier.
        package let id: ID<RegisterChangeRow>
        /// When.
        package let at: Instant
        /// What was done.
        package let what: RegisterHistory.What
        /// By whom; empty for the program.
        package let actor: String
        /// Who or what said so.
        package let source: String
        /// Of which place: of one that was joined with this one, too.
        package let place: ID<Place>
        /// Which fields and words, by name.
        package let fields: [String]
        fileprivate let values: RegisterHistory.Values

        /// What was different, as people read it.
        package func changes(_ names: DivisionNames) -> [(field: Text, old: Text, new: Text)] {
            PlaceField.allCases.compactMap { field in
                guard let value = values[field.rawValue] else { return nil }
                return (field.name, field.shown(value.old, names), field.shown(value.new, names))
            }
        }
    }

    /// The history of a place and of those that were joined with it, the newest first.
    package static func lines(
        of place: ID<Place>, limit: Int = 50, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Line] {
        let merged: [ID<Place>] = try tx.all(
            "SELECT id FROM place WHERE merged_into = \(place) ORDER BY id LIMIT 20"
        ) { try $0[0] }
        let found = try ([place] + merged).flatMap { id in
            try tx.all(
                """
                SELECT id, at, what, fields, actor_name, source, values_sealed FROM register_change
                WHERE kind = \(kind) AND subject_id = \(id) ORDER BY id DESC LIMIT \(limit)
                """
            ) { row in
                let change: ID<RegisterChangeRow> = try row[0]
                let fields: String = try row[3]
                let sealed: [UInt8]? = try row[6]
                return Line(
                    id: change, at: try row[1], what: try row[2], actor: try row[4], source: try row[5], place: id,
                    fields: fields.split(separator: ",").map(String.init),
                    values: try sealed.map { try RegisterHistory.open($0, change, keys) } ?? [:])
            }
        }
        return Array(found.sorted { $0.id > $1.id }.prefix(limit))
    }

    /// Notes what needs no values.
    package static func note(
        _ what: RegisterHistory.What, of place: ID<Place>, fields: [String] = [], source: String = "staff",
        _ tx: WriteTx
    ) throws {
        try insert(.init(id: try tx.newID(), what: what, fields: fields, sealed: nil), place, source, tx)
    }

    fileprivate static func insert(
        _ draft: RegisterHistory.Draft, _ place: ID<Place>, _ source: String, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO register_change (id, kind, subject_id, at, what, fields, values_sealed, account_id, actor_name,
                source)
            VALUES (\(draft.id), \(kind), \(place), \(tx.now), \(draft.what), \(draft.fields.joined(separator: ",")),
                \(draft.sealed), \(tx.context.actor.account), \(String(tx.context.actor.name.prefix(60))), \(source))
            """
        )
    }
}

extension Database {
    /// Seals the values of a change of a place; outside a transaction. `more` is kept with them and shown to nobody.
    package func placeDraft(
        _ what: RegisterHistory.What, _ values: PlaceHistory.Values = [:], more: RegisterHistory.Values = [:]
    ) throws -> PlaceHistory.Draft {
        var all = more
        for (field, value) in values { all[field.rawValue] = value }
        return PlaceHistory.Draft(draft: try draft(what, fields: values.keys.map(\.rawValue).sorted(), all))
    }
}
