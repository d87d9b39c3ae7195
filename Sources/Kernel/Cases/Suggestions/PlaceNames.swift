import LinliCore
import LinliSQL
import LinliStandards

/// What places and divisions of a store are called, so that what a need says of where it is says nothing of what it is.
enum PlaceNames {
    /// More than the estates, villages, lanes and roads of a city.
    /// - Source: configured, no source
    private static let most = 60_000

    /// How many divisions are looked up at once.
    private static let page = 500

    /// The names of whatever lies in nothing else, of the roads it lies at, and of its communities and streets.
    static func all(_ tx: ReadTx) throws -> PlaceWords {
        var names: [String] = []
        var divisions: Set<DivisionCode> = []
        try tx.each(
            """
            SELECT p.kind, p.name, p.road, p.division FROM place p WHERE p.parent_id IS NULL AND p.valid_to IS NULL
            ORDER BY p.sort_key, p.id LIMIT \(most)
            """
        ) { row in
            names += try forms(row[0], row[1], row[2])
            let division: DivisionCode = try row[3]
            for level in [DivisionCode.Level.community, .street] where division.level >= level {
                divisions.insert(division.ancestor(at: level))
            }
        }
        return PlaceWords(names + (try Self.names(of: divisions.sorted(), tx)))
    }

    /// Those of one place, what it lies in, and its community and street.
    static func of(_ place: ID<Place>?, _ divisions: [DivisionCode], _ tx: ReadTx) throws -> PlaceWords {
        let chain = try PlacesStore.chain(of: place, tx)
        return PlaceWords(
            chain.flatMap { forms($0.kind, $0.name, $0.road) } + (try names(of: divisions, tx)))
    }

    /// A square or a park says what it is about; an estate, a lane, a road do not.
    private static func forms(_ kind: PlaceKind, _ name: String, _ road: String) -> [String] {
        let isName =
            switch kind {
            case .estate, .courtyard, .village, .businessBuilding: true
            case .publicSpace: PlaceWords.isRoad(name)
            case .group, .building, .floor, .entrance: false
            }
        return (isName ? PlaceWords.forms(of: name) : []) + (road.isEmpty ? [] : PlaceWords.forms(of: road))
    }

    private static func names(of divisions: [DivisionCode], _ tx: ReadTx) throws -> [String] {
        var names: [String] = []
        for start in stride(from: 0, to: divisions.count, by: page) {
            let some = Array(divisions[start..<min(start + page, divisions.count)])
            let found: [String] = try tx.all(
                "SELECT d.name FROM division d WHERE d.code IN \(SQL.list(some)) AND d.valid_until IS NULL"
            ) { try $0[0] }
            names += found.flatMap(PlaceWords.forms)
        }
        return names
    }
}
