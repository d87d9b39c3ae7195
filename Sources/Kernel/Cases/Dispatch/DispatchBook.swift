import LinliCore
import LinliSQL
import LinliStandards
import Synchronization

/// The rules and the catalogue of duties in force, kept in memory by every node.
package final class DispatchBook: Sendable {
    private struct Content: Sendable {
        var duties: DutyCatalogue
        var rules: [DispatchRule]
    }

    private let categories: EventCatalogue
    private let content: Mutex<Content>

    /// The shipped catalogue and no rules, until `load`.
    package init(_ categories: EventCatalogue) throws {
        self.categories = categories
        let duties = try DutyCatalogue(DutyCatalogue.shippedText(), version: 0, categories: categories)
        content = Mutex(Content(duties: duties, rules: []))
    }

    /// The catalogue in force.
    package var duties: DutyCatalogue { content.withLock { $0.duties } }
    /// The rules, in order.
    package var rules: [DispatchRule] { content.withLock { $0.rules } }

    /// Reads what is in force; a published catalogue that cannot be read any more leaves the one before.
    package func load(_ database: Database) async throws {
        let (rules, newest) = try await database.read { tx -> ([DispatchRule], (Int, String)?) in
            let newest = try tx.first("SELECT version, text FROM duty_catalogue ORDER BY version DESC LIMIT 1") {
                (try $0[0] as Int, try $0[1] as String)
            }
            return (try DispatchStore.rules(tx), newest)
        }
        let published = try newest.map { try DutyCatalogue($0.1, version: $0.0, categories: categories) }
        content.withLock { content in
            content.rules = rules
            if let published { content.duties = published }
        }
    }
}

extension Migration {
    /// Rules of dispatch and published catalogues of duties.
    static let dispatch = Migration(
        "2026-11-25.12-dispatch",
        """
        CREATE TABLE dispatch_rule (
            id INTEGER NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
            division INTEGER NOT NULL,
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            categories TEXT NOT NULL CHECK (length(categories) <= 1000),
            natures TEXT NOT NULL CHECK (length(natures) <= 100),
            spots TEXT NOT NULL CHECK (length(spots) <= 100),
            words TEXT NOT NULL CHECK (length(words) <= 1000),
            from_minute INTEGER CHECK (from_minute BETWEEN 0 AND 1440),
            until_minute INTEGER CHECK (until_minute BETWEEN 0 AND 1440),
            answer TEXT NOT NULL CHECK (length(answer) <= 100),
            is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))
        ) STRICT;
        CREATE TABLE duty_catalogue (
            version INTEGER NOT NULL PRIMARY KEY,
            text TEXT NOT NULL CHECK (length(text) <= 65536),
            note TEXT NOT NULL CHECK (length(note) <= 200),
            published_by INTEGER REFERENCES account (id),
            published_at INTEGER NOT NULL
        ) STRICT;
        """
    )
}
