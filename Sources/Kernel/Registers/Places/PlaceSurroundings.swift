import LinliCore
import LinliSQL

extension RegisterQueries {
    /// The places around something of the registers: its own, and those that one lies in, the nearest first. Of a person
    /// those of every home.
    package static func places(around subject: RegisterSubject, _ tx: ReadTx) throws -> [ID<Place>] {
        var own: [ID<Place>?] = []
        switch subject.kind {
        case .person:
            own = try homes(of: ID(rawValue: subject.id), tx).map { try dwelling($0.dwelling, tx)?.place }
        case .household:
            let home = try household(ID(rawValue: subject.id), tx)?.dwelling
            own = [try home.flatMap { try dwelling($0, tx)?.place }]
        case .dwelling: own = [try dwelling(ID(rawValue: subject.id), tx)?.place]
        case .organization:
            let firm = try organization(ID(rawValue: subject.id), tx)
            let room = try firm?.dwelling.flatMap { try dwelling($0, tx) }
            own = [firm?.place ?? room?.place]
        case .thing: own = [try thing(ID(rawValue: subject.id), tx)?.place]
        }
        var known: Set<ID<Place>> = []
        return try own.flatMap { try PlacesStore.chain(of: $0, tx).map(\.id) }.filter { known.insert($0).inserted }
    }

    /// The households that live in some places and in the divisions of a reader, in no order; the largest estates have
    /// some thousands, and may lie in several grids.
    package static func households(
        at places: [ID<Place>], in divisions: [DivisionCode], limit: Int = 4000, _ tx: ReadTx
    ) throws -> [ID<Household>] {
        guard !places.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT h.id FROM dwelling d JOIN household h ON h.dwelling_id = d.id AND h.valid_to IS NULL
            WHERE d.place_id IN \(SQL.list(places)) AND d.valid_to IS NULL AND \(lies("h.division", in: divisions))
            LIMIT \(limit)
            """
        ) { try $0[0] }
    }

    /// The things at some places, those that are not sound first.
    package static func things(at places: [ID<Place>], limit: Int, _ tx: ReadTx) throws -> [ThingRecord] {
        guard !places.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(ThingRecord.columns) FROM thing t
            WHERE t.place_id IN \(SQL.list(places)) AND t.valid_to IS NULL
            ORDER BY CASE WHEN t.state = \(ThingState.sound) THEN 1 ELSE 0 END, t.id LIMIT \(limit)
            """
        ) { try ThingRecord($0) }
    }
}
