import LinliCore
import LinliKernel

/// The JSON objects of `CareAPI`.
enum CareSchemas {
    /// What part of a list somebody asks for, and what for.
    struct Asked: Sendable {
        var division: DivisionCode
        var purpose: ReadingPurpose?
        var label: String?
        var after: ID<Person>?
        var limit: Int
    }

    /// Whom services reach.
    struct Coverage: Sendable {
        var rows: [CareCoveragePage.Service]
        /// How small a number its reader may see.
        var size: GroupSize
    }

    /// A service to tell somebody of.
    struct OfferDraft: Sendable {
        var service: String
        var how: CareOffer.Way
    }

    /// Yes or no.
    struct Answer: Sendable {
        var person: ID<Person> = ID(rawValue: 0)
        var isWanted: Bool
        var how: CareOffer.Way = .page
        var reason: String
    }

    /// What proves that a service reached somebody.
    struct Delivery: Sendable {
        var signer: String
        var note: String
        var photo: ID<StoredFile>?
    }

    /// An offer and what came of it.
    struct Shown: Sendable {
        var offer: CareOffer
        var deliveries: [CareDelivery]
    }

    // MARK: What comes in

    static let service = SchemaProperty("service", .text(limit: 40), required: true, "Which service")
    private static let purposes = SchemaProperty(
        "purpose", .choice(CareWords.purposes.map(\.rawValue)), required: true, "What for; the person reads it")
    private static let why = SchemaProperty("reason", .text(limit: 200), "Why")
    private static let ways = SchemaKind.choice([CareOffer.Way.visit, .phone].map(\.rawValue))
    private static let persons = SchemaProperty("person", .id, required: true, "Yourself or yours")

    static let purpose = Schema<ReadingPurpose>(
        "CarePurpose", [purposes], decode: { ReadingPurpose(rawValue: $0.text("purpose")) ?? .visit },
        encode: { _ in [:] })

    static let asked = Schema<Asked>(
        "CareReading",
        [
            purposes, SchemaProperty("division", .shaped(.division), required: true, "Where"),
            CareLabelsAPI.label, APIPages.after, APIPages.limit,
        ],
        decode: { json in
            guard let division = DivisionCode(json.text("division")) else { throw LinliError.notFound("care.division") }
            return Asked(
                division: division, purpose: ReadingPurpose(rawValue: json.text("purpose")),
                label: json.text("label"), after: json.id("after"), limit: Int(json.integer("limit") ?? 50))
        },
        encode: { _ in [:] })

    static let reason = Schema<String>(
        "LabelReason", [SchemaProperty("reason", .text(limit: 200), required: true, "Why; kept sealed")],
        decode: { $0.text("reason") }, encode: { _ in [:] })

    static let offerDraft = Schema<OfferDraft>(
        "OfferDraft", [service, SchemaProperty("how", ways, "How they were told; at a visit by default")],
        decode: { OfferDraft(service: $0.text("service"), how: CareOffer.Way(rawValue: $0.text("how")) ?? .visit) },
        encode: { _ in [:] })

    static let answer = Schema<Answer>(
        "OfferAnswer",
        [
            SchemaProperty("wanted", .flag, required: true, "Whether they want it"),
            SchemaProperty("how", ways, "How they said it; at a visit by default"), why,
        ],
        decode: { json in
            Answer(
                isWanted: json.flag("wanted"), how: CareOffer.Way(rawValue: json.text("how")) ?? .visit,
                reason: json.text("reason"))
        },
        encode: { _ in [:] })

    static let ownAnswer = Schema<Answer>(
        "OwnServiceAnswer",
        [persons, SchemaProperty("wanted", .flag, required: true, "Whether you want it"), why],
        decode: { json in
            Answer(
                person: json.id("person") ?? ID(rawValue: 0), isWanted: json.flag("wanted"), reason: json.text("reason")
            )
        },
        encode: { _ in [:] })

    static let profiling = Schema<Answer>(
        "Profiling", [persons, SchemaProperty("allowed", .flag, required: true, "Whether it is allowed")],
        decode: { Answer(person: $0.id("person") ?? ID(rawValue: 0), isWanted: $0.flag("allowed"), reason: "") },
        encode: { _ in [:] })

    static let delivery = Schema<Delivery>(
        "ServiceDelivery",
        [
            SchemaProperty("signer", .text(limit: 60), "Who signed for it"),
            SchemaProperty("note", .text(limit: 400), "What was done; kept sealed"),
            SchemaProperty("photo", .id, "File from uploadFile"),
        ],
        decode: { Delivery(signer: $0.text("signer"), note: $0.text("note"), photo: $0.id("photo")) },
        encode: { _ in [:] })

    // MARK: What goes out

    private static let serviceProperties = [
        SchemaProperty("id", .text(limit: 40), required: true, "Identifier"),
        .name("name", "What people call it"), .name("what", "What it is"),
        .name("for", "For whom"),
        SchemaProperty("basis", .text(limit: 400), required: true, "On what ground"),
        SchemaProperty("evidence", .list(.text(limit: 20), limit: 5), required: true, "What proves a delivery"),
        SchemaProperty("everyDays", .integer(1...36_500), "How often it is given; missing: once"),
        SchemaProperty("askAgainDays", .integer(0...36_500), required: true, "After a no nobody asks for so long"),
        SchemaProperty(
            "closely", .flag, required: true, "Whether who may have it is kept closely, and read for a purpose"),
    ]

    private static func json(_ service: CareService) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text(service.id), "name": .name(service.name), "what": .name(service.what),
            "for": .name(service.rule.words), "basis": .text(service.basis),
            "evidence": .array(service.evidence.map { .text($0.rawValue) }),
            "askAgainDays": .int(Int64(service.askAgainDays)), "closely": .flag(service.fieldClass != .basic),
        ]
        json["everyDays"] = service.everyDays.map { .int(Int64($0)) }
        return json
    }

    static let services = Schema<[CareService]>(
        "CareServices",
        [SchemaProperty("services", .list(.object(serviceProperties), limit: 1000), required: true, "As published")],
        decode: { _ in [] }, encode: { ["services": .array($0.map { .object(json($0)) })] })

    private static let counts = [
        ("entitled", "May have it"), ("asked", "Told"), ("declined", "Said no"), ("reached", "Reached"),
        ("unreached", "Not reached"),
    ]

    static let coverage = Schema<Coverage?>(
        "CareCoverage",
        [
            SchemaProperty(
                "services",
                .list(
                    .object([
                        service,
                        SchemaProperty(
                            "parts",
                            .list(
                                .object(
                                    [SchemaProperty("division", .text(limit: 15), required: true, "15 digits")]
                                        + counts.map {
                                            SchemaProperty(
                                                $0.0, .integer(0...Int64.max),
                                                $0.1 + "; missing: some, but too few to tell apart")
                                        }), limit: 1000), required: true, "Part by part"),
                    ]), limit: 1000), required: true, "Each service")
        ],
        decode: { _ in nil },
        encode: { coverage in
            guard let coverage else { return [:] }
            let rows = coverage.rows.map { row -> JSONValue in
                .object([
                    "service": .text(row.service.id),
                    "parts": .array(row.parts.map { .object(part($0.division, $0.progress, coverage.size)) }),
                ])
            }
            return ["services": .array(rows)]
        })

    private static func part(
        _ division: DivisionCode, _ progress: CareProgress, _ size: GroupSize
    ) -> [String: JSONValue] {
        var json: [String: JSONValue] = ["division": .text("\(division)")]
        let numbers = [
            progress.entitled, progress.asked, progress.declined, progress.reached, progress.unreached,
        ]
        for ((name, _), number) in zip(counts, numbers) {
            json[name] = size.shown(number).map { .int(Int64($0)) }
        }
        return json
    }

    // MARK: People

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
        ],
        decode: { _ in nil },
        encode: { record in
            guard let record else { return [:] }
            var object = who(record.person).merging(standing(record.shown, offers(record.offers, record.deliveries))) {
                first, _ in first
            }
            object["address"] = .text(record.home?.address ?? "")
            object["profiled"] = .flag(record.person.isProfiled)
            return object
        })

    static let own = Schema<[OwnServicesPage.Person]>(
        "OwnServices",
        [
            SchemaProperty(
                "people", .list(.object(whoProperties + standingProperties), limit: 100), required: true,
                "Yourself and yours")
        ],
        decode: { _ in [] },
        encode: { people in
            [
                "people": .array(
                    people.map { person in
                        .object(
                            who(person.record).merging(
                                standing(person.shown, offers(person.offers, person.deliveries))
                            ) { first, _ in first })
                    })
            ]
        })

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

    private static func offers(_ offers: [CareOffer], _ deliveries: [CareDelivery]) -> [Shown] {
        offers.map { offer in Shown(offer: offer, deliveries: deliveries.filter { $0.offer == offer.id }) }
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
        ]
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
