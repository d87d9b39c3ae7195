import Foundation
import LinliSQL
import Synchronization

/// The small store of these tests: people of 幸福里 and what they need.
enum Schema {
    static let people = Migration(
        "2026-11-22.1-people",
        """
        CREATE TABLE person (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
            phone TEXT UNIQUE,
            score REAL,
            photo BLOB
        ) STRICT;
        CREATE TABLE need (
            id INTEGER PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES person (id),
            due INTEGER,
            claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)),
            UNIQUE (person_id, due)
        ) STRICT;
        CREATE TABLE sample (
            id INTEGER PRIMARY KEY, number INTEGER, score REAL, note TEXT, photo BLOB
        ) STRICT;
        CREATE TABLE counter (id INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT;
        INSERT INTO counter (id, value) VALUES (1, 0);
        """
    )

    static let search = Migration(
        "2026-11-22.2-search",
        "",
        sqlite: """
            CREATE VIRTUAL TABLE need_text USING fts5 (body, tokenize = "unicode61 remove_diacritics 0");
            """,
        postgres: """
            CREATE TABLE need_text (rowid BIGINT PRIMARY KEY, body TSVECTOR NOT NULL);
            CREATE INDEX need_text_body ON need_text USING gin (body);
            """
    )

    static let all = [people, search]
}

extension Connection {
    /// Somebody of the given name.
    func insertPerson(_ id: Int, _ name: String = "张桂兰", phone: String? = nil) throws {
        try execute("INSERT INTO person (id, name, phone) VALUES (\(id), \(name), \(phone))")
    }

    /// Every person's id, in order.
    func personIDs() throws -> [Int] {
        try all("SELECT id FROM person ORDER BY id") { try $0[0] }
    }
}

/// What `body` throws, if it is the store's error.
func failure(of body: () async throws -> Void) async -> SQLError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? SQLError
    }
}

/// A value that closures on several threads share.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func withLock<T: Sendable>(_ body: (inout Value) -> T) -> T {
        state.withLock { body(&$0) }
    }
}

/// Waits without holding up a thread of Swift's small pool.
func wait(for semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            _ = semaphore.wait(timeout: .now() + 10)
            continuation.resume()
        }
    }
}
