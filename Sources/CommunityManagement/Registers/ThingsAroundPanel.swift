import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

extension Panel {
    /// The things of a home's, firm's or thing's building, yard or entrance, and those that stand near it: the hydrant at
    /// the door, the lamp on the way.
    static let thingsAround = Panel(
        "things.around", on: Set(RegisterKind.allCases), permission: .peopleRead,
        list: { subject, _, request, services in
            try await things(around: subject, request, services).map { around in
                Panel.Line(
                    "thing", "\(around.thing.id)", Text(same: around.thing.name),
                    around.thing.state.name + Text(same: " · ") + around.distance)
            }
        }
    ) { subject, _, request, services in
        let found = try await things(around: subject, request, services)
        guard !found.isEmpty else { return nil }
        return card(
            Text("这里和附近的部件、设施", "Things here and near"),
            """
            <ul>\(each: found, { around in
                cell(
                    RegisterWords.path(RegisterSubject(.thing, around.thing.id)), "\(around.thing.name)",
                    "\(around.thing.state.name)\(when: !around.thing.location.isEmpty, " · \(around.thing.location)") · \(around.distance)",
                    icon: RegisterWords.icon(.thing))
            })</ul>
            """)
    }

    private static func things(
        around subject: RegisterSubject, _ request: Request, _ services: Services
    ) async throws -> [ThingsAround.Near] {
        let actor = request.context.actor
        let around = try await services.database.read { try ThingsAround(subject, $0) }
        return around.things.filter { actor.may(.peopleRead, in: $0.thing.division) }
    }
}

/// What stands at a home, firm or thing or near it.
struct ThingsAround: Sendable {
    /// A thing and how far away it is; nil: it belongs to the place.
    struct Near: Sendable {
        let thing: ThingRecord
        let metres: Double?

        var distance: Text {
            metres.map { metres in
                let tens = max(Int((metres / 10).rounded()) * 10, 10)
                return Text("约 \(tens) 米", "about \(tens) m")
            } ?? Text("就在这里", "here")
        }
    }

    private(set) var things: [Near] = []

    /// How far near is, in metres, and how many of it are shown.
    /// - Source: configured, no source
    private static let reach = 150.0
    private static let limit = 20
    /// Metres of a degree of latitude.
    private static let degree = 111_195.0

    /// Where something is.
    private struct Spot {
        let place: ID<Place>?
        let point: GeoPoint?
        let division: DivisionCode
    }

    /// Reads what is around a home, the home of a household, where a person lives, a firm, or a thing besides itself.
    init(_ subject: RegisterSubject, _ tx: ReadTx) throws {
        guard let spot = try ThingsAround.spot(of: subject, tx) else { return }
        var (places, point) = ([PlaceSummary](), spot.point)
        var next = spot.place
        // The entrance and its building, or the yard; a whole estate's things would say nothing of one home.
        while let id = next, places.count < 3, let place = try PlacesStore.find(id, tx) {
            if let latitude = place.latitude, let longitude = place.longitude {
                point = point ?? GeoPoint(longitude: longitude, latitude: latitude)
            }
            if places.isEmpty || place.kind != .estate { places.append(place) }
            next = place.parent
        }
        func isItself(_ thing: ThingRecord) -> Bool { RegisterSubject(.thing, thing.id) == subject }
        things = try ThingsAround.of(places.map(\.id), tx).filter { !isItself($0) }.map { Near(thing: $0, metres: nil) }
        guard let point else { return }
        let known = Set(things.map(\.thing.id))
        things += try ThingsAround.near(point, in: spot.division.ancestor(at: .community), tx)
            .filter { !known.contains($0.thing.id) && !isItself($0.thing) }
        things = Array(things.prefix(ThingsAround.limit))
    }

    private static func spot(of subject: RegisterSubject, _ tx: ReadTx) throws -> Spot? {
        if subject.kind == .thing {
            return try RegisterQueries.thing(ID(rawValue: subject.id), tx)
                .map { Spot(place: $0.place, point: $0.point, division: $0.division) }
        }
        guard subject.kind == .organization else {
            return try dwelling(of: subject, tx).map { Spot(place: $0.place, point: $0.point, division: $0.division) }
        }
        guard let firm = try RegisterQueries.organization(ID(rawValue: subject.id), tx) else { return nil }
        let room = try firm.dwelling.flatMap { try RegisterQueries.dwelling($0, tx) }
        return Spot(place: firm.place ?? room?.place, point: firm.point ?? room?.point, division: firm.division)
    }

    private static func dwelling(of subject: RegisterSubject, _ tx: ReadTx) throws -> DwellingRecord? {
        switch subject.kind {
        case .dwelling: return try RegisterQueries.dwelling(ID(rawValue: subject.id), tx)
        case .household:
            return try RegisterQueries.household(ID(rawValue: subject.id), tx)
                .flatMap { try RegisterQueries.dwelling($0.dwelling, tx) }
        case .person:
            return try RegisterQueries.homes(of: ID(rawValue: subject.id), tx).first { $0.tie.livesHere }
                .flatMap { try RegisterQueries.dwelling($0.dwelling, tx) }
        case .organization, .thing: return nil
        }
    }

    private static func of(_ places: [ID<Place>], _ tx: ReadTx) throws -> [ThingRecord] {
        guard !places.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(ThingRecord.columns) FROM thing t
            WHERE t.place_id IN \(SQL.list(places)) AND t.valid_to IS NULL ORDER BY t.id LIMIT \(limit)
            """
        ) { try ThingRecord($0) }
    }

    /// The nearest first. The community's index finds the rows; the box leaves most of them unread.
    private static func near(_ point: GeoPoint, in community: DivisionCode, _ tx: ReadTx) throws -> [Near] {
        // 0.767: how much shorter a degree of longitude is at Beijing's latitude.
        let (north, east) = (reach / degree, reach / degree / 0.767)
        let found = try tx.all(
            """
            SELECT \(ThingRecord.columns) FROM thing t WHERE t.community = \(community) AND t.valid_to IS NULL
            AND t.latitude BETWEEN \(point.latitude - north) AND \(point.latitude + north)
            AND t.longitude BETWEEN \(point.longitude - east) AND \(point.longitude + east) ORDER BY t.id LIMIT 200
            """
        ) { try ThingRecord($0) }
        return found.compactMap { thing in
            guard let other = thing.point else { return nil }
            let up = (other.latitude - point.latitude) * degree
            let across = (other.longitude - point.longitude) * degree * 0.767
            let metres = (up * up + across * across).squareRoot()
            return metres <= reach ? Near(thing: thing, metres: metres) : nil
        }.sorted { ($0.metres ?? 0, $0.thing.id) < ($1.metres ?? 0, $1.thing.id) }
    }
}
