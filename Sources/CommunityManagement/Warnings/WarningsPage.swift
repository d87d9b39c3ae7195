import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Warnings with their reasons.
struct WarningsPage {
    static let limit = 30

    /// Which of them are shown.
    enum Tab: String, CaseIterable, Sendable {
        case unseen, open, all

        var name: Text {
            switch self {
            case .unseen: Text("没人看的", "Not looked at")
            case .open: Text("待处理", "Open")
            case .all: Text("全部", "All")
            }
        }
    }

    struct Row: Sendable {
        let warning: Warning
        let reasons: [WarningReason]
        /// The cases among the reasons of the page that the reader may read.
        let cases: [ID<Case>: CaseRow]
        /// For how many days nothing has been heard of the household; nil where that is not known.
        let silence: Int?
        /// Whose it is, for who looks after several communities.
        let unit: UnitSummary?
        let mayVisit: Bool
        let mayReport: Bool
    }

    /// Warnings about households the reader may not see: how many wait, and whose they are.
    struct Closed: Sendable {
        let unseen: WarningQueries.Unseen
        let unit: UnitSummary?
    }

    let rows: [Row]
    /// Behind which warning the older ones begin.
    let older: String?
    let closed: [Closed]
    let tab: Tab
    /// Whether the reader looks after several communities.
    let isAbove: Bool
    /// After how many days without a look a warning comes to them.
    let days: Int
    let book: WarningBook
    let catalogue: EventCatalogue
    let error: LinliError?
    /// Whose form was refused.
    let failed: String?
    let done: String?
    let formToken: String
    let now: Instant
    let names: DivisionNames

    var page: Page { Page(Text("预警", "Early warnings"), frame: .desk("/desk/warnings"), body) }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("预警", "Early warnings"))</h1><a class="btn ghost" href="/desk/warnings/rules">\
        \(icon("info", small: true))\(Text("什么情况会提醒", "What warns"))</a></div>
        \(problem(error))
        \(said)
        <nav class="seg" aria-label="\(Text("预警", "Warnings"))">\(each: tabs, { one in
            "<a href=\"\(address("/desk/warnings", [("tab", one.rawValue)]))\"\(when: one == tab, " aria-current=\"page\"")>\(one.name)</a>"
        })</nav>
        \(when: tab == .unseen, """
            <p class="note">\(Text("各社区 \(days) 天没人看的预警，请打电话问一声，或者自己处理。", "Warnings of communities nobody has looked at for \(days) days: please call, or handle them yourself."))</p>
            """)
        <div class="stack">
        \(when: !closed.isEmpty, households)
        \(when: rows.isEmpty && closed.isEmpty, "<div class=\"card\">\(nothing)</div>")\(each: rows, card)
        \(older.map(link))
        </div>
        </main>
        """
    }

    private var tabs: [Tab] { isAbove ? Tab.allCases : [.open, .all] }

    private var nothing: HTML {
        tab == .unseen
            ? emptyState(
                Text("没有放着没人看的预警", "No warning is left alone"),
                Text("各社区的预警都有人看了。", "Somebody has looked at every warning of the communities."), icon: "done")
            : emptyState(
                Text("没有预警", "No warnings"),
                Text(
                    "同一处反复出事、独住老人没有音信，会自动提醒到这里。",
                    "Repeated trouble at a place or no sign of an elder appears here by itself."),
                icon: "flag")
    }

    private func link(_ mark: String) -> HTML {
        let link = address("/desk/warnings", [("tab", tab.rawValue), ("before", mark)])
        return "<p class=\"pg\"><a class=\"btn ghost\" href=\"\(link)\">\(Text("更早的", "Older"))</a></p>"
    }

    private var said: HTML {
        switch done {
        case "acknowledge": notice(Text("记下您在看了。", "Noted that you look into it."), .ok, icon: "done")
        case "dismiss": notice(Text("记下了：不用处理。", "Noted: nothing to be done."), .ok, icon: "done")
        default: .empty
        }
    }

    private func card(_ row: Row) -> HTML {
        let warning = row.warning
        let place = warning.address.isEmpty ? names[warning.division] : warning.address
        return """
            <section class="card" aria-labelledby="w-\(warning.id)"><div class="hd"><h2 id="w-\(warning.id)">\(WarningWords.name(warning, book))</h2>\(WarningWords.state(warning))</div>
            <p class="pad">\(place)\(catalogue[code: warning.category].map { " · \($0.name)" as HTML }) · \(time(warning.at, warning.at.relative(to: now)))</p>
            \(book[warning.rule].map { "<p class=\"pad note\">\($0.why)</p>" as HTML })
            \(reasons(row))
            \(row.unit.map { "<p class=\"pad\">\(whose($0))</p>" as HTML })
            \(when: !warning.note.isEmpty, "<p class=\"pad\">\(warning.note)</p>")
            \(warning.item.map { "<p class=\"pad\"><a href=\"\(CasePath.desk(ID<Case>(rawValue: $0)))\">\(Text("看转成的工单", "The case it became"))</a></p>" as HTML })
            \(when: warning.isOpen, actions(row))
            </section>
            """
    }

    /// Whose it is, and how to reach them.
    private func whose(_ unit: UnitSummary) -> HTML {
        """
        \(Text("归 ", "It is for "))\(unit.name)\(when: !unit.phone.isEmpty, """
            \(Text("，值班电话 ", ", duty phone "))<a class="num" href="tel:\(unit.phone)">\(unit.phone)</a>
            """)
        """
    }

    private var households: HTML {
        """
        <section class="card" aria-labelledby="closed-h"><div class="hd"><h2 id="closed-h">\
        \(Text("住户的预警，没人看", "About households, not looked at"))</h2></div>
        <ul class="lines">\(each: closed, { one in
            let rule = WarningWords.name(one.unseen.rule, one.unseen.ruleName, book)
            return """
                <li><div class="cell"><span class="bd"><span class="ttl">\(names[one.unseen.community]) · \(rule)</span>\
                <span class="sub">\(Text("最早的 ", "The first "))\(one.unseen.since.relative(to: now))\
                \(one.unit.map { " · \(whose($0))" as HTML })</span></span>\
                \(tag(Text("\(one.unseen.total) 条", "\(one.unseen.total)"), .warn))</div></li>
                """
        })</ul>
        <p class="pad note">\(Text("是哪一户、什么情况，只有社区看得到。", "Which households they are, only the community sees."))</p></section>
        """
    }

    /// So many reasons stand openly.
    private static let openly = 5

    /// Why, and what is more than a few lines folded away.
    private func reasons(_ row: Row) -> HTML {
        guard !row.reasons.isEmpty else { return .empty }
        let rest = row.reasons.dropFirst(WarningsPage.openly)
        return """
            <ul class="lines">\(each: row.reasons.prefix(WarningsPage.openly), { "<li>\(reason($0, row))</li>" })</ul>
            \(when: !rest.isEmpty, """
                <details class="more pad"><summary>\(Text("还有 \(rest.count) 条", "\(rest.count) more"))</summary>
                <ul class="lines">\(each: rest, { "<li>\(reason($0, row))</li>" })</ul></details>
                """)
            """
    }

    /// A case that the reader may read: what it is called, its number, and what made it a reason.
    private func told(_ item: CaseRow, _ what: Text) -> HTML {
        """
        <span class="ttl">\(item.title.isEmpty ? item.number : item.title)</span>\
        <span class="sub"><span class="num">\(item.number)</span> · \(what)</span>
        """
    }

    private func reason(_ reason: WarningReason, _ row: Row) -> HTML {
        let when = reason.at.relative(to: now)
        switch reason.sourceKind {
        case "case":
            let id = ID<Case>(rawValue: reason.source)
            let what =
                reason.kind == .finding
                ? Text("巡查发现隐患 \(when.zh)", "Hazard found \(when.en)") : Text("反映过 \(when.zh)", "Told \(when.en)")
            let words: HTML = row.cases[id].map { told($0, what) } ?? .text(what)
            return
                "<a class=\"cell\" href=\"\(CasePath.desk(id))\"><span class=\"bd\">\(words)</span>\(icon("chevron"))</a>"
        case "visit":
            let id = ID<Visit>(rawValue: reason.source)
            return
                "<a class=\"cell\" href=\"/grid/visits/\(id)\"><span class=\"bd\">\(Text("没见到人 \(when.zh)", "Not at home \(when.en)"))</span>\(icon("chevron"))</a>"
        default:
            let words =
                row.silence.map { Text("已 \($0) 天没有音信", "Nothing heard for \($0) days") }
                ?? Text("到 \(when.zh) 一直没有音信", "Nothing heard until \(when.en)")
            return "<div class=\"cell\"><span class=\"bd\">\(words)</span></div>"
        }
    }

    private func post(_ row: Row, _ step: String, _ button: HTML) -> HTML {
        """
        <form method="post" action="/desk/warnings/\(row.warning.id)/\(step)">\(LinliUI.formToken(formToken))\(button)</form>
        """
    }

    private func actions(_ row: Row) -> HTML {
        let id = "reason-\(row.warning.id)"
        let mine = failed == "\(row.warning.id)" ? error?.text(for: "reason") : nil
        return """
            <div class="act">
            \(when: row.mayVisit, post(row, "visit", "<button class=\"btn\">\(icon("door"))\(Text("约走访", "Announce a visit"))</button>"))
            \(when: row.mayReport && row.warning.household == nil, post(row, "case", "<button class=\"btn\">\(icon("report"))\(Text("转成工单", "Turn into a case"))</button>"))
            \(when: row.warning.state == .open, post(row, "acknowledge", "<button class=\"btn weak\">\(Text("知道了，在看", "I look into it"))</button>"))
            <details class="do"\(when: mine != nil, " open")><summary class="btn ghost">\(Text("不用处理", "Dismiss"))</summary>
            \(post(row, "dismiss", """
                \(field(Text("为什么", "Why"), for: id, error: mine,
                    "<input id=\"\(id)\" name=\"reason\" maxlength=\"200\" required autocomplete=\"off\"\(described(id, error: mine))>"))
                <button class="btn weak">\(Text("记下", "Note it"))</button>
                """))
            </details></div>
            """
    }
}
