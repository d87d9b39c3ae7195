import LinliCore
import LinliKernel
import LinliUI

/// Messages to who is known by phone only, on the page of the receipt.
enum NeedMessages {
    /// The card; nothing where no phone is written to.
    static func card(_ model: NeedCaseModel) -> HTML {
        if model.isSilenced { return silenced }
        guard model.reader.receipt != nil, model.reach != .none else { return .empty }
        let isStopped = model.reach == .stopped
        let words =
            isStopped
            ? Text("这个手机号已经不再收办理进展短信，进展请在这里看。", "This phone gets no more messages; how far it is stands here.")
            : Text(
                "办完请您评价、暂停、延期或者复核有结论时，给您留的手机发一条短信。停了以后，这个号码反映的所有事都不再发。",
                "The phone you left gets a message when you are asked, and when there is a pause, a delay or a decision. Stopped, it gets none about anything told from it."
            )
        return """
            <section class="card" aria-labelledby="h-messages">
            <div class="hd"><h2 id="h-messages">\(Text("短信", "Messages"))</h2></div>
            <div class="pad stack"><p class="note">\(words)</p>
            <form method="post" action="\(model.reader.path)/messages">\(formToken(model.formToken))\
            <input type="hidden" name="wanted" value="\(isStopped ? "yes" : "no")">\
            <button class="btn ghost">\(isStopped ? Text("恢复短信", "Send them again") : Text("不再发短信", "Stop messages"))\
            </button></form></div></section>
            """
    }

    /// For who is signed in and closed messages: that this case sends none either, and where to have them again.
    private static let silenced: HTML = """
        <section class="card" aria-labelledby="h-messages">
        <div class="hd"><h2 id="h-messages">\(Text("短信", "Messages"))</h2></div>
        <p class="pad note">\(Text("您关了办理进展短信，这件事的进展只在这里看。", "Messages are off: how far it is stands only here. "))\
        <a href="/me">\(Text("到“我的”里打开", "Have them again under “Me”"))</a></p></section>
        """

    /// That messages were stopped or begin again, to who has just said so.
    static func done(_ model: NeedCaseModel) -> HTML {
        guard model.done == "messages" else { return .empty }
        switch model.reach {
        case .stopped:
            let words = Text("短信停了，这个号码不再收办理进展短信。", "Messages are stopped for this phone.")
            return notice(words, .ok, icon: "done")
        case .written: return notice(Text("短信恢复了。", "Messages are sent again."), .ok, icon: "done")
        case .none: return .empty
        }
    }

    /// What the form says.
    ///
    /// - Throws: `.invalid` for a form that says nothing.
    static func wanted(_ form: Form) throws -> Bool {
        guard let isWanted = form["wanted"].flatMap({ ["yes": true, "no": false][$0] }) else {
            throw LinliError.invalid(
                "needs.messages", [.init("wanted", Text("请选要还是不要", "Please choose yes or no"))])
        }
        return isWanted
    }
}
