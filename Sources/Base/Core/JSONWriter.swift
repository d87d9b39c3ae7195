/// Writes JSON into one UTF-8 buffer, for lists and streams where a general encoder costs five times as much.
package struct JSONWriter: Sendable {
    /// What has been written.
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    /// An empty writer.
    package init(capacity: Int = 1024) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Writes `{ … }`.
    package mutating func object(_ content: (inout JSONWriter) throws -> Void) rethrows {
        try container(0x7B, 0x7D, content)
    }

    /// Writes `[ … ]`.
    package mutating func array(_ content: (inout JSONWriter) throws -> Void) rethrows {
        try container(0x5B, 0x5D, content)
    }

    /// Writes a key; a value must follow.
    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(0x22)
        bytes.append(0x3A)
        needsComma = false
    }

    /// Writes a key known at run time, escaped.
    package mutating func key(dynamic name: String) {
        separate()
        quote(name)
        bytes.append(0x3A)
        needsComma = false
    }

    /// Writes a string, or null.
    package mutating func value(_ text: String?) {
        separate()
        if let text { quote(text) } else { bytes.append(contentsOf: "null".utf8) }
        needsComma = true
    }

    /// Writes a whole number, or null.
    package mutating func value(_ number: Int64?) {
        separate()
        bytes.append(contentsOf: (number.map { String($0) } ?? "null").utf8)
        needsComma = true
    }

    /// Writes a whole number; also what a literal means, which would otherwise come out as `1.0`.
    package mutating func value(_ number: Int) {
        value(Int64(number) as Int64?)
    }

    /// Writes a number that is not whole; what JSON cannot say (NaN, infinity) becomes null.
    package mutating func value(_ number: Double) {
        separate()
        bytes.append(contentsOf: (number.isFinite ? String(number) : "null").utf8)
        needsComma = true
    }

    /// Writes true or false.
    package mutating func value(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        needsComma = true
    }

    /// Writes JSON that is already encoded.
    package mutating func value(json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Writes `"name": text`.
    package mutating func field(_ name: StaticString, _ text: String?) {
        key(name)
        value(text)
    }

    /// Writes `"name": number`.
    package mutating func field(_ name: StaticString, _ number: Int64?) {
        key(name)
        value(number)
    }

    /// Writes `"name": flag`.
    package mutating func field(_ name: StaticString, _ flag: Bool) {
        key(name)
        value(flag)
    }

    private mutating func container(
        _ open: UInt8,
        _ close: UInt8,
        _ content: (inout JSONWriter) throws -> Void
    ) rethrows {
        separate()
        bytes.append(open)
        needsComma = false
        try content(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
    }

    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x00...0x1F, 0x3C:
                // "<" too, so that JSON may stand inside a script element.
                let hex = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(hex[Int(byte >> 4)])
                bytes.append(hex[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
