import LinliCore
import LinliKernel
import LinliUI

/// Changing a route.
enum PatrolEditRoutes {
    static let all: [Route] = [
        .get("/desk/patrols/:id/edit", access: .permission(.patrolsPlan), show),
        .post("/desk/patrols/:id/edit", access: .permission(.patrolsPlan), change),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func page(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> PatrolEditPage {
        let (id, actor): (ID<PatrolRoute>, Actor) = (try request.id(), request.context.actor)
        let (route, points) = try await services.database.read { tx in
            guard let route = try PatrolStore.route(id, tx), actor.may(.patrolsPlan, in: route.division) else {
                throw LinliError.notFound("patrols.route")
            }
            return (route, try PatrolStore.points(of: id, tx))
        }
        // What somebody else changed meanwhile is shown as it stands.
        return PatrolEditPage(
            route: route, astray: PatrolWords.astray(points, route, services.divisions),
            form: error?.kind == .invalid ? request.form : PatrolRouteForm.form(route, points),
            error: error,
            formToken: request.formToken)
    }

    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            try await PatrolCommands(services).changeRoute(
                try request.id(), PatrolRouteForm.draft(request.form), version: request.form.int("version") ?? 0,
                request.context)
            return .redirect("/desk/patrols?done=change")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, error, services).page, status: status)
        }
    }
}

/// A route as it stands, to be changed.
struct PatrolEditPage {
    let route: PatrolRoute
    /// Which points are to be looked at.
    let astray: Text?
    let form: Form
    let error: LinliError?
    let formToken: String

    var page: Page {
        Page(Text("改路线：\(route.name)", "Change \(route.name)"), frame: .desk("/desk/patrols"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("改路线", "Change a route"))</h1>\
        <a class="btn ghost" href="/desk/patrols">\(icon("back", small: true))\(Text("回巡查", "Back"))</a></div>
        \(problem(error))
        \(astray.map { notice($0, .warn, icon: "alert") })
        <section class="card pad" aria-label="\(Text("路线", "Route"))">
        <p class="note">\(Text("名字没变的点位，墙上的码照旧；去掉的点位不再巡，发现过的隐患都留着。", "A point that keeps its name keeps its code; one you leave out is not walked any more, and what was found stays."))</p>
        \(PatrolRouteForm(
            path: "/desk/patrols/\(route.id)/edit", places: [], form: form, error: error, formToken: formToken,
            button: Text("改好", "Change it")
        ).html)
        </section>
        </main>
        """
    }
}

/// The form of a route, new or there already.
struct PatrolRouteForm {
    let path: String
    /// Where it may be; none for a route that is there.
    let places: [(value: String, text: Text)]
    let form: Form
    let error: LinliError?
    let formToken: String
    let button: Text

    /// What somebody filled in.
    static func draft(_ form: Form) -> PatrolRouteDraft {
        var draft = PatrolRouteDraft()
        draft.name = form["name"] ?? ""
        draft.division = form["division"].flatMap { DivisionCode($0) }
        draft.from = minutes(form["from"]) ?? -1
        // No control of the time of day has 24:00: midnight at the end of a window is that of its day.
        draft.until = minutes(form["until"]).map { $0 == 0 ? 1440 : $0 } ?? -1
        draft.weekdays = (1...7).map(String.init).filter { form.all("weekday").contains($0) }.joined()
        draft.points = form["points"] ?? ""
        draft.checklist = form["checklist"] ?? ""
        return draft
    }

    private static func minutes(_ text: String?) -> Int? {
        let parts = (text ?? "").split(separator: ":").compactMap { Int($0) }
        guard parts.count >= 2, (0...24).contains(parts[0]), (0..<60).contains(parts[1]) else { return nil }
        return parts[0] * 60 + parts[1]
    }

    /// A route as its form is filled in.
    static func form(_ route: PatrolRoute, _ points: [PatrolPoint]) -> Form {
        Form(
            [
                (name: "name", value: route.name), (name: "from", value: PatrolRoute.clock(route.from)),
                (name: "until", value: PatrolRoute.clock(route.until % 1440)),
                (name: "points", value: points.map(\.line).joined(separator: "\n")),
                (name: "checklist", value: route.checklist), (name: "version", value: "\(route.version)"),
            ] + route.weekdays.map { (name: "weekday", value: String($0)) })
    }

    private func text(_ name: String) -> Text? { error?.text(for: name) }

    var html: HTML {
        """
        <form class="stack" method="post" action="\(path)">\(LinliUI.formToken(formToken))
        \(form["version"].map { "<input type=\"hidden\" name=\"version\" value=\"\($0)\">" as HTML })
        \(field(Text("名称", "Name"), for: "name", error: text("name"),
            "<input id=\"name\" name=\"name\" maxlength=\"40\" required autocomplete=\"off\" value=\"\(form["name"] ?? "")\"\(described("name", error: text("name")))>"))
        \(when: !places.isEmpty, field(Text("范围", "Where"), for: "division", error: text("division"), select(
            "division", places, selected: form["division"], attributes: described("division", error: text("division")))))
        <div class="pair">\(clock("from", Text("从", "From"), "09:00"))\(clock("until", Text("到", "Until"), "11:30", hasHint: true))</div>
        <p class="hint" id="until-hint">\(Text("巡到半夜 24:00 的，“到”填 00:00。", "Until midnight, 24:00, is 00:00 in “Until”."))</p>
        \(weekdays)
        \(field(Text("点位", "Points"), for: "points", hint: Text("一行一个，要拍照的后面加 *，有坐标的写 @39.93,116.42。", "One a line; * asks for a photo, @39.93,116.42 says where."), error: text("points"),
            "<textarea id=\"points\" name=\"points\" rows=\"5\" maxlength=\"4000\" required\(described("points", hint: true, error: text("points")))>\(form["points"] ?? "")</textarea>"))
        \(field(Text("查什么", "Checklist"), for: "checklist", hint: Text("一行一项：代号 | 隐患 | Hazard | 类别代码 | danger。", "One a line: id | 隐患 | Hazard | category | danger."), error: text("checklist"),
            "<textarea id=\"checklist\" name=\"checklist\" rows=\"6\" maxlength=\"4000\"\(described("checklist", hint: true, error: text("checklist")))>\(form["checklist"] ?? Hazards.standardText)</textarea>"))
        <button class="btn">\(button)</button>
        </form>
        """
    }

    private var weekdays: HTML {
        let days = [
            Text("一", "Mon"), Text("二", "Tue"), Text("三", "Wed"), Text("四", "Thu"), Text("五", "Fri"),
            Text("六", "Sat"), Text("日", "Sun"),
        ]
        let chosen = form.all("weekday")
        return """
            <fieldset class="field"><legend>\(Text("星期几", "Days"))</legend><div class="row">\(each: days.enumerated(), { index, name in
                "<label class=\"check\"><input type=\"checkbox\" name=\"weekday\" value=\"\(index + 1)\"\(when: chosen.isEmpty || chosen.contains("\(index + 1)"), " checked")><span>\(name)</span></label>"
            })</div>\(text("weekdays").map { "<p class=\"err\">\($0)</p>" as HTML })</fieldset>
            """
    }

    private func clock(_ name: String, _ label: Text, _ initial: String, hasHint: Bool = false) -> HTML {
        field(
            label, for: name, error: text(name),
            "<input id=\"\(name)\" name=\"\(name)\" type=\"time\" required value=\"\(form[name] ?? initial)\"\(described(name, hint: hasHint, error: text(name)))>"
        )
    }
}
