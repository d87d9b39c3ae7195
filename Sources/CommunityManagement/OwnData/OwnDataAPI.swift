import LinliCore
import LinliKernel

/// One's own data for programs of residents: whose entry one is, who read what, consents, requests, and the copy of it all.
/// The commands are those of the pages, and so is the audit.
enum OwnDataAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/me/data", id: "getOwnData",
            "Your entry of the registers and those of your children, what was agreed to for them, and what you asked",
            body: .nothing, reply: OwnDataSchemas.own
        ) { _, request, services in
            let page = try await OwnDataRoutes.page(request, services)
            let rungs = try await services.database.read { try DataRequestAlerts.of(page.requests.map(\.id), $0) }
            return OwnDataSchemas.Own(
                entries: page.entries,
                requests: page.requests.map { OwnDataSchemas.Asked(request: $0, rungs: rungs[$0.id] ?? []) },
                rightsDays: page.rightsDays, today: page.now.date)
        },
        .api(
            .post, "/api/v1/me/data/link", id: "linkOwnData",
            "Say that an entry is yours: linked at once when number and phone fit, otherwise staff look at it",
            body: OwnDataSchemas.number, reply: OwnDataSchemas.claim
        ) { number, request, services in
            try await OwnEntries.claim(number, request.context, services.database, services.dataRequests)
        },
        .api(
            .get, "/api/v1/me/data/readings", id: "listOwnReadings",
            "Who read what is closely kept of you, and who opened the numbers of your cases, with when and why",
            query: [SchemaProperty("entry", .id, "Which entry of yours; without one only your cases")], body: .nothing,
            reply: OwnDataSchemas.readings
        ) { _, request, services in
            let found = try await OwnDataRoutes.found(request, services)
            return OwnDataSchemas.Readings(readings: found.readings, cases: found.cases)
        },
        .api(
            .get, "/api/v1/me/data/copy", id: "getOwnCopy",
            "Everything that is kept of you, in clear; names of others are masked. That it was taken is noted",
            query: [SchemaProperty("entry", .id, "Which entry of yours; without one what your account has")],
            body: .nothing, reply: OwnDataSchemas.copy
        ) { _, request, services in
            try await OwnDataRoutes.copy(request, services)
        },
        .api(
            .put, "/api/v1/me/data/consents/:purpose", id: "setOwnConsent",
            "Agree to a purpose for yourself or yours, or take it back; what rests on it stops at once",
            parameters: [
                SchemaProperty(
                    "purpose", .choice(ConsentPurpose.allCases.map(\.rawValue)), required: true, "Which purpose")
            ],
            body: OwnDataSchemas.consent, reply: .nothing
        ) { wish, request, services in
            guard let purpose = request.parameters["purpose"].flatMap({ ConsentPurpose(rawValue: $0) }) else {
                throw LinliError.notFound("own.purpose")
            }
            try await DataConsents.set(
                purpose, wish.isGiven, for: wish.entry, channel: .api, request.context, services.database)
            return Nothing()
        },
        .api(
            .post, "/api/v1/me/data/requests", id: "askAboutOwnData",
            "Ask to correct or delete what is kept of you, to keep it without using it, or to use it again",
            body: OwnDataSchemas.wish, reply: OwnDataSchemas.request, status: 201
        ) { wish, request, services in
            let id = try await services.dataRequests.open(wish.kind, of: wish.entry, wish.text, request.context)
            guard let account = request.context.actor.account else { throw LinliError.notFound("own.account") }
            return try await services.database.read { tx in
                try DataRequests.of(account, tx).first { $0.id == id }.map {
                    OwnDataSchemas.Asked(request: $0, rungs: [])
                }
            }
        },
    ]
}
