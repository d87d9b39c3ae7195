import LinliCore
import LinliKernel

/// The JSON objects of `VisitsAPI`.
enum VisitSchemas {
    /// A visit as who makes it needs it.
    struct Shown: Sendable {
        var visit: Visit
        var code: String
        var form: VisitForm
        var photos: [ID<StoredFile>]
    }

    /// Another time a household wishes.
    struct Move: Sendable {
        var code: String
        var slot: VisitSlot?
        var way: VisitWay?
        var wish: String
    }

    /// Another time that who comes says.
    struct StaffMove: Sendable {
        var slot: VisitSlot?
        var way: VisitWay?
        var wish: String
        var isAsked: Bool
    }

    private static let ways = SchemaKind.choice(VisitWay.allCases.map(\.rawValue))
    private static let cares = SchemaKind.choice(HouseholdCare.allCases.map(\.rawValue))
    private static let times = [
        SchemaProperty("day", .shaped(.day), required: true, "The day, at most 60 from now"),
        SchemaProperty(
            "part", .choice(VisitSlot.Part.allCases.map(\.rawValue)), required: true, "Which part of the day"),
    ]

    private static func slot(_ json: [String: JSONValue]) -> VisitSlot? {
        guard let day = CivilDate(json.text("day")), let part = VisitSlot.Part(rawValue: json.text("part")) else {
            return nil
        }
        return VisitSlot(day, part)
    }

    // MARK: What comes in

    static let draft = Schema<VisitDraft>(
        "VisitDraft",
        [
            SchemaProperty("household", .id, required: true, "Whom"),
            SchemaProperty("plan", .id, "Under which plan"),
            SchemaProperty("way", ways, "At the door, which is the default, or by phone"),
            SchemaProperty("reason", .text(limit: 60), required: true, "Why, as the household reads it"),
        ] + times,
        decode: { json in
            var draft = VisitDraft(json.id("household") ?? ID(rawValue: 0))
            draft.plan = json.id("plan")
            draft.way = VisitWay(rawValue: json.text("way")) ?? .door
            draft.reason = json.text("reason")
            draft.slot = slot(json)
            return draft
        },
        encode: { _ in [:] })

    static let outcome = Schema<VisitOutcome>(
        "VisitOutcome",
        [
            SchemaProperty("changed", .flag, "Whether something changed; no by default"),
            SchemaProperty(
                "answers", .map(.text(limit: 40), limit: 60), "Answers by the id of a question, as its choices say"),
            SchemaProperty("note", .text(limit: 500), "What is worth keeping"),
            SchemaProperty("photos", .list(.id, limit: 9), "Files from uploadFile"),
            SchemaProperty("signature", .id, "What somebody of the household drew to sign, a file from uploadFile"),
            SchemaProperty("signer", .text(limit: 40), "Who signs"),
            SchemaProperty("signed", .flag, "Whether who signs without drawing was there and agreed"),
        ],
        decode: { json in
            var outcome = VisitOutcome()
            outcome.isUnchanged = !json.flag("changed")
            if case .object(let answers) = json["answers"] {
                for name in answers.keys { outcome.answers[name] = answers.text(name) }
            }
            outcome.note = json.text("note")
            outcome.photos = json.ids("photos")
            outcome.signature = json.id("signature")
            outcome.signer = json.text("signer")
            outcome.isAgreed = json.flag("signed")
            return outcome
        },
        encode: { _ in [:] })

    static let followUp = Schema<String>(
        "VisitFollowUp",
        [SchemaProperty("number", .text(limit: 40), required: true, "The number of a case you may read")],
        decode: { $0.text("number") }, encode: { _ in [:] })

    static let planDraft = Schema<VisitPlanDraft>(
        "VisitPlanDraft",
        [
            SchemaProperty("name", .text(limit: 40), required: true, "What people call it"),
            SchemaProperty("division", .shaped(.division), required: true, "A community or grid of yours"),
            SchemaProperty("care", cares, "Whose households; all by default"),
            SchemaProperty("everyDays", .integer(1...730), required: true, "After how many days without a sign"),
            SchemaProperty("form", .text(limit: 4000), "The questions, one a line; the usual ones by default"),
        ],
        decode: { json in
            var draft = VisitPlanDraft()
            draft.name = json.text("name")
            draft.division = DivisionCode(json.text("division"))
            draft.care = HouseholdCare(rawValue: json.text("care"))
            draft.everyDays = json.integer("everyDays").map { Int($0) }
            if json["form"] != nil { draft.form = json.text("form") }
            return draft
        },
        encode: { _ in [:] })

    private static let codes = SchemaProperty(
        "code", .text(limit: 30), required: true, "The code of the note or slip, with or without what breaks it")

    static let code = Schema<String>(
        "VisitCode", [codes], decode: { $0.text("code") }, encode: { _ in [:] })

    static let move = Schema<Move>(
        "VisitMove",
        [codes] + times + [
            SchemaProperty("way", ways, "At the door or by phone; as announced by default"),
            SchemaProperty("wish", .text(limit: 100), "What who comes should know"),
        ],
        decode: { json in
            Move(
                code: json.text("code"), slot: slot(json), way: VisitWay(rawValue: json.text("way")),
                wish: json.text("wish"))
        },
        encode: { _ in [:] })

    static let staffMove = Schema<StaffMove>(
        "VisitStaffMove",
        times + [
            SchemaProperty("way", ways, "At the door or by phone; as it is by default"),
            SchemaProperty("wish", .text(limit: 100), "What the household said"),
            SchemaProperty(
                "asked", .flag, "Whether the household asked for it, and so was heard of; else it is told again"),
        ],
        decode: { json in
            StaffMove(
                slot: slot(json), way: VisitWay(rawValue: json.text("way")), wish: json.text("wish"),
                isAsked: json.flag("asked"))
        },
        encode: { _ in [:] })

    // MARK: What goes out

    static let debts = APIPage<VisitDebt>.schema(
        "VisitDebtList", "households", "The longest overdue first",
        [
            SchemaProperty("household", .id, required: true, "Identifier"),
            SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
            SchemaProperty("address", .text(limit: 400), required: true, "Where they live"),
            SchemaProperty("care", cares, required: true, "Why so soon"),
            SchemaProperty("heardAt", .moment, "When anything was heard last; missing: never"),
            SchemaProperty("dueAt", .moment, required: true, "Since when it is time"),
        ]
    ) { debt in
        var json: [String: JSONValue] = [
            "household": .text("\(debt.household)"), "division": .text("\(debt.division)"),
            "address": .text(debt.address), "care": .text(debt.care.rawValue), "dueAt": .moment(debt.dueAt),
        ]
        json["heardAt"] = debt.heardAt.map { .moment($0) }
        return json
    }

    static let open = APIPage<Visit>.schema("VisitList", "visits", "The soonest first", properties, json)
    static let ledger = APIPage<Visit>.schema("VisitLedger", "visits", "The newest first", properties, json)

    static let visit = Schema<Shown?>(
        "Visit",
        properties + [
            SchemaProperty("code", .text(limit: 20), required: true, "The code the household answers by"),
            SchemaProperty("photos", .list(.id, limit: VisitQueries.photoLimit), required: true, "Photos of it"),
            SchemaProperty(
                "questions",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 40), required: true, "Identifier, for endVisit"),
                        .name("name", "What is asked"),
                        SchemaProperty(
                            "choices", .list(.text(limit: 40), limit: 40), required: true, "The answers to choose from"),
                    ]), limit: 60), required: true, "What to ask"),
        ],
        decode: { _ in nil },
        encode: { shown in
            guard let shown else { return [:] }
            var object = json(shown.visit)
            object["code"] = .text(VisitCode.shown(shown.code))
            object["photos"] = .array(shown.photos.map { .text("\($0)") })
            object["questions"] = .array(
                shown.form.questions.map { question in
                    .object([
                        "id": .text(question.id), "name": .name(question.name),
                        "choices": .array(question.choices.map { .text($0.id) }),
                    ])
                })
            return object
        })

    private static let hidden = ["id", "household", "division", "address", "note", "signer", "followUp"]

    /// What a household reads of a visit: nothing about itself but what it was told.
    static let announced = Schema<Visit?>(
        "AnnouncedVisit",
        timeProperties + [
            SchemaProperty("worker", .text(limit: 60), required: true, "Who comes; empty: not known yet"),
            SchemaProperty("reason", .text(limit: 60), required: true, "Why"),
            SchemaProperty("wish", .text(limit: 100), required: true, "What the household said with it"),
        ],
        decode: { _ in nil },
        encode: { visit in
            visit.map { json($0).filter { !hidden.contains($0.key) } }
                ?? [:]
        })

    static let plans = APIPage<VisitPlan>.schema("VisitPlanList", "plans", "The oldest first", planProperties, json)

    static let plan = Schema<VisitPlan?>(
        "VisitPlan", planProperties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    private static let planProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("name", .text(limit: 40), required: true, "What people call it"),
        SchemaProperty("division", .text(limit: 15), required: true, "Where it holds"),
        SchemaProperty("care", cares, "Whose households; missing: all"),
        SchemaProperty("everyDays", .integer(1...730), required: true, "After how many days without a sign"),
        SchemaProperty("form", .text(limit: 4000), required: true, "The questions, one a line"),
    ]

    private static let timeProperties = [
        SchemaProperty("way", ways, required: true, "At the door or by phone"),
        SchemaProperty(
            "state", .choice(VisitState.allCases.map(\.rawValue)), required: true, "Where it stands"),
        SchemaProperty("startsAt", .moment, required: true, "From when"),
        SchemaProperty("endsAt", .moment, required: true, "Until when"),
        SchemaProperty("moves", .integer(0...Int64(Int32.max)), required: true, "How often the household moved it"),
        SchemaProperty(
            "result", .choice(VisitResult.allCases.map(\.rawValue)), "What came of it"),
        SchemaProperty("missedAt", .moment, "When nobody was at home"),
        SchemaProperty("endedAt", .moment, "When it was over"),
    ]

    private static let properties =
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("household", .id, required: true, "Whom"),
            SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
            SchemaProperty("address", .text(limit: 400), required: true, "Where they live"),
            SchemaProperty("plan", .id, "The plan it is of"),
            SchemaProperty("worker", .text(limit: 60), required: true, "Who comes; empty: not known yet"),
            SchemaProperty("reason", .text(limit: 60), required: true, "Why"),
            SchemaProperty("wish", .text(limit: 100), required: true, "What the household said with it"),
            SchemaProperty("note", .text(limit: 500), required: true, "What is noted"),
            SchemaProperty("signer", .text(limit: 40), "Who of the household signed; missing: nobody"),
            SchemaProperty("followUp", .text(limit: 40), "The number of the case that follows from it"),
        ] + timeProperties

    private static func json(_ visit: Visit) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(visit.id)"), "household": .text("\(visit.household)"),
            "division": .text("\(visit.division)"), "address": .text(visit.address),
            "worker": .text(visit.isUnassigned ? "" : visit.workerName), "reason": .text(visit.reason),
            "wish": .text(visit.wish),
            "note": .text(visit.note), "way": .text(visit.way.rawValue), "state": .text(visit.state.rawValue),
            "startsAt": .moment(visit.startsAt), "endsAt": .moment(visit.endsAt), "moves": .int(Int64(visit.moves)),
        ]
        json["plan"] = visit.plan.map { .text("\($0)") }
        json["result"] = visit.result.map { .text($0.rawValue) }
        json["missedAt"] = visit.missedAt.map { .moment($0) }
        json["endedAt"] = visit.endedAt.map { .moment($0) }
        json["signer"] = visit.signer.isEmpty ? nil : .text(visit.signer)
        json["followUp"] = visit.followUp.isEmpty ? nil : .text(visit.followUp)
        return json
    }

    private static func json(_ plan: VisitPlan) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(plan.id)"), "name": .text(plan.name), "division": .text("\(plan.division)"),
            "everyDays": .int(Int64(plan.everyDays)), "form": .text(plan.form),
        ]
        json["care"] = plan.care.map { .text($0.rawValue) }
        return json
    }
}
