import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// The box that finds everything.
enum SearchRoutes {
    static let all: [Route] = [
        .get("/desk/find", access: .staff, find),
        .post("/desk/find", access: .staff, findNumber),
        .get("/desk/find/ahead", access: .permission(.peopleRead), ahead),
    ]

    /// How many cases stand below the rest; the search of cases lists all.
    static let caseLimit = 5

    private static func find(_ request: Request, _ services: Services) async throws -> Reply {
        var page = SearchPage(request, services)
        let words = page.words
        let now = request.context.now
        // Four characters may be anything; whose plate ends so is asked from the page of what else they are.
        let isPlate = request.query["as"] == "plate"
        let number = RegisterFinder.WholeNumber(words, isAsked: isPlate, today: now.date)
        page.asksForNumber = page.mayFindByNumber && number != nil
        page.isEnd = number?.isEnd ?? false
        let actor = request.context.actor
        let (scope, near) = (actor.scope(for: .peopleRead), near(actor))
        let caseScope = actor.scope(for: .casesRead)
        let (kind, after, isFirst) = (page.kind, request.query["after"].flatMap { Int64($0) }, page.isFirst)
        let names = services.divisions
        // A number is asked about on purpose, by the button: it is noted who asked.
        guard !words.isEmpty, !page.asksForNumber else { return .page(page.page) }
        (page.hits, page.places, page.cases) = try await services.database.read { tx in
            (
                try RegisterFinder.find(words, kind, in: scope, near: near, after: after, names: names, tx),
                kind == nil && isFirst ? try RegisterFinder.places(words, in: scope, names: names, tx) : [],
                kind == nil && isFirst ? try CaseSearch.find(words, caseScope, at: now, tx).rows : []
            )
        }
        page.hasMoreCases = page.cases.count > caseLimit
        page.cases = Array(page.cases.prefix(caseLimit))
        return .page(page.page)
    }

    private static func findNumber(_ request: Request, _ services: Services) async throws -> Reply {
        var page = SearchPage(request, services)
        guard page.mayFindByNumber,
            let number = RegisterFinder.WholeNumber(page.words, isAsked: true, today: request.context.now.date)
        else { return .redirect(address("/desk/find", [("q", page.words)])) }
        page.isEnd = number.isEnd
        guard let purpose = request.form["purpose"].flatMap({ ReadingPurpose(rawValue: $0) }) else {
            page.asksForNumber = true
            page.error = LinliError.invalid(
                "registers.purpose", [.init("purpose", Text("请选用途", "Please choose what for"))])
            return .page(page.page, status: 422)
        }
        page.hits.hits = try await RegisterFinder.people(
            with: number, for: purpose, note: page.note, request.context, services.database)
        page.isByNumber = true
        return Reply.page(page.page).adding("cache-control", "no-store")
    }

    /// What somebody walks or works in lies nearest: the smallest of their divisions.
    static func near(_ actor: Actor) -> [DivisionCode] {
        let divisions = actor.grants.compactMap { grant -> DivisionCode? in
            guard case .division(let code) = grant.subject else { return nil }
            return code
        }
        return Set(divisions).filter { $0.level >= .community }.sorted { ($1.level, $0) < ($0.level, $1) }
    }

    /// A few hits while somebody types: `{"hits":[{"kind","title","detail","path"}]}`.
    private static func ahead(_ request: Request, _ services: Services) async throws -> Reply {
        let words = String((request.query["q"] ?? "").prefix(SearchPage.longest))
        let actor = request.context.actor
        let (scope, near) = (actor.scope(for: .peopleRead), near(actor))
        let isNumber = RegisterFinder.WholeNumber(words, today: request.context.now.date) != nil
        let hits =
            words.isEmpty || isNumber
            ? []
            : try await services.database.read {
                try RegisterFinder.find(words, in: scope, near: near, limit: 8, names: services.divisions, $0).hits
            }
        let hasPages = SearchPage.hasPages(services)
        let language = request.context.language
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("hits")
            writer.array { writer in
                for hit in hits {
                    writer.object { writer in
                        writer.field("kind", hit.kindName[language])
                        writer.field("title", hit.title)
                        writer.field("detail", hit.detail.joined(separator: " "))
                        writer.field("path", hasPages ? SearchPage.path(hit) : nil)
                    }
                }
            }
        }
        return .json(writer)
    }
}
