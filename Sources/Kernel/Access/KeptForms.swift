import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Forms that arrived after their session was over: kept encrypted while their person signs in, because what somebody
/// typed is not theirs to lose.
package enum KeptForms {
    /// A form as it was sent.
    package struct Kept: Sendable, Codable {
        /// Where it goes.
        package let action: String
        /// Its fields, in their order.
        package let fields: [Field]
        /// Whether photos may have come with it, which are not kept.
        package let losesPhotos: Bool

        /// A form as it was sent.
        package init(action: String, fields: [Field], losesPhotos: Bool) {
            self.action = action
            self.fields = fields
            self.losesPhotos = losesPhotos
        }
    }

    /// One field of it.
    package struct Field: Sendable, Codable {
        package let name: String
        package let value: String

        /// A field.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How long signing in may take.
    /// - Source: configured, no source
    static let minutes = 60
    /// The largest form that is kept.
    private static let limit = 64 << 10

    /// Keeps a form; returns the token that opens it, which is stored nowhere, or nil when it is too large to keep.
    package static func keep(_ form: Kept, _ database: Database) async throws -> String? {
        let text = String(decoding: try JSONEncoder().encode(form), as: UTF8.self)
        guard text.utf8.count <= limit else { return nil }
        let token = randomToken()
        let hash = database.keys.tokenHash("form:kept:\(token)")
        let sealed = try database.keys.seal(text, cell: cell(hash))
        try await database.system { tx in
            _ = try tx.execute("INSERT INTO kept_form (token_hash, sealed, at) VALUES (\(hash), \(sealed), \(tx.now))")
        }
        return token
    }

    /// The form a token opens; nil when there is none or it is too old.
    package static func open(_ token: String, _ database: Database) async throws -> Kept? {
        let hash = database.keys.tokenHash("form:kept:\(token)")
        let oldest = database.clock.now.adding(minutes: -minutes)
        let sealed: [UInt8]? = try await database.read { tx in
            try tx.value("SELECT sealed FROM kept_form WHERE token_hash = \(hash) AND at > \(oldest)")
        }
        guard let sealed else { return nil }
        let text = try database.keys.open(sealed, cell: cell(hash))
        return try JSONDecoder().decode(Kept.self, from: Data(text.utf8))
    }

    /// A row that is found by a hash: a part of it stands for the row.
    private static func cell(_ hash: [UInt8]) -> Cell {
        let row = hash.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Cell("kept_form", "sealed", Int64(bitPattern: row))
    }
}

extension Migration {
    /// Forms kept while somebody signs in.
    static let keptForms = Migration(
        "2026-11-25.43-kept-forms",
        """
        CREATE TABLE kept_form (
            token_hash BLOB NOT NULL PRIMARY KEY,
            sealed BLOB NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX kept_form_at ON kept_form (at);
        """
    )
}
