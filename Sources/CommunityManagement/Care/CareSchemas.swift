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
        /// What is not in the catalogue any more and still has open orders.
        var gone: [CareCoveragePage.Gone]
        /// How small a number its reader may see.
        var size: GroupSize
    }

    /// A service to tell somebody of.
    struct OfferDraft: Sendable {
        var service: String
        var how: CareOffer.Way
        var exception: String
    }

    /// Yes or no.
    struct Answer: Sendable {
        var person: ID<Person> = ID(rawValue: 0)
        var isWanted: Bool
        var how: CareOffer.Way = .page
        var reason: String
        var consent: CareConsent?
    }

    /// The services there are, and how long units that gave one see whom it was for.
    struct Catalogue: Sendable {
        var services: [CareService]
        var closedAfter: Int
    }

    /// A resident's people, with the services these may be told of.
    struct Own: Sendable {
        var people: [OwnServicesPage.Person]
        var catalogue: Catalogue
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
        /// Why it was offered by way of exception, where a purpose opened that.
        var exception: String?
        /// Whether its unit may be told who they are; nil where that is not told.
        var isTold: Bool?
    }

    // MARK: What comes in

    static let service = SchemaProperty("service", .text(limit: 40), required: true, "Which service")
    private static let purposes = SchemaProperty(
        "purpose", .choice(CareWords.purposes.map(\.rawValue)), required: true, "What for; the person reads it")
    private static let why = SchemaProperty("reason", .text(limit: 200), "Why")
    private static let text = SchemaProperty(
        "text", .text(limit: 20),
        "With a yes, the version of the words about telling the provider that were shown or read out (tellingVersion): "
            + "agreed to with it; without it the provider does not see who it is; 409 for another one than holds")
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
        "OfferDraft",
        [
            service, SchemaProperty("how", ways, "How they were told; at a visit by default"),
            SchemaProperty(
                "exception", .text(limit: 200),
                "Why somebody whom the rule does not name needs it; without it such an offer is refused. Kept sealed"),
        ],
        decode: { json in
            OfferDraft(
                service: json.text("service"), how: CareOffer.Way(rawValue: json.text("how")) ?? .visit,
                exception: json.text("exception"))
        },
        encode: { _ in [:] })

    static let answer = Schema<Answer>(
        "OfferAnswer",
        [
            SchemaProperty("wanted", .flag, required: true, "Whether they want it"),
            SchemaProperty("how", ways, "How they said it; at a visit by default"), why,
            SchemaProperty(
                "consent", .choice([ConsentChannel.oral, .written].map(\.rawValue)),
                "With a yes, that they agree that the provider be told who they are: in words after it was read out, or in writing"
            ),
            text,
        ],
        decode: { json in
            let consent = CareConsent(ConsentChannel(rawValue: json.text("consent")), json.text("text"))
            guard consent != nil || json.text("consent").isEmpty else {
                throw LinliError.invalid(
                    "care.telling",
                    [.init("text", Text("请写明念的是哪一版说明", "Please say which version of the words was read out"))])
            }
            return Answer(
                isWanted: json.flag("wanted"), how: CareOffer.Way(rawValue: json.text("how")) ?? .visit,
                reason: json.text("reason"), consent: consent)
        },
        encode: { _ in [:] })

    static let ownAnswer = Schema<Answer>(
        "OwnServiceAnswer",
        [persons, SchemaProperty("wanted", .flag, required: true, "Whether you want it"), why, text],
        decode: { json in
            Answer(
                person: json.id("person") ?? ID(rawValue: 0), isWanted: json.flag("wanted"),
                reason: json.text("reason"), consent: CareConsent(.api, json.text("text")))
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
        .names("telling", "Which data a yes lets the provider be told, and until when: to be shown or read out before"),
        SchemaProperty(
            "tellingVersion", .text(limit: 20), required: true, "The version of these words, to be given with the yes"),
    ]

    private static func json(_ service: CareService, closedAfter days: Int) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text(service.id), "name": .name(service.name), "what": .name(service.what),
            "for": .name(service.rule.words), "basis": .text(service.basis),
            "evidence": .array(service.evidence.map { .text($0.rawValue) }),
            "askAgainDays": .int(Int64(service.askAgainDays)), "closely": .flag(service.fieldClass != .basic),
        ]
        json["everyDays"] = service.everyDays.map { .int(Int64($0)) }
        json["telling"] = .array(CareTelling.words(service, closedAfter: days).map { .name($0) })
        json["tellingVersion"] = .text(ConsentPurpose.providers.version)
        return json
    }

    static let catalogueProperties = [
        SchemaProperty("services", .list(.object(serviceProperties), limit: 1000), required: true, "As published")
    ]

    static func object(_ catalogue: Catalogue) -> [String: JSONValue] {
        ["services": .array(catalogue.services.map { .object(json($0, closedAfter: catalogue.closedAfter)) })]
    }

    static let services = Schema<Catalogue?>(
        "CareServices", catalogueProperties, decode: { _ in nil },
        encode: { catalogue in catalogue.map { object($0) } ?? [:] })

    private static let counts = [
        ("entitled", "May have it"), ("asked", "Told"), ("declined", "Said no"), ("reached", "Reached"),
        ("unreached", "Not reached"), ("exceptional", "Told by way of exception, in none of the others"),
        ("former", "Told once; the rule does not name them now, or they said no to rules: in none of the others"),
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
                    ]), limit: 1000), required: true, "Each service"),
            SchemaProperty(
                "gone",
                .list(
                    .object([
                        service, .name("name", "What it was called"),
                        SchemaProperty(
                            "orders", .integer(0...Int64.max), "How many; missing: some, but too few to tell apart"),
                    ]), limit: 1000), required: true,
                "Services that are not in the catalogue any more and still have open orders, to be ended"),
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
            let gone = coverage.gone.map { row -> JSONValue in
                var json: [String: JSONValue] = ["service": .text(row.service), "name": .name(row.name)]
                json["orders"] = coverage.size.shown(row.count).map { .int(Int64($0)) }
                return .object(json)
            }
            return ["services": .array(rows), "gone": .array(gone)]
        })

    private static func part(
        _ division: DivisionCode, _ progress: CareProgress, _ size: GroupSize
    ) -> [String: JSONValue] {
        var json: [String: JSONValue] = ["division": .text("\(division)")]
        let numbers = [
            progress.entitled, progress.asked, progress.declined, progress.reached, progress.unreached,
            progress.exceptional, progress.former,
        ]
        for ((name, _), number) in zip(counts, numbers) {
            json[name] = size.shown(number).map { .int(Int64($0)) }
        }
        return json
    }
}
