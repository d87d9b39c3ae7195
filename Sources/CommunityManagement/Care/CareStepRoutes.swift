import LinliCore
import LinliKernel

/// One person's labels and services, and each step with them.
enum CareStepRoutes {
    static let all: [Route] = [
        .get("/desk/care/people/:id", access: .permission(.peopleRead), show),
        .post("/desk/care/people/:id", access: .permission(.peopleRead), open),
        .post("/desk/care/people/:id/:step", access: .permission(.peopleEdit), change),
        .post("/desk/care/offers/:offer/:step", access: .permission(.peopleEdit), move),
        .get("/desk/care/offers/:offer/photos/:file", access: .permission(.peopleRead), photo),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(try request.id(), request, services, for: nil).page)
    }

    private static func open(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Person> = try request.id()
        do {
            let purpose = try CareRoutes.purpose(request)
            return .page(try await page(id, request, services, for: purpose).page)
        } catch let error as LinliError where error.kind == .invalid || error.kind == .forbidden {
            var page = try await page(id, request, services, for: nil)
            page.error = error
            return .page(page.page, status: error.kind == .forbidden ? 403 : 422)
        }
    }

    private static func page(
        _ id: ID<Person>, _ request: Request, _ services: Services, for purpose: ReadingPurpose?
    ) async throws -> CarePersonPage {
        let context = request.context
        let record = try await record(id, for: purpose, context, services)
        return CarePersonPage(
            person: record.person, home: record.home, shown: record.shown, offers: record.offers,
            deliveries: record.deliveries, takings: record.takings, exceptions: record.exceptions,
            toldSince: record.toldSince, closedAfter: services.registers.providerDays, book: record.book,
            purpose: purpose,
            mayEdit: context.actor.may(.peopleEdit, in: record.person.division), done: request.query["done"],
            now: context.now, formToken: request.formToken)
    }

    /// What is known of somebody's labels and services; without a purpose only what is not kept closely.
    ///
    /// - Throws: `.notFound` outside one's duties and for who wants nothing but keeping, `.forbidden` with a purpose for
    ///   who may not read that now.
    static func record(
        _ id: ID<Person>, for purpose: ReadingPurpose?, _ context: Context, _ services: Services
    ) async throws -> CareRecord {
        let person = try await services.database.read { try RegisterQueries.person(id, $0) }
        guard let person, person.entry.validTo == nil, person.restrictedAt == nil,
            context.actor.may(.peopleRead, in: person.division)
        else { throw LinliError.notFound("care.person") }
        let found = try await services.database.read { tx in
            try CareStore.offers(of: [id], for: purpose, try LabelBook.current(tx), tx)
        }
        let offers = found.shown[id] ?? []
        // Why somebody was told whom the rule does not name is opened, and noted, with the rest.
        let exceptional = purpose == nil ? [] : offers.filter(\.isException).map(\.id)
        var noted = found.noted
        if !exceptional.isEmpty { noted[id, default: []].insert(CareExceptions.field) }
        let shown = try await LabelReading.read(
            [id], in: person.division, for: purpose, besides: noted, context, services.database)
        let keys = services.database.keys
        return try await services.database.read { tx in
            let sealed = shown[id] == nil ? [:] : try CareStore.exceptions(of: exceptional, tx)
            return CareRecord(
                person: person, home: try CareStore.homes(of: [id], tx)[id],
                shown: shown[id] ?? LabelReading.Shown(), offers: offers,
                deliveries: try CareStore.deliveries(of: offers.map(\.id), tx),
                takings: try CareTaskStore.takings(of: offers.map(\.id), tx),
                exceptions: try CareExceptions.open(sealed, keys),
                toldSince: try DataConsents.since(.providers, for: id, on: context.now.date, tx), book: found.book)
        }
    }

    // MARK: Steps

    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Person> = try request.id()
        let form = request.form
        return try await answer(request, services, of: id) {
            switch request.parameters["step"] {
            case "label":
                try await LabelCommands.give(
                    form["label"] ?? "", to: id, reason: form["reason"] ?? "", request.context, services.database)
                return (id, "label")
            case "unlabel":
                try await LabelCommands.takeBack(form["label"] ?? "", from: id, request.context, services.database)
                return (id, "unlabel")
            case "offer":
                let how = form["how"].flatMap { CareOffer.Way(rawValue: $0) } ?? .visit
                _ = try await CareCommands(database: services.database).offer(
                    form["service"] ?? "", to: id, how, because: form["exception"] ?? "", request.context)
                return (id, "offer")
            default: throw LinliError.notFound("care.step")
            }
        }
    }

    private static func move(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<CareOffer> = try request.id("offer")
        let offer = try await services.database.read { try CareStore.offer(id, $0) }
        guard let offer, request.context.actor.may(.peopleEdit, in: offer.grid) else {
            throw LinliError.notFound("care.offer")
        }
        let commands = CareCommands(database: services.database)
        let form = request.form
        return try await answer(request, services, of: offer.person, on: id) {
            switch request.parameters["step"] {
            case "answer":
                guard let answer = form["answer"], ["yes", "no"].contains(answer) else {
                    throw LinliError.invalid(
                        "care.answer", [.init("answer", Text("请选愿意或不需要", "Please choose yes or no"))])
                }
                let channel = form["consent"].flatMap { ConsentChannel(rawValue: $0) }
                // Neither words nor a paper is a yes to the service alone, and nothing chosen is no answer.
                guard answer == "no" || channel?.isByStaff == true || form["consent"] == CareTelling.none else {
                    throw LinliError.invalid(
                        "care.consent",
                        [
                            .init(
                                "consent",
                                Text(
                                    "请选本人怎么说的：口头同意、书面同意，还是没有念、不同意",
                                    "Please choose what they said: yes in words, in writing, or not read out or no"))
                        ])
                }
                let consent = CareConsent(channel?.isByStaff == true ? channel : nil, form["text"])
                let person = try await commands.answer(
                    id, yes: answer == "yes", .visit, reason: form["reason"] ?? "", consent: consent, request.context)
                return (person, "answer")
            case "deliver":
                let photos = request.uploads.filter { $0.field == "photos" && $0.size > 0 }
                let kept = try await services.files.keep(
                    Array(photos.prefix(1)), services.database, request.context)
                return (
                    try await commands.deliver(
                        id, signer: form["signer"] ?? "", note: form["note"] ?? "", photo: kept.first, request.context),
                    "deliver"
                )
            case "end": return (try await commands.end(id, request.context), "end")
            default: throw LinliError.notFound("care.step")
            }
        }
    }

    /// Does a step and leads back; what cannot be taken comes back on the person's page.
    private static func answer(
        _ request: Request, _ services: Services, of person: ID<Person>, on offer: ID<CareOffer>? = nil,
        _ step: () async throws -> (person: ID<Person>, done: String)
    ) async throws -> Reply {
        do {
            let (person, done) = try await step()
            return .redirect("/desk/care/people/\(person)?done=\(done)")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let opened = request.form["purpose"].flatMap { ReadingPurpose(rawValue: $0) }
            let purpose = opened.flatMap { CareWords.purposes.contains($0) ? $0 : nil }
            var page = try await page(person, request, services, for: purpose)
            page.error = error
            page.typed = request.form
            page.typedOffer = offer
            return .page(page.page, status: status)
        }
    }

    /// What proves a delivery, for people and for programs.
    static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let (id, file): (ID<CareOffer>, ID<StoredFile>) = (try request.id("offer"), try request.id("file"))
        let found = try await services.database.read { tx -> (hash: String, size: Int)? in
            guard let offer = try CareStore.offer(id, tx), request.context.actor.may(.peopleRead, in: offer.grid)
            else { return nil }
            return try CareStore.photo(file, of: id, tx)
        }
        guard let found else { throw LinliError.notFound("care.photo") }
        return try CasePhotoReply.make(found, isSmall: false, services)
    }
}
