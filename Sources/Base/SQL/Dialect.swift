/// Whose SQL.
package enum Dialect: String, Sendable, CaseIterable {
    case sqlite
    case postgres
}

/// The closed list of differences between the engines. A new one gets a name and a test here.
extension SQL {
    /// Ends a SELECT that takes rows nobody else is taking; SQLite has one writer and needs nothing.
    package static let skipLocked = SQL(sqlite: "", postgres: " FOR UPDATE SKIP LOCKED")

    /// Ends a SELECT whose rows must not change before this transaction does.
    package static let forUpdate = SQL(sqlite: "", postgres: " FOR UPDATE")

    /// The larger of two values.
    package static func greatest(_ left: SQL, _ right: SQL) -> SQL {
        SQL(sqlite: "max(", postgres: "greatest(") + left + ", " + right + ")"
    }

    /// The smaller of two values.
    package static func least(_ left: SQL, _ right: SQL) -> SQL {
        SQL(sqlite: "min(", postgres: "least(") + left + ", " + right + ")"
    }

    /// The condition that the full-text table `table` holds every one of `phrases` (spaced by `SearchText`).
    ///
    /// SQLite keeps the text in an FTS5 table (`tokenize = "unicode61 remove_diacritics 0"`), PostgreSQL in a `tsvector`
    /// column; both are named `body`. No phrases hold nobody back. PostgreSQL counts 16,383 positions: beyond that a
    /// phrase of a very long text may also match words that stand apart.
    package static func matches(_ table: String, _ phrases: [String]) -> SQL {
        if phrases.isEmpty { return "1 = 1" }
        var sql = SQL(sqlite: "\(table) MATCH ", postgres: "\(table).body @@ (")
        for (index, phrase) in phrases.enumerated() {
            if index > 0 { sql.append(SQL(sqlite: " || ' AND ' || ", postgres: " && ")) }
            sql.append(SQL(sqlite: "'\"' || ", postgres: "phraseto_tsquery('simple', "))
            sql.append("\(phrase)")
            sql.append(SQL(sqlite: " || '\"'", postgres: ")"))
        }
        return sql + SQL(sqlite: "", postgres: ")")
    }

    /// The identifiers of rows of the full-text table `table` that fit `query`, at most `limit`, from the lowest up.
    ///
    /// SQLite walks the lists of the words in their order and stops when it has enough. PostgreSQL intersects them in the
    /// index and then fetches rows in the order they lie in, so that a word of half a million rows costs no more than
    /// `limit` of them: these are sorted afterwards, and which are the first of more than `limit` is left to it. A
    /// condition on the identifier would make it walk the primary key and ask every row.
    package static func found(in table: SQL, _ query: SearchQuery, limit: Int, _ dialect: Dialect) -> SQL {
        let fits: [SQL] = query.parts(dialect).map { text -> SQL in
            switch dialect {
            case .sqlite: "\(table) MATCH \(text)"
            case .postgres: "body @@ to_tsquery('simple', \(text))"
            }
        }
        let condition = SQL.joined(fits, separator: " AND ")
        return switch dialect {
        case .sqlite:
            "SELECT rowid FROM \(table) WHERE \(condition) ORDER BY rowid LIMIT \(limit)"
        case .postgres:
            """
            SELECT found.rowid FROM (SELECT rowid FROM \(table) WHERE \(condition)
            LIMIT \(limit)) AS found ORDER BY found.rowid
            """
        }
    }

    /// A statement that keeps PostgreSQL from reading whole tables until this transaction ends: it cannot know how many
    /// rows a full-text search will find, and guesses that it finds enough on the first pages.
    package static let useIndexes = SQL(
        sqlite: "SELECT 1", postgres: "SELECT set_config('enable_seqscan', 'off', true)")

    /// How PostgreSQL goes about a search in full text.
    package enum SearchWay: Sendable {
        /// Along the primary key, asking each row: for a bounded piece of it.
        case alongKey
        /// By the index of words, whose hits are fetched and sorted: for words that few rows have. A condition on the key
        /// would offer it the key again.
        case byWords
        /// As it likes; everything but such a search.
        case free
    }

    /// A statement after which full text is searched in a way, until the transaction ends or another is said. It cannot
    /// guess how many rows have all of several words, and its wrong guess cost 300 ms where the right way takes 10.
    package static func search(_ way: SearchWay) -> SQL {
        let (bitmap, index, rest) =
            switch way {
            case .alongKey: ("off", "on", "off")
            case .byWords: ("on", "off", "off")
            case .free: ("on", "on", "on")
            }
        return SQL(
            sqlite: "SELECT 1",
            postgres: """
                SELECT set_config('enable_bitmapscan', '\(bitmap)', true), set_config('enable_indexscan', '\(index)', true),
                set_config('enable_seqscan', '\(rest)', true),
                set_config('plan_cache_mode', '\(way == .free ? "auto" : "force_custom_plan")', true)
                """)
    }

    /// A statement that makes PostgreSQL plan anew what is asked in this transaction, for whom enters thousands of rows.
    ///
    /// After five times it plans a prepared statement once for any values and keeps that until statistics are gathered:
    /// what was planned for a hundred rows walks over all of ten thousand.
    package static let planAnew = SQL(
        sqlite: "SELECT 1", postgres: "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")

    /// A statement that makes PostgreSQL look at how much is in its tables now. It plans anew after it.
    ///
    /// It does so by itself when a tenth has changed, but looks once a minute: what was empty a moment ago and is filled by
    /// hundreds of thousands of rows is walked over as a whole until then. SQLite plans by what indexes there are.
    package static let gatherStatistics = SQL(sqlite: "SELECT 1", postgres: "ANALYZE")

    /// A statement that lets PostgreSQL use memory and time for making indexes of millions of rows in this transaction.
    package static let makingIndexes = SQL(
        sqlite: "SELECT 1",
        postgres: """
            SELECT set_config('maintenance_work_mem', '1GB', true), set_config('statement_timeout', '0', true)
            """)

    /// A statement for how many bytes the store takes.
    package static let storeBytes = SQL(
        sqlite: "SELECT c.page_count * s.page_size FROM pragma_page_count() AS c, pragma_page_size() AS s",
        postgres: "SELECT pg_database_size(current_database())")

    /// The value to store in a full-text `body` for text spaced by `SearchText`.
    package static func searchBody(_ spaced: String) -> SQL {
        SQL(sqlite: "", postgres: "to_tsvector('simple', ") + "\(spaced)" + SQL(sqlite: "", postgres: ")")
    }

    /// A statement that puts one word in place of another in the full text of a row.
    package static func replaceSearchWord(_ table: String, of row: Int64, _ old: String, by new: String) -> SQL {
        SQL(
            sqlite: "UPDATE \(table) SET body = replace(body, ", postgres: "UPDATE \(table) SET body = ts_delete(body, "
        ) + "\(old)" + SQL(sqlite: ", ", postgres: ") || to_tsvector('simple', ") + "\(new)) WHERE rowid = \(row)"
    }

    /// Table, column and primary key of every column whose name ends in `ending`.
    package static func columnsWithKeys(endingIn ending: String) -> SQL {
        SQL(
            sqlite: """
                SELECT m.name, c.name, k.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
                JOIN pragma_table_info(m.name) k ON k.pk = 1 WHERE m.type = 'table' AND c.name LIKE
                """ + " ",
            postgres: """
                SELECT c.table_name::text, c.column_name::text, a.attname::text FROM information_schema.columns c
                JOIN pg_class t ON t.relname = c.table_name AND t.relnamespace = current_schema()::regnamespace
                JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p'
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
                WHERE c.table_schema = current_schema() AND c.column_name LIKE
                """ + " "
        ) + "\("%" + ending.replacing("_", with: "\\_"))" + " ESCAPE '\\'"
    }

    /// Table and column of every foreign key to a table, of one column each.
    package static func columnsReferring(to table: String) -> SQL {
        SQL(
            sqlite: """
                SELECT m.name, f."from" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
                WHERE m.type = 'table' AND f."table" =
                """ + " ",
            postgres: """
                SELECT t.relname::text, a.attname::text FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
                JOIN pg_class r ON r.oid = k.confrelid
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
                WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND r.relname =
                """ + " "
        ) + "\(table)"
    }

    /// A statement with a row when the store has a table of this name.
    package static func tableNamed(_ name: String) -> SQL {
        SQL(
            sqlite: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ",
            postgres: "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = "
        ) + "\(name)"
    }
}
