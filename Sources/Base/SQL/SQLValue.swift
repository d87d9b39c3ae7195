import LinliCore

/// A value as both engines store it.
package enum SQLValue: Sendable, Hashable {
    case null
    case int(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// A Swift value that can be bound to a statement.
package protocol SQLConvertible: Sendable {
    /// How it is stored.
    var sqlValue: SQLValue { get }
}

/// A Swift value that can be read from a column.
package protocol SQLDecodable {
    /// Reads column `index`.
    ///
    /// - Throws: `SQLError.null` when the column is empty and the type is not optional.
    static func decode(_ row: Row, _ index: Int) throws -> Self
}

extension SQLValue: SQLConvertible {
    package var sqlValue: SQLValue { self }
}

extension Int64: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(self) }
    package static func decode(_ row: Row, _ index: Int) throws -> Int64 { try row.int(index) }
}

extension Int: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(Int64(self)) }
    package static func decode(_ row: Row, _ index: Int) throws -> Int { Int(try row.int(index)) }
}

extension Bool: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(self ? 1 : 0) }
    package static func decode(_ row: Row, _ index: Int) throws -> Bool { try row.int(index) != 0 }
}

extension Double: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .real(self) }
    package static func decode(_ row: Row, _ index: Int) throws -> Double { try row.real(index) }
}

extension String: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .text(self) }
    package static func decode(_ row: Row, _ index: Int) throws -> String { try row.text(index) }
}

extension [UInt8]: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .blob(self) }
    package static func decode(_ row: Row, _ index: Int) throws -> [UInt8] { try row.blob(index) }
}

extension ID: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(rawValue) }
    package static func decode(_ row: Row, _ index: Int) throws -> ID { ID(rawValue: try row.int(index)) }
}

extension DivisionCode: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(rawValue) }
    package static func decode(_ row: Row, _ index: Int) throws -> DivisionCode {
        DivisionCode(rawValue: try row.int(index))
    }
}

extension Instant: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(milliseconds) }
    package static func decode(_ row: Row, _ index: Int) throws -> Instant {
        Instant(milliseconds: try row.int(index))
    }
}

extension Money: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(fen) }
    package static func decode(_ row: Row, _ index: Int) throws -> Money { Money(fen: try row.int(index)) }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
    package static func decode(_ row: Row, _ index: Int) throws -> Wrapped? {
        row.isNull(index) ? nil : try Wrapped.decode(row, index)
    }
}

/// Enumerations stored by their raw text.
extension SQLConvertible where Self: RawRepresentable, RawValue == String {
    package var sqlValue: SQLValue { .text(rawValue) }
}

/// Enumerations read from their raw text; a word the program does not know is an error, never a default.
extension SQLDecodable where Self: RawRepresentable, RawValue == String {
    package static func decode(_ row: Row, _ index: Int) throws -> Self {
        let word = try row.text(index)
        guard let value = Self(rawValue: word) else { throw SQLError.unknownWord(word, type: "\(Self.self)") }
        return value
    }
}
