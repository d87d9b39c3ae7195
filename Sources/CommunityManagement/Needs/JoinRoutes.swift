import LinliCore
import LinliKernel
import LinliStandards

/// Joining what others told: one more voice of the same case.
enum JoinRoutes {
    static let all: [Route] = [
        .get("/join/:number", access: .public, show),
        .post("/join/:number", access: .public, join),
    ]

    private static func number(_ request: Request) -> String { (request.parameters["number"] ?? "").uppercased() }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let lead = try await services.queries.joinable(
            number(request), as: try await LocalCommunity.neighbour(request, services))
        return .page(page(NeedForm(), lead, nil, request, services))
    }

    private static func page(
        _ form: NeedForm, _ lead: JoinableCase, _ error: LinliError?, _ request: Request, _ services: Services
    ) -> Page {
        JoinPages.page(
            JoinModel(
                lead: lead, form: form, category: services.catalogue[code: lead.category]?.name ?? Text("其他", "Other"),
                account: request.session?.account, error: error, formToken: request.formToken,
                now: request.context.now
            )
        )
    }

    private static func join(_ request: Request, _ services: Services) async throws -> Reply {
        var form = NeedForm(request.form)
        let lead = try await services.queries.joinable(
            number(request), as: try await LocalCommunity.neighbour(request, services))
        let isAnonymous = form.disclosure == .anonymous
        let context =
            isAnonymous
            ? Context(
                actor: .anonymous, now: request.context.now, language: request.context.language,
                requestID: request.context.requestID
            ) : request.context
        var photos = FormPhotos.none
        do {
            photos = try await NeedPhotos.take(request, services, as: context)
            if let problem = photos.problem { throw problem }
            let draft = try await draft(form, photos.files, lead, request, services)
            let taken = try await services.commands.join(
                lead.number, draft, as: try await LocalCommunity.neighbour(request, services),
                once: "\(form.once):\(form.fingerprint):\(lead.number)", context
            )
            return .redirect(CasePath.receipt(taken.receipt) + "?new=1")
        } catch let error as LinliError where error.formStatus != nil {
            form.kept = NeedPhotos.fields(photos, services)
            return .page(page(form, lead, error, request, services), status: error.formStatus ?? 422)
        }
    }

    /// One more voice. A complaint or tip-off protects who makes it, so that it is never joined to anything.
    static func draft(
        _ form: NeedForm, _ photos: [ID<StoredFile>], _ lead: JoinableCase, _ request: Request, _ services: Services
    ) async throws -> CaseDraft {
        let account = request.session?.account
        let category = services.catalogue[code: lead.category]
        let nature = try category.map { try form.nature($0, services.suggestions) } ?? .assistance
        guard !nature.isProtected else {
            throw LinliError.invalid(
                "needs.joinProtected",
                [
                    .init(
                        "text",
                        Text("投诉、举报要保护您，不和别人并在一起，请点“单独反映”", "A complaint is never joined: please report it by itself")
                    )
                ]
            )
        }
        let place = try await services.database.read { tx in try NeedsStore.place(form, tx) }
        var draft = CaseDraft(text: form.text, division: lead.division)
        draft.category = lead.category
        draft.nature = nature
        draft.spot = category.map { form.spot($0) } ?? .estate
        draft.location = form.location
        draft.home = form.home
        draft.place = place?.id
        draft.photos = photos
        draft.latitude = form.point?.latitude
        draft.longitude = form.point?.longitude
        draft.isUrgent = form.isUrgent
        draft.disclosure = form.disclosure ?? .named
        draft.source = account == nil || draft.disclosure == .anonymous ? .web : .account
        draft.reporterName = form.name.isEmpty ? account?.name ?? "" : form.name
        draft.reporterPhone = PhoneNumber(form.phone)?.number ?? form.phone
        return draft
    }
}
