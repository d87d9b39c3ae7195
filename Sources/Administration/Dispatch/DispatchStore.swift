import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// What a rule would have changed for past cases, among all the rules and duties of the place.
struct DispatchTrial: Sendable {
    /// A case that would go elsewhere.
    struct Example: Sendable {
        let number: String
        let title: String
        let at: Instant
        /// Who has it or had it last.
        let unit: Text
        /// Where it would be sent today, and with the rule; empty for nobody.
        let before: Text
        let after: Text
    }

    /// How many were looked at.
    var looked = 0
    /// Whether there were more than were looked at, or more fit than were decided.
    var isCut = false
    /// How many fit.
    var fits = 0
    /// For how many of those the rule decides; for the others a rule before it, the catalogue or whom they are against.
    var decides = 0
    /// How many of those that fit are with the rule's unit, or the community of its grid, anyway.
    var same = 0
    /// How many would go elsewhere than today.
    var moved = 0
    /// The newest that would go elsewhere.
    var examples: [Example] = []

    /// How many are looked at.
    static let limit = 5000
    /// How many of those that fit are decided again, each with some reads.
    static let decided = 1000
    /// How many are shown.
    static let shown = 30
}

/// Every SQL text of the pages of dispatch.
enum DispatchAdminStore {
    /// A past case as routing would look at it.
    private struct Past {
        let facts: DispatchRule.Facts
        let place: ID<Place>?
        let against: Accusation
        let unit: ID<Unit>?
        let number: String
        let title: String
        let unitName: Text

        init(_ row: Row) throws {
            facts = DispatchRule.Facts(
                division: try row[0], category: try row[1], nature: try row[2], spot: try row[3], text: try row[4],
                at: try row[5], answers: DispatchRule.answers(try row[6])
            )
            unit = try row[7]
            number = try row[8]
            title = try row[9]
            unitName = Text(try row[10] ?? "", try row[11] ?? "")
            place = try row[12]
            against = Accusation(key: try row[13], members: try row[14])
        }
    }

    /// Tries a rule on the cases of the last 30 days in its division, the newest first, without cases the reader's own
    /// units are complained about in: all rules in their order with this one among them, the catalogue, and whom each case
    /// is against.
    static func trial(
        _ rule: DispatchRule, _ book: DispatchBook, _ catalogue: EventCatalogue, _ scope: Scope, at now: Instant,
        _ tx: ReadTx
    ) throws -> DispatchTrial {
        guard let column = CaseQueries.levelColumn(rule.division.level) else { return DispatchTrial() }
        let (rules, duties) = (book.rules, book.duties)
        let old = rules.first { $0.id == rule.id }
        let changed = inOrder(rules.filter { $0.id != rule.id } + [rule])
        var trial = DispatchTrial()
        var pasts: [Past] = []
        try tx.each(
            """
            SELECT c.division, c.category, c.nature, c.spot, c.text, c.created_at, c.answers, c.handler_unit, c.number,
                c.title, u.name, u.name_en, c.place_id, c.against_unit,
                \(Accusation.members("c.against_unit"))
            FROM case_item c LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE \(column) = \(rule.division) AND c.created_at >= \(now.adding(days: -30))\(CaseQueries.hide(scope))
            ORDER BY c.id DESC LIMIT \(DispatchTrial.limit + 1)
            """
        ) { row in
            trial.looked += 1
            let past = try Past(row)
            if rule.fits(past.facts) || old?.fits(past.facts) == true { pasts.append(past) }
        }
        trial.isCut = trial.looked > DispatchTrial.limit || pasts.count > DispatchTrial.decided
        for past in pasts.prefix(DispatchTrial.decided) {
            let owner = catalogue[code: past.facts.category]?.owner ?? .publicSpace
            var question = CaseRouting.Question(owner: owner, place: past.place, against: nil, facts: past.facts)
            question.avoided = Set(past.against.units)
            let before = try CaseRouting.decide(question, rules: rules, duties, tx)
            let after = try CaseRouting.decide(question, rules: changed, duties, tx)
            if rule.fits(past.facts) {
                trial.fits += 1
                if after.rule == rule.id { trial.decides += 1 }
                let target = rule.unit ?? (after.rule == rule.id ? after.unit?.id : nil)
                if target != nil, past.unit == target { trial.same += 1 }
            }
            guard before.unit?.id != after.unit?.id || before.grid != after.grid else { continue }
            trial.moved += 1
            guard trial.examples.count < DispatchTrial.shown else { continue }
            trial.examples.append(
                .init(
                    number: past.number, title: past.title, at: past.facts.at, unit: past.unitName,
                    before: try name(before, at: now, tx), after: try name(after, at: now, tx)
                )
            )
        }
        return trial
    }

    /// Where a decision sends, in words; empty for nobody.
    private static func name(_ decision: CaseRouting.Decision, at now: Instant, _ tx: ReadTx) throws -> Text {
        guard let unit = decision.unit else { return Text(same: "") }
        guard let grid = decision.grid else { return unit.name }
        let place = try DivisionsStore.find(grid, at: now, tx)?.name ?? grid.short
        return unit.name + Text(same: " · \(place)")
    }

    /// Rules as they are asked; one that is not stored yet comes after those of its position.
    private static func inOrder(_ rules: [DispatchRule]) -> [DispatchRule] {
        func place(_ rule: DispatchRule) -> (Int, Int64) {
            (rule.position, rule.id.rawValue == 0 ? .max : rule.id.rawValue)
        }
        return rules.sorted { place($0) < place($1) }
    }

    /// Units a rule over some divisions may send to.
    static func units(_ divisions: [DivisionCode], _ tx: ReadTx) throws -> [UnitSummary] {
        var known: Set<ID<Unit>> = []
        return try divisions.flatMap { try UnitsStore.reachable(from: $0, tx) }.filter { known.insert($0.id).inserted }
    }
}
