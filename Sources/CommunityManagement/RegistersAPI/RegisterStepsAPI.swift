import LinliCore
import LinliKernel

/// What happens to entries of the registers, for programs: ending and coming back, moving, ties, photos, being the same
/// as another one, and the history of it.
enum RegisterStepsAPI {
    static let all: [Route] = [
        RegistersAPI.step(
            "end", id: "endEntry",
            "Say that something is not here any more: moved, died, closed or gone; nothing is deleted",
            RegistersSchemas.end
        ) { subject, end, context, services in
            try await RegisterCommands.end(
                subject, end.reason, on: end.day, version: end.version, source: "api", context, services.database)
        },
        RegistersAPI.step(
            "reopen", id: "reopenEntry", "Bring back what ended by mistake, with what ended at the same moment",
            RegisterStepSchemas.seen
        ) { subject, version, context, services in
            try await RegisterCommands.reopen(
                subject, version: version, source: "api", context, services.database)
        },
        RegistersAPI.step(
            "move", id: "moveEntry",
            "Move a person, a whole household or an organization into a dwelling, or a person into a household",
            RegisterStepSchemas.move, move
        ),
        RegistersAPI.step(
            "merge", id: "mergeEntries",
            "Take another entry into this one: residences, facts it lacks, ties and photos come over; of dwellings and "
                + "households whoever and whatever belongs there",
            RegisterStepSchemas.other
        ) { subject, other, context, services in
            try await RegisterMergeSteps.merge(
                RegisterSubject(subject.kind, other.id.rawValue), into: subject, version: other.version,
                because: other.because, context, services)
        },
        RegistersAPI.step(
            "split", id: "splitEntry", "Take back that this entry was merged into another: it is here again",
            Schema<Nothing>.nothing
        ) { subject, _, context, services in
            try await RegisterMergeSteps.split(subject, context, services)
        },
        RegistersAPI.step(
            "photos", id: "addEntryPhotos", "Attach photos to an entry", RegisterStepSchemas.photos
        ) { subject, photos, context, services in
            try await RegisterCommands.attach(photos, to: subject, context, services.database)
        },
        .api(
            .delete, "/api/v1/registers/:kind/:id/photos/:file", id: "removeEntryPhoto",
            "Take a photo away from an entry", access: .permission(.peopleEdit), parameters: [RegistersAPI.kind],
            body: .nothing, reply: .nothing
        ) { _, request, services in
            try await RegisterCommands.detach(
                try request.id("file"), from: try RegisterItemRoutes.subject(request), request.context,
                services.database)
            return Nothing()
        },
        .document(
            "/api/v1/registers/:kind/:id/photos/:file", id: "getEntryPhoto", "A photo of an entry",
            access: .permission(.peopleRead), parameters: [RegistersAPI.kind],
            query: [SchemaProperty("size", .choice(["small", "full"]), "full by default")], type: "image/jpeg",
            RegisterItemRoutes.photo
        ),
        .api(
            .get, "/api/v1/registers/:kind/:id/around", id: "getEntryAround",
            "Ties and photos of an entry, what may be the same or was merged into it, cases, findings, warnings, visits and "
                + "things around it, and what was done to it with basic values before and after",
            access: .permission(.peopleRead), parameters: [RegistersAPI.kind], body: .nothing,
            reply: RegisterStepSchemas.around, around
        ),
        .api(
            .post, "/api/v1/registers/:kind/:id/links", id: "tieEntries", "Tie an entry to another one",
            access: .permission(.peopleEdit), parameters: [RegistersAPI.kind], body: RegisterStepSchemas.tie,
            reply: RegisterStepSchemas.tied, status: 201
        ) { tie, request, services in
            try await RegisterCommands.link(
                try RegisterItemRoutes.subject(request), tie.relation, to: tie.other, source: "api", request.context,
                services.database)
        },
        .api(
            .delete, "/api/v1/registers/:kind/:id/links/:link", id: "untieEntries", "End a tie of an entry",
            access: .permission(.peopleEdit), parameters: [RegistersAPI.kind], body: .nothing, reply: .nothing
        ) { _, request, services in
            try await RegisterCommands.unlink(
                try request.id("link"), of: try RegisterItemRoutes.subject(request), request.context,
                services.database)
            return Nothing()
        },
    ]

    private static func move(
        _ subject: RegisterSubject, _ move: RegisterStepSchemas.Move, _ context: Context, _ services: Services
    ) async throws {
        switch subject.kind {
        case .person:
            guard
                let door = move.household.map({ RegisterCommands.Door.household($0) })
                    ?? move.dwelling.map({ RegisterCommands.Door.dwelling($0) })
            else { throw RegistersAPI.missing("dwelling") }
            try await RegisterCommands.move(
                ID(rawValue: subject.id), to: door, tie: move.tie, relation: move.relation, on: move.since,
                version: move.version, source: "api", context, services.database)
        case .household:
            guard let dwelling = move.dwelling else { throw RegistersAPI.missing("dwelling") }
            try await RegisterCommands.moveHousehold(
                ID(rawValue: subject.id), to: dwelling, on: move.since, version: move.version, source: "api", context,
                services.database)
        case .organization:
            guard let dwelling = move.dwelling else { throw RegistersAPI.missing("dwelling") }
            try await RegisterCommands.moveOrganization(
                ID(rawValue: subject.id), to: dwelling, on: move.since, version: move.version, source: "api", context,
                services.database)
        case .dwelling, .thing: throw RegistersAPI.missing("kind")
        }
    }

    private static func around(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> RegisterStepSchemas.Around? {
        let subject = try RegisterItemRoutes.subject(request)
        let (actor, keys) = (request.context.actor, services.database.keys)
        let (division, found) = try await services.database.read { tx -> (DivisionCode, RegisterStepSchemas.Around) in
            guard let item = try RegisterQueries.item(subject, tx), item.restrictedAt == nil,
                actor.may(.peopleRead, in: item.division)
            else { throw LinliError.notFound("registers.scope") }
            // What looks the same is for who may put it together, and never of a place one may not see.
            let twins = actor.may(.peopleEdit, in: item.division) ? try RegisterQueries.twins(of: subject, tx) : []
            let around = RegisterStepSchemas.Around(
                links: try RegisterQueries.shownLinks(of: subject, tx),
                twins: twins.filter { $0.item.restrictedAt == nil && actor.may(.peopleRead, in: $0.item.division) },
                merged: try RegisterQueries.merged(into: subject, tx)
                    .filter { actor.may(.peopleRead, in: $0.item.division) },
                photos: try RegisterQueries.photos(of: subject, tx),
                history: try RegisterHistory.lines(of: subject, keys, tx),
                stays: try RegisterStays.of(subject, for: actor, tx),
                lived: subject.kind == .person
                    ? try RegisterQueries.formerHomes(of: ID(rawValue: subject.id), for: actor, tx) : [])
            return (item.division, around)
        }
        var around = found
        for panel in services.features.panels(on: subject.kind) where actor.may(panel.permission) {
            if let list = panel.list { around.around += try await list(subject, division, request, services) }
        }
        return around
    }
}
