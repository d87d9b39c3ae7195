import LinliCore
import LinliSQL
import LinliStandards

/// A key: a name and a secret by which a program of somebody else is known. It acts for no account.
package struct ProgramKey: Sendable {
    /// Its identifier.
    package let id: ID<ProgramKey>
    /// What the operator calls the program.
    package let name: String
    /// When it was made.
    package let createdAt: Instant
    /// When it ended; nil while it holds.
    package let revokedAt: Instant?

    static let columns: SQL = "k.id, k.name, k.created_at, k.revoked_at"

    init(_ row: Row) throws {
        id = try row[0]
        name = try row[1]
        createdAt = try row[2]
        revokedAt = try row[3]
    }

    /// The program as an actor: its name stands in the audit.
    package var actor: Actor { Actor(.key(id, name: name), name: name) }
}

/// Making and ending the keys of programs, for the operator.
package struct ProgramKeys: Sendable {
    private let database: Database

    /// Commands over `database`.
    package init(_ database: Database) {
        self.database = database
    }

    /// Makes a key; it is shown once and stored as a hash.
    ///
    /// - Throws: `.invalid` for a name of another length than 1 to 40, with line ends or with a phone or citizen number,
    ///   because it stands in the audit; `.conflict` when a key that holds has this name.
    package func make(_ name: String, _ context: Context) async throws -> String {
        let name = name.trimmed
        guard (1...40).contains(name.unicodeScalars.count), !name.contains(where: \.isNewline) else {
            throw LinliError.invalid(
                "keys.name", [.init("name", Text("名称应为 1 到 40 个字", "A name has 1 to 40 characters"))]
            )
        }
        guard PersonalNumbers.find(in: name).isEmpty else {
            throw LinliError.invalid(
                "keys.name", [.init("name", Text("名称里不要写手机号或证件号", "No phone or citizen number in a name"))]
            )
        }
        let key = randomToken()
        let hash = ProgramKeys.hash(key, database)
        try await database.write(context, "keys.make") { tx in
            guard try ProgramKeysStore.find(named: name, tx) == nil else {
                throw LinliError(
                    .conflict,
                    "keys.twice",
                    Text("已经有叫这个名字的密钥，请先作废", "A key of this name exists already; revoke it first")
                )
            }
            let id = try ProgramKeysStore.insert(name, hash, tx)
            try tx.audit(Subject("key", id), fields: ["key"], values: [name])
        }
        return key
    }

    /// Ends the key of a name at once.
    ///
    /// - Throws: `.notFound` when no key that holds has this name.
    package func revoke(_ name: String, _ context: Context) async throws {
        let name = name.trimmed
        try await revoke(context) { try ProgramKeysStore.find(named: name, $0) }
    }

    /// Ends a key at once.
    ///
    /// - Throws: `.notFound` when there is no such key that holds.
    package func revoke(_ id: ID<ProgramKey>, _ context: Context) async throws {
        try await revoke(context) { try ProgramKeysStore.find(id, $0) }
    }

    private func revoke(_ context: Context, _ find: @escaping @Sendable (ReadTx) throws -> ProgramKey?) async throws {
        try await database.write(context, "keys.revoke") { tx in
            guard let key = try find(tx) else {
                throw LinliError(.notFound, "keys.unknown", Text("没有叫这个名字的密钥", "There is no key of this name"))
            }
            try ProgramKeysStore.revoke(key.id, tx)
            try tx.audit(Subject("key", key.id), fields: ["revoked"])
        }
    }

    /// Every key there ever was, the oldest first.
    package func all() async throws -> [ProgramKey] {
        try await database.read { try ProgramKeysStore.all($0) }
    }

    static func hash(_ key: String, _ database: Database) -> [UInt8] { database.keys.tokenHash("key:\(key)") }
}

extension Request {
    /// The same request, made by the program whose key it carries; unchanged on routes without keys.
    ///
    /// - Throws: `.forbidden` for a key that is wrong or over, and for none where one is required.
    package func admitted(to route: Route, _ database: Database) async throws -> Request {
        guard case .key(let isRequired) = route.access else { return self }
        guard let given = form["api_key"] ?? query["api_key"] else {
            guard isRequired else { return self }
            throw LinliError(
                .forbidden, "keys.missing", Text("请在 api_key 里给出密钥", "Give your key as api_key")
            )
        }
        let hash = ProgramKeys.hash(given, database)
        guard let key = try await database.read({ try ProgramKeysStore.find(hash, $0) }) else {
            throw LinliError(
                .forbidden, "keys.wrong", Text("密钥 api_key 不对，或者已经作废", "This api_key is wrong, or was revoked")
            )
        }
        return with(context.acting(as: key.actor))
    }
}

/// Every SQL text about keys of programs.
enum ProgramKeysStore {
    static func find(_ hash: [UInt8], _ tx: ReadTx) throws -> ProgramKey? {
        try tx.first(
            "SELECT \(ProgramKey.columns) FROM program_key k WHERE k.key_hash = \(hash) AND k.revoked_at IS NULL"
        ) { try ProgramKey($0) }
    }

    static func find(named name: String, _ tx: ReadTx) throws -> ProgramKey? {
        try tx.first(
            "SELECT \(ProgramKey.columns) FROM program_key k WHERE k.name = \(name) AND k.revoked_at IS NULL"
        ) { try ProgramKey($0) }
    }

    static func find(_ id: ID<ProgramKey>, _ tx: ReadTx) throws -> ProgramKey? {
        try tx.first("SELECT \(ProgramKey.columns) FROM program_key k WHERE k.id = \(id) AND k.revoked_at IS NULL") {
            try ProgramKey($0)
        }
    }

    static func all(_ tx: ReadTx) throws -> [ProgramKey] {
        try tx.all("SELECT \(ProgramKey.columns) FROM program_key k ORDER BY k.id LIMIT 1000") { try ProgramKey($0) }
    }

    static func insert(_ name: String, _ hash: [UInt8], _ tx: WriteTx) throws -> ID<ProgramKey> {
        let id = try tx.newID(ProgramKey.self)
        try tx.execute(
            "INSERT INTO program_key (id, name, key_hash, created_at) VALUES (\(id), \(name), \(hash), \(tx.now))"
        )
        return id
    }

    static func revoke(_ id: ID<ProgramKey>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE program_key SET revoked_at = \(tx.now) WHERE id = \(id)")
    }
}

extension Migration {
    /// Keys of programs: a name holds once at a time.
    static let programKeys = Migration(
        "2026-11-25.40-program-keys",
        """
        CREATE TABLE program_key (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
            key_hash BLOB NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX program_key_name ON program_key (name) WHERE revoked_at IS NULL;
        """
    )
}
