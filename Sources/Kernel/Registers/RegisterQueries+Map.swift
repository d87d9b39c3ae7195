import LinliCore
import LinliSQL
import LinliStandards

extension RegisterQueries {
    /// How many households the dwellings of each place of a community have, by place.
    package static func households(byPlaceIn community: DivisionCode, _ tx: ReadTx) throws -> [ID<Place>: Int] {
        var counts: [ID<Place>: Int] = [:]
        try tx.each(
            """
            SELECT d.place_id, count(*) FROM household h JOIN dwelling d ON d.id = h.dwelling_id
            WHERE h.community = \(community) AND h.valid_to IS NULL GROUP BY d.place_id
            """
        ) { counts[try $0[0]] = try $0[1] }
        return counts
    }
}

/// How many people something is about, as a reader may see it.
package struct GroupSize: Sendable {
    /// Fewer than this are not told apart: who lives there would be known by name. 1 for who may read them by name anyway.
    package let least: Int

    /// What a reader sees of the people of a division: everything with the right to read them there.
    package init(_ settings: RegisterSettings, for actor: Actor, in division: DivisionCode) {
        self.init(least: actor.may(.peopleRead, in: division) ? 1 : settings.smallestGroup)
    }

    /// Groups of at least so many are told apart.
    package init(least: Int) {
        self.least = max(1, least)
    }

    /// Whether small groups are not told apart.
    package var isBlurred: Bool { least > 1 }

    /// The count as it is shown: nil stands for "fewer than the least, but some".
    package func shown(_ count: Int) -> Int? { (1..<least).contains(count) ? nil : count }

    /// The count in words.
    package func text(_ count: Int) -> Text {
        shown(count).map { Text(same: "\($0)") } ?? Text("少于 \(least)", "fewer than \(least)")
    }
}

/// People of several parts together, in which a part that is not told apart stays so: who knows the sum and all parts but
/// one would know that one.
package struct GroupTotal: Sendable {
    /// The parts that are shown, together.
    package private(set) var known = 0
    /// How many parts have people who are too few to be shown.
    package private(set) var hidden = 0

    /// Nobody.
    package init() {}

    /// Adds a part.
    package mutating func add(_ count: Int, _ size: GroupSize) {
        if let shown = size.shown(count) { known += shown } else { hidden += 1 }
    }

    /// Adds the parts of another.
    package static func += (left: inout GroupTotal, right: GroupTotal) {
        left.known += right.known
        left.hidden += right.hidden
    }

    /// At least so many people; -1 for one part alone of which only that is known.
    package var least: Int { known == 0 && hidden == 1 ? -1 : known + hidden }

    /// The sum in words: exact, or at least how many.
    package func text(_ size: GroupSize) -> Text {
        if hidden == 0 { return Text(same: "\(known)") }
        return least < 0 ? size.text(1) : Text("至少 \(least)", "at least \(least)")
    }
}

/// Components that work or fail, of those the registers know: lamps, hydrants, cabinets, traffic lights, equipment. Which
/// they are a deployment says (`--device-kinds`).
/// - Source: classes of components of categories.txt; which of them are devices is configured, no source
package struct DeviceKinds: Sendable, Equatable {
    /// Their codes.
    package let codes: [String]

    /// Those that are meant where nobody says otherwise.
    package static let usual = DeviceKinds(codes: [
        "C0113", "C0115", "C0116", "C0118", "C0119", "C0120", "C0124", "C0125", "C0126", "C0202", "C0210", "C0214",
        "C0307", "C0308", "C0309", "C0310",
    ])

    private init(codes: [String]) { self.codes = codes }

    /// As a setting says it.
    package var text: String { codes.joined(separator: ",") }

    /// Reads codes of components with commas between them; a major class, `C02`, stands for all of its kinds. Nil for
    /// what is no component of the catalogue, or none at all.
    package init?(_ text: String, _ catalogue: EventCatalogue) {
        var codes: [String] = []
        for word in text.split(separator: ",").map({ String($0).trimmed }) {
            guard let category = catalogue[code: word], category.scheme == .component else { return nil }
            let kinds = category.isMajor ? catalogue.children(of: word).map(\.code) : [word]
            codes += kinds.filter { !codes.contains($0) }
        }
        guard !codes.isEmpty else { return nil }
        self.codes = codes
    }

    /// How many devices there are in every grid inside a division, and how many of them are not sound.
    package func totals(
        ofGridsIn division: DivisionCode, _ tx: ReadTx
    ) throws -> [DivisionCode: (all: Int, broken: Int)] {
        var totals: [DivisionCode: (all: Int, broken: Int)] = [:]
        try tx.each(
            """
            SELECT t.division, t.state, count(*) FROM thing t
            WHERE t.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND t.valid_to IS NULL AND t.category IN \(SQL.list(codes)) GROUP BY t.division, t.state
            """
        ) { row in
            let (code, state, count): (DivisionCode, ThingState, Int) = (try row[0], try row[1], try row[2])
            // What was taken away is no device any more, and not broken.
            guard code.level == .grid, state != .removed else { return }
            totals[code, default: (0, 0)].all += count
            if state != .sound { totals[code, default: (0, 0)].broken += count }
        }
        return totals
    }

    /// The devices of a grid or community, those that are not sound first.
    package func list(in division: DivisionCode, limit: Int, _ tx: ReadTx) throws -> [ThingRecord] {
        func some(_ states: [ThingState], _ limit: Int) throws -> [ThingRecord] {
            try tx.all(
                """
                SELECT \(ThingRecord.columns) FROM thing t
                WHERE t.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                AND t.valid_to IS NULL AND t.category IN \(SQL.list(codes)) AND t.state IN \(SQL.list(states))
                ORDER BY t.division, t.category, t.state, t.id LIMIT \(limit)
                """
            ) { try ThingRecord($0) }
        }
        let broken = try some([.damaged, .lost, .disused], limit)
        return broken.count < limit ? try broken + some([.sound], limit - broken.count) : broken
    }
}

extension RegisterCounts {
    /// The counts of every grid inside a division, by kind.
    package static func totals(
        ofGridsIn division: DivisionCode, _ tx: ReadTx
    ) throws -> [DivisionCode: [RegisterKind: Int]] {
        var totals: [DivisionCode: [RegisterKind: Int]] = [:]
        try tx.each(
            """
            SELECT division, what, total FROM register_count
            WHERE division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            """
        ) { row in
            let (code, what): (DivisionCode, String) = (try row[0], try row[1])
            guard code.level == .grid, let kind = RegisterKind(rawValue: what) else { return }
            totals[code, default: [:]][kind] = try row[2]
        }
        return totals
    }
}
