import LinliCore
import LinliKernel
import LinliSQL
import LinliUI

/// A list of the desk that somebody named, for themselves or for their unit.
struct DeskView: Sendable {
    let id: ID<DeskView>
    let name: String
    /// The query of the list.
    let query: String
    /// Whether the reader may take it away.
    let isOwn: Bool
    /// Whether the whole unit sees it.
    let isShared: Bool

    static let nameLimit = 20
    /// How many somebody may keep.
    static let most = 30
}

/// Every SQL text of named lists.
enum DeskViewStore {
    /// The lists of somebody, and those their units share.
    static func list(_ account: ID<Account>, _ units: [ID<Unit>], _ tx: ReadTx) throws -> [DeskView] {
        func read(_ condition: SQL) throws -> [DeskView] {
            try tx.all(
                "SELECT id, name, query, account_id, unit_id FROM desk_view WHERE \(condition) ORDER BY id LIMIT 60"
            ) {
                row in
                let owner: ID<Account> = try row[3]
                let unit: ID<Unit>? = try row[4]
                return DeskView(
                    id: try row[0], name: try row[1], query: try row[2], isOwn: owner == account, isShared: unit != nil
                )
            }
        }
        let own = try read("account_id = \(account)")
        let shared = units.isEmpty ? [] : try read("unit_id IN \(SQL.list(units)) AND account_id <> \(account)")
        return own + shared
    }

    /// Names a list.
    static func insert(
        _ name: String, _ query: String, for unit: ID<Unit>?, _ tx: WriteTx
    ) throws -> ID<DeskView> {
        guard let account = tx.context.actor.account else { throw LinliError.notFound("desk.view") }
        let kept: Int = try tx.value("SELECT count(*) FROM desk_view WHERE account_id = \(account)") ?? 0
        guard kept < DeskView.most else {
            throw LinliError.invalid(
                "desk.views",
                [.init("name", Text("最多存 \(DeskView.most) 个，先删掉不用的", "At most \(DeskView.most); remove one first"))]
            )
        }
        let id = try tx.newID(DeskView.self)
        try tx.execute(
            """
            INSERT INTO desk_view (id, account_id, unit_id, name, query)
            VALUES (\(id), \(account), \(unit), \(name), \(query))
            """
        )
        try tx.audit(Subject("account", account), fields: ["view"])
        return id
    }

    /// Takes one's own list away.
    static func remove(_ id: ID<DeskView>, _ tx: WriteTx) throws {
        guard let account = tx.context.actor.account,
            try tx.execute("DELETE FROM desk_view WHERE id = \(id) AND account_id = \(account)") == 1
        else { throw LinliError.notFound("desk.view") }
        try tx.audit(Subject("account", account), fields: ["view"])
    }
}

/// What people do with the lists they name.
enum DeskViewCommands {
    /// The lists of the actor, and those their units share.
    static func list(_ context: Context, _ services: Services) async throws -> [DeskView] {
        guard let account = context.actor.account else { return [] }
        return try await services.database.read { tx in
            try DeskViewStore.list(account, try CaseQueries.dutyUnits(of: context.actor, tx).map(\.id), tx)
        }
    }

    /// Names a list, of what the list itself understands: never a text somebody sent.
    ///
    /// - Throws: `.invalid` without a name, with one that is too long, or when there are too many already.
    static func add(
        _ name: String, _ filter: CaseFilter, isShared: Bool, _ context: Context, _ services: Services
    ) async throws -> ID<DeskView> {
        guard !name.isEmpty, name.count <= DeskView.nameLimit else {
            let wish = Text("请起个名字，最多 20 个字", "Please name it, at most 20 characters")
            throw LinliError.invalid("desk.view", [.init("name", wish)])
        }
        let fields = DeskQuery.fields(filter).filter { $0.0 != "after" }
        let query = String(address("", fields).dropFirst())
        return try await services.database.write(context, "desk.addView") { tx in
            let unit = isShared ? try CaseQueries.dutyUnits(of: context.actor, tx).first?.id : nil
            return try DeskViewStore.insert(name, query, for: unit, tx)
        }
    }

    /// Takes one's own list away.
    static func remove(_ id: ID<DeskView>, _ context: Context, _ services: Services) async throws {
        try await services.database.write(context, "desk.removeView") { try DeskViewStore.remove(id, $0) }
    }
}

/// Naming lists and taking them away.
enum DeskViewRoutes {
    static let all: [Route] = [
        .post("/desk/views", access: .permission(.casesRead), add),
        .post("/desk/views/:id/remove", access: .permission(.casesRead), remove),
    ]

    private static func add(_ request: Request, _ services: Services) async throws -> Reply {
        let filter = DeskQuery.filter(DeskQuery.parse(request.form["query"] ?? ""))
        let fields = DeskQuery.fields(filter).filter { $0.0 != "after" }
        do {
            _ = try await DeskViewCommands.add(
                request.form["name"] ?? "", filter, isShared: request.form["shared"] == "yes", request.context, services
            )
            return .redirect(address("/desk", fields + [("done", "view")]))
        } catch let error as LinliError where error.id == "desk.view" {
            return .redirect(address("/desk", fields + [("problem", "view")]))
        }
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        try await DeskViewCommands.remove(try request.id(), request.context, services)
        return .redirect("/desk?done=viewGone")
    }
}

/// The named lists above the desk's list, and the naming of the one that is shown.
struct DeskViewLinks {
    let views: [DeskView]
    let filter: CaseFilter
    /// The name of the unit a list can be shared with; nil for none.
    let unit: Text?
    let isWrong: Bool
    /// Whether the reader may take the list away.
    let mayExport: Bool
    let formToken: String

    private var query: String {
        String(address("", DeskQuery.fields(filter).filter { $0.0 != "after" }).dropFirst())
    }

    /// The lists to go to.
    var saved: HTML {
        guard !views.isEmpty else { return .empty }
        return """
            <nav class="views" aria-label="\(Text("存下的列表", "Saved lists"))"><ul>\(each: views, link)</ul></nav>
            """
    }

    /// What can be done with the list that is shown: name it, take it away.
    var tools: HTML {
        """
        <details class="menu"\(when: isWrong, " open")><summary class="btn ghost square" \
        title="\(Text("存下这个列表", "Save this list"))">\(icon("star", small: true))\
        <span class="sr">\(Text("存下这个列表", "Save this list"))</span></summary><div class="pop">
        <form class="stack" method="post" action="/desk/views">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="query" value="\(query)">
        \(field(
            Text("叫什么", "Name"), for: "view-name",
            error: problem,
            """
            <input id="view-name" name="name" maxlength="\(DeskView.nameLimit)" required\
            \(described("view-name", error: problem))>
            """
        ))
        \(unit.map(sharing))
        <button class="btn">\(Text("存下", "Save"))</button></form></div></details>
        \(when: mayExport, """
            <a class="btn ghost square" href="/desk/export\(query.isEmpty ? "" : "?" + query)" \
            title="\(Text("导出这个列表", "Export this list"))">\(icon("download", small: true))\
            <span class="sr">\(Text("导出这个列表", "Export this list"))</span></a>
            """)
        """
    }

    private var problem: Text? {
        isWrong ? Text("请起个名字，最多 20 个字", "Please name it, at most 20 characters") : nil
    }

    private func sharing(_ unit: Text) -> HTML {
        """
        <label class="check"><input type="checkbox" name="shared" value="yes">\
        <span>\(Text("和", "Share with ") + unit + Text("的同事共用", ""))</span></label>
        """
    }

    private func link(_ view: DeskView) -> HTML {
        """
        <li><a class="btn ghost sm" href="/desk\(view.query.isEmpty ? "" : "?" + view.query)"\
        \(when: view.query == query, " aria-current=\"page\"")>\(view.name)\
        \(when: view.isShared, "<span class=\"note\">\(Text("（共用）", " (shared)"))</span>")</a>\
        \(when: view.isOwn, """
            <form method="post" action="/desk/views/\(view.id)/remove">\(LinliUI.formToken(formToken))\
            <button class="x">\(icon("close", small: true))<span class="sr">\(Text("去掉", "Remove")) \(view.name)</span>\
            </button></form>
            """)</li>
        """
    }
}
