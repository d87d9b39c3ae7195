import LinliCore
import LinliKernel
import LinliUI

/// Whistling for a case: how pressing it is, where to come, who is called.
struct WhistleNewPage: Sendable {
    let view: CaseView
    /// The storeys on which this reader may whistle for it now.
    let storeys: [Whistle.Storey]
    let storey: Whistle.Storey?
    let units: [UnitSummary]
    let mayConfirm: Bool
    let times: Whistle.Times
    let formToken: String
    let names: DivisionNames
    var attempt: WhistleAttempt?

    private var item: CaseRecord { view.item }
    private var error: LinliError? { attempt?.error }

    var page: Page {
        Page(Text("吹哨 \(item.number)", "Whistle for \(item.number)"), frame: .desk(WhistlePath.list), body)
    }

    private var body: HTML {
        """
        <main id="main" class="wrap">
        <div class="ttlbar"><h1>\(storey?.name ?? Text("吹哨", "Whistle"))</h1>
        <a class="btn ghost" href="\(CasePath.desk(item.id))">\(icon("back", small: true))\(Text("回工单", "Back"))</a></div>
        \(problem(error))
        <section class="card narrow" aria-label="\(Text("吹哨", "Whistle"))">
        \(storeys.isEmpty ? closed : form)</section>
        </main>
        """
    }

    private var closed: HTML {
        emptyState(
            Text("现在不能为这件工单吹哨", "No whistle for this case now"),
            Text("工单已办结，或者已经有一个没结束的吹哨，或者不归您这一级吹。", "It is over, has an open whistle, or is not for your level."),
            icon: "speaker",
            action: "<a class=\"btn ghost\" href=\"\(CasePath.desk(item.id))\">\(Text("回工单", "Back"))</a>"
        )
    }

    private func typed(_ name: String, _ initial: String) -> String {
        attempt.map { $0.form.all(name).first ?? "" } ?? initial
    }

    private var form: HTML {
        """
        <form class="pad stack" method="post" action="\(WhistlePath.new(item.id))">\(LinliUI.formToken(formToken))
        <input type="hidden" name="storey" value="\(storey?.rawValue ?? "")">
        <p><span class="num">\(item.number)</span> \(item.title)</p>
        \(when: storeys.count > 1, otherStoreys)
        <fieldset class="field"><legend>\(Text("哪一种", "How pressing"))</legend><div class="choices">
        \(each: Whistle.Kind.allCases, kind)</div>
        \(error?.text(for: "kind").map { "<p class=\"err\">\($0)</p>" as HTML })</fieldset>
        \(field(Text("要一起办什么", "What is to be done"), for: "purpose", hint: Text(
            "叫到的单位只看得到这里写的，看不到工单和诉求人；不要写谁反映的。",
            "Who is called reads this and not the case or who told it: name nobody."
        ), error: error?.text(for: "purpose"), """
            <textarea id="purpose" name="purpose" rows="4" maxlength="1000" required\
            \(described("purpose", hint: true, error: error?.text(for: "purpose")))>\(typed("purpose", ""))</textarea>
            """))
        \(field(Text("到哪里集合", "Where to come"), for: "location", error: error?.text(for: "location"), """
            <input id="location" name="location" maxlength="120" required autocomplete="off" value="\(typed("location", place))"\
            \(described("location", error: error?.text(for: "location")))>
            """))
        <fieldset class="field"><legend>\(Text("请哪些单位到场", "Who is called"))</legend>
        \(when: units.isEmpty, "<p class=\"note\">\(Text("上一级还没有登记可以叫的单位。", "No unit of the level above is registered."))</p>")
        <div class="choices">\(each: units, unit)</div>
        \(error?.text(for: "units").map { "<p class=\"err\">\($0)</p>" as HTML })</fieldset>
        <button class="btn">\(mayConfirm ? Text("吹哨", "Whistle") : Text("交书记确认", "Ask the secretary"))</button>
        \(when: !mayConfirm, atOnce)
        </form>
        """
    }

    private var atOnce: HTML {
        let words = Text("应急哨不用等，点了马上发出，同时告诉书记。", "An emergency goes out at once; the secretary is told.")
        return "<p class=\"hint\">\(words)</p>"
    }

    /// Where something happened at home is nobody's to know before they are told.
    private var place: String {
        item.spot == .home ? names.place(item.division) : String(item.whereabouts.prefix(120))
    }

    private var otherStoreys: HTML {
        """
        <nav class="seg" aria-label="\(Text("哪一级吹哨", "Which level whistles"))">\(each: storeys, { which in
            """
            <a href="\(WhistlePath.new(item.id))?storey=\(which.rawValue)"\(when: which == storey, " aria-current=\"page\"")>\
            \(which.name)</a>
            """
        })</nav>
        """
    }

    private func kind(_ kind: Whistle.Kind) -> HTML {
        let length = span(seconds: Int64(times.minutes(kind)) * 60)
        let isNatural = kind == .emergency || item.isUrgent
        let note =
            isNatural
            ? Text("\(length.zh)内到场，不分昼夜", "Within \(length.en), around the clock")
            : Text("\(length.zh)工作时间内到场", "Within \(length.en) of working time")
        return choice("kind", value: kind.rawValue, checked: typed("kind", "") == kind.rawValue, kind.name, note: note)
    }

    private func unit(_ unit: UnitSummary) -> HTML {
        let isOn = attempt?.form.all("units").contains("\(unit.id)") ?? false
        return """
            <label class="check"><input type="checkbox" name="units" value="\(unit.id)"\(when: isOn, " checked")>\
            <span>\(unit.name)</span></label>
            """
    }
}
