import LinliCore
import LinliSQL

extension LabelBook {
    /// The labels that tell of somebody's health, however far down.
    var ofHealth: [Label] { labels.filter { $0.isOfHealth } }

    /// Those of them that somebody may have by the rest alone: by a rule that asks for other things too, or by a label below
    /// that tells of no health. Nobody's sealed facts need to be opened to know that of the others.
    var mixed: [Label] {
        var open = Set(labels.filter { !$0.isOfHealth }.map(\.id))
        var isMore = true
        while isMore {
            let found = labels.filter { label in
                guard !open.contains(label.id) else { return false }
                let isBelow = children(of: label.id).contains { open.contains($0.id) }
                return isBelow || label.rule?.mayHold(by: open) == true
            }
            open.formUnion(found.map(\.id))
            isMore = !found.isEmpty
        }
        return labels.filter { $0.isOfHealth && open.contains($0.id) }
    }

    /// What may be seen of somebody who did not agree that their health be used: neither facts nor labels that tell of it,
    /// but what holds by the rest alone. What is left out is left open and is no no: nothing follows from its missing.
    func withoutHealth(_ sight: LabelSight) -> LabelSight {
        var rest = sight
        rest.hidden = ConsentPurpose.health
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

extension LabelRule {
    /// Whether it may hold for somebody of whose health nothing is looked at, by what it asks and by some labels.
    fileprivate func mayHold(by labels: Set<String>) -> Bool {
        switch self {
        case .all(let rules): rules.allSatisfy { $0.mayHold(by: labels) }
        case .any(let rules): rules.contains { $0.mayHold(by: labels) }
        case .fact(let field, _): !ConsentPurpose.health.contains(field.id)
        case .label(let id, _): labels.contains(id)
        // Also what is denied: whether it holds for somebody is the sight's to say.
        default: true
        }
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
    /// Of people who were chosen by some labels, those whom a visit may be planned for: who has one of these for a reason
    /// that does not tell of their health, or agreed to be visited by that.
    package static func visitable(
        _ people: [ID<Person>], by chosen: [Label], _ names: LabelKeys, on today: CivilDate, _ tx: ReadTx
    ) throws -> [ID<Person>] {
        let book = try LabelBook.current(tx)
        let others = Set(book.withoutHealth(under: chosen).map { names.key(label: $0.id) })
        let held = try labels(of: people, tx)
        let asking = people.filter { others.isDisjoint(with: Set((held[$0] ?? [:]).keys)) }
        guard !asking.isEmpty else { return people }
        let given = try DataConsents.given(by: asking, on: today, tx)
        let waiting = asking.filter { given[$0]?.contains(.healthVisits) != true }
        let numbers = Set(chosen.map { names.key(label: $0.id) })
        let rest = try withoutHealth(of: waiting, numbers, book, names, on: today, tx)
        let closed = Set(waiting.filter { rest[$0] == nil })
        return people.filter { !closed.contains($0) }
    }

    /// The people of a division who have any of some labels and whom a visit may be planned for, at most `limit`, in the
    /// order of their identifiers. Who waits for their own word neither shortens a page nor stands at its end.
    package static func visitable(
        by chosen: [Label], in division: DivisionCode, after: ID<Person>? = nil, limit: Int, _ names: LabelKeys,
        on today: CivilDate, _ tx: ReadTx
    ) throws -> [ID<Person>] {
        let numbers = chosen.map { names.key(label: $0.id) }
        var (found, last): ([ID<Person>], ID<Person>?) = ([], after)
        // A page is nearly always full after the first look; where most of them wait, each look takes more.
        var looked = limit
        while found.count < limit {
            let some = try people(withAny: numbers, in: division, after: last, limit: looked, tx)
            found += try visitable(some, by: chosen, names, on: today, tx)
            guard some.count == looked else { break }
            last = some.last
            looked = max(looked, mostLooked)
        }
        return Array(found.prefix(limit))
    }

    /// How many a look takes after the first.
    private static let mostLooked = 500

    /// Of labels that tell of health, by their numbers in the store, those that some people have for other reasons as well;
    /// who has none of them so is left out.
    static func withoutHealth(
        of people: [ID<Person>], _ asked: Set<Int64>, _ book: LabelBook, _ names: LabelKeys, on today: CivilDate,
        _ tx: ReadTx
    ) throws -> [ID<Person>: Set<Int64>] {
        let mixed = asked.intersection(book.mixed.map { names.key(label: $0.id) })
        guard !people.isEmpty, !mixed.isEmpty else { return [:] }
        let ids = Dictionary(
            book.labels.map { (names.key(label: $0.id), $0.id) }, uniquingKeysWith: { first, _ in first })
        var held: [ID<Person>: Set<Int64>] = [:]
        for start in stride(from: 0, to: people.count, by: LabelWork.page) {
            let some = Array(people[start..<min(start + LabelWork.page, people.count)])
            for person in try LabelSights(of: some, book, on: today, lock: false, names.keys, tx).people.values {
                var sight = person.sight
                sight.held = Set(person.rows.compactMap { ids[$0.label] })
                let rest = book.withoutHealth(sight).held
                let left = mixed.intersection(person.rows.map(\.label)).filter { number in
                    ids[number].map { rest.contains($0) } ?? false
                }
                if !left.isEmpty { held[person.id] = left }
            }
        }
        return held
    }
}
