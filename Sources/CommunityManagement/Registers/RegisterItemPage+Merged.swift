import LinliCore
import LinliKernel
import LinliUI

extension RegisterItemPage {
    /// What was merged into it, with the way there and back.
    var mergedHere: HTML {
        guard !view.merged.isEmpty else { return .empty }
        return card(Text("并进来的登记", "Merged into this one"), "<ul>\(each: view.merged, mergedEntry)</ul>")
    }

    private func mergedEntry(_ merged: MergedEntry) -> HTML {
        let path = RegisterWords.path(merged.item.subject)
        return """
            <li><div class="cell"><span class="bd"><span class="ttl"><a href="\(path)">\(merged.item.name)</a></span>\
            <span class="sub">\(merged.at.date.full)\(when: !merged.actor.isEmpty, " · \(merged.actor)")</span></span>\
            \(when: mayEdit && isOpen, """
                <form method="post" action="\(path)/split">\(LinliUI.formToken(formToken))\
                <button class="btn ghost sm">\(Text("撤销合并", "Undo the merge"))\
                <span class="sr"> \(merged.item.name)</span></button></form>
                """)</div></li>
            """
    }
}
