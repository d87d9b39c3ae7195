import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// What who tells a case says about showing it to neighbours.
enum NeedPublicity {
    /// The tick of the report form.
    static func tick(_ model: ReportModel) -> HTML {
        """
        <label class="check"><input type="checkbox" name="publish" value="yes"\(when: model.form.isWilling, " checked") \
        aria-describedby="publish-hint"><span>\(Text("愿意公开给邻居看（不含我的信息）", "Neighbours may see it (without who I am)"))</span></label>
        <p class="hint" id="publish-hint">\(Text(
            "请来处理的事、投诉，您愿意才公开，以后随时能改：工作人员先去掉您的信息。公共设施的建议和询问整理后会公开。举报和点了单位名的投诉，勾了也不会公开。",
            "What asks for help and complaints only if you want, and you can change it later: staff first take out who you are. Suggestions and questions about public facilities become public once cleared. Tip-offs and complaints that name a unit are never shown publicly, even if you tick this."
        ))</p>
        """
    }

    /// The card of the case's own page; nothing for what can never be public.
    static func card(_ model: NeedCaseModel) -> HTML {
        let item = model.item
        let publication = model.view.publication
        let isShown = publication.map { $0.state != .withheld } ?? false
        // What is a voice of another case is made public no more, but who told it may always take it down.
        guard item.speaksIn == nil || isShown, item.accusation.isEmpty, item.nature != .tipOff,
            NeedWords.hasSteps(model.view.type, model.view.state)
        else {
            return .empty
        }
        return """
            <section class="card" aria-labelledby="h-public">
            <div class="hd"><h2 id="h-public">\(Text("公开给邻居看", "For neighbours to see"))</h2></div>
            <div class="pad stack"><p class="note">\(words(publication))</p>
            \(when: publication?.state == .cleared, """
                <p><a href="\(CasePath.neighbour(item.number))">\(Text("看邻居看到的样子", "See what neighbours see"))</a></p>
                """)
            \(when: publication?.withheldBy != .staff, button(model, isWilling: !isShown))
            </div></section>
            """
    }

    private static func words(_ publication: CasePublication?) -> Text {
        guard let publication else {
            return Text(
                "这件事现在不公开。您愿意的话，工作人员去掉您的信息、整理好以后公开，邻居能看到办到哪一步。",
                "It is private now. If you like, staff take out who you are and then neighbours see how far it is."
            )
        }
        switch (publication.state, publication.withheldBy) {
        case (.waiting, _):
            return Text(
                "工作人员整理好文字和照片以后公开，不写您是谁、住哪儿。",
                "It becomes public once staff have cleared words and photos; not who you are or where you live."
            )
        case (.cleared, _):
            return Text("邻居能看到这件事办到哪一步，看不到您是谁。", "Neighbours see how far it is, not who you are.")
        case (.withheld, .reporter): return Text("您选了不公开。", "You chose to keep it private.")
        case (.withheld, .staff): return Text("工作人员看过，决定不公开这件事。", "Staff looked at it and keep it private.")
        case (.withheld, _):
            return Text(
                "按现在的性质和类别，您愿意才公开。愿意的话，可以再提出来。",
                "By its nature and kind it is private unless you want it to be seen. You may ask for it."
            )
        }
    }

    private static func button(_ model: NeedCaseModel, isWilling: Bool) -> HTML {
        """
        <form method="post" action="\(model.reader.path)/publicity">\(formToken(model.formToken))\
        <input type="hidden" name="willing" value="\(isWilling ? "yes" : "no")">\
        <button class="btn \(isWilling ? "weak" : "ghost")">\(isWilling ? Text("愿意公开", "Make it public") : Text("不要公开", "Keep it private"))\
        </button></form>
        """
    }
}
