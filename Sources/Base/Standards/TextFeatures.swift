/// The marks a text is recognised by: its letters and pairs of neighbours, each as a number below 65,536.
///
/// Digits and signs are no marks, so no phone, house or citizen number can be learned, and what is kept of a text are
/// numbers that stand for a letter or two, never a sentence. Different marks may share a number.
package struct TextFeatures: Sendable, Hashable {
    /// How many different numbers there are.
    package static let size = 1 << 16

    /// The marks, each once, in ascending order.
    package let hashes: [UInt16]
    /// How many letters the text has.
    package let length: Int

    /// The marks of `text`; capitals and full-width letters count as small and half-width ones.
    package init(_ text: String) {
        var found: Set<UInt16> = []
        var before: UInt32 = 0
        var length = 0
        for scalar in text.unicodeScalars {
            let plain = narrowed(scalar)
            if plain == " " || isInvisible(plain) { continue }
            guard plain.properties.isAlphabetic else {
                before = 0
                continue
            }
            let value = ("A"..."Z").contains(plain) ? plain.value + 0x20 : plain.value
            length += 1
            found.insert(TextFeatures.hash(0, value))
            if before != 0 { found.insert(TextFeatures.hash(before, value)) }
            before = value
        }
        hashes = found.sorted()
        self.length = length
    }

    /// FNV-1a over both values, folded to 16 bits: the same on every machine and in every version, because stores keep it.
    private static func hash(_ first: UInt32, _ second: UInt32) -> UInt16 {
        var hash: UInt32 = 0x811C_9DC5
        for value in [first, second] {
            for shift in stride(from: UInt32(0), to: 24, by: 8) {
                hash = (hash ^ (value >> shift & 0xFF)) &* 0x0100_0193
            }
        }
        return UInt16(truncatingIfNeeded: hash >> 16 ^ hash)
    }
}
