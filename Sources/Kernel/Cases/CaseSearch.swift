import LinliCore
import LinliSQL
import LinliStandards

/// Finding cases by number and by words, in one index with the reader's divisions.
package enum CaseSearch {
    /// What a search found.
    package struct Found: Sendable {
        /// The newest first, at most `shownLimit`.
        package var rows: [CaseRow] = []
        /// Whether more were found than are shown.
        package var hasMore = false
        /// Where the search stopped at its limit, so that older cases were not looked at; nil when all were.
        package var cut: Cut?

        /// Whether older cases were not looked at.
        package var isCut: Bool { cut != nil }

        /// Cases that were found.
        package init(rows: [CaseRow] = [], hasMore: Bool = false, cut: Cut? = nil) {
            self.rows = rows
            self.hasMore = hasMore
            self.cut = cut
        }
    }

    /// Which cases a search looked at the newest of.
    package enum Cut: Sendable {
        /// Those of the reader's divisions that contain the words: more words find older ones.
        case hits
        /// Those of the reader's unit, whatever they say: older ones are found by their number.
        case unit
    }

    /// How many a page shows.
    package static let shownLimit = 50
    /// How many candidates are looked at; a word of every case must not cost a second.
    package static let candidateLimit = 2000

    /// The case whose number the words are, then the cases that contain every word, the newest first.
    package static func find(_ words: String, _ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> Found {
        let scope = try CaseQueries.spread(scope, at: now, tx)
        let exact = try numbered(words.uppercased(), scope, tx)
        var found = try search(words, scope, tx)
        if let exact { found.rows = [exact] + found.rows.filter { $0.id != exact.id } }
        return found
    }

    /// The case with a number, if the reader may see it.
    package static func numbered(_ number: String, _ scope: Scope, _ tx: ReadTx) throws -> CaseRow? {
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
            let recent = try candidates(words, scope, .alongKey, limit: 200, from: floor, tx)
            let rows = try visible(recent.ids, scope, tx)
            if rows.count > shownLimit { return Found(rows: Array(rows.prefix(shownLimit)), hasMore: true) }
        }
        let all = try candidates(words, scope, .byWords, limit: candidateLimit, from: nil, tx)
        let rows = try visible(all.ids, scope, tx)
        return Found(
            rows: Array(rows.prefix(shownLimit)),
            hasMore: rows.count > shownLimit,
            cut: rows.count > shownLimit ? nil : all.cut
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

    /// The newest cases that contain the words, and where older ones were not looked at.
    private static func candidates(
        _ words: String, _ scope: Scope, _ way: SQL.SearchWay, limit: Int, from floor: ID<Case>?, _ tx: ReadTx
    ) throws -> (ids: [ID<Case>], cut: Cut?) {
        let phrases = SearchText.phrases(words)
        var ids: [ID<Case>] = []
        var cut: Cut?
        let piece: SQL = floor.map { "AND rowid >= \($0)" } ?? ""
        _ = try tx.exists(.search(way))
        // Scope and phrase meet in one index: a case's divisions are words of its full text.
        for code in scope.divisions where CaseQueries.levelColumn(code.level) != nil {
            let found: [ID<Case>] = try tx.all(
                """
                SELECT rowid FROM case_search WHERE \(SQL.matches("case_search", phrases + ["d\(code)"]))
                \(piece) ORDER BY rowid DESC LIMIT \(limit + 1)
                """
            ) { try $0[0] }
            ids += found.prefix(limit)
            if found.count > limit { cut = .hits }
        }
        _ = try tx.exists(.search(.free))
        for unit in scope.units {
            ids += try tx.all(newest(of: unit, limit, containing: words)) { try $0[0] }
            let count: Int = try tx.value("SELECT count(*) FROM (\(newest(of: unit, limit + 1))) AS p") ?? 0
            if count > limit { cut = .unit }
        }
        return (Set(ids).sorted(by: >), cut)
    }

    /// The rows of those that this reader may see; hidden ones are left out page by page.
    private static func visible(_ ids: [ID<Case>], _ scope: Scope, _ tx: ReadTx) throws -> [CaseRow] {
        var found: [CaseRow] = []
        for start in stride(from: 0, to: ids.count, by: 200) where found.count <= shownLimit {
            let page = Array(ids.dropFirst(start).prefix(200))
            found += try tx.all(
                """
                \(rows) WHERE c.id IN \(SQL.list(page))\(CaseQueries.hide(scope))
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
