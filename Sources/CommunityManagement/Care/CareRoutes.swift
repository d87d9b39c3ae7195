import LinliCore
import LinliKernel
import LinliUI

/// Families to look after, for who may see people.
enum CareRoutes {
    static let all: [Route] = [
        .get("/desk/care", access: .permission(.peopleRead), show),
        .post("/desk/care", access: .permission(.peopleRead), open),
    ]

    /// How many people a page works through: more than a grid has to look after, and a page a phone can carry.
    static let limit = 200

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services, for: nil).page)
    }

    /// The same for a purpose: labels kept closely, each reading noted first.
    private static func open(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let purpose = try purpose(request)
            return .page(try await page(request, services, for: purpose).page)
        } catch let error as LinliError where error.kind == .invalid || error.kind == .forbidden {
            var page = try await page(request, services, for: nil)
            page.error = error
            return .page(page.page, status: error.kind == .forbidden ? 403 : 422)
        }
    }

    /// The purpose a form names.
    static func purpose(_ request: Request) throws -> ReadingPurpose {
        guard let purpose = request.form["purpose"].flatMap({ ReadingPurpose(rawValue: $0) }),
            CareWords.purposes.contains(purpose)
        else {
            throw LinliError.invalid("care.purpose", [.init("purpose", Text("请选用途", "Please choose a purpose"))])
        }
        return purpose
    }

    /// The areas one looks after: one's grids, and those of one's communities.
    static func areas(
        _ actor: Actor, _ permission: Permission, at now: Instant, _ tx: ReadTx
    ) throws -> [DivisionCode] {
        let divisions = actor.scope(for: permission).divisions
        let inside = try divisions.filter { $0.level == .community }
            .flatMap { try DivisionsStore.children(of: $0, at: now, tx).map(\.code) }
        return Array(Set(divisions + inside)).sorted()
    }

    private static func page(
        _ request: Request, _ services: Services, for purpose: ReadingPurpose?
    ) async throws -> CarePage {
        let context = request.context
        let names = LabelKeys(services.database.keys)
        let areas = try await services.database.read {
            try CareRoutes.areas(context.actor, .peopleRead, at: context.now, $0)
        }
        let named = (request.form["division"] ?? request.query["division"]).flatMap { DivisionCode($0) }
        guard let area = named ?? areas.first(where: { $0.level == .grid }) ?? areas.first,
            context.actor.may(.peopleRead, in: area)
        else { throw LinliError.notFound("care.division") }
        let wanted = (request.form["label"] ?? request.query["label"]).flatMap { $0.isEmpty ? nil : $0 }
        let after = (request.form["after"] ?? request.query["after"]).flatMap { ID<Person>($0) }
        let open = LabelReading.open(for: purpose, context.actor, in: area)
        let (ids, next, book, offers) = try await services.database.read { tx in
            let book = try LabelBook.current(tx)
            // One kept closer lists nobody before it is opened.
            let isClosed = wanted.flatMap { book[label: $0] }.map { $0.fieldClass > open } ?? false
            let seen = isClosed ? [] : try book.listed(under: wanted, upTo: open)
            let keys = seen.map { names.key(label: $0.id) }
            let today = context.now.date
            let page =
                purpose == .visit
                ? try LabelQueries.visitable(by: seen, in: area, after: after, limit: limit, names, on: today, tx)
                : try LabelQueries.people(withAny: keys, in: area, after: after, limit: limit, tx)
            let ids = try CareFamilies.whole(page, after: after, tx) { others in
                let held = try CareStore.labelled(others, withAny: keys, in: area, tx)
                return purpose == .visit ? try LabelQueries.visitable(held, by: seen, names, on: today, tx) : held
            }
            let next: ID<Person>? = page.count == limit ? page.last : nil
            return (ids, next, book, try CareStore.offers(of: ids, for: purpose, book, tx))
        }
        let shown = try await LabelReading.read(
            ids, in: area, for: purpose, besides: offers.noted, context, services.database)
        let counted = book.labels.filter { $0.isCare && $0.fieldClass == .basic }
        let shownAreas = Array(areas.filter { area.contains($0) }.prefix(12))
        let (families, totals) = try await services.database.read { tx in
            (
                try CareRoutes.families(ids, shown, offers.shown, wanted, tx),
                try LabelCounts.totals(of: counted.map { names.key(label: $0.id) }, in: shownAreas, tx)
            )
        }
        var counts: [(area: DivisionCode, label: Text, total: Int)] = []
        for code in shownAreas {
            for label in counted {
                let total = totals[code]?[names.key(label: label.id)] ?? 0
                if total > 0 { counts.append((code, label.name, total)) }
            }
        }
        return CarePage(
            area: area, areas: areas, families: families,
            label: wanted.flatMap { book[label: $0] }, labels: book.choices { $0.fieldClass < .special },
            counts: counts, purpose: purpose, after: after, next: next, now: context.now,
            formToken: request.formToken,
            names: services.divisions
        )
    }

    /// People put together by household, in the order of addresses.
    private static func families(
        _ ids: [ID<Person>], _ shown: [ID<Person>: LabelReading.Shown], _ offers: [ID<Person>: [CareOffer]],
        _ wanted: String?, _ tx: ReadTx
    ) throws -> [CareFamily] {
        let homes = try CareStore.homes(of: ids, tx)
        var families: [Int64: CareFamily] = [:]
        for person in try CareStore.people(ids, tx) {
            guard let labels = shown[person.id],
                labels.labels.contains(where: { held in wanted.map { $0 == held.label.id } ?? held.label.isCare })
            else { continue }
            let home = homes[person.id]
            let key = home?.household?.rawValue ?? home?.dwelling.rawValue ?? person.id.rawValue
            let member = CareFamily.Member(person: person, shown: labels, offers: offers[person.id] ?? [])
            families[key, default: CareFamily(home: home, members: [])].members.append(member)
        }
        return families.values.sorted { left, right in
            (left.home?.address ?? "", left.home?.order ?? 0) < (right.home?.address ?? "", right.home?.order ?? 0)
        }
    }
}
