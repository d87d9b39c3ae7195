import LinliCore
import LinliKernel
import LinliUI

/// Whistles that concern the reader.
struct WhistleListPage: Sendable {
    static let limit = 50

    let tab: WhistleTab
    let tabs: [WhistleTab]
    let rows: [WhistleRow]
    let hasMore: Bool
    let isFirst: Bool
    let formToken: String
    let now: Instant
    let names: DivisionNames

    var page: Page {
        Page(Text("吹哨", "Whistles"), frame: .desk(WhistlePath.list), body)
    }

    private func address(_ tab: WhistleTab, before: ID<Whistle>? = nil) -> String {
        LinliUI.address(WhistlePath.list, [("tab", tab.rawValue), ("before", before.map { "\($0)" })])
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(Text("吹哨报到", "Whistles"))</h1>
        <a class="btn ghost" href="\(WhistlePath.units)">\(icon("star", small: true))\(Text("单位得分", "Scores of units"))</a></div>
        <section class="card" aria-label="\(tab.name)">
        <nav class="seg" aria-label="\(Text("哪些吹哨", "Which whistles"))">\(each: tabs, { which in
            "<a href=\"\(address(which))\"\(when: which == tab, " aria-current=\"page\"")>\(which.name)</a>"
        })</nav>
        \(rows.isEmpty ? nothing : list)
        </section>
        </main>
        """
    }

    private var nothing: HTML {
        let text: Text =
            switch tab {
            case .toAnswer: Text("有人吹哨请你们单位到场时，会出现在这里。", "When your unit is called to the spot, it appears here.")
            case .toConfirm: Text("社区的人起草了吹哨，会在这里等您点一下。", "Drafts of your people wait here for one tap.")
            case .own, .all: Text("打开一件工单，点“吹哨”，请有关单位到现场一起办。", "Open a case and whistle to call units to the spot.")
            }
        return emptyState(
            Text("现在没有", "Nothing now"), text, icon: "speaker",
            action: "<a class=\"btn ghost\" href=\"/desk\">\(Text("去看工单", "See the cases"))</a>"
        )
    }

    private var list: HTML {
        """
        <ul>\(each: rows, row)</ul>
        <nav class="pg" aria-label="\(Text("翻页", "Pages"))">\
        <span>\(Text("本页 \(rows.count) 个", "\(rows.count) on this page"))</span><span class="sp"></span>
        \(when: !isFirst, "<a class=\"btn ghost sm\" href=\"\(address(tab))\">\(Text("回第一页", "First page"))</a>")
        \(when: hasMore, """
            <a class="btn ghost sm" href="\(address(tab, before: rows.last?.whistle.id))">\(Text("下一页", "Next page"))</a>
            """)</nav>
        """
    }

    private func row(_ row: WhistleRow) -> HTML {
        let whistle = row.whistle
        return """
            <li><div class="cell"><span class="bd"><a class="ttl" href="\(WhistlePath.page(whistle.id))">\(whistle.purpose)</a>\
            <span class="sub">\(WhistleWords.kind(whistle)) \(WhistleWords.state(whistle)) \
            \(when: row.missed > 0, tag(Text("\(row.missed) 个未到", "\(row.missed) did not come"), .bad)) \
            \(whistle.unitName) · \(whistle.location)</span>\
            <span class="sub">\(WhistleWords.clock(whistle, now: now)) \
            \(Text("到场 \(row.arrived)/\(row.called)", "\(row.arrived) of \(row.called) came"))</span></span>
            \(when: tab == .toConfirm, confirm(whistle))</div></li>
            """
    }

    private func confirm(_ whistle: WhistleRecord) -> HTML {
        """
        <form method="post" action="\(WhistlePath.page(whistle.id))/confirm">\(LinliUI.formToken(formToken))\
        <button class="btn">\(WhistleWords.confirm(whistle))<span class="sr"> \(whistle.purpose)</span></button></form>
        """
    }
}

/// Words that more than one page of whistles says.
enum WhistleWords {
    static func kind(_ whistle: WhistleRecord) -> HTML {
        tag(whistle.kind.name, whistle.kind == .emergency ? .bad : .info)
    }

    static func state(_ whistle: WhistleRecord) -> HTML {
        let tone: Tone =
            switch whistle.state {
            case .draft: .warn
            case .called, .minuted: .plain
            case .closed: .ok
            case .withdrawn: .mute
            }
        return tag(whistle.state.name, tone)
    }

    /// Its deadline as a time and a sentence; when it was blown, and how long was given.
    static func clock(_ whistle: WhistleRecord, now: Instant) -> HTML {
        guard let due = whistle.dueAt, let called = whistle.calledAt else {
            let drafted = whistle.draftedAt.relative(to: now)
            return time(whistle.draftedAt, Text("\(drafted.zh) 起草", "drafted \(drafted.en)"))
        }
        guard whistle.state.isCalling else {
            return time(called, Text("\(called.relative(to: now).zh) 吹哨", "called \(called.relative(to: now).en)"))
        }
        return dueChip(due, now: now, verb: Text("到场", "Come"))
    }

    /// How the time to come is counted.
    static func counting(_ whistle: WhistleRecord) -> Text {
        let length = LinliUI.span(seconds: Int64(whistle.minutesGiven) * 60)
        return whistle.isNatural
            ? Text("\(length.zh)，不分昼夜", "\(length.en) around the clock")
            : Text("\(length.zh)，只算工作时间", "\(length.en) of working time")
    }

    static func confirm(_ whistle: WhistleRecord) -> Text {
        whistle.state == .draft ? Text("同意，吹哨", "Yes, whistle") : Text("知道了", "I know")
    }

    /// What is said after a step; nil for a word nobody sends.
    static func done(_ step: String, _ state: Whistle.State) -> Text? {
        switch step {
        case "draft":
            state == .draft
                ? Text("已交书记，确认后通知各单位。", "The secretary has it; units are told after the yes.")
                : Text("已吹哨，各单位现在就能看到。", "Whistled: the units see it now.")
        case "confirm": Text("已确认。", "Confirmed.")
        case "withdraw": Text("已撤回。", "Taken back.")
        case "answer": Text("已答复，吹哨方看得到谁来。", "Answered: the whistler sees who comes.")
        case "sign-in": Text("签到成功。", "Signed in.")
        case "sign-in-for": Text("已代签。", "Written down.")
        case "minutes": Text("已记下。", "Written down.")
        case "task": Text("已交办，对方现在就能看到。", "Given to them: they see it now.")
        case "close": Text("吹哨已结束，请给报到单位打分。", "It is over: please score the units.")
        default: step.hasPrefix("score") ? Text("已打分。", "Scored.") : nil
        }
    }
}
