import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// The questions of the report form with a few answers each. Each has an answer that leaves it to the program, chosen
/// from the start, so that none must be answered.
enum ReportChoices {
    // MARK: What kind

    /// What is told most often; the rest stands behind "more".
    private static let frequent = ["R01", "R02", "R03", "R04", "R06", "R08", "R10", "R13", "R14", "R15"]

    private static let symbols = [
        "R01": "tools", "R02": "building", "R03": "pipe", "R04": "lamp", "R05": "fire", "R06": "sun", "R07": "globe",
        "R08": "car", "R09": "key", "R10": "noise", "R11": "people", "R12": "dog", "R13": "shield", "R14": "trash",
        "R15": "leaf", "R16": "door", "R17": "desk", "R18": "refresh", "R19": "user", "R20": "heart", "R21": "help",
        "R22": "book", "R23": "hospital", "R24": "list", "R25": "box", "R26": "lock", "R27": "calendar", "R28": "map",
        "R29": "more",
    ]

    /// What the type asks for besides words, photos and place.
    static func details(_ model: ReportModel) -> HTML {
        let fields = CaseFields(model.type, answers: model.form.answers, error: model.error)
        guard !fields.isEmpty else { return .empty }
        return """
            <section class="card pad" aria-labelledby="h-details">
            <h2 id="h-details">\(Text("还要问您几句", "A few questions more"))</h2>
            \(fields.html)
            </section>
            """
    }

    static func kinds(_ model: ReportModel) -> HTML {
        if let opening = model.type.opening, !opening.categories.isEmpty { return narrow(opening, model) }
        let majors = model.catalogue.majors(.resident)
        let chosen = model.form.kind
        let first = frequent.compactMap { code in majors.first { $0.code == code } }
        let rest = majors.filter { !frequent.contains($0.code) }
        let isInRest = rest.contains { $0.code == chosen } || !model.form.category.isEmpty
        return """
            <section class="card pad">
            <fieldset>
            <legend class="h">\(Text("是哪类事", "What kind"))<span class="opt">\(Text("可不选", "optional"))</span></legend>
            <div class="hint stack" role="status" data-suggested></div>
            \(model.problem("category").map { "<p class=\"err\">\($0)</p>" as HTML })
            <div class="choices kinds">
            \(kind("", Text("请帮我判断", "Let the system decide"), "help", chosen))
            \(each: first, { kind($0.code, $0.name, symbols[$0.code] ?? "report", chosen) })
            \(kind(NeedForm.streetKind, Text("街上、公共设施", "Street, public things"), "pin", chosen))
            </div>
            <details class="more"\(when: isInRest, " open")><summary>\(icon("list", small: true))\
            \(Text("更多类别", "More kinds"))</summary>
            <div class="choices kinds">
            \(each: rest, { kind($0.code, $0.name, symbols[$0.code] ?? "report", chosen) })
            </div>
            \(minors(model))
            </details>
            </fieldset>
            <div data-similar role="status"></div>
            </section>
            """
    }

    /// One list, for a type that takes some kinds only.
    private static func narrow(_ opening: CaseType.Opening, _ model: ReportModel) -> HTML {
        let error = model.problem("category")
        return """
            <section class="card pad">
            \(field(
                Text("是哪类事", "What kind"), for: "minor", optional: true, error: error,
                """
                <select id="minor" name="minor"\(described("minor", error: error))>\
                <option value="">\(Text("请帮我判断", "Let the system decide"))</option>\
                \(CategoryOptions(catalogue: model.catalogue, selected: model.form.category, opening: opening).html)</select>
                """
            ))
            </section>
            """
    }

    private static func kind(_ value: String, _ name: Text, _ symbol: String, _ chosen: String) -> HTML {
        """
        <label class="choice"><input type="radio" name="category" value="\(value)"\(when: value == chosen, " checked")>\
        \(icon(symbol))<span>\(name)</span></label>
        """
    }

    private static func minors(_ model: ReportModel) -> HTML {
        let catalogue = model.catalogue
        let chosen = model.form.category
        return """
            <div class="field"><label for="minor">\(Text("或者从全部小类里选", "Or choose from the whole list"))</label>
            <select id="minor" name="minor"><option value="">\(Text("不选", "None"))</option>
            \(each: catalogue.majors(), { major in
                """
                <optgroup label="\(major.name)">\(each: catalogue.children(of: major.code), { minor in
                    "<option value=\"\(minor.code)\"\(when: minor.code == chosen, " selected")>\(minor.name)</option>"
                })</optgroup>
                """
            })</select></div>
            """
    }

    // MARK: What somebody wants

    static func natures(_ model: ReportModel) -> HTML {
        let wishes = model.type.opening?.wishes ?? NeedNature.allCases
        guard wishes.count > 1 else { return .empty }
        let chosen = model.form.nature
        return """
            <section class="card pad">
            <fieldset class="field">
            <legend class="h">\(Text("您想要的是", "What you want"))</legend>
            <div class="choices two">
            \(choice("nature", value: "", checked: chosen == nil, Text("由系统判断", "Let the system decide")))
            \(each: natureChoices.filter { wishes.contains($0.0) }, { nature, words, note in
                choice("nature", value: nature.rawValue, checked: chosen == nature, words, note: note)
            })
            </div>
            </fieldset>
            \(when: !model.options.units.isEmpty, against(model))
            </section>
            """
    }

    private static let natureChoices: [(NeedNature, Text, Text?)] = [
        (.assistance, Text("请来处理", "Please deal with it"), nil),
        (.complaint, Text("投诉", "A complaint"), hidden),
        (.tipOff, Text("举报", "A tip-off"), sealed),
        (.suggestion, Text("提建议", "A suggestion"), nil),
        (.consultation, Text("问一问", "A question"), nil),
    ]

    private static let sealed = Text("密封：只有街道受理的人知道是您", "Sealed: only the street's receiving office knows you")
    private static let hidden = Text("被投诉的单位看不到", "The unit concerned cannot see it")

    private static func against(_ model: ReportModel) -> HTML {
        let error = model.problem("against")
        let units = model.options.units.map { (value: "\($0.id)", text: $0.name) } + [AgainstChoice.option]
        let form = model.form
        let isOpen = !form.accused.isEmpty || form.isAgainstNobody || error != nil
        return """
            <details class="more"\(when: isOpen, " open")><summary>\(icon("shield", small: true))\
            \(Text("投诉、举报的是哪个单位", "Which unit is it about"))</summary>
            \(field(
                Text("被投诉的单位", "The unit concerned"), for: "against",
                hint: Text(
                    "这个单位的人看不到、搜不到这件事，也不会派给它办。不选就按您写的话来认。",
                    "Its people will not see or find this, and it will not be sent to them. Without a choice your words decide."
                ),
                optional: true, error: error,
                select(
                    "against", units, selected: form.isAgainstNobody ? AgainstChoice.nobody : form.against.map { "\($0)" },
                    empty: Text("按写的话来认", "As my words say"),
                    attributes: described("against", hint: true, error: error)
                )
            ))
            \(AgainstChoice.boxes(model.options.units, ticked: form.others))
            </details>
            """
    }

    // MARK: Where it stands, who may know

    static func spots(_ model: ReportModel) -> HTML {
        let chosen = model.form.spot
        return """
            <fieldset class="field">
            <legend>\(Text("是哪种地方", "What sort of place"))<span class="opt">\(Text("可不选", "optional"))</span></legend>
            <div class="choices two">
            \(each: model.type.opening?.places ?? Spot.allCases, { choice("spot", value: $0.rawValue, checked: $0 == chosen, $0.name) })
            </div>
            </fieldset>
            """
    }

    static func disclosure(_ model: ReportModel) -> HTML {
        let chosen = model.form.disclosure
        return """
            <fieldset>
            <legend class="h">\(Text("谁能看到您是谁", "Who may know who you are"))</legend>
            <div class="choices">
            \(choice("disclosure", value: "", checked: chosen == nil, Text("按事情来定", "As the matter needs"),
                note: Text("投诉、举报只让受理的人知道；其他的，办理的人可以看到", "Complaints and tip-offs: only the receiving office; anything else: whoever handles it")))
            \(choice("disclosure", value: Disclosure.named.rawValue, checked: chosen == .named, Disclosure.named.name,
                note: Text("方便上门、打电话问清楚", "They can call or visit you")))
            \(choice("disclosure", value: Disclosure.office.rawValue, checked: chosen == .office, Disclosure.office.name,
                note: Text("经办人通过本系统问您，看不到姓名电话", "Handlers ask you through this page and see no name or phone")))
            \(choice("disclosure", value: Disclosure.anonymous.rawValue, checked: chosen == .anonymous, Disclosure.anonymous.name,
                note: Text("只凭回执查进度，我们没法打电话给您", "Only the receipt leads to it; we cannot call you")))
            </div>
            </fieldset>
            """
    }
}

/// What others told nearby, as a hint while the form is filled in.
enum SimilarParts {
    /// Each with a button that takes what was typed there in place of making a case of it. Of the place only what staff
    /// cleared is said. The form it is put into sends which were shown, or, as the answer to a question, that they were seen.
    static func list(
        _ rows: [JoinableCase], _ catalogue: EventCatalogue, isQuestion: Bool = false, now: Instant
    ) -> HTML {
        guard !rows.isEmpty else { return .empty }
        let others = rows.filter { $0.own == nil }
        let shown: String = isQuestion ? "seen" : rows.map(\.number).joined(separator: ",")
        return """
            <input type="hidden" name="similar" value="\(shown)"><div class="alert">\(icon("people"))<div class="bd">
            <b>\(others.isEmpty ? Text("您已经反映过", "You have told this already")
                : Text("附近可能有人反映过", "Somebody nearby may have reported this"))</b>
            <ul class="plain">\(each: rows, { row in
                """
                <li class="row"><span>\(row.title.isEmpty ? name(row, catalogue) : Text(same: row.title)) · \
                \(when: !row.address.isEmpty, "\(row.address) · ")\(row.createdAt.relative(to: now))\
                \(row.count.map { " · \(homes($0))" as HTML })</span> \(way(row))</li>
                """
            })</ul>
            <p>\(others.isEmpty
                ? Text("是同一件事就不用再报，要补充的到那件里补充，这里填的都还在；是另一件就照样提交。", "If it is the same, add there what is new: what you typed here stays. If it is another, send it all the same.")
                : Text("点了就和他们一起反映，写的内容不用重填。也可以照样单独提交。", "Join them with what you have typed; or send yours by itself all the same."))</p>
            \(when: others.contains { !$0.knowsDoor }, JoinPages.door(""))
            </div></div>
            """
    }

    /// What can be done with one of them: joining it, or, of one's own, looking at it, in a window of its own because what
    /// is typed here is not kept anywhere yet.
    private static func way(_ row: JoinableCase) -> HTML {
        guard let own = row.own else {
            return """
                <button class="btn weak sm" formaction="\(CasePath.join(row.number))">\(Text("我也遇到了", "I have the same"))\
                </button>
                """
        }
        return """
            <a class="btn weak sm" href="\(CasePath.resident(own))" target="_blank" rel="noopener">\
            \(Text("您已经反映过，去看看", "You told this: look at it"))</a>
            """
    }

    /// The same as a question before it is taken: joining them, or sending it by itself. Nothing when there are none.
    static func question(_ rows: [JoinableCase], _ catalogue: EventCatalogue, now: Instant) -> HTML {
        guard !rows.isEmpty else { return .empty }
        return """
            <section class="card pad stack" aria-labelledby="h-similar">
            <h2 id="h-similar">\(Text("还没提交：先看看是不是同一件事", "Not sent yet: is it one of these?"))</h2>
            \(list(rows, catalogue, isQuestion: true, now: now))
            <div class="btns"><button class="btn">\(Text("不是，照样提交", "No, send it by itself"))</button></div>
            </section>
            """
    }

    private static func name(_ row: JoinableCase, _ catalogue: EventCatalogue) -> Text {
        catalogue[code: row.category]?.name ?? Text("其他", "Other")
    }

    /// `7 户反映`, and how many told it whose door nobody knows: they may be of one home, or of one of the seven.
    static func homes(_ count: VoiceCount) -> Text {
        switch (count.households, count.unknown) {
        case (0, let unknown): Text("\(unknown) 人反映，没留门牌", "\(unknown) told it, without a door")
        case (let homes, 0): Text("\(homes) 户反映", "\(homes) homes told it")
        case (let homes, let unknown):
            Text(
                "\(homes) 户反映，另有 \(unknown) 人没留门牌", "\(homes) homes told it, and \(unknown) without a door")
        }
    }
}
