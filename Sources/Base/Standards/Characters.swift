/// The ASCII form of a full-width character as Chinese input methods write it; every other scalar as it is.
func narrowed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    case 0x3000, 0x00A0, 0x2000...0x200A, 0x202F: " "
    default: scalar
    }
}

/// Whether `scalar` is one of the dashes people put between groups of digits.
func isDash(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x2D, 0x2010...0x2015, 0x2212, 0xFF0D: true
    default: false
    }
}

/// Whether `scalar` takes no room on the screen; address books paste such marks around numbers.
func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200B...0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
}

/// The digit a scalar shows, also a full-width one.
func digitValue(_ scalar: Unicode.Scalar) -> UInt8? {
    let plain = narrowed(scalar).value
    return (0x30...0x39).contains(plain) ? UInt8(plain - 0x30) : nil
}

/// The upper-case ASCII of a code somebody typed, without spaces and dashes; nil when another character is in it.
func compactCode(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
        let plain = narrowed(scalar)
        if plain == " " || isDash(plain) || isInvisible(plain) { continue }
        guard plain.isASCII else { return nil }
        let byte = UInt8(plain.value)
        bytes.append((0x61...0x7A).contains(byte) ? byte - 0x20 : byte)
    }
    return bytes
}

/// The number written by ASCII digits; the caller made sure that they are digits and few.
func number(_ digits: some Sequence<UInt8>) -> Int {
    digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
}

/// Whether every byte is an ASCII digit.
func areDigits(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.allSatisfy { (0x30...0x39).contains($0) }
}
