import LinliCore
import LinliKernel

/// Whom services reach: counts for everybody who may see them, names for who looks after the people.
enum CareCoverageRoutes {
    static let all: [Route] = [
        .get("/desk/care/services", access: .permission(.labelsCounts), counts),
        .get("/desk/care/services/:service", access: .permission(.peopleRead), people),
        .post("/desk/care/services/:service", access: .permission(.peopleRead), open),
    ]

    private static func counts(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        let divisions = context.actor.scope(for: .labelsCounts).divisions
        let named = request.query["division"].flatMap { DivisionCode($0) }
        guard let area = named ?? divisions.first, context.actor.may(.labelsCounts, in: area) else {
            throw LinliError.notFound("care.division")
        }
        let names = LabelKeys(services.database.keys)
        let (rows, refusals, gone, book) = try await services.database.read { tx in
            let refusals = try CareTaskStore.refusals(in: area, tx)
            let gone = try CareCoverageRoutes.gone(area, tx)
            let named = Set(refusals.map(\.service))
            return (
                try CareCoverageRoutes.rows(area, names, at: context.now, tx), refusals, gone,
                try LabelBook.current(tx).remembering(named, tx)
            )
        }
        let page = CareCoveragePage(
            area: area, divisions: divisions, rows: rows, refusals: refusals, gone: gone, book: book,
            size: GroupSize(services.registers, for: context.actor, in: area),
            mayList: context.actor.may(.peopleRead, in: area),
            names: services.divisions)
        return .page(page.page)
    }

    /// Services that are not in the catalogue any more and have open orders in an area, with how many.
    static func gone(_ area: DivisionCode, _ tx: ReadTx) throws -> [CareCoveragePage.Gone] {
        let book = try LabelBook.current(tx)
        let counts = try CareStore.gone(book, in: area, tx)
        let known = try book.remembering(Set(counts.keys), tx)
        return counts.sorted { $0.key < $1.key }.map { id, count in
            CareCoveragePage.Gone(service: id, name: CareOffer.name(id, known), count: count)
        }
    }

    /// A service of the catalogue, or one of an earlier one whose orders are still open.
    static func service(_ id: String, _ tx: ReadTx) throws -> (service: CareService, isGone: Bool)? {
        let book = try LabelBook.current(tx).remembering([id], tx)
        return book[kept: id].map { ($0, book[service: id] == nil) }
    }

    /// Each service with its parts below an area.
    static func rows(
        _ area: DivisionCode, _ names: LabelKeys, at now: Instant, _ tx: ReadTx
    ) throws -> [CareCoveragePage.Service] {
        let book = try LabelBook.current(tx)
        var parts = try DivisionsStore.children(of: area, at: now, tx).map(\.code)
        // A district's parts are its streets; their communities would be a page of their own.
        parts = area.level >= .grid || parts.isEmpty ? [area] : parts
        let keys = book.services.map { names.key(service: $0.id) }
        let totals = try LabelCounts.totals(of: keys, in: parts, tx)
        let progress = try CareStore.progress(in: area, at: now, tx)
        return try book.services.map { service in
            let key = names.key(service: service.id)
            let open = try CareStore.unreached(service.id, key, in: area, at: now, tx)
            var all: [DivisionCode: CareProgress] = [:]
            for (code, found) in progress {
                guard let part = parts.first(where: { $0.contains(code) }), let one = found[service.id] else {
                    continue
                }
                all[part] = (all[part] ?? CareProgress()) + one
            }
            for (code, found) in try CareStore.besides(service.id, key, in: area, at: now, tx) {
                guard let part = parts.first(where: { $0.contains(code) }) else { continue }
                all[part] = (all[part] ?? CareProgress()).without(found)
            }
            for (code, count) in open {
                guard let part = parts.first(where: { $0.contains(code) }) else { continue }
                all[part, default: CareProgress()].unreached += count
            }
            for part in parts { all[part, default: CareProgress()].entitled = totals[part]?[key] ?? 0 }
            return CareCoveragePage.Service(service: service, parts: parts.map { ($0, all[$0] ?? CareProgress()) })
        }
    }

    // MARK: Names

    private static func people(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await list(request, services, for: nil).page)
    }

    private static func open(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let purpose = try CareRoutes.purpose(request)
            return .page(try await list(request, services, for: purpose).page)
        } catch let error as LinliError where error.kind == .invalid || error.kind == .forbidden {
            var page = try await list(request, services, for: nil)
            page.error = error
            return .page(page.page, status: error.kind == .forbidden ? 403 : 422)
        }
    }

    private static func list(
        _ request: Request, _ services: Services, for purpose: ReadingPurpose?
    ) async throws -> CareUnreachedPage {
        let context = request.context
        let id = request.parameters["service"] ?? ""
        let found = try await services.database.read { try CareCoverageRoutes.service(id, $0) }
        let divisions = context.actor.scope(for: .peopleRead).divisions
        let named = (request.form["division"] ?? request.query["division"]).flatMap { DivisionCode($0) }
        guard let (service, isGone) = found, let area = named ?? divisions.first,
            context.actor.may(.peopleRead, in: area)
        else { throw LinliError.notFound("care.service") }
        let after: ID<Person>? = request.form.id("after") ?? request.query.id("after")
        let isShown = service.fieldClass == .basic || purpose != nil
        var page = CareUnreachedPage(
            service: service, isGone: isGone, area: area, isOpen: isShown, now: context.now,
            formToken: request.formToken, names: services.divisions)
        guard isShown else { return page }
        page.people = try await unreached(
            service, isGone: isGone, in: area, for: purpose, after: after, limit: CareUnreachedPage.limit, context,
            services
        ).rows
        return page
    }

    /// Who may have a service or was told of it and is not reached, in the order of their identifiers.
    static func unreached(
        _ service: CareService, isGone: Bool, in area: DivisionCode, for purpose: ReadingPurpose?,
        after: ID<Person>?, limit: Int, _ context: Context, _ services: Services
    ) async throws -> APIPage<CareUnreachedPage.Entry> {
        let key: Int64? = isGone ? nil : LabelKeys(services.database.keys).key(service: service.id)
        let found = try await services.database.read { tx in
            try CareStore.unreachedPeople(
                service.id, key, in: area, after: after, limit: limit + 1, at: context.now, tx)
        }
        // Who stands on the next page is not read yet, and no reading of them is noted.
        let page = APIPage(found, limit) { "\($0)" }
        let ids = page.rows
        let offers = try await services.database.read { try CareStore.offers(of: ids, $0) }
        // That somebody was told of a service tells as much of them as that they may have it.
        let told = offers.filter { $0.value.contains { $0.service == service.id } }
        let shown = try await LabelReading.read(
            ids, in: area, for: purpose, service: service.id, besides: told.mapValues { _ in service.noted() }, context,
            services.database)
        let people = try await services.database.read { tx in
            let homes = try CareStore.homes(of: ids, tx)
            return try CareStore.people(ids, tx).compactMap { person -> CareUnreachedPage.Entry? in
                // Who said no to rules is named by none from then on; what they were told of or said yes to stays.
                let isWaiting = offers[person.id]?.contains { $0.service == service.id && $0.state != .declined }
                guard person.isProfiled || isWaiting == true else { return nil }
                return CareUnreachedPage.Entry(
                    person: person, home: homes[person.id],
                    because: shown[person.id]?.services.first { $0.service.id == service.id }?.because ?? [],
                    offer: offers[person.id]?.first { $0.service == service.id })
            }
        }
        return APIPage(rows: people, next: page.next)
    }
}
