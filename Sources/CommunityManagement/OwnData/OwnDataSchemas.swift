import LinliCore
import LinliKernel

/// One's own data as programs read it.
enum OwnDataSchemas {
    private static let texts = SchemaKind.text(limit: 4000)

    /// The word of a program, or what a person typed.
    private static func json(_ value: OwnDataRecord.Value) -> JSONValue {
        switch value {
        case .text(let text): .text(text)
        case .word(let word, _): .text(word)
        case .moment(let at): .text(at.iso8601)
        }
    }

    static let home = [
        SchemaProperty("address", .text(limit: 200), required: true, "Where"),
        SchemaProperty(
            "tie", .choice(ResidenceTie.allCases.map(\.rawValue)), required: true, "As what one is tied to it"),
        SchemaProperty("from", .moment, required: true, "Since when"),
        SchemaProperty("until", .moment, "Until when; missing: now"),
        SchemaProperty("fromDay", .shaped(.day), "The day it began, where somebody said so"),
        SchemaProperty("untilDay", .shaped(.day), "The day it ended, where somebody said so"),
    ]

    private static let part = [
        SchemaProperty("id", .text(limit: 40), required: true, "Which part: cases, consents, visits …"),
        SchemaProperty.name("name", "What people call it"),
        SchemaProperty(
            "records",
            .list(
                .object([
                    SchemaProperty("at", .moment, required: true, "When"),
                    SchemaProperty("values", .map(texts, limit: 40), required: true, "What is kept, by name"),
                ]), limit: 2 * OwnDataPart.limit), required: true, "What there is, the newest first"),
    ]

    /// The copy of one's own data.
    static let copy = Schema<OwnDataCopy>(
        "OwnDataCopy",
        [
            SchemaProperty("name", .text(limit: 60), "The name in the register; missing for who is linked to no entry"),
            SchemaProperty("born", .shaped(.day), "Date of birth"),
            SchemaProperty("fields", .map(texts, limit: 100), "Every field of the entry in clear, by its id"),
            SchemaProperty(
                "homes", .list(.object(home), limit: OwnDataPart.limit), required: true, "Homes, also former ones"),
            SchemaProperty("parts", .list(.object(part), limit: 100), required: true, "Everything else that is kept"),
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { copy in
            var json: [String: JSONValue] = [
                "homes": .array(copy.homes.map { .object(object($0)) }),
                "parts": .array(copy.sections.map { .object(object($0)) }),
            ]
            if let (person, values) = copy.entry {
                json["name"] = .text(person.name)
                json["born"] = person.born.map { .text($0.description) }
                json["fields"] = .object(
                    Dictionary(uniqueKeysWithValues: values.map { ($0.key.id, JSONValue.text($0.value)) }))
            }
            return json
        })

    private static func object(_ home: OwnHome) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "address": .text(home.address), "tie": .text(home.tie.rawValue), "from": .moment(home.from),
        ]
        json["until"] = home.until.map { .moment($0) }
        json["fromDay"] = home.days.from.map { .text("\($0)") }
        json["untilDay"] = home.days.until.map { .text("\($0)") }
        return json
    }

    private static func object(_ section: OwnDataSection) -> [String: JSONValue] {
        [
            "id": .text(section.part.id), "name": .name(section.part.name),
            "records": .array(
                section.records.map { record in
                    let values = record.lines.map { ($0.id, json($0.value)) }
                    return .object([
                        "at": .moment(record.at),
                        "values": .object(Dictionary(values, uniquingKeysWith: { first, _ in first })),
                    ])
                }),
        ]
    }

    // MARK: Asking

    /// What somebody asks, or agrees to, for an entry of theirs.
    struct Wish: Sendable {
        var entry: ID<Person>
        var isGiven = false
        var kind: DataRequestKind = .correct
        var text = ""
    }

    private static let entry = SchemaProperty("entry", .id, required: true, "Which entry of yours, from getOwnData")

    static let consent = Schema<Wish>(
        "OwnConsent",
        [entry, SchemaProperty("given", .flag, required: true, "Whether it is given; false takes it back")],
        decode: { Wish(entry: $0.id("entry") ?? ID(rawValue: 0), isGiven: $0.flag("given")) }, encode: { _ in [:] })

    private static let kinds = DataRequestKind.allCases.filter { $0 != .link }.map(\.rawValue)

    static let wish = Schema<Wish>(
        "DataRequestDraft",
        [
            entry, SchemaProperty("kind", .choice(kinds), required: true, "What is asked"),
            SchemaProperty("text", .text(limit: 1000), "In words; needed to correct something"),
        ],
        decode: { json in
            Wish(
                entry: json.id("entry") ?? ID(rawValue: 0),
                kind: DataRequestKind(rawValue: json.text("kind")) ?? .correct, text: json.text("text"))
        },
        encode: { _ in [:] })

    static let number = Schema<String>(
        "OwnNumber",
        [SchemaProperty("number", .text(limit: 18), required: true, "Your citizen number; only compared")],
        decode: { $0.text("number") }, encode: { _ in [:] })

    static let claim = Schema<OwnEntries.Claim>(
        "OwnClaim",
        [
            SchemaProperty(
                "outcome", .choice(["linked", "asked"]), required: true,
                "linked at once, or asked: staff check who you are"),
            SchemaProperty("entry", .id, "Your entry"),
        ],
        decode: { _ in .asked },
        encode: { claim in
            switch claim {
            case .linked(let person): ["outcome": .text("linked"), "entry": .text("\(person)")]
            case .asked: ["outcome": .text("asked")]
            }
        })

    // MARK: Requests

    static let requestProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty(
            "kind", .choice(DataRequestKind.allCases.map(\.rawValue)), required: true, "What was asked"),
        SchemaProperty("entry", .id, "About which entry"),
        SchemaProperty("state", .choice(["open", "done", "refused"]), required: true, "Where it stands"),
        SchemaProperty("openedAt", .moment, required: true, "When"),
        SchemaProperty("dueAt", .moment, required: true, "By when there must be an answer"),
        SchemaProperty("decidedAt", .moment, "When it was decided"),
        SchemaProperty("reason", .text(limit: 400), "Why so"),
        SchemaProperty(
            "clock",
            .list(
                .object([
                    SchemaProperty(
                        "action", .choice(["remind", "supervise", "raise"]), required: true, "What its clock did"),
                    SchemaProperty("at", .moment, required: true, "When"),
                ]), limit: 10), required: true, "What its clock did so far"),
    ]

    /// A request with what its clock did, and what changed in the entry since.
    struct Asked: Sendable {
        let request: DataRequest
        let rungs: [DataRequestAlert]
        var changes: [DataRequestChange] = []
    }

    static func object(_ asked: Asked) -> [String: JSONValue] {
        let request = asked.request
        var json: [String: JSONValue] = [
            "id": .text("\(request.id)"), "kind": .text(request.kind.rawValue), "state": .text(request.state),
            "openedAt": .moment(request.openedAt), "dueAt": .moment(request.dueAt),
            "clock": .array(
                asked.rungs.map { .object(["action": .text($0.action.rawValue), "at": .moment($0.at)]) }),
        ]
        json["entry"] = request.person.map { .text("\($0)") }
        json["decidedAt"] = request.decidedAt.map { .moment($0) }
        if !request.reason.isEmpty { json["reason"] = .text(request.reason) }
        return json
    }

    static let request = Schema<Asked?>(
        "DataRequest", requestProperties, decode: { _ in nil }, encode: { asked in asked.map { object($0) } ?? [:] })
}
