import LinliCore
import LinliKernel
import LinliUI

/// Somebody who does something in a grid, and how to call them.
struct GridPersonPage {
    let role: GridRole
    /// Their number, once it was asked for.
    let phone: String?
    let mayCall: Bool
    let seesPerson: Bool
    let formToken: String
    let now: Instant
    let names: DivisionNames

    var page: Page { Page(Text(same: role.name), frame: .grid("/grid"), body) }

    private var body: HTML {
        """
        <main id="main" class="one">
        <section class="card" aria-labelledby="h-person"><div class="hd"><h1 id="h-person">\(role.name)</h1>\
        \(tag(role.kind.name, .plain))</div>
        <dl class="kv"><dt>\(Text("网格", "Grid"))</dt><dd>\(names.place(role.division))</dd>\
        \(when: !role.address.isEmpty, "<dt>\(Text("楼、单元", "Building"))</dt><dd>\(role.address)</dd>")\
        <dt>\(Text("从", "From"))</dt><dd>\(role.from.date.full)</dd>\
        \(role.until.map { "<dt>\(Text("到", "Until"))</dt><dd>\($0.date.adding(days: -1).full)</dd>" as HTML })\
        <dt>\(Text("电话", "Phone"))</dt><dd class="num">\(number)</dd></dl>
        <div class="pad">\(action)</div>
        </section>
        \(person)
        </main>
        """
    }

    private var number: HTML {
        if let phone { return "<a href=\"tel:\(phone)\">\(phone)</a>" }
        return role.phoneMask.isEmpty ? "\(Text("没有登记", "None"))" : "\(role.phoneMask)"
    }

    private var action: HTML {
        if let phone {
            return "<a class=\"btn wide\" href=\"tel:\(phone)\">\(icon("phone"))\(Text("打电话", "Call"))</a>"
        }
        guard mayCall, !role.phoneMask.isEmpty else { return .empty }
        return """
            <form method="post" action="/grid/people/\(role.id)/phone">\(LinliUI.formToken(formToken))\
            <button class="btn wide">\(icon("phone"))\(Text("看号码，打电话", "Open the number"))</button></form>
            <p class="hint">\(Text("在班时才能看，会记下您看过。", "Only on duty; it is noted that you did."))</p>
            """
    }

    private var person: HTML {
        guard seesPerson, let person = role.person else { return .empty }
        return """
            <section class="card"><a class="cell" href="\(RegisterPath.desk(RegisterSubject(.person, person)))">\
            <span class="bd"><span class="ttl">\(Text("名册里的登记", "Their entry in the register"))</span></span>\
            \(icon("chevron"))</a></section>
            """
    }
}
