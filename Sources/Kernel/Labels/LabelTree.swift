import LinliCore

/// How labels hang together: a label may stand below another, whose people are then all who have one below it.
struct LabelTree {
    /// How many levels a tree may have; configured, no source.
    static let levels = 5

    /// What stands above each label, the nearest first; of those in a ring nothing.
    private let all: [String: [String]]

    /// A tree of what stands directly above each label.
    init(_ parents: [String: String]) {
        var all: [String: [String]] = [:]
        for (id, parent) in parents {
            var (found, seen, next): ([String], Set<String>, String?) = ([], [id], parent)
            while let one = next, seen.insert(one).inserted {
                found.append(one)
                next = parents[one]
            }
            if next == nil { all[id] = found }
        }
        self.all = all
        rings = Set(parents.keys).subtracting(all.keys)
    }

    private let rings: Set<String>

    /// What stands above a label, the nearest first; nil where that never ends.
    func above(_ id: String) -> [String]? { rings.contains(id) ? nil : all[id] ?? [] }

    /// A label and all below it.
    func branch(_ id: String, of all: [String]) -> Set<String> {
        Set(all.filter { $0 == id || above($0)?.contains(id) == true })
    }
}

/// What a walk down the book has found of somebody so far.
///
/// Who has a label has all above it. A rule that asks for a label sees its whole branch; below that label it sees what its
/// own rule or a hand gave, or it would ask for itself.
struct LabelWalk {
    private(set) var sight: LabelSight
    /// Labels by their own rule or by hand, not by what stands below them.
    private var own: Set<String>
    private var ownUnsure: Set<String> = []
    /// What rules gave, and what stands above it or above what was given by hand.
    private(set) var given: Set<String> = []

    init(_ sight: LabelSight, hand: Set<String>, _ book: LabelBook) {
        (self.sight, own) = (sight, hand)
        self.sight.held = hand
        for id in hand { raise(book[label: id]?.above ?? []) }
    }

    /// The answer of a label's rule.
    func answer(_ rule: LabelRule, of label: Label) -> Bool? {
        guard !label.asksAbove.isEmpty else { return rule.holds(sight) }
        var narrow = sight
        narrow.held.subtract(label.asksAbove.subtracting(own))
        narrow.unsure.subtract(label.asksAbove.subtracting(ownUnsure))
        return rule.holds(narrow)
    }

    /// Notes that a label holds.
    mutating func give(_ label: Label) {
        own.insert(label.id)
        sight.held.insert(label.id)
        given.insert(label.id)
        raise(label.above)
    }

    /// Notes that nobody can say whether a label holds.
    mutating func leaveOpen(_ label: Label) {
        ownUnsure.insert(label.id)
        sight.unsure.insert(label.id)
        sight.unsure.formUnion(label.above)
    }

    private mutating func raise(_ above: [String]) {
        sight.held.formUnion(above)
        given.formUnion(above)
    }
}

extension LabelBook {
    /// The labels somebody may see, each followed by those below it.
    package func tree(_ isShown: (Label) -> Bool = { _ in true }) -> [Label] {
        var rows: [Label] = []
        func add(_ label: Label) {
            if isShown(label) { rows.append(label) }
            for child in children(of: label.id) { add(child) }
        }
        for label in labels where label.parent == nil { add(label) }
        return rows
    }

    /// The labels somebody may choose from, by id, those below others set in.
    package func choices(_ isShown: (Label) -> Bool = { _ in true }) -> [(id: String, name: Text)] {
        tree(isShown).map { ($0.id, $0.indented) }
    }

    /// The labels by which a list of people goes: one with all below it, else those of the care list. What is kept closer
    /// than `open` is left out: a name on the list would tell it.
    ///
    /// - Throws: `.notFound` for a label there is not, `.forbidden` for one kept closer.
    package func listed(under id: String?, upTo open: FieldClass) throws -> [Label] {
        guard let id, !id.isEmpty else { return labels.filter { $0.isCare && $0.fieldClass <= open } }
        guard let label = self[label: id] else { throw LinliError.notFound("labels.label") }
        guard label.fieldClass <= open else { throw LinliError.forbidden("labels.purpose") }
        return [label]
    }

    /// What stands above labels that somebody gave by hand.
    func above(_ hand: Set<String>) -> Set<String> {
        hand.reduce(into: []) { $0.formUnion(self[label: $1]?.above ?? []) }
    }
}

extension Label {
    /// Its name in a list, set in by how many stand above it.
    package var indented: Text {
        let space = String(repeating: "　", count: above.count)
        return Text(space + name.zh, space + name.en)
    }
}

// MARK: Reasons

extension LabelBook {
    /// Why somebody has a label: by its own rule, else by what stands below it.
    package func because(_ label: Label, _ sight: LabelSight) -> [Text] {
        if let rule = label.rule, rule.holds(sight) == true { return because(rule, sight, of: label) }
        return children(of: label.id).filter { sight.held.contains($0.id) }.flatMap { child in
            let reasons = because(child, sight)
            return reasons.isEmpty ? [child.name] : reasons
        }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Why a rule holds, down to the facts: what a label is given for, not the label's name alone.
    package func because(_ rule: LabelRule, _ sight: LabelSight, of asker: Label? = nil) -> [Text] {
        switch rule {
        case .all(let rules), .any(let rules):
            guard rule.holds(sight) == true else { return [] }
            return rules.flatMap { because($0, sight, of: asker) }
                .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        case .label(let id, let name):
            guard rule.holds(sight) == true else { return [] }
            let reasons = self[label: id].map { asked in
                asker?.above.contains(id) == true
                    ? asked.rule.map { because($0, sight, of: asked) } ?? [] : because(asked, sight)
            }
            return reasons.flatMap { $0.isEmpty ? nil : $0 } ?? [name]
        default: return rule.reasons(sight)
        }
    }

    /// The facts the reasons for a label tell of.
    func told(_ label: Label, _ sight: LabelSight) -> Set<RegisterField> {
        if let rule = label.rule, rule.holds(sight) == true { return told(rule, sight, of: label) }
        return children(of: label.id).filter { sight.held.contains($0.id) }
            .reduce(into: []) { $0.formUnion(told($1, sight)) }
    }

    /// The facts the reasons of `because` tell of.
    func told(_ rule: LabelRule, _ sight: LabelSight, of asker: Label? = nil) -> Set<RegisterField> {
        guard rule.holds(sight) == true else { return [] }
        switch rule {
        case .all(let rules), .any(let rules):
            return rules.reduce(into: []) { $0.formUnion(told($1, sight, of: asker)) }
        case .label(let id, _):
            guard let asked = self[label: id] else { return [] }
            guard asker?.above.contains(id) == true else { return told(asked, sight) }
            return asked.rule.map { told($0, sight, of: asked) } ?? []
        default: return rule.fields
        }
    }
}
