import LinliCore
import LinliSQL

/// A new version of a case type while somebody writes it; there is one of each type.
package struct CaseTypeDraft: Sendable {
    package let type: String
    package let yaml: String
    /// The version it was written from, 0 for a type of its own.
    package let base: Int
    /// Counts how often it was stored.
    package let revision: Int
    package let savedBy: String
    package let savedAt: Instant
}

/// Every SQL text about drafts and versions of case types.
package enum CaseTypeDrafts {
    /// Longest text of a definition in characters, as the table has it.
    package static let limit = 60_000

    /// The draft of a type.
    package static func find(_ type: String, _ tx: ReadTx) throws -> CaseTypeDraft? {
        try tx.first("\(columns) WHERE d.type = \(type)") { try draft($0) }
    }

    /// The types that have a draft.
    package static func types(_ tx: ReadTx) throws -> [String] {
        try tx.all("SELECT type FROM case_type_draft ORDER BY type") { try $0[0] }
    }

    private static let columns: SQL = """
        SELECT d.type, d.yaml, d.base, d.revision, a.name, d.saved_at
        FROM case_type_draft d LEFT JOIN account a ON a.id = d.saved_by
        """

    private static func draft(_ row: Row) throws -> CaseTypeDraft {
        CaseTypeDraft(
            type: try row[0], yaml: try row[1], base: try row[2], revision: try row[3], savedBy: try row[4] ?? "",
            savedAt: try row[5]
        )
    }

    /// The versions of a type that were published here, the newest first.
    package static func versions(_ type: String, _ tx: ReadTx) throws -> [PublishedVersion] {
        try tx.all(
            """
            SELECT v.version, v.published_at, a.name, v.reason
            FROM case_type_version v LEFT JOIN account a ON a.id = v.published_by
            WHERE v.type = \(type) ORDER BY v.version DESC
            """
        ) { try PublishedVersion($0) }
    }

    /// The text of a published version.
    package static func text(_ type: String, version: Int, _ tx: ReadTx) throws -> String? {
        try tx.value("SELECT yaml FROM case_type_version WHERE type = \(type) AND version = \(version)")
    }

    /// How many cases of a type are open, none of them against one of `hidden`, by version.
    package static func running(
        _ type: String, apartFrom hidden: [ID<Unit>] = [], _ tx: ReadTx
    ) throws -> [Int: Int] {
        var running: [Int: Int] = [:]
        try tx.each(
            """
            SELECT type_version, count(*) FROM case_item
            WHERE is_open = 1 AND type = \(type)\(SQL.apart(from: hidden, "against_unit")) GROUP BY type_version
            """
        ) { running[try $0[0]] = try $0[1] }
        return running
    }
}

/// What administrators do with case types: each a write with its audit entry.
package struct CaseTypeCommands: Sendable {
    private let database: Database
    private let types: CaseTypes

    /// Commands over the store and the types of a deployment.
    package init(_ database: Database, types: CaseTypes) {
        self.database = database
        self.types = types
    }

    /// Whether somebody may change what cases of the whole deployment go by: with a duty over a street or wider.
    package static func mayChange(_ actor: Actor) -> Bool {
        actor.isWide(for: .caseTypesManage)
    }

    /// Stores a draft as it is, right or not; `revision` is the one its writer saw, 0 when there was none. A draft that
    /// was written from a version that is not in force any more, because a newer program came with another or somebody
    /// published one, would take back what that one changed: it is stored only by who says which they `compared` it with.
    ///
    /// - Throws: `.invalid` for what is too long or belongs to another type, `.conflict` when somebody stored another, or
    ///   the version in force was not compared.
    package func save(
        _ yaml: String, of type: String, revision: Int, compared: Int? = nil, _ context: Context
    ) async throws {
        try check(context, yaml, type)
        let base = types.newest(type)?.version ?? 0
        try await database.write(context, "caseTypes.saveDraft") { tx in
            let stored = try CaseTypeDrafts.find(type, tx)
            guard stored?.revision ?? 0 == revision else { throw CaseTypeCommands.changed(stored) }
            if let stored, stored.base != base, compared != base { throw CaseTypeCommands.outrun(stored, base) }
            try tx.execute(
                """
                INSERT INTO case_type_draft (type, yaml, base, revision, saved_by, saved_at)
                VALUES (\(type), \(yaml), \(base), 1, \(context.actor.account), \(tx.now))
                ON CONFLICT (type) DO UPDATE SET yaml = excluded.yaml, base = excluded.base,
                    revision = case_type_draft.revision + 1, saved_by = excluded.saved_by, saved_at = excluded.saved_at
                """
            )
            try tx.audit(Subject("caseTypeDraft", Int64(revision + 1)), fields: ["draft", type], values: [yaml])
        }
    }

    /// Throws a draft away.
    ///
    /// - Throws: `.conflict` when somebody stored another meanwhile.
    package func discard(_ type: String, revision: Int, _ context: Context) async throws {
        guard CaseTypeCommands.mayChange(context.actor) else { throw LinliError.forbidden("caseTypes") }
        try await database.write(context, "caseTypes.discardDraft") { tx in
            let stored = try CaseTypeDrafts.find(type, tx)
            guard let stored, stored.revision == revision else { throw CaseTypeCommands.changed(stored) }
            try tx.execute("DELETE FROM case_type_draft WHERE type = \(type)")
            try tx.audit(Subject("caseTypeDraft", Int64(revision)), fields: ["discarded", type])
        }
    }

    /// Makes the stored draft the version new cases begin with; running ones keep theirs.
    ///
    /// - Throws: `.invalid` naming each line that is wrong or the missing reason, `.conflict` when draft or current
    ///   version changed meanwhile.
    package func publish(
        _ type: String, revision: Int, reason: String, _ context: Context
    ) async throws -> CaseType {
        guard CaseTypeCommands.mayChange(context.actor) else { throw LinliError.forbidden("caseTypes") }
        let reason = try PublishedVersion.reason(reason, "caseTypes.reason")
        let current = types.newest(type)?.version ?? 0
        let largest = types.largestVersion(type)
        let published = try await database.write(context, "caseTypes.publishDraft") { tx in
            guard let draft = try CaseTypeDrafts.find(type, tx), draft.revision == revision, draft.base == current
            else { throw CaseTypeCommands.changed(try CaseTypeDrafts.find(type, tx)) }
            let (_, problems) = CaseTypeLoader.look(draft.yaml, as: type, above: largest)
            guard problems.isEmpty else { throw CaseTypeProblem.refused(problems) }
            let published = try types.publish(draft.yaml, reason: reason, tx)
            try tx.execute("DELETE FROM case_type_draft WHERE type = \(type)")
            return published
        }
        try await types.load(database)
        return published
    }

    private func check(_ context: Context, _ yaml: String, _ type: String) throws {
        guard CaseTypeCommands.mayChange(context.actor) else { throw LinliError.forbidden("caseTypes") }
        guard CaseTypeCommands.isName(type) else {
            throw LinliError.invalid(
                "caseTypes.id",
                [.init("id", Text("代号用小写字母开头的英文字母，2 到 40 个", "Two to forty letters, the first one small"))]
            )
        }
        guard yaml.unicodeScalars.count <= CaseTypeDrafts.limit else {
            throw LinliError.invalid("caseTypes.long", [.init("yaml", Text("太长了", "That is too long"))])
        }
    }

    /// Whether a word can name a type: letters, the first one small.
    package static func isName(_ word: String) -> Bool {
        (2...40).contains(word.utf8.count) && word.allSatisfy { $0.isASCII && $0.isLetter }
            && word.first?.isLowercase == true
    }

    private static func outrun(_ draft: CaseTypeDraft, _ base: Int) -> LinliError {
        LinliError(
            .conflict, "caseTypes.outrun",
            Text(
                "这份草稿是照第 \(draft.base) 版写的，现行的已是第 \(base) 版。请对照下面列出的差别，勾上“已对照”再存",
                "This draft was written from version \(draft.base), but version \(base) is in force now. Compare the changes listed below, tick that you did, and store it again"
            )
        )
    }

    private static func changed(_ draft: CaseTypeDraft?) -> LinliError {
        let by = draft.map { Text("（\($0.savedBy)）", " (\($0.savedBy))") } ?? Text(same: "")
        return LinliError(
            .conflict, "caseTypes.changed",
            Text(
                "这期间草稿或现行版本有人改过\(by.zh)。您写的还在下面，请对照后再存一次",
                "The draft or the version in force was changed meanwhile\(by.en). What you wrote is below; compare, then store it again"
            )
        )
    }
}

extension CaseTypeLoader {
    /// Reads a text that is to be the next version of a type: the type when it can be read, and everything wrong.
    package static func look(
        _ yaml: String, as id: String, above largest: Int
    ) -> (type: CaseType?, problems: [CaseTypeProblem]) {
        let type: CaseType
        do {
            type = try load(yaml)
        } catch let error as CaseTypeProblem.Several {
            return (nil, error.problems.sorted { $0.line < $1.line })
        } catch {
            return (nil, [CaseTypeProblem(line: 0, text: Text(same: "\(error)"))])
        }
        var problems: [CaseTypeProblem] = []
        if type.id != id {
            let text = Text("“id”要是 \(id)", "\"id\" must be \(id)")
            problems.append(.init(line: line(of: "id:", in: yaml), text: text))
        }
        if type.version <= largest {
            let place = line(of: "version:", in: yaml)
            let text = Text("“version”要是 \(largest + 1) 或更大", "\"version\" must be \(largest + 1) or more")
            problems.append(.init(line: place, text: text))
        }
        return (type, problems)
    }

    private static func line(of key: String, in yaml: String) -> Int {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.firstIndex { $0.hasPrefix(key) } ?? -1) + 1
    }

    /// The text with another number of its version, and another id and prefix of its numbers where they are given.
    package static func renumbered(
        _ yaml: String, version: Int, id: String? = nil, prefix: String? = nil
    ) -> String {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            if line.hasPrefix("version:") { return "version: \(version)" }
            if let id, line.hasPrefix("id:") { return "id: \(id)" }
            if let prefix, line.hasPrefix("numberPrefix:") { return "numberPrefix: \(prefix)" }
            return String(line)
        }
        return lines.joined(separator: "\n")
    }
}

extension CaseTypeProblem {
    /// What is wrong as a refusal of the form.
    static func refused(_ problems: [CaseTypeProblem]) -> LinliError {
        LinliError.invalid("caseTypes.draft", problems.prefix(20).map { .init("yaml", $0.placed) })
    }
}
