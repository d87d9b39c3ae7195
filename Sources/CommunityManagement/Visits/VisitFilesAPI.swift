import LinliCore
import LinliKernel

/// What visits leave behind, for programs: the case that follows, photos, the signature, and the ledger of a month
/// 走访台账 as a file.
enum VisitFilesAPI {
    static let all: [Route] = [
        document("csv", "text/csv"),
        document("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        VisitsAPI.step(
            "follow-up", id: "followVisit", "Say which case follows from a visit", VisitSchemas.followUp
        ) { id, number, context, services in
            guard let visit = try await services.database.read({ try VisitQueries.find(id, $0) }),
                context.actor.may(.peopleEdit, in: visit.division)
            else { throw LinliError.notFound("visits.unknown") }
            try await VisitRoutes.follow(visit, by: number, context, services)
        },
        .document(
            "/api/v1/visits/:id/photos/:file", id: "getVisitPhoto", "A photo of a visit",
            access: .permission(.peopleEdit),
            query: [SchemaProperty("size", .choice(["small", "full"]), "full by default")], type: "image/jpeg",
            VisitRoutes.photo
        ),
        .document(
            "/api/v1/visits/:id/signature", id: "getVisitSignature",
            "What was drawn as the signature of a visit; noted before it is shown",
            access: .permission(.peopleEdit), type: "image/jpeg", VisitRoutes.signature
        ),
    ]

    private static let month = TextShape(
        Text("应为月份，例如 2026-11", "Must be a month such as 2026-11"), pattern: "^[0-9]{4}-(0[1-9]|1[0-2])$"
    ) { VisitMonth($0) != nil }

    private static func document(_ end: String, _ type: String) -> Route {
        .document(
            "/api/v1/exports/visits.\(end)", id: "exportVisitsAs\(end.uppercased())",
            "The ledger of visits of a month as \(end.uppercased()), marked with who, when and what for, which is audited",
            access: .permission(.peopleExport),
            query: [
                APIPages.division, APIPages.purpose,
                SchemaProperty("month", .shaped(month), "Of the calendar, 2026-11; the present one by default"),
            ], type: type
        ) { request, services in
            let division = try APIPages.division(request, .peopleExport)
            let month = request.query["month"].flatMap { VisitMonth($0) } ?? VisitMonth(request.context.now.date)
            return try await APIPages.file {
                try await VisitLedgerSheet(
                    division, month, isCSV: end == "csv", purpose: request.query["purpose"] ?? "", request.context,
                    services
                ).take()
            }
        }
    }
}
