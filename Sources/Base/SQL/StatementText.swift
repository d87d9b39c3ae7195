/// A statement's text as a key. Its length and a few of its bytes find it: hashing a text of a thousand bytes costs more than
/// a point read, and whether it is the same is looked at anyway.
package struct StatementText: Hashable {
    let text: String

    /// A key.
    package init(text: String) {
        self.text = text
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { utf8 in
            let raw = UnsafeRawBufferPointer(utf8)
            hasher.combine(raw.count)
            guard raw.count >= 32 else { return hasher.combine(bytes: raw) }
            for part in 1...4 {
                let place = raw.count * part / 4 - 8
                hasher.combine(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            }
        }
    }
}
