import LinliCore
import LinliKernel
import LinliUI

/// What is to be visited: what is announced, and who has not been heard of for too long.
struct VisitsTodayPage {
    /// How many households a page shows.
    static let limit = 20

    let division: DivisionCode
    let scope: [DivisionCode]
    let open: [Visit]
    let due: [VisitDebt]
    let members: [ID<Household>: [Resident]]
    let signals: [ID<Household>: [(signal: ContactSignal, at: Instant)]]
    let total: Int
    let isFirst: Bool
    let done: String?
    let now: Instant
    let names: DivisionNames
    var consents: HTML = .empty

    var page: Page { Page(Text("走访", "Visits"), frame: .grid("/grid/visits"), body) }

    private var body: HTML {
        """
        <main id="main">
        <h1 class="sr">\(Text("走访", "Visits"))</h1>
        \(said)
        <div class="col">
        \(when: isFirst, announced)
        <section class="card" aria-labelledby="h-due">
        <div class="hd"><h2 id="h-due">\(Text("该走访了 \(total) 户", "\(total) to visit"))</h2>\
        <span class="note">\(names.place(division))</span></div>
        \(when: scope.count > 1, grids)
        \(due.isEmpty ? nobody : "<ul>\(each: due.prefix(Self.limit), { "<li>\(row($0))</li>" })</ul>")
        \(when: due.count > Self.limit, more)
        </section>
        </div>
        <div class="col side">\(consents)<section class="card">
        <a class="cell" href="/grid/pass">\(icon("qr"))<span class="bd"><span class="ttl">\(Text("出示工作证", "Show the work pass"))</span>\
        <span class="sub">\(Text("住户扫一下，就知道您是谁、在不在班上", "Whoever scans it sees who you are"))</span></span>\(icon("chevron"))</a>
        </section></div>
        </main>
        """
    }

    private var said: HTML {
        switch done {
        case "unchanged": notice(Text("记下了：没变化。", "Noted: nothing changed."), .ok, icon: "done")
        case "done": notice(Text("走访记下了。", "The visit is noted."), .ok, icon: "done")
        case "withdrawn": notice(Text("取消了。", "Withdrawn."), .ok, icon: "done")
        default: .empty
        }
    }

    private var announced: HTML {
        """
        <section class="card" aria-labelledby="h-open"><div class="hd"><h2 id="h-open">\(Text("约好的", "Announced"))</h2></div>
        \(open.isEmpty
            ? emptyState(
                Text("还没有约好的走访", "Nothing is announced"),
                Text("从下面“该走访了”里挑一户，约个时间。", "Choose a household below and announce a visit."), icon: "calendar")
            : "<ul>\(each: open, { "<li>\(line($0))</li>" })</ul>")
        </section>
        """
    }

    private func line(_ visit: Visit) -> HTML {
        let isLate = visit.state == .announced && visit.endsAt < now
        return """
            <a class="cell" href="/grid/visits/\(visit.id)"><span class="bd"><span class="ttl">\(visit.address)</span>\
            <span class="sub">\(visit.when(at: now)) · \(visit.way.name) · \(visit.visitor)</span>\
            \(when: !visit.wish.isEmpty, "<span class=\"sub\">\(Text("住户说：", "They say: "))\(visit.wish)</span>")</span>\
            \(isLate ? tag(Text("时间过了", "Time is over"), .warn) : VisitWords.state(visit))</a>
            """
    }

    private var grids: HTML {
        """
        <nav class="seg" aria-label="\(Text("网格", "Grids"))">\(each: scope, { code in
            "<a href=\"/grid/visits?division=\(code)\"\(when: code == division, " aria-current=\"page\"")>\(names[code])</a>"
        })</nav>
        """
    }

    private func row(_ debt: VisitDebt) -> HTML {
        let people = members[debt.household] ?? []
        let head = people.first { $0.relation == .head } ?? people.first
        let name = head?.person.name ?? ""
        let who =
            people.count > 1
            ? Text("\(name)等 \(people.count) 人", "\(name) and \(people.count - 1) more") : Text(same: name)
        return """
            <a class="cell" href="/grid/visits/new?household=\(debt.household)"><span class="bd">\
            <span class="ttl">\(debt.address) \(when: debt.care != .other, tag(debt.care.name, .info))</span>\
            <span class="sub">\(who)\(when: !name.isEmpty, " · ")\(VisitWords.since(debt, now))</span>\
            <span class="sub">\(VisitWords.signals(signals[debt.household] ?? [], now))</span></span>\(icon("chevron"))</a>
            """
    }

    private var nobody: HTML {
        emptyState(
            Text("没有该走访的住户", "Nobody is due"),
            Text("哪户多少天没有任何联系，会自动排到这里。", "Households nobody heard of for too long appear here by themselves."),
            icon: "done")
    }

    private var more: HTML {
        let mark = due.prefix(Self.limit).last?.mark
        let link = address("/grid/visits", [("division", "\(division)"), ("after", mark)])
        return "<p class=\"pg\"><a class=\"btn ghost\" href=\"\(link)\">\(Text("下一页", "Next"))</a></p>"
    }
}

/// The form that announces a visit.
struct VisitNewPage {
    let household: HouseholdRecord
    let address: String
    let members: [Resident]
    let plans: [VisitPlan]
    let debt: VisitDebt?
    let signals: [(signal: ContactSignal, at: Instant)]
    let form: Form
    let error: LinliError?
    let formToken: String
    let now: Instant

    var page: Page { Page(Text("约走访", "Announce a visit"), frame: .grid("/grid/visits"), body) }

    private var body: HTML {
        """
        <main id="main" class="one">
        <h1 class="sr">\(Text("约走访 \(address)", "Announce a visit at \(address)"))</h1>
        \(problem(error))
        <section class="card"><div class="cell"><span class="bd"><span class="ttl">\(address)</span>\
        <span class="sub">\(VisitWords.since(debt, now)) · \(VisitWords.signals(signals, now))</span></span></div>
        <ul class="lines">\(each: members, { "<li>\(member($0))</li>" })</ul></section>
        <form class="card pad stack" method="post" action="/grid/visits/new">\(LinliUI.formToken(formToken))\
        <input type="hidden" name="household" value="\(household.id)">
        \(field(
            Text("为什么来", "Why"), for: "reason", hint: Text("住户会看到这句话。", "The household reads this."),
            error: error?.text(for: "reason"),
            """
            <input id="reason" name="reason" maxlength="60" required autocomplete="off" value="\(reason)"\
            \(described("reason", hint: true, error: error?.text(for: "reason")))>
            """))
        \(VisitWords.slot(form, now, error))
        \(VisitWords.ways(form["way"] == "call" ? .call : .door))
        \(when: !plans.isEmpty, field(Text("按哪个走访计划", "Plan"), for: "plan", optional: true, select(
            "plan", plans.map { (value: "\($0.id)", text: Text(same: $0.name)) }, selected: form["plan"],
            empty: Text("常规走访", "An ordinary visit"))))
        <button class="btn wide">\(Text("约好并告知住户", "Announce it"))</button>
        <p class="hint">\(Text("有手机号的发短信；没有的，下一步打印通知贴在门上。", "By short message, or as a printed note."))</p>
        </form>
        </main>
        """
    }

    private var reason: String { form["reason"] ?? "例行走访，看看您有什么需要" }

    private func member(_ resident: Resident) -> HTML {
        VisitMembers.line(resident, now)
    }
}

/// The people of a household as a worker at the door needs them.
enum VisitMembers {
    static func line(_ resident: Resident, _ now: Instant) -> HTML {
        let age = resident.person.age(on: now.date).map { Text(" · \($0) 岁", " · \($0)") } ?? Text("", "")
        return """
            <div class="cell"><span class="bd"><span class="ttl">\(resident.person.name)</span>\
            <span class="sub">\(resident.relation.name)\(age) · \(resident.tie.name)\
            \(when: !resident.person.phoneMask.isEmpty, " · <span class=\"num\">\(resident.person.phoneMask)</span>")</span></span></div>
            """
    }
}
