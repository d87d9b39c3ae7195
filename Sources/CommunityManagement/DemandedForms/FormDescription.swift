import LinliCore
import LinliKernel
import LinliSQL

/// What a form is called, who demands it, on what ground, how often and by when: what may be corrected of a form that was
/// registered. Its sheet and what its rows stand for make it another form.
struct FormDescription: Sendable {
    var title: String
    var issuer: String
    var basis: String
    var rhythm: FormRhythm
    var due: CivilDate?
    /// Of the form that was looked at.
    var version: Int

    /// What is wrong with it.
    static func problems(title: String, issuer: String, basis: String) -> [LinliError.Field] {
        var wrong: [LinliError.Field] = []
        if !(1...100).contains(title.count) {
            wrong.append(.init("title", Text("请写表名，100 字以内", "Please name it, up to 100 characters")))
        }
        if !(1...100).contains(issuer.count) {
            wrong.append(.init("issuer", Text("请写是谁要的", "Please say who demands it")))
        }
        if basis.count > 200 { wrong.append(.init("basis", Text("最多 200 字", "At most 200 characters"))) }
        return wrong
    }
}

extension FormsCommands {
    /// Corrects what is said of a form: issuers merge, a monthly form becomes a quarterly one. Its periods and their minutes
    /// stay.
    ///
    /// - Throws: `.invalid` without a title or issuer, `.conflict` when somebody changed it meanwhile, `.notFound` for a form
    ///   of others.
    func describe(_ id: ID<DemandedForm>, _ said: FormDescription, _ context: Context) async throws {
        let form = try await find(id, context)
        let wrong = FormDescription.problems(title: said.title, issuer: said.issuer, basis: said.basis)
        guard wrong.isEmpty else { throw LinliError.invalid("forms.describe", wrong) }
        try await database.write(context, "forms.describe") { tx in
            let changed = try tx.execute(
                """
                UPDATE demanded_form SET title = \(said.title), issuer = \(said.issuer), basis = \(said.basis),
                    rhythm = \(said.rhythm), due = \(said.due?.daysSinceEpoch), version = version + 1
                WHERE id = \(id) AND version = \(said.version)
                """)
            guard changed == 1 else { throw FormsCommands.changedMeanwhile }
            try tx.audit(
                Subject("demandedForm", id, division: form.division), fields: ["description"],
                values: [said.title, said.issuer])
        }
    }

    static let changedMeanwhile = LinliError(
        .conflict, "forms.version", Text("别人刚改过，请刷新再改", "Somebody just changed it; please reload"))
}
