import LinliCore
import LinliKernel
import LinliUI

/// Words, addresses and small pieces that more than one page of the registers uses.
enum RegisterWords {
    /// The page of something.
    static func path(_ subject: RegisterSubject) -> String {
        "/registers/\(subject.kind.rawValue)/\(id(subject))"
    }

    /// The 13 characters of an identifier.
    static func id(_ subject: RegisterSubject) -> String { ID<RegisterItem>(rawValue: subject.id).description }

    /// - Source: GB/T 2261.1
    static func sex(_ sex: Int) -> Text {
        switch sex {
        case 1: Text("男", "Male")
        case 2: Text("女", "Female")
        default: Text("未说明", "Not stated")
        }
    }

    /// Who or what said so.
    static func source(_ source: String) -> Text {
        switch source {
        case "staff": Text("工作人员", "Staff")
        case "import": Text("导入", "Import")
        case "resident": Text("本人", "The person")
        case "demo": Text("演示数据", "Demo")
        case "offline": Text("手机离线录入", "A phone without a network")
        default: Text(same: source)
        }
    }

    /// The icon of a kind.
    static func icon(_ kind: RegisterKind) -> String {
        switch kind {
        case .person: "user"
        case .household: "family"
        case .dwelling: "door"
        case .organization: "building"
        case .thing: "tools"
        }
    }

    /// The name of a field or of another word of the history.
    static func field(_ id: String) -> Text {
        if let field = RegisterField.named(id) { return field.name }
        if let relation = RegisterRelation(rawValue: id) { return relation.name }
        if let reason = EndReason(rawValue: id) { return reason.name }
        return switch id {
        case "address": Text("住址", "Address")
        case "tie": Text("怎么住", "As what")
        case "relation": Text("与户主关系", "To the head")
        case "since": Text("从哪天起", "Since")
        case "until": Text("哪天的事", "On which day")
        case "because": Text("凭什么确认是同一个人", "How they are known to be one person")
        case "noHome": Text("没有住处可以还给他了，请登记现在住哪里", "no home was left to go back to: enter where they live")
        default: Text("", "")
        }
    }

    /// A value of the history that is no field's: how somebody is tied to a home, what they are to the head.
    static func home(_ name: String, _ value: String) -> Text {
        switch name {
        case "tie": ResidenceTie(rawValue: value)?.name ?? Text(same: value)
        case "relation": HouseholdRelation(rawValue: value)?.name ?? Text(same: value)
        case "since", "until": CivilDate(value)?.full ?? Text(same: value)
        default: Text(same: value)
        }
    }
}

/// A page of the registers in the frame of its reader: the desk, or the phone of who walks a grid and nothing else.
struct RegisterFrame: Sendable {
    let isGrid: Bool

    init(_ actor: Actor) {
        let roles = Set(actor.grants.filter { $0.permissions.contains(.peopleRead) }.map(\.role))
        isGrid = roles == [Role.gridWorker.id]
    }

    func page(
        _ title: Text, heading: HTML? = nil, back: (path: String, name: Text)? = nil, top: HTML = .empty, main: HTML,
        side: HTML = .empty
    ) -> Page {
        let link: HTML =
            back.map { back -> HTML in
                "<a class=\"btn ghost sm\" href=\"\(back.path)\">\(icon("back", small: true))\(back.name)</a>"
            } ?? .empty
        let name = heading ?? "\(title)"
        guard isGrid else {
            return Page(
                title, frame: .desk("/registers"),
                """
                <main id="main" class="wrap">
                <div class="ttlbar"><h1>\(name)</h1>\(link)</div>
                \(top)
                <div class="stack">\(main)</div>
                \(when: !side.isEmpty, "<aside class=\"stack\">\(side)</aside>")
                </main>
                """)
        }
        return Page(
            title, frame: .grid("/registers"),
            """
            <main id="main">
            <div class="card pad full row"><h1>\(name)</h1><span class="sp"></span>\(link)</div>
            \(top)
            <div class="col">\(main)</div>
            \(when: !side.isEmpty, "<div class=\"col side\">\(side)</div>")
            </main>
            """)
    }
}

/// A card with a heading.
func card(_ title: Text, _ content: HTML, more: HTML = .empty) -> HTML {
    "<section class=\"card\"><div class=\"hd\"><h2>\(title)</h2>\(more)</div>\(content)</section>"
}

/// A row that leads somewhere.
func cell(_ path: String, _ name: HTML, _ note: HTML, icon symbol: String? = nil, end: HTML = .empty) -> HTML {
    """
    <li><a class="cell" href="\(path)">\(symbol.map { icon($0) })<span class="bd"><span class="ttl">\(name)</span>\
    <span class="sub">\(note)</span></span>\(end)\(icon("chevron", small: true))</a></li>
    """
}
