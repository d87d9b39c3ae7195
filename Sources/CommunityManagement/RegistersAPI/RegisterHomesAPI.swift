import LinliCore
import LinliKernel

/// Who lives where, for programs: the homes of a person, the people of a household or dwelling, one more home beside
/// the others, corrections of a tie.
enum RegisterHomesAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/registers/:kind/:id/homes", id: "listEntryHomes",
            "Where a person lives, is registered or owns; who is tied to a household or dwelling, and as what",
            access: .permission(.peopleRead), parameters: [RegistersAPI.kind], body: .nothing, reply: homes, list
        ),
        RegistersAPI.step(
            "homes", id: "addEntryHome",
            "Tie a person to one more home beside those they have: registered there, living elsewhere, in either order",
            home
        ) { (subject, home, request: Request, services) in
            guard
                let door = home.household.map({ RegisterCommands.Door.household($0) })
                    ?? home.dwelling.map({ RegisterCommands.Door.dwelling($0) })
            else { throw RegistersAPI.missing("dwelling") }
            try await RegisterCommands.addResidence(
                try person(subject), to: door, tie: home.tie, relation: home.relation, since: home.since,
                version: home.version, source: "api", request.context, services.database)
        },
        RegistersAPI.step(
            "homes/:home", by: .put, id: "correctEntryHome",
            "Correct how a person is tied to a home, or what they are to the head of the household", tie
        ) { (subject, tie, request: Request, services) in
            try await RegisterCommands.correctResidence(
                try request.id("home"), of: try person(subject), tie: tie.tie, relation: tie.relation,
                version: tie.version, source: "api", request.context, services.database)
        },
        RegistersAPI.step(
            "homes/:home/end", id: "endEntryHome",
            "End one of several homes of a person; the only one goes by moveEntry or endEntry", end
        ) { (subject, end, request: Request, services) in
            try await RegisterCommands.endResidence(
                try request.id("home"), of: try person(subject), on: end.day, version: end.version, source: "api",
                request.context, services.database)
        },
    ]

    private static func person(_ subject: RegisterSubject) throws -> ID<Person> {
        guard subject.kind == .person else { throw LinliError.notFound("registers.kind") }
        return ID(rawValue: subject.id)
    }

    // MARK: Reading

    /// A tie between a person and a home.
    struct Tie: Sendable {
        var residence: ID<Residence>
        var person: ID<Person>
        var name: String
        var household: ID<Household>?
        var dwelling: ID<Dwelling>
        var address: String
        var tie: ResidenceTie
        var relation: HouseholdRelation
    }

    private static func list(_: Nothing, _ request: Request, _ services: Services) async throws -> [Tie] {
        let subject = try RegisterItemRoutes.subject(request)
        let actor = request.context.actor
        return try await services.database.read { tx in
            guard let item = try RegisterQueries.item(subject, tx), item.restrictedAt == nil,
                actor.may(.peopleRead, in: item.division)
            else { throw LinliError.notFound("registers.scope") }
            switch subject.kind {
            case .person:
                return try RegisterQueries.homes(of: ID(rawValue: subject.id), tx).map { home in
                    Tie(
                        residence: home.residence, person: ID(rawValue: subject.id), name: item.name,
                        household: home.household, dwelling: home.dwelling, address: home.address, tie: home.tie,
                        relation: home.relation)
                }
            case .household:
                return try RegisterQueries.members(of: ID(rawValue: subject.id), tx).map { tie($0, item.name) }
            case .dwelling:
                return try RegisterQueries.residents(of: ID(rawValue: subject.id), tx).map { tie($0, item.name) }
            case .organization, .thing: return []
            }
        }
    }

    private static func tie(_ resident: Resident, _ address: String) -> Tie {
        Tie(
            residence: resident.residence, person: resident.person.id, name: resident.person.name,
            household: resident.household, dwelling: resident.dwelling, address: address, tie: resident.tie,
            relation: resident.relation)
    }

    // MARK: Schemas

    private static let ties = SchemaKind.choice(ResidenceTie.allCases.map(\.rawValue))
    private static let relations = SchemaKind.choice(HouseholdRelation.allCases.map(\.rawValue))

    private static let words = [
        SchemaProperty("tie", ties, required: true, "How the person is tied to the home"),
        SchemaProperty("relation", relations, required: true, "What they are to the head of the household"),
    ]

    private static let home = Schema<RegisterStepSchemas.Move>(
        "EntryHome",
        [
            SchemaProperty("household", .id, "Into which household they come"),
            SchemaProperty("dwelling", .id, "Into which dwelling, with a household of their own"),
            SchemaProperty("since", .shaped(.day), "Since which day; today where left out"),
        ] + words + [RegistersSchemas.version],
        decode: RegisterStepSchemas.moving, encode: { _ in [:] })

    private static let tie = Schema<RegisterStepSchemas.Move>(
        "EntryHomeTie", words + [RegistersSchemas.version], decode: RegisterStepSchemas.moving, encode: { _ in [:] })

    /// The end of a home.
    struct End: Sendable {
        var day: CivilDate?
        var version: Int?
    }

    private static let end = Schema<End>(
        "EntryHomeEnd",
        [SchemaProperty("on", .shaped(.day), "The day it was; today where left out"), RegistersSchemas.version],
        decode: { End(day: CivilDate($0.text("on")), version: RegistersSchemas.seen($0)) }, encode: { _ in [:] })

    private static let homes = Schema<[Tie]>(
        "EntryHomes",
        [
            SchemaProperty(
                "homes",
                .list(
                    .object(
                        [
                            SchemaProperty("id", .id, required: true, "The tie, for correctEntryHome"),
                            SchemaProperty("person", .id, required: true, "Whose it is"),
                            SchemaProperty("name", .text(limit: 60), required: true, "Their name"),
                            SchemaProperty("household", .id, "The household, where they belong to one"),
                            SchemaProperty("dwelling", .id, required: true, "The dwelling"),
                            SchemaProperty("address", .text(limit: 200), required: true, "Its address"),
                        ] + words), limit: 200), required: true, "Ties that hold")
        ],
        decode: { _ in [] },
        encode: { ties in
            [
                "homes": .array(
                    ties.map { tie in
                        var json: [String: JSONValue] = [
                            "id": .text("\(tie.residence)"), "person": .text("\(tie.person)"), "name": .text(tie.name),
                            "dwelling": .text("\(tie.dwelling)"), "address": .text(tie.address),
                            "tie": .text(tie.tie.rawValue), "relation": .text(tie.relation.rawValue),
                        ]
                        json["household"] = tie.household.map { .text("\($0)") }
                        return .object(json)
                    })
            ]
        })
}
