import LinliCore
import LinliSQL
import LinliStandards

/// A rule of a deployment: cases that fit go to a unit or to their grid, before the question whose it is.
package struct DispatchRule: Sendable, Equatable {
    package var id: ID<DispatchRule>
    /// Rules are asked in this order; the first that fits decides.
    package var position: Int
    package var name: String
    /// Where it holds: cases inside.
    package var division: DivisionCode
    /// Major or minor classes; empty for all.
    package var categories: [String]
    /// Empty for all.
    package var natures: [NeedNature]
    /// Empty for all.
    package var spots: [Spot]
    /// One of these occurs in the text; empty for any text.
    package var words: [String]
    /// Minutes after midnight, Beijing time, from and until; nil around the clock. May cross midnight.
    package var hours: (from: Int, until: Int)? {
        get { fromMinute.flatMap { from in untilMinute.map { (from, $0) } } }
        set { (fromMinute, untilMinute) = (newValue?.from, newValue?.until) }
    }
    private var fromMinute: Int?
    private var untilMinute: Int?
    /// An answer of the form, `field=value`; empty for any.
    package var answer: String
    /// Where it sends; nil for the grid a case lies in: to the community there, and in it to who walks that grid.
    package var unit: ID<Unit>?
    package var isActive: Bool

    /// A rule over a division that sends to a unit, or without one to the grid; everything else is open.
    package init(id: ID<DispatchRule>, position: Int, name: String, division: DivisionCode, unit: ID<Unit>?) {
        self.id = id
        self.position = position
        self.name = name
        self.division = division
        self.unit = unit
        categories = []
        natures = []
        spots = []
        words = []
        answer = ""
        isActive = true
    }

    /// What of a case rules look at.
    package struct Facts: Sendable {
        package var division: DivisionCode
        package var category: String
        package var nature: NeedNature
        package var spot: Spot
        package var text: String
        package var at: Instant
        package var answers: [String: String]

        /// The facts of a case.
        package init(
            division: DivisionCode, category: String, nature: NeedNature, spot: Spot, text: String, at: Instant,
            answers: [String: String]
        ) {
            self.division = division
            self.category = category
            self.nature = nature
            self.spot = spot
            self.text = text
            self.at = at
            self.answers = answers
        }
    }

    /// Whether a case fits.
    package func fits(_ facts: Facts) -> Bool {
        isActive && division.contains(facts.division)
            && (categories.isEmpty || categories.contains { facts.category.hasPrefix($0) })
            && (natures.isEmpty || natures.contains(facts.nature))
            && (spots.isEmpty || spots.contains(facts.spot))
            && (words.isEmpty || words.contains { facts.text.contains($0) })
            && fitsHours(facts.at) && fitsAnswer(facts.answers)
    }

    private func fitsHours(_ moment: Instant) -> Bool {
        guard let hours else { return true }
        let minute = moment.secondOfDay / 60
        return hours.from <= hours.until
            ? minute >= hours.from && minute < hours.until : minute >= hours.from || minute < hours.until
    }

    private func fitsAnswer(_ answers: [String: String]) -> Bool {
        guard let equals = answer.firstIndex(of: "=") else { return true }
        let value = String(answer[answer.index(after: equals)...])
        return (answers[String(answer[..<equals])] ?? "").split(separator: ",").map(String.init).contains(value)
    }

    /// The answers of a form as a case keeps them.
    package static func answers(_ stored: String) -> [String: String] { LinliKernel.Facts.decode(stored) }

    static let columns: SQL = """
        r.id, r.position, r.name, r.division, r.unit_id, r.categories, r.natures, r.spots, r.words, r.from_minute,
        r.until_minute, r.answer, r.is_active
        """

    init(_ row: Row) throws {
        func list(_ column: Int) throws -> [String] {
            let text: String = try row[column]
            return text.split(separator: "|").map(String.init)
        }
        self.init(
            id: try row[0], position: try row[1], name: try row[2], division: try row[3], unit: try row[4])
        categories = try list(5)
        natures = try list(6).compactMap { NeedNature(rawValue: $0) }
        spots = try list(7).compactMap { Spot(rawValue: $0) }
        words = try list(8)
        fromMinute = try row[9]
        untilMinute = try row[10]
        answer = try row[11]
        isActive = try row[12]
    }
}

/// Every SQL text about rules and published catalogues.
package enum DispatchStore {
    /// Every rule, in order.
    package static func rules(_ tx: ReadTx) throws -> [DispatchRule] {
        try tx.all("SELECT \(DispatchRule.columns) FROM dispatch_rule r ORDER BY r.position, r.id LIMIT 500") {
            try DispatchRule($0)
        }
    }

    /// One rule.
    package static func rule(_ id: ID<DispatchRule>, _ tx: ReadTx) throws -> DispatchRule? {
        try tx.first("SELECT \(DispatchRule.columns) FROM dispatch_rule r WHERE r.id = \(id)") { try DispatchRule($0) }
    }

    /// Writes a rule, new or changed; every node hears of it.
    package static func save(_ rule: DispatchRule, _ tx: WriteTx) throws {
        let categories = rule.categories.joined(separator: "|")
        let natures = rule.natures.map(\.rawValue).joined(separator: "|")
        let spots = rule.spots.map(\.rawValue).joined(separator: "|")
        let words = rule.words.joined(separator: "|")
        try tx.execute(
            """
            INSERT INTO dispatch_rule (id, position, name, division, unit_id, categories, natures, spots, words,
                from_minute, until_minute, answer, is_active)
            VALUES (\(rule.id), \(rule.position), \(rule.name), \(rule.division), \(rule.unit), \(categories),
                \(natures), \(spots), \(words), \(rule.hours?.from), \(rule.hours?.until), \(rule.answer),
                \(rule.isActive))
            ON CONFLICT (id) DO UPDATE SET position = excluded.position, name = excluded.name,
                division = excluded.division, unit_id = excluded.unit_id, categories = excluded.categories,
                natures = excluded.natures, spots = excluded.spots, words = excluded.words,
                from_minute = excluded.from_minute, until_minute = excluded.until_minute, answer = excluded.answer,
                is_active = excluded.is_active
            """
        )
        try tx.raise(.dispatch)
        try tx.audit(Subject("dispatchRule", rule.id, division: rule.division), fields: ["rule"])
    }

    /// Removes a rule; every node hears of it.
    package static func remove(_ rule: DispatchRule, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM dispatch_rule WHERE id = \(rule.id)")
        try tx.raise(.dispatch)
        try tx.audit(Subject("dispatchRule", rule.id, division: rule.division), fields: ["removed"])
    }

    /// The published catalogues, the newest first, without their texts.
    package static func catalogues(_ tx: ReadTx) throws -> [PublishedVersion] {
        try tx.all(
            """
            SELECT d.version, d.published_at, a.name, d.note FROM duty_catalogue d
            LEFT JOIN account a ON a.id = d.published_by ORDER BY d.version DESC LIMIT 100
            """
        ) { try PublishedVersion($0) }
    }

    /// The text of a published catalogue; nil for none.
    package static func catalogueText(_ version: Int, _ tx: ReadTx) throws -> String? {
        try tx.value("SELECT text FROM duty_catalogue WHERE version = \(version)")
    }

    /// Publishes a catalogue as the newest version.
    package static func publish(_ text: String, note: String, _ tx: WriteTx) throws -> Int {
        let version = (try tx.value("SELECT max(version) FROM duty_catalogue", as: Int?.self).flatMap { $0 } ?? 0) + 1
        try tx.execute(
            """
            INSERT INTO duty_catalogue (version, text, note, published_by, published_at)
            VALUES (\(version), \(text), \(note), \(tx.context.actor.account), \(tx.now))
            """
        )
        try tx.raise(.dispatch)
        try tx.audit(Subject("dutyCatalogue", Int64(version)), fields: ["published"])
        return version
    }
}
