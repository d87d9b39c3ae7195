/// A value that is not for everyone's eyes, as it may be stored: sealed for its cell, found again by its keyed hash, shown
/// by its mask. What it says is only to be had from the store, noted first; see `Database.reveal`.
package struct Secret: Sendable {
    /// The value, encrypted for its cell.
    let sealed: [UInt8]
    /// Under which it is found when somebody knows it as a whole.
    let hash: [UInt8]
    /// What lists show of it, `138****1234`.
    let mask: String

    /// Seals `value` for `cell`; `hash` is what its kind is looked up by, see `KeyRing.index`.
    init(_ value: String, _ cell: Cell, hash: [UInt8], mask: String, _ keys: KeyRing) throws {
        sealed = try keys.seal(value, cell: cell)
        self.hash = hash
        self.mask = mask
    }
}
