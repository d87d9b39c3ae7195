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
        let scope = try CaseQueries.spread(scope, at: now, tx)
        return Counts(
            states: try CaseCounts.totals(scope, tx),
            soon: try due(scope, from: now, before: soon, tx),
            late: try due(scope, from: Instant(milliseconds: 0), before: now, tx)
        )
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
        var total = 0
        for branch in branches(scope, from, before) where total < countLimit {
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
        /// Where a dispatcher may send it; the unit complained about is not among them.
        var units: [UnitSummary] = []
        /// The one that routing would choose.
        var recommended: ID<Unit>?
        /// Units that could do a part of it.
        var helpers: [UnitSummary] = []
        /// Units it may be against, for who dispatches.
        var accusable: [UnitSummary] = []
        /// The unit complained about.
        var against: UnitSummary?
        /// Who of the unit it can be given to, for who handles or dispatches it.
        var colleagues: [Colleague] = []
        /// Prepared answers of the reader's units.
        var templates: [ReplyTemplate] = []
        /// Whether a name, a phone or an unmasked text is kept sealed.
        var hasSecrets = false
    }

    /// The surroundings of a case as its reader may know them.
    static func surroundings(
        _ view: CaseView,
        owner: EventCategory.OwnerClass?,
        _ context: Context,
        _ tx: ReadTx
    ) throws -> Surroundings {
        let item = view.item
        var found = Surroundings()
        if item.isOpen, let unit = view.unit, view.standing.isDispatcher || view.standing.isHandler {
            found.colleagues = try CaseQueries.colleagues(
                unit, in: item.division, against: item.against, at: context.now, tx
            )
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
                $0.id != item.against && $0.id != item.handlerUnit
            }
        }
        guard view.standing.isDispatcher || view.standing.isLead || view.standing.isArbiter else { return found }
        found.against = try item.against.flatMap { try UnitsStore.find($0, tx) }
        if view.standing.isDispatcher { found.accusable = try UnitsStore.reachable(from: item.division, tx) }
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

    /// The case whose number the words are, then the cases that contain every word, the newest first.
    static func find(_ words: String, _ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> Found {
        let scope = try CaseQueries.spread(scope, at: now, tx)
        let exact = try numbered(words.uppercased(), scope, tx)
        var found = try search(words, scope, tx)
        if let exact { found.rows = [exact] + found.rows.filter { $0.id != exact.id } }
        return found
    }

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

    /// Cases that contain every word, the newest first.
    ///
    /// A frequent word fills the page from the newest cases; only what they do not hold is looked for in all of them.
    /// Asked for both at once, PostgreSQL reads the whole table for a rare word or all hits of a frequent one.
    static func search(_ words: String, _ scope: Scope, _ tx: ReadTx) throws -> Found {
        guard !SearchText.phrases(words).isEmpty else { return Found() }
        if let floor = try floor(scope, tx) {
            let recent = try candidates(words, scope, limit: 200, from: floor, tx)
            let rows = try visible(recent.ids, scope, tx)
            if rows.count > shownLimit { return Found(rows: Array(rows.prefix(shownLimit)), hasMore: true) }
        }
        let all = try candidates(words, scope, limit: candidateLimit, from: ID(rawValue: 0), tx)
        let rows = try visible(all.ids, scope, tx)
        return Found(
            rows: Array(rows.prefix(shownLimit)),
            hasMore: rows.count > shownLimit,
            isCut: all.isCut && rows.count <= shownLimit
        )
    }

    /// Where the newest 10,000 cases of the district begin; nil when there are not so many.
    private static func floor(_ scope: Scope, _ tx: ReadTx) throws -> ID<Case>? {
        guard let division = scope.divisions.first else { return ID(rawValue: 0) }
        return try tx.value(
            """
            SELECT id FROM case_item WHERE district = \(division.ancestor(at: .district))
            ORDER BY id DESC LIMIT 1 OFFSET 10000
            """
        )
    }

    /// The newest cases that contain the words, and whether older ones were not looked at.
    private static func candidates(
        _ words: String, _ scope: Scope, limit: Int, from floor: ID<Case>, _ tx: ReadTx
    ) throws -> (ids: [ID<Case>], isCut: Bool) {
        let phrases = SearchText.phrases(words)
        var ids: [ID<Case>] = []
        var isCut = false
        // Scope and phrase meet in one index: a case's divisions are words of its full text.
        for code in scope.divisions where CaseQueries.levelColumn(code.level) != nil {
            let found: [ID<Case>] = try tx.all(
                """
                SELECT rowid FROM case_search WHERE \(SQL.matches("case_search", phrases + ["d\(code)"]))
                AND rowid >= \(floor) ORDER BY rowid DESC LIMIT \(limit)
                """
            ) { try $0[0] }
            ids += found
            isCut = isCut || found.count >= limit
        }
        for unit in scope.units {
            ids += try tx.all(newest(of: unit, limit, containing: words)) { try $0[0] }
            isCut = try isCut || tx.value("SELECT count(*) FROM (\(newest(of: unit, limit))) AS p") == limit
        }
        return (Set(ids).sorted(by: >), isCut)
    }

    /// The rows of those that this reader may see; hidden ones are left out page by page.
    private static func visible(_ ids: [ID<Case>], _ scope: Scope, _ tx: ReadTx) throws -> [CaseRow] {
        var found: [CaseRow] = []
        for start in stride(from: 0, to: ids.count, by: 200) where found.count <= shownLimit {
            // Always 200 values, so that it is always the same statement.
            let page = ids.dropFirst(start).prefix(200)
            let padded = page + Array(repeating: ID(rawValue: 0), count: 200 - page.count)
            found += try tx.all(
                """
                \(rows) WHERE c.id IN \(SQL.list(Array(padded)))\(CaseQueries.hide(scope))
                ORDER BY c.id DESC LIMIT \(shownLimit + 1)
                """
            ) { try CaseRow($0) }
        }
        return found
    }

    private static func newest(of unit: ID<Unit>, _ limit: Int) -> SQL {
        """
        SELECT case_id FROM case_party WHERE unit_id = \(unit) AND until IS NULL
        ORDER BY case_id DESC LIMIT \(limit)
        """
    }

    /// A unit has no word in the full text, and asking the index row by row costs more than reading the newest cases.
    private static func newest(of unit: ID<Unit>, _ limit: Int, containing words: String) -> SQL {
        let body: SQL = "lower(c.number || ' ' || c.text || ' ' || c.location)"
        let conditions = words.split(whereSeparator: \.isWhitespace).prefix(8).map { word -> SQL in
            body + " LIKE \(pattern(String(word))) ESCAPE '\\'"
        }
        return """
            SELECT p.case_id FROM (\(newest(of: unit, limit))) AS p JOIN case_item c ON c.id = p.case_id
            WHERE \(SQL.joined(conditions, separator: " AND "))
            """
    }

    /// A word for LIKE, in small letters because the engines differ in that.
    private static func pattern(_ word: String) -> String {
        let escaped = word.lowercased().map { "%_\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        return "%" + escaped + "%"
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
