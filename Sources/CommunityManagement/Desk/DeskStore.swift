import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Every SQL text of the desk.
enum DeskStore {
    /// What the tabs count.
    struct Counts: Sendable {
        /// Open and closed cases by state.
        var states: [String: Int] = [:]
        /// Due within four hours; `countLimit` stands for that many or more.
        var soon = 0
        /// Overdue; `countLimit` stands for that many or more.
        var late = 0
        /// With a nature or category that nobody confirmed; `countLimit` stands for that many or more.
        var unconfirmed = 0
    }

    /// Where counting stops: nobody reads more than "999+" from a tab.
    static let countLimit = 1000

    /// The counts of a scope: states from the roll-up, the hours from the list's own index.
    static func counts(_ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> Counts {
        let soon = now.adding(hours: 4)
        let scope = try CaseQueries.spread(scope, at: now, tx)
        return Counts(
            states: try CaseCounts.totals(scope, tx),
            soon: try due(scope, from: now, before: soon, tx),
            late: try due(scope, from: Instant(milliseconds: 0), before: now, tx),
            unconfirmed: try count(unconfirmed(scope), tx)
        )
    }

    /// What nobody confirmed: one branch per division, and per unit for what it has outside of them, as the list has it.
    private static func unconfirmed(_ scope: Scope) -> [SQL] {
        let open: SQL = "SELECT c.id FROM case_item c WHERE c.is_open = 1 AND c.doubt > 0"
        let areas = scope.divisions.compactMap { code in CaseQueries.levelColumn(code.level).map { ($0, code) } }
        let elsewhere = SQL.joined(areas.map { column, code -> SQL in " AND \(column) <> \(code)" }, separator: "")
        let hide = CaseQueries.hide(scope)
        return areas.map { column, code in open + " AND \(column) = \(code)\(hide)" }
            + scope.units.map { unit in open + " AND c.handler_unit = \(unit)\(elsewhere)\(hide)" }
    }

    /// How many cases of a division are open, and how many of them late.
    struct AreaCount: Sendable {
        let division: DivisionCode
        let open: Int
        /// `countLimit` stands for that many or more.
        let late: Int
    }

    /// The districts of who looks after a whole city, with what is open and late there; nothing for anybody else.
    static func districts(
        _ scope: Scope, _ types: CaseTypes, at now: Instant, _ tx: ReadTx
    ) throws -> [AreaCount] {
        guard scope.divisions.contains(where: { $0.level < .district }) else { return [] }
        let districts = try CaseQueries.spread(scope, at: now, tx)
        let open = try CaseCounts.open(districts, of: types, tx)
        return try districts.divisions.map { code in
            let one = Scope(divisions: [code], units: [], account: scope.account, interests: scope.interests)
            let late = try due(one, from: Instant(milliseconds: 0), before: now, tx)
            return AreaCount(division: code, open: open[code] ?? 0, late: late)
        }
    }

    private static func due(_ scope: Scope, from: Instant, before: Instant, _ tx: ReadTx) throws -> Int {
        try count(branches(scope, from, before), tx)
    }

    /// How many cases some branches hold together, up to the limit.
    private static func count(_ branches: [SQL], _ tx: ReadTx) throws -> Int {
        var total = 0
        for branch in branches where total < countLimit {
            total += try tx.value("SELECT count(*) FROM (\(branch) LIMIT \(countLimit)) AS part") ?? 0
        }
        return min(total, countLimit)
    }

    /// One indexed branch per division, and per unit for what lies outside the divisions, as the list has it.
    private static func branches(_ scope: Scope, _ from: Instant, _ before: Instant) -> [SQL] {
        let hide = CaseQueries.hide(scope)
        let columns = scope.divisions.compactMap { code in
            CaseQueries.levelColumn(code.level).map { (column: $0, code: code) }
        }
        let inside = columns.map { column, code -> SQL in
            """
            SELECT c.id FROM case_item c WHERE c.is_open = 1 AND \(column) = \(code)
            AND c.due_at >= \(from) AND c.due_at < \(before)\(hide)
            """
        }
        let elsewhere = SQL.joined(columns.map { " AND " + $0.column + " <> \($0.code)" }, separator: "")
        return inside
            + scope.units.map { unit -> SQL in
                // A case never goes to the unit it is against: only who works for another unit too has anything to hide.
                let isPlain = columns.isEmpty && scope.interests == [unit]
                let join: SQL = isPlain ? .empty : " JOIN case_item c ON c.id = p.case_id"
                return """
                    SELECT p.case_id FROM case_party p\(join)
                    WHERE p.unit_id = \(unit) AND p.until IS NULL AND p.is_open = 1
                    AND p.due_at >= \(from) AND p.due_at < \(before)\(elsewhere)\(isPlain ? .empty : hide)
                    """
            }
    }

    /// What one page of the case needs beside the case: the units it may be sent to, and whether anything is sealed.
    struct Surroundings: Sendable {
        /// Where a dispatcher may send it; the units complained about are not among them.
        var units: [UnitSummary] = []
        /// The one that routing would choose.
        var recommended: ID<Unit>?
        /// Units that could do a part of it.
        var helpers: [UnitSummary] = []
        /// Units it may be against, for who dispatches.
        var accusable: [UnitSummary] = []
        /// The units complained about.
        var against: [UnitSummary] = []
        /// Who of the unit it can be given to, for who handles or dispatches it.
        var colleagues: [Colleague] = []
        /// Prepared answers of the reader's units.
        var templates: [ReplyTemplate] = []
        /// Whether a name, a phone or an unmasked text is kept sealed.
        var hasSecrets = false
        /// Who may call a reporter that only the receiving office knows, for a reader who may not.
        var receivers: [String] = []
        /// Whether the unit that has it does not serve where it lies since that was corrected.
        var isUnitElsewhere = false
    }

    /// The surroundings of a case as its reader may know them.
    static func surroundings(
        _ view: CaseView,
        owner: EventCategory.OwnerClass?,
        _ book: DispatchBook,
        _ context: Context,
        _ tx: ReadTx
    ) throws -> Surroundings {
        let item = view.item
        var found = Surroundings()
        if item.isOpen, let unit = view.unit, view.standing.isDispatcher || view.standing.isHandler {
            found.colleagues = try CaseQueries.colleagues(
                unit, in: item.division, against: item.accusation.units, hidden: context.actor.scope.interests,
                at: context.now, tx
            )
        }
        if item.isOpen, let unit = view.unit, DeskPlaceCard.isCorrected(view) {
            found.isUnitElsewhere = try !UnitsStore.reachable(from: item.division, tx).contains { $0.id == unit.id }
        }
        if item.disclosure == .office, !view.standing.seesReporter {
            found.receivers = try CaseSituation.receivers(of: item, at: context.now, tx)
        }
        found.templates = try TemplateStore.list(of: try CaseQueries.dutyUnits(of: context.actor, tx).map(\.id), tx)
        found.hasSecrets = try tx.exists(
            """
            SELECT 1 FROM case_item WHERE id = \(item.id)
            AND (reporter_sealed IS NOT NULL OR text_sealed IS NOT NULL OR location_sealed IS NOT NULL
                OR reporter_id IS NOT NULL)
            UNION ALL
            SELECT 1 FROM case_entry WHERE case_id = \(item.id) AND text_sealed IS NOT NULL
            LIMIT 1
            """
        )
        if item.isOpen, item.parent == nil, view.standing.isDispatcher || view.standing.isHandler {
            found.helpers = try UnitsStore.reachable(from: item.division, tx).filter {
                !item.accusation.names($0.id) && $0.id != item.handlerUnit
            }
        }
        guard view.standing.isDispatcher || view.standing.isLead || view.standing.isArbiter else { return found }
        found.against = try item.accusation.units.compactMap { try UnitsStore.find($0, tx) }
        if view.standing.isDispatcher { found.accusable = try UnitsStore.reachable(from: item.division, tx) }
        guard view.transitions.contains(where: { $0.requires.contains(.unit) }) else { return found }
        found.units = try CaseTakers.units(of: item, for: context.actor, tx).filter { !item.accusation.names($0.id) }
        // Who leads the whole is no advice for a part of it.
        if item.parent == nil {
            found.recommended = try CaseRouting.decide(.init(item, owner: owner, at: context.now), book, tx).unit?.id
        }
        return found
    }

    /// The sealed cells that say who told a case, and what they said before numbers were masked.
    struct Secrets: Sendable {
        /// Name, phone and email of who told it without an account, one per line.
        var reporter: (cell: Cell, sealed: [UInt8])?
        /// The text as it was written.
        var text: (cell: Cell, sealed: [UInt8])?
        /// Where it is, as it was written.
        var location: (cell: Cell, sealed: [UInt8])?
        /// The name of the account that told it.
        var accountName = ""
        /// That account's phone.
        var accountPhone: (cell: Cell, sealed: [UInt8])?
        /// Words of the history as they were written, the oldest first.
        var entries: [(cell: Cell, sealed: [UInt8])] = []
    }

    /// Reads the sealed cells of a case; nothing is opened here.
    static func secrets(_ id: ID<Case>, _ tx: ReadTx) throws -> Secrets {
        var secrets = Secrets()
        try tx.each(
            """
            SELECT c.reporter_sealed, c.text_sealed, a.id, a.name, a.phone_sealed, c.location_sealed FROM case_item c
            LEFT JOIN account a ON a.id = c.reporter_id WHERE c.id = \(id)
            """
        ) { row in
            let reporter: [UInt8]? = try row[0]
            let text: [UInt8]? = try row[1]
            let account: ID<Account>? = try row[2]
            let phone: [UInt8]? = try row[4]
            let location: [UInt8]? = try row[5]
            secrets.location = location.map { (Cell("case_item", "location_sealed", id.rawValue), $0) }
            secrets.reporter = reporter.map { (Cell("case_item", "reporter_sealed", id.rawValue), $0) }
            secrets.text = text.map { (Cell("case_item", "text_sealed", id.rawValue), $0) }
            secrets.accountName = try row[3] ?? ""
            if let account, let phone {
                secrets.accountPhone = (Cell("account", "phone_sealed", account.rawValue), phone)
            }
        }
        secrets.entries = try tx.all(
            """
            SELECT id, text_sealed FROM case_entry
            WHERE case_id = \(id) AND text_sealed IS NOT NULL ORDER BY id LIMIT 50
            """
        ) { (cell: Cell("case_entry", "text_sealed", try $0[0]), sealed: try $0[1]) }
        return secrets
    }
}

extension DeskStore {
    /// What a need can be registered for: divisions, places inside them, and units a complaint can be about.
    struct IntakeChoices: Sendable {
        var divisions: [DivisionCode] = []
        var places: [PlaceSummary] = []
        var units: [UnitSummary] = []
    }

    /// The choices inside a scope.
    static func intakeChoices(_ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> IntakeChoices {
        var choices = IntakeChoices()
        for division in scope.divisions {
            choices.divisions += [division] + (try DivisionsStore.children(of: division, at: now, tx).map(\.code))
            choices.places += try PlacesStore.tree(in: division, tx)
            choices.units += try UnitsStore.reachable(from: division, tx)
        }
        // Whoever is out in one grid also hears of the units around it, and of each only once.
        var known: Set<ID<Unit>> = []
        choices.units = choices.units.filter { known.insert($0.id).inserted }
        return choices
    }
}
