import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Adding whom staff have before them, or on the phone, to an open case that is about the same, by the form in which
/// another one would be registered.
struct StaffJoining {
    let form: Form
    /// Whether the form around it does not ask who tells it.
    let asksWho: Bool
    /// What is wrong with what was typed.
    var error: LinliError?
    /// Which draft of a form with several it is for; nil for a form with one.
    var draft: Int?

    /// What the Enter key chooses: registering, as without similar cases. A form with several drafts has it once.
    var first: HTML {
        guard draft == nil else { return .empty }
        return """
            <button class="sr" tabindex="-1" aria-hidden="true">\(Text("登记", "Register"))</button>
            """
    }

    /// That these were shown: what is sent with it is not asked about again.
    func seen(_ rows: [CaseRow]) -> HTML {
        let shown: String = draft == nil ? "seen" : rows.map { "\($0.id)" }.joined(separator: ",")
        return """
            <input type="hidden" name="\(name("similar"))" value="\(shown)">
            """
    }

    /// Adds them to one of the cases. Without the outbox of the phone: whether it may be joined is answered at once.
    func button(_ row: CaseRow) -> HTML {
        let value: String = draft.map { "\($0):\(row.id)" } ?? "\(row.id)"
        return """
             <button class="btn weak sm" name="join" value="\(value)" data-online>\
            \(Text("是同一件，把这位加进去", "The same: add this person"))</button>
            """
    }

    /// What is asked besides, and what adding somebody means.
    var fields: HTML {
        """
        <p class="note">\(Text(
            "加进去就不另立工单，这里填的话、照片和联系方式都用上；对方有自己的编号，照样收到进展、能评价、能要求重办。",
            "No second case is made; words, photos and contact are used. They get their own number, are told, may rate and ask again."
        ))</p>
        \(when: asksWho, who)
        \(input(
            "home", Text("对方家门牌", "Their door"), limit: 40,
            hint: Text(
                "加进去才用：只用来数有几户反映，不记门牌本身。如：3号楼2单元1203。",
                "For adding only: it counts homes and is not kept itself. Such as: building 3, entrance 2, 1203."
            )
        ))
        """
    }

    private var who: HTML {
        """
        \(input("name", Text("对方怎么称呼", "Their name"), limit: 30))
        \(input("phone", Text("对方电话", "Their phone"), limit: 20, extra: " type=\"tel\" inputmode=\"tel\""))
        """
    }

    private func name(_ field: String) -> String { draft.map { "\(field)-\($0)" } ?? field }

    private func input(
        _ field: String, _ label: Text, limit: Int, hint: Text? = nil, extra: HTML = .empty
    ) -> HTML {
        let (id, wrong): (String, Text?) = (name(field), error?.text(for: field))
        return LinliUI.field(
            label, for: id, hint: hint, optional: true, error: wrong,
            """
            <input id="\(id)" name="\(id)" maxlength="\(limit)" autocomplete="off" value="\(form[id] ?? "")"\(extra)\
            \(described(id, hint: hint != nil, error: wrong))>
            """
        )
    }

    /// Adds who tells a draft to a case, with what the form says of them.
    ///
    /// - Throws: as `CaseCommands.join(caller:to:)`.
    static func join(
        _ draft: CaseDraft, to lead: ID<Case>, once: String, _ request: Request, _ services: Services
    ) async throws -> CaseCommands.Taken {
        let form = request.form
        var draft = draft
        draft.home = String((form["home"] ?? "").prefix(40))
        draft.reporterName = form["name"] ?? ""
        draft.reporterPhone = form["phone"].map { PhoneNumber($0)?.number ?? $0 } ?? ""
        return try await add(draft, to: lead, once: once, request.context, services)
    }

    /// Adds who tells a draft, which says who that is, to a case.
    ///
    /// - Throws: as `CaseCommands.join(caller:to:)`.
    static func add(
        _ draft: CaseDraft, to lead: ID<Case>, once: String, _ context: Context, _ services: Services
    ) async throws -> CaseCommands.Taken {
        var draft = draft
        // What somebody tells is a need, whatever the page was opened for.
        draft.type = NeedForm().type
        draft.settledWith = nil
        return try await services.commands.join(caller: draft, to: lead, once: once, context)
    }

    /// The case in which somebody who was joined speaks now, for whoever reads them its deadline; nil where they were not
    /// joined, and where who registered them does not see it.
    static func lead(
        of view: CaseView?, _ context: Context, _ services: Services
    ) async throws -> CaseView? {
        guard let lead = view?.voices.lead else { return nil }
        do {
            return try await services.queries.view(lead.id, context)
        } catch let error as LinliError where error.kind == .notFound {
            return nil
        }
    }
}
