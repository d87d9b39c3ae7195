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
    }

    /// Where counting stops: nobody reads more than "999+" from a tab.
    static let countLimit = 1000

    /// The counts of a scope: states from the roll-up, the hours from the list's own index.
    static func counts(_ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> Counts {
        let soon = now.adding(hours: 4)
        return Counts(
            states: try CaseCounts.totals(scope, tx),
            soon: try due(scope, from: now, before: soon, tx),
            late: try due(scope, from: Instant(milliseconds: 0), before: now, tx)
        )
    }

    private static func due(_ scope: Scope, from: Instant, before: Instant, _ tx: ReadTx) throws -> Int {
        var total = 0
        for branch in branches(scope, from, before) where total < countLimit {
            total += try tx.value("SELECT count(*) FROM (\(branch) LIMIT \(countLimit)) AS part") ?? 0
        }
        return min(total, countLimit)
    }

    /// One indexed branch per division; units count only for who has no division, as in the roll-up.
    private static func branches(_ scope: Scope, _ from: Instant, _ before: Instant) -> [SQL] {
        let hide = CaseQueries.hide(scope)
        guard scope.divisions.isEmpty else {
            return scope.divisions.compactMap { code in
                CaseQueries.levelColumn(code.level).map { column in
                    """
                    SELECT c.id FROM case_item c WHERE c.is_open = 1 AND \(column) = \(code)
                    AND c.due_at >= \(from) AND c.due_at < \(before)\(hide)
                    """
                }
            }
        }
        return scope.units.map { unit in
            """
            SELECT p.case_id FROM case_party p JOIN case_item c ON c.id = p.case_id
            WHERE p.unit_id = \(unit) AND p.until IS NULL AND p.is_open = 1
            AND p.due_at >= \(from) AND p.due_at < \(before)\(hide)
            """
        }
    }

    /// What one page of the case needs beside the case: the units it may be sent to, and whether anything is sealed.
    struct Surroundings: Sendable {
        /// Where a dispatcher may send it; the unit complained about is not among them.
        var units: [UnitSummary] = []
        /// The one that routing would choose.
        var recommended: ID<Unit>?
        /// The unit complained about.
        var against: UnitSummary?
        /// Whether a name, a phone or an unmasked text is kept sealed.
        var hasSecrets = false
    }

    /// The surroundings of a case as its reader may know them.
    static func surroundings(
        _ view: CaseView,
        owner: EventCategory.OwnerClass?,
        _ tx: ReadTx
    ) throws -> Surroundings {
        let item = view.item
        var found = Surroundings()
        found.hasSecrets = try tx.exists(
            """
            SELECT 1 FROM case_item WHERE id = \(item.id)
            AND (reporter_sealed IS NOT NULL OR text_sealed IS NOT NULL OR reporter_id IS NOT NULL)
            UNION ALL
            SELECT 1 FROM case_entry WHERE case_id = \(item.id) AND text_sealed IS NOT NULL
            LIMIT 1
            """
        )
        guard view.standing.isDispatcher else { return found }
        found.against = try item.against.flatMap { try UnitsStore.find($0, tx) }
        guard view.transitions.contains(where: { $0.requires.contains(.unit) }) else { return found }
        found.units = try UnitsStore.reachable(from: item.division, tx).filter { $0.id != item.against }
        found.recommended = try owner.flatMap { owner in
            try CaseRouting.decide(
                owner: owner, spot: item.spot, division: item.division, place: item.place, against: item.against, tx
            ).unit?.id
        }
        return found
    }

    /// The sealed cells that say who told a case, and what they said before numbers were masked.
    struct Secrets: Sendable {
        /// Name and phone of who told it without an account, one per line.
        var reporter: (cell: Cell, sealed: [UInt8])?
        /// The text as it was written.
        var text: (cell: Cell, sealed: [UInt8])?
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
            SELECT c.reporter_sealed, c.text_sealed, a.id, a.name, a.phone_sealed FROM case_item c
            LEFT JOIN account a ON a.id = c.reporter_id WHERE c.id = \(id)
            """
        ) { row in
            let reporter: [UInt8]? = try row[0]
            let text: [UInt8]? = try row[1]
            let account: ID<Account>? = try row[2]
            let phone: [UInt8]? = try row[4]
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
    /// What a search found.
    struct Found: Sendable {
        /// The newest first, at most `shownLimit`.
        var rows: [CaseRow] = []
        /// Whether more were found than are shown.
        var hasMore = false
        /// Whether the search stopped at its limit and older cases were not looked at.
        var isCut = false
    }

    /// How many a page shows.
    static let shownLimit = 50
    /// How many candidates are looked at; a word of every case must not cost a second.
    static let candidateLimit = 2000

    /// The case with a number, if the reader may see it.
    static func numbered(_ number: String, _ scope: Scope, _ tx: ReadTx) throws -> CaseRow? {
        var places: [SQL] = scope.divisions.map {
            "c.division BETWEEN \($0.range.lowerBound) AND \($0.range.upperBound)"
        }
        if !scope.units.isEmpty {
            places.append(
                """
                EXISTS (SELECT 1 FROM case_party p WHERE p.case_id = c.id AND p.until IS NULL
                AND p.unit_id IN \(SQL.list(scope.units)))
                """
            )
        }
        guard !places.isEmpty else { return nil }
        return try tx.first(
            """
            \(rows) WHERE c.number = \(number) AND (\(SQL.joined(places, separator: " OR ")))\(CaseQueries.hide(scope))
            """
        ) { try CaseRow($0) }
    }

    private static let rows: SQL = """
        SELECT \(CaseRow.columns), u.name, u.name_en FROM case_item c LEFT JOIN unit u ON u.id = c.handler_unit
        """

    /// Cases that contain every phrase, the newest first.
    static func search(_ phrases: [String], _ scope: Scope, _ tx: ReadTx) throws -> Found {
        guard !phrases.isEmpty else { return Found() }
        var candidates: [ID<Case>] = []
        for branch in branches(phrases, scope) {
            candidates += try tx.all(branch) { try $0[0] }
        }
        let isCut = candidates.count >= candidateLimit
        let newest = Set(candidates).sorted(by: >).prefix(candidateLimit)
        var found = Found(isCut: isCut)
        // Hidden cases are left out page by page, so that fifty others still fill the page.
        for start in stride(from: 0, to: newest.count, by: 200) where found.rows.count <= shownLimit {
            // Always 200 values, so that it is always the same statement.
            let page = newest.dropFirst(start).prefix(200)
            let ids = page + Array(repeating: ID(rawValue: 0), count: 200 - page.count)
            found.rows += try tx.all(
                """
                \(rows) WHERE c.id IN \(SQL.list(Array(ids)))\(CaseQueries.hide(scope))
                ORDER BY c.id DESC LIMIT \(shownLimit + 1)
                """
            ) { try CaseRow($0) }
        }
        found.hasMore = found.rows.count > shownLimit
        found.rows = Array(found.rows.prefix(shownLimit))
        return found
    }

    private static func branches(_ phrases: [String], _ scope: Scope) -> [SQL] {
        // Scope and phrase meet in one index: a case's divisions are words of its full text.
        let divisions = scope.divisions.filter { CaseQueries.levelColumn($0.level) != nil }
        return divisions.map { code in
            """
            SELECT rowid FROM case_search WHERE \(SQL.matches("case_search", phrases + ["d\(code)"]))
            ORDER BY rowid DESC LIMIT \(candidateLimit)
            """
        }
            + scope.units.map { unit in
                """
                SELECT p.case_id FROM (
                    SELECT case_id FROM case_party WHERE unit_id = \(unit) AND until IS NULL
                    ORDER BY case_id DESC LIMIT \(candidateLimit)
                ) AS p CROSS JOIN case_search
                WHERE case_search.rowid = p.case_id AND \(SQL.matches("case_search", phrases))
                """
            }
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
