import LinliCore
import LinliKernel
import LinliUI

/// What the reporter may do with a case: say whether it is solved, ask for it again, take it back, add something.
enum NeedCaseForms {
    /// Solved or not: the question of a case that is done.
    static func judge(_ model: NeedCaseModel) -> HTML {
        let confirm = model.transitions.first { $0.effects.contains(.rate) }
        let again = model.transitions.filter { $0.effects.contains(.contest) }
        guard confirm != nil || !again.isEmpty || model.isSilent else { return .empty }
        let isAsked = confirm != nil || model.isSilent
        let isAppeal = again.contains { objectsToDecision($0, model) }
        let other = isAppeal ? Text("有异议？", "Do you object?") : Text("没解决？", "Not solved?")
        let title = isAsked ? Text("解决了吗", "Is it solved?") : other
        return """
            <section class="card" aria-labelledby="h-judge">
            <div class="hd"><h2 id="h-judge">\(title)</h2></div>
            \(confirm.map { confirmForm($0, model) } ?? (model.isSilent ? lateForm(model) : isAppeal ? refused : unsolved))
            \(when: !again.isEmpty, "<div class=\"act\">\(each: again, { againForm($0, model) })</div>")
            \(when: again.isEmpty && confirm != nil && model.view.item.contests > 0, noMoreReviews(model))
            </section>
            """
    }

    private static let unsolved: HTML = """
        <p class="pad note">\(Text("又坏了，或者其实没办好，都可以再说一声。", "Broken again, or never really done? Say so."))</p>
        """

    private static let refused: HTML = """
        <p class="pad note">\(Text("情况属实的，可以申请复核一次。", "If it is so, you may ask for a review once."))</p>
        """

    /// Whether it speaks against a decision, because nothing was done yet, and goes to a review at once.
    private static func objectsToDecision(_ transition: CaseType.Transition, _ model: NeedCaseModel) -> Bool {
        let (type, state) = (model.view.type, model.view.state.id)
        func isReview(_ way: CaseType.Transition) -> Bool {
            type.states.first { $0.id == way.to }?.owner == .reviewer
        }
        guard isReview(transition) else { return false }
        guard model.view.voices.hidesContest else { return model.item.contests == 0 }
        // Said as to somebody before anything was contested: by whether every way from here is a review.
        return type.transitions.allSatisfy {
            !$0.effects.contains(.contest) || !$0.from.contains(state) || isReview($0)
        }
    }

    private static func noMoreReviews(_ model: NeedCaseModel) -> HTML {
        // Who did not ask for a review is not told that another did.
        guard !model.view.voices.hidesContest else {
            return """
                <p class="pad note">\(Text(
                    "这件事现在不能再申请复核。不满意的，可以给低分、写明意见，或者拨打 12345。",
                    "A review cannot be asked for now. Not content? Give a low grade with your words, or call 12345."
                ))</p>
                """
        }
        let reviews = model.view.type.reviews
        return """
            <p class="pad note">\(Text(
                "这件事已经重办并复核过 \(reviews) 次，不能再申请复核。还是不满意，可以给低分、写明意见，或者拨打 12345。",
                "This was done again and reviewed (\(reviews)×); it cannot be reviewed once more. Still not content? Give a low grade with your words, or call 12345."
            ))</p>
            """
    }

    /// Taking it back, and adding words or photos.
    static func more(_ model: NeedCaseModel) -> HTML {
        let others = model.transitions.filter { !$0.effects.contains(.rate) && !$0.effects.contains(.contest) }
        return """
            <div class="act">
            \(note(model))
            \(each: others, { otherForm($0, model) })
            </div>
            """
    }

    // MARK: Each form

    private static func confirmForm(_ transition: CaseType.Transition, _ model: NeedCaseModel) -> HTML {
        let step = model.word(transition)
        return """
            \(open(step, model, css: "pad stack"))
            \(stars(step, model))
            \(words(step, Text("想说的话", "Anything to add"), isRequired: false, model))
            <button class="btn wide">\(icon("check"))\(Text("解决了，确认办结", "Solved: close it"))</button>
            </form>
            """
    }

    /// The deadline passed without an answer; one may still be given.
    private static func lateForm(_ model: NeedCaseModel) -> HTML {
        """
        \(open("answer", model, css: "pad stack"))
        <p class="hint">\(Text("您还没有答复。现在说也算数。", "You have not answered yet. It still counts."))</p>
        \(stars("answer", model))
        \(words("answer", Text("想说的话", "Anything to add"), isRequired: false, model))
        <button class="btn wide">\(icon("check"))\(Text("解决了", "It is solved"))</button>
        </form>
        """
    }

    private static func againForm(_ transition: CaseType.Transition, _ model: NeedCaseModel) -> HTML {
        let step = model.word(transition)
        let isAppeal = objectsToDecision(transition, model)
        let label = isAppeal ? Text("现场是什么情况", "What it is like there") : Text("还有什么没解决", "What is not solved")
        let button = isAppeal ? Text("申请复核", "Ask for a review") : Text("要求重办", "Do it again")
        return """
            <details class="do" name="judge"\(when: model.typed(for: step) != nil, " open")>\
            <summary class="btn ghost">\(transition.name)</summary>
            \(open(step, model, css: "stack"))
            <p class="hint">\(Text("会换一个人来核实，不由原来办的人说了算。", "Somebody else will look at it, not who handled it before."))</p>
            \(words(step, label, isRequired: true, model))
            \(when: !isAppeal, stars(step, model))
            \(photos(step, Text("现在的样子", "How it looks now"), model))
            <button class="btn danger">\(button)</button>
            </form>
            </details>
            """
    }

    private static func otherForm(_ transition: CaseType.Transition, _ model: NeedCaseModel) -> HTML {
        let step = model.word(transition)
        let takesWords = transition.requires.contains(.text) || transition.allows.contains(.text)
        return """
            <details class="do" name="more"\(when: model.typed(for: step) != nil, " open")>\
            <summary class="btn ghost">\(transition.name)</summary>
            \(open(step, model, css: "stack"))
            \(CaseFields(
                model.view.type.fields(with: transition, told: model.item.answers), in: step,
                answers: model.typed(for: step)?.answers ?? [:],
                error: model.typed(for: step) == nil ? nil : model.error
            ).html)
            \(when: takesWords, words(step, Text("说一下原因", "Why"), isRequired: transition.requires.contains(.text), model))
            <button class="btn">\(transition.name)</button>
            </form>
            </details>
            """
    }

    private static func note(_ model: NeedCaseModel) -> HTML {
        """
        <details class="do" name="more"\(when: model.typed(for: "note") != nil, " open")>\
        <summary class="btn ghost">\(icon("message"))\(Text("补充情况、加照片", "Add words or photos"))</summary>
        \(open("note", model, css: "stack"))
        \(words("note", Text("补充说明", "What to add"), isRequired: false, model))
        \(photos("note", Text("加照片", "Add photos"), model))
        <button class="btn">\(Text("发给经办人", "Send to the handler"))</button>
        </form>
        </details>
        """
    }

    // MARK: Parts of a form

    private static func open(_ step: String, _ model: NeedCaseModel, css: String) -> HTML {
        """
        <form class="\(css)" method="post" action="\(model.reader.path)/\(step)" enctype="multipart/form-data" \
        data-draft="case-\(model.item.id)-\(step)">\(formToken(model.formToken))\
        <input type="hidden" name="version" value="\(model.item.version)">
        """
    }

    private static func words(
        _ step: String, _ label: Text, isRequired: Bool, _ model: NeedCaseModel
    ) -> HTML {
        let typed = model.typed(for: step)
        let error = typed == nil ? nil : model.error?.text(for: "text")
        let id = "\(step)-text"
        return field(
            label, for: id, optional: !isRequired, error: error,
            """
            <textarea id="\(id)" name="text" rows="3" maxlength="2000"\(when: isRequired, " required")\
            \(described(id, error: error))>\(typed?.text ?? "")</textarea>
            """
        )
    }

    private static func photos(_ step: String, _ label: Text, _ model: NeedCaseModel) -> HTML {
        let typed = model.typed(for: step)
        let error = typed == nil ? nil : model.error?.text(for: "photos")
        return NeedPhotos.picker(typed?.kept ?? [], error: error, label)
    }

    private static let degrees = [
        Text("1 分，很不满意", "1, very bad"), Text("2 分，不满意", "2, bad"), Text("3 分，基本满意", "3, fair"),
        Text("4 分，满意", "4, good"), Text("5 分，很满意", "5, very good"),
    ]

    private static func stars(_ step: String, _ model: NeedCaseModel) -> HTML {
        let typed = model.typed(for: step)
        let error = typed == nil ? nil : model.error?.text(for: "stars")
        return """
            <fieldset class="field"><legend>\(Text("给这次办理打几分", "How well was it handled?"))\
            <span class="opt">\(Text("可不打", "optional"))</span></legend>
            <div class="stars">
            \(each: degrees.enumerated(), { index, words in
                """
                <label><input type="radio" name="stars" value="\(index + 1)"\(when: typed?.stars == index + 1, " checked")>\
                \(icon("star"))<span class="sr">\(words)</span></label>
                """
            })
            </div>
            <p class="ends"><span>\(Text("很不满意", "Very bad"))</span><span>\(Text("很满意", "Very good"))</span></p>
            \(error.map { "<p class=\"err\">\($0)</p>" as HTML })
            </fieldset>
            """
    }
}
