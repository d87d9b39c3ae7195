import LinliCore
import LinliKernel
import LinliUI

/// The card of a case's page that gives its evidence out.
struct BundleCard {
    /// The name of its form.
    static let step = "evidence"
    let page: DeskCase

    var html: HTML {
        let forms = DeskForms(page: page)
        let attempt = forms.attempt(BundleCard.step)
        let error = attempt?.error?.text(for: "purpose")
        let mayReveal = page.view.standing.seesReporter && page.surroundings.hasSecrets
        return """
            <section class="card"><details class="more pad"\(when: attempt != nil, " open")>\
            <summary>\(icon("download", small: true))\(Text("证据包", "Evidence"))</summary>
            <form class="stack" method="post" action="\(forms.base)/evidence.pdf" data-again>\(forms.hidden)
            \(field(
                Text("用途", "What for"), for: "evidence-purpose",
                hint: Text(
                    "办理经过、时限、照片和审计证明。下载记入审计，用途印在每一页。",
                    "What happened, clocks, photos, and what proves them. The download is audited; the purpose stands on each page."
                ), error: error,
                """
                <input id="evidence-purpose" name="purpose" maxlength="\(StatedPurpose.limit)" required autocomplete="off" \
                value="\(attempt?.form["purpose"] ?? "")"\(described("evidence-purpose", hint: true, error: error))>
                """
            ))
            \(when: mayReveal, """
                <label class="check"><input type="checkbox" name="reporter" value="yes"\
                \(when: attempt?.form["reporter"] == "yes", " checked")>\
                <span>\(Text("写明诉求人姓名、电话和原文", "With name, phone and words in clear"))</span></label>
                """)
            <div class="btns"><button class="btn weak">\(Text("下载 PDF", "Download the PDF"))</button>\
            <button class="btn ghost" formaction="\(forms.base)/evidence.json">\(Text("下载数据文件", "Data file"))</button></div>
            </form></details></section>
            """
    }
}
