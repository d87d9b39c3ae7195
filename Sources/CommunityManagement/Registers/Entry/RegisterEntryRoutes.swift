import LinliCore
import LinliKernel

/// The forms of entering and correcting.
enum RegisterEntryRoutes {
    // MARK: Entering

    /// Where something new goes: a household, a dwelling, a place, or a grid alone.
    private struct Spot: Sendable {
        var household: ID<Household>?
        var dwelling: ID<Dwelling>?
        var place: ID<Place>?
        var division: DivisionCode
        var address: String
    }

    static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await newPage(request, services).page)
    }

    private static func newPage(_ request: Request, _ services: Services) async throws -> RegisterFormPage {
        let kind = try RegisterItemRoutes.kind(request)
        // A household begins with its first member.
        guard kind != .household else { throw LinliError.notFound("registers.kind") }
        let spot = try await spot(kind, request, services)
        let actor = request.context.actor
        let now = request.context.now
        let divisions: [DivisionCode] =
            spot.place != nil || spot.dwelling != nil || spot.household != nil
            ? []
            : try await services.database.read { tx in
                let own = actor.scope(for: .peopleEdit).divisions.filter { $0.level >= .community }
                return try own + own.flatMap { try DivisionsStore.children(of: $0, at: now, tx).map(\.code) }
            }
        var page = RegisterFormPage(
            frame: RegisterFrame(actor), kind: kind,
            fields: services.registers.fields(of: kind, for: actor, in: spot.division),
            form: request.method == .post ? request.form : request.query, catalogue: services.catalogue,
            names: services.divisions, formToken: request.formToken)
        page.divisions = divisions
        if let household = spot.household {
            let members = try await services.database.read { try RegisterQueries.members(of: household, $0) }
            page.head = members.first { $0.relation == .head }?.person.name
        }
        if kind != .person { page.map = try await RegisterMap(spot.division, services, now) }
        page.place = spot.address
        page.hidden = [
            spot.household.map { (name: "household", value: "\($0)") },
            spot.dwelling.map { (name: "dwelling", value: "\($0)") },
            spot.place.map { (name: "place", value: "\($0)") },
        ].compactMap { $0 }
        return page
    }

    private static func spot(_ kind: RegisterKind, _ request: Request, _ services: Services) async throws -> Spot {
        let typed = request.method == .post ? request.form : request.query
        let actor = request.context.actor
        let spot = try await services.database.read { tx -> Spot? in
            if let id: ID<Household> = typed.id("household"), let household = try RegisterQueries.household(id, tx) {
                let address = try RegisterQueries.dwelling(household.dwelling, tx)?.address ?? ""
                return Spot(household: id, division: household.division, address: address)
            }
            if let id: ID<Dwelling> = typed.id("dwelling"), let dwelling = try RegisterQueries.dwelling(id, tx) {
                return Spot(dwelling: id, division: dwelling.division, address: dwelling.address)
            }
            if let id: ID<Place> = typed.id("place"), let place = try PlacesStore.find(id, tx) {
                return Spot(place: id, division: place.division, address: place.address)
            }
            guard kind == .organization || kind == .thing else { return nil }
            let own = actor.scope(for: .peopleEdit).divisions
            let division = typed["division"].flatMap { DivisionCode($0) } ?? own.first
            return division.map { Spot(division: $0, address: "") }
        }
        guard let spot, actor.may(.peopleEdit, in: spot.division) else { throw LinliError.notFound("registers.spot") }
        return spot
    }

    static func enter(_ request: Request, _ services: Services) async throws -> Reply {
        let kind = try RegisterItemRoutes.kind(request)
        let spot = try await spot(kind, request, services)
        do {
            return .redirect(try await enter(kind, spot, request, services))
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await newPage(request, services)
            page.error = error
            page.isAgain = true
            return .page(page.page, status: status)
        }
    }

    private static func enter(
        _ kind: RegisterKind, _ spot: Spot, _ request: Request, _ services: Services
    ) async throws -> String {
        let (context, database, settings) = (request.context, services.database, services.registers)
        let form = request.form
        let fields = settings.fields(of: kind, for: context.actor, in: spot.division)
        var typed: RegisterCommands.Typed = [:]
        for field in fields {
            // What nobody typed into a closely kept field is nothing, not an empty value.
            if let value = form.all(field.id).first, field.fieldClass == .basic || !value.trimmed.isEmpty {
                typed[field] = value
            }
        }
        switch kind {
        case .person:
            let door: RegisterCommands.Door
            if let household = spot.household {
                door = .household(household)
            } else if let dwelling = spot.dwelling {
                door = .dwelling(dwelling)
            } else {
                throw LinliError.notFound("registers.spot")
            }
            guard form.all("relation").first?.isEmpty != true else {
                throw LinliError.invalid(
                    "registers.relation",
                    [.init("relation", Text("请选与户主的关系", "Please choose what they are to the head"))])
            }
            let id = try await RegisterCommands.enterPerson(
                typed, door, tie: form["tie"].flatMap { ResidenceTie(rawValue: $0) } ?? .family,
                relation: form["relation"].flatMap { HouseholdRelation(rawValue: $0) } ?? .other,
                since: try RegisterHomeSteps.day(form), replacesHead: form["replace"] == "yes",
                isChecked: form["checked"] == "yes", context, database, settings)
            let isDoubtful = try !RegisterCommands.check(typed, today: context.now.date).warnings.isEmpty
            return RegisterWords.path(RegisterSubject(.person, id)) + "?done=\(isDoubtful ? "doubtful" : "entered")"
        case .dwelling:
            guard let place = spot.place else { throw LinliError.notFound("registers.spot") }
            fill(&typed, ["dwelling.occupancy": "unknown"])
            let id = try await RegisterCommands.enterDwelling(typed, in: place, context, database, settings)
            return RegisterWords.path(RegisterSubject(.dwelling, id)) + "?done=entered"
        case .organization:
            fill(&typed, ["organization.kind": "other"])
            let (id, warnings) = try await RegisterCommands.enterOrganization(
                typed, in: spot.place, dwelling: spot.dwelling, division: spot.division, context, database, settings)
            return RegisterWords.path(RegisterSubject(.organization, id))
                + "?done=\(warnings.isEmpty ? "entered" : "doubtful")"
        case .thing:
            fill(&typed, ["thing.state": "sound"])
            let id = try await RegisterCommands.enterThing(
                typed, in: spot.place, division: spot.division, context, database, settings)
            return RegisterWords.path(RegisterSubject(.thing, id)) + "?done=entered"
        case .household: throw LinliError.notFound("registers.kind")
        }
    }

    /// What a choice means where nobody chose.
    private static func fill(_ typed: inout RegisterCommands.Typed, _ values: [String: String]) {
        for (id, value) in values {
            guard let field = RegisterField.named(id), (typed[field] ?? "").trimmed.isEmpty else { continue }
            typed[field] = value
        }
    }

    // MARK: Correcting

    static func changeForm(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await changePage(request, services).page)
    }

    private static func changePage(_ request: Request, _ services: Services) async throws -> RegisterFormPage {
        let subject = try RegisterItemRoutes.subject(request)
        let actor = request.context.actor
        let (item, facts, sealed) = try await services.database.read { tx in
            guard let item = try RegisterQueries.item(subject, tx), item.isHere, item.restrictedAt == nil,
                actor.may(.peopleEdit, in: item.division)
            else { throw LinliError.notFound("registers.scope") }
            let fields = RegisterField.of(subject.kind).filter { $0.fieldClass != .basic }
            return (
                item, try RegisterQueries.facts(of: subject, tx),
                try RegisterReading.cells(fields, of: subject, tx).map(\.field)
            )
        }
        var page = RegisterFormPage(
            frame: RegisterFrame(actor), kind: subject.kind,
            fields: services.registers.fields(of: subject.kind, for: actor, in: item.division), form: request.form,
            catalogue: services.catalogue, names: services.divisions, formToken: request.formToken)
        page.item = item
        if RegisterField.of(subject.kind).contains(where: { $0.value == .point }) {
            page.map = try await RegisterMap(item.division, services, request.context.now)
        }
        page.sealed = sealed
        for fact in facts { if let value = fact.value { page.facts[fact.field] = value } }
        return page
    }

    static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let subject = try RegisterItemRoutes.subject(request)
        let form = request.form
        do {
            let cleared = Set(form.all("clear"))
            var typed: RegisterCommands.Typed = [:]
            for field in RegisterField.of(subject.kind) {
                guard let value = form.all(field.id).first else { continue }
                if field.fieldClass == .basic || !value.trimmed.isEmpty { typed[field] = value }
                if cleared.contains(field.id) { typed[field] = "" }
            }
            let changed = try await RegisterCommands.change(
                typed, of: subject, version: form.int("version"), request.context, services.database,
                services.registers)
            let done = changed.fields.isEmpty ? "same" : changed.warnings.isEmpty ? "change" : "doubtful"
            return .redirect(RegisterWords.path(subject) + "?done=\(done)")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await changePage(request, services)
            page.error = error
            page.isAgain = true
            return .page(page.page, status: status)
        }
    }
}
