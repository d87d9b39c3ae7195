import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// What importing a sheet of orders would do, row by row; the import does the same.
struct OrderImport: Sendable {
    /// What becomes of a row.
    enum Fate: Sendable {
        case new
        /// An order with this number is a case already; its deadline and facts are brought up to date.
        case known(ID<Case>)
        case wrong
    }

    struct Row: Sendable {
        var entry: OrderEntry
        var fate: Fate
        var division: DivisionCode
        var place: PlaceSummary?
        /// What it is filed under, unless somebody chooses otherwise.
        var category: EventCategory?
        var nature: NeedNature
        /// What the words suggest, the likeliest first.
        var guesses: [Guess<EventCategory>] = []
        /// Whether a person should look at the category.
        var isSure = true
        /// Whether a person should look at the nature.
        var isNatureSure = true
    }

    let rows: [Row]

    var wrong: Int { rows.count { if case .wrong = $0.fate { true } else { false } } }
    var new: Int { rows.count { if case .new = $0.fate { true } else { false } } }

    /// Works out what a sheet would do.
    init(_ draft: SheetDraft, _ context: Context, _ services: Services) async throws {
        let calendar = services.days.current
        var entries = draft.lines.map { OrderEntry($0, of: draft, calendar, at: context.now) }
        OrderImport.markTwins(&entries)
        let area = DivisionCode(rawValue: draft.division)
        let found = try await OrderImport.places(entries, area, context.now, services)
        let scope = context.actor.scope(for: .casesReport)
        var rows: [Row] = []
        for (entry, (place, division, known)) in zip(entries, found) {
            // A place elsewhere in the city is no place of this area's.
            let place = place.flatMap { scope.contains($0.division) ? $0 : nil }
            rows.append(
                try await OrderImport.row(entry, place, place?.division ?? division, known, services)
            )
        }
        self.rows = rows
    }

    private static func row(
        _ entry: OrderEntry, _ place: PlaceSummary?, _ division: DivisionCode, _ known: ID<Case>?,
        _ services: Services
    ) async throws -> Row {
        let classes = entry.order.classes.split { "/>-— ".contains($0) }.map(String.init)
        // What their last levels are called may be what ours is called.
        let named = classes.reversed().lazy.compactMap { word in
            services.catalogue.all.first { !$0.isMajor && $0.name.zh == word }
        }.first
        let suggestion = try await services.suggestions.suggest(entry.text + " " + classes.joined(separator: " "))
        let category = named ?? suggestion.categories.first?.value
        let nature =
            try entry.nature.map { Decided($0, isDoubtful: false) }
            ?? services.suggestions.decideNature(entry.text, category: category)
        var row = Row(
            entry: entry, fate: known.map { .known($0) } ?? .new, division: division, place: place,
            category: category, nature: nature.value
        )
        if !entry.problems.isEmpty { row.fate = .wrong }
        row.guesses = suggestion.categories
        row.isSure = named != nil || suggestion.isSure
        row.isNatureSure = !nature.isDoubtful
        return row
    }

    /// Two rows with one number contradict each other: the second is wrong.
    private static func markTwins(_ entries: inout [OrderEntry]) {
        var seen: Set<String> = []
        for index in entries.indices where !entries[index].order.number.isEmpty {
            if !seen.insert(entries[index].order.number).inserted {
                entries[index].problems.append(Text("编号和上面的行重复", "The number stands in a row above"))
            }
        }
    }

    /// Where each entry lies, and the case it is already.
    private static func places(
        _ entries: [OrderEntry], _ area: DivisionCode, _ now: Instant, _ services: Services
    ) async throws -> [(PlaceSummary?, DivisionCode, ID<Case>?)] {
        try await services.database.read { tx in
            let communities =
                area.level == .street ? try DivisionsStore.children(of: area, at: now, tx) : []
            return try entries.map { entry in
                let place =
                    entry.address.isEmpty ? nil : try PlacesStore.named(in: entry.address, tx)
                let inPlace = place.flatMap { area.contains($0.division) ? $0 : nil }
                let words = entry.address + entry.text
                let community = communities.first { words.contains($0.name) }?.code
                let known =
                    entry.order.number.isEmpty
                    ? nil : try ForeignOrdersStore.find(entry.order.system, entry.order.number, tx)?.item
                return (inPlace, community ?? area, known)
            }
        }
    }

    /// What an import did.
    struct Report: Sendable {
        var added: [(line: Int, item: ID<Case>)] = []
        var updated = 0
        /// Orders that were over here and were sent to us once more.
        var reopened = 0
        var unchanged = 0
        /// Orders with another deadline of which nobody can tell whether it is newer: theirs stayed.
        var kept: [(line: Int, number: String, item: ID<Case>)] = []
        var wrong: [(line: Int, number: String, problems: [Text])] = []
    }

    /// Imports every row that is right. `categories` are codes somebody chose, by line.
    func run(_ categories: [Int: String], sheet: ID<StoredFile>?, _ context: Context, _ services: Services) async throws
        -> Report
    {
        var report = Report()
        for row in rows {
            let entry = row.entry
            if case .wrong = row.fate {
                report.wrong.append((entry.line, entry.order.number, entry.problems))
                continue
            }
            do {
                var order = entry.order
                if rows.count == 1 { order.sheet = sheet }
                let draft = draft(row, category: categories[entry.line])
                let (item, news) = try await services.commands.takeOrder(draft, order, context)
                switch news {
                case .added: report.added.append((entry.line, item))
                case .updated: report.updated += 1
                case .reopened: report.reopened += 1
                case .unchanged: report.unchanged += 1
                case .kept: report.kept.append((entry.line, order.number, item))
                }
            } catch let error as LinliError where error.formStatus != nil {
                let problems = error.fields.isEmpty ? [error.publicText] : error.fields.map(\.text)
                report.wrong.append((entry.line, entry.order.number, problems))
            }
        }
        return report
    }

    private func draft(_ row: Row, category: String?) -> CaseDraft {
        let entry = row.entry
        var draft = CaseDraft(text: entry.text, division: row.division)
        draft.category = category ?? row.category?.code ?? ""
        draft.nature = row.nature
        if category == nil, !row.isSure { draft.doubt.insert(.category) }
        if !row.isNatureSure { draft.doubt.insert(.nature) }
        draft.location = entry.address
        draft.place = row.place?.id
        draft.spot = row.place == nil ? .street : .estate
        draft.disclosure = entry.disclosure(row.nature)
        draft.reporterName = entry.name
        draft.reporterPhone = entry.phone
        draft.isUrgent = entry.isUrgent
        return draft
    }
}
