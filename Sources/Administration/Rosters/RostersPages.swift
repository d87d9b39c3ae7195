import LinliCore
import LinliKernel
import LinliUI

/// Every unit and who is on duty there now.
struct RostersListPage {
    let standings: [RostersStore.Standing]
    let now: Instant
    let names: DivisionNames

    var page: Page {
        Page(Text("值班", "Rosters"), frame: .desk("/admin/rosters"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("值班", "Rosters"))</h1></div>
        <section class="card" aria-label="\(Text("各单位值班", "Rosters by unit"))">
        \(standings.isEmpty ? empty : table)
        </section>
        </main>
        """
    }

    private var empty: HTML {
        emptyState(
            Text("还没有单位", "No unit yet"),
            Text("先加单位和账号，再来排班。", "First add units and accounts, then their rosters."),
            icon: "clock",
            action: "<a class=\"btn\" href=\"/admin/units\">\(Text("去加单位", "Add a unit"))</a>"
        )
    }

    private var table: HTML {
        """
        <div class="scroll"><table class="t mid cards">
        <caption class="sr">\(Text("各单位值班", "Rosters by unit"))</caption>
        <thead><tr><th scope="col">\(Text("单位", "Unit"))</th><th scope="col">\(Text("区划", "Division"))</th>\
        <th scope="col">\(Text("现在值班", "On duty now"))</th><th scope="col">\(Text("排到", "Planned until"))</th></tr></thead>
        <tbody>
        \(each: standings, row)</tbody></table></div>
        """
    }

    /// Days of another year say which.
    private func planned(_ until: Instant) -> Text {
        until.date.year == now.date.year ? until.relative(to: now) : until.date.full
    }

    private func row(_ standing: RostersStore.Standing) -> HTML {
        let unit = standing.unit
        return """
            <tr><td class="wide"><a class="ttl" href="/admin/rosters/\(unit.id)">\(unit.name)</a></td>\
            <td data-label="\(Text("区划", "Division"))">\(AdminWords.place(unit.division, names))</td>\
            <td data-label="\(Text("现在值班", "On duty now"))">\
            \(standing.onDuty.map { HTML.text(Text(same: $0)) } ?? tag(Text("没有人", "Nobody"), .warn))</td>\
            <td data-label="\(Text("排到", "Planned until"))">\
            \(standing.plannedUntil.map { time($0, planned($0)) } ?? HTML.text(Text("没有排班", "No shifts")))</td></tr>

            """
    }
}

/// The roster of one unit, a week at a time.
struct RosterPage {
    let unit: UnitSummary
    let monday: CivilDate
    let shifts: [RostersStore.Entry]
    let people: [(id: ID<Account>, name: String)]
    let onDuty: String?
    let mayChange: Bool
    let done: String?
    let attempt: AdminAttempt?
    let formToken: String
    let now: Instant

    private var base: String { "/admin/rosters/\(unit.id)" }
    var page: Page {
        Page(unit.name + Text(" 值班表", " roster"), frame: .desk("/admin/rosters"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(unit.name) · \(Text("值班表", "Roster"))</h1>\
        <a class="btn ghost" href="/admin/rosters">\(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        \(problem(attempt?.error))
        \(doneText.map { notice($0, .ok, icon: "done") })
        <section class="card" aria-labelledby="week">
        <div class="hd"><h2 id="week">\(week)</h2></div>
        <p class="pad">\(onDuty.map { Text("现在值班：\($0)", "On duty now: \($0)") } ?? Text("现在没有人值班", "Nobody is on duty now"))</p>
        <nav class="pad btns" aria-label="\(Text("换一周", "Another week"))">\
        <a class="btn ghost sm" href="\(base)?week=\("\(monday.adding(days: -7))")">\(Text("上一周", "Week before"))</a>\
        <a class="btn ghost sm" href="\(base)">\(Text("本周", "This week"))</a>\
        <a class="btn ghost sm" href="\(base)?week=\("\(monday.adding(days: 7))")">\(Text("下一周", "Week after"))</a></nav>
        <div class="scroll"><table class="t cards">
        <caption class="sr">\(week)</caption>
        <thead><tr><th scope="col">\(Text("日期", "Day"))</th><th scope="col">\(Text("值班", "On duty"))</th></tr></thead>
        <tbody>\(each: 0..<7, { day(monday.adding(days: $0)) })</tbody></table></div>
        </section>
        \(when: mayChange, addCard)
        </main>
        """
    }

    private var week: Text {
        let last = monday.adding(days: 6)
        return Text("\(monday.full.zh)—\(last.dayAndMonth.zh)", "\(monday.dayAndMonth.en) – \(last.full.en)")
    }

    private var doneText: Text? {
        switch done {
        case "add": Text("排好了。", "They are on the roster.")
        case "remove": Text("已去掉。", "Removed.")
        default: nil
        }
    }

    private func day(_ date: CivilDate) -> HTML {
        // One that ends at midnight is of the day before.
        let ofDay = shifts.filter { $0.start.date <= date && date <= $0.end.adding(seconds: -1).date }
        return """
            <tr\(when: date == now.date, " aria-current=\"date\"")><th scope="row" class="w-l">\
            \(AdminWords.weekdays[date.weekday - 1]) \(date.dayAndMonth)</th>\
            <td class="wide">\(ofDay.isEmpty
                ? "<span class=\"note\">\(Text("没有排班", "Nobody"))</span>" : "<ul>\(each: ofDay, { shift($0, on: date) })</ul>")</td></tr>
            """
    }

    private func shift(_ entry: RostersStore.Entry, on date: CivilDate) -> HTML {
        // A shift that began or ends on another day says so.
        let begins = entry.start.date == date ? Text(same: entry.start.time) : entry.start.dayAndTime(at: now)
        let ends = entry.end.date == date ? Text(same: entry.end.time) : entry.end.dayAndTime(at: now)
        // It is taken off on its first day here.
        let isFirst = entry.start.date == date || date == monday
        return """
            <li><div class="cell"><span class="bd"><span class="ttl">\(entry.name)</span>\
            <span class="sub num">\(begins)–\(ends)</span></span>\(when: mayChange && isFirst && entry.end > now, remove(entry))\
            </div></li>
            """
    }

    private func remove(_ entry: RostersStore.Entry) -> HTML {
        let weekday = AdminWords.weekdays[entry.start.date.weekday - 1]
        let what = Text("\(entry.name) \(entry.start.dayAndTime.zh)", "\(entry.name) \(entry.start.dayAndTime.en)")
        return """
            <form class="acts" method="post" action="\(base)/shifts/\(entry.id)/remove">\(LinliUI.formToken(formToken))\
            <input type="hidden" name="week" value="\("\(monday)")">\
            <button class="btn ghost sm">\(Text("去掉", "Remove"))<span class="sr"> \(what)</span></button> \
            \(when: entry.end <= entry.start.adding(days: 1), """
                <button class="btn ghost sm" name="all" value="yes">\
                \(Text("以后每\(weekday.zh)都去掉", "Every \(weekday.en) on"))<span class="sr"> \(what)</span></button>
                """)</form>
            """
    }

    // MARK: Adding

    private var addCard: HTML {
        guard !people.isEmpty else {
            let text = Text("这个单位还没有人，先去建账号。", "This unit has nobody yet: first make an account.")
            return """
                <aside class="card"><div class="pad stack"><p>\(text)</p>\
                <a class="btn ghost" href="/admin/accounts/new">\(Text("建账号", "New account"))</a></div></aside>
                """
        }
        let form = attempt.form("add")
        return """
            <aside class="card"><div class="hd"><h2>\(Text("排班", "Add shifts"))</h2></div>
            <form class="form" method="post" action="\(base)/shifts">\(LinliUI.formToken(formToken))
            \(form.choice(
                "account", Text("谁", "Who"), people.map { (value: "\($0.id)", text: Text(same: $0.name)) },
                empty: Text("请选", "Choose")
            ))
            \(form.input(
                "first", Text("哪天（从哪天起）", "Day (or first day)"), "\(max(monday, now.date))", attributes: " type=\"date\""
            ))
            <div class="pair">
            \(form.input("start", Text("几点开始", "From"), "09:00", attributes: " type=\"time\""))
            \(form.input(
                "end", Text("几点结束", "To"), "18:00", hint: Text("比开始早就是第二天", "Earlier than From: the next morning"),
                attributes: " type=\"time\""
            ))
            </div>
            <fieldset class="full"><legend>\(Text("每周重复", "Every week on"))<span class="opt">\
            \(Text("可不选", "optional"))</span></legend><div class="choices two">
            \(each: 1...7, { number in
                let isOn = attempt?.form.all("weekday").contains("\(number)") ?? false
                return """
                    <label class="check"><input type="checkbox" name="weekday" value="\(number)"\(when: isOn, " checked")>\
                    <span>\(AdminWords.weekdays[number - 1])</span></label>
                    """
            })</div></fieldset>
            \(form.input(
                "last", Text("重复到哪天", "Repeat until"), hint: Text("选了重复才填，最多 26 周。", "Only with weekdays; at most 26 weeks."),
                optional: true, attributes: " type=\"date\""
            ))
            <div class="full btns"><button class="btn">\(Text("排上", "Add"))</button></div>
            </form></aside>
            """
    }
}
