import LinliCore
import LinliKernel
import LinliUI

/// Where somebody of the household signs: drawn with a finger; without a script the name and a tick.
struct VisitSignature {
    let form: Form
    /// A drawing of an earlier try, as a hidden field says it.
    let kept: String?
    let error: Text?

    private var isAgreed: Bool { form["signed"] == "yes" }

    var html: HTML {
        """
        <details class="more"\(when: error != nil || kept != nil, " open")><summary>\(icon("edit"))\(Text("请住户签名（可不签）", "Have the household sign (optional)"))</summary>
        <div class="stack" data-sign>
        \(kept.map { "<input type=\"hidden\" name=\"kept-signature\" value=\"\($0)\"><p class=\"note\">\(Text("刚才的签名还在。", "The signature drawn before is kept."))</p>" as HTML })
        \(field(
            Text("签名的人", "Who signs"), for: "signer", optional: true, error: error,
            "<input id=\"signer\" name=\"signer\" maxlength=\"40\" autocomplete=\"off\" value=\"\(form["signer"] ?? "")\"\(described("signer", error: error))>"))
        <label class="check"><input type="checkbox" name="signed" value="yes"\(when: isAgreed, " checked")>\
        <span>\(Text("本人在场，同意以上记录", "Is present and agrees to what is noted"))</span></label>
        </div></details>
        """
    }
}
