import CommunityManagement
import LinliKernel

extension RouteSample {
    /// Programs of the registers and of the grid's work.
    static let gridPrograms: [String: RouteSample] = [
        // Steps of entries that are not there: these tests would change the one they look at.
        "POST /api/v1/registers/:kind/:id/move": .init(
            "/api/v1/registers/dwelling/0000000000000/move", may: neighbours.union([.otherGridWorker])),
        "POST /api/v1/registers/:kind/:id/merge": .init(
            "/api/v1/registers/dwelling/0000000000000/merge", may: neighbours.union([.otherGridWorker])),
        "POST /api/v1/registers/:kind/:id/photos": .init(
            "/api/v1/registers/dwelling/0000000000000/photos", may: neighbours.union([.otherGridWorker])),
        "POST /api/v1/registers/:kind/:id/links": .init(
            "/api/v1/registers/dwelling/0000000000000/links", may: neighbours.union([.otherGridWorker])),
        "GET /api/v1/registers/:kind/:id/homes": .init("/api/v1/registers/dwelling/:dwelling/homes", may: neighbours),
        "POST /api/v1/registers/:kind/:id/homes": .init(
            "/api/v1/registers/person/0000000000000/homes", may: neighbours.union([.otherGridWorker])),
        "PUT /api/v1/registers/:kind/:id/homes/:home": .init(
            "/api/v1/registers/person/0000000000000/homes/0000000000000", may: neighbours.union([.otherGridWorker])),
        "POST /api/v1/registers/:kind/:id/homes/:home/end": .init(
            "/api/v1/registers/person/0000000000000/homes/0000000000000/end", may: []),
        "POST /api/v1/registers/:kind/:id/reopen": .init(
            "/api/v1/registers/dwelling/0000000000000/reopen", may: []),
        "POST /api/v1/registers/:kind/:id/split": .init(
            "/api/v1/registers/dwelling/0000000000000/split", may: []),
        "DELETE /api/v1/registers/:kind/:id/photos/:file": .init(
            "/api/v1/registers/dwelling/0000000000000/photos/0000000000000", may: []),
        "GET /api/v1/registers/:kind/:id/photos/:file": .init(
            "/api/v1/registers/dwelling/:dwelling/photos/:file", may: []),
        "GET /api/v1/registers/:kind/:id/around": .init("/api/v1/registers/dwelling/:dwelling/around", may: neighbours),
        "DELETE /api/v1/registers/:kind/:id/links/:link": .init(
            "/api/v1/registers/dwelling/0000000000000/links/0000000000000", may: []),
        // Sheets of the registers: nobody here may bring one.
        "POST /api/v1/register-sheets/:draft/trial": .init("/api/v1/register-sheets/0000000000000/trial", may: []),
        "POST /api/v1/register-sheets/:draft/imports": .init("/api/v1/register-sheets/0000000000000/imports", may: []),
        "GET /api/v1/register-imports/:id": .init("/api/v1/register-imports/0000000000000", may: []),
        "POST /api/v1/register-imports/:id/undo": .init("/api/v1/register-imports/0000000000000/undo", may: []),
        // The grid's work by programs: what is not there, so that nothing changes.
        "GET /api/v1/admin/grid-plans/:id": .init("/api/v1/admin/grid-plans/:plan", may: registrars),
        "GET /api/v1/admin/grid-plans/:id/grids.geojson": .init(
            "/api/v1/admin/grid-plans/:plan/grids.geojson", may: registrars),
        "POST /api/v1/admin/grid-plans/:id/trial": .init("/api/v1/admin/grid-plans/:plan/trial", may: administrators),
        "POST /api/v1/admin/grid-plans/:id/changes": .init(
            "/api/v1/admin/grid-plans/:plan/changes", may: administrators),
        "POST /api/v1/admin/grid-plans/:id/publication": .init(
            "/api/v1/admin/grid-plans/:plan/publication", may: administrators),
        "PUT /api/v1/admin/grid-plans/:id": .init("/api/v1/admin/grid-plans/:plan", may: administrators),
        "DELETE /api/v1/admin/grid-plans/:id/publication": .init(
            "/api/v1/admin/grid-plans/0000000000000/publication", may: []),
        "DELETE /api/v1/admin/grid-plans/:id": .init("/api/v1/admin/grid-plans/0000000000000", may: []),
        "GET /admin/warnings/:version": .init("/admin/warnings/0", may: registrars),
        "GET /api/v1/admin/warnings/versions/:version": .init("/api/v1/admin/warnings/versions/0", may: registrars),
        "POST /api/v1/warnings/:id/acknowledge": .init("/api/v1/warnings/0000000000000/acknowledge", may: []),
        "POST /api/v1/warnings/:id/visit": .init("/api/v1/warnings/0000000000000/visit", may: []),
        "POST /api/v1/warnings/:id/case": .init("/api/v1/warnings/0000000000000/case", may: []),
        "POST /api/v1/warnings/:id/dismiss": .init("/api/v1/warnings/0000000000000/dismiss", may: everyone),
        "GET /api/v1/visits/:id": .init("/api/v1/visits/0000000000000", may: []),
        "DELETE /api/v1/visits/:id": .init("/api/v1/visits/0000000000000", may: []),
        "POST /api/v1/visits/:id/miss": .init("/api/v1/visits/0000000000000/miss", may: []),
        "POST /api/v1/visits/:id/end": .init("/api/v1/visits/0000000000000/end", may: []),
        "DELETE /api/v1/visit-plans/:id": .init("/api/v1/visit-plans/0000000000000", may: []),
        "GET /api/v1/grid-people/:id": .init("/api/v1/grid-people/0000000000000", may: []),
        "DELETE /api/v1/grid-people/:id": .init("/api/v1/grid-people/0000000000000", may: []),
        "POST /api/v1/grid-people/:id/readings": .init("/api/v1/grid-people/0000000000000/readings", may: []),
        "GET /grid/people/:id": .init("/grid/people/0000000000000", may: []),
        "POST /grid/people/:id/phone": .init("/grid/people/0000000000000/phone", may: []),
        "GET /api/v1/patrol-routes/:id": .init("/api/v1/patrol-routes/0000000000000", may: []),
        "PUT /api/v1/patrol-routes/:id": .init("/api/v1/patrol-routes/0000000000000", may: everyone),
        "DELETE /api/v1/patrol-routes/:id": .init("/api/v1/patrol-routes/0000000000000", may: []),
        "GET /api/v1/patrol-routes/:id/codes": .init("/api/v1/patrol-routes/0000000000000/codes", may: []),
        "GET /api/v1/patrols/:id": .init("/api/v1/patrols/0000000000000", may: []),
        "POST /api/v1/patrols/:id/end": .init("/api/v1/patrols/0000000000000/end", may: []),
        "POST /api/v1/patrols/:id/track": .init("/api/v1/patrols/0000000000000/track", may: everyone),
        "POST /api/v1/patrols/:id/track/readings": .init(
            "/api/v1/patrols/0000000000000/track/readings", may: everyone),
        "POST /api/v1/patrols/:id/points/:point/sign": .init(
            "/api/v1/patrols/0000000000000/points/0000000000000/sign", may: []),
        "POST /api/v1/patrols/:id/points/:point/findings": .init(
            "/api/v1/patrols/0000000000000/points/0000000000000/findings", may: everyone),
        "GET /api/v1/care/services/:service/unreached": .init(
            "/api/v1/care/services/nothing/unreached", may: []),
        "POST /api/v1/care/services/:service/readings": .init(
            "/api/v1/care/services/nothing/readings", may: everyone),
        "GET /api/v1/people/:id/care": .init("/api/v1/people/0000000000000/care", may: []),
        "POST /api/v1/people/:id/care/readings": .init("/api/v1/people/0000000000000/care/readings", may: everyone),
        "PUT /api/v1/people/:id/labels/:label": .init("/api/v1/people/0000000000000/labels/aged", may: everyone),
        "DELETE /api/v1/people/:id/labels/:label": .init("/api/v1/people/0000000000000/labels/aged", may: []),
        "POST /api/v1/people/:id/offers": .init("/api/v1/people/0000000000000/offers", may: everyone),
        "POST /api/v1/care/offers/:offer/answer": .init("/api/v1/care/offers/0000000000000/answer", may: everyone),
        "POST /api/v1/care/offers/:offer/deliveries": .init(
            "/api/v1/care/offers/0000000000000/deliveries", may: []),
        "POST /api/v1/care/offers/:offer/end": .init("/api/v1/care/offers/0000000000000/end", may: []),
        "POST /desk/deliveries/:offer/:step": .init("/desk/deliveries/0000000000000/open", may: []),
        "POST /api/v1/deliveries/:offer/take": .init("/api/v1/deliveries/0000000000000/take", may: []),
        "POST /api/v1/deliveries/:offer/proof": .init("/api/v1/deliveries/0000000000000/proof", may: []),
        "POST /api/v1/deliveries/:offer/refusals": .init("/api/v1/deliveries/0000000000000/refusals", may: everyone),
        "POST /api/v1/deliveries/:offer/readings": .init("/api/v1/deliveries/0000000000000/readings", may: []),
        "POST /api/v1/data-requests/:request/readings": .init("/api/v1/data-requests/0000000000000/readings", may: []),
        "POST /api/v1/data-requests/:request/decision": .init(
            "/api/v1/data-requests/0000000000000/decision", may: [.gridWorker, .otherGridWorker, .worker]),
        "PUT /api/v1/me/data/consents/:purpose": .init("/api/v1/me/data/consents/family", may: everyone),
        "PUT /api/v1/me/services/:service": .init("/api/v1/me/services/meals", may: everyone),
        "GET /api/v1/forms/:id": .init("/api/v1/forms/0000000000000", may: []),
        "DELETE /api/v1/forms/:id": .init("/api/v1/forms/0000000000000", may: []),
        "PUT /api/v1/forms/:id": .init("/api/v1/forms/0000000000000", may: everyone),
        "PUT /api/v1/forms/:id/columns": .init("/api/v1/forms/0000000000000/columns", may: everyone),
        "PUT /api/v1/forms/:id/layout": .init("/api/v1/forms/0000000000000/layout", may: everyone),
        "POST /api/v1/forms/:id/rounds": .init("/api/v1/forms/0000000000000/rounds", may: everyone),
        "GET /api/v1/form-rounds/:round": .init("/api/v1/form-rounds/0000000000000", may: []),
        "GET /api/v1/form-rounds/:round/open": .init("/api/v1/form-rounds/0000000000000/open", may: []),
        "PUT /api/v1/form-rounds/:round/answers": .init("/api/v1/form-rounds/0000000000000/answers", may: everyone),
        "POST /api/v1/form-rounds/:round/end": .init("/api/v1/form-rounds/0000000000000/end", may: []),
        "GET /api/v1/form-rounds/:round/file.xlsx": .init(
            "/api/v1/form-rounds/0000000000000/file.xlsx", may: []),
    ]
}

// MARK: The shipped need

extension RouteSample {
    /// The text of the shipped need, whatever its number is by now.
    static let needText = "/admin/case-types/need/\(needVersion)"
    static let needTextByAPI = "/api/v1/admin/case-types/need/versions/\(needVersion)"

    private static let needVersion: Int = {
        let text = Feature.communityManagement.flatMap(\.caseTypes).first { $0.contains("\nid: need\n") } ?? ""
        // Without it the routes answer 404, and the tests of doors say so.
        return (try? CaseTypeLoader.load(text))?.version ?? 0
    }()
}
