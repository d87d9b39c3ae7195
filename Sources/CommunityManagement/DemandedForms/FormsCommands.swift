import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Forms demanded from above: registered, matched once, filled, exported, done.
struct FormsCommands: Sendable {
    let services: Services
    var database: Database { services.database }

    init(_ services: Services) { self.services = services }

    /// The widest division a form may be about: people are listed for a community at most, counts for a street too.
    static func widest(_ about: FormAbout) -> DivisionCode.Level { about == .division ? .street : .community }

    /// Under which name headings are remembered.
    static let memory = "demandedForm"

    /// Registers a form as it was uploaded, with what its columns are suggested to be.
    ///
    /// - Throws: `.invalid` without a title or issuer, `.notFound` for a place outside one's duties.
    func register(_ form: DemandedForm, _ context: Context) async throws -> ID<DemandedForm> {
        guard form.division.level >= FormsCommands.widest(form.about),
            context.actor.may(.peopleEdit, in: form.division)
        else { throw LinliError.notFound("forms.division") }
        var wrong = FormDescription.problems(title: form.title, issuer: form.issuer, basis: form.basis)
        if form.about == .division, form.division.level == .grid {
            wrong.append(
                .init("division", Text("填数的表按网格或社区一行，请选社区或街道", "Counts go by grid or community: choose a wider place")))
        }
        guard wrong.isEmpty else { throw LinliError.invalid("forms.register", wrong) }
        let headings = form.layout.names
        let id: ID<DemandedForm> = try database.newID()
        let layout = try form.layout.sealed(for: id, database.keys)
        return try await database.write(context, "forms.register") { tx in
            let book = try LabelBook.current(tx)
            guard form.label.isEmpty || form.about == .person else {
                throw LinliError.invalid(
                    "forms.label", [.init("label", Text("只有一人一行的表才按标签填", "Only a form of people goes by a label"))])
            }
            guard form.label.isEmpty || book[label: form.label] != nil else {
                throw LinliError.invalid("forms.label", [.init("label", Text("没有这个标签", "There is no such label"))])
            }
            let remembered = try FormsCommands.remembered(headings, in: form.division, tx)
            var made = form
            made.id = id
            made.columns = headings.map {
                FormMatch.suggest($0, book, about: form.about, remembered: remembered)
            }
            try FormsStore.insert(made, layout, tx)
            try tx.audit(
                Subject("demandedForm", made.id, division: form.division), fields: ["layout", "columns"],
                values: [form.title, form.issuer])
            return made.id
        }
    }

    /// The form, for who may work on it.
    func find(_ id: ID<DemandedForm>, _ context: Context) async throws -> DemandedForm {
        guard let form = try await database.read({ try FormsStore.find(id, database.keys, $0) }),
            context.actor.may(.peopleEdit, in: form.division)
        else { throw LinliError.notFound("forms.form") }
        return form
    }

    /// Says what the columns are; the next form of the place with the same headings knows it.
    func match(_ id: ID<DemandedForm>, _ columns: [FormColumn], version: Int, _ context: Context) async throws {
        let form = try await find(id, context)
        guard columns.map(\.name) == form.columns.map(\.name), columns.allSatisfy({ $0.missing?.count ?? 0 <= 100 })
        else {
            throw LinliError.invalid("forms.columns", [.init("columns", Text("请从页面上选", "Please choose on the page"))])
        }
        guard columns.allSatisfy({ $0.source.fits(form.about) && (0...3660).contains($0.keepsDays ?? 0) }) else {
            throw LinliError.invalid(
                "forms.source", [.init("columns", Text("这种表填不了这样的列", "Such a form has no such column"))])
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
            guard changed == 1 else { throw FormsCommands.changedMeanwhile }
            try FormsStore.put(columns, of: id, tx)
            try tx.audit(Subject("demandedForm", id, division: form.division), fields: ["columns"])
        }
        // What the memory of headings may hold at most.
        let known = columns.filter { $0.source != .ask && $0.source.text.unicodeScalars.count <= 40 }
            .map { (FormMatch.plain($0.name), $0.source.text) }
        let fields = Dictionary(known, uniquingKeysWith: { first, _ in first })
        try await SheetDrafts.remember(fields, FormsCommands.memory, in: form.division, database, context)
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

    /// Begins to fill a form for a period; the clock of its minutes starts. Asked again, however the period is spelled, it
    /// gives the same round.
    ///
    /// - Throws: `.invalid` for what is no period of its rhythm.
    func open(_ id: ID<DemandedForm>, period typed: String, _ context: Context) async throws -> ID<FormRound> {
        let form = try await find(id, context)
        guard let period = FormPeriod(typed, form.rhythm, on: context.now.date) else {
            let ways = form.rhythm.periods
            throw LinliError.invalid(
                "forms.period",
                [.init("period", Text("看不出是哪一期，请写清楚，\(ways.zh)", "This is no period of it; type one, \(ways.en)"))])
        }
        let filled = try await FormsReading.fill(
            form, since: context.now, period: period.text, filler: context.actor.name, at: context.now, services)
        return try await database.write(context, "forms.open") { tx in
            let known: ID<FormRound>? = try FormsStore.round(of: form, for: period, tx)
            let round = try known ?? tx.newID(FormRound.self)
            if known == nil {
                try tx.execute(
                    """
                    INSERT INTO demanded_round (id, form_id, period, opened_at, opened_by, people, cells, asked)
                    VALUES (\(round), \(id), \(period.text), \(tx.now), \(context.actor.account), \(filled.rows.count),
                        \(filled.cells), \(filled.open))
                    """
                )
            }
            try tx.audit(Subject("demandedForm", id, division: form.division), fields: ["round"])
            return round
        }
    }

    /// What is to stand in a cell.
    struct Typed: Sendable {
        let row: ID<FormRow>
        let column: Int
        let value: String
    }

    /// Keeps what is to stand in cells that the registers do not know; empty takes an answer back. `headings` is the stamp
    /// of the columns they were given by: under others they would be answers to something else, for every form that asks
    /// it. `byHand`: how many values somebody typed for it.
    ///
    /// - Throws: `.conflict` when the columns were changed meanwhile, the round was handed in, or a row is here no more.
    func answer(
        _ round: FormRound, under headings: String, _ typed: [Typed], byHand: Int, _ context: Context
    ) async throws {
        let form = try await self.form(of: round, context)
        guard round.doneAt == nil else { throw FormsCommands.isHandedIn }
        let rows = Set(typed.map(\.row))
        guard rows.count <= FormsCommands.mostRows else { throw LinliError.invalid("forms.answers", []) }
        guard form.stamp == headings else { throw FormsCommands.renewedMeanwhile }
        let keys = form.keys
        let answers = try typed.map { entry -> FormAnswer in
            guard form.columns.indices.contains(entry.column), entry.value.count <= 200 else {
                throw LinliError.invalid(
                    "forms.answer", [.init("answer", Text("每格最多 200 字", "At most 200 characters in a cell"))])
            }
            let answer: ID<FormAnswer> = try database.newID()
            let cell = Cell(FormAnswer.table(form.about), "value_sealed", answer.rawValue)
            let value = entry.value.trimmed
            return FormAnswer(
                id: answer, row: entry.row, name: keys[entry.column],
                sealed: value.isEmpty ? nil : try database.keys.seal(value, cell: cell))
        }
        try await database.write(context, "forms.answer") { tx in
            guard let now = try FormsStore.round(round.id, tx), now.doneAt == nil else {
                throw FormsCommands.isHandedIn
            }
            guard try FormsStore.stamp(of: now.layoutOf ?? form.id, tx) == headings else {
                throw FormsCommands.renewedMeanwhile
            }
            let theirs = try FormsStore.rows(rows.sorted(), of: form, in: now, at: tx.now, tx)
            guard theirs.known == rows.count else { throw LinliError.notFound("forms.row") }
            guard theirs.here == rows.count else { throw FormsCommands.isGone }
            try FormsStore.put(answers, of: now, about: form.about, outside: theirs.outside, tx)
            // Counted whether typed or not: an answer of last time that stands again is one that is handed in.
            try tx.execute(
                """
                UPDATE demanded_round SET typed = typed + \(byHand), revision = revision + 1 WHERE id = \(round.id)
                """)
            let fields = Set(typed.map { "column.\($0.column)" }).sorted()
            try tx.audit(Subject("demandedForm", form.id, division: form.division), fields: fields)
        }
    }

    static let isHandedIn = LinliError(
        .conflict, "forms.handedIn",
        Text(
            "这一期已经交上去了，填的答案不再变；交错了请先“重新打开”",
            "This period was handed in, its answers change no more: open it again first"))

    private static let isGone = LinliError(
        .conflict, "forms.gone",
        Text(
            "名单上有登记刚刚注销、删除了，或并到了别的登记，都还没有记下：请看一眼，再按“记下”",
            "An entry on it just ended, or was erased or merged; nothing is kept yet: please look and keep it again"))

    /// How many rows may be answered at once.
    static let mostRows = 200

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
    /// `earlier`: as it was handed in before it was opened again.
    func export(
        _ form: DemandedForm, _ round: FormRound, earlier: Bool = false, _ context: Context
    ) async throws -> FilledForm {
        let form = try await earlier ? handedInEarlier(form, round) : form.handedIn(round)
        let book = try await checkExport(form, context)
        let filled =
            earlier
            ? try await readEarlier(form, round) : try await FormsReading.fill(form, round, context, services)
        let ofLabel = book[label: form.label]?.noted() ?? []
        let fields = form.columns.reduce(into: ofLabel) { $0.formUnion($1.source.noted(book)) }.sorted()
        let ofHead = Set(
            form.columns.compactMap { column -> String? in
                if case .head(let field) = column.source { field.id } else { nil }
            }
        ).sorted()
        try await database.write(context, "registers.export", reason: FormsCommands.reason(form)) { tx in
            for row in filled.rows {
                if let kind = form.about.kind, !fields.isEmpty {
                    try tx.audit(RegisterSubject(kind, row.id).subject(in: form.division), fields: fields)
                }
                // Whose numbers stand in the row of a household reads it among their own readings.
                if let head = row.head, !ofHead.isEmpty {
                    try tx.audit(RegisterSubject(.person, head).subject(in: form.division), fields: ofHead)
                }
                for other in row.others.sorted() {
                    try tx.audit(RegisterSubject(.person, other).subject(in: form.division), fields: ["answer"])
                }
            }
            try tx.audit(Subject("demandedRound", round.id, division: form.division), fields: ["export"])
        }
        return filled
    }

    private static func reason(_ form: DemandedForm) -> String {
        let title = PersonalNumbers.replacing(in: form.title) { $0.masked }
        return "\(ReadingPurpose.report.rawValue): \(title)"
    }

    /// What a page may show of rows with open cells. Who is named on the list of a form about a closely kept label is in
    /// the audit before it is shown, because who stands on it has that label; so is whose earlier answers are shown. Who
    /// may not read these now sees that there is one, and may let it stand.
    ///
    /// - Throws: `.forbidden` for who may not read a closely kept label now.
    func shown(_ rows: [FilledForm.Row], of form: DemandedForm, _ context: Context) async throws -> [FilledForm.Row] {
        guard !rows.isEmpty else { return [] }
        let (book, onDuty) = try await database.read { tx in
            (try LabelBook.current(tx), try RegisterReading.isOnDuty(context, tx))
        }
        var noted: [(subject: RegisterSubject, fields: Set<String>)] = []
        if let label = book[label: form.label], label.fieldClass > .basic {
            try RegisterReading.check([label.fieldClass], context, form.division, onDuty: onDuty)
            noted += rows.map { (RegisterSubject(.person, $0.id), label.noted()) }
        }
        var shown = rows
        do {
            try RegisterReading.check([.sensitive], context, form.division, onDuty: onDuty)
            if let kind = form.about.kind {
                noted += rows.filter { !$0.offered.isEmpty }.flatMap { row in
                    Set(row.offered.values.map { $0.owner ?? row.id.rawValue }).sorted()
                        .map { (RegisterSubject(kind, $0), ["answer"]) }
                }
            }
        } catch let error as LinliError where error.kind == .forbidden {
            for index in shown.indices {
                shown[index].offered = shown[index].offered.mapValues {
                    FormSubject.Answer(value: "", at: $0.at, owner: $0.owner, ownerName: $0.ownerName)
                }
            }
        }
        let lines = noted
        guard !lines.isEmpty else { return shown }
        try await database.write(context, "registers.read", reason: FormsCommands.reason(form)) { tx in
            for line in lines { try tx.audit(line.subject.subject(in: form.division), fields: line.fields.sorted()) }
        }
        return shown
    }

    /// Ends a round, which stands as it is filled when it is handed in; the next due day is set. Minutes are what somebody
    /// says: the time since it was opened is mostly that of other work; said again they are corrected.
    func finish(_ round: FormRound, minutes: Int?, _ context: Context) async throws {
        let form = try await self.form(of: round, context)
        if let minutes, !(0...100_000).contains(minutes) {
            throw LinliError.invalid(
                "forms.minutes", [.init("minutes", Text("请填 0 到 100000 的整数", "A whole number up to 100000"))])
        }
        let handed = try await FormHandIn(form, round, context, services)
        try await finish(round, of: form, with: handed, minutes: minutes, context)
    }

    /// Ends a round with what was made ready for it; nil for one that was handed in by then.
    ///
    /// - Throws: `.conflict` when what was made ready is not what it would be handed in with any more.
    func finish(
        _ round: FormRound, of form: DemandedForm, with handed: FormHandIn?, minutes: Int?, _ context: Context
    ) async throws {
        try await database.write(context, "forms.finish") { tx in
            guard let now = try FormsStore.round(round.id, tx) else { throw LinliError.notFound("forms.round") }
            if now.doneAt == nil {
                guard let handed else { throw FormHandIn.isOutdated }
                try handed.check(now, tx)
                try handed.kept.store(in: round.id, tx)
            }
            let spent: Int? = minutes ?? now.minutes
            try tx.execute(
                """
                UPDATE demanded_round SET done_at = COALESCE(done_at, \(tx.now)), minutes = \(spent)
                WHERE id = \(round.id)
                """)
            if now.doneAt == nil, now.reopenedAt == nil, let due = form.due {
                let next: Int? = form.rhythm.next(after: due)?.daysSinceEpoch
                try tx.execute("UPDATE demanded_form SET due = \(next) WHERE id = \(form.id)")
            }
            try tx.audit(Subject("demandedRound", round.id, division: form.division), fields: ["done", "minutes"])
        }
    }
}
