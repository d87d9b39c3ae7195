import CLibPQ
import Foundation
import LinliSQL

/// Reads a result in place, row by row.
final class PostgresCursor: RowCursor {
    private let result: OpaquePointer
    private let count: Int32
    private var row: Int32 = -1

    /// Stands before the first row; the result is its caller's to clear.
    init(_ result: OpaquePointer) {
        self.result = result
        count = PQntuples(result)
    }

    /// Goes to the next row; false after the last.
    func advance() -> Bool {
        row += 1
        return row < count
    }

    func isNull(_ index: Int) -> Bool { PQgetisnull(result, row, Int32(index)) != 0 }

    func int(_ index: Int) -> Int64 {
        let bytes = bytes(index)
        // A condition as a column: SQLite says 1 and 0.
        if bytes.count == 1, let first = bytes.first, first == UInt8(ascii: "t") { return 1 }
        let isNegative = bytes.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in bytes.dropFirst(isNegative ? 1 : 0) {
            // `avg` and `sum` give decimals; SQLite cuts them, too.
            guard (0x30...0x39).contains(byte) else { break }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - 0x30)
            let (sum, isTooLargeNow) = product.addingReportingOverflow(isNegative ? -digit : digit)
            if isTooLarge || isTooLargeNow { return isNegative ? .min : .max }
            value = sum
        }
        return value
    }

    func real(_ index: Int) -> Double {
        PQgetvalue(result, row, Int32(index)).map { strtod($0, nil) } ?? 0
    }

    func text(_ index: Int) -> String { String(decoding: bytes(index), as: UTF8.self) }

    /// `\x00ff`: two digits a byte.
    func blob(_ index: Int) -> [UInt8] {
        let hex = bytes(index).dropFirst(2)
        var blob: [UInt8] = []
        blob.reserveCapacity(hex.count / 2)
        var high: UInt8?
        for byte in hex {
            let digit = byte < 0x3A ? byte - 0x30 : byte - 0x57
            if let first = high {
                blob.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return blob
    }

    /// The column as it lies in the result.
    private func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        let count = PQgetlength(result, row, Int32(index))
        return UnsafeRawBufferPointer(start: PQgetvalue(result, row, Int32(index)), count: Int(count))
    }
}
