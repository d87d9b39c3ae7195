import LinliCore
import LinliSQL

/// Who wants to hear of which events, and what they do.
package struct Subscriber: Sendable {
    /// How the work is done.
    package enum Work: Sendable {
        /// In the store only: done and acknowledged in one transaction, so exactly once. Gets what is waiting together, in
        /// the order of the events and one of a subject at most: sums are added up before they are written.
        case together(@Sendable (SystemTx, [Event]) throws -> Void)
        /// Outside (a message, a file): at least once, so the receiver must know repeats by the event's id.
        case outside(@Sendable (Event, Database) async throws -> Void)
        /// By writes of its own, with their audit and events: all that is waiting together, and one by one when that fails.
        /// At least once, as for the outside.
        case writes(@Sendable ([Event], Database) async throws -> Void)

        /// In the store only, an event at a time.
        package static func inStore(_ handle: @escaping @Sendable (SystemTx, Event) throws -> Void) -> Work {
            .together { tx, events in
                for event in events { try handle(tx, event) }
            }
        }
    }

    /// The stable name; deliveries are kept under it.
    package let id: String
    /// The kinds of events, `case.changed`.
    package let kinds: [String]
    /// Which of those: what it would do nothing with is not even stored for it.
    let wants: @Sendable (Event) -> Bool
    /// What it does.
    package let work: Work

    /// A subscriber; see the properties.
    package init(
        _ id: String, kinds: [String], where wants: @escaping @Sendable (Event) -> Bool = { _ in true }, _ work: Work
    ) {
        self.id = id
        self.kinds = kinds
        self.wants = wants
        self.work = work
    }
}

/// What a subscriber of the outside throws for what is not to go out yet: it gets the event again then, and that is no try
/// that failed.
package struct PutOff: Error, Sendable {
    /// When it is asked again.
    package let until: Instant

    /// Not before a moment.
    package init(until: Instant) {
        self.until = until
    }
}

/// All subscribers by the kind of event, as writes need them.
package struct Subscriptions: Sendable {
    /// Everyone who subscribed.
    package let all: [Subscriber]
    private let byKind: [String: [Subscriber]]

    /// The subscriptions of all features.
    package init(_ subscribers: [Subscriber]) {
        all = subscribers
        var byKind: [String: [Subscriber]] = [:]
        for subscriber in subscribers {
            for kind in subscriber.kinds { byKind[kind, default: []].append(subscriber) }
        }
        self.byKind = byKind
    }

    /// Stores events and a delivery for each of their subscribers; an event nobody wants is not kept.
    func insert(_ events: [Event], _ connection: any Connection) throws {
        var (kept, deliveries): ([SQL], [SQL]) = ([], [])
        for event in events {
            let subscribers = (byKind[event.kind] ?? []).filter { $0.wants(event) }
            guard !subscribers.isEmpty else { continue }
            kept.append(
                """
                (\(event.id), \(event.at), \(event.kind), \(event.subject.kind), \(event.subject.id),
                \(event.subject.division), \(Facts.encode(event.facts)))
                """)
            deliveries += subscribers.map { subscriber in
                "(\(subscriber.id), \(event.id), \(event.subject.kind), \(event.subject.id), 0, \(event.at), 0)"
            }
        }
        try connection.insert(
            into: "event (id, at, kind, subject_kind, subject_id, division, facts)", kept, columns: 7)
        try connection.insert(
            into: "delivery (subscriber, event_id, subject_kind, subject_id, attempts, next_at, dead)", deliveries,
            columns: 7)
    }
}

/// Small facts as text: `name=value` lines; values hold ids and words, so nothing needs quoting but is checked anyway.
enum Facts {
    static func encode(_ facts: [String: String]) -> String {
        var text = ""
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
            if !text.isEmpty { text += "\n" }
            text += name
            text += "="
            // Nearly every value is plain ASCII; only what is not is looked at character by character.
            let isPlain = value.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
            text += isPlain ? value : value.filter { !$0.isNewline }
        }
        return text
    }

    static func decode(_ text: String) -> [String: String] {
        var facts: [String: String] = [:]
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            facts[String(Substring(line[..<equals]))] = String(Substring(line[line.index(after: equals)...]))
        }
        return facts
    }
}

extension Event {
    static let columns: SQL = "e.id, e.at, e.kind, e.subject_kind, e.subject_id, e.division, e.facts"

    init(_ row: Row) throws {
        self.init(
            id: try row[0],
            at: try row[1],
            kind: try row[2],
            subject: Subject(try row[3], try row[4], division: try row[5]),
            facts: Facts.decode(try row[6])
        )
    }
}

extension Migration {
    /// Events and, per subscriber, what has not been delivered yet.
    static let outbox = Migration(
        "2026-11-22.02-outbox",
        """
        CREATE TABLE event (
            id INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (length(kind) <= 60),
            subject_kind TEXT NOT NULL CHECK (length(subject_kind) <= 40),
            subject_id INTEGER NOT NULL,
            division INTEGER,
            facts TEXT NOT NULL CHECK (length(facts) <= 2000)
        ) STRICT;
        CREATE TABLE delivery (
            subscriber TEXT NOT NULL CHECK (length(subscriber) <= 60),
            event_id INTEGER NOT NULL,
            subject_kind TEXT NOT NULL,
            subject_id INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            next_at INTEGER NOT NULL,
            dead INTEGER NOT NULL CHECK (dead IN (0, 1)),
            error TEXT CHECK (length(error) <= 500),
            PRIMARY KEY (subscriber, event_id)
        ) STRICT;
        CREATE INDEX delivery_subject ON delivery (subscriber, subject_kind, subject_id, event_id) WHERE dead = 0;
        """
    )

    /// The queue is walked in the order of its key: the index by subject only cost each write.
    static let deliveryOrder = Migration("2026-11-26.01-delivery-order", "DROP INDEX delivery_subject;")
}
