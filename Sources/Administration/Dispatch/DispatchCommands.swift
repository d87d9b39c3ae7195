import LinliCore
import LinliKernel
import LinliStandards

/// A rule of dispatch as a form or a program describes it.
struct DispatchDraft: Sendable {
    var name: String
    var division: DivisionCode?
    var unit: ID<Unit>?
    /// Whether it sends to the grid a case lies in, in place of a unit.
    var isToGrid = false
    var position = 100
    var categories: [String] = []
    var natures: [NeedNature] = []
    var spots: [Spot] = []
    var words: [String] = []
    /// `22:00`; nil around the clock.
    var from: String?
    var until: String?
    var answer = ""
    var isActive = true

    init(name: String, division: DivisionCode?, unit: ID<Unit>?) {
        self.name = name
        self.division = division
        self.unit = unit
    }
}

/// What may be done with rules of dispatch, each within the divisions of one's own duty.
struct DispatchCommands: Sendable {
    private let database: Database
    private let book: DispatchBook
    private let catalogue: EventCatalogue

    init(_ services: Services) {
        database = services.database
        book = services.book
        catalogue = services.catalogue
    }

    /// The rule a draft describes; with `id` in place of one that is there.
    ///
    /// - Throws: `.invalid` naming each field.
    func rule(_ draft: DispatchDraft, _ id: ID<DispatchRule>?, _ context: Context) async throws -> DispatchRule {
        let actor = context.actor
        let scope = actor.scope(for: .dispatchManage)
        let units = try await database.read { try DispatchAdminStore.units(scope.divisions, $0) }
        var problems = wordProblems(draft)
        if draft.division.map({ actor.may(.dispatchManage, in: $0) && $0.level >= .district }) != true {
            problems.append(.init("division", Text("请选您管的范围", "Please choose an area of yours")))
        }
        let unit = draft.unit.flatMap { id in units.first { $0.id == id } }
        if draft.isToGrid ? draft.unit != nil : unit == nil {
            let both = Text("派给单位还是所在网格，只能选一样", "Either a unit or the grid, not both")
            problems.append(.init("unit", draft.isToGrid ? both : Text("请选派给谁", "Please choose a unit")))
        }
        let (from, until) = (DispatchCommands.minute(draft.from), DispatchCommands.minute(draft.until))
        if (draft.from ?? draft.until) != nil, from == nil || until == nil || from == until {
            problems.append(.init("until", Text("时段请写成 22:00 和 06:00", "Write a time of day as 22:00 and 06:00")))
        }
        guard problems.isEmpty, let division = draft.division else {
            throw LinliError.invalid("dispatch.rule", problems)
        }
        var rule = DispatchRule(
            id: id ?? ID(rawValue: 0), position: min(max(draft.position, 1), 9999), name: draft.name,
            division: division, unit: draft.isToGrid ? nil : unit?.id
        )
        rule.categories = draft.categories
        rule.natures = draft.natures
        rule.spots = draft.spots
        rule.words = draft.words
        if let from, let until { rule.hours = (from, until) }
        rule.answer = draft.answer
        rule.isActive = draft.isActive
        try await checkLead(rule, unit?.kind ?? .committee)
        return rule
    }

    /// A rule never sends a community, or a grid of one, what the catalogue does not let it lead 社区工作准入. Where some categories of the rule
    /// are barred and others not, those that are must be left out.
    ///
    /// - Throws: `.invalid` naming the lawful unit.
    private func checkLead(_ rule: DispatchRule, _ kind: UnitKind) async throws {
        let duties = book.duties
        // Without categories a rule speaks of all: what is barred goes past it when a case comes.
        let all = catalogue.majors().flatMap { catalogue.children(of: $0.code) }.map(\.code)
        let named = all.filter { code in rule.categories.contains { code.hasPrefix($0) } }
        guard let barred = named.first(where: { !duties.mayLead(kind, $0) }) else { return }
        let name = catalogue[code: barred]?.name ?? Text(same: barred)
        let wrong = try await database.read { tx in
            try CaseRouting.barred(barred, rule.division, duties, field: "unit", tx)
        }
        let words = wrong.text(for: "unit") ?? Text(same: "")
        let heading = Text("“\(name.zh)”：", "“\(name.en)”: ")
        throw LinliError.invalid("dispatch.barred", [.init("unit", heading + words)])
    }

    /// What is wrong with the words of a draft, wherever it is to hold.
    private func wordProblems(_ draft: DispatchDraft) -> [LinliError.Field] {
        var problems: [LinliError.Field] = []
        if draft.name.isEmpty || draft.name.count > 60 {
            problems.append(.init("name", Text("请给规则起个名，最多 60 个字", "Please name it, at most 60 characters")))
        }
        let majors = Set(catalogue.majors().map(\.code))
        if let odd = draft.categories.first(where: { catalogue[code: $0] == nil && !majors.contains($0) }) {
            problems.append(.init("categories", Text("没有类别 \(odd)", "There is no category \(odd)")))
        }
        if draft.words.contains(where: { $0.count > 20 || $0.trimmed.isEmpty }) || draft.words.count > 30 {
            problems.append(.init("words", Text("最多 30 个词，每个 1 到 20 个字", "At most 30 words of 1 to 20 characters")))
        }
        if !draft.answer.isEmpty, draft.answer.split(separator: "=").count != 2 || draft.answer.count > 100 {
            problems.append(.init("answer", Text("请写成 字段=答案", "Write field=answer")))
        }
        return problems
    }

    /// `22:00` in minutes after midnight.
    private static func minute(_ text: String?) -> Int? {
        let parts = (text ?? "").split(whereSeparator: { ":：".contains($0) }).compactMap { Int($0) }
        guard parts.count == 2, (0...24).contains(parts[0]), (0...59).contains(parts[1]) else { return nil }
        let minute = parts[0] * 60 + parts[1]
        return minute <= 1440 ? minute : nil
    }

    /// What a rule would change for the cases of the last 30 days that its reader may see, among all rules and duties.
    func trial(_ rule: DispatchRule, _ context: Context) async throws -> DispatchTrial {
        let scope = context.actor.scope(for: .casesRead)
        return try await database.read {
            try DispatchAdminStore.trial(rule, book, catalogue, scope, at: context.now, $0)
        }
    }

    /// Stores a rule, new or in place of the one with its identifier.
    ///
    /// - Throws: `.notFound` for a rule of others.
    func save(_ rule: DispatchRule, _ context: Context) async throws -> ID<DispatchRule> {
        let id = try await database.write(context, "dispatch.saveRule") { tx in
            var rule = rule
            if rule.id.rawValue == 0 {
                rule.id = try tx.newID()
            } else {
                _ = try DispatchCommands.own(rule.id, context, tx)
            }
            try DispatchStore.save(rule, tx)
            return rule.id
        }
        try await book.load(database)
        return id
    }

    /// Takes a rule away.
    ///
    /// - Throws: `.notFound` for a rule of others.
    func remove(_ id: ID<DispatchRule>, _ context: Context) async throws {
        try await database.write(context, "dispatch.removeRule") { tx in
            try DispatchStore.remove(try DispatchCommands.own(id, context, tx), tx)
        }
        try await book.load(database)
    }

    /// A rule, if it is over a division of theirs.
    static func own(_ id: ID<DispatchRule>, _ context: Context, _ tx: ReadTx) throws -> DispatchRule {
        guard let rule = try DispatchStore.rule(id, tx), context.actor.may(.dispatchManage, in: rule.division) else {
            throw LinliError.notFound("dispatch.rule")
        }
        return rule
    }
}

/// What may be done with the catalogue of duties, which the whole deployment goes by.
struct DutiesCommands: Sendable {
    private let database: Database
    private let book: DispatchBook
    private let catalogue: EventCatalogue

    init(_ services: Services) {
        database = services.database
        book = services.book
        catalogue = services.catalogue
    }

    /// Whether somebody may change it: with a duty over a street or wider.
    static func mayChange(_ actor: Actor) -> Bool {
        actor.isWide(for: .dispatchManage)
    }

    /// The catalogue in force and its text.
    func current() async throws -> (duties: DutyCatalogue, text: String) {
        let duties = book.duties
        let stored = try await database.read { try DispatchStore.catalogueText(duties.version, $0) }
        return (duties, try stored ?? DutyCatalogue.shippedText())
    }

    /// Reads a text as the next version.
    ///
    /// - Throws: `.forbidden`, `.invalid` with every line that is wrong.
    func read(_ text: String, _ note: String, _ context: Context) throws -> DutyCatalogue {
        guard DutiesCommands.mayChange(context.actor) else { throw LinliError.forbidden("dispatch.duties") }
        guard text.count <= 60_000, note.count <= 200 else {
            throw LinliError.invalid("dispatch.long", [.init("text", Text("太长了", "That is too long"))])
        }
        do {
            return try DutyCatalogue(text, version: book.duties.version + 1, categories: catalogue)
        } catch let error as DutyCatalogue.Invalid {
            let fields = error.problems.prefix(20).map { problem in
                let line = Text("第 \(problem.line) 行：", "Line \(problem.line): ")
                return LinliError.Field("text", line + problem.text)
            }
            throw LinliError.invalid("dispatch.duties", Array(fields))
        }
    }

    /// Publishes a text: a version is never changed, a new one follows.
    ///
    /// - Throws: as `read`.
    func publish(_ text: String, note: String, _ context: Context) async throws {
        let text = text.replacing("\r\n", with: "\n")
        _ = try read(text, note, context)
        _ = try await database.write(context, "dispatch.publishDuties") {
            try DispatchStore.publish(text, note: note, $0)
        }
        try await book.load(database)
    }
}
