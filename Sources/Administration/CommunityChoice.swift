import LinliCore
import LinliKernel
import LinliUI

/// Which community a page of the registers shows, and which others its reader may look at.
struct CommunityChoice: Sendable {
    /// The one shown; nil when the reader has none.
    let community: DivisionCode?
    /// All of them, up to 800.
    let all: [DivisionCode]

    /// The community of `code`, else the first that has places, a committee, or just the first.
    ///
    /// - Throws: `.notFound` for a division of others.
    init(_ code: DivisionCode?, _ actor: Actor, at now: Instant, _ tx: ReadTx) throws {
        let divisions = actor.scope(for: .registersRead).divisions
        let within = try DivisionChoices.within(divisions, at: now, tx).filter { $0.level == .community }
        let lived = try PlacesAdminStore.communities(in: divisions, tx)
        let staffed = try divisions.flatMap { try UnitsStore.list(in: $0, tx) }
            .filter { [.committee, .village].contains($0.kind) && $0.division.level == .community }.map(\.division)
        all = Array(Set(within + lived + staffed).sorted().prefix(800))
        guard let code else {
            community = lived.first ?? staffed.first ?? all.first
            return
        }
        let wanted = code.ancestor(at: .community)
        guard wanted.level == .community, actor.may(.registersRead, in: wanted),
            try DivisionsStore.find(wanted, at: now, tx) != nil
        else { throw LinliError.notFound("registers.community") }
        community = wanted
    }

    /// The choice as a form above the page; nothing for who has one community.
    func form(_ path: String, _ names: DivisionNames) -> HTML {
        guard all.count > 1 else { return .empty }
        return """
            <form class="flt" action="\(path)"><select name="under" aria-label="\(Text("社区（村）", "Community"))" data-go>\
            \(each: all, { code in
                """
                <option value="\(code.short)"\(when: code == community, " selected")>\
                \(names[code.ancestor(at: .street)]) \(names[code])</option>
                """
            })</select><button class="btn ghost">\(Text("换社区", "Go"))</button></form>
            """
    }

    /// What stands there when no community was set up yet.
    static let none: HTML = emptyState(
        Text("还没有社区", "No community yet"),
        Text("先在“区划网格”里给街道加社区，再给社区加网格。", "First add a community to the street under “Divisions”, then its grids."),
        icon: "tree",
        action: "<a class=\"btn\" href=\"/admin/divisions\">\(Text("去加社区", "Add a community"))</a>"
    )
}
