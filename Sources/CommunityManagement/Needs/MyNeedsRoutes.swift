import LinliCore
import LinliKernel

/// One's own cases as a list, and finding one by its receipt.
enum MyNeedsRoutes {
    static let all: [Route] = [
        .get("/mine", access: .signedIn, mine),
        .get("/find", access: .public) { request, _ in .page(MyNeedsPages.find(typed: "", nil, request.formToken)) },
        .post("/find", access: .public, find),
    ]

    /// How many cases a page lists.
    private static let pageSize = 20

    private static func mine(_ request: Request, _ services: Services) async throws -> Reply {
        guard let account = request.context.actor.account else { throw LinliError.notFound("needs.account") }
        let tab = request.query["tab"].flatMap { MyCaseTab(rawValue: $0) }
        let before: ID<Case>? = request.query.id("before")
        let queries = services.queries
        let (counts, chosen, rows) = try await services.database.read { tx in
            let counts = try queries.mineCounts(of: account, tx)
            // Without a choice: what waits for the reader's answer first, then what is open, then everything.
            let chosen = tab ?? [.rating, .open].first { counts[$0, default: 0] > 0 } ?? .all
            let rows = try queries.mine(chosen, of: account, before: before, limit: pageSize + 1, tx)
            return (counts, chosen, rows)
        }
        let model = MyNeedsModel(
            tab: chosen, counts: counts, cases: Array(rows.prefix(pageSize)), hasMore: rows.count > pageSize,
            now: request.context.now
        )
        return .page(MyNeedsPages.list(model))
    }

    private static func find(_ request: Request, _ services: Services) async throws -> Reply {
        let typed = request.form["receipt"] ?? ""
        do {
            let token = receipt(in: typed)
            _ = try await services.queries.caseID(receipt: token)
            return .redirect(CasePath.receipt(token))
        } catch let error as LinliError where error.kind == .notFound {
            let problem = LinliError.invalid(
                "needs.find",
                [
                    .init(
                        "receipt",
                        Text(
                            "没有找到这个回执，请核对编码，或者把整条链接粘进来",
                            "No such receipt: please check the code, or paste the whole link"
                        )
                    )
                ]
            )
            return .page(MyNeedsPages.find(typed: typed, problem, request.formToken), status: 422)
        }
    }

    /// The receipt's secret in what somebody typed: the link or the code alone, in any case, with letters that look like
    /// digits taken for digits.
    static func receipt(in typed: String) -> String {
        var code = typed.trimmed.lowercased()
        if let end = code.firstIndex(where: { "?#".contains($0) }) { code = String(code[..<end]) }
        let last = code.split(separator: "/").last.map(String.init) ?? ""
        return String(
            last.compactMap { character -> Character? in
                switch character {
                case "o": "0"
                case "i", "l": "1"
                case " ", "-": nil
                default: character
                }
            }
        )
    }
}
