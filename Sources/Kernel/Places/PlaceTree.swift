import LinliCore
import LinliSQL

/// A place with everything in it that a reader may see, also what is there no more and what was joined with it.
package struct PlaceAround: Sendable {
    /// The place.
    package let place: PlaceSummary
    /// Itself first, then what lies inside.
    package let inside: [ID<Place>]

    /// Reads what lies in a place and in divisions of the reader: an estate may lie in several grids.
    package init(_ place: PlaceSummary, _ tx: ReadTx, where isTheirs: (DivisionCode) -> Bool) throws {
        self.place = place
        let all = try PlacesStore.inside(place.id, tx)
        var divisions: [ID<Place>: DivisionCode] = [:]
        try tx.each("SELECT p.id, p.division FROM place p WHERE p.id IN \(SQL.list(all))") { row in
            divisions[try row[0]] = try row[1]
        }
        inside = all.filter { id in divisions[id].map(isTheirs) ?? false }
    }
}

extension PlacesStore {
    /// Nothing lies deeper than this in what it is part of; a table in which a place lies in itself must not run for ever.
    private static let deepest = 8

    /// How many places inside another are looked at; the largest estates have some hundreds.
    /// - Source: configured, no source
    package static let mostInside = 1000

    /// A place and what it lies in, the nearest first: entrance, building, estate.
    package static func chain(of id: ID<Place>?, _ tx: ReadTx) throws -> [PlaceSummary] {
        var (next, chain) = (id, [PlaceSummary]())
        while let id = next, chain.count < deepest, let place = try find(id, tx) {
            chain.append(place)
            next = place.parent
        }
        return chain
    }

    /// A place and everything that lies in it, also what is there no more and what was joined with any of it; itself first.
    package static func inside(_ id: ID<Place>, limit: Int = mostInside, _ tx: ReadTx) throws -> [ID<Place>] {
        var (found, level) = ([id], [id])
        var known: Set<ID<Place>> = [id]
        for _ in 1...deepest where !level.isEmpty && found.count < limit {
            let list = SQL.list(level)
            var next: [ID<Place>] = try tx.all(
                """
                SELECT p.id FROM place p WHERE p.parent_id IN \(list)
                ORDER BY p.parent_id, p.sort_key LIMIT \(limit)
                """
            ) { try $0[0] }
            next += try tx.all(
                """
                SELECT p.id FROM place p WHERE p.merged_into IN \(list) AND p.merged_into IS NOT NULL
                ORDER BY p.id LIMIT \(limit)
                """
            ) { try $0[0] }
            level = next.filter { known.insert($0).inserted }
            found += level
        }
        return Array(found.prefix(limit))
    }

    /// The places directly inside one, also those that are there no more.
    package static func children(of place: ID<Place>, limit: Int = mostInside, _ tx: ReadTx) throws -> [PlaceSummary] {
        try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p WHERE p.parent_id = \(place)
            ORDER BY p.sort_key, p.id LIMIT \(limit)
            """
        ) { try PlaceSummary($0) }
    }

    /// Who manages a place: its own manager, or that of the nearest place it lies in which has one.
    package static func manager(of place: PlaceSummary?, _ tx: ReadTx) throws -> UnitSummary? {
        guard let place else { return nil }
        return try managers(of: [place], tx)[place.id]
    }

    /// Who manages each of some places, in the same way; those without a manager are left out.
    package static func managers(of places: [PlaceSummary], _ tx: ReadTx) throws -> [ID<Place>: UnitSummary] {
        var known = Dictionary(places.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var units: [ID<Unit>: UnitSummary] = [:]
        var managers: [ID<Place>: UnitSummary] = [:]
        for place in places {
            var (next, steps): (PlaceSummary?, Int) = (place, 0)
            while let current = next, steps < deepest {
                if let manager = current.manager {
                    if units[manager] == nil { units[manager] = try UnitsStore.find(manager, tx) }
                    managers[place.id] = units[manager]
                    break
                }
                if let parent = current.parent, known[parent] == nil { known[parent] = try find(parent, tx) }
                next = current.parent.flatMap { known[$0] }
                steps += 1
            }
        }
        return managers
    }
}

extension PlacesStore {
    /// A place that has another address now.
    typealias Readdressed = (place: ID<Place>, old: String, new: String)

    /// Gives places, and what lies in them, the address of where they lie now: `old` becomes `new` where theirs begins
    /// with it; answers with those that changed. The caller notes it, and `PlaceReaddressing` lets homes follow.
    static func readdress(
        _ places: [PlaceSummary], from old: String, to new: String, depth: Int = 0, _ tx: WriteTx
    ) throws -> [Readdressed] {
        guard depth < deepest, old != new else { return [] }
        var changed: [Readdressed] = []
        for place in places where place.address.hasPrefix(old) {
            let address = String((new + place.address.dropFirst(old.count)).prefix(160))
            try tx.execute("UPDATE place SET address = \(address), version = version + 1 WHERE id = \(place.id)")
            changed.append((place: place.id, old: place.address, new: address))
            changed += try readdress(
                try children(of: place.id, tx), from: place.address, to: address, depth: depth + 1, tx)
        }
        return changed
    }
}
