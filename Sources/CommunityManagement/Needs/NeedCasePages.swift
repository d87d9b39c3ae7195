import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What the page of one's own case is made of.
struct NeedCaseModel: Sendable {
    /// What somebody typed before it could not be taken.
    struct Typed: Sendable {
        var step: String
        var text: String
        var stars: Int?
        var kept: [String]
        var answers: [String: String] = [:]
    }

    var view: CaseView
    var reader: NeedReader
    var category: Text?
    /// The community and grid it lies in, for a case without an address.
    var area: String
    var now: Instant
    var origin: String
    var formToken: String
    /// Whether it was told a moment ago.
    var isNew: Bool
    /// The step that was just taken: its draft can be forgotten.
    var done: String?
    var typed: Typed?
    var error: LinliError?
    /// Whether they were asked, and the case went on without an answer.
    var isSilent = false
    /// Whether they are signed in and want no messages.
    var isSilenced = false
    /// Whether the phone they left is written to.
    var reach = ReporterMessages.Reach.none

    var item: CaseRecord { view.item }

    /// What this reader may do as the reporter.
    var transitions: [CaseType.Transition] { view.transitions.filter { $0.by.contains(.reporter) } }

    /// The word of a transition in addresses: of several with the same words the plainest, so that nobody sees from it
    /// whether a case is one of those the street checks.
    func word(_ transition: CaseType.Transition) -> String {
        let twins = view.type.transitions.filter { $0.name == transition.name && $0.by == transition.by }
        let same = twins.filter { !Set($0.from).isDisjoint(with: transition.from) }.map(\.id)
        return same.min { ($0.count, $0) < ($1.count, $1) } ?? transition.id
    }

    /// What was typed and belongs into the form of `step`.
    func typed(for step: String) -> Typed? {
        guard let typed, step == form(of: typed) else { return nil }
        return typed
    }

    /// The form that what was typed belongs into: its own, or, when that is not offered any more, one that asks the same,
    /// else that of adding something. Never another step: whoever says that it is not solved must not find their words
    /// before a button that takes the case back.
    private func form(of typed: Typed) -> String? {
        let offered = transitions.map { word($0) } + ["note"] + (isSilent ? ["answer"] : [])
        if offered.contains(typed.step) { return typed.step }
        guard !typed.text.isEmpty || !typed.kept.isEmpty else { return nil }
        let meant = view.type.transitions.first { $0.id == typed.step }?.effects ?? []
        let again = transitions.first { $0.effects.contains(.contest) }
        if meant.contains(.contest), let again { return word(again) }
        return meant.contains(.rate) && isSilent ? "answer" : "note"
    }
}

/// The page of one's own case: how far it is, with whom, until when, and what one may do.
enum NeedCasePages {
    static func page(_ model: NeedCaseModel) -> Page {
        let words = NeedWords.short(model.item.title)
        let title = words.isEmpty ? model.category ?? model.view.type.name : Text(same: words)
        return Page(
            title,
            frame: .resident(.mine),
            "<main id=\"main\"\(live(model))\(done(model))>\(problem(model.error))\(NeedMessages.done(model))\(content(model))</main>"
        )
    }

    /// Live, unless somebody has just been told what to mend: then nothing may change under their hands.
    private static func live(_ model: NeedCaseModel) -> HTML {
        guard model.error == nil else { return .empty }
        let source = model.reader.path + "/fragment" + (model.isNew ? "?new=1" : "")
        return " data-live=\"\(model.reader.topic)\" data-live-src=\"\(source)\" data-live-every=\"60\""
    }

    private static func done(_ model: NeedCaseModel) -> HTML {
        if model.isNew { return " data-draft-done=\"report\"" }
        guard let step = model.done, step.count <= 40, step.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            return .empty
        }
        return " data-draft-done=\"case-\(model.item.id)-\(step)\""
    }

    /// Both columns: everything that may change while somebody looks.
    static func content(_ model: NeedCaseModel) -> HTML {
        """
        \(when: model.isNew && model.item.isUrgent, danger)
        <div class="col">
        \(when: model.isNew, ReceiptParts.thanks(model))
        \(when: model.isNew, ReceiptParts.link(model))
        \(state(model))
        \(NeedCaseForms.judge(model))
        \(photos(model))
        \(history(model))
        </div>
        <div class="col side">
        \(who(model))
        \(what(model))
        \(NeedPublicity.card(model))
        \(NeedMessages.card(model))
        \(when: !model.isNew, ReceiptParts.link(model))
        </div>
        """
    }

    private static let danger: HTML = """
        <section class="danger full" aria-labelledby="danger-h">
        <p id="danger-h">\(Text("您说的情况可能危及生命，请先打电话", "What you describe may be a danger to life: please call first"))</p>
        \(NeedWords.emergencyCalls())
        <p class="hint">\(Text("您写的已经收下，系统马上向值班单位发了提醒。", "What you wrote is kept, and the unit on duty has been alerted."))</p>
        </section>
        """

    // MARK: How far

    private static func state(_ model: NeedCaseModel) -> HTML {
        let view = model.view
        let unit = view.unit?.name
        return """
            <section class="card" aria-label="\(Text("办到哪一步", "How far it is"))">
            <div class="state">
            <p class="big" data-announce>\(NeedWords.headline(
                view.state, unit: unit, isContested: view.item.contests > 0 && !view.voices.hidesContest,
                isByOther: view.voices.isContestedByOther
            ))</p>
            \(view.state.owner == .reporter
                ? answer(model)
                : NeedWords.due(view.dueState, view.item.dueAt, now: model.now, isPaused: view.item.isPaused))
            \(closed(model))
            \(model.view.voices.count.map { "<p class=\"note\">\(SimilarParts.homes($0))</p>" as HTML })
            </div>
            \(when: NeedWords.hasSteps(view.type, view.state), NeedWords.steps(view.type, view.state, unit: unit))
            </section>
            """
    }

    private static func answer(_ model: NeedCaseModel) -> HTML {
        if model.view.voices.hasAnswered, model.item.nature.isProtected {
            return """
                <p class="note">\(Text("您的答复已经记下。还没好的话，可以要求重办。", "Your answer is noted. If it is not done after all, you may ask again."))</p>
                """
        }
        if model.view.voices.hasAnswered {
            return """
                <p class="note">\(Text("您的答复已经记下，正在等其他反映人答复。还没好的话，可以要求重办。", "Your answer is noted; the others who told it are asked too. If it is not done after all, you may ask again."))</p>
                """
        }
        let since = model.item.stateSince.relative(to: model.now)
        let due = model.item.dueAt.relative(to: model.now)
        let days = model.view.type.reopenDays
        return """
            <p class="note">\(Text(
                "\(since.zh) 办完。请在\(due.zh) 前告诉我们解决了没有；到时没有答复，会先办结或者请街道核查，办结后 \(days) 天内您仍可以要求重办。",
                "Finished \(since.en). Please tell us by \(due.en) whether it is solved; without an answer it is closed or checked by the street, and for \(days) days after closing you may ask again."
            ))</p>
            """
    }

    private static func closed(_ model: NeedCaseModel) -> HTML {
        guard model.view.state.isFinal, let at = model.item.closedAt else { return .empty }
        if model.view.voices.hasLeft, !model.item.nature.isProtected {
            return """
                <p class="note">\(at.relative(to: model.now) + Text(" 撤回，别人反映的会接着办", ": taken back; it goes on for the others"))</p>
                """
        }
        let stars = model.item.stars.map { Text("，您打了 \($0) 分", ", you gave \($0) of 5") } ?? Text("", "")
        let name = model.view.state.residentName
        return "<p class=\"note\">\(at.relative(to: model.now) + Text(same: " ") + name + stars)</p>"
    }

    // MARK: Photos and history

    private static func photos(_ model: NeedCaseModel) -> HTML {
        guard !model.view.photos.isEmpty else { return .empty }
        return """
            <section class="card">
            <div class="hd"><h2>\(Text("照片", "Photos"))</h2></div>
            <div class="shots">
            \(each: model.view.photos.enumerated(), { index, photo in
                let when = photo.kind == "after" ? Text("办理后", "After") : Text("办理前", "Before")
                let alt = when + Text("的照片 \(index + 1)：\(model.item.title)", ", photo \(index + 1): \(model.item.title)")
                return """
                    <figure><a href="\(model.reader.photo(photo.file, isThumbnail: false))">\
                    <img src="\(model.reader.photo(photo.file, isThumbnail: true))" alt="\(alt)" loading="lazy" \
                    width="640" height="480"></a>\
                    <figcaption>\(when) · \(time(photo.at, photo.at.relative(to: model.now)))</figcaption></figure>
                    """
            })
            </div>
            </section>
            """
    }

    private static func history(_ model: NeedCaseModel) -> HTML {
        let newest = model.view.entries.last?.id
        return """
            <section class="card">
            <div class="hd"><h2>\(Text("办理过程", "What happened"))</h2></div>
            <ol class="tl">
            \(each: model.view.entries.reversed(), { entry in
                line(entry, model, isNow: entry.id == newest && !model.view.state.isFinal)
            })
            </ol>
            </section>
            """
    }

    private static func line(_ entry: CaseEntry, _ model: NeedCaseModel, isNow: Bool) -> HTML {
        let words = NeedHistory.words(entry, model)
        let who = NeedHistory.who(entry, model)
        return """
            <li\(when: isNow, " class=\"now\"")><b>\(NeedHistory.title(entry, model))</b><span class="who">\
            \(who.map { "\($0) · " as HTML })\(time(entry.at, entry.at.relative(to: model.now)))</span>\
            \(when: !words.zh.isEmpty, "<p>\(words)</p>")\(entry.isVisible ? stepRows(model.view.type, entry.answers) : .empty)</li>
            """
    }

    // MARK: Who and what

    private static func who(_ model: NeedCaseModel) -> HTML {
        let view = model.view
        // Sent back to the dispatcher, it still names who had it.
        let isPast = view.state.isFinal || (view.state.owner == .dispatcher && view.unit != nil)
        let title = isPast ? Text("谁办的", "Who handled it") : Text("谁在办", "Who has it")
        return """
            <section class="card" aria-labelledby="h-who">
            <div class="hd"><h2 id="h-who">\(title)</h2>\
            \(when: view.onDuty != nil && !isPast, tag(Text("今天在岗", "On duty today"), .ok))</div>
            \(view.unit.map { unit(view, $0) } ?? nobody)
            </section>
            """
    }

    private static let nobody: HTML = """
        <div class="cell"><span class="bd"><span class="sub">\
        \(Text("正在安排承办单位，安排好了这里会写明单位和电话。", "A unit is being found; its name and phone will stand here."))</span></span></div>
        """

    private static func unit(_ view: CaseView, _ unit: UnitSummary) -> HTML {
        let initial = Text(String(unit.name.zh.prefix(1)), String(unit.name.en.prefix(1)))
        let ground = CaseRouting.Ground(rawValue: view.item.ground)?.name
        return """
            <div class="cell"><span class="av" aria-hidden="true">\(initial)</span>
            <span class="bd"><span class="ttl">\(unit.name)</span>
            \(view.handlerName.map { "<span class=\"sub\">\(Text("经办人：\($0)", "Handled by \($0)"))</span>" as HTML })
            \(view.onDuty.map { "<span class=\"sub\">\(Text("今天值班：\($0)", "On duty today: \($0)"))</span>" as HTML })
            \(ground.map { "<span class=\"sub\">\(Text("为什么是他们：\($0.zh)", "Why them: \($0.en)"))</span>" as HTML })\
            </span>
            \(NeedWords.callButton(unit.phone, Text("打电话", "Call")))</div>
            """
    }

    private static func what(_ model: NeedCaseModel) -> HTML {
        let item = model.item
        return """
            <section class="card" aria-labelledby="h-what">
            <div class="hd"><h2 id="h-what">\(Text("这件事", "This matter"))</h2></div>
            <dl class="kv">
            <dt>\(Text("编号", "Number"))</dt><dd class="num">\(item.number)</dd>
            <dt>\(Text("地点", "Where"))</dt><dd>\(item.whereabouts.isEmpty ? model.area : item.whereabouts)</dd>
            <dt>\(Text("类别", "Kind"))</dt><dd>\(model.category ?? Text("其他", "Other"))</dd>
            <dt>\(Text("性质", "Nature"))</dt><dd>\(item.nature.name)</dd>
            \(answerRows(model.view.type, item.answers))
            \(when: !item.reporterMask.isEmpty, "<dt>\(reporter(item))</dt><dd>\(item.reporterMask)</dd>")
            <dt>\(Text("谁能看到我", "Who may know me"))</dt><dd>\(item.disclosure.name)\
            \(when: !item.accusation.isEmpty, "<br>\(Text("被投诉的单位看不到这件事", "The unit concerned cannot see this"))")</dd>
            </dl>
            \(NeedCaseForms.more(model))
            </section>
            """
    }

    private static func reporter(_ item: CaseRecord) -> Text {
        item.isOnBehalf ? Text("替谁反映", "On behalf of") : Text("反映人", "Reported by")
    }
}

/// The history of a case in the words of who reported it.
enum NeedHistory {
    static func title(_ entry: CaseEntry, _ model: NeedCaseModel) -> Text {
        if let mark = CaseMark(rawValue: entry.transition) { return own(mark, model) ?? mark.name }
        if entry.kind == "note" {
            return entry.actorName.isEmpty ? Text("您补充了情况", "You added something") : Text("留言", "A message")
        }
        guard let transition = transition(entry, model) else {
            return Text("已收到", "Received")
        }
        if transition.effects.contains(.assignUnit), !entry.unitName.zh.isEmpty {
            return Text("派给了\(entry.unitName.zh)", "Sent to \(entry.unitName.en)")
        }
        return model.view.type.done(transition, wasAsked: model.view.wasAsked)
    }

    /// What the reader said themselves; nil for every other mark.
    private static func own(_ mark: CaseMark, _ model: NeedCaseModel) -> Text? {
        switch mark {
        case .saidUnsolved, .answeredUnsolved: Text("您说没解决", "You said that it is not solved")
        case .answeredSolved: Text("您说解决了", "You said that it is solved")
        case .voiceLeft where model.view.voices.hasLeft: Text("您撤回了", "You took it back")
        default: nil
        }
    }

    /// Who did it: the unit and the person for handlers; of dispatchers and checkers only what they are.
    static func who(_ entry: CaseEntry, _ model: NeedCaseModel) -> Text? {
        if entry.kind == "note" { return entry.actorName.isEmpty ? nil : Text(same: entry.actorName) }
        switch transition(entry, model)?.by.first {
        case .handler:
            let names = [entry.unitName, Text(same: entry.actorName)].filter { !$0.zh.isEmpty }
            return names.dropFirst().reduce(names.first) { whole, part in whole.map { $0 + Text(same: " · ") + part } }
        case .dispatcher: return Text("调度员", "Dispatcher")
        case .checker: return Text("核查人员", "Checker")
        case .collector: return Text("网格员", "Grid worker")
        case .arbiter: return Text("裁定", "Ruling")
        case .reviewer: return Text("复核人员", "Reviewer")
        case .colleague: return Text("同事核对", "A colleague's check")
        case .lead: return Text("主办单位", "Leading unit")
        case .clock: return Text("系统", "System")
        case .reporter: return Text("您", "You")
        case nil: return nil
        }
    }

    /// The words that came with it, if they were meant for the reporter; with the first line, the need itself.
    static func words(_ entry: CaseEntry, _ model: NeedCaseModel) -> Text {
        if entry.id == model.view.entries.first?.id, entry.transition == "report" {
            return Text(same: [model.item.text, entry.text].filter { !$0.isEmpty }.joined(separator: " — "))
        }
        return entry.isVisible ? model.view.words(of: entry) : Text(same: "")
    }

    private static func transition(_ entry: CaseEntry, _ model: NeedCaseModel) -> CaseType.Transition? {
        model.view.type.transitions.first { $0.id == entry.transition }
    }
}
