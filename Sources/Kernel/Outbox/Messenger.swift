import LinliCore
import LinliSQL

/// Sends short messages; the driver decides how. A message is for one person and never logged in clear by a real driver.
package protocol Messenger: Sendable {
    /// Sends a text to a phone number.
    ///
    /// The same key is the same message, sent again because the program was ended before it could write down that it went
    /// out, or got no answer. A driver hands the key on to a gateway that knows such keys, or keeps a book of its own; one
    /// that can do neither may send a message twice in that one case.
    func send(_ text: Text, to phone: String, key: MessageKey) async throws
}

/// When people are written to; what cannot wait goes out at any hour.
enum MessageHours {
    /// Between these hours.
    /// - Source: configured, no source
    static let day = 8..<21

    /// The next moment at which somebody may be written to.
    static func daytime(_ moment: Instant) -> Instant {
        if day.contains(moment.hour) { return moment }
        let isEarly = moment.hour < day.lowerBound
        return Instant(isEarly ? moment.date : moment.date.adding(days: 1), hour: day.lowerBound)
    }
}

/// What tells one message from another and the same one from itself; it says nothing of who gets it.
package struct MessageKey: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// The key of what an event is told to one phone.
    init(_ event: Event, _ phone: String, _ keys: KeyRing) {
        description = keys.secret(of: "message-key:\(event.id):\(phone)")
    }

    /// A key of its own, for what is never sent again.
    package static func fresh() -> MessageKey { MessageKey(description: randomToken()) }

    private init(description: String) {
        self.description = description
    }
}

extension Messenger {
    /// Sends what an event says to a phone, once: what is known to have gone out is not sent again when the event comes a
    /// second time, because another message of it failed or the program was ended. Between the driver taking it and the
    /// note of that lies a moment in which only the driver can tell, by the key.
    func sendOnce(_ text: Text, to phone: String, about event: Event, _ database: Database) async throws {
        let key = MessageKey(event, phone, database.keys)
        let isOut = try await database.read {
            try $0.exists("SELECT 1 FROM message_sent WHERE id = \(key.description)")
        }
        guard !isOut else { return }
        try await send(text, to: phone, key: key)
        try await database.system(.claim) { tx in
            _ = try tx.execute(
                """
                INSERT INTO message_sent (id, at) VALUES (\(key.description), \(tx.now)) ON CONFLICT (id) DO NOTHING
                """
            )
        }
    }
}

extension Migration {
    /// Which messages went out, by keys that say nothing of who got them.
    static let messagesSent = Migration(
        "2026-11-29.45-messages-sent",
        """
        CREATE TABLE message_sent (
            id TEXT NOT NULL PRIMARY KEY CHECK (length(id) <= 40),
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX message_sent_at ON message_sent (at);
        """
    )
}
