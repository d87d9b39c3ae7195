import LinliCore
import LinliKernel
import LinliSQL

/// A line of the audit as an auditor reads it.
struct AuditLine: Sendable {
    let id: Int64
    let at: Instant
    /// `account`, `anonymous`, `receipt`, `key:name` or `system:job`.
    let actorKind: String
    let actorID: Int64
    let command: String
    let subject: Subject
    /// Names of what changed or was read.
    let fields: [String]
    let reason: String?
    let requestID: String
    /// The batch it is sealed in; nil for the newest.
    let batch: Int64?
    /// The duties the account held then.
    var roles: [String] = []
}

/// Which lines are looked for.
struct AuditFilter: Sendable {
    var subjectKind: String?
    var subjectID: Int64?
    /// A command, or with a dot at its end everything that begins so: `registers.`.
    var command: String?
    /// From the beginning of the first day to the end of the last.
    var first: CivilDate?
    var last: CivilDate?
    /// The last line that was looked at.
    var after: Int64?

    /// What the audit notes about a look at itself: which filters, and what they were set to.
    var fields: [String] {
        let names = [
            subjectKind == nil ? nil : "subject", command == nil ? nil : "command",
            first == nil && last == nil ? nil : "time",
        ].compactMap { $0 }
        return names.isEmpty ? ["everything"] : names
    }

    /// The same in words, none of them a person's.
    var reason: String? {
        let words = [
            subjectKind.map { kind in kind + (subjectID.map { "/\(ID<Subject>(rawValue: $0))" } ?? "") }, command,
            first.map { "\($0)–" }, last.map { "–\($0)" },
        ].compactMap { $0 }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}

/// How far the audit is sealed.
struct AuditSeal: Sendable {
    /// The newest batch, what it ends with, when it was sealed; zero and nothing before the first.
    var batch: Int64 = 0
    var root: [UInt8] = []
    var sealedAt: Instant?
    /// Lines that wait, counted to `AuditTrailStore.counted`, and since when the oldest does.
    var waiting = 0
    var waitingSince: Instant?
}

/// Every SQL text of reading the audit.
enum AuditTrailStore {
    /// How many lines are looked through for one page, and how many stand on it.
    struct Limits: Sendable {
        var examined = 20_000
        var shown = 50
    }

    /// Up to how many waiting lines are counted.
    static let counted = 10_000

    /// A page of lines, the newest first, and the line to go on after; nil when there is none.
    ///
    /// `divisions` are what an auditor of a part may read; nil for all of it. What belongs nowhere is for who audits the
    /// whole. Lines of cases against one of `hidden` are left out: an auditor who works there is kept away like everybody.
    static func page(
        _ filter: AuditFilter, in divisions: [DivisionCode]?, apartFrom hidden: [ID<Unit>] = [], at now: Instant,
        _ limits: Limits, _ tx: ReadTx
    ) throws -> (lines: [AuditLine], next: Int64?) {
        let candidates = try candidates(filter, at: now, tx)
        var conditions: [SQL] = []
        if let command = filter.command {
            // A slash is what follows a dot.
            conditions.append(
                command.hasSuffix(".")
                    ? "c.command >= \(command) AND c.command < \(command.dropLast() + "/")"
                    : "c.command = \(command)")
        }
        if let divisions { conditions.append(inside("c.division", divisions)) }
        if !hidden.isEmpty {
            conditions.append(
                """
                (c.subject_kind <> 'case' OR EXISTS (SELECT 1 FROM case_item i
                WHERE i.id = c.subject_id\(SQL.apart(from: hidden, "i.against_unit"))))
                """)
        }
        // Without conditions that no index knows, the look ends as soon as the page is full.
        let query: SQL =
            conditions.isEmpty
            ? "\(candidates) LIMIT \(limits.shown + 1)"
            : """
            SELECT c.id, c.at, c.actor_kind, c.actor_id, c.command, c.subject_kind, c.subject_id, c.division, c.fields,
                c.reason, c.request_id, c.batch
            FROM (\(candidates) LIMIT \(limits.examined)) c WHERE \(SQL.joined(conditions, separator: " AND "))
            ORDER BY c.at DESC, c.id DESC LIMIT \(limits.shown + 1)
            """
        let found = try tx.all(query, decode)
        if found.count > limits.shown {
            let shown = Array(found.prefix(limits.shown))
            return (try withRoles(shown, tx), shown.last?.id)
        }
        guard !conditions.isEmpty else { return (try withRoles(found, tx), nil) }
        // Few were found: perhaps only because the look ended. Then the next one goes on where it did.
        let last: Int64? = try tx.value(
            "SELECT l.id FROM (\(candidates) LIMIT 1 OFFSET \(limits.examined - 1)) l"
        )
        return (try withRoles(found, tx), last)
    }

    /// How far the audit is sealed.
    static func seal(_ tx: ReadTx) throws -> AuditSeal {
        var seal =
            try tx.first("SELECT sequence, chained, sealed_at FROM audit_batch ORDER BY sequence DESC LIMIT 1") { row in
                AuditSeal(batch: try row[0], root: try row[1], sealedAt: try row[2])
            } ?? AuditSeal()
        seal.waiting =
            try tx.value(
                """
                SELECT count(*) FROM
                (SELECT w.id FROM audit_entry w WHERE w.batch IS NULL ORDER BY w.id LIMIT \(counted)) q
                """) ?? 0
        seal.waitingSince = try tx.value(
            "SELECT w.at FROM audit_entry w WHERE w.batch IS NULL ORDER BY w.id LIMIT 1")
        return seal
    }

    // MARK: Pieces

    /// Lines by subject and time, the newest first, as far as an index leads.
    private static func candidates(_ filter: AuditFilter, at now: Instant, _ tx: ReadTx) throws -> SQL {
        let first = filter.first.map { Instant($0) } ?? Instant(milliseconds: 0)
        // What is written while somebody reads may be a moment ahead of them.
        let end = filter.last.map { Instant($0.adding(days: 1)) } ?? now.adding(days: 1)
        var conditions: [SQL] = ["e.at >= \(first)", "e.at < \(end)"]
        if let after = filter.after {
            guard let at: Instant = try tx.value("SELECT at FROM audit_entry WHERE id = \(after)") else {
                throw LinliError.notFound("audit.after")
            }
            conditions.append("e.at <= \(at) AND (e.at < \(at) OR e.id < \(after))")
        }
        if let kind = filter.subjectKind { conditions.append("e.subject_kind = \(kind)") }
        if let id = filter.subjectID { conditions.append("e.subject_id = \(id)") }
        return """
            SELECT e.id, e.at, e.actor_kind, e.actor_id, e.command, e.subject_kind, e.subject_id, e.division, e.fields,
                e.reason, e.request_id, e.batch
            FROM audit_entry e WHERE \(SQL.joined(conditions, separator: " AND ")) ORDER BY e.at DESC, e.id DESC
            """
    }

    private static func decode(_ row: Row) throws -> AuditLine {
        let fields: String = try row[8]
        return AuditLine(
            id: try row[0], at: try row[1], actorKind: try row[2], actorID: try row[3], command: try row[4],
            subject: Subject(try row[5], try row[6], division: try row[7]),
            fields: fields.split(separator: ",").map(String.init), reason: try row[9], requestID: try row[10],
            batch: try row[11]
        )
    }

    private static func inside(_ column: SQL, _ divisions: [DivisionCode]) -> SQL {
        let ranges = divisions.map { code -> SQL in
            column + " BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        return ranges.isEmpty ? "1 = 0" : "(" + SQL.joined(ranges, separator: " OR ") + ")"
    }

    /// With the duties each account held when the line was written.
    private static func withRoles(_ lines: [AuditLine], _ tx: ReadTx) throws -> [AuditLine] {
        let accounts = Set(lines.filter { $0.actorKind == "account" }.map(\.actorID)).sorted()
        guard !accounts.isEmpty else { return lines }
        var duties: [Int64: [(role: String, from: Instant, until: Instant?)]] = [:]
        try tx.each(
            """
            SELECT g.account_id, g.role, g.valid_from, g.valid_until FROM access_grant g
            WHERE g.account_id IN \(SQL.list(accounts)) ORDER BY g.id
            """
        ) { row in
            duties[try row[0], default: []].append((role: try row[1], from: try row[2], until: try row[3]))
        }
        return lines.map { line in
            guard line.actorKind == "account", let held = duties[line.actorID] else { return line }
            var line = line
            for duty in held where duty.from <= line.at && (duty.until.map { $0 > line.at } ?? true) {
                if !line.roles.contains(duty.role) { line.roles.append(duty.role) }
            }
            return line
        }
    }
}
