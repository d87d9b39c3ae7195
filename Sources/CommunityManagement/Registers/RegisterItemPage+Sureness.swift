import LinliCore
import LinliKernel
import LinliUI

extension RegisterItemPage {
    /// The question whether two entries that differ are of one person, once somebody asked to merge them.
    var sureness: HTML {
        guard failed == "merge", let question = error?.text(for: "same") else { return .empty }
        let wrong = error?.text(for: "because")
        return """
            <form class="pad stack" method="post" action="\(base)/merge">\(version)
            <input type="hidden" name="other" value="\(form["other"] ?? "")">\
            <input type="hidden" name="twin" value="\(form["twin"] ?? "")">
            <p class="err" id="same-error">\(question)</p>
            <label class="check"><input type="checkbox" name="same" value="yes" aria-describedby="same-error"\
            \(when: form["same"] != nil, " checked") required><span>\(Text("核对过了，是同一个人", "I have checked: they are one person"))</span></label>
            \(field(
                Text("凭什么确认", "How you know"), for: "because",
                hint: Text("历史里会写着，如“看了户口簿，号码当时登错了”。", "The history keeps it, such as “seen in the household book, the number was mistyped”."),
                error: wrong, """
                <input id="because" name="because" maxlength="200" autocomplete="off" value="\(form["because"] ?? "")"\
                \(described("because", hint: true, error: wrong)) required>
                """))
            <button class="btn ghost">\(Text("确认并进来", "Merge them"))</button></form>
            """
    }
}
