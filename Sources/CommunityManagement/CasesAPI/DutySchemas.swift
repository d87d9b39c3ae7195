import LinliCore
import LinliKernel

/// The JSON objects of `DutyAPI`.
enum DutySchemas {
    /// A note of a unit, or its unit alone.
    struct Note: Sendable {
        var unit: ID<Unit>?
        var text = ""
    }

    static let followUpQuery = [
        SchemaProperty("tab", .choice(FollowUpTab.allCases.map(\.rawValue)), "Which calls; due by default"),
        APIPages.afterMoment, APIPages.limit,
    ]

    private static let item = SchemaProperty("case", .object(APISchemas.rowProperties), required: true, "The case")
    private static let used = SchemaProperty("usedSeconds", .integer(0...Int64.max), "Time it has used of its limit")
    private static let whole = SchemaProperty("wholeSeconds", .integer(0...Int64.max), "Its limit")

    private static func object(_ row: CaseRow, _ time: UsedTime?) -> [String: JSONValue] {
        var json: [String: JSONValue] = ["case": .object(APISchemas.row(row))]
        json["usedSeconds"] = time.map { .int($0.used) }
        json["wholeSeconds"] = time.map { .int($0.whole) }
        return json
    }

    // MARK: Alerts

    static let seen = Schema<[ID<CaseAlert>]>(
        "AlertsSeen",
        [
            SchemaProperty(
                "alerts", .list(.id, limit: 200), required: true, "Identifiers of alerts, requests and notices")
        ],
        decode: { $0.ids("alerts") }, encode: { _ in [:] }
    )

    static let alerts = Schema<DutyAlerts>(
        "AlertList",
        [
            SchemaProperty(
                "onDuty",
                .list(
                    .object([
                        SchemaProperty("unit", .id, required: true, "A unit of yours"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Its name"),
                        SchemaProperty("person", .text(limit: 40), "Who is on duty now"),
                    ]),
                    limit: 1000
                ),
                required: true, "Your units"
            ),
            SchemaProperty(
                "alerts",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier, for seeAlerts"),
                        SchemaProperty(
                            "action", .choice(["remind", "supervise", "raise"]), required: true, "How far it went"),
                        SchemaProperty(
                            "clock", .text(limit: 40), required: true,
                            "Clock; urgent for what rang at once, partDate when the date of a part was moved"),
                        SchemaProperty("ringsAt", .moment, required: true, "Since when it is shown"),
                        SchemaProperty("loud", .flag, required: true, "Whether it rings at any hour"),
                        item, used, whole,
                    ]),
                    limit: 100
                ),
                required: true, "What nobody has seen"
            ),
            SchemaProperty(
                "requests", .list(.object(request), limit: 100), required: true,
                "Requests of people about their own data that are due, without who asks"),
            SchemaProperty(
                "notices", .list(.object(notice), limit: 100), required: true,
                "What you were told in person, the newest first"),
            SchemaProperty(
                "toDecide", .list(.object(asked), limit: 100), required: true,
                "Pauses, more time and exclusions that wait for your decision, the oldest first"),
            SchemaProperty("restFrom", .moment, required: true, "Since when nobody was at work"),
            SchemaProperty("restUntil", .moment, required: true, "Until when"),
            SchemaProperty(
                "arrived", .list(.object([item, used, whole]), limit: 100), required: true,
                "What came in then and nobody has taken"),
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: object
    )

    private static let asked = [
        SchemaProperty("id", .id, required: true, "Identifier, for decideRequest"),
        SchemaProperty(
            "kind", .choice(CaseRequestKind.allCases.map(\.rawValue)), required: true, "What is asked for"),
        SchemaProperty("reasonClass", .text(limit: 40), required: true, "Why, a code of the case's type"),
        SchemaProperty("minutes", .integer(0...Int64.max), required: true, "How long; 0 for an exclusion"),
        SchemaProperty("at", .moment, required: true, "Since when it waits"), item,
    ]

    private static func object(_ request: CaseRequest, _ row: CaseRow) -> JSONValue {
        let json: [String: JSONValue] = [
            "id": .text("\(request.id)"), "kind": .text(request.kind.rawValue),
            "reasonClass": .text(request.reasonClass), "minutes": .int(Int64(request.minutes)),
            "at": .text(request.askedAt.iso8601),
        ]
        return .object(json.merging(object(row, nil)) { first, _ in first })
    }

    private static let notice = [
        SchemaProperty("id", .id, required: true, "Identifier, for seeAlerts"),
        SchemaProperty(
            "kind", .choice(CaseNotice.Kind.allCases.map(\.rawValue)), required: true,
            "Why: named in a note, given to you, taken back, date moved, decided, added to by who told it"),
        SchemaProperty("by", .text(limit: 40), "Who did it; missing for a rule and for who told the case"),
        SchemaProperty("at", .moment, required: true, "When"), item,
    ]

    private static func object(_ notice: CaseNotice) -> JSONValue {
        var json: [String: JSONValue] = [
            "id": .text("\(notice.id)"), "kind": .text(notice.kind.rawValue), "at": .text(notice.at.iso8601),
        ]
        json["by"] = notice.byName.isEmpty ? nil : .text(notice.byName)
        return .object(json.merging(object(notice.row, nil)) { first, _ in first })
    }

    private static let request = [
        SchemaProperty("id", .id, required: true, "Identifier, for seeAlerts"),
        SchemaProperty(
            "kind", .choice(DataRequestKind.allCases.map(\.rawValue)), required: true, "What is asked"),
        SchemaProperty("action", .choice(["remind", "supervise", "raise"]), required: true, "How far it went"),
        SchemaProperty("at", .moment, required: true, "When its clock said so"),
        SchemaProperty("due", .moment, required: true, "By when there must be an answer"),
        SchemaProperty("division", .shaped(.division), required: true, "Where it is decided"),
    ]

    private static func object(_ alert: DataRequestAlert) -> JSONValue {
        .object([
            "id": .text("\(alert.id)"), "kind": .text(alert.kind.rawValue), "action": .text(alert.action.rawValue),
            "at": .text(alert.at.iso8601), "due": .text(alert.dueAt.iso8601), "division": .text("\(alert.division)"),
        ])
    }

    private static func object(_ duty: DutyAlerts) -> [String: JSONValue] {
        let units = duty.onDuty.map { entry -> JSONValue in
            var json: [String: JSONValue] = ["unit": .text("\(entry.unit.id)"), "name": .text(entry.unit.name.zh)]
            json["person"] = entry.name.map { .text($0) }
            return .object(json)
        }
        let alerts = duty.alerts.map { alert -> JSONValue in
            let json: [String: JSONValue] = [
                "id": .text("\(alert.id)"), "action": .text(alert.action.rawValue), "clock": .text(alert.clock),
                "ringsAt": .text(alert.ringsAt.iso8601), "loud": .flag(alert.isLoud),
            ]
            return .object(json.merging(object(alert.row, duty.times[alert.row.id])) { first, _ in first })
        }
        return [
            "onDuty": .array(units), "alerts": .array(alerts), "requests": .array(duty.requests.map { object($0) }),
            "notices": .array(duty.notices.map { object($0) }),
            "toDecide": .array(duty.asked.map { object($0.request, $0.row) }),
            "restFrom": .text(duty.rest.from.iso8601),
            "restUntil": .text(duty.rest.until.iso8601),
            "arrived": .array(duty.night.map { .object(object($0.row, $0.time)) }),
        ]
    }

    // MARK: Handing over

    private static let named = SchemaProperty("unit", .id, required: true, "A unit of yours, from getHandover")

    static let unit = Schema<Note>("HandoverUnit", [named], decode: { Note(unit: $0.id("unit")) }, encode: { _ in [:] })

    static let note = Schema<Note>(
        "HandoverNote",
        [named, SchemaProperty("text", .text(limit: 1000), required: true, "What they must know")],
        decode: { Note(unit: $0.id("unit"), text: $0.text("text")) }, encode: { _ in [:] }
    )

    private static func number(_ name: String, _ meaning: String) -> SchemaProperty {
        SchemaProperty(name, .integer(0...Int64.max), meaning)
    }

    static let handover = Schema<HandoverDesk>(
        "Handover",
        [
            SchemaProperty(
                "units",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Its name"),
                    ]),
                    limit: 1000
                ),
                required: true, "Units you hand over for"
            ),
            SchemaProperty("unit", .id, "The one this is about; missing for who has none, like all that follows"),
            SchemaProperty("person", .text(limit: 40), "Who is on duty"),
            SchemaProperty("personUntil", .moment, "Until when"),
            SchemaProperty("next", .text(limit: 40), "Who comes within a day"),
            SchemaProperty("nextFrom", .moment, "From when"),
            SchemaProperty("nextUntil", .moment, "Until when"),
            SchemaProperty("until", .moment, "Until when `due` looks ahead"),
            number("open", "Open cases"), number("late", "Late ones"), number("alerts", "Alerts nobody has seen"),
            SchemaProperty(
                "due", .list(.object(APISchemas.rowProperties), limit: HandoverState.limit), "What is late or falls due"
            ),
            SchemaProperty(
                "lines", .list(.object(lineProperties), limit: 20), "Notes and take-overs, the newest first"),
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: object
    )

    private static let lineProperties = [
        SchemaProperty("at", .moment, required: true, "When"),
        SchemaProperty("name", .text(limit: 40), required: true, "Who"),
        SchemaProperty("taken", .flag, required: true, "Whether they took over; else it is a note"),
        SchemaProperty("text", .text(limit: 1200), required: true, "The note, numbers masked"),
        number("open", "Open cases then"), number("late", "Late ones then"), number("due", "Due ones then"),
    ]

    private static func object(_ desk: HandoverDesk) -> [String: JSONValue] {
        let units = desk.units.map { JSONValue.object(["id": .text("\($0.id)"), "name": .text($0.name.zh)]) }
        var json: [String: JSONValue] = ["units": .array(units)]
        guard let unit = desk.unit, let state = desk.state else { return json }
        json["unit"] = .text("\(unit.id)")
        json["person"] = state.shifts.now.map { .text($0.name) }
        json["personUntil"] = state.shifts.now.map { .text($0.end.iso8601) }
        json["next"] = state.shifts.next.map { .text($0.name) }
        json["nextFrom"] = state.shifts.next.map { .text($0.start.iso8601) }
        json["nextUntil"] = state.shifts.next.map { .text($0.end.iso8601) }
        json["until"] = .text(state.until.iso8601)
        json["open"] = .int(Int64(state.open))
        json["late"] = .int(Int64(state.late))
        json["alerts"] = .int(Int64(state.alerts))
        json["due"] = .array(state.due.map { .object(APISchemas.row($0)) })
        json["lines"] = .array(state.lines.map(line))
        return json
    }

    private static func line(_ line: Handover) -> JSONValue {
        .object([
            "at": .text(line.at.iso8601), "name": .text(line.name), "taken": .flag(line.isTaken),
            "text": .text(line.text), "open": .int(Int64(line.open)), "late": .int(Int64(line.late)),
            "due": .int(Int64(line.due)),
        ])
    }

    // MARK: Lists

    static let supervised = Schema<APIPage<SupervisedCase>>(
        "SupervisedList",
        [
            SchemaProperty(
                "supervised",
                .list(
                    .object([
                        item,
                        SchemaProperty("level", .integer(2...3), required: true, "2 supervised, 3 raised a level"),
                        SchemaProperty("since", .moment, required: true, "Since when"),
                        SchemaProperty("by", .text(limit: 200), required: true, "The unit that supervises"),
                        SchemaProperty("reason", .text(limit: 4000), required: true, "Why; empty when a clock ran out"),
                        SchemaProperty(
                            "asked", .text(limit: 200), required: true,
                            "The unit that is to answer: it has the case, or did not come to a whistle"),
                        SchemaProperty("answer", .text(limit: 4000), required: true, "What the unit answered"),
                        SchemaProperty("answeredAt", .moment, "When"),
                        SchemaProperty("answeredBy", .text(limit: 200), "Who, by their unit and name"),
                    ]),
                    limit: 100
                ),
                required: true, "Cases"
            ), APIPages.next,
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { page in
            page.json("supervised") { entry in
                var json: [String: JSONValue] = [
                    "case": .object(APISchemas.row(entry.row)), "level": .int(Int64(entry.level)),
                    "since": .text(entry.since.iso8601), "by": .text(entry.byUnit.zh), "reason": .text(entry.reason),
                    "asked": .text(entry.asked == nil ? entry.row.handlerName.zh : entry.askedName.zh),
                    "answer": .text(entry.answer),
                ]
                if entry.answeredAt != nil { json["answeredBy"] = .text(entry.answerer.zh) }
                json["answeredAt"] = entry.answeredAt.map { .text($0.iso8601) }
                return .object(json)
            }
        }
    )

    static let copies = Schema<CopiesPage>(
        "CopyList",
        [
            SchemaProperty(
                "copies",
                .list(
                    .object([item, SchemaProperty("at", .moment, required: true, "When it was copied")]), limit: 100
                ),
                required: true, "Cases"
            ),
            SchemaProperty(
                "open", .integer(0...Int64(CaseQueries.copyLimit)), required: true,
                "How many copies are of open cases; the largest number stands for that many or more"
            ), APIPages.next,
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { copies in
            var json = copies.page.json("copies") { copy in
                .object(["case": .object(APISchemas.row(copy.row)), "at": .text(copy.at.iso8601)])
            }
            json["open"] = .int(Int64(copies.open))
            return json
        }
    )

    static let followUps = Schema<APIPage<FollowUpRow>>(
        "FollowUpList",
        [
            SchemaProperty(
                "calls",
                .list(
                    .object([
                        item,
                        SchemaProperty("askedAt", .moment, "When the reporter was asked"),
                        SchemaProperty("attempts", .integer(0...1000), required: true, "Calls nobody answered"),
                        SchemaProperty("again", .moment, "When to call again"),
                    ]),
                    limit: 100
                ),
                required: true, "Cases"
            ), APIPages.next,
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { page in
            page.json("calls") { entry in
                var json: [String: JSONValue] = [
                    "case": .object(APISchemas.row(entry.row)), "attempts": .int(Int64(entry.outcome.attempts)),
                ]
                json["askedAt"] = entry.outcome.askedAt.map { .text($0.iso8601) }
                json["again"] = entry.outcome.callAgainAt.map { .text($0.iso8601) }
                return .object(json)
            }
        }
    )

    static let clearing = Schema<APIPage<ClearingRow>>(
        "ClearingList",
        [
            SchemaProperty(
                "cases",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier"),
                        SchemaProperty("number", .text(limit: 30), required: true, "Human number"),
                        SchemaProperty("title", .text(limit: 60), required: true, "As it was told, not cleared"),
                        SchemaProperty("place", .text(limit: 400), required: true, "Where"),
                        SchemaProperty("category", .text(limit: 40), required: true, "Code of the category"),
                        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
                        SchemaProperty("createdAt", .moment, required: true, "When it was told"),
                        SchemaProperty("seen", .flag, required: true, "Whether neighbours wait to read what was done"),
                        SchemaProperty("asked", .flag, required: true, "Whether its reporter asked for it"),
                        SchemaProperty("photos", .integer(0...1000), required: true, "How many photos it has"),
                    ]),
                    limit: 100
                ),
                required: true, "Cases"
            ), APIPages.next,
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") },
        encode: { page in
            page.json("cases") { row in
                .object([
                    "id": .text("\(row.id)"), "number": .text(row.number), "title": .text(row.title),
                    "place": .text(row.whereabouts), "category": .text(row.category),
                    "division": .text("\(row.division)"), "createdAt": .text(row.createdAt.iso8601),
                    "seen": .flag(row.isSeen), "asked": .flag(row.isAsked), "photos": .int(Int64(row.photos)),
                ])
            }
        }
    )
}

/// Copies of a district with how many of them are open.
struct CopiesPage: Sendable {
    let page: APIPage<CaseCopy>
    let open: Int
}
