import LinliCore
import LinliSQL

/// The next rules of warnings while somebody writes them; there is one draft.
package struct WarningBookDraft: Sendable {
    /// The rules as they were typed, right or not.
    package let text: String
    /// The version they were written from, 0 for the shipped one.
    package let base: Int
    /// Counts how often it was stored.
    package let revision: Int
    /// By whom it was stored last.
    package let savedBy: String
    /// When.
    package let savedAt: Instant
}

/// Every SQL text about drafts and versions of the rules of warnings.
package enum WarningBooks {
    /// Longest text in characters.
    package static let limit = WarningBookLoader.limit

    /// The draft, where there is one.
    package static func draft(_ tx: ReadTx) throws -> WarningBookDraft? {
        try tx.first(
            """
            SELECT d.text, d.base, d.revision, a.name, d.saved_at
            FROM warning_draft d LEFT JOIN account a ON a.id = d.saved_by WHERE d.id = 1
            """
        ) {
            WarningBookDraft(
                text: try $0[0], base: try $0[1], revision: try $0[2], savedBy: try $0[3] ?? "", savedAt: try $0[4])
        }
    }

    /// The version in force, 0 for the shipped one.
    package static func version(_ tx: ReadTx) throws -> Int {
        try tx.value("SELECT coalesce(max(version), 0) FROM warning_book") ?? 0
    }

    /// The versions that were published, the newest first.
    package static func history(_ tx: ReadTx) throws -> [PublishedVersion] {
        try tx.all(
            """
            SELECT b.version, b.published_at, a.name, b.reason
            FROM warning_book b LEFT JOIN account a ON a.id = b.published_by ORDER BY b.version DESC LIMIT 50
            """
        ) { try PublishedVersion($0) }
    }

    /// The text of a version, 0 for the shipped one.
    package static func text(_ version: Int, _ tx: ReadTx) throws -> String? {
        guard version > 0 else { return try WarningBook.shippedText() }
        return try tx.value("SELECT text FROM warning_book WHERE version = \(version)")
    }

    /// Reads a text: the book when it can be read, and everything wrong with its line.
    package static func look(_ text: String) -> (book: WarningBook?, problems: [LabelProblem]) {
        do {
            return (try WarningBook.read(text), [])
        } catch let error as LabelProblem.Several {
            return (nil, error.problems)
        } catch {
            return (nil, [LabelProblem(line: 0, text: Text("读不懂：\(error)", "It cannot be read: \(error)"))])
        }
    }
}

/// What administrators do with the rules of warnings: each a write with its audit entry.
package struct WarningBookCommands: Sendable {
    private let database: Database

    /// Commands over `database`.
    package init(_ database: Database) { self.database = database }

    /// Whether somebody may change what every neighbourhood of the deployment goes by: with a duty over a street or wider.
    package static func mayChange(_ actor: Actor) -> Bool {
        actor.isWide(for: .registersManage)
    }

    /// Stores the draft as it is, right or not; `revision` is the one its writer saw, 0 when there was none. A draft that
    /// was written from rules that are not in force any more is stored only by who says which version they `compared` it
    /// with: published as it is, it would take back what that one changed.
    ///
    /// - Throws: `.invalid` for what is too long, `.conflict` when somebody stored another, or the version in force was
    ///   not compared.
    package func save(_ text: String, revision: Int, compared: Int? = nil, _ context: Context) async throws {
        try check(context)
        guard text.unicodeScalars.count <= WarningBooks.limit else {
            throw LinliError.invalid("warnings.long", [.init("text", Text("太长了", "That is too long"))])
        }
        try await database.write(context, "warnings.saveDraft") { tx in
            let stored = try WarningBooks.draft(tx)
            guard stored?.revision ?? 0 == revision else { throw WarningBookCommands.changed(stored) }
            let base = try WarningBooks.version(tx)
            if let stored, stored.base != base, compared != base { throw WarningBookCommands.outrun(stored, base) }
            try tx.execute(
                """
                INSERT INTO warning_draft (id, text, base, revision, saved_by, saved_at)
                VALUES (1, \(text), \(base), 1, \(context.actor.account), \(tx.now))
                ON CONFLICT (id) DO UPDATE SET text = excluded.text, base = excluded.base,
                    revision = warning_draft.revision + 1, saved_by = excluded.saved_by, saved_at = excluded.saved_at
                """
            )
            try tx.audit(Subject("warningDraft", Int64(revision + 1)), fields: ["draft"], values: [text])
        }
    }

    /// Throws the draft away.
    ///
    /// - Throws: `.conflict` when somebody stored another meanwhile, or there is none.
    package func discard(revision: Int, _ context: Context) async throws {
        try check(context)
        try await database.write(context, "warnings.discardDraft") { tx in
            let stored = try WarningBooks.draft(tx)
            guard let stored, stored.revision == revision else { throw WarningBookCommands.changed(stored) }
            try tx.execute("DELETE FROM warning_draft WHERE id = 1")
            try tx.audit(Subject("warningDraft", Int64(revision)), fields: ["discarded"])
        }
    }

    /// Makes the stored draft what signals are looked at by; those heard before are looked at again by and by, and
    /// warnings that stand stay.
    ///
    /// - Throws: `.invalid` naming each line that is wrong or the missing reason, `.conflict` when draft or rules in force
    ///   changed meanwhile.
    package func publish(revision: Int, reason: String, _ context: Context) async throws {
        try check(context)
        let reason = try PublishedVersion.reason(reason, "warnings.reason")
        try await database.write(context, "warnings.publishDraft", reason: reason) { tx in
            let (draft, version) = (try WarningBooks.draft(tx), try WarningBooks.version(tx))
            guard let draft, draft.revision == revision, draft.base == version else {
                throw WarningBookCommands.changed(draft)
            }
            let problems = WarningBooks.look(draft.text).problems
            guard problems.isEmpty else { throw WarningBookCommands.refused(problems) }
            try tx.execute(
                """
                INSERT INTO warning_book (version, text, reason, published_by, published_at)
                VALUES (\(version + 1), \(draft.text), \(reason), \(context.actor.account), \(tx.now))
                """
            )
            try tx.execute("DELETE FROM warning_draft WHERE id = 1")
            try tx.audit(Subject("warningBook", Int64(version + 1)), fields: ["text"], values: [draft.text])
        }
    }

    private func check(_ context: Context) throws {
        guard WarningBookCommands.mayChange(context.actor) else { throw LinliError.forbidden("warnings.rules") }
    }

    /// What is wrong as a refusal of the form.
    package static func refused(_ problems: [LabelProblem]) -> LinliError {
        LinliError.invalid("warnings.book", problems.prefix(20).map { .init("text", $0.placed) })
    }

    private static func outrun(_ draft: WarningBookDraft, _ base: Int) -> LinliError {
        LinliError(
            .conflict, "warnings.outrun",
            Text(
                "这份草稿是照第 \(draft.base) 版写的，现行的已是第 \(base) 版。请对照后勾上“已对照”再存",
                "This draft was written from version \(draft.base), but version \(base) is in force now. Compare them, tick that you did, and store it again"
            ))
    }

    private static func changed(_ draft: WarningBookDraft?) -> LinliError {
        let by = draft.map { Text("（\($0.savedBy)）", " (\($0.savedBy))") } ?? Text(same: "")
        return LinliError(
            .conflict, "warnings.changed",
            Text(
                "这期间草稿或现行规则有人改过\(by.zh)。您写的还在下面，请对照后再存一次",
                "The draft or the rules in force were changed meanwhile\(by.en). What you wrote is below; compare, then store it again"
            ))
    }
}
