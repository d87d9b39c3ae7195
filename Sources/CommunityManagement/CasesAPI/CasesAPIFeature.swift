import LinliCore
import LinliKernel
import LinliStandards

extension Feature {
    /// The JSON API of cases, under `/api/v1`: what a page can do a program can do.
    ///
    /// For other systems and scripts, with a bearer token that acts for its account. Paths: sign-in, cases, their
    /// transitions, notes, requests, parts, contacts, whose hands they are in, supervision and publication, alerts, hand-over,
    /// calls, voices, corrections, prepared answers, named lists, many at once, chats, search, receipts, files, units,
    /// categories. Errors are problem details (RFC 9457), lists page by cursor.
    package static let casesAPI = Feature(
        id: "casesAPI",
        name: Text("工单接口", "Cases API"),
        routes: [
            .api(
                .post, "/api/v1/sessions", id: "createToken",
                "Exchange a phone number and a password for a bearer token",
                access: .public, body: APISchemas.credentials, reply: APISchemas.token, status: 201,
                CasesAPIRoutes.signIn
            ),
            .api(
                .get, "/api/v1/me", id: "whoAmI", "The account the token acts for", body: .nothing,
                reply: APISchemas.account, CasesAPIRoutes.whoAmI
            ),
            .api(
                .get, "/api/v1/cases", id: "listCases", "Cases you may see, what will be late first; or your own",
                query: APISchemas.listQuery, body: .nothing, reply: APISchemas.caseList, CasesAPIRoutes.list
            ),
            .api(
                .get, "/api/v1/cases/:id", id: "getCase", "One case as you may see it", body: .nothing,
                reply: APISchemas.detail, CasesAPIRoutes.detail
            ),
            .api(
                .post, "/api/v1/cases/:id/transitions", id: "takeTransition",
                "Move a case along a transition; an empty reply when it is not yours to see any more",
                body: APISchemas.step, reply: APISchemas.after, recover: CasesAPIRoutes.done, CasesAPIRoutes.take
            ),
            .api(
                .post, "/api/v1/cases/:id/notes", id: "addNote", "Add words or photos to a case",
                body: APISchemas.note, reply: APISchemas.after, status: 201, recover: CasesAPIRoutes.done,
                CasesAPIRoutes.note
            ),
        ] + TellingAPI.all + SuggestionsAPI.all + CountsAPI.all + CasesAPIWork.all + CaseWorkAPI.all + DutyAPI.all
            + VoicesAPI.all
            + ReceiptsAPI.all + DeskToolsAPI.all
    )
}
