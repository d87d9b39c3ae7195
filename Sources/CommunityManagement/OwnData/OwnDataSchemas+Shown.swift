import LinliCore
import LinliKernel

extension OwnDataSchemas {
    /// One's entries with what was agreed to, and what one asked.
    struct Own: Sendable {
        let entries: [OwnDataPage.Entry]
        let requests: [Asked]
        let rightsDays: Int
        let today: CivilDate
    }

    private static let consentProperties = [
        SchemaProperty(
            "purpose", .choice(ConsentPurpose.allCases.map(\.rawValue)), required: true, "For setOwnConsent"),
        SchemaProperty.name("name", "What people call it"),
        SchemaProperty.name("text", "What one agrees to"),
        SchemaProperty("version", .text(limit: 20), required: true, "The version of the text"),
        SchemaProperty("given", .flag, required: true, "Whether it is given now"),
        SchemaProperty("givenAt", .moment, "Since when"),
        SchemaProperty(
            "outgrownOn", .text(limit: 10),
            "Since when a guardian's consent counts no more and the person, 14 by then, was not asked: yyyy-mm-dd"),
    ]

    static let own = Schema<Own>(
        "OwnData",
        [
            SchemaProperty(
                "entries",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "The entry"),
                        SchemaProperty("name", .text(limit: 60), required: true, "Whose"),
                        SchemaProperty("ward", .flag, required: true, "Whether it is a child's you are guardian of"),
                        SchemaProperty("number", .text(limit: 30), "The citizen number, masked"),
                        SchemaProperty("phone", .text(limit: 30), "The phone, masked"),
                        SchemaProperty("restricted", .flag, required: true, "Whether it is kept and not used"),
                        SchemaProperty(
                            "profiled", .flag, required: true, "Whether services may be suggested; see setProfiling"),
                        SchemaProperty(
                            "readings", .integer(0...Int64(Int32.max)), required: true,
                            "How often somebody read what is closely kept; see listOwnReadings"),
                        SchemaProperty(
                            "homes", .list(.text(limit: 200), limit: 20), required: true, "Addresses one is tied to now"
                        ),
                        SchemaProperty(
                            "formerHomes", .list(.text(limit: 200), limit: 50), required: true,
                            "Addresses one was tied to before, the last first"),
                        SchemaProperty(
                            "consents", .list(.object(consentProperties), limit: 20), required: true,
                            "Every purpose there is, and whether it is agreed to"),
                    ]), limit: 100), required: true, "Your own and those of children under 14 you are guardian of"),
            SchemaProperty(
                "requests", .list(.object(requestProperties), limit: 50), required: true,
                "What you asked, the newest first"),
            SchemaProperty(
                "answerDays", .integer(1...60), required: true, "Working days within which a request is answered"),
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { own in
            [
                "entries": .array(own.entries.map { .object(object($0, own.today)) }),
                "requests": .array(own.requests.map { .object(object($0)) }), "answerDays": .int(Int64(own.rightsDays)),
            ]
        })

    private static func object(_ entry: OwnDataPage.Entry, _ today: CivilDate) -> [String: JSONValue] {
        let person = entry.own.person
        var json: [String: JSONValue] = [
            "id": .text("\(person.id)"), "name": .text(person.name), "ward": .flag(entry.own.isWard),
            "restricted": .flag(person.restrictedAt != nil), "profiled": .flag(person.isProfiled),
            "readings": .int(Int64(entry.readings)), "homes": .array(entry.own.homes.map { .text($0.address) }),
            "formerHomes": .array(entry.own.formerHomes.compactMap(\.address).map { .text($0) }),
            "consents": .array(ConsentPurpose.allCases.map { .object(object($0, entry, today)) }),
        ]
        if !person.numberMask.isEmpty { json["number"] = .text(person.numberMask) }
        if !person.phoneMask.isEmpty { json["phone"] = .text(person.phoneMask) }
        return json
    }

    private static func object(
        _ purpose: ConsentPurpose, _ entry: OwnDataPage.Entry, _ today: CivilDate
    ) -> [String: JSONValue] {
        let given = entry.consents.first { $0.purpose == purpose && $0.holds(on: today) }
        var json: [String: JSONValue] = [
            "purpose": .text(purpose.rawValue), "name": .name(purpose.name), "text": .name(purpose.text),
            "version": .text(purpose.version), "given": .flag(given != nil),
        ]
        json["givenAt"] = given.map { .moment($0.givenAt) }
        if let last = entry.consents.first(where: { $0.purpose == purpose }), last.isOutgrown(on: today) {
            json["outgrownOn"] = last.endsOn.map { .text("\($0)") }
        }
        return json
    }

    // MARK: Readings

    /// Who read what of oneself and of one's cases.
    struct Readings: Sendable {
        let readings: [Reading]
        let cases: [CaseReading]
    }

    private static let who = [
        SchemaProperty("at", .moment, required: true, "When"),
        SchemaProperty("purpose", .text(limit: 400), required: true, "What for"),
        SchemaProperty("reader", .text(limit: 60), "Who; missing for the program"),
        SchemaProperty("unit", .text(limit: 80), "For which unit they work"),
    ]

    private static func object(
        _ at: Instant, _ purpose: String, _ name: String, _ unit: Text?
    ) -> [String: JSONValue] {
        var json: [String: JSONValue] = ["at": .moment(at), "purpose": .text(purpose)]
        if !name.isEmpty { json["reader"] = .text(name) }
        json["unit"] = unit.map { .text($0.zh) }
        return json
    }

    static let readings = Schema<Readings>(
        "OwnReadings",
        [
            SchemaProperty(
                "readings",
                .list(
                    .object(
                        who + [
                            SchemaProperty(
                                "fields", .list(.text(limit: 60), limit: 100), required: true,
                                "Which fields; also `label.…`, `service.…`, `answer` of an earlier form, `consent`"),
                            SchemaProperty("service", .text(limit: 60), "For which service of the catalogue"),
                            SchemaProperty("note", .text(limit: 500), "What was written besides the purpose"),
                            SchemaProperty(
                                "household", .flag,
                                "The whole household on a worker's phone: taken along, or opened when the note says"),
                        ]), limit: 200), required: true, "Of the entry, the newest first"),
            SchemaProperty(
                "cases",
                .list(
                    .object(
                        who + [
                            SchemaProperty("case", .id, required: true, "The case"),
                            SchemaProperty("number", .text(limit: 40), required: true, "Its number"),
                            SchemaProperty(
                                "parts", .list(.text(limit: 40), limit: 10), required: true, "What was opened"),
                        ]), limit: 200), required: true, "Of the cases you told, the newest first"),
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { found in
            [
                "readings": .array(
                    found.readings.map { reading in
                        var json = object(
                            reading.at, reading.purpose?.rawValue ?? reading.command, reading.name, reading.unit)
                        json["fields"] = .array(reading.fields.map { .text($0.id) } + reading.others.map { .text($0) })
                        json["service"] = reading.service.map { .text($0) }
                        if !reading.note.isEmpty { json["note"] = .text(reading.note) }
                        if reading.isOfHousehold { json["household"] = .flag(true) }
                        return .object(json)
                    }),
                "cases": .array(
                    found.cases.map { reading in
                        var json = object(reading.at, reading.purpose, reading.name, reading.unit)
                        json["case"] = .text("\(reading.id)")
                        json["number"] = .text(reading.number)
                        json["parts"] = .array(reading.parts.map { .text($0.rawValue) })
                        return .object(json)
                    }),
            ]
        })
}
