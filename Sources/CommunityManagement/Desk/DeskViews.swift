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
    static func insert(_ name: String, _ query: String, for unit: ID<Unit>?, _ tx: WriteTx) throws {
        guard let account = tx.context.actor.account else { throw LinliError.notFound("desk.view") }
        let kept: Int = try tx.value("SELECT count(*) FROM desk_view WHERE account_id = \(account)") ?? 0
        guard kept < DeskView.most else {
            throw LinliError.invalid(
                "desk.views",
                [.init("name", Text("最多存 \(DeskView.most) 个，先删掉不用的", "At most \(DeskView.most); remove one first"))]
            )
        }
        try tx.execute(
            """
            INSERT INTO desk_view (id, account_id, unit_id, name, query)
            VALUES (\(try tx.newID(DeskView.self)), \(account), \(unit), \(name), \(query))
            """
        )
        try tx.audit(Subject("account", account), fields: ["view"])
    }

    /// Takes one's own list away.
    static func remove(_ id: ID<DeskView>, _ tx: WriteTx) throws {
        guard let account = tx.context.actor.account,
            try tx.execute("DELETE FROM desk_view WHERE id = \(id) AND account_id = \(account)") == 1
        else { throw LinliError.notFound("desk.view") }
        try tx.audit(Subject("account", account), fields: ["view"])
    }
}

/// Naming lists and taking them away.
enum DeskViewRoutes {
    static let all: [Route] = [
        .post("/desk/views", access: .permission(.casesRead), add),
        .post("/desk/views/:id/remove", access: .permission(.casesRead), remove),
    ]

    private static func add(_ request: Request, _ services: Services) async throws -> Reply {
        let name = request.form["name"] ?? ""
        // Only what the list itself understands is kept, never a text somebody sent.
        let filter = DeskQuery.filter(DeskQuery.parse(request.form["query"] ?? ""))
        var fields = DeskQuery.fields(filter).filter { $0.0 != "after" }
        guard !name.isEmpty, name.count <= DeskView.nameLimit else {
            fields.append(("problem", "view"))
            return .redirect(address("/desk", fields))
        }
        let query = String(address("", fields).dropFirst())
        let actor = request.context.actor
        let isShared = request.form["shared"] == "yes"
        try await services.database.write(request.context, "desk.addView") { tx in
            let unit = isShared ? try CaseQueries.dutyUnits(of: actor, tx).first?.id : nil
            try DeskViewStore.insert(name, query, for: unit, tx)
        }
        return .redirect(address("/desk", fields + [("done", "view")]))
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<DeskView> = try request.id()
        try await services.database.write(request.context, "desk.removeView") { tx in
            try DeskViewStore.remove(id, tx)
        }
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
    let formToken: String

    private var query: String {
        String(address("", DeskQuery.fields(filter).filter { $0.0 != "after" }).dropFirst())
    }

    var html: HTML {
        """
        <div class="views">
        \(when: !views.isEmpty, """
            <nav aria-label="\(Text("存下的列表", "Saved lists"))"><ul>\(each: views, link)</ul></nav>
            """)
        <details class="menu"\(when: isWrong, " open")><summary class="btn ghost sm">\(icon("star", small: true))\
        \(Text("存下这个列表", "Save this list"))</summary><div class="pop">
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
        </div>
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
        \(when: view.isShared, "<span class=\"sr\"> \(Text("（共用）", "(shared)"))</span>")</a>\
        \(when: view.isOwn, """
            <form method="post" action="/desk/views/\(view.id)/remove">\(LinliUI.formToken(formToken))\
            <button class="x">\(icon("close", small: true))<span class="sr">\(Text("去掉", "Remove")) \(view.name)</span>\
            </button></form>
            """)</li>
        """
    }
}
