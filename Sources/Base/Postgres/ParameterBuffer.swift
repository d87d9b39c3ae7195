import Foundation
import LinliSQL

/// The parameters of one statement as libpq takes them: texts that end in NUL, one after the other in one buffer.
struct ParameterBuffer {
    private var bytes: [UInt8] = []
    /// Where each parameter begins; -1 is NULL.
    private var offsets: [Int] = []

    /// Writes `values`.
    ///
    /// - Throws: `SQLError.constraint` for a value that cannot be stored.
    mutating func fill(_ values: [SQLValue]) throws(SQLError) {
        // SQLite's limit; PostgreSQL's is the double.
        if values.count > 32_766 { throw .failed("a statement with \(values.count) values: ask in parts") }
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        for value in values {
            offsets.append(value == .null ? -1 : bytes.count)
            switch value {
            case .null: continue
            case .int(let number): bytes.append(contentsOf: String(number).utf8)
            case .real(let number):
                if number.isNaN { throw .notANumber }
                bytes.append(contentsOf: String(number).utf8)
            case .text(let text):
                let start = bytes.count
                bytes.append(contentsOf: text.utf8)
                if bytes[start...].contains(0) { throw .nulInText }
            case .blob(let blob): append(hex: blob)
            }
            bytes.append(0)
        }
    }

    private mutating func append(hex blob: [UInt8]) {
        bytes.append(contentsOf: "\\x".utf8)
        for byte in blob {
            bytes.append(ParameterBuffer.digit(byte >> 4))
            bytes.append(ParameterBuffer.digit(byte & 15))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    /// Lends the parameters to a call of libpq.
    func withPointers<T>(_ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> T) -> T {
        bytes.withUnsafeBytes { buffer in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: offsets.count) { pointers in
                for (index, offset) in offsets.enumerated() {
                    let pointer = offset < 0 ? nil : buffer.baseAddress?.advanced(by: offset)
                    pointers.initializeElement(at: index, to: pointer?.assumingMemoryBound(to: CChar.self))
                }
                return body(Int32(offsets.count), UnsafePointer(pointers.baseAddress))
            }
        }
    }
}
