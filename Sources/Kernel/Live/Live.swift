import LinliCore
import LinliSQL
import Logging
import Synchronization

/// Something changed: which thing, nothing more. The page fetches its fragment, so access and language are decided
/// when it is read.
package struct LiveEvent: Sendable {
    /// A gapless number; what a browser gives back as `Last-Event-ID`.
    package let sequence: Int64
    /// `case/00f…`.
    package let topic: String
    /// Where it belongs.
    package let division: DivisionCode?
    /// Units that are parties.
    package let units: [Int64]
    /// The units complained about: their people hear nothing.
    package let against: [Int64]
}

extension Subscriber {
    /// The sequencer: copies events into `live_event` with a gapless number.
    static func live(kinds: [String]) -> Subscriber {
        Subscriber(
            "live",
            kinds: kinds,
            .together { tx, events in
                let last: Int64? = try tx.value(
                    "UPDATE live_head SET sequence = sequence + \(events.count) WHERE id = 1 RETURNING sequence"
                )
                let first = (last ?? 0) - Int64(events.count) + 1
                for (place, event) in events.enumerated() {
                    let topic = "\(event.subject.kind)/\(ID<Event>(rawValue: event.subject.id))"
                    try tx.execute(
                        """
                        INSERT INTO live_event (sequence, topic, division, units, against, accused, at)
                        VALUES (\(first + Int64(place)), \(topic), \(event.subject.division),
                            \(event.facts["units"] ?? ""), \(event.facts["against"].flatMap { Int64($0) } ?? 0),
                            \(event.facts["accused"] ?? ""), \(tx.now))
                        """
                    )
                }
            }
        )
    }
}

/// The streams of one node: reads new events and hands them to the browsers that may hear of them.
package final class LiveHub: Sendable {
    /// What a stream yields.
    package enum Message: Sendable {
        case change(LiveEvent)
        /// Nothing happened for a while; keeps proxies from closing the stream.
        case beat
        /// Too much was missed: fetch everything again.
        case resync(sequence: Int64)
        /// The session is over: do not come back.
        case bye
    }

    /// Whose stream it is: a session, and what its person may see by it.
    package struct Holder: Sendable, Equatable {
        let session: [UInt8]
        let account: ID<Account>
        let access: String
    }

    /// What those of some sessions that are not over may see now, by the session; see `Holder`.
    package typealias Sight = @Sendable ([[UInt8]]) async throws -> [[UInt8]: String]

    /// One browser's wishes.
    package struct Wish: Sendable {
        /// Topics, `case/00f…`, and the name the browser gave each.
        package let topics: [String: String]
        /// For the desk: everything inside this scope.
        package let scope: Scope?
        /// Topics of what they told themselves: nobody keeps them away from those.
        let own: Set<String>
        /// Units they act or work for: what turns out to be against one of these they hear no more of, although they
        /// listened to it before.
        let interests: [ID<Unit>]

        /// Wishes of one browser.
        package init(
            topics: [String: String], scope: Scope?, own: Set<String> = [], interests: [ID<Unit>] = []
        ) {
            self.topics = topics
            self.scope = scope
            self.own = own
            self.interests = interests
        }

        /// The names under which an event is told to this browser.
        package func names(of event: LiveEvent) -> [String] {
            [name(of: event), isOnDesk(event) ? "desk" : nil].compactMap { $0 }
        }

        func includes(_ event: LiveEvent) -> Bool {
            name(of: event) != nil || isOnDesk(event)
        }

        private func name(of event: LiveEvent) -> String? {
            guard let name = topics[event.topic] else { return nil }
            let isKept = interests.contains { event.against.contains($0.rawValue) } && !own.contains(event.topic)
            return isKept ? nil : name
        }

        private func isOnDesk(_ event: LiveEvent) -> Bool {
            guard let scope, !scope.interests.contains(where: { event.against.contains($0.rawValue) }) else {
                return false
            }
            if let division = event.division, scope.contains(division) { return true }
            return !event.units.isEmpty && scope.units.contains { event.units.contains($0.rawValue) }
        }
    }

    /// Messages that wait for a slow browser; all that a returning one missed fit in.
    private static let buffered = 256
    /// Missed events that are told one by one; beyond that everything is fetched again.
    private static let missedLimit = 200

    private struct Listener {
        var wish: Wish
        var holder: Holder?
        var continuation: AsyncStream<Message>.Continuation
    }

    private struct State {
        var next = 0
        var listeners: [Int: Listener] = [:]
        var last: Int64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let database: Database
    private let wake: Wake
    private let logger: Logger
    private let standing: Sight

    /// Seconds between signs of life, after which sessions are looked at again.
    private static let beatSeconds: Int64 = 15

    /// A hub without listeners.
    package init(_ database: Database, wake: Wake, logger: Logger, standing: @escaping Sight) {
        self.database = database
        self.wake = wake
        self.logger = logger
        self.standing = standing
    }

    /// The newest sequence this node has read: what a page shows is at least as new.
    package var last: Int64 { state.withLock { $0.last } }

    /// How many browsers listen.
    package var count: Int { state.withLock { $0.listeners.count } }

    /// Begins a stream after `sequence` (nil: from now on). The stream ends on `finish`, when its session does, and when
    /// the hub closes.
    ///
    /// It listens before it reads what was missed: what happens in between is told twice, which does no harm.
    package func listen(
        _ wish: Wish,
        holder: Holder?,
        after sequence: Int64?
    ) async throws -> (id: Int, stream: AsyncStream<Message>) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Message.self, bufferingPolicy: .bufferingNewest(LiveHub.buffered)
        )
        let id = state.withLock { state -> Int in
            state.next += 1
            if state.isClosed {
                continuation.finish()
            } else {
                state.listeners[state.next] = Listener(wish: wish, holder: holder, continuation: continuation)
            }
            return state.next
        }
        do {
            for message in try await missed(wish, after: sequence) { continuation.yield(message) }
        } catch {
            finish(id)
            throw error
        }
        return (id, stream)
    }

    /// Ends one stream; the browser comes back by itself unless it left.
    package func finish(_ id: Int) {
        finish(id, after: nil)
    }

    private func finish(_ id: Int, after message: Message?) {
        let listener = state.withLock { $0.listeners.removeValue(forKey: id) }
        if let message { listener?.continuation.yield(message) }
        listener?.continuation.finish()
    }

    /// Looks at the sessions of streams again: whose is over hears so, and whose person may see something else by now
    /// comes back. Sessions may have ended on any node, so every node does this now and then, and at once for an
    /// `account` that was changed here.
    package func recheck(account: ID<Account>? = nil) async throws {
        let held = state.withLock { $0.listeners.compactMapValues(\.holder) }
            .filter { account == nil || $0.value.account == account }
        let sessions = Array(Set(held.values.map(\.session)))
        var standings: [[UInt8]: String] = [:]
        for start in stride(from: 0, to: sessions.count, by: 200) {
            let some = try await standing(Array(sessions[start..<min(start + 200, sessions.count)]))
            standings.merge(some) { $1 }
        }
        for (id, holder) in held where standings[holder.session] != holder.access {
            finish(id, after: standings[holder.session] == nil ? .bye : nil)
        }
    }

    /// Ends every stream and takes no more: the server stops.
    package func close() {
        let ended = state.withLock { state in
            state.isClosed = true
            defer { state.listeners.removeAll() }
            return Array(state.listeners.values)
        }
        for listener in ended { listener.continuation.finish() }
    }

    /// Reads and hands out until the task is cancelled.
    package func run() async {
        do {
            let last = try await database.read { try $0.value("SELECT sequence FROM live_head") ?? Int64(0) }
            state.withLock { $0.last = max($0.last, last) }
        } catch {
            logger.error("live.start", metadata: ["error": "\(error)"])
        }
        var beaten = ContinuousClock.now
        while !Task.isCancelled {
            do {
                try await pump()
            } catch {
                logger.error("live.pump", metadata: ["error": "\(error)"])
            }
            await wake.wait(seconds: 1)
            guard ContinuousClock.now - beaten >= .seconds(LiveHub.beatSeconds) else { continue }
            beaten = .now
            await beat()
        }
        close()
    }

    private func beat() async {
        do {
            try await recheck()
        } catch {
            logger.error("live.recheck", metadata: ["error": "\(error)"])
        }
        state.withLock { state in
            for (_, listener) in state.listeners { listener.continuation.yield(.beat) }
        }
    }

    private func pump() async throws {
        let last = state.withLock { $0.last }
        let events = try await read(after: last, limit: 500)
        guard let newest = events.last?.sequence else { return }
        state.withLock { state in
            state.last = newest
            for (_, listener) in state.listeners {
                for event in events where listener.wish.includes(event) {
                    if case .dropped = listener.continuation.yield(.change(event)) {
                        listener.continuation.yield(.resync(sequence: newest))
                    }
                }
            }
        }
    }

    private func missed(_ wish: Wish, after sequence: Int64?) async throws -> [Message] {
        guard let sequence else { return [] }
        let events = try await read(after: sequence, limit: LiveHub.missedLimit + 1)
        let isGone = try await database.read { tx in
            let oldest: Int64? = try tx.value("SELECT min(sequence) FROM live_event", as: Int64?.self) ?? nil
            let head: Int64 = try tx.value("SELECT sequence FROM live_head") ?? 0
            return sequence > head || (oldest ?? head + 1) > sequence + 1
        }
        if isGone || events.count > LiveHub.missedLimit {
            return [.resync(sequence: state.withLock { $0.last })]
        }
        return events.filter(wish.includes).map { .change($0) }
    }

    private func read(after sequence: Int64, limit: Int) async throws -> [LiveEvent] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT sequence, topic, division, units, against, accused FROM live_event
                WHERE sequence > \(sequence) ORDER BY sequence LIMIT \(limit)
                """
            ) { row in
                let units: String = try row[3]
                let set: String = try row[5]
                let accused = set.isEmpty ? [try row[4]] : set.split(separator: ",").compactMap { Int64($0) }
                return LiveEvent(
                    sequence: try row[0],
                    topic: try row[1],
                    division: try row[2],
                    units: units.split(separator: ",").compactMap { Int64($0) },
                    against: accused
                )
            }
        }
    }
}

extension JobKind {
    /// Live events are kept for a day; browsers that were away longer fetch everything again.
    static let liveRetention = JobKind("live.retention", everySeconds: 3600) { run in
        try await run.database.system(.background) { tx in
            _ = try tx.execute("DELETE FROM live_event WHERE at < \(tx.now.adding(hours: -24))")
        }
    }

    /// Delivered events are kept for a week, for `linli doctor`.
    static let eventRetention = JobKind("outbox.retention", everySeconds: 3600) { run in
        try await run.database.system(.background) { tx in
            _ = try tx.execute(
                """
                DELETE FROM event WHERE id IN (
                    SELECT e.id FROM event e WHERE e.at < \(tx.now.adding(days: -7))
                    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event_id = e.id)
                    LIMIT 5000
                )
                """
            )
        }
    }

    /// Which messages went out is remembered as long as their events could come again: a week.
    static let messageRetention = JobKind("messages.retention", everySeconds: 3600) { run in
        try await run.database.system(.background) { tx in
            _ = try tx.execute("DELETE FROM message_sent WHERE at < \(tx.now.adding(days: -7))")
        }
    }
}

extension Migration {
    /// The sequence browsers follow.
    static let live = Migration(
        "2026-11-22.04-live",
        """
        CREATE TABLE live_head (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            sequence INTEGER NOT NULL
        ) STRICT;
        INSERT INTO live_head (id, sequence) VALUES (1, 0);
        CREATE TABLE live_event (
            sequence INTEGER NOT NULL PRIMARY KEY,
            topic TEXT NOT NULL CHECK (length(topic) <= 80),
            division INTEGER,
            units TEXT NOT NULL CHECK (length(units) <= 1000),
            against INTEGER NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX live_event_at ON live_event (at);
        """
    )
}
