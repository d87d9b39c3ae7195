import LinliCore
import LinliSQL
import Logging

/// Delivers events after their commit: claimed, retried and dead-lettered per (event, subscriber), in order per
/// subject and in no other order.
package struct Dispatcher: Sendable {
    private let database: Database
    private let subscribers: [Subscriber]
    private let wake: Wake
    private let afterRound: @Sendable (Int) -> Void
    private let logger: Logger

    /// Deliveries claimed at once: sums and sequences are written once for all of them, and a claim waits for its turn among
    /// the writes only once.
    private static let batch = 256
    /// Deliveries to the outside claimed at once: after a crash so many may be made a second time.
    private static let outside = 256
    /// How long a round that left nothing due is the last one: a round costs each subscriber a claim, whether it finds one
    /// event or 256, so what comes in meanwhile is taken together.
    /// - Source: configured, no source
    private static let rest = Duration.milliseconds(50)
    /// For how long a claim to the outside holds.
    private static let leaseSeconds: Int64 = 60
    /// Deliveries tried one by one after one of a batch failed.
    private static let alone = 64
    /// Deliveries looked at together.
    private static let page = 256
    /// Tries before a delivery is put aside as dead.
    private static let maximumAttempts = 10

    /// A dispatcher; `afterRound` hears how many deliveries a round made, to wake what listens (live updates).
    package init(
        _ database: Database,
        wake: Wake,
        logger: Logger,
        afterRound: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.database = database
        subscribers = database.subscriptions.all
        self.wake = wake
        self.logger = logger
        self.afterRound = afterRound
    }

    /// Delivers until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            let counts = await deliverDue()
            let delivered = counts.reduce(0, +)
            guard delivered > 0 else {
                await wake.wait(seconds: 1)
                continue
            }
            afterRound(delivered)
            if counts.allSatisfy({ $0 < Dispatcher.batch }) {
                // Cancelled: the loop ends.
                try? await Task.sleep(for: Dispatcher.rest)
            }
        }
    }

    /// Delivers what is due now; returns how many deliveries were made.
    @discardableResult
    package func round() async -> Int {
        await deliverDue().reduce(0, +)
    }

    /// Delivers what is due now; returns how many deliveries each subscriber that had any took.
    private func deliverDue() async -> [Int] {
        let waiting = await self.waiting()
        // All at once: what one subscriber waits for, the others need not, and their claims share a commit.
        return await withTaskGroup(of: Int.self) { group in
            for subscriber in waiting { group.addTask { await attempt(subscriber) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Those with anything in their queue; who has nothing is not given a turn among the writes.
    private func waiting() async -> [Subscriber] {
        do {
            return try await database.read { [subscribers] tx in
                try subscribers.filter { subscriber in
                    try tx.exists("SELECT 1 FROM delivery WHERE subscriber = \(subscriber.id) AND dead = 0 LIMIT 1")
                }
            }
        } catch {
            logger.error("outbox.round", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func attempt(_ subscriber: Subscriber) async -> Int {
        do {
            return try await deliver(to: subscriber)
        } catch {
            logger.error("outbox.round", metadata: ["subscriber": "\(subscriber.id)", "error": "\(error)"])
            return 0
        }
    }

    private func deliver(to subscriber: Subscriber) async throws -> Int {
        switch subscriber.work {
        case .together(let handle): try await deliverInStore(subscriber, handle)
        case .outside(let send): try await deliver(try await lease(subscriber), to: subscriber, send)
        case .writes(let handle): try await deliverByWrites(subscriber, handle)
        }
    }

    private func deliverInStore(
        _ subscriber: Subscriber,
        _ handle: @escaping @Sendable (SystemTx, [Event]) throws -> Void
    ) async throws -> Int {
        do {
            return try await apply(subscriber, handle, limit: Dispatcher.batch)
        } catch {
            // One of the batch failed and took the others along: go on one by one, and note who it was.
            return try await applyAlone(subscriber, handle)
        }
    }

    private func apply(
        _ subscriber: Subscriber,
        _ handle: @escaping @Sendable (SystemTx, [Event]) throws -> Void,
        limit: Int
    ) async throws -> Int {
        try await database.system(.claim) { tx in
            let events = try Dispatcher.claim(subscriber.id, limit: limit, tx)
            if !events.isEmpty { try handle(tx, events) }
            try Dispatcher.acknowledge(events, subscriber.id, tx)
            return events.count
        }
    }

    private func applyAlone(
        _ subscriber: Subscriber,
        _ handle: @escaping @Sendable (SystemTx, [Event]) throws -> Void
    ) async throws -> Int {
        let events = try await database.system(.claim) { tx in
            try Dispatcher.claim(subscriber.id, limit: Dispatcher.alone, tx)
        }
        var delivered = 0
        for event in events {
            do {
                try await database.system(.claim) { tx in
                    // Another node may have been faster.
                    let isOurs = try tx.exists(
                        """
                        SELECT 1 FROM delivery WHERE subscriber = \(subscriber.id) AND event_id = \(event.id)
                        AND dead = 0\(SQL.skipLocked)
                        """
                    )
                    guard isOurs else { return }
                    try handle(tx, [event])
                    try Dispatcher.acknowledge([event], subscriber.id, tx)
                }
                delivered += 1
            } catch {
                try await note(error, event, subscriber.id)
            }
        }
        return delivered
    }

    private func deliverByWrites(
        _ subscriber: Subscriber,
        _ handle: @Sendable ([Event], Database) async throws -> Void
    ) async throws -> Int {
        let events = try await lease(subscriber)
        guard !events.isEmpty else { return 0 }
        do {
            try await handle(events, database)
            return try await acknowledge(events, subscriber)
        } catch {
            return try await deliver(events, to: subscriber) { try await handle([$0], $1) }
        }
    }

    /// Claims what is due for a while: a lease in place of a lock, because what follows is in no transaction of ours.
    private func lease(_ subscriber: Subscriber) async throws -> [Event] {
        try await database.system(.claim) { tx in
            let events = try Dispatcher.claim(subscriber.id, limit: Dispatcher.outside, tx)
            if !events.isEmpty {
                try tx.execute(
                    """
                    UPDATE delivery SET next_at = \(tx.now.adding(seconds: Dispatcher.leaseSeconds))
                    WHERE subscriber = \(subscriber.id) AND event_id IN \(SQL.list(events.map(\.id)))
                    """
                )
            }
            return events
        }
    }

    private func deliver(
        _ events: [Event], to subscriber: Subscriber,
        _ send: @Sendable (Event, Database) async throws -> Void
    ) async throws -> Int {
        // One write for what was sent within a second: a commit each would be most of the work.
        var (sent, count) = ([Event](), 0)
        let began = ContinuousClock.now
        var acknowledged = began
        for event in events {
            do {
                try await send(event, database)
                sent.append(event)
            } catch let later as PutOff {
                try await postpone(event, until: later.until, subscriber.id)
            } catch {
                try await note(error, event, subscriber.id)
            }
            let now = ContinuousClock.now
            guard now - acknowledged > .seconds(1) else { continue }
            count += try await acknowledge(sent, subscriber)
            (sent, acknowledged) = ([], now)
            // The rest is left until its lease ends: another node must not take up what is being sent here.
            if now - began > .seconds(Dispatcher.leaseSeconds / 2) { return count }
        }
        return try await count + acknowledge(sent, subscriber)
    }

    private func acknowledge(_ sent: [Event], _ subscriber: Subscriber) async throws -> Int {
        guard !sent.isEmpty else { return 0 }
        try await database.system(.claim) { try Dispatcher.acknowledge(sent, subscriber.id, $0) }
        return sent.count
    }

    /// The oldest undelivered event of each subject that is due; what another node holds is left to it.
    private static func claim(_ subscriber: String, limit: Int, _ tx: SystemTx) throws -> [Event] {
        // More than are taken: another node may be at the first of them.
        let heads = try heads(subscriber, limit: 2 * limit, tx)
        guard !heads.isEmpty else { return [] }
        let keys: [Int64] = try tx.all(
            """
            SELECT event_id FROM delivery WHERE subscriber = \(subscriber) AND event_id IN \(SQL.list(heads))
            AND dead = 0 AND next_at <= \(tx.now) ORDER BY event_id LIMIT \(limit)\(SQL.skipLocked)
            """
        ) { try $0[0] }
        guard !keys.isEmpty else { return [] }
        return try tx.all("SELECT \(Event.columns) FROM event e WHERE e.id IN \(SQL.list(keys)) ORDER BY e.id") {
            try Event($0)
        }
    }

    /// Walks the queue from its beginning: the first of each subject is its oldest. Asked as one statement, a planner
    /// that believes the queue empty, as it mostly is, compares every event with every other.
    private static func heads(_ subscriber: String, limit: Int, _ tx: SystemTx) throws -> [Int64] {
        struct Key: Hashable {
            let kind: String
            let id: Int64
        }
        var seen: Set<Key> = []
        var heads: [Int64] = []
        var last: Int64 = 0
        while true {
            var count = 0
            try tx.each(
                """
                SELECT event_id, subject_kind, subject_id, next_at FROM delivery
                WHERE subscriber = \(subscriber) AND event_id > \(last) AND dead = 0 ORDER BY event_id LIMIT \(page)
                """
            ) { row in
                count += 1
                last = try row[0]
                let due: Instant = try row[3]
                if seen.insert(Key(kind: try row[1], id: try row[2])).inserted, due <= tx.now { heads.append(last) }
            }
            if heads.count >= limit { return Array(heads.prefix(limit)) }
            if count < page { return heads }
        }
    }

    private static func acknowledge(_ events: [Event], _ subscriber: String, _ tx: SystemTx) throws {
        guard !events.isEmpty else { return }
        try tx.execute(
            "DELETE FROM delivery WHERE subscriber = \(subscriber) AND event_id IN \(SQL.list(events.map(\.id)))"
        )
    }

    /// Leaves a delivery, and what comes behind it of the same subject, until a moment: it failed nowhere.
    private func postpone(_ event: Event, until moment: Instant, _ subscriber: String) async throws {
        _ = try await database.system(.claim) { tx in
            try tx.execute(
                "UPDATE delivery SET next_at = \(moment) WHERE subscriber = \(subscriber) AND event_id = \(event.id)")
        }
    }

    private func note(_ error: any Error, _ event: Event, _ subscriber: String) async throws {
        logger.warning(
            "outbox.failed",
            metadata: ["subscriber": "\(subscriber)", "event": "\(event.id)", "error": "\(error)"]
        )
        try await database.system(.claim) { tx in
            let attempts: Int =
                try tx.value(
                    "SELECT attempts FROM delivery WHERE subscriber = \(subscriber) AND event_id = \(event.id)"
                ) ?? 0
            let delay = Int64(1) << Int64(min(attempts, 12))
            try tx.execute(
                """
                UPDATE delivery SET attempts = \(attempts + 1), next_at = \(tx.now.adding(seconds: delay)),
                    dead = \(attempts + 1 >= Dispatcher.maximumAttempts), error = \(String("\(error)".prefix(400)))
                WHERE subscriber = \(subscriber) AND event_id = \(event.id)
                """
            )
        }
    }
}
