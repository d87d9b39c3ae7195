import LinliCore
import LinliKernel
import LinliUI

/// Giving a case to somebody of its unit or to whoever is on duty, and saying that one is away.
enum DeskAssignRoutes {
    static let all: [Route] = [
        .post("/desk/cases/:id/assign", access: .permission(.casesRead), assign),
        .post("/desk/handover/away", access: .permission(.casesRead), goAway),
        .post("/desk/handover/back", access: .permission(.casesRead), comeBack),
    ]

    /// The value that stands for whoever is on duty.
    static let roster = "roster"

    private static func assign(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let form = request.form
        let account: ID<Account>? = form.id("account")
        // Who is away gets none: it is said where it went instead.
        let away = try await services.database.read {
            try AbsenceStore.until([account].compactMap { $0 }, at: request.context.now, $0)
        }
        return try await DeskCaseRoutes.perform(
            "assign", id, request, services, done: away.isEmpty ? nil : "assignAway"
        ) { _ in
            guard account != nil || form["account"] == roster else {
                throw LinliError.invalid(
                    "desk.assign", [.init("account", Text("请选交给谁", "Please choose who gets it"))]
                )
            }
            _ = try await services.commands.assign(
                account, of: id, isSure: form["sure"] == "yes", version: form.int("version"), request.context
            )
        }
    }

    private static func goAway(_ request: Request, _ services: Services) async throws -> Reply {
        let day = request.form["until"].flatMap { CivilDate($0) }
        // The first moment of the day somebody is back; none says so.
        let until = day.map { Instant($0) } ?? Instant(milliseconds: 0)
        do {
            _ = try await services.commands.goAway(until: until, request.context)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let desk = try await HandoverDesk(request.form.id("unit"), request.context, services)
            var page = DeskHandoverRoutes.page(desk, request, services)
            page.error = error
            return .page(page.page, status: status)
        }
        return .redirect(address("/desk/handover", [("unit", request.form["unit"]), ("done", "away")]))
    }

    private static func comeBack(_ request: Request, _ services: Services) async throws -> Reply {
        try await services.commands.comeBack(request.context)
        return .redirect(address("/desk/handover", [("unit", request.form["unit"]), ("done", "back")]))
    }
}

/// What is said of somebody a case can be given to: whether they are there, and how much they have. In the order of their
/// accounts and never by how much: this is no rank.
struct ColleagueWords {
    let cap: Int
    let now: Instant

    /// The label of an option.
    func label(_ person: Colleague) -> Text {
        Text(same: person.name) + Text("（", " (") + state(person) + Text("）", ")")
    }

    /// There or away, and how many cases.
    func state(_ person: Colleague) -> Text {
        let full = isFull(person) ? Text("，已满", ", full") : Text(same: "")
        let load = Text("手上 \(person.open) 件", "\(person.open) cases") + full
        if let until = person.awayUntil {
            return Text("\(until.date.dayAndMonth.zh) 回来，", "back on \(until.date.dayAndMonth.en), ") + load
        }
        return person.isOnDuty ? Text("在岗，", "on duty, ") + load : load
    }

    func isFull(_ person: Colleague) -> Bool { cap > 0 && person.open >= cap }
}

/// The card of a case's page that gives it to somebody.
struct AssignCard {
    let page: DeskCase

    private var forms: DeskForms { DeskForms(page: page) }

    var html: HTML {
        let people = page.surroundings.colleagues
        guard !people.isEmpty, page.view.item.isOpen else { return .empty }
        let attempt = forms.attempt("assign")
        let error = attempt?.error?.text(for: "account")
        let words = ColleagueWords(cap: page.handlerCap, now: page.now)
        let options =
            [(value: DeskAssignRoutes.roster, text: Text("值班的人", "Whoever is on duty"))]
            + people.map { (value: "\($0.id)", text: words.label($0)) }
        let present = page.view.item.handler.map { "\($0)" } ?? DeskAssignRoutes.roster
        return """
            <section class="card"><details class="more pad"\(when: attempt != nil, " open")>\
            <summary>\(icon("user", small: true))\(Text("指定经办人", "Give it to somebody"))</summary>
            \(forms.begin("assign"))
            \(field(
                Text("交给谁", "To whom"), for: "assign-account",
                hint: Text("请假的人收不到，会交给值班的人。", "Who is away gets none: it goes to who is on duty."), error: error,
                select(
                    "account", id: "assign-account", options, selected: attempt?.form["account"] ?? present,
                    attributes: described("assign-account", hint: true, error: error)
                )
            ))
            \(when: attempt?.error?.id == "cases.full", """
                <label class="check"><input type="checkbox" name="sure" value="yes">\
                <span>\(Text("仍然派给这个人", "Give it to them all the same"))</span></label>
                """)
            <button class="btn weak">\(Text("交办", "Give it"))</button>
            </form></details></section>
            """
    }
}

/// Who of the unit has how much, and whether the reader is there, for the page of handing over.
struct PresenceCard {
    let unit: UnitSummary
    let people: [Colleague]
    let me: ID<Account>?
    let formToken: String
    let cap: Int
    let now: Instant

    var html: HTML {
        guard !people.isEmpty else { return .empty }
        let words = ColleagueWords(cap: cap, now: now)
        return """
            <section class="card"><div class="hd"><h2>\(Text("各人手上", "In whose hands"))</h2></div>
            \(limit)
            <dl class="kv wide">\(each: people, { person in
                "<dt>\(person.name)</dt><dd>\(words.state(person))</dd>"
            })</dl>\(mine)</section>
            """
    }

    private var limit: HTML {
        guard cap > 0 else { return .empty }
        let words = Text(
            "每人上限 \(cap) 件，满了再派要确认。按账号先后排，不是排名。",
            "The limit is \(cap) cases each; beyond it one must confirm. In the order of accounts: no rank.")
        return "<p class=\"pad note\">\(words)</p>"
    }

    private var hidden: HTML {
        "\(LinliUI.formToken(formToken))<input type=\"hidden\" name=\"unit\" value=\"\(unit.id)\">"
    }

    private var mine: HTML {
        guard let person = people.first(where: { $0.id == me }) else { return .empty }
        if person.awayUntil != nil {
            return """
                <form class="pad" method="post" action="/desk/handover/back">\(hidden)\
                <button class="btn weak">\(Text("我回来了", "I am back"))</button></form>
                """
        }
        return """
            <details class="more pad"><summary>\(icon("out", small: true))\(Text("我要请假", "I shall be away"))</summary>
            <form class="stack" method="post" action="/desk/handover/away">\(hidden)
            \(field(
                Text("哪天回来", "Back on"), for: "until",
                hint: Text("手上的工单会交给值班的人。", "What you have goes to who is on duty."),
                "<input id=\"until\" name=\"until\" type=\"date\" required aria-describedby=\"until-hint\">"
            ))
            <button class="btn weak">\(Text("交出去", "Hand over"))</button></form></details>
            """
    }
}
