import LinliCore
import LinliKernel

/// The page of the audit, and what it and the API have in common.
enum AuditTrailRoutes {
    static let all: [Route] = [
        .get("/admin/audit", access: .permission(.auditRead), show)
    ]

    /// What a look finds.
    struct Found: Sendable {
        var lines: [AuditLine]
        var next: Int64?
        var seal: AuditSeal
        /// Whether the reader audits all of it.
        var isWhole: Bool
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let query = request.query
        var page = AuditTrailPage(
            kind: String((query["kind"] ?? "").prefix(40)), id: String((query["id"] ?? "").prefix(20)),
            command: String((query["command"] ?? "").prefix(60)), first: String((query["from"] ?? "").prefix(10)),
            last: String((query["until"] ?? "").prefix(10)), now: request.context.now, names: services.divisions
        )
        do {
            let filter = try filter(query)
            page.found = try await look(filter, request.context, services)
            return .page(page.page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            page.error = error
            return .page(page.page, status: status)
        }
    }

    /// What a query asks for.
    ///
    /// - Throws: an error of a kind, `.invalid` or for programs `.malformed`, naming each field that is no filter.
    static func filter(_ query: Form, orThrow kind: LinliError.Kind = .invalid) throws -> AuditFilter {
        var filter = AuditFilter()
        var problems: [LinliError.Field] = []
        let isWord: (String) -> Bool = { text in
            text.utf8.count <= 60 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }
        }
        if let kind = query["kind"], !isWord(kind) {
            problems.append(.init("kind", Text("只能是字母，例如 case", "Letters only, such as case")))
        }
        filter.subjectKind = query["kind"]
        if let text = query["id"] {
            filter.subjectID = ID<Subject>(text)?.rawValue
            if filter.subjectID == nil || filter.subjectKind == nil {
                problems.append(
                    .init("id", Text("编号是 13 位，和种类一起填", "An identifier has 13 characters and goes with a kind")))
            }
        }
        if let command = query["command"], !isWord(command) {
            let text = Text("例如 accounts.grant，或 registers.", "Such as accounts.grant, or registers.")
            problems.append(.init("command", text))
        }
        filter.command = query["command"]
        for (name, path) in [("from", \AuditFilter.first), ("until", \AuditFilter.last)] {
            guard let text = query[name] else { continue }
            filter[keyPath: path] = CivilDate(text)
            if filter[keyPath: path] == nil { problems.append(.init(name, Text("日期不对", "That is not a date"))) }
        }
        if let first = filter.first, let last = filter.last, last < first {
            problems.append(.init("until", Text("不能早于开始那天", "Not before the first day")))
        }
        if let after = query["after"] { filter.after = ID<AuditLine>(after)?.rawValue ?? 0 }
        guard let problem = problems.first else { return filter }
        throw LinliError(kind, "audit.filter", problem.text, fields: problems)
    }

    /// Looks, after the look itself stands in the audit.
    static func look(_ filter: AuditFilter, _ context: Context, _ services: Services) async throws -> Found {
        let (fields, reason) = (filter.fields, filter.reason)
        try await services.database.write(context, "audit.read", reason: reason) { tx in
            try tx.audit(Subject("audit", 0), fields: fields)
        }
        let divisions = context.actor.scope(for: .auditRead).divisions
        let hidden = context.actor.scope.interests
        let now = context.now
        return try await services.database.read { tx in
            let tops = try DivisionsStore.tops(at: now, tx)
            let isWhole = !tops.isEmpty && tops.allSatisfy { context.actor.may(.auditRead, in: $0) }
            let page = try AuditTrailStore.page(
                filter, in: isWhole ? nil : divisions, apartFrom: hidden, at: now, .init(), tx)
            return Found(lines: page.lines, next: page.next, seal: try AuditTrailStore.seal(tx), isWhole: isWhole)
        }
    }
}
