import Foundation

extension String {
    /// Whether a text has another in it, byte for byte.
    ///
    /// Foundation's search of the same name goes by characters of a locale: pages are long, tests ask them thousands of times,
    /// and it took more of the suite than much that it tested. This one is chosen before it wherever tests see it.
    package func contains(_ word: String) -> Bool {
        var (all, part) = (self, word)
        return all.withUTF8 { text in part.withUTF8 { text.holds($0) } }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Looks for the last byte of `sought`, which in Chinese differs more than the first, and compares from there.
    fileprivate func holds(_ sought: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let last = sought.last, let start = baseAddress, let word = sought.baseAddress else {
            return sought.isEmpty
        }
        var index = sought.count - 1
        while index < count, let hit = memchr(start + index, Int32(last), count - index) {
            index = UnsafeRawPointer(start).distance(to: UnsafeRawPointer(hit))
            if memcmp(start + index - sought.count + 1, word, sought.count) == 0 { return true }
            index += 1
        }
        return false
    }
}
