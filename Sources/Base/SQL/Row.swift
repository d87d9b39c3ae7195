/// Where an engine stands in its result; positions count from 0.
package protocol RowCursor: AnyObject {
    /// Whether the column is NULL.
    func isNull(_ index: Int) -> Bool
    /// The column as a whole number.
    func int(_ index: Int) -> Int64
    /// The column as a number.
    func real(_ index: Int) -> Double
    /// The column as text.
    func text(_ index: Int) -> String
    /// The column as bytes.
    func blob(_ index: Int) -> [UInt8]
}

/// The current row of a result: read it by position inside the closure that receives it, never after.
package struct Row {
    private let cursor: any RowCursor

    /// The row an engine stands on.
    package init(_ cursor: any RowCursor) {
        self.cursor = cursor
    }

    /// The column at `index` as the type the caller expects.
    package subscript<Value: SQLDecodable>(index: Int) -> Value {
        get throws { try Value.decode(self, index) }
    }

    /// Whether the column is NULL.
    package func isNull(_ index: Int) -> Bool { cursor.isNull(index) }

    func int(_ index: Int) throws -> Int64 {
        if cursor.isNull(index) { throw SQLError.null(column: index) }
        return cursor.int(index)
    }

    func real(_ index: Int) throws -> Double {
        if cursor.isNull(index) { throw SQLError.null(column: index) }
        return cursor.real(index)
    }

    func text(_ index: Int) throws -> String {
        if cursor.isNull(index) { throw SQLError.null(column: index) }
        return cursor.text(index)
    }

    func blob(_ index: Int) throws -> [UInt8] {
        if cursor.isNull(index) { throw SQLError.null(column: index) }
        return cursor.blob(index)
    }
}
