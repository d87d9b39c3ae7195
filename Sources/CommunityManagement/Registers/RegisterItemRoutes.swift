import LinliCore
import LinliKernel

/// The pages of entries, and what is done with them.
enum RegisterItemRoutes {
    static let all: [Route] = [
        .get("/registers/:kind/new", access: .permission(.peopleEdit), RegisterEntryRoutes.form),
        .post("/registers/:kind/new", access: .permission(.peopleEdit), RegisterEntryRoutes.enter),
        .get("/registers/:kind/:id", access: .permission(.peopleRead), show),
        .get("/registers/:kind/:id/change", access: .permission(.peopleEdit), RegisterEntryRoutes.changeForm),
        .post("/registers/:kind/:id/change", access: .permission(.peopleEdit), RegisterEntryRoutes.change),
        .post("/registers/:kind/:id/reveal", access: .permission(.peopleReveal), reveal),
        .post("/registers/:kind/:id/photos", access: .permission(.peopleEdit), addPhotos),
        .get("/registers/:kind/:id/photos/:file", access: .permission(.peopleRead), photo),
        .post("/registers/:kind/:id/:step", access: .permission(.peopleEdit), step),
    ]

    /// What the address names.
    ///
    /// - Throws: `.notFound` for a kind there is not.
    static func subject(_ request: Request) throws -> RegisterSubject {
        let id: ID<RegisterItem> = try request.id()
        return RegisterSubject(try kind(request), id.rawValue)
    }

    static func kind(_ request: Request) throws -> RegisterKind {
        guard let kind = request.parameters["kind"].flatMap({ RegisterKind(rawValue: $0) }) else {
            throw LinliError.notFound("registers.kind")
        }
        return kind
    }

    // MARK: Showing

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        page.done = request.query["done"]
        return .page(page.page)
    }

    /// Reads everything the page of an entry shows.
    static func page(_ request: Request, _ services: Services) async throws -> RegisterItemPage {
        let subject = try subject(request)
        let context = request.context
        let view = try await services.database.read { tx -> RegisterView in
            guard let item = try RegisterQueries.item(subject, tx), context.actor.may(.peopleRead, in: item.division)
            else { throw LinliError.notFound("registers.scope") }
            var view = try RegisterView(item, context.actor, services, tx)
            if subject.kind == .person, context.actor.may(.peopleReveal, in: item.division) {
                view.offered = try LabelBook.current(tx).services
            }
            return view
        }
        let actor = context.actor
        let division = view.item.division
        var panels: [HTML] = []
        if view.item.restrictedAt == nil {
            for panel in services.features.panels(on: subject.kind) where actor.may(panel.permission) {
                if let html = try await panel.show(subject, division, request, services) { panels.append(html) }
            }
        }
        var map = HTML.empty
        if let point = view.dwelling?.point ?? view.organization?.point ?? view.thing?.point {
            map = try await RegisterMap(division, services, context.now).shown(
                point, name: view.item.name, path: RegisterWords.path(subject))
        }
        let sheets = view.history.compactMap(\.sheet).filter { actor.may(.peopleImport, in: $0.division) }
        return RegisterItemPage(
            frame: RegisterFrame(actor), view: view,
            fields: services.registers.fields(of: subject.kind, for: actor, in: division), panels: panels, map: map,
            mayEdit: actor.may(.peopleEdit, in: division), mayReveal: actor.may(.peopleReveal, in: division),
            imports: Set(sheets.map(\.id)), done: nil, today: context.now.date, now: context.now,
            names: services.divisions, catalogue: services.catalogue, formToken: request.formToken)
    }

    /// Does what a form asks; one that cannot be taken comes back on the page of the entry, as it was typed.
    private static func attempt(
        _ request: Request, _ services: Services, _ body: () async throws -> String
    ) async throws -> Reply {
        do {
            return .redirect(try await body())
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            page.form = request.form
            page.failed = request.parameters["step"] ?? ""
            return .page(page.page, status: status)
        }
    }

    // MARK: Reading closely kept fields

    private static func reveal(_ request: Request, _ services: Services) async throws -> Reply {
        let subject = try subject(request)
        let form = request.form
        do {
            let allowed = services.registers.hasSpecialGroups
            let fields = form.all("field").compactMap { RegisterField.named($0) }.filter {
                $0.kind == subject.kind && ($0.fieldClass != .special || allowed)
            }
            var problems: [LinliError.Field] = []
            if fields.isEmpty { problems.append(.init("field", Text("请勾选要看的项目", "Tick what you want to read"))) }
            let chosen = form["purpose"].flatMap { ReadingPurpose(rawValue: $0) }
            if chosen == nil { problems.append(.init("purpose", Text("请选用途", "Please choose what for"))) }
            guard let purpose = chosen, problems.isEmpty else {
                throw LinliError.invalid("registers.purpose", problems)
            }
            let service = try await services.database.read { try purpose.catalogued(form["service"], $0) }
            let values = try await RegisterReading.read(
                fields, of: subject, for: purpose, service: service, note: form["note"] ?? "",
                request.context, services.database)
            var page = try await page(request, services)
            page.revealed = values
            return Reply.page(page.page).adding("cache-control", "no-store")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            page.form = form
            return .page(page.page, status: status)
        }
    }

    // MARK: Photos

    private static func addPhotos(_ request: Request, _ services: Services) async throws -> Reply {
        let subject = try subject(request)
        let photos = try await FormPhotos(request, services)
        do {
            if let problem = photos.problem { throw problem }
            try await RegisterCommands.attach(photos.files, to: subject, request.context, services.database)
            return .redirect(RegisterWords.path(subject) + "?done=photo")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            page.keptPhotos = photos.files.map { FormPhotos.value($0, services.database.keys) }
            return .page(page.page, status: status)
        }
    }

    static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let subject = try subject(request)
        let file: ID<StoredFile> = try request.id("file")
        let actor = request.context.actor
        let found = try await services.database.read { tx -> (hash: String, size: Int)? in
            guard let item = try RegisterQueries.item(subject, tx), item.restrictedAt == nil,
                actor.may(.peopleRead, in: item.division)
            else { return nil }
            return try RegisterQueries.photo(file, of: subject, tx)
        }
        guard let found else { throw LinliError.notFound("registers.photo") }
        return try CasePhotoReply.make(found, isSmall: request.query["size"] == "small", services)
    }

    // MARK: Steps

    private static func step(_ request: Request, _ services: Services) async throws -> Reply {
        let subject = try subject(request)
        let step = request.parameters["step"] ?? ""
        guard let run = steps[step] else { throw LinliError.notFound("registers.step") }
        return try await attempt(request, services) {
            try await run(subject, request, services)
            return RegisterWords.path(subject) + "?done=\(step == "remove-photo" ? "photo" : step)"
        }
    }

    private typealias Step = @Sendable (RegisterSubject, Request, Services) async throws -> Void

    private static let steps: [String: Step] = [
        "move": move,
        "add-home": RegisterHomeSteps.add,
        "correct-home": RegisterHomeSteps.correct,
        "end-home": RegisterHomeSteps.end,
        "end": { subject, request, services in
            guard let reason = request.form["reason"].flatMap({ EndReason(rawValue: $0) }) else {
                throw LinliError.invalid("registers.end", [.init("reason", Text("请选原因", "Please choose why"))])
            }
            try await RegisterCommands.end(
                subject, reason, on: try RegisterHomeSteps.day(request.form), version: request.form.int("version"),
                request.context, services.database)
        },
        "reopen": { subject, request, services in
            try await RegisterCommands.reopen(
                subject, version: request.form.int("version"), request.context, services.database)
        },
        "link": link,
        "unlink": { subject, request, services in
            guard let link: ID<RegisterLinkRow> = request.form.id("link") else {
                throw LinliError.notFound("registers.link")
            }
            try await RegisterCommands.unlink(link, of: subject, request.context, services.database)
        },
        "remove-photo": { subject, request, services in
            guard let file: ID<StoredFile> = request.form.id("file") else {
                throw LinliError.notFound("registers.photo")
            }
            try await RegisterCommands.detach(file, from: subject, request.context, services.database)
        },
        "merge": RegisterMergeSteps.merge,
        "split": { subject, request, services in
            try await RegisterMergeSteps.split(subject, request.context, services)
        },
    ]

    private static func move(_ subject: RegisterSubject, _ request: Request, _ services: Services) async throws {
        let form = request.form
        let context = request.context
        let target = try await RegisterHomeSteps.target(request, services)
        let version = form.int("version")
        let day = try RegisterHomeSteps.day(form)
        switch subject.kind {
        case .person:
            try await RegisterCommands.move(
                ID(rawValue: subject.id), to: target.door(form),
                tie: form["tie"].flatMap { ResidenceTie(rawValue: $0) } ?? .family,
                relation: form["relation"].flatMap { HouseholdRelation(rawValue: $0) } ?? .other, on: day,
                version: version, context, services.database)
        case .household:
            try await RegisterCommands.moveHousehold(
                ID(rawValue: subject.id), to: target.dwelling.id, on: day, version: version, context, services.database)
        case .organization:
            try await RegisterCommands.moveOrganization(
                ID(rawValue: subject.id), to: target.dwelling.id, on: day, version: version, context, services.database)
        default: throw LinliError.notFound("registers.move")
        }
    }

    private static func link(_ subject: RegisterSubject, _ request: Request, _ services: Services) async throws {
        guard let relation = request.form["relation"].flatMap({ RegisterRelation(rawValue: $0) }) else {
            throw LinliError.invalid("registers.relation", [.init("relation", Text("请选关联", "Please choose the tie"))])
        }
        let typed = request.form["other"] ?? ""
        let other = try await services.database.read { try RegistersStore.named(typed, near: subject, $0) }
        guard let other else {
            throw LinliError.invalid(
                "registers.other",
                [.init("other", Text("没有找到；请粘贴对方登记页的网址", "Not found; paste the address of their page"))])
        }
        try await RegisterCommands.link(subject, relation, to: other, request.context, services.database)
    }
}

extension RegisterView {
    /// Reads an entry with what is around it.
    init(_ item: RegisterItem, _ actor: Actor, _ services: Services, _ tx: ReadTx) throws {
        self.item = item
        let subject = item.subject
        switch subject.kind {
        case .person:
            person = try RegisterQueries.person(ID(rawValue: subject.id), tx)
            homes = try RegisterQueries.homes(of: ID(rawValue: subject.id), tx)
            lived = try RegisterQueries.formerHomes(of: ID(rawValue: subject.id), for: actor, tx)
        case .household:
            household = try RegisterQueries.household(ID(rawValue: subject.id), tx)
            dwelling = try household.flatMap { try RegisterQueries.dwelling($0.dwelling, tx) }
            residents = try RegisterQueries.members(of: ID(rawValue: subject.id), tx)
        case .dwelling:
            dwelling = try RegisterQueries.dwelling(ID(rawValue: subject.id), tx)
            households = try RegisterQueries.households(of: ID(rawValue: subject.id), tx)
            residents = try RegisterQueries.residents(of: ID(rawValue: subject.id), tx)
            organizations = try RegistersStore.organizations(in: ID(rawValue: subject.id), tx)
        case .organization: organization = try RegisterQueries.organization(ID(rawValue: subject.id), tx)
        case .thing:
            thing = try RegisterQueries.thing(ID(rawValue: subject.id), tx)
            upkeep = try thing?.upkeepUnit.flatMap { try UnitsStore.find($0, tx) }
        }
        if subject.kind != .household, let id = dwelling?.place ?? organization?.place ?? thing?.place {
            place = try PlacesStore.find(id, tx)
        }
        address = try dwelling.map { try $0.standardAddress(services.divisions, tx) }
        manager = try PlacesStore.manager(of: place, tx)
        facts = try RegisterQueries.facts(of: subject, tx)
        links = try RegisterQueries.shownLinks(of: subject, tx)
        photos = try RegisterQueries.photos(of: subject, tx)
        // Never of a place one may not see, nor who wants nothing but keeping.
        twins = try RegisterQueries.twins(of: subject, tx).filter {
            $0.item.restrictedAt == nil && actor.may(.peopleRead, in: $0.item.division)
        }
        merged = try RegisterQueries.merged(into: subject, tx).filter { actor.may(.peopleRead, in: $0.item.division) }
        history = try RegisterHistory.lines(of: subject, services.database.keys, tx)
        stays = try RegisterStays.of(subject, for: actor, tx)
        if subject.kind == .person { began = try RegisterDays.began(ID(rawValue: subject.id), tx) }
        if !item.isHere { endedOn = try RegisterDays.ended(subject, tx) }
        sealed = try RegisterReading.cells(
            RegisterField.of(subject.kind).filter { $0.fieldClass != .basic }, of: subject, tx
        ).map(\.field)
    }
}
