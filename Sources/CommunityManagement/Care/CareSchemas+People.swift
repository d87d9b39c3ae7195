import LinliCore
import LinliKernel

/// People with their labels and services, as programs of staff and of residents read them.
extension CareSchemas {
    static let people = APIPage<CareFamily.Member>.schema(
        "CarePeople", "people", "In the order they were entered", whoProperties + standingProperties
    ) { member in
        who(member.person).merging(standing(member.shown, member.offers.map { Shown(offer: $0, deliveries: []) })) {
            first, _ in first
        }
    }

    static let unreached = APIPage<CareUnreachedPage.Entry>.schema(
        "Unreached", "people", "In the order they were entered",
        whoProperties + [
            SchemaProperty("address", .text(limit: 400), required: true, "Where they live"),
            .names("because", "Why they may have it"),
            SchemaProperty("offer", .object(offerProperties), "What was offered"),
        ]
    ) { entry in
        var json = who(entry.person)
        json["address"] = .text(entry.home?.address ?? "")
        json["because"] = .array(entry.because.map { .name($0) })
        json["offer"] = entry.offer.map { .object(CareSchemas.json(Shown(offer: $0, deliveries: []))) }
        return json
    }

    static let record = Schema<CareRecord?>(
        "CareRecord",
        whoProperties + standingProperties + [
            SchemaProperty("address", .text(limit: 400), required: true, "Where they live"),
            SchemaProperty("profiled", .flag, required: true, "Whether services may be suggested from data"),
            SchemaProperty(
                "told", .flag, required: true,
                "Whether they agree at all that providers be told who they are; of each service see its offer"),
        ],
        decode: { _ in nil },
        encode: { record in
            guard let record else { return [:] }
            let all = offers(record.offers, record.deliveries, record.exceptions, toldSince: record.toldSince)
            var object = who(record.person).merging(standing(record.shown, all)) { first, _ in first }
            object["told"] = .flag(record.toldSince != nil)
            object["address"] = .text(record.home?.address ?? "")
            object["profiled"] = .flag(record.person.isProfiled)
            return object
        })

    static let own = Schema<Own?>(
        "OwnServices",
        [
            SchemaProperty(
                "people",
                .list(
                    .object(
                        whoProperties + standingProperties + [
                            SchemaProperty(
                                "told", .flag, required: true,
                                "Whether providers may be told at all, see setOwnConsent; of each service see its offer"
                            )
                        ]), limit: 100), required: true, "Yourself and yours")
        ] + catalogueProperties,
        decode: { _ in nil },
        encode: { own in
            guard let own else { return [:] }
            var json = object(own.catalogue)
            json["people"] = .array(own.people.map { .object(object($0)) })
            return json
        })

    private static func object(_ person: OwnServicesPage.Person) -> [String: JSONValue] {
        let all = offers(person.offers, person.deliveries, toldSince: person.toldSince)
        var object = who(person.record).merging(standing(person.shown, all)) { first, _ in first }
        object["told"] = .flag(person.toldSince != nil)
        return object
    }

    static let offer = Schema<Shown?>(
        "Offer", offerProperties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    private static let whoProperties = [
        SchemaProperty("id", .id, required: true, "The person"),
        SchemaProperty("name", .text(limit: 200), required: true, "Name"),
        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
    ]

    private static func who(_ person: PersonRecord) -> [String: JSONValue] {
        ["id": .text("\(person.id)"), "name": .text(person.name), "division": .text("\(person.division)")]
    }

    private static let standingProperties = [
        SchemaProperty(
            "labels",
            .list(
                .object([
                    SchemaProperty("id", .text(limit: 40), required: true, "Identifier"), .name("name", "Its name"),
                    SchemaProperty("byHand", .flag, required: true, "Whether somebody gave it by hand"),
                    .names("because", "Why; empty for one given by hand"),
                ]), limit: 1000), required: true, "Labels one may see"),
        SchemaProperty(
            "services",
            .list(
                .object([
                    SchemaProperty("id", .text(limit: 40), required: true, "Identifier"), .name("name", "Its name"),
                    .names("because", "Why they may have it"),
                ]), limit: 1000), required: true, "Services they may have"),
        SchemaProperty(
            "closed", .integer(0...Int64(Int32.max)), required: true, "How many labels more a purpose opens"),
        SchemaProperty("offers", .list(.object(offerProperties), limit: 1000), required: true, "What was offered"),
    ]

    private static func standing(_ shown: LabelReading.Shown, _ offers: [Shown]) -> [String: JSONValue] {
        let labels = shown.labels.map { held -> JSONValue in
            .object([
                "id": .text(held.label.id), "name": .name(held.label.name), "byHand": .flag(held.isByHand),
                "because": .array(held.because.map { .name($0) }),
            ])
        }
        let services = shown.services.map { service, because -> JSONValue in
            .object([
                "id": .text(service.id), "name": .name(service.name),
                "because": .array(because.map { .name($0) }),
            ])
        }
        return [
            "labels": .array(labels), "services": .array(services), "closed": .int(Int64(shown.closed)),
            "offers": .array(offers.map { .object(json($0)) }),
        ]
    }

    private static func offers(
        _ offers: [CareOffer], _ deliveries: [CareDelivery], _ exceptions: [ID<CareOffer>: String] = [:],
        toldSince since: Instant?
    ) -> [Shown] {
        offers.map { offer in
            Shown(
                offer: offer, deliveries: deliveries.filter { $0.offer == offer.id }, exception: exceptions[offer.id],
                isTold: offer.isTold(since: since))
        }
    }

    private static let offerProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"), service,
        SchemaProperty("person", .id, required: true, "To whom"),
        SchemaProperty(
            "state", .choice(CareOffer.State.allCases.map(\.rawValue)), required: true, "How far it is"),
        SchemaProperty("offeredAt", .moment, required: true, "When they were told"),
        SchemaProperty("answeredAt", .moment, "When they answered"),
        SchemaProperty("askAgainAt", .moment, "Until when nobody asks again"),
        SchemaProperty("deliveredAt", .moment, "When it reached them last"),
        SchemaProperty("dueAt", .moment, "When the next delivery is due"),
        SchemaProperty(
            "exceptional", .flag, required: true, "Whether it was by way of exception: the rule does not name them"),
        SchemaProperty("exception", .text(limit: 400), "Why, where a purpose opens it"),
        SchemaProperty(
            "told", .flag, "Whether its provider may be told who they are: agreed to for this service; missing in lists"
        ),
        SchemaProperty(
            "deliveries",
            .list(
                .object([
                    SchemaProperty("at", .moment, required: true, "When"),
                    SchemaProperty("by", .text(limit: 60), required: true, "Who brought it"),
                    SchemaProperty("signer", .text(limit: 60), required: true, "Who signed for it"),
                    SchemaProperty("photo", .id, "A photo of it"),
                ]), limit: 50), required: true, "What they got, the newest first"),
    ]

    private static func json(_ shown: Shown) -> [String: JSONValue] {
        let offer = shown.offer
        var json: [String: JSONValue] = [
            "id": .text("\(offer.id)"), "service": .text(offer.service), "person": .text("\(offer.person)"),
            "state": .text(offer.state.rawValue), "offeredAt": .moment(offer.offeredAt),
            "exceptional": .flag(offer.isException),
        ]
        json["exception"] = shown.exception.map { .text($0) }
        json["told"] = shown.isTold.map { .flag($0) }
        json["answeredAt"] = offer.answeredAt.map { .moment($0) }
        json["askAgainAt"] = offer.againAt.map { .moment($0) }
        json["deliveredAt"] = offer.deliveredAt.map { .moment($0) }
        json["dueAt"] = offer.dueAt.map { .moment($0) }
        json["deliveries"] = .array(
            shown.deliveries.map { delivery in
                var json: [String: JSONValue] = [
                    "at": .moment(delivery.at), "by": .text(delivery.by), "signer": .text(delivery.signer),
                ]
                json["photo"] = delivery.file.map { .text("\($0)") }
                return .object(json)
            })
        return json
    }
}
