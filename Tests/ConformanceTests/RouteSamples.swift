import LinliKernel

/// A real address for a route whose path has parameters, and who gets through.
struct RouteSample: Sendable {
    /// What stands in place of the parameters and behind them.
    let path: String
    /// The fields of the form; none of them is enough to change anything.
    var form: [(String, String)] = []
    /// Who gets an answer; everybody else must get 404 or 403.
    let may: Set<Person>

    init(_ path: String, _ form: [(String, String)] = [], may: Set<Person>) {
        self.path = path
        self.form = form
        self.may = may
    }

    /// Whose divisions and rights include the complaint of these tests.
    static let handlers: Set<Person> = [.gridWorker, .worker, .dispatcher, .unverified, .program]
    private static let seers = handlers.union([.reporter])
    private static let dispatchers: Set<Person> = [.dispatcher, .unverified, .program]
    private static let orderStaff = handlers.union([.accused])
    private static let importers = dispatchers.union([.otherDispatcher])
    static let administrators: Set<Person> = [.administrator]
    static let registrars: Set<Person> = [.administrator, .auditor]
    static let everyone = Person.everyone
    /// Who looks after the homes of these tests.
    static let neighbours: Set<Person> = [.gridWorker, .worker]

    /// Every route with parameters, by method and pattern, and what needs more than its path.
    static let all = [gridPrograms, ofPlaces, ofPrograms, ofCases].reduce(listed) {
        $0.merging($1) { first, _ in first }
    }

    private static let listed: [String: RouteSample] = [
        // Of the reporter, by account.
        "GET /cases/:id": .init("/cases/:case", may: seers),
        "GET /cases/:id/fragment": .init("/cases/:case/fragment", may: [.reporter]),
        "GET /cases/:id/photos/:file": .init("/cases/:case/photos/:file", may: seers),
        "POST /cases/:id/:step": .init("/cases/:case/note", may: seers),
        // By receipt: whoever holds it is the reporter, whoever else they are.
        "GET /r/:token": .init("/r/:token", may: everyone),
        "GET /r/:token/fragment": .init("/r/:token/fragment", may: everyone),
        "POST /r/:token/:step": .init("/r/:token/note", may: everyone),
        // Joining: nobody joins a complaint, which is what these tests are about.
        "GET /join/:number": .init("/join/SJ20261122-9999", may: []),
        "POST /join/:number": .init("/join/SJ20261122-9999", may: []),
        // Codes on walls: those that are not there; these tests would revoke one.
        "GET /q/:code": .init("/q/00000000", may: []),
        "GET /desk/wall-codes/:id/print": .init("/desk/wall-codes/0000000000000/print", may: []),
        "POST /desk/wall-codes/:id/revoke": .init("/desk/wall-codes/0000000000000/revoke", may: []),
        // A picture on its way into a case: only the form that keeps it can name it.
        "GET /desk/paste/photos/:proof": .init("/desk/paste/photos/0000000000000.NOPROOF", may: []),
        // People and offers that are not there: nobody learns whether they are.
        "GET /desk/care/people/:id": .init("/desk/care/people/0000000000000", may: []),
        "POST /desk/care/people/:id": .init("/desk/care/people/0000000000000", may: []),
        "POST /desk/care/people/:id/:step": .init("/desk/care/people/0000000000000/offer", may: []),
        "POST /desk/care/offers/:offer/:step": .init("/desk/care/offers/0000000000000/end", may: []),
        "GET /desk/care/offers/:offer/photos/:file": .init(
            "/desk/care/offers/0000000000000/photos/0000000000000", may: []),
        "GET /desk/care/services/:service": .init("/desk/care/services/nothing", may: []),
        "POST /desk/care/services/:service": .init("/desk/care/services/nothing", may: []),
        // Forms and rounds that are not there.
        "GET /desk/forms/:id": .init("/desk/forms/0000000000000", may: []),
        "POST /desk/forms/:id/:step": .init("/desk/forms/0000000000000/retire", may: []),
        "GET /desk/forms/rounds/:round": .init("/desk/forms/rounds/0000000000000", may: []),
        "POST /desk/forms/rounds/:round/answers": .init("/desk/forms/rounds/0000000000000/answers", may: []),
        "POST /desk/forms/rounds/:round/paste": .init("/desk/forms/rounds/0000000000000/paste", may: []),
        "POST /desk/forms/rounds/:round/done": .init("/desk/forms/rounds/0000000000000/done", may: []),
        "POST /desk/forms/rounds/:round/file": .init("/desk/forms/rounds/0000000000000/file", may: []),
        // Visits and passes that are not there: codes open them, and these tests would end one.
        "GET /grid/visits/:id": .init("/grid/visits/0000000000000", may: []),
        "GET /grid/visits/new": .init("/grid/visits/new?household=0000000000000", may: []),
        "POST /grid/visits/new": .init("/grid/visits/new", may: []),
        "GET /grid/visits/:id/slip": .init("/grid/visits/0000000000000/slip", may: []),
        "GET /grid/visits/:id/photos/:file": .init("/grid/visits/0000000000000/photos/0000000000000", may: []),
        "GET /grid/visits/:id/signature": .init("/grid/visits/0000000000000/signature", may: []),
        "POST /grid/visits/:id/follow-up": .init("/grid/visits/0000000000000/follow-up", may: []),
        "POST /grid/visits/:id/unchanged": .init("/grid/visits/0000000000000/unchanged", may: []),
        "POST /grid/visits/:id/done": .init("/grid/visits/0000000000000/done", may: []),
        "POST /grid/visits/:id/miss": .init("/grid/visits/0000000000000/miss", may: []),
        "POST /grid/visits/:id/withdraw": .init("/grid/visits/0000000000000/withdraw", may: []),
        "POST /desk/visits/plans/:id/end": .init("/desk/visits/plans/0000000000000/end", may: []),
        // Rounds and warnings that are not there.
        "POST /grid/patrols": .init("/grid/patrols", may: []),
        "GET /grid/patrols/at/:code": .init("/grid/patrols/at/0000000000000-aaaaaaaa", may: []),
        "GET /grid/patrols/:id": .init("/grid/patrols/0000000000000", may: []),
        "POST /grid/patrols/:id/finish": .init("/grid/patrols/0000000000000/finish", may: []),
        "POST /grid/patrols/:id/track": .init("/grid/patrols/0000000000000/track", may: []),
        "GET /grid/patrols/:id/points/:point": .init("/grid/patrols/0000000000000/points/0000000000000", may: []),
        "POST /grid/patrols/:id/points/:point/normal": .init(
            "/grid/patrols/0000000000000/points/0000000000000/normal", may: []),
        "POST /grid/patrols/:id/points/:point/finding": .init(
            "/grid/patrols/0000000000000/points/0000000000000/finding", may: []),
        "GET /desk/patrols/:id/edit": .init("/desk/patrols/0000000000000/edit", may: []),
        "POST /desk/patrols/:id/edit": .init("/desk/patrols/0000000000000/edit", may: []),
        "POST /desk/patrols/:id/end": .init("/desk/patrols/0000000000000/end", may: []),
        "GET /desk/patrols/:id/codes": .init("/desk/patrols/0000000000000/codes", may: []),
        "POST /desk/patrols/tracks/:patrol": .init("/desk/patrols/tracks/0000000000000", [("reason", "x")], may: []),
        "POST /desk/warnings/:id/acknowledge": .init("/desk/warnings/0000000000000/acknowledge", may: []),
        "POST /desk/warnings/:id/dismiss": .init("/desk/warnings/0000000000000/dismiss", [("reason", "x")], may: []),
        "POST /desk/warnings/:id/visit": .init("/desk/warnings/0000000000000/visit", may: []),
        "POST /desk/warnings/:id/case": .init("/desk/warnings/0000000000000/case", may: []),
        "GET /visit/:code": .init("/visit/0123456789ab", may: []),
        "POST /visit/:code/move": .init("/visit/0123456789ab/move", may: []),
        "POST /visit/:code/well": .init("/visit/0123456789ab/well", may: []),
        "GET /pass/:token": .init("/pass/0000000000000.1.0123456789abcdef", may: everyone),
        // Work from phones: nobody has any that is undecided.
        "POST /grid/phone/entries/:id": .init("/grid/phone/entries/0000000000000", may: []),
        // The desk.
        "POST /desk/cases/:id/merge": .init("/desk/cases/:case/merge", may: dispatchers),
        "POST /desk/cases/:id/split": .init("/desk/cases/:case/split", may: dispatchers),
        "GET /desk/cases/:id": .init("/desk/cases/:case", may: handlers),
        "GET /desk/cases/:id/pane": .init("/desk/cases/:case/pane", may: handlers),
        "GET /desk/cases/:id/fragment": .init("/desk/cases/:case/fragment", may: handlers),
        "POST /desk/cases/:id/note": .init("/desk/cases/:case/note", may: handlers),
        "POST /desk/cases/:id/classify": .init(
            "/desk/cases/:case/classify", [("nature", "x")], may: handlers
        ),
        "POST /desk/cases/:id/urgency": .init("/desk/cases/:case/urgency", [("urgent", "yes")], may: dispatchers),
        // The complaint hides who made it: who does not receive for the office is not asked for a purpose either.
        "POST /desk/cases/:id/reveal": .init("/desk/cases/:case/reveal", may: dispatchers),
        "POST /desk/cases/:id/evidence.pdf": .init("/desk/cases/:case/evidence.pdf", may: dispatchers),
        "POST /desk/cases/:id/evidence.json": .init("/desk/cases/:case/evidence.json", may: dispatchers),
        "POST /desk/cases/:id/ask-pause": .init("/desk/cases/:case/ask-pause", may: handlers),
        "POST /desk/cases/:id/ask-extend": .init("/desk/cases/:case/ask-extend", may: handlers),
        "POST /desk/cases/:id/ask-exclude": .init("/desk/cases/:case/ask-exclude", may: handlers),
        "POST /desk/cases/:id/requests/:request": .init(
            "/desk/cases/:case/requests/0000000000000", may: dispatchers),
        "POST /desk/cases/:id/resume": .init("/desk/cases/:case/resume", may: handlers),
        "POST /desk/cases/:id/contact": .init("/desk/cases/:case/contact", may: handlers),
        "POST /desk/cases/:id/part": .init("/desk/cases/:case/part", may: handlers),
        "POST /desk/cases/:id/:transition": .init("/desk/cases/:case/dispatch", may: dispatchers),
        "POST /desk/cases/:id/assign": .init("/desk/cases/:case/assign", may: handlers),
        "POST /desk/templates/:id/remove": .init("/desk/templates/0000000000000/remove", may: []),
        "POST /desk/views/:id/remove": .init("/desk/views/0000000000000/remove", may: []),
        "POST /desk/cases/:id/supervise": .init("/desk/cases/:case/supervise", may: dispatchers),
        "POST /desk/supervised/:id/answer": .init("/desk/supervised/0000000000000/answer", [("text", "x")], may: []),
        "POST /desk/supervised/:id/lift": .init("/desk/supervised/0000000000000/lift", [("text", "x")], may: []),
        // Cases that are not there: these forms could change the one of these tests.
        "POST /desk/cases/:id/against": .init("/desk/cases/0000000000000/against", may: []),
        "POST /desk/cases/:id/publication": .init("/desk/cases/0000000000000/publication", may: []),
        // A whistle for the complaint of these tests: the community's people and who supervises see it, the unit
        // complained about does not, and the forms are too empty to change anything.
        "GET /desk/cases/:id/whistle": .init("/desk/cases/:case/whistle", may: handlers),
        "POST /desk/cases/:id/whistle": .init("/desk/cases/:case/whistle", may: handlers),
        "GET /desk/whistles/:id": .init("/desk/whistles/:whistle", may: handlers),
        "GET /desk/whistles/:id/fragment": .init("/desk/whistles/:whistle/fragment", may: handlers),
        "POST /desk/whistles/:id/confirm": .init("/desk/whistles/:whistle/confirm", may: []),
        "POST /desk/whistles/:id/withdraw": .init("/desk/whistles/:whistle/withdraw", may: handlers),
        "POST /desk/whistles/:id/answer": .init("/desk/whistles/:whistle/answer", may: handlers),
        "POST /desk/whistles/:id/sign-in": .init("/desk/whistles/:whistle/sign-in", may: []),
        "POST /desk/whistles/:id/sign-in-for": .init("/desk/whistles/:whistle/sign-in-for", may: handlers),
        "POST /desk/whistles/:id/minutes": .init("/desk/whistles/:whistle/minutes", may: handlers),
        "POST /desk/whistles/:id/task": .init("/desk/whistles/:whistle/task", may: [.gridWorker, .worker]),
        "POST /desk/whistles/:id/close": .init("/desk/whistles/:whistle/close", may: []),
        "POST /desk/whistles/:id/score": .init("/desk/whistles/:whistle/score", may: dispatchers),
        "POST /desk/whistles/:id/contact": .init("/desk/whistles/:whistle/contact", may: []),
        // The map of the grid the complaint lies in.
        "GET /desk/map": .init("/desk/map?under=110101001901001", may: handlers),
        "GET /desk/map/shapes": .init("/desk/map/shapes?under=110101001901001", may: handlers),
        "GET /desk/map/figures": .init("/desk/map/figures?under=110101001901001", may: handlers),
        "GET /desk/map/points": .init("/desk/map/points?under=110101001901001", may: handlers),
        "GET /desk/follow-up/:id": .init("/desk/follow-up/0000000000000", may: []),
        "POST /desk/follow-up/:id": .init("/desk/follow-up/0000000000000", may: []),
        // An order of 12345 that the property company has, and nobody's table.
        "GET /desk/orders/:id": .init("/desk/orders/:order", may: orderStaff),
        "GET /desk/orders/:id/sheet": .init("/desk/orders/:order/sheet", may: []),
        "POST /desk/orders/:id/reply": .init("/desk/orders/:order/reply", may: orderStaff),
        "POST /desk/orders/:id/ask": .init("/desk/orders/:order/ask", may: orderStaff),
        "POST /desk/orders/:id/ruling": .init("/desk/orders/:order/ruling", may: dispatchers),
        "POST /desk/orders/:id/received": .init("/desk/orders/:order/received", may: orderStaff),
        "GET /desk/orders/import/:kind": .init("/desk/orders/import/orders", may: importers),
        "POST /desk/orders/import/:kind": .init("/desk/orders/import/results", may: importers),
        "GET /desk/orders/import/:kind/:draft": .init("/desk/orders/import/orders/0000000000000", may: []),
        "POST /desk/orders/import/:kind/:draft": .init("/desk/orders/import/orders/0000000000000", may: []),
        "GET /api/v1/orders/:number": .init("/api/v1/orders/12345-0001", may: orderStaff),
        "GET /api/v1/orders/:number/sheet": .init("/api/v1/orders/12345-0001/sheet", may: []),
        "POST /api/v1/orders/:number/received": .init("/api/v1/orders/12345-0001/received", may: everyone),
        "POST /api/v1/orders/:number/requests": .init("/api/v1/orders/12345-0001/requests", may: everyone),
        "POST /api/v1/orders/:number/rulings": .init("/api/v1/orders/12345-0001/rulings", may: everyone),
        "POST /api/v1/orders/:number/replies": .init("/api/v1/orders/12345-0001/replies", may: everyone),
        "GET /api/v1/orders/:number/reply": .init("/api/v1/orders/12345-0001/reply", may: orderStaff),
        // Nothing of a complaint is public, and a guessed draft is nobody's.
        "GET /neighbourhood/:number": .init("/neighbourhood/:number", may: []),
        "GET /neighbourhood/:number/photos/:file": .init("/neighbourhood/:number/photos/:file", may: []),
        "POST /neighbourhood/following": .init("/neighbourhood/following", may: []),
        "POST /neighbourhood/following/:id/end": .init("/neighbourhood/following/0000000000000/end", may: []),
        "GET /continue/:token": .init("/continue/0123456789abcdefghjkmnpqrs", may: []),
        // Administration.
        "GET /admin/case-types/:type": .init("/admin/case-types/need", may: administrators),
        "POST /admin/case-types/:type": .init("/admin/case-types/need", may: administrators),
        "GET /admin/case-types/:type/:version": .init(needText, may: administrators),
        "POST /admin/dispatch/:id/remove": .init("/admin/dispatch/0000000000000/remove", may: []),
        "GET /admin/accounts/:id": .init("/admin/accounts/:account", may: administrators),
        "POST /admin/accounts/:id/grants": .init("/admin/accounts/:account/grants", may: administrators),
        "POST /admin/accounts/:id/grants/:grant/end": .init(
            "/admin/accounts/:account/grants/0000000000000/end", may: []
        ),
        "POST /admin/accounts/:id/unlock": .init("/admin/accounts/0000000000000/unlock", may: []),
        "POST /admin/accounts/:id/second-factor/reset": .init(
            "/admin/accounts/0000000000000/second-factor/reset", may: []
        ),
        "POST /admin/accounts/:id/close": .init("/admin/accounts/0000000000000/close", may: []),
        "POST /admin/accounts/:id/tokens/:token/end": .init(
            "/admin/accounts/:account/tokens/0000000000000/end", may: []),
        "POST /me/tokens/:id/end": .init("/me/tokens/0000000000000/end", may: []),
        "POST /admin/accounts/:id/setup": .init("/admin/accounts/0000000000000/setup", may: []),
        "POST /admin/divisions/:code/add": .init("/admin/divisions/:code/add", may: administrators),
        "POST /admin/divisions/:code/rename": .init("/admin/divisions/:code/rename", may: administrators),
        "POST /admin/divisions/:code/end": .init("/admin/divisions/:code/end", may: administrators),
        // The registers of units, places, rosters, grids and holidays.
        "GET /admin/grid-roles/:code": .init(
            "/admin/grid-roles/110101001901001", may: registrars.union(neighbours)),
        "POST /admin/grid-roles/:code/add": .init("/admin/grid-roles/110101001901001/add", may: administrators),
        "POST /admin/grid-roles/:code/end": .init("/admin/grid-roles/110101001901001/end", may: []),
        "POST /admin/grid-plans": .init("/admin/grid-plans", [("under", "110101001999")], may: []),
        "GET /admin/grid-plans/:id": .init("/admin/grid-plans/:plan", may: registrars),
        "GET /admin/grid-plans/:id/grids.geojson": .init("/admin/grid-plans/:plan/grids.geojson", may: registrars),
        "POST /admin/grid-plans/:id/edit": .init("/admin/grid-plans/:plan/edit", may: administrators),
        "POST /admin/grid-plans/:id/save": .init("/admin/grid-plans/:plan/save", may: administrators),
        "POST /admin/grid-plans/:id/publish": .init("/admin/grid-plans/:plan/publish", may: administrators),
        "POST /admin/grid-plans/:id/withdraw": .init("/admin/grid-plans/:plan/withdraw", may: []),
        "POST /admin/grid-plans/:id/drop": .init("/admin/grid-plans/0000000000000/drop", may: []),
        "POST /admin/grids/:code/remove": .init("/admin/grids/110101001901999/remove", may: administrators),
        "POST /admin/grids": .init("/admin/grids", [("under", "110101001901")], may: administrators),
        "POST /admin/grids/look": .init("/admin/grids/look", [("under", "110101001901")], may: administrators),
        "POST /admin/rosters/:unit/shifts": .init("/admin/rosters/0000000000000/shifts", may: []),
        "POST /admin/rosters/:unit/shifts/:shift/remove": .init(
            "/admin/rosters/0000000000000/shifts/0000000000000/remove", may: []),
        "POST /admin/units/:id/change": .init("/admin/units/0000000000000/change", may: []),
        "POST /admin/units/:id/services": .init("/admin/units/0000000000000/services", may: []),
        "POST /admin/units/:id/services/:division/end": .init(
            "/admin/units/0000000000000/services/110101001901/end", may: []),
        "POST /admin/units/:id/close": .init("/admin/units/0000000000000/close", may: []),
        "POST /admin/holidays/:year/reset": .init("/admin/holidays/1800/reset", may: []),
        "GET /admin/rosters/:unit": .init("/admin/rosters/:unit", may: registrars),
        "GET /admin/units/:id": .init("/admin/units/:unit", may: registrars),
        // A link that is over or guessed says so and nothing else.
        "GET /setup/:token": .init("/setup/0123456789abcdefghjkmnpqrs", may: everyone),
        "POST /setup/:token": .init("/setup/0123456789abcdefghjkmnpqrs", may: everyone),
        // The registers: the grid worker of the home and the community's people; what is not there for forms.
        "GET /registers/places/:place": .init("/registers/places/:place", may: neighbours),
        "GET /registers/:kind/new": .init("/registers/thing/new", may: neighbours.union([.otherGridWorker])),
        "POST /registers/:kind/new": .init("/registers/person/new", may: []),
        "GET /registers/:kind/:id": .init("/registers/dwelling/:dwelling", may: neighbours),
        "GET /registers/:kind/:id/change": .init("/registers/dwelling/:dwelling/change", may: neighbours),
        "POST /registers/:kind/:id/change": .init("/registers/dwelling/0000000000000/change", may: []),
        "POST /registers/:kind/:id/reveal": .init("/registers/person/0000000000000/reveal", may: []),
        "POST /registers/:kind/:id/photos": .init("/registers/dwelling/0000000000000/photos", may: []),
        "GET /registers/:kind/:id/photos/:file": .init("/registers/dwelling/:dwelling/photos/:file", may: []),
        "POST /registers/requests/:request/words": .init("/registers/requests/0000000000000/words", may: []),
        "POST /registers/requests/:request/decide": .init("/registers/requests/0000000000000/decide", may: []),
        "POST /registers/:kind/:id/:step": .init("/registers/dwelling/0000000000000/end", may: []),
        "GET /api/v1/registers/:kind": .init("/api/v1/registers/person", may: neighbours.union([.otherGridWorker])),
        "POST /api/v1/registers/:kind": .init("/api/v1/registers/person", may: neighbours.union([.otherGridWorker])),
        "GET /api/v1/registers/:kind/:id": .init("/api/v1/registers/dwelling/:dwelling", may: neighbours),
        "PUT /api/v1/registers/:kind/:id": .init(
            "/api/v1/registers/dwelling/:dwelling", may: neighbours.union([.otherGridWorker])),
        "POST /api/v1/registers/:kind/:id/readings": .init(
            "/api/v1/registers/dwelling/:dwelling/readings", may: neighbours.union([.otherGridWorker])),
        "POST /api/v1/registers/:kind/:id/end": .init(
            "/api/v1/registers/dwelling/:dwelling/end", may: neighbours.union([.otherGridWorker])),
        // Programs.
        "GET /api/v1/cases/:id": .init("/api/v1/cases/:case", may: seers),
        "POST /api/v1/cases/:id/transitions": .init("/api/v1/cases/:case/transitions", may: everyone),
        "POST /api/v1/cases/:id/notes": .init("/api/v1/cases/:case/notes", may: everyone),
        "GET /api/v1/whistles/:id": .init("/api/v1/whistles/:whistle", may: handlers),
        "POST /api/v1/whistles/:id/confirm": .init("/api/v1/whistles/:whistle/confirm", may: []),
        "POST /api/v1/whistles/:id/answer": .init("/api/v1/whistles/:whistle/answer", may: everyone),
        "POST /api/v1/whistles/:id/sign-ins": .init("/api/v1/whistles/:whistle/sign-ins", may: []),
        "POST /api/v1/whistles/:id/minutes": .init("/api/v1/whistles/:whistle/minutes", may: everyone),
        "POST /api/v1/whistles/:id/tasks": .init("/api/v1/whistles/:whistle/tasks", may: everyone),
        "POST /api/v1/whistles/:id/close": .init("/api/v1/whistles/:whistle/close", may: []),
        "POST /api/v1/whistles/:id/scores": .init("/api/v1/whistles/:whistle/scores", may: everyone),
        "POST /api/v1/whistles/:id/withdraw": .init("/api/v1/whistles/:whistle/withdraw", may: everyone),
        "PUT /api/v1/cases/:id/classification": .init("/api/v1/cases/:case/classification", may: everyone),
        "PUT /api/v1/cases/:id/urgency": .init("/api/v1/cases/:case/urgency", may: everyone),
        "PUT /api/v1/cases/:id/against": .init("/api/v1/cases/0000000000000/against", may: []),
        "POST /api/v1/cases/:id/reporter": .init("/api/v1/cases/:case/reporter", may: everyone),
        "GET /api/v1/cases/:id/photos/:file": .init("/api/v1/cases/:case/photos/:file", may: seers),
        "GET /api/v1/cases/:id/group-reply": .init("/api/v1/cases/:case/group-reply", may: handlers),
        "POST /api/v1/cases/:id/requests": .init("/api/v1/cases/:case/requests", may: everyone),
        "POST /api/v1/cases/:id/requests/:request/decision": .init(
            "/api/v1/cases/:case/requests/0000000000000/decision", may: everyone),
        "POST /api/v1/cases/:id/resume": .init("/api/v1/cases/:case/resume", may: handlers),
        "POST /api/v1/cases/:id/contacts": .init("/api/v1/cases/:case/contacts", may: everyone),
        "POST /api/v1/cases/:id/parts": .init("/api/v1/cases/:case/parts", may: everyone),
        "POST /api/v1/cases/:id/supervision": .init("/api/v1/cases/:case/supervision", may: everyone),
        "POST /api/v1/cases/:id/supervision/answer": .init("/api/v1/cases/:case/supervision/answer", may: everyone),
        "POST /api/v1/cases/:id/supervision/lift": .init("/api/v1/cases/:case/supervision/lift", may: everyone),
        "POST /api/v1/cases/:id/merge": .init("/api/v1/cases/:case/merge", may: everyone),
        "POST /api/v1/cases/:id/split": .init("/api/v1/cases/:case/split", may: everyone),
        "POST /api/v1/cases/:id/follow-up": .init("/api/v1/cases/:case/follow-up", may: everyone),
        "POST /api/v1/cases/:id/answer": .init("/api/v1/cases/:case/answer", may: [.reporter]),
        "PUT /api/v1/cases/:id/publicity": .init("/api/v1/cases/:case/publicity", may: everyone),
        "PUT /api/v1/cases/:id/publication": .init("/api/v1/cases/:case/publication", may: everyone),
        "DELETE /api/v1/cases/:id/publication": .init("/api/v1/cases/0000000000000/publication", may: []),
        "GET /api/v1/cases/:id/colleagues": .init("/api/v1/cases/:case/colleagues", may: handlers),
        "POST /api/v1/cases/:id/assignment": .init("/api/v1/cases/0000000000000/assignment", may: []),
        "DELETE /api/v1/templates/:id": .init("/api/v1/templates/0000000000000", may: []),
        "DELETE /api/v1/views/:id": .init("/api/v1/views/0000000000000", may: []),
        "DELETE /api/v1/wall-codes/:id": .init("/api/v1/wall-codes/0000000000000", may: []),
        "GET /api/v1/admin/case-types/:type": .init("/api/v1/admin/case-types/need", may: administrators),
        "GET /api/v1/admin/case-types/:type/versions/:version": .init(needTextByAPI, may: administrators),
        "PUT /api/v1/admin/case-types/:type/draft": .init("/api/v1/admin/case-types/need/draft", may: administrators),
        "DELETE /api/v1/admin/case-types/:type/draft": .init(
            "/api/v1/admin/case-types/need/draft?revision=7", may: administrators),
        "POST /api/v1/admin/case-types/:type/trial": .init("/api/v1/admin/case-types/need/trial", may: administrators),
        "POST /api/v1/admin/case-types/:type/publish": .init(
            "/api/v1/admin/case-types/need/publish", may: administrators),
        "GET /api/v1/units": .init("/api/v1/units?division=110101001901", may: everyone),
        "GET /api/v1/search": .init("/api/v1/search?q=%E7%94%B5%E6%A2%AF", may: everyone),
        "DELETE /api/v1/tokens/:id": .init("/api/v1/tokens/0000000000000", may: []),
        "DELETE /api/v1/admin/keys/:id": .init("/api/v1/admin/keys/0000000000000", may: []),
        "GET /api/v1/admin/accounts/:id": .init("/api/v1/admin/accounts/:account", may: administrators),
        "POST /api/v1/admin/accounts/:id/grants": .init(
            "/api/v1/admin/accounts/:account/grants", may: administrators),
        "DELETE /api/v1/admin/accounts/:id/grants/:grant": .init(
            "/api/v1/admin/accounts/:account/grants/0000000000000", may: []),
        "POST /api/v1/admin/accounts/:id/unlock": .init("/api/v1/admin/accounts/0000000000000/unlock", may: []),
        "POST /api/v1/admin/accounts/:id/second-factor/reset": .init(
            "/api/v1/admin/accounts/0000000000000/second-factor/reset", may: []),
        "GET /api/v1/admin/accounts/:id/tokens": .init(
            "/api/v1/admin/accounts/:account/tokens", may: administrators),
        "DELETE /api/v1/admin/accounts/:id/tokens/:token": .init(
            "/api/v1/admin/accounts/:account/tokens/0000000000000", may: []),
        "POST /api/v1/admin/accounts/:id/setup": .init("/api/v1/admin/accounts/0000000000000/setup", may: []),
        "POST /api/v1/admin/accounts/:id/close": .init("/api/v1/admin/accounts/0000000000000/close", may: []),
        "GET /api/v1/neighbourhood": .init("/api/v1/neighbourhood?area=110101001901", may: everyone),
        "GET /api/v1/neighbourhood/:number": .init("/api/v1/neighbourhood/:number", may: []),
        "GET /api/v1/neighbourhood/:number/photos/:file": .init(
            "/api/v1/neighbourhood/:number/photos/:file", may: []),
        // Sheets of the registers: those that are not there; nobody's is looked at by anybody else.
        "GET /desk/sheets/:draft": .init("/desk/sheets/0000000000000?kind=person", may: []),
        "POST /desk/sheets/:draft": .init("/desk/sheets/0000000000000", [("kind", "person")], may: []),
        "GET /desk/sheets/:draft/wrong": .init("/desk/sheets/0000000000000/wrong?kind=person", may: []),
        "GET /desk/sheets/imports/:id": .init("/desk/sheets/imports/0000000000000", may: []),
        "POST /desk/sheets/imports/:id/undo": .init("/desk/sheets/imports/0000000000000/undo", may: []),
        "POST /api/v1/following": .init("/api/v1/following", may: []),
        "DELETE /api/v1/following/:id": .init("/api/v1/following/0000000000000", may: []),
        "DELETE /api/v1/admin/grids/:code": .init("/api/v1/admin/grids/110101001901999", may: administrators),
        "GET /api/v1/admin/rosters/:unit": .init("/api/v1/admin/rosters/:unit", may: registrars),
        "POST /api/v1/admin/rosters/:unit/shifts": .init(
            "/api/v1/admin/rosters/0000000000000/shifts", may: administrators),
        "DELETE /api/v1/admin/rosters/:unit/shifts/:shift": .init(
            "/api/v1/admin/rosters/0000000000000/shifts/0000000000000", may: []),
        "GET /api/v1/admin/holidays/:year": .init("/api/v1/admin/holidays/2026", may: registrars),
        "POST /api/v1/admin/holidays/:year/trial": .init("/api/v1/admin/holidays/2026/trial", may: administrators),
        "PUT /api/v1/admin/holidays/:year": .init("/api/v1/admin/holidays/2026", may: administrators),
        // A year nobody entered: nothing changes.
        "DELETE /api/v1/admin/holidays/:year": .init("/api/v1/admin/holidays/2199", may: administrators),
        "PUT /api/v1/admin/dispatch/rules/:id": .init("/api/v1/admin/dispatch/rules/0000000000000", may: everyone),
        "DELETE /api/v1/admin/dispatch/rules/:id": .init("/api/v1/admin/dispatch/rules/0000000000000", may: []),
        "GET /api/v1/admin/units/:id": .init("/api/v1/admin/units/:unit", may: registrars),
        "PUT /api/v1/admin/units/:id": .init("/api/v1/admin/units/:unit", may: administrators),
        "PUT /api/v1/admin/units/:id/services/:division": .init(
            "/api/v1/admin/units/0000000000000/services/110101001901", may: []),
        "DELETE /api/v1/admin/units/:id/services/:division": .init(
            "/api/v1/admin/units/0000000000000/services/110101001901", may: []),
        "POST /api/v1/admin/units/:id/close": .init("/api/v1/admin/units/0000000000000/close", may: []),
        "GET /api/v1/admin/divisions/:code": .init("/api/v1/admin/divisions/:code", may: administrators),
        "PUT /api/v1/admin/divisions/:code": .init("/api/v1/admin/divisions/:code", may: administrators),
        "POST /api/v1/admin/divisions/:code/children": .init(
            "/api/v1/admin/divisions/:code/children", may: administrators),
        "POST /api/v1/admin/divisions/:code/end": .init("/api/v1/admin/divisions/:code/end", may: administrators),
        "GET /api/v1/grids/locate": .init("/api/v1/grids/locate?lat=39.915&lon=116.402", may: everyone),
        // Programs of others: a complaint does not exist for them.
        "GET /open311/v2/:resource": .init("/open311/v2/services.json", may: everyone),
        "POST /open311/v2/:resource": .init("/open311/v2/requests.json", may: []),
        "GET /open311/v2/:resource/:entry": .init("/open311/v2/requests/:number.json", may: []),
        // The server itself.
        "GET /assets/:version/:name": .init("/assets/0/linli.css", may: everyone),
        "GET /vendor/leaflet/:name": .init("/vendor/leaflet/leaflet.css", may: everyone),
        // No base map is named here.
        "GET /tiles/:z/:x/:y": .init("/tiles/15/26977/12417.png", may: []),
        "GET /live": .init("/live?topics=case/:case", may: seers.subtracting([.stranger])),
    ]

    /// Who gets through where the path has no parameters: everybody the door lets in, except here.
    static let fewer: [String: Set<Person>] = [
        // What belongs to a session a program does not have.
        "GET /me": people, "GET /sign-in/second": people, "POST /sign-in/second": people, "POST /sign-out": people,
        "POST /sign-out/everywhere": people,
        // Nobody of these tests has an entry of their own.
        "POST /me/data/consents": [], "POST /me/data/profiling": [], "POST /me/data/requests": [],
        // Without a unit of theirs there is nothing to hand over.
        "POST /desk/handover/note": [], "POST /desk/handover/take": [],
        // Only who is on a roster takes a grid along, and only with a session; a lease to end is a lease of one's own.
        "POST /grid/phone/lease": [.worker], "POST /grid/phone/end": [],
        // What waits is sent after the second factor.
        "POST /grid/phone/sync": verified, "POST /api/v1/files": verified,
        // Residents read the public page, administrators see no cases.
        "GET /api/v1/rates": Person.everyone.subtracting([.reporter, .neighbour, .administrator, .auditor]),
    ]

    private static let people = Person.everyone.subtracting([.program])
}
