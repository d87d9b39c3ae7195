import LinliCore
import LinliKernel

/// Labels and services of people for programs: the catalogue, whom services reach, who is to be looked after and why,
/// and each step with a service.
enum CareAPI {
    static let all: [Route] =
        [
            .api(
                .get, "/api/v1/care/services", id: "listCareServices", "The services there are, for whom and why",
                access: .permission(.peopleRead), body: .nothing, reply: CareSchemas.services
            ) { _, _, services in
                try await catalogue(services)
            },
            .api(
                .get, "/api/v1/care/coverage", id: "getCareCoverage",
                "How many may have each service, were told, said no, were reached or not, part by part",
                access: .permission(.labelsCounts), query: [APIPages.division], body: .nothing,
                reply: CareSchemas.coverage
            ) { _, request, services in
                let area = try APIPages.division(request, .labelsCounts)
                let (context, names) = (request.context, LabelKeys(services.database.keys))
                let (rows, gone) = try await services.database.read { tx in
                    (
                        try CareCoverageRoutes.rows(area, names, at: context.now, tx),
                        try CareCoverageRoutes.gone(area, tx)
                    )
                }
                return CareSchemas.Coverage(
                    rows: rows, gone: gone, size: GroupSize(services.registers, for: context.actor, in: area))
            },
            .api(
                .get, "/api/v1/care/people", id: "listCarePeople",
                "People to look after with their labels and why, without what is kept closely",
                access: .permission(.peopleRead), query: [APIPages.division, CareLabelsAPI.label] + APIPages.query,
                body: .nothing, reply: CareSchemas.people
            ) { _, request, services in
                let asked = CareSchemas.Asked(
                    division: try APIPages.division(request, .peopleRead), label: request.query["label"],
                    after: request.query.id("after"), limit: APIPages.limit(request))
                return try await people(asked, request.context, services)
            },
            .api(
                .post, "/api/v1/care/readings", id: "readCarePeople",
                "The same for a purpose, with what is kept closely; noted for each person before it is shown",
                access: .permission(.peopleRead), body: CareSchemas.asked, reply: CareSchemas.people
            ) { asked, request, services in
                // What is read is not kept as the reply of a repeated request.
                try await people(try scoped(asked, request), request.context.unmarked, services)
            },
            .api(
                .get, "/api/v1/care/services/:service/unreached", id: "listUnreached",
                "Who may have a service and is not reached; services kept closely answer 403, see readUnreached",
                access: .permission(.peopleRead), parameters: [CareSchemas.service],
                query: [APIPages.division] + APIPages.query, body: .nothing, reply: CareSchemas.unreached
            ) { _, request, services in
                let asked = CareSchemas.Asked(
                    division: try APIPages.division(request, .peopleRead), after: request.query.id("after"),
                    limit: APIPages.limit(request))
                return try await unreached(asked, request, services)
            },
            .api(
                .post, "/api/v1/care/services/:service/readings", id: "readUnreached",
                "The same for a purpose; noted for each person before it is shown", access: .permission(.peopleRead),
                parameters: [CareSchemas.service], body: CareSchemas.asked, reply: CareSchemas.unreached
            ) { asked, request, services in
                try await unreached(try scoped(asked, request), request, services)
            },
        ] + CareLabelsAPI.all + CareStepsAPI.all + OwnServicesAPI.all

    /// What there is, with the words about telling providers.
    static func catalogue(_ services: Services) async throws -> CareSchemas.Catalogue {
        let all = try await services.database.read { try LabelBook.current($0).services }
        return CareSchemas.Catalogue(services: all, closedAfter: services.registers.providerDays)
    }

    private static func scoped(_ asked: CareSchemas.Asked, _ request: Request) throws -> CareSchemas.Asked {
        guard request.context.actor.may(.peopleRead, in: asked.division) else {
            throw LinliError.notFound("care.division")
        }
        return asked
    }

    private static func people(
        _ asked: CareSchemas.Asked, _ context: Context, _ services: Services
    ) async throws -> APIPage<CareFamily.Member> {
        let names = LabelKeys(services.database.keys)
        let (page, offers) = try await services.database.read { tx in
            let book = try LabelBook.current(tx)
            let open = LabelReading.open(for: asked.purpose, context.actor, in: asked.division)
            let seen = try book.listed(under: asked.label, upTo: open)
            let ids =
                asked.purpose == .visit
                ? try LabelQueries.visitable(
                    by: seen, in: asked.division, after: asked.after, limit: asked.limit + 1, names,
                    on: context.now.date, tx)
                : try LabelQueries.people(
                    withAny: seen.map { names.key(label: $0.id) }, in: asked.division, after: asked.after,
                    limit: asked.limit + 1, tx)
            let page = APIPage(ids, asked.limit) { "\($0)" }
            return (page, try CareStore.offers(of: page.rows, for: asked.purpose, book, tx))
        }
        let shown = try await LabelReading.read(
            page.rows, in: asked.division, for: asked.purpose, besides: offers.noted, context, services.database)
        let members = try await services.database.read { tx in
            try CareStore.people(page.rows, tx).compactMap { person in
                shown[person.id].map {
                    CareFamily.Member(person: person, shown: $0, offers: offers.shown[person.id] ?? [])
                }
            }
        }
        return APIPage(rows: members, next: page.next)
    }

    private static func unreached(
        _ asked: CareSchemas.Asked, _ request: Request, _ services: Services
    ) async throws -> APIPage<CareUnreachedPage.Entry> {
        let id = request.parameters["service"] ?? ""
        let found = try await services.database.read { try CareCoverageRoutes.service(id, $0) }
        guard let (service, isGone) = found else { throw LinliError.notFound("care.service") }
        guard service.fieldClass == .basic || asked.purpose != nil else {
            throw LinliError.forbidden("care.purpose")
        }
        return try await CareCoverageRoutes.unreached(
            service, isGone: isGone, in: asked.division, for: asked.purpose, after: asked.after, limit: asked.limit,
            request.context.unmarked, services)
    }
}

/// One person's labels and services for programs, and each step with them.
enum CareStepsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/people/:id/care", id: "getCare",
            "Somebody's labels and services and why, what they said and got; without what is kept closely",
            access: .permission(.peopleRead), body: .nothing, reply: CareSchemas.record
        ) { _, request, services in
            try await CareStepRoutes.record(try request.id(), for: nil, request.context, services)
        },
        .api(
            .post, "/api/v1/people/:id/care/readings", id: "readCare",
            "The same for a purpose, with what is kept closely; noted before it is shown, and seen by the person",
            access: .permission(.peopleRead), body: CareSchemas.purpose, reply: CareSchemas.record
        ) { purpose, request, services in
            // What is read is not kept as the reply of a repeated request.
            try await CareStepRoutes.record(try request.id(), for: purpose, request.context.unmarked, services)
        },
        .api(
            .put, "/api/v1/people/:id/labels/:label", id: "giveLabel", "Give somebody a label by hand, and say why",
            access: .permission(.peopleEdit), parameters: [label], body: CareSchemas.reason, reply: .nothing
        ) { reason, request, services in
            try await LabelCommands.give(
                request.parameters["label"] ?? "", to: try request.id(), reason: reason, request.context,
                services.database)
            return Nothing()
        },
        .api(
            .delete, "/api/v1/people/:id/labels/:label", id: "takeLabelBack",
            "Take back a label that was given by hand; what the rules say holds again",
            access: .permission(.peopleEdit), parameters: [label], body: .nothing, reply: .nothing
        ) { _, request, services in
            try await LabelCommands.takeBack(
                request.parameters["label"] ?? "", from: try request.id(), request.context, services.database)
            return Nothing()
        },
        .api(
            .post, "/api/v1/people/:id/offers", id: "offerService",
            "Tell somebody of a service they may have, or need by way of exception for a reason",
            access: .permission(.peopleEdit), body: CareSchemas.offerDraft, reply: CareSchemas.offer, status: 201
        ) { draft, request, services in
            let id = try await CareCommands(database: services.database).offer(
                draft.service, to: try request.id(), draft.how, because: draft.exception, request.context)
            return try await shown(id, request, services)
        },
        step("answer", id: "answerOffer", "Note what somebody said to a service", CareSchemas.answer) {
            id, answer, context, services in
            _ = try await CareCommands(database: services.database).answer(
                id, yes: answer.isWanted, answer.how, reason: answer.reason, consent: answer.consent, context)
        },
        step(
            "deliveries", id: "deliverService", "Note that a service reached somebody, with what proves it",
            CareSchemas.delivery
        ) { id, delivery, context, services in
            _ = try await CareCommands(database: services.database).deliver(
                id, signer: delivery.signer, note: delivery.note, photo: delivery.photo, context)
        },
        .document(
            "/api/v1/care/offers/:offer/photos/:file", id: "getDeliveryPhoto", "The photo that proves a delivery",
            access: .permission(.peopleRead), type: "image/jpeg", CareStepRoutes.photo
        ),
        step("end", id: "endCare", "End a service: it is not wanted or not needed any more", Schema<Nothing>.nothing) {
            id, _, context, services in
            _ = try await CareCommands(database: services.database).end(id, context)
        },
    ]

    private static let label = SchemaProperty("label", .text(limit: 40), required: true, "Which label")

    /// A step of an offer: runs it and answers with how the offer stands then.
    private static func step<Body>(
        _ name: String, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (ID<CareOffer>, Body, Context, Services) async throws -> Void
    ) -> Route {
        .step(
            "/api/v1/care/offers/:offer/\(name)", id: id, summary, access: .permission(.peopleEdit), of: "offer",
            body: body, reply: CareSchemas.offer, shown: shown
        ) { id, body, request, services in
            try await command(id, body, request.context, services)
        }
    }

    private static func shown(
        _ id: ID<CareOffer>, _ request: Request, _ services: Services
    ) async throws -> CareSchemas.Shown? {
        let today = request.context.now.date
        return try await services.database.read { tx -> CareSchemas.Shown? in
            guard let offer = try CareStore.offer(id, tx) else { return nil }
            let since = try DataConsents.since(.providers, for: offer.person, on: today, tx)
            return CareSchemas.Shown(
                offer: offer, deliveries: try CareStore.deliveries(of: [id], tx), isTold: offer.isTold(since: since))
        }
    }
}

/// What is suggested to residents and their answer, for programs of theirs.
enum OwnServicesAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/me/services", id: "listOwnServices",
            "What you and yours may have and why, what you said and got", body: .nothing, reply: CareSchemas.own
        ) { _, request, services in
            CareSchemas.Own(
                people: try await OwnServicesRoutes.people(request.context, services),
                catalogue: try await CareAPI.catalogue(services))
        },
        .api(
            .put, "/api/v1/me/services/:service", id: "answerOwnService",
            "Say yes or no to a service for yourself or yours; a no ends one that goes on, and its unit sees that",
            parameters: [CareSchemas.service],
            body: CareSchemas.ownAnswer, reply: .nothing
        ) { answer, request, services in
            try await CareCommands(database: services.database).answer(
                request.parameters["service"] ?? "", of: answer.person, yes: answer.isWanted, reason: answer.reason,
                consent: answer.consent, request.context)
            return Nothing()
        },
        .api(
            .put, "/api/v1/me/profiling", id: "setProfiling",
            "Say whether services may be suggested from data about you or yours", body: CareSchemas.profiling,
            reply: .nothing
        ) { answer, request, services in
            try await OwnEntries.setProfiled(
                answer.isWanted, of: answer.person, request.context, services.database)
            return Nothing()
        },
    ]
}
