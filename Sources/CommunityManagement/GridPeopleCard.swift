import LinliCore
import LinliKernel
import LinliUI

/// People of grids as lists on other pages.
enum GridPeopleWords {
    /// A row that leads to how to call them.
    static func row(_ role: GridRole) -> HTML {
        let note: HTML =
            role.address.isEmpty ? "\(role.kind.name)" : "\(role.kind.name) · \(role.address)"
        return """
            <li><a class="cell" href="/grid/people/\(role.id)"><span class="bd"><span class="ttl">\(role.name)</span>\
            <span class="sub">\(note)</span></span>\
            \(when: !role.phoneMask.isEmpty, "<span class=\"num\">\(role.phoneMask)</span>")\(icon("chevron"))</a></li>
            """
    }

    /// A card of who to call; nothing where nobody is.
    static func card(_ roles: [GridRole], id: String, more: HTML = .empty) -> HTML {
        guard !roles.isEmpty || !more.isEmpty else { return .empty }
        let rows: HTML =
            roles.isEmpty
            ? emptyState(
                Text("还没有网格长、楼门长、志愿者", "No head, steward or volunteer yet"),
                Text("社区书记、主任可以加。", "The community's head can add them."), icon: "people")
            : "<ul class=\"lines\">\(each: roles, row)</ul>"
        return """
            <section class="card" aria-labelledby="\(id)"><div class="hd"><h2 id="\(id)">\
            \(Text("找谁：网格长、楼门长、志愿者", "Who to call"))</h2></div>\(rows)\
            \(when: !more.isEmpty, "<div class=\"pad row\">\(more)</div>")</section>
            """
    }
}
