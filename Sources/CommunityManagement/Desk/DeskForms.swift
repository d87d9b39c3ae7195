import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The forms of a case's page: its steps, a note, the correction of nature and category, the reporter in clear.
struct DeskForms {
    let page: DeskCase

    private var item: CaseRecord { page.view.item }
    var base: String { CasePath.desk(item.id) }

    /// What was typed into the form of `step` when it came back.
    func attempt(_ step: String) -> DeskAttempt? {
        page.attempt.flatMap { $0.step == step ? $0 : nil }
    }

    func begin(_ step: String, confirm: Text? = nil, hasPhotos: Bool = false) -> HTML {
        """
        <form class="stack" method="post" action="\(base)/\(step)" data-draft="case-\(item.id)-\(step)"\
        \(when: hasPhotos, " enctype=\"multipart/form-data\"")\(confirm.map { " data-confirm=\"\($0)\"" as HTML })>\
        \(hidden)
        """
    }

    var hidden: HTML {
        """
        \(formToken(page.formToken))<input type="hidden" name="version" value="\(item.version)">\
        \(page.back.map { "<input type=\"hidden\" name=\"back\" value=\"\($0.fields)\">" as HTML })
        """
    }

    // MARK: Steps

    /// The steps that are open to this reader; what a resident does stands on the resident's own page.
    var actions: HTML {
        let steps = page.view.transitions.filter { $0.by != [.reporter] && $0.by != [.clock] }
        // What the case waits for stands out; what could also be done does not.
        let awaited = steps.first { step in page.view.state.owner.map { step.by.contains($0) } ?? false }?.id
        let hasNote = page.back != nil
        guard !steps.isEmpty || hasNote else { return page.deciders }
        return """
            \(page.deciders)<div class="act">
            \(each: steps, { step in self.step(step, isAwaited: step.id == awaited) })
            \(when: hasNote, """
                <details class="do" name="do"><summary class="btn ghost">\(Text("留言", "Note"))</summary>
                \(noteForm)
                </details>
                """)
            </div>
            """
    }

    private func step(_ step: CaseType.Transition, isAwaited: Bool) -> HTML {
        let look = isAwaited ? "btn" : "btn ghost"
        if step.requires.isEmpty, step.allows.isEmpty, step.requiredFields.isEmpty, step.allowedFields.isEmpty {
            return """
                <form method="post" action="\(base)/\(step.id)">\(hidden)\(sure(step))<button class="\(look)">\(step.name)\
                </button></form>
                """
        }
        let isReturn = step.requires.contains(.reasonClass)
        let question = isReturn ? Text("退单后由调度员重新派，确定退吗？", "A dispatcher will send it elsewhere. Return it?") : nil
        let hasPhotos = step.requires.contains(.photo) || step.allows.contains(.photo)
        return """
            <details class="do" name="do"\(when: attempt(step.id) != nil, " open")><summary class="\(look)">\
            \(step.name)</summary>
            \(begin(step.id, confirm: question, hasPhotos: hasPhotos))
            \(when: step.requires.contains(.unit), unitField(step))
            \(when: isReturn, reasonField(step))
            \(fields(of: step))
            \(words(of: step))
            \(when: hasPhotos, photosField(step.id, isOptional: step.allows.contains(.photo)))
            \(sure(step))
            <button class="btn\(when: isReturn, " danger")">\(step.name)</button>
            </form>
            </details>
            """
    }

    /// Who has as many cases as the setting allows takes one more only when they say so.
    private func sure(_ step: CaseType.Transition) -> HTML {
        guard let error = attempt(step.id)?.error, error.id == "cases.full" else { return .empty }
        return """
            <p class="err">\(error.text(for: "sure") ?? error.publicText)</p>
            <label class="check"><input type="checkbox" name="sure" value="yes">\
            <span>\(Text("仍然由我办", "I take it all the same"))</span></label>
            """
    }

    private func unitField(_ step: CaseType.Transition) -> HTML {
        let error = attempt(step.id)?.error?.text(for: "unit")
        let all = page.surroundings.units
        // Who sent it back is not asked again without a thought.
        let recommended = all.first { $0.id == page.surroundings.recommended && !hasReturned($0) }?.id
        let chosen = attempt(step.id)?.form["unit"] ?? recommended.map { "\($0)" }
        let units = all.filter { $0.id == recommended } + all.filter { $0.id != recommended }
        let options = units.map { unit in (value: "\(unit.id)", text: label(unit)) }
        let id = "\(step.id)-unit"
        return field(
            Text("派给谁", "Send it to"), for: id, error: error,
            select(
                "unit", id: id, options, selected: chosen, empty: Text("请选承办单位", "Choose a unit"),
                attributes: described(id, error: error)
            )
        )
    }

    private func hasReturned(_ unit: UnitSummary) -> Bool {
        page.view.entries.contains { !$0.reasonClass.isEmpty && $0.unitName == unit.name }
    }

    private func label(_ unit: UnitSummary) -> Text {
        if hasReturned(unit) { return unit.name + Text("（退过单）", " (sent it back)") }
        if unit.id == item.handlerUnit {
            return unit.name
                + (page.view.state.tab == "received"
                    ? Text("（上次是它办的）", " (had it before)") : Text("（现在在办）", " (has it now)"))
        }
        if unit.id == page.surroundings.recommended {
            return unit.name + Text("（按地点和类别推荐）", " (suggested by place and kind)")
        }
        if let usual = page.suggestion?.unit, usual.value == unit.id {
            return unit.name
                + Text("（办结过这里的同类事，把握 \(usual.percent)%）", " (closed such cases here, \(usual.percent)% sure)")
        }
        return unit.name
    }

    /// What the definition asks for with a step.
    private func fields(of step: CaseType.Transition) -> HTML {
        let attempt = attempt(step.id)
        return CaseFields(
            page.view.type.fields(with: step, told: item.answers), in: step.id,
            answers: attempt.map { CaseFields.answers(in: $0.form) } ?? [:], error: attempt?.error
        ).html
    }

    private func words(of step: CaseType.Transition) -> HTML {
        if step.requires.contains(.text) { return textField(step, isOptional: false) }
        if step.requires.contains(.reasonClass) {
            return textField(step, isOptional: !page.view.type.returnReasons.allSatisfy(\.needsBasis))
        }
        return step.allows.contains(.text) ? textField(step, isOptional: true) : .empty
    }

    /// A reason, and whether it needs its basis where others do not.
    private func label(_ reason: CaseType.ReturnReason) -> Text {
        let isSpecial = reason.needsBasis && !page.view.type.returnReasons.allSatisfy(\.needsBasis)
        return isSpecial ? reason.name + Text("（要写依据）", " (needs its basis)") : reason.name
    }

    private func reasonField(_ step: CaseType.Transition) -> HTML {
        let error = attempt(step.id)?.error?.text(for: "reasonClass")
        let id = "\(step.id)-reason"
        return field(
            Text("退单理由", "Reason"), for: id, error: error,
            select(
                "reasonClass", id: id, page.view.type.returnReasons.map { (value: $0.id, text: label($0)) },
                selected: attempt(step.id)?.form["reasonClass"], empty: Text("请选", "Choose"),
                attributes: described(id, error: error)
            )
        )
    }

    private func textField(_ step: CaseType.Transition, isOptional: Bool) -> HTML {
        let label: Text =
            switch (step.requires.contains(.reasonClass), isOptional, step.isVisible) {
            case (true, _, _): Text("依据和说明", "Basis and explanation")
            case (_, true, _): Text("交代一句", "A word to them")
            case (_, _, true): Text("办得怎么样（诉求人能看到）", "What was done (the resident sees it)")
            default: Text("说明", "Explanation")
            }
        let isRead = step.isVisible && DeskVoices(page: page).isOfSeveral
        return """
            \(when: isRead, DeskVoices.readers)\(textArea(step.id, label, isOptional: isOptional))\
            \(when: step.isVisible, templateField(step.id))
            """
    }

    /// Puts a prepared answer into the form; the server does it, so that it works without scripts.
    func templateField(_ step: String) -> HTML {
        let templates = page.surroundings.templates
        guard !templates.isEmpty else { return .empty }
        let id = "\(step)-template"
        return """
            <div class="pair"><div class="field"><label for="\(id)">\(Text("答复模板", "Prepared answer"))</label>\
            \(select("template", id: id, templates.map { (value: "\($0.id)", text: Text(same: $0.name)) }, selected: nil))</div>\
            <button class="btn ghost sm" name="insert" value="yes" formnovalidate>\(Text("填上", "Put it in"))</button></div>
            """
    }

    func textArea(_ step: String, _ label: Text, isOptional: Bool = false) -> HTML {
        let id = "\(step)-text"
        let error = attempt(step)?.error?.text(for: "text")
        return field(
            label, for: id, optional: isOptional, error: error,
            """
            <textarea id="\(id)" name="text" rows="3" maxlength="2000"\(when: !isOptional, " required")\
            \(described(id, error: error))>\(attempt(step)?.form["text"] ?? "")</textarea>
            """
        )
    }

    func photosField(_ step: String, isOptional: Bool) -> HTML {
        let attempt = attempt(step)
        return PhotoPicker(
            id: "\(step)-photos", kept: attempt?.kept ?? [], error: attempt?.error, isOptional: isOptional
        ).html
    }

    // MARK: Beside the case

    /// The cards of the case's own page.
    var asideCards: HTML {
        let isClearingFirst = page.mayPublish && page.view.publication?.isDue == true
        return """
            \(when: isClearingFirst, clearingCard)
            <section class="card"><div class="hd"><h2>\(Text("留言、补充", "Notes"))</h2></div><div class="pad">\(noteForm)\
            </div></section>
            \(page.whistles.map(\.html))
            \(AssignCard(page: page).html)
            \(DeskWork(page: page).cards)
            \(DeskVoices(page: page).cards)
            \(when: page.view.standing.isDispatcher || page.view.standing.isHandler, classifyCard)
            \(DeskPlaceCard(page: page).html)
            \(when: page.view.standing.isDispatcher && mayTurn, urgencyCard)
            \(when: !page.surroundings.accusable.isEmpty, againstCard)
            \(when: !isClearingFirst, clearingCard)
            \(when: page.view.standing.seesReporter && page.surroundings.hasSecrets && page.revealed == nil, revealCard)
            \(when: page.mayTakeEvidence, BundleCard(page: page).html)
            """
    }

    /// What neighbours see; first when it waits for this reader.
    private var clearingCard: HTML {
        ClearingCard(
            view: page.view, mayPublish: page.mayPublish, attempt: page.clearing, formToken: page.formToken
        ).html
    }

    private var noteForm: HTML {
        let isVisible = attempt("note")?.form["visible"] == "yes"
        let forResident: HTML = """
            <label class="check"><input type="checkbox" name="visible" value="yes"\(when: isVisible, " checked")>\
            <span>\(Text("诉求人也能看到", "The resident sees it too"))</span></label>
            """
        return """
            \(begin("note", hasPhotos: true))
            \(textArea("note", Text("说一句", "Say something")))
            \(templateField("note"))
            <p class="hint">\(Text("内部留言里写 @名字，可以叫同事来看。", "In an internal note @name calls a colleague."))</p>
            \(photosField("note", isOptional: true))
            \(DeskVoices(page: page).isOfSeveral ? DeskVoices.nobody : forResident)
            <button class="btn weak">\(Text("发送", "Send"))</button>
            </form>
            """
    }

    private var classifyCard: HTML {
        let attempt = attempt("classify")
        let error = attempt?.error?.text(for: "category")
        let category = attempt?.form["category"] ?? item.category
        let natures = NeedNature.allCases.map { (value: $0.rawValue, text: $0.name) }
        return """
            <section class="card">\(page.suggestion.map(suggested))\
            <details class="more pad"\(when: attempt != nil, " open")>\
            <summary>\(icon("edit", small: true))\(Text("更正性质、类别", "Correct nature and kind"))</summary>
            \(begin("classify"))
            \(field(
                Text("性质", "Nature"), for: "nature",
                select("nature", natures, selected: attempt?.form["nature"] ?? item.nature.rawValue)
            ))
            \(field(
                Text("类别", "Kind"), for: "category", error: error,
                """
                <select id="category" name="category"\(described("category", error: error))>\
                <option value="">\(Text("请选", "Choose"))</option>\
                \(CategoryOptions(catalogue: page.catalogue, selected: category).html)</select>
                """
            ))
            <p class="hint">\(item.nature == .tipOff ? DeskForms.sealing : DeskForms.protection)</p>
            \(textArea("classify", Text("理由", "Reason"), isOptional: true))
            <button class="btn weak">\(Text("保存", "Save"))</button>
            </form></details></section>
            """
    }

    /// What the words suggest beside what the case is filed as, and whether that still needs a person's word.
    private func suggested(_ suggestion: Suggestion) -> HTML {
        guard let first = suggestion.categories.first, suggestion.category != nil else { return .empty }
        let words: Text =
            switch (suggestion.isSure, first.value.code == item.category) {
            case (true, true): Text("和现在的类别一致", "as it is filed")
            case (true, false): Text("和现在的类别不一样，请核对", "filed otherwise: please check")
            case (false, _) where item.doubt.isEmpty: Text("已由人选定或确认", "chosen or confirmed by a person")
            case (false, _): Text("把握不够，请人确认", "not sure enough: please confirm")
            }
        return """
            <p class="hint pad">\(Text("建议：", "Suggested: "))\(first.value.name) \
            \(tag(Text("把握 \(first.percent)%", "\(first.percent)% sure"), suggestion.isSure ? .ok : .warn)) \(words)</p>
            """
    }

    private static let protection = Text(
        "改成投诉、举报后，经办人就看不到诉求人是谁。",
        "As a complaint or tip-off it hides the reporter from handlers."
    )

    private static let sealing = Text(
        "这是举报：只有街道诉求处置中心能改成别的性质，要写明理由；改了以后诉求人仍然保密。",
        "A tip-off: only the street's centre makes it something else, with the reason; its reporter stays sealed."
    )

    /// Whether work on it is still to be done: before that and after it nothing is urgent.
    private var mayTurn: Bool { item.isOpen && page.view.state.owner != .reporter }

    /// Urgent from now on, or ordinary again: each with the reason.
    private var urgencyCard: HTML {
        let hint =
            item.isUrgent
            ? Text("改回一般，时限按一般重新计算。", "As an ordinary case its deadlines are worked out anew.")
            : Text(
                "从现在起按紧急计时，不分昼夜和节假日，马上通知值班人员。",
                "From now on it counts around the clock, and who is on duty is told at once.")
        let name = item.isUrgent ? Text("不再紧急", "Not urgent any more") : Text("改为紧急", "Make it urgent")
        return """
            <section class="card"><details class="more pad"\(when: attempt("urgency") != nil, " open")>\
            <summary>\(icon("alert", small: true))\(name)</summary>
            \(begin("urgency"))<input type="hidden" name="urgent" value="\(item.isUrgent ? "no" : "yes")">
            <p class="hint">\(hint)</p>
            \(textArea("urgency", Text("理由", "Reason")))
            <button class="btn weak">\(name)</button>
            </form></details></section>
            """
    }

    private var againstCard: HTML {
        let attempt = attempt("against")
        let error = attempt?.error?.text(for: "against")
        // Who is a unit of another place may be chosen too, once somebody said so.
        let known = page.surroundings.accusable
        let units = known + page.surroundings.against.filter { unit in !known.contains { $0.id == unit.id } }
        let chosen = Set(attempt?.form.all("against") ?? item.accusation.units.map { "\($0)" })
        // A complaint without a unit may be with the very unit it is about; what words decided waits for somebody's look.
        let isUnsure = item.nature.isProtected && (item.accusation.isEmpty || page.view.isAccusedByWords)
        let isOpen = attempt != nil || isUnsure
        return """
            <section class="card"><details class="more pad"\(when: isOpen, " open")>\
            <summary>\(icon("shield", small: true))\(Text("被投诉的单位", "Which units it is against"))</summary>
            \(begin("against"))
            <fieldset class="field"><legend>\(Text("单位，可以选几个；一个都不选，就是不针对单位", "Units; none means that it is against none"))\
            </legend>
            <p class="hint">\(Text(
                "选了以后，这些单位看不到这件工单；在它们手里的会转给别的单位。",
                "They will not see the case any more; if one of them has it, the case goes elsewhere."
            ))</p>
            \(each: units, { unit in
                """
                <label class="check"><input type="checkbox" name="against" value="\(unit.id)"\
                \(when: chosen.contains("\(unit.id)"), " checked")><span>\(unit.name)</span></label>
                """
            })
            \(error.map { "<p class=\"err\">\($0)</p>" as HTML })
            </fieldset>
            \(textArea("against", Text("理由，有改动就要写", "Reason, when it changes"), isOptional: true))
            <button class="btn weak">\(Text("保存", "Save"))</button>
            </form></details></section>
            """
    }

    private var revealCard: HTML {
        let attempt = attempt("reveal")
        let error = attempt?.error?.text(for: "purpose")
        return """
            <section class="card"><details class="more pad"\(when: attempt != nil, " open")>\
            <summary>\(icon("shield", small: true))\(Text("查看姓名、电话", "Name and phone in clear"))</summary>
            <form class="stack" method="post" action="\(base)/reveal">\(hidden)
            \(field(
                Text("用途", "What for"), for: "purpose",
                hint: Text("每次查看都记入审计，请写清楚为什么要看。", "Every reading is audited: say why."), error: error,
                """
                <input id="purpose" name="purpose" maxlength="200" required autocomplete="off" \
                value="\(attempt?.form["purpose"] ?? "")"\(described("purpose", hint: true, error: error))>
                """
            ))
            <button class="btn weak">\(Text("查看一次", "Show once"))</button>
            </form></details></section>
            """
    }
}
