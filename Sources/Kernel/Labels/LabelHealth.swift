import LinliCore
import LinliSQL

extension LabelBook {
    /// The labels that tell of somebody's health, however far down.
    var ofHealth: [Label] { labels.filter { $0.isOfHealth } }
}

extension Label {
    /// Whether it tells of somebody's health.
    var isOfHealth: Bool { fields.contains { ConsentPurpose.health.contains($0.id) } }
}

extension CareService {
    /// Whether it tells of somebody's health that they may have it.
    var isOfHealth: Bool { fields.contains { ConsentPurpose.health.contains($0.id) } }
}

extension LabelQueries {
    /// Of people who were chosen by some labels, those whom a visit may be planned for: who has another label of these than
    /// one that tells of their health, or agreed to be visited by that.
    package static func visitable(
        _ people: [ID<Person>], by chosen: [Label], _ names: LabelKeys, on today: CivilDate, _ tx: ReadTx
    ) throws -> [ID<Person>] {
        let others = Set(chosen.filter { !$0.isOfHealth }.map { names.key(label: $0.id) })
        let held = try labels(of: people, tx)
        let asking = people.filter { others.isDisjoint(with: Set((held[$0] ?? [:]).keys)) }
        guard !asking.isEmpty else { return people }
        let given = try DataConsents.given(by: asking, on: today, tx)
        let closed = Set(asking.filter { given[$0]?.contains(.healthVisits) != true })
        return people.filter { !closed.contains($0) }
    }
}
