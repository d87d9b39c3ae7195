import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// A case as staff see it: what it is about, what has happened, and the steps that are open to this reader.
struct DeskCase: Sendable {
    let view: CaseView
    let surroundings: DeskStore.Surroundings
    let similar: [CaseRow]
    /// What its words suggest; nil for a case that is over.
    let suggestion: Suggestion?
    /// The list it stands beside; nil on a page of its own.
    let back: DeskReturn?
    let formToken: String
    let now: Instant
    let names: DivisionNames
    let catalogue: EventCatalogue
    let types: CaseTypes
    /// From how many cases on somebody is full.
    let handlerCap: Int
    /// The step that just went through.
    var done: String?
    var attempt: DeskAttempt?
    var revealed: DeskRevealed?
    var clearing: ClearingAttempt?
    /// By how much our own deadline of an order comes before the hotline's.
    var leadHours = 0
    /// Whether this reader decides what neighbours see of it.
    var mayPublish = false
    /// Whether this reader may take its evidence away.
    var mayTakeEvidence = false
    /// The case it is a part of.
    var whole: WholeCase?
    /// The latest date its parts may have, or it may have as a part; nil where nothing bounds them.
    var partsUntil: Instant?
    /// Its whistles, and the way to whistle.
    var whistles: WhistleCard?

    private var item: CaseRecord { view.item }
    private var title: String { item.title.isEmpty ? item.number : item.title }

    var page: Page {
        Page(Text(same: item.number), frame: .desk("/desk"), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap"\(DeskWords.draftDone(item.id, done))>
        <div class="ttlbar"><h1>\(title)</h1><a class="btn ghost" href="/desk">\
        \(icon("back", small: true))\(Text("回列表", "Back"))</a></div>
        \(problem(attempt?.error))
        \(attempt.map { $0.error?.kind == .conflict ? lostWords($0.form["text"]) : .empty })
        \(done.flatMap(DeskWords.done).map { notice($0, .ok, icon: "done") })
        \(revealed.map(DeskCase.reporterInClear))
        \(when: !similar.isEmpty, similarHint)
        <div class="card"><div class="hd"><h2>\(Text("工单内容", "The case"))</h2></div>
        \(live(content))
        </div>
        <aside class="stack">
        \(DeskForms(page: self).asideCards)
        </aside>
        </main>
        """
    }

    /// The details beside the list.
    var pane: HTML {
        """
        <div class="hd"><h2>\(title)</h2><a href="\(CasePath.desk(item.id))">\(Text("打开整页", "Open the page"))</a></div>
        \(live(content))
        """
    }

    private func live(_ content: HTML) -> HTML {
        let query = back.map { [("in", "pane")] + $0.query } ?? []
        let source = address(CasePath.desk(item.id) + "/fragment", query)
        return "<div data-live=\"\(CasePath.topic(item.id))\" data-live-src=\"\(source)\">\(content)</div>"
    }

    /// What changes while people work on it.
    var content: HTML {
        """
        <div class="pad tags">\(tags)</div>
        \(DeskConfirm(page: self).html)\(facts)
        \(shots)
        \(DeskPlaceCard(page: self).status)
        \(DeskVoices(page: self).status)
        \(DeskWork(page: self).status)
        <h3 class="sec">\(Text("办理过程", "What happened"))</h3>
        \(history)
        \(DeskForms(page: self).actions)
        """
    }

    private var tags: HTML {
        """
        \(when: item.isUrgent, tag(Text("紧急", "Urgent"), .bad))\
        \(tag(view.state.name, DeskWords.tone(view.state)))\
        \(when: item.isPaused, tag(Text("挂账中", "Paused"), .mute))\
        \(when: item.supervision == 2, tag(Text("督办", "Supervised"), .bad))\
        \(when: item.supervision == 3, tag(Text("已上报", "Raised a level"), .bad))\
        \(when: item.isBound, tag(Text("已裁定", "Ruled"), .info))\
        \(tag(DeskWords.category(item.category, catalogue), .mute))\
        \(when: !item.doubt.isEmpty, DeskConfirm.mark(item.doubt))\
        \(when: item.contests > 0, tag(Text("重办 \(item.contests) 次", "Contested \(item.contests)×"), .bad))\
        \(when: item.isRepeated, tag(Text("重复诉求", "Told again"), .warn))\
        \(when: item.isOnBehalf, tag(Text("代人反映", "On behalf"), .mute))
        """
    }

    private var similarHint: HTML {
        """
        <div class="alert warn" role="status">\(icon("alert"))<div class="bd">\
        \(Text("附近还有相近的事在办：", "Open cases like this nearby: "))\
        <ul>\(each: similar, { row in
            "<li><a href=\"\(CasePath.desk(row.id))\">\(row.title)</a> · \(DeskWords.state(row, types))</li>"
        })</ul></div></div>
        """
    }

    private static func reporterInClear(_ revealed: DeskRevealed) -> HTML {
        """
        <div class="alert ok" role="status">\(icon("shield"))<div class="bd">\
        <b>\(Text("这次查看已记入审计，只显示这一次。", "This reading was audited. It is shown this once."))</b>
        <dl class="kv"><dt>\(Text("称呼", "Name"))</dt><dd>\
        \(revealed.name.isEmpty ? Text("没有留", "not given") : Text(same: revealed.name))</dd>
        <dt>\(Text("电话", "Phone"))</dt><dd>\(phone(revealed.phone))</dd>
        \(when: !revealed.email.isEmpty, "<dt>\(Text("邮箱", "Email"))</dt><dd>\(revealed.email)</dd>")
        \(when: !revealed.words.isEmpty, """
            <dt>\(Text("原文", "As written"))</dt><dd>\(each: revealed.words, { "<p>\(DeskCase.lines($0))</p>" })</dd>
            """)</dl></div></div>
        """
    }

    private static func phone(_ number: String) -> HTML {
        number.isEmpty
            ? HTML.text(Text("没有留", "not given"))
            : "<a class=\"num\" href=\"tel:\(number)\">\(PhoneNumber(number)?.display ?? number)</a>"
    }

    /// A text with its line ends.
    static func lines(_ text: String) -> HTML {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return "\(each: lines.enumerated(), { index, line in "\(when: index > 0, "<br>")\(String(line))" })"
    }

    // MARK: Facts

    private var facts: HTML {
        """
        <dl class="kv">
        <dt>\(Text("编号", "Number"))</dt><dd class="num">\(item.number)</dd>
        \(whole.map(partOf))\(view.order.map(foreignDeadline))<dt>\(Text("时限", "Due"))</dt><dd>\(deadline)\(view.dueBy.map(setDate))</dd>
        <dt>\(Text("内容", "Text"))</dt><dd>\(DeskCase.lines(item.text))\(outdatedDay)</dd>
        <dt>\(Text("地点", "Place"))</dt><dd>\(place)</dd>
        <dt>\(Text("反映人", "Reporter"))</dt><dd>\(reporter)</dd>
        <dt>\(Text("性质", "Nature"))</dt><dd>\(item.nature.name) · \(DeskWords.category(item.category, catalogue))</dd>
        <dt>\(Text("来源", "Source"))</dt><dd>\(item.source.name) · \
        \(time(item.createdAt, item.createdAt.relative(to: now)))</dd>
        <dt>\(Text("承办", "Unit"))</dt><dd>\(handler)</dd>
        \(when: !view.copies.isEmpty, "<dt>\(Text("抄送", "Copied to"))</dt><dd>\(copiedTo)</dd>")
        \(when: !surroundings.against.isEmpty, complainedAbout)
        \(answerRows(view.type, item.answers))
        \(item.stars.map { "<dt>\(Text("评价", "Rating"))</dt><dd>\(Text("\($0) 颗星", "\($0) stars"))</dd>" as HTML })
        </dl>
        """
    }

    /// The case it is a part of; who may not read that one learns its number.
    private func partOf(_ whole: WholeCase) -> HTML {
        let number: HTML =
            whole.isSeen
            ? "<a href=\"\(CasePath.desk(whole.id))\">\(whole.number)</a>" : .text(Text(same: whole.number))
        return "<dt>\(Text("主办工单", "Part of"))</dt><dd class=\"num\">\(number)</dd>"
    }

    /// The deadline of the hotline, which holds; our own earlier one stands with it and below is what is to be done next.
    private func foreignDeadline(_ order: ForeignOrder) -> HTML {
        let due = order.repliedAt == nil ? order.dueAt.map { dueChip($0, now: now) } : tag(Text("已答复", "Answered"), .ok)
        return """
            <dt>12345</dt><dd>\(due) <a href="/desk/orders/\(item.id)">\(Text("工单 ", "order "))\
            <span class="num">\(order.number)</span></a><br><span class="note">\
            \(Text("以 12345 的时限为准", "Their deadline holds"))\(ownDeadline)</span></dd>
            """
    }

    private var ownDeadline: HTML {
        guard let due = view.internalDue(leadHours: leadHours) else { return .empty }
        if let theirs = view.order?.dueAt, due >= theirs {
            return .text(Text("；来的时候已经没有时间留给内部时限", "; no time was left for one of our own before it"))
        }
        let moment = due.dayAndTime(at: now)
        return .text(Text("；内部时限 \(moment.zh)，到期只提醒", "; our own, \(moment.en), only reminds"))
    }

    /// The date that who leads set for a part, or the day that was agreed on the spot.
    private func setDate(_ due: Instant) -> HTML {
        let (moment, day) = (due.dayAndTime(at: now), due.date.dayAndMonth)
        let words =
            view.isAgreed
            ? Text("现场约定 \(day.zh)前办完", "To be done by \(day.en), as agreed on the spot")
            : Text("主办要求 \(moment.zh) 前办完", "To be done by \(moment.en), as who leads asks")
        return "<br><span class=\"note\">\(words)</span>"
    }

    private var outdatedDay: HTML {
        guard let words = CaseHistory(view: view).outdatedDay else { return .empty }
        return "<br><span class=\"note\">\(words)</span>"
    }

    private var deadline: HTML {
        guard item.isOpen else {
            let at = (item.closedAt ?? item.stateSince)
            return time(at, Text("\(at.dayAndTime(at: now).zh) 结束", "ended \(at.dayAndTime(at: now).en)"))
        }
        if item.isPaused {
            let until = item.dueAt.relative(to: now)
            return .text(Text("挂账中，最迟\(until.zh) 恢复计时", "Paused until \(until.en) at the latest"))
        }
        return dueChip(item.dueAt, now: now, verb: DeskWords.verb(view.dueState))
    }

    private var place: HTML {
        let area = Text(same: names.place(item.division))
        guard !item.whereabouts.isEmpty else { return .text(area) }
        let now: HTML? = view.placeNow.map { address in
            "<br><span class=\"note\">\(Text("现在叫“\(address)”", "Now called “\(address)”"))</span>"
        }
        return "\(item.whereabouts)\(now)<br><span class=\"note\">\(area) · \(item.spot.name)</span>"
    }

    private var reporter: HTML {
        let told = CaseHistory(view: view).reporter
        return told.zh == item.reporterMask ? "<span class=\"num\">\(told)</span>" : .text(told)
    }

    private var handler: HTML {
        if let lead = view.voices.lead {
            let unit = lead.handlerUnit == nil ? Text("还没有派单", "not dispatched yet") : lead.handlerName
            return .text(Text("和 \(lead.number) 一起办：", "With \(lead.number): ") + unit)
        }
        let ground = givenBy ?? CaseRouting.Ground(rawValue: item.ground)?.name ?? Text(same: item.ground)
        guard let unit = view.unit else { return .text(Text("还没有派单", "Not dispatched yet")) }
        return """
            \(when: item.isOpen && view.state.owner == .dispatcher, "\(Text("上一轮：", "Before: "))")\
            \(unit.name)\(when: !unit.phone.isEmpty, """
                 <a class="num" href="tel:\(DeskCase.dialled(unit.phone))">\(unit.phone)</a>
                """)\
            \(view.handlerName.map { " · \($0)" as HTML })\
            \(view.onDuty.map { " \(tag(Text("今天在岗 \($0)", "\($0) on duty"), .ok))" as HTML })\
            <br><span class="note">\(ground)</span>
            """
    }

    /// Who gave a part to its unit: who leads the whole as a rule, and no dispatcher.
    private var givenBy: Text? {
        guard item.parent != nil, item.ground == CaseRouting.Ground.staff.rawValue else { return nil }
        let given = view.entries.last { entry in
            let step = view.type.transitions.first { $0.id == entry.transition }
            return entry.transition == "report" || step?.effects.contains(.assignUnit) == true
        }
        guard let name = given?.actorName, !name.isEmpty else {
            return Text("由主办单位指派", "Given by who leads the whole")
        }
        return Text("由\(name)指派", "Given by \(name)")
    }

    private var copiedTo: Text {
        Text(view.copies.map(\.zh).joined(separator: "、"), view.copies.map(\.en).joined(separator: ", "))
    }

    private var complainedAbout: HTML {
        let units = surroundings.against.map(\.name)
        let names = Text(units.map(\.zh).joined(separator: "、"), units.map(\.en).joined(separator: ", "))
        let hidden =
            units.count == 1
            ? Text("这个单位看不到这件工单", "This unit cannot see the case")
            : Text("这些单位都看不到这件工单", "None of these units can see the case")
        let check = tag(Text("按反映人的话判断，请核对", "By the reporter's words: please check"), .warn)
        return """
            <dt>\(Text("投诉的是", "Against"))</dt><dd>\(names)\(when: view.isAccusedByWords, " \(check)")<br>\
            <span class="note">\(hidden)</span></dd>
            """
    }

    /// A phone as `tel:` wants it.
    static func dialled(_ phone: String) -> String {
        phone.filter { ("0"..."9").contains($0) || $0 == "+" }
    }

    // MARK: Pictures and history

    private var shots: HTML {
        guard !view.photos.isEmpty else { return .empty }
        return "<div class=\"shots\">\(each: view.photos.enumerated(), shot)</div>"
    }

    private func shot(_ index: Int, _ photo: CasePhoto) -> HTML {
        let label = photo.kind == "after" ? Text("办理后", "After") : Text("办理前", "Before")
        return """
            <figure><a href="\(CasePath.photo(item.id, photo.file))"><img \
            src="\(CasePath.photo(item.id, photo.file, isThumbnail: true))" \
            alt="\(label + Text("，照片 \(index + 1)", ", photo \(index + 1)"))" loading="lazy" width="320" \
            height="240"></a>\
            <figcaption>\(label) · \(photo.at.relative(to: now))</figcaption></figure>
            """
    }

    private var history: HTML {
        """
        <ol class="tl">\(when: item.isOpen, waiting)\(each: runs, { run in entry(run.newest, times: run.count) })</ol>
        """
    }

    /// The lines, the newest first; alerts of one kind that follow each other are one line with their number.
    private var runs: [(newest: CaseEntry, count: Int)] {
        var runs: [(newest: CaseEntry, count: Int)] = []
        for entry in view.entries.reversed() {
            if let last = runs.last?.newest, last.transition == entry.transition, entry.text.isEmpty,
                let mark = CaseMark(rawValue: entry.transition), [.remind, .supervise, .raise].contains(mark)
            {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((entry, 1))
            }
        }
        return runs
    }

    /// What it waits for now, and since when.
    private var waiting: HTML {
        let waited = span(seconds: now.seconds(since: item.stateSince))
        let who = view.unit.map { told($0) + Text(same: " · ") } ?? Text(same: "")
        return """
            <li class="now"><b data-announce>\(view.state.name)</b><span class="who">\(who)\
            \(Text("等了 \(waited.zh)", "for \(waited.en)"))</span></li>
            """
    }

    /// The unit, and whether it only had the case before: who is to act is another then.
    private func told(_ unit: UnitSummary) -> Text {
        if view.isWithUnit { return unit.name }
        return view.state.owner == .dispatcher
            ? Text("上一轮：", "Before: ") + unit.name : Text("承办单位：", "Unit: ") + unit.name
    }

    private func entry(_ entry: CaseEntry, times: Int) -> HTML {
        let reason = view.type.returnReason(entry.reasonClass)?.name
        let isInternal = entry.kind == "note" && !entry.isVisible
        return """
            <li><b>\(CaseHistory(view: view).heading(entry))\(when: times > 1, " × \(times)")\
            \(when: isInternal, " \(tag(Text("内部", "Internal"), .mute))")</b>\
            <span class="who">\(CaseHistory(view: view).who(entry)) · \(time(entry.at, entry.at.relative(to: now)))</span>\
            \(reason.map { "<p>\($0)</p>" as HTML })\
            \(when: !entry.text.isEmpty, "<p>\(DeskCase.lines(entry.text))</p>")\(stepRows(view.type, entry.answers))</li>
            """
    }
}
