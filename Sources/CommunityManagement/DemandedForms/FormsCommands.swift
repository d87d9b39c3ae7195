import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Forms demanded from above: registered, matched once, filled, exported, done.
struct FormsCommands: Sendable {
    let services: Services
    private var database: Database { services.database }

    init(_ services: Services) { self.services = services }

    /// Under which name headings are remembered.
    static let memory = "demandedForm"

    /// Registers a form as it was uploaded, with what its columns are suggested to be.
    ///
    /// - Throws: `.invalid` without a title or issuer, `.notFound` for a place outside one's duties.
    func register(_ form: DemandedForm, _ context: Context) async throws -> ID<DemandedForm> {
        guard form.division.level >= .community, context.actor.may(.peopleEdit, in: form.division) else {
            throw LinliError.notFound("forms.division")
        }
        var wrong: [LinliError.Field] = []
        if !(1...100).contains(form.title.count) {
            wrong.append(.init("title", Text("请写表名，100 字以内", "Please name it, up to 100 characters")))
        }
        if !(1...100).contains(form.issuer.count) {
            wrong.append(.init("issuer", Text("请写是谁要的", "Please say who demands it")))
        }
        if form.basis.count > 200 { wrong.append(.init("basis", Text("最多 200 字", "At most 200 characters"))) }
        guard wrong.isEmpty else { throw LinliError.invalid("forms.register", wrong) }
        let headings = form.layout.names
        return try await database.write(context, "forms.register") { tx in
            let book = try LabelBook.current(tx)
            guard form.label.isEmpty || book[label: form.label] != nil else {
                throw LinliError.invalid("forms.label", [.init("label", Text("没有这个标签", "There is no such label"))])
            }
            let remembered = try SheetDrafts.remembered(FormsCommands.memory, headings.map(FormMatch.plain), tx)
            var made = form
            made.id = try tx.newID(DemandedForm.self)
            made.columns = headings.map { FormMatch.suggest($0, book, remembered: remembered) }
            try FormsStore.insert(made, tx)
            try tx.audit(
                Subject("demandedForm", made.id, division: form.division), fields: ["layout", "columns"],
                values: [form.title, form.issuer])
            return made.id
        }
    }

    /// The form, for who may work on it.
    func find(_ id: ID<DemandedForm>, _ context: Context) async throws -> DemandedForm {
        guard let form = try await database.read({ try FormsStore.find(id, $0) }),
            context.actor.may(.peopleEdit, in: form.division)
        else { throw LinliError.notFound("forms.form") }
        return form
    }

    /// Says what the columns are; the next form with the same headings knows it.
    func match(_ id: ID<DemandedForm>, _ columns: [FormColumn], version: Int, _ context: Context) async throws {
        let form = try await find(id, context)
        guard columns.map(\.name) == form.columns.map(\.name), columns.allSatisfy({ $0.missing?.count ?? 0 <= 100 })
        else {
            throw LinliError.invalid("forms.columns", [.init("columns", Text("请从页面上选", "Please choose on the page"))])
        }
        let book = try await database.read { try LabelBook.current($0) }
        for column in columns where column.source.fieldClass(book) == .special {
            guard context.actor.may(.peopleSpecial, in: form.division) else {
                throw LinliError.forbidden("forms.special")
            }
        }
        try await database.write(context, "forms.match") { tx in
            let changed = try tx.execute(
                "UPDATE demanded_form SET version = version + 1 WHERE id = \(id) AND version = \(version)")
            guard changed == 1 else {
                throw LinliError(
                    .conflict, "forms.version", Text("别人刚改过，请刷新再改", "Somebody just changed it; please reload"))
            }
            try FormsStore.put(columns, of: id, tx)
            try tx.audit(Subject("demandedForm", id, division: form.division), fields: ["columns"])
        }
        // What the memory of headings may hold at most.
        let known = columns.filter { $0.source != .ask && $0.source.text.unicodeScalars.count <= 40 }
            .map { (FormMatch.plain($0.name), $0.source.text) }
        try await SheetDrafts.remember(
            Dictionary(known, uniquingKeysWith: { first, _ in first }), FormsCommands.memory, database, context)
    }

    /// Takes a form off the list: it is not demanded any more.
    func retire(_ id: ID<DemandedForm>, _ context: Context) async throws {
        let form = try await find(id, context)
        try await database.write(context, "forms.retire") { tx in
            try tx.execute("UPDATE demanded_form SET retired_at = \(tx.now) WHERE id = \(id)")
            try tx.audit(Subject("demandedForm", id, division: form.division), fields: ["retired"])
        }
    }

    // MARK: Rounds

    /// Begins to fill a form for a period; the clock of its minutes starts. Asked again it gives the same round.
    func open(_ id: ID<DemandedForm>, period: String, _ context: Context) async throws -> ID<FormRound> {
        let form = try await find(id, context)
        let period = period.trimmed
        guard (1...20).contains(period.count) else {
            throw LinliError.invalid(
                "forms.period", [.init("period", Text("请写是哪一期，如 2026年11月", "Please say which period, such as 2026-11"))]
            )
        }
        let filled = try await FormsReading.fill(form, filler: context.actor.name, at: context.now, services)
        return try await database.write(context, "forms.open") { tx in
            let known: ID<FormRound>? = try tx.value(
                "SELECT id FROM demanded_round WHERE form_id = \(id) AND period = \(period)")
            let round = try known ?? tx.newID(FormRound.self)
            if known == nil {
                try tx.execute(
                    """
                    INSERT INTO demanded_round (id, form_id, period, opened_at, opened_by, people, cells, asked)
                    VALUES (\(round), \(id), \(period), \(tx.now), \(context.actor.account), \(filled.rows.count),
                        \(filled.cells), \(filled.open))
                    """
                )
            }
            try tx.audit(Subject("demandedForm", id, division: form.division), fields: ["round"])
            return round
        }
    }

    /// Keeps what somebody typed for cells that the registers do not know; empty takes an answer back.
    func answer(
        _ id: ID<DemandedForm>, _ typed: [(person: ID<Person>, column: Int, value: String)], _ context: Context
    ) async throws {
        let form = try await find(id, context)
        let people = Set(typed.map(\.person))
        guard people.count <= 200 else { throw LinliError.invalid("forms.answers", []) }
        let theirs = try await database.read { tx in
            try people.sorted().compactMap { try RegisterQueries.person($0, tx) }
                .filter { form.division.contains($0.division) }.map(\.id)
        }
        guard theirs.count == people.count else { throw LinliError.notFound("forms.person") }
        let answers = try typed.map { entry -> FormAnswer in
            guard form.columns.indices.contains(entry.column), entry.value.count <= 200 else {
                throw LinliError.invalid(
                    "forms.answer", [.init("answer", Text("每格最多 200 字", "At most 200 characters in a cell"))])
            }
            let answer: ID<FormAnswer> = try database.newID()
            let cell = Cell("demanded_answer", "value_sealed", answer.rawValue)
            let value = entry.value.trimmed
            return FormAnswer(
                id: answer, person: entry.person, name: FormMatch.plain(form.columns[entry.column].name),
                sealed: value.isEmpty ? nil : try database.keys.seal(value, cell: cell))
        }
        try await database.write(context, "forms.answer") { tx in
            try FormsStore.put(answers, tx)
            let fields = Set(typed.map { "column.\($0.column)" }).sorted()
            try tx.audit(Subject("demandedForm", id, division: form.division), fields: fields)
        }
    }

    /// Whether a form may be taken out, and by whom: closely kept columns need the right to read them now.
    func checkExport(_ form: DemandedForm, _ context: Context) async throws -> LabelBook {
        guard context.actor.may(.peopleExport, in: form.division) else { throw LinliError.forbidden("people.export") }
        let (book, onDuty) = try await database.read { tx in
            (try LabelBook.current(tx), try RegisterReading.isOnDuty(context, tx))
        }
        let ofLabel = book[label: form.label]?.fieldClass ?? .basic
        let classes = Set(form.columns.map { $0.source.fieldClass(book) } + [ofLabel])
        try RegisterReading.check(classes, context, form.division, onDuty: onDuty)
        return book
    }

    /// The filled form, after the audit says for each person that it went out, with what and why.
    func export(_ form: DemandedForm, _ round: FormRound, _ context: Context) async throws -> FilledForm {
        let book = try await checkExport(form, context)
        let filled = try await FormsReading.fill(form, filler: context.actor.name, at: context.now, services)
        let ofLabel = book[label: form.label]?.noted() ?? []
        let fields = form.columns.reduce(into: ofLabel) { $0.formUnion($1.source.noted(book)) }.sorted()
        try await database.write(context, "registers.export", reason: FormsCommands.reason(form)) { tx in
            for row in filled.rows {
                try tx.audit(RegisterSubject(.person, row.person).subject(in: form.division), fields: fields)
            }
            try tx.audit(Subject("demandedRound", round.id, division: form.division), fields: ["export"])
        }
        return filled
    }

    private static func reason(_ form: DemandedForm) -> String {
        let title = PersonalNumbers.replacing(in: form.title) { $0.masked }
        return "\(ReadingPurpose.report.rawValue): \(title)"
    }

    /// Notes who is named on the list of a form about a closely kept label, before the list is shown: who stands on it
    /// has that label.
    ///
    /// - Throws: `.forbidden` for who may not read such facts now.
    func noteNamed(_ people: [ID<Person>], of form: DemandedForm, _ context: Context) async throws {
        guard !people.isEmpty else { return }
        let (book, onDuty) = try await database.read { tx in
            (try LabelBook.current(tx), try RegisterReading.isOnDuty(context, tx))
        }
        guard let label = book[label: form.label], label.fieldClass > .basic else { return }
        try RegisterReading.check([label.fieldClass], context, form.division, onDuty: onDuty)
        let fields = label.noted().sorted()
        try await database.write(context, "registers.read", reason: FormsCommands.reason(form)) { tx in
            for person in people {
                try tx.audit(RegisterSubject(.person, person).subject(in: form.division), fields: fields)
            }
        }
    }

    /// Ends a round: the minutes since it was opened count unless somebody says otherwise; the next due day is set.
    func finish(_ round: FormRound, minutes: Int?, _ context: Context) async throws {
        let form = try await find(round.form, context)
        if let minutes, !(0...100_000).contains(minutes) {
            throw LinliError.invalid(
                "forms.minutes", [.init("minutes", Text("请填 0 到 100000 的整数", "A whole number up to 100000"))])
        }
        try await database.write(context, "forms.finish") { tx in
            let measured = Int(tx.now.seconds(since: round.openedAt) / 60)
            let spent: Int = minutes ?? measured
            try tx.execute(
                "UPDATE demanded_round SET done_at = \(tx.now), minutes = \(spent) WHERE id = \(round.id)")
            if round.doneAt == nil, let due = form.due {
                let next: Int? = form.rhythm.next(after: due)?.daysSinceEpoch
                try tx.execute("UPDATE demanded_form SET due = \(next) WHERE id = \(form.id)")
            }
            try tx.audit(Subject("demandedRound", round.id, division: form.division), fields: ["done", "minutes"])
        }
    }
}
