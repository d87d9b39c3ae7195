import LinliCore
import LinliKernel

/// The JSON objects that `CaseWorkAPI` takes.
enum CaseWorkSchemas {
    /// Who is to have a case.
    struct Assignment: Sendable {
        var account: ID<Account>?
        var isSure: Bool
        var version: Int?
    }

    /// Who can have one, and from how many cases on that must be confirmed.
    struct Colleagues: Sendable {
        var people: [Colleague]
        var cap: Int
    }

    /// What a handler asks for.
    struct Asking: Sendable {
        var kind: CaseRequestKind
        var reason: String
        var days: Int
        var text: String
    }

    /// A decision about it.
    struct Decision: Sendable {
        var isGranted: Bool
        var text: String
    }

    /// How somebody spoke with the reporter.
    struct Contact: Sendable {
        var way: ContactWay
        var outcome: ContactOutcome
        var text: String
        /// Which of several voices; nil for the one the case began with.
        var voices: Set<ID<Case>>?
    }

    /// By when a part is to be done from now on, and why.
    struct PartDate: Sendable {
        var due: Instant?
        var text: String
    }

    /// The case another is about too.
    struct Merging: Sendable {
        var number: String
        var text: String
    }

    /// What came of a call.
    struct Call: Sendable {
        var outcome: FollowUpOutcome
        var version: Int?
    }

    /// What the reporter says in the end.
    struct Answer: Sendable {
        var grade: Satisfaction?
        var text: String
    }

    /// Words for neighbours.
    struct Cleared: Sendable {
        var clearing: Clearing
        var version: Int?
    }

    static let version = SchemaProperty(
        "version", .integer(0...Int64(Int32.max)), "The `publication.version` you saw; checked when given")

    private static let limited = SchemaProperty("text", .text(limit: 2000), required: true, "Words that go with it")

    static let assignment = Schema<Assignment>(
        "CaseAssignment",
        [
            SchemaProperty("account", .id, "Somebody of listColleagues; whoever is on duty without it"),
            SchemaProperty("sure", .flag, "Also when they have as many cases as `cap` allows"),
            SchemaProperty("version", .integer(0...Int64(Int32.max)), "The version you saw; checked when given"),
        ],
        decode: { json in
            Assignment(
                account: json.id("account"), isSure: json.flag("sure"),
                version: json.integer("version").map { Int($0) }
            )
        },
        encode: { _ in [:] }
    )

    static let colleagues = Schema<Colleagues>(
        "ColleagueList",
        [
            SchemaProperty(
                "colleagues",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Account"),
                        SchemaProperty("name", .text(limit: 40), required: true, "Name"),
                        SchemaProperty("open", .integer(0...1_000_000), required: true, "Cases in their hands"),
                        SchemaProperty("onDuty", .flag, required: true, "Whether they are on duty now"),
                        SchemaProperty("awayUntil", .moment, "When they are back; missing for who is there"),
                    ]),
                    limit: 400
                ),
                required: true, "People of the unit"
            ),
            SchemaProperty(
                "cap", .integer(0...1_000_000), required: true, "From how many on `sure` is needed; 0: never"),
        ],
        decode: { _ in Colleagues(people: [], cap: 0) },
        encode: { colleagues in
            let people = colleagues.people.map { person -> JSONValue in
                var json: [String: JSONValue] = [
                    "id": .text("\(person.id)"), "name": .text(person.name), "open": .int(Int64(person.open)),
                    "onDuty": .flag(person.isOnDuty),
                ]
                json["awayUntil"] = person.awayUntil.map { .text($0.iso8601) }
                return .object(json)
            }
            return ["colleagues": .array(people), "cap": .int(Int64(colleagues.cap))]
        }
    )

    static let asking = Schema<Asking>(
        "CaseAsking",
        [
            SchemaProperty(
                "kind", .choice(CaseRequestKind.allCases.map(\.rawValue)), required: true, "One of the case's `asks`"),
            SchemaProperty("reasonClass", .text(limit: 40), required: true, "One of the `reasons` there"),
            SchemaProperty("days", .integer(1...1000), "How long, for a pause or more time"),
            SchemaProperty(
                "text", .text(limit: 2000), required: true,
                "Circumstances and basis; with the reason `applicant` the reporter reads it once it is granted"),
        ],
        decode: { json in
            Asking(
                kind: CaseRequestKind(rawValue: json.text("kind")) ?? .pause, reason: json.text("reasonClass"),
                days: json.integer("days").map { Int($0) } ?? 0, text: json.text("text")
            )
        },
        encode: { _ in [:] }
    )

    static let decision = Schema<Decision>(
        "CaseDecision",
        [
            SchemaProperty("granted", .flag, required: true, "Whether it is granted"),
            SchemaProperty("text", .text(limit: 2000), required: true, "Your reasons"),
        ],
        decode: { Decision(isGranted: $0.flag("granted"), text: $0.text("text")) }, encode: { _ in [:] }
    )

    static let contact = Schema<Contact>(
        "CaseContact",
        [
            SchemaProperty("way", .choice(ContactWay.allCases.map(\.rawValue)), required: true, "How"),
            SchemaProperty("outcome", .choice(ContactOutcome.allCases.map(\.rawValue)), required: true, "Result"),
            SchemaProperty("text", .text(limit: 2000), "What was said"),
            SchemaProperty("voices", .list(.id, limit: 50), "Which of `voices` were reached; the first by default"),
        ],
        decode: { json in
            Contact(
                way: ContactWay(rawValue: json.text("way")) ?? .phone,
                outcome: ContactOutcome(rawValue: json.text("outcome")) ?? .noAnswer, text: json.text("text"),
                voices: json["voices"].map { _ in Set(json.ids("voices")) }
            )
        },
        encode: { _ in [:] }
    )

    static let part = Schema<CasePartDraft>(
        "CasePart",
        [
            SchemaProperty("unit", .id, required: true, "The unit, from listUnits"),
            SchemaProperty("text", .text(limit: 2000), required: true, "What it is to do"),
            SchemaProperty("required", .flag, "Whether the case waits for it; true by default"),
            SchemaProperty(
                "dueAt", .moment, "By when, within the time of the case; by default its type says how long it has"),
        ],
        decode: { json in
            let named = json.text("dueAt")
            let due = Instant(w3c: named)
            guard named.isEmpty || due != nil else {
                throw LinliError.invalid(
                    "cases.part", [.init("dueAt", Text("时间格式应为 RFC 3339", "Must be RFC 3339"))])
            }
            return CasePartDraft(
                unit: json.id("unit"), text: json.text("text"), isRequired: json["required"] != .flag(false), dueAt: due
            )
        },
        encode: { _ in [:] }
    )

    static let date = Schema<PartDate>(
        "CasePartDate",
        [
            SchemaProperty(
                "dueAt", .moment, required: true,
                "By when, within the time of the whole; of what was agreed on the spot its day counts, to the end"),
            SchemaProperty("text", .text(limit: 1000), required: true, "Why it is moved"),
        ],
        decode: { PartDate(due: Instant(w3c: $0.text("dueAt")), text: $0.text("text")) }, encode: { _ in [:] }
    )

    static let merging = Schema<Merging>(
        "CaseMerging",
        [
            SchemaProperty("into", .text(limit: 30), required: true, "Number of the other case"),
            SchemaProperty("text", .text(limit: 2000), required: true, "Why it is the same"),
        ],
        decode: { Merging(number: $0.text("into").trimmed.uppercased(), text: $0.text("text")) },
        encode: { _ in [:] }
    )

    static let words = Schema<String>(
        "CaseWords", [limited], decode: { $0.text("text") }, encode: { _ in [:] }
    )

    private enum Outcome: String, CaseIterable {
        case answered, missed, declined
    }

    static let followUp = Schema<Call>(
        "FollowUpCall",
        [
            SchemaProperty("outcome", .choice(Outcome.allCases.map(\.rawValue)), required: true, "What came of it"),
            SchemaProperty("solved", .flag, "For answered: whether the reporter says it is solved"),
            SchemaProperty("grade", .integer(1...5), "For answered: how satisfied, 5 is very"),
            SchemaProperty("text", .text(limit: 2000), "For answered: what they said; what is missing when not solved"),
            SchemaProperty("reason", .choice(MissReason.allCases.map(\.rawValue)), "For missed: why"),
            SchemaProperty("again", .moment, "For missed: when to call again, within 30 days"),
            SchemaProperty("version", .integer(0...Int64(Int32.max)), "The version you saw; checked when given"),
        ],
        decode: { json in
            Call(outcome: try outcome(json), version: json.integer("version").map { Int($0) })
        },
        encode: { _ in [:] }
    )

    private static func outcome(_ json: [String: JSONValue]) throws -> FollowUpOutcome {
        switch Outcome(rawValue: json.text("outcome")) {
        case .answered:
            guard json["solved"] != nil else {
                throw missing("solved", Text("请说明解决了没有（solved）", "Please say whether it is solved (solved)"))
            }
            let grade = json.integer("grade").flatMap { Satisfaction(rawValue: Int($0)) }
            return .answered(isSolved: json.flag("solved"), grade: grade, text: json.text("text"))
        case .missed:
            guard let reason = MissReason(rawValue: json.text("reason")) else {
                let known = MissReason.allCases.map(\.rawValue).joined(separator: ", ")
                throw missing(
                    "reason",
                    Text("请写没联系上的原因（reason）：\(known)", "Please say why they were not reached (reason): \(known)"))
            }
            return .missed(reason, callAgainAt: Instant(w3c: json.text("again")))
        case .declined, nil: return .declined
        }
    }

    /// What a call that is written down lacks, by its name.
    private static func missing(_ name: String, _ text: Text) -> LinliError {
        LinliError.invalid("followUp.\(name)", [.init(name, text)])
    }

    static let answerProperties = [
        SchemaProperty("stars", .integer(1...5), "How satisfied, 5 is very"),
        SchemaProperty("text", .text(limit: 2000), "Words that go with it"),
    ]

    static func answer(_ json: [String: JSONValue]) -> Answer {
        Answer(grade: json.integer("stars").flatMap { Satisfaction(rawValue: Int($0)) }, text: json.text("text"))
    }

    static let answer = Schema<Answer>(
        "CaseAnswer", answerProperties, decode: { answer($0) }, encode: { _ in [:] }
    )

    static let willingProperty = SchemaProperty(
        "willing", .flag, required: true,
        "Whether neighbours may see it; true is refused for tip-offs and for complaints that name a unit")

    static let willing = Schema<Bool>(
        "CasePublicity", [willingProperty], decode: { $0.flag("willing") }, encode: { _ in [:] }
    )

    static let clearing = Schema<Cleared>(
        "CaseClearing",
        [
            SchemaProperty("title", .text(limit: 40), required: true, "Title for neighbours"),
            SchemaProperty("words", .text(limit: 1000), required: true, "What it is about, without who told it"),
            SchemaProperty("result", .text(limit: 1000), "What was done"),
            SchemaProperty("address", .text(limit: 60), "Where, never a door; what may be told by default"),
            SchemaProperty("photos", .list(.id, limit: 60), "Photos of the case to show; none by default"),
            version,
        ],
        decode: { json in
            let clearing = Clearing(
                title: json.text("title"), text: json.text("words"), result: json.text("result"),
                address: json.text("address"), photos: json.ids("photos")
            )
            return Cleared(clearing: clearing, version: json.integer("version").map { Int($0) })
        },
        encode: { _ in [:] }
    )
}
