import LinliCore
import LinliKernel
import LinliStandards

/// Telling a need: the form, what helps while it is filled in, and taking it.
enum ReportRoutes {
    static let all: [Route] = [
        .get("/report", access: .public, show),
        .post("/report", access: .public, take),
        .get("/report/suggest", access: .public, suggest),
        .get("/report/similar", access: .public, similar),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var form = NeedForm()
        form.type = request.query["type"] ?? form.type
        form.isForFamily = request.query["for"] != nil
        // A code on a wall says where it hangs, also exactly where; a public case its place and its kind.
        let (code, named): (String?, ID<Place>?) = (request.query["code"], request.query.id("place"))
        let empty = form
        let filled = try await services.database.read { tx -> NeedForm? in
            let scanned = try code.flatMap { try WallCodesStore.valid($0, tx) }
            guard let place = scanned?.place ?? named else { return nil }
            var form = try NeedsStore.filled(empty, with: place, tx)
            form?.location = scanned?.note ?? ""
            return form
        }
        form = filled ?? form
        form.category = request.query["minor"].flatMap { services.catalogue[code: $0]?.code } ?? ""
        return try await page(form, nil, [], request, services)
    }

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        var form = NeedForm(request.form)
        form.opening = try services.queries.types.offered(form.type, at: .resident).opening
        let context = try writer(form, request.context, services)
        var photos = FormPhotos.none
        do {
            photos = try await NeedPhotos.take(request, services, as: context)
            if let problem = photos.problem { throw problem }
            let same = form.text.isEmpty ? [] : try await unseen(form, context, request, services)
            guard same.isEmpty else {
                form.kept = NeedPhotos.fields(photos, services)
                return try await page(form, nil, same, request, services)
            }
            let taken = try await store(form, photos.files, context, request, services)
            return answer(taken, request)
        } catch let error as LinliError where status(error) != nil {
            form.kept = NeedPhotos.fields(photos, services)
            return try await page(form, error, [], request, services)
        }
    }

    /// Who writes it down. Somebody who wants to stay anonymous is so in the audit too, signed in or not.
    private static func writer(_ form: NeedForm, _ context: Context, _ services: Services) throws -> Context {
        let category = try form.category(services.catalogue, services.suggestions)
        let nature = try category.map { try form.nature($0, services.suggestions) } ?? .assistance
        guard form.disclosure(nature) == .anonymous else { return context }
        return Context(
            actor: .anonymous, now: context.now, language: context.language, requestID: context.requestID
        )
    }

    private static func store(
        _ form: NeedForm, _ photos: [ID<StoredFile>], _ context: Context, _ request: Request, _ services: Services
    ) async throws -> CaseCommands.Taken {
        let account = request.session?.account
        let (place, division, isUnit) = try await services.database.read { tx in
            let place = try NeedsStore.place(form, tx)
            let division = try NeedsStore.division(for: form, place: place, account, at: context.now, tx)
            return (place, division, try form.accused.allSatisfy { try NeedsStore.isUnit($0, tx) })
        }
        guard isUnit else {
            throw LinliError.invalid(
                "needs.against", [.init("against", Text("请从列表里选单位", "Please choose a unit from the list"))]
            )
        }
        guard !form.isAgainstNobody || form.others.isEmpty else { throw AgainstChoice.contradiction }
        let draft = try form.draft(
            in: division, place: place?.id, photos: photos, teller: account?.name, services.catalogue,
            services.suggestions
        )
        let filling = request.idempotencyKey ?? form.once
        // A key somebody could guess would lead to somebody else's receipt.
        guard filling.utf8.count >= 16 else { return try await services.commands.report(draft, context) }
        // Sent again it is the same case; changed in between, after going back to the form, it is another.
        return try await services.commands.report(draft, once: "\(filling):\(form.fingerprint)", context)
    }

    /// Programs that send later (the outbox) get the address and number, people the receipt's page.
    private static func answer(_ taken: CaseCommands.Taken, _ request: Request) -> Reply {
        let path = CasePath.receipt(taken.receipt) + "?new=1"
        guard request.idempotencyKey != nil else { return .redirect(path) }
        var json = JSONWriter()
        json.object { json in
            json.field("url", path)
            json.field("number", taken.number)
        }
        return .json(json, status: 201)
    }

    /// The status under which the form is shown again; nil for what nobody can mend here. A store that is full or busy
    /// must not cost what was typed.
    private static func status(_ error: LinliError) -> Int? {
        error.formStatus ?? (error.kind == .unavailable ? 503 : nil)
    }

    /// The form as somebody filled it in.
    static func page(
        _ form: NeedForm, _ error: LinliError?, _ similar: [JoinableCase], _ request: Request,
        _ services: Services
    ) async throws -> Reply {
        let type = try services.queries.types.offered(form.type, at: .resident)
        let account = request.session?.account
        let now = request.context.now
        let options = try await services.database.read { tx in
            try NeedsStore.options(account, place: try NeedsStore.place(form, tx), at: now, tx)
        }
        let model = ReportModel(
            type: type, types: services.queries.types.offered(at: .resident), form: form,
            options: options, catalogue: services.catalogue, account: account, error: error,
            formToken: request.formToken, base: services.baseMap, similar: similar, now: now
        )
        // Nothing was stored yet: a script that sent it takes the question for a refusal, and shows the page.
        let reply = Reply.page(
            ReportPages.page(model), status: error.flatMap { status($0) } ?? (similar.isEmpty ? 200 : 422))
        return error?.retryAfterSeconds.map { reply.adding("retry-after", String($0)) } ?? reply
    }

    // MARK: While it is filled in

    /// What the words sound like. `category` is the tile of a kind that is sure enough to be chosen for the person, with
    /// its `label`; otherwise `options` are the likeliest categories, for the person to choose from.
    private static func suggest(_ request: Request, _ services: Services) async throws -> Reply {
        let text = String((request.query["text"] ?? "").prefix(200))
        let found = try await services.suggestions.suggest(text)
        let language = request.context.language
        let best = found.isSure ? found.category : nil
        let isNatureSure = found.nature.percent >= services.suggestions.confirmBelowPercent
        var json = JSONWriter()
        json.object { json in
            json.field("category", best.map(NeedForm.kind))
            json.field("label", best?.name[language])
            json.field("nature", !text.isEmpty && isNatureSure ? found.nature.value.rawValue : nil)
            json.key("options")
            json.array { json in
                guard best == nil, found.category != nil else { return }
                for guess in found.categories {
                    json.object { json in
                        json.field("category", NeedForm.kind(guess.value))
                        json.field("minor", guess.value.code)
                        json.field("label", guess.value.name[language])
                    }
                }
            }
        }
        return .json(json)
    }

    /// What others told nearby: public places only, and never who. Of a kind that is wide, or of none, the words say what
    /// it most likely is.
    private static func similar(_ request: Request, _ services: Services) async throws -> Reply {
        var form = NeedForm(request.query)
        form.text = String(form.text.prefix(200))
        let likeliest = try form.category(services.catalogue, services.suggestions)
        let rows = try await SimilarCases.forNeighbours(
            codes(of: form, likeliest, services.catalogue), likeliest: likeliest?.code ?? "", at: form.place,
            around: form.point, request, services
        )
        return .fragment(SimilarParts.list(rows, services.catalogue, now: request.context.now))
    }

    private static func codes(
        of form: NeedForm, _ likeliest: EventCategory?, _ catalogue: EventCatalogue
    ) -> [String] {
        if catalogue[code: form.category] == nil {
            if form.kind == NeedForm.streetKind { return catalogue.all.filter { $0.scheme != .resident }.map(\.code) }
            if let kind = catalogue[code: form.kind] { return SimilarCases.codes(of: kind, catalogue) }
        }
        return likeliest.map { SimilarCases.codes(of: $0, catalogue) } ?? []
    }

    /// What may be the same as what was just sent, for who was not shown all of it while they filled the form in: asked
    /// once, never of what is urgent or protects who tells it, and of a script only while its person is there to answer.
    private static func unseen(
        _ form: NeedForm, _ context: Context, _ request: Request, _ services: Services
    ) async throws -> [JoinableCase] {
        let answer = request.form["similar"] ?? ""
        let filling = request.idempotencyKey ?? form.once
        guard answer != "seen", request.idempotencyKey == nil || request.form["here"] == "yes",
            !form.isUrgent, form.accused.isEmpty,
            let category = try form.category(services.catalogue, services.suggestions),
            try !form.nature(category, services.suggestions).isProtected,
            try await services.commands.taken(once: "\(filling):\(form.fingerprint)", context) == nil
        else { return [] }
        let found = try await SimilarCases.forNeighbours(
            SimilarCases.codes(of: category, services.catalogue), at: form.place, around: form.point, request, services
        )
        let shown = Set(answer.split(separator: ",").map { String($0) })
        return found.allSatisfy { shown.contains($0.number) } ? [] : found
    }
}
