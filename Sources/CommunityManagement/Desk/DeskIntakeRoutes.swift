import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// Registering what somebody says on the phone or at the counter.
enum DeskIntakeRoutes {
    static let all: [Route] = [
        .get("/desk/new", access: .permission(.casesReport), form),
        .post("/desk/new", access: .permission(.casesReport), register),
        // The number of a caller comes in the form, so that it stands in no address.
        .post("/desk/new/caller", access: .permission(.casesReport), form),
    ]

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    /// The type somebody registers: as the form says, else as the address.
    private static func type(_ request: Request, _ services: Services) throws -> CaseType {
        try services.queries.types.offered(request.form["type"] ?? request.query["type"] ?? "need", at: .staff)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> DeskIntakePage {
        let scope = request.context.actor.scope(for: .casesReport)
        let now = request.context.now
        let choices = try await services.database.read { try DeskStore.intakeChoices(scope, at: now, $0) }
        return DeskIntakePage(
            type: try type(request, services),
            types: services.queries.types.offered(at: .staff),
            choices: choices,
            form: request.form,
            once: request.form["once"] ?? randomToken(),
            formToken: request.formToken,
            names: services.divisions,
            catalogue: services.catalogue
        )
    }

    private static func register(_ request: Request, _ services: Services) async throws -> Reply {
        try await StaffReport.take(
            request, services, once: request.form["once"] ?? randomToken(),
            draft: { try await draft(request, services, $0) },
            done: { try await receipt($0, request, services) },
            refused: { error, kept in
                var page = try await page(request, services)
                page.error = error
                if error.id == confirmCategory || StaffReport.showsSimilar(error, request.form) {
                    let chosen = request.form["category"].flatMap { services.catalogue[code: $0] }
                    let found = try chosen ?? services.suggestions.category(of: request.form["text"] ?? "")
                    page.suggested = found?.code
                    page.similar = try await StaffReport.similar(found, request, services)
                }
                page.kept = kept
                return page.page
            }
        )
    }

    private static func receipt(
        _ taken: CaseCommands.Taken, _ request: Request, _ services: Services
    ) async throws -> Reply {
        var page = DeskReceiptPage(
            taken: taken, link: request.origin + CasePath.receipt(taken.receipt), now: request.context.now)
        do {
            page.view = try await services.queries.view(taken.id, request.context)
            page.lead = try await StaffJoining.lead(of: page.view, request.context, services)
        } catch let error as LinliError where error.kind == .notFound {
            // What is against a unit of who registered it they do not see any more: the number is all they can read out.
            page.view = nil
        }
        return .page(page.page)
    }

    /// The question whether the suggested category is right.
    private static let confirmCategory = "desk.confirmCategory"

    /// The category the words speak for, when they are sure enough.
    ///
    /// - Throws: the question that the person at the desk answers by sending the form again, when they are not.
    private static func suggested(
        for text: String, _ type: CaseType, _ services: Services
    ) async throws -> Decided<EventCategory>? {
        if type.opening?.categories.isEmpty == false { return try StaffReport.category(of: text, type, services) }
        let found = try await services.suggestions.suggest(text)
        // What is missing besides is said first: without words there is nothing to confirm.
        guard !found.isSure, !text.isEmpty else { return found.category.map { Decided($0, isDoubtful: false) } }
        throw LinliError.invalid(
            confirmCategory,
            [.init("category", DeskWords.confirm(found))]
        )
    }

    /// The need as it was told; what nobody chose follows from the words.
    private static func draft(
        _ request: Request, _ services: Services, _ photos: [ID<StoredFile>]
    ) async throws -> CaseDraft {
        let form = request.form
        let text = form["text"] ?? ""
        let scope = request.context.actor.scope(for: .casesReport)
        let place = try await StaffReport.place(form, services)
        let named = form["division"].flatMap { DivisionCode($0) }
        guard let division = place?.division ?? named, scope.contains(division) else {
            throw LinliError.invalid(
                "desk.division",
                [.init("division", Text("请选是哪里的事", "Please choose where it is"))]
            )
        }
        let chosen = form["category"].flatMap { services.catalogue[code: $0] }.map { Decided($0, isDoubtful: false) }
        let type = try type(request, services)
        let found = chosen == nil ? try await suggested(for: text, type, services) : nil
        var draft = try StaffReport.draft(
            form, type, in: division, at: place, category: chosen ?? found, photos: photos, services)
        draft.accused = AgainstChoice.all(form.id("against"), AgainstChoice.others(form))
        draft.isAgainstNobody = form["against"] == AgainstChoice.nobody
        guard !draft.isAgainstNobody || draft.accused.isEmpty else { throw AgainstChoice.contradiction }
        // A complaint protects who makes it unless they say otherwise.
        draft.disclosure =
            form["disclosure"].flatMap { Disclosure(rawValue: $0) } ?? (draft.nature.isProtected ? .office : .named)
        draft.source = .staff
        draft.isWilling = form["publish"] == "yes"
        draft.reporterName = form["name"] ?? ""
        draft.reporterPhone = form["phone"].map { PhoneNumber($0)?.number ?? $0 } ?? ""
        return draft
    }
}
