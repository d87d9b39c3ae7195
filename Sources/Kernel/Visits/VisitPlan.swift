import LinliCore
import LinliSQL
import LinliStandards

/// Whom to visit how often, and what to ask.
package struct VisitPlan: Sendable {
    /// Its identifier.
    package let id: ID<VisitPlan>
    /// What people call it.
    package let name: String
    /// Where it holds.
    package let division: DivisionCode
    /// Whose households; nil for all.
    package let care: HouseholdCare?
    /// Only those with somebody who has this label, by its number in the store; nil for all.
    package let label: Int64?
    /// After how many days without a sign.
    package let everyDays: Int
    /// The questions, as text.
    package let form: String

    static let columns: SQL = "p.id, p.name, p.division, p.care, p.every_days, p.form, p.label"

    init(_ row: Row) throws {
        id = try row[0]
        name = try row[1]
        division = try row[2]
        let care: String = try row[3]
        self.care = HouseholdCare(rawValue: care)
        everyDays = try row[4]
        form = try row[5]
        label = try row[6]
    }
}

extension VisitPlan {
    /// Whether somebody may choose households by a label: basic ones, closer ones who may read such facts there, and never
    /// those of special groups.
    package static func mayChoose(_ label: Label, in division: DivisionCode, _ actor: Actor) -> Bool {
        switch label.fieldClass {
        case .basic: true
        case .sensitive: actor.may(.peopleReveal, in: division)
        case .special: false
        }
    }
}

/// A plan as somebody writes it.
package struct VisitPlanDraft: Sendable {
    /// What people call it.
    package var name = ""
    /// Where it holds.
    package var division: DivisionCode?
    /// Whose households; nil for all.
    package var care: HouseholdCare?
    /// Only those with somebody who has this label of the book; empty for all.
    package var label = ""
    /// After how many days without a sign.
    package var everyDays: Int?
    /// The questions.
    package var form = VisitForm.standardText

    /// Nothing yet.
    package init() {}
}

/// Every SQL text about plans of visits.
package enum VisitPlansStore {
    /// The plans that hold in a division, the oldest first: its own, and those of the divisions above and inside it.
    package static func list(
        in division: DivisionCode, after: ID<VisitPlan>? = nil, limit: Int = 200, _ tx: ReadTx
    ) throws -> [VisitPlan] {
        let above = DivisionCode.Level.allCases.map { division.ancestor(at: $0) }
        return try tx.all(
            """
            SELECT \(VisitPlan.columns) FROM visit_plan p
            WHERE (p.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                OR p.division IN \(SQL.list(Array(Set(above)).sorted()))) AND p.ended_at IS NULL
            AND p.id > \(after?.rawValue ?? 0) ORDER BY p.id LIMIT \(limit)
            """
        ) { try VisitPlan($0) }
    }

    /// A plan that holds, or nil.
    package static func find(_ id: ID<VisitPlan>, _ tx: ReadTx) throws -> VisitPlan? {
        try tx.first("SELECT \(VisitPlan.columns) FROM visit_plan p WHERE p.id = \(id)") { try VisitPlan($0) }
    }

    /// What the plans that hold over some divisions ask for.
    static func days(over divisions: [DivisionCode], _ tx: ReadTx) throws -> PlannedDays {
        guard !divisions.isEmpty else { return PlannedDays() }
        let above = Set(divisions).reduce(into: Set<DivisionCode>()) { $0.formUnion(PlannedDays.above($1)) }
        let plans = try tx.all(
            """
            SELECT p.division, p.care, p.every_days, p.label FROM visit_plan p
            WHERE p.division IN \(SQL.list(above.sorted())) AND p.ended_at IS NULL
            """
        ) { PlannedDays.Plan(division: try $0[0], care: try $0[1], days: try $0[2], label: try $0[3]) }
        return PlannedDays(plans: plans)
    }

    /// Whether another plan that holds goes by a label.
    static func isFollowed(_ label: Int64, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM visit_plan WHERE label = \(label) AND ended_at IS NULL LIMIT 1")
    }
}

/// How often the plans over some divisions want a household called on.
struct PlannedDays: Sendable {
    struct Plan: Sendable {
        let division: DivisionCode
        /// The care it is for; empty: for every household.
        let care: String
        let days: Int
        let label: Int64?
    }

    var plans: [Plan] = []

    /// A division and all it lies in.
    static func above(_ division: DivisionCode) -> Set<DivisionCode> {
        Set(DivisionCode.Level.allCases.map { division.ancestor(at: $0) } + [division])
    }

    /// Which of some people have which of the labels that plans go by; those that tell of somebody's health only for who
    /// agreed to be visited by it, or has them for other reasons as well.
    func held(
        by residents: [Resident], on day: CivilDate, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [ID<Person>: Set<Int64>] {
        let asked = Set(plans.compactMap(\.label)).sorted()
        let here = residents.filter(\.tie.livesHere).map(\.person.id)
        var held: [ID<Person>: Set<Int64>] = [:]
        guard !asked.isEmpty, !here.isEmpty else { return held }
        try tx.each(
            """
            SELECT person_id, label FROM person_label
            WHERE person_id IN \(SQL.list(here)) AND label IN \(SQL.list(asked))
            """
        ) { held[try $0[0], default: []].insert(try $0[1]) }
        let names = LabelKeys(keys)
        let book = try LabelBook.current(tx)
        let ofHealth = Set(book.ofHealth.map { names.key(label: $0.id) })
        let asking = held.filter { !$0.value.isDisjoint(with: ofHealth) }.map(\.key)
        guard !asking.isEmpty else { return held }
        let given = try DataConsents.given(by: asking, on: day, tx)
        let waiting = asking.filter { given[$0]?.contains(.healthVisits) != true }.sorted()
        let rest = try LabelQueries.withoutHealth(
            of: waiting, ofHealth.intersection(asked), book, names, on: day, tx)
        for person in waiting { held[person]?.subtract(ofHealth.subtracting(rest[person] ?? [])) }
        return held
    }

    /// The fewest days that a plan over a division asks for a care and for who lives in the household; nil when none does.
    func days(
        of care: HouseholdCare, _ members: [Resident], in division: DivisionCode, _ held: [ID<Person>: Set<Int64>]
    ) -> Int? {
        let above = PlannedDays.above(division)
        let labels = members.reduce(into: Set<Int64>()) { $0.formUnion(held[$1.person.id] ?? []) }
        return plans.filter { plan in
            above.contains(plan.division) && (plan.care.isEmpty || plan.care == care.rawValue)
                && plan.label.map { labels.contains($0) } ?? true
        }.map(\.days).min()
    }
}

extension VisitCommands {
    /// Makes a plan.
    ///
    /// - Throws: `.invalid` naming each field that is missing or wrong.
    package func makePlan(_ draft: VisitPlanDraft, _ context: Context) async throws -> ID<VisitPlan> {
        var problems: [LinliError.Field] = []
        let name = PersonalNumbers.replacing(in: draft.name.trimmed) { $0.masked }
        if name.isEmpty || name.count > 40 {
            problems.append(.init("name", Text("请写名称，最多 40 个字", "A name of at most 40 characters")))
        }
        if !(1...730).contains(draft.everyDays ?? 0) {
            problems.append(.init("everyDays", Text("请填 1 到 730 天", "1 to 730 days")))
        }
        do { _ = try VisitForm(draft.form) } catch let error as LinliError { problems += error.fields }
        if draft.form.count > 4000 { problems.append(.init("form", Text("问题太多", "Too many questions"))) }
        guard let division = draft.division, context.actor.may(.visitsPlan, in: division),
            division.level >= .community
        else {
            problems.append(.init("division", Text("请选您管的社区或网格", "Please choose a community or grid of yours")))
            throw LinliError.invalid("visits.plan", problems)
        }
        let label: Int64? = draft.label.isEmpty ? nil : LabelKeys(database.keys).key(label: draft.label)
        let isOffered = try await database.read { try offers(draft.label, in: division, context, $0) }
        if !isOffered { problems.append(VisitCommands.noLabel) }
        guard problems.isEmpty, let days = draft.everyDays else { throw LinliError.invalid("visits.plan", problems) }
        return try await database.write(context, "visits.makePlan") { tx in
            // Another book may have been published since: by it the label may be closer, or none at all.
            guard try offers(draft.label, in: division, context, tx) else {
                throw LinliError.invalid("visits.plan", [VisitCommands.noLabel])
            }
            let id = try tx.newID(VisitPlan.self)
            try tx.execute(
                """
                INSERT INTO visit_plan (id, name, division, care, label, every_days, form, created_at, created_by)
                VALUES (\(id), \(name), \(division), \(draft.care?.rawValue ?? ""), \(label), \(days), \(draft.form),
                    \(tx.now), \(context.actor.account))
                """
            )
            if let label { try LabelNews.follow(label, tx) }
            let subject = Subject("visitPlan", id, division: division)
            try tx.audit(subject, fields: ["plan"], values: [name])
            try tx.emit("visits.planned", subject)
            return id
        }
    }

    /// Whether whoever plans may go by a label: one they may read there, and never of a special group; none is offered to
    /// everybody. The list of who is due does not say by what it was made.
    private func offers(
        _ label: String, in division: DivisionCode, _ context: Context, _ tx: ReadTx
    ) throws -> Bool {
        guard !label.isEmpty else { return true }
        guard let found = try LabelBook.current(tx)[label: label] else { return false }
        return VisitPlan.mayChoose(found, in: division, context.actor)
    }

    private static let noLabel = LinliError.Field(
        "label", Text("没有这个标签，或者您不能按它安排", "No such label, or none you may plan by"))

    /// Ends a plan; visits that were announced under it stay.
    ///
    /// - Throws: `.notFound` for one outside one's duties.
    package func endPlan(_ id: ID<VisitPlan>, _ context: Context) async throws {
        try await database.write(context, "visits.endPlan") { tx in
            guard let plan = try VisitPlansStore.find(id, tx), context.actor.may(.visitsPlan, in: plan.division) else {
                throw LinliError.notFound("visits.plan")
            }
            try tx.execute("UPDATE visit_plan SET ended_at = \(tx.now) WHERE id = \(id) AND ended_at IS NULL")
            if let label = plan.label, try !VisitPlansStore.isFollowed(label, tx) { try LabelNews.unfollow(label, tx) }
            let subject = Subject("visitPlan", id, division: plan.division)
            try tx.audit(subject, fields: ["end"])
            try tx.emit("visits.planned", subject)
        }
    }
}
