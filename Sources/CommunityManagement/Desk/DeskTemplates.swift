import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// A prepared answer of a unit, with places for what differs from case to case.
struct ReplyTemplate: Sendable {
    let id: ID<ReplyTemplate>
    let unit: ID<Unit>
    let name: String
    let text: String

    static let nameLimit = 40
    static let textLimit = 1000

    /// What may stand in braces, and what people read about it.
    static let places: [(name: String, text: Text)] = [
        ("number", Text("工单编号", "number of the case")), ("deadline", Text("办理时限", "deadline")),
        ("unit", Text("承办单位", "unit in charge")), ("phone", Text("承办单位电话", "its phone")),
        ("place", Text("地点", "place")),
    ]

    /// What stands in braces and means nothing: `{bogus}`, as it was written.
    static func unknownPlaces(in text: String) -> [String] {
        text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { rest -> String? in
            guard let end = rest.firstIndex(of: "}") else { return nil }
            let name = String(rest[..<end])
            return places.contains { $0.name == name } ? nil : "{\(name)}"
        }
    }

    /// The answer for one case, as it is given on the day `now`. What is not known stays empty; braces that mean nothing stay
    /// as they are.
    func filled(for view: CaseView, at now: Instant) -> String {
        let item = view.item
        let values = [
            "number": item.number,
            "deadline": view.promisedBy?.dayAndTime(at: now).zh ?? "",
            "unit": view.unit?.name.zh ?? "", "phone": view.unit?.phone ?? "", "place": item.whereabouts,
        ]
        var filled = text
        for (name, value) in values { filled = filled.replacing("{\(name)}", with: value) }
        return filled
    }
}

/// Every SQL text of prepared answers.
enum TemplateStore {
    /// The answers of some units, by name.
    static func list(of units: [ID<Unit>], _ tx: ReadTx) throws -> [ReplyTemplate] {
        guard !units.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT id, unit_id, name, text FROM reply_template WHERE unit_id IN \(SQL.list(units))
            ORDER BY unit_id, name, id LIMIT 200
            """
        ) { ReplyTemplate(id: try $0[0], unit: try $0[1], name: try $0[2], text: try $0[3]) }
    }

    /// Adds an answer.
    static func insert(
        _ unit: UnitSummary, name: String, text: String, _ tx: WriteTx
    ) throws -> ID<ReplyTemplate> {
        let id = try tx.newID(ReplyTemplate.self)
        // What is prepared for everybody names nobody: numbers in it are masked and not kept.
        try tx.execute(
            """
            INSERT INTO reply_template (id, unit_id, name, text)
            VALUES (\(id), \(unit.id), \(name),
                \(PersonalNumbers.replacing(in: text) { $0.masked }))
            """
        )
        try tx.audit(Subject("unit", unit.id, division: unit.division), fields: ["template"], values: [text])
        return id
    }

    /// Takes an answer away.
    ///
    /// - Throws: `.notFound` when it is of none of these units.
    static func remove(_ id: ID<ReplyTemplate>, of units: [ID<Unit>], _ tx: WriteTx) throws {
        let removed = try tx.execute("DELETE FROM reply_template WHERE id = \(id) AND unit_id IN \(SQL.list(units))")
        guard removed == 1 else { throw LinliError.notFound("desk.template") }
        try tx.audit(Subject("template", id), fields: ["removed"])
    }
}

extension Migration {
    /// Prepared answers of units, and lists people named for themselves or their unit.
    static let deskTools = Migration(
        "2026-11-25.84-desk-tools",
        """
        CREATE TABLE reply_template (
            id INTEGER NOT NULL PRIMARY KEY,
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
            text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 1200)
        ) STRICT;
        CREATE INDEX reply_template_unit ON reply_template (unit_id, name, id);
        CREATE TABLE desk_view (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            unit_id INTEGER REFERENCES unit (id),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
            query TEXT NOT NULL CHECK (length(query) <= 200)
        ) STRICT;
        CREATE INDEX desk_view_account ON desk_view (account_id, id);
        CREATE INDEX desk_view_unit ON desk_view (unit_id, id) WHERE unit_id IS NOT NULL;
        """
    )
}

/// What people do with the answers of their units.
struct TemplateCommands: Sendable {
    private let database: Database

    init(_ services: Services) {
        database = services.database
    }

    /// Adds an answer to one of the actor's units.
    ///
    /// - Throws: `.invalid` naming what is missing, too long or not theirs.
    func add(
        to chosen: ID<Unit>?, name: String, text: String, _ context: Context
    ) async throws -> ID<ReplyTemplate> {
        let units = try await database.read { try CaseQueries.dutyUnits(of: context.actor, $0) }
        var problems: [LinliError.Field] = []
        let unit = units.first { $0.id == chosen }
        if unit == nil { problems.append(.init("unit", Text("请选单位", "Please choose the unit"))) }
        if name.isEmpty || name.count > ReplyTemplate.nameLimit {
            problems.append(.init("name", Text("请起个名字，最多 40 个字", "Please name it, at most 40 characters")))
        }
        if text.isEmpty || text.count > ReplyTemplate.textLimit {
            problems.append(.init("text", Text("请写内容，最多 1000 个字", "Please write it, at most 1,000 characters")))
        }
        let unknown = ReplyTemplate.unknownPlaces(in: text)
        if !unknown.isEmpty {
            let (wrong, known) = (unknown.joined(), ReplyTemplate.places.map { "{\($0.name)}" }.joined())
            problems.append(
                .init(
                    "text",
                    Text("\(wrong) 没有这样的占位，能用的有 \(known)", "\(wrong) means nothing here; there are \(known)")))
        }
        guard problems.isEmpty, let unit else { throw LinliError.invalid("desk.template", problems) }
        return try await database.write(context, "desk.addTemplate") { tx in
            try TemplateStore.insert(unit, name: name, text: text, tx)
        }
    }

    /// Takes an answer of the actor's units away.
    ///
    /// - Throws: `.notFound` for anybody else's.
    func remove(_ id: ID<ReplyTemplate>, _ context: Context) async throws {
        let units = try await database.read { try CaseQueries.dutyUnits(of: context.actor, $0).map(\.id) }
        guard !units.isEmpty else { throw LinliError.notFound("desk.template") }
        try await database.write(context, "desk.removeTemplate") { tx in
            try TemplateStore.remove(id, of: units, tx)
        }
    }
}

/// The page on which units keep their answers.
enum DeskTemplateRoutes {
    static let all: [Route] = [
        .get("/desk/templates", access: .permission(.casesRead), show),
        .post("/desk/templates", access: .permission(.casesRead), add),
        .post("/desk/templates/:id/remove", access: .permission(.casesRead), remove),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> DeskTemplatesPage {
        let actor = request.context.actor
        return try await services.database.read { tx in
            let units = try CaseQueries.dutyUnits(of: actor, tx)
            return DeskTemplatesPage(
                units: units, templates: try TemplateStore.list(of: units.map(\.id), tx), done: request.query["done"],
                form: request.form, formToken: request.formToken
            )
        }
    }

    private static func add(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        do {
            _ = try await TemplateCommands(services).add(
                to: form.id("unit"), name: form["name"] ?? "", text: form["text"] ?? "", request.context
            )
            return .redirect("/desk/templates?done=add")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            return .page(page.page, status: status)
        }
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        try await TemplateCommands(services).remove(try request.id(), request.context)
        return .redirect("/desk/templates?done=remove")
    }
}

/// The answers of the reader's units.
struct DeskTemplatesPage {
    let units: [UnitSummary]
    let templates: [ReplyTemplate]
    let done: String?
    let form: Form
    let formToken: String
    var error: LinliError?

    var page: Page {
        Page(Text("答复模板", "Answers"), frame: .desk("/desk/templates"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("答复模板", "Answers"))</h1></div>
        \(problem(error))
        \(when: done == "add", notice(Text("已加上。", "Added."), .ok, icon: "done"))
        \(when: done == "remove", notice(Text("已去掉。", "Removed."), .ok, icon: "done"))
        <section class="card" aria-label="\(Text("答复模板", "Answers"))">
        \(templates.isEmpty ? empty : "<ul class=\"plain\">\(each: templates, line)</ul>")
        </section>
        \(when: !units.isEmpty, adding)
        </main>
        """
    }

    private var empty: HTML {
        emptyState(
            Text("还没有模板", "No answer yet"),
            Text("常说的话存成模板，办理时一点就填上。", "Keep what is said often; one press puts it into the form."), icon: "message"
        )
    }

    private func line(_ template: ReplyTemplate) -> HTML {
        let unit = units.first { $0.id == template.unit }?.name ?? Text(same: "")
        return """
            <li class="cell"><span class="bd"><b class="ttl">\(template.name)</b><span class="sub">\(unit)</span>\
            <span>\(DeskCase.lines(template.text))</span></span>\
            <form method="post" action="/desk/templates/\(template.id)/remove">\(LinliUI.formToken(formToken))\
            <button class="btn ghost sm">\(Text("去掉", "Remove"))<span class="sr"> \(template.name)</span></button></form></li>
            """
    }

    private var adding: HTML {
        let placeholders = ReplyTemplate.places
        let zh = placeholders.map { "{\($0.name)} \($0.text.zh)" }.joined(separator: "，")
        let en = placeholders.map { "{\($0.name)} \($0.text.en)" }.joined(separator: ", ")
        return """
            <aside class="card"><div class="hd"><h2>\(Text("加一个", "Add one"))</h2></div>
            <form class="pad stack" method="post" action="/desk/templates">\(LinliUI.formToken(formToken))
            \(field(Text("单位", "Unit"), for: "unit", error: error?.text(for: "unit"), select(
                "unit", units.map { (value: "\($0.id)", text: $0.name) }, selected: form["unit"],
                attributes: described("unit", error: error?.text(for: "unit"))
            )))
            \(field(Text("名字", "Name"), for: "name", error: error?.text(for: "name"), """
                <input id="name" name="name" maxlength="\(ReplyTemplate.nameLimit)" required value="\(form["name"] ?? "")"\
                \(described("name", error: error?.text(for: "name")))>
                """))
            \(field(
                Text("内容", "Words"), for: "text", hint: Text("会自动换成：\(zh)。", "Filled in by themselves: \(en)."),
                error: error?.text(for: "text"),
                """
                <textarea id="text" name="text" rows="5" maxlength="\(ReplyTemplate.textLimit)" required\
                \(described("text", hint: true, error: error?.text(for: "text")))>\(form["text"] ?? "")</textarea>
                """
            ))
            <button class="btn">\(Text("加上", "Add"))</button></form></aside>
            """
    }
}
