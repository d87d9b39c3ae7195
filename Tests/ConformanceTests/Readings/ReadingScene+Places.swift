import LinliKernel
import LinliTestSupport

/// Which addresses the walk asks for.
extension ReadingScene {
    /// What the scene has for a pattern: its beginning that is known, and the parameters behind it; empty for one that nobody
    /// said how to ask.
    func addresses(of route: Route) -> [String] {
        let pattern = route.path
        guard pattern.contains(":") else {
            // What needs more than its path says so where doors are tried.
            return [RouteSample.all[ReadingWalk.name(route)]?.path ?? pattern]
        }
        let parts = pattern.split(separator: "/")
        for count in stride(from: parts.count, to: 0, by: -1) {
            let beginning = "/" + parts.prefix(count).joined(separator: "/")
            guard let real = places[beginning] else { continue }
            let rest = parts.dropFirst(count).map(String.init)
            let filled = rest.compactMap { $0.hasPrefix(":") ? ReadingScene.words[$0] : $0 }
            guard filled.count == rest.count else { return [] }
            return real.map { ([$0] + filled).joined(separator: "/") }
        }
        return []
    }

    /// What stands for parameters that name no person, wherever they are.
    private static let words: [String: String] = [
        ":step": "nothing", ":transition": "nothing", ":label": "nothing", ":link": "0000000000000",
        ":request": "0000000000000", ":file": "0000000000000", ":grant": "0000000000000", ":home": "0000000000000",
        ":token": "0000000000000",
    ]

    /// Whether a path is of things that hold nobody's closely kept data: borders, units, places, rules, rosters, pictures
    /// of the program, drafts and codes of others. A new one begins otherwise, or belongs here.
    func isNobodys(_ pattern: String) -> Bool { ReadingScene.nobodys.contains { pattern.hasPrefix($0) } }

    private static let nobodys = [
        "/admin/units/", "/admin/places/", "/admin/rosters/", "/admin/grids/", "/admin/grid-plans/",
        "/admin/grid-roles/",
        "/admin/holidays/", "/admin/case-types/", "/admin/dispatch/", "/admin/divisions/", "/api/v1/admin/units/",
        "/api/v1/admin/places/",
        "/api/v1/admin/place-shapes", "/api/v1/admin/rosters/", "/api/v1/admin/grids/", "/api/v1/admin/grid-plans/",
        "/api/v1/admin/holidays/", "/api/v1/admin/case-types/", "/api/v1/admin/dispatch/", "/api/v1/admin/divisions/",
        "/api/v1/admin/keys/", "/api/v1/tokens/", "/me/tokens/", "/api/v1/templates/", "/api/v1/views/",
        "/api/v1/wall-codes/",
        "/api/v1/following/", "/desk/templates/", "/desk/views/", "/desk/wall-codes/", "/desk/supervised/",
        "/desk/follow-up/", "/desk/visits/plans/", "/api/v1/visit-plans/", "/neighbourhood/following/", "/q/:code",
        "/pass/:token", "/setup/:token", "/continue/:token", "/assets/", "/vendor/", "/tiles/",
        // Rounds of the grid's own workers: where they went, which is read for a reason, and codes on walls.
        "/grid/patrols/", "/desk/patrols/", "/api/v1/patrols/", "/api/v1/patrol-routes/",
        "/desk/warnings/", "/api/v1/warnings/", "/admin/warnings", "/api/v1/admin/warnings",
        // Sheets somebody is looking at: theirs alone, and gone when they are brought.
        "/desk/sheets/", "/desk/orders/import/", "/desk/paste/photos/",
        "/api/v1/register-sheets", "/api/v1/register-imports/",
    ]

    /// What answers nobody here, and why that is right.
    static let quiet: Set<String> = [
        // The case of the scene is nobody's but its parties', and nothing of it is public.
        "GET /join/:number", "GET /neighbourhood/:number", "GET /neighbourhood/:number/photos/:file",
        "GET /api/v1/neighbourhood/:number", "GET /api/v1/neighbourhood/:number/photos/:file",
        "GET /open311/v2/:resource/:entry",
        // No photo and no signature hangs there.
        "GET /registers/:kind/:id/photos/:file", "GET /api/v1/registers/:kind/:id/photos/:file",
        "GET /registers/places/:place/photos/:file", "GET /api/v1/places/:place/photos/:file",
        "GET /desk/care/offers/:offer/photos/:file", "GET /grid/visits/:id/photos/:file",
        "GET /api/v1/care/offers/:offer/photos/:file", "GET /api/v1/visits/:id/photos/:file",
        "GET /api/v1/visits/:id/signature",
        "GET /grid/visits/:id/signature", "GET /desk/orders/:id/sheet", "GET /api/v1/orders/:number/sheet",
        // A page of a kind, which the kinds alone are not; a slip for a visit that is over.
        "GET /registers/:kind/new", "GET /grid/visits/:id/slip", "GET /visit/:code",
        // They want a place, a household or a moment in their query.
        "GET /grid/visits/new", "GET /live", "GET /outbox/token",
        "GET /api/v1/grids/locate", "GET /api/v1/units", "GET /api/v1/neighbourhood", "GET /metrics",
        "GET /report/similar", "GET /api/v1/similar",
        "GET /report/suggest", "GET /neighbourhood/map.geojson", "GET /sign-in/second", "GET /api/v1/admin/grid-plans",
    ]

    /// The last words of paths that only change something and lead on; what they answer is looked at all the same.
    static let steps: Set<String> = [
        ":entry", ":file", ":grant", ":id", ":kind", ":label", ":link", ":number", ":request", ":resource",
        ":service", ":step", ":transition", "absence", "accounts", "against", "answer", "answers", "ask",
        "ask-exclude", "ask-extend", "ask-pause", "assign", "assignment", "away", "back", "bulk", "caller",
        "case-types", "cases", "change", "classification", "classify", "close", "columns", "confirm", "confirm-kind",
        "confirmation", "consents",
        "contact", "contacts", "date",
        "decide", "decision", "deliveries", "dispatch", "done", "duties", "end", "everywhere",
        "files", "find", "follow-up", "following", "forms", "grants", "grid-plans", "grid-trial", "grids", "holidays",
        "joins", "labels", "lift", "link", "links", "merge", "messages", "minutes", "miss", "move", "new", "note",
        "notes",
        "offers", "order-results", "orders", "part", "parts", "patrol-routes", "patrols", "photos", "place-import",
        "place", "places", "plans", "preferences", "profiling", "publication", "publicity", "receipts", "register",
        "remove-photo", "reopen",
        "replies", "reply", "report", "requests", "reset", "resume", "rounds", "ruling", "rulings", "score", "scores",
        "second", "seen", "services", "sessions", "setup", "sheets", "sign-in", "sign-in-for", "sign-ins", "sign-out",
        "split", "supervise", "supervision", "sync", "take", "task", "tasks", "templates", "transitions", "trial",
        "unchanged", "units", "unlock", "urgency", "views", "visit-codes", "visit-plans", "visits", "wall-codes",
        "well", "whistle", "whistles", "withdraw",
    ]
}
