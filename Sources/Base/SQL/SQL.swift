/// A statement and the values bound to it, written as an interpolated string.
///
/// `\(value)` always binds; `\(sql)` nests a statement; text that differs by engine comes only from the helpers in
/// `Dialect.swift`. The text keeps a `?` per value: SQLite takes it as it is, and it is the key under which both engines
/// cache the prepared statement, so a hot statement is never rendered twice. A `?` written out in a literal is a mistake.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// Text with a `?` for each value, as SQLite takes it.
    private var sqliteText: String
    /// The same for PostgreSQL, kept only where it differs.
    private var postgresText: String?
    /// The values in the order of their `?`.
    package private(set) var values: [SQLValue]

    /// A statement without values.
    package init(stringLiteral value: String) {
        sqliteText = value
        values = []
    }

    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Text that each engine spells in its own way; only for the helpers of this module and migrations.
    package init(sqlite: String, postgres: String) {
        sqliteText = sqlite
        postgresText = postgres
        values = []
    }

    /// No text at all.
    package static let empty = SQL(stringLiteral: "")

    /// The text with a `?` per value: the key under which an engine caches the prepared statement.
    package func key(for dialect: Dialect) -> String {
        dialect == .postgres ? postgresText ?? sqliteText : sqliteText
    }

    /// `key` as PostgreSQL takes it: `$1`, `$2`, … in place of each `?`.
    package static func numbered(_ key: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(key.utf8.count + 32)
        var count = 0
        for byte in key.utf8 {
            if byte == UInt8(ascii: "?") {
                count += 1
                output += "$\(count)".utf8
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Pieces with a separator between them.
    package static func joined(_ pieces: [SQL], separator: SQL) -> SQL {
        var sql = SQL.empty
        for (index, piece) in pieces.enumerated() {
            if index > 0 { sql.append(separator) }
            sql.append(piece)
        }
        return sql
    }

    /// `(a, b, c)` of values, for `IN`; an empty list matches nothing.
    package static func list(_ values: [some SQLConvertible]) -> SQL {
        values.isEmpty ? "(NULL)" : "(\(joined(values.map { "\($0)" }, separator: ", ")))"
    }

    /// The condition that a text column has `fragment` in it, whatever the case of ASCII letters; in small letters on both
    /// sides, because the engines differ in what LIKE minds.
    package static func contains(_ column: SQL, _ fragment: String) -> SQL {
        var escaped = ""
        for character in fragment.lowercased() {
            if character == "%" || character == "_" || character == "\\" { escaped.append("\\") }
            escaped.append(character)
        }
        return "lower(" + column + ") LIKE \("%" + escaped + "%") ESCAPE '\\'"
    }

    /// Adds a piece at the end.
    package mutating func append(_ other: SQL) {
        if postgresText != nil || other.postgresText != nil {
            postgresText = (postgresText ?? sqliteText) + (other.postgresText ?? other.sqliteText)
        }
        sqliteText += other.sqliteText
        values += other.values
    }

    /// One piece after the other.
    package static func + (left: SQL, right: SQL) -> SQL {
        var sql = left
        sql.append(right)
        return sql
    }

    /// Collects the parts of a literal.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL.empty

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql.sqliteText.reserveCapacity(literalCapacity + interpolationCount * 2)
        }

        package mutating func appendLiteral(_ literal: String) {
            sql.sqliteText += literal
            sql.postgresText? += literal
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some SQLConvertible) {
            sql.sqliteText.append("?")
            sql.postgresText?.append("?")
            sql.values.append(value.sqlValue)
        }

        /// Binds a value or NULL.
        package mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value?) {
            appendInterpolation(value.sqlValue)
        }

        /// Nests a statement.
        package mutating func appendInterpolation(_ other: SQL) {
            sql.append(other)
        }
    }
}
