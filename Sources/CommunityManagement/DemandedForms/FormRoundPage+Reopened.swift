import LinliCore
import LinliKernel
import LinliUI

/// A round that was opened again: what stays, what is filled anew, what it was handed in with before.
extension FormRoundPage {
    private var here: String { "/desk/forms/rounds/\(round.id)" }

    /// What reopening does and does not.
    static let stays = Text(
        "重新打开的一期：交的时候的名单、列和内容都不动，登记后来改了、以后的期填了别的也不动它。空着的接着填；哪一列错了，让那一列重填。",
        "Opened again: it keeps its rows, columns and cells as handed in, whatever the registers and later periods say. Fill what is empty; have a column filled anew where it is wrong."
    )

    /// Has a column filled anew, or the list.
    var refill: HTML {
        let wrong = error?.text(for: "refill")
        let rows = (value: "\(FormRound.rowsAnew)", text: Text("名单：按现在该填的人和户", "The list: who is on it now"))
        let columns = form.columns.indices.map { (value: "\($0)", text: form.name(of: $0)) }
        return """
            <section class="card" aria-labelledby="anew"><div class="hd"><h2 id="anew">\(Text("重填", "Fill anew"))</h2></div>
            <form class="pad stack" method="post" action="\(here)/done">\(LinliUI.formToken(formToken))
            \(field(Text("重填什么", "What"), for: "refill", hint: Text(
                "登记里有的，换成现在登记的；要人填的，再问一遍，交的时候的答案可以照旧。没选的都不动。",
                "What the registers know is as they know it now; what is asked is asked again, and the answer handed in may stand. All else stays."),
                error: wrong, select("refill", columns + [rows], selected: typed["refill"])))
            <div class="btns"><button class="btn weak">\(Text("重填", "Fill anew"))</button></div></form></section>
            """
    }

    /// What it was handed in with before, and who opened it again.
    func earlier(_ reopening: FormReopening) -> HTML {
        let (before, at) = (reopening.handedInAt.dayAndTime, reopening.at.dayAndTime)
        let by = reopening.by ?? "–"
        let said = Text(
            "\(before.zh)交过一份；\(at.zh)\(by)重新打开。", "Handed in \(before.en); opened again \(at.en) by \(by).")
        let hasFile = mayExport && reopening.sources != nil
        return """
            <section class="card" aria-labelledby="earlier"><div class="hd"><h2 id="earlier">\(Text("以前交的", "Handed in before"))</h2></div>
            <p class="pad note">\(said)</p>
            \(when: hasFile, """
                <form class="pad" method="post" action="\(here)/file">\(LinliUI.formToken(formToken))\
                <input type="hidden" name="earlier" value="yes"><div class="btns">\
                <button class="btn ghost" name="as" value="xlsx">\(Text("导出那一份（Excel）", "Take that out (Excel)"))</button>\
                <button class="btn ghost" name="as" value="csv">CSV</button></div></form>
                """)</section>
            """
    }
}
