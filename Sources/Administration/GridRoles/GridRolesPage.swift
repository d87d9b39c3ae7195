import LinliCore
import LinliKernel
import LinliUI

/// Who does what in a grid.
struct GridRolesPage {
    let grid: Division
    let roles: [GridRole]
    let workers: [(id: ID<Account>, name: String)]
    let dutyPhone: String
    let places: [PlaceSummary]
    let mayChange: Bool
    /// Whether the reader may give duties here, a grid worker's among them.
    let mayAppoint: Bool
    /// Whether the reader may see the borders of grids.
    let seesBorders: Bool
    let done: String?
    let attempt: AdminAttempt?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    private var path: String { "/admin/grid-roles/\(grid.code)" }

    var page: Page { Page(Text("网格岗位", "People of a grid"), frame: .desk("/admin/grids"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(names.place(grid.code))</h1>\
        \(back)</div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <section class="card" aria-labelledby="who"><div class="hd"><h2 id="who">\(Text("谁在这个网格", "Who works here"))</h2>\
        \(when: mayAppoint, appoint)</div>
        <p class="pad note">\(Text("居民只看到网格员是谁和值班电话\(dutyPhone.isEmpty ? "" : " \(dutyPhone)")，别的看不到。", "Residents see who the grid worker is and the duty phone\(dutyPhone.isEmpty ? "" : " \(dutyPhone)"), nothing else."))</p>
        <ul>\(workers.isEmpty ? noWorker : "\(each: workers, worker)")\(each: roles, row)</ul>
        </section>
        \(when: mayChange, addCard)
        </main>
        """
    }

    private var back: HTML {
        seesBorders
            ? """
            <a class="btn ghost" href="/admin/grids?under=\(grid.code.ancestor(at: .community))">\
            \(icon("back", small: true))\(Text("网格边界", "Grid borders"))</a>
            """
            : """
            <a class="btn ghost" href="/desk/map?under=\(grid.code)">\
            \(icon("back", small: true))\(Text("网格地图", "Map of grids"))</a>
            """
    }

    private var doneText: Text? {
        switch done {
        case "add": Text("加上了。", "Added.")
        case "end": Text("到此为止，记录留着。", "Ended; the record stays.")
        default: nil
        }
    }

    /// Who walks the grid holds a duty of an account: the list of accounts with this grid chosen.
    private var appoint: HTML {
        let list = Optional(WantedDuty(.gridWorker, over: grid.code)).kept(in: "/admin/accounts")
        return "<a href=\"\(list)\">\(Text("指定网格员", "Appoint a grid worker"))</a>"
    }

    private var noWorker: HTML {
        let text =
            mayAppoint
            ? Text("还没有人，请指定一位", "Nobody yet: appoint somebody")
            : Text("还没有人，请系统管理员在“账号”里给岗位", "Nobody yet: an administrator gives the duty under “Accounts”")
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(Text("网格员", "Grid worker"))</span>\
            <span class="sub">\(text)</span></span>\
            \(tag(Text("空缺", "Vacant"), .warn))</div></li>
            """
    }

    private func worker(_ worker: (id: ID<Account>, name: String)) -> HTML {
        let name: HTML =
            mayAppoint
            ? "<a class=\"ttl\" href=\"/admin/accounts/\(worker.id)\">\(worker.name)</a>"
            : "<span class=\"ttl\">\(worker.name)</span>"
        return """
            <li><div class="cell"><span class="bd">\(name)\
            <span class="sub">\(Text("网格员", "Grid worker"))</span></span></div></li>
            """
    }

    private func row(_ role: GridRole) -> HTML {
        let place = role.address.isEmpty ? Text(same: "") : Text(same: " · " + role.address)
        let from =
            role.from > now
            ? Text(" · \(role.from.date.full.zh)起", " · from \(role.from.date.full.en)") : Text(same: "")
        let until = role.until.map {
            Text(
                " · 到\($0.date.adding(days: -1).full.zh)", " · until \($0.date.adding(days: -1).full.en)")
        }
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(role.name)</span><span class="sub">\
            \(role.kind.name + place + from + (until ?? Text(same: "")))</span>\
            \(when: !role.phoneMask.isEmpty, "<span class=\"sub num\">\(role.phoneMask)</span>")</span>\
            \(when: role.person != nil, tag(Text("在名册上", "In the register"), .plain))\
            \(when: role.account != nil, tag(Text("有账号", "Has an account"), .plain))\
            \(when: mayChange, """
                <form method="post" action="\(path)/end">\(LinliUI.formToken(formToken))\
                <input type="hidden" name="role" value="\("\(role.id)")">\
                <button class="btn ghost sm">\(Text("不再担任", "End"))<span class="sr"> \(role.name)</span></button></form>
                """)</div></li>
            """
    }

    private var addCard: HTML {
        let form = attempt.form("add")
        return """
            <aside class="card"><div class="hd"><h2>\(Text("加一个人", "Add somebody"))</h2></div>
            <form class="form" method="post" action="\(path)/add">\(LinliUI.formToken(formToken))
            \(form.choice(
                "kind", Text("做什么", "What they do"), GridRoleKind.allCases.map { (value: $0.rawValue, text: $0.name) },
                empty: Text("请选", "Choose")
            ))
            \(form.input("name", Text("姓名", "Name"), attributes: " maxlength=\"20\""))
            \(form.input(
                "phone", Text("电话", "Phone"), optional: true,
                attributes: " type=\"tel\" maxlength=\"20\""
            ))
            \(form.choice(
                "place", Text("哪个楼、单元", "Which building or entrance"),
                places.map { (value: "\($0.id)", text: Text(same: $0.address)) }, empty: Text("楼门长才选", "For stewards only"),
                optional: true
            ))
            <div class="pair">
            \(form.input("from", Text("从哪天", "From"), "\(now.date)", attributes: " type=\"date\""))
            \(form.input(
                "until", Text("到哪天", "Until"), optional: true, attributes: " type=\"date\""
            ))
            </div>
            <div class="full btns"><button class="btn">\(Text("加上", "Add"))</button></div></form></aside>
            """
    }
}
