import LinliCore

/// What labels are called in the store: a keyed number in place of a word, so that a copy of the store without its keys
/// does not tell who is on minimum allowance.
package struct LabelKeys: Sendable {
    let keys: KeyRing

    /// The names under a deployment's keys.
    package init(_ keys: KeyRing) { self.keys = keys }

    /// The number of a label.
    package func key(label id: String) -> Int64 { number("label \(id)") }

    /// The number under which it stands that somebody may have a service.
    package func key(service id: String) -> Int64 { number("service \(id)") }

    /// The number of a whole book.
    func key(book text: String) -> Int64 { number("book \(text)") }

    private func number(_ text: String) -> Int64 {
        // One bit less than there are, so that it is never negative.
        keys.index(text, kind: "label").prefix(8).reduce(Int64(0)) { ($0 << 8) | Int64($1) } & Int64.max
    }
}
