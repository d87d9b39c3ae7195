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

    private static func lead(_ request: Request, _ services: Services) async throws -> JoinableCase {
        var lead = try await services.queries.joinable(
            number(request), as: try await LocalCommunity.neighbour(request, services))
        lead.knowsDoor = try await SimilarCases.knowsDoor(near: lead.division, request, services)
        return lead
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let lead = try await lead(request, services)
        if let mine = try await told(lead, request, services) { return .page(JoinPages.told(lead, mine, nil, "")) }
        return .page(page(NeedForm(), lead, nil, request, services))
    }

    /// The case by which who asks speaks in this one already; nil for who does not, and for who is not known.
    private static func told(
        _ lead: JoinableCase, _ request: Request, _ services: Services
    ) async throws -> ID<Case>? {
        try await services.queries.own(in: [lead.id], of: request.context.actor.account)[lead.id]
    }

    /// The same for who wants to join it with a draft, staying anonymous or not. Sent again after it was taken it is no
    /// second telling, and what speaks of danger is told by itself.
    static func told(
        _ lead: JoinableCase, _ draft: CaseDraft, once key: String, _ context: Context, _ request: Request,
        _ services: Services
    ) async throws -> ID<Case>? {
        guard !draft.isDanger, draft.source != .staff, let mine = try await told(lead, request, services) else {
            return nil
        }
        return try await services.commands.taken(once: key, context) == nil ? mine : nil
    }

    /// What who seems to complain on their own answers.
    private enum Wish: String {
        /// It only adds to what is told already.
        case add
        /// It is their own, and they report it by itself.
        case own
    }

    private static func page(
        _ form: NeedForm, _ lead: JoinableCase, _ error: LinliError?, asksWhoseIt isAsking: Bool = false,
        _ request: Request, _ services: Services
    ) -> Page {
        JoinPages.page(
            JoinModel(
                lead: lead, form: form, category: services.catalogue[code: lead.category]?.name ?? Text("其他", "Other"),
                account: request.session?.account, error: error, formToken: request.formToken,
                now: request.context.now, isOwnComplaint: isAsking
            )
        )
    }

    private static func join(_ request: Request, _ services: Services) async throws -> Reply {
        var form = NeedForm(request.form)
        let lead = try await lead(request, services)
        let wish = request.form["wish"].flatMap { Wish(rawValue: $0) }
        if wish == .add { form.nature = .assistance }
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
            let own = try own(form, lead, services)
            if own != nil || wish == .own {
                form.kept = NeedPhotos.fields(photos, services)
                guard wish == .own else {
                    return .page(page(form, lead, nil, asksWhoseIt: true, request, services))
                }
                return try await alone(form, own ?? .complaint, lead, request, services)
            }
            let draft = try await draft(form, photos.files, lead, request, services)
            let once = "\(form.once):\(form.fingerprint):\(lead.number)"
            if let mine = try await told(lead, draft, once: once, context, request, services) {
                form.kept = NeedPhotos.fields(photos, services)
                return .page(JoinPages.told(lead, mine, form, request.formToken), status: 409)
            }
            let taken = try await services.commands.join(
                lead.number, draft, as: try await LocalCommunity.neighbour(request, services), once: once, context
            )
            return .redirect(CasePath.receipt(taken.receipt) + "?new=1")
        } catch let error as LinliError where error.formStatus != nil {
            form.kept = NeedPhotos.fields(photos, services)
            return .page(page(form, lead, error, request, services), status: error.formStatus ?? 422)
        }
    }

    /// What somebody seems to want for themselves, a complaint or a tip-off: chosen, or in words that leave no doubt. Nil for
    /// words that only add to the case, and for a mere guess.
    private static func own(_ form: NeedForm, _ lead: JoinableCase, _ services: Services) throws -> NeedNature? {
        guard let category = services.catalogue[code: lead.category] else { return nil }
        let decided = try form.decidedNature(category, services.suggestions)
        return decided.value.isProtected && !decided.isDoubtful ? decided.value : nil
    }

    /// The report form with everything that was typed: a complaint of one's own goes its own way.
    private static func alone(
        _ form: NeedForm, _ nature: NeedNature, _ lead: JoinableCase, _ request: Request, _ services: Services
    ) async throws -> Reply {
        var form = form
        form.type = NeedForm().type
        form.nature = nature
        form.category = lead.category
        // Who joins is known to whoever handles it unless they choose otherwise; who complains is not.
        if form.disclosure == .named { form.disclosure = nil }
        let typed = form
        let filled = try await services.database.read { tx -> NeedForm? in
            guard let place = typed.place else { return nil }
            return try NeedsStore.filled(typed, with: place, tx)
        }
        return try await ReportRoutes.page(filled ?? typed, nil, [], request, services)
    }

    /// One more voice. A complaint or tip-off protects who makes it, so that it is never joined to anything.
    static func draft(
        _ form: NeedForm, _ photos: [ID<StoredFile>], _ lead: JoinableCase, _ request: Request, _ services: Services
    ) async throws -> CaseDraft {
        let account = request.session?.account
        let category = services.catalogue[code: lead.category]
        guard try own(form, lead, services) == nil else {
            throw LinliError.invalid(
                "needs.joinProtected",
                [
                    .init(
                        "text",
                        Text(
                            "投诉、举报要保护您，不和别人并在一起，请单独反映；只是补充情况的，请说明只是补充",
                            "A complaint is never joined: report it by itself, or say that your words only add to the case"
                        )
                    )
                ]
            )
        }
        let decided = try category.map { try form.decidedNature($0, services.suggestions) }
        let place = try await services.database.read { tx in try NeedsStore.place(form, tx) }
        var draft = CaseDraft(text: form.text, division: lead.division)
        draft.category = lead.category
        draft.nature = decided?.value ?? .assistance
        if draft.nature.isProtected {
            // Words that only might be a complaint do not keep anybody from joining; staff look at them.
            draft.nature = .assistance
            draft.doubt.insert(.nature)
        }
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
