import LinliCore
import LinliSQL

/// Of whom the registers can say neither that a label holds nor that it does not.
package enum LabelKnowledge {
    /// The labels and services, of those asked for, that stay open for each of some people because a fact that decides
    /// them was never entered, or because they want no rules applied to them. Who has one of them is not told here.
    package static func open(
        of people: [ID<Person>], labels: Set<String>, services: Set<String>, on today: CivilDate, _ keys: KeyRing,
        _ tx: ReadTx
    ) throws -> [ID<Person>: (labels: Set<String>, services: Set<String>)] {
        guard !labels.isEmpty || !services.isEmpty else { return [:] }
        let book = try LabelBook.current(tx)
        let names = LabelKeys(keys)
        let sights = try LabelSights(of: people, book, on: today, lock: false, keys, tx)
        var open: [ID<Person>: (labels: Set<String>, services: Set<String>)] = [:]
        for person in sights.people.values {
            let stored = Set(person.rows.map(\.label))
            let hand = Set(book.labels.map(\.id).filter { stored.contains(names.key(label: $0)) })
            let found = book.open(person.sight, hand: hand, isProfiled: person.isProfiled)
            open[person.id] = (found.labels.intersection(labels), found.services.intersection(services))
        }
        return open
    }
}

extension LabelBook {
    /// The labels and services that a sight neither has nor lacks for certain. A label that only people give is lacked
    /// by whom nobody gave it to.
    package func open(
        _ sight: LabelSight, hand: Set<String>, isProfiled: Bool
    ) -> (labels: Set<String>, services: Set<String>) {
        var sight = sight
        sight.isStrict = true
        var walk = LabelWalk(sight, hand: hand, self)
        for label in labels {
            guard let rule = label.rule, !hand.contains(label.id) else { continue }
            let answer: Bool? = isProfiled ? walk.answer(rule, of: label) : nil
            switch answer {
            case true?: walk.give(label)
            case nil: walk.leaveOpen(label)
            case false?: break
            }
        }
        let found = walk.sight
        let services = services.filter { (isProfiled ? $0.rule.holds(found) : nil) == nil }
        return (found.unsure.subtracting(found.held), Set(services.map(\.id)))
    }
}
