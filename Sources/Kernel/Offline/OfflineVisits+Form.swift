import LinliCore
import LinliSQL

extension OfflineVisits {
    /// What is asked to complete a visit: whether something changed, the questions of its form, a few words, who signed.
    package static func form(
        _ entry: OfflineStore.Undecided, _ context: Context, _ services: Services
    ) async throws -> OfflineForm? {
        let body = entry.body
        guard body.text("kind") == VisitState.done.rawValue, let id: ID<Visit> = body.id("visit") else { return nil }
        let questions = try await services.database.read { tx -> [VisitForm.Question]? in
            guard let visit = try VisitQueries.find(id, tx), context.actor.may(.peopleEdit, in: visit.division) else {
                return nil
            }
            return try OfflineVisit.form(visit, tx).questions
        }
        guard let questions else { return nil }
        var answers: [String: JSONValue] = [:]
        if case .object(let given)? = body["answers"] { answers = given }
        var form = OfflineForm()
        form.controls = [changed(body)] + questions.map { asked($0, answers.text($0.id)) } + words(body)
        if !entry.pictures.isSigned { form.controls.append(agreed(body)) }
        form.photos = OfflineForm.Photos(isOptional: true, takesAfter: false)
        return form
    }

    /// Whether something changed: half filled in nobody has said it, whatever the phone wrote down.
    private static func changed(_ body: [String: JSONValue]) -> OfflineForm.Control {
        let said: String
        switch body["changed"] {
        case .text?: said = ""
        case .flag(true)?: said = "1"
        default: said = "0"
        }
        return OfflineForm.Control(
            "changed", Text("这次走访", "This visit"),
            .choice(
                [(value: "1", text: VisitResult.changed.name), (value: "0", text: VisitResult.unchanged.name)],
                empty: Text("请选", "Please choose")),
            value: body.flag("unfinished") ? "" : said
        ) { answer, body in
            switch answer {
            case "1": body["changed"] = .flag(true)
            case "0": body["changed"] = .flag(false)
            default: body["changed"] = .text("")
            }
        }
    }

    private static func asked(_ question: VisitForm.Question, _ value: String) -> OfflineForm.Control {
        let id = question.id
        return OfflineForm.Control(
            "q.\(id)", question.name,
            .choice(
                question.choices.map { (value: $0.id, text: $0.name) },
                empty: Text("没问，或和上次一样", "Not asked, or as before")),
            value: value, isOptional: true
        ) { answer, body in
            var answers: [String: JSONValue] = [:]
            if case .object(let given)? = body["answers"] { answers = given }
            answers[id] = answer.isEmpty ? nil : JSONValue.text(answer)
            body["answers"] = .object(answers)
        }
    }

    private static func words(_ body: [String: JSONValue]) -> [OfflineForm.Control] {
        [
            OfflineForm.Control(
                "note", Text("情况", "What is new"), .words(limit: 500), value: body.text("note"),
                hint: Text("不写病情、收入；电话、证件号会自动打码。", "No illness, no income; numbers are masked."), isOptional: true),
            OfflineForm.Control(
                "signer", Text("签名的人", "Who signed"), .line(limit: 40), value: body.text("signer"), isOptional: true),
        ]
    }

    /// Without a drawing a name counts only when its owner was there and agreed: who noted it says so.
    private static func agreed(_ body: [String: JSONValue]) -> OfflineForm.Control {
        OfflineForm.Control(
            "signed", Text("本人在场，同意以上记录", "Was present and agreed to what is noted"),
            .choice(
                [(value: "1", text: Text("是", "Yes"))],
                empty: Text("没有签名", "Nobody signed")),
            value: body.flag("signed") ? "1" : "", isOptional: true
        ) { answer, body in body["signed"] = .flag(answer == "1") }
    }
}
