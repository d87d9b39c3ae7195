import LinliCore
import LinliKernel
import LinliUI

/// One unit: what it is, what it serves, what hangs on it.
struct UnitPage {
    let unit: UnitSummary
    let ties: UnitsAdminStore.Ties
    let mayChange: Bool
    let divisions: [DivisionCode]
    let done: String?
    let attempt: AdminAttempt?
    let formToken: String
    let names: DivisionNames

    private var base: String { "/admin/units/\(unit.id)" }
    private var isOpen: Bool { mayChange && ties.closedAt == nil }

    var page: Page {
        Page(unit.name, frame: .desk("/admin/units"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap"\(when: done == "add", " data-draft-done=\"unit-new\"")>
        <div class="ttlbar"><h1>\(unit.name)</h1>\
        <a class="btn ghost" href="/admin/units">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        \(ties.closedAt.map(closed))
        \(when: ties.closedAt == nil && ties.isWithoutHands, noHands)
        <div class="stack">
        \(when: isOpen, changeCard)
        \(services)
        </div>
        <aside class="stack">\(facts)\(when: isOpen, closeCard)</aside>
        </main>
        """
    }

    private var doneText: Text? {
        switch done {
        case "add": Text("单位已加上。接着给它加人（账号）和排班。", "Added. Next come its people (accounts) and its roster.")
        case "change": Text("已保存。", "Saved.")
        case "service", "unserve": Text("服务范围已改。", "What it serves was changed.")
        case "close": Text("单位已停用。", "The unit is closed.")
        default: nil
        }
    }

    private func closed(_ at: Instant) -> HTML {
        notice(
            Text("这个单位在 \(at.date.full.zh) 停用了，不再接单。", "Closed on \(at.date.full.en): it gets no more cases."), .warn
        )
    }

    private var noHands: HTML {
        notice(
            Text(
                "派到这里的工单没有人能签收：到“账号”里给人加上这个单位的“承办人员”岗位。",
                "Nobody may sign for cases sent here: under Accounts, give somebody the duty of a handler in this unit."
            ), .warn
        )
    }

    private var changeCard: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("资料", "What it is"))</h2></div>
        <form class="form" method="post" action="\(base)/change">\(LinliUI.formToken(formToken))
        \(UnitWords.fields(attempt.form("change"), unit, divisions, names))
        <div class="full btns"><button class="btn">\(Text("保存", "Save"))</button></div>
        </form></section>
        """
    }

    private var services: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("服务范围", "What it serves"))</h2></div>
        <p class="pad note">\(Text(
            "供水、供电、供气、供热和通信按这里派单；别的单位写了，那里的调度员就能派给它。",
            "Water, power, gas, heat and telecom are routed by this; other units can be chosen by dispatchers there."
        ))</p>
        \(when: !ties.serves.isEmpty, "<ul>\(each: ties.serves, service)</ul>")
        \(when: isOpen, serviceForm)
        </section>
        """
    }

    private func service(_ division: DivisionCode) -> HTML {
        let name = AdminWords.place(division, names)
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(name)</span>\
            <span class="sub num">\(division.short)</span></span>\(when: isOpen, """
                <form method="post" action="\(base)/services/\(division)/end">\(LinliUI.formToken(formToken))\
                <button class="btn ghost sm">\(Text("去掉", "Remove"))<span class="sr"> \(name)</span></button></form>
                """)</div></li>
            """
    }

    private var serviceForm: HTML {
        """
        <form class="form" method="post" action="\(base)/services">\(LinliUI.formToken(formToken))
        \(attempt.form("service").division("service", Text("再加一个区划", "Add a division"), nil, divisions, names))
        <div class="full btns"><button class="btn ghost">\(Text("加上", "Add"))</button></div>
        </form>
        """
    }

    private var facts: HTML {
        """
        <section class="card"><div class="hd"><h2>\(Text("现在", "Now"))</h2></div>
        <dl class="kv">
        <dt>\(Text("种类", "Kind"))</dt><dd>\(unit.kind.name)</dd>
        <dt>\(Text("区划", "Division"))</dt><dd>\(AdminWords.place(unit.division, names))</dd>
        <dt>\(Text("电话", "Phone"))</dt><dd class="num">\(UnitWords.phone(unit.phone))</dd>
        <dt>\(Text("值班", "On duty"))</dt><dd>\(ties.onDuty.map { Text(same: $0) } ?? Text("没有排班", "Nobody"))</dd>
        <dt>\(Text("人员", "People"))</dt><dd>\(Text("\(ties.people) 人", "\(ties.people)"))</dd>
        <dt>\(Text("在办", "Open"))</dt><dd>\(Text("\(ties.openCases) 件工单", "\(ties.openCases) cases"))</dd>
        <dt>\(Text("管着", "Manages"))</dt><dd>\(Text("\(ties.places) 个地点", "\(ties.places) places"))</dd>
        </dl>
        \(when: ties.closedAt == nil, """
            <p class="pad"><a class="btn ghost wide" href="/admin/rosters/\(unit.id)">\(icon("calendar", small: true))\
            \(Text("值班表", "Roster"))</a></p>
            """)
        </section>
        """
    }

    private var closeCard: HTML {
        let question = Text(
            "停用后不再接单，里面的职责和排班都结束，不能恢复。确定吗？",
            "It gets no more cases, duties and roster in it end, and this cannot be undone. Close it?"
        )
        return """
            <section class="card"><div class="act">
            <form method="post" action="\(base)/close" data-confirm="\(question)">\(LinliUI.formToken(formToken))\
            <button class="btn danger">\(Text("停用单位", "Close the unit"))</button></form>
            </div></section>
            """
    }
}
