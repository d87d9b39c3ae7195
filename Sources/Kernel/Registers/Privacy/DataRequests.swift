import LinliCore
import LinliSQL
import LinliStandards

/// What somebody asks about their own data.
/// - Source: PIPL Art. 44 to 50
package enum DataRequestKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case link, correct, erase, restrict, release

    /// What people call it.
    package var name: Text {
        switch self {
        case .link: Text("关联我的登记", "Link my entry")
        case .correct: Text("更正信息", "Correct")
        case .erase: Text("删除信息", "Delete")
        case .restrict: Text("只保存、不使用", "Keep but do not use")
        case .release: Text("恢复使用", "Use it again")
        }
    }
}

/// A request about one's own data, as its list shows it.
package struct DataRequest: Sendable {
    /// Its identifier.
    package let id: ID<DataRequest>
    /// What is asked.
    package let kind: DataRequestKind
    /// About whom; nil while the account is linked to nobody.
    package let person: ID<Person>?
    /// The name of who asks.
    package let accountName: String
    /// Who asks.
    package let account: ID<Account>
    /// Where it is decided.
    package let division: DivisionCode
    /// When.
    package let openedAt: Instant
    /// By when there must be an answer.
    package let dueAt: Instant
    /// open, done, refused.
    package let state: String
    /// When it was decided.
    package let decidedAt: Instant?
    /// By whom; empty while it waits.
    package let decidedBy: String
    /// Why so; the person reads it.
    package let reason: String
    /// The sealed words.
    let sealed: [UInt8]?

    static let columns: SQL = """
        q.id, q.kind, q.person_id, a.name, q.account_id, q.division, q.opened_at, q.due_at, q.state, q.decided_at,
        q.decided_by, q.reason, q.text_sealed
        """

    init(_ row: Row) throws {
        id = try row[0]
        kind = try row[1]
        person = try row[2]
        accountName = try row[3]
        account = try row[4]
        division = try row[5]
        openedAt = try row[6]
        dueAt = try row[7]
        state = try row[8]
        decidedAt = try row[9]
        decidedBy = try row[10] ?? ""
        reason = try row[11] ?? ""
        sealed = try row[12]
    }
}

/// Asking about one's own data, and deciding it.
package struct DataRequests: Sendable {
    private let database: Database
    private let days: WorkingDays
    private let settings: RegisterSettings
    private let parts: RegisterParts

    /// The requests of a deployment; `parts` is what else is kept of people.
    package init(_ database: Database, _ days: WorkingDays, _ settings: RegisterSettings, _ parts: RegisterParts) {
        self.database = database
        self.days = days
        self.settings = settings
        self.parts = parts
    }

    /// Asks something; the clock of working days starts. One of a kind at a time.
    @discardableResult
    package func open(
        _ kind: DataRequestKind, of entry: ID<Person>?, _ text: String, _ context: Context
    ) async throws -> ID<DataRequest> {
        guard let account = context.actor.account else { throw LinliError.notFound("own.account") }
        if kind == .correct, text.trimmed.count < 2 {
            throw LinliError.invalid(
                "own.text", [.init("text", Text("请写哪里不对、应该是什么", "Please say what is wrong and what is right"))])
        }
        let person: PersonRecord? =
            if let entry { try await OwnEntries.own(entry, context, database) } else { nil }
        let (home, isOpen) = try await database.read { tx -> (DivisionCode?, Bool) in
            let home: DivisionCode?? = try tx.value("SELECT division FROM account WHERE id = \(account)")
            let isOpen = try tx.exists(
                """
                SELECT 1 FROM data_request WHERE account_id = \(account) AND kind = \(kind) AND state = 'open' LIMIT 1
                """)
            return (home ?? nil, isOpen)
        }
        guard !isOpen else {
            throw LinliError(
                .conflict, "own.open", Text("您已经提过，正在办，不用再提", "You have asked already; it is being worked on"))
        }
        guard let division = person?.division ?? home else {
            throw LinliError.invalid(
                "own.home", [.init("number", Text("请先在“我的”里选好住在哪个社区", "Please choose your community first"))])
        }
        let id: ID<DataRequest> = try database.newID()
        let sealed =
            try text.isEmpty
            ? nil
            : database.keys.seal(String(text.prefix(1000)), cell: Cell("data_request", "text_sealed", id.rawValue))
        let day = days.current.addingWorkingDays(settings.rightsDays, after: context.now.date).value
        let due = Instant(day, hour: 23, minute: 59)
        let rings = DataRequestClock.moments(dueAt: due, settings, days.current).first
        try await database.write(context, "own.ask") { tx in
            try tx.execute(
                """
                INSERT INTO data_request (id, account_id, person_id, kind, text_sealed, division, opened_at, due_at, state,
                    next_rung_at)
                VALUES (\(id), \(account), \(entry), \(kind), \(sealed), \(division), \(tx.now), \(due), 'open',
                    \(rings))
                """)
            try tx.audit(Subject("dataRequest", id, division: division), fields: [kind.rawValue])
            try tx.emit(
                "registers.asked", Subject("dataRequest", id, division: division), facts: ["what": kind.rawValue])
        }
        return id
    }

    /// The requests of an account, the newest first.
    package static func of(_ account: ID<Account>, _ tx: ReadTx) throws -> [DataRequest] {
        try tx.all(
            """
            SELECT \(DataRequest.columns) FROM data_request q JOIN account a ON a.id = q.account_id
            WHERE q.account_id = \(account) ORDER BY q.id DESC LIMIT 50
            """
        ) { try DataRequest($0) }
    }

    /// What waits for an answer in some divisions, what is due first.
    package static func waiting(in divisions: [DivisionCode], _ tx: ReadTx) throws -> [DataRequest] {
        try divisions.flatMap { code in
            try tx.all(
                """
                SELECT \(DataRequest.columns) FROM data_request q JOIN account a ON a.id = q.account_id
                WHERE q.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound) AND q.state = 'open'
                ORDER BY q.due_at, q.id LIMIT 100
                """
            ) { try DataRequest($0) }
        }.sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
    }

    /// A request with its words, for who decides it. The audit has that they were read.
    package func words(of id: ID<DataRequest>, _ context: Context) async throws -> (request: DataRequest, text: String)
    {
        let request = try await find(id, context)
        guard let sealed = request.sealed else { return (request, "") }
        let cell = Cell("data_request", "text_sealed", id.rawValue)
        let clear = try await database.reveal(
            context, purpose: ReadingPurpose.rights.rawValue,
            Subject("dataRequest", id, division: request.division), [(cell: cell, sealed: sealed)])
        return (request, clear.first ?? "")
    }

    /// A request as it stands, for who decides it.
    ///
    /// - Throws: `.notFound` for who does not.
    package func find(_ id: ID<DataRequest>, _ context: Context) async throws -> DataRequest {
        let found = try await database.read { tx in
            try tx.first(
                """
                SELECT \(DataRequest.columns) FROM data_request q JOIN account a ON a.id = q.account_id WHERE q.id = \(id)
                """
            ) { try DataRequest($0) }
        }
        guard let found, context.actor.may(.peopleReveal, in: found.division),
            context.actor.may(.peopleEdit, in: found.division)
        else { throw LinliError.notFound("own.request") }
        return found
    }

    /// Decides a request: does what was asked, or refuses with the reason. What was done stands in the audit and in the
    /// history of the entry.
    ///
    /// - Throws: `.invalid` for a refusal without reasons, and for a correction called done although nothing in the entry
    ///   changed and nothing says why; `.conflict` when it is decided already.
    package func decide(
        _ id: ID<DataRequest>, isGranted: Bool, reason: String, entry: ID<Person>? = nil, _ context: Context
    ) async throws {
        let request = try await find(id, context)
        guard request.account != context.actor.account else {
            throw LinliError(.conflict, "own.self", Text("自己的申请要由同事来办", "A colleague decides what you ask yourself"))
        }
        guard request.state == "open" else {
            throw LinliError(.conflict, "own.decided", Text("这件已经办过了", "This was decided already"))
        }
        let reason = PersonalNumbers.replacing(in: String(reason.trimmed.prefix(400))) { $0.masked }
        guard isGranted || reason.count >= 4 else {
            throw LinliError.invalid(
                "own.reason", [.init("reason", Text("不办要写明理由和依据", "Say why not, and on what ground"))])
        }
        guard let named = request.person ?? entry ?? (isGranted ? nil : ID(rawValue: 0)) else {
            throw LinliError.invalid(
                "own.entry", [.init("entry", Text("请写明是哪一条登记", "Please say which entry it is"))])
        }
        // One that was merged into another is that other one.
        let standing = try await database.read { tx in
            try RegisterQueries.survivor(of: RegisterSubject(.person, named), tx)
        }
        let person = ID<Person>(rawValue: standing.id)
        let erasing = try await prepared(request, person, isGranted, context)
        try await database.write(context, "own.decide") { tx in
            let count = try tx.execute(
                """
                UPDATE data_request SET state = \(isGranted ? "done" : "refused"), decided_at = \(tx.now),
                    decided_by = \(String(context.actor.name.prefix(60))), reason = \(reason), next_rung_at = NULL
                WHERE id = \(id) AND state = 'open'
                """)
            guard count == 1 else { throw LinliError(.conflict, "own.decided", Text("这件已经办过了", "Decided already")) }
            if isGranted {
                // Merged since it was read, it would be done to the entry that is there no more, and not to the one that is.
                guard try RegisterQueries.survivor(of: standing, tx) == standing else {
                    throw LinliError(
                        .conflict, "own.merged",
                        Text(
                            "刚才有人合并了这个人的登记，所以还没有办。请重新打开这件申请，再办一次",
                            "Somebody has just merged this person's entry, so nothing was done. Open the request again and decide it once more"
                        ))
                }
                try perform(request, person, reason, erasing, tx)
            }
            try tx.audit(
                Subject("dataRequest", id, division: request.division),
                fields: [request.kind.rawValue, isGranted ? "done" : "refused"])
        }
    }

    private func prepared(
        _ request: DataRequest, _ person: ID<Person>, _ isGranted: Bool, _ context: Context
    ) async throws -> RegisterErasing.Prepared? {
        guard isGranted else { return nil }
        let division = try await database.read { try RegisterQueries.person(person, $0)?.division }
        guard let division, context.actor.may(.peopleEdit, in: division) else {
            throw LinliError.invalid(
                "own.entry", [.init("entry", Text("没有这条登记，或不归您管", "There is no such entry among yours"))])
        }
        let subject = RegisterSubject(.person, person)
        switch request.kind {
        case .erase: return try RegisterErasing.Prepared(subject, database, .erased, source: "resident", parts)
        case .restrict: return try RegisterErasing.Prepared(subject, database, .restricted, source: "resident", parts)
        case .release: return try RegisterErasing.Prepared(subject, database, .released, source: "resident", parts)
        case .link, .correct: return nil
        }
    }

    private func perform(
        _ request: DataRequest, _ person: ID<Person>, _ reason: String, _ prepared: RegisterErasing.Prepared?,
        _ tx: WriteTx
    ) throws {
        switch request.kind {
        case .link:
            try OwnEntries.link(request.account, person, confirmedBy: tx.context.actor.account, tx)
            try tx.execute("UPDATE data_request SET text_sealed = NULL WHERE id = \(request.id)")
        case .correct: try Self.confirm(request, of: person, reason: reason, tx)
        case .erase, .restrict, .release: try prepared?.perform(tx)
        }
    }
}
