import LinliCore

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
        sqliteText = String(decoding: stringInterpolation.sqlite, as: UTF8.self)
        postgresText = stringInterpolation.postgres.map { String(decoding: $0, as: UTF8.self) }
        values = stringInterpolation.values
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

    /// Statements with more values than this are prepared each time.
    package static let longestPrepared = 1024

    /// `(a, b, c)` of values, for `IN`; an empty list matches nothing. The last value is repeated up to a power of two:
    /// lists of any length make a few statements, which stay prepared.
    package static func list(_ values: [some SQLConvertible]) -> SQL {
        guard let last = values.last else { return "(NULL)" }
        var length = 1
        while length < values.count { length *= 2 }
        if length > longestPrepared { length = values.count }
        var sql = SQL(stringLiteral: "(" + String(repeating: "?, ", count: length - 1) + "?)")
        // A closure: looking values up by key path costs ten times as much.
        sql.values = values.map { $0.sqlValue }
        if length > values.count { sql.values += Array(repeating: last.sqlValue, count: length - values.count) }
        return sql
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

    /// Collects the parts of a literal, as bytes: a statement has dozens of them, and a text checks itself at each.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sqlite: [UInt8] = []
        fileprivate var postgres: [UInt8]?
        fileprivate var values: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            sqlite.reserveCapacity(literalCapacity + interpolationCount * 2)
            values.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            append(literal, literal)
        }

        private mutating func append(_ text: String, _ other: String) {
            sqlite.append(contentsOf: text.utf8)
            if postgres != nil { postgres?.append(contentsOf: other.utf8) }
        }

        // What most statements bind, spelled out: the generic ones below look types up while they run.

        /// Binds a number.
        package mutating func appendInterpolation(_ value: Int64) { bind(.int(value)) }
        /// Binds a number.
        package mutating func appendInterpolation(_ value: Int) { bind(.int(Int64(value))) }
        /// Binds 1 or 0.
        package mutating func appendInterpolation(_ value: Bool) { bind(.int(value ? 1 : 0)) }
        /// Binds a text.
        package mutating func appendInterpolation(_ value: String) { bind(.text(value)) }
        /// Binds a text or NULL.
        package mutating func appendInterpolation(_ value: String?) { bind(value.map { .text($0) } ?? .null) }
        /// Binds a moment.
        package mutating func appendInterpolation(_ value: Instant) { bind(.int(value.milliseconds)) }
        /// Binds a moment or NULL.
        package mutating func appendInterpolation(_ value: Instant?) {
            bind(value.map { .int($0.milliseconds) } ?? .null)
        }

        /// Binds a division.
        package mutating func appendInterpolation(_ value: DivisionCode) { bind(.int(value.rawValue)) }
        /// Binds an identifier.
        package mutating func appendInterpolation<Entity>(_ value: ID<Entity>) { bind(.int(value.rawValue)) }
        /// Binds an identifier or NULL.
        package mutating func appendInterpolation<Entity>(_ value: ID<Entity>?) {
            bind(value.map { .int($0.rawValue) } ?? .null)
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some SQLConvertible) {
            bind(value.sqlValue)
        }

        /// Binds a value or NULL.
        package mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value?) {
            bind(value?.sqlValue ?? .null)
        }

        private mutating func bind(_ value: SQLValue) {
            sqlite.append(UInt8(ascii: "?"))
            postgres?.append(UInt8(ascii: "?"))
            values.append(value)
        }

        /// Nests a statement.
        package mutating func appendInterpolation(_ other: SQL) {
            if other.postgresText != nil, postgres == nil { postgres = sqlite }
            append(other.sqliteText, other.postgresText ?? other.sqliteText)
            values += other.values
        }
    }
}
