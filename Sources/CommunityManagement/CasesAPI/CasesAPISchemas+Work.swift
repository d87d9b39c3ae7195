import LinliCore
import LinliKernel

/// What goes on around the work on a case, as its reader may see it.
extension APISchemas {
    static let workProperties = [
        SchemaProperty("paused", .flag, required: true, "Whether its clocks stand still"),
        SchemaProperty("supervision", .integer(0...3), required: true, "2 supervised, 3 raised a level; for staff"),
        SchemaProperty("clocks", .list(.object(clockProperties), limit: 20), required: true, "Its clocks, for staff"),
        SchemaProperty("asks", .list(.object(askProperties), limit: 3), required: true, "What you may ask for now"),
        SchemaProperty(
            "requests", .list(.object(requestProperties), limit: 100), required: true, "What was asked for, for staff"),
        SchemaProperty(
            "parts", .list(.object(rowProperties), limit: 30), required: true, "Cases of units that help, for staff"),
        SchemaProperty(
            "copies", .list(.text(limit: 200), limit: 20), required: true, "Units that have a copy of it, for staff"),
        SchemaProperty(
            "against", .list(.id, limit: Accusation.limit), "Units it is against, which do not see it; for dispatchers"),
        SchemaProperty("againstByWords", .flag, "Whether words decided that, and nobody confirmed it; for dispatchers"),
        SchemaProperty("partOf", .id, "The case it is a part of, for staff; it may not be yours to open"),
        SchemaProperty(
            "dueBy", .moment,
            "Of a part, by when it is to be done, whatever its text says; for staff. setPartDate moves it"),
        SchemaProperty("person", .text(limit: 40), "In whose hands it is, for staff; missing for whoever is on duty"),
        SchemaProperty("homes", .integer(0...1_000_000), "How many homes told it by known doors, of several voices"),
        SchemaProperty("withoutDoor", .integer(0...1_000_000), "How many told it without a known door"),
        SchemaProperty(
            "voices", .list(.object(voiceProperties), limit: CaseVoices.limit), required: true,
            "Who told the same too, for staff"),
        SchemaProperty("speaksIn", .text(limit: 30), "Number of the case this one is a voice of"),
        SchemaProperty("publication", .object(publicationProperties), "What neighbours see; missing for private cases"),
    ]

    private static let clockProperties = [
        SchemaProperty("clock", .text(limit: 40), required: true, "step for the state's, else one of the whole case"),
        SchemaProperty("minutes", .integer(0...Int64(Int32.max)), required: true, "Its whole time"),
        SchemaProperty("startedAt", .moment, required: true, "Since when"),
        SchemaProperty("dueAt", .moment, "When it runs out; missing while it stands still"),
        SchemaProperty("stoppedAt", .moment, "When it was stopped"),
        SchemaProperty("late", .flag, required: true, "Whether it was stopped too late"),
    ]

    private static let askProperties = [
        SchemaProperty("kind", .choice(CaseRequestKind.allCases.map(\.rawValue)), required: true, "What"),
        SchemaProperty("reasons", .list(.text(limit: 40), limit: 40), required: true, "Codes of reasons"),
        SchemaProperty("days", .integer(0...1000), required: true, "At most so many; 0 where none are asked"),
    ]

    private static let requestProperties = [
        SchemaProperty("id", .id, required: true, "Identifier, for decideRequest"),
        SchemaProperty("kind", .choice(CaseRequestKind.allCases.map(\.rawValue)), required: true, "What"),
        SchemaProperty("state", .choice(CaseRequest.State.allCases.map(\.rawValue)), required: true, "How far it is"),
        SchemaProperty("reasonClass", .text(limit: 40), required: true, "Code of the reason"),
        SchemaProperty("text", .text(limit: 4000), required: true, "Circumstances, numbers masked"),
        SchemaProperty("minutes", .integer(0...Int64(Int32.max)), required: true, "How long"),
        SchemaProperty("askedAt", .moment, required: true, "When"),
        SchemaProperty("decidedAt", .moment, "When it was decided"),
        SchemaProperty("decision", .text(limit: 4000), required: true, "Reasons of the decision"),
        SchemaProperty("endsAt", .moment, "When a granted pause ends at the latest"),
    ]

    private static let voiceProperties = [
        SchemaProperty("id", .id, required: true, "Its own case"),
        SchemaProperty("number", .text(limit: 30), required: true, "Its own number"),
        SchemaProperty("text", .text(limit: 4000), required: true, "What was said, numbers masked"),
        SchemaProperty("reporter", .text(limit: 80), required: true, "Masked; empty for who may not be known"),
        SchemaProperty("createdAt", .moment, required: true, "When it was told"),
        SchemaProperty("solved", .flag, "What they answered; missing until then"),
        SchemaProperty("left", .flag, required: true, "Whether they took it back"),
    ]

    private static let publicationProperties = [
        SchemaProperty(
            "state", .choice(PublicationState.allCases.map(\.rawValue)), required: true, "Whether neighbours see it"),
        SchemaProperty("withheldBy", .choice(WithheldBy.allCases.map(\.rawValue)), required: true, "Why they do not"),
        SchemaProperty(
            "consent", .choice(Consent.allCases.map(\.rawValue)), required: true, "What its reporter said"),
        SchemaProperty("due", .flag, required: true, "Whether staff should look at it"),
        SchemaProperty("title", .text(limit: 80), required: true, "As cleared; empty until then"),
        SchemaProperty("words", .text(limit: 2000), required: true, "As cleared"),
        SchemaProperty("result", .text(limit: 2000), required: true, "As cleared"),
        SchemaProperty("address", .text(limit: 160), required: true, "As cleared"),
        SchemaProperty("photos", .list(.id, limit: 60), required: true, "As cleared"),
        SchemaProperty("publishedAt", .moment, "When neighbours saw it first"),
        SchemaProperty("version", .integer(0...Int64(Int32.max)), required: true, "Grows with every change"),
    ]

    static func work(_ view: CaseView) -> [String: JSONValue] {
        let isStaff = view.standing.isStaff
        var json: [String: JSONValue] = [
            "paused": .flag(view.item.isPaused), "supervision": .int(isStaff ? Int64(view.item.supervision) : 0),
            "clocks": .array(isStaff ? view.clocks.map(clock) : []), "asks": .array(view.askable.map(ask)),
            "requests": .array(view.requests.map(request)), "parts": .array(view.parts.map { .object(row($0)) }),
        ]
        json["partOf"] = isStaff ? view.item.parent.map { .text("\($0)") } : nil
        json["dueBy"] = isStaff ? view.dueBy.map { .text($0.iso8601) } : nil
        json["person"] = isStaff ? view.handlerName.map { .text($0) } : nil
        json["copies"] = .array(view.copies.map { .text($0.zh) })
        if view.standing.isDispatcher {
            json["against"] = .array(view.item.accusation.units.map { .text("\($0)") })
            json["againstByWords"] = .flag(view.isAccusedByWords)
        }
        json["homes"] = view.voices.count.map { .int(Int64($0.households)) }
        json["withoutDoor"] = view.voices.count.map { .int(Int64($0.unknown)) }
        json["voices"] = .array(isStaff ? view.voices.list.map(voice) : [])
        json["speaksIn"] = isStaff ? view.voices.lead.map { .text($0.number) } : nil
        json["publication"] = view.publication.map { publication($0, isStaff: isStaff) }
        return json
    }

    private static func clock(_ clock: CaseClock) -> JSONValue {
        var json: [String: JSONValue] = [
            "clock": .text(clock.clock), "minutes": .int(Int64(clock.budgetMinutes)),
            "startedAt": .text(clock.startedAt.iso8601), "late": .flag(clock.isLate),
        ]
        json["dueAt"] = clock.dueAt.map { .text($0.iso8601) }
        json["stoppedAt"] = clock.stoppedAt.map { .text($0.iso8601) }
        return .object(json)
    }

    private static func ask(_ rule: CaseType.RequestRule) -> JSONValue {
        .object([
            "kind": .text(rule.kind.rawValue), "reasons": .array(rule.reasons.map { .text($0.id) }),
            "days": .int(rule.kind == .exclude ? 0 : Int64(max(rule.capMinutes / 1440, 1))),
        ])
    }

    private static func request(_ request: CaseRequest) -> JSONValue {
        var json: [String: JSONValue] = [
            "id": .text("\(request.id)"), "kind": .text(request.kind.rawValue),
            "state": .text(request.state.rawValue), "reasonClass": .text(request.reasonClass),
            "text": .text(request.text), "minutes": .int(Int64(request.minutes)),
            "askedAt": .text(request.askedAt.iso8601), "decision": .text(request.decision),
        ]
        json["decidedAt"] = request.decidedAt.map { .text($0.iso8601) }
        json["endsAt"] = request.endsAt.map { .text($0.iso8601) }
        return .object(json)
    }

    private static func voice(_ voice: CaseVoice) -> JSONValue {
        let told = voice.item
        var json: [String: JSONValue] = [
            "id": .text("\(told.id)"), "number": .text(told.number), "text": .text(told.text),
            "reporter": .text(voice.showsReporter ? told.reporterMask : ""),
            "createdAt": .text(told.createdAt.iso8601), "left": .flag(voice.hasLeft),
        ]
        json["solved"] = voice.isSolved.map { .flag($0) }
        return .object(json)
    }

    /// The words are for staff, and for everybody who may read them anyway.
    private static func publication(_ publication: CasePublication, isStaff: Bool) -> JSONValue {
        let isShown = isStaff || publication.state == .cleared
        func words(_ text: String) -> JSONValue { .text(isShown ? text : "") }
        var json: [String: JSONValue] = [
            "state": .text(publication.state.rawValue), "withheldBy": .text(publication.withheldBy.rawValue),
            "consent": .text(publication.consent.rawValue), "due": .flag(publication.isDue),
            "title": words(publication.title), "words": words(publication.text), "result": words(publication.result),
            "address": words(publication.address),
            "photos": .array(isShown ? publication.photos.map { .text("\($0)") } : []),
            "version": .int(Int64(publication.version)),
        ]
        json["publishedAt"] = publication.publishedAt.map { .text($0.iso8601) }
        return .object(json)
    }
}

extension CaseView {
    /// What its handler may ask for now.
    var askable: [CaseType.RequestRule] {
        guard standing.isHandler else { return [] }
        return type.requests.filter { rule in
            rule.from.contains(item.state)
                && !requests.contains { $0.kind == rule.kind && $0.state == .waiting }
                && !(rule.kind == .pause && item.isPaused)
        }
    }
}
