extension Instant {
    /// Parses a date and time with its zone, `2026-11-22T10:30:00+08:00`, `…T02:30Z`, `…T02:30:00.250Z`; nil for
    /// anything else, so for a time without a zone.
    ///
    /// - Source: W3C Note “Date and Time Formats”; RFC 3339
    package init?(w3c text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 17, bytes.count <= 40, bytes[10] == UInt8(ascii: "T"),
            let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self))
        else { return nil }
        var reader = DigitReader(bytes: bytes, index: 11)
        guard let hour = reader.pair(), hour < 24, reader.skip(":"), let minute = reader.pair(), minute < 60 else {
            return nil
        }
        var (second, milliseconds) = (0, 0)
        if reader.skip(":") {
            guard let value = reader.pair(), value < 60 else { return nil }
            second = value
            if reader.skip(".") {
                guard let value = reader.thousandths() else { return nil }
                milliseconds = value
            }
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        self.init(milliseconds: seconds * 1000 + Int64(milliseconds))
    }
}

/// Goes through the digits of a time.
private struct DigitReader {
    let bytes: [UInt8]
    var index: Int

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: sign) else { return false }
        index += 1
        return true
    }

    private mutating func digit() -> Int? {
        guard index < bytes.count, (0x30...0x39).contains(bytes[index]) else { return nil }
        index += 1
        return Int(bytes[index - 1] - 0x30)
    }

    mutating func pair() -> Int? {
        guard let tens = digit(), let ones = digit() else { return nil }
        return tens * 10 + ones
    }

    /// One digit or more after the point; what is finer than a millisecond is cut off.
    mutating func thousandths() -> Int? {
        guard let first = digit() else { return nil }
        var (value, factor) = (first * 100, 10)
        while let next = digit() {
            value += next * factor
            factor /= 10
        }
        return value
    }

    /// Seconds ahead of UTC: `Z`, `+08:00`; nil beyond 14 hours.
    mutating func offset() -> Int? {
        if skip("Z") { return 0 }
        let isAhead = skip("+")
        guard isAhead || skip("-"), let hours = pair(), skip(":"), let minutes = pair(), minutes < 60 else {
            return nil
        }
        let seconds = hours * 3600 + minutes * 60
        guard seconds <= 14 * 3600 else { return nil }
        return isAhead ? seconds : -seconds
    }
}
