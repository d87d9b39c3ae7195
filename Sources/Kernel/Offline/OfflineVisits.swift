import LinliCore
import LinliSQL

/// Visits without a network: what is announced in the grid until the end of the duty, with the questions and the code of
/// the slip, and what came of it on its way back.
package enum OfflineVisits {
    // MARK: Going along

    /// Writes the open visits of the grid that begin while the lease may last, or today.
    package static func give(
        _ lease: OfflineLease, _ households: [OfflineHousehold], _ context: Context, _ services: Services
    ) async throws -> JSONWriter {
        let end = max(lease.expiresAt, Instant(context.now.date.adding(days: 1)))
        let keys = services.database.keys
        return try await services.database.read { tx in
            let visits = try VisitQueries.open(in: lease.division, limit: 200, tx).filter { $0.startsAt < end }
            var forms: [(id: String, form: VisitForm)] = [("", .standard)]
            for plan in Set(visits.compactMap(\.plan)).sorted() {
                guard let found = try VisitPlansStore.find(plan, tx) else { continue }
                forms.append(("\(plan)", try VisitForm(found.form)))
            }
            var json = JSONWriter(capacity: 2048 + visits.count * 600)
            try json.object { json in
                json.key("forms")
                json.object { json in
                    for (id, form) in forms {
                        json.key(dynamic: id)
                        write(form, to: &json)
                    }
                }
                json.key("open")
                try json.array { list in
                    for visit in visits {
                        let answers = try VisitQueries.answers(of: visit.household, tx)
                        write(visit, answers.mapValues(\.value), code: VisitCode.make(visit.id, keys), to: &list)
                    }
                }
            }
            return json
        }
    }

    private static func write(_ form: VisitForm, to json: inout JSONWriter) {
        json.array { list in
            for question in form.questions {
                list.object { json in
                    json.field("id", question.id)
                    json.field("zh", question.name.zh)
                    json.field("en", question.name.en)
                    json.key("choices")
                    json.array { list in
                        for choice in question.choices {
                            list.object { json in
                                json.field("id", choice.id)
                                json.field("zh", choice.name.zh)
                                json.field("en", choice.name.en)
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(
        _ visit: Visit, _ answers: [String: String], code: String, to json: inout JSONWriter
    ) {
        json.object { json in
            json.field("id", "\(visit.id)")
            json.field("household", "\(visit.household)")
            json.field("address", visit.address)
            json.field("reason", visit.reason)
            json.field("way", visit.way.rawValue)
            json.field("starts", visit.startsAt.milliseconds)
            json.field("ends", visit.endsAt.milliseconds)
            json.field("state", visit.state.rawValue)
            json.field("mark", mark(visit))
            json.field("worker", visit.isUnassigned ? "" : visit.workerName)
            json.field("wish", visit.wish)
            json.field("form", visit.plan.map { "\($0)" } ?? "")
            json.field("code", VisitCode.shown(code))
            json.key("answers")
            json.object { json in
                for (question, value) in answers.sorted(by: { $0.key < $1.key }) {
                    json.key(dynamic: question)
                    json.value(value)
                }
            }
        }
    }

    /// What a phone says it saw: that nobody was at home yet changes nothing for who comes again. With how the visit is to
    /// be made, which is how it was made by who saw this.
    static func mark(_ visit: Visit) -> String {
        "\(visit.isOpen ? "open" : visit.state.rawValue)-\(visit.moves)-\(visit.way.rawValue)"
    }

    /// A mark without how the visit is to be made: that it was to be a call by then changes nothing for who was at the door.
    static func standing(_ mark: String) -> String {
        mark.split(separator: "-", omittingEmptySubsequences: false).prefix(2).joined(separator: "-")
    }

    /// How a visit was to be made when a phone saw a mark; nil for a mark of before, which does not say it.
    static func way(in mark: String) -> VisitWay? {
        mark.split(separator: "-", omittingEmptySubsequences: false).dropFirst(2).first
            .flatMap { VisitWay(rawValue: String($0)) }
    }

    // MARK: Coming back

    /// Takes what came of one visit. Who was seen was seen, whatever became of the announcement meanwhile; what stands
    /// there is changed only when it stands as the phone saw it, or when a person decided so.
    ///
    /// - Throws: `.notFound` for a visit that is not there or not theirs, `.invalid` saying what does not fit.
    package static func take(
        _ entry: OfflineEntry, _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        let database = services.database
        guard let id: ID<Visit> = entry.body.id("visit") else { throw LinliError.notFound("offline.visit") }
        let sent = entry
        let entry = try await OfflineDecision.whole(sent, about: "visit", database)
        if let problem = entry.pictures.problem { throw problem }
        let isTheirs = entry.body.text("kind") == "theirs"
        let work = isTheirs ? nil : try OfflineVisit(entry.body, entry.pictures, at: entry.at)
        let commands = VisitCommands(database)
        return try await database.write(context, "offline.visit") { tx in
            guard let visit = try VisitQueries.find(id, tx), context.actor.may(.peopleEdit, in: visit.division) else {
                throw LinliError.notFound("offline.visit")
            }
            try OfflineDecision.settle(sent, tx)
            let differences = try work?.differences(from: visit, tx) ?? []
            if let work, differences.isEmpty {
                if !work.isMissed { try entry.pictures.insert(tx) }
                try work.write(visit, commands, context.actor, tx)
            } else {
                if let work, !work.isMissed {
                    try Households.heard(of: visit.household, by: work.signal(visit), at: entry.at, tx)
                }
                try tx.audit(visit.subject, fields: ["offline"])
            }
            let outcome = OfflineOutcome(kind: differences.isEmpty ? .taken : .conflict, differences: differences)
            try OfflineStore.note(entry, outcome, tx)
            return outcome
        }
    }
}

/// What a worker did of a visit without a network.
struct OfflineVisit: Sendable {
    let isMissed: Bool
    /// How the visit stood when they did it, as far as the phone knew.
    let before: String
    let at: Instant
    let outcome: VisitOutcome
    /// At the door or by phone, as it was to be made when they did it; nil where their phone did not say.
    let way: VisitWay?

    /// - Throws: `.invalid` for what no form would take either, `.notFound` for what is none of it.
    init(_ body: [String: JSONValue], _ pictures: OfflinePictures, at: Instant) throws {
        guard let kind = VisitState(rawValue: body.text("kind")), kind == .done || kind == .missed else {
            throw LinliError.notFound("offline.kind")
        }
        isMissed = kind == .missed
        self.at = at
        before = OfflineDecision.before(body)
        way = OfflineVisits.way(in: OfflineDecision.was(body))
        // Half filled in nobody said yet which it is.
        if !isMissed, case .text? = body["changed"] {
            throw LinliError.invalid(
                "visits.changed", [.init("changed", Text("请选有没有变化", "Please choose whether something changed"))])
        }
        var outcome = VisitOutcome()
        outcome.isUnchanged = !body.flag("changed")
        outcome.note = body.text("note")
        outcome.signer = body.text("signer")
        outcome.isAgreed = body.flag("signed")
        outcome.photos = pictures.photos
        outcome.signature = pictures.drawn
        if case .object(let answers)? = body["answers"] {
            for (question, answer) in answers.prefix(20) {
                if case .text(let value) = answer { outcome.answers[question] = value }
            }
        }
        self.outcome = try outcome.checked()
    }

    func signal(_ visit: Visit) -> ContactSignal { (way ?? visit.way) == .call ? .call : .visit }

    // MARK: Both sides

    /// What both sides say of it; empty where it stands as the phone saw it.
    func differences(from visit: Visit, _ tx: ReadTx) throws -> [OfflineOutcome.Difference] {
        let isSame = OfflineVisits.standing(before) == OfflineVisits.standing(OfflineVisits.mark(visit))
        return isSame ? [] : try compared(with: visit, tx)
    }

    /// What both sides say of it, side by side.
    func compared(with visit: Visit, _ tx: ReadTx) throws -> [OfflineOutcome.Difference] {
        let now = OfflineVisits.mark(visit)
        func difference(
            _ field: String, _ mine: String, _ theirs: String, _ words: OfflineOutcome.Difference.Words
        ) -> OfflineOutcome.Difference {
            OfflineOutcome.Difference(
                kind: "visit", id: "\(visit.id)", field: field, mine: mine, theirs: theirs, mark: now, words: words)
        }
        var found = [
            difference(
                "visit.state", isMissed ? "missed" : "done", visit.state.rawValue,
                .init(name: Text("走访", "Visit"), mine: mine, theirs: OfflineVisit.theirs(visit)))
        ]
        if !outcome.note.isEmpty, !visit.note.isEmpty, outcome.note != visit.note {
            found.append(
                difference(
                    "visit.note", outcome.note, visit.note,
                    .init(
                        name: Text("情况", "What is new"), mine: Text(same: outcome.note), theirs: Text(same: visit.note))
                ))
        }
        if let both = try pictures(beside: visit, tx) {
            found.append(
                difference(
                    "visit.pictures", both.mine.zh, both.theirs.zh,
                    .init(name: Text("照片和签名", "Photos and signature"), mine: both.mine, theirs: both.theirs)))
        }
        let form = try OfflineVisit.form(visit, tx)
        let theirs = try VisitQueries.given(at: visit.id, tx)
        for (question, value) in form.checked(outcome.answers) {
            guard let other = theirs[question], other != value,
                let asked = form.questions.first(where: { $0.id == question })
            else { continue }
            found.append(
                difference(
                    "q.\(question)", value, other,
                    .init(name: asked.name, mine: asked.name(of: value), theirs: asked.name(of: other))))
        }
        return found
    }

    /// What both sides have of photos and signatures; nil where the phone has none.
    private func pictures(beside visit: Visit, _ tx: ReadTx) throws -> (mine: Text, theirs: Text)? {
        guard !outcome.photos.isEmpty || outcome.signature != nil || !outcome.signer.isEmpty else { return nil }
        let photos = try VisitQueries.photos(of: visit.id, .photo, tx).count
        let isDrawn = try !VisitQueries.photos(of: visit.id, .signature, tx).isEmpty
        return (
            OfflineVisit.pictures(outcome.photos.count, isDrawn: outcome.signature != nil, outcome.signer),
            OfflineVisit.pictures(photos, isDrawn: isDrawn, visit.signer)
        )
    }

    private static func pictures(_ photos: Int, isDrawn: Bool, _ signer: String) -> Text {
        var parts: [Text] = []
        if photos > 0 { parts.append(Text("\(photos) 张照片", photos == 1 ? "1 photo" : "\(photos) photos")) }
        if isDrawn || !signer.isEmpty {
            let (zh, en) = signer.isEmpty ? ("", "") : ("（\(signer)）", " (\(signer))")
            parts.append(Text("住户签名\(zh)", "signature\(en)"))
        }
        guard !parts.isEmpty else { return Text("没有", "None") }
        return Text(parts.map(\.zh).joined(separator: "、"), parts.map(\.en).joined(separator: ", "))
    }

    static func form(_ visit: Visit, _ tx: ReadTx) throws -> VisitForm {
        try visit.plan.flatMap { try VisitPlansStore.find($0, tx) }.map { try VisitForm($0.form) } ?? .standard
    }

    /// The words outlast the day: no “today” in them.
    private var mine: Text {
        let hour = OfflineVisit.hour(at)
        let what =
            isMissed
            ? VisitState.missed.name : outcome.isUnchanged ? VisitResult.unchanged.name : VisitResult.changed.name
        return what + Text(" · \(hour.zh)", " · \(hour.en)")
    }

    private static func theirs(_ visit: Visit) -> Text {
        guard !visit.isOpen else {
            let part = VisitSlot.Part.allCases.first { $0.starts(visit.startsAt) } ?? .morning
            let day = visit.startsAt.date.dayAndMonth
            return Text(
                "住户改到\(day.zh)\(part.name.zh)，\(visit.way.name.zh)",
                "Moved by them to \(day.en), \(part.name.en.lowercased()), \(visit.way.name.en.lowercased())")
        }
        let what = visit.result?.name ?? visit.state.name
        guard let ended = visit.endedAt else { return what }
        let hour = hour(ended)
        return what + Text(" · \(hour.zh)", " · \(hour.en)")
    }

    private static func hour(_ moment: Instant) -> Text {
        let day = moment.date.dayAndMonth
        return Text("\(day.zh) \(moment.time)", "\(day.en), \(moment.time)")
    }

    // MARK: Doing it

    /// Does it over what stands there; of two notes none is lost.
    func write(_ visit: Visit, _ commands: VisitCommands, _ actor: Actor, _ tx: WriteTx) throws {
        var visit = visit
        // It counts as it was made: made a call meanwhile, it was at the door all the same.
        if let way, way != visit.way {
            visit.way = way
            if !isMissed { try tx.execute("UPDATE visit SET way = \(way) WHERE id = \(visit.id)") }
        }
        if visit.isOpen {
            if isMissed {
                try commands.miss(visit, by: actor, at: at, tx)
            } else {
                try commands.finish(visit, outcome, by: actor, at: at, tx)
            }
            return
        }
        if isMissed {
            // It is over: that somebody was there in vain is kept beside it.
            try VisitAttempt.note(.missed, of: visit, by: actor, at: at, tx)
            try tx.execute(
                """
                UPDATE visit SET missed_at = \(at), happened_at = COALESCE(happened_at, \(at))
                WHERE id = \(visit.id) AND missed_at IS NULL
                """
            )
            try tx.audit(visit.subject, fields: ["miss"])
            return
        }
        var whole = outcome
        if !visit.note.isEmpty, visit.note != outcome.note {
            whole.note = String((outcome.note.isEmpty ? visit.note : "\(visit.note)；\(outcome.note)").prefix(1000))
        }
        try tx.execute("UPDATE visit SET is_open = 1 WHERE id = \(visit.id)")
        try commands.finish(visit, whole, by: actor, at: at, tx)
    }
}
