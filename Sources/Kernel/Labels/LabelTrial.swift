import LinliCore
import LinliSQL

/// What a book of labels that is not published would change, counted over people of its author: nobody is named, and small
/// numbers are not told apart.
package struct LabelTrial: Sendable {
    /// How many have a label by the text, and how many get and lose it against the book in force.
    package struct Count: Sendable, Equatable {
        /// Who would have it now.
        package fileprivate(set) var held = 0
        /// Who has it by the text only.
        package fileprivate(set) var gained = 0
        /// Who has it by the book in force only.
        package fileprivate(set) var lost = 0

        /// Whether anybody's labels change.
        package var isMoving: Bool { gained > 0 || lost > 0 }
    }

    /// The text as it is read.
    package let book: LabelBook
    /// The book in force.
    private let now: LabelBook
    /// How many people were worked out.
    package private(set) var people = 0
    /// Whether those are all of the author's.
    package let isWhole: Bool
    private let size: GroupSize
    private let showsSpecial: Bool
    private var counts: [String: Count] = [:]
    private var entitled: [String: Count] = [:]

    /// How many people are worked out at most: a page of an administrator waits for it.
    /// - Source: configured, no source
    package static let most = 5000

    /// Reads a text and works it out beside the book in force, over the first people of the author's divisions, community by
    /// community. That somebody counted is noted: it is asked of facts that are kept closely.
    ///
    /// - Throws: `.forbidden` for who may not publish, `.invalid` with every problem of the text and its line.
    package static func run(
        _ text: String, _ settings: RegisterSettings, limit: Int = most, _ context: Context, _ database: Database
    ) async throws -> LabelTrial {
        guard LabelCommands.mayPublish(context.actor) else { throw LinliError.forbidden("labels") }
        let book = try LabelCommands.look(text)
        let divisions = context.actor.scope(for: .registersManage).divisions
        try await database.write(context, "labels.try") { tx in
            try tx.audit(Subject("labelBook", 0), fields: ["trial"], values: [text])
        }
        let (now, ids) = try await database.read { tx in
            (try LabelBook.current(tx), try firstPeople(in: divisions, limit: limit + 1, tx))
        }
        let (looked, today, keys) = (Array(ids.prefix(limit)), context.now.date, database.keys)
        var trial = LabelTrial(
            book, beside: now, isWhole: ids.count <= limit, settings, for: context.actor, in: divisions)
        let names = LabelKeys(keys)
        let numbers: [Int64: String] = Dictionary(
            (book.labels + now.labels).map { (names.key(label: $0.id), $0.id) },
            uniquingKeysWith: { first, _ in first })
        for start in stride(from: 0, to: looked.count, by: LabelWork.page) {
            let some = Array(looked[start..<min(start + LabelWork.page, looked.count)])
            let sights = try await database.read { tx in
                try LabelSights(of: some, book, also: now, on: today, lock: false, keys, tx)
            }
            for person in sights.people.values where person.isHere { trial.add(person, numbers) }
        }
        return trial
    }

    private init(
        _ book: LabelBook, beside now: LabelBook, isWhole: Bool, _ settings: RegisterSettings, for actor: Actor,
        in divisions: [DivisionCode]
    ) {
        self.book = book
        self.now = now
        self.isWhole = isWhole
        size = GroupSize(least: divisions.map { GroupSize(settings, for: actor, in: $0).least }.max() ?? 1)
        showsSpecial =
            settings.hasSpecialGroups && divisions.allSatisfy { actor.may(.peopleSpecial, in: $0) }
    }

    /// The first people of some divisions, by the index of who is here.
    private static func firstPeople(
        in divisions: [DivisionCode], limit: Int, _ tx: ReadTx
    ) throws -> [ID<Person>] {
        var found: [ID<Person>] = []
        for division in divisions where found.count < limit {
            found += try tx.all(
                """
                SELECT p.id FROM person p WHERE p.valid_to IS NULL
                AND p.community BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                ORDER BY p.community, p.id LIMIT \(limit - found.count)
                """
            ) { try $0[0] as ID<Person> }
        }
        return found
    }

    private mutating func add(_ person: LabelSights.Person, _ numbers: [Int64: String]) {
        people += 1
        let hand = Set(person.rows.filter(\.isByHand).compactMap { numbers[$0.label] })
        let before = LabelTrial.found(of: person, hand, now)
        let after = LabelTrial.found(of: person, hand, book)
        LabelTrial.count(before.held, after.held, &counts)
        LabelTrial.count(before.entitled, after.entitled, &entitled)
    }

    private static func count(_ before: Set<String>, _ after: Set<String>, _ counts: inout [String: Count]) {
        for id in before.union(after) {
            var count = counts[id] ?? Count()
            if after.contains(id) { count.held += 1 }
            if !before.contains(id) { count.gained += 1 }
            if !after.contains(id) { count.lost += 1 }
            counts[id] = count
        }
    }

    /// What somebody has by a book and which services they may have, as `LabelEvaluation` writes it down.
    private static func found(
        of person: LabelSights.Person, _ given: Set<String>, _ book: LabelBook
    ) -> (held: Set<String>, entitled: Set<String>) {
        let hand = given.filter { book[label: $0] != nil }
        let held = hand.union(book.above(hand))
        guard person.isProfiled else { return (held, []) }
        let found = book.evaluate(person.sight, hand: hand)
        return (held.union(found.held), found.entitled)
    }

    // MARK: As it is shown

    /// Fewer than so many are not told apart.
    package var least: Int { size.least }

    /// How many have, get and lose a label; nil for one whose people its author may not count.
    package func count(of label: Label) -> Count? {
        label.fieldClass < .special || showsSpecial ? counts[label.id] ?? Count() : nil
    }

    /// The labels of both books that anybody has, gets or loses and whose people may be counted, in their order.
    package var counted: [(id: String, count: Count)] {
        let gone = now.labels.filter { book[label: $0.id] == nil }
        return (book.labels + gone).compactMap { label in
            guard counts[label.id] != nil, let found = self.count(of: label) else { return nil }
            return (label.id, found)
        }
    }

    /// How many may have, get and lose a service; nil for one whose people its author may not count.
    package func count(of service: CareService) -> Count? {
        service.fieldClass < .special || showsSpecial ? entitled[service.id] ?? Count() : nil
    }

    /// The services of the text, then those that go with it: what of each is another than in the book in force.
    package var services: [(service: CareService, change: Change)] {
        let all = book.services.map { service -> (service: CareService, change: Change) in
            guard let old = now[service: service.id] else { return (service, .new) }
            return (service, LabelTrial.isSame(old, service) ? .same : .changed)
        }
        let missing = now.services.filter { book[service: $0.id] == nil }
        return all + missing.map { service -> (service: CareService, change: Change) in (service, .gone) }
    }

    /// What becomes of a service.
    package enum Change: String, Sendable, CaseIterable {
        case same, new, changed, gone
    }

    private static func isSame(_ old: CareService, _ new: CareService) -> Bool {
        old.name == new.name && old.what == new.what && old.rule == new.rule && old.units == new.units
            && isSameGiving(old, new)
    }

    private static func isSameGiving(_ old: CareService, _ new: CareService) -> Bool {
        old.evidence == new.evidence && old.basis == new.basis && old.everyDays == new.everyDays
            && old.askAgainDays == new.askAgainDays && old.fieldClass == new.fieldClass
    }

    /// A number as its author may see it; nil: some, fewer than `least`. Where small groups are not told apart every number
    /// is rounded down: else two trials with rules that differ by one person would tell of that person.
    package func shown(_ count: Int) -> Int? { size.shown(count).map { $0 / size.least * size.least } }

    /// The number in words.
    package func text(_ count: Int) -> Text {
        guard let shown = shown(count) else { return size.text(count) }
        guard size.isBlurred, shown > 0 else { return Text(same: "\(shown)") }
        return Text("\(shown) 多", "\(shown) or more")
    }
}
