import LinliCore
import LinliSQL

extension LabelBook {
    /// The labels that tell of somebody's health, however far down.
    var ofHealth: [Label] { labels.filter { $0.isOfHealth } }

    /// What may be seen of somebody who did not agree that their health be used: neither facts nor labels that tell of it,
    /// but what holds by the rest alone. What is left out is left open and is no no: nothing follows from its missing.
    func withoutHealth(_ sight: LabelSight) -> LabelSight {
        var rest = sight
        rest.isStrict = true
        rest.facts = sight.facts.filter { !ConsentPurpose.health.contains($0.key) }
        rest.held = []
        for label in labels where sight.held.contains(label.id) && !label.isOfHealth {
            rest.held.insert(label.id)
            rest.held.formUnion(label.above)
        }
        rest.unsure = Set(ofHealth.map(\.id)).subtracting(rest.held)
        // A rule that asks for what stands above it looks at more than that label alone: it stays closed.
        for label in ofHealth where sight.held.contains(label.id) && label.asksAbove.isEmpty {
            guard label.rule?.holds(rest) == true else { continue }
            rest.held.insert(label.id)
            rest.held.formUnion(label.above)
            rest.unsure.subtract(rest.held)
        }
        return rest
    }

    /// The labels by which somebody has one of some labels without a word of their health: these as far as they tell of
    /// none, and those below them that do not.
    func withoutHealth(under chosen: [Label]) -> [Label] {
        let ids = Set(chosen.map(\.id))
        return labels.filter { !$0.isOfHealth && (ids.contains($0.id) || !ids.isDisjoint(with: $0.above)) }
    }
}

extension Label {
    /// Whether it tells of somebody's health.
    var isOfHealth: Bool { fields.contains { ConsentPurpose.health.contains($0.id) } }

    /// What the audit calls a reading of it by reasons that tell of no health.
    func noted(withoutHealth told: Set<RegisterField>) -> Set<String> {
        let rest = noted(told).subtracting(ConsentPurpose.health)
        return rest.isEmpty && fieldClass > .basic ? ["label.\(id)"] : rest
    }
}

extension CareService {
    /// Whether it tells of somebody's health that they may have it.
    var isOfHealth: Bool { fields.contains { ConsentPurpose.health.contains($0.id) } }

    /// What the audit calls a reading of it by reasons that tell of no health.
    func noted(withoutHealth told: Set<RegisterField>) -> Set<String> {
        let rest = noted(told).subtracting(ConsentPurpose.health)
        return rest.isEmpty && fieldClass > .basic ? ["service.\(id)"] : rest
    }
}

extension LabelQueries {
    /// Of people who were chosen by some labels, those whom a visit may be planned for: who has one of these, or one below
    /// these, that does not tell of their health, or agreed to be visited by that.
    package static func visitable(
        _ people: [ID<Person>], by chosen: [Label], _ names: LabelKeys, on today: CivilDate, _ tx: ReadTx
    ) throws -> [ID<Person>] {
        let book = try LabelBook.current(tx)
        let others = Set(book.withoutHealth(under: chosen).map { names.key(label: $0.id) })
        let held = try labels(of: people, tx)
        let asking = people.filter { others.isDisjoint(with: Set((held[$0] ?? [:]).keys)) }
        guard !asking.isEmpty else { return people }
        let given = try DataConsents.given(by: asking, on: today, tx)
        let closed = Set(asking.filter { given[$0]?.contains(.healthVisits) != true })
        return people.filter { !closed.contains($0) }
    }
}
